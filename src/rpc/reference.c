/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The method table as a page: what a client's author looks up, in the order in which it is asked. */
#include "rpc/reference.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* clang-format off */
static const char head[] =
    "# Methods\n"
    "\n"
    "Made from `src/rpc/methods/table.c` by `make reference`. The same, for programs, is what `rpc.discover` answers.\n"
    "\n"
    "Parameters are named (an object) or positional (an array, in the order of the tables). A parameter that is not in the table,\n"
    "a wrong type and a value out of range are refused with -32602, whose `data.field` names the parameter. (Those of the\n"
    "family `goxel.`, and those without a family, are as lenient as the daemon that their clients were written for: what they do\n"
    "not know is passed over, `position` stands for x, y and z, `color` for r, g, b and a, and `project` names another project\n"
    "than the current one.)\n"
    "\n"
    "Access is what a client needs to call a method: each of the levels read, edit and admin has all of those before it, and `all` is\n"
    "whoever can connect ([security.md](security.md#access) tells who has which). Without it the answer is -32004, or -1013 where the client\n"
    "is known.\n"
    "\n"
    "Every method may\n"
    "also give the errors that JSON-RPC 2.0 names, and those that are listed here for all:\n";

/* What can be written for a parameter of a type that is more than a type of JSON. */
static const struct {
    enum goxel_param_type type;
    const char *forms;
} forms[] = {
    {GOXEL_PARAM_NAME, "a string of 1 to 255 bytes of UTF-8 without control characters"},
    {GOXEL_PARAM_COORD, "an integer from -1048576 to 1048575, in voxels; Z points up"},
    {GOXEL_PARAM_COLOR, "`[r,g,b]`, `[r,g,b,a]`, `{\"r\",\"g\",\"b\"}`, `{\"r\",\"g\",\"b\",\"a\"}`, `\"#RRGGBB\"` or `\"#RRGGBBAA\"`; integers from 0 to 255"},
    {GOXEL_PARAM_POSITION, "`[x,y,z]` or `{\"x\",\"y\",\"z\"}`, three coordinates"},
    {GOXEL_PARAM_BOX, "`{\"min\",\"max\"}`, two positions that both belong to it"},
    {GOXEL_PARAM_REGION, "a box, or a ball: `{\"center\",\"radius\"}`, a position and voxels"},
    {GOXEL_PARAM_LAYER, "the id of a layer, its name, or `\"current\"` for the active one"},
    {GOXEL_PARAM_LAYERS, "the same, or `\"all\"`"},
    {GOXEL_PARAM_PROJECT, "the id of a project or its name"},
    {GOXEL_PARAM_CHECKSUM, "CRC-32: an integer, or 8 hexadecimal digits as a string"},
};

static const char *const field_names[GOXEL_FIELD_TYPES] = {
    [GOXEL_FIELD_BOOL] = "boolean", [GOXEL_FIELD_INT] = "integer",
    [GOXEL_FIELD_COUNT] = "integer; above 2^53 its digits as a string", [GOXEL_FIELD_NUMBER] = "number",
    [GOXEL_FIELD_STRING] = "string", [GOXEL_FIELD_STRINGS] = "array of strings", [GOXEL_FIELD_COLOR] = "`[r,g,b,a]`",
    [GOXEL_FIELD_POSITION] = "`[x,y,z]`", [GOXEL_FIELD_BOX] = "`{min,max}`", [GOXEL_FIELD_OBJECT] = "object",
    [GOXEL_FIELD_ARRAY] = "array",
};
/* clang-format on */

/* Text for a cell of a table. */
static void put_cell(struct goxel_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            goxel_buf_putc(out, '\\');
        goxel_buf_putc(out, *text);
    }
}

/* ---- parameters ---- */

static void put_type(struct goxel_buf *out, const struct goxel_param *spec)
{
    if (spec->type == GOXEL_PARAM_CHOICE) {
        for (const char *at = spec->choices; *at; at += strspn(at, " ")) {
            size_t len = strcspn(at, " ");

            goxel_buf_printf(out, "%s`\"%.*s\"`", at == spec->choices ? "" : " ", (int)len, at);
            at += len;
        }
        return;
    }
    goxel_buf_puts(out, goxel_param_type_name(spec->type));
    if (spec->type == GOXEL_PARAM_STRING && spec->max)
        goxel_buf_printf(out, " of at most %" PRId64 " bytes", spec->max);
    else if (spec->min || spec->max)
        goxel_buf_printf(out, " from %" PRId64 " to %" PRId64, spec->min, spec->max);
}

