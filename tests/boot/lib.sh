# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What scripts about the installed service begin with: `. tests/boot/lib.sh`, from the root of the sources. They are for a
# system that is thrown away afterwards, with systemd as its PID 1 (a container, a virtual machine), and for root.

[ "$(id -u)" -eq 0 ] || { echo "$0: needs root" >&2; exit 2; }
[ -d /run/systemd/system ] || { echo "$0: systemd is not running here" >&2; exit 2; }
[ -e /run/systemd/container ] || [ "${GOXEL_BOOT_HERE:-}" = 1 ] || [ -n "${AUTOPKGTEST_TMP:-}" ] ||
    { echo "$0: this is no container: GOXEL_BOOT_HERE=1 says that the system may be changed all the same" >&2; exit 2; }

GOXEL_BUILD=/usr
. tests/integration/lib.sh
SERVICE=goxel-daemon.service
SOCK=/run/goxel/goxel.sock
CONF=/etc/goxel/daemon.conf
LOG=$WORK/journal

# In place of a log file the journal is shown when something failed.
finish_with_journal() {
    local status=$?
    journalctl --sync
    journalctl --no-pager -u goxel-daemon.service -u goxel-daemon.socket > "$LOG" 2>&1
    [ ! -d /out ] || cp "$LOG" /out/boot-journal
    (exit $status)
    finish
}
trap finish_with_journal EXIT

# ---- asking ----

show() { systemctl show -P "$1" "${2:-$SERVICE}"; }
main_pid() { show MainPID; }
over_socket() { curl -s --max-time 10 --unix-socket $SOCK "$@"; }
process_status() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr -s '\t ' ' '; }
# Where the program lies in memory: another place after each execve, with the same PID.
layout() { head -n 1 "/proc/$1/maps"; }
journal() { journalctl --sync; journalctl --no-pager -o cat -u $SERVICE "$@"; }
cursor() { journalctl --sync; journalctl -u $SERVICE -n 0 --show-cursor | sed -n 's/^-- cursor: //p'; }
# up OLD-PID: active, with another main process
up() { [ "$(show ActiveState)" = active ] && [ "$(main_pid)" != "$1" ] && [ "$(main_pid)" != 0 ]; }
# stands: what one test broke is not the next one's failure. Sets pid.
stands() {
    up 0 || { systemctl reset-failed $SERVICE; systemctl start $SERVICE; } > /dev/null 2>&1
    pid=$(main_pid)
}
# hit SIGNAL: the main process, if there is one, which PID 0 is not
hit() { [ "$pid" -gt 1 ] && kill "-$1" "$pid"; }
not_refused() { curl -s -o /dev/null --max-time 5 "$URL/health"; }

# ---- clients that keep coming ----

knock() {
    local target name
    for target in "$PORT" "$SOCK"; do
        name=$(basename "$target")
        python3 tests/integration/knock.py "$target" > "$WORK/knock-$name" 2>&1 &
        KNOCKS+=("$! $name")
        PIDS+=("$!")
    done
    for target in "$PORT" "$SOCK"; do
        until_true 200 grep -q READY "$WORK/knock-$(basename "$target")" || fail "a client is served ($target)"
    done
}
KNOCKS=()

# knocked WHAT BROKEN: nobody was refused, and at most BROKEN a client were cut off
knocked() {
    local entry pid name report
    for entry in "${KNOCKS[@]}"; do
        read -r pid name <<< "$entry"
        kill -TERM "$pid"
        wait "$pid"
        report=$(tail -n 1 "$WORK/knock-$name")
        is "$1: no client is refused ($name)" 0 "$(jq -c 'if .refused == 0 then 0 else . end' <<< "$report")"
        ok "$1: at most $2 cut off ($name)" test "$(jq .broken <<< "$report")" -le "$2"
        note "$report"
    done
    KNOCKS=()
}

quiet_apt() { DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 --yes --no-install-recommends "$@"; }
# give_up NAME TEXT: nothing that follows would tell anything
give_up() { fail "$@"; ENDED=1; exit 1; }
install_packages() {
    local output
    output=$(quiet_apt install "$@" 2>&1) || give_up "apt-get install $*" "$output"
}

exposure() { systemd-analyze security --no-pager $SERVICE 2>&1 | sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p'; }
# exposed_at_most LIMIT
exposed_at_most() {
    local got
    got=$(exposure)
    ok "systemd-analyze security: $1 or better ($got)" awk -v got="$got" -v limit="$1" 'BEGIN { exit !(got != "" && got <= limit) }'
}
