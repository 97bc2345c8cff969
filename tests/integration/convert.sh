#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# goxel-convert: every option, every exit status, files that are damaged, pipes, a disk that is full, a signal, a terminal.
. "$(dirname "$0")/lib.sh"

CONVERT=$GOXEL_BUILD/bin/goxel-convert
cd "$WORK" || exit

# convert ARGUMENTS…: OUT, ERR, STATUS
convert() {
    timeout 120 "$CONVERT" "$@" > "$WORK/.out" 2> "$WORK/.err" < /dev/null
    STATUS=$?
    OUT=$(cat "$WORK/.out") ERR=$(cat "$WORK/.err")
}
# lines FILE.txt: the voxels of a text file, sorted
lines() { grep -v '^#' "$1" | sort | tr '\n' ';'; }
# leftovers: temporaries that somebody forgot
leftovers() { find "$WORK" -name '.goxel-*'; }

printf '0 0 0 ff0000\n1 0 0 00ff00\n' > a.txt
printf '5 5 5 0000ff\n' > b.txt
python3 -c '
import random
random.seed(5)
for z in range(110):
    for y in range(110):
        for x in range(110): print(x, y, z, "%06x" % random.randrange(1 << 24))' > large.txt

# ---- what needs no file ----

convert --help
is "--help" "0 " "$STATUS $ERR"
like "tells the exit statuses" '^Exit status:   0  done   1  ' "$(tr '\n' ' ' <<< "$OUT" | sed 's/.*Exit status/Exit status/')"
convert --version
like "--version" '^goxel-convert version [0-9]' "$OUT"
convert --list-formats
like "--list-formats" '^gox +reads writes +Goxel 3D \(gox\)$' "$OUT"
FORMATS=$OUT
convert --list-formats --json
is "and as JSON" "$(grep -c '^[a-z0-9]' <<< "$FORMATS") slices" "$(jq -r '(.count|tostring) + " " + ([.formats[] | select(.name == "png") | .options[] | select(.name == "axis") | .only_with.values[]] | join(","))' <<< "$OUT")"

# ---- there and back ----

convert a.txt a.gox
is "a text becomes a .gox, without a word" "0 " "$STATUS $ERR$OUT"
convert a.gox back.txt
is "and a text again" "$(lines a.txt)" "$(lines back.txt)"
convert a.txt b.txt both.gox
is "two files" 0 "$STATUS"
convert --info --json both.gox
is "become the layers of one" '["gox",3,3,[["a",2],["b",1]],{"min":[0,0,0],"max":[5,5,5]}]' \
    "$(jq -c '[.format, .voxels, .colors, [.layers[] | [.name, .voxels]], .bounds]' <<< "$OUT")"
convert --layers b both.gox part.txt
is "--layers by name" "5 5 5 0000ff;" "$(lines part.txt)"
convert --layers 1 both.gox part.txt
is "--layers by id" "$(lines a.txt)" "$(lines part.txt)"
convert --layers b,1 both.gox part.txt
is "--layers, several" "$(sort a.txt b.txt | tr '\n' ';')" "$(lines part.txt)"
convert --layers none both.gox part.txt
is "--layers that are not there" 2 "$STATUS"
like "are named" '^goxel-convert: part\.txt: layer not found: --layers: .*, got none$' "$ERR"
convert --box 1,0,0,9,9,9 both.gox part.txt
is "--box" "1 0 0 00ff00;5 5 5 0000ff;" "$(lines part.txt)"
convert a.txt a.txt
is "a file over itself" "0 $(lines back.txt)" "$STATUS $(lines a.txt)"
cp a.gox model
convert --from gox model -t txt noext
is "--from and --to" "0 $(lines a.txt)" "$STATUS $(lines noext)"
convert -V -j 2 a.txt v.gox
is "--verbose" "goxel-convert: a.txt: Goxel text, bytes $(stat -c %s a.txt), layers 1, voxels 2
goxel-convert: v.gox: Goxel 3D, bytes $(stat -c %s v.gox)" "$ERR"
is "the same bytes on one thread" 0 "$(convert -j 1 a.txt w.gox; cmp -s v.gox w.gox; echo $?)"

# Each format that is written, and read again where it can be.
convert a.txt b.txt all.gox
while read -r name uses; do
    extension=${uses##*(} extension=${extension%%[ )]*}
    case $uses in
    *writes*) convert -q all.gox "all-$name.$extension" --to "$name"
        is "$name is written" "0 " "$STATUS $ERR" ;;
    esac
    case $uses in
    'reads writes '*) convert --info --json --from "$name" "all-$name.$extension"
        is "$name is read again" "0 3" "$STATUS $(jq .voxels <<< "$OUT")" ;;
    esac
done < <(grep -E '^[a-z0-9]' <<< "$FORMATS")

# ---- a file that goes with another ----

