#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Events: who listens hears what others do, in order and whole, over HTTP and on the stream; and what becomes of those who
# listen slowly, too long, or in too great a number.
. "$(dirname "$0")/lib.sh"

client() { python3 "$TESTS/integration/events.py" "$1" "$PORT" "$SOCK" "${@:2}"; }
checked() { is "$1" ok "$(client "${@:2}" 2>&1 | tail -n 1)"; }
metric() { curl -s "$URL/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }
subscribers() { [ "$(metric goxel_event_subscribers)" = "$1" ]; }

LISTENERS=()
# listen FILE CURL-ARGUMENTS…: in the background, until it is hushed. Returns once it is heard.
listen() {
    local file=$1
    shift
    : > "$file"
    curl -sN "$@" > "$file" 2> /dev/null &
    LISTENERS+=("$!")
    PIDS+=("$!")
    until_true 200 grep -q '^retry: ' "$file" || fail "somebody listens: $*" "$(cat "$file")"
}
hush() { kill "${LISTENERS[@]}"; LISTENERS=(); }
# told FILE FILTER: of all events in it
told() { sed -n 's/^data: //p' "$1" | jq -c "$2"; }
has_told() { [ "$(sed -n 's/^data: //p' "$1" | jq -c "select($2)" | wc -l)" -ge "${3:-1}" ]; }

# How many bytes the daemon may grow for one client. A sanitizer keeps for a while what was freed.
most=$((24 << 20))
if grep -qE '__asan_init|__tsan_init' "$DAEMON"; then most=$((400 << 20)); fi

start_daemon 'performance { max_connections = 2000 }'

# ---- what is told ----
EV=$WORK/events
listen "$EV" -D "$WORK/header" "$URL/events"
tr -d '\r' < "$WORK/header" > "$WORK/header.txt"
for line in 'Content-Type: text/event-stream' 'Cache-Control: no-store' 'X-Accel-Buffering: no' 'Transfer-Encoding: chunked'; do
    ok "the header has $line" grep -qix "$line" "$WORK/header.txt"
done
rpc project.create '{"name":"castle"}' > /dev/null
rpc voxel.add '{"x":1,"y":-2,"z":3,"color":"#ff0000"}' > /dev/null
rpc voxel.fill '{"region":{"min":[0,0,0],"max":[40,20,3]},"color":"#00ff00"}' > /dev/null
rpc voxel.shape '{"shape":"sphere","center":[100,100,100],"size":[9,9,9],"color":"#0000ff"}' > /dev/null
sphere=$(result project.diff '{"from":2,"to":3}' '.bounds // .layers[0].bounds')
rpc voxel.remove '{"x":1,"y":-2,"z":3}' > /dev/null
rpc project.undo '{"steps":2}' > /dev/null
rpc project.redo '{"steps":1}' > /dev/null
rpc layer.create '{"name":"roof"}' > /dev/null
rpc batch.execute '{"operations":[{"method":"voxel.add","params":{"x":-5,"y":0,"z":0,"color":"#010101","layer_id":1}},{"method":"voxel.add","params":{"x":5,"y":0,"z":9,"color":"#010101","layer_id":2}}]}' > /dev/null
rpc layer.delete '{"layer_id":2}' > /dev/null
rpc project.save "{\"path\":\"$DIR/files/castle.gox\"}" > /dev/null
rpc project.rename '{"name":"fort"}' > /dev/null
rpc project.delete '{"project":"fort"}' > /dev/null
ok "all of it is heard" until_true 200 has_told "$EV" '.what == "deleted"'
is "what was done, in order" \
    'created:0 edited:1 edited:2 edited:3 edited:4 undone:5 redone:6 edited:7 edited:8 edited:9 saved:9 edited:10 renamed: deleted:' \
    "$(told "$EV" 'select(.what) | "\(.what):\(.version // "")"' | tr -d '"' | paste -sd ' ')"
is "by which method" 'voxel.add voxel.fill voxel.shape voxel.remove layer.create batch.execute layer.delete project.rename' \
    "$(told "$EV" 'select(.what == "edited") | .method' | tr -d '"' | paste -sd ' ')"
is "where: a voxel" '{"min":[1,-2,3],"max":[1,-2,3]}' "$(told "$EV" 'select(.version == 1 and .what == "edited") | .box')"
is "a box" '{"min":[0,0,0],"max":[40,20,3]}' "$(told "$EV" 'select(.version == 2) | .box')"
is "a sphere" "$sphere" "$(told "$EV" 'select(.version == 3) | .box')"
is "a voxel that goes" '{"min":[1,-2,3],"max":[1,-2,3]}' "$(told "$EV" 'select(.version == 4) | .box')"
is "two steps back: all that they had changed" "$(jq -c '.min = [1,-2,3]' <<< "$sphere")" "$(told "$EV" 'select(.version == 5) | .box')"
is "one forwards" "$sphere" "$(told "$EV" 'select(.version == 6) | .box')"
is "a layer without voxels has no box" 'null' "$(told "$EV" 'select(.version == 7) | .box')"
is "but its parts" '["about","scene","layers"]' "$(told "$EV" 'select(.version == 7) | .parts')"
is "two layers in a batch" '[{"min":[-5,0,0],"max":[5,0,9]},[1,2]]' "$(told "$EV" 'select(.version == 8) | [.box, .layers]')"
is "a layer that goes takes its voxels along" '[{"min":[5,0,9],"max":[5,0,9]},[2]]' \
    "$(told "$EV" 'select(.version == 9 and .what == "edited") | [.box, .layers]')"
is "the old name and the new one" '["castle","fort"]' "$(told "$EV" 'select(.what == "renamed") | [.former_name, .name]')"
is "always the same id" '["p1"]' "$(told "$EV" 'select(.what) | .project_id' | jq -sc unique)"
is "ids count up, none is left out" '[true]' \
    "$(sed -n 's/^id: .*-//p' "$EV" | jq -sc '[. == [range(.[0]; .[-1] + 1)]]')"
curl -s -o /dev/null -X POST "$URL/reload"
ok "a reload is heard" until_true 200 has_told "$EV" '.request == "reload"'
is "state by state" 'RELOADING RUNNING' "$(told "$EV" 'select(.from) | .state' | tr -d '"' | paste -sd ' ')"
hush

# ---- what is wanted ----
listen "$WORK/named" "$URL/events?project=tower&events=project"
listen "$WORK/states" "$URL/events?events=state"
listen "$WORK/escaped" --get --data-urlencode 'project=a tower, high' "$URL/events"
rpc project.create '{"name":"hut"}' > /dev/null
rpc project.create '{"name":"tower"}' > /dev/null
rpc project.rename '{"name":"a tower, high"}' > /dev/null
rpc system.set_log_level '{"level":"debug"}' > /dev/null
rpc project.delete '{"project":"hut"}' > /dev/null
rpc project.delete '{"project":"a tower, high"}' > /dev/null
ok "a project of that name, when it comes" until_true 200 has_told "$WORK/escaped" '.what == "deleted"'
is "and nothing else" '"renamed" "deleted"' "$(told "$WORK/escaped" 'select(.what) | .what' | paste -sd ' ')"
is "until it has another" '"created" "edited" "renamed"' "$(told "$WORK/named" .what | paste -sd ' ')"
is "states alone" '["verbosity","ok","debug"]' "$(told "$WORK/states" '[.request, .outcome, .log_level]')"
refused() { curl -s "$URL/events?$1" | jq -c '[.status, .detail]'; }
is "an unknown kind" '[400,"Invalid params: events: expected some of project, state and health, with commas between them, got project,stat"]' "$(refused events=project,stat)"
like "no kind" '^\[400,' "$(refused events=)"
like "an unknown parameter is named" '^\[400,.*got event' "$(refused event=project)"
like "an empty project" '^\[400,.*project' "$(refused project=)"
like "a project with too long a name" '^\[400,.*project' "$(refused "project=$(printf 'x%.0s' {1..256})")"
is "HEAD has no body" '200 0' "$(curl -sI -o /dev/null -w '%{http_code} %{size_download}' "$URL/events")"
is "POST is 405" 405 "$(status -X POST "$URL/events")"
is "a foreign page hears nothing" 403 "$(status -H 'Origin: http://evil.example' "$URL/events")"
like "over HTTP no method subscribes" '^\[-1017,.*GET /events' "$(rpc system.subscribe | jq -c '[.error.code, .error.data.reason]')"
is "nor unsubscribes" -1017 "$(code system.unsubscribe)"

hush

# ---- breaks ----
checked "under 8 writers, with breaks: all of it, in order, once, with the right boxes" resume
listen "$WORK/header_wins" -H "Last-Event-ID: 0123456789abcdef-3" "$URL/events?last_event_id=$(sed -n 's/^id: //p' "$WORK/named" | tail -n 1)"
ok "an id of another daemon is a reset" until_true 200 has_told "$WORK/header_wins" '.reason == "restarted"'
listen "$WORK/query" "$URL/events?events=project&last_event_id=$(sed -n 's/^id: //p' "$WORK/named" | tail -n 1)"
ok "the query does for a header" until_true 200 has_told "$WORK/query" '.what == "deleted"' 2

hush

# ---- the stream ----
for seed in 1 2 3; do checked "the stream, subscribed in odd pieces ($seed)" stream "$seed"; done
checked "a subscription goes on where another ended" stream_resume

# ---- those who listen slowly ----
checked "who does not read costs nothing, and learns what it missed" slow "$PID" "$most"
checked "on the stream it loses no reply" stream_unread
is "resets are counted" true "$(metric goxel_event_resets_total | jq '. >= 2')"
checked "who vanishes is noticed" vanish
checked "500 who listen while nothing happens cost nothing" idle "$PID" 500

# ---- the end ----
# held COMMAND…: how streams of events ended when it was run
held() {
    local held=$DIR/held
    : > "$held"
    client hold > "$held" 2>&1 &
    HOLDER=$!
    PIDS+=("$HOLDER")
    until_true 600 grep -q READY "$held" || return 1
    curl -s -o /dev/null -X POST "$URL/reload"
    "$@"
    wait "$HOLDER"
    tail -n 1 "$held"
}
ends='{"http": ["STOPPING", "RELOADING", "RUNNING", "STOPPING"], "stream": ["STOPPING", "RELOADING", "RUNNING", "STOPPING"]}'
restart() { curl -s -o /dev/null -X POST "$URL/restart"; }
before=$(held restart)
is "a reload leaves them, a restart ends them with a last word" "$ends" "${before% *}"
ok "the next image serves" until_true 200 eval '[ "$(state)" = RUNNING ]'
listen "$WORK/after" "$URL/events?last_event_id=${before##* }"
ok "who comes back is told to read anew" until_true 200 has_told "$WORK/after" '.reason == "restarted"'
rpc project.create '{"name":"after"}' > /dev/null
ok "and hears what comes" until_true 200 has_told "$WORK/after" '.name == "after"'
is "a stop ends them with a last word" "$ends" "$(held kill -TERM "$PID" | sed 's/ [^ ]*$//')"
ended
is "the stop was an orderly one" 0 "$EXIT_STATUS"

# They do not hold up a stop, not even those that do not read, until its limit, which is longer than we wait.
start_daemon 'performance { shutdown_timeout_ms = 600000 }'
listen "$WORK/listens" "$URL/events"
client mute > /dev/null 2>&1 &
PIDS+=("$!")
ok "two listen, and one of them does not read" until_true 200 subscribers 2
rpc project.create '{"name":"flood"}' > /dev/null
for _ in {1..20}; do
    jq -nc '[range(1000) | {jsonrpc: "2.0", id: ., method: "voxel.add", params: {x: ., y: 0, z: 0, color: [1 + (now * 1000 | floor) % 250, . % 250, 1]}}]' |
        curl -s -o /dev/null -H 'Content-Type: application/json' --data-binary @- "$URL/rpc"
done
stop_daemon
is "listeners do not hold up a stop" 0 "$EXIT_STATUS"

# ---- ceilings, deadlines ----
start_daemon 'performance { max_connections = 12 }'
checked "half of all connections may listen" surplus 6
stop_daemon
SOCKETS_EXTRA='send_timeout_ms = 300' start_daemon
rpc project.create '{"name":"flood"}' > /dev/null
checked "who never reads is let go" unread
stop_daemon

# ---- health ----
cat > "$WORK/script" <<SCRIPT
#!/bin/sh
[ ! -e "$WORK/sick" ] || { echo "the cellar is wet"; exit 1; }
SCRIPT
chmod +x "$WORK/script"
start_daemon "health { check_interval_ms = 100 failure_threshold = 2 restart_on_failure = false health_check_script = \"$WORK/script\" }"
listen "$EV" "$URL/events?events=health"
touch "$WORK/sick"
ok "a check that fails is heard" until_true 400 has_told "$EV" '.ok == false'
rm "$WORK/sick"
ok "and one that heals" until_true 400 has_told "$EV" '.ok == true'
is "once each, with its reason" '["script",false,false,true] ["script",true,true,false]' \
    "$(told "$EV" '[.check, .ok, .healthy, (.reason // "" | contains("the cellar is wet"))]' | paste -sd ' ')"

# ---- a browser ----
if ! command -v chromedriver > /dev/null || ! command -v chromium > /dev/null; then
    skip "EventSource in a browser" "chromium and chromedriver (Debian: chromium-driver) are not installed"
    done_testing
fi
DRIVER=http://127.0.0.1:$(free_ports 1)
mkdir -p "$WORK/home"
HOME=$WORK/home TMPDIR=$WORK/home chromedriver --port="${DRIVER##*:}" --allowed-ips=127.0.0.1 > "$WORK/chromedriver.log" 2>&1 &
PIDS+=("$!")
ok "chromedriver answers" until_true 600 curl -sf "$DRIVER/status"
read -r SESSION BROWSER < <(python3 "$TESTS/integration/webdriver.py" "$DRIVER" open "$WORK/profile" 2> "$WORK/open.log")
browser() { python3 "$TESTS/integration/webdriver.py" "$DRIVER" "$SESSION" "$@"; }
[ -z "$BROWSER" ] || PIDS+=("$BROWSER")
browser go "$URL/"
browser eval "(window.heard = [], window.source = new EventSource('events?events=project'), ['project', 'reset'].forEach(name => source.addEventListener(name, event => heard.push([event.type, event.lastEventId, JSON.parse(event.data)]))), 1)" > /dev/null
ok "a browser listens" until_true 200 eval '[ "$(browser eval source.readyState)" = 1 ]'
rpc project.create '{"name":"seen"}' > /dev/null
ok "and hears" until_true 200 eval '[ "$(browser eval "heard.length")" -ge 1 ]'
is "what happened" '["project","created","seen"]' "$(browser eval 'JSON.stringify([heard[0][0], heard[0][2].what, heard[0][2].name])')"
restart
ok "after a restart it comes back by itself, and is told to read anew" until_true 400 eval 'browser eval "JSON.stringify(heard.map(h => h[2].reason))" | grep -q restarted'
rpc project.create '{"name":"seen again"}' > /dev/null
ok "and hears again" until_true 200 eval 'browser eval "JSON.stringify(heard.at(-1))" | grep -q "seen again"'
browser close > /dev/null
stop_daemon
done_testing
