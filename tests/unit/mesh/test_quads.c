/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faces and greedy quads: together they are every face that can be seen, once, of its colour and turned outward. */
#include "gathered.h"

#include "base/error.h"

/* ---- quads taken apart ---- */

struct box {
    int32_t min[3], max[3];
};

static struct box box_of(const struct gathered *mesh, size_t face)
{
    struct box box = {{INT32_MAX, INT32_MAX, INT32_MAX}, {INT32_MIN, INT32_MIN, INT32_MIN}};

    for (size_t i = 0; i < 4; i++) {
        const float *pos = mesh->vertices[mesh->faces[4 * face + i]].pos;

        for (int axis = 0; axis < 3; axis++) {
            int32_t coord = (int32_t)pos[axis];

            CU_ASSERT_FATAL((float)coord == pos[axis]);
            box.min[axis] = coord < box.min[axis] ? coord : box.min[axis];
            box.max[axis] = coord > box.max[axis] ? coord : box.max[axis];
        }
    }
    return box;
}

/* The one axis in which a quad has no extent; -1: it has none, or more. */
static int flat_axis(const struct box *box)
{
    int flat = -1, count = 0;

    for (int axis = 0; axis < 3; axis++) {
        if (box->min[axis] == box->max[axis]) {
            flat = axis;
            count++;
        }
    }
    return count == 1 ? flat : -1;
}

/* Twice the area, positive if counterclockwise seen from more of the axis. */
static int64_t turn_of(const struct gathered *mesh, size_t face, int axis)
{
    int u = (axis + 1) % 3, v = (axis + 2) % 3;
    int64_t sum = 0;

    for (size_t i = 0; i < 4; i++) {
        const float *a = mesh->vertices[mesh->faces[4 * face + i]].pos;
        const float *b = mesh->vertices[mesh->faces[4 * face + (i + 1) % 4]].pos;

        sum += (int64_t)a[u] * (int64_t)b[v] - (int64_t)b[u] * (int64_t)a[v];
    }
    return sum;
}

/* What is told of its corners is true of the quad. */
static bool corners_agree(const struct gathered *mesh, const struct goxel_mesh_options *options, size_t face,
                          int axis, bool plus)
{
    uint32_t color = color_bits(mesh->vertices[mesh->faces[4 * face]].color);
    bool agree = options->colors || color == UINT32_MAX;

    for (size_t i = 0; i < 4; i++) {
        const struct goxel_mesh_vertex *vertex = &mesh->vertices[mesh->faces[4 * face + i]];
        int8_t normal[4] = {0};

        if (options->normals)
            normal[axis] = plus ? 127 : -127;
        agree = agree && color_bits(vertex->color) == color && memcmp(normal, vertex->normal, 4) == 0;
    }
    return agree;
}

/* Adds the faces of voxels that a quad stands for; false: it is none. */
static bool take_apart(const struct gathered *mesh, const struct goxel_mesh_options *options, size_t face,
                       struct unit_faces *faces)
{
    struct box box = box_of(mesh, face);
    int axis = flat_axis(&box), u, v;
    int64_t turn, area;

    if (axis < 0)
        return false;
    u = (axis + 1) % 3;
    v = (axis + 2) % 3;
    turn = turn_of(mesh, face, axis);
    area = (int64_t)(box.max[u] - box.min[u]) * (box.max[v] - box.min[v]);
    if ((turn != 2 * area && turn != -2 * area) || !corners_agree(mesh, options, face, axis, turn > 0))
        return false;
    for (int32_t i = box.min[u]; i < box.max[u]; i++) {
        for (int32_t k = box.min[v]; k < box.max[v]; k++) {
            int32_t pos[3];

            pos[axis] = box.min[axis] - (turn > 0);
            pos[u] = i;
            pos[v] = k;
            unit_faces_add(faces,
                           &(struct unit_face){pos[0], pos[1], pos[2], (uint8_t)(2 * axis + (turn > 0)),
                                               color_bits(mesh->vertices[mesh->faces[4 * face]].color)});
        }
    }
    return true;
}

static int compare_vertices(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct goxel_mesh_vertex));
}

/* No vertex is twice in a piece. */
static bool are_shared(const struct gathered *mesh)
{
    struct goxel_mesh_vertex *sorted = malloc((mesh->vertex_count + 1) * sizeof(*sorted));
    size_t begin = 0;
    bool shared = true;

    memcpy(sorted, mesh->vertices, mesh->vertex_count * sizeof(*sorted));
    for (size_t piece = 0; piece < mesh->piece_count; piece++) {
        qsort(sorted + begin, mesh->piece_ends[piece] - begin, sizeof(*sorted), compare_vertices);
        for (size_t i = begin + 1; i < mesh->piece_ends[piece]; i++)
            shared = shared && memcmp(&sorted[i - 1], &sorted[i], sizeof(*sorted)) != 0;
        begin = mesh->piece_ends[piece];
    }
    free(sorted);
    return shared;
}

