/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A keeper that holds the newest change until the test publishes it or drops the tip, which here is synchronous. */
#ifndef GOXEL_TESTS_CORE_HELD_H
#define GOXEL_TESTS_CORE_HELD_H

#include <stddef.h>

#include "core/head.h"

struct held {
    struct goxel_keeper keeper;
    struct goxel_project *tip; /* of the last change, a reference that the test takes */
    struct goxel_change change;
    uint64_t epoch;
    int code; /* what keeping fails with */
};

static inline int held_keep(struct goxel_keeper *keeper, struct goxel_slot *slot,
                            const struct goxel_change *change, uint64_t epoch, struct goxel_promise *promise,
                            struct goxel_detail *detail)
{
    struct held *held = (struct held *)keeper;

    (void)slot;
    (void)detail;
    if (held->code)
        return held->code;
    held->tip = goxel_project_ref(change->after);
    held->change = *change;
    held->epoch = epoch;
    promise->settled(promise, 0, NULL); /* nobody waits for more here */
    return 0;
}

static inline struct held held_make(void)
{
    return (struct held){.keeper = {.keep = held_keep}};
}

static inline struct goxel_project *held_take(struct held *held)
{
    struct goxel_project *tip = held->tip;

    held->tip = NULL;
    return tip;
}

#endif
