/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A surface between the voxels: closed, and near to where the faces are. */
#include "gathered.h"

#include <math.h>

#include "base/error.h"

/* The cross product of two edges: twice its area, and where it looks. */
static void cross_of(const struct gathered *mesh, size_t face, double ret_cross[3])
{
    const float *pos[3];
    double u[3], v[3];

    for (size_t i = 0; i < 3; i++)
        pos[i] = mesh->vertices[mesh->faces[3 * face + i]].pos;
    for (int axis = 0; axis < 3; axis++) {
        u[axis] = (double)pos[1][axis] - (double)pos[0][axis];
        v[axis] = (double)pos[2][axis] - (double)pos[0][axis];
    }
    for (int axis = 0; axis < 3; axis++)
        ret_cross[axis] = u[(axis + 1) % 3] * v[(axis + 2) % 3] - u[(axis + 2) % 3] * v[(axis + 1) % 3];
}

static double length_of(const double vector[3])
{
    return sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2]);
}

static double smallest_area(const struct gathered *mesh)
{
    double smallest = 1, cross[3];

    for (size_t i = 0; i < mesh->face_count; i++) {
        cross_of(mesh, i, cross);
        smallest = fmin(smallest, length_of(cross) / 2);
    }
    return smallest;
}

static double volume_of(const struct gathered *mesh)
{
    double sum = 0, cross[3];

    for (size_t i = 0; i < mesh->face_count; i++) {
        cross_of(mesh, i, cross);
        for (int axis = 0; axis < 3; axis++)
            sum += (double)mesh->vertices[mesh->faces[3 * i]].pos[axis] * cross[axis] / 6;
    }
    return sum;
}

/* The corner that a vertex belongs to is its alone. */
static int compare_corners(const void *left, const void *right)
{
    const struct goxel_pos *a = left, *b = right;

    if (a->z != b->z)
        return a->z < b->z ? -1 : 1;
    if (a->y != b->y)
        return a->y < b->y ? -1 : 1;
    return (a->x > b->x) - (a->x < b->x);
}

static bool corners_are_their_own(const struct gathered *mesh)
{
    struct goxel_pos *corners = malloc((mesh->vertex_count + 1) * sizeof(*corners));
    bool own = true;

    for (size_t i = 0; i < mesh->vertex_count; i++) {
        const float *pos = mesh->vertices[i].pos;

        corners[i] = at((int)lrintf(pos[0]), (int)lrintf(pos[1]), (int)lrintf(pos[2]));
        for (int axis = 0; axis < 3; axis++)
            own = own && fabsf(pos[axis] - rintf(pos[axis])) < 0.45f;
    }
    qsort(corners, mesh->vertex_count, sizeof(*corners), compare_corners);
    for (size_t i = 1; i < mesh->vertex_count; i++)
        own = own && compare_corners(&corners[i - 1], &corners[i]) != 0;
    free(corners);
    return own;
}

static bool is_at_the_edge(const struct sample *sample)
{
    return strcmp(sample->name, "far apart") ==
           0; /* a quarter of a million from the origin, single floats are coarse */
}

static void it_is_closed(void)
{
    static const uint8_t alphas[] = {0, 127};

    for (const struct sample *sample = samples; sample->name; sample++) {
        struct goxel_volume *volume = sample_make(sample);

        for (unsigned i = 0; i < 2; i++) {
            const struct goxel_mesh_options options = {
                .mesher = GOXEL_MESHER_SMOOTH, .alpha_min = alphas[i], .colors = i};
            struct unit_faces faces = unit_faces_of(volume, &options, true);
            struct gathered mesh = gather(volume, &options, i);
            bool closed = is_closed(&mesh);

            CU_ASSERT(closed);
            CU_ASSERT_EQUAL(mesh.face_count, 2 * faces.count);
            CU_ASSERT(smallest_area(&mesh) > 0.01);
            CU_ASSERT(corners_are_their_own(&mesh));
            CU_ASSERT_PTR_NULL(mesh.colors);
            if (!closed)
                printf("%s\n", sample->name);
            if (!is_at_the_edge(sample))
                CU_ASSERT((volume_of(&mesh) > 0) == (faces.count > 0));
            gathered_finish(&mesh);
            unit_faces_finish(&faces);
        }
        goxel_volume_destroy(volume);
    }
}

