/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes etc/daemon.conf from the option table to standard output: see `make sample`.
 */
#include <stdio.h>

#include "config/config.h"

int main(void)
{
    struct goxel_buf sample;
    int status = 1;

    goxel_buf_init(&sample, GOXEL_CONFIG_FILE_MAX);
    goxel_config_sample(&sample);
    if (!sample.failed && fwrite(sample.data, 1, sample.len, stdout) == sample.len && fflush(stdout) == 0)
        status = 0;
    goxel_buf_finish(&sample);
    return status;
}
