#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# systemd's protocol, without systemd: what a supervisor hears and keeps (notify.py), and sockets that it hands over.
. "$(dirname "$0")/lib.sh"

HEARD='' SUPERVISOR=''
tab=$'\t'

# supervise [VARIABLE=VALUE…]: the daemon on $CONF under a supervisor; waits until it is said to be ready
supervise() {
    HEARD=$DIR/heard
    : > "$HEARD"
    env "$@" python3 "$TESTS/integration/notify.py" "$DIR" "$DAEMON" --config "$CONF" >> "$LOG" 2>&1 &
    SUPERVISOR=$!
    PIDS+=("$SUPERVISOR")
    until_true 600 started 1 || { fail "notify.py starts" "$(tail -n 5 "$LOG")"; ENDED=1; exit 1; }
    PID=$(started_pid)
    PIDS+=("$PID")
    until_true 600 eval 'heard READY=1 || exited'
}

# supervise_new TEXT [VARIABLE=VALUE…]: the same, with a configuration of its own
supervise_new() {
    write_config "$1"
    shift
    supervise "$@"
}

unsupervise() {
    kill -TERM "$SUPERVISOR" 2>/dev/null
    wait "$SUPERVISOR" 2>/dev/null
}

lines() { grep -c "^$1$tab" "$HEARD" || true; }
started() { [ "$(lines started)" -ge "$1" ]; }
started_pid() { awk -F '\t' '$1 == "started" { pid = $2 } END { print pid }' "$HEARD"; }
exited() { [ "$(lines exited)" -gt 0 ]; }
exit_status() { awk -F '\t' '$1 == "exited" { status = $3 } END { print status }' "$HEARD"; }

# times FIELD: in how many datagrams a field begins with that
times() { awk -F '\t' -v want="$1" '$1 == "heard" { for (i = 4; i <= NF; i++) if (index($i, want) == 1) { n++; break } } END { print n + 0 }' "$HEARD"; }
heard() { [ "$(times "$1")" -ge "${2:-1}" ]; }
# all the states in the order in which they were told
states() { grep -oE "$tab(READY|RELOADING|STOPPING)=1" "$HEARD" | tr -d "$tab" | tr '\n' ' ' | sed 's/ $//; s/=1//g'; }

over_socket() { curl -s --max-time 10 --unix-socket "$SOCK" "$@"; }

# ---- ready, status, reload ----

supervise_new ''
is "READY=1 means that /health answers" 200 "$(status "$URL/health")"
is "over the Unix socket as well" 200 "$(over_socket -o /dev/null -w '%{http_code}' http://localhost/health)"
is "it is told once" READY "$(states)"
is "every datagram comes from the main process" "$PID" \
    "$(awk -F '\t' '$1 == "heard" { print $2 }' "$HEARD" | sort -u)"
ok "there is a status line" until_true 200 heard STATUS=
like "which says something" "STATUS=.*(127\.0\.0\.1:$PORT|project)" "$(grep -o 'STATUS=.*' "$HEARD" | tail -n 1)"
is "without WATCHDOG_USEC nothing is patted" 0 "$(times WATCHDOG=1)"

# reloads SIGNAL-OR-COMMAND NAME: RELOADING with the time, then READY
reloads() {
    local name=$1 before begun
    shift
    before=$(times READY=1) begun=$(times RELOADING=1)
    "$@"
    ok "$name: RELOADING=1" until_true 200 heard RELOADING=1 "$((begun + 1))"
    ok "$name: READY=1 after it" until_true 200 heard READY=1 "$((before + 1))"
    ok "$name: MONOTONIC_USEC is in the same datagram, and just now" awk -F '\t' '
        $1 == "heard" && $4 == "RELOADING=1" {
            split($5, field, "=")
            late = $3 - field[2]
            good = field[1] == "MONOTONIC_USEC" && late >= 0 && late < 60000000
        }
        END { exit !good }' "$HEARD"
}
reloads "HUP" kill -HUP "$PID"
reloads "POST /reload" curl -s -o /dev/null -X POST "$URL/reload"
reloads "--reload" "$DAEMON" --reload --config "$CONF"
cp "$CONF" "$DIR/good.conf"
echo 'workers { count = none }' >> "$CONF"
reloads "an invalid file" curl -s -o /dev/null -X POST "$URL/reload"
cp "$DIR/good.conf" "$CONF"
is "it goes on after that" 200 "$(status "$URL/health")"

kill -TERM "$PID"
ok "it ends" until_true 1200 exited
is "with status 0" 0 "$(exit_status)"
is "STOPPING=1 is the last state" STOPPING "$(states | awk '{ print $NF }')"
unsupervise

