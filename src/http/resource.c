/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /projects and below: the request becomes a transfer (rpc/transfer.h), which a worker carries out, and its results
 * become headers, and a body out of a spool: however long a file is, and however slow the client, little of it is in memory.
 *
 * What a worker needs of the request is copied: the connection may be gone before the worker is done.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/gzip.h"
#include "http/coding.h"
#include "http/internal.h"
#include "http/range.h"
#include "http/route.h"

/* What a request without a body may have of one. */
#define NO_BODY_MAX 1024
/* Of a query, as JSON. */
#define QUERY_MAX ((size_t)64 << 10)
/* Of a header. */
#define WARNINGS_MAX ((size_t)8 << 10)
/* Files under way, in files of the largest size. */
#define SPOOLED_MAX 8

struct transfer {
    struct goxel_transfer it;
    struct goxel_buf query;
    char *if_match, *if_none_match, *if_range, *range; /* copies; NULL: none */
    uint64_t counted;                                  /* bytes of it in front->spooled */
    bool file;                                         /* the reply is it.out, or a part of it: */
    uint64_t from, len;
    char content_range[64]; /* "": none */
};

static uint64_t file_max(const struct exchange *exchange)
{
    return (uint64_t)goxel_config_int(exchange->config, GOXEL_OPT_LIMITS_MAX_FILE_MB) << 20;
}

static bool has_body(const struct exchange *exchange)
{
    return !strcmp(exchange->method, "PUT") || !strcmp(exchange->method, "POST");
}

int transfer_create(struct exchange *exchange)
{
    const char *folder = goxel_config_string(exchange->config, GOXEL_OPT_STORAGE_DIRECTORY);
    struct transfer *transfer = calloc(1, sizeof(*transfer));

    if (!transfer)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_detail_init(&transfer->it.detail);
    goxel_spool_init(&transfer->it.body, folder, has_body(exchange) ? file_max(exchange) : NO_BODY_MAX);
    goxel_spool_init(&transfer->it.out, folder, file_max(exchange));
    goxel_buf_init(&transfer->query, QUERY_MAX);
    exchange->transfer = transfer;
    return 0;
}

void transfer_destroy(struct exchange *exchange)
{
    struct transfer *transfer = exchange->transfer;

    if (!transfer)
        return;
    atomic_fetch_sub(&exchange->front->spooled, transfer->counted);
    goxel_spool_finish(&transfer->it.body);
    goxel_spool_finish(&transfer->it.out);
    goxel_buf_finish(&transfer->query);
    free(transfer->if_match);
    free(transfer->if_none_match);
    free(transfer->if_range);
    free(transfer->range);
    free(transfer);
    exchange->transfer = NULL;
}

size_t transfer_ceiling(const struct exchange *exchange)
{
    return exchange->transfer->it.body.ceiling;
}

/* ---- the body that comes in ---- */

static int fail_full(struct goxel_detail *detail)
{
    return goxel_fail(detail, GOXEL_ERROR_OVERLOADED, "too many bytes of files are under way");
}

/* `bytes` more, somewhere, until the exchange ends. False: that is more than there may be. */
static bool count_spooled(struct exchange *exchange, uint64_t bytes)
{
    exchange->transfer->counted += bytes;
    return atomic_fetch_add(&exchange->front->spooled, bytes) + bytes <= SPOOLED_MAX * file_max(exchange);
}

int transfer_keep(struct exchange *exchange, const char *bytes, size_t size)
{
    struct goxel_spool *body = &exchange->transfer->it.body;
    int code;

    if (!count_spooled(exchange, size) || !exchange_charge(exchange, size))
        return fail_full(&exchange->detail);
    code = goxel_spool_append(body, bytes, size, &exchange->detail);
    if (!goxel_spool_held(body))
        exchange_discharge(exchange);
    return code;
}

/* ---- the request ---- */

static enum MHD_Result put_argument(void *w, enum MHD_ValueKind kind, const char *key, const char *value)
{
    (void)kind;
    goxel_json_put_string(w, key, value ? value : "");
    return MHD_YES;
}

static int read_query(struct exchange *exchange)
{
    struct transfer *transfer = exchange->transfer;
    struct goxel_json_writer w;

    goxel_json_writer_init(&w, &transfer->query);
    goxel_json_put_object(&w, NULL);
    MHD_get_connection_values(exchange->mhd, MHD_GET_ARGUMENT_KIND, put_argument, &w);
    if (exchange->transfer->it.resource == GOXEL_RESOURCE_VOXELS && has_body(exchange) &&
        exchange_header(exchange, "Goxel-Checksum"))
        goxel_json_put_string(&w, "checksum", exchange_header(exchange, "Goxel-Checksum"));
    goxel_json_put_end(&w);
    if (transfer->query.failed)
        return transfer->query.failed;
    transfer->it.params = transfer->query.len > 2 ? transfer->query.data : NULL;
    transfer->it.params_len = transfer->query.len;
    return 0;
}

