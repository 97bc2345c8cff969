/* SPDX-License-Identifier: GPL-3.0-or-later */
/* binvox: shapes survive where they stand, and heads that say something else. */
#include "format/binvox.h"

#include "hostile.h"
#include "within.h"

static const struct goxel_color red = {255, 0, 0, 255};

static void round_trip(const struct goxel_project *project)
{
    const struct goxel_format *format = goxel_format_named("binvox", GOXEL_FORMAT_IN);
    struct goxel_project *again = NULL;
    struct goxel_warnings warnings = {0};
    struct goxel_buf file;

    goxel_buf_init(&file, GOXEL_FILE_MAX);
    CU_ASSERT_EQUAL_FATAL(write_as("binvox", project, NULL, NULL, NULL, &file), 0);
    CU_ASSERT_EQUAL_FATAL(read_as("binvox", file.data, file.len, NULL, &warnings, NULL, &again), 0);
    CU_ASSERT_EQUAL(warnings.count, 0);
    CU_ASSERT_EQUAL(again->layer_count, 1);
    CU_ASSERT(within_limits(&format->limits, project->layers[0]->volume, again->layers[0]->volume));
    goxel_project_unref(again);
    goxel_buf_finish(&file);
}

static struct goxel_project *line(int from, int count, int step)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
    for (int i = 0; i < count; i++)
        goxel_volume_set_at(layer->volume, (struct goxel_pos){from + i, -i * step, i % 5}, red);
    return project;
}

static void shapes_survive(void)
{
    static const struct {
        int from, count, step;
    } rows[] = {
        {0, 0, 0},
        {0, 1, 0},
        {-7, 1, 0},
        {-100, 255, 1},
        {-100, 256, 1},
        {-100, 257, 1},
        {GOXEL_COORD_MIN, 20, 1},
        {GOXEL_COORD_MAX - 19, 20, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_project *project = line(rows[i].from, rows[i].count, rows[i].step);

        round_trip(project);
        goxel_project_unref(project);
    }
}

static void colors_are_dropped_and_edges_have_a_ceiling(void)
{
    struct goxel_project *project = line(0, 3, 1);
    struct goxel_warnings warnings = {0};
    struct goxel_detail detail;
    struct goxel_buf file;

    goxel_buf_init(&file, GOXEL_FILE_MAX);
    CU_ASSERT_EQUAL(write_as("binvox", project, NULL, &warnings, NULL, &file), 0);
    CU_ASSERT_EQUAL_FATAL(warnings.count, 1);
    CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "colours of voxels dropped");
    CU_ASSERT_EQUAL(warnings.rows[0].count, 3);
    CU_ASSERT(strncmp(file.data, "#binvox 1\ndim 3 3 3\ntranslate 0 0 0\nscale 3\ndata\n", 49) == 0);
    goxel_buf_clear(&file);
    goxel_volume_set_at(project->layers[0]->volume, (struct goxel_pos){GOXEL_BINVOX_EDGE_MAX, 0, 0}, red);
    CU_ASSERT_EQUAL(write_as("binvox", project, NULL, NULL, &detail, &file), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(detail.given, GOXEL_BINVOX_EDGE_MAX + 1);
    goxel_buf_finish(&file);
    goxel_project_unref(project);
}

static const char sample[] = "#binvox 1\n# made by hand\ndim 2 3 4\ntranslate 1 2 -3\nscale 2\ndata\n"
                             "\1\2\0\3\1\1\0\21\1\1";
#define SAMPLE (sizeof(sample) - 1)

/* 2 along x, 3 along z, 4 along y, which is up. */
static void axes_are_turned(void)
{
    struct goxel_project *project = NULL;
    struct goxel_warnings warnings = {0};

    CU_ASSERT_EQUAL_FATAL(read_as("binvox", sample, SAMPLE, NULL, &warnings, NULL, &project), 0);
    CU_ASSERT_EQUAL(warnings.count, 0);
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 4);
    CU_ASSERT(has_color(project->layers[0], 1, 3, 2, 0xffffffff));
    CU_ASSERT(has_color(project->layers[0], 1, 3, 3, 0xffffffff));
    CU_ASSERT(has_color(project->layers[0], 1, 2, 3, 0xffffffff));
    CU_ASSERT(has_color(project->layers[0], 2, 1, 5, 0xffffffff));
    goxel_project_unref(project);
}

static void false_files_are_refused(void)
{
    static const char *const heads[] = {
        "",
        "#binvox 2\ndata\n",
        "#binvox 1\ndata\n",
        "#binvox 1\ndim 2 2\ndata\n",
        "#binvox 1\ndim 2 2 x\ndata\n",
        "#binvox 1\ndim 0 1 1\ndata\n",
        "#binvox 1\ndim 1 1 -1\ndata\n",
        "#binvox 1\ndim 1 1 1\nscale nan\ndata\n",
        "#binvox 1\ndim 1 1 1\ntranslate 1 2 inf\ndata\n",
        "#binvox 1\ndim 1000 1000 1000\ndata\n",
        "#binvox 1\ndim 1 1 1\ndata\n\1\2",
    };

    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        refused("binvox", heads[i], strlen(heads[i]), GOXEL_ERROR_INVALID_DATA);
    refused("binvox", "#binvox 1\ndim 1048576 1 1\ndata\n\1\1", 33, GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(survives_cuts("binvox", sample, SAMPLE), 0);
    survives_flips("binvox", sample, SAMPLE);
}

/* A tank: count and bounds found by a program of its own. */
static void other_programs_files_load(void)
{
    static const struct goxel_box box = {{39, 0, 34}, {88, 127, 73}};
    struct goxel_project *project = other_program_s("test.binvox");

    if (!project)
        return;
    holds(project->layers[0], "Layer.1", 78075, &box);
    goxel_project_unref(project);
}

static const struct unit_test tests[] = {
    {"shapes survive", shapes_survive},
    {"colours are dropped, and edges have a ceiling", colors_are_dropped_and_edges_have_a_ceiling},
    {"axes are turned", axes_are_turned},
    {"false files are refused", false_files_are_refused},
    {"other programs' files load", other_programs_files_load},
    {NULL, NULL},
};

const struct unit_suite suite_binvox = {"binvox", tests};
