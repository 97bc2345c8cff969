#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The JSON stream on the Unix socket: framing, order, ceilings, clients that misbehave, and what becomes of streams when the
# daemon stops.
. "$(dirname "$0")/lib.sh"

client() { python3 "$TESTS/integration/stream.py" "$1" "$SOCK" "${@:2}"; }
send() { printf '%s' "$1" | client say; }
checked() { is "$1" ok "$(client "${@:2}" 2>&1 | tail -n 1)"; }
metric() { curl -s "$URL/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }
clients_gone() { [ "$(metric goxel_connections)" = 1 ]; }

start_daemon 'performance { max_connections = 2000 }
logging { access_log = true }'

specification send

# ---- framing ----
is "several requests in one piece, without anything between them" '1 2 3' \
    "$(send '{"jsonrpc":"2.0","id":1,"method":"system.ping"}{"jsonrpc":"2.0","id":2,"method":"system.ping"}
        {"jsonrpc":"2.0","id":3,"method":"system.ping"}' | jq .id | paste -sd ' ')"
is "one line for each reply" 3 "$(send '{"jsonrpc":"2.0","id":1,"method":"system.ping"} 7 [1]' | wc -l)"
is "white space alone is nothing" "" "$(send '
      ')"
checked "one byte at a time" single_bytes
for seed in 1 2 3; do checked "random pieces ($seed)" random_pieces "$seed"; done
checked "1,000 requests in a pipeline" pipelined 1000
checked "each request sees what those before it did" in_order
checked "what is no JSON is told, and ends the stream" broken
checked "cut off in the middle" cut_off
checked "the size of a message has an exact ceiling" sizes 10485760
is "as deep as allowed" -32600 "$(send "$(printf '[%.0s' {1..32}; printf ']%.0s' {1..32})" | jq '.[0].error.code')"
is "one level deeper" '[-32700,32]' "$(send "$(printf '[%.0s' {1..33})" | jq -c '[.error.code, .error.data.limit]')"
is "the length of a batch has its ceiling, and the stream goes on" '[-32600,1000] 7' \
    "$(send "[$(printf '1,%.0s' {1..1000})1]"'{"jsonrpc":"2.0","id":7,"method":"system.ping"}' |
        jq -c 'if .error then [.error.code, .error.data.limit] else .id end' | paste -sd ' ')"

# ---- who speaks what ----
is "HTTP on the same socket" '"RUNNING"' "$(curl -s --unix-socket "$SOCK" http://localhost/health | jq .state)"
is "a call by HTTP on the same socket" '{"pong":true}' \
    "$(curl -s --unix-socket "$SOCK" -H 'Content-Type: application/json' -d '{"jsonrpc":"2.0","id":1,"method":"system.ping"}' \
        http://localhost/rpc | jq -c '.result | {pong}')"
is "TCP speaks HTTP alone" "" "$(printf '{"jsonrpc":"2.0","id":1,"method":"system.ping"}\r\n\r\n' | timeout 20 socat -t 15 - "TCP:127.0.0.1:$PORT" 2> /dev/null | grep -o pong)"
ok "calls of streams are counted as all calls are" test "$(metric 'goxel_rpc_calls_total{method="system.ping"}')" -gt 1000
ok "and their messages" test "$(metric goxel_stream_messages_total)" -gt 1000
ok "the access log has them" grep -q 'access id=.* peer=unix method=STREAM path=/rpc status=200 ' "$LOG"

# ---- tools ----
is "tools are answered as their callers expect, between other messages" \
    'true 1 [9,8,7,255] [-1003,false]' "$(send '{"tool":"goxel_create_project","arguments":{"name":"tools"}}
        {"jsonrpc":"2.0","id":1,"method":"system.ping"}
        {"tool":"goxel_add_voxels","arguments":{"position":{"x":1,"y":2,"z":3},"color":{"r":9,"g":8,"b":7,"a":255}}}
        {"tool":"goxel_get_voxel","arguments":{"position":{"x":1048576,"y":2,"z":3}}}' |
        jq -c 'if .error_code then [.error_code, .success] else .id // .content.color // .success end' | paste -sd ' ')"
