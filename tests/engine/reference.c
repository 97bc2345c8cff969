/* SPDX-License-Identifier: GPL-3.0-or-later */
/* As plain as it can be said: loops over voxels, and definitions as they stand in Goxel or in the headers of src/core. */
#include "engine/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Loops over all places, in order. */
#define EVERYWHERE(x, y, z) \
    for (int z = REF_MIN; z <= REF_MAX; z++) \
        for (int y = REF_MIN; y <= REF_MAX; y++) \
            for (int x = REF_MIN; x <= REF_MAX; x++)

bool ref_within(int x, int y, int z)
{
    return x >= REF_MIN && x <= REF_MAX && y >= REF_MIN && y <= REF_MAX && z >= REF_MIN && z <= REF_MAX;
}

struct ref_voxel ref_get(const struct ref *ref, int x, int y, int z)
{
    static const struct ref_voxel empty = {0, 0, 0, 0};

    return ref_within(x, y, z) ? ref->voxels[ref_index(x, y, z)] : empty;
}

void ref_set(struct ref *ref, int x, int y, int z, struct ref_voxel voxel)
{
    static const struct ref_voxel empty = {0, 0, 0, 0};

    ref->voxels[ref_index(x, y, z)] = voxel.a == 0 ? empty : voxel;
}

bool ref_equal(struct ref_voxel a, struct ref_voxel b)
{
    return a.r == b.r && a.g == b.g && a.b == b.b && a.a == b.a;
}

bool ref_in_box(const struct ref_box *box, const int at[3])
{
    bool in = true;

    for (int i = 0; i < 3; i++)
        in = in && at[i] >= box->min[i] && at[i] <= box->max[i];
    return in;
}

void ref_fill(struct ref *ref, const struct ref_box *box, struct ref_voxel voxel)
{
    EVERYWHERE(x, y, z)
    {
        if (ref_in_box(box, (const int[3]){x, y, z}))
            ref_set(ref, x, y, z, voxel);
    }
}

void ref_crop(struct ref *ref, const struct ref_box *box)
{
    static const struct ref_voxel empty = {0, 0, 0, 0};

    EVERYWHERE(x, y, z)
    {
        if (!ref_in_box(box, (const int[3]){x, y, z}))
            ref_set(ref, x, y, z, empty);
    }
}

int64_t ref_count(const struct ref *ref)
{
    int64_t count = 0;

    for (size_t i = 0; i < REF_VOXELS; i++)
        count += ref->voxels[i].a != 0;
    return count;
}

/* ---- painting ---- */

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

static int over_channel(int c, int d, int a, int b)
{
    return (255 * d * b + c * a * (255 - b)) / (255 * b + a * (255 - b));
}

static struct ref_voxel voxel(int r, int g, int b, int a)
{
    return (struct ref_voxel){(uint8_t)r, (uint8_t)g, (uint8_t)b, (uint8_t)a};
}

struct ref_voxel ref_combine(enum ref_mode mode, struct ref_voxel below, struct ref_voxel above)
{
    struct ref_voxel out = below;
    int a = below.a, b = above.a;

    switch (mode) {
    case REF_OVER:
        if (255 * b + a * (255 - b) != 0)
            out = voxel(over_channel(below.r, above.r, a, b), over_channel(below.g, above.g, a, b),
                        over_channel(below.b, above.b, a, b), b + a * (255 - b) / 255);
        break;
    case REF_SUB:
        out.a = (uint8_t)most(0, a - b);
        break;
    case REF_SUB_CLAMP:
        out.a = (uint8_t)least(a, 255 - b);
        break;
    case REF_PAINT:
        out = voxel((below.r * (255 - b) + above.r * b) / 255, (below.g * (255 - b) + above.g * b) / 255,
                    (below.b * (255 - b) + above.b * b) / 255, a);
        break;
    case REF_MAX_ALPHA:
        if (b != 0)
            out = voxel(above.r, above.g, above.b, most(a, b));
        break;
    case REF_INTERSECT:
        out.a = (uint8_t)least(a, b);
        break;
    case REF_INTERSECT_FILL:
        out = voxel(above.r, above.g, above.b, least(a, b));
        break;
    case REF_MULT_ALPHA:
        out = voxel(below.r * b / 255, below.g * b / 255, below.b * b / 255, a * b / 255);
        break;
    case REF_REPLACE:
        out = above;
        break;
    }
    return out.a == 0 ? voxel(0, 0, 0, 0) : out;
}

