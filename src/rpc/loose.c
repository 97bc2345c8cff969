/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rpc/loose.h"

#include <math.h>

#include "base/error.h"

enum goxel_json_type goxel_loose_type(const struct goxel_json *node)
{
    return node ? goxel_json_type(node) : GOXEL_JSON_NULL;
}

struct goxel_loose goxel_loose_make(const struct goxel_json *params, struct goxel_detail *detail)
{
    if (goxel_loose_type(params) == GOXEL_JSON_ARRAY && goxel_json_length(params) == 1 &&
        goxel_loose_type(goxel_json_at(params, 0)) == GOXEL_JSON_OBJECT)
        params = goxel_json_at(params, 0);
    return (struct goxel_loose){params, detail};
}

const struct goxel_json *goxel_loose_get(const struct goxel_loose *params, const char *name, int at)
{
    const struct goxel_json *node = NULL;

    if (goxel_loose_type(params->node) == GOXEL_JSON_OBJECT)
        node = goxel_json_get(params->node, name);
    else if (goxel_loose_type(params->node) == GOXEL_JSON_ARRAY && at >= 0 &&
             (size_t)at < goxel_json_length(params->node))
        node = goxel_json_at(params->node, (size_t)at);
    return goxel_loose_type(node) == GOXEL_JSON_NULL ? NULL : node;
}

/* ---- numbers and text ---- */

static int fail_int(const struct goxel_json *node, const char *field, int64_t min, int64_t max,
                    struct goxel_detail *detail)
{
    return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node, "a number from %lld to %lld",
                           (long long)min, (long long)max);
}

static int read_int(const struct goxel_json *node, const char *field, int64_t min, int64_t max,
                    struct goxel_detail *detail, int64_t *ret_value)
{
    enum goxel_json_type type = goxel_loose_type(node);
    double number;

    if (type == GOXEL_JSON_INT) {
        *ret_value = goxel_json_int(node);
    } else if (type == GOXEL_JSON_DOUBLE) {
        number = floor(goxel_json_double(node));
        if (!(number >= (double)min && number < 0x1p63 && number <= (double)max))
            return fail_int(node, field, min, max, detail);
        *ret_value = (int64_t)number;
    } else {
        return fail_int(node, field, min, max, detail);
    }
    return *ret_value < min || *ret_value > max ? fail_int(node, field, min, max, detail) : 0;
}

int goxel_loose_int(const struct goxel_loose *params, const char *name, int at, int64_t min, int64_t max,
                    int64_t *value)
{
    const struct goxel_json *node = goxel_loose_get(params, name, at);

    return node ? read_int(node, name, min, max, params->detail, value) : 0;
}

int goxel_loose_bool(const struct goxel_loose *params, const char *name, int at, bool *value)
{
    const struct goxel_json *node = goxel_loose_get(params, name, at);

    if (!node)
        return 0;
    if (goxel_loose_type(node) == GOXEL_JSON_BOOL)
        *value = goxel_json_bool(node);
    else if (goxel_loose_type(node) == GOXEL_JSON_INT)
        *value = goxel_json_int(node) != 0;
    else
        return goxel_fail_node(params->detail, GOXEL_ERROR_INVALID_PARAMS, name, node, "true or false");
    return 0;
}

int goxel_loose_text(const struct goxel_loose *params, const char *name, int at, const char **text)
{
    const struct goxel_json *node = goxel_loose_get(params, name, at);
    size_t len = 0;

    return node ? goxel_value_string(node, name, SIZE_MAX, params->detail, text, &len) : 0;
}

/* ---- positions ---- */

static int read_coord(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                      int32_t *ret_coord)
{
    int64_t value = 0;
    int code;

    if (!node)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, NULL, "a coordinate");
    code = read_int(node, field, INT32_MIN, INT32_MAX, detail, &value);
    if (!code && (value < GOXEL_COORD_MIN || value > GOXEL_COORD_MAX))
        code = goxel_fail_node(detail, GOXEL_ERROR_INVALID_COORDINATES, field, node, "%d to %d",
                               GOXEL_COORD_MIN, GOXEL_COORD_MAX);
    *ret_coord = (int32_t)value;
    return code;
}

