/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked of a volume: nothing changes, and the answers must be right. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "core/colors.h"
#include "core/connect.h"
#include "core/cursor.h"
#include "core/ray.h"
#include "core/slice.h"
#include "engine/world.h"

static int64_t count_color(const struct ref *ref, struct ref_voxel voxel)
{
    int64_t count = 0;

    for (size_t i = 0; i < REF_VOXELS; i++)
        count += ref_equal(ref->voxels[i], voxel);
    return count;
}

static int colors(struct world *world)
{
    const struct goxel_colors_options options = {.bin_size = 1, .colors = 1 << 20};
    struct goxel_color_count *rows = NULL;
    int64_t total = 0;
    size_t count = 0;
    int code = goxel_volume_colors(world->volume, NULL, &options, NULL, &rows, &count);

    for (size_t i = 0; i < count && i < 40; i++) {
        if (rows[i].count != count_color(world->ref, voxel_of(rows[i].color)))
            world->wrong = "a histogram counts wrongly";
    }
    for (size_t i = 0; i < count; i++) {
        total += rows[i].count;
        if (i > 0 && rows[i].count > rows[i - 1].count)
            world->wrong = "a histogram is out of order";
    }
    if (!code && total != ref_count(world->ref))
        world->wrong = "a histogram misses voxels";
    free(rows);
    return code;
}

/* Cells of the reference that were found again. */
static int tick(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct world *world = ctx;

    if (!ref_equal(ref_get(world->ref, pos.x, pos.y, pos.z), voxel_of(color)))
        world->wrong = "a voxel is found with another colour";
    return 0;
}

static int find(struct world *world)
{
    struct goxel_match match = {goxel_volume_get_at(world->volume, chance_pos(world)),
                                chance(world, 2) ? 0 : 100};
    struct goxel_box box = chance_box(world, REF_EDGE);
    int64_t count = 0, same = 0;
    int code;

    if (!match.color.a)
        return 0;
    code = goxel_volume_find(world->volume, &box, &match, NULL, tick, world);
    if (!code)
        code = goxel_volume_count_in(world->volume, &box, NULL, &count);
    for (int z = box.min.z; z <= box.max.z; z++)
        for (int y = box.min.y; y <= box.max.y; y++)
            for (int x = box.min.x; x <= box.max.x; x++)
                same += ref_get(world->ref, x, y, z).a != 0;
    if (count != same)
        world->wrong = "a box counts wrongly";
    return code;
}

static int ray(struct world *world)
{
    struct goxel_ray ray = {.distance = INFINITY};
    struct goxel_hit hit;
    double length = 0, same;
    bool found = false;
    int code;

    for (int i = 0; i < 3; i++) {
        ray.origin[i] = chance(world, 1000) / 10.0 - 50 + 0.037;
        ray.direction[i] = chance(world, 2001) / 1000.0 - 1;
        length += ray.direction[i] * ray.direction[i];
    }
    if (length == 0)
        return 0;
    for (int i = 0; i < 3; i++)
        ray.direction[i] /= sqrt(length);
    same = ref_ray(world->ref, ray.origin, ray.direction);
    code = goxel_volume_ray(world->volume, &ray, NULL, &found, &hit);
    if (!code && found != isfinite(same))
        world->wrong = "a ray hits, or does not";
    else if (!code && found && !(fabs(hit.distance - same) < 1e-6))
        world->wrong = "a ray goes another way";
    return code;
}

static int slice(struct world *world)
{
    static struct goxel_color pixels[REF_EDGE * REF_EDGE];
    struct goxel_slice slice = {chance(world, 3), REF_MIN + chance(world, REF_EDGE), whole_space};
    int u = slice.axis == 0 ? 1 : 0, v = slice.axis == 2 ? 1 : 2;
    int code = goxel_volume_slice(world->volume, &slice, NULL, pixels);

    for (int row = 0; row < REF_EDGE && !code; row++) {
        for (int column = 0; column < REF_EDGE; column++) {
            int at[3];

            at[slice.axis] = slice.at;
            at[u] = REF_MIN + column;
            at[v] = REF_MIN + row;
            if (!ref_equal(ref_get(world->ref, at[0], at[1], at[2]),
                           voxel_of(pixels[row * REF_EDGE + column])))
                world->wrong = "a slice has another colour";
        }
    }
    return code;
}

#define PARTS 20000

static int parts(struct world *world)
{
    static const int all[] = {6, 18, 26};
    static int64_t sizes[PARTS];
    struct goxel_component *components = NULL;
    int neighbours = all[chance(world, 3)];
    size_t count = 0, same;
    int code = goxel_volume_components(world->volume, NULL, neighbours, PARTS, NULL, &components, &count);

    if (code == GOXEL_ERROR_QUOTA)
        return 0;
    same = ref_parts(world->ref, neighbours, sizes, PARTS);
    if (!code && count != same)
        world->wrong = "other parts hang together";
    for (size_t i = 0; i < count && count == same; i++) {
        if (components[i].voxels != sizes[i])
            world->wrong = "a part has another size";
    }
    free(components);
    return code;
}

static int bounds(struct world *world)
{
    struct goxel_box box, same = {{REF_MAX, REF_MAX, REF_MAX}, {REF_MIN, REF_MIN, REF_MIN}};
    bool any = false;

    for (int z = REF_MIN; z <= REF_MAX; z++)
        for (int y = REF_MIN; y <= REF_MAX; y++)
            for (int x = REF_MIN; x <= REF_MAX; x++) {
                if (!ref_get(world->ref, x, y, z).a)
                    continue;
                any = true;
                same.min.x = x < same.min.x ? x : same.min.x;
                same.min.y = y < same.min.y ? y : same.min.y;
                same.min.z = z < same.min.z ? z : same.min.z;
                same.max.x = x > same.max.x ? x : same.max.x;
                same.max.y = y > same.max.y ? y : same.max.y;
                same.max.z = z > same.max.z ? z : same.max.z;
            }
    if (goxel_volume_bounds(world->volume, &box) != any)
        world->wrong = "a volume is empty, or not";
    else if (any && (box.min.x != same.min.x || box.min.y != same.min.y || box.min.z != same.min.z ||
                     box.max.x != same.max.x || box.max.y != same.max.y || box.max.z != same.max.z))
        world->wrong = "the bounds are not exact";
    return 0;
}

static int cursor(struct world *world)
{
    struct goxel_box box = chance_box(world, REF_EDGE);
    struct goxel_cursor cursor;
    int64_t count = 0, same = 0;

    goxel_cursor_begin(&cursor, world->volume, &box);
    while (goxel_cursor_next(&cursor)) {
        (void)tick(world, cursor.pos, cursor.color);
        count++;
    }
    for (int z = box.min.z; z <= box.max.z; z++)
        for (int y = box.min.y; y <= box.max.y; y++)
            for (int x = box.min.x; x <= box.max.x; x++)
                same += ref_get(world->ref, x, y, z).a != 0;
    if (count != same)
        world->wrong = "a cursor misses voxels";
    return 0;
}

const struct operation question_operations[] = {
    {"colours", colors}, {"find", find},     {"ray", ray},       {"slice", slice},
    {"parts", parts},    {"bounds", bounds}, {"cursor", cursor}, {NULL, NULL},
};
