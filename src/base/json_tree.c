/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scanned text as a tree of json-c's objects, which nobody outside this file sees.
 *
 * The tree is built here rather than by json-c's own tokener: the text is known to be good, and the
 * tokener loses characters silently when memory runs out, takes a NUL to finish a bare number, and
 * obeys the locale. Recursion is bounded by the scanner's depth.
 *
 * json-c stands for null with a NULL pointer. Outside, a NULL pointer means absent, so null is the
 * address of a sentinel, translated on every way in and out.
 */
#include <assert.h>
#include <json-c/json_object.h>
#include <json-c/linkhash.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/json_text.h"
#include "goxel/limits.h"

/* Elements that an array has room for at first; it is cut to size when complete. */
#define FIRST_ELEMENTS 4

const struct goxel_json_limits goxel_json_limits_default = {
    .depth = GOXEL_JSON_DEPTH_MAX,
    .tree_bytes = GOXEL_JSON_TREE_MAX,
};

static char null_node;

static struct goxel_json *wrap(struct json_object *object)
{
    return object ? (struct goxel_json *)object : (struct goxel_json *)&null_node;
}

static struct json_object *unwrap(const struct goxel_json *node)
{
    assert(node);
    return node == (const struct goxel_json *)&null_node ? NULL : (struct json_object *)node;
}

/* ---- building ---- */

struct builder {
    const char *at, *end;
    struct goxel_buf string; /* the last one read, unescaped */
};

static int build_value(struct builder *b, struct json_object **ret_object);

static void skip_space(struct builder *b)
{
    while (b->at < b->end && (*b->at == ' ' || *b->at == '\n' || *b->at == '\r' || *b->at == '\t'))
        b->at++;
}

/* Into b->string; ends past the closing quote. */
static int read_string(struct builder *b)
{
    goxel_buf_clear(&b->string);
    (void)goxel_buf_reserve(&b->string, 0); /* its NUL, even if it is empty */
    for (b->at++; *b->at != '"';) {
        const char *run = b->at;
        char bytes[4];

        while (*b->at != '"' && *b->at != '\\')
            b->at++;
        (void)goxel_buf_append(&b->string, run, (size_t)(b->at - run));
        if (*b->at == '\\') {
            size_t n = goxel_json_unescape(&b->at, bytes);

            (void)goxel_buf_append(&b->string, bytes, n);
        }
    }
    b->at++;
    return b->string.failed;
}

static int build_string(struct builder *b, struct json_object **ret_object)
{
    int code = read_string(b);

    if (code)
        return code;
    *ret_object = json_object_new_string_len(b->string.data, (int)b->string.len);
    return *ret_object ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
}

static int build_number(struct builder *b, struct json_object **ret_object)
{
    const char *start = b->at;
    int64_t value;

    while (b->at < b->end && strchr("+-.0123456789eE", *b->at))
        b->at++;
    if (goxel_json_number_int(start, (size_t)(b->at - start), &value))
        *ret_object = json_object_new_int64(value);
    else
        *ret_object = json_object_new_double(goxel_json_number_double(start, (size_t)(b->at - start)));
    return *ret_object ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
}

static int build_word(struct builder *b, struct json_object **ret_object)
{
    char first = *b->at;

    b->at += first == 'f' ? strlen("false") : strlen("true"); /* or null */
    if (first == 'n') {
        *ret_object = NULL;
        return 0;
    }
    *ret_object = json_object_new_boolean(first == 't');
    return *ret_object ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
}

/* Past the comma and true, or past the closing bracket and false. */
static bool another_follows(struct builder *b)
{
    skip_space(b);
    return *b->at++ == ',';
}

/* Past the opening bracket; false, and past the closing one, if it follows at once. */
static bool open_filled(struct builder *b, char closing)
{
    b->at++;
    skip_space(b);
    if (*b->at != closing)
        return true;
    b->at++;
    return false;
}

static int add_element(struct builder *b, struct json_object *array)
{
    struct json_object *value = NULL;
    int code = build_value(b, &value);

    if (code)
        return code;
    if (json_object_array_add(array, value) == 0)
        return 0;
    (void)json_object_put(value);
    return GOXEL_ERROR_OUT_OF_MEMORY;
}

static int build_array(struct builder *b, struct json_object **ret_object)
{
    struct json_object *array = json_object_new_array_ext(FIRST_ELEMENTS);
    bool more = open_filled(b, ']');
    int code = array ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    while (!code && more) {
        code = add_element(b, array);
        more = !code && another_follows(b);
    }
    if (code) {
        (void)json_object_put(array);
        return code;
    }
    (void)json_object_array_shrink(array, 0); /* without memory for that it stays as it is */
    *ret_object = array;
    return 0;
}

/*
 * The key is added with a null first and gets its value after, which saves a copy of it while the
 * value is built. The scanner has seen that it is new: json-c need not look. (Where its table cannot
 * grow for lack of memory, json-c 0.16 loses the key's bytes.)
 */
