/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures behind `goxelctl top`. */
#include "ctl/figures.h"

#include <string.h>

#include "base/error.h"
#include "unit.h"

static int read_figures(const char *json, struct ctl_figures *figures)
{
    struct goxel_json *root = NULL;
    int code;

    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(json, strlen(json), &goxel_json_limits_default, NULL, &root), 0);
    code = ctl_figures_read(root, 5, figures);
    goxel_json_free(root);
    return code;
}

static void figures_are_found_by_name(void)
{
    struct ctl_figures figures = {0};

    CU_ASSERT_EQUAL_FATAL(
        read_figures(
            "{\"goxel_http_requests_total\":{\"samples\":[{\"labels\":{\"code\":\"200\"},\"value\":3},"
            "{\"labels\":{\"code\":\"404\"},\"value\":4}]},"
            "\"goxel_state\":{\"samples\":[{\"labels\":{\"state\":\"STOPPED\"},\"value\":0},"
            "{\"labels\":{\"state\":\"RUNNING\"},\"value\":1}]},"
            "\"goxel_rpc_calls_total\":{\"samples\":[{\"labels\":{\"method\":\"a.b\"},\"value\":7},"
            "{\"labels\":{\"method\":\"c.d\"},\"value\":0}]},"
            "\"goxel_rpc_errors_total\":{\"samples\":[{\"labels\":{\"method\":\"c.d\"},\"value\":1},"
            "{\"labels\":{\"method\":\"unknown\"},\"value\":9}]},"
            "\"goxel_rpc_call_duration_seconds\":{\"samples\":["
            "{\"suffix\":\"_bucket\",\"labels\":{\"method\":\"a.b\"},\"value\":100},"
            "{\"suffix\":\"_sum\",\"labels\":{\"method\":\"a.b\"},\"value\":0.5}]}}",
            &figures),
        0);
    CU_ASSERT_EQUAL(figures.requests, 7);
    CU_ASSERT_EQUAL(figures.errors, 10);
    CU_ASSERT_STRING_EQUAL(figures.state, "RUNNING");
    CU_ASSERT_STRING_EQUAL(figures.version, "-");
    CU_ASSERT_EQUAL(figures.at_ms, 5);
    CU_ASSERT_EQUAL_FATAL(figures.method_count, 2);
    CU_ASSERT_STRING_EQUAL(figures.methods[0].name, "a.b");
    CU_ASSERT_EQUAL(figures.methods[0].calls, 7);
    CU_ASSERT_EQUAL(figures.methods[0].seconds, 0.5);
    CU_ASSERT_EQUAL(figures.methods[1].errors, 1);
    CU_ASSERT_EQUAL(ctl_figures_method(&figures, 0, "c.d")->errors, 1);
    CU_ASSERT_EQUAL(ctl_figures_method(&figures, 9, "none")->errors, 0);
    ctl_figures_finish(&figures);
}

static void what_is_no_statistics_is_nothing(void)
{
    static const char *const rows[] = {"{}",
                                       "[]",
                                       "7",
                                       "{\"goxel_workers\":5}",
                                       "{\"goxel_workers\":{\"samples\":{}}}",
                                       "{\"goxel_workers\":{\"samples\":[1,null,{\"value\":\"x\"}]}}",
                                       "{\"goxel_rpc_calls_total\":{\"samples\":[1,{\"labels\":7}]}}"};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ctl_figures figures = {0};

        CU_ASSERT_EQUAL(read_figures(rows[i], &figures), 0);
        CU_ASSERT_EQUAL(figures.workers, 0);
        ctl_figures_finish(&figures);
    }
}

static void a_counter_that_fell_began_anew(void)
{
    CU_ASSERT_EQUAL(ctl_figures_rate(10, 30, 2), 10);
    CU_ASSERT_EQUAL(ctl_figures_rate(30, 10, 2), 5);
    CU_ASSERT_EQUAL(ctl_figures_rate(10, 30, 0), 0);
}

static const struct unit_test tests[] = {
    {"figures are found by name", figures_are_found_by_name},
    {"what is no statistics is nothing", what_is_no_statistics_is_nothing},
    {"a counter that fell began anew", a_counter_that_fell_began_anew},
    {NULL, NULL},
};

const struct unit_suite figures_suite = {"figures", tests};
