/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be set at run time, to what, and what is loaded of it. */
#include "config/settings.h"

#include <stdlib.h>

#include "config/table.h"
#include "try.h"
#include "unit.h"

/* Sets the members of an object, until one is refused. Single quotes stand for double ones. */
static int set(struct goxel_settings *settings, const char *object, struct goxel_detail *detail)
{
    char text[512];
    struct goxel_json *root = NULL;
    struct goxel_json_iter it = {0};
    int code = 0;

    (void)snprintf(text, sizeof(text), "%s", object);
    for (char *c = text; *c; c++) {
        if (*c == '\'')
            *c = '"';
    }
    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(text, strlen(text), &goxel_json_limits_default, NULL, &root), 0);
    while (!code && goxel_json_next(root, &it))
        code = goxel_settings_set(settings, it.key, it.value, detail);
    goxel_json_free(root);
    return code;
}

static struct goxel_settings *make(const char *object)
{
    struct goxel_settings *settings = goxel_settings_create();

    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(set(settings, object, NULL), 0);
    return settings;
}

static void check_written(const struct goxel_settings *settings, const char *wanted)
{
    struct goxel_json_writer w;
    struct goxel_buf text;

    goxel_buf_init(&text, 4096);
    goxel_json_writer_init(&w, &text);
    goxel_settings_write(settings, &w, NULL);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"')
            text.data[i] = '\'';
    }
    CU_ASSERT_STRING_EQUAL(text.data, wanted);
    goxel_buf_finish(&text);
}

static void test_natural_types_and_texts(void)
{
    struct goxel_settings *settings = make(
        "{'workers.count':8,'workers.queue_size':'20','logging.access_log':true,'www.enabled':'no',"
        "'logging.level':'debug','logging.use_colors':false,'health.recover_on':['queue','memory']}");

    check_written(
        settings,
        "{'workers.count':'8','workers.queue_size':'20','logging.access_log':'true','www.enabled':'no',"
        "'logging.level':'debug','logging.use_colors':'false','health.recover_on':['queue','memory']}");
    goxel_settings_destroy(settings);
    settings = make("{'health.recover_on':[]}");
    check_written(settings, "{'health.recover_on':[]}");
    goxel_settings_destroy(settings);
    check_written(NULL, "{}");
    goxel_settings_destroy(NULL);
}

