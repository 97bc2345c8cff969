#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --daemonize: it returns when the daemon serves, or says why it does not; and what the daemon keeps of its caller.
. "$(dirname "$0")/lib.sh"

# fresh [TEXT]: a configuration whose log is a file, since a daemon has no standard error
fresh() {
    write_config "${1:-}"
    echo "logging { target = \"file\" file = \"$LOG\" }" >> "$CONF"
}

# detach [OPTIONS]: STATUS and ERR of the command; PID of the daemon, where there is one
detach() {
    timeout 60 "$DAEMON" --config "$CONF" --daemonize "$@" > "$WORK/out" 2> "$WORK/err" < /dev/null
    STATUS=$?
    ERR=$(cat "$WORK/err")
    adopt
}
adopt() {
    PID=$(cat "$DIR/run/goxel.pid" 2> /dev/null)
    [ -z "$PID" ] || PIDS+=("$PID")
}

stop() { timeout 60 "$DAEMON" --config "$CONF" --stop > /dev/null 2>&1; }

# left: what a failed start of $CONF has left behind
left() {
    until_true 100 eval '! pgrep -f -- "--config $CONF" > /dev/null'
    pgrep -af -- "--config $CONF"
    find "$DIR/run" -mindepth 1
}

# A caller never has to wait for more than the command itself.
fresh
rounds=$(counts 20 200) good=0
for _ in $(seq "$rounds"); do
    detach
    curl -fs --max-time 10 -o "$WORK/health" "$URL/health" || break
    [ "$STATUS" -eq 0 ] && [[ $ERR != *goxel-daemon:* ]] || break
    stop || break
    good=$((good + 1))
done
is "--daemonize && curl /health, $rounds times" "$rounds" "$good"
is "after the last there is nothing left" '' "$(left)"

# What it is then.
umask 022
fresh 'security { umask = 0037 }'
mkdir "$DIR/home"
sed -i "s|working_directory = .*|working_directory = \"$DIR/home\"|" "$CONF"
echo held > "$WORK/held"
(exec 3< "$WORK/held" 7< "$WORK/held"; detach; echo "$STATUS" > "$WORK/status")
adopt
is "it starts with descriptors of the caller open" 0 "$(cat "$WORK/status")"
is "the PID file holds the daemon's PID" goxel-daemon "$(cat "/proc/$PID/comm")"
read -r sid ppid pgid tty <<< "$(ps -o sid=,ppid=,pgid=,tty= -p "$PID")"
ok "its session is another than the caller's" test "$sid" != "$(ps -o sid= -p $$ | tr -d ' ')"
ok "it leads neither session nor group" test "$sid" != "$PID" -a "$pgid" != "$PID"
ok "its parent is not the caller" test "$ppid" != $$
is "it has no terminal" '?' "$tty"
is "its standard streams are /dev/null" '/dev/null /dev/null /dev/null' \
    "$(readlink "/proc/$PID/fd/0" "/proc/$PID/fd/1" "/proc/$PID/fd/2" | tr '\n' ' ' | sed 's/ $//')"
is "no descriptor of the caller's is open in it" '' "$(readlink "/proc/$PID"/fd/* | grep -F "$WORK/held")"
is "the pipe to the command is closed" '' "$(readlink "/proc/$PID"/fd/* | grep '^pipe:')"
is "it is in its working directory" "$DIR/home" "$(readlink "/proc/$PID/cwd")"
is "with its umask" 0037 "$(awk '$1 == "Umask:" { print $2 }' "/proc/$PID/status")"
ok "the log is where it should be" grep -q 'to=RUNNING' "$LOG"

detach -p "$DIR/run/goxel.pid"
is "a second one is refused" 11 "$STATUS"
like "with the PID of the first" "^goxel-daemon: .*PID $PID holds $DIR/run/goxel\.pid" "$ERR"
is "the first goes on" RUNNING "$(state)"
kill -HUP "$PID"
ok "signals reach it" until_true 200 grep -q 'trigger=signal what="SIGHUP"' "$LOG"
ok "--stop ends it" stop
ok "it is gone" until_true 200 gone "$PID"
is "with all it had" '' "$(left)"

# Command substitution waits until nobody has standard output open any more.
fresh
ok "out=\$(goxel-daemon -D) returns" timeout 60 bash -c 'out=$("$@" 2>&1)' - \
    "$DAEMON" --config "$CONF" -D
adopt
is "and the daemon serves" RUNNING "$(state)"
stop

# Standard streams that the caller had closed are no trap for the daemon's sockets.
fresh
(timeout 60 "$DAEMON" --config "$CONF" -D 0<&- 1>&- 2>&-; echo $? > "$WORK/status")
adopt
is "with standard streams closed it starts, too" 0 "$(cat "$WORK/status")"
is "and its own are /dev/null" '/dev/null /dev/null /dev/null' \
    "$(readlink "/proc/$PID/fd/0" "/proc/$PID/fd/1" "/proc/$PID/fd/2" | tr '\n' ' ' | sed 's/ $//')"
stop

