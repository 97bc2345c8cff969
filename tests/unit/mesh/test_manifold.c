/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Triangles around the solid: closed, without T-junctions, and of exactly its volume, area and colours. */
#include "gathered.h"

#include "base/error.h"

struct point {
    int32_t at[3];
};

static struct point point_of(const struct gathered *mesh, uint32_t index)
{
    const float *pos = mesh->vertices[index].pos;
    struct point point = {{(int32_t)pos[0], (int32_t)pos[1], (int32_t)pos[2]}};

    for (int axis = 0; axis < 3; axis++)
        CU_ASSERT_FATAL((float)point.at[axis] == pos[axis]);
    return point;
}

static int compare_points(const void *left, const void *right)
{
    const struct point *a = left, *b = right;

    for (int axis = 2; axis >= 0; axis--) {
        if (a->at[axis] != b->at[axis])
            return a->at[axis] < b->at[axis] ? -1 : 1;
    }
    return 0;
}

static struct point *sorted_points(const struct gathered *mesh)
{
    struct point *points = malloc((mesh->vertex_count + 1) * sizeof(*points));

    for (size_t i = 0; i < mesh->vertex_count; i++)
        points[i] = point_of(mesh, (uint32_t)i);
    qsort(points, mesh->vertex_count, sizeof(*points), compare_points);
    return points;
}

/* ---- what must hold ---- */

static bool no_vertex_is_twice(const struct gathered *mesh)
{
    struct point *points = sorted_points(mesh);
    bool once = true;

    for (size_t i = 1; i < mesh->vertex_count; i++)
        once = once && compare_points(&points[i - 1], &points[i]) != 0;
    free(points);
    return once;
}

