/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Minecraft's schematics: tags written down byte by byte, in all the shapes that readers know. */
#include "format/nbt.h"

#include "base/gzip.h"
#include "hostile.h"

/* ---- tags ---- */

static void put_be(struct goxel_buf *out, uint64_t value, int bytes)
{
    for (int i = bytes; i-- > 0;)
        goxel_buf_putc(out, (char)(value >> 8 * i));
}

static void put_tag(struct goxel_buf *out, int type, const char *name)
{
    goxel_buf_putc(out, (char)type);
    put_be(out, strlen(name), 2);
    goxel_buf_puts(out, name);
}

static void put_end(struct goxel_buf *out)
{
    goxel_buf_putc(out, GOXEL_NBT_END);
}

static void put_number(struct goxel_buf *out, int type, const char *name, uint64_t value)
{
    put_tag(out, type, name);
    put_be(out, value, 1 << (type - GOXEL_NBT_BYTE));
}

static void put_bytes(struct goxel_buf *out, const char *name, const void *bytes, size_t len)
{
    put_tag(out, GOXEL_NBT_BYTES, name);
    put_be(out, len, 4);
    goxel_buf_append(out, bytes, len);
}

static void put_size(struct goxel_buf *out, unsigned width, unsigned height, unsigned length)
{
    put_number(out, GOXEL_NBT_SHORT, "Width", width);
    put_number(out, GOXEL_NBT_SHORT, "Height", height);
    put_number(out, GOXEL_NBT_SHORT, "Length", length);
}

/* What nobody wants, in each type: it is passed over. */
static void put_others(struct goxel_buf *out)
{
    put_number(out, GOXEL_NBT_LONG, "long", 7);
    put_tag(out, GOXEL_NBT_FLOAT, "float");
    put_be(out, 0, 4);
    put_tag(out, GOXEL_NBT_DOUBLE, "double");
    put_be(out, 0, 8);
    put_tag(out, GOXEL_NBT_STRING, "string");
    put_be(out, 2, 2);
    goxel_buf_puts(out, "ab");
    put_tag(out, GOXEL_NBT_LIST, "numbers");
    goxel_buf_putc(out, GOXEL_NBT_INT);
    put_be(out, 2, 4);
    put_be(out, 5, 8);
    put_tag(out, GOXEL_NBT_LIST, "lists of compounds");
    goxel_buf_putc(out, GOXEL_NBT_LIST);
    put_be(out, 1, 4);
    goxel_buf_putc(out, GOXEL_NBT_COMPOUND);
    put_be(out, 2, 4);
    put_number(out, GOXEL_NBT_BYTE, "x", 1);
    put_end(out);
    put_end(out);
    put_tag(out, GOXEL_NBT_LIST, "nothing, often");
    goxel_buf_putc(out, GOXEL_NBT_END);
    put_be(out, INT32_MAX, 4);
    put_tag(out, GOXEL_NBT_INTS, "ints");
    put_be(out, 1, 4);
    put_be(out, 1, 4);
    put_tag(out, GOXEL_NBT_LONGS, "longs");
    put_be(out, 1, 4);
    put_be(out, 1, 8);
}

static void put_palette(struct goxel_buf *out)
{
    put_tag(out, GOXEL_NBT_COMPOUND, "Palette");
    put_number(out, GOXEL_NBT_INT, "minecraft:air", 0);
    put_number(out, GOXEL_NBT_INT, "minecraft:oak_log[axis=y]", 1);
    put_number(out, GOXEL_NBT_INT, "some:thing", 300);
    put_end(out);
}

/* Two along x, two up, three along z. */
static const uint8_t indices[] = {1, 0, 0, 0, 0, 0xac, 2, 1, 0, 0, 0, 0, 1};

static void sample(struct goxel_buf *out, int version)
{
    goxel_buf_init(out, 1 << 16);
    put_tag(out, GOXEL_NBT_COMPOUND, version == 3 ? "" : "Schematic");
    if (version == 3)
        put_tag(out, GOXEL_NBT_COMPOUND, "Schematic");
    put_others(out);
    put_number(out, GOXEL_NBT_INT, "Version", (uint64_t)version);
    put_size(out, 2, 2, 3);
    if (version == 3)
        put_tag(out, GOXEL_NBT_COMPOUND, "Blocks");
    put_palette(out);
    put_bytes(out, version == 3 ? "Data" : "BlockData", indices, sizeof(indices));
    if (version == 3)
        put_end(out);
    put_end(out);
    if (version == 3)
        put_end(out);
}

