/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From one image of the daemon to the next, by exec in place.
 *
 * Used by: daemon.  Uses: daemon/privileges, http (listeners), lifecycle, base.
 *
 * Listeners and the locked PID file go over as descriptors from 3 on, named as systemd names those it hands over
 * (sd_listen_fds(3)); the configuration in effect, attempts, figures and the history of requests as JSON in a sealed memfd among them.
 * Everything else is close-on-exec. The lifecycle thread alone calls.
 */
#ifndef GOXEL_DAEMON_HANDOVER_H
#define GOXEL_DAEMON_HANDOVER_H

#include "daemon/daemon.h"

/*
 * The program with its arguments, and `more` (NULL: nothing). A configuration that was named by a relative
 * path is named once more: the daemon may be in another folder now. Only the array is the caller's to free.
 * NULL: out of memory.
 */
const char **goxel_handover_arguments(const struct goxel_daemon *daemon, const char *more);

/*
 * The first thing of all: takes state and PID file out of what was handed to us. None of an earlier image is no
 * error. DAEMON_ERROR_INVALID_ENVIRONMENT if the state is not ours.
 */
int goxel_handover_take(struct goxel_daemon *daemon, struct goxel_detail *detail);

/*
 * After the file was loaded into daemon->config, with `code`: options that need a service restart keep the values of
 * the earlier image, and are pending where the file says otherwise. A file that has become invalid meanwhile is no
 * reason to end: what was in effect goes on, and the reload counts as failed. Without an earlier image, `code`.
 */
int goxel_handover_settle(struct goxel_daemon *daemon, int code, struct goxel_detail *detail);

/* Once there is a daemon->requests: its history. */
void goxel_handover_restore(struct goxel_daemon *daemon);

/*
 * The next image. Returns only if it is clear beforehand that there will be none; what
 * fails later ends the process as a stop that overran does.
 */
int goxel_handover_exec(struct goxel_daemon *daemon, struct goxel_detail *detail);

#endif
