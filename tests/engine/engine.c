/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The voxel engine held against a slow reference, and read while it is written.
 *
 *   engine-check random SEED COUNT     that many random operations, each a version; undone and redone now and then
 *   engine-check readers SECONDS       eight threads read what one writes, for so long
 *
 * What is said of a failure is enough to have it again: the seed, and how many operations it took.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

static int usage(void)
{
    fputs("usage: engine-check random SEED COUNT | engine-check readers SECONDS\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "random") == 0)
        return engine_random(strtoull(argv[2], NULL, 0), strtoull(argv[3], NULL, 10));
    if (argc == 3 && strcmp(argv[1], "readers") == 0)
        return engine_readers(strtoull(argv[2], NULL, 10));
    return usage();
}
