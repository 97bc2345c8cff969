/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two passes. Which parts there are, and what is in them, is the mesher's affair. */
#include "mesh/mesh.h"

#include <stdlib.h>

#include "base/error.h"
#include "mesh/internal.h"
#include "work/team.h"

const char *const goxel_mesher_names[GOXEL_MESHER_COUNT] = {"faces", "greedy", "manifold", "smooth"};

static const struct goxel_mesh_maker *const makers[GOXEL_MESHER_COUNT] = {
    [GOXEL_MESHER_FACES] = &goxel_mesh_faces,
    [GOXEL_MESHER_GREEDY] = &goxel_mesh_greedy,
    [GOXEL_MESHER_MANIFOLD] = &goxel_mesh_faces,
    [GOXEL_MESHER_SMOOTH] = &goxel_mesh_faces,
};

/* ---- lists ---- */

static int add_part(struct goxel_part **list, size_t *count, size_t *room, const struct goxel_part *part)
{
    if (*count == *room) {
        size_t more = *room ? 2 * *room : 16;
        struct goxel_part *parts = realloc(*list, more * sizeof(*parts));

        if (!parts)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        *list = parts;
        *room = more;
    }
    (*list)[(*count)++] = *part;
    return 0;
}

static void finish_desk(struct goxel_mesh_desk *desk)
{
    goxel_weld_finish(&desk->weld);
    goxel_sweep_finish(&desk->sweep);
    free(desk->parts);
}

/* ---- counting ---- */

/* A pass over all units or parts, which are its jobs. */
struct pass {
    struct goxel_mesh *mesh;
    struct goxel_cancel *cancel;
    struct goxel_detail *detail;
    unsigned parts; /* what is asked for */
    goxel_mesh_take *take;
    void *ctx;
    struct goxel_mesh_desk desks[GOXEL_TEAM_DESKS_MAX];
};

static int run_pass(struct pass *pass, size_t count, void (*work)(void *ctx, size_t job, unsigned desk),
                    int (*take)(void *ctx, size_t job, unsigned desk))
{
    struct goxel_pool *pool = pass->mesh->options.pool;
    const struct goxel_team team = {count, goxel_team_desks(pool), work, take, pass};
    int code = goxel_team_run(&team, pool);

    for (int i = 0; i < GOXEL_TEAM_DESKS_MAX; i++)
        finish_desk(&pass->desks[i]);
    return code;
}

/* A part on a desk; whichever thread it is, what it could not load is its own failure. */
static int make_part(const struct pass *pass, struct goxel_part *part, struct goxel_mesh_desk *desk)
{
    uint64_t failures = goxel_away_failures();
    int code = goxel_cancel_check(pass->cancel);

    if (code)
        return code;
    goxel_weld_begin(&desk->weld, part->first_vertex);
    code = pass->mesh->maker->make(pass->mesh, part, desk);
    return code ? code : goxel_away_check(failures, &desk->detail);
}

static void add_size(struct goxel_mesh_size *size, const struct goxel_mesh_size *more)
{
    for (int axis = 0; axis < 3 && more->vertices; axis++) {
        if (size->vertices == 0 || more->min[axis] < size->min[axis])
            size->min[axis] = more->min[axis];
        if (size->vertices == 0 || more->max[axis] > size->max[axis])
            size->max[axis] = more->max[axis];
    }
    size->vertices += more->vertices;
    size->faces += more->faces;
    size->translucent |= more->translucent;
}

static void measure(const struct goxel_weld *weld, struct goxel_mesh_size *ret_size)
{
    struct goxel_mesh_size size = {.vertices = weld->vertex_count, .faces = weld->face_count};

    for (size_t i = 0; i < weld->vertex_count; i++) {
        const struct goxel_mesh_vertex *vertex = &weld->vertices[i];

        for (int axis = 0; axis < 3; axis++) {
            if (i == 0 || vertex->pos[axis] < size.min[axis])
                size.min[axis] = vertex->pos[axis];
            if (i == 0 || vertex->pos[axis] > size.max[axis])
                size.max[axis] = vertex->pos[axis];
        }
        size.translucent |= vertex->color.a < 255;
    }
    *ret_size = size;
}

static int count_unit(const struct pass *pass, size_t job, struct goxel_mesh_desk *desk)
{
    const struct goxel_mesh *mesh = pass->mesh;
    uint32_t begin = mesh->units[job], end = mesh->units[job + 1];
    int code = 0;

    while (begin < end && !code) {
        struct goxel_part part = {.begin = begin, .end = end};
        struct goxel_mesh_size size;

        code = make_part(pass, &part, desk);
        if (code)
            break;
        measure(&desk->weld, &size);
        begin = part.end;
        part.vertex_count = (uint32_t)size.vertices;
        part.face_count = (uint32_t)size.faces;
        add_size(&desk->size, &size);
        if (size.faces)
            code = add_part(&desk->parts, &desk->part_count, &desk->part_room, &part);
    }
    return code;
}

