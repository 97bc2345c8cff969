/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * etc/completion: what a shell offers behind `goxelctl`, made from the tables.
 *
 * Used by: ctl/make_completion.c, tests.  Uses: ctl/commands.h, ctl/args.h, base.
 */
#ifndef GOXEL_CTL_COMPLETION_H
#define GOXEL_CTL_COMPLETION_H

#include <stddef.h>

#include "base/buf.h"

#define CTL_COMPLETION_MAX ((size_t)1 << 20) /* bytes of docs/api.md, and of the script */

/*
 * Appends the script for that shell. The methods are the headings of `page`, which is docs/api.md, NUL-terminated. What fails stays
 * in the buffer.
 */
void ctl_completion_bash(const char *page, struct goxel_buf *out);
void ctl_completion_zsh(const char *page, struct goxel_buf *out);

#endif
