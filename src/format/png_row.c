/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/png_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/accessor.h"
#include "format/grid.h"
#include "format/input.h"
#include "format/relief.h"

#define KEYWORD "goxel-slices"
#define SIDE_MAX (GOXEL_COORD_MAX + 1) /* of a picture that can be read */

enum { AUTO, PICTURE, EXTRUDE, HEIGHTMAP, SLICES }; /* from the second one on, rows of goxel_relief_modes */

/* clang-format off */
const struct goxel_format_option goxel_png_row_options[] = {
    {"mode", GOXEL_FORMAT_IN, GOXEL_FORMAT_CHOICE, "auto", 0, 0, "auto picture extrude heightmap slices",
     "What the pixels are; auto: slices where the file says so, else a picture"},
    {"depth", GOXEL_FORMAT_IN, GOXEL_FORMAT_INT, "0", 0, SIDE_MAX, NULL,
     "Voxels of the depth, 1 of a picture and up to 4096 of others, or how many slices there are; 0: 1, 16 (extrude) or 256 (heightmap) "
     "voxels, and slices as the file says, or as many as are square",
     .only = {"mode", "picture extrude heightmap slices"}},
    {"alpha_min", GOXEL_FORMAT_IN, GOXEL_FORMAT_INT, "1", 1, 255, NULL, "Pixels of less alpha are left out", .alias = "threshold_alpha"},
    {"axis", GOXEL_FORMAT_IN | GOXEL_FORMAT_OUT, GOXEL_FORMAT_CHOICE, "z", 0, 0, "x y z",
     "Slices lie across it; a file that says so itself goes by that, unless it is given", .only = {"mode", "slices"}},
    {"level", GOXEL_FORMAT_OUT, GOXEL_FORMAT_INT, "1", 0, 9, NULL, "Effort of the compression: 1 is fast, 9 is small"},
    {NULL},
};
/* clang-format on */

/* ---- slices ---- */

struct slices {
    int axis; /* 0 x, 1 y, 2 z */
    int count, width, height;
    struct goxel_pos corner;
};

static struct goxel_pos place(const struct slices *slices, int slice, int right, int down)
{
    struct goxel_pos pos = slices->corner;

    pos.x += slices->axis == 0 ? slice : right;
    pos.y += slices->axis == 0 ? right : slices->axis == 1 ? slice : down;
    pos.z += slices->axis == 2 ? slice : down;
    return pos;
}

/* ---- reading ---- */

/* The text of our chunk, which comes before the pixels; false: there is none. What is no PNG is told elsewhere. */
static bool find_text(const struct goxel_import *import, char *ret_text, size_t size)
{
    struct goxel_import quiet = *import;
    struct goxel_input in;

    quiet.detail = NULL;
    in = goxel_input_of(&quiet);
    (void)goxel_input_bytes(&in, 8, "signature");
    while (!goxel_input_go_on(&in)) {
        uint32_t len = goxel_input_u32_be(&in, "length");
        const uint8_t *type = goxel_input_bytes(&in, 4, "type");
        const uint8_t *data = goxel_input_bytes(&in, len, "data");

        (void)goxel_input_u32_be(&in, "checksum");
        if (in.failed || memcmp(type, "IDAT", 4) == 0)
            return false;
        if (memcmp(type, "tEXt", 4) != 0 || len < sizeof(KEYWORD) || len - sizeof(KEYWORD) >= size ||
            memcmp(data, KEYWORD, sizeof(KEYWORD)) != 0)
            continue;
        memcpy(ret_text, data + sizeof(KEYWORD), len - sizeof(KEYWORD));
        ret_text[len - sizeof(KEYWORD)] = '\0';
        return true;
    }
    return false;
}

/* A number after a space. */
static bool parse(const char **at, long min, long max, int *ret_value)
{
    char *end;
    long value;

    if (**at != ' ')
        return false;
    value = strtol(*at + 1, &end, 10);
    if (end == *at + 1 || value < min || value > max)
        return false;
    *at = end;
    *ret_value = (int)value;
    return true;
}

/* What our chunk says, if it can be so of that picture. */
static bool find_slices(const struct goxel_import *import, const struct goxel_picture *picture,
                        struct slices *ret_slices)
{
    struct slices slices = {.count = 0};
    char text[80];
    const char *at = text + 1;

