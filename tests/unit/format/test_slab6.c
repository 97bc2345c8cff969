/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ken Silverman's formats, SLAB6's .vox, .kvx and .kv6: models stand upright, and false claims are refused. */
#include "format/slab6.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "format/slab.h"
#include "io.h"
#include "unit.h"

/* Colour i of the made-up palette, and what becomes of its six bits. */
static void put_palette(struct goxel_buf *file)
{
    for (int i = 0; i < 256; i++) {
        goxel_buf_putc(file, (char)(i % 64));
        goxel_buf_putc(file, (char)(63 - i % 64));
        goxel_buf_putc(file, (char)(i / 4));
    }
}

static uint8_t of_six(int value)
{
    return (uint8_t)(value * 255.0 / 63 + 0.5);
}

static bool has(const struct goxel_project *project, int x, int y, int z, int index)
{
    const struct goxel_color expected = {of_six(index % 64), of_six(63 - index % 64), of_six(index / 4), 255};
    struct goxel_color got = goxel_volume_get_at(project->layers[0]->volume, (struct goxel_pos){x, y, z});

    return memcmp(&got, &expected, sizeof(got)) == 0;
}

static void put_numbers(struct goxel_buf *file, const uint32_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        goxel_buf_put_le32(file, numbers[i]);
}
#define NUMBERS(file, ...) \
    put_numbers(file, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void put_u16(struct goxel_buf *file, unsigned value)
{
    goxel_buf_putc(file, (char)value);
    goxel_buf_putc(file, (char)(value >> 8));
}

/* ---- files made by hand ---- */

/* 2 × 3 × 4 with a tower of three at (1, 0), whose Z goes down: its top is 1. */
static void make_slab6(struct goxel_buf *file)
{
    goxel_buf_init(file, 1 << 20);
    NUMBERS(file, 2, 3, 4);
    for (int i = 0; i < 24; i++) {
        int x = i / 12, y = i / 4 % 3, z = i % 4;

        goxel_buf_putc(file, (char)(x == 1 && y == 0 && z > 0 ? 10 + z : 255));
    }
    put_palette(file);
}

/* The same tower, in a slab of two and one of one, and a voxel at (0, 2, 0); the pivot is in its middle. A second level follows. */
static void make_kvx(struct goxel_buf *file)
{
    static const uint8_t slabs[] = {0, 1, 63, 99, 1, 2, 31, 11, 12, 3, 1, 63, 13};
    const uint32_t data = 4 * 3 + 2 * 2 * 4;
    static const unsigned columns[] = {0, 0, 0, 4, 0, 9, 9, 9};

    goxel_buf_init(file, 1 << 20);
    goxel_buf_put_le32(file, 24 + data + sizeof(slabs));
    NUMBERS(file, 2, 3, 4, 256, 384, 512);
    NUMBERS(file, data, data + 4, data + 13);
    for (size_t i = 0; i < 8; i++)
        put_u16(file, columns[i]);
    goxel_buf_append(file, slabs, sizeof(slabs));
    goxel_buf_put_le32(file, 5);
    goxel_buf_append(file, "other", 5);
    put_palette(file);
}

static void put_kv6_voxel(struct goxel_buf *file, uint8_t red, uint8_t green, uint8_t blue, unsigned z)
{
    const uint8_t color[4] = {blue, green, red, 128};

    goxel_buf_append(file, color, 4);
    put_u16(file, z);
    put_u16(file, 63);
}

static void make_kv6(struct goxel_buf *file)
{
    static const float pivot[3] = {1, 1.5f, 2};

    goxel_buf_init(file, 1 << 20);
    goxel_buf_puts(file, "Kvxl");
    NUMBERS(file, 2, 3, 4);
    goxel_buf_append(file, pivot, sizeof(pivot));
    NUMBERS(file, 4);
    put_kv6_voxel(file, 1, 2, 3, 0);
    for (unsigned z = 1; z < 4; z++)
        put_kv6_voxel(file, (uint8_t)(10 * z), 20, 30, z);
    NUMBERS(file, 1, 3);
    for (int i = 0; i < 6; i++)
        put_u16(file, i == 2 ? 1 : i == 3 ? 3 : 0);
    goxel_buf_puts(file, "SPal");
    put_palette(file);
}

static const struct {
    const char *name;
    void (*make)(struct goxel_buf *file);
} kinds[] = {{"slab6", make_slab6}, {"kvx", make_kvx}, {"kv6", make_kv6}};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct goxel_project *read_made(const char *name, struct goxel_buf *file)
{
    struct goxel_project *project = NULL;
    struct goxel_warnings warnings = {0};

    CU_ASSERT_EQUAL(read_as(name, file->data, file->len, NULL, &warnings, NULL, &project), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(project);
    CU_ASSERT_EQUAL(warnings.count, 0);
    goxel_buf_finish(file);
    return project;
}

static void is_refused(const char *name, struct goxel_buf *file, int code)
{
    struct goxel_project *project = NULL;

    CU_ASSERT_EQUAL(read_as(name, file->data, file->len, NULL, NULL, NULL, &project), code);
    CU_ASSERT_PTR_NULL(project);
    goxel_buf_finish(file);
}

/* ---- reading ---- */

static void slab6_stands_on_its_corner(void)
{
    struct goxel_project *project;
    struct goxel_buf file;

    make_slab6(&file);
    project = read_made("slab6", &file);
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 3);
    for (int z = 1; z < 4; z++)
        CU_ASSERT(has(project, 1, 2, 3 - z, 10 + z));
    goxel_project_unref(project);
}

/* The pivot (1, 1.5, 2) is rounded up to a corner. */
static void kvx_lies_around_its_pivot(void)
{
    struct goxel_project *project;
    struct goxel_buf file;

    make_kvx(&file);
    project = read_made("kvx", &file);
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 4);
    CU_ASSERT(has(project, -1, -1, 1, 99));
    for (int z = 1; z < 4; z++)
        CU_ASSERT(has(project, 0, 1, 1 - z, 10 + z));
    goxel_project_unref(project);
}

