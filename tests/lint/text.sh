#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What .editorconfig asks for, and a licence line at the top of every source file.
# Argument: the folder to look at (the repository without one).
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

# The sources where there is no git: what .gitignore names is left out by hand.
unpacked() {
    find . -type d \( -name .git -o -name 'build*' -o -name autom4te.cache \) -prune -o \
        -type f ! -name Makefile.in ! -name aclocal.m4 ! -name 'configure' ! -name 'configure~' -print | sed 's|^\./||'
}

# Models, seeds and licences are kept byte for byte as they came.
files() {
    { git -c safe.directory='*' ls-files --cached --others --exclude-standard 2>/dev/null || unpacked; } |
        LC_ALL=C sort | grep -vE '^(COPYING|tests/data/|tests/fuzz/(seeds|regressions)/|www/vendor/)'
}

bad=0
say() { echo "$1" >&2; bad=1; }
while read -r file; do
    [ -f "$file" ] && [ -s "$file" ] && grep -qI '' "$file" || continue
    if hits=$(grep -nE '[[:space:]]+$' "$file"); then
        say "$(printf '%s\n' "$hits" | sed -E "s|^([0-9]+):.*|$file:\1: space at the end of the line|")"
    fi
    case $file in
    *Makefile* | *.am | *.mk | debian/rules | debian/changelog) ;;
    *) if hits=$(grep -n "$(printf '\t')" "$file"); then
            say "$(printf '%s\n' "$hits" | sed -E "s|^([0-9]+):.*|$file:\1: a tab|")"
        fi ;;
    esac
    [ -z "$(tail -c 1 "$file")" ] || say "$file: no newline at the end"
    case $file in
    *.[ch] | *.sh | *.py | *.ac | *.am | *.inc | *.js | dev | .ci/run)
        head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' ||
            say "$file: no SPDX-License-Identifier in the first lines" ;;
    esac
done < <(files)
exit $bad
