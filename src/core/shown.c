/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table of the layers' ids that only grows: a row is written once, by a compare and swap, and found without a lock. It has
 * at least twice as many rows as the version has layers, so that there is always one free.
 */
#include "core/shown.h"

#include <stdlib.h>

/* So many shared bricks take as much memory in a tree as one that was computed, at most. */
#define SHARED_BRICKS 256

struct goxel_shown_set {
    atomic_size_t computed; /* bricks of all that is kept */
    size_t mask;
    _Atomic(struct goxel_shown *) rows[];
};

static struct goxel_shown_set *create_set(size_t layers)
{
    size_t rows = 2;
    struct goxel_shown_set *set;

    while (rows < 2 * layers)
        rows *= 2;
    set = calloc(1, sizeof(*set) + rows * sizeof(set->rows[0]));
    if (set)
        set->mask = rows - 1;
    return set;
}

static void shown_destroy(struct goxel_shown *shown)
{
    if (!shown)
        return;
    goxel_volume_destroy(shown->volume);
    free(shown);
}

void goxel_shown_set_destroy(struct goxel_shown_set *set)
{
    for (size_t i = 0; set && i <= set->mask; i++)
        shown_destroy(atomic_load_explicit(&set->rows[i], memory_order_relaxed));
    free(set);
}

/* The project's, which is a version; NULL: out of memory. */
static struct goxel_shown_set *need_set(struct goxel_project *project)
{
    struct goxel_shown_set *set = atomic_load_explicit(&project->shown, memory_order_acquire), *mine;

    if (set || !(mine = create_set(project->layer_count)))
        return set;
    if (atomic_compare_exchange_strong_explicit(&project->shown, &set, mine, memory_order_acq_rel,
                                                memory_order_acquire))
        return mine;
    goxel_shown_set_destroy(mine);
    return set;
}

/* The layer's row; or the free one where it would be, in *ret_free. */
static const struct goxel_shown *look_up(struct goxel_shown_set *set, int layer_id,
                                         _Atomic(struct goxel_shown *) **ret_free)
{
    for (size_t at = (size_t)layer_id & set->mask;; at = (at + 1) & set->mask) {
        const struct goxel_shown *shown = atomic_load_explicit(&set->rows[at], memory_order_acquire);

        *ret_free = &set->rows[at];
        if (!shown || shown->layer_id == layer_id)
            return shown;
    }
}

const struct goxel_shown *goxel_shown_find(const struct goxel_project *project, int layer_id)
{
    struct goxel_shown_set *set = atomic_load_explicit(&project->shown, memory_order_acquire);
    _Atomic(struct goxel_shown *) *row;

    return set ? look_up(set, layer_id, &row) : NULL;
}

struct goxel_shown goxel_shown_of(const struct goxel_volume *volume)
{
    struct goxel_shown shown = {.voxels = goxel_volume_count(volume)};

    shown.any = goxel_volume_bounds(volume, &shown.bounds);
    return shown;
}

/* Is there room for so many bricks more? Then they are counted. */
static bool take_room(struct goxel_shown_set *set, size_t bricks)
{
    size_t before = atomic_fetch_add_explicit(&set->computed, bricks, memory_order_relaxed);

    if (before + bricks <= GOXEL_PICTURE_BRICKS_MAX)
        return true;
    atomic_fetch_sub_explicit(&set->computed, bricks, memory_order_relaxed);
    return false;
}

static void insert(struct goxel_shown_set *set, struct goxel_shown *shown)
{
    _Atomic(struct goxel_shown *) *row;

    while (!look_up(set, shown->layer_id, &row)) {
        struct goxel_shown *none = NULL;

        if (atomic_compare_exchange_strong_explicit(row, &none, shown, memory_order_acq_rel,
                                                    memory_order_relaxed))
            return;
    }
    shown_destroy(shown); /* somebody else was first; what was counted twice makes a little less be kept */
}

/* What `facts` says of the layer, and of its volume a copy if there is room for it. */
static void keep(const struct goxel_project *project, const struct goxel_shown *facts)
{
    struct goxel_shown_set *set = project->is_version ? need_set((struct goxel_project *)project) : NULL;
    struct goxel_shown *shown = set ? malloc(sizeof(*shown)) : NULL;
    _Atomic(struct goxel_shown *) *row;

    if (!shown || look_up(set, facts->layer_id, &row)) {
        free(shown);
        return;
    }
    *shown = *facts;
    shown->volume = NULL;
    if (facts->volume && take_room(set, facts->cost))
        shown->volume = goxel_volume_copy(facts->volume);
    insert(set, shown);
}

void goxel_shown_keep(const struct goxel_project *project, int layer_id, struct goxel_volume *volume,
                      size_t computed)
{
    struct goxel_shown facts = goxel_shown_of(volume);

    facts.layer_id = layer_id;
    facts.volume = volume;
    facts.cost = computed + (size_t)goxel_volume_bricks(volume) / SHARED_BRICKS;
    keep(project, &facts);
}

void goxel_shown_inherit(const struct goxel_project *project, const struct goxel_project *before)
{
    struct goxel_shown_set *set = atomic_load_explicit(&before->shown, memory_order_acquire);
    _Atomic(struct goxel_shown *) *row;

    for (size_t i = 0; set && i < project->layer_count; i++) {
        const struct goxel_layer *layer = project->layers[i];
        const struct goxel_shown *facts;

        if (layer->shape[0] && layer->base_id == 0 && goxel_project_layer(before, layer->id) == layer &&
            (facts = look_up(set, layer->id, &row)))
            keep(project, facts);
    }
}
