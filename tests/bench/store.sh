#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Edits a second that are on the disk when they are answered, over HTTP, beside Redis with `appendfsync always`, in turns
# in one run; both folders are on one device. Each edit has a position and a colour of its own.
#
#   durable.1 durable.16 durable.64   so many clients, one project
#   durable.16x16                     16 clients, 16 projects
#   journal.bytes                     of the disk for each edit by one client
#   checkpoint.p99                    latency of edits by 4 clients while 330,000 changed bricks of another project are
#                                     written to its database, beside the same without
#   start.1000                        from exec to RUNNING, with 1,000 projects; after a stop
#   start.1000.kill                   after kill -9, with edits of 200 of them in the journal
#   start.100m first_use.100m         with a project of 1,300 million voxels; and the first look into it
#
# After those of edits the daemon is killed, and every voxel that was acknowledged must be there. Latencies and starts:
# less is better.
set -eu
. "$(dirname "$0")/../integration/lib.sh"

rounds=${GOXEL_BENCH_ROUNDS:-$(counts 3 7)}
seconds=3
json=${GOXEL_BENCH_JSON:-/dev/null}
for tool in wrk redis-server redis-benchmark; do
    command -v $tool > /dev/null || { echo "bench store: $tool is not installed" >&2; ENDED=1; exit 1; }
done
case $(stat -f -c %T "$WORK") in
tmpfs | ramfs) echo "bench store: $WORK is memory: set TMPDIR to a folder on a disk" >&2; ENDED=1; exit 1 ;;
esac

# The storage section must let the journal grow over a whole measurement: a checkpoint is another row's affair.
start_daemon 'logging { level = "warn" }'
for n in $(seq 16); do rpc project.create "{\"name\":\"bench $n\"}" > /dev/null; done

redis_port=$(free_ports 1)
mkdir "$DIR/redis"
redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$DIR/redis" --save '' --appendonly yes --appendfsync always \
    --daemonize no > "$DIR/redis.log" 2>&1 &
PIDS+=("$!")
until_true 200 redis-cli -p "$redis_port" ping

# From number `first` on: in bricks one after the other, as somebody draws, each in a colour of its own. The requests
# are made before the first is sent, so that making them costs the machine nothing while it is measured.
cat > "$DIR/edit.lua" <<'LUA'
local requests, at = {}, 0
function init(args)
    local first, projects, count = tonumber(args[1]), tonumber(args[2]), tonumber(args[3])
    wrk.headers["Content-Type"] = "application/json"
    for n = first, first + count - 1 do
        local i = math.floor(n / projects)
        requests[#requests + 1] = wrk.format("POST", "/rpc/p" .. (n % projects + 1), nil, string.format(
            '{"jsonrpc":"2.0","id":%d,"method":"voxel.add","params":{"x":%d,"y":%d,"z":%d,"color":[%d,%d,%d]}}', n,
            i % 128, math.floor(i / 128) % 128, math.floor(i / 16384), n % 256, math.floor(n / 256) % 256,
            math.floor(n / 65536) % 256))
    end
end
function request()
    at = at + 1
    return requests[at]
end
LUA
most=$((seconds * 60000)) # more than anybody can send meanwhile

first=0 acknowledged=0 edited=0
# ours CLIENTS PROJECTS: edits a second, in RATE
ours() {
    local out
    out=$(wrk -t 1 -c "$1" -d "${seconds}s" -s "$DIR/edit.lua" "$URL" -- "$first" "$2" "$most")
    if grep -qE 'Non-2xx|Socket errors' <<< "$out"; then echo "bench store: errors: $out" >&2; return 1; fi
    RATE=$(awk '/Requests\/sec/ { print $2 }' <<< "$out")
    edited=$(awk '/requests in/ { print $1 }' <<< "$out")
    acknowledged=$((acknowledged + edited))
    first=$((first + most))
}