/* How deep a place lies in an ellipse over some of the axes. */
static double round_depth(const struct ref_shape *shape, const double p[3], unsigned axes)
{
    double length = 0, stretched = 0, longest = 0;

    for (int i = 0; i < 3; i++) {
        if (!(axes >> i & 1))
            continue;
        length += p[i] * p[i];
        stretched += p[i] * p[i] / (shape->half[i] * shape->half[i]);
        longest = fmax(longest, shape->half[i]);
    }
    if (length == 0)
        return longest;
    return sqrt(length / stretched) - sqrt(length);
}

static double depth(const struct ref_shape *shape, const double p[3])
{
    unsigned axes = shape->kind == 's' ? 7 : shape->kind == 'y' ? 7u & ~(1u << shape->axis) : 0;
    double deep = axes ? round_depth(shape, p, axes) : INFINITY;

    for (int i = 0; i < 3; i++) {
        if (!(axes >> i & 1))
            deep = fmin(deep, shape->half[i] - fabs(p[i]));
    }
    return deep;
}

/* With hardly anything for what arithmetic loses. */
static double part_of(const struct ref_shape *shape, double smoothness, const int at[3], unsigned mirror,
                      const double origin[3])
{
    double p[3];

    for (int i = 0; i < 3; i++) {
        p[i] = at[i] + 0.5;
        if (mirror >> i & 1)
            p[i] = 2 * origin[i] - p[i];
        p[i] -= shape->center[i];
    }
    if (smoothness == 0)
        return depth(shape, p) >= -1e-8;
    return fmin(1, fmax(-1, depth(shape, p) / smoothness)) / 2 + 0.5;
}

static double most_part(const struct ref_shape *shapes, size_t count, const struct ref_brush *brush,
                        const int at[3])
{
    double part = 0;

    for (size_t i = 0; i < count; i++) {
        for (unsigned mirror = 0; mirror < 8; mirror++) {
            if ((mirror & ~brush->symmetry) == 0)
                part = fmax(part, part_of(&shapes[i], brush->smoothness, at, mirror, brush->origin));
        }
    }
    return part;
}

static struct ref_voxel painted(struct ref_voxel below, const struct ref_brush *brush, double part)
{
    bool everywhere = brush->mode == REF_INTERSECT || brush->mode == REF_INTERSECT_FILL;
    struct ref_voxel above = brush->color;

    if (part <= 0)
        return everywhere ? voxel(0, 0, 0, 0) : below;
    above.a = (uint8_t)floor(above.a * part + 1e-9);
    if (above.a == 0 && brush->mode == REF_MULT_ALPHA)
        return below;
    return ref_combine(brush->mode, below, above);
}

void ref_paint(struct ref *ref, const struct ref_shape *shapes, size_t count, const struct ref_brush *brush)
{
    EVERYWHERE(x, y, z)
    {
        const int at[3] = {x, y, z};

        if ((brush->clip && !ref_in_box(brush->clip, at)) ||
            (brush->within && !ref_get(brush->within, x, y, z).a))
            continue;
        ref_set(ref, x, y, z, painted(ref_get(ref, x, y, z), brush, most_part(shapes, count, brush, at)));
    }
}

size_t ref_line(const int from[3], const int to[3], int (*ret_places)[3], size_t most_places)
{
    int steps = most(abs(to[0] - from[0]), most(abs(to[1] - from[1]), abs(to[2] - from[2])));

    for (int i = 0; i <= steps && (size_t)i < most_places; i++) {
        for (int k = 0; k < 3; k++) {
            double way = steps == 0 ? 0 : (double)(to[k] - from[k]) * i / steps;

            ret_places[i][k] = from[k] + (int)(way < 0 ? -floor(-way + 0.5) : floor(way + 0.5));
        }
    }
    return (size_t)steps + 1;
}

/* ---- layers ---- */

void ref_combine_all(struct ref *ref, enum ref_mode mode, const struct ref *above, const int offset[3])
{
    EVERYWHERE(x, y, z)
    ref_set(ref, x, y, z,
            ref_combine(mode, ref_get(ref, x, y, z),
                        ref_get(above, x - offset[0], y - offset[1], z - offset[2])));
}

void ref_transform(struct ref *ref, const int source[3], const int sign[3], const int move[3])
{
    struct ref *before = malloc(sizeof(*before));

    if (!before)
        abort();
    memcpy(before, ref, sizeof(*before));
    memset(ref, 0, sizeof(*ref));
    EVERYWHERE(x, y, z)
    {
        const int p[3] = {x, y, z};
        int q[3];

        for (int i = 0; i < 3; i++)
            q[i] = sign[i] * p[source[i]] + move[i];
        if (ref_within(q[0], q[1], q[2]))
            ref_set(ref, q[0], q[1], q[2], ref_get(before, x, y, z));
    }
    free(before);
}
