/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What of a project goes into a file, or of a file into a project, and how: the parameters options, strict, layers and box, which all
 * methods that read or write files have in common, as far as their rows have them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/excerpt.h"
#include "rpc/methods/methods.h"

struct goxel_choice goxel_choice_of(const struct goxel_invocation *in)
{
    const struct goxel_value *options = goxel_arg_if_given(in, "options");
    const struct goxel_value *strict = goxel_arg_if_given(in, "strict");
    const struct goxel_value *layers = goxel_arg_if_given(in, "layers");
    const struct goxel_value *box = goxel_arg_if_given(in, "box");

    return (struct goxel_choice){
        .options = options ? options->node : NULL,
        .strict = strict && strict->flag,
        .layers = layers ? layers->node : NULL,
        .box = box ? &box->region.box : NULL,
    };
}

/* ---- options of the format ---- */

/* As it would stand on a command line; the caller finishes the buffer. */
static int put_option(const char *field, const struct goxel_json *node, struct goxel_detail *detail,
                      struct goxel_buf *text)
{
    struct goxel_json_writer w;
    const char *bytes;
    size_t len = 0;

    switch (goxel_json_type(node)) {
    case GOXEL_JSON_STRING:
        bytes = goxel_json_string(node, &len);
        if (memchr(bytes, '\0', len))
            break;
        return goxel_buf_append(text, bytes, len + 1);
    case GOXEL_JSON_BOOL:
    case GOXEL_JSON_INT:
    case GOXEL_JSON_DOUBLE:
        goxel_json_writer_init(&w, text);
        goxel_json_put_node(&w, NULL, node);
        return text->failed;
    default:
        break;
    }
    return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node,
                           "true, false, a number or a string");
}

static int read_option(const char *name, const struct goxel_json *node, enum goxel_format_use use,
                       struct goxel_detail *detail, struct goxel_format_options *options)
{
    char field[GOXEL_FIELD_SIZE];
    struct goxel_buf text;
    int code;

    goxel_field_member(field, "options", name);
    goxel_buf_init(&text, goxel_json_type(node) == GOXEL_JSON_STRING ? SIZE_MAX : 64);
    code = put_option(field, node, detail, &text);
    if (!code)
        code = goxel_format_options_set(options, use, name, text.data, detail);
    goxel_buf_finish(&text);
    return code;
}

int goxel_choice_options(const struct goxel_choice *choice, const struct goxel_format *format,
                         enum goxel_format_use use, struct goxel_detail *detail,
                         struct goxel_format_options *ret_options)
{
    struct goxel_json_iter it = {0};
    int code = 0;

    goxel_format_options_init(ret_options, format);
    while (!code && choice->options && goxel_json_next(choice->options, &it)) {
        if (!choice->others || !goxel_word_in(choice->others, it.key, strlen(it.key)))
            code = read_option(it.key, it.value, use, detail, ret_options);
    }
    return code;
}

/* ---- a part of the project ---- */

static int find_layers(const struct goxel_invocation *in, const struct goxel_json *list, int *ids)
{
    for (size_t i = 0; i < goxel_json_length(list); i++) {
        struct goxel_layer_name wanted;
        struct goxel_layer *layer = NULL;
        char field[GOXEL_FIELD_SIZE];
        int code;

        goxel_field_index(field, "layers", i);
        if ((code = goxel_value_layer(goxel_json_at(list, i), field, false, in->detail, &wanted)) ||
            (code = goxel_invocation_find_layer(in, &wanted, field, &layer)))
            return code;
        ids[i] = layer->id;
    }
    return 0;
}

static int make_part(const struct goxel_invocation *in, const struct goxel_choice *choice, int *ids,
                     struct goxel_warnings *warnings, struct goxel_project **ret_project)
{
    struct goxel_excerpt excerpt = {.layers = ids, .has_box = choice->box != NULL};
    size_t left_out = 0;
    int code;

    if (choice->box)
        excerpt.box = *choice->box;
    if (choice->layers) {
        excerpt.count = goxel_json_length(choice->layers);
        if ((code = find_layers(in, choice->layers, ids)))
            return code;
    }
    code = goxel_project_excerpt(in->project, &excerpt, &in->call->cancel, ret_project, &left_out);
    goxel_warn(warnings, "layers that cannot be made voxels: left out", (int64_t)left_out);
    if (code == GOXEL_ERROR_QUOTA)
        return goxel_fail(in->detail, code, "the clones drawn take too much memory: choose fewer layers");
    return code;
}

int goxel_choice_part(const struct goxel_invocation *in, const struct goxel_choice *choice,
                      struct goxel_warnings *warnings, struct goxel_project **ret_project)
{
    size_t count = choice->layers ? goxel_json_length(choice->layers) : 0;
    int *ids, code;

    if (!choice->layers && !choice->box) {
        *ret_project = goxel_project_ref(in->project);
        return 0;
    }
    if (choice->layers && (count == 0 || count > GOXEL_LAYERS_MAX))
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "layers", choice->layers,
                               "1 to %d layers: ids or names", GOXEL_LAYERS_MAX);
    ids = calloc(count + 1, sizeof(*ids));
    if (!ids)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    code = make_part(in, choice, ids, warnings, ret_project);
    free(ids);
    return code;
}

/* ---- reading and writing ---- */

struct goxel_encoding goxel_encoding_companion(const struct goxel_encoding *encoding)
{
    struct goxel_encoding companion = *encoding;

    companion.format = goxel_format_companion(&encoding->options);
    goxel_format_options_init(&companion.options, companion.format);
    goxel_format_options_share(&companion.options, &encoding->options);
    companion.strict = false;
    return companion;
}

int goxel_read_model(const struct goxel_invocation *in, const struct goxel_choice *choice,
                     const struct goxel_format **format, const void *bytes, size_t len,
                     struct goxel_warnings *warnings, struct goxel_project **ret_project)
{
    struct goxel_format_options options;
    const struct goxel_import import = {
        .bytes = bytes ? bytes : (const void *)"",
        .len = len,
        .options = &options,
        .cancel = &in->call->cancel,
        .warnings = warnings,
        .detail = in->detail,
    };
    const struct goxel_format *row = goxel_format_of_bytes(*format, import.bytes, len);
    int code = goxel_choice_options(choice, row, GOXEL_FORMAT_IN, in->detail, &options);

    if (!code)
        code = goxel_format_read(row, &import, choice->strict, ret_project);
    if (!code)
        *format = row;
    return code;
}

int goxel_write_model(const struct goxel_invocation *in, const struct goxel_encoding *encoding,
                      struct goxel_warnings *warnings, struct goxel_detail *detail, struct goxel_buf *out)
{
    const struct goxel_export export = {
        .project = encoding->project,
        .name = encoding->name,
        .options = &encoding->options,
        .pool = in->rpc->options.pool,
        .cancel = &in->call->cancel,
        .warnings = warnings,
        .detail = detail,
    };

    return goxel_format_write(encoding->format, &export, encoding->strict, out);
}
