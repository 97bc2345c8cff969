/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reload: what it applies, what waits, and that a bad one changes nothing. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "rig.h"
#include "unit.h"
#include "unit/base/scratch.h"

#define CONF "workers { count = 2 }\nhealth { failure_threshold = 2 }\n"

/* The parts that a reload reaches, as after start-up. */
static bool open_running(struct rig *rig, const char *conf, const struct goxel_config_override *more)
{
    static const int no_signals[] = {0};
    struct goxel_pool_options pool = {.queue_size = 10};

    if (!rig_open(rig, conf, more))
        return false;
    rig_make_parts(rig);
    pool.workers = (unsigned)goxel_config_int(rig->daemon.config, GOXEL_OPT_WORKERS_COUNT);
    CU_ASSERT_EQUAL_FATAL(goxel_pool_create(&pool, NULL, &rig->daemon.pool), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_events_open(&rig->daemon.events, no_signals, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_daemon_open_log(&rig->daemon, rig->daemon.config, NULL), 0);
    return true;
}

static void close_running(struct rig *rig)
{
    goxel_events_close(&rig->daemon.events);
    goxel_pool_destroy(rig->daemon.pool);
    free(rig->daemon.pending);
    rig_close(rig);
}

/* ---- one reload and its report ---- */

struct outcome {
    int code;
    struct goxel_detail detail;
    struct goxel_json *report;
};

/* With settings, or without. */
static void reload_with(struct rig *rig, const struct goxel_settings *more, struct outcome *ret_outcome)
{
    struct goxel_buf report;

    goxel_buf_init(&report, 1 << 20);
    goxel_detail_init(&ret_outcome->detail);
    ret_outcome->code = goxel_daemon_reload(&rig->daemon, more, &report, &ret_outcome->detail);
    CU_ASSERT_EQUAL_FATAL(
        goxel_json_parse(report.data, report.len, &goxel_json_limits_default, NULL, &ret_outcome->report), 0);
    goxel_buf_finish(&report);
}

static void reload(struct rig *rig, struct outcome *ret_outcome)
{
    reload_with(rig, NULL, ret_outcome);
}

/* `object` is the JSON of what is set. */
static void set(struct rig *rig, const char *object, struct outcome *ret_outcome)
{
    struct goxel_settings *settings = goxel_settings_create();
    struct goxel_json *root = NULL;
    struct goxel_json_iter it = {0};

    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(object, strlen(object), &goxel_json_limits_default, NULL, &root),
                          0);
    while (goxel_json_next(root, &it))
        CU_ASSERT_EQUAL_FATAL(goxel_settings_set(settings, it.key, it.value, NULL), 0);
    goxel_json_free(root);
    reload_with(rig, settings, ret_outcome);
    goxel_settings_destroy(settings);
}

static void reload_text(struct rig *rig, const char *conf, struct outcome *ret_outcome)
{
    scratch_write("conf", conf);
    reload(rig, ret_outcome);
}

static void end(struct outcome *outcome)
{
    goxel_json_free(outcome->report);
}

static const struct goxel_json *list(const struct outcome *outcome, const char *key)
{
    const struct goxel_json *array = goxel_json_get(outcome->report, key);

    CU_ASSERT_FATAL(array && goxel_json_type(array) == GOXEL_JSON_ARRAY);
    return array;
}

static size_t count(const struct outcome *outcome, const char *key)
{
    return goxel_json_length(list(outcome, key));
}

/* A string of the list with `part` in it. */
static bool mentions(const struct outcome *outcome, const char *key, const char *part)
{
    const struct goxel_json *array = list(outcome, key);

    for (size_t i = 0; i < goxel_json_length(array); i++)
        if (strstr(goxel_json_string(goxel_json_at(array, i), NULL), part))
            return true;
    return false;
}

static bool is_pending(const struct outcome *outcome, const char *option, const char *level)
{
    const struct goxel_json *array = list(outcome, "pending_restart");

    for (size_t i = 0; i < goxel_json_length(array); i++) {
        const struct goxel_json *item = goxel_json_at(array, i);

        if (!strcmp(goxel_json_string(goxel_json_get(item, "option"), NULL), option) &&
            !strcmp(goxel_json_string(goxel_json_get(item, "level"), NULL), level))
            return true;
    }
    return false;
}