convert -o colors=material both.gox c.obj
is "an .obj" "0 " "$STATUS $ERR"
like "names its .mtl" '^mtllib c\.mtl$' "$(grep mtllib c.obj)"
is "which lies beside it, with a material for each color" 3 "$(grep -c '^newmtl' c.mtl)"
mkdir -p obj
convert -o colors=material both.gox obj/d.obj
ok "in the same folder" test -s obj/d.mtl
convert -o colors=material both.gox $'obj/two\nlines.obj'
is "a name that no project may have is none for a .mtl" "0 mtllib model.mtl" "$STATUS $(grep mtllib obj/two*.obj)"
ok "which has the name that is referred to" test -s obj/model.mtl
convert -t obj -o colors=material both.gox same.mtl
is "nor may both have one name" "2 1" "$STATUS $(test -e same.mtl; echo $?)"
convert both.gox e.obj
is "where it names none, there is none" 1 "$(grep -q mtllib e.obj || test -e e.mtl; echo $?)"
convert -t obj -o colors=material both.gox -
is "standard output has no folder for it, which is told" "0 1" "$STATUS $(grep -c 'warning: the file beside it is not written' <<< "$ERR")"
convert --strict -t obj -o colors=material both.gox -
is "and is lost to who is strict" 3 "$STATUS"
is "before a byte goes out" "" "$OUT"
convert large.txt large.txt layers.gox
convert --strict -t txt layers.gox -
is "however many there are" "3 0" "$STATUS $(stat -c %s "$WORK/.out")"
convert --strict -t txt a.txt -
is "what loses nothing goes out once" "0 $(grep -v '^#' a.txt | sort)" "$STATUS $(grep -v '^#' <<< "$OUT" | sort)"
printf '0 0 0 ff0000\n' > thin.txt
convert -i frame=0 thin.txt thin.vox
is "an option to read of another format" 2 "$STATUS"
convert thin.txt thin.vox
convert -i frame=0 thin.vox thin.txt
is "and of its own" "0 0 0 0 ff0000;" "$STATUS $(lines thin.txt)"
is "a content tells itself" "$(lines a.txt)" "$("$CONVERT" -t txt - - < a.gox | lines /dev/stdin)"

# ---- pipes ----

is "standard input and output" "$(lines a.txt)" "$("$CONVERT" -f gox -t txt - - < a.gox | lines /dev/stdin)"
is "through two of them" "$(lines a.txt)" "$("$CONVERT" a.txt -t gox - | "$CONVERT" -f gox - -t txt - | lines /dev/stdin)"
is "a process's output" "$(lines a.txt)" "$("$CONVERT" -f gox <(cat a.gox) -t txt - | lines /dev/stdin)"
convert a.gox -t txt /dev/null
is "a device" 0 "$STATUS"
convert - out.gox
like "nothing tells what comes in" "^goxel-convert: standard input: format not supported: nothing tells the format: --from" "$ERR"
is "status 2" 2 "$STATUS"
convert a.gox -
is "nor what goes out" 2 "$STATUS"
printf 'before' > closed.txt
is "a reader that is gone" 1 "$({ "$CONVERT" large.txt -t txt -; echo $? > closed.txt; } 2> /dev/null | head -c 1 > /dev/null; cat closed.txt)"

# ---- what is described ----

convert --info a.txt both.gox
is "--info of several files" "0 2" "$STATUS $(grep -c '^[a-z]' <<< "$OUT")"
like "for people" '^  layer 2 +b, voxels 1, 5,5,5 to 5,5,5 \(1 x 1 x 1\)$' "$OUT"
convert --info --json a.txt none.txt both.gox
is "one that fails does not keep the others" "1 2" "$STATUS $(wc -l <<< "$OUT")"
convert --info --to txt a.txt
is "--info writes nothing" 2 "$STATUS"

# ---- what is lost ----

cp a.gox lost.gox
printf 'MORE\004\000\000\000abcd\000\000\000\000' >> lost.gox
convert lost.gox kept.txt
is "what is lost is told" "0 goxel-convert: lost.gox: warning: unknown chunks dropped (1)" "$STATUS $ERR"
convert -q lost.gox kept.txt
is "but for --quiet" "0 " "$STATUS $ERR"
echo old > kept.txt
convert --strict lost.gox kept.txt
is "--strict: status 3" 3 "$STATUS"
like "says what" '^goxel-convert: lost\.gox: validation failed: strict: unknown chunks dropped \(1\)$' "$ERR"
is "and leaves the old file" old "$(cat kept.txt)"
convert --strict a.txt a.gox kept.gox
is "two files of one layer lose nothing" 0 "$STATUS"
echo old > kept.gox
convert --strict a.txt both.gox kept.gox
is "one of two layers does: status 3" "3 old" "$STATUS $(cat kept.gox)"
like "in the output's name" '^goxel-convert: kept\.gox: warning: layers of one file merged \(2\)$' "$ERR"

