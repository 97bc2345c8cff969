/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gathered.h"

#include "base/error.h"

/* ---- gathering ---- */

static int take(void *ctx, const struct goxel_mesh_piece *piece)
{
    struct gathered *mesh = ctx;
    size_t corners = (size_t)mesh->size.corners;

    if (piece->vertices) {
        mesh->wrong |= piece->first_vertex != mesh->vertex_count || piece->vertex_count == 0;
        memcpy(mesh->vertices + mesh->vertex_count, piece->vertices,
               piece->vertex_count * sizeof(*mesh->vertices));
        mesh->vertex_count += piece->vertex_count;
        mesh->piece_ends = realloc(mesh->piece_ends, (mesh->piece_count + 1) * sizeof(*mesh->piece_ends));
        mesh->piece_ends[mesh->piece_count++] = mesh->vertex_count;
    }
    if (piece->faces) {
        mesh->wrong |= piece->first_face != mesh->face_count || piece->face_count == 0;
        memcpy(mesh->faces + corners * mesh->face_count, piece->faces,
               corners * piece->face_count * sizeof(*mesh->faces));
        if (piece->face_colors) {
            if (!mesh->colors)
                mesh->colors = calloc(mesh->size.faces, sizeof(*mesh->colors));
            memcpy(mesh->colors + mesh->face_count, piece->face_colors,
                   piece->face_count * sizeof(*mesh->colors));
        }
        mesh->face_count += piece->face_count;
    }
    return 0;
}

static void check_bounds(const struct gathered *mesh)
{
    float min[3] = {0}, max[3] = {0};
    bool translucent = false;

    for (size_t i = 0; i < mesh->vertex_count; i++) {
        const struct goxel_mesh_vertex *vertex = &mesh->vertices[i];

        translucent |= vertex->color.a < 255;
        for (int axis = 0; axis < 3; axis++) {
            min[axis] = i && min[axis] < vertex->pos[axis] ? min[axis] : vertex->pos[axis];
            max[axis] = i && max[axis] > vertex->pos[axis] ? max[axis] : vertex->pos[axis];
        }
    }
    for (size_t i = 0; i < mesh->face_count && mesh->colors; i++)
        translucent |= mesh->colors[i].a < 255;
    CU_ASSERT_EQUAL(memcmp(min, mesh->size.min, sizeof(min)), 0);
    CU_ASSERT_EQUAL(memcmp(max, mesh->size.max, sizeof(max)), 0);
    CU_ASSERT_EQUAL(translucent, mesh->size.translucent);
}

static void check_indices(const struct gathered *mesh)
{
    uint8_t *used = calloc(mesh->vertex_count + 1, 1);
    size_t beyond = 0, unused = 0;

    for (size_t i = 0; i < (size_t)mesh->size.corners * mesh->face_count; i++) {
        if (mesh->faces[i] < mesh->vertex_count)
            used[mesh->faces[i]] = 1;
        else
            beyond++;
    }
    for (size_t i = 0; i < mesh->vertex_count; i++)
        unused += !used[i];
    CU_ASSERT_EQUAL(beyond, 0);
    CU_ASSERT_EQUAL(unused, 0);
    free(used);
}

struct gathered gather(const struct goxel_volume *volume, const struct goxel_mesh_options *options,
                       bool twice)
{
    struct gathered mesh = {0};
    struct goxel_mesh *plan = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_mesh_plan(volume, options, NULL, NULL, &plan), 0);
    goxel_mesh_size(plan, &mesh.size);
    mesh.vertices = calloc(mesh.size.vertices + 1, sizeof(*mesh.vertices));
    mesh.faces = calloc(mesh.size.faces + 1, (size_t)mesh.size.corners * sizeof(*mesh.faces));
    if (twice) {
        CU_ASSERT_EQUAL_FATAL(goxel_mesh_emit(plan, GOXEL_MESH_VERTICES, take, &mesh, NULL), 0);
        CU_ASSERT_EQUAL_FATAL(goxel_mesh_emit(plan, GOXEL_MESH_FACES, take, &mesh, NULL), 0);
    } else {
        CU_ASSERT_EQUAL_FATAL(
            goxel_mesh_emit(plan, GOXEL_MESH_VERTICES | GOXEL_MESH_FACES, take, &mesh, NULL), 0);
    }
    goxel_mesh_destroy(plan);
    CU_ASSERT_EQUAL_FATAL(mesh.vertex_count, mesh.size.vertices);
    CU_ASSERT_EQUAL_FATAL(mesh.face_count, mesh.size.faces);
    CU_ASSERT_FALSE(mesh.wrong);
    check_bounds(&mesh);
    check_indices(&mesh);
    return mesh;
}

void gathered_finish(struct gathered *mesh)
{
    free(mesh->vertices);
    free(mesh->faces);
    free(mesh->colors);
    free(mesh->piece_ends);
}

