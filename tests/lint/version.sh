#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The version is what configure.ac says; the package's changelog and CHANGELOG.md begin with the same.
# Argument: the folder to look at (the repository without one).
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

version=$(sed -n 's/^AC_INIT(\[goxel-daemon\], \[\(.*\)\])$/\1/p' configure.ac)
bad=0

# same FILE WHAT-IT-SAYS
same() {
    [ "$2" != "$version" ] || return 0
    echo "$1: its first version is \"$2\", configure.ac has \"$version\"" >&2
    bad=1
}
# A tarball has no package.
[ ! -e debian/changelog ] || same debian/changelog "$(sed -n '1s/^goxel-daemon (\(.*\)-[^-]*) .*$/\1/p' debian/changelog)"
same CHANGELOG.md "$(grep -oE '^## \[[0-9][^]]*\] - [0-9]{4}-[0-9]{2}-[0-9]{2}$' CHANGELOG.md | sed -n '1s/^## \[\(.*\)\].*/\1/p')"
exit $bad