static void test_what_is_refused(void)
{
    static const struct {
        const char *object, *field, *value, *expected, *text;
    } rows[] = {
        {"{'workers.cuont':8}", "workers.cuont", "", "an option that system.get_config shows",
         "unknown option \"workers.cuont\", did you mean \"workers.count\"?"},
        {"{'':8}", "", "", "an option that system.get_config shows", ""},
        {"{'workers':{'count':8}}", "workers", "", "an option that system.get_config shows", ""},
        {"{'storage.render_ttl_s':3600}", "storage.render_ttl_s", "",
         "an option that system.get_config shows", ""},
        {"{'nice_level':1}", "nice_level", "", "an option that system.get_config shows", ""},
        {"{'workers.count':0}", "workers.count", "0", "a whole number from 1 to 256 (threads)", ""},
        {"{'workers.count':'08'}", "workers.count", "08", "a whole number from 1 to 256 (threads)", ""},
        {"{'workers.count':8.0}", "workers.count", "number", "a whole number from 1 to 256 (threads)", ""},
        {"{'workers.count':true}", "workers.count", "boolean", "a whole number from 1 to 256 (threads)", ""},
        {"{'workers.count':null}", "workers.count", "null", "a whole number from 1 to 256 (threads)", ""},
        {"{'workers.count':[8]}", "workers.count", "array", "a whole number from 1 to 256 (threads)", ""},
        {"{'workers.count':'8\\u0000'}", "workers.count", "string", "a whole number from 1 to 256 (threads)",
         ""},
        {"{'logging.access_log':1}", "logging.access_log", "integer", "true or false", ""},
        {"{'logging.level':'loud'}", "logging.level", "loud", "one of error, warn, info, debug", ""},
        {"{'logging.level':true}", "logging.level", "true", "one of error, warn, info, debug", ""},
        {"{'health.recover_on':'queue'}", "health.recover_on", "string",
         "an array of strings, each one of responsive, memory, queue, script", ""},
        {"{'health.recover_on':['queue',1]}", "health.recover_on", "integer",
         "an array of strings, each one of responsive, memory, queue, script", ""},
        {"{'health.recover_on':['queue','queue']}", "health.recover_on", "queue", "given only once", ""},
        {"{'workers.count':8,'logging.file':'/x'}", "logging.file", "",
         "an option that may be set at run time: this one comes from the file alone, change it there and reload",
         ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_settings *settings = goxel_settings_create();
        struct goxel_detail detail;

        goxel_detail_init(&detail);
        CU_ASSERT_EQUAL(set(settings, rows[i].object, &detail), GOXEL_ERROR_INVALID_PARAMS);
        CU_ASSERT_STRING_EQUAL(detail.field, rows[i].field);
        CU_ASSERT_STRING_EQUAL(detail.value, rows[i].value);
        CU_ASSERT_STRING_EQUAL(detail.expected, rows[i].expected);
        if (rows[i].text[0])
            CU_ASSERT_STRING_EQUAL(detail.text, rows[i].text);
        goxel_settings_destroy(settings);
    }
}

/* Whatever is a program, a user, a path, or guards the daemon. */
static void test_what_comes_from_the_file_alone(void)
{
    static const enum goxel_option guarded[] = {
        GOXEL_OPT_PROCESS_USER,           GOXEL_OPT_PROCESS_GROUP,
        GOXEL_OPT_SOCKETS_UNIX_PATH,      GOXEL_OPT_SOCKETS_UNIX_PERMISSIONS,
        GOXEL_OPT_SOCKETS_TCP_LISTEN,     GOXEL_OPT_HEALTH_CHECK_SCRIPT,
        GOXEL_OPT_LOGGING_FILE,           GOXEL_OPT_SECURITY_ALLOWED_HOSTS,
        GOXEL_OPT_STORAGE_ALLOWED_ROOTS,  GOXEL_OPT_SECURITY_ALLOWED_ORIGINS,
        GOXEL_OPT_STORAGE_DIRECTORY,      GOXEL_OPT_SECURITY_CHROOT_DIRECTORY,
        GOXEL_OPT_SECURITY_ENABLE_CHROOT, GOXEL_OPT_WWW_DIRECTORY,
    };

    for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++)
        CU_ASSERT_FALSE(goxel_option_settable(guarded[i]));
    for (int i = 0; i < GOXEL_OPTION_COUNT; i++) {
        const struct goxel_option_row *row = &goxel_option_rows[i];

        if (row->text[0] == '/' || strcmp(row->section, "security") == 0)
            CU_ASSERT_FALSE(goxel_option_settable((enum goxel_option)i));
    }
    CU_ASSERT_TRUE(goxel_option_settable(GOXEL_OPT_WORKERS_COUNT));
    CU_ASSERT_TRUE(goxel_option_settable(GOXEL_OPT_SOCKETS_RECEIVE_TIMEOUT_MS));
    CU_ASSERT_TRUE(goxel_option_settable(GOXEL_OPT_STORAGE_DURABILITY));
}

static void test_they_add_up(void)
{
    struct goxel_settings *first = make("{'workers.count':8,'health.recover_on':['queue','memory']}"),
                          *second = make("{'health.recover_on':['script'],'logging.level':'warn'}"),
                          *both = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_settings_join(first, second, &both), 0);
    check_written(both, "{'workers.count':'8','health.recover_on':['script'],'logging.level':'warn'}");
    goxel_settings_destroy(both);
    CU_ASSERT_EQUAL_FATAL(goxel_settings_join(NULL, second, &both), 0);
    check_written(both, "{'health.recover_on':['script'],'logging.level':'warn'}");
    goxel_settings_destroy(both);
    goxel_settings_destroy(first);
    goxel_settings_destroy(second);
}

