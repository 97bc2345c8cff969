/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a volume is held against: a plain array of the positions around the origin, across brick
 * borders on both sides of it, and random numbers that are the same in every run.
 */
#ifndef GOXEL_TESTS_CORE_NAIVE_H
#define GOXEL_TESTS_CORE_NAIVE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/volume.h"
#include "unit.h"

#define NAIVE_MIN (-37)
#define NAIVE_SIZE 72

struct naive {
    struct goxel_color voxels[NAIVE_SIZE][NAIVE_SIZE][NAIVE_SIZE]; /* z, y, x */
};

static inline struct goxel_color *naive_at(struct naive *naive, struct goxel_pos pos)
{
    return &naive->voxels[pos.z - NAIVE_MIN][pos.y - NAIVE_MIN][pos.x - NAIVE_MIN];
}

static inline struct goxel_color rgba(unsigned r, unsigned g, unsigned b, unsigned a)
{
    return (struct goxel_color){(uint8_t)r, (uint8_t)g, (uint8_t)b, (uint8_t)a};
}

static inline struct goxel_pos at(int x, int y, int z)
{
    return (struct goxel_pos){x, y, z};
}

static inline bool same_color(struct goxel_color a, struct goxel_color b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

/* xorshift64*, seeded with a constant that is not 0. */
static inline uint32_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)(*state * UINT64_C(2685821657736338717) >> 32);
}

static inline int random_below(uint64_t *state, int end)
{
    return (int)(random_next(state) % (unsigned)end);
}

static inline struct goxel_pos random_pos(uint64_t *state)
{
    int x = NAIVE_MIN + random_below(state, NAIVE_SIZE);
    int y = NAIVE_MIN + random_below(state, NAIVE_SIZE);

    return at(x, y, NAIVE_MIN + random_below(state, NAIVE_SIZE));
}

/* Often empty, often with colour bytes all the same. */
static inline struct goxel_color random_color(uint64_t *state)
{
    static const unsigned alphas[] = {0, 1, 100, 127, 254, 255, 255, 255};
    unsigned bits = random_next(state);

    return rgba(bits & 255, bits >> 8 & 255, bits >> 16 & 255, alphas[bits >> 24 & 7]);
}

static inline struct goxel_box random_box(uint64_t *state)
{
    struct goxel_pos a = random_pos(state), b = random_pos(state);
    struct goxel_box box = {
        {a.x < b.x ? a.x : b.x, a.y < b.y ? a.y : b.y, a.z < b.z ? a.z : b.z},
        {a.x > b.x ? a.x : b.x, a.y > b.y ? a.y : b.y, a.z > b.z ? a.z : b.z},
    };

    return box;
}

static inline void naive_set(struct naive *naive, struct goxel_pos pos, struct goxel_color color)
{
    *naive_at(naive, pos) = color.a ? color : rgba(0, 0, 0, 0);
}

static inline void naive_fill(struct naive *naive, const struct goxel_box *box, struct goxel_color color)
{
    for (int z = box->min.z; z <= box->max.z; z++)
        for (int y = box->min.y; y <= box->max.y; y++)
            for (int x = box->min.x; x <= box->max.x; x++)
                naive_set(naive, at(x, y, z), color);
}

/* Every position, the count, the exact bounds. Says the seed when they differ. */
static inline bool naive_matches(struct naive *naive, const struct goxel_volume *volume, uint64_t seed)
{
    struct goxel_box all = {
        at(NAIVE_MIN, NAIVE_MIN, NAIVE_MIN),
        at(NAIVE_MIN + NAIVE_SIZE - 1, NAIVE_MIN + NAIVE_SIZE - 1, NAIVE_MIN + NAIVE_SIZE - 1)};
    struct goxel_box bounds = {all.max, all.min}, got = bounds;
    int64_t count = 0;
    bool same = true;

    for (int z = all.min.z; z <= all.max.z; z++) {
        for (int y = all.min.y; y <= all.max.y; y++) {
            for (int x = all.min.x; x <= all.max.x; x++) {
                struct goxel_color color = *naive_at(naive, at(x, y, z));

                same = same && same_color(color, goxel_volume_get_at(volume, at(x, y, z)));
                if (!color.a)
                    continue;
                count++;
                bounds.min = at(x < bounds.min.x ? x : bounds.min.x, y < bounds.min.y ? y : bounds.min.y,
                                z < bounds.min.z ? z : bounds.min.z);
                bounds.max = at(x > bounds.max.x ? x : bounds.max.x, y > bounds.max.y ? y : bounds.max.y,
                                z > bounds.max.z ? z : bounds.max.z);
            }
        }
    }
    same = same && count == goxel_volume_count(volume);
    same = same && goxel_volume_bounds(volume, &got) == (count > 0);
    same = same && memcmp(&got, &bounds, sizeof(got)) == 0;
    if (!same)
        printf("differs from the reference: seed %#llx\n", (unsigned long long)seed);
    return same;
}

/* Of every voxel with its place, in order: a version that did not change has the one it had. */
static inline int digest_voxel(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    uint64_t *digest = ctx;
    uint64_t place = (uint64_t)(uint32_t)pos.x << 42 ^ (uint64_t)(uint32_t)pos.y << 21 ^ (uint32_t)pos.z;
    uint32_t bits;

    memcpy(&bits, &color, sizeof(bits));
    *digest = (*digest ^ place) * UINT64_C(0x9e3779b97f4a7c15);
    *digest = (*digest ^ *digest >> 29 ^ bits) * UINT64_C(0xbf58476d1ce4e5b9);
    return 0;
}

static inline uint64_t volume_digest(const struct goxel_volume *volume)
{
    uint64_t digest = UINT64_C(0xcbf29ce484222325) + (uint64_t)goxel_volume_count(volume);

    CU_ASSERT_EQUAL(goxel_volume_visit(volume, NULL, NULL, digest_voxel, &digest), 0);
    return digest;
}

#endif
