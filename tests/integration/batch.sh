#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# batch.execute: one record on the disk, all of it or none, also if the daemon is killed in between.
. "$(dirname "$0")/lib.sh"

size=50 kills=$(counts 3 30)

# batch Z: so many voxels in the plane Z, as one batch
batch() {
    jq -cn --argjson n "$size" --argjson z "$1" \
        '{operations: [range($n) | {method: "voxel.add", params: {x: ., y: 0, z: $z, color: [1, 2, 3]}}]}'
}
voxels() { result voxel.query '{"return_format":"count"}' .count; }
records() { curl -s "$URL/metrics" | awk '$1 == "goxel_journal_records_total" { print $2 }'; }

start_daemon
rpc project.create '{"name":"p"}' > /dev/null
before=$(records)
is "a batch" "[$size,$size,0]" "$(result batch.execute "$(batch 0)" '[.count, .succeeded, .failed]')"
is "is one record" 1 "$(($(records) - before))"
is "and one step" '[1,"batch.execute"]' "$(result project.get_history '{}' '[.count, .steps[0].name]')"
before=$(records)
is "one that fails names its operation" '[-1003,"operations[1].params.z"]' \
    "$(rpc batch.execute '{"operations":[{"method":"voxel.add","params":[1,1,1,[1,2,3]]},{"method":"voxel.add","params":[1,1,-1048577,[1,2,3]]}]}' |
        jq -c '[.error.code, .error.data.field]')"
is "and is no record" 0 "$(($(records) - before))"
kill -KILL "$PID"
ended 2> /dev/null
launch
ready || fail "a start after a kill" "$(tail -n 5 "$LOG")"
is "what was answered is there after a kill" "$size" "$(voxels)"
is "as one step" '{"steps":1,"undo":0,"redo":1}' "$(result project.undo '{}' '{steps, undo, redo}')"
is "that is undone as one" 0 "$(voxels)"

# Kills while batches are on their way: whatever is there is whole.
answered=0
for kill in $(seq "$kills"); do
    (for z in $(seq 400); do rpc batch.execute "$(batch "$((kill * 1000 + z))")" || break; done) > "$WORK/answers" 2>&1 &
    CLIENT=$!
    PIDS+=("$CLIENT")
    until_true 400 test -s "$WORK/answers"
    kill -KILL "$PID"
    ended 2> /dev/null
    wait "$CLIENT"
    launch
    ready || fail "a start after a kill" "$(tail -n 5 "$LOG")"
    count=$(voxels)
    is "kill $kill: batches are whole" 0 "$((count % size))"
    answered=$((answered + $(grep -c "\"succeeded\":$size," "$WORK/answers")))
    ok "kill $kill: those that were answered are there" test "$count" -ge "$((size * answered))"
done
stop_daemon
done_testing
