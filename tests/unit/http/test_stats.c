/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statistics: what is counted, and the three ways it is written. */
#include "http/stats.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/internal.h"
#include "rig.h"
#include "unit.h"

static void durations_fall_into_buckets(void)
{
    struct goxel_stats stats = {0};
    uint64_t total = 0;

    goxel_stats_count_reply(&stats, 200, 50000);         /* 50 µs */
    goxel_stats_count_reply(&stats, 200, 100000);        /* 100 µs: bounds are inclusive */
    goxel_stats_count_reply(&stats, 503, 7000000000);    /* 7 s */
    goxel_stats_count_reply(&stats, 999, 3600000000000); /* an hour, and a status nobody knows */
    for (size_t i = 0; i <= GOXEL_STATS_BUCKETS; i++)
        total += stats.buckets[i];
    CU_ASSERT_EQUAL(total, 4);
    CU_ASSERT_EQUAL(stats.buckets[0], 2);
    CU_ASSERT_EQUAL(stats.buckets[GOXEL_STATS_BUCKETS], 1);
    CU_ASSERT_EQUAL(stats.duration_us, 50 + 100 + 7000000 + 3600000000);
    goxel_stats_count_connection(&stats, false);
    goxel_stats_count_connection(&stats, true);
    CU_ASSERT_EQUAL(stats.accepted, 2);
    CU_ASSERT_EQUAL(stats.refused, 1);
}

/* Every line is a comment or NAME[{LABELS}] NUMBER, every name was announced by HELP and TYPE. */
static void check_text(char *text)
{
    char family[96] = "", *save = NULL;

    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *end, *value = strrchr(line, ' ');

        CU_ASSERT_PTR_NOT_NULL_FATAL(value);
        if (!strncmp(line, "# HELP ", 7)) {
            CU_ASSERT_EQUAL(sscanf(line, "# HELP %95s", family), 1);
        } else if (!strncmp(line, "# TYPE ", 7)) {
            CU_ASSERT(!strncmp(line + 7, family, strlen(family)));
        } else {
            CU_ASSERT(!strncmp(line, family, strlen(family)));
            strtod(value + 1, &end);
            CU_ASSERT(end != value + 1 && !*end);
        }
    }
}

static void it_is_written_three_ways(void)
{
    struct goxel_buf text, json, line;
    struct goxel_json_writer w;
    struct rig rig;

    rig_start(&rig, "workers { count = 3 }", 16);
    goxel_buf_init(&text, 1 << 20);
    goxel_buf_init(&json, 1 << 20);
    goxel_buf_init(&line, 1 << 20);
    goxel_stats_write_text(rig.front, &text);
    goxel_json_writer_init(&w, &json);
    goxel_stats_write_json(rig.front, &w);
    goxel_stats_write_line(rig.front, &line);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\ngoxel_workers 3\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\ngoxel_state{state=\"RUNNING\"} 1\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text.data, "\ngoxel_http_request_duration_seconds_bucket{le=\"+Inf\"} 0\n"));
    CU_ASSERT_EQUAL(text.data[text.len - 1], '\n');
    CU_ASSERT_EQUAL(goxel_json_scan(json.data, json.len, &goxel_json_limits_default, NULL), 0);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(json.data, "\"goxel_workers\":{\"type\":\"gauge\",\"samples\":[{\"value\":3}]}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line.data, " goxel_workers=3 "));
    CU_ASSERT_PTR_NULL(strchr(line.data, '\n'));
    check_text(text.data);
    goxel_buf_finish(&text);
    goxel_buf_finish(&json);
    goxel_buf_finish(&line);
    rig_stop(&rig);
}

/* The value of a sample, given with its labels; -1 if it is not there. */
static double sample(struct goxel_front *front, const char *name)
{
    char line[160];
    struct goxel_buf text;
    const char *at;
    double value = -1;

    goxel_buf_init(&text, 1 << 20);
    goxel_stats_write_text(front, &text);
    snprintf(line, sizeof(line), "\n%s ", name);
    at = strstr(text.data, line);
    if (at)
        value = strtod(at + strlen(line), NULL);
    goxel_buf_finish(&text);
    return value;
}

static void checks_are_told_with_their_figures(void)
{
    struct rig rig;

    rig_start(&rig, "", 16);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_healthy"), 1);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_health_check_runs_total{check=\"memory\"}"), 0);
    goxel_health_report(rig.health, GOXEL_CHECK_MEMORY, true, 1250, "");
    goxel_health_report(rig.health, GOXEL_CHECK_MEMORY, false, 250, "too much");
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_healthy"), 0);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_health_check_ok{check=\"memory\"}"), 0);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_health_check_ok{check=\"queue\"}"), 1);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_health_check_runs_total{check=\"memory\"}"), 2);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_health_check_failures_total{check=\"memory\"}"), 1);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_health_check_duration_seconds{check=\"memory\"}"), 0.25);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_health_check_failures_total{check=\"script\"}"), 0);
    rig_stop(&rig);
}

