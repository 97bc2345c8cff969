#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Stops under load: nobody whose connect() succeeded goes without a complete reply.
. "$(dirname "$0")/lib.sh"

rounds=$(counts 5 50)
lost=0 bad_exits=0 replies=0 unserved=0 left=0 examples=''

for round in $(seq "$rounds"); do
    start_daemon 'workers { count = 2 }'
    python3 "$TESTS/integration/load.py" stop "$PORT,$SOCK" 16 > "$DIR/load" 2>&1 &
    load=$!
    PIDS+=("$load")
    until_true 1200 grep -q READY "$DIR/load"
    kill -TERM "$PID"
    ended
    wait "$load"
    report=$(tail -n 1 "$DIR/load")
    [ "$EXIT_STATUS" -eq 0 ] || bad_exits=$((bad_exits + 1))
    if ! n=$(jq -r .lost <<< "$report" 2>/dev/null); then
        examples+=$(cat "$DIR/load")
        n=1
    fi
    lost=$((lost + n))
    [ "$n" -eq 0 ] || examples+=$report
    replies=$((replies + $(jq -r '."200" // 0' <<< "$report" 2>/dev/null || echo 0)))
    [ "$(jq -r .served <<< "$report" 2>/dev/null)" = 16 ] || unserved=$((unserved + 1))
    [ ! -e "$SOCK" ] && [ ! -e "$DIR/run/goxel.pid" ] || left=$((left + 1))
    [ -t 1 ] && printf '\r  stop %d of %d: %d replies, %d lost ' "$round" "$rounds" "$replies" "$lost"
done
note "$rounds stops, $replies replies"
is "no request of a connected client is lost in $rounds stops" "0 " "$lost $examples"
is "every stop ends with status 0" 0 "$bad_exits"
is "all 16 clients were served in every round" 0 "$unserved"
is "neither socket nor PID file is left behind" 0 "$left"
ok "there was load" test "$replies" -gt $((rounds * 100))

# A disk that takes its time: the call ends after its client was told that the daemon stops.
if strace -qq -o /dev/null true 2> /dev/null; then
    ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" start_daemon # leaks cannot be looked for under strace
    rpc project.create '["slow"]' > /dev/null
    strace -f -qq -o /dev/null -P "$(find "$DIR/projects" -name 'journal-*.log')" -e trace=fdatasync,fsync -e inject=fdatasync,fsync:delay_enter=2s -p "$PID" &
    PIDS+=("$!")
    until_true 200 grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$PID/status"
    printf '%s\n' "$(seq -s, 0 40 | sed 's/[0-9]*/{"method":"voxel.add","params":{"x":&,"y":0,"z":0,"color":[1,2,3]}}/g')" > "$WORK/operations"
    printf '{"jsonrpc":"2.0","id":1,"method":"batch.execute","params":{"operations":[%s]}}' "$(cat "$WORK/operations")" |
        curl -s --compressed -o "$WORK/answer" -w '%{http_code}' -H 'Content-Type: application/json' --data-binary @- "$URL/rpc" > "$WORK/code" &
    caller=$!
    printf '0 0 0 ff0000\n' | curl -s -o /dev/null -T - "$URL/projects/other.txt" &
    put=$!
    until_true 200 eval '[ "$(curl -s "$URL/metrics" | awk '"'"'$1 == "goxel_connections" { print $2 }'"'"')" = 3 ]'
    kill -TERM "$PID"
    until_true 200 grep -q 'to=STOPPING' "$LOG"
    kill -TERM "$PID"
    wait "$caller" "$put"
    ended
    is "a stop that does not wait ends well before its edits do" "0 503" "$EXIT_STATUS $(cat "$WORK/code")"
else
    skip "a stop with a slow disk" "strace cannot trace here"
fi

