/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both kinds of .vxl: the maps of Ace of Spades, and Command & Conquer's models. */
#include "format/vxl.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "format/input.h"
#include "io.h"
#include "unit.h"

#define COLUMNS (512 * 512)

static bool has(const struct goxel_project *project, size_t layer, int x, int y, int z,
                struct goxel_color color)
{
    struct goxel_color got = goxel_volume_get_at(project->layers[layer]->volume, (struct goxel_pos){x, y, z});

    return memcmp(&got, &color, sizeof(got)) == 0;
}

static int64_t warned(const struct goxel_warnings *warnings, const char *what)
{
    for (size_t i = 0; i < warnings->count; i++) {
        if (strcmp(warnings->rows[i].what, what) == 0)
            return warnings->rows[i].count;
    }
    return 0;
}

/* ---- maps ---- */

/* Columns as they are given, and then of one voxel at the bottom. Returns the code. */
static int read_map(const uint8_t *first, size_t len, size_t columns, struct goxel_warnings *warnings,
                    struct goxel_project **ret_project)
{
    static const uint8_t plain[8] = {0, 63, 63, 0, 1, 2, 3, 4};
    struct goxel_buf file;
    int code;

    goxel_buf_init(&file, 1 << 22);
    goxel_buf_append(&file, first, len);
    for (size_t i = columns; i < COLUMNS; i++)
        goxel_buf_append(&file, plain, sizeof(plain));
    code = read_as("vxl", file.data, file.len, NULL, warnings, NULL, ret_project);
    goxel_buf_finish(&file);
    return code;
}

/* An island over the ground: air to 10, colours 10 and 11, rock, a colour at 19 from below; air, and ground from 60 on. */
static const uint8_t island[] = {4, 10, 11, 0,  1, 1, 1, 0, 2, 2, 2, 0, 3, 4, 5, 0, /* its own colours */
                                 0, 60, 60, 20, 9, 8, 7, 0};