static int copy_headers(struct exchange *exchange)
{
    struct transfer *transfer = exchange->transfer;
    const struct {
        const char *name;
        char **to;
    } copies[] = {
        {MHD_HTTP_HEADER_IF_MATCH, &transfer->if_match},
        {MHD_HTTP_HEADER_IF_NONE_MATCH, &transfer->if_none_match},
        {MHD_HTTP_HEADER_IF_RANGE, &transfer->if_range},
        {MHD_HTTP_HEADER_RANGE, &transfer->range},
    };

    for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
        const char *value = exchange_header(exchange, copies[i].name);

        if (value && !(*copies[i].to = strdup(value)))
            return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    return 0;
}

static bool is_get(const struct exchange *exchange)
{
    return !strcmp(exchange->method, "GET");
}

/* A part of a file that is taken for all of it would be the end of the rest (RFC 9110, 14.5). */
static int check_whole(struct exchange *exchange)
{
    const char *part = has_body(exchange) ? exchange_header(exchange, MHD_HTTP_HEADER_CONTENT_RANGE) : NULL;

    return part ? goxel_fail_value(&exchange->detail, GOXEL_ERROR_BAD_HTTP, "Content-Range", part,
                                   "none: a file is sent whole")
                : 0;
}

static int prepare(struct exchange *exchange)
{
    struct transfer *transfer = exchange->transfer;
    struct goxel_transfer *it = &transfer->it;
    int code = check_whole(exchange);

    if (code)
        return code;
    it->resource = exchange->route->resource;
    it->verb = strcmp(exchange->method, "HEAD") ? exchange->method : "GET";
    it->name = exchange->project;
    if ((code = read_query(exchange)) || (code = copy_headers(exchange)))
        return code;
    it->if_match = transfer->if_match;
    it->if_none_match = transfer->if_none_match;
    /* What is compressed as it is made has no length before: parts are those of the plain bytes. */
    it->gzip = coding_takes_gzip(exchange_header(exchange, MHD_HTTP_HEADER_ACCEPT_ENCODING)) &&
               !(transfer->range && is_get(exchange));
    exchange->call.transfer = it;
    return count_spooled(exchange, 0) ? 0 : fail_full(&exchange->detail);
}

/* ---- the reply ---- */

/* A client may keep it, and asks whether it still holds; a browser saves it, whatever it looks like. */
static const struct reply_header file_headers[] = {
    {"Cache-Control", "private, no-cache"},
    {"X-Content-Type-Options", "nosniff"},
    {"Content-Disposition", "attachment"},
    {"Accept-Ranges", "bytes"},
    {NULL, NULL},
};

static void mark_encoding(struct goxel_transfer *it)
{
    size_t len = strlen(it->etag);

    if (len)
        (void)snprintf(it->etag + len - 1, sizeof(it->etag) - len + 1, "-gzip\"");
}

/* A part of a file is asked for of what the client has seen, or of whatever there is. */
static enum range choose_part(const struct exchange *exchange, uint64_t *ret_from, uint64_t *ret_len)
{
    const struct transfer *transfer = exchange->transfer;

    if (!is_get(exchange) || transfer->it.encoded ||
        (transfer->if_range && strcmp(transfer->if_range, transfer->it.etag) != 0))
        return RANGE_ALL;
    return range_read(transfer->range, transfer->it.out.len, ret_from, ret_len);
}

static void fill_file(struct exchange *exchange)
{
    struct transfer *transfer = exchange->transfer;
    struct goxel_transfer *it = &transfer->it;
    unsigned long long from, all = it->out.len;
    enum range part;

    transfer->from = 0;
    transfer->len = it->out.len;
    part = choose_part(exchange, &transfer->from, &transfer->len);
    from = transfer->from;
    if (part == RANGE_NONE) {
        goxel_fail_value(&it->detail, GOXEL_ERROR_RANGE, "Range", transfer->range, "a part of %llu bytes",
                         all);
        exchange_fail(exchange, GOXEL_ERROR_RANGE, &it->detail);
        (void)snprintf(transfer->content_range, sizeof(transfer->content_range), "bytes */%llu", all);
        return;
    }
    if (part == RANGE_PART)
        (void)snprintf(transfer->content_range, sizeof(transfer->content_range), "bytes %llu-%llu/%llu", from,
                       from + transfer->len - 1, all);
    exchange_reply(exchange, part == RANGE_PART ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK, it->media_type);
    transfer->file = true;
    exchange->encoded = it->encoded;
}

static void fill_success(struct exchange *exchange)
{
    struct goxel_transfer *it = &exchange->transfer->it;
    bool whole = it->etag[0] != '\0'; /* a file, or voxels */

    if (whole && it->unchanged)
        exchange_reply(exchange, MHD_HTTP_NOT_MODIFIED, NULL);
    else if (whole)
        fill_file(exchange);
    else if (!strcmp(it->verb, "DELETE"))
        exchange_reply(exchange, MHD_HTTP_NO_CONTENT, NULL);
    else
        exchange_take_reply(exchange, it->created ? MHD_HTTP_CREATED : MHD_HTTP_OK);
    if (whole && exchange->status < 400)
        exchange->headers = file_headers;
    if (it->encoded)
        mark_encoding(it);
    exchange->etag = whole ? it->etag : NULL;
    exchange->varies = true;
}

