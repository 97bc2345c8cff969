/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distinct keys are counted once, however many there are and however alike they look. */
#include "rpc/keyset.h"

#include "unit.h"

static void counts_distinct_keys(void)
{
    struct goxel_keyset set;

    goxel_keyset_init(&set);
    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < 10000; i++)
            CU_ASSERT_EQUAL_FATAL(goxel_keyset_add(&set, i << (i % 2 ? 40 : 0)), 0);
    }
    CU_ASSERT_EQUAL(set.count, 10000);
    CU_ASSERT_EQUAL(goxel_keyset_add(&set, UINT64_MAX - 1), 0);
    CU_ASSERT_EQUAL(set.count, 10001);
    goxel_keyset_finish(&set);
    goxel_keyset_finish(&set);
}

static const struct unit_test tests[] = {
    {"counts distinct keys", counts_distinct_keys},
    {NULL, NULL},
};

const struct unit_suite keyset_suite = {"keyset", tests};
