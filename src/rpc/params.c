/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parameters against their specs. Canonical methods are strict: whatever the spec does not name, or
 * names otherwise, is refused with the reason, and nothing is guessed.
 */
#include <assert.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "rpc/method.h"

static int read_bool(const struct goxel_param *spec, const struct goxel_json *node,
                     struct goxel_detail *detail, struct goxel_value *value)
{
    if (goxel_json_type(node) != GOXEL_JSON_BOOL)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, spec->name, node, "true or false");
    value->flag = goxel_json_bool(node);
    return 0;
}

static int read_int(const struct goxel_param *spec, const struct goxel_json *node,
                    struct goxel_detail *detail, struct goxel_value *value)
{
    bool ranged = spec->min || spec->max;

    return goxel_value_int(node, spec->name, ranged ? spec->min : INT64_MIN, ranged ? spec->max : INT64_MAX,
                           detail, &value->integer);
}

static int read_number(const struct goxel_param *spec, const struct goxel_json *node,
                       struct goxel_detail *detail, struct goxel_value *value)
{
    bool ranged = spec->min || spec->max;

    return goxel_value_number(node, spec->name, ranged ? (double)spec->min : -DBL_MAX,
                              ranged ? (double)spec->max : DBL_MAX, detail, &value->number);
}

static int read_string(const struct goxel_param *spec, const struct goxel_json *node,
                       struct goxel_detail *detail, struct goxel_value *value)
{
    return goxel_value_string(node, spec->name, spec->max ? (size_t)spec->max : SIZE_MAX, detail,
                              &value->text.bytes, &value->text.len);
}

static int read_choice(const struct goxel_param *spec, const struct goxel_json *node,
                       struct goxel_detail *detail, struct goxel_value *value)
{
    char list[128];

    goxel_words_list(spec->choices, list, sizeof(list));
    if (goxel_value_string(node, spec->name, GOXEL_FIELD_SIZE, NULL, &value->text.bytes, &value->text.len) ||
        !goxel_word_in(spec->choices, value->text.bytes, value->text.len))
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, spec->name, node, "one of: %s", list);
    return 0;
}

static int read_name(const struct goxel_param *spec, const struct goxel_json *node,
                     struct goxel_detail *detail, struct goxel_value *value)
{
    if (goxel_json_type(node) != GOXEL_JSON_STRING)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, spec->name, node, "a name: a string");
    value->text.bytes = goxel_json_string(node, &value->text.len);
    return goxel_name_check(value->text.bytes, value->text.len, spec->name, detail);
}

static int read_coord(const struct goxel_param *spec, const struct goxel_json *node,
                      struct goxel_detail *detail, struct goxel_value *value)
{
    int32_t coord = 0;
    int code = goxel_value_coord(node, spec->name, detail, &coord);

    value->integer = coord;
    return code;
}

static int read_color(const struct goxel_param *spec, const struct goxel_json *node,
                      struct goxel_detail *detail, struct goxel_value *value)
{
    return goxel_value_color(node, spec->name, detail, &value->color);
}

static int read_pos(const struct goxel_param *spec, const struct goxel_json *node,
                    struct goxel_detail *detail, struct goxel_value *value)
{
    return goxel_value_pos(node, spec->name, detail, &value->pos);
}

static int read_point(const struct goxel_param *spec, const struct goxel_json *node,
                      struct goxel_detail *detail, struct goxel_value *value)
{
    return goxel_value_point(node, spec->name, (double)spec->min, (double)spec->max, detail, value->point);
}

static int read_box(const struct goxel_param *spec, const struct goxel_json *node,
                    struct goxel_detail *detail, struct goxel_value *value)
{
    value->region.ball = false;
    return goxel_value_box(node, spec->name, detail, &value->region.box);
}

static int read_region(const struct goxel_param *spec, const struct goxel_json *node,
                       struct goxel_detail *detail, struct goxel_value *value)
{
    return goxel_value_region(node, spec->name, detail, &value->region);
}

static int read_layer(const struct goxel_param *spec, const struct goxel_json *node,
                      struct goxel_detail *detail, struct goxel_value *value)
{
    return goxel_value_layer(node, spec->name, spec->type == GOXEL_PARAM_LAYERS, detail, &value->layer);
}

static int read_project(const struct goxel_param *spec, const struct goxel_json *node,
                        struct goxel_detail *detail, struct goxel_value *value)
{
    if (goxel_value_string(node, spec->name, GOXEL_NAME_MAX, NULL, &value->text.bytes, &value->text.len))
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, spec->name, node,
                               "a project: its id (\"p1\") or name");
    return 0;
}

static int read_checksum(const struct goxel_param *spec, const struct goxel_json *node,
                         struct goxel_detail *detail, struct goxel_value *value)
{
    const char *text = "";
    size_t len = 0;

    if (goxel_value_int(node, spec->name, 0, UINT32_MAX, NULL, &value->integer) == 0)
        return 0;
    if (goxel_value_string(node, spec->name, 8, NULL, &text, &len) || len != 8 ||
        strspn(text, "0123456789abcdefABCDEF") != 8)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, spec->name, node,
                               "an integer from 0 to 4294967295, or 8 hexadecimal digits as a string");
    value->integer = (int64_t)strtoul(text, NULL, 16);
    return 0;
}

static int read_container(const struct goxel_param *spec, const struct goxel_json *node,
                          struct goxel_detail *detail, struct goxel_value *value)
{
    enum goxel_json_type wanted = spec->type == GOXEL_PARAM_ARRAY ? GOXEL_JSON_ARRAY : GOXEL_JSON_OBJECT;

    (void)value;
    if (goxel_json_type(node) != wanted)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, spec->name, node, "%s",
                               wanted == GOXEL_JSON_ARRAY ? "an array" : "an object");
    return 0;
}

