/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For targets of files with zlib inside, which no mutation gets past: any bytes packed as the voxels of one node. */
#ifndef GOXEL_FUZZ_PACKED_H
#define GOXEL_FUZZ_PACKED_H

#include <zlib.h>

#include "fuzz/again.h"

static inline void put_packed(struct goxel_buf *out, const uint8_t *data, size_t size)
{
    uLongf len = compressBound(size);
    Bytef *bytes = malloc(len);

    if (!bytes || compress2(bytes, &len, data, size, 1) != Z_OK)
        abort();
    goxel_buf_put_le32(out, (uint32_t)len);
    goxel_buf_append(out, bytes, len);
    free(bytes);
}

/* Three small numbers from the data. */
static inline void put_size(struct goxel_buf *out, const uint8_t *data)
{
    for (int i = 0; i < 3; i++)
        goxel_buf_put_le32(out, data[i]);
}

static inline void put_zeros(struct goxel_buf *out, int words)
{
    for (int i = 0; i < words; i++)
        goxel_buf_put_le32(out, 0);
}

#endif
