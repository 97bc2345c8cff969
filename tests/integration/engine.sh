#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The voxel engine: random operations of every kind beside a slow reference.
#
# GOXEL_SEED=N begins with another seed; what fails says which one it was, and engine-check runs it again.
set -eu
. "$(dirname "$0")/lib.sh"

engine=$GOXEL_BUILD/tests/engine-check
operations=$(counts 5000 250000) # of each seed, and there are four
first=${GOXEL_SEED:-1}
case $(cat "$GOXEL_BUILD/configured" 2>/dev/null) in
*--enable-asan* | *--enable-tsan*) [ "${GOXEL_COUNTS:-reduced}" = full ] || operations=500 ;;
esac

# Two at a time: each is one thread.
pair() {
    local pids=() seed
    for seed in "$@"; do
        "$engine" random "$seed" "$operations" > "$WORK/out.$seed" 2> >(tee "$WORK/err.$seed" >&2) &
        pids+=("$!")
    done
    for seed in "$@"; do
        if wait "${pids[0]}"; then
            pass "random operations match the reference: $(cat "$WORK/out.$seed")"
        else
            fail "random operations match the reference: seed $seed" "$(tail -n 5 "$WORK/err.$seed")"
        fi
        pids=("${pids[@]:1}")
    done
}

pair "$first" "$((first + 1))"
pair "$((first + 2))" "$((first + 3))"
done_testing
