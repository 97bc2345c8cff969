/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `--status`, `--stop` and `--reload`: acting on the daemon that holds the PID file.
 *
 * Used by: main.  Uses: daemon/pidfile, daemon/talk, config, base.
 *
 * Who runs is told by the lock on the PID file; its number is then the daemon's. What the daemon has to say
 * comes over its Unix socket, or its first TCP address where there is none.
 */
#ifndef GOXEL_DAEMON_CONTROL_H
#define GOXEL_DAEMON_CONTROL_H

#include "base/detail.h"
#include "config/config.h"

/*
 * Each returns the exit status, and has said on standard output and error what there is to say.
 *
 *   status   0 running, 1 dead with a PID file left, 3 not running (LSB 5.0, "Init Script Actions"), 4 unknown
 *   stop     SIGTERM, then waits until the process is gone: 0, also when none was running;
 *            DAEMON_ERROR_PERMISSION_DENIED's status if it is not ours to stop. On a terminal, progress.
 *   reload   POST /reload: the report on standard output; 0, or the exit status of the error it reports
 *            (DAEMON_ERROR_CONFIG_INVALID for 422, …_INVALID_STATE_TRANSITION for 409); 3 if none runs
 */
int goxel_control_status(const struct goxel_config *config);
int goxel_control_stop(const struct goxel_config *config);
int goxel_control_reload(const struct goxel_config *config);

#endif
