/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "goxel/limits.h"
#include "unit.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct goxel_json_limits *const usual = &goxel_json_limits_default;

/* From memory of exactly that size, so that a sanitizer sees one byte too many being read. */
static int scan_exact(const char *text, size_t len, struct goxel_detail *detail)
{
    char *copy = malloc(len > 0 ? len : 1);
    int code;

    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy, text, len);
    goxel_detail_init(detail);
    code = goxel_json_scan(copy, len, usual, detail);
    free(copy);
    return code;
}

static void every_production_is_accepted(void)
{
    static const char *const texts[] = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "7",
        "-12",
        "1.5",
        "-0.0",
        "1e5",
        "1E5",
        "1e+5",
        "1e-5",
        "1.25E-05",
        "0e0",
        "0.0e+00",
        "1e-400",
        "9223372036854775807",
        "-9223372036854775808",
        "1.7976931348623157e308",
        "\"\"",
        "\"a\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\u0000\"",
        "\"\\u00e9\\u00E9\"",
        "\"\\ud83d\\ude00\"",
        "\"\\uDBFF\\uDFFF\"",
        "\"\x7f\"",
        "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"",
        "\"\xef\xbb\xbf\"",
        "[]",
        "[ ]",
        "[1]",
        "[1,2]",
        "[[],[[]]]",
        "[null,true,\"x\",{},-1]",
        "{}",
        "{ }",
        "{\"a\":1}",
        "{\"\":1}",
        "{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":1}]}",
        "{\"a\":1,\"A\":1}",
        " \t\r\n[ \t\r\n1 \t\r\n, \t\r\n{ \"a\" : 1 } ] \t\r\n",
        "{\"\\u0001\":1,\"\\u0002\":2}",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct goxel_detail detail;

        CU_ASSERT_EQUAL(scan_exact(texts[i], strlen(texts[i]), &detail), 0);
    }
}

