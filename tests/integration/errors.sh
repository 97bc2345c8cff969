#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every DAEMON_ERROR_… of src/base/error.h, as the real daemon shows it: its exit status and its text. A start that
# failed leaves nothing behind, and one that is new in the header and missing here is a failure.
#
# What does not happen by itself is made: by bad files, limits, and strace, which makes a system call fail.
. "$(dirname "$0")/lib.sh"

# A leak checker cannot work beside a tracer, nor in a process whose user was changed.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
export LSAN_OPTIONS="${LSAN_OPTIONS:+$LSAN_OPTIONS:}detect_leaks=0"
unset NOTIFY_SOCKET
umask 022
[ "$(id -u)" -ne 0 ] || chmod 755 "$WORK"
asan=$(ldd "$DAEMON" | grep libasan)
tsan=$(ldd "$DAEMON" | grep libtsan)
strace -qq -o /dev/null true 2> /dev/null && traces=1 || traces=

# ---- the list ----

# Symbol, exit status, text: one line each.
sed -nE 's/^ *X\((DAEMON_ERROR_[A-Z_]+), *("[^"]*"), *-?[0-9]+, *[0-9]+, *([0-9]+)\).*/\1 \3 \2/p' \
    "$TESTS/../src/base/error.h" | sed 's/"//g' > "$WORK/list"
text_of() { awk -v s="$1" '$1 == s { sub(/^[^ ]+ [^ ]+ /, ""); print }' "$WORK/list"; }

# seen SYMBOL STATUS: by an assertion that passed. What failed or was skipped is told by itself.
: > "$WORK/seen"
seen() { echo "$1 $2" >> "$WORK/seen"; }

# ---- ways of breaking it ----

fresh() {
    write_config
    cat >> "$CONF" <<CONF
workers {
    count = 2
}
performance {
    io_threads = 2
}
logging {
    target = "file"
    file = "$LOG"
}
CONF
}
set_to() { sed -i "s|^\( *\)$1 = .*|\1$1 = $2|" "$CONF"; } # OPTION VALUE: of those that are there
detaches() { sed -i 's|^process {|&\n    daemonize = true|' "$CONF"; }
# list TEXT: what an earlier daemon is said to have kept
list() { mkdir "$DIR/projects" && printf '%s' "$1" > "$DIR/projects/projects.json"; }
# another USER: to become one who may write where it has to
another() { set_to user "\"$1\"" && chmod 755 "$DIR" && chown "$1" "$DIR/run" "$DIR" && chmod 644 "$CONF"; }
# rooted FOLDER: everything is in $DIR already, but for what is served and read from elsewhere
rooted() {
    sed -i "/^www {/,\$ { s|directory = .*|enabled = false|; }; s|allowed_roots = .*|allowed_roots = {\"$DIR/files\"}|" "$CONF"
    echo "security { enable_chroot = true chroot_directory = \"$1\" }" >> "$CONF"
}

# inject CALLS:…: the daemon under strace
inject() { COMMAND=(strace -f -qq -o "$DIR/trace" -e "trace=${1%%:*}" -e "inject=$1"); }

