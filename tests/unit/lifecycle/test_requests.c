/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inbox of the lifecycle thread: coalescing, bounds, waiters, history. */
#include "lifecycle/requests.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "unit.h"

struct world {
    int wakes, ended;
    struct goxel_request_record last;
};

struct caller {
    struct goxel_waiter waiter;
    int calls, code;
    char report[64];
};

static void wake(void *ctx)
{
    ((struct world *)ctx)->wakes++;
}

static void ended(void *ctx, const struct goxel_request_record *record)
{
    ((struct world *)ctx)->ended++;
    ((struct world *)ctx)->last = *record;
}

static void answered(struct goxel_waiter *waiter, const struct goxel_request_result *result)
{
    struct caller *caller = (struct caller *)waiter;

    caller->calls++;
    caller->code = result->code;
    snprintf(caller->report, sizeof(caller->report), "%.*s", (int)result->report_len,
             result->report ? result->report : "");
}

static const struct goxel_requests_ops ops = {wake, ended};
static const struct goxel_trigger by_http = {
    .kind = GOXEL_TRIGGER_HTTP, .what = "POST /reload", .peer = "127.0.0.1:5"};
static const struct goxel_trigger by_signal = {
    .kind = GOXEL_TRIGGER_SIGNAL, .signal = SIGHUP, .pid = 42, .uid = 7, .what = "SIGHUP"};

static void finish(struct goxel_requests *requests, struct goxel_request_run *run, int code,
                   const char *report)
{
    const struct goxel_request_result result = {code, report, report ? strlen(report) : 0, NULL};

    goxel_requests_finish(requests, run, code ? "" : "RUNNING>RELOADING>RUNNING", &result);
}

static size_t count_in(const char *text, const char *what)
{
    size_t count = 0;

    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
        count++;
    return count;
}

static void the_table_is_complete(void)
{
    for (int kind = 0; kind < GOXEL_REQUEST_COUNT; kind++)
        CU_ASSERT(goxel_request_row(kind)->name[0] != '\0');
    CU_ASSERT_EQUAL(goxel_request_row(GOXEL_REQUEST_STOP)->signals[0], SIGTERM);
    CU_ASSERT_EQUAL(goxel_request_row(GOXEL_REQUEST_STOP)->signals[1], SIGINT);
    CU_ASSERT_EQUAL(goxel_request_row(GOXEL_REQUEST_RELOAD)->signals[0], SIGHUP);
    CU_ASSERT_EQUAL(goxel_request_row(GOXEL_REQUEST_DUMP)->signals[0], SIGUSR1);
    CU_ASSERT_EQUAL(goxel_request_row(GOXEL_REQUEST_VERBOSITY)->signals[0], SIGUSR2);
}

static void reloads_coalesce_and_all_are_answered(void)
{
    struct world world = {0};
    struct goxel_requests *requests = goxel_requests_create(&ops, &world);
    struct caller callers[3] = {0};
    struct goxel_request_run run;

    for (int i = 0; i < 3; i++) {
        callers[i].waiter.done = answered;
        CU_ASSERT_EQUAL(
            goxel_requests_post(requests, GOXEL_REQUEST_RELOAD, &by_http, NULL, &callers[i].waiter), 0);
    }
    CU_ASSERT_EQUAL(goxel_requests_post(requests, GOXEL_REQUEST_RELOAD, &by_signal, NULL, NULL), 0);
    CU_ASSERT_EQUAL(world.wakes, 4);
    CU_ASSERT_TRUE(goxel_requests_pending(requests, GOXEL_REQUEST_RELOAD));
    CU_ASSERT_FALSE(goxel_requests_pending(requests, GOXEL_REQUEST_STOP));
    CU_ASSERT_TRUE(goxel_requests_take(requests, GOXEL_REQUEST_RELOAD, &run));
    CU_ASSERT_FALSE(goxel_requests_pending(requests, GOXEL_REQUEST_RELOAD));
    CU_ASSERT_EQUAL(run.triggers, (1 << GOXEL_TRIGGER_HTTP) | (1 << GOXEL_TRIGGER_SIGNAL));
    finish(requests, &run, 0, "{\"applied\":[]}");
    CU_ASSERT_FALSE(goxel_requests_take(requests, GOXEL_REQUEST_RELOAD, &run));
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(callers[i].calls, 1);
        CU_ASSERT_EQUAL(callers[i].code, 0);
        CU_ASSERT_STRING_EQUAL(callers[i].report, "{\"applied\":[]}");
    }
    CU_ASSERT_EQUAL(world.ended, 4);
    CU_ASSERT_STRING_EQUAL(world.last.trigger.what, "SIGHUP");
    CU_ASSERT_EQUAL(world.last.trigger.pid, 42);
    goxel_requests_destroy(requests);
}

