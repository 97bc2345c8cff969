/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two passes. Which parts there are, and what is in them, is the mesher's affair. */
#include "mesh/mesh.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "mesh/internal.h"
#include "work/team.h"

const char *const goxel_mesher_names[GOXEL_MESHER_COUNT] = {"faces", "greedy", "manifold", "smooth"};

#define DESKS_MAX 4 /* of noise each has some 10 MiB */

#define CORNER_BLOCKS 256 /* in a part of vertices: 131,072 of those at most */

static const struct goxel_mesh_maker *const makers[GOXEL_MESHER_COUNT] = {
    [GOXEL_MESHER_FACES] = &goxel_mesh_faces,
    [GOXEL_MESHER_GREEDY] = &goxel_mesh_greedy,
    [GOXEL_MESHER_MANIFOLD] = &goxel_mesh_manifold,
    [GOXEL_MESHER_SMOOTH] = &goxel_mesh_smooth,
};

/* ---- lists ---- */

/* Takes over what is kept of the part, also where it fails. */
static int add_part(struct goxel_part **list, size_t *count, size_t *room, const struct goxel_part *part)
{
    int code = goxel_array_reserve(list, room, *count + 1, sizeof(**list));

    if (code)
        free(part->kept.vertices);
    else
        (*list)[(*count)++] = *part;
    return code;
}

static void finish_parts(struct goxel_part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(parts[i].kept.vertices);
    free(parts);
}

static void finish_desk(struct goxel_mesh_desk *desk)
{
    goxel_weld_finish(&desk->weld);
    goxel_sweep_finish(&desk->sweep);
    finish_parts(desk->parts, desk->part_count);
    free(desk->points);
}

/* ---- passes ---- */

/* What is done with a part. */
typedef int part_use(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk);

/* A pass over all units or parts, which are its jobs. */
struct pass {
    struct goxel_mesh *mesh;
    struct goxel_cancel *cancel;
    struct goxel_detail *detail;
    size_t first_part; /* what is the first job */
    unsigned parts;    /* what is asked for */
    goxel_mesh_take *take;
    void *ctx;
    struct goxel_mesh_desk desks[DESKS_MAX];
};

typedef void work_job(void *ctx, size_t job, unsigned desk);
typedef int take_job(void *ctx, size_t job, unsigned desk);

static int run_pass(const struct pass *how, size_t count, work_job *work, take_job *take)
{
    struct goxel_pool *pool = how->mesh->options.pool;
    struct pass *pass = malloc(sizeof(*pass));
    unsigned desks = goxel_team_desks(pool);
    const struct goxel_team team = {count, desks < DESKS_MAX ? desks : DESKS_MAX, work, take, pass};
    int code;

    if (!pass)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *pass = *how;
    code = goxel_team_run(&team, pool);
    for (int i = 0; i < DESKS_MAX; i++)
        finish_desk(&pass->desks[i]);
    free(pass);
    return code;
}

/* On whichever thread it is: what that could not load is this part's failure. */
static int use_part(const struct pass *pass, struct goxel_part *part, struct goxel_mesh_desk *desk,
                    part_use *use)
{
    uint64_t failures = goxel_away_failures();
    int code = goxel_cancel_check(pass->cancel);

    if (code)
        return code;
    desk->cancel = pass->cancel;
    goxel_weld_begin(&desk->weld, part->first_vertex);
    code = use(pass->mesh, part, desk);
    return code ? code : goxel_away_check(failures, &desk->detail);
}

static int desk_code(const struct pass *pass, const struct goxel_mesh_desk *desk)
{
    if (desk->code && pass->detail)
        *pass->detail = desk->detail;
    return desk->code;
}

/* The vertices of some blocks of corners. */
static int make_corners(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk)
{
    static const struct goxel_color white = {255, 255, 255, 255};
    struct goxel_reader reader = goxel_reader_make(mesh->volume);
    struct goxel_pos pos;
    int code = 0;

    for (size_t i = part->begin; i < part->end && !code; i++) {
        struct goxel_corner_walk walk = goxel_corner_walk_make(mesh->corners, i);

        code = goxel_cancel_check(desk->cancel);
        while (goxel_corner_walk_next(&walk, &pos) && !code) {
            struct goxel_mesh_vertex vertex = {{(float)pos.x, (float)pos.y, (float)pos.z}, white, {0}};

            mesh->maker->vertex(mesh, &reader, pos, &vertex);
            code = goxel_weld_add(&desk->weld, &vertex);
        }
    }
    return code;
}

static int make_part(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk)
{
    return part->corners ? make_corners(mesh, part, desk) : mesh->maker->make(mesh, part, desk);
}

/* ---- sizes ---- */

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
    for (size_t i = 0; i < weld->face_count && weld->colored; i++)
        size.translucent |= weld->colors[i].a < 255;
    *ret_size = size;
}

static int check_size(uint64_t vertices, struct goxel_detail *detail)
{
    return vertices > UINT32_MAX ? goxel_fail_limit(detail, GOXEL_ERROR_QUOTA, "vertices of a mesh",
                                                    UINT32_MAX, (int64_t)vertices)
                                 : 0;
}

