# SPDX-License-Identifier: GPL-3.0-or-later
# instances.py COUNT FILE.vox FILE.txt: a MagicaVoxel file whose scene graph places one model COUNT times, turned and mirrored
# in every way; and the voxels that a viewer shows of it, as lines of our .txt in an order of their own.
#
# The format: https://github.com/ephtracy/voxel-model (the main chunk, and the extension for scene graphs).
import itertools
import struct
import sys

SIZE = (5, 4, 3)  # one side has a middle, one has none
# Turned or mirrored, no two copies of it are the same.
MODEL = {(x, 0, 0): 1 for x in range(5)} | {(0, y, 0): 2 for y in range(4)} | {(0, 0, z): 3 for z in range(3)} | {(1, 1, 0): 4}
COLORS = {1: (255, 0, 0), 2: (0, 200, 0), 3: (0, 0, 255), 4: (250, 240, 10)}


def turns():
    """All 48: which axis each axis of the world is taken from, and whether it is mirrored."""
    for axes in itertools.permutations(range(3)):
        for signs in itertools.product((1, -1), repeat=3):
            yield axes, signs


def rotation_byte(axes, signs):
    bits = axes[0] | axes[1] << 2
    return bits | sum((sign < 0) << (4 + row) for row, sign in enumerate(signs))


def place(voxel, turn, at):
    """A model turns about the corner in its middle (sizes halved, the odd voxel left over)."""
    axes, signs = turn
    twice = [2 * v + 1 - 2 * (s // 2) for v, s in zip(voxel, SIZE)]  # the voxel's middle, from that corner, in halves
    return tuple((sign * twice[axis] + 2 * t) // 2 for axis, sign, t in zip(axes, signs, at))


def chunk(name, content, children=b""):
    return name + struct.pack("<II", len(content), len(children)) + content + children


def text(string):
    return struct.pack("<I", len(string)) + string.encode()


def words(**entries):
    return struct.pack("<I", len(entries)) + b"".join(text(k) + text(v) for k, v in entries.items())


def transform(node, child, layer, frame, attributes=b"\0\0\0\0"):
    return chunk(b"nTRN", struct.pack("<I", node) + attributes + struct.pack("<IIiI", child, 0xFFFFFFFF, layer, 1) + frame)


def main(count, vox_name, txt_name):
    placed = [(turn, (9 * (i % 20), 9 * (i // 20 % 20), 9 * (i // 400)))
              for i, turn in zip(range(count), itertools.cycle(turns()))]
    voxels = b"".join(struct.pack("4B", *at, color) for at, color in MODEL.items())
    children = [2 + 2 * i for i in range(count)]
    scene = transform(0, 1, -1, words())
    scene += chunk(b"nGRP", struct.pack("<I", 1) + words() + struct.pack("<I", count) + struct.pack(f"<{count}I", *children))
    for node, (turn, at) in zip(children, placed):
        frame = words(_r=str(rotation_byte(*turn)), _t=" ".join(map(str, at)))
        scene += transform(node, node + 1, 0, frame, words(_name=f"copy {node}"))
        scene += chunk(b"nSHP", struct.pack("<I", node + 1) + words() + struct.pack("<II", 1, 0) + words())
    palette = b"".join(struct.pack("4B", *COLORS.get(i + 1, (0, 0, 0)), 255) for i in range(256))
    content = (chunk(b"SIZE", struct.pack("<3I", *SIZE)) + chunk(b"XYZI", struct.pack("<I", len(MODEL)) + voxels)
               + scene + chunk(b"RGBA", palette))
    with open(vox_name, "wb") as file:
        file.write(b"VOX " + struct.pack("<I", 150) + chunk(b"MAIN", b"", content))
    with open(txt_name, "w") as file:
        for turn, at in placed:
            for voxel, color in MODEL.items():
                print(*place(voxel, turn, at), "%02x%02x%02x" % COLORS[color], file=file)


main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
