/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a project is like: what comes back from a file differs as far as the row's limits say, and no further. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/colors.h"
#include "io.h"
#include "unit.h"
#include "within.h"

#define RANDOM_CASES 12

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static struct goxel_layer *layer_of(struct goxel_project *project, const char *name)
{
    struct goxel_layer *layer = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, name, -1, &layer, NULL), 0);
    return layer;
}

static void put(struct goxel_layer *layer, int x, int y, int z, struct goxel_color color)
{
    CU_ASSERT_EQUAL(goxel_volume_set_at(layer->volume, (struct goxel_pos){x, y, z}, color), 0);
}

static struct goxel_color opaque(uint32_t bits)
{
    return (struct goxel_color){(uint8_t)bits, (uint8_t)(bits >> 8), (uint8_t)(bits >> 16), 255};
}

/* ---- the cases ---- */

static void nothing(struct goxel_project *project)
{
    (void)layer_of(project, "empty");
}

static void one_voxel(struct goxel_project *project)
{
    put(layer_of(project, "one"), 0, 0, 0, opaque(0x030201));
}

static void negative(struct goxel_project *project)
{
    struct goxel_layer *layer = layer_of(project, "below");

    put(layer, -1, -1, -1, opaque(1));
    put(layer, -17, -40, -3, opaque(2));
    put(layer, -16, -33, -16, opaque(3));
}

static void row_of(struct goxel_project *project, int width)
{
    struct goxel_layer *layer = layer_of(project, "wide");

    for (int i = 0; i < width; i++)
        put(layer, i, i % 3, i % 2, opaque((uint32_t)i % 7));
}

static void wide_256(struct goxel_project *project)
{
    row_of(project, 256);
}

static void wide_257(struct goxel_project *project)
{
    row_of(project, 257);
}

static void colors_of(struct goxel_project *project, int count)
{
    struct goxel_layer *layer = layer_of(project, "hues");

    for (int i = 0; i < count; i++)
        put(layer, i % 16, i / 16, 0, opaque((uint32_t)i * 65793u + 7));
}

static void colors_255(struct goxel_project *project)
{
    colors_of(project, 255);
}

static void colors_256(struct goxel_project *project)
{
    colors_of(project, 256);
}

static void layers_1000(struct goxel_project *project)
{
    char name[32];

    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "layer %d", i);
        put(layer_of(project, name), i % 10, i / 10 % 10, i / 100, opaque((uint32_t)i % 200));
    }
}

static void names(struct goxel_project *project)
{
    static const char *const scripts[] = {"Türme – Mauern", "塔", "башня", "قلعة", "🏰 & <castle> \"x\""};

    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        put(layer_of(project, scripts[i]), (int)i, 0, 0, opaque((uint32_t)i + 1));
}

static void translucent(struct goxel_project *project)
{
    struct goxel_layer *layer = layer_of(project, "glass");

    for (int i = 0; i < 8; i++)
        put(layer, i, 0, 0, (struct goxel_color){10, 20, 30, (uint8_t)(i * 32 + 20)});
    put(layer, 0, 1, 0, opaque(5));
}

static void hidden(struct goxel_project *project)
{
    struct goxel_layer *layer = layer_of(project, "hidden");

    put(layer, 5, 5, 5, opaque(9));
    layer->visible = false;
    put(layer_of(project, "shown"), 1, 1, 1, opaque(8));
}

/* A few layers of a few clouds and boxes. */
static void anything(struct goxel_project *project)
{
    for (uint32_t i = 0, count = 1 + draw(4); i < count; i++) {
        struct goxel_layer *layer = layer_of(project, NULL);
        struct goxel_pos at = {(int)draw(80) - 40, (int)draw(80) - 40, (int)draw(80) - 40};
        struct goxel_box box = {at, {at.x + (int)draw(30), at.y + (int)draw(30), at.z + (int)draw(30)}};

        if (draw(2))
            CU_ASSERT_EQUAL(goxel_volume_fill(layer->volume, &box, opaque(draw(1u << 24)), NULL), 0);
        for (uint32_t k = 0, voxels = draw(200); k < voxels; k++)
            put(layer, at.x + (int)draw(50), at.y + (int)draw(50), at.z + (int)draw(50),
                opaque(draw(40) * 7919));
    }
}

static const struct {
    const char *name;
    void (*make)(struct goxel_project *project);
} cases[] = {
    {"nothing", nothing},
    {"one voxel", one_voxel},
    {"negative positions", negative},
    {"256 wide", wide_256},
    {"257 wide", wide_257},
    {"255 colours", colors_255},
    {"256 colours", colors_256},
    {"1,000 layers", layers_1000},
    {"names", names},
    {"translucent", translucent},
    {"hidden", hidden},
};

