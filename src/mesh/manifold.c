/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Triangles around the solid: those of greedy quads, with every corner of every quad in the sides that it lies on.
 *
 * Why it is closed: along a line of the lattice a side is cut wherever there is a corner of any quad, and so are all the others on
 * that line: two sides have a piece between two corners in common, or nothing. At each edge of a voxel meet two faces or four, and of
 * those within one plane and one direction either both are of one quad, and the edge is inside of it, or of two, and it is a side of
 * both: a number that is even remains even. No corner is inside of a quad, as all that meet there are faces of the quad itself.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "mesh/around.h"
#include "mesh/layers.h"

/* ---- marking ---- */

static int mark_quads(const struct goxel_mesh *mesh, struct goxel_mesh_desk *desk)
{
    struct goxel_corners *corners = mesh->corners;
    int code = 0;

    pthread_mutex_lock(&corners->lock);
    for (size_t i = 0; i < desk->sweep.count && !code; i++) {
        struct goxel_pos pos[4];

        goxel_quad_corners(&desk->sweep.quads[i], pos);
        for (int k = 0; k < 4 && !code; k++)
            code = goxel_corners_mark(corners, pos[k]);
    }
    pthread_mutex_unlock(&corners->lock);
    return code;
}

static int mark(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk)
{
    return goxel_layers_make(mesh, part, desk, mark_quads);
}

/* ---- the vertices around a quad ---- */

/* Numbers of vertices, beginning with a corner, and where each side begins. */
struct ring {
    uint32_t *points;
    size_t sides[5];
};

static void reverse_list(uint32_t *list, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        uint32_t was = list[i];

        list[i] = list[count - 1 - i];
        list[count - 1 - i] = was;
    }
}

/* A corner, and those between it and the next one. How many. */
static size_t add_side(const struct goxel_corners *corners, struct goxel_pos from, struct goxel_pos to,
                       uint32_t *points)
{
    int axis = from.x != to.x ? 0 : from.y != to.y ? 1 : 2;
    int32_t length = goxel_pos_axis(to, axis) - goxel_pos_axis(from, axis);
    size_t count;

    points[0] = goxel_corners_number(corners, from);
    if (length > 0)
        return 1 + goxel_corners_between(corners, from, axis, length, points + 1);
    count = goxel_corners_between(corners, to, axis, -length, points + 1);
    reverse_list(points + 1, count);
    return 1 + count;
}

static int find_ring(const struct goxel_mesh *mesh, struct goxel_mesh_desk *desk,
                     const struct goxel_quad *quad, struct ring *ret_ring)
{
    size_t most = 2 * ((size_t)(quad->u1 - quad->u0) + (size_t)(quad->v1 - quad->v0)), count = 0;
    struct goxel_pos corners[4];
    int code = goxel_array_reserve(&desk->points, &desk->point_room, most, sizeof(*desk->points));

    if (code)
        return code;
    goxel_quad_corners(quad, corners);
    for (int i = 0; i < 4; i++) {
        ret_ring->sides[i] = count;
        count += add_side(mesh->corners, corners[i], corners[(i + 1) & 3], desk->points + count);
    }
    ret_ring->sides[4] = count;
    ret_ring->points = desk->points;
    return 0;
}

/* ---- triangles ---- */

/* What the triangles of a quad are made into. */
struct fan {
    const struct ring *ring;
    struct goxel_weld *weld;
    const struct goxel_color *color; /* NULL: of none */
    size_t first;                    /* of the ring; places below count from there */
    int code;
};

static void add_triangle(struct fan *fan, size_t a, size_t b, size_t c)
{
    size_t count = fan->ring->sides[4];
    const uint32_t *points = fan->ring->points;

    if (!fan->code)
        fan->code = goxel_weld_triangle(fan->weld, points[(fan->first + a) % count],
                                        points[(fan->first + b) % count], points[(fan->first + c) % count]);
    if (!fan->code && fan->color)
        fan->code = goxel_weld_color(fan->weld, *fan->color);
}

/*
 * A side with points between its ends is the base. The last of these points sees all of the next side and of the one across; the first
 * one of the base sees all of the side that comes back; and the corner between those two sees what is left of the base. No three are
 * in a line:
 *
 *     top ─────── across       across the base: with the last point, `high`
 *      │ ╲  ╲  ╲  / │
 *      │   ╲  ╲  /  │
 *      0 ─ low ─ high ─ end
 */
static void add_fans(struct fan *fan, int base)
{
    const struct ring *ring = fan->ring;
    size_t count = ring->sides[4];
    size_t end = ring->sides[base + 1] - ring->sides[base], high = end - 1, low = 1;
    size_t top = (ring->sides[(base + 3) & 3] + count - ring->sides[base]) % count;

    fan->first = ring->sides[base];
    for (size_t i = end; i < top; i++)
        add_triangle(fan, high, i, i + 1);
    for (size_t i = low; i < high; i++)
        add_triangle(fan, i, i + 1, top);
    for (size_t i = top; i < count; i++)
        add_triangle(fan, low, i, (i + 1) % count);
}

static int make_quad(const struct goxel_mesh *mesh, struct goxel_mesh_desk *desk,
                     const struct goxel_quad *quad)
{
    struct ring ring;
    struct fan fan = {&ring, &desk->weld, mesh->options.colors ? &quad->color : NULL, 0,
                      find_ring(mesh, desk, quad, &ring)};
    int base = 0;

    if (fan.code)
        return fan.code;
    while (base < 4 && ring.sides[base + 1] - ring.sides[base] == 1)
        base++;
    if (base < 4) {
        add_fans(&fan, base);
    } else {
        add_triangle(&fan, 0, 1, 2);
        add_triangle(&fan, 0, 2, 3);
    }
    return fan.code;
}

static int make_quads(const struct goxel_mesh *mesh, struct goxel_mesh_desk *desk)
{
    int code = 0;

    for (size_t i = 0; i < desk->sweep.count && !code; i++)
        code = make_quad(mesh, desk, &desk->sweep.quads[i]);
    return code;
}

static int make(const struct goxel_mesh *mesh, struct goxel_part *part, struct goxel_mesh_desk *desk)
{
    return goxel_layers_make(mesh, part, desk, make_quads);
}

/* ---- vertices ---- */

/* The colour of the first voxel around it that is there. */
static void make_vertex(const struct goxel_mesh *mesh, struct goxel_reader *reader, struct goxel_pos pos,
                        struct goxel_mesh_vertex *vertex)
{
    struct goxel_around around;

    if (!mesh->options.colors)
        return;
    goxel_around_read(reader, &mesh->sight, pos, &around);
    if (around.there)
        vertex->color = around.colors[__builtin_ctz(around.there)];
}

const struct goxel_mesh_maker goxel_mesh_manifold = {.corners = 3,
                                                     .begin = goxel_layers_begin,
                                                     .unit_end = goxel_layers_unit_end,
                                                     .mark = mark,
                                                     .vertex = make_vertex,
                                                     .make = make};
