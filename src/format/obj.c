/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines are put together by hand: a model has millions of them. */
#include "format/obj.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "format/color_set.h"
#include "format/digits.h"
#include "format/model.h"

enum { COLORS_NONE, COLORS_VERTEX, COLORS_MATERIAL };

/* clang-format off */
#define OPTIONS \
    GOXEL_MODEL_OPTIONS("greedy", "y", "project", "127"), \
    GOXEL_MODEL_OPTION_LAYERS, \
    GOXEL_MODEL_OPTION_NORMALS
const struct goxel_format_option goxel_obj_options[] = {
    OPTIONS,
    {"colors", GOXEL_FORMAT_OUT, GOXEL_FORMAT_CHOICE, "vertex", 0, 0, "none vertex material",
     "Colours are left out, numbers of each vertex, or materials of a file beside"},
    {NULL},
};
const struct goxel_format_option goxel_mtl_options[] = {
    OPTIONS,
    {"colors", GOXEL_FORMAT_OUT, GOXEL_FORMAT_CHOICE, "material", 0, 0, "material", "As of the obj that it goes with"},
    {NULL},
};
/* clang-format on */

struct writer {
    const struct goxel_model *model;
    struct goxel_buf *out;
    int colors;
    char channels[256][6]; /* " 0.502" without a NUL */
    uint8_t channel_lengths[256];
    uint64_t vertices; /* of the objects before */
    const struct goxel_model_part *part;
    bool has_material; /* one was named in this object: */
    struct goxel_color material;
    uint64_t *order; /* owned: colours and numbers of a piece's faces */
    size_t order_room;
};

/* ---- colours ---- */

static void make_channels(struct writer *writer)
{
    for (unsigned i = 0; i < 256; i++) {
        unsigned thousandths = (i * 1000 + 254) / 255;
        char text[GOXEL_DIGITS_MAX + 1] = " ";
        char *end = goxel_digits_float(text + 1, (float)thousandths / 1000);

        writer->channel_lengths[i] = (uint8_t)(end - text);
        memcpy(writer->channels[i], text, (size_t)(end - text));
    }
}

static char *put_channels(const struct writer *writer, char *to, struct goxel_color color)
{
    const uint8_t parts[3] = {color.r, color.g, color.b};

    for (int i = 0; i < 3; i++) {
        memcpy(to, writer->channels[parts[i]], sizeof(writer->channels[0]));
        to += writer->channel_lengths[parts[i]];
    }
    return to;
}

static char *put_material_name(char *to, struct goxel_color color)
{
    return goxel_digits_hex(
        goxel_digits_hex(goxel_digits_hex(goxel_digits_hex(to, color.r), color.g), color.b), color.a);
}

/* ---- lines ---- */

#define LINE_MAX (6 * (GOXEL_DIGITS_MAX + 2) + 16)

static char *put_text(char *to, const char *text)
{
    size_t len = strlen(text);

    memcpy(to, text, len);
    return to + len;
}

static char *put_point(char *to, const float at[3])
{
    for (int i = 0; i < 3; i++) {
        *to++ = ' ';
        to = goxel_digits_float(to, at[i]);
    }
    return to;
}

static void put_line(struct writer *writer, const char *line, char *end)
{
    *end++ = '\n';
    (void)goxel_buf_append(writer->out, line, (size_t)(end - line));
}

static int put_vertices(void *ctx, const struct goxel_mesh_piece *piece)
{
    struct writer *writer = ctx;

    for (size_t i = 0; i < piece->vertex_count; i++) {
        const struct goxel_mesh_vertex *vertex = &piece->vertices[i];
        char line[LINE_MAX], *to = line;
        float at[3];

        goxel_model_place(writer->model, vertex->pos, at);
        *to++ = 'v';
        to = put_point(to, at);
        if (writer->colors == COLORS_VERTEX)
            to = put_channels(writer, to, vertex->color);
        put_line(writer, line, to);
    }
    return goxel_buf_offer(writer->out);
}

