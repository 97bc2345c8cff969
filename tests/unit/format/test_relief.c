/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures become columns where they should, as high as they should. */
#include "format/relief.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

static const struct goxel_relief_mode *mode_named(const char *name)
{
    const struct goxel_relief_mode *mode = goxel_relief_modes;

    while (mode->name && strcmp(mode->name, name) != 0)
        mode++;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mode->name);
    return mode;
}

static struct goxel_picture blank(unsigned width, unsigned height)
{
    struct goxel_picture picture = {.width = width, .height = height};

    picture.pixels = calloc((size_t)width * height, sizeof(*picture.pixels));
    CU_ASSERT_PTR_NOT_NULL_FATAL(picture.pixels);
    return picture;
}

static struct goxel_project *make(const struct goxel_relief *relief, const struct goxel_picture *picture)
{
    struct goxel_project *project = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_relief_make(relief, picture, NULL, &project), 0);
    CU_ASSERT_EQUAL(project->layer_count, 1);
    CU_ASSERT_STRING_EQUAL(project->layers[0]->name, "Image");
    CU_ASSERT_EQUAL(goxel_volume_bricks(project->layers[0]->volume), goxel_relief_bricks(relief, picture));
    return project;
}

static bool is_at(const struct goxel_project *project, int x, int y, int z, struct goxel_color color)
{
    struct goxel_color got = goxel_volume_get_at(project->layers[0]->volume, (struct goxel_pos){x, y, z});

    return memcmp(&got, &color, sizeof(got)) == 0;
}

/* Sizes around those of bricks, every pixel of another colour; what is translucent enough is left out. */
static void every_pixel_is_a_column(void)
{
    static const struct {
        const char *mode;
        unsigned width, height;
        int depth;
    } cases[] = {{"picture", 1, 1, 1},    {"picture", 16, 16, 1},     {"picture", 17, 33, 1},
                 {"picture", 15, 47, 1},  {"extrude", 17, 15, 16},    {"extrude", 33, 18, 17},
                 {"extrude", 2, 1, 4096}, {"heightmap", 40, 21, 256}, {"heightmap", 33, 16, 16},
                 {"heightmap", 5, 5, 1},  {"heightmap", 3, 3, 4096}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_relief relief = {mode_named(cases[i].mode), cases[i].depth, 100};
        struct goxel_picture picture = blank(cases[i].width, cases[i].height);
        struct goxel_project *project;
        int64_t voxels = 0, wrong = 0;

        for (unsigned p = 0; p < picture.width * picture.height; p++)
            picture.pixels[p] = (struct goxel_color){(uint8_t)(p * 5), (uint8_t)p, (uint8_t)(p >> 3),
                                                     p % 7 ? 100 : 99};
        project = make(&relief, &picture);
        for (unsigned p = 0; p < picture.width * picture.height; p++) {
            struct goxel_color color = picture.pixels[p];
            int x = (int)(p % picture.width), y = (int)(picture.height - 1 - p / picture.width);
            int height = color.a < 100 ? 0 : relief.mode->height(color, relief.depth);

            CU_ASSERT(height <= relief.depth);
            for (int z = 0; z < height; z++)
                wrong += !is_at(project, x, y, z, color);
            voxels += height;
        }
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT_EQUAL(goxel_volume_count(project->layers[0]->volume), voxels); /* and nowhere else */
        goxel_project_unref(project);
        goxel_picture_finish(&picture);
    }
}

static void heights_follow_the_light(void)
{
    const struct goxel_relief_mode *mode = mode_named("heightmap");
    int last = 0;

    for (int grey = 0; grey < 256; grey++) {
        struct goxel_color color = {(uint8_t)grey, (uint8_t)grey, (uint8_t)grey, 255};

        CU_ASSERT_EQUAL(mode->height(color, 256), grey + 1);
        CU_ASSERT_EQUAL(mode->height(color, 1), 1);
        CU_ASSERT(mode->height(color, 10) >= last);
        last = mode->height(color, 10);
    }
    CU_ASSERT_EQUAL(last, 10);
    CU_ASSERT_EQUAL(mode->height((struct goxel_color){255, 0, 0, 255}, 256), 55);
    CU_ASSERT_EQUAL(mode->height((struct goxel_color){0, 255, 0, 255}, 256), 183);
    CU_ASSERT_EQUAL(mode->height((struct goxel_color){0, 0, 255, 255}, 256), 19);
}

static void what_is_empty_costs_nothing(void)
{
    struct goxel_relief relief = {mode_named("extrude"), GOXEL_RELIEF_DEPTH_MAX, 1};
    struct goxel_picture picture = blank(2000, 2000);
    struct goxel_project *project;

    picture.pixels[0] = (struct goxel_color){1, 2, 3, 1};
    CU_ASSERT_EQUAL(goxel_relief_bricks(&relief, &picture), 256);
    project = make(&relief, &picture);
    CU_ASSERT_EQUAL(goxel_volume_count(project->layers[0]->volume), 4096);
    goxel_project_unref(project);
    goxel_picture_finish(&picture);
}

static void it_can_be_cancelled(void)
{
    struct goxel_relief relief = {mode_named("picture"), 1, 1};
    struct goxel_picture picture = blank(64, 64);
    struct goxel_project *project = NULL;
    struct goxel_cancel cancel;

    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(goxel_relief_make(&relief, &picture, &cancel, &project), GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_PTR_NULL(project);
    goxel_picture_finish(&picture);
}

static const struct unit_test tests[] = {
    {"every pixel is a column", every_pixel_is_a_column},
    {"heights follow the light", heights_follow_the_light},
    {"what is empty costs nothing", what_is_empty_costs_nothing},
    {"it can be cancelled", it_can_be_cancelled},
    {NULL, NULL},
};

const struct unit_suite suite_relief = {"relief", tests};