# ---- options of formats ----

convert -o nonsense=1 a.gox o.txt
is "an option that is none: status 2" 2 "$STATUS"
like "is named" '^goxel-convert: o\.txt: Invalid params: options\.nonsense: ' "$ERR"
convert -i nonsense=1 a.gox o.txt
is "to read, too" 2 "$STATUS"
like "with the file" '^goxel-convert: a\.gox: Invalid params: options\.nonsense: ' "$ERR"
is "and nothing was written" 1 "$(test -e o.txt; echo $?)"

# ---- wrong command lines, files that are not there ----

for line in '' a.txt '--nonsense a.txt b.gox' 'a.txt -o b.gox' 'a.txt b.gox --box 1,2' '-q -V a.txt b.gox' '--json a.txt b.gox' \
    'a.txt x.none' 'a.txt none' '--to none a.txt b.gox' '--from none a.txt c.gox'; do
    # shellcheck disable=SC2086 # several words
    convert $line
    is "a wrong command line: $line" 2 "$STATUS"
done
convert missing.txt c.gox
is "a file that is not there: status 1" 1 "$STATUS"
is "is named" "goxel-convert: missing.txt: file access failed: open missing.txt: No such file or directory" "$ERR"
mkdir -p folder
convert folder c.gox --from gox
is "a folder" 1 "$STATUS"
convert a.txt folder --to gox
is "a folder to write over" 1 "$STATUS"
convert a.txt none/c.gox
is "a folder that is not there" 1 "$STATUS"
printf '\033[2Jx' > "$(printf 'evil\033[2J.txt')"
convert "$(printf 'evil\033[2J.txt')" c.gox
is "what a terminal obeys is not printed" 0 "$(grep -c "$(printf '\033')" <<< "$ERR")"

# ---- damaged files ----

printf 'old' > old.gox
for n in 0 1 7 15 100 200 300; do
    head -c "$n" both.gox > cut.gox
    convert cut.gox old.gox
    [ "$STATUS" = 4 ] || fail "a file cut at $n: status 4" "$STATUS" "$ERR"
done
is "damaged files change nothing" old "$(cat old.gox)"
like "the place is told" '^goxel-convert: cut\.gox: invalid binary data: .*, offset [0-9]+$' "$ERR"
printf '0 0 0 ff0000\n1 2 nonsense\n' > bad.txt
convert bad.txt old.gox
is "a line that is none" 4 "$STATUS"
like "has its number" '^goxel-convert: bad\.txt: invalid binary data: .*, line 2' "$ERR"
convert --from gox a.txt old.gox
is "another format than was said" 4 "$STATUS"
truncate -s 2G huge.txt
convert huge.txt old.gox
is "a file that is too large" 4 "$STATUS"
rm -f huge.txt
head -c 2000000 /dev/zero > zero.gox
convert zero.gox old.gox
is "zeros" 4 "$STATUS"

# ---- what is written over ----

chmod 640 back.txt
convert b.txt back.txt
is "the mode stays" 640 "$(stat -c %a back.txt)"
(umask 027; "$CONVERT" b.txt new.gox)
is "a new file has that of the umask" 640 "$(stat -c %a new.gox)"
printf 'x' > folder/real.txt
ln -s folder/real.txt link.txt
convert b.txt link.txt
is "a link is followed" "folder/real.txt $(lines b.txt)" "$(readlink link.txt) $(lines folder/real.txt)"
printf x > folder/real.obj
ln -s folder/real.obj link.obj
convert -o colors=material b.txt link.obj
is "a link is followed by what belongs to the file" "folder/real.mtl 1" "$(ls folder/*.mtl) $(grep -c '^mtllib real.mtl$' folder/real.obj)"
ln -s nowhere.txt broken.txt
convert b.txt broken.txt
is "a link to nowhere is refused, and stays" "1 nowhere.txt 1" "$STATUS $(readlink broken.txt) $(test -e nowhere.txt; echo $?)"
like "says so" '^goxel-convert: broken\.txt: file access failed: follow the link broken\.txt: No such file' "$ERR"
convert a.gox /dev/full -t txt
is "a device that is full: status 1" 1 "$STATUS"
is "says so" "goxel-convert: /dev/full: storage full: write /dev/full: No space left on device" "$ERR"
printf 'old' > full.txt
(ulimit -f 100; timeout 120 "$CONVERT" large.txt full.txt 2> .err; echo $? > .status)
is "a file that may not grow: status 1" "1 old" "$(cat .status) $(cat full.txt)"
like "says why" '^goxel-convert: full\.txt: file access failed: write full\.txt: File too large$' "$(cat .err)"
mkdir -p small
if mount -t tmpfs -o size=256k none small 2> /dev/null; then
    printf 'old' > small/full.txt
    convert large.txt small/full.txt
    is "a disk that is full: status 1" "1 old" "$STATUS $(cat small/full.txt)"
    like "says so" 'storage full: write small/full\.txt: No space left' "$ERR"
    is "and has nothing left over" full.txt "$(ls -A small)"
    umount small