    if (!find_text(import, text, sizeof(text)) || text[0] < 'x' || text[0] > 'z')
        return false;
    slices.axis = text[0] - 'x';
    if (!parse(&at, 1, (long)picture->width, &slices.count) || picture->width % (unsigned)slices.count ||
        !parse(&at, GOXEL_COORD_MIN, GOXEL_COORD_MAX, &slices.corner.x) ||
        !parse(&at, GOXEL_COORD_MIN, GOXEL_COORD_MAX, &slices.corner.y) ||
        !parse(&at, GOXEL_COORD_MIN, GOXEL_COORD_MAX, &slices.corner.z) || *at)
        return false;
    slices.width = (int)picture->width / slices.count;
    slices.height = (int)picture->height;
    if (!goxel_pos_valid(place(&slices, slices.count - 1, slices.width - 1, slices.height - 1)))
        return false;
    *ret_slices = slices;
    return true;
}

/* What the options say, where they say it, and else the file; or as many as are square. */
static int choose_slices(const struct goxel_import *import, const struct goxel_picture *picture,
                         struct slices *ret_slices)
{
    unsigned count = (unsigned)goxel_format_int(import->options, "depth");
    char given[16];

    if (count == 0 && !goxel_format_given(import->options, "axis") &&
        find_slices(import, picture, ret_slices))
        return 0;
    if (count == 0 && picture->width % picture->height == 0)
        count = picture->width / picture->height;
    snprintf(given, sizeof(given), "%u", count);
    if (count == 0 || picture->width % count)
        return goxel_fail_value(import->detail, GOXEL_ERROR_INVALID_PARAMS, "options.depth",
                                count ? given : NULL,
                                "how many slices lie side by side: a divisor of the width, which is %u%s",
                                picture->width, count ? "" : " (the file does not say it)");
    *ret_slices = (struct slices){.axis = goxel_format_int(import->options, "axis"),
                                  .count = (int)count,
                                  .width = (int)(picture->width / count),
                                  .height = (int)picture->height};
    return 0;
}

/*
 * How well pixels can be compressed says nothing of them: a picture counts as so many bytes as they have. Its bricks hold a color for each
 * of their columns at most, a third of what bricks may, and GOXEL_PNG_PIXEL_BYTES_MAX stands for some 1 GiB of those.
 */
static int check_bricks(const struct goxel_import *import, const struct goxel_picture *picture,
                        int64_t bricks)
{
    size_t bytes = (size_t)picture->width * picture->height * sizeof(*picture->pixels);
    struct goxel_import plain = *import;

    bytes = bytes < GOXEL_PNG_PIXEL_BYTES_MAX ? bytes : GOXEL_PNG_PIXEL_BYTES_MAX;
    plain.len = bytes > import->len ? bytes : import->len;
    return goxel_import_check_bricks(&plain, bricks);
}

static int read_slice(const struct goxel_import *import, const struct goxel_picture *picture,
                      const struct slices *slices, int slice, struct goxel_volume *volume)
{
    struct goxel_accessor near = goxel_accessor_make(volume);
    int least = goxel_format_int(import->options, "alpha_min"), code = 0;

    for (int down = 0; down < slices->height && !code; down++) {
        const struct goxel_color *row = picture->pixels + (size_t)down * picture->width +
                                        (size_t)slice * (size_t)slices->width;

        for (int right = 0; right < slices->width && !code; right++) {
            if (row[right].a >= least)
                code = goxel_accessor_set(&near, place(slices, slice, right, down), row[right]);
        }
        if (!code)
            code = check_bricks(import, picture, goxel_volume_bricks(volume));
    }
    return code;
}

static int read_slices(const struct goxel_import *import, const struct goxel_picture *picture,
                       const struct slices *slices, struct goxel_project **ret_project)
{
    struct goxel_project *project = goxel_project_create("");
    struct goxel_layer *layer = NULL;
    int code = GOXEL_ERROR_OUT_OF_MEMORY;

    if (project)
        code = goxel_project_add_layer(project, "Image", -1, &layer, import->detail);
    for (int i = 0; i < slices->count && !code; i++) {
        code = goxel_cancel_check(import->cancel);
        if (!code)
            code = read_slice(import, picture, slices, i, layer->volume);
    }
    if (code) {
        goxel_project_unref(project);
        return code;
    }
    *ret_project = project;
    return 0;
}

static int read_relief(const struct goxel_import *import, const struct goxel_picture *picture, int mode,
                       struct goxel_project **ret_project)
{
    const struct goxel_relief_mode *row = &goxel_relief_modes[mode - PICTURE];
    int depth = goxel_format_int(import->options, "depth"), code;
    struct goxel_relief relief = {row, depth ? depth : row->depth,
                                  goxel_format_int(import->options, "alpha_min")};
    char given[16];

