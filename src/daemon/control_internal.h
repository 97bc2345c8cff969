/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --status, --stop and --reload share: finding the daemon, asking it, and reading what it says.
 *
 * Used by: daemon/control, daemon/control_reload, daemon/control_stop.  Uses: daemon/pidfile, daemon/talk, config, base.
 */
#ifndef GOXEL_DAEMON_CONTROL_INTERNAL_H
#define GOXEL_DAEMON_CONTROL_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/detail.h"
#include "base/json.h"
#include "config/config.h"
#include "daemon/pidfile.h"

#define CONTROL_REPLY_MAX (1u << 20) /* bytes of a reply */
#define CONTROL_TIMEOUT_MS 5000      /* for an answer */
#define CONTROL_TEXT_SIZE 512        /* of a text out of a reply */

/* Exit statuses of --status. */
enum { STATUS_RUNNING = 0, STATUS_DEAD = 1, STATUS_STOPPED = 3, STATUS_UNKNOWN = 4 };

/* The error as a line on standard error; returns its exit status. */
int control_say(int code, const struct goxel_detail *detail);
/* What may have another owner is a question of permission, and told as one: DAEMON_ERROR_PERMISSION_DENIED, or `code`. */
int control_settle(int code, const struct goxel_detail *detail);
/* The failure to connect means that nobody listens there. */
bool control_is_nobody(const struct goxel_detail *detail);

/* What the PID file says; `path` is the configuration's. */
struct control_holder {
    bool by_file; /* there is to be a PID file */
    const char *path;
    enum goxel_pidfile_state state;
    pid_t pid; /* 0: unknown */
    char name[32];
};
int control_find(const struct goxel_config *config, struct goxel_detail *detail,
                 struct control_holder *ret_holder);
/* Says on `out` that none runs, where the file says so; *ret_status is that of --status. */
bool control_is_absent(const struct control_holder *holder, FILE *out, int *ret_status);

/* Connects and talks (daemon/talk), each within `timeout_ms`. */
int control_ask(const struct goxel_config *config, const char *method, const char *target, int64_t timeout_ms,
                struct goxel_buf *body, struct goxel_detail *detail, unsigned *ret_status);

/* Replies come from outside: an object or NULL; a member of that type or NULL (of NULL, too). */
struct goxel_json *control_parse(const struct goxel_buf *body);
const struct goxel_json *control_member(const struct goxel_json *object, const char *key,
                                        enum goxel_json_type type);
/* The text of a string, fit for a terminal, in *ret_text, which is returned; "" if it is none. */
const char *control_text(const struct goxel_json *node, char ret_text[CONTROL_TEXT_SIZE]);

#endif
