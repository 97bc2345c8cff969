/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A child program with a time limit: the health script, and the check of a configuration before a re-exec.
 *
 * Used by: daemon/monitor, daemon/restart, daemon/loop.  Uses: base.  Thread-safe.
 *
 * posix_spawn(3) in a process group of its own, with an empty signal mask, default actions, /dev/null for
 * standard input, and no other descriptor of ours; its output is read through a pipe and its last
 * line kept. When the child ends, at the limit, and when told to stop, the whole group is killed: nothing that the
 * child left in it lives on or delays the end. No child is left as a zombie; nor, where those are ours to reap (process
 * 1 of a container), is what it left behind.
 */
#ifndef GOXEL_DAEMON_SCRIPT_H
#define GOXEL_DAEMON_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/detail.h"

#define GOXEL_SCRIPT_LINE_MAX 200

/* Private, but for `pid`. All zero: none runs. */
struct goxel_script {
    pid_t pid; /* 0: none runs */
    int pid_fd, out_fd;
    int64_t timeout_ms, deadline_ms;  /* monotonic */
    char line[GOXEL_SCRIPT_LINE_MAX]; /* the last that was not blank, as it came and cut */
    size_t len;
    bool fresh; /* the next byte begins a new line */
};

/*
 * argv[0] is the path (no search); argv ends with NULL; the environment is ours without LISTEN_*, NOTIFY_SOCKET and
 * WATCHDOG_*. GOXEL_ERROR_FILE_ACCESS with the path if it cannot be started; *script is then as all zero.
 */
int goxel_script_start(struct goxel_script *script, const char *const *argv, int64_t timeout_ms,
                       struct goxel_detail *detail);

/*
 * Waits up to `wait_ms` (0: just looks) for the end of one that runs. True: it has ended and been reaped, and
 * *ret_code is 0, or GOXEL_ERROR_GENERAL with detail text "status 3: LINE", "signal KILL: LINE", or
 * GOXEL_ERROR_OPERATION_TIMEOUT "longer than N ms: LINE" after it was killed; without ": LINE" if it wrote none.
 * `wake_fd` (-1: none): readable ends the wait early.
 */
bool goxel_script_wait(struct goxel_script *script, int64_t wait_ms, int wake_fd, struct goxel_detail *detail,
                       int *ret_code);

/* Kills and reaps what still runs; none is fine. */
void goxel_script_stop(struct goxel_script *script);

/*
 * As process 1 (of a container): reaps processes that died and whose parent had died before, and leaves alone every child
 * of a goxel_script in use. To be called from time to time; never waits. Nothing at all if we are another process.
 */
void goxel_script_reap_orphans(void);

#endif
