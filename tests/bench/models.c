/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/models.h"

#include <string.h>

#include "core/accessor.h"

#define COLORS 32
#define BAND 8

static struct goxel_color color_of(unsigned index)
{
    unsigned i = index % COLORS;

    return (struct goxel_color){(uint8_t)(i * 37 + 40), (uint8_t)(i * 83 + 90), (uint8_t)(i * 151 + 20), 255};
}

static struct goxel_color band(int z)
{
    return color_of((unsigned)(z / BAND));
}

/* Twice the distance of a voxel's centre from the middle, squared. */
static int64_t square(int at, int size)
{
    int64_t twice = 2 * (int64_t)at + 1 - size;

    return twice * twice;
}

static int put_ball(struct goxel_accessor *near, int size, int thick)
{
    int64_t outer = (int64_t)size * size;
    int64_t inner = thick ? (int64_t)(size - 2 * thick) * (size - 2 * thick) : -1;
    int result = 0;

    for (int z = 0; z < size; z++) {
        for (int y = 0; y < size; y++) {
            int64_t zy = square(z, size) + square(y, size);

            for (int x = 0; zy <= outer && x < size; x++) {
                int64_t distance = zy + square(x, size);

                if (distance <= outer && distance > inner)
                    result |= goxel_accessor_set(near, (struct goxel_pos){x, y, z}, band(z));
            }
        }
    }
    return result;
}

static int put_sphere(struct goxel_accessor *near, int size)
{
    return put_ball(near, size, 0);
}

static int put_shell(struct goxel_accessor *near, int size)
{
    return put_ball(near, size, 2);
}

static uint32_t hash(uint32_t x, uint32_t y, uint32_t seed)
{
    uint32_t value = x * 374761393u + y * 668265263u + seed * 974634211u;

    value = (value ^ value >> 13) * 1274126177u;
    return value ^ value >> 16;
}

/* 0–1, smooth between the corners of cells. */
static double noise(int x, int y, int cell, uint32_t seed)
{
    uint32_t gx = (uint32_t)(x / cell), gy = (uint32_t)(y / cell);
    double fx = (double)(x % cell) / cell, fy = (double)(y % cell) / cell, near, far;

    fx = fx * fx * (3 - 2 * fx);
    fy = fy * fy * (3 - 2 * fy);
    near = hash(gx, gy, seed) * (1 - fx) + hash(gx + 1, gy, seed) * fx;
    far = hash(gx, gy + 1, seed) * (1 - fx) + hash(gx + 1, gy + 1, seed) * fx;
    return (near * (1 - fy) + far * fy) / 4294967295.0;
}

static int height(int x, int y)
{
    return 4 + (int)(120 * (.55 * noise(x, y, 64, 1) + .28 * noise(x, y, 24, 2) + .12 * noise(x, y, 8, 3) +
                            .05 * noise(x, y, 3, 4)));
}

static int put_terrain(struct goxel_accessor *near, int size)
{
    int result = 0;

    for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
            for (int z = 0, top = height(x, y); z < top; z++)
                result |= goxel_accessor_set(near, (struct goxel_pos){x, y, z}, band(z));
        }
    }
    return result;
}

static int put_random(struct goxel_accessor *near, int size)
{
    int result = 0;

    for (int z = 0; z < size; z++) {
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                uint32_t bits = hash((uint32_t)(x + size * z), (uint32_t)y, 7);

                if (bits & 1)
                    result |= goxel_accessor_set(near, (struct goxel_pos){x, y, z}, color_of(bits >> 8));
            }
        }
    }
    return result;
}

static int put_solid(struct goxel_accessor *near, int size)
{
    const struct goxel_box box = {{0, 0, 0}, {size - 1, size - 1, size - 1}};

    return goxel_volume_fill(near->volume, &box, color_of(1), NULL);
}

static const struct {
    const char *name;
    int (*put)(struct goxel_accessor *near, int size);
} models[] = {
    {"sphere", put_sphere}, {"shell", put_shell}, {"terrain", put_terrain},
    {"random", put_random}, {"solid", put_solid},
};

struct goxel_project *model_make(const char *name, int size)
{
    struct goxel_project *project = goxel_project_create(name);
    struct goxel_layer *layer = NULL;
    int result = project ? goxel_project_add_layer(project, NULL, -1, &layer, NULL) : -1;

    for (size_t i = 0; !result && i <= sizeof(models) / sizeof(models[0]); i++) {
        struct goxel_accessor near = goxel_accessor_make(layer->volume);

        if (i == sizeof(models) / sizeof(models[0])) {
            result = -1;
        } else if (strcmp(models[i].name, name) == 0) {
            result = models[i].put(&near, size);
            break;
        }
    }
    if (result) {
        goxel_project_unref(project);
        return NULL;
    }
    goxel_project_seal(project);
    return project;
}
