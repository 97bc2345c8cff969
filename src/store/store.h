/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open projects, kept in a folder: what an edit made is in the journal before the edit is answered.
 *
 * Used by: daemon.  Uses: format, core, base.
 *
 * storage.directory holds a folder for each project, named by its id, with its database (store/database.h);
 * `projects.json`, which names them all (store/list.h); the journal's segments; and `trash/` (store/trash.c).
 *
 * The databases are as of the last checkpoint: at a stop, at a restart, when the journal (store/journal.h) has grown to
 * GOXEL_CHECKPOINT_BYTES or the time for it has come. What was done since then is in the journal, and is done again when
 * the project is wanted. So the store is its workspace's keeper (core/keeper.h), and a start reads the list and the
 * journal's end, and no project.
 *
 * Life: one a daemon, open before the first project is, and closed after the last flush and the last edit; a lock on
 * the folder lasts as long. Flushing is thread-safe; one thread does the rest.
 */
#ifndef GOXEL_STORE_STORE_H
#define GOXEL_STORE_STORE_H

#include <stdbool.h>

#include "base/detail.h"
#include "core/workspace.h"
#include "store/journal.h"

struct goxel_store;

struct goxel_store_settings {
    enum goxel_durability durability;
    int64_t checkpoint_interval_ms;
    int64_t history_bytes; /* of one project's history in memory */
    size_t open_max;       /* projects in memory, as far as they are not being used */
    int64_t cache_bytes; /* of memory for the process, beyond which bricks leave it; 0: as much as there is */
    int64_t quota_bytes; /* of the disk for all projects; 0: as much as there is */
    int64_t project_quota_bytes; /* and for each */
};
extern const struct goxel_store_settings goxel_store_settings_default;

#define GOXEL_CHECKPOINT_BYTES ((uint64_t)64 << 20)

/*
 * The folder is opened (and made if it is missing, mode 0750); everything later goes through that descriptor.
 * GOXEL_ERROR_FILE_ACCESS or GOXEL_ERROR_STORAGE_FULL with the path, GOXEL_ERROR_LOCKED if another daemon uses it.
 */
int goxel_store_open(const char *directory, struct goxel_workspace *workspace,
                     const struct goxel_store_settings *settings, struct goxel_detail *detail,
                     struct goxel_store **ret_store);
/* Other settings for a store whose projects are open. Any thread. */
void goxel_store_configure(struct goxel_store *store, const struct goxel_store_settings *settings);

struct goxel_store_stats {
    struct goxel_journal_stats journal;
    uint64_t damaged;  /* places of the journal, and projects, that were found damaged */
    uint64_t scrubbed; /* rows of databases that were compared with their checksums in the background */
    uint64_t projects, loaded; /* kept, and of them those in memory */
    uint64_t bytes;            /* of the databases, and of the journal since the last checkpoint */
};
/* Zeros before the projects are open. Any thread. */
void goxel_store_get_stats(struct goxel_store *store, struct goxel_store_stats *ret_stats);

/*
 * No change is made from here on, and all that were are settled: their promises are kept, or broken. NULL is fine; closing does it,
 * too, but those who wait for a promise may be gone then.
 */
void goxel_store_stop(struct goxel_store *store);
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
 * What the list names is in the (empty) workspace then, with the ids, names and order it had, and what the journal tells
 * besides; a name that was given to another project meanwhile gets a number. None is opened. An entry that cannot be read
 * is reported, and stays in the list; one that is marked as damaged is reported, and there, but
 * cannot be loaded; the first such error is returned. No list is no error: the folder is new.
 *
 * A list that cannot be read, or is of a newer daemon, is an error of which nothing is reported: no project is
 * there, and nothing in the folder is touched by this store (goxel_store_is_refused); so it is with a journal that
 * cannot be read or begun. Called once.
 *
 * Damage to the journal is reported for "?". A project that it concerns is told when it is loaded.
 */
int goxel_store_open_all(struct goxel_store *store, goxel_store_report *report, void *ctx,
                         struct goxel_detail *detail);
/* The list could not be read, so that nothing can be kept: a daemon should end with that error at once. */
bool goxel_store_is_refused(const struct goxel_store *store);

/*
 * A checkpoint of every project that has changed; then the list; then the journal forgets, and folders of deleted projects go to the trash.
 * One project that cannot be written does not keep the others from it: the first error is returned, each is reported,
 * and the journal keeps what it has. GOXEL_ERROR_STORAGE_FULL, GOXEL_ERROR_FILE_ACCESS, GOXEL_ERROR_QUOTA,
 * GOXEL_ERROR_OUT_OF_MEMORY.
 *
 * Before goxel_store_open_all nothing is written: GOXEL_ERROR_BAD_PROJECT_STATE unless no project is open. Nor
 * after it failed to read the list: that error again.
 */
int goxel_store_flush_all(struct goxel_store *store, goxel_store_report *report, void *ctx,
                          struct goxel_detail *detail);

#endif
