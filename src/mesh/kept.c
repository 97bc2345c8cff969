/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mesh/kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static size_t bytes_of(const struct goxel_weld *weld, int corners)
{
    size_t face = (size_t)corners * sizeof(*weld->faces) + (weld->colored ? sizeof(*weld->colors) : 0);

    return weld->vertex_count * sizeof(*weld->vertices) + weld->face_count * face;
}

static void copy(const struct goxel_weld *weld, int corners, void *block, struct goxel_kept *ret_kept)
{
    size_t indices = (size_t)corners * weld->face_count;

    ret_kept->vertices = block;
    ret_kept->faces = (uint32_t *)(ret_kept->vertices + weld->vertex_count);
    ret_kept->colors = weld->colored ? (struct goxel_color *)(ret_kept->faces + indices) : NULL;
    if (weld->vertex_count)
        memcpy(ret_kept->vertices, weld->vertices, weld->vertex_count * sizeof(*weld->vertices));
    if (weld->face_count)
        memcpy(ret_kept->faces, weld->faces, indices * sizeof(*weld->faces));
    if (weld->colored)
        memcpy(ret_kept->colors, weld->colors, weld->face_count * sizeof(*weld->colors));
}

int goxel_kept_make(const struct goxel_weld *weld, int corners, atomic_size_t *bytes,
                    struct goxel_kept *ret_kept)
{
    size_t more = bytes_of(weld, corners);
    void *block;

    *ret_kept = (struct goxel_kept){NULL, NULL, NULL};
    if (more == 0)
        return 0;
    if (atomic_fetch_add(bytes, more) + more > GOXEL_KEPT_MAX) {
        atomic_fetch_sub(bytes, more);
        return 0;
    }
    block = malloc(more);
    if (!block)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    copy(weld, corners, block, ret_kept);
    return 0;
}

void goxel_kept_move(struct goxel_kept *kept, size_t indices, uint64_t first_vertex)
{
    for (size_t i = 0; i < indices; i++)
        kept->faces[i] += (uint32_t)first_vertex;
}
