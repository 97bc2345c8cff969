/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes what is made of the option table: see `make sample` and `make man`. */
#include "base/make.h"
#include "config/config.h"
#include "config/manual.h"

static void sample(const char *input, struct goxel_buf *out)
{
    (void)input;
    goxel_config_sample(out);
}

static const struct goxel_make files[] = {
    {"sample", sample},
    {"manual", goxel_config_manual},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return goxel_make(argc, argv, files);
}
