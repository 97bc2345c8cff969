/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goxel's text format: lines that are voxels, and lines that are refused with their number. */
#include "format/txt.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "io.h"
#include "unit.h"

static int read_text(const char *text, struct goxel_detail *detail, struct goxel_project **ret_project)
{
    return read_as("txt", text, strlen(text), NULL, NULL, detail, ret_project);
}

static bool has(const struct goxel_project *project, int x, int y, int z, unsigned rgb)
{
    struct goxel_color color = goxel_volume_get_at(project->layers[0]->volume, (struct goxel_pos){x, y, z});

    return color.a == 255 && ((unsigned)color.r << 16 | (unsigned)color.g << 8 | color.b) == rgb;
}

static void lines_become_voxels(void)
{
    static const char text[] = "# Goxel 0.15.2\n"
                               "# X Y Z RRGGBB\n"
                               "0 0 0 ff0080\n"
                               "\n"
                               "  \t-1\t 2   -3\tABCDEF \r\n"
                               "   # a comment, indented\n"
                               "-1048576 1048575 007 000001\n"
                               "1 1 1 111111\n"
                               "1 1 1 222222\n"
                               "-0 5 5 00ff00"; /* no line feed */
    struct goxel_project *project = NULL;

    CU_ASSERT_EQUAL_FATAL(read_text(text, NULL, &project), 0);
    CU_ASSERT_EQUAL(project->layer_count, 1);
    CU_ASSERT_EQUAL(project->scene->active_layer_id, project->layers[0]->id);
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 5);
    CU_ASSERT(has(project, 0, 0, 0, 0xff0080));
    CU_ASSERT(has(project, -1, 2, -3, 0xabcdef));
    CU_ASSERT(has(project, GOXEL_COORD_MIN, GOXEL_COORD_MAX, 7, 1));
    CU_ASSERT(has(project, 1, 1, 1, 0x222222)); /* the last one */
    CU_ASSERT(has(project, 0, 5, 5, 0x00ff00));
    goxel_project_unref(project);
}

static void nothing_is_an_empty_layer(void)
{
    static const char *const texts[] = {"", "\n", "# only a comment", "\r\n\r\n"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct goxel_project *project = NULL;

        CU_ASSERT_EQUAL_FATAL(read_text(texts[i], NULL, &project), 0);
        CU_ASSERT_EQUAL(project->layer_count, 1);
        CU_ASSERT_EQUAL(goxel_project_voxels(project), 0);
        goxel_project_unref(project);
    }
}

