/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The store as the workspace's keeper: each change is a record of the journal before it is published.
 *
 * Used by: store.  Uses: store/journal, core.
 *
 * Life: embedded in the store; open from the journal's opening to its closing.
 */
#ifndef GOXEL_STORE_KEEP_H
#define GOXEL_STORE_KEEP_H

#include "core/workspace.h"
#include "store/journal.h"

/* What the store does about it. */
struct goxel_keep_ops {
    int (*room)(void *ctx, struct goxel_detail *detail); /* 0, or why no project may be added now */
    /* A slot that is to be added, before its record is written: it gets the store's data. GOXEL_ERROR_OUT_OF_MEMORY. */
    int (*adopt)(void *ctx, struct goxel_slot *slot, struct goxel_detail *detail);
    void (*gone)(void *ctx, struct goxel_slot *slot); /* it was not added after all, or it was removed */
    /* 0, or why the project may not be changed. */
    int (*check)(void *ctx, struct goxel_slot *slot, struct goxel_detail *detail);
    /* A record of it is in the journal, and what it made is published. */
    void (*wrote)(void *ctx, struct goxel_slot *slot, size_t bytes);
    int (*load)(void *ctx, struct goxel_slot *slot, struct goxel_project **ret_project,
                struct goxel_key_list *ret_keys, struct goxel_detail *detail);
};

struct goxel_keep {
    struct goxel_keeper keeper;
    const struct goxel_keep_ops *ops;
    void *ctx;
    struct goxel_journal *journal; /* NULL: not open yet */
};

void goxel_keep_init(struct goxel_keep *keep, const struct goxel_keep_ops *ops, void *ctx);

#endif
