# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What every integration script begins with: `. "$(dirname "$0")/lib.sh"`.
#
# The scripts talk to the real daemon on a free loopback port, out of a folder of their own that
# goes away at the end. They wait for conditions, never for a time. Each ends by itself, through the
# exit trap, with the line `N passed, N failed, N skipped` and a status to match; a script that stops
# half-way counts as failed.
#
# From outside: GOXEL_BUILD, the build folder (build/ without it); GOXEL_COUNTS, reduced or full,
# which `counts` reads; GOXEL_KEEP=1 keeps the folder.
set -u
export LC_ALL=C

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
GOXEL_BUILD=${GOXEL_BUILD:-$TESTS/../build}
GOXEL_BUILD=$(cd "$GOXEL_BUILD" && pwd) || { echo "no build folder: ./dev build makes it" >&2; exit 2; }
DAEMON=$GOXEL_BUILD/bin/goxel-daemon
NAME=$(basename "$0" .sh)

WORK=$(mktemp -d "${TMPDIR:-/tmp}/goxel-$NAME.XXXXXX")
PASSED=0 FAILED=0 SKIPPED=0
PIDS=()      # what has to be ended with the script
RUNNING=0    # how many daemons were started, for the names of their folders
ENDED=
URL='' PORT='' SOCK='' PID='' DIR='' LOG='' CONF=''
EXIT_STATUS=''  # of the daemon that was stopped last

note() { printf '  %s\n' "$*"; }

# ---- counting ----

