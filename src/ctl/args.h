/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line of goxelctl: options, from one table, and the command with its arguments.
 *
 * Used by: ctl alone.  Uses: ctl/commands.h, base.
 */
#ifndef GOXEL_CTL_ARGS_H
#define GOXEL_CTL_ARGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/detail.h"
#include "base/flags.h"
#include "base/manual.h"
#include "ctl/commands.h"

/* Of one that may be given several times. */
#define CTL_OPTIONS_MAX 32
struct ctl_words {
    const char *words[CTL_OPTIONS_MAX];
    size_t count;
};

/* Life: the caller's; the texts are argv's own. */
struct ctl_args {
    const struct ctl_command *command; /* NULL with `help` or `version` alone */
    const char *family;                /* NULL; or the first word of several commands, with `help` alone */
    bool help, version;
    const char *url, *socket, *config; /* where the daemon is; NULL: not given */
    const char *token_file;
    int64_t timeout_ms;
    int64_t interval_ms;
    bool json;
    bool no_wait;
    bool save, discard;
    bool replace;
    bool strict;
    struct ctl_words options; /* "NAME=VALUE" of a format */
    const char *name;
    const char *events;    /* NULL: not given */
    const char *directory; /* NULL: that of the configuration */
    char **words;          /* after the command's own */
    int count;
};

/*
 * Options may stand anywhere up to `--`; the first words name the command. GOXEL_ERROR_USAGE says what is wrong and
 * where to look. argv is put into another order. `help COMMAND` sets `help`, as --help does.
 */
int ctl_args_parse(int argc, char **argv, struct goxel_detail *detail, struct ctl_args *ret_args);

/* The options, in the order of the help. */
extern const struct goxel_flags ctl_flags;
/* The same one by one; NULL past the last. *ret_takes: only for commands that take it, 0 for all. */
const struct goxel_flag *ctl_args_option(size_t at, unsigned *ret_takes);

/* What it ends with, and what it looks for in its environment. */
extern const struct goxel_term ctl_statuses[], ctl_variables[];

/* The help of all commands, of those of a family, or of one. */
void ctl_args_help(FILE *out, const struct ctl_args *args);

#endif
