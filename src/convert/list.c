/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of formats, for a terminal. docs/formats.md has the same. */
#include <string.h>

#include "convert/convert.h"
#include "format/describe.h"

static const char *use_of(const struct goxel_format *format)
{
    if (format->read && format->write)
        return "reads writes";
    return format->read ? "reads" : "      writes";
}

void convert_put_values(const struct goxel_format_option *option, struct goxel_buf *out)
{
    if (option->kind == GOXEL_FORMAT_CHOICE) {
        for (const char *at = option->choices; *at; at++)
            goxel_buf_putc(out, *at == ' ' ? '|' : *at);
        return;
    }
    goxel_buf_puts(out, option->kind == GOXEL_FORMAT_FLAG ? "true|false" : "");
    if (option->kind != GOXEL_FORMAT_FLAG)
        goxel_buf_printf(out, "%.10g..%.10g", option->min, option->max);
}

/* "    -o scale=0.001..1000   how long a voxel is (1)" */
static void put_option(const struct goxel_format_option *option, enum goxel_format_use use,
                       struct goxel_buf *out)
{
    if (!(option->use & use))
        return;
    goxel_buf_printf(out, "    %s %s=", use == GOXEL_FORMAT_IN ? "-i" : "-o", option->name);
    convert_put_values(option, out);
    goxel_buf_printf(out, "\n           %s (%s)\n", option->meaning, option->value);
}

void convert_list_formats_json(const struct goxel_format *formats, struct goxel_buf *out)
{
    struct goxel_json_writer w;

    goxel_json_writer_init(&w, out);
    goxel_formats_put(formats, &w);
    goxel_buf_putc(out, '\n');
}

void convert_list_formats(const struct goxel_format *formats, struct goxel_buf *out)
{
    for (const struct goxel_format *format = formats; format->name; format++) {
        goxel_buf_printf(out, "%-10s %-13s %s (%s)\n", format->name, use_of(format), format->title,
                         format->extensions);
        for (const struct goxel_format_option *at = format->options; at && at->name; at++) {
            put_option(at, GOXEL_FORMAT_IN, out);
            put_option(at, GOXEL_FORMAT_OUT, out);
        }
    }
}
