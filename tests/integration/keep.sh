#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Open projects outlive the daemon: a stop and a start give back what was open, or say what they could not.
. "$(dirname "$0")/lib.sh"

MOUNTED=
unmount() { [ -z "$MOUNTED" ] || umount -l "$MOUNTED" 2>/dev/null; MOUNTED=; }
trap 'status=$?; unmount; (exit $status); finish' EXIT

# configure: a fresh folder, and where projects are kept
configure() {
    write_config
    KEPT=$DIR/projects
    grep -qF "directory = \"$KEPT\"" "$CONF" || sed -i "s|^storage {|&\n    directory = \"$KEPT\"|" "$CONF"
}

# start: the daemon on the configuration that is there
start() {
    launch
    if ! ready; then
        fail "the daemon starts" "$(tail -n 20 "$LOG")"
        ENDED=1
        exit 1
    fi
}

# ---- a stop and a start ----

configure
start
is "no stranger may look into the folder" 750 "$(stat -c %a "$KEPT")"
rpc project.create '{"name":"Burg","dimensions":{"width":8,"height":9,"depth":10}}' >/dev/null
rpc project.rename '{"name":"Schloß 🏰"}' >/dev/null
rpc selection.set '{"region":{"min":[-5,0,0],"max":[5,3,3]}}' >/dev/null
rpc voxel.fill '{"region":{"min":[-20,0,0],"max":[20,5,5]},"color":"#ff8000"}' >/dev/null
rpc layer.create '{"name":"roof","opacity":0.5}' >/dev/null
rpc voxel.add '{"x":-100000,"y":3,"z":7,"color":"#01020380"}' >/dev/null
rpc layer.create '{"name":"gone"}' >/dev/null
rpc layer.delete '{"layer_id":"gone"}' >/dev/null
rpc layer.set_active '{"layer_id":1}' >/dev/null
rpc layer.set_visibility '{"layer_id":"roof","visible":false}' >/dev/null
rpc project.create '{"name":"deleted"}' >/dev/null
rpc project.delete '{"project":"deleted"}' >/dev/null
rpc project.create '{"name":"saved"}' >/dev/null
rpc voxel.add '{"x":1,"y":2,"z":3,"color":"#ff0000"}' >/dev/null
is "a project is saved" "\"$DIR/files/saved.gox\"" "$(result project.save "{\"path\":\"$DIR/files/saved.gox\"}" .path)"
rpc project.open "{\"path\":\"$DIR/files/saved.gox\",\"read_only\":true,\"project\":\"looked at\"}" >/dev/null
rpc project.create '{"name":"last"}' >/dev/null
rpc project.delete '{"project":"last"}' >/dev/null
before=$(picture)
is "five projects were there, three are" '["p1","p3","p4"]' \
    "$(result project.list '{}' '[.projects[].project_id]')"
is "one of them has unsaved changes" '[true,false,false]' "$(result project.list '{}' '[.projects[].is_modified]')"
stop_daemon
start
is "after a stop and a start everything is as it was" "$before" "$(picture)"
is "ids go on" '"p6"' "$(result project.create '{"name":"new"}' .project_id)"
rpc project.delete '{"project":"new"}' >/dev/null
is "so do the ids of layers" 4 "$(result layer.create '{"project":"p1","name":"new"}' .id)"
rpc layer.delete '{"project":"p1","layer_id":4}' >/dev/null
is "a read-only project still is" -1016 "$(code voxel.add '{"project":"looked at","x":0,"y":0,"z":0,"color":"#ff0000"}')"
before=$(picture)

# ---- a second daemon on the folder ----

other=$DIR/other.conf
sed "s|$SOCK|$DIR/run/other.sock|; s|run/goxel.pid|run/other.pid|; s|port = $PORT|port = $(free_ports 1)|" "$CONF" > "$other"
"$DAEMON" --config "$other" > "$DIR/other.log" 2>&1 &
second=$!
PIDS+=("$second")
ok "a second daemon on the folder ends" until_true 600 gone "$second"
wait "$second"
is "with the status of \"locked\"" 75 $?
ok "and names the folder, and who has it" grep -qF "a daemon (PID $PID) uses $KEPT" "$DIR/other.log"
stop_daemon

# ---- nothing changed ----

files() { (cd "$KEPT" && stat -c '%n %i %y' p*/project.db projects.json); }
start
stop_daemon
written=$(files)
start
stop_daemon
is "what did not change is not written again" "$written" "$(files)"

# ---- a damaged database ----

