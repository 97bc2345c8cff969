#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Data of other versions: what an older one wrote opens, with its history; what a newer one wrote is refused, and left as it is.
#
# tests/data/store-VERSION/ is the folder of projects that the daemon of that version left when it was killed, after
# `older.sh make FOLDER`. A version that writes something else than the one before it adds a folder.
. "$(dirname "$0")/lib.sh"

# In the first half, which a stop writes to databases, and in the second, which only the journal has.
first_half() {
    rpc project.create '{"name":"tower"}'
    rpc voxel.fill '{"project":"tower","region":{"min":[0,0,0],"max":[20,20,31]},"color":"#C0A060"}'
    rpc layer.create '{"project":"tower","name":"flag – Fahne"}'
    rpc voxel.add '{"project":"tower","x":8,"y":8,"z":32,"color":[255,0,0,128]}'
    rpc project.create '{"name":"hill"}'
    rpc voxel.shape '{"project":"hill","shape":"sphere","center":[0,0,0],"size":[20,20,20],"color":"#204060"}'
}
second_half() {
    rpc selection.set '{"project":"tower","region":{"min":[0,0,0],"max":[3,3,3]}}'
    rpc voxel.clear '{"project":"tower","layer_id":1,"region":{"min":[0,0,0],"max":[1,1,1]}}'
    rpc voxel.line '{"project":"hill","from":[0,0,0],"to":[40,3,9],"color":"#FF8000"}'
    rpc project.undo '{"project":"hill"}'
    rpc project.redo '{"project":"hill"}'
}
make_projects() {
    start_daemon
    first_half
    stop_daemon
    launch
    ready
    second_half
    kill -KILL "$PID"
    ended
} > /dev/null

if [ "${1:-}" = make ]; then
    make_projects
    cp -r "$DIR/projects/." "$2"
    find "$2" -name lock -delete -o -empty -delete
    # The room that the journal has taken for what is to come, but for a page of it.
    for file in "$2"/journal-*.log; do
        python3 -c 'import sys; f = open(sys.argv[1], "r+b"); f.truncate(len(f.read().rstrip(b"\0")) + 4096)' "$file"
    done
    done_testing
fi

# What clients see, but for times.
seen() {
    picture | sed -E 's/"(created|modified)":"[^"]*",//g'
    result voxel.query '{"project":"hill","limit":100000}' .voxels
}
taken_back() {
    rpc project.undo '{"project":"hill"}' > /dev/null
    rpc project.undo '{"project":"tower"}' > /dev/null
    seen
}

make_projects
launch
ready
now=$(seen)
now_back=$(taken_back)
stop_daemon
for folder in "$TESTS"/data/store-*; do
    write_config
    cp -r "$folder" "$DIR/projects"
    launch
    ok "the folder of ${folder##*store-} opens" ready
    is "all of it is there" "$now" "$(seen)"
    is "and what was before" "$now_back" "$(taken_back)"
    is "it can be edited" null "$(code voxel.add '{"project":"tower","x":-5,"y":0,"z":0,"color":"#FFFFFF"}')"
    stop_daemon
done

# ---- of a newer one ----

list=$DIR/projects/projects.json
number=$(jq .version "$list")
jq ".version = $((number + 1))" "$list" > "$DIR/newer"
cp "$DIR/newer" "$list"
launch
ended
is "with a newer list it does not start" 23 "$EXIT_STATUS"
like "it says so, with both versions" "$number at most, got $((number + 1)): a newer daemon .*/projects\.json" "$(tail -n 5 "$LOG")"
is "the list is as it was" "$(cat "$DIR/newer")" "$(cat "$list")"
jq ".version = $number" "$DIR/newer" > "$list"

sqlite() {
    python3 - "$DIR/projects/p1/project.db" "$1" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(db.execute(sys.argv[2]).fetchone() or "")
db.close()
PY
}
sqlite 'PRAGMA user_version = 2' > /dev/null
launch
ready
refused=$(rpc voxel.query '{"project":"tower"}')
like "a project with a newer database is refused, with both versions" "layout 2, and 1 is the newest" "$refused"
is "the other one is served" null "$(code voxel.query '{"project":"hill"}')"
stop_daemon
is "its database is as it was" '(2,)' "$(sqlite 'PRAGMA user_version')"
sqlite 'PRAGMA user_version = 1' > /dev/null
launch
ready
is "the daemon that knows it has all of it" null "$(code voxel.query '{"project":"tower"}')"
stop_daemon
done_testing
