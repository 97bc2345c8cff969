#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The version is what configure.ac says, and its date; the package's changelog and CHANGELOG.md begin with the same.
# Argument: the folder to look at (the repository without one).
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

version=$(sed -n 's/^AC_INIT(\[goxel-daemon\], \[\(.*\)\])$/\1/p' configure.ac)
date=$(sed -n 's/^AC_SUBST(\[RELEASE_DATE\], \[\(.*\)\])$/\1/p' configure.ac)
bad=0

# same FILE EXPECTED WHAT-IT-SAYS
same() {
    [ "$2" != "$3" ] || return 0
    echo "$1: it begins with \"$3\", configure.ac has \"$2\"" >&2
    bad=1
}
# A tarball has no package.
[ ! -e debian/changelog ] ||
    same debian/changelog "$version" "$(sed -n '1s/^goxel-daemon (\(.*\)-[^-]*) .*$/\1/p' debian/changelog)"
same CHANGELOG.md "[$version] - $date" "$(sed -n '/^## \[[0-9]/{s/^## //p;q}' CHANGELOG.md)"
exit $bad
