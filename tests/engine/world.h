/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A project and its double: every operation is done to both.
 *
 * An operation is a function that changes the project of the edit under way, and the reference with it. What it
 * returns is 0, or a code that is no surprise (nothing to be done); anything else is a failure of the run.
 */
#ifndef GOXEL_TESTS_ENGINE_WORLD_H
#define GOXEL_TESTS_ENGINE_WORLD_H

#include "core/head.h"
#include "engine/reference.h"

struct world {
    uint64_t random;
    struct goxel_volume *volume;    /* of the layer that is edited; in an edit, its own */
    struct goxel_volume *selection; /* likewise; never NULL */
    struct ref *ref, *mask;         /* the doubles of both */
    const char *wrong;              /* what went wrong, NULL: nothing */
};

struct operation {
    const char *name;
    int (*run)(struct world *world);
};
/* Ends with a row whose name is NULL. */
extern const struct operation region_operations[], paint_operations[], question_operations[];

/* ---- chance ---- */

int chance(struct world *world, int end); /* 0 to end − 1 */
struct goxel_pos chance_pos(struct world *world);
struct goxel_box chance_box(struct world *world, int most); /* at most so long an edge */
struct goxel_color chance_color(struct world *world);       /* few enough for them to meet again */

/* ---- from one to the other ---- */

struct ref_voxel voxel_of(struct goxel_color color);
struct ref_box box_of(const struct goxel_box *box);
extern const struct goxel_box whole_space; /* that the reference knows */

#endif
