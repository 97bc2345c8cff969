#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of /projects that is not curl: for resources.sh.

resources.py WHAT PORT ARGUMENTS… prints one line of JSON, or with `cube` a file.
"""
import collections
import gzip
import http.client
import json
import random
import socket
import struct
import sys
import threading
import time
import zlib

what, port, rest = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
PACKED = "application/vnd.goxel.packed"


def connect():
    return http.client.HTTPConnection("127.0.0.1", port, timeout=120)


def ask(method, path, body=None, headers=None):
    """Status, headers and body of a request on a connection of its own."""
    connection = connect()
    connection.request(method, path, body, headers or {})
    reply = connection.getresponse()
    return reply.status, reply.headers, reply.read()


def rpc(method, params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    return json.loads(ask("POST", "/rpc", body, {"Content-Type": "application/json"})[2])["result"]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def together(count, work):
    """So many threads that begin at the same time; what each returns."""
    barrier, results = threading.Barrier(count), [None] * count

    def run(index):
        barrier.wait()
        results[index] = work(index)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def tally(rounds):
    """What came of the rounds: the same of each, or all of them."""
    counts = [dict(sorted(collections.Counter(map(str, statuses)).items())) for statuses in rounds]
    return counts[0] if all(c == counts[0] for c in counts) else counts


def race(rounds, count, method, path, file=None):
    """Writers that have all seen the same version."""
    body, headers = (read(file), {}) if file else (struct.pack("<3h4B", 0, 0, 0, 1, 2, 3, 255), {"Content-Type": PACKED})
    seen = path.removesuffix("/voxels")
    results = []
    for _ in range(rounds):
        etag = ask("GET", seen if "." in seen else seen + ".txt")[1]["ETag"]
        results.append(together(count, lambda i: ask(method, path, body, {"If-Match": etag, **headers})[0]))
    return tally(results)


def make(rounds, count, file):
    body = read(file)
    return tally([together(count, lambda i: ask("PUT", f"/projects/made{n}.gox", body, {"If-None-Match": "*"})[0])
                  for n in range(rounds)])


def connections():
    """How many the daemon has, this one apart."""
    stats = json.loads(ask("GET", "/stats", headers={"Accept": "application/json"})[2])
    return stats["goxel_connections"]["samples"][0]["value"] - 1


def cut(path, file, times):
    """Uploads that end too early, in the middle or within a chunk; all of them are gone when this ends."""
    body = read(file)
    for i in range(times):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as s:
            framing = f"Content-Length: {len(body)}" if i % 2 else "Transfer-Encoding: chunked"
            s.sendall(f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{framing}\r\n\r\n".encode())
            part = body[:len(body) * i // times]
            s.sendall(part if i % 2 else b"%x\r\n%s" % (len(part) + 1, part))
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end = time.monotonic() + 120
    while connections() > 0:
        assert time.monotonic() < end, "a connection that was cut is still there"
        time.sleep(0.05)
    return {"cut": times}


def parts(path, count):
    whole = ask("GET", path)[2]
    bounds = [0] + sorted(random.Random(1).sample(range(1, len(whole)), count - 1)) + [len(whole)]
    pieces = list(zip(bounds, bounds[1:]))
    random.Random(2).shuffle(pieces)
    got = bytearray(len(whole))
    for first, end in pieces:
        status, headers, body = ask("GET", path, headers={"Range": f"bytes={first}-{end - 1}"})
        assert status == 206 and headers["Content-Range"] == f"bytes {first}-{end - 1}/{len(whole)}", (status, headers)
        got[first:end] = body
    return {"parts": len(pieces), "whole": bytes(got) == whole}


def voxels_of(body, origin):
    ox, oy, oz = map(int, origin.split(","))
    return {(x + ox, y + oy, z + oz): (r, g, b, a) for x, y, z, r, g, b, a in struct.iter_unpack("<3h4B", body)}


def packed(count, coding):
    chance = random.Random(3)
    wanted = {}
    while len(wanted) < count:
        wanted[tuple(chance.randrange(100) for _ in range(3))] = tuple(chance.randrange(1, 256) for _ in range(4))
    body = b"".join(struct.pack("<3h4B", *p, *c) for p, c in wanted.items())
    headers = {"Content-Type": PACKED, "Goxel-Checksum": "%08x" % zlib.crc32(body)}
    if coding == "gzip":
        headers["Content-Encoding"] = "gzip"
    path = "/projects/voxels/voxels"
    rpc("voxel.clear", {"project": "voxels", "scope": "all"})
    status, _, reply = ask("POST", path + "?origin=1000000,-5,7", gzip.compress(body) if coding == "gzip" else body, headers)
    assert status == 200, reply
    status, headers, reply = ask("GET", path + "?limit=1000000", headers={"Accept-Encoding": coding})
    assert status == 200 and headers.get("Content-Encoding", "plain") == coding, (status, headers)
    if coding == "gzip":
        reply = gzip.decompress(reply)
    assert "%08x" % zlib.crc32(reply) == headers["Goxel-Checksum"]
    got = voxels_of(reply, headers["Goxel-Origin"])
    same = got == {(x + 1000000, y - 5, z + 7): c for (x, y, z), c in wanted.items()}
    return {"voxels": json.loads('%s' % headers["Goxel-Count"]), "same": same}


def pages(edits):
    """All pages, raw and as lists, against what one request told of the same version, while others edit."""
    stop, counts = threading.Event(), [0] * 8

    def edit(index):
        connection = connect()
        while not stop.is_set() or counts[index] < edits:
            at = (index * 7919 + counts[index] * 104729) % 1000000
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "voxel.add", "params": {
                "project": "voxels", "x": 1000000 + at % 100, "y": at // 100 % 100, "z": at // 10000, "color": [index + 1, at % 255, 1]}})
            connection.request("POST", "/rpc", body, {"Content-Type": "application/json"})
            assert "result" in json.loads(connection.getresponse().read())
            counts[index] += 1

    whole_path, limit = "/projects/voxels/voxels", 7000
    threads = [threading.Thread(target=edit, args=(i,)) for i in range(8)]
    first = ask("GET", f"{whole_path}?limit={limit}")
    version = first[1]["Goxel-Version"]
    whole = voxels_of(*(lambda r: (r[2], r[1]["Goxel-Origin"]))(ask("GET", whole_path + "?limit=1000000")))
    listed = rpc("voxel.query", {"project": "voxels", "limit": limit})
    for thread in threads:
        thread.start()
    got, (_, headers, body) = {}, first
    while True:
        assert headers["Goxel-Version"] == version, (headers["Goxel-Version"], version)
        got.update(voxels_of(body, headers["Goxel-Origin"]))
        if "Goxel-Cursor" not in headers:
            break
        status, headers, body = ask("GET", f"{whole_path}?limit={limit}&cursor={headers['Goxel-Cursor']}")
        assert status == 200, body
    lists = {}
    while True:
        lists.update({(v["x"], v["y"], v["z"]): tuple(v["color"]) for v in listed["voxels"]})
        if not listed["truncated"]:
            break
        listed = rpc("voxel.query", {"project": "voxels", "limit": limit, "cursor": listed["cursor"]})
    stop.set()
    for thread in threads:
        thread.join()
    now = ask("GET", whole_path + "?limit=1")[1]["Goxel-Version"]
    return {"same": got == whole and lists == whole, "edits": int(now) >= int(version) + 8}


def early(path):
    """A length above the ceiling, and not a byte of the body."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as s:
        s.sendall(f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 300000000\r\n\r\n".encode())
        return {"status": int(s.recv(4096).split()[1]), "sent": 0}


def cube(edge):
    for z in range(edge):
        for y in range(edge):
            sys.stdout.write("".join(f"{x + 1000} {y + 1000} {z + 1000} {(x * 7 + y * 3 + z) % 16:06x}\n" for x in range(edge)))


def anonymous(pid):
    """Memory of the process that is not a file's, in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(next(line.split()[1] for line in file if line.startswith("RssAnon")))


def watch(pid, most, sockets):
    now = anonymous(pid)
    return {"open": len(sockets)} if now <= most else {"kib": now, "most": most}


def slow(count, path, file, pid, most):
    """All but the end of the file is sent; what that takes of memory."""
    body = read(file)
    sockets = []
    for _ in range(count):
        s = socket.create_connection(("127.0.0.1", port), timeout=120)
        s.sendall(f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        s.sendall(body[:-1])
        sockets.append(s)
    return watch(pid, most, sockets)


def lazy(count, path, pid, most):
    """The reply begins, and nobody takes more of it."""
    sockets = []
    for _ in range(count):
        s = socket.create_connection(("127.0.0.1", port), timeout=120)
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert s.recv(100).startswith(b"HTTP/1.1 200")
        sockets.append(s)
    return watch(pid, most, sockets)


def flood(path):
    """More at once than there is place for."""
    end, seen = time.monotonic() + 60, set()
    retry = False
    while time.monotonic() < end and not (503 in seen and 200 in seen):
        for status, headers, _ in together(32, lambda i: ask("GET", path)):
            seen.add(status)
            retry = retry or (status == 503 and headers["Retry-After"] is not None)
    return {"refused": 503 in seen, "retry_after": retry, "others": sorted(seen - {503})}


def number(text):
    return int(text) if text.isdigit() else text


result = globals()[what](*map(number, rest))
if result is not None:
    print(json.dumps(result, separators=(",", ":")))
