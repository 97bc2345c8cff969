#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Projects to files and back: seconds in this process (the least of several times), bytes, quads, and memory beyond the project's; the
# program as a whole beside Debian's Goxel, in turns in one run; and how the time grows with the surface.
#
#   MODELSIZE.FORMAT            seconds, in this process         MODELSIZE.FORMAT.bytes   of the file
#   MODELSIZE.FORMAT.memory     KiB beyond the project at most   MODELSIZE.quads          of its mesh, greedy
#   MODELSIZE.FORMAT.read       seconds, in this process         MODELSIZE.FORMAT.process seconds, goxel-convert from .txt on
#   MODEL.FORMAT.scaling        seconds for each quad, largest to smallest size
#
# Models: bench/models.h. Less is better everywhere.
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
GOXEL_BUILD=${GOXEL_BUILD:-$bench/../../build}
json=${GOXEL_BENCH_JSON:-/dev/null}
ours=$GOXEL_BUILD/tests/bench-convert
program=$GOXEL_BUILD/bin/goxel-convert
rounds=${GOXEL_BENCH_ROUNDS:-3}
work=$(mktemp -d "${TMPDIR:-/tmp}/goxel-bench-convert.XXXXXX")
trap 'rm -rf "$work"' EXIT

say() { [ ! -t 2 ] || printf '  %s\033[K\r' "$*" >&2; }

rows=()
# put NAME VALUE UNIT PEER PEER_VALUE BAR: the bar is the value's
put() {
    rows+=("$(jq -cn --arg name "$1" --argjson value "$2" --arg unit "$3" --arg peer "$4" --argjson peer_value "$5" --argjson bar "$6" \
        '{name: $name, value: $value, unit: $unit, peer: (if $peer == "" then null else $peer end), peer_value: $peer_value,
            ratio: (if $peer_value == null then null else $value / $peer_value end), bar: $bar,
            met: ($bar == null or $value <= $bar)}')")
}

# In this process: model, size, format, options, then the bars of seconds, bytes and KiB; -: none.
written() {
    cat <<'TABLE'
sphere  64  vox  -                          0.02 -        65536
sphere  64  gltf mesher=greedy              0.02 -        65536
sphere  64  obj  mesher=greedy              0.02 -        65536
sphere  64  glb  mesher=greedy              -    -        65536
sphere  64  ply  mesher=greedy              -    -        65536
sphere  64  stl  -                          -    -        65536
sphere  64  3mf  -                          -    -        65536
sphere  64  gox  -                          -    -        65536
sphere  64  qb   -                          -    -        65536
sphere  64  txt  -                          -    -        65536
shell   256 glb  mesher=greedy              -    30000000 65536
shell   256 glb  mesher=greedy,normals=true -    38000000 65536
shell   256 obj  mesher=greedy              -    -        65536
shell   256 3mf  -                          -    -        65536
shell   256 vox  -                          -    -        65536
terrain 256 obj  mesher=greedy              0.5  -        65536
terrain 256 glb  mesher=greedy              0.5  -        65536
terrain 256 vox  -                          0.15 -        65536
terrain 256 gox  -                          0.3  -        65536
terrain 256 stl  -                          -    -        65536
terrain 256 qb   -                          -    -        65536
random  96  obj  mesher=greedy              2    -        65536
random  96  glb  mesher=greedy              -    -        65536
random  96  vox  -                          -    -        65536
solid   256 obj  mesher=greedy              -    -        65536
TABLE
}
quads='sphere64 8962 terrain256 107527'

declare -A seen
while read -r model size format options time_bar bytes_bar memory_bar; do
    name=$model$size.$format
    [[ $options != *normals=true* ]] || name=$model$size.normals.$format
    say "$name"
    [ "$options" = - ] && options=
    # shellcheck disable=SC2086 # one word each
    read -r seconds bytes count grown <<< "$("$ours" write "$model" "$size" "$format" ${options//,/ })"
    put "$name" "$seconds" s "" null "${time_bar/#-/null}"
    put "$name.bytes" "$bytes" bytes "" null "${bytes_bar/#-/null}"
    put "$name.memory" "$grown" KiB "" null "${memory_bar/#-/null}"
    if [ -z "${seen[$model$size]:-}" ]; then
        seen[$model$size]=1
        bar=$(awk -v wanted="$model$size" '{ for (i = 1; i < NF; i += 2) if ($i == wanted) print $(i + 1) }' <<< "$quads")
        put "$model$size.quads" "$count" quads "" null "${bar:-null}"
    fi
