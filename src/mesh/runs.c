/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mesh/runs.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"

static int reserve(struct goxel_runs *runs, size_t count)
{
    return goxel_array_reserve(&runs->list, &runs->room, count, sizeof(*runs->list));
}

int goxel_runs_add(struct goxel_runs *runs, int32_t u0, int32_t u1, uint32_t color)
{
    struct goxel_run *last = runs->count ? &runs->list[runs->count - 1] : NULL;
    int code;

    if (last && last->u1 == u0 && last->color == color) {
        last->u1 = u1;
        return 0;
    }
    code = reserve(runs, runs->count + 1);
    if (!code)
        runs->list[runs->count++] = (struct goxel_run){u0, u1, 0, color};
    return code;
}

int goxel_runs_merge(struct goxel_runs *open, const struct goxel_runs *row, int32_t v,
                     struct goxel_runs *spare, goxel_run_close *close, void *ctx)
{
    struct goxel_runs was;
    size_t at = 0, count = 0;
    /* A run has one piece before each rectangle that goes on in it, and one behind. */
    int code = reserve(spare, 2 * open->count + row->count);

    for (size_t i = 0; i < row->count && !code; i++) {
        const struct goxel_run *run = &row->list[i];
        int32_t u = run->u0;

        for (; at < open->count && open->list[at].u0 < run->u1 && !code; at++) {
            const struct goxel_run *old = &open->list[at];

            if (old->u0 < u || old->u1 > run->u1 || old->color != run->color) {
                code = close(ctx, old, v);
                continue;
            }
            if (u < old->u0)
                spare->list[count++] = (struct goxel_run){u, old->u0, v, run->color};
            spare->list[count++] = *old;
            u = old->u1;
        }
        if (u < run->u1)
            spare->list[count++] = (struct goxel_run){u, run->u1, v, run->color};
    }
    for (; at < open->count && !code; at++)
        code = close(ctx, &open->list[at], v);
    spare->count = count;
    was = *open;
    *open = *spare;
    *spare = was;
    return code;
}

int goxel_runs_close(struct goxel_runs *open, int32_t v, goxel_run_close *close, void *ctx)
{
    int code = 0;

    for (size_t i = 0; i < open->count && !code; i++)
        code = close(ctx, &open->list[i], v);
    open->count = 0;
    return code;
}

int goxel_runs_copy(struct goxel_runs *to, const struct goxel_runs *from)
{
    int code = reserve(to, from->count);

    if (code)
        return code;
    if (from->count)
        memcpy(to->list, from->list, from->count * sizeof(*to->list));
    to->count = from->count;
    return 0;
}

void goxel_runs_finish(struct goxel_runs *runs)
{
    free(runs->list);
}
