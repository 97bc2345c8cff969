/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every operation on voxels means, said once more and slowly: an array of a small part of space around the
 * origin, one voxel after another. It shares no code with src/core: neither colours nor formulas nor boxes.
 */
#ifndef GOXEL_TESTS_ENGINE_REFERENCE_H
#define GOXEL_TESTS_ENGINE_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REF_MIN (-18) /* bricks meet at −16, 0 and 16 */
#define REF_EDGE 36
#define REF_MAX (REF_MIN + REF_EDGE - 1)
#define REF_VOXELS ((size_t)REF_EDGE * REF_EDGE * REF_EDGE)

struct ref_voxel {
    uint8_t r, g, b, a;
};

struct ref {
    struct ref_voxel voxels[REF_VOXELS]; /* x fastest, then y; empty is all zero */
};

static inline size_t ref_index(int x, int y, int z)
{
    return (size_t)(x - REF_MIN) + REF_EDGE * ((size_t)(y - REF_MIN) + REF_EDGE * (size_t)(z - REF_MIN));
}

bool ref_within(int x, int y, int z);                                 /* the part of space that it knows */
struct ref_voxel ref_get(const struct ref *ref, int x, int y, int z); /* empty outside */
void ref_set(struct ref *ref, int x, int y, int z, struct ref_voxel voxel);
bool ref_equal(struct ref_voxel a, struct ref_voxel b);

/* min and max inclusive */
struct ref_box {
    int min[3], max[3];
};
bool ref_in_box(const struct ref_box *box, const int at[3]);

void ref_fill(struct ref *ref, const struct ref_box *box, struct ref_voxel voxel);
void ref_crop(struct ref *ref, const struct ref_box *box);
int64_t ref_count(const struct ref *ref);

/* ---- painting ---- */

enum ref_mode { /* Goxel's numbers */
                REF_OVER = 1,
                REF_SUB,
                REF_SUB_CLAMP,
                REF_PAINT,
                REF_MAX_ALPHA,
                REF_INTERSECT,
                REF_INTERSECT_FILL,
                REF_MULT_ALPHA,
                REF_REPLACE
};
struct ref_voxel ref_combine(enum ref_mode mode, struct ref_voxel below, struct ref_voxel above);

struct ref_shape {
    char kind; /* 'c'ube, 's'phere, 'y' cylinder */
    int axis;
    double center[3], half[3];
};

struct ref_brush {
    enum ref_mode mode;
    struct ref_voxel color;
    double smoothness;
    unsigned symmetry;
    double origin[3];
    const struct ref_box *clip;
    const struct ref *within; /* a mask: where it is not empty */
};
void ref_paint(struct ref *ref, const struct ref_shape *shapes, size_t count, const struct ref_brush *brush);

/* The places where a straight line holds its stamp, the first one included; as many as fit, how many there are. */
size_t ref_line(const int from[3], const int to[3], int (*ret_places)[3], size_t most);

/* ---- whole regions ---- */

struct ref_match { /* voxels that are there and nearly of a colour */
    struct ref_voxel color;
    int tolerance;
};
bool ref_matches(const struct ref_match *match, struct ref_voxel voxel);

/* What a walk over like voxels reaches, as a mask; from an empty seed over empty ones. */
void ref_flood(const struct ref *ref, const struct ref_box *box, const int seed[3], int tolerance,
               int neighbours, struct ref *ret_mask);
/* The sizes of the parts that touch, the largest first; how many there are. */
size_t ref_parts(const struct ref *ref, int neighbours, int64_t *ret_sizes, size_t most);

void ref_paint_mask(struct ref *ref, const struct ref *mask, enum ref_mode mode, struct ref_voxel color);
void ref_recolor(struct ref *ref, const struct ref_box *box, const struct ref_match *match,
                 struct ref_voxel color);
void ref_extrude(struct ref *ref, const struct ref *mask, int axis, int sign, int distance);
void ref_hollow(struct ref *ref, int thickness);
void ref_double(struct ref *ref);
void ref_halve(struct ref *ref);

/* How far along a ray (a direction of length 1) the first voxel is; infinite: none. */
double ref_ray(const struct ref *ref, const double origin[3], const double direction[3]);

/* ---- layers ---- */

void ref_combine_all(struct ref *ref, enum ref_mode mode, const struct ref *above, const int offset[3]);

/* Axis i of the result is sign[i] × axis source[i], plus move[i]; what leaves the array is gone. */
void ref_transform(struct ref *ref, const int source[3], const int sign[3], const int move[3]);

#endif
