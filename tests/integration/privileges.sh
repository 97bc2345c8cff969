#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Becoming less: user, groups, capabilities and root of a daemon that root started, as /proc tells them.
. "$(dirname "$0")/lib.sh"

if [ "$(id -u)" -ne 0 ] || ! setpriv --reuid=65534 --regid=65533 --clear-groups true 2> "$WORK/err"; then
    skip "privileges" "not root, or a root that can become nobody else"
    done_testing
fi

# A process whose user was changed cannot be looked into, not even by the leak checker that is linked into it.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
umask 022
unset NOTIFY_SOCKET
chmod 755 "$WORK"
install -m 755 "$DAEMON" "$WORK/goxel-daemon" # where every user may run it
DAEMON=$WORK/goxel-daemon
tsan=$(ldd "$DAEMON" | grep libtsan) # which has a thread of its own that drops nothing

# configure USER GROUP [TEXT]: files below $DIR (@ in TEXT) that the user may read; what the daemon makes is not there.
configure() {
    write_config "${3:-}"
    sed -i "s/^    user = .*/    user = \"$1\"/; s/^    group = .*/    group = \"$2\"/; s|@|$DIR|" "$CONF"
    rmdir "$DIR/run"
    chmod 755 "$DIR" "$DIR/files"
    chmod 644 "$CONF"
    [ -z "$1" ] || chown "$1" "$DIR/files"
}

line() { awk -v name="$1:" '$1 == name { $1 = ""; sub(/^ /, ""); print }' "/proc/$PID/status"; }
groups_of() { id -G "$@" | tr ' ' '\n' | sort -n | xargs; }
owner() { stat -c %U "$1"; }

# up NAME [OPTIONS]: the daemon on $CONF, ready. Otherwise a failure, and status 1.
up() {
    local name=$1
    shift
    launch "$@"
    if ready; then
        pass "$name: starts"
    else
        fail "$name: starts" "$(tail -n 5 "$LOG")"
        kill -KILL "$PID" 2> "$WORK/err"
        ended
        return 1
    fi
}

# shows NAME KEPT: permitted and effective are KEPT, nothing is handed on, nothing can be gained
shows() {
    is "$1: capabilities" "$2 $2" "$(line CapPrm) $(line CapEff)"
    is "$1: bounding set" "$2" "$(line CapBnd)"
    is "$1: inheritable and ambient" "0000000000000000 0000000000000000" "$(line CapInh) $(line CapAmb)"
    is "$1: no new privileges" 1 "$(line NoNewPrivs)"
    [ -z "$tsan" ] || return 0
    is "$1: every thread the same" "$2 $(id -u "${3:-root}")" \
        "$(awk '$1 == "Uid:" { uid = $2 } $1 == "CapPrm:" { print $2, uid }' "/proc/$PID"/task/*/status | sort -u)"
}

none=0000000000000000

# ---- another user ----

for user in nobody daemon www-data; do
    if ! id "$user" > "$WORK/err" 2>&1; then
        skip "user $user" "there is none"
        continue
    fi
    configure "$user" "" 'logging { target = "file" file = "@/log/daemon.log" }'
    log=$DIR/log/daemon.log
    up "user $user" || continue
    uid=$(id -u "$user") gid=$(id -g "$user")
    is "user $user: uid" "$uid $uid $uid $uid" "$(line Uid)"
    is "user $user: gid" "$gid $gid $gid $gid" "$(line Gid)"
    is "user $user: groups" "$(groups_of "$user")" "$(line Groups)"
    shows "user $user" $none "$user"
    is "user $user: owns its files" "$user $user $user $user" \
        "$(owner "$DIR/run") $(owner "$DIR/run/goxel.pid") $(owner "$SOCK") $(owner "$log")"
    is "user $user: permissions of the socket" 660 "$(stat -c %a "$SOCK")"
    is "user $user: the Unix socket answers" 200 "$(status --unix-socket "$SOCK" http://localhost/health)"
    result project.create '{"name":"p"}' > "$DIR/out"
    is "user $user: saves" null "$(code project.save "{\"path\":\"$DIR/files/p.gox\"}")"
    is "user $user: what it saved is its own" "$user" "$(owner "$DIR/files/p.gox")"

    mv "$log" "$log.1"
    sed -i 's/^workers.*//' "$CONF"
    echo 'workers { count = 7 }' >> "$CONF"
    is "user $user: reload" '["workers.count"]' "$(curl -s -X POST "$URL/reload" | jq -c .applied)"
    ok "user $user: the log is opened anew" until_true 200 grep -q reload "$log"
    is "user $user: and its own" "$user" "$(owner "$log")"
    stop_daemon
    ok "user $user: nothing is left after the stop" eval '[ ! -e "$DIR/run/goxel.pid" ] && [ ! -e "$SOCK" ]'
