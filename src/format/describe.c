/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/describe.h"

static void put_option(struct goxel_json_writer *w, const struct goxel_format_option *option)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "name", option->name);
    goxel_json_put_string(w, "type", goxel_format_option_kinds[option->kind]);
    goxel_json_put_string(w, "default", option->value);
    if (option->kind == GOXEL_FORMAT_INT || option->kind == GOXEL_FORMAT_NUMBER) {
        goxel_json_put_double(w, "min", option->min);
        goxel_json_put_double(w, "max", option->max);
    }
    if (option->kind == GOXEL_FORMAT_CHOICE)
        goxel_json_put_words(w, "choices", option->choices);
    goxel_json_put_bool(w, "for_import", (option->use & GOXEL_FORMAT_IN) != 0);
    goxel_json_put_bool(w, "for_export", (option->use & GOXEL_FORMAT_OUT) != 0);
    goxel_json_put_string(w, "meaning", option->meaning);
    if (option->alias)
        goxel_json_put_string(w, "alias", option->alias);
    if (option->only.option) {
        goxel_json_put_object(w, "only_with");
        goxel_json_put_string(w, "option", option->only.option);
        goxel_json_put_words(w, "values", option->only.values);
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
}

static void put_limits(struct goxel_json_writer *w, const struct goxel_format_limits *limits)
{
    goxel_json_put_object(w, "limits");
    goxel_json_put_int(w, "colors", limits->colors);
    goxel_json_put_bool(w, "alpha", limits->alpha);
    goxel_json_put_bool(w, "layers", limits->layers);
    goxel_json_put_bool(w, "positions", limits->positions);
    goxel_json_put_bool(w, "surface", limits->surface);
    goxel_json_put_bool(w, "materials", limits->materials);
    goxel_json_put_bool(w, "palette", limits->palette);
    goxel_json_put_int(w, "size", limits->size);
    goxel_json_put_int(w, "plane", limits->plane);
    goxel_json_put_end(w);
}

static void put_format(struct goxel_json_writer *w, const struct goxel_format *format)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "name", format->name);
    goxel_json_put_string(w, "title", format->title);
    goxel_json_put_words(w, "extensions", format->extensions);
    goxel_json_put_string(w, "media_type", format->media_type);
    goxel_json_put_bool(w, "can_import", format->read != NULL);
    goxel_json_put_bool(w, "can_export", format->write != NULL);
    goxel_json_put_bool(w, "is_native", format->native);
    if (format->notes)
        goxel_json_put_string(w, "notes", format->notes);
    goxel_json_put_string(w, "companion", format->companion);
    put_limits(w, &format->limits);
    goxel_json_put_array(w, "options");
    for (const struct goxel_format_option *at = format->options; at && at->name; at++)
        put_option(w, at);
    goxel_json_put_end(w);
    goxel_json_put_end(w);
}

void goxel_formats_put(const struct goxel_format *formats, struct goxel_json_writer *w)
{
    size_t count = 0;

    goxel_json_put_object(w, NULL);
    goxel_json_put_array(w, "formats");
    for (; formats[count].name; count++)
        put_format(w, &formats[count]);
    goxel_json_put_end(w);
    goxel_json_put_count(w, "count", count);
    goxel_json_put_end(w);
}
