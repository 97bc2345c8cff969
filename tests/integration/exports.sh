#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Exports that take long: others are answered meanwhile, and they end when nobody waits for them.
. "$(dirname "$0")/lib.sh"

# noise SIZE: a text file of a cube, every second voxel of it by chance, all of another color: nothing takes a mesher longer
noise() { python3 -c '
import random, sys
random.seed(7)
size = range(int(sys.argv[1]))
for x in size:
    for y in size:
        for z in size:
            if random.random() < 0.5: print(x, y, z, "%06x" % random.randrange(1 << 24))' "$1"; }

metric() { curl -s --max-time 60 "$URL/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }

# under_way N: so many requests wait or are carried out
under_way() { [ $(($(metric goxel_queue_length) + $(metric goxel_queue_long) + $(metric goxel_workers_busy))) = "$1" ]; }

noise 80 > "$WORK/noise.txt"

# ---- many at once ----

# Sanitizers make it take longer still.
PATIENCE='performance { request_timeout_ms = 600000 }
health { heartbeat_timeout_ms = 1200000 }'

EXPORTS=8
start_daemon "workers { count = 2 }
$PATIENCE"
is "a project that takes long to export" 201 "$(status -T "$WORK/noise.txt" "$URL/projects/noise.txt")"
clients=()
for i in $(seq 2 2 $EXPORTS); do
    status --max-time 600 "$URL/projects/noise.stl" > "$WORK/file$i" &
    clients+=($!)
    result export.model '{"project":"noise","path":"noise'"$i"'.stl"}' .format > "$WORK/call$i" &
    clients+=($!)
done
ok "as many exports as that are under way" until_true 600 under_way $EXPORTS
for i in 1 2 3 4 5; do
    is "a ping is answered" null "$(code system.ping)"
done
carried_out=$(metric 'goxel_rpc_calls_total{method="export.model"}')
ok "while most of the exports go on ($carried_out are done)" test "$carried_out" -lt $((EXPORTS - 2))
wait "${clients[@]}"
is "all files come" 200 "$(sort -u "$WORK"/file*)"
is "and all that are written there" '"stl"' "$(sort -u "$WORK"/call*)"

# ---- clients that leave ----

# leave HOW [SOCKET-OPTION…]: clients whose exports have begun, or wait to, go away
leave() {
    local how=$1 gone=()
    shift
    for i in $(seq $EXPORTS); do
        curl -s --max-time 600 -o /dev/null "$@" "$how" &
        gone+=($!)
    done
    ok "exports are under way${1:+, asked for over the socket}" until_true 600 under_way $EXPORTS
    kill "${gone[@]}"
    wait "${gone[@]}"
    ok "their clients leave, and they end" until_true 200 under_way 0
}

before=$(metric 'goxel_rpc_errors_total{method="export.model"}')
leave "$URL/projects/noise.stl"
leave http://x/projects/noise.stl --unix-socket "$SOCK"
ended=$(metric 'goxel_http_requests_total{code="499"}')
ok "most of them before they were done ($ended)" test "${ended:-0}" -ge $EXPORTS
is "as errors of the method, too" "$ended" "$(($(metric 'goxel_rpc_errors_total{method="export.model"}') - before))"

# Who has closed one half alone waits for the answer still; behind the exports of others it takes its time.
others=()
for i in $(seq $EXPORTS); do
    status --max-time 600 "$URL/projects/noise.stl" > "$WORK/file$i" &
    others+=($!)
done
ok "exports are under way again" until_true 600 under_way $EXPORTS
python3 - "$SOCK" > "$WORK/half" <<'PY'
import json, socket, sys

request = {"jsonrpc": "2.0", "id": 1, "method": "export.model", "params": {
    "project": "noise", "format": "txt", "inline": True, "box": {"min": [0, 0, 0], "max": [3, 3, 3]}}}
with socket.socket(socket.AF_UNIX) as client:
    client.connect(sys.argv[1])
    client.sendall(json.dumps(request).encode() + b"\n")
    client.shutdown(socket.SHUT_WR)
    print(json.loads(b"".join(iter(lambda: client.recv(1 << 20), b"")))["result"]["format"])
PY
is "who has closed one half of a stream is answered" txt "$(cat "$WORK/half")"
wait "${others[@]}"
stop_daemon

# ---- who never has a turn ----

start_daemon 'workers { count = 2 }
performance { request_timeout_ms = 1000 }'
is "once more it takes long" 201 "$(status -T "$WORK/noise.txt" "$URL/projects/noise.txt")"
late=()
for i in $(seq 24); do
    curl -s --max-time 600 -o "$WORK/late$i" -D "$WORK/head$i" "$URL/projects/noise.stl" &
    late+=($!)
done
wait "${late[@]}"
tried=$(awk '$1 ~ /^HTTP/ { print $2 }' "$WORK"/head* | sort | uniq -c | awk '{ printf "%s%s of %s", n++ ? ", " : "", $1, $2 }')
like "is told to come back ($tried)" ' of 503' "$tried"
is "each of them when" "$(grep -l '^HTTP/1.1 503' "$WORK"/head* | wc -l)" "$(grep -li '^Retry-After: [1-9]' "$WORK"/head* | wc -l)"
stop_daemon

# ---- a short queue ----

# decoded: files of the daemon's, without a name, that are as long as those that come
decoded() { find -L "/proc/$PID/fd" -maxdepth 1 -type f -links 0 -size 30000000c 2> /dev/null | wc -l; }

start_daemon "workers { count = 2
queue_size = 4 }
$PATIENCE"
is "it takes long still" 201 "$(status -T "$WORK/noise.txt" "$URL/projects/noise.txt")"
head -c 30000000 /dev/zero | tr '\0' '#' | gzip -9 > "$WORK/comment.gz"
exports=()
for i in $(seq 3); do
    status --max-time 600 "$URL/projects/noise.stl" > "$WORK/file$i" &
    exports+=($!)
done
ok "exports wait" until_true 600 under_way 3
puts=()
for i in $(seq 2); do
    status --max-time 600 -T "$WORK/comment.gz" -H 'Content-Encoding: gzip' "$URL/projects/comment$i.txt" > "$WORK/put$i" &
    puts+=($!)
done
ok "and files that come" until_true 600 under_way 5
is "what waits is as small as it came" 0 "$(decoded)"
wait "${exports[@]}" "${puts[@]}"
is "all exports come" 200 "$(sort -u "$WORK"/file[123])"
is "and all files are read" 201 "$(sort -u "$WORK"/put[12])"

line_full() { [ "$(metric goxel_queue_long)" = 4 ]; }

many=()
for i in $(seq 24); do
    status --max-time 600 "$URL/projects/noise.stl" > "$WORK/many$i" &
    many+=($!)
done
ok "exports take all the places that there are for them" until_true 600 line_full
is "and none of those for what is short" null "$(code system.ping)"
wait "${many[@]}"
is "the others are told to come back" "200 503" "$(sort -u "$WORK"/many* | paste -sd ' ')"
stop_daemon
done_testing