static int read_axes(const struct goxel_loose *params, int at, struct goxel_pos *ret_pos)
{
    static const char *const names[3] = {"x", "y", "z"};
    int32_t coords[3] = {0};
    int code = 0;

    for (int i = 0; i < 3 && !code; i++)
        code = read_coord(goxel_loose_get(params, names[i], at < 0 ? -1 : at + i), names[i], params->detail,
                          &coords[i]);
    *ret_pos = (struct goxel_pos){coords[0], coords[1], coords[2]};
    return code;
}

int goxel_loose_point(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                      struct goxel_pos *ret_pos)
{
    struct goxel_loose point = {node, detail};
    enum goxel_json_type type = goxel_loose_type(node);

    if (type != GOXEL_JSON_OBJECT && (type != GOXEL_JSON_ARRAY || goxel_json_length(node) != 3))
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node, "{x, y, z} or [x, y, z]");
    return read_axes(&point, 0, ret_pos);
}

int goxel_loose_pos(const struct goxel_loose *params, int at, struct goxel_pos *ret_pos)
{
    const struct goxel_json *node = goxel_loose_get(params, "position", -1);

    return node ? goxel_loose_point(node, "position", params->detail, ret_pos)
                : read_axes(params, at, ret_pos);
}

/* ---- colours ---- */

static int read_channel(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                        uint8_t *ret_channel)
{
    double value = -1;

    if (goxel_loose_type(node) == GOXEL_JSON_INT)
        value = (double)goxel_json_int(node);
    else if (goxel_loose_type(node) == GOXEL_JSON_DOUBLE)
        value = goxel_json_double(node) <= 1 ? round(goxel_json_double(node) * 255)
                                             : floor(goxel_json_double(node));
    if (!(value >= 0 && value <= 255))
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_COLOR, field, node,
                               "a channel: 0 to 255, or a fraction from 0.0 to 1.0");
    *ret_channel = (uint8_t)value;
    return 0;
}

/* r, g, b and, of four channels, maybe a: by name, or from a place on. */
static int read_channels(const struct goxel_loose *params, int at, int most, struct goxel_color *ret_color)
{
    static const char *const names[4] = {"r", "g", "b", "a"};
    uint8_t channels[4] = {0, 0, 0, 255};
    int code = 0;

    for (int i = 0; i < most && !code; i++) {
        const struct goxel_json *node = goxel_loose_get(params, names[i], at < 0 ? -1 : at + i);

        if (node || i < 3)
            code = read_channel(node, names[i], params->detail, &channels[i]);
    }
    *ret_color = (struct goxel_color){channels[0], channels[1], channels[2], channels[3]};
    return code;
}

int goxel_loose_color_of(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                         struct goxel_color *ret_color)
{
    struct goxel_loose channels = {node, detail};
    enum goxel_json_type type = goxel_loose_type(node);

    if (type == GOXEL_JSON_OBJECT || (type == GOXEL_JSON_ARRAY && goxel_json_length(node) <= 4))
        return read_channels(&channels, 0, 4, ret_color);
    return goxel_value_color(node, field, detail, ret_color);
}

int goxel_loose_color(const struct goxel_loose *params, int at, int channels, struct goxel_color *ret_color,
                      int *ret_next)
{
    const struct goxel_json *named = goxel_loose_get(params, "color", -1), *placed = NULL;

    if (goxel_loose_type(params->node) == GOXEL_JSON_ARRAY)
        placed = goxel_loose_get(params, "", at);
    if (!named && goxel_loose_type(placed) == GOXEL_JSON_STRING)
        named = placed;
    *ret_next = at + 1;
    if (named)
        return goxel_loose_color_of(named, "color", params->detail, ret_color);
    *ret_next = at + channels;
    return read_channels(params, at, channels, ret_color);
}
