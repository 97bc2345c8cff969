#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that keeps coming: knock.py PORT|PATH

Connects, asks for /version, closes, and again, until it gets SIGTERM. Prints READY after the first reply and
at the end one line of JSON: `served` and `refused` connections, those that were `broken` after connect() had
succeeded (nothing else is lost by a crash), the longest from connect to reply (`slowest_ms`), and `examples`.
"""
import json
import signal
import socket
import sys
import time

target = sys.argv[1]
counts = {"served": 0, "refused": 0, "broken": 0, "slowest_ms": 0, "examples": []}
going = True


def stop(_signal, _frame):
    global going
    going = False


def connect():
    if target.startswith("/"):
        s = socket.socket(socket.AF_UNIX)
    else:
        s = socket.socket()
    s.settimeout(30)
    try:
        s.connect(target if target.startswith("/") else ("127.0.0.1", int(target)))
    except OSError:
        s.close()
        raise
    return s


def ask(s):
    s.sendall(b"GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    reply = b""
    while piece := s.recv(65536):
        reply += piece
    if not reply.startswith(b"HTTP/1.1 ") or b"\r\n\r\n" not in reply:
        raise EOFError("%d bytes of a reply" % len(reply))


def count(what, error):
    counts[what] += 1
    if len(counts["examples"]) < 5:
        counts["examples"].append("%s: %r" % (what, error))


def knock():
    began = time.monotonic()
    try:
        s = connect()
    except OSError as error:
        count("refused", error)
        time.sleep(0.01)  # nobody there answers at once: no race for the processor
        return
    try:
        ask(s)
        counts["served"] += 1
    except (OSError, EOFError) as error:
        count("broken", error)
    finally:
        s.close()
    counts["slowest_ms"] = max(counts["slowest_ms"], int((time.monotonic() - began) * 1000))


signal.signal(signal.SIGTERM, stop)
announced = False
while going:
    knock()
    if counts["served"] and not announced:
        announced = True
        print("READY", flush=True)
print(json.dumps(counts), flush=True)
