/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sproxel's table, taken apart where it lies and put together by hand. */
#include "format/csv.h"

#include <string.h>

#include "base/error.h"
#include "format/grid.h"

#define CELL 10 /* "#RRGGBBAA" and what follows it */

/* In the file: x, z, y from the top. */
static const struct goxel_grid_axes axes = {{0, 1, 2}, {false, true, true}};

/* ---- reading ---- */

struct reader {
    struct goxel_input in;
    int64_t line;
};

static int refuse(struct reader *reader, const char *what, const char *expected)
{
    struct goxel_input *in = &reader->in;

    if (!in->failed)
        in->failed = goxel_fail_at(in->import->detail, GOXEL_ERROR_INVALID_DATA, reader->line,
                                   (int64_t)in->at, "%s: expected %s", what, expected);
    return in->failed;
}

static bool at_gap(const struct goxel_input *in)
{
    uint8_t byte = in->bytes[in->at];

    return byte == ',' || byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void skip_gap(struct reader *reader)
{
    struct goxel_input *in = &reader->in;

    for (; in->at < in->end && at_gap(in); in->at++)
        reader->line += in->bytes[in->at] == '\n';
}

static void read_number(struct reader *reader, uint32_t *ret_value)
{
    struct goxel_input *in = &reader->in;
    size_t start;
    uint32_t value = 0;

    skip_gap(reader);
    for (start = in->at; in->at < in->end && !at_gap(in); in->at++) {
        unsigned digit = in->bytes[in->at] - (unsigned)'0';

        if (digit > 9 || value > GOXEL_COORD_MAX) {
            refuse(reader, "size", "three whole numbers, 1 to 1048575 each");
            return;
        }
        value = value * 10 + digit;
    }
    if (in->at == start || value == 0 || value > GOXEL_COORD_MAX)
        refuse(reader, "size", "three whole numbers, 1 to 1048575 each");
    *ret_value = value;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20; /* lower case */
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static int read_color(struct reader *reader, struct goxel_color *ret_color)
{
    struct goxel_input *in = &reader->in;
    uint8_t parts[4] = {0};
    size_t digits = 0;

    skip_gap(reader);
    if (in->at == in->end || in->bytes[in->at] != '#')
        return refuse(reader, "colour", "\"#RRGGBBAA\"");
    in->at++;
    for (; digits <= 8 && in->at < in->end && !at_gap(in); in->at++, digits++) {
        int digit = hex_digit(in->bytes[in->at]);

        if (digit < 0 || digits == 8)
            return refuse(reader, "colour", "\"#RRGGBBAA\"");
        parts[digits / 2] = (uint8_t)((digits % 2 ? parts[digits / 2] << 4 : 0) | digit);
    }
    if (digits != 8)
        return refuse(reader, "colour", "\"#RRGGBBAA\"");
    *ret_color = (struct goxel_color){parts[0], parts[1], parts[2], parts[3]};
    return 0;
}

static void read_cells(struct reader *reader, struct goxel_grid *grid)
{
    struct goxel_input *in = &reader->in;

    if (!in->failed && grid->left > goxel_input_left(in) / CELL + 1)
        refuse(reader, "colours", "one for each place of the box, and the file is too short for so many");
    for (uint32_t i = 0; grid->left > 0 && !in->failed; i++) {
        struct goxel_color color;

        if (i % 65536 == 0 && goxel_input_go_on(in))
            return;
        if (!read_color(reader, &color))
            goxel_grid_run(grid, 1, color);
    }
    skip_gap(reader);
    if (!in->failed && goxel_input_left(in) > 0)
        refuse(reader, "end", "no more colours than the box has places");
}

int goxel_csv_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct goxel_project *project = goxel_project_create("");
    struct reader reader = {.in = goxel_input_of(import), .line = 1};
    struct goxel_grid_room room = {0};
    struct goxel_layer *layer;
    struct goxel_grid grid;
    uint32_t size[3] = {0};

    if (!project)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (int i = 0; i < 3 && !reader.in.failed; i++)
        read_number(&reader, &size[i]);
    layer = goxel_import_layer(&reader.in, project, NULL, 0);
    if (layer) {
        const uint32_t places[3] = {size[0], size[2], size[1]};
        const int64_t origin[3] = {0, 1 - (int64_t)size[2], 1 - (int64_t)size[1]};

        goxel_grid_begin(&grid, &reader.in, &room, layer->volume, &axes, places, origin);
        read_cells(&reader, &grid);
        goxel_grid_end(&grid);
    }
    return goxel_import_end(&reader.in, project, ret_project);
}

/* ---- writing ---- */

struct writer {
    struct goxel_buf *out;
    int64_t row, rows; /* voxels, and rows of a plane */
};

static char *put_hex(char *to, uint8_t byte)
{
    static const char digits[] = "0123456789ABCDEF";

    *to++ = digits[byte >> 4];
    *to++ = digits[byte & 15];
    return to;
}

#define CELLS 512 /* put together before they are appended */

static void put_row(struct writer *writer, const struct goxel_color *row)
{
    char text[CELLS * CELL], *to = text;

    for (int64_t i = 0; i < writer->row; i++) {
        *to++ = '#';
        to = put_hex(put_hex(put_hex(put_hex(to, row[i].r), row[i].g), row[i].b), row[i].a);
        *to++ = i + 1 < writer->row ? ',' : '\n';
        if (to == text + sizeof(text) || i + 1 == writer->row) {
            (void)goxel_buf_append(writer->out, text, (size_t)(to - text));
            to = text;
        }
    }
}

static int put_plane(void *ctx, struct goxel_color *plane)
{
    struct writer *writer = ctx;

    for (int64_t i = 0; i < writer->rows; i++)
        put_row(writer, plane + i * writer->row);
    goxel_buf_putc(writer->out, '\n');
    return writer->out->failed ? writer->out->failed : goxel_buf_offer(writer->out);
}

static int put_box(struct goxel_buf *out, const struct goxel_export *export,
                   const struct goxel_volume *volume)
{
    struct goxel_box box = {{0, 0, 0}, {0, 0, 0}}; /* of nothing */
    struct writer writer = {.out = out};
    int64_t size[3], plane, planes_max;

    if (goxel_volume_bounds(volume, &box))
        goxel_warn(export->warnings, "positions: the smallest corner comes to the origin",
                   box.min.x != 0 || box.min.y != 0 || box.min.z != 0);
    goxel_grid_size(&box, &axes, size);
    plane = size[0] * size[1];
    if (plane > GOXEL_GRID_PLANE_MAX)
        return goxel_fail_limit(export->detail, GOXEL_ERROR_QUOTA, "places of a plane", GOXEL_GRID_PLANE_MAX,
                                plane);
    planes_max = (int64_t)GOXEL_FILE_MAX / CELL / plane;
    if (size[2] > planes_max)
        return goxel_fail_limit(export->detail, GOXEL_ERROR_QUOTA, "planes of so many places", planes_max,
                                size[2]);
    writer.row = size[0];
    writer.rows = size[1];
    goxel_buf_printf(out, "%lld,%lld,%lld\n", (long long)size[0], (long long)size[2], (long long)size[1]);
    return goxel_grid_walk(volume, &box, &axes, export->cancel, put_plane, &writer);
}

int goxel_csv_write(const struct goxel_export *export, struct goxel_buf *out)
{
    struct goxel_volume *volume;
    int code = goxel_export_flat(export, &volume);

    if (code)
        return code;
    code = put_box(out, export, volume);
    goxel_volume_destroy(volume);
    return code ? code : out->failed;
}
