#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small supervisor that speaks systemd's protocol: notify.py FOLDER COMMAND…

Starts COMMAND with NOTIFY_SOCKET=FOLDER/notify and, with WATCHDOG_USEC in its own environment, WATCHDOG_PID. Keeps the
descriptors of FDSTORE=1, and hands them to the next start as LISTEN_FDS. It restarts nothing by itself and judges
nothing: SIGUSR1 starts COMMAND once more, SIGTERM kills it and ends.

FOLDER/heard gets a line for each event, with fields between tabs:
    started   PID   NAME,NAME…             with these descriptors
    heard     PID   MONOTONIC_USEC  FIELD  FIELD…
    kept      NAME  ADDRESS                a descriptor came into the store
    dropped   NAME
    exited    PID   STATUS                 as a shell has it: 128 + signal
"""
import array
import os
import selectors
import signal
import socket
import struct
import sys
import time

folder, command = sys.argv[1], sys.argv[2:]
FIRST = 3
store = []  # (name, descriptor)
child = None
log = open(os.path.join(folder, "heard"), "a", buffering=1)


def write(*fields):
    log.write("\t".join(str(f) for f in fields) + "\n")


def address(fd):
    with socket.socket(fileno=os.dup(fd)) as s:
        try:
            name = s.getsockname()
        except OSError:
            return "-"
    return ":".join(str(part) for part in name[:2]) if isinstance(name, tuple) else str(name)


def become(environment):
    """In the child: the descriptors of the store from 3 on, the environment, the command."""
    high = [os.dup(fd) for _, fd in store]
    # Duplicates may lie where the originals of others have to go: first all out of the way.
    while high and min(high) < FIRST + len(high):
        lowest = min(high)
        high[high.index(lowest)] = os.dup(lowest)
    for index, fd in enumerate(high):
        os.dup2(fd, FIRST + index, inheritable=True)
    if store:
        environment["LISTEN_PID"] = str(os.getpid())
        environment["LISTEN_FDS"] = str(len(store))
        environment["LISTEN_FDNAMES"] = ":".join(name for name, _ in store)
    if "WATCHDOG_USEC" in environment:
        environment["WATCHDOG_PID"] = str(os.getpid())
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execve(command[0], command, environment)


def start():
    global child
    environment = dict(os.environ, NOTIFY_SOCKET=os.path.join(folder, "notify"))
    child = os.fork()
    if child == 0:
        try:
            become(environment)
        finally:
            os._exit(127)
    write("started", child, ",".join(name for name, _ in store) or "-")


def same(a, b):
    return os.fstat(a)[:2] == os.fstat(b)[:2] and os.fstat(a).st_mode == os.fstat(b).st_mode


def keep(name, fds):
    for fd in fds:
        if any(same(fd, kept) for _, kept in store):
            os.close(fd)
            continue
        store.append((name, fd))
        write("kept", name, address(fd))


def drop(name):
    for entry in [e for e in store if e[0] == name]:
        store.remove(entry)
        os.close(entry[1])
        write("dropped", name)


def hear(notify):
    data, control, _, _ = notify.recvmsg(65536, socket.CMSG_SPACE(12) + socket.CMSG_SPACE(4 * 64),
                                         socket.MSG_CMSG_CLOEXEC)
    now = time.monotonic_ns() // 1000
    pid, fds = 0, array.array("i")
    for level, kind, payload in control:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            pid = struct.unpack("3i", payload[:12])[0]
        elif level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(payload[:len(payload) - len(payload) % fds.itemsize])
    fields = data.decode(errors="backslashreplace").split("\n")
    name = next((f[len("FDNAME="):] for f in fields if f.startswith("FDNAME=")), "stored")
    write("heard", pid, now, *fields)
    if "FDSTORE=1" in fields:
        keep(name, fds)
    else:
        for fd in fds:
            os.close(fd)
    if "FDSTOREREMOVE=1" in fields:
        drop(name)


def reap():
    global child
    pid, status = os.waitpid(child, os.WNOHANG) if child else (0, 0)
    if pid:
        code = os.waitstatus_to_exitcode(status)
        write("exited", pid, code if code >= 0 else 128 - code)
        child = None


def main():
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    notify.bind(os.path.join(folder, "notify"))
    wake, woken = socket.socketpair()
    for end in (wake, woken):
        end.setblocking(False)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGUSR1, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    selector = selectors.DefaultSelector()
    selector.register(notify, selectors.EVENT_READ)
    selector.register(wake, selectors.EVENT_READ)
    start()
    while True:
        # What a child said before it ended stands before its end.
        ready = {key.fileobj for key, _ in selector.select()}
        if notify in ready:
            hear(notify)
            continue
        for number in wake.recv(64):
            if number == signal.SIGTERM:
                if child:
                    os.kill(child, signal.SIGKILL)
                return
            reap()
            if number == signal.SIGUSR1 and child is None:
                start()


main()
