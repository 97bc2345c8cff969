/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PNG as a file of voxels: slices out and in, pictures in. */
#include "format/png_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "format/png.h"
#include "unit.h"

/* Options as "mode=slices depth=3". */
static int set_options(const char *texts, enum goxel_format_use use, struct goxel_format_options *options)
{
    char *copy = strdup(texts), *left = copy, *option;
    int code = 0;

    goxel_format_options_init(options, goxel_format_named("png", use));
    while (!code && (option = strsep(&left, " "))) {
        char *value = strchr(option, '=');

        if (!value)
            continue;
        *value++ = '\0';
        code = goxel_format_options_set(options, use, option, value, NULL);
    }
    free(copy);
    return code;
}

static int read_png(const struct goxel_buf *file, const char *texts, struct goxel_warnings *warnings,
                    struct goxel_detail *detail, struct goxel_project **ret_project)
{
    struct goxel_format_options options;
    const struct goxel_import import = {.bytes = (const uint8_t *)file->data,
                                        .len = file->len,
                                        .options = &options,
                                        .warnings = warnings,
                                        .detail = detail};
    int code = set_options(texts, GOXEL_FORMAT_IN, &options);

    return code ? code : goxel_format_read(options.format, &import, false, ret_project);
}

static int write_png(const struct goxel_project *project, const char *texts, struct goxel_detail *detail,
                     struct goxel_buf *out)
{
    struct goxel_format_options options;
    const struct goxel_export export = {.project = project, .options = &options, .detail = detail};
    int code = set_options(texts, GOXEL_FORMAT_OUT, &options);

    goxel_buf_init(out, GOXEL_FILE_MAX);
    return code ? code : goxel_format_write(options.format, &export, false, out);
}

static struct goxel_project *make_project(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer;

    goxel_project_add_layer(project, NULL, -1, &layer, NULL);
    goxel_volume_set_at(layer->volume, (struct goxel_pos){-3, 7, 20}, (struct goxel_color){1, 2, 3, 255});
    goxel_volume_set_at(layer->volume, (struct goxel_pos){-1, 8, 23}, (struct goxel_color){4, 5, 6, 7});
    goxel_volume_set_at(layer->volume, (struct goxel_pos){-2, 7, 21}, (struct goxel_color){8, 9, 10, 255});
    return project;
}

static bool pixel_is(const struct goxel_picture *picture, unsigned x, unsigned y, struct goxel_color color)
{
    return memcmp(&picture->pixels[y * picture->width + x], &color, sizeof(color)) == 0;
}

/* 3 × 2 × 4 voxels, whichever way they are cut: side by side, the smallest first, nothing turned over. */
static void slices_lie_side_by_side(void)
{
    static const struct {
        const char *options;
        unsigned width, height, x[3], y[3]; /* where the three voxels are */
    } cases[] = {
        {"axis=z", 4 * 3, 2, {0, 3 * 3 + 2, 3 + 1}, {0, 1, 0}},
        {"axis=y", 2 * 3, 4, {0, 3 + 2, 1}, {0, 3, 1}},
        {"axis=x level=9", 3 * 2, 4, {0, 2 * 2 + 1, 2}, {0, 3, 1}},
    };
    struct goxel_project *project = make_project();

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_picture picture = {0};
        struct goxel_project *again = NULL;
        struct goxel_buf file;

        CU_ASSERT_EQUAL_FATAL(write_png(project, cases[i].options, NULL, &file), 0);
        CU_ASSERT_EQUAL_FATAL(goxel_png_load((const uint8_t *)file.data, file.len, NULL, &picture), 0);
        CU_ASSERT_EQUAL_FATAL(picture.width, cases[i].width);
        CU_ASSERT_EQUAL_FATAL(picture.height, cases[i].height);
        CU_ASSERT(pixel_is(&picture, cases[i].x[0], cases[i].y[0], (struct goxel_color){1, 2, 3, 255}));
        CU_ASSERT(pixel_is(&picture, cases[i].x[1], cases[i].y[1], (struct goxel_color){4, 5, 6, 7}));
        CU_ASSERT(pixel_is(&picture, cases[i].x[2], cases[i].y[2], (struct goxel_color){8, 9, 10, 255}));
        goxel_picture_finish(&picture);
        CU_ASSERT_EQUAL_FATAL(read_png(&file, "", NULL, NULL, &again), 0);
        CU_ASSERT(goxel_volume_equal(again->layers[0]->volume, project->layers[0]->volume));
        goxel_project_unref(again);
        goxel_buf_finish(&file);
    }
    goxel_project_unref(project);
}

