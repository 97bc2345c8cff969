#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The files for systemd and launchd, as far as they can be judged without either running.
. "$(dirname "$0")/lib.sh"

etc=$(cd "$TESTS/../etc" && pwd)
units=$WORK/units
mkdir -p "$units"

# With the program that was built, since verify looks for it.
sed "s|/usr/sbin/goxel-daemon|$DAEMON|" "$etc/goxel-daemon.service" > "$units/goxel-daemon.service"
cp "$etc/goxel-daemon.socket" "$units/"

value() { sed -n "s/^$1=//p" "$etc/goxel-daemon.service"; }

if command -v systemd-analyze > /dev/null; then
    output=$(systemd-analyze --man=no verify "$units/goxel-daemon.service" "$units/goxel-daemon.socket" 2>&1)
    is "verify has nothing to say about the units" "" "$output"

    exposure=$(systemd-analyze security --offline=yes --no-pager "$units/goxel-daemon.service" 2>&1 |
        sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p')
    like "security rates the service" '^[0-9]+\.[0-9]$' "$exposure"
    ok "at 1.2 or better ($exposure)" awk -v got="$exposure" 'BEGIN { exit !(got != "" && got <= 1.2) }'
else
    skip "the units" "systemd-analyze is not installed"
fi

if command -v systemd-sysusers > /dev/null && systemd-sysusers --help | grep -q -- --dry-run; then
    mkdir -p "$WORK/root/etc"
    output=$(systemd-sysusers --dry-run --root="$WORK/root" - < "$etc/goxel-daemon.sysusers" 2>&1)
    is "sysusers takes its file" 0 $?
    like "and would make the user" "Creating user 'goxel'" "$output"
    like "and its group" "Creating group 'goxel'" "$output"
else
    skip "the user" "systemd-sysusers is not installed"
fi

# What the unit promises and what the daemon's defaults say have to fit.
default() { "$DAEMON" --print-config | sed -n "s/^ *#\{0,1\}$1 = //p" | head -n 1; }
is "User= is process.user" "\"$(value User)\"" "$(default user)"
is "Group= is process.group" "\"$(value Group)\"" "$(default group)"
is "UMask= is security.umask" "$(value UMask)" "$(default umask)"
like "the PID file lies in RuntimeDirectory=" "\"/run/$(value RuntimeDirectory)/" "$(default pid_file)"
ok "TimeoutStopSec= is longer than shutdown_timeout_ms" \
    test $(($(value TimeoutStopSec) * 1000)) -gt "$(default shutdown_timeout_ms)"
like "systemd's Unix socket is the daemon's" "^\"$(sed -n 's/^ListenStream=\(\/.*\)/\1/p' "$etc/goxel-daemon.socket")\"$" \
    "$("$DAEMON" --print-config | awk '/unix *{/ { on = 1 } on && / path = / { print $NF; exit }')"
like "and so is its TCP socket" "^ListenStream=127\.0\.0\.1:$(default port)$" "$(cat "$etc/goxel-daemon.socket")"
is "there is no ExecStop=: SIGTERM is the orderly stop" "" "$(value ExecStop)"
ok "no exit status is both a reason to restart and not to" eval \
    '! printf "%s\n" $(value RestartPreventExitStatus) | grep -qx "$(value RestartForceExitStatus)"'
# exit_of SYMBOL: its status
exit_of() { awk -F ' *[|] *' -v want="\`$1\`" '$2 == want { print $6 }' "$TESTS/../docs/errors.md"; }
for symbol in GOXEL_ERROR_USAGE DAEMON_ERROR_CONFIG_INVALID DAEMON_ERROR_PERMISSION_DENIED \
    DAEMON_ERROR_INVALID_USER_GROUP DAEMON_ERROR_MAX_RECOVERY_ATTEMPTS; do
    exit_status=$(exit_of "$symbol")
    ok "the status $exit_status of $symbol ends it for good" \
        grep -qw -- "${exit_status:-missing}" <<< "$(value RestartPreventExitStatus)"
done
is "GOXEL_ERROR_RESTART_ELSEWHERE has it restarted" "$(value RestartForceExitStatus)" \
    "$(exit_of GOXEL_ERROR_RESTART_ELSEWHERE)"

# launchd: parsed as macOS would.
ok "the property list" python3 - "$etc/com.goxel.daemon.plist" <<'PY'
import plistlib
import sys

with open(sys.argv[1], "rb") as f:
    job = plistlib.load(f)
arguments = job["ProgramArguments"]
assert job["Label"] == "com.goxel.daemon", job["Label"]
assert arguments[0] == "/usr/local/sbin/goxel-daemon", arguments
assert "--foreground" in arguments, arguments
assert not {"--daemonize", "-D"} & set(arguments), arguments
assert job["KeepAlive"] == {"SuccessfulExit": False}, job["KeepAlive"]
assert job["RunAtLoad"] is True
assert job["Umask"] == 0o27, job["Umask"]
paths = [arguments[arguments.index("--config") + 1], job["StandardErrorPath"], job["WorkingDirectory"]]
assert all(path.startswith("/usr/local/") for path in paths), paths
PY

done_testing
