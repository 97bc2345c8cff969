#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One worker, a queue of 8 and 200 clients: 200 or 503, nothing else, and nobody is left hanging.
. "$(dirname "$0")/lib.sh"

start_daemon 'workers { count = 1 queue_size = 8 }'
result project.create '{"name":"load"}' > "$DIR/created"
# A request that keeps the worker busy for a while: a thousand boxes in one batch.
python3 - > "$DIR/body" <<'PY'
import json
print(json.dumps([{"jsonrpc": "2.0", "id": i, "method": "voxel.fill", "params": {
    "region": {"min": [0, 0, 0], "max": [40, 40, 40]}, "color": [i % 256, 1, 2]}} for i in range(100)]))
PY
python3 "$TESTS/integration/load.py" burst "$PORT" 200 "$DIR/body" > "$DIR/load" 2>&1 || fail "the clients ran" "$(cat "$DIR/load")"
report=$(tail -n 1 "$DIR/load")
note "$report"
is "no client is dropped" 0 "$(jq -r .lost <<< "$report")"
is "every request is answered" 2000 "$(jq -r '(."200" // 0) + (."503" // 0)' <<< "$report")"
ok "some were served" test "$(jq -r '."200" // 0' <<< "$report")" -gt 0
ok "some were refused" test "$(jq -r '."503" // 0' <<< "$report")" -gt 0
is "every 503 says when to try again" "$(jq -r '."503" // 0' <<< "$report")" "$(jq -r '."retry-after" // 0' <<< "$report")"
is "every 503 is JSON-RPC's -32000" "$(jq -r '."503" // 0' <<< "$report")" "$(jq -r '."rpc-32000" // 0' <<< "$report")"
is "the refusals are counted" "$(jq -r '."503" // 0' <<< "$report")" \
    "$(curl -s "$URL/metrics" | awk '$1 == "goxel_queue_refused_total" { print $2 }')"
is "the daemon serves on" RUNNING "$(state)"
stop_daemon

# More connections than are allowed: the surplus is told so.
start_daemon 'performance { max_connections = 4 }'
for fd in 11 12 13 14; do eval "exec $fd<> /dev/tcp/127.0.0.1/$PORT"; done
until_true 200 eval '[ "$(status "$URL/health")" = 503 ]'
is "a connection too many is answered 503" 503 "$(status "$URL/version")"
like "with Retry-After" '[Rr]etry-[Aa]fter: [0-9]' "$(curl -si "$URL/version")"
for fd in 11 12 13 14; do eval "exec $fd>&-"; done
ok "and served again once others have left" until_true 200 eval '[ "$(status "$URL/version")" = 200 ]'
stop_daemon
done_testing