static int64_t effective(struct rig *rig, enum goxel_option option)
{
    struct goxel_config *config = goxel_daemon_config(&rig->daemon);
    int64_t value = goxel_config_int(config, option);

    goxel_config_unref(config);
    return value;
}

static unsigned workers(struct rig *rig)
{
    struct goxel_pool_stats stats;

    goxel_pool_get_stats(rig->daemon.pool, &stats);
    return stats.workers;
}

struct last {
    bool ok;
    int64_t success_ms;
    size_t pending;
};

static struct last last_reload(struct rig *rig)
{
    struct last last;

    goxel_daemon_last_reload(&rig->daemon, &last.ok, &last.success_ms, &last.pending);
    return last;
}

/* The failure count of a check that the threshold turns into unhealthiness. */
static int failures_until_unhealthy(struct rig *rig)
{
    int failures = 0;

    goxel_health_report(rig->daemon.health, GOXEL_CHECK_QUEUE, true, 0, "");
    while (goxel_health_check_ok(rig->daemon.health, GOXEL_CHECK_QUEUE) && failures < 100) {
        goxel_health_report(rig->daemon.health, GOXEL_CHECK_QUEUE, false, 0, "full");
        failures++;
    }
    return failures;
}

/* ---- tests ---- */

static void what_may_change_is_applied(void)
{
    struct outcome outcome;
    struct rig rig;

    if (!open_running(&rig, CONF, NULL))
        return;
    reload_text(&rig,
                "workers { count = 3 queue_size = 7 }\nhealth { failure_threshold = 5 }\n"
                "logging { level = \"debug\" access_log = true }\n",
                &outcome);
    CU_ASSERT_EQUAL(outcome.code, 0);
    CU_ASSERT_EQUAL(count(&outcome, "applied"), 5);
    CU_ASSERT_TRUE(mentions(&outcome, "applied", "workers.count"));
    CU_ASSERT_TRUE(mentions(&outcome, "applied", "workers.queue_size"));
    CU_ASSERT_TRUE(mentions(&outcome, "applied", "health.failure_threshold"));
    CU_ASSERT_TRUE(mentions(&outcome, "applied", "logging.level"));
    CU_ASSERT_TRUE(mentions(&outcome, "applied", "logging.access_log"));
    CU_ASSERT_EQUAL(count(&outcome, "pending_restart"), 0);
    CU_ASSERT_EQUAL(count(&outcome, "errors"), 0);
    CU_ASSERT_EQUAL(effective(&rig, GOXEL_OPT_WORKERS_COUNT), 3);
    CU_ASSERT_EQUAL(workers(&rig), 3);
    CU_ASSERT_EQUAL(failures_until_unhealthy(&rig), 5);
    CU_ASSERT_EQUAL(goxel_log_get_level(), GOXEL_LOG_DEBUG);
    CU_ASSERT_TRUE(last_reload(&rig).ok);
    CU_ASSERT(last_reload(&rig).success_ms > 0);
    end(&outcome);
    close_running(&rig);
}

static void the_same_file_changes_nothing(void)
{
    struct outcome outcome;
    struct rig rig;

    if (!open_running(&rig, CONF, NULL))
        return;
    reload(&rig, &outcome);
    CU_ASSERT_EQUAL(outcome.code, 0);
    CU_ASSERT_EQUAL(count(&outcome, "applied"), 0);
    CU_ASSERT_EQUAL(count(&outcome, "pending_restart"), 0);
    CU_ASSERT_EQUAL(count(&outcome, "errors"), 0);
    end(&outcome);
    close_running(&rig);
}

static void what_needs_a_restart_waits(void)
{
    struct outcome outcome;
    struct rig rig;

    if (!open_running(&rig, CONF, NULL))
        return;
    for (int i = 0; i < 2; i++) { /* it waits as long as the file says so */
        reload_text(&rig, CONF "performance { io_threads = 5 max_connections = 99 }\n", &outcome);
        CU_ASSERT_EQUAL(outcome.code, 0);
        CU_ASSERT_EQUAL(count(&outcome, "applied"), 0);
        CU_ASSERT_EQUAL(count(&outcome, "pending_restart"), 2);
        CU_ASSERT_TRUE(is_pending(&outcome, "performance.io_threads", "S"));
        CU_ASSERT_TRUE(is_pending(&outcome, "performance.max_connections", "X"));
        CU_ASSERT_EQUAL(effective(&rig, GOXEL_OPT_PERFORMANCE_IO_THREADS), 2);
        CU_ASSERT_EQUAL(last_reload(&rig).pending, 2);
        end(&outcome);
    }
    reload_text(&rig, CONF, &outcome);
    CU_ASSERT_EQUAL(outcome.code, 0);
    CU_ASSERT_EQUAL(count(&outcome, "applied"), 0);
    CU_ASSERT_EQUAL(count(&outcome, "pending_restart"), 0);
    CU_ASSERT_EQUAL(last_reload(&rig).pending, 0);
    end(&outcome);
    close_running(&rig);
}

