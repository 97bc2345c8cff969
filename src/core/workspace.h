/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The open projects of a daemon: a slot each, with an id, a head (core/head.h) and a reference count.
 *
 * Used by: rpc, store, daemon.  Uses: base, core/head.
 *
 * Life: one workspace a daemon. All functions are thread-safe. A slot found is a counted reference,
 * given back with `goxel_slot_unref`; closing removes the slot from the workspace, and the project
 * dies with the last reference. Lock order: under the workspace's own lock the `lock` of a
 * head may be taken, and the turn of an edit never. The workspace knows a project by the name it had when it was added, or
 * was given by goxel_workspace_rename.
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

/*
 * Whoever edits waits while memory is short, for GOXEL_PRESSURE_MS at most: until the keeper, who says so, has got some of it back.
 */
#define GOXEL_PRESSURE_MS 2000
void goxel_workspace_set_pressure(struct goxel_workspace *workspace, bool pressure);
void goxel_workspace_wait(struct goxel_workspace *workspace);

/* The epoch that heads begin with (core/head.h): another one after versions may have been lost. Before the first project is there. */
void goxel_workspace_set_epoch(struct goxel_workspace *workspace, uint64_t epoch);

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

/* 0, or what the keeper has against another project: so that one is not closed for nothing. */
int goxel_workspace_has_room(struct goxel_workspace *workspace, struct goxel_detail *detail);

/* What is known of a project without having it in memory. */
struct goxel_summary {
    char name[GOXEL_NAME_MAX + 1];
    char *path; /* owned; NULL: none */
    size_t layers;
    int64_t voxels;
    uint64_t version;
    int64_t created_ms, modified_ms; /* wall clock, milliseconds since 1970 */
    bool modified, read_only;
    bool closed; /* see goxel_workspace_shut */
};
int goxel_summary_of(const struct goxel_project *project,
                     struct goxel_summary *ret_summary); /* GOXEL_ERROR_OUT_OF_MEMORY */
void goxel_summary_finish(struct goxel_summary *summary);

/*
 * A slot for a project that was there before, with the id it had: its place in the list is by its id, and the
 * newest of all becomes the current one. Later ids are higher. The project itself is had from the keeper when somebody
 * wants it (goxel_slot_load); `damage` (NULL: none) tells why it never can be. What the summary owns moves on success.
 * GOXEL_ERROR_VALIDATION if `id` is none, and GOXEL_ERROR_BAD_PROJECT_STATE if a project has it, or has the name.
 */
int goxel_workspace_restore(struct goxel_workspace *workspace, struct goxel_summary *summary, const char *id,
                            const struct goxel_detail *damage, void *data, struct goxel_slot **ret_slot,
                            struct goxel_detail *detail);

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

/*
 * Another name for a project, in two steps, as it has to last first that the project has it: from the first on no
 * other gets the name, and the second ends that; `done`: the project is found by it from here on, and not by its old
 * one. GOXEL_ERROR_VALIDATION if it looks like an id, GOXEL_ERROR_BAD_PROJECT_STATE if another has it,
 * GOXEL_ERROR_LOCKED while the project is being given another name: there is no second step then.
 */
int goxel_workspace_reserve_name(struct goxel_workspace *workspace, struct goxel_slot *slot, const char *name,
                                 struct goxel_detail *detail);
void goxel_workspace_rename(struct goxel_workspace *workspace, struct goxel_slot *slot, bool done);

/* Takes the slot out, once the keeper has that. In the turn of an edit of its head. The keeper's errors. */
int goxel_workspace_close(struct goxel_workspace *workspace, struct goxel_slot *slot,
                          struct goxel_detail *detail);

/* The same without a keeper; the newest of the rest becomes current. No error if it is out already. */
void goxel_workspace_remove(struct goxel_workspace *workspace, struct goxel_slot *slot);

/*
 * The project goes to the background: it is not the current one, and not in memory for longer than somebody uses it.
 * Whoever loads it has it back.
 */
