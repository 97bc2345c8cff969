/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accept-Encoding and Content-Encoding, in the forms of RFC 9110. */
#include "http/coding.h"

#include "base/error.h"
#include "unit.h"

static void what_clients_take(void)
{
    static const struct {
        const char *header;
        bool gzip;
    } rows[] = {
        {NULL, false},
        {"", false},
        {"gzip", true},
        {"GZIP", true},
        {"x-gzip", true},
        {"gzip, deflate, br", true},
        {"br, deflate", false},
        {"*", true},
        {"br;q=1.0, *;q=0.1", true},
        {"*;q=0", false},
        {"gzip;q=0", false},
        {"gzip;q=0.000", false},
        {"gzip ; q=0.001", true},
        {"gzip;q=0, *", false},
        {"identity;q=0.5, gzip;q=0.4", false},
        {"identity;q=0.5, gzip;q=0.5", true},
        {"identity, gzip;q=0.9", false},
        {"gzip;q=1.000;x=y", true},
        {"gzip;x=y;q=0", false},
        {",, gzip ,,", true},
        {"gzipped", false},
        {"gzip;q=", false},
        {"gzip;q=abc", false},
        {";;;,;q=1,q=,=", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_EQUAL(coding_takes_gzip(rows[i].header), rows[i].gzip);
}

static void what_clients_send(void)
{
    struct goxel_detail detail;
    bool encoded = true;

    CU_ASSERT_EQUAL(coding_check(NULL, &detail, &encoded), 0);
    CU_ASSERT_FALSE(encoded);
    CU_ASSERT_EQUAL(coding_check("identity", &detail, &encoded), 0);
    CU_ASSERT_FALSE(encoded);
    CU_ASSERT_EQUAL(coding_check("gzip", &detail, &encoded), 0);
    CU_ASSERT_TRUE(encoded);
    CU_ASSERT_EQUAL(coding_check("Deflate", &detail, &encoded), 0);
    CU_ASSERT_TRUE(encoded);
    CU_ASSERT_EQUAL(coding_check("br", &detail, &encoded), GOXEL_ERROR_MEDIA_TYPE);
    CU_ASSERT_EQUAL(coding_check("gzip, gzip", &detail, &encoded), GOXEL_ERROR_MEDIA_TYPE);
    CU_ASSERT_STRING_EQUAL(detail.field, "Content-Encoding");
}

static const struct unit_test tests[] = {
    {"what clients take", what_clients_take},
    {"what clients send", what_clients_send},
    {NULL, NULL},
};

const struct unit_suite coding_suite = {"coding", tests};
