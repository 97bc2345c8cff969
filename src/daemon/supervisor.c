/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/supervisor.h"

bool goxel_supervisor_present(void)
{
    return false;
}

void goxel_supervisor_ready(void)
{
}

void goxel_supervisor_reloading(void)
{
}

void goxel_supervisor_stopping(void)
{
}

void goxel_supervisor_status(const char *fmt, ...)
{
    (void)fmt;
}

void goxel_supervisor_extend(int64_t ms)
{
    (void)ms;
}

void goxel_supervisor_watchdog(void)
{
}

int64_t goxel_supervisor_watchdog_ms(void)
{
    return 0;
}

void goxel_supervisor_store(int fd, const char *name)
{
    (void)fd, (void)name;
}

void goxel_supervisor_take(struct goxel_inherited *ret_inherited)
{
    ret_inherited->count = 0;
}
