/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One easy handle, set up anew for each request: a connection is never used twice, because a daemon that starts anew
 * in between must not make anybody wonder whether a request was carried out.
 */
#include "ctl/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

#define TOKEN_MAX 4096
#define TOKEN_VARIABLE "GOXEL_TOKEN" /* no option: other users can read a command line */

struct ctl_client {
    CURL *curl;
    struct ctl_endpoints endpoints;
    size_t current;
    bool settled; /* the current one has answered */
    int64_t timeout_ms;
    const volatile sig_atomic_t *stop;
    char authorization[TOKEN_MAX + 32]; /* the header; "": none */
};

/* A reply that comes in. */
struct incoming {
    const struct ctl_client *client;
    const struct ctl_request *request;
    struct ctl_reply *reply;
    size_t header_len;
    int errnum; /* of a file that could not be read or written; 0: none */
};

/* ---- the token ---- */

/* b64token of RFC 6750, section 2.1, so that it cannot add a header. */
static bool is_token(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c && strchr("-._~+/=", c))))
            return false;
    }
    return len > 0 && len <= TOKEN_MAX;
}

static int set_token(struct ctl_client *client, const char *text, size_t len, const char *source,
                     struct goxel_detail *detail)
{
    if (!is_token(text, len))
        return goxel_fail(detail, GOXEL_ERROR_USAGE,
                          "%.100s: a token has letters, digits and -._~+/= alone, and 1 to %d of them",
                          source, TOKEN_MAX);
    snprintf(client->authorization, sizeof(client->authorization), "Authorization: Bearer %.*s", (int)len,
             text);
    return 0;
}

static int read_token(struct ctl_client *client, const char *path, struct goxel_detail *detail)
{
    struct goxel_buf text;
    int code;

    goxel_buf_init(&text, TOKEN_MAX + 2);
    code = goxel_file_read(AT_FDCWD, path, &text, detail);
    while (!code && text.len && strchr(" \r\n", text.data[text.len - 1]))
        text.len--;
    if (!code)
        code = set_token(client, text.data, text.len, path, detail);
    goxel_buf_finish(&text);
    return code;
}

/* ---- life ---- */

int ctl_client_create(const struct ctl_args *args, struct goxel_detail *detail,
                      struct ctl_client **ret_client)
{
    struct ctl_client *client = calloc(1, sizeof(*client));
    const char *token = getenv(TOKEN_VARIABLE);
    int code = 0;

    if (!client || curl_global_init(CURL_GLOBAL_DEFAULT) || !(client->curl = curl_easy_init()))
        code = goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "libcurl");
    if (!code)
        code = ctl_endpoints_find(args, detail, &client->endpoints);
    if (!code && args->token_file)
        code = read_token(client, args->token_file, detail);
    else if (!code && token && token[0])
        code = set_token(client, token, strlen(token), TOKEN_VARIABLE, detail);
    if (code) {
        ctl_client_destroy(client);
        return code;
    }
    client->timeout_ms = args->timeout_ms;
    *ret_client = client;
    return 0;
}

void ctl_client_destroy(struct ctl_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->curl);
    curl_global_cleanup();
    free(client);
}

const struct ctl_endpoint *ctl_client_place(const struct ctl_client *client)
{
    return &client->endpoints.rows[client->current];
}

void ctl_client_heed(struct ctl_client *client, const volatile sig_atomic_t *stop)
{
    client->stop = stop;
}

void ctl_client_hurry(struct ctl_client *client, int64_t timeout_ms)
{
    client->timeout_ms = timeout_ms > 1 ? timeout_ms : 1;
}

/* ---- one request ---- */

static size_t to_file(struct incoming *in, const char *bytes, size_t len)
{
    size_t done = 0;

    while (done < len && !in->errnum) {
        ssize_t n = write(in->request->to_fd - 1, bytes + done, len - done);

        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            in->errnum = errno;
    }
    return done;
}

static size_t on_body(char *bytes, size_t one, size_t len, void *ctx)
{
    struct incoming *in = ctx;
    long status = 0;

    (void)one; /* always 1 */
    if (in->request->take || in->request->to_fd)
        curl_easy_getinfo(in->client->curl, CURLINFO_RESPONSE_CODE, &status);
    if (in->request->take && status == 200)
        return in->request->take(in->request->take_ctx, bytes, len) ? len : 0;
    if (in->request->to_fd && status < 400)
        return to_file(in, bytes, len);
    return goxel_buf_append(&in->reply->body, bytes, len) ? 0 : len;
}

