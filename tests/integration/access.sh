#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Who may do what: tokens, users of the Unix socket, levels, pages of other sites, addresses beyond loopback.
. "$(dirname "$0")/lib.sh"
HELPER=$TESTS/integration/access.py
CTL=$GOXEL_BUILD/bin/goxelctl
chmod 755 "$WORK"
JSON='Content-Type: application/json'
ping='{"jsonrpc":"2.0","id":1,"method":"system.ping","params":{}}'

declare -A TOKEN=() LINE=()
for level in read edit admin; do
    { read -r TOKEN[$level]; read -r LINE[$level]; } < <("$CTL" token "the.$level" "$level")
done
WRONG=goxel_$(printf '%064d' 0)
TOKENS=$WORK/tokens

# tokens LEVEL…: the file has these
tokens() {
    local level
    rm -f "$TOKENS"
    : > "$TOKENS"
    for level in "$@"; do echo "${LINE[$level]}" >> "$TOKENS"; done
    chmod 640 "$TOKENS"
}

# bearer LEVEL CURL-ARGUMENTS…: the status of a request with that token, or none
bearer() {
    local level=$1 token=()
    shift
    case $level in
        none) ;;
        wrong) token=(-H "Authorization: Bearer $WRONG") ;;
        *) token=(-H "Authorization: Bearer ${TOKEN[$level]}") ;;
    esac
    curl -s --max-time 60 ${token[@]+"${token[@]}"} "$@"
}
bearer_status() { bearer "$@" -o /dev/null -w '%{http_code}'; }

# call_as LEVEL METHOD [PARAMS]: the error's code, or null
call_as() {
    printf '{"jsonrpc":"2.0","id":1,"method":"%s","params":%s}' "$2" "${3:-{\}}" |
        bearer "$1" -H "$JSON" --data-binary @- "$URL/rpc" | jq -c .error.code
}

reload_admin() { bearer admin -X POST "$URL/reload"; }
refusals() { curl -s "$URL/metrics" | awk -v reason="$1" '$1 == "goxel_access_refused_total{reason=\"" reason "\"}" { print $2 }'; }

# ---- goxelctl token ----
like "a token is long" '^goxel_[0-9a-f]{64}$' "${TOKEN[read]}"
like "its line tells name, level and digest" '^the\.edit edit sha256:[0-9a-f]{64}$' "${LINE[edit]}"
is "which is that of the token" "$(printf %s "${TOKEN[edit]}" | sha256sum | cut -d' ' -f1)" "${LINE[edit]#*sha256:}"
is "no two are the same" 3 "$(printf '%s\n' "${TOKEN[@]}" | sort -u | wc -l)"
is "--json has both" '["line","token"]' "$("$CTL" --json token x read | jq -c keys)"
is "a level that is none is refused" 2 "$("$CTL" token x root > /dev/null 2>&1; echo $?)"
is "so is a name of two words" 2 "$("$CTL" token 'x y' read > /dev/null 2>&1; echo $?)"

# ---- without tokens ----
start_daemon
is "on loopback without tokens a reload just works" 200 "$(status -X POST "$URL/reload")"
is "a token that is shown there is nobody's business" 200 "$(bearer_status wrong -X POST "$URL/reload")"
is "and there are none to be tried" -1017 "$(code system.authenticate "{\"token\":\"$WRONG\"}")"
printf 'security { stop_without_token = false }\n' >> "$CONF"
is "stop_without_token is taken by a reload" '["security.stop_without_token"]' "$(curl -s -X POST "$URL/reload" | jq -c .applied)"
is "then a reload works as before" 200 "$(status -X POST "$URL/reload")"
is "but no stop" 401 "$(status -X POST "$URL/shutdown")"
is "and no restart" 401 "$(status -X POST "$URL/restart")"
is "nor by their methods" '-32004 -32004' "$(code system.shutdown) $(code system.restart)"
like "it says how" 'admin, or the Unix socket' "$(curl -s -X POST "$URL/shutdown" | jq -r .detail)"
is "over the Unix socket it is a stop" 202 "$(status --unix-socket "$SOCK" -X POST http://localhost/shutdown)"
ended
is "that ends well" 0 "$EXIT_STATUS"