static int32_t divisor(int32_t a, int32_t b)
{
    while (b) {
        int32_t rest = a % b;

        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

/* Of the places of the lattice that lie inside of an edge none is a vertex. */
static bool edge_is_whole(const struct gathered *mesh, const struct point *points, uint32_t from, uint32_t to)
{
    struct point a = point_of(mesh, from), b = point_of(mesh, to), at;
    int32_t steps = divisor(divisor(b.at[0] - a.at[0], b.at[1] - a.at[1]), b.at[2] - a.at[2]);

    for (int32_t i = 1; i < steps; i++) {
        for (int axis = 0; axis < 3; axis++)
            at.at[axis] = a.at[axis] + (b.at[axis] - a.at[axis]) / steps * i;
        if (bsearch(&at, points, mesh->vertex_count, sizeof(at), compare_points))
            return false;
    }
    return true;
}

static bool edges_are_whole(const struct gathered *mesh)
{
    struct point *points = sorted_points(mesh);
    bool whole = true;

    for (size_t i = 0; i < 3 * mesh->face_count && whole; i++)
        whole = edge_is_whole(mesh, points, mesh->faces[i], mesh->faces[i % 3 == 2 ? i - 2 : i + 1]);
    free(points);
    return whole;
}

/* What triangles come to: six times the volume, and by direction and colour twice the area. */
struct sums {
    int64_t volume;
    struct {
        uint32_t color;
        int64_t areas[6];
    } of[512];
    size_t count;
    bool flat; /* a triangle without area, or one that is not across an axis */
};

static int64_t *areas_of(struct sums *sums, uint32_t color)
{
    size_t i = 0;

    while (i < sums->count && sums->of[i].color != color)
        i++;
    CU_ASSERT_FATAL(i < 512);
    if (i == sums->count)
        sums->of[sums->count++].color = color;
    return sums->of[i].areas;
}

static void add_triangle(struct sums *sums, const struct gathered *mesh, size_t face)
{
    struct point a = point_of(mesh, mesh->faces[3 * face]), b = point_of(mesh, mesh->faces[3 * face + 1]),
                 c = point_of(mesh, mesh->faces[3 * face + 2]);
    int64_t u[3], v[3], cross[3];
    int directions = 0;

    for (int axis = 0; axis < 3; axis++) {
        u[axis] = b.at[axis] - a.at[axis];
        v[axis] = c.at[axis] - a.at[axis];
    }
    for (int axis = 0; axis < 3; axis++)
        cross[axis] = u[(axis + 1) % 3] * v[(axis + 2) % 3] - u[(axis + 2) % 3] * v[(axis + 1) % 3];
    for (int axis = 0; axis < 3; axis++) {
        sums->volume += a.at[axis] * cross[axis];
        directions += cross[axis] != 0;
        if (cross[axis])
            areas_of(sums, mesh->colors ? color_bits(mesh->colors[face])
                                        : UINT32_MAX)[2 * axis + (cross[axis] > 0)] += llabs(cross[axis]);
    }
    sums->flat |= directions != 1;
}

static bool sums_are_right(const struct goxel_volume *volume, const struct goxel_mesh_options *options,
                           const struct gathered *mesh)
{
    struct unit_faces faces = unit_faces_of(volume, options, true);
    struct sums *sums = calloc(1, sizeof(*sums));
    bool right;

    for (size_t i = 0; i < mesh->face_count; i++)
        add_triangle(sums, mesh, i);
    for (size_t i = 0; i < faces.count; i++)
        areas_of(sums, faces.list[i].color)[faces.list[i].direction] -= 2;
    right = !sums->flat && sums->volume == 6 * solid_count(volume, options->alpha_min);
    for (size_t i = 0; i < sums->count; i++) {
        for (int k = 0; k < 6; k++)
            right = right && sums->of[i].areas[k] == 0;
    }
    unit_faces_finish(&faces);
    free(sums);
    return right;
}

static void check(const struct goxel_volume *volume, const struct goxel_mesh_options *options,
                  const char *name)
{
    struct gathered mesh = gather(volume, options, options->alpha_min != 0);
    bool once = no_vertex_is_twice(&mesh), closed = is_closed(&mesh), whole = edges_are_whole(&mesh),
         right = sums_are_right(volume, options, &mesh);

    CU_ASSERT(once);
    CU_ASSERT(closed);
    CU_ASSERT(whole);
    CU_ASSERT(right);
    CU_ASSERT(!mesh.colors == (!options->colors || mesh.face_count == 0));
    if (!once || !closed || !whole || !right)
        printf("%s: once %d closed %d whole %d right %d\n", name, once, closed, whole, right);
    gathered_finish(&mesh);
}

/* ---- tests ---- */

/* More colours than there is room for in the sums. */
static bool has_many_colors(const struct sample *sample)
{
    return strcmp(sample->name, "colourful") == 0;
}

static void it_is_closed_and_exact(void)
{
    static const uint8_t alphas[] = {0, 127, 255};

    for (const struct sample *sample = samples; sample->name; sample++) {
        struct goxel_volume *volume = sample_make(sample);

        for (unsigned i = 0; i < 6; i++) {
            const struct goxel_mesh_options options = {.mesher = GOXEL_MESHER_MANIFOLD,
                                                       .alpha_min = alphas[i >> 1],
                                                       .normals = i == 3,
                                                       .colors = (i & 1) && !has_many_colors(sample)};

            check(volume, &options, sample->name);
        }
        goxel_volume_destroy(volume);
    }
}

static void large_ones_are_closed_and_exact(void)
{
    struct goxel_volume *const volumes[] = {sample_sphere(64), sample_terrain(48), sample_noise(40)};

    for (size_t i = 0; i < 3; i++) {
        for (int colors = 0; colors < 2; colors++) {
            const struct goxel_mesh_options options = {.mesher = GOXEL_MESHER_MANIFOLD, .colors = colors};

            check(volumes[i], &options, "large");
        }
        goxel_volume_destroy(volumes[i]);
    }
}

static void a_cube_has_twelve(void)
{
    static const struct goxel_box boxes[] = {{{0, 0, 0}, {511, 511, 511}}, {{-300, -7, 5}, {211, 504, 516}}};

    for (size_t i = 0; i < 2; i++) {
        const struct goxel_mesh_options options = {.mesher = GOXEL_MESHER_MANIFOLD};
        struct goxel_volume *volume = goxel_volume_create();
        struct gathered mesh;

        CU_ASSERT_EQUAL(goxel_volume_fill(volume, &boxes[i], rgba(1, 2, 3, 255), NULL), 0);
        mesh = gather(volume, &options, false);
        CU_ASSERT_EQUAL(mesh.face_count, 12);
        CU_ASSERT_EQUAL(mesh.vertex_count, 8);
        gathered_finish(&mesh);
        goxel_volume_destroy(volume);
    }
}

/* Two triangles a face would be 38,736. */
static void there_are_few_of_them(void)
{
    const struct goxel_mesh_options options = {.mesher = GOXEL_MESHER_MANIFOLD};
    struct goxel_volume *volume = sample_sphere(64);
    struct gathered mesh = gather(volume, &options, false);

    CU_ASSERT(mesh.face_count < 22000);
    gathered_finish(&mesh);
    goxel_volume_destroy(volume);
}

/* A vertex has the colour of a voxel that it belongs to. */
static void vertices_have_colors_of_voxels(void)
{
    const struct goxel_mesh_options options = {
        .mesher = GOXEL_MESHER_MANIFOLD, .alpha_min = 100, .colors = true};
    struct goxel_volume *volume = sample_make(&samples[8]);
    struct gathered mesh = gather(volume, &options, false);
    size_t wrong = 0;

    for (size_t i = 0; i < mesh.vertex_count; i++) {
        struct point point = point_of(&mesh, (uint32_t)i);
        bool found = false;

        for (int k = 0; k < 8; k++) {
            struct goxel_color color = goxel_volume_get_at(
                volume, at(point.at[0] - (k & 1), point.at[1] - (k >> 1 & 1), point.at[2] - (k >> 2)));

            found |= color.a >= 100 &&
                     same_color(rgba(color.r, color.g, color.b, 255), mesh.vertices[i].color);
        }
        wrong += !found;
    }
    CU_ASSERT(mesh.vertex_count > 1000);
    CU_ASSERT_EQUAL(wrong, 0);
    gathered_finish(&mesh);
    goxel_volume_destroy(volume);
}

const struct unit_suite manifold_suite = {
    "manifold",
    (const struct unit_test[]){
        {"it is closed and exact", it_is_closed_and_exact},
        {"large ones are closed and exact", large_ones_are_closed_and_exact},
        {"a cube has twelve", a_cube_has_twelve},
        {"there are few of them", there_are_few_of_them},
        {"vertices have colors of voxels", vertices_have_colors_of_voxels},
        {NULL, NULL},
    },
};
