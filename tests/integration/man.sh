#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual pages: mandoc and man have nothing to say against them, and whatever the programs tell of themselves (options, commands,
# formats, configuration, statuses, variables, methods, errors) is in a page or in the reference.
. "$(dirname "$0")/lib.sh"
CTL=$GOXEL_BUILD/bin/goxelctl
CONVERT=$GOXEL_BUILD/bin/goxel-convert
TOP=$TESTS/..
MAN=$TOP/docs/man
PAGES=(goxel-convert.1 goxelctl.1 goxel-daemon.conf.5 goxel-daemon.8)

# ---- their form ----

# lint PAGE…: what mandoc says, with the pages in a tree, so that they find each other
lint() {
    local page
    for page; do
        mkdir -p "$WORK/tree/man${page##*.}"
        cp "$page" "$WORK/tree/man${page##*.}/"
    done
    makewhatis "$WORK/tree"
    MANPATH=$WORK/tree mandoc -T lint -W style "$@"
    rm -r "$WORK/tree"
}
cp "$MAN/goxelctl.1" "$WORK/wrong.1"
printf '.Xq nothing\n' >> "$WORK/wrong.1"
if command -v mandoc makewhatis > /dev/null; then
    is "mandoc has nothing to say" "" "$(lint "${PAGES[@]/#/$MAN/}" 2>&1)"
    like "it would" 'unknown macro' "$(lint "$WORK/wrong.1" 2>&1)"
else
    skip "mandoc -T lint" "there is no mandoc"
fi
if command -v man > /dev/null && man --version 2> /dev/null | grep -q '^man 2'; then
    for page in "${PAGES[@]}"; do
        is "man has nothing to say of $page" "" "$(man --warnings -l "$MAN/$page" 2>&1 > /dev/null)"
    done
    like "it would" 'Xq' "$(man --warnings -l "$WORK/wrong.1" 2>&1 > /dev/null)"
else
    skip "man --warnings" "there is no man-db"
fi

# ---- what has to be there ----

# lacks FILE: the lines of standard input that are no lines of it
lacks() {
    local line
    while IFS= read -r line; do grep -qxF -e "$line" "$1" || echo "$line"; done
}

# has_all NAME FILE: so are all lines of standard input, of which there are some; without the last one it would be said
has_all() {
    local wanted last
    wanted=$(cat)
    last=$(tail -n 1 <<< "$wanted")
    ok "$1: there are some" test -n "$last"
    is "$1: each of $(wc -l <<< "$wanted") is told" "" "$(lacks "$2" <<< "$wanted")"
    grep -vxF -e "$last" "$2" > "$WORK/without"
    is "$1: it would be missed" "$last" "$(lacks "$WORK/without" <<< "$wanted" | sort -u)"
}

# "  -c --config FILE   …" of a help as the item of a page
flags() {
    sed -nE '/^  (-.|  ) --/ { s/^  (-(.)|  ) (--[a-z-]+)( [A-Z][^ ]*)? .*/\2 \3\4/; p }' | while read -r letter name argument; do
        [[ $letter == --* ]] && argument=$name name=$letter letter=''
        name=${name#-}
        echo ".It ${letter:+Fl $letter , }Fl ${name//-/\\-}${argument:+ Ar $argument}"
    done
}

has_all "options of goxel-daemon" "$MAN/goxel-daemon.8" < <("$DAEMON" --help | flags)
has_all "options of goxel-convert" "$MAN/goxel-convert.1" < <("$CONVERT" --help | flags)
"$CTL" --help | sed -n '/^Commands/,/^$/s/^  \([a-z].*\)/\1/p' | sed -E 's/  .*| [[A-Z].*| NAME .*//' > "$WORK/commands"
helps() {
    "$CTL" --help
    # shellcheck disable=SC2086 # a command may have two words
    while read -r command; do "$CTL" help $command < /dev/null; done < "$WORK/commands"
}
has_all "options of goxelctl" "$MAN/goxelctl.1" < <(helps | flags)
sed -nE 's/^\.It Ic ([a-z\\-]+( [a-z]+)?)( (Ar|Op|Cm) .*)?$/\1/p' "$MAN/goxelctl.1" > "$WORK/told"
has_all "commands of goxelctl" "$WORK/told" < <(sed 's/-/\\-/g' "$WORK/commands")
"$CONVERT" --list-formats > "$WORK/formats"
has_all "formats" "$MAN/goxel-convert.1" < <(sed -n 's/^\([a-z0-9-][a-z0-9-]*\) .*/.It Cm \1/p' "$WORK/formats")
has_all "options of formats" "$MAN/goxel-convert.1" < <(sed -n 's/^    -\([io]\) \([a-z_]*\)=\(.*\)/.It Fl \1 Cm \2 Ns = Ns Ar \3/p' "$WORK/formats")
has_all "configuration" "$MAN/goxel-daemon.conf.5" < <("$DAEMON" --print-config | awk '
    / \{$/ { path = path $1 "."; next }
    /^ *\}$/ { sub(/[^.]*\.$/, "", path); next }
    / = / { print ".It Va " path $1 }')

# Variables that the sources look at, by whose name they do.
grep -rhoE --include='*.c' 'getenv\("[A-Z_]+"\)|_VARIABLE "[A-Z_]+"' "$TOP/src" | sed 's/.*"\(.*\)".*/\1/' | sort -u > "$WORK/variables"
sed -n 's/^\.It Ev //p' "$MAN"/*.[158] | sed 's/, /\n/g' > "$WORK/told"
has_all "variables" "$WORK/told" < "$WORK/variables"

# ---- errors and methods ----

sed -nE 's/^ *X\(([A-Z_]+_ERROR_[A-Z0-9_]+), .*/\1/p' "$TOP/src/base/error.h" > "$WORK/symbols"
sed -n 's/^| `\([A-Z0-9_]*\)` .*/\1/p' "$TOP/docs/errors.md" > "$WORK/told"
has_all "errors" "$WORK/told" < "$WORK/symbols"
sed -nE 's/^\| `[A-Z0-9_]+` .* \| ([0-9]+) \| [^|]*\|$/\1/p' "$TOP/docs/errors.md" | sort -nu > "$WORK/statuses"
has_all "exit statuses of goxel-daemon" "$MAN/goxel-daemon.8" < <(awk '$1 < 64 { print ".It " $1 }' "$WORK/statuses")
is "the others are what sysexits.h has" "$(sed -nE 's/^\.It ([0-9]+) to ([0-9]+)$/\1 \2/p' "$MAN/goxel-daemon.8")" \
    "$(awk '$1 >= 64' "$WORK/statuses" | sed -n '1p;$p' | paste -sd ' ')"

start_daemon
sed -n 's/^## //p' "$TOP/docs/api.md" > "$WORK/told"
has_all "methods" "$WORK/told" < <(result system.list_methods '{}' '[.methods[] | select(startswith("test.") | not)] | .[]' | tr -d '"')
stop_daemon

# ---- what is told in several places ----

# statuses PROGRAM: those of its help
statuses() { "$1" --help | sed -n '/^Exit status:/,$s/^  \([0-9][0-9]*\)  .*/\1/p' | paste -sd ' '; }
is "statuses of goxelctl in its page" "$(statuses "$CTL")" "$(sed -nE 's/^\.It  ?([0-9]+)$/\1/p' "$MAN/goxelctl.1" | paste -sd ' ')"
is "and in docs/goxelctl.md" "$(statuses "$CTL")" "$(sed -nE 's/^\| ([0-9]+) \| .*/\1/p' "$TOP/docs/goxelctl.md" | paste -sd ' ')"
is "statuses of goxel-convert in its page" "$(statuses "$CONVERT")" \
    "$(sed -nE 's/^\.It  ?([0-9]+)$/\1/p' "$MAN/goxel-convert.1" | paste -sd ' ')"
signals() { tr -d '`' | tr -s ', ' '\n' | sort | paste -sd ' '; }
told=$(sed -n 's/^\.It Dv //p' "$MAN/goxel-daemon.8" | signals)
is "signals in README.md" "$told" "$(sed -n '/^## Signals/,/^## As/s/^| \(`.*`\) | .*/\1/p' "$TOP/README.md" | signals)"
is "signals in the help" "$told" "$("$DAEMON" --help | sed -n '/^Signals:/,/^$/s/^  \([A-Z0-9, ]*\)  .*/\1/p' | signals)"
kept=$(sed -n 's/^RestartPreventExitStatus=//p' "$TOP/etc/goxel-daemon.service" | sed 's/ /, /g; s/\(.*\), /\1 and /')
like "statuses after which the unit does not start it again" "does not start it again after $kept, and does" \
    "$(tr '\n' ' ' < "$MAN/goxel-daemon.8")"
done_testing
