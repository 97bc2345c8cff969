#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project that is larger than the memory for it, and a client that knows what is in it.

cache.py grow   PORT CUBES SEED BOOK FILE   a project of that many cubes of noise, then edits, looks and a file
cache.py check  PORT BOOK                  after a restart: all of it, and the last edits are undone
cache.py opened PORT BOOK                  the file, opened as another project
cache.py hold   PORT LOG CUBES SEED DIR COUNT
                                           so many projects, of which files are written while they are rewritten, and
                                           leave memory

A cube is 64 voxels on an edge, every voxel of a random colour, so that each of its 64 bricks takes 16 KiB, in memory and on the
disk. There are few different ones, which stand side by side along x, so far out that a packed reply counts x from its
own origin: two cubes are the same if their replies are. BOOK is a file for what `check` has to know. Prints one line of JSON:
`wrong`, what was not as it should be, and numbers.
"""
import base64
import http.client
import json
import pickle
import random
import re
import struct
import sys
import threading
import time
import zlib

EDGE, FAR = 64, 40000
VOXELS = EDGE ** 3
PATTERNS = 4
wrong = []


class Daemon:
    def __init__(self, port):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def post(self, body):
        self.http.request("POST", "/rpc", body, {"Content-Type": "application/json"})
        return json.loads(self.http.getresponse().read())

    def call(self, method, params):
        reply = self.post(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
        if "error" in reply:
            raise SystemExit("%s: %s" % (method, reply["error"]))
        return reply["result"]


def expect(what, found, wanted):
    if found != wanted:
        wrong.append("%s: %.80s, not %.80s" % (what, found, wanted))


class Patterns:
    """What the cubes are made of: positions from the cube's corner, each with its colour."""

    def __init__(self, seed, count=PATTERNS):
        noise = random.Random(seed)
        self.data, self.replies = [], [None] * count
        for _ in range(count):
            colors = noise.randbytes(3 * VOXELS)
            self.data.append(b"".join(
                struct.pack("<hhh3sB", at % EDGE, at // EDGE % EDGE, at // EDGE ** 2, colors[3 * at:3 * at + 3], 255)
                for at in range(VOXELS)))

    def put(self, daemon, project, cube, pattern):
        daemon.call("voxel.add_batch", {"project": project, "format": "packed", "count": VOXELS, "origin": [FAR + EDGE * cube, 0, 0],
                                        "data": base64.b64encode(self.data[pattern]).decode()})

    def look(self, daemon, project, cube, pattern, changed):
        """`changed`: {position in the cube: colour} of what is not as in the pattern."""
        corner = FAR + EDGE * cube
        packed = daemon.call("voxel.query", {
            "project": project, "region": {"min": [corner, 0, 0], "max": [corner + EDGE - 1] + [EDGE - 1] * 2},
            "return_format": "packed", "limit": VOXELS})["packed"]
        if not changed and packed["data"] == self.replies[pattern]:
            return
        bytes_ = zlib.decompress(base64.b64decode(packed["data"]))
        there = {bytes_[at:at + 6]: bytes_[at + 6:at + 10] for at in range(0, len(bytes_), 10)}
        data, shift = self.data[pattern], [corner - packed["origin"][0], -packed["origin"][1], -packed["origin"][2]]
        wanted = {struct.pack("<hhh", x + shift[0], y + shift[1], z + shift[2]): color
                  for x, y, z, color in struct.iter_unpack("<hhh4s", data)}
        for position, color in changed.items():
            wanted[struct.pack("<hhh", *(at + by for at, by in zip(position, shift)))] = bytes(color)
        if there != wanted:
            wrong.append("cube %d has %d voxels, of which %d are not as they were set" % (
                cube, len(there), sum(there.get(position) != color for position, color in wanted.items())))
        elif not changed:
            self.replies[pattern] = packed["data"]


class Book:
    def __init__(self, seed, cubes):
        self.seed, self.cubes = seed, cubes
        self.changed = {}  # cube: {position in it: colour}
        self.last = []     # (cube, position, colour before) of the edits that are the last ones
        self.file = None   # that was written, and what was changed then

    def look_at_all(self, daemon, project, patterns, changed, step=1):
        """Or, as looking takes long, at every `step`-th and those that were changed."""
        for cube in sorted({*range(0, self.cubes, step), *changed}):
            patterns.look(daemon, project, cube, cube % PATTERNS, changed.get(cube, {}))
        found = daemon.call("project.get_info", {"project": project})["statistics"]["total_voxels"]
        expect("voxels of %s" % project, found, self.cubes * VOXELS)

    def color_of(self, patterns, cube, position):
        at = 10 * (position[0] + EDGE * position[1] + EDGE ** 2 * position[2]) + 6
        return self.changed.get(cube, {}).get(position, tuple(patterns.data[cube % PATTERNS][at:at + 4]))


def place(cube, position):
    return {"project": "noise", "x": FAR + EDGE * cube + position[0], "y": position[1], "z": position[2]}


def grow(port, cubes, seed, path, file):
    daemon, patterns, book, choice = Daemon(port), Patterns(seed), Book(seed, cubes), random.Random(seed)
    daemon.call("project.create", {"name": "noise"})
    for cube in range(cubes):
        patterns.put(daemon, "noise", cube, cube % PATTERNS)
    few = [choice.randrange(cubes) for _ in range(4)] # the others are quickly compared
    for n in range(200):
        cube, position = choice.randrange(cubes), tuple(choice.randrange(EDGE) for _ in "xyz")
        expect("a voxel of any", tuple(daemon.call("voxel.get", place(cube, position))["color"]),
               book.color_of(patterns, cube, position))
        cube = choice.choice(few)
        before = book.color_of(patterns, cube, position)
        expect("a voxel", tuple(daemon.call("voxel.get", place(cube, position))["color"]), before)
        color = tuple(choice.randbytes(3)) + (255,)
        daemon.call("voxel.add", dict(place(cube, position), color=color))
        expect("a voxel that was set", tuple(daemon.call("voxel.get", place(cube, position))["color"]), color)
        if n % 3 == 0:
            daemon.call("project.undo", {"project": "noise"})
            expect("a voxel that was set, and undone", tuple(daemon.call("voxel.get", place(cube, position))["color"]), before)
        else:
            book.changed.setdefault(cube, {})[position] = color
    daemon.call("project.save", {"project": "noise", "path": file})
    book.file = {cube: dict(changed) for cube, changed in book.changed.items()}
    book.look_at_all(daemon, "noise", patterns, book.changed)
    for _ in range(5):
        cube, position = choice.choice(few), tuple(choice.randrange(EDGE) for _ in "xyz")
        book.last.append((cube, position, book.color_of(patterns, cube, position)))
        color = tuple(choice.randbytes(3)) + (255,)
        daemon.call("voxel.add", dict(place(cube, position), color=color))
        book.changed.setdefault(cube, {})[position] = color
    pickle.dump((book, file), open(path, "wb"))


def check(port, path):
    daemon = Daemon(port)
    book, file = pickle.load(open(path, "rb"))
    patterns = Patterns(book.seed)
    book.look_at_all(daemon, "noise", patterns, book.changed, 8)
    for cube, position, before in reversed(book.last):
        daemon.call("project.undo", {"project": "noise"})
        book.changed[cube][position] = before
        expect("a voxel of before, undone", tuple(daemon.call("voxel.get", place(cube, position))["color"]), before)
    book.look_at_all(daemon, "noise", patterns, book.changed)


def opened(port, path):
    daemon = Daemon(port)
    book, file = pickle.load(open(path, "rb"))
    daemon.call("project.open", {"path": file, "project": "file"})
    book.look_at_all(daemon, "file", Patterns(book.seed), book.file, 4)


def count_lines(log, expression):
    return len(re.findall(expression, open(log).read()))


def await_lines(log, expression, count):
    until = time.monotonic() + 120
    while count_lines(log, expression) < count:
        if time.monotonic() > until:
            raise SystemExit("the log does not say: %s" % expression)
        time.sleep(0.02)


def busy(port):
    web = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    web.request("GET", "/metrics")
    return int(float(re.search(r"(?m)^goxel_workers_busy (\S+)", web.getresponse().read().decode()).group(1)))


def hold(port, log, cubes, seed, folder, count):
    """A file of each of `count` projects is begun; then all of them are rewritten, with checkpoints, and leave memory."""
    daemon, patterns, book = Daemon(port), Patterns(seed), Book(seed, cubes)
    names, ends = ["held-%d" % n for n in range(count)], []
    for name in names:
        daemon.call("project.create", {"name": name})
        for cube in range(cubes):
            patterns.put(daemon, name, cube, cube % PATTERNS)

    def save(name):
        Daemon(port).call("project.save", {"project": name, "path": "%s/%s.gox" % (folder, name)})
        ends.append(time.monotonic())

    threads = [threading.Thread(target=save, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    while busy(port) < count and not ends:
        pass
    for name in names:  # each has what it writes, by the time that another worker has looked at it
        daemon.call("project.get_info", {"project": name})
    for again in range(2):
        lines = count_lines(log, "checkpoint took_ms|bricks evicted")
        for name in names:
            if again:
                patterns.put(daemon, name, 0, 1)
            else:
                daemon.call("voxel.fill", {"project": name, "color": "#010203", "region": {
                    "min": [FAR, 0, 0], "max": [FAR + EDGE * cubes - 1, EDGE - 1, EDGE - 1]}})
        await_lines(log, "checkpoint took_ms|bricks evicted", lines + 1)
    rewritten = time.monotonic()
    for thread in threads:
        thread.join()
    for name in names:
        expect("what was set last", daemon.call("voxel.get", dict(place(1, (5, 6, 7)), project=name))["color"], [1, 2, 3, 255])
        patterns.look(daemon, name, 0, 1, {})
        daemon.call("project.delete", {"project": name})
        daemon.call("project.open", {"path": "%s/%s.gox" % (folder, name), "project": name, "read_only": True})
        book.look_at_all(daemon, name, patterns, {})
    return {"held_until_all_was_rewritten": sum(end > rewritten for end in ends)}


arguments = [int(text) if text.isdigit() else text for text in sys.argv[2:]]
numbers = {"grow": grow, "check": check, "opened": opened, "hold": hold}[sys.argv[1]](*arguments) or {}
print(json.dumps({"wrong": wrong[:5], **numbers}))
