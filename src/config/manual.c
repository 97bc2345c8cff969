/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/manual.h"

#include <string.h>

#include "base/manual.h"
#include "config/internal.h"

/* "A whole number from 1 to 256 (threads). Default: 4. Level R, from here alone." */
static void describe(enum goxel_option option, const struct goxel_value *value, struct goxel_buf *out)
{
    const struct goxel_option_row *row = &goxel_option_rows[option];

    goxel_buf_puts(out, goxel_kind_is_list(row->kind) ? "A list, each item " : "Value: ");
    goxel_value_describe(row, out);
    goxel_buf_puts(out, ". Default: `");
    goxel_value_print(value, row, out);
    goxel_buf_printf(out, "`. Level %s%s.", goxel_option_level_name(option),
                     goxel_option_settable(option) ? "" : ", from here alone");
}

static void put_option(enum goxel_option option, struct goxel_buf *out)
{
    const struct goxel_option_row *row = &goxel_option_rows[option];
    struct goxel_value value = {0};
    struct goxel_buf text;
    int code = goxel_value_set_default(&value, row);

    goxel_buf_init(&text, GOXEL_MANUAL_MAX);
    if (!code)
        describe(option, &value, &text);
    goxel_buf_printf(out, ".It Va %s\n", row->full);
    goxel_manual_text(row->doc, out);
    goxel_buf_puts(out, ".br\n");
    goxel_manual_text(text.data ? text.data : "", out);
    out->failed = out->failed ? out->failed : code ? code : text.failed;
    goxel_value_finish(&value);
    goxel_buf_finish(&text);
}

static void put_section(const struct goxel_section_row *section, struct goxel_buf *out)
{
    goxel_buf_printf(out, ".Ss %s\n", section->path);
    goxel_manual_text(section->doc, out);
    goxel_buf_puts(out, ".Bl -tag -width Ds\n");
    for (int i = 0; i < GOXEL_OPTION_COUNT; i++) {
        if (!strcmp(goxel_option_rows[i].section, section->path))
            put_option((enum goxel_option)i, out);
    }
    goxel_buf_puts(out, ".El\n");
}

static bool has_options(const struct goxel_section_row *section)
{
    for (int i = 0; i < GOXEL_OPTION_COUNT; i++) {
        if (!strcmp(goxel_option_rows[i].section, section->path))
            return true;
    }
    return false;
}

static void put_sections(struct goxel_buf *out)
{
    for (size_t i = 0; i < GOXEL_SECTION_COUNT; i++) {
        if (has_options(&goxel_section_rows[i]))
            put_section(&goxel_section_rows[i], out);
    }
}

void goxel_config_manual(const char *prose, struct goxel_buf *out)
{
    static const struct goxel_manual_part parts[] = {{"sections", put_sections}, {NULL, NULL}};

    goxel_manual_write(prose, parts, out);
}