/* Posts of different senders until the list is full. */
static void fill(struct goxel_requests *requests)
{
    struct goxel_trigger trigger = by_signal;

    for (trigger.pid = 1; trigger.pid <= GOXEL_REQUEST_POSTS_MAX; trigger.pid++)
        CU_ASSERT_EQUAL(goxel_requests_post(requests, GOXEL_REQUEST_RELOAD, &trigger, NULL, NULL), 0);
}

/* Settings: who comes first is served first, and each by itself. */
static void what_asks_for_different_things_is_run_one_by_one(void)
{
    struct world world = {0};
    struct goxel_requests *requests = goxel_requests_create(&ops, &world);
    struct caller callers[3] = {0};
    static const char *const subjects[] = {"a", "b", "c"};
    struct goxel_request_run run;

    for (int i = 0; i < 3; i++) {
        callers[i].waiter = (struct goxel_waiter){answered, subjects[i]};
        CU_ASSERT_EQUAL(
            goxel_requests_post(requests, GOXEL_REQUEST_SETTINGS, &by_http, NULL, &callers[i].waiter), 0);
    }
    CU_ASSERT_EQUAL(world.wakes, 3);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_TRUE_FATAL(goxel_requests_take(requests, GOXEL_REQUEST_SETTINGS, &run));
        CU_ASSERT_EQUAL(world.wakes, i < 2 ? 4 + i : 5); /* for the next, if there is one */
        CU_ASSERT_PTR_EQUAL(run.subject, subjects[i]);
        CU_ASSERT_EQUAL(goxel_requests_pending(requests, GOXEL_REQUEST_SETTINGS), i < 2);
        finish(requests, &run, i == 1 ? DAEMON_ERROR_CONFIG_INVALID : 0, subjects[i]);
        for (int k = 0; k < 3; k++)
            CU_ASSERT_EQUAL(callers[k].calls, k <= i);
        CU_ASSERT_STRING_EQUAL(callers[i].report, subjects[i]);
    }
    CU_ASSERT_EQUAL(callers[1].code, DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_EQUAL(callers[2].code, 0);
    CU_ASSERT_EQUAL(world.ended, 3);
    CU_ASSERT_FALSE(goxel_requests_take(requests, GOXEL_REQUEST_SETTINGS, &run));

    /* What is left at the end is answered, too. */
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(
            goxel_requests_post(requests, GOXEL_REQUEST_SETTINGS, &by_http, NULL, &callers[i].waiter), 0);
    goxel_requests_destroy(requests);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(callers[i].calls, 2);
        CU_ASSERT_EQUAL(callers[i].code, GOXEL_ERROR_SHUTTING_DOWN);
    }
}

static void a_stop_is_never_dropped(void)
{
    struct world world = {0};
    struct goxel_requests *requests = goxel_requests_create(&ops, &world);
    struct caller caller = {.waiter = {answered}};
    struct goxel_request_run run;

    fill(requests);
    CU_ASSERT_EQUAL(goxel_requests_post(requests, GOXEL_REQUEST_RELOAD, &by_http, NULL, &caller.waiter),
                    GOXEL_ERROR_OVERLOADED);
    CU_ASSERT_EQUAL(goxel_requests_post(requests, GOXEL_REQUEST_STOP, &by_signal, NULL, NULL), 0);
    CU_ASSERT_TRUE(goxel_requests_pending(requests, GOXEL_REQUEST_STOP));
    CU_ASSERT_TRUE(goxel_requests_take(requests, GOXEL_REQUEST_STOP, &run));
    CU_ASSERT_EQUAL(run.triggers, 1 << GOXEL_TRIGGER_SIGNAL);
    finish(requests, &run, 0, NULL);
    CU_ASSERT_EQUAL(world.last.kind, GOXEL_REQUEST_STOP);
    CU_ASSERT_EQUAL(world.last.trigger.pid, by_signal.pid); /* who it was is known all the same */
    CU_ASSERT_EQUAL(world.last.count, 1);
    CU_ASSERT_TRUE(goxel_requests_take(requests, GOXEL_REQUEST_RELOAD, &run));
    finish(requests, &run, 0, NULL);
    CU_ASSERT_EQUAL(caller.calls, 0); /* it was refused at once */
    CU_ASSERT_EQUAL(goxel_requests_post(requests, GOXEL_REQUEST_RELOAD, &by_http, NULL, &caller.waiter), 0);
    goxel_requests_destroy(requests); /* answers who still waits */
    CU_ASSERT_EQUAL(caller.calls, 1);
    CU_ASSERT_EQUAL(caller.code, GOXEL_ERROR_SHUTTING_DOWN);
    goxel_requests_destroy(NULL);
}

