#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Signals and admin calls: the same requests, seen in /state and in the log; reload by levels.
. "$(dirname "$0")/lib.sh"

start_daemon
state_has() { curl -s "$URL/state" | jq -e --arg r "$1" --arg t "$2" --arg w "$3" \
    '.requests | any(.request == $r and .trigger.type == $t and .trigger.what == $w and .outcome == "ok")'; }
log_has() { grep -q "request name=$1 trigger=$2 what=\"$3\".* outcome=ok" "$LOG"; }

is "a started daemon is RUNNING" RUNNING "$(state)"
ok "its PID file holds its PID" test "$(cat "$DIR/run/goxel.pid")" = "$PID"

kill -HUP "$PID"
ok "HUP is a reload in /state" until_true 200 state_has reload signal SIGHUP
kill -USR1 "$PID"
ok "USR1 is a dump in /state" until_true 200 state_has dump signal SIGUSR1
kill -USR2 "$PID"
ok "USR2 is verbosity in /state" until_true 200 state_has verbosity signal SIGUSR2
is "the signal's sender is known" "$$ $(id -u)" \
    "$(curl -s "$URL/state" | jq -r '.requests[] | select(.trigger.what == "SIGHUP") | "\(.trigger.pid) \(.trigger.uid)"')"
is "a reload goes through RELOADING and back" RUNNING\>RELOADING\>RUNNING \
    "$(curl -s "$URL/state" | jq -r '.requests[] | select(.request == "reload") | .moves')"

is "POST /reload reports" '{"applied":[],"pending_restart":[],"errors":[]}' "$(curl -s -X POST "$URL/reload")"
is "GET /stats answers" 200 "$(status "$URL/stats")"
kill -USR2 "$PID"
ok "USR2 toggled debug logging on, and off again" until_true 200 eval '[ "$(curl -s "$URL/state" | jq "[.requests[] | select(.trigger.what == \"SIGUSR2\")] | length")" = 2 ]'
is "POST /log-level sets" '{"level":"warn"}' \
    "$(curl -s -X POST -H 'Content-Type: application/json' -d '{"level":"warn"}' "$URL/log-level")"
is "/state tells the level" warn "$(curl -s "$URL/state" | jq -r .log_level)"
is "so does system.get_state" warn "$(result system.get_state | jq -r .log_level)"
is "POST /log-level without a body toggles as USR2 does" '{"level":"debug"}' "$(curl -s -X POST "$URL/log-level")"
is "and toggles back to the configured level" '{"level":"info"}' "$(curl -s -X POST "$URL/log-level")"
is "an unknown level is refused" 400 "$(status -X POST -H 'Content-Type: application/json' -d '{"level":"loud"}' "$URL/log-level")"
is "system.reload is the same request" '{"applied":[],"pending_restart":[],"errors":[]}' "$(result system.reload)"
is "system.get_stats has the metrics of GET /stats" \
    "$(curl -s -H 'Accept: application/json' "$URL/stats" | jq -c 'map_values(.type)')" \
    "$(result system.get_stats | jq -c 'map_values(.type)')"
is "with their figures" 1 "$(result system.get_stats |
    jq '.goxel_state.samples[] | select(.labels.state == "RUNNING") | .value')"
is "and counts itself" 2 "$(result system.get_stats |
    jq '.goxel_rpc_calls_total.samples[] | select(.labels.method == "system.get_stats") | .value')"
for row in "reload http POST@/reload" "dump http GET@/stats" "dump rpc system.get_stats" \
    "verbosity http POST@/log-level" "reload rpc system.reload"; do
    read -r name kind what <<< "$row"
    ok "$name by $kind is in /state" state_has "$name" "$kind" "${what//@/ }"
done
for row in "reload signal SIGHUP" "dump signal SIGUSR1" "verbosity signal SIGUSR2" "reload http POST@/reload" \
    "dump http GET@/stats" "dump rpc system.get_stats" "verbosity http POST@/log-level" "reload rpc system.reload"; do
    read -r name kind what <<< "$row"
    ok "$name by $kind is in the log" log_has "$name" "$kind" "${what//@/ }"
done
ok "the dump is in the log" grep -q 'statistics .*goxel_uptime_seconds=.*process_resident_memory_bytes=' "$LOG"
is "at most 32 requests are kept" true "$(for _ in $(seq 40); do curl -s -o /dev/null -X POST "$URL/reload"; done
    curl -s "$URL/state" | jq '.requests | length == 32')"
