/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of formats tests itself, and is searched by name and path. */
#include "format/format.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "format/reference.h"
#include "io.h"
#include "unit.h"
#include "within.h"

static const char *name_of(const struct goxel_format *format)
{
    return format ? format->name : "none";
}

static void formats_are_found_by_name_and_path(void)
{
    CU_ASSERT_STRING_EQUAL(name_of(goxel_format_named("gox", GOXEL_FORMAT_IN)), "gox");
    CU_ASSERT_STRING_EQUAL(name_of(goxel_format_named("TXT", GOXEL_FORMAT_IN)), "txt");
    CU_ASSERT_STRING_EQUAL(name_of(goxel_format_named("", GOXEL_FORMAT_IN)), "none");
    CU_ASSERT_STRING_EQUAL(name_of(goxel_format_named("go", GOXEL_FORMAT_IN)), "none");
    CU_ASSERT_STRING_EQUAL(name_of(goxel_format_named("goxx", GOXEL_FORMAT_IN)), "none");
    CU_ASSERT_STRING_EQUAL(name_of(goxel_format_of_path("a/b.c/castle.GOX", GOXEL_FORMAT_IN)), "gox");
    CU_ASSERT_STRING_EQUAL(name_of(goxel_format_of_path("castle.gox.txt", GOXEL_FORMAT_IN)), "txt");
    CU_ASSERT_STRING_EQUAL(name_of(goxel_format_of_path("castle.", GOXEL_FORMAT_IN)), "none");
    CU_ASSERT_STRING_EQUAL(name_of(goxel_format_of_path("a.gox/castle", GOXEL_FORMAT_IN)), "none");
    CU_ASSERT_STRING_EQUAL(name_of(goxel_format_of_path("gox", GOXEL_FORMAT_IN)), "none");
}

static void equal_warnings_add_up(void)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i",
                                        "j", "k", "l", "m", "n", "o", "p", "q", "r"};
    struct goxel_warnings warnings = {0};

    goxel_warn(NULL, "a", 1);
    goxel_warn(&warnings, "a", 0);
    CU_ASSERT_EQUAL(warnings.count, 0);
    goxel_warn(&warnings, "a", 2);
    goxel_warn(&warnings, "b", 1);
    goxel_warn(&warnings, "a", 3);
    CU_ASSERT_EQUAL(warnings.count, 2);
    CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "a");
    CU_ASSERT_EQUAL(warnings.rows[0].count, 5);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        goxel_warn(&warnings, names[i], 1);
    CU_ASSERT_EQUAL(warnings.count, GOXEL_WARNINGS_MAX);
}