static void equal_posts_take_one_place(void)
{
    const struct goxel_trigger scrape = {.kind = GOXEL_TRIGGER_HTTP, .what = "GET /stats"};
    struct world world = {0};
    struct goxel_requests *requests = goxel_requests_create(&ops, &world);
    struct caller caller = {.waiter = {answered}};
    struct goxel_request_run run;

    for (int i = 0; i < 3 * GOXEL_REQUEST_POSTS_MAX; i++)
        CU_ASSERT_EQUAL(goxel_requests_post(requests, GOXEL_REQUEST_DUMP, &scrape, NULL, NULL), 0);
    CU_ASSERT_EQUAL(goxel_requests_post(requests, GOXEL_REQUEST_STOP, &by_http, NULL, &caller.waiter), 0);
    CU_ASSERT_TRUE(goxel_requests_take(requests, GOXEL_REQUEST_DUMP, &run));
    finish(requests, &run, 0, NULL);
    CU_ASSERT_EQUAL(world.ended, 1);
    CU_ASSERT_EQUAL(world.last.count, 3 * GOXEL_REQUEST_POSTS_MAX);
    goxel_requests_destroy(requests);
}

static void the_newest_argument_counts(void)
{
    struct world world = {0};
    struct goxel_requests *requests = goxel_requests_create(&ops, &world);
    struct goxel_request_run run;

    goxel_requests_post(requests, GOXEL_REQUEST_VERBOSITY, &by_http, "warn", NULL);
    goxel_requests_post(requests, GOXEL_REQUEST_VERBOSITY, &by_http, "error", NULL);
    goxel_requests_post(requests, GOXEL_REQUEST_VERBOSITY, &by_signal, NULL, NULL);
    CU_ASSERT_TRUE(goxel_requests_take(requests, GOXEL_REQUEST_VERBOSITY, &run));
    CU_ASSERT_STRING_EQUAL(run.argument, "error");
    finish(requests, &run, 0, NULL);
    goxel_requests_destroy(requests);
}

static const char *history(struct goxel_requests *requests, struct goxel_buf *buf)
{
    struct goxel_json_writer w;

    goxel_buf_init(buf, 1 << 20);
    goxel_json_writer_init(&w, buf);
    goxel_requests_write(requests, &w, NULL);
    return buf->data;
}

static void post_and_finish(struct goxel_requests *requests, enum goxel_request_kind kind,
                            const struct goxel_trigger *trigger, int code)
{
    struct goxel_request_run run;

    goxel_requests_post(requests, kind, trigger, NULL, NULL);
    CU_ASSERT_TRUE_FATAL(goxel_requests_take(requests, kind, &run));
    finish(requests, &run, code, NULL);
}

static void the_last_requests_are_kept(void)
{
    struct world world = {0};
    struct goxel_requests *requests = goxel_requests_create(&ops, &world);
    struct goxel_buf buf;

    post_and_finish(requests, GOXEL_REQUEST_RELOAD, &by_http, DAEMON_ERROR_CONFIG_INVALID);
    const char *text = history(requests, &buf);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "\"request\":\"reload\",\"trigger\":{\"type\":\"http\",\"what\":\"POST /reload\","
                     "\"peer\":\"127.0.0.1:5\"}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"outcome\":\"DAEMON_ERROR_CONFIG_INVALID\""));
    goxel_buf_finish(&buf);

    for (int i = 0; i < GOXEL_REQUEST_HISTORY; i++)
        post_and_finish(requests, GOXEL_REQUEST_RELOAD, &by_signal, 0);
    text = history(requests, &buf);
    CU_ASSERT_EQUAL(count_in(text, "\"request\":"), GOXEL_REQUEST_HISTORY);
    CU_ASSERT_EQUAL(count_in(text, "\"what\":\"SIGHUP\",\"pid\":42,\"uid\":7"), GOXEL_REQUEST_HISTORY);
    CU_ASSERT_EQUAL(count_in(text, "\"outcome\":\"ok\""), GOXEL_REQUEST_HISTORY);
    goxel_buf_finish(&buf);
    goxel_requests_destroy(requests);
}

