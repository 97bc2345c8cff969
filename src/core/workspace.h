/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The open projects of a daemon: a slot each, with an id, a head (core/head.h) and a reference count.
 *
 * Used by: rpc, store, daemon.  Uses: base, core/head.
 *
 * Life: one workspace a daemon. All functions are thread-safe. A slot found is a counted reference,
 * given back with `goxel_slot_unref`; closing removes the slot from the workspace, and the project
 * dies with the last reference. Lock order: the workspace's own lock is never held while a head's is
 * taken. The workspace knows a project by the name it had when it was added.
 */
#ifndef GOXEL_CORE_WORKSPACE_H
#define GOXEL_CORE_WORKSPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/detail.h"
#include "core/head.h"

struct goxel_workspace;
struct goxel_slot;

struct goxel_workspace *goxel_workspace_create(void);            /* NULL: out of memory */
void goxel_workspace_destroy(struct goxel_workspace *workspace); /* nobody holds a slot any more */

/* goxel_head_set_history_bytes of every head, also of those to come. */
void goxel_workspace_set_history_bytes(struct goxel_workspace *workspace, int64_t bytes);

/* Before the first project is there. It is asked for each that is added or closed, and for each edit. */
void goxel_workspace_set_keeper(struct goxel_workspace *workspace, struct goxel_keeper *keeper);

/*
 * Takes the project (owned by the workspace from here on, on success only) into a new slot and makes
 * it the current one. Ids are "p1", "p2", … Names are unique: GOXEL_ERROR_BAD_PROJECT_STATE if taken,
 * GOXEL_ERROR_VALIDATION if it looks like an id. GOXEL_ERROR_QUOTA above GOXEL_PROJECTS_MAX. Name and id are
 * taken from the beginning, and it is found once its keeper has it; the keeper's errors. *ret_slot is a reference (may
 * be NULL: not wanted).
 */
int goxel_workspace_add(struct goxel_workspace *workspace, struct goxel_project *project,
                        struct goxel_slot **ret_slot, struct goxel_detail *detail);

/*
 * The same for a project that was open before, with the id it had: its place in the list is by its id, and the
 * newest of all becomes the current one. Later ids are higher. GOXEL_ERROR_VALIDATION if `id` is none, and
 * GOXEL_ERROR_BAD_PROJECT_STATE if an open project has it.
 */
int goxel_workspace_restore(struct goxel_workspace *workspace, struct goxel_project *project, const char *id,
                            struct goxel_slot **ret_slot, struct goxel_detail *detail);

/* The number of an id (7 for "p7"), as it is written: no sign, no leading zeros. 0: not an id. */
#define GOXEL_PROJECT_NUMBER_MAX ((uint64_t)1 << 52)
uint64_t goxel_project_number(const char *id);

/* The number of the next new project. It only grows: what is lower, or above the ceiling, is ignored. */
uint64_t goxel_workspace_next_number(struct goxel_workspace *workspace);
void goxel_workspace_raise_next_number(struct goxel_workspace *workspace, uint64_t next);

/* By id or name; NULL: the current project. GOXEL_ERROR_PROJECT_NOT_FOUND. Makes nothing current. */
int goxel_workspace_find(struct goxel_workspace *workspace, const char *name, struct goxel_slot **ret_slot,
                         struct goxel_detail *detail);

/* A name not in use, made from `wanted` ("name", "name-2", "name-3", …; "p7" looks like an id: "p7-2"). */
void goxel_workspace_free_name(struct goxel_workspace *workspace, const char *wanted,
                               char ret_name[GOXEL_NAME_MAX + 1]);

/* Takes the slot out, once the keeper has that. In the turn of an edit of its head. The keeper's errors. */
int goxel_workspace_close(struct goxel_workspace *workspace, struct goxel_slot *slot,
                          struct goxel_detail *detail);

/* The same without a keeper; the newest of the rest becomes current. No error if it is out already. */
void goxel_workspace_remove(struct goxel_workspace *workspace, struct goxel_slot *slot);

/* References to all slots, oldest first; give each back, then free(3) the array. */
int goxel_workspace_list(struct goxel_workspace *workspace, struct goxel_slot ***ret_slots,
                         size_t *ret_count);
/*
 * The same of all slots that are kept: what the keeper would give back after a crash. It says so (goxel_slot_set_kept)
 * the moment that a coming or going lasts, which is before it is seen here.
 */
int goxel_workspace_list_kept(struct goxel_workspace *workspace, struct goxel_slot ***ret_slots,
                              size_t *ret_count);
void goxel_slot_set_kept(struct goxel_slot *slot, bool kept);

/* No effect once it was taken out. */
void goxel_workspace_set_current(struct goxel_workspace *workspace, struct goxel_slot *slot);
bool goxel_workspace_is_current(struct goxel_workspace *workspace, const struct goxel_slot *slot);
size_t goxel_workspace_count(struct goxel_workspace *workspace);

const char *goxel_slot_id(const struct goxel_slot *slot);
const char *goxel_slot_name(const struct goxel_slot *slot); /* without its lock */
bool goxel_slot_is_open(const struct goxel_slot *slot);     /* false once it was taken out */
struct goxel_slot *goxel_slot_ref(struct goxel_slot *slot); /* one more */
void goxel_slot_unref(struct goxel_slot *slot);

/* Where the project is read and edited; it lives as long as the slot. */
struct goxel_head *goxel_slot_head(struct goxel_slot *slot);
struct goxel_project *goxel_slot_snapshot(struct goxel_slot *slot); /* of its head */

#endif
