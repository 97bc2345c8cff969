/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of clients: rows that are allocated once, found by chains of a hash, and kept in the order in which they were
 * idle last, so that the first of them is the one to give away. A client with a request under way is not in that order.
 */
#include "access/clients.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/error.h"
#include "base/hash.h"

#define CHAINS (2 * GOXEL_CLIENTS_MAX)
#define BUSY_WAIT_MS 1000 /* nobody knows when a request will be done */

struct goxel_client {
    struct goxel_client_key key; /* kind 0: nobody's place */
    struct goxel_client *next;   /* of the chain */
    struct goxel_client *older, *newer;
    uint64_t running;
    int64_t milli; /* thousandths of requests in the bucket */
    int64_t filled_ms;
};

struct goxel_clients {
    pthread_mutex_t lock; /* below */
    uint64_t seed;        /* nobody can choose addresses that share a chain */
    struct goxel_client *oldest, *newest;
    struct goxel_client *chains[CHAINS];
    struct goxel_client rows[GOXEL_CLIENTS_MAX];
};

/* ---- the idle ones ---- */

static void put_newest(struct goxel_clients *clients, struct goxel_client *client)
{
    client->newer = NULL;
    client->older = clients->newest;
    if (client->older)
        client->older->newer = client;
    else
        clients->oldest = client;
    clients->newest = client;
}

static void take_out(struct goxel_clients *clients, struct goxel_client *client)
{
    if (client->older)
        client->older->newer = client->newer;
    else
        clients->oldest = client->newer;
    if (client->newer)
        client->newer->older = client->older;
    else
        clients->newest = client->older;
}

/* ---- life ---- */

struct goxel_clients *goxel_clients_create(void)
{
    struct goxel_clients *clients = calloc(1, sizeof(*clients));

    if (!clients)
        return NULL;
    pthread_mutex_init(&clients->lock, NULL);
    (void)!getrandom(&clients->seed, sizeof(clients->seed), GRND_NONBLOCK);
    for (size_t i = 0; i < GOXEL_CLIENTS_MAX; i++)
        put_newest(clients, &clients->rows[i]);
    return clients;
}

void goxel_clients_destroy(struct goxel_clients *clients)
{
    if (!clients)
        return;
    pthread_mutex_destroy(&clients->lock);
    free(clients);
}

/* ---- finding ---- */

static struct goxel_client **chain_of(struct goxel_clients *clients, const struct goxel_client_key *key)
{
    return &clients->chains[goxel_hash(clients->seed, key, sizeof(*key)) % CHAINS];
}

static void leave_chain(struct goxel_clients *clients, struct goxel_client *client)
{
    struct goxel_client **at = chain_of(clients, &client->key);

    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
}

/* NULL: there is no place. A new one has a full bucket. */
static struct goxel_client *find(struct goxel_clients *clients, const struct goxel_client_key *key,
                                 const struct goxel_client_limits *limits, int64_t now_ms)
{
    struct goxel_client **chain = chain_of(clients, key), *client = *chain;

    while (client && memcmp(&client->key, key, sizeof(*key)) != 0)
        client = client->next;
    if (client || !clients->oldest)
        return client;
    client = clients->oldest;
    if (client->key.kind)
        leave_chain(clients, client);
    client->key = *key;
    client->milli = limits->burst * 1000;
    client->filled_ms = now_ms;
    client->next = *chain;
    *chain = client;
    return client;
}

/* ---- limits ---- */

/* `rate` requests a second are as many thousandths a millisecond. */
static void fill(struct goxel_client *client, const struct goxel_client_limits *limits, int64_t now_ms)
{
    int64_t most = limits->burst * 1000, passed_ms = now_ms - client->filled_ms;
    int64_t missing = most - client->milli;

    client->filled_ms = now_ms;
    if (missing <= 0 || passed_ms > missing / limits->rate)
        client->milli = most;
    else
        client->milli += passed_ms * limits->rate;
}

static int check(struct goxel_client *client, const struct goxel_client_limits *limits, int64_t now_ms,
                 struct goxel_detail *detail, int64_t *ret_wait_ms)
{
    if (limits->concurrent && client->running >= (uint64_t)limits->concurrent) {
        *ret_wait_ms = BUSY_WAIT_MS;
        return goxel_fail_limit(detail, GOXEL_ERROR_CLIENT_BUSY, "limits.concurrent_requests_per_client",
                                limits->concurrent, (int64_t)client->running + 1);
    }
    if (!limits->rate)
        return 0;
    fill(client, limits, now_ms);
    if (client->milli < 1000) {
        *ret_wait_ms = (1000 - client->milli + limits->rate - 1) / limits->rate;
        return goxel_fail(
            detail, GOXEL_ERROR_CLIENT_RATE,
            "limits.requests_per_second is %lld for one client, and it may ask again in %lld ms",
            (long long)limits->rate, (long long)*ret_wait_ms);
    }
    client->milli -= 1000;
    return 0;
}

int goxel_clients_enter(struct goxel_clients *clients, const struct goxel_client_key *key,
                        const struct goxel_client_limits *limits, int64_t now_ms, struct goxel_detail *detail,
                        int64_t *ret_wait_ms, struct goxel_client **ret_client)
{
    struct goxel_client *client;
    int code;

    pthread_mutex_lock(&clients->lock);
    client = find(clients, key, limits, now_ms);
    code = client ? check(client, limits, now_ms, detail, ret_wait_ms)
                  : goxel_fail(detail, GOXEL_ERROR_OVERLOADED, "too many clients have requests under way");
    if (!code) {
        if (!client->running++)
            take_out(clients, client);
        *ret_client = client;
    }
    pthread_mutex_unlock(&clients->lock);
    return code;
}

void goxel_clients_leave(struct goxel_clients *clients, struct goxel_client *client)
{
    if (!client)
        return;
    pthread_mutex_lock(&clients->lock);
    if (!--client->running)
        put_newest(clients, client);
    pthread_mutex_unlock(&clients->lock);
}
