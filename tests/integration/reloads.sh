#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Reloads under load, half of them with invalid files: no client notices, and nothing is left behind.
. "$(dirname "$0")/lib.sh"

count=$(counts 100 1000)

start_daemon "logging { file = \"$WORK/reloads.log\" }"
rpc project.create '{"name":"first"}' > /dev/null # from here on the journal has a file
# Without the files of the store, which come and go with checkpoints.
descriptors() { find "/proc/$PID/fd" -mindepth 1 ! -lname "$DIR/projects/*" | wc -l; }
threads() { find "/proc/$PID/task" -mindepth 1 -maxdepth 1 | wc -l; }
connections() { curl -s "$URL/metrics" | awk '$1 == "goxel_connections" { print $2 }'; }
until_true 200 eval '[ "$(connections)" = 1 ]'
before="$(descriptors) $(threads)"

python3 "$TESTS/integration/reloads.py" "$PORT" "$SOCK" "$CONF" "$PID" "$count" 2> "$WORK/errors" | tee "$WORK/load" |
    sed -u '/^{/d; s/^/  /'
report=$(tail -n 1 "$WORK/load")
if ! jq -e .requests <<< "$report" > /dev/null 2>&1; then
    fail "the clients ran" "$(cat "$WORK/errors")"
    done_testing
fi
note "$report"
examples=$(jq -c .examples <<< "$report")

ok "there was load" test "$(jq .requests <<< "$report")" -gt "$count"
is "no request failed in $count reloads" "0 []" "$(jq .failed <<< "$report") $examples"
is "every reload was answered as it should be, and took effect" "0 []" "$(jq .wrong <<< "$report") $examples"
is "half of them were valid, by each way" true "$(jq -c --argjson n "$count" '.reloads |
    ([to_entries[] | select(.key | endswith(" valid")).value] | add == $n / 2) and ([.[]] | add == $n) and length == 6' <<< "$report")"
ok "no descriptor more than before, and as many threads ($before)" until_true 600 eval \
    '[ "$(descriptors)" -le "${before% *}" ] && [ "$(threads)" = "${before#* }" ]'
is "the process is the same" "$PID" "$(cat "$DIR/run/goxel.pid")"

if grep -qE '__asan_init|__tsan_init' "$DAEMON"; then
    leave_out "resident memory" "a sanitizer's memory says nothing"
else
    tenth=$(jq .rss_tenth <<< "$report") end=$(jq .rss_end <<< "$report")
    ok "resident memory after $count reloads ($end kB) is at most 2 MiB above that after $((count / 10)) ($tenth kB)" \
        test "$end" -le $((tenth + 2048))
fi
stop_daemon
done_testing