# probe: a good start of $CONF, traced, so that its calls can be counted; ends it again
probe() {
    strace -f -qq -o "$DIR/probe" -e trace=clone,clone3,mmap,brk,flock "${COMMAND[@]}" "$DAEMON" --config "$CONF" > "$DIR/out" 2>&1 &
    PID=$!
    PIDS+=("$PID")
    ready || return 1
    "$DAEMON" --config "$CONF" --stop > "$DIR/out" 2>&1
    ended
    rm -rf "$DIR/projects" # or the next start has something to read
    main=$(awk '{ print $1; exit }' "$DIR/probe")
}
# thread N: a thread of the start cannot be made. Counted from the last, 0, the monitor's; before it what accepts, 1, the streams', 2,
# two of libmicrohttpd, and the first of the two workers, 6. (A sanitizer may have one of its own before them all.)
thread() {
    local count
    probe || return 1
    # As they were begun: the second half of an interrupted line is not one more.
    count=$(awk -v m="$main" '$1 == m && /clone3?\(.*CLONE_THREAD/' "$DIR/probe" | wc -l)
    inject "clone,clone3:error=EAGAIN:when=$((count - $1))"
}
# The queue is the allocation before the stack of the first worker, who is the third thread: with nearly every allocation a mapping of
# its own, since what was freed of the heap would do for it otherwise.
# (The kernel's brk has no error, but an end of the heap below what was asked for.)
no_queue() {
    local maps grown
    COMMAND=(env GLIBC_TUNABLES=glibc.malloc.mmap_threshold=64:glibc.malloc.top_pad=0)
    probe || return 1
    read -r maps grown <<< "$(awk -v m="$main" '$1 == m && /mmap\(/ { maps++ } $1 == m && /brk\(/ { grown++ }
        $1 == m && /clone3?\(/ && ++threads == 3 { print maps - 1, grown + 1; exit }' "$DIR/probe")"
    COMMAND=(strace -f -qq -o "$DIR/trace" -e trace=mmap,brk -e "inject=mmap:error=ENOMEM:when=$maps+"
        -e "inject=brk:retval=0:when=$grown+" "${COMMAND[@]}")
}

# ---- starts that fail ----

tree() { find "$DIR/run" -mindepth 1 2> /dev/null | sort; }
unlocked() { [ ! -e "$DIR/projects/lock" ] || flock -n "$DIR/projects/lock" true; }

# refused NAME SYMBOL STATUS PHASE REGEX: $CONF behind ${COMMAND[@]} does not start, and leaves nothing
refused() {
    local name=$1 symbol=$2 status=$3 phase=$4 regex=$5 before got err failed=$FAILED
    before=$(tree)
    timeout --kill-after=5 60 "${COMMAND[@]}" "$DAEMON" --config "$CONF" > "$DIR/out" 2> "$DIR/err" < /dev/null
    got=$?
    err=$(cat "$DIR/err")
    is "$name: status" "$status" "$got"
    like "$name: text" "^goxel-daemon: $(text_of "$symbol"): .*$regex" "$err"
    # The log is open by then, and who reads it later learns the same.
    case $phase in
    detach | privileges | core)
        ok "$name: in the log" grep -qE "start failed phase=$phase error=$symbol reason=\"" "$LOG" ;;
    esac
    [ "$failed" -ne "$FAILED" ] || seen "$symbol" "$got"
    is "$name: no PID file, no socket" "$before" "$(tree)"
    ok "$name: no process" until_true 100 eval '! pgrep -f -- "--config $CONF"'
    ok "$name: the storage directory is not locked" unlocked
    is "$name: nobody listens" 000 "$(status "$URL/health")"
}

# A row: name | symbol | status | phase | what the reason says | how it is brought about | what that needs
while IFS='|' read -r name symbol status phase regex how needs; do
    [ -n "$name" ] || continue
    missing=
    for need in $needs; do
        case $need in
        strace) [ -n "$traces" ] || missing="strace cannot trace here" ;;
        root) { [ "$(id -u)" -eq 0 ] && setpriv --reuid=65534 --regid=65533 --clear-groups true 2> "$WORK/out"; } ||
            missing="needs root" ;;
        plain) [ -z "$asan$tsan" ] || missing="a sanitizer brings an allocator of its own" ;;
        esac
    done
    if [ -n "$missing" ]; then
        case $missing in
        *sanitizer*) leave_out "$name" "$missing" ;;
        *) skip "$name" "$missing" ;;
        esac
        seen "$symbol" "$status" # as far as this system allows
        continue
    fi
    fresh
    COMMAND=()
    if eval "$how"; then
        refused "$name" "$symbol" "$status" "$phase" "$regex"
    else
        fail "$name: it can be brought about"
    fi
