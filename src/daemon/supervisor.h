/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The supervisor's side: systemd's notifications, watchdog, and descriptors that were handed to us.
 *
 * Used by: daemon.  Uses: base; libsystemd behind this header only.
 *
 * Without NOTIFY_SOCKET, WATCHDOG_USEC or LISTEN_FDS every call is a cheap nothing. The lifecycle thread
 * alone calls. NOTIFY_SOCKET and WATCHDOG_* stay in the environment: after a re-exec the process is the
 * same, and so is its supervisor.
 *
 * A supervisor whose queue is full does not hold us up for longer than GOXEL_SUPERVISOR_WAIT_MS a call.
 * Status, watchdog and extension do not wait at all, since they come again; a ready, reloading or
 * stopping that could not be told is told with the next call of any kind.
 * Source: sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3), systemd.service(5) of systemd 252.
 */
#ifndef GOXEL_DAEMON_SUPERVISOR_H
#define GOXEL_DAEMON_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GOXEL_SUPERVISOR_WAIT_MS 1000

/* NOTIFY_SOCKET is set: somebody wants to know. */
bool goxel_supervisor_present(void);

void goxel_supervisor_ready(void);     /* READY=1 */
void goxel_supervisor_reloading(void); /* RELOADING=1, MONOTONIC_USEC=now */
void goxel_supervisor_stopping(void);  /* STOPPING=1 */
void goxel_supervisor_status(const char *fmt, ...)
    __attribute__((format(printf, 1, 2))); /* STATUS=…, only if it changed */
void goxel_supervisor_extend(int64_t ms);  /* EXTEND_TIMEOUT_USEC: `ms` more from now on */
void goxel_supervisor_watchdog(void);      /* WATCHDOG=1 */
/* How often the watchdog wants to be patted: half of WATCHDOG_USEC, in milliseconds; 0: never. */
int64_t goxel_supervisor_watchdog_ms(void);

/*
 * Into the descriptor store under `name` (FDSTORE=1, FDNAME=): kept there while the service restarts. The
 * same socket twice is kept once. In the name, as it comes back, a colon and what is not printable ASCII
 * are `_`.
 */
void goxel_supervisor_store(int fd, const char *name);
/*
 * Out of the store again (FDSTOREREMOVE=1): everything under this name. For what nobody wants any more: a
 * listening socket that only the store holds lets clients connect and never answers.
 */
void goxel_supervisor_forget(const char *name);

/*
 * LISTEN_FDS and LISTEN_FDNAMES, if LISTEN_PID is ours. Descriptors 3 … 2 + count are ours then, and
 * close-on-exec; those beyond the ceiling are closed, with a warning. The variables are taken out of the
 * environment, whoever they were for.
 */
#define GOXEL_SUPERVISOR_FDS_MAX 64
struct goxel_inherited {
    size_t count;
    struct {
        int fd;         /* -1 once somebody took it */
        char name[256]; /* "" if it has none */
    } fds[GOXEL_SUPERVISOR_FDS_MAX];
};
void goxel_supervisor_take(struct goxel_inherited *ret_inherited);

#endif
