/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open projects, kept in a folder while the daemon is not running.
 *
 * Used by: daemon.  Uses: format, core, base.
 *
 * storage.directory holds a `.gox` for each open project and `projects.json`, which names them: id, name, path,
 * times, what the file cannot tell (layer ids, active layer, unsaved changes), and the current one. Each
 * file is replaced whole, the list last: what the list names is complete at every moment.
 *
 * This is what a stop and a restart go through; what happens between them is in memory only.
 *
 * Life: one a daemon. One thread at a time calls; flushing locks each project to read, and does not wait for
 * one that is locked for longer than GOXEL_STORE_PATIENCE_MS.
 */
#ifndef GOXEL_STORE_STORE_H
#define GOXEL_STORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/detail.h"
#include "core/workspace.h"

#define GOXEL_STORE_PATIENCE_MS 200

struct goxel_store;

/*
 * The folder is opened (and made if it is missing, mode 0750); everything later goes through that descriptor.
 * GOXEL_ERROR_FILE_ACCESS with the path.
 */
int goxel_store_open(const char *directory, struct goxel_workspace *workspace, struct goxel_detail *detail,
                     struct goxel_store **ret_store);
void goxel_store_close(struct goxel_store *store); /* NULL is fine; flushes nothing */

/* What one project's fate was; `code` 0 or the error, with detail. Called on the caller's thread. */
typedef void goxel_store_report(void *ctx, const char *id, const char *name, int code,
                                const struct goxel_detail *detail);

/*
 * Every open project as a file, unchanged ones excepted; then the list; then files that it does not name go. One
 * project that cannot be written does not keep the others from it: the first error is returned, each is reported,
 * and the file of an earlier flush of that project stays in the list. GOXEL_ERROR_STORAGE_FULL,
 * GOXEL_ERROR_FILE_ACCESS, GOXEL_ERROR_LOCKED (an edit holds it), …
 */
int goxel_store_flush_all(struct goxel_store *store, goxel_store_report *report, void *ctx,
                          struct goxel_detail *detail);

/*
 * Opens what the list names into the (empty) workspace, with the ids, names and order it had. A file that is damaged
 * or missing is reported, stays where it is, and does not keep the others from being opened; the first such error is
 * returned. No list is no error: the folder is new.
 */
int goxel_store_open_all(struct goxel_store *store, goxel_store_report *report, void *ctx,
                         struct goxel_detail *detail);

#endif
