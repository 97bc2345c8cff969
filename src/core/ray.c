/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ray goes from cell to cell of the lattice. A crossing of the plane p of an axis happens at
 * (p − origin) ÷ direction and nowhere else: whoever leaps over a large cube counts the crossings on the
 * way by this same formula and ends in the cell that single steps would have led to.
 */
#include "core/ray.h"

#include <math.h>

#include "base/error.h"
#include "core/tree.h"

#define RANGE_END (GOXEL_COORD_MAX + 1)

struct walker {
    double origin[3], direction[3]; /* of length 1 */
    int step[3];                    /* 1, −1, or 0: never crosses a plane of the axis */
    int64_t cell[3];
    double now;     /* the distance at which it came here */
    int axis, sign; /* the face */
};

static bool valid(const struct goxel_ray *ray)
{
    double largest = 0;

    for (int i = 0; i < 3; i++) {
        if (!isfinite(ray->origin[i]) || !isfinite(ray->direction[i]) ||
            fabs(ray->origin[i]) > (double)GOXEL_RAY_ORIGIN_MAX)
            return false;
        largest = fmax(largest, fabs(ray->direction[i]));
    }
    return largest > 0 && ray->distance >= 0; /* which NaN is not */
}

static void begin(struct walker *walker, const struct goxel_ray *ray)
{
    double scale = fmax(fabs(ray->direction[0]), fmax(fabs(ray->direction[1]), fabs(ray->direction[2])));
    double x = ray->direction[0] / scale, y = ray->direction[1] / scale, z = ray->direction[2] / scale;
    double length = sqrt(x * x + y * y + z * z);
    const double direction[3] = {x / length, y / length, z / length};

    *walker = (struct walker){.axis = 0};
    for (int i = 0; i < 3; i++) {
        walker->origin[i] = ray->origin[i];
        walker->direction[i] = direction[i];
        walker->step[i] = (direction[i] > 0) - (direction[i] < 0);
        walker->cell[i] = (int64_t)floor(ray->origin[i]);
    }
}

/* When the ray enters the cell on an axis, coming from the one before. */
static double entry(const struct walker *walker, int axis, int64_t cell)
{
    double plane = (double)(walker->step[axis] > 0 ? cell : cell + 1);

    return (plane - walker->origin[axis]) / walker->direction[axis];
}

/* A crossing on an axis comes before another one, or is it. */
static bool not_after(double when, int axis, double other, int other_axis)
{
    return when < other || (when == other && axis <= other_axis);
}

/* The cell on an axis after everything up to a crossing of another axis, guessed and then set right. */
static int64_t cell_after(const struct walker *walker, int axis, double when, int exit_axis, int64_t last)
{
    int64_t first = walker->cell[axis], cell;
    int step = walker->step[axis];
    double guess;

    if (step == 0)
        return first;
    guess = floor(walker->origin[axis] + when * walker->direction[axis]);
    if (step > 0)
        cell = guess <= (double)first ? first : guess >= (double)last ? last : (int64_t)guess;
    else
        cell = guess >= (double)first ? first : guess <= (double)last ? last : (int64_t)guess;
    while (cell != first && !not_after(entry(walker, axis, cell), axis, when, exit_axis))
        cell -= step;
    while (cell != last && not_after(entry(walker, axis, cell + step), axis, when, exit_axis))
        cell += step;
    return cell;
}

/* Goes on to the first cell on an axis, and on the others to where the ray is then, `last` at most. */
static void cross(struct walker *walker, int axis, int64_t cell, const int64_t last[3])
{
    double when = entry(walker, axis, cell);

    for (int i = 0; i < 3; i++) {
        if (i != axis)
            walker->cell[i] = cell_after(walker, i, when, axis, last[i]);
    }
    walker->cell[axis] = cell;
    walker->now = when;
    walker->axis = axis;
    walker->sign = -walker->step[axis];
}

/* Leaves a cube. False: never. */
static bool leave(struct walker *walker, const int64_t min[3], int64_t edge)
{
    int64_t last[3];
    double best = INFINITY;
    int axis = -1;

    for (int i = 0; i < 3; i++) {
        double when;

        last[i] = walker->step[i] > 0 ? min[i] + edge - 1 : min[i];
        when = walker->step[i] ? entry(walker, i, last[i] + walker->step[i]) : INFINITY;
        if (when < best) {
            best = when;
            axis = i;
        }
    }
    if (axis < 0)
        return false;
    cross(walker, axis, last[axis] + walker->step[axis], last);
    return true;
}

