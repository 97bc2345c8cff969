/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `system`: the daemon itself. What moves its state is posted to the lifecycle thread. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "rpc/methods/methods.h"

int goxel_system_ping(struct goxel_invocation *in)
{
    const struct goxel_value *timestamp = goxel_arg(in, "timestamp");
    int64_t now_ms = goxel_wall_ms();

    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "pong", true);
    if (timestamp->given) {
        goxel_json_put_node(in->out, "timestamp", timestamp->node);
        goxel_json_put_double(in->out, "latency", (double)now_ms - timestamp->number);
    } else {
        goxel_json_put_int(in->out, "timestamp", now_ms);
        goxel_json_put_null(in->out, "latency");
    }
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_system_get_version(struct goxel_invocation *in)
{
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "name", "goxel-daemon");
    goxel_json_put_string(in->out, "version", GOXEL_VERSION);
    goxel_json_put_string(in->out, "revision", GOXEL_REVISION);
    goxel_json_put_string(in->out, "api", GOXEL_API_VERSION);
    goxel_json_put_end(in->out);
    return 0;
}

static void put_current_project(struct goxel_invocation *in)
{
    struct goxel_slot *slot = NULL;

    if (goxel_workspace_find(in->rpc->options.workspace, NULL, &slot, NULL)) {
        goxel_json_put_null(in->out, "current_project");
        return;
    }
    goxel_json_put_string(in->out, "current_project", goxel_slot_id(slot));
    goxel_slot_unref(slot);
}

static void put_pool(struct goxel_invocation *in)
{
    struct goxel_pool_stats stats;

    goxel_pool_get_stats(in->rpc->options.pool, &stats);
    goxel_json_put_object(in->out, "workers");
    goxel_json_put_count(in->out, "count", stats.workers);
    goxel_json_put_count(in->out, "busy", stats.busy);
    goxel_json_put_end(in->out);
    goxel_json_put_object(in->out, "queue");
    goxel_json_put_count(in->out, "size", stats.queue_size);
    goxel_json_put_count(in->out, "used", stats.queued);
    goxel_json_put_count(in->out, "peak", stats.queue_peak);
    goxel_json_put_end(in->out);
}

/* RUNNING, and RELOADING, which does not keep it from running. */
static const char *status_name(enum goxel_state state)
{
    return state == DAEMON_STATE_STOPPING ? "stopping" : state == DAEMON_STATE_ERROR ? "error" : "running";
}

int goxel_system_get_status(struct goxel_invocation *in)
{
    enum goxel_state state = goxel_machine_state(in->rpc->options.machine);
    struct goxel_rpc_method_stats stats;
    uint64_t calls = 0, errors = 0;

    for (size_t i = 0; i < goxel_rpc_methods(in->rpc); i++) {
        goxel_rpc_method_stats(in->rpc, i, &stats);
        calls += stats.calls;
        errors += stats.errors;
    }
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "status", status_name(state));
    goxel_json_put_string(in->out, "state", goxel_state_name(state));
    goxel_json_put_string(in->out, "version", GOXEL_VERSION);
    goxel_json_put_int(in->out, "pid", getpid());
    goxel_json_put_int(in->out, "uptime_ms", goxel_clock_ms() - in->rpc->started_ms);
    goxel_json_put_count(in->out, "projects", goxel_workspace_count(in->rpc->options.workspace));
    goxel_json_put_count(in->out, "damaged_projects",
                         goxel_workspace_count_damaged(in->rpc->options.workspace));
    put_current_project(in);
    put_pool(in);
    goxel_json_put_count(in->out, "calls", calls);
    goxel_json_put_count(in->out, "errors", errors);
    goxel_json_put_end(in->out);
    return 0;
}

int goxel_system_get_state(struct goxel_invocation *in)
{
    goxel_lifecycle_write(in->rpc->options.requests, in->rpc->options.machine, in->out, NULL);
    return 0;
}

