/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Detaching from the terminal, with a readiness pipe: whoever typed the command learns how it went.
 *
 * Used by: daemon.  Uses: daemon/emergency, base.
 *
 *   first process   waits on the pipe; leaves with the status that comes, the reason on standard error
 *     └─ second     setsid(2), leaves at once
 *          └─ third the daemon: returns from goxel_detach, reports once
 *
 * Life: between start-up phase 3 and RUNNING, while there is one thread. A daemon that dies before it
 * reported leaves the pipe at its end: the first process then says so, with GOXEL_ERROR_GENERAL's status.
 * The first two never clean up what the third has: emergency shutdown is disarmed in them.
 */
#ifndef GOXEL_DAEMON_DETACH_H
#define GOXEL_DAEMON_DETACH_H

#include <stdbool.h>

#include "base/detail.h"

/*
 * Returns in the third process only, with the pipe's end in *ret_fd (close-on-exec); the standard streams
 * are still the caller's, so that warnings of the start are seen. In the process that called, an error
 * is returned (DAEMON_ERROR_FORK_FAILED, DAEMON_ERROR_SETSID_FAILED) if there could be no third one: what the earlier
 * phases did is the caller's to undo then (emergency shutdown is disarmed already). Otherwise that process ends in
 * here; while it waits, signals end it as they would any program, whatever the caller had blocked.
 */
int goxel_detach(struct goxel_detail *detail, int *ret_fd);

/*
 * The outcome: `status` is what the first process leaves with, `text` (NULL or "": nothing) goes to its standard
 * error, cut at GOXEL_DETACH_TEXT_MAX bytes, and a newline is added. Closes the pipe; -1 is fine. Never blocks, never
 * raises SIGPIPE. False when nobody listens any more: the person who typed the command has ended the first process.
 */
#define GOXEL_DETACH_TEXT_MAX 4088 /* with what goes before it, what a pipe takes at once (PIPE_BUF) */
bool goxel_detach_report(int fd, int status, const char *text);

/* /dev/null for standard input, output and error. DAEMON_ERROR_CHDIR_FAILED's neighbour: GOXEL_ERROR_FILE_ACCESS. */
int goxel_detach_streams(struct goxel_detail *detail);

/*
 * At the very start of main: descriptors 0, 1, 2 that are closed become /dev/null, so that no socket gets
 * their number; of the rest `keep` from 3 on stay (LISTEN_FDS) and all above are closed.
 */
void goxel_detach_tidy(int keep);

#endif
