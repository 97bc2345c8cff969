/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/stl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "format/model.h"

/* clang-format off */
const struct goxel_format_option goxel_stl_options[] = {
    GOXEL_MODEL_OPTIONS("manifold", "z", "project", "127"),
    GOXEL_MODEL_OPTION_COLORS("false"),
    {NULL},
};
/* clang-format on */

#define HEAD_BYTES 80
#define TRIANGLE_BYTES 50

typedef float point[3];

struct writer {
    const struct goxel_model *model;
    struct goxel_buf *out;
    const struct goxel_model_part *part;
    point *points;   /* owned: all vertices, as placed; NULL: each piece has its own */
    int64_t reduced; /* faces whose colour has more than five bits a channel */
};

static int keep_points(void *ctx, const struct goxel_mesh_piece *piece)
{
    const struct writer *writer = ctx;

    for (size_t i = 0; i < piece->vertex_count; i++)
        goxel_model_place(writer->model, piece->vertices[i].pos, writer->points[piece->first_vertex + i]);
    return 0;
}

static void find_point(const struct writer *writer, const struct goxel_mesh_piece *piece, uint32_t index,
                       point ret_point)
{
    if (writer->points)
        memcpy(ret_point, writer->points[index], sizeof(point));
    else
        goxel_model_place(writer->model, piece->vertices[index - piece->first_vertex].pos, ret_point);
}

/* Across the triangle, of length 1. Differences in doubles: a model may be small and far away. */
static void find_normal(const point corners[3], point ret_normal)
{
    double a[3], b[3], cross[3], length;

    for (int i = 0; i < 3; i++) {
        a[i] = (double)corners[1][i] - corners[0][i];
        b[i] = (double)corners[2][i] - corners[0][i];
    }
    for (int i = 0; i < 3; i++)
        cross[i] = a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3];
    length = sqrt(cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2]);
    for (int i = 0; i < 3; i++)
        ret_normal[i] = length > 0 ? (float)(cross[i] / length + 0.0) : 0;
}

static uint8_t *pack_point(uint8_t *to, const point at)
{
    for (int i = 0; i < 3; i++) {
        uint32_t bits;

        memcpy(&bits, &at[i], sizeof(bits));
        for (int k = 0; k < 4; k++)
            *to++ = (uint8_t)(bits >> 8 * k);
    }
    return to;
}

/* Five bits stand for themselves and, once more, for those below. */
static bool has_five_bits(uint8_t channel)
{
    return (channel & 7) == channel >> 5;
}

static unsigned attribute(struct writer *writer, struct goxel_color color)
{
    writer->reduced += !has_five_bits(color.r) || !has_five_bits(color.g) || !has_five_bits(color.b);
    return (unsigned)color.r >> 3 | (unsigned)color.g >> 3 << 5 | (unsigned)color.b >> 3 << 10;
}

static void put_triangle(const struct writer *writer, const point corners[3], unsigned bits)
{
    uint8_t record[TRIANGLE_BYTES], *to = record;
    point normal;

    find_normal(corners, normal);
    to = pack_point(to, normal);
    for (int i = 0; i < 3; i++)
        to = pack_point(to, corners[i]);
    *to++ = (uint8_t)bits;
    *to++ = (uint8_t)(bits >> 8);
    (void)goxel_buf_append(writer->out, record, sizeof(record));
}

static int put_faces(void *ctx, const struct goxel_mesh_piece *piece)
{
    struct writer *writer = ctx;
    size_t corners = (size_t)writer->part->size.corners;

    for (size_t i = 0; i < piece->face_count; i++) {
        const uint32_t *face = piece->faces + i * corners;
        unsigned bits = writer->model->colors
                            ? attribute(writer, goxel_model_face_color(writer->part, piece, i))
                            : 0;
        point triangle[3];

        find_point(writer, piece, face[0], triangle[0]);
        for (size_t k = 2; k < corners; k++) {
            find_point(writer, piece, face[k - 1], triangle[1]);
            find_point(writer, piece, face[k], triangle[2]);
            put_triangle(writer, (const point *)triangle, bits);
        }
    }
    return goxel_buf_offer(writer->out);
}

static void put_head(struct goxel_buf *out, bool colors, uint64_t triangles)
{
    /* No "solid", which text begins with. The colour of triangles without one of their own: there are none. */
    static const char plain[HEAD_BYTES] = "goxel-daemon",
                      colored[HEAD_BYTES] = "goxel-daemon COLOR=\xff\xff\xff\xff";

    (void)goxel_buf_append(out, colors ? colored : plain, HEAD_BYTES);
    (void)goxel_buf_put_le32(out, (uint32_t)triangles);
}

/* Nothing is allocated for triangles that would not go out. */
static int check_size(const struct goxel_buf *out, uint64_t triangles)
{
    size_t left = out->ceiling - out->drained - out->len;

    if (triangles > UINT32_MAX || left < HEAD_BYTES + 4)
        return GOXEL_ERROR_MESSAGE_SIZE;
    return (left - HEAD_BYTES - 4) / TRIANGLE_BYTES < triangles ? GOXEL_ERROR_MESSAGE_SIZE : 0;
}

static int put_mesh(struct writer *writer, const struct goxel_model_part *part)
{
    struct goxel_cancel *cancel = writer->model->export->cancel;
    bool shared = goxel_model_shares(writer->model);
    int code = 0;

    writer->part = part;
    if (shared) {
        writer->points = calloc(part->size.vertices, sizeof(*writer->points));
        code = writer->points ? goxel_mesh_emit(part->mesh, GOXEL_MESH_VERTICES, keep_points, writer, cancel)
                              : GOXEL_ERROR_OUT_OF_MEMORY;
    }
    if (!code)
        code = goxel_mesh_emit(part->mesh, GOXEL_MESH_FACES | (shared ? 0 : GOXEL_MESH_VERTICES), put_faces,
                               writer, cancel);
    free(writer->points);
    return code;
}

int goxel_stl_write(const struct goxel_export *export, struct goxel_buf *out)
{
    bool colors = goxel_format_flag(export->options, "colors");
    const struct goxel_model_needs needs = {.colors = colors, .face_colors = colors, .without_alpha = true};
    struct goxel_model model;
    struct writer writer = {.model = &model, .out = out};
    uint64_t triangles;
    int code = goxel_model_make(export, &needs, &model);

    if (code)
        return code;
    triangles = model.count ? goxel_model_triangles(&model.parts[0].size) : 0;
    code = check_size(out, triangles);
    if (!code)
        put_head(out, colors, triangles);
    if (!code && model.count)
        code = put_mesh(&writer, &model.parts[0]);
    goxel_warn(export->warnings, "colours of faces reduced to 5 bits a channel", writer.reduced);
    if (!colors)
        goxel_warn(export->warnings, "colours left out", model.count > 0);
    goxel_model_finish(&model);
    return code ? code : out->failed;
}
