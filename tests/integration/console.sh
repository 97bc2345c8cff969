#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The web console: how its files are served, and what a real browser makes of them.
. "$(dirname "$0")/lib.sh"

start_daemon
WWW=$TESTS/../www
header() { curl -si "${@:2}" | tr -d '\r' | grep -i "^$1: " | head -n 1 | cut -d' ' -f2-; }

# ---- the files ----
is "/ is the page" 200 "$(status "$URL/")"
is "as HTML" "text/html; charset=utf-8" "$(header Content-Type "$URL/")"
for file in "$WWW"/*; do
    ok "/${file##*/} comes byte for byte" eval 'curl -sf "$URL/${file##*/}" | cmp - "$file"'
done
is "scripts have their type" "text/javascript; charset=utf-8" "$(header Content-Type "$URL/console.js")"
is "styles too" "text/css; charset=utf-8" "$(header Content-Type "$URL/style.css")"
is "and pictures" "image/svg+xml" "$(header Content-Type "$URL/favicon.svg")"
is "nothing foreign may run in it, and nobody may frame it" \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" \
    "$(header Content-Security-Policy "$URL/")"
is "types are not guessed" nosniff "$(header X-Content-Type-Options "$URL/console.js")"
is "no referrer leaves it" no-referrer "$(header Referrer-Policy "$URL/")"
is "no other window reaches it" same-origin "$(header Cross-Origin-Opener-Policy "$URL/")"
is "old browsers do not frame it either" DENY "$(header X-Frame-Options "$URL/")"
is "a copy is asked about before it is used" no-cache "$(header Cache-Control "$URL/")"
etag=$(header ETag "$URL/style.css")
is "who has it gets 304 and no body" "304 0" \
    "$(curl -s -o /dev/null -w '%{http_code} %{size_download}' -H "If-None-Match: $etag" "$URL/style.css")"
is "who has another gets it" 200 "$(status -H 'If-None-Match: "x"' "$URL/style.css")"
is "HEAD is 200 without a body" "200 0" "$(curl -sI -o /dev/null -w '%{http_code} %{size_download}' "$URL/index.html")"
is "HEAD tells the length" "$(wc -c < "$WWW/index.html")" "$(header Content-Length -I "$URL/index.html")"
for method in POST PUT DELETE; do is "$method is 405" 405 "$(status -X "$method" "$URL/index.html")"; done
is "with Allow" "GET, HEAD" "$(header Allow -X DELETE "$URL/")"
for path in '/..%2f..%2fetc/passwd' '//etc/passwd' '/%2e%2e/' '/../etc/passwd' '/../../../../../../etc/passwd' '/./index.html' \
    '/www/index.html' '/index.html/' '/index' '/.git' '/%69ndex.html' '/index.html%00.css' '/..\..\etc'; do
    is "$path is 404" 404 "$(status --path-as-is "$URL$path")"
done
is "a foreign page does not get it" 403 "$(status -H 'Origin: http://evil.example' "$URL/")"
visit() { status -H 'Sec-Fetch-Site: cross-site' -H 'Sec-Fetch-Mode: navigate' -H "Sec-Fetch-Dest: $1" "${@:2}"; }
is "a link on a foreign page leads to it" 200 "$(visit document "$URL/")"
is "a frame in a foreign page does not" 403 "$(visit iframe "$URL/")"
is "nor a link to what is no file of it" 403 "$(visit document "$URL/state")"
is "nor a form that is sent to it" 403 "$(visit document -X POST "$URL/shutdown")"
stop_daemon

write_config
sed -i "s|directory = \"$TESTS/../www\"|directory = \"$DIR/nowhere\"|" "$CONF"
launch
ok "a daemon without a console serves" ready
is "but for /" 404 "$(status "$URL/")"
like "which tells what to do" 'www\.directory' "$(curl -s "$URL/" | jq -r .detail)"
ok "and so does the log" grep -q "warn .*$DIR/nowhere" "$LOG"
stop_daemon

# ---- in a browser ----
if ! command -v chromedriver > /dev/null || ! command -v chromium > /dev/null; then
    skip "the page in a browser" "chromium and chromedriver (Debian: chromium-driver) are not installed"
    done_testing
fi

# The grace lets the page see the stop.
start_daemon 'performance { shutdown_grace_ms = 60000 }
workers { count = 2 }'
DRIVER=http://127.0.0.1:$(free_ports 1)
mkdir -p "$WORK/home"
HOME=$WORK/home TMPDIR=$WORK/home chromedriver --port="${DRIVER##*:}" --allowed-ips=127.0.0.1 > "$WORK/chromedriver.log" 2>&1 &
PIDS+=("$!")
ok "chromedriver answers" until_true 600 curl -sf "$DRIVER/status"
read -r SESSION BROWSER < <(python3 "$TESTS/integration/webdriver.py" "$DRIVER" open "$WORK/profile" 2> "$WORK/open.log")
like "the browser starts" '^[0-9a-f]+$' "${SESSION:-$(cat "$WORK/open.log" "$WORK/chromedriver.log")}"
[ -n "${SESSION:-}" ] || done_testing
[ -z "${BROWSER:-}" ] || PIDS+=("$BROWSER")

web() { python3 "$TESTS/integration/webdriver.py" "$DRIVER" "$SESSION" "$@"; }
text() { web eval "document.querySelector('$1').textContent"; }
# shows CSS TEXT: the element's text holds it, sooner or later
holds() { [[ $(text "$1") == *"$2"* ]]; }
shows() { until_true 400 holds "$1" "$2"; }
truth() { [ "$(web eval "$1")" = true ]; }
comes() { until_true 400 truth "$1"; }

hostile='<img src=x onerror=document.title=1>'
rpc project.create '{"name":"castle"}' > /dev/null
rpc project.create "$(jq -cn --arg name "$hostile" '{name: $name}')" > /dev/null
rpc voxel.add '{"x":1,"y":2,"z":3,"color":[1,2,3]}' > /dev/null

web go "$URL/"
ok "the badge says RUNNING" shows '#state' RUNNING
ok "so does the title" comes "document.title === 'RUNNING · goxel-daemon'"
ok "the version is there" shows '#version' "$(curl -s "$URL/version" | jq -r .version)"
ok "and the time it runs" comes "/up \d+ (s|min)/.test(document.getElementById('uptime').textContent)"
is "six states are drawn" '["ERROR","RELOADING","RUNNING","STARTING","STOPPED","STOPPING"]' \
    "$(web eval "[...document.querySelectorAll('#machine .state')].map(node => node.dataset.state).sort()")"
is "the current one is marked" '["RUNNING"]' \
    "$(web eval "[...document.querySelectorAll('#machine [aria-current]')].map(node => node.dataset.state)")"
is "every row of the table is an arrow" "$(curl -s "$URL/state" | jq -c '[.transitions[] | .from + ">" + .to] | sort')" \
    "$(web eval "[...document.querySelectorAll('#machine .move')].map(move => move.dataset.from + '>' + move.dataset.to).sort()")"
is "in words too" true "$(web eval "/is RUNNING; from here it can go to .*STOPPING/.test(document.getElementById('machine').getAttribute('aria-label'))")"
is "four checks are listed" '["responsive","memory","queue","script"]' \
    "$(web eval "[...document.querySelectorAll('#checks .check-name')].map(node => node.textContent)")"
ok "with the verdict" shows '#healthy' 'All checks pass'
ok "the projects are listed" comes "document.querySelectorAll('#projects tr').length === 2"
is "a hostile name is text" "$hostile" "$(web eval "document.querySelectorAll('#projects bdi')[1].textContent")"
is "and no element" 0 "$(web eval "document.querySelectorAll('#projects img, #projects script').length")"
is "layers and voxels are told" '["1","1"]' "$(web eval "[...document.querySelectorAll('#projects tr:nth-child(2) .number')].map(cell => cell.textContent)")"
ok "the charts get points" comes "['queue', 'busy', 'rate'].every(id => document.getElementById('chart-' + id).dataset.points >= 2)"
ok "and lines" comes "[...document.querySelectorAll('#charts .line')].every(line => line.getAttribute('d').includes('L'))"
is "nobody complains" "" "$(web log)"

# ---- the buttons ----
current_level() { comes "document.getElementById('level').value === '$1'"; }
ok "the level in effect is chosen" current_level info
kill -USR2 "$PID"
ok "also when somebody else sets it" current_level debug
kill -USR2 "$PID"
ok "and sets it back" current_level info
web press '#set-level'
ok "the level is told" shows '#level-report' 'The level is info'
web eval "document.getElementById('level').value = 'debug'" > /dev/null
web press '#set-level'
ok "another level is told" shows '#level-report' 'The level is debug'
is "the daemon has heard it" 2 "$(curl -s "$URL/state" |
    jq '[.requests[] | select(.request == "verbosity" and .trigger.type == "http" and .outcome == "ok") | .count] | add')"
