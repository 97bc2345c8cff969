/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the journal to a project: what was done since its last checkpoint.
 *
 * Used by: store.  Uses: store/record, core.
 *
 * A record changes a project only if it was made to the version that the project has, and if what comes of it has the
 * digest that it had. What a checkpoint has already is passed over, so that it does no harm to read more than is needed.
 *
 * A *tail* is the records of one project one behind the other, each with its length before it (8 bytes).
 *
 * Any thread; nothing is kept.
 */
#ifndef GOXEL_STORE_REPLAY_H
#define GOXEL_STORE_REPLAY_H

#include "base/buf.h"
#include "core/keys.h"
#include "core/project.h"

/* Appends a record; the buffer's failure. */
int goxel_tail_add(struct goxel_buf *tail, const uint8_t *bytes, size_t len);

/*
 * What the tail makes of `base` (NULL: nothing), the caller's; a reference to the base itself if there is nothing to do.
 * GOXEL_ERROR_INVALID_DATA if a record is none, does not fit, or is missing; GOXEL_ERROR_OUT_OF_MEMORY.
 * `history_bytes`: that the history may take. `keys` gets those of the records behind what it has.
 */
int goxel_replay_tail(struct goxel_project *base, const struct goxel_buf *tail, int64_t history_bytes,
                      struct goxel_key_list *keys, struct goxel_detail *detail,
                      struct goxel_project **ret_project);

#endif
