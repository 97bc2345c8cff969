#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Options set at run time: what applies, what waits, what is refused, and how long it holds.
. "$(dirname "$0")/lib.sh"

set_config() { rpc system.set_config "{\"options\": $1}"; }
report() { jq -c '[.result.applied, [.result.pending_restart[] | [.option, .level]], .result.errors]'; }
refusal() { jq -c '[.error.code, .error.data.field]'; }
config() { result system.get_config '{}' "$1"; }
workers() { curl -s "$URL/metrics" | awk '$1 == "goxel_workers" { print $2 }'; }

start_daemon 'workers { count = 2 }
logging { level = "info" }'
before=$(config .)

is "an option is set" '[["workers.count"],[],[]]' "$(set_config '{"workers.count": 3}' | report)"
is "and is in effect" "3 3" "$(workers) $(config .workers.count)"
is "a second one adds to it" '[["logging.level"],[],[]]' "$(set_config '{"logging.level": "debug"}' | report)"
is "both hold" '[3,"debug"]' "$(config '[.workers.count, .logging.level]')"
like "and to what" 'set option=logging.level value="debug"' "$(cat "$LOG")"
is "a list, a text for a number, and a truth" '[["workers.queue_size","health.recover_on","logging.access_log"],[],[]]' \
    "$(set_config '{"health.recover_on": [], "workers.queue_size": "7", "logging.access_log": true}' | report)"
is "and they are in effect" '[7,[],true]' "$(config '[.workers.queue_size, .health.recover_on, .logging.access_log]')"
is "what is set already changes nothing" '[[],[],[]]' "$(set_config '{"workers.count": 3}' | report)"
like "the history tells it" '"settings".*"system.set_config".*RUNNING>RELOADING>RUNNING' \
    "$(curl -s "$URL/state" | jq -c '.requests[-1]')"

set_before=$(config .)
is "an unknown option" '[-32602,"workers.cuont"]' "$(set_config '{"workers.count": 4, "workers.cuont": 4}' | refusal)"
like "with the one that was meant" 'did you mean .*workers.count' "$(set_config '{"workers.cuont": 4}')"
is "a value out of range" '[-32602,"workers.count"]' "$(set_config '{"logging.level": "warn", "workers.count": 0}' | refusal)"
is "a wrong type" '[-32602,"workers.count"]' "$(set_config '{"workers.count": true}' | refusal)"
is "what contradicts another option" '[-1018,"performance.request_timeout_ms"]' \
    "$(set_config '{"workers.count": 4, "performance.request_timeout_ms": 600000}' | refusal)"
for option in security.allowed_hosts storage.allowed_roots health.health_check_script process.user sockets.unix.permissions; do
    is "$option comes from the file alone" "[-32602,\"$option\"]" "$(set_config "{\"workers.count\": 4, \"$option\": \"x\"}" | refusal)"
done
like "and it is said so" 'from the file alone' "$(set_config '{"logging.file": "/etc/passwd"}')"
is "nothing of it was changed" "$set_before" "$(config .)"

waits='[["performance.max_connections","X"],["performance.io_threads","S"]]'
is "what needs a restart waits" "[[],$waits,[]]" \
    "$(set_config '{"performance.io_threads": 3, "performance.max_connections": 99}' | report)"
is "and is not in effect" "$set_before" "$(config .)"
is "/health lists it" "$waits" "$(curl -s "$URL/health" | jq -c '[.pending_restart[] | [.option, .level]]')"

pid=$PID
is "a restart in place is accepted" '"STOPPING"' "$(result system.restart '{}' .state)"
restarted() { [ "$(curl -s "$URL/metrics" | awk '$1 ~ /^goxel_restarts_total/ { print $2 }')" = 1 ]; }
ok "and done" until_true 600 restarted
is "it keeps what was set, and applies what waited for it" '[3,"debug",7,[],99,2]' \
    "$(config '[.workers.count, .logging.level, .workers.queue_size, .health.recover_on, .performance.max_connections, .performance.io_threads]')"
is "the rest waits on" '[["performance.io_threads","S"]]' "$(curl -s "$URL/health" | jq -c '[.pending_restart[] | [.option, .level]]')"
is "in the same process" "$pid" "$(cat "$DIR/run/goxel.pid")"

printf 'nonsense\n' >> "$CONF"
is "an invalid file refuses a setting" -1018 "$(set_config '{"workers.count": 4}' | jq .error.code)"
is "a reload too" 422 "$(status -X POST "$URL/reload")"
is "and what was set holds" 3 "$(workers)"
sed -i '/^nonsense$/d' "$CONF"
is "a reload makes the file true again, and says what it changed back" \
    '["health.recover_on","logging.access_log","logging.level","workers.count","workers.queue_size"] [["performance.max_connections","X"]]' \
    "$(curl -s -X POST "$URL/reload" | jq -r '"\(.applied | sort) \([.pending_restart[] | [.option, .level]])"')"
is "it is" "$(jq -c 'del(.performance.max_connections)' <<< "$before")" "$(config 'del(.performance.max_connections)')"
set_config '{"workers.count": 5}' > /dev/null
kill -HUP "$PID"
file_again() { [ "$(workers)" = 2 ]; }
ok "so does SIGHUP" until_true 200 file_again
set_config '{"workers.count": 5}' > /dev/null
is "and system.reload" '["workers.count"]' "$(result system.reload '{}' .applied)"

count=$(counts 30 300)
load=$(python3 "$TESTS/integration/settings.py" "$PORT" "$count")
note "$load"
is "8 clients set, while another reloads: each is told of its own" '[]' "$(jq -c .wrong <<< "$load")"
is "as often as they asked" "$((count * 8))" "$(jq '.set + .refused' <<< "$load")"
ok "and reloads set some of it back" test "$(jq .back <<< "$load")" -gt 0
curl -s -o /dev/null -X POST "$URL/reload"
is "at the end the file is in effect" "$(jq -c 'del(.performance.max_connections)' <<< "$before")" "$(config 'del(.performance.max_connections)')"
stop_daemon
done_testing
