/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The limits of the process: open descriptors and the size of a core.
 *
 * Used by: daemon/startup, daemon/restart.  Uses: http, config, base.
 *
 * A configuration needs a descriptor for each connection, and some for each worker and for the daemon's own files.
 * limits.max_file_descriptors takes the place of that sum, also where it is less.
 */
#ifndef GOXEL_DAEMON_LIMITS_H
#define GOXEL_DAEMON_LIMITS_H

#include "base/detail.h"
#include "config/config.h"

/*
 * DAEMON_ERROR_RESOURCE_LIMIT_FAILED when the hard limit of the process is below what this configuration needs, or
 * cannot be read. Changes nothing; any thread.
 */
int goxel_daemon_check_limits(const struct goxel_config *config, struct goxel_detail *detail);

/* Raises the soft limit to that, or sets it as configured, and the size of cores. The same error. */
int goxel_daemon_set_limits(const struct goxel_config *config, struct goxel_detail *detail);

/* A line in the log if limits.max_file_descriptors is less than that sum. */
void goxel_daemon_warn_limits(const struct goxel_config *config);

#endif
