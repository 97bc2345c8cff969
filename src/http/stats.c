/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One table of metric families, each with a function that yields its samples; three writers behind one
 * struct of two callbacks. A new metric is one row and, unless one fits, one small function.
 */
#include "http/stats.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/memory.h"
#include "http/internal.h"

static const double bounds[GOXEL_STATS_BUCKETS] = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30,
};

void goxel_stats_count_connection(struct goxel_stats *stats, bool refused)
{
    atomic_fetch_add_explicit(&stats->accepted, 1, memory_order_relaxed);
    if (refused)
        atomic_fetch_add_explicit(&stats->refused, 1, memory_order_relaxed);
}

void goxel_stats_count_reply(struct goxel_stats *stats, unsigned status, int64_t duration_ns)
{
    size_t bucket = 0;

    while (bucket < GOXEL_STATS_BUCKETS && (double)duration_ns > bounds[bucket] * 1e9)
        bucket++;
    atomic_fetch_add_explicit(&stats->replies[status % GOXEL_STATS_STATUSES], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&stats->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&stats->duration_us, (uint64_t)(duration_ns / 1000), memory_order_relaxed);
}

/* ---- collecting ---- */

struct label {
    const char *name, *value;
};

struct family;

/* Where samples go. `suffix` is "" or a histogram's "_bucket", "_sum", "_count". */
struct sink {
    void (*begin)(struct sink *sink, const struct family *family);
    void (*sample)(struct sink *sink, const struct family *family, const char *suffix,
                   const struct label *labels, size_t count, double value);
    void (*end)(struct sink *sink, const struct family *family);
    struct goxel_buf *buf;          /* of text and line */
    struct goxel_json_writer *json; /* of JSON */
};

/* What the samples are drawn from, gathered once so that they fit each other. */
struct snapshot {
    struct goxel_front *front;
    struct goxel_pool_stats pool;
    struct goxel_check_figures checks[GOXEL_CHECK_COUNT];
    struct goxel_restart_figures restarts;
    struct goxel_store_figures store;
    struct goxel_feed_figures feed;
    struct rusage usage;
    double virtual_bytes, resident_bytes; /* these four: below 0 if unknown */
    double open_fds, max_fds;
    bool reload_ok;
    int64_t reload_ms;
    size_t pending;
};

struct family {
    const char *name, *type, *help;
    void (*collect)(struct sink *sink, const struct family *family, const struct snapshot *snapshot);
    size_t offset; /* for the generic collectors */
};

static void put(struct sink *sink, const struct family *family, double value)
{
    sink->sample(sink, family, "", NULL, 0, value);
}

/* -1 if there is no /proc to count in, as in a chroot. */
static double count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    double count = -3; /* ".", ".." and the directory itself */

    if (!dir)
        return -1;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void read_process(struct snapshot *snapshot)
{
    struct goxel_memory memory = goxel_memory_usage();
    struct rlimit limit;

    snapshot->virtual_bytes = memory.virtual ? (double)memory.virtual : -1;
    snapshot->resident_bytes = memory.resident ? (double)memory.resident : -1;
    snapshot->open_fds = count_descriptors();
    snapshot->max_fds = getrlimit(RLIMIT_NOFILE, &limit) ? -1 : (double)limit.rlim_cur;
    getrusage(RUSAGE_SELF, &snapshot->usage);
}

static void gather(struct goxel_front *front, struct snapshot *ret_snapshot)
{
    const struct goxel_front_options *options = &front->options;

    *ret_snapshot = (struct snapshot){.front = front};
    goxel_pool_get_stats(options->pool, &ret_snapshot->pool);
    options->ops.last_reload(options->ctx, &ret_snapshot->reload_ok, &ret_snapshot->reload_ms,
                             &ret_snapshot->pending);
    for (int check = 0; check < GOXEL_CHECK_COUNT; check++)
        goxel_health_figures(options->health, check, &ret_snapshot->checks[check]);
    if (options->ops.restarts)
        options->ops.restarts(options->ctx, &ret_snapshot->restarts);
    if (options->ops.store)
        options->ops.store(options->ctx, &ret_snapshot->store);
    goxel_feed_figures(options->feed, &ret_snapshot->feed);
    read_process(ret_snapshot);
}

/* ---- the collectors ---- */

static void collect_build(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    const struct label labels[] = {{"version", GOXEL_VERSION}, {"revision", GOXEL_REVISION}};

    (void)snapshot;
    sink->sample(sink, family, "", labels, 2, 1);
}

