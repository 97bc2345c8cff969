/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is judged before a byte of the body is read: framing that two parsers could read differently,
 * and requests that a web page made.
 *
 * What libmicrohttpd itself cannot read, such as a length that is no number, a chunk without a size, or a header without an
 * end, never comes here: it has no callback for that, answers it as it should be, 400, 413, 414 or 431 in HTML, and closes.
 *
 * A browser lets any page send requests to localhost. It says so in `Origin` and `Sec-Fetch-Site`, and
 * a name that an attacker points at 127.0.0.1 shows in `Host`; all three are checked, so that no page
 * can read, reload or stop the daemon. To follow a link to the console is no such request: the page that has it
 * sees nothing of what comes. A Unix socket is out of a page's reach: there the Host is free.
 *
 * Then who asks: http/access.c.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "http/access.h"
#include "http/coding.h"
#include "http/internal.h"
#include "http/route.h"

/* Headers that may come once at most. */
enum single {
    SINGLE_HOST,
    SINGLE_LENGTH,
    SINGLE_ENCODING,
    SINGLE_ORIGIN,
    SINGLE_TYPE,
    SINGLE_SITE,
    SINGLE_MODE,
    SINGLE_DEST,
    SINGLE_AUTHORIZATION,
    SINGLE_PREFLIGHT,
    SINGLE_CODING,
    SINGLE_COUNT
};

#define NAMED(text) \
    { \
        text, sizeof(text) - 1 \
    }
static const struct {
    const char *name;
    size_t len;
} singles[SINGLE_COUNT] = {
    NAMED("Host"),
    NAMED("Content-Length"),
    NAMED("Transfer-Encoding"),
    NAMED("Origin"),
    NAMED("Content-Type"),
    NAMED("Sec-Fetch-Site"),
    NAMED("Sec-Fetch-Mode"),
    NAMED("Sec-Fetch-Dest"),
    NAMED("Authorization"),
    NAMED("Access-Control-Request-Method"),
    NAMED("Content-Encoding"),
};

struct headers {
    const char *values[SINGLE_COUNT]; /* NULL: absent */
    const char *repeated;             /* name of one that came twice, or NULL */
    const char *malformed;            /* a name that is none, or NULL */
    const char *unclean;              /* name of one whose value has a control character, or NULL */
};

/* RFC 9110, 5.6.2: a token. libmicrohttpd keeps "Host " with its space, and another parser may not. */
static bool is_token(const char *name, size_t size)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < size; i++) {
        if (!isalnum((unsigned char)name[i]) && !(name[i] && strchr(others, name[i])))
            return false;
    }
    return size > 0;
}

/*
 * "Content-Length: 4" with a folded "7" on a line of its own is "Content-Length7" here, as libmicrohttpd 0.9.75 puts what follows to
 * the name: for whoever unfolds it the body has a length.
 */
static bool is_folded_framing(const char *name)
{
    static const enum single framing[] = {SINGLE_LENGTH, SINGLE_ENCODING};

    for (size_t i = 0; i < sizeof(framing) / sizeof(framing[0]); i++) {
        size_t len = singles[framing[i]].len;

        if (!strncasecmp(name, singles[framing[i]].name, len) && name[len])
            return true;
    }
    return false;
}

/* A lone CR ends a line for some, and a NUL a text. */
static bool is_clean(const char *value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (iscntrl((unsigned char)value[i]) && value[i] != '\t')
            return false;
    }
    return true;
}

static enum MHD_Result note_header(void *arg, enum MHD_ValueKind kind, const char *key, size_t key_size,
                                   const char *value, size_t value_size)
{
    struct headers *headers = arg;

    (void)kind;
    if (!is_token(key, key_size) || is_folded_framing(key))
        headers->malformed = key;
    if (value && !is_clean(value, value_size))
        headers->unclean = key;
    for (int i = 0; i < SINGLE_COUNT; i++) {
        if (key_size != singles[i].len || strcasecmp(key, singles[i].name))
            continue;
        if (headers->values[i])
            headers->repeated = singles[i].name;
        headers->values[i] = value ? value : "";
    }
    return MHD_YES;
}