/* Outside of the range: goes to where the ray gets in. False: never. */
static bool enter(struct walker *walker)
{
    int64_t last[3];
    double best = -INFINITY;
    int axis = -1;

    for (int i = 0; i < 3; i++) {
        int64_t cell = walker->cell[i];
        double when;

        last[i] = walker->step[i] > 0 ? RANGE_END : GOXEL_COORD_MIN - 1;
        if (cell >= GOXEL_COORD_MIN && cell < RANGE_END)
            continue;
        if (walker->step[i] == 0 || (walker->step[i] > 0) == (cell >= RANGE_END))
            return false;
        when = entry(walker, i, walker->step[i] > 0 ? GOXEL_COORD_MIN : GOXEL_COORD_MAX);
        if (when >= best) {
            best = when;
            axis = i;
        }
    }
    if (axis < 0)
        return true;
    if (isinf(best))
        return false;
    cross(walker, axis, walker->step[axis] > 0 ? GOXEL_COORD_MIN : GOXEL_COORD_MAX, last);
    return true;
}

/* What stands there, and how large a cube has nothing else: 2^*ret_shift voxels on an edge. */
static goxel_link find(const struct goxel_volume *volume, struct goxel_pos pos, int *ret_shift)
{
    struct goxel_volume higher = {.level = volume->level};
    int level = volume->level;
    goxel_link link;

    if (!goxel_tree_covers(volume, pos)) {
        while (higher.level < GOXEL_LEVEL_MAX && (higher.level++, !goxel_tree_covers(&higher, pos)))
            level = higher.level;
        *ret_shift = goxel_level_shift(level);
        return 0;
    }
    link = volume->octants[goxel_octant_index(pos)];
    while (goxel_link_is_node(link))
        link = goxel_link_node(link)->links[goxel_node_index(pos, level--)];
    *ret_shift = goxel_level_shift(level);
    return link;
}

static bool in_range(const struct walker *walker)
{
    for (int i = 0; i < 3; i++) {
        if (walker->cell[i] < GOXEL_COORD_MIN || walker->cell[i] > GOXEL_COORD_MAX)
            return false;
    }
    return true;
}

/* Looks at where the walker is. True: a voxel; otherwise *ret_shift is how much can be skipped. */
static bool look(const struct goxel_volume *volume, const struct walker *walker, struct goxel_hit *ret_hit,
                 int *ret_shift)
{
    struct goxel_pos pos = {(int32_t)walker->cell[0], (int32_t)walker->cell[1], (int32_t)walker->cell[2]};
    goxel_link link = find(volume, pos, ret_shift);
    struct goxel_color color = goxel_link_get(link, goxel_brick_index(pos));

    if (color.a) {
        *ret_hit = (struct goxel_hit){pos, color, walker->axis, walker->sign, walker->now};
        return true;
    }
    if (goxel_link_is_brick(link))
        *ret_shift = 0;
    return false;
}

int goxel_volume_ray(const struct goxel_volume *volume, const struct goxel_ray *ray,
                     struct goxel_cancel *cancel, bool *ret_found, struct goxel_hit *ret_hit)
{
    struct walker walker;
    bool going;
    int result = 0;

    if (!valid(ray))
        return GOXEL_ERROR_VALIDATION;
    begin(&walker, ray);
    going = enter(&walker);
    for (unsigned steps = 0; going && walker.now <= ray->distance && in_range(&walker); steps++) {
        int64_t min[3];
        int shift;

        if (steps % GOXEL_BRICK_VOXELS == 0 && (result = goxel_cancel_check(cancel)))
            return result;
        if (look(volume, &walker, ret_hit, &shift)) {
            *ret_found = true;
            return 0;
        }
        for (int i = 0; i < 3; i++)
            min[i] = walker.cell[i] & ~(((int64_t)1 << shift) - 1);
        going = leave(&walker, min, (int64_t)1 << shift);
    }
    *ret_found = false;
    return 0;
}
