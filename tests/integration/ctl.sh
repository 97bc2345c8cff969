#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# goxelctl against a real daemon, over its socket and over TCP, and against servers that are none.
. "$(dirname "$0")/lib.sh"

CTL=$GOXEL_BUILD/bin/goxelctl
HELPER=$TESTS/integration/ctl.py
ESC=$(printf '\033')
# What a terminal obeys: C0 but for tab and newline, DEL, and C1 in UTF-8.
COMMANDS=$(printf '[\001-\010\013-\037\177]|\302[\200-\237]|\342\200\256')

# ctl ARGUMENTS…: OUT, ERR, STATUS
ctl() {
    timeout 60 "$CTL" "$@" > "$WORK/out" 2> "$WORK/err" < /dev/null
    STATUS=$?
    OUT=$(cat "$WORK/out") ERR=$(cat "$WORK/err")
}

# json NAME ARGUMENTS…: succeeds with one line of JSON that somebody else can read, and nothing on standard error
json() {
    local name=$1
    shift
    ctl --json "$@"
    is "$name: status" 0 "$STATUS"
    is "$name: one line" 1 "$(wc -l < "$WORK/out")"
    ok "$name: JSON" python3 -m json.tool "$WORK/out"
    is "$name: nothing else" '' "$ERR"
}

# Without a daemon.
ctl --help
is "--help" 0 "$STATUS"
like "--help names the commands" '^  project undo NAME \[STEPS\] ' "$OUT"
like "and the exit statuses" '^Exit status:   0  done   1  ' "$(tr '\n' ' ' <<< "$OUT" | sed 's/.*Exit status/Exit status/')"
ctl help call
like "help of a command" '^Usage: goxelctl \[OPTION\]\.\.\. call METHOD \[JSON\]$' "$OUT"
ctl help project
is "help of a family" "0 $("$CTL" --help | grep -c '^  project ')" "$STATUS $(grep -c '^  project ' <<< "$OUT")"
ctl top --help
like "and its own options" '^  -n --interval SECONDS ' "$OUT"
ctl --version
like "--version" '^goxelctl version [0-9]' "$OUT"
ctl
is "no command" "2 goxelctl: wrong command line: a command is missing; see goxelctl --help" "$STATUS $ERR"
ctl statsu
like "a mistyped one" '^goxelctl: wrong command line: statsu: no such command; did you mean ' "$ERR"
ctl --url http://127.0.0.1:1 --socket /x status
is "two ways to the daemon" 2 "$STATUS"
ctl --url localhost:7890 status
is "a URL that is none" 2 "$STATUS"

write_config
ctl --socket "$SOCK" status
is "nobody at the socket" 3 "$STATUS"
like "is told" "^goxelctl: no daemon answers at $SOCK: " "$ERR"
like "with what to do" '^goxelctl: is it running\? start it .*, or say where it is: --config, ' "$ERR"
ctl --url "$URL" health
is "nobody at the URL" 3 "$STATUS"
ctl --config "$CONF" health
like "nobody at either place" "^goxelctl: no daemon answers at $SOCK or at $URL: " "$ERR"
ctl --config "$DIR/none.conf" health
is "no such configuration" 2 "$STATUS"
ctl --config "$CONF" watch --nonsense
is "an unknown option" 2 "$STATUS"

