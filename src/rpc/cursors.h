/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists that are read page by page, all pages of one version, while edits go on.
 *
 * Used by: rpc, daemon (goxel_rpc_tend, rpc.h).  Uses: core, base.
 *
 * A reply that is cut gives a cursor: a text that names project, epoch and version, where the page ended, and a digest of
 * what was asked for. The version is kept for GOXEL_CURSOR_MS after the last page, and GOXEL_CURSORS_MAX versions at
 * most: of more, the one that was used longest ago goes. A version that the project is still at needs no keeping. Whatever else
 * a client puts in a cursor's place is held to the bounds of each part, and leads to nothing that a request could not.
 *
 * What is kept is no burden to a daemon that is short of memory: goxel_cursors_tend takes the version whose bricks are away
 * (core/head.h, goxel_head_swap) in place of the one it had.
 *
 * Life: one an rpc; every function is thread-safe.
 */
#ifndef GOXEL_RPC_CURSORS_H
#define GOXEL_RPC_CURSORS_H

#include <pthread.h>

#include "core/workspace.h"

#define GOXEL_CURSORS_MAX 64
#define GOXEL_CURSOR_MS 60000
#define GOXEL_CURSOR_TEXT 192 /* bytes of one, with the NUL */

/* What a cursor says. */
struct goxel_cursor_at {
    char project[24]; /* id */
    uint64_t epoch, version;
    uint64_t question;    /* digest of all that has to be the same on every page */
    int64_t count;        /* what the first page counted */
    int layer_id;         /* where the page ended: */
    struct goxel_pos pos; /* behind this voxel */
};

void goxel_cursor_write(const struct goxel_cursor_at *at, char ret_text[GOXEL_CURSOR_TEXT]);
/* False: it is none. */
bool goxel_cursor_read(const char *text, struct goxel_cursor_at *ret_at);

struct goxel_cursors {
    pthread_mutex_t lock;
    struct goxel_kept {
        struct goxel_slot *slot; /* a reference; NULL: free */
        uint64_t epoch;
        struct goxel_project *version; /* a reference */
        int64_t used_ms;
    } rows[GOXEL_CURSORS_MAX];
};

void goxel_cursors_init(struct goxel_cursors *cursors);
void goxel_cursors_finish(struct goxel_cursors *cursors);

/* The version of a slot's project, in that epoch, will be there for a while. */
void goxel_cursors_keep(struct goxel_cursors *cursors, struct goxel_slot *slot, uint64_t epoch,
                        const struct goxel_project *version);
/* A reference to it; NULL: it is not kept any more, or never was. */
struct goxel_project *goxel_cursors_find(struct goxel_cursors *cursors, struct goxel_slot *slot,
                                         uint64_t epoch, uint64_t version);
/* What is old goes, and the rest takes no more memory than it has to. Now and then. */
void goxel_cursors_tend(struct goxel_cursors *cursors, int64_t now_ms);

#endif