/* Code, and byte offset of what is wrong. */
static const struct refusal {
    const char *text;
    int code;
    int64_t offset;
} refusals[] = {
    /* nothing, too little, too much */
    {"", GOXEL_ERROR_JSON_SYNTAX, 0},
    {"  ", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"1 2", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"{}{}", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"[] x", GOXEL_ERROR_JSON_SYNTAX, 3},
    {"null,", GOXEL_ERROR_JSON_SYNTAX, 4},
    {"\xef\xbb\xbf{}", GOXEL_ERROR_JSON_SYNTAX, 0},
    {"\x0b"
     "1",
     GOXEL_ERROR_JSON_SYNTAX, 0},
    {"\xc2\xa0"
     "1",
     GOXEL_ERROR_JSON_SYNTAX, 0},
    {"/* no */ 1", GOXEL_ERROR_JSON_SYNTAX, 0},
    {"[1] // no", GOXEL_ERROR_JSON_SYNTAX, 4},
    /* words */
    {"tru", GOXEL_ERROR_JSON_SYNTAX, 3},
    {"nulL", GOXEL_ERROR_JSON_SYNTAX, 3},
    {"True", GOXEL_ERROR_JSON_SYNTAX, 0},
    {"NULL", GOXEL_ERROR_JSON_SYNTAX, 0},
    {"truex", GOXEL_ERROR_JSON_SYNTAX, 4},
    {"NaN", GOXEL_ERROR_JSON_SYNTAX, 0},
    {"nan", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"Infinity", GOXEL_ERROR_JSON_SYNTAX, 0},
    {"-Infinity", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"undefined", GOXEL_ERROR_JSON_SYNTAX, 0},
    /* numbers */
    {"01", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"-01", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"+1", GOXEL_ERROR_JSON_SYNTAX, 0},
    {"-", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"--1", GOXEL_ERROR_JSON_SYNTAX, 1},
    {".5", GOXEL_ERROR_JSON_SYNTAX, 0},
    {"1.", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"[1.]", GOXEL_ERROR_JSON_SYNTAX, 3},
    {"1.e5", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"1e", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"1e+", GOXEL_ERROR_JSON_SYNTAX, 3},
    {"1e5.5", GOXEL_ERROR_JSON_SYNTAX, 3},
    {"1.5.5", GOXEL_ERROR_JSON_SYNTAX, 3},
    {"0x10", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"1_000", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"1e400", GOXEL_ERROR_JSON_NUMBER, 0},
    {"[-1.8e308]", GOXEL_ERROR_JSON_NUMBER, 1},
    {"9223372036854775808", GOXEL_ERROR_JSON_NUMBER, 0},
    {"[1, -9223372036854775809]", GOXEL_ERROR_JSON_NUMBER, 4},
    {"18446744073709551616", GOXEL_ERROR_JSON_NUMBER, 0},
    /* strings */
    {"\"", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"\"abc", GOXEL_ERROR_JSON_SYNTAX, 4},
    {"\"abc\\", GOXEL_ERROR_JSON_SYNTAX, 5},
    {"\"abc\\\"", GOXEL_ERROR_JSON_SYNTAX, 6},
    {"'a'", GOXEL_ERROR_JSON_SYNTAX, 0},
    {"{'a':1}", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"\"\n\"", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"\"a\tb\"", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"\"\x1f\"", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"\"\\a\"", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"\"\\'\"", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"\"\\x41\"", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"\"\\U0041\"", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"\"\\u004\"", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"\"\\u00g1\"", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"\"\\u+041\"", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"\"\\u00", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"\"\\ud800\"", GOXEL_ERROR_JSON_UTF8, 1},
    {"\"\\udc00\"", GOXEL_ERROR_JSON_UTF8, 1},
    {"\"x\\ud800\\u0041\"", GOXEL_ERROR_JSON_UTF8, 2},
    {"\"\\ud800\\ud800\"", GOXEL_ERROR_JSON_UTF8, 1},
    {"\"\\ud800\\n\"", GOXEL_ERROR_JSON_UTF8, 1},
    {"\"\\udc00\\ud800\"", GOXEL_ERROR_JSON_UTF8, 1},
    {"\"\\ud83d\\ude0", GOXEL_ERROR_JSON_UTF8, 1},
    {"\"\xff\"", GOXEL_ERROR_JSON_UTF8, 1},
    {"\"ab\x80\"", GOXEL_ERROR_JSON_UTF8, 3},
    {"\"\xc0\xaf\"", GOXEL_ERROR_JSON_UTF8, 1},
    {"\"\xe0\x80\xaf\"", GOXEL_ERROR_JSON_UTF8, 1},
    {"\"\xed\xa0\x80\"", GOXEL_ERROR_JSON_UTF8, 1},
    {"\"\xf4\x90\x80\x80\"", GOXEL_ERROR_JSON_UTF8, 1},
    {"\"\xc3\"", GOXEL_ERROR_JSON_UTF8, 1},
    {"\"\xe2\x82", GOXEL_ERROR_JSON_UTF8, 1},
    {"{\"\xff\":1}", GOXEL_ERROR_JSON_UTF8, 2},
    /* arrays and objects */
    {"[", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"]", GOXEL_ERROR_JSON_SYNTAX, 0},
    {"[1", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"[1,", GOXEL_ERROR_JSON_SYNTAX, 3},
    {"[1,]", GOXEL_ERROR_JSON_SYNTAX, 3},
    {"[,1]", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"[1,,2]", GOXEL_ERROR_JSON_SYNTAX, 3},
    {"[1 2]", GOXEL_ERROR_JSON_SYNTAX, 3},
    {"[1}", GOXEL_ERROR_JSON_SYNTAX, 2},
    {"[\"a\":1]", GOXEL_ERROR_JSON_SYNTAX, 4},
    {"{", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"}", GOXEL_ERROR_JSON_SYNTAX, 0},
    {"{]", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"{\"a\"", GOXEL_ERROR_JSON_SYNTAX, 4},
    {"{\"a\"}", GOXEL_ERROR_JSON_SYNTAX, 4},
    {"{\"a\":", GOXEL_ERROR_JSON_SYNTAX, 5},
    {"{\"a\":}", GOXEL_ERROR_JSON_SYNTAX, 5},
    {"{\"a\" 1}", GOXEL_ERROR_JSON_SYNTAX, 5},
    {"{\"a\":1,}", GOXEL_ERROR_JSON_SYNTAX, 7},
    {"{,}", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"{\"a\":1 \"b\":2}", GOXEL_ERROR_JSON_SYNTAX, 7},
    {"{a:1}", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"{1:1}", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"{null:1}", GOXEL_ERROR_JSON_SYNTAX, 1},
    {"{\"a\":1]", GOXEL_ERROR_JSON_SYNTAX, 6},
    {"{\"a\\u0000b\":1}", GOXEL_ERROR_JSON_SYNTAX, 1},
    /* keys twice */
    {"{\"a\":1,\"a\":2}", GOXEL_ERROR_JSON_DUPLICATE, 7},
    {"{\"a\":1,\"b\":{\"a\":1},\"a\":2}", GOXEL_ERROR_JSON_DUPLICATE, 19},
    {"[{\"a\":1},{\"b\":[{\"c\":1,\"c\":1}]}]", GOXEL_ERROR_JSON_DUPLICATE, 22},
    {"{\"a\":1,\"\\u0061\":2}", GOXEL_ERROR_JSON_DUPLICATE, 7},
    {"{\"\\/\":1,\"/\":2}", GOXEL_ERROR_JSON_DUPLICATE, 8},
    {"{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}", GOXEL_ERROR_JSON_DUPLICATE, 10},
    {"{\"\":1,\"\":2}", GOXEL_ERROR_JSON_DUPLICATE, 6},
};

