/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the daemon becomes less: root directory, groups, user, capabilities.
 *
 * Used by: daemon.  Uses: daemon/identity, daemon/chroot, config, base; libcap-ng behind this header only.
 *
 * Life: dropping happens once, in start-up phase 4, while there is one thread (capabilities belong to a
 * thread in Linux). Nothing of it can be undone: a daemon that was refused a step has to end.
 */
#ifndef GOXEL_DAEMON_PRIVILEGES_H
#define GOXEL_DAEMON_PRIVILEGES_H

#include <stdbool.h>

#include "base/detail.h"
#include "config/config.h"
#include "daemon/identity.h"

/*
 * Everything of phase 4 that cannot be undone: chroot (daemon/chroot.h), groups, gid, uid, each verified;
 * capabilities reduced to security.allowed_capabilities, and the bounding set with them if we may
 * (CAP_SETPCAP); the way back tried, which has to fail unless CAP_SETUID or CAP_SETGID is kept;
 * PR_SET_NO_NEW_PRIVS; PR_SET_DUMPABLE when limits.max_core_size_mb > 0.
 * DAEMON_ERROR_PERMISSION_DENIED names the step. An unknown name in allowed_capabilities is
 * DAEMON_ERROR_CONFIG_INVALID, one that we do not have DAEMON_ERROR_PERMISSION_DENIED; both come before
 * anything is changed. `stay` (--test-mode): no chroot and no change of user; the rest happens.
 * The groups of a process that neither changes nor names a user are left alone.
 */
int goxel_privileges_drop(const struct goxel_config *config, const struct goxel_identity *identity, bool stay,
                          struct goxel_detail *detail);

/*
 * Carries `act` out as who we shall be, and comes back: what root would open in a folder of that user could be a link
 * to anything. The code of `act`; DAEMON_ERROR_PERMISSION_DENIED if the user cannot be changed, back included. While
 * there is one thread. Where nothing changes, `act` alone.
 */
int goxel_privileges_act_as(const struct goxel_identity *identity,
                            int (*act)(void *ctx, struct goxel_detail *detail), void *ctx,
                            struct goxel_detail *detail);

/*
 * Around a re-exec as another user than root: what is kept has to be ambient to survive execve(2), and is
 * cleared from the ambient set by the new image, so that no script inherits it. Both do nothing for root,
 * whose bounding set says it all. The thread that calls execve(2) has to call; after an execve(2) that
 * failed, settle. DAEMON_ERROR_PERMISSION_DENIED, and then nothing is ambient.
 */
int goxel_privileges_carry(struct goxel_detail *detail);
void goxel_privileges_settle(void);

/*
 * Can we make and remove files in the folder of `path`, as who we are now? DAEMON_ERROR_PERMISSION_DENIED
 * names option, folder, user and what to do.
 */
int goxel_privileges_check_folder(const char *path, const char *option, struct goxel_detail *detail);

/*
 * The same for who we shall be, asked before anything is made there: what root made in a folder of its own
 * could not be removed after the drop. A child process tries it, while there is one thread; where nothing
 * changes it is goxel_privileges_check_folder; 0 if the user cannot be changed, which the drop will tell.
 * DAEMON_ERROR_FORK_FAILED.
 */
int goxel_privileges_foresee_folder(const struct goxel_identity *identity, const char *path,
                                    const char *option, struct goxel_detail *detail);

#endif
