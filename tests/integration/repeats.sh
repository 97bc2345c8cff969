#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is sent again with its request_key is done once and answered as the first time, whatever came in between: writes
# that fail, kills, a new start.
. "$(dirname "$0")/lib.sh"

clients=8 edits=$(counts 60 400) kills=$(counts 3 30)
all=$((clients * edits))
book=$WORK/book

# begin KILLS: clients, in the background
begin() {
    python3 "$TESTS/integration/repeats.py" run "$PORT" "$clients" "$edits" "$book" \
        "$DIR/run/goxel.pid" "$1" > "$WORK/run" 2> "$WORK/err" &
    CLIENTS=$!
    PIDS+=("$CLIENTS")
}

# again: the daemon, which is killed, starts
again() {
    ended 2> /dev/null || true
    launch
}

# settled WHAT: all were acknowledged in the end, once each, and are answered as they were, also by the next start
settled() {
    local repeats
    wait "$CLIENTS"
    repeats=$(jq .again "$WORK/run" 2> /dev/null || tail -n 3 "$WORK/err")
    is "$1: every edit is acknowledged in the end" "$all" "$(jq .edits "$WORK/run")"
    ok "$1: some were sent again ($repeats)" test "$repeats" -gt 0
    is "$1: each was done once, and is answered as it was" "{\"other_answers\":0,\"results\":$all,\"layers\":$all}" \
        "$(python3 "$TESTS/integration/repeats.py" check "$PORT" "$book" 2>&1 | jq -c .)"
    kill -KILL "$PID"
    again
    ready || fail "a start after a kill" "$(tail -n 5 "$LOG")"
    is "$1: also after a kill" "{\"other_answers\":0,\"results\":$all,\"layers\":$all}" \
        "$(python3 "$TESTS/integration/repeats.py" check "$PORT" "$book" 2>&1 | jq -c .)"
    stop_daemon
}

# ---- kills ----

start_daemon
rpc project.create '{"name":"a"}' > /dev/null
begin "$kills"
for _ in $(seq "$kills"); do again; done # which may be killed while it starts
settled "$kills kills"

# ---- a system call that fails ----

# breaks CALL ERRNO WHEN: from here on such calls of each of the daemon's threads fail
breaks() {
    strace -f -qq -o /dev/null -e trace="$1" -e inject="$1:error=$2:when=$3" -p "$PID" &
    TRACER=$!
    PIDS+=("$TRACER")
    until_true 200 traced
}
traced() { grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$PID/task/"*/status; }

# fault CALL ERRNO WHEN: clients go on all the while
fault() {
    start_daemon
    rpc project.create '{"name":"a"}' > /dev/null
    breaks "$1" "$2" "$3" || { fail "strace attaches to the daemon"; return; }
    begin 0
    settled "$1 fails with $2 ($3)"
}

# Few enough that no checkpoint comes in between: a disk that fails under a project's database makes the project read-only
# until the next start, and the clients would ask for ever.
edits=60 all=$((clients * edits))
if strace -qq -o /dev/null true 2> /dev/null; then
    fault pwrite64 EIO 3..5
    fault pwrite64 ENOSPC 4..9
    fault fdatasync EIO 3..4
else
    skip "system calls that fail" "strace cannot trace here"
fi
done_testing
