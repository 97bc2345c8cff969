/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Qubicle Binary Tree: see the header, and format/qubicle.h. */
#include "format/qbt.h"

#include <stdlib.h>

#include "base/error.h"
#include "format/qubicle.h"

static struct goxel_color color_of(struct goxel_qubicle *qubicle, struct goxel_input *in,
                                   const uint8_t bytes[4])
{
    if (bytes[3] == 0)
        return (struct goxel_color){0, 0, 0, 0};
    if (!qubicle->colors)
        return (struct goxel_color){bytes[0], bytes[1], bytes[2], 255};
    if (!goxel_input_check(in, (size_t)(bytes - in->bytes), "index of a colour", bytes[0], 0,
                           (int64_t)qubicle->color_count - 1))
        return (struct goxel_color){0, 0, 0, 0};
    return qubicle->colors[bytes[0]];
}

static void read_voxels(struct goxel_qubicle *qubicle, const struct goxel_qubicle_matrix *matrix,
                        struct goxel_grid *grid)
{
    struct goxel_input *in = grid->in;
    uint64_t count = grid->left;
    const uint8_t *bytes = goxel_input_bytes(in, 4 * count, "voxels");

    (void)matrix;
    for (uint64_t i = 0; i < count && !in->failed; i++)
        goxel_grid_run(grid, 1, color_of(qubicle, in, bytes + 4 * i));
}

static void read_scale(struct goxel_qubicle *qubicle)
{
    struct goxel_input *in = &qubicle->in;
    bool scaled = false;

    for (int i = 0; i < 3; i++)
        scaled |= goxel_input_u32(in, "scale") != 1;
    if (!in->failed)
        goxel_warn(in->import->warnings, "scales of nodes left out", scaled);
}

/* A matrix, or a compound, whose children count instead. True: the children come next. */
static bool read_matrix(struct goxel_qubicle *qubicle, uint32_t kind, size_t end)
{
    struct goxel_input *in = &qubicle->in;
    struct goxel_qubicle_matrix matrix = {.visible = true};
    uint32_t children = 0;

    goxel_qubicle_name(qubicle, &matrix);
    goxel_qubicle_place(qubicle, &matrix);
    read_scale(qubicle);
    (void)goxel_input_bytes(in, 12, "pivot");
    goxel_qubicle_size(qubicle, &matrix);
    goxel_qubicle_data(qubicle, &matrix);
    if (kind == GOXEL_QUBICLE_COMPOUND)
        children = goxel_input_u32(in, "number of children");
    if (children > 0)
        goxel_qubicle_push(qubicle, children, matrix.place, end);
    else
        goxel_qubicle_add(qubicle, &matrix, true, read_voxels);
    return children > 0;
}

static void read_node(struct goxel_qubicle *qubicle)
{
    struct goxel_input *in = &qubicle->in;
    uint32_t kind = goxel_input_u32(in, "kind"), size = goxel_input_u32(in, "size");
    size_t start = in->at;

    if (!in->failed && size > goxel_input_left(in))
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, start - 4, "size",
                         "at most the %zu bytes that are left", goxel_input_left(in));
    if (in->failed)
        return;
    if (kind == GOXEL_QUBICLE_MODEL) {
        uint32_t children = goxel_input_u32(in, "number of children");

        goxel_qubicle_push(qubicle, children, NULL, start + size);
        return;
    }
    if (kind != GOXEL_QUBICLE_MATRIX && kind != GOXEL_QUBICLE_COMPOUND)
        goxel_warn(in->import->warnings, "nodes of unknown kinds left out", 1);
    else if (read_matrix(qubicle, kind, start + size))
        return;
    if (in->failed)
        return;
    if (in->at > start + size)
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, start - 4, "size", "%zu bytes at least, got %u",
                         in->at - start, size);
    else
        in->at = start + size;
}

/* The colours, from malloc(3); NULL: there are none, or the input has failed. */
static struct goxel_color *read_colors(struct goxel_qubicle *qubicle)
{
    struct goxel_input *in = &qubicle->in;
    struct goxel_color *colors;
    const uint8_t *bytes;

    in->part = "COLORMAP";
    goxel_input_expect(in, "COLORMAP", 8, "caption");
    qubicle->color_count = goxel_input_u32(in, "number of colours");
    bytes = goxel_input_bytes(in, (uint64_t)qubicle->color_count * 4, "colours");
    if (!bytes || qubicle->color_count == 0)
        return NULL;
    colors = calloc(qubicle->color_count, sizeof(*colors));
    if (!colors)
        in->failed = GOXEL_ERROR_OUT_OF_MEMORY;
    for (uint32_t i = 0; colors && i < qubicle->color_count; i++)
        colors[i] = (struct goxel_color){bytes[4 * i], bytes[4 * i + 1], bytes[4 * i + 2], 255};
    return colors;
}

static void read_header(struct goxel_input *in)
{
    in->part = "header";
    goxel_input_expect(in, "QB 2", 4, "first bytes");
    if (goxel_input_u8(in, "version") != 1)
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, 4, "version", "1");
    (void)goxel_input_u8(in, "version");
    for (int i = 0; i < 3; i++) {
        bool scaled = goxel_input_f32(in, "scale") != 1;

        if (!in->failed)
            goxel_warn(in->import->warnings, "scales of the file left out", scaled);
    }
}

int goxel_qbt_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct goxel_qubicle qubicle = {.in = goxel_input_of(import), .project = goxel_project_create("")};
    struct goxel_color *colors;

    if (!qubicle.project)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    read_header(&qubicle.in);
    colors = read_colors(&qubicle);
    qubicle.colors = colors;
    qubicle.in.part = "DATATREE";
    goxel_input_expect(&qubicle.in, "DATATREE", 8, "caption");
    goxel_qubicle_walk(&qubicle, read_node);
    free(colors);
    return goxel_import_end(&qubicle.in, qubicle.project, ret_project);
}
