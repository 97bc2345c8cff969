/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Voxels, boxes, shapes and strokes. */
#include <stdlib.h>

#include "core/accessor.h"
#include "core/paint.h"
#include "engine/world.h"

static int set_one(struct world *world)
{
    struct goxel_pos pos = chance_pos(world);
    struct goxel_color color = chance_color(world);

    ref_set(world->ref, pos.x, pos.y, pos.z, voxel_of(color));
    return goxel_volume_set_at(world->volume, pos, color);
}

static int set_run(struct world *world)
{
    struct goxel_accessor accessor = goxel_accessor_make(world->volume);
    struct goxel_pos pos = chance_pos(world);
    int code = 0;

    for (int i = chance(world, 60); i > 0 && !code; i--) {
        struct goxel_color color = chance_color(world);

        ref_set(world->ref, pos.x, pos.y, pos.z, voxel_of(color));
        code = goxel_accessor_set(&accessor, pos, color);
        pos.x = pos.x < REF_MAX ? pos.x + 1 : REF_MIN;
    }
    return code;
}

static int fill(struct world *world)
{
    struct goxel_box box = chance_box(world, REF_EDGE);
    struct ref_box same = box_of(&box);
    struct goxel_color color = chance_color(world);

    ref_fill(world->ref, &same, voxel_of(color));
    return goxel_volume_fill(world->volume, &box, color, NULL);
}

/* ---- shapes ---- */

static const char kinds[GOXEL_SHAPE_KINDS] = {
    [GOXEL_SHAPE_CUBE] = 'c', [GOXEL_SHAPE_SPHERE] = 's', [GOXEL_SHAPE_CYLINDER] = 'y'};

static struct ref_shape double_of(const struct goxel_shape *shape)
{
    struct ref_shape same = {.kind = kinds[shape->kind], .axis = shape->axis};

    for (int i = 0; i < 3; i++) {
        same.center[i] = shape->center[i];
        same.half[i] = shape->half[i];
    }
    return same;
}

static struct goxel_shape chance_shape(struct world *world)
{
    struct goxel_box box = chance_box(world, 1 + chance(world, REF_EDGE));
    struct goxel_shape shape = goxel_shape_in_box((enum goxel_shape_kind)chance(world, GOXEL_SHAPE_KINDS),
                                                  chance(world, 3), &box);

    for (int i = 0; i < 3 && chance(world, 3) == 0; i++) { /* not always on the lattice */
        shape.center[i] += chance(world, 1000) / 977.0;
        shape.half[i] += chance(world, 1000) / 1013.0;
    }
    return shape;
}

/* A brush and its double. */
struct brushes {
    struct goxel_brush brush;
    struct ref_brush same;
    struct goxel_box clip;
    struct ref_box same_clip;
};

static void chance_brush(struct world *world, struct brushes *brushes)
{
    struct goxel_color color = chance_color(world);

    brushes->clip = chance(world, 3) ? whole_space : chance_box(world, REF_EDGE);
    brushes->same_clip = box_of(&brushes->clip);
    brushes->brush = (struct goxel_brush){
        .mode = (enum goxel_mode)(1 + chance(world, GOXEL_MODES_END - 1)),
        .color = color,
        .smoothness = chance(world, 4) ? 0 : chance(world, 400) / 97.0,
        .symmetry = chance(world, 3) ? 0 : (unsigned)chance(world, 8),
        .origin = {chance(world, 9) / 2.0 - 2, chance(world, 9) / 2.0 - 2, chance(world, 9) / 2.0 - 2},
        .clip = &brushes->clip,
        .within = chance(world, 4) ? NULL : world->selection,
    };
    brushes->same = (struct ref_brush){
        .mode = (enum ref_mode)brushes->brush.mode,
        .color = voxel_of(color),
        .smoothness = brushes->brush.smoothness,
        .symmetry = brushes->brush.symmetry,
        .clip = &brushes->same_clip,
        .within = brushes->brush.within ? world->mask : NULL,
    };
    for (int i = 0; i < 3; i++)
        brushes->same.origin[i] = brushes->brush.origin[i];
}

static int paint(struct world *world)
{
    struct goxel_shape shapes[3];
    struct ref_shape same[3];
    struct brushes brushes;
    size_t count = 1 + (size_t)chance(world, 3);

    for (size_t i = 0; i < count; i++) {
        shapes[i] = chance_shape(world);
        same[i] = double_of(&shapes[i]);
    }
    chance_brush(world, &brushes);
    ref_paint(world->ref, same, count, &brushes.same);
    return goxel_paint_shapes(world->volume, shapes, count, &brushes.brush, NULL);
}

#define PLACES 64

static int stroke(struct world *world)
{
    struct goxel_pos points[2] = {chance_pos(world), chance_pos(world)};
    const int from[3] = {points[0].x, points[0].y, points[0].z},
              to[3] = {points[1].x, points[1].y, points[1].z};
    struct goxel_stamp stamp = {
        (enum goxel_shape_kind)chance(world, GOXEL_SHAPE_KINDS), chance(world, 3), {1, 1, 1}};
    struct ref_shape same[PLACES];
    struct goxel_shape *shapes = NULL;
    struct brushes brushes;
    int places[PLACES][3], code;
    size_t count, same_count = ref_line(from, to, places, PLACES);

    chance_brush(world, &brushes);
    brushes.brush.symmetry = brushes.same.symmetry = 0; /* slow enough as it is */
    for (int i = 0; i < 3; i++)
        stamp.size[i] = 1 + chance(world, 5);
    for (size_t i = 0; i < same_count; i++) {
        same[i] = (struct ref_shape){.kind = kinds[stamp.kind], .axis = stamp.axis};
        for (int k = 0; k < 3; k++) {
            same[i].half[k] = stamp.size[k] / 2.0;
            same[i].center[k] = places[i][k] + (stamp.size[k] % 2 ? 0.5 : 0);
        }
    }
    code = goxel_stroke_shapes(&stamp, points, 2, &shapes, &count);
    if (code)
        return code;
    if (count != same_count)
        world->wrong = "a stroke has another length";
    ref_paint(world->ref, same, same_count, &brushes.same);
    code = goxel_paint_shapes(world->volume, shapes, count, &brushes.brush, NULL);
    free(shapes);
    return code;
}

const struct operation paint_operations[] = {
    {"set", set_one}, {"set run", set_run}, {"fill", fill},
    {"paint", paint}, {"stroke", stroke},   {NULL, NULL},
};
