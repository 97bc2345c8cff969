/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The history of a project, which is data of each version: dropping a version drops its history with it.
 *
 * Used by: core/project, core/head; rpc (the rows of a list).  Uses: base, core/step.
 *
 *     past     steps, the newest first, each with a reference to the one before it; versions share them
 *     future   cells, a step that was undone in each, the one that redo does first in front; shared as well
 *     open     a group: what its commits did is one step once it ends, made from its first version and its last
 *
 * A *state* is the number of the version that first had some content (project.h). A step knows the state that it
 * came from, a cell the state that its step leads to; the state that the newest step of the past led to is the
 * project's own.
 *
 * What is called `project` and is not const is a private copy of its caller (goxel_project_copy); on failure the
 * caller drops it. Where nothing else is said that is GOXEL_ERROR_OUT_OF_MEMORY.
 *
 * Threads: counts are atomic, so that whoever has a version may drop it at any time. But goxel_history_trim cuts
 * chains that versions share: it must be the only one to run on chains of one origin, beside the functions that
 * follow them (_undo, _redo, _at, _list). The head has the lock for it. (An edit needs none, as trimming is a part of
 * edits.)
 */
#ifndef GOXEL_CORE_HISTORY_H
#define GOXEL_CORE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/detail.h"
#include "goxel/limits.h"

struct goxel_project;

struct goxel_history {
    struct goxel_step *past;     /* a reference; NULL: there is nothing to undo */
    struct goxel_undone *future; /* a reference; NULL: there is nothing to redo */
    struct goxel_group *open;    /* a reference; NULL: no group is */
    int64_t bytes;               /* of past and future, never less than they take */
};

/* What is said of a change. */
struct goxel_note {
    const char *name; /* of what was done, "voxel.add" */
    const char
        *group; /* changes with the same one, one after another, are one step; NULL: it is one itself */
};

/* The history of `from` becomes that of a fresh copy of it. */
void goxel_history_share(struct goxel_project *copy, const struct goxel_project *from);
void goxel_history_forget(struct goxel_project *project); /* all of it */

/*
 * One step from `before` to the project, or one more change of a group; the future is gone then. Where the
 * contents are the same there is no step, and the project's state is what it was, unless its name changed. A group
 * that is open and not this one ends, as of `before`. The project is sealed and has its version number and time.
 * GOXEL_ERROR_QUOTA, see goxel_step_make.
 */
int goxel_history_record(struct goxel_project *project, const struct goxel_project *before,
                         const struct goxel_note *note);
const char *goxel_history_group(
    const struct goxel_project *project); /* that is open; NULL: none. As long as the project */
int goxel_history_end_group(struct goxel_project *project); /* no group is fine */

/*
 * Puts back the content before the last step, or after the one that was undone last, and the state with it, not
 * the version. A group that is open ends first. GOXEL_ERROR_BAD_PROJECT_STATE if there is none.
 */
int goxel_history_undo(struct goxel_project *project, struct goxel_detail *detail);
int goxel_history_redo(struct goxel_project *project, struct goxel_detail *detail);

/*
 * What undo or redo of so many steps makes of the history, for a project whose content comes from elsewhere. Where
 * there are not so many steps, none of them is kept.
 */
int goxel_history_shift(struct goxel_project *project, size_t steps, bool forwards);

/*
 * Where it takes more bytes than that, the oldest steps go until it takes 7/8 of it: one walk for many steps. If
 * the future alone takes more, that goes, too. A group counts from its end on.
 */
void goxel_history_trim(struct goxel_project *project, int64_t budget);

/*
 * The project as it was in a state, or as `version` if that is the number of the project itself: a copy with the
 * content of then, without a history. Costs the steps between. GOXEL_ERROR_BAD_PROJECT_STATE if that is not
 * kept (versions within a group are not); the cancel's code.
 */
int goxel_history_at(const struct goxel_project *project, uint64_t version, struct goxel_cancel *cancel,
                     struct goxel_project **ret_project, struct goxel_detail *detail);

/* How often to undo, or to redo, to come to a state; false: none of both leads there. */
bool goxel_history_find(const struct goxel_project *project, uint64_t state, size_t *ret_steps,
                        bool *ret_forwards);

/* Steps that can be undone, an open group among them, and redone. */
void goxel_history_count(const struct goxel_project *project, size_t *ret_past, size_t *ret_future);

struct goxel_history_row {
    uint64_t version; /* the state that the step leads to */
    int64_t time_ms;
    char name[GOXEL_NAME_MAX + 1];
    bool undone;
    int64_t bytes; /* 0 for a group that is open */
};
/*
 * From the present outwards: what undo would take back first, then what redo would do first, of each up to `limit`.
 * *ret_rows is freed with free(3); NULL and 0 if there is none.
 */
int goxel_history_list(const struct goxel_project *project, size_t limit, struct goxel_history_row **ret_rows,
                       size_t *ret_count);

/* ---- kept elsewhere ---- */

/*
 * The history as a list, for whoever writes it down: the steps that can be undone, oldest first, and then those that can be
 * redone, first the next one; of each the state that it leads to. A group that is open
 * is told of apart; then what can be redone is what could be before it, should nothing come of it.
 */
struct goxel_history_entry {
    struct goxel_step *step; /* a reference */
    uint64_t state;
};
struct goxel_history_list {
    struct goxel_history_entry *entries; /* owned */
    size_t count, past;                  /* of them, those that can be undone */
    struct goxel_step
        *group; /* what the open group did so far, a reference; NULL: none is open, or nothing */
    char group_key[GOXEL_NAME_MAX + 1];  /* "": none is open */
    char group_name[GOXEL_NAME_MAX + 1]; /* of its first change, */
    int64_t group_time_ms;               /* and when that was */
    uint64_t group_from;                 /* the state before the group */
};
int goxel_history_take_list(const struct goxel_project *project, struct goxel_history_list *ret_list);
void goxel_history_list_finish(struct goxel_history_list *list);

/*
 * And back, of a project without a history: the list's references move, and it is to be finished all the same. The
 * project's content and state are those behind the past and the group.
 */
int goxel_history_restore(struct goxel_project *project, struct goxel_history_list *list);

#endif
