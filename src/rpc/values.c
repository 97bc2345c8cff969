/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The shapes of values are many, the ways they go wrong are few: each reader looks at the type
 * before it takes anything, because json-c would convert in silence.
 */
#include "rpc/values.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"

#define COLOR_FORMS "[r,g,b], [r,g,b,a], {r,g,b,a}, \"#RRGGBB\" or \"#RRGGBBAA\", integers from 0 to 255"
#define POS_FORMS "[x, y, z] or {x, y, z} of integers"

/* Containers of more members are told by their type alone: nobody wants a megabyte in a message. */
#define SHOWN_MEMBERS 4
#define SHOWN_BYTES 256

static void show_node(const struct goxel_json *node, struct goxel_buf *buf)
{
    enum goxel_json_type type = goxel_json_type(node);
    struct goxel_json_writer writer;

    if (type == GOXEL_JSON_STRING) {
        size_t len = 0;
        const char *bytes = goxel_json_string(node, &len);

        /* In quotes: "0" must not look like the integer that it is not. */
        goxel_buf_putc(buf, '"');
        goxel_buf_append(buf, bytes, len < SHOWN_BYTES / 2 ? len : SHOWN_BYTES / 2);
        goxel_buf_putc(buf, '"');
    } else if (type == GOXEL_JSON_DOUBLE) {
        /* 3.0 must not look like the integer it is not. */
        goxel_buf_printf(buf, "%.15g", goxel_json_double(node));
        if (buf->data && !strpbrk(buf->data, ".e"))
            goxel_buf_puts(buf, ".0");
    } else if ((type == GOXEL_JSON_ARRAY || type == GOXEL_JSON_OBJECT) &&
               goxel_json_length(node) > SHOWN_MEMBERS) {
        goxel_buf_printf(buf, "%s of %zu", goxel_json_type_name(type), goxel_json_length(node));
    } else {
        goxel_json_writer_init(&writer, buf);
        goxel_json_put_node(&writer, NULL, node);
        if (buf->failed) {
            goxel_buf_clear(buf);
            goxel_buf_puts(buf, goxel_json_type_name(type));
        }
    }
}

int goxel_fail_node(struct goxel_detail *detail, int code, const char *field, const struct goxel_json *node,
                    const char *expected_fmt, ...)
{
    char expected[160] = "";
    struct goxel_buf buf;
    va_list args;

    if (!detail)
        return code;
    va_start(args, expected_fmt);
    (void)vsnprintf(expected, sizeof(expected), expected_fmt, args);
    va_end(args);
    if (!node)
        return goxel_fail_value(detail, code, field, NULL, "%s", expected);
    goxel_buf_init(&buf, SHOWN_BYTES);
    show_node(node, &buf);
    goxel_fail_value(detail, code, field, buf.data ? buf.data : "", "%s", expected);
    goxel_buf_finish(&buf);
    return code;
}

bool goxel_word_in(const char *list, const char *word, size_t len)
{
    for (const char *at = list; len > 0 && *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");

        if (length == len && memcmp(at, word, len) == 0)
            return true;
        at += length;
    }
    return false;
}

void goxel_words_list(const char *words, char *ret_list, size_t size)
{
    size_t used = 0;

    for (; *words && used + 3 < size; words++) {
        if (*words == ' ')
            ret_list[used++] = ',';
        ret_list[used++] = *words;
    }
    ret_list[used] = '\0';
}

void goxel_field_member(char ret_field[GOXEL_FIELD_SIZE], const char *outer, const char *inner)
{
    char field[GOXEL_FIELD_SIZE]; /* `outer` may be what we write to */
    int len = snprintf(field, sizeof(field), "%.*s.%.*s", 40, outer, 22, inner);

    memcpy(ret_field, field, (size_t)len + 1);
}

void goxel_field_index(char ret_field[GOXEL_FIELD_SIZE], const char *outer, size_t index)
{
    char field[GOXEL_FIELD_SIZE];
    int len = snprintf(field, sizeof(field), "%.*s[%zu]", 40, outer, index);

    memcpy(ret_field, field, (size_t)len + 1);
}

int goxel_value_members(const struct goxel_json *node, const char *field, const char *known,
                        struct goxel_detail *detail)
{
    struct goxel_json_iter it = {0};
    char member[GOXEL_FIELD_SIZE], list[128];

