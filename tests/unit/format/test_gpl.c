/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of format/gpl: what GIMP and Goxel write, and what is refused. */
#include "format/gpl.h"

#include <string.h>

#include "base/error.h"
#include "unit.h"

static int read_text(const char *text, struct goxel_detail *detail, struct goxel_palette *palette)
{
    goxel_detail_init(detail);
    return goxel_gpl_read((const uint8_t *)text, strlen(text), detail, palette);
}

static bool is(const struct goxel_palette_entry *entry, int r, int g, int b, const char *name)
{
    return entry->color.r == r && entry->color.g == g && entry->color.b == b && entry->color.a == 255 &&
           strcmp(goxel_palette_entry_name(entry), name) == 0;
}

static void palettes_are_read(void)
{
    struct goxel_palette palette = {.count = 0};
    struct goxel_detail detail;

    CU_ASSERT_EQUAL_FATAL(read_text("GIMP Palette\r\nName: Bears \xc3\xa9 \nColumns: 16\n#\n# a comment\n\n"
                                    "  8   8   8\tgrey3\n 68 44  44\t a name of words \n255 0 7",
                                    &detail, &palette),
                          0);
    CU_ASSERT_STRING_EQUAL(palette.name, "Bears \xc3\xa9");
    CU_ASSERT_EQUAL(palette.columns, 16);
    CU_ASSERT_EQUAL_FATAL(palette.count, 3);
    CU_ASSERT(is(&palette.entries[0], 8, 8, 8, "grey3"));
    CU_ASSERT(is(&palette.entries[1], 68, 44, 44, "a name of words"));
    CU_ASSERT(is(&palette.entries[2], 255, 0, 7, ""));
    goxel_palette_finish(&palette);
}

static void what_is_written_is_read(void)
{
    struct goxel_palette palette = {.columns = 4}, again = {.count = 0};
    struct goxel_buf out;

    memcpy(palette.name, "mine", sizeof("mine"));
    goxel_palette_add(&palette, (struct goxel_color){1, 20, 255, 255}, "with\nbreak", 10);
    goxel_palette_add(&palette, (struct goxel_color){0, 0, 0, 255}, NULL, 0);
    goxel_buf_init(&out, 4096);
    CU_ASSERT_EQUAL(goxel_gpl_write(&palette, &out), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_gpl_read((const uint8_t *)out.data, out.len, NULL, &again), 0);
    CU_ASSERT_STRING_EQUAL(again.name, "mine");
    CU_ASSERT_EQUAL(again.columns, 4);
    CU_ASSERT_EQUAL_FATAL(again.count, 2);
    CU_ASSERT(is(&again.entries[0], 1, 20, 255, "with break"));
    CU_ASSERT(is(&again.entries[1], 0, 0, 0, ""));
    goxel_buf_finish(&out);
    goxel_buf_init(&out, 20);
    CU_ASSERT_EQUAL(goxel_gpl_write(&palette, &out), GOXEL_ERROR_MESSAGE_SIZE);
    goxel_buf_finish(&out);
    goxel_palette_finish(&palette);
    goxel_palette_finish(&again);
}

static void wrong_palettes_are_refused(void)
{
    static const struct {
        const char *text, *field;
        int64_t line;
    } cases[] = {
        {"", "first line", 1},
        {"GIMP palette\n1 2 3\n", "first line", 1},
        {"GIMP Palette\nColumns: many\n", "Columns", 2},
        {"GIMP Palette\nColumns: 257\n", "Columns", 2},
        {"GIMP Palette\n\n1 2\n", "blue", 3},
        {"GIMP Palette\n256 0 0\n", "red", 2},
        {"GIMP Palette\n-1 0 0\n", "red", 2},
        {"GIMP Palette\n1 2.5 3\n", "green", 2},
        {"GIMP Palette\n1 2 3x\n", "blue", 2},
        {"GIMP Palette\n1 2 99999999999999999999\n", "blue", 2},
        {"GIMP Palette\n1 2 3 \xff\n", "colour name", 2},
        {"GIMP Palette\nName: \x01\n", "Name", 2},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_palette palette = {.columns = 77};
        struct goxel_detail detail;

        CU_ASSERT_EQUAL(read_text(cases[i].text, &detail, &palette), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_STRING_EQUAL(detail.field, cases[i].field);
        CU_ASSERT_EQUAL(detail.line, cases[i].line);
        CU_ASSERT_EQUAL(palette.columns, 77);
    }
}

static const struct unit_test tests[] = {
    {"palettes are read", palettes_are_read},
    {"what is written is read", what_is_written_is_read},
    {"wrong palettes are refused", wrong_palettes_are_refused},
    {NULL, NULL},
};

const struct unit_suite suite_gpl = {"gpl", tests};
