/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages: every example of the JSON-RPC 2.0 specification, batches, parked calls, ceilings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "rig.h"

static struct rig rig;

/* ---- the methods that the specification's examples call ---- */

static int subtract(struct goxel_invocation *in)
{
    goxel_json_put_int(in->out, NULL, goxel_arg_int(in, "minuend", 0) - goxel_arg_int(in, "subtrahend", 0));
    return 0;
}

static int sum(struct goxel_invocation *in)
{
    goxel_json_put_int(in->out, NULL,
                       goxel_arg_int(in, "a", 0) + goxel_arg_int(in, "b", 0) + goxel_arg_int(in, "c", 0));
    return 0;
}

static int get_data(struct goxel_invocation *in)
{
    goxel_json_put_array(in->out, NULL);
    goxel_json_put_string(in->out, NULL, "hello");
    goxel_json_put_int(in->out, NULL, 5);
    goxel_json_put_end(in->out);
    return 0;
}

static unsigned notified;

static int notify(struct goxel_invocation *in)
{
    (void)in;
    notified++;
    return 0;
}

/* Writes half an answer, then fails. */
static int fail_late(struct goxel_invocation *in)
{
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "half", "done");
    return goxel_fail_limit(in->detail, GOXEL_ERROR_QUOTA, "patience", 3, 4);
}

static int park(struct goxel_invocation *in)
{
    struct goxel_trigger trigger = in->call->trigger;
    int code = goxel_requests_post(in->rpc->options.requests, GOXEL_REQUEST_RELOAD, &trigger, NULL,
                                   &in->call->waiter);

    return code ? code : GOXEL_METHOD_PARKED;
}

/* `mib` MiB of text. */
static int big(struct goxel_invocation *in)
{
    size_t len = (size_t)goxel_arg_int(in, "mib", 1) << 20;
    char *text = malloc(len + 1);

    memset(text, 'x', len);
    goxel_json_put_string_len(in->out, NULL, text, len);
    free(text);
    return 0;
}

#define ANYWHERE \
    .access = GOXEL_ACCESS_ALL, .lock = GOXEL_LOCK_NONE, .states = GOXEL_STATE_BIT(DAEMON_STATE_RUNNING)
#define INTEGER(letter) \
    { \
        letter, GOXEL_PARAM_INT, .meaning = "a number" \
    }
#define PARAMS(...) \
    (const struct goxel_param[]) \
    { \
        __VA_ARGS__ __VA_OPT__(, ) \
        { \
            .name = NULL \
        } \
    }

static const struct goxel_method spec_methods[] = {
    {"subtract", "", "", PARAMS(INTEGER("minuend"), INTEGER("subtrahend")), ANYWHERE, .run = subtract},
    {"sum", "", "", PARAMS(INTEGER("a"), INTEGER("b"), INTEGER("c")), ANYWHERE, .run = sum},
    {"get_data", "", "", PARAMS(), ANYWHERE, .run = get_data},
    {"update", "", "", PARAMS(INTEGER("a"), INTEGER("b"), INTEGER("c"), INTEGER("d"), INTEGER("e")), ANYWHERE,
     .run = notify},
    {"notify_sum", "", "", PARAMS(INTEGER("a"), INTEGER("b"), INTEGER("c")), ANYWHERE, .run = notify},
    {"notify_hello", "", "", PARAMS(INTEGER("a")), ANYWHERE, .run = notify},
    {"fail_late", "", "", PARAMS(), ANYWHERE, .run = fail_late},
    {"park", "", "", PARAMS(), ANYWHERE, .run = park},
    {"big", "", "", PARAMS(INTEGER("mib")), ANYWHERE, .run = big},
    {.name = NULL},
};

static void start(void)
{
    rig_start_with(&rig, spec_methods, "");
    notified = 0;
}

/* The end of the JSON object that begins at `at`. */
static char *object_end(char *at)
{
    bool quoted = false;
    int depth = 0;

    for (;; at++) {
        if (*at == '\0')
            return at;
        if (quoted && *at == '\\')
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted && *at == '{')
            depth++;
        else if (!quoted && *at == '}' && --depth == 0)
            return at + 1;
    }
}

/* Cuts `,"data":{…}` out of errors: the specification leaves it to us, other tests look at it. */
static const char *bare(char *reply)
{
    char *data;

    while ((data = strstr(reply, ",\"data\":{"))) {
        char *end = object_end(data + strlen(",\"data\":"));

        memmove(data, end, strlen(end) + 1);
    }
    return reply;
}