    goxel_words_list(known, list, sizeof(list));
    if (goxel_json_type(node) != GOXEL_JSON_OBJECT)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node, "an object of: %s", list);
    while (goxel_json_next(node, &it)) {
        if (goxel_word_in(known, it.key, strlen(it.key)))
            continue;
        goxel_field_member(member, field, it.key);
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, member, it.value,
                               known[0] ? "no such member; known: %s" : "no members", list);
    }
    return 0;
}

int goxel_value_int(const struct goxel_json *node, const char *field, int64_t min, int64_t max,
                    struct goxel_detail *detail, int64_t *ret_value)
{
    int64_t value;

    if (!node || goxel_json_type(node) != GOXEL_JSON_INT)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node,
                               "an integer from %lld to %lld, without fraction or exponent", (long long)min,
                               (long long)max);
    value = goxel_json_int(node);
    if (value < min || value > max)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node,
                               "an integer from %lld to %lld", (long long)min, (long long)max);
    *ret_value = value;
    return 0;
}

int goxel_value_number(const struct goxel_json *node, const char *field, double min, double max,
                       struct goxel_detail *detail, double *ret_value)
{
    enum goxel_json_type type = node ? goxel_json_type(node) : GOXEL_JSON_NULL;
    double value = 0;

    if (type == GOXEL_JSON_INT || type == GOXEL_JSON_DOUBLE)
        value = goxel_json_double(node);
    if ((type != GOXEL_JSON_INT && type != GOXEL_JSON_DOUBLE) || value < min || value > max)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node,
                               max < DBL_MAX ? "a number from %.15g to %.15g" : "a number", min, max);
    *ret_value = value;
    return 0;
}

int goxel_value_string(const struct goxel_json *node, const char *field, size_t max,
                       struct goxel_detail *detail, const char **ret_bytes, size_t *ret_len)
{
    const char *bytes;
    size_t len = 0;

    if (!node || goxel_json_type(node) != GOXEL_JSON_STRING)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node, "a string");
    bytes = goxel_json_string(node, &len);
    if (memchr(bytes, '\0', len))
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node, "a string without a NUL");
    if (len > max)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node,
                               "a string of at most %zu bytes", max);
    *ret_bytes = bytes;
    *ret_len = len;
    return 0;
}

int goxel_value_coord(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                      int32_t *ret_value)
{
    int64_t value = 0;
    int code = goxel_value_int(node, field, INT64_MIN, INT64_MAX, NULL, &value);

    if (code)
        return goxel_fail_node(detail, code, field, node,
                               "an integer from %d to %d, without fraction or exponent", GOXEL_COORD_MIN,
                               GOXEL_COORD_MAX);
    if (value < GOXEL_COORD_MIN || value > GOXEL_COORD_MAX)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_COORDINATES, field, node,
                               "an integer from %d to %d", GOXEL_COORD_MIN, GOXEL_COORD_MAX);
    *ret_value = (int32_t)value;
    return 0;
}

/* Element `index` of an array, or the member of that name; NULL if the object lacks it. */
static const struct goxel_json *element(const struct goxel_json *node, size_t index, const char *name,
                                        const char *field, char ret_field[GOXEL_FIELD_SIZE])
{
    if (goxel_json_type(node) == GOXEL_JSON_ARRAY) {
        goxel_field_index(ret_field, field, index);
        return goxel_json_at(node, index);
    }
    goxel_field_member(ret_field, field, name);
    return goxel_json_get(node, name);
}

/* The three of [x, y, z] or {x, y, z}, whatever they are, with their names. */
struct triple {
    const struct goxel_json *items[3]; /* NULL: the object lacks it */
    char fields[3][GOXEL_FIELD_SIZE];
};

static int read_triple(const struct goxel_json *node, const char *field, const char *forms,
                       struct goxel_detail *detail, struct triple *ret_triple)
{
    static const char *const names[] = {"x", "y", "z"};
    enum goxel_json_type type = node ? goxel_json_type(node) : GOXEL_JSON_NULL;
    int code;

    if ((type != GOXEL_JSON_ARRAY || goxel_json_length(node) != 3) && type != GOXEL_JSON_OBJECT)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node, "%s", forms);
    if (type == GOXEL_JSON_OBJECT && (code = goxel_value_members(node, field, "x y z", detail)))
        return code;
    for (size_t i = 0; i < 3; i++)
        ret_triple->items[i] = element(node, i, names[i], field, ret_triple->fields[i]);
    return 0;
}

