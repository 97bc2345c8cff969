/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of open addresses over the vertices themselves: a vertex is looked for once for each corner of a face. */
#include "mesh/weld.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"

#define TABLE_MIN 1024

void goxel_weld_begin(struct goxel_weld *weld, uint64_t first_vertex)
{
    weld->vertex_count = weld->face_count = 0;
    weld->first_vertex = first_vertex;
    weld->colored = false;
    if (weld->table)
        memset(weld->table, 0, weld->table_size * sizeof(*weld->table));
}

void goxel_weld_finish(struct goxel_weld *weld)
{
    free(weld->vertices);
    free(weld->faces);
    free(weld->colors);
    free(weld->table);
}

/* Vertices of one colour and direction that are near each other are so in the table, too, which then stays in the cache. */
static uint64_t hash(const struct goxel_mesh_vertex *vertex)
{
    uint32_t x = (uint32_t)(int32_t)vertex->pos[0], y = (uint32_t)(int32_t)vertex->pos[1],
             z = (uint32_t)(int32_t)vertex->pos[2];
    uint32_t color, normal;
    uint64_t sum;

    memcpy(&color, &vertex->color, sizeof(color));
    memcpy(&normal, vertex->normal, sizeof(normal));
    sum = ((x >> 2) | (uint64_t)(y >> 2) << 32) * UINT64_C(0x9e3779b97f4a7c15);
    sum = ((sum ^ sum >> 32) + ((z >> 2) | (uint64_t)color << 32)) * UINT64_C(0xc2b2ae3d27d4eb4f);
    sum = ((sum ^ sum >> 29) + normal) * UINT64_C(0x165667b19e3779f9);
    return (sum >> 32) + (x & 3) + (y & 3) * 4 + (z & 3) * 16;
}

static size_t find_place(const struct goxel_weld *weld, const struct goxel_mesh_vertex *vertex)
{
    size_t mask = weld->table_size - 1, place = hash(vertex) & mask;

    while (weld->table[place] &&
           memcmp(&weld->vertices[weld->table[place] - 1], vertex, sizeof(*vertex)) != 0)
        place = (place + 1) & mask;
    return place;
}

static int grow_table(struct goxel_weld *weld)
{
    size_t size = weld->table_size ? 2 * weld->table_size : TABLE_MIN;
    uint32_t *table = calloc(size, sizeof(*table));

    if (!table)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    free(weld->table);
    weld->table = table;
    weld->table_size = size;
    for (uint32_t i = 0; i < weld->vertex_count; i++)
        table[find_place(weld, &weld->vertices[i])] = i + 1;
    return 0;
}

int goxel_weld_vertex(struct goxel_weld *weld, const struct goxel_mesh_vertex *vertex, uint32_t *ret_number)
{
    size_t place;
    int code = 0;

    if (2 * weld->vertex_count >= weld->table_size)
        code = grow_table(weld);
    if (!code)
        code = goxel_array_reserve(&weld->vertices, &weld->vertex_room, weld->vertex_count + 1,
                                   sizeof(*weld->vertices));
    if (code)
        return code;
    place = find_place(weld, vertex);
    if (!weld->table[place]) {
        weld->vertices[weld->vertex_count++] = *vertex;
        weld->table[place] = (uint32_t)weld->vertex_count;
    }
    *ret_number = weld->table[place] - 1;
    return 0;
}

int goxel_weld_quad(struct goxel_weld *weld, const uint32_t corners[4])
{
    int code = goxel_array_reserve(&weld->faces, &weld->face_room, 4 * (weld->face_count + 1),
                                   sizeof(*weld->faces));

    if (code)
        return code;
    for (int i = 0; i < 4; i++)
        weld->faces[4 * weld->face_count + i] = (uint32_t)(weld->first_vertex + corners[i]);
    weld->face_count++;
    return 0;
}

int goxel_weld_add(struct goxel_weld *weld, const struct goxel_mesh_vertex *vertex)
{
    int code = goxel_array_reserve(&weld->vertices, &weld->vertex_room, weld->vertex_count + 1,
                                   sizeof(*weld->vertices));

    if (!code)
        weld->vertices[weld->vertex_count++] = *vertex;
    return code;
}

int goxel_weld_triangle(struct goxel_weld *weld, uint32_t a, uint32_t b, uint32_t c)
{
    int code = goxel_array_reserve(&weld->faces, &weld->face_room, 3 * (weld->face_count + 1),
                                   sizeof(*weld->faces));
    uint32_t *face;

    if (code)
        return code;
    face = weld->faces + 3 * weld->face_count++;
    face[0] = a;
    face[1] = b;
    face[2] = c;
    return 0;
}

int goxel_weld_color(struct goxel_weld *weld, struct goxel_color color)
{
    int code = goxel_array_reserve(&weld->colors, &weld->color_room, weld->face_count, sizeof(*weld->colors));

    if (code)
        return code;
    weld->colors[weld->face_count - 1] = color;
    weld->colored = true;
    return 0;
}
