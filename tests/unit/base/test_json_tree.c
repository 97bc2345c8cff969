/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "unit.h"

static struct goxel_json *parse(const char *text)
{
    struct goxel_json *root = NULL;
    size_t len = strlen(text);
    char *copy = malloc(len); /* of exactly that size, and without a NUL */

    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy, text, len);
    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(copy, len, &goxel_json_limits_default, NULL, &root), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    free(copy);
    return root;
}

static void every_value_can_stand_alone(void)
{
    static const struct {
        const char *text;
        enum goxel_json_type type;
        const char *name;
    } cases[] = {
        {"null", GOXEL_JSON_NULL, "null"},     {" true ", GOXEL_JSON_BOOL, "boolean"},
        {"17", GOXEL_JSON_INT, "integer"},     {"-0", GOXEL_JSON_INT, "integer"},
        {"1.0", GOXEL_JSON_DOUBLE, "number"},  {"1e2", GOXEL_JSON_DOUBLE, "number"},
        {"\"\"", GOXEL_JSON_STRING, "string"}, {"[]", GOXEL_JSON_ARRAY, "array"},
        {"{}", GOXEL_JSON_OBJECT, "object"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_json *root = parse(cases[i].text);

        CU_ASSERT_EQUAL(goxel_json_type(root), cases[i].type);
        CU_ASSERT_STRING_EQUAL(goxel_json_type_name(cases[i].type), cases[i].name);
        goxel_json_free(root);
    }
    goxel_json_free(NULL);
}

static void numbers_keep_their_value(void)
{
    struct goxel_json *root = parse("[9223372036854775807,-9223372036854775808,0,1.5,-0.0,1e-400,3,1e22]");

    CU_ASSERT_EQUAL(goxel_json_int(goxel_json_at(root, 0)), INT64_MAX);
    CU_ASSERT_EQUAL(goxel_json_int(goxel_json_at(root, 1)), INT64_MIN);
    CU_ASSERT_EQUAL(goxel_json_int(goxel_json_at(root, 2)), 0);
    CU_ASSERT_EQUAL(goxel_json_double(goxel_json_at(root, 3)), 1.5);
    CU_ASSERT(signbit(goxel_json_double(goxel_json_at(root, 4))));
    CU_ASSERT_EQUAL(goxel_json_double(goxel_json_at(root, 5)), 0.0);
    CU_ASSERT_EQUAL(goxel_json_double(goxel_json_at(root, 6)), 3.0); /* an integer read as a double */
    CU_ASSERT_EQUAL(goxel_json_double(goxel_json_at(root, 7)), 1e22);
    goxel_json_free(root);
}

static void strings_are_unescaped(void)
{
    struct goxel_json *root = parse("[\"\", \"a\\u0000b\", \"\\\"\\\\\\/\\b\\f\\n\\r\\t\","
                                    " \"x\\u00e9\\u20AC\\ud83d\\ude00y\", \"\xc3\xa9\xf0\x9f\x98\x80\"]");
    size_t len = 99;

    CU_ASSERT_STRING_EQUAL(goxel_json_string(goxel_json_at(root, 0), &len), "");
    CU_ASSERT_EQUAL(len, 0);
    CU_ASSERT_EQUAL(memcmp(goxel_json_string(goxel_json_at(root, 1), &len), "a\0b", 4), 0);
    CU_ASSERT_EQUAL(len, 3);
    CU_ASSERT_STRING_EQUAL(goxel_json_string(goxel_json_at(root, 2), NULL), "\"\\/\b\f\n\r\t");
    CU_ASSERT_STRING_EQUAL(goxel_json_string(goxel_json_at(root, 3), NULL),
                           "x\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80y");
    CU_ASSERT_STRING_EQUAL(goxel_json_string(goxel_json_at(root, 4), NULL), "\xc3\xa9\xf0\x9f\x98\x80");
    goxel_json_free(root);
}

static void members_are_found_by_name(void)
{
    struct goxel_json *root = parse("{\"a\":1,\"\\u00e9\":[true,{\"b\":false}],\"\":\"empty\"}");
    const struct goxel_json *list = goxel_json_get(root, "\xc3\xa9");

    CU_ASSERT_EQUAL(goxel_json_length(root), 3);
    CU_ASSERT_EQUAL(goxel_json_int(goxel_json_get(root, "a")), 1);
    CU_ASSERT_STRING_EQUAL(goxel_json_string(goxel_json_get(root, ""), NULL), "empty");
    CU_ASSERT_PTR_NULL(goxel_json_get(root, "b"));
    CU_ASSERT_PTR_NULL(goxel_json_get(root, "A"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(list);
    CU_ASSERT_EQUAL(goxel_json_length(list), 2);
    CU_ASSERT_TRUE(goxel_json_bool(goxel_json_at(list, 0)));
    CU_ASSERT_FALSE(goxel_json_bool(goxel_json_get(goxel_json_at(list, 1), "b")));
    goxel_json_free(root);
}

static void null_is_a_value_and_not_an_absence(void)
{
    struct goxel_json *root = parse("{\"a\":null,\"b\":[null]}");
    struct goxel_json_iter it = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(goxel_json_get(root, "a"));
    CU_ASSERT_EQUAL(goxel_json_type(goxel_json_get(root, "a")), GOXEL_JSON_NULL);
    CU_ASSERT_EQUAL(goxel_json_type(goxel_json_at(goxel_json_get(root, "b"), 0)), GOXEL_JSON_NULL);
    CU_ASSERT_TRUE(goxel_json_next(root, &it));
    CU_ASSERT_PTR_NOT_NULL_FATAL(it.value);
    CU_ASSERT_EQUAL(goxel_json_type(it.value), GOXEL_JSON_NULL);
    goxel_json_free(root);
}

/* Enough of them for json-c's table to grow several times. */
static void members_come_in_their_order(void)
{
    static const char names[] = "qwertyuiopasdfghjklzxcvbnmQWERTYUIOPASDFGHJKLZXCVBNM0123456789";
    char text[1024] = "{";
    struct goxel_json_iter it = {0};
    struct goxel_json *root;
    size_t at = 1, count = 0;

    for (size_t i = 0; names[i]; i++) {
        memcpy(text + at, "\"?\":0,", 6);
        text[at + 1] = names[i];
        at += 6;
    }
    text[at - 1] = '}';
    text[at] = '\0';
    root = parse(text);
    while (goxel_json_next(root, &it))
        CU_ASSERT_EQUAL(it.key[0], names[count++]);
    CU_ASSERT_EQUAL(count, strlen(names));
    CU_ASSERT_FALSE(goxel_json_next(root, &it));
    goxel_json_free(root);
    root = parse("{}");
    it = (struct goxel_json_iter){0};
    CU_ASSERT_FALSE(goxel_json_next(root, &it));
    goxel_json_free(root);
}

static void a_refused_text_leaves_the_output_alone(void)
{
    struct goxel_json *root = (struct goxel_json *)&root;
    struct goxel_detail detail;

    CU_ASSERT_EQUAL(goxel_json_parse("[1,]", 4, &goxel_json_limits_default, &detail, &root),
                    GOXEL_ERROR_JSON_SYNTAX);
    CU_ASSERT_PTR_EQUAL(root, (struct goxel_json *)&root);
    CU_ASSERT_EQUAL(detail.offset, 3);
}

static void each_allocation_may_fail(void)
{
    static const char text[] =
        "{\"a\":[1,2.5,\"x\\n\",true,null,[],5,6,7,8,9],\"b\":{\"c\":{}},\"0\":0,\"1\":0,\"2\":0,"
        "\"3\":0,\"4\":0,\"5\":0,\"6\":0,\"7\":0,\"8\":0,\"9\":0,"
        "\"long\":\"............................................................\"}";
    struct goxel_json *root = NULL;
    long n;

    for (n = 0; n < 1000; n++) {
        int code;

        (void)unit_fail_allocation(n);
        code = goxel_json_parse(text, strlen(text), &goxel_json_limits_default, NULL, &root);
        if (unit_fail_allocation(-1) <= n)
            break;
        /* Without memory to cut an array to size it stays as it is: that one may fail. */
        CU_ASSERT(code == GOXEL_ERROR_OUT_OF_MEMORY || code == 0);
        CU_ASSERT_EQUAL(root != NULL, code == 0);
        if (root)
            CU_ASSERT_EQUAL(goxel_json_length(root), 13);
        goxel_json_free(root);
        root = NULL;
    }
    CU_ASSERT(n > (unit_counts_libraries() ? 30 : 0));
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    CU_ASSERT_EQUAL(goxel_json_length(goxel_json_get(root, "a")), 11);
    goxel_json_free(root);
}

static const struct unit_test tests[] = {
    {"every value can stand alone", every_value_can_stand_alone},
    {"numbers keep their value", numbers_keep_their_value},
    {"strings are unescaped", strings_are_unescaped},
    {"members are found by name", members_are_found_by_name},
    {"null is a value and not an absence", null_is_a_value_and_not_an_absence},
    {"members come in their order", members_come_in_their_order},
    {"a refused text leaves the output alone", a_refused_text_leaves_the_output_alone},
    {"each allocation may fail", each_allocation_may_fail},
    {NULL, NULL},
};

const struct unit_suite json_tree_suite = {"json_tree", tests};
