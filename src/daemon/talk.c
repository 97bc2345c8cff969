/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/talk.h"

#include "base/error.h"

int goxel_talk(int fd, const char *method, const char *target, int64_t timeout_ms, struct goxel_buf *body,
               struct goxel_detail *detail, unsigned *ret_status)
{
    (void)fd, (void)method, (void)target, (void)timeout_ms, (void)body, (void)detail, (void)ret_status;
    return GOXEL_ERROR_INTERNAL;
}

int goxel_talk_connect(const struct goxel_config *config, int64_t timeout_ms, struct goxel_detail *detail,
                       int *ret_fd)
{
    (void)config, (void)timeout_ms, (void)detail, (void)ret_fd;
    return GOXEL_ERROR_INTERNAL;
}
