#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# GET /projects/NAME.{obj,ply,stl,glb,gltf,3mf}: other programs open what is exported, and see what the voxels are: assimp, the loaders of
# three, and Khronos' validator for glTF.
. "$(dirname "$0")/lib.sh"

# Sanitizers are slow.
start_daemon 'performance { request_timeout_ms = 600000 }
health { heartbeat_timeout_ms = 1200000 }'
MODELS=$DIR/meshes
mkdir -p "$MODELS"
FORMATS='obj ply stl glb gltf 3mf'

# ---- models, and what is expected of them ----

# Each is boxes, on layers: name, colour, corners. What can be seen of them is counted here, voxel by voxel.
python3 - "$DIR" <<'PY'
import json, sys
folder = sys.argv[1]
models = {
    "opaque": [
        ("ground", [((-20, -12, -3), (19, 11, -1), (80, 120, 40, 255)), ((-4, -4, -3), (3, 3, -2), (1, 2, 3, 255))]),
        ("walls <&> Mauern стены", [((-10, -6, 5), (9, 5, 9), (200, 190, 180, 255)), ((-8, -4, 5), (7, 3, 9), None)]),
        ("bits", [((40 + 2 * i, i % 5, 0), (40 + 2 * i, i % 5, i % 3), (i, 255 - i, i * 37 % 256, 255)) for i in range(120)]),
    ],
    "translucent": [
        ("glass", [((0, 0, 0), (3, 3, 3), (40, 90, 200, 128)), ((1, 1, 1), (2, 2, 2), (250, 10, 30, 255)),
                   ((4, 0, 0), (5, 3, 3), (40, 200, 90, 200))]),
    ],
    "empty": [("nothing", [])],
}
for name, layers in models.items():
    calls, everything, areas, area, voxels = [], {}, {}, 0, 0
    for layer, boxes in layers:
        seen = {}
        for low, high, color in boxes:
            calls.append([layer, list(low), list(high), color and list(color)])
            for x in range(low[0], high[0] + 1):
                for y in range(low[1], high[1] + 1):
                    for z in range(low[2], high[2] + 1):
                        seen.pop((x, y, z), None)
                        if color:
                            seen[x, y, z] = color
        for (x, y, z), color in seen.items():
            for beside in ((x - 1, y, z), (x + 1, y, z), (x, y - 1, z), (x, y + 1, z), (x, y, z - 1), (x, y, z + 1)):
                other = seen.get(beside)
                if other is None or (other[3] < 255 and (color[3] == 255 or other != color)):
                    key = ",".join(map(str, color))
                    areas[key] = areas.get(key, 0) + 1
                    area += 1
        voxels += len(seen)
        everything.update(seen)
    json.dump({"voxels": voxels, "area": area, "areas": areas,
               "min": [min(p[k] for p in everything) for k in range(3)] if everything else [0, 0, 0],
               "max": [max(p[k] for p in everything) + 1 for k in range(3)] if everything else [0, 0, 0],
               "translucent": any(c[3] < 255 for c in everything.values()),
               "layers": [layer for layer, boxes in layers]}, open("%s/meshes/%s.json" % (folder, name), "w"))
    json.dump(calls, open("%s/%s.calls" % (folder, name), "w"))
PY

# make NAME: the project out of its calls
make() {
    local layer='' first=1 next params
    rpc project.create "{\"name\":\"$1\"}" > /dev/null
    while IFS=$'\t' read -r next params; do
        if [ "$next" != "$layer" ]; then
            layer=$next
            rpc layer.create "{\"name\":$(jq -n --arg name "$layer" '$name')}" > /dev/null
            # the one that a project begins with
            [ -z "$first" ] || rpc layer.delete "{\"layer_id\":$(result layer.get_list '{}' '.layers[0].id')}" > /dev/null
            first=
        fi
        if [ "$(jq '.color != null' <<<"$params")" = true ]; then
            rpc voxel.fill "$params" > /dev/null
        else
            rpc voxel.clear "$(jq 'del(.color)' <<<"$params")" > /dev/null
        fi
    done < <(jq -r '.[] | [.[0], ({region: {min: .[1], max: .[2]}, color: .[3]} | tojson)] | @tsv' "$DIR/$1.calls" | sed 's/\\\\/\\/g')
    is "$1 has its voxels" "$(jq .voxels "$MODELS/$1.json")" "$(result project.get_info '{}' .statistics.total_voxels)"
}

for model in opaque translucent empty; do
    make "$model"
    for format in $FORMATS; do
        is "$model.$format is fetched" 200 \
            "$(curl -s --max-time 120 -o "$MODELS/$model.$format" -w '%{http_code}' "$URL/projects/$model.$format")"
    done
done

# ---- assimp ----

# A closed surface is told by assimp's own count of nothing: bounds, and that there are triangles alone.
if command -v assimp > /dev/null; then
    for model in opaque translucent; do
        for format in $FORMATS; do
            assimp info "$MODELS/$model.$format" > "$DIR/assimp" 2>&1
            case $format in
                obj | glb | gltf) wanted='"(\(.min[0]) \(.min[2]) \(0 - .max[1])) (\(.max[0]) \(.max[2]) \(0 - .min[1]))"' ;;
                3mf) wanted='"(0 0 0) (\(.max[0] - .min[0]) \(.max[1] - .min[1]) \(.max[2] - .min[2]))"' ;;
                *) wanted='"(\(.min | map(tostring) | join(" "))) (\(.max | map(tostring) | join(" ")))"' ;;
            esac
            is "$model.$format in assimp: its bounds" "$(jq -r "$wanted" "$MODELS/$model.json")" \
                "$(sed -n 's/^M..imum point *//p' "$DIR/assimp" | sed 's/\.000000//g; s/-0\([ )]\)/0\1/g' | paste -s -d ' ')"
            like "$model.$format in assimp: triangles" '^Faces: +[1-9]' "$(cat "$DIR/assimp")"
        done
    done
    is "opaque.glb in assimp: a mesh a layer" 3 "$(assimp info "$MODELS/opaque.glb" | sed -n 's/^Meshes: *\([0-9]\)/\1/p')"
else
    skip "assimp" "it is not installed"
fi

# ---- three, and Khronos' validator ----

TOOLS=$WORK/npm
if ! command -v node npm > /dev/null; then
    skip "three and gltf-validator" "node and npm are not there"
    stop_daemon
    done_testing
fi
mkdir -p "$TOOLS"
if ! npm install --silent --no-audit --no-fund --ignore-scripts --fetch-retries=1 --fetch-timeout=60000 --cache "$TOOLS/cache" \
    --prefix "$TOOLS" three@0.187 gltf-validator@2.0.0-dev.3.10 linkedom@0.18 > "$WORK/npm.log" 2>&1; then
    skip "three and gltf-validator" "npm gave no packages: $(tail -n 1 "$WORK/npm.log")"
    stop_daemon
    done_testing
fi
cp "$TESTS/integration/meshes.mjs" "$TOOLS/"

# The script prints one line for each thing it found out: ok or not, and what.
node "$TOOLS/meshes.mjs" "$MODELS" > "$WORK/found" 2> "$WORK/errors"
is "the judges end by themselves" 0 $?
while IFS=$'\t' read -r outcome name got; do
    if [ "$outcome" = ok ]; then pass "$name"; else fail "$name" "$got"; fi
done < "$WORK/found"
ok "everything was looked at" test "$(wc -l < "$WORK/found")" -gt 60
is "and nothing was complained about" "" "$(head -c 2000 "$WORK/errors")"
stop_daemon
done_testing
