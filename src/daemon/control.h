/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `--status`, `--stop` and `--reload`: acting on the daemon that holds the PID file.
 *
 * Used by: main.  Uses: daemon/pidfile, daemon/talk, config, base.
 *
 * Who runs is told by the lock on the PID file; its number is then the daemon's. What the daemon has to say
 * comes over its Unix socket, or its first TCP address where there is none. Without a PID file
 * (process.create_pid_file) a daemon that answers there is one that runs.
 */
#ifndef GOXEL_DAEMON_CONTROL_H
#define GOXEL_DAEMON_CONTROL_H

#include <stdbool.h>

#include "config/config.h"

/*
 * Each returns the exit status, and has said on standard output and error what there is to say. `ask`: the
 * configuration's sockets are the daemon's; without it only the PID file is looked at.
 *
 *   status   0 running, 1 dead with a PID file left, 3 not running (LSB 5.0, "Init Script Actions"), 4 unknown
 *   stop     SIGTERM, then waits until the process is gone: 0, also when none was running;
 *            DAEMON_ERROR_PERMISSION_DENIED's status if it is not ours to stop; GOXEL_ERROR_OPERATION_TIMEOUT's a minute
 *            after the time that the configuration allows a stop. On a terminal, progress. Without a PID file
 *            POST /shutdown, and the end of its listening.
 *   reload   POST /reload: the report on standard output, on a terminal with what it would obey escaped; what is wrong, and what waits for a restart, as lines on
 *            standard error too; 0, or the exit status of the error it reports (DAEMON_ERROR_CONFIG_INVALID for 422,
 *            …_INVALID_STATE_TRANSITION for 409); 3 if none runs
 */
int goxel_control_status(const struct goxel_config *config, bool ask);
int goxel_control_stop(const struct goxel_config *config, bool ask);
int goxel_control_reload(const struct goxel_config *config);

#endif
