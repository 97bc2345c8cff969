/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `export`: the formats, and a project as a file or as bytes of the reply. */
#include <string.h>

#include "base/error.h"
#include "format/describe.h"
#include "rpc/base64.h"
#include "rpc/methods/methods.h"

/* ---- export.formats ---- */

int goxel_export_formats_run(struct goxel_invocation *in)
{
    goxel_formats_put(goxel_formats, in->out);
    return 0;
}

/* ---- export.model ---- */

/* Most bytes that a reply can take as base64. */
static size_t inline_max(const struct goxel_invocation *in)
{
    size_t room = in->out->buf->ceiling;

    return room > GOXEL_REPLY_ENVELOPE ? (room - GOXEL_REPLY_ENVELOPE) / 4 * 3 : 0;
}

static int encode(struct goxel_invocation *in, const struct goxel_encoding *encoding,
                  struct goxel_warnings *warnings, struct goxel_buf *bytes)
{
    int code = goxel_write_model(in, encoding, warnings, in->detail, bytes);

    if (code == GOXEL_ERROR_MESSAGE_SIZE)
        code = goxel_fail(
            in->detail, GOXEL_ERROR_QUOTA,
            "the file would be longer than the %zu bytes that fit a reply: give a path in place of inline",
            bytes->ceiling);
    return goxel_invocation_check(in, code);
}

/* What the file calls the one beside it: the client gets that by its format, with the same options. */
static void put_companions(struct goxel_json_writer *w, const struct goxel_encoding *encoding)
{
    const struct goxel_format *format = goxel_format_companion(&encoding->options);
    struct goxel_buf name;

    if (!format)
        return;
    goxel_buf_init(&name, 2 * GOXEL_NAME_MAX);
    goxel_buf_printf(&name, "%s.%.*s", encoding->name, (int)strcspn(format->extensions, " "),
                     format->extensions);
    goxel_json_put_array(w, "companions");
    goxel_json_put_string(w, NULL, name.data);
    goxel_json_put_end(w);
    goxel_buf_finish(&name);
}

static int put_inline(struct goxel_invocation *in, const struct goxel_encoding *encoding,
                      const struct goxel_warnings *warnings, const struct goxel_buf *bytes)
{
    struct goxel_buf text;
    int code;

    goxel_buf_init(&text, in->out->buf->ceiling);
    code = goxel_base64_encode(bytes->data ? bytes->data : "", bytes->len, &text);
    if (!code) {
        goxel_json_put_object(in->out, NULL);
        goxel_json_put_string(in->out, "format", encoding->format->name);
        goxel_json_put_string(in->out, "media_type", encoding->format->media_type);
        goxel_json_put_count(in->out, "bytes", bytes->len);
        goxel_json_put_string_len(in->out, "data", text.data ? text.data : "", text.len);
        put_companions(in->out, encoding);
        goxel_warnings_put(in->out, warnings);
        goxel_json_put_end(in->out);
    }
    goxel_buf_finish(&text);
    return code;
}

static int put_model(struct goxel_invocation *in, const struct goxel_encoding *encoding,
                     struct goxel_warnings *warnings)
{
    struct goxel_buf bytes;
    int code;

    goxel_buf_init(&bytes, inline_max(in));
    code = encode(in, encoding, warnings, &bytes);
    if (!code)
        code = put_inline(in, encoding, warnings, &bytes);
    goxel_buf_finish(&bytes);
    return code;
}

static int export_inline(struct goxel_invocation *in, const struct goxel_format *format,
                         const struct goxel_choice *choice)
{
    struct goxel_encoding encoding = {.format = format, .strict = choice->strict};
    struct goxel_warnings warnings = {.count = 0};
    struct goxel_project *part = NULL;
    int code = goxel_choice_options(choice, format, GOXEL_FORMAT_OUT, in->detail, &encoding.options);

    if (code || (code = goxel_invocation_read(in)))
        return code;
    code = goxel_choice_part(in, choice, &warnings, &part);
    encoding.project = part;
    encoding.name = in->project->name;
    if (!code)
        code = put_model(in, &encoding, &warnings);
    goxel_project_unref(part);
    return goxel_invocation_end(in, code);
}

static int export_to_path(struct goxel_invocation *in, const struct goxel_format *format,
                          const struct goxel_choice *choice)
{
    struct goxel_save save = {
        .path = goxel_arg_text(in, "path", NULL), .format = format, .copy = true, .choice = *choice};
    struct goxel_saved saved;
    int code = goxel_save_in_turn(in, &save, &saved);

    if (!code)
        goxel_put_saved(in->out, &saved);
    return code;
}

/* One place, and only one; where there is no extension the format is named. */
static int check_place(const struct goxel_invocation *in, bool inlined)
{
    if (inlined && goxel_arg(in, "path")->given)
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "path", goxel_arg(in, "path")->node,
                               "none, as inline is true");
    if (!inlined && !goxel_arg(in, "path")->given)
        return goxel_fail_value(in->detail, GOXEL_ERROR_INVALID_PARAMS, "path", NULL,
                                "a path, or inline: true");
    if (inlined && !goxel_arg(in, "format")->given)
        return goxel_fail_value(in->detail, GOXEL_ERROR_INVALID_PARAMS, "format", NULL,
                                "a format's name (export.formats), as there is no path to tell it");
    return 0;
}

int goxel_export_model_run(struct goxel_invocation *in)
{
    bool inlined = goxel_arg_bool(in, "inline", false);
    const char *name = goxel_arg_text(in, "format", NULL);
    const struct goxel_choice choice = goxel_choice_of(in);
    const struct goxel_format *format = NULL;
    int code = check_place(in, inlined);

    if (!code && name)
        code = goxel_format_choose("", name, GOXEL_FORMAT_OUT, in->detail, &format);
    if (code)
        return code;
    return inlined ? export_inline(in, format, &choice) : export_to_path(in, format, &choice);
}
