/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program that makes committed files of tables: `make-files NAME [INPUT]` writes the one of that name to standard output, with
 * what it needs of the file INPUT.
 *
 * Used by: make.c of config, ctl, convert, daemon.  Uses: base/buf, base/file.
 */
#ifndef GOXEL_BASE_MAKE_H
#define GOXEL_BASE_MAKE_H

#include "base/buf.h"

#define GOXEL_MADE_MAX ((size_t)1 << 20) /* bytes read, and written */

/* Appends the file; `input` is NUL-terminated, "" without a file. What fails stays in the buffer. */
typedef void goxel_make_file(const char *input, struct goxel_buf *out);

struct goxel_make {
    const char *name;
    goxel_make_file *file;
};

/* `files` ends with a row without a name. Returns an exit status; where it is not 0 nothing was written that counts. */
int goxel_make(int argc, char **argv, const struct goxel_make *files);

#endif