done <<'ROWS'
an old kernel|DAEMON_ERROR_INVALID_ENVIRONMENT|10|environment|Linux 5\.3 or newer is needed: pidfd_open: Function not implemented|inject pidfd_open:error=ENOSYS|strace
an unknown option|DAEMON_ERROR_CONFIG_INVALID|12|environment|/daemon\.conf$|sed -i 's/count = 2/cuont = 2/' "$CONF"|
a folder that cannot be made|DAEMON_ERROR_PERMISSION_DENIED|13|environment|process\.pid_file: mkdir /proc/goxel: No such file or directory; choose another folder \(--pid-file, or a configuration of your own with --config\)|set_to pid_file '"/proc/goxel/pid"'|
an unknown user|DAEMON_ERROR_INVALID_USER_GROUP|21|environment|process\.user: there is no user "no-such-user"|set_to user '"no-such-user"'|
an unknown group|DAEMON_ERROR_INVALID_USER_GROUP|21|environment|process\.group: there is no group "no-such-group"|set_to group '"no-such-group"'|
a root directory that is missing|DAEMON_ERROR_CHROOT_FAILED|22|environment|security\.chroot_directory: .*/missing cannot be entered|rooted "$DIR/missing"|
few descriptors|DAEMON_ERROR_RESOURCE_LIMIT_FAILED|14|process|file descriptors \(hard limit\): [0-9]+ is above the limit of 64|COMMAND=(prlimit --nofile=64:64)|
no limits at all|DAEMON_ERROR_RESOURCE_LIMIT_FAILED|14|process|getrlimit: Operation not permitted|inject prlimit64:error=EPERM|strace plain
no signalfd|DAEMON_ERROR_SIGNAL_SETUP_FAILED|15|process|Too many open files|inject signalfd4:error=EMFILE|strace
no eventfd|DAEMON_ERROR_SIGNAL_SETUP_FAILED|15|process|Too many open files|inject eventfd2:error=EMFILE:when=1|strace
no timerfd|DAEMON_ERROR_SIGNAL_SETUP_FAILED|15|process|Too many open files|inject timerfd_create:error=EMFILE|strace
a log that cannot be opened|DAEMON_ERROR_LOGGING_INIT_FAILED|16|process|open .*/run/log: Is a directory|mkdir "$DIR/run/log"; set_to file "\"$DIR/run/log\""|
a folder as PID file|DAEMON_ERROR_PID_FILE_CREATE_FAILED|17|process|open .*/run/goxel\.pid: Is a directory|mkdir "$DIR/run/goxel.pid"|
a disk too full for the PID file|DAEMON_ERROR_PID_FILE_CREATE_FAILED|17|process|write .*/run/goxel\.pid: No space left on device|inject pwrite64:error=ENOSPC|strace
fork fails|DAEMON_ERROR_FORK_FAILED|18|detach|fork: Resource temporarily unavailable|detaches; inject clone,clone3,fork,vfork:error=EAGAIN|strace
setsid fails|DAEMON_ERROR_SETSID_FAILED|19|detach|setsid: Operation not permitted|detaches; inject setsid:error=EPERM|strace
chdir fails|DAEMON_ERROR_CHDIR_FAILED|20|detach|chdir .*: Permission denied|detaches; inject chdir:error=EACCES|strace
listen fails|DAEMON_ERROR_SOCKET_CREATE_FAILED|26|privileges|127\.0\.0\.1:[0-9]+: the address is in use|inject listen:error=EADDRINUSE|strace
a folder as Unix socket|DAEMON_ERROR_SOCKET_CREATE_FAILED|26|privileges|/run/goxel\.sock|mkdir "$DIR/run/goxel.sock"|
chroot fails|DAEMON_ERROR_CHROOT_FAILED|22|privileges|chroot to .*: Operation not permitted|rooted "$DIR"; inject chroot:error=EPERM|strace root
the user cannot be changed|DAEMON_ERROR_PERMISSION_DENIED|13|privileges|setresuid: Operation not permitted|another nobody; inject setresuid:error=EPERM:when=5|strace root
a list that is no list|DAEMON_ERROR_GOXEL_INIT_FAILED|23|core|storage\.directory: |list '{"version":'|
a list of a newer daemon|DAEMON_ERROR_GOXEL_INIT_FAILED|23|core|storage\.directory: .*a newer daemon wrote it|list '{"version":99}'|
no memory for the queue|DAEMON_ERROR_QUEUE_INIT_FAILED|25|core|out of memory|no_queue|strace plain
no thread for a worker|DAEMON_ERROR_THREAD_POOL_INIT_FAILED|24|core|pthread_create: Resource temporarily unavailable|thread 6|strace
no thread for libmicrohttpd|DAEMON_ERROR_SOCKET_CREATE_FAILED|26|core|MHD_start_daemon: Resource temporarily unavailable|thread 3|strace
no thread for streams|DAEMON_ERROR_SOCKET_CREATE_FAILED|26|core|pthread_create: Resource temporarily unavailable|thread 2|strace
no thread for what accepts|DAEMON_ERROR_SOCKET_CREATE_FAILED|26|core|pthread_create: Resource temporarily unavailable|thread 1|strace
no thread for the monitor|DAEMON_ERROR_HEALTH_MONITOR_FAILED|27|core|its thread cannot be started: Resource temporarily unavailable|thread 0|strace
ROWS

