#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/errors.md is made from the list in src/base/error.h: `errors.sh --fix` makes it, without it is compared.
set -eu
cd "$(dirname "$0")/../.."

make_page() {
    cat <<'HEAD'
# Errors

Made from `src/base/error.h` by `tests/lint/errors.sh --fix`. JSON-RPC replies carry the code in `error.code` and what to do
next in `error.data` (below); HTTP errors are `application/problem+json`; a process that cannot go on ends with the exit status.

| symbol | text | JSON-RPC | HTTP | exit | cause, and what to do |
|---|---|---|---|---|---|
HEAD
    sed -nE '/^ *X\([A-Z]*_ERROR_/ { N
        s/^ *X\(([A-Z_0-9]*), *"([^"]*)", *(-?[0-9]*), *([0-9]*), *([0-9]*)\) \\\n *\/\* (.*) \*\/( \\)?$/| `\1` | \2 | \3 | \4 | \5 | \6 |/p; }' \
        src/base/error.h
}

if [ "${1:-}" = --fix ]; then
    make_page > docs/errors.md
    exit
fi
[ "$(grep -c '^ *X([A-Z]*_ERROR_' src/base/error.h)" -eq "$(make_page | grep -c '^| `')" ] ||
    { echo "errors.sh does not understand every row of src/base/error.h" >&2; exit 1; }
make_page | diff -u docs/errors.md - || { echo "docs/errors.md is stale: tests/lint/errors.sh --fix" >&2; exit 1; }