static int take(void *ctx, const void *bytes, size_t len, struct goxel_detail *detail)
{
    (void)detail;
    return goxel_buf_append(ctx, bytes, len);
}

static void gzip(struct goxel_buf *file)
{
    struct goxel_gzip *gzip;
    struct goxel_buf packed;

    goxel_buf_init(&packed, (size_t)1 << 26);
    gzip = goxel_gzip_create(take, &packed);
    CU_ASSERT_EQUAL_FATAL(goxel_gzip_put(gzip, file->data, file->len, true, NULL), 0);
    goxel_gzip_destroy(gzip);
    goxel_buf_finish(file);
    *file = packed;
}

/* ---- schematics ---- */

static void blocks_become_voxels(void)
{
    for (int version = 1; version <= 3; version++) {
        struct goxel_project *project = NULL;
        struct goxel_warnings warnings = {0};
        struct goxel_buf file;

        sample(&file, version);
        if (version > 1)
            gzip(&file);
        CU_ASSERT_EQUAL_FATAL(read_as("schem", file.data, file.len, NULL, &warnings, NULL, &project), 0);
        CU_ASSERT_EQUAL(goxel_project_voxels(project), 4);
        CU_ASSERT(has_color(project->layers[0], 0, 2, 0, 0x6d5532ff));
        CU_ASSERT(has_color(project->layers[0], 0, 2, 1, 0x6d5532ff));
        CU_ASSERT(has_color(project->layers[0], 1, 0, 1, 0x6d5532ff));
        CU_ASSERT_EQUAL(goxel_volume_get_at(project->layers[0]->volume, (struct goxel_pos){1, 0, 0}).a, 255);
        CU_ASSERT_EQUAL_FATAL(warnings.count, 1);
        CU_ASSERT_STRING_EQUAL(warnings.rows[0].what, "blocks of unknown colour");
        CU_ASSERT_EQUAL(warnings.rows[0].count, 1);
        goxel_project_unref(project);
        goxel_buf_finish(&file);
    }
}

static void mcedit_sample(struct goxel_buf *out)
{
    static const uint8_t numbers[] = {1, 35, 0, 17}, data[] = {0, 14, 0, 2}, more[] = {0x00, 0x0f};

    goxel_buf_init(out, 1 << 16);
    put_tag(out, GOXEL_NBT_COMPOUND, "Schematic");
    put_size(out, 2, 2, 1);
    put_bytes(out, "Blocks", numbers, 4);
    put_bytes(out, "Data", data, 4);
    put_bytes(out, "AddBlocks", more, 2);
    put_end(out);
}

static void old_schematics_are_read(void)
{
    struct goxel_project *project = NULL;
    struct goxel_warnings warnings = {0};
    struct goxel_buf file;

    mcedit_sample(&file);
    CU_ASSERT_EQUAL_FATAL(read_as("schem", file.data, file.len, NULL, &warnings, NULL, &project), 0);
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 3);
    CU_ASSERT(has_color(project->layers[0], 0, 0, 0, 0x7d7d7dff));
    CU_ASSERT(has_color(project->layers[0], 1, 0, 0, 0xa12722ff));
    CU_ASSERT_EQUAL(warnings.rows[0].count, 1); /* number 3857 */
    goxel_project_unref(project);
    goxel_buf_finish(&file);
    CU_ASSERT_PTR_EQUAL(goxel_format_of_path("x.schematic", GOXEL_FORMAT_IN),
                        goxel_format_named("schem", GOXEL_FORMAT_IN));
}