fresh
COMMAND=()
launch
if ready; then
    first=$PID first_dir=$DIR first_log=$LOG
    fresh
    set_to pid_file "\"$first_dir/run/goxel.pid\""
    refused "a second daemon" DAEMON_ERROR_ALREADY_RUNNING 11 environment "PID $first holds $first_dir/run/goxel\.pid"
    is "a second daemon: the first keeps its PID file" "$first" "$(cat "$first_dir/run/goxel.pid")"
    PID=$first LOG=$first_log
    stop_daemon
else
    fail "a first daemon starts" "$(tail -n 5 "$LOG")"
fi

# ---- what a running daemon refuses ----

# asked NAME SYMBOL STATUS COMMAND…: a command line about a running daemon that ends with its error
asked() {
    local name=$1 symbol=$2 status=$3 got failed=$FAILED
    shift 3
    timeout 60 "$@" > "$DIR/out" 2> "$DIR/err" < /dev/null
    got=$?
    is "$name: status" "$status" "$got"
    like "$name: text" "^goxel-daemon: .*$(text_of "$symbol")" "$(cat "$DIR/err")"
    [ "$failed" -ne "$FAILED" ] || seen "$symbol" "$got"
}

# outcome REQUEST SYMBOL: the history of /state has it
outcome() { curl -s "$URL/state" | jq -e --arg r "$1" --arg e "$2" '.requests | any(.request == $r and .outcome == $e)'; }

start_daemon 'performance { shutdown_grace_ms = 60000 }'
kill -TERM "$PID"
until_true 200 eval '[ "$(state)" = STOPPING ]'
for path in reload restart; do
    is "POST /$path while it stops: status" 409 "$(curl -s -o "$DIR/reply" -w '%{http_code}' -X POST "$URL/$path")"
    like "POST /$path while it stops: text" "^$(text_of DAEMON_ERROR_INVALID_STATE_TRANSITION): .*STOPPING" \
        "$(jq -r .detail "$DIR/reply")"
    is "system.$path while it stops" -32003 "$(code "system.$path")"
    ok "$path: in /state" outcome "$path" DAEMON_ERROR_INVALID_STATE_TRANSITION
done
asked "--reload while it stops" DAEMON_ERROR_INVALID_STATE_TRANSITION 28 "$DAEMON" --config "$CONF" --reload
kill -TERM "$PID"
ended
is "the refusals change nothing about the stop" 0 "$EXIT_STATUS"

# ---- recovery ----

printf '#!/bin/sh\necho "the moon is down"\nexit 3\n' > "$WORK/script"
chmod 755 "$WORK/script"
sick="health { check_interval_ms = 100 failure_threshold = 1 health_check_script = \"$WORK/script\""

