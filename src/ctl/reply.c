/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing of a reply is believed before it was looked at, and nothing of it reaches a terminal as it came. */
#include "ctl/reply.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "ctl/args.h"
#include "ctl/print.h"

/* The tree of a reply: a list of a million voxels fits. */
static const struct goxel_json_limits limits = {.depth = GOXEL_JSON_LEVELS, .tree_bytes = (size_t)1 << 30};

void ctl_answer_finish(struct ctl_answer *answer)
{
    goxel_json_free(answer->root);
    *answer = (struct ctl_answer){0};
}

/* ---- members ---- */

const struct goxel_json *ctl_member(const struct goxel_json *object, const char *key,
                                    enum goxel_json_type type)
{
    const struct goxel_json *value = object && goxel_json_type(object) == GOXEL_JSON_OBJECT
                                         ? goxel_json_get(object, key)
                                         : NULL;

    return value && goxel_json_type(value) == type ? value : NULL;
}

static const struct goxel_json *any_member(const struct goxel_json *object, const char *key)
{
    return object && goxel_json_type(object) == GOXEL_JSON_OBJECT ? goxel_json_get(object, key) : NULL;
}

double ctl_member_number(const struct goxel_json *object, const char *key)
{
    const struct goxel_json *value = any_member(object, key);

    if (!value)
        return 0;
    switch (goxel_json_type(value)) {
    case GOXEL_JSON_INT:
    case GOXEL_JSON_DOUBLE:
        return goxel_json_double(value);
    case GOXEL_JSON_STRING:
        return strtod(goxel_json_string(value, NULL), NULL);
    default:
        return 0;
    }
}

bool ctl_member_true(const struct goxel_json *object, const char *key)
{
    const struct goxel_json *value = ctl_member(object, key, GOXEL_JSON_BOOL);

    return value && goxel_json_bool(value);
}

const char *ctl_member_text(const struct goxel_json *object, const char *key, char ret_text[CTL_TEXT_SIZE])
{
    const struct goxel_json *value = any_member(object, key);
    const char *text;
    size_t len;

    snprintf(ret_text, CTL_TEXT_SIZE, "-");
    if (!value)
        return ret_text;
    switch (goxel_json_type(value)) {
    case GOXEL_JSON_STRING:
        text = goxel_json_string(value, &len);
        return len ? ctl_printable(ret_text, CTL_TEXT_SIZE, text, len) : ret_text;
    case GOXEL_JSON_INT:
        snprintf(ret_text, CTL_TEXT_SIZE, "%" PRId64, goxel_json_int(value));
        return ret_text;
    case GOXEL_JSON_DOUBLE:
        snprintf(ret_text, CTL_TEXT_SIZE, "%g", goxel_json_double(value));
        return ret_text;
    case GOXEL_JSON_BOOL:
        snprintf(ret_text, CTL_TEXT_SIZE, "%s", goxel_json_bool(value) ? "yes" : "-");
        return ret_text;
    default:
        return ret_text;
    }
}

/* ---- asking ---- */

static int fail_reply(const struct ctl *ctl, unsigned status, const char *why, struct goxel_detail *detail)
{
    return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA,
                      "%.120s: no reply of a goxel-daemon: HTTP status %u, %s",
                      ctl_endpoint_name(ctl_client_place(ctl->client)), status, why);
}

/* Every reply of a daemon is an object. */
static int parse(const struct ctl *ctl, const struct ctl_reply *reply, struct goxel_detail *detail,
                 struct ctl_answer *ret_answer)
{
    struct goxel_json *root = NULL;
    int code = goxel_json_parse(reply->body.data ? reply->body.data : "", reply->body.len, &limits, detail,
                                &root);

    if (code == GOXEL_ERROR_JSON_SIZE)
        return goxel_fail(detail, GOXEL_ERROR_MESSAGE_SIZE, "the reply has too many values to be read here");
    if (code)
        return code == GOXEL_ERROR_OUT_OF_MEMORY
                   ? code
                   : fail_reply(ctl, reply->status, "and what came is not JSON", detail);
    if (goxel_json_type(root) != GOXEL_JSON_OBJECT) {
        goxel_json_free(root);
        return fail_reply(ctl, reply->status, "and what came is no object", detail);
    }
    *ret_answer = (struct ctl_answer){.status = reply->status, .root = root, .result = root};
    return 0;
}

static int exchange(struct ctl *ctl, const struct ctl_request *request, struct goxel_detail *detail,
                    struct ctl_answer *ret_answer)
{
    struct ctl_reply reply;
    int code = ctl_client_ask(ctl->client, request, detail, &reply);

    if (!code)
        code = parse(ctl, &reply, detail, ret_answer);
    goxel_buf_finish(&reply.body);
    return code;
}

int ctl_get(struct ctl *ctl, const char *target, struct goxel_detail *detail, struct ctl_answer *ret_answer)
{
    const struct ctl_request request = {.method = "GET", .target = target};

    return exchange(ctl, &request, detail, ret_answer);
}

