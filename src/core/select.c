/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each way to select makes a mask; what becomes of two masks is a painter's mode. */
#include "core/select.h"

#include "base/error.h"
#include "core/tree.h"

static const enum goxel_mode modes[] = {
    [GOXEL_SELECT_SET] = GOXEL_MODE_REPLACE, /* of an empty selection */
    [GOXEL_SELECT_ADD] = GOXEL_MODE_REPLACE,
    [GOXEL_SELECT_SUB] = GOXEL_MODE_SUB,
    [GOXEL_SELECT_INTERSECT] = GOXEL_MODE_INTERSECT,
};

static bool valid(enum goxel_select how)
{
    return how >= GOXEL_SELECT_SET && how <= GOXEL_SELECT_INTERSECT;
}

/* Takes what `fresh` has, which ends, if all went well so far. */
static int take(struct goxel_volume *selection, struct goxel_volume *fresh, int result)
{
    if (!result)
        goxel_tree_swap(selection, fresh);
    goxel_volume_destroy(fresh);
    return result;
}

int goxel_select_mask(struct goxel_volume *selection, const struct goxel_volume *other, enum goxel_select how,
                      struct goxel_cancel *cancel)
{
    struct goxel_volume *fresh;

    if (!valid(how))
        return GOXEL_ERROR_VALIDATION;
    fresh = how == GOXEL_SELECT_SET ? goxel_volume_create() : goxel_volume_copy(selection);
    if (!fresh)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    return take(selection, fresh,
                goxel_volume_paint_mask(fresh, other, modes[how], goxel_mask_color, cancel));
}

/* What of it lies in the box. */
static int keep_box(struct goxel_volume *selection, const struct goxel_box *box, struct goxel_cancel *cancel)
{
    struct goxel_volume *kept = NULL;
    int result = goxel_volume_mask(selection, box, &goxel_match_any, cancel, &kept);

    return take(selection, kept, result);
}

int goxel_select_box(struct goxel_volume *selection, const struct goxel_box *box, enum goxel_select how,
                     struct goxel_cancel *cancel)
{
    const struct goxel_color none = {0, 0, 0, 0};
    struct goxel_volume *fresh;

    if (!valid(how))
        return GOXEL_ERROR_VALIDATION;
    if (!goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    if (how == GOXEL_SELECT_INTERSECT)
        return keep_box(selection, box, cancel);
    if (how != GOXEL_SELECT_SET)
        return goxel_volume_fill(selection, box, how == GOXEL_SELECT_ADD ? goxel_mask_color : none, cancel);
    fresh = goxel_volume_create();
    if (!fresh)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    return take(selection, fresh, goxel_volume_fill(fresh, box, goxel_mask_color, cancel));
}

int goxel_select_color(struct goxel_volume *selection, const struct goxel_volume *volume,
                       const struct goxel_box *box, const struct goxel_match *match, enum goxel_select how,
                       struct goxel_cancel *cancel)
{
    struct goxel_volume *mask = NULL;
    int result = goxel_volume_mask(volume, box, match, cancel, &mask);

    if (!result)
        result = goxel_select_mask(selection, mask, how, cancel);
    goxel_volume_destroy(mask);
    return result;
}

int goxel_select_flood(struct goxel_volume *selection, const struct goxel_volume *volume,
                       const struct goxel_flood *flood, enum goxel_select how, struct goxel_cancel *cancel)
{
    struct goxel_volume *mask = NULL;
    int result = goxel_volume_flood(volume, flood, cancel, &mask);

    if (!result)
        result = goxel_select_mask(selection, mask, how, cancel);
    goxel_volume_destroy(mask);
    return result;
}