done < <(written)

for what in "sphere 64 vox" "terrain 256 vox" "terrain 256 gox" "terrain 256 qb" "random 96 vox"; do
    read -r model size format <<< "$what"
    say "$what read"
    # shellcheck disable=SC2086
    read -r seconds _ <<< "$("$ours" read $what)"
    put "$model$size.$format.read" "$seconds" s "" null null
done

# The time for each quad must not grow: a third of the surface's width, and three times it. A shell of 128 would be small enough to be
# made once for all passes (src/mesh/kept.h), which is a step and no growth.
for what in "terrain 512 128 obj" "terrain 512 128 glb" "shell 768 256 glb" "sphere 256 64 stl"; do
    read -r model large small format <<< "$what"
    say "$model.$format.scaling"
    mesher=$([ "$format" = stl ] || echo mesher=greedy)
    # shellcheck disable=SC2086
    read -r seconds _ count _ <<< "$("$ours" write "$model" "$large" "$format" $mesher)"
    # shellcheck disable=SC2086
    read -r seconds_small _ count_small _ <<< "$("$ours" write "$model" "$small" "$format" $mesher)"
    put "$model.$format.scaling" "$(awk -v a="$seconds" -v b="$count" -v c="$seconds_small" -v d="$count_small" 'BEGIN { print a / b / (c / d) }')" \
        ratio "" null 2
done

# seconds COMMAND…: the wall clock's, in GOT; "": it failed or wrote nothing to the last argument
seconds() {
    local begin=$EPOCHREALTIME out=${*: -1}
    rm -f "$out"
    if "$@" > "$work/log" 2>&1 && [ -s "$out" ]; then
        GOT=$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
    else
        GOT=
    fi
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# One X server for all, so that its start counts for nobody.
mkfifo "$work/display"
Xvfb -displayfd 3 -screen 0 640x480x24 3> "$work/display" > /dev/null 2>&1 &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
read -r display < "$work/display"
theirs() { DISPLAY=:$display LIBGL_ALWAYS_SOFTWARE=1 timeout 300 goxel "$1" -e "$2"; }

"$ours" make sphere 64 "$work/sphere.txt"
for format in obj gltf vox qb; do
    all='' peers=''
    for _ in $(seq "$rounds"); do
        say "sphere64.$format.process"
        seconds "$program" "$work/sphere.txt" "$work/ours.$format"
        all+="$GOT"$'\n'
        seconds theirs "$work/sphere.txt" "$work/theirs.$format"
        peers+="$GOT"$'\n'
    done
    put "sphere64.$format.process" "$(grep . <<< "$all" | median)" s "Goxel 0.11" "$(grep . <<< "$peers" | median)" null
done
"$ours" make terrain 256 "$work/terrain.vox"
for format in obj glb gox; do
    all=''
    for _ in $(seq "$rounds"); do
        say "terrain256.$format.process"
        seconds "$program" "$work/terrain.vox" "$work/ours.$format"
        all+="$GOT"$'\n'
    done
    put "terrain256.$format.process" "$(grep . <<< "$all" | median)" s "" null null
done

printf '%s\n' "${rows[@]}" | jq -s 'map(del(.met))' > "$json"
printf '%s\n' "${rows[@]}" | jq -rs '
    def number: if . == null then "-" else . * 10000 | round / 10000 | tostring end;
    ["name", "value", "unit", "peer", "peer value", "ratio", "bar", ""],
    (.[] | [.name, (.value | number), .unit, (.peer // "-"), (.peer_value | number), (.ratio | number), (.bar | number),
        if .met then "" else "MISSED" end]) | @tsv' | column -t -s "$(printf '\t')"
missed=$(printf '%s\n' "${rows[@]}" | jq -s 'map(select(.met | not)) | length')
echo "$((${#rows[@]} - missed)) met, $missed missed"
[ "$missed" = 0 ]