static void false_schematics_are_refused(void)
{
    static const struct {
        unsigned width, height, length;
        uint8_t index;
        int code;
    } cases[] = {
        {2, 1, 1, 1, GOXEL_ERROR_INVALID_DATA},          /* too few */
        {1000, 1000, 1000, 1, GOXEL_ERROR_INVALID_DATA}, /* 10^9 */
        {65535, 65535, 65535, 1, GOXEL_ERROR_INVALID_DATA},
        {1, 1, 1, 2, GOXEL_ERROR_INVALID_DATA},    /* not in the palette */
        {1, 1, 1, 0x80, GOXEL_ERROR_INVALID_DATA}, /* no end */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_buf file;

        goxel_buf_init(&file, 1 << 16);
        put_tag(&file, GOXEL_NBT_COMPOUND, "Schematic");
        put_size(&file, cases[i].width, cases[i].height, cases[i].length);
        put_tag(&file, GOXEL_NBT_COMPOUND, "Palette");
        put_number(&file, GOXEL_NBT_INT, "stone", 1);
        put_end(&file);
        put_bytes(&file, "BlockData", &cases[i].index, 1);
        put_end(&file);
        refused("schem", file.data, file.len, cases[i].code);
        goxel_buf_finish(&file);
    }
    refused("schem", "", 0, GOXEL_ERROR_INVALID_DATA);
    refused("schem", "\12\0\0\0", 4, GOXEL_ERROR_INVALID_DATA); /* nothing in it */
    refused("schem", "\37\213 no gzip", 10, GOXEL_ERROR_INVALID_DATA);
}

static void depth_has_a_ceiling(void)
{
    for (int depth = GOXEL_NBT_DEPTH_MAX; depth <= 100000; depth += 100000 - GOXEL_NBT_DEPTH_MAX) {
        struct goxel_buf file;

        goxel_buf_init(&file, 1 << 22);
        put_tag(&file, GOXEL_NBT_COMPOUND, "Schematic");
        put_tag(&file, GOXEL_NBT_LIST, "deep");
        for (int i = 1; i < depth; i++) {
            goxel_buf_putc(&file, GOXEL_NBT_LIST);
            put_be(&file, 1, 4);
        }
        goxel_buf_putc(&file, GOXEL_NBT_BYTE);
        put_be(&file, 0, 4);
        put_size(&file, 0, 0, 0);
        put_end(&file);
        if (depth == GOXEL_NBT_DEPTH_MAX) {
            CU_ASSERT(survives("schem", file.data, file.len));
        } else {
            refused("schem", file.data, file.len, GOXEL_ERROR_QUOTA);
        }
        goxel_buf_finish(&file);
    }
}

static void bombs_stop_at_the_ceiling(void)
{
    struct goxel_buf file, packed;
    struct goxel_gzip *gzip;
    char *zeros = calloc(1 << 20, 1);

    goxel_buf_init(&packed, (size_t)1 << 26);
    goxel_buf_init(&file, 1 << 16);
    put_tag(&file, GOXEL_NBT_COMPOUND, "Schematic");
    gzip = goxel_gzip_create(take, &packed);
    CU_ASSERT_EQUAL_FATAL(goxel_gzip_put(gzip, file.data, file.len, false, NULL), 0);
    for (int i = 0; i < 600; i++)
        CU_ASSERT_EQUAL(goxel_gzip_put(gzip, zeros, 1 << 20, i == 599, NULL), 0);
    goxel_gzip_destroy(gzip);
    refused("schem", packed.data, packed.len, GOXEL_ERROR_QUOTA);
    refused("litematic", packed.data, packed.len, GOXEL_ERROR_QUOTA);
    goxel_buf_finish(&packed);
    goxel_buf_finish(&file);
    free(zeros);
}

/* ---- litematica ---- */

static void put_vector(struct goxel_buf *out, const char *name, int x, int y, int z)
{
    put_tag(out, GOXEL_NBT_COMPOUND, name);
    put_number(out, GOXEL_NBT_INT, "x", (uint32_t)x);
    put_number(out, GOXEL_NBT_INT, "y", (uint32_t)y);
    put_number(out, GOXEL_NBT_INT, "z", (uint32_t)z);
    put_end(out);
}

static const char *const names[] = {"minecraft:air", "minecraft:stone", "minecraft:dirt", "minecraft:sand",
                                    "minecraft:glass"};

/* 3 bits each: the 22nd of 24 lies over the border of two longs. */
static void put_region(struct goxel_buf *out, const char *name, int sign)
{
    uint64_t longs[2] = {0};

    put_tag(out, GOXEL_NBT_COMPOUND, name);
    put_vector(out, "Size", 2 * sign, 3 * sign, 4 * sign);
    put_vector(out, "Position", 10, 20, 30);
    put_tag(out, GOXEL_NBT_LIST, "BlockStatePalette");
    goxel_buf_putc(out, GOXEL_NBT_COMPOUND);
    put_be(out, 5, 4);
    for (size_t i = 0; i < 5; i++) {
        put_tag(out, GOXEL_NBT_STRING, "Name");
        put_be(out, strlen(names[i]), 2);
        goxel_buf_puts(out, names[i]);
        put_end(out);
    }
    longs[0] = 1 | (uint64_t)2 << 3; /* of the 22nd, which is 100, the lowest bit */
    longs[1] = (uint64_t)4 >> 1 | (uint64_t)3 << (23 * 3 - 64);
    put_tag(out, GOXEL_NBT_LONGS, "BlockStates");
    put_be(out, 2, 4);
    put_be(out, longs[0], 8);
    put_be(out, longs[1], 8);
    put_end(out);
}

