/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is made of the tables of goxel-daemon: its manual page and what shells offer.
 *
 * Used by: daemon/make.c, tests.  Uses: daemon/command.h, config, base/error, base/manual, base/completion.
 */
#ifndef GOXEL_DAEMON_PAGES_H
#define GOXEL_DAEMON_PAGES_H

#include "base/buf.h"

/* goxel-daemon(8), of docs/man/goxel-daemon.8.in. */
void goxel_daemon_manual(const char *prose, struct goxel_buf *out);

/* etc/completion; nothing is read. */
void goxel_daemon_completion_bash(const char *input, struct goxel_buf *out);
void goxel_daemon_completion_zsh(const char *input, struct goxel_buf *out);

#endif
