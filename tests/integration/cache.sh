#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# More voxels than memory: bricks leave it, and projects, and all that was set is there. And quotas of the disk, and damage
# to what is not in memory.
#
# Seeds come from GOXEL_SEED, or the clock.
. "$(dirname "$0")/lib.sh"

seed=${GOXEL_SEED:-$(date +%s)}
helper=$TESTS/integration/cache.py

set_option() { sed -i "s/^\( *$1 = \).*/\1$2/" "$CONF"; rpc system.reload > /dev/null; }

# helps NAME ARGUMENTS…: nothing was wrong; NUMBERS are what the helper printed
helps() {
    NUMBERS=$(python3 "$helper" "${@:2}" 2> "$WORK/err")
    is "$1" '[]' "$(jq -c .wrong <<< "$NUMBERS" 2> /dev/null | grep . || tail -n 3 "$WORK/err")"
}

# small NAME LIMIT: the daemon never had more memory than that, in MiB
small() {
    local peak
    peak=$(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$PID/status")
    if grep -qE '__asan_init|__tsan_init' "$DAEMON"; then
        leave_out "$1" "a sanitizer's memory says nothing"
    else
        ok "$1: at most $2 MiB, it were $peak" test "$peak" -le "$2"
    fi
}

again() {
    stop_daemon
    launch
    ready || { fail "the daemon starts" "$(tail -n 20 "$LOG")"; exit 1; }
}

# ---- bricks ----

cache=$(counts 4 64)
cubes=$((cache * 4)) # of a MiB each
STORAGE_EXTRA="cache_mb = $cache" start_daemon 'logging { level = "debug" }'
helps "a project of $cubes MiB in $cache MiB of memory is right, seed $seed" \
    grow "$PORT" "$cubes" "$seed" "$DIR/book" "$DIR/files/noise.gox"
small "it grew, was edited, looked at and saved" $((cache + 100))
ok "bricks left memory" grep -q 'bricks evicted' "$LOG"
again
helps "after a restart it is, and its last edits can be undone" check "$PORT" "$DIR/book"
small "all of it was looked at" $((cache + 100))
helps "the file is as the project was" opened "$PORT" "$DIR/book"
stop_daemon

# ---- damage to what is not in memory ----

# noisy PROJECT Z: 120,000 voxels without any order; the code
noisy() {
    python3 - "$1" "$2" <<'PY' | curl -s -H 'Content-Type: application/json' --data-binary @- "$URL/rpc"
import base64, json, random, struct, sys
r = random.Random(int(sys.argv[2]))
data = b"".join(struct.pack("<hhhBBBB", n % 200, n // 200, int(sys.argv[2]), *r.randbytes(3), 255) for n in range(120000))
print(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "voxel.add_batch", "params": {"project": sys.argv[1],
    "format": "packed", "count": 120000, "data": base64.b64encode(data).decode()}}))
PY
}


# flip FILE: a bit of each kilobyte behind the first pages, while a daemon has the file open
flip() {
    python3 - "$1" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    size = f.seek(0, 2)
    for at in range(100000, size, 1000):
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ 16]))
PY
}

STORAGE_EXTRA="cache_mb = 1" start_daemon
for p in 1 2; do
    rpc project.create "{\"name\":\"d$p\"}" > /dev/null
    for z in $(seq 6); do noisy "p$p" "$z" > /dev/null; done
done
is "a good file is written" null "$(code project.save "{\"project\":\"p1\",\"path\":\"$DIR/files/d.gox\"}")"
is "and a good backup" null "$(code project.backup "{\"project\":\"p2\",\"path\":\"$DIR/files/d.backup\"}")"
again
sum=$(sha256sum "$DIR"/files/d.*)
for p in 1 2; do
    is "project $p is loaded" 720000 "$(result voxel.query "{\"project\":\"p$p\",\"return_format\":\"count\"}" .count)"
    flip "$DIR/projects/p$p/project.db"
done
is "a file that would lack voxels is not written" -1010 \
    "$(code project.save "{\"project\":\"p1\",\"path\":\"$DIR/files/d.gox\"}")"
is "nor is such a backup" -1010 "$(code project.backup "{\"project\":\"p2\",\"path\":\"$DIR/files/d.backup\"}")"
is "what was there stays" "$sum" "$(sha256sum "$DIR"/files/d.*)"
is "the projects are damaged from then on" '[true,true]' "$(result project.list '{}' '[.projects[].damaged != null]')"
stop_daemon

