/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config.h"

#include <stdio.h>
#include <string.h>

#include "config/table.h"
#include "try.h"
#include "unit.h"

/* A configuration all of whose paths lie inside /jail; TEXT is appended. */
#define JAILED(text) \
    "process { pid_file = /jail/run/pid working_directory = /jail }\n" \
    "sockets { unix { path = /jail/run/sock } }\n" \
    "logging { target = file file = /jail/log }\n" \
    "health { health_check_script = /jail/bin/check }\n" \
    "security { enable_chroot = true chroot_directory = /jail/ }\n" \
    "storage { directory = /jail/store allowed_roots = {/jail/a, /jail} }\n" \
    "www { directory = /jail//www/./x/ }\n" text

/* What it says of `text` when confined to `root`; `t` is to be ended. */
static int rebase(struct try *t, const char *text, const char *root, struct goxel_detail *detail,
                  struct goxel_config **ret_config)
{
    try_parse(t, text);
    if (t->code != 0)
        printf("\n%s", try_errors(t));
    CU_ASSERT_EQUAL_FATAL(t->code, 0);
    goxel_detail_init(detail);
    return goxel_config_rebase(t->config, root, detail, ret_config);
}

static void test_everything_inside(void)
{
    static const char *const roots[] = {"/jail", "/jail/", "//jail/.", "/./jail//"};

    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        struct goxel_config *inside = NULL;
        struct goxel_detail detail;
        const char *const *items;
        struct try t;

        CU_ASSERT_EQUAL_FATAL(rebase(&t, JAILED(""), roots[i], &detail, &inside), 0);
        CU_ASSERT_STRING_EQUAL(goxel_config_string(inside, GOXEL_OPT_PROCESS_PID_FILE), "/run/pid");
        CU_ASSERT_STRING_EQUAL(goxel_config_string(inside, GOXEL_OPT_PROCESS_WORKING_DIRECTORY), "/");
        CU_ASSERT_STRING_EQUAL(goxel_config_string(inside, GOXEL_OPT_SOCKETS_UNIX_PATH), "/run/sock");
        CU_ASSERT_STRING_EQUAL(goxel_config_string(inside, GOXEL_OPT_LOGGING_FILE), "/log");
        CU_ASSERT_STRING_EQUAL(goxel_config_string(inside, GOXEL_OPT_HEALTH_CHECK_SCRIPT), "/bin/check");
        CU_ASSERT_STRING_EQUAL(goxel_config_string(inside, GOXEL_OPT_STORAGE_DIRECTORY), "/store");
        CU_ASSERT_STRING_EQUAL(goxel_config_string(inside, GOXEL_OPT_WWW_DIRECTORY), "/www/./x/");
        CU_ASSERT_EQUAL_FATAL(goxel_config_list(inside, GOXEL_OPT_STORAGE_ALLOWED_ROOTS, &items), 2);
        CU_ASSERT_STRING_EQUAL(items[0], "/a");
        CU_ASSERT_STRING_EQUAL(items[1], "/");
        CU_ASSERT_STRING_EQUAL(goxel_config_string(inside, GOXEL_OPT_SECURITY_CHROOT_DIRECTORY), "/jail");
        CU_ASSERT_EQUAL(goxel_config_int(inside, GOXEL_OPT_WORKERS_COUNT), 4);
        /* The one it was made from is as before. */
        CU_ASSERT_STRING_EQUAL(goxel_config_string(t.config, GOXEL_OPT_PROCESS_PID_FILE), "/jail/run/pid");
        goxel_config_unref(inside);
        try_end(&t);
    }
}

static void test_the_whole_tree(void)
{
    struct goxel_config *inside = NULL;
    struct goxel_detail detail;
    struct try t;

    CU_ASSERT_EQUAL_FATAL(rebase(&t, "", "/", &detail, &inside), 0);
    for (int i = 0; i < GOXEL_OPTION_COUNT; i++)
        CU_ASSERT_TRUE(goxel_config_same(t.config, inside, (enum goxel_option)i));
    goxel_config_unref(inside);
    try_end(&t);
}

