/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/control.h"

int goxel_control_status(const struct goxel_config *config)
{
    (void)config;
    return 4;
}

int goxel_control_stop(const struct goxel_config *config)
{
    (void)config;
    return 4;
}

int goxel_control_reload(const struct goxel_config *config)
{
    (void)config;
    return 4;
}