# What a stop looks like from outside.
start_daemon 'performance { shutdown_grace_ms = 60000 }'
kill -TERM "$PID"
until_true 200 eval '[ "$(state)" = STOPPING ]'
is "while it stops, /health says 503" 503 "$(status "$URL/health")"
is "and names state and phase" '["STOPPING","INIT"]' "$(curl -s "$URL/health" | jq -c '[.state, .phase]')"
is "a reload is refused with 409 now" 409 "$(status -X POST "$URL/reload")"
is "requests are still served in the grace period" '{"pong":true}' "$(result system.ping '{}' '{pong}')"
kill -TERM "$PID"
ended
is "a second signal ends the grace period" 0 "$EXIT_STATUS"
for phase in INIT STOP_ACCEPTING DRAIN_REQUESTS CLOSE_CONNECTIONS STOP_WORKERS CLEANUP_RESOURCES COMPLETE; do
    ok "phase $phase is logged with its duration" grep -q "phase=$phase took_ms=" "$LOG"
done
is "the phases come in their order" \
    "INIT STOP_ACCEPTING DRAIN_REQUESTS CLOSE_CONNECTIONS STOP_WORKERS CLEANUP_RESOURCES COMPLETE" \
    "$(grep -o 'phase=[A-Z_]* took' "$LOG" | sed 's/phase=//; s/ took//' | tr '\n' ' ' | sed 's/ $//')"

# Signals that come late do not turn a clean end into a death by signal.
killed=0
for _ in $(seq "$(counts 10 50)"); do
    start_daemon
    curl -s -o /dev/null -X POST "$URL/shutdown"
    while kill -HUP "$PID" 2> /dev/null && kill -TERM "$PID" 2> /dev/null; do :; done
    ended
    [ "$EXIT_STATUS" -eq 0 ] || killed=$((killed + 1))
done
is "signals up to the last moment leave the status at 0" 0 "$killed"

# A client in the middle of its request line is no silent one.
start_daemon
python3 - "$PORT" "$PID" > "$DIR/slow" <<'PY'
import os, signal, socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
request = b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n"
s.sendall(request[:5])
os.kill(int(sys.argv[2]), signal.SIGTERM)
for byte in request[5:25]:      # well over the second after which silent ones are let go
    time.sleep(0.1)
    s.sendall(bytes([byte]))
s.sendall(request[25:])
reply = b""
while piece := s.recv(4096):
    reply += piece
print(reply.split(b"\r\n")[0].decode())
PY
is "a slow request line is answered during a stop" "HTTP/1.1 200 OK" "$(cat "$DIR/slow")"
ended

# What is still arriving when the time is up is told so, and counted.
start_daemon 'performance { shutdown_timeout_ms = 300 }'
exec 9<> "/dev/tcp/127.0.0.1/$PORT"
printf 'POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{' >&9
until_true 200 eval '[ "$(curl -s "$URL/metrics" | awk "\$1 == \"goxel_connections\" { print \$2 }")" = 2 ]'
kill -TERM "$PID"
is "a request that never ends is answered 503" "HTTP/1.1 503 Service Unavailable" "$(timeout 20 head -n 1 <&9 | tr -d '\r')"
exec 9>&-
ended
is "and the stop is clean" 0 "$EXIT_STATUS"
ok "and it is counted in the log" grep -q 'drain ended .*abandoned=1 ' "$LOG"

# Forced, a stop does not wait for it; with a time of its own, for that long.
for params in '{"force":true}' '{"timeout":100}'; do
    start_daemon 'performance { shutdown_timeout_ms = 3600000 }'
    exec 9<> "/dev/tcp/127.0.0.1/$PORT"
    printf 'POST /rpc HTTP/1.1\r\nHost: localhost\r\n' >&9
    is "system.shutdown $params is accepted" '"STOPPING"' "$(result system.shutdown "$params" .state)"
    ended
    is "system.shutdown $params ends with status 0" 0 "$EXIT_STATUS"
    exec 9>&-
done

# A client that is connected and says nothing does not hold the stop up.
start_daemon
exec 9<> "/dev/tcp/127.0.0.1/$PORT"
stop_daemon
pass "a silent connection does not hold a stop up for long"
exec 9>&-
done_testing
