/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The health registry: threshold, healing, and what it writes. */
#include "lifecycle/health.h"

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

const struct unit_suite health_suite = {
    "health",
    (const struct unit_test[]){
        {"the threshold counts consecutive failures", the_threshold_counts_consecutive_failures},
        {"it writes what it knows", it_writes_what_it_knows},
        {NULL, NULL},
    },
};
