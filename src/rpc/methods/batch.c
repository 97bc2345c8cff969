/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Methods of the family `batch`: operations on one project as one edit.
 *
 * An operation is a method of the table, called with the batch's project in place of one that it would find itself. Where
 * the batch is not atomic each operation works on a copy of what came of those before, which takes its place if it
 * succeeds: of what fails nothing stays, as if it had been called alone.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "rpc/methods/methods.h"

/* What is the batch's own. */
#define PARAMS_OF_BATCH "project group if_version " GOXEL_REQUEST_KEY

/* ---- errors ---- */

/* What went wrong with a parameter of an operation, as the batch tells it; with the operation, if no parameter is named. */
static void name_operation(const char *operation, struct goxel_detail *detail)
{
    struct goxel_detail inner = *detail;
    size_t len = strlen(operation);

    if (inner.field[0] && !inner.has_limit)
        (void)snprintf(detail->field, sizeof(detail->field), "%s.params.%.30s", operation, inner.field);
    else
        memcpy(detail->field, operation, len + 1);
    (void)snprintf(detail->text, sizeof(detail->text), "%s%s%.*s", operation, inner.text[0] ? ": " : "",
                   (int)(sizeof(detail->text) - len - 3), inner.text);
}

static int fail_size(struct goxel_detail *detail)
{
    return goxel_fail(detail, GOXEL_ERROR_QUOTA,
                      "the results would be longer than %zu bytes: ask for less in one batch",
                      GOXEL_REPLY_MAX);
}

/* ---- one operation ---- */

struct operation {
    const struct goxel_method *method;
    const struct goxel_json *params; /* NULL: none */
};

static int read_method(const struct goxel_invocation *in, const struct goxel_json *name, const char *field,
                       struct goxel_detail *detail, struct operation *operation)
{
    const char *bytes = "";
    size_t len = 0;

    if (!name || goxel_value_string(name, field, SIZE_MAX, NULL, &bytes, &len))
        return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, field, name, "a method's name");
    operation->method = goxel_rpc_find(in->rpc, bytes, len);
    if (!operation->method)
        return goxel_fail_node(detail, GOXEL_ERROR_METHOD_NOT_FOUND, field, name,
                               "a method that system.list_methods names");
    if (operation->method->states & GOXEL_METHOD_IN_BATCH)
        return 0;
    return goxel_fail_node(detail, GOXEL_ERROR_UNSUPPORTED_OPERATION, field, name,
                           "one that may stand in a batch: an edit or a read of voxels or layers");
}

static int read_operation(const struct goxel_invocation *in, const struct goxel_json *node, const char *field,
                          struct goxel_detail *detail, struct operation *operation)
{
    char inner[GOXEL_FIELD_SIZE];
    int code = goxel_value_members(node, field, "method params", detail);

    if (code)
        return code;
    goxel_field_member(inner, field, "method");
    if ((code = read_method(in, goxel_json_get(node, "method"), inner, detail, operation)))
        return code;
    operation->params = goxel_json_get(node, "params");
    if (!operation->params || goxel_json_type(operation->params) == GOXEL_JSON_OBJECT ||
        goxel_json_type(operation->params) == GOXEL_JSON_ARRAY)
        return 0;
    goxel_field_member(inner, field, "params");
    return goxel_fail_node(detail, GOXEL_ERROR_INVALID_PARAMS, inner, operation->params,
                           "an array or an object");
}

/* What an operation must leave to its batch, by whichever name or place it was given. */
static int check_args(const struct goxel_invocation *inner)
{
    const struct goxel_param *params = inner->method->params;

    for (size_t i = 0; params[i].name; i++) {
        if (inner->args[i].given && goxel_word_in(PARAMS_OF_BATCH, params[i].name, strlen(params[i].name)))
            return goxel_fail_node(inner->detail, GOXEL_ERROR_INVALID_PARAMS, params[i].name,
                                   inner->args[i].node,
                                   "it as a parameter of the batch, which all operations share");
    }
    return 0;
}