static void everything_else_is_refused_at_its_place(void)
{
    for (size_t i = 0; i < COUNT(refusals); i++) {
        const struct refusal *r = &refusals[i];
        struct goxel_detail detail;
        int code = scan_exact(r->text, strlen(r->text), &detail);

        if (code != r->code || detail.offset != r->offset)
            printf("\n%s: %d at %d ", r->text, code, (int)detail.offset);
        CU_ASSERT_EQUAL(code, r->code);
        CU_ASSERT_EQUAL(detail.offset, r->offset);
        CU_ASSERT_EQUAL(detail.line, 1);
        CU_ASSERT(detail.text[0] != '\0' && detail.expected[0] != '\0');
        CU_ASSERT_EQUAL(goxel_json_scan(r->text, strlen(r->text), usual, NULL), r->code);
    }
}

static void a_nul_ends_no_text(void)
{
    static const struct {
        const char *text;
        size_t len;
        int64_t offset;
    } cases[] = {{"\0", 1, 0},       {"1\0", 2, 1},      {"[1\0]", 4, 2},
                 {"\"a\0b\"", 5, 2}, {"\"\\\0\"", 4, 2}, {"{\0}", 3, 1}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct goxel_detail detail;

        CU_ASSERT_EQUAL(scan_exact(cases[i].text, cases[i].len, &detail), GOXEL_ERROR_JSON_SYNTAX);
        CU_ASSERT_EQUAL(detail.offset, cases[i].offset);
    }
}

/* Every prefix of a text is refused, at its end. */
static void a_text_cut_short_is_refused_at_its_end(void)
{
    static const char text[] = "{\"a\": [1.5e-3, true, null, \"x\\n\\u00e9\"], \"b\": {\"c\": {}}}";
    struct goxel_detail detail;

    for (size_t len = 0; len < strlen(text); len++) {
        CU_ASSERT_EQUAL(scan_exact(text, len, &detail), GOXEL_ERROR_JSON_SYNTAX);
        CU_ASSERT(detail.offset == (int64_t)len || text[detail.offset] == '\\');
    }
    CU_ASSERT_EQUAL(scan_exact(text, strlen(text), &detail), 0);
}

static void a_refusal_tells_line_and_expectation(void)
{
    static const char text[] = "{\n  \"a\": 1,\n  \"b\" 2\n}";
    struct goxel_detail detail;
    struct goxel_buf buf;

    CU_ASSERT_EQUAL(scan_exact(text, strlen(text), &detail), GOXEL_ERROR_JSON_SYNTAX);
    CU_ASSERT_EQUAL(detail.line, 3);
    CU_ASSERT_STRING_EQUAL(detail.expected, "':'");
    goxel_buf_init(&buf, 1000);
    goxel_detail_print(&buf, GOXEL_ERROR_JSON_SYNTAX, &detail);
    CU_ASSERT_STRING_EQUAL(buf.data, "Parse error: unexpected '2', expected ':', line 3, offset 18");
    goxel_buf_finish(&buf);
    CU_ASSERT_EQUAL(scan_exact("{\"k\":1,\"k\":2}", 13, &detail), GOXEL_ERROR_JSON_DUPLICATE);
    CU_ASSERT_STRING_EQUAL(detail.value, "k");
}

/* ---- ceilings ---- */