# ---- a version that somebody holds ----

# How long a file takes is not ours to say; that a version stays whole is a unit test's affair (a held version stays).
if [ "$(counts 0 1)" = 1 ]; then
    STORAGE_EXTRA=$(printf 'cache_mb = 24\ncheckpoint_interval_ms = 1000') start_daemon 'logging { level = "debug" }'
    helps "files that are written while their projects are rewritten have what these were, seed $seed" \
        hold "$PORT" "$LOG" 60 "$seed" "$DIR/files" 2
    note "$NUMBERS"
    stop_daemon
fi

# ---- projects ----

loaded() { result project.list '{}' '[.projects[] | select(.in_memory)] | length'; }
at_most_loaded() { [ "$(loaded)" -le "$1" ]; }

STORAGE_EXTRA=$(printf 'max_open_projects = 2\ncheckpoint_interval_ms = 1000') start_daemon
for p in 1 2 3 4 5 6; do rpc project.create "{\"name\":\"turn $p\"}" > /dev/null; done
for round in 1 2 3; do
    for p in 1 2 3 4 5 6; do
        rpc voxel.add "{\"project\":\"p$p\",\"x\":$round,\"y\":$p,\"z\":0,\"color\":\"#0$round${p}000\"}" > /dev/null
    done
    ok "two of six projects stay in memory, round $round" until_true 400 at_most_loaded 2
done
contents() {
    local p
    for p in 1 2 3 4 5 6; do result voxel.query "{\"project\":\"p$p\"}" '[.voxels[] | [.x, .y, .color[0], .color[1]]]'; done
}
wanted=$(for p in 1 2 3 4 5 6; do
    jq -cn --argjson p "$p" '[range(1; 4) | [., $p, ., $p * 16]]'
done)
is "all of them have what was set" "$wanted" "$(contents)"
ok "two stay after that, too" until_true 400 at_most_loaded 2
is "an edit of one that is not in memory can be undone" '[1,2]' "$(for p in 1 2 3 4 5 6; do
    rpc project.undo "{\"project\":\"p$p\"}" > /dev/null
done; result voxel.query '{"project":"p1"}' '[.voxels[].x]')"
again
is "after a restart none is in memory before it is wanted" 0 "$(loaded)"
is "and all have what they had" "$(jq -c '.[:2]' <<< "$wanted")" "$(contents)"
stop_daemon

# ---- quotas ----

# until_refused PROJECT: the reply that refuses
until_refused() {
    local z reply
    for z in $(seq 100); do
        reply=$(noisy "$1" "$z")
        [[ $reply == *'"result"'* ]] || break
    done
    echo "$reply"
}
EDIT='{"project":"PROJECT","x":0,"y":0,"z":500,"color":"#ff0000"}'
edit() { code voxel.add "${EDIT/PROJECT/$1}"; }

STORAGE_EXTRA=$(printf 'project_quota_mb = 1\nquota_mb = 0\ncheckpoint_interval_ms = 1000') start_daemon
rpc project.create '{"name":"a"}' > /dev/null
rpc project.create '{"name":"b"}' > /dev/null
reply=$(until_refused p1)
is "a project that is too large is not edited" -1020 "$(jq .error.code <<< "$reply")"
like "the reply names the option" 'storage\.project_quota_mb' "$reply"
like "and says what to do" 'another project.*raise' "$reply"
is "another project is edited" null "$(edit p2)"
voxels=$(result project.get_info '{"project":"p1"}' .statistics.total_voxels)
is "reading goes on" "$voxels" "$(result voxel.query '{"project":"p1","return_format":"count"}' .count)"
set_option project_quota_mb 100
is "with a higher quota it is edited" null "$(edit p1)"

set_option quota_mb 16
reply=$(until_refused p2)
is "where all of them are too large none is edited" '[-1020,-1020]' "[$(jq .error.code <<< "$reply"),$(edit p1)]"
like "the reply names that option" 'storage\.quota_mb' "$reply"
like "and says what to do" 'project\.delete.*raise' "$reply"
is "nor is one created" -1020 "$(code project.create '{"name":"c"}')"
rpc project.delete '{"project":"p2"}' > /dev/null
edited() { [ "$(edit p1)" = null ]; }
ok "after a project was deleted they are edited" until_true 400 edited
is "what was there is" $((voxels + 1)) "$(result voxel.query '{"project":"p1","return_format":"count"}' .count)"
stop_daemon
done_testing
