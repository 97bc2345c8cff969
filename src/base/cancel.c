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
    cancel->is_gone = NULL;
}

void goxel_cancel_raise(struct goxel_cancel *cancel, int code)
{
    int none = 0;

    (void)atomic_compare_exchange_strong(&cancel->code, &none, code);
}

void goxel_cancel_watch(struct goxel_cancel *cancel, bool (*is_gone)(void *ctx), void *ctx)
{
    cancel->is_gone = is_gone;
    cancel->ctx = ctx;
    atomic_init(&cancel->look_ms, 0);
}

/* Of many who work on it one looks. */
static bool is_gone(struct goxel_cancel *cancel, int64_t now_ms)
{
    int_fast64_t look_ms = atomic_load_explicit(&cancel->look_ms, memory_order_relaxed);

    return now_ms >= look_ms &&
           atomic_compare_exchange_strong(&cancel->look_ms, &look_ms, now_ms + GOXEL_CANCEL_LOOK_MS) &&
           cancel->is_gone(cancel->ctx);
}

int goxel_cancel_check(struct goxel_cancel *cancel)
{
    int64_t now_ms;
    int code;

    if (!cancel)
        return 0;
    code = atomic_load_explicit(&cancel->code, memory_order_relaxed);
    if (code || (cancel->deadline_ms == 0 && !cancel->is_gone))
        return code;
    now_ms = goxel_clock_ms();
    if (cancel->deadline_ms && now_ms >= cancel->deadline_ms)
        goxel_cancel_raise(cancel, GOXEL_ERROR_REQUEST_TIMEOUT);
    else if (cancel->is_gone && is_gone(cancel, now_ms))
        goxel_cancel_raise(cancel, GOXEL_ERROR_CLIENT_GONE);
    return atomic_load_explicit(&cancel->code, memory_order_relaxed);
}