/* Normals and triangles of a ball look away from its middle, and it is as large as its voxels. */
static void a_ball_is_round(void)
{
    const struct goxel_mesh_options options = {.mesher = GOXEL_MESHER_SMOOTH, .normals = true};
    struct goxel_volume *volume = sample_sphere(64);
    struct gathered mesh = gather(volume, &options, false);
    double voxels = (double)goxel_volume_count(volume), cross[3];
    size_t inward = 0, uneven = 0;

    CU_ASSERT_DOUBLE_EQUAL(volume_of(&mesh), voxels, voxels / 100);
    for (size_t i = 0; i < mesh.face_count; i++) {
        const float *pos = mesh.vertices[mesh.faces[3 * i]].pos;
        double outward = 0;

        cross_of(&mesh, i, cross);
        for (int axis = 0; axis < 3; axis++)
            outward += cross[axis] * ((double)pos[axis] - 32);
        inward += outward <= 0;
    }
    CU_ASSERT_EQUAL(inward, 0);
    for (size_t i = 0; i < mesh.vertex_count; i++) {
        const struct goxel_mesh_vertex *vertex = &mesh.vertices[i];
        double normal[3] = {vertex->normal[0], vertex->normal[1], vertex->normal[2]}, outward = 0;

        for (int axis = 0; axis < 3; axis++)
            outward += normal[axis] * ((double)vertex->pos[axis] - 32);
        uneven += outward <= 0 || fabs(length_of(normal) - 127) > 1.5;
    }
    CU_ASSERT_EQUAL(uneven, 0);
    gathered_finish(&mesh);
    goxel_volume_destroy(volume);
}

/* A flat surface stays where it is; normals of everything else have a length. */
static void normals_have_a_length(void)
{
    const struct goxel_mesh_options options = {.mesher = GOXEL_MESHER_SMOOTH, .normals = true};

    for (const struct sample *sample = samples; sample->name; sample++) {
        struct goxel_volume *volume = sample_make(sample);
        struct gathered mesh = gather(volume, &options, false);
        size_t wrong = 0;

        for (size_t i = 0; i < mesh.vertex_count; i++) {
            const int8_t *normal = mesh.vertices[i].normal;

            wrong += fabs(length_of((double[]){normal[0], normal[1], normal[2]}) - 127) > 1.5 || normal[3];
        }
        CU_ASSERT_EQUAL(wrong, 0);
        gathered_finish(&mesh);
        goxel_volume_destroy(volume);
    }
}

/* One voxel becomes something with eight corners inside of its cube. */
static void one_voxel_is_small(void)
{
    const struct goxel_mesh_options options = {.mesher = GOXEL_MESHER_SMOOTH, .colors = true};
    struct goxel_volume *volume = sample_make(&samples[1]);
    struct gathered mesh = gather(volume, &options, false);

    CU_ASSERT_EQUAL(mesh.vertex_count, 8);
    CU_ASSERT_EQUAL(mesh.face_count, 12);
    CU_ASSERT(mesh.size.min[0] > 3 && mesh.size.max[0] < 4);
    CU_ASSERT(mesh.size.min[2] > 5 && mesh.size.max[2] < 6);
    for (size_t i = 0; i < mesh.vertex_count; i++)
        CU_ASSERT(same_color(mesh.vertices[i].color, rgba(1, 2, 3, 255)));
    gathered_finish(&mesh);
    goxel_volume_destroy(volume);
}

const struct unit_suite smooth_suite = {
    "smooth",
    (const struct unit_test[]){
        {"it is closed", it_is_closed},
        {"a ball is round", a_ball_is_round},
        {"normals have a length", normals_have_a_length},
        {"one voxel is small", one_voxel_is_small},
        {NULL, NULL},
    },
};
