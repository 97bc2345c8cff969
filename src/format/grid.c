/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sixteen planes at a time, in and out, so that each brick is touched once. */
#include "format/grid.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "core/cursor.h"

/* ---- into a volume ---- */

#define CHECK_EVERY GOXEL_BRICK_VOXELS

static bool axis_fits(int64_t origin, int64_t size, bool down)
{
    int64_t first = down ? -(origin + size - 1) : origin;

    return first >= GOXEL_COORD_MIN && first + size - 1 <= GOXEL_COORD_MAX;
}

void goxel_grid_begin(struct goxel_grid *grid, struct goxel_input *in, struct goxel_grid_room *room,
                      struct goxel_volume *volume, const struct goxel_grid_axes *axes, const uint32_t size[3],
                      const int64_t origin[3])
{
    *grid = (struct goxel_grid){
        .in = in, .room = room, .near = goxel_accessor_make(volume), .axes = *axes, .left = 1};
    for (int i = 0; i < 3; i++) {
        if (size[i] == 0 || in->failed) {
            grid->left = 0;
            return;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (!axis_fits(origin[i], size[i], axes->down[i])) {
            goxel_input_fail(in, GOXEL_ERROR_INVALID_COORDINATES, in->at, "grid",
                             "one between %d and %d on each axis", GOXEL_COORD_MIN, GOXEL_COORD_MAX);
            grid->left = 0;
            return;
        }
        grid->left *= size[i]; /* each at most 2^21 now */
    }
    for (int i = 0; i < 3; i++) {
        grid->size[i] = size[i];
        grid->origin[i] = origin[i];
    }
}

static bool keeps_planes(const struct goxel_grid *grid)
{
    return grid->size[0] * grid->size[1] <= GOXEL_GRID_PLANE_MAX;
}

/* That take memory. */
static int64_t bricks_of(const struct goxel_grid *grid)
{
    return keeps_planes(grid) ? grid->stored + grid->at_hand : goxel_volume_bricks(grid->near.volume);
}

static int check_room(struct goxel_grid *grid)
{
    struct goxel_input *in = grid->in;

    grid->unchecked = 0;
    if (!goxel_input_go_on(in))
        in->failed = goxel_import_check_bricks(in->import, grid->room->bricks + bricks_of(grid));
    return in->failed;
}

static int claim(struct goxel_grid *grid, uint64_t count)
{
    struct goxel_input *in = grid->in;

    grid->room->voxels += (int64_t)count;
    in->failed = goxel_import_check_voxels(in->import, grid->room->voxels);
    return in->failed;
}

/* ---- into bricks ---- */

static int32_t brick_of(int64_t coord)
{
    return (int32_t)((coord - GOXEL_COORD_MIN) / GOXEL_BRICK_SIZE);
}

static int32_t brick_coord(int32_t brick)
{
    return brick * GOXEL_BRICK_SIZE + GOXEL_COORD_MIN;
}

static int64_t our_coord(const struct goxel_grid *grid, int i, int64_t at)
{
    return grid->axes.down[i] ? -(grid->origin[i] + at) : grid->origin[i] + at;
}

static int make_bricks(struct goxel_grid *grid)
{
    for (int i = 0; i < 2; i++) {
        int32_t begin = brick_of(our_coord(grid, i, 0)),
                end = brick_of(our_coord(grid, i, grid->size[i] - 1));

        grid->first[i] = goxel_min(begin, end);
        grid->n[i] = goxel_max(begin, end) - grid->first[i] + 1;
    }
    grid->bricks = calloc((size_t)grid->n[0] * (size_t)grid->n[1], sizeof(*grid->bricks));
    grid->filled = malloc((size_t)grid->n[0] * (size_t)grid->n[1] * sizeof(*grid->filled));
    return grid->bricks && grid->filled ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
}

static bool is_uniform(const struct goxel_color *brick)
{
    return memcmp(brick, brick + 1, GOXEL_BRICK_BYTES - sizeof(*brick)) == 0;
}

/* Those at hand go to the volume, or, after a failure, away. */
static void flush_bricks(struct goxel_grid *grid)
{
    for (int64_t k = 0; k < grid->at_hand; k++) {
        int32_t place[3], i = grid->filled[k];

        place[grid->axes.axis[0]] = brick_coord(grid->first[0] + i % grid->n[0]);
        place[grid->axes.axis[1]] = brick_coord(grid->first[1] + i / grid->n[0]);
        place[grid->axes.axis[2]] = brick_coord(grid->slab);
        grid->stored += !is_uniform(grid->bricks[i]);
        if (!grid->in->failed)
            grid->in->failed = goxel_volume_set_brick(
                grid->near.volume, (struct goxel_pos){place[0], place[1], place[2]}, grid->bricks[i]);
        free(grid->bricks[i]);
        grid->bricks[i] = NULL;
    }
    grid->at_hand = 0;
}

static int make_brick(struct goxel_grid *grid, struct goxel_color **brick)
{
    *brick = calloc(GOXEL_BRICK_VOXELS, sizeof(**brick));
    if (!*brick)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    grid->filled[grid->at_hand++] = (int32_t)(brick - grid->bricks);
    return goxel_import_check_bricks(grid->in->import, grid->room->bricks + bricks_of(grid));
}

/* Of the row, what lies in one brick: from a place on, in our coordinates. */
static int put_in_brick(struct goxel_grid *grid, const int32_t place[3], int64_t count,
                        struct goxel_color color)
{
    int32_t column = brick_of(place[grid->axes.axis[0]]) - grid->first[0];
    int32_t row = brick_of(place[grid->axes.axis[1]]) - grid->first[1];
    struct goxel_color **brick = &grid->bricks[row * grid->n[0] + column];
    int index = (int)goxel_brick_index((struct goxel_pos){place[0], place[1], place[2]});
    int step = (1 << 4 * grid->axes.axis[0]) * (grid->axes.down[0] ? -1 : 1);

    int code = *brick ? 0 : make_brick(grid, brick);

    for (int64_t i = 0; i < count && !code; i++, index += step)
        (*brick)[index] = color;
    return code;
}

static int put_in_bricks(struct goxel_grid *grid, int32_t place[3], int64_t count, struct goxel_color color)
{
    int32_t *along = &place[grid->axes.axis[0]], slab = brick_of(place[grid->axes.axis[2]]);
    int code = grid->bricks ? 0 : make_bricks(grid);

    if (!code && slab != grid->slab) {
        flush_bricks(grid);
        grid->slab = slab;
        code = grid->in->failed;
    }
    while (count > 0 && !code) {
        int64_t some = grid->axes.down[0] ? (*along & 15) + 1 : 16 - (*along & 15);

        some = count < some ? count : some;
        code = put_in_brick(grid, place, some, color);
        *along += (int32_t)(grid->axes.down[0] ? -some : some);
        count -= some;
    }
    return code;
}

/* For planes of so many bricks that they are not kept at hand. */
static int put_in_volume(struct goxel_grid *grid, int32_t place[3], int64_t count, struct goxel_color color)
{
    int along = grid->axes.axis[0], code = 0;

    for (int64_t i = 0; i < count && !code; i++) {
        code = goxel_accessor_set(&grid->near, (struct goxel_pos){place[0], place[1], place[2]}, color);
        place[along] += grid->axes.down[0] ? -1 : 1;
    }
    return code;
}

/* So many of the row at hand. */
static int put_some(struct goxel_grid *grid, int64_t count, struct goxel_color color)
{
    int32_t place[3];
    int code;

    for (int i = 0; i < 3; i++)
        place[grid->axes.axis[i]] = (int32_t)our_coord(grid, i, grid->at[i]);
    code = keeps_planes(grid) ? put_in_bricks(grid, place, count, color)
                              : put_in_volume(grid, place, count, color);
    grid->unchecked += count;
    if (code)
        grid->in->failed = code;
    else if (grid->unchecked >= CHECK_EVERY)
        code = check_room(grid);
    return code;
}

static void move_on(struct goxel_grid *grid, uint64_t count)
{
    uint64_t at = (uint64_t)grid->at[0] + count;

    grid->left -= count;
    if (at < (uint64_t)grid->size[0]) {
        grid->at[0] = (int64_t)at;
        return;
    }
    grid->at[0] = (int64_t)(at % (uint64_t)grid->size[0]);
    at = (uint64_t)grid->at[1] + at / (uint64_t)grid->size[0];
    grid->at[1] = (int64_t)(at % (uint64_t)grid->size[1]);
    grid->at[2] += (int64_t)(at / (uint64_t)grid->size[1]);
}

int goxel_grid_run(struct goxel_grid *grid, uint64_t count, struct goxel_color color)
{
    if (grid->in->failed || count == 0)
        return grid->in->failed;
    if (count > grid->left)
        return goxel_input_fail(grid->in, GOXEL_ERROR_INVALID_DATA, grid->in->at, "voxels",
                                "no more than the %llu that are left of the grid",
                                (unsigned long long)grid->left);
    if (color.a == 0) {
        move_on(grid, count);
        return 0;
    }
    if (claim(grid, count))
        return grid->in->failed;
    while (count > 0) {
        int64_t in_row = grid->size[0] - grid->at[0];
        int64_t some = count < (uint64_t)in_row ? (int64_t)count : in_row;
        int code = put_some(grid, some, color);

        if (code)
            return code;
        move_on(grid, (uint64_t)some);
        count -= (uint64_t)some;
    }
    return 0;
}

int goxel_grid_end(struct goxel_grid *grid)
{
    flush_bricks(grid);
    free(grid->bricks);
    free(grid->filled);
    grid->bricks = NULL;
    grid->filled = NULL;
    if (!grid->in->failed && !check_room(grid)) {
        goxel_volume_seal(grid->near.volume);
        grid->room->bricks += bricks_of(grid);
    }
    return grid->in->failed;
}

/* ---- projects ---- */

struct goxel_layer *goxel_import_layer(struct goxel_input *in, struct goxel_project *project,
                                       const uint8_t *name, size_t len)
{
    char text[GOXEL_NAME_MAX + 1] = "";
    struct goxel_layer *layer = NULL;

    if (in->failed)
        return NULL;
    if (len > 0) {
        goxel_utf8_printable(text, sizeof(text), (const char *)name, len);
        if (strlen(text) != len || memcmp(text, name, len) != 0)
            goxel_warn(in->import->warnings, "names changed", 1);
    }
    in->failed = goxel_project_add_layer(project, text, -1, &layer, in->import->detail);
    return layer;
}

int goxel_import_end(struct goxel_input *in, struct goxel_project *project,
                     struct goxel_project **ret_project)
{
    if (!in->failed && project->layer_count == 0)
        goxel_import_layer(in, project, NULL, 0);
    if (in->failed) {
        goxel_project_unref(project);
        return in->failed;
    }
    *ret_project = project;
    return 0;
}

/* ---- out of a volume ---- */

static int32_t coord(struct goxel_pos pos, int axis)
{
    return axis == 0 ? pos.x : axis == 1 ? pos.y : pos.z;
}

static void set_coord(struct goxel_pos *pos, int axis, int32_t value)
{
    *(axis == 0 ? &pos->x : axis == 1 ? &pos->y : &pos->z) = value;
}

void goxel_grid_size(const struct goxel_box *box, const struct goxel_grid_axes *axes, int64_t ret_size[3])
{
    for (int i = 0; i < 3; i++)
        ret_size[i] = (int64_t)coord(box->max, axes->axis[i]) - coord(box->min, axes->axis[i]) + 1;
}

void goxel_grid_origin(const struct goxel_box *box, const struct goxel_grid_axes *axes, int64_t ret_origin[3])
{
    for (int i = 0; i < 3; i++)
        ret_origin[i] = axes->down[i] ? -coord(box->max, axes->axis[i]) : coord(box->min, axes->axis[i]);
}

struct slab {
    const struct goxel_grid_axes *axes;
    struct goxel_box box; /* the part of the whole one that it is */
    int64_t size[3];      /* of the slab */
    struct goxel_color *colors;
    bool dirty;
};

/* How far from where the file begins. */
static int64_t file_index(const struct slab *slab, struct goxel_pos pos, int i)
{
    int axis = slab->axes->axis[i];

    return slab->axes->down[i] ? coord(slab->box.max, axis) - coord(pos, axis)
                               : coord(pos, axis) - coord(slab->box.min, axis);
}

static int fill_slab(struct slab *slab, const struct goxel_volume *volume, struct goxel_cancel *cancel)
{
    struct goxel_cursor cursor;

    if (slab->dirty)
        memset(slab->colors, 0, sizeof(*slab->colors) * (size_t)(slab->size[0] * slab->size[1] * 16));
    slab->dirty = false;
    goxel_cursor_begin(&cursor, volume, &slab->box);
    while (goxel_cursor_open_brick(&cursor)) {
        int code = goxel_cancel_check(cancel);

        if (code)
            return code;
        slab->dirty = true;
        while (goxel_cursor_next_voxel(&cursor)) {
            int64_t at = file_index(slab, cursor.pos, 2);

            at = at * slab->size[1] + file_index(slab, cursor.pos, 1);
            at = at * slab->size[0] + file_index(slab, cursor.pos, 0);
            slab->colors[at] = cursor.color;
        }
    }
    return goxel_cancel_check(cancel);
}

/* The planes from `first` to the end of its bricks or of the box, in the file's direction. Returns the plane after them. */
static int32_t set_slab(struct slab *slab, const struct goxel_box *box, int32_t first)
{
    int axis = slab->axes->axis[2];
    bool down = slab->axes->down[2];
    int32_t last = down ? first & ~15 : first | 15;

    slab->box = *box;
    last = down ? goxel_max(last, coord(box->min, axis)) : goxel_min(last, coord(box->max, axis));
    set_coord(&slab->box.min, axis, down ? last : first);
    set_coord(&slab->box.max, axis, down ? first : last);
    goxel_grid_size(&slab->box, slab->axes, slab->size);
    return down ? last - 1 : last + 1;
}

int goxel_grid_walk(const struct goxel_volume *volume, const struct goxel_box *box,
                    const struct goxel_grid_axes *axes, struct goxel_cancel *cancel, goxel_grid_put *put,
                    void *ctx)
{
    struct slab slab = {.axes = axes};
    int axis = axes->axis[2], code = 0;
    int32_t next = axes->down[2] ? coord(box->max, axis) : coord(box->min, axis);
    int64_t size[3], left;

    goxel_grid_size(box, axes, size);
    slab.colors = calloc((size_t)(size[0] * size[1] * 16), sizeof(*slab.colors));
    if (!slab.colors)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (left = size[2]; left > 0 && !code; left -= slab.size[2]) {
        next = set_slab(&slab, box, next);
        code = fill_slab(&slab, volume, cancel);
        for (int64_t i = 0; i < slab.size[2] && !code; i++)
            code = put(ctx, slab.colors + i * size[0] * size[1]);
    }
    free(slab.colors);
    return code;
}

/* ---- warnings and ceilings ---- */

void goxel_export_opaque(struct goxel_export_alpha *alpha, struct goxel_color *colors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (colors[i].a == 255 || colors[i].a == 0)
            continue;
        if (colors[i].a < GOXEL_EXPORT_ALPHA_MIN) {
            alpha->dropped++;
            colors[i] = (struct goxel_color){0, 0, 0, 0};
        } else {
            alpha->made_opaque++;
            colors[i].a = 255;
        }
    }
}

