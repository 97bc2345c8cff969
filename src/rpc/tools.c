/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The line form of programs that know tools rather than methods: {"tool": …, "arguments": {…}}.
 *
 * It is a dialect and nothing more: the message is rewritten as a JSON-RPC request with the id null before it is run, and its reply
 * as what the tool's caller expects once it is complete. Which tool is which method is in one table.
 */
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "rpc/method.h"
#include "rpc/values.h"

/* Rewriting makes a text longer only by spelling out escapes and numbers. */
#define GROWTH_MAX 8
#define ENVELOPE_MAX ((size_t)4096)

/* Those of the compatible family (methods/compat.h), which take what tools send; one that the table does not have is still to come. */
const struct goxel_tool goxel_tools[] = {
    {"goxel_create_project", "goxel.create_project"},
    {"goxel_open_file", "goxel.load_project"},
    {"goxel_save_file", "goxel.save_project"},
    {"goxel_export_file", "goxel.export_model"},
    {"goxel_render_scene", "goxel.render_scene"},
    {"goxel_get_voxel", "goxel.get_voxel"},
    {"goxel_add_voxels", "goxel.add_voxel"},
    {"goxel_remove_voxels", "goxel.remove_voxel"},
    {"goxel_paint_voxels", "goxel.paint_voxels"},
    {"goxel_flood_fill", "goxel.flood_fill"},
    {"goxel_procedural_shape", "goxel.procedural_shape"},
    {"goxel_batch_voxel_operations", "goxel.batch_operations"},
    {"goxel_new_layer", "goxel.create_layer"},
    {"goxel_delete_layer", "goxel.delete_layer"},
    {"goxel_list_layers", "goxel.list_layers"},
    {"goxel_merge_layers", "goxel.merge_layers"},
    {"goxel_set_layer_visibility", "goxel.set_layer_visibility"},
    {"ping", "ping"},
    {"version", "version"},
    {"list_methods", "list_methods"},
    {NULL, NULL},
};

bool goxel_tool_called(const struct goxel_json *message)
{
    return goxel_json_type(message) == GOXEL_JSON_OBJECT && goxel_json_get(message, "tool") &&
           !goxel_json_get(message, "jsonrpc");
}

/* ---- the request ---- */

static int fail_tool(const char *name, struct goxel_detail *detail)
{
    struct goxel_nearest nearest = {.written = name};

    for (const struct goxel_tool *tool = goxel_tools; tool->name; tool++)
        goxel_nearest_try(&nearest, tool->name);
    return goxel_fail_value(detail, GOXEL_ERROR_METHOD_NOT_FOUND, "tool", name,
                            nearest.found ? "a tool, such as %s" : "a tool, such as goxel_add_voxels",
                            nearest.found);
}

static int find_tool(const struct goxel_rpc *rpc, const struct goxel_json *node, struct goxel_detail *detail,
                     const struct goxel_tool **ret_tool)
{
    const char *name;

    if (goxel_json_type(node) != GOXEL_JSON_STRING)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_REQUEST, "tool", node, "a string");
    name = goxel_json_string(node, NULL);
    for (const struct goxel_tool *tool = goxel_tools; tool->name; tool++) {
        if (strcmp(name, tool->name) != 0)
            continue;
        if (!goxel_rpc_find(rpc, tool->method, strlen(tool->method)))
            return goxel_fail(detail, GOXEL_ERROR_UNSUPPORTED_OPERATION,
                              "%s needs %s, which this version does not have", tool->name, tool->method);
        *ret_tool = tool;
        return 0;
    }
    return fail_tool(name, detail);
}

static int write_request(const struct goxel_json *message, const struct goxel_tool *tool,
                         struct goxel_buf *buf, struct goxel_detail *detail)
{
    const struct goxel_json *arguments = goxel_json_get(message, "arguments");
    struct goxel_json_writer w;

    if (arguments && goxel_json_type(arguments) != GOXEL_JSON_OBJECT)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, "arguments", arguments, "an object");
    goxel_json_writer_init(&w, buf);
    goxel_rpc_put_head(&w, NULL);
    goxel_json_put_string(&w, "method", tool->method);
    if (arguments)
        goxel_json_put_node(&w, "params", arguments);
    goxel_json_put_end(&w);
    return buf->failed;
}

int goxel_tool_translate(struct goxel_rpc_call *call, struct goxel_detail *detail)
{
    const struct goxel_tool *tool = NULL;
    struct goxel_json *request = NULL;
    struct goxel_buf text;
    int code = find_tool(call->rpc, goxel_json_get(call->message, "tool"), detail, &tool);

    if (code)
        return code;
    goxel_buf_init(&text, GROWTH_MAX * call->body_len + ENVELOPE_MAX);
    code = write_request(call->message, tool, &text, detail);
    if (!code)
        code = goxel_json_parse(text.data, text.len, &goxel_json_limits_default, detail, &request);
    goxel_buf_finish(&text);
    if (code)
        return code;
    goxel_json_free(call->message);
    call->message = request;
    return 0;
}

/* ---- the reply ---- */

static const char *text_of(const struct goxel_json *data, const char *key)
{
    const struct goxel_json *node = data ? goxel_json_get(data, key) : NULL;

    return node && goxel_json_type(node) == GOXEL_JSON_STRING ? goxel_json_string(node, NULL) : "";
}

/* One sentence of what JSON-RPC tells by members. */
static void write_message(struct goxel_buf *buf, const struct goxel_json *error)
{
    const struct goxel_json *data = goxel_json_get(error, "data");
    const char *reason = text_of(data, "reason"), *expected = text_of(data, "expected");

    goxel_buf_puts(buf, text_of(error, "message"));
    if (reason[0])
        goxel_buf_printf(buf, ": %s", reason);
    if (expected[0] && !strstr(reason, expected))
        goxel_buf_printf(buf, ", expected %s", expected);
}

static void write_failure(struct goxel_buf *out, const struct goxel_json *error)
{
    struct goxel_json_writer w;
    struct goxel_buf message;

    goxel_buf_init(&message, ENVELOPE_MAX);
    write_message(&message, error);
    goxel_json_writer_init(&w, out);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_bool(&w, "success", false);
    goxel_json_put_node(&w, "error_code", goxel_json_get(error, "code"));
    goxel_json_put_string(&w, "error_message", message.data);
    goxel_json_put_end(&w);
    goxel_buf_finish(&message);
}

static void write_content(struct goxel_buf *out, const char *result, size_t len)
{
    struct goxel_json_writer w;

    goxel_json_writer_init(&w, out);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_bool(&w, "success", true);
    goxel_json_put_raw(&w, "content", result, len);
    goxel_json_put_end(&w);
}

void goxel_tool_answer(struct goxel_rpc_call *call)
{
    static const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":";
    struct goxel_buf old = call->reply, out;
    struct goxel_json *reply = NULL;
    size_t skip = sizeof(head) - 1;

    if (old.failed)
        return;
    goxel_buf_init(&out, old.ceiling);
    if (old.len > skip && memcmp(old.data, head, skip) == 0)
        write_content(&out, old.data + skip, old.len - skip - 1);
    else if (!goxel_json_parse(old.data, old.len, &goxel_json_limits_default, NULL, &reply))
        write_failure(&out, goxel_json_get(reply, "error"));
    else
        out.failed = GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_json_free(reply);
    if (out.failed) {
        /* No memory: it stays as it is, which is a reply, too. */
        goxel_buf_finish(&out);
        return;
    }
    goxel_buf_finish(&old);
    call->reply = out;
}
