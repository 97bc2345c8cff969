#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a stopped daemon keeps is damaged, one way after the other: it is found and told, all that is good is kept, and nobody else
# notices. And backups, which are what is left when nothing is good.
. "$(dirname "$0")/lib.sh"

CTL=$GOXEL_BUILD/bin/goxelctl
HELPER=$TESTS/integration/repair.py

# ctl ARGUMENTS…: OUT, ERR, STATUS
ctl() {
    timeout 60 "$CTL" "$@" > "$WORK/out" 2> "$WORK/err" < /dev/null
    STATUS=$?
    OUT=$(cat "$WORK/out") ERR=$(cat "$WORK/err")
}
offline() { ctl --directory "$KEPT" "$@"; }

# start: the daemon on the configuration that is there
start() {
    launch
    if ! ready; then
        fail "the daemon starts" "$(tail -n 20 "$LOG")"
        ENDED=1
        exit 1
    fi
}
kill_daemon() {
    kill -KILL "$PID" 2> /dev/null
    ended 2> /dev/null
}
voxels() { result voxel.query "{\"project\":\"$1\",\"layer_id\":\"all\",\"return_format\":\"count\"}" .count; }
# look: all that a client can see, but for the epoch, which is each start's own
look() { picture | sed 's/"epoch":[0-9]*,//' | md5sum; }
files() { (cd "$1" && find . -type f ! -name '*-wal' ! -name lock -exec md5sum {} + | sort -k 2); }

# ---- three projects ----

write_config
KEPT=$DIR/projects
start
rpc project.create '{"name":"castle"}' >/dev/null
rpc voxel.fill '{"region":{"min":[0,0,0],"max":[19,3,3]},"color":"#ff8000"}' >/dev/null
rpc layer.create '{"name":"roof"}' >/dev/null
rpc voxel.fill '{"region":{"min":[0,20,0],"max":[19,22,3]},"color":"#00ff00"}' >/dev/null
rpc voxel.add '{"x":40,"y":40,"z":40,"color":"#01020380","request_key":"once"}' >/dev/null
rpc project.create '{"name":"house"}' >/dev/null
rpc voxel.fill '{"region":{"min":[0,0,0],"max":[9,9,9]},"color":"#0000ff"}' >/dev/null
rpc project.create '{"name":"hut"}' >/dev/null
rpc voxel.add '{"x":1,"y":2,"z":3,"color":"#ff0000"}' >/dev/null
ctl --config "$CONF" check
is "while the daemon runs nothing is checked" 1 "$STATUS"
like "and why" "a daemon \\(PID $PID\\) uses .*/projects: stop it, " "$ERR"
ctl --config "$CONF" repair
is "nor repaired" 1 "$STATUS"
ctl --config "$CONF" dump castle
is "nor dumped" 1 "$STATUS"
all=$(voxels castle)
before=$(look)
stop_daemon
GOOD=$DIR/good
cp -a "$KEPT" "$GOOD"

# fresh: the folder as it was
fresh() {
    rm -rf "$KEPT"
    cp -a "$GOOD" "$KEPT"
}

# ---- all is whole ----

ctl --config "$CONF" check
is "what is whole" 0 "$STATUS"
like "is told so" "^p1  castle  version [0-9]+  layers 2  voxels $all  ok$" "$OUT"
is "of each" 3 "$(grep -c '  ok$' <<< "$OUT")"
is "and nothing is changed" "$(files "$GOOD")" "$(files "$KEPT")"
offline check p3 house
is "of some" '0 p2 p3' "$STATUS $(cut -d' ' -f1 <<< "$OUT" | xargs)"
offline --json check
is "as JSON" '0 [true,[],3]' "$STATUS $(jq -c '[.whole, .damage, (.projects | length)]' <<< "$OUT")"
offline repair
is "a repair of what is whole" 0 "$STATUS"
is "changes nothing" "$(files "$GOOD")" "$(files "$KEPT")"
offline check nobody
like "one that is not there" '^1 goxelctl: .*nobody' "$STATUS $ERR"
ln -s "$KEPT" "$DIR/link"
ctl --directory "$DIR/link" check
is "through a link" 0 "$STATUS"
mkdir "$DIR/empty"
ctl --directory "$DIR/empty" check
like "a folder that is no store" '^5 goxelctl: .*is no storage.directory' "$STATUS $ERR"
is "gets nothing" '' "$(ls -A "$DIR/empty")"
ctl --directory "$DIR/nothing" check
is "one that is not there" 5 "$STATUS"
ok "is not made" test ! -e "$DIR/nothing"
ctl --url "$URL" check
is "a URL is none of its options" 2 "$STATUS"
offline --interval 2 status
is "nor is a folder one of others" 2 "$STATUS"
offline dump castle
is "a dump" 0 "$STATUS"
is "is lines of JSON" bricks,history,keys,project,sums "$(python3 "$HELPER" lines < "$WORK/out")"

