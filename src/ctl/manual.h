/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * goxelctl(1), made of docs/man/goxelctl.1.in and the tables.
 *
 * Used by: ctl/make.c, tests.  Uses: ctl/commands.h, ctl/args.h, base/manual.
 */
#ifndef GOXEL_CTL_MANUAL_H
#define GOXEL_CTL_MANUAL_H

#include "base/buf.h"

void ctl_manual(const char *prose, struct goxel_buf *out);

#endif