static bool is_right(const struct goxel_mesh_options *options, const struct gathered *mesh,
                     const struct unit_faces *expected)
{
    struct unit_faces faces = {0};
    bool right = are_shared(mesh);

    for (size_t i = 0; i < mesh->face_count && right; i++)
        right = take_apart(mesh, options, i, &faces);
    unit_faces_sort(&faces);
    right = right && faces.count == expected->count;
    for (size_t i = 0; i < faces.count && right; i++) {
        const struct unit_face *a = &faces.list[i], *b = &expected->list[i];

        right = a->x == b->x && a->y == b->y && a->z == b->z && a->direction == b->direction &&
                a->color == b->color;
    }
    unit_faces_finish(&faces);
    return right;
}

/* ---- tests ---- */

static void check(const struct goxel_volume *volume, const struct goxel_mesh_options *options,
                  const struct unit_faces *expected, const char *name)
{
    struct gathered mesh = gather(volume, options, options->normals);
    bool right = is_right(options, &mesh, expected);

    CU_ASSERT(right);
    if (!right)
        printf("%s, mesher %d, alpha %d\n", name, options->mesher, options->alpha_min);
    if (options->mesher == GOXEL_MESHER_FACES)
        CU_ASSERT_EQUAL(mesh.face_count, expected->count);
    gathered_finish(&mesh);
}

static void quads_are_the_faces_that_can_be_seen(void)
{
    static const uint8_t alphas[] = {0, 1, 127, 255};

    for (const struct sample *sample = samples; sample->name; sample++) {
        struct goxel_volume *volume = sample_make(sample);

        for (unsigned i = 0; i < 8; i++) {
            struct goxel_mesh_options options = {.alpha_min = alphas[i >> 1], .colors = i & 1};
            struct unit_faces expected = unit_faces_of(volume, &options, options.alpha_min != 0);

            for (unsigned k = 0; k < 4; k++) {
                options.mesher = k & 1 ? GOXEL_MESHER_GREEDY : GOXEL_MESHER_FACES;
                options.normals = k >> 1;
                check(volume, &options, &expected, sample->name);
            }
            unit_faces_finish(&expected);
        }
        goxel_volume_destroy(volume);
    }
}

static uint64_t count_greedy(const struct goxel_volume *volume, bool colors)
{
    const struct goxel_mesh_options options = {.mesher = GOXEL_MESHER_GREEDY, .colors = colors};
    struct goxel_mesh *mesh = NULL;
    struct goxel_mesh_size size;

    CU_ASSERT_EQUAL_FATAL(goxel_mesh_plan(volume, &options, NULL, NULL, &mesh), 0);
    goxel_mesh_size(mesh, &size);
    goxel_mesh_destroy(mesh);
    return size.faces;
}

static void a_cube_has_six(void)
{
    static const struct goxel_box boxes[] = {
        {{0, 0, 0}, {511, 511, 511}}, {{-300, -7, 5}, {211, 504, 516}}, {{-5, -5, -5}, {5, 5, 5}}};

    for (size_t i = 0; i < 3; i++) {
        struct goxel_volume *volume = goxel_volume_create();

        CU_ASSERT_EQUAL(goxel_volume_fill(volume, &boxes[i], rgba(1, 2, 3, 255), NULL), 0);
        CU_ASSERT_EQUAL(count_greedy(volume, true), 6);
        goxel_volume_destroy(volume);
    }
}

/* One row per model that others were measured with, and what the best of them made of it. */
static void there_are_few_of_them(void)
{
    struct goxel_volume *sphere = sample_sphere(64), *terrain = sample_terrain(256),
                        *noise = sample_noise(48);

    CU_ASSERT_EQUAL(goxel_volume_count(sphere), 137376);
    CU_ASSERT(count_greedy(sphere, true) <= 8852);
    CU_ASSERT(count_greedy(sphere, false) < count_greedy(sphere, true));
    CU_ASSERT_EQUAL(goxel_volume_count(terrain), 4174771);
    CU_ASSERT(count_greedy(terrain, true) <= 106880);
    CU_ASSERT(count_greedy(noise, true) < 168000);
    goxel_volume_destroy(sphere);
    goxel_volume_destroy(terrain);
    goxel_volume_destroy(noise);
}

/* Pieces that end inside of layers. */
static void noise_of_many_pieces_is_right(void)
{
    const struct goxel_mesh_options options = {
        .mesher = GOXEL_MESHER_GREEDY, .colors = true, .normals = true};
    struct goxel_volume *volume = sample_noise(70);
    struct unit_faces expected = unit_faces_of(volume, &options, false);
    struct gathered mesh = gather(volume, &options, false);

    CU_ASSERT(mesh.piece_count > 10);
    CU_ASSERT(is_right(&options, &mesh, &expected));
    unit_faces_finish(&expected);
    gathered_finish(&mesh);
    goxel_volume_destroy(volume);
}

const struct unit_suite quads_suite = {
    "quads",
    (const struct unit_test[]){
        {"quads are the faces that can be seen", quads_are_the_faces_that_can_be_seen},
        {"a cube has six", a_cube_has_six},
        {"there are few of them", there_are_few_of_them},
        {"noise of many pieces is right", noise_of_many_pieces_is_right},
        {NULL, NULL},
    },
};