static void told_restarts(void *ctx, struct goxel_restart_figures *ret_figures)
{
    (void)ctx;
    *ret_figures = (struct goxel_restart_figures){.restarts = 7, .recoveries = 3, .attempts = 2};
}

static void the_journal_is_told(void)
{
    struct rig rig;

    rig_start(&rig, "", 16);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_journal_records_total"), 16);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_journal_groups_total"), 4);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_journal_written_bytes_total"), 1280);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_journal_seconds_total"), 0.5);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_journal_failures_total"), 0);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_journal_unflushed_bytes"), 0);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_store_damaged"), 0);
    rig_stop(&rig);
}

static void restarts_are_told_if_there_is_who_counts(void)
{
    struct rig rig;

    rig_start(&rig, "", 16);
    rig.front->options.ops.restarts = NULL;
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_restarts_total"), 0);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_recoveries_total"), 0);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_recovery_attempts"), 0);
    rig.front->options.ops.restarts = told_restarts;
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_restarts_total"), 7);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_recoveries_total"), 3);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_recovery_attempts"), 2);
    rig_stop(&rig);
}

/* Cumulative, complete, and as many as there were calls, for each method by itself. */
static void methods_have_a_histogram(void)
{
    static const char ping[] = "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                               "Content-Length: 47\r\nConnection: close\r\n\r\n"
                               "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.ping\"}";
    double last = 0;
    char name[128];
    struct rig rig;

    rig_start(&rig, "", 16);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(rig_status(rig_ask(&rig, ping)), 200);
    for (size_t i = 0; i <= GOXEL_RPC_BUCKETS; i++) {
        char bound[24] = "+Inf";
        double value;

        if (i < GOXEL_RPC_BUCKETS)
            snprintf(bound, sizeof(bound), "%g", goxel_rpc_bounds[i]);
        snprintf(name, sizeof(name),
                 "goxel_rpc_call_duration_seconds_bucket{method=\"system.ping\",le=\"%s\"}", bound);
        value = sample(rig.front, name);
        CU_ASSERT(value >= last);
        last = value;
    }
    CU_ASSERT_EQUAL(last, 3);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_rpc_call_duration_seconds_count{method=\"system.ping\"}"), 3);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_rpc_calls_total{method=\"system.ping\"}"), 3);
    CU_ASSERT(sample(rig.front, "goxel_rpc_call_duration_seconds_sum{method=\"system.ping\"}") >= 0);
    CU_ASSERT_EQUAL(sample(rig.front, "goxel_rpc_call_duration_seconds_count{method=\"system.reload\"}"), 0);
    rig_stop(&rig);
}

const struct unit_suite stats_suite = {
    "stats",
    (const struct unit_test[]){
        {"durations fall into buckets", durations_fall_into_buckets},
        {"it is written three ways", it_is_written_three_ways},
        {"checks are told with their figures", checks_are_told_with_their_figures},
        {"the journal is told", the_journal_is_told},
        {"restarts are told if there is who counts", restarts_are_told_if_there_is_who_counts},
        {"methods have a histogram", methods_have_a_histogram},
        {NULL, NULL},
    },
};
