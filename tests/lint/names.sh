#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every name in backticks in ARCHITECTURE.md is a path of the tree or stands somewhere in its sources.
# Arguments: the root of the tree, the page (the repository's own without any).
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"
page=${2:-ARCHITECTURE.md}

bad=0
while IFS=: read -r line name; do
    name=${name//\`/}
    plain=${name%()}
    [ -e "$plain" ] || [ -e "src/$plain" ] && continue
    grep -rqF --include='*.[ch]' --include='*.sh' --include='*.am' --include='*.inc' --include='*.ac' \
        -e "$plain" src include tests dev configure.ac Makefile.am 2>/dev/null && continue
    echo "$page:$line: \`$name\` is neither a path nor in the sources" >&2
    bad=1
done < <(grep -noE '`[^`]+`' "$page")
exit $bad
