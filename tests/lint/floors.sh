#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Holds every `#include "…"` of src/ against the floors of ARCHITECTURE.md and names the offenders.
# Argument: the folder to look at (the repository's src/ without one).
set -euo pipefail
src=${1:-$(dirname "$0")/../../src}

# room: what it may include besides itself and include/goxel; a path allows that header alone.
floors='
base:
work:      base
config:    base
lifecycle: base
access:    base
core:      base
mesh:      core work base
format:    mesh core base
render:    mesh core base
store:     format core work base
rpc:       store format render mesh core work lifecycle config access base
http:      rpc/rpc.h rpc/transfer.h lifecycle config access work base
ctl:       store core config access base
convert:   format mesh core work base
daemon:    http rpc store format render mesh core work lifecycle config access base
'

# header of a library: the only place that may include it.
libraries='
json-c/    base/json
json.h     base/json
confuse.h  config/
microhttpd.h  http/
curl/         ctl/client
cap-ng.h      daemon/privileges
nettle/       access/tokens
systemd/      daemon/supervisor
'

cd "$src"
find . -name '*.[ch]' | sed 's|^\./||' | LC_ALL=C sort | while read -r file; do
    grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' "$file" | sed "s|^|$file:|" || true
done | awk -v floors="$floors" -v libraries="$libraries" '
    BEGIN {
        rows = split(floors, row, "\n")
        for (i = 1; i <= rows; i++) {
            n = split(row[i], word, /[: ]+/)
            if (word[1] == "") continue
            room[word[1]] = 1
            for (k = 2; k <= n; k++) if (word[k] != "") may[word[1] " " word[k]] = 1
        }
        rows = split(libraries, row, "\n")
        for (i = 1; i <= rows; i++)
            if (split(row[i], word, / +/) >= 2) { count++; header[count] = word[1]; place[count] = word[2] }
    }
    function offence(what) { print "src/" where ": " what; bad = 1 }
    {
        split($0, part, ":")
        file = part[1]
        where = file ":" part[2]
        split(file, from, "/")
        quoted = match($0, /include[ \t]*"[^"]*"/)
        name = $0
        if (quoted) { sub(/^[^"]*"/, "", name); sub(/".*$/, "", name) }
        else { sub(/^[^<]*</, "", name); sub(/>.*$/, "", name) }

        for (i = 1; i <= count; i++)
            if (index(name, header[i]) == 1 && index(file, place[i]) != 1)
                offence("<" name "> belongs to " place[i] " alone")
        if (!quoted) next

        if (!(from[1] in room)) { offence(from[1] "/ is on no floor: add it to tests/lint/floors.sh"); next }
        depth = split(name, to, "/")
        if (depth < 2) { offence("\"" name "\" names no folder"); next }
        if (to[1] == from[1] || to[1] == "goxel") next
        if (!(to[1] in room)) { offence("\"" name "\" is in no room of the house"); next }
        if (!((from[1] " " to[1]) in may) && !((from[1] " " name) in may))
            offence(from[1] "/ may not include \"" name "\"")
    }
    END { exit bad }
'
