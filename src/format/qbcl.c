/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Qubicle's own projects: see the header, and format/qubicle.h. */
#include "format/qbcl.h"

#include "base/error.h"
#include "format/qubicle.h"

#define RUN 2
#define TEXTS 7
#define MODEL_BYTES 36

static struct goxel_color color_of(const uint8_t bytes[4])
{
    return bytes[3] == 0 ? (struct goxel_color){0, 0, 0, 0}
                         : (struct goxel_color){bytes[0], bytes[1], bytes[2], 255};
}

/* What its words do not come to is empty. */
static void read_column(struct goxel_grid *grid, uint32_t left)
{
    struct goxel_input *in = grid->in;
    uint16_t words = goxel_input_u16(in, "words of a column");

    for (; words > 0; words--) {
        const uint8_t *word = goxel_input_bytes(in, 4, "voxel or run");
        uint32_t count = 1;

        if (word && word[3] == RUN && words > 1) {
            count = word[0];
            word = goxel_input_bytes(in, 4, "colour of a run");
            words--;
        }
        if (!word || !goxel_input_check(in, in->at - 4, "voxels of a column", count, 0, left) ||
            goxel_grid_run(grid, count, color_of(word)))
            return;
        left -= count;
    }
    goxel_grid_run(grid, left, (struct goxel_color){0, 0, 0, 0});
}

static void read_voxels(struct goxel_qubicle *qubicle, const struct goxel_qubicle_matrix *matrix,
                        struct goxel_grid *grid)
{
    (void)qubicle;
    for (uint32_t i = 0; grid->left > 0 && !grid->in->failed; i++) {
        read_column(grid, matrix->size[1]);
        if (i % 4096 == 0)
            goxel_input_go_on(grid->in);
    }
}

static void read_node(struct goxel_qubicle *qubicle)
{
    struct goxel_input *in = &qubicle->in;
    struct goxel_qubicle_matrix matrix = {0};
    size_t start = in->at;
    uint32_t kind = goxel_input_u32(in, "kind"), children = 0;
    const uint8_t *flags;

    goxel_input_check(in, start, "kind", kind, GOXEL_QUBICLE_MATRIX, GOXEL_QUBICLE_COMPOUND);
    (void)goxel_input_u32(in, "number");
    goxel_qubicle_name(qubicle, &matrix);
    flags = goxel_input_bytes(in, 3, "flags");
    matrix.visible = flags && flags[0] != 0;
    if (kind == GOXEL_QUBICLE_MODEL) {
        (void)goxel_input_bytes(in, MODEL_BYTES, "model");
        children = goxel_input_u32(in, "number of children");
        goxel_qubicle_push(qubicle, children, NULL, 0);
        return;
    }
    goxel_qubicle_size(qubicle, &matrix);
    goxel_qubicle_place(qubicle, &matrix);
    (void)goxel_input_bytes(in, 12, "pivot");
    goxel_qubicle_data(qubicle, &matrix);
    if (kind == GOXEL_QUBICLE_COMPOUND)
        children = goxel_input_u32(in, "number of children");
    if (children > 0)
        goxel_qubicle_push(qubicle, children, matrix.place, 0);
    else
        goxel_qubicle_add(qubicle, &matrix, false, read_voxels);
}

static void read_header(struct goxel_input *in)
{
    uint32_t version;
    uint64_t width, height;

    in->part = "header";
    goxel_input_expect(in, "QBCL", 4, "first bytes");
    (void)goxel_input_u32(in, "version of the program");
    version = goxel_input_u32(in, "version");
    goxel_input_check(in, in->at - 4, "version", version, 2, 2);
    width = goxel_input_u32(in, "width of the picture");
    height = goxel_input_u32(in, "height of the picture");
    if (goxel_input_check(in, in->at - 4, "pixels", (int64_t)(width > 0 ? height : 0), 0,
                          (int64_t)(width > 0 ? goxel_input_left(in) / width : 0)))
        (void)goxel_input_bytes(in, width * height * 4, "picture");
    for (int i = 0; i < TEXTS; i++)
        (void)goxel_input_bytes(in, goxel_input_u32(in, "length of a text"), "text");
    (void)goxel_input_bytes(in, 16, "number of the file");
}

int goxel_qbcl_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct goxel_qubicle qubicle = {.in = goxel_input_of(import), .project = goxel_project_create("")};

    if (!qubicle.project)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    read_header(&qubicle.in);
    goxel_qubicle_walk(&qubicle, read_node);
    return goxel_import_end(&qubicle.in, qubicle.project, ret_project);
}