pass() { PASSED=$((PASSED + 1)); note "ok      $1"; }
fail() { FAILED=$((FAILED + 1)); note "FAILED  $1"; [ $# -lt 2 ] || printf '%s\n' "${@:2}" | sed 's/^/            /'; }
skip() { SKIPPED=$((SKIPPED + 1)); note "skipped $1: ${2:-}"; }

# leave_out NAME REASON: what a build with a sanitizer cannot tell, and the build without does; no test of this build
leave_out() { note "left out $1: $2"; }

# ok NAME COMMAND…: the command succeeds; its output is shown if it does not
ok() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then pass "$name"; else fail "$name" "status $? of: $*" "$output"; fi
}

# is NAME EXPECTED ACTUAL
is() {
    if [ "$2" = "$3" ]; then
        pass "$1"
    elif [ $((${#2} + ${#3})) -gt 2000 ]; then
        fail "$1" "$(diff <(tr , '\n' <<<"$2") <(tr , '\n' <<<"$3") | head -n 40)"
    else
        fail "$1" "expected: $2" "got:      $3"
    fi
}

# like NAME REGEX ACTUAL: an extended regular expression found in it
like() {
    if printf '%s\n' "$3" | grep -qE -- "$2"; then pass "$1"; else fail "$1" "expected: /$2/" "got:      $3"; fi
}

# counts REDUCED FULL: how much to do
counts() { if [ "${GOXEL_COUNTS:-reduced}" = full ]; then echo "$2"; else echo "$1"; fi; }

finish() {
    local status=$?
    trap - EXIT
    set +e
    [ -n "$ENDED" ] || fail "$NAME ends by itself" "it stopped with status $status"
    local pid
    for pid in ${PIDS[@]+"${PIDS[@]}"}; do kill -KILL "$pid" 2>/dev/null; done
    for pid in ${PIDS[@]+"${PIDS[@]}"}; do wait "$pid" 2>/dev/null; done
    if [ "$FAILED" -gt 0 ] && [ -n "$LOG" ] && [ -s "$LOG" ]; then
        echo "  the end of the daemon's log:"
        tail -n 40 "$LOG" | sed 's/^/    | /'
    fi
    if [ "${GOXEL_KEEP:-}" = 1 ]; then note "kept $WORK"; else rm -rf "$WORK"; fi
    echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
    exit $((FAILED > 0))
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# done_testing: the last line of every script
done_testing() { ENDED=1; exit 0; }

# ---- waiting ----

# until_true ATTEMPTS COMMAND…: tries a condition, twenty times a second
until_true() {
    local attempts=$1
    shift
    while ! "$@" >/dev/null 2>&1; do
        attempts=$((attempts - 1))
        [ "$attempts" -gt 0 ] || return 1
        sleep 0.05
    done
}

gone() { ! kill -0 "$1" 2>/dev/null; }

# ---- the daemon ----

# N different ports that nobody listens on, and that no client gets, such as those of a test that runs at the same time
free_ports() {
    python3 - "$1" <<'PY'
import random, socket, sys
with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
    first_of_clients = int(file.read().split()[0])
end = first_of_clients if first_of_clients > 20000 else 65536
held = []
while len(held) < int(sys.argv[1]):
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", random.randrange(10000, end)))
        held.append(s)
    except OSError:
        s.close()
print(*[s.getsockname()[1] for s in held])
PY
}

# write_config [TEXT]: a fresh folder and a configuration in it; TEXT is appended. `sockets.tcp`, `sockets.unix`
# and `storage` of the base can be added to through TCP_EXTRA, UNIX_EXTRA, STORAGE_EXTRA and SOCKETS_EXTRA.
write_config() {
    RUNNING=$((RUNNING + 1))
    DIR=$WORK/$RUNNING
    mkdir -p "$DIR/files" "$DIR/run"
    PORT=$(free_ports 1)
    URL=http://127.0.0.1:$PORT
    SOCK=$DIR/run/goxel.sock
    LOG=$DIR/daemon.log
    CONF=$DIR/daemon.conf
    cat > "$CONF" <<CONF
process {
    pid_file = "$DIR/run/goxel.pid"
    working_directory = "$DIR"
    user = ""
    group = ""
}
sockets {
    ${SOCKETS_EXTRA:-}
    unix {
        path = "$SOCK"
        ${UNIX_EXTRA:-}
    }
    tcp {
        port = $PORT
        ${TCP_EXTRA:-}
    }
}
storage {
    directory = "$DIR/projects"
    allowed_roots = {"$DIR/files", "$TESTS/data"${GOXEL_TEST_MODELS:+, "$GOXEL_TEST_MODELS"}}
    ${STORAGE_EXTRA:-}
}
www {
    directory = "$TESTS/../www"
}
CONF
    printf '%s\n' "${1:-}" >> "$CONF"
}

# launch [OPTIONS]: the daemon on $CONF, in the background; PID. Does not wait. Add to what it logs: $LOG.
launch() {
    "$DAEMON" --config "$CONF" "$@" >> "$LOG" 2>&1 &
    PID=$!
    PIDS+=("$PID")
}

answers() { curl -s -o /dev/null --max-time 5 "$URL/health"; }

# ready: waits until /health answers or the process is gone (status 1)
ready() {
    local attempts=600
    until answers; do
        gone "$PID" && return 1
        attempts=$((attempts - 1))
        [ "$attempts" -gt 0 ] || return 1
        sleep 0.05
    done
}

# start_daemon [TEXT]: configuration, daemon, readiness. Ends the script if it does not come up.
start_daemon() {
    local _
    for _ in 1 2 3; do
        write_config "${1:-}"
        launch
        ready && return
        # Somebody else may have taken the port in between.
        grep -qi 'in use' "$LOG" || break
    done
    fail "the daemon starts" "$(tail -n 20 "$LOG")"
    ENDED=1
    exit 1
}

# ended: waits for the end of $PID; EXIT_STATUS
ended() {
    if ! until_true 1200 gone "$PID"; then
        kill -ABRT "$PID"
        fail "the daemon ends" "it was still there after a minute"
    fi
    wait "$PID"
    EXIT_STATUS=$?
    local kept=() pid
    for pid in ${PIDS[@]+"${PIDS[@]}"}; do [ "$pid" = "$PID" ] || kept+=("$pid"); done
    PIDS=(${kept[@]+"${kept[@]}"})
}

# leave_crashes: from here on crash signals are the daemon's alone; a sanitizer would report them, with a status of its own
leave_crashes() {
    export ASAN_OPTIONS="${ASAN_OPTIONS:-}:handle_segv=0:handle_abort=0"
    export TSAN_OPTIONS="${TSAN_OPTIONS:-}:handle_segv=0:handle_abort=0"
}

# stop_daemon [SIGNAL]: TERM, and an exit status of 0
stop_daemon() {
    kill "-${1:-TERM}" "$PID" 2>/dev/null
    ended
    [ "$EXIT_STATUS" -eq 0 ] || fail "the daemon stops with status 0" "status $EXIT_STATUS" "$(tail -n 20 "$LOG")"
}

# ---- talking to it ----

# rpc METHOD [PARAMS]: the whole reply, as one line
rpc() {
    local params=${2:-}
    [ -n "$params" ] || params='{}'
    printf '{"jsonrpc":"2.0","id":1,"method":"%s","params":%s}' "$1" "$params" |
        curl -s --max-time 120 -H 'Content-Type: application/json' --data-binary @- "$URL/rpc"
}

# result METHOD [PARAMS] [FILTER]: `.result` through a jq filter, compact
result() { rpc "$1" "${2:-}" | jq -c ".result | ${3:-.}"; }

# picture: what a client can see of all projects, times too, but for who is in memory
picture() {
    local id
    result project.list '{}' '{current_project, projects: [.projects[] | del(.in_memory, .is_open)]}'
    for id in $(result project.list '{}' '.projects[].project_id' | tr -d '"'); do
        result project.get_info "{\"project\":\"$id\"}" 'del(.size, .epoch)'
        result layer.get_list "{\"project\":\"$id\"}"
        result selection.get "{\"project\":\"$id\"}"
        result voxel.query "{\"project\":\"$id\",\"layer_id\":\"all\"}" '[.count, .voxels]'
    done
}

# code METHOD [PARAMS]: the error's code, or null
code() { rpc "$1" "${2:-}" | jq -c '.error.code'; }

# status CURL-ARGUMENTS…: the HTTP status alone
status() { curl -s -o /dev/null --max-time 60 -w '%{http_code}' "$@"; }

state() { curl -s --max-time 10 "$URL/health" | jq -r .state; }

# ---- JSON-RPC 2.0 ----

# specification SEND: the examples of the specification; SEND TEXT prints what comes back
specification() {
    local send=$1
    errors() { "$send" "$1" | jq -c 'if type == "array" then map([.error.code, .id]) else [.error.code, .id] end'; }
    is "an unknown method" '[-32601,"1"]' "$(errors '{"jsonrpc":"2.0","method":"foobar","id":"1"}')"
    is "invalid JSON" '[-32700,null]' "$(errors '{"jsonrpc":"2.0","method":"foobar,"params":"bar","baz]')"
    is "an invalid request" '[-32600,null]' "$(errors '{"jsonrpc":"2.0","method":1,"params":"bar"}')"
    is "a batch of invalid JSON" '[-32700,null]' "$(errors '[{"jsonrpc":"2.0","method":"sum","params":[1,2,4],"id":"1"},{"jsonrpc":"2.0","method"]')"
    is "an empty batch" '[-32600,null]' "$(errors '[]')"
    is "an invalid batch" '[[-32600,null]]' "$(errors '[1]')"
    is "a batch of invalid requests" '[[-32600,null],[-32600,null],[-32600,null]]' "$(errors '[1,2,3]')"
    is "a batch" '[[1,null],[-32600,null],[-32601,"5"],["9",null]]' "$("$send" '[
        {"jsonrpc":"2.0","method":"system.ping","params":[1],"id":"1"},
        {"jsonrpc":"2.0","method":"system.ping","params":[7]},
        {"foo":"boo"},
        {"jsonrpc":"2.0","method":"foo.get","params":{"name":"myself"},"id":"5"},
        {"jsonrpc":"2.0","method":"system.ping","id":"9"}]' |
        jq -c 'map(if .result then [(.result.timestamp | if . == 1 then 1 else "9" end), null] else [.error.code, .id] end)')"
    is "a wrong version, with the id that was read" '[-32600,7]' "$(errors '{"jsonrpc":"1.0","id":7,"method":"system.ping"}')"
    is "no version" -32600 "$("$send" '{"id":1,"method":"system.ping"}' | jq .error.code)"
    is "positional parameters, as named ones" '[42,42]' "$("$send" '[{"jsonrpc":"2.0","method":"system.ping","params":[42],"id":1},{"jsonrpc":"2.0","method":"system.ping","params":{"timestamp":42},"id":2}]' | jq -c 'map(.result.timestamp)')"
    is "a notification is not answered" "" "$("$send" '{"jsonrpc":"2.0","method":"system.ping","params":[1]}')"
    is "nor is one of an unknown method" "" "$("$send" '{"jsonrpc":"2.0","method":"foobar"}')"
    is "nor a batch of them" "" "$("$send" '[{"jsonrpc":"2.0","method":"system.ping"},{"jsonrpc":"2.0","method":"foobar"}]')"
}
