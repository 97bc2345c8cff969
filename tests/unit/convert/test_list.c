/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --list-formats prints of made-up rows. */
#include <string.h>

#include "convert/convert.h"
#include "unit.h"

static int no_write(const struct goxel_export *export, struct goxel_buf *out)
{
    (void)export;
    (void)out;
    return 0;
}

static void formats_and_options_are_listed(void)
{
    static const struct goxel_format_option options[] = {
        {"scale", GOXEL_FORMAT_OUT, GOXEL_FORMAT_NUMBER, "1", 0.001, 1000, NULL, "how long a voxel is"},
        {"mesher", GOXEL_FORMAT_OUT, GOXEL_FORMAT_CHOICE, "b", 0, 0, "a b", "which"},
        {"deep", GOXEL_FORMAT_IN, GOXEL_FORMAT_FLAG, "false", 0, 0, NULL, "all of it"},
        {.name = NULL},
    };
    static const struct goxel_format rows[] = {
        {"x", "x xx", "model/x", "An X", .options = options, .write = no_write},
        {.name = NULL},
    };
    struct goxel_buf text;

    goxel_buf_init(&text, 4096);
    convert_list_formats(rows, &text);
    CU_ASSERT_STRING_EQUAL(text.data, "x                writes  An X (x xx)\n"
                                      "    -o scale=0.001..1000\n           how long a voxel is (1)\n"
                                      "    -o mesher=a|b\n           which (b)\n"
                                      "    -i deep=true|false\n           all of it (false)\n");
    goxel_buf_finish(&text);
}

static const struct unit_test tests[] = {
    {"formats and options are listed", formats_and_options_are_listed},
    {NULL, NULL},
};

const struct unit_suite list_suite = {"list", tests};
