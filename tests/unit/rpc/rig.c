/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rig of the rpc tests; see rig.h. */
#include "rig.h"

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"

/* Raised by a post and by the end of a call; the test waits for either. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t raised = PTHREAD_COND_INITIALIZER;
static unsigned posts;
static bool ended;

static void on_post(void *ctx)
{
    (void)ctx;
    pthread_mutex_lock(&lock);
    posts++;
    pthread_cond_signal(&raised);
    pthread_mutex_unlock(&lock);
}

static void on_done(struct goxel_rpc_call *call)
{
    (void)call;
    pthread_mutex_lock(&lock);
    ended = true;
    pthread_cond_signal(&raised);
    pthread_mutex_unlock(&lock);
}

static struct goxel_config *give_config(void *ctx)
{
    struct rig *rig = ctx;

    return goxel_config_ref(rig->config);
}

static void load_config(struct rig *rig, const char *sections)
{
    struct goxel_buf errors, warnings, text;

    goxel_buf_init(&errors, 65536);
    goxel_buf_init(&warnings, 65536);
    goxel_buf_init(&text, 65536);
    goxel_buf_printf(&text, "storage { allowed_roots = {\"%s\"} }\n%s", rig->root, sections);
    if (goxel_config_parse(text.data, text.len, "rig.conf", NULL, 0, &errors, &warnings, &rig->config)) {
        fprintf(stderr, "%s", errors.data);
        abort();
    }
    goxel_buf_finish(&errors);
    goxel_buf_finish(&warnings);
    goxel_buf_finish(&text);
}

static void make_folder(char path[64], const char *name)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(path, 64, "%.30s/goxel-%s-XXXXXX", tmp && tmp[0] ? tmp : "/tmp", name);
    if (!mkdtemp(path))
        abort();
}

void rig_start_with(struct rig *rig, const struct goxel_method *methods, const char *sections)
{
    static const struct goxel_machine_ops moves = {.started = NULL};
    static const struct goxel_log_options quiet = {.target = GOXEL_LOG_FILE, .path = "/dev/null"};
    static const struct goxel_requests_ops requests = {.wake = on_post};
    static const struct goxel_pool_options pool = {.workers = 1, .queue_size = 8};
    struct goxel_rpc_options options;

    memset(rig, 0, sizeof(*rig));
    goxel_log_configure(&quiet, NULL);
    make_folder(rig->root, "rpc");
    make_folder(rig->outside, "out");
    load_config(rig, sections);
    rig->workspace = goxel_workspace_create();
    rig->feed = goxel_feed_create(1);
    rig->machine = goxel_machine_create(&moves, rig);
    rig->requests = goxel_requests_create(&requests, rig);
    if (goxel_pool_create(&pool, NULL, &rig->pool))
        abort();
    goxel_machine_move(rig->machine, DAEMON_STATE_STARTING, NULL);
    goxel_machine_move(rig->machine, DAEMON_STATE_RUNNING, NULL);
    options = (struct goxel_rpc_options){
        .workspace = rig->workspace,
        .pool = rig->pool,
        .machine = rig->machine,
        .requests = rig->requests,
        .config = give_config,
        .ctx = rig,
    };
    rig->rpc = goxel_rpc_create_with(&options, methods);
    rig->reply = strdup("");
}

void rig_start(struct rig *rig)
{
    rig_start_with(rig, goxel_methods, "");
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void rig_stop(struct rig *rig)
{
    goxel_pool_destroy(rig->pool);
    goxel_requests_destroy(rig->requests);
    goxel_rpc_destroy(rig->rpc);
    goxel_machine_destroy(rig->machine);
    goxel_workspace_destroy(rig->workspace);
    goxel_feed_destroy(rig->feed);
    goxel_config_unref(rig->config);
    free(rig->reply);
    goxel_log_close();
    nftw(rig->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    nftw(rig->outside, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* Waits for a post or the end; false at the end. */
static bool wait_post(void)
{
    bool post;

    pthread_mutex_lock(&lock);
    while (!posts && !ended)
        pthread_cond_wait(&raised, &lock);
    post = posts > 0;
    if (post)
        posts--;
    pthread_mutex_unlock(&lock);
    return post;
}

static void answer_posts(struct rig *rig)
{
    struct goxel_request_run run;

    for (int kind = 0; kind < GOXEL_REQUEST_COUNT; kind++) {
        if (!goxel_requests_take(rig->requests, (enum goxel_request_kind)kind, &run))
            continue;
        rig->kind = run.kind;
        memcpy(rig->argument, run.argument, sizeof(rig->argument));
        rig->taken++;
        goxel_requests_finish(rig->requests, &run, "", &rig->outcome);
    }
}

const char *rig_send_bytes(struct rig *rig, const char *message, size_t len)
{
    struct goxel_rpc_call call;

    goxel_rpc_call_init(&call, rig->rpc);
    call.grant = rig->limited ? rig->grant : GOXEL_GRANT_EVERYTHING;
    call.body = message;
    call.body_len = len;
    call.project = rig->project;
    call.done = on_done;
    call.write_stats = rig->write_stats;
    call.events.feed = rig->hears ? rig->feed : NULL;
    call.authenticate = rig->authenticate;
    call.tools = rig->tools;
    goxel_cancel_init(&call.cancel, rig->deadline_ms);
    ended = false;
    unit_fail_allocation(rig->fail_at - 1);
    goxel_rpc_run(&call);
    while (wait_post())
        answer_posts(rig);
    rig->allocations = unit_fail_allocation(-1);
    free(rig->reply);
    rig->reply = strdup(call.reply.data ? call.reply.data : "");
    rig->code = call.code;
    goxel_rpc_call_finish(&call);
    return rig->reply;
}

