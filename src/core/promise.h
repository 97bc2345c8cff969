/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * To be told, once, how something ended that goes on elsewhere.
 *
 * Used by: core/keeper, store, rpc.  Uses: base.
 *
 * Life: embedded by whoever is to be told, and stays where it is until then. `settled` is called by any thread.
 */
#ifndef GOXEL_CORE_PROMISE_H
#define GOXEL_CORE_PROMISE_H

#include <pthread.h>
#include <stdbool.h>

#include "base/detail.h"

struct goxel_promise {
    void (*settled)(struct goxel_promise *promise, int code, const struct goxel_detail *detail);
};

/* One that a thread waits for. */
struct goxel_promise_wait {
    struct goxel_promise promise;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool settled;
    int code;
    struct goxel_detail *detail; /* NULL: not wanted */
};

void goxel_promise_begin(struct goxel_promise_wait *wait, struct goxel_detail *detail);
/* With `code` 0 it waits for the end, and returns that; otherwise nothing was begun, and it returns `code`. */
int goxel_promise_end(struct goxel_promise_wait *wait, int code);

#endif
