/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Qubicle Binary: what the header says of all matrices, and the two ways in which their voxels are written down. */
#include "format/qb.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/cursor.h"
#include "format/grid.h"

#define RUN 2u
#define PLANE_END 6u
#define VERSION 0x101u /* 1.1.0.0 */
#define MATRIX_MIN 25  /* bytes of a matrix without name and voxels */

const struct goxel_format_option goxel_qb_options[] = {
    {"rle", GOXEL_FORMAT_OUT, GOXEL_FORMAT_FLAG, "false", 0, 0, NULL,
     "Equal voxels of a row are written once with their number: smaller, and slower to read"},
    {NULL},
};

/* By the flag in the header: 0 left-handed, 1 right-handed. */
static const struct goxel_grid_axes orientations[] = {
    {{0, 2, 1}, {false, false, true}},
    {{0, 2, 1}, {false, false, false}},
};
#define RIGHT_HANDED 1

/* ---- reading ---- */

struct reader {
    struct goxel_input in;
    struct goxel_grid_room room;
    struct goxel_project *project;
    bool bgra, rle;
    const struct goxel_grid_axes *axes;
    uint32_t matrices;
};

static struct goxel_color color_of(const struct reader *reader, const uint8_t bytes[4])
{
    if (bytes[3] == 0)
        return (struct goxel_color){0, 0, 0, 0};
    return reader->bgra ? (struct goxel_color){bytes[2], bytes[1], bytes[0], 255}
                        : (struct goxel_color){bytes[0], bytes[1], bytes[2], 255};
}

static void read_plain(struct reader *reader, struct goxel_grid *grid)
{
    struct goxel_input *in = &reader->in;
    uint64_t count = grid->left;
    const uint8_t *bytes;

    if (count > goxel_input_left(in) / 4) { /* before it is multiplied */
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, in->at, "voxels",
                         "four bytes for each of %llu, and there are %zu bytes", (unsigned long long)count,
                         goxel_input_left(in));
        return;
    }
    bytes = goxel_input_bytes(in, 4 * count, "voxels");
    for (uint64_t i = 0; i < count && !in->failed; i++)
        goxel_grid_run(grid, 1, color_of(reader, bytes + 4 * i));
}

/* One plane of so many voxels; those that it does not come to are empty. */
static void read_plane(struct reader *reader, struct goxel_grid *grid, uint64_t left)
{
    struct goxel_input *in = &reader->in;

    for (;;) {
        size_t start = in->at;
        uint32_t word = goxel_input_u32(in, "colour, run or end of plane"), count = 1;
        const uint8_t *color = in->bytes + start;

        if (in->failed || word == PLANE_END)
            break;
        if (word == RUN) {
            count = goxel_input_u32(in, "length of a run");
            color = goxel_input_bytes(in, 4, "colour of a run");
        }
        if (!goxel_input_check(in, start, "voxels of a plane", count, 0, (int64_t)left) ||
            goxel_grid_run(grid, count, color_of(reader, color)))
            return;
        left -= count;
    }
    goxel_grid_run(grid, left, (struct goxel_color){0, 0, 0, 0});
}

static void read_matrix(struct reader *reader)
{
    struct goxel_input *in = &reader->in;
    uint8_t name_len = goxel_input_u8(in, "length of the name");
    const uint8_t *name = goxel_input_bytes(in, name_len, "name");
    struct goxel_layer *layer;
    struct goxel_grid grid;
    uint32_t size[3];
    int64_t origin[3];

    for (int i = 0; i < 3; i++)
        size[i] = goxel_input_u32(in, "size");
    for (int i = 0; i < 3; i++)
        origin[i] = goxel_input_i32(in, "position");
    layer = goxel_import_layer(in, reader->project, name, name_len);
    if (!layer)
        return;
    goxel_grid_begin(&grid, in, &reader->room, layer->volume, reader->axes, size, origin);
    if (!reader->rle)
        read_plain(reader, &grid);
    for (uint32_t i = 0; reader->rle && i < size[2] && !in->failed; i++)
        read_plane(reader, &grid, grid.left > 0 ? (uint64_t)size[0] * size[1] : 0);
    goxel_grid_end(&grid);
}

static uint32_t read_flag(struct goxel_input *in, const char *what)
{
    size_t at = in->at;
    uint32_t value = goxel_input_u32(in, what);

    return goxel_input_check(in, at, what, value, 0, 1) ? value : 0;
}

static void read_header(struct reader *reader)
{
    struct goxel_input *in = &reader->in;
    uint32_t version = goxel_input_u32(in, "version");

    in->part = "header";
    if (!in->failed && version != VERSION)
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, 0, "version", "1.1.0.0, got %u.%u.%u.%u",
                         version & 255, version >> 8 & 255, version >> 16 & 255, version >> 24);
    reader->bgra = read_flag(in, "colour format");
    reader->axes = &orientations[read_flag(in, "orientation of the z axis")];
    reader->rle = read_flag(in, "compression");
    (void)read_flag(in, "encoding of visibility"); /* either way 0 is no voxel */
    reader->matrices = goxel_input_u32(in, "number of matrices");
    goxel_input_check(in, in->at - 4, "number of matrices", reader->matrices, 0, GOXEL_LAYERS_MAX);
}

