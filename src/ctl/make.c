/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes what is made of the tables of goxelctl: see `make man` and `make completion`. */
#include "base/make.h"
#include "ctl/completion.h"
#include "ctl/manual.h"

static const struct goxel_make files[] = {
    {"bash", ctl_completion_bash},
    {"zsh", ctl_completion_zsh},
    {"manual", ctl_manual},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return goxel_make(argc, argv, files);
}
