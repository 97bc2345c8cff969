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

# A client that is connected and says nothing does not hold the stop up.
start_daemon
exec 9<> "/dev/tcp/127.0.0.1/$PORT"
stop_daemon
pass "a silent connection does not hold a stop up for long"
exec 9>&-
done_testing
