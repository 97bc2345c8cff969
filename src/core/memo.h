/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What became of a brick: one that is shared a thousand times is computed once, and stays shared.
 *
 * Used by: the files of core that rewrite bricks.  Uses: core/tree.h.
 *
 * Life: begins as {0}, on the stack, ended by `goxel_memo_end`. What was asked for must stay alive
 * meanwhile; what came of it is held. It forgets, and then things are computed again.
 */
#ifndef GOXEL_CORE_MEMO_H
#define GOXEL_CORE_MEMO_H

#include "core/tree.h"

#define GOXEL_MEMO_ROWS 64 /* a power of two */

struct goxel_memo {
    struct {
        goxel_link old;
        uint64_t with; /* whatever else decides it */
        goxel_link made;
    } rows[GOXEL_MEMO_ROWS];
};

static inline size_t goxel_memo_row(goxel_link old, uint64_t with)
{
    return (size_t)((old ^ with * 31) * UINT64_C(0x9e3779b97f4a7c15) >> 32) % GOXEL_MEMO_ROWS;
}

/* `old` and `with` are not both 0. A reference of the caller's own. */
static inline bool goxel_memo_find(const struct goxel_memo *memo, goxel_link old, uint64_t with,
                                   goxel_link *ret_made)
{
    size_t i = goxel_memo_row(old, with);

    if (memo->rows[i].old != old || memo->rows[i].with != with)
        return false;
    *ret_made = goxel_link_ref(memo->rows[i].made);
    return true;
}

static inline void goxel_memo_keep(struct goxel_memo *memo, goxel_link old, uint64_t with, goxel_link made)
{
    size_t i = goxel_memo_row(old, with);

    goxel_link_unref(memo->rows[i].made);
    memo->rows[i].old = old;
    memo->rows[i].with = with;
    memo->rows[i].made = goxel_link_ref(made);
}

static inline void goxel_memo_end(struct goxel_memo *memo)
{
    for (size_t i = 0; i < GOXEL_MEMO_ROWS; i++)
        goxel_link_unref(memo->rows[i].made);
}

#endif