/* Over the command line, which is over the file. */
static void test_they_are_loaded_last(void)
{
    static const struct goxel_config_override line[] = {
        {GOXEL_OPT_WORKERS_COUNT, "3", "--workers"},
        {GOXEL_OPT_WORKERS_QUEUE_SIZE, "30", "--queue-size"},
        {GOXEL_OPT_HEALTH_RECOVER_ON, "memory", "--recover"},
    };
    static const char *const cases[][2] = {
        {"{'workers.count':4,'health.recover_on':['script','queue']}", "script,queue,"},
        {"{'workers.count':4,'health.recover_on':[]}", ""},
    };

    for (size_t i = 0; i < 2; i++) {
        struct goxel_settings *settings = make(cases[i][0]);
        struct goxel_config_override *all = NULL;
        const char *const *items;
        char listed[64] = "";
        size_t count;
        struct try t;

        CU_ASSERT_EQUAL_FATAL(goxel_settings_append(line, 3, settings, &all, &count), 0);
        try_text(&t, "workers { count = 2 }", 21, all, count);
        CU_ASSERT_EQUAL_FATAL(t.code, 0);
        CU_ASSERT_EQUAL(goxel_config_int(t.config, GOXEL_OPT_WORKERS_COUNT), 4);
        CU_ASSERT_EQUAL(goxel_config_int(t.config, GOXEL_OPT_WORKERS_QUEUE_SIZE), 30);
        count = goxel_config_list(t.config, GOXEL_OPT_HEALTH_RECOVER_ON, &items);
        for (size_t k = 0; k < count; k++)
            (void)snprintf(listed + strlen(listed), sizeof(listed) - strlen(listed), "%s,", items[k]);
        CU_ASSERT_STRING_EQUAL(listed, cases[i][1]);
        try_end(&t);
        free(all);
        goxel_settings_destroy(settings);
    }
}

static void test_what_spans_options_is_seen_then(void)
{
    struct goxel_settings *settings = make("{'performance.request_timeout_ms':40000}");
    size_t count;
    const struct goxel_config_override *overrides = goxel_settings_overrides(settings, &count);
    struct try t;

    try_text(&t, "", 0, overrides, count);
    CU_ASSERT_EQUAL(t.code, DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_STRING_EQUAL(try_errors(&t),
                           "system.set_config: health.heartbeat_timeout_ms: 60000 is less than twice "
                           "performance.request_timeout_ms, 80000\n");
    try_end(&t);
    goxel_settings_destroy(settings);
}

/* It fails, or it is whole. */
static void test_failed_allocations(void)
{
    struct goxel_settings *first = make("{'workers.count':8}"), *more = make("{'logging.level':'warn'}");
    int code = GOXEL_ERROR_OUT_OF_MEMORY;
    struct goxel_json *list = NULL;

    CU_ASSERT_EQUAL_FATAL(
        goxel_json_parse("[\"queue\",\"memory\"]", 18, &goxel_json_limits_default, NULL, &list), 0);
    for (long n = 0; n < 100 && code == GOXEL_ERROR_OUT_OF_MEMORY; n++) {
        struct goxel_settings *joined = NULL;

        (void)unit_fail_allocation(n);
        code = goxel_settings_join(first, more, &joined);
        if (!code)
            code = goxel_settings_set(joined, "health.recover_on", list, NULL);
        (void)unit_fail_allocation(-1);
        goxel_settings_destroy(joined);
    }
    CU_ASSERT_EQUAL(code, 0);
    goxel_json_free(list);
    goxel_settings_destroy(first);
    goxel_settings_destroy(more);
}

const struct unit_suite suite_settings = {
    "settings",
    (const struct unit_test[]){
        {"natural types and texts", test_natural_types_and_texts},
        {"what is refused", test_what_is_refused},
        {"what comes from the file alone", test_what_comes_from_the_file_alone},
        {"they add up", test_they_add_up},
        {"they are loaded last", test_they_are_loaded_last},
        {"what spans options is seen then", test_what_spans_options_is_seen_then},
        {"failed allocations", test_failed_allocations},
        {NULL, NULL},
    },
};
