/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All visible layers as one volume. The clones are drawn from their bases here, each time: a base
 * may have changed since, and a clone's own volume means nothing.
 */
#include <math.h>

#include "base/error.h"
#include "core/lattice.h"
#include "core/project.h"

/* How far a matrix may be off: Goxel turns layers with sines and cosines in single precision. */
#define TURN_TOLERANCE 1e-5
#define MOVE_TOLERANCE 1e-3

/* ---- matrices ---- */

static bool near(double a, double b)
{
    return fabs(a - b) < TURN_TOLERANCE;
}

/* Row i of the matrix has a single 1 or -1, in a column that no other row has. */
static bool row_to_lattice(const float mat[16], int i, struct goxel_lattice *lattice)
{
    double move = mat[12 + i];
    int ones = 0;

    for (int j = 0; j < 3; j++) {
        double entry = mat[4 * j + i];

        if (near(fabs(entry), 1)) {
            lattice->source[i] = j;
            lattice->sign[i] = entry > 0 ? 1 : -1;
            ones++;
        } else if (!near(entry, 0)) {
            return false;
        }
    }
    /* No move beyond the range's width leads back into it. */
    if (ones != 1 || !(fabs(move) <= 2.0 * GOXEL_COORD_MAX) || fabs(move - round(move)) > MOVE_TOLERANCE)
        return false;
    lattice->move[i] = (int64_t)llround(move);
    return true;
}

static bool matrix_to_lattice(const float mat[16], struct goxel_lattice *ret_lattice)
{
    struct goxel_lattice lattice;

    for (int i = 0; i < 3; i++) {
        if (!row_to_lattice(mat, i, &lattice) || !near(mat[4 * i + 3], 0))
            return false;
    }
    if (!near(mat[15], 1) || lattice.source[0] == lattice.source[1] ||
        lattice.source[1] == lattice.source[2] || lattice.source[0] == lattice.source[2])
        return false;
    *ret_lattice = lattice;
    return true;
}

/* ---- clones ---- */

static bool fits(const struct goxel_volume *volume, const struct goxel_lattice *lattice)
{
    struct goxel_box box;
    struct goxel_pos pos;

    return !goxel_volume_bounds(volume, &box) ||
           (goxel_lattice_apply(lattice, box.min, &pos) && goxel_lattice_apply(lattice, box.max, &pos));
}

/*
 * What a layer shows: the volume of another, or its own, under a lattice. NULL: it cannot be drawn.
 * A clone whose base is gone shows its own volume, as in Goxel.
 */
static const struct goxel_volume *shown(const struct goxel_project *project, const struct goxel_layer *layer,
                                        struct goxel_lattice *ret_lattice)
{
    struct goxel_lattice lattice = goxel_lattice_identity;

    for (int depth = 0; layer->base_id != 0; depth++) {
        const struct goxel_layer *base = goxel_project_layer(project, layer->base_id);
        struct goxel_lattice step;

        if (!base)
            break;
        if (depth == GOXEL_CLONE_DEPTH_MAX || !matrix_to_lattice(layer->mat, &step))
            return NULL;
        lattice = goxel_lattice_compose(&lattice, &step);
        layer = base;
    }
    if (layer->shape[0] || !fits(layer->volume, &lattice))
        return NULL;
    *ret_lattice = lattice;
    return layer->volume;
}

size_t goxel_project_undrawn(const struct goxel_project *project)
{
    struct goxel_lattice lattice;
    size_t undrawn = 0;

    for (size_t i = 0; i < project->layer_count; i++)
        undrawn += project->layers[i]->visible && !shown(project, project->layers[i], &lattice);
    return undrawn;
}

int64_t goxel_layer_shown_bricks(const struct goxel_project *project, const struct goxel_layer *layer)
{
    struct goxel_lattice lattice;
    const struct goxel_volume *volume = shown(project, layer, &lattice);

    return volume ? goxel_volume_bricks(volume) : 0;
}

int goxel_layer_shown(const struct goxel_project *project, const struct goxel_layer *layer,
                      struct goxel_cancel *cancel, struct goxel_volume **ret_volume)
{
    struct goxel_lattice lattice;
    const struct goxel_volume *volume = shown(project, layer, &lattice);
    struct goxel_volume *copy;

    if (!volume)
        return GOXEL_ERROR_BAD_PROJECT_STATE;
    if (volume != layer->volume)
        return goxel_volume_transform(volume, &lattice, cancel, NULL, ret_volume);
    copy = goxel_volume_copy(volume);
    if (!copy)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_volume = copy;
    return 0;
}

/* ---- flatten ---- */

/* What is drawn, and what it has cost so far: the ceiling is the picture's, not each layer's. */
struct picture {
    struct goxel_volume *volume;
    size_t computed;
};

static int draw(const struct goxel_project *project, const struct goxel_layer *layer,
                struct goxel_cancel *cancel, struct picture *picture)
{
    struct goxel_lattice lattice;
    const struct goxel_volume *volume = shown(project, layer, &lattice);
    struct goxel_volume *moved;
    int result;

    if (!volume)
        return 0;
    if (volume == layer->volume)
        return goxel_volume_merge(picture->volume, volume, layer->mode, cancel, &picture->computed);
    result = goxel_volume_transform(volume, &lattice, cancel, &picture->computed, &moved);
    if (result)
        return result;
    result = goxel_volume_merge(picture->volume, moved, layer->mode, cancel, &picture->computed);
    goxel_volume_destroy(moved);
    return result;
}

static int draw_all(const struct goxel_project *project, struct goxel_cancel *cancel,
                    struct picture *ret_picture)
{
    struct picture picture = {.volume = goxel_volume_create()};
    int result = picture.volume ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    for (size_t i = 0; i < project->layer_count && !result; i++) {
        result = goxel_cancel_check(cancel);
        if (!result && project->layers[i]->visible)
            result = draw(project, project->layers[i], cancel, &picture);
    }
    if (result) {
        goxel_volume_destroy(picture.volume);
        return result;
    }
    *ret_picture = picture;
    return 0;
}

/* Whoever comes first leaves a copy; without memory for it the next one draws again. */
static void keep(const struct goxel_project *project, const struct picture *picture)
{
    _Atomic(struct goxel_volume *) *place = &((struct goxel_project *)project)->picture;
    struct goxel_volume *none = NULL, *copy;

    if (!project->is_version || picture->computed > GOXEL_PICTURE_BRICKS_MAX)
        return;
    copy = goxel_volume_copy(picture->volume);
    if (!atomic_compare_exchange_strong_explicit(place, &none, copy, memory_order_acq_rel,
                                                 memory_order_acquire))
        goxel_volume_destroy(copy);
}

int goxel_project_flatten(const struct goxel_project *project, struct goxel_cancel *cancel,
                          struct goxel_volume **ret_volume)
{
    const struct goxel_volume *known = atomic_load_explicit(&project->picture, memory_order_acquire);
    struct picture picture;
    int result;

    if (known) {
        struct goxel_volume *copy = goxel_volume_copy(known);

        if (!copy)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        *ret_volume = copy;
        return 0;
    }
    result = draw_all(project, cancel, &picture);
    if (result)
        return result;
    keep(project, &picture);
    *ret_volume = picture.volume;
    return 0;
}