static void wrong_lines_are_named(void)
{
    static const struct {
        const char *line;
        int code;
        const char *field;
        int64_t column;
    } cases[] = {
        {"1 2 3", GOXEL_ERROR_INVALID_DATA, "color", 5},
        {"1 2", GOXEL_ERROR_INVALID_DATA, "Z", 3},
        {"x 2 3 ffffff", GOXEL_ERROR_INVALID_DATA, "X", 0},
        {"1 2.5 3 ffffff", GOXEL_ERROR_INVALID_DATA, "Y", 2},
        {"1 2 - ffffff", GOXEL_ERROR_INVALID_DATA, "Z", 4},
        {"+1 2 3 ffffff", GOXEL_ERROR_INVALID_DATA, "X", 0},
        {"1 2 0x3 ffffff", GOXEL_ERROR_INVALID_DATA, "Z", 4},
        {"1 2 3 fffff", GOXEL_ERROR_INVALID_DATA, "color", 6},
        {"1 2 3 fffffg", GOXEL_ERROR_INVALID_DATA, "color", 6},
        {"1 2 3 fffffff", GOXEL_ERROR_INVALID_DATA, "color", 6},
        {"1 2 3 ffffff 4", GOXEL_ERROR_INVALID_DATA, "line", 13},
        {"1 2 3 ffffff #", GOXEL_ERROR_INVALID_DATA, "line", 13},
        {"1048576 0 0 ffffff", GOXEL_ERROR_INVALID_COORDINATES, "X", 0},
        {"4294967301 0 0 ffffff", GOXEL_ERROR_INVALID_COORDINATES, "X", 0}, /* 5 in 32 bits */
        {"0 -1048577 0 ffffff", GOXEL_ERROR_INVALID_COORDINATES, "Y", 2},
        {"0 0 99999999999999999999999 ffffff", GOXEL_ERROR_INVALID_COORDINATES, "Z", 4},
        {"0 0 -99999999999999999999999 ffffff", GOXEL_ERROR_INVALID_COORDINATES, "Z", 4},
        {"\xff\xfe", GOXEL_ERROR_INVALID_DATA, "X", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_project *project = NULL;
        struct goxel_detail detail;
        char text[100];

        snprintf(text, sizeof(text), "# 8 byte\n1 1 1 ffffff\n%s\n2 2 2 ffffff\n", cases[i].line);
        CU_ASSERT_EQUAL(read_text(text, &detail, &project), cases[i].code);
        CU_ASSERT_PTR_NULL(project);
        CU_ASSERT_EQUAL(detail.line, 3);
        CU_ASSERT_EQUAL(detail.offset, 22 + cases[i].column);
        CU_ASSERT_STRING_EQUAL(detail.field, cases[i].field);
        CU_ASSERT(strlen(detail.expected) > 0);
    }
}

static void nul_bytes_are_refused(void)
{
    static const char text[] = "1 1 1 ffffff\0\n2 2 2 ffffff\n";
    struct goxel_project *project = NULL;

    CU_ASSERT_EQUAL(read_as("txt", text, sizeof(text) - 1, NULL, NULL, NULL, &project),
                    GOXEL_ERROR_INVALID_DATA);
}

/* A line of 20 bytes may cost a brick of 16 KiB. */
static void scattered_voxels_have_a_ceiling(void)
{
    struct goxel_buf text;
    struct goxel_project *project = NULL;
    struct goxel_detail detail;

    goxel_buf_init(&text, 4 << 20);
    for (int i = 0; i <= 1 << 16; i++)
        goxel_buf_printf(&text, "%d %d 0 010203\n", i % 1000 * 16, i / 1000 * 16);
    CU_ASSERT_EQUAL(text.failed, 0);
    CU_ASSERT_EQUAL(read_as("txt", text.data, text.len, NULL, NULL, &detail, &project), GOXEL_ERROR_QUOTA);
    CU_ASSERT(detail.has_limit);
    CU_ASSERT_PTR_NULL(project);
    goxel_buf_finish(&text);
}

/* Both ways: what is written can be read. */
static void scattered_voxels_are_not_written(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer = NULL;
    struct goxel_detail detail;
    struct goxel_buf out;
    struct goxel_pos first = {0, 0, 0};

    goxel_project_add_layer(project, NULL, -1, &layer, NULL);
    goxel_volume_set_at(layer->volume, first, (struct goxel_color){1, 2, 3, 255});
    for (int i = 1; i <= 1 << 16; i++)
        goxel_volume_share_brick(layer->volume, (struct goxel_pos){i % 1000 * 16, i / 1000 * 16, 0},
                                 layer->volume, first);
    goxel_buf_init(&out, GOXEL_FILE_MAX);
    CU_ASSERT_EQUAL(write_as("txt", project, NULL, NULL, &detail, &out), GOXEL_ERROR_QUOTA);
    CU_ASSERT(detail.has_limit);
    CU_ASSERT_EQUAL(detail.limit, 1 << 16);
    CU_ASSERT_EQUAL(detail.given, (1 << 16) + 1);
    goxel_buf_finish(&out);
    goxel_project_unref(project);
}

static void writing_tells_what_it_drops(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer = NULL, *hidden = NULL, *shape = NULL, *clone = NULL, *empty = NULL;
    struct goxel_warnings warnings = {0};
    struct goxel_buf out;

    goxel_project_add_layer(project, NULL, -1, &layer, NULL);
    goxel_project_add_layer(project, NULL, -1, &hidden, NULL);
    goxel_project_add_layer(project, NULL, -1, &shape, NULL);
    goxel_project_add_layer(project, NULL, -1, &clone, NULL);
    goxel_project_add_layer(project, NULL, -1, &empty, NULL);
    hidden->visible = clone->visible = empty->visible = false;
    clone->base_id = layer->id;
    snprintf(shape->shape, sizeof(shape->shape), "torus");
    goxel_volume_set_at(layer->volume, (struct goxel_pos){-1, GOXEL_COORD_MIN, 0},
                        (struct goxel_color){0, 16, 255, 255});
    goxel_volume_set_at(layer->volume, (struct goxel_pos){0, 0, 10}, (struct goxel_color){1, 2, 3, 127});
    goxel_volume_set_at(layer->volume, (struct goxel_pos){1, 0, 10}, (struct goxel_color){1, 2, 3, 126});
    goxel_volume_set_at(hidden->volume, (struct goxel_pos){2, 0, 10}, (struct goxel_color){1, 2, 3, 255});
    goxel_buf_init(&out, 4096);
    CU_ASSERT_EQUAL(write_as("txt", project, NULL, &warnings, NULL, &out), 0);
    CU_ASSERT_STRING_EQUAL(out.data, "# goxel-daemon\n# One line per voxel\n# X Y Z RRGGBB\n"
                                     "-1 -1048576 0 0010ff\n0 0 10 010203\n");
    CU_ASSERT_EQUAL_FATAL(warnings.count, 5);
    CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "hidden layers left out");
    CU_ASSERT_STRING_EQUAL(warnings.rows[1].what, "clone and shape layers not drawn");
    CU_ASSERT_STRING_EQUAL(warnings.rows[2].what, "translucent voxels dropped");
    CU_ASSERT_STRING_EQUAL(warnings.rows[3].what, "alpha dropped");
    CU_ASSERT_EQUAL(warnings.rows[0].count, 2); /* the clone has no voxels of its own, and shows some */
    for (int i = 1; i < 4; i++)
        CU_ASSERT_EQUAL(warnings.rows[i].count, 1);
    CU_ASSERT_STRING_EQUAL(warnings.rows[4].what, "layers drawn as one");
    CU_ASSERT_EQUAL(warnings.rows[4].count, 2);
    goxel_buf_finish(&out);
    goxel_project_unref(project);
}

static const struct unit_test tests[] = {
    {"scattered voxels are not written", scattered_voxels_are_not_written},
    {"lines become voxels", lines_become_voxels},
    {"nothing is an empty layer", nothing_is_an_empty_layer},
    {"wrong lines are named", wrong_lines_are_named},
    {"NUL bytes are refused", nul_bytes_are_refused},
    {"scattered voxels have a ceiling", scattered_voxels_have_a_ceiling},
    {"writing tells what it drops", writing_tells_what_it_drops},
    {NULL, NULL},
};

const struct unit_suite suite_txt = {"txt", tests};
