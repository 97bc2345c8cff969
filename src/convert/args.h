/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line of goxel-convert: options, from one table, and files.
 *
 * Used by: convert alone.  Uses: core/volume.h, base.
 */
#ifndef GOXEL_CONVERT_ARGS_H
#define GOXEL_CONVERT_ARGS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/detail.h"
#include "base/flags.h"
#include "base/manual.h"
#include "core/volume.h"

/* What it is to do. */
enum convert_mode { CONVERT_FILES = 1, CONVERT_INFO = 2, CONVERT_LIST = 4, CONVERT_TELL = 8 };

#define CONVERT_WORDS_MAX 64
#define CONVERT_THREADS_MAX 256

/* An option that may be given several times. */
struct convert_words {
    const char *words[CONVERT_WORDS_MAX];
    size_t count;
};

/* Life: the caller's; the texts are argv's own. */
struct convert_args {
    enum convert_mode mode; /* CONVERT_TELL: help or version */
    bool help, version, info, list;
    bool json, strict, quiet, verbose;
    const char *from, *to;                            /* names of formats; NULL: by the files */
    struct convert_words read_options, write_options; /* "NAME=VALUE" */
    struct convert_words layers;
    bool has_box;
    struct goxel_box box;
    unsigned threads; /* that may work at once, the first one too */
    char **inputs;    /* files; "-" is standard input */
    int count;
    const char *output; /* "-" is standard output; NULL: none */
};

/*
 * Options may stand anywhere up to `--`. GOXEL_ERROR_USAGE says what is wrong and where to look. argv is put into another order.
 */
int convert_args_parse(int argc, char **argv, struct goxel_detail *detail, struct convert_args *ret_args);

/* The options, in the order of the help. */
extern const struct goxel_flags convert_flags;
/* What it ends with. */
extern const struct goxel_term convert_statuses[];

void convert_args_help(FILE *out);

#endif