static void kv6_has_colours_and_a_palette(void)
{
    struct goxel_project *project;
    struct goxel_color color;
    struct goxel_buf file;

    make_kv6(&file);
    project = read_made("kv6", &file);
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 4);
    color = goxel_volume_get_at(project->layers[0]->volume, (struct goxel_pos){-1, -1, 1});
    CU_ASSERT(color.r == 1 && color.g == 2 && color.b == 3 && color.a == 255);
    color = goxel_volume_get_at(project->layers[0]->volume, (struct goxel_pos){0, 1, -2});
    CU_ASSERT(color.r == 30 && color.g == 20 && color.b == 30);
    CU_ASSERT_EQUAL_FATAL(project->scene->palette.count, 256);
    CU_ASSERT_EQUAL(project->scene->palette.entries[63].color.r, 255);
    goxel_project_unref(project);
}

/* Two formats of one extension. */
static void vox_is_told_by_its_content(void)
{
    const struct goxel_format *vox = goxel_format_named("vox", GOXEL_FORMAT_IN);
    struct goxel_project *project = NULL;
    struct goxel_import import = {.len = 0};
    struct goxel_buf file;

    make_slab6(&file);
    import.bytes = (const uint8_t *)file.data;
    import.len = file.len;
    CU_ASSERT_EQUAL(goxel_format_read(vox, &import, true, &project), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(project);
    CU_ASSERT(has(project, 1, 2, 0, 13));
    goxel_project_unref(project);
    CU_ASSERT_STRING_EQUAL(goxel_format_of_bytes(vox, import.bytes, import.len)->name, "slab6");
    CU_ASSERT_STRING_EQUAL(goxel_format_of_bytes(vox, import.bytes, import.len - 1)->name, "vox");
    CU_ASSERT_STRING_EQUAL(goxel_format_of_bytes(vox, (const uint8_t *)"VOX ", 4)->name, "vox");
    CU_ASSERT_STRING_EQUAL(goxel_format_of_path("a.vox", GOXEL_FORMAT_OUT)->name, "vox");
    goxel_buf_finish(&file);
}

static void empty_models_are_a_layer(void)
{
    struct goxel_project *project;
    struct goxel_buf file;

    goxel_buf_init(&file, 1 << 20);
    NUMBERS(&file, 1 << 19, 1 << 19, 0); /* columns without end, and nothing in them */
    put_palette(&file);
    project = read_made("slab6", &file);
    CU_ASSERT_EQUAL(project->layer_count, 1);
    goxel_project_unref(project);
    goxel_buf_init(&file, 1 << 20);
    NUMBERS(&file, 28, 0, 0, 0, 0, 0, 0, 4);
    put_palette(&file);
    project = read_made("kvx", &file);
    CU_ASSERT_EQUAL(project->layer_count, 1);
    goxel_project_unref(project);
}

/*
 * Without its palette a kv6 is one, and a kvx that lacks as many bytes as its second level has looks as if it had none. Cut
 * anywhere else they are none.
 */
static void every_truncation_is_refused(void)
{
    for (size_t k = 0; k < KINDS; k++) {
        size_t optional = 0;
        struct goxel_buf file;

        kinds[k].make(&file);
        if (strcmp(kinds[k].name, "kv6") == 0)
            optional = file.len - GOXEL_SLAB_PALETTE_BYTES - 4;
        if (strcmp(kinds[k].name, "kvx") == 0)
            optional = file.len - 9;
        for (size_t len = 0; len < file.len; len++) {
            struct goxel_project *project = NULL;
            struct goxel_detail detail;
            uint8_t *cut = malloc(len + 1);
            int code;

            memcpy(cut, file.data, len);
            code = read_as(kinds[k].name, cut, len, NULL, NULL, &detail, &project);
            if (optional && len == optional) {
                CU_ASSERT_EQUAL(code, 0);
            } else {
                CU_ASSERT_EQUAL(code, GOXEL_ERROR_INVALID_DATA);
                CU_ASSERT(detail.offset >= 0 && detail.offset <= (int64_t)len && detail.expected[0]);
            }
            CU_ASSERT_EQUAL(project == NULL, code != 0);
            goxel_project_unref(project);
            free(cut);
        }
        goxel_buf_finish(&file);
    }
}

static void every_flipped_bit_is_survived(void)
{
    for (size_t k = 0; k < KINDS; k++) {
        int read = 0, refused = 0;
        struct goxel_buf file;

        kinds[k].make(&file);
        for (size_t i = 0; i < 8 * (file.len - GOXEL_SLAB_PALETTE_BYTES); i++) {
            struct goxel_project *project = NULL;

            file.data[i / 8] ^= (char)(1 << i % 8);
            if (read_as(kinds[k].name, file.data, file.len, NULL, NULL, NULL, &project))
                refused++;
            else
                read++;
            goxel_project_unref(project);
            file.data[i / 8] ^= (char)(1 << i % 8);
        }
        CU_ASSERT(read > 0 && refused > 0);
        goxel_buf_finish(&file);
    }
}

static void false_claims_are_refused(void)
{
    static const struct {
        const char *name;
        void (*make)(struct goxel_buf *file);
        size_t at;
        uint8_t byte;
        int code;
    } cases[] = {
        {"slab6", make_slab6, 3, 0x3f, GOXEL_ERROR_INVALID_DATA}, /* a size of 2^30 */
        {"slab6", make_slab6, 3, 0xff, GOXEL_ERROR_INVALID_DATA}, /* a negative one */
        {"kvx", make_kvx, 4, 0xff, GOXEL_ERROR_INVALID_DATA},     /* more columns than tables */
        {"kvx", make_kvx, 12, 3, GOXEL_ERROR_INVALID_DATA},       /* a slab below the ground */
        {"kvx", make_kvx, 28, 27, GOXEL_ERROR_INVALID_DATA},      /* columns in the tables */
        {"kvx", make_kvx, 32, 29, GOXEL_ERROR_INVALID_DATA},      /* an x in the one before */
        {"kvx", make_kvx, 48, 3, GOXEL_ERROR_INVALID_DATA},       /* a column that ends before it begins */
        {"kvx", make_kvx, 57, 200, GOXEL_ERROR_INVALID_DATA},     /* a slab longer than its column */
        {"kvx", make_kvx, 19, 0x7f, GOXEL_ERROR_INVALID_COORDINATES},
        {"kv6", make_kv6, 0, 'L', GOXEL_ERROR_INVALID_DATA},
        {"kv6", make_kv6, 31, 0x7f, GOXEL_ERROR_INVALID_DATA}, /* 2^31 voxels */
        {"kv6", make_kv6, 19, 0x7e, GOXEL_ERROR_INVALID_COORDINATES},
        {"kv6", make_kv6, 36, 4, GOXEL_ERROR_INVALID_DATA}, /* a voxel below the ground */
        {"kv6", make_kv6, 76, 0, GOXEL_ERROR_INVALID_DATA}, /* voxels of no column */
        {"kv6", make_kv6, 76, 2, GOXEL_ERROR_INVALID_DATA}, /* a column of other voxels than there are */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_buf file;

        cases[i].make(&file);
        file.data[cases[i].at] = (char)cases[i].byte;
        is_refused(cases[i].name, &file, cases[i].code);
    }
}

/* Few bytes for many bricks: a voxel in each of 17 × 4095. */
static void bricks_have_a_ceiling(void)
{
    const uint32_t columns = 17, voxels = 4095;
    struct goxel_buf file;

    goxel_buf_init(&file, 1 << 20);
    goxel_buf_puts(&file, "Kvxl");
    NUMBERS(&file, 16 * columns, 1, 65535, 0, 0, 0, columns * voxels);
    for (uint32_t i = 0; i < columns * voxels; i++)
        put_kv6_voxel(&file, 1, 2, 3, i % voxels * 16);
    for (uint32_t i = 0; i < 16 * columns; i++)
        goxel_buf_put_le32(&file, 0);
    for (uint32_t i = 0; i < 16 * columns; i++)
        put_u16(&file, i % 16 ? 0 : voxels);
    is_refused("kv6", &file, GOXEL_ERROR_QUOTA);
}

static void failed_allocations_are_ordinary_errors(void)
{
    if (unit_fail_allocation(-1) < 0) {
        unit_skip("allocations cannot be made to fail here");
        return;
    }
    for (size_t k = 0; k < KINDS; k++) {
        int result = GOXEL_ERROR_OUT_OF_MEMORY, n;
        struct goxel_project *project = NULL;
        struct goxel_buf file;

        kinds[k].make(&file);
        for (n = 0; result && n < 10000; n++) {
            unit_fail_allocation(n);
            result = read_as(kinds[k].name, file.data, file.len, NULL, NULL, NULL, &project);
            unit_fail_allocation(-1);
            CU_ASSERT(result == 0 || result == GOXEL_ERROR_OUT_OF_MEMORY);
        }
        CU_ASSERT(n > 3);
        CU_ASSERT_EQUAL(result, 0);
        goxel_project_unref(project);
        goxel_buf_finish(&file);
    }
}

static void a_raised_cancel_ends_reading(void)
{
    struct goxel_cancel cancel;

    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    for (size_t k = 0; k < KINDS; k++) {
        struct goxel_project *project = NULL;
        struct goxel_buf file;

        kinds[k].make(&file);
        CU_ASSERT_EQUAL(read_as(kinds[k].name, file.data, file.len, &cancel, NULL, NULL, &project),
                        GOXEL_ERROR_SHUTTING_DOWN);
        CU_ASSERT_PTR_NULL(project);
        goxel_buf_finish(&file);
    }
}

/* ---- other programs' files ---- */

/* Counts, bounds and colours are those of a reader that was written apart; of the kvx Debian's Goxel sees the same voxels. */
static void other_programs_files_load(void)
{
    static const struct {
        const char *format, *name;
        int64_t voxels;
        struct goxel_box box;
        struct goxel_pos pos;
        struct goxel_color color;
    } models[] = {
        {"slab6", "slab6_vox_test.vox", 2612, {{0, 0, 0}, {38, 12, 42}}, {0, 4, 25}, {219, 174, 125, 255}},
        {"kvx", "test.kvx", 10858, {{-25, -25, -32}, {24, 24, 31}}, {-25, -25, -32}, {210, 105, 81, 255}},
        {"kv6", "voxlap5.kv6", 2480, {{-23, -2, -12}, {22, 1, 11}}, {22, 1, 11}, {103, 61, 41, 255}},
    };
    const char *folder = unit_models();

    if (!folder) {
        unit_skip("GOXEL_TEST_MODELS is not set");
        return;
    }
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        struct goxel_project *project;
        struct goxel_color color;
        struct goxel_box box;
        struct goxel_buf file;
        char path[4096];

        snprintf(path, sizeof(path), "%s/%s", folder, models[i].name);
        goxel_buf_init(&file, 1 << 24);
        CU_ASSERT_EQUAL_FATAL(goxel_file_read(AT_FDCWD, path, &file, NULL), 0);
        project = read_made(models[i].format, &file);
        CU_ASSERT_EQUAL(goxel_project_voxels(project), models[i].voxels);
        CU_ASSERT(goxel_volume_bounds(project->layers[0]->volume, &box));
        CU_ASSERT(memcmp(&box, &models[i].box, sizeof(box)) == 0);
        color = goxel_volume_get_at(project->layers[0]->volume, models[i].pos);
        CU_ASSERT(memcmp(&color, &models[i].color, sizeof(color)) == 0);
        goxel_project_unref(project);
    }
}

static const struct unit_test tests[] = {
    {"slab6 stands on its corner", slab6_stands_on_its_corner},
    {"kvx lies around its pivot", kvx_lies_around_its_pivot},
    {"kv6 has colours and a palette", kv6_has_colours_and_a_palette},
    {"vox is told by its content", vox_is_told_by_its_content},
    {"empty models are a layer", empty_models_are_a_layer},
    {"every truncation is refused", every_truncation_is_refused},
    {"every flipped bit is survived", every_flipped_bit_is_survived},
    {"false claims are refused", false_claims_are_refused},
    {"bricks have a ceiling", bricks_have_a_ceiling},
    {"failed allocations are ordinary errors", failed_allocations_are_ordinary_errors},
    {"a raised cancel ends reading", a_raised_cancel_ends_reading},
    {"other programs' files load", other_programs_files_load},
    {NULL, NULL},
};

const struct unit_suite suite_slab6 = {"slab6", tests};
