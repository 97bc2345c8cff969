/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/detach.h"

int goxel_detach(struct goxel_detail *detail, int *ret_fd)
{
    (void)detail;
    *ret_fd = -1;
    return 0;
}

void goxel_detach_report(int fd, int status, const char *text)
{
    (void)fd, (void)status, (void)text;
}

int goxel_detach_streams(struct goxel_detail *detail)
{
    (void)detail;
    return 0;
}

void goxel_detach_tidy(int keep)
{
    (void)keep;
}
