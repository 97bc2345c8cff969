/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "unit.h"

static void it_grows_with_what_is_in_it(void)
{
    uint16_t *list = NULL;
    size_t room = 0, moves = 0;

    for (size_t count = 0; count < 5000; count++) {
        size_t was = room;

        CU_ASSERT_EQUAL_FATAL(goxel_array_reserve(&list, &room, count + 1, sizeof(*list)), 0);
        CU_ASSERT(room > count);
        moves += room != was;
        list[count] = (uint16_t)count;
    }
    CU_ASSERT(moves < 16);
    for (size_t i = 0; i < 5000; i++)
        CU_ASSERT_EQUAL(list[i], i);
    free(list);
}

static void it_has_room_for_many_at_once(void)
{
    uint64_t *list = NULL;
    size_t room = 0;

    CU_ASSERT_EQUAL_FATAL(goxel_array_reserve(&list, &room, 0, sizeof(*list)), 0);
    CU_ASSERT_PTR_NULL(list);
    CU_ASSERT_EQUAL_FATAL(goxel_array_reserve(&list, &room, 1001, sizeof(*list)), 0);
    CU_ASSERT(room >= 1001);
    list[1000] = 7;
    CU_ASSERT_EQUAL_FATAL(goxel_array_reserve(&list, &room, 3 * room, sizeof(*list)), 0);
    CU_ASSERT_EQUAL(list[1000], 7);
    free(list);
}

/* What has no size that can be told is not there: nothing is asked for, and what was there stays. */
static void sizes_do_not_overflow(void)
{
    static const size_t counts[] = {SIZE_MAX, SIZE_MAX / 2 + 2, SIZE_MAX / 8, SIZE_MAX / 16};
    uint64_t *list = NULL, *was;
    size_t room = 0, room_was;

    CU_ASSERT_EQUAL_FATAL(goxel_array_reserve(&list, &room, 1, sizeof(*list)), 0);
    list[0] = 42;
    was = list;
    room_was = room;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        CU_ASSERT_EQUAL(goxel_array_reserve(&list, &room, counts[i], sizeof(*list)),
                        GOXEL_ERROR_OUT_OF_MEMORY);
    CU_ASSERT_PTR_EQUAL(list, was);
    CU_ASSERT_EQUAL(room, room_was);
    CU_ASSERT_EQUAL(list[0], 42);
    free(list);
}

static void memory_may_be_missing(void)
{
    uint64_t *list = NULL;
    size_t room = 0;

    if (unit_fail_allocation(0) < 0) {
        unit_skip("allocations cannot be made to fail here");
        return;
    }
    CU_ASSERT_EQUAL(goxel_array_reserve(&list, &room, 1, sizeof(*list)), GOXEL_ERROR_OUT_OF_MEMORY);
    unit_fail_allocation(-1);
    CU_ASSERT_PTR_NULL(list);
    CU_ASSERT_EQUAL(room, 0);
}

const struct unit_suite array_suite = {
    "array",
    (const struct unit_test[]){
        {"it grows with what is in it", it_grows_with_what_is_in_it},
        {"it has room for many at once", it_has_room_for_many_at_once},
        {"sizes do not overflow", sizes_do_not_overflow},
        {"memory may be missing", memory_may_be_missing},
        {NULL, NULL},
    },
};