is "an unknown tool leaves the stream as it is" '-32601 true' \
    "$(send '{"tool":"no_such_tool"}{"tool":"version"}' | jq -c '.error_code // .success' | paste -sd ' ')"
is "HTTP knows no tools" -32600 "$(curl -s -H 'Content-Type: application/json' -d '{"tool":"ping"}' "$URL/rpc" | jq .error.code)"

# ---- clients that cost nothing ----
ok "no connection is left" until_true 200 clients_gone
checked "a client that vanishes before its replies" vanish "$PID"
# How many bytes the daemon may grow for one client, and by what is over. A sanitizer keeps for a while what was freed.
at_work=$((64 << 20)) after=$((8 << 20))
if grep -qE '__asan_init|__tsan_init' "$DAEMON"; then at_work=$((400 << 20)) after=$at_work; fi
checked "a client that does not read" slow_reader "$PID" "$at_work"
checked "1,000 clients at once" many "$PID" 1000
checked "10,000 clients one after another" successive "$PID" 10000 "$after"
ok "no connection is left of them" until_true 200 clients_gone

# ---- while they are open ----
# held COMMAND…: what became of open streams when it was run
held() {
    local held=$DIR/held
    : > "$held"
    client hold > "$held" 2>&1 &
    HOLDER=$!
    PIDS+=("$HOLDER")
    until_true 600 grep -q READY "$held" || return 1
    "$@"
    wait "$HOLDER"
    tail -n 1 "$held"
}
checked "a reload leaves streams as they are" reloaded
is "who waits for the lifecycle thread is answered in its turn" '1 2' \
    "$(send '{"jsonrpc":"2.0","id":1,"method":"system.reload"}{"jsonrpc":"2.0","id":2,"method":"system.ping"}' | jq .id | paste -sd ' ')"
restart() { curl -s -o /dev/null -X POST "$URL/restart"; }
is "a restart ends them when they are answered" '{"idle":"","half":[2],"busy":"refused"}' "$(held restart | jq -c .)"
ok "and new ones are served" until_true 200 eval '[ "$(send "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"system.ping\"}" | jq .id)" = 9 ]'
is "it is the same process" "$PID" "$(cat "$DIR/run/goxel.pid")"
is "a stop ends them when they are answered" '{"idle":"","half":[2],"busy":"refused"}' "$(held kill -TERM "$PID" | jq -c .)"
ended
is "the stop was an orderly one" 0 "$EXIT_STATUS"

# ---- deadlines and ceilings ----
SOCKETS_EXTRA='receive_timeout_ms = 300 body_timeout_ms = 300 send_timeout_ms = 300' start_daemon
checked "a client that says nothing, or never ends, is let go" idle
checked "one that does not take its replies, too" unread
ok "no connection is left of those" until_true 200 clients_gone
stop_daemon
start_daemon 'performance { max_connections = 3 }'
checked "one too many is told so" surplus 3
stop_daemon

# ---- one protocol alone ----
UNIX_EXTRA='protocol = http' start_daemon
is "http: a stream is no HTTP" "" "$(printf '{"jsonrpc":"2.0","id":1,"method":"system.ping"}\r\n\r\n' | client say | grep -o pong)"
is "http: HTTP works" 200 "$(status --unix-socket "$SOCK" http://localhost/health)"
stop_daemon
UNIX_EXTRA='protocol = jsonrpc' start_daemon
is "jsonrpc: HTTP is no JSON" -32700 "$(printf 'GET / HTTP/1.1\r\n\r\n' | client say | jq .error.code)"
is "jsonrpc: the stream works" 1 "$(send '{"jsonrpc":"2.0","id":1,"method":"system.ping"}' | jq .id)"
ok "jsonrpc: the daemon's own commands take TCP" "$DAEMON" --config "$CONF" --status
is "jsonrpc: goxelctl does, too" RUNNING "$("$GOXEL_BUILD/bin/goxelctl" -c "$CONF" --json state | jq -r .state)"
stop_daemon
done_testing
