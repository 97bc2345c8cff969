#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --status, --stop and --reload: what an operator types, and what a service script reads from the status.
. "$(dirname "$0")/lib.sh"

# control ARGUMENTS…: the daemon's program on $CONF; OUT, ERR, STATUS
control() {
    timeout 60 "$DAEMON" --config "$CONF" "$@" > "$WORK/out" 2> "$WORK/err"
    STATUS=$?
    OUT=$(cat "$WORK/out") ERR=$(cat "$WORK/err")
}

# Nobody runs.
write_config
control --status
is "--status where none runs" "3 goxel-daemon: not running: nobody holds $DIR/run/goxel.pid" "$STATUS $OUT"
control --stop
is "--stop where none runs" "0 goxel-daemon: not running: nobody holds $DIR/run/goxel.pid" "$STATUS $OUT"
control --reload
is "--reload where none runs" "3 goxel-daemon: not running: nobody holds $DIR/run/goxel.pid" "$STATUS $ERR"
ok "nothing was made" eval '[ ! -e "$DIR/run/goxel.pid" ] && [ ! -e "$SOCK" ]'

# One runs.
start_daemon
control --status
is "--status of a daemon that runs" "0 goxel-daemon: running, PID $PID, RUNNING, healthy" "$STATUS $OUT"
control --stat
is "an abbreviation" 0 "$STATUS"
control --st
is "one that fits two is refused" 2 "$STATUS"
like "and both are named" '--st: could be any of --status, --stop' "$ERR"
control --stop --status
is "two actions are refused" 2 "$STATUS"
is "nothing was stopped" RUNNING "$(state)"

control --reload
is "--reload prints the report" '0 {"applied":[],"pending_restart":[],"errors":[]}' "$STATUS $OUT"
is "and nothing else" '' "$ERR"
echo 'workers { count = 7 }' >> "$CONF"
control --reload
is "what applied is in it" '["workers.count"]' "$(jq -c .applied <<< "$OUT")"
is "and is in effect" 7 "$(curl -s "$URL/metrics" | awk '$1 == "goxel_workers" { print $2 }')"
cp "$CONF" "$DIR/good.conf"
echo 'performance { max_connections = 99 }' >> "$CONF"
control --reload
is "what waits for a restart is no failure" 0 "$STATUS"
like "but is named" '^goxel-daemon: waits for a restart: performance\.max_connections \(X\)$' "$ERR"
is "and in the report" '[{"option":"performance.max_connections","level":"X"}]' "$(jq -c .pending_restart <<< "$OUT")"

# An invalid file: every error, status 12, and the daemon goes on.
printf 'logging {\n    level = "loud"\n    colour = 1\n}\n' >> "$CONF"
control --reload
is "--reload with an invalid file" 12 "$STATUS"
like "names the first error" "^goxel-daemon: $CONF:[0-9]+: logging\.level: " "$ERR"
like "and the second" "^goxel-daemon: $CONF:[0-9]+: logging\.colour: " "$ERR"
is "the daemon goes on" RUNNING "$(state)"
is "and was asked: its own report is on standard output" 2 "$(jq '.errors | length' <<< "$OUT")"
is "each error is said once" 1 "$(grep -c 'logging\.level' <<< "$ERR")"
is "its metrics say that the reload failed" 0 \
    "$(curl -s "$URL/metrics" | awk '$1 == "goxel_config_last_reload_successful" { print $2 }')"
# Without the file on the line it is the daemon that reads it, and reports.
timeout 60 "$DAEMON" --pid-file "$DIR/run/goxel.pid" --socket "$SOCK" --reload > "$WORK/out" 2> "$WORK/err"
is "the daemon's own refusal has the same status" 12 $?
like "the same lines" "^goxel-daemon: $CONF:[0-9]+: logging\.level: " "$(cat "$WORK/err")"
is "and a report" 2 "$(jq '.errors | length' "$WORK/out")"
control --status
is "--status with an invalid file" 12 "$STATUS"
like "says what to do" 'give --pid-file to do without it' "$ERR"
control --status --pid-file "$DIR/run/goxel.pid"
is "with --pid-file it does without the file" "0 goxel-daemon: running, PID $PID" "$STATUS $OUT"
control --status --pid-file "$DIR/run/goxel.pid" --socket "$SOCK"
is "with --socket it asks, too" "0 goxel-daemon: running, PID $PID, RUNNING, healthy" "$STATUS $OUT"
control --reload --pid-file "$DIR/run/none.pid"
is "--reload that finds no daemon judges the file itself" 12 "$STATUS"
like "and says why it found none" '^goxel-daemon: not running: ' "$ERR"
like "and what is wrong with the file" "^goxel-daemon: $CONF:[0-9]+: logging\.level: " "$ERR"
cp "$DIR/good.conf" "$CONF"

