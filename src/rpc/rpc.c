/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One message in, its reply out: the letter of JSON-RPC 2.0, and nothing about what methods do.
 *
 * A message is walked request by request. `next` always stands behind the request in hand, so that
 * a call that was parked knows, from the call alone, which request it was parked for:
 *
 *     goxel_rpc_run ──► go_on ──► run_request ──► reply ──┐
 *                         ▲  ▲                            │ more: loop      none: complete ──► done
 *                  worker │  └────────────────────────────┘
 *                         │        parked: return, and touch the call no more
 *       resubmit ◄── answered (lifecycle thread) ──► last of the message: complete ──► done
 *
 * A request that takes long may have to wait before it is begun, with `next` before it: the pool runs the call's task again when it
 * is its turn.
 *
 * The last step waits for the edits of the message (rpc/pending.c): whoever has run the last request lets the call
 * go, and so does each edit as soon as it lasts; the last of them completes it.
 */
#include "rpc/rpc.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/nearest.h"
#include "rpc/method.h"

#define CALL_OF(part, member) \
    ((struct goxel_rpc_call *)((char *)(part)-offsetof(struct goxel_rpc_call, member)))

/* Above GOXEL_REPLY_MAX there is room for what surrounds the results: ids, which came in with the body, and errors. */
#define ENVELOPE_MAX ((size_t)4096 * GOXEL_BATCH_MAX)

/* No method is run with less room than this: an edit must not be carried out and then answered with an error. */
#define RESULT_MIN ((size_t)64 << 10)
#define RESULT_RESERVE ((size_t)1 << 10)

static struct goxel_method_count *count_of(const struct goxel_rpc *rpc, const struct goxel_method *method)
{
    return &rpc->counts[method - rpc->methods];
}

/* ---- replies ---- */

/* Starts one more reply of the message, with the bracket or comma it needs. */
static void begin_reply(struct goxel_rpc_call *call, struct goxel_json_writer *w, const struct goxel_json *id)
{
    if (call->batch)
        goxel_buf_putc(&call->reply, call->any_reply ? ',' : '[');
    call->any_reply = true;
    goxel_json_writer_init(w, &call->reply);
    goxel_rpc_put_head(w, id);
}

/* Returns where the result begins: behind the reply's head. */
static size_t reply_result(struct goxel_rpc_call *call, const struct goxel_json *id, const char *result,
                           size_t len)
{
    struct goxel_json_writer writer;
    size_t head;

    begin_reply(call, &writer, id);
    head = call->reply.len;
    goxel_json_put_raw(&writer, "result", result, len);
    goxel_json_put_end(&writer);
    return head;
}

static void reply_error(struct goxel_rpc_call *call, const struct goxel_json *id, int code,
                        const struct goxel_detail *detail, const char *report, size_t report_len)
{
    struct goxel_json_writer writer;

    begin_reply(call, &writer, id);
    goxel_rpc_put_error(&writer, "error", code, detail, report, report_len);
    goxel_json_put_end(&writer);
}

/* What is left of the reply's ceiling for one more result. */
static size_t result_room(const struct goxel_rpc_call *call)
{
    return call->reply.len < GOXEL_REPLY_MAX ? GOXEL_REPLY_MAX - call->reply.len : 0;
}

static int fail_reply_size(struct goxel_detail *detail)
{
    return goxel_fail(detail, GOXEL_ERROR_QUOTA,
                      "the reply would be longer than %zu bytes: ask for less at a time", GOXEL_REPLY_MAX);
}

/* ---- one request ---- */

struct request {
    const struct goxel_json *id; /* NULL: a notification */
    const char *name;
    size_t name_len;
    const struct goxel_json *params; /* NULL: none */
};

static bool valid_id(const struct goxel_json *id)
{
    enum goxel_json_type type = goxel_json_type(id);

    return type == GOXEL_JSON_STRING || type == GOXEL_JSON_INT || type == GOXEL_JSON_NULL;
}

static bool valid_version(const struct goxel_json *version)
{
    size_t len = 0;

    return version && goxel_json_type(version) == GOXEL_JSON_STRING &&
           strcmp(goxel_json_string(version, &len), "2.0") == 0 && len == 3;
}

/* `id` is filled as soon as it is known, even if the rest is invalid. */
static int read_request(const struct goxel_json *node, struct goxel_detail *detail,
                        struct request *ret_request)
{
    const struct goxel_json *version, *method, *params, *id;

