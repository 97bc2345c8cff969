#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Requests made to be misread, and clients that never come to an end: each is refused as it should be, and leaves nothing behind.
. "$(dirname "$0")/lib.sh"

# found WHAT TARGET: the client's lines as results
found() {
    local outcome name got
    python3 "$TESTS/integration/hostile.py" "$1" "$2" > "$DIR/found" 2> "$DIR/errors"
    is "$1: the client ends by itself" "0 " "$? $(cat "$DIR/errors")"
    while IFS=$'\t' read -r outcome name got; do
        if [ "$outcome" = ok ]; then pass "$name"; else fail "$name" "got: $got"; fi
    done < "$DIR/found"
}
descriptors() { ls "/proc/$PID/fd" | wc -l; }

start_daemon
before=$(descriptors)
for target in "$PORT" "$SOCK"; do
    found framing "$target"
    found odd "$target"
done
is "nothing that was hidden was carried out" '["RUNNING",0]' "$(curl -s "$URL/state" | jq -c '[.state, (.requests | length)]')"
ok "no descriptor is left" until_true 200 eval '[ "$(descriptors)" -le "$before" ]'
is "the daemon is healthy" true "$(curl -s "$URL/health" | jq .healthy)"
stop_daemon

SOCKETS_EXTRA='receive_timeout_ms = 500 header_timeout_ms = 500 body_timeout_ms = 500' start_daemon
before=$(descriptors)
found slow "$PORT"
found slow "$SOCK"
ok "no descriptor is left of the slow" until_true 200 eval '[ "$(descriptors)" -le "$before" ]'
is "the daemon is healthy afterwards" true "$(curl -s "$URL/health" | jq .healthy)"
stop_daemon
done_testing
