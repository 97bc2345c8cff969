#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rows of store.sh need besides edits a second, from a daemon on 127.0.0.1.

store.py large PORT EDGE         a project "large": a box of EDGE bricks on an edge, a voxel of another colour in each;
                                 prints its voxels
store.py many PORT COUNT         that many projects with a voxel each
store.py edits PORT COUNT        an edit more in each of the first that many
store.py running PORT            waits until the daemon is RUNNING; prints when, in µs
store.py get PORT PROJECT        reads a voxel; prints the ms that took
store.py checkpoint PORT CONF PID LOG SECONDS
    Durable edits by some connections, in a project of their own, for SECONDS; then the same until the daemon, whose
    configuration gets a short interval meanwhile, has logged a checkpoint. One line of JSON: the 99th percentile of the
    latency of both in ms, and how many edits and ms each window had.
"""
import base64
import http.client
import json
import os
import random
import re
import selectors
import signal
import socket
import struct
import sys
import time

BRICK = 16
BATCH = 30000  # voxels in a message
EDITORS = 4


class Daemon:
    def __init__(self, port):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def call(self, method, params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        self.http.request("POST", "/rpc", body, {"Content-Type": "application/json"})
        reply = json.loads(self.http.getresponse().read())
        if "error" in reply:
            raise SystemExit("%s: %s" % (method, reply["error"]))
        return reply["result"]


def large(port, edge):
    daemon = Daemon(port)
    daemon.call("project.create", {"name": "large"})
    daemon.call("voxel.fill", {"project": "large", "region": {"min": [0, 0, 0], "max": [edge * BRICK - 1] * 3},
                               "color": "#808080"})
    choice = random.Random(1)
    voxels = []
    for brick in range(edge ** 3):
        corner = [brick // edge ** axis % edge * BRICK for axis in range(3)]
        voxels.append(struct.pack("<hhhBBBB", *(at + choice.randrange(BRICK) for at in corner), *choice.randbytes(3), 255))
    for first in range(0, len(voxels), BATCH):
        some = voxels[first:first + BATCH]
        daemon.call("voxel.add_batch", {"project": "large", "format": "packed", "count": len(some),
                                        "data": base64.b64encode(b"".join(some)).decode()})
    print(daemon.call("project.get_info", {"project": "large"})["statistics"]["total_voxels"])


def many(port, count):
    daemon = Daemon(port)
    for n in range(count):
        daemon.call("project.create", {"name": "one of many %d" % n})
        daemon.call("voxel.add", {"x": n, "y": 0, "z": 0, "color": "#ff0000"})


def edits(port, count):
    daemon = Daemon(port)
    for n in range(count):
        daemon.call("voxel.add", {"project": "one of many %d" % n, "x": 0, "y": 1, "z": 0, "color": "#00ff00"})


def is_running(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/health")
        return json.loads(connection.getresponse().read())["state"] == "RUNNING"
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return False


def running(port):
    until = time.monotonic() + 120
    print("looking", flush=True)
    while not is_running(port):
        if time.monotonic() > until:
            raise SystemExit("the daemon does not run")
        time.sleep(0.001)
    print(time.time_ns() // 1000)


def get(port, project):
    daemon = Daemon(port)
    began = time.monotonic()
    daemon.call("voxel.get", {"project": project, "x": 5, "y": 5, "z": 5})
    print("%.2f" % ((time.monotonic() - began) * 1000))


class Editor:
    """A connection that has one edit under way, always."""

    def __init__(self, port, project, index):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.project, self.index, self.count, self.reply = project, index, 0, b""

    def send(self):
        self.count += 1
        body = ('{"jsonrpc":"2.0","id":1,"method":"voxel.add","params":{"project":"%s","x":%d,"y":%d,"z":%d,"color":[%d,%d,9]}}'
                % (self.project, self.count % 128, self.count // 128 % 128, self.index, self.count % 256, self.index)).encode()
        self.sent = time.monotonic()
        self.socket.sendall(b"POST /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                            % len(body) + body)

    def receive(self):
        """The time of the reply, once it is whole."""
        self.reply += self.socket.recv(65536)
        head, end, body = self.reply.partition(b"\r\n\r\n")
        if not end or len(body) < int(re.search(rb"(?i)content-length: *(\d+)", head).group(1)):
            return None
        if b'"result"' not in body:
            raise SystemExit("voxel.add: %s" % body.decode())
        self.reply = b""
        return time.monotonic()


class Checkpoints:
    """Those that the log tells of from here on."""

    def __init__(self, log):
        self.file = open(log, "rb")
        self.file.seek(0, os.SEEK_END)
        self.text = b""

    def look(self):
        """How many ms the last one took, or None."""
        self.text += self.file.read()
        found = re.findall(rb"checkpoint took_ms=(\d+)\b[^\n]*\n", self.text)
        if b"checkpoint failed" in self.text:
            raise SystemExit("the checkpoint failed")
        return int(found[-1]) if found else None


def reload(conf, pid, interval_ms):
    text = re.sub(r"checkpoint_interval_ms = \d+", "checkpoint_interval_ms = %d" % interval_ms, open(conf).read())
    with open(conf + ".new", "w") as file:
        file.write(text)
    os.rename(conf + ".new", conf)
    os.kill(pid, signal.SIGHUP)


def percentile(latencies):
    return round(sorted(latencies)[int(len(latencies) * 0.99)] * 1000, 3)


def checkpoint(port, conf, pid, log, seconds):
    daemon = Daemon(port)
    project = daemon.call("project.create", {})["project_id"]
    selector, replies = selectors.DefaultSelector(), []  # (when it was sent, when it came)
    for index in range(EDITORS):
        editor = Editor(port, project, index)
        selector.register(editor.socket, selectors.EVENT_READ, editor)
        editor.send()

    def edit():
        for key, _ in selector.select(0.002):
            came = key.data.receive()
            if came:
                replies.append((key.data.sent, came))
                key.data.send()

    began = time.monotonic()
    while time.monotonic() < began + 1 + seconds:
        edit()
    quiet = [came - sent for sent, came in replies if sent > began + 1]
    del replies[:]
    checkpoints = Checkpoints(log)
    reload(conf, pid, 1000)
    took = None
    while took is None:
        edit()
        took = checkpoints.look()
    end = time.monotonic()
    reload(conf, pid, 86400000)
    begin = end - took / 1000
    during = [came - sent for sent, came in replies if came >= begin and sent <= end]
    print(json.dumps({"without": percentile(quiet), "during": percentile(during), "edits_without": len(quiet),
                      "edits_during": len(during), "took_ms": took,
                      "longest_during": round(max(during) * 1000, 1), "longest_without": round(max(quiet) * 1000, 1)}))


arguments = [int(text) if text.isdigit() else text for text in sys.argv[2:]]
{"large": large, "many": many, "edits": edits, "running": running, "get": get, "checkpoint": checkpoint}[sys.argv[1]](*arguments)