static size_t on_read(char *bytes, size_t one, size_t len, void *ctx)
{
    struct incoming *in = ctx;
    ssize_t n;

    do
        n = read(in->request->from_fd - 1, bytes, one * len);
    while (n < 0 && errno == EINTR);
    if (n >= 0)
        return (size_t)n;
    in->errnum = errno;
    return CURL_READFUNC_ABORT;
}

/* Its value, if it has that name. */
static void keep_header(const char *line, size_t len, const char *name, char *value, size_t size)
{
    size_t from = strlen(name);

    if (len <= from || strncasecmp(line, name, from))
        return;
    from += line[from] == ' ';
    (void)snprintf(value, size, "%.*s", (int)(len - from), line + from);
}

/* Some of them are kept, and all are bounded: libcurl keeps what has a name. */
static size_t on_header(char *bytes, size_t one, size_t len, void *ctx)
{
    struct incoming *in = ctx;
    size_t to = len;

    (void)one;
    in->header_len += len;
    if (in->header_len > CTL_HEADER_MAX)
        return 0;
    while (to > 0 && strchr(" \r\n", bytes[to - 1]))
        to--;
    keep_header(bytes, to, "Goxel-Warnings:", in->reply->warnings, sizeof(in->reply->warnings));
    keep_header(bytes, to, "Goxel-Companion:", in->reply->companion, sizeof(in->reply->companion));
    return len;
}

static int on_progress(void *ctx, curl_off_t total, curl_off_t now, curl_off_t to_send, curl_off_t sent)
{
    const struct incoming *in = ctx;

    if (in->request->progress)
        in->request->progress(in->request->from_fd ? sent : now, in->request->from_fd ? to_send : total);
    return in->client->stop && *in->client->stop;
}

/* NULL: out of memory. */
static struct curl_slist *headers_of(const struct ctl_client *client, const struct ctl_request *request)
{
    char last_id[128];
    const char *const lines[] = {
        request->take   ? "Accept: text/event-stream"
        : request->text ? "Accept: text/plain"
                        : "Accept: application/json",
        request->last_id && request->last_id[0] ? last_id : NULL,
        request->from_fd ? NULL : "Expect:", /* a large body goes out at once; a file may not be wanted */
        request->header,
        request->body ? "Content-Type: application/json" : NULL,
        client->authorization[0] ? client->authorization : NULL,
    };
    struct curl_slist *list = NULL;

    snprintf(last_id, sizeof(last_id), "Last-Event-ID: %.64s", request->last_id ? request->last_id : "");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct curl_slist *longer = lines[i] ? curl_slist_append(list, lines[i]) : list;

        if (!longer) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

/* How far to trust whoever answers. */
static void set_limits(const struct ctl_client *client, struct incoming *in)
{
    CURL *curl = client->curl;

    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    if (in->request->take) {
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)CTL_SILENCE_S);
    } else if (in->request->from_fd || in->request->to_fd) {
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)((client->timeout_ms + 999) / 1000));
    } else {
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)client->timeout_ms);
    }
    if (!in->request->take)
        curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE,
                         (curl_off_t)(in->request->to_fd ? CTL_FILE_MAX : (int64_t)CTL_BODY_MAX));
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)client->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, in);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, in);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, in);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

/* From its beginning, also where another place was asked before. */
static void set_upload(struct incoming *in)
{
    CURL *curl = in->client->curl;
    int fd = in->request->from_fd - 1;
    struct stat st;

    (void)lseek(fd, 0, SEEK_SET);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, in);
    if (!fstat(fd, &st) && S_ISREG(st.st_mode))
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)st.st_size);
}

static void set_request(const struct ctl_client *client, const struct ctl_request *request, const char *url)
{
    const struct ctl_endpoint *place = ctl_client_place(client);
    CURL *curl = client->curl;

    curl_easy_setopt(curl, CURLOPT_URL, url);
    if (place->socket[0])
        curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, place->socket);
    if (strcmp(request->method, "POST"))
        return;
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body ? request->body : "");
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
}

static CURLcode perform(struct ctl_client *client, const struct ctl_request *request, struct incoming *in)
{
    struct curl_slist *headers = headers_of(client, request);
    char url[CTL_URL_MAX + CTL_TARGET_MAX + 1];
    CURLcode outcome;
    long status = 0;

    if (!headers)
        return CURLE_OUT_OF_MEMORY;
    snprintf(url, sizeof(url), "%s%s", ctl_client_place(client)->url, request->target);
    goxel_buf_clear(&in->reply->body);
    in->header_len = 0;
    curl_easy_reset(client->curl);
    in->reply->warnings[0] = '\0';
    in->reply->companion[0] = '\0';
    set_limits(client, in);
    set_request(client, request, url);
    if (request->from_fd)
        set_upload(in);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
    outcome = curl_easy_perform(client->curl);
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
    in->reply->status = (unsigned)status;
    curl_slist_free_all(headers);
    return outcome;
}

