/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may do how much: the tokens, and the rules for users at the other end of the Unix socket.
 *
 * Used by: daemon (makes it anew with each configuration), http (asks it at each request).  Uses: base.
 *
 * Without a list of tokens whoever reaches TCP is an admin, if not one who is known; with it, nobody is anything without a
 * token. At the Unix socket root and the daemon's own user are admins always, and so is whoever may connect, unless
 * there are rules: then the highest that fits counts, and who fits none has no level.
 *
 * Life: a counted reference; immutable, so that any thread may read it.
 */
#ifndef GOXEL_ACCESS_POLICY_H
#define GOXEL_ACCESS_POLICY_H

#include <sys/types.h>

#include "access/tokens.h"

struct goxel_policy;

struct goxel_policy_options {
    const char *tokens_file; /* "": none */
    /* "user:NAME=LEVEL" or "group:NAME=LEVEL", names or numbers. */
    const char *const *peers;
    size_t peer_count;
    bool stop_without_token; /* who is unknown, and an admin, may stop the daemon, too */
};

/*
 * Reads the file and looks the names up. DAEMON_ERROR_CONFIG_INVALID: the text is whole, as "FILE:LINE: OPTION: reason" or
 * "OPTION: reason". GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_policy_load(const struct goxel_policy_options *options, struct goxel_detail *detail,
                      struct goxel_policy **ret_policy);
/* For who has to go on although it cannot be loaded: no token is good, and of users only root and our own. NULL: no memory. */
struct goxel_policy *goxel_policy_closed(void);

struct goxel_policy *goxel_policy_ref(struct goxel_policy *policy);
void goxel_policy_unref(struct goxel_policy *policy); /* NULL is fine */

/* NULL: there is no list. */
const struct goxel_tokens *goxel_policy_tokens(const struct goxel_policy *policy);

/* Of a client of TCP that shows no token. */
struct goxel_grant goxel_policy_stranger(const struct goxel_policy *policy);

/* Who is at the other end of a Unix socket; `groups` are those beside `gid`. */
struct goxel_peer {
    uid_t uid;
    gid_t gid;
    const gid_t *groups;
    size_t count;
};
struct goxel_grant goxel_policy_peer(const struct goxel_policy *policy, const struct goxel_peer *peer);
/* Do groups matter? */
bool goxel_policy_has_peers(const struct goxel_policy *policy);

#endif
