/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz/maker.h"

#include <string.h>

#include "fuzz/fuzz.h"

#define METHODS_MAX 256
#define DEEPEST 6 /* levels of a value; deeper ones are for the scanner's own target */
#define TEXT_MAX 300

/* What the world has, and what several parameters take: a text drawn from here means something more often than not. */
static const char *const words[] = {
    "p",
    "l",
    "current",
    "all",
    "p1",
    "selection",
    "#102030",
    "#10203040",
    "AAAA",
    "R09YIAIAAAA=",
    "text",
    "gox",
    "/nonexistent/goxel/a.gox",
    "layer",
    "debug",
    "0011aAfF",
    "",
    "add_voxel",
    "fill",
    "cube",
    "\xc3\xa9\xe2\x82\xac",
    "a\nb",
    "../../etc/passwd",
    "/",
};
/* Members that a schema does not name, but some handler may know. */
static const char *const members[] = {"bogus", "position", "color", "x",    "id",   "type",
                                      "size",  "r",        "path",  "data", "name", "layer_id"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct goxel_json *shared;               /* schemas that others refer to, by name */
static struct goxel_json *schemas[METHODS_MAX]; /* of all parameters of a row: those of an object */
static size_t method_count;

/* ---- the table's schemas ---- */

static struct goxel_json *read_back(const struct goxel_buf *text)
{
    struct goxel_json *root = NULL;

    EXPECT(!text->failed &&
           !goxel_json_parse(text->data, text->len, &goxel_json_limits_default, NULL, &root));
    return root;
}

static struct goxel_json *schema_of(const struct goxel_method *method)
{
    struct goxel_json_writer w;
    struct goxel_json *schema;
    struct goxel_buf text;

    goxel_buf_init(&text, 1 << 20);
    goxel_json_writer_init(&w, &text);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "type", "object");
    goxel_json_put_object(&w, "properties");
    for (const struct goxel_param *spec = method->params; spec->name; spec++)
        goxel_schema_put_param(&w, spec->name, spec);
    goxel_json_put_end(&w);
    goxel_json_put_array(&w, "required");
    for (const struct goxel_param *spec = method->params; spec->name; spec++) {
        if (spec->required)
            goxel_json_put_string(&w, NULL, spec->name);
    }
    goxel_json_put_end(&w);
    goxel_json_put_end(&w);
    schema = read_back(&text);
    goxel_buf_finish(&text);
    return schema;
}

void maker_start(void)
{
    struct goxel_json_writer w;
    struct goxel_buf text;

    goxel_buf_init(&text, 1 << 20);
    goxel_json_writer_init(&w, &text);
    goxel_json_put_object(&w, NULL);
    goxel_schema_put_shared(&w, "shared");
    goxel_json_put_end(&w);
    shared = read_back(&text);
    goxel_buf_finish(&text);
    /* Those of the tests end the process, as they should; they are the last. */
    while (goxel_methods[method_count].name && strncmp(goxel_methods[method_count].name, "test.", 5) != 0) {
        EXPECT(method_count < METHODS_MAX);
        schemas[method_count] = schema_of(&goxel_methods[method_count]);
        method_count++;
    }
}

/* What a schema says of `keyword`, itself or by what it refers to; NULL: nothing. */
static const struct goxel_json *said(const struct goxel_json *schema, const char *keyword)
{
    const struct goxel_json *found = goxel_json_get(schema, keyword);
    const struct goxel_json *all = goxel_json_get(schema, "allOf"), *ref = goxel_json_get(schema, "$ref");

    for (size_t i = 0; !found && all && i < goxel_json_length(all); i++)
        found = said(goxel_json_at(all, i), keyword);
    if (!found && ref) {
        const char *name = strrchr(goxel_json_string(ref, NULL), '/') + 1;

        found = said(goxel_json_get(goxel_json_get(shared, "shared"), name), keyword);
    }
    return found;
}

static int64_t said_int(const struct goxel_json *schema, const char *keyword, int64_t otherwise)
{
    const struct goxel_json *node = said(schema, keyword);

    return node ? goxel_json_int(node) : otherwise;
}

/* ---- the input's bytes ---- */

void maker_init(struct maker *maker, const uint8_t *data, size_t size, struct goxel_buf *out)
{
    maker->at = data;
    maker->end = data + size;
    goxel_json_writer_init(&maker->w, out);
}