static void an_invalid_file_changes_nothing_and_says_why(void)
{
    struct outcome outcome;
    struct last before;
    struct rig rig;

    if (!open_running(&rig, CONF, NULL))
        return;
    reload_text(&rig, CONF "performance { io_threads = 5 }\n", &outcome);
    end(&outcome);
    before = last_reload(&rig);
    reload_text(&rig,
                "workers {\n count = 9\n queue_size = 0\n}\nlogging { level = \"loud\" }\n"
                "health {\n failure_threshold = 9\n kitchen = 1\n}\n",
                &outcome);
    CU_ASSERT_EQUAL(outcome.code, DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_EQUAL(count(&outcome, "applied"), 0);
    CU_ASSERT_EQUAL(count(&outcome, "errors"), 3);
    CU_ASSERT_TRUE(mentions(&outcome, "errors", ":3: workers.queue_size: "));
    CU_ASSERT_TRUE(mentions(&outcome, "errors", ":5: logging.level: "));
    CU_ASSERT_TRUE(mentions(&outcome, "errors", "kitchen"));
    CU_ASSERT_TRUE(is_pending(&outcome, "performance.io_threads", "S")); /* what waited, waits */
    CU_ASSERT_EQUAL(effective(&rig, GOXEL_OPT_WORKERS_COUNT), 2);
    CU_ASSERT_EQUAL(workers(&rig), 2);
    CU_ASSERT_EQUAL(effective(&rig, GOXEL_OPT_HEALTH_FAILURE_THRESHOLD), 2);
    CU_ASSERT_EQUAL(goxel_log_get_level(), GOXEL_LOG_INFO);
    CU_ASSERT_FALSE(last_reload(&rig).ok);
    CU_ASSERT_EQUAL(last_reload(&rig).success_ms, before.success_ms);
    CU_ASSERT_EQUAL(last_reload(&rig).pending, 1);
    end(&outcome);
    reload_text(&rig, CONF, &outcome);
    CU_ASSERT_EQUAL(outcome.code, 0);
    CU_ASSERT_TRUE(last_reload(&rig).ok);
    end(&outcome);
    close_running(&rig);
}

static void a_missing_file_changes_nothing(void)
{
    struct outcome outcome;
    struct rig rig;

    if (!open_running(&rig, CONF, NULL))
        return;
    CU_ASSERT_EQUAL(remove(scratch_path("conf")), 0);
    reload(&rig, &outcome);
    CU_ASSERT_EQUAL(outcome.code, DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_EQUAL(count(&outcome, "applied"), 0);
    CU_ASSERT_EQUAL(count(&outcome, "errors"), 1);
    CU_ASSERT_TRUE(mentions(&outcome, "errors", scratch_path("conf")));
    CU_ASSERT_EQUAL(effective(&rig, GOXEL_OPT_WORKERS_COUNT), 2);
    CU_ASSERT_FALSE(last_reload(&rig).ok);
    end(&outcome);
    close_running(&rig);
}

/* Workers come before the log: what was applied already goes back. */
static void what_cannot_be_carried_out_changes_nothing(void)
{
    struct outcome outcome;
    struct rig rig;

    if (!open_running(&rig, CONF, NULL))
        return;
    CU_ASSERT_EQUAL(mkdir(scratch_path("folder"), 0700), 0);
    rig_log_to(&rig, "folder");
    reload_text(&rig, "workers { count = 4 }\nhealth { failure_threshold = 4 }\n", &outcome);
    CU_ASSERT_EQUAL(outcome.code, DAEMON_ERROR_LOGGING_INIT_FAILED);
    CU_ASSERT_EQUAL(count(&outcome, "applied"), 0);
    CU_ASSERT_EQUAL(count(&outcome, "errors"), 1);
    CU_ASSERT_TRUE(mentions(&outcome, "errors", scratch_path("folder")));
    CU_ASSERT_EQUAL(effective(&rig, GOXEL_OPT_WORKERS_COUNT), 2);
    CU_ASSERT_EQUAL(workers(&rig), 2);
    CU_ASSERT_EQUAL(effective(&rig, GOXEL_OPT_HEALTH_FAILURE_THRESHOLD), 2);
    CU_ASSERT_FALSE(last_reload(&rig).ok);
    end(&outcome);
    close_running(&rig);
}

static void the_command_line_beats_the_file(void)
{
    const struct goxel_config_override two[] = {{GOXEL_OPT_WORKERS_COUNT, "2", "--workers"}, {.text = NULL}};
    struct outcome outcome;
    struct rig rig;

    if (!open_running(&rig, "", two))
        return;
    reload_text(&rig, "workers { count = 9 }\n", &outcome);
    CU_ASSERT_EQUAL(outcome.code, 0);
    CU_ASSERT_EQUAL(count(&outcome, "applied"), 0);
    CU_ASSERT_EQUAL(effective(&rig, GOXEL_OPT_WORKERS_COUNT), 2);
    end(&outcome);
    close_running(&rig);
}

static void what_is_set_adds_up_until_the_next_reload(void)
{
    const struct goxel_config_override two[] = {{GOXEL_OPT_WORKERS_COUNT, "2", "--workers"}, {.text = NULL}};
    struct outcome outcome;
    struct rig rig;

    if (!open_running(&rig, CONF, two))
        return;
    set(&rig, "{\"workers.count\": 3, \"performance.io_threads\": 5}", &outcome);
    CU_ASSERT_EQUAL(outcome.code, 0);
    CU_ASSERT_EQUAL(count(&outcome, "applied"), 1);
    CU_ASSERT_TRUE(mentions(&outcome, "applied", "workers.count"));
    CU_ASSERT_TRUE(is_pending(&outcome, "performance.io_threads", "S"));
    CU_ASSERT_EQUAL(workers(&rig), 3);
    end(&outcome);
    /* The file comes along. */
    scratch_write("conf", "health { failure_threshold = 4 }\n");
    set(&rig, "{\"health.check_interval_ms\": 1000}", &outcome);
    CU_ASSERT_EQUAL(count(&outcome, "applied"), 2);
    CU_ASSERT_EQUAL(count(&outcome, "pending_restart"), 1);
    CU_ASSERT_EQUAL(workers(&rig), 3);
    CU_ASSERT_EQUAL(effective(&rig, GOXEL_OPT_HEALTH_FAILURE_THRESHOLD), 4);
    end(&outcome);
    reload(&rig, &outcome);
    CU_ASSERT_EQUAL(outcome.code, 0);
    CU_ASSERT_EQUAL(count(&outcome, "applied"), 2);
    CU_ASSERT_TRUE(mentions(&outcome, "applied", "workers.count"));
    CU_ASSERT_TRUE(mentions(&outcome, "applied", "health.check_interval_ms"));
    CU_ASSERT_EQUAL(count(&outcome, "pending_restart"), 0);
    CU_ASSERT_EQUAL(workers(&rig), 2);
    CU_ASSERT_EQUAL(effective(&rig, GOXEL_OPT_HEALTH_CHECK_INTERVAL_MS), 5000);
    end(&outcome);
    close_running(&rig);
}

static void what_cannot_be_set_changes_nothing(void)
{
    struct outcome outcome;
    struct rig rig;

    if (!open_running(&rig, CONF, NULL))
        return;
    set(&rig, "{\"workers.count\": 3}", &outcome);
    end(&outcome);
    set(&rig, "{\"workers.count\": 4, \"performance.request_timeout_ms\": 40000}", &outcome);
    CU_ASSERT_EQUAL(outcome.code, DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_STRING_EQUAL(outcome.detail.field, "performance.request_timeout_ms");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(outcome.detail.text, "health.heartbeat_timeout_ms: 60000 is less than twice"));
    CU_ASSERT_EQUAL(count(&outcome, "applied"), 0);
    CU_ASSERT_EQUAL(count(&outcome, "errors"), 1);
    CU_ASSERT_EQUAL(workers(&rig), 3);
    CU_ASSERT_TRUE(last_reload(&rig).ok); /* nothing is wrong with the file */
    end(&outcome);
    /* An invalid file is what it is for a reload; what was set stays. */
    reload_text(&rig, "workers { count = 0 }\n", &outcome);
    CU_ASSERT_EQUAL(outcome.code, DAEMON_ERROR_CONFIG_INVALID);
    end(&outcome);
    set(&rig, "{\"workers.queue_size\": 4}", &outcome);
    CU_ASSERT_EQUAL(outcome.code, DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_STRING_EQUAL(outcome.detail.field, "");
    CU_ASSERT_TRUE(mentions(&outcome, "errors", ":1: workers.count: "));
    end(&outcome);
    scratch_write("conf", CONF);
    set(&rig, "{\"workers.queue_size\": 4}", &outcome);
    CU_ASSERT_EQUAL(outcome.code, 0);
    CU_ASSERT_EQUAL(workers(&rig), 3);
    CU_ASSERT_EQUAL(effective(&rig, GOXEL_OPT_WORKERS_QUEUE_SIZE), 4);
    end(&outcome);
    close_running(&rig);
}

static void the_log_is_opened_anew_in_any_case(void)
{
    static const char *const confs[] = {CONF, "workers { count = 0 }\n"};
    struct outcome outcome;
    struct rig rig;
    char *text;

    for (size_t i = 0; i < sizeof(confs) / sizeof(confs[0]); i++) {
        if (!open_running(&rig, CONF, NULL))
            return;
        goxel_log(GOXEL_LOG_INFO, "before");
        CU_ASSERT_EQUAL(rename(scratch_path("log"), scratch_path("log.1")), 0);
        reload_text(&rig, confs[i], &outcome);
        goxel_log(GOXEL_LOG_INFO, "after");
        text = scratch_read("log");
        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        CU_ASSERT_PTR_NULL(strstr(text, "before"));
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "after"));
        free(text);
        end(&outcome);
        close_running(&rig);
    }
}

struct reading {
    struct rig *rig;
    atomic_bool over;
    size_t strange;
};

static void *read_all_the_time(void *arg)
{
    struct reading *reading = arg;

    do {
        int64_t value = effective(reading->rig, GOXEL_OPT_WORKERS_COUNT);

        reading->strange += value != 2 && value != 3;
        (void)last_reload(reading->rig);
    } while (!atomic_load(&reading->over));
    return NULL;
}

static void others_read_meanwhile(void)
{
    struct outcome outcome;
    struct reading reading = {0};
    pthread_t thread;
    struct rig rig;

    if (!open_running(&rig, CONF, NULL))
        return;
    reading.rig = &rig;
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, read_all_the_time, &reading), 0);
    for (int i = 0; i < 10; i++) {
        reload_text(&rig, i % 2 ? CONF : "workers { count = 3 }\nhealth { failure_threshold = 2 }\n",
                    &outcome);
        CU_ASSERT_EQUAL(outcome.code, 0);
        CU_ASSERT_TRUE(mentions(&outcome, "applied", "workers.count"));
        end(&outcome);
    }
    atomic_store(&reading.over, true);
    (void)pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(reading.strange, 0);
    close_running(&rig);
}

const struct unit_suite reload_suite = {
    "reload",
    (const struct unit_test[]){
        {"what may change is applied", what_may_change_is_applied},
        {"the same file changes nothing", the_same_file_changes_nothing},
        {"what needs a restart waits", what_needs_a_restart_waits},
        {"an invalid file changes nothing and says why", an_invalid_file_changes_nothing_and_says_why},
        {"a missing file changes nothing", a_missing_file_changes_nothing},
        {"what cannot be carried out changes nothing", what_cannot_be_carried_out_changes_nothing},
        {"the command line beats the file", the_command_line_beats_the_file},
        {"what is set adds up until the next reload", what_is_set_adds_up_until_the_next_reload},
        {"what cannot be set changes nothing", what_cannot_be_set_changes_nothing},
        {"the log is opened anew in any case", the_log_is_opened_anew_in_any_case},
        {"others read meanwhile", others_read_meanwhile},
        {NULL, NULL},
    },
};