is "/state shows the table" '[13,true]' "$(curl -s "$URL/state" |
    jq -c '[(.transitions | length), (.transitions | any(.from == "RUNNING" and .to == "STOPPING"))]')"

# Reload by levels.
sed -i 's/^workers.*//' "$CONF"
echo 'workers { count = 7 }' >> "$CONF"
is "a level R option applies" '["workers.count"]' "$(curl -s -X POST "$URL/reload" | jq -c .applied)"
is "and is in effect" 7 "$(curl -s "$URL/metrics" | awk '$1 == "goxel_workers" { print $2 }')"
echo 'performance { max_connections = 99 io_threads = 3 }' >> "$CONF"
pending='[{"option":"performance.max_connections","level":"X"},{"option":"performance.io_threads","level":"S"}]'
is "levels X and S wait" "$pending" "$(curl -s -X POST "$URL/reload" | jq -c .pending_restart)"
ok "and the log says so" grep -q 'reload pending option=performance.max_connections level=X' "$LOG"
is "and /health says so" "$pending" "$(curl -s "$URL/health" | jq -c .pending_restart)"
is "and /metrics counts them" 2 "$(curl -s "$URL/metrics" | awk '$1 == "goxel_config_pending_options" { print $2 }')"
sed -i 's/^performance.*//' "$CONF"
is "changed back, they wait no more" '[]' "$(curl -s -X POST "$URL/reload" | jq -c .pending_restart)"

# An invalid file changes nothing and says everything.
cp "$CONF" "$CONF.good"
printf 'workers {\n  count = 0\n  colour = 1\n}\nlogging { level = "loud" }\n' >> "$CONF"
sed -i '0,/^workers { count = 7 }/s///' "$CONF"
reply=$(curl -s -w '\n%{http_code}' -X POST "$URL/reload")
is "an invalid file is 422" 422 "$(tail -n 1 <<< "$reply")"
is "with every error" 3 "$(head -n 1 <<< "$reply" | jq '.errors | length')"
like "as file:line: option: reason" "^$CONF:[0-9]+: workers\.count: " "$(head -n 1 <<< "$reply" | jq -r '.errors[0]')"
is "nothing was applied" '[]' "$(head -n 1 <<< "$reply" | jq -c .applied)"
is "the workers are as they were" 7 "$(curl -s "$URL/metrics" | awk '$1 == "goxel_workers" { print $2 }')"
is "the metrics say that it failed" 0 "$(curl -s "$URL/metrics" | awk '$1 == "goxel_config_last_reload_successful" { print $2 }')"
kill -HUP "$PID"
ok "a HUP with it is in /state as refused" until_true 200 eval 'curl -s "$URL/state" | jq -e ".requests | any(.trigger.what == \"SIGHUP\" and .outcome == \"DAEMON_ERROR_CONFIG_INVALID\")"'
is "the daemon runs on" RUNNING "$(state)"
cp "$CONF.good" "$CONF"
is "a good file is accepted again" 200 "$(status -X POST "$URL/reload")"

# Over the Unix socket the caller is known.
is "the Unix socket serves the same" RUNNING "$(curl -s --unix-socket "$SOCK" http://any.name/health | jq -r .state)"

for path in reload shutdown; do
    is "POST /$path refuses a body that it would ignore" 400 \
        "$(status -X POST -H 'Content-Type: application/json' -d '{"timout":5}' "$URL/$path")"
done
is "and is not carried out" RUNNING "$(state)"
is "POST /shutdown is accepted" 202 "$(status -X POST "$URL/shutdown")"
ended
is "and ends with status 0" 0 "$EXIT_STATUS"
ok "the stop is in the log with its trigger" grep -q 'request name=stop trigger=http what="POST /shutdown".*moves=RUNNING>STOPPING outcome=ok' "$LOG"

for signal in TERM INT; do
    start_daemon
    kill -$signal "$PID"
    ended
    is "SIG$signal ends with status 0" 0 "$EXIT_STATUS"
    ok "SIG$signal is in the log" grep -q "request name=stop trigger=signal what=\"SIG$signal\" peer=- pid=$$ .*outcome=ok" "$LOG"
done

start_daemon
like "system.shutdown is accepted" '"STOPPING"' "$(result system.shutdown)"
ended
is "system.shutdown ends with status 0" 0 "$EXIT_STATUS"
done_testing
