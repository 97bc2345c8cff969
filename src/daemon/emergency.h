/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Emergency shutdown: the little that is done when a crash signal comes, or a stop overruns.
 *
 * Used by: daemon.  Uses: nothing.
 *
 * SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT and SIGSYS: a line on standard error and on the log's descriptor
 * (if it is a file), the PID file is removed, the former action of the signal is restored and the signal
 * raised again, so that the status tells it and a core can be written; should that not end the process
 * (PID 1 of a container), _exit(128 + signal). Async-signal-safe throughout; a second one at once exits.
 *
 * Life: process-wide; armed from phase 2 (the PID file is ours) until COMPLETE. One thread arms and disarms.
 */
#ifndef GOXEL_DAEMON_EMERGENCY_H
#define GOXEL_DAEMON_EMERGENCY_H

/* `pid_path` absolute, as seen from the process's root (copied; NULL or "": no PID file). Again: replaces the path. */
void goxel_emergency_arm(const char *pid_path);
void goxel_emergency_disarm(void);

/* A stop overran: the same little, then _exit(status). */
_Noreturn void goxel_emergency_exit(int status, const char *reason);

#endif
