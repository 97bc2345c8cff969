/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The method table as the dispatcher uses it: found by name, counted by row. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/method.h"

const double goxel_rpc_bounds[GOXEL_RPC_BUCKETS] = {0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05,
                                                    0.1,    0.5,    1,     5,     30};

static int by_name(const void *a, const void *b)
{
    const struct goxel_method *const *left = a, *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

struct goxel_rpc *goxel_rpc_create_with(const struct goxel_rpc_options *options,
                                        const struct goxel_method *methods)
{
    struct goxel_rpc *rpc = calloc(1, sizeof(*rpc));

    if (!rpc)
        return NULL;
    for (size_t i = 0; i < GOXEL_SAVE_LOCKS; i++) {
        pthread_mutex_init(&rpc->save_locks[i], NULL);
        pthread_mutex_init(&rpc->put_locks[i], NULL);
    }
    pthread_mutex_init(&rpc->own_lock, NULL);
    goxel_cursors_init(&rpc->cursors);
    rpc->options = *options;
    rpc->methods = methods;
    rpc->started_ms = goxel_clock_ms();
    rpc->memory = goxel_memory_usage;
    while (methods[rpc->count].name)
        rpc->count++;
    rpc->sorted = calloc(rpc->count + 1, sizeof(struct goxel_method *));
    rpc->counts = calloc(rpc->count + 1, sizeof(*rpc->counts));
    if (!rpc->sorted || !rpc->counts) {
        goxel_rpc_destroy(rpc);
        return NULL;
    }
    for (size_t i = 0; i < rpc->count; i++)
        rpc->sorted[i] = &methods[i];
    qsort(rpc->sorted, rpc->count, sizeof(struct goxel_method *), by_name);
    return rpc;
}

struct goxel_rpc *goxel_rpc_create(const struct goxel_rpc_options *options)
{
    return goxel_rpc_create_with(options, goxel_methods);
}

void goxel_rpc_destroy(struct goxel_rpc *rpc)
{
    if (!rpc)
        return;
    for (size_t i = 0; i < GOXEL_SAVE_LOCKS; i++) {
        pthread_mutex_destroy(&rpc->save_locks[i]);
        pthread_mutex_destroy(&rpc->put_locks[i]);
    }
    pthread_mutex_destroy(&rpc->own_lock);
    goxel_cursors_finish(&rpc->cursors);
    free(rpc->sorted);
    free(rpc->counts);
    free(rpc);
}

void goxel_rpc_tend(struct goxel_rpc *rpc)
{
    goxel_cursors_tend(&rpc->cursors, goxel_clock_ms());
}

const struct goxel_method *goxel_rpc_find(const struct goxel_rpc *rpc, const char *name, size_t len)
{
    size_t low = 0, high = rpc->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct goxel_method *method = rpc->sorted[middle];
        size_t length = strlen(method->name);
        int order = memcmp(name, method->name, len < length ? len : length);

        if (order == 0 && len == length)
            return method;
        if (order < 0 || (order == 0 && len < length))
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

size_t goxel_rpc_methods(const struct goxel_rpc *rpc)
{
    return rpc->count;
}

void goxel_rpc_method_stats(const struct goxel_rpc *rpc, size_t index,
                            struct goxel_rpc_method_stats *ret_stats)
{
    const struct goxel_method_count *count = &rpc->counts[index];

    ret_stats->name = rpc->methods[index].name;
    ret_stats->calls = atomic_load_explicit(&count->calls, memory_order_relaxed);
    ret_stats->errors = atomic_load_explicit(&count->errors, memory_order_relaxed);
    ret_stats->total_us = atomic_load_explicit(&count->total_us, memory_order_relaxed);
    for (size_t i = 0; i <= GOXEL_RPC_BUCKETS; i++)
        ret_stats->buckets[i] = atomic_load_explicit(&count->buckets[i], memory_order_relaxed);
}

enum goxel_access goxel_method_access(const struct goxel_method *method)
{
    static const enum goxel_access by_lock[] = {
        [GOXEL_LOCK_NONE] = GOXEL_ACCESS_UNSET,
        [GOXEL_LOCK_READ] = GOXEL_ACCESS_READ,
        [GOXEL_LOCK_EDIT] = GOXEL_ACCESS_EDIT,
        [GOXEL_LOCK_OWN] = GOXEL_ACCESS_UNSET,
    };

    return method->access ? method->access : by_lock[method->lock];
}

void goxel_rpc_refusals(const struct goxel_rpc *rpc, uint64_t *ret_unauthorised, uint64_t *ret_forbidden)
{
    *ret_unauthorised = atomic_load_explicit(&rpc->unauthorised, memory_order_relaxed);
    *ret_forbidden = atomic_load_explicit(&rpc->forbidden, memory_order_relaxed);
}
