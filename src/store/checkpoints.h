/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thread that flushes a store now and then, so that its journal does not grow for ever.
 *
 * Used by: store.  Uses: base.
 *
 * Life: begun once the journal is open, ended before it is closed.
 */
#ifndef GOXEL_STORE_CHECKPOINTS_H
#define GOXEL_STORE_CHECKPOINTS_H

#include "store/store.h"

struct goxel_checkpoints;

struct goxel_checkpoints *goxel_checkpoints_start(struct goxel_store *store); /* NULL: out of memory */
void goxel_checkpoints_stop(struct goxel_checkpoints *checkpoints);           /* NULL is fine */

#endif
