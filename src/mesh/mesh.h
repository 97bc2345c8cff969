/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A volume's surface as quads or triangles, in two passes: the first counts, the second emits, piece after piece.
 *
 * Used by: format, render, convert, rpc.  Uses: core, work, base.
 *
 *     goxel_mesh_plan(volume, &options, cancel, detail, &mesh);     how many vertices and faces there will be
 *     goxel_mesh_emit(mesh, GOXEL_MESH_VERTICES, take, ctx, …);     the vertices of all pieces, in their order
 *     goxel_mesh_emit(mesh, GOXEL_MESH_FACES, take, ctx, …);        the same pieces' faces
 *
 * No more than a few pieces are in memory at once, whatever the size of the volume: a writer that wants all vertices before the first
 * face asks twice. Pieces, and what is in them, are the same each time and for the same voxels, however many threads take part.
 *
 * Of FACES and GREEDY a piece has both vertices and faces, and its faces use its own vertices alone. Of MANIFOLD and SMOOTH each vertex is
 * in the mesh once: pieces with vertices alone come first, then pieces with faces alone.
 *
 * A voxel is a cube from its position to that plus one. Faces stand where a voxel can be seen: towards an empty place, and between an
 * opaque and a translucent one (the opaque one's), between translucent ones of different colours (both), never between equal colours.
 *
 * Life: a plan holds the volume's content (a copy, O(1)), belongs to one thread, and ends with goxel_mesh_destroy.
 */
#ifndef GOXEL_MESH_MESH_H
#define GOXEL_MESH_MESH_H

#include "base/cancel.h"
#include "base/detail.h"
#include "core/volume.h"
#include "work/pool.h"

enum goxel_mesher {
    GOXEL_MESHER_FACES,  /* a quad for each face that can be seen */
    GOXEL_MESHER_GREEDY, /* quads of one colour in one plane, as large as they come */
    /* Triangles around all that is there, closed: every edge has an even number of them, and no vertex lies inside of one. */
    GOXEL_MESHER_MANIFOLD,
    GOXEL_MESHER_SMOOTH, /* triangles of a surface between the voxels, closed, too: surface nets */
    GOXEL_MESHER_COUNT
};
/* "faces", "greedy", "manifold", "smooth". */
extern const char *const goxel_mesher_names[GOXEL_MESHER_COUNT];

struct goxel_mesh_options {
    enum goxel_mesher mesher;
    /* 0: alpha as it is. Else voxels of less alpha are not there and the others are opaque, for formats without alpha; 1–255. */
    uint8_t alpha_min;
    /*
     * FACES, GREEDY: vertices have the direction of their faces, and are shared by faces of the same alone. SMOOTH: they have that of
     * the surface. MANIFOLD: they have none in any case, as they are shared around edges.
     */
    bool normals;
    /*
     * FACES, GREEDY: vertices have the colour of their faces, and are shared by faces of the same alone. MANIFOLD, SMOOTH: they have the
     * colour of a voxel beside them; of MANIFOLD each face has its own besides. Without, quads merge whatever their colours are, and
     * all vertices are opaque white.
     */
    bool colors;
    struct goxel_pool *pool; /* workers that may help, as far as they are idle; NULL: the caller alone */
};

struct goxel_mesh_vertex {
    float pos[3]; /* voxels, in the volume's axes; whole numbers but for SMOOTH */
    struct goxel_color color;
    int8_t normal[4]; /* of length 127, the last one 0; all 0 without */
};

enum goxel_mesh_part { GOXEL_MESH_VERTICES = 1, GOXEL_MESH_FACES = 2 };

struct goxel_mesh_piece {
    uint64_t first_vertex, first_face;        /* of those before it */
    const struct goxel_mesh_vertex *vertices; /* NULL if not asked for, or there are none */
    size_t vertex_count;
    /* `corners` indices each into all the mesh's vertices, counterclockwise seen from outside; NULL as above. */
    const uint32_t *faces;
    const struct goxel_color *face_colors; /* one for each of `faces`; NULL but of MANIFOLD with `colors` */
    size_t face_count;
};

struct goxel_mesh;

struct goxel_mesh_size {
    uint64_t vertices;
    uint64_t faces;       /* of `corners` corners */
    int corners;          /* 4 (FACES, GREEDY) or 3 (MANIFOLD, SMOOTH) */
    bool translucent;     /* some vertex or face has an alpha below 255 */
    float min[3], max[3]; /* of all vertices; zero if there is none */
};

/*
 * The first pass. GOXEL_ERROR_QUOTA (more than UINT32_MAX vertices), GOXEL_ERROR_OUT_OF_MEMORY, what goxel_away_check (core/away.h) fails
 * with, the cancel's code; *ret_mesh is untouched then.
 */
int goxel_mesh_plan(const struct goxel_volume *volume, const struct goxel_mesh_options *options,
                    struct goxel_cancel *cancel, struct goxel_detail *detail, struct goxel_mesh **ret_mesh);
void goxel_mesh_size(const struct goxel_mesh *mesh, struct goxel_mesh_size *ret_size);

/*
 * `parts` is one or both. `take` is called on the caller's thread, for each piece in order; what it returns, unless 0, ends the pass and is
 * returned. A piece is valid during the call. Otherwise as goxel_mesh_plan.
 */
typedef int goxel_mesh_take(void *ctx, const struct goxel_mesh_piece *piece);
int goxel_mesh_emit(struct goxel_mesh *mesh, unsigned parts, goxel_mesh_take *take, void *ctx,
                    struct goxel_cancel *cancel);
void goxel_mesh_destroy(struct goxel_mesh *mesh); /* NULL is fine */

#endif
