/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The PID file: who runs is told by the lock (flock), never by the number in it.
 *
 * Used by: daemon.  Uses: base.
 *
 * Life: locked for as long as the daemon lives; the lock follows the descriptor through fork and
 * exec. The file is removed by its holder alone, while the lock is held.
 */
#ifndef GOXEL_DAEMON_PIDFILE_H
#define GOXEL_DAEMON_PIDFILE_H

#include <sys/types.h>

#include "base/detail.h"

/*
 * Who holds it. `ret_pid` is the daemon's only when it is HELD, and 0 when it is and the number cannot be believed:
 * none is there yet, or its process has not got the file open (told as far as /proc may be read), so that nobody
 * can have a stranger signalled by writing into a file. GOXEL_ERROR_FILE_ACCESS (errno) when it cannot be told.
 */
enum goxel_pidfile_state {
    GOXEL_PIDFILE_NONE,
    GOXEL_PIDFILE_STALE, /* left behind by a daemon that died */
    GOXEL_PIDFILE_HELD,
};
int goxel_pidfile_holder(const char *path, struct goxel_detail *detail, enum goxel_pidfile_state *ret_state,
                         pid_t *ret_pid);

/* 0 if nobody holds it; DAEMON_ERROR_ALREADY_RUNNING with the holder's PID. Makes nothing. */
int goxel_pidfile_check(const char *path, struct goxel_detail *detail);

/* Creates or takes over, locks, writes our PID. DAEMON_ERROR_ALREADY_RUNNING, DAEMON_ERROR_PID_FILE_CREATE_FAILED. */
int goxel_pidfile_take(const char *path, struct goxel_detail *detail, int *ret_fd);

/* Our PID again, after a fork: the lock has come along. DAEMON_ERROR_PID_FILE_CREATE_FAILED. */
int goxel_pidfile_rewrite(const char *path, int fd, struct goxel_detail *detail);

/* Unlinks and unlocks; -1 is fine. */
void goxel_pidfile_drop(const char *path, int fd);

#endif
