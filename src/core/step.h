/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A step: all that lies between the contents of two versions of a project, to go from either to the other.
 *
 * Used by: core/history, store.  Uses: core/patch, core/project.
 *
 *     voxels     patches (core/patch.h) of every layer's volume, by the layer's id, and of the selection, 0
 *     the rest   a frame, if any of it changed: the scenes before and after, and the layers before and after in
 *                their order, without their voxels
 *
 * No operation records anything: a step is made by comparing, which costs what differs. Names, paths, times, the
 * preview and the like are no content, and no step has them (see core/project.h).
 *
 * Life: counted, one piece of memory but for its frame. It never changes but for `before`, which its history may
 * cut off. Any thread may hold one and give it back.
 */
#ifndef GOXEL_CORE_STEP_H
#define GOXEL_CORE_STEP_H

#include "base/bytes.h"
#include "core/project.h"

struct goxel_step {
    atomic_uint refs;
    uint32_t patch_bytes;
    struct goxel_step *before; /* a reference; NULL: nothing before it is kept */
    uint64_t from;             /* the state that undoing it leads to */
    uint64_t time_ms : 63;     /* wall clock, milliseconds since 1970 */
    uint64_t has_frame : 1;
    uint8_t bytes[]; /* a pointer to the frame if it has one, the patches, the name with its NUL */
};

/*
 * What makes `after` of `before`, which both stay as they are; its `before` is NULL yet. *ret_step is NULL if
 * their content is the same. `name` is cut at GOXEL_NAME_MAX bytes. GOXEL_ERROR_QUOTA (more than 4 GiB of
 * patches), GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_step_make(const struct goxel_project *before, const struct goxel_project *after, const char *name,
                    int64_t time_ms, struct goxel_step **ret_step);

struct goxel_step *goxel_step_ref(struct goxel_step *step); /* NULL is fine */
/* And all before it that nobody else has, however long the chain is. NULL is fine. */
void goxel_step_unref(struct goxel_step *step);

/*
 * Makes the content after of the content before, or the other way round, in a project that is the caller's own.
 * GOXEL_ERROR_OUT_OF_MEMORY, and then the project is something in between, to be dropped.
 */
int goxel_step_apply(const struct goxel_step *step, struct goxel_project *project, bool forwards);

const char *goxel_step_name(const struct goxel_step *step);
int64_t goxel_step_bytes(
    const struct goxel_step *step); /* memory that goes with it, without what is before it */

/*
 * A step as bytes that stand for themselves, without what is before it: where it comes from, its time (8 bytes) and
 * name, what else changed but voxels, and the patches. Failures stay in the buffer. And back: its `before` is NULL yet.
 * GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_OUT_OF_MEMORY.
 */
void goxel_step_put(struct goxel_buf *buf, const struct goxel_step *step);
int goxel_step_take(struct goxel_reading *in, struct goxel_detail *detail, struct goxel_step **ret_step);

#endif
