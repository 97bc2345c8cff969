/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mesh/around.h"

#include "mesh/sides.h"

void goxel_around_read(struct goxel_reader *reader, const struct goxel_sight *sight, struct goxel_pos pos,
                       struct goxel_around *ret_around)
{
    ret_around->there = 0;
    for (int i = 0; i < 8; i++) {
        struct goxel_pos at = {pos.x - 1 + (i & 1), pos.y - 1 + (i >> 1 & 1), pos.z - 1 + (i >> 2)};
        struct goxel_color color = goxel_reader_get(reader, at);

        ret_around->there |= (unsigned)goxel_sight_there(sight, color) << i;
        ret_around->colors[i] = goxel_sight_color(sight, color);
    }
}

/* A reader for those before the brick along x, one for those in it, and one for those behind. */
struct readers {
    struct goxel_reader of[3];
    const struct goxel_sight *sight;
};

static uint32_t read_bit(struct readers *readers, struct goxel_pos corner, int x, int y, int z)
{
    struct goxel_reader *reader = &readers->of[x < 0 ? 0 : x < GOXEL_BRICK_SIZE ? 1 : 2];
    struct goxel_pos pos = {corner.x + x, corner.y + y, corner.z + z};

    return (uint32_t)goxel_sight_there(readers->sight, goxel_reader_get(reader, pos)) << (1 + x);
}

void goxel_padded_read(const struct goxel_volume *volume, const struct goxel_sight *sight, goxel_link link,
                       struct goxel_pos corner, struct goxel_padded *ret_padded)
{
    struct goxel_reader reader = goxel_reader_make(volume);
    struct readers readers = {{reader, reader, reader}, sight};
    uint16_t rows[GOXEL_ROWS];

    goxel_sides_rows(link, sight->least, rows);
    for (int z = -1; z <= GOXEL_BRICK_SIZE; z++) {
        for (int y = -1; y <= GOXEL_BRICK_SIZE; y++) {
            bool inside = z >= 0 && z < GOXEL_BRICK_SIZE && y >= 0 && y < GOXEL_BRICK_SIZE;
            uint32_t bits = inside ? (uint32_t)rows[16 * z + y] << 1 : 0;

            for (int x = -1; x <= GOXEL_BRICK_SIZE; x += inside ? GOXEL_BRICK_SIZE + 1 : 1)
                bits |= read_bit(&readers, corner, x, y, z);
            ret_padded->rows[1 + z][1 + y] = bits;
        }
    }
}