static int check_headers(struct exchange *exchange, const struct headers *headers)
{
    if (exchange->unclean)
        return goxel_fail(&exchange->detail, GOXEL_ERROR_BAD_HTTP,
                          "the target has spaces or control characters");
    if (headers->malformed)
        return goxel_fail_value(
            &exchange->detail, GOXEL_ERROR_BAD_HTTP, "header", headers->malformed,
            "a name of letters, digits and hyphens, no space before the colon, and all on one line");
    if (headers->unclean)
        return goxel_fail_value(&exchange->detail, GOXEL_ERROR_BAD_HTTP, headers->unclean, NULL,
                                "a value without control characters");
    if (headers->repeated)
        return goxel_fail_value(&exchange->detail, GOXEL_ERROR_BAD_HTTP, headers->repeated, "",
                                "one such header");
    return 0;
}

static int check_framing(struct exchange *exchange, const struct headers *headers, bool old)
{
    const char *length = headers->values[SINGLE_LENGTH];
    const char *encoding = headers->values[SINGLE_ENCODING];

    if (!headers->values[SINGLE_HOST] && !old)
        return goxel_fail_value(&exchange->detail, GOXEL_ERROR_BAD_HTTP, "Host", NULL, "such a header");
    if (encoding && old)
        return goxel_fail(&exchange->detail, GOXEL_ERROR_BAD_HTTP, "HTTP/1.0 has no Transfer-Encoding");
    if (length && (!length[0] || length[strspn(length, "0123456789")]))
        return goxel_fail_value(&exchange->detail, GOXEL_ERROR_BAD_HTTP, "Content-Length", length, "digits");
    if (encoding && strcasecmp(encoding, "chunked"))
        return goxel_fail_value(&exchange->detail, GOXEL_ERROR_BAD_HTTP, "Transfer-Encoding", encoding,
                                "chunked");
    if (encoding && length)
        return goxel_fail(&exchange->detail, GOXEL_ERROR_BAD_HTTP,
                          "Content-Length and Transfer-Encoding exclude each other");
    return 0;
}

/* Copies the host of "HOST[:PORT]" without the port; an IPv6 literal loses its brackets. */
static bool host_of(const char *authority, char *ret_host, size_t size, bool *ret_v6)
{
    const char *start = authority, *end;

    *ret_v6 = authority[0] == '[';
    if (*ret_v6)
        start++;
    end = start + strcspn(start, *ret_v6 ? "]" : ":");
    if (*ret_v6 && *end != ']')
        return false;
    if (end == start || (size_t)(end - start) >= size)
        return false;
    memcpy(ret_host, start, (size_t)(end - start));
    ret_host[end - start] = '\0';
    end += *ret_v6;
    return !*end || (*end == ':' && !end[1 + strspn(end + 1, "0123456789")]);
}

static bool in_list(const struct goxel_config *config, enum goxel_option option, const char *text)
{
    const char *const *items;
    size_t count = goxel_config_list(config, option, &items);

    for (size_t i = 0; i < count; i++) {
        if (!strcasecmp(items[i], text))
            return true;
    }
    return false;
}

static bool host_allowed(const struct goxel_config *config, const char *authority)
{
    struct in6_addr literal;
    char host[256];
    bool v6;

    if (!host_of(authority, host, sizeof(host), &v6))
        return false;
    if (inet_pton(v6 ? AF_INET6 : AF_INET, host, &literal) == 1)
        return true;
    return !v6 && in_list(config, GOXEL_OPT_SECURITY_ALLOWED_HOSTS, host);
}

/* The page came from us: scheme apart, its origin is the host it asked. */
static bool is_own_origin(const char *origin, const char *host)
{
    const char *authority = strstr(origin, "://");

    return authority && host && !strcasecmp(authority + 3, host);
}

static bool is_value(const char *value, const char *wanted)
{
    return value && !strcmp(value, wanted);
}

/* Somebody follows a link to the console, in a window and not in a frame. */
static bool is_visit(const struct exchange *exchange, const struct headers *headers)
{
    return exchange->route && exchange->route->get == files_get &&
           (!strcmp(exchange->method, "GET") || !strcmp(exchange->method, "HEAD")) &&
           is_value(headers->values[SINGLE_MODE], "navigate") &&
           is_value(headers->values[SINGLE_DEST], "document");
}

