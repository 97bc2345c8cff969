#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What was acknowledged is there again, whatever ended the daemon: SIGKILL at any moment, a disk that is full or broken.
#
# Seeds come from GOXEL_SEED, or the clock.

# What is mounted here nobody else holds, such as a test that runs at the same time and has a namespace made from ours.
if [ -z "${GOXEL_OWN_MOUNTS:-}" ] && unshare --mount true 2> /dev/null; then
    GOXEL_OWN_MOUNTS=1 exec unshare --mount bash "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"

seed=${GOXEL_SEED:-$(date +%s)}

# configure: a fresh folder, checkpoints all the time
configure() {
    write_config
    sed -i 's|^storage {|&\n    checkpoint_interval_ms = 1000|' "$CONF"
}

# ---- SIGKILL ----

rounds=$(counts 25 500)
configure
picture=$(python3 "$TESTS/integration/durable.py" kills "$DAEMON" "$CONF" "$PORT" "$rounds" 16 "$seed" 2>"$WORK/err")
is "$rounds kills under 16 clients, seed $seed: nothing acknowledged is lost, nothing else is there" 0 \
    "$(jq -e .wrong <<<"$picture" 2>/dev/null || tail -n 5 "$WORK/err")"
is "every start after a kill succeeded" "$rounds" "$(jq .rounds <<<"$picture")"
ok "clients were acknowledged at all" test "$(jq .acknowledged <<<"$picture")" -ge "$rounds"
note "$picture"

# ---- SIGKILL after each method ----

# Each line a method that changes something, with its parameters; DIR is the folder of files.
changes() {
    cat <<'LINES'
project.create {"name":"a","dimensions":{"width":8,"height":9,"depth":10}}
voxel.add {"x":1,"y":2,"z":3,"color":"#ff0000"}
voxel.add_batch {"voxels":[[1,1,1,9,9,9],[2,1,1,8,8,8],[-70000,5,5,7,7,7]]}
voxel.fill {"region":{"min":[-20,0,0],"max":[20,5,5]},"color":"#ff8000"}
voxel.remove {"x":0,"y":0,"z":0}
voxel.clear {"region":{"min":[5,0,0],"max":[9,5,5]}}
layer.create {"name":"roof","opacity":0.5,"position":0}
voxel.add {"x":-100000,"y":3,"z":7,"color":"#01020380"}
layer.set_active {"layer_id":1}
project.undo {"steps":3}
project.redo {"steps":2}
layer.set_visibility {"layer_id":"roof","visible":false}
project.save {"path":"DIR/a.gox"}
voxel.add {"x":9,"y":9,"z":9,"color":"#00ff00"}
project.create {"name":"b"}
project.open {"path":"DIR/a.gox","project":"again","read_only":true}
project.close {"project":"b","save_changes":false}
project.rename {"project":"a","name":"c"}
project.create {"name":"a2"}
project.rename {"project":"a2","name":"a"}
project.delete {"project":"a"}
project.rename {"project":"c","name":"a"}
layer.rename {"project":"a","layer_id":1,"name":"wall"}
layer.duplicate {"project":"a","layer_id":"wall"}
layer.reorder {"project":"a","layer_id":"wall copy","position":0}
layer.merge {"project":"a","source_id":"wall","target_id":"wall copy","mode":"sub","delete_source":false}
voxel.paint {"project":"a","x":1,"y":2,"z":3,"color":[5,6,7],"layer_id":"wall"}
voxel.shape {"project":"a","shape":"sphere","color":"#8090a0","center":[30,30,30],"size":[12,12,12],"layer_id":"wall"}
voxel.line {"project":"a","from":[0,0,0],"to":[40,20,10],"color":"#8090a0","layer_id":"wall"}
voxel.stroke {"project":"a","points":[[0,0,0],[9,0,0],[9,9,0]],"color":"#8090a0","shape":"sphere","size":3,"layer_id":"wall"}
voxel.flood_fill {"project":"a","x":30,"y":30,"z":30,"color":"#a09080","layer_id":"wall"}
voxel.replace_color {"project":"a","from":"#a09080","to":"#102030","layer_id":"wall"}
voxel.hollow {"project":"a","layer_id":"wall"}
selection.set {"project":"a","region":{"min":[0,0,0],"max":[35,35,35]}}
selection.sub {"project":"a","region":{"min":[0,0,0],"max":[3,3,3]}}
voxel.transform {"project":"a","translate":[1,0,0],"layer_id":"wall","within":"selection"}
selection.add {"project":"a","color":"#8090a0","layer_id":"wall"}
selection.intersect {"project":"a","region":{"min":[-9,0,0],"max":[25,25,25]}}
voxel.copy {"project":"a","region":{"min":[0,0,0],"max":[35,35,35]},"to":[50,0,0],"source_id":"wall","layer_id":"wall"}
voxel.fill {"project":"a","region":{"min":[100,0,0],"max":[110,9,9]},"color":"#405060","layer_id":"wall"}
voxel.extrude {"project":"a","x":110,"y":5,"z":5,"direction":"+x","distance":3,"layer_id":"wall"}
selection.clear {"project":"a"}
voxel.add {"project":"a","x":1,"y":1,"z":1,"color":"#010203","group":"g"}
voxel.add {"project":"a","x":2,"y":1,"z":1,"color":"#010203","group":"g"}
history.end {"project":"a","group":"g"}
layer.clear {"project":"a","layer_id":"wall"}
layer.delete {"project":"a","layer_id":"roof","merge_down":false}
voxel.clear {"project":"a","scope":"all"}
project.close {"project":"a","save_changes":true}
project.backup {"path":"DIR/a.goxdb","project":"a"}
project.restore {"path":"DIR/a.goxdb","project":"restored"}
project.delete {"project":"b"}
LINES
}