is "and says so" debug "$(curl -s "$URL/state" | jq -r .log_level)"
ok "the page lists it" shows '#moves' 'verbosity'

web press '#reload'
ok "a reload without a change says so" shows '#reload-report' 'nothing has changed'
ok "its moves are listed" shows '#moves' 'RUNNING → RELOADING → RUNNING'
cp "$CONF" "$CONF.good"
echo 'workers { colour = "<b>blue</b>" }' >> "$CONF"
line=$(wc -l < "$CONF")
web press '#reload'
ok "an error is shown with its line" shows '#reload-report' "daemon.conf:$line: "
is "as text" 0 "$(web eval "document.querySelectorAll('#reload-report b').length")"
ok "and that nothing was changed" shows '#reload-report' 'nothing was changed'
sed 's/count = 2/count = 3/; s/shutdown_grace_ms = 60000/shutdown_grace_ms = 60000 io_threads = 3/' "$CONF.good" > "$CONF"
web press '#reload'
ok "what was applied is told" shows '#reload-report' 'workers.count'
ok "what waits for a restart is told" shows '#pending' 'performance.io_threads'
is "the browser complains of the 422 alone" "" "$(web log | grep -v 'reload - Failed to load resource: .* 422')"

# ---- how it looks ----
web size 400 800
ok "a narrow page needs no sideways scrolling" comes "document.documentElement.scrollWidth <= 400"
web media prefers-color-scheme light
light=$(web eval "getComputedStyle(document.body).backgroundColor")
web media prefers-color-scheme dark
ok "dark is another colour" comes "getComputedStyle(document.body).backgroundColor !== '$light'"
is "every control has a name" '[]' \
    "$(web eval "[...document.querySelectorAll('button, select, input, a[href]')].filter(node => !(node.textContent.trim() || node.labels?.length)).map(node => node.id)")"
