/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A source whose rows are bricks put aside, and what is put there: copies of volumes with bricks that are away. */
#ifndef GOXEL_TESTS_CORE_SHELF_H
#define GOXEL_TESTS_CORE_SHELF_H

#include <stdatomic.h>

#include "base/error.h"
#include "core/tree.h"
#include "naive.h"

#define SHELF_ROWS 4096

struct shelf {
    struct goxel_source source;
    struct goxel_brick *rows[SHELF_ROWS]; /* a reference each */
    int64_t used;
    atomic_int left[SHELF_ROWS];
    atomic_int loads, ended, damaged;
    int good;      /* so many loads succeed; -1: all of them */
    bool wrong;    /* the others give a voxel too many */
    bool short_of; /* the others find no memory */
};

/* Never the brick itself: whoever uses it too long uses what is freed. */
static inline int shelf_load(struct goxel_source *source, int64_t row, struct goxel_brick **ret_brick)
{
    struct shelf *shelf = (struct shelf *)source;
    const struct goxel_brick *brick = shelf->rows[row];
    int load = atomic_fetch_add(&shelf->loads, 1);
    bool good = shelf->good < 0 || load < shelf->good;
    struct goxel_brick *copy;

    if (!good && !shelf->wrong)
        return shelf->short_of ? GOXEL_ERROR_OUT_OF_MEMORY : GOXEL_ERROR_FILE_ACCESS;
    copy = goxel_brick_create((enum goxel_brick_state)brick->state);
    if (!copy)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    memcpy(copy->colors, brick->colors, goxel_brick_bytes(brick) - sizeof(*brick));
    copy->count = (uint16_t)(brick->count + !good);
    copy->used = brick->used;
    *ret_brick = copy;
    return 0;
}

static inline void shelf_damaged(struct goxel_source *source, int64_t row)
{
    atomic_fetch_add(&((struct shelf *)source)->damaged, 1);
    (void)row;
}

static inline void shelf_left(struct goxel_source *source, int64_t row)
{
    atomic_fetch_add(&((struct shelf *)source)->left[row], 1);
}

static inline void shelf_ended(struct goxel_source *source)
{
    atomic_fetch_add(&((struct shelf *)source)->ended, 1);
}

static inline struct shelf *shelf_make(void)
{
    struct shelf *shelf = calloc(1, sizeof(*shelf));

    shelf->good = -1;
    goxel_source_init(&shelf->source, shelf_load, shelf_damaged, shelf_left, shelf_ended);
    return shelf;
}

/* All volumes are gone: every row was left once, and the source ends. */
static inline void shelf_end(struct shelf *shelf)
{
    int wrong = 0;

    CU_ASSERT_EQUAL(shelf->ended, 0);
    goxel_source_unref(&shelf->source);
    CU_ASSERT_EQUAL(shelf->ended, 1);
    for (int64_t i = 0; i < shelf->used; i++) {
        wrong += shelf->left[i] != 1;
        goxel_brick_unref(shelf->rows[i]);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    free(shelf);
}

/* The brick as one that is away. */
static inline goxel_link shelf_put(struct shelf *shelf, struct goxel_brick *brick)
{
    struct goxel_brick *away = goxel_brick_away(&shelf->source, shelf->used, brick->count);

    CU_ASSERT_FATAL(away && shelf->used < SHELF_ROWS);
    shelf->rows[shelf->used++] = goxel_brick_ref(brick);
    return goxel_link_of_brick(away);
}

struct shelving {
    struct shelf *shelf;
    struct goxel_volume *copy;
    bool all; /* otherwise about every second one */
    uint64_t state;
};

static inline int shelf_visit(void *ctx, goxel_link link, struct goxel_pos corner, int level)
{
    struct shelving *shelving = ctx;

    if (!goxel_link_is_here(link) || (!shelving->all && random_below(&shelving->state, 2)))
        return 0;
    return goxel_tree_put(shelving->copy, corner, level, shelf_put(shelving->shelf, goxel_link_brick(link)));
}

/* A copy of a sealed volume, with bricks of it on the shelf. */
static inline struct goxel_volume *shelf_volume(struct shelf *shelf, const struct goxel_volume *volume,
                                                bool all)
{
    struct shelving shelving = {shelf, goxel_volume_copy(volume), all, 77};

    CU_ASSERT_EQUAL_FATAL(goxel_tree_walk(volume, NULL, shelf_visit, &shelving), 0);
    return shelving.copy;
}

#endif