database=$KEPT/p3/project.db
cp "$database" "$DIR/good"
truncate -s 5000 "$database"
: > "$LOG"
start
is "with a damaged database all are listed" '["p1","p3","p4"]' "$(result project.list '{}' '[.projects[].project_id]')"
is "the others are opened" null "$(code project.get_info '{"project":"p4"}')"
is "it is refused" -1010 "$(code project.get_info '{"project":"p3"}')"
ok "the log names the project" grep -q ' error .*id=p3 ' "$LOG"
is "its id stays its own" '"p7"' "$(result project.create '{"name":"newer"}' .project_id)"
rpc project.delete '{"project":"newer"}' >/dev/null
stop_daemon
ok "the damaged database stays" test -s "$database"
like "the list says that it is" '"damaged":' "$(grep -o '"damaged":' "$KEPT/projects.json")"
cp "$DIR/good" "$database"
jq -c 'del(.projects[].damaged)' "$KEPT/projects.json" > "$DIR/list"
cp "$DIR/list" "$KEPT/projects.json"
start
is "once it is mended the project is back" "$(grep -v current_project <<< "$before")" "$(picture | grep -v current_project)"
stop_daemon

# ---- a limit of the file size ----

configure
start
rpc project.create '{"name":"large"}' >/dev/null
rpc voxel.add '{"x":1,"y":1,"z":1,"color":"#00ff00"}' >/dev/null
: > "$LOG"
ok "the daemon gets a limit" prlimit --fsize=64 --pid "$PID"
kill -TERM "$PID"
ended
is "what grows beyond it, projects and log, is an error and no death by signal" 74 "$EXIT_STATUS"
ok "no PID file is left" test ! -e "$DIR/run/goxel.pid"

# ---- a full disk ----

configure
mkdir -p "$KEPT"
if [ "$(id -u)" -ne 0 ] || ! mount -t tmpfs -o size=4m tmpfs "$KEPT" 2>/dev/null; then
    skip "a full disk at a stop" "mounting a small file system takes a superuser"
    done_testing
fi
MOUNTED=$KEPT
start
head -c 8M /dev/zero > "$KEPT/filler" 2>/dev/null
is "a full disk refuses a project" -1020 "$(code project.create '{"name":"before"}')"
is "and nobody sees it" '[]' "$(result project.list '{}' .projects)"
rm "$KEPT/filler"
rpc project.create '{"name":"before"}' >/dev/null
is "with room again it is there" '["before"]' "$(result project.list '{}' '[.projects[].name]')"
rpc voxel.add '{"x":1,"y":1,"z":1,"color":"#00ff00"}' >/dev/null
stop_daemon
start
rpc voxel.add '{"x":2,"y":2,"z":2,"color":"#00ff00"}' >/dev/null
head -c 8M /dev/zero > "$KEPT/filler" 2>/dev/null
# 300,000 voxels without any order: more than a journal of 1 MiB has room for, however it is packed.
python3 -c 'import base64, json, random, struct
r = random.Random(4)
data = b"".join(struct.pack("<hhhBBBB", *(r.randrange(640) for _ in "xyz"), *r.randbytes(3), 255) for _ in range(300000))
print(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "voxel.add_batch", "params": {
    "format": "packed", "count": 300000, "data": base64.b64encode(data).decode()}}))' > "$DIR/noise"
is "a full disk refuses an edit that is too much for what the journal has left" '[-1020,"not_applied"]' \
    "$(curl -s -H 'Content-Type: application/json' --data-binary "@$DIR/noise" "$URL/rpc" |
        jq -c '[.error.code, .error.data.outcome]')"
is "reading goes on, and it is not there" 2 "$(result voxel.query '{"return_format":"count"}' .count)"
: > "$LOG"
kill -TERM "$PID"
ended
is "a full disk at a stop ends with the status of \"storage full\"" 74 "$EXIT_STATUS"
ok "the log names the project that could not be written" grep -q ' error .*name="before".*No space left' "$LOG"
rm "$KEPT/filler"
start
is "what was answered is there: the journal has it" '[true,true]' \
    "[$(result voxel.get '{"x":1,"y":1,"z":1}' .exists),$(result voxel.get '{"x":2,"y":2,"z":2}' .exists)]"
stop_daemon

# A name cannot pass for more than a name in the log.
configure
start
rpc project.create '{"name":"a\" error=FORGED reason=\"x"}' >/dev/null
stop_daemon
start
ok "a quote in a name is escaped in the log" grep -qF 'project opened id=p1 name="a\" error=FORGED reason=\"x"' "$LOG"
stop_daemon
done_testing