# The file may ask for it; --foreground and --test-mode beat it.
fresh
sed -i 's|working_directory = .*|&\n    daemonize = true|' "$CONF"
timeout 60 "$DAEMON" --config "$CONF" > "$WORK/out" 2>&1
is "process.daemonize in the file" 0 $?
adopt
is "serves at once" RUNNING "$(state)"
stop
for option in --foreground --test-mode "--daemonize --test-mode"; do
    # shellcheck disable=SC2086
    launch $option
    ok "$option: it starts" ready
    is "$option: it stays our child" $$ "$(ps -o ppid= -p "$PID" | tr -d ' ')"
    stop_daemon
done

# Every failure: its status, the reason for the person who typed the command, and nothing left behind.
# fails NAME STATUS REGEX COMMAND…
fails() {
    local name=$1 status=$2 regex=$3
    shift 3
    timeout 60 "$@" > "$WORK/out" 2> "$WORK/err" < /dev/null
    is "$name: status" "$status" $?
    like "$name: reason" "$regex" "$(cat "$WORK/err")"
    is "$name: nothing is left" '' "$(left)"
}
start_daemon
taken=$PORT taken_pid=$PID taken_log=$LOG
fresh
sed -i "s/port = .*/port = $taken/" "$CONF"
rounds=$(counts 3 200) good=0
for _ in $(seq "$rounds"); do
    detach
    [ "$STATUS" -eq 26 ] && [[ $ERR == *"127.0.0.1:$taken: the address is in use"* ]] || break
    good=$((good + 1))
done
is "a taken port, $rounds times" "$rounds" "$good"
fails "a taken port" 26 "^goxel-daemon: .*127\.0\.0\.1:$taken: the address is in use" \
    "$DAEMON" --config "$CONF" -D
PID=$taken_pid LOG=$taken_log
stop_daemon

fresh
echo none > "$DIR/none"
sed -i "s|working_directory = .*|working_directory = \"$DIR/none\"|" "$CONF"
fails "a working directory that is none" 13 "$DIR/none: Not a directory" "$DAEMON" --config "$CONF" -D
fresh
echo 'workers { count = 0 }' >> "$CONF"
fails "an invalid file" 12 "$CONF:[0-9]+: workers\.count" "$DAEMON" --config "$CONF" -D

# A leak checker cannot work beside a tracer.
traced() { env ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" LSAN_OPTIONS="${LSAN_OPTIONS:-}:detect_leaks=0" \
    strace -f -qq -o "$WORK/trace" "$@"; }
if strace -qq -o /dev/null true 2> /dev/null; then
    fresh
    export -f traced
    export WORK
    fails "setsid that fails" 19 '^goxel-daemon: setsid failed: setsid: Operation not permitted' \
        bash -c 'traced "$@"' - -e inject=setsid:error=EPERM "$DAEMON" --config "$CONF" -D
    fails "fork that fails" 18 '^goxel-daemon: fork failed: fork: ' \
        bash -c 'traced "$@"' - -e inject=clone,fork,vfork:error=EAGAIN:when=1 "$DAEMON" --config "$CONF" -D
    fails "chdir that fails" 20 '^goxel-daemon: .*working directory.*Permission denied' \
        bash -c 'traced "$@"' - -e inject=chdir:error=EACCES "$DAEMON" --config "$CONF" -D
    # Where a range of descriptors cannot be closed at once.
    env ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" strace -qq -D -o "$WORK/trace" -e inject=close_range:error=ENOSYS \
        "$DAEMON" --config "$CONF" 7< "$WORK/held" 9< "$WORK/held" >> "$LOG" 2>&1 &
    PID=$!
    PIDS+=("$PID")
    ok "without close_range it starts" ready
    is "and no descriptor of the caller's is open in it" '' "$(readlink "/proc/$PID"/fd/* | grep -F "$WORK/held")"
    stop_daemon
else
    skip "system calls that fail" "strace cannot trace here"
fi

# The second fork alone: a user that may have two processes, the first and the second.
if [ "$(id -u)" -eq 0 ] && ! pgrep -u 54321 > /dev/null; then
    fresh
    chmod 755 "$WORK"
    install -m 755 "$DAEMON" "$WORK/daemon-copy"
    chown -R 54321:54321 "$DIR"
    for most in 1 2; do
        # (A leak checker wants a process of its own.)
        fails "a user with $most processes at most" 18 '^goxel-daemon: fork failed: fork: ' \
            env ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" prlimit --nproc=$most setpriv \
            --reuid=54321 --regid=54321 --clear-groups "$WORK/daemon-copy" --config "$CONF" -D
    done
else
    skip "the second fork" "needs root"
fi

# A crash: the PID file goes, and the status tells the signal.
leave_crashes
for signal in SEGV ABRT; do
    start_daemon
    kill "-$signal" "$PID"
    ended 2> /dev/null
    is "SIG$signal: the status tells" $((128 + $(kill -l $signal))) "$EXIT_STATUS"
    ok "SIG$signal: so does standard error" grep -q "^goxel-daemon: SIG$signal: emergency shutdown" "$LOG"
    ok "SIG$signal: the PID file is gone" test ! -e "$DIR/run/goxel.pid"
done
done_testing