static const struct {
    const char *name;
    int (*read)(const struct goxel_param *spec, const struct goxel_json *node, struct goxel_detail *detail,
                struct goxel_value *value);
} types[GOXEL_PARAM_TYPES] = {
    [GOXEL_PARAM_BOOL] = {"boolean", read_bool},
    [GOXEL_PARAM_INT] = {"integer", read_int},
    [GOXEL_PARAM_NUMBER] = {"number", read_number},
    [GOXEL_PARAM_STRING] = {"string", read_string},
    [GOXEL_PARAM_CHOICE] = {"choice", read_choice},
    [GOXEL_PARAM_NAME] = {"name", read_name},
    [GOXEL_PARAM_COORD] = {"coordinate", read_coord},
    [GOXEL_PARAM_COLOR] = {"color", read_color},
    [GOXEL_PARAM_POSITION] = {"position", read_pos},
    [GOXEL_PARAM_POINT] = {"point", read_point},
    [GOXEL_PARAM_BOX] = {"box", read_box},
    [GOXEL_PARAM_REGION] = {"region", read_region},
    [GOXEL_PARAM_LAYER] = {"layer", read_layer},
    [GOXEL_PARAM_LAYERS] = {"layers", read_layer},
    [GOXEL_PARAM_PROJECT] = {"project", read_project},
    [GOXEL_PARAM_CHECKSUM] = {"checksum", read_checksum},
    [GOXEL_PARAM_OBJECT] = {"object", read_container},
    [GOXEL_PARAM_ARRAY] = {"array", read_container},
};

const char *goxel_param_type_name(enum goxel_param_type type)
{
    return types[type].name;
}

size_t goxel_params_count(const struct goxel_method *method)
{
    size_t count = 0;

    while (method->params[count].name)
        count++;
    assert(count <= GOXEL_PARAMS_MAX);
    return count;
}

static int read_one(const struct goxel_param *spec, const struct goxel_json *node,
                    struct goxel_detail *detail, struct goxel_value *value)
{
    value->given = true;
    value->node = node;
    return types[spec->type].read(spec, node, detail, value);
}

static int read_positional(const struct goxel_method *method, const struct goxel_json *params,
                           struct goxel_detail *detail, struct goxel_value args[])
{
    size_t count = goxel_params_count(method), given = goxel_json_length(params);
    char number[32];
    int code;

    if (given > count) {
        (void)snprintf(number, sizeof(number), "%zu of them", given);
        return goxel_fail_value(detail, GOXEL_ERROR_INVALID_PARAMS, "params", number,
                                "at most %zu positional parameters", count);
    }
    for (size_t i = 0; i < given; i++) {
        if ((code = read_one(&method->params[i], goxel_json_at(params, i), detail, &args[i])))
            return code;
    }
    return 0;
}

#define KNOWN_MAX 120 /* bytes of names that a message holds */

static int fail_unknown(const struct goxel_method *method, const struct goxel_json_iter *it,
                        struct goxel_detail *detail)
{
    struct goxel_nearest nearest = {.written = it->key};
    struct goxel_buf known;
    int code;

    goxel_buf_init(&known, 512);
    for (const struct goxel_param *spec = method->params; spec->name; spec++) {
        goxel_nearest_try(&nearest, spec->name);
        goxel_buf_printf(&known, "%s%s", spec == method->params ? "" : ", ", spec->name);
    }
    if (known.len > KNOWN_MAX)
        code = goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, it->key, it->value,
                               "a known parameter (system.list_methods tells which)");
    else
        code = goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, it->key, it->value, "%s%s",
                               known.len ? "a known parameter: " : "no parameters",
                               known.len ? known.data : "");
    if (nearest.found && detail)
        (void)snprintf(detail->text, sizeof(detail->text), "unknown parameter %.63s, did you mean \"%.63s\"?",
                       detail->field, nearest.found);
    goxel_buf_finish(&known);
    return code;
}

static int read_named(const struct goxel_method *method, const struct goxel_json *params,
                      struct goxel_detail *detail, struct goxel_value args[])
{
    struct goxel_json_iter it = {0};
    int code;

    while (goxel_json_next(params, &it)) {
        size_t i = 0;

        while (method->params[i].name && strcmp(method->params[i].name, it.key) != 0)
            i++;
        if (!method->params[i].name)
            return fail_unknown(method, &it, detail);
        if ((code = read_one(&method->params[i], it.value, detail, &args[i])))
            return code;
    }
    return 0;
}

static int fail_missing(const struct goxel_param *spec, struct goxel_detail *detail)
{
    goxel_fail_value(detail, GOXEL_ERROR_INVALID_PARAMS, spec->name, NULL, "%s", spec->meaning);
    if (detail)
        (void)snprintf(detail->text, sizeof(detail->text), "%.60s is missing: expected %.159s", detail->field,
                       detail->expected);
    return GOXEL_ERROR_INVALID_PARAMS;
}

int goxel_params_read(const struct goxel_method *method, const struct goxel_json *params,
                      struct goxel_detail *detail, struct goxel_value ret_args[GOXEL_PARAMS_MAX])
{
    struct goxel_value args[GOXEL_PARAMS_MAX] = {0};
    int code = 0;

    if (params && goxel_json_type(params) == GOXEL_JSON_ARRAY)
        code = read_positional(method, params, detail, args);
    else if (params)
        code = read_named(method, params, detail, args);
    if (code)
        return code;
    for (size_t i = 0; method->params[i].name; i++) {
        if (method->params[i].required && !args[i].given)
            return fail_missing(&method->params[i], detail);
    }
    memcpy(ret_args, args, sizeof(args));
    return 0;
}
