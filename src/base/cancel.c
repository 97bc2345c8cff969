/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The first reason to stop is the one that is told: a deadline that passes later changes nothing.
 */
#include "base/cancel.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"

void goxel_cancel_init(struct goxel_cancel *cancel, int64_t deadline_ms)
{
    atomic_init(&cancel->code, 0);
    cancel->deadline_ms = deadline_ms;
}

void goxel_cancel_raise(struct goxel_cancel *cancel, int code)
{
    int none = 0;

    (void)atomic_compare_exchange_strong(&cancel->code, &none, code);
}

int goxel_cancel_check(struct goxel_cancel *cancel)
{
    int code;

    if (!cancel)
        return 0;
    code = atomic_load_explicit(&cancel->code, memory_order_relaxed);
    if (code || cancel->deadline_ms == 0 || goxel_clock_ms() < cancel->deadline_ms)
        return code;
    goxel_cancel_raise(cancel, GOXEL_ERROR_REQUEST_TIMEOUT);
    return atomic_load(&cancel->code);
}
