/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A surface between the voxels, as surface nets (S. F. Gibson, "Constrained Elastic Surface Nets", 1998) without their
 * relaxation: each corner of the lattice with voxels that are there and others that are not has one vertex, in the
 * middle of where the edges between the centres of those cross the surface; each face joins the vertices of its four corners.
 *
 * Every vertex is nearer to its corner than to any other, so that no two are at one place. The mesh is as closed as the faces are.
 */
#include <math.h>
#include <pthread.h>

#include "mesh/around.h"
#include "mesh/internal.h"
#include "mesh/quad.h"
#include "mesh/sides.h"

/* ---- what the voxels around a corner make of it ---- */

struct shape {
    float pos[3]; /* from the corner */
    int8_t normal[3];
    uint8_t nearest; /* voxel that is there */
};

static struct shape shapes[256]; /* by which are there */

/* Of two voxels side by side along an axis, of which one is there: where the surface passes between them. */
static void add_crossing(const float center[3], int axis, float sum[3])
{
    for (int i = 0; i < 3; i++)
        sum[i] += i == axis ? 0 : center[i];
}

static void make_center(int voxel, float center[3])
{
    for (int axis = 0; axis < 3; axis++)
        center[axis] = voxel >> axis & 1 ? 0.5f : -0.5f;
}

static void place(unsigned there, float pos[3])
{
    float sum[3] = {0}, center[3];
    int count = 0;

    for (int i = 0; i < 24; i++) {
        int axis = i >> 3, voxel = i & 7, other = voxel ^ 1 << axis;

        if (voxel > other || (there >> voxel & 1) == (there >> other & 1))
            continue;
        make_center(voxel, center);
        add_crossing(center, axis, sum);
        count++;
    }
    for (int axis = 0; axis < 3; axis++)
        pos[axis] = count ? sum[axis] / (float)count : 0;
}

/* Away from what is there; where that cancels out, away from the first voxel that has none beside it. */
static void direct(unsigned there, int8_t normal[3])
{
    float sum[3] = {0}, center[3], length;

    for (int voxel = 0; voxel < 8; voxel++) {
        make_center(voxel, center);
        for (int axis = 0; axis < 3; axis++)
            sum[axis] += there >> voxel & 1 ? -center[axis] : center[axis];
    }
    for (int i = 0; i < 24 && sum[0] == 0 && sum[1] == 0 && sum[2] == 0; i++) {
        int axis = i >> 3, voxel = i & 7;

        if (there >> voxel & 1 && !(there >> (voxel ^ 1 << axis) & 1))
            sum[axis] = voxel >> axis & 1 ? -1 : 1;
    }
    length = sqrtf(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]);
    for (int axis = 0; axis < 3; axis++)
        normal[axis] = (int8_t)(length > 0 ? lrintf(127 * sum[axis] / length) : 0);
}

static uint8_t find_nearest(unsigned there, const float pos[3])
{
    float best = INFINITY, center[3];
    uint8_t nearest = 0;

    for (uint8_t voxel = 0; voxel < 8; voxel++) {
        float distance = 0;

        make_center(voxel, center);
        for (int axis = 0; axis < 3; axis++)
            distance += (center[axis] - pos[axis]) * (center[axis] - pos[axis]);
        if (there >> voxel & 1 && distance < best) {
            best = distance;
            nearest = voxel;
        }
    }
    return nearest;
}

static void make_shapes(void)
{
    for (unsigned there = 0; there < 256; there++) {
        struct shape *shape = &shapes[there];

        place(there, shape->pos);
        direct(there, shape->normal);
        shape->nearest = find_nearest(there, shape->pos);
    }
}

/* ---- the faces of a brick ---- */

/* A face by its corners, in voxels from the brick's own, counterclockwise as seen from outside. */
typedef int face_use(void *ctx, const struct goxel_pos corners[4]);

static int visit_row(const struct goxel_quad *row, unsigned bits, face_use *use, void *ctx)
{
    struct goxel_quad quad = *row;
    struct goxel_pos corners[4];
    int code = 0;

    for (; bits && !code; bits &= bits - 1) {
        quad.u0 = __builtin_ctz(bits);
        quad.u1 = quad.u0 + 1;
        goxel_quad_corners(&quad, corners);
        code = use(ctx, corners);
    }
    return code;
}

static int visit_axis(const struct goxel_sides *sides, int axis, face_use *use, void *ctx)
{
    int code = 0;

    for (uint32_t left = sides->planes; left && !code; left &= left - 1) {
        int plane = __builtin_ctz(left);
        struct goxel_quad quad = {.axis = (uint8_t)axis, .plus = plane & 1, .w = (plane >> 1) + (plane & 1)};

        for (int v = 0; v < GOXEL_BRICK_SIZE && !code; v++) {
            quad.v0 = v;
            quad.v1 = v + 1;
            code = visit_row(&quad, sides->rows[plane][v], use, ctx);
        }
    }
    return code;
}

static struct goxel_pos add(struct goxel_pos a, struct goxel_pos b)
{
    return (struct goxel_pos){a.x + b.x, a.y + b.y, a.z + b.z};
}