static void effort_makes_it_small(void)
{
    struct goxel_project *project = make_project();
    const struct goxel_box box = {{0, 0, 0}, {31, 31, 31}};
    struct goxel_buf fast, small, plain;

    goxel_volume_fill(project->layers[0]->volume, &box, (struct goxel_color){1, 2, 3, 255}, NULL);
    CU_ASSERT_EQUAL_FATAL(write_png(project, "", NULL, &fast), 0);
    CU_ASSERT_EQUAL_FATAL(write_png(project, "level=9", NULL, &small), 0);
    CU_ASSERT_EQUAL_FATAL(write_png(project, "level=0", NULL, &plain), 0);
    CU_ASSERT(small.len < fast.len && fast.len * 4 < plain.len);
    goxel_buf_finish(&fast);
    goxel_buf_finish(&small);
    goxel_buf_finish(&plain);
    goxel_project_unref(project);
}

/* As another program would have written them. */
static void slices_are_read_as_told(void)
{
    struct goxel_color pixels[8][4] = {{{0}}};
    struct goxel_project *project = NULL;
    const struct goxel_volume *volume;
    struct goxel_detail detail;
    struct goxel_buf file;

    pixels[1][3] = (struct goxel_color){1, 2, 3, 255};
    pixels[7][0] = (struct goxel_color){4, 5, 6, 99};
    goxel_buf_init(&file, GOXEL_FILE_MAX);
    goxel_png_write(pixels[0], 16, 2, &file);
    CU_ASSERT_EQUAL_FATAL(read_png(&file, "mode=slices depth=4", NULL, NULL, &project), 0);
    volume = project->layers[0]->volume;
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 2);
    CU_ASSERT_EQUAL(goxel_volume_get_at(volume, (struct goxel_pos){3, 0, 1}).r, 1);
    CU_ASSERT_EQUAL(goxel_volume_get_at(volume, (struct goxel_pos){0, 1, 3}).a, 99);
    goxel_project_unref(project);

    CU_ASSERT_EQUAL_FATAL(read_png(&file, "mode=slices depth=4 axis=x alpha_min=100", NULL, NULL, &project),
                          0);
    volume = project->layers[0]->volume;
    CU_ASSERT_EQUAL(goxel_volume_count(volume), 1);
    CU_ASSERT_EQUAL(goxel_volume_get_at(volume, (struct goxel_pos){1, 3, 0}).r, 1);
    goxel_project_unref(project);

    /* As many as are square: 8 of 2 × 2. */
    CU_ASSERT_EQUAL_FATAL(read_png(&file, "mode=slices", NULL, NULL, &project), 0);
    volume = project->layers[0]->volume;
    CU_ASSERT_EQUAL(goxel_volume_get_at(volume, (struct goxel_pos){1, 0, 3}).r, 1);
    CU_ASSERT_EQUAL(goxel_volume_get_at(volume, (struct goxel_pos){0, 1, 6}).r, 4);
    goxel_project_unref(project);

    project = NULL;
    CU_ASSERT_EQUAL(read_png(&file, "mode=slices depth=5", NULL, &detail, &project),
                    GOXEL_ERROR_INVALID_PARAMS);
    CU_ASSERT_STRING_EQUAL(detail.field, "options.depth");
    CU_ASSERT_STRING_EQUAL(detail.value, "5");
    CU_ASSERT_PTR_NULL(project);
    goxel_buf_finish(&file);
}

/* Neither the option nor the file says how many there are, and they are not square. */
static void slices_have_to_be_counted(void)
{
    static const struct goxel_color pixels[10] = {{0}};
    struct goxel_project *project = NULL;
    struct goxel_detail detail;
    struct goxel_buf file;

    goxel_buf_init(&file, GOXEL_FILE_MAX);
    goxel_png_write(pixels, 5, 2, &file);
    CU_ASSERT_EQUAL(read_png(&file, "mode=slices", NULL, &detail, &project), GOXEL_ERROR_INVALID_PARAMS);
    CU_ASSERT_STRING_EQUAL(detail.field, "options.depth");
    CU_ASSERT_STRING_EQUAL(detail.value, "");
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.expected, "which is 5 (the file does not say it)"));
    goxel_buf_finish(&file);
}