static void spec_example(const char *message, const char *wanted)
{
    rig_send(&rig, rig_json(message));
    CHECK(bare(rig.reply), wanted);
}

#define NULL_INVALID "{'jsonrpc':'2.0','id':null,'error':{'code':-32600,'message':'Invalid Request'}}"

static void spec_single(void)
{
    start();
    spec_example("{'jsonrpc': '2.0', 'method': 'subtract', 'params': [42, 23], 'id': 1}",
                 "{'jsonrpc':'2.0','id':1,'result':19}");
    spec_example("{'jsonrpc': '2.0', 'method': 'subtract', 'params': [23, 42], 'id': 2}",
                 "{'jsonrpc':'2.0','id':2,'result':-19}");
    spec_example(
        "{'jsonrpc': '2.0', 'method': 'subtract', 'params': {'subtrahend': 23, 'minuend': 42}, 'id': 3}",
        "{'jsonrpc':'2.0','id':3,'result':19}");
    spec_example(
        "{'jsonrpc': '2.0', 'method': 'subtract', 'params': {'minuend': 42, 'subtrahend': 23}, 'id': 4}",
        "{'jsonrpc':'2.0','id':4,'result':19}");
    spec_example("{'jsonrpc': '2.0', 'method': 'update', 'params': [1,2,3,4,5]}", "");
    CU_ASSERT_EQUAL(notified, 1);
    spec_example("{'jsonrpc': '2.0', 'method': 'foobar'}", "");
    spec_example("{'jsonrpc': '2.0', 'method': 'foobar', 'id': '1'}",
                 "{'jsonrpc':'2.0','id':'1','error':{'code':-32601,'message':'Method not found'}}");
    CU_ASSERT_EQUAL(rig.code, 0);
    spec_example("{'jsonrpc': '2.0', 'method': 'foobar, 'params': 'bar', 'baz]",
                 "{'jsonrpc':'2.0','id':null,'error':{'code':-32700,'message':'Parse error'}}");
    CU_ASSERT_EQUAL(rig.code, GOXEL_ERROR_JSON_SYNTAX);
    spec_example("{'jsonrpc': '2.0', 'method': 1, 'params': 'bar'}", NULL_INVALID);
    CU_ASSERT_EQUAL(rig.code, 0);
    rig_stop(&rig);
}

static void spec_batch(void)
{
    start();
    spec_example("[{'jsonrpc': '2.0', 'method': 'sum', 'params': [1,2,4], 'id': '1'},"
                 "{'jsonrpc': '2.0', 'method'",
                 "{'jsonrpc':'2.0','id':null,'error':{'code':-32700,'message':'Parse error'}}");
    spec_example("[]", NULL_INVALID);
    spec_example("[1]", "[" NULL_INVALID "]");
    spec_example("[1,2,3]", "[" NULL_INVALID "," NULL_INVALID "," NULL_INVALID "]");
    spec_example("[{'jsonrpc': '2.0', 'method': 'sum', 'params': [1,2,4], 'id': '1'},"
                 "{'jsonrpc': '2.0', 'method': 'notify_hello', 'params': [7]},"
                 "{'jsonrpc': '2.0', 'method': 'subtract', 'params': [42,23], 'id': '2'},"
                 "{'foo': 'boo'},"
                 "{'jsonrpc': '2.0', 'method': 'foo.get', 'params': {'name': 'myself'}, 'id': '5'},"
                 "{'jsonrpc': '2.0', 'method': 'get_data', 'id': '9'}]",
                 "[{'jsonrpc':'2.0','id':'1','result':7},"
                 "{'jsonrpc':'2.0','id':'2','result':19}," NULL_INVALID ","
                 "{'jsonrpc':'2.0','id':'5','error':{'code':-32601,'message':'Method not found'}},"
                 "{'jsonrpc':'2.0','id':'9','result':['hello',5]}]");
    CU_ASSERT_EQUAL(notified, 1);
    spec_example("[{'jsonrpc': '2.0', 'method': 'notify_sum', 'params': [1,2,4]},"
                 "{'jsonrpc': '2.0', 'method': 'notify_hello', 'params': [7]}]",
                 "");
    CU_ASSERT_EQUAL(notified, 3);
    rig_stop(&rig);
}

