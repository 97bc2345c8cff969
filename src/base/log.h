/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log: one line an event, `key=value`, to standard error, a file or syslog.
 *
 * Used by: rpc, http, daemon, ctl, convert (lower floors return codes instead).  Uses: base/clock, base/buf.
 *
 * A line reads `2026-11-23T03:29:22.123Z info  reload done option=workers.count`; under systemd
 * (JOURNAL_STREAM names standard error) it starts with `<N>` and has no time. Control characters in
 * a line are written as `\xNN`, so that no client can forge one.
 *
 * Life: process-wide, usable before configure (standard error, info). Thread-safe, async-signal-unsafe.
 */
#ifndef GOXEL_BASE_LOG_H
#define GOXEL_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/detail.h"

enum goxel_log_level { GOXEL_LOG_ERROR, GOXEL_LOG_WARN, GOXEL_LOG_INFO, GOXEL_LOG_DEBUG };
enum goxel_log_target { GOXEL_LOG_STDERR, GOXEL_LOG_FILE, GOXEL_LOG_SYSLOG };

struct goxel_log_options {
    enum goxel_log_level level;
    enum goxel_log_target target;
    const char *path;     /* for GOXEL_LOG_FILE; copied */
    const char *ident;    /* for GOXEL_LOG_SYSLOG; copied */
    const char *facility; /* for GOXEL_LOG_SYSLOG: "daemon", "user", "local0" … "local7" */
    const char *socket;   /* for GOXEL_LOG_SYSLOG: where its service listens; NULL: /dev/log; copied */
    int colors;           /* 1 yes, 0 no, -1 when standard error is a terminal */
};

/*
 * Opens the new target first: on failure (DAEMON_ERROR_LOGGING_INIT_FAILED) the old one goes on. A syslog
 * service that is not there is none: lines are lost, and counted, until it comes.
 */
int goxel_log_configure(const struct goxel_log_options *options, struct goxel_detail *detail);
/* Opens the file anew (after rotation); other targets need nothing. On failure the old file goes on. */
int goxel_log_reopen(struct goxel_detail *detail);
void goxel_log_close(void); /* back to standard error */

/*
 * A line that comes again word for word (time apart), more than GOXEL_LOG_BURST times in GOXEL_LOG_WINDOW_MS, is held
 * back and counted; when the window is over, `repeated count=N line="…"` says how often, at the line's own level
 * (earlier when the log is configured anew or closed, or when many other lines come in between). Called from time
 * to time so that this does not wait for the next line.
 */
#define GOXEL_LOG_BURST 5
#define GOXEL_LOG_WINDOW_MS 10000
void goxel_log_tick(void);

/* Of the target file, -1 if it is another. Async-signal-safe. */
int goxel_log_descriptor(void);

void goxel_log_set_level(enum goxel_log_level level);
enum goxel_log_level goxel_log_get_level(void);
const char *goxel_log_level_name(enum goxel_log_level level);                  /* "error" … "debug" */
bool goxel_log_level_parse(const char *name, enum goxel_log_level *ret_level); /* false: unknown name */

/*
 * A value that may hold anything, as `"…"`: with \ before " and \, and the characters that turn the direction of what
 * follows as \uNNNN, so that it ends where it seems to. What does not fit is left out, between characters; `size` is 3
 * at least. Returns `buf`.
 */
const char *goxel_log_quoted(char *buf, size_t size, const char *text);

/* The same where it is used: `goxel_log(level, "project kept name=%s", GOXEL_QUOTED(name))`. Valid in its block. */
#define GOXEL_QUOTED_SIZE 1024
#define GOXEL_QUOTED(text) goxel_log_quoted((char[GOXEL_QUOTED_SIZE]){""}, GOXEL_QUOTED_SIZE, text)

void goxel_log(enum goxel_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
