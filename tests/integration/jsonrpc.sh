#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# JSON-RPC 2.0 over HTTP: framing, statuses, batches, and input that is wrong in every way.
. "$(dirname "$0")/lib.sh"

start_daemon
# The first thing that it is asked: what it needed at most tells of this alone.
bomb() { python3 -c 'n = (10 << 20) - 4; print("[" + "{}," * (n // 3) + "{}" + " " * (n % 3) + "]", end="")'; }
most_memory() { awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$PID/status"; }
is "10 MiB of [{},{},… are refused with the limit" '[-32700,true]' \
    "$(bomb | curl -s -H 'Content-Type: application/json' -H 'Expect:' --data-binary @- "$URL/rpc" | jq -c '[.error.code, (.error.data | has("limit"))]')"
is "over the stream, too" '[-32700,true]' "$(bomb | python3 "$TESTS/integration/stream.py" say "$SOCK" | jq -c '[.error.code, (.error.data | has("limit"))]')"
if grep -qE '__asan_init|__tsan_init' "$DAEMON"; then
    leave_out "neither took 100 MiB" "a sanitizer has memory of its own"
else
    ok "neither took 100 MiB ($(most_memory) MiB)" test "$(most_memory)" -lt 100
fi
JSON='Content-Type: application/json'
post() { curl -s --max-time 60 -H "$JSON" --data-binary "$1" "$URL/rpc"; }
post_file() { curl -s --max-time 60 -H "$JSON" -H 'Expect:' --data-binary "@$1" "$URL/rpc"; }
post_status() { status -H "$JSON" --data-binary "$1" "$URL/rpc"; }

is "a request" '{"jsonrpc":"2.0","id":1,"result":{"pong":true}}' \
    "$(post '{"jsonrpc":"2.0","id":1,"method":"system.ping"}' | jq -c '.result |= {pong}')"
is "the reply's members are in order" '["jsonrpc","id","result"]' "$(post '{"method":"system.ping","id":"a","jsonrpc":"2.0"}' | jq -c keys_unsorted)"
is "positional parameters" 5 "$(post '{"jsonrpc":"2.0","id":1,"method":"system.ping","params":[5]}' | jq .result.timestamp)"
is "a notification gets 204" 204 "$(post_status '{"jsonrpc":"2.0","method":"system.ping"}')"
is "a notification gets no body" "" "$(post '{"jsonrpc":"2.0","method":"no.such"}')"
is "an id may be null" '[true,null]' "$(post '{"jsonrpc":"2.0","id":null,"method":"system.ping"}' | jq -c '[has("id"), .id]')"
is "an id keeps its value" '"é"' "$(post '{"jsonrpc":"2.0","id":"é","method":"system.ping"}' | jq .id)"

specification post
is "invalid JSON is 400" 400 "$(post_status '{"jsonrpc":"2.0","method":"foobar,"params":"bar","baz]')"
is "a batch of notifications gets 204" 204 "$(post_status '[{"jsonrpc":"2.0","method":"system.ping"},{"jsonrpc":"2.0","method":"system.ping"}]')"
is "wrong parameters are named" '["timestmap","timestamp"]' \
    "$(post '{"jsonrpc":"2.0","id":1,"method":"system.ping","params":{"timestmap":1}}' | jq -c '[.error.data.field, (.error.data.expected | tostring | if test("timestamp") then "timestamp" else . end)]')"

# Input from strangers.
python3 - "$DIR" <<'PY'
import json, sys
d = sys.argv[1]
def put(name, data):
    open(d + "/" + name, "wb").write(data)
put("deep", b"[" * 10000 + b"]" * 10000)
put("deep-params", b'{"jsonrpc":"2.0","id":1,"method":"system.ping","params":' + b"[" * 10000 + b"]" * 10000 + b"}")
put("utf8", b'{"jsonrpc":"2.0","id":"\xff\xfe","method":"system.ping"}')
put("overlong", b'{"jsonrpc":"2.0","id":"\xc0\xaf","method":"system.ping"}')
put("surrogate", b'{"jsonrpc":"2.0","id":"\\ud800","method":"system.ping"}')
put("nul", b'{"jsonrpc":"2.0","id":1,"method":"system.ping"}\0')
put("nan", b'{"jsonrpc":"2.0","id":1,"method":"system.ping","params":[NaN]}')
put("huge-int", b'{"jsonrpc":"2.0","id":1,"method":"system.ping","params":[' + b"9" * 40 + b"]}")
put("huge-double", b'{"jsonrpc":"2.0","id":1,"method":"system.ping","params":[1e400]}')
put("twice", b'{"jsonrpc":"2.0","id":1,"id":2,"method":"system.ping"}')
put("single", b"{'jsonrpc':'2.0','id':1,'method':'system.ping'}")
put("empty", b"")
put("space", b"   \n")
put("two", b'{"jsonrpc":"2.0","id":1,"method":"system.ping"}{"jsonrpc":"2.0","id":2,"method":"system.ping"}')
put("long-batch", json.dumps([{"jsonrpc": "2.0", "id": i, "method": "system.ping"} for i in range(1001)]).encode())
PY
for name in deep deep-params utf8 overlong surrogate nul nan huge-int huge-double twice single empty space two; do
    reply=$(post_file "$DIR/$name")
    is "$name is refused" '["2.0",null,-32700]' "$(jq -c '[.jsonrpc, .id, .error.code]' <<< "$reply" 2>&1)"
    is "$name: the place is named" true "$(jq -c '.error.data | (has("offset") or has("limit"))' <<< "$reply" 2>&1)"
    is "$name is 400" 400 "$(status -H "$JSON" -H 'Expect:' --data-binary "@$DIR/$name" "$URL/rpc")"
done
is "a batch too long is refused with its limit" '[-32600,1000,1001]' \
    "$(post_file "$DIR/long-batch" | jq -c '[.error.code, .error.data.limit, .error.data.given]')"
is "coordinates out of range are named" '[-1003,"x"]' \
    "$(rpc project.create '{"name":"p"}' > /dev/null; rpc voxel.add '{"x":1048576,"y":0,"z":0,"color":"#ff0000"}' | jq -c '[.error.code, .error.data.field]')"
is "a fraction is no coordinate" -32602 "$(code voxel.add '{"x":1.5,"y":0,"z":0,"color":"#ff0000"}')"
is "a colour that is none" -1004 "$(code voxel.add '{"x":1,"y":0,"z":0,"color":"#ff00"}')"
is "an edit without an end is refused before it begins" -1014 \
    "$(code voxel.fill '{"region":{"min":[-1048576,-1048576,-1048576],"max":[1048575,1048575,1048575]},"color":[1,2,3]}')"
is "the daemon lives on" RUNNING "$(state)"
ok "in little memory" test "$(curl -s "$URL/metrics" | awk '$1 == "process_resident_memory_bytes" { printf "%d", $2 / 1e6 }')" -lt 500

# A default project from the path.
rpc project.create '{"name":"two words"}' > /dev/null
rpc project.create '{"name":"other"}' > /dev/null
curl -s -H "$JSON" -d '{"jsonrpc":"2.0","id":1,"method":"voxel.add","params":{"x":1,"y":2,"z":3,"color":[9,8,7]}}' "$URL/rpc/two%20words" > /dev/null
is "/rpc/{project} names the project" '[[9,8,7,255],[0,0,0,0]]' "$(jq -cn \
    --argjson a "$(result voxel.get '{"x":1,"y":2,"z":3,"project":"two words"}')" \
    --argjson b "$(result voxel.get '{"x":1,"y":2,"z":3,"project":"other"}')" '[$a.color, ($b.color // [0,0,0,0])]')"

# A name is a value of the log's lines, whatever it looks like.
rpc system.set_log_level '{"level":"debug"}' > /dev/null
rpc project.create '{"name":"a\" error=FORGED reason=\"\u202ex\\"}' > /dev/null
stop_daemon
ok "a name forges nothing in the log" grep -qF 'name="a\" error=FORGED reason=\"\u202ex\\"' "$LOG"
done_testing
