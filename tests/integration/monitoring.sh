#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The metrics: the text itself, what Prometheus' own tools read in it, a real server that scrapes it, and what is shipped for it:
# alerts, a scrape job, a dashboard, and the tables of docs/monitoring.md.
. "$(dirname "$0")/lib.sh"

SHIPPED=$TESTS/../etc
RULES=$SHIPPED/prometheus/goxel-daemon.rules.yml
DASHBOARD=$SHIPPED/grafana/goxel-daemon.json
PAGE=$TESTS/../docs/monitoring.md

start_daemon
for _ in 1 2 3; do rpc system.ping > /dev/null; done
rpc voxel.add '{"x": "no"}' > /dev/null
curl -s "$URL/metrics" > "$DIR/metrics"

# ---- the text ----
is "the type is the exact one" "text/plain; version=0.0.4; charset=utf-8" \
    "$(curl -si "$URL/metrics" | tr -d '\r' | sed -n 's/^[Cc]ontent-[Tt]ype: //p')"
is "/stats and /metrics have the same families" "$(grep '^# TYPE' "$DIR/metrics")" "$(curl -s "$URL/stats" | grep '^# TYPE')"
is "the last line ends" 1 "$(tail -c 1 "$DIR/metrics" | wc -l)"
is "no name of a project is in it" "" \
    "$(rpc project.create '{"name":"a-name-of-a-project"}' > /dev/null; curl -s "$URL/metrics" | grep a-name-of-a-project)"

# ---- as the Python client reads it ----
PYTHON=
for python in python3 /usr/bin/python3; do
    [ -n "$PYTHON" ] || ! "$python" -c 'import prometheus_client' 2> /dev/null || PYTHON=$python
done
if [ -n "$PYTHON" ]; then
    ok "the client library reads it as it is meant" "$PYTHON" - "$DIR/metrics" <<'PY'
import sys
from prometheus_client.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8") as file:
    families = {family.name: family for family in text_string_to_metric_families(file.read())}

# The library takes the _total off a counter's name.
expected = {
    "goxel_build_info": "gauge", "goxel_state": "gauge", "goxel_healthy": "gauge", "goxel_health_check_ok": "gauge",
    "goxel_health_check_runs": "counter", "goxel_health_check_failures": "counter",
    "goxel_health_check_duration_seconds": "gauge", "goxel_restarts": "counter", "goxel_recoveries": "counter",
    "goxel_recovery_attempts": "gauge", "goxel_uptime_seconds": "gauge", "goxel_workers": "gauge",
    "goxel_workers_busy": "gauge", "goxel_workers_busy_long": "gauge", "goxel_queue_length": "gauge", "goxel_queue_long": "gauge", "goxel_connections": "gauge",
    "goxel_connections_accepted": "counter", "goxel_http_requests": "counter",
    "goxel_http_request_duration_seconds": "histogram", "goxel_rpc_calls": "counter", "goxel_rpc_errors": "counter",
    "goxel_rpc_call_duration_seconds": "histogram", "goxel_config_last_reload_successful": "gauge",
    "goxel_config_last_reload_success_timestamp_seconds": "gauge", "process_cpu_seconds": "counter",
    "process_resident_memory_bytes": "gauge", "process_virtual_memory_bytes": "gauge", "process_open_fds": "gauge",
    "process_max_fds": "gauge", "process_start_time_seconds": "gauge",
}
for name, kind in expected.items():
    assert name in families, f"{name} is missing"
    assert families[name].type == kind, f"{name} is a {families[name].type}"
    assert families[name].samples, f"{name} has no sample"

seen = set()
for family in families.values():
    assert family.documentation and family.type in ("gauge", "counter", "histogram"), family
    for sample in family.samples:
        key = (sample.name, tuple(sorted(sample.labels.items())))
        assert key not in seen, f"twice: {key}"
        seen.add(key)
        if family.type == "counter":
            assert sample.name.endswith("_total") and sample.value >= 0, sample


def value(name, **labels):
    found = [s.value for f in families.values() for s in f.samples if s.name == name and s.labels == labels]
    assert len(found) == 1, f"{name}{labels}: {found}"
    return found[0]


def histograms(name):
    rows = {}
    for sample in families[name].samples:
        labels = tuple((k, v) for k, v in sorted(sample.labels.items()) if k != "le")
        rows.setdefault(labels, []).append(sample)
    return rows


