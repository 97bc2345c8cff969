#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Requests a second over HTTP, beside libmicrohttpd with as little around it as possible, in turns in one run: a constant
# reply from a worker, with suspend and resume, as a server with workers must do it.
#
#   http.health           GET /health
#   http.get              voxel.get
#   http.add              voxel.add, durability none
#   http.packed           voxel.add_batch of 1,000 packed voxels, in voxels a second; durability none
#   http.health.direct    GET /health beside a constant reply on libmicrohttpd's own thread
#   http.get.nginx        voxel.get beside a static reply of nginx, of one process
#   http.get.p50 .p99 .p999   latency of voxel.get, at as many requests as are possible; less is better
#
# All with one worker, 16 connections, and one thread of wrk.
set -eu
. "$(dirname "$0")/../integration/lib.sh"

rounds=${GOXEL_BENCH_ROUNDS:-$(counts 3 7)}
json=${GOXEL_BENCH_JSON:-/dev/null}
for tool in wrk nginx; do
    PATH=$PATH:/usr/sbin command -v $tool > /dev/null || { echo "bench http: $tool is not installed" >&2; ENDED=1; exit 1; }
done

STORAGE_EXTRA='durability = none' start_daemon 'workers { count = 1 } logging { level = "warn" }'
rpc project.create '{"name":"bench"}' > /dev/null
rpc voxel.fill '{"region":{"min":[0,0,0],"max":[63,63,63]},"color":[1,2,3]}' > /dev/null
read -r hello_port nginx_port <<< "$(free_ports 2)"
mkfifo "$DIR/hold"
"$GOXEL_BUILD/tests/bench-hello" "$hello_port" < "$DIR/hold" &
PIDS+=("$!")
exec 8> "$DIR/hold"
cat > "$DIR/nginx.conf" <<CONF
daemon off;
master_process off;
pid $DIR/nginx.pid;
error_log $DIR/nginx.log;
events { }
http {
    access_log off;
    client_body_temp_path $DIR/nginx; proxy_temp_path $DIR/nginx; fastcgi_temp_path $DIR/nginx;
    uwsgi_temp_path $DIR/nginx; scgi_temp_path $DIR/nginx;
    keepalive_requests 1000000000;
    server {
        listen 127.0.0.1:$nginx_port;
        default_type application/json;
        return 200 '{"jsonrpc":"2.0","id":1,"result":{"pong":true}}';
    }
}
CONF
PATH=$PATH:/usr/sbin nginx -c "$DIR/nginx.conf" -e "$DIR/nginx.log" > /dev/null 2>&1 &
PIDS+=("$!")
hello=http://127.0.0.1:$hello_port nginx=http://127.0.0.1:$nginx_port
until_true 200 curl -s -o /dev/null "$hello/direct"
until_true 200 curl -s -o /dev/null "$nginx/"

# The bodies, one a line, that are sent in turn; each edit has positions and colours of its own. None: GET.
: > "$DIR/none"
python3 - "$DIR" <<'PY'
import base64, json, struct, sys

def put(name, calls):
    with open("%s/%s" % (sys.argv[1], name), "w") as file:
        for number, (method, params) in enumerate(calls):
            print(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params},
                             separators=(",", ":")), file=file)

