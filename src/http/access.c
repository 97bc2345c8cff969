/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who asks, whether he may, and whether he asks too much; before a byte of the body is read, and for each message of a
 * stream.
 *
 * A client is what it shows a token for, or the user at the other end of the Unix socket, or else an address. A token that
 * is shown and not good is refused whatever is asked for: somebody believes to be somebody. What a method needs is its row's
 * to say, and looked up by rpc (goxel_rpc_call.grant).
 */
#include "http/access.h"

#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "access/clients.h"
#include "base/clock.h"
#include "base/error.h"
#include "http/route.h"

#define GROUPS_MAX 256 /* of a user; more are not looked at */

/* ---- who it is ---- */

static struct goxel_grant grant_of_user(const struct goxel_policy *policy, const struct conn *conn)
{
    gid_t groups[GROUPS_MAX];
    socklen_t size = sizeof(groups);
    struct goxel_peer peer = {.uid = conn->uid, .gid = conn->gid, .groups = groups};

    if (goxel_policy_has_peers(policy) && !getsockopt(conn->fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size))
        peer.count = size / sizeof(groups[0]);
    return goxel_policy_peer(policy, &peer);
}

static void note_bytes(struct goxel_client_key *key, enum goxel_client_kind kind, const void *bytes,
                       size_t len)
{
    *key = (struct goxel_client_key){.kind = (uint8_t)kind};
    memcpy(key->bytes, bytes, len < sizeof(key->bytes) ? len : sizeof(key->bytes));
}

/* One customer has a whole network of IPv6; the mapped addresses of IPv4 are of IPv4. */
static void note_address(struct goxel_client_key *key, const struct sockaddr_storage *addr)
{
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)addr;
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)addr;

    if (addr->ss_family == AF_INET)
        note_bytes(key, GOXEL_CLIENT_ADDRESS, &v4->sin_addr, sizeof(v4->sin_addr));
    else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
        note_bytes(key, GOXEL_CLIENT_ADDRESS, &v6->sin6_addr.s6_addr[12], 4);
    else
        note_bytes(key, GOXEL_CLIENT_ADDRESS, &v6->sin6_addr, 8);
}

static struct goxel_grant grant_of_conn(const struct goxel_policy *policy, const struct conn *conn)
{
    return conn->addr.ss_family == AF_UNIX ? grant_of_user(policy, conn) : goxel_policy_stranger(policy);
}

/* Without a token. */
static void identify(struct exchange *exchange, struct goxel_client_key *ret_key)
{
    const struct conn *conn = exchange->conn;

    exchange->grant = grant_of_conn(exchange->policy, conn);
    if (conn->addr.ss_family == AF_UNIX)
        note_bytes(ret_key, GOXEL_CLIENT_USER, &conn->uid, sizeof(conn->uid));
    else
        note_address(ret_key, &conn->addr);
}

/* A token gives, and never takes. */
static void raise_to(struct goxel_grant *grant, const struct goxel_token *token)
{
    if (!grant->known || grant->access < token->access)
        *grant = goxel_grant_known(token->access);
}

/* Of whoever has that token. False: there is none such. */
static bool identify_token(struct exchange *exchange, const uint8_t digest[GOXEL_TOKEN_DIGEST],
                           struct goxel_client_key *ret_key)
{
    const struct goxel_token *token;

    (void)goxel_tokens_find(goxel_policy_tokens(exchange->policy), digest, &token);
    if (!token)
        return false;
    note_bytes(ret_key, GOXEL_CLIENT_TOKEN, token->digest, GOXEL_TOKEN_DIGEST);
    raise_to(&exchange->grant, token);
    exchange->token_name = token->name;
    return true;
}

/* ---- how much ---- */

static int count_refusal(struct exchange *exchange, int code)
{
    struct goxel_stats *stats = &exchange->front->stats;
    atomic_uint_fast64_t *count = code == GOXEL_ERROR_UNAUTHORISED  ? &stats->unauthorised
                                  : code == GOXEL_ERROR_FORBIDDEN   ? &stats->forbidden
                                  : code == GOXEL_ERROR_CLIENT_RATE ? &stats->rate_limited
                                  : code == GOXEL_ERROR_CLIENT_BUSY ? &stats->busy_limited
                                                                    : NULL;

    if (count)
        atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
    return code;
}

static int admit(struct exchange *exchange, const struct goxel_client_key *key)
{
    const struct goxel_config *config = exchange->config;
    const struct goxel_client_limits limits = {
        .rate = goxel_config_int(config, GOXEL_OPT_LIMITS_REQUESTS_PER_SECOND),
        .burst = goxel_config_int(config, GOXEL_OPT_LIMITS_REQUEST_BURST),
        .concurrent = goxel_config_int(config, GOXEL_OPT_LIMITS_CONCURRENT_REQUESTS_PER_CLIENT),
    };
    int64_t wait_ms = 1000;
    int code;

    if (exchange->conn->probe || (!limits.rate && !limits.concurrent))
        return 0;
    code = goxel_clients_enter(exchange->front->clients, key, &limits, goxel_clock_ms(), &exchange->detail,
                               &wait_ms, &exchange->client);
    exchange->wait_s = (unsigned)((wait_ms + 999) / 1000);
    return count_refusal(exchange, code);
}

