#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Holds the C sources against .clang-format; `--fix` rewrites what differs.
set -euo pipefail
cd "$(dirname "$0")/../.."
tool=$(command -v clang-format-14 || command -v clang-format) || { echo "clang-format is missing" >&2; exit 1; }

mapfile -t files < <(find src include tests -name '*.[ch]' | LC_ALL=C sort)
if [ "${1:-}" = --fix ]; then
    exec "$tool" -i --style=file "${files[@]}"
fi
"$tool" --dry-run --Werror --ferror-limit=3 --style=file "${files[@]}"