done

configure nobody www-data 'workers { count = 2 }'
sed -i "s|path = \"$SOCK\"|&\n        group = \"daemon\"\n        permissions = 0620|" "$CONF"
if up "a group of its own"; then
    is "a group of its own: gid" "$(getent group www-data | cut -d: -f3)" "$(line Gid | awk '{ print $1 }')"
    is "the socket's owner, group and permissions" "nobody daemon 620" "$(stat -c '%U %G %a' "$SOCK")"
    stop_daemon
    ok "a group of its own: nothing is left after the stop" eval '[ ! -e "$DIR/run/goxel.pid" ] && [ ! -e "$SOCK" ]'
fi

configure 4000000001 4000000002
if up "numbers without entries"; then
    is "numbers without entries: uid" 4000000001 "$(line Uid | awk '{ print $1 }')"
    is "numbers without entries: groups" 4000000002 "$(line Groups)"
    stop_daemon
    ok "numbers without entries: nothing is left" eval '[ ! -e "$DIR/run/goxel.pid" ] && [ ! -e "$SOCK" ]'
fi

configure nobody ""
if up "--test-mode" --test-mode; then
    is "--test-mode: the user stays" 0 "$(line Uid | awk '{ print $1 }')"
    shows "--test-mode" $none
    stop_daemon
fi

configure "" ""
if up "root that stays"; then
    is "root that stays: uid" "0 0 0 0" "$(line Uid)"
    shows "root that stays" $none
    stop_daemon
fi

# As who it is already an ordinary user needs no root.
configure nobody nogroup
mkdir "$DIR/run" "$DIR/projects"
chown nobody "$DIR/run" "$DIR/projects"
setpriv --reuid=nobody --regid=nogroup --clear-groups "$DAEMON" --config "$CONF" >> "$LOG" 2>&1 &
PID=$!
PIDS+=("$PID")
ok "an ordinary user starts as who it is" ready
is "without capabilities" "$none 1" "$(line CapPrm) $(line NoNewPrivs)"
stop_daemon

# ---- capabilities ----

low_port() {
    python3 - <<'PY'
import socket
for port in range(1023, 600, -1):
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(port)
        break
PY
}

configure nobody ""
PORT=$(low_port) URL=http://127.0.0.1:$PORT
sed -i "s/port = .*/port = $PORT/" "$CONF"
if up "a port below 1024"; then
    is "a port below 1024 was bound before the drop" "$none 200" "$(line CapEff) $(status "$URL/health")"
    stop_daemon
fi

configure nobody "" 'security { allowed_capabilities = {"CAP_NET_BIND_SERVICE"} }'
if up "allowed_capabilities"; then
    shows "allowed_capabilities" 0000000000000400 nobody
    stop_daemon
fi

configure nobody "" 'security { drop_capabilities = false no_new_privileges = false }'
if up "drop_capabilities off"; then
    is "drop_capabilities off: setuid takes them all the same" "$none $none" "$(line CapPrm) $(line CapEff)"
    is "drop_capabilities off: the bounding set is left alone" "$(awk '$1 == "CapBnd:" { print $2 }' /proc/self/status)" \
        "$(line CapBnd)"
    is "no_new_privileges off" 0 "$(line NoNewPrivs)"
    stop_daemon
