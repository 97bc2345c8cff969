/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The folders that the configuration names, where files come and go as long as the daemon runs.
 *
 * Used by: daemon/startup.  Uses: daemon/privileges, config, base.
 */
#ifndef GOXEL_DAEMON_FOLDERS_H
#define GOXEL_DAEMON_FOLDERS_H

#include "daemon/daemon.h"

/*
 * Those of PID file, Unix socket, log, projects and working directory, with what is above them; the last of each
 * is the service user's if it is new. Folders of storage.allowed_roots are made where nothing but they
 * themselves is missing. As root, a link on the way is followed only if it is root's. DAEMON_ERROR_PERMISSION_DENIED names the option, the one that cannot be made, and what to do.
 */
int goxel_folders_make(const struct goxel_daemon *daemon, struct goxel_detail *detail);

/*
 * Will PID file, socket and log be ours to write and remove as who we shall be? What was made in a folder that
 * refuses us after the drop would stay there. DAEMON_ERROR_PERMISSION_DENIED.
 */
int goxel_folders_foresee(const struct goxel_daemon *daemon, struct goxel_detail *detail);

/* The same as who we are now, and that a reload can read the configuration. DAEMON_ERROR_PERMISSION_DENIED. */
int goxel_folders_prove(const struct goxel_daemon *daemon, struct goxel_detail *detail);

/* A line in the log for each of storage.allowed_roots that cannot be used. */
void goxel_folders_warn(const struct goxel_config *config);

#endif