for name in ("goxel_http_request_duration_seconds", "goxel_rpc_call_duration_seconds"):
    for labels, samples in histograms(name).items():
        buckets = [(float(s.labels["le"]), s.value) for s in samples if s.name == f"{name}_bucket"]
        count, = [s.value for s in samples if s.name == f"{name}_count"]
        total, = [s.value for s in samples if s.name == f"{name}_sum"]
        assert buckets == sorted(buckets) and len(buckets) > 5, (labels, buckets)
        assert all(a[1] <= b[1] for a, b in zip(buckets, buckets[1:])), (labels, buckets)
        assert buckets[-1] == (float("inf"), count), (labels, buckets, count)
        assert 0 <= total < 60 * (count + 1) and (count or not total), (labels, total)

states = {s.labels["state"]: s.value for s in families["goxel_state"].samples}
assert sum(states.values()) == 1 and states["RUNNING"] == 1 and len(states) == 6, states
checks = {s.labels["check"] for s in families["goxel_health_check_ok"].samples}
assert checks == {"responsive", "memory", "queue", "script"}, checks
assert value("goxel_healthy") == 1
assert value("goxel_rpc_calls_total", method="system.ping") == 3
assert value("goxel_rpc_call_duration_seconds_count", method="system.ping") == 3
assert value("goxel_rpc_errors_total", method="voxel.add") == 1
assert value("goxel_rpc_calls_total", method="system.shutdown") == 0
assert value("goxel_http_requests_total", code="200") >= 4
assert 1e6 < value("process_resident_memory_bytes") < 1e11
assert value("process_virtual_memory_bytes") >= value("process_resident_memory_bytes")
assert 3 < value("process_open_fds") < value("process_max_fds")
assert value("process_start_time_seconds") > 1.6e9
assert value("goxel_uptime_seconds") < 600
PY
else
    skip "the client library reads it as it is meant" "python3-prometheus-client is not installed"
fi

# ---- the page ----
is "docs/monitoring.md has each metric as the daemon tells of it" \
    "$(sed -nE '/^# HELP /{s/^# HELP ([a-z_]+) (.*)/| `\1` | \2 |/;p}' "$DIR/metrics" | sort)" \
    "$(grep -E '^\| `(goxel|process)_[a-z_]+` \|' "$PAGE" | sort)"
ALERTS=$(sed -n 's/^ *- alert: //p' "$RULES" | sort)
is "and each alert" "$ALERTS" "$(sed -nE 's/^\| `(GoxelDaemon[A-Za-z]+)` \|.*/\1/p' "$PAGE" | sort)"

# ---- what is shipped ----
# expressions FILTER: of the dashboard, with what Grafana puts in for its variables
expressions() { jq -r '.panels[].targets[]?.expr' "$DASHBOARD" | sed 's/\$__rate_interval/1m/g; s/\$instance/.*/g'; }
names() { grep -oE '\b(goxel|process)_[a-z_]+' | sed -E 's/_(bucket|sum|count)$//' | sort -u; }
is "the dashboard shows all metrics but the time of the start and of the last reload" \
    "$(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$DIR/metrics" | grep -vxE 'process_start_time_seconds|goxel_config_last_reload_success_timestamp_seconds' | sort -u)" \
    "$(expressions | names)"
is "its panels have an id each" "" "$(jq '.panels[].id' "$DASHBOARD" | sort | uniq -d)"
is "and lie in its 24 columns, none on another" "true" "$(jq '[.panels[].gridPos | . as {$x,$y,$w,$h} | range($x; $x + $w) as $c | range($y; $y + $h) as $r | [$c, $r]] |
    (map(.[0]) | max < 24) and (length == (unique | length))' "$DASHBOARD")"
is "each alert is tested to come and not to come" "$(sort <(echo "$ALERTS") <(echo "$ALERTS"))" \
    "$(sed -nE 's/.*alertname: ([A-Za-z]+).*/\1/p' "$SHIPPED/prometheus/goxel-daemon.tests.yml" | sort)"
if ! command -v prometheus > /dev/null; then
    skip "a server scrapes it" "prometheus is not installed"
    stop_daemon
    done_testing
fi
is "promtool has nothing to say of the metrics" "" "$(promtool check metrics < "$DIR/metrics" 2>&1 || echo "status $?")"
ok "nor of the alerts" promtool check rules --lint-fatal "$RULES"
ok "they come when they should" promtool test rules "$SHIPPED/prometheus/goxel-daemon.tests.yml"

# ---- a server ----
SERVER=127.0.0.1:$(free_ports 1)
# The scrape job that is shipped, with this daemon, these rules, and a shorter breath.
sed -e "s|localhost:7890|127.0.0.1:$PORT|; s|/usr/share/goxel-daemon/prometheus/|$SHIPPED/prometheus/|" \
    -e '1i global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}' \
    "$SHIPPED/prometheus/scrape.yml" > "$WORK/prometheus.yml"