static void depth_has_a_ceiling(void)
{
    static char text[20001];
    struct goxel_json_limits limits = *usual;
    struct goxel_detail detail;

    for (size_t depth = 1; depth <= GOXEL_JSON_LEVELS; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        limits.depth = depth;
        CU_ASSERT_EQUAL(goxel_json_scan(text, depth * 2, &limits, &detail), 0);
        limits.depth = depth - 1;
        CU_ASSERT_EQUAL(goxel_json_scan(text, depth * 2, &limits, &detail), GOXEL_ERROR_JSON_DEPTH);
        CU_ASSERT_EQUAL(detail.limit, (int64_t)depth - 1);
        CU_ASSERT_EQUAL(detail.given, (int64_t)depth);
        CU_ASSERT_EQUAL(detail.offset, (int64_t)depth - 1);
    }
    memset(text, '[', 10000);
    limits.depth = SIZE_MAX;
    CU_ASSERT_EQUAL(goxel_json_scan(text, 10000, &limits, &detail), GOXEL_ERROR_JSON_DEPTH);
    CU_ASSERT_EQUAL(detail.limit, GOXEL_JSON_LEVELS);
    for (size_t i = 0; i < 4000; i++)
        memcpy(text + i * 5, "{\"a\":", 5);
    CU_ASSERT_EQUAL(goxel_json_scan(text, 20000, usual, &detail), GOXEL_ERROR_JSON_DEPTH);
    CU_ASSERT_EQUAL(detail.offset, GOXEL_JSON_DEPTH_MAX * 5);
}

/* `piece` over and over inside brackets; freed by the caller. */
static char *repeat(const char *piece, size_t total)
{
    size_t len = strlen(piece);
    char *text = malloc(total);

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    text[0] = '[';
    for (size_t at = 1; at < total; at++)
        text[at] = piece[(at - 1) % len];
    return text;
}

/* With 2 MiB allowed, so little of the text may be read before it is refused that no memory is needed. */
static void a_small_text_for_a_large_tree_is_refused(void)
{
    const struct goxel_json_limits limits = {.depth = 8, .tree_bytes = 2 << 20};
    static const char *const pieces[] = {"{},", "[],", "0,", "\"\",", "{\"a\":0},"};
    const size_t total = 10 << 20;

    for (size_t i = 0; i < COUNT(pieces); i++) {
        char *text = repeat(pieces[i], total);
        struct goxel_json *root = NULL;
        struct goxel_detail detail;

        CU_ASSERT_EQUAL(goxel_json_parse(text, total, &limits, &detail, &root), GOXEL_ERROR_JSON_SIZE);
        CU_ASSERT_PTR_NULL(root);
        CU_ASSERT_TRUE(detail.has_limit);
        CU_ASSERT_EQUAL(detail.limit, 2 << 20);
        CU_ASSERT(detail.given > detail.limit && detail.given < detail.limit + 2000);
        CU_ASSERT(detail.offset > 0 && detail.offset < 256 << 10);
        free(text);
    }
}

static void the_usual_ceiling_refuses_10_mib_of_empty_objects(void)
{
    const size_t total = 10 << 20;
    char *text = repeat("{},", total);
    struct goxel_detail detail;

    (void)unit_fail_allocation(-1);
    CU_ASSERT_EQUAL(goxel_json_scan(text, total, usual, &detail), GOXEL_ERROR_JSON_SIZE);
    CU_ASSERT_EQUAL(unit_fail_allocation(-1), 0); /* not one allocation */
    free(text);
}

#ifdef UNIT_WRAP_ALLOC
size_t __sanitizer_get_current_allocated_bytes(void); /* sanitizer/allocator_interface.h, which gcc has not */
#endif

static size_t used_bytes(void)
{
#ifdef UNIT_WRAP_ALLOC
    return __sanitizer_get_current_allocated_bytes();
#else
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
#endif
}

/* The least tree_bytes with which a text passes: the estimate. */
static size_t estimate(const char *text, size_t len)
{
    size_t low = 0, high = (size_t)1 << 32;

    while (low < high) {
        struct goxel_json_limits limits = {.depth = 8, .tree_bytes = low + (high - low) / 2};

        if (goxel_json_scan(text, len, &limits, NULL) == 0)
            high = limits.tree_bytes;
        else
            low = limits.tree_bytes + 1;
    }
    return low;
}

