/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON-RPC 2.0: one message in, its reply out.
 *
 * Used by: http, daemon.  Uses: format, core, work, lifecycle, config, access, base.
 *
 * A message is one request or a batch. It runs on a worker; a method that has to wait for the
 * lifecycle thread parks the call, and the rest of the batch runs on a worker later. A call that has edited is done
 * when its edits last: the worker goes on with the next one meanwhile, and `done` is called by whoever brings the news.
 *
 * Life: one `struct goxel_rpc` a daemon, immutable after creation. A call is embedded by the transport,
 * which owns it from `init` to `finish` and must not touch it between `goxel_rpc_run` and `done`.
 */
#ifndef GOXEL_RPC_RPC_H
#define GOXEL_RPC_RPC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "access/level.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "base/json.h"
#include "config/config.h"
#include "config/settings.h"
#include "core/workspace.h"
#include "lifecycle/feed.h"
#include "lifecycle/machine.h"
#include "lifecycle/requests.h"
#include "work/pool.h"

struct goxel_rpc;
struct goxel_transfer;

/* What the daemon hands down; everything outlives the rpc. */
struct goxel_rpc_options {
    struct goxel_workspace *workspace;
    struct goxel_pool *pool;
    struct goxel_machine *machine;
    struct goxel_requests *requests;
    /* A counted reference to the effective configuration; the caller unrefs. Any thread. */
    struct goxel_config *(*config)(void *ctx);
    void *ctx;
};

struct goxel_rpc *goxel_rpc_create(const struct goxel_rpc_options *options); /* NULL: out of memory */
void goxel_rpc_destroy(struct goxel_rpc *rpc); /* no call is under way; NULL is fine */

/* A token that is good. Life of the name: the call's. */
struct goxel_authenticated {
    const char *name;
    enum goxel_access access;
    bool lasting;
};

/* Lets go of what is kept for clients that have not asked for more of it (rpc/cursors.h). Every few seconds; any thread. */
void goxel_rpc_tend(struct goxel_rpc *rpc);

struct goxel_rpc_call {
    /* set by the transport */
    const char *body; /* the message, not NUL-terminated */
    size_t body_len;
    const char *project;          /* default project from the URL, NULL for the current one */
    struct goxel_trigger trigger; /* who calls: peer, pid, uid; `what` is filled with the method */
    struct goxel_grant grant;     /* what the client may do; a method of the call may change it */
    uint64_t request_id;          /* for the log */
    struct goxel_config *
        config; /* as it was when the request began, as long as the call; NULL: as it is when a method runs */
    struct goxel_cancel cancel; /* deadline */
    /*
     * Does nobody wait for the reply any more? Asked now and then by what changes nothing, which ends then; on any thread, while
     * the call runs. NULL: that is not known.
     */
    bool (*is_gone)(struct goxel_rpc_call *call);
    void (*done)(struct goxel_rpc_call *call);
    struct goxel_transfer *transfer; /* in place of a message: rpc/transfer.h; NULL: none */
    bool tools; /* the message may be {"tool", "arguments"}, which is answered {"success", …} */
    /*
     * For system.get_stats: the transport's statistics, one value, on the thread that runs the call. NULL: it has
     * none. It comes with the call and not with the rpc because the transport lives shorter than the rpc, but as long
     * as its calls.
     */
    void (*write_stats)(struct goxel_rpc_call *call, struct goxel_json_writer *w);
    /*
     * For system.subscribe: `feed` is NULL where events cannot be sent between replies. `subscribed` tells whether they are,
     * before the call and after it; where the call has changed that, `changed` says so, and the transport takes `subscriber`
     * in place of the one that it has. What it does not take ends with the call.
     */
    struct {
        struct goxel_feed *feed;
        bool subscribed, changed;
        struct goxel_subscriber *subscriber; /* NULL: none */
    } events;
    /*
     * For system.authenticate, on the thread that runs the call: 0 with the token's name and level, and whether the connection
     * has them from here on; GOXEL_ERROR_AUTHENTICATION, or GOXEL_ERROR_UNSUPPORTED_OPERATION where no tokens are known. NULL: so
     * it is here.
     */
    int (*authenticate)(struct goxel_rpc_call *call, const char *token, size_t len,
                        struct goxel_detail *detail, struct goxel_authenticated *ret_authenticated);
    /* results, valid in and after `done` */
    int code;               /* 0; the error when the message as a whole failed (unparsable …) */
    struct goxel_buf reply; /* JSON, empty when only notifications came in */
    /* private */
    struct goxel_rpc *rpc;
    struct goxel_json *message;
    size_t next; /* index of the next request of a batch */
    struct goxel_pending *pending,
        **last_pending;      /* edits, and what was read of them, in the order of the replies */
    atomic_size_t unsettled; /* edits that do not last yet, and the call while it runs */
    bool batch, any_reply, tool;
    struct goxel_task task;
    struct goxel_waiter waiter;
    struct goxel_settings *settings; /* of the last system.set_config of the message; owned */
};

void goxel_rpc_call_init(struct goxel_rpc_call *call, struct goxel_rpc *rpc);
void goxel_rpc_call_finish(struct goxel_rpc_call *call);

/*
 * Parses and runs the message on the calling thread (a worker); `done` is called exactly once, maybe before it returns,
 * on this thread, the lifecycle thread's, another worker or the keeper's own.
 */
void goxel_rpc_run(struct goxel_rpc_call *call);

/* A JSON-RPC error reply with id null, for messages refused before they were read (-32000, -32001, …). */
void goxel_rpc_refuse(int code, const struct goxel_detail *detail, struct goxel_buf *reply);

/* Upper bounds (inclusive, seconds) of the histogram of durations; above the last there is one bucket more. */
#define GOXEL_RPC_BUCKETS 11
extern const double goxel_rpc_bounds[GOXEL_RPC_BUCKETS];

/* Figures for /stats: calls and errors by method. Any thread. */
struct goxel_rpc_method_stats {
    const char *name;
    uint64_t calls, errors;
    uint64_t total_us; /* microseconds in the handler */
    /* How many calls took that long: each call is in one bucket, and their sum may lag behind `calls`. */
    uint64_t buckets[GOXEL_RPC_BUCKETS + 1];
};
size_t goxel_rpc_methods(const struct goxel_rpc *rpc);
void goxel_rpc_method_stats(const struct goxel_rpc *rpc, size_t index,
                            struct goxel_rpc_method_stats *ret_stats);

/* Calls that were refused because of who made them. Any thread. */
void goxel_rpc_refusals(const struct goxel_rpc *rpc, uint64_t *ret_unauthorised, uint64_t *ret_forbidden);

#endif
