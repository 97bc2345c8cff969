#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The main job: a real model made over /rpc, saved, and opened by the real Goxel; other programs' files
# opened here; damaged files refused.
. "$(dirname "$0")/lib.sh"

start_daemon
FILES=$DIR/files

# voxels FILE: the lines of a .txt export in an order of their own, without the comments
voxels() { grep -v '^#' "$1" | sort; }

# judge IN OUT.txt: what the real Goxel reads in IN
judge() { LIBGL_ALWAYS_SOFTWARE=1 timeout 300 xvfb-run -a goxel "$1" -e "$2" > "$DIR/goxel.log" 2>&1; }
have_goxel() { command -v goxel > /dev/null && command -v xvfb-run > /dev/null; }

# same NAME GOX TXT: Goxel's reading of GOX is our TXT
same() {
    local name=$1 gox=$2 txt=$3
    if ! have_goxel; then skip "$name" "goxel or xvfb is not installed"; return; fi
    rm -f "$DIR/judged.txt"
    judge "$gox" "$DIR/judged.txt"
    if [ ! -s "$DIR/judged.txt" ]; then fail "$name" "goxel wrote nothing" "$(tail -n 5 "$DIR/goxel.log")"; return; fi
    voxels "$DIR/judged.txt" > "$DIR/theirs"
    voxels "$txt" > "$DIR/ours"
    if cmp -s "$DIR/theirs" "$DIR/ours"; then
        pass "$name ($(wc -l < "$DIR/ours") voxels)"
    else
        fail "$name" "$(diff "$DIR/theirs" "$DIR/ours" | head -n 10)"
    fi
}

# ---- a model of several layers ----
is "a project is made" castle "$(result project.create '{"name":"castle","dimensions":{"width":96,"height":96,"depth":96}}' .name | tr -d '"')"
is "it has one layer" 1 "$(result layer.get_list '{}' '.layers | length')"
ground=$(result layer.create '{"name":"ground"}' .id)
is "a slab" 73728 "$(rpc voxel.fill '{"region":{"min":[-48,-48,-8],"max":[47,47,-1]},"color":[80,120,40]}' > /dev/null; result voxel.query '{"region":{"min":[-100,-100,-100],"max":[100,100,100]},"return_format":"count"}' .count)"
walls=$(result layer.create '{"name":"walls – Mauern"}' .id)
for box in '[-40,-40,0],"max":[39,-37,23]' '[-40,36,0],"max":[39,39,23]' '[-40,-36,0],"max":[-37,35,23]' '[36,-36,0],"max":[39,35,23]'; do
    rpc voxel.fill "{\"region\":{\"min\":$box},\"color\":\"#8a8a92\"}" > /dev/null
done
result layer.create '{"name":"noise"}' > /dev/null
python3 - "$DIR" <<'PY'
import base64, json, struct, sys, zlib
# a ball of changing colours, as objects in batches, and a cloud, packed
ball = [{"x": x, "y": y, "z": z + 40, "color": [(x * 5) % 256, (y * 7) % 256, (z * 11) % 256]}
        for x in range(-14, 15) for y in range(-14, 15) for z in range(-14, 15) if x * x + y * y + z * z <= 200]
for n, i in enumerate(range(0, len(ball), 5000)):
    json.dump({"voxels": ball[i:i + 5000]}, open("%s/ball%d.json" % (sys.argv[1], n), "w"))
cloud, seed = b"", 1
for i in range(20000):
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    cloud += struct.pack("<hhhBBBB", seed % 90 - 45, seed // 90 % 90 - 45, seed // 8100 % 30 + 60,
                         seed & 255, seed >> 8 & 255, seed >> 16 & 255, 255 if i % 3 else 200)
json.dump({"format": "packed", "compression": "zlib", "count": 20000,
           "data": base64.b64encode(zlib.compress(cloud)).decode()}, open(sys.argv[1] + "/cloud.json", "w"))
PY
for part in "$DIR"/ball*.json "$DIR/cloud.json"; do
    is "a batch is added: ${part##*/}" null "$(code voxel.add_batch "$(cat "$part")")"
