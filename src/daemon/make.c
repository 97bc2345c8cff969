/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes what is made of the tables of goxel-daemon: see `make man` and `make completion`. */
#include "base/make.h"
#include "daemon/pages.h"

static const struct goxel_make files[] = {
    {"bash", goxel_daemon_completion_bash},
    {"zsh", goxel_daemon_completion_zsh},
    {"manual", goxel_daemon_manual},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return goxel_make(argc, argv, files);
}
