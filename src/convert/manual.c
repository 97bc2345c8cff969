/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/manual.h"

#include "convert/convert.h"
#include "convert/pages.h"

static void put_options(struct goxel_buf *out)
{
    goxel_manual_flags(&convert_flags, out);
}

static void put_statuses(struct goxel_buf *out)
{
    goxel_manual_terms("", convert_statuses, out);
}

/* ---- formats ---- */

static const char *use_of(const struct goxel_format *format)
{
    if (format->read && format->write)
        return "read and written";
    return format->read ? "read" : "written";
}

static void put_option(const struct goxel_format_option *option, enum goxel_format_use use,
                       struct goxel_buf *out)
{
    if (!(option->use & use))
        return;
    goxel_buf_printf(out, ".It Fl %c Cm %s Ns = Ns Ar ", use == GOXEL_FORMAT_IN ? 'i' : 'o', option->name);
    convert_put_values(option, out);
    goxel_buf_putc(out, '\n');
    goxel_manual_sentence(option->meaning, out);
    goxel_buf_printf(out, "Without it\n.Cm %s .\n", option->value);
}

static void put_format(const struct goxel_format *format, struct goxel_buf *out)
{
    goxel_buf_printf(out, ".It Cm %s\n", format->name);
    goxel_buf_printf(out, "%s (%s), %s.\n", format->title, format->extensions, use_of(format));
    if (!format->options || !format->options[0].name)
        return;
    goxel_buf_puts(out, ".Bl -tag -width Ds\n");
    for (const struct goxel_format_option *at = format->options; at->name; at++) {
        put_option(at, GOXEL_FORMAT_IN, out);
        put_option(at, GOXEL_FORMAT_OUT, out);
    }
    goxel_buf_puts(out, ".El\n");
}

static void put_formats(struct goxel_buf *out)
{
    for (const struct goxel_format *format = goxel_formats; format->name; format++)
        put_format(format, out);
}

void convert_manual(const char *prose, struct goxel_buf *out)
{
    static const struct goxel_manual_part parts[] = {
        {"options", put_options},
        {"formats", put_formats},
        {"statuses", put_statuses},
        {NULL, NULL},
    };

    goxel_manual_write(prose, parts, out);
}
