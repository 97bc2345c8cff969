#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The completion of the programs in bash and zsh: what stands behind what, and that it knows every command, method and option there is.
. "$(dirname "$0")/lib.sh"
CTL=$GOXEL_BUILD/bin/goxelctl
CONVERT=$GOXEL_BUILD/bin/goxel-convert
COMPLETION=$TESTS/../etc/completion

for program in goxelctl goxel-convert goxel-daemon; do
    ok "bash reads the one of $program" bash -n "$COMPLETION/bash/$program"
    # shellcheck source=/dev/null
    . "$COMPLETION/bash/$program"
done

# offers_of PROGRAM WORD…: what is offered in place of the last one; = is a word, as in bash
offers_of() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _"${1//-/_}"
    echo "${COMPREPLY[*]-}"
}
offers() { offers_of goxelctl "$@"; }
converts() { offers_of goxel-convert "$@"; }
daemon() { offers_of goxel-daemon "$@"; }
sorted() { tr -s ' ' '\n' | sed '/^$/d' | sort | paste -sd ' '; }
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
mkdir f/more
is "a folder of an option" "f/more" "$(offers check --directory f/m)"
is "behind = as it was typed, too" "--config=f/model.txt" "$(offers --config=f/model.t)"
has "commands of two words that stand apart in the table" "$(offers project '')" repair

# ---- goxel-convert and goxel-daemon ----

for program in "$CONVERT" "$DAEMON"; do
    name=${program##*/}
    told=$("$program" --help | sed -nE 's/^  (-.|  ) (--[a-z-]+).*/\1 \2/p' | sorted)
    is "$name: every option" "$told" "$(offers_of "$name" - | sorted)"
done
"$CONVERT" --list-formats > formats
is "formats that can be read" "$(sed -n 's/^\([a-z0-9-]*\)  *reads.*/\1/p' formats | paste -sd ' ')" "$(converts --from '')"
is "formats that can be written" "$(sed -n 's/^\([a-z0-9-]*\) .* writes .*/\1/p' formats | paste -sd ' ')" "$(converts -t '')"
for use in i o; do
    is "options of formats, -$use" "$(sed -n "s/^    -$use \\([a-z_]*\\)=.*/\\1/p" formats | sort -u | paste -sd ' ')" \
        "$(converts -$use '' | tr ' ' '\n' | sed 's/=.*//' | sort -u | paste -sd ' ')"
done
is "the beginning of one" "mesher=faces mesher=greedy mesher=manifold mesher=smooth" "$(converts -o mes)"
is "its values" "faces greedy manifold smooth" "$(converts -o mesher = '')"
is "the same while it stands behind =" "faces greedy manifold smooth" "$(converts -o mesher =)"
is "the beginning of a value" "manifold" "$(converts -o mesher = m)"
is "the same of a long option" "manifold" "$(converts --option = mesher = m)"
is "a number has none" "scale=" "$(converts -o sca)"
is "and nothing behind" "" "$(converts -o scale = '')"
is "where = is no word of its own" "mesher=manifold" "$(converts -o mesher=m)"
is "also of a long one" "--option=mesher=manifold" "$(converts --option=mesher=m)"
touch f/image.PNG f/mesh.obj f/README
is "files that can be read, and folders" "f/image.PNG f/model.gox f/model.txt f/more" "$(converts f/ | sorted)"
is "behind one what can be written, too" "f/image.PNG f/mesh.obj f/model.gox f/model.txt f/more" "$(converts a.gox f/ | sorted)"
is "but not with --info" "f/image.PNG f/model.gox f/model.txt f/more" "$(converts --info a.gox f/ | sorted)"
is "standard input is a file" "f/mesh.obj" "$(converts -f gox - f/mesh)"
is "any file where none has an extension of those" "f/README" "$(converts f/R)"
is "a configuration" "f/model.txt" "$(daemon --config f/model.t)"
is "a protocol" "auto http jsonrpc" "$(daemon -P '')"
is "a user" "root" "$(daemon -u roo)"
is "a group" "root" "$(daemon --group = roo)"
is "nothing behind options" "" "$(daemon --test-mode '')"

# ---- zsh: what the script hands to the completion of the shell ----

cat > "$WORK/offers.zsh" <<'ZSH'
script=$1
shift
_describe() { local array=${@[-1]}; print -r -- ${${(P)array}%%:*} }
compadd() { shift "${@[(i)--]}"; (($#)) && print -r -- "$@" }
compset() { : }
_files() { print FILES "$@" }
_users() { print USERS }
_groups() { print GROUPS }
words=("$@")
CURRENT=$#words
. $script
ZSH
zsh_offers_of() { zsh -f "$WORK/offers.zsh" "$COMPLETION/zsh/_$1" "$@" 2>&1; }
zsh_offers() { zsh_offers_of goxelctl "$@"; }
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
    is "zsh: folders" "FILES -/" "$(zsh_offers check -d '')"
    for name in goxel-convert goxel-daemon; do
        is "zsh: the same options of $name" "$(offers_of $name -)" "$(zsh_offers_of $name -)"
    done
    is "zsh: the same formats" "$(converts -f '') $(converts --to '')" "$(zsh_offers_of goxel-convert -f '') $(zsh_offers_of goxel-convert --to '')"
    is "zsh: the same options of formats" "$(converts -o '' | sorted)" "$(zsh_offers_of goxel-convert -o '' | paste -sd ' ' | sorted)"
    is "zsh: files by extension" "FILES -g (#i)*.(gox" "$(zsh_offers_of goxel-convert '' | cut -d '|' -f 1)"
    is "zsh: protocols, users and groups" "auto http jsonrpc USERS GROUPS" \
        "$(zsh_offers_of goxel-daemon -P '') $(zsh_offers_of goxel-daemon -u '') $(zsh_offers_of goxel-daemon --group '')"
    is "zsh: no file where a name is meant" "" "$(zsh_offers project info '')"
else
    skip "zsh" "it is not there"
fi

start_daemon
is "every method that the daemon has" "$(result system.list_methods '{}' '[.methods[] | select(startswith("test.") | not)]')" \
    "$(offers call '' | tr ' ' '\n' | jq -Rsc 'split("\n") | map(select(. != ""))')"
stop_daemon
done_testing
