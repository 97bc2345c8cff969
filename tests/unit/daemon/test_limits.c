/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a configuration needs of descriptors, against what the process may have; in children, where that can be lowered. */
#include "daemon/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/error.h"
#include "base/log.h"
#include "forked.h"
#include "unit.h"
#include "unit/base/scratch.h"

static struct goxel_config *parse(const char *text)
{
    struct goxel_config *config = NULL;
    struct goxel_buf errors;
    int code;

    goxel_buf_init(&errors, 1 << 16);
    code = goxel_config_parse(text, strlen(text), "test.conf", NULL, 0, &errors, NULL, &config);
    if (code)
        printf("\n%s", errors.data ? errors.data : "");
    goxel_buf_finish(&errors);
    return config;
}

/* How it went: 0, or the place where something was not as it should be. */
static int check_and_set(void *ctx)
{
    struct goxel_config *config = parse(ctx);
    struct rlimit limit = {100, 1000}, after;
    struct goxel_detail detail;

    if (!config || setrlimit(RLIMIT_NOFILE, &limit))
        return 1;
    goxel_detail_init(&detail);
    if (goxel_daemon_check_limits(config, &detail)) {
        printf("%s\n", detail.text);
        if (goxel_daemon_check_limits(config, NULL) != DAEMON_ERROR_RESOURCE_LIMIT_FAILED ||
            goxel_daemon_set_limits(config, NULL) != DAEMON_ERROR_RESOURCE_LIMIT_FAILED)
            return 2;
    } else {
        if (getrlimit(RLIMIT_NOFILE, &after) || after.rlim_cur != 100 || after.rlim_max != 1000)
            return 3;
        if (goxel_daemon_set_limits(config, NULL))
            return 4;
    }
    if (getrlimit(RLIMIT_NOFILE, &after) || after.rlim_max != 1000)
        return 5;
    printf("%d\n", (int)after.rlim_cur);
    goxel_daemon_warn_limits(config);
    goxel_config_unref(config);
    return 0;
}

/* 64 for those that are refused, 4 for each worker, and 128. */
static void what_is_needed_and_what_there_is(void)
{
    static const struct {
        const char *conf, *out, *warned; /* NULL: nothing is */
    } rows[] = {
        {"performance { max_connections = 100 } workers { count = 1 }", "296\n", NULL},
        {"performance { max_connections = 800 } workers { count = 2 }", "1000\n", NULL},
        {"performance { max_connections = 801 } workers { count = 2 }",
         "file descriptors (hard limit): 1001 is above the limit of 1000\n100\n", NULL},
        {"limits { max_file_descriptors = 1000 } performance { max_connections = 800 } workers { count = 2 }",
         "1000\n", NULL},
        {"limits { max_file_descriptors = 1001 } performance { max_connections = 100 }",
         "file descriptors (hard limit): 1001 is above the limit of 1000\n100\n", NULL},
        {"limits { max_file_descriptors = 999 } performance { max_connections = 800 } workers { count = 2 }",
         "999\n", "limits.max_file_descriptors: 999 is less than the 1000 that "},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char conf[200], *out, *err;
        int status;

        if (!scratch_open())
            return;
        (void)snprintf(conf, sizeof(conf), "%s", rows[i].conf);
        status = forked_run(check_and_set, conf);
        CU_ASSERT(WIFEXITED(status));
        CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
        out = scratch_read("out");
        err = scratch_read("err");
        CU_ASSERT_PTR_NOT_NULL_FATAL(out);
        CU_ASSERT_PTR_NOT_NULL_FATAL(err);
        CU_ASSERT_STRING_EQUAL(out, rows[i].out);
        if (rows[i].warned)
            CU_ASSERT_PTR_NOT_NULL(strstr(err, rows[i].warned));
        if (!rows[i].warned)
            CU_ASSERT_STRING_EQUAL(err, "");
        free(out);
        free(err);
        scratch_close();
    }
}

const struct unit_suite limits_suite = {
    "limits",
    (const struct unit_test[]){
        {"what is needed, and what there is", what_is_needed_and_what_there_is},
        {NULL, NULL},
    },
};
