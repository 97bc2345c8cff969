#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The volume beside OpenVDB, in turns in one run; and what it needs of memory and time where nothing compares.
#
# Each side is a program that measures groups of rows (bench/core.h); the peer is built here with -O2 and with
# -O3 -DNDEBUG, and the faster of the two counts. A row of the table is the worst of its colour patterns and
# sizes, which stand below it; the ratio is the median over the rounds. A row that misses its bar fails.
#
# `random.get` asks for lists of 1,000 positions, as the API does; the peer has one at a time, which is beside it.
#
# GOXEL_BENCH_ROUNDS=N, how often each side is run.
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
GOXEL_BUILD=${GOXEL_BUILD:-$bench/../../build}
json=${GOXEL_BENCH_JSON:-/dev/null}
full=${GOXEL_COUNTS:-reduced}
if [ "$full" = full ]; then rounds=7; else rounds=3; fi
rounds=${GOXEL_BENCH_ROUNDS:-$rounds}
ours=$GOXEL_BUILD/tests/bench-core
work=$(mktemp -d "${TMPDIR:-/tmp}/goxel-bench-core.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The rows: what they are called, what they take (a regular expression for `row variant`), the unit, whether
# more is better, and the bar: a ratio to the peer, or a value where there is none; `=`: a value anyway. `-`: no bar.
rows() {
    cat <<'TABLE'
set.first.worst     ^set\.first\ .*                     Mvoxels/s  more  0.8
set.first.distinct  ^set\.first\ distinct.*             Mvoxels/s  more  1
set.overwrite       ^set\.overwrite\ .*                 Mvoxels/s  more  0.9
get                 ^get\ .*                            Mvoxels/s  more  1
iterate.grid        ^iterate\.grid\ .*                  Mvoxels/s  more  3
iterate.leaf        ^iterate\.leaf\ .*                  Mvoxels/s  more  0.5
random.set.fresh    ^random\.set\.fresh\ .*             Mvoxels/s  more  2
random.set.steady   ^random\.set\.steady\ .*            Mvoxels/s  more  2
random.get          ^random\.get\ .*                    Mvoxels/s  more  1.5
random.get.single   ^random\.get\.single\ .*            Mvoxels/s  more  -
fill.box256         ^fill\.box256\ .*                   Mvoxels/s  more  2
sphere128           ^sphere128\ .*                      Mvoxels/s  more  =600
sphere128.memset    ^sphere128\.memset\ .*              Mvoxels/s  more  -
memory.solid512     ^memory\.solid512\ .*               KiB        less  64
memory.palette      ^memory\.palette\ .*                B/voxel    less  1.3
memory.noise        ^memory\.noise\ .*                  B/voxel    less  4.2
memory.shell256     ^memory\.shell256\ .*               B/voxel    less  7
memory.open         ^memory\.open\ .*                   MiB        less  -
seal                ^seal\ .*                           us/brick   less  5
snapshot            ^snapshot\ .*                       ns         less  1000
first.edit.warm     ^first\.edit\..*\ warm\.median.*    us         less  10
first.edit.cold     ^first\.edit\..*\ cold\.median.*    us         less  20
first.edit.p99      ^first\.edit\..*\ .*\.p99.*         us         less  500
TABLE
}

say() { [ ! -t 2 ] || printf '  %s\033[K\r' "$*" >&2; }

# peer NAME FLAGS…: the peer's program, built once for these sources
peer() {
    local program=$GOXEL_BUILD/bench/openvdb-$1
    shift
    mkdir -p "$GOXEL_BUILD/bench"
    if [ "$program" -nt "$bench/openvdb.cc" ] && [ "$program" -nt "$bench/core.h" ]; then return; fi
    say "building $program"
    "${CXX:-g++}" -std=c++17 "$@" "$bench/openvdb.cc" -o "$program" -lopenvdb -ltbb > "$work/log" 2>&1 || {
        cat "$work/log" >&2
        echo "bench core: OpenVDB's side cannot be built" >&2
        exit 1
    }
}

# measure ROUND SIDE PROGRAM GROUP PATTERN SIZE: its lines, with round and side before them
measure() {
    local round=$1 side=$2 program=$3
    shift 3
    say "round $round: $* ($side)"
    "$program" "$@" | sed "s/^/$round $side /" >> "$work/lines"
}

# both ROUND GROUP PATTERN SIZE: every side in turn
both() {
    local round=$1
    shift
    measure "$round" ours "$ours" "$@"
    measure "$round" O2 "$GOXEL_BUILD/bench/openvdb-O2" "$@"
    measure "$round" O3 "$GOXEL_BUILD/bench/openvdb-O3" "$@"
}

peer O2 -O2
peer O3 -O3 -DNDEBUG
for round in $(seq "$rounds"); do
    for pattern in one 32 256 distinct; do
        for size in 1 10; do
            both "$round" cube $pattern $size
            both "$round" sparse $pattern $size
        done
        both "$round" random $pattern 1
        both "$round" fill $pattern 1
        both "$round" sphere $pattern 1
        measure "$round" ours "$ours" seal $pattern 1
    done
    both "$round" random 256 10
    for group in memory snapshot edits; do
        measure "$round" ours "$ours" $group one 1
    done
done
say

rows > "$work/rows"
# From the lines: a median for every side and variant, the better peer, the median of the ratios, the worst variant.
jq -nR --rawfile rows "$work/rows" '
    def median: sort | .[(length - 1) / 2 | floor];
    [inputs | split(" ") | {round: .[0], side: .[1], row: .[2], variant: .[3], value: (.[4] | tonumber)}]
    | group_by([.row, .variant])
    | map((group_by(.side) | map({key: .[0].side, value: map(.value)}) | from_entries) as $sides
        | ($sides | del(.ours) | to_entries | map({key, value, median: (.value | median)}) | max_by(.median)) as $peer
        | {name: .[0].row, variant: .[0].variant, value: ($sides.ours | median)}
        + if $peer then {
            peer: ("OpenVDB -" + $peer.key), peer_value: $peer.median,
            ratio: ([$sides.ours, $peer.value] | transpose | map(.[0] / .[1]) | median)
        } else {peer: null, peer_value: null, ratio: null} end)
    | . as $variants
    | $rows | split("\n") | map(select(. != "") | gsub("\\\\ "; "\u0001") | [splits(" +")] | map(gsub("\u0001"; " ")))
    | map(. as [$name, $takes, $unit, $better, $bar]
        | [$variants[] | select((.name + " " + .variant) | test($takes))
            | . + {rank: ((.ratio // .value) * (if $better == "more" then 1 else -1 end))}]
        | select(length > 0)
        | min_by(.rank) as $worst
        | (if $bar[:1] == "=" then $worst.value else $worst.ratio // $worst.value end) as $result
        | ($bar | if . == "-" then null else ltrimstr("=") | tonumber end) as $bar
        | {name: $name, value: $worst.value, unit: $unit, peer: $worst.peer, peer_value: $worst.peer_value,
            ratio: $worst.ratio, bar: $bar, worst: $worst.variant,
            met: ($bar == null or (if $better == "more" then $result >= $bar else $result <= $bar end)),
            variants: map({of: .name, variant, value, peer, peer_value, ratio})})' < "$work/lines" > "$work/result"

jq 'map(del(.met))' "$work/result" > "$json"
jq -r '
    def number: if . == null then "-" elif . >= 100 then floor | tostring else . * 100 | round / 100 | tostring end;
    ["name", "value", "unit", "peer", "peer value", "ratio", "bar", ""],
    (.[] | [.name, (.value | number), .unit, .peer // "-", (.peer_value | number), (.ratio | number),
        (.bar // "-" | tostring), if .met then "" else "MISSED" end],
        (.variants | if length > 1 then .[] else empty end
            | ["  " + .of + " " + .variant, (.value | number), "", .peer // "-", (.peer_value | number), (.ratio | number), "", ""]))
    | @tsv' "$work/result" | column -t -s "$(printf '\t')"
jq -r '(map(select(.met)) | length) as $passed | "\($passed) passed, \(length - $passed) failed, 0 skipped"' "$work/result"
jq -e 'all(.met)' "$work/result" > /dev/null
