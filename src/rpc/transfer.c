/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a resource's name and query to the row that does it, and what HTTP asks beside: conditions, and what version it was.
 *
 * An ETag is "ID-EPOCH-VERSION-REST": the project's id, which no other project gets, the epoch of its versions and the number of
 * one, and a digest of all else that the bytes come of. What is made of a version is the same bytes each time, so it is a strong one.
 * Whoever edits has to know the version, and not how it was shown to him: there the first three parts count.
 */
#include "rpc/transfer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/digest.h"
#include "base/error.h"
#include "format/format.h"
#include "rpc/method.h"

#define PARAMS_MAX ((size_t)128 << 10)

/* ---- parameters ---- */

static const struct goxel_param *find_param(const struct goxel_method *method, const char *name)
{
    const struct goxel_param *spec = method->params;

    while (spec->name && strcmp(spec->name, name) != 0)
        spec++;
    return spec->name ? spec : NULL;
}

/* "1,-2,3.5": how many numbers; 0: the text is something else. */
static size_t count_numbers(const char *text)
{
    static const struct goxel_json_limits limits = {.depth = 1, .tree_bytes = 1024};
    size_t count = 0, len;

    for (;; text += len + 1) {
        len = strcspn(text, ",");
        if (len == 0 || text[strspn(text, "0123456789+-.eE,")] != '\0' ||
            goxel_json_scan(text, len, &limits, NULL))
            return 0;
        count++;
        if (!text[len])
            return count;
    }
}

static const char *skip_numbers(const char *text, int count)
{
    for (; count > 0; count--)
        text += strcspn(text, ",") + 1;
    return text;
}

static bool is_integer(const char *text, size_t len)
{
    size_t digits = len > 0 && text[0] == '-' ? 1 : 0;

    return len > digits && len < 12 && strspn(text + digits, "0123456789") >= len - digits;
}

/* "1,roof": an array of what stands between the commas, integers or texts. */
static void put_list(struct goxel_json_writer *w, const char *key, const char *text, size_t len)
{
    const char *end = text + len;

    goxel_json_put_array(w, key);
    for (;;) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        size_t part = (size_t)((comma ? comma : end) - text);

        if (is_integer(text, part))
            goxel_json_put_int(w, NULL, strtoll(text, NULL, 10));
        else
            goxel_json_put_string_len(w, NULL, text, part);
        if (!comma)
            break;
        text = comma + 1;
    }
    goxel_json_put_end(w);
}

/* A query has texts alone: what they are is said by the parameter, and by how they look. */
static void put_value(struct goxel_json_writer *w, const struct goxel_param *spec, const char *text,
                      size_t len)
{
    static const unsigned texts = 1u << GOXEL_PARAM_STRING | 1u << GOXEL_PARAM_CHOICE |
                                  1u << GOXEL_PARAM_NAME | 1u << GOXEL_PARAM_PROJECT |
                                  1u << GOXEL_PARAM_CHECKSUM;
    bool box = spec && (spec->type == GOXEL_PARAM_BOX || spec->type == GOXEL_PARAM_REGION);
    bool plain = !spec || texts & 1u << spec->type || strlen(text) != len;
    const char *key = spec ? spec->name : NULL;
    size_t numbers = plain ? 0 : count_numbers(text);
    struct goxel_buf raw;

    goxel_buf_init(&raw, len + 64);
    if (numbers == 6 && box)
        goxel_buf_printf(&raw, "{\"min\":[%.*s],\"max\":[%s]}", (int)(skip_numbers(text, 3) - text - 1), text,
                         skip_numbers(text, 3));
    else if (numbers > 1)
        goxel_buf_printf(&raw, "[%s]", text);
    else if (numbers == 1 || (!plain && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)))
        goxel_buf_puts(&raw, text);
    if (raw.len && !raw.failed)
        goxel_json_put_raw(w, key, raw.data, raw.len);
    else
        goxel_json_put_string_len(w, key, text, len);
    goxel_buf_finish(&raw);
}

static void put_param(struct goxel_json_writer *w, const struct goxel_param *spec,
                      const struct goxel_json *value)
{
    size_t len = 0;
    const char *text = goxel_json_string(value, &len);

    if (spec->type == GOXEL_PARAM_ARRAY)
        put_list(w, spec->name, text, len);
    else
        put_value(w, spec, text, len);
}

