/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/privileges.h"

#include <unistd.h>

int goxel_identity_resolve(const struct goxel_config *config, bool stay, struct goxel_detail *detail,
                           struct goxel_identity *ret_identity)
{
    (void)config, (void)stay, (void)detail;
    *ret_identity = (struct goxel_identity){.uid = geteuid(), .gid = getegid(), .socket_group = (gid_t)-1};
    return 0;
}

int goxel_privileges_drop(const struct goxel_config *config, const struct goxel_identity *identity, bool stay,
                          struct goxel_detail *detail)
{
    (void)config, (void)identity, (void)stay, (void)detail;
    return 0;
}

int goxel_privileges_carry(struct goxel_detail *detail)
{
    (void)detail;
    return 0;
}

void goxel_privileges_settle(void)
{
}

int goxel_privileges_check_folder(const char *path, const char *option, struct goxel_detail *detail)
{
    (void)path, (void)option, (void)detail;
    return 0;
}
