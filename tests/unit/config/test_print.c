/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "config/table.h"
#include "made.h"
#include "try.h"
#include "unit.h"

/* A value that is right for the row and not its default, as it stands in a file. */
static const char *other_value(const struct goxel_option_row *row, char *to, size_t size)
{
    static const char *const texts[] = {
        [GOXEL_KIND_TEXT] = "\"a \\\"\\$\\\\ \\${b\"",
        [GOXEL_KIND_PATH] = "'/tmp/\"${HOME}\" #//x'",
        [GOXEL_KIND_ROOT] = "'/srv/\"${HOME}\" #/x'",
        [GOXEL_KIND_ADDRESS] = "\"::1\"",
        [GOXEL_KIND_CAPABILITIES] = "{CAP_KILL, cap_net_bind_service}",
        [GOXEL_KIND_PATHS] = "{'/a, b', \"/}\", /c}",
        [GOXEL_KIND_ENDPOINTS] = "{\"[::1]:0\", \"127.0.0.1:65535\"}",
        [GOXEL_KIND_HOSTS] = "{example.org}",
        [GOXEL_KIND_ORIGINS] = "{\"https://[::1]:443\"}",
        [GOXEL_KIND_PEERS] = "{\"user:root=admin\", \"group:1000=read\"}",
    };

    if (row->kind == GOXEL_KIND_BOOL)
        return strcmp(row->text, "true") == 0 ? "false" : "true";
    if (row->choices[0]) {
        const char *last = strrchr(row->choices, '|') + 1;

        CU_ASSERT_STRING_NOT_EQUAL(last, row->text);
        (void)snprintf(to, size, row->kind == GOXEL_KIND_TEXTS ? "{%s}" : "%s", last);
        return to;
    }
    if (row->kind != GOXEL_KIND_INT && row->kind != GOXEL_KIND_OCTAL)
        return texts[row->kind];
    (void)snprintf(to, size, row->kind == GOXEL_KIND_OCTAL ? "%#llo" : "%lld", (long long)row->max);
    return to;
}

/* What other options must be for a value to be accepted at all. */
static const char *company(enum goxel_option option)
{
    if (option == GOXEL_OPT_PERFORMANCE_REQUEST_TIMEOUT_MS)
        return "health { heartbeat_timeout_ms = 7200000 }";
    if (option == GOXEL_OPT_SECURITY_ENABLE_CHROOT)
        return "security { chroot_directory = /srv }";
    return "";
}

static void test_every_option_survives(void)
{
    for (int i = 0; i < GOXEL_OPTION_COUNT; i++) {
        enum goxel_option option = (enum goxel_option)i;
        const struct goxel_option_row *row = &goxel_option_rows[i];
        char setting[512], text[600], number[40];
        struct goxel_buf printed;
        struct try none, first, second;

        try_setting(setting, sizeof(setting), row->full, other_value(row, number, sizeof(number)));
        (void)snprintf(text, sizeof(text), "%s\n%s", setting, company(option));
        try_parse(&none, "");
        try_parse(&first, text);
        if (first.code != 0)
            printf("\n%s\n  said %s", text, try_errors(&first));
        CU_ASSERT_EQUAL_FATAL(first.code, 0);
        CU_ASSERT_FALSE(goxel_config_same(none.config, first.config, option));
        goxel_buf_init(&printed, GOXEL_CONFIG_FILE_MAX);
        goxel_config_print(first.config, &printed);
        CU_ASSERT_EQUAL(printed.failed, 0);
        try_text(&second, printed.data, printed.len, NULL, 0);
        CU_ASSERT_EQUAL_FATAL(second.code, 0);
        for (int k = 0; k < GOXEL_OPTION_COUNT; k++)
            CU_ASSERT_TRUE(goxel_config_same(first.config, second.config, (enum goxel_option)k));
        goxel_buf_finish(&printed);
        try_end(&none);
        try_end(&first);
        try_end(&second);
    }
}