# ---- one way of damage after the other ----

# refused NAME REGEX: the daemon serves the others and refuses castle
refused() {
    start
    ctl --socket "$SOCK" project info castle
    is "$1: goxelctl status" 1 "$(ctl --socket "$SOCK" --json status; jq .damaged_projects <<< "$OUT")"
    like "$1: goxelctl status, for people" '^damaged      1 project; ' "$(ctl --socket "$SOCK" status; echo "$OUT")"
    like "$1: goxelctl project list" '^p1  castle .* DAMAGED  -$' "$(ctl --socket "$SOCK" project list; echo "$OUT")"
    is "$1: the daemon is well" 200 "$(status "$URL/health")"
    is "$1: and says so" 1 "$(curl -s "$URL/health" | jq .damaged_projects)"
    ok "$1: so do the statistics" eval 'curl -s "$URL/metrics" | grep -qx "goxel_store_projects_damaged 1"'
    is "$1: it is refused" -1010 "$(code project.get_info '{"project":"castle"}')"
    like "$1: with the reason" "$2" "$(rpc project.get_info '{"project":"castle"}' | jq -c .error)"
    like "$1: and what to do" 'goxelctl check p1 tells more, goxelctl repair ' \
        "$(rpc project.get_info '{"project":"castle"}' | jq -c .error.data.expected)"
    is "$1: others are served" '[1000,1]' "[$(voxels house),$(voxels hut)]"
    stop_daemon
}

# found NAME REGEX [ADVICE]: check says it, as text and as JSON
found() {
    offline check
    is "$1: check finds it" 4 "$STATUS"
    like "$1: and tells" "$2" "$OUT"
    is "$1: and of no other" 2 "$(grep -c '  ok$' <<< "$OUT")"
    is "$1: and once" 1 "$(grep -cE "$2" <<< "$OUT")"
    like "$1: and what to do" "${3:-^goxelctl repair keeps what is good}" "$OUT"
    offline --json check
    is "$1: as JSON" '4 [false,"p1"]' "$STATUS $(jq -c '[.whole, (.projects[] | select(.state != "ok") | .id)]' <<< "$OUT")"
    like "$1: as JSON, the reason" "$2" "$(jq -r '.projects[0].damage[]' <<< "$OUT")"
}

# repaired NAME VOXELS REDONE: all else is kept, served, and whole from then on; so many voxels there are once the last step, which
# set one voxel, was taken back and done again: the history still had it
repaired() {
    local others
    others=$(files "$KEPT" | grep -v -e /p1/ -e projects.json)
    offline repair
    is "$1: repair" 0 "$STATUS"
    like "$1: tells what is kept" "^p1  castle  version [0-9]+  layers 2  voxels $2( of $all)?  repaired$" "$OUT"
    is "$1: and that it is not all" $(($2 < all)) "$(grep -c "^p1 .* of $all  repaired$" <<< "$OUT")"
    ASIDE=$(sed -n 's/^  the damaged file is //p' <<< "$OUT")
    ok "$1: the damaged file is there" test -s "$ASIDE"
    is "$1: others are as they were" "$others" "$(files "$KEPT" | grep -v -e /p1/ -e projects.json)"
    is "$1: modes" '640 640' "$(stat -c %a "$KEPT/p1/project.db" "$KEPT/projects.json" | xargs)"
    offline check
    is "$1: it is whole" 0 "$STATUS"
    start
    is "$1: it is served" "$2" "$(voxels castle)"
    is "$1: and the others" '[1000,1]' "[$(voxels house),$(voxels hut)]"
    is "$1: undo" 1 "$(result project.undo '{"project":"castle"}' .steps)"
    is "$1: redo" 1 "$(result project.redo '{"project":"castle"}' .steps)"
    is "$1: lead where they did" "$3" "$(voxels castle)"
    is "$1: it can be edited" 1 "$(result voxel.add '{"project":"castle","x":-5,"y":-5,"z":-5,"color":"#ffffff"}' .version | grep -c .)"
    stop_daemon
    offline check
    is "$1: and is whole after that" 0 "$STATUS"
}

