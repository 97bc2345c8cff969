/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `system` by which a client and a daemon get to know each other. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "rpc/methods/methods.h"

/* ---- system.connect ---- */

static bool is_offered(const struct goxel_rpc *rpc, const char *name)
{
    for (size_t i = 0; name[0] && i < rpc->count; i++) {
        if (goxel_method_in_namespace(&rpc->methods[i], name))
            return true;
    }
    return false;
}

static int check_capabilities(const struct goxel_invocation *in)
{
    const struct goxel_value *wanted = goxel_arg(in, "capabilities");
    size_t count = wanted->given ? goxel_json_length(wanted->node) : 0, len;
    char field[GOXEL_FIELD_SIZE];
    const char *name;
    int code = 0;

    if (count > GOXEL_BATCH_MAX)
        return goxel_fail_limit(in->detail, GOXEL_ERROR_QUOTA, "capabilities", GOXEL_BATCH_MAX,
                                (int64_t)count);
    for (size_t i = 0; i < count && !code; i++) {
        goxel_field_index(field, "capabilities", i);
        code = goxel_value_string(goxel_json_at(wanted->node, i), field, SIZE_MAX, in->detail, &name, &len);
    }
    return code;
}

static void put_capabilities(struct goxel_invocation *in)
{
    const struct goxel_value *wanted = goxel_arg(in, "capabilities");
    size_t len;

    goxel_json_put_array(in->out, "capabilities");
    for (size_t i = 0; i < in->rpc->count; i++) {
        if (goxel_method_begins_family(in->rpc, i, &len))
            goxel_json_put_string_len(in->out, NULL, in->rpc->methods[i].name, len);
    }
    goxel_json_put_end(in->out);
    goxel_json_put_array(in->out, "missing");
    for (size_t i = 0; wanted->given && i < goxel_json_length(wanted->node); i++) {
        const struct goxel_json *name = goxel_json_at(wanted->node, i);

        if (!is_offered(in->rpc, goxel_json_string(name, NULL)))
            goxel_json_put_node(in->out, NULL, name);
    }
    goxel_json_put_end(in->out);
}

static void put_limits(struct goxel_invocation *in)
{
    static const struct {
        const char *name;
        enum goxel_option option;
    } rows[] = {
        {"max_message_size", GOXEL_OPT_PERFORMANCE_MAX_MESSAGE_SIZE},
        {"max_edit_bricks", GOXEL_OPT_LIMITS_MAX_EDIT_BRICKS},
        {"max_result_voxels", GOXEL_OPT_LIMITS_MAX_RESULT_VOXELS},
        {"request_timeout_ms", GOXEL_OPT_PERFORMANCE_REQUEST_TIMEOUT_MS},
    };

    goxel_json_put_object(in->out, "limits");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        goxel_json_put_int(in->out, rows[i].name, goxel_config_int(in->config, rows[i].option));
    goxel_json_put_int(in->out, "max_batch", GOXEL_BATCH_MAX);
    goxel_json_put_end(in->out);
}

int goxel_system_connect(struct goxel_invocation *in)
{
    int code = check_capabilities(in);

    if (code)
        return code;
    goxel_log(GOXEL_LOG_INFO, "rpc request=%llu client=%s version=%s",
              (unsigned long long)in->call->request_id, GOXEL_QUOTED(goxel_arg_text(in, "client_name", "")),
              GOXEL_QUOTED(goxel_arg_text(in, "client_version", "")));
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "name", "goxel-daemon");
    goxel_json_put_string(in->out, "version", GOXEL_VERSION);
    goxel_json_put_string(in->out, "api", GOXEL_API_VERSION);
    put_capabilities(in);
    put_limits(in);
    goxel_json_put_end(in->out);
    return 0;
}

/* ---- system.get_config ---- */

int goxel_system_get_config(struct goxel_invocation *in)
{
    goxel_config_put(in->config, in->out);
    return 0;
}

/* ---- system.get_metrics ---- */

/* The bound, in milliseconds, that so many per cent of the calls did not exceed; null if the last bucket has them. */
static void put_percentile(struct goxel_json_writer *w, const char *key,
                           const struct goxel_rpc_method_stats *stats, uint64_t percent)
{
    uint64_t total = 0, seen = 0;
    size_t bucket = 0;

    for (size_t i = 0; i <= GOXEL_RPC_BUCKETS; i++)
        total += stats->buckets[i];
    while (bucket < GOXEL_RPC_BUCKETS && (seen += stats->buckets[bucket]) * 100 < total * percent)
        bucket++;
    if (bucket < GOXEL_RPC_BUCKETS)
        goxel_json_put_double(w, key, goxel_rpc_bounds[bucket] * 1000);
    else
        goxel_json_put_null(w, key);
}

static void put_method(struct goxel_json_writer *w, const struct goxel_rpc_method_stats *stats)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "method", stats->name);
    goxel_json_put_count(w, "calls", stats->calls);
    goxel_json_put_count(w, "errors", stats->errors);
    goxel_json_put_double(w, "mean_ms", (double)stats->total_us / 1000 / (double)stats->calls);
    put_percentile(w, "p50_ms", stats, 50);
    put_percentile(w, "p99_ms", stats, 99);
    goxel_json_put_end(w);
}

int goxel_system_get_metrics(struct goxel_invocation *in)
{
    struct goxel_memory memory = in->rpc->memory();
    struct goxel_rpc_method_stats stats;

    goxel_json_put_object(in->out, NULL);
    goxel_json_put_int(in->out, "uptime_ms", goxel_clock_ms() - in->rpc->started_ms);
    goxel_json_put_object(in->out, "memory");
    goxel_json_put_int(in->out, "resident", memory.resident);
    goxel_json_put_int(in->out, "virtual", memory.virtual);
    goxel_json_put_end(in->out);
    goxel_json_put_array(in->out, "methods");
    for (size_t i = 0; i < goxel_rpc_methods(in->rpc); i++) {
        goxel_rpc_method_stats(in->rpc, i, &stats);
        if (stats.calls > 0)
            put_method(in->out, &stats);
    }
    goxel_json_put_end(in->out);
    goxel_json_put_end(in->out);
    return 0;
}
