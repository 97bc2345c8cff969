#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Files go to the real Goxel and come from it: each side reads what the other wrote, voxel for voxel. And files of other programs: each
# opens, or is refused for a reason that is right.
. "$(dirname "$0")/lib.sh"

start_daemon

# ---- what Goxel sees ----

# voxels: lines of a .txt in an order of their own, moved so that the smallest corner is the origin ($1 is true), or where they are
voxels() {
    awk -v move="$1" '
        BEGIN { n = 0 }
        /^#/ || NF != 4 { next }
        { x[n] = $1; y[n] = $2; z[n] = $3; c[n++] = tolower($4) }
        n == 1 || $1 < mx { mx = $1 }
        n == 1 || $2 < my { my = $2 }
        n == 1 || $3 < mz { mz = $3 }
        END {
            if (move != "true") mx = my = mz = 0
            for (i = 0; i < n; i++) print x[i] - mx, y[i] - my, z[i] - mz, c[i]
        }' | sort
}

goxel_converts() {
    rm -f "$2"
    LIBGL_ALWAYS_SOFTWARE=1 timeout 300 xvfb-run -a goxel "$1" -e "$2" > "$DIR/goxel.log" 2>&1
    [ -s "$2" ]
}

# same NAME MOVED THEIRS.txt OURS.txt
same() {
    voxels "$2" < "$3" > "$DIR/theirs"
    voxels "$2" < "$4" > "$DIR/ours"
    if [ -s "$DIR/ours" ] && cmp -s "$DIR/theirs" "$DIR/ours"; then
        pass "$1 ($(wc -l < "$DIR/ours") voxels)"
    else
        fail "$1" "$(diff "$DIR/theirs" "$DIR/ours" | head -n 10)"
    fi
}

get() { curl -sf "$URL/projects/$1" -o "$2"; }
put() { curl -s -o "$DIR/reply" -w '%{http_code}' -T "$2" "$URL/projects/$1"; }

# Rows: name of the format, and whether Goxel moves what it reads, or what it writes.
judged='gox false
txt false
qb false
vox true'

# both_ways PROJECT: its files in Goxel, and Goxel's in us
both_ways() {
    local format moved
    get "$1.txt" "$DIR/ours.txt"
    while read -r format moved; do
        ok "$1: a .$format is made" get "$1.$format" "$DIR/$1.$format"
        if goxel_converts "$DIR/$1.$format" "$DIR/judged.txt"; then
            same "$1: Goxel sees in our .$format what we see" "$moved" "$DIR/judged.txt" "$DIR/ours.txt"
        else
            fail "$1: Goxel opens our .$format" "$(tail -n 3 "$DIR/goxel.log")"
        fi
        [ "$format" != gox ] || continue # Debian's writes none
        # What it wrote it may have reduced: what it reads in that counts.
        if ! goxel_converts "$DIR/ours.txt" "$DIR/theirs.$format" || ! goxel_converts "$DIR/theirs.$format" "$DIR/judged.txt"; then
            fail "$1: Goxel writes a .$format" "$(tail -n 3 "$DIR/goxel.log")"
            continue
        fi
        like "$1: Goxel's .$format is taken" '^20[01]$' "$(put "back-$1-$format.$format" "$DIR/theirs.$format")"
        get "back-$1-$format.txt" "$DIR/back.txt"
        same "$1: we see in Goxel's .$format what it sees" "$moved" "$DIR/judged.txt" "$DIR/back.txt"
    done <<< "$judged"
}

if ! command -v goxel > /dev/null || ! command -v xvfb-run > /dev/null; then
    skip "what Goxel sees" "goxel or xvfb is not installed"
else
    rpc project.create '{"name":"town"}' > /dev/null
    rpc voxel.fill '{"region":{"min":[-60,-40,-8],"max":[59,39,-1]},"color":[80,120,40]}' > /dev/null
    for i in $(seq 0 5); do
        rpc layer.create "{\"name\":\"tower $i – Türme\"}" > /dev/null
        rpc voxel.shape "{\"shape\":\"sphere\",\"center\":[$((i * 18 - 45)),$((i * 7 - 20)),$((i * 3 + 12))],\"size\":[17,15,21],\"color\":[$((i * 40)),$((255 - i * 30)),$((i * 11))]}" > /dev/null
    done
    both_ways town
    rpc project.create '{"name":"dot"}' > /dev/null
    rpc voxel.add '{"x":5,"y":-6,"z":7,"color":[1,2,3]}' > /dev/null
    both_ways dot
    rpc project.create '{"name":"wide"}' > /dev/null
    rpc voxel.fill '{"region":{"min":[0,0,0],"max":[249,3,9]},"color":[200,100,50]}' > /dev/null
    rpc voxel.fill '{"region":{"min":[249,3,9],"max":[249,3,9]},"color":[255,255,255]}' > /dev/null
    both_ways wide
    rpc project.create '{"name":"hues"}' > /dev/null
    python3 - "$DIR" <<'PY'
import json, sys
json.dump({"voxels": [{"x": i % 20, "y": i // 20 % 20, "z": i // 400, "color": [i % 200, 255 - i % 200, i % 200 // 2]} for i in range(4000)]},
          open(sys.argv[1] + "/hues.json", "w"))
PY
    rpc voxel.add_batch "$(cat "$DIR/hues.json")" > /dev/null
    both_ways hues
fi

# ---- other programs' files ----

# Those that are no voxel models of ours to read: refused for their kind.
refused='ascii.ply ascii.stl testload.qef'
if [ -n "${GOXEL_TEST_MODELS:-}" ]; then
    for model in "$GOXEL_TEST_MODELS"/*.*; do
        file=$(basename "$model")
        case $file in LICENSE* | README*) continue ;; esac
        got=$(put "${file//./-}.${file##*.}" "$model")
        if [[ " $refused " = *" $file "* ]]; then
            like "$file is refused" '^4' "$got"
            like "$file: as a format" 'format' "$(cat "$DIR/reply")"
        else
            is "$file opens" 201 "$got"
            ok "$file has voxels" test "$(jq .total_voxels "$DIR/reply")" -gt 0
        fi
    done
else
    skip "other programs' files" "GOXEL_TEST_MODELS names no folder with models"
fi
is "the daemon lives on" RUNNING "$(state)"
stop_daemon
done_testing
