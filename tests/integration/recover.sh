#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Restart in place and recovery: the process, its PID file, its projects and its clients see it through.
. "$(dirname "$0")/lib.sh"

HOOKS=${GOXEL_HOOKS_BUILD:-$GOXEL_BUILD}/bin/goxel-daemon

# A quick monitor, so that no test waits for long.
QUICK='health { check_interval_ms = 100 failure_threshold = 2 heartbeat_timeout_ms = 600 restart_delay_ms = 300 }
performance { request_timeout_ms = 300 }'

metric() { curl -s --max-time 5 "$URL/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }
metric_is() { [ "$(metric "$1")" = "$2" ]; }
# request NAME FILTER: a line of /state's history
request() { curl -s --max-time 5 "$URL/state" | jq -c --arg n "$1" "[.requests[] | select(.request == \$n)] | $2"; }
projects() { result project.list '{}' '[.projects[] | [.project_id, .name, .total_voxels, .is_modified, .is_current]]'; }

# knocking / knocked: a client that keeps connecting, in the background; KNOCKED is what it counted
knocking() {
    python3 "$TESTS/integration/knock.py" "${1:-$PORT}" > "$DIR/knock" &
    KNOCK=$!
    PIDS+=("$KNOCK")
    until_true 200 grep -q READY "$DIR/knock"
}
knocked() {
    kill -TERM "$KNOCK"
    wait "$KNOCK"
    KNOCKED=$(tail -n 1 "$DIR/knock")
}
lost() { jq -r '"\(.refused) refused, \(.broken) broken, slow \(.slowest_ms > 2000)"' <<< "$KNOCKED"; }

make_projects() {
    rpc project.create '{"name":"one"}' > /dev/null
    rpc voxel.fill '{"region":{"min":[0,0,0],"max":[9,9,9]},"color":"#FF0000"}' > /dev/null
    rpc project.create '{"name":"two"}' > /dev/null
    rpc voxel.add '{"x":1,"y":2,"z":3,"color":[1,2,3]}' > /dev/null
}

# ---- POST /restart ----

start_daemon "$QUICK"
make_projects
before=$(projects) first=$PID
knocking
for i in 1 2 3; do
    is "restart $i is accepted" 202 "$(status -X POST "$URL/restart")"
    ok "restart $i has happened" until_true 400 metric_is goxel_restarts_total "$i"
done
knocked
is "a client that keeps connecting loses nothing" "0 refused, 0 broken, slow false" "$(lost)"
note "$KNOCKED"
is "the PID stays" "$first" "$(cat "$DIR/run/goxel.pid")"
ok "and is the process's" kill -0 "$first"
is "projects are there again" "$before" "$(projects)"
is "ids go on" '"p3"' "$(result project.create '{"name":"three"}' .project_id)"
is "the history goes on" '["RUNNING>STOPPING","ok"]' "$(request restart '.[0] | [.moves, .outcome]')"
is "all of it" 3 "$(request restart length)"

# What needs a service restart keeps its value, and waits on.
cp "$CONF" "$CONF.good"
sed -i "s|/goxel\.pid|/other.pid|; s|/goxel\.sock|/other.sock|; s|/projects\"|/elsewhere\"|; s|port = .*|port = $(free_ports 1)|" "$CONF"
pending='["process.pid_file","sockets.tcp.port","sockets.unix.path","storage.directory"]'
waiting() { jq -c '[.pending_restart[] | select(.level == "S").option] | sort'; }
is "options of level S wait for more than a restart in place" "$pending" "$(curl -s -X POST "$URL/reload" | waiting)"
is "which is accepted" 202 "$(status -X POST "$URL/restart")"
ok "and happens: the address stays" until_true 400 metric_is goxel_restarts_total 4
is "they wait on" "$pending" "$(curl -s "$URL/health" | waiting)"
is "projects stay" '["one","two","three"]' "$(result project.list '{}' '[.projects[].name]')"
ok "the PID file and the Unix socket stay" test "$(cat "$DIR/run/goxel.pid")" = "$first" -a -S "$SOCK" -a ! -e "$DIR/run/other.pid"
cp "$CONF.good" "$CONF"
is "changed back, they wait no more" '[]' "$(curl -s -X POST "$URL/reload" | waiting)"

is "system.restart is the same" '{"state":"STOPPING"}' "$(result system.restart)"
ok "and happens" until_true 400 metric_is goxel_restarts_total 5
descriptors() { find "/proc/$PID/fd" -mindepth 1 | wc -l; }
count=$(descriptors)
for i in $(seq 6 "$(counts 9 29)"); do
    curl -s -o /dev/null -X POST "$URL/restart"
    until_true 400 metric_is goxel_restarts_total "$i" || fail "restart $i"
done
ok "descriptors do not grow" until_true 100 eval '[ "$(descriptors)" -le "$count" ]'

# An option of level X waits for it.
echo 'performance { max_connections = 77 }' >> "$CONF"
sed -i 's/^performance { request_timeout_ms = 300 }//' "$CONF"
sed -i 's/max_connections = 77/max_connections = 77 request_timeout_ms = 300/' "$CONF"
is "max_connections waits" performance.max_connections "$(curl -s -X POST "$URL/reload" | jq -r '.pending_restart[0].option')"
now=$(metric goxel_restarts_total)
curl -s -o /dev/null -X POST "$URL/restart"
ok "a restart brings it" until_true 400 metric_is goxel_restarts_total $((now + 1))
is "nothing waits any more" '[]' "$(curl -s "$URL/health" | jq -c .pending_restart)"

# A configuration that the next image would refuse.
cp "$CONF" "$CONF.good"
echo 'workers { count = 0 }' >> "$CONF"
is "an invalid configuration refuses the restart" 422 "$(status -X POST "$URL/restart")"
like "and says why" 'workers\.count' "$(curl -s -X POST "$URL/restart" | jq -r .detail)"
is "the daemon runs on" RUNNING "$(state)"
cp "$CONF.good" "$CONF"

# Limits that the next image could not have, a program that is gone, a disk that is full: refused, and it runs on.
sed -i 's/max_connections = 77/max_connections = 60000/' "$CONF"
prlimit --pid "$PID" --nofile=1300:1300
is "more connections than descriptors: refused" 500 "$(status -X POST "$URL/restart")"
like "with both numbers" '1300' "$(curl -s -X POST "$URL/restart" | jq -r .detail)"
cp "$CONF.good" "$CONF"

# What is found out too late is no reason to end.
holding() { # a request that keeps arriving
    python3 - "$PORT" > "$DIR/holder" <<'PY' &
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(b"POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
print("READY", flush=True)
s.settimeout(60)
while s.recv(4096): pass
PY
    HOLDER=$!
    PIDS+=("$HOLDER")
    until_true 200 grep -q READY "$DIR/holder"
}
holding
now=$(metric goxel_restarts_total)
is "a restart that has to wait" 202 "$(status -X POST "$URL/restart")"
echo 'workers { count = 0 }' >> "$CONF"
kill -KILL "$HOLDER"
ok "a file made invalid meanwhile: what was in effect goes on" until_true 600 metric_is goxel_restarts_total $((now + 1))
is "and the last reload counts as failed" 0 "$(metric goxel_config_last_reload_successful)"
ok "the log says so" grep -q 'configuration invalid file=.*going on with what was in effect' "$LOG"
cp "$CONF.good" "$CONF"

# A stop during a restart is a stop.
holding
is "a restart waits for a request that is arriving" 202 "$(status -X POST "$URL/restart")"
ok "in STOPPING" until_true 200 grep -q 'shutdown phase=STOP_ACCEPTING' "$LOG"
kill -TERM "$PID"
ended
is "a stop during a restart ends it with 0" 0 "$EXIT_STATUS"
ok "nothing is left" eval '[ ! -e "$DIR/run/goxel.pid" ] && [ ! -e "$SOCK" ]'

# A program that is gone, and a disk that is full.
cp "$DAEMON" "$WORK/goxel-daemon"
whole=$DAEMON DAEMON=$WORK/goxel-daemon
start_daemon
mv "$DAEMON" "$DAEMON.away"
is "a program that is gone: refused" 500 "$(status -X POST "$URL/restart")"
like "with its path" "$DAEMON" "$(curl -s -X POST "$URL/restart" | jq -r .detail)"
is "and the daemon runs on" RUNNING "$(state)"
stop_daemon
DAEMON=$whole
if [ "$(id -u)" -eq 0 ] && mkdir "$WORK/small" && mount -t tmpfs -o size=64k none "$WORK/small" 2> "$WORK/err"; then
    write_config
    sed -i "s|directory = \"$DIR/projects\"|directory = \"$WORK/small/projects\"|" "$CONF"
    launch
    ready
    make_projects
    before=$(projects)
    dd if=/dev/zero of="$WORK/small/full" bs=1k 2> "$WORK/err"
    is "a full disk: refused" 507 "$(status -X POST "$URL/restart")"
    is "with what is in memory" "RUNNING $before" "$(state) $(projects)"
    rm "$WORK/small/full"
    is "room again: accepted" 202 "$(status -X POST "$URL/restart")"
    ok "and happens" until_true 400 metric_is goxel_restarts_total 1
    is "with all of it" "$before" "$(projects)"
    stop_daemon
    umount "$WORK/small"
else
    skip "a full disk" "needs root, and a file system of its own"
fi

# ---- recovery ----

if ! grep -q 'test\.hang' "$HOOKS"; then
    skip "recovery" "$HOOKS was built without --enable-test-hooks"
    done_testing
fi
DAEMON=$HOOKS

hang() { # METHOD-PARAMS: a worker is lost; the reply goes to a file
    curl -s -o "$DIR/hung" -w '%{http_code}' --max-time 60 -H 'Content-Type: application/json' \
        -d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.hang\",\"params\":${1:-{\}}}" "$URL/rpc" > "$DIR/hung.status" &
    HUNG=$!
    PIDS+=("$HUNG")
}

for workers in 1 4; do
    start_daemon "$QUICK
workers { count = $workers }"
    make_projects
    before=$(projects) first=$PID
    knocking
    hang
    ok "$workers workers, one hung: noticed and recovered from" until_true 600 metric_is goxel_recoveries_total 1
    knocked
    is "$workers workers: a client that keeps connecting loses nothing, and never waits for 2 s" \
        "0 refused, 0 broken, slow false" "$(lost)"
    note "$KNOCKED"
    is "$workers workers: the PID stays" "$first" "$(cat "$DIR/run/goxel.pid")"
    is "$workers workers: projects are there again" "$before" "$(projects)"
    wait "$HUNG"
    is "$workers workers: who called what hung is told" 503 "$(cat "$DIR/hung.status")"
    is "$workers workers: it was asked for by the monitor" '["monitor","RUNNING>ERROR","ok"]' \
        "$(request recover '.[0] | [.trigger.type, .moves, .outcome]')"
    ok "$workers workers: /health turned 503 before" grep -q 'health check=responsive ok=false' "$LOG"
    ok "$workers workers: it is well again" until_true 200 eval '[ "$(status "$URL/health")" = 200 ]'
    is "$workers workers: RUNNING" RUNNING "$(state)"
    stop_daemon
done

# Seen from outside: 503 while it is unhealthy, and alive is another question.
start_daemon "health { check_interval_ms = 100 failure_threshold = 2 heartbeat_timeout_ms = 600 restart_on_failure = false }
performance { request_timeout_ms = 300 }"
hang '{"ms":2500}'
ok "without restart_on_failure /health turns 503" until_true 400 eval '[ "$(status "$URL/health")" = 503 ]'
is "and /health/live too" 503 "$(status "$URL/health/live")"
ok "and back to 200 when the worker is back" until_true 400 eval '[ "$(status "$URL/health")" = 200 ]'
is "no recovery" 0 "$(metric goxel_recoveries_total)"
stop_daemon

# An acceptor that hangs: nobody can be let in, and no join may wait for it.
cat > "$WORK/hang.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
    int (*real)(int, struct sockaddr *, socklen_t *, int) = (int (*)(int, struct sockaddr *, socklen_t *, int))dlsym(
        RTLD_NEXT, "accept4");

    while (!access(getenv("HANG_FILE"), F_OK))
        pause();
    return real(fd, addr, len, flags);
}
C
if grep -qE '__(asan|tsan)_init' "$DAEMON"; then
    leave_out "an acceptor that hangs" "a sanitizer's runtime has to come first"
elif "${CC:-cc}" -shared -fPIC -o "$WORK/hang.so" "$WORK/hang.c" 2> "$WORK/err"; then
    export LD_PRELOAD=$WORK/hang.so HANG_FILE=$WORK/hang
    start_daemon "health { check_interval_ms = 100 failure_threshold = 2 restart_delay_ms = 0
        heartbeat_timeout_ms = 600 } performance { request_timeout_ms = 300 }"
    make_projects
    before=$(projects) first=$PID
    touch "$HANG_FILE"
    # This one is never accepted by this image; the next finds it in the backlog or it is let go.
    curl -s -o /dev/null --max-time 2 "$URL/health" &
    knock=$!
    ok "an acceptor that hangs is noticed and recovered from" until_true 900 grep -q 'exec program=' "$LOG"
    rm "$HANG_FILE"
    wait "$knock"
    ok "the next image serves" until_true 600 answers
    is "with the same PID and projects" "$first $before" "$PID $(projects)"
    stop_daemon
    start_daemon 'performance { shutdown_timeout_ms = 500 }'
    make_projects
    touch "$HANG_FILE"
    curl -s -o /dev/null --max-time 1 "$URL/health"
    note "a stop in which a thread hangs: it takes the limit of a phase, 20 seconds"
    kill -TERM "$PID"
    ended
    is "it ends all the same, with a status of its own" 75 "$EXIT_STATUS"
    ok "and says which phase" grep -q 'CLEANUP_RESOURCES does not end' "$LOG"
    ok "without its PID file" test ! -e "$DIR/run/goxel.pid"
    rm "$HANG_FILE"
    unset LD_PRELOAD
    launch
    ready
    is "every project was kept before" '["one","two"]' "$(result project.list '{}' '[.projects[].name]')"
    stop_daemon
