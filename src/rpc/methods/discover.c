/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rpc.discover: the method table as an OpenRPC 1.3 document. Everything in it comes from rows; what a schema cannot say,
 * descriptions do.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "rpc/methods/methods.h"

/* Every error that some method gives is a component of its own, named as in docs/errors.md. */
static const int errors[] = {
#define X(symbol, text, rpc, http, exit) symbol,
    GOXEL_ERRORS(X)
#undef X
};
#define ERRORS (sizeof(errors) / sizeof(errors[0]))

static void put_info(struct goxel_json_writer *w)
{
    goxel_json_put_object(w, "info");
    goxel_json_put_string(w, "title", "goxel-daemon");
    goxel_json_put_string(w, "version", GOXEL_VERSION);
    goxel_json_put_string(
        w, "description",
        "Goxel, the voxel editor, as a network service. Every method may also give the errors that the "
        "specification of JSON-RPC names; of -32602 data.field names the parameter.");
    goxel_json_put_object(w, "license");
    goxel_json_put_string(w, "name", "GPL-3.0-or-later");
    goxel_json_put_end(w);
    goxel_json_put_end(w);
}

static void put_param(struct goxel_json_writer *w, const struct goxel_param *spec)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "name", spec->name);
    goxel_json_put_string(w, "summary", spec->meaning);
    if (spec->fallback) {
        char text[512];

        (void)snprintf(text, sizeof(text), "%s. Without it: %s.", spec->meaning, spec->fallback);
        goxel_json_put_string(w, "description", text);
    }
    goxel_json_put_bool(w, "required", spec->required);
    if (spec->access)
        goxel_json_put_string(w, "x-access", goxel_access_name(spec->access));
    goxel_schema_put_param(w, "schema", spec);
    goxel_json_put_end(w);
}

static void put_result(struct goxel_json_writer *w, const struct goxel_method *method)
{
    goxel_json_put_object(w, "result");
    goxel_json_put_string(w, "name", "result");
    goxel_schema_put_result(w, "schema", method);
    goxel_json_put_end(w);
}

static void put_errors(struct goxel_json_writer *w, const struct goxel_method *method)
{
    char pointer[96];

    goxel_json_put_array(w, "errors");
    for (size_t i = 0; i < ERRORS; i++) {
        if (!goxel_method_gives(method, errors[i]))
            continue;
        (void)snprintf(pointer, sizeof(pointer), "#/components/errors/%s", goxel_error_symbol(errors[i]));
        goxel_json_put_object(w, NULL);
        goxel_json_put_string(w, "$ref", pointer);
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
}

static void put_example_param(struct goxel_json_writer *w, const struct goxel_json_iter *it)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "name", it->key);
    goxel_json_put_node(w, "value", it->value);
    goxel_json_put_end(w);
}

/* Pairs of parameters and result; one that lacks its result would be an example of a notification. */
static int put_example(struct goxel_json_writer *w, const struct goxel_method *method)
{
    struct goxel_json_iter it = {0};
    struct goxel_json *example = NULL;
    int code;

    if (!method->example || !method->answer)
        return 0;
    code = goxel_json_parse(method->example, strlen(method->example), &goxel_json_limits_default, NULL,
                            &example);
    if (code)
        return code;
    goxel_json_put_array(w, "examples");
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "name", "example");
    goxel_json_put_array(w, "params");
    while (goxel_json_next(example, &it))
        put_example_param(w, &it);
    goxel_json_put_end(w);
    goxel_json_put_object(w, "result");
    goxel_json_put_string(w, "name", "result");
    goxel_json_put_raw(w, "value", method->answer, strlen(method->answer));
    goxel_json_put_end(w);
    goxel_json_put_end(w);
    goxel_json_put_end(w);
    goxel_json_free(example);
    return 0;
}

static int put_method(struct goxel_json_writer *w, const struct goxel_method *method)
{
    int code;

    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "name", method->name);
    goxel_json_put_array(w, "tags");
    goxel_json_put_object(w, NULL);
    goxel_json_put_string_len(w, "name", method->name, strcspn(method->name, "."));
    goxel_json_put_end(w);
    goxel_json_put_end(w);
    goxel_json_put_string(w, "summary", method->summary);
    goxel_json_put_string(w, "paramStructure", "either");
    goxel_json_put_string(w, "x-access", goxel_access_name(goxel_method_access(method)));
    goxel_json_put_bool(w, "x-in-batch", (method->states & GOXEL_METHOD_IN_BATCH) != 0);
    goxel_json_put_array(w, "params");
    for (const struct goxel_param *spec = method->params; spec->name; spec++)
        put_param(w, spec);
    goxel_json_put_end(w);
    put_result(w, method);
    put_errors(w, method);
    code = put_example(w, method);
    goxel_json_put_end(w);
    return code;
}

static bool given_by_any(const struct goxel_rpc *rpc, int code)
{
    size_t i = 0;

    while (i < rpc->count && !goxel_method_gives(&rpc->methods[i], code))
        i++;
    return i < rpc->count;
}

static void put_components(struct goxel_json_writer *w, const struct goxel_rpc *rpc)
{
    goxel_json_put_object(w, "components");
    goxel_schema_put_shared(w, "schemas");
    goxel_json_put_object(w, "errors");
    for (size_t i = 0; i < ERRORS; i++) {
        if (!given_by_any(rpc, errors[i]))
            continue;
        goxel_json_put_object(w, goxel_error_symbol(errors[i]));
        goxel_json_put_int(w, "code", goxel_error_rpc(errors[i]));
        goxel_json_put_string(w, "message", goxel_error_text(errors[i]));
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
    goxel_json_put_end(w);
}

int goxel_rpc_discover(struct goxel_invocation *in)
{
    const struct goxel_rpc *rpc = in->rpc;
    int code = 0;

    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "openrpc", "1.3.2");
    put_info(in->out);
    goxel_json_put_array(in->out, "methods");
    for (size_t i = 0; i < rpc->count && !code; i++)
        code = put_method(in->out, &rpc->methods[i]);
    if (code)
        return code;
    goxel_json_put_end(in->out);
    put_components(in->out, rpc);
    goxel_json_put_end(in->out);
    return 0;
}
