/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One HTTP request over a connected socket, and its reply: enough to talk to ourselves.
 *
 * Used by: daemon/monitor, daemon/control.  Uses: config, base.  Thread-safe. No SIGPIPE, never longer than the time limit.
 */
#ifndef GOXEL_DAEMON_TALK_H
#define GOXEL_DAEMON_TALK_H

#include <stdint.h>

#include "base/buf.h"
#include "base/detail.h"
#include "config/config.h"

/*
 * Sends `METHOD TARGET` without a body, asks for the connection to be closed, and reads to the end: status line
 * and body are told apart, the body is appended to `body` (NULL: dropped; its ceiling holds:
 * GOXEL_ERROR_MESSAGE_SIZE). The descriptor stays the caller's, any mode. GOXEL_ERROR_OPERATION_TIMEOUT after
 * `timeout_ms`, GOXEL_ERROR_FILE_ACCESS (errno) when the socket fails, GOXEL_ERROR_INVALID_DATA when it is no
 * HTTP/1 reply, is cut short, or is sent in chunks (ours never are). The Host is an address: no
 * security.allowed_hosts refuses it. Source: RFC 9112.
 */
int goxel_talk(int fd, const char *method, const char *target, int64_t timeout_ms, struct goxel_buf *body,
               struct goxel_detail *detail, unsigned *ret_status);

/*
 * Connects to the daemon that runs with this configuration: its Unix socket, or where it has none its first TCP
 * address (a wildcard address is reached on loopback). GOXEL_ERROR_FILE_ACCESS (errno) names what was tried,
 * GOXEL_ERROR_OPERATION_TIMEOUT too.
 */
int goxel_talk_connect(const struct goxel_config *config, int64_t timeout_ms, struct goxel_detail *detail,
                       int *ret_fd);

#endif
