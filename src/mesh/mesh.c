/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two passes. Which parts there are, and what is in them, is the mesher's affair. */
#include "mesh/mesh.h"

#include <stdlib.h>

#include "base/error.h"
#include "mesh/internal.h"

const char *const goxel_mesher_names[GOXEL_MESHER_COUNT] = {"faces", "greedy", "manifold", "smooth"};

static const struct goxel_mesh_maker *const makers[GOXEL_MESHER_COUNT] = {
    [GOXEL_MESHER_FACES] = &goxel_mesh_faces,
    [GOXEL_MESHER_GREEDY] = &goxel_mesh_greedy,
    [GOXEL_MESHER_MANIFOLD] = &goxel_mesh_faces,
    [GOXEL_MESHER_SMOOTH] = &goxel_mesh_faces,
};

/* ---- counting ---- */

static void measure(struct goxel_mesh_size *size, const struct goxel_weld *weld)
{
    for (size_t i = 0; i < weld->vertex_count; i++) {
        const struct goxel_mesh_vertex *vertex = &weld->vertices[i];

        for (int axis = 0; axis < 3; axis++) {
            if ((size->vertices == 0 && i == 0) || vertex->pos[axis] < size->min[axis])
                size->min[axis] = vertex->pos[axis];
            if ((size->vertices == 0 && i == 0) || vertex->pos[axis] > size->max[axis])
                size->max[axis] = vertex->pos[axis];
        }
        size->translucent |= vertex->color.a < 255;
    }
    size->vertices += weld->vertex_count;
    size->faces += weld->face_count;
}

static int add_part(struct goxel_mesh *mesh, const struct goxel_part *part)
{
    if (mesh->part_count == mesh->part_room) {
        size_t room = mesh->part_room ? 2 * mesh->part_room : 64;
        struct goxel_part *parts = realloc(mesh->parts, room * sizeof(*parts));

        if (!parts)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        mesh->parts = parts;
        mesh->part_room = room;
    }
    mesh->parts[mesh->part_count++] = *part;
    return 0;
}

static int count_parts(struct goxel_mesh *mesh, struct goxel_cancel *cancel, struct goxel_detail *detail)
{
    struct goxel_mesh_desk desk = {0};
    size_t begin = 0;
    int code = 0;

    while (begin < mesh->entries && !code) {
        size_t end = mesh->maker->unit_end(mesh, begin);
        struct goxel_part part = {.begin = (uint32_t)begin,
                                  .end = (uint32_t)end,
                                  .first_vertex = mesh->size.vertices,
                                  .first_face = mesh->size.faces};

        code = goxel_cancel_check(cancel);
        if (code)
            break;
        goxel_weld_begin(&desk.weld, 0);
        code = mesh->maker->make(mesh, &part, &desk);
        if (code)
            break;
        begin = part.end;
        part.vertex_count = (uint32_t)desk.weld.vertex_count;
        part.face_count = (uint32_t)desk.weld.face_count;
        measure(&mesh->size, &desk.weld);
        if (mesh->size.vertices > UINT32_MAX)
            code = goxel_fail_limit(detail, GOXEL_ERROR_QUOTA, "vertices of a mesh", UINT32_MAX,
                                    (int64_t)mesh->size.vertices);
        else if (desk.weld.face_count)
            code = add_part(mesh, &part);
    }
    goxel_weld_finish(&desk.weld);
    goxel_sweep_finish(&desk.sweep);
    return code;
}

static struct goxel_sight sight_of(const struct goxel_mesh_options *options)
{
    uint8_t least = options->alpha_min;

    if (least)
        return (struct goxel_sight){.least = least, .opaque = true, .cut = true};
    return (struct goxel_sight){.least = 1,
                                .opaque = options->mesher == GOXEL_MESHER_MANIFOLD ||
                                          options->mesher == GOXEL_MESHER_SMOOTH};
}

static int plan(struct goxel_mesh *mesh, struct goxel_cancel *cancel, struct goxel_detail *detail)
{
    uint64_t failures = goxel_away_failures();
    int code = goxel_cells_find(mesh->volume, &mesh->sight, cancel, &mesh->cells);

    if (!code)
        code = mesh->maker->begin(mesh, cancel);
    if (!code)
        code = count_parts(mesh, cancel, detail);
    return code ? code : goxel_away_check(failures, detail);
}

int goxel_mesh_plan(const struct goxel_volume *volume, const struct goxel_mesh_options *options,
                    struct goxel_cancel *cancel, struct goxel_detail *detail, struct goxel_mesh **ret_mesh)
{
    struct goxel_mesh *mesh = calloc(1, sizeof(*mesh));
    int code;

    if (!mesh)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    mesh->options = *options;
    mesh->maker = makers[options->mesher];
    mesh->size.corners = mesh->maker->corners;
    mesh->sight = sight_of(options);
    mesh->volume = goxel_volume_copy(volume);
    code = mesh->volume ? plan(mesh, cancel, detail) : GOXEL_ERROR_OUT_OF_MEMORY;
    if (code) {
        goxel_mesh_destroy(mesh);
        return code;
    }
    *ret_mesh = mesh;
    return 0;
}

void goxel_mesh_size(const struct goxel_mesh *mesh, struct goxel_mesh_size *ret_size)
{
    *ret_size = mesh->size;
}

void goxel_mesh_destroy(struct goxel_mesh *mesh)
{
    if (!mesh)
        return;
    goxel_volume_destroy(mesh->volume);
    goxel_cells_finish(&mesh->cells);
    goxel_order_finish(&mesh->order);
    free(mesh->parts);
    free(mesh);
}

/* ---- emitting ---- */

static int give(const struct goxel_part *part, const struct goxel_weld *weld, unsigned parts,
                goxel_mesh_take *take, void *ctx)
{
    bool vertices = parts & GOXEL_MESH_VERTICES, faces = parts & GOXEL_MESH_FACES;
    struct goxel_mesh_piece piece = {
        .first_vertex = part->first_vertex,
        .first_face = part->first_face,
        .vertices = vertices ? weld->vertices : NULL,
        .vertex_count = weld->vertex_count,
        .faces = faces ? weld->faces : NULL,
        .face_count = weld->face_count,
    };

    return take(ctx, &piece);
}

int goxel_mesh_emit(struct goxel_mesh *mesh, unsigned parts, goxel_mesh_take *take, void *ctx,
                    struct goxel_cancel *cancel)
{
    uint64_t failures = goxel_away_failures();
    struct goxel_mesh_desk desk = {0};
    int code = 0;

    for (size_t i = 0; i < mesh->part_count && !code; i++) {
        struct goxel_part part = mesh->parts[i];

        code = goxel_cancel_check(cancel);
        if (code)
            break;
        goxel_weld_begin(&desk.weld, part.first_vertex);
        code = mesh->maker->make(mesh, &part, &desk);
        if (!code)
            code = goxel_away_check(failures, NULL);
        if (!code)
            code = give(&part, &desk.weld, parts, take, ctx);
    }
    goxel_weld_finish(&desk.weld);
    goxel_sweep_finish(&desk.sweep);
    return code;
}
