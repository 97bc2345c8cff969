/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The admin resources. Reads are answered where they arrive; what asks for a change is posted to the
 * lifecycle thread, which answers it.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "http/internal.h"
#include "http/route.h"

#define JSON "application/json"

static void end_line(struct exchange *exchange)
{
    goxel_buf_putc(&exchange->reply, '\n');
}

static bool is_serving(enum goxel_state state)
{
    return state == DAEMON_STATE_RUNNING || state == DAEMON_STATE_RELOADING;
}

void admin_health(struct exchange *exchange)
{
    const struct goxel_front_options *options = &exchange->front->options;
    enum goxel_state state = goxel_machine_state(options->machine);
    bool healthy = goxel_health_ok(options->health);
    struct goxel_restart_figures figures = {0};
    struct goxel_store_figures store = {0};
    char since[GOXEL_TIME_TEXT_SIZE];
    struct goxel_json_writer w;

    options->ops.restarts(options->ctx, &figures);
    if (options->ops.store)
        options->ops.store(options->ctx, &store);
    exchange_reply(exchange, healthy && is_serving(state) ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, JSON);
    goxel_time_text(goxel_machine_since_ms(options->machine), since);
    goxel_json_writer_init(&w, &exchange->reply);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "state", goxel_state_name(state));
    goxel_json_put_bool(&w, "healthy", healthy);
    goxel_json_put_string(&w, "since", since);
    goxel_json_put_int(&w, "uptime_s", (goxel_clock_ms() - exchange->front->started_mono_ms) / 1000);
    goxel_json_put_string(&w, "version", GOXEL_VERSION);
    if (state == DAEMON_STATE_STOPPING)
        goxel_json_put_string(&w, "phase", goxel_shutdown_phase_name(goxel_machine_phase(options->machine)));
    goxel_json_put_int(&w, "attempts", figures.attempts);
    goxel_json_put_count(&w, "damaged_projects", store.refused);
    goxel_health_write(options->health, &w, "checks");
    options->ops.write_pending(options->ctx, &w, "pending_restart");
    goxel_json_put_end(&w);
    end_line(exchange);
}

void admin_live(struct exchange *exchange)
{
    bool live = goxel_health_check_ok(exchange->front->options.health, GOXEL_CHECK_RESPONSIVE);
    struct goxel_json_writer w;

    exchange_reply(exchange, live ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, JSON);
    goxel_json_writer_init(&w, &exchange->reply);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_bool(&w, "live", live);
    goxel_json_put_end(&w);
    end_line(exchange);
}

void admin_state(struct exchange *exchange)
{
    const struct goxel_front_options *options = &exchange->front->options;
    struct goxel_json_writer w;

    exchange_reply(exchange, MHD_HTTP_OK, JSON);
    goxel_json_writer_init(&w, &exchange->reply);
    goxel_lifecycle_write(options->requests, options->machine, &w, NULL);
    end_line(exchange);
}

void admin_version(struct exchange *exchange)
{
    struct goxel_json_writer w;

    exchange_reply(exchange, MHD_HTTP_OK, JSON);
    goxel_json_writer_init(&w, &exchange->reply);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "name", "goxel-daemon");
    goxel_json_put_string(&w, "version", GOXEL_VERSION);
    goxel_json_put_string(&w, "revision", GOXEL_REVISION);
    goxel_json_put_string(&w, "api", "14.6");
    goxel_json_put_end(&w);
    end_line(exchange);
}

/* ---- what is posted to the lifecycle thread ---- */

static struct exchange *exchange_of(struct goxel_waiter *waiter)
{
    return (struct exchange *)((char *)waiter - offsetof(struct exchange, waiter));
}

static void fill_trigger(const struct exchange *exchange, struct goxel_trigger *ret_trigger)
{
    *ret_trigger = (struct goxel_trigger){
        .kind = GOXEL_TRIGGER_HTTP,
        .pid = exchange->conn->pid,
        .uid = exchange->conn->uid,
    };
    snprintf(ret_trigger->what, sizeof(ret_trigger->what), "%s %.40s", exchange->method, exchange->target);
    memcpy(ret_trigger->peer, exchange->conn->peer, sizeof(ret_trigger->peer));
}

static int post(struct exchange *exchange, enum goxel_request_kind kind, const char *argument,
                struct goxel_waiter *waiter)
{
    struct goxel_trigger trigger;

    fill_trigger(exchange, &trigger);
    return goxel_requests_post(exchange->front->options.requests, kind, &trigger, argument, waiter);
}

/* The report is the body; 422 keeps it, the other errors are problems. */
static void fill_result(struct exchange *exchange, const struct goxel_request_result *result, unsigned status)
{
    if (result->code && !result->report) {
        exchange_fail(exchange, result->code, result->detail);
        return;
    }
    exchange_reply(exchange, result->code ? (unsigned)goxel_error_http(result->code) : status, JSON);
    goxel_buf_append(&exchange->reply, result->report, result->report_len);
    end_line(exchange);
}

