/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a row of the method table says of itself, as JSON schemas and for people.
 *
 * A schema never refuses what the daemon accepts; the daemon is stricter where a schema cannot be, as with bytes of UTF-8.
 */
#include <string.h>

#include "base/error.h"
#include "rpc/method.h"

/* clang-format off */
#define JSON(...) #__VA_ARGS__

/* Of a parameter's type. Either it is written out in place, or it has a name and is shared. */
static const struct {
    const char *shared; /* its name; NULL: in place */
    const char *schema; /* the shared one; NULL: written by code */
    const char *type;   /* of the one in place */
} params[GOXEL_PARAM_TYPES] = {
    [GOXEL_PARAM_BOOL] = {.type = "boolean"},
    [GOXEL_PARAM_INT] = {.type = "integer"},
    [GOXEL_PARAM_NUMBER] = {.type = "number"},
    [GOXEL_PARAM_STRING] = {.type = "string"},
    [GOXEL_PARAM_CHOICE] = {.type = "string"},
    [GOXEL_PARAM_OBJECT] = {.type = "object"},
    [GOXEL_PARAM_ARRAY] = {.type = "array"},
    [GOXEL_PARAM_NAME] = {"Name"},
    [GOXEL_PARAM_COORD] = {"Coordinate"},
    [GOXEL_PARAM_COLOR] = {"Color", JSON({"description": "A colour: red, green, blue and perhaps alpha, 255 without it", "oneOf": [
        {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 255}, "minItems": 3, "maxItems": 4},
        {"type": "object", "required": ["r", "g", "b"], "additionalProperties": false, "properties": {
            "r": {"type": "integer", "minimum": 0, "maximum": 255}, "g": {"type": "integer", "minimum": 0, "maximum": 255},
            "b": {"type": "integer", "minimum": 0, "maximum": 255}, "a": {"type": "integer", "minimum": 0, "maximum": 255}}},
        {"type": "string", "pattern": "^#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})$"}]})},
    [GOXEL_PARAM_POSITION] = {"Position", JSON({"description": "A position in voxels, Z up", "oneOf": [
        {"type": "array", "items": {"$ref": "#/components/schemas/Coordinate"}, "minItems": 3, "maxItems": 3},
        {"type": "object", "required": ["x", "y", "z"], "additionalProperties": false, "properties": {
            "x": {"$ref": "#/components/schemas/Coordinate"}, "y": {"$ref": "#/components/schemas/Coordinate"},
            "z": {"$ref": "#/components/schemas/Coordinate"}}}]})},
    [GOXEL_PARAM_POINT] = {"Point", JSON({"description": "A point in space, Z up; the voxel 0 lies between 0 and 1", "oneOf": [
        {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3},
        {"type": "object", "required": ["x", "y", "z"], "additionalProperties": false, "properties": {
            "x": {"type": "number"}, "y": {"type": "number"}, "z": {"type": "number"}}}]})},
    [GOXEL_PARAM_BOX] = {"Box", JSON({"description": "A box; both corners belong to it", "type": "object",
        "required": ["min", "max"], "additionalProperties": false, "properties": {
            "min": {"$ref": "#/components/schemas/Position"}, "max": {"$ref": "#/components/schemas/Position"}}})},
    [GOXEL_PARAM_REGION] = {"Region", JSON({"description": "A box or a ball", "oneOf": [
        {"$ref": "#/components/schemas/Box"},
        {"type": "object", "required": ["center", "radius"], "additionalProperties": false, "properties": {
            "center": {"$ref": "#/components/schemas/Position"}, "radius": {"type": "number", "minimum": 0}}}]})},
    [GOXEL_PARAM_LAYER] = {"Layer", JSON({"description": "A layer: its id, its name, or \"current\" for the active one",
        "type": ["integer", "string"]})},
    [GOXEL_PARAM_LAYERS] = {"Layers", JSON({"description": "A layer: its id, its name, \"current\" for the active one, or \"all\" of them",
        "type": ["integer", "string"]})},
    [GOXEL_PARAM_PROJECT] = {"Project", JSON({"description": "A project: its id or its name", "type": "string"})},
    [GOXEL_PARAM_CHECKSUM] = {"Checksum", JSON({"description": "CRC-32", "oneOf": [
        {"type": "integer", "minimum": 0, "maximum": 4294967295}, {"type": "string", "pattern": "^[0-9a-fA-F]{8}$"}]})},
};

