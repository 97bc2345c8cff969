/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples.h"

#include "base/error.h"
#include "core/accessor.h"

/* ---- small ones ---- */

static void set(struct goxel_volume *volume, int x, int y, int z, struct goxel_color color)
{
    CU_ASSERT_EQUAL_FATAL(goxel_volume_set_at(volume, at(x, y, z), color), 0);
}

static void fill(struct goxel_volume *volume, struct goxel_pos min, struct goxel_pos max,
                 struct goxel_color color)
{
    const struct goxel_box box = {min, max};

    CU_ASSERT_EQUAL_FATAL(goxel_volume_fill(volume, &box, color, NULL), 0);
}

static void fill_nothing(struct goxel_volume *volume)
{
    (void)volume;
}

static void fill_one(struct goxel_volume *volume)
{
    set(volume, 3, 4, 5, rgba(1, 2, 3, 255));
}

static void fill_clear_one(struct goxel_volume *volume)
{
    set(volume, -1, -1, -1, rgba(1, 2, 3, 126));
}

/* Voxels that touch at edges and at corners alone. */
static void fill_touching(struct goxel_volume *volume)
{
    for (int i = -20; i < 20; i++)
        set(volume, i, i, i % 3 ? i : i + 1, rgba(9, 9, 9, 255));
}

static void fill_chess(struct goxel_volume *volume)
{
    for (int i = 0; i < 18 * 18 * 18; i++) {
        int x = i % 18, y = i / 18 % 18, z = i / 324;

        if ((x + y + z) & 1)
            set(volume, x - 9, y - 9, z - 9, rgba(200, 100, 50, 255));
    }
}

static void noise(struct goxel_volume *volume, int size, int full, const struct goxel_color *colors,
                  int count)
{
    uint64_t state = 41 + (uint64_t)size;

    for (int i = 0; i < size * size * size; i++) {
        struct goxel_pos pos = at(i % size - size / 2, i / size % size - size / 2,
                                  i / size / size - size / 2);

        if (random_below(&state, 100) < full)
            CU_ASSERT_EQUAL(goxel_volume_set_at(volume, pos, colors[random_below(&state, count)]), 0);
    }
}

static const struct goxel_color two[] = {{255, 0, 0, 255}, {0, 0, 255, 255}};
static const struct goxel_color mixed[] = {{255, 0, 0, 255}, {0, 0, 255, 255}, {0, 255, 0, 100},
                                           {0, 255, 0, 127}, {9, 255, 0, 127}, {255, 0, 0, 254}};

static void fill_thin_noise(struct goxel_volume *volume)
{
    noise(volume, 30, 8, two, 2);
}

static void fill_half_noise(struct goxel_volume *volume)
{
    noise(volume, 21, 50, two, 2);
}

static void fill_dense_noise(struct goxel_volume *volume)
{
    noise(volume, 36, 93, two, 1);
}

static void fill_mixed_noise(struct goxel_volume *volume)
{
    noise(volume, 20, 70, mixed, 6);
}

/* More colours than a palette has. */
static void fill_colourful(struct goxel_volume *volume)
{
    uint64_t state = 7;

    for (int i = 0; i < 3000; i++)
        set(volume, 10 + random_below(&state, 14), random_below(&state, 14), random_below(&state, 14),
            rgba(random_below(&state, 256), random_below(&state, 256), 0, 128 + random_below(&state, 128)));
}

static void fill_ball(struct goxel_volume *volume)
{
    for (int i = 0; i < 40 * 40 * 40; i++) {
        int x = i % 40 - 20, y = i / 40 % 40 - 20, z = i / 1600 - 20;

        if (x * x + y * y + z * z < 19 * 19)
            set(volume, x, y, z, rgba(z < 0 ? 40 : 80, 0, 0, 255));
    }
}

/* An opaque block in a translucent one of several bricks, in a tile of 64³. */
static void fill_shells(struct goxel_volume *volume)
{
    fill(volume, at(-3, -3, -3), at(66, 66, 40), rgba(0, 0, 200, 90));
    fill(volume, at(5, 17, 9), at(48, 33, 30), rgba(200, 0, 0, 255));
    fill(volume, at(20, 20, 20), at(23, 23, 23), rgba(0, 0, 0, 0));
}

/* A tile larger than a brick, one beside it of another colour, and a dent. */
static void fill_tiles(struct goxel_volume *volume)
{
    fill(volume, at(0, 0, 0), at(63, 63, 63), rgba(1, 1, 1, 255));
    fill(volume, at(64, 0, 0), at(79, 63, 63), rgba(2, 1, 1, 255));
    fill(volume, at(-64, 0, 0), at(-1, 31, 31), rgba(1, 1, 1, 200));
    set(volume, 30, 30, 63, rgba(0, 0, 0, 0));
    set(volume, 30, 63, 30, rgba(5, 5, 5, 255));
}