for layer in 1 2; do
    fresh
    read -r place lost <<< "$(python3 "$HELPER" flip "$KEPT/p1/project.db" $layer | sed 's/ \([0-9]*\)$/;\1/' | tr -d ' ' | tr ';' ' ')"
    place="layer $layer, brick at \\(${place//,/, }\\): its voxels"
    found "a bit of layer $layer" "$place"
    refused "a bit of layer $layer" "$place"
    found "a bit of layer $layer, listed" "$place"
    repaired "a bit of layer $layer" $((all - lost)) $((layer == 2 ? all : all - lost))
done

fresh
read -r _ lost <<< "$(python3 "$HELPER" lose "$KEPT/p1/project.db" 1 | sed 's/ \([0-9]*\)$/;\1/' | tr -d ' ' | tr ';' ' ')"
found "a lost brick" 'layer 1 has 1 bricks of 2'
refused "a lost brick" 'layer 1 has 1 bricks of 2'
repaired "a lost brick" $((all - lost)) $((all - lost))

# What nothing is left of stays as it is, whoever else is repaired.
fresh
truncate -s 5000 "$KEPT/p1/project.db"
BACKUP='^  restore a backup, .*goxelctl project delete p1, then goxelctl project restore FILE$'
found "a truncated database" 'project.db: ' "$BACKUP"
kept=$(files "$KEPT")
offline repair
like "a truncated database: there is no repair" '^4 .*p1  castle  not repaired' "$STATUS $(tr '\n' ' ' <<< "$OUT")"
like "but a backup" "$BACKUP" "$OUT"
is "and nothing is changed" "$kept" "$(files "$KEPT")"
refused "a truncated database" 'project.db: '

fresh
python3 "$HELPER" head "$KEPT/p1/project.db"
found "the row of the project" 'the row of the project is not as it was written' "$BACKUP"
refused "the row of the project" 'the row of the project is not as it was written'

fresh
rm "$KEPT/p1/project.db"
found "a missing database" 'its database is missing' "$BACKUP"
offline repair
is "a missing database: there is no repair" 4 "$STATUS"
ok "and none is made" test ! -e "$KEPT/p1/project.db"
refused "a missing database" 'its database is at version 0, and was at'

# An entry of the list that is marked.
fresh
jq -c '.projects[0].damaged = "somebody said so"' "$GOOD/projects.json" > "$KEPT/projects.json"
found "a mark in the list" 'marked as damaged: somebody said so'
refused "a mark in the list" 'somebody said so'
repaired "a mark in the list" "$all" "$all"

# A list that is none.
fresh
echo '{"version": 3, ' > "$KEPT/projects.json"
offline check
like "a list that is none" '^4 goxelctl: .*projects.json is not as it was written' "$STATUS $ERR"

# ---- the journal ----

fresh
start
for i in 1 2 3 4 5 6 7 8; do rpc voxel.add "{\"project\":\"castle\",\"x\":$((i + 50)),\"y\":0,\"z\":0,\"color\":\"#ff00ff\"}" >/dev/null; done
rpc project.create '{"name":"young"}' >/dev/null
rpc voxel.add '{"x":1,"y":2,"z":3,"color":"#ff0000"}' >/dev/null
kill_daemon
offline check
is "after a kill" 0 "$STATUS"
like "the journal counts" "^p1  castle  .*  voxels $((all + 8))  ok$" "$OUT"
like "also for who is in it alone" '^p4  young  .*  voxels 1  ok$' "$OUT"
offline dump young
like "their records are dumped" '"table":"journal","kind":"add"' "$OUT"
python3 "$HELPER" journal "$KEPT"
offline check
is "a byte of the journal" 4 "$STATUS"
like "is told first" 'projects: damaged$' "$(head -n 1 <<< "$OUT")"
like "with the place" '^  the journal is damaged in 1 place, first journal-[0-9]+\.log, byte [0-9]+' "$(sed -n 2p <<< "$OUT")"
like "and whom it hit" '^  records are missing: ' "$OUT"
is "as JSON" 1 "$(offline --json check; jq '.damage | length' <<< "$OUT")"
offline repair
is "it is repaired" 0 "$STATUS"
like "with what was done before" '^p1  castle  .*  repaired$' "$OUT"
left=$(sed -n 's/^p1 .*voxels \([0-9]*\) .*/\1/p' <<< "$OUT")
ok "which is not all, nor nothing" test "$left" -ge "$all" -a "$left" -lt $((all + 8))
start
is "that is served" "$left" "$(voxels castle)"
is "and the others" '[1000,1,1]' "[$(voxels house),$(voxels hut),$(voxels young)]"
is "undo works" 1 "$(result project.undo '{"project":"castle"}' .steps)"
stop_daemon
offline check
is "the daemon sets the journal aside, and all is whole" 0 "$STATUS"
ok "it is there" eval 'ls "$KEPT"/damaged-*-journal-*.log'