/* ---- what came of it ---- */

static int connect_errno(const struct ctl_client *client)
{
    long errnum = 0;

    curl_easy_getinfo(client->curl, CURLINFO_OS_ERRNO, &errnum);
    return (int)errnum;
}

/* The detail's text gets the place, and those that were tried before it. */
static int fail_connect(const struct ctl_client *client, CURLcode outcome, struct goxel_detail *detail)
{
    const struct ctl_endpoint *first = &client->endpoints.rows[0], *place = ctl_client_place(client);
    int errnum = connect_errno(client);

    goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS, "no daemon answers at %.110s%s%.80s: %s",
               ctl_endpoint_name(first), place == first ? "" : " or at ",
               place == first ? "" : ctl_endpoint_name(place),
               outcome == CURLE_COULDNT_CONNECT && errnum ? strerror(errnum) : curl_easy_strerror(outcome));
    if (detail)
        detail->errnum = errnum;
    return GOXEL_ERROR_FILE_ACCESS;
}

static int fail_size(const struct incoming *in, const char *name, struct goxel_detail *detail)
{
    if (in->reply->body.failed == GOXEL_ERROR_OUT_OF_MEMORY)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the reply's body");
    if (in->header_len > CTL_HEADER_MAX)
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA,
                          "%.150s: the reply's header is longer than %zu KiB", name, CTL_HEADER_MAX >> 10);
    return goxel_fail(detail, GOXEL_ERROR_MESSAGE_SIZE, "%.150s: the reply is longer than %zu MiB", name,
                      CTL_BODY_MAX >> 20);
}

static int fail_file(const struct incoming *in, struct goxel_detail *detail)
{
    return goxel_fail_errno(detail, GOXEL_ERROR_GENERAL, in->errnum, in->request->to_fd ? "write" : "read",
                            "the file");
}

static int settle(const struct incoming *in, CURLcode outcome, const struct ctl_request *request,
                  struct goxel_detail *detail)
{
    const struct ctl_client *client = in->client;
    const char *name = ctl_endpoint_name(ctl_client_place(client));

    switch (outcome) {
    case CURLE_OK:
        return in->reply->body.failed;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
        return fail_connect(client, outcome, detail);
    case CURLE_OPERATION_TIMEDOUT:
        return goxel_fail(detail, GOXEL_ERROR_OPERATION_TIMEOUT, "%.120s: no answer within %g s%s", name,
                          (double)client->timeout_ms / 1e3,
                          request->body || request->from_fd ? "; what was asked for may be done all the same"
                                                            : "");
    case CURLE_ABORTED_BY_CALLBACK:
        if (in->errnum)
            return fail_file(in, detail);
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "%.120s: given up", name);
    case CURLE_OUT_OF_MEMORY:
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "libcurl");
    case CURLE_WRITE_ERROR:
        if (in->errnum)
            return fail_file(in, detail);
        return fail_size(in, name, detail);
    case CURLE_FILESIZE_EXCEEDED:
        return fail_size(in, name, detail);
    default:
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "%.120s: no reply of a goxel-daemon: %s", name,
                          curl_easy_strerror(outcome));
    }
}

static bool is_absent(const struct ctl_client *client, CURLcode outcome)
{
    int errnum = connect_errno(client);

    return outcome == CURLE_COULDNT_CONNECT &&
           (errnum == ENOENT || errnum == ECONNREFUSED || errnum == ENOTDIR);
}

int ctl_client_ask(struct ctl_client *client, const struct ctl_request *request, struct goxel_detail *detail,
                   struct ctl_reply *ret_reply)
{
    struct incoming in = {.client = client, .reply = ret_reply, .request = request};
    CURLcode outcome;
    int code;

    goxel_buf_init(&ret_reply->body, CTL_BODY_MAX);
    outcome = perform(client, request, &in);
    while (!client->settled && is_absent(client, outcome) && client->current + 1 < client->endpoints.count) {
        client->current++;
        outcome = perform(client, request, &in);
    }
    code = settle(&in, outcome, request, detail);
    client->settled = client->settled || outcome == CURLE_OK;
    if (!client->settled)
        client->current = 0;
    return code;
}

void ctl_put_segment(struct goxel_buf *path, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

    for (; *text; text++) {
        if (strchr(plain, *text))
            (void)goxel_buf_putc(path, *text);
        else
            (void)goxel_buf_printf(path, "%%%02X", (unsigned char)*text);
    }
}