static int check_source(struct exchange *exchange, const struct headers *headers)
{
    const char *host = headers->values[SINGLE_HOST];
    const char *origin = headers->values[SINGLE_ORIGIN];
    const char *site = headers->values[SINGLE_SITE];
    const struct goxel_config *config = exchange->config;

    if (host && exchange->conn->addr.ss_family != AF_UNIX && !host_allowed(config, host))
        return goxel_fail_value(&exchange->detail, GOXEL_ERROR_FORBIDDEN_ORIGIN, "Host", host,
                                "an IP address or a name of security.allowed_hosts");
    if (origin && in_list(config, GOXEL_OPT_SECURITY_ALLOWED_ORIGINS, origin)) {
        exchange->origin = origin;
        return 0;
    }
    if (origin && !is_own_origin(origin, host))
        return goxel_fail_value(&exchange->detail, GOXEL_ERROR_FORBIDDEN_ORIGIN, "Origin", origin,
                                "our own or one of security.allowed_origins");
    if (site && !strcasecmp(site, "cross-site") && !is_visit(exchange, headers))
        return goxel_fail_value(&exchange->detail, GOXEL_ERROR_FORBIDDEN_ORIGIN, "Sec-Fetch-Site", site,
                                "no other site's page");
    return 0;
}

/* The route is there, and it is asked for a listed page whether that may ask. */
static bool is_preflight(const struct exchange *exchange, const struct headers *headers, int found)
{
    return found == GOXEL_ERROR_HTTP_METHOD && exchange->origin && headers->values[SINGLE_PREFLIGHT] &&
           !strcmp(exchange->method, "OPTIONS");
}

static bool is_type(const char *type, const char *wanted)
{
    size_t len = strcspn(type, "; \t");

    return strlen(wanted) == len && !strncasecmp(type, wanted, len);
}

static bool is_json(const char *type)
{
    return is_type(type, "application/json") || is_type(type, "application/json-rpc") ||
           is_type(type, "application/jsonrequest");
}

static int check_type(struct exchange *exchange, const char *type)
{
    const char *wanted = exchange->route->type;

    if (wanted ? !wanted[0] || is_type(type, wanted) : is_json(type))
        return 0;
    return goxel_fail_value(&exchange->detail, GOXEL_ERROR_MEDIA_TYPE, "Content-Type", type, "%s",
                            wanted ? wanted : "application/json");
}

static int check_body(struct exchange *exchange, const struct headers *headers)
{
    const char *length = headers->values[SINGLE_LENGTH];
    const char *type = headers->values[SINGLE_TYPE];
    int64_t most = (int64_t)(exchange->transfer ? transfer_ceiling(exchange) : exchange->body.ceiling);
    unsigned long long bytes = 0;
    int code = 0;

    if (length && (strlen(length) > 18 || (bytes = strtoull(length, NULL, 10)) > (uint64_t)most))
        return goxel_fail_limit(&exchange->detail, GOXEL_ERROR_MESSAGE_SIZE, "body (bytes)", most,
                                strlen(length) > 18 ? INT64_MAX : (int64_t)bytes);
    if (!bytes && !headers->values[SINGLE_ENCODING])
        return 0;
    code = check_type(exchange, type ? type : "");
    if (!code)
        code = coding_check(headers->values[SINGLE_CODING], &exchange->detail, &exchange->body_encoded);
    if (!code && exchange->body_encoded && exchange->route->body_max)
        code = goxel_fail_value(&exchange->detail, GOXEL_ERROR_MEDIA_TYPE, "Content-Encoding",
                                headers->values[SINGLE_CODING], "none here");
    return code;
}

int guard_check(struct exchange *exchange, struct MHD_Connection *mhd, const char *version, int found)
{
    struct goxel_detail why = exchange->detail; /* of `found`, should everything else be right */
    struct headers headers = {0};
    int code;

    MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, note_header, &headers);
    code = check_headers(exchange, &headers);
    if (!code)
        code = check_framing(exchange, &headers, !strcmp(version, MHD_HTTP_VERSION_1_0));
    if (!code)
        code = check_source(exchange, &headers);
    if (!code && exchange->conn->refused)
        code = goxel_fail(&exchange->detail, exchange->conn->refused, "too many connections");
    if (!code)
        code = access_admit(exchange, headers.values[SINGLE_AUTHORIZATION]);
    if (!code && is_preflight(exchange, &headers, found)) {
        exchange->preflight = true;
        return 0;
    }
    if (!code && found) {
        exchange->detail = why;
        code = found;
    }
    if (!code)
        code = access_check_route(exchange);
    if (!code)
        code = check_body(exchange, &headers);
    return code;
}
