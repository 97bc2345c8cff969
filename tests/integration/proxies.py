#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""For proxies.sh: `serve PORT FILE` sends events at /events, each once the one before it is in FILE; `acknowledge FILE`
copies events from standard input to standard output, and says in FILE what it has seen."""
import http.server
import sys
import time

EVENTS = 3


def seen(path):
    try:
        with open(path) as file:
            return len(file.read().split())
    except FileNotFoundError:
        return 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        events = self.path == "/events"
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if events else "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(1, EVENTS + 1 if events else 1):
            text = "data: %d\n\n" % number
            self.wfile.write(("%x\r\n%s\r\n" % (len(text), text)).encode())
            self.wfile.flush()
            while seen(sys.argv[3]) < number:  # its client has a time limit
                time.sleep(0.01)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


def serve():
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()


def acknowledge():
    for line in sys.stdin:
        if line.strip():
            print(line.strip(), flush=True)
            with open(sys.argv[2], "a") as file:
                print(line.split()[1], file=file)


globals()[sys.argv[1]]()