done
result layer.create '{"name":"hidden","visible":false}' > /dev/null
rpc voxel.fill '{"region":{"min":[0,0,-8],"max":[20,20,90]},"color":[255,0,0]}' > /dev/null
rpc voxel.clear "{\"region\":{\"min\":[-10,-10,-8],\"max\":[10,10,-5]},\"layer_id\":$ground}" > /dev/null
is "setting the active layer" "$walls" "$(rpc layer.set_active "{\"layer_id\":$walls}" > /dev/null; result layer.get_list '{}' .active_layer_id)"
total=$(result project.get_info '{}' .statistics.total_voxels)
ok "it has more than 100,000 voxels ($total)" test "$total" -gt 100000
is "in five layers" 5 "$(result layer.get_list '{}' '.layers | length')"
is "it is modified" true "$(result project.get_info '{}' .is_modified)"

is "it is saved as .gox" null "$(code project.save "{\"path\":\"$FILES/castle.gox\"}")"
is "and is not modified any more" false "$(result project.get_info '{}' .is_modified)"
is "it is exported as .txt" null "$(code project.save "{\"path\":\"$FILES/castle.txt\"}")"
ok "the export has its voxels" test "$(grep -vc '^#' "$FILES/castle.txt")" -gt 100000
same "Goxel opens our .gox and sees what we see" "$FILES/castle.gox" "$FILES/castle.txt"
same "Goxel opens our .txt too" "$FILES/castle.txt" "$FILES/castle.txt"

# ---- and back again ----
result voxel.query "{\"layer_id\":\"all\",\"region\":{\"min\":[-48,-48,-8],\"max\":[0,0,10]},\"limit\":1000000}" '[.voxels[] | [.x, .y, .z, .color]] | sort' > "$DIR/before"
layers=$(result layer.get_list '{}' '[.layers[] | {name, visible, voxel_count, order}]')
is "it is closed" null "$(code project.close '{"save_changes":false}')"
is "it is opened" castle "$(result project.open "{\"path\":\"$FILES/castle.gox\"}" .name | tr -d '"')"
is "with the same layers" "$layers" "$(result layer.get_list '{}' '[.layers[] | {name, visible, voxel_count, order}]')"
is "and the same number of voxels" "$total" "$(result project.get_info '{}' .statistics.total_voxels)"
result voxel.query "{\"layer_id\":\"all\",\"region\":{\"min\":[-48,-48,-8],\"max\":[0,0,10]},\"limit\":1000000}" '[.voxels[] | [.x, .y, .z, .color]] | sort' > "$DIR/after"
ok "and the same voxels" cmp "$DIR/before" "$DIR/after"
ok "compared were many" test "$(wc -c < "$DIR/before")" -gt 100000
is "saved again it is the same file" null "$(code project.save "{\"path\":\"$FILES/again.gox\"}")"
ok "byte for byte" cmp "$FILES/castle.gox" "$FILES/again.gox"

# ---- what an export is told ----
is "an .obj with its .mtl" '["obj",1]' "$(result export.model "{\"path\":\"$FILES/castle.obj\",\"options\":{\"colors\":\"material\",\"scale\":0.1}}" '[.format, (.companions | length)]')"
ok "lie side by side" test -s "$FILES/castle.obj" -a -s "$FILES/castle.mtl"
is "another .mtl cannot be beside it" -32602 "$(code export.model "{\"path\":\"$FILES/same.mtl\",\"format\":\"obj\",\"options\":{\"colors\":\"material\"}}")"
ok "and nothing is written" test ! -e "$FILES/same.mtl"
is "a project may have any name" null "$(code project.save "{\"path\":\"$FILES/odd.mtl\",\"format\":\"gox\"}")"
cp "$FILES/odd.mtl" "$DIR/odd"
is "what is beside an .obj takes no project's place" -1016 "$(code export.model "{\"path\":\"$FILES/odd.obj\",\"options\":{\"colors\":\"material\"}}")"
ok "its file is as it was" cmp "$DIR/odd" "$FILES/odd.mtl"
cp "$FILES/castle.gox" "$FILES/named.txt"
for f in odd.mtl named.txt; do
    is "a project's file is one under any name: $f" "\"$FILES/$f\"" "$(result project.open "{\"path\":\"$FILES/$f\",\"read_only\":true,\"project\":\"odd\"}" .path)"
    is "closed again" null "$(code project.delete '{"project":"odd"}')"
