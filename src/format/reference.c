/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row a format, then what each can hold and what it can be told. */
#include "format/reference.h"

#include <string.h>

#include "core/volume.h"
#include "format/input.h"
#include "format/png_row.h"
#include "goxel/limits.h"

/* clang-format off */
static const char head[] =
    "# File formats\n"
    "\n"
    "Made from the table of formats (`src/format/format.c`) by `make reference`. The same, for programs, is what `export.formats` answers,\n"
    "and `goxel-convert --list-formats` prints.\n"
    "\n"
    "A format goes by the extension of a file; where several have the same one, the content tells which it is. What a format cannot hold is\n"
    "told as `warnings`, and is an error (-1018) with `strict`.\n"
    "\n"
    "Z points up here, and x, y, z are right-handed: formats with other axes are turned, as their sections say. Colours are bytes of sRGB, and\n"
    "those of a file are taken for that, whatever profile it names; so they are written, unless a section says otherwise.\n"
    "\n"
    "Options are members of `options` of `export.model`, `import.model`, `project.open` and `project.save`; parameters of the query of\n"
    "`GET` and `PUT /projects/NAME.EXT`; `--option` of `goxelctl`; and `-o`, for writing, or `-i`, for reading, of `goxel-convert`.\n"
    "\n"
    "| format | | extensions | read | written | colors | alpha | layers | positions | largest | plane |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|\n";

static const char limits[] =
    "\n"
    "*colors*: different ones of a model. *alpha*: kept as it is; otherwise voxels of an alpha below 127 are left out and the others become opaque.\n"
    "*layers*: several, with their names; otherwise what is seen of all of them, in one. *positions*: kept as they are; otherwise the smallest corner\n"
    "comes to the origin. *largest*: voxels along an axis of one model. *plane*: places of a plane across an axis, or pixels of a picture.\n";
/* clang-format on */

static const char *yes(bool is)
{
    return is ? "yes" : "";
}

static void put_words(struct goxel_buf *out, const char *prefix, const char *words)
{
    for (const char *at = words; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");

        goxel_buf_printf(out, "%s`%s%.*s`", at == words ? "" : " ", prefix, (int)len, at);
        at += len;
    }
}

static void put_colors(struct goxel_buf *out, int colors)
{
    if (colors == 0)
        goxel_buf_puts(out, "all");
    else if (colors == 1)
        goxel_buf_puts(out, "none");
    else
        goxel_buf_printf(out, "%d", colors);
}

static void put_row(struct goxel_buf *out, const struct goxel_format *format)
{
    const struct goxel_format_limits *may = &format->limits;

    goxel_buf_printf(out, "| %s | %s | ", format->name, format->title);
    put_words(out, ".", format->extensions);
    goxel_buf_printf(out, " | %s | %s | ", yes(format->read), yes(format->write));
    put_colors(out, may->colors);
    goxel_buf_printf(out, " | %s | %s | %s | ", yes(may->alpha), yes(may->layers), yes(may->positions));
    if (may->size)
        goxel_buf_printf(out, "%d", may->size);
    goxel_buf_puts(out, " | ");
    if (may->plane)
        goxel_buf_printf(out, "%d", may->plane);
    goxel_buf_puts(out, " |\n");
}

static void put_values(struct goxel_buf *out, const struct goxel_format_option *option)
{
    if (option->kind == GOXEL_FORMAT_CHOICE) {
        put_words(out, "", option->choices);
        return;
    }
    goxel_buf_puts(out, goxel_format_option_kinds[option->kind]);
    if (option->kind != GOXEL_FORMAT_FLAG)
        goxel_buf_printf(out, " from %.10g to %.10g", option->min, option->max);
}

static void put_condition(struct goxel_buf *out, const struct goxel_format_option *option)
{
    goxel_buf_printf(out, ". Only with `%s` ", option->only.option);
    put_words(out, "", option->only.values);
}

