/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A store's folder without a daemon: is it whole, what is in it, and what can be had of what is damaged.
 *
 * Used by: ctl.  Uses: store.
 *
 * Checking and dumping change nothing that a daemon would miss. Repairing makes a database anew, of all rows that are
 * as they were written and of the records of the journal up to the first that does not fit; the damaged file stays beside it, as
 * `project.db.damaged-` and the time in milliseconds since 1970.
 *
 * Life: opened and closed by one thread, with the folder's lock in between: GOXEL_ERROR_LOCKED while a daemon uses it.
 */
#ifndef GOXEL_STORE_INSPECT_H
#define GOXEL_STORE_INSPECT_H

#include "base/json.h"
#include "core/project.h"
#include "store/list.h"

struct goxel_inspection;

/*
 * GOXEL_ERROR_FILE_ACCESS, also for a folder that is no store: none is made. GOXEL_ERROR_LOCKED; GOXEL_ERROR_INVALID_DATA for a list
 * that cannot be read; GOXEL_ERROR_FORMAT_NOT_SUPPORTED for a newer daemon's; GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_inspection_open(const char *directory, struct goxel_detail *detail,
                          struct goxel_inspection **ret_inspection);
void goxel_inspection_close(struct goxel_inspection *inspection); /* NULL is fine */

/* One thing that is wrong. */
typedef void goxel_inspection_damage(void *ctx, const char *text);

/* Tells what is wrong with the journal and with the list, and returns how much that is; no repair changes it. */
size_t goxel_inspection_tell(const struct goxel_inspection *inspection, goxel_inspection_damage *damage,
                             void *ctx);

/* Projects of the list and of the journal, in their order, but for those that were deleted. */
size_t goxel_inspection_count(const struct goxel_inspection *inspection);

/* What is known of one; the texts are the inspection's, until the next repair. */
struct goxel_inspected {
    uint64_t number;
    const char *name;
    uint64_t version; /* that the list has */
    int64_t voxels;   /* the same */
    size_t records;   /* of the journal, that may not be in the database yet */
};
void goxel_inspection_at(const struct goxel_inspection *inspection, size_t at,
                         struct goxel_inspected *ret_inspected);

/*
 * Reads all of a project and tells of each damage, and where there is none of a mark in the list. *ret_project (NULL: not wanted) is what is good
 * of it, the caller's, or NULL if that is nothing: then there was damage. The errors of opening a database but for
 * GOXEL_ERROR_INVALID_DATA, which is damage and no error.
 */
int goxel_inspection_check(struct goxel_inspection *inspection, size_t at, goxel_inspection_damage *damage,
                           void *ctx, struct goxel_detail *detail, struct goxel_project **ret_project);

/* What came of a repair. */
struct goxel_repaired {
    bool done;      /* false: nothing was wrong, and nothing is changed */
    char aside[96]; /* the file that was damaged, below the folder; "": there was none */
    uint64_t version;
    size_t layers;
    int64_t voxels;
};

/*
 * The same, and what is good of it takes the place of what was there, at a version above all that were known of.
 * GOXEL_ERROR_INVALID_DATA if nothing is good, and the errors of a checkpoint; all is as it was then.
 */
int goxel_inspection_repair(struct goxel_inspection *inspection, size_t at, goxel_inspection_damage *damage,
                            void *ctx, struct goxel_detail *detail, struct goxel_repaired *ret_repaired);

/*
 * A line of JSON for each row of the database and each record of the journal, as they are; {table, error} for what of a table cannot
 * be read. A non-zero return of `line` ends it and is returned.
 */
typedef int goxel_inspection_line(void *ctx, const char *text, size_t len);
int goxel_inspection_dump(struct goxel_inspection *inspection, size_t at, goxel_inspection_line *line,
                          void *ctx, struct goxel_detail *detail);

#endif
