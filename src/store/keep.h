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

struct goxel_keep {
    struct goxel_keeper keeper;
    struct goxel_journal *journal;
};

void goxel_keep_init(struct goxel_keep *keep, struct goxel_journal *journal);

#endif
