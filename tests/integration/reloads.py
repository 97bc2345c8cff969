#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reloads under load: reloads.py PORT SOCK CONF PID COUNT

Eight clients edit, read and look at the daemon's pages, half of them over TCP, half of them on connections that
they keep. Meanwhile CONF is replaced COUNT times, every second time by one that is invalid, and the daemon is
told by SIGHUP, POST /reload and system.reload in turn. What it answers, and what is then in effect, is compared
with what the files say. Prints a line every tenth of the way, and at the end one line of JSON: `requests`,
`failed`, `wrong` (reloads), `examples`, the resident memory in KiB after a tenth of the way and at the end
(`rss_tenth`, `rss_end`), and `reloads` by trigger and validity.
"""
import collections
import http.client
import json
import os
import signal
import socket
import sys
import threading
import time

port, path, conf, pid, count = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
CLIENTS = 8
base = open(conf).read()
counts = collections.Counter()
reloads = collections.Counter()
examples = []
lock = threading.Lock()
ending = threading.Event()


class Unix(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(path)


def connection(unix):
    return (Unix if unix else http.client.HTTPConnection)("127.0.0.1", port, timeout=120)


def ask(conn, method, target, body=None):
    """(status, body as it should be read)"""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    conn.request(method, target, json.dumps(body) if body is not None else None, headers)
    reply = conn.getresponse()
    data = reply.read()
    if "json" in (reply.getheader("Content-Type") or ""):
        return reply.status, json.loads(data)
    return reply.status, data.decode()


def call(conn, method, params):
    status, reply = ask(conn, "POST", "/rpc", {"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    if status != 200:
        raise ValueError("%s: HTTP status %d" % (method, status))
    return reply


def note(what, text):
    with lock:
        counts[what] += 1
        if len(examples) < 8:
            examples.append("%s: %s" % (what, text))


# ---- the clients ----

def edit(conn, index, number):
    voxel = {"project": "load", "x": index, "y": number % 16, "z": 0}
    color = [number % 256, index, 1, 255]
    reply = call(conn, "voxel.add", {**voxel, "color": color})
    if reply["result"]["color"] != color:
        raise ValueError("voxel.add: %r" % reply)
    reply = call(conn, "voxel.get", voxel)
    if reply["result"]["color"] != color:
        raise ValueError("voxel.get: %r is not %r" % (reply, color))
    return 2


def look(conn, index, number):
    target = ("/health", "/metrics", "/state", "/version", "/")[(index + number) % 5]
    status, reply = ask(conn, "GET", target)
    if status != 200 or not reply:
        raise ValueError("GET %s: HTTP status %d" % (target, status))
    return 1


def client(index):
    keeps = index // 2 % 2 == 0
    conn = connection(index % 2)
    number = 0
    while not ending.is_set():
        try:
            done = (look if number % 4 == 3 else edit)(conn, index, number)
            with lock:
                counts["requests"] += done
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
            note("failed", "client %d: %s: %s" % (index, type(error).__name__, error))
            conn.close()
        number += 1
        if not keeps:
            conn.close()
    conn.close()


# ---- the files ----

def valid(number):
    """What the file says beyond the base; no two in a row are alike."""
    turn = number // 2
    return {
        "workers.count": 1 + turn % 5,
        "workers.queue_size": (100, 300, 1000)[turn % 3],
        "logging.level": ('"info"', '"debug"', '"warn"', '"error"')[turn % 4],
        "logging.access_log": ("true", "false")[turn // 2 % 2],
        "logging.target": ('"stderr"', '"file"')[turn // 3 % 2],
        "health.check_interval_ms": 100 + turn % 7 * 100,
        "performance.max_connections": 500 + turn % 2,
        "security.allowed_hosts": ('{"localhost"}', '{"localhost", "some.name", "another.name"}')[turn // 5 % 2],
    }


INVALID = (
    "workers {\n    count = 0\n    queue_size = none\n}\n",
    "workers {\n    count = 3\n",
    "workers {\n    threads = 3\n}\nnonsense {\n}\n",
    'logging {\n    level = "loud"\n}\n' + "health {\n    check_interval_ms = -1\n}\n",
    "performance {\n    request_timeout_ms = 60000\n}\nhealth {\n    heartbeat_timeout_ms = 60000\n}\n",
    "}\n",
)


def write(text):
    new = conf + ".new"
    with open(new, "w") as file:
        file.write(base + text)
    os.rename(new, conf)


def text_of(options):
    sections = collections.defaultdict(list)
    for name, value in options.items():
        section, option = name.split(".")
        sections[section].append("    %s = %s\n" % (option, value))
    return "".join("%s {\n%s}\n" % (section, "".join(lines)) for section, lines in sections.items())


# ---- the reloads ----

def by_signal(conn):
    """(accepted?, report), the report unknown"""
    os.kill(pid, signal.SIGHUP)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        last = [r for r in ask(conn, "GET", "/state")[1]["requests"] if r["request"] == "reload"][-1:]
        # The reload before this one was no signal's.
        if last and last[0]["trigger"]["what"] == "SIGHUP" and last[0]["outcome"] in ("ok", "DAEMON_ERROR_CONFIG_INVALID"):
            return last[0]["outcome"] == "ok", None
        time.sleep(0.002)
    raise ValueError("SIGHUP: no outcome in /state")


def by_http(conn):
    status, report = ask(conn, "POST", "/reload")
    if status not in (200, 422):
        raise ValueError("POST /reload: HTTP status %d" % status)
    return status == 200, report


def by_rpc(conn):
    reply = call(conn, "system.reload", {})
    if "error" in reply:
        return False, reply["error"]["data"]["report"]
    return True, reply["result"]


TRIGGERS = (by_signal, by_http, by_rpc)


def check_report(report, accepted, changed, waits):
    if sorted(report["applied"]) != sorted(changed if accepted else []):
        raise ValueError("applied %r, changed %r" % (report["applied"], changed))
    if bool(report["errors"]) == accepted:
        raise ValueError("errors %r" % report["errors"])
    if [p["option"] for p in report["pending_restart"]] != waits:
        raise ValueError("pending %r" % report["pending_restart"])


def check_effect(conn, effective):
    metrics = dict(line.split(" ", 1) for line in ask(conn, "GET", "/metrics")[1].splitlines() if line[0] != "#")
    for name, option in (("goxel_workers", "workers.count"), ("goxel_queue_capacity", "workers.queue_size")):
        if int(metrics[name]) != effective[option]:
            raise ValueError("%s is %s, not %d" % (name, metrics[name], effective[option]))


def reload(conn, number, effective):
    """Returns what is in effect then."""
    trigger, good = TRIGGERS[number % 3], number % 2 == 1
    wanted = valid(number) if good else effective
    write(text_of(wanted) if good else INVALID[number // 2 % len(INVALID)])
    # An option of level X stays as it was at the start, and waits from the first valid file on.
    changed = [n for n in wanted if n != "performance.max_connections" and effective.get(n) != wanted[n]]
    accepted, report = trigger(conn)
    if accepted != good:
        raise ValueError("%s file was %s" % ("a valid" if good else "an invalid", "accepted" if accepted else "refused"))
    if report is not None and effective:
        check_report(report, accepted, changed, ["performance.max_connections"])
    if wanted:
        check_effect(conn, wanted)
    reloads["%s %s" % (trigger.__name__[3:], "valid" if good else "invalid")] += 1
    return wanted


def resident():
    with open("/proc/%d/status" % pid) as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def run():
    conn, effective, tenth = connection(False), {}, 0
    for number in range(1, count + 1):
        try:
            effective = reload(conn, number, effective)
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, IndexError) as error:
            note("wrong", "reload %d by %s: %s: %s" % (number, TRIGGERS[number % 3].__name__[3:],
                                                     type(error).__name__, error))
            conn.close()
        if number == count // 10:
            tenth = resident()
        if number % (count // 10) == 0:
            print("reload %d of %d: %d requests, %d failed, VmRSS %d kB" %
                  (number, count, counts["requests"], counts["failed"], resident()), flush=True)
    end = resident()
    ending.set()
    return conn, tenth, end


threads = [threading.Thread(target=client, args=(i,)) for i in range(CLIENTS)]
conn = connection(False)
call(conn, "project.create", {"name": "load"})
for thread in threads:
    thread.start()
try:
    conn, tenth, end = run()
finally:
    ending.set()
    for thread in threads:
        thread.join()
write("")
if ask(conn, "POST", "/reload")[0] != 200:
    note("wrong", "the last reload, to the first file")
conn.close()
print(json.dumps({"requests": counts["requests"], "failed": counts["failed"], "wrong": counts["wrong"],
                  "examples": examples, "rss_tenth": tenth, "rss_end": end, "reloads": reloads}))
