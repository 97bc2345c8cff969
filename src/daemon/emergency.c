/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/emergency.h"

#include <unistd.h>

void goxel_emergency_arm(const char *pid_path)
{
    (void)pid_path;
}

void goxel_emergency_disarm(void)
{
}

_Noreturn void goxel_emergency_exit(int status, const char *reason)
{
    (void)reason;
    _exit(status);
}
