#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options set by many at once: settings.py PORT COUNT

Eight clients set COUNT times each an option of their own to another value, every third time together with what cannot
be set, while a ninth reloads the file. However they interleave: what a client is told to be applied is its own option,
what is refused applies nothing, and what it then reads is its value or the file's. Prints one line of JSON: `set`,
`refused`, `reloads`, `back` (options that reloads set back) and `wrong`, a list.
"""
import collections
import http.client
import json
import sys
import threading

port, count = int(sys.argv[1]), int(sys.argv[2])
OPTIONS = ("workers.queue_size", "sockets.send_timeout_ms", "performance.shutdown_timeout_ms",
           "health.script_timeout_ms", "limits.max_result_voxels", "storage.history_mb", "sockets.body_timeout_ms",
           "storage.max_open_projects")
counts = collections.Counter()
wrong = []
ending = threading.Event()


def call(conn, method, params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    conn.request("POST", "/rpc", body, {"Content-Type": "application/json"})
    return json.loads(conn.getresponse().read())


def value_of(conn, option):
    config = call(conn, "system.get_config", {})["result"]
    for name in option.split("."):
        config = config[name]
    return config


def refused(conn, option, value, number):
    """By its row, or by what spans options."""
    if number % 2:
        reply, code = call(conn, "system.set_config", {"options": {option: value, "workers.count": 0}}), -32602
        field = "workers.count"
    else:
        reply = call(conn, "system.set_config", {"options": {option: value, "health.heartbeat_timeout_ms": 20}})
        code, field = -1018, "health.heartbeat_timeout_ms"
    counts["refused"] += 1
    error = reply.get("error", {})
    if error.get("code") != code or error["data"].get("field") != field:
        wrong.append("refused: %r" % reply)


def client(option):
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    first = value_of(conn, option)
    mine = first
    for number in range(count):
        value = first + 1 + number
        if number % 3 == 2:
            refused(conn, option, value, number)
        else:
            reply = call(conn, "system.set_config", {"options": {option: value}})
            counts["set"] += 1
            mine = value
            if reply.get("result", {}).get("applied") != [option]:
                wrong.append("set %s: %r" % (option, reply))
        seen = value_of(conn, option)
        if seen not in (first, mine):
            wrong.append("%s is %r, not %r or %r" % (option, seen, first, mine))
    conn.close()


def reloader():
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    while not ending.is_set():
        conn.request("POST", "/reload")
        report = json.loads(conn.getresponse().read())
        counts["reloads"] += 1
        counts["back"] += len(report["applied"])
        if report["errors"] or not set(report["applied"]) <= set(OPTIONS):
            wrong.append("reload: %r" % report)
    conn.close()


def guarded(function, *arguments):
    try:
        function(*arguments)
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        wrong.append("%s: %s" % (type(error).__name__, error))


clients = [threading.Thread(target=guarded, args=(client, option)) for option in OPTIONS]
other = threading.Thread(target=guarded, args=(reloader,))
for thread in clients + [other]:
    thread.start()
for thread in clients:
    thread.join()
ending.set()
other.join()
print(json.dumps({"set": counts["set"], "refused": counts["refused"], "reloads": counts["reloads"],
                  "back": counts["back"], "wrong": wrong[:10]}))
