/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the program lies that was started: what a restart in place will start again.
 *
 * Used by: main.  Uses: base.
 */
#ifndef GOXEL_DAEMON_PROGRAM_H
#define GOXEL_DAEMON_PROGRAM_H

#include "base/detail.h"

/*
 * The absolute path of `name` (argv[0]; NULL: unknown), as the system found it: with a slash in it, from the
 * working directory; without one, the first executable regular file of that name along $PATH. Symbolic links are not
 * resolved: an upgrade may switch them. Where that leads nowhere, the file that runs; where that is not known either,
 * *ret_path is NULL. Freed by the caller. GOXEL_ERROR_FILE_ACCESS, GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_program_find(const char *name, struct goxel_detail *detail, char **ret_path);

#endif
