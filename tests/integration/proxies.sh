#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The daemon behind nginx and HAProxy, with TLS: the very files of docs/proxy, but for names, ports and paths.
. "$(dirname "$0")/lib.sh"
HELPER=$TESTS/integration/proxies.py
CTL=$GOXEL_BUILD/bin/goxelctl
FILES=$TESTS/../docs/proxy
JSON='Content-Type: application/json'
HOST=goxel.example.org
MIB10=10485760

{ read -r TOKEN; read -r LINE; } < <("$CTL" token reader read)
echo "$LINE" > "$WORK/tokens"
chmod 640 "$WORK/tokens"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$HOST" -addext "subjectAltName=DNS:$HOST,DNS:other.example" \
    -keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2> "$WORK/openssl" || fail "a certificate is made" "$(cat "$WORK/openssl")"
cat "$WORK/cert.pem" "$WORK/key.pem" > "$WORK/both.pem"
start_daemon "security {
    tokens_file = \"$WORK/tokens\"
    allowed_hosts = {\"$HOST\"}
}"

# background NAME COMMAND…: one that has to be ended
background() {
    local log=$WORK/$1.log
    shift
    "$@" > "$log" 2>&1 &
    PIDS+=("$!")
}

# use_nginx PORT UPSTREAM, use_haproxy PORT UPSTREAM: a proxy with the file of docs/proxy
use_nginx() {
    local folder=$WORK/nginx.$1 user=
    [ "$(id -u)" -ne 0 ] || user='user root;'
    mkdir -p "$folder"
    sed -e "s|127\.0\.0\.1:7890|127.0.0.1:$2|" -e "s|listen 443|listen 127.0.0.1:$1|" -e '/listen \[::\]/d' \
        -e "s|/etc/ssl/goxel/fullchain.pem|$WORK/cert.pem|" -e "s|/etc/ssl/goxel/privkey.pem|$WORK/key.pem|" \
        "$FILES/nginx.conf" > "$folder/goxel.conf"
    cat > "$folder/nginx.conf" <<CONF
daemon off;
$user
pid $folder/pid;
error_log $folder/error.log;
events {}
http {
    access_log off;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    include $folder/goxel.conf;
}
CONF
    background "nginx.$1" nginx -p "$folder" -e "$folder/error.log" -c "$folder/nginx.conf"
}

use_haproxy() {
    sed -e "s|127\.0\.0\.1:7890|127.0.0.1:$2|" -e "s|bind :::443 v4v6|bind 127.0.0.1:$1|" -e "s|/etc/ssl/goxel/goxel.pem|$WORK/both.pem|" \
        "$FILES/haproxy.cfg" > "$WORK/haproxy.$1.cfg"
    background "haproxy.$1" haproxy -db -f "$WORK/haproxy.$1.cfg"
}

# through CURL-ARGUMENTS…: what comes back through the proxy; NAME and PROXY say which
through() { curl -s --max-time 60 --cacert "$WORK/cert.pem" --resolve "$HOST:$PROXY:127.0.0.1" --resolve "other.example:$PROXY:127.0.0.1" "$@"; }
status_through() { through -o /dev/null -w '%{http_code}' "$@"; }
accepted() { curl -s "$URL/metrics" | awk '$1 == "goxel_connections_accepted_total" { print $2 }'; }

# body SIZE: a request of so many bytes
body() { printf '{"jsonrpc":"2.0","id":1,"method":"system.ping"%*s}' $(($1 - 47)) ''; }

ask() { through -H "$JSON" -H "Authorization: Bearer $TOKEN" -d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\"}" "$BASE/rpc"; }