static int put_normals(void *ctx, const struct goxel_mesh_piece *piece)
{
    struct writer *writer = ctx;

    for (size_t i = 0; i < piece->vertex_count; i++) {
        char line[LINE_MAX], *to = put_text(line, "vn");
        float normal[3];

        goxel_model_normal(writer->model, &piece->vertices[i], normal);
        put_line(writer, line, put_point(to, normal));
    }
    return goxel_buf_offer(writer->out);
}

static void put_face(struct writer *writer, const struct goxel_mesh_piece *piece, size_t face)
{
    size_t corners = (size_t)writer->part->size.corners;
    char line[8 * (GOXEL_DIGITS_MAX + 2)], *to = line;

    *to++ = 'f';
    for (size_t i = 0; i < corners; i++) {
        uint64_t number = writer->vertices + piece->faces[face * corners + i] + 1;

        *to++ = ' ';
        to = goxel_digits_uint(to, number);
        if (writer->model->normals)
            to = goxel_digits_uint(put_text(to, "//"), number);
    }
    put_line(writer, line, to);
}

static int put_faces(void *ctx, const struct goxel_mesh_piece *piece)
{
    struct writer *writer = ctx;

    for (size_t i = 0; i < piece->face_count; i++)
        put_face(writer, piece, i);
    return goxel_buf_offer(writer->out);
}

/* ---- faces by material ---- */

