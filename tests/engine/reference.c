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
        if (fabs(p[i]) > shape->half[i] + smoothness + 1) /* far away: not worth the roots */
            return 0;
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

/* ---- whole regions ---- */

bool ref_matches(const struct ref_match *match, struct ref_voxel voxel)
{
    int t = match->tolerance;

    return voxel.a != 0 && abs(voxel.r - match->color.r) <= t && abs(voxel.g - match->color.g) <= t &&
           abs(voxel.b - match->color.b) <= t && abs(voxel.a - match->color.a) <= t;
}

/* Neighbours by face, by edge as well, by corner as well: those one step away along so many axes at most. */
static bool is_neighbour(int dx, int dy, int dz, int neighbours)
{
    int axes = abs(dx) + abs(dy) + abs(dz);

    return axes > 0 && axes <= (neighbours == 6 ? 1 : neighbours == 18 ? 2 : 3);
}

/* Marks all that can be reached from a place over voxels for which `like` holds; how many. */
static int64_t spread(const struct ref *ref, const struct ref_box *box, const int seed[3], int neighbours,
                      bool (*like)(const void *what, struct ref_voxel voxel), const void *what, bool *marks)
{
    int(*stack)[3] = malloc(REF_VOXELS * sizeof(*stack));
    size_t depth = 0;
    int64_t count = 0;

    if (!stack)
        abort();
    memcpy(stack[depth++], seed, sizeof(stack[0]));
    marks[ref_index(seed[0], seed[1], seed[2])] = true;
    while (depth > 0) {
        int p[3];

        memcpy(p, stack[--depth], sizeof(p));
        count++;
        for (int i = 0; i < 27; i++) {
            int q[3] = {p[0] + i % 3 - 1, p[1] + i / 3 % 3 - 1, p[2] + i / 9 - 1};

            if (!is_neighbour(q[0] - p[0], q[1] - p[1], q[2] - p[2], neighbours) || !ref_in_box(box, q) ||
                marks[ref_index(q[0], q[1], q[2])] || !like(what, ref_get(ref, q[0], q[1], q[2])))
                continue;
            marks[ref_index(q[0], q[1], q[2])] = true;
            memcpy(stack[depth++], q, sizeof(q));
        }
    }
    free(stack);
    return count;
}

static bool like_match(const void *what, struct ref_voxel voxel)
{
    const struct ref_match *match = what;

    return match->color.a == 0 ? voxel.a == 0 : ref_matches(match, voxel);
}

static bool like_any(const void *what, struct ref_voxel voxel)
{
    (void)what;
    return voxel.a != 0;
}

void ref_flood(const struct ref *ref, const struct ref_box *box, const int seed[3], int tolerance,
               int neighbours, struct ref *ret_mask)
{
    struct ref_match match = {ref_get(ref, seed[0], seed[1], seed[2]), tolerance};
    bool *marks = calloc(REF_VOXELS, sizeof(*marks));

    if (!marks)
        abort();
    (void)spread(ref, box, seed, neighbours, like_match, &match, marks);
    memset(ret_mask, 0, sizeof(*ret_mask));
    for (size_t i = 0; i < REF_VOXELS; i++)
        ret_mask->voxels[i] = marks[i] ? voxel(255, 255, 255, 255) : voxel(0, 0, 0, 0);
    free(marks);
}

static int compare_sizes(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left < right) - (left > right);
}

size_t ref_parts(const struct ref *ref, int neighbours, int64_t *ret_sizes, size_t most_parts)
{
    static const struct ref_box all = {{REF_MIN, REF_MIN, REF_MIN}, {REF_MAX, REF_MAX, REF_MAX}};
    bool *marks = calloc(REF_VOXELS, sizeof(*marks));
    size_t count = 0;

    if (!marks)
        abort();
    EVERYWHERE(x, y, z)
    {
        const int seed[3] = {x, y, z};
        int64_t size;

        if (!ref_get(ref, x, y, z).a || marks[ref_index(x, y, z)])
            continue;
        size = spread(ref, &all, seed, neighbours, like_any, NULL, marks);
        if (count < most_parts)
            ret_sizes[count] = size;
        count++;
    }
    free(marks);
    if (count <= most_parts)
        qsort(ret_sizes, count, sizeof(*ret_sizes), compare_sizes);
    return count;
}

void ref_paint_mask(struct ref *ref, const struct ref *mask, enum ref_mode mode, struct ref_voxel color)
{
    struct ref_brush brush = {.mode = mode, .color = color};

    EVERYWHERE(x, y, z)
    ref_set(ref, x, y, z, painted(ref_get(ref, x, y, z), &brush, ref_get(mask, x, y, z).a ? 1 : 0));
}

void ref_recolor(struct ref *ref, const struct ref_box *box, const struct ref_match *match,
                 struct ref_voxel color)
{
    EVERYWHERE(x, y, z)
    {
        if (ref_in_box(box, (const int[3]){x, y, z}) && ref_matches(match, ref_get(ref, x, y, z)))
            ref_set(ref, x, y, z, color);
    }
}

static struct ref *copy_of(const struct ref *ref)
{
    struct ref *copy = malloc(sizeof(*copy));

