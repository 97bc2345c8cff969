/* SPDX-License-Identifier: GPL-3.0-or-later */
/* binvox: a head of text, taken line by line, and runs of voxels. */
#include "format/binvox.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "core/box.h"
#include "format/grid.h"

/* In the file: y, z, x. */
static const struct goxel_grid_axes axes = {{2, 1, 0}, {false, true, false}};

static const struct goxel_color voxel_color = {255, 255, 255, 255};

/* ---- reading ---- */

#define LINE_MAX_BYTES 255
#define HEAD_LINES_MAX 64

struct head {
    long long dim[3]; /* x, z, y: depth, height and width, as binvox calls them */
    double translate[3];
    double scale;
};

/* The next line without its end, as text; false: there is none, or it is too long. */
static bool next_line(struct goxel_input *in, char line[LINE_MAX_BYTES + 1])
{
    size_t left = goxel_input_left(in), start = in->at;
    const uint8_t *end = left > 0 ? memchr(in->bytes + start, '\n', left) : NULL;
    size_t len = end ? (size_t)(end - (in->bytes + start)) : 0;

    if (!end || len > LINE_MAX_BYTES) {
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, start, "line",
                         "one of at most %d bytes, and then a line `data`", LINE_MAX_BYTES);
        return false;
    }
    memcpy(line, in->bytes + start, len);
    line[len] = '\0';
    in->at += len + 1;
    return true;
}

static bool scan_line(const char *line, struct head *head)
{
    double *to = head->translate;

    if (strncmp(line, "dim", 3) == 0)
        return sscanf(line, "dim %9lld %9lld %9lld", &head->dim[0], &head->dim[1], &head->dim[2]) == 3;
    if (strncmp(line, "translate", 9) == 0)
        return sscanf(line, "translate %lf %lf %lf", &to[0], &to[1], &to[2]) == 3 && isfinite(to[0]) &&
               isfinite(to[1]) && isfinite(to[2]);
    if (strncmp(line, "scale", 5) == 0)
        return sscanf(line, "scale %lf", &head->scale) == 1 && isfinite(head->scale);
    return true; /* comments */
}

static void read_head(struct goxel_input *in, struct head *head)
{
    char line[LINE_MAX_BYTES + 1];

    in->part = "header";
    goxel_input_expect(in, "#binvox 1", 9, "first line");
    for (int i = 0; i < HEAD_LINES_MAX && !in->failed; i++) {
        size_t start = in->at;

        if (!next_line(in, line))
            return;
        if (strncmp(line, "data", 4) == 0) {
            for (int axis = 0; axis < 3; axis++)
                goxel_input_check(in, start, "dim", head->dim[axis], 1, GOXEL_COORD_MAX);
            return;
        }
        if (!scan_line(line, head))
            goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, start, "line", "numbers behind its first word");
    }
    goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, in->at, "lines", "a line `data` among the first %d",
                     HEAD_LINES_MAX);
}

/* Where the first voxel stands, in the order of the file's axes. False: at no place of voxels of ours. */
static bool place(const struct head *head, int64_t ret_origin[3])
{
    static const int world[3] = {1, 2, 0};

    for (int i = 0; i < 3; i++) {
        double at = head->translate[world[i]];

        if (head->scale != (double)head->dim[0] || at != floor(at) || fabs(at) > -(double)GOXEL_COORD_MIN)
            return false;
        ret_origin[i] = (int64_t)at;
    }
    return true;
}

static void read_voxels(struct goxel_input *in, struct goxel_grid *grid)
{
    in->part = "data";
    for (uint32_t i = 0; grid->left > 0 && !in->failed; i++) {
        const uint8_t *pair = goxel_input_bytes(in, 2, "value and count");

        if (pair)
            goxel_grid_run(grid, pair[1], pair[0] ? voxel_color : (struct goxel_color){0, 0, 0, 0});
        if (i % 65536 == 0)
            goxel_input_go_on(in);
    }
    if (!in->failed)
        goxel_warn(in->import->warnings, "bytes behind the last voxel left out",
                   (int64_t)goxel_input_left(in));
}

