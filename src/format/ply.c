/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same records twice: as bytes, and as lines. */
#include "format/ply.h"

#include <string.h>

#include "base/error.h"
#include "format/digits.h"
#include "format/model.h"

enum { BINARY, ASCII };

/* clang-format off */
const struct goxel_format_option goxel_ply_options[] = {
    GOXEL_MODEL_OPTIONS("greedy", "z", "project", "0"),
    GOXEL_MODEL_OPTION_NORMALS,
    GOXEL_MODEL_OPTION_COLORS("true"),
    {"encoding", GOXEL_FORMAT_OUT, GOXEL_FORMAT_CHOICE, "binary", 0, 0, "binary ascii",
     "Numbers are bytes, or text"},
    {NULL},
};
/* clang-format on */

struct writer {
    const struct goxel_model *model;
    struct goxel_buf *out;
    int corners;
};

#define NUMBERS_MAX 10 /* of a record */

/* ---- bytes ---- */

static uint8_t *pack_u32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        *to++ = (uint8_t)(value >> 8 * i);
    return to;
}

static uint8_t *pack_floats(uint8_t *to, const float values[3])
{
    for (int i = 0; i < 3; i++) {
        uint32_t bits;

        memcpy(&bits, &values[i], sizeof(bits));
        to = pack_u32(to, bits);
    }
    return to;
}

static int pack_vertices(void *ctx, const struct goxel_mesh_piece *piece)
{
    const struct writer *writer = ctx;

    for (size_t i = 0; i < piece->vertex_count; i++) {
        const struct goxel_mesh_vertex *vertex = &piece->vertices[i];
        uint8_t record[4 * NUMBERS_MAX], *to = record;
        float values[3];

        goxel_model_place(writer->model, vertex->pos, values);
        to = pack_floats(to, values);
        if (writer->model->normals) {
            goxel_model_normal(writer->model, vertex, values);
            to = pack_floats(to, values);
        }
        if (writer->model->colors) {
            memcpy(to, &vertex->color, sizeof(vertex->color));
            to += sizeof(vertex->color);
        }
        (void)goxel_buf_append(writer->out, record, (size_t)(to - record));
    }
    return goxel_buf_offer(writer->out);
}

static int pack_faces(void *ctx, const struct goxel_mesh_piece *piece)
{
    const struct writer *writer = ctx;

    for (size_t i = 0; i < piece->face_count; i++) {
        uint8_t record[1 + 4 * 4], *to = record;

        *to++ = (uint8_t)writer->corners;
        for (int k = 0; k < writer->corners; k++)
            to = pack_u32(to, piece->faces[i * (size_t)writer->corners + (size_t)k]);
        (void)goxel_buf_append(writer->out, record, (size_t)(to - record));
    }
    return goxel_buf_offer(writer->out);
}

/* ---- lines ---- */

static char *print_floats(char *to, const float values[3])
{
    for (int i = 0; i < 3; i++) {
        to = goxel_digits_float(to, values[i]);
        *to++ = ' ';
    }
    return to;
}

static char *print_color(char *to, struct goxel_color color)
{
    const uint8_t parts[4] = {color.r, color.g, color.b, color.a};

    for (int i = 0; i < 4; i++) {
        to = goxel_digits_uint(to, parts[i]);
        *to++ = ' ';
    }
    return to;
}

/* Each number has a space behind it, the last one a line feed. */
static void print_line(const struct writer *writer, const char *line, char *end)
{
    end[-1] = '\n';
    (void)goxel_buf_append(writer->out, line, (size_t)(end - line));
}

static int print_vertices(void *ctx, const struct goxel_mesh_piece *piece)
{
    const struct writer *writer = ctx;

    for (size_t i = 0; i < piece->vertex_count; i++) {
        const struct goxel_mesh_vertex *vertex = &piece->vertices[i];
        char line[NUMBERS_MAX * (GOXEL_DIGITS_MAX + 1)], *to = line;
        float values[3];

        goxel_model_place(writer->model, vertex->pos, values);
        to = print_floats(to, values);
        if (writer->model->normals) {
            goxel_model_normal(writer->model, vertex, values);
            to = print_floats(to, values);
        }
        if (writer->model->colors)
            to = print_color(to, vertex->color);
        print_line(writer, line, to);
    }
    return goxel_buf_offer(writer->out);
}

static int print_faces(void *ctx, const struct goxel_mesh_piece *piece)
{
    const struct writer *writer = ctx;

    for (size_t i = 0; i < piece->face_count; i++) {
        char line[NUMBERS_MAX * (GOXEL_DIGITS_MAX + 1)], *to = goxel_digits_int(line, writer->corners);

        *to++ = ' ';
        for (int k = 0; k < writer->corners; k++) {
            to = goxel_digits_uint(to, piece->faces[i * (size_t)writer->corners + (size_t)k]);
            *to++ = ' ';
        }
        print_line(writer, line, to);
    }
    return goxel_buf_offer(writer->out);
}

/* ---- the file ---- */

static const struct {
    const char *name;
    goxel_mesh_take *vertices, *faces;
} encodings[] = {
    [BINARY] = {"binary_little_endian", pack_vertices, pack_faces},
    [ASCII] = {"ascii", print_vertices, print_faces},
};

static void put_head(const struct writer *writer, const char *encoding, const struct goxel_mesh_size *size)
{
    struct goxel_buf *out = writer->out;

    goxel_buf_printf(out, "ply\nformat %s 1.0\ncomment goxel-daemon\nelement vertex %llu\n", encoding,
                     (unsigned long long)size->vertices);
    goxel_buf_puts(out, "property float x\nproperty float y\nproperty float z\n");
    if (writer->model->normals)
        goxel_buf_puts(out, "property float nx\nproperty float ny\nproperty float nz\n");
    if (writer->model->colors)
        goxel_buf_puts(
            out, "property uchar red\nproperty uchar green\nproperty uchar blue\nproperty uchar alpha\n");
    goxel_buf_printf(out, "element face %llu\nproperty list uchar int vertex_indices\nend_header\n",
                     (unsigned long long)size->faces);
}

int goxel_ply_write(const struct goxel_export *export, struct goxel_buf *out)
{
    const struct goxel_model_needs needs = {
        .colors = goxel_format_flag(export->options, "colors"),
        .normals = goxel_format_flag(export->options, "normals"),
    };
    int encoding = goxel_format_int(export->options, "encoding");
    struct goxel_mesh_size none = {0};
    struct goxel_model model;
    struct writer writer = {&model, out, 0};
    int code = goxel_model_make(export, &needs, &model);

    if (code)
        return code;
    put_head(&writer, encodings[encoding].name, model.count ? &model.parts[0].size : &none);
    if (model.count) {
        struct goxel_mesh *mesh = model.parts[0].mesh;

        writer.corners = model.parts[0].size.corners;
        code = goxel_mesh_emit(mesh, GOXEL_MESH_VERTICES, encodings[encoding].vertices, &writer,
                               export->cancel);
        if (!code)
            code = goxel_mesh_emit(mesh, GOXEL_MESH_FACES, encodings[encoding].faces, &writer,
                                   export->cancel);
    }
    goxel_model_finish(&model);
    return code ? code : out->failed;
}
