/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * goxel-daemon.conf(5), made of docs/man/goxel-daemon.conf.5.in and the option table.
 *
 * Used by: config/make.c, tests.  Uses: config/table.h, base/manual.
 */
#ifndef GOXEL_CONFIG_MANUAL_H
#define GOXEL_CONFIG_MANUAL_H

#include "base/buf.h"

void goxel_config_manual(const char *prose, struct goxel_buf *out);

#endif
