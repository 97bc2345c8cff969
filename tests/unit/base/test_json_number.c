/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"
#include "unit.h"

static void integers_reach_both_ends_of_int64(void)
{
    static const struct {
        const char *literal;
        bool fits;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"-1", true, -1},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"92233720368547758070", false, 0},
        {"100000000000000000000000000000000000000000", false, 0},
        {"1.0", false, 0},
        {"1e0", false, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t value = 12345;

        CU_ASSERT_EQUAL(goxel_json_number_int(cases[i].literal, strlen(cases[i].literal), &value),
                        cases[i].fits);
        CU_ASSERT_EQUAL(value, cases[i].fits ? cases[i].value : 12345);
    }
}

static void doubles_are_the_nearest_ones(void)
{
    static const char *const literals[] = {
        "0.1",
        "-0.1",
        "1e23",
        "8.5e-1",
        "123456789.123456789e-5",
        "2.2250738585072011e-308",
        "4.9e-324",
        "1.7976931348623157e308",
        "9007199254740993.0",
        "0.000001E+6",
        "100000000000000000000.0",
        /* half way between 1 and the next double, exactly, and a trace above */
        "1.00000000000000011102230246251565404236316680908203125",
        "1.000000000000000111022302462515654042363166809082031250000000000000000000000000000001",
    };

    for (size_t i = 0; i < sizeof(literals) / sizeof(literals[0]); i++)
        CU_ASSERT_EQUAL(goxel_json_number_double(literals[i], strlen(literals[i])),
                        strtod(literals[i], NULL));
    CU_ASSERT(signbit(goxel_json_number_double("-0.0", 4)));
    CU_ASSERT_EQUAL(goxel_json_number_double("15e1 rest", 4), 150.0);
}

static void overflow_is_infinite_and_underflow_zero(void)
{
    static const char *const infinite[] = {"1e309", "1.8e308", "-1e400", "1e99999999999999999999",
                                           "17976931348623159e292"};
    static const char *const zero[] = {"0e99999999999999999999", "1e-400", "0.0", "1e-99999999999999999999"};

    for (size_t i = 0; i < sizeof(infinite) / sizeof(infinite[0]); i++)
        CU_ASSERT(isinf(goxel_json_number_double(infinite[i], strlen(infinite[i]))));
    for (size_t i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
        CU_ASSERT_EQUAL(goxel_json_number_double(zero[i], strlen(zero[i])), 0.0);
    /* From half a step above the largest double on, it rounds to infinity. */
    CU_ASSERT_EQUAL(goxel_json_number_double("1.797693134862315807e308", 24), DBL_MAX);
    CU_ASSERT(isinf(goxel_json_number_double("1.797693134862315808e308", 24)));
}

/* Zeros that the exponent takes back, and a digit far beyond what is kept. */
static void length_does_not_matter(void)
{
    static char literal[300000];
    size_t len;

    memset(literal, '0', sizeof(literal));
    memcpy(literal, "0.", 2);
    memcpy(literal + 100000, "15e99999", 8);
    CU_ASSERT_EQUAL(goxel_json_number_double(literal, 100008), 1.5);
    memset(literal, '0', sizeof(literal));
    literal[0] = '2';
    memcpy(literal + 200001, "e-200000", 8);
    CU_ASSERT_EQUAL(goxel_json_number_double(literal, 200009), 2.0);
    /* Half way and a trace: rounds up only if the trace is seen. */
    memset(literal, '0', sizeof(literal));
    len = strlen("1.00000000000000011102230246251565404236316680908203125");
    memcpy(literal, "1.00000000000000011102230246251565404236316680908203125", len);
    CU_ASSERT_EQUAL(goxel_json_number_double(literal, 5000), 1.0);
    literal[4999] = '1';
    CU_ASSERT_EQUAL(goxel_json_number_double(literal, 5000), 1.0 + DBL_EPSILON);
}

static const struct unit_test tests[] = {
    {"integers reach both ends of int64", integers_reach_both_ends_of_int64},
    {"doubles are the nearest ones", doubles_are_the_nearest_ones},
    {"overflow is infinite and underflow zero", overflow_is_infinite_and_underflow_zero},
    {"length does not matter", length_does_not_matter},
    {NULL, NULL},
};

const struct unit_suite json_number_suite = {"json_number", tests};
