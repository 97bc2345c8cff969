#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes `configure` and its company from configure.ac; run once after a clone.
set -eu
cd "$(dirname "$0")"
mkdir -p build-aux
exec autoreconf --force --install --warnings=all,no-obsolete