static void put_option(struct goxel_buf *out, const struct goxel_format_option *option)
{
    static const char *const uses[] = {
        [GOXEL_FORMAT_IN] = "reading",
        [GOXEL_FORMAT_OUT] = "writing",
        [GOXEL_FORMAT_IN | GOXEL_FORMAT_OUT] = "both",
    };

    goxel_buf_printf(out, "| %s | %s | ", option->name, uses[option->use]);
    put_values(out, option);
    goxel_buf_printf(out, " | %s | %s", option->value, option->meaning);
    if (option->only.option)
        put_condition(out, option);
    if (option->alias)
        goxel_buf_printf(out, " (`%s` is the same)", option->alias);
    goxel_buf_puts(out, " |\n");
}

static void put_section(struct goxel_buf *out, const struct goxel_format *format)
{
    goxel_buf_printf(out, "\n## %s\n\n%s, `%s`.", format->name, format->title, format->media_type);
    if (format->native)
        goxel_buf_puts(out, " It keeps all that a project is; the others are imports and exports.");
    if (format->limits.surface)
        goxel_buf_puts(out, " Only what borders on free places is kept, nothing that is all inside.");
    if (format->notes)
        goxel_buf_printf(out, " %s", format->notes);
    if (format->companion)
        goxel_buf_printf(out, " With it may go a file of the format %s and the same name.",
                         format->companion);
    goxel_buf_puts(out, "\n");
    if (!format->options || !format->options[0].name)
        return;
    goxel_buf_puts(out, "\n| option | for | values | without it | |\n|---|---|---|---|---|\n");
    for (const struct goxel_format_option *option = format->options; option->name; option++)
        put_option(out, option);
}

static void put_ceilings(struct goxel_buf *out)
{
    goxel_buf_printf(
        out,
        "\nWhatever the format is, a file has at most %zu bytes, read or written, and what is compressed in one at most %zu. "
        "What is read\nmay fill %lld bricks of 16³ voxels and one for each byte, up to %lld, or one for each %zu bytes if that is more; "
        "and have %lld voxels, or\na brick for each byte. A reply of JSON-RPC takes a file of %zu bytes, as base64: what is longer goes to a path, or over HTTP.\n"
        "A picture counts as many bytes as its pixels have, at most %zu. The surfaces of shape layers, of all in a project, fill %zu bricks at most.\n",
        GOXEL_FILE_MAX, GOXEL_INFLATED_MAX, (long long)goxel_import_bricks_max(0),
        (long long)goxel_import_bricks_max(GOXEL_IMPORT_BRICKS_BY_BYTES), GOXEL_IMPORT_BRICK_BYTES,
        (long long)GOXEL_IMPORT_VOXELS_FREE, GOXEL_REPLY_FILE_MAX, GOXEL_PNG_PIXEL_BYTES_MAX,
        GOXEL_COMPUTED_BRICKS_MAX);
}

/* What needs no name: from standard input, or as `data`. */
static void put_recognised(const struct goxel_format *formats, struct goxel_buf *out)
{
    bool first = true;

    goxel_buf_puts(
        out,
        "\nWhere no name tells the format (`data` of `import.model`, standard input of `goxel-convert`), the content does for these:");
    for (const struct goxel_format *format = formats; format->name; format++) {
        if (!format->read || !format->magic)
            continue;
        goxel_buf_printf(out, "%s %s", first ? "" : ",", format->name);
        first = false;
    }
    goxel_buf_puts(out, ".\n");
}

void goxel_formats_write(const struct goxel_format *formats, struct goxel_buf *out)
{
    goxel_buf_puts(out, head);
    for (const struct goxel_format *format = formats; format->name; format++)
        put_row(out, format);
    goxel_buf_puts(out, limits);
    put_ceilings(out);
    put_recognised(formats, out);
    for (const struct goxel_format *format = formats; format->name; format++)
        put_section(out, format);
}
