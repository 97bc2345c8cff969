#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The HTTP front: routes, statuses, bodies, who may ask, and how long one may take.
. "$(dirname "$0")/lib.sh"

start_daemon 'logging { access_log = true }'
JSON='Content-Type: application/json'
ping='{"jsonrpc":"2.0","id":1,"method":"system.ping","params":{}}'
metric() { curl -s "$URL/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }

# ---- the reads ----
is "/health is 200" 200 "$(status "$URL/health")"
is "/health tells state, health, version and checks" '["RUNNING",true,"string",true,true]' \
    "$(curl -s "$URL/health" | jq -c '[.state, .healthy, (.version | type), .checks.responsive.ok, .checks.queue.ok]')"
is "/health has the four checks and no attempts" '[["memory","queue","responsive","script"],0]' \
    "$(curl -s "$URL/health" | jq -c '[(.checks | keys), .attempts]')"
is "/health/live is 200" 200 "$(status "$URL/health/live")"
is "/version names us" goxel-daemon "$(curl -s "$URL/version" | jq -r .name)"
like "/metrics has the exact type" '^[Cc]ontent-[Tt]ype: text/plain; version=0\.0\.4; charset=utf-8.?$' "$(curl -si "$URL/metrics")"
is "/stats ends in a newline" 1 "$(curl -s "$URL/stats" | tail -c 1 | wc -l)"
is "/stats is JSON where that is accepted" gauge "$(curl -s -H 'Accept: application/json' "$URL/stats" | jq -r .goxel_workers.type)"
curl -s "$URL/metrics" > "$DIR/metrics"
if command -v promtool > /dev/null; then
    is "promtool finds nothing to say" 0 "$(promtool check metrics < "$DIR/metrics" > "$DIR/promtool" 2>&1; echo $?)"
else
    skip "promtool finds nothing to say" "promtool (Debian: prometheus) is not installed"
fi
for name in goxel_build_info goxel_state goxel_queue_length goxel_workers goxel_http_requests_total \
    goxel_http_request_duration_seconds_bucket goxel_rpc_calls_total process_resident_memory_bytes process_open_fds; do
    ok "/metrics has $name" grep -q "^$name[{ ]" "$DIR/metrics"
done

# ---- HEAD, 404, 405, 413, 415 ----
for path in /health /stats /metrics /state /version; do
    is "HEAD $path is 200 without a body" "200 0" "$(curl -sI -o /dev/null -w '%{http_code} %{size_download}' "$URL$path")"
done
is "an unknown path is 404" 404 "$(status "$URL/nowhere")"
is "and a problem" '["about:blank","Not Found",404]' "$(curl -s "$URL/nowhere" | jq -c '[.type, .title, .status]')"
like "of the right type" 'application/problem\+json' "$(curl -si "$URL/nowhere")"
is "a wrong method is 405" 405 "$(status -X DELETE "$URL/health")"
like "with Allow" '^Allow: GET, HEAD' "$(curl -si -X DELETE "$URL/health")"
like "GET on an action is 405 with Allow: POST" '^Allow: POST' "$(curl -si "$URL/reload")"
is "GET restarts nothing" 405 "$(status "$URL/restart")"
is "a body that is no JSON is 415" 415 "$(status -d 'a=b' "$URL/rpc")"
is "on an admin call too" 415 "$(status -d 'a=b' "$URL/reload")"
is "on a restart too" 415 "$(status -d 'a=b' "$URL/restart")"
is "a restart takes no parameters" 400 "$(status -H "$JSON" -d '{"force":true}' "$URL/restart")"
like "and tells where they go" 'system\.shutdown' "$(curl -s -H "$JSON" -d '{"force":true}' "$URL/restart")"
is "a body without a type is 415" 415 "$(status -H 'Content-Type:' -d "$ping" "$URL/rpc")"
is "with a charset it is JSON" 200 "$(status -H 'Content-Type: application/json; charset=utf-8' -d "$ping" "$URL/rpc")"
head -c 100000000 /dev/zero > "$DIR/100mb"
is "100 MB with Expect are 413" 413 "$(status -H "$JSON" -H 'Expect: 100-continue' --data-binary @"$DIR/100mb" "$URL/rpc")"
is "100 MB without Expect are 413" 413 "$(status -H "$JSON" -H 'Expect:' --data-binary @"$DIR/100mb" "$URL/rpc")"
is "100 MB in chunks are 413" 413 "$(status -H "$JSON" -H 'Expect:' -H 'Transfer-Encoding: chunked' --data-binary @"$DIR/100mb" "$URL/rpc")"
is "the answer names limit and size" true "$(curl -s -H "$JSON" -H 'Expect:' --data-binary @"$DIR/100mb" "$URL/rpc" | jq '.detail | test("10485760") and test("100000000")')"
rm "$DIR/100mb"
ok "memory did not grow with them" test "$(metric process_resident_memory_bytes | awk '{ printf "%d", $1 / 1e6 }')" -lt 400

# ---- who may ask ----
evil='Origin: http://evil.example'
for request in "GET /health" "GET /state" "GET /stats" "POST /reload" "POST /restart" "POST /shutdown" "POST /log-level" "POST /rpc"; do
    read -r method path <<< "$request"
    is "$request for a foreign page is 403" 403 "$(status -X "$method" -H "$evil" "$URL$path")"
    is "$request for a made-up Host is 403" 403 "$(status -X "$method" -H 'Host: evil.example' "$URL$path")"
    is "$request across sites is 403" 403 "$(status -X "$method" -H 'Sec-Fetch-Site: cross-site' "$URL$path")"
done
is "a null origin is foreign" 403 "$(status -H 'Origin: null' "$URL/health")"
is "another port of localhost is foreign" 403 "$(status -H 'Origin: http://localhost:1' -H "Host: localhost:$PORT" "$URL/health")"
is "our own origin is not" 200 "$(status -H "Origin: http://localhost:$PORT" -H "Host: localhost:$PORT" "$URL/health")"
is "localhost is a host" 200 "$(status -H 'Host: localhost' "$URL/health")"
is "an address is a host" 200 "$(status -H 'Host: 192.0.2.7:80' "$URL/health")"
is "an IPv6 address is a host" 200 "$(status -H 'Host: [2001:db8::1]:80' "$URL/health")"
is "a name that begins like one is not" 403 "$(status -H 'Host: 127.0.0.1.evil.example' "$URL/health")"
is "the daemon was neither stopped nor reloaded" '["RUNNING",0]' \
    "$(curl -s "$URL/state" | jq -c '[.state, ([.requests[] | select(.request != "dump")] | length)]')"
is "a plain POST works" 200 "$(status -X POST "$URL/reload")"
is "a preflight is refused" 403 "$(status -X OPTIONS -H "$evil" -H 'Access-Control-Request-Method: POST' "$URL/rpc")"

# ---- framing that two parsers could read differently; talking without curl ----
# raw TEXT: what comes back until the end of the connection
raw() { printf "$1" | timeout 20 socat -t 15 - "TCP:127.0.0.1:$PORT" 2> /dev/null; }
like "two lengths are 400" '^HTTP/1.1 400' "$(raw 'POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde')"
like "length and chunks are 400" '^HTTP/1.1 400' "$(raw 'POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')"
like "another encoding is 400" '^HTTP/1.1 400' "$(raw 'POST /rpc HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n')"
like "two hosts are 400" '^HTTP/1.1 400' "$(raw 'GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n')"
is "rubbish ends the connection" "" "$(raw 'rubbish\r\n\r\n' | grep -a ' 200 ')"
is "requests in a pipeline are answered in order" "200 404 200" \
    "$(raw 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /no HTTP/1.1\r\nHost: localhost\r\n\r\nGET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
        grep -ao '^HTTP/1.1 [0-9]*' | cut -d' ' -f2 | tr '\n' ' ' | sed 's/ $//')"