/* The same request as SIGUSR1 and GET /stats, remembered as such, but the figures go to the caller. */
int goxel_system_get_stats(struct goxel_invocation *in)
{
    struct goxel_trigger trigger = in->call->trigger;

    if (!in->call->write_stats)
        return goxel_fail(in->detail, GOXEL_ERROR_UNSUPPORTED_OPERATION,
                          "no statistics are kept of what came this way; ask over HTTP");
    trigger.kind = GOXEL_TRIGGER_RPC;
    (void)goxel_requests_post(in->rpc->options.requests, GOXEL_REQUEST_DUMP, &trigger, NULL, NULL);
    in->call->write_stats(in->call, in->out);
    return 0;
}

int goxel_system_authenticate(struct goxel_invocation *in)
{
    const struct goxel_value *token = goxel_arg(in, "token");
    struct goxel_authenticated found = {0};
    int code = in->call->authenticate
                   ? in->call->authenticate(in->call, token->text.bytes, token->text.len, in->detail, &found)
                   : goxel_fail(in->detail, GOXEL_ERROR_UNSUPPORTED_OPERATION, "no tokens are known here");

    if (code)
        return code;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "authenticated", true);
    goxel_json_put_string(in->out, "name", found.name);
    goxel_json_put_string(in->out, "level", goxel_access_name(found.access));
    goxel_json_put_bool(in->out, "lasting", found.lasting);
    goxel_json_put_end(in->out);
    return 0;
}

static void put_param(struct goxel_json_writer *w, const struct goxel_param *spec)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "name", spec->name);
    goxel_json_put_string(w, "type", goxel_param_type_name(spec->type));
    goxel_json_put_bool(w, "required", spec->required);
    if (spec->choices)
        goxel_json_put_words(w, "choices", spec->choices);
    if (spec->type == GOXEL_PARAM_COORD) {
        goxel_json_put_int(w, "min", GOXEL_COORD_MIN);
        goxel_json_put_int(w, "max", GOXEL_COORD_MAX);
    } else if (spec->min || spec->max) {
        goxel_json_put_int(w, "min", spec->min);
        goxel_json_put_int(w, "max", spec->max);
    }
    if (spec->fallback)
        goxel_json_put_string(w, "default", spec->fallback);
    goxel_json_put_string(w, "description", spec->meaning);
    goxel_json_put_end(w);
}

static void put_result(struct goxel_json_writer *w, const struct goxel_method *method)
{
    struct goxel_buf shape;

    goxel_buf_init(&shape, GOXEL_SHAPE_MAX);
    goxel_method_put_shape(method, &shape);
    goxel_json_put_string(w, "result", shape.data ? shape.data : "");
    goxel_buf_finish(&shape);
}

static void put_method(struct goxel_json_writer *w, const struct goxel_method *method, bool described)
{
    if (!described) {
        goxel_json_put_string(w, NULL, method->name);
        return;
    }
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "name", method->name);
    goxel_json_put_string(w, "access", goxel_access_name(goxel_method_access(method)));
    goxel_json_put_string(w, "description", method->summary);
    put_result(w, method);
    goxel_json_put_array(w, "params");
    for (const struct goxel_param *spec = method->params; spec->name; spec++)
        put_param(w, spec);
    goxel_json_put_end(w);
    goxel_json_put_end(w);
}

bool goxel_method_in_namespace(const struct goxel_method *method, const char *name)
{
    size_t len = strlen(name);

    return len == 0 || (strncmp(method->name, name, len) == 0 &&
                        (name[len - 1] == '.' || method->name[len] == '.' || method->name[len] == '\0'));
}

bool goxel_method_begins_family(const struct goxel_rpc *rpc, size_t index, size_t *ret_len)
{
    const struct goxel_method *method = &rpc->methods[index];

    *ret_len = strcspn(method->name, ".");
    return index == 0 || strncmp(method->name, method[-1].name, *ret_len + 1) != 0;
}