static void the_estimate_covers_the_tree(void)
{
    static const char *const pieces[] = {
        "{},",
        "[],",
        "0,",
        "0.5,",
        "true,",
        "\"\",",
        "\"abcdefgh\",",
        "[1],",
        "[1,2,3,4,5],",
        "null,",
        "{\"a\":1},",
        "{\"x\":1,\"y\":2,\"z\":3,\"color\":[1,2,3,4]},",
        ("{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,\"j\":0,\"k\":0,"
         "\"l\":0,\"m\":0},"),
        "{\"a key of more than thirty bytes here\":\"and a value of more than thirty bytes\"},",
    };

    /* A sanitizer's allocator does not count what glibc puts around a piece. */
    const size_t most = unit_counts_libraries() ? 5 : 10;

    for (size_t i = 0; i < COUNT(pieces); i++) {
        size_t total = 1 + strlen(pieces[i]) * 3000, actual, estimated;
        char *text = repeat(pieces[i], total);
        struct goxel_json *root = NULL;

        text[total - 1] = ']'; /* the last comma */
        estimated = estimate(text, total);
        actual = used_bytes();
        CU_ASSERT_EQUAL_FATAL(goxel_json_parse(text, total, usual, NULL, &root), 0);
        actual = used_bytes() - actual;
        if (estimated < actual || estimated > actual * most / 2)
            printf("\n%s estimated %zu, took %zu ", pieces[i], estimated, actual);
        CU_ASSERT(estimated >= actual);
        CU_ASSERT(estimated <= actual * most / 2);
        goxel_json_free(root);
        free(text);
    }
}

/* ---- keys ---- */

/* One object of 100,000 keys; freed by the caller. The last one is `last`, five characters. */
static char *many_keys(const char *last, size_t *ret_len)
{
    const size_t count = 100000, piece = 10; /* ,"00000":0 */
    char *text = malloc(count * piece + 2);

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (size_t i = 0; i < count; i++)
        (void)snprintf(text + i * piece, piece + 1, ",\"%05zu\":0", i);
    memcpy(text + (count - 1) * piece + 2, last, 5);
    text[0] = '{';
    text[count * piece] = '}';
    *ret_len = count * piece + 1;
    return text;
}

/* In linear time: if it were quadratic, this would take minutes. */
static void a_megabyte_of_keys_is_scanned(void)
{
    struct goxel_detail detail;
    size_t len;
    char *text = many_keys("other", &len);

    CU_ASSERT_EQUAL(goxel_json_scan(text, len, usual, &detail), 0);
    free(text);
    text = many_keys("00000", &len);
    CU_ASSERT_EQUAL(goxel_json_scan(text, len, usual, &detail), GOXEL_ERROR_JSON_DUPLICATE);
    CU_ASSERT_EQUAL(detail.offset, 999991);
    free(text);
}

static void without_memory_for_keys_it_says_so(void)
{
    char text[400] = "{\"a0\":1"; /* with more keys than have their place from the beginning */

    for (int i = 1; i < 40; i++)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), ",\"a%d\":1%s", i,
                       i == 39 ? "}" : "");
    for (long n = 0;; n++) {
        int code;

        (void)unit_fail_allocation(n);
        code = goxel_json_scan(text, strlen(text), usual, NULL);
        if (unit_fail_allocation(-1) <= n) {
            CU_ASSERT_EQUAL(code, 0);
            CU_ASSERT(n > 0);
            return;
        }
        CU_ASSERT_EQUAL(code, GOXEL_ERROR_OUT_OF_MEMORY);
    }
}

static const struct unit_test tests[] = {
    {"every production is accepted", every_production_is_accepted},
    {"everything else is refused at its place", everything_else_is_refused_at_its_place},
    {"a NUL ends no text", a_nul_ends_no_text},
    {"a text cut short is refused at its end", a_text_cut_short_is_refused_at_its_end},
    {"a refusal tells line and expectation", a_refusal_tells_line_and_expectation},
    {"depth has a ceiling", depth_has_a_ceiling},
    {"a small text for a large tree is refused", a_small_text_for_a_large_tree_is_refused},
    {"the usual ceiling refuses 10 MiB of empty objects", the_usual_ceiling_refuses_10_mib_of_empty_objects},
    {"the estimate covers the tree", the_estimate_covers_the_tree},
    {"a megabyte of keys is scanned", a_megabyte_of_keys_is_scanned},
    {"without memory for keys it says so", without_memory_for_keys_it_says_so},
    {NULL, NULL},
};

const struct unit_suite json_scan_suite = {"json_scan", tests};