static void maps_stand_upright(void)
{
    static const struct goxel_color rock = {103, 64, 40, 255};
    struct goxel_warnings warnings = {0};
    struct goxel_project *project = NULL;

    CU_ASSERT_EQUAL(read_map(island, sizeof(island), 1, &warnings, &project), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(project);
    CU_ASSERT(has(project, 0, 0, 511, 63 - 9, (struct goxel_color){0, 0, 0, 0}));
    CU_ASSERT(has(project, 0, 0, 511, 63 - 10, (struct goxel_color){1, 1, 1, 255}));
    CU_ASSERT(has(project, 0, 0, 511, 63 - 11, (struct goxel_color){2, 2, 2, 255}));
    CU_ASSERT(has(project, 0, 0, 511, 63 - 12, rock));
    CU_ASSERT(has(project, 0, 0, 511, 63 - 18, rock));
    CU_ASSERT(has(project, 0, 0, 511, 63 - 19, (struct goxel_color){5, 4, 3, 255}));
    CU_ASSERT(has(project, 0, 0, 511, 63 - 20, (struct goxel_color){0, 0, 0, 0}));
    CU_ASSERT(has(project, 0, 0, 511, 63 - 60, (struct goxel_color){7, 8, 9, 255}));
    CU_ASSERT(has(project, 0, 0, 511, 0, rock));
    CU_ASSERT(has(project, 0, 1, 511, 0, (struct goxel_color){3, 2, 1, 255}));
    CU_ASSERT(has(project, 0, 511, 0, 0, (struct goxel_color){3, 2, 1, 255}));
    CU_ASSERT_EQUAL(goxel_project_voxels(project), COLUMNS - 1 + 14);
    CU_ASSERT_EQUAL(warnings.count, 1);
    CU_ASSERT_EQUAL(warned(&warnings, "voxels inside, whose colour the file does not say, made brown"), 10);
    goxel_project_unref(project);
}

static void false_spans_are_refused(void)
{
    static const struct {
        size_t at;
        uint8_t byte;
    } cases[] = {
        {0, 1},   /* shorter than its colours */
        {0, 255}, /* longer than the file's first span can be */
        {1, 65},  /* below the ground */
        {2, 64},  /* so too */
        {2, 8},   /* ends before it begins */
        {19, 11}, /* air where there are colours */
        {19, 65}, /* and below the ground */
        {3, 11},  /* air below the first colour */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t changed[sizeof(island)];
        struct goxel_project *project = NULL;

        memcpy(changed, island, sizeof(island));
        changed[cases[i].at] = cases[i].byte;
        CU_ASSERT_EQUAL(read_map(changed, sizeof(changed), 1, NULL, &project), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_PTR_NULL(project);
    }
}

static void cut_maps_are_refused(void)
{
    for (size_t len = 0; len < sizeof(island); len++) {
        struct goxel_project *project = NULL;
        uint8_t *cut = malloc(len + 1);

        memcpy(cut, island, len);
        CU_ASSERT_EQUAL(read_as("vxl", cut, len, NULL, NULL, NULL, &project), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_PTR_NULL(project);
        free(cut);
    }
}

/* ---- Command & Conquer's ---- */

static void put_floats(struct goxel_buf *file, const float *values, size_t count)
{
    goxel_buf_append(file, values, count * sizeof(float));
}

/* A limb of 2 × 1 × 4 voxels: the first column has a run of two, a gap and one; the second is empty. */
static void make_model(struct goxel_buf *file, const float corner[3], bool turned, bool black)
{
    static const uint8_t column[] = {0, 2, 5, 0, 6, 0, 2, 1, 1, 7, 0, 1};
    const uint32_t body = 16 + sizeof(column);
    const float scale = 0.0833333f, mat[12] = {turned ? 0 : 1, 0, 0, 12, 0, 1, 0, 0, 0, 0, 1, 0};
    const float top[3] = {corner[0] + 2, corner[1] + 1, corner[2] + 4};

    goxel_buf_init(file, 1 << 20);
    goxel_buf_append(file, "Voxel Animation", 16);
    goxel_buf_put_le32(file, 1);
    goxel_buf_put_le32(file, 1);
    goxel_buf_put_le32(file, 1);
    goxel_buf_put_le32(file, body);
    goxel_buf_append(file, "\x10\x1f", 2);
    for (int i = 0; i < 768; i++)
        goxel_buf_putc(file, (char)(black ? 0 : i / 3));
    goxel_buf_append(file, "Turret\0\0\0\0\0\0\0\0\0", 16);
    for (int i = 0; i < 3; i++)
        goxel_buf_put_le32(file, 0);
    goxel_buf_put_le32(file, 0);
    goxel_buf_put_le32(file, UINT32_MAX);
    goxel_buf_put_le32(file, sizeof(column) - 1);
    goxel_buf_put_le32(file, UINT32_MAX);
    goxel_buf_append(file, column, sizeof(column));
    goxel_buf_put_le32(file, 0);
    goxel_buf_put_le32(file, 8);
    goxel_buf_put_le32(file, 16);
    put_floats(file, &scale, 1);
    put_floats(file, mat, 12);
    put_floats(file, corner, 3);
    put_floats(file, top, 3);
    goxel_buf_append(file, "\2\1\4\4", 4);
}

static const float corner[3] = {-3, 10.4f, 0};

/* A move of 12 by a scale of a twelfth is a voxel. */
static void limbs_are_layers(void)
{
    for (int black = 0; black < 2; black++) {
        struct goxel_warnings warnings = {0};
        struct goxel_project *project = NULL;
        struct goxel_buf file;

        make_model(&file, corner, black, black);
        CU_ASSERT_EQUAL(read_as("vxl-cc", file.data, file.len, NULL, &warnings, NULL, &project), 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(project);
        CU_ASSERT_EQUAL(project->layer_count, 1);
        CU_ASSERT_STRING_EQUAL(project->layers[0]->name, "Turret");
        CU_ASSERT_EQUAL(goxel_project_voxels(project), 3);
        CU_ASSERT(has(project, 0, -2, 10, 0, (struct goxel_color){5, 5, 5, 255}));
        CU_ASSERT(has(project, 0, -2, 10, 1, (struct goxel_color){6, 6, 6, 255}));
        CU_ASSERT(has(project, 0, -2, 10, 3, (struct goxel_color){7, 7, 7, 255}));
        CU_ASSERT_EQUAL(warned(&warnings, "normals of voxels left out"), 3);
        CU_ASSERT_EQUAL(warned(&warnings, "turns of limbs left out"), black);
        CU_ASSERT_EQUAL(warned(&warnings, "a palette without colours replaced by greys"), black);
        goxel_project_unref(project);
        goxel_buf_finish(&file);
    }
}

static void vxl_is_told_by_its_content(void)
{
    const struct goxel_format *vxl = goxel_format_named("vxl", GOXEL_FORMAT_IN);
    struct goxel_buf file;

    make_model(&file, corner, false, false);
    CU_ASSERT_STRING_EQUAL(vxl->name, "vxl");
    CU_ASSERT_STRING_EQUAL(goxel_format_of_bytes(vxl, (const uint8_t *)file.data, file.len)->name, "vxl-cc");
    CU_ASSERT_STRING_EQUAL(goxel_format_of_bytes(vxl, island, sizeof(island))->name, "vxl");
    goxel_buf_finish(&file);
}

static void cut_models_are_refused(void)
{
    struct goxel_buf file;

    make_model(&file, corner, false, false);
    for (size_t len = 0; len < file.len; len++) {
        struct goxel_project *project = NULL;
        uint8_t *cut = malloc(len + 1);

        memcpy(cut, file.data, len);
        CU_ASSERT_EQUAL(read_as("vxl-cc", cut, len, NULL, NULL, NULL, &project), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_PTR_NULL(project);
        free(cut);
    }
    goxel_buf_finish(&file);
}

static void every_flipped_bit_is_survived(void)
{
    int read = 0, refused = 0;
    struct goxel_buf file;

    make_model(&file, corner, false, false);
    for (size_t i = 0; i < 8 * file.len; i++) {
        struct goxel_project *project = NULL;

        file.data[i / 8] ^= (char)(1 << i % 8);
        if (read_as("vxl-cc", file.data, file.len, NULL, NULL, NULL, &project))
            refused++;
        else
            read++;
        goxel_project_unref(project);
        file.data[i / 8] ^= (char)(1 << i % 8);
    }
    CU_ASSERT(read > 0 && refused > 0);
    goxel_buf_finish(&file);
}

static void limbs_far_away_are_refused(void)
{
    static const float far[3] = {3e6f, 0, 0};
    struct goxel_project *project = NULL;
    struct goxel_buf file;

    make_model(&file, far, false, false);
    CU_ASSERT_EQUAL(read_as("vxl-cc", file.data, file.len, NULL, NULL, NULL, &project),
                    GOXEL_ERROR_INVALID_COORDINATES);
    goxel_buf_finish(&file);
}

/* Limbs of 63 × 63 × 241, all of the same bytes: a voxel in each of their 4 × 4 × 16 bricks. */
#define SIDE 63
#define HEIGHT 241
#define COLUMN_BYTES (15 * 5 + 4 + 1)
#define LIMB_BRICKS (4 * 4 * 16)
static void make_repeated(struct goxel_buf *file, uint32_t limbs)
{
    const uint32_t beginnings = 4 * SIDE * SIDE;
    static const float floats[1 + 12 + 6] = {1, 1, 0, 0, 0, 0, 1,    0,    0,     0,
                                             0, 1, 0, 0, 0, 0, SIDE, SIDE, HEIGHT};

    goxel_buf_init(file, 1 << 20);
    goxel_buf_append(file, "Voxel Animation", 16);
    goxel_buf_put_le32(file, 1);
    goxel_buf_put_le32(file, limbs);
    goxel_buf_put_le32(file, limbs);
    goxel_buf_put_le32(file, beginnings + COLUMN_BYTES);
    for (uint32_t i = 0; i < 2 + 768 + 28 * limbs; i++)
        goxel_buf_putc(file, 1);
    for (int i = 0; i < SIDE * SIDE; i++)
        goxel_buf_put_le32(file, i / SIDE % 16 == 0 && i % SIDE % 16 == 0 ? 0 : UINT32_MAX);
    for (int i = 0; i < 16; i++)
        goxel_buf_append(file, i == 0 ? "\0\1\1\0\1" : "\17\1\1\0\1", 5);
    for (uint32_t i = 0; i < limbs; i++) {
        goxel_buf_put_le32(file, 0);
        goxel_buf_put_le32(file, 0);
        goxel_buf_put_le32(file, beginnings);
        put_floats(file, floats, sizeof(floats) / sizeof(floats[0]));
        goxel_buf_append(file, "\77\77\361\1", 4);
    }
}

/* Before a limb of the file is through: no more than a row of bricks beyond what it may fill. */
static void bricks_are_counted_on_the_way(void)
{
    const int64_t row = LIMB_BRICKS / 4;
    struct goxel_project *project = NULL;
    struct goxel_detail detail;
    struct goxel_buf file;

    make_repeated(&file, 1);
    CU_ASSERT_EQUAL_FATAL(read_as("vxl-cc", file.data, file.len, NULL, NULL, NULL, &project), 0);
    CU_ASSERT_EQUAL(goxel_volume_bricks(project->layers[0]->volume), LIMB_BRICKS);
    goxel_project_unref(project);
    goxel_buf_finish(&file);

    make_repeated(&file, 200);
    while (goxel_import_bricks_max(file.len) % LIMB_BRICKS)
        goxel_buf_putc(&file, 0);
    CU_ASSERT(goxel_import_bricks_max(file.len) < 200 * LIMB_BRICKS);
    CU_ASSERT_EQUAL(read_as("vxl-cc", file.data, file.len, NULL, NULL, &detail, &project), GOXEL_ERROR_QUOTA);
    CU_ASSERT(detail.given > detail.limit && detail.given <= detail.limit + row);
    goxel_buf_finish(&file);
}

/* Counts and bounds are those of a reader that was written apart. The palette is the game's. */
static void other_programs_files_load(void)
{
    static const struct goxel_box expected = {{-32, -19, 0}, {36, 19, 16}};
    const char *folder = unit_models();
    struct goxel_project *project = NULL;
    struct goxel_box box;
    struct goxel_buf file;
    char path[4096];

    if (!folder) {
        unit_skip("GOXEL_TEST_MODELS is not set");
        return;
    }
    snprintf(path, sizeof(path), "%s/cc.vxl", folder);
    goxel_buf_init(&file, 1 << 24);
    CU_ASSERT_EQUAL_FATAL(goxel_file_read(AT_FDCWD, path, &file, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(read_as("vxl-cc", file.data, file.len, NULL, NULL, NULL, &project), 0);
    CU_ASSERT_STRING_EQUAL(project->layers[0]->name, "Body");
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 33005);
    CU_ASSERT(goxel_volume_bounds(project->layers[0]->volume, &box));
    CU_ASSERT(memcmp(&box, &expected, sizeof(box)) == 0);
    CU_ASSERT(has(project, 0, -32, -19, 7, (struct goxel_color){125, 125, 125, 255}));
    goxel_project_unref(project);
    goxel_buf_finish(&file);
}

static const struct unit_test tests[] = {
    {"maps stand upright", maps_stand_upright},
    {"false spans are refused", false_spans_are_refused},
    {"cut maps are refused", cut_maps_are_refused},
    {"limbs are layers", limbs_are_layers},
    {"vxl is told by its content", vxl_is_told_by_its_content},
    {"cut models are refused", cut_models_are_refused},
    {"every flipped bit is survived", every_flipped_bit_is_survived},
    {"limbs far away are refused", limbs_far_away_are_refused},
    {"bricks are counted on the way", bricks_are_counted_on_the_way},
    {"other programs' files load", other_programs_files_load},
    {NULL, NULL},
};

const struct unit_suite suite_vxl = {"vxl", tests};
