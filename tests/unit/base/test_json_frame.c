/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "goxel/limits.h"
#include "unit.h"

/* What is made of a stream in pieces of `size` bytes: the values, each behind a '|', and "!" if it breaks. */
static void frame_stream(const char *text, size_t size, char *ret_text, size_t capacity)
{
    size_t len = strlen(text), at = 0, out = 0;
    struct goxel_json_frame frame;
    bool inside = false;

    while (at < len) {
        size_t piece = len - at < size ? len - at : size, used = 0;
        enum goxel_json_framed framed;

        if (!inside && (used = goxel_json_space(text + at, piece))) {
            at += used;
            continue;
        }
        if (!inside)
            goxel_json_frame_init(&frame, GOXEL_JSON_DEPTH_MAX);
        inside = true;
        framed = goxel_json_frame_take(&frame, text + at, piece, &used);
        CU_ASSERT_FATAL(used <= piece && out + used + 3 < capacity);
        memcpy(ret_text + out, text + at, used);
        out += used;
        at += used;
        if (framed == GOXEL_JSON_FRAME_BROKEN) {
            ret_text[out++] = '!';
            break;
        }
        if (framed == GOXEL_JSON_FRAME_WHOLE) {
            ret_text[out++] = '|';
            inside = false;
        }
    }
    ret_text[out] = '\0';
}

static void check_stream(const char *text, const char *expected)
{
    char framed[512];

    for (size_t size = 1; size <= strlen(text); size++) {
        frame_stream(text, size, framed, sizeof(framed));
        if (strcmp(framed, expected) != 0)
            printf("pieces of %zu: %s -> %s\n", size, text, framed);
        CU_ASSERT_STRING_EQUAL(framed, expected);
    }
}

static void values_end_where_they_end(void)
{
    static const char *const rows[][2] = {
        {"{}", "{}|"},
        {"{}{}", "{}|{}|"},
        {" {}\n\t[]\r\n", "{}|[]|"},
        {"{\"a\":[1,{\"b\":null}],\"c\":\"d\"}[]", "{\"a\":[1,{\"b\":null}],\"c\":\"d\"}|[]|"},
        {"[ 1 , 2 ]", "[ 1 , 2 ]|"},
        {"\"a\"\"b\"", "\"a\"|\"b\"|"},
        {"\"}\\\"]\\\\\"{}", "\"}\\\"]\\\\\"|{}|"},
        {"{\"]\":\"[{\"}1 ", "{\"]\":\"[{\"}|1|"},
        {"1 -2.5e+3\nnull{}", "1|-2.5e+3|null|{}|"},
        {"12[]true\"x\"", "12|[]|true|\"x\"|"},
        {"[1", "[1"},
        {"12", "12"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_stream(rows[i][0], rows[i][1]);
}

static void what_cannot_end_is_seen_at_once(void)
{
    static const char *const rows[][2] = {
        {"GET / HTTP/1.1", "G!"},  {"}{}", "}!"},
        {"[}{}", "[}!"},           {"{]", "{]!"},
        {"[1,]", "[1,]!"},         {"[1 2]", "[1 2!"},
        {"{\"a\",1}", "{\"a\",!"}, {"{\"a\":1,}", "{\"a\":1,}!"},
        {"{a:1}", "{a!"},          {"[{\"a\":1},{\"b\"]", "[{\"a\":1},{\"b\"]!"},
        {"\"a\nb\"", "\"a\n!"},    {"\"\\x\"", "\"\\x!"},
        {"\"\\\n", "\"\\\n!"},     {"{}\xef\xbb\xbf{}", "{}|\xef!"},
        {"{'a':1}", "{'!"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_stream(rows[i][0], rows[i][1]);
}

static enum goxel_json_framed frame_nested(size_t levels, size_t most, size_t *ret_used)
{
    char text[256];
    struct goxel_json_frame frame;

    CU_ASSERT_FATAL(2 * levels <= sizeof(text));
    memset(text, '[', levels);
    memset(text + levels, ']', levels);
    goxel_json_frame_init(&frame, most);
    return goxel_json_frame_take(&frame, text, 2 * levels, ret_used);
}

static void depth_has_a_ceiling(void)
{
    size_t used;

    CU_ASSERT_EQUAL(frame_nested(32, 32, &used), GOXEL_JSON_FRAME_WHOLE);
    CU_ASSERT_EQUAL(used, 64);
    CU_ASSERT_EQUAL(frame_nested(33, 32, &used), GOXEL_JSON_FRAME_BROKEN);
    CU_ASSERT_EQUAL(used, 33);
    CU_ASSERT_EQUAL(frame_nested(GOXEL_JSON_LEVELS, 1000, &used), GOXEL_JSON_FRAME_WHOLE);
    CU_ASSERT_EQUAL(frame_nested(GOXEL_JSON_LEVELS + 1, 1000, &used), GOXEL_JSON_FRAME_BROKEN);
}

/* Each byte is looked at once: a long value in many pieces costs no more than in one. */
static void pieces_cost_nothing(void)
{
    size_t len = (size_t)8 << 20, used;
    char *text = malloc(len);
    struct goxel_json_frame frame;
    int64_t whole_ns, pieces_ns;

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, '7', len);
    text[0] = text[len - 1] = '"';
    goxel_json_frame_init(&frame, GOXEL_JSON_DEPTH_MAX);
    whole_ns = goxel_clock_ns();
    CU_ASSERT_EQUAL(goxel_json_frame_take(&frame, text, len, &used), GOXEL_JSON_FRAME_WHOLE);
    pieces_ns = goxel_clock_ns();
    whole_ns = pieces_ns - whole_ns;
    goxel_json_frame_init(&frame, GOXEL_JSON_DEPTH_MAX);
    for (size_t at = 0; at + 16 < len; at += 16)
        CU_ASSERT_EQUAL(goxel_json_frame_take(&frame, text + at, 16, &used), GOXEL_JSON_FRAME_MORE);
    pieces_ns = goxel_clock_ns() - pieces_ns;
    /* A rescan of all that came before would be some 100,000 times slower. */
    CU_ASSERT(pieces_ns < 100 * whole_ns + 1000000000);
    free(text);
}

static const struct unit_test tests[] = {
    {"values end where they end", values_end_where_they_end},
    {"what cannot end is seen at once", what_cannot_end_is_seen_at_once},
    {"depth has a ceiling", depth_has_a_ceiling},
    {"pieces cost nothing", pieces_cost_nothing},
    {NULL, NULL},
};

const struct unit_suite json_frame_suite = {"json_frame", tests};