# edited: the folder as a kill leaves it, with eight edits of castle that no checkpoint has
edited() {
    fresh
    start
    for i in 1 2 3 4 5 6 7 8; do rpc voxel.add "{\"project\":\"castle\",\"x\":$((i + 50)),\"y\":0,\"z\":0,\"color\":\"#ff00ff\"}" >/dev/null; done
    late=$(result project.get_info '{"project":"castle"}' .version)
    kill_daemon
}
version() { sed -n 's/^p1  castle  version \([0-9]*\) .*/\1/p' <<< "$OUT"; }

# What the journal has of a project that is damaged is not forgotten with it.
edited
cp "$KEPT/p1/project.db" "$DIR/whole.db"
read -r _ lost <<< "$(python3 "$HELPER" flip "$KEPT/p1/project.db" 1 | sed 's/ \([0-9]*\)$/;\1/' | tr -d ' ' | tr ';' ' ')"
cp -a "$KEPT" "$DIR/edited"
refused "edits of a damaged project" 'layer 1, brick at'
refused "edits of a damaged project, again" 'layer 1, brick at'
is "the journal goes on without it" '' "$(ls "$KEPT" | grep ^damaged)"
offline dump castle
is "but they are there" 8 "$(grep -c '"kind":"edit"' <<< "$OUT")"
offline check castle
is "a check has them" "4 $((all + 8 - lost)) $late" "$STATUS $(sed -n 's/.*voxels \([0-9]*\).*/\1/p' <<< "$OUT") $(version)"
repaired "edits of a damaged project" $((all + 8 - lost)) $((all + 8 - lost))
ok "at a later version" test "$(version)" -gt "$late"

# And if nothing was wrong with it in the end, a hand that takes the mark out has all.
rm -rf "$KEPT"
mv "$DIR/edited" "$KEPT"
refused "a disk that fails for a time" 'layer 1, brick at'
cp "$DIR/whole.db" "$KEPT/p1/project.db"
jq -c 'del(.projects[0].damaged)' "$KEPT/projects.json" > "$DIR/mended"
cp "$DIR/mended" "$KEPT/projects.json"
start
is "what it had taken is there" $((all + 8)) "$(voxels castle)"
stop_daemon
start
is "and stays" $((all + 8)) "$(voxels castle)"
is "and can be undone" $((all + 7)) "$(result project.undo '{"project":"castle"}' .steps >/dev/null; voxels castle)"
stop_daemon

# Its records are damaged as well.
edited
python3 "$HELPER" flip "$KEPT/p1/project.db" 1 > /dev/null
refused "records that are damaged" 'layer 1, brick at'
python3 "$HELPER" byte "$KEPT/p1/remains.log"
found "records that are damaged" 'p1/remains.log is not as it was written'
repaired "records that are damaged" $((all - lost)) $((all - lost))

# An entry of the list that says nothing.
edited
cp "$KEPT/projects.json" "$DIR/listed"
jq -c '.projects[0].name = 5' "$DIR/listed" > "$KEPT/projects.json"
start
is "an entry that says nothing: the others are served" '[1000,1]' "[$(voxels house),$(voxels hut)]"
stop_daemon
jq -c '.projects |= map(if .id == "p1" then .name = "castle" else . end)' "$KEPT/projects.json" > "$DIR/mended"
cp "$DIR/mended" "$KEPT/projects.json"
offline check
is "its records wait for it" "0 $((all + 8))" "$STATUS $(sed -n 's/^p1 .*voxels \([0-9]*\).*/\1/p' <<< "$OUT")"
start
is "and are served" $((all + 8)) "$(voxels castle)"
stop_daemon

# No list at all.
edited
rm "$KEPT/projects.json"
cp -a "$KEPT" "$DIR/unlisted"
launch
ended
like "without a list no daemon starts" 'projects.json is missing, and there are projects' "$(cat "$LOG")"
is "and it leaves all as it is" "$(files "$DIR/unlisted" | grep /p)" "$(files "$KEPT" | grep /p)"
offline check
is "a check finds them" "4 3" "$STATUS $(grep -c 'projects.json is missing' <<< "$OUT")"
offline repair p1
is "one is repaired" 0 "$STATUS"
start
is "that one is there, with what was done to it last" $((all + 8)) "$(voxels castle)"
is "and no other is forgotten" -1010 "$(code project.get_info '{"project":"p2"}')"
stop_daemon
offline repair
is "all are repaired" 0 "$STATUS"
start
is "and there again" "[$((all + 8)),1000,1]" "[$(voxels castle),$(voxels house),$(voxels hut)]"
stop_daemon

# ---- as somebody else ----