/* ---- what may differ ---- */

static struct goxel_volume *shown(const struct goxel_project *project)
{
    struct goxel_volume *volume = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_project_flatten(project, NULL, &volume), 0);
    return volume;
}

static int64_t colors_in(const struct goxel_volume *volume)
{
    const struct goxel_colors_options options = {.bin_size = 1, .colors = 1 << 16};
    struct goxel_color_count *colors = NULL;
    struct goxel_box box;
    size_t count = 0;

    if (!goxel_volume_bounds(volume, &box))
        return 0;
    CU_ASSERT_EQUAL_FATAL(goxel_volume_colors(volume, &box, &options, NULL, &colors, &count), 0);
    free(colors);
    return (int64_t)count;
}

/* Colours that did not fit are others, but there. */
static bool same_places(const struct goxel_volume *a, const struct goxel_volume *b)
{
    struct goxel_cursor cursor;

    goxel_cursor_begin(&cursor, a, NULL);
    while (goxel_cursor_next(&cursor)) {
        if (goxel_volume_get_at(b, cursor.pos).a == 0)
            return false;
    }
    return goxel_volume_count(a) == goxel_volume_count(b);
}

static bool same_voxels(const struct goxel_format_limits *limits, const struct goxel_volume *before,
                        const struct goxel_volume *after, bool reduced)
{
    return reduced ? same_places(before, after) : within_limits(limits, before, after);
}

/* What is said to be hidden no more may be so. */
static bool same_layers_of(const struct goxel_format_limits *limits, const struct goxel_project *a,
                           const struct goxel_project *b, bool reduced, bool warned)
{
    if (a->layer_count != b->layer_count)
        return false;
    for (size_t i = 0; i < a->layer_count; i++) {
        const struct goxel_layer *before = a->layers[i], *after = b->layers[i];

        if (strcmp(before->name, after->name) != 0 || (before->visible != after->visible && !warned) ||
            !same_voxels(limits, before->volume, after->volume, reduced))
            return false;
    }
    return true;
}

static void compare(const struct goxel_format *format, const char *name, const struct goxel_project *project,
                    const struct goxel_project *again, const struct goxel_warnings *warnings)
{
    const struct goxel_format_limits *limits = &format->limits;
    struct goxel_volume *before = shown(project), *after = shown(again);
    bool reduced = limits->colors > 1 && colors_in(before) > limits->colors, warned = warnings->count > 0;
    bool same = limits->layers ? same_layers_of(limits, project, again, reduced, warned)
                               : same_voxels(limits, before, after, reduced);

    if (!same)
        printf("%s as %s\n", name, format->name);
    CU_ASSERT(same);
    CU_ASSERT(!reduced || warned);
    goxel_volume_destroy(before);
    goxel_volume_destroy(after);
}

static void round_trip(const char *name, const struct goxel_project *project)
{
    for (const struct goxel_format *format = goxel_formats; format->name; format++) {
        struct goxel_warnings warnings = {.count = 0};
        struct goxel_project *again = NULL;
        struct goxel_buf file;

        if (!format->read || !format->write)
            continue;
        goxel_buf_init(&file, GOXEL_FILE_MAX);
        CU_ASSERT_EQUAL_FATAL(write_as(format->name, project, NULL, &warnings, NULL, &file), 0);
        CU_ASSERT_EQUAL_FATAL(read_as(format->name, file.data, file.len, NULL, NULL, NULL, &again), 0);
        compare(format, name, project, again, &warnings);
        goxel_project_unref(again);
        goxel_buf_finish(&file);
    }
}

static void edge_cases_come_back(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_project *project = goxel_project_create("p");

        cases[i].make(project);
        goxel_project_seal(project);
        round_trip(cases[i].name, project);
        goxel_project_unref(project);
    }
}

static void random_projects_come_back(void)
{
    for (uint32_t i = 0; i < RANDOM_CASES; i++) {
        struct goxel_project *project = goxel_project_create("p");

        seed = i + 1;
        anything(project);
        goxel_project_seal(project);
        round_trip("a random project", project);
        goxel_project_unref(project);
    }
}

static const struct unit_test tests[] = {
    {"edge cases come back", edge_cases_come_back},
    {"random projects come back", random_projects_come_back},
    {NULL, NULL},
};

const struct unit_suite suite_round_trips = {"round trips", tests};