# ---- a long stop ----

supervise_new 'performance { shutdown_grace_ms = 60000 }'
kill -TERM "$PID"
ok "a stop: STOPPING=1" until_true 200 heard STOPPING=1
ok "one that takes its time asks for more" until_true 400 heard EXTEND_TIMEOUT_USEC=
like "in whole microseconds" '^EXTEND_TIMEOUT_USEC=[1-9][0-9]*$' \
    "$(grep -o 'EXTEND_TIMEOUT_USEC=.*' "$HEARD" | head -n 1)"
kill -TERM "$PID"
ok "and ends" until_true 1200 exited
is "with status 0 too" 0 "$(exit_status)"
is "STOPPING is told once" "READY STOPPING" "$(states)"
unsupervise

# ---- the watchdog ----

supervise_new '' WATCHDOG_USEC=1000000
ok "the watchdog is patted, again and again" until_true 400 heard WATCHDOG=1 4
ok "at least twice an interval" awk -F '\t' '
    $1 == "heard" && $4 == "WATCHDOG=1" { if (last && $3 - last > worst) worst = $3 - last; last = $3 }
    END { if (worst >= 1000000) print worst " µs between two"; exit worst >= 1000000 }' "$HEARD"
kill -STOP "$PID"
before=$(times WATCHDOG=1)
note "$before pats before it was stopped"
kill -CONT "$PID"
ok "it goes on after a pause" until_true 400 heard WATCHDOG=1 "$((before + 1))"

# ---- a re-exec keeps everything ----

result project.create '{"name":"kept"}' .name > /dev/null
result voxel.add '{"project":"kept","x":1,"y":2,"z":3,"color":"#102030"}' > /dev/null
before=$(times READY=1) pats=$(times WATCHDOG=1)
is "POST /restart is accepted" 202 "$(over_socket -o /dev/null -w '%{http_code}' -X POST http://localhost/restart)"
ok "a re-exec: READY=1 again" until_true 600 heard READY=1 "$((before + 1))"
is "with RELOADING before and never STOPPING" "READY RELOADING READY" "$(states)"
is "nothing was started or ended" "1 0" "$(lines started) $(lines exited)"
is "the PID file holds the same PID" "$PID" "$(cat "$DIR/run/goxel.pid")"
is "it serves" 200 "$(status "$URL/health")"
is "the project is there" '[16,32,48,255]' "$(result voxel.get '{"project":"kept","x":1,"y":2,"z":3}' .color)"
ok "the watchdog is patted by the new image" until_true 400 heard WATCHDOG=1 "$((pats + 3))"
unsupervise

# ---- the descriptor store: a crash refuses nobody ----

supervise_new ''
ok "both sockets are put into the store" until_true 200 eval '[ "$(lines kept)" -ge 2 ]'
like "the TCP socket" "^kept${tab}[!-9;-~]+${tab}127\.0\.0\.1:$PORT\$" "$(grep '^kept' "$HEARD")"
like "the Unix socket" "^kept${tab}[!-9;-~]+$tab$SOCK\$" "$(grep '^kept' "$HEARD")"
is "under names of their own" 2 "$(awk -F '\t' '$1 == "kept" && $3 != "-" { print $2 }' "$HEARD" | sort -u | wc -l)"

result project.create '{"name":"lost"}' .name > /dev/null
inode=$(stat -c %i "$SOCK")
python3 "$TESTS/integration/knock.py" "$PORT" > "$DIR/knock-tcp" 2>&1 &
knock_tcp=$!
python3 "$TESTS/integration/knock.py" "$SOCK" > "$DIR/knock-unix" 2>&1 &
knock_unix=$!
PIDS+=("$knock_tcp" "$knock_unix")
until_true 600 eval 'grep -q READY "$DIR/knock-tcp" && grep -q READY "$DIR/knock-unix"'
rounds=$(counts 3 20)
for round in $(seq "$rounds"); do
    ready=$(times READY=1) ends=$(lines exited)
    kill -KILL "$PID"
    until_true 600 eval '[ "$(lines exited)" -gt "$ends" ]' || break
    kill -USR1 "$SUPERVISOR"
    until_true 600 eval '[ "$(lines started)" -gt "$round" ]'
    PID=$(started_pid)
    PIDS+=("$PID")
    until_true 600 heard READY=1 "$((ready + 1))" || break
