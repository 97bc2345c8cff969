/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All three shapes are convex, and what they ask is a sum over the axes: so the nearest and the farthest point of
 * a box are found axis by axis, and a row of voxels is covered from one x to another.
 */
#include "core/shape.h"

#include <math.h>
#include <string.h>

#include "core/tree.h"

static const char *const names[GOXEL_SHAPE_KINDS] = {"cube", "sphere", "cylinder"};

const char *goxel_shape_name(enum goxel_shape_kind kind)
{
    return names[kind];
}

bool goxel_shape_named(const char *name, enum goxel_shape_kind *ret_kind)
{
    for (int kind = 0; kind < GOXEL_SHAPE_KINDS; kind++) {
        if (strcmp(names[kind], name) == 0) {
            *ret_kind = (enum goxel_shape_kind)kind;
            return true;
        }
    }
    return false;
}

bool goxel_shape_valid(const struct goxel_shape *shape)
{
    static const double most = 2.0 * (GOXEL_COORD_MAX + 1);

    for (int i = 0; i < 3; i++) {
        /* Written so that NaN fails. */
        if (!(shape->half[i] > 0 && shape->half[i] <= most && fabs(shape->center[i]) <= 2 * most))
            return false;
    }
    return (unsigned)shape->kind < GOXEL_SHAPE_KINDS && (unsigned)shape->axis < 3;
}

struct goxel_shape goxel_shape_in_box(enum goxel_shape_kind kind, int axis, const struct goxel_box *box)
{
    const int32_t min[3] = {box->min.x, box->min.y, box->min.z},
                  max[3] = {box->max.x, box->max.y, box->max.z};
    struct goxel_shape shape = {.kind = kind, .axis = axis};

    for (int i = 0; i < 3; i++) {
        shape.center[i] = ((double)min[i] + max[i] + 1) / 2;
        shape.half[i] = ((double)max[i] - min[i] + 1) / 2;
    }
    return shape;
}

struct goxel_shape goxel_shape_mirrored(const struct goxel_shape *shape, int axis, double origin)
{
    struct goxel_shape mirrored = *shape;

    mirrored.center[axis] = 2 * origin - shape->center[axis];
    return mirrored;
}

bool goxel_shape_bounds(const struct goxel_shape *shape, double smoothness, struct goxel_box *ret_box)
{
    int32_t min[3], max[3];

    for (int i = 0; i < 3; i++) {
        double reach = shape->half[i] * (1 + GOXEL_SHAPE_ROUNDING) + smoothness;
        double low = ceil(shape->center[i] - reach - 0.5), high = floor(shape->center[i] + reach - 0.5);

        if (!(low <= high && low <= GOXEL_COORD_MAX && high >= GOXEL_COORD_MIN))
            return false;
        min[i] = low < GOXEL_COORD_MIN ? GOXEL_COORD_MIN : (int32_t)low;
        max[i] = high > GOXEL_COORD_MAX ? GOXEL_COORD_MAX : (int32_t)high;
    }
    *ret_box = (struct goxel_box){{min[0], min[1], min[2]}, {max[0], max[1], max[2]}};
    return true;
}

/* ---- depth ---- */

/*
 * How deep a place lies: the distance along each axis (not negative) gives the flat part, which is the least of
 * s − |p|, and the round part: |p|, and the sum of (p / s)², over the axes that are round.
 */
static bool is_round(const struct goxel_shape *shape, int axis)
{
    return shape->kind == GOXEL_SHAPE_SPHERE || (shape->kind == GOXEL_SHAPE_CYLINDER && axis != shape->axis);
}

struct place {
    double flat;     /* the least depth along the flat axes; infinite without any */
    double distance; /* squared, along the round ones */
    double ratio;    /* 1 on the surface; 0 in the centre, and where nothing is round */
};

static struct place place_of(const struct goxel_shape *shape, const double away[3])
{
    struct place place = {.flat = INFINITY};

    for (int i = 0; i < 3; i++) {
        if (is_round(shape, i)) {
            double part = away[i] / shape->half[i];

            place.distance += away[i] * away[i];
            place.ratio += part * part;
        } else {
            place.flat = fmin(place.flat, shape->half[i] - away[i]);
        }
    }
    return place;
}

static bool covers(const struct goxel_shape *shape, const double away[3])
{
    struct place place = place_of(shape, away);

    return place.flat >= -GOXEL_SHAPE_ROUNDING && place.ratio <= 1 + GOXEL_SHAPE_ROUNDING;
}

static bool has_round(const struct goxel_shape *shape)
{
    return shape->kind != GOXEL_SHAPE_CUBE;
}

/* The extents of the round axes. */
static double round_extent(const struct goxel_shape *shape, double (*choose)(double, double))
{
    double extent = NAN;

    for (int i = 0; i < 3; i++) {
        if (is_round(shape, i))
            extent = isnan(extent) ? shape->half[i] : choose(extent, shape->half[i]);
    }
    return extent;
}