/* What we write tells how it is to be read, also to one who says that it is slices. */
static void own_slices_are_counted_by_the_file(void)
{
    struct goxel_project *project = make_project(), *again = NULL;
    struct goxel_buf file;

    goxel_buf_init(&file, GOXEL_FILE_MAX);
    CU_ASSERT_EQUAL_FATAL(write_png(project, "axis=y", NULL, &file), 0);
    CU_ASSERT_EQUAL_FATAL(read_png(&file, "mode=slices", NULL, NULL, &again), 0);
    CU_ASSERT(goxel_volume_equal(again->layers[0]->volume, project->layers[0]->volume));
    goxel_project_unref(again);
    goxel_project_unref(project);
    goxel_buf_finish(&file);
}

static void pictures_are_columns(void)
{
    static const struct {
        const char *options;
        int64_t voxels;
    } cases[] = {
        {"", 6},
        {"mode=picture", 6},
        {"mode=extrude", 6 * 16},
        {"mode=extrude depth=3", 6 * 3},
        {"alpha_min=101", 5},
        {"mode=heightmap depth=100", 5 + 100},
        {"mode=heightmap depth=100 alpha_min=101", 4 + 100},
    };
    struct goxel_color pixels[6] = {{0, 0, 0, 255}, {0, 0, 0, 255}, {0, 0, 0, 255},
                                    {0, 0, 0, 255}, {0, 0, 0, 100}, {255, 255, 255, 255}};
    struct goxel_project *project = NULL;
    struct goxel_detail detail;
    struct goxel_buf file;

    goxel_buf_init(&file, GOXEL_FILE_MAX);
    goxel_png_write(pixels, 3, 2, &file);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CU_ASSERT_EQUAL_FATAL(read_png(&file, cases[i].options, NULL, NULL, &project), 0);
        CU_ASSERT_EQUAL(goxel_project_voxels(project), cases[i].voxels);
        goxel_project_unref(project);
    }
    project = NULL;
    CU_ASSERT_EQUAL(read_png(&file, "mode=picture depth=2", NULL, &detail, &project),
                    GOXEL_ERROR_INVALID_PARAMS);
    CU_ASSERT_STRING_EQUAL(detail.field, "options.depth");
    CU_ASSERT_EQUAL(read_png(&file, "mode=extrude depth=4097", NULL, &detail, &project),
                    GOXEL_ERROR_INVALID_PARAMS);
    CU_ASSERT_PTR_NULL(project);
    goxel_buf_finish(&file);
}

static int clear_row(void *ctx, unsigned y, struct goxel_color *ret_pixels)
{
    (void)y;
    for (int i = 0; i < *(const int *)ctx; i++)
        ret_pixels[i] = (struct goxel_color){9, 9, 9, 255};
    return 0;
}

