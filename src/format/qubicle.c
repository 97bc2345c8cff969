/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of Qubicle's own files: see the header. */
#include "format/qubicle.h"

#include "base/error.h"

/* In the data: y, z, x. */
static const struct goxel_grid_axes axes = {{2, 1, 0}, {false, true, false}};

void goxel_qubicle_push(struct goxel_qubicle *qubicle, uint32_t children, const int64_t place[3], size_t end)
{
    struct goxel_input *in = &qubicle->in;

    if (in->failed)
        return;
    if (qubicle->depth == GOXEL_QUBICLE_DEPTH_MAX) {
        in->failed = goxel_fail_limit(in->import->detail, GOXEL_ERROR_QUOTA, "nodes in each other",
                                      GOXEL_QUBICLE_DEPTH_MAX, GOXEL_QUBICLE_DEPTH_MAX + 1);
        return;
    }
    qubicle->around[qubicle->depth].children = children;
    qubicle->around[qubicle->depth].end = end;
    for (int i = 0; i < 3; i++)
        qubicle->around[qubicle->depth].place[i] = place ? place[i]
                                                   : qubicle->depth > 0
                                                       ? qubicle->around[qubicle->depth - 1].place[i]
                                                       : 0;
    qubicle->depth++;
}

/* What is behind the children of a node is passed over, where it is known how much that is. */
static void pop(struct goxel_qubicle *qubicle)
{
    struct goxel_input *in = &qubicle->in;
    size_t end = qubicle->around[--qubicle->depth].end;

    if (end == 0)
        return;
    if (in->at > end)
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, in->at, "node", "children within its size");
    else
        in->at = end;
}

void goxel_qubicle_walk(struct goxel_qubicle *qubicle, goxel_qubicle_node *node)
{
    qubicle->in.part = "node";
    node(qubicle);
    while (qubicle->depth > 0 && !goxel_input_go_on(&qubicle->in)) {
        if (qubicle->around[qubicle->depth - 1].children == 0) {
            pop(qubicle);
            continue;
        }
        qubicle->around[qubicle->depth - 1].children--;
        node(qubicle);
    }
}

void goxel_qubicle_name(struct goxel_qubicle *qubicle, struct goxel_qubicle_matrix *matrix)
{
    matrix->name_len = goxel_input_u32(&qubicle->in, "length of the name");
    matrix->name = goxel_input_bytes(&qubicle->in, matrix->name_len, "name");
}

void goxel_qubicle_place(struct goxel_qubicle *qubicle, struct goxel_qubicle_matrix *matrix)
{
    for (int i = 0; i < 3; i++) {
        matrix->place[i] = goxel_input_i32(&qubicle->in, "position");
        if (qubicle->depth > 0)
            matrix->place[i] += qubicle->around[qubicle->depth - 1].place[i];
    }
}

void goxel_qubicle_size(struct goxel_qubicle *qubicle, struct goxel_qubicle_matrix *matrix)
{
    for (int i = 0; i < 3; i++)
        matrix->size[i] = goxel_input_u32(&qubicle->in, "size");
}

void goxel_qubicle_data(struct goxel_qubicle *qubicle, struct goxel_qubicle_matrix *matrix)
{
    matrix->data_size = goxel_input_u32(&qubicle->in, "size of the voxel data");
    matrix->data_at = qubicle->in.at;
    (void)goxel_input_bytes(&qubicle->in, matrix->data_size, "voxel data");
}

/* Bytes that the matrix may become: those that are left to the file, or, where its size is known, as many as its voxels have. */
static size_t ceiling_of(struct goxel_qubicle *qubicle, const struct goxel_grid *grid, bool sized)
{
    struct goxel_input *in = &qubicle->in;
    size_t left = GOXEL_INFLATED_MAX - qubicle->inflated;

    if (!sized)
        return left;
    if (grid->left <= left / 4)
        return (size_t)grid->left * 4;
    if (!in->failed)
        in->failed = goxel_fail_limit(in->import->detail, GOXEL_ERROR_QUOTA, "bytes once inflated",
                                      (int64_t)GOXEL_INFLATED_MAX, INT64_MAX);
    return 0;
}

static void add_voxels(struct goxel_qubicle *qubicle, const struct goxel_qubicle_matrix *matrix, bool sized,
                       struct goxel_grid *grid, goxel_qubicle_voxels *voxels)
{
    struct goxel_input data = qubicle->in, inflated;
    struct goxel_buf out = {0};
    size_t ceiling = ceiling_of(qubicle, grid, sized);

    data.at = matrix->data_at;
    data.failed = qubicle->in.failed;
    goxel_input_inflate(&data, matrix->data_size, ceiling, "voxel data", &out);
    inflated = goxel_input_of_inflated(&data, &out, "inflated voxel data");
    qubicle->inflated += out.len;
    grid->in = &inflated;
    if (!inflated.failed)
        voxels(qubicle, matrix, grid);
    goxel_grid_end(grid);
    goxel_buf_finish(&out);
    if (!qubicle->in.failed)
        qubicle->in.failed = inflated.failed;
}

void goxel_qubicle_add(struct goxel_qubicle *qubicle, const struct goxel_qubicle_matrix *matrix, bool sized,
                       goxel_qubicle_voxels *voxels)
{
    const uint32_t size[3] = {matrix->size[1], matrix->size[2], matrix->size[0]};
    const int64_t origin[3] = {matrix->place[1], matrix->place[2], matrix->place[0]};
    struct goxel_layer *layer = goxel_import_layer(&qubicle->in, qubicle->project, matrix->name,
                                                   matrix->name_len);
    struct goxel_grid grid;

    if (!layer)
        return;
    layer->visible = matrix->visible;
    goxel_grid_begin(&grid, &qubicle->in, &qubicle->room, layer->volume, &axes, size, origin);
    if (grid.left > 0)
        add_voxels(qubicle, matrix, sized, &grid, voxels);
}