static void fill_far_apart(struct goxel_volume *volume)
{
    const int low = GOXEL_COORD_MIN, high = GOXEL_COORD_MAX;

    set(volume, low, low, low, rgba(1, 1, 1, 255));
    set(volume, high, high, high, rgba(2, 1, 1, 255));
    set(volume, high, low, 0, rgba(3, 1, 1, 99));
    set(volume, 0, high, low, rgba(4, 1, 1, 255));
    fill(volume, at(high - 20, 0, 0), at(high, 3, 3), rgba(5, 1, 1, 255));
    fill(volume, at(4090, 0, 0), at(4100, 3, 2), rgba(6, 1, 1, 255)); /* across a stripe */
}

/* Stairs, where large quads meet small ones. */
static void fill_stairs(struct goxel_volume *volume)
{
    for (int i = 0; i < 20; i++)
        fill(volume, at(-10, -10, i), at(19 - i, 25 - i / 2, i), rgba(10 * (i / 4), 0, 0, 255));
}

const struct sample samples[] = {
    {"nothing", fill_nothing},
    {"one voxel", fill_one},
    {"one translucent voxel", fill_clear_one},
    {"touching", fill_touching},
    {"chess", fill_chess},
    {"thin noise", fill_thin_noise},
    {"half noise", fill_half_noise},
    {"dense noise", fill_dense_noise},
    {"mixed noise", fill_mixed_noise},
    {"colourful", fill_colourful},
    {"ball", fill_ball},
    {"shells", fill_shells},
    {"tiles", fill_tiles},
    {"far apart", fill_far_apart},
    {"stairs", fill_stairs},
    {NULL, NULL},
};

struct goxel_volume *sample_make(const struct sample *sample)
{
    struct goxel_volume *volume = goxel_volume_create();

    CU_ASSERT_PTR_NOT_NULL_FATAL(volume);
    sample->fill(volume);
    goxel_volume_seal(volume);
    return volume;
}

/* ---- large ones ---- */

static struct goxel_color band(int number)
{
    int i = number % 32;

    return rgba((unsigned)(i * 37 + 40) & 255, (unsigned)(i * 83 + 90) & 255, (unsigned)(i * 151 + 20) & 255,
                255);
}

struct goxel_volume *sample_sphere(int size)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_accessor near = goxel_accessor_make(volume);

    /* Twice the distances, which are whole numbers. */
    for (int i = 0; i < size * size * size; i++) {
        struct goxel_pos pos = at(i % size, i / size % size, i / size / size);
        int x = 2 * pos.x + 1 - size, y = 2 * pos.y + 1 - size, z = 2 * pos.z + 1 - size;

        if (x * x + y * y + z * z <= size * size)
            CU_ASSERT_EQUAL_FATAL(goxel_accessor_set(&near, pos, band(pos.z / 8)), 0);
    }
    goxel_volume_seal(volume);
    return volume;
}

static uint32_t mix(uint32_t x, uint32_t y, uint32_t seed)
{
    uint32_t v = x * 374761393u + y * 668265263u + seed * 974634211u;

    v = (v ^ v >> 13) * 1274126177u;
    return v ^ v >> 16;
}

static double smooth_noise(int x, int y, int cell, unsigned seed)
{
    unsigned gx = (unsigned)(x / cell), gy = (unsigned)(y / cell);
    double fx = (double)(x % cell) / cell, fy = (double)(y % cell) / cell;
    double a = mix(gx, gy, seed), b = mix(gx + 1, gy, seed), c = mix(gx, gy + 1, seed),
           d = mix(gx + 1, gy + 1, seed);

    fx = fx * fx * (3 - 2 * fx);
    fy = fy * fy * (3 - 2 * fy);
    return ((a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy) / 4294967295.0;
}

static int height(int x, int y)
{
    return 4 + (int)(120 * (.55 * smooth_noise(x, y, 64, 1) + .28 * smooth_noise(x, y, 24, 2) +
                            .12 * smooth_noise(x, y, 8, 3) + .05 * smooth_noise(x, y, 3, 4)));
}

struct goxel_volume *sample_terrain(int size)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_accessor near = goxel_accessor_make(volume);

    for (int i = 0; i < size * size; i++) {
        int x = i % size, y = i / size, top = height(x, y);

        for (int z = 0; z < top; z++)
            CU_ASSERT_EQUAL_FATAL(goxel_accessor_set(&near, at(x, y, z), band(z / 8)), 0);
    }
    goxel_volume_seal(volume);
    return volume;
}

struct goxel_volume *sample_noise(int size)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_accessor near = goxel_accessor_make(volume);

    for (int i = 0; i < size * size * size; i++) {
        struct goxel_pos pos = at(i % size, i / size % size, i / size / size);
        uint32_t bits = mix((uint32_t)(pos.x + size * pos.z), (uint32_t)pos.y, 7);

        if (bits & 1)
            CU_ASSERT_EQUAL_FATAL(goxel_accessor_set(&near, pos, band((int)(bits >> 8 & 31))), 0);
    }
    goxel_volume_seal(volume);
    return volume;
}