void goxel_export_warn_alpha(const struct goxel_export *export, const struct goxel_export_alpha *alpha)
{
    goxel_warn(export->warnings, "translucent voxels dropped", alpha->dropped);
    goxel_warn(export->warnings, "alpha dropped", alpha->made_opaque);
}

void goxel_export_warn_layers(const struct goxel_export *export)
{
    const struct goxel_project *project = export->project;

    for (size_t i = 0; i < project->layer_count; i++)
        goxel_warn(export->warnings, "hidden layers left out",
                   !project->layers[i]->visible && !goxel_layer_is_empty(project->layers[i]));
    goxel_warn(export->warnings, "clone and shape layers not drawn", (int64_t)goxel_project_undrawn(project));
}

void goxel_export_warn_materials(const struct goxel_export *export, bool hidden)
{
    const struct goxel_project *project = export->project;

    for (size_t i = 0; i < project->layer_count; i++) {
        const struct goxel_layer *layer = project->layers[i];
        const struct goxel_material *material = goxel_layer_material(project, layer);

        goxel_warn(export->warnings, "materials of layers left out",
                   material && (hidden || layer->visible) && !goxel_layer_is_empty(layer) &&
                       !goxel_material_looks_like(material, &goxel_material_default));
    }
}

int goxel_export_flat(const struct goxel_export *export, struct goxel_volume **ret_volume)
{
    const struct goxel_project *project = export->project;
    int code = goxel_project_flatten(project, export->cancel, ret_volume);

    if (code == GOXEL_ERROR_QUOTA)
        return goxel_fail(export->detail, code, "the layers drawn over each other take too much memory");
    if (code)
        return code;
    goxel_export_warn_layers(export);
    return 0;
}

int64_t goxel_export_bricks(const struct goxel_volume *volume, bool colors)
{
    struct goxel_cursor cursor;
    int64_t bricks = 0;

    goxel_cursor_begin(&cursor, volume, NULL);
    while (goxel_cursor_next_brick(&cursor))
        bricks += goxel_link_is_brick(cursor.link) &&
                  (colors || goxel_link_brick(cursor.link)->count < GOXEL_BRICK_VOXELS);
    return bricks;
}

int goxel_export_check_bricks(const struct goxel_export *export, int64_t bricks, size_t file_bytes)
{
    int64_t max = goxel_import_bricks_max(file_bytes);

    return bricks > max
               ? goxel_fail_limit(export->detail, GOXEL_ERROR_QUOTA, "bricks in so small a file", max, bricks)
               : 0;
}