# ---- levels ----
tokens read edit admin
start_daemon "security { tokens_file = \"$TOKENS\" }
logging { access_log = true }"

for path in /health /health/live /version /stats /metrics /state; do
    is "GET $path is for all" "200 200" "$(bearer_status none "$URL$path") $(bearer_status read "$URL$path")"
    is "GET $path with a wrong token is 401" 401 "$(bearer_status wrong "$URL$path")"
done
for path in /reload /log-level; do
    is "POST $path by level" "401 401 403 403 200" \
        "$(for level in none wrong read edit admin; do printf '%s ' "$(bearer_status $level -X POST "$URL$path")"; done | sed 's/ $//')"
done
for path in /shutdown /restart; do
    is "POST $path by level" "401 401 403 403" \
        "$(for level in none wrong read edit; do printf '%s ' "$(bearer_status $level -X POST "$URL$path")"; done | sed 's/ $//')"
done
bearer admin -X POST "$URL/log-level" > /dev/null # back to what it was
like "401 says what it wants" '^WWW-Authenticate: Bearer realm="goxel-daemon".?$' "$(bearer none -si -X POST "$URL/reload")"
like "and of a wrong token, that it is wrong" '^WWW-Authenticate: Bearer realm="goxel-daemon", error="invalid_token"' "$(bearer wrong -si "$URL/health")"
is "both are problems" '401 "Unauthorized" 401 "Unauthorized"' \
    "$(for level in none wrong; do bearer $level -X POST "$URL/reload" | jq -r '"\(.status) \"\(.title)\""'; done | paste -sd' ')"
