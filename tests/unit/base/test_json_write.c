/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "unit.h"

static struct goxel_buf buf;
static struct goxel_json_writer w;

static void begin(void)
{
    goxel_buf_init(&buf, 1 << 20);
    goxel_json_writer_init(&w, &buf);
}

/* What was written is `expected`, and good JSON. */
static void end(const char *expected)
{
    CU_ASSERT_EQUAL(buf.failed, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(buf.data);
    CU_ASSERT_STRING_EQUAL(buf.data, expected);
    CU_ASSERT_EQUAL(goxel_json_scan(buf.data, buf.len, &goxel_json_limits_default, NULL), 0);
    goxel_buf_finish(&buf);
}

static void values_nest(void)
{
    begin();
    goxel_json_put_object(&w, NULL);
    goxel_json_put_null(&w, "null");
    goxel_json_put_bool(&w, "bool", true);
    goxel_json_put_int(&w, "int", -7);
    goxel_json_put_array(&w, "list");
    goxel_json_put_int(&w, NULL, 1);
    goxel_json_put_array(&w, NULL);
    goxel_json_put_end(&w);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_end(&w);
    goxel_json_put_bool(&w, NULL, false);
    goxel_json_put_end(&w);
    goxel_json_put_string(&w, "text", "x");
    goxel_json_put_string(&w, "none", NULL);
    goxel_json_put_raw(&w, "raw", "[1,2]", 5);
    goxel_json_put_double(&w, "half", 0.5);
    goxel_json_put_end(&w);
    end("{\"null\":null,\"bool\":true,\"int\":-7,\"list\":[1,[],{},false],\"text\":\"x\",\"none\":null,"
        "\"raw\":[1,2],\"half\":0.5}");
}

static void a_value_can_stand_alone(void)
{
    begin();
    goxel_json_put_string(&w, NULL, "alone");
    end("\"alone\"");
}

/* 63 levels below the top, of alternating kinds, so that each bit is set and cleared. */
static void deep_levels_are_remembered(void)
{
    char expected[1024] = "";
    size_t at = 0;

    begin();
    for (int i = 0; i < 64; i++) {
        if (i % 2)
            goxel_json_put_object(&w, NULL);
        else
            goxel_json_put_array(&w, i ? "k" : NULL);
    }
    for (int i = 0; i < 64; i++)
        goxel_json_put_end(&w);
    for (int i = 0; i < 32; i++, at += i < 32 ? 6 : 2)
        memcpy(expected + at, i < 31 ? "[{\"k\":" : "[{", i < 31 ? 6 : 2);
    for (int i = 0; i < 32; i++)
        memcpy(expected + 31 * 6 + 2 + i * 2, "}]", 2);
    CU_ASSERT_STRING_EQUAL(buf.data, expected);
    goxel_buf_finish(&buf);
}

static void strings_are_escaped(void)
{
    static const char text[] = "\"\\/\b\f\n\r\t\0\x01\x1f\x7f \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";

    begin();
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string_len(&w, "a\"\n", text, sizeof(text) - 1);
    goxel_json_put_end(&w);
    end("{\"a\\\"\\n\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u0001\\u001f\x7f "
        "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}");
}

static void invalid_bytes_become_replacement_characters(void)
{
    begin();
    goxel_json_put_array(&w, NULL);
    goxel_json_put_string(&w, NULL,
                          "a\xff"
                          "b\xc3");
    goxel_json_put_string(&w, NULL, "\xc0\xaf");
    goxel_json_put_string(&w, NULL, "\xed\xa0\x80\n");
    goxel_json_put_end(&w);
    end("[\"a\xef\xbf\xbd"
        "b\xef\xbf\xbd\",\"\xef\xbf\xbd\xef\xbf\xbd\",\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\n\"]");
}

static void integers_reach_both_ends(void)
{
    begin();
    goxel_json_put_array(&w, NULL);
    goxel_json_put_int(&w, NULL, INT64_MIN);
    goxel_json_put_int(&w, NULL, INT64_MAX);
    goxel_json_put_end(&w);
    end("[-9223372036854775808,9223372036854775807]");
}

static void counts_above_2_to_the_53_are_strings(void)
{
    begin();
    goxel_json_put_array(&w, NULL);
    goxel_json_put_count(&w, NULL, 0);
    goxel_json_put_count(&w, NULL, 9007199254740992);
    goxel_json_put_count(&w, NULL, 9007199254740993);
    goxel_json_put_count(&w, NULL, UINT64_MAX);
    goxel_json_put_end(&w);
    end("[0,9007199254740992,\"9007199254740993\",\"18446744073709551615\"]");
}

static void doubles_are_short(void)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.0, "0"},
        {-0.0, "-0.0"},
        {1.0, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {100.0, "100"},
        {1234.5678, "1234.5678"},
        {1.0 / 3.0, "0.3333333333333333"},
        {0.1 + 0.2, "0.30000000000000004"},
        {0.000001, "0.000001"},
        {0.0000001, "1e-7"},
        {1.5e-10, "1.5e-10"},
        {1e17, "100000000000000000"},
        {1e18, "1e18"},
        {1.5e300, "1.5e300"},
        {123456789012345680.0, "123456789012345680"},
        {DBL_MAX, "1.7976931348623157e308"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {DBL_TRUE_MIN, "5e-324"},
        {9007199254740993.0, "9007199254740992"},
        {0x1p-1017, "7.120236347223045e-307"}, /* a power of two, whose nearest 16 digits do not read back */
        {NAN, "null"},
        {INFINITY, "null"},
        {-INFINITY, "null"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        goxel_json_put_double(&w, NULL, cases[i].value);
        end(cases[i].text);
    }
}

static void check_reads_back(double value)
{
    struct goxel_json *root = NULL;

    goxel_buf_clear(&buf);
    goxel_json_writer_init(&w, &buf);
    goxel_json_put_double(&w, NULL, value);
    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(buf.data, buf.len, &goxel_json_limits_default, NULL, &root), 0);
    CU_ASSERT_EQUAL(goxel_json_double(root), value);
    CU_ASSERT(buf.len <= 25);
    goxel_json_free(root);
}

