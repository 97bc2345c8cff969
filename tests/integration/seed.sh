#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The first design's own test script, with conditions in place of its pauses: start in test mode, ask for health,
# reload, stop. And what test mode is: no other user, no detaching, whatever the file says.
. "$(dirname "$0")/lib.sh"

write_config
launch --test-mode
ok "it starts with --test-mode --config" ready

# By its name, as a person would ask: that may lead to ::1 first.
curl -s "http://localhost:$PORT/health" | jq . > "$DIR/health"
is "curl -s http://localhost:PORT/health | jq ." "0 0" "${PIPESTATUS[*]}"
is "says that it runs, and is well" '["RUNNING",true]' "$(jq -c '[.state, .healthy]' "$DIR/health")"

reloaded() { curl -s "$URL/state" | jq -e '.requests | any(.request == "reload" and .trigger.what == "SIGHUP" and
    .moves == "RUNNING>RELOADING>RUNNING" and .outcome == "ok")'; }
kill -HUP "$PID"
ok "kill -HUP: the reload is in /state" until_true 200 reloaded
is "and it runs on" RUNNING "$(state)"

kill -TERM "$PID"
ended
is "kill -TERM, wait: the status is 0" 0 "$EXIT_STATUS"
ok "nothing is left" eval '[ ! -e "$DIR/run/goxel.pid" ] && [ ! -e "$SOCK" ]'

# ---- test mode beats the file ----

# A user that is not ours: another that exists, whoever we are.
other=$(awk -F: -v me="$(id -u)" '$3 != me { print $1; exit }' /etc/passwd)
write_config
sed -i "s|^    user = .*|    user = \"$other\"\n    daemonize = true|" "$CONF"
mkdir "$DIR/elsewhere"
sed -i "s|working_directory = .*|working_directory = \"$DIR/elsewhere\"|" "$CONF"
launch --test-mode
ok "process.user = \"$other\", daemonize = true: it starts" ready
uid=$(id -u)
is "the user stays" "$uid $uid $uid $uid" "$(awk '$1 == "Uid:" { print $2, $3, $4, $5 }' "/proc/$PID/status")"
is "it stays our child" $$ "$(ps -o ppid= -p "$PID" | tr -d ' ')"
is "in our session" "$(ps -o sid= -p $$ | tr -d ' ')" "$(ps -o sid= -p "$PID" | tr -d ' ')"
is "and in our folder" "$PWD" "$(readlink "/proc/$PID/cwd")"
is "its standard error is still the log" "$LOG" "$(readlink "/proc/$PID/fd/2")"
is "the PID file holds its PID" "$PID" "$(cat "$DIR/run/goxel.pid")"
is "a folder that it made is ours" "$uid" "$(stat -c %u "$DIR/projects")"
stop_daemon
is "it stops with status 0" 0 "$EXIT_STATUS"
done_testing
