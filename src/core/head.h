/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The present of one project: what readers see, and what the writer builds on.
 *
 * Used by: core/workspace, store, rpc.  Uses: base, core/project, core/shown.
 *
 *                    begin ─────► copy of the tip ─────► commit ─────► tip
 *                                      │                                │ publish: it will last
 *                                      └──► abort: as if nothing was    ▼
 *                                                                   published ──► readers
 *
 * There are two versions. *Published* is what everybody reads; *tip* is what the next edit begins with. The
 * tip may be ahead while a keeper (core/keeper.h) still sees to it that it lasts; if that fails, `goxel_head_drop`
 * makes the published version the tip again, and nobody has seen what was lost. Version numbers are never given twice.
 *
 * Beside the versions are the keys of the last requests (core/keys.h). An edit may bring one, which comes with its
 * version and goes with it.
 *
 * Life: made around a project, ended when nobody has it any more. Every function is thread-safe. One edit at a
 * time; a reader waits for nobody, and keeps what it has read as long as it holds its reference.
 */
#ifndef GOXEL_CORE_HEAD_H
#define GOXEL_CORE_HEAD_H

#include <stdint.h>

#include "core/keeper.h"

struct goxel_head;

/*
 * With references of its own to the project, which is a version from here on; a history that it has from elsewhere
 * is forgotten. NULL: out of memory.
 */
struct goxel_head *goxel_head_create(struct goxel_project *project);
void goxel_head_destroy(struct goxel_head *head); /* NULL is fine */

/* Before anybody edits. `slot` is what the keeper is told of it. Without one, what is the tip is published at once. */
void goxel_head_set_keeper(struct goxel_head *head, struct goxel_keeper *keeper, struct goxel_slot *slot);

/* The published version, a reference: goxel_project_unref. */
struct goxel_project *goxel_head_snapshot(struct goxel_head *head);

/* An edit under way, in the hands of one thread from begin to commit or abort. */
struct goxel_edit {
    struct goxel_project *project; /* a copy of the tip, to be changed */
    struct goxel_project *base;    /* the tip it was copied from, a reference */
    struct goxel_detail *detail;   /* gets why it could not be committed; NULL: nobody wants to know */
    struct goxel_key *key; /* of the request; NULL: none. Set by whoever edits, a reference, ended with it */
    uint64_t failures; /* goxel_away_failures at its beginning: with more than those it is not committed */
    /* the head's: what was undone or redone */
    enum goxel_change_kind kind;
    size_t steps; /* 0: nothing */
};

/* Waits for the edit before. GOXEL_ERROR_OUT_OF_MEMORY, and then there is nothing to end. */
int goxel_head_begin(struct goxel_head *head, struct goxel_edit *ret_edit);

/*
 * Ends the edit: what it made of its project is the tip, as a new version and a step of the history, or with `note`
 * NULL as the same version (its path was noted, say: nothing of the content was changed). What goxel_head_undo or _redo
 * made is the step that it is, whatever `note` says. The edit's key, which was looked for in its turn and not found, is
 * found from here on. With 0 the promise is settled once it is published or dropped, by any thread, perhaps before the
 * return; with `promise` NULL this waits, and what it was settled with is returned. Otherwise the edit is ended as by
 * abort: GOXEL_ERROR_LOCKED if the tip was dropped meanwhile, the codes of goxel_history_record and of the keeper.
 */
int goxel_head_commit(struct goxel_head *head, struct goxel_edit *edit, const struct goxel_note *note,
                      struct goxel_promise *promise);
void goxel_head_abort(struct goxel_head *head, struct goxel_edit *edit);

/*
 * Of an edit that changed nothing itself: so many steps are undone or redone in its project, all or none, which is a
 * new version then, to be committed. GOXEL_ERROR_BAD_PROJECT_STATE if there are not so many,
 * GOXEL_ERROR_OUT_OF_MEMORY: it is to be aborted.
 */