static void invalid_requests(void)
{
    static const char *const messages[] = {
        "1",
        "null",
        "'x'",
        "{}",
        "{'jsonrpc':'2.0','method':'get_data','id':{}}",
        "{'jsonrpc':'2.0','method':'get_data','id':[]}",
        "{'jsonrpc':'2.0','method':'get_data','id':true}",
        "{'jsonrpc':'2.0','method':'get_data','id':1.5}",
        "{'jsonrpc':'2.0','method':1}", /* would be a notification, were it a request */
    };

    start();
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
        spec_example(messages[i], NULL_INVALID);
    rig_stop(&rig);
}

/* Whatever else is wrong: the client shall know which of its requests it was. */
static void invalid_requests_keep_their_id(void)
{
    static const char *const messages[] = {
        "{'method':'get_data','id':%s}",
        "{'jsonrpc':'1.0','method':'get_data','id':%s}",
        "{'jsonrpc':2.0,'method':'get_data','id':%s}",
        "{'jsonrpc':'2.0 ','method':'get_data','id':%s}",
        "{'jsonrpc':'2.0\\u0000','method':'get_data','id':%s}",
        "{'jsonrpc':'2.0','id':%s}",
        "{'jsonrpc':'2.0','method':null,'id':%s}",
        "{'jsonrpc':'2.0','method':'get_data','params':null,'id':%s}",
        "{'id':%s,'jsonrpc':'2.0','method':'get_data','params':1}",
    };
    static const char *const ids[] = {"1", "'seven'", "null"};
    char message[256], wanted[256];

    start();
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        const char *id = ids[i % 3], *at = strstr(messages[i], "%s");

        snprintf(message, sizeof(message), "%.*s%s%s", (int)(at - messages[i]), messages[i], id, at + 2);
        snprintf(wanted, sizeof(wanted),
                 "{'jsonrpc':'2.0','id':%s,'error':{'code':-32600,'message':'Invalid Request'}}", id);
        spec_example(message, wanted);
    }
    rig_stop(&rig);
}

static void ids_come_back(void)
{
    static const char *const ids[] = {
        "null", "0", "-7", "9007199254740993", "''", "'1'", "'a\\u0001b\\\\\\nü'",
    };
    char message[256], wanted[256];

    start();
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        snprintf(message, sizeof(message), "{'id':%s,'method':'sum','jsonrpc':'2.0'}", ids[i]);
        snprintf(wanted, sizeof(wanted), "{'jsonrpc':'2.0','id':%s,'result':0}", ids[i]);
        spec_example(message, wanted);
    }
    rig_stop(&rig);
}

static void parse_errors_tell_where(void)
{
    struct goxel_json *root = NULL;
    const struct goxel_json *data;

    start();
    rig_send(&rig, "{\n\"jsonrpc\":\n tru}");
    CU_ASSERT_EQUAL(rig.code, GOXEL_ERROR_JSON_SYNTAX);
    CU_ASSERT_EQUAL_FATAL(
        goxel_json_parse(rig.reply, strlen(rig.reply), &goxel_json_limits_default, NULL, &root), 0);
    data = goxel_json_get(goxel_json_get(root, "error"), "data");
    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    CU_ASSERT_PTR_NOT_NULL_FATAL(goxel_json_get(data, "line"));
    CU_ASSERT_EQUAL(goxel_json_int(goxel_json_get(data, "line")), 3);
    CU_ASSERT_PTR_NOT_NULL(goxel_json_get(data, "offset"));
    goxel_json_free(root);
    rig_send(&rig, "");
    CU_ASSERT_EQUAL(goxel_error_rpc(rig.code), -32700);
    rig_send(&rig, "{\"a\":1,\"a\":2}");
    CU_ASSERT_EQUAL(rig.code, GOXEL_ERROR_JSON_DUPLICATE);
    rig_send(&rig, "[\"\xff\"]");
    CU_ASSERT_EQUAL(rig.code, GOXEL_ERROR_JSON_UTF8);
    rig_stop(&rig);
}

static void deep_nesting_is_refused(void)
{
    char text[20001];

    start();
    memset(text, '[', 10000);
    memset(text + 10000, ']', 10000);
    rig_send_bytes(&rig, text, 20000);
    CU_ASSERT_EQUAL(rig.code, GOXEL_ERROR_JSON_DEPTH);
    rig_stop(&rig);
}

static void send_notifications(int count)
{
    struct goxel_buf message;

    goxel_buf_init(&message, 1 << 20);
    for (int i = 0; i < count; i++)
        goxel_buf_printf(&message, "%c{\"jsonrpc\":\"2.0\",\"method\":\"update\"}", i ? ',' : '[');
    goxel_buf_putc(&message, ']');
    rig_send_bytes(&rig, message.data, message.len);
    goxel_buf_finish(&message);
}

