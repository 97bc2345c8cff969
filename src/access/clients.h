/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much each client asks: a bucket of requests that fills with time, and how many are under way.
 *
 * Used by: http.  Uses: base.  Thread-safe.
 *
 * A client is a token, or a user of the Unix socket, or an address; of IPv6 the network of 64 bits, which one customer
 * has. The table has GOXEL_CLIENTS_MAX places, however many clients come: the one that has been idle longest goes for a
 * new one. When every place has a request under way, a new client is refused.
 */
#ifndef GOXEL_ACCESS_CLIENTS_H
#define GOXEL_ACCESS_CLIENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/detail.h"

#define GOXEL_CLIENTS_MAX 4096

enum goxel_client_kind { GOXEL_CLIENT_TOKEN = 1, GOXEL_CLIENT_USER, GOXEL_CLIENT_ADDRESS };

/* Compared as bytes: begins as zeros. */
struct goxel_client_key {
    uint8_t kind; /* enum goxel_client_kind */
    uint8_t bytes[16];
};

struct goxel_client_limits {
    int64_t rate;       /* requests a second; 0: no limit */
    int64_t burst;      /* that may come at once, after a silence */
    int64_t concurrent; /* under way at the same time; 0: no limit */
};

struct goxel_clients;
struct goxel_client;

struct goxel_clients *goxel_clients_create(void);          /* NULL: out of memory */
void goxel_clients_destroy(struct goxel_clients *clients); /* every client has left; NULL is fine */

/*
 * One more request of the client, at that time of the monotonic clock. 0: *ret_client is to leave when the request is done.
 * GOXEL_ERROR_CLIENT_RATE or GOXEL_ERROR_CLIENT_BUSY with the limit in the detail, *ret_wait_ms: when another try can be
 * worth it. GOXEL_ERROR_OVERLOADED: no place. A request that is refused costs nothing of the bucket.
 */
int goxel_clients_enter(struct goxel_clients *clients, const struct goxel_client_key *key,
                        const struct goxel_client_limits *limits, int64_t now_ms, struct goxel_detail *detail,
                        int64_t *ret_wait_ms, struct goxel_client **ret_client);
void goxel_clients_leave(struct goxel_clients *clients, struct goxel_client *client); /* NULL is fine */

#endif
