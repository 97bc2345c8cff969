/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the journal had of a project that could not take it: beside its database, so that the journal goes on without it.
 *
 * Used by: store.  Uses: store/replay, base.
 *
 *     mark      8 bytes, "GOXLEFT1"
 *     checksum  8 bytes, of all that follows (base/hash.h)
 *     tail      the records, oldest first (store/replay.h)
 *
 * A project that is loaded again after all, and one that is repaired, has them done again before those of the journal.
 *
 * `dirfd` is the store's folder. One thread for each project; nothing is kept.
 */
#ifndef GOXEL_STORE_REMAINS_H
#define GOXEL_STORE_REMAINS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/detail.h"

#define GOXEL_REMAINS_NAME "remains.log"

/*
 * Appends the records to `tail`; nothing if there are none. GOXEL_ERROR_INVALID_DATA: the file is not as it was written;
 * GOXEL_ERROR_FILE_ACCESS, GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_remains_read(int dirfd, uint64_t number, struct goxel_buf *tail, struct goxel_detail *detail);

/*
 * Puts the records behind those that are there, on the disk when it returns; a file that is not as it was written gets
 * another name first. The project's folder is made if there is none. The errors of goxel_file_replace.
 */
int goxel_remains_add(int dirfd, uint64_t number, const struct goxel_buf *tail, struct goxel_detail *detail);

/* They have been done again, as far as they could be: another name, "remains.log.done-" and the time. */
int goxel_remains_set_aside(int dirfd, uint64_t number, struct goxel_detail *detail);

/* They are in the database. */
void goxel_remains_remove(int dirfd, uint64_t number);

#endif