/* What the row does not know is an option of the format, where it takes those, or said to be wrong by who reads the parameters. */
static void put_others(struct goxel_json_writer *w, const struct goxel_method *method,
                       const struct goxel_json *query)
{
    const struct goxel_param *options = find_param(method, "options");
    struct goxel_json_iter it = {0};

    if (options)
        goxel_json_put_object(w, options->name);
    while (query && goxel_json_next(query, &it)) {
        const struct goxel_param *spec = find_param(method, it.key);
        size_t len = 0;
        const char *text = goxel_json_string(it.value, &len);

        if (!spec || spec == options)
            goxel_json_put_string_len(w, it.key, text, len);
    }
    if (options)
        goxel_json_put_end(w);
}

/* How places are written in a query. */
static const struct {
    enum goxel_param_type type;
    size_t numbers;
    const char *form;
} places[] = {
    {GOXEL_PARAM_POSITION, 3, "x,y,z"},
    {GOXEL_PARAM_BOX, 6, "x,y,z,x,y,z: both corners, inclusive"},
    {GOXEL_PARAM_REGION, 6, "x,y,z,x,y,z: both corners, inclusive"},
};

static int check_place(const struct goxel_param *spec, const struct goxel_json *value,
                       struct goxel_detail *detail)
{
    const char *text = goxel_json_string(value, NULL);

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (spec->type == places[i].type && count_numbers(text) != places[i].numbers)
            return goxel_fail_value(detail, GOXEL_ERROR_INVALID_PARAMS, spec->name, text, "%s",
                                    places[i].form);
    }
    return 0;
}

/* The rest is for who reads the parameters. */
static int check_places(const struct goxel_method *method, const struct goxel_json *query,
                        struct goxel_detail *detail)
{
    struct goxel_json_iter it = {0};
    int code = 0;

    while (!code && query && goxel_json_next(query, &it)) {
        const struct goxel_param *spec = find_param(method, it.key);

        if (spec)
            code = check_place(spec, it.value, detail);
    }
    return code;
}

static void put_params(struct goxel_json_writer *w, const struct goxel_method *method,
                       const struct goxel_json *query)
{
    const struct goxel_param *options = find_param(method, "options");
    struct goxel_json_iter it = {0};

    while (query && goxel_json_next(query, &it)) {
        const struct goxel_param *spec = find_param(method, it.key);

        if (spec && spec != options)
            put_param(w, spec, it.value);
    }
    put_others(w, method, query);
}

static int make_params(struct goxel_rpc_call *call, const struct goxel_method *method,
                       const struct goxel_json *query)
{
    struct goxel_transfer *transfer = call->transfer;
    struct goxel_json_writer w;
    struct goxel_buf text;
    int code;

    goxel_buf_init(&text, PARAMS_MAX);
    goxel_json_writer_init(&w, &text);
    goxel_json_put_object(&w, NULL);
    if (transfer->resource != GOXEL_RESOURCE_PROJECTS)
        goxel_json_put_string(&w, "project", transfer->project);
    put_params(&w, method, query);
    goxel_json_put_end(&w);
    code = text.failed;
    if (!code)
        code = goxel_json_parse(text.data, text.len, &goxel_json_limits_default, NULL, &call->message);
    goxel_buf_finish(&text);
    return code;
}

static int tell_query(struct goxel_transfer *transfer, int code)
{
    if (!code || code == GOXEL_ERROR_OUT_OF_MEMORY)
        return code;
    return goxel_fail(&transfer->detail, GOXEL_ERROR_INVALID_PARAMS,
                      "the query has a parameter twice, one that the path or a header says, or too many");
}

/* The parameters of the row, from name and query; freed with the call. */
static int read_params(struct goxel_rpc_call *call, const struct goxel_method *method)
{
    struct goxel_transfer *transfer = call->transfer;
    struct goxel_json *query = NULL;
    int code = 0;

    if (transfer->params)
        code = tell_query(transfer, goxel_json_parse(transfer->params, transfer->params_len,
                                                     &goxel_json_limits_default, &transfer->detail, &query));
    if (!code)
        code = check_places(method, query, &transfer->detail);
    if (!code)
        code = tell_query(transfer, make_params(call, method, query));
    goxel_json_free(query);
    return code;
}

/* ---- the row ---- */