# Every command, both ways.
start_daemon
printf 'not a project\n' > "$DIR/files/bad.gox"
for way in "--socket $SOCK" "--url $URL/"; do
    kind=${way%% *}
    # shellcheck disable=SC2086 # two words
    w() { ctl "$@" $way; }
    wj() { json "$kind $1 --json" "${@:2}" $way; }

    w status
    is "$kind status" 0 "$STATUS"
    like "$kind status: state" '^state        RUNNING$' "$OUT"
    like "$kind status: PID" "^pid          $PID\$" "$OUT"
    wj status status
    is "$kind status: the daemon's own" "$PID" "$(jq .pid <<< "$OUT")"
    w health
    is "$kind health" 0 "$STATUS"
    like "$kind health: checks" '^responsive +yes ' "$OUT"
    wj health health
    is "$kind health: the daemon's own" true "$(jq .healthy <<< "$OUT")"
    w stats
    like "$kind stats" '^goxel_workers 4$' "$OUT"
    wj stats stats
    is "$kind stats: the daemon's own" 4 "$(jq '.goxel_workers.samples[0].value' <<< "$OUT")"
    w state
    like "$kind state" '^log level    info$' "$OUT"
    wj state state
    is "$kind state: the daemon's own" RUNNING "$(jq -r .state <<< "$OUT")"
    w methods
    like "$kind methods" '^voxel\.add  +Sets one voxel\.$' "$OUT"
    w methods voxel.add
    like "$kind methods METHOD" '^color  +color  +yes ' "$OUT"
    wj methods methods layer
    is "$kind methods FAMILY" true "$(jq '.count > 2' <<< "$OUT")"

    w log-level debug
    is "$kind log-level LEVEL" "0 debug" "$STATUS $OUT"
    w log-level
    is "$kind log-level" "0 debug" "$STATUS $OUT"
    wj log-level log-level info
    is "$kind log-level: the level" '{"level":"info"}' "$OUT"
    w log-level loud
    is "$kind a level that is none" 2 "$STATUS"

    w reload
    is "$kind reload" "0 nothing has changed" "$STATUS $OUT"
    wj reload reload

    name=m${kind#--}
    w call project.create "{\"name\":\"$name\"}"
    is "$kind call" 0 "$STATUS"
    like "$kind call: indented" "^  \"name\": \"$name\",\$" "$OUT"
    ok "$kind call: still JSON" python3 -m json.tool "$WORK/out"
    wj call call voxel.fill '{"region":{"min":[0,0,0],"max":[7,7,7]},"color":"#FF0000"}'
    is "$kind call: the result" 512 "$(jq .filled <<< "$OUT")"
    wj "call []" call voxel.get '[1, 2, 3]'
    w project list
    like "$kind project list" "^p[0-9]+ +$name +1 +512 +yes .* open +-\$" "$OUT"
    wj "project list" project list
    w project info "$name"
    like "$kind project info" '^dimensions   8 x 8 x 8$' "$OUT"
    like "$kind project info: bounds" '^bounds       0 0 0 to 7 7 7$' "$OUT"
    wj "project info" project info "$name"
    w project export "$name" "$DIR/files/$name.gox"
    is "$kind project export" 0 "$STATUS"
    like "$kind project export: the file" "^$DIR/files/$name\.gox: gox, [0-9]+ B\$" "$OUT"
    ok "$kind project export: is there" test -s "$DIR/files/$name.gox"
    wj "project export" project export "$name" "$DIR/files/$name.txt"
    cd "$DIR/files" || exit
    w project import "$name.txt" --name "$name-2"
    is "$kind project import" "0 $name-2" "$STATUS ${OUT%% *}"
    wj "project import" project import "$name.gox" --name "$name 3"
    cd "$WORK" || exit
    w project undo "$name"
    is "$kind project undo" "0 1 taken back" "$STATUS ${OUT%%,*}"
    w project redo "$name"
    is "$kind project redo" "0 1 done again" "$STATUS ${OUT%%,*}"
    is "$kind project redo: its effect" 512 "$(result voxel.query "{\"project\":\"$name\",\"return_format\":\"count\"}" .count)"
    w project redo "$name"
    like "$kind nothing to do again" '^goxelctl: project\.redo: .* \(-1016\)$' "$ERR"
    wj "project undo" project undo "$name"
    wj "project redo" project redo "$name" 1
    w project undo "$name" 7
    is "$kind more than there is: status" 1 "$STATUS"
    like "$kind more than there is" '^goxelctl: project\.undo: .* \(-1016\)$' "$ERR"
    w project undo "$name" none
    is "$kind steps that are no number" 2 "$STATUS"
    w project info nobody
    is "$kind project info of none" 1 "$STATUS"
    like "$kind project info of none: why" '\(-1001\)$' "$ERR"
    w project import "$DIR/files/bad.gox"
    is "$kind a file that is none" 1 "$STATUS"
    w project import "$DIR/files/none.gox"
    is "$kind a file that is not there" 5 "$STATUS"
    w project import "$DIR/files/$name.gox"
    is "$kind a name that a project has" 1 "$STATUS"
    like "$kind a name that a project has: what to do" '--name gives another, --replace replaces it$' "$ERR"
    w project import "$DIR/files/$name.gox" --replace
    like "$kind project import --replace" ', in place of what it had$' "$OUT"
    w project undo "$name"
    is "$kind which undo takes back" 0 "$STATUS"
    w project export "$name" "$DIR/files/part.txt" --option layers=1 -o box=0,0,0,0,0,0 --strict
    is "$kind project export --option" 0 "$STATUS"
    w project export "$name" "$DIR/files/part.obj" --option scale=zero
    is "$kind project export: an option that is wrong" 1 "$STATUS"
    like "$kind project export: is named" 'options\.scale: expected a number from ' "$ERR"
    w project export "$name" "$DIR/files/a part.obj" -o colors=material -o mesher=faces -o scale=2 --json
    is "$kind project export: of a file with another one beside it" "0 $DIR/files/a part.mtl" "$STATUS $(jq -r '.companions[]' <<< "$OUT")"
    is "$kind project export: they know each other" 'mtllib a part.mtl' "$(grep mtllib "$DIR/files/a part.obj")"
    is "$kind project export: and fit" "$(grep '^usemtl' "$DIR/files/a part.obj" | cut -c4- | sort -u)" \
        "$(grep '^newmtl' "$DIR/files/a part.mtl" | cut -c4- | sort -u)"
    mkdir -p "$DIR/files/real"
    printf x > "$DIR/files/real/named.obj"
    ln -sf real/named.obj "$DIR/files/link.obj"
    w project export "$name" "$DIR/files/link.obj" -o colors=material
    is "$kind project export: to where a link leads, both" "0 real/named.obj mtllib named.mtl" \
        "$STATUS $(readlink "$DIR/files/link.obj") $(grep mtllib "$DIR/files/real/named.obj")"
    ok "$kind project export: which lies there" test -s "$DIR/files/real/named.mtl"
    w call voxel.add "{\"x\":0,\"y\":0,\"z\":9,\"color\":[1,2,3,9],\"project\":\"$name\"}"
    w project export "$name" "$DIR/files/strict.txt" --strict
    is "$kind project export --strict" "1 1" "$STATUS $(test -e "$DIR/files/strict.txt"; echo $?)"
    like "$kind project export --strict: what" '^goxelctl: warning: translucent voxels dropped \(1\)$' "$ERR"
    w project export "$name" "$DIR/files/lost.txt"
    is "$kind project export: what is lost is told as goxel-convert does" '0 goxelctl: warning: translucent voxels dropped (1)' "$STATUS $ERR"
    w project export "$name" "$DIR/files/lost.txt" --json
    is "$kind project export --json: and as the daemon does" '[{"what":"translucent voxels dropped","count":1}]' "$(jq -c .warnings <<< "$OUT")"
    w project export "$name" "$DIR/files/kept.gox" --json
    is "$kind project export --json: or nothing is" '[]' "$(jq -c .warnings <<< "$OUT")"
    w project import "$DIR/files/$name.txt" --name "$name-3" --strict -o nonsense=1
    is "$kind project import --option" 1 "$STATUS"
    like "$kind project import: is named" 'options\.nonsense' "$ERR"
    w project export nobody "$DIR/files/nobody.gox"
    is "$kind a project that is none" 1 "$STATUS"
    ok "$kind leaves no file" test ! -e "$DIR/files/nobody.gox"
    w project export "$name" "$DIR/files/folder/$name.gox"
    is "$kind a folder that is none" 5 "$STATUS"
    w project export "$name" "$DIR/files/$name"
    is "$kind a file without an ending" 2 "$STATUS"

    w call voxel.get '{"x":"a"}'
    is "$kind wrong parameters" 1 "$STATUS"
    like "$kind wrong parameters: the field" '^goxelctl: data: \{"field":"x",' "$ERR"
    w --json call voxel.get '{"x":"a"}'
    is "$kind wrong parameters as JSON" -32602 "$(jq .code <<< "$ERR")"
    w call no.such
    like "$kind no such method" '^goxelctl: no\.such: Method not found.* \(-32601\)$' "$ERR"
    w top -n 0.1
    is "$kind top without a terminal" 0 "$STATUS"
    like "$kind top: methods" '^voxel\.fill +[0-9.]+ ' "$OUT"
    wj top top -n 0.1
    is "$kind top: as JSON" RUNNING "$(jq -r .state <<< "$OUT")"
done

# Parameters: from the argument, from standard input, and none that the daemon would have to look at.
ctl --socket "$SOCK" call system.ping '{x'
is "parameters that are not JSON" 2 "$STATUS"
like "and where" '^goxelctl: wrong command line: the argument is not JSON: line 1, byte 1: ' "$ERR"
ctl --socket "$SOCK" call system.ping 7
like "parameters that are a number" 'parameters are an object or an array$' "$ERR"
ctl --socket "$SOCK" call system.ping ''
is "parameters that are nothing" 2 "$STATUS"
is "standard input" true "$(echo '{"timestamp": 5}' | "$CTL" --socket "$SOCK" --json call system.ping - | jq '.timestamp == 5')"
echo '[1,' | "$CTL" --socket "$SOCK" call system.ping - 2> "$WORK/err"
is "standard input that is not JSON" 2 "${PIPESTATUS[1]}"
like "is named" 'standard input is not JSON' "$(cat "$WORK/err")"
head -c 70000000 /dev/zero | tr '\0' ' ' 2> /dev/null | "$CTL" --socket "$SOCK" call system.ping - 2> "$WORK/err"
like "standard input without end" 'standard input: more than 64 MiB' "$(cat "$WORK/err")"
python3 -c 'import json; print(json.dumps({"voxels": [[i % 100, i // 100, 0, 1, 2, 3] for i in range(100000)]}))' |
    "$CTL" --socket "$SOCK" --json call voxel.add_batch - > "$WORK/out"
is "a large call" 100000 "$(jq .count "$WORK/out")"
ctl --socket "$SOCK" --json call voxel.query '{"limit": 100000}'
is "a large reply" true "$(jq '.count >= 100000 and (.voxels | length) == 100000' "$WORK/out")"

# Where the output goes.
ok "no escapes in a pipe" eval '! grep -q "$ESC" <(for c in status health state stats "project list" methods; do "$CTL" --socket "$SOCK" $c; done)'
"$CTL" --socket "$SOCK" stats > /dev/full 2> "$WORK/err"
is "a full disk" 5 "$?"
like "is told" 'standard output: No space left' "$(cat "$WORK/err")"
like "colours on a terminal" "state        $ESC\[32mRUNNING" "$(python3 "$HELPER" pty uptime '' "$CTL" --socket "$SOCK" status)"
ok "none with NO_COLOR" eval '! NO_COLOR=1 python3 "$HELPER" pty uptime "" "$CTL" --socket "$SOCK" status | grep -q "$ESC"'

# A reload that fails: what is wrong, and the daemon goes on.
cp "$CONF" "$DIR/good.conf"
printf 'workers {\n    count = 7\n}\n' >> "$CONF"
ctl --config "$CONF" reload
is "a reload that applies" "0 applied      workers.count" "$STATUS $OUT"
printf 'performance { max_connections = 99 }\n' >> "$CONF"
ctl --config "$CONF" reload
like "what waits for a restart" '^restart      performance\.max_connections$' "$OUT"
printf 'logging {\n    level = "loud"\n}\n' >> "$CONF"
ctl --config "$CONF" reload
is "a reload that fails" 1 "$STATUS"
like "and why" "^goxelctl: $CONF:[0-9]+: logging\.level: " "$ERR"
ctl --config "$CONF" --json reload
is "the report of it" 1 "$(jq '.errors | length' "$WORK/out")"
cp "$DIR/good.conf" "$CONF"

# watch: a line for each change.
"$CTL" --socket "$SOCK" watch -n 0.05 > "$WORK/watch" 2>&1 &
watcher=$!
PIDS+=("$watcher")
"$CTL" --socket "$SOCK" watch -n 0.05 --json > "$WORK/watch.json" 2>&1 &
watcher_json=$!
PIDS+=("$watcher_json")
ok "watch begins with what is" until_true 200 grep -qE '^[0-9T:.-]+Z  RUNNING, healthy, log info' "$WORK/watch"
ok "so does watch --json" until_true 200 grep -q '"log_level":"info"' "$WORK/watch.json"
"$CTL" --socket "$SOCK" log-level debug > /dev/null
ok "watch shows a change" until_true 200 grep -q 'log debug, .*last request: verbosity at .* by POST /log-level: ok' "$WORK/watch"
ok "so does watch --json" until_true 200 grep -q '"log_level":"debug"' "$WORK/watch.json"
"$CTL" --socket "$SOCK" log-level info > /dev/null
ok "and back" until_true 200 eval 'tail -n 1 "$WORK/watch" | grep -q "log info"'
is "no line twice" '' "$(cut -d' ' -f2- "$WORK/watch" | uniq -d)"
"$CTL" --socket "$SOCK" watch 'a watched one' -n 0.05 > "$WORK/watch.one" 2>&1 &
watcher_one=$!
PIDS+=("$watcher_one")
ok "three listen" until_true 200 eval '[ "$(curl -s "$URL/metrics" | awk "\$1 == \"goxel_event_subscribers\" { print \$2 }")" = 3 ]'
rpc project.create '{"name":"another"}' > /dev/null
rpc project.create '{"name":"a watched one"}' > /dev/null
rpc voxel.fill '{"region":{"min":[-4,2,3],"max":[1,5,6]},"color":"#ff0000"}' > /dev/null
rpc project.delete '{"project":"a watched one"}' > /dev/null
rpc project.delete '{"project":"another"}' > /dev/null
ok "watch shows what becomes of projects" until_true 200 grep -q 'project another (p[0-9]*): deleted' "$WORK/watch"
ok "watch PROJECT of that one" until_true 200 grep -q 'project a watched one (p[0-9]*): deleted' "$WORK/watch.one"
is "and of nothing else" 'created, version 0; edited by voxel.fill, version 1, [-4,2,3] to [1,5,6], layer 1; deleted' \
    "$(sed 's/.*): //' "$WORK/watch.one" | paste -sd ';' | sed 's/;/; /g')"
is "watch --json has the event" '[-4,2,3]' "$(jq -c 'select(.data.name == "a watched one") | .data.box.min // empty' "$WORK/watch.json")"
ctl --socket "$SOCK" watch --events weather
is "watch of what there is not" 1 "$STATUS"
like "is told" '^goxelctl: GET /events: .*events: expected some of project, state and health' "$ERR"
ctl --socket "$SOCK" watch "$(printf 'x%.0s' {1..2000})"
is "watch of a name that none can have" 2 "$STATUS"
like "watch on a terminal, and Ctrl-C" '^status 0' "$(python3 "$HELPER" pty 'healthy' ^SIGINT "$CTL" --socket "$SOCK" watch)"

# top on a terminal.
shown=$(python3 "$HELPER" pty '(?s)METHOD.*METHOD' q "$CTL" --socket "$SOCK" top -n 0.1 | tr '\r\n' '  ')
like "top takes the screen and gives it back" "$ESC\[\?1049h.*METHOD.*$ESC\[\?1049l" "$shown"
like "top leaves with q" 'status 0 terminal kept' "$shown"
like "top shows the figures" 'journal +[0-9.]+ groups/s' "$shown"
like "top ends with TERM as well" 'status 0 terminal kept' \
    "$(python3 "$HELPER" pty METHOD ^SIGTERM "$CTL" --socket "$SOCK" top -n 60 | tr '\r\n' '  ')"

# restart and stop wait for the outcome.
before=$(curl -s "$URL/metrics" | awk '$1 == "goxel_restarts_total" { print $2 }')
ctl --socket "$SOCK" restart
like "restart" '^0 restarted after [0-9.]+ s$' "$STATUS $OUT"
is "it has happened" $((before + 1)) "$(curl -s "$URL/metrics" | awk '$1 == "goxel_restarts_total" { print $2 }')"
is "it serves" RUNNING "$(state)"
ctl --url "$URL" --json restart
is "restart --json" '0 {"state":"STOPPING"}' "$STATUS $OUT"
ctl --url "$URL" restart --no-wait
is "restart --no-wait" '0 accepted: STOPPING' "$STATUS $OUT"
until_true 200 eval '[ "$(state)" = RUNNING ]'
is "the projects are there again" true "$(result project.list '{}' '.count > 3')"
ctl --config "$CONF" stop
like "stop" '^0 stopped after [0-9.]+ s$' "$STATUS $OUT"
ok "and it is gone" gone "$PID"
ended
is "in order" 0 "$EXIT_STATUS"
ok "watch tells" until_true 200 grep -q "no daemon answers at $SOCK" "$WORK/watch"
launch
ready
ok "and goes on" until_true 200 eval 'tail -n 2 "$WORK/watch" | grep -q "RUNNING, healthy"'
ok "and tells that it missed something" until_true 200 eval 'tail -n 2 "$WORK/watch" | grep -q "events were missed: restarted"'
rpc project.create '{"name":"a watched one"}' > /dev/null
ok "watch PROJECT goes on, too" until_true 200 eval 'tail -n 1 "$WORK/watch.one" | grep -q "a watched one (p[0-9]*): created"'
kill -TERM "$watcher_one"
wait "$watcher_one"
is "and ends with TERM" 0 "$?"
kill -INT "$watcher"
wait "$watcher"
is "watch ends with an interrupt" 0 "$?"
kill -TERM "$watcher_json"
wait "$watcher_json"
ok "each of its lines is JSON" jq -es 'all(has("time") and (has("health") or has("event")))' "$WORK/watch.json"

# A daemon that is not well, or is on its way out: 4, and what is wrong.
stop_daemon
start_daemon 'health {
    check_interval_ms = 100
    failure_threshold = 1
}
limits {
    max_memory_mb = 1
}'
unwell() { "$CTL" --url "$URL" health > /dev/null 2>&1; [ $? -eq 4 ]; }
ok "an unhealthy daemon" until_true 200 unwell
ctl --url "$URL" health
like "names the check" '^memory +NO .* limits\.max_memory_mb is 1$' "$OUT"
like "and that it is not well" '^healthy      no$' "$OUT"
ctl --url "$URL" --json health
is "as JSON too" "4 false" "$STATUS $(jq .healthy <<< "$OUT")"
ctl --url "$URL" stop
is "stop over a URL is asked for" '0 accepted: STOPPING' "$STATUS $OUT"
ended

