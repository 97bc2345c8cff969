/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sproxel's table: tables that are written down, and tables that are none. */
#include "format/csv.h"

#include "hostile.h"
#include "within.h"

/* 2 along x, 3 up, 1 deep. */
static const char sample[] = "2,3,1\n"
                             "#010203FF,#00000000\n\n"
                             "#000000ff,#0a0b0c80\n\n"
                             "#ffffffFF,#FFFFFF00\n\n";
#define SAMPLE (sizeof(sample) - 1)

static void planes_come_from_the_top(void)
{
    struct goxel_project *project = NULL;

    CU_ASSERT_EQUAL_FATAL(read_as("csv", sample, SAMPLE, NULL, NULL, NULL, &project), 0);
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 4);
    CU_ASSERT(has_color(project->layers[0], 0, 0, 2, 0x010203ff));
    CU_ASSERT(has_color(project->layers[0], 0, 0, 1, 0x000000ff));
    CU_ASSERT(has_color(project->layers[0], 1, 0, 1, 0x0a0b0c80));
    CU_ASSERT(has_color(project->layers[0], 0, 0, 0, 0xffffffff));
    goxel_project_unref(project);
}

static void writing_is_the_same_again(void)
{
    static const char expected[] =
        "2,3,1\n#010203FF,#00000000\n\n#000000FF,#0A0B0C80\n\n#FFFFFFFF,#00000000\n\n";
    struct goxel_project *project = NULL;
    struct goxel_warnings warnings = {0};
    struct goxel_buf file;

    CU_ASSERT_EQUAL_FATAL(read_as("csv", sample, SAMPLE, NULL, NULL, NULL, &project), 0);
    goxel_buf_init(&file, GOXEL_FILE_MAX);
    CU_ASSERT_EQUAL(write_as("csv", project, NULL, &warnings, NULL, &file), 0);
    CU_ASSERT_STRING_EQUAL(file.data, expected);
    CU_ASSERT_EQUAL(warnings.count, 0);
    goxel_buf_finish(&file);
    goxel_project_unref(project);
}

static void boxes_survive(void)
{
    const struct goxel_format *format = goxel_format_named("csv", GOXEL_FORMAT_IN);
    static const int widths[] = {0, 1, 2, 255, 256, 257, 600};

    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        struct goxel_project *project = goxel_project_create("p"), *again = NULL;
        struct goxel_layer *layer = NULL;
        struct goxel_buf file;

        goxel_project_add_layer(project, NULL, -1, &layer, NULL);
        for (int x = 0; x < widths[i]; x++)
            goxel_volume_set_at(
                layer->volume, (struct goxel_pos){x - 9, 3 * x % 37 - 20, x % 7 - 100},
                (struct goxel_color){(uint8_t)x, (uint8_t)(x / 3), 9, (uint8_t)(1 + x % 255)});
        goxel_buf_init(&file, GOXEL_FILE_MAX);
        CU_ASSERT_EQUAL_FATAL(write_as("csv", project, NULL, NULL, NULL, &file), 0);
        CU_ASSERT_EQUAL_FATAL(read_as("csv", file.data, file.len, NULL, NULL, NULL, &again), 0);
        CU_ASSERT(within_limits(&format->limits, layer->volume, again->layers[0]->volume));
        goxel_buf_finish(&file);
        goxel_project_unref(again);
        goxel_project_unref(project);
    }
}

static void large_boxes_are_refused(void)
{
    static const struct goxel_pos ends[] = {{1 << 20 >> 1, 1 << 4, 0}, {1000, 1000, 1000}};

    for (size_t i = 0; i < 2; i++) {
        struct goxel_project *project = goxel_project_create("p");
        struct goxel_layer *layer = NULL;
        struct goxel_detail detail;
        struct goxel_buf file;

        goxel_project_add_layer(project, NULL, -1, &layer, NULL);
        goxel_volume_set_at(layer->volume, (struct goxel_pos){0, 0, 0}, (struct goxel_color){1, 2, 3, 255});
        goxel_volume_set_at(layer->volume, ends[i], (struct goxel_color){1, 2, 3, 255});
        goxel_buf_init(&file, GOXEL_FILE_MAX);
        CU_ASSERT_EQUAL(write_as("csv", project, NULL, NULL, &detail, &file), GOXEL_ERROR_QUOTA);
        CU_ASSERT(detail.has_limit && detail.given > detail.limit);
        goxel_buf_finish(&file);
        goxel_project_unref(project);
    }
}

static void false_tables_are_refused(void)
{
    static const struct {
        const char *text;
        int64_t line;
    } cases[] = {
        {"", 1},
        {"1,1", 1},
        {"1,1,0\n", 1},
        {"x,1,1\n#ffffffff\n", 1},
        {"1,1,1048576\n", 1},
        {"99999999999,1,1\n", 1},
        {"1,1,1\n", 2},
        {"1,1,1\n#ffffff\n", 2},
        {"1,1,1\n\n#fffffff\n", 3},
        {"1,1,1\n#fffffffff\n", 2},
        {"1,1,1\n#ggffffff\n", 2},
        {"1,1,1\nffffffff\n", 2},
        {"1,1,1\n#ffffffff\n#ffffffff\n", 3},
        {"1000,1000,1000\n#ffffffff\n", 1},
        {"2,1,1\n#ffffffff\n \n", 4},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_project *project = NULL;
        struct goxel_detail detail;

        CU_ASSERT_EQUAL(read_as("csv", cases[i].text, strlen(cases[i].text), NULL, NULL, &detail, &project),
                        GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_PTR_NULL(project);
        CU_ASSERT_EQUAL(detail.line, cases[i].line);
    }
    CU_ASSERT_EQUAL(survives_cuts("csv", sample, SAMPLE), 2); /* without the line feeds */
    survives_flips("csv", sample, SAMPLE);
}

/* Found by a program of its own. */
static void other_programs_files_load(void)
{
    static const struct goxel_box box = {{0, 0, 0}, {31, 31, 31}};
    struct goxel_project *project = other_program_s("rgb.csv"), *same;

    if (!project)
        return;
    holds(project->layers[0], "Layer.1", 99, &box);
    same = other_program_s("rgb.qbcl");
    for (int y = 0; y < 32; y++) {
        for (int i = 0; i < 32 * 32; i++) {
            struct goxel_pos here = {i % 32, y, i / 32}, there = {i % 32, y - 31, i / 32};
            struct goxel_color a = goxel_volume_get_at(project->layers[0]->volume, here);
            struct goxel_color b = goxel_volume_get_at(same->layers[0]->volume, there);

            CU_ASSERT(memcmp(&a, &b, sizeof(a)) == 0);
        }
    }
    goxel_project_unref(same);
    goxel_project_unref(project);
}

static const struct unit_test tests[] = {
    {"planes come from the top", planes_come_from_the_top},
    {"writing is the same again", writing_is_the_same_again},
    {"boxes survive", boxes_survive},
    {"large boxes are refused", large_boxes_are_refused},
    {"false tables are refused", false_tables_are_refused},
    {"other programs' files load", other_programs_files_load},
    {NULL, NULL},
};

const struct unit_suite suite_csv = {"csv", tests};