fi

# ---- chroot ----

# confine USER: everything in $JAIL, and chroot on
confine() {
    configure "$1" ""
    JAIL=$DIR/jail
    mkdir -p "$JAIL/files"
    chown "$1" "$JAIL/files"
    CONF=$JAIL/daemon.conf
    SOCK=$JAIL/run/goxel.sock
    cat > "$CONF" <<CONF
process {
    pid_file = "$JAIL/run/goxel.pid"
    working_directory = "$JAIL"
    user = "$1"
    group = ""
}
sockets {
    unix { path = "$SOCK" }
    tcp { port = $PORT }
}
security {
    enable_chroot = true
    chroot_directory = "$JAIL"
}
logging {
    target = "file"
    file = "$JAIL/log/daemon.log"
}
storage {
    directory = "$JAIL/projects"
    allowed_roots = {"$JAIL/files"}
}
www { enabled = false }
CONF
    chmod 644 "$CONF"
}

# The descriptors of $PID that are folders outside of $JAIL.
open_folders() { find "/proc/$PID/fd" -mindepth 1 -xtype d -printf '%l\n' | grep -v "^$JAIL/"; }

confine nobody
if up "chroot"; then
    is "chroot: the root is the folder" "$JAIL $JAIL" "$(readlink "/proc/$PID/root") $(readlink "/proc/$PID/cwd")"
    shows "chroot" $none nobody
    is "chroot: no folder is open" "" "$(open_folders)"
    is "chroot: health answers" 200 "$(status "$URL/health")"
    is "chroot: the Unix socket answers" 200 "$(status --unix-socket "$SOCK" http://localhost/health)"
    is "chroot: the PID file is inside" "$PID" "$(cat "$JAIL/run/goxel.pid")"
    result project.create '{"name":"p"}' > "$DIR/out"
    is "chroot: saves into an allowed root inside" null "$(code project.save '{"path":"/files/p.gox"}')"
    is "chroot: what it saved is there" nobody "$(owner "$JAIL/files/p.gox")"
    like "chroot: the path outside is none any more" '^-[0-9]+$' "$(code project.save "{\"path\":\"$JAIL/files/q.gox\"}")"
    mv "$JAIL/log/daemon.log" "$JAIL/log/daemon.log.1"
    echo 'workers { count = 7 }' >> "$CONF"
    is "chroot: reload" '{"applied":["workers.count"],"pending_restart":[],"errors":[]}' "$(curl -s -X POST "$URL/reload")"
    ok "chroot: the log is opened anew" until_true 200 grep -q reload "$JAIL/log/daemon.log"
    stop_daemon
    ok "chroot: nothing is left after the stop" eval '[ ! -e "$JAIL/run/goxel.pid" ] && [ ! -e "$SOCK" ]'
fi

# However root, configuration and socket are written: "/tmp/x/jail" is $JAIL, "/tmp/x/link" a symbolic link to it.
while IFS='|' read -r name root config socket; do
    confine nobody
    ln -s "$JAIL" "$DIR/link"
    ln -s daemon.conf "$JAIL/link.conf"
    sed -i "s|chroot_directory = .*|chroot_directory = \"$DIR/$root\"|; s|path = .*|path = \"${socket/@/$DIR}\" }|" "$CONF"
    # Every path of it has to begin with the root as it is written.
    [ "${root%%/*}" != link ] || sed -i "s|$JAIL/|$DIR/link/|; s|= \"$JAIL\"|= \"$DIR/link\"|" "$CONF"
    CONF=$DIR/$config
    up "chroot, $name" || continue
    is "chroot, $name: the root is the folder" "$JAIL" "$(readlink "/proc/$PID/root")"
    echo 'workers { count = 7 }' >> "$CONF"
    is "chroot, $name: reload" '["workers.count"]' "$(curl -s -X POST "$URL/reload" | jq -c .applied)"
    stop_daemon
    ok "chroot, $name: nothing is left after the stop" eval '[ ! -e "$JAIL/run/goxel.pid" ] && [ ! -e "$SOCK" ]'
