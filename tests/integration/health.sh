#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The four checks behind /health: how each fails, what it says then, how it heals, and what is no fault.
. "$(dirname "$0")/lib.sh"

health() { curl -s --max-time 10 "$URL/health"; }
check() { health | jq -c ".checks.$1 | ${2:-.}"; }
reason() { health | jq -r ".checks.$1.reason"; }
answers_with() { [ "$(status "$URL/$1")" = "$2" ]; }
is_ok() { [ "$(check "$1" .ok)" = "$2" ]; }
all_ran() { health | jq -e '.checks | all(.[]; .last_ms != null)'; }
# How often a request of that name is in /state.
requests() { curl -s "$URL/state" | jq --arg name "$1" '[.requests[] | select(.request == $name)] | length'; }
# dead PID: gone, or dead and left to whoever reaps here
dead() { [ ! -e "/proc/$1/stat" ] || grep -qE '\) [ZX] ' "/proc/$1/stat"; }
children() { cat /proc/"$PID"/task/*/children 2>/dev/null; }
no_children() { [ -z "$(children | tr -d ' ')" ]; }
# section TEXT: the configuration's last line is TEXT from now on
section() { sed -i '$d' "$CONF"; printf '%s\n' "$1" >> "$CONF"; curl -s -X POST "$URL/reload" > /dev/null; }

# ---- a script of the operator's ----

cat > "$WORK/script" <<SCRIPT
#!/bin/sh
[ ! -e "$WORK/bad" ] || { echo "first of all"; printf 'the \033[31mdisk\033[0m is full\n\n'; exit 3; }
SCRIPT
cat > "$WORK/slow" <<SCRIPT
#!/bin/sh
sleep 1000 &
echo \$! >> "$WORK/pids"
echo looking
wait
SCRIPT
chmod +x "$WORK/script" "$WORK/slow"
fast='check_interval_ms = 100 failure_threshold = 3 restart_on_failure = false'
start_daemon "health { $fast health_check_script = \"$WORK/script\" }"

is "there are four checks" '["responsive","memory","queue","script"]' "$(health | jq -c '.checks | keys_unsorted')"
ok "all of them are run" until_true 200 all_ran
is "all is well" '[true,true,true,true]' "$(health | jq -c '[.checks[].ok]')"
is "and nothing is given as a reason" '["","","",""]' "$(health | jq -c '[.checks[].reason]')"
is "/health is 200" 200 "$(status "$URL/health")"

touch "$WORK/bad"
ok "a script that fails turns /health 503" until_true 200 answers_with health 503
is "its last line is the reason" 'status 3: the \x1b[31mdisk\x1b[0m is full' "$(reason script)"
is "the other checks are well" '[true,true,true]' "$(health | jq -c '[.checks | .responsive, .memory, .queue | .ok]')"
is "healthy is false" false "$(health | jq .healthy)"
is "/health/live stays 200" 200 "$(status "$URL/health/live")"
is "the daemon serves on" RUNNING "$(state)"
ok "the log says so" grep -qE 'health check=script ok=false failures=3 reason="status 3: the ' "$LOG"
rm "$WORK/bad"
ok "one success heals it" until_true 200 answers_with health 200
is "the reason is gone" "" "$(reason script)"
ok "the log says that, too" grep -q 'health check=script ok=true' "$LOG"
is "once each, not at every round" 2 "$(grep -c 'health check=' "$LOG")"
is "without restart_on_failure no recovery was asked for" 0 "$(requests recover)"

section "health { $fast health_check_script = \"$WORK/slow\" script_timeout_ms = 300 }"
ok "a script over its limit has failed" until_true 200 is_ok script false
is "with the limit and its last line as the reason" "longer than 300 ms: looking" "$(reason script)"
ok "it is killed with its group" until_true 200 dead "$(head -n 1 "$WORK/pids")"
is "and holds up no other check" true "$(check queue '.last_ms < 60000')"

section "health { $fast health_check_script = \"$WORK/missing\" }"
ok "one that cannot be started has failed" until_true 200 eval 'reason script | grep -q "missing: No such file"'
section "health { $fast }"
ok "without a script the check is well" until_true 200 is_ok script true
if [ -e "/proc/$PID/task/$PID/children" ]; then
    ok "no child is left, alive or as a zombie" until_true 200 no_children
else
    skip "no child is left" "this kernel does not list children"
fi

before=$(wc -l < "$WORK/pids")
section "health { $fast health_check_script = \"$WORK/slow\" script_timeout_ms = 3600000 }"
ok "a slow script is under way" until_true 200 eval '[ "$(wc -l < "$WORK/pids")" -gt '"$before"' ]'
stop_daemon
ok "a stop does not wait for it, and ends it" until_true 200 dead "$(tail -n 1 "$WORK/pids")"

# ---- the queue ----

start_daemon "workers { count = 1 queue_size = 1 }
health { check_interval_ms = 100 failure_threshold = 1 }"
result project.create '{"name":"load"}' > "$DIR/created"
python3 - > "$DIR/body" <<'PY'
import json
print(json.dumps([{"jsonrpc": "2.0", "id": i, "method": "voxel.fill", "params": {
    "region": {"min": [0, 0, 0], "max": [60, 60, 60]}, "color": [i % 256, 1, 2]}} for i in range(100)]))
PY
clients=()
for _ in 1 2 3 4; do
    while [ ! -e "$DIR/enough" ]; do
        curl -s -o /dev/null --max-time 60 -H 'Content-Type: application/json' --data-binary @"$DIR/body" "$URL/rpc"
    done &
    clients+=($!)
    PIDS+=($!)
done
ok "a full queue has failed" until_true 600 eval '[ "$(reason queue)" = "the queue is full: 1 requests wait" ]'
touch "$DIR/enough"
wait "${clients[@]}"
ok "and is well once it is not full" until_true 600 is_ok queue true
is "it is load, and no reason to recover" "0 RUNNING" "$(requests recover) $(state)"
stop_daemon

# ---- memory ----

start_daemon 'health { check_interval_ms = 100 failure_threshold = 1 }
limits { max_memory_mb = 1000000 }'
result project.create '{"name":"p"}' > "$DIR/created"
result voxel.add '{"x":1,"y":2,"z":3,"color":"#ffffff"}' > "$DIR/added"
ok "the memory is looked at" until_true 200 all_ran
is "and well below the limit" true "$(check memory .ok)"
section 'limits { max_memory_mb = 1 }'
ok "above the limit it has failed" until_true 200 is_ok memory false
like "with both figures" '^[0-9]+ MiB are resident, limits.max_memory_mb is 1$' "$(reason memory)"
is "/health is 503 then" 503 "$(status "$URL/health")"
while read -r method params; do
    is "$method is refused above it" -1007 "$(code "$method" "$params")"
done <<'CALLS'
project.create {"name":"q"}
project.open {"path":"missing.gox"}
voxel.add {"x":0,"y":0,"z":0,"color":[1,2,3]}
voxel.add_batch {"voxels":[[0,0,0,1,2,3]]}
voxel.fill {"region":{"min":[0,0,0],"max":[1,1,1]},"color":[1,2,3]}
layer.create {}
CALLS
like "with what is there and what may be" '"limit":1,"given":[0-9]+' "$(rpc voxel.add '{"x":0,"y":0,"z":0,"color":[1,2,3]}')"
like "and what to do" 'close projects .project.close., or raise limits.max_memory_mb' \
    "$(rpc layer.create)"
while read -r method params; do
    is "$method is not" null "$(code "$method" "$params")"
done <<'CALLS'
system.get_status {}
project.list {}
project.get_info {}
voxel.get {"x":1,"y":2,"z":3}
voxel.query {}
voxel.remove {"x":1,"y":2,"z":3}
project.close {"save_changes":false}
CALLS
is "it is no reason to recover" "0 RUNNING" "$(requests recover) $(state)"
section 'limits { max_memory_mb = 0 }'
ok "a limit that is raised heals" until_true 200 answers_with health 200
is "and lets projects grow again" null "$(code project.create '{"name":"q"}')"
stop_daemon

# ---- clients that use up every connection ----

start_daemon 'performance { max_connections = 4 }
health { check_interval_ms = 200 failure_threshold = 1 }'
cat > "$DIR/idle.py" <<'PY'
"""Holds every connection there is and looks at /health over one of them, through several rounds of checks."""
import http.client, json, socket, sys, time

port, surplus, rounds = int(sys.argv[1]), 64, int(sys.argv[2])
ours = http.client.HTTPConnection("127.0.0.1", port, timeout=30)


def health():
    ours.request("GET", "/health")
    reply = ours.getresponse()
    return reply.status, json.loads(reply.read())


health()
idle = []
for _ in range(4 + surplus):
    s = socket.socket()
    s.settimeout(30)
    s.connect(("127.0.0.1", port))
    idle.append(s)

# Somebody else is not served any more.
late = socket.create_connection(("127.0.0.1", port), timeout=1)
late.sendall(b"GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
try:
    answer = late.recv(100)
except TimeoutError:
    answer = b""
print("another client:", "served" if b" 200 " in answer else "waits or is refused")

seen, last, bad, until = 0, None, [], time.monotonic() + 60
while seen < rounds and time.monotonic() < until:
    status, body = health()
    check = body["checks"]["responsive"]
    if status != 200 or not check["ok"] or check["reason"]:
        bad.append((status, check))
    if check["last_ms"] is not None:
        seen += last is not None and check["last_ms"] < last
        last = check["last_ms"]
    time.sleep(0.02)
print("rounds:", "enough" if seen >= rounds else seen)
print("failures:", bad[:3])
PY
python3 "$DIR/idle.py" "$PORT" "$(counts 5 50)" > "$DIR/idle" 2>&1
is "idle clients use up every connection" "another client: waits or is refused" "$(sed -n 1p "$DIR/idle")"
is "the checks go on all the same" "rounds: enough" "$(sed -n 2p "$DIR/idle")"
is "and responsive holds" "failures: []" "$(sed -n 3p "$DIR/idle")"
ok "once they have left everybody is served" until_true 200 answers_with version 200
is "nothing was recovered from" "0 RUNNING" "$(requests recover) $(state)"
stop_daemon

# ---- as process 1 of a container ----

if ! unshare --pid --fork --mount-proc true 2> "$WORK/err"; then
    skip "zombies of a script's children" "making a process 1 takes a superuser"
    done_testing
fi
# Some stay in the script's group, and are killed with it; some leave it.
cat > "$WORK/leaves" <<SCRIPT
#!/bin/sh
for _ in 1 2 3 4 5; do sleep 1000 & done
for _ in 1 2 3 4 5; do setsid -f true; done
echo done >> "$WORK/left"
SCRIPT
chmod +x "$WORK/leaves"
write_config "health { $fast health_check_script = \"$WORK/leaves\" }"
unshare --pid --fork --kill-child --mount-proc "$DAEMON" --config "$CONF" >> "$LOG" 2>&1 &
outer=$!
PIDS+=("$outer")
PID=$outer
ok "the daemon starts as process 1" ready
inner=$(pgrep -P "$outer")
is "and is that" 1 "$(awk '$1 == "NSpid:" { print $NF }' "/proc/$inner/status")"
offspring() { ps -o stat= --ppid "$inner"; }
few_zombies() { [ "$(offspring | grep -c Z)" -le 5 ]; }
rounds=$(counts 5 50)
ok "the script has run $rounds times" until_true 1200 eval '[ "$(wc -l < "$WORK/left")" -ge "$rounds" ]'
ok "no more zombies are left than of one run" until_true 200 few_zombies
section "health { $fast }"
ok "and none once it runs no more" until_true 200 eval '[ -z "$(offspring)" ]'
ok "the script was well all the time" eval '! grep -q "check=script ok=false" "$LOG"'
kill -TERM "$inner"
ended
is "it stops like any other" 0 "$EXIT_STATUS"
done_testing
