/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A request for /projects: what stands in its headers, its query and its body, and the transfer that it becomes.
 *
 * The input has lines: VERB RESOURCE (0, 1, 2) NAME; the query as KEY=VALUE&…; If-Match; If-None-Match; Range;
 * Accept-Encoding; what follows is the body. An empty line is no such header.
 */
#include <stdbool.h>
#include <string.h>

#include "base/gzip.h"
#include "fuzz.h"
#include "http/coding.h"
#include "http/range.h"
#include "rpc/transfer.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

#define LINES 6
#define SIZE_MOST ((size_t)1 << 20)

static const char configuration[] =
    "storage { allowed_roots = {\"/nonexistent/goxel\"} }\n"
    "limits { max_edit_bricks = 64 max_result_voxels = 2000 max_file_mb = 1 }\n";

static struct goxel_rpc_options options;
static struct goxel_config *config;
static bool done;

static struct goxel_config *give_config(void *ctx)
{
    (void)ctx;
    return goxel_config_ref(config);
}

static void on_done(struct goxel_rpc_call *call)
{
    (void)call;
    done = true;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct goxel_pool_options pool = {.workers = 1, .queue_size = 1};
    static const struct goxel_machine_ops moves = {.started = NULL};

    (void)argc;
    (void)argv;
    EXPECT(
        !goxel_config_parse(configuration, strlen(configuration), "fuzz.conf", NULL, 0, NULL, NULL, &config));
    EXPECT(!goxel_pool_create(&pool, NULL, &options.pool));
    EXPECT((options.machine = goxel_machine_create(&moves, NULL)));
    options.config = give_config;
    goxel_machine_move(options.machine, DAEMON_STATE_STARTING, NULL);
    goxel_machine_move(options.machine, DAEMON_STATE_RUNNING, NULL);
    return 0;
}

/* ---- headers ---- */

static void read_headers(char *const lines[LINES])
{
    static const uint64_t lengths[] = {0, 1, 1000, UINT64_MAX};
    uint64_t from = 0, len = 0;
    struct goxel_detail detail;
    bool encoded;

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        if (range_read(lines[4], lengths[i], &from, &len) == RANGE_PART)
            EXPECT(len > 0 && from < lengths[i] && len <= lengths[i] - from);
    }
    (void)coding_takes_gzip(lines[5]);
    (void)coding_check(lines[5], &detail, &encoded);
    if (goxel_etag_listed(lines[2], "\"p1-0-1\"", false))
        EXPECT(goxel_etag_listed(lines[2], "\"p1-0-1\"", true));
}

/* The query as http makes it: an object of strings. */
static void write_query(char *query, struct goxel_buf *out)
{
    struct goxel_json_writer w;
    char *rest = NULL;

    goxel_json_writer_init(&w, out);
    goxel_json_put_object(&w, NULL);
    for (char *pair = strtok_r(query, "&", &rest); pair; pair = strtok_r(NULL, "&", &rest)) {
        size_t key = strcspn(pair, "=");
        bool has_value = pair[key] != '\0';

        pair[key] = '\0';
        goxel_json_put_string(&w, pair, has_value ? pair + key + 1 : "");
    }
    goxel_json_put_end(&w);
}

/* ---- the transfer ---- */

static const struct {
    enum goxel_resource resource;
    const char *verbs;
} resources[] = {
    {GOXEL_RESOURCE_PROJECTS, "GET"},
    {GOXEL_RESOURCE_PROJECT, "GET PUT DELETE"},
    {GOXEL_RESOURCE_VOXELS, "GET POST"},
};

/* "PUT 1 NAME"; false: it is none that http would hand down. */
static bool read_request(char *line, struct goxel_transfer *transfer)
{
    char *rest = NULL, *verb = strtok_r(line, " ", &rest), *resource = strtok_r(NULL, " ", &rest);
    unsigned index = resource ? (unsigned)(resource[0] - '0') : 3;

    if (!verb || index > 2 || strlen(verb) < 3 || !strstr(resources[index].verbs, verb) || strchr(verb, ' '))
        return false;
    transfer->resource = resources[index].resource;
    transfer->verb = verb;
    transfer->name = rest ? rest : "";
    return strcmp(verb, "GET") == 0 || strcmp(verb, "PUT") == 0 || strcmp(verb, "POST") == 0 ||
           strcmp(verb, "DELETE") == 0;
}

