/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What .qbt and .qbcl have in common: a tree of nodes, whose leaves become layers.
 *
 * Used by: format.  Uses: format/grid.h, format/inflate.h.
 *
 * A *model* has children. A *matrix* has voxels. A *compound* has both: its voxels are those of its children once more, put together, and
 * count where it has no children. Places are relative to the compound around. y is our z, z runs down our y; in the data y runs along a row, z
 * from row to row, x from plane to plane.
 *
 * Life: on the reader's stack. The tree is walked with a stack of GOXEL_QUBICLE_DEPTH_MAX nodes, no function calls itself.
 */
#ifndef GOXEL_FORMAT_QUBICLE_H
#define GOXEL_FORMAT_QUBICLE_H

#include "format/grid.h"
#include "format/inflate.h"

#define GOXEL_QUBICLE_DEPTH_MAX 64

enum goxel_qubicle_kind { GOXEL_QUBICLE_MATRIX, GOXEL_QUBICLE_MODEL, GOXEL_QUBICLE_COMPOUND };

/* A node with voxels, as far as it is known before they are looked at. */
struct goxel_qubicle_matrix {
    const uint8_t *name;
    uint32_t name_len;
    bool visible;
    uint32_t size[3];   /* x, y, z of the file */
    int64_t place[3];   /* x, y, z of the file: in the world */
    uint32_t data_size; /* compressed bytes, which begin at */
    size_t data_at;
};

struct goxel_qubicle {
    struct goxel_input in;
    struct goxel_project *project;
    struct goxel_grid_room room;
    size_t inflated; /* bytes, of all matrices */
    /* The nodes around the one at hand. */
    int depth;
    struct {
        uint32_t children; /* that are still to come */
        int64_t place[3];
        size_t end; /* of the node in the file; 0: nobody knows */
    } around[GOXEL_QUBICLE_DEPTH_MAX];
    const struct goxel_color *colors; /* of indexed voxels; NULL: they are colours */
    uint32_t color_count;
};

/* A node: the format's own reading of one, which may push, and add matrices. */
typedef void goxel_qubicle_node(struct goxel_qubicle *qubicle);
/* The root, and all that comes in it. */
void goxel_qubicle_walk(struct goxel_qubicle *qubicle, goxel_qubicle_node *node);

/* The next nodes, so many, are children of a node at a place (NULL: where what is around it is) that ends at `end` (0: nobody knows). */
void goxel_qubicle_push(struct goxel_qubicle *qubicle, uint32_t children, const int64_t place[3], size_t end);

/* Length and bytes of a name. */
void goxel_qubicle_name(struct goxel_qubicle *qubicle, struct goxel_qubicle_matrix *matrix);
/* Three numbers relative to what is around. */
void goxel_qubicle_place(struct goxel_qubicle *qubicle, struct goxel_qubicle_matrix *matrix);
/* The size and where the data lies, which is passed over. */
void goxel_qubicle_size(struct goxel_qubicle *qubicle, struct goxel_qubicle_matrix *matrix);
void goxel_qubicle_data(struct goxel_qubicle *qubicle, struct goxel_qubicle_matrix *matrix);

/* A layer of it, with the voxels that the format's own function reads. `left` of the grid are all of them. */
typedef void goxel_qubicle_voxels(struct goxel_qubicle *qubicle, const struct goxel_qubicle_matrix *matrix,
                                  struct goxel_grid *grid);
void goxel_qubicle_add(struct goxel_qubicle *qubicle, const struct goxel_qubicle_matrix *matrix, bool sized,
                       goxel_qubicle_voxels *voxels);

#endif
