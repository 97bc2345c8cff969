#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that keep their own book of what was acknowledged, and a daemon that is killed meanwhile.

durable.py kills DAEMON CONFIG PORT ROUNDS CLIENTS SEED
durable.py cuts  DAEMON CONFIG PORT ROUNDS CLIENTS SEED MOUNT IMAGE

Each round starts the daemon, compares every client's part of the projects with its book, lets all clients edit, and
ends that after a random number of replies: kills by SIGKILL to the daemon, cuts by taking the power of the file system
in IMAGE, which is mounted at MOUNT and has the projects: what was not synced is gone (it needs a superuser). An edit whose reply did not come may be there or not, but
whole; everything else is there exactly as acknowledged. Prints one line of JSON.
"""
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

mode, daemon, config, port, rounds, clients, seed = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]), \
    int(sys.argv[6]), int(sys.argv[7])
PROJECTS = 4
WIDTH = 48  # of a client's part, along x: few places, so that looking at all of them is quick


class Gone(Exception):
    """No whole reply came."""


class Connection:
    def __init__(self):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, method, params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        try:
            self.http.request("POST", "/rpc", body, {"Content-Type": "application/json"})
            reply = json.loads(self.http.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            raise Gone()
        if "error" in reply and mode == "cuts":
            raise Gone()  # the disk is gone: nobody can know
        if "error" in reply:
            raise AssertionError("%s: %s" % (method, reply["error"]))
        return reply["result"]


class Client:
    """Edits columns of its own in one project; the book says what is there, and `doubt` what may be instead."""

    def __init__(self, index):
        self.index = index
        self.project = "p%d" % (index % PROJECTS + 1)
        self.random = random.Random(seed * 1000 + index)
        self.book = {}
        self.doubt = None
        self.acknowledged = 0

    def place(self):
        return (self.index * WIDTH + self.random.randrange(WIDTH), self.random.randrange(12),
                self.random.randrange(12))

    def color(self):
        return tuple(self.random.randrange(256) for _ in range(3)) + (255,)

    def next_edit(self):
        """(method, parameters, the book afterwards)"""
        after = dict(self.book)
        kind = self.random.randrange(10)
        if kind < 5:
            place, color = self.place(), self.color()
            after[place] = color
            return "voxel.add", {"x": place[0], "y": place[1], "z": place[2], "color": color}, after
        if kind < 7:
            voxels = []
            for _ in range(self.random.randrange(1, 60)):
                place, color = self.place(), self.color()
                after[place] = color
                voxels.append(list(place) + list(color))
            return "voxel.add_batch", {"voxels": voxels}, after
        if kind < 8 and self.book:
            place = self.random.choice(list(self.book))
            del after[place]
            return "voxel.remove", {"x": place[0], "y": place[1], "z": place[2]}, after
        low, color = self.place(), self.color()
        high = (min(low[0] + 2, self.index * WIDTH + WIDTH - 1), low[1] + 2, low[2] + 2)
        for x in range(low[0], high[0] + 1):
            for y in range(low[1], high[1] + 1):
                for z in range(low[2], high[2] + 1):
                    after[(x, y, z)] = color
        return "voxel.fill", {"region": {"min": low, "max": high}, "color": color}, after

    def run(self, enough):
        connection = Connection()
        try:
            while True:
                method, params, after = self.next_edit()
                params["project"] = self.project
                self.doubt = after
                connection.call(method, params)
                self.book, self.doubt = after, None
                self.acknowledged += 1
                enough()
        except Gone:
            pass

    def check(self, connection):
        """What is there is the book, or what the edit without a reply would have made of it."""
        region = {"min": [self.index * WIDTH, -5, -5], "max": [self.index * WIDTH + WIDTH - 1, 60, 60]}
        found = connection.call("voxel.query", {"project": self.project, "region": region, "limit": 1000000})
        there = {(v["x"], v["y"], v["z"]): tuple(v["color"]) for v in found["voxels"]}
        if there == self.doubt and there != self.book:
            self.book = self.doubt
        self.doubt = None
        return there == self.book


def start():
    process = subprocess.Popen([daemon, "--config", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    began = time.monotonic()
    while True:
        try:
            http_connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            http_connection.request("GET", "/health")
            if http_connection.getresponse().status == 200:
                return process, time.monotonic() - began
        except (OSError, http.client.HTTPException):
            pass
        if process.poll() is not None or time.monotonic() - began > 120:
            raise SystemExit("the daemon does not start: status %s" % process.poll())
        time.sleep(0.005)


def power_cut():
    subprocess.run(["xfs_io", "-x", "-c", "shutdown", sys.argv[8]], check=True)


def power_back():
    subprocess.run(["umount", sys.argv[8]], check=True)
    subprocess.run(["mount", "-o", "loop", sys.argv[9], sys.argv[8]], check=True)


def one_round(process, everybody, moment):
    """Edits until so many were acknowledged in all; then the end comes."""
    lock = threading.Lock()
    count = [0]

    def enough():
        with lock:
            count[0] += 1
            if count[0] == moment and mode == "cuts":
                power_cut()
            if count[0] == moment:
                os.kill(process.pid, signal.SIGKILL)

    threads = [threading.Thread(target=client.run, args=(enough,)) for client in everybody]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process.wait()
    if mode == "cuts":
        power_back()


def main():
    chance = random.Random(seed)
    everybody = [Client(index) for index in range(clients)]
    wrong, slowest = 0, 0.0
    for number in range(rounds + 1):
        process, took = start()
        slowest = max(slowest, took)
        connection = Connection()
        if number == 0:
            for index in range(PROJECTS):
                connection.call("project.create", {"name": "project %d" % index})
        wrong += sum(not client.check(connection) for client in everybody)
        if number == rounds:
            process.terminate()
            process.wait()
            break
        one_round(process, everybody, chance.randrange(1, 600))
        if sys.stderr.isatty():
            print("  round %d of %d" % (number + 1, rounds), end="\r", file=sys.stderr)
    print(json.dumps({"rounds": rounds, "acknowledged": sum(c.acknowledged for c in everybody),
                      "voxels": sum(len(c.book) for c in everybody), "wrong": wrong,
                      "slowest_start_s": round(slowest, 2)}))


main()