# A daemon that does not answer runs all the same.
kill -STOP "$PID"
control --status
kill -CONT "$PID"
is "--status of a daemon that is halted" 0 "$STATUS"
like "says so" "running, PID $PID, does not answer: .*no answer in time" "$OUT"

# As somebody else.
if [ "$(id -u)" -eq 0 ]; then
    cp "$DAEMON" "$WORK/daemon-copy"
    chmod -R a+rX "$WORK"
    chmod 755 "$WORK/daemon-copy"
    stranger() {
        timeout 60 setpriv --reuid=65534 --regid=65534 --clear-groups "$WORK/daemon-copy" --config "$CONF" "$@" \
            > "$WORK/out" 2> "$WORK/err"
        STATUS=$?
        OUT=$(cat "$WORK/out") ERR=$(cat "$WORK/err")
    }
    stranger --stop
    is "--stop of somebody else's daemon" 13 "$STATUS"
    like "names it" "PID $PID: Operation not permitted" "$ERR"
    stranger --reload
    is "--reload over a socket that is not ours" 13 "$STATUS"
    stranger --status
    is "--status needs the PID file alone" 0 "$STATUS"
    like "and says what it could not" "running, PID $PID, does not answer: .*Permission denied" "$OUT"
    chmod 700 "$DIR/run"
    stranger --status
    is "--status of what cannot be seen" 4 "$STATUS"
    like "names the PID file" "$DIR/run/goxel.pid: Permission denied" "$ERR"
    stranger --stop
    is "--stop of what cannot be seen" 13 "$STATUS"
    is "all that did nothing" RUNNING "$(state)"
else
    skip "what others may do" "needs root"
fi

# It is gone when --stop returns: the next one can start at once.
control --stop
is "--stop" "0 goxel-daemon: stopped" "$STATUS $OUT"
ok "the PID file is gone" test ! -e "$DIR/run/goxel.pid"
ok "so is the socket" test ! -e "$SOCK"
like "it was gone" '^Z?$' "$(ps -o stat= -p "$PID" | cut -c1)" # or waits for us, its parent, alone
ended
is "its status" 0 "$EXIT_STATUS"
rounds=$(counts 5 50) good=0
for _ in $(seq "$rounds"); do
    launch
    ready || break
    control --stop
    [ "$STATUS" -eq 0 ] || break
    control --status
    [ "$STATUS" -eq 3 ] || break
    ended
    [ "$EXIT_STATUS" -eq 0 ] || break
    good=$((good + 1))
done
is "start and --stop, $rounds times" "$rounds" "$good"

# A request that runs is answered before the end; --stop waits for it.
start_daemon 'performance { shutdown_grace_ms = 1500 }'
"$DAEMON" --config "$CONF" --stop > "$WORK/out" 2>&1 &
stopper=$!
PIDS+=("$stopper")
ok "it is seen to stop" until_true 200 eval '"$DAEMON" --config "$CONF" --status | grep -q "PID $PID, STOPPING ("'
ok "--stop still waits" kill -0 "$stopper"
wait "$stopper"
is "--stop has waited for the end" "0 goxel-daemon: stopped" "$? $(cat "$WORK/out")"
ended
is "which was in order" 0 "$EXIT_STATUS"

# On a terminal there is progress.
if command -v script > /dev/null; then
    start_daemon 'performance { shutdown_grace_ms = 1500 }'
    script -qec "'$DAEMON' --config '$CONF' --stop" /dev/null < /dev/null > "$WORK/typed"
    is "--stop on a terminal" 0 $?
    like "shows the phase" "PID $PID stops, [A-Z_]*INIT, [0-9]+ s" "$(tr '\r' '\n' < "$WORK/typed")"
    ended
else
    skip "--stop on a terminal" "there is no script(1)"
fi

# A daemon that was killed.
start_daemon
kill -KILL "$PID"
ended
control --status
is "--status after kill -9" "1 goxel-daemon: not running, but $DIR/run/goxel.pid was left behind" "$STATUS $OUT"
control --stop
is "--stop after kill -9" 0 "$STATUS"

# Without a PID file the socket tells.
start_daemon
stop_daemon
sed -i 's|pid_file = .*|&\n    create_pid_file = false|' "$CONF"
launch
ok "a daemon without a PID file starts" ready
control --status
is "--status without a PID file" "0 goxel-daemon: running, RUNNING, healthy" "$STATUS $OUT"
control --reload
is "--reload without a PID file" 0 "$STATUS"
control --stop
is "--stop without a PID file" 0 "$STATUS"
like "says what it cannot see" 'no longer listens' "$OUT"
ended
is "it ended" 0 "$EXIT_STATUS"
control --status
is "--status then" 3 "$STATUS"
done_testing