like "403 names the level" 'needs the level admin, this client has read' "$(bearer read -X POST "$URL/reload" | jq -r .detail)"
is "the scheme's case does not matter" 200 "$(status -H "Authorization: bEaReR ${TOKEN[admin]}" -X POST "$URL/reload")"
is "another scheme is no token" 401 "$(status -u "admin:${TOKEN[admin]}" -X POST "$URL/reload")"
is "two of them are malformed" 400 "$(bearer_status admin -H "Authorization: Bearer ${TOKEN[read]}" -X POST "$URL/reload")"
is "a token has no place in the URL" 401 "$(status -X POST "$URL/reload?access_token=${TOKEN[admin]}")"
is "a beginning of a token is none" 401 "$(status -H "Authorization: Bearer ${TOKEN[admin]:0:60}" "$URL/health")"
is "nor is its digest" 401 "$(status -H "Authorization: Bearer ${LINE[admin]#* * }" "$URL/health")"
is "nor nothing" 401 "$(status -H "Authorization: Bearer " "$URL/health")"

is "a method for all, by level" "null null null null" \
    "$(for level in none read edit admin; do printf '%s ' "$(call_as $level system.ping)"; done | sed 's/ $//')"
is "a method that reads, by level" "-32004 null null null" \
    "$(for level in none read edit admin; do printf '%s ' "$(call_as $level project.list)"; done | sed 's/ $//')"
is "a method that edits, by level" "-32004 -1013 null null" \
    "$(for level in none read edit admin; do printf '%s ' "$(call_as $level project.create)"; done | sed 's/ $//')"
is "a method that steers, by level" "-32004 -1013 -1013 null" \
    "$(for level in none read edit admin; do printf '%s ' "$(call_as $level system.reload)"; done | sed 's/ $//')"
is "a wrong token is 401 for methods, too" 401 "$(bearer_status wrong -H "$JSON" -d "$ping" "$URL/rpc")"
is "/rpc/PROJECT is no way around" -32004 "$(curl -s -H "$JSON" -d '{"jsonrpc":"2.0","id":1,"method":"layer.get_list"}' "$URL/rpc/Untitled" | jq .error.code)"
is "a call that is refused has status 200" 200 "$(bearer_status none -H "$JSON" -d '{"jsonrpc":"2.0","id":1,"method":"project.list"}' "$URL/rpc")"
is "a batch is refused one by one" '[null,-1013,null]' \
    "$(bearer read -H "$JSON" -d "[$ping,{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"voxel.add\"},{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"project.list\"}]" "$URL/rpc" |
        jq -c 'map(.error.code)')"
is "over HTTP a token can be tried, and gives nothing that lasts" '["the.edit","edit",false]' \
    "$(bearer none -H "$JSON" -d "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"system.authenticate\",\"params\":[\"${TOKEN[edit]}\"]}" "$URL/rpc" |
        jq -c '.result | [.name, .level, .lasting]')"
is "a wrong one is told" -1012 "$(call_as none system.authenticate "[\"$WRONG\"]")"
ok "the access log has the token's name" grep -q 'path=/reload status=200 .* token=the\.admin$' "$LOG"
ok "no token is in the log" eval "! grep -qF -e '${TOKEN[read]}' -e '${TOKEN[edit]}' -e '${TOKEN[admin]}' -e '$WRONG' '$LOG'"
like "refusals are counted" '^[1-9][0-9]* [1-9][0-9]*$' "$(refusals unauthorised) $(refusals forbidden)"

# ---- the whole table ----
call_as edit voxel.add '{"x":1,"y":2,"z":3,"color":"#ff0000"}' > /dev/null
see() { GOXEL_TOKEN=${TOKEN[read]} "$CTL" --url "$URL" --json call project.list; GOXEL_TOKEN=${TOKEN[read]} "$CTL" --url "$URL" --json call project.get_history; }
before=$(see)
curl -s -H "$JSON" -d '{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}' "$URL/rpc" > "$WORK/document"
jq -c '[.result.methods[] | {jsonrpc: "2.0", id: .name, method: .name, params: {}}]' "$WORK/document" > "$WORK/walk"
for level in none read edit; do
    bearer $level -H "$JSON" --data-binary @"$WORK/walk" "$URL/rpc" > "$WORK/walked.$level"
    refused=-1013
    [ $level != none ] || refused=-32004
    is "of all methods, those above $level are refused, and no others" '[]' "$(jq -c --slurpfile walked "$WORK/walked.$level" --argjson code $refused --arg level $level '
        {all: 0, none: 0, read: 1, edit: 2, admin: 3} as $rank |
        ($walked[0] | map({key: .id, value: .error.code}) | from_entries) as $codes |
        [.result.methods[] | select(($rank[."x-access"] > $rank[$level]) != ($codes[.name] == $code)) | .name]' "$WORK/document")"
    [ $level = edit ] || is "and nothing has changed by them" "$before" "$(see)"
done
is "there were all kinds of them" '["admin","all","edit","read"]' "$(jq -c '[.result.methods[]."x-access"] | unique' "$WORK/document")"
is "system.list_methods says the same" "$(jq -c '[.result.methods[] | [.name, ."x-access"]]' "$WORK/document")" \
    "$(curl -s -H "$JSON" -d '{"jsonrpc":"2.0","id":1,"method":"system.list_methods","params":{"include_descriptions":true}}' "$URL/rpc" |
        jq -c '[.result.methods[] | [.name, .access]]')"
is "a file is written by nobody who only reads" "-1013 null" \
    "$(call_as read export.model "{\"path\":\"$DIR/files/a.txt\"}") $(call_as read export.model '{"format":"txt","inline":true}')"
ok "none is there" test ! -e "$DIR/files/a.txt"

# ---- goxelctl ----
ctl() { "$CTL" --url "$URL" "$@" > "$WORK/out" 2> "$WORK/err"; }
is "goxelctl without a token is refused" 1 "$(ctl reload; echo $?)"
printf '%s\n' "${TOKEN[admin]}" > "$WORK/mine"
ok "and with one it is not" ctl --token-file "$WORK/mine" reload
is "a wrong one is told" 1 "$(GOXEL_TOKEN=$WRONG ctl status; echo $?)"
ok "with the daemon's own words" grep -qi 'token' "$WORK/err"

