/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A piece as it grows: vertices, each once, and faces over them.
 *
 * Used by: the files of mesh.  Uses: mesh/mesh.h.
 *
 * Life: all zero to begin with, begun anew for each piece, ended by goxel_weld_finish. One thread at a time.
 */
#ifndef GOXEL_MESH_WELD_H
#define GOXEL_MESH_WELD_H

#include "mesh/mesh.h"

struct goxel_weld {
    struct goxel_mesh_vertex *vertices;
    uint32_t *faces;            /* indices */
    struct goxel_color *colors; /* of faces */
    uint32_t *table;            /* of vertices: their number plus one, or 0 */
    size_t vertex_count, face_count;
    size_t vertex_room, face_room, color_room, table_size;
    uint64_t first_vertex; /* what indices count from */
    bool colored;          /* faces have colours */
};

void goxel_weld_begin(struct goxel_weld *weld, uint64_t first_vertex);
void goxel_weld_finish(struct goxel_weld *weld);

/* The number of a vertex like that, within the piece. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_weld_vertex(struct goxel_weld *weld, const struct goxel_mesh_vertex *vertex, uint32_t *ret_number);

/* Corners as numbers within the piece. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_weld_quad(struct goxel_weld *weld, const uint32_t corners[4]);

/* A vertex that is in the mesh once, as it is known; corners as numbers in the mesh. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_weld_add(struct goxel_weld *weld, const struct goxel_mesh_vertex *vertex);
int goxel_weld_triangle(struct goxel_weld *weld, uint32_t a, uint32_t b, uint32_t c);
int goxel_weld_color(struct goxel_weld *weld, struct goxel_color color); /* of the face that was made last */

#endif
