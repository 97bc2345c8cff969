/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open projects, kept in a folder while the daemon is not running.
 *
 * Used by: daemon.  Uses: format, core, base.
 *
 * storage.directory holds a `.gox` for each open project and `projects.json`, which names them: id, name, path,
 * times, what the file cannot tell (unsaved changes, the active layer, ids to come), and the current one. Each
 * file is replaced whole, the list last: what the list names is complete at every moment.
 *
 * This is what a stop and a restart go through; what happens between them is in memory only.
 *
 * Life: one a daemon, open before the first project is, and closed after the last flush; a lock on the folder
 * lasts as long. One thread at a time calls; flushing locks each project to read.
 */
#ifndef GOXEL_STORE_STORE_H
#define GOXEL_STORE_STORE_H

#include <stdbool.h>

#include "base/detail.h"
#include "core/workspace.h"

struct goxel_store;

/*
 * The folder is opened (and made if it is missing, mode 0750); everything later goes through that descriptor.
 * GOXEL_ERROR_FILE_ACCESS or GOXEL_ERROR_STORAGE_FULL with the path, GOXEL_ERROR_LOCKED if another daemon uses it.
 */
int goxel_store_open(const char *directory, struct goxel_workspace *workspace, struct goxel_detail *detail,
                     struct goxel_store **ret_store);
void goxel_store_close(struct goxel_store *store); /* NULL is fine; flushes nothing */

/* Called before each project of a flush, which may take long. NULL: nobody. */
void goxel_store_on_progress(struct goxel_store *store, void (*progress)(void *ctx), void *ctx);

/*
 * What one project's fate was; `code` 0 or the error, with detail. Called on the caller's thread. An entry of
 * the list that has no id or no name is "?".
 */
typedef void goxel_store_report(void *ctx, const char *id, const char *name, int code,
                                const struct goxel_detail *detail);

/*
 * Opens what the list names into the (empty) workspace, with the ids, names and order it had; a name that was
 * given to another project meanwhile gets a number. A file that is damaged or missing is reported, stays where
 * it is and in the list, and does not keep the others from being opened; the first such error is returned. No
 * list is no error: the folder is new.
 *
 * A list that cannot be read, or is of a newer daemon, is an error of which nothing is reported: no project is
 * opened, and nothing in the folder is touched by this store (goxel_store_is_refused). Called once.
 */
int goxel_store_open_all(struct goxel_store *store, goxel_store_report *report, void *ctx,
                         struct goxel_detail *detail);
/* The list could not be read, so that nothing can be kept: a daemon should end with that error at once. */
bool goxel_store_is_refused(const struct goxel_store *store);

/*
 * Every open project as a file, unchanged ones excepted; then the list; then files that it does not name go. One
 * project that cannot be written does not keep the others from it: the first error is returned, each is reported,
 * and the file of an earlier flush of that project stays in the list. GOXEL_ERROR_STORAGE_FULL,
 * GOXEL_ERROR_FILE_ACCESS, GOXEL_ERROR_QUOTA and GOXEL_ERROR_MESSAGE_SIZE
 * (more than a .gox file can hold), GOXEL_ERROR_OUT_OF_MEMORY.
 *
 * Before goxel_store_open_all nothing is written: GOXEL_ERROR_BAD_PROJECT_STATE unless no project is open. Nor
 * after it failed to read the list: that error again.
 */
int goxel_store_flush_all(struct goxel_store *store, goxel_store_report *report, void *ctx,
                          struct goxel_detail *detail);

#endif