static void collect_state(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    enum goxel_state now = goxel_machine_state(snapshot->front->options.machine);

    for (int state = 0; state < DAEMON_STATE_COUNT; state++) {
        const struct label label = {"state", goxel_state_name(state)};

        sink->sample(sink, family, "", &label, 1, (enum goxel_state)state == now);
    }
}

static void collect_healthy(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    put(sink, family, goxel_health_ok(snapshot->front->options.health));
}

/* offset 0: ok, 1: runs, 2: failures, 3: seconds of the last run */
static void collect_checks(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    for (int check = 0; check < GOXEL_CHECK_COUNT; check++) {
        const struct goxel_check_figures *figures = &snapshot->checks[check];
        const struct label label = {"check", goxel_check_name(check)};
        const double values[] = {figures->ok, (double)figures->runs, (double)figures->failures,
                                 (double)figures->took_ms / 1e3};

        sink->sample(sink, family, "", &label, 1, values[family->offset]);
    }
}

/* The offset is that of the figure among them. */
static void collect_store(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    uint64_t value;

    memcpy(&value, (const char *)&snapshot->store + family->offset, sizeof(value));
    put(sink, family, (double)value);
}

static void collect_store_seconds(struct sink *sink, const struct family *family,
                                  const struct snapshot *snapshot)
{
    put(sink, family, snapshot->store.seconds);
}

static void collect_restarts(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    put(sink, family, (double)snapshot->restarts.restarts);
}

static void collect_recoveries(struct sink *sink, const struct family *family,
                               const struct snapshot *snapshot)
{
    put(sink, family, (double)snapshot->restarts.recoveries);
}

static void collect_attempts(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    put(sink, family, snapshot->restarts.attempts);
}

static void collect_uptime(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    put(sink, family, (double)(goxel_clock_ms() - snapshot->front->started_mono_ms) / 1e3);
}

static void collect_size(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    put(sink, family, (double)*(const size_t *)((const char *)&snapshot->pool + family->offset));
}

static void collect_unsigned(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    put(sink, family, *(const unsigned *)((const char *)&snapshot->pool + family->offset));
}

static void collect_count(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    put(sink, family, (double)*(const uint64_t *)((const char *)&snapshot->pool + family->offset));
}

static void collect_oldest(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    put(sink, family, (double)snapshot->pool.oldest_run_ms / 1e3);
}

static void collect_connections(struct sink *sink, const struct family *family,
                                const struct snapshot *snapshot)
{
    put(sink, family, (double)goxel_front_connections(snapshot->front));
}

static void collect_subscribers(struct sink *sink, const struct family *family,
                                const struct snapshot *snapshot)
{
    put(sink, family, (double)snapshot->feed.subscribers);
}

static void collect_published(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    for (int kind = 0; kind < GOXEL_FEED_KINDS; kind++) {
        const struct label label = {"event", goxel_feed_kind_name(kind)};

        sink->sample(sink, family, "", &label, 1, (double)snapshot->feed.published[kind]);
    }
}

static void collect_resets(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    put(sink, family, (double)snapshot->feed.resets);
}

static void collect_counter(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    const char *stats = (const char *)&snapshot->front->stats;

    put(sink, family, (double)atomic_load((const atomic_uint_fast64_t *)(stats + family->offset)));
}

static void collect_replies(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    for (unsigned status = 0; status < GOXEL_STATS_STATUSES; status++) {
        uint64_t count = atomic_load(&snapshot->front->stats.replies[status]);
        char code[8];
        const struct label label = {"code", code};

        snprintf(code, sizeof(code), "%u", status);
        if (count || status == 200)
            sink->sample(sink, family, "", &label, 1, (double)count);
    }
}

/* Of routes and of methods. */
static void collect_refusals(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    const struct goxel_stats *stats = &snapshot->front->stats;
    uint64_t unauthorised, forbidden;

    goxel_rpc_refusals(snapshot->front->options.rpc, &unauthorised, &forbidden);
    const struct {
        const char *reason;
        uint64_t count;
    } rows[] = {{"unauthorised", unauthorised + atomic_load(&stats->unauthorised)},
                {"forbidden", forbidden + atomic_load(&stats->forbidden)},
                {"rate", atomic_load(&stats->rate_limited)},
                {"concurrency", atomic_load(&stats->busy_limited)}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct label label = {"reason", rows[i].reason};

        sink->sample(sink, family, "", &label, 1, (double)rows[i].count);
    }
}