/* NAME.EXT, where EXT is a format's, and otherwise all of it is a name. */
static int split_name(struct goxel_transfer *transfer)
{
    const char *dot = strrchr(transfer->name, '.');
    size_t len = strlen(transfer->name);
    bool puts = strcmp(transfer->verb, "PUT") == 0;

    if (transfer->resource == GOXEL_RESOURCE_PROJECT) {
        transfer->format = goxel_format_of_path(transfer->name, puts ? GOXEL_FORMAT_IN : GOXEL_FORMAT_OUT);
        if (!transfer->format) /* it is one for the other way: who carries it out says so */
            transfer->format = goxel_format_of_path(transfer->name,
                                                    puts ? GOXEL_FORMAT_OUT : GOXEL_FORMAT_IN);
    }
    if (transfer->format)
        len = (size_t)(dot - transfer->name);
    if (len > GOXEL_NAME_MAX)
        return goxel_name_check(transfer->name, len, "name", &transfer->detail);
    memcpy(transfer->project, transfer->name, len);
    transfer->project[len] = '\0';
    return 0;
}

/* http knows which verbs a resource has. */
static const struct goxel_resource_row *find_row(const struct goxel_transfer *transfer)
{
    const struct goxel_resource_row *row = goxel_resource_rows;

    while (row->resource != transfer->resource || strcmp(row->verb, transfer->verb) != 0 ||
           row->file != (transfer->format != NULL))
        row++;
    return row;
}

/* There is no such project; and options of a file are none of what is asked of one. */
static bool may_lack_format(struct goxel_rpc_call *call, int code)
{
    const struct goxel_transfer *transfer = call->transfer;
    struct goxel_slot *slot = NULL;

    if (transfer->format || !strchr(transfer->project, '.') ||
        (code != GOXEL_ERROR_PROJECT_NOT_FOUND && code != GOXEL_ERROR_INVALID_PARAMS))
        return false;
    if (goxel_workspace_find(call->rpc->options.workspace, transfer->project, &slot, NULL))
        return true;
    goxel_slot_unref(slot);
    return false;
}

/* What was taken for a whole name may have been meant as one with an extension. */
static void tell_no_format(struct goxel_transfer *transfer)
{
    struct goxel_buf known;

    goxel_buf_init(&known, sizeof(transfer->detail.expected));
    goxel_format_list(strcmp(transfer->verb, "PUT") == 0 ? GOXEL_FORMAT_IN : GOXEL_FORMAT_OUT, false, &known);
    (void)goxel_fail_value(&transfer->detail, GOXEL_ERROR_PROJECT_NOT_FOUND, "project", transfer->project,
                           "an id or whole name, or one and%s", known.len ? known.data : "");
    goxel_buf_finish(&known);
}

/* In its turn. */
static int carry_out(struct goxel_rpc_call *call, const struct goxel_resource_row *row)
{
    const struct goxel_method *counted = goxel_rpc_find(call->rpc, row->counted, strlen(row->counted));
    const struct goxel_method *method = row->method ? row->method : counted;
    int code;

    code = goxel_rpc_take_turn(call, method, &call->transfer->detail);
    if (!code && call->transfer->decode)
        code = call->transfer->decode(call);
    if (!code)
        code = read_params(call, method);
    return code ? code
                : goxel_rpc_carry_out(call, method, counted, call->message, &call->transfer->detail,
                                      &call->reply);
}

int goxel_transfer_run(struct goxel_rpc_call *call)
{
    struct goxel_transfer *transfer = call->transfer;
    int code;

    goxel_detail_init(&transfer->detail);
    call->reply.ceiling = GOXEL_REPLY_MAX;
    code = split_name(transfer);
    if (!code)
        code = carry_out(call, find_row(transfer));
    if (code == GOXEL_METHOD_PARKED)
        return code;
    if (may_lack_format(call, code)) {
        code = GOXEL_ERROR_PROJECT_NOT_FOUND;
        tell_no_format(transfer);
    }
    transfer->code = code;
    if (!code && call->reply.len) {
        transfer->media_type = "application/json";
        (void)goxel_buf_putc(&call->reply, '\n');
    }
    return 0;
}

void goxel_transfer_settle(struct goxel_rpc_call *call)
{
    struct goxel_transfer *transfer = call->transfer;

    for (const struct goxel_pending *at = call->pending; at && !transfer->code; at = at->next) {
        transfer->version = at->version->version;
        transfer->code = at->of->code;
        if (at->of->code && at->of->detail)
            transfer->detail = *at->of->detail;
    }
}

