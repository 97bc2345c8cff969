#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The checks check themselves: a small clean tree passes each of them, one offence at a time fails it.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
passed=0 failed=0

fresh() {
    rm -rf "$tree"
    mkdir -p "$tree"/src/{base,core,http,rpc,config} "$tree/tests" "$tree/docs" "$tree/etc"
    for file in base/a.c base/json.c core/a.c http/a.c rpc/a.c config/a.c; do
        echo '/* SPDX-License-Identifier: GPL-3.0-or-later */' > "$tree/src/$file"
    done
    echo 'See `src/base` and `goxel_a`.' > "$tree/ARCHITECTURE.md"
    printf '# A page\n\n## Its end, at last\n\n[end](#its-end-at-last) [other](docs/b.md#b) `storage.tidy` [web](https://example.org/x)\n' > "$tree/README.md"
    echo '# B' > "$tree/docs/b.md"
    printf 'storage {\n    #tidy = true\n}\n' > "$tree/etc/daemon.conf"
    echo 'int goxel_a; /* never strcpy(a, b) */ const char *b = "system(3)";' >> "$tree/src/base/a.c"
    echo '#include "core/volume.h"' >> "$tree/src/rpc/a.c"
    echo '#include "rpc/rpc.h"' >> "$tree/src/http/a.c"
    echo '#include <json-c/json.h>' >> "$tree/src/base/json.c"
    echo '#include "goxel/limits.h"' >> "$tree/src/core/a.c"
    mkdir "$tree/debian"
    printf '%s\n' 'dnl SPDX-License-Identifier: GPL-3.0-or-later' 'AC_INIT([goxel-daemon], [1.2.3])' \
        'AC_SUBST([RELEASE_DATE], [2026-01-02])' > "$tree/configure.ac"
    echo 'goxel-daemon (1.2.3-4) unstable; urgency=medium' > "$tree/debian/changelog"
    printf '## [Unreleased]\n\n## [1.2.3] - 2026-01-02\n' > "$tree/CHANGELOG.md"
}

# expect pass|fail CHECK NAME [FILE LINE]: the clean tree with one more line in one file
expect() {
    local want=$1 check=$2 name=$3 got=pass
    fresh
    [ $# -lt 5 ] || printf '%b\n' "$5" >> "$tree/$4"
    case $check in
    floors) "$here/floors.sh" "$tree/src" ;;
    banned) "$here/banned.sh" "$tree/src" ;;
    text) "$here/text.sh" "$tree" ;;
    names) "$here/names.sh" "$tree" ;;
    version) "$here/version.sh" "$tree" ;;
    links) "$here/links.sh" "$tree" ;;
    esac > "$tree/out" 2>&1 || got=fail
    if [ "$got" = "$want" ] && { [ "$got" = pass ] || [ -s "$tree/out" ]; }; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$check: $name: wanted $want, got $got" >&2
        cat "$tree/out" >&2
    fi
}

for check in floors banned text names links version; do
    expect pass "$check" "a clean tree"
done
expect fail floors "an upward include" src/base/a.c '#include "core/volume.h"'
expect fail floors "an upward include, spaced" src/core/a.c ' #  include "rpc/rpc.h"'
expect fail floors "http reaching into core" src/http/a.c '#include "core/volume.h"'
expect fail floors "http past rpc's dispatch" src/http/a.c '#include "rpc/methods/voxel.h"'
expect fail floors "an include without folder" src/base/a.c '#include "buf.h"'
expect fail floors "a room that does not exist" src/rpc/a.c '#include "attic/box.h"'
expect fail floors "a file on no floor" src/attic.c '#include "base/buf.h"'
expect fail floors "json-c outside base/json.c" src/base/a.c '#include <json-c/json.h>'
expect fail floors "libconfuse outside config" src/rpc/a.c '#include <confuse.h>'
expect fail floors "libmicrohttpd outside http" src/rpc/a.c '#include <microhttpd.h>'
expect pass floors "libconfuse in config" src/config/a.c '#include <confuse.h>'
expect fail banned "a banned call" src/base/a.c 'void f(char *a) { strcpy (a, "b"); }'
expect fail banned "a banned call after a comment" src/base/a.c '/* a\n b */ int x = system("true");'
expect pass banned "a longer name" src/base/a.c 'int y = my_system(1) + snprintf(0, 0, "x");'
expect fail text "a tab" src/base/a.c '\tint z;'
expect fail text "space at the end" src/base/a.c 'int z; '
expect fail text "no licence line" src/base/b.c 'int z;'
expect fail links "a link to no page" docs/b.md '[a](a.md)'
expect fail links "a link to no heading" docs/b.md '[a](../README.md#its-beginning)'
expect fail links "an option that does not exist" docs/b.md 'Set `storage.untidy`.'
expect fail names "a name that does not exist" ARCHITECTURE.md 'See `goxel_nowhere`.'
expect pass version "an older version below" CHANGELOG.md '## [1.2.2] - 2026-01-01'
expect fail version "another version" configure.ac 'AC_INIT([goxel-daemon], [1.2.4])'
expect fail version "another date" configure.ac 'AC_SUBST([RELEASE_DATE], [2026-01-03])'

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
