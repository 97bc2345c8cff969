#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Eight readers beside a writer: each version that is seen is a whole one. A minute of it under ThreadSanitizer:
# GOXEL_COUNTS=full ./dev tsan readers
set -eu
. "$(dirname "$0")/lib.sh"

seconds=$(counts 3 60)
if "$GOXEL_BUILD/tests/engine-check" readers "$seconds" > "$WORK/out" 2>&1; then
    pass "readers see whole versions, $seconds s: $(cat "$WORK/out")"
else
    fail "readers see whole versions, $seconds s" "$(tail -n 20 "$WORK/out")"
fi
done_testing