configure
launch
ready || fail "the daemon starts" "$(tail -n 5 "$LOG")"
seen=''
while read -r method params; do
    reply=$(rpc "$method" "${params//DIR/$DIR\/files}")
    [[ $reply == *'"result"'* ]] || fail "$method" "$reply"
    before=$(picture)
    kill -KILL "$PID"
    ended 2> /dev/null || true
    launch
    ready || fail "a start after $method and a kill" "$(tail -n 5 "$LOG")"
    is "$method survives a kill" "$before" "$(picture)"
    seen+=" $method"
done < <(changes)
missing=$(result system.list_methods '{}' '.methods[]' | tr -d '"' | grep -E '^(voxel|layer|selection|project)\.' |
    grep -vE '\.(get|query|list|get_[a-z]+|find_[a-z_]+|bounding_box|histogram|unique_colors|connected|raycast|slice|diff)$' | while read -r method; do
        [[ " $seen " == *" $method "* ]] || echo "$method"
    done)
is "that was every method that changes something" "" "$missing"
stop_daemon

# ---- power cuts ----

MOUNTED=
unmount() { [ -z "$MOUNTED" ] || umount -l "$MOUNTED" 2> /dev/null; MOUNTED=; }
trap 'status=$?; unmount; (exit $status); finish' EXIT

# cuts TYPE: the projects on a file system of that type, in a file, whose power goes
cuts() {
    local rounds image=$WORK/$1.image picture
    rounds=$(counts 5 100)
    configure
    mkdir "$DIR/disk"
    truncate -s 600M "$image"
    if ! "mkfs.$1" -q "$image" || ! mount -o loop "$image" "$DIR/disk" 2> /dev/null; then
        skip "power cuts on $1" "mounting takes a superuser, and a loop device"
        return
    fi
    MOUNTED=$DIR/disk
    sed -i "s|directory = \"$DIR/projects\"|directory = \"$DIR/disk/projects\"|" "$CONF"
    picture=$(python3 "$TESTS/integration/durable.py" cuts "$DAEMON" "$CONF" "$PORT" "$rounds" 16 "$seed" \
        "$DIR/disk" "$image" 2> "$WORK/err")
    is "$rounds power cuts on $1, seed $seed: nothing acknowledged is lost, nothing else is there" 0 \
        "$(jq -e .wrong <<< "$picture" 2> /dev/null || tail -n 5 "$WORK/err")"
    note "$picture"
    unmount
}
cuts ext4
cuts xfs

# ---- a system call that fails ----

