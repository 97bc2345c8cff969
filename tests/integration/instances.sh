#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A scene that places one model many times: what is shown of it is there for every reader, and in every file made of it.
. "$(dirname "$0")/lib.sh"

COUNT=$(counts 96 1000)
python3 "$(dirname "$0")/instances.py" "$COUNT" "$WORK/scene.vox" "$WORK/expected"
sort -o "$WORK/expected" "$WORK/expected"
voxels=$(wc -l < "$WORK/expected")

# shows FILE: a .txt holds what the scene shows
shows() { grep -v '^#' "$1" | tr 'A-F' 'a-f' | sort | diff "$WORK/expected" - > "$WORK/diff" || { head "$WORK/diff"; false; }; }

start_daemon
is "a scene of $COUNT times one model" 201 "$(status -T "$WORK/scene.vox" "$URL/projects/scene.vox")"
curl -s "$URL/projects/scene.txt" -o "$WORK/scene.txt"
ok "each copy is where it belongs, turned and mirrored" shows "$WORK/scene.txt"

# ---- readers ----

corners=$(awk 'NR == 1 { for (i = 1; i <= 3; i++) low[i] = high[i] = $i }
    { for (i = 1; i <= 3; i++) { if ($i < low[i]) low[i] = $i; if ($i > high[i]) high[i] = $i } }
    END { printf "{\"min\":[%d,%d,%d],\"max\":[%d,%d,%d]}", low[1], low[2], low[3], high[1], high[2], high[3] }' "$WORK/expected")
is "their voxels are counted" "$voxels" "$(result project.get_info '' .statistics.total_voxels)"
is "and bounded" "$corners" "$(result project.get_info '' .bounds)"
is "in the list, too" "$voxels" "$(result project.list '' '.projects[].total_voxels')"
is "each is a layer that shows as much as the model has" "$COUNT of $((voxels / COUNT))" \
    "$(result layer.get_list '' '.layers | group_by(.voxel_count)[] | "\(length) of \(.[0].voxel_count)"' | tr -d '"')"
lines='.voxels[] | "\(.x) \(.y) \(.z) \(.color[:3] | map((. / 16 | floor), . % 16) | map("0123456789abcdef"[. : . + 1]) | add)"'
result voxel.query '{"layer_id":"all","limit":100000}' "$lines" | tr -d '"' > "$WORK/all.txt"
ok "a query of all layers gives them" shows "$WORK/all.txt"
last=$(result layer.get_list '' '.layers[-1].id')
result voxel.query "{\"layer_id\":$last}" "$lines" | tr -d '"' | sort > "$WORK/one"
is "and of one, that copy of the model" "$((voxels / COUNT))" "$(comm -12 "$WORK/one" "$WORK/expected" | wc -l)"

# ---- files ----

for format in gox vox; do
    curl -s "$URL/projects/scene.$format" -o "$WORK/again.$format"
    is "as a .$format, which says so if it loses anything" 201 \
        "$(status -T "$WORK/again.$format" "$URL/projects/again-$format.$format?strict=true")"
    curl -s "$URL/projects/again-$format.txt" -o "$WORK/again.txt"
    ok "it shows the same" shows "$WORK/again.txt"
    ok "and has not grown by a copy of each" test "$(stat -c %s "$WORK/again.$format")" -lt $((COUNT * 1000))
done
curl -s "$URL/projects/scene.qb" -o "$WORK/again.qb"
is "as a .qb, which knows no copies" 201 "$(status -T "$WORK/again.qb" "$URL/projects/again-qb.qb")"
curl -s "$URL/projects/again-qb.txt" -o "$WORK/again.txt"
ok "it shows the same" shows "$WORK/again.txt"

stop_daemon
done_testing