const char *rig_send(struct rig *rig, const char *message)
{
    return rig_send_bytes(rig, message, strlen(message));
}

const char *rig_json(const char *text)
{
    static char *texts[4];
    static unsigned next;
    char **slot = &texts[next++ % 4];

    free(*slot);
    *slot = strdup(text);
    for (char *c = *slot; *c; c++) {
        if (*c == '\'')
            *c = '"';
    }
    return *slot;
}

bool rig_is_declared(const struct goxel_method *method, int code)
{
    int row = 1;

    while (row < GOXEL_ERROR_ROWS && (goxel_error_rpc(-row) != code || !goxel_method_gives(method, -row)))
        row++;
    return row < GOXEL_ERROR_ROWS;
}

/* Whatever a method of the real table is seen to give, rpc.discover names; but for what JSON-RPC itself gives. */
static void check_declared(const struct rig *rig, const char *name, int64_t code)
{
    const struct goxel_method *method = goxel_rpc_find(rig->rpc, name, strlen(name));
    char message[128];

    if (rig->rpc->methods != goxel_methods || !method || code <= -32600 || rig_is_declared(method, (int)code))
        return;
    snprintf(message, sizeof(message), "%s gives %lld, and its row does not say so", name, (long long)code);
    CU_assertImplementation(CU_FALSE, __LINE__, message, __FILE__, "", CU_FALSE);
}

static const char *error_text(const struct rig *rig, const char *method, const char *reply)
{
    static char text[256];
    struct goxel_json *root = NULL;
    const struct goxel_json *error, *data, *field = NULL;

    if (goxel_json_parse(reply, strlen(reply), &goxel_json_limits_default, NULL, &root))
        return reply;
    error = goxel_json_get(root, "error");
    data = error ? goxel_json_get(error, "data") : NULL;
    field = data ? goxel_json_get(data, "field") : NULL;
    snprintf(text, sizeof(text), "%lld %.128s",
             error ? (long long)goxel_json_int(goxel_json_get(error, "code")) : 0,
             field ? goxel_json_string(field, NULL) : "");
    if (error)
        check_declared(rig, method, goxel_json_int(goxel_json_get(error, "code")));
    goxel_json_free(root);
    return text;
}

const char *rig_call(struct rig *rig, const char *method, const char *params)
{
    static const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":";
    struct goxel_buf message;
    size_t len;

    goxel_buf_init(&message, (size_t)64 << 20);
    goxel_buf_printf(&message, "{\"jsonrpc\":\"2.0\",\"method\":\"%s\",\"id\":1", method);
    if (params) {
        goxel_buf_puts(&message, ",\"params\":");
        goxel_buf_puts(&message, rig_json(params));
    }
    goxel_buf_puts(&message, "}");
    rig_send_bytes(rig, message.data, message.len);
    goxel_buf_finish(&message);
    len = strlen(rig->reply);
    if (strncmp(rig->reply, head, strlen(head)) != 0)
        return error_text(rig, method, rig->reply);
    rig->reply[len - 1] = '\0';
    return rig->reply + strlen(head);
}

void rig_do(struct rig *rig, const char *method, const char *params)
{
    rig_call(rig, method, params);
    if (strstr(rig->reply, "\"error\":"))
        rig_check(__FILE__, __LINE__, rig->reply, method);
}

/* What the project shows, as text; to be freed. */
static char *picture(struct rig *rig)
{
    static const struct {
        const char *method, *params;
    } looks[] = {{"layer.get_list", NULL},
                 {"voxel.query", "{'layer_id':'all','limit':5000}"},
                 {"selection.get", "{'limit':5000}"}};
    struct goxel_buf text;

    goxel_buf_init(&text, (size_t)64 << 20);
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
        goxel_buf_puts(&text, rig_call(rig, looks[i].method, looks[i].params));
    return text.data;
}

void rig_edit(struct rig *rig, const char *method, const char *params)
{
    char *before = picture(rig), *after, *undone, *redone;

    rig_do(rig, method, params);
    after = picture(rig);
    rig_do(rig, "project.undo", NULL);
    undone = picture(rig);
    rig_do(rig, "project.redo", NULL);
    redone = picture(rig);
    rig_check(__FILE__, __LINE__, undone, before);
    rig_check(__FILE__, __LINE__, redone, after);
    if (strcmp(before, after) == 0)
        rig_check(__FILE__, __LINE__, "nothing was changed by it", method);
    free(before);
    free(after);
    free(undone);
    free(redone);
}

void rig_put_file(const char *folder, const char *name, const void *bytes, size_t len)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, len, file) != len || fclose(file))
        abort();
}

bool rig_has_file(const char *folder, const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

void rig_check(const char *file, unsigned line, const char *got, const char *wanted)
{
    char message[1024];
    const char *json = rig_json(wanted);
    bool same = strcmp(got, json) == 0;

    snprintf(message, sizeof(message), "got %.400s, wanted %.400s", got, json);
    CU_assertImplementation(same, line, message, file, "", CU_FALSE);
}