static double depth_at(const struct goxel_shape *shape, const double away[3])
{
    struct place place = place_of(shape, away);
    double round = INFINITY;

    if (has_round(shape) && place.distance == 0)
        round = round_extent(shape, fmax);
    else if (has_round(shape))
        round = sqrt(place.distance) * (1 / sqrt(place.ratio) - 1);
    return fmin(place.flat, round);
}

static void away_from(const struct goxel_shape *shape, struct goxel_pos pos, double ret_away[3])
{
    ret_away[0] = fabs(pos.x + 0.5 - shape->center[0]);
    ret_away[1] = fabs(pos.y + 0.5 - shape->center[1]);
    ret_away[2] = fabs(pos.z + 0.5 - shape->center[2]);
}

double goxel_shape_part(const struct goxel_shape *shape, double smoothness, struct goxel_pos pos)
{
    double away[3];

    away_from(shape, pos, away);
    if (smoothness <= 0)
        return covers(shape, away);
    return fmax(-1, fmin(1, depth_at(shape, away) / smoothness)) / 2 + 0.5;
}

/* ---- boxes ---- */

/* The least and the most that centres of voxels of a box are away from the shape's. */
static void away_range(const struct goxel_shape *shape, const struct goxel_box *box, double ret_least[3],
                       double ret_most[3])
{
    double low[3], high[3];

    away_from(shape, box->min, low);
    away_from(shape, box->max, high);
    for (int i = 0; i < 3; i++) {
        const int32_t ends[3][2] = {
            {box->min.x, box->max.x}, {box->min.y, box->max.y}, {box->min.z, box->max.z}};
        bool within = ends[i][0] + 0.5 <= shape->center[i] && shape->center[i] <= ends[i][1] + 0.5;

        ret_least[i] = within ? 0 : fmin(low[i], high[i]);
        ret_most[i] = fmax(low[i], high[i]);
    }
}

/* Nowhere in the box is it less deep than that: below the truth where it is round. */
static double least_depth(const struct goxel_shape *shape, const double most[3])
{
    struct place place = place_of(shape, most);
    double round = has_round(shape) ? round_extent(shape, fmin) * (1 - sqrt(place.ratio)) : INFINITY;

    return fmin(place.flat, round);
}

/* Nowhere in the box is it deeper: above the truth where it is round. */
static double most_depth(const struct goxel_shape *shape, const double least[3])
{
    struct place place = place_of(shape, least);
    double round = INFINITY;

    if (has_round(shape) && place.ratio > 1)
        round = -sqrt(place.distance) * (1 - 1 / sqrt(place.ratio));
    return fmin(place.flat, round);
}

enum goxel_shape_cover goxel_shape_cover(const struct goxel_shape *shape, double smoothness,
                                         const struct goxel_box *box)
{
    double least[3], most[3];

    away_range(shape, box, least, most);
    if (smoothness <= 0) {
        if (!covers(shape, least))
            return GOXEL_COVER_NONE;
        return covers(shape, most) ? GOXEL_COVER_ALL : GOXEL_COVER_MIXED;
    }
    if (most_depth(shape, least) <= -smoothness)
        return GOXEL_COVER_NONE;
    return least_depth(shape, most) >= smoothness ? GOXEL_COVER_ALL : GOXEL_COVER_MIXED;
}

/* ---- bricks ---- */

/* What the voxels of a brick have along an axis of what covers() sums up; too much where a flat side is passed. */
static void parts_along(const struct goxel_shape *shape, int axis, int32_t start,
                        double ret_parts[GOXEL_BRICK_SIZE])
{
    for (int i = 0; i < GOXEL_BRICK_SIZE; i++) {
        double away = fabs(start + i + 0.5 - shape->center[axis]), part = away / shape->half[axis];

        if (is_round(shape, axis))
            ret_parts[i] = part * part;
        else
            ret_parts[i] = shape->half[axis] - away >= -GOXEL_SHAPE_ROUNDING ? 0 : 4;
    }
}

void goxel_shape_rows(const struct goxel_shape *shape, struct goxel_pos corner,
                      uint16_t rows[GOXEL_BRICK_SIZE * GOXEL_BRICK_SIZE])
{
    double x[GOXEL_BRICK_SIZE], y[GOXEL_BRICK_SIZE], z[GOXEL_BRICK_SIZE];

    parts_along(shape, 0, corner.x, x);
    parts_along(shape, 1, corner.y, y);
    parts_along(shape, 2, corner.z, z);
    for (int row = 0; row < GOXEL_BRICK_SIZE * GOXEL_BRICK_SIZE; row++) {
        double left = 1 + GOXEL_SHAPE_ROUNDING - (y[row & 15] + z[row >> 4]);
        unsigned bits = 0;

        if (left < 0)
            continue;
        for (int i = 0; i < GOXEL_BRICK_SIZE; i++)
            bits |= (unsigned)(x[i] <= left) << i;
        rows[row] |= (uint16_t)bits;
    }
}