static void collect_duration(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    struct goxel_stats *stats = &snapshot->front->stats;
    uint64_t count = 0;

    for (size_t i = 0; i <= GOXEL_STATS_BUCKETS; i++) {
        char bound[24] = "+Inf";
        const struct label label = {"le", bound};

        if (i < GOXEL_STATS_BUCKETS)
            snprintf(bound, sizeof(bound), "%g", bounds[i]);
        count += atomic_load(&stats->buckets[i]);
        sink->sample(sink, family, "_bucket", &label, 1, (double)count);
    }
    sink->sample(sink, family, "_sum", NULL, 0, (double)atomic_load(&stats->duration_us) / 1e6);
    sink->sample(sink, family, "_count", NULL, 0, (double)count);
}

/* offset 0: calls, 1: errors */
static void collect_methods(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    const struct goxel_rpc *rpc = snapshot->front->options.rpc;

    for (size_t i = 0; i < goxel_rpc_methods(rpc); i++) {
        struct goxel_rpc_method_stats stats;

        goxel_rpc_method_stats(rpc, i, &stats);
        const struct label label = {"method", stats.name};
        const double values[] = {(double)stats.calls, (double)stats.errors};

        sink->sample(sink, family, "", &label, 1, values[family->offset]);
    }
}

static void put_call_durations(struct sink *sink, const struct family *family,
                               const struct goxel_rpc_method_stats *stats)
{
    char bound[24] = "+Inf";
    const struct label labels[] = {{"method", stats->name}, {"le", bound}};
    uint64_t count = 0;

    for (size_t i = 0; i <= GOXEL_RPC_BUCKETS; i++) {
        if (i < GOXEL_RPC_BUCKETS)
            snprintf(bound, sizeof(bound), "%g", goxel_rpc_bounds[i]);
        else
            snprintf(bound, sizeof(bound), "+Inf");
        count += stats->buckets[i];
        sink->sample(sink, family, "_bucket", labels, 2, (double)count);
    }
    sink->sample(sink, family, "_sum", labels, 1, (double)stats->total_us / 1e6);
    sink->sample(sink, family, "_count", labels, 1, (double)count);
}

/* Methods that were never called too: a rate begins at the first call only if the series was there before. */
static void collect_call_durations(struct sink *sink, const struct family *family,
                                   const struct snapshot *snapshot)
{
    const struct goxel_rpc *rpc = snapshot->front->options.rpc;

    for (size_t i = 0; i < goxel_rpc_methods(rpc); i++) {
        struct goxel_rpc_method_stats stats;

        goxel_rpc_method_stats(rpc, i, &stats);
        put_call_durations(sink, family, &stats);
    }
}

static void collect_reload_ok(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    put(sink, family, snapshot->reload_ok);
}

static void collect_reload_time(struct sink *sink, const struct family *family,
                                const struct snapshot *snapshot)
{
    put(sink, family, (double)snapshot->reload_ms / 1e3);
}

static void collect_pending(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    put(sink, family, (double)snapshot->pending);
}

