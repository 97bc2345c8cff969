/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files behind store/inspect.h share.
 *
 * Used by: store/inspect.c, store/inspect_check.c, store/inspect_repair.c, store/inspect_dump.c alone.
 */
#ifndef GOXEL_STORE_INSPECT_PARTS_H
#define GOXEL_STORE_INSPECT_PARTS_H

#include <limits.h>

#include "base/buf.h"
#include "core/keys.h"
#include "store/folder.h"
#include "store/inspect.h"
#include "store/journal.h"

struct goxel_kept {
    struct goxel_listed listed;
    size_t entry;          /* of the list; SIZE_MAX: the journal alone has it */
    struct goxel_buf tail; /* records, store/replay.h */
    size_t records;
    char remains[160]; /* what is wrong with those that the journal had before; "": nothing */
    bool removed;
};

struct goxel_inspection {
    struct goxel_folder folder;
    struct goxel_buf text; /* of the list */
    struct goxel_list list;
    struct goxel_kept *kept; /* owned */
    size_t count;
    struct goxel_journal_tail tail;
    size_t unreadable;      /* records that are whole and say nothing */
    char first_record[160]; /* what is wrong with the first of them */
};

size_t goxel_inspect_entries(const struct goxel_inspection *inspection); /* of the list */

/* Of its database. GOXEL_ERROR_FILE_ACCESS. */
int goxel_inspect_path(const struct goxel_inspection *inspection, const struct goxel_kept *kept,
                       char ret_path[PATH_MAX], struct goxel_detail *detail);

/* Who is told of damage, and how often that was. */
struct goxel_telling {
    goxel_inspection_damage *damage;
    void *ctx;
    size_t count;
};

/* goxel_inspection_check, with the keys of its requests. */
int goxel_inspect(struct goxel_inspection *inspection, const struct goxel_kept *kept,
                  struct goxel_telling *telling, struct goxel_key_list *keys, struct goxel_detail *detail,
                  struct goxel_project **ret_project);

#endif