# Servers that are none.
python3 "$HELPER" serve > "$WORK/port" 2> "$WORK/served" &
PIDS+=($!)
ok "the false server listens" until_true 200 test -s "$WORK/port"
FALSE=http://127.0.0.1:$(cat "$WORK/port")

# refused MODE STATUS REGEX COMMAND…
refused() {
    local mode=$1 status=$2 regex=$3 begin=$SECONDS
    shift 3
    ctl --timeout 2 --url "$FALSE/$mode" "$@"
    is "$mode: $1: status" "$status" "$STATUS"
    like "$mode: $1: why" "$regex" "$ERR"
    ok "$mode: $1: in time" test $((SECONDS - begin)) -lt 20
    ok "$mode: $1: nothing that a terminal obeys" eval '! LC_ALL=C grep -qaP "$COMMANDS" "$WORK/err"'
}
for command in health stats 'call system.ping' 'top --json'; do
    # shellcheck disable=SC2086 # words
    refused silent 3 'no answer within 2 s' $command
done
for mode in garbage text closed short html empty array; do
    refused $mode 3 'no reply of a goxel-daemon' status
done
refused nothing 3 'without result and error' status
refused deep 3 'not JSON' state
refused away 1 'HTTP status 302' state
refused problem 1 '^goxelctl: GET /state: HTTP status 401: a token, please \\u001b\[31m$' state
refused claim 3 'the reply is longer than 64 MiB' health
refused endless 3 'the reply is longer than 64 MiB' health
refused chunks 3 'the reply is longer than 64 MiB' stats
refused headers 3 'the reply.s header is longer|no reply of a goxel-daemon' health
refused continue 3 'the reply.s header is longer|no reply of a goxel-daemon|no answer' health
refused trickle 3 'no answer within 2 s' reload
refused error 1 '^goxelctl: project.list: \\u001b\[2Jgone: \\u0007bell \(-1000\)$' project list
refused many 3 'too many values|too large|longer' health
kib=$(python3 "$HELPER" rss "$CTL" --timeout 20 --url "$FALSE/endless" health 2>&1 > /dev/null | tail -n 1)
ok "endless: memory has a ceiling ($kib KiB)" test "$kib" -lt 600000
shown=$(python3 "$HELPER" pty NAME '' "$CTL" --url "$FALSE/escapes" project list | sed "s/$ESC\[[01]m//g" | tr -d '\r')
ok "escapes of a project's name do not reach a terminal" eval '! LC_ALL=C grep -qaP "$COMMANDS" <<< "$shown"'
like "but can be read" 'u001b]0;evil' "$shown"
shown=$(python3 "$HELPER" pty projects '' "$CTL" --json --url "$FALSE/escapes" project list | tr -d '\r')
ok "nor in JSON" eval '! LC_ALL=C grep -qaP "$COMMANDS" <<< "$shown"'

# Tokens go out as they are, or not at all.
ctl --url "$FALSE/echo" log-level
is "no token" none "$OUT"
GOXEL_TOKEN=abc.123 ctl --url "$FALSE/echo" log-level
is "the token of the environment" "Bearer abc.123" "$OUT"
echo xyz > "$WORK/token"
ctl --url "$FALSE/echo" --token-file "$WORK/token" log-level
is "--token-file" "Bearer xyz" "$OUT"
GOXEL_TOKEN=abc.123 ctl --url "$FALSE/echo" --token-file "$WORK/token" log-level
is "which beats the environment" "Bearer xyz" "$OUT"
GOXEL_TOKEN='a b' ctl --url "$FALSE/echo" log-level
is "a token that is none" 2 "$STATUS"
ctl --url "$FALSE/echo" --token-file "$WORK/none" log-level
is "a token file that is not there" 5 "$STATUS"
http_proxy=http://127.0.0.1:1 ctl --url "$FALSE/echo" log-level
is "proxies are not asked" none "$OUT"

done_testing
