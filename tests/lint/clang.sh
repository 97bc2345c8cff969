#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# clang's opinion of every C source: warnings that gcc does not have.
set -euo pipefail
cd "$(dirname "$0")/../.."
read -ra packages < <(pkg-config --cflags libmicrohttpd libcurl json-c libconfuse libpng zlib cunit)
flags=(-std=gnu11 -D_GNU_SOURCE -Isrc -Iinclude -Itests -Itests/unit
    -DGOXEL_VERSION='""' -DGOXEL_DATE='""' -DGOXEL_REVISION='""' -DUNIT_TESTS_DIR='""'
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wconversion -Wno-sign-conversion
    -Wvla -Wno-missing-field-initializers -Werror)

find src tests -name '*.c' -print0 | LC_ALL=C sort -z |
    xargs -0 -n 16 -P "$(nproc)" clang -fsyntax-only "${flags[@]}" "${packages[@]}"
