/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All of a mesh in memory, and what every one of them must hold. */
#ifndef GOXEL_TESTS_MESH_GATHERED_H
#define GOXEL_TESTS_MESH_GATHERED_H

#include "mesh/mesh.h"
#include "samples.h"

struct gathered {
    struct goxel_mesh_size size;
    struct goxel_mesh_vertex *vertices;
    uint32_t *faces;
    struct goxel_color *colors;      /* of faces; NULL: they have none */
    size_t vertex_count, face_count; /* so far */
    size_t *piece_ends;              /* of vertices */
    size_t piece_count;
    bool wrong; /* a piece that does not follow the one before it */
};

/*
 * Plans and emits, in one pass or two. What was counted, where pieces are, which indices there are, and the bounds are checked.
 */
struct gathered gather(const struct goxel_volume *volume, const struct goxel_mesh_options *options,
                       bool twice);
void gathered_finish(struct gathered *mesh);
bool gathered_equal(const struct gathered *a, const struct gathered *b);

/* ---- what is right ---- */

/* A face of a voxel: where, in which direction, and of which colour. To be sorted and compared. */
struct unit_face {
    int32_t x, y, z;   /* of the voxel */
    uint8_t direction; /* 2 axis + 1 towards more of it */
    uint32_t color;
};

struct unit_faces {
    struct unit_face *list;
    size_t count, room;
};

void unit_faces_add(struct unit_faces *faces, const struct unit_face *face);
void unit_faces_sort(struct unit_faces *faces);
void unit_faces_finish(struct unit_faces *faces);

/* By asking for each voxel and those beside it. `solid`: all that are there are opaque. */
struct unit_faces unit_faces_of(const struct goxel_volume *volume, const struct goxel_mesh_options *options,
                                bool solid);
int64_t solid_count(const struct goxel_volume *volume, uint8_t alpha_min);

/* Of triangles: every edge has an even number of them. */
bool is_closed(const struct gathered *mesh);

static inline uint32_t color_bits(struct goxel_color color)
{
    uint32_t bits;

    memcpy(&bits, &color, sizeof(bits));
    return bits;
}

#endif
