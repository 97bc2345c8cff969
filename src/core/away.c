/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ring has the brick that was asked for last in front, and so on: what falls off its end is what was not asked for
 * the longest. Nearly always it is the first one that is meant.
 */
#include "core/away.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"

/* ---- sources ---- */

void goxel_source_init(struct goxel_source *source,
                       int (*load)(struct goxel_source *source, int64_t row, struct goxel_brick **ret_brick),
                       void (*damaged)(struct goxel_source *source, int64_t row),
                       void (*left)(struct goxel_source *source, int64_t row),
                       void (*end)(struct goxel_source *source))
{
    static _Atomic(uint64_t) serials;

    atomic_init(&source->refs, 1);
    atomic_init(&source->failed, 0);
    source->serial = atomic_fetch_add_explicit(&serials, 1, memory_order_relaxed) + 1;
    source->load = load;
    source->damaged = damaged;
    source->left = left;
    source->end = end;
}

void goxel_source_unref(struct goxel_source *source)
{
    if (source && atomic_fetch_sub_explicit(&source->refs, 1, memory_order_acq_rel) == 1)
        source->end(source);
}

/* ---- bricks ---- */

/* In place of colours. */
struct away {
    struct goxel_source *source; /* a reference */
    int64_t row;
};

static const struct away *away_of(const struct goxel_brick *brick)
{
    return (const struct away *)(const void *)brick->colors;
}

struct goxel_brick *goxel_brick_away(struct goxel_source *source, int64_t row, uint16_t count)
{
    struct goxel_brick *brick = goxel_brick_create(GOXEL_BRICK_AWAY);
    struct away away = {source, row};

    if (!brick)
        return NULL;
    atomic_fetch_add_explicit(&source->refs, 1, memory_order_relaxed);
    memcpy(brick->colors, &away, sizeof(away));
    brick->count = count;
    return brick;
}

void goxel_brick_leave(struct goxel_brick *brick)
{
    const struct away *away = away_of(brick);

    if (away->source->left)
        away->source->left(away->source, away->row);
    goxel_source_unref(away->source);
}

/* ---- what was loaded lately ---- */

struct loaded {
    uint64_t serial; /* of the source; 0: a free row, as are those behind it */
    int64_t row;
    struct goxel_brick *brick; /* a reference */
};

static _Thread_local struct loaded ring[GOXEL_AWAY_RING];
static pthread_key_t
    ring_key; /* its value is the ring, once there is something in it: for the end of the thread */
static int ring_key_result;

static void end_ring(void *ctx)
{
    struct loaded *rows = ctx;

    for (int i = 0; i < GOXEL_AWAY_RING && rows[i].serial; i++)
        goxel_brick_unref(rows[i].brick);
    memset(rows, 0, sizeof(ring));
}

static void make_key(void)
{
    ring_key_result = pthread_key_create(&ring_key, end_ring);
}

/* False: nobody would end the ring. */
static bool begin_ring(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_key);
    return ring_key_result == 0 && pthread_setspecific(ring_key, ring) == 0;
}

/* Makes place in front: rows up to `end` move on by one. */
static void put_first(int end, struct loaded first)
{
    memmove(ring + 1, ring, (size_t)end * sizeof(ring[0]));
    ring[0] = first;
}

/* Takes the brick over. */
static void keep(const struct away *away, struct goxel_brick *brick)
{
    struct loaded last = ring[GOXEL_AWAY_RING - 1];

    put_first(GOXEL_AWAY_RING - 1, (struct loaded){away->source->serial, away->row, brick});
    if (last.serial)
        goxel_brick_unref(last.brick);
}

/* NULL: the ring does not have it. */
static const struct goxel_brick *find(const struct away *away)
{
    for (int i = 0; i < GOXEL_AWAY_RING && ring[i].serial; i++) {
        if (ring[i].row != away->row || ring[i].serial != away->source->serial)
            continue;
        if (i > 0)
            put_first(i, ring[i]);
        return ring[0].brick;
    }
    return NULL;
}

static int load(const struct goxel_brick *brick, struct goxel_brick **ret_loaded)
{
    const struct away *away = away_of(brick);
    struct goxel_brick *loaded = NULL;
    int code;

    if (!begin_ring())
        return GOXEL_ERROR_OUT_OF_MEMORY;
    code = away->source->load(away->source, away->row, &loaded);
    if (code)
        return code;
    if (loaded->state == GOXEL_BRICK_AWAY || loaded->count != brick->count) {
        goxel_brick_unref(loaded);
        return GOXEL_ERROR_INVALID_DATA;
    }
    *ret_loaded = loaded;
    return 0;
}

/* ---- what failed ---- */

static _Thread_local struct {
    uint64_t count;
    int code; /* of the last */
} failures;

uint64_t goxel_away_failures(void)
{
    return failures.count;
}

int goxel_away_check(uint64_t before, struct goxel_detail *detail)
{
    if (failures.count == before)
        return 0;
    return goxel_fail(detail, failures.code, "voxels of the project could not be read");
}

static int fail(const struct away *away, int code)
{
    struct goxel_source *source = away->source;

    failures.count++;
    failures.code = code;
    if (code == GOXEL_ERROR_OUT_OF_MEMORY || atomic_exchange(&source->failed, code))
        return code;
    if (code == GOXEL_ERROR_INVALID_DATA && source->damaged)
        source->damaged(source, away->row);
    return code;
}

int goxel_brick_load(const struct goxel_brick *brick, const struct goxel_brick **ret_here)
{
    const struct away *away = away_of(brick);
    const struct goxel_brick *here = find(away);
    struct goxel_brick *loaded;

    if (!here) {
        int code = atomic_load(&away->source->failed);

        if (!code)
            code = load(brick, &loaded);
        if (code)
            return fail(away, code);
        keep(away, loaded);
        here = loaded;
    }
    *ret_here = here;
    return 0;
}

const struct goxel_brick *goxel_brick_loaded(const struct goxel_brick *brick)
{
    /* Half bytes all zero, each of them the first of the palette. */
    static const struct goxel_brick nowhere = {
        .refs = 1,
        .state = GOXEL_BRICK_PALETTE_4,
        .used = 1,
        .colors = {[GOXEL_BRICK_COLORS_4 + GOXEL_BRICK_VOXELS / 2 / sizeof(struct goxel_color) - 1] = {0}},
    };
    const struct goxel_brick *here = &nowhere;

    (void)goxel_brick_load(brick, &here);
    return here;
}
