/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What runs until it is interrupted: waiting for the next look, the end by a signal or a key, a screen of its own.
 *
 * Used by: ctl alone.  Uses: base.
 *
 * Life: one at a time in the process, `begin` to `end`, which makes the terminal what it was before.
 */
#ifndef GOXEL_CTL_SCREEN_H
#define GOXEL_CTL_SCREEN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* From here on INT, TERM and HUP do not end the process but the waiting. With `full` the terminal's screen is taken. */
void ctl_screen_begin(bool full);
void ctl_screen_end(void);

/* Set once one of the signals came. */
extern volatile sig_atomic_t ctl_screen_stop;

/* Waits until `at_ms` of the monotonic clock; false: it is over, by a signal or, on a full screen, q. */
bool ctl_screen_wait(int64_t at_ms);

/* Shows the lines of `frame`, the whole screen at once; they are cut where it ends. */
void ctl_screen_show(const struct goxel_buf *frame);

#endif
