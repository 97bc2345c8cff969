/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The health registry: threshold, healing, and what it writes. */
#include "lifecycle/health.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static void the_threshold_counts_consecutive_failures(void)
{
    struct goxel_health *health = goxel_health_create(3);

    CU_ASSERT_PTR_NOT_NULL_FATAL(health);
    CU_ASSERT_TRUE(goxel_health_ok(health)); /* nothing has run yet */
    for (int i = 0; i < 2; i++)
        goxel_health_report(health, GOXEL_CHECK_QUEUE, false, 1, "full");
    CU_ASSERT_TRUE(goxel_health_ok(health));
    goxel_health_report(health, GOXEL_CHECK_QUEUE, true, 1, "");
    for (int i = 0; i < 2; i++)
        goxel_health_report(health, GOXEL_CHECK_QUEUE, false, 1, "full");
    CU_ASSERT_TRUE(goxel_health_ok(health));
    goxel_health_report(health, GOXEL_CHECK_QUEUE, false, 1, "full");
    CU_ASSERT_FALSE(goxel_health_ok(health));
    CU_ASSERT_FALSE(goxel_health_check_ok(health, GOXEL_CHECK_QUEUE));
    CU_ASSERT_TRUE(goxel_health_check_ok(health, GOXEL_CHECK_RESPONSIVE));
    goxel_health_report(health, GOXEL_CHECK_QUEUE, true, 1, "");
    CU_ASSERT_TRUE(goxel_health_ok(health));
    goxel_health_set_threshold(health, 1);
    goxel_health_report(health, GOXEL_CHECK_RESPONSIVE, false, 1, "stuck");
    CU_ASSERT_FALSE(goxel_health_ok(health));
    goxel_health_destroy(health);
    goxel_health_destroy(NULL);
}

static void it_writes_what_it_knows(void)
{
    struct goxel_health *health = goxel_health_create(1);
    struct goxel_json_writer w;
    struct goxel_buf buf;

    goxel_buf_init(&buf, 4096);
    goxel_json_writer_init(&w, &buf);
    goxel_health_report(health, GOXEL_CHECK_QUEUE, false, 7, "the queue is full");
    goxel_health_write(health, &w, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(buf.data);
    CU_ASSERT_PTR_NOT_NULL(strstr(buf.data, "\"responsive\":{\"ok\":true,\"last_ms\":null,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(buf.data, "\"queue\":{\"ok\":false,\"last_ms\":"));
    CU_ASSERT_PTR_NOT_NULL(strstr(buf.data, "\"took_ms\":7,\"reason\":\"the queue is full\"}"));
    goxel_buf_finish(&buf);
    goxel_health_destroy(health);
}

static void figures_count_runs_and_failures(void)
{
    static const bool outcomes[] = {false, true, false, false};
    struct goxel_health *health = goxel_health_create(3);
    struct goxel_check_figures figures;

    CU_ASSERT_PTR_NOT_NULL_FATAL(health);
    goxel_health_figures(health, GOXEL_CHECK_SCRIPT, &figures);
    CU_ASSERT_TRUE(figures.ok);
    CU_ASSERT_EQUAL(figures.runs, 0);
    CU_ASSERT_EQUAL(figures.failures, 0);
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
        goxel_health_report(health, GOXEL_CHECK_SCRIPT, outcomes[i], (int64_t)i + 10, "no");
    goxel_health_figures(health, GOXEL_CHECK_SCRIPT, &figures);
    CU_ASSERT_TRUE(figures.ok);
    CU_ASSERT_EQUAL(figures.in_a_row, 2);
    CU_ASSERT_EQUAL(figures.runs, 4);
    CU_ASSERT_EQUAL(figures.failures, 3);
    CU_ASSERT_EQUAL(figures.took_ms, 13);
    goxel_health_report(health, GOXEL_CHECK_SCRIPT, false, 1, "no");
    goxel_health_figures(health, GOXEL_CHECK_SCRIPT, &figures);
    CU_ASSERT_FALSE(figures.ok);
    goxel_health_figures(health, GOXEL_CHECK_MEMORY, &figures);
    CU_ASSERT_EQUAL(figures.runs, 0);
    goxel_health_destroy(health);
}

/* What the health report says of the script, for a reason given. */
static void check_reason(const char *given, const char *wanted)
{
    struct goxel_health *health = goxel_health_create(1);
    struct goxel_json_writer w;
    struct goxel_buf buf;
    struct goxel_json *root = NULL;

    CU_ASSERT_PTR_NOT_NULL_FATAL(health);
    goxel_buf_init(&buf, 4096);
    goxel_json_writer_init(&w, &buf);
    goxel_health_report(health, GOXEL_CHECK_SCRIPT, false, 7, given);
    goxel_health_write(health, &w, NULL);
    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(buf.data, buf.len, &goxel_json_limits_default, NULL, &root), 0);
    CU_ASSERT_STRING_EQUAL(goxel_json_string(goxel_json_get(goxel_json_get(root, "script"), "reason"), NULL),
                           wanted);
    goxel_json_free(root);
    goxel_buf_finish(&buf);
    goxel_health_destroy(health);
}

static void reasons_are_cut_and_printable(void)
{
    char given[400], wanted[GOXEL_HEALTH_REASON_MAX];

    check_reason("status 3: \"no\"\n", "status 3: \"no\"\\x0a");
    check_reason("\xff", "\\xff");
    /* Characters of two bytes: of the last, one byte would fit. */
    (void)snprintf(given, sizeof(given), "xx");
    for (size_t i = 2; i + 2 < sizeof(given); i += 2)
        (void)snprintf(given + i, sizeof(given) - i, "\303\251");
    memcpy(wanted, given, sizeof(wanted) - 2);
    wanted[sizeof(wanted) - 2] = '\0';
    check_reason(given, wanted);
    /* A script's last line has room with what is said about it. */
    memset(given, 'a', 230);
    given[230] = '\0';
    check_reason(given, given);
}

const struct unit_suite health_suite = {
    "health",
    (const struct unit_test[]){
        {"the threshold counts consecutive failures", the_threshold_counts_consecutive_failures},
        {"it writes what it knows", it_writes_what_it_knows},
        {"figures count runs and failures", figures_count_runs_and_failures},
        {"reasons are cut and printable", reasons_are_cut_and_printable},
        {NULL, NULL},
    },
};