static void check(const struct goxel_rpc_call *call)
{
    const struct goxel_transfer *it = call->transfer;
    size_t len = strlen(it->etag);

    EXPECT(done);
    EXPECT(len == 0 || (it->etag[0] == '"' && it->etag[len - 1] == '"'));
    EXPECT(it->header_count <= GOXEL_TRANSFER_HEADERS);
    for (size_t i = 0; i < it->header_count; i++)
        EXPECT(!strpbrk(it->headers[i].value, "\r\n"));
    if (!it->code && call->reply.len)
        EXPECT(!goxel_json_scan(call->reply.data, call->reply.len, &goxel_json_limits_default, NULL));
}

static void run_transfer(struct goxel_rpc *rpc, char *const lines[LINES], const uint8_t *body, size_t len)
{
    struct goxel_transfer transfer = {.if_match = lines[2][0] ? lines[2] : NULL,
                                      .if_none_match = lines[3][0] ? lines[3] : NULL,
                                      .gzip = coding_takes_gzip(lines[5])};
    struct goxel_rpc_call call;
    struct goxel_buf query;

    goxel_buf_init(&query, SIZE_MOST);
    if (!read_request(lines[0], &transfer))
        return;
    write_query(lines[1], &query);
    transfer.params = query.data;
    transfer.params_len = query.len;
    goxel_spool_init(&transfer.body, "/nonexistent", SIZE_MOST);
    goxel_spool_init(&transfer.out, "/nonexistent", SIZE_MOST);
    goxel_rpc_call_init(&call, rpc);
    call.grant = GOXEL_GRANT_EVERYTHING;
    call.transfer = &transfer;
    call.done = on_done;
    if (!goxel_spool_append(&transfer.body, body, len, NULL)) {
        done = false;
        goxel_rpc_run(&call);
        check(&call);
    }
    goxel_rpc_call_finish(&call);
    goxel_spool_finish(&transfer.body);
    goxel_spool_finish(&transfer.out);
    goxel_buf_finish(&query);
}

static void run_start(struct goxel_rpc *rpc)
{
    static const char start[] =
        "[{\"jsonrpc\":\"2.0\",\"method\":\"project.create\",\"params\":[\"p\"]},"
        "{\"jsonrpc\":\"2.0\",\"method\":\"voxel.add\",\"params\":[1,2,3,\"#102030\"]}]";
    struct goxel_rpc_call call;

    goxel_rpc_call_init(&call, rpc);
    call.grant = GOXEL_GRANT_EVERYTHING;
    call.body = start;
    call.body_len = strlen(start);
    call.done = on_done;
    goxel_rpc_run(&call);
    goxel_rpc_call_finish(&call);
}

static void unpack(const uint8_t *body, size_t len)
{
    struct goxel_buf plain;

    goxel_buf_init(&plain, SIZE_MOST);
    (void)goxel_gunzip(body, len, NULL, goxel_gzip_to_buf, &plain, NULL);
    EXPECT(plain.len <= SIZE_MOST);
    goxel_buf_finish(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *lines[LINES], *at = text;
    struct goxel_rpc *rpc;

    EXPECT(text);
    memcpy(text, data, size);
    text[size] = '\0';
    for (size_t i = 0; i < LINES; i++) {
        lines[i] = at;
        at += strcspn(at, "\n");
        if (*at)
            *at++ = '\0';
    }
    read_headers(lines);
    unpack((const uint8_t *)at, (size_t)(text + size - at));
    options.workspace = goxel_workspace_create();
    rpc = goxel_rpc_create(&options);
    EXPECT(options.workspace && rpc);
    run_start(rpc);
    run_transfer(rpc, lines, (const uint8_t *)at, (size_t)(text + size - at));
    goxel_rpc_destroy(rpc);
    goxel_workspace_destroy(options.workspace);
    free(text);
    return 0;
}
