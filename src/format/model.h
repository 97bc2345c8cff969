/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the exporters of meshes share: their options, layers as meshes, and where a vertex goes.
 *
 * Used by: format.  Uses: format/format.h, format/grid.h, mesh.
 *
 * Written is what is shown: visible layers that have a voxel, bottom to top, each with its own mesh, or all of them drawn as one. Clone
 * and shape layers are what they show. Layers of another mode than "over" cannot be told apart: then all are drawn as one, with a
 * warning.
 *
 * Coordinates: ours are voxels, Z up, right-handed. `axis=y` turns a model by -90° around X, so that it stands upright where Y is up:
 * (x, y, z) becomes (x, z, -y), and nothing is mirrored. `origin` is moved to zero first, and `scale` multiplies last.
 */
#ifndef GOXEL_FORMAT_MODEL_H
#define GOXEL_FORMAT_MODEL_H

#include "format/format.h"
#include "mesh/mesh.h"

/* ---- options ---- */

#define GOXEL_MODEL_MESHERS "faces greedy manifold smooth" /* enum goxel_mesher */
enum goxel_model_origin { GOXEL_ORIGIN_PROJECT, GOXEL_ORIGIN_CORNER, GOXEL_ORIGIN_CENTER };
#define GOXEL_SCALE_MIN 1e-6
#define GOXEL_SCALE_MAX 1e6

/* Rows of a table that all of them have, with the defaults that differ. */
/* clang-format off */
#define GOXEL_MODEL_OPTIONS(mesher, axis, origin, alpha_min) \
    {"mesher", GOXEL_FORMAT_OUT, GOXEL_FORMAT_CHOICE, mesher, 0, 0, GOXEL_MODEL_MESHERS, \
     "How a surface is made: a square for each face, rectangles as large as colours allow (their corners may lie on the sides of others), a closed surface without that, or a smooth one"}, \
    {"axis", GOXEL_FORMAT_OUT, GOXEL_FORMAT_CHOICE, axis, 0, 0, "y z", "The axis that points up"}, \
    {"origin", GOXEL_FORMAT_OUT, GOXEL_FORMAT_CHOICE, origin, 0, 0, "project corner center", \
     "What becomes zero: the project's zero, the smallest corner of what is written, or the centre of it"}, \
    {"scale", GOXEL_FORMAT_OUT, GOXEL_FORMAT_NUMBER, "1", GOXEL_SCALE_MIN, GOXEL_SCALE_MAX, NULL, "The edge of a voxel"}, \
    {"alpha_min", GOXEL_FORMAT_OUT, GOXEL_FORMAT_INT, alpha_min, 0, 255, NULL, \
     "Voxels of less alpha are left out and the others are opaque; 0: alpha is kept"}
#define GOXEL_MODEL_OPTION_LAYERS \
    {"by_layer", GOXEL_FORMAT_OUT, GOXEL_FORMAT_FLAG, "true", 0, 0, NULL, \
     "Each layer is an object of its own; otherwise what is shown is one"}
#define GOXEL_MODEL_OPTION_NORMALS \
    {"normals", GOXEL_FORMAT_OUT, GOXEL_FORMAT_FLAG, "false", 0, 0, NULL, "Vertices have normals", \
     .only = {"mesher", "faces greedy smooth"}}
#define GOXEL_MODEL_OPTION_COLORS(colors) \
    {"colors", GOXEL_FORMAT_OUT, GOXEL_FORMAT_FLAG, colors, 0, 0, NULL, "Colours are kept"}
/* clang-format on */

/* ---- a model ---- */

struct goxel_model_part {
    const struct goxel_layer *layer; /* the project's; NULL: all that is shown, as one */
    struct goxel_mesh *mesh;
    struct goxel_mesh_size size; /* a vertex at least */
    struct goxel_color
        *colors; /* owned: of all vertices, where a face's colour is looked for there; else NULL */
};

/* Life: made by goxel_model_make, ended by goxel_model_finish; the export outlives it. One thread at a time. */
struct goxel_model {
    const struct goxel_export *export;
    struct goxel_model_part *parts;
    size_t count;
    bool colors, normals;
    enum goxel_mesher mesher;
    bool y_up;
    double scale;
    double origin[3]; /* voxels */
};

/* What the format has room for, and its options ask for. */
struct goxel_model_needs {
    bool layers, colors, normals;
    bool
        face_colors; /* goxel_model_face_color will be asked: of a smooth surface, 4 bytes a vertex are kept */
    bool without_alpha; /* colours go out without theirs, also where voxels keep it: that is told */
};

/*
 * Warns of what is left out. GOXEL_ERROR_QUOTA (what is shown takes too much memory, or too many vertices),
 * GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_model_make(const struct goxel_export *export, const struct goxel_model_needs *needs,
                     struct goxel_model *ret_model);
void goxel_model_finish(struct goxel_model *model); /* zeroed ones, too */

/* "Layer 1", or "" for all as one. */
const char *goxel_model_part_name(const struct goxel_model_part *part);

/* Where a place of the volume goes; never -0. */
void goxel_model_place(const struct goxel_model *model, const float pos[3], float ret_pos[3]);
/* The smallest and the largest that vertices have, as placed, from the same before. */
void goxel_model_place_box(const struct goxel_model *model, const float min[3], const float max[3],
                           float ret_min[3], float ret_max[3]);
/* A vertex's normal as placed, of length 1. */
void goxel_model_normal(const struct goxel_model *model, const struct goxel_mesh_vertex *vertex,
                        float ret_normal[3]);

/* ---- faces ---- */

/* Triangles of all faces: a quad is two, of its corners 0 1 2 and 0 2 3. */
static inline uint64_t goxel_model_triangles(const struct goxel_mesh_size *size)
{
    return size->corners == 4 ? 2 * size->faces : size->faces;
}

/* Corners of its faces may be vertices of other pieces. */
static inline bool goxel_model_shares(const struct goxel_model *model)
{
    return model->mesher == GOXEL_MESHER_MANIFOLD || model->mesher == GOXEL_MESHER_SMOOTH;
}

/*
 * The colour of face number `face` of a piece that has vertices and faces. Where a closed surface has one vertex for faces of several
 * colours, the piece says which; a smooth one takes that of the first corner.
 */
static inline struct goxel_color goxel_model_face_color(const struct goxel_model_part *part,
                                                        const struct goxel_mesh_piece *piece, size_t face)
{
    uint32_t corner = piece->faces[face * (size_t)part->size.corners];

    if (piece->face_colors)
        return piece->face_colors[face];
    return part->colors ? part->colors[corner] : piece->vertices[corner - piece->first_vertex].color;
}

/* All colours of faces, in the order in which they come. GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code. */
struct goxel_color_set;
int goxel_model_colors(const struct goxel_model *model, struct goxel_color_set *set);

#endif