else
    skip "a disk that is full" "no file system can be mounted here"
fi
mkdir -p locked
printf 'old' > locked/c.gox
chmod 555 locked
if [ "$(id -u)" -ne 0 ]; then
    convert a.txt locked/c.gox
    is "a folder that may not be written" "1 old" "$STATUS $(cat locked/c.gox)"
elif chmod 755 "$WORK" && setpriv --reuid 65534 --regid 65534 --clear-groups "$CONVERT" --version > /dev/null 2>&1; then
    setpriv --reuid 65534 --regid 65534 --clear-groups "$CONVERT" a.txt locked/c.gox 2> .err
    is "a folder that may not be written" "1 old" "$? $(cat locked/c.gox)"
    like "says so" 'Permission denied' "$(cat .err)"
else
    skip "a folder that may not be written" "nobody else can run the program"
fi
chmod 755 locked
is "nothing is left over" "" "$(leftovers)"

# ---- signals ----

# interrupted SIGNAL COMMAND…: starts it, waits for $1 to hold, sends the signal; its status
interrupted() {
    local signal=$1 condition=$2 pid
    shift 2
    env --default-signal=INT,TERM,HUP "$@" > /dev/null 2> .err & # a shell gives SIGINT to none of these
    pid=$!
    PIDS+=("$pid")
    until_true 200 eval "$condition" || note "it did not come to: $condition"
    kill "-$signal" "$pid"
    wait "$pid"
    echo $?
}
mkfifo pipe
printf 'old' > cancelled.gox
is "INT while it reads" 130 "$(interrupted INT 'grep -q pipe_read /proc/$pid/wchan || grep -q "^State:.S" /proc/$pid/status' "$CONVERT" -f txt pipe cancelled.gox)"
exec 9<> pipe
is "TERM while it waits for a pipe" 143 "$(interrupted TERM 'grep -q "^State:.S" /proc/$pid/status' "$CONVERT" -f txt pipe cancelled.gox)"
is "TERM while nobody takes what it writes" 143 "$(interrupted TERM 'grep -q "^State:.S" /proc/$pid/status && ! grep -q "^0$" <<< "$(cut -d " " -f 14 /proc/$pid/stat)"' "$CONVERT" -t txt large.txt pipe)"
exec 9>&-
for signal in INT TERM HUP; do
    is "$signal while it writes" "$((128 + $(kill -l $signal)))" "$(interrupted $signal 'test -n "$(leftovers)"' "$CONVERT" large.txt cancelled.gox)"
done
is "leaves the old file" old "$(cat cancelled.gox)"
is "and nothing else" "" "$(leftovers)"

# ---- a terminal ----

like "progress on a terminal" 'reading large.txt .*writing seen.gox ' "$(script -qec "$CONVERT large.txt seen.gox" /dev/null < /dev/null | tr '\r' ' ')"
is "but for --quiet" "" "$(script -qec "$CONVERT -q a.txt seen.gox" /dev/null < /dev/null)"
convert large.txt seen.gox
is "and none elsewhere" "0 " "$STATUS $ERR$OUT"

# ---- other programs' files ----

if [ -n "${GOXEL_TEST_MODELS:-}" ]; then
    for model in "$GOXEL_TEST_MODELS"/*.*; do
        convert --info --json "$model"
        case $STATUS in
        0) ok "${model##*/} is described" jq -e '.voxels >= 0' .out ;;
        *) note "${model##*/}: $ERR"
            like "${model##*/} is refused: for a reason" '^[24] goxel-convert: .*: .' "$STATUS $ERR" ;;
        esac
    done
else
    skip "other programs' files" "GOXEL_TEST_MODELS names no folder with models"
fi

# ---- pictures ----

# A few kilobytes of one colour, 4096 by 1024 pixels: columns of them may be no world.
python3 - <<'PY'
import struct, zlib

def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

with open("wide.png", "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4096, 1024, 8, 0, 0, 0, 0))
               + chunk(b"IDAT", zlib.compress(bytes(4097 * 1024), 9)) + chunk(b"IEND", b""))
PY
convert -i mode=extrude -i depth=512 wide.png wide.gox
is "a picture makes no more than its pixels allow" "4 1" "$STATUS $(test -e wide.gox; echo $?)"
like "says so" '524288.*131072|131072.*524288' "$ERR"
convert -i mode=extrude -i depth=16 wide.png wide.gox
is "a flat one it does" 0 "$STATUS"

done_testing