int goxel_value_pos(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                    struct goxel_pos *ret_pos)
{
    struct triple triple;
    int32_t v[3] = {0};
    int code = read_triple(node, field, POS_FORMS, detail, &triple);

    for (size_t i = 0; !code && i < 3; i++)
        code = goxel_value_coord(triple.items[i], triple.fields[i], detail, &v[i]);
    if (!code)
        *ret_pos = (struct goxel_pos){v[0], v[1], v[2]};
    return code;
}

int goxel_value_point(const struct goxel_json *node, const char *field, double min, double max,
                      struct goxel_detail *detail, double ret_point[3])
{
    struct triple triple;
    double v[3] = {0};
    int code = read_triple(node, field, "[x, y, z] or {x, y, z} of numbers", detail, &triple);

    for (size_t i = 0; !code && i < 3; i++)
        code = goxel_value_number(triple.items[i], triple.fields[i], min, max, detail, &v[i]);
    if (!code)
        memcpy(ret_point, v, sizeof(v));
    return code;
}

int goxel_value_box(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                    struct goxel_box *ret_box)
{
    char inner[GOXEL_FIELD_SIZE];
    struct goxel_box box;
    int code = goxel_value_members(node, field, "min max", detail);

    if (code)
        return code;
    goxel_field_member(inner, field, "min");
    if ((code = goxel_value_pos(goxel_json_get(node, "min"), inner, detail, &box.min)))
        return code;
    goxel_field_member(inner, field, "max");
    if ((code = goxel_value_pos(goxel_json_get(node, "max"), inner, detail, &box.max)))
        return code;
    if (!goxel_box_valid(&box))
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_COORDINATES, field, node,
                               "min not above max on any axis (both are inclusive)");
    *ret_box = box;
    return 0;
}

static int32_t cut(double value)
{
    return (int32_t)fmin(fmax(value, GOXEL_COORD_MIN), GOXEL_COORD_MAX);
}

static int read_ball(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                     struct goxel_region *ret_region)
{
    struct goxel_region region = {.ball = true};
    char inner[GOXEL_FIELD_SIZE];
    int code = goxel_value_members(node, field, "center radius", detail);
    double r;

    if (code)
        return code;
    goxel_field_member(inner, field, "center");
    if ((code = goxel_value_pos(goxel_json_get(node, "center"), inner, detail, &region.center)))
        return code;
    goxel_field_member(inner, field, "radius");
    if ((code = goxel_value_number(goxel_json_get(node, "radius"), inner, 0, 4.0 * GOXEL_COORD_MAX, detail,
                                   &region.radius)))
        return code;
    r = floor(region.radius);
    region.box.min = (struct goxel_pos){cut(region.center.x - r), cut(region.center.y - r),
                                        cut(region.center.z - r)};
    region.box.max = (struct goxel_pos){cut(region.center.x + r), cut(region.center.y + r),
                                        cut(region.center.z + r)};
    *ret_region = region;
    return 0;
}

int goxel_value_region(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                       struct goxel_region *ret_region)
{
    struct goxel_region region = {.ball = false};
    int code;

    if (goxel_json_type(node) != GOXEL_JSON_OBJECT)
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node,
                               "{min, max} (inclusive) or {center, radius}");
    if (goxel_json_get(node, "center") || goxel_json_get(node, "radius"))
        return read_ball(node, field, detail, ret_region);
    if ((code = goxel_value_box(node, field, detail, &region.box)))
        return code;
    *ret_region = region;
    return 0;
}

