/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store.h"

#include "unit.h"

static void opens(void)
{
    struct goxel_store *store = NULL;

    CU_ASSERT_EQUAL(goxel_store_open("/tmp", NULL, NULL, &store), 0);
}

const struct unit_suite store_suite = {
    "store",
    (const struct unit_test[]){
        {"opens", opens},
        {NULL, NULL},
    },
};