/* Every power of two and its neighbours, and a walk through the bits. */
static void every_double_reads_back_equal(void)
{
    uint64_t bits = 0x123456789abcdef;

    begin();
    for (int e = -1074; e <= 1023; e++) {
        check_reads_back(ldexp(1, e));
        check_reads_back(-nextafter(ldexp(1, e), INFINITY));
        check_reads_back(nextafter(ldexp(1, e), 0));
    }
    for (int i = 0; i < 5000; i++) {
        double value;

        bits = bits * 6364136223846793005u + 1442695040888963407u;
        memcpy(&value, &bits, sizeof(value));
        if (isfinite(value))
            check_reads_back(value);
    }
    goxel_buf_finish(&buf);
}

static void a_tree_is_written_compactly(void)
{
    static const char text[] =
        " { \"a\" : [ 1 , -2.50 , \"\\u00e9\\/\\u0000\" , null , true , false , [ ] , { } ] ,"
        " \"b\" : { \"c\" : 1e22 } } ";
    struct goxel_json *root = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(text, strlen(text), &goxel_json_limits_default, NULL, &root), 0);
    begin();
    goxel_json_put_array(&w, NULL);
    goxel_json_put_node(&w, NULL, root);
    goxel_json_put_node(&w, NULL, goxel_json_get(root, "b"));
    goxel_json_put_end(&w);
    end("[{\"a\":[1,-2.5,\"\xc3\xa9/\\u0000\",null,true,false,[],{}],\"b\":{\"c\":1e22}},{\"c\":1e22}]");
    goxel_json_free(root);
}

static void the_buffer_remembers_its_ceiling(void)
{
    goxel_buf_init(&buf, 10);
    goxel_json_writer_init(&w, &buf);
    goxel_json_put_array(&w, NULL);
    goxel_json_put_string(&w, NULL, "longer than ten bytes");
    goxel_json_put_double(&w, NULL, 1.5);
    goxel_json_put_end(&w);
    CU_ASSERT_EQUAL(buf.failed, GOXEL_ERROR_MESSAGE_SIZE);
    CU_ASSERT(buf.len <= 10);
    goxel_buf_finish(&buf);
}

static void what_a_terminal_obeys_becomes_an_escape(void)
{
    static const char json[] = "{\"a\\n\":\"\xc2\x9b\xe2\x80\xae\xc3\xa9\x7f\xf0\x9f\x98\x80\"}";
    struct goxel_buf out;

    goxel_buf_init(&out, 128);
    goxel_json_put_printable(&out, json, sizeof(json) - 1);
    CU_ASSERT_EQUAL_FATAL(out.failed, 0);
    CU_ASSERT_STRING_EQUAL(out.data, "{\"a\\n\":\"\\u009b\\u202e\xc3\xa9\\u007f\xf0\x9f\x98\x80\"}");
    goxel_buf_finish(&out);
}

static const struct unit_test tests[] = {
    {"values nest", values_nest},
    {"a value can stand alone", a_value_can_stand_alone},
    {"deep levels are remembered", deep_levels_are_remembered},
    {"strings are escaped", strings_are_escaped},
    {"invalid bytes become replacement characters", invalid_bytes_become_replacement_characters},
    {"integers reach both ends", integers_reach_both_ends},
    {"counts above 2^53 are strings", counts_above_2_to_the_53_are_strings},
    {"doubles are short", doubles_are_short},
    {"every double reads back equal", every_double_reads_back_equal},
    {"a tree is written compactly", a_tree_is_written_compactly},
    {"the buffer remembers its ceiling", the_buffer_remembers_its_ceiling},
    {"what a terminal obeys becomes an escape", what_a_terminal_obeys_becomes_an_escape},
    {NULL, NULL},
};

const struct unit_suite json_write_suite = {"json_write", tests};
