#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The command line, and every way not to start: the reason on standard error, and a status of its own.
. "$(dirname "$0")/lib.sh"

like "--version" '^goxel-daemon version [0-9]+\.[0-9]+' "$("$DAEMON" --version)"
like "--help names the options" '--check-config' "$("$DAEMON" --help)"
"$DAEMON" --no-such-option 2> "$WORK/err"
is "a wrong option is status 2" 2 $?
like "and named" 'no-such-option' "$(cat "$WORK/err")"

write_config
is "--check-config accepts a good file" 0 "$("$DAEMON" --config "$CONF" --check-config > /dev/null; echo $?)"
"$DAEMON" --config "$CONF" --print-config > "$DIR/printed.conf"
is "--print-config prints a file that is accepted" 0 "$("$DAEMON" --config "$DIR/printed.conf" --check-config > /dev/null; echo $?)"
is "and prints the same again" "$(cat "$DIR/printed.conf")" "$("$DAEMON" --config "$DIR/printed.conf" --print-config)"
like "an option on the line beats the file" 'count = 9' "$("$DAEMON" --config "$CONF" -j 9 --print-config)"

# fails NAME STATUS REGEX [OPTIONS]: does not start, with that status and that reason
fails() {
    local name=$1 status=$2 regex=$3 got
    shift 3
    timeout 20 "$DAEMON" --config "$CONF" "$@" > "$DIR/out" 2> "$DIR/err"
    got=$?
    is "$name: status" "$status" "$got"
    like "$name: reason" "$regex" "$(cat "$DIR/err")"
}

write_config 'workers { cuont = 3 }'
fails "an unknown option" 12 "^goxel-daemon: $CONF:[0-9]+: workers\.cuont: .*count"
write_config 'workers { count = 1000000 }'
fails "a value out of range" 12 "$CONF:[0-9]+: workers\.count: .*256"
write_config 'workers { count = 3'
fails "a section that never ends" 12 "$CONF:[0-9]+: "
write_config 'nonsense {}'
fails "an unknown section" 12 "$CONF:[0-9]+: nonsense"
write_config 'health { recover_on = {"responsive", "weather"} }'
fails "a check that there is none of" 12 'health\.recover_on: .*weather.* responsive, memory, queue, script'
write_config 'security { enable_chroot = true }'
fails "a root directory that is not named" 12 'security\.chroot_directory: .*name a folder'
write_config
CONF=$DIR/missing.conf fails "a missing configuration" 12 'missing\.conf'
write_config
mkdir "$DIR/folder.conf"
CONF=$DIR/folder.conf fails "a folder as configuration" 12 'folder\.conf'
write_config
if [ "$(id -u)" -eq 0 ]; then
    chmod 0 "$CONF"
    cp "$DAEMON" "$WORK/daemon-copy"
    chmod 755 "$WORK" "$WORK/daemon-copy"
    chmod -R a+rX "$DIR"
    chmod 0 "$CONF"
    setpriv --reuid=65534 --regid=65534 --clear-groups "$WORK/daemon-copy" --config "$CONF" --check-config 2> "$WORK/err"
    is "an unreadable configuration: status" 12 $?
    like "an unreadable configuration: reason" "[Pp]ermission denied" "$(cat "$WORK/err")"
else
    chmod 0 "$CONF"
    fails "an unreadable configuration" 12 '[Pp]ermission denied'
fi

# Where another listens already.
start_daemon
first=$PID first_port=$PORT first_dir=$DIR first_sock=$SOCK
write_config
sed -i "s/port = .*/port = $first_port/" "$CONF"
fails "a port in use" 26 "127\.0\.0\.1:$first_port: the address is in use"
ok "nothing is left of it" eval '[ ! -e "$DIR/run/goxel.pid" ] && [ ! -e "$SOCK" ]'
write_config
sed -i "s|path = .*|path = \"$first_sock\"|" "$CONF"
fails "a live Unix socket" 26 'another program is listening'
ok "it is not taken" curl -sf --unix-socket "$first_sock" http://localhost/health
write_config
sed -i "s|pid_file = .*|pid_file = \"$first_dir/run/goxel.pid\"|" "$CONF"
fails "a PID file in use" 11 "PID $first holds"
is "the first daemon is untouched" RUNNING "$(curl -s "http://127.0.0.1:$first_port/health" | jq -r .state)"
PID=$first LOG=$first_dir/daemon.log
kill -KILL "$PID"
ended

# What a killed daemon left behind is taken over.
DIR=$first_dir CONF=$first_dir/daemon.conf SOCK=$first_sock PORT=$first_port URL=http://127.0.0.1:$first_port
ok "a killed daemon leaves its PID file and socket" test -e "$DIR/run/goxel.pid" -a -S "$SOCK"
launch
ok "the next one takes them over" ready
is "with its own PID" "$PID" "$(cat "$DIR/run/goxel.pid")"
stop_daemon

start_daemon 'limits { max_file_descriptors = 200 } performance { max_connections = 500 }'
ok "fewer descriptors than connections, workers and files may need: a warning with both numbers" \
    grep -qE ' warn .*limits\.max_file_descriptors: 200 is less than the [0-9]{3} that ' "$LOG"
stop_daemon
write_config 'limits { max_file_descriptors = 1000000000 }'
fails "more descriptors than the hard limit" 14 'file descriptors'
write_config
sed -i "s|pid_file = .*|pid_file = \"/proc/goxel/pid\"|" "$CONF"
fails "a PID file in a folder that cannot be made" 13 'process\.pid_file: mkdir /proc/goxel: No such file or directory; choose another folder \(--pid-file'

# Folders that an ordinary user may not make, as those of the built-in configuration are; one row an option.
as_nobody=() program=$DAEMON
if [ "$(id -u)" -eq 0 ]; then
    chmod 755 "$WORK"
    program=$WORK/daemon-copy
    cp "$DAEMON" "$program"
    as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
while IFS='|' read -r option how arguments; do
    if ! "${as_nobody[@]}" true 2> "$WORK/err"; then
        skip "$option" "a root that can become nobody else"
        continue
    fi
    write_config
    [ "$option" != storage.directory ] || sed -i 's|directory = ".*/projects"|directory = "/goxel-test/x"|' "$CONF"
    chmod -R a+rwX "$DIR"
    read -ra arguments <<< "$arguments"
    "${as_nobody[@]}" timeout 20 "$program" --config "$CONF" "${arguments[@]}" 2> "$DIR/err"
    is "$option below a folder of root: status" 13 $?
    like "$option below a folder of root: reason" \
        "$option: mkdir /goxel-test: (Permission denied; start as root, or choose a folder that is yours|Read-only file system; choose another folder) \($how\)\$" \
        "$(cat "$DIR/err")"
done <<'ROWS'
process.pid_file|--pid-file, or a configuration of your own with --config|--pid-file /goxel-test/pid
sockets.unix.path|--socket, or a configuration of your own with --config|--socket /goxel-test/sock
logging.file|--log-file, or a configuration of your own with --config|--log-file /goxel-test/log
process.working_directory|--working-dir, or a configuration of your own with --config|--daemonize --working-dir /goxel-test
storage.directory|a configuration of your own with --config|
ROWS

write_config 'logging { target = "file" file = "/proc/goxel.log" }'
fails "a log that cannot be opened" 16 '/proc/goxel\.log'
write_config
sed -i 's/port = .*/bind_address = "0.0.0.0"/' "$CONF"
fails "beyond loopback without tokens" 12 'allow_remote_without_token'
done_testing