put("get", [("voxel.get", {"x": 5, "y": 6, "z": 7})])
put("add", [("voxel.add", {"x": n % 64, "y": n // 64 % 64, "z": n // 4096, "color": [n % 256, n // 256, 3]}) for n in range(20000)])
put("packed", [("voxel.add_batch", {"format": "packed", "count": 1000, "data": base64.b64encode(b"".join(
    struct.pack("<3h4B", n % 10, n // 10 % 10 + 100 * (set_ % 4), n // 100, set_, n % 256, 7, 255) for n in range(1000))).decode()})
    for set_ in range(256)])
PY
for kind in get add packed; do
    like "$kind is answered" '"result":' "$(head -n 1 "$DIR/$kind" | curl -s -H 'Content-Type: application/json' -d @- "$URL/rpc")"
done

cat > "$DIR/send.lua" <<'LUA'
local requests, at = {}, 0
function init(args)
    wrk.headers["Content-Type"] = "application/json"
    for body in io.lines(args[1]) do
        requests[#requests + 1] = wrk.format("POST", nil, nil, body)
    end
    if #requests == 0 then requests[1] = wrk.format("GET") end
end
function request()
    at = at % #requests + 1
    return requests[at]
end
function done(summary, latency, all)
    local errors = summary.errors
    print("RESULT", errors.connect + errors.read + errors.write + errors.timeout + errors.status,
        summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        latency:percentile(99.9) / 1000)
end
LUA

# measure BODIES URL: requests a second, and ms at 50, 99 and 99.9 %, in GOT; an error spoils it
measure() {
    local errors
    read -r _ errors GOT <<< "$(wrk -t 1 -c 16 -d 2s -s "$DIR/send.lua" "$2" -- "$DIR/$1" | grep '^RESULT' | tr '\t' ' ')"
    [ "$errors" = 0 ] || { echo "bench http: $1: $errors errors at $2" >&2; return 1; }
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

rows=()
# put NAME FIELD FACTOR UNIT PEER BAR: of what was measured last, in OURS and THEIRS: one of the four figures of each round. The
# bar is the value's where the unit is none of requests, else the ratio's.
put() {
    local values peers ratios
    values=$(printf '%s\n' "${OURS[@]}" | awk -v f="$2" -v by="$3" '{ print $f * by }')
    peers=$(printf '%s\n' "${THEIRS[@]}" | awk -v f="$2" -v by="$3" '{ print $f * by }')
    ratios=$(paste <(printf '%s\n' "$values") <(printf '%s\n' "$peers") | awk '{ print $1 / $2 }')
    rows+=("$(jq -cn --arg name "$1" --arg unit "$4" --arg peer "$5" --argjson bar "$6" --argjson value "$(median <<< "$values")" \
        --argjson peer_value "$(median <<< "$peers")" --argjson ratio "$(median <<< "$ratios")" \
        '{name: $name, value: $value, unit: $unit, peer: $peer, peer_value: $peer_value, ratio: $ratio, bar: $bar,
            met: ($bar == null or (if $unit == "voxels/s" then $value else $ratio end) >= $bar)}')")
}

# in_turns BODIES URL PEER-URL
in_turns() {
    OURS=() THEIRS=()
    for _ in $(seq "$rounds"); do
        measure "$1" "$2"
        OURS+=("$GOT")
        measure "$1" "$3"
        THEIRS+=("$GOT")
        [ ! -t 2 ] || printf '  %s: %s / %s\033[K\r' "$1" "${OURS[-1]%% *}" "${GOT%% *}" >&2
    done
}

resume="libmicrohttpd, suspend and resume"
in_turns none "$URL/health" "$hello/rpc"
put http.health 1 1 requests/s "$resume" null
in_turns none "$URL/health" "$hello/direct"
put http.health.direct 1 1 requests/s libmicrohttpd null
in_turns get "$URL/rpc" "$nginx/rpc"
put http.get.nginx 1 1 requests/s "nginx, static" null
in_turns get "$URL/rpc" "$hello/rpc"
put http.get 1 1 requests/s "$resume" 0.9
put http.get.p50 2 1 ms "$resume" null
put http.get.p99 3 1 ms "$resume" null
put http.get.p999 4 1 ms "$resume" null
in_turns add "$URL/rpc" "$hello/rpc"
put http.add 1 1 requests/s "$resume" null
in_turns packed "$URL/rpc" "$hello/rpc"
put http.packed 1 1000 voxels/s "$resume" 2000000
exec 8>&-

printf '%s\n' "${rows[@]}" | jq -s 'map(del(.met))' > "$json"
printf '%s\n' "${rows[@]}" | jq -rs '
    def number: if . == null then "-" else . * 1000 | round / 1000 | tostring end;
    ["name", "value", "unit", "peer", "peer value", "ratio", "bar", ""],
    (.[] | [.name, (.value | number), .unit, .peer, (.peer_value | number), (.ratio | number), (.bar | number),
        if .met then "" else "MISSED" end]) | @tsv' | column -t -s "$(printf '\t')"
for line in "${rows[@]}"; do
    if [ "$(jq .met <<< "$line")" = true ]; then PASSED=$((PASSED + 1)); else FAILED=$((FAILED + 1)); fi
done
stop_daemon
done_testing
