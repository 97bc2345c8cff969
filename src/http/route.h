/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Routes: one row a resource, and the functions behind them.
 *
 * Used by: http only.
 *
 * A `get` function fills in the exchange's reply at once. A `post` function, which has the other methods of the row, does that too, or hands the
 * exchange to a worker or the lifecycle thread (exchange_hand_over). Both run on a libmicrohttpd thread.
 */
#ifndef GOXEL_HTTP_ROUTE_H
#define GOXEL_HTTP_ROUTE_H

#include "http/internal.h"

struct route {
    const char *path;    /* exact; a "*" stands for one segment, which names a project */
    const char *methods; /* for Allow */
    enum goxel_access looks,
        acts;        /* what GET and HEAD need, and what all other methods do; UNSET: nobody has it */
    bool json_rpc;   /* overload and shutdown are told as JSON-RPC errors */
    size_t body_max; /* bytes; 0: performance.max_message_size */
    void (*get)(struct exchange *exchange);
    void (*post)(struct exchange *exchange);
    const char *type; /* of the body: a media type; NULL: JSON, "": whatever it is */
    bool transfers;   /* its requests are transfers, of that resource */
    enum goxel_resource resource;
};

/* Sets route and project. 0, GOXEL_ERROR_NOT_FOUND, GOXEL_ERROR_HTTP_METHOD, GOXEL_ERROR_URI_LENGTH or GOXEL_ERROR_BAD_HTTP. */
int route_find(struct exchange *exchange, const char *method, const char *path);

/* admin.c */
void admin_health(struct exchange *exchange);
void admin_live(struct exchange *exchange);
void admin_stats(struct exchange *exchange);
void admin_state(struct exchange *exchange);
void admin_version(struct exchange *exchange);
void admin_reload(struct exchange *exchange);
void admin_restart(struct exchange *exchange);
void admin_shutdown(struct exchange *exchange);
void admin_log_level(struct exchange *exchange);

/* events.c */
void events_get(struct exchange *exchange);

/* files.c; the route was found, so there is a file. */
void files_get(struct exchange *exchange);

/* resource.c */
void resource_run(struct exchange *exchange);

/* rpc.c */
void rpc_post(struct exchange *exchange);

#endif