    if (goxel_json_type(node) != GOXEL_JSON_OBJECT)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_REQUEST, "", node, "a request object");
    version = goxel_json_get(node, "jsonrpc");
    method = goxel_json_get(node, "method");
    params = goxel_json_get(node, "params");
    id = goxel_json_get(node, "id");
    if (id && valid_id(id))
        ret_request->id = id; /* an error is answered under it, too */
    if (!valid_version(version))
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_REQUEST, "jsonrpc", version, "the string \"2.0\"");
    if (!method || goxel_json_type(method) != GOXEL_JSON_STRING)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_REQUEST, "method", method, "a string");
    if (params && goxel_json_type(params) != GOXEL_JSON_ARRAY && goxel_json_type(params) != GOXEL_JSON_OBJECT)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_REQUEST, "params", params,
                               "an array or an object");
    if (id && !valid_id(id))
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_REQUEST, "id", id, "a string, an integer or null");
    ret_request->params = params;
    ret_request->name = goxel_json_string(method, &ret_request->name_len);
    return 0;
}

/* The request in hand: the message itself, or the element before `next`. */
static const struct goxel_json *current_request(const struct goxel_rpc_call *call)
{
    return call->batch ? goxel_json_at(call->message, call->next - 1) : call->message;
}

int goxel_check_params_access(const struct goxel_invocation *in)
{
    const struct goxel_param *spec = in->method->params;
    int code = 0;

    for (size_t i = 0; spec[i].name && !code; i++) {
        if (in->args[i].given && spec[i].access)
            code = goxel_grant_check(in->call->grant, spec[i].access, spec[i].name, in->detail);
    }
    return code;
}

/* What needs no more than the level of those who look. */
static bool changes_nothing(const struct goxel_invocation *in)
{
    const struct goxel_param *spec = in->method->params;
    bool looks = goxel_method_access(in->method) == GOXEL_ACCESS_READ;

    for (size_t i = 0; spec[i].name && looks; i++)
        looks = !in->args[i].given || spec[i].access <= GOXEL_ACCESS_READ;
    return looks;
}

static bool is_gone(void *ctx)
{
    struct goxel_rpc_call *call = ctx;

    return call->is_gone(call);
}

/* Others of the message may change something, and are carried out. */
static void watch_client(const struct goxel_invocation *in)
{
    struct goxel_rpc_call *call = in->call;

    if (call->is_gone && !call->batch && changes_nothing(in))
        goxel_cancel_watch(&call->cancel, is_gone, call);
}

/* Everything between the name of a method and its handler's return. */
static int invoke(struct goxel_rpc_call *call, const struct goxel_method *method,
                  const struct goxel_json *params, struct goxel_detail *detail, struct goxel_buf *result)
{
    struct goxel_rpc *rpc = call->rpc;
    enum goxel_state state = goxel_machine_state(rpc->options.machine);
    struct goxel_json_writer writer;
    struct goxel_invocation in = {
        .rpc = rpc, .call = call, .method = method, .params = params, .out = &writer, .detail = detail};
    int code = goxel_grant_check(call->grant, goxel_method_access(method), method->name, detail);

    if (code)
        return code;
    if (!(method->states & GOXEL_STATE_BIT(state)))
        return goxel_fail_value(detail, DAEMON_ERROR_INVALID_STATE_TRANSITION, "state",
                                goxel_state_name(state), "a state in which %s may run", method->name);
    if (!(method->states & GOXEL_METHOD_LOOSE) &&
        ((code = goxel_params_read(method, params, detail, in.args)) ||
         (code = goxel_check_params_access(&in))))
        return code;
    if (result->ceiling < RESULT_MIN)
        return fail_reply_size(detail);
    watch_client(&in);
    if ((code = goxel_cancel_check(&call->cancel)) || (code = goxel_buf_reserve(result, RESULT_RESERVE)))
        return code;
    in.config = call->config ? goxel_config_ref(call->config) : rpc->options.config(rpc->options.ctx);
    goxel_json_writer_init(&writer, result);
    code = goxel_check_memory(&in);
    if (!code)
        code = goxel_invocation_run(&in);
    goxel_config_unref(in.config);
    if (!code && result->failed)
        code = result->failed == GOXEL_ERROR_MESSAGE_SIZE ? fail_reply_size(detail) : result->failed;
    return code;
}

