/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a program's command line may say: one table for reading it, for the help, the manual page and the completion.
 *
 * Used by: ctl, convert, daemon, base/manual, base/completion.  Uses: base/error; getopt_long(3).
 *
 * A program has rows of its own, each of which begins with a struct goxel_flag; what a flag does is told by the rest of
 * its row. One thread: getopt_long has a state of the process.
 */
#ifndef GOXEL_BASE_FLAGS_H
#define GOXEL_BASE_FLAGS_H

#include <stddef.h>
#include <stdio.h>

#include "base/detail.h"

struct goxel_flag {
    char letter;          /* "-x"; 0: none */
    const char *name;     /* "--name" */
    const char *argument; /* what it is called in the help; NULL: it takes none */
    const char *help;
};

#define GOXEL_FLAGS_MAX 64

struct goxel_flags {
    const void *rows; /* static; a struct goxel_flag at the beginning of each */
    size_t count;     /* GOXEL_FLAGS_MAX at most */
    size_t size;      /* of a row */
    const char *more; /* where the help is: "goxelctl --help" */
};

const struct goxel_flag *goxel_flag_at(const struct goxel_flags *flags, size_t at);

/* A row that was given; the argument is one of argv, NULL if it takes none. Non-zero ends the reading. */
typedef int goxel_flag_take(void *ctx, size_t at, const char *argument, struct goxel_detail *detail);

/*
 * Calls `take` for each flag, in their order; argv is reordered so that what is no flag stands behind them, from
 * *ret_next on. GOXEL_ERROR_USAGE with what is wrong, or what `take` returned.
 */
int goxel_flags_read(const struct goxel_flags *flags, int argc, char **argv, goxel_flag_take *take, void *ctx,
                     struct goxel_detail *detail, int *ret_next);

/* The line of one row. */
void goxel_flag_help(const struct goxel_flag *flag, FILE *out);

#endif