start_daemon "$sick max_restart_attempts = 9 restart_delay_ms = 600000 }"
if until_true 400 outcome recover DAEMON_ERROR_RECOVERY_TOO_SOON; then
    pass "a second recovery at once is too soon, says /state"
    # It ends nobody's process: the status is that of the list.
    seen DAEMON_ERROR_RECOVERY_TOO_SOON 30
else
    fail "a second recovery at once is too soon, says /state" "$(curl -s "$URL/state")"
fi
is "too soon: it goes on, unhealthy" "RUNNING 503" "$(state) $(status "$URL/health")"
like "too soon: the log says why" 'outcome=DAEMON_ERROR_RECOVERY_TOO_SOON .*the last recovery was [0-9]+ ms ago' \
    "$(grep TOO_SOON "$LOG")"
stop_daemon

start_daemon "$sick max_restart_attempts = 0 }"
ended
is "too many recoveries: status" 31 "$EXIT_STATUS"
like "too many recoveries: text" "^goxel-daemon: $(text_of DAEMON_ERROR_MAX_RECOVERY_ATTEMPTS): " "$(grep '^goxel-daemon: ' "$LOG")"
[ "$EXIT_STATUS" -ne 31 ] || seen DAEMON_ERROR_MAX_RECOVERY_ATTEMPTS 31
is "too many recoveries: nothing is left" "" "$(tree)"
ok "too many recoveries: the storage directory is not locked" unlocked

# A recovery that was allowed is allowed to the end, as long as time does not run backwards; so this is what is done
# to it. The daemon asks the program on the disk whether it takes the configuration: during the second of these
# checks the clock goes back by ten seconds, and the cool-down that was over is not over any more.
cat > "$WORK/clock.c" <<'C'
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
    const char *sign = getenv("CLOCK_GOES_BACK");
    long result = syscall(SYS_clock_gettime, clock, now);

    if (!result && clock == CLOCK_MONOTONIC && sign && syscall(SYS_faccessat, -100, sign, F_OK) == 0)
        now->tv_sec -= 10;
    return (int)result;
}
C
if "${CC:-cc}" -shared -fPIC -o "$WORK/clock.so" "$WORK/clock.c" 2> "$WORK/out"; then
    write_config "$sick max_restart_attempts = 9 restart_delay_ms = 200 }"
    cat > "$DIR/program" <<PROGRAM
#!/bin/bash
if [[ " \$* " == *" --check-config "* ]]; then
    echo >> "$DIR/checks"
    [ "\$(wc -l < "$DIR/checks")" -lt 2 ] || touch "$DIR/back"
fi
export LD_PRELOAD="$WORK/clock.so" CLOCK_GOES_BACK="$DIR/back" ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0"
exec -a "\$0" "$DAEMON" "\$@"
PROGRAM
    chmod 755 "$DIR/program"
    real=$DAEMON DAEMON=$DIR/program
    launch
    ended
    DAEMON=$real
    is "a clock that goes back: status" 29 "$EXIT_STATUS"
    like "a clock that goes back: text" \
        "^goxel-daemon: $(text_of DAEMON_ERROR_TRANSITION_FAILED): ERROR to STARTING: the last recovery was -[0-9]+ ms ago" \
        "$(grep '^goxel-daemon: ' "$LOG")"
    ok "a clock that goes back: in the log" grep -q 'state from=ERROR to=STARTING refused=DAEMON_ERROR_TRANSITION_FAILED' "$LOG"
    [ "$EXIT_STATUS" -ne 29 ] || seen DAEMON_ERROR_TRANSITION_FAILED 29
    is "a clock that goes back: nothing is left" "" "$(tree)"
    ok "a clock that goes back: no process" until_true 100 eval '! pgrep -f -- "--config $CONF"'
    ok "a clock that goes back: the storage directory is not locked" unlocked
else
    skip "a clock that goes back" "no C compiler"
    seen DAEMON_ERROR_TRANSITION_FAILED 29
fi

# ---- all of them ----

is "every error of the list was seen, with its status" "$(awk '{ print $1, $2 }' "$WORK/list" | sort)" "$(sort -u "$WORK/seen")"
done_testing