static void log_error(uint64_t id, const char *method, int code, const struct goxel_detail *detail)
{
    /* A client's mistake is the client's to read; what is wrong with us is the operator's, who set the ceilings. */
    bool ceiling = detail && detail->has_limit;
    bool ours = code == GOXEL_ERROR_INTERNAL || code == GOXEL_ERROR_GENERAL ||
                (code == GOXEL_ERROR_OUT_OF_MEMORY && !ceiling) || code == GOXEL_ERROR_STORAGE_FULL;

    goxel_log(ours ? GOXEL_LOG_ERROR : GOXEL_LOG_DEBUG, "rpc request=%llu method=%s error=%s reason=%s",
              (unsigned long long)id, method, goxel_error_symbol(code),
              GOXEL_QUOTED(detail ? detail->text : ""));
}

static void count_refusal(struct goxel_rpc *rpc, int code)
{
    if (code == GOXEL_ERROR_UNAUTHORISED)
        atomic_fetch_add_explicit(&rpc->unauthorised, 1, memory_order_relaxed);
    else if (code == GOXEL_ERROR_FORBIDDEN)
        atomic_fetch_add_explicit(&rpc->forbidden, 1, memory_order_relaxed);
}

static void count_duration(struct goxel_method_count *count, int64_t took_ns)
{
    size_t bucket = 0;

    while (bucket < GOXEL_RPC_BUCKETS && (double)took_ns > goxel_rpc_bounds[bucket] * 1e9)
        bucket++;
    atomic_fetch_add_explicit(&count->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&count->total_us, (unsigned long long)(took_ns / 1000), memory_order_relaxed);
}

int goxel_rpc_carry_out(struct goxel_rpc_call *call, const struct goxel_method *method,
                        const struct goxel_method *counted, const struct goxel_json *params,
                        struct goxel_detail *detail, struct goxel_buf *result)
{
    struct goxel_method_count *count = count_of(call->rpc, counted);
    int64_t started_ns = goxel_clock_ns();
    int code;

    (void)strncpy(call->trigger.what, method->name, sizeof(call->trigger.what) - 1);
    code = invoke(call, method, params, detail, result);
    if (code == GOXEL_ERROR_REQUEST_TIMEOUT)
        goxel_fail(detail, code, "performance.request_timeout_ms is over: ask for less at a time");
    atomic_fetch_add_explicit(&count->calls, 1, memory_order_relaxed);
    count_duration(count, goxel_clock_ns() - started_ns);
    if (code < 0) {
        atomic_fetch_add_explicit(&count->errors, 1, memory_order_relaxed);
        count_refusal(call->rpc, code);
        log_error(call->request_id, method->name, code, detail);
    }
    return code;
}

static int run_method(struct goxel_rpc_call *call, const struct request *request,
                      const struct goxel_method *method)
{
    struct goxel_detail detail;
    struct goxel_buf result;
    struct goxel_pending **since = call->last_pending;
    size_t start = call->reply.len + call->batch, head = 0; /* behind the bracket or comma */
    int code;

    goxel_detail_init(&detail);
    goxel_buf_init(&result, result_room(call));
    code = goxel_rpc_carry_out(call, method, method, request->params, &detail, &result);
    if (code < 0 && request->id)
        reply_error(call, request->id, code, &detail, NULL, 0);
    else if (code == 0 && request->id)
        head = reply_result(call, request->id, result.data ? result.data : "null",
                            result.data ? result.len : 4);
    if (code != GOXEL_METHOD_PARKED)
        goxel_pending_place(*since, head ? start : 0, head, head ? call->reply.len : 0);
    goxel_buf_finish(&result);
    return code == GOXEL_METHOD_PARKED ? code : 0;
}

/* What the interface has, and this daemon not yet: it has no renderer, and no script engine. */
static const char *const to_come[] = {
    "render.image",       "render.preview",         "script.execute",        "script.eval",
    "goxel.render_scene", "goxel.execute_script",   "goxel.get_render_info", "goxel.cleanup_render",
    "goxel.list_renders", "goxel.get_render_stats", "goxel.cleanup_expired",
};

static int fail_method(const struct goxel_rpc *rpc, const char *name, struct goxel_detail *detail)
{
    struct goxel_nearest nearest = {.written = name};

    for (size_t i = 0; i < sizeof(to_come) / sizeof(to_come[0]); i++) {
        if (strcmp(to_come[i], name) == 0)
            return goxel_fail(detail, GOXEL_ERROR_UNSUPPORTED_OPERATION, "%s: this daemon has no %s yet",
                              name, strstr(name, "script") ? "script engine" : "renderer");
    }
    for (size_t i = 0; i < rpc->count; i++)
        goxel_nearest_try(&nearest, rpc->methods[i].name);
    goxel_fail_value(detail, GOXEL_ERROR_METHOD_NOT_FOUND, "method", name,
                     "a method that system.list_methods names");
    if (nearest.found)
        (void)snprintf(detail->text, sizeof(detail->text),
                       "unknown method \"%.95s\", did you mean \"%.95s\"?", detail->value, nearest.found);
    return GOXEL_ERROR_METHOD_NOT_FOUND;
}