uint8_t maker_byte(struct maker *maker)
{
    return maker->at < maker->end ? *maker->at++ : 0;
}

static int64_t any_int(struct maker *maker)
{
    uint64_t value = 0;

    for (int i = 0; i < 8; i++)
        value = value << 8 | maker_byte(maker);
    return (int64_t)value;
}

/* From the end: zeros are many, and the first row's answer is the whole table. */
const struct goxel_method *maker_method(struct maker *maker)
{
    return &goxel_methods[method_count - 1 - maker_byte(maker) % method_count];
}

/* ---- values ---- */

static void put_value(struct maker *maker, const char *key, const struct goxel_json *schema, unsigned depth);

static void put_text(struct maker *maker, const char *key)
{
    uint8_t kind = maker_byte(maker);
    char bytes[TEXT_MAX];
    size_t len;

    if (kind < 192) {
        goxel_json_put_string(&maker->w, key, words[kind % COUNT(words)]);
    } else if (kind < 224) {
        goxel_json_put_string(&maker->w, key, goxel_methods[maker_byte(maker) % method_count].name);
    } else {
        len = maker_byte(maker) + (kind == 255 ? TEXT_MAX - 255u : 0u);
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)maker_byte(maker);
        goxel_json_put_string_len(&maker->w, key, bytes, len);
    }
}

static int64_t make_int(struct maker *maker, int64_t min, int64_t max)
{
    switch (maker_byte(maker) % 16) {
    case 8:
        return min;
    case 9:
        return max;
    case 10:
        return min > INT64_MIN ? min - 1 : min;
    case 11:
        return max < INT64_MAX ? max + 1 : max;
    case 12:
        return any_int(maker);
    case 13:
        return -(int64_t)maker_byte(maker);
    default:
        return maker_byte(maker) % 24;
    }
}

static void put_int(struct maker *maker, const char *key, const struct goxel_json *schema)
{
    int64_t min = said_int(schema, "minimum", INT64_MIN), max = said_int(schema, "maximum", INT64_MAX);

    goxel_json_put_int(&maker->w, key, make_int(maker, min, max));
}

static void put_number(struct maker *maker, const char *key, const struct goxel_json *schema)
{
    static const double odd[] = {1e308, -1e308, 5e-324, -0.0, 0.5, 1e-9, 2147483648.0, 9007199254740993.0};
    uint8_t kind = maker_byte(maker);

    if (kind < 128)
        put_int(maker, key, schema);
    else if (kind < 224)
        goxel_json_put_double(&maker->w, key, (double)(int8_t)maker_byte(maker) / 4);
    else
        goxel_json_put_double(&maker->w, key, odd[kind % COUNT(odd)]);
}

static bool is_required(const struct goxel_json *schema, const char *name)
{
    const struct goxel_json *required = said(schema, "required");

    for (size_t i = 0; required && i < goxel_json_length(required); i++) {
        if (strcmp(goxel_json_string(goxel_json_at(required, i), NULL), name) == 0)
            return true;
    }
    return false;
}

static void put_any(struct maker *maker, const char *key, unsigned depth);

static void put_members(struct maker *maker, const struct goxel_json *schema, unsigned depth)
{
    const struct goxel_json *properties = said(schema, "properties");
    struct goxel_json_iter it = {0};
    uint8_t more;

    while (properties && goxel_json_next(properties, &it)) {
        uint8_t whether = maker_byte(maker);

        if (is_required(schema, it.key) ? whether != 255 : whether % 4 == 1)
            put_value(maker, it.key, it.value, depth + 1);
    }
    more = maker_byte(maker);
    if (more >= 232 && !(properties && goxel_json_get(properties, members[more % COUNT(members)])))
        put_any(maker, members[more % COUNT(members)], depth + 1);
}

/* An operation of a batch is a call itself; a batch in a batch is refused before its parameters are looked at. */
static void put_operation(struct maker *maker, const char *key)
{
    const struct goxel_method *method = maker_method(maker);

    goxel_json_put_object(&maker->w, key);
    goxel_json_put_string(&maker->w, "method", method->name);
    if (strncmp(method->name, "batch.", 6) != 0)
        maker_put_params(maker, "params", method, maker_byte(maker) % 4 != 1);
    goxel_json_put_end(&maker->w);
}

static void put_object(struct maker *maker, const char *key, const struct goxel_json *schema, unsigned depth)
{
    if (is_required(schema, "method")) {
        put_operation(maker, key);
        return;
    }
    goxel_json_put_object(&maker->w, key);
    put_members(maker, schema, depth);
    goxel_json_put_end(&maker->w);
}

