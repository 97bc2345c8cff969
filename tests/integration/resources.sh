#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# /projects over HTTP: files and packed voxels both ways, conditions, parts, compression, pages; and nothing that was
# acknowledged is lost.
. "$(dirname "$0")/lib.sh"

# lines N: a text file of so many different voxels, four bricks deep
lines() { python3 -c 'import sys
for i in range(int(sys.argv[1])): print(i % 200, i // 200 % 200, i // 40000, "%06x" % (i * 2654435761 % 0xffffff))' "$1"; }

# ask CURL-ARGUMENTS…: the status; header lines in $WORK/head, the body in $WORK/body
ask() { curl -s --max-time 120 -o "$WORK/body" -D "$WORK/head" -w '%{http_code}' "$@"; }

# head_of NAME: the header of the last reply
head_of() { tr -d '\r' < "$WORK/head" | sed -n "s/^$1: //Ip" | tail -n 1; }

# client ARGUMENTS…: the independent client
client() { python3 "$TESTS/integration/resources.py" "$1" "$PORT" "${@:2}"; }

lines 20000 > "$WORK/castle.txt"

# ---- there and back ----

start_daemon 'limits { max_file_mb = 160 }'

is "an empty list" 0 "$(curl -s "$URL/projects" | jq .count)"
is "PUT makes a project" 201 "$(ask -T "$WORK/castle.txt" "$URL/projects/castle.txt")"
is "and says where" "/projects/castle.txt p1 1" "$(head_of Location) $(head_of Goxel-Project) $(head_of Goxel-Version)"
is "and what" '[true,1,20000]' "$(jq -c '[.created, .layers, .total_voxels]' "$WORK/body")"
is "GET gives it" 200 "$(ask "$URL/projects/castle.txt")"
is "with the same voxels" "$(sort "$WORK/castle.txt" | sha256sum)" "$(grep -v '^#' "$WORK/body" | sort | sha256sum)"
cp "$WORK/body" "$WORK/plain.txt"
is "GET without an extension describes it" '["castle",20000]' \
    "$(curl -s "$URL/projects/castle" | jq -c '[.name, .statistics.total_voxels]')"
is "the list has it" '["castle"]' "$(curl -s "$URL/projects" | jq -c '[.projects[].name]')"
is "another format" "200 application/x-goxel" "$(ask "$URL/projects/castle.gox") $(head_of Content-Type)"
cp "$WORK/body" "$WORK/castle.gox"
is "PUT of that under another name" 201 "$(ask -T "$WORK/castle.gox" "$URL/projects/tower%20%C3%A9.gox")"
is "GET gives the same bytes" 200 "$(ask "$URL/projects/tower%20%C3%A9.gox")"
ok "byte for byte" cmp "$WORK/body" "$WORK/castle.gox"
is "HEAD tells the length" "200 $(stat -c %s "$WORK/castle.gox")" "$(ask -I "$URL/projects/castle.gox") $(head_of Content-Length)"
is "PUT replaces" '200 false' "$(ask -T "$WORK/castle.gox" "$URL/projects/castle.gox") $(jq .created "$WORK/body")"
is "as one step, that undo takes back" '[1,2]' "$(result project.undo '{"project":"castle"}' '[.steps, .version - 1]')"
is "to the same content" 200 "$(ask "$URL/projects/castle.txt")"
ok "exactly" cmp "$WORK/body" "$WORK/plain.txt"
is "the route is there on the Unix socket" 200 "$(status --unix-socket "$SOCK" http://x/projects/castle.gox)"

# ---- what is refused, and changes nothing ----

before=$(picture)
printf 'nonsense' > "$WORK/bad.txt"
is "no format" 415 "$(status -T "$WORK/castle.txt" "$URL/projects/castle.obj")"
is "no extension" 415 "$(status -T "$WORK/castle.txt" "$URL/projects/castle")"
is "no file of that format" 400 "$(status -T "$WORK/bad.txt" "$URL/projects/castle.txt")"
is "an empty one" 400 "$(status -T /dev/null "$URL/projects/castle.gox")"
is "an unsafe name" 422 "$(status -T "$WORK/castle.txt" "$URL/projects/a%0Ab.txt")"
is "a name like an id" 422 "$(status -T "$WORK/castle.txt" "$URL/projects/p77.txt")"
is "a broken escape" 400 "$(status -T "$WORK/castle.txt" "$URL/projects/a%2.txt")"
is "no such project" 404 "$(status "$URL/projects/nobody")"
is "no such project as a file" 404 "$(status "$URL/projects/nobody.gox")"
is "nor of a format that is none, whatever is wanted of it" 404 "$(ask "$URL/projects/castle.xyz?strict=true&scale=2")"
like "which are told" 'obj mtl ply stl' "$(cat "$WORK/body")"
is "nor to delete" 404 "$(status -X DELETE "$URL/projects/nobody")"
is "pictures are for later" 404 "$(status "$URL/projects/castle/render.png")"
is "another method" 405 "$(status -X POST "$URL/projects/castle.gox")"
is "an unknown parameter" 400 "$(status "$URL/projects/castle.gox?colour=red")"
is "a parameter twice" 400 "$(status "$URL/projects/castle/voxels?limit=1&limit=2")"
is "another site's page" 403 "$(status -X DELETE -H 'Origin: http://elsewhere.example' "$URL/projects/castle")"
is "an unknown coding" 415 "$(status -T "$WORK/castle.txt" -H 'Content-Encoding: br' "$URL/projects/castle.txt")"
is "an error is a problem" 'application/problem+json 404' "$(ask "$URL/projects/nobody.gox" > /dev/null; echo "$(head_of Content-Type) $(jq .status "$WORK/body")")"
is "a part of a file" 400 "$(status -T "$WORK/castle.txt" -H 'Content-Range: bytes 0-9/100' "$URL/projects/castle.txt")"
is "uploads that are cut off" '{"cut":20}' "$(client cut /projects/castle.txt "$WORK/castle.txt" 20)"
is "nothing of it changed anything" "$before" "$(picture)"

# ---- conditions ----

ask "$URL/projects/castle.txt" > /dev/null
etag=$(head_of ETag)
like "the ETag is a strong one" '^"p1-' "$etag"
is "If-None-Match with it: 304" 304 "$(ask -H "If-None-Match: $etag" "$URL/projects/castle.txt")"
is "and with others" 304 "$(ask -H "If-None-Match: \"x\", W/$etag" "$URL/projects/castle.txt")"
is "which is told as an ETag again" "$etag" "$(head_of ETag)"
is "If-None-Match: * makes, and replaces nothing" 412 "$(status -T "$WORK/castle.txt" -H 'If-None-Match: *' "$URL/projects/castle.txt")"
is "If-Match needs a project" 412 "$(status -T "$WORK/castle.txt" -H 'If-Match: *' "$URL/projects/new.txt")"
is "DELETE of what moved on" 412 "$(status -X DELETE -H 'If-Match: "p1-0-1"' "$URL/projects/castle")"
is "if_version of what moved on" 409 "$(status -T "$WORK/castle.txt" "$URL/projects/castle.txt?if_version=1")"
is "of writers that have seen the same version one wins" '{"200":1,"412":15}' \
    "$(client race "$(counts 10 100)" 16 PUT /projects/castle.txt "$WORK/castle.txt" | jq -c .)"
is "also with packed voxels" '{"200":1,"412":15}' "$(client race "$(counts 10 100)" 16 POST /projects/castle/voxels | jq -c .)"
is "of those that make a project one wins" '{"201":1,"412":15}' "$(client make "$(counts 10 100)" 16 "$WORK/castle.gox" | jq -c .)"
is "DELETE of what was seen" "200 204" "$(ask "$URL/projects/tower%20%C3%A9.gox") $(status -X DELETE -H "If-Match: $(head_of ETag)" "$URL/projects/tower%20%C3%A9")"
is "is gone" 404 "$(status "$URL/projects/tower%20%C3%A9")"

counted() { curl -s "$URL/metrics" | awk -v name="goxel_http_requests_total{code=\"$1\"}" '$1 == name { print $2 }'; }
made=$(counted 201)
is "another project" 201 "$(status -T "$WORK/castle.txt" "$URL/projects/counted.txt")"
is "is counted as one that was made" $((made + 1)) "$(counted 201)"
ok "and a condition that is not met as that" test "$(counted 412)" -ge 3
is "every status has its own number" 0 "$(curl -s "$URL/metrics" | grep -c '^goxel_http_requests_total{code="507"}')"

# ---- options, and parts of the project ----

first=$(result layer.get_list '{"project":"castle"}' '.layers[0].id')
result layer.create '{"name":"roof","project":"castle"}' > /dev/null
rpc voxel.add '{"x":0,"y":0,"z":99,"color":[1,2,3,20],"project":"castle"}' > /dev/null
tags=''
for query in '' "?layers=$first" "?layers=$first,roof" '?box=0,0,0,5,5,5' "?layers=$first&box=0,0,0,5,5,5&strict=true"; do
    is "castle.txt$query" 200 "$(ask "$URL/projects/castle.txt$query")"
    tags="$tags$(head_of ETag)
"
    is "castle.txt$query again" 304 "$(status -H "If-None-Match: $(head_of ETag)" "$URL/projects/castle.txt$query")"
done
is "each has an ETag of its own" 5 "$(grep . <<< "$tags" | sort -u | wc -l)"
is "only what lies in the box" 36 "$(grep -vc '^#' "$WORK/body")"
is "strict: what would be lost is a problem" 422 "$(ask "$URL/projects/castle.txt?strict=true")"
is "that lists it" '[{"what":"translucent voxels dropped","count":1},{"what":"layers drawn as one","count":2}]' "$(jq -c .warnings "$WORK/body")"
is "without strict it is told in the same words" "200 $(jq -c .warnings "$WORK/body")" "$(ask "$URL/projects/castle.txt") $(head_of Goxel-Warnings)"
is "an option of the format" 200 "$(ask "$URL/projects/castle.obj?scale=0.5&mesher=faces&colors=material&layers=$first")"
is "an .obj has a companion, and says so" mtl "$(head_of Goxel-Companion)"
like "an .obj says which .mtl" '^mtllib castle\.mtl$' "$(grep mtllib "$WORK/body")"
is "and the header its ending" mtl "$(head_of Goxel-Companion)"
is "by the name that the client gives it" "200 mtllib a b.mtl" "$(ask "$URL/projects/castle.obj?colors=material&layers=$first&file=a%20b") $(grep mtllib "$WORK/body")"
is "without materials there is none" "200 " "$(ask "$URL/projects/castle.obj?layers=$first") $(head_of Goxel-Companion)"
is "which is there, too" 200 "$(ask "$URL/projects/castle.mtl?layers=$first")"
like "with its materials" '^newmtl ' "$(grep -m 1 newmtl "$WORK/body")"
is "an option that is none" 400 "$(ask "$URL/projects/castle.obj?scale=big")"
like "is named" 'options\.scale: expected a number from ' "$(jq -r .detail "$WORK/body")"
for box in 1,2,3 nonsense 0,0,0,1,1 0,0,0,1,1,x; do
    is "a box that is none" 400 "$(ask "$URL/projects/castle.obj?box=$box")"
    is "its form is told" "Invalid params: box: expected x,y,z,x,y,z: both corners, inclusive, got $box" "$(jq -r .detail "$WORK/body")"
done
is "as that of a region" 'Invalid params: region: expected x,y,z,x,y,z: both corners, inclusive, got 7' "$(curl -s "$URL/projects/castle/voxels?region=7" | jq -r .detail)"
is "a layer that is not there" 404 "$(status "$URL/projects/castle.obj?layers=777")"
printf '0 0 0 ff0000\n' > "$WORK/one.txt"
is "PUT is strict, too" 201 "$(ask -T "$WORK/one.txt" "$URL/projects/one.txt?strict=true")"
is "and told options" 400 "$(ask -T "$WORK/one.txt" "$URL/projects/one.txt?nonsense=1")"
rpc layer.delete '{"layer_id":"roof","project":"castle"}' > /dev/null

# ---- parts ----

is "parts make the whole" '{"parts":37,"whole":true}' "$(client parts /projects/castle.gox 37)"
is "a part that is none" "416 bytes */$(curl -s "$URL/projects/castle.gox" | wc -c)" \
    "$(ask -r 99999999- "$URL/projects/castle.gox") $(head_of Content-Range)"
ask "$URL/projects/castle.gox" > /dev/null
etag=$(head_of ETag)
is "If-Range of what is there" 206 "$(ask -r 0-9 -H "If-Range: $etag" "$URL/projects/castle.gox")"
is "If-Range of what was" 200 "$(ask -r 0-9 -H 'If-Range: "p1-0-1-0"' "$URL/projects/castle.gox")"
head -c 100 "$WORK/body" > "$WORK/resumed"
curl -s -C - -o "$WORK/resumed" "$URL/projects/castle.gox"
ok "curl goes on with a download" cmp "$WORK/body" "$WORK/resumed"

# ---- compression ----

curl -s "$URL/projects/castle.txt" > "$WORK/plain.txt"
is "a text is compressed" "200 gzip" "$(ask -H 'Accept-Encoding: gzip' "$URL/projects/castle.txt") $(head_of Content-Encoding)"
is "so is a mesh in words" "gzip gzip" "$(for f in obj gltf; do ask -H 'Accept-Encoding: gzip' "$URL/projects/castle.$f" > /dev/null; head_of Content-Encoding; done | paste -sd ' ')"
is "a text is asked for again" "200 gzip" "$(ask -H 'Accept-Encoding: gzip' "$URL/projects/castle.txt") $(head_of Content-Encoding)"
like "with an ETag of its own" '-gzip"$' "$(head_of ETag)"
is "and varies" Accept-Encoding "$(head_of Vary)"
ok "to the same bytes" cmp <(gzip -dc "$WORK/body") "$WORK/plain.txt"
is "which is known again" 304 "$(ask -H 'Accept-Encoding: gzip' -H "If-None-Match: $(head_of ETag)" "$URL/projects/castle.txt")"
is "what is refused is not sent" "200 " "$(ask -H 'Accept-Encoding: gzip;q=0' "$URL/projects/castle.txt") $(head_of Content-Encoding)"
is "what is compressed already stays so" "200 " "$(ask -H 'Accept-Encoding: gzip' "$URL/projects/castle.gox") $(head_of Content-Encoding)"
is "parts are of the plain bytes" "206 " "$(ask -H 'Accept-Encoding: gzip' -r 0-99 "$URL/projects/castle.txt") $(head_of Content-Encoding)"
printf '{"jsonrpc":"2.0","id":1,"method":"system.list_methods","params":{}}' > "$WORK/request"
json=(-H 'Content-Type: application/json' "$URL/rpc")
curl -s --data-binary "@$WORK/request" "${json[@]}" > "$WORK/plain.json"
is "a reply of JSON-RPC" "200 gzip" "$(ask -H 'Accept-Encoding: gzip' --data-binary "@$WORK/request" "${json[@]}") $(head_of Content-Encoding)"
ok "is the same" cmp <(gzip -dc "$WORK/body") "$WORK/plain.json"
gzip -k "$WORK/request"
is "and its request, compressed" 200 "$(ask -H 'Content-Encoding: gzip' --data-binary "@$WORK/request.gz" "${json[@]}")"
ok "does the same" cmp "$WORK/body" "$WORK/plain.json"
is "one that is cut off" 400 "$(head -c 40 "$WORK/request.gz" | status -H 'Content-Encoding: gzip' --data-binary @- "${json[@]}")"
head -c 100000000 /dev/zero | gzip > "$WORK/bomb.gz"
is "one that is a bomb" 413 "$(status -H 'Content-Encoding: gzip' --data-binary "@$WORK/bomb.gz" "${json[@]}")"
gzip -k "$WORK/castle.txt"
is "a file, compressed" 201 "$(ask -T "$WORK/castle.txt.gz" -H 'Content-Encoding: gzip' "$URL/projects/packed.txt")"
is "is the file" 20000 "$(jq .total_voxels "$WORK/body")"
head -c 300000000 /dev/zero | gzip > "$WORK/bomb.gz"
is "a file that is a bomb" 413 "$(status -T "$WORK/bomb.gz" -H 'Content-Encoding: gzip' "$URL/projects/bomb.txt")"
is "the console" "200 gzip" "$(ask -H 'Accept-Encoding: gzip' "$URL/") $(head_of Content-Encoding)"
ok "is the same" cmp <(gzip -dc "$WORK/body") <(curl -s "$URL/")

# ---- packed voxels ----

is "a project of packed voxels" true "$(result project.create '{"name":"voxels"}' '.name == "voxels"')"
is "200,000 packed voxels go in and come back" '{"same":true,"voxels":200000}' "$(client packed 200000 plain | jq -Sc .)"
is "and compressed" '{"same":true,"voxels":200000}' "$(client packed 200000 gzip | jq -Sc .)"
is "another type" 415 "$(status --data-binary @/dev/null -H 'Transfer-Encoding: chunked' -H 'Content-Type: application/octet-stream' "$URL/projects/voxels/voxels")"
is "pages are of one version while 8 clients edit" '{"same":true,"edits":true}' "$(client pages "$(counts 20 200)" | jq -c .)"
is "a cursor that is none" 400 "$(status "$URL/projects/voxels/voxels?cursor=p1.0.0")"

# ---- large ones ----

is "too large is said before a byte is sent" '{"status":413,"sent":0}' "$(client early /projects/large.txt | jq -c .)"
is "and to who asks first" 413 "$(status -T "$WORK/castle.txt" -H 'Content-Length: 500000000' -H 'Expect: 100-continue' "$URL/projects/large.txt")"
is "and when it turns out to be" 413 "$(head -c 200000000 /dev/zero | status -T - "$URL/projects/large.txt")"
client cube 170 > "$WORK/large.txt"
size=$(stat -c %s "$WORK/large.txt")
ok "a file of $size bytes is a large one" test "$size" -gt 70000000
resident() { awk '/^RssAnon/ {print $2}' "/proc/$PID/status"; }
is "it becomes a project" 201 "$(ask -T "$WORK/large.txt" "$URL/projects/large.txt")"
base=$(resident)
is "clients that send it slowly hold no memory" '{"open":8}' "$(client slow 8 /projects/slow.txt "$WORK/large.txt" "$PID" "$((base + 65536))")"
is "clients that take it slowly hold no memory" '{"open":8}' "$(client lazy 8 /projects/large.txt "$PID" "$((base + 131072))")"
is "GET gives all of it" "$(sort "$WORK/large.txt" | sha256sum)" "$(curl -s "$URL/projects/large.txt" | grep -v '^#' | sort | sha256sum)"
is "no file stays behind" 0 "$(find "$DIR/projects" -name '.spool*' | wc -l)"

# ---- what lasts ----

ask -T "$WORK/castle.txt" "$URL/projects/castle.txt" > /dev/null
lines 100 > "$WORK/small.txt"
is "PUT is answered" 200 "$(ask -T "$WORK/small.txt" "$URL/projects/castle.txt")"
version=$(head_of Goxel-Version)
kill -KILL "$PID"
ended 2> /dev/null || true
launch
ready || fail "a start after a kill" "$(tail -n 5 "$LOG")"
is "and there after a kill" "[100,$version]" "$(curl -s "$URL/projects/castle" | jq -c '[.statistics.total_voxels, .version]')"
is "with undo" 20000 "$(result project.undo '{"project":"castle"}' .steps > /dev/null; curl -s "$URL/projects/castle" | jq .statistics.total_voxels)"
ask "$URL/projects/castle.gox" > /dev/null
sum=$(sha256sum < "$WORK/body")
stop_daemon
launch
ready || fail "a start" "$(tail -n 5 "$LOG")"
is "the same version is the same bytes after a start" "200 $sum" "$(ask "$URL/projects/castle.gox") $(sha256sum < "$WORK/body")"
stop_daemon

# ---- too many ----

start_daemon 'workers { count = 1 queue_size = 1 }'
ask -T "$WORK/castle.txt" "$URL/projects/castle.txt" > /dev/null
is "a full queue is said at once, and when to come again" '{"refused":true,"retry_after":true,"others":[200]}' "$(client flood /projects/castle.gox | jq -c .)"
stop_daemon

done_testing
