/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTTP to the daemon: libcurl, over its Unix socket or TCP, with a deadline and ceilings.
 *
 * Used by: ctl alone.  Uses: ctl/endpoint.h, base; libcurl behind this header only.
 *
 * The other side may be another program on the daemon's port: a reply has CTL_BODY_MAX bytes at most and comes in time
 * or not at all. Redirections are not followed, proxies not asked.
 *
 * Life: one for the run of the program, one thread.
 */
#ifndef GOXEL_CTL_CLIENT_H
#define GOXEL_CTL_CLIENT_H

#include <signal.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/detail.h"
#include "ctl/endpoint.h"

#define CTL_BODY_MAX ((size_t)64 << 20) /* of a reply, and of what is sent */
#define CTL_FILE_MAX ((int64_t)4 << 30) /* of a reply that goes to a file */
#define CTL_TARGET_MAX 1024
#define CTL_WARNINGS_MAX ((size_t)8 << 10)
#define CTL_HEADER_MAX ((size_t)64 << 10) /* of a reply, all lines together */

struct ctl_client;

/* Reads the token, of the file or else of the environment, if there is to be one. GOXEL_ERROR_USAGE for one that is no token (RFC 6750), or base/file's errors. */
int ctl_client_create(const struct ctl_args *args, struct goxel_detail *detail,
                      struct ctl_client **ret_client);
void ctl_client_destroy(struct ctl_client *client); /* NULL is fine */

struct ctl_request {
    const char *method; /* "GET", "POST", "PUT" */
    const char *target; /* "/health"; CTL_TARGET_MAX bytes at most */
    bool text;          /* anything but JSON will do */
    const char *body;   /* NULL: none; JSON */
    size_t body_len;
    /*
     * A stream of events: what comes with status 200 goes here, piece by piece, and is not in the reply; false: no more of it.
     * It may last for ever, but CTL_SILENCE_S without a byte are the end of it. NULL: it is none.
     */
    bool (*take)(void *ctx, const char *bytes, size_t len);
    void *take_ctx;
    const char *last_id; /* of the event after which it is to begin; "" or NULL: none */
    const char *header;  /* one more line; NULL: none */
    /*
     * Files, plus 1, so that zero means none: all of it, which is the body of a PUT; and what takes the body of a reply
     * that is no error. They may take longer than the time-out, as long as something moves within it.
     */
    int from_fd, to_fd;
    /* How far it is; *total is 0 as long as that is not known. NULL: nobody wants to know. */
    void (*progress)(int64_t done, int64_t total);
};
#define CTL_SILENCE_S 60 /* a daemon gives a sign of life every 15 */

/* Life: the caller's; `body` is initialised by the asking, whatever its outcome, and finished by the caller. */
struct ctl_reply {
    unsigned status;
    struct goxel_buf body;
    /* Of headers, cut, as they came; "": none. */
    char warnings[CTL_WARNINGS_MAX]; /* Goxel-Warnings */
    char companion[32];              /* Goxel-Companion: a format */
};

/*
 * Sends and waits for the whole reply. GOXEL_ERROR_FILE_ACCESS: nobody there (errno in the detail), the next place is
 * tried then, until one has answered. GOXEL_ERROR_OPERATION_TIMEOUT, GOXEL_ERROR_MESSAGE_SIZE, GOXEL_ERROR_INVALID_DATA:
 * no HTTP, or cut short. GOXEL_ERROR_OUT_OF_MEMORY. GOXEL_ERROR_GENERAL (errno): the file cannot be read or written. The text names the place.
 */
int ctl_client_ask(struct ctl_client *client, const struct ctl_request *request, struct goxel_detail *detail,
                   struct ctl_reply *ret_reply);

/* Appends `text` as one segment of a path, with an escape for all that has a meaning there. */
void ctl_put_segment(struct goxel_buf *path, const char *text);

/* The place that answered, or the first to try. */
const struct ctl_endpoint *ctl_client_place(const struct ctl_client *client);

/* From here on a request is given up soon after `*stop` became true (set by a signal's handler); NULL: never. */
void ctl_client_heed(struct ctl_client *client, const volatile sig_atomic_t *stop);

/* From here on, how long a request may take. */
void ctl_client_hurry(struct ctl_client *client, int64_t timeout_ms);

#endif