static void litematic_sample(struct goxel_buf *out)
{
    goxel_buf_init(out, 1 << 16);
    put_tag(out, GOXEL_NBT_COMPOUND, "");
    put_others(out);
    put_tag(out, GOXEL_NBT_COMPOUND, "Regions");
    put_region(out, "up", 1);
    put_region(out, "dówn", -1);
    put_end(out);
    put_end(out);
}

static void regions_become_layers(void)
{
    struct goxel_project *project = NULL;
    struct goxel_warnings warnings = {0};
    struct goxel_buf file;

    litematic_sample(&file);
    gzip(&file);
    CU_ASSERT_EQUAL_FATAL(read_as("litematic", file.data, file.len, NULL, &warnings, NULL, &project), 0);
    CU_ASSERT_EQUAL(warnings.count, 0);
    CU_ASSERT_EQUAL_FATAL(project->layer_count, 2);
    CU_ASSERT_STRING_EQUAL(project->layers[1]->name, "dówn");
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 8);
    CU_ASSERT(has_color(project->layers[0], 10, -30, 20, 0x7d7d7dff));
    CU_ASSERT(has_color(project->layers[0], 11, -30, 20, 0x866043ff));
    CU_ASSERT(has_color(project->layers[0], 11, -32, 22, 0xc9e3e864)); /* x 1, z 2, y 2: the 21st */
    CU_ASSERT(has_color(project->layers[0], 11, -33, 22, 0xdbcfa3ff));
    CU_ASSERT(has_color(project->layers[1], 9, -27, 18, 0x7d7d7dff)); /* the corner below all others */
    CU_ASSERT(has_color(project->layers[1], 10, -30, 20, 0xdbcfa3ff));
    goxel_project_unref(project);
    goxel_buf_finish(&file);
}

static void cuts_and_flips_are_survived(void)
{
    for (int version = 1; version <= 3; version++) {
        struct goxel_buf file;

        sample(&file, version);
        CU_ASSERT_EQUAL(survives_cuts("schem", file.data, file.len), 0);
        survives_flips("schem", file.data, file.len);
        gzip(&file);
        CU_ASSERT_EQUAL(survives_cuts("schem", file.data, file.len), 0);
        goxel_buf_finish(&file);
    }
}

static void cuts_and_flips_of_others_are_survived(void)
{
    struct goxel_buf file;

    mcedit_sample(&file);
    CU_ASSERT_EQUAL(survives_cuts("schem", file.data, file.len), 0);
    survives_flips("schem", file.data, file.len);
    goxel_buf_finish(&file);
    litematic_sample(&file);
    CU_ASSERT_EQUAL(survives_cuts("litematic", file.data, file.len), 0);
    survives_flips("litematic", file.data, file.len);
    goxel_buf_finish(&file);
}

/* Counts and bounds found by a program of its own. */
static void other_programs_files_load(void)
{
    static const struct goxel_box box = {{0, -69, 0}, {78, 0, 28}};
    struct goxel_project *project = other_program_s("test.litematic");

    if (!project)
        return;
    CU_ASSERT_EQUAL(project->layer_count, 1);
    holds(project->layers[0], "house_39", 11722, &box);
    goxel_project_unref(project);
}

static const struct unit_test tests[] = {
    {"blocks become voxels", blocks_become_voxels},
    {"old schematics are read", old_schematics_are_read},
    {"false schematics are refused", false_schematics_are_refused},
    {"depth has a ceiling", depth_has_a_ceiling},
    {"bombs stop at the ceiling", bombs_stop_at_the_ceiling},
    {"regions become layers", regions_become_layers},
    {"cuts and flips are survived", cuts_and_flips_are_survived},
    {"cuts and flips of others are survived", cuts_and_flips_of_others_are_survived},
    {"other programs' files load", other_programs_files_load},
    {NULL, NULL},
};

const struct unit_suite suite_schem = {"schem", tests};
