/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much a client may do, and how much something needs.
 *
 * Used by: every row of the method and the route table, http, rpc, daemon, ctl.  Uses: base.
 *
 * Levels are a row: each has all that the ones before it have. What a row of a table forgets to say is
 * GOXEL_ACCESS_UNSET, which nobody has.
 */
#ifndef GOXEL_ACCESS_LEVEL_H
#define GOXEL_ACCESS_LEVEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/detail.h"

enum goxel_access {
    GOXEL_ACCESS_UNSET,
    GOXEL_ACCESS_ALL,   /* whoever can connect: is it there, is it well, what can it do */
    GOXEL_ACCESS_READ,  /* sees projects */
    GOXEL_ACCESS_EDIT,  /* changes them, and files */
    GOXEL_ACCESS_ADMIN, /* sees the configuration, steers the daemon */
    GOXEL_ACCESS_STOP,  /* ends it: an admin who is known; one who is not, with security.stop_without_token */
    GOXEL_ACCESS_LEVELS
};

/* "all", "read", "edit", "admin"; to stop is "admin" too. */
const char *goxel_access_name(enum goxel_access access);
/* What a token or a rule may give: "read", "edit", "admin" in `len` bytes. False: none of them. */
bool goxel_access_parse(const char *text, size_t len, enum goxel_access *ret_access);

/* What a client has. All zero: nothing at all. */
struct goxel_grant {
    enum goxel_access access;
    bool known; /* by a token, or as the user at the other end of a Unix socket */
};

/* Everything, for who is no client: tests, and what the daemon does itself. */
#define GOXEL_GRANT_EVERYTHING ((struct goxel_grant){GOXEL_ACCESS_STOP, true})

/* What somebody has who is known, and was given that level. */
struct goxel_grant goxel_grant_known(enum goxel_access access);

/*
 * 0; GOXEL_ERROR_UNAUTHORISED for somebody unknown, who may show a token; GOXEL_ERROR_FORBIDDEN for somebody known. The
 * detail names the level that `what` (a method, a route, a parameter) needs.
 */
int goxel_grant_check(struct goxel_grant grant, enum goxel_access needed, const char *what,
                      struct goxel_detail *detail);

#endif