static double seconds(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void collect_cpu(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    put(sink, family, seconds(&snapshot->usage.ru_utime) + seconds(&snapshot->usage.ru_stime));
}

static void collect_start(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    put(sink, family, (double)snapshot->front->started_ms / 1e3);
}

static void collect_process(struct sink *sink, const struct family *family, const struct snapshot *snapshot)
{
    double value = *(const double *)((const char *)snapshot + family->offset);

    if (value >= 0)
        put(sink, family, value);
}

/* clang-format off */
#define POOL(field) offsetof(struct goxel_pool_stats, field)
#define FRONT(field) offsetof(struct goxel_stats, field)
#define STORE(field) offsetof(struct goxel_store_figures, field)
#define SNAPSHOT(field) offsetof(struct snapshot, field)
static const struct family families[] = {
    {"goxel_build_info", "gauge", "Version and revision of the daemon; always 1.", collect_build, 0},
    {"goxel_state", "gauge", "1 for the state the daemon is in, 0 for the others.", collect_state, 0},
    {"goxel_healthy", "gauge", "1 while every health check is ok.", collect_healthy, 0},
    {"goxel_health_check_ok", "gauge", "1 while the check passes or has not run yet.", collect_checks, 0},
    {"goxel_health_check_runs_total", "counter", "How often the check has run.", collect_checks, 1},
    {"goxel_health_check_failures_total", "counter", "How often the check has failed.", collect_checks, 2},
    {"goxel_health_check_duration_seconds", "gauge", "How long the check took when it ran last.", collect_checks, 3},
    {"goxel_journal_records_total", "counter", "Edits and other changes written to the journal.", collect_store, STORE(records)},
    {"goxel_journal_groups_total", "counter", "Groups of changes written to the journal, each with one sync.", collect_store, STORE(groups)},
    {"goxel_journal_written_bytes_total", "counter", "Bytes written to the journal.", collect_store, STORE(bytes)},
    {"goxel_journal_seconds_total", "counter", "Time spent in writing and syncing the journal.", collect_store_seconds, 0},
    {"goxel_journal_failures_total", "counter", "Groups of changes that could not be written.", collect_store, STORE(failures)},
    {"goxel_journal_unflushed_bytes", "gauge", "Bytes of the journal since the last checkpoint.", collect_store, STORE(unflushed)},
    {"goxel_store_damaged", "gauge", "Places of the journal, and projects, that were not as they had been written.", collect_store, STORE(damaged)},
    {"goxel_store_scrubbed_rows_total", "counter", "Rows of databases that were compared with their checksums in the background.", collect_store, STORE(scrubbed)},
    {"goxel_store_projects", "gauge", "Projects that are kept.", collect_store, STORE(projects)},
    {"goxel_store_projects_loaded", "gauge", "Projects that are in memory.", collect_store, STORE(loaded)},
    {"goxel_store_projects_damaged", "gauge", "Projects that are refused, as they are not all there.", collect_store, STORE(refused)},
    {"goxel_store_bytes", "gauge", "Bytes on the disk: databases, and the journal since the last checkpoint.", collect_store, STORE(disk_bytes)},
    {"goxel_restarts_total", "counter", "Restarts in place that somebody asked for.", collect_restarts, 0},
    {"goxel_recoveries_total", "counter", "Restarts in place that failed health checks led to.", collect_recoveries, 0},
    {"goxel_recovery_attempts", "gauge", "Recoveries that count against health.max_restart_attempts.", collect_attempts, 0},
    {"goxel_uptime_seconds", "gauge", "Seconds since the daemon began to serve.", collect_uptime, 0},
    {"goxel_workers", "gauge", "Worker threads.", collect_unsigned, POOL(workers)},
    {"goxel_workers_busy", "gauge", "Worker threads that run a request.", collect_unsigned, POOL(busy)},
    {"goxel_workers_busy_long", "gauge", "Those of them that read or make a file: one fewer than there are at most.", collect_unsigned, POOL(busy_long)},
    {"goxel_worker_oldest_run_seconds", "gauge", "How long the longest-running request has been at it.", collect_oldest, 0},
    {"goxel_queue_length", "gauge", "Requests that wait for a worker.", collect_size, POOL(queued)},
    {"goxel_queue_long", "gauge", "Requests beside them that wait until another file is done.", collect_size, POOL(queued_long)},
    {"goxel_queue_capacity", "gauge", "Requests that may wait for a worker, and as many until another file is done.", collect_size, POOL(queue_size)},
    {"goxel_queue_peak", "gauge", "Most requests that ever waited at once.", collect_size, POOL(queue_peak)},
    {"goxel_queue_submitted_total", "counter", "Requests that were queued.", collect_count, POOL(submitted)},
    {"goxel_queue_refused_total", "counter", "Requests refused because the queue was full.", collect_count, POOL(refused)},
    {"goxel_connections", "gauge", "Open client connections.", collect_connections, 0},
    {"goxel_connections_accepted_total", "counter", "Client connections accepted.", collect_counter, FRONT(accepted)},
    {"goxel_connections_refused_total", "counter", "Client connections told that there are too many.", collect_counter, FRONT(refused)},
    {"goxel_http_requests_total", "counter", "HTTP requests answered, by status.", collect_replies, 0},
    {"goxel_http_request_duration_seconds", "histogram", "Time from the request's first line to its reply.", collect_duration, 0},
    {"goxel_http_requests_abandoned_total", "counter", "Requests answered 503 because a stop ran out of time.", collect_counter, FRONT(abandoned)},
    {"goxel_access_refused_total", "counter", "Requests and calls refused because of who asked, or of how much one client asks, by reason.", collect_refusals, 0},
    {"goxel_stream_messages_total", "counter", "Messages of JSON streams that were carried out or refused.", collect_counter, FRONT(messages)},
    {"goxel_event_subscribers", "gauge", "Clients that listen to events.", collect_subscribers, 0},
    {"goxel_events_total", "counter", "Events that were published, by kind.", collect_published, 0},
    {"goxel_event_resets_total", "counter", "How often a subscriber was told that it has missed events.", collect_resets, 0},
    {"goxel_rpc_calls_total", "counter", "JSON-RPC calls, by method.", collect_methods, 0},
    {"goxel_rpc_errors_total", "counter", "JSON-RPC calls that ended in an error, by method.", collect_methods, 1},
    {"goxel_rpc_call_duration_seconds", "histogram", "Time spent in JSON-RPC methods, by method.", collect_call_durations, 0},
    {"goxel_config_last_reload_successful", "gauge", "1 if the last reload was accepted.", collect_reload_ok, 0},
    {"goxel_config_last_reload_success_timestamp_seconds", "gauge", "When a configuration was last accepted, in Unix time.", collect_reload_time, 0},
    {"goxel_config_pending_options", "gauge", "Options whose new value waits for a restart.", collect_pending, 0},
    {"process_cpu_seconds_total", "counter", "User and system CPU time of the process.", collect_cpu, 0},
    {"process_resident_memory_bytes", "gauge", "Resident memory of the process.", collect_process, SNAPSHOT(resident_bytes)},
    {"process_virtual_memory_bytes", "gauge", "Virtual memory of the process.", collect_process, SNAPSHOT(virtual_bytes)},
    {"process_open_fds", "gauge", "Open file descriptors.", collect_process, SNAPSHOT(open_fds)},
    {"process_max_fds", "gauge", "Most file descriptors the process may open.", collect_process, SNAPSHOT(max_fds)},
    {"process_start_time_seconds", "gauge", "When the daemon began to serve, in Unix time.", collect_start, 0},
};
#undef POOL
#undef FRONT
#undef SNAPSHOT
/* clang-format on */

static void walk(struct goxel_front *front, struct sink *sink)
{
    struct snapshot snapshot;

    gather(front, &snapshot);
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if (sink->begin)
            sink->begin(sink, &families[i]);
        families[i].collect(sink, &families[i], &snapshot);
        if (sink->end)
            sink->end(sink, &families[i]);
    }
}

