#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that judge what they get: load.py stop|burst TARGET CLIENTS [BODY-FILE]

TARGET is PORT, or PORT,SOCKET to send every other client to the Unix socket.

stop   every client connects, sends requests one after another on the same connection, reconnects when
       the server announces its end, and goes on until nobody listens any more. Prints READY once all
       are served, then one line of JSON. A request is lost when connect() had succeeded and no complete
       reply came.
burst  every client sends the request in BODY-FILE ten times, each on a new connection, all at once.
"""
import collections
import json
import socket
import sys
import threading
import time

mode, target, clients = sys.argv[1], sys.argv[2].split(","), int(sys.argv[3])
body = open(sys.argv[4], "rb").read() if len(sys.argv) > 4 else \
    b'{"jsonrpc":"2.0","id":1,"method":"system.ping","params":{"timestamp":1}}'
request = (b"POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           b"Content-Length: %d\r\n\r\n" % len(body)) + body
counts = collections.Counter()
lost = []
lock = threading.Lock()
served = set()
all_served = threading.Event()


def connect(index):
    if len(target) > 1 and index % 2:
        s = socket.socket(socket.AF_UNIX)
        address = target[1]
    else:
        s = socket.socket()
        address = ("127.0.0.1", int(target[0]))
    # At a stop nobody answers any more; in a burst the backlog is full for a while, and TCP tries again.
    s.settimeout(1 if mode == "stop" else 60)
    s.connect(address)
    s.settimeout(60)
    return s


def read_reply(s):
    """(status, headers, body); raises on anything that is not whole."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = s.recv(65536)
        if not piece:
            raise EOFError("end after %d bytes of the reply" % len(data))
        data += piece
    head, rest = data.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    headers = {k.strip().lower(): v.strip() for k, v in (line.split(":", 1) for line in lines[1:])}
    length = int(headers.get("content-length", "0"))
    while len(rest) < length:
        piece = s.recv(65536)
        if not piece:
            raise EOFError("end after %d of %d bytes of the body" % (len(rest), length))
        rest += piece
    if len(rest) != length:
        raise EOFError("more than was announced")
    return int(lines[0].split()[1]), headers, rest


def note(status, headers, reply):
    with lock:
        counts[str(status)] += 1
        if status == 503:
            counts["retry-after"] += "retry-after" in headers
            error = json.loads(reply).get("error", {})
            counts["rpc%d" % error.get("code", 0)] += 1
        elif status == 200:
            json.loads(reply)


def fail(where, error):
    with lock:
        lost.append("%s: %s: %s" % (where, type(error).__name__, error))


def stop_client(index):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            s = connect(index)
        except (ConnectionRefusedError, FileNotFoundError, socket.timeout, TimeoutError):
            break
        except OSError as error:
            fail("connect", error)
            break
        number = 0
        try:
            while True:
                s.sendall(request)
                status, headers, reply = read_reply(s)
                number += 1
                note(status, headers, reply)
                with lock:
                    served.add(index)
                    if len(served) == clients:
                        all_served.set()
                # some connections live for one request, some for many
                if headers.get("connection", "").lower() == "close" or number > index * 3:
                    break
        except (OSError, EOFError, ValueError) as error:
            fail("request %d of a connection" % (number + 1), error)
        s.close()


def burst_client(index):
    for _ in range(10):
        try:
            s = connect(index)
            s.sendall(request)
            note(*read_reply(s))
            s.close()
        except (OSError, EOFError, ValueError) as error:
            fail("burst", error)


threads = [threading.Thread(target=stop_client if mode == "stop" else burst_client, args=(i,)) for i in range(clients)]
for thread in threads:
    thread.start()
if mode == "stop":
    all_served.wait(60)
    print("READY", flush=True)
for thread in threads:
    thread.join()
print(json.dumps({"lost": len(lost), "examples": lost[:5], "served": len(served), **counts}))
