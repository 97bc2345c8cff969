/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The present of one project: what readers see, and what the writer builds on.
 *
 * Used by: core/workspace, store, rpc.  Uses: base, core/project.
 *
 *                    begin ─────► copy of the tip ─────► commit ─────► tip
 *                                      │                                │ publish: it will last
 *                                      └──► abort: as if nothing was    ▼
 *                                                                   published ──► readers
 *
 * There are two versions. *Published* is what everybody reads; *tip* is what the next edit begins with. The
 * tip may be ahead while somebody still sees to it that it lasts; if that fails, `goxel_head_drop` makes
 * the published version the tip again, and nobody has seen what was lost. Version numbers are never given twice.
 *
 * Life: made around a project, ended when nobody has it any more. Every function is thread-safe. One edit at a
 * time; a reader waits for nobody, and keeps what it has read as long as it holds its reference.
 */
#ifndef GOXEL_CORE_HEAD_H
#define GOXEL_CORE_HEAD_H

#include <stdint.h>

#include "core/project.h"

struct goxel_head;

/* With references of its own to the project, which is a version from here on. NULL: out of memory. */
struct goxel_head *goxel_head_create(struct goxel_project *project);
void goxel_head_destroy(struct goxel_head *head); /* NULL is fine */

/* The published version, a reference: goxel_project_unref. */
struct goxel_project *goxel_head_snapshot(struct goxel_head *head);

/* An edit under way, in the hands of one thread from begin to commit or abort. */
struct goxel_edit {
    struct goxel_project *project; /* a copy of the tip, to be changed */
    struct goxel_project *base;    /* the tip it was copied from, a reference */
};

/* Waits for the edit before. GOXEL_ERROR_OUT_OF_MEMORY, and then there is nothing to end. */
int goxel_head_begin(struct goxel_head *head, struct goxel_edit *ret_edit);

/* What is said of a change. */
struct goxel_note {
    const char *name; /* of what was done, "voxel.add" */
};

/*
 * Ends the edit: what it made of its project is the tip, as a new version, or with `note` NULL as the same
 * version (its path was noted, say: nothing of the content was changed). *ret_tip is a reference for
 * goxel_head_publish; with `ret_tip` NULL it is published at once. On failure the edit is ended as by abort:
 * GOXEL_ERROR_LOCKED if the tip was dropped meanwhile.
 */
int goxel_head_commit(struct goxel_head *head, struct goxel_edit *edit, const struct goxel_note *note,
                      struct goxel_project **ret_tip);
void goxel_head_abort(struct goxel_head *head, struct goxel_edit *edit);

/* From here on it is what readers see. What is older than the published version is ignored. */
void goxel_head_publish(struct goxel_head *head, struct goxel_project *version);

/* The tip is the published version again. */
void goxel_head_drop(struct goxel_head *head);

#endif
