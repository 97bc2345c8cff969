#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every method that rpc.discover tells of, called rightly and wrongly while others edit: walk.py PORT SOCKET PAGE

One line for each thing found out, as tabs between: ok or not, what, and what was got instead. Half of the editing clients
speak HTTP, half the stream, and so does the walk: each call goes both ways. PAGE is docs/api.md, which has an example of
each method.
"""
import http.client
import json
import re
import socket
import sys
import threading

port, path = int(sys.argv[1]), sys.argv[2]
CLIENTS = 8
# They end the daemon, or replace what the walk is about; others test them.
UNTOUCHED = {"system.shutdown", "system.restart"}


class Http:
    def __init__(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, message):
        self.connection.request("POST", "/rpc", json.dumps(message), {"Content-Type": "application/json"})
        return json.loads(self.connection.getresponse().read())


class Stream:
    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.settimeout(60)
        self.file = self.socket.makefile("rb")

    def ask(self, message):
        self.socket.sendall(json.dumps(message).encode())
        return json.loads(self.file.readline())


def call(client, method, params):
    return client.ask({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


def found(name, right, got=""):
    print("%s\t%s\t%s" % ("ok" if right else "not", name, json.dumps(got)[:600]), flush=True)


# ---- those who edit ----

stop = threading.Event()
edits, broken = [0] * CLIENTS, []


def edit(number):
    """Edits one of four projects and the walk's own, undoes, reads, and makes and deletes a project, over and over."""
    try:
        client = Http() if number % 2 else Stream()
        turn = 0
        while not stop.is_set():
            turn += 1
            project = "busy %d" % (turn % 4)
            calls = [("voxel.add", {"x": turn % 50, "y": number, "z": 0, "color": [turn % 256, number, 0], "project": project}),
                     ("voxel.fill", {"region": {"min": [0, 0, number], "max": [9, 9, number]}, "color": [1, 2, 3], "project": project}),
                     ("project.undo", {"project": project}),
                     ("voxel.query", {"region": {"min": [0, 0, 0], "max": [9, 9, 9]}, "project": project}),
                     ("voxel.add", {"x": turn % 50, "y": 100 + number, "z": 100, "color": [9, 9, 9], "project": "walk"}),
                     ("project.create", {"name": "mine %d" % number}), ("project.delete", {"project": "mine %d" % number})]
            for method, params in calls:
                reply = call(client, method, params)
                error = reply.get("error", {}).get("code")
                # What somebody else undid, and a project that the walk's examples have changed, are no mistakes.
                if error is not None and error not in (-1000, -1001, -1002, -1016, -1014):
                    broken.append([method, reply])
                edits[number] += 1
    except (OSError, ValueError, http.client.HTTPException) as error:
        broken.append([number, repr(error)])


# ---- what is wrong with a parameter ----

document = call(Http(), "rpc.discover", {})["result"]
shared = document["components"]["schemas"]


def said(schema, keyword):
    """What a schema says of `keyword`, itself or by what it refers to."""
    if keyword in schema:
        return schema[keyword]
    for part in schema.get("allOf", []):
        if (value := said(part, keyword)) is not None:
            return value
    if "$ref" in schema:
        return said(shared[schema["$ref"].rsplit("/", 1)[1]], keyword)
    return None


SAMPLES = {"boolean": True, "integer": 7, "number": 0.5, "string": "no such", "array": [None], "object": {"no such": 1}}


def types_of(schema):
    one_of = said(schema, "oneOf")
    if one_of:
        return set().union(*map(types_of, one_of))
    types = said(schema, "type") or ("array" if said(schema, "items") else "object")
    types = {types} if isinstance(types, str) else set(types)
    return types | {"integer"} if "number" in types else types


def wrong_values(schema):
    """Of each type that it is not, and beside its range."""
    yield None
    for kind, value in SAMPLES.items():
        if kind not in types_of(schema):
            yield value
    for keyword, by in (("minimum", -1), ("maximum", 1)):
        limit = said(schema, keyword)
        if limit is not None:
            yield limit + by
            yield (1 << 63) - 1 if by > 0 else -(1 << 63)
    if said(schema, "enum"):
        yield "no such"
    if said(schema, "maxLength"):
        yield "x" * (said(schema, "maxLength") + 1)


def names(field, name):
    return field == name or (field or "").startswith((name + ".", name + "["))


def check_refused(clients, method, param, params, told):
    name = param["name"]
    for client in clients:
        reply = call(client, method, params)
        error = reply.get("error", {})
        data = error.get("data", {})
        # A coordinate beyond the space, a colour and a name's length have errors of their own, and name the parameter too.
        if error.get("code") not in (-32602, -1003, -1004, -1014, -1018) or not names(data.get("field"), name):
            told.append([type(client).__name__, params, reply])


def is_loose(method):
    """The compatible family is lenient where the existing daemon is."""
    return "." not in method["name"] or method["name"].startswith("goxel.")


def check_wrong(clients, method, example):
    told, checked = [], 0
    for param in method["params"]:
        for value in wrong_values(param["schema"]):
            check_refused(clients, method["name"], param, {**example, param["name"]: value}, told)
            checked += 1
        if param.get("required"):
            check_refused(clients, method["name"], param, {k: v for k, v in example.items() if k != param["name"]}, told)
    check_refused(clients, method["name"], {"name": "bogus"}, {**example, "bogus": 1}, told)
    found("%s refuses what is wrong, and names it (%d values)" % (method["name"], checked), not told, told[:3])


def check_loose(clients, method, example):
    """Whatever is answered: it is an answer, and no internal error."""
    told = []
    for param in method["params"]:
        for value in (None, *SAMPLES.values(), 1 << 62, -(1 << 63), "x" * 100000):
            for client in clients:
                error = call(client, method["name"], {**example, param["name"]: value}).get("error", {})
                if error.get("code") in (-32603, -32000, -32002):
                    told.append([param["name"], value, error])
    found("%s answers whatever it is sent" % method["name"], not told, told[:3])


with open(sys.argv[3], encoding="utf-8") as page:
    EXAMPLES = {name: json.JSONDecoder().raw_decode(params)[0] for name, params in re.findall(r"^    (\S+) (\{.*\})$", page.read(), re.MULTILINE)}


def check_right(clients, method, example):
    """An example may find a project that another call has changed, but its parameters are right."""
    for client in clients:
        reply = call(client, method["name"], example)
        code = reply.get("error", {}).get("code")
        if code in (-32600, -32601, -32602, -32603, -32000, -32002) or ("result" in reply) == ("error" in reply):
            found("%s takes its example" % method["name"], False, reply)
            return
    found("%s takes its example" % method["name"], True)


def main():
    clients = [Http(), Stream()]
    for name in ("walk", "busy 0", "busy 1", "busy 2", "busy 3"):
        call(clients[0], "project.create", {"name": name})
    threads = [threading.Thread(target=edit, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for method in document["methods"]:
        if method["name"] in UNTOUCHED or method["name"].startswith("test."):
            continue
        example = EXAMPLES[method["name"]]
        if any(param["schema"].get("$ref", "").endswith("/Project") for param in method["params"]):
            example.setdefault("project", "walk")
        check_right(clients, method, example)
        (check_loose if is_loose(method) else check_wrong)(clients, method, example)
        call(clients[0], "project.create", {"name": "walk"})  # where an example took it away
    stop.set()
    for thread in threads:
        thread.join()
    found("the others edited meanwhile (%d calls)" % sum(edits), min(edits) > 10, edits)
    found("and nobody went wrong", not broken, broken[:5])
    found("all methods were walked", len(document["methods"]) > 60, len(document["methods"]))


main()