/* Names the families, once each; a method without one is none. */
static int fail_namespace(const struct goxel_invocation *in)
{
    const struct goxel_method *method = in->rpc->methods;
    struct goxel_buf known;
    int code;

    goxel_buf_init(&known, 512);
    for (size_t i = 0; i < in->rpc->count; i++) {
        size_t len;

        if (goxel_method_begins_family(in->rpc, i, &len) && method[i].name[len])
            goxel_buf_printf(&known, "%s%.*s", i ? ", " : "", (int)len, method[i].name);
    }
    code = goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "namespace",
                           goxel_arg(in, "namespace")->node, "one of %s, or a method's whole name",
                           known.len ? known.data : "");
    goxel_buf_finish(&known);
    return code;
}

static bool any_in_namespace(const struct goxel_rpc *rpc, const char *name)
{
    for (size_t i = 0; i < rpc->count; i++) {
        if (goxel_method_in_namespace(&rpc->methods[i], name))
            return true;
    }
    return false;
}

int goxel_system_list_methods(struct goxel_invocation *in)
{
    const char *name = goxel_arg_text(in, "namespace", "");
    bool described = goxel_arg_bool(in, "include_descriptions", false);
    int64_t count = 0;

    if (!any_in_namespace(in->rpc, name))
        return fail_namespace(in);

    goxel_json_put_object(in->out, NULL);
    goxel_json_put_array(in->out, "methods");
    for (size_t i = 0; i < in->rpc->count; i++) {
        if (!goxel_method_in_namespace(&in->rpc->methods[i], name))
            continue;
        put_method(in->out, &in->rpc->methods[i], described);
        count++;
    }
    goxel_json_put_end(in->out);
    goxel_json_put_int(in->out, "count", count);
    goxel_json_put_end(in->out);
    return 0;
}

/* Parks the call until the lifecycle thread answers it. Nothing of the call may be touched afterwards. */
static int post(struct goxel_invocation *in, enum goxel_request_kind kind, const char *argument)
{
    struct goxel_trigger trigger = in->call->trigger;
    int code;

    trigger.kind = GOXEL_TRIGGER_RPC;
    code = goxel_requests_post(in->rpc->options.requests, kind, &trigger, argument, &in->call->waiter);
    return code ? code : GOXEL_METHOD_PARKED;
}

static int read_settings(const struct goxel_json *options, struct goxel_settings *settings,
                         struct goxel_detail *detail)
{
    struct goxel_json_iter it = {0};
    int code = 0;

    while (!code && goxel_json_next(options, &it))
        code = goxel_settings_set(settings, it.key, it.value, detail);
    return code;
}

/* Each value is looked at here; what spans options by the lifecycle thread, which loads them with the file. */
int goxel_system_set_config(struct goxel_invocation *in)
{
    const struct goxel_json *options = goxel_arg(in, "options")->node;
    struct goxel_settings *settings;
    int code;

    if (goxel_json_length(options) == 0)
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "options", options,
                               "at least one option");
    settings = goxel_settings_create();
    if (!settings)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if ((code = read_settings(options, settings, in->detail))) {
        goxel_settings_destroy(settings);
        return code;
    }
    goxel_settings_destroy(in->call->settings);
    in->call->settings = settings;
    in->call->waiter.subject = settings;
    return post(in, GOXEL_REQUEST_SETTINGS, NULL);
}

int goxel_system_reload(struct goxel_invocation *in)
{
    return post(in, GOXEL_REQUEST_RELOAD, NULL);
}

int goxel_system_restart(struct goxel_invocation *in)
{
    return post(in, GOXEL_REQUEST_RESTART, NULL);
}

/* The lifecycle thread reads "force" as no drain, a number as the drain's time limit. */
int goxel_system_shutdown(struct goxel_invocation *in)
{
    char argument[32] = "";

    if (goxel_arg_bool(in, "force", false))
        (void)snprintf(argument, sizeof(argument), "force");
    else if (goxel_arg(in, "timeout")->given)
        (void)snprintf(argument, sizeof(argument), "%lld", (long long)goxel_arg_int(in, "timeout", 0));
    return post(in, GOXEL_REQUEST_STOP, argument);
}

int goxel_system_set_log_level(struct goxel_invocation *in)
{
    return post(in, GOXEL_REQUEST_VERBOSITY, goxel_arg_text(in, "level", ""));
}