# theirs CLIENTS EDITS: as many as ours were
theirs() {
    RATE=$(redis-benchmark -p "$redis_port" -t set -c "$1" -n "$2" -r 100000000 --csv | tail -n 1 | cut -d, -f2 | tr -d '"')
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

rows=()
# row NAME CLIENTS PROJECTS BAR
row() {
    local name=$1 values=() peers=() ratios=() _ a
    for _ in $(seq "$rounds"); do
        ours "$2" "$3"
        a=$RATE
        theirs "$2" $((edited < 1000 ? 1000 : edited))
        values+=("$a") peers+=("$RATE") ratios+=("$(awk "BEGIN { print $a / $RATE }")")
        [ ! -t 2 ] || printf '  %s %s / %s\033[K\r' "$name" "$a" "$RATE" >&2
    done
    rows+=("$(jq -cn --arg name "$name" --argjson value "$(printf '%s\n' "${values[@]}" | median)" \
        --argjson peer_value "$(printf '%s\n' "${peers[@]}" | median)" \
        --argjson ratio "$(printf '%s\n' "${ratios[@]}" | median)" --argjson bar "$4" \
        '{name: $name, value: $value, unit: "edits/s", peer: "Redis, appendfsync always", peer_value: $peer_value,
            ratio: $ratio, bar: $bar, met: ($bar == null or $ratio >= $bar)}')")
}

# Bytes of the groups that were written, whatever was preallocated behind them.
journal_bytes() {
    local file sum=0
    for file in "$DIR"/projects/journal-*.log; do
        sum=$((sum + $(perl -0777 -ne 's/\0+\z//; print length' "$file")))
    done
    echo "$sum"
}

before=$(journal_bytes)
ours 1 1
bytes=$(awk "BEGIN { print ($(journal_bytes) - $before) / $edited }")
rows+=("$(jq -cn --argjson value "$bytes" '{name: "journal.bytes", value: $value, unit: "bytes/edit", peer: null,
    peer_value: null, ratio: null, bar: 120, met: ($value <= 120)}')")
row durable.1 1 1 null
row durable.16 16 1 0.7
row durable.64 64 1 null
row durable.16x16 16 16 0.7

kill -KILL "$PID"
ended 2> /dev/null || true
launch
ready || fail "the daemon starts after the kill" "$(tail -n 5 "$LOG")"
found=$(result project.list '{}' '[.projects[].total_voxels] | add')
ok "$acknowledged edits were acknowledged, $found are there after kill -9" test "$found" -ge "$acknowledged"
stop_daemon

# ---- checkpoints and starts ----

helper=$TESTS/bench/store.py

# A checkpoint comes when it is asked for: the first one of a daemon's life, which comes early, is over.
start_calmly() {
    STORAGE_EXTRA=$(printf 'checkpoint_interval_ms = 1000\ncache_mb = 0') start_daemon 'limits { max_edit_bricks = 400000 }'
    rpc project.create '{"name":"first"}' > /dev/null
    until_true 600 grep -q 'checkpoint took_ms' "$LOG"
    sed -i 's/checkpoint_interval_ms = .*/checkpoint_interval_ms = 86400000/' "$CONF"
    rpc system.reload > /dev/null
}

# at_most NAME BAR PEER: a row of VALUES in ms, and of PEERS and RATIOS if there is a peer; the bar is the ratio's then
at_most() {
    rows+=("$(jq -cn --arg name "$1" --argjson bar "$2" --argjson peer "$3" \
        --argjson value "$(printf '%s\n' "${VALUES[@]}" | median)" \
        --argjson peer_value "$(printf '%s\n' "${PEERS[@]:-null}" | median)" \
        --argjson ratio "$(printf '%s\n' "${RATIOS[@]:-null}" | median)" \
        '{name: $name, value: $value, unit: "ms", peer: $peer, peer_value: $peer_value, ratio: $ratio, bar: $bar,
            met: ($bar == null or ($ratio // $value) <= $bar)}')")
    VALUES=() PEERS=() RATIOS=()
}

# start: the daemon on what is there, in TOOK ms from exec to RUNNING
start() {
    local began running
    python3 "$helper" running "$PORT" > "$DIR/running" &
    running=$!
    until_true 200 grep -q looking "$DIR/running"
    began=${EPOCHREALTIME/./}
    launch
    wait "$running" || { fail "the daemon starts" "$(tail -n 5 "$LOG")"; exit 1; }
    TOOK=$(awk "BEGIN { print ($(tail -n 1 "$DIR/running") - $began) / 1000 }")
}

VALUES=() PEERS=() RATIOS=() looks=()
for n in $(seq "$rounds"); do
    start_calmly
    voxels=$(python3 "$helper" large "$PORT" 69)
    measured=$(python3 "$helper" checkpoint "$PORT" "$CONF" "$PID" "$LOG" 3)
    note "checkpoint.p99: $measured"
    ok "the checkpoint took at least a second" test "$(jq .took_ms <<< "$measured")" -ge 1000
    VALUES+=("$(jq .during <<< "$measured")") PEERS+=("$(jq .without <<< "$measured")")
    RATIOS+=("$(jq '.during / .without' <<< "$measured")")
    stop_daemon
    [ "$n" = "$rounds" ] || rm -r "$DIR"
done
at_most checkpoint.p99 3 '"without a checkpoint"'

for _ in $(seq "$rounds"); do
    start
    VALUES+=("$TOOK")
    looks+=("$(python3 "$helper" get "$PORT" large)")
    stop_daemon
done
ok "the large project has $voxels voxels" test "$voxels" -ge 100000000
at_most start.100m 1000 null
VALUES=("${looks[@]}")
at_most first_use.100m null null
rm -r "$DIR"

start_daemon 'logging { level = "warn" }'
python3 "$helper" many "$PORT" 1000
stop_daemon
for _ in $(seq "$rounds"); do
    start
    VALUES+=("$TOOK")
    stop_daemon
done
at_most start.1000 1000 null
for _ in $(seq "$rounds"); do
    start
    python3 "$helper" edits "$PORT" 200
    kill -KILL "$PID"
    ended 2> /dev/null || true
    start
    VALUES+=("$TOOK")
    stop_daemon
done
at_most start.1000.kill 1000 null
start
is "all of them are there" 1000 "$(result project.list '{}' .count)"
stop_daemon

printf '%s\n' "${rows[@]}" | jq -s 'map(del(.met))' > "$json"
printf '%s\n' "${rows[@]}" | jq -rs '
    def number: if . == null then "-" else . * 100 | round / 100 | tostring end;
    ["name", "value", "unit", "peer", "peer value", "ratio", "bar", ""],
    (.[] | [.name, (.value | number), .unit, .peer // "-", (.peer_value | number), (.ratio | number), (.bar | number),
        if .met then "" else "MISSED" end]) | @tsv' | column -t -s "$(printf '\t')"
for line in "${rows[@]}"; do
    if [ "$(jq .met <<< "$line")" = true ]; then PASSED=$((PASSED + 1)); else FAILED=$((FAILED + 1)); fi
done
done_testing