int goxel_qb_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct reader reader = {.in = goxel_input_of(import), .project = goxel_project_create("")};
    struct goxel_input *in = &reader.in;

    if (!reader.project)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    read_header(&reader);
    in->part = "matrix";
    for (uint32_t i = 0; i < reader.matrices && !goxel_input_go_on(in); i++) {
        if (i > 0 && goxel_input_left(in) == 0) {
            goxel_warn(import->warnings, "matrices announced and missing", reader.matrices - i);
            break;
        }
        read_matrix(&reader);
    }
    if (!in->failed)
        goxel_warn(import->warnings, "bytes behind the last matrix left out", (int64_t)goxel_input_left(in));
    return goxel_import_end(in, reader.project, ret_project);
}

/* ---- writing: what becomes a matrix ---- */

#define DENSE_MAX ((int64_t)1 << 24)  /* voxels of a box that is written whatever is in it: 64 MiB */
#define MATRIX_MAX ((int64_t)1 << 28) /* and of any */
#define SPARSE 16                     /* voxels of a box for each one that is there */
#define TILE 256                      /* a multiple of what the tree keeps together */

struct writer {
    const struct goxel_export *export;
    struct goxel_buf *out;
    bool rle;
    struct goxel_export_alpha alpha;
    uint32_t matrices;
    int64_t bricks; /* that a reader will make */
    size_t plane;   /* voxels */
};

static bool is_dense(const struct goxel_volume *volume, const struct goxel_box *box)
{
    int64_t size[3], voxels;

    goxel_grid_size(box, &orientations[RIGHT_HANDED], size);
    if (size[0] * size[1] > GOXEL_GRID_PLANE_MAX)
        return false;
    voxels = size[0] * size[1] * size[2];
    return voxels <= DENSE_MAX || (voxels <= MATRIX_MAX && voxels / SPARSE <= goxel_volume_count(volume));
}

static int add_box(struct goxel_buf *boxes, const struct goxel_box *box)
{
    return goxel_buf_append(boxes, box, sizeof(*box));
}

static struct goxel_pos tile_of(struct goxel_pos pos)
{
    return (struct goxel_pos){pos.x & ~(TILE - 1), pos.y & ~(TILE - 1), pos.z & ~(TILE - 1)};
}

/* The cursor finishes one tile before it begins the next: bounds of what is in each. */
static int split(const struct goxel_volume *volume, struct goxel_cancel *cancel, struct goxel_buf *boxes)
{
    struct goxel_cursor cursor;
    struct goxel_box box = goxel_box_nowhere;
    struct goxel_pos tile = {0, 0, 0};
    bool any = false;
    int code = 0;

    goxel_cursor_begin(&cursor, volume, NULL);
    while (!code && goxel_cursor_open_brick(&cursor)) {
        struct goxel_pos here = tile_of(cursor.corner);

        code = goxel_cancel_check(cancel);
        if (!code && any && memcmp(&here, &tile, sizeof(here)) != 0) {
            code = add_box(boxes, &box);
            box = goxel_box_nowhere;
        }
        tile = here;
        any = true;
        while (goxel_cursor_next_voxel(&cursor)) {
            struct goxel_box voxel = {cursor.pos, cursor.pos};

            goxel_box_widen(&box, &voxel);
        }
    }
    if (!code && any)
        code = add_box(boxes, &box);
    return code;
}

/* Boxes of what a layer shows, in the buffer: one, or those that it is split into. */
static int boxes_of(struct writer *writer, const struct goxel_volume *volume, struct goxel_buf *boxes)
{
    struct goxel_box box = {{0, 0, 0}, {0, 0, 0}}; /* of an empty layer */
    int code;

    if (!goxel_volume_bounds(volume, &box) || is_dense(volume, &box))
        return add_box(boxes, &box);
    code = split(volume, writer->export->cancel, boxes);
    if (!code)
        goxel_warn(writer->export->warnings, "large layers of few voxels split", 1);
    return code;
}

/* ---- writing: matrices ---- */

static void put_color(struct goxel_buf *out, struct goxel_color color)
{
    (void)goxel_buf_append(out, &color, sizeof(color));
}

static void put_run(struct goxel_buf *out, struct goxel_color color, size_t count)
{
    if (count > 3) { /* a run takes three words */
        goxel_buf_put_le32(out, RUN);
        goxel_buf_put_le32(out, (uint32_t)count);
        put_color(out, color);
        return;
    }
    for (size_t i = 0; i < count; i++)
        put_color(out, color);
}

static void put_runs(struct goxel_buf *out, const struct goxel_color *plane, size_t count)
{
    size_t start = 0;

    for (size_t i = 1; i <= count; i++) {
        if (i < count && goxel_color_bits(plane[i]) == goxel_color_bits(plane[start]))
            continue;
        put_run(out, plane[start], i - start);
        start = i;
    }
    goxel_buf_put_le32(out, PLANE_END);
}