/* Runs the operation on in->edit, with its result in `result`. */
static int run(struct goxel_invocation *in, const struct operation *operation, struct goxel_detail *detail,
               struct goxel_buf *result)
{
    struct goxel_json_writer writer;
    struct goxel_invocation inner = {.rpc = in->rpc,
                                     .call = in->call,
                                     .method = operation->method,
                                     .config = in->config,
                                     .out = &writer,
                                     .detail = detail,
                                     .slot = in->slot,
                                     .failures = in->failures,
                                     .outer = in};
    int code = goxel_grant_check(in->call->grant, goxel_method_access(operation->method),
                                 operation->method->name, detail);

    if (!code)
        code = goxel_params_read(operation->method, operation->params, detail, inner.args);
    goxel_json_writer_init(&writer, result);
    if (code || (code = check_args(&inner)) || (code = goxel_check_params_access(&inner)) ||
        (code = goxel_invocation_run_inside(&inner)))
        return code;
    in->changed |= inner.changed;
    return result->failed == GOXEL_ERROR_MESSAGE_SIZE ? fail_size(detail) : result->failed;
}

static int try_operation(struct goxel_invocation *in, size_t index, struct operation *operation,
                         struct goxel_detail *detail, struct goxel_buf *result)
{
    const struct goxel_json *node = goxel_json_at(goxel_arg(in, "operations")->node, index);
    char field[GOXEL_FIELD_SIZE];
    int code;

    goxel_field_index(field, "operations", index);
    if ((code = read_operation(in, node, field, detail, operation)))
        return code;
    if ((code = run(in, operation, detail, result)))
        name_operation(field, detail);
    return code;
}

/* As try_operation; whatever it did is gone if it fails. */
static int try_on_copy(struct goxel_invocation *in, size_t index, struct operation *operation,
                       struct goxel_detail *detail, struct goxel_buf *result)
{
    struct goxel_project *before = in->edit;
    int code;

    in->edit = goxel_project_copy(before);
    if (!in->edit) {
        in->edit = before;
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    code = try_operation(in, index, operation, detail, result);
    if (code) {
        goxel_project_unref(in->edit);
        in->edit = before;
    } else {
        goxel_project_unref(before);
    }
    return code;
}

static int check_count(const struct goxel_invocation *in, size_t *ret_count)
{
    const struct goxel_value *operations = goxel_arg(in, "operations");
    size_t count = goxel_json_length(operations->node);

    if (count == 0)
        return goxel_fail_value(in->detail, GOXEL_ERROR_INVALID_PARAMS, "operations", "[]",
                                "1 to %d operations", GOXEL_BATCH_MAX);
    if (count > GOXEL_BATCH_MAX)
        return goxel_fail_limit(in->detail, GOXEL_ERROR_QUOTA, "operations", GOXEL_BATCH_MAX, (int64_t)count);
    *ret_count = count;
    return 0;
}

/* One operation tried, whatever came of it. `result` is to be finished. */
struct attempt {
    struct operation operation;
    struct goxel_detail detail;
    struct goxel_buf result;
};

typedef int try_function(struct goxel_invocation *in, size_t index, struct operation *operation,
                         struct goxel_detail *detail, struct goxel_buf *result);

/* Its result may take what is left of the batch's own. */
static int make_attempt(struct goxel_invocation *in, size_t index, try_function *try, struct attempt *attempt)
{
    const struct goxel_buf *out = in->out->buf;

    attempt->operation = (struct operation){.method = NULL};
    goxel_detail_init(&attempt->detail);
    goxel_buf_init(&attempt->result, out->ceiling > out->len ? out->ceiling - out->len : 0);
    return try(in, index, &attempt->operation, &attempt->detail, &attempt->result);
}

/* These are no operation's fault, and no other one would fare better. */
static bool ends_batch(int code)
{
    return code == GOXEL_ERROR_REQUEST_TIMEOUT || code == GOXEL_ERROR_OUT_OF_MEMORY ||
           code == GOXEL_ERROR_SHUTTING_DOWN;
}

/* ---- batch.execute ---- */

struct execution {
    size_t count, succeeded, failed;
    bool atomic, go_on;
};

static void put_outcome(struct goxel_json_writer *w, int code, const struct attempt *attempt)
{
    const struct goxel_buf *result = &attempt->result;

    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "method", attempt->operation.method ? attempt->operation.method->name : "");
    if (code)
        goxel_rpc_put_error(w, "error", code, &attempt->detail, NULL, 0);
    else
        goxel_json_put_raw(w, "result", result->data ? result->data : "null", result->data ? result->len : 4);
    goxel_json_put_end(w);
}