ok "the scrape job is one" promtool check config "$WORK/prometheus.yml"
prometheus --config.file="$WORK/prometheus.yml" --storage.tsdb.path="$WORK/tsdb" --web.listen-address="$SERVER" \
    --log.level=warn > "$WORK/prometheus.log" 2>&1 &
PIDS+=("$!")

# query EXPRESSION: the value of its first series, "" if there is none
query() { curl -s --max-time 5 "http://$SERVER/api/v1/query" --data-urlencode "query=$1" | jq -r '.data.result[0].value[1] // ""'; }
# says EXPRESSION: it has a series (a comparison leaves those for which it holds)
says() { [ -n "$(query "$1")" ]; }
ok "the server is ready" until_true 1200 curl -sf "http://$SERVER/-/ready"
ok "it scrapes the daemon" until_true 600 says 'up{job="goxel-daemon"} == 1'
ok "it knows the state" until_true 100 says 'goxel_state{state="RUNNING"} == 1'
is "and no other" "" "$(query 'goxel_state{state!="RUNNING"} == 1')"
is "no scrape was refused" "" "$(curl -s "http://$SERVER/api/v1/targets" | jq -r '.data.activeTargets[].lastError')"
before=$(query 'goxel_rpc_calls_total{method="system.ping"}')
is "a counter begins where the daemon is" 3 "$before"
for _ in $(seq 20); do rpc system.ping > /dev/null; done
ok "it sees the counter grow" until_true 600 says 'goxel_rpc_calls_total{method="system.ping"} == 23'
ok "and the rate of it" until_true 600 says 'rate(goxel_rpc_calls_total{method="system.ping"}[1m]) > 0'
ok "durations have quantiles" until_true 600 \
    says 'histogram_quantile(0.9, sum by (le) (rate(goxel_rpc_call_duration_seconds_bucket{method="system.ping"}[1m]))) >= 0'

# series: what /stats has and Prometheus has, in one form
of_text() { grep -v '^#' | sed -E 's/ [^ ]*$//; s/^([a-z_]+)$/\1{}/; s/,/, /g' | sort; }
of_server() {
    curl -s "http://$SERVER/api/v1/series" --data-urlencode 'match[]={job="goxel-daemon"}' |
        jq -r '.data[] | .__name__ as $n | select($n | test("^(goxel|process)_")) |
            "\($n){\([to_entries[] | select(.key | IN("__name__", "job", "instance") | not) | "\(.key)=\"\(.value)\""] | sort | join(", "))}"' |
        sort
}
sorted_labels() { python3 -c 'import sys
for line in sys.stdin:
    name, rest = line.rstrip("\n").rstrip("}").split("{", 1)
    print(name + "{" + ", ".join(sorted(filter(None, rest.split(", ")))) + "}")' | sort; }
missing() { comm -23 "$DIR/series" <(of_server); }
curl -s "$URL/stats" | of_text | sorted_labels > "$DIR/series"
all_there() { [ -z "$(missing)" ]; }
until_true 600 all_there
is "all $(wc -l < "$DIR/series") series of /stats are in Prometheus" "" "$(missing)"

while IFS= read -r expression; do
    ok "a panel has series: $expression" until_true 100 says "$expression"
done < <(expressions)
# What an alert is about is there, and only then can it come; requests that failed there are none of.
while IFS= read -r selector; do
    ok "an alert looks at series: $selector" until_true 100 says "$selector"
done < <(sed -n 's/^ *expr: //p' "$RULES" | sed 's/{code=~"5.."}//g' | grep -oE '\b(goxel|process|up)[a-z_]*(\{[^}]*\})?' | grep -E '_|^up' | sort -u)
rules() { curl -s "http://$SERVER/api/v1/rules" | jq -r ".data.groups[].rules[] | $1"; }
judged() { [ -z "$(rules 'select(.health != "ok") | .name')" ]; }
ok "all alerts can be judged" until_true 600 judged
is "they are those of the file" "$ALERTS" "$(rules .name | sort)"
is "none comes of a daemon that is well" "" "$(rules 'select(.state != "inactive") | .name')"

stop_daemon
ok "it sees the end" until_true 600 says 'up{job="goxel-daemon"} == 0'
down() { [ "$(rules 'select(.state != "inactive") | .name')" = GoxelDaemonDown ]; }
ok "and so does the alert, alone" until_true 600 down
done_testing