/* ---- marking ---- */

struct marking {
    struct goxel_corners *corners;
    struct goxel_pos corner;
};

static int mark_face(void *ctx, const struct goxel_pos corners[4])
{
    const struct marking *marking = ctx;
    int code = 0;

    for (int i = 0; i < 4 && !code; i++)
        code = goxel_corners_mark(marking->corners, add(marking->corner, corners[i]));
    return code;
}

static int mark(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk)
{
    struct goxel_sides sides;
    int code = 0;

    for (uint32_t i = part->begin; i < part->end && !code; i++) {
        const struct goxel_cell *cell = &mesh->cells.list[i];
        struct marking marking = {mesh->corners, cell->corner};

        code = goxel_cancel_check(desk->cancel);
        for (int axis = 0; axis < 3 && !code; axis++) {
            goxel_sides_read(mesh->volume, &mesh->sight, cell->link, cell->corner, axis, &sides);
            pthread_mutex_lock(&mesh->corners->lock);
            code = visit_axis(&sides, axis, mark_face, &marking);
            pthread_mutex_unlock(&mesh->corners->lock);
        }
    }
    return code;
}

/* ---- vertices ---- */

static void make_vertex(const struct goxel_mesh *mesh, struct goxel_reader *reader, struct goxel_pos pos,
                        struct goxel_mesh_vertex *vertex)
{
    struct goxel_around around;
    const struct shape *shape;

    goxel_around_read(reader, &mesh->sight, pos, &around);
    shape = &shapes[around.there];
    for (int axis = 0; axis < 3; axis++) {
        vertex->pos[axis] += shape->pos[axis];
        if (mesh->options.normals)
            vertex->normal[axis] = shape->normal[axis];
    }
    if (mesh->options.colors)
        vertex->color = around.colors[shape->nearest];
}

/* ---- triangles ---- */

struct making {
    const struct goxel_corners *corners;
    struct goxel_weld *weld;
    struct goxel_pos corner;
    struct goxel_padded padded;
};

/* Four times the square of its area. */
static float triangle_size(const float a[3], const float b[3], const float c[3])
{
    float u[3], v[3], x, y, z;

    for (int i = 0; i < 3; i++) {
        u[i] = b[i] - a[i];
        v[i] = c[i] - a[i];
    }
    x = u[1] * v[2] - u[2] * v[1];
    y = u[2] * v[0] - u[0] * v[2];
    z = u[0] * v[1] - u[1] * v[0];
    return x * x + y * y + z * z;
}

static float smaller(float a, float b)
{
    return a < b ? a : b;
}

/* Of the two ways to cut a quad, that whose smaller triangle is larger: of three in a line comes no triangle. */
static bool cut_from_first(float pos[4][3])
{
    return smaller(triangle_size(pos[0], pos[1], pos[2]), triangle_size(pos[0], pos[2], pos[3])) >=
           smaller(triangle_size(pos[1], pos[2], pos[3]), triangle_size(pos[1], pos[3], pos[0]));
}

static int make_face(void *ctx, const struct goxel_pos corners[4])
{
    const struct making *making = ctx;
    uint32_t numbers[4];
    float pos[4][3];
    int code, first;

    for (int i = 0; i < 4; i++) {
        unsigned there = goxel_padded_around(&making->padded, corners[i].x, corners[i].y, corners[i].z);

        for (int axis = 0; axis < 3; axis++)
            pos[i][axis] = (float)goxel_pos_axis(corners[i], axis) + shapes[there].pos[axis];
        numbers[i] = goxel_corners_number(making->corners, add(making->corner, corners[i]));
    }
    first = cut_from_first(pos) ? 0 : 1;
    code = goxel_weld_triangle(making->weld, numbers[first], numbers[first + 1], numbers[first + 2]);
    return code ? code
                : goxel_weld_triangle(making->weld, numbers[first], numbers[first + 2],
                                      numbers[(first + 3) & 3]);
}

static int make(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk)
{
    struct making making = {.corners = mesh->corners, .weld = &desk->weld};
    struct goxel_sides sides;
    int code = 0;

    for (uint32_t i = part->begin; i < part->end && !code; i++) {
        const struct goxel_cell *cell = &mesh->cells.list[i];

        code = goxel_cancel_check(desk->cancel);
        making.corner = cell->corner;
        goxel_padded_read(mesh->volume, &mesh->sight, cell->link, cell->corner, &making.padded);
        for (int axis = 0; axis < 3 && !code; axis++) {
            goxel_sides_read(mesh->volume, &mesh->sight, cell->link, cell->corner, axis, &sides);
            code = visit_axis(&sides, axis, make_face, &making);
        }
    }
    return code;
}

/* ---- */

static int begin(struct goxel_mesh *mesh, struct goxel_cancel *cancel)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_shapes);
    return goxel_faces_begin(mesh, cancel);
}

const struct goxel_mesh_maker goxel_mesh_smooth = {.corners = 3,
                                                   .begin = begin,
                                                   .unit_end = goxel_faces_unit_end,
                                                   .mark = mark,
                                                   .vertex = make_vertex,
                                                   .make = make};
