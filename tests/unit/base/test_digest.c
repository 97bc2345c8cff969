/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/digest.h"

#include "unit.h"

/* The values of the draft, section "Test vectors". */
static void known_values(void)
{
    CU_ASSERT_EQUAL(goxel_digest(GOXEL_DIGEST_START, "", 0), UINT64_C(0xcbf29ce484222325));
    CU_ASSERT_EQUAL(goxel_digest(GOXEL_DIGEST_START, "a", 1), UINT64_C(0xaf63dc4c8601ec8c));
    CU_ASSERT_EQUAL(goxel_digest(GOXEL_DIGEST_START, "foobar", 6), UINT64_C(0x85944171f73967e8));
}

static void parts_make_the_whole(void)
{
    uint64_t digest = goxel_digest(GOXEL_DIGEST_START, "foo", 3);

    CU_ASSERT_EQUAL(goxel_digest(digest, "bar", 3), goxel_digest(GOXEL_DIGEST_START, "foobar", 6));
    CU_ASSERT_NOT_EQUAL(goxel_digest(GOXEL_DIGEST_START, "\xff", 1),
                        goxel_digest(GOXEL_DIGEST_START, "\x7f", 1));
}

static const struct unit_test tests[] = {
    {"known values", known_values},
    {"parts make the whole", parts_make_the_whole},
    {NULL, NULL},
};

const struct unit_suite digest_suite = {"digest", tests};
