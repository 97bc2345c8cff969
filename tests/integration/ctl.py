#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ctl.sh needs beside the daemon: servers that are none, a terminal, a look at memory.

    ctl.py serve                 a server on a free port, which is printed; the first segment of the path says how it fails
    ctl.py rss COMMAND...        runs it, prints the most memory it had in KiB as the last line of standard error
    ctl.py pty AWAIT KEYS COMMAND...
                                 runs it in a terminal, sends KEYS once AWAIT (a regular expression) was printed; prints
                                 what the terminal got, then `status N` and `terminal kept` or `terminal changed`
    ctl.py pty AWAIT ^SIGNAL COMMAND...
                                 the same with a signal to it
"""
import os
import pty
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import termios
import threading
import time


def reply(body, status="200 OK", kind="application/json", more=""):
    return (f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n").encode() + body


def forever(connection, first, piece, pause=0.0):
    connection.sendall(first)
    while True:
        connection.sendall(piece)
        time.sleep(pause)


PROBLEM = b'{"type":"about:blank","title":"Unauthorized","status":401,"detail":"a token, please \\u001b[31m"}'
ESCAPES = (b'{"jsonrpc":"2.0","id":1,"result":{"projects":[{"project_id":"p1","name":"\\u001b]0;evil\\u0007\\u202e",'
           b'"path":"\\u009b31m","layers":1}],"count":1}}')
ERROR = b'{"jsonrpc":"2.0","id":1,"error":{"code":-1000,"message":"\\u001b[2Jgone","data":{"reason":"\\u0007bell","x":"\\u009b"}}}'

MODES = {
    "silent": lambda c: time.sleep(60),
    "garbage": lambda c: c.sendall(os.urandom(4096)),
    "text": lambda c: c.sendall(b"220 mail.example.org ESMTP\r\n"),
    "closed": lambda c: None,
    "short": lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"),
    "html": lambda c: c.sendall(reply(b"<html>hello</html>", kind="text/html")),
    "empty": lambda c: c.sendall(reply(b"")),
    "array": lambda c: c.sendall(reply(b"[1]")),
    "nothing": lambda c: c.sendall(reply(b"{}")),
    "deep": lambda c: c.sendall(reply(b'{"a":' + b"[" * 100000 + b"]" * 100000 + b"}")),
    "away": lambda c: c.sendall(reply(b"{}", "302 Found", more="Location: file:///etc/passwd\r\n")),
    "problem": lambda c: c.sendall(reply(PROBLEM, "401 Unauthorized", "application/problem+json")),
    "claim": lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{"),
    "endless": lambda c: forever(c, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"[" * 65536),
    "chunks": lambda c: forever(c, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "headers": lambda c: forever(c, b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 1000 + b"\r\n"),
    "continue": lambda c: forever(c, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "trickle": lambda c: forever(c, b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" ", 0.05),
    "escapes": lambda c: c.sendall(reply(ESCAPES)),
    "error": lambda c: c.sendall(reply(ERROR)),
    "many": lambda c: c.sendall(reply(b'{"a":[' + b"[]," * 15000000 + b"1]}")),
}


def answer(connection):
    with connection:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return
            head += piece
        target = head.split(b" ", 2)[1].decode("latin-1")
        mode = target.split("/")[1]
        if mode == "echo":
            authorization = re.search(rb"(?i)\r\nauthorization: ([^\r]*)", head)
            text = authorization.group(1).decode() if authorization else "none"
            connection.sendall(reply(('{"log_level":"%s"}' % text).encode()))
            return
        try:
            MODES[mode](connection)
        except OSError:
            pass


def serve():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def rss(command):
    status = subprocess.run(command).returncode
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
    return status


def run_pty(awaited, keys, command):
    leader, follower = pty.openpty()
    before = termios.tcgetattr(follower)
    child = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
                             env=dict(os.environ, TERM="xterm"))
    text, sent, deadline = b"", False, time.monotonic() + 60
    while time.monotonic() < deadline:
        ready, _, _ = select.select([leader], [], [], 0.05)
        if ready:
            text += os.read(leader, 65536)
        elif child.poll() is not None:
            break
        if not sent and re.search(awaited.encode(), text):
            sent = True
            if keys.startswith("^"):
                child.send_signal(getattr(signal, keys[1:]))
            else:
                os.write(leader, keys.encode())
    else:
        child.kill()
    after = termios.tcgetattr(follower)
    sys.stdout.buffer.write(text)
    print(f"\nstatus {child.wait()}\nterminal {'kept' if before == after else 'changed'}")


if sys.argv[1] == "serve":
    serve()
elif sys.argv[1] == "rss":
    sys.exit(rss(sys.argv[2:]))
elif sys.argv[1] == "pty":
    run_pty(sys.argv[2], sys.argv[3], sys.argv[4:])