static void scrapes_do_not_push_the_rest_out(void)
{
    const struct goxel_trigger scrape = {.kind = GOXEL_TRIGGER_HTTP, .what = "GET /stats"};
    const struct goxel_trigger metrics = {.kind = GOXEL_TRIGGER_HTTP, .what = "GET /metrics"};
    const struct goxel_trigger method = {.kind = GOXEL_TRIGGER_RPC, .what = "system.get_stats"};
    const struct goxel_trigger usr1 = {.kind = GOXEL_TRIGGER_SIGNAL, .signal = SIGUSR1, .what = "SIGUSR1"};
    struct world world = {0};
    struct goxel_requests *requests = goxel_requests_create(&ops, &world);
    struct goxel_buf buf;

    post_and_finish(requests, GOXEL_REQUEST_RELOAD, &by_signal, 0);
    for (int i = 0; i < 100; i++) {
        post_and_finish(requests, GOXEL_REQUEST_DUMP, &scrape, 0);
        post_and_finish(requests, GOXEL_REQUEST_DUMP, &metrics, 0);
        post_and_finish(requests, GOXEL_REQUEST_DUMP, &method, 0);
    }
    CU_ASSERT_EQUAL(world.last.count, 100);
    post_and_finish(requests, GOXEL_REQUEST_DUMP, &usr1, 0);
    post_and_finish(requests, GOXEL_REQUEST_DUMP, &usr1, 0);
    const char *text = history(requests, &buf);
    CU_ASSERT_EQUAL(count_in(text, "\"request\":"), 6);
    CU_ASSERT_EQUAL(count_in(text, "\"count\":100"), 3);
    CU_ASSERT_EQUAL(count_in(text, "SIGUSR1"), 2);
    goxel_buf_finish(&buf);
    goxel_requests_destroy(requests);
}

static void the_state_is_written_whole(void)
{
    const struct goxel_machine_ops none = {0};
    struct goxel_requests *requests = goxel_requests_create(&(const struct goxel_requests_ops){0}, NULL);
    struct goxel_machine *machine = goxel_machine_create(&none, NULL);
    struct goxel_json_writer w;
    struct goxel_buf buf;

    goxel_machine_move(machine, DAEMON_STATE_STARTING, NULL);
    goxel_machine_move(machine, DAEMON_STATE_RUNNING, NULL);
    goxel_buf_init(&buf, 1 << 16);
    goxel_json_writer_init(&w, &buf);
    goxel_lifecycle_write(requests, machine, &w, NULL);
    CU_ASSERT_EQUAL(goxel_json_scan(buf.data, buf.len, &goxel_json_limits_default, NULL), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(buf.data, "{\"state\":\"RUNNING\",\"since\":\"2"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(buf.data, "{\"from\":\"STARTING\",\"to\":\"RUNNING\",\"validated_by\":\"started\"}"));
    CU_ASSERT_PTR_NULL(strstr(buf.data, "\"phase\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(buf.data, "\"log_level\":\"info\""));
    goxel_log_set_level(GOXEL_LOG_WARN);
    goxel_machine_move(machine, DAEMON_STATE_STOPPING, NULL);
    goxel_buf_clear(&buf);
    goxel_json_writer_init(&w, &buf);
    goxel_lifecycle_write(requests, machine, &w, NULL);
    goxel_log_set_level(GOXEL_LOG_INFO);
    CU_ASSERT_PTR_NOT_NULL(strstr(buf.data, "\"phase\":\"INIT\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(buf.data, "\"log_level\":\"warn\""));
    goxel_buf_finish(&buf);
    goxel_machine_destroy(machine);
    goxel_requests_destroy(requests);
}

const struct unit_suite requests_suite = {
    "requests",
    (const struct unit_test[]){
        {"the table is complete", the_table_is_complete},
        {"reloads coalesce and all are answered", reloads_coalesce_and_all_are_answered},
        {"what asks for different things is run one by one",
         what_asks_for_different_things_is_run_one_by_one},
        {"a stop is never dropped", a_stop_is_never_dropped},
        {"equal posts take one place", equal_posts_take_one_place},
        {"the newest argument counts", the_newest_argument_counts},
        {"the last requests are kept", the_last_requests_are_kept},
        {"scrapes do not push the rest out", scrapes_do_not_push_the_rest_out},
        {"the state is written whole", the_state_is_written_whole},
        {NULL, NULL},
    },
};
