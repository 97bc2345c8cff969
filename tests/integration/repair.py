#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Damages what a daemon keeps, for repair.sh.

    repair.py flip DATABASE LAYER     changes a byte of the last brick of a layer; prints "x, y, z" and its voxels
    repair.py lose DATABASE LAYER     removes its row; prints the same
    repair.py head DATABASE           changes a byte of the row of the project
    repair.py layout DATABASE         makes it one of a newer daemon
    repair.py other DATABASE          makes one that is no project's
    repair.py journal FOLDER          changes a byte in the middle of the last segment of the journal
    repair.py byte FILE               changes a byte in its middle
    repair.py lines                   standard input is lines of JSON, each an object with "table": prints the tables
"""
import glob
import json
import os
import sqlite3
import sys


def brick(database, layer):
    row = database.execute("SELECT row, x, y, z, voxels, data FROM bricks WHERE layer = ? AND voxels > 0 ORDER BY row DESC",
                           (layer,)).fetchone()
    print(f"{row[1]}, {row[2]}, {row[3]} {row[4]}")
    return row


def changed(blob):
    middle = len(blob) // 2
    return blob[:middle] + bytes([blob[middle] ^ 1]) + blob[middle + 1:]


def flip(path, layer):
    with sqlite3.connect(path) as database:
        row = brick(database, layer)
        database.execute("UPDATE bricks SET data = ? WHERE row = ?", (changed(row[5]), row[0]))


def lose(path, layer):
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM bricks WHERE row = ?", (brick(database, layer)[0],))


def head(path):
    with sqlite3.connect(path) as database:
        database.execute("UPDATE project SET head = ?", (changed(database.execute("SELECT head FROM project").fetchone()[0]),))


def layout(path):
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")


def other(path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE other (x)")


def journal(folder):
    path = max(glob.glob(os.path.join(folder, "journal-*.log")),
               key=lambda name: int("".join(c for c in os.path.basename(name) if c.isdigit())))
    with open(path, "r+b") as file:
        data = file.read()
        middle = len(data.rstrip(b"\0")) // 2
        file.seek(middle)
        file.write(bytes([data[middle] ^ 1]))


def byte(path):
    with open(path, "r+b") as file:
        data = file.read()
        file.seek(0)
        file.write(changed(data))


def lines():
    print(",".join(sorted({json.loads(line)["table"] for line in sys.stdin})))


def main():
    words = sys.argv[1:]
    commands = {"flip": flip, "lose": lose, "head": head, "layout": layout, "other": other, "journal": journal, "byte": byte,
                "lines": lines}
    commands[words[0]](*words[1:])


main()