web media prefers-color-scheme light
web size 1280 900

# ---- an end, and a beginning ----
kill -TERM "$PID"
ok "a stop shows, although /health is 503" shows '#state' 'STOPPING · INIT'
is "it is" 503 "$(status "$URL/health")"
ok "nobody doubts the connection" truth "document.getElementById('banner').hidden"
web log > /dev/null
stop_daemon
ok "the end shows" shows '#banner' 'not reachable since'
is "and is visible" false "$(web eval "document.getElementById('banner').hidden")"
is "the badge says so" UNREACHABLE "$(text '#state')"
launch
ok "the daemon comes back" ready
ok "the page finds it by itself" comes "document.getElementById('banner').hidden && document.getElementById('state').textContent === 'RUNNING'"
is "with the projects of before" "[\"castle\",\"$hostile\"]" "$(result project.list | jq -c '[.projects[].name]')"
ok "which the page lists" comes "!document.body.classList.contains('stale') && [...document.querySelectorAll('#projects bdi')].map(node => node.textContent).join() === 'castle,$hostile'"
is "the browser missed the daemon and nothing else" "" "$(web log | grep -vE 'net::ERR_(CONNECTION_|EMPTY_RESPONSE)|Failed to load resource: .* 503')"

# ---- tokens ----
{ read -r token; read -r line; } < <("$GOXEL_BUILD/bin/goxelctl" token page admin)
echo "$line" > "$DIR/tokens"
chmod 600 "$DIR/tokens"
echo "security { tokens_file = \"$DIR/tokens\" }" >> "$CONF"
web press '#reload'
ok "where there are tokens the page gets what is for all" shows '#no-projects' 'unauthorised'
web press '#reload'
ok "and is refused the rest" shows '#reload-report' 'needs a bearer token of level admin'
web eval "document.getElementById('token').value = 'goxel_wrong'" > /dev/null
web press '#reload'
ok "so it is with a wrong one" shows '#reload-report' "none of this daemon's"
ok "which does not take the page away" truth "document.getElementById('state').textContent === 'RUNNING' && document.getElementById('banner').hidden"
web eval "document.getElementById('token').value = '$token'" > /dev/null
ok "with a good one it lists the projects" comes "document.getElementById('no-projects').hidden"
web press '#reload'
ok "and may reload" shows '#reload-report' 'nothing has changed'
is "the page keeps no token" 0 "$(web eval "localStorage.length + sessionStorage.length + document.cookie.length")"

# ---- what the policy is for ----
web eval "document.body.insertAdjacentHTML('beforeend', '<img src=nowhere.png onerror=window.ran=1>')" > /dev/null
refused() { web log >> "$WORK/refused"; grep -q 'Content Security Policy' "$WORK/refused"; }
ok "had a name become an element, the browser would refuse its script" until_true 400 refused
is "and it would not run" true "$(web eval "window.ran === undefined")"
web close
kill -TERM "$PID"
ok "the last stop begins" until_true 400 eval '[ "$(state)" = STOPPING ]'
stop_daemon
done_testing