static int put_plane(void *ctx, struct goxel_color *plane)
{
    struct writer *writer = ctx;

    goxel_export_opaque(&writer->alpha, plane, writer->plane);
    if (writer->rle)
        put_runs(writer->out, plane, writer->plane);
    else
        (void)goxel_buf_append(writer->out, plane, writer->plane * sizeof(*plane)); /* the bytes r, g, b, a */
    return writer->out->failed ? writer->out->failed : goxel_buf_offer(writer->out);
}

static int put_matrix(struct writer *writer, const char *name, const struct goxel_volume *volume,
                      const struct goxel_box *box)
{
    const struct goxel_grid_axes *axes = &orientations[RIGHT_HANDED];
    struct goxel_buf *out = writer->out;
    int64_t size[3], origin[3];

    _Static_assert(GOXEL_NAME_MAX <= UINT8_MAX, "the length of a name is a byte");
    goxel_grid_size(box, axes, size);
    goxel_grid_origin(box, axes, origin);
    goxel_buf_putc(out, (char)strlen(name));
    goxel_buf_puts(out, name);
    for (int i = 0; i < 3; i++)
        goxel_buf_put_le32(out, (uint32_t)size[i]);
    for (int i = 0; i < 3; i++)
        goxel_buf_put_le32(out, (uint32_t)origin[i]);
    writer->plane = (size_t)(size[0] * size[1]);
    return goxel_grid_walk(volume, box, axes, writer->export->cancel, put_plane, writer);
}

/* A layer that has been looked at: what it shows, and where its matrices are. */
struct shown {
    struct goxel_volume *volume;
    struct goxel_buf boxes; /* struct goxel_box each */
};

static size_t box_count(const struct shown *shown)
{
    return shown->boxes.len / sizeof(struct goxel_box);
}

static int look_at(struct writer *writer, const struct goxel_layer *layer, struct shown *shown)
{
    const struct goxel_export *export = writer->export;
    int code = goxel_layer_shown(export->project, layer, export->cancel, &shown->volume);

    if (code == GOXEL_ERROR_BAD_PROJECT_STATE) {
        goxel_warn(export->warnings, "clone and shape layers not drawn", 1);
        return 0;
    }
    if (code)
        return code;
    goxel_warn(export->warnings, "hidden layers that will be shown", !layer->visible);
    goxel_warn(export->warnings, "modes of layers left out", layer->mode != GOXEL_MODE_OVER);
    goxel_buf_init(&shown->boxes, (GOXEL_LAYERS_MAX - writer->matrices) * sizeof(struct goxel_box));
    code = boxes_of(writer, shown->volume, &shown->boxes);
    writer->matrices += (uint32_t)box_count(shown);
    writer->bricks += goxel_export_bricks(shown->volume, true);
    return code == GOXEL_ERROR_MESSAGE_SIZE ? goxel_fail_limit(export->detail, GOXEL_ERROR_QUOTA, "matrices",
                                                               GOXEL_LAYERS_MAX, GOXEL_LAYERS_MAX + 1)
                                            : code;
}

static void put_header(struct writer *writer)
{
    const uint32_t words[] = {VERSION, 0, RIGHT_HANDED, writer->rle, 0, writer->matrices};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        goxel_buf_put_le32(writer->out, words[i]);
}

static int put_layers(struct writer *writer, struct shown *shown)
{
    const struct goxel_project *project = writer->export->project;
    int code = 0;

    for (size_t i = 0; i < project->layer_count && !code; i++)
        code = look_at(writer, project->layers[i], &shown[i]);
    if (code)
        return code;
    put_header(writer);
    for (size_t i = 0; i < project->layer_count; i++) {
        for (size_t j = 0; j < box_count(&shown[i]) && !code; j++) {
            struct goxel_box box;

            memcpy(&box, shown[i].boxes.data + j * sizeof(box), sizeof(box));
            code = put_matrix(writer, project->layers[i]->name, shown[i].volume, &box);
        }
    }
    return code;
}

int goxel_qb_write(const struct goxel_export *export, struct goxel_buf *out)
{
    struct writer writer = {.export = export, .out = out, .rle = goxel_format_flag(export->options, "rle")};
    size_t count = export->project->layer_count, before = out->drained + out->len;
    struct shown *shown = calloc(count + 1, sizeof(*shown));
    int code;

    if (!shown)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    code = put_layers(&writer, shown);
    for (size_t i = 0; i < count; i++) {
        goxel_volume_destroy(shown[i].volume);
        goxel_buf_finish(&shown[i].boxes);
    }
    free(shown);
    if (!code)
        code = goxel_export_check_bricks(export, writer.bricks, out->drained + out->len - before);
    if (code || out->failed)
        return code ? code : out->failed;
    goxel_export_warn_alpha(export, &writer.alpha);
    return 0;
}