static void fill_ok(struct exchange *exchange, const void *result)
{
    fill_result(exchange, result, MHD_HTTP_OK);
}

static void fill_accepted(struct exchange *exchange, const void *result)
{
    fill_result(exchange, result, MHD_HTTP_ACCEPTED);
}

static void on_result(struct goxel_waiter *waiter, const struct goxel_request_result *result)
{
    exchange_done(exchange_of(waiter), fill_ok, result);
}

static void on_accepted(struct goxel_waiter *waiter, const struct goxel_request_result *result)
{
    exchange_done(exchange_of(waiter), fill_accepted, result);
}

/* Something was meant by a body, and it would not happen. */
static int check_no_body(struct exchange *exchange)
{
    struct goxel_buf *body = &exchange->body;

    if (!body->len || (body->len == 2 && !memcmp(body->data, "{}", 2)))
        return 0;
    return goxel_fail_value(&exchange->detail, GOXEL_ERROR_INVALID_PARAMS, "body", body->data,
                            "no body; parameters go to the JSON-RPC method (system.shutdown, system.reload)");
}

static int give_reload(struct exchange *exchange)
{
    int code = check_no_body(exchange);

    exchange->waiter.done = on_result;
    return code ? code : post(exchange, GOXEL_REQUEST_RELOAD, NULL, &exchange->waiter);
}

static int give_restart(struct exchange *exchange)
{
    int code = check_no_body(exchange);

    exchange->waiter.done = on_accepted;
    return code ? code : post(exchange, GOXEL_REQUEST_RESTART, NULL, &exchange->waiter);
}

static int give_shutdown(struct exchange *exchange)
{
    int code = check_no_body(exchange);

    exchange->waiter.done = on_accepted;
    return code ? code : post(exchange, GOXEL_REQUEST_STOP, NULL, &exchange->waiter);
}

/* {"level": "debug"} sets; no body toggles, as SIGUSR2 does. */
static int read_level(struct exchange *exchange, char *ret_level, size_t size)
{
    struct goxel_detail *detail = &exchange->detail;
    const struct goxel_json *value;
    struct goxel_json *root;
    enum goxel_log_level level;
    const char *text;
    size_t len = 0;
    int code;

    ret_level[0] = '\0';
    if (!exchange->body.len)
        return 0;
    code = goxel_json_parse(exchange->body.data, exchange->body.len, &goxel_json_limits_default, detail,
                            &root);
    if (code)
        return code;
    value = goxel_json_type(root) == GOXEL_JSON_OBJECT ? goxel_json_get(root, "level") : NULL;
    text = value && goxel_json_type(value) == GOXEL_JSON_STRING ? goxel_json_string(value, &len) : "";
    if (goxel_json_type(root) != GOXEL_JSON_OBJECT || goxel_json_length(root) != 1 || strlen(text) != len ||
        !goxel_log_level_parse(text, &level))
        code = goxel_fail_value(detail, GOXEL_ERROR_INVALID_PARAMS, "level", exchange->body.data,
                                "{\"level\": \"error\" | \"warn\" | \"info\" | \"debug\"}");
    else
        snprintf(ret_level, size, "%s", goxel_log_level_name(level));
    goxel_json_free(root);
    return code;
}

static int give_log_level(struct exchange *exchange)
{
    char level[16];
    int code = read_level(exchange, level, sizeof(level));

    exchange->waiter.done = on_result;
    return code ? code : post(exchange, GOXEL_REQUEST_VERBOSITY, level, &exchange->waiter);
}

void admin_reload(struct exchange *exchange)
{
    exchange_hand_over(exchange, give_reload);
}

void admin_restart(struct exchange *exchange)
{
    exchange_hand_over(exchange, give_restart);
}

void admin_shutdown(struct exchange *exchange)
{
    exchange_hand_over(exchange, give_shutdown);
}

void admin_log_level(struct exchange *exchange)
{
    exchange_hand_over(exchange, give_log_level);
}

/* The same request as SIGUSR1, remembered as such, but the figures go to the caller: nobody has to wait. */
void admin_stats(struct exchange *exchange)
{
    const char *accept = MHD_lookup_connection_value(exchange->mhd, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
    bool json = accept && !strncasecmp(accept, JSON, strlen(JSON));
    struct goxel_json_writer w;

    post(exchange, GOXEL_REQUEST_DUMP, NULL, NULL);
    exchange_reply(exchange, MHD_HTTP_OK, json ? JSON : "text/plain; version=0.0.4; charset=utf-8");
    if (json) {
        goxel_json_writer_init(&w, &exchange->reply);
        goxel_stats_write_json(exchange->front, &w);
        end_line(exchange);
    } else {
        goxel_stats_write_text(exchange->front, &exchange->reply);
    }
}