/* Each with one path that is not inside, though it looks like it. */
static void test_outside(void)
{
    static const struct {
        const char *option, *value, *given;
    } cases[] = {
        {"process.pid_file", "/jail2/run/pid", "/jail2/run/pid"},
        {"process.working_directory", "/", "/"},
        {"sockets.unix.path", "/jai", "/jai"},
        {"logging.file", "/jail/../log", "/jail/../log"},
        {"health.health_check_script", "/bin/jail/check", "/bin/jail/check"},
        {"storage.directory", "/jail/a/..", "/jail/a/.."},
        {"storage.allowed_roots", "{/jail/a, /srv}", "/srv"},
        {"www.directory", "/srv/../jail", "/srv/../jail"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_config *wanted = NULL, *none = NULL;
        struct goxel_config_override override = {.text = cases[i].given, .source = "test"};
        struct goxel_detail detail;

        for (int k = 0; k < GOXEL_OPTION_COUNT; k++) {
            if (strcmp(goxel_option_name((enum goxel_option)k), cases[i].option) == 0)
                override.option = (enum goxel_option)k;
        }
        CU_ASSERT_STRING_EQUAL_FATAL(goxel_option_name(override.option), cases[i].option);
        CU_ASSERT_EQUAL_FATAL(
            goxel_config_parse(JAILED(""), strlen(JAILED("")), "f.conf", &override, 1, NULL, NULL, &wanted),
            0);
        goxel_detail_init(&detail);
        CU_ASSERT_EQUAL(goxel_config_rebase(wanted, "/jail", &detail, &none), DAEMON_ERROR_CONFIG_INVALID);
        CU_ASSERT_PTR_NULL(none);
        CU_ASSERT_STRING_EQUAL(detail.field, cases[i].option);
        CU_ASSERT_STRING_EQUAL(detail.value, cases[i].given);
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "inside /jail"));
        goxel_config_unref(wanted);
    }
}

static void test_what_is_switched_off(void)
{
    static const char text[] =
        "process { pid_file = /run/pid create_pid_file = false working_directory = /jail/w }\n"
        "sockets { unix { path = /jail/sock enabled = false } }\n"
        "logging { target = stderr file = /jail2/log }\n"
        "storage { directory = /jail/store allowed_roots = {} }\n"
        "www { enabled = no directory = /jail }";
    struct goxel_config *inside = NULL;
    struct goxel_detail detail;
    struct try t;

    CU_ASSERT_EQUAL_FATAL(rebase(&t, text, "/jail", &detail, &inside), 0);
    CU_ASSERT_STRING_EQUAL(goxel_config_string(inside, GOXEL_OPT_PROCESS_PID_FILE), "/run/pid");
    CU_ASSERT_STRING_EQUAL(goxel_config_string(inside, GOXEL_OPT_SOCKETS_UNIX_PATH), "/sock");
    CU_ASSERT_STRING_EQUAL(goxel_config_string(inside, GOXEL_OPT_LOGGING_FILE), "/jail2/log");
    CU_ASSERT_STRING_EQUAL(goxel_config_string(inside, GOXEL_OPT_HEALTH_CHECK_SCRIPT), "");
    CU_ASSERT_STRING_EQUAL(goxel_config_string(inside, GOXEL_OPT_WWW_DIRECTORY), "/");
    goxel_config_unref(inside);
    try_end(&t);
}

static void test_failed_allocations(void)
{
    int code = GOXEL_ERROR_OUT_OF_MEMORY;
    struct try t;

    try_parse(&t, JAILED(""));
    CU_ASSERT_PTR_NOT_NULL_FATAL(t.config);
    for (long n = 0; n < 10000 && code == GOXEL_ERROR_OUT_OF_MEMORY; n++) {
        struct goxel_config *inside = NULL;

        (void)unit_fail_allocation(n);
        code = goxel_config_rebase(t.config, "/jail", NULL, &inside);
        (void)unit_fail_allocation(-1);
        CU_ASSERT_EQUAL(inside == NULL, code != 0);
        goxel_config_unref(inside);
    }
    CU_ASSERT_EQUAL(code, 0);
    try_end(&t);
}

static const struct unit_test tests[] = {
    {"every path inside loses the root", test_everything_inside},
    {"confined to everything", test_the_whole_tree},
    {"every path outside is named", test_outside},
    {"what is switched off does not matter", test_what_is_switched_off},
    {"failed allocations", test_failed_allocations},
    {NULL, NULL},
};

const struct unit_suite suite_rebase = {"rebase", tests};
