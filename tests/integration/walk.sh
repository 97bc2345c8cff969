#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every method of the table over HTTP and the stream, with its example, and with each parameter wrong in each way, while 8 clients edit.
. "$(dirname "$0")/lib.sh"

STORAGE_EXTRA='durability = none' start_daemon
python3 "$TESTS/integration/walk.py" "$PORT" "$SOCK" "$TESTS/../docs/api.md" > "$DIR/found" 2> "$DIR/errors"
is "the client ends by itself" "0 " "$? $(cat "$DIR/errors")"
while IFS=$'\t' read -r outcome name got; do
    if [ "$outcome" = ok ]; then pass "$name"; else fail "$name" "$got"; fi
done < "$DIR/found"
is "the daemon is healthy" '["RUNNING",true]' "$(curl -s "$URL/health" | jq -c '[.state, .healthy]')"
stop_daemon
done_testing
