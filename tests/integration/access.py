#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients for access.sh: access.py WHAT SOCKET-OR-PORT [ARGUMENTS]; each prints "ok", or what it was asked for."""
import json
import os
import select
import socket
import sys


class Stream:
    """Messages over the Unix socket, one connection."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.settimeout(60)
        self.lines = self.socket.makefile("rb")

    def ask(self, method, params=None):
        message = {"jsonrpc": "2.0", "id": 1, "method": method}
        if params is not None:
            message["params"] = params
        self.socket.sendall(json.dumps(message).encode())
        line = self.lines.readline()
        assert line, "the end instead of a reply"
        return json.loads(line)

    def code(self, method, params=None):
        return self.ask(method, params).get("error", {}).get("code")


def say(path, method):
    print(json.dumps(Stream(path).code(method)))


def authenticate(path, good, wrong):
    stream, other = Stream(path), Stream(path)
    assert stream.code("project.list") == -1013
    assert stream.code("system.authenticate", [wrong]) == -1012
    assert stream.code("project.list") == -1013
    told = stream.ask("system.authenticate", [good])["result"]
    assert told == {"authenticated": True, "name": "the.edit", "level": "edit", "lasting": True}, told
    assert stream.code("project.create") is None
    assert stream.code("system.authenticate", [wrong]) == -1012
    assert stream.code("project.create") is None, "a wrong one takes nothing away"
    assert stream.code("system.reload") == -1013
    assert other.code("project.list") == -1013, "another connection has nothing of it"
    print("ok")


def revoke(path, good):
    """The stream stays, the line of its token goes."""
    stream = Stream(path)
    assert stream.code("system.authenticate", [good]) is None
    assert stream.code("project.list") is None
    print("raised", flush=True)
    while stream.code("project.list") is None:
        pass
    print(stream.code("project.list"))


def rate(path):
    stream = Stream(path)
    codes = [stream.code("system.ping") for _ in range(12)]
    assert codes[0] is None and -32000 in codes, codes
    while stream.code("system.ping") == -32000:
        pass
    print("ok")


def status(connection):
    return int(connection.makefile("rb").readline().split()[1])


def request(port, token, length=None):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.settimeout(60)
    head = "POST /rpc HTTP/1.1" if length else "GET /version HTTP/1.1"
    lines = [head, "Host: localhost", "Connection: close", "Authorization: Bearer " + token]
    if length:
        lines += ["Content-Type: application/json", "Content-Length: %d" % length]
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return connection


def answered(connection):
    return bool(select.select([connection], [], [], 0)[0])


def busy(port, token, other):
    """A request whose body is not there yet is under way."""
    body = b'{"jsonrpc":"2.0","id":1,"method":"system.ping"}'
    while True:
        first = request(int(port), token, len(body))
        refused = 0  # in a row: the daemon may not have seen the first one yet, nor the end of the one before
        while refused < 5 and not answered(first):
            refused = refused + 1 if status(request(int(port), token)) == 429 else 0
        if not answered(first):
            break
        assert status(first) == 429  # it came while another one was under way: it was refused itself
    assert status(request(int(port), other)) == 200, "another client is not concerned"
    first.sendall(body)
    assert status(first) == 200
    while status(request(int(port), token)) != 200:
        pass
    print("ok")


def put(port, token, sent, total):
    """A file that is sent as far as that."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(f"PUT /projects/x.txt HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
                       f"Content-Type: text/plain\r\nContent-Length: {total}\r\n\r\n".encode() + b" " * sent)
    return connection


def uploads(port, token):
    """A file of which most has come, more than stays in memory, is under way until it is answered."""
    port = int(port)
    first = put(port, token, 600_000, 700_000)
    while status(request(port, token)) != 429:
        pass
    second = put(port, token, 0, 6 << 20)
    for _ in range(96):  # it is not wanted, and read nevertheless: a client that sends would not see the answer
        second.sendall(b" " * 65536)
    assert status(second) == 429
    first.sendall(b" " * 100_000)
    assert status(first) in (200, 201)
    while status(request(port, token)) != 200:
        pass
    print("ok")


def nobody(what, *arguments):
    """As somebody who is not root, nor of any group that matters."""
    os.setgroups([])
    os.setgid(65533)
    os.setuid(65534)
    globals()[what](*arguments)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
