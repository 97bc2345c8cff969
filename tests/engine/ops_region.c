/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regions, selections, and layers as wholes. What could leave the space that the reference knows is cropped. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/extrude.h"
#include "core/hollow.h"
#include "core/lattice.h"
#include "core/mask.h"
#include "core/recolor.h"
#include "core/scale.h"
#include "core/select.h"
#include "engine/world.h"

static int crop_both(struct world *world, const struct goxel_box *box)
{
    struct ref_box same = box_of(box);

    ref_crop(world->ref, &same);
    return goxel_volume_crop(world->volume, box, NULL);
}

static int crop(struct world *world)
{
    struct goxel_box box = chance_box(world, REF_EDGE);

    return chance(world, 4) ? 0 : crop_both(world, &box);
}

static int neighbours(struct world *world)
{
    static const int all[] = {6, 18, 26};

    return all[chance(world, 3)];
}

/* ---- painting what hangs together, or is alike ---- */

static struct goxel_flood chance_flood(struct world *world)
{
    struct goxel_flood flood = {.box = whole_space, .tolerance = chance(world, 2) ? 0 : chance(world, 256)};

    flood.seed = chance_pos(world);
    if (chance(world, 2)) {
        flood.box = chance_box(world, REF_EDGE);
        flood.seed = chance(world, 2) ? flood.box.min : flood.box.max;
    }
    flood.neighbours = neighbours(world);
    return flood;
}

static void flood_double(const struct world *world, const struct goxel_flood *flood, struct ref *ret_mask)
{
    const int seed[3] = {flood->seed.x, flood->seed.y, flood->seed.z};
    struct ref_box box = box_of(&flood->box);

    ref_flood(world->ref, &box, seed, flood->tolerance, flood->neighbours, ret_mask);
}

static struct ref *new_ref(void)
{
    struct ref *ref = calloc(1, sizeof(*ref));

    if (!ref)
        abort();
    return ref;
}

static int flood_fill(struct world *world)
{
    struct goxel_flood flood = chance_flood(world);
    struct goxel_color color = chance_color(world);
    enum goxel_mode mode = (enum goxel_mode)(1 + chance(world, GOXEL_MODES_END - 1));
    struct goxel_volume *mask = NULL;
    struct ref *same = new_ref();
    int code = goxel_volume_flood(world->volume, &flood, NULL, &mask);

    flood_double(world, &flood, same);
    ref_paint_mask(world->ref, same, (enum ref_mode)mode, voxel_of(color));
    if (!code)
        code = goxel_volume_paint_mask(world->volume, mask, mode, color, NULL);
    goxel_volume_destroy(mask);
    free(same);
    return code;
}

static struct goxel_match chance_match(struct world *world)
{
    struct goxel_match match = {goxel_volume_get_at(world->volume, chance_pos(world)), 0};

    if (!match.color.a)
        match.color = (struct goxel_color){255, 0, 0, 255};
    match.tolerance = chance(world, 3) ? 0 : chance(world, 256);
    return match;
}

static int recolor(struct world *world)
{
    struct goxel_box box = chance_box(world, REF_EDGE);
    struct goxel_match match = chance_match(world);
    struct goxel_color color = chance_color(world);
    const struct ref_match same = {voxel_of(match.color), match.tolerance};
    struct ref_box same_box = box_of(&box);

    ref_recolor(world->ref, &same_box, &same, voxel_of(color));
    return goxel_volume_recolor(world->volume, &box, &match, color, NULL);
}

/* ---- what changes its form ---- */

static int extrude(struct world *world)
{
    struct goxel_extrude extrude = {chance(world, 3), chance(world, 2) ? 1 : -1, chance(world, 21) - 10};
    int code;

    ref_extrude(world->ref, world->mask, extrude.axis, extrude.sign, extrude.distance);
    code = goxel_volume_extrude(world->volume, world->selection, &extrude, NULL);
    return code ? code : crop_both(world, &whole_space);
}

static int hollow(struct world *world)
{
    int thickness = 1 + chance(world, 3);

    ref_hollow(world->ref, thickness);
    return goxel_volume_hollow(world->volume, thickness, NULL);
}

static int twice(struct world *world)
{
    int code;

    ref_double(world->ref);
    code = goxel_volume_double(world->volume, NULL);
    return code ? code : crop_both(world, &whole_space);
}

static int half(struct world *world)
{
    ref_halve(world->ref);
    return goxel_volume_halve(world->volume, NULL);
}

/* A turn, a mirror or a move, or one after another. */
static bool chance_lattice(struct world *world, struct goxel_lattice *ret_lattice)
{
    struct goxel_lattice turn, mirror, move;
    int64_t half_voxels = chance(world, 21) - 10;
    const int64_t centre[3] = {half_voxels, half_voxels + 2 * chance(world, 3), half_voxels};
    const int64_t by[3] = {chance(world, 33) - 16, chance(world, 33) - 16, chance(world, 33) - 16};

    if (!goxel_lattice_rotation(chance(world, 3), chance(world, 9) - 4, centre, &turn) ||
        !goxel_lattice_mirror(chance(world, 3), half_voxels, &mirror) ||
        !goxel_lattice_translation(by, &move))
        return false;
    *ret_lattice = chance(world, 2) ? turn : chance(world, 2) ? mirror : move;
    if (chance(world, 3) == 0)
        *ret_lattice = goxel_lattice_compose(ret_lattice, &move);
    return true;
}