bool gathered_equal(const struct gathered *a, const struct gathered *b)
{
    size_t corners = (size_t)a->size.corners;

    return memcmp(&a->size, &b->size, sizeof(a->size)) == 0 &&
           memcmp(a->vertices, b->vertices, a->vertex_count * sizeof(*a->vertices)) == 0 &&
           memcmp(a->faces, b->faces, corners * a->face_count * sizeof(*a->faces)) == 0 &&
           !a->colors == !b->colors &&
           (!a->colors || memcmp(a->colors, b->colors, a->face_count * sizeof(*a->colors)) == 0);
}

/* ---- faces of voxels ---- */

void unit_faces_add(struct unit_faces *faces, const struct unit_face *face)
{
    if (faces->count == faces->room) {
        faces->room = faces->room ? 2 * faces->room : 256;
        faces->list = realloc(faces->list, faces->room * sizeof(*faces->list));
        CU_ASSERT_PTR_NOT_NULL_FATAL(faces->list);
    }
    faces->list[faces->count++] = *face;
}

static int order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_faces(const void *left, const void *right)
{
    const struct unit_face *a = left, *b = right;
    int result = order(a->z, b->z);

    result = result ? result : order(a->y, b->y);
    result = result ? result : order(a->x, b->x);
    result = result ? result : order(a->direction, b->direction);
    return result ? result : order(a->color, b->color);
}

void unit_faces_sort(struct unit_faces *faces)
{
    if (faces->count)
        qsort(faces->list, faces->count, sizeof(*faces->list), compare_faces);
}

void unit_faces_finish(struct unit_faces *faces)
{
    free(faces->list);
}

struct looking {
    const struct goxel_volume *volume;
    uint8_t alpha_min;
    bool solid, colors;
    struct unit_faces faces;
    int64_t count;
};

static struct goxel_color shown(const struct looking *looking, struct goxel_color color)
{
    if (!looking->alpha_min)
        return color;
    return color.a < looking->alpha_min ? rgba(0, 0, 0, 0) : rgba(color.r, color.g, color.b, 255);
}

static bool face_stands(const struct looking *looking, struct goxel_color color, struct goxel_color beside)
{
    if (!beside.a)
        return true;
    if (looking->solid)
        return false;
    if (color.a == 255)
        return beside.a < 255;
    return beside.a < 255 && !same_color(color, beside);
}

static int look(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct looking *looking = ctx;

    color = shown(looking, color);
    looking->count += color.a != 0;
    for (int i = 0; i < 6 && color.a; i++) {
        int step = i & 1 ? 1 : -1;
        struct goxel_pos near = at(pos.x + (i >> 1 == 0 ? step : 0), pos.y + (i >> 1 == 1 ? step : 0),
                                   pos.z + (i >> 1 == 2 ? step : 0));
        struct goxel_color beside = shown(looking, goxel_volume_get_at(looking->volume, near));

        if (face_stands(looking, color, beside))
            unit_faces_add(&looking->faces,
                           &(struct unit_face){pos.x, pos.y, pos.z, (uint8_t)i,
                                               looking->colors ? color_bits(color) : UINT32_MAX});
    }
    return 0;
}

struct unit_faces unit_faces_of(const struct goxel_volume *volume, const struct goxel_mesh_options *options,
                                bool solid)
{
    struct looking looking = {volume, options->alpha_min, solid, options->colors, {0}, 0};

    CU_ASSERT_EQUAL_FATAL(goxel_volume_visit(volume, NULL, NULL, look, &looking), 0);
    unit_faces_sort(&looking.faces);
    return looking.faces;
}

static int count_solid(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct looking *looking = ctx;

    (void)pos;
    looking->count += color.a >= looking->alpha_min;
    return 0;
}

int64_t solid_count(const struct goxel_volume *volume, uint8_t alpha_min)
{
    struct looking looking = {.alpha_min = alpha_min ? alpha_min : 1};

    CU_ASSERT_EQUAL_FATAL(goxel_volume_visit(volume, NULL, NULL, count_solid, &looking), 0);
    return looking.count;
}

/* ---- edges ---- */

static int compare_edges(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

bool is_closed(const struct gathered *mesh)
{
    size_t count = 3 * mesh->face_count, run = 0;
    uint64_t *edges = malloc((count + 1) * sizeof(*edges));
    bool closed = true;

    CU_ASSERT_EQUAL_FATAL(mesh->size.corners, 3);
    for (size_t i = 0; i < count; i++) {
        uint64_t a = mesh->faces[i], b = mesh->faces[i % 3 == 2 ? i - 2 : i + 1];

        edges[i] = a < b ? a << 32 | b : b << 32 | a;
        closed = closed && a != b;
    }
    qsort(edges, count, sizeof(*edges), compare_edges);
    for (size_t i = 0; i < count; i++) {
        run++;
        if (i + 1 < count && edges[i + 1] == edges[i])
            continue;
        closed = closed && run % 2 == 0;
        run = 0;
    }
    free(edges);
    return closed;
}