done
result project.open "{\"path\":\"$FILES/castle.gox\"}" > "$DIR/reopened"
is "what would be lost is an error" -1018 "$(code export.model "{\"path\":\"$FILES/strict.txt\",\"strict\":true}")"
ok "which tells all of it" jq -e '.error.data.warnings | length > 0' <(rpc export.model "{\"path\":\"$FILES/strict.txt\",\"strict\":true}")
ok "and writes nothing" test ! -e "$FILES/strict.txt"
is "a box of some layers" null "$(code export.model "{\"path\":\"$FILES/part.txt\",\"layers\":[\"ground\"],\"box\":{\"min\":[-48,-48,-8],\"max\":[-41,-41,-1]}}")"
is "has their voxels" 512 "$(grep -vc '^#' "$FILES/part.txt")"
is "few boxes cover as many voxels as there are" 'true' "$(result export.collision_boxes '{"layers":["ground"]}' '.voxels == 73728 - 21*21*4 and .count < 20')"
is "a .txt is opened" null "$(code project.open "{\"path\":\"$FILES/castle.txt\"}")"
is "it is exported as .qb" null "$(code project.save "{\"path\":\"$FILES/castle.qb\"}")"
same "Goxel opens our .qb" "$FILES/castle.qb" "$FILES/castle.txt"

# ---- other programs' files ----
if [ -n "${GOXEL_TEST_MODELS:-}" ]; then
    for model in "$GOXEL_TEST_MODELS"/*.gox; do
        name=$(basename "$model" .gox)
        is "$name.gox of another program opens" null "$(code project.open "{\"path\":\"$model\"}")"
        is "$name.gox is exported" null "$(code project.save "{\"path\":\"$FILES/$name.txt\"}")"
        same "Goxel reads the same in $name.gox" "$model" "$FILES/$name.txt"
        is "$name.gox is saved by us" null "$(code project.save "{\"path\":\"$FILES/$name.gox\"}")"
        same "and Goxel reads the same in ours" "$FILES/$name.gox" "$FILES/$name.txt"
    done
else
    skip "other programs' .gox files" "GOXEL_TEST_MODELS names no folder with models"
fi

# ---- damaged files ----
rpc project.create '{"name":"small"}' > /dev/null
rpc voxel.fill '{"region":{"min":[0,0,0],"max":[5,5,5]},"color":[1,2,3]}' > /dev/null
rpc project.save "{\"path\":\"$FILES/small.gox\"}" > /dev/null
python3 - "$FILES" "$(counts 60 400)" <<'PY'
import random, sys
folder, count = sys.argv[1], int(sys.argv[2])
whole = open(folder + "/small.gox", "rb").read()
random.seed(7)
for n in range(count):
    if n % 2:
        data = whole[:len(whole) * n // count]
    else:
        data = bytearray(whole)
        bit = random.randrange(len(whole) * 8)
        data[bit // 8] ^= 1 << bit % 8
    open("%s/damaged%d.gox" % (folder, n), "wb").write(data)
PY
before=$(result project.list '{}' '[.projects[].name]')
odd=0 refused=0 opened=0
for file in "$FILES"/damaged*.gox; do
    reply=$(rpc project.open "{\"path\":\"$file\"}")
    case $(jq -r '.error.code // "none"' <<< "$reply" 2>/dev/null) in
        none) opened=$((opened + 1)); rpc project.delete "{\"project\":\"$(result project.list '{}' .current_project | tr -d '"')\"}" > /dev/null ;;
        -1010 | -1003 | -1014 | -1006) refused=$((refused + 1)) ;;
        *) odd=$((odd + 1)); note "$file: $reply" ;;
    esac
done
note "$refused refused, $opened opened"
is "damaged files are refused as such, or open" 0 "$odd"
ok "most are refused" test "$refused" -gt "$opened"
like "the error names the place" 'offset' "$(rpc project.open "{\"path\":\"$FILES/damaged1.gox\"}" | jq -c .error.data)"
is "they left no project behind" "$before" "$(result project.list '{}' '[.projects[].name]')"

# ---- files that clients may not have ----
is "a file outside the allowed roots is refused" -1005 "$(code project.open '{"path":"/etc/secret.gox"}')"
cp "$FILES/castle.gox" "$DIR/outside.gox"
is "by way of .., too" -1005 "$(code project.open "{\"path\":\"$FILES/../outside.gox\"}")"
ln -s /etc "$FILES/link"
is "by way of a link, too" -1005 "$(code project.save "{\"path\":\"$FILES/link/goxel.gox\"}")"
is "an unknown format is named" -1006 "$(code project.save "{\"path\":\"$FILES/castle.blend\"}")"
is "a missing file is named" true "$(rpc project.open "{\"path\":\"$FILES/missing.gox\"}" | jq '.error.code == -1005 and (.error.data.path | endswith("missing.gox"))')"
is "the daemon lives on" RUNNING "$(state)"
stop_daemon
done_testing
