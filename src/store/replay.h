/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the journal to the workspace: what was done since the projects' files were written.
 *
 * Used by: store/open.  Uses: store/journal, store/record, core.
 *
 * A record changes a project only if it was made to the version that the project has, and if what comes of it has the
 * digest that it had. What a file has already is passed over, so that it does no harm to read more than is needed.
 *
 * Life: on the stack, of one thread, while nobody else has the workspace.
 */
#ifndef GOXEL_STORE_REPLAY_H
#define GOXEL_STORE_REPLAY_H

#include "core/workspace.h"
#include "store/journal.h"

/*
 * A project (its number) that cannot be brought up to date, and why; 0: a record that says nothing. On the caller's
 * thread.
 */
typedef void goxel_replay_broken(void *ctx, uint64_t project, const struct goxel_detail *detail);

struct goxel_replay {
    struct goxel_workspace *workspace;
    goxel_replay_broken *broken; /* it is taken out of the workspace then */
    void *ctx;
    struct goxel_detail *detail;
    int64_t history_bytes; /* that a history may take */
};

/* For goxel_journal_read, with a struct goxel_replay. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_replay_record(void *ctx, uint64_t sequence, const uint8_t *bytes, size_t len);

#endif
