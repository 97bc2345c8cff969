#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that come and go: connections.py PID PORT|SOCKET SUCCESSIVE AT-ONCE ROOM

One line for each thing found out, as tabs between: ok or not, what, and what was got instead. Over a port HTTP is spoken, over a
socket the stream. After a first round, in which the daemon grows as it may, no further one costs a descriptor, nor more
than ROOM bytes of memory altogether.
"""
import json
import os
import socket
import sys
import time

pid, target, successive, at_once, room = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
unix = not target.isdigit()
BODY = b'{"jsonrpc":"2.0","id":1,"method":"system.ping"}'
REQUEST = BODY if unix else (b"POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                             b"Content-Length: %d\r\n\r\n" % len(BODY)) + BODY
FIRST = 1000  # connections of the first round


def connect():
    s = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
    s.connect(target if unix else ("127.0.0.1", int(target)))
    s.settimeout(60)
    return s


def read_reply(s):
    data = b""
    while not data.endswith(b"}}\n" if unix else b"}}"):
        piece = s.recv(1 << 16)
        assert piece, "the end instead of a reply: %r" % data
        data += piece
    assert json.loads(data if unix else data.split(b"\r\n\r\n", 1)[1])["result"]["pong"] is True, data


def resident():
    with open("/proc/%s/statm" % pid, encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors():
    return len(os.listdir("/proc/%s/fd" % pid))


def settled(most):
    """How many descriptors there are once those of the clients are closed."""
    end = time.monotonic() + 60
    while descriptors() > most and time.monotonic() < end:
        time.sleep(0.01)
    return descriptors()


def found(name, right, got=""):
    print("%s\t%s, %s\t%s" % ("ok" if right else "not", "stream" if unix else "HTTP", name, got), flush=True)


def one_after_another(count):
    for _ in range(count):
        with connect() as s:
            s.sendall(REQUEST)
            read_reply(s)


def all_at_once(count):
    """Each is open before the first is served, and each is served before the first ends."""
    clients = [connect() for _ in range(count)]
    for s in clients:
        s.sendall(REQUEST)
    for s in clients:
        read_reply(s)
    for s in clients:
        s.close()


def measured(name, run, count, rounds):
    idle = descriptors()
    run(min(count, FIRST))
    files = settled(idle)
    memory = resident()
    for _ in range(rounds):
        run(count)
        settled(files)  # or those of two rounds would be too many
    found("%s: as many descriptors as before" % name, settled(files) == files == idle, "%d, %d, %d" % (idle, files, descriptors()))
    found("%s: %d bytes more at most" % (name, room), (grown := resident() - memory) <= room, grown)


measured("%d connections one after another" % successive, one_after_another, successive, 1)
measured("%d connections at once, five times" % at_once, all_at_once, at_once, 5)
