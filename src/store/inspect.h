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

/* The errors of goxel_store_open, of reading the list, and of reading the journal. */
int goxel_inspection_open(const char *directory, struct goxel_detail *detail,
                          struct goxel_inspection **ret_inspection);
void goxel_inspection_close(struct goxel_inspection *inspection); /* NULL is fine */

/* Places of the journal that are damaged, and the first; "" without one. */
uint64_t goxel_inspection_journal_damage(const struct goxel_inspection *inspection, const char **ret_first);

/* Projects of the list and of the journal, in their order. */
size_t goxel_inspection_count(const struct goxel_inspection *inspection);

/* What is known of one; the text and the summary are the inspection's. */
struct goxel_inspected {
    uint64_t number;
    const char *name;
    const char *listed_damage; /* "": the list knows of none */
    size_t records;            /* of the journal, that are not in the database yet */
};
void goxel_inspection_at(const struct goxel_inspection *inspection, size_t at,
                         struct goxel_inspected *ret_inspected);

/* One thing that is wrong with a project. */
typedef void goxel_inspection_damage(void *ctx, const char *text);

/*
 * Reads all of a project and tells of each damage. *ret_project (NULL: not wanted) is what is good of it, the caller's, or NULL
 * if that is nothing. GOXEL_ERROR_OUT_OF_MEMORY, GOXEL_ERROR_FILE_ACCESS; damage is none.
 */
int goxel_inspection_check(struct goxel_inspection *inspection, size_t at, goxel_inspection_damage *damage,
                           void *ctx, struct goxel_detail *detail, struct goxel_project **ret_project);

/*
 * The same, and what is good of it takes the place of what was there, unless nothing is wrong (*ret_repaired false).
 * GOXEL_ERROR_INVALID_DATA if nothing is good, and the errors of a checkpoint.
 */
int goxel_inspection_repair(struct goxel_inspection *inspection, size_t at, goxel_inspection_damage *damage,
                            void *ctx, struct goxel_detail *detail, bool *ret_repaired);

/* A line of JSON for each row of the database and each record of the journal, as they are. */
typedef int goxel_inspection_line(void *ctx, const char *text, size_t len);
int goxel_inspection_dump(struct goxel_inspection *inspection, size_t at, goxel_inspection_line *line,
                          void *ctx, struct goxel_detail *detail);

#endif