int goxel_binvox_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct goxel_project *project = goxel_project_create("");
    struct goxel_input in = goxel_input_of(import);
    struct head head = {.scale = 1};
    struct goxel_grid_room room = {0};
    struct goxel_layer *layer;
    struct goxel_grid grid;

    if (!project)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    read_head(&in, &head);
    layer = goxel_import_layer(&in, project, NULL, 0);
    if (layer) {
        const uint32_t size[3] = {(uint32_t)head.dim[2], (uint32_t)head.dim[1], (uint32_t)head.dim[0]};
        int64_t origin[3];

        if (!place(&head, origin)) {
            goxel_warn(import->warnings, "scale and translation left out", 1);
            origin[0] = origin[2] = 0;
            origin[1] = -(head.dim[1] - 1);
        }
        goxel_grid_begin(&grid, &in, &room, layer->volume, &axes, size, origin);
        read_voxels(&in, &grid);
        goxel_grid_end(&grid);
    }
    return goxel_import_end(&in, project, ret_project);
}

/* ---- writing ---- */

struct writer {
    struct goxel_buf *out;
    struct goxel_export_alpha alpha;
    int64_t recolored; /* voxels */
    size_t plane;      /* voxels of one */
    uint8_t value, count;
};

static void put_pair(struct writer *writer)
{
    const uint8_t pair[2] = {writer->value, writer->count};

    if (writer->count > 0)
        (void)goxel_buf_append(writer->out, pair, sizeof(pair));
    writer->count = 0;
}

static int put_plane(void *ctx, struct goxel_color *plane)
{
    struct writer *writer = ctx;

    goxel_export_opaque(&writer->alpha, plane, writer->plane);
    for (size_t i = 0; i < writer->plane; i++) {
        uint8_t value = plane[i].a != 0;

        if (value != writer->value || writer->count == UINT8_MAX)
            put_pair(writer);
        writer->value = value;
        writer->count++;
        writer->recolored += value && memcmp(&plane[i], &voxel_color, sizeof(voxel_color)) != 0;
    }
    return writer->out->failed ? writer->out->failed : goxel_buf_offer(writer->out);
}

/* Along one axis; moved where the range ends. */
static void make_edge(int32_t *min, int32_t *max, int32_t edge)
{
    *min = goxel_min(*min, GOXEL_COORD_MAX - edge + 1);
    *max = *min + edge - 1;
}

static int make_cube(const struct goxel_export *export, struct goxel_box *box)
{
    struct goxel_pos size = goxel_box_size(box);
    int32_t edge = goxel_max(goxel_max(size.x, size.y), size.z);

    if (edge > GOXEL_BINVOX_EDGE_MAX)
        return goxel_fail_limit(export->detail, GOXEL_ERROR_QUOTA, "voxels along an axis",
                                GOXEL_BINVOX_EDGE_MAX, edge);
    make_edge(&box->min.x, &box->max.x, edge);
    make_edge(&box->min.y, &box->max.y, edge);
    make_edge(&box->min.z, &box->max.z, edge);
    return 0;
}

static int put_cube(struct writer *writer, const struct goxel_export *export,
                    const struct goxel_volume *volume)
{
    struct goxel_box box = {{0, 0, 0}, {0, 0, 0}}; /* of nothing */
    int64_t size[3], origin[3];
    int code;

    (void)goxel_volume_bounds(volume, &box);
    code = make_cube(export, &box);
    if (code)
        return code;
    goxel_grid_size(&box, &axes, size);
    goxel_grid_origin(&box, &axes, origin);
    writer->plane = (size_t)(size[0] * size[1]);
    goxel_buf_printf(writer->out, "#binvox 1\ndim %lld %lld %lld\n", (long long)size[2], (long long)size[1],
                     (long long)size[0]);
    goxel_buf_printf(writer->out, "translate %lld %lld %lld\nscale %lld\ndata\n", (long long)origin[2],
                     (long long)origin[0], (long long)origin[1], (long long)size[0]);
    code = goxel_grid_walk(volume, &box, &axes, export->cancel, put_plane, writer);
    put_pair(writer);
    return code;
}

int goxel_binvox_write(const struct goxel_export *export, struct goxel_buf *out)
{
    struct writer writer = {.out = out};
    size_t before = out->drained + out->len;
    struct goxel_volume *volume;
    int code = goxel_export_flat(export, &volume);

    if (code)
        return code;
    code = put_cube(&writer, export, volume);
    if (!code)
        code = goxel_export_check_bricks(export, goxel_export_bricks(volume, false),
                                         out->drained + out->len - before);
    goxel_volume_destroy(volume);
    if (code || out->failed)
        return code ? code : out->failed;
    goxel_export_warn_alpha(export, &writer.alpha);
    goxel_warn(export->warnings, "colours of voxels dropped", writer.recolored);
    return 0;
}
