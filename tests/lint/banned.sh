#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Names calls that have no place here: unbounded copies, parsers that cannot fail, shells, moving stack pointers.
# Arguments: folders to look at (src, include and tests of the repository without any).
set -euo pipefail
banned='strcpy strcat sprintf vsprintf gets strtok atoi atol atoll atof alloca system popen'

[ $# -gt 0 ] || { cd "$(dirname "$0")/../.."; set -- src include tests; }
find "$@" -name '*.[ch]' | LC_ALL=C sort | while read -r file; do
    awk -v file="$file" -v banned="$banned" '
        BEGIN { split(banned, list, " "); for (i in list) bad[list[i]] = 1 }
        # Blanks out strings, characters and comments, so that prose may speak of anything.
        function code(line,    out, c, pair) {
            out = ""
            while (line != "") {
                c = substr(line, 1, 1)
                pair = substr(line, 1, 2)
                if (comment) {
                    if (pair == "*/") { comment = 0; line = substr(line, 3) } else line = substr(line, 2)
                } else if (quote != "") {
                    if (c == "\\") line = substr(line, 3)
                    else { if (c == quote) quote = ""; line = substr(line, 2) }
                } else if (pair == "//") {
                    return out
                } else if (pair == "/*") {
                    comment = 1; line = substr(line, 3)
                } else {
                    if (c == "\"" || c == "\047") quote = c; else out = out c
                    line = substr(line, 2)
                }
            }
            return out
        }
        {
            text = code($0)
            while (match(text, /[A-Za-z_][A-Za-z_0-9]*[ \t]*\(/)) {
                name = substr(text, RSTART, RLENGTH)
                sub(/[ \t]*\(/, "", name)
                if (name in bad) { print file ":" NR ": " name "() is banned"; found = 1 }
                text = substr(text, RSTART + RLENGTH)
            }
        }
        END { exit found }
    ' "$file" || echo >&3
done 3>&1 >&2 | { ! grep -q ''; }
