/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program that makes a committed file of a table: its name is the argument, what it needs comes from standard input, and the
 * file goes to standard output.
 *
 * Used by: make.c of config, ctl, convert, daemon.  Uses: base/buf, base/file.
 */
#ifndef GOXEL_BASE_MAKE_H
#define GOXEL_BASE_MAKE_H

#include "base/buf.h"

#define GOXEL_MADE_MAX ((size_t)1 << 20) /* bytes read, and written */

/* Appends the file; `input` is NUL-terminated. What fails stays in the buffer. */
typedef void goxel_make_file(const char *input, struct goxel_buf *out);

struct goxel_make {
    const char *name;
    goxel_make_file *file;
};

/* `files` ends with a row without a name. Returns an exit status; where it is not 0 nothing was written that counts. */
int goxel_make(int argc, char **argv, const struct goxel_make *files);

#endif
