#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Exports that take long: others are answered meanwhile.
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
under_way() { [ $(($(metric goxel_queue_length) + $(metric goxel_workers_busy))) = "$1" ]; }

noise 80 > "$WORK/noise.txt"

# ---- many at once ----

EXPORTS=8
start_daemon 'workers { count = 2 }'
is "a project that takes long to export" 201 "$(status -T "$WORK/noise.txt" "$URL/projects/noise.txt")"
clients=()
for i in $(seq 2 2 $EXPORTS); do
    status --max-time 120 "$URL/projects/noise.stl" > "$WORK/file$i" &
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
stop_daemon
done_testing
