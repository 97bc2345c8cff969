/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A front in this process, with everything below it, and a client that speaks bytes.
 *
 * The test's own thread stands in for the lifecycle thread: what a request posts waits until the test
 * takes it from `rig.requests`.
 */
#ifndef GOXEL_TESTS_HTTP_RIG_H
#define GOXEL_TESTS_HTTP_RIG_H

#include "http/front.h"

struct rig {
    struct goxel_config *config;
    struct goxel_policy *policy;
    struct goxel_machine *machine;
    struct goxel_requests *requests;
    struct goxel_health *health;
    struct goxel_feed *feed;
    struct goxel_workspace *workspace;
    struct goxel_pool *pool;
    struct goxel_rpc *rpc;
    struct goxel_front *front;
    unsigned max_connections;
    const char *www;                      /* NULL: none */
    struct goxel_restart_figures figures; /* what the front is told; set it before asking */
    char port[8];
};

/* `config` is the text of a configuration on top of the defaults. RUNNING when it returns. */
void rig_start(struct rig *rig, const char *config, unsigned max_connections);
/* The same with the folder of a web console. */
void rig_start_www(struct rig *rig, const char *config, unsigned max_connections, const char *www);
void rig_stop(struct rig *rig); /* as the daemon does: stop accepting, drain, abandon, disconnect, destroy */

/* A front on these listeners becomes rig->front, not open yet. */
void rig_make(struct rig *rig, const struct goxel_listener *listeners, size_t count);
/* The same, open. rig_start does this with a listener on a free port. */
void rig_serve(struct rig *rig, const struct goxel_listener *listeners, size_t count);

int rig_connect(const struct rig *rig); /* a blocking socket with a time limit on reading */
void rig_write(int fd, const char *text);
/* Reads until the other side ends; what came, NUL-terminated, in a buffer reused by the next call. */
const char *rig_read_all(int fd);
/* One exchange on a connection of its own; the request should ask for its end. */
const char *rig_ask(const struct rig *rig, const char *request);
/* The status of a reply, 0 if it is none. */
int rig_status(const char *reply);

#endif
