#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Of the pages: every link leads to a file of the tree, and to a heading of it; every option they name is in etc/daemon.conf.
# Argument: the root of the tree (the repository's own without one).
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

# The anchors of a page's headings, as GitHub makes them.
anchors() { sed -n '/^```/,/^```/d; s/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'; }

# section.option of a configuration, a line for each, and the sections.
options() {
    awk '/^ *[a-z]+ \{$/ { at[++depth] = $1; line = at[1]; for (i = 2; i <= depth; i++) line = line "." at[i]; prefix[depth] = line; print line }
         /^ *\}$/ { depth-- }
         /^ *#?[a-z_]+ = / { sub(/^ *#?/, ""); print prefix[depth] "." $1 }' etc/daemon.conf
}

bad=0
say() { echo "$1" >&2; bad=1; }
known=$(options)
sections=$(grep -v '\.' <<< "$known" | paste -sd '|')
shopt -s nullglob
for page in *.md docs/*.md; do
    while IFS=: read -r line target; do
        file=${target%%#*} anchor=''
        [[ $target != *'#'* ]] || anchor=${target#*#}
        file=${file:+$(dirname "$page")/$file}
        file=${file:-$page}
        if [ ! -e "$file" ]; then
            say "$page:$line: there is no $file"
        elif [ -n "$anchor" ] && ! anchors "$file" | grep -qxF -e "$anchor"; then
            say "$page:$line: $file has no heading #$anchor"
        fi
    done < <(grep -noE '\]\([^)]+\)' "$page" | sed -E 's/\]\(//; s/\)$//' | grep -vE ':(https?|mailto):')
    # The reference speaks of members of replies, too, which are called as sections are.
    [ "$page" != docs/api.md ] || continue
    while IFS=: read -r line name; do
        [[ $name != *.md ]] || continue
        grep -qxF -e "$name" <<< "$known" || say "$page:$line: etc/daemon.conf has no $name"
    done < <(grep -noE "(^|[^a-z_./-])($sections)(\.[a-z]+)?\.[a-z_]+[a-z]" "$page" | sed -E 's/^([0-9]+:)[^a-z]/\1/')
done
exit $bad
