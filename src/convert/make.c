/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes what is made of the tables of goxel-convert: see `make man` and `make completion`. */
#include "base/make.h"
#include "convert/pages.h"

static const struct goxel_make files[] = {
    {"bash", convert_completion_bash},
    {"zsh", convert_completion_zsh},
    {"manual", convert_manual},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return goxel_make(argc, argv, files);
}
