#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Thousands of connections, one after another and at once, cost neither descriptors nor memory.
. "$(dirname "$0")/lib.sh"

room=$((8 << 20))
# A sanitizer keeps for a while what was freed.
if grep -qE '__asan_init|__tsan_init' "$DAEMON"; then room=$((400 << 20)); fi
start_daemon 'performance { max_connections = 1200 }'
for target in "$PORT" "$SOCK"; do
    python3 "$TESTS/integration/connections.py" "$PID" "$target" "$(counts 2000 10000)" "$(counts 300 1000)" "$room" \
        > "$DIR/found" 2> "$DIR/errors"
    is "the clients end by themselves" "0 " "$? $(cat "$DIR/errors")"
    while IFS=$'\t' read -r outcome name got; do
        if [ "$outcome" = ok ]; then pass "$name ($got)"; else fail "$name" "$got"; fi
    done < "$DIR/found"
done
is "the daemon is healthy" true "$(curl -s "$URL/health" | jq .healthy)"
stop_daemon
done_testing