# breaks CALL ERRNO N: from here on the N-th such call of each of the daemon's threads fails
breaks() {
    strace -f -qq -o /dev/null -e trace="$1" -e inject="$1:error=$2:when=$3" -p "$PID" &
    PIDS+=("$!")
    until_true 200 traced
}
traced() { grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$PID/task/"*/status; }

# fault CALL ERRNO N: edits are answered truly, and the next ones succeed
fault() {
    local call=$1 errno=$2 n=$3 x acked=() refused=() reply void=''
    configure
    launch
    ready || { fail "the daemon starts" "$(tail -n 5 "$LOG")"; return; }
    rpc project.create '{"name":"a"}' > /dev/null
    breaks "$call" "$errno" "$n" || { fail "strace attaches to the daemon"; return; }
    for x in 1 2 3 4 5 6; do
        reply=$(rpc voxel.add "{\"x\":$x,\"y\":0,\"z\":0,\"color\":\"#ff0000\"}")
        if [[ $reply == *'"result"'* ]]; then acked+=("$x"); else refused+=("$reply") void=$x; fi
    done
    kill -KILL "$PID"
    ended 2> /dev/null || true
    launch
    ready || { fail "$call $n fails with $errno: the next start succeeds" "$(tail -n 5 "$LOG")"; return; }
    for x in "${acked[@]}"; do
        [ "$(result voxel.get "{\"x\":$x,\"y\":0,\"z\":0}" .exists)" = true ] || LOST+=("$call $n $errno: $x")
    done
    # What was refused is void, as others have been acknowledged since.
    [ -z "$void" ] || [ "$void" = 6 ] ||
        [ "$(result voxel.get "{\"x\":$void,\"y\":0,\"z\":0}" .exists)" = false ] || ODD+=("$call $n $errno: $void is there")
    FAULTS=$((FAULTS + ${#refused[@]}))
    # One call failed: at most one edit was refused, with a code that says why.
    [ ${#refused[@]} -le 1 ] && [[ ${refused[*]:-"-1005"} =~ -1005|-1020 ]] || ODD+=("$call $n $errno: ${refused[*]}")
    stop_daemon
}

# fault_in_checkpoint CALL ERRNO N: the same, of calls by which a checkpoint is written: it is told, the edits are there
fault_in_checkpoint() {
    local call=$1 errno=$2 n=$3 x acked=() reply
    configure
    launch
    ready || { fail "the daemon starts" "$(tail -n 5 "$LOG")"; return; }
    rpc project.create '{"name":"a"}' > /dev/null
    until_true 400 grep -q ' checkpoint took_ms' "$LOG" || { fail "a checkpoint comes" "$(tail -n 5 "$LOG")"; return; }
    rpc voxel.add '{"x":0,"y":0,"z":0,"color":"#ff0000"}' > /dev/null
    : > "$LOG"
    breaks "$call" "$errno" "$n..$((n + 2))" || { fail "strace attaches to the daemon"; return; }
    until_true 400 grep -q ' checkpoint ' "$LOG" || ODD+=("$call $n $errno: no checkpoint came")
    ! grep -q ' checkpoint failed' "$LOG" || FAULTS=$((FAULTS + 1))
    for x in 1 2 3; do
        reply=$(rpc voxel.add "{\"x\":$x,\"y\":0,\"z\":0,\"color\":\"#ff0000\"}")
        if [[ $reply == *'"result"'* ]]; then acked+=("$x"); else [[ $reply =~ -1005|-1020|-1009 ]] || ODD+=("$call $n $errno: $reply"); fi
    done
    kill -KILL "$PID"
    ended 2> /dev/null || true
    launch
    ready || { fail "$call $n fails with $errno: the next start succeeds" "$(tail -n 5 "$LOG")"; return; }
    for x in 0 "${acked[@]}"; do
        [ "$(result voxel.get "{\"x\":$x,\"y\":0,\"z\":0}" .exists)" = true ] || LOST+=("$call $n $errno: $x")
    done
    reply=$(code voxel.add '{"x":9,"y":0,"z":0,"color":"#ff0000"}')
    [ "$reply" = null ] || ODD+=("$call $n $errno: not mended by a start: $reply")
    stop_daemon
}

FAULTS=0 LOST=() ODD=()
if strace -qq -o /dev/null true 2> /dev/null; then
    most=$(counts 3 12)
    for n in $(seq "$most"); do
        fault fdatasync EIO "$n"
        fault pwrite64 EIO "$n"
        fault pwrite64 ENOSPC "$n"
    done
    is "calls that fail under a daemon: nothing acknowledged is lost" "" "${LOST[*]:-}"
    is "each is answered with its reason, and the next edit succeeds" "" "${ODD[*]:-}"
    ok "each edit met its fault" test "$FAULTS" -ge 9
    FAULTS=0 LOST=() ODD=() most=$(counts 1 12)
    for n in $(seq "$most"); do
        fault_in_checkpoint fdatasync EIO "$n"
        fault_in_checkpoint pwrite64 EIO "$n"
        fault_in_checkpoint pwrite64 ENOSPC "$n"
    done
    is "calls that fail under a checkpoint: nothing acknowledged is lost" "" "${LOST[*]:-}"
    is "edits are answered truly, and a start mends it" "" "${ODD[*]:-}"
    ok "checkpoints met their faults" test "$FAULTS" -ge 1
else
    skip "system calls that fail" "strace cannot trace here"
fi
done_testing