    snprintf(given, sizeof(given), "%d", depth);
    if (depth > row->depth_max)
        return goxel_fail_value(import->detail, GOXEL_ERROR_INVALID_PARAMS, "options.depth", given,
                                "1 to %d in the mode %s", row->depth_max, row->name);
    code = check_bricks(import, picture, goxel_relief_bricks(&relief, picture));
    return code ? code : goxel_relief_make(&relief, picture, import->cancel, ret_project);
}

static int read_picture(const struct goxel_import *import, const struct goxel_picture *picture,
                        struct goxel_project **ret_project)
{
    int mode = goxel_format_int(import->options, "mode"), code = 0;
    struct slices slices = {0};

    if (mode == AUTO)
        mode = find_slices(import, picture, &slices) ? SLICES : PICTURE;
    else if (mode == SLICES)
        code = choose_slices(import, picture, &slices);
    if (code)
        return code;
    goxel_warn(import->warnings, "channels of 16 bits reduced to 8", picture->reduced);
    return mode == SLICES ? read_slices(import, picture, &slices, ret_project)
                          : read_relief(import, picture, mode, ret_project);
}

int goxel_png_row_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct goxel_picture picture;
    int code = goxel_cancel_check(import->cancel);

    if (!code)
        code = goxel_png_load(import->bytes, import->len, import->detail, &picture);
    if (code)
        return code;
    code = read_picture(import, &picture, ret_project);
    goxel_picture_finish(&picture);
    return code;
}

/* ---- writing ---- */

struct writer {
    const struct goxel_export *export;
    struct slices slices;
    struct goxel_reader reader;
};

static int make_row(void *ctx, unsigned y, struct goxel_color *ret_pixels)
{
    struct writer *writer = ctx;
    const struct slices *slices = &writer->slices;
    int code = goxel_cancel_check(writer->export->cancel);

    for (int i = 0; i < slices->count; i++) {
        for (int right = 0; right < slices->width; right++)
            *ret_pixels++ = goxel_reader_get(&writer->reader, place(slices, i, right, (int)y));
    }
    return code;
}

static int measure(const struct goxel_export *export, const struct goxel_volume *picture,
                   struct slices *ret_slices)
{
    struct goxel_box box = {{0, 0, 0}, {0, 0, 0}};
    int axis = goxel_format_int(export->options, "axis");
    int64_t width, side, pixels;
    int size[3];

    (void)goxel_volume_bounds(picture, &box); /* nothing is a pixel without alpha */
    size[0] = box.max.x - box.min.x + 1;
    size[1] = box.max.y - box.min.y + 1;
    size[2] = box.max.z - box.min.z + 1;
    *ret_slices = (struct slices){axis, size[axis], size[axis == 0 ? 1 : 0], size[axis == 2 ? 1 : 2],
                                  box.min};
    width = (int64_t)ret_slices->count * ret_slices->width;
    side = width > ret_slices->height ? width : ret_slices->height;
    if (side > SIDE_MAX)
        return goxel_fail_limit(export->detail, GOXEL_ERROR_QUOTA, "pixels of a side", SIDE_MAX, side);
    pixels = width * ret_slices->height;
    if (pixels > GOXEL_PICTURE_PIXELS_MAX)
        return goxel_fail_limit(export->detail, GOXEL_ERROR_QUOTA, "pixels of a picture",
                                GOXEL_PICTURE_PIXELS_MAX, pixels);
    return 0;
}

static int write_slices(const struct goxel_export *export, const struct goxel_volume *picture,
                        struct goxel_buf *out)
{
    struct writer writer = {.export = export, .reader = goxel_reader_make(picture)};
    struct slices *slices = &writer.slices;
    struct goxel_png_source source = {.level = goxel_format_int(export->options, "level"),
                                      .keyword = KEYWORD,
                                      .row = make_row,
                                      .ctx = &writer};
    uint64_t failures = goxel_away_failures();
    char text[80];
    int code = measure(export, picture, slices);

    if (code)
        return code;
    snprintf(text, sizeof(text), "%c %d %d %d %d", 'x' + slices->axis, slices->count, slices->corner.x,
             slices->corner.y, slices->corner.z);
    source.text = text;
    source.width = (unsigned)(slices->count * slices->width);
    source.height = (unsigned)slices->height;
    code = goxel_png_write_rows(&source, out);
    return code ? code : goxel_away_check(failures, export->detail);
}

int goxel_png_row_write(const struct goxel_export *export, struct goxel_buf *out)
{
    struct goxel_volume *picture;
    int code = goxel_export_flat(export, &picture);

    if (code)
        return code;
    code = write_slices(export, picture, out);
    goxel_volume_destroy(picture);
    return code;
}
