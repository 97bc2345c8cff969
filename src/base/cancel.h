/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A request's way out: its deadline, a flag that anybody may raise, and a look at who waits for it.
 *
 * Used by: core, format, rpc, http.  Uses: base/clock, base/error.
 *
 * It lives in base rather than in work because core and format, which must be able to stop in the
 * middle of a long operation, sit on a floor that sees base only.
 *
 * Life: embedded in the request it belongs to. `goxel_cancel_raise` may be called by any thread;
 * the work itself polls `goxel_cancel_check` at least once per 16³ voxels or 64 KiB of a file.
 */
#ifndef GOXEL_BASE_CANCEL_H
#define GOXEL_BASE_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct goxel_cancel {
    atomic_int code;     /* 0, or the error to end with */
    int64_t deadline_ms; /* monotonic (base/clock), 0 for none */
    bool (*is_gone)(void *ctx);
    void *ctx;
    atomic_int_fast64_t look_ms; /* monotonic, when it is asked again */
};

/* How often somebody who works looks. */
#define GOXEL_CANCEL_LOOK_MS 100

void goxel_cancel_init(struct goxel_cancel *cancel, int64_t deadline_ms);
void goxel_cancel_raise(struct goxel_cancel *cancel, int code);

/*
 * From here on `is_gone`, asked now and then by whoever checks, tells whether nobody waits for the work any more. Before others
 * have to do with it.
 */
void goxel_cancel_watch(struct goxel_cancel *cancel, bool (*is_gone)(void *ctx), void *ctx);

/*
 * 0 to go on; the raised code; GOXEL_ERROR_REQUEST_TIMEOUT past the deadline, GOXEL_ERROR_CLIENT_GONE. NULL never cancels. Any
 * thread.
 */
int goxel_cancel_check(struct goxel_cancel *cancel);

#endif