int goxel_head_undo(struct goxel_head *head, struct goxel_edit *edit, size_t steps,
                    struct goxel_detail *detail);
int goxel_head_redo(struct goxel_head *head, struct goxel_edit *edit, size_t steps,
                    struct goxel_detail *detail);
/* Ends an edit that changed nothing itself, with the group ended that is open, if one is; otherwise as a commit. */
int goxel_head_end_group(struct goxel_head *head, struct goxel_edit *edit, struct goxel_promise *promise);

/*
 * What the history may take of memory from the next commit on, in bytes; GOXEL_HEAD_HISTORY_BYTES without it. 0:
 * nothing can be undone.
 */
#define GOXEL_HEAD_HISTORY_BYTES ((int64_t)256 << 20)
void goxel_head_set_history_bytes(struct goxel_head *head, int64_t bytes);

/*
 * goxel_history_at, goxel_history_count and goxel_history_list of a version that is or was the tip of this head, or of
 * an edit of it. They hold up no edit.
 */
int goxel_head_version_at(struct goxel_head *head, const struct goxel_project *project, uint64_t version,
                          struct goxel_cancel *cancel, struct goxel_project **ret_project,
                          struct goxel_detail *detail);
void goxel_head_count_history(struct goxel_head *head, const struct goxel_project *project, size_t *ret_past,
                              size_t *ret_future);
bool goxel_head_find_state(struct goxel_head *head, const struct goxel_project *project, uint64_t state,
                           size_t *ret_steps, bool *ret_forwards); /* goxel_history_find */
int goxel_head_list_history(struct goxel_head *head, const struct goxel_project *project, size_t limit,
                            struct goxel_history_row **ret_rows, size_t *ret_count);

/* goxel_history_take_list, of the same. */
int goxel_head_take_history(struct goxel_head *head, const struct goxel_project *project,
                            struct goxel_history_list *ret_list);

/*
 * Ends an edit that changed no content: the project, the same version in less memory, stands in for the edit's base, as
 * tip and as published version, also where it is not published yet. GOXEL_ERROR_LOCKED if the base is not the tip any more, and
 * nothing is changed then.
 */
int goxel_head_swap(struct goxel_head *head, struct goxel_edit *edit, struct goxel_project *project);

/* From here on it is what readers see. What is older than the published version is ignored. */
void goxel_head_publish(struct goxel_head *head, struct goxel_project *version);

bool goxel_head_is_published(struct goxel_head *head, const struct goxel_project *version);
bool goxel_head_is_settled(struct goxel_head *head,
                           const struct goxel_project *version); /* and it is the tip */

/* The tip is the published version again. */
void goxel_head_drop(struct goxel_head *head);
/* More with each time that it was: a change whose tip is of an earlier epoch is not there any more. */
uint64_t goxel_head_epoch(struct goxel_head *head);
void goxel_head_set_epoch(struct goxel_head *head, uint64_t epoch); /* before anybody else has the head */

/* ---- keys ---- */

/*
 * The key of that text, a reference: goxel_key_unref. NULL: none of the last GOXEL_KEYS_MAX has it. *ret_settled: what
 * it came with is published; otherwise it is still on its way. In the turn of an edit the answer holds until its end,
 * unless the tip is dropped: then a commit will say so.
 */
struct goxel_key *goxel_head_find_key(struct goxel_head *head, const char *text, bool *ret_settled);

/*
 * The keys that `version` came with, which is or was published: at most GOXEL_KEYS_MAX, the oldest first, a reference
 * each in an array for free(3); NULL and 0 if there is none. What has been published since is not among them, and
 * as many of the oldest may be gone. GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_head_list_keys(struct goxel_head *head, const struct goxel_project *version,
                         struct goxel_key_list *ret_list);

/*
 * While nobody else has the head yet: the newest key of what is published from here on, with a reference of the head's
 * own. Nothing happens if it is there already.
 */
void goxel_head_restore_key(struct goxel_head *head, struct goxel_key *key);

#endif
