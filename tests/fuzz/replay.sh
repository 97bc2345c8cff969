#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Replays the seeds and former crashers of every fuzz target in FUZZ_TARGETS, from the folder the programs are in.
set -u
tests=${GOXEL_TESTS_DIR:-$(dirname "$0")/..}
passed=0 failed=0
for name in $FUZZ_TARGETS; do
    set --
    for folder in "$tests/fuzz/seeds/$name" "$tests/fuzz/regressions/$name"; do
        [ -d "$folder" ] && set -- "$@" "$folder"
    done
    # libFuzzer's own program replays single files.
    if "./fuzz-$name" -help=1 2>/dev/null | grep -q libFuzzer; then
        # shellcheck disable=SC2046
        set -- $(find "$@" -type f)
    fi
    output=$("./fuzz-$name" "$@" 2>&1)
    if [ $? -eq 0 ]; then
        count=$(find "$@" -type f | wc -l)
        passed=$((passed + count))
        echo "fuzz-$name: $count files ok"
    else
        failed=$((failed + 1))
        echo "$output" | tail -n 60
        echo "fuzz-$name: FAILED"
    fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