int goxel_rpc_take_turn(struct goxel_rpc_call *call, const struct goxel_method *method,
                        struct goxel_detail *detail)
{
    bool begins;
    int code;

    if (!(method->states & GOXEL_METHOD_LONG))
        return 0;
    code = goxel_pool_begin_long(call->rpc->options.pool, &call->task, &begins);
    if (code || !begins)
        return code ? code : GOXEL_METHOD_PARKED;
    return goxel_cancel_check(&call->cancel) == GOXEL_ERROR_REQUEST_TIMEOUT
               ? goxel_fail(detail, GOXEL_ERROR_OVERLOADED,
                            "performance.request_timeout_ms was over before its turn came: try again later")
               : 0;
}

/* The request in hand. Until it has its turn it is the next one still. */
static int run_in_turn(struct goxel_rpc_call *call, const struct request *request,
                       const struct goxel_method *method)
{
    struct goxel_detail detail;
    int code;

    goxel_detail_init(&detail);
    call->next--;
    code = goxel_rpc_take_turn(call, method, &detail);
    if (code == GOXEL_METHOD_PARKED)
        return code;
    call->next++;
    if (!code)
        return run_method(call, request, method);
    if (request->id)
        reply_error(call, request->id, code, &detail, NULL, 0);
    return 0;
}

/* 0 or GOXEL_METHOD_PARKED. */
static int run_request(struct goxel_rpc_call *call)
{
    const struct goxel_method *method;
    struct request request = {0};
    struct goxel_detail detail;
    int code;

    goxel_detail_init(&detail);
    code = read_request(current_request(call), &detail, &request);
    if (code) {
        /* Without a valid request there is no telling a notification: it is answered, with id null if need be. */
        reply_error(call, request.id, code, &detail, NULL, 0);
        return 0;
    }
    method = goxel_rpc_find(call->rpc, request.name, request.name_len);
    if (method)
        return run_in_turn(call, &request, method);
    if (request.id)
        reply_error(call, request.id, fail_method(call->rpc, request.name, &detail), &detail, NULL, 0);
    return 0;
}

/* ---- the message ---- */

/* Everything is answered, and what was edited lasts or is known not to. */
static void complete(struct goxel_rpc_call *call)
{
    if (call->transfer)
        goxel_transfer_settle(call);
    (void)goxel_pending_settle(call);
    goxel_pending_destroy_all(call);
    if (call->batch && call->any_reply)
        goxel_buf_putc(&call->reply, ']');
    if (call->reply.failed) {
        call->code = call->reply.failed == GOXEL_ERROR_MESSAGE_SIZE ? GOXEL_ERROR_QUOTA : call->reply.failed;
        goxel_buf_clear(&call->reply);
        goxel_rpc_refuse(call->code, NULL, &call->reply);
    }
    if (call->tool)
        goxel_tool_answer(call);
    call->done(call);
}

void goxel_rpc_call_release(struct goxel_rpc_call *call)
{
    if (atomic_fetch_sub_explicit(&call->unsettled, 1, memory_order_acq_rel) == 1)
        complete(call);
}

/* All of it has run. Whoever completes it has better things to do than to free the message. */
static void let_go(struct goxel_rpc_call *call)
{
    goxel_json_free(call->message);
    call->message = NULL;
    goxel_rpc_call_release(call);
}

static size_t request_count(const struct goxel_rpc_call *call)
{
    return call->batch ? goxel_json_length(call->message) : 1;
}

static void go_on(struct goxel_rpc_call *call)
{
    while (call->next < request_count(call)) {
        call->next++;
        if (run_request(call) == GOXEL_METHOD_PARKED)
            return; /* the call may be answered, and gone, already */
    }
    let_go(call);
}

static void run_transfer(struct goxel_rpc_call *call)
{
    if (goxel_transfer_run(call) != GOXEL_METHOD_PARKED)
        let_go(call);
}

static void resumed(struct goxel_task *task)
{
    struct goxel_rpc_call *call = CALL_OF(task, task);

    if (call->transfer)
        run_transfer(call);
    else
        go_on(call);
}