enum ctl_exit ctl_tell(int code, const struct goxel_detail *detail)
{
    if (code != GOXEL_ERROR_FILE_ACCESS)
        return ctl_say(code, detail);
    fprintf(stderr, "goxelctl: %s\n", detail->text);
    fputs(
        detail->errnum == EACCES || detail->errnum == EPERM
            ? "goxelctl: are you in the group of the socket? (ls -l shows it) Otherwise give --url\n"
            : "goxelctl: is it running? start it (systemctl start goxel-daemon, goxel-daemon --daemonize, or "
              "./dev run in a clone), or say where it is: --config, --socket or --url\n",
        stderr);
    return CTL_NOBODY;
}

/* ---- what the daemon refuses ---- */

/* A line of JSON on standard error. */
static void print_line(const char *before, const struct goxel_buf *json)
{
    struct goxel_buf shown;

    goxel_buf_init(&shown, CTL_BODY_MAX);
    goxel_json_put_printable(&shown, json->data ? json->data : "", json->len);
    if (!json->failed && !shown.failed)
        fprintf(stderr, "%s%s\n", before, shown.data ? shown.data : "");
    goxel_buf_finish(&shown);
}

static void print_node(const struct goxel_json *node)
{
    struct goxel_json_writer w;
    struct goxel_buf json;

    goxel_buf_init(&json, CTL_BODY_MAX);
    goxel_json_writer_init(&w, &json);
    goxel_json_put_node(&w, NULL, node);
    print_line("", &json);
    goxel_buf_finish(&json);
}

/* The members of error.data but for the reason, which was told. */
static void tell_data(const struct goxel_json *data)
{
    struct goxel_json_iter it = {0};
    struct goxel_json_writer w;
    struct goxel_buf json;

    goxel_buf_init(&json, CTL_BODY_MAX);
    goxel_json_writer_init(&w, &json);
    goxel_json_put_object(&w, NULL);
    while (goxel_json_next(data, &it)) {
        if (strcmp(it.key, "reason"))
            goxel_json_put_node(&w, it.key, it.value);
    }
    goxel_json_put_end(&w);
    if (json.len > strlen("{}"))
        print_line("goxelctl: data: ", &json);
    goxel_buf_finish(&json);
}

/* What the command line has for the field that an error names. */
static const struct {
    unsigned takes; /* enum ctl_takes, of the command */
    const char *field, *hint;
} hints[] = {
    {CTL_TAKES_SAVE, "save_changes",
     "--save saves them first, --discard undoes what was done since the last save"},
    {CTL_TAKES_SAVE, "path",
     "goxelctl call project.save '{\"project\": \"NAME\", \"path\": \"FILE.gox\"}' gives it one"},
};

static void tell_hint(const struct ctl *ctl, const struct goxel_json *data)
{
    char field[CTL_TEXT_SIZE];

    (void)ctl_member_text(data, "field", field);
    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        if ((ctl->args->command->takes & hints[i].takes) && !strcmp(field, hints[i].field))
            fprintf(stderr, "goxelctl: %s\n", hints[i].hint);
    }
}

/* With --json the error as it came, for whoever parses standard error. */
static enum ctl_exit tell_error(const struct ctl *ctl, const char *method, const struct goxel_json *error)
{
    const struct goxel_json *data = ctl_member(error, "data", GOXEL_JSON_OBJECT);
    char name[CTL_TEXT_SIZE], message[CTL_TEXT_SIZE], reason[CTL_TEXT_SIZE] = "";

    if (ctl->args->json) {
        print_node(error);
        return CTL_REFUSED;
    }
    if (ctl_member(data, "reason", GOXEL_JSON_STRING))
        (void)ctl_member_text(data, "reason", reason);
    fprintf(stderr, "goxelctl: %s: %s%s%s (%.0f)\n",
            ctl_printable(name, sizeof(name), method, strlen(method)),
            ctl_member_text(error, "message", message), reason[0] ? ": " : "", reason,
            ctl_member_number(error, "code"));
    if (data)
        tell_data(data);
    tell_hint(ctl, data);
    return CTL_REFUSED;
}

void ctl_tell_warnings(const struct goxel_json *object)
{
    const struct goxel_json *warnings = ctl_member(object, "warnings", GOXEL_JSON_ARRAY);
    char text[CTL_TEXT_SIZE];
    struct goxel_buf line;

    goxel_buf_init(&line, CTL_TEXT_SIZE + 64);
    for (size_t i = 0; warnings && i < goxel_json_length(warnings); i++) {
        const struct goxel_json *row = goxel_json_at(warnings, i);

        goxel_buf_clear(&line);
        goxel_warning_print(&line, ctl_member_text(row, "what", text),
                            (int64_t)ctl_member_number(row, "count"));
        fprintf(stderr, "goxelctl: warning: %s\n", line.data ? line.data : text);
    }
    goxel_buf_finish(&line);
}

