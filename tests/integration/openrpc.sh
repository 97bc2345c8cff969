#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rpc.discover: the document is valid OpenRPC, its schemas say what the daemon does, and clients that are not ours get along.
. "$(dirname "$0")/lib.sh"

TOOLS=$WORK/npm
if ! command -v node npm > /dev/null; then
    skip "the OpenRPC document" "node and npm are not there"
    done_testing
fi
mkdir -p "$TOOLS"
if ! npm install --silent --no-audit --no-fund --ignore-scripts --fetch-retries=1 --fetch-timeout=60000 --cache "$TOOLS/cache" \
    --prefix "$TOOLS" @open-rpc/schema-utils-js@2.1.2 jayson@5 json-rpc-2.0@1 > "$WORK/npm.log" 2>&1; then
    skip "the OpenRPC document" "npm gave no packages: $(tail -n 1 "$WORK/npm.log")"
    done_testing
fi

start_daemon
result rpc.discover > "$WORK/document.json"
cp "$TESTS/integration/openrpc.cjs" "$TOOLS/"

# The script prints one line for each thing it found out: ok or not, and what.
node "$TOOLS/openrpc.cjs" "$WORK/document.json" "$PORT" > "$WORK/found" 2> "$WORK/errors"
is "the clients end by themselves" 0 $?
while IFS=$'\t' read -r outcome name got; do
    if [ "$outcome" = ok ]; then pass "$name"; else fail "$name" "$got"; fi
done < "$WORK/found"
ok "everything was looked at" test "$(wc -l < "$WORK/found")" -gt "$(jq '.methods | length' "$WORK/document.json")"
is "and nothing was complained about" "" "$(head -c 2000 "$WORK/errors")"
stop_daemon
done_testing
