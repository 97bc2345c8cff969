/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the log goes: standard error, a file, or syslog, each in the form that its reader expects.
 *
 * Used by: base/log.  Uses: base/outlet, base/log.h for options and levels.
 *
 * Syslog is reached by datagrams of our own, in the form of RFC 3164, section 4.1: syslog(3) would
 * wait for a service that hangs, and could not be opened again without harm. The connection is made
 * when the sink is opened, and so outlives a change of root; a service that is not there, then or
 * later, costs lines only.
 *
 * Life: embedded by its owner, who also keeps its threads apart.
 */
#ifndef GOXEL_BASE_SINK_H
#define GOXEL_BASE_SINK_H

#include <stdbool.h>

#include "base/log.h"
#include "base/outlet.h"

struct goxel_sink {
    enum goxel_log_target kind;
    struct goxel_outlet outlet;
    char *path;   /* of a file, or of the socket of syslog; owned */
    char *ident;  /* of syslog; owned */
    int facility; /* of syslog */
    bool journal; /* `<N>` in front, no time */
    bool colors;
    bool torn; /* the last line went out in part: begin a new one first */
};

/* `colors` as in the options. */
struct goxel_sink goxel_sink_stderr(int colors);
/* DAEMON_ERROR_LOGGING_INIT_FAILED. */
int goxel_sink_open(const struct goxel_log_options *options, struct goxel_detail *detail,
                    struct goxel_sink *ret_sink);
void goxel_sink_close(struct goxel_sink *sink);

/* One line; false: it did not get through within `patience_ms`. */
bool goxel_sink_write(struct goxel_sink *sink, enum goxel_log_level level, const char *message,
                      int patience_ms);

#endif
