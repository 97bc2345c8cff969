#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Requests a second over HTTP, beside libmicrohttpd with as little around it as possible, in turns in one run.
#
#   http.health   GET /health     peer: a constant reply on libmicrohttpd's own thread
#   http.ping     system.ping     peer: a constant reply from a worker, with suspend and resume
#   http.get      voxel.get       the same peer
set -eu
. "$(dirname "$0")/../integration/lib.sh"

rounds=$(counts 3 7)
json=${GOXEL_BENCH_JSON:-/dev/null}
command -v wrk > /dev/null || { echo "bench http: wrk is not installed" >&2; ENDED=1; exit 1; }

start_daemon 'workers { count = 1 } logging { level = "warn" }'
rpc project.create '{"name":"bench"}' > /dev/null
rpc voxel.fill '{"region":{"min":[0,0,0],"max":[63,63,63]},"color":[1,2,3]}' > /dev/null
hello_port=$(free_ports 1)
mkfifo "$DIR/hold"
"$GOXEL_BUILD/tests/bench-hello" "$hello_port" < "$DIR/hold" &
PIDS+=("$!")
exec 8> "$DIR/hold"
until_true 200 curl -s -o /dev/null "http://127.0.0.1:$hello_port/direct"

# script FILE BODY: a request for wrk
script() {
    printf 'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [==[%s]==]\n' "$2" > "$1"
}
script "$DIR/ping.lua" '{"jsonrpc":"2.0","id":1,"method":"system.ping"}'
script "$DIR/get.lua" '{"jsonrpc":"2.0","id":1,"method":"voxel.get","params":{"x":5,"y":6,"z":7}}'
printf 'wrk.method = "GET"\n' > "$DIR/plain.lua"

# rate URL SCRIPT: requests a second; an answer that is no 2xx spoils it
rate() {
    local out
    out=$(wrk -t 1 -c 16 -d 2s -s "$2" "$1")
    if grep -qE 'Non-2xx|Socket errors' <<< "$out"; then echo "bench http: errors: $out" >&2; return 1; fi
    awk '/Requests\/sec/ { print $2 }' <<< "$out"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

rows=()
# row NAME OUR-URL SCRIPT PEER PEER-URL
row() {
    local name=$1 ours=() theirs=() ratios=() _ a b
    for _ in $(seq "$rounds"); do
        a=$(rate "$2" "$3")
        b=$(rate "$5" "$3")
        ours+=("$a") theirs+=("$b") ratios+=("$(awk "BEGIN { print $a / $b }")")
        [ -t 2 ] && printf '  %s %s / %s\r' "$name" "$a" "$b" >&2
    done
    rows+=("$(jq -cn --arg name "$name" --arg peer "$4" --argjson value "$(printf '%s\n' "${ours[@]}" | median)" \
        --argjson peer_value "$(printf '%s\n' "${theirs[@]}" | median)" \
        --argjson ratio "$(printf '%s\n' "${ratios[@]}" | median)" \
        '{name: $name, value: $value, unit: "requests/s", peer: $peer, peer_value: $peer_value, ratio: $ratio, bar: null}')")
}

hello=http://127.0.0.1:$hello_port
row http.health "$URL/health" "$DIR/plain.lua" "libmicrohttpd hello" "$hello/direct"
row http.ping "$URL/rpc" "$DIR/ping.lua" "libmicrohttpd suspend and resume" "$hello/rpc"
row http.get "$URL/rpc" "$DIR/get.lua" "libmicrohttpd suspend and resume" "$hello/rpc"
printf '%s\n' "${rows[@]}" | jq -s . > "$json"
printf '%s\n' "${rows[@]}" | jq -rs '["name", "value", "unit", "peer", "peer value", "ratio"],
    (.[] | [.name, (.value | floor), .unit, .peer, (.peer_value | floor), (.ratio * 100 | round / 100)]) | @tsv' | column -t -s "$(printf '\t')"
exec 8>&-
stop_daemon
pass "measured ${#rows[@]} rows"
done_testing
