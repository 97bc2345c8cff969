/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A version of a project as one file: a database as those of the store (store/database.h), with its history.
 *
 * Used by: rpc.  Uses: store/database, base/file.
 *
 * A backup is of a version that somebody holds, so that edits go on meanwhile. It is made in `folder`, which is the daemon's
 * own, under a temporary name that the store removes at its next start if it should be left there, and copied
 * from there: SQLite wants a path, and clients' files have none that could be trusted.
 *
 * Any thread.
 */
#ifndef GOXEL_STORE_BACKUP_H
#define GOXEL_STORE_BACKUP_H

#include "core/head.h"

/* Writes it to the descriptor. GOXEL_ERROR_FILE_ACCESS, GOXEL_ERROR_STORAGE_FULL, GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_backup_write(const char *folder, struct goxel_head *head, struct goxel_project *version, int fd,
                       struct goxel_detail *detail);

/*
 * What is behind the descriptor's position, the caller's. It has been verified, row for row. The same errors, and GOXEL_ERROR_INVALID_DATA
 * with what is wrong, GOXEL_ERROR_FORMAT_NOT_SUPPORTED.
 */
int goxel_backup_read(const char *folder, int fd, struct goxel_detail *detail,
                      struct goxel_project **ret_project);

#endif