if [ "$(id -u)" -eq 0 ]; then
    fresh
    chmod 755 "$WORK" "$DIR"
    python3 "$HELPER" flip "$KEPT/p1/project.db" 1 > /dev/null
    chown -R nobody "$KEPT"
    # A process whose user was changed cannot be looked into, not even by the leak checker that is linked into it.
    ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" offline repair castle
    is "a superuser repairs what is the daemon's" 0 "$STATUS"
    is "and all of it stays the daemon's" '' "$(find "$KEPT" ! -user nobody)"
else
    skip "a superuser's repair" "it takes a superuser"
fi

# ---- backups ----

fresh
start
is "nothing was changed by all that" "$before" "$(look)"
c() { ctl --socket "$SOCK" "$@"; }
c project backup castle "$DIR/files/castle.backup"
like "a backup" "^0 $DIR/files/castle.backup: version [0-9]+, " "$STATUS $OUT"
one='[.count, .voxels]'
was=$(result voxel.query '{"project":"castle","layer_id":"all"}' "$one" | md5sum)
steps=$(result project.get_history '{"project":"castle"}' '[.steps[] | .name, .undone]')
c project delete castle
is "it is deleted" '0 castle (p1): deleted' "$STATUS $OUT"
like "and gone" '^-10' "$(code project.get_info '{"project":"castle"}')"
c project restore "$DIR/files/castle.backup"
like "it is restored" "^0 castle \(p[0-9]+\): version [0-9]+, layers 2, voxels $all$" "$STATUS $OUT"
is "with the same voxels" "$was" "$(result voxel.query '{"project":"castle","layer_id":"all"}' "$one" | md5sum)"
is "and history" "$steps" "$(result project.get_history '{"project":"castle"}' '[.steps[] | .name, .undone]')"
is "which goes on" 1 "$(result project.undo '{"project":"castle"}' .steps)"
c project restore "$DIR/files/castle.backup" --name other
like "under another name" '^0 other \(p' "$STATUS $OUT"
is "its file is the one of the project that has it" true \
    "$(rpc project.save "{\"project\":\"castle\",\"path\":\"$DIR/files/castle.gox\"}" | jq 'has("result")')"
c project backup castle "$DIR/files/filed.backup"
c project restore "$DIR/files/filed.backup" --name third
is "and not that of its copy" null "$(result project.get_info '{"project":"third"}' .path)"
c project delete third
cp "$DIR/files/castle.backup" "$DIR/files/new.backup"
python3 "$HELPER" layout "$DIR/files/new.backup"
c project restore "$DIR/files/new.backup"
like "a newer daemon's backup" "format not supported: $DIR/files/new.backup: it is of layout 99, .* \\(-1006\\)$" "$ERR"
python3 "$HELPER" other "$DIR/files/other.backup"
c project restore "$DIR/files/other.backup"
like "what is none" "$DIR/files/other.backup is no backup of a project, .*: it is no project's database \\(-1010\\)$" "$ERR"
prlimit --fsize=1000:unlimited --pid "$PID"
c project restore "$DIR/files/castle.backup"
prlimit --fsize=unlimited --pid "$PID"
like "a folder without room" "a copy of $DIR/files/castle.backup in storage.directory: File too large \\(-1005\\)$" "$ERR"
ok "nothing of it stays" eval '! ls "$KEPT"/.goxel-*'
c project close other
is "what is not saved is not closed" 1 "$STATUS"
like "it says which options there are" '^goxelctl: --save .*, --discard ' "$ERR"
c project close other --save
like "one without a file is not saved" '^goxelctl: project.close: .* \(-1016\)$' "$ERR"
like "and how to save it" '^goxelctl: goxelctl call project\.save ' "$ERR"
c project close other --save --discard
is "one of both" 2 "$STATUS"
c project close hut --discard
like "or is, without it" '^0 hut \(p3\): closed$' "$STATUS $OUT"
c project list
like "which the list shows" '^p3  hut .* closed  -$' "$OUT"
c --json project backup house "$DIR/files/house.backup"
is "JSON" "0 \"$DIR/files/house.backup\"" "$STATUS $(jq .path <<< "$OUT")"
stop_daemon

# ---- the trash ----

cp "$KEPT"/trash/p1-*/project.db "$DIR/files/thrown away.db"
start
c project restore "$DIR/files/thrown away.db" --name back
like "what was deleted is had back from the trash" "^0 back \\(p[0-9]+\\): version [0-9]+, layers 2, voxels $all$" "$STATUS $OUT"
is "with its history" 1 "$(result project.undo '{"project":"back"}' .steps)"
stop_daemon
done_testing
