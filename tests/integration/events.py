#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of GET /events and of system.subscribe: events.py WHAT PORT SOCKET [ARGUMENTS]

Each function checks something, as it says, and prints "ok" or what was wrong; `hold` tells how a stream of events ended, and `mute`
never ends by itself.
"""
import http.client
import json
import os
import random
import signal
import socket
import sys
import threading
import time

port, path = int(sys.argv[2]), sys.argv[3]


class Events:
    """GET /events, read piece by piece: `next` gives (event, id, data), or None at the end of the stream."""

    def __init__(self, query="", last_id=None, buffer=None):
        self.s = socket.socket()
        if buffer:
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.s.settimeout(120)
        self.s.connect(("127.0.0.1", port))
        header = f"Last-Event-ID: {last_id}\r\n" if last_id else ""
        # HTTP/1.0 has no chunks: what comes is the stream itself.
        self.s.sendall(f"GET /events{query} HTTP/1.0\r\nHost: localhost\r\n{header}\r\n".encode())
        self.left = b""
        self.last_id = last_id

    def block(self):
        while b"\n\n" not in self.left.replace(b"\r\n", b"\n"):
            piece = self.s.recv(1 << 16)
            if not piece:
                return None
            self.left += piece
        head, self.left = self.left.replace(b"\r\n", b"\n").split(b"\n\n", 1)
        return head.decode()

    def start(self):
        """The header, and what comes before the first event."""
        head = self.block()
        assert head.split()[1] == "200", head
        self.take(self.block())
        return self

    def take(self, block):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
        self.last_id = fields.get("id", self.last_id)
        return fields

    def next(self):
        while (block := self.block()) is not None:
            fields = self.take(block)
            if "data" in fields:
                return fields["event"], fields["id"], json.loads(fields["data"])
        return None

    def close(self):
        self.s.close()


def rpc(connection, method, params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    connection.request("POST", "/rpc", body, {"Content-Type": "application/json"})
    reply = json.loads(connection.getresponse().read())
    assert "result" in reply, reply
    return reply["result"]


def connect():
    return http.client.HTTPConnection("127.0.0.1", port, timeout=120)


def unix():
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    s.settimeout(120)
    return s


def memory(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def metric(name):
    connection = connect()
    connection.request("GET", "/stats")
    for line in connection.getresponse().read().decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError(f"no {name}")


def resume():
    """Under eight clients who write into four projects, and with many breaks, each version of each project comes once, in
    order, with the box of its edit."""
    projects, each, writers = 4, 120, 8
    connection = connect()
    names = [f"resume-{i}" for i in range(projects)]
    boxes, lock = {}, threading.Lock()
    events = Events("?events=project").start()
    for name in names:
        rpc(connection, "project.create", {"name": name})

    def write(number):
        mine = connect()
        source = random.Random(number)
        for _ in range(each):
            name = source.choice(names)
            low = [source.randrange(-40, 40) for _ in range(3)]
            high = [c + source.randrange(30) for c in low]
            # Of a colour that nothing has yet, so that every voxel of the box is another one.
            with lock:
                boxes_made = len(boxes)
                boxes[boxes_made] = None
            color = [1 + boxes_made // 250, 1 + boxes_made % 250, 7, 255]
            reply = rpc(mine, "voxel.fill", {"project": name, "region": {"min": low, "max": high}, "color": color})
            assert reply["filled"] > 0
            with lock:
                boxes[boxes_made] = (name, {"min": low, "max": high})

    threads = [threading.Thread(target=write, args=(i,)) for i in range(writers)]
    for thread in threads:
        thread.start()
    seen, got, breaks = {}, [], 0
    total = writers * each
    source = random.Random(7)
    until_break = 20
    while len(got) < total:
        event, _, data = events.next()
        assert event == "project", (event, data)
        if data["what"] == "edited" and data["name"] in names:
            last = seen.get(data["name"], 0)
            assert data["version"] == last + 1, f"{data['name']}: version {data['version']} after {last}"
            seen[data["name"]] = data["version"]
            got.append((data["name"], json.dumps(data["box"])))
        until_break -= 1
        if not until_break:
            events.close()
            events = Events("?events=project", events.last_id).start()
            until_break, breaks = source.randrange(1, 60), breaks + 1
    for thread in threads:
        thread.join()
    made = sorted((name, json.dumps(box)) for name, box in boxes.values())
    assert sorted(got) == made, "the boxes differ"
    assert breaks > 10, breaks
    assert metric("goxel_event_resets_total") == 0


def flood(count):
    """So many events, as fast as they can be made."""
    connection = connect()
    batch = [{"jsonrpc": "2.0", "id": i, "method": "voxel.add",
              "params": {"project": "flood", "x": i, "y": 0, "z": 0, "color": "#ff0000"}} for i in range(1000)]
    for done in range(0, count, len(batch)):
        for request in batch:
            request["params"]["z"] = done % 50000
            request["params"]["color"] = "#%06x" % (done + 1)
        connection.request("POST", "/rpc", json.dumps(batch), {"Content-Type": "application/json"})
        reply = json.loads(connection.getresponse().read())
        assert all("result" in r for r in reply), [r for r in reply if "result" not in r][:1]


def slow(pid, most):
    """A client that does not read costs no memory, slows nobody, and learns that it has missed something."""
    rpc(connect(), "project.create", {"name": "flood"})
    events = Events("?events=project", buffer=4096).start()
    flood(10000)
    before = memory(pid)
    flood(30000)
    grown = memory(pid) - before
    assert grown < most, f"{grown} bytes"
    while True:
        event, _, data = events.next()
        if event == "reset":
            assert data["reason"] == "too_slow", data
            break
    # It goes on from there.
    rpc(connect(), "voxel.add", {"project": "flood", "x": 0, "y": 0, "z": 0, "color": "#010203"})
    event, _, data = events.next()
    while data["version"] < 40001:
        event, _, data = events.next()
    assert data["box"] == {"min": [0, 0, 0], "max": [0, 0, 0]}, data


def unread():
    """Who reads nothing at all is let go; then its place is free."""
    events = Events("?events=project", buffer=4096).start()
    flood(20000)
    deadline = time.monotonic() + 60
    while metric("goxel_event_subscribers") > 0:
        assert time.monotonic() < deadline, "it still listens"
        time.sleep(0.05)
    events.close()


def idle(pid, count):
    """Many who listen while nothing happens cost no more CPU time than as many connections that only lie there."""
    def measure():
        begin = cpu(pid)
        time.sleep(3)
        return cpu(pid) - begin

    plain = []
    for _ in range(count):
        s = socket.create_connection(("127.0.0.1", port))
        s.sendall(b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert s.recv(65536)
        plain.append(s)
    lying = measure()
    for s in plain:
        s.close()
    listening = [Events().start() for _ in range(count)]
    assert metric("goxel_event_subscribers") == count
    spent = measure()
    assert spent <= lying + 0.3, f"{spent} s of CPU time, and {lying} s"
    # And all of them hear what happens.
    rpc(connect(), "project.create", {"name": "idle"})
    for events in listening:
        while True:
            _, _, data = events.next()
            if data.get("name") == "idle":
                break
        events.close()


def vanish():
    """Clients that vanish are noticed when there is something to say, and their places are free."""
    held = [Events().start() for _ in range(20)]
    assert metric("goxel_event_subscribers") >= 20
    for events in held:
        events.close()
    connection = connect()
    deadline = time.monotonic() + 60
    number = 0
    while metric("goxel_event_subscribers") > 0:
        assert time.monotonic() < deadline, "they are still counted"
        number += 1
        rpc(connection, "project.create", {"name": f"vanish-{number}"})
        rpc(connection, "project.delete", {"project": f"vanish-{number}"})


def surplus(most):
    """Half of all connections may listen; one more is told so, and others are served as before."""
    held = [Events().start() for _ in range(most)]
    late = Events()
    head = late.block()
    assert head.split()[1] == "503" and "Retry-After: 1" in head, head
    s = unix()
    s.sendall(b'{"jsonrpc":"2.0","id":1,"method":"system.subscribe"}')
    reply = json.loads(s.recv(65536))
    assert reply["error"]["code"] == -32000, reply
    assert rpc(connect(), "system.ping", {})["pong"]
    held.pop().close()
    deadline = time.monotonic() + 60
    while True:
        rpc(connect(), "system.reload", {})  # something to say
        again = Events()
        if again.block().split()[1] == "200":
            break
        again.close()
        assert time.monotonic() < deadline, "no place becomes free"


# ---- the stream ----

def lines(s):
    """The values that come, a line each, until the other side ends."""
    left = b""
    while True:
        while b"\n" in left:
            line, left = left.split(b"\n", 1)
            yield json.loads(line)
        piece = s.recv(1 << 16)
        if not piece:
            assert not left, left
            return
        left += piece


def stream(seed):
    """Subscribed in odd pieces, with other requests around it: events stand between replies, whole lines, each reply there."""
    source = random.Random(seed)
    s = unix()
    requests = [("system.ping", {}), ("system.subscribe", {"events": ["project"], "project": f"stream-{seed}"}),
                ("project.create", {"name": f"stream-{seed}"})]
    requests += [("voxel.add", {"project": f"stream-{seed}", "x": i, "y": 1, "z": -1, "color": "#00ff00"}) for i in range(50)]
    requests += [("project.delete", {"project": f"stream-{seed}"}), ("system.unsubscribe", {}), ("system.unsubscribe", {}),
                 ("project.create", {"name": f"stream-{seed}"}), ("project.delete", {"project": f"stream-{seed}"}), ("system.ping", {})]
    data = b" ".join(json.dumps({"jsonrpc": "2.0", "id": i, "method": method, "params": params}).encode()
                     for i, (method, params) in enumerate(requests))

    def send():
        at = 0
        while at < len(data):
            piece = source.randrange(1, 90)
            s.sendall(data[at:at + piece])
            at += piece

    sender = threading.Thread(target=send)
    sender.start()
    ids, heard, unsubscribed = [], [], []
    for value in lines(s):
        if "id" in value:
            assert "result" in value, value
            ids.append(value["id"])
            if requests[value["id"]][0] == "system.unsubscribe":
                unsubscribed.append(value["result"]["unsubscribed"])
            if value["id"] == len(requests) - 1:
                break
        else:
            assert value["jsonrpc"] == "2.0" and value["method"] == "event", value
            heard.append(value["params"])
    sender.join()
    assert ids == list(range(len(requests))), ids
    assert unsubscribed == [True, False], unsubscribed
    whats = [event["data"]["what"] for event in heard]
    assert whats == ["created"] + 50 * ["edited"] + ["deleted"], whats
    assert [event["data"]["version"] for event in heard[1:-1]] == list(range(1, 51))
    assert heard[7]["data"]["box"] == {"min": [6, 1, -1], "max": [6, 1, -1]}, heard[7]
    assert all(event["event"] == "project" and event["id"] for event in heard)


def stream_resume():
    """The id that a subscription gives, or an event brings, is where the next one goes on; another one is a reset."""
    s = unix()
    source = lines(s)

    def ask(method, params):
        s.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode())
        return next(source)

    position = ask("system.subscribe", {"events": ["project"]})["result"]["last_event_id"]
    assert ask("system.unsubscribe", {})["result"]["unsubscribed"]
    for name in ("one", "two"):
        assert "result" in ask("project.create", {"name": name})
    assert "result" in ask("system.subscribe", {"events": ["project"], "last_event_id": position})
    assert [next(source)["params"]["data"]["name"] for _ in range(2)] == ["one", "two"]
    assert "result" in ask("system.subscribe", {"last_event_id": "0123456789abcdef-1"})
    event = next(source)["params"]
    assert event["event"] == "reset" and event["data"]["reason"] == "restarted", event


def stream_unread():
    """A subscriber that does not read loses events, and learns it, and not one reply."""
    rpc(connect(), "project.create", {"name": "unread"})
    s = unix()
    s.sendall(b'{"jsonrpc":"2.0","id":0,"method":"system.subscribe","params":{"events":["project"]}}')
    count = 2000
    sender = threading.Thread(target=lambda: s.sendall(b"".join(
        json.dumps({"jsonrpc": "2.0", "id": i, "method": "system.ping"}).encode() for i in range(1, count))))
    sender.start()
    flood(20000)
    ids, resets = [], 0
    for value in lines(s):
        if "id" in value:
            ids.append(value["id"])
        elif value["params"]["event"] == "reset":
            resets += 1
        if len(ids) == count and resets:
            break
    sender.join()
    assert ids == list(range(count)), ids[:20]


# ---- how it ends ----

def mute():
    """Listens, and reads nothing as long as it lives."""
    held = Events(buffer=2048)
    signal.pause()
    held.close()



def hold():
    """Prints READY, and at the end what came last, over HTTP and on the stream."""
    events = Events("?events=state").start()
    s = unix()
    s.sendall(b'{"jsonrpc":"2.0","id":0,"method":"system.subscribe","params":{"events":["state"]}}')
    source = lines(s)
    assert "result" in next(source)
    print("READY", flush=True)
    states = {"http": [], "stream": []}
    while (event := events.next()) is not None:
        states["http"].append(event[2]["state"])
    for value in source:
        states["stream"].append(value["params"]["data"]["state"])
    print(json.dumps({name: seen[-1:] + sorted(set(seen)) for name, seen in states.items()}), events.last_id)


{f.__name__: f for f in (resume, slow, unread, idle, vanish, surplus, stream, stream_resume, stream_unread, mute, hold)}[sys.argv[1]](
    *(int(word) if word.isdigit() else word for word in sys.argv[4:]))
if sys.argv[1] != "hold":
    print("ok")
