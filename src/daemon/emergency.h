/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Emergency shutdown: the little that is done when a crash signal comes, or a stop overruns its deadline.
 *
 * Used by: daemon.  Uses: base/log (its descriptor).
 *
 * SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT and SIGSYS: the PID file is removed, a line goes to standard error
 * and the log's descriptor (if it is a file), the former action of the signal is restored and the signal
 * raised again, so that the status tells it and a core can be written; should that not end the process
 * (PID 1 of a container), _exit(128 + signal). Async-signal-safe throughout. A crash of the thread that is
 * at it exits at once; another thread that crashes meanwhile waits for the end.
 *
 * Life: process-wide; armed from phase 2 (the PID file is ours) until COMPLETE. One thread arms and disarms; it
 * gets a stack of its own for the handler, so that even its overflow is told. Not inherited by intent: a
 * fork that is no daemon disarms (goxel_detach does).
 */
#ifndef GOXEL_DAEMON_EMERGENCY_H
#define GOXEL_DAEMON_EMERGENCY_H

#include <stdint.h>

/*
 * `pid_path` absolute, as seen from the process's root (copied; NULL or "": no PID file). Again: replaces the path.
 * Should another file stand there by the time of the crash, it is left alone.
 */
void goxel_emergency_arm(const char *pid_path);
void goxel_emergency_disarm(void);

/* A stop overran: the same little, `reason` in place of the signal's name, then _exit(status). */
_Noreturn void goxel_emergency_exit(int status, const char *reason);

/*
 * The same in `ms` milliseconds from now, unless it is called again before: then with what is given there, and 0 calls
 * it off. `reason` is copied, and cut where it is very long. For a thread that may be stuck itself, in a lock, a join or
 * a system call: SIGALRM interrupts it, which is unblocked for the caller and has to be blocked in all other threads.
 * exec deletes it, a forked child is without it. Where the system has no timer left there is no deadline.
 */
void goxel_emergency_deadline(int64_t ms, int status, const char *reason);

#endif
