/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configuration files written from the table: one that gives a configuration's values, and the
 * sample that documents every option.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "config/internal.h"

/* What stands for one option; `ctx` is the configuration, NULL for the sample. */
typedef void print_option(const struct goxel_config *config, enum goxel_option option, size_t depth,
                          struct goxel_buf *out);

static void indent(size_t depth, struct goxel_buf *out)
{
    while (depth-- > 0)
        (void)goxel_buf_puts(out, "    ");
}

static bool has_options(const char *path)
{
    size_t length = strlen(path);

    for (int i = 0; i < GOXEL_OPTION_COUNT; i++) {
        const char *section = goxel_option_rows[i].section;

        if (strncmp(section, path, length) == 0 && (section[length] == '\0' || section[length] == '.'))
            return true;
    }
    return false;
}

/* The options right inside `path`, then the sections; as deep as the table nests. */
static void print_inside(const char *path, size_t depth, const struct goxel_config *config,
                         print_option *print, struct goxel_buf *out)
{
    for (int i = 0; i < GOXEL_OPTION_COUNT; i++) {
        if (strcmp(goxel_option_rows[i].section, path) == 0)
            print(config, (enum goxel_option)i, depth, out);
    }
    for (size_t i = 0; i < GOXEL_SECTION_COUNT; i++) {
        const struct goxel_section_row *row = &goxel_section_rows[i];
        const char *name = goxel_section_child(path, row->path);

        if (!name || !has_options(row->path))
            continue;
        (void)goxel_buf_putc(out, '\n');
        if (!config) {
            indent(depth, out);
            (void)goxel_buf_printf(out, "# %s\n", row->doc);
        }
        indent(depth, out);
        (void)goxel_buf_printf(out, "%s {\n", name);
        print_inside(row->path, depth + 1, config, print, out);
        indent(depth, out);
        (void)goxel_buf_puts(out, "}\n");
    }
}

static void print_value(const struct goxel_config *config, enum goxel_option option, size_t depth,
                        struct goxel_buf *out)
{
    const struct goxel_option_row *row = &goxel_option_rows[option];

    indent(depth, out);
    (void)goxel_buf_printf(out, "%s = ", row->name);
    goxel_value_print(&config->values[option], row, out);
    (void)goxel_buf_putc(out, '\n');
}

void goxel_config_print(const struct goxel_config *config, struct goxel_buf *out)
{
    (void)goxel_buf_puts(out, "# The values in effect.\n");
    print_inside("", 0, config, print_value, out);
}

/* ---- as JSON ---- */

static void put_value(struct goxel_json_writer *w, const struct goxel_value *value,
                      const struct goxel_option_row *row)
{
    char octal[24];

    if (goxel_kind_is_list(row->kind)) {
        goxel_json_put_array(w, row->name);
        for (size_t i = 0; i < value->count; i++)
            goxel_json_put_string(w, NULL, value->items[i]);
        goxel_json_put_end(w);
    } else if (row->kind == GOXEL_KIND_BOOL) {
        goxel_json_put_bool(w, row->name, value->number != 0);
    } else if (row->kind == GOXEL_KIND_OCTAL) {
        (void)snprintf(octal, sizeof(octal), "%04llo", (long long)value->number);
        goxel_json_put_string(w, row->name, octal);
    } else if (row->kind == GOXEL_KIND_INT) {
        goxel_json_put_int(w, row->name, value->number);
    } else {
        goxel_json_put_string(w, row->name, value->text);
    }
}

static void put_inside(struct goxel_json_writer *w, const char *path, const struct goxel_config *config)
{
    for (int i = 0; i < GOXEL_OPTION_COUNT; i++) {
        if (strcmp(goxel_option_rows[i].section, path) == 0)
            put_value(w, &config->values[i], &goxel_option_rows[i]);
    }
    for (size_t i = 0; i < GOXEL_SECTION_COUNT; i++) {
        const struct goxel_section_row *row = &goxel_section_rows[i];
        const char *name = goxel_section_child(path, row->path);

        if (!name || !has_options(row->path))
            continue;
        goxel_json_put_object(w, name);
        put_inside(w, row->path, config);
        goxel_json_put_end(w);
    }
}

void goxel_config_put(const struct goxel_config *config, struct goxel_json_writer *w)
{
    goxel_json_put_object(w, NULL);
    put_inside(w, "", config);
    goxel_json_put_end(w);
}

/* ---- the sample ---- */

static const char sample_head[] =
    "# Configuration of goxel-daemon. Every option stands here with its default, behind a #.\n"
    "#\n"
    "# Texts stand in quotes, with \\ before \\, \" and $; lists in braces: {\"a\", \"b\"}. true and false\n"
    "# may be written yes and no, or on and off. Comments begin with # or //, or stand between /* and */.\n"
    "# An option may be given once. `goxel-daemon --check-config` says what is wrong with a file.\n"
    "#\n"
    "# A changed option applies on reload, or when the daemon is restarted, as each one says (level R, X or\n"
    "# S in the reports of a reload; X needs no new process, S does). system.set_config sets options of a\n"
    "# running daemon until the next reload, but for those that it takes from here alone.\n";

static void print_sample(const struct goxel_config *config, enum goxel_option option, size_t depth,
                         struct goxel_buf *out)
{
    static const char *const levels[] = {
        [GOXEL_LEVEL_RELOAD] = "on reload",
        [GOXEL_LEVEL_REEXEC] = "on a restart",
        [GOXEL_LEVEL_SERVICE] = "on a service restart",
    };
    const struct goxel_option_row *row = &goxel_option_rows[option];
    struct goxel_value value = {0};

    (void)config;
    if (goxel_value_set_default(&value, row) != 0) {
        goxel_value_finish(&value);
        out->failed = out->failed ? out->failed : GOXEL_ERROR_OUT_OF_MEMORY;
        return;
    }
    indent(depth, out);
    (void)goxel_buf_printf(out, "# %s\n", row->doc);
    indent(depth, out);
    (void)goxel_buf_printf(out, "# %s", goxel_kind_is_list(row->kind) ? "A list, each item " : "Value: ");
    goxel_value_describe(row, out);
    (void)goxel_buf_printf(out, "; applies %s%s.\n", levels[row->level],
                           goxel_option_settable(option) ? "" : ", from here alone");
    indent(depth, out);
    (void)goxel_buf_printf(out, "#%s = ", row->name);
    goxel_value_print(&value, row, out);
    (void)goxel_buf_putc(out, '\n');
    goxel_value_finish(&value);
}

void goxel_config_sample(struct goxel_buf *out)
{
    (void)goxel_buf_puts(out, sample_head);
    print_inside("", 0, NULL, print_sample, out);
}