static void batch_has_a_ceiling(void)
{
    start();
    send_notifications(GOXEL_BATCH_MAX + 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"id\":null,\"error\":{\"code\":-32600,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"limit\":1000,\"given\":1001"));
    CU_ASSERT_EQUAL(notified, 0);
    send_notifications(GOXEL_BATCH_MAX);
    CU_ASSERT_STRING_EQUAL(rig.reply, "");
    CU_ASSERT_EQUAL(notified, GOXEL_BATCH_MAX);
    rig_stop(&rig);
}

static void an_error_discards_the_result(void)
{
    start();
    rig_send(&rig, rig_json("{'jsonrpc':'2.0','id':1,'method':'fail_late'}"));
    CHECK(rig.reply,
          "{'jsonrpc':'2.0','id':1,'error':{'code':-1014,'message':'quota exceeded','data':"
          "{'reason':'patience: 4 is above the limit of 3','field':'patience','limit':3,'given':4}}}");
    rig_send(&rig, rig_json("{'jsonrpc':'2.0','method':'fail_late'}"));
    CU_ASSERT_STRING_EQUAL(rig.reply, "");
    rig_stop(&rig);
}

static void too_late_is_not_run(void)
{
    start();
    rig.deadline_ms = goxel_clock_ms() - 1;
    spec_example("[{'jsonrpc':'2.0','method':'update','id':7}]",
                 "[{'jsonrpc':'2.0','id':7,'error':{'code':-32002,'message':'request timed out'}}]");
    rig_send(&rig, rig_json("{'jsonrpc':'2.0','method':'update','id':7}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "performance.request_timeout_ms"));
    CU_ASSERT_EQUAL(notified, 0);
    rig_stop(&rig);
}

static void a_long_reply_is_an_error(void)
{
    start();
    CHECK(rig_call(&rig, "big", "[65]"), "-1014 ");
    /* Each alone would fit: the second does not any more, the third is small but not even tried. */
    rig_send(&rig, rig_json("[{'jsonrpc':'2.0','method':'big','params':[40],'id':1},"
                            "{'jsonrpc':'2.0','method':'big','params':[40],'id':2},"
                            "{'jsonrpc':'2.0','method':'sum','id':3}]"));
    CU_ASSERT_EQUAL(rig.code, 0);
    CU_ASSERT_EQUAL(goxel_json_scan(rig.reply, strlen(rig.reply), &goxel_json_limits_default, NULL), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"id\":2,\"error\":{\"code\":-1014"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"id\":3,\"result\":0}]"));
    rig_stop(&rig);
}

static void parked_calls_are_answered(void)
{
    struct goxel_detail detail;

    start();
    rig.outcome = (struct goxel_request_result){.report = "{\"applied\":[]}", .report_len = 14};
    CHECK(rig_call(&rig, "park", NULL), "{'applied':[]}");
    rig.outcome = (struct goxel_request_result){.code = 0};
    CHECK(rig_call(&rig, "park", NULL), "{'accepted':true}");
    goxel_detail_init(&detail);
    goxel_fail(&detail, DAEMON_ERROR_CONFIG_INVALID, "two errors");
    rig.outcome = (struct goxel_request_result){
        .code = DAEMON_ERROR_CONFIG_INVALID,
        .report = "{\"errors\":[1,2]}",
        .report_len = 16,
        .detail = &detail,
    };
    rig_send(&rig, rig_json("{'jsonrpc':'2.0','id':1,'method':'park'}"));
    CHECK(rig.reply, "{'jsonrpc':'2.0','id':1,'error':{'code':-1018,'message':'the configuration is invalid',"
                     "'data':{'reason':'two errors','report':{'errors':[1,2]}}}}");
    rig_stop(&rig);
}

static void batches_go_on_after_parking(void)
{
    start();
    spec_example("[{'jsonrpc':'2.0','method':'sum','params':[1],'id':1},"
                 "{'jsonrpc':'2.0','method':'park','id':2},"
                 "{'jsonrpc':'2.0','method':'sum','params':[3],'id':3},"
                 "{'jsonrpc':'2.0','method':'park'},"
                 "{'jsonrpc':'2.0','method':'park','id':5}]",
                 "[{'jsonrpc':'2.0','id':1,'result':1},{'jsonrpc':'2.0','id':2,'result':{'accepted':true}},"
                 "{'jsonrpc':'2.0','id':3,'result':3},{'jsonrpc':'2.0','id':5,'result':{'accepted':true}}]");
    CU_ASSERT_EQUAL(rig.taken, 3);
    spec_example("{'jsonrpc':'2.0','method':'park'}", "");
    CU_ASSERT_EQUAL(rig.taken, 4);
    rig_stop(&rig);
}

static uint64_t sum_of_buckets(const struct goxel_rpc_method_stats *stats)
{
    uint64_t sum = 0;

    for (size_t i = 0; i <= GOXEL_RPC_BUCKETS; i++)
        sum += stats->buckets[i];
    return sum;
}

static int run_20_ms(struct goxel_invocation *in)
{
    int64_t until_ms = goxel_clock_ms() + 20;

    while (goxel_clock_ms() <= until_ms)
        ;
    goxel_json_put_null(in->out, NULL);
    return 0;
}

static void durations_are_counted(void)
{
    static const struct goxel_param none[] = {{.name = NULL}};
    static const struct goxel_method methods[] = {
        {.name = "slow",
         .params = none,
         .lock = GOXEL_LOCK_NONE,
         .access = GOXEL_ACCESS_ALL,
         .states = GOXEL_STATE_BIT(DAEMON_STATE_RUNNING),
         .run = run_20_ms},
        {.name = NULL},
    };
    struct goxel_rpc_method_stats stats;

    for (size_t i = 1; i < GOXEL_RPC_BUCKETS; i++)
        CU_ASSERT(goxel_rpc_bounds[i - 1] < goxel_rpc_bounds[i]);
    rig_start_with(&rig, methods, "");
    rig_do(&rig, "slow", NULL);
    goxel_rpc_method_stats(rig.rpc, 0, &stats);
    CU_ASSERT_EQUAL(sum_of_buckets(&stats), 1);
    /* On a busy machine it may be more, but never less than it takes. */
    for (size_t i = 0; i < GOXEL_RPC_BUCKETS && goxel_rpc_bounds[i] < 0.020; i++)
        CU_ASSERT_EQUAL(stats.buckets[i], 0);
    CU_ASSERT(stats.total_us >= 20000);
    rig_stop(&rig);
}

static void calls_are_counted(void)
{
    struct goxel_rpc_method_stats stats;

    start();
    CU_ASSERT_EQUAL_FATAL(goxel_rpc_methods(rig.rpc), 9);
    rig_call(&rig, "subtract", "[1]");
    rig_call(&rig, "subtract", "['x']");
    goxel_rpc_method_stats(rig.rpc, 0, &stats);
    CU_ASSERT_STRING_EQUAL(stats.name, "subtract");
    CU_ASSERT_EQUAL(stats.calls, 2);
    CU_ASSERT_EQUAL(stats.errors, 1);
    CU_ASSERT_EQUAL(sum_of_buckets(&stats), 2);
    rig.outcome = (struct goxel_request_result){.code = GOXEL_ERROR_GENERAL};
    rig_call(&rig, "park", NULL);
    goxel_rpc_method_stats(rig.rpc, 7, &stats);
    CU_ASSERT_EQUAL(stats.calls, 1);
    CU_ASSERT_EQUAL(stats.errors, 1);
    rig_stop(&rig);
}

static void refusals(void)
{
    struct goxel_buf reply;

    goxel_buf_init(&reply, 4096);
    goxel_rpc_refuse(GOXEL_ERROR_OVERLOADED, NULL, &reply);
    CHECK(reply.data,
          "{'jsonrpc':'2.0','id':null,'error':{'code':-32000,'message':'overloaded, try again'}}");
    goxel_buf_finish(&reply);
}

static const struct unit_test tests[] = {
    {"single requests of the specification", spec_single},
    {"batches of the specification", spec_batch},
    {"invalid requests are answered with id null", invalid_requests},
    {"invalid requests keep their id", invalid_requests_keep_their_id},
    {"ids come back as they were", ids_come_back},
    {"parse errors tell where", parse_errors_tell_where},
    {"nesting of 10,000 is refused", deep_nesting_is_refused},
    {"a batch has a ceiling", batch_has_a_ceiling},
    {"an error discards the result", an_error_discards_the_result},
    {"a request past its deadline is not run", too_late_is_not_run},
    {"a reply that is too long is an error", a_long_reply_is_an_error},
    {"parked calls are answered", parked_calls_are_answered},
    {"batches go on after parking", batches_go_on_after_parking},
    {"calls and errors are counted", calls_are_counted},
    {"durations are counted", durations_are_counted},
    {"refusals", refusals},
    {NULL, NULL},
};

const struct unit_suite rpc_suite = {"rpc", tests};