/* ---- going through the list: parts, and what is in them ---- */

/* The parts of a unit; of what is made of them the size is measured. */
static int part_unit(const struct pass *pass, size_t job, struct goxel_mesh_desk *desk, part_use *use)
{
    uint32_t begin = pass->mesh->units[job], end = pass->mesh->units[job + 1];
    int code = 0;

    while (begin < end && !code) {
        struct goxel_part part = {.begin = begin, .end = end};
        struct goxel_mesh_size size;

        code = use_part(pass, &part, desk, use);
        if (code)
            break;
        measure(&desk->weld, &size);
        begin = part.end;
        part.vertex_count = (uint32_t)size.vertices;
        part.face_count = (uint32_t)size.faces;
        add_size(&desk->size, &size);
        code = goxel_kept_make(&desk->weld, pass->mesh->size.corners, &pass->mesh->kept, &part.kept);
        if (!code)
            code = add_part(&desk->parts, &desk->part_count, &desk->part_room, &part);
    }
    return code;
}

static void begin_unit(struct goxel_mesh_desk *desk)
{
    desk->size = (struct goxel_mesh_size){0};
    desk->part_count = 0;
}

static void mark_job(void *ctx, size_t job, unsigned number)
{
    struct pass *pass = ctx;
    struct goxel_mesh_desk *desk = &pass->desks[number];

    begin_unit(desk);
    desk->code = part_unit(pass, job, desk, pass->mesh->maker->mark);
}

static void count_job(void *ctx, size_t job, unsigned number)
{
    struct pass *pass = ctx;
    struct goxel_mesh_desk *desk = &pass->desks[number];

    begin_unit(desk);
    desk->code = part_unit(pass, job, desk, pass->mesh->maker->make);
}

/* The parts of a unit, behind those of the units before. */
static int append_parts(struct goxel_mesh *mesh, struct goxel_mesh_desk *desk)
{
    uint64_t first_vertex = mesh->size.vertices, first_face = mesh->size.faces;
    int code = 0;

    for (size_t i = 0; i < desk->part_count && !code; i++) {
        struct goxel_part part = desk->parts[i];

        desk->parts[i].kept = (struct goxel_kept){NULL, NULL, NULL};
        part.first_vertex = first_vertex;
        part.first_face = first_face;
        if (part.kept.vertices)
            goxel_kept_move(&part.kept, (size_t)mesh->size.corners * part.face_count, first_vertex);
        first_vertex += part.vertex_count;
        first_face += part.face_count;
        code = add_part(&mesh->parts, &mesh->part_count, &mesh->part_room, &part);
    }
    return code;
}

