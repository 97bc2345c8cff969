#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that nobody should send: hostile.py WHAT PORT|SOCKET

One line for each thing found out, as tabs between: ok or not, what, and what was got instead.

framing   where one parser may see two requests and another one: never is more answered than was meant
odd       what is no request that anybody needs
slow      clients that never come to an end, many at once (header_timeout_ms and body_timeout_ms are short)
"""
import re
import socket
import sys
import threading

what, target = sys.argv[1], sys.argv[2]
unix = not target.isdigit()
HOST = b"Host: localhost\r\n"
JSON = b"Content-Type: application/json\r\n"
PING = b'{"jsonrpc":"2.0","id":1,"method":"system.ping"}'
LENGTH = b"Content-Length: %d\r\n" % len(PING)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
# What an attacker wants to see answered on somebody else's connection.
HIDDEN = b"GET /version HTTP/1.1\r\n" + HOST + b"\r\n"
LAST = b"GET /health/live HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n"


def connect():
    s = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
    s.connect(target if unix else ("127.0.0.1", int(target)))
    s.settimeout(30)
    return s


def found(name, right, got=""):
    print("%s\t%s%s\t%s" % ("ok" if right else "not", name, " (Unix socket)" if unix else "",
                            repr(got)[:600]), flush=True)


def read_all(s):
    data = b""
    try:
        while piece := s.recv(1 << 16):
            data += piece
    except ConnectionResetError:
        pass  # it did not read all that was sent
    except TimeoutError:
        data += b"<it stays open>"
    return data


def replies(data):
    """[(status, headers, body)] as a client reads them: nothing counts behind one that says the connection is closed."""
    result = []
    while match := re.match(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n((?:[!-9;-~]+:[^\r\n]*\r\n)*)\r\n", data):
        headers = {key.strip().lower(): value.strip()
                   for key, value in (line.split(b":", 1) for line in match[2].split(b"\r\n")[:-1])}
        length = int(headers.get(b"content-length", b"0"))
        result.append((int(match[1]), headers, data[match.end():match.end() + length]))
        data = data[match.end() + length:]
        if headers.get(b"connection", b"").lower() == b"close":
            return result, b""
    return result, data


def closes(name, status, request):
    """One reply, of that status, and the end of the connection, by the daemon."""
    s = connect()
    try:
        s.sendall(request)
    except (BrokenPipeError, ConnectionResetError):
        pass  # it has had enough before the end
    data = read_all(s)
    s.close()
    got, rest = replies(data)
    right = len(got) == 1 and got[0][0] == status and got[0][1].get(b"connection", b"").lower() == b"close"
    found("%s: %d, and the end" % (name, status), right and b"stays open" not in data and b'"api"' not in data, data)


def answers(name, statuses, request):
    """So many replies, and the next one is that to the next request."""
    s = connect()
    s.sendall(request + LAST)
    data = read_all(s)
    s.close()
    got, rest = replies(data)
    right = [reply[0] for reply in got] == statuses + [200] and rest == b"" and b"live" in got[-1][2]
    found("%s: %s" % (name, " ".join(map(str, statuses))), right, data)


def post(headers, body, line=b"POST /rpc HTTP/1.1\r\n"):
    return line + HOST + JSON + headers + b"\r\n" + body


def chunk(body, size=None):
    return (b"%x" % len(body) if size is None else size) + b"\r\n" + body + b"\r\n"


def framing():
    last = b"0\r\n\r\n"
    # What is right is answered as what it is.
    answers("a request, and another", [200, 200], post(LENGTH, PING + HIDDEN))
    answers("a request in chunks, and another", [200, 200], post(CHUNKED, chunk(PING) + last + HIDDEN))
    answers("chunks of one byte", [200, 200], post(CHUNKED, b"".join(chunk(PING[i:i + 1]) for i in range(len(PING))) + last + HIDDEN))
    answers("an extension and a trailer of chunks", [200, 200],
            post(CHUNKED, chunk(PING, b"%x;a=b" % len(PING)) + b"0\r\nContent-Length: 5\r\nHost: evil.example\r\n\r\n" + HIDDEN))
    answers("a body that looks like a request", [415], b"POST /rpc HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN)
    answers("one where none belongs", [415], b"GET /version HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN)
    answers("one in chunks where none belongs", [415], b"GET /version HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n" + chunk(HIDDEN) + last)
    answers("one that is refused for its path", [404], b"POST /nowhere HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN)
    answers("one that is refused for its method", [405], b"POST /version HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN)
    answers("one that is refused for its origin", [403],
            b"POST /rpc HTTP/1.1\r\nOrigin: http://evil.example\r\n" + HOST + JSON + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN)
    answers("bare line feeds all through", [200], post(LENGTH, PING).replace(b"\r\n", b"\n"))

    # The length of a body is told once, by one header, in one way.
    closes("length, then chunks", 400, post(LENGTH + CHUNKED, last + HIDDEN))
    closes("chunks, then length", 400, post(CHUNKED + LENGTH, last + HIDDEN))
    closes("two lengths", 400, post(LENGTH + b"Content-Length: 0\r\n", PING + HIDDEN))
    closes("the same length twice", 400, post(LENGTH + LENGTH, PING + HIDDEN))
    for value in (b"47, 47", b"47,0", b"+47", b"-1", b"0x2f", b"4 7", b"47.0", b"", b"\x0b47", b"forty"):
        closes("the length %r" % value.decode(), 400, post(b"Content-Length: " + value + b"\r\n", PING + HIDDEN))
    for value in (b"18446744073709551663", b"9" * 40):
        closes("the length %s" % value.decode(), 413, post(b"Content-Length: " + value + b"\r\n", PING + HIDDEN))
    for value in (b"xchunked", b"identity", b"gzip, chunked", b"chunked, chunked", b"chunked, gzip", b'"chunked"', b"chunked;a=b",
                  b"\x0bchunked", b"chunked\x0b", b""):
        closes("the encoding %r" % value.decode(), 400, post(b"Transfer-Encoding: " + value + b"\r\n", chunk(PING) + last + HIDDEN))
        closes("with a length the encoding %r" % value.decode(), 400, post(LENGTH + b"Transfer-Encoding: " + value + b"\r\n", PING + HIDDEN))
    closes("two encodings", 400, post(CHUNKED + b"Transfer-Encoding: identity\r\n", chunk(PING) + last + HIDDEN))
    closes("chunks of HTTP/1.0", 400, post(CHUNKED, chunk(PING) + last + HIDDEN, b"POST /rpc HTTP/1.0\r\nConnection: keep-alive\r\n"))

    # Headers that are one for some and another, or two, for others.
    for header in (b"Transfer-Encoding : chunked\r\n", b"Transfer-Encoding\t: chunked\r\n", b" Transfer-Encoding: chunked\r\n",
                   b"X: a\rTransfer-Encoding: chunked\r\n", b"X: a\nTransfer-Encoding: chunked\r\n", b"X: \x01\r\n", b"X: \x7f\r\n",
                   b"X: a\rContent-Length: 0\r\n", b"X: a\nContent-Length: 0\r\n", b"X\x00: a\r\n", b"X{}: a\r\n",
                   b"X: a\r\n Content-Length: 0\r\n", b"Content-Length\r\n", b"Transfer-Encoding\r\n"):
        closes("the header %r" % header.decode(), 400, post(header + LENGTH, PING + HIDDEN))
    for header in (b"Content-Length:\r\n 47\r\n", b"Content-Length: 4\r\n 7\r\n", b"Content-Length: 47\r\n\t0\r\n",
                   b"Transfer-Encoding:\r\n chunked\r\n", b"Transfer-Encoding: chunked\r\n , identity\r\n", b"X: a\r\r" + LENGTH):
        closes("the header %r" % header.decode(), 400, post(header, PING + HIDDEN))

    # Chunks whose size is none.
    for size in (b"zz", b"-1", b"0x2f", b"+2f", b"", b" 2f", b"2f ", b"2g", b"2f;a\nb", b"2e"):
        closes("a chunk of %r" % size.decode(), 400, post(CHUNKED, chunk(PING, size) + last + HIDDEN))
    for size in (b"1000000000000002f", b"f" * 40):
        closes("a chunk of %s" % size.decode(), 413, post(CHUNKED, chunk(PING, size) + last + HIDDEN))


def odd():
    def get(line=b"GET /version HTTP/1.1", headers=HOST):
        return line + b"\r\n" + headers + b"\r\n"

    for line in (b"GET version HTTP/1.1", b"GET http://localhost/version HTTP/1.1", b"GET http://evil.example/version HTTP/1.1",
                 b"OPTIONS * HTTP/1.1", b"CONNECT localhost:80 HTTP/1.1", b"GET //version HTTP/1.1", b"GET /version/ HTTP/1.1",
                 b"GET /./version HTTP/1.1", b"GET /rpc/../version HTTP/1.1", b"GET /%2e%2e/etc/passwd HTTP/1.1", b"GET /version%00 HTTP/1.1"):
        answers(line.decode(), [404], get(line))
    for line in (b"GETX /version HTTP/1.1", b"G@T /version HTTP/1.1", b"TRACE /version HTTP/1.1", b"A" * 500 + b" /version HTTP/1.1"):
        answers(line.decode()[:40], [405], get(line))
    for line in (b"GET /version x HTTP/1.1", b"GET /version?a b HTTP/1.1", b"GET /version\x01 HTTP/1.1", b"GET /version\x7f HTTP/1.1",
                 b"GET /version HTTP/1.1 ", b"GET /version HTTP/1.10", b"GET /version http/1.1", b"GET /version HTTP/9", b"GET HTTP/1.1",
                 b"GET /version"):
        closes(repr(line), 400, get(line))
    closes("HTTP/2", 505, get(b"GET /version HTTP/2.0"))
    closes("HTTP/2's own beginning", 505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    answers("what asks for HTTP/2", [200], get(headers=HOST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"))
    closes("no host", 400, get(headers=b""))
    closes("two hosts", 400, get(headers=HOST + HOST))
    closes("a host on two lines", 400, get(headers=b"Host: localhost\r\n .evil.example\r\n"))
    closes("no host, as HTTP/1.0 may", 200, get(b"GET /health/live HTTP/1.0", b""))
    if not unix:
        answers("a host that is empty", [403], get(headers=b"Host:\r\n"))
        answers("another host", [403], get(headers=b"Host: evil.example\r\n"))
    answers("a foreign page", [403], get(headers=HOST + b"Origin: http://evil.example\r\n"))
    answers("from another site", [403], get(headers=HOST + b"Sec-Fetch-Site: cross-site\r\n"))
    closes("a target of 1 MB", 414, get(b"GET /" + b"a" * 1000000 + b" HTTP/1.1"))
    closes("a header of 1 MB", 431, get(headers=HOST + b"X: " + b"a" * 1000000 + b"\r\n"))
    closes("the name of a header of 1 MB", 431, get(headers=HOST + b"X" * 1000000 + b": a\r\n"))
    closes("100,000 headers", 431, get(headers=HOST + b"".join(b"X%d: a\r\n" % i for i in range(100000))))
    answers("100 headers", [200], get(headers=HOST + b"".join(b"X%d: a\r\n" % i for i in range(100))))
    answers("a target of 8 KB is longer than any route", [414], get(b"GET /" + b"a" * 8000 + b" HTTP/1.1"))
    if not unix:
        s = connect()
        s.sendall(bytes.fromhex("16030100a5010000a10303") + b"\r\n\r\n")
        s.shutdown(socket.SHUT_WR)
        found("TLS is not answered as HTTP", b" 200 " not in (data := read_all(s)), data)
        s.close()


def trickle(s, bytes_, ended):
    try:
        while not ended.wait(0.02):
            s.sendall(bytes_)
    except OSError:
        pass


def slow():
    cases = {
        "a request line": (b"GET /vers", b"i"),
        "a header's name": (b"GET /version HTTP/1.1\r\n" + HOST + b"X", b"x"),
        "a header's value": (b"GET /version HTTP/1.1\r\n" + HOST + b"X: ", b"x"),
        "headers one after another": (b"GET /version HTTP/1.1\r\n" + HOST, b"X: x\r\n"),
        "empty lines": (b"", b"\r\n"),
        "a body": (post(b"Content-Length: 100000\r\n", b""), b" "),
        "a chunk": (post(CHUNKED, b"fffff\r\n"), b" "),
        "chunks of one byte each": (post(CHUNKED, b""), chunk(b" ")),
        "the size of a chunk": (post(CHUNKED, b""), b"0"),
        "an extension of a chunk": (post(CHUNKED, b"1;"), b"a"),
        "a trailer": (post(CHUNKED, b"0\r\n"), b"X: x\r\n"),
        "a body that is refused": (b"POST /nowhere HTTP/1.1\r\n" + HOST + b"Content-Length: 100000\r\n\r\n", b" "),
        "the second request": (HIDDEN + b"GET /vers", b"i"),
    }
    clients = []
    for name, (start, more) in cases.items():
        for _ in range(20):
            s = connect()
            s.sendall(start)
            ended = threading.Event()
            thread = threading.Thread(target=trickle, args=(s, more, ended))
            thread.start()
            clients.append((name, s, ended, thread))
    other = connect()
    other.sendall(HIDDEN)
    found("somebody else is served meanwhile", b'"api"' in (data := other.recv(1 << 16)), data)
    other.close()
    wrong = {name: [] for name in cases}
    for name, s, ended, thread in clients:
        data = read_all(s)
        ended.set()
        thread.join()
        s.close()
        statuses = [reply[0] for reply in replies(data)[0]]
        # Who was answered before may be let go in silence, and a reset may take the last word away.
        if b"stays open" in data or statuses not in ([408], [], [200, 408], [200], [400], [431]):
            wrong[name].append(data[:200])
    for name, got in wrong.items():
        found("%s that never ends: let go, 20 times at once" % name, not got, got)


{"framing": framing, "odd": odd, "slow": slow}[what]()
