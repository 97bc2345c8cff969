/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who sees to it that what an edit made lasts, before anybody sees it: the store, for core, which knows of none.
 *
 * Used by: core/head, core/workspace, store, rpc.  Uses: core/keys, core/project.
 *
 * Life: one a workspace, set before the first project is there, and outlives it. Its functions are called by any
 * thread.
 */
#ifndef GOXEL_CORE_KEEPER_H
#define GOXEL_CORE_KEEPER_H

#include "core/keys.h"
#include "core/project.h"
#include "core/promise.h"

struct goxel_slot;

enum goxel_change_kind {
    GOXEL_CHANGE_EDIT,      /* new content: a step of the history, or a part of a group */
    GOXEL_CHANGE_UNDO,      /* so many steps back */
    GOXEL_CHANGE_REDO,      /* and forwards */
    GOXEL_CHANGE_END_GROUP, /* the group that was open is a step; the same content */
    GOXEL_CHANGE_NOTE,      /* what is no content: its path, what was saved; the same version */
};

struct goxel_change {
    enum goxel_change_kind kind;
    const struct goxel_note *note;        /* of an edit; NULL otherwise */
    size_t steps;                         /* of undo and redo */
    const struct goxel_key *key;          /* lasts with the change, or not at all; NULL: none */
    struct goxel_project *before, *after; /* versions, references of the caller's */
};

struct goxel_keeper {
    /*
     * In the turn of the edit, so that changes of a project come in the order of its versions. `after` is the tip
     * since `epoch` (goxel_head_epoch). 0: the keeper will publish it (goxel_head_publish), or drop the tip, and then
     * settle the promise: with 0 when it is published, or with what it failed with, and then it is not there. Otherwise the change is not: GOXEL_ERROR_OUT_OF_MEMORY, GOXEL_ERROR_QUOTA.
     */
    int (*keep)(struct goxel_keeper *keeper, struct goxel_slot *slot, const struct goxel_change *change,
                uint64_t epoch, struct goxel_promise *promise, struct goxel_detail *detail);
    /*
     * A project that is to be opened, whose slot has its id and is found by nobody yet; and one that is to be closed, in
     * the turn of an edit. 0 when that lasts, and the slot says so (goxel_slot_set_kept). They wait for it.
     */
    int (*add)(struct goxel_keeper *keeper, struct goxel_slot *slot, struct goxel_detail *detail);
    int (*remove)(struct goxel_keeper *keeper, struct goxel_slot *slot, struct goxel_detail *detail);
    int (*room)(struct goxel_keeper *keeper, struct goxel_detail *detail); /* whether one may be added now */
    /*
     * The project of a slot that came without it (goxel_workspace_restore), and its keys, both the caller's. May take long; one call a
     * slot at a time. GOXEL_ERROR_INVALID_DATA: it is damaged, and stays so.
     */
    int (*load)(struct goxel_keeper *keeper, struct goxel_slot *slot, struct goxel_project **ret_project,
                struct goxel_key_list *ret_keys, struct goxel_detail *detail);
};

#endif
