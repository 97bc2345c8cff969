/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of kept projects as text, `projects.json`, and the names of their folders.
 *
 * Used by: store.  Uses: core, base.  Thread-safe; touches no file.
 *
 *     {"version": 3, "journal": 120, "next_number": 8, "current": "p7", "projects": [
 *         {"id": "p7", "name": "castle", "path": null, "at": 9, "created_ms": …, "modified_ms": …, "layers": 2,
 *          "voxels": 175842, "modified": true, "read_only": false, "closed": false}, …]}
 *
 * It is what a start needs to know before any project is opened: who is there. The projects themselves are in databases
 * (store/database.h), which have what records of the journal below `journal` say, and are at version `at` at least. `path_hex`
 * stands for a path that is no UTF-8.
 *
 * "damaged" in an entry is the reason that its database is not all of it. It is not opened then; goxelctl repair
 * takes the member out.
 *
 * A member that is not there has its lowest value, and one that is unknown is passed over. What is read here is
 * checked like a stranger's.
 */
#ifndef GOXEL_STORE_LIST_H
#define GOXEL_STORE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/detail.h"
#include "base/json.h"
#include "core/project.h"
#include "core/workspace.h"

#define GOXEL_LIST_NAME "projects.json"
#define GOXEL_LIST_VERSION 3
#define GOXEL_LIST_OLDEST 3 /* 1 and 2 were never released */
#define GOXEL_LIST_BYTES_MAX ((size_t)64 << 20)
#define GOXEL_LIST_ENTRIES_MAX (4 * GOXEL_PROJECTS_MAX)

/* ---- entries ---- */

#define GOXEL_LISTED_MAX ((uint64_t)1 << 51) /* of a project's number, so that there are more to come */

struct goxel_listed {
    uint64_t number;              /* of the id: 7 for "p7" */
    struct goxel_summary summary; /* to be finished */
    char damage[256];             /* "": none */
};

/* GOXEL_ERROR_INVALID_DATA with the member at fault as field, GOXEL_ERROR_OUT_OF_MEMORY. Also then `number` is told, or 0. */
int goxel_listed_read(const struct goxel_json *entry, struct goxel_detail *detail,
                      struct goxel_listed *ret_listed);

/* The entry of a project, as one JSON object; failures stay in the buffer. `damage` NULL: none. */
void goxel_listed_write(struct goxel_buf *buf, uint64_t number, const struct goxel_summary *summary,
                        const char *damage);

/* A project of which the journal has records, but neither it nor the list its beginning: what it is called, and why. */
#define GOXEL_LOST_NAME "lost"
extern const char goxel_lost_reason[];

/* ---- the whole ---- */

struct goxel_list {
    struct goxel_json *root;           /* owned */
    const struct goxel_json *projects; /* array in it; its elements are not checked yet */
    uint64_t next_number;
    uint64_t journal; /* sequence of the first record that is not in the databases; 0: there was none */
    uint64_t current; /* number of the current project, 0 for none */
};

/*
 * Ends with goxel_json_free(ret_list->root). GOXEL_ERROR_FORMAT_NOT_SUPPORTED if it is of a newer version,
 * GOXEL_ERROR_INVALID_DATA, the errors of goxel_json_parse.
 */
int goxel_list_parse(const char *text, size_t len, struct goxel_detail *detail, struct goxel_list *ret_list);

/* Around the entries: `goxel_json_put_raw(w, NULL, …)` for each between them. */
void goxel_list_begin(struct goxel_json_writer *w, struct goxel_buf *buf, uint64_t journal,
                      uint64_t next_number, uint64_t current);
void goxel_list_end(struct goxel_json_writer *w);

/* What is to be written can be read again: the same ceilings. */
int goxel_list_check(const struct goxel_buf *buf, size_t entries, struct goxel_detail *detail);

#endif