done <<'ROWS'
more slashes|/jail//|jail//daemon.conf|@//jail/run//goxel.sock
"..", in the configuration's path|jail|jail/../jail/files/../daemon.conf|@/jail/run/goxel.sock
a symbolic link to the configuration|jail|jail/link.conf|@/jail/run/goxel.sock
a symbolic link to the folder above it|jail|link/daemon.conf|@/jail/run/goxel.sock
a symbolic link as root|link/|jail/daemon.conf|@/link/run/goxel.sock
ROWS

# ---- refusals ----

# refused NAME STATUS REGEX [COMMAND…]: does not start, behind that command, and leaves nothing
refused() {
    local name=$1 status=$2 regex=$3 got
    shift 3
    timeout --kill-after=5 20 "$@" "$DAEMON" --config "$CONF" > "$DIR/out" 2> "$DIR/err"
    got=$?
    like "$name: status" "^($status)$" "$got"
    like "$name: reason" "$regex" "$(cat "$DIR/err")"
    ok "$name: no PID file, no socket" eval '[ ! -e "${SOCK%/*}/goxel.pid" ] && [ ! -e "$SOCK" ]'
    is "$name: nobody listens" 000 "$(status "$URL/health")"
    is "$name: no process" "" "$(pgrep -f -- "--config $CONF")"
}

configure nobody ""
sed -i 's/^    user = .*/    user = "no-such-user"/' "$CONF"
refused "an unknown user" 21 'process\.user: there is no user "no-such-user"; make it, or set process\.user to ""'
configure nobody no-such-group
refused "an unknown group" 21 'process\.group: there is no group "no-such-group"'
configure nobody ""
sed -i "s|path = \"$SOCK\"|&\n        group = \"no-such-group\"|" "$CONF"
refused "an unknown group of the socket" 21 'sockets\.unix\.group: there is no group "no-such-group"'
configure daemon ""
chown nobody "$DIR"
refused "another user without root" 13 'process\.user: becoming "daemon" needs root; start as root or set it to ""' \
    setpriv --reuid=65534 --regid=65534 --clear-groups
ok "another user without root: no folder is made" test ! -e "$DIR/run"

for folder in run socket; do
    configure nobody ""
    mkdir "$DIR/run"
    option=process.pid_file
    if [ $folder = socket ]; then
        chown nobody "$DIR/run"
        mkdir "$DIR/socket"
        sed -i "s|$DIR/run/goxel.sock|$DIR/socket/goxel.sock|" "$CONF"
        SOCK=$DIR/socket/goxel.sock option=sockets.unix.path
    fi
    refused "a $folder folder of somebody else" 13 "${option/./\\.}: user \"nobody\" cannot write into $DIR/$folder: "
    ok "a $folder folder of somebody else: no PID file" test ! -e "$DIR/run/goxel.pid"
done

configure nobody ""
chmod 600 "$CONF"
refused "a configuration that could not be read again" '1[23]' "daemon\.conf"
configure nobody "" 'security { allowed_capabilities = {"CAP_NO_SUCH"} }'
refused "an unknown capability" 12 'security\.allowed_capabilities: .*CAP_NO_SUCH'
configure nobody "" 'security { allowed_capabilities = {"CAP_NET_RAW"} }'
refused "a capability that is not there" 13 'security\.allowed_capabilities: the process does not have CAP_NET_RAW' \
    setpriv --bounding-set=-net_raw

