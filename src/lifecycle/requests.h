/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests to the lifecycle thread: every trigger (signal, HTTP, JSON-RPC, monitor) posts one here.
 *
 * Used by: http and rpc (post), daemon (takes and finishes).  Uses: base, lifecycle/machine.
 *
 * One pending bit a kind and a bounded list of posts: repeated reloads coalesce into one run that
 * answers all who wait, and a stop is never dropped, even when the list is full. What each asks for
 * something else, as settings do, is run one by one. The last 32 requests are kept with trigger, moves
 * and outcome for /state.
 *
 * Life: one a daemon. `post` is thread-safe and wakes the lifecycle thread; `take` and `finish` are the
 * lifecycle thread's. A waiter belongs to its poster and is called exactly once, on the lifecycle thread.
 */
#ifndef GOXEL_LIFECYCLE_REQUESTS_H
#define GOXEL_LIFECYCLE_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/detail.h"
#include "base/json.h"
#include "lifecycle/machine.h"

enum goxel_request_kind {
    GOXEL_REQUEST_STOP,
    GOXEL_REQUEST_RELOAD,
    GOXEL_REQUEST_SETTINGS, /* a reload that sets options, too */
    GOXEL_REQUEST_RESTART,
    GOXEL_REQUEST_RECOVER,
    GOXEL_REQUEST_DUMP,
    GOXEL_REQUEST_VERBOSITY,
    GOXEL_REQUEST_COUNT
};

/* The table that maps triggers onto requests and requests onto states. */
struct goxel_request_row {
    const char *name; /* "stop" */
    int signals[2];   /* signal numbers, 0 for none */
    const char *http; /* "POST /shutdown", "" for none */
    const char *rpc;  /* "system.shutdown", "" for none */
    bool moves;       /* has a target state */
    enum goxel_state target;
    bool each; /* posts do not coalesce: each is a run of its own */
};
const struct goxel_request_row *goxel_request_row(enum goxel_request_kind kind);

enum goxel_trigger_kind {
    GOXEL_TRIGGER_SIGNAL,
    GOXEL_TRIGGER_HTTP,
    GOXEL_TRIGGER_RPC,
    GOXEL_TRIGGER_MONITOR
};

struct goxel_trigger {
    enum goxel_trigger_kind kind;
    int signal;    /* number, for a signal */
    pid_t pid;     /* sender, for a signal or a Unix socket; 0 if unknown */
    uid_t uid;     /* with pid */
    char what[64]; /* "SIGHUP", "POST /reload", "system.reload", … */
    char peer[64]; /* "127.0.0.1:50312", "unix", … or "" */
};

const char *goxel_trigger_kind_name(enum goxel_trigger_kind kind); /* "signal", "http", "rpc", "monitor" */

/* The result, valid during the call of `done` only. */
struct goxel_request_result {
    int code;           /* 0 or an error */
    const char *report; /* one JSON value, or NULL */
    size_t report_len;
    const struct goxel_detail *detail;
};

/* Embedded in whatever waits. */
struct goxel_waiter {
    void (*done)(struct goxel_waiter *waiter, const struct goxel_request_result *result);
    /*
     * What the request is about, where a text is not enough: with GOXEL_REQUEST_SETTINGS a struct goxel_settings. The
     * poster's; it stays as it is until `done`.
     */
    const void *subject;
};

struct goxel_requests;

/* One line of the history. */
struct goxel_request_record {
    enum goxel_request_kind kind;
    struct goxel_trigger trigger;
    int64_t posted_ms; /* wall clock of the newest */
    int64_t took_ms;   /* from the post to the end of the run */
    char moves[64];
    int code;
    char reason[256];
    uint64_t count; /* equal requests folded into this line */
};

/* What the owner is told; both may be NULL. */
struct goxel_requests_ops {
    void (*wake)(void *ctx); /* after a post; any thread, no lock held */
    /* A request ended: once for each post, on the lifecycle thread. count > 1: folded into an earlier line. */
    void (*ended)(void *ctx, const struct goxel_request_record *record);
};

/* NULL: out of memory. */
struct goxel_requests *goxel_requests_create(const struct goxel_requests_ops *ops, void *ctx);
/* Waiters still parked are answered with GOXEL_ERROR_SHUTTING_DOWN. */
void goxel_requests_destroy(struct goxel_requests *requests);

#define GOXEL_REQUEST_POSTS_MAX 64

/*
 * `argument` ("" or NULL for none) goes with the kind: the level for verbosity; for a stop "force" (no
 * drain) or how long it may drain, in decimal milliseconds. `waiter` may be NULL.
 * GOXEL_ERROR_OVERLOADED if a waiter was given and the list is full: it is not called then. Without a
 * waiter it cannot fail.
 */
int goxel_requests_post(struct goxel_requests *requests, enum goxel_request_kind kind,
                        const struct goxel_trigger *trigger, const char *argument,
                        struct goxel_waiter *waiter);

/* Is one pending? Any thread. */
bool goxel_requests_pending(struct goxel_requests *requests, enum goxel_request_kind kind);

/* The posts of one run. Private but for the arguments. */
struct goxel_request_run {
    enum goxel_request_kind kind;
    char argument[32];            /* of the newest post that had one */
    const void *subject;          /* the same; NULL: none */
    struct goxel_trigger trigger; /* of the newest post */
    int triggers;                 /* bits of the goxel_trigger_kinds that took part */
    struct goxel_request_post *posts;
    uint64_t dropped; /* posts beyond the list */
};

/*
 * Takes all pending posts of a kind (even when all were beyond the list), or the oldest where each is a run of its own,
 * and then wakes the owner for the next; false if there is none.
 */
bool goxel_requests_take(struct goxel_requests *requests, enum goxel_request_kind kind,
                         struct goxel_request_run *ret_run);

/* Ends a run: writes the history and calls every waiter. `moves` reads "RUNNING>RELOADING>RUNNING" or "". */
void goxel_requests_finish(struct goxel_requests *requests, struct goxel_request_run *run, const char *moves,
                           const struct goxel_request_result *result);

#define GOXEL_REQUEST_HISTORY 32

/* The kept requests, oldest first, as a JSON array under `key`. Any thread. */
void goxel_requests_write(struct goxel_requests *requests, struct goxel_json_writer *w, const char *key);

/*
 * The same for the next image of the daemon, which reads it back before its own first request. What cannot be
 * understood (another version wrote it) is left out.
 */
void goxel_requests_save(struct goxel_requests *requests, struct goxel_json_writer *w, const char *key);
void goxel_requests_restore(struct goxel_requests *requests, const struct goxel_json *saved);

/*
 * {"state", "since", "phase"?, "log_level", "requests", "transitions"}: the body of GET /state and the result of
 * system.get_state. The level is that in effect, whoever set it.
 */
void goxel_lifecycle_write(struct goxel_requests *requests, const struct goxel_machine *machine,
                           struct goxel_json_writer *w, const char *key);

#endif
