#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The completion of goxelctl in bash and zsh: what stands behind what, and that it knows every command and method there is.
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

# ---- zsh: what the script hands to the completion of the shell ----

cat > "$WORK/offers.zsh" <<'ZSH'
script=$1
shift
_describe() { local array=${@[-1]}; print -r -- ${${(P)array}%%:*} }
compadd() { shift; print -r -- "$@" }
compset() { : }
_files() { print FILES }
words=(goxelctl "$@")
CURRENT=$#words
. $script
ZSH
zsh_offers() { zsh -f "$WORK/offers.zsh" "$TESTS/../etc/completion/zsh/_goxelctl" "$@" 2>&1; }
if command -v zsh > /dev/null; then
    is "zsh: the same commands" "$all" "$(zsh_offers '')"
    is "zsh: those of two words" "$(offers project '')" "$(zsh_offers project '')"
    is "zsh: behind options and help" "$(offers project '')" "$(zsh_offers --socket /run/x -j help project '')"
    is "zsh: the same methods" "$(offers call '')" "$(zsh_offers call '')"
    is "zsh: and nothing behind one" "" "$(zsh_offers call voxel.add '')"
    is "zsh: levels" "error warn info debug" "$(zsh_offers log-level '')"
    is "zsh: the same options" "$(offers stop -)" "$(zsh_offers stop -)"
    is "zsh: files" "FILES FILES FILES" \
        "$(zsh_offers project export castle '') $(zsh_offers --config '') $(zsh_offers --config=x)"
    is "zsh: no file where a name is meant" "" "$(zsh_offers project info '')"
else
    skip "zsh" "it is not there"
fi

start_daemon
is "every method that the daemon has" "$(result system.list_methods '{}' '[.methods[] | select(startswith("test.") | not)]')" \
    "$(offers call '' | tr ' ' '\n' | jq -Rsc 'split("\n") | map(select(. != ""))')"
stop_daemon
done_testing
