/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several files as layers of one project, a part of it, names, and exit statuses. */
#include <string.h>

#include "base/error.h"
#include "convert/convert.h"
#include "unit.h"

static const struct goxel_color red = {255, 0, 0, 255};

/* As if it had been read: so many layers, each with a voxel at (order, 0, 0). */
static struct convert_source source(const char *path, int layers)
{
    struct convert_source source = {.path = path, .project = goxel_project_create("")};

    convert_stem(path, source.project->name);
    for (int i = 0; i < layers; i++) {
        struct goxel_layer *layer = NULL;

        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(source.project, NULL, -1, &layer, NULL), 0);
        CU_ASSERT_EQUAL(goxel_volume_set_at(layer->volume, (struct goxel_pos){i, 0, 0}, red), 0);
    }
    return source;
}

static struct goxel_project *join(struct convert_source *sources, size_t count,
                                  struct goxel_warnings *warnings)
{
    struct goxel_project *project = NULL;

    CU_ASSERT_EQUAL_FATAL(convert_join(sources, count, NULL, warnings, NULL, &project), 0);
    for (size_t i = 0; i < count; i++)
        convert_source_finish(&sources[i]);
    return project;
}

static void files_are_named(void)
{
    static const char *const rows[][2] = {
        {"a/b.c/castle.gox", "castle"},
        {"castle.old.txt", "castle.old"},
        {"castle", "castle"},
        {".gox", ".gox"},
        {"-", ""},
        {"a\nb.gox", ""},
        {"\xff.gox", ""},
    };
    char name[GOXEL_NAME_MAX + 1], longest[400];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        convert_stem(rows[i][0], name);
        CU_ASSERT_STRING_EQUAL(name, rows[i][1]);
    }
    memset(longest, 'x', sizeof(longest));
    longest[399] = '\0';
    convert_stem(longest, name);
    CU_ASSERT_EQUAL(strlen(name), GOXEL_NAME_MAX);
}

static void one_file_stays_as_it_is(void)
{
    struct goxel_warnings warnings = {.count = 0};
    struct convert_source sources[] = {source("a.gox", 3)};
    struct goxel_project *project = join(sources, 1, &warnings);

    CU_ASSERT_EQUAL(project->layer_count, 3);
    CU_ASSERT_EQUAL(warnings.count, 0);
    goxel_project_unref(project);
}

static void several_become_layers(void)
{
    struct goxel_warnings warnings = {.count = 0};
    struct convert_source sources[] = {source("x/a.gox", 1), source("y/a.txt", 1), source("-", 2),
                                       source("b", 1)};
    struct goxel_project *project;

    sources[3].project->layers[0]->visible = false; /* who gives a file of one layer wants it */
    project = join(sources, 4, &warnings);
    CU_ASSERT_EQUAL_FATAL(project->layer_count, 4);
    CU_ASSERT_STRING_EQUAL(project->layers[0]->name, "a");
    CU_ASSERT_STRING_EQUAL(project->layers[1]->name, "a-2");
    CU_ASSERT_STRING_EQUAL(project->layers[2]->name, "Layer.1");
    CU_ASSERT_STRING_EQUAL(project->layers[3]->name, "b");
    CU_ASSERT_EQUAL(goxel_volume_count(project->layers[2]->volume), 2);
    CU_ASSERT_EQUAL(goxel_volume_count(project->layers[3]->volume), 1);
    CU_ASSERT_EQUAL_FATAL(warnings.count, 1);
    CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "layers of one file merged");
    CU_ASSERT_EQUAL(warnings.rows[0].count, 2);
    goxel_project_unref(project);
}

static int choose(const struct goxel_project *project, const char *word, size_t *ret_layers)
{
    struct convert_args args = {.layers = {.words = {word}, .count = 1}};
    struct goxel_warnings warnings = {.count = 0};
    struct goxel_project *part = NULL;
    int code = convert_choose(&args, project, NULL, &warnings, NULL, &part);

    *ret_layers = part ? part->layer_count : 0;
    goxel_project_unref(part);
    return code;
}

static void layers_are_found_by_id_and_name(void)
{
    struct convert_source sources[] = {source("a.gox", 4)};
    struct goxel_warnings warnings = {.count = 0};
    struct goxel_project *project = join(sources, 1, &warnings);
    size_t layers = 0;

    goxel_name_copy(project->layers[0]->name, "roof", sizeof("roof") - 1);
    goxel_name_copy(project->layers[1]->name, "red, green", sizeof("red, green") - 1);
    goxel_name_copy(project->layers[2]->name, "77", sizeof("77") - 1);
    CU_ASSERT_EQUAL(choose(project, "roof", &layers), 0);
    CU_ASSERT_EQUAL(layers, 1);
    CU_ASSERT_EQUAL(choose(project, "roof,4,77", &layers), 0);
    CU_ASSERT_EQUAL(layers, 3);
    CU_ASSERT_EQUAL(choose(project, "red, green", &layers), 0);
    CU_ASSERT_EQUAL(layers, 1);
    CU_ASSERT_EQUAL(choose(project, "roof,roof", &layers), 0);
    CU_ASSERT_EQUAL(layers, 1);
    CU_ASSERT_EQUAL(choose(project, "roof,none", &layers), GOXEL_ERROR_LAYER_NOT_FOUND);
    CU_ASSERT_EQUAL(choose(project, "5", &layers), GOXEL_ERROR_LAYER_NOT_FOUND);
    CU_ASSERT_EQUAL(choose(project, "roof,", &layers), GOXEL_ERROR_LAYER_NOT_FOUND);
    goxel_project_unref(project);
}

static void failures_have_statuses(void)
{
    CU_ASSERT_EQUAL(convert_exit_of(0), CONVERT_DONE);
    CU_ASSERT_EQUAL(convert_exit_of(GOXEL_ERROR_FILE_ACCESS), CONVERT_FAILED);
    CU_ASSERT_EQUAL(convert_exit_of(GOXEL_ERROR_OUT_OF_MEMORY), CONVERT_FAILED);
    CU_ASSERT_EQUAL(convert_exit_of(GOXEL_ERROR_INVALID_PARAMS), CONVERT_USAGE);
    CU_ASSERT_EQUAL(convert_exit_of(GOXEL_ERROR_VALIDATION), CONVERT_LOST);
    CU_ASSERT_EQUAL(convert_exit_of(GOXEL_ERROR_INVALID_DATA), CONVERT_DAMAGED);
}

static const struct unit_test tests[] = {
    {"files are named", files_are_named},
    {"one file stays as it is", one_file_stays_as_it_is},
    {"several become layers", several_become_layers},
    {"layers are found by id and name", layers_are_found_by_id_and_name},
    {"failures have statuses", failures_have_statuses},
    {NULL, NULL},
};

const struct unit_suite join_suite = {"join", tests};