void access_leave(struct exchange *exchange)
{
    goxel_clients_leave(exchange->front->clients, exchange->client);
    exchange->client = NULL;
}

/* ---- HTTP ---- */

/* The token of "Bearer TOKEN" (RFC 6750, 2.1); NULL: another scheme, which is somebody else's, or none. */
static const char *bearer_of(const char *authorization)
{
    static const char scheme[] = "Bearer ";

    if (!authorization || strncasecmp(authorization, scheme, strlen(scheme)) != 0)
        return NULL;
    return authorization + strlen(scheme) + strspn(authorization + strlen(scheme), " ");
}

int access_admit(struct exchange *exchange, const char *authorization)
{
    const char *bearer = bearer_of(authorization);
    uint8_t digest[GOXEL_TOKEN_DIGEST];
    struct goxel_client_key key;
    bool wrong = false;
    int code;

    identify(exchange, &key);
    if (bearer && goxel_policy_tokens(exchange->policy)) {
        goxel_token_digest(bearer, strlen(bearer), digest);
        wrong = !identify_token(exchange, digest, &key);
        memcpy(exchange->token, digest, sizeof(digest));
    }
    code = admit(exchange, &key);
    if (code || !wrong)
        return code;
    exchange->wrong_token = true;
    goxel_fail(&exchange->detail, GOXEL_ERROR_UNAUTHORISED, "the bearer token is none of this daemon's");
    return count_refusal(exchange, GOXEL_ERROR_UNAUTHORISED);
}

int access_check_route(struct exchange *exchange)
{
    const struct route *route = exchange->route;
    bool looks = !strcmp(exchange->method, "GET") || !strcmp(exchange->method, "HEAD");

    return count_refusal(exchange, goxel_grant_check(exchange->grant, looks ? route->looks : route->acts,
                                                     route->path, &exchange->detail));
}

/* ---- listeners ---- */

bool access_may_listen(const struct conn *conn, const uint8_t *token)
{
    struct goxel_front *front = conn->front;
    struct goxel_policy *policy = front->options.ops.policy(front->options.ctx);
    struct goxel_grant grant = grant_of_conn(policy, conn);
    const struct goxel_token *found = NULL;

    if (token && goxel_policy_tokens(policy))
        (void)goxel_tokens_find(goxel_policy_tokens(policy), token, &found);
    if (found)
        raise_to(&grant, found);
    goxel_policy_unref(policy);
    return goxel_grant_check(grant, GOXEL_ACCESS_READ, "", NULL) == 0;
}

/* ---- streams ---- */

int access_admit_message(struct exchange *exchange)
{
    const struct conn *conn = exchange->conn;
    struct goxel_client_key key;

    identify(exchange, &key);
    if (conn->authenticated && goxel_policy_tokens(exchange->policy))
        (void)identify_token(exchange, conn->token, &key); /* one that is gone gives nothing any more */
    return admit(exchange, &key);
}

/* On a worker's thread, when the connection may be gone. */
int access_authenticate(struct goxel_rpc_call *call, const char *text, size_t len,
                        struct goxel_detail *detail, struct goxel_authenticated *ret_authenticated)
{
    struct exchange *exchange = exchange_of_call(call);
    const struct goxel_tokens *tokens = goxel_policy_tokens(exchange->policy);
    const struct goxel_token *token;
    uint8_t digest[GOXEL_TOKEN_DIGEST];

    if (!tokens)
        return goxel_fail(detail, GOXEL_ERROR_UNSUPPORTED_OPERATION,
                          "there are no tokens here (security.tokens_file): nobody needs one");
    goxel_token_digest(text, len, digest);
    (void)goxel_tokens_find(tokens, digest, &token);
    if (!token) {
        (void)count_refusal(exchange, GOXEL_ERROR_UNAUTHORISED);
        return goxel_fail(detail, GOXEL_ERROR_AUTHENTICATION, "the token is none of this daemon's");
    }
    ret_authenticated->name = token->name;
    ret_authenticated->access = token->access;
    ret_authenticated->lasting = exchange->is_message;
    if (exchange->is_message) {
        raise_to(&call->grant, token);
        memcpy(exchange->token, digest, sizeof(digest));
        exchange->authenticated = true;
    }
    return 0;
}

void access_settle_message(struct exchange *exchange)
{
    struct conn *conn = exchange->conn;

    if (!exchange->authenticated)
        return;
    conn->authenticated = true;
    memcpy(conn->token, exchange->token, sizeof(conn->token));
}