/* A problem of RFC 9457. */
static enum ctl_exit tell_problem(const struct ctl *ctl, const char *method, const char *target,
                                  const struct ctl_answer *answer)
{
    char text[CTL_TEXT_SIZE];
    const char *key = ctl_member(answer->root, "detail", GOXEL_JSON_STRING) ? "detail" : "title";

    if (ctl->args->json) {
        print_node(answer->root);
        return CTL_REFUSED;
    }
    fprintf(stderr, "goxelctl: %s %s: HTTP status %u: %s\n", method, target, answer->status,
            ctl_member_text(answer->root, key, text));
    ctl_tell_warnings(answer->root);
    if (answer->status == 401)
        fputs("goxelctl: give --token-file\n", stderr);
    return CTL_REFUSED;
}

enum ctl_exit ctl_transfer(struct ctl *ctl, const struct ctl_request *request, struct ctl_reply *ret_reply)
{
    struct ctl_answer answer = {0};
    struct goxel_detail detail;
    enum ctl_exit status;
    int code;

    goxel_detail_init(&detail);
    code = ctl_client_ask(ctl->client, request, &detail, ret_reply);
    if (!code && ret_reply->status < 400)
        return CTL_DONE;
    if (!code)
        code = parse(ctl, ret_reply, &detail, &answer);
    status = code ? ctl_tell(code, &detail) : tell_problem(ctl, request->method, request->target, &answer);
    ctl_answer_finish(&answer);
    return status;
}

enum ctl_exit ctl_ask(struct ctl *ctl, const char *method, const char *target, const char *body,
                      unsigned also, struct ctl_answer *ret_answer)
{
    const struct ctl_request request = {
        .method = method, .target = target, .body = body, .body_len = body ? strlen(body) : 0};
    struct ctl_answer answer = {0};
    struct goxel_detail detail;
    int code;

    goxel_detail_init(&detail);
    code = exchange(ctl, &request, &detail, &answer);
    if (code)
        return ctl_tell(code, &detail);
    if (answer.status >= 300 && answer.status != also) {
        enum ctl_exit status = tell_problem(ctl, method, target, &answer);

        ctl_answer_finish(&answer);
        return status;
    }
    *ret_answer = answer;
    return CTL_DONE;
}

/* ---- JSON-RPC ---- */

static int call(struct ctl *ctl, const char *method, const char *params, size_t len,
                struct goxel_detail *detail, struct ctl_answer *ret_answer)
{
    struct ctl_request request = {.method = "POST", .target = "/rpc"};
    struct goxel_json_writer w;
    struct goxel_buf body;
    int code;

    goxel_buf_init(&body, CTL_BODY_MAX);
    goxel_json_writer_init(&w, &body);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "jsonrpc", "2.0");
    goxel_json_put_int(&w, "id", 1);
    goxel_json_put_string(&w, "method", method);
    if (params)
        goxel_json_put_raw(&w, "params", params, len);
    goxel_json_put_end(&w);
    request.body = body.data;
    request.body_len = body.len;
    code = body.failed ? goxel_fail(detail, body.failed, "the request")
                       : exchange(ctl, &request, detail, ret_answer);
    goxel_buf_finish(&body);
    return code;
}

/* The error of the reply, or NULL; `result` is set without one. */
static const struct goxel_json *split(struct ctl_answer *answer)
{
    const struct goxel_json *error = ctl_member(answer->root, "error", GOXEL_JSON_OBJECT);

    answer->result = error ? NULL : goxel_json_get(answer->root, "result");
    return error;
}

enum ctl_exit ctl_rpc(struct ctl *ctl, const char *method, const char *params, size_t len,
                      struct ctl_answer *ret_answer)
{
    struct ctl_answer answer = {0};
    const struct goxel_json *error;
    enum ctl_exit status = CTL_DONE;
    struct goxel_detail detail;
    int code;

    goxel_detail_init(&detail);
    code = call(ctl, method, params, len, &detail, &answer);
    if (code)
        return ctl_tell(code, &detail);
    error = split(&answer);
    if (error)
        status = tell_error(ctl, method, error);
    else if (answer.status >= 300)
        status = tell_problem(ctl, "POST", "/rpc", &answer);
    else if (!answer.result)
        status = ctl_tell(fail_reply(ctl, answer.status, "without result and error", &detail), &detail);
    if (status)
        ctl_answer_finish(&answer);
    else
        *ret_answer = answer;
    return status;
}

bool ctl_rpc_quietly(struct ctl *ctl, const char *method, struct ctl_answer *ret_answer)
{
    struct ctl_answer answer = {0};

    if (call(ctl, method, NULL, 0, NULL, &answer))
        return false;
    if (split(&answer) || !answer.result) {
        ctl_answer_finish(&answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}