/* On the lifecycle thread: the outcome a parked request has waited for. */
static void answered(struct goxel_waiter *waiter, const struct goxel_request_result *outcome)
{
    struct goxel_rpc_call *call = CALL_OF(waiter, waiter);
    struct goxel_detail detail;
    struct request request = {0};
    size_t report_len = outcome->report ? outcome->report_len : 0;

    goxel_detail_init(&detail);
    (void)read_request(current_request(call), &detail, &request); /* was valid before it was parked */
    if (outcome->code) {
        const struct goxel_method *method = goxel_rpc_find(call->rpc, request.name, request.name_len);

        atomic_fetch_add_explicit(&count_of(call->rpc, method)->errors, 1, memory_order_relaxed);
        log_error(call->request_id, method->name, outcome->code, outcome->detail);
    }
    if (request.id && report_len > result_room(call))
        reply_error(call, request.id, fail_reply_size(&detail), &detail, NULL, 0);
    else if (request.id && outcome->code)
        reply_error(call, request.id, outcome->code, outcome->detail, outcome->report, report_len);
    else if (request.id && outcome->report)
        reply_result(call, request.id, outcome->report, report_len);
    else if (request.id)
        reply_result(call, request.id, "{\"accepted\":true}", strlen("{\"accepted\":true}"));
    if (call->next < request_count(call))
        goxel_pool_resubmit(call->rpc->options.pool, &call->task);
    else
        let_go(call);
}

void goxel_rpc_call_init(struct goxel_rpc_call *call, struct goxel_rpc *rpc)
{
    memset(call, 0, sizeof(*call));
    call->rpc = rpc;
    call->task.run = resumed;
    call->waiter.done = answered;
    call->last_pending = &call->pending;
    atomic_init(&call->unsettled, 1);
    goxel_cancel_init(&call->cancel, 0);
    goxel_buf_init(&call->reply, GOXEL_REPLY_MAX + ENVELOPE_MAX);
}

void goxel_rpc_call_finish(struct goxel_rpc_call *call)
{
    goxel_json_free(call->message);
    call->message = NULL;
    goxel_feed_unsubscribe(call->events.subscriber);
    call->events.subscriber = NULL;
    goxel_settings_destroy(call->settings);
    call->settings = NULL;
    goxel_buf_finish(&call->reply);
}

/* Refuses the message as a whole. */
static void refuse_message(struct goxel_rpc_call *call, int code, const struct goxel_detail *detail)
{
    goxel_rpc_refuse(code, detail, &call->reply);
    goxel_rpc_call_release(call);
}

static void run_batch(struct goxel_rpc_call *call, struct goxel_detail *detail)
{
    size_t count = goxel_json_length(call->message);

    if (count == 0) {
        goxel_fail(detail, GOXEL_ERROR_INVALID_REQUEST, "an empty batch");
        refuse_message(call, GOXEL_ERROR_INVALID_REQUEST, detail);
        return;
    }
    if (count > GOXEL_BATCH_MAX) {
        goxel_fail_limit(detail, GOXEL_ERROR_BATCH_SIZE, "requests of a batch", GOXEL_BATCH_MAX,
                         (int64_t)count);
        refuse_message(call, GOXEL_ERROR_BATCH_SIZE, detail);
        return;
    }
    call->batch = true;
    go_on(call);
}

static void run_tool(struct goxel_rpc_call *call, struct goxel_detail *detail)
{
    int code;

    call->tool = true;
    code = goxel_tool_translate(call, detail);
    if (code)
        refuse_message(call, code, detail);
    else
        go_on(call);
}

void goxel_rpc_run(struct goxel_rpc_call *call)
{
    struct goxel_detail detail;

    if (call->transfer) {
        run_transfer(call);
        return;
    }
    goxel_detail_init(&detail);
    call->reply.ceiling = GOXEL_REPLY_MAX + ENVELOPE_MAX + call->body_len;
    call->code = goxel_json_parse(call->body, call->body_len, &goxel_json_limits_default, &detail,
                                  &call->message);
    if (call->code == GOXEL_ERROR_JSON_SIZE)
        (void)snprintf(
            detail.expected, sizeof(detail.expected),
            "fewer values in one message; voxels can be sent packed (voxel.add_batch, format \"packed\")");
    if (call->code) {
        refuse_message(call, call->code, &detail);
        return;
    }
    if (goxel_json_type(call->message) == GOXEL_JSON_ARRAY)
        run_batch(call, &detail);
    else if (call->tools && goxel_tool_called(call->message))
        run_tool(call, &detail);
    else
        go_on(call);
}