confine nobody
sed -i "s|$JAIL|$DIR/missing|" "$CONF"
refused "chroot to a missing folder" 22 "security\.chroot_directory: $DIR/missing cannot be entered"
ok "chroot to a missing folder: it is not made" test ! -e "$DIR/missing"
confine nobody
mv "$CONF" "$DIR/outside.conf"
CONF=$DIR/outside.conf
refused "chroot with the configuration outside" '12|22' 'configuration.*outside|outside.*configuration|--config|outside\.conf'
confine nobody
mv "$CONF" "$DIR/outside.conf"
ln -s "$DIR/outside.conf" "$CONF"
refused "chroot with a configuration that leads outside" 12 "the configuration, $DIR/outside\.conf, lies outside of security"
confine nobody
sed -i "s|file = \"$JAIL/log/daemon.log\"|file = \"$DIR/log/daemon.log\"|" "$CONF"
refused "chroot with the log outside" '12|22' 'logging\.file'
confine nobody
refused "chroot under systemd" 22 'use RootDirectory= in the unit instead' env NOTIFY_SOCKET=/nonexistent/notify

# ---- what somebody has put into the user's folder ----

# planted NAME STATUS REGEX LINK: a link where root would have written, to a file of root's
secret() { stat -c '%U %a %s' "$DIR/root/secret"; }
plant() {
    mkdir -p "$DIR/root" "$DIR/run" "$DIR/log"
    chmod 700 "$DIR/root"
    echo secret > "$DIR/root/secret"
    chmod 600 "$DIR/root/secret"
    chown nobody "$DIR/run" "$DIR/log"
    before=$(secret)
}
configure nobody "" 'logging { target = "file" file = "@/log/daemon.log" }'
plant
ln -s "$DIR/root/secret" "$DIR/log/daemon.log"
refused "a link in place of the log" 16 'Permission denied'
is "a link in place of the log: what it leads to is as it was" "$before" "$(secret)"
rm "$DIR/log/daemon.log"
ln -s "$DIR/root/new" "$DIR/log/daemon.log"
refused "a link to nothing in place of the log" 16 'Permission denied'
ok "a link to nothing in place of the log: nothing is made" test ! -e "$DIR/root/new"
rm "$DIR/log/daemon.log"
mkfifo "$DIR/run/goxel.pid"
chown nobody "$DIR/run/goxel.pid"
timeout --kill-after=5 20 "$DAEMON" --config "$CONF" 2> "$DIR/err"
is "a FIFO in place of the PID file: status" 17 $?
like "a FIFO in place of the PID file: reason" 'no regular file' "$(cat "$DIR/err")"
ok "a FIFO in place of the PID file: it is left alone" test -p "$DIR/run/goxel.pid"

# ---- what was handed over, and by whom ----

if command -v python3 > "$WORK/out"; then
    configure nobody ""
    cat > "$WORK/forge.py" <<'PY'
import fcntl, os, sys
fd = os.memfd_create("state", os.MFD_ALLOW_SEALING)
os.write(fd, b'{"uid":0,"requests":[]}')
if sys.argv[1] == "sealed":
    fcntl.fcntl(fd, 1033, 15)
os.dup2(fd, 3)
os.environ.update(LISTEN_FDS="1", LISTEN_FDNAMES="goxel-state", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
PY
    refused "a state that anybody could have written" 10 'not sealed' python3 "$WORK/forge.py" open
    refused "a state of root's that would keep root" 10 'still root' python3 "$WORK/forge.py" sealed
fi

# ---- calls that fail ----

if ! command -v strace > "$WORK/err"; then
    skip "calls that fail" "no strace"
    done_testing
fi

# inject NAME STATUS REGEX CALL: refused when the system call is
inject() { refused "$1" "$2" "$3" strace -f -qq -o "$DIR/trace" -e "trace=$4" -e "inject=$4:error=EPERM"; }

for row in "setgroups 13 setgroups" "setresgid 13 set(res|e)gid" "setresuid 13 set(res|e)uid" "capset 13 capset"; do
    read -r call status regex <<< "$row"
    # The kernel takes the others by itself with the user.
    configure nobody "" 'security { allowed_capabilities = {"CAP_NET_BIND_SERVICE"} }'
    inject "$call fails" "$status" "$regex: Operation not permitted" "$call"
done
confine nobody
inject "chroot fails" 22 'chroot to .*: Operation not permitted' chroot
configure nobody ""
inject "every prctl fails" 13 'Operation not permitted' prctl
done_testing