/* What a row wrote it reads, and it stops when told. */
static void check_reading(const struct goxel_format *format, const struct goxel_buf *out,
                          const struct goxel_volume *volume)
{
    struct goxel_project *again = NULL;
    struct goxel_cancel cancel;

    CU_ASSERT_PTR_EQUAL(goxel_format_named(format->name, GOXEL_FORMAT_IN), format);
    CU_ASSERT_EQUAL_FATAL(read_as(format->name, out->data, out->len, NULL, NULL, NULL, &again), 0);
    CU_ASSERT_EQUAL(again->layer_count, 1);
    CU_ASSERT(within_limits(&format->limits, volume, again->layers[0]->volume));
    CU_ASSERT_STRING_EQUAL(again->name, "");
    CU_ASSERT_FALSE(goxel_project_is_modified(again));
    goxel_project_unref(again);

    again = NULL;
    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(read_as(format->name, out->data, out->len, &cancel, NULL, NULL, &again),
                    GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_PTR_NULL(again);
}

/* Every row: what it writes it reads, if it can be read, and it stops when told. */
static void every_format_round_trips(void)
{
    for (const struct goxel_format *format = goxel_formats; format->name; format++) {
        struct goxel_project *project = goxel_project_create("p");
        struct goxel_layer *layer = NULL;
        struct goxel_cancel cancel;
        struct goxel_buf out, none;

        CU_ASSERT_PTR_EQUAL(
            goxel_format_named(format->name, format->read ? GOXEL_FORMAT_IN : GOXEL_FORMAT_OUT), format);
        CU_ASSERT(strlen(format->media_type) > 0 && strlen(format->title) > 0);
        if (!format->write) {
            goxel_project_unref(project);
            continue;
        }
        goxel_project_add_layer(project, NULL, -1, &layer, NULL);
        for (int i = 0; i < 100; i++)
            goxel_volume_set_at(layer->volume, (struct goxel_pos){i, -i, 7 * i},
                                (struct goxel_color){(uint8_t)i, 1, 2, 255});
        goxel_buf_init(&out, GOXEL_FILE_MAX);
        CU_ASSERT_EQUAL(write_as(format->name, project, NULL, NULL, NULL, &out), 0);
        if (format->read)
            check_reading(format, &out, layer->volume);

        goxel_cancel_init(&cancel, 0);
        goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
        goxel_buf_init(&none, GOXEL_FILE_MAX);
        CU_ASSERT_EQUAL(write_as(format->name, project, &cancel, NULL, NULL, &none),
                        GOXEL_ERROR_SHUTTING_DOWN);
        goxel_buf_finish(&none);
        goxel_buf_init(&none, out.len - 1);
        CU_ASSERT_EQUAL(write_as(format->name, project, NULL, NULL, NULL, &none), GOXEL_ERROR_MESSAGE_SIZE);
        goxel_buf_finish(&none);
        goxel_buf_finish(&out);
        goxel_project_unref(project);
    }
}

/* Every allocation of every reader and writer fails in turn. */
static void failed_allocations_are_ordinary_errors(void)
{
    for (const struct goxel_format *format = goxel_formats; format->name; format++) {
        struct goxel_project *project = goxel_project_create("p"), *again = NULL;
        struct goxel_layer *layer = NULL;
        struct goxel_material material = {.name = "m"};
        struct goxel_camera camera = {.name = "c"};
        struct goxel_buf out;
        int result = GOXEL_ERROR_OUT_OF_MEMORY, n;

        if (!format->read || !format->write) {
            goxel_project_unref(project);
            continue;
        }
        goxel_project_add_layer(project, NULL, -1, &layer, NULL);
        goxel_project_add_material(project, &material);
        goxel_project_add_camera(project, &camera);
        project->preview = goxel_preview_create((const uint8_t *)"a preview", 9);
        layer->image_path = strdup("picture.png");
        for (int i = 0; i < 3; i++)
            goxel_volume_set_at(layer->volume, (struct goxel_pos){i * 16, 0, 0},
                                (struct goxel_color){1, 2, 3, 255});
        for (n = 0; result && n < 10000; n++) {
            goxel_buf_init(&out, GOXEL_FILE_MAX);
            unit_fail_allocation(n);
            result = write_as(format->name, project, NULL, NULL, NULL, &out);
            unit_fail_allocation(-1);
            CU_ASSERT(result == 0 || result == GOXEL_ERROR_OUT_OF_MEMORY);
            if (result)
                goxel_buf_finish(&out);
        }
        CU_ASSERT_EQUAL_FATAL(result, 0);
        CU_ASSERT(n > 3);
        result = format->read ? GOXEL_ERROR_OUT_OF_MEMORY : 0;
        for (n = 0; result && n < 10000; n++) {
            unit_fail_allocation(n);
            result = read_as(format->name, out.data, out.len, NULL, NULL, NULL, &again);
            unit_fail_allocation(-1);
            CU_ASSERT(result == 0 || result == GOXEL_ERROR_OUT_OF_MEMORY);
        }
        CU_ASSERT_EQUAL_FATAL(result, 0);
        CU_ASSERT(n > 3 || !format->read);
        goxel_buf_finish(&out);
        goxel_project_unref(again);
        goxel_project_unref(project);
    }
}

static void the_page_is_the_table(void)
{
    struct goxel_buf page, file;

    goxel_buf_init(&page, GOXEL_FORMATS_PAGE_MAX);
    goxel_buf_init(&file, GOXEL_FORMATS_PAGE_MAX);
    goxel_formats_write(goxel_formats, &page);
    CU_ASSERT_EQUAL_FATAL(page.failed, 0);
    CU_ASSERT_EQUAL_FATAL(goxel_file_read(AT_FDCWD, unit_path("../docs/formats.md"), &file, NULL), 0);
    if (strcmp(page.data, file.data) != 0)
        printf("\ndocs/formats.md is stale: `make reference` writes it anew\n");
    CU_ASSERT_STRING_EQUAL(page.data, file.data);
    goxel_buf_finish(&page);
    goxel_buf_finish(&file);
}

static void files_are_recognised(void)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *name;
    } rows[] = {
        {"GOX \2\0\0\0", 8, "gox"},
        {"VOX \226\0\0\0", 8, "vox"},
        {"\x89PNG\r\n\x1a\n", 8, "png"},
        {"GOX", 3, "none"},
        {"", 0, "none"},
        {"1 2 3 ff8000\n", 13, "none"},
        {"gox \2\0\0\0", 8, "none"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_STRING_EQUAL(name_of(goxel_format_recognise((const uint8_t *)rows[i].bytes, rows[i].len)),
                               rows[i].name);
    /* No two rows could both be meant. */
    for (const struct goxel_format *a = goxel_formats; a->name; a++) {
        for (const struct goxel_format *b = goxel_formats; a->magic && b->name; b++)
            CU_ASSERT(a == b || !b->magic || strncmp(a->magic, b->magic, strlen(a->magic)) != 0);
    }
}

static int read_none(const struct goxel_import *import, struct goxel_project **ret_project)
{
    (void)import;
    (void)ret_project;
    return GOXEL_ERROR_INVALID_DATA;
}

/* What a page of a made-up row says. */
static void a_page_tells_limits_and_options(void)
{
    static const struct goxel_format_option options[] = {
        {"scale", GOXEL_FORMAT_OUT, GOXEL_FORMAT_NUMBER, "1", 0.001, 1000, NULL, "how long a voxel is"},
        {"mesher", GOXEL_FORMAT_IN | GOXEL_FORMAT_OUT, GOXEL_FORMAT_CHOICE, "b", 0, 0, "a b", "which"},
        {"deep", GOXEL_FORMAT_OUT, GOXEL_FORMAT_FLAG, "false", 0, 0, NULL, "more", .only = {"mesher", "a"},
         .alias = "down"},
        {.name = NULL},
    };
    static const struct goxel_format rows[] = {
        {"x", "x xx", "model/x", "An X", .limits = {.colors = 255, .size = 256, .plane = 99},
         .options = options, .companion = "y", .notes = "So it is.", .magic = "X!", .read = read_none},
        {.name = NULL},
    };
    struct goxel_buf page;

    goxel_buf_init(&page, GOXEL_FORMATS_PAGE_MAX);
    goxel_formats_write(rows, &page);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(page.data, "\n| x | An X | `.x` `.xx` | yes |  | 255 |  |  |  | 256 | 99 |\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(page.data, "\n## x\n\nAn X, `model/x`. So it is. With it may go a file of the format y "));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(page.data, "\n| scale | writing | number from 0.001 to 1000 | 1 | how long a voxel is |\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(page.data, "\n| mesher | both | `a` `b` | b | which |\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(
        page.data,
        "\n| deep | writing | boolean | false | more. Only with `mesher` `a` (`down` is the same) |\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(page.data, "the content does for these: x.\n"));
    goxel_buf_finish(&page);
}

/* A companion is written as its file is; a strict caller learns all that would be lost. */
static void options_are_shared_and_warnings_told(void)
{
    static const struct goxel_format_option main_rows[] = {
        {"scale", GOXEL_FORMAT_OUT, GOXEL_FORMAT_NUMBER, "1", 0, 9, NULL, "-"},
        {"deep", GOXEL_FORMAT_OUT, GOXEL_FORMAT_FLAG, "false", 0, 0, NULL, "-"},
        {.name = NULL},
    };
    static const struct goxel_format_option beside_rows[] = {
        {"other", GOXEL_FORMAT_OUT, GOXEL_FORMAT_INT, "7", 0, 9, NULL, "-"},
        {"deep", GOXEL_FORMAT_OUT, GOXEL_FORMAT_INT, "3", 0, 9, NULL, "-"},
        {"scale", GOXEL_FORMAT_OUT, GOXEL_FORMAT_NUMBER, "1", 0, 9, NULL, "-"},
        {.name = NULL},
    };
    static const struct goxel_format main_row = {.name = "x", .options = main_rows};
    static const struct goxel_format beside_row = {.name = "y", .options = beside_rows};
    struct goxel_format_options of_main, of_beside;
    struct goxel_warnings warnings = {.count = 0};
    struct goxel_detail detail;

    goxel_format_options_init(&of_main, &main_row);
    goxel_format_options_init(&of_beside, &beside_row);
    CU_ASSERT_EQUAL(goxel_format_options_set(&of_main, GOXEL_FORMAT_OUT, "scale", "2.5", NULL), 0);
    CU_ASSERT_EQUAL(goxel_format_options_set(&of_main, GOXEL_FORMAT_OUT, "deep", "true", NULL), 0);
    goxel_format_options_share(&of_beside, &of_main);
    CU_ASSERT_EQUAL(goxel_format_number(&of_beside, "scale"), 2.5);
    CU_ASSERT_EQUAL(goxel_format_int(&of_beside, "other"), 7);
    CU_ASSERT_EQUAL(goxel_format_int(&of_beside, "deep"), 3); /* of another kind */

    CU_ASSERT_EQUAL(goxel_format_check_strict(&warnings, &detail), 0);
    goxel_warn(&warnings, "a", 2);
    goxel_warn(&warnings, "b", 1);
    CU_ASSERT_EQUAL(goxel_format_check_strict(&warnings, &detail), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_STRING_EQUAL(detail.text, "strict: a (2), and more");
    CU_ASSERT_EQUAL_FATAL(detail.warnings.count, 2);
    CU_ASSERT_STRING_EQUAL(detail.warnings.rows[1].what, "b");
}

/* An option tells of itself where it would do nothing; in the other direction, where there is nothing it depends on, it may be told. */
static void options_without_effect_are_refused(void)
{
    static const struct {
        const char *format;
        enum goxel_format_use use;
        const char *texts[3][2];
        const char *field; /* NULL: all is well */
    } cases[] = {
        {"png", GOXEL_FORMAT_IN, {{"axis", "x"}}, "options.axis"},
        {"png", GOXEL_FORMAT_IN, {{"axis", "x"}, {"mode", "slices"}}, NULL},
        {"png", GOXEL_FORMAT_IN, {{"mode", "heightmap"}, {"axis", "z"}}, "options.axis"},
        {"png", GOXEL_FORMAT_IN, {{"depth", "4"}}, "options.depth"},
        {"png", GOXEL_FORMAT_IN, {{"depth", "4"}, {"mode", "extrude"}}, NULL},
        {"png", GOXEL_FORMAT_OUT, {{"axis", "x"}}, NULL},
        {"obj", GOXEL_FORMAT_OUT, {{"normals", "true"}}, NULL},
        {"obj", GOXEL_FORMAT_OUT, {{"normals", "true"}, {"mesher", "smooth"}}, NULL},
        {"obj", GOXEL_FORMAT_OUT, {{"normals", "false"}, {"mesher", "manifold"}}, "options.normals"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_format_options options;
        struct goxel_detail detail;
        int code;

        goxel_detail_init(&detail);
        goxel_format_options_init(&options, goxel_format_named(cases[i].format, cases[i].use));
        for (size_t k = 0; cases[i].texts[k][0]; k++)
            CU_ASSERT_EQUAL(goxel_format_options_set(&options, cases[i].use, cases[i].texts[k][0],
                                                     cases[i].texts[k][1], NULL),
                            0);
        code = goxel_format_options_check(&options, cases[i].use, &detail);
        CU_ASSERT_EQUAL(code, cases[i].field ? GOXEL_ERROR_INVALID_PARAMS : 0);
        CU_ASSERT_STRING_EQUAL(detail.field, cases[i].field ? cases[i].field : "");
    }
}

static void an_alias_is_the_option(void)
{
    struct goxel_format_options options;
    struct goxel_detail detail;

    goxel_format_options_init(&options, goxel_format_named("png", GOXEL_FORMAT_IN));
    CU_ASSERT_FALSE(goxel_format_given(&options, "alpha_min"));
    CU_ASSERT_EQUAL(goxel_format_options_set(&options, GOXEL_FORMAT_IN, "threshold_alpha", "9", NULL), 0);
    CU_ASSERT(goxel_format_given(&options, "alpha_min"));
    CU_ASSERT_EQUAL(goxel_format_int(&options, "alpha_min"), 9);
    CU_ASSERT_EQUAL(goxel_format_options_set(&options, GOXEL_FORMAT_IN, "threshold_alpha", "0", &detail),
                    GOXEL_ERROR_INVALID_PARAMS);
    CU_ASSERT_STRING_EQUAL(detail.field, "options.threshold_alpha");
}

/* Of what is not shown some formats keep what it is. Nothing at all is told by every one that is not native. */
static void nothing_is_told(void)
{
    for (const struct goxel_format *format = goxel_formats; format->name; format++) {
        for (int filled = 0; filled < 2 && format->write; filled++) {
            struct goxel_project *project = goxel_project_create("p");
            struct goxel_warnings warnings = {.count = 0};
            struct goxel_layer *layer;
            struct goxel_buf out;
            bool told = false;

            CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
            if (filled)
                goxel_volume_set_at(layer->volume, (struct goxel_pos){0, 0, 0},
                                    (struct goxel_color){255, 255, 255, 255});
            goxel_buf_init(&out, GOXEL_FILE_MAX);
            CU_ASSERT_EQUAL(write_as(format->name, project, NULL, &warnings, NULL, &out), 0);
            for (size_t i = 0; i < warnings.count; i++)
                told = told || strcmp(warnings.rows[i].what, "no voxels: the model is empty") == 0;
            CU_ASSERT_EQUAL(told, !filled && !format->native);
            goxel_buf_finish(&out);
            goxel_project_unref(project);
        }
    }
}

static const struct unit_test tests[] = {
    {"docs/formats.md is up to date", the_page_is_the_table},
    {"files are recognised", files_are_recognised},
    {"a page tells limits and options", a_page_tells_limits_and_options},
    {"options are shared and warnings told", options_are_shared_and_warnings_told},
    {"options without effect are refused", options_without_effect_are_refused},
    {"an alias is the option", an_alias_is_the_option},
    {"nothing is told", nothing_is_told},
    {"formats are found by name and path", formats_are_found_by_name_and_path},
    {"equal warnings add up", equal_warnings_add_up},
    {"every format round-trips, stops, and keeps to its ceiling", every_format_round_trips},
    {"failed allocations are ordinary errors", failed_allocations_are_ordinary_errors},
    {NULL, NULL},
};

const struct unit_suite suite_format = {"format", tests};