/* ---- what is told ---- */

void goxel_transfer_tell(struct goxel_transfer *transfer, const char *name, const char *fmt, ...)
{
    struct goxel_transfer_header *header = &transfer->headers[transfer->header_count];
    va_list args;

    if (transfer->header_count == GOXEL_TRANSFER_HEADERS)
        return;
    header->name = name;
    va_start(args, fmt);
    (void)vsnprintf(header->value, sizeof(header->value), fmt, args);
    va_end(args);
    transfer->header_count++;
}

void goxel_transfer_see(const struct goxel_invocation *in)
{
    struct goxel_transfer *transfer = in->call->transfer;

    if (!transfer)
        return;
    (void)snprintf(transfer->id, sizeof(transfer->id), "%s", goxel_slot_id(in->slot));
    transfer->version = in->project->version;
    transfer->modified_ms = in->project->modified_ms;
}

/* ---- conditions ---- */

bool goxel_etag_listed(const char *list, const char *etag, bool weak)
{
    size_t len = strlen(etag) - 1; /* without the quote at the end */

    for (list += strspn(list, " \t,"); *list; list += strspn(list, " \t,")) {
        bool is_weak = strncmp(list, "W/", 2) == 0;

        if (*list == '*')
            return true;
        list += is_weak ? 2 : 0;
        if ((weak || !is_weak) && strncmp(list, etag, len) == 0 && (list[len] == '"' || list[len] == '-'))
            return true;
        /* A tag may have a comma inside of its quotes. */
        list += *list == '"' ? 1 + strcspn(list + 1, "\"") : 0;
        list += strcspn(list, ",");
    }
    return false;
}

static void put_version(const struct goxel_invocation *in, const struct goxel_project *project,
                        char *ret_etag, size_t size)
{
    (void)snprintf(ret_etag, size, "\"%s-%llu-%llu\"", goxel_slot_id(in->slot),
                   (unsigned long long)goxel_head_epoch(goxel_slot_head(in->slot)),
                   (unsigned long long)project->version);
}

/* Programs of other releases, ours or zlib's, may make other bytes of the same. */
static uint64_t digest_rest(const struct goxel_invocation *in)
{
    const struct goxel_transfer *transfer = in->call->transfer;
    const char *const parts[] = {GOXEL_VERSION, zlibVersion(),
                                 transfer->format ? transfer->format->name : in->method->name,
                                 transfer->params ? transfer->params : ""};
    uint64_t digest = GOXEL_DIGEST_START;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        digest = goxel_digest(digest, parts[i], strlen(parts[i]) + 1);
    return digest;
}

bool goxel_transfer_known(const struct goxel_invocation *in)
{
    struct goxel_transfer *transfer = in->call->transfer;
    size_t len;

    put_version(in, in->project, transfer->etag, sizeof(transfer->etag));
    len = strlen(transfer->etag) - 1;
    (void)snprintf(transfer->etag + len, sizeof(transfer->etag) - len, "-%016llx\"",
                   (unsigned long long)digest_rest(in));
    transfer->unchanged = transfer->if_none_match &&
                          goxel_etag_listed(transfer->if_none_match, transfer->etag, true);
    return transfer->unchanged;
}

int goxel_transfer_check(const struct goxel_invocation *in, const struct goxel_project *project)
{
    const struct goxel_transfer *transfer = in->call->transfer;
    char etag[sizeof(transfer->etag)] = "";

    if (!transfer)
        return 0;
    if (project)
        put_version(in, project, etag, sizeof(etag));
    if (transfer->if_match && !(project && goxel_etag_listed(transfer->if_match, etag, false)))
        return goxel_fail_value(in->detail, GOXEL_ERROR_PRECONDITION, "If-Match", transfer->if_match, "%s%s",
                                project ? etag : "none",
                                project ? ", which the project is at: look at it again"
                                        : ": there is no such project");
    if (transfer->if_none_match && project && goxel_etag_listed(transfer->if_none_match, etag, true))
        return goxel_fail_value(in->detail, GOXEL_ERROR_PRECONDITION, "If-None-Match",
                                transfer->if_none_match, "no project of that name: there is one, at %s",
                                etag);
    return 0;
}