static void use_material(struct writer *writer, struct goxel_color color)
{
    char line[LINE_MAX];

    if (writer->has_material && memcmp(&writer->material, &color, sizeof(color)) == 0)
        return;
    writer->has_material = true;
    writer->material = color;
    put_line(writer, line, put_material_name(put_text(line, "usemtl "), color));
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

/* The faces of a piece in the order of their colours: readers make an object of each run of one material. */
static int sort_faces(struct writer *writer, const struct goxel_mesh_piece *piece)
{
    if (piece->face_count > writer->order_room) {
        uint64_t *order = realloc(writer->order, piece->face_count * sizeof(*order));

        if (!order)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        writer->order = order;
        writer->order_room = piece->face_count;
    }
    for (size_t i = 0; i < piece->face_count; i++) {
        struct goxel_color color = goxel_model_face_color(writer->part, piece, i);

        writer->order[i] = (uint64_t)color.r << 56 | (uint64_t)color.g << 48 | (uint64_t)color.b << 40 |
                           (uint64_t)color.a << 32 | i;
    }
    if (piece->face_count)
        qsort(writer->order, piece->face_count, sizeof(*writer->order), compare);
    return 0;
}

static int put_faces_by_material(void *ctx, const struct goxel_mesh_piece *piece)
{
    struct writer *writer = ctx;
    int code = sort_faces(writer, piece);

    for (size_t i = 0; i < piece->face_count && !code; i++) {
        size_t face = (uint32_t)writer->order[i];

        use_material(writer, goxel_model_face_color(writer->part, piece, face));
        put_face(writer, piece, face);
    }
    return code ? code : goxel_buf_offer(writer->out);
}

/* ---- the file ---- */

/* Up to the end of the line, which a file's name that has one in it would end too early. */
static void put_reference(const struct goxel_export *export, struct goxel_buf *out)
{
    const char *name = export->name;
    int64_t changed = 0;

    goxel_buf_puts(out, "mtllib ");
    for (; *name; name++) {
        bool control = (unsigned char)*name < 0x20 || *name == 0x7f;

        changed += control;
        goxel_buf_putc(out, control ? '_' : *name);
    }
    goxel_buf_puts(out, ".mtl\n");
    goxel_warn(export->warnings, "control characters in the name of the .mtl not written", changed);
}

/* Up to the end of the line. */
static void put_name(struct goxel_buf *out, const char *what, const char *name)
{
    goxel_buf_puts(out, what);
    for (; *name; name++)
        goxel_buf_putc(out, (unsigned char)*name < 0x20 || *name == 0x7f || *name == '\\' ? '_' : *name);
    goxel_buf_putc(out, '\n');
}

static int put_part(struct writer *writer, const struct goxel_model_part *part)
{
    const struct goxel_export *export = writer->model->export;
    const char *name = goxel_model_part_name(part);
    int code;

    put_name(writer->out, "o ", *name ? name : export->name);
    writer->part = part;
    writer->has_material = false;
    code = goxel_mesh_emit(part->mesh, GOXEL_MESH_VERTICES, put_vertices, writer, export->cancel);
    if (!code && writer->model->normals)
        code = goxel_mesh_emit(part->mesh, GOXEL_MESH_VERTICES, put_normals, writer, export->cancel);
    if (!code && writer->colors == COLORS_MATERIAL)
        code = goxel_mesh_emit(part->mesh, GOXEL_MESH_VERTICES | GOXEL_MESH_FACES, put_faces_by_material,
                               writer, export->cancel);
    else if (!code)
        code = goxel_mesh_emit(part->mesh, GOXEL_MESH_FACES, put_faces, writer, export->cancel);
    writer->vertices += part->size.vertices;
    return code;
}

/* The model as both files need it. */
static int make_model(const struct goxel_export *export, int colors, struct goxel_model *ret_model)
{
    const struct goxel_model_needs needs = {
        .layers = goxel_format_flag(export->options, "by_layer"),
        .colors = colors != COLORS_NONE,
        .normals = goxel_format_flag(export->options, "normals"),
        .face_colors = colors == COLORS_MATERIAL,
        .without_alpha = colors == COLORS_VERTEX,
    };

    return goxel_model_make(export, &needs, ret_model);
}

bool goxel_obj_refers(const struct goxel_format_options *options)
{
    return goxel_format_int(options, "colors") == COLORS_MATERIAL;
}

int goxel_obj_write(const struct goxel_export *export, struct goxel_buf *out)
{
    struct writer writer = {.out = out, .colors = goxel_format_int(export->options, "colors")};
    struct goxel_model model;
    int code = make_model(export, writer.colors, &model);

    if (code)
        return code;
    writer.model = &model;
    make_channels(&writer);
    goxel_buf_puts(out, "# goxel-daemon\n");
    if (writer.colors == COLORS_MATERIAL)
        put_reference(export, out);
    for (size_t i = 0; i < model.count && !code; i++)
        code = put_part(&writer, &model.parts[i]);
    free(writer.order);
    goxel_model_finish(&model);
    return code ? code : out->failed;
}

static void put_material(struct writer *writer, struct goxel_color color)
{
    char line[LINE_MAX];

    put_line(writer, line, put_material_name(put_text(line, "newmtl "), color));
    put_line(writer, line, put_channels(writer, put_text(line, "Kd"), color));
    if (color.a < 255) {
        char *to = put_text(line, "d");

        memcpy(to, writer->channels[color.a], sizeof(writer->channels[0]));
        put_line(writer, line, to + writer->channel_lengths[color.a]);
    }
}

int goxel_mtl_write(const struct goxel_export *export, struct goxel_buf *out)
{
    struct writer writer = {.out = out};
    struct goxel_color_set set = {0};
    struct goxel_model model;
    int code = make_model(export, COLORS_MATERIAL, &model);

    if (code)
        return code;
    make_channels(&writer);
    goxel_buf_puts(out, "# goxel-daemon\n");
    code = goxel_model_colors(&model, &set);
    for (size_t i = 0; i < set.count && !code; i++) {
        put_material(&writer, set.colors[i]);
        code = goxel_buf_offer(out);
    }
    goxel_color_set_finish(&set);
    goxel_model_finish(&model);
    return code ? code : out->failed;
}