done
is "$rounds times killed, $rounds times there again" "$((rounds + 1)) $((rounds + 1))" "$(lines started) $(times READY=1)"
is "the same port serves" 200 "$(status "$URL/health")"
is "the same path serves" 200 "$(over_socket -o /dev/null -w '%{http_code}' http://localhost/health)"
is "with the same socket behind it" "$inode" "$(stat -c %i "$SOCK")"
for kind in tcp unix; do
    # A client that was just being served when the process was killed is lost; one that came later is not.
    knock=knock_$kind
    kill -TERM "${!knock}"
    wait "${!knock}"
    report=$(tail -n 1 "$DIR/knock-$kind")
    is "nobody is refused ($kind)" '0' "$(jq -c 'if .refused == 0 then 0 else . end' <<< "$report")"
    ok "no more than one client a crash is cut off ($kind)" test "$(jq .broken <<< "$report")" -le "$rounds"
    note "$kind: $report"
done
is "a socket that is already in the store is not kept twice" 2 "$(awk -F '\t' '$1 == "kept" && $3 != "-"' "$HEARD" | wc -l)"
ends=$(lines exited)
kill -TERM "$PID"
ok "a stop after all that" until_true 1200 eval '[ "$(lines exited)" -gt "$ends" ]'
is "has status 0" 0 "$(exit_status)"
unsupervise

# A configuration that no longer names a socket: the store must not keep it, or clients would wait there for ever.
supervise_new ''
until_true 200 eval '[ "$(lines kept)" -ge 2 ]'
old=$PORT
PORT=$(free_ports 1)
sed -i "s/port = $old/port = $PORT/" "$CONF"
URL=http://127.0.0.1:$PORT
kill -KILL "$PID"
until_true 600 exited
kill -USR1 "$SUPERVISOR"
until_true 600 started 2
PID=$(started_pid)
PIDS+=("$PID")
ok "another port in the configuration: it starts" until_true 600 heard READY=1 2
is "it serves there" 200 "$(status "$URL/health")"
ok "the old socket is taken out of the store" until_true 200 grep -q "^dropped$tab" "$HEARD"
is "so that clients are refused instead of left waiting" 000 "$(status --connect-timeout 5 "http://127.0.0.1:$old/health")"
ok "and the log names it" grep -q "127.0.0.1:$old" "$LOG"
unsupervise

# ---- sockets that systemd opened ----

# activate SOCKET… : the daemon starts with the first client of any of them
activate() {
    local address arguments=() names=()
    for address; do
        arguments+=(-l "$address")
        names+=(goxel)
    done
    (
        IFS=:
        exec systemd-socket-activate "${arguments[@]}" --fdname="${names[*]}" \
            -E ASAN_OPTIONS="${ASAN_OPTIONS:-}" -E UBSAN_OPTIONS="${UBSAN_OPTIONS:-}" -E TSAN_OPTIONS="${TSAN_OPTIONS:-}" \
            "$DAEMON" --config "$CONF" >> "$LOG" 2>&1
    ) &
    PID=$!
    PIDS+=("$PID")
    until_true 600 grep -q "Listening on $address" "$LOG"
}

if command -v systemd-socket-activate > /dev/null; then
    write_config
    activate "127.0.0.1:$PORT" "$SOCK"
    is "before the first client there is no daemon" "" "$(cat "$DIR/run/goxel.pid" 2>/dev/null)"
    is "the first client starts it and is answered" 200 "$(status "$URL/health")"
    is "the Unix socket is the one that was handed over" 200 "$(over_socket -o /dev/null -w '%{http_code}' http://localhost/health)"
    is "it is the process that was started" "$PID" "$(cat "$DIR/run/goxel.pid")"
    is "one socket listens there, not two" 1 \
        "$(awk -v port="$(printf ':%04X' "$PORT")" '$4 == "0A" && index($2, port)' /proc/net/tcp | wc -l)"
    stop_daemon
    ok "a socket that is systemd's stays where it is" test -S "$SOCK"

    write_config
    stranger=$(free_ports 1)
    activate "127.0.0.1:$PORT" "127.0.0.1:$stranger"
    is "handed over with a stranger: it starts" 200 "$(status "$URL/health")"
    is "the stranger is closed" 000 "$(status --connect-timeout 5 "http://127.0.0.1:$stranger/")"
    ok "the log names it" grep -q "127.0.0.1:$stranger" <(grep -v 'Listening on\|Communication attempt' "$LOG")
    is "what nobody handed over it opened itself" 200 "$(over_socket -o /dev/null -w '%{http_code}' http://localhost/health)"
    stop_daemon
    ok "its own Unix socket is gone after the stop" test ! -e "$SOCK"
else
    skip "sockets that systemd opened" "systemd-socket-activate is not installed"
fi

done_testing
