/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of kept projects as text, `projects.json`, and the names of their files.
 *
 * Used by: store.  Uses: core, base.  Thread-safe; touches no file.
 *
 *     {"version": 2, "generation": 3, "journal": 120, "next_number": 8, "current": "p7", "projects": [
 *         {"id": "p7", "file": "p7-3.gox", "crc32": 1234, "name": "castle", "path": null, "created_ms": …,
 *          "modified_ms": …, "changes": 9, "saved_changes": 4, "read_only": false, "layer_count": 2,
 *          "active_layer": 2, "next_layer": 5}, …]}
 *
 * The files have what records of the journal below `journal` say. It tells what a `.gox` does not keep. `path_hex` stands for a path that is no UTF-8, and `layers`, pairs of a
 * layer's id and the id of its base, are there only if the ids are too high for the file. `crc32` is of the
 * whole file; whoever mends a file by hand takes it out.
 *
 * "damaged" in an entry is the reason that its file is not all of it: records of it are missing. It is not opened then;
 * whoever takes the member out gets it as of the file.
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
#define GOXEL_LIST_VERSION 2 /* 1: without a journal */
#define GOXEL_LIST_BYTES_MAX ((size_t)64 << 20)
#define GOXEL_LIST_ENTRIES_MAX (4 * GOXEL_PROJECTS_MAX)

/* ---- files ---- */

/* A project's file has a new name each time that it is written: "p7-3.gox". Both numbers are from 1. */
#define GOXEL_KEPT_NAME_SIZE 48
#define GOXEL_LISTED_MAX ((uint64_t)1 << 51) /* of either, so that there are more to come */
void goxel_kept_name(uint64_t number, uint64_t generation, char ret_name[GOXEL_KEPT_NAME_SIZE]);
/* False: no such name. */
bool goxel_kept_name_parse(const char *name, uint64_t *ret_number, uint64_t *ret_generation);

/* ---- entries ---- */

/* Of changes, so that there are more to come. The entry of a project that has more tells fewer. */
#define GOXEL_LISTED_CHANGES_MAX (INT64_MAX / 2)

struct goxel_listed {
    uint64_t number;     /* of the id: 7 for "p7" */
    uint64_t generation; /* of the file: 3 for "p7-3.gox" */
    int64_t crc32;       /* -1: not checked */
    char name[GOXEL_NAME_MAX + 1];
    int64_t created_ms, modified_ms;
    int64_t version, saved_version;
    int64_t layer_count, active_layer_id, next_layer_id;
    bool read_only;
    const struct goxel_json *path; /* string in the tree, NULL for none */
    bool path_is_hex;
    const struct goxel_json *layers; /* checked array in the tree, NULL: the file has the ids */
};

/* GOXEL_ERROR_INVALID_DATA with the member at fault as field. */
int goxel_listed_read(const struct goxel_json *entry, struct goxel_detail *detail,
                      struct goxel_listed *ret_listed);

/* The file alone, of an entry that may be wrong otherwise. False: it names none. */
bool goxel_listed_file(const struct goxel_json *entry, uint64_t *ret_number, uint64_t *ret_generation);

/* What the project's file did not tell, into the project that was read from it. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_listed_apply(const struct goxel_listed *listed, struct goxel_project *project);

/* The entry of a project, as one JSON object; failures stay in the buffer. */
void goxel_listed_write(struct goxel_buf *buf, const struct goxel_project *project, uint64_t number,
                        uint64_t generation, uint32_t crc32);

/* ---- the whole ---- */

struct goxel_list {
    struct goxel_json *root;           /* owned */
    const struct goxel_json *projects; /* array in it; its elements are not checked yet */
    uint64_t generation, next_number;
    uint64_t journal; /* sequence of the first record that is not in the files; 0: there was none */
    uint64_t current; /* number of the current project, 0 for none */
};

/*
 * Ends with goxel_json_free(ret_list->root). GOXEL_ERROR_FORMAT_NOT_SUPPORTED if it is of a newer version,
 * GOXEL_ERROR_INVALID_DATA, the errors of goxel_json_parse.
 */
int goxel_list_parse(const char *text, size_t len, struct goxel_detail *detail, struct goxel_list *ret_list);

/* Around the entries: `goxel_json_put_raw(w, NULL, …)` for each between them. */
void goxel_list_begin(struct goxel_json_writer *w, struct goxel_buf *buf, uint64_t generation,
                      uint64_t journal, uint64_t next_number, uint64_t current);
void goxel_list_end(struct goxel_json_writer *w);

/* What is to be written can be read again: the same ceilings. */
int goxel_list_check(const struct goxel_buf *buf, size_t entries, struct goxel_detail *detail);

#endif
