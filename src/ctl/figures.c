/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which metric is which figure stands in one table. */
#include "ctl/figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "ctl/print.h"
#include "ctl/reply.h"

/* Samples of one metric are added up. */
/* clang-format off */
#define AT(member) offsetof(struct ctl_figures, member)
static const struct {
    const char *metric;
    size_t offset;
} table[] = {
    {"goxel_healthy",                       AT(healthy)},
    {"goxel_uptime_seconds",                AT(uptime)},
    {"goxel_workers",                       AT(workers)},
    {"goxel_workers_busy",                  AT(busy)},
    {"goxel_queue_length",                  AT(queued)},
    {"goxel_queue_capacity",                AT(queue_size)},
    {"goxel_queue_peak",                    AT(queue_peak)},
    {"goxel_queue_refused_total",           AT(refused)},
    {"goxel_connections",                   AT(connections)},
    {"goxel_http_requests_total",           AT(requests)},
    {"goxel_rpc_errors_total",              AT(errors)},
    {"process_resident_memory_bytes",       AT(memory)},
    {"process_open_fds",                    AT(fds)},
    {"process_cpu_seconds_total",           AT(cpu_seconds)},
    {"goxel_journal_groups_total",          AT(groups)},
    {"goxel_journal_records_total",         AT(records)},
    {"goxel_journal_written_bytes_total",   AT(written)},
    {"goxel_journal_unflushed_bytes",       AT(unflushed)},
};
#undef AT
/* clang-format on */

static const struct goxel_json *samples_of(const struct goxel_json *stats, const char *metric)
{
    return ctl_member(ctl_member(stats, metric, GOXEL_JSON_OBJECT), "samples", GOXEL_JSON_ARRAY);
}

static size_t length(const struct goxel_json *samples)
{
    return samples ? goxel_json_length(samples) : 0;
}

static double sum(const struct goxel_json *samples)
{
    double total = 0;

    for (size_t i = 0; i < length(samples); i++)
        total += ctl_member_number(goxel_json_at(samples, i), "value");
    return total;
}

static const char *label(const struct goxel_json *sample, const char *name, char ret_text[CTL_TEXT_SIZE])
{
    return ctl_member_text(ctl_member(sample, "labels", GOXEL_JSON_OBJECT), name, ret_text);
}

static void read_state(const struct goxel_json *stats, struct ctl_figures *figures)
{
    const struct goxel_json *states = samples_of(stats, "goxel_state");
    const struct goxel_json *builds = samples_of(stats, "goxel_build_info");
    char text[CTL_TEXT_SIZE];

    for (size_t i = 0; i < length(states); i++) {
        if (ctl_member_number(goxel_json_at(states, i), "value") == 1)
            snprintf(figures->state, sizeof(figures->state), "%.31s",
                     label(goxel_json_at(states, i), "state", text));
    }
    if (length(builds))
        snprintf(figures->version, sizeof(figures->version), "%.63s",
                 label(goxel_json_at(builds, 0), "version", text));
}

const struct ctl_method_figures *ctl_figures_method(const struct ctl_figures *figures, size_t hint,
                                                    const char *name)
{
    static const struct ctl_method_figures none;

    if (hint < figures->method_count && !strcmp(figures->methods[hint].name, name))
        return &figures->methods[hint];
    for (size_t i = 0; i < figures->method_count; i++) {
        if (!strcmp(figures->methods[i].name, name))
            return &figures->methods[i];
    }
    return &none;
}

/* Adds the samples of `metric` to what each method has at `offset`; with `suffix` only those that have it. */
static void add_by_method(const struct goxel_json *stats, const char *metric, const char *suffix,
                          size_t offset, struct ctl_figures *figures)
{
    const struct goxel_json *samples = samples_of(stats, metric);
    char name[CTL_TEXT_SIZE], text[CTL_TEXT_SIZE];

    for (size_t i = 0, hint = 0; i < length(samples); i++) {
        const struct goxel_json *sample = goxel_json_at(samples, i);
        const struct ctl_method_figures *method;

        if (suffix && strcmp(ctl_member_text(sample, "suffix", text), suffix))
            continue;
        (void)label(sample, "method", name);
        name[CTL_METHOD_NAME_SIZE - 1] = '\0';
        method = ctl_figures_method(figures, hint++, name);
        if (figures->method_count && method >= figures->methods &&
            method < figures->methods + figures->method_count) {
            size_t index = (size_t)(method - figures->methods);

            *(double *)((char *)&figures->methods[index] + offset) += ctl_member_number(sample, "value");
        }
    }
}

static int read_methods(const struct goxel_json *stats, struct ctl_figures *figures)
{
    const struct goxel_json *calls = samples_of(stats, "goxel_rpc_calls_total");
    size_t count = length(calls) < CTL_METHODS_MAX ? length(calls) : CTL_METHODS_MAX;
    char name[CTL_TEXT_SIZE];

    figures->methods = calloc(count ? count : 1, sizeof(figures->methods[0]));
    if (!figures->methods)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < count; i++)
        snprintf(figures->methods[i].name, CTL_METHOD_NAME_SIZE, "%.63s",
                 label(goxel_json_at(calls, i), "method", name));
    figures->method_count = count;
    add_by_method(stats, "goxel_rpc_calls_total", NULL, offsetof(struct ctl_method_figures, calls), figures);
    add_by_method(stats, "goxel_rpc_errors_total", NULL, offsetof(struct ctl_method_figures, errors),
                  figures);
    add_by_method(stats, "goxel_rpc_call_duration_seconds", "_sum",
                  offsetof(struct ctl_method_figures, seconds), figures);
    return 0;
}

int ctl_figures_read(const struct goxel_json *stats, int64_t at_ms, struct ctl_figures *ret_figures)
{
    struct ctl_figures figures = {.at_ms = at_ms, .state = "-", .version = "-"};
    int code;

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        *(double *)((char *)&figures + table[i].offset) = sum(samples_of(stats, table[i].metric));
    read_state(stats, &figures);
    code = read_methods(stats, &figures);
    if (!code)
        *ret_figures = figures;
    return code;
}

void ctl_figures_finish(struct ctl_figures *figures)
{
    free(figures->methods);
    *figures = (struct ctl_figures){0};
}

double ctl_figures_rate(double before, double now, double seconds)
{
    return seconds > 0 ? (now >= before ? now - before : now) / seconds : 0;
}