/* Of a member of a result. */
static const struct {
    const char *types; /* JSON's, space-separated */
    struct {
        const char *key, *json;
    } more[3]; /* members of the schema; may end with one whose key is NULL */
} fields[GOXEL_FIELD_TYPES] = {
    [GOXEL_FIELD_BOOL] = {"boolean"},
    [GOXEL_FIELD_INT] = {"integer"},
    [GOXEL_FIELD_COUNT] = {"integer string", {{"minimum", "0"}, {"pattern", JSON("^[0-9]+$")}}},
    [GOXEL_FIELD_NUMBER] = {"number"},
    [GOXEL_FIELD_STRING] = {"string"},
    [GOXEL_FIELD_STRINGS] = {"array", {{"items", JSON({"type": "string"})}}},
    [GOXEL_FIELD_COLOR] = {"array", {{"items", JSON({"type": "integer", "minimum": 0, "maximum": 255})}, {"minItems", "4"}, {"maxItems", "4"}}},
    [GOXEL_FIELD_POSITION] = {"array", {{"items", JSON({"type": "integer"})}, {"minItems", "3"}, {"maxItems", "3"}}},
    [GOXEL_FIELD_BOX] = {"object", {{"required", JSON(["min", "max"])}}},
    [GOXEL_FIELD_OBJECT] = {"object"},
    [GOXEL_FIELD_ARRAY] = {"array"},
};
/* clang-format on */

static void put_text(struct goxel_json_writer *w, const char *key, const char *json)
{
    goxel_json_put_raw(w, key, json, strlen(json));
}

/* ---- parameters ---- */

static void put_range(struct goxel_json_writer *w, int64_t min, int64_t max)
{
    goxel_json_put_int(w, "minimum", min);
    goxel_json_put_int(w, "maximum", max);
}

/* What a fallback says to people is a default if it is one value, such as "current" in its quotes. */
static bool is_default(const char *fallback)
{
    return fallback && goxel_json_scan(fallback, strlen(fallback), &goxel_json_limits_default, NULL) == 0;
}

static void put_default(struct goxel_json_writer *w, const struct goxel_param *spec)
{
    if (is_default(spec->fallback))
        put_text(w, "default", spec->fallback);
}

static void put_reference(struct goxel_json_writer *w, const char *name)
{
    char pointer[64] = "#/components/schemas/";

    (void)strncat(pointer, name, sizeof(pointer) - strlen(pointer) - 1);
    goxel_json_put_string(w, "$ref", pointer);
}

/* Beside a reference nothing else counts: a default needs a schema around it. */
static void put_shared_param(struct goxel_json_writer *w, const struct goxel_param *spec)
{
    if (!is_default(spec->fallback)) {
        put_reference(w, params[spec->type].shared);
        return;
    }
    goxel_json_put_array(w, "allOf");
    goxel_json_put_object(w, NULL);
    put_reference(w, params[spec->type].shared);
    goxel_json_put_end(w);
    goxel_json_put_end(w);
    put_default(w, spec);
}

static void put_own_param(struct goxel_json_writer *w, const struct goxel_param *spec)
{
    goxel_json_put_string(w, "type", params[spec->type].type);
    if (spec->choices)
        goxel_json_put_words(w, "enum", spec->choices);
    if (spec->type == GOXEL_PARAM_STRING && spec->max)
        goxel_json_put_int(w, "maxLength", spec->max);
    else if (spec->min || spec->max)
        put_range(w, spec->min, spec->max);
    if (spec->shape) {
        goxel_json_put_array(w, "allOf");
        put_text(w, NULL, spec->shape);
        goxel_json_put_end(w);
    }
    put_default(w, spec);
}