    if (!copy)
        abort();
    memcpy(copy, ref, sizeof(*copy));
    return copy;
}

static bool pulled(const struct ref *ref, const struct ref *mask, const int at[3])
{
    return ref_get(ref, at[0], at[1], at[2]).a && ref_get(mask, at[0], at[1], at[2]).a;
}

/* The nearest place that is pulled, so many steps back at most; false: none. */
static bool pulled_behind(const struct ref *ref, const struct ref *mask, const int at[3], int axis, int step,
                          int steps, int ret_at[3])
{
    int back[3] = {at[0], at[1], at[2]};

    for (int i = 1; i <= steps; i++) {
        back[axis] = at[axis] - step * i;
        if (pulled(ref, mask, back)) {
            memcpy(ret_at, back, sizeof(back));
            return true;
        }
    }
    return false;
}

void ref_extrude(struct ref *ref, const struct ref *mask, int axis, int sign, int distance)
{
    struct ref *before = copy_of(ref);

    EVERYWHERE(x, y, z)
    {
        const int at[3] = {x, y, z};
        int from[3];

        if (distance > 0 && !pulled(before, mask, at) &&
            pulled_behind(before, mask, at, axis, sign, distance, from))
            ref_set(ref, x, y, z, ref_get(before, from[0], from[1], from[2]));
        if (distance < 0 &&
            (pulled(before, mask, at) || pulled_behind(before, mask, at, axis, -sign, -distance - 1, from)))
            ref_set(ref, x, y, z, voxel(0, 0, 0, 0));
    }
    free(before);
}

static bool is_deep(const struct ref *ref, int x, int y, int z, int thickness)
{
    for (int dz = -thickness; dz <= thickness; dz++)
        for (int dy = -thickness; dy <= thickness; dy++)
            for (int dx = -thickness; dx <= thickness; dx++) {
                if (abs(dx) + abs(dy) + abs(dz) <= thickness && !ref_get(ref, x + dx, y + dy, z + dz).a)
                    return false;
            }
    return true;
}

void ref_hollow(struct ref *ref, int thickness)
{
    struct ref *before = copy_of(ref);

    EVERYWHERE(x, y, z)
    {
        if (is_deep(before, x, y, z, thickness))
            ref_set(ref, x, y, z, voxel(0, 0, 0, 0));
    }
    free(before);
}

/* Rounded down, whatever the sign. */
static int half_of(int n)
{
    return n >= 0 ? n / 2 : -((1 - n) / 2);
}

void ref_double(struct ref *ref)
{
    struct ref *before = copy_of(ref);

    EVERYWHERE(x, y, z)
    ref_set(ref, x, y, z, ref_get(before, half_of(x), half_of(y), half_of(z)));
    free(before);
}

static bool is_smaller(struct ref_voxel a, struct ref_voxel b)
{
    if (a.r != b.r)
        return a.r < b.r;
    if (a.g != b.g)
        return a.g < b.g;
    return a.b != b.b ? a.b < b.b : a.a < b.a;
}

static struct ref_voxel eighth(const struct ref *ref, int x, int y, int z)
{
    struct ref_voxel all[8], best = voxel(0, 0, 0, 0);
    int there = 0, most_often = 0;

    for (int i = 0; i < 8; i++) {
        all[i] = ref_get(ref, 2 * x + i % 2, 2 * y + i / 2 % 2, 2 * z + i / 4);
        there += all[i].a != 0;
    }
    for (int i = 0; i < 8; i++) {
        int often = 0;

        for (int k = 0; k < 8; k++)
            often += all[i].a != 0 && ref_equal(all[i], all[k]);
        if (often > most_often || (often == most_often && often > 0 && is_smaller(all[i], best))) {
            best = all[i];
            most_often = often;
        }
    }
    return there < 4 ? voxel(0, 0, 0, 0) : best;
}

void ref_halve(struct ref *ref)
{
    struct ref *before = copy_of(ref);

    EVERYWHERE(x, y, z)
    ref_set(ref, x, y, z, eighth(before, x, y, z));
    free(before);
}

/* Where a ray comes into the cube of a voxel; infinite: nowhere. */
static double enters(const int at[3], const double origin[3], const double direction[3])
{
    double first = 0, last = INFINITY;

    for (int i = 0; i < 3; i++) {
        double a = (at[i] - origin[i]) / direction[i], b = (at[i] + 1 - origin[i]) / direction[i];

        if (direction[i] == 0) {
            if (origin[i] < at[i] || origin[i] >= at[i] + 1)
                return INFINITY;
            continue;
        }
        first = fmax(first, fmin(a, b));
        last = fmin(last, fmax(a, b));
    }
    return first < last ? first : INFINITY;
}

double ref_ray(const struct ref *ref, const double origin[3], const double direction[3])
{
    double first = INFINITY;

    EVERYWHERE(x, y, z)
    {
        const int at[3] = {x, y, z};

        if (ref_get(ref, x, y, z).a)
            first = fmin(first, enters(at, origin, direction));
    }
    return first;
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
    struct ref *before = copy_of(ref);

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