static void fill(struct exchange *exchange, const void *unused)
{
    struct goxel_transfer *it = &exchange->transfer->it;

    (void)unused;
    if (it->code)
        exchange_fail(exchange, it->code, &it->detail);
    else
        fill_success(exchange);
    exchange->told = true;
}

static void tell_time(struct MHD_Response *response, int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    char text[48];
    struct tm tm;

    if (gmtime_r(&seconds, &tm) && strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm))
        MHD_add_response_header(response, MHD_HTTP_HEADER_LAST_MODIFIED, text);
}

/* As it is in all replies. Without memory the file comes without it. */
static void tell_warnings(struct MHD_Response *response, const struct goxel_warnings *warnings)
{
    struct goxel_json_writer w;
    struct goxel_buf json;

    goxel_buf_init(&json, WARNINGS_MAX);
    goxel_json_writer_init(&w, &json);
    goxel_warnings_put_array(&w, NULL, warnings);
    if (!json.failed)
        MHD_add_response_header(response, "Goxel-Warnings", json.data);
    goxel_buf_finish(&json);
}

void transfer_add_headers(const struct exchange *exchange, struct MHD_Response *response)
{
    const struct transfer *transfer = exchange->transfer;
    const struct goxel_transfer *it = &transfer->it;
    char version[24];

    if (it->id[0]) {
        (void)snprintf(version, sizeof(version), "%llu", (unsigned long long)it->version);
        MHD_add_response_header(response, "Goxel-Project", it->id);
        MHD_add_response_header(response, "Goxel-Version", version);
    }
    if (exchange->etag)
        tell_time(response, it->modified_ms);
    if (it->created)
        MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, exchange->target);
    if (transfer->content_range[0])
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, transfer->content_range);
    if (it->warnings.count)
        tell_warnings(response, &it->warnings);
    for (size_t i = 0; i < it->header_count; i++)
        MHD_add_response_header(response, it->headers[i].name, it->headers[i].value);
}

bool exchange_is_file(const struct exchange *exchange)
{
    return exchange->told && exchange->transfer->file;
}

uint64_t transfer_reply_len(const struct exchange *exchange)
{
    return exchange->transfer->len;
}

struct MHD_Response *transfer_response(struct exchange *exchange, uint64_t *ret_held)
{
    struct transfer *transfer = exchange->transfer;
    struct goxel_spool *out = &transfer->it.out;
    struct MHD_Response *response;
    size_t len = 0;
    char *bytes;
    int fd;

    *ret_held = goxel_spool_held(out);
    fd = goxel_spool_take_fd(out);
    if (fd >= 0) {
        response = MHD_create_response_from_fd_at_offset64(transfer->len, fd, transfer->from);
        if (!response)
            (void)close(fd);
        return response;
    }
    bytes = goxel_buf_take(&out->head, &len);
    response = MHD_create_response_from_buffer_with_free_callback_cls(
        transfer->len, bytes ? bytes + transfer->from : NULL, free, bytes);
    if (!response)
        free(bytes);
    return response;
}

/* ---- the work ---- */

static void on_done(struct goxel_rpc_call *call)
{
    struct exchange *exchange = exchange_of_call(call);
    struct transfer *transfer = exchange->transfer;

    /* It is there already: counted, and others refused on its account, but sent. */
    (void)count_spooled(exchange, transfer->it.out.len);
    exchange_finish_call(exchange, fill);
}

/* In place of the encoded body, within the same ceilings; in its turn, as few bytes may become many. */
static int decode(struct goxel_rpc_call *call)
{
    struct exchange *exchange = exchange_of_call(call);
    struct goxel_transfer *it = call->transfer;
    const uint8_t *bytes = NULL;
    struct goxel_spool plain;
    int code;

    goxel_spool_init(&plain, it->body.folder, it->body.ceiling);
    code = goxel_spool_bytes(&it->body, &it->detail, &bytes);
    if (!code)
        code = goxel_gunzip(bytes, it->body.len, &exchange->call.cancel, goxel_gzip_to_spool, &plain,
                            &it->detail);
    goxel_spool_finish(&it->body);
    it->body = plain;
    if (!count_spooled(exchange, it->body.len) && !code)
        code = fail_full(&it->detail);
    return code;
}

static void run(struct goxel_task *task)
{
    struct exchange *exchange = (struct exchange *)((char *)task - offsetof(struct exchange, task));

    goxel_rpc_run(&exchange->call);
}

static int give(struct exchange *exchange)
{
    int code = prepare(exchange);

    exchange->transfer->it.decode = exchange->body_encoded ? decode : NULL;
    return code ? code : exchange_submit(exchange, run, on_done);
}

void resource_run(struct exchange *exchange)
{
    exchange_hand_over(exchange, give);
}
