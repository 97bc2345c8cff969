/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who the daemon is to be: the names of the configuration as numbers.
 *
 * Used by: daemon.  Uses: config, base.
 *
 * Life: resolved once, in start-up phase 1, while /etc is there; a plain value from then on.
 */
#ifndef GOXEL_DAEMON_IDENTITY_H
#define GOXEL_DAEMON_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/detail.h"
#include "config/config.h"

struct goxel_identity {
    bool changes;       /* differs from what the process is: user or group */
    uid_t uid;          /* to be */
    gid_t gid;          /* to be */
    char user[256];     /* whose supplementary groups to take; "" if the user has no entry or stays */
    gid_t socket_group; /* of sockets.unix.group; (gid_t)-1: none of its own */
};

/*
 * process.user, process.group and, if the Unix socket is enabled, sockets.unix.group, names or numbers.
 * DAEMON_ERROR_INVALID_USER_GROUP names the option and the name that is unknown, and also says so of a
 * user that is a number without an entry where no group is given; DAEMON_ERROR_PERMISSION_DENIED if it
 * would change something and we are not root. `stay` (--test-mode): user and group are those of the process.
 */
int goxel_identity_resolve(const struct goxel_config *config, bool stay, struct goxel_detail *detail,
                           struct goxel_identity *ret_identity);

/* `user "nobody"`, or `user 65534` where there is no entry. */
void goxel_identity_describe(uid_t uid, char text[], size_t size);

/*
 * The supplementary groups of identity->user, its group among them; that group alone if it is "". As for
 * initgroups(3), but apart from setting them, which has to wait for chroot(2), where /etc/group is gone.
 * *ret_groups is freed by the caller. GOXEL_ERROR_OUT_OF_MEMORY; DAEMON_ERROR_INVALID_USER_GROUP.
 */
int goxel_identity_groups(const struct goxel_identity *identity, struct goxel_detail *detail,
                          gid_t **ret_groups, size_t *ret_count);

#endif