# ---- pages of other sites ----
good='Origin: https://editor.example' evil='Origin: https://evil.example'
is "a token does not help a foreign page" 403 "$(bearer_status admin -H "$evil" -X POST "$URL/reload")"
is "nor a made-up Host" 403 "$(bearer_status admin -H 'Host: evil.example' -X POST "$URL/reload")"
preflight() { curl -si --max-time 60 -X OPTIONS -H "$1" -H 'Access-Control-Request-Method: POST' -H 'Access-Control-Request-Headers: authorization' "$URL${2:-/rpc}" | tr -d '\r'; }
like "without a list nobody's page may ask" '^HTTP/1.1 403' "$(preflight "$good")"
is "and OPTIONS is no method" 405 "$(status -X OPTIONS "$URL/rpc")"
sed -i 's|^security {|security { allowed_origins = {"https://editor.example"}|' "$CONF"
reload_admin > /dev/null
like "a listed page may ask beforehand, without a token" '^HTTP/1.1 204' "$(preflight "$good")"
like "the answer names its origin" '^Access-Control-Allow-Origin: https://editor.example$' "$(preflight "$good")"
like "the route's methods" '^Access-Control-Allow-Methods: POST$' "$(preflight "$good")"
like "those of a read, too" '^Access-Control-Allow-Methods: GET, HEAD$' "$(preflight "$good" /health)"
like "that a token may be sent" '^Access-Control-Allow-Headers:.*Authorization' "$(preflight "$good")"
like "how long that holds" '^Access-Control-Max-Age: [0-9]+$' "$(preflight "$good")"
like "and that it is for this origin" '^Vary: Origin$' "$(preflight "$good")"
like "another page may not" '^HTTP/1.1 403' "$(preflight "$evil")"
ok "and is not named" eval '! preflight "$evil" | grep -q Access-Control-Allow'
like "what is not there is not there" '^HTTP/1.1 404' "$(preflight "$good" /nowhere)"
is "OPTIONS that asks for nothing is no method" 405 "$(status -X OPTIONS -H "$good" "$URL/rpc")"
like "a reply names the origin that asked" '^Access-Control-Allow-Origin: https://editor.example' "$(bearer read -si -H "$good" "$URL/version")"
ok "without one it names none" eval '! bearer read -si "$URL/version" | grep -qi ^Access-Control'
like "but says that it depends on it" '^Vary: Origin' "$(bearer read -si "$URL/version")"
like "a refusal can be read by the page" '^Access-Control-Allow-Origin: https://editor.example' "$(bearer none -si -H "$good" -X POST "$URL/reload")"
is "a page has no level by being listed" 401 "$(status -H "$good" -X POST "$URL/reload")"
is "a page with a token does" 200 "$(bearer_status admin -H "$good" -X POST "$URL/reload")"

# ---- the file changes ----
tokens edit admin
is "a token whose line is gone counts until the reload" 200 "$(bearer_status read "$URL/version")"
is "which succeeds" '[]' "$(reload_admin | jq -c .errors)"
is "and then no more" 401 "$(bearer_status read "$URL/version")"
is "the others do" 200 "$(bearer_status edit "$URL/version")"
echo "oops" >> "$TOKENS"
is "a line that is wrong fails the reload" 422 "$(bearer_status admin -X POST "$URL/reload")"
is "and is named" "[\"$TOKENS:3: security.tokens_file: expected NAME LEVEL sha256:DIGEST, as \`goxelctl token\` gives it\"]" "$(reload_admin | jq -c .errors)"
is "what was good is" 200 "$(bearer_status edit "$URL/version")"
tokens read edit admin
chmod 644 "$TOKENS"
like "a file for everybody fails it" 'its mode is 0644.*chmod 0640' "$(reload_admin | jq -r '.errors[]')"
is "--check-config says so, too" 12 "$("$DAEMON" --config "$CONF" --check-config > "$WORK/out" 2>&1; echo $?)"
like "with the same words" 'tokens: security\.tokens_file: its mode is 0644' "$(cat "$WORK/out")"
is "a restart is refused because of it" 422 "$(bearer_status admin -X POST "$URL/restart")"
rm "$TOKENS"
like "no file fails it" 'security\.tokens_file: cannot be read: No such file' "$(reload_admin | jq -r '.errors[]')"
is "health knows of none of that" 200 "$(status "$URL/health")"
tokens read edit admin
is "a file that is right again is taken" '[]' "$(reload_admin | jq -c .errors)"

