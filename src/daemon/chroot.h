/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Confinement to a folder that becomes the root, with no way left open to what is outside.
 *
 * Used by: daemon.  Uses: base.
 */
#ifndef GOXEL_DAEMON_CHROOT_H
#define GOXEL_DAEMON_CHROOT_H

#include "base/detail.h"

/*
 * What can be told early, before anything is made: DAEMON_ERROR_CHROOT_FAILED if NOTIFY_SOCKET is set (systemd
 * does this better), or `folder` is no absolute path of a directory that is there.
 */
int goxel_chroot_check(const char *folder, struct goxel_detail *detail);

/*
 * Makes `folder` the root and the working directory. DAEMON_ERROR_CHROOT_FAILED as above, and if a descriptor of
 * a directory is open (from which everything could be reached: its number is named) or chroot(2) is refused;
 * DAEMON_ERROR_CHDIR_FAILED if the new root cannot be entered.
 */
int goxel_chroot_enter(const char *folder, struct goxel_detail *detail);

#endif