check_proxy() {
    local auth="Authorization: Bearer $TOKEN" before
    BASE=https://$HOST:$PROXY
    ok "$NAME: it comes up" until_true 200 through -f "$BASE/health"
    is "$NAME: health comes through" RUNNING "$(through "$BASE/health" | jq -r .state)"
    is "$NAME: with HTTP/2" "2 200" "$(through --http2 -o /dev/null -w '%{http_version} %{http_code}' "$BASE/health")"
    is "$NAME: without a token there is none" -32004 "$(through -H "$JSON" -d '{"jsonrpc":"2.0","id":1,"method":"project.list"}' "$BASE/rpc" | jq .error.code)"
    is "$NAME: a token is passed on" array "$(ask project.list | jq -r ".result.projects | type")"
    is "$NAME: with its level" -1013 "$(ask project.create | jq .error.code)"
    is "$NAME: a stop needs one" 401 "$(status_through -X POST "$BASE/shutdown")"
    is "$NAME: a wrong one is refused" 401 "$(status_through -H 'Authorization: Bearer wrong' "$BASE/health")"
    like "$NAME: with what it should be" '^[Ww][Ww][Ww]-[Aa]uthenticate: Bearer realm' "$(through -i -H 'Authorization: Bearer wrong' "$BASE/health")"
    is "$NAME: the console's own page may ask" 200 "$(status_through -H "Origin: $BASE" "$BASE/health")"
    is "$NAME: another's may not" 403 "$(status_through -H 'Origin: https://evil.example' "$BASE/health")"
    is "$NAME: a name that the daemon does not know is refused" 403 "$(status_through "https://other.example:$PROXY/health")"
    is "$NAME: 10 MiB come through" "$MIB10 200" "$(body $MIB10 | through -H "$JSON" --data-binary @- -o /dev/null -w '%{size_upload} %{http_code}' "$BASE/rpc")"
    is "$NAME: a byte more is 413" 413 "$(body $((MIB10 + 1)) | status_through -H "$JSON" --data-binary @- "$BASE/rpc")"
    is "$NAME: chunks come through" 200 "$(body 300000 | status_through --http1.1 -H "$JSON" -H 'Transfer-Encoding: chunked' --data-binary @- "$BASE/rpc")"
    is "$NAME: a long reply is whole" "$(curl -s -H "$JSON" -H "$auth" -d '{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}' "$URL/rpc" | sha256sum)" "$(ask rpc.discover | sha256sum)"
    is "$NAME: a client's connection is kept" "1 0 0" "$(through --http1.1 -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects} ' "$BASE/health" "$BASE/health" "$BASE/health" | sed 's/ $//')"
    background "heard.$NAME" curl -sN --cacert "$WORK/cert.pem" --resolve "$HOST:$PROXY:127.0.0.1" -H "$auth" "$BASE/events?events=project"
    ok "$NAME: a listener to events is there" until_true 200 grep -q '^id: ' "$WORK/heard.$NAME.log"
    curl -s --unix-socket "$SOCK" -H "$JSON" -d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"project.create\",\"params\":[\"by $NAME\"]}" http://localhost/rpc > /dev/null
    ok "$NAME: and hears of a project" until_true 200 grep -q "by $NAME" "$WORK/heard.$NAME.log"
    is "$NAME: which can be fetched" "$(curl -s -H "$auth" "$URL/projects/by%20$NAME.gox" | sha256sum)" "$(through -H "$auth" "$BASE/projects/by%20$NAME.gox" | sha256sum)"
    before=$(accepted)
    for _ in {1..20}; do through -o /dev/null "$BASE/health"; done
    ok "$NAME: those to the daemon are used again ($before, then $(accepted))" test $(($(accepted) - before)) -lt 15
}

# An event arrives before the next one is sent, which is sent once it has arrived.
check_events() {
    BASE=https://$HOST:$PROXY
    until_true 200 through -f -o /dev/null "$BASE/health"
    is "$NAME: events are not kept back" $'data: 1\ndata: 2\ndata: 3' \
        "$(through -N "$BASE/events" | python3 "$HELPER" acknowledge "$WORK/seen.$NAME" 2>&1)"
}

read -r STAND_IN < <(free_ports 1)
for NAME in nginx haproxy; do
    if ! command -v $NAME > /dev/null; then
        skip "$NAME" "it is not installed"
        continue
    fi
    read -r PROXY EVENTS < <(free_ports 2)
    "use_$NAME" "$PROXY" "$PORT"
    check_proxy
    # What sends events here sends one at a time; the daemon's own come when something happens.
    background "events.$NAME" python3 "$HELPER" serve "$STAND_IN" "$WORK/seen.$NAME"
    events_pid=$!
    "use_$NAME" "$EVENTS" "$STAND_IN"
    PROXY=$EVENTS
    check_events
    kill "$events_pid"
    until_true 200 gone "$events_pid"
done
stop_daemon

done_testing