# ---- streams ----
is "a stream: root is an admin, whatever its tokens" null "$(python3 "$HELPER" say "$SOCK" system.reload)"

# ---- users of the Unix socket ----
if [ "$(id -u)" -eq 0 ] && setpriv --reuid=65534 --regid=65533 --clear-groups true 2> /dev/null; then
    somebody=(setpriv --reuid=65534 --regid=65533 --clear-groups)
    chmod 755 "$DIR" "$DIR/run"
    chmod 666 "$SOCK"
    # unix [CURL-ARGUMENTS]: the status of a reload by ${who[@]}
    who=()
    unix() { ${who[@]+"${who[@]}"} curl -s -o /dev/null --max-time 60 -w '%{http_code}' "$@" --unix-socket "$SOCK" -X POST http://localhost/reload; }
    unix_as() { local who=(setpriv --reuid=65534 --regid=65533 "$1"); shift; unix "$@"; }
    chmod 640 "$TOKENS"
    is "without rules whoever may connect is an admin" 200 "$(unix_as --clear-groups)"
    rule() { sed -i "/^peers/d; s|^security {|&\npeers = {$1}\n|" "$CONF"; reload_admin | jq -c .errors; }
    is "a rule for another user is taken" '[]' "$(rule '"user:1=admin"')"
    is "then it is not" 403 "$(unix_as --clear-groups)"
    is "but may look whether all is well" 200 "$("${somebody[@]}" curl -s -o /dev/null -w '%{http_code}' --unix-socket "$SOCK" http://localhost/health)"
    is "root is" 200 "$(unix)"
    rule '"user:65534=read"' > /dev/null
    is "a rule for the user: not enough" "403 -1013 null" \
        "$(unix_as --clear-groups) $(python3 "$HELPER" nobody say "$SOCK" project.create) $(python3 "$HELPER" nobody say "$SOCK" project.list)"
    rule '"user:65534=read", "group:65533=admin"' > /dev/null
    is "a rule for the group: the highest counts" 200 "$(unix_as --clear-groups)"
    rule '"group:4321=admin"' > /dev/null
    is "one of several groups counts" "403 200" \
        "$(unix_as --clear-groups) $(unix_as --groups=5,4321)"
    is "a name that is nobody's fails the reload" '["security.peers: user: expected one that the system knows, or a number, got no-such-user"]' "$(rule '"user:no-such-user=read"')"
    rule '"user:1=read"' > /dev/null
    is "a token raises a user of the socket" 200 "$(unix_as --clear-groups -H "Authorization: Bearer ${TOKEN[admin]}")"
    is "a wrong one is refused there, too" 401 "$(bearer_status wrong --unix-socket "$SOCK" http://localhost/health)"
    is "a stream is raised by system.authenticate" ok "$(python3 "$HELPER" nobody authenticate "$SOCK" "${TOKEN[edit]}" "$WRONG" 2>&1)"
    python3 "$HELPER" nobody revoke "$SOCK" "${TOKEN[edit]}" > "$WORK/revoke" 2>&1 &
    helper=$!
    PIDS+=("$helper")
    until_true 200 grep -q raised "$WORK/revoke"
    tokens read admin
    reload_admin > /dev/null
    until_true 200 gone "$helper"
    is "until the token's line is gone" "raised -1013" "$(paste -sd' ' "$WORK/revoke")"
else
    skip "users of the Unix socket" "only root can become another user"
fi
stop_daemon

# ---- who listens ----
tokens read edit admin
start_daemon "security { tokens_file = \"$TOKENS\" }"
bearer read -sN "$URL/events" > "$WORK/heard" 2>&1 &
listener=$!
PIDS+=("$listener")
until_true 200 grep -q '^id: ' "$WORK/heard"
bearer edit -H "$JSON" -d '{"jsonrpc":"2.0","id":1,"method":"project.create","params":["one"]}' "$URL/rpc" > /dev/null
ok "a token may listen" until_true 200 grep -q '"one"' "$WORK/heard"
tokens edit admin
is "a reload tells that the list is another one" '["security.tokens_file"]' "$(reload_admin | jq -c .applied)"
is "and that it is the same" '[]' "$(reload_admin | jq -c .applied)"
bearer edit -H "$JSON" -d '{"jsonrpc":"2.0","id":1,"method":"project.create","params":["two"]}' "$URL/rpc" > /dev/null
ok "and no longer once its line is gone" until_true 200 gone "$listener"
is "what came then it has not heard" "" "$(grep '"two"' "$WORK/heard")"
stop_daemon

# ---- how much one client may ask ----
tokens read edit admin
start_daemon "security { tokens_file = \"$TOKENS\" }
limits { requests_per_second = 1 request_burst = 3 }"
urls=()
for _ in {1..12}; do urls+=("$URL/version"); done
bearer edit "${urls[@]}" -o /dev/null -w '%{http_code}\n' > "$WORK/codes" 2>&1
like "beyond its burst a client is 429" ' 429' " $(grep -oE '(200|429)$' "$WORK/codes" | sort -u | paste -sd' ')"
is "within it, it is not" 200 "$(grep -oE '(200|429)$' "$WORK/codes" | head -n 1)"
like "and told when to come back" '^Retry-After: [1-9]' "$(bearer edit -si "${urls[@]}")"
like "for a method it is a JSON-RPC error" '"code":-32000' "$(for _ in {1..6}; do bearer edit -H "$JSON" -d "$ping" "$URL/rpc"; done)"
is "another client is not concerned" 200 "$(bearer_status admin "$URL/version")"
is "a stream is told as well, and goes on" ok "$(python3 "$HELPER" rate "$SOCK")"
like "it is counted" '^[1-9]' "$(for _ in {1..20}; do refusals rate; done | grep -m 1 .)"
sed -i 's/^limits .*/limits { concurrent_requests_per_client = 1 }/' "$CONF"
is "limits are reloaded" ok "$(kill -HUP "$PID"; until_true 200 grep -q 'applied option=limits.concurrent' "$LOG" && echo ok)"
is "uploads count until they are answered, and a refusal is seen" ok "$(python3 "$HELPER" uploads "$PORT" "${TOKEN[admin]}" 2>&1)"
is "so many at the same time" ok "$(python3 "$HELPER" busy "$PORT" "${TOKEN[edit]}" "${TOKEN[read]}" 2>&1)"
like "that is counted, too" '^[1-9]' "$(refusals concurrency)"
stop_daemon

# ---- beyond loopback ----
tokens admin
write_config
check() { "$DAEMON" --config "$CONF" --check-config > "$WORK/out" 2>&1; echo $?; }
sed -i "s|port = $PORT|& bind_address = \"0.0.0.0\"|" "$CONF"
is "beyond loopback --check-config wants tokens" 12 "$(check)"
like "and says so" 'security\.tokens_file, or security\.allow_remote_without_token' "$(cat "$WORK/out")"
launch
ended
is "the daemon does not start" 12 "$EXIT_STATUS"
if command -v systemd-socket-activate > /dev/null; then
    systemd-socket-activate -l "0.0.0.0:$PORT" "$DAEMON" --config "$CONF" > "$WORK/out" 2>&1 &
    PID=$!
    PIDS+=("$PID")
    until_true 200 curl -s -o /dev/null --max-time 1 "$URL/health" || until_true 200 gone "$PID"
    ended
    is "nor with a socket of systemd's" 12 "$EXIT_STATUS"
else
    skip "nor with a socket of systemd's" "systemd-socket-activate is not installed"
fi
echo "security { tokens_file = \"$TOKENS\" }" >> "$CONF"
is "with tokens it is right" 0 "$(check)"
launch
ok "and starts" ready
is "an admin is one" 200 "$(bearer_status admin -X POST "$URL/reload")"
sed -i '/^security/d; s|bind_address = "0.0.0.0"||' "$CONF"
is "a file without both is right for a start" 0 "$(check)"
is "but a reload would leave the address without tokens" 422 "$(bearer_status admin -X POST "$URL/reload")"
like "which it says" 'is in effect and not loopback' "$(reload_admin | jq -r '.errors[]')"
is "so would a restart in place" 422 "$(bearer_status admin -X POST "$URL/restart")"
is "strangers are strangers still" 401 "$(status -X POST "$URL/reload")"
stop_daemon

done_testing
