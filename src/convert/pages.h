/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is made of the tables of goxel-convert: its manual page and what shells offer.
 *
 * Used by: convert/make.c, tests.  Uses: convert/args.h, format, base/manual, base/completion.
 */
#ifndef GOXEL_CONVERT_PAGES_H
#define GOXEL_CONVERT_PAGES_H

#include "base/buf.h"

/* goxel-convert(1), of docs/man/goxel-convert.1.in. */
void convert_manual(const char *prose, struct goxel_buf *out);

/* etc/completion; nothing is read. */
void convert_completion_bash(const char *input, struct goxel_buf *out);
void convert_completion_zsh(const char *input, struct goxel_buf *out);

#endif