is "the daemon serves on" RUNNING "$(state)"
ok "the access log has a line for each request" grep -q 'access id=.* method=GET path=/health status=200 ' "$LOG"
is "the daemon is as small as before" true "$(metric process_open_fds | awk '{ print ($1 < 60) ? "true" : "false" }')"
stop_daemon

# ---- deadlines ----
SOCKETS_EXTRA='header_timeout_ms = 300 body_timeout_ms = 300' start_daemon
# slow HEAD: sends it, then a byte now and then until the other side has had enough
slow() { { printf "$1"; while printf "$2"; do sleep 0.05; done; } 2> /dev/null | timeout 30 socat -t 5 - "TCP:127.0.0.1:$PORT" 2> /dev/null; }
like "a header that never ends is 408" '^HTTP/1.1 408' "$(slow 'GET /health HTTP/1.1\r\nHost: localhost\r\nX: ' 'x')"
like "a body that never ends is 408" '408 Request Timeout' "$(slow 'POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n' ' ')"
exec 9<> "/dev/tcp/127.0.0.1/$PORT"
like "a client that says nothing is let go" '^HTTP/1.1 408' "$(timeout 20 cat <&9)"
exec 9>&-
exec 9<> "/dev/tcp/127.0.0.1/$PORT"
printf 'GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n' >&9
is "one that was served is let go in silence" "HTTP/1.1 200 OK" "$(timeout 20 cat <&9 | grep -a '^HTTP' | tr -d '\r')"
exec 9>&-
ok "no connection is left" until_true 200 eval '[ "$(metric goxel_connections)" = 1 ]'
stop_daemon
done_testing
