/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The test vectors of RFC 4648, and what strict means. */
#include "rpc/base64.h"

#include <string.h>

#include "base/error.h"
#include "unit.h"

static const struct {
    const char *plain, *text;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xfe", "+//+"},
};

static void both_ways(void)
{
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct goxel_buf text, plain;

        goxel_buf_init(&text, 64);
        goxel_buf_init(&plain, 64);
        CU_ASSERT_EQUAL(goxel_base64_encode(vectors[i].plain, strlen(vectors[i].plain), &text), 0);
        CU_ASSERT_STRING_EQUAL(text.data ? text.data : "", vectors[i].text);
        CU_ASSERT_EQUAL(goxel_base64_decode(vectors[i].text, strlen(vectors[i].text), &plain, NULL), 0);
        CU_ASSERT_EQUAL_FATAL(plain.len, strlen(vectors[i].plain));
        CU_ASSERT_STRING_EQUAL(plain.data ? plain.data : "", vectors[i].plain);
        goxel_buf_finish(&text);
        goxel_buf_finish(&plain);
    }
}

static void refused(void)
{
    static const struct {
        const char *text;
        int offset;
    } rows[] = {
        {"Zg", 2},    {"Zg=", 3},      {"Zg==Zg==", 2}, {"=g==", 0}, {"Z===", 1}, {"Zm9 ", 3},
        {"Zm9\n", 3}, {"Zm9vZ-__", 5}, {"Zh==", 1},     {"Zm9=", 2}, {"====", 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_detail detail;
        struct goxel_buf out;

        goxel_buf_init(&out, 64);
        CU_ASSERT_EQUAL(goxel_base64_decode(rows[i].text, strlen(rows[i].text), &out, &detail),
                        GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_EQUAL(detail.offset, rows[i].offset);
        goxel_buf_finish(&out);
    }
}

static const struct unit_test tests[] = {
    {"both ways", both_ways},
    {"refused", refused},
    {NULL, NULL},
};

const struct unit_suite base64_suite = {"base64", tests};