static void test_print_names_everything_once(void)
{
    struct goxel_buf printed;
    struct try t;

    try_parse(&t, "");
    goxel_buf_init(&printed, GOXEL_CONFIG_FILE_MAX);
    goxel_config_print(t.config, &printed);
    CU_ASSERT_PTR_NOT_NULL(strstr(printed.data, "\nsockets {\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(printed.data, "\n    tcp {\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(printed.data, "\n        port = 7890\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(printed.data, "\n        permissions = 0660\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(printed.data, "\n    allowed_hosts = {\"localhost\", \"127.0.0.1\", \"[::1]\"}\n"));
    goxel_buf_finish(&printed);
    try_end(&t);
}

/* Every option is there, at its place, as a value of its type. */
static void test_json(void)
{
    struct goxel_json_writer w;
    struct goxel_json *root = NULL;
    struct goxel_buf text;
    struct try t;

    try_parse(&t, "workers { count = 7 }\nsecurity { allowed_hosts = {\"a\", \"b\"} }\n");
    goxel_buf_init(&text, GOXEL_CONFIG_FILE_MAX);
    goxel_json_writer_init(&w, &text);
    goxel_config_put(t.config, &w);
    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(text.data, text.len, &goxel_json_limits_default, NULL, &root), 0);
    for (int i = 0; i < GOXEL_OPTION_COUNT; i++) {
        const struct goxel_json *node = root;
        char name[128], *rest = name;

        snprintf(name, sizeof(name), "%s", goxel_option_name((enum goxel_option)i));
        for (char *part; node && (part = strsep(&rest, "."));)
            node = goxel_json_get(node, part);
        CU_ASSERT_PTR_NOT_NULL(node);
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\"workers\":{\"count\":7,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\"permissions\":\"0660\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\"allowed_hosts\":[\"a\",\"b\"]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\"enabled\":true"));
    goxel_json_free(root);
    goxel_buf_finish(&text);
    try_end(&t);
}

/* The sample is a valid file that changes nothing: as it stands, and with every option uncommented. */
static void test_sample(void)
{
    struct goxel_buf sample;
    struct try defaults, plain, open;
    size_t uncommented = 0;

    goxel_buf_init(&sample, GOXEL_CONFIG_FILE_MAX);
    goxel_config_sample(&sample);
    CU_ASSERT_EQUAL_FATAL(sample.failed, 0);
    try_parse(&defaults, "");
    try_text(&plain, sample.data, sample.len, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(plain.code, 0);
    for (size_t i = 0; i + 1 < sample.len; i++) {
        if (sample.data[i] == '#' && sample.data[i + 1] >= 'a' && sample.data[i + 1] <= 'z') {
            sample.data[i] = ' ';
            uncommented++;
        }
    }
    CU_ASSERT_EQUAL(uncommented, GOXEL_OPTION_COUNT);
    try_text(&open, sample.data, sample.len, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(open.code, 0);
    for (int i = 0; i < GOXEL_OPTION_COUNT; i++) {
        CU_ASSERT_TRUE(goxel_config_same(defaults.config, plain.config, (enum goxel_option)i));
        CU_ASSERT_TRUE(goxel_config_same(defaults.config, open.config, (enum goxel_option)i));
    }
    goxel_buf_finish(&sample);
    try_end(&defaults);
    try_end(&plain);
    try_end(&open);
}

static void make_sample(const char *input, struct goxel_buf *out)
{
    (void)input;
    goxel_config_sample(out);
}

static void test_committed_sample(void)
{
    made_is_up_to_date("../etc/daemon.conf", NULL, make_sample, "make sample");
}

static const struct unit_test tests[] = {
    {"every option survives write and read back", test_every_option_survives},
    {"sections nest", test_print_names_everything_once},
    {"as JSON", test_json},
    {"the sample changes nothing", test_sample},
    {"etc/daemon.conf is up to date", test_committed_sample},
    {NULL, NULL},
};

const struct unit_suite suite_print = {"print", tests};