bool goxel_region_contains(const struct goxel_region *region, struct goxel_pos pos)
{
    double dx, dy, dz;

    if (!goxel_box_contains(&region->box, pos))
        return false;
    if (!region->ball)
        return true;
    dx = pos.x - region->center.x;
    dy = pos.y - region->center.y;
    dz = pos.z - region->center.z;
    return dx * dx + dy * dy + dz * dz <= region->radius * region->radius;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool parse_hex_color(const char *text, size_t len, uint8_t rgba[4])
{
    if ((len != 7 && len != 9) || text[0] != '#')
        return false;
    for (size_t i = 0; i < (len - 1) / 2; i++) {
        int high = hex_digit(text[1 + 2 * i]), low = hex_digit(text[2 + 2 * i]);

        if (high < 0 || low < 0)
            return false;
        rgba[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static bool parse_byte(const struct goxel_json *node, uint8_t *ret_byte)
{
    int64_t value = 0;

    if (goxel_value_int(node, "", 0, 255, NULL, &value))
        return false;
    *ret_byte = (uint8_t)value;
    return true;
}

static bool parse_color(const struct goxel_json *node, uint8_t rgba[4])
{
    static const char *const names[] = {"r", "g", "b", "a"};
    const struct goxel_json *part;
    size_t len = 0;

    switch (goxel_json_type(node)) {
    case GOXEL_JSON_STRING: {
        const char *text = goxel_json_string(node, &len);

        return parse_hex_color(text, len, rgba);
    }
    case GOXEL_JSON_ARRAY:
        len = goxel_json_length(node);
        if (len != 3 && len != 4)
            return false;
        for (size_t i = 0; i < len; i++) {
            if (!parse_byte(goxel_json_at(node, i), &rgba[i]))
                return false;
        }
        return true;
    case GOXEL_JSON_OBJECT:
        for (size_t i = 0; i < 4; i++) {
            part = goxel_json_get(node, names[i]);
            if (part ? !parse_byte(part, &rgba[i]) : i < 3)
                return false;
            len += part != NULL;
        }
        return len == goxel_json_length(node);
    default:
        return false;
    }
}

int goxel_value_color(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                      struct goxel_color *ret_color)
{
    uint8_t rgba[4] = {0, 0, 0, 255};

    if (!node || !parse_color(node, rgba))
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_COLOR, field, node, COLOR_FORMS);
    *ret_color = (struct goxel_color){rgba[0], rgba[1], rgba[2], rgba[3]};
    return 0;
}

int goxel_color_check(struct goxel_color color, const char *field, struct goxel_detail *detail)
{
    if (color.a > 0)
        return 0;
    return goxel_fail_value(detail, GOXEL_ERROR_INVALID_COLOR, field, "alpha 0",
                            "an alpha from 1 to 255 (voxel.remove and voxel.clear take voxels away)");
}

int goxel_value_layer(const struct goxel_json *node, const char *field, bool all, struct goxel_detail *detail,
                      struct goxel_layer_name *ret_layer)
{
    enum goxel_json_type type = goxel_json_type(node);
    struct goxel_layer_name layer = {.kind = GOXEL_LAYER_ID};
    size_t len = 0;

    if (type == GOXEL_JSON_INT) {
        layer.id = goxel_json_int(node);
    } else if (goxel_value_string(node, field, GOXEL_NAME_MAX, NULL, &layer.name, &len)) {
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node,
                               "a layer: an integer id, \"current\"%s or a name", all ? ", \"all\"" : "");
    } else if (strcmp(layer.name, "current") == 0) {
        layer.kind = GOXEL_LAYER_CURRENT;
    } else if (strcmp(layer.name, "all") == 0) {
        if (!all)
            return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, node,
                                   "one layer: \"all\" means several");
        layer.kind = GOXEL_LAYER_ALL;
    } else {
        layer.kind = GOXEL_LAYER_NAME;
    }
    *ret_layer = layer;
    return 0;
}

void goxel_put_pos(struct goxel_json_writer *w, const char *key, struct goxel_pos pos)
{
    goxel_json_put_array(w, key);
    goxel_json_put_int(w, NULL, pos.x);
    goxel_json_put_int(w, NULL, pos.y);
    goxel_json_put_int(w, NULL, pos.z);
    goxel_json_put_end(w);
}

void goxel_put_color(struct goxel_json_writer *w, const char *key, struct goxel_color color)
{
    goxel_json_put_array(w, key);
    goxel_json_put_int(w, NULL, color.r);
    goxel_json_put_int(w, NULL, color.g);
    goxel_json_put_int(w, NULL, color.b);
    goxel_json_put_int(w, NULL, color.a);
    goxel_json_put_end(w);
}

void goxel_put_box(struct goxel_json_writer *w, const char *key, const struct goxel_box *box)
{
    goxel_json_put_object(w, key);
    goxel_put_pos(w, "min", box->min);
    goxel_put_pos(w, "max", box->max);
    goxel_json_put_end(w);
}