static void put_array(struct maker *maker, const char *key, const struct goxel_json *schema, unsigned depth)
{
    const struct goxel_json *items = said(schema, "items");
    uint8_t kind = maker_byte(maker);
    int64_t count = said_int(schema, "minItems", 0) + (kind < 224 ? kind % 4 : 0) - (kind == 255);

    if (kind < 224 && count > said_int(schema, "maxItems", INT64_MAX))
        count = said_int(schema, "maxItems", INT64_MAX);
    goxel_json_put_array(&maker->w, key);
    for (int64_t i = 0; i < count; i++) {
        if (items)
            put_value(maker, NULL, items, depth + 1);
        else
            put_any(maker, NULL, depth + 1);
    }
    goxel_json_put_end(&maker->w);
}

/* A value that no schema asked for. */
static void put_any(struct maker *maker, const char *key, unsigned depth)
{
    static const char *const types[] = {"{\"type\":\"integer\"}", "{\"type\":\"string\"}",
                                        "{\"type\":\"number\"}",  "{\"type\":\"boolean\"}",
                                        "{\"type\":\"array\"}",   "{\"type\":\"object\"}"};
    static struct goxel_json *parsed[COUNT(types)];
    size_t kind = maker_byte(maker) % (COUNT(types) + 1);

    if (depth >= DEEPEST || kind == COUNT(types)) {
        goxel_json_put_null(&maker->w, key);
        return;
    }
    if (!parsed[kind])
        EXPECT(!goxel_json_parse(types[kind], strlen(types[kind]), &goxel_json_limits_default, NULL,
                                 &parsed[kind]));
    put_value(maker, key, parsed[kind], depth);
}

static void put_typed(struct maker *maker, const char *key, const struct goxel_json *schema, const char *type,
                      unsigned depth)
{
    const struct goxel_json *choices = said(schema, "enum");

    if (choices)
        goxel_json_put_node(&maker->w, key,
                            goxel_json_at(choices, maker_byte(maker) % goxel_json_length(choices)));
    else if (strcmp(type, "boolean") == 0)
        goxel_json_put_bool(&maker->w, key, maker_byte(maker) & 1);
    else if (strcmp(type, "integer") == 0)
        put_int(maker, key, schema);
    else if (strcmp(type, "number") == 0)
        put_number(maker, key, schema);
    else if (strcmp(type, "string") == 0)
        put_text(maker, key);
    else if (strcmp(type, "array") == 0)
        put_array(maker, key, schema, depth);
    else
        put_object(maker, key, schema, depth);
}

static void put_value(struct maker *maker, const char *key, const struct goxel_json *schema, unsigned depth)
{
    const struct goxel_json *one_of = said(schema, "oneOf"), *type = said(schema, "type");
    uint8_t choice = maker_byte(maker);

    if (depth >= DEEPEST || choice >= 248) {
        put_any(maker, key, depth);
    } else if (one_of) {
        put_value(maker, key, goxel_json_at(one_of, choice % goxel_json_length(one_of)), depth);
    } else if (type && goxel_json_type(type) == GOXEL_JSON_ARRAY) {
        type = goxel_json_at(type, choice % goxel_json_length(type));
        put_typed(maker, key, schema, goxel_json_string(type, NULL), depth);
    } else {
        /* Without a type the shape of an array or object tells it. */
        put_typed(maker, key, schema,
                  type                    ? goxel_json_string(type, NULL)
                  : said(schema, "items") ? "array"
                                          : "object",
                  depth);
    }
}

void maker_put_params(struct maker *maker, const char *key, const struct goxel_method *method, bool named)
{
    const struct goxel_json *schema = schemas[method - goxel_methods];
    struct goxel_json_iter it = {0};
    size_t count;

    if (named) {
        goxel_json_put_object(&maker->w, key);
        put_members(maker, schema, 0);
        goxel_json_put_end(&maker->w);
        return;
    }
    count = maker_byte(maker) % (goxel_params_count(method) + 2);
    goxel_json_put_array(&maker->w, key);
    while (count && goxel_json_next(goxel_json_get(schema, "properties"), &it)) {
        put_value(maker, NULL, it.value, 1);
        count--;
    }
    if (count)
        put_any(maker, NULL, 1);
    goxel_json_put_end(&maker->w);
}