static int transform(struct world *world)
{
    struct goxel_lattice lattice;
    struct goxel_volume *moved = NULL;
    int code;

    if (!chance_lattice(world, &lattice)) {
        world->wrong = "a lattice was refused";
        return 0;
    }
    ref_transform(world->ref, lattice.source, lattice.sign,
                  (const int[3]){(int)lattice.move[0], (int)lattice.move[1], (int)lattice.move[2]});
    code = goxel_volume_transform(world->volume, &lattice, NULL, NULL, &moved);
    if (code)
        return code;
    goxel_volume_clear(world->volume);
    code = goxel_volume_merge(world->volume, moved, GOXEL_MODE_REPLACE, NULL, NULL);
    goxel_volume_destroy(moved);
    return code ? code : crop_both(world, &whole_space);
}

/* Copies what is selected, and lays it down somewhere else. */
static int paste(struct world *world)
{
    const int offset[3] = {chance(world, 33) - 16, chance(world, 33) - 16, chance(world, 33) - 16};
    const struct goxel_lattice move = {{0, 1, 2}, {1, 1, 1}, {offset[0], offset[1], offset[2]}};
    enum goxel_mode mode = (enum goxel_mode)(1 + chance(world, GOXEL_MODES_END - 1));
    struct goxel_volume *copy = goxel_volume_copy(world->volume), *moved = NULL;
    struct ref *same = new_ref();
    int code = goxel_volume_merge(copy, world->selection, GOXEL_MODE_INTERSECT, NULL, NULL);

    memcpy(same, world->ref, sizeof(*same));
    ref_combine_all(same, REF_INTERSECT, world->mask, (const int[3]){0, 0, 0});
    ref_combine_all(world->ref, (enum ref_mode)mode, same, offset);
    if (!code)
        code = goxel_volume_transform(copy, &move, NULL, NULL, &moved);
    if (!code)
        code = goxel_volume_merge(world->volume, moved, mode, NULL, NULL);
    goxel_volume_destroy(copy);
    goxel_volume_destroy(moved);
    free(same);
    return code ? code : crop_both(world, &whole_space);
}

/* ---- selections ---- */

static const enum ref_mode select_modes[] = {
    [GOXEL_SELECT_SET] = REF_REPLACE,
    [GOXEL_SELECT_ADD] = REF_OVER,
    [GOXEL_SELECT_SUB] = REF_SUB,
    [GOXEL_SELECT_INTERSECT] = REF_INTERSECT,
};

static void select_double(struct world *world, const struct ref *other, enum goxel_select how)
{
    ref_combine_all(world->mask, select_modes[how], other, (const int[3]){0, 0, 0});
}

static int select_box(struct world *world)
{
    static const struct ref_voxel white = {255, 255, 255, 255};
    enum goxel_select how = (enum goxel_select)chance(world, 4);
    struct goxel_box box = chance_box(world, REF_EDGE);
    struct ref_box same_box = box_of(&box);
    struct ref *same = new_ref();

    ref_fill(same, &same_box, white);
    select_double(world, same, how);
    free(same);
    return goxel_select_box(world->selection, &box, how, NULL);
}

static int select_color(struct world *world)
{
    static const struct ref_voxel white = {255, 255, 255, 255};
    enum goxel_select how = (enum goxel_select)chance(world, 4);
    struct goxel_box box = chance_box(world, REF_EDGE);
    struct goxel_match match = chance_match(world);
    const struct ref_match same_match = {voxel_of(match.color), match.tolerance};
    struct ref *same = new_ref();

    for (int z = box.min.z; z <= box.max.z; z++)
        for (int y = box.min.y; y <= box.max.y; y++)
            for (int x = box.min.x; x <= box.max.x; x++) {
                if (ref_matches(&same_match, ref_get(world->ref, x, y, z)))
                    ref_set(same, x, y, z, white);
            }
    select_double(world, same, how);
    free(same);
    return goxel_select_color(world->selection, world->volume, &box, &match, how, NULL);
}

static int select_flood(struct world *world)
{
    enum goxel_select how = (enum goxel_select)chance(world, 4);
    struct goxel_flood flood = chance_flood(world);
    struct ref *same = new_ref();

    flood_double(world, &flood, same);
    select_double(world, same, how);
    free(same);
    return goxel_select_flood(world->selection, world->volume, &flood, how, NULL);
}

const struct operation region_operations[] = {
    {"crop", crop},
    {"flood fill", flood_fill},
    {"recolour", recolor},
    {"extrude", extrude},
    {"hollow", hollow},
    {"scale up", twice},
    {"scale down", half},
    {"transform", transform},
    {"paste", paste},
    {"select box", select_box},
    {"select colour", select_color},
    {"select flood", select_flood},
    {NULL, NULL},
};