/* ---- the writers ---- */

static void text_begin(struct sink *sink, const struct family *family)
{
    goxel_buf_printf(sink->buf, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name,
                     family->type);
}

static void text_sample(struct sink *sink, const struct family *family, const char *suffix,
                        const struct label *labels, size_t count, double value)
{
    goxel_buf_printf(sink->buf, "%s%s", family->name, suffix);
    for (size_t i = 0; i < count; i++)
        goxel_buf_printf(sink->buf, "%s%s=\"%s\"", i ? "," : "{", labels[i].name, labels[i].value);
    goxel_buf_printf(sink->buf, "%s %.15g\n", count ? "}" : "", value);
}

void goxel_stats_write_text(struct goxel_front *front, struct goxel_buf *buf)
{
    struct sink sink = {.begin = text_begin, .sample = text_sample, .buf = buf};

    walk(front, &sink);
}

static void json_begin(struct sink *sink, const struct family *family)
{
    goxel_json_put_object(sink->json, family->name);
    goxel_json_put_string(sink->json, "type", family->type);
    goxel_json_put_array(sink->json, "samples");
}

static void json_sample(struct sink *sink, const struct family *family, const char *suffix,
                        const struct label *labels, size_t count, double value)
{
    (void)family;
    goxel_json_put_object(sink->json, NULL);
    if (suffix[0])
        goxel_json_put_string(sink->json, "suffix", suffix);
    if (count) {
        goxel_json_put_object(sink->json, "labels");
        for (size_t i = 0; i < count; i++)
            goxel_json_put_string(sink->json, labels[i].name, labels[i].value);
        goxel_json_put_end(sink->json);
    }
    goxel_json_put_double(sink->json, "value", value);
    goxel_json_put_end(sink->json);
}

static void json_end(struct sink *sink, const struct family *family)
{
    (void)family;
    goxel_json_put_end(sink->json);
    goxel_json_put_end(sink->json);
}

void goxel_stats_write_json(struct goxel_front *front, struct goxel_json_writer *w)
{
    struct sink sink = {.begin = json_begin, .sample = json_sample, .end = json_end, .json = w};

    goxel_json_put_object(w, NULL);
    walk(front, &sink);
    goxel_json_put_end(w);
}

static void line_sample(struct sink *sink, const struct family *family, const char *suffix,
                        const struct label *labels, size_t count, double value)
{
    (void)labels;
    if (!count)
        goxel_buf_printf(sink->buf, "%s%s%s=%.15g", sink->buf->len ? " " : "", family->name, suffix, value);
}

void goxel_stats_write_line(struct goxel_front *front, struct goxel_buf *buf)
{
    struct sink sink = {.sample = line_sample, .buf = buf};

    walk(front, &sink);
}
