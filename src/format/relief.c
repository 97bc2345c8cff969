/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns are written one after another, tile by tile: a tile is as wide as a brick, so that its bricks stay at hand. */
#include "format/relief.h"

#include "base/error.h"
#include "core/accessor.h"

static int flat(struct goxel_color color, int depth)
{
    (void)color;
    return depth;
}

/* Black is one voxel high, white all of the depth. The luminance is that of ITU-R BT.709, of the values as they are. */
static int by_light(struct goxel_color color, int depth)
{
    int light = (2126 * color.r + 7152 * color.g + 722 * color.b + 5000) / 10000;

    return 1 + (light * (depth - 1) + 127) / 255;
}

const struct goxel_relief_mode goxel_relief_modes[] = {
    {"picture", 1, 1, flat},
    {"extrude", 16, GOXEL_RELIEF_DEPTH_MAX, flat},
    {"heightmap", 256, GOXEL_RELIEF_DEPTH_MAX, by_light},
    {.name = NULL},
};

/* A walk over the tiles of a picture. */
struct tile {
    unsigned left, top, right, bottom; /* the last two are outside */
};

static bool next_tile(const struct goxel_picture *picture, struct tile *tile)
{
    /* Rows of tiles are those of bricks: counted from below. */
    unsigned first = (picture->height - 1) % GOXEL_BRICK_SIZE + 1;

    if (tile->bottom == 0 || tile->right == picture->width) {
        tile->top = tile->bottom;
        tile->bottom += tile->bottom ? GOXEL_BRICK_SIZE : first;
        tile->right = 0;
    }
    tile->left = tile->right;
    tile->right += GOXEL_BRICK_SIZE;
    if (tile->right > picture->width)
        tile->right = picture->width;
    return tile->bottom <= picture->height;
}

static int column(const struct goxel_relief *relief, struct goxel_color color)
{
    return color.a < relief->alpha_min ? 0 : relief->mode->height(color, relief->depth);
}

static const struct goxel_color *row_of(const struct goxel_picture *picture, unsigned y)
{
    return picture->pixels + (size_t)y * picture->width;
}

int64_t goxel_relief_bricks(const struct goxel_relief *relief, const struct goxel_picture *picture)
{
    struct tile tile = {0};
    int64_t bricks = 0;

    while (next_tile(picture, &tile)) {
        int highest = 0;

        for (unsigned y = tile.top; y < tile.bottom; y++) {
            for (unsigned x = tile.left; x < tile.right; x++) {
                int height = column(relief, row_of(picture, y)[x]);

                highest = height > highest ? height : highest;
            }
        }
        bricks += (highest + GOXEL_BRICK_SIZE - 1) / GOXEL_BRICK_SIZE;
    }
    return bricks;
}

/* What a brick of the tile has of the column at `pos`, its lowest place there; `more`: the column goes on above it. */
static int draw_column(struct goxel_accessor *near, struct goxel_pos pos, int end, struct goxel_color color,
                       bool *more)
{
    int top = pos.z + GOXEL_BRICK_SIZE, code = 0;

    *more = *more || end > top;
    for (; pos.z < top && pos.z < end && !code; pos.z++)
        code = goxel_accessor_set(near, pos, color);
    return code;
}

/* From the ground up, brick by brick. */
static int draw_tile(const struct goxel_relief *relief, const struct goxel_picture *picture,
                     const struct tile *tile, struct goxel_volume *volume)
{
    struct goxel_accessor near = goxel_accessor_make(volume);
    bool more = true;
    int code = 0;

    for (int from = 0; more && !code; from += GOXEL_BRICK_SIZE) {
        more = false;
        for (unsigned y = tile->top; y < tile->bottom && !code; y++) {
            for (unsigned x = tile->left; x < tile->right && !code; x++) {
                struct goxel_color color = row_of(picture, y)[x];

                code = draw_column(&near, (struct goxel_pos){(int)x, (int)(picture->height - 1 - y), from},
                                   column(relief, color), color, &more);
            }
        }
    }
    return code;
}

int goxel_relief_make(const struct goxel_relief *relief, const struct goxel_picture *picture,
                      struct goxel_cancel *cancel, struct goxel_project **ret_project)
{
    struct goxel_project *project = goxel_project_create("");
    struct goxel_layer *layer = NULL;
    struct tile tile = {0};
    int code = project ? goxel_project_add_layer(project, "Image", -1, &layer, NULL)
                       : GOXEL_ERROR_OUT_OF_MEMORY;

    while (!code && next_tile(picture, &tile)) { /* each sealed, for the least memory */
        code = goxel_cancel_check(cancel);
        if (!code)
            code = draw_tile(relief, picture, &tile, layer->volume);
        goxel_volume_seal(layer->volume);
    }
    if (code) {
        goxel_project_unref(project);
        return code;
    }
    *ret_project = project;
    return 0;
}
