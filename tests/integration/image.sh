#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# import.image: pictures that another program wrote, compared pixel by pixel; damaged ones; large ones.
. "$(dirname "$0")/lib.sh"

# Sanitizers are slow.
start_daemon 'performance { request_timeout_ms = 600000 }
health { heartbeat_timeout_ms = 1200000 }'
FILES=$DIR/files
rpc project.create '{"name":"pictures"}' > /dev/null
import() { rpc import.image "{\"path\":\"$FILES/$1\",\"options\":${2:-{\}}}"; }

# A landscape of 90 x 50 as plain PNM, and its alpha: many colours, few, and grey.
python3 - "$DIR" <<'PY'
import sys
folder, w, h = sys.argv[1], 90, 50
def pnm(name, kind, top, values):
    with open("%s/%s.pnm" % (folder, name), "w") as file:
        file.write("%s\n%d %d\n%d\n%s\n" % (kind, w, h, top, "\n".join(values)))
places = [(x, y) for y in range(h) for x in range(w)]
pnm("many", "P3", 255, ["%d %d %d" % (x * 2, y * 5, (x * y) % 256) for x, y in places])
pnm("few", "P3", 255, ["%d 0 %d" % (x // 30 * 100, y // 10 * 50) for x, y in places])
pnm("grey", "P2", 255, ["%d" % ((x + y) % 256) for x, y in places])
pnm("deep", "P2", 65535, ["%d" % ((x * 700 + y * 37) % 65536) for x, y in places])
pnm("alpha", "P2", 255, ["%d" % (0 if (x + y) % 9 == 0 else 255 - x) for x, y in places])
PY
# what the pixels are: [x, y up, r, g, b, a] by way of plain PNM, of 8 bits
cat > "$DIR/pixels.py" <<'PY'
import sys
def read(path):
    words = open(path).read().split()
    w, h, top = map(int, words[1:4])
    step = 3 if words[0] == "P3" else 1
    values = [int(v) >> (8 if top > 255 else 0) for v in words[4:]]
    return w, h, [tuple(values[i:i + step] * (3 // step)) for i in range(0, len(values), step)]
w, h, colors = read(sys.argv[1])
alphas = [c[0] for c in read(sys.argv[2])[2]] if len(sys.argv) > 2 else [255] * (w * h)
for i in range(w * h):
    if alphas[i]:
        print(i % w, h - 1 - i // w, *colors[i], alphas[i])
PY
# the layer that was made last, in the same form
voxels() {
    result voxel.query '{"layer_id":"current","limit":1000000}' '.voxels[] | [.x, .y, .color[]] | map(tostring) | join(" ")' |
        tr -d '"' | sort
}

if command -v pnmtopng > /dev/null; then
    while read -r name picture options; do
        # shellcheck disable=SC2086
        (cd "$DIR" && pnmtopng -quiet $options "$picture.pnm" > "$FILES/$name.png" 2> "$DIR/pnmtopng.log") || cat "$DIR/pnmtopng.log"
        alpha=()
        [[ $options != *alpha* ]] || alpha=("$DIR/alpha.pnm")
        python3 "$DIR/pixels.py" "$DIR/$picture.pnm" "${alpha[@]}" | sort > "$DIR/wanted"
        is "$name.png is imported" "$(wc -l < "$DIR/wanted")" "$(import "$name.png" | jq .result.voxels)"
        voxels > "$DIR/got"
        ok "pixel by pixel" cmp "$DIR/wanted" "$DIR/got"
    done <<'ROWS'
colors many -force
interlaced many -force -interlace
translucent many -force -alpha=alpha.pnm
palette few
palette-interlaced few -interlace
grey grey -force
deep deep -force -interlace
grey-alpha grey -force -alpha=alpha.pnm
ROWS
    like "of 16 bits 8 are kept, and it is said so" '16 bits' "$(import deep.png | jq -c .result.warnings)"
    is "a map of heights has its highest column where it is lightest" "$(python3 "$DIR/pixels.py" "$DIR/grey.pnm" | awk '{ n += $3 + 1 } END { print n }')" \
        "$(import grey.png '{"mode":"heightmap"}' | jq .result.voxels)"
else
    skip "pictures of another program" "netpbm is not installed"
fi

# ---- by hand: a picture without a library, as bytes ----
python3 - "$FILES" <<'PY'
import base64, json, struct, sys, zlib
def chunk(name, data): return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
def png(w, h, rows): return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)) + \
    chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
small = png(2, 1, b"\0\xff\0\0\0\0\xff")
json.dump({"data": base64.b64encode(small).decode(), "options": {"mode": "extrude", "depth": 5, "offset": [0, 0, -5]}},
          open(sys.argv[1] + "/small.json", "w"))
open(sys.argv[1] + "/largest.png", "wb").write(png(4096, 4096, bytes(4096 * (1 + 3 * 4096))))
open(sys.argv[1] + "/large.png", "wb").write(png(2048, 2048, bytes(2048 * (1 + 3 * 2048))))
open(sys.argv[1] + "/larger.png", "wb").write(png(4097, 4096, bytes(100)))
whole = png(40, 30, bytes(30 * (1 + 3 * 40)))
for n in range(60):
    data = bytearray(whole)
    if n % 2:
        data[n * len(data) // 60] ^= 1 << n % 8
    else:
        data = data[:n * len(data) // 60]
    open("%s/damaged%d.png" % (sys.argv[1], n), "wb").write(data)
PY
is "bytes are imported" 10 "$(result import.image "$(cat "$FILES/small.json")" .voxels)"
is "where they should be" '[255,0,0,255]' "$(result voxel.get '[0,0,-5]' .color)"
before=$(result project.get_info '{}' .statistics)
odd=0
for file in "$FILES"/damaged*.png; do
    code=$(rpc import.image "{\"path\":\"$file\"}" | jq .error.code)
    [ "$code" = -1010 ] || { odd=$((odd + 1)); note "$file: $code"; }
done
is "damaged pictures are refused" 0 "$odd"
like "with what is wrong and where" 'no PNG picture.*offset' "$(rpc import.image "{\"path\":\"$FILES/damaged30.png\"}" | jq -c .error.data)"
is "too large a picture" -1014 "$(code import.image "{\"path\":\"$FILES/larger.png\"}")"
is "too many bricks" '[-1014,"limits.max_edit_bricks"]' "$(import largest.png '{"mode":"extrude","depth":17}' | jq -c '[.error.code, .error.data.field]')"
is "nothing of them came into the project" "$before" "$(result project.get_info '{}' .statistics)"
is "a large one" 4194304 "$(import large.png | jq .result.voxels)"
is "is one step of the history" "$before" "$(rpc project.undo > /dev/null; result project.get_info '{}' .statistics)"
is "the daemon lives on" RUNNING "$(state)"
stop_daemon
done_testing
