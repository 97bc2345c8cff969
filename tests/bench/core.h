/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What both sides of `./dev bench core` do: the same positions in the same order, the same colours.
 *
 * Included by bench/core.c (C, ours) and bench/openvdb.cc (C++, the peer), each of which is a program
 *
 *     PROGRAM GROUP [PATTERN SIZE]
 *
 * that prints a line `ROW VARIANT VALUE` for whatever of the group it measured; bench/core.sh runs them
 * in turns. A colour is a number here, of the bytes red, green, blue and alpha, the lowest first.
 */
#ifndef GOXEL_BENCH_CORE_H
#define GOXEL_BENCH_CORE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- colours ---- */

enum bench_pattern { BENCH_ONE, BENCH_32, BENCH_256, BENCH_DISTINCT, BENCH_PATTERNS };

static const char *const bench_pattern_names[BENCH_PATTERNS] = {"one", "32", "256", "distinct"};

/* Of the voxel that is number i in the order of writing. With a constant pattern it takes no branch. */
static inline uint32_t bench_color(enum bench_pattern pattern, uint32_t i)
{
    switch (pattern) {
    case BENCH_32: /* another one at every voxel */
        return UINT32_C(0xff203040) + (i & 31) * 5;
    case BENCH_256: /* no order in it */
        return UINT32_C(0xff000000) | (i * UINT32_C(0x9e3779b1) >> 24) * UINT32_C(0x010203);
    case BENCH_DISTINCT:
        return UINT32_C(0xff000000) - i;
    default:
        return UINT32_C(0xff332211);
    }
}

/* The pattern of that name; BENCH_PATTERNS: there is none. */
static inline enum bench_pattern bench_pattern_find(const char *name)
{
    int pattern = 0;

    while (pattern < BENCH_PATTERNS && strcmp(bench_pattern_names[pattern], name) != 0)
        pattern++;
    return (enum bench_pattern)pattern;
}

/* Calls a function, whose first argument is the pattern, with a constant there: bench_color must be inlined. */
#define BENCH_EACH(pattern, call, ...) \
    do { \
        if ((pattern) == BENCH_ONE) \
            call(BENCH_ONE, __VA_ARGS__); \
        else if ((pattern) == BENCH_32) \
            call(BENCH_32, __VA_ARGS__); \
        else if ((pattern) == BENCH_256) \
            call(BENCH_256, __VA_ARGS__); \
        else \
            call(BENCH_DISTINCT, __VA_ARGS__); \
    } while (0)

#define BENCH_INLINE static inline __attribute__((always_inline))

/* "1" or "10": how many times as much. */
static inline int bench_size(const char *text)
{
    return strcmp(text, "10") == 0 ? 10 : 1;
}

/* ---- places ---- */

/* The edge of the cube that is written from end to end: 2.1 million voxels, or ten times as many. */
static inline int bench_edge(int size)
{
    return size == 1 ? 128 : 276;
}

/* Positions in a cube of 512, as many as that. */
#define BENCH_RANDOM_EDGE 512
static inline uint32_t bench_random_count(int size)
{
    return UINT32_C(4000000) * (uint32_t)size;
}

/* Random numbers that both sides draw alike: splitmix64. */
static inline uint64_t bench_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* True for one voxel in a hundred. */
static inline int bench_sparse(uint64_t *state)
{
    return bench_random(state) % 100 == 0;
}

/* The box that is filled: 256 on an edge, and no side where a brick or a leaf ends. */
#define BENCH_FILL_MIN 3
#define BENCH_FILL_MAX (BENCH_FILL_MIN + 255)
#define BENCH_FILL_TIMES 20

/* The ball of radius 128 around where eight voxels meet: the voxels whose centres are in it. */
#define BENCH_SPHERE_RADIUS 128
#define BENCH_SPHERE_VOXELS 8783848.0
#define BENCH_SPHERE_TIMES 10

/* ---- memory ---- */

/*
 * Both sides begin with this: on a machine that is itself a guest, a page that nobody has used for a while costs many
 * times what a page costs, and whoever comes first would pay for it.
 */
#define BENCH_MEMORY ((size_t)1 << 30)
static inline void bench_touch_memory(void)
{
    volatile char *memory = (volatile char *)malloc(BENCH_MEMORY);

    for (size_t at = 0; memory && at < BENCH_MEMORY; at += 4096)
        memory[at] = 1;
    free((void *)memory);
}

/* ---- results ---- */

static inline double bench_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline void bench_print(const char *row, const char *variant, int size, double value)
{
    printf("%s %s.%d %.6g\n", row, variant, size, value);
}

/* Millions a second. */
static inline void bench_print_rate(const char *row, const char *variant, int size, double count,
                                    double seconds)
{
    bench_print(row, variant, size, count / seconds * 1e-6);
}

/* What was read is used: no compiler leaves the reading out. */
static inline void bench_use(uint64_t value)
{
    __asm__ volatile("" : : "r"(value));
}

#endif