void goxel_schema_put_param(struct goxel_json_writer *w, const char *key, const struct goxel_param *spec)
{
    goxel_json_put_object(w, key);
    if (params[spec->type].shared)
        put_shared_param(w, spec);
    else
        put_own_param(w, spec);
    goxel_json_put_end(w);
}

/* Those whose bounds are constants of ours. */
static void put_bounded(struct goxel_json_writer *w, enum goxel_param_type type)
{
    goxel_json_put_object(w, params[type].shared);
    if (type == GOXEL_PARAM_COORD) {
        goxel_json_put_string(w, "description", "A coordinate in voxels");
        goxel_json_put_string(w, "type", "integer");
        put_range(w, GOXEL_COORD_MIN, GOXEL_COORD_MAX);
    } else {
        goxel_json_put_string(w, "description", "A name: bytes of UTF-8 without control characters");
        goxel_json_put_string(w, "type", "string");
        goxel_json_put_int(w, "minLength", 1);
        goxel_json_put_int(w, "maxLength", GOXEL_NAME_MAX);
    }
    goxel_json_put_end(w);
}

void goxel_schema_put_shared(struct goxel_json_writer *w, const char *key)
{
    goxel_json_put_object(w, key);
    for (int type = 0; type < GOXEL_PARAM_TYPES; type++) {
        if (params[type].schema)
            put_text(w, params[type].shared, params[type].schema);
        else if (params[type].shared)
            put_bounded(w, (enum goxel_param_type)type);
    }
    goxel_json_put_end(w);
}

/* ---- results ---- */

static void put_field(struct goxel_json_writer *w, const char *key, const struct goxel_field *field);

/* The members of an object, and which of them are always there. */
static void put_members(struct goxel_json_writer *w, const struct goxel_field *members)
{
    goxel_json_put_object(w, "properties");
    for (const struct goxel_field *at = members; at->name; at++)
        put_field(w, at->name, at);
    goxel_json_put_end(w);
    goxel_json_put_array(w, "required");
    for (const struct goxel_field *at = members; at->name; at++) {
        if (!at->optional)
            goxel_json_put_string(w, NULL, at->name);
    }
    goxel_json_put_end(w);
}

/* "type": one word, or an array of several. */
static void put_types(struct goxel_json_writer *w, const struct goxel_field *field)
{
    const char *types = fields[field->type].types;

    if (!field->nullable && !strchr(types, ' ')) {
        goxel_json_put_string(w, "type", types);
        return;
    }
    goxel_json_put_array(w, "type");
    goxel_json_put_each_word(w, types);
    if (field->nullable)
        goxel_json_put_string(w, NULL, "null");
    goxel_json_put_end(w);
}

static void put_field(struct goxel_json_writer *w, const char *key, const struct goxel_field *field)
{
    goxel_json_put_object(w, key);
    if (field->meaning)
        goxel_json_put_string(w, "description", field->meaning);
    put_types(w, field);
    for (size_t i = 0; i < 3 && fields[field->type].more[i].key; i++)
        put_text(w, fields[field->type].more[i].key, fields[field->type].more[i].json);
    if (field->members && field->type == GOXEL_FIELD_ARRAY) {
        goxel_json_put_object(w, "items");
        goxel_json_put_string(w, "type", "object");
        put_members(w, field->members);
        goxel_json_put_end(w);
    } else if (field->members) {
        put_members(w, field->members);
    }
    goxel_json_put_end(w);
}

void goxel_schema_put_result(struct goxel_json_writer *w, const char *key, const struct goxel_method *method)
{
    goxel_json_put_object(w, key);
    goxel_json_put_string(w, "type", "object");
    if (method->result)
        goxel_json_put_string(w, "description", method->result);
    if (method->fields)
        put_members(w, method->fields);
    goxel_json_put_end(w);
}

/* ---- for people ---- */

