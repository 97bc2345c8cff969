#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The completion of goxelctl in bash: what stands behind what, and that it knows every command and method there is.
. "$(dirname "$0")/lib.sh"
CTL=$GOXEL_BUILD/bin/goxelctl

# shellcheck source=/dev/null
ok "bash reads it" bash -n "$TESTS/../etc/completion/bash/goxelctl"
. "$TESTS/../etc/completion/bash/goxelctl"

# offers WORD…: what is offered in place of the last one
offers() {
    COMP_WORDS=(goxelctl "$@")
    COMP_CWORD=$#
    _goxelctl
    echo "${COMPREPLY[*]-}"
}
has() { if [[ " $2 " == *" $3 "* ]]; then pass "$1"; else fail "$1" "no $3 in: $2"; fi; }

all=$(offers '')
while read -r first _; do has "the command $first" "$all" "$first"; done < <("$CTL" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]\)/\1/p')
is "the beginning of a command" "state stats status" "$(offers sta | tr ' ' '\n' | sort | paste -sd ' ')"
is "a command of two words" "import info" "$(offers project i | tr ' ' '\n' | sort | paste -sd ' ')"
is "behind options" "health" "$(offers --socket /run/x -j --url = http hea)"
is "behind help" "repair" "$(offers help rep)"
is "a method" "voxel.add voxel.add_batch" "$(offers call voxel.add)"
is "and nothing behind it" "" "$(offers call voxel.add '')"
is "a level" "error warn info debug" "$(offers log-level '')"
is "no arguments, nothing" "" "$(offers status '')"
is "an option" "--timeout" "$(offers call --ti)"
is "one of the command's own" "--no-wait" "$(offers stop --no)"
is "which others do not have" "" "$(offers status --no)"
(cd "$WORK" && mkdir f && touch f/model.gox f/model.txt)
cd "$WORK" || exit
is "a file" "f/model.gox f/model.txt" "$(offers project export castle f/mod | tr ' ' '\n' | sort | paste -sd ' ')"
is "a file of an option" "f/model.txt" "$(offers --config f/model.t)"
is "the same behind =" "f/model.txt" "$(offers --config = f/model.t)"
is "no file where a name is meant" "" "$(offers project info f/mod)"

start_daemon
is "every method that the daemon has" "$(result system.list_methods '{}' '[.methods[] | select(startswith("test.") | not)]')" \
    "$(offers call '' | tr ' ' '\n' | jq -Rsc 'split("\n") | map(select(. != ""))')"
stop_daemon
done_testing
