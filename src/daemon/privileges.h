/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who the daemon is, and how it becomes less: user, groups, root directory, capabilities.
 *
 * Used by: daemon.  Uses: config, base; libcap-ng behind this header only.
 *
 * Life: the identity is resolved once, in start-up phase 1, while /etc is there; dropping happens once,
 * in phase 4, while there is one thread (the calls are per thread in Linux). Nothing can be undone.
 */
#ifndef GOXEL_DAEMON_PRIVILEGES_H
#define GOXEL_DAEMON_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/detail.h"
#include "config/config.h"

struct goxel_identity {
    bool changes;       /* differs from what the process is: user or group */
    uid_t uid;          /* to be */
    gid_t gid;          /* to be */
    char user[256];     /* for initgroups; "" if the user has no entry or stays */
    gid_t socket_group; /* of sockets.unix.group; (gid_t)-1: none of its own */
};

/*
 * process.user, process.group and sockets.unix.group, names or numbers. DAEMON_ERROR_INVALID_USER_GROUP
 * names the option and the name that is unknown; DAEMON_ERROR_PERMISSION_DENIED if it would change
 * something and we are not root. `stay` (--test-mode): user and group are those of the process.
 */
int goxel_identity_resolve(const struct goxel_config *config, bool stay, struct goxel_detail *detail,
                           struct goxel_identity *ret_identity);

/*
 * Everything of phase 4 that cannot be undone, in this order: chroot (DAEMON_ERROR_CHROOT_FAILED,
 * DAEMON_ERROR_CHDIR_FAILED), groups, gid, uid, each verified, the way back included; capabilities
 * reduced to security.allowed_capabilities; PR_SET_NO_NEW_PRIVS; PR_SET_DUMPABLE when
 * limits.max_core_size_mb > 0. DAEMON_ERROR_PERMISSION_DENIED names the step. An unknown name in
 * allowed_capabilities is DAEMON_ERROR_CONFIG_INVALID, a capability that we do not have is
 * DAEMON_ERROR_PERMISSION_DENIED. `stay` as above: no chroot and no change of user; the rest happens.
 */
int goxel_privileges_drop(const struct goxel_config *config, const struct goxel_identity *identity, bool stay,
                          struct goxel_detail *detail);

/*
 * Around a re-exec as another user than root: what is kept has to be ambient to survive execve(2), and is
 * cleared from the ambient set by the new image, so that no script inherits it.
 */
int goxel_privileges_carry(struct goxel_detail *detail);
void goxel_privileges_settle(void);

/* Can we write into the folder of `path`, and list it? DAEMON_ERROR_PERMISSION_DENIED names folder, user and what to do. */
int goxel_privileges_check_folder(const char *path, const char *option, struct goxel_detail *detail);

#endif
