/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json_text.h"
#include "unit.h"

static void keys_of_open_objects_are_told_apart(void)
{
    struct goxel_json_keys keys;

    goxel_json_keys_init(&keys, "a\\u0061b");
    CU_ASSERT_EQUAL(goxel_json_keys_add(&keys, 1, 0, 1), 0);
    CU_ASSERT_EQUAL(goxel_json_keys_add(&keys, 1, 1, 6), GOXEL_ERROR_JSON_DUPLICATE);
    CU_ASSERT_EQUAL(goxel_json_keys_add(&keys, 2, 1, 6), 0);
    CU_ASSERT_EQUAL(goxel_json_keys_add(&keys, 2, 0, 1), GOXEL_ERROR_JSON_DUPLICATE);
    CU_ASSERT_EQUAL(goxel_json_keys_add(&keys, 2, 7, 1), 0);
    goxel_json_keys_leave(&keys, 2);
    CU_ASSERT_EQUAL(goxel_json_keys_add(&keys, 1, 7, 1), 0);
    CU_ASSERT_EQUAL(goxel_json_keys_add(&keys, 1, 0, 1), GOXEL_ERROR_JSON_DUPLICATE);
    CU_ASSERT_EQUAL(goxel_json_keys_add(&keys, 2, 0, 1), 0);
    goxel_json_keys_finish(&keys);
    goxel_json_keys_finish(&keys);
}

/* Through several growths, and a shrinking and growing again. */
static void many_keys_come_and_leave(void)
{
    static char text[5000 * 4 + 1];
    struct goxel_json_keys keys;
    int failed = 0;

    goxel_json_keys_init(&keys, text);
    for (unsigned i = 0; i < 5000; i++)
        (void)snprintf(text + i * 4, 5, "%04u", i);
    for (size_t i = 0; i < 5000; i++)
        failed += goxel_json_keys_add(&keys, 1 + i / 1000, i * 4, 4) != 0;
    for (size_t level = 5; level > 2; level--)
        goxel_json_keys_leave(&keys, level);
    CU_ASSERT_EQUAL(keys.count, 2000);
    for (size_t i = 0; i < 2000; i++)
        failed += goxel_json_keys_add(&keys, 1 + i / 1000, i * 4, 4) != GOXEL_ERROR_JSON_DUPLICATE;
    for (size_t i = 2000; i < 5000; i++)
        failed += goxel_json_keys_add(&keys, 3, i * 4, 4) != 0;
    CU_ASSERT_EQUAL(failed, 0);
    CU_ASSERT_EQUAL(keys.count, 5000);
    goxel_json_keys_finish(&keys);
}

static void only_open_objects_take_memory(void)
{
    struct goxel_json_keys keys;

    goxel_json_keys_init(&keys, "k");
    for (int i = 0; i < 100000; i++) {
        CU_ASSERT_EQUAL_FATAL(goxel_json_keys_add(&keys, 1, 0, 1), 0);
        goxel_json_keys_leave(&keys, 1);
    }
    CU_ASSERT(keys.capacity <= 64);
    goxel_json_keys_finish(&keys);
}

static const struct unit_test tests[] = {
    {"keys of open objects are told apart", keys_of_open_objects_are_told_apart},
    {"many keys come and leave", many_keys_come_and_leave},
    {"only open objects take memory", only_open_objects_take_memory},
    {NULL, NULL},
};

const struct unit_suite json_keys_suite = {"json_keys", tests};