static int take_unit(void *ctx, size_t job, unsigned number)
{
    struct pass *pass = ctx;
    struct goxel_mesh *mesh = pass->mesh;
    struct goxel_mesh_desk *desk = &pass->desks[number];
    int code = desk_code(pass, desk);

    (void)job;
    if (!code)
        code = append_parts(mesh, desk);
    if (code)
        return code;
    add_size(&mesh->size, &desk->size);
    return check_size(mesh->size.vertices, pass->detail);
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

/* ---- counting what has vertices by its corners ---- */

/* Parts of vertices alone in front of the others. */
static int add_corner_parts(struct goxel_mesh *mesh)
{
    struct goxel_part *others = mesh->parts;
    size_t count = mesh->part_count, end;
    int code = 0;

    mesh->parts = NULL;
    mesh->part_count = mesh->part_room = 0;
    for (size_t at = 0; at < mesh->corners->block_count && !code; at = end) {
        struct goxel_part part = {.begin = (uint32_t)at, .corners = true};

        end = at + CORNER_BLOCKS < mesh->corners->block_count ? at + CORNER_BLOCKS
                                                              : mesh->corners->block_count;
        part.end = (uint32_t)end;
        code = add_part(&mesh->parts, &mesh->part_count, &mesh->part_room, &part);
    }
    mesh->corner_parts = mesh->part_count;
    for (size_t i = 0; i < count && !code; i++)
        code = add_part(&mesh->parts, &mesh->part_count, &mesh->part_room, &others[i]);
    free(others);
    return code;
}

static void measure_job(void *ctx, size_t job, unsigned number)
{
    struct pass *pass = ctx;
    struct goxel_mesh_desk *desk = &pass->desks[number];
    struct goxel_part part = pass->mesh->parts[job];

    desk->code = use_part(pass, &part, desk, make_part);
    if (desk->code)
        return;
    measure(&desk->weld, &desk->size);
    desk->code = goxel_kept_make(&desk->weld, pass->mesh->size.corners, &pass->mesh->kept,
                                 &pass->mesh->parts[job].kept);
}

static int take_measure(void *ctx, size_t job, unsigned number)
{
    struct pass *pass = ctx;
    struct goxel_mesh *mesh = pass->mesh;
    const struct goxel_mesh_desk *desk = &pass->desks[number];
    struct goxel_part *part = &mesh->parts[job];
    int code = desk_code(pass, desk);

    if (code)
        return code;
    part->first_vertex = mesh->size.vertices;
    part->first_face = mesh->size.faces;
    part->vertex_count = (uint32_t)desk->size.vertices;
    part->face_count = (uint32_t)desk->size.faces;
    add_size(&mesh->size, &desk->size);
    return 0;
}

static int count_with_corners(const struct pass *pass)
{
    struct goxel_mesh *mesh = pass->mesh;
    int code;

    mesh->corners = goxel_corners_create();
    if (!mesh->corners)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    code = run_pass(pass, mesh->unit_count, mark_job, take_unit);
    if (!code)
        code = goxel_corners_settle(mesh->corners);
    if (!code)
        code = check_size(mesh->corners->count, pass->detail);
    if (!code)
        code = add_corner_parts(mesh);
    return code ? code : run_pass(pass, mesh->part_count, measure_job, take_measure);
}

static int count_all(const struct pass *pass)
{
    struct goxel_mesh *mesh = pass->mesh;
    int code = find_units(mesh);

    if (!code)
        code = mesh->maker->mark ? count_with_corners(pass)
                                 : run_pass(pass, mesh->unit_count, count_job, take_unit);
    free(mesh->units);
    mesh->units = NULL;
    return code;
}

/* ---- the first pass ---- */

static struct goxel_sight sight_of(const struct goxel_mesh_options *options)
{
    uint8_t least = options->alpha_min;

    if (least)
        return (struct goxel_sight){.least = least, .opaque = true, .cut = true};
    return (struct goxel_sight){.least = 1,
                                .opaque = options->mesher == GOXEL_MESHER_MANIFOLD ||
                                          options->mesher == GOXEL_MESHER_SMOOTH};
}

static int plan(const struct pass *pass)
{
    struct goxel_mesh *mesh = pass->mesh;
    uint64_t failures = goxel_away_failures();
    int code = goxel_cells_find(mesh->volume, &mesh->sight, pass->cancel, &mesh->cells);

    if (!code)
        code = goxel_away_check(failures, pass->detail);
    if (!code)
        code = mesh->maker->begin(mesh, pass->cancel);
    return code ? code : count_all(pass);
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
    code = mesh->volume ? plan(&(struct pass){.mesh = mesh, .cancel = cancel, .detail = detail})
                        : GOXEL_ERROR_OUT_OF_MEMORY;
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
    goxel_corners_destroy(mesh->corners);
    finish_parts(mesh->parts, mesh->part_count);
    free(mesh);
}

/* ---- emitting ---- */

static void emit_job(void *ctx, size_t job, unsigned number)
{
    struct pass *pass = ctx;
    struct goxel_part part = pass->mesh->parts[pass->first_part + job];

    pass->desks[number].code = part.kept.vertices ? 0
                                                  : use_part(pass, &part, &pass->desks[number], make_part);
}

/* What was kept, or what lies on the desk. */
static struct goxel_kept result_of(const struct goxel_part *part, const struct goxel_weld *weld)
{
    if (part->kept.vertices)
        return part->kept;
    return (struct goxel_kept){weld->vertices, weld->faces, weld->colored ? weld->colors : NULL};
}

static int take_piece(void *ctx, size_t job, unsigned number)
{
    const struct pass *pass = ctx;
    const struct goxel_mesh_desk *desk = &pass->desks[number];
    const struct goxel_part *part = &pass->mesh->parts[pass->first_part + job];
    struct goxel_kept result = result_of(part, &desk->weld);
    bool vertices = pass->parts & GOXEL_MESH_VERTICES && part->vertex_count;
    bool faces = pass->parts & GOXEL_MESH_FACES && part->face_count;
    const struct goxel_mesh_piece piece = {
        .first_vertex = part->first_vertex,
        .first_face = part->first_face,
        .vertices = vertices ? result.vertices : NULL,
        .vertex_count = part->vertex_count,
        .faces = faces ? result.faces : NULL,
        .face_colors = faces ? result.colors : NULL,
        .face_count = part->face_count,
    };
    int code = desk->code ? desk->code : goxel_cancel_check(pass->cancel);

    if (code)
        return code;
    return vertices || faces ? pass->take(pass->ctx, &piece) : 0;
}

int goxel_mesh_emit(struct goxel_mesh *mesh, unsigned parts, goxel_mesh_take *take, void *ctx,
                    struct goxel_cancel *cancel)
{
    struct pass pass = {.mesh = mesh, .cancel = cancel, .parts = parts, .take = take, .ctx = ctx};
    size_t end = mesh->part_count;

    /* Of a mesh that has vertices in parts of their own, none but those that are asked for. */
    if (mesh->corner_parts && !(parts & GOXEL_MESH_VERTICES))
        pass.first_part = mesh->corner_parts;
    if (mesh->corner_parts && !(parts & GOXEL_MESH_FACES))
        end = mesh->corner_parts;
    return run_pass(&pass, end - pass.first_part, emit_job, take_piece);
}