else
    skip "an acceptor that hangs" "no C compiler"
fi
unset LD_PRELOAD

# Cool-down, attempts, window: a script that fails for ever.
printf '#!/bin/sh\necho "the moon is down"\nexit 3\n' > "$WORK/script"
chmod 755 "$WORK/script"
start_daemon "health { check_interval_ms = 100 failure_threshold = 2 health_check_script = \"$WORK/script\"
    max_restart_attempts = 2 restart_delay_ms = 500 }"
make_projects
ended
is "a script that fails for ever: the status of too many recoveries" 31 "$EXIT_STATUS"
like "the reason is said" 'recoveries did not help' "$(tail -n 3 "$LOG")"
is "as often as was allowed" 2 "$(grep -c 'exec program=' "$LOG")"
ok "not too soon" grep -q 'outcome=DAEMON_ERROR_RECOVERY_TOO_SOON' "$LOG"
ok "and not for ever" grep -q 'moves=RUNNING>ERROR>STOPPING outcome=DAEMON_ERROR_MAX_RECOVERY_ATTEMPTS' "$LOG"
ok "through the seven phases" grep -q 'shutdown phase=COMPLETE' "$LOG"
ok "nothing is left" eval '[ ! -e "$DIR/run/goxel.pid" ] && [ ! -e "$SOCK" ]'
printf '#!/bin/sh\nexit 0\n' > "$WORK/script"
launch
ok "it starts again when the cause is gone" ready
is "with its projects" '["one","two"]' "$(result project.list '{}' '[.projects[].name]')"

# It heals, and earlier attempts are forgotten.
sed -i 's/restart_delay_ms = 500/restart_delay_ms = 0 recovery_window_ms = 400/' "$CONF"
curl -s -o /dev/null -X POST "$URL/reload"
printf '#!/bin/sh\n[ ! -e %s/sick ]\n' "$DIR" > "$WORK/script"
touch "$DIR/sick"
ok "a script that fails for a while: recovered" until_true 400 eval '[ "$(metric goxel_recoveries_total)" -ge 1 ]'
rm "$DIR/sick"
ok "attempts are forgotten after a quiet window" until_true 400 metric_is goxel_recovery_attempts 0
is "the daemon runs" RUNNING "$(state)"
stop_daemon

# A crash.
leave_crashes
start_daemon
kill -SEGV "$PID"
wait "$PID"
is "kill -SEGV: the status says so" $((128 + 11)) $?
ok "and the PID file is gone" test ! -e "$DIR/run/goxel.pid"
launch
ok "the next one starts over what is left" ready
stop_daemon
done_testing
