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
 * Makes `folder` the root and the working directory. DAEMON_ERROR_CHROOT_FAILED, of which some come before
 * anything is changed: NOTIFY_SOCKET is set (systemd does this better), `folder` is no absolute path or
 * cannot be entered, a descriptor of a directory is open (from which everything could be reached: its
 * number is named). DAEMON_ERROR_CHDIR_FAILED: the new root cannot be entered.
 */
int goxel_chroot_enter(const char *folder, struct goxel_detail *detail);

#endif
