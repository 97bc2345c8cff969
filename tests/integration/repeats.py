#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that send every edit with a request_key, and send it again until it is acknowledged.

repeats.py run PORT CLIENTS EDITS BOOK PIDFILE KILLS
repeats.py check PORT BOOK

An edit is one more layer: one that was carried out twice leaves two. With run each client makes so many of them;
refusals and lost connections are expected, as the daemon may be gone for a while: it is killed so many times, whenever
another part of all is acknowledged. BOOK is what was answered. With check all of it is sent once more, and nothing else
may come of it. Prints one line of JSON.
"""
import http.client
import json
import os
import signal
import sys
import threading
import time

mode, port = sys.argv[1], int(sys.argv[2])
PATIENCE = 60  # seconds for one edit


class Connection:
    def __init__(self):
        self.http = None

    def call(self, method, params):
        """The reply as text from its result on, or None: refused, or nobody knows."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        try:
            self.http = self.http or http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            self.http.request("POST", "/rpc", body, {"Content-Type": "application/json"})
            text = self.http.getresponse().read().decode()
            return text[text.index('"result"'):] if '"result"' in text else None
        except (OSError, http.client.HTTPException):
            self.http.close()
            self.http = None
            return None


def params_of(key):
    return {"request_key": key}


class Killer:
    """Kills the daemon of a PID file so many times, after as many acknowledged edits each."""

    def __init__(self, path, edits, kills):
        self.path, self.left, self.every = path, kills, edits // (kills + 1)
        self.lock, self.count = threading.Lock(), 0

    def acknowledged(self):
        with self.lock:
            self.count += 1
            if self.left > 0 and self.count % self.every == 0:
                self.left -= 1
                with open(self.path, encoding="ascii") as file:
                    os.kill(int(file.read()), signal.SIGKILL)


class Client:
    def __init__(self, index, edits, killer):
        self.killer = killer
        self.keys = ["%d-%d" % (index, number) for number in range(edits)]
        self.book = {}
        self.again = 0

    def run(self):
        connection = Connection()
        for key in self.keys:
            began = time.monotonic()
            while True:
                reply = connection.call("layer.create", params_of(key))
                if reply is not None:
                    break
                self.again += 1
                if time.monotonic() - began > PATIENCE:
                    return
                time.sleep(0.01)
            self.book[key] = reply
            self.killer.acknowledged()


def run(clients, edits, path, pid_file, kills):
    killer = Killer(pid_file, clients * edits, kills)
    everybody = [Client(index, edits, killer) for index in range(clients)]
    threads = [threading.Thread(target=client.run) for client in everybody]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    book = {}
    for client in everybody:
        book.update(client.book)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(book, file)
    return {"edits": len(book), "again": sum(client.again for client in everybody)}


def check(path):
    with open(path, encoding="utf-8") as file:
        book = json.load(file)
    connection = Connection()
    other = sum(connection.call("layer.create", params_of(key)) != reply for key, reply in book.items())
    layers = json.loads("{" + connection.call("layer.get_list", {}))["result"]["layers"]
    return {"other_answers": other, "results": len(set(book.values())), "layers": len(layers) - 1}


if mode == "run":
    print(json.dumps(run(int(sys.argv[3]), int(sys.argv[4]), sys.argv[5], sys.argv[6], int(sys.argv[7]))))
else:
    print(json.dumps(check(sys.argv[3])))
