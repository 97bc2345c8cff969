/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/script.h"

#include "base/error.h"

int goxel_script_start(struct goxel_script *script, const char *const *argv, int64_t timeout_ms,
                       struct goxel_detail *detail)
{
    (void)script, (void)argv, (void)timeout_ms, (void)detail;
    return GOXEL_ERROR_INTERNAL;
}

bool goxel_script_wait(struct goxel_script *script, int64_t wait_ms, int wake_fd, struct goxel_detail *detail,
                       int *ret_code)
{
    (void)script, (void)wait_ms, (void)wake_fd, (void)detail;
    *ret_code = GOXEL_ERROR_INTERNAL;
    return true;
}

void goxel_script_stop(struct goxel_script *script)
{
    (void)script;
}
