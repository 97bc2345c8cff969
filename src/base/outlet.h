/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A descriptor that lines are written to, and that never holds its writer up.
 *
 * Used by: base/sink.  Uses: nothing.
 *
 * Whoever reads standard error may have stopped to: a full pipe, a stopped terminal, a logging
 * service that hangs. Its descriptor is shared with other programs, so it cannot be made
 * non-blocking; what is done instead depends on what it is.
 *
 * Life: embedded by its owner, who also keeps its threads apart.
 */
#ifndef GOXEL_BASE_OUTLET_H
#define GOXEL_BASE_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

/* Lines of at most that many bytes: a pipe that is writable takes them whole (PIPE_BUF on Linux). */
#define GOXEL_OUTLET_LINE_MAX 4096

struct goxel_outlet {
    int fd; /* -1 when closed */
    bool owned;
    bool is_file;     /* regular: always written at once */
    bool is_socket;   /* asked not to block with each write */
    size_t at_a_time; /* bytes of one write, after asking whether there is room */
    const char *peer; /* of a datagram socket: who is written to; lives as long as the outlet */
};

#define GOXEL_OUTLET_CLOSED \
    { \
        .fd = -1 \
    }

/* A file of our own, opened with O_NONBLOCK: closed with the outlet. */
struct goxel_outlet goxel_outlet_own(int fd);
/* One that others use too: stays open, and as it is. */
struct goxel_outlet goxel_outlet_share(int fd);
/*
 * A datagram socket of our own, to the Unix one at the path `peer`, which the outlet keeps. 0 or errno; that
 * nobody is there is no failure: each write tries once to reach somebody. Its lines go whole or not at all.
 */
int goxel_outlet_dial(const char *peer, struct goxel_outlet *ret_outlet);
void goxel_outlet_close(struct goxel_outlet *outlet); /* closed ones too */

/*
 * 0 or errno (EAGAIN: no room); *ret_done says how much went out in either case. Waits for room at
 * most `patience_ms`. No SIGPIPE is left behind.
 */
int goxel_outlet_write(const struct goxel_outlet *outlet, const char *line, size_t len, int patience_ms,
                       size_t *ret_done);

#endif
