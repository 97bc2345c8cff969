/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands about the methods of JSON-RPC: call, methods. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "ctl/args.h"
#include "ctl/print.h"
#include "ctl/reply.h"
#include "ctl/table.h"

/* ---- call ---- */

static int read_input(struct goxel_buf *text, struct goxel_detail *detail)
{
    char piece[16384];
    ssize_t len;

    while ((len = read(STDIN_FILENO, piece, sizeof(piece))) != 0) {
        if (len < 0 && errno != EINTR)
            return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "read", "standard input");
        if (len > 0 && goxel_buf_append(text, piece, (size_t)len))
            return goxel_fail(detail, GOXEL_ERROR_USAGE, "standard input: more than %zu MiB",
                              CTL_BODY_MAX >> 20);
    }
    return 0;
}

/* The daemon would refuse it too, but knows less of where it came from. */
static int check_params(const struct goxel_buf *text, const char *source, struct goxel_detail *detail)
{
    static const struct goxel_json_limits limits = {.depth = GOXEL_JSON_LEVELS, .tree_bytes = SIZE_MAX};
    const char *at = text->data ? text->data + strspn(text->data, " \t\r\n") : "";
    struct goxel_detail found;

    goxel_detail_init(&found);
    if (goxel_json_scan(text->data ? text->data : "", text->len, &limits, &found))
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "%s is not JSON: line %d, byte %d: %s%s%s", source,
                          (int)found.line, (int)found.offset, found.text,
                          found.expected[0] ? ", expected " : "", found.expected);
    if (*at != '{' && *at != '[')
        return goxel_fail(detail, GOXEL_ERROR_USAGE, "%s: parameters are an object or an array", source);
    return 0;
}

static int take_params(const struct ctl_args *args, struct goxel_buf *text, struct goxel_detail *detail)
{
    bool piped = args->count > 1 && !strcmp(args->words[1], "-");
    int code;

    if (args->count < 2)
        return 0;
    code = piped ? read_input(text, detail) : goxel_buf_puts(text, args->words[1]);
    return code ? code : check_params(text, piped ? "standard input" : "the argument", detail);
}

enum ctl_exit ctl_call(struct ctl *ctl)
{
    const struct ctl_args *args = ctl->args;
    struct ctl_answer answer = {0};
    enum ctl_exit status = CTL_DONE;
    struct goxel_detail detail;
    struct goxel_buf params;
    int code;

    goxel_detail_init(&detail);
    goxel_buf_init(&params, CTL_BODY_MAX);
    code = take_params(args, &params, &detail);
    if (!code)
        status = ctl_rpc(ctl, args->words[0], args->count > 1 ? params.data : NULL, params.len, &answer);
    if (!code && !status)
        code = ctl_print_json(answer.result, !args->json);
    goxel_buf_finish(&params);
    ctl_answer_finish(&answer);
    return code ? ctl_say(code, &detail) : status;
}

/* ---- methods ---- */

static int print_params(const struct goxel_json *params)
{
    struct ctl_table table;
    int code;

    ctl_table_init(&table, (const char *const[]){"PARAMETER", "TYPE", "REQUIRED", "DEFAULT", "WHAT", NULL});
    for (size_t i = 0; params && i < goxel_json_length(params); i++) {
        const struct goxel_json *param = goxel_json_at(params, i);

        ctl_table_put_member(&table, param, "name");
        ctl_table_put_member(&table, param, "type");
        ctl_table_put_member(&table, param, "required");
        ctl_table_put_member(&table, param, "default");
        ctl_table_put_member(&table, param, "description");
    }
    code = ctl_table_print(&table);
    ctl_table_finish(&table);
    return code;
}

static int print_method(const struct goxel_json *method)
{
    char text[CTL_TEXT_SIZE];

    printf("%s", ctl_member_text(method, "name", text));
    printf("  %s\n", ctl_member_text(method, "description", text));
    printf("result: %s\n\n", ctl_member_text(method, "result", text));
    return print_params(ctl_member(method, "params", GOXEL_JSON_ARRAY));
}

static int print_methods(const struct goxel_json *methods)
{
    struct ctl_table table;
    int code;

    if (!methods)
        return GOXEL_ERROR_INVALID_DATA;
    if (goxel_json_length(methods) == 1)
        return print_method(goxel_json_at(methods, 0));
    ctl_table_init(&table, (const char *const[]){"METHOD", "WHAT", NULL});
    for (size_t i = 0; i < goxel_json_length(methods); i++) {
        ctl_table_put_member(&table, goxel_json_at(methods, i), "name");
        ctl_table_put_member(&table, goxel_json_at(methods, i), "description");
    }
    code = ctl_table_print(&table);
    ctl_table_finish(&table);
    return code;
}

enum ctl_exit ctl_methods(struct ctl *ctl)
{
    struct ctl_answer answer = {0};
    struct goxel_json_writer w;
    struct goxel_buf params;
    enum ctl_exit status = CTL_DONE;
    int code;

    goxel_buf_init(&params, CTL_BODY_MAX);
    goxel_json_writer_init(&w, &params);
    goxel_json_put_object(&w, NULL);
    if (ctl->args->count)
        goxel_json_put_string(&w, "namespace", ctl->args->words[0]);
    goxel_json_put_bool(&w, "include_descriptions", true);
    goxel_json_put_end(&w);
    code = params.failed;
    if (!code)
        status = ctl_rpc(ctl, "system.list_methods", params.data, params.len, &answer);
    if (!code && !status)
        code = ctl->args->json ? ctl_print_json(answer.result, false)
                               : print_methods(ctl_member(answer.result, "methods", GOXEL_JSON_ARRAY));
    goxel_buf_finish(&params);
    ctl_answer_finish(&answer);
    return code ? ctl_say(code, NULL) : status;
}