/* What a chunk claims that cannot be so makes a picture of it. */
static void false_chunks_are_ignored(void)
{
    static const struct {
        const char *text;
        bool slices;
    } cases[] = {
        {"z 4 0 0 0", true},
        {"x 2 -1048576 0 1048574", true},
        {"z 3 0 0 0", false},
        {"z 0 0 0 0", false},
        {"z -4 0 0 0", false},
        {"w 4 0 0 0", false},
        {"z 4 0 0", false},
        {"z 4 0 0 0 ", false},
        {"z 4 0 0 0 0", false},
        {"z 4 1048575 0 0", false},
        {"z 4 0 99999999999999999999 0", false},
        {"", false},
        {"z", false},
        {"z 4 0 0 0 and then something that is longer than any place that somebody could have thought of here",
         false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int width = 8;
        const struct goxel_png_source source = {.width = 8,
                                                .height = 2,
                                                .level = 1,
                                                .keyword = "goxel-slices",
                                                .text = cases[i].text,
                                                .row = clear_row,
                                                .ctx = &width};
        struct goxel_project *project = NULL;
        struct goxel_box box;
        struct goxel_buf file;

        goxel_buf_init(&file, GOXEL_FILE_MAX);
        CU_ASSERT_EQUAL_FATAL(goxel_png_write_rows(&source, &file), 0);
        CU_ASSERT_EQUAL_FATAL(read_png(&file, "", NULL, NULL, &project), 0);
        CU_ASSERT_EQUAL(goxel_project_voxels(project), 16);
        goxel_volume_bounds(project->layers[0]->volume, &box);
        CU_ASSERT_EQUAL(box.max.x - box.min.x != 7, cases[i].slices);
        goxel_project_unref(project);
        goxel_buf_finish(&file);
    }
}

/* A few bytes that are a million voxels far from each other. */
static void thin_slices_have_a_ceiling(void)
{
    int width = 1 << 17;
    const struct goxel_png_source source = {.width = (unsigned)width,
                                            .height = 1,
                                            .level = 9,
                                            .keyword = "goxel-slices",
                                            .text = "z 131072 0 0 0",
                                            .row = clear_row,
                                            .ctx = &width};
    struct goxel_project *project = NULL;
    struct goxel_buf file;

    goxel_buf_init(&file, GOXEL_FILE_MAX);
    CU_ASSERT_EQUAL_FATAL(goxel_png_write_rows(&source, &file), 0);
    CU_ASSERT_EQUAL_FATAL(read_png(&file, "", NULL, NULL, &project), 0); /* a column: 8192 bricks */
    CU_ASSERT_EQUAL(goxel_volume_bricks(project->layers[0]->volume), 8192);
    goxel_project_unref(project);
    project = NULL;
    CU_ASSERT_EQUAL(read_png(&file, "mode=heightmap depth=4096", NULL, NULL, &project), GOXEL_ERROR_QUOTA);
    CU_ASSERT_PTR_NULL(project);
    goxel_buf_finish(&file);
}

static void what_is_too_large_is_refused(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_detail detail;
    struct goxel_layer *layer;
    struct goxel_buf file;

    goxel_project_add_layer(project, NULL, -1, &layer, NULL);
    goxel_volume_set_at(layer->volume, (struct goxel_pos){0, 0, 0}, (struct goxel_color){1, 1, 1, 255});
    goxel_volume_set_at(layer->volume, (struct goxel_pos){4095, 4095, 1}, (struct goxel_color){1, 1, 1, 255});
    CU_ASSERT_EQUAL(write_png(project, "", &detail, &file), GOXEL_ERROR_QUOTA);
    CU_ASSERT(detail.has_limit);
    CU_ASSERT_EQUAL(detail.limit, GOXEL_PICTURE_PIXELS_MAX);
    CU_ASSERT_EQUAL(detail.given, 2 * 4096 * 4096);
    goxel_buf_finish(&file);
    goxel_volume_set_at(layer->volume, (struct goxel_pos){GOXEL_COORD_MIN, 0, 0},
                        (struct goxel_color){1, 1, 1, 255});
    CU_ASSERT_EQUAL(write_png(project, "axis=x", &detail, &file), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(file.len, 0);
    goxel_buf_finish(&file);
    goxel_project_unref(project);
}

static void every_truncation_is_refused(void)
{
    struct goxel_project *project = make_project(), *again = NULL;
    struct goxel_buf file;

    CU_ASSERT_EQUAL_FATAL(write_png(project, "", NULL, &file), 0);
    for (size_t whole = file.len; file.len > 0;) {
        file.len--;
        CU_ASSERT_EQUAL(read_png(&file, "", NULL, NULL, &again), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_PTR_NULL(again);
        CU_ASSERT(file.len < whole);
    }
    goxel_buf_finish(&file);
    goxel_project_unref(project);
}

static const struct unit_test tests[] = {
    {"slices lie side by side", slices_lie_side_by_side},
    {"effort makes it small", effort_makes_it_small},
    {"slices are read as told", slices_are_read_as_told},
    {"slices have to be counted", slices_have_to_be_counted},
    {"own slices are counted by the file", own_slices_are_counted_by_the_file},
    {"pictures are columns", pictures_are_columns},
    {"false chunks are ignored", false_chunks_are_ignored},
    {"thin slices have a ceiling", thin_slices_have_a_ceiling},
    {"what is too large is refused", what_is_too_large_is_refused},
    {"every truncation is refused", every_truncation_is_refused},
    {NULL, NULL},
};

const struct unit_suite suite_png_row = {"png row", tests};