static void count_job(void *ctx, size_t job, unsigned number)
{
    struct pass *pass = ctx;
    struct goxel_mesh_desk *desk = &pass->desks[number];

    desk->size = (struct goxel_mesh_size){0};
    desk->part_count = 0;
    desk->code = count_unit(pass, job, desk);
}

/* The parts of a unit, behind those of the units before. */
static int append_parts(struct goxel_mesh *mesh, const struct goxel_mesh_desk *desk)
{
    uint64_t first_vertex = mesh->size.vertices, first_face = mesh->size.faces;
    int code = 0;

    for (size_t i = 0; i < desk->part_count && !code; i++) {
        struct goxel_part part = desk->parts[i];

        part.first_vertex = first_vertex;
        part.first_face = first_face;
        first_vertex += part.vertex_count;
        first_face += part.face_count;
        code = add_part(&mesh->parts, &mesh->part_count, &mesh->part_room, &part);
    }
    return code;
}

static int take_count(void *ctx, size_t job, unsigned number)
{
    struct pass *pass = ctx;
    struct goxel_mesh *mesh = pass->mesh;
    const struct goxel_mesh_desk *desk = &pass->desks[number];
    int code = desk->code;

    (void)job;
    if (code) {
        if (pass->detail)
            *pass->detail = desk->detail;
        return code;
    }
    code = append_parts(mesh, desk);
    add_size(&mesh->size, &desk->size);
    if (!code && mesh->size.vertices > UINT32_MAX)
        code = goxel_fail_limit(pass->detail, GOXEL_ERROR_QUOTA, "vertices of a mesh", UINT32_MAX,
                                (int64_t)mesh->size.vertices);
    return code;
}

static int find_units(struct goxel_mesh *mesh)
{
    size_t count = 0;

    /* Room for as many as there can be: of one entry each. */
    mesh->units = malloc((mesh->entries + 1) * sizeof(*mesh->units));
    if (!mesh->units)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t at = 0; at < mesh->entries; at = mesh->maker->unit_end(mesh, at))
        mesh->units[count++] = (uint32_t)at;
    mesh->units[count] = (uint32_t)mesh->entries;
    mesh->unit_count = count;
    return 0;
}

static int count_all(struct goxel_mesh *mesh, struct goxel_cancel *cancel, struct goxel_detail *detail)
{
    struct pass *pass;
    int code = find_units(mesh);

    if (code)
        return code;
    pass = calloc(1, sizeof(*pass));
    if (!pass)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    pass->mesh = mesh;
    pass->cancel = cancel;
    pass->detail = detail;
    code = run_pass(pass, mesh->unit_count, count_job, take_count);
    free(pass);
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
        code = goxel_away_check(failures, detail);
    if (!code)
        code = count_all(mesh, cancel, detail);
    free(mesh->units);
    mesh->units = NULL;
    return code;
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

static void emit_job(void *ctx, size_t job, unsigned number)
{
    struct pass *pass = ctx;
    struct goxel_part part = pass->mesh->parts[job];

    pass->desks[number].code = make_part(pass, &part, &pass->desks[number]);
}

static int take_piece(void *ctx, size_t job, unsigned number)
{
    const struct pass *pass = ctx;
    const struct goxel_mesh_desk *desk = &pass->desks[number];
    bool vertices = pass->parts & GOXEL_MESH_VERTICES, faces = pass->parts & GOXEL_MESH_FACES;
    const struct goxel_mesh_piece piece = {
        .first_vertex = pass->mesh->parts[job].first_vertex,
        .first_face = pass->mesh->parts[job].first_face,
        .vertices = vertices ? desk->weld.vertices : NULL,
        .vertex_count = desk->weld.vertex_count,
        .faces = faces ? desk->weld.faces : NULL,
        .face_count = desk->weld.face_count,
    };

    return desk->code ? desk->code : pass->take(pass->ctx, &piece);
}

int goxel_mesh_emit(struct goxel_mesh *mesh, unsigned parts, goxel_mesh_take *take, void *ctx,
                    struct goxel_cancel *cancel)
{
    struct pass *pass = calloc(1, sizeof(*pass));
    int code;

    if (!pass)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    pass->mesh = mesh;
    pass->cancel = cancel;
    pass->parts = parts;
    pass->take = take;
    pass->ctx = ctx;
    code = run_pass(pass, mesh->part_count, emit_job, take_piece);
    free(pass);
    return code;
}
