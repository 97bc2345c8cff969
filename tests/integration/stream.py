#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the JSON stream: stream.py WHAT SOCKET [ARGUMENTS]

`say` sends standard input, ends its side, and prints what comes until the other side ends; the others check something,
each as its function says, and print "ok" or what was wrong.
"""
import json
import os
import random
import select
import socket
import sys
import threading
import time

path = sys.argv[2]


def connect():
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)  # without a time limit: with one, a full backlog would be an error
    s.settimeout(60)
    return s


def request(number, method="system.ping", params=None):
    message = {"jsonrpc": "2.0", "id": number, "method": method}
    if params is not None:
        message["params"] = params
    return json.dumps(message).encode()


def read_all(s):
    pieces = []
    while piece := s.recv(1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def replies(data):
    assert data == b"" or data.endswith(b"\n"), "no newline at the end: %r" % data[-80:]
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def check_ids(data, count):
    ids = [reply.get("id") for reply in replies(data)]
    assert ids == list(range(count)), "%d replies of %d, or out of order: %r" % (len(ids), count, ids[:20])


def ask(s, message):
    s.sendall(message)
    line = b""
    while not line.endswith(b"\n"):
        piece = s.recv(1 << 20)
        assert piece, "the end instead of a reply"
        line += piece
    return json.loads(line)


def resident(pid):
    with open("/proc/%s/statm" % pid, encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid):
    return len(os.listdir("/proc/%s/fd" % pid))


def processor(pid):
    """Seconds."""
    with open("/proc/%s/stat" % pid, encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def processor_over(pid, seconds):
    """What it takes of the processor in so many seconds, in which nobody asks for anything: the time is what is measured."""
    used = processor(pid)
    time.sleep(seconds)
    return processor(pid) - used


def until(what, condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def say():
    s = connect()
    s.sendall(sys.stdin.buffer.read())
    s.shutdown(socket.SHUT_WR)
    sys.stdout.buffer.write(read_all(s))


def single_bytes():
    """A request may come byte by byte; its reply comes in one piece, before the client has ended its side."""
    s = connect()
    for number in range(20):
        for byte in request(number, params={"timestamp": number}) + b"\n":
            s.send(bytes([byte]))
        reply = s.recv(1 << 20)
        assert reply.endswith(b"\n") and json.loads(reply)["result"]["timestamp"] == number, reply


def random_pieces():
    """Any white space between requests, any pieces; strings and nesting with all that could mislead."""
    source = random.Random(int(sys.argv[3]))
    texts = ['}{', '"', '\\', '[]', '\\"', '\n', 'é', '\U0001f600', ']]}}', '"}']
    stream = b""
    for number in range(500):
        params = {"no such": ["".join(source.choices(texts, k=5)), {source.choice(texts): [[], {}, 1.5e3, None]}]}
        stream += request(number, params=params) + source.choice([b"", b"\n", b" \r\n\t", b"\n\n\n"])
    s = connect()
    received = []
    reader = threading.Thread(target=lambda: received.append(read_all(s)))
    reader.start()
    at = 0
    while at < len(stream):
        size = source.choice([1, 2, 3, 7, 50, 400, 70000])
        s.sendall(stream[at:at + size])
        at += size
    s.shutdown(socket.SHUT_WR)
    reader.join()
    check_ids(received[0], 500)


def pipelined():
    """All is sent before anything is read; half-closed, everything is still answered, in order, and then the end comes."""
    count = int(sys.argv[3])
    s = connect()
    s.sendall(b"".join(request(number) for number in range(count)))
    s.shutdown(socket.SHUT_WR)
    check_ids(read_all(s), count)


def in_order():
    """Each request sees what those before it did."""
    s = connect()
    messages = [request(0, "project.create", {"name": "order"})]
    for number in range(1, 200, 2):
        messages.append(request(number, "voxel.add", [number, 0, 0, [number, 1, 2]]))
        messages.append(request(number + 1, "voxel.get", [number, 0, 0]))
    s.sendall(b"".join(messages))
    s.shutdown(socket.SHUT_WR)
    data = read_all(s)
    check_ids(data, 201)
    for reply in replies(data)[2::2]:
        assert reply["result"]["color"] == [reply["id"] - 1, 1, 2, 255], reply


def sizes():
    """The ceiling of a message is exact, and the refusal names it even to a client that goes on sending."""
    most = int(sys.argv[3])
    start, end = b'{"jsonrpc":"2.0","id":1,"method":"system.ping","params":["', b'"]}'
    s = connect()
    reply = ask(s, start + b"x" * (most - len(start) - len(end)) + end)
    assert reply["error"]["code"] == -32602, reply
    assert ask(s, b"   \n" * 1000 + request(2))["id"] == 2
    for more in (1, 50 << 20):
        s = connect()
        s.sendall(start + b"x" * (most + more - len(start) - len(end)) + end)
        error = replies(read_all(s))[0]["error"]
        assert error["code"] == -32600 and error["data"]["limit"] == most, error
        assert error["data"]["given"] > most, error


def broken():
    """After input that is no JSON there is one error, and the end; what came before is answered."""
    for garbage in (b"hello", b"}", b"[1,]", b'{"a" 1}', b"[1}", b'"\x01"', b"\xff", b'"\xff"', b"[" * 33, b"nonsense ",
                    b'{"a":1,"a":2}', b"[1e999]", b"\xef\xbb\xbf{}", b"\0"):
        s = connect()
        s.sendall(request(0) + garbage + request(1))
        lines = replies(read_all(s))
        assert [line["id"] for line in lines] == [0, None], (garbage, lines)
        assert lines[1]["error"]["code"] == -32700, (garbage, lines)


def cut_off():
    """Half a message and the end of the client's side is an error; half a message and the client's end is nothing."""
    s = connect()
    s.sendall(request(0)[:-5])
    s.shutdown(socket.SHUT_WR)
    lines = replies(read_all(s))
    assert len(lines) == 1 and lines[0]["error"]["code"] == -32700, lines
    for size in range(1, len(request(0))):
        s = connect()
        s.sendall(request(0)[:size])
        s.close()


def vanish():
    """A client that is gone before its replies are read leaves nothing behind."""
    pid = sys.argv[3]
    before = descriptors(pid)
    for turn in range(300):
        s = connect()
        s.sendall(b"".join(request(number, "system.list_methods") for number in range(turn % 50 + 1)))
        s.close()
    until("descriptors stay open", lambda: descriptors(pid) <= before)


def slow_reader():
    """A client that does not read is not read from: the daemon holds little, and all is there when the client reads."""
    pid, room, count = sys.argv[3], int(sys.argv[4]), 20000
    before = resident(pid)
    s = connect()
    s.setblocking(False)
    data = b"".join(request(number, "system.list_methods", {"include_descriptions": True}) for number in range(count))
    sent = 0
    while sent < len(data) and select.select([], [s], [], 1)[1]:
        sent += s.send(data[sent:])
    assert sent < len(data), "everything was taken"
    grown = resident(pid) - before
    assert grown < room, "%d bytes for one client" % grown
    assert processor_over(pid, 1) < 0.2, "it is waited for busily"
    other = connect()
    assert ask(other, request(7))["id"] == 7
    s.settimeout(60)
    numbers, rest = 0, b""
    data = data[:data.index(b"}{", sent) + 1] if b"}{" in data[sent:] else data
    sender = threading.Thread(target=lambda: (s.sendall(data[sent:]), s.shutdown(socket.SHUT_WR)))
    sender.start()
    while piece := s.recv(1 << 20):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            assert json.loads(line)["id"] == numbers, line[:80]
            numbers += 1
    sender.join()
    assert rest == b"" and numbers == data.count(b'"jsonrpc"'), numbers


def many():
    """So many at once, each of them served; then none of them is left."""
    pid, count = sys.argv[3], int(sys.argv[4])
    before = descriptors(pid)
    clients = [connect() for _ in range(count)]
    for number, s in enumerate(clients):
        s.sendall(request(number))
    for number, s in enumerate(clients):
        assert json.loads(s.recv(1 << 16))["id"] == number
    used = processor_over(pid, 3)
    assert used < 0.3, "%.2f s of the processor in 3 s for clients that say nothing" % used
    for s in clients:
        s.close()
    until("descriptors stay open", lambda: descriptors(pid) <= before)


def successive():
    """So many one after another cost neither descriptors nor memory."""
    pid, count, room = sys.argv[3], int(sys.argv[4]), int(sys.argv[5])

    def once(number):
        s = connect()
        assert ask(s, request(number))["id"] == number
        s.close()

    for number in range(1000):
        once(number)
    until("descriptors stay open", lambda: descriptors(pid) < 100)
    files, memory = descriptors(pid), resident(pid)
    for number in range(count):
        once(number)
    until("descriptors stay open", lambda: descriptors(pid) <= files)
    grown = resident(pid) - memory
    assert grown < room, "%d bytes more" % grown


def idle():
    """A client that says nothing, or goes on for ever with one message, is let go; whoever began is told why."""
    s = connect()
    assert read_all(s) == b""
    s = connect()
    assert ask(s, request(1))["id"] == 1
    assert read_all(s) == b""
    s = connect()
    s.sendall(b'{"jsonrpc":')
    lines = replies(read_all(s))
    assert len(lines) == 1 and lines[0]["error"]["code"] == -32002, lines
    s = connect()
    ended = threading.Event()

    def trickle():
        try:
            while not ended.wait(0.02):
                s.sendall(b" ")
        except OSError:
            pass

    thread = threading.Thread(target=trickle)
    s.sendall(b"[")
    thread.start()
    lines = replies(s.recv(1 << 16))
    ended.set()
    thread.join()
    assert lines[0]["error"]["code"] == -32002, lines


def unread():
    """A client that never reads its replies is let go."""
    s = connect()
    s.setblocking(False)
    data = b"".join(request(number, "system.list_methods", {"include_descriptions": True}) for number in range(20000))
    sent = 0
    try:
        while sent < len(data):
            assert select.select([], [s], [], 60)[1], "it is kept"
            sent += s.send(data[sent:])
    except (BrokenPipeError, ConnectionResetError):
        return
    raise AssertionError("everything was taken")


def surplus():
    """Who comes when there are enough is told so; who spoke HTTP too."""
    kept = [connect() for _ in range(int(sys.argv[3]))]
    for s in kept:
        assert ask(s, request(1))["id"] == 1
    s = connect()
    s.sendall(request(2))
    lines = replies(read_all(s))
    assert [line["error"]["code"] for line in lines] == [-32000], lines
    s = connect()
    s.sendall(b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert read_all(s).startswith(b"HTTP/1.1 503 ")


def reloaded():
    """A reload, by another stream, leaves a stream as it is, with half a message on its way."""
    kept, other = connect(), connect()
    assert ask(kept, request(1))["id"] == 1
    kept.sendall(request(2)[:-1])
    assert "result" in ask(other, request(1, "system.reload"))
    assert ask(kept, b"}")["id"] == 2


def hold():
    """Streams that are open while something happens to the daemon: prints READY, then what became of each."""
    idle_one, half, busy = connect(), connect(), connect()
    assert ask(idle_one, request(1))["id"] == 1
    half.sendall(request(2)[:-1])
    number = 0
    try:
        while True:
            number += 1
            reply = ask(busy, request(number))
            assert reply["id"] == number, reply
            if number == 10:
                print("READY", flush=True)
    except (BrokenPipeError, ConnectionResetError):
        busy_end = "refused"
    except AssertionError as error:
        busy_end = str(error)
    # What was begun is still answered.
    half.sendall(b"}")
    print(json.dumps({"idle": read_all(idle_one).decode(), "half": [r["id"] for r in replies(read_all(half))],
                      "busy": busy_end}))


{f.__name__: f for f in (say, single_bytes, random_pieces, pipelined, in_order, sizes, broken, cut_off, vanish, slow_reader,
                         many, successive, idle, unread, surplus, reloaded, hold)}[sys.argv[1]]()
if sys.argv[1] not in ("say", "hold"):
    print("ok")
