/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The levels and their one comparison. */
#include "access/level.h"

#include <string.h>

#include "base/error.h"

static const char *const names[GOXEL_ACCESS_LEVELS] = {
    [GOXEL_ACCESS_UNSET] = "none", [GOXEL_ACCESS_ALL] = "all",     [GOXEL_ACCESS_READ] = "read",
    [GOXEL_ACCESS_EDIT] = "edit",  [GOXEL_ACCESS_ADMIN] = "admin", [GOXEL_ACCESS_STOP] = "admin",
};

const char *goxel_access_name(enum goxel_access access)
{
    return names[access];
}

bool goxel_access_parse(const char *text, size_t len, enum goxel_access *ret_access)
{
    for (int level = GOXEL_ACCESS_READ; level <= GOXEL_ACCESS_ADMIN; level++) {
        if (strlen(names[level]) == len && memcmp(names[level], text, len) == 0) {
            *ret_access = (enum goxel_access)level;
            return true;
        }
    }
    return false;
}

struct goxel_grant goxel_grant_known(enum goxel_access access)
{
    return (struct goxel_grant){access == GOXEL_ACCESS_ADMIN ? GOXEL_ACCESS_STOP : access, true};
}

int goxel_grant_check(struct goxel_grant grant, enum goxel_access needed, const char *what,
                      struct goxel_detail *detail)
{
    if (needed != GOXEL_ACCESS_UNSET && grant.access >= needed)
        return 0;
    if (!grant.known)
        return goxel_fail(detail, GOXEL_ERROR_UNAUTHORISED, "%.80s needs a bearer token of level %s%s", what,
                          goxel_access_name(needed),
                          needed == GOXEL_ACCESS_STOP ? ", or the Unix socket" : "");
    return goxel_fail(detail, GOXEL_ERROR_FORBIDDEN, "%.80s needs the level %s, this client has %s", what,
                      goxel_access_name(needed),
                      grant.access == GOXEL_ACCESS_ALL ? "none: give it a token, or a rule in security.peers"
                                                       : goxel_access_name(grant.access));
}