/* 0 if the batch goes on; *ret_stop if it ends here, with what has been done. */
static int execute_one(struct goxel_invocation *in, struct execution *execution, size_t index, bool *ret_stop)
{
    struct attempt attempt;
    int code = make_attempt(in, index, execution->atomic ? try_operation : try_on_copy, &attempt);

    in->project = in->edit;
    in->editing.project = in->edit;
    if (code && (execution->atomic || ends_batch(code))) {
        *in->detail = attempt.detail;
    } else {
        put_outcome(in->out, code, &attempt);
        *(code ? &execution->failed : &execution->succeeded) += 1;
        *ret_stop = code && !execution->go_on;
        code = 0;
    }
    goxel_buf_finish(&attempt.result);
    return code;
}

static int read_execution(const struct goxel_invocation *in, struct execution *execution)
{
    execution->atomic = goxel_arg_bool(in, "atomic", true);
    execution->go_on = goxel_arg_bool(in, "continue_on_error", false);
    if (execution->atomic && execution->go_on)
        return goxel_fail_value(
            in->detail, GOXEL_ERROR_INVALID_PARAMS, "continue_on_error", "true",
            "false, as atomic is true: of a batch that is all or nothing nothing is left to go on with");
    return check_count(in, &execution->count);
}

int goxel_batch_execute_run(struct goxel_invocation *in)
{
    struct execution execution = {.count = 0};
    bool stop = false;
    int code = read_execution(in, &execution);

    if (code)
        return code;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_array(in->out, "results");
    for (size_t i = 0; i < execution.count && !code && !stop; i++)
        code = execute_one(in, &execution, i, &stop);
    if (code)
        return code;
    goxel_json_put_end(in->out);
    goxel_json_put_count(in->out, "count", execution.count);
    goxel_json_put_count(in->out, "succeeded", execution.succeeded);
    goxel_json_put_count(in->out, "failed", execution.failed);
    goxel_json_put_end(in->out);
    /* Before anything lasts: an edit must not be carried out and then answered with an error. */
    return in->out->buf->failed == GOXEL_ERROR_MESSAGE_SIZE ? fail_size(in->detail) : in->out->buf->failed;
}

/* ---- batch.validate ---- */

static int validate_one(struct goxel_invocation *in, size_t index, size_t *failed)
{
    struct attempt attempt;
    int code = make_attempt(in, index, try_on_copy, &attempt);

    goxel_buf_finish(&attempt.result);
    if (ends_batch(code)) {
        *in->detail = attempt.detail;
        return code;
    }
    if (!code)
        return 0;
    *failed += 1;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_count(in->out, "index", index);
    goxel_json_put_string(in->out, "method",
                          attempt.operation.method ? attempt.operation.method->name : NULL);
    goxel_rpc_put_error(in->out, "error", code, &attempt.detail, NULL, 0);
    goxel_json_put_end(in->out);
    return 0;
}

static int validate_all(struct goxel_invocation *in, size_t count)
{
    size_t failed = 0;
    int code = 0;

    goxel_json_put_object(in->out, NULL);
    goxel_json_put_array(in->out, "errors");
    for (size_t i = 0; i < count && !code; i++)
        code = validate_one(in, i, &failed);
    if (code)
        return code;
    goxel_json_put_end(in->out);
    goxel_json_put_bool(in->out, "valid", failed == 0);
    goxel_json_put_count(in->out, "count", count);
    goxel_json_put_end(in->out);
    return 0;
}

/* What is tried is a copy that nobody sees, of what is read. */
int goxel_batch_validate_run(struct goxel_invocation *in)
{
    size_t count = 0;
    int code = check_count(in, &count);

    if (code)
        return code;
    if (in->project->read_only)
        return goxel_fail(in->detail, GOXEL_ERROR_BAD_PROJECT_STATE,
                          "the project was opened read-only: nothing can be carried out on it");
    in->edit = goxel_project_copy(in->project);
    if (!in->edit)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    code = validate_all(in, count);
    goxel_project_unref(in->edit);
    in->edit = NULL;
    return code;
}
