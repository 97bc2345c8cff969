/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. */
#include "rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

static struct goxel_config *get_config(void *ctx)
{
    return goxel_config_ref(((struct rig *)ctx)->config);
}

static void write_pending(void *ctx, struct goxel_json_writer *w, const char *key)
{
    (void)ctx;
    goxel_json_put_array(w, key);
    goxel_json_put_end(w);
}

static void last_reload(void *ctx, bool *ret_ok, int64_t *ret_success_ms, size_t *ret_pending)
{
    (void)ctx;
    *ret_ok = true;
    *ret_success_ms = 1000;
    *ret_pending = 0;
}

static void wake(void *ctx)
{
    (void)ctx; /* the tests look by themselves */
}

static void restarts(void *ctx, struct goxel_restart_figures *ret_figures)
{
    *ret_figures = ((struct rig *)ctx)->figures;
}

static void journal(void *ctx, struct goxel_store_figures *ret_figures)
{
    (void)ctx;
    *ret_figures = (struct goxel_store_figures){.records = 16, .groups = 4, .bytes = 1280, .seconds = 0.5};
}

static struct goxel_policy *policy(void *ctx)
{
    return goxel_policy_ref(((struct rig *)ctx)->policy);
}

static void load_policy(struct rig *rig)
{
    struct goxel_policy_options options = {
        .tokens_file = goxel_config_string(rig->config, GOXEL_OPT_SECURITY_TOKENS_FILE),
        .stop_without_token = goxel_config_bool(rig->config, GOXEL_OPT_SECURITY_STOP_WITHOUT_TOKEN),
    };

    options.peer_count = goxel_config_list(rig->config, GOXEL_OPT_SECURITY_PEERS, &options.peers);
    CU_ASSERT_EQUAL_FATAL(goxel_policy_load(&options, NULL, &rig->policy), 0);
}

static void start_parts(struct rig *rig)
{
    const struct goxel_machine_ops machine = {0};
    const struct goxel_requests_ops requests = {0};
    const struct goxel_pool_options pool = {
        .workers = (unsigned)goxel_config_int(rig->config, GOXEL_OPT_WORKERS_COUNT),
        .queue_size = (unsigned)goxel_config_int(rig->config, GOXEL_OPT_WORKERS_QUEUE_SIZE),
    };

    rig->machine = goxel_machine_create(&machine, NULL);
    rig->requests = goxel_requests_create(&requests, NULL);
    rig->health = goxel_health_create(1);
    rig->feed = goxel_feed_create(rig->max_connections / 2);
    rig->workspace = goxel_workspace_create();
    CU_ASSERT_EQUAL_FATAL(goxel_pool_create(&pool, NULL, &rig->pool), 0);
    const struct goxel_rpc_options rpc = {rig->workspace, rig->pool,  rig->machine,
                                          rig->requests,  get_config, rig};
    rig->rpc = goxel_rpc_create(&rpc);
    CU_ASSERT_FATAL(rig->machine && rig->requests && rig->health && rig->feed && rig->workspace && rig->rpc);
    goxel_machine_move(rig->machine, DAEMON_STATE_STARTING, NULL);
    goxel_machine_move(rig->machine, DAEMON_STATE_RUNNING, NULL);
}

void rig_make(struct rig *rig, const struct goxel_listener *listeners, size_t count)
{
    const struct goxel_front_options options = {
        .ops = {get_config, write_pending, last_reload, wake, restarts, journal, policy},
        .ctx = rig,
        .rpc = rig->rpc,
        .pool = rig->pool,
        .machine = rig->machine,
        .requests = rig->requests,
        .health = rig->health,
        .feed = rig->feed,
        .www = rig->www,
        .io_threads = 2,
        .max_connections = rig->max_connections,
    };

    CU_ASSERT_EQUAL_FATAL(goxel_front_create(&options, listeners, count, NULL, &rig->front), 0);
}

void rig_serve(struct rig *rig, const struct goxel_listener *listeners, size_t count)
{
    rig_make(rig, listeners, count);
    goxel_front_open(rig->front);
}

void rig_start_www(struct rig *rig, const char *config, unsigned max_connections, const char *www)
{
    const struct goxel_tcp_options tcp = {.backlog = 64, .nodelay = true};
    struct goxel_listener listener;

    memset(rig, 0, sizeof(*rig));
    CU_ASSERT_EQUAL_FATAL(
        goxel_config_parse(config, strlen(config), "rig", NULL, 0, NULL, NULL, &rig->config), 0);
    rig->max_connections = max_connections;
    load_policy(rig);
    start_parts(rig);
    CU_ASSERT_EQUAL_FATAL(goxel_listener_open_tcp("127.0.0.1:0", &tcp, NULL, &listener), 0);
    snprintf(rig->port, sizeof(rig->port), "%s", strrchr(listener.name, ':') + 1);
    rig->www = www;
    rig_serve(rig, &listener, 1);
}

void rig_start(struct rig *rig, const char *config, unsigned max_connections)
{
    rig_start_www(rig, config, max_connections, NULL);
}

/* A condition that other threads bring about. */
static void await_end_of_connections(struct rig *rig)
{
    while (goxel_front_connections(rig->front))
        poll(NULL, 0, 1);
}

void rig_stop(struct rig *rig)
{
    if (rig->front) {
        goxel_front_stop_accepting(rig->front);
        while (!goxel_front_has_stopped_accepting(rig->front))
            poll(NULL, 0, 1);
        goxel_front_drain(rig->front, GOXEL_FRONT_QUIET_MS);
        goxel_front_abandon(rig->front);
        goxel_front_disconnect(rig->front);
        await_end_of_connections(rig);
    }
    goxel_front_destroy(rig->front);
    goxel_requests_destroy(rig->requests);
    goxel_pool_destroy(rig->pool);
    goxel_rpc_destroy(rig->rpc);
    goxel_workspace_destroy(rig->workspace);
    goxel_feed_destroy(rig->feed);
    goxel_health_destroy(rig->health);
    goxel_machine_destroy(rig->machine);
    goxel_policy_unref(rig->policy);
    goxel_config_unref(rig->config);
}

int rig_connect(const struct rig *rig)
{
    const struct timeval limit = {.tv_sec = 20};
    struct sockaddr_in addr = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(rig->port, NULL, 10)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CU_ASSERT_FATAL(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    return fd;
}

void rig_write(int fd, const char *text)
{
    size_t len = strlen(text);

    CU_ASSERT_EQUAL(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

const char *rig_read_all(int fd)
{
    static char reply[256 << 10];
    size_t len = 0;
    ssize_t got;

    while (len < sizeof(reply) - 1 && (got = recv(fd, reply + len, sizeof(reply) - 1 - len, 0)) > 0)
        len += (size_t)got;
    reply[len] = '\0';
    return reply;
}

const char *rig_ask(const struct rig *rig, const char *request)
{
    int fd = rig_connect(rig);
    const char *reply;

    rig_write(fd, request);
    reply = rig_read_all(fd);
    close(fd);
    return reply;
}

int rig_status(const char *reply)
{
    int status = 0;

    return sscanf(reply, "HTTP/1.%*d %d", &status) == 1 ? status : 0;
}