static void put_shape(const struct goxel_field *members, struct goxel_buf *out)
{
    goxel_buf_putc(out, '{');
    for (const struct goxel_field *at = members; at->name; at++) {
        goxel_buf_printf(out, "%s%s%s", at == members ? "" : ", ", at->name, at->optional ? "?" : "");
        if (!at->members)
            continue;
        goxel_buf_puts(out, at->type == GOXEL_FIELD_ARRAY ? ": [" : ": ");
        put_shape(at->members, out);
        goxel_buf_puts(out, at->type == GOXEL_FIELD_ARRAY ? "]" : "");
    }
    goxel_buf_putc(out, '}');
}

void goxel_method_put_shape(const struct goxel_method *method, struct goxel_buf *out)
{
    if (method->fields)
        put_shape(method->fields, out);
    if (method->result)
        goxel_buf_printf(out, "%s%s", method->fields ? ": " : "", method->result);
}

/* ---- errors ---- */

/* What every method may give, whatever it does. */
static const int errors_of_all[] = {DAEMON_ERROR_INVALID_STATE_TRANSITION,
                                    GOXEL_ERROR_OVERLOADED,
                                    GOXEL_ERROR_SHUTTING_DOWN,
                                    GOXEL_ERROR_REQUEST_TIMEOUT,
                                    GOXEL_ERROR_OUT_OF_MEMORY,
                                    GOXEL_ERROR_UNAUTHORISED,
                                    GOXEL_ERROR_FORBIDDEN,
                                    0};

/* What a parameter of some types may give beside that it is none of that type. */
static const int errors_of_params[GOXEL_PARAM_TYPES][3] = {
    [GOXEL_PARAM_NAME] = {GOXEL_ERROR_VALIDATION},
    [GOXEL_PARAM_COORD] = {GOXEL_ERROR_INVALID_COORDINATES},
    [GOXEL_PARAM_COLOR] = {GOXEL_ERROR_INVALID_COLOR},
    [GOXEL_PARAM_POSITION] = {GOXEL_ERROR_INVALID_COORDINATES},
    [GOXEL_PARAM_BOX] = {GOXEL_ERROR_INVALID_COORDINATES},
    [GOXEL_PARAM_REGION] = {GOXEL_ERROR_INVALID_COORDINATES},
    [GOXEL_PARAM_LAYER] = {GOXEL_ERROR_LAYER_NOT_FOUND},
    [GOXEL_PARAM_LAYERS] = {GOXEL_ERROR_LAYER_NOT_FOUND, GOXEL_ERROR_BAD_PROJECT_STATE},
    [GOXEL_PARAM_PROJECT] = {GOXEL_ERROR_PROJECT_NOT_FOUND, GOXEL_ERROR_PROJECT_DAMAGED},
};

/* What an edit may give beside that its project is not there: read-only, changed meanwhile, no room on the disk. */
static const int errors_of_edits[] = {GOXEL_ERROR_BAD_PROJECT_STATE, GOXEL_ERROR_CONCURRENT,
                                      GOXEL_ERROR_STORAGE_FULL, GOXEL_ERROR_LOCKED, 0};

/* A loose row has a project, and parameters for it, that stand in no row. */
static const int errors_of_loose[] = {GOXEL_ERROR_PROJECT_NOT_FOUND, GOXEL_ERROR_PROJECT_DAMAGED, 0};

static bool listed(const int *errors, int code)
{
    while (*errors && *errors != code)
        errors++;
    return *errors != 0;
}

static bool is_edit(const struct goxel_method *method)
{
    if (method->lock == GOXEL_LOCK_EDIT)
        return true;
    for (const struct goxel_param *spec = method->params; spec->name; spec++) {
        if (strcmp(spec->name, GOXEL_REQUEST_KEY) == 0)
            return true;
    }
    return false;
}

bool goxel_method_gives(const struct goxel_method *method, int code)
{
    if (listed(errors_of_all, code) || (method->errors && listed(method->errors, code)) ||
        (is_edit(method) && listed(errors_of_edits, code)))
        return true;
    if (method->states & GOXEL_METHOD_LOOSE && method->lock != GOXEL_LOCK_NONE &&
        listed(errors_of_loose, code))
        return true;
    for (const struct goxel_param *spec = method->params; spec->name; spec++) {
        if (listed(errors_of_params[spec->type], code))
            return true;
    }
    return false;
}