static int add_member(struct builder *b, struct json_object *object)
{
    struct json_object *value = NULL;
    struct lh_table *table = json_object_get_object(object);
    struct lh_entry *entry;
    int code;

    skip_space(b);
    code = read_string(b);
    if (code)
        return code;
    if (json_object_object_add_ex(object, b->string.data, NULL, JSON_C_OBJECT_ADD_KEY_IS_NEW) != 0)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    entry = table->tail;
    skip_space(b);
    b->at++; /* the colon */
    code = build_value(b, &value);
    if (!code)
        lh_entry_set_val(entry, value);
    return code;
}

static int build_object(struct builder *b, struct json_object **ret_object)
{
    struct json_object *object = json_object_new_object();
    bool more = open_filled(b, '}');
    int code = object ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    while (!code && more) {
        code = add_member(b, object);
        more = !code && another_follows(b);
    }
    if (code) {
        (void)json_object_put(object);
        return code;
    }
    *ret_object = object;
    return 0;
}

static int build_value(struct builder *b, struct json_object **ret_object)
{
    skip_space(b);
    switch (*b->at) {
    case '{':
        return build_object(b, ret_object);
    case '[':
        return build_array(b, ret_object);
    case '"':
        return build_string(b, ret_object);
    case 't':
    case 'f':
    case 'n':
        return build_word(b, ret_object);
    default:
        return build_number(b, ret_object);
    }
}

int goxel_json_parse(const char *text, size_t len, const struct goxel_json_limits *limits,
                     struct goxel_detail *detail, struct goxel_json **ret_root)
{
    struct builder b = {.at = text, .end = text + len};
    struct json_object *root = NULL;
    int code = goxel_json_scan(text, len, limits, detail);

    if (code)
        return code;
    goxel_buf_init(&b.string, len);
    code = build_value(&b, &root);
    goxel_buf_finish(&b.string);
    if (code)
        return goxel_fail(detail, code, "for the values of a JSON text");
    *ret_root = wrap(root);
    return 0;
}

void goxel_json_free(struct goxel_json *root)
{
    if (root)
        (void)json_object_put(unwrap(root));
}

/* ---- reading ---- */

static const struct {
    enum json_type json_c;
    const char *name;
} types[] = {
    [GOXEL_JSON_NULL] = {json_type_null, "null"},       [GOXEL_JSON_BOOL] = {json_type_boolean, "boolean"},
    [GOXEL_JSON_INT] = {json_type_int, "integer"},      [GOXEL_JSON_DOUBLE] = {json_type_double, "number"},
    [GOXEL_JSON_STRING] = {json_type_string, "string"}, [GOXEL_JSON_ARRAY] = {json_type_array, "array"},
    [GOXEL_JSON_OBJECT] = {json_type_object, "object"},
};

enum goxel_json_type goxel_json_type(const struct goxel_json *node)
{
    enum json_type type = json_object_get_type(unwrap(node));
    size_t i = 0;

    while (types[i].json_c != type)
        i++;
    return (enum goxel_json_type)i;
}

const char *goxel_json_type_name(enum goxel_json_type type)
{
    return types[type].name;
}

/* The node as json-c's, if it is of that type. */
static struct json_object *expect(const struct goxel_json *node, enum goxel_json_type type)
{
    assert(goxel_json_type(node) == type);
    (void)type;
    return unwrap(node);
}

bool goxel_json_bool(const struct goxel_json *node)
{
    return json_object_get_boolean(expect(node, GOXEL_JSON_BOOL));
}

int64_t goxel_json_int(const struct goxel_json *node)
{
    return json_object_get_int64(expect(node, GOXEL_JSON_INT));
}

double goxel_json_double(const struct goxel_json *node)
{
    if (goxel_json_type(node) == GOXEL_JSON_INT)
        return (double)goxel_json_int(node);
    return json_object_get_double(expect(node, GOXEL_JSON_DOUBLE));
}

const char *goxel_json_string(const struct goxel_json *node, size_t *ret_len)
{
    struct json_object *string = expect(node, GOXEL_JSON_STRING);

    if (ret_len)
        *ret_len = (size_t)json_object_get_string_len(string);
    return json_object_get_string(string);
}

size_t goxel_json_length(const struct goxel_json *node)
{
    if (goxel_json_type(node) == GOXEL_JSON_OBJECT)
        return (size_t)json_object_object_length(unwrap(node));
    return json_object_array_length(expect(node, GOXEL_JSON_ARRAY));
}

const struct goxel_json *goxel_json_at(const struct goxel_json *array, size_t index)
{
    struct json_object *elements = expect(array, GOXEL_JSON_ARRAY);

    assert(index < json_object_array_length(elements));
    return wrap(json_object_array_get_idx(elements, index));
}

const struct goxel_json *goxel_json_get(const struct goxel_json *object, const char *key)
{
    struct json_object *value;

    if (!json_object_object_get_ex(expect(object, GOXEL_JSON_OBJECT), key, &value))
        return NULL;
    return wrap(value);
}

bool goxel_json_next(const struct goxel_json *object, struct goxel_json_iter *it)
{
    struct lh_table *table = json_object_get_object(expect(object, GOXEL_JSON_OBJECT));
    struct lh_entry *entry = it->entry ? lh_entry_next((struct lh_entry *)it->entry) : lh_table_head(table);

    if (!entry)
        return false;
    it->entry = entry;
    it->key = lh_entry_k(entry);
    it->value = wrap(lh_entry_v(entry));
    return true;
}
