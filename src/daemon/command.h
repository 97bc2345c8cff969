/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line of goxel-daemon, from one table: parsing, help, and the options it overrides.
 *
 * Used by: main.  Uses: config, base.
 */
#ifndef GOXEL_DAEMON_COMMAND_H
#define GOXEL_DAEMON_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "base/detail.h"
#include "base/flags.h"
#include "base/manual.h"
#include "config/config.h"

enum goxel_command_action {
    GOXEL_COMMAND_RUN,
    GOXEL_COMMAND_HELP,
    GOXEL_COMMAND_VERSION,
    GOXEL_COMMAND_CHECK_CONFIG,
    GOXEL_COMMAND_PRINT_CONFIG,
    GOXEL_COMMAND_STATUS,
    GOXEL_COMMAND_STOP,
    GOXEL_COMMAND_RELOAD,
};

#define GOXEL_OVERRIDES_MAX 64

/* Life: the caller's; the texts are argv's own. */
struct goxel_command {
    enum goxel_command_action action;
    const char *config_path; /* NULL: none was given */
    bool test_mode;          /* never change user or root; process.daemonize is overridden already */
    struct goxel_config_override overrides[GOXEL_OVERRIDES_MAX];
    size_t override_count;
};

/*
 * GOXEL_ERROR_USAGE with what was wrong: two actions, too, unless one is --help or --version, which beats the other.
 * Long options may be abbreviated as long as it is clear which is meant.
 */
int goxel_command_parse(int argc, char **argv, struct goxel_detail *detail,
                        struct goxel_command *ret_command);
/* Was there an override of `option`? */
bool goxel_command_overrides(const struct goxel_command *command, enum goxel_option option);
void goxel_command_help(FILE *out);

/* The options, in the order of the help; signals that it heeds, variables that it looks at. */
extern const struct goxel_flags goxel_command_flags;
extern const struct goxel_term goxel_command_signals[], goxel_command_variables[];
/* The configuration that a flag is for; false: it is for none. */
bool goxel_command_option(size_t at, enum goxel_option *ret_option);

#endif