void goxel_workspace_shut(struct goxel_workspace *workspace, struct goxel_slot *slot);

/*
 * Takes the head out of memory if it has been loaded, that version is its tip and published, and nobody else holds the
 * slot. False: not so. `ms`: only if it has not been used since that time (goxel_clock_ms).
 */
bool goxel_workspace_unload(struct goxel_workspace *workspace, struct goxel_slot *slot,
                            const struct goxel_project *version, int64_t ms);

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
bool goxel_slot_is_kept(const struct goxel_slot *slot);

/* No effect once it was taken out. */
void goxel_workspace_set_current(struct goxel_workspace *workspace, struct goxel_slot *slot);
bool goxel_workspace_is_current(struct goxel_workspace *workspace, const struct goxel_slot *slot);
size_t goxel_workspace_count(struct goxel_workspace *workspace);
size_t goxel_workspace_count_damaged(struct goxel_workspace *workspace); /* that are known to be */

const char *goxel_slot_id(const struct goxel_slot *slot);
/* What the workspace knows it by: `ret_name`. Where it is used, valid in its block: GOXEL_SLOT_NAME(slot). */
const char *goxel_slot_name(struct goxel_slot *slot, char ret_name[GOXEL_NAME_MAX + 1]);
#define GOXEL_SLOT_NAME(slot) goxel_slot_name(slot, (char[GOXEL_NAME_MAX + 1]){""})
bool goxel_slot_is_open(const struct goxel_slot *slot);     /* false once it was taken out */
struct goxel_slot *goxel_slot_ref(struct goxel_slot *slot); /* one more */
void goxel_slot_unref(struct goxel_slot *slot);

/*
 * The project is in memory from here on, as long as the caller has the slot. The keeper's errors; what is damaged
 * stays so: GOXEL_ERROR_INVALID_DATA with the same detail.
 */
int goxel_slot_load(struct goxel_workspace *workspace, struct goxel_slot *slot, struct goxel_detail *detail);
/* The same for whoever keeps it: that is no use of it, and in the background it stays. */
int goxel_slot_fetch(struct goxel_workspace *workspace, struct goxel_slot *slot, struct goxel_detail *detail);
bool goxel_slot_is_loaded(const struct goxel_slot *slot);
bool goxel_slot_is_closed(const struct goxel_slot *slot); /* in the background */
bool goxel_slot_is_sole(const struct goxel_slot *slot);   /* the caller's reference is the only one */
int64_t goxel_slot_used_ms(
    const struct goxel_slot *slot); /* when it was loaded or found last, goxel_clock_ms */
/* It is damaged from here on; false: it was before, and what comes later comes of that. Any thread. */
bool goxel_slot_set_damage(struct goxel_slot *slot, const struct goxel_detail *damage);
bool goxel_slot_damage(struct goxel_slot *slot,
                       struct goxel_detail *ret_damage); /* false: it is not. NULL is fine */

/* The summary that it came with is not what it would be if it were loaded. Until then goxel_slot_summary loads it. */
void goxel_slot_set_stale(struct goxel_slot *slot);

/* Something of the keeper's, to be set before anybody else has the slot. */
void goxel_slot_set_data(struct goxel_slot *slot, void *data);
void *goxel_slot_data(const struct goxel_slot *slot);

/* Of what is published, or as it was when it was in memory last; no use of it. GOXEL_ERROR_OUT_OF_MEMORY. To be finished. */
int goxel_slot_summary(struct goxel_workspace *workspace, struct goxel_slot *slot,
                       struct goxel_summary *ret_summary);

/* Of a slot that was added or loaded. Where the project is read and edited; it lives as long as the caller has the slot. */
struct goxel_head *goxel_slot_head(struct goxel_slot *slot);
struct goxel_project *goxel_slot_snapshot(struct goxel_slot *slot); /* of its head */

#endif