static void put_params(struct goxel_buf *out, const struct goxel_method *method)
{
    if (!method->params[0].name) {
        goxel_buf_puts(out, "No parameters.\n\n");
        return;
    }
    goxel_buf_puts(out, "| parameter | type | without it | |\n|---|---|---|---|\n");
    for (const struct goxel_param *spec = method->params; spec->name; spec++) {
        goxel_buf_printf(out, "| `%s` | ", spec->name);
        put_type(out, spec);
        goxel_buf_puts(out, " | ");
        put_cell(out, spec->required ? "refused" : spec->fallback);
        goxel_buf_puts(out, " | ");
        put_cell(out, spec->meaning);
        if (spec->access)
            goxel_buf_printf(out, "; needs the level %s", goxel_access_name(spec->access));
        goxel_buf_puts(out, " |\n");
    }
    goxel_buf_putc(out, '\n');
}

/* ---- results ---- */

/* `prefix`: of the members' names, "statistics." or "layers[]."; cut, as any name would be. */
static void put_fields(struct goxel_buf *out, const struct goxel_field *members, const char *prefix)
{
    char inner[128];

    for (const struct goxel_field *at = members; at->name; at++) {
        goxel_buf_printf(out, "| `%s%s` | %s%s%s | ", prefix, at->name, field_names[at->type],
                         at->nullable ? " or null" : "", at->optional ? "; not always there" : "");
        put_cell(out, at->meaning ? at->meaning : "");
        goxel_buf_puts(out, " |\n");
        if (!at->members)
            continue;
        (void)snprintf(inner, sizeof(inner), "%s%s%s.", prefix, at->name,
                       at->type == GOXEL_FIELD_ARRAY ? "[]" : "");
        put_fields(out, at->members, inner);
    }
}

static void put_result(struct goxel_buf *out, const struct goxel_method *method)
{
    if (method->fields) {
        goxel_buf_puts(out, "| result | type | |\n|---|---|---|\n");
        put_fields(out, method->fields, "");
        goxel_buf_putc(out, '\n');
    }
    if (method->result)
        goxel_buf_printf(out, "Result: %s.\n\n", method->result);
}

/* ---- errors ---- */

/* Those of `method` that are not those of `all`, one line. */
static void put_errors(struct goxel_buf *out, const struct goxel_method *method,
                       const struct goxel_method *all)
{
    const char *comma = "";

    for (int row = 1; row < GOXEL_ERROR_ROWS; row++) {
        if (!goxel_method_gives(method, -row) || (all && goxel_method_gives(all, -row)))
            continue;
        goxel_buf_printf(out, "%s%d %s", comma, goxel_error_rpc(-row), goxel_error_text(-row));
        comma = "; ";
    }
    goxel_buf_puts(out, comma[0] ? ".\n\n" : "none of its own.\n\n");
}

/* ---- the page ---- */

static void put_head(struct goxel_buf *out, const struct goxel_method *all)
{
    goxel_buf_puts(out, head);
    put_errors(out, all, NULL);
    goxel_buf_puts(out, "| type | what can be written |\n|---|---|\n");
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        goxel_buf_printf(out, "| %s | %s |\n", goxel_param_type_name(forms[i].type), forms[i].forms);
}

static void put_method(struct goxel_buf *out, const struct goxel_method *method,
                       const struct goxel_method *all)
{
    goxel_buf_printf(out, "\n## %s\n\n%s%s\n\n", method->name, method->summary,
                     method->states & GOXEL_METHOD_IN_BATCH ? " It may stand in a batch (`batch.execute`)."
                                                            : "");
    goxel_buf_printf(out, "Access: %s%s.\n\n", goxel_access_name(goxel_method_access(method)),
                     goxel_method_access(method) == GOXEL_ACCESS_STOP
                         ? "; without a token over TCP only with security.stop_without_token"
                         : "");
    put_params(out, method);
    put_result(out, method);
    goxel_buf_puts(out, "Errors: ");
    put_errors(out, method, all);
    if (!method->example)
        return;
    goxel_buf_printf(out, "    %s %s\n", method->name, method->example);
    if (method->answer)
        goxel_buf_printf(out, "    %s\n", method->answer);
}

void goxel_reference_write(const struct goxel_method *methods, struct goxel_buf *out)
{
    static const struct goxel_param none = {.name = NULL};
    static const struct goxel_method all = {.params = &none}; /* what any method gives, and no more */

    put_head(out, &all);
    for (const struct goxel_method *method = methods; method->name; method++) {
        if (strncmp(method->name, "test.", 5) != 0)
            put_method(out, method, &all);
    }
}
