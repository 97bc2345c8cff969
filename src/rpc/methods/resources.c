/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What transfers do (rpc/transfer.h): rows of the method table where they do the work, and rows of their own for what goes
 * through a spool, which have no example and are in no list: nobody calls them by name.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/gzip.h"
#include "base/hash.h"
#include "core/replace.h"
#include "rpc/methods/methods.h"

/* Between finding that there is no project of that name and making it, project.create may make it, or somebody delete it. */
#define PUT_TRIES 8
/* Fewer bytes are not worth being compressed. */
#define GZIP_MIN ((size_t)1 << 10)

/* ---- a file or voxels on their way out ---- */

struct outgoing {
    const struct goxel_invocation *in;
    bool compress;
    struct goxel_gzip *gzip; /* NULL: plain, or not begun */
};

/* The first time it is not over yet, so that it is worth it. */
static int drain(void *ctx, const void *bytes, size_t len)
{
    struct outgoing *out = ctx;
    struct goxel_transfer *transfer = out->in->call->transfer;

    if (out->compress && !out->gzip && !(out->gzip = goxel_gzip_create(goxel_gzip_to_spool, &transfer->out)))
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (out->gzip)
        return goxel_gzip_put(out->gzip, bytes, len, false, out->in->detail);
    return goxel_spool_append(&transfer->out, bytes, len, out->in->detail);
}

static int end_out(struct outgoing *out, struct goxel_buf *bytes)
{
    struct goxel_transfer *transfer = out->in->call->transfer;
    int code;

    out->compress = out->compress && (out->gzip || bytes->len >= GZIP_MIN);
    code = goxel_buf_drain(bytes);
    if (!code && out->gzip)
        code = goxel_gzip_put(out->gzip, NULL, 0, true, out->in->detail);
    transfer->encoded = out->gzip != NULL;
    return code;
}

static int fail_size(const struct goxel_invocation *in)
{
    return goxel_fail(in->detail, GOXEL_ERROR_QUOTA,
                      "it would be longer than the %lld MiB of limits.max_file_mb",
                      (long long)goxel_config_int(in->config, GOXEL_OPT_LIMITS_MAX_FILE_MB));
}

int goxel_send_out(const struct goxel_invocation *in, bool compressible, goxel_send_fill *fill, void *ctx)
{
    struct goxel_transfer *transfer = in->call->transfer;
    struct outgoing out = {.in = in, .compress = compressible && transfer->gzip};
    struct goxel_buf bytes;
    int code;

    goxel_buf_init(&bytes, GOXEL_FILE_MAX);
    goxel_buf_set_drain(&bytes, drain, &out);
    code = fill(ctx, &bytes);
    if (!code)
        code = end_out(&out, &bytes);
    goxel_gzip_destroy(out.gzip);
    goxel_buf_finish(&bytes);
    return code == GOXEL_ERROR_MESSAGE_SIZE ? fail_size(in) : code;
}

/* ---- GET /projects/NAME.EXT ---- */

struct export
{
    const struct goxel_invocation *in;
    struct goxel_encoding encoding;
    struct goxel_warnings *warnings;
};

static int fill_export(void *ctx, struct goxel_buf *bytes)
{
    struct export *export = ctx;
    const struct goxel_invocation *in = export->in;

    return goxel_write_model(in, &export->encoding, export->warnings, in->detail, bytes);
}

/* The one beside it, which is asked for with the same query. */
static void tell_companion(struct goxel_transfer *transfer, const struct goxel_encoding *encoding)
{
    const struct goxel_format *format = goxel_format_companion(&encoding->options);

    if (format)
        goxel_transfer_tell(transfer, "Goxel-Companion", "%.*s", (int)strcspn(format->extensions, " "),
                            format->extensions);
}

static int send_export(struct goxel_invocation *in, const struct goxel_choice *choice, struct export *export)
{
    struct goxel_project *part = NULL;
    int code = goxel_choice_part(in, choice, export->warnings, &part);

    export->encoding.project = part;
    export->encoding.name = goxel_arg_text(in, "file", in->call->transfer->project);
    export->encoding.strict = choice->strict;
    if (!code)
        code = goxel_send_out(in, export->encoding.format->text, fill_export, export);
    goxel_project_unref(part);
    return code;
}

int goxel_resource_get(struct goxel_invocation *in)
{
    struct goxel_transfer *transfer = in->call->transfer;
    const struct goxel_choice choice = goxel_choice_of(in);
    struct export export = {.in = in, .warnings = &transfer->warnings};
    int code = goxel_format_choose(transfer->name, NULL, GOXEL_FORMAT_OUT, in->detail,
                                   &export.encoding.format);

    if (code || (code = goxel_choice_options(&choice, export.encoding.format, GOXEL_FORMAT_OUT, in->detail,
                                             &export.encoding.options)))
        return code;
    transfer->media_type = export.encoding.format->media_type;
    tell_companion(transfer, &export.encoding);
    if (goxel_transfer_known(in))
        return 0;
    return send_export(in, &choice, &export);
}

/* ---- PUT /projects/NAME.EXT ---- */

static int read_body(const struct goxel_invocation *in, struct goxel_warnings *warnings,
                     struct goxel_project **ret_model)
{
    const struct goxel_choice choice = goxel_choice_of(in);
    struct goxel_transfer *transfer = in->call->transfer;
    const struct goxel_format *format = transfer->format;
    struct goxel_project *model = NULL;
    const uint8_t *bytes = NULL;
    int code = goxel_spool_bytes(&transfer->body, in->detail, &bytes);

    if (code)
        return code;
    code = goxel_read_model(in, &choice, &format, bytes, transfer->body.len, warnings, &model);
    goxel_spool_finish(&transfer->body);
    if (!code)
        code = goxel_settle_model(model, format, choice.strict, warnings, in->detail);
    if (code) {
        goxel_project_unref(model);
        return code;
    }
    goxel_project_seal(model);
    *ret_model = model;
    return 0;
}

static void put_put(struct goxel_invocation *in, struct goxel_slot *slot, const struct goxel_project *project,
                    bool created, const struct goxel_warnings *warnings)
{
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "project_id", goxel_slot_id(slot));
    goxel_json_put_string(in->out, "name", project->name);
    goxel_json_put_bool(in->out, "created", created);
    goxel_json_put_count(in->out, "layers", project->layer_count);
    goxel_json_put_count(in->out, "total_voxels", (uint64_t)goxel_project_voxels(project));
    goxel_warnings_put(in->out, warnings);
    goxel_json_put_end(in->out);
}

static int replace(struct goxel_invocation *in, struct goxel_project *model,
                   const struct goxel_warnings *warnings)
{
    int code = goxel_project_replace(in->edit, model);

    if (code)
        return code;
    in->changed = true;
    put_put(in, in->slot, in->edit, false, warnings);
    return 0;
}

/* In in->slot, which somebody may take out meanwhile. */
static int put_into(struct goxel_invocation *in, struct goxel_project *model,
                    const struct goxel_warnings *warnings)
{
    int code = goxel_rpc_load(in->rpc, in->slot, in->detail);

    if (!code)
        code = goxel_invocation_edit(in);
    return code ? code : goxel_invocation_end(in, replace(in, model, warnings));
}

/* GOXEL_ERROR_BAD_PROJECT_STATE: there is one by now. On success the model is the workspace's. */
static int put_anew(struct goxel_invocation *in, struct goxel_project *model,
                    const struct goxel_warnings *warnings)
{
    struct goxel_transfer *transfer = in->call->transfer;
    int code = goxel_transfer_check(in, NULL);

    if (!code && goxel_arg(in, "if_version")->given)
        code = goxel_fail_value(in->detail, GOXEL_ERROR_PROJECT_NOT_FOUND, "project", transfer->project,
                                "a project that is there, as if_version is given");
    if (code || (code = goxel_add_project(in, model, transfer->project, NULL, &in->slot)))
        return code;
    in->project = goxel_slot_snapshot(in->slot);
    goxel_transfer_see(in);
    transfer->created = true;
    put_put(in, in->slot, in->project, true, warnings);
    goxel_project_unref((struct goxel_project *)in->project);
    in->project = NULL;
    return 0;
}

static int put_once(struct goxel_invocation *in, struct goxel_project *model,
                    const struct goxel_warnings *warnings)
{
    const char *name = in->call->transfer->project;
    pthread_mutex_t *lock = &in->rpc->put_locks[goxel_hash(0, name, strlen(name)) % GOXEL_SAVE_LOCKS];
    int code;

    pthread_mutex_lock(lock);
    code = goxel_workspace_find(in->rpc->options.workspace, name, &in->slot, in->detail);
    code = code == GOXEL_ERROR_PROJECT_NOT_FOUND ? put_anew(in, model, warnings)
           : code                                ? code
                                                 : put_into(in, model, warnings);
    pthread_mutex_unlock(lock);
    if (in->slot)
        goxel_slot_unref(in->slot);
    in->slot = NULL;
    return code;
}

int goxel_resource_put(struct goxel_invocation *in)
{
    const struct goxel_transfer *transfer = in->call->transfer;
    struct goxel_warnings warnings = {.count = 0};
    const struct goxel_format *format = NULL;
    struct goxel_project *model = NULL;
    int code = goxel_format_choose(transfer->name, NULL, GOXEL_FORMAT_IN, in->detail, &format);

    if (!code)
        code = goxel_name_check(transfer->project, strlen(transfer->project), "name", in->detail);
    if (code || (code = read_body(in, &warnings, &model)))
        return code;
    for (int i = 0; i < PUT_TRIES; i++) {
        code = put_once(in, model, &warnings);
        if (code != GOXEL_ERROR_BAD_PROJECT_STATE && code != GOXEL_ERROR_PROJECT_NOT_FOUND)
            break;
    }
    if (!transfer->created)
        goxel_project_unref(model);
    return code;
}

/* ---- the rows ---- */

#define SERVING \
    (GOXEL_STATE_BIT(DAEMON_STATE_RUNNING) | GOXEL_STATE_BIT(DAEMON_STATE_RELOADING) | \
     GOXEL_STATE_BIT(DAEMON_STATE_STOPPING) | GOXEL_STATE_BIT(DAEMON_STATE_ERROR))

/* clang-format off */
#define PROJECT {"project", GOXEL_PARAM_PROJECT, .required = true, .meaning = "the name in the path"}
#define IF_VERSION {"if_version", GOXEL_PARAM_INT, .min = 0, .max = INT64_C(1) << 53, .meaning = "the project's version"}
#define LAYER {"layer_id", GOXEL_PARAM_LAYER, .meaning = "id, \"current\" or name"}

/* Of a query what is none of the row's parameters is one of these: rpc/transfer.c. */
#define OPTIONS {"options", GOXEL_PARAM_OBJECT, .meaning = "of the format"}
#define STRICT {"strict", GOXEL_PARAM_BOOL, .meaning = "true: what would lose or change something fails"}

static const struct goxel_param get_params[] = {
    {"layers", GOXEL_PARAM_ARRAY, .meaning = "ids and names, with commas between: the others are left out"},
    {"box", GOXEL_PARAM_BOX, .meaning = "x,y,z,x,y,z: both corners, inclusive; what lies outside is left out"},
    {"file", GOXEL_PARAM_STRING, .max = 255, .meaning = "what the client calls it, without its extension: by that name it and the one beside it refer to each other; without it the name in the path"},
    OPTIONS, STRICT, PROJECT, {.name = NULL}};
static const struct goxel_param put_params[] = {OPTIONS, STRICT, PROJECT, IF_VERSION, {.name = NULL}};
static const struct goxel_param get_voxels_params[] = {
    {"region", GOXEL_PARAM_REGION, .meaning = "x,y,z,x,y,z: both corners, inclusive"}, LAYER,
    {"offset", GOXEL_PARAM_INT, .min = 0, .max = INT64_C(1) << 53, .meaning = "voxels to skip"},
    {"limit", GOXEL_PARAM_INT, .min = 0, .max = INT64_C(1) << 53, .meaning = "voxels to give"},
    {"cursor", GOXEL_PARAM_STRING, .max = 255, .meaning = "where an earlier reply was cut"},
    PROJECT, {.name = NULL}};
static const struct goxel_param add_voxels_params[] = {
    {"checksum", GOXEL_PARAM_CHECKSUM, .meaning = "CRC-32 (zlib) of the body, not encoded: 8 hexadecimal digits"},
    {"origin", GOXEL_PARAM_POSITION, .meaning = "x,y,z: added to every position"},
    {"merge_mode", GOXEL_PARAM_CHOICE, .choices = "replace keep", .meaning = "keep leaves voxels that are there as they are"},
    LAYER,
    {"group", GOXEL_PARAM_NAME, .meaning = "edits with the same one are one step of the history"}, IF_VERSION,
    {GOXEL_REQUEST_KEY, GOXEL_PARAM_NAME, .meaning = "an edit with the same one is not carried out again"},
    {"within", GOXEL_PARAM_CHOICE, .choices = "selection", .meaning = "only voxels that are selected are changed"},
    PROJECT, {.name = NULL}};

static const struct goxel_method methods[] = {
    {.name = "GET file", .params = get_params, .lock = GOXEL_LOCK_READ, .states = SERVING | GOXEL_METHOD_LONG, .run = goxel_resource_get},
    {.name = "PUT file", .params = put_params, .lock = GOXEL_LOCK_NONE, .access = GOXEL_ACCESS_EDIT, .states = SERVING | GOXEL_METHOD_GROWS | GOXEL_METHOD_LONG, .run = goxel_resource_put},
    {.name = "GET voxels", .params = get_voxels_params, .lock = GOXEL_LOCK_READ, .states = SERVING, .run = goxel_resource_get_voxels},
    {.name = "POST voxels", .params = add_voxels_params, .lock = GOXEL_LOCK_OWN, .access = GOXEL_ACCESS_EDIT, .states = SERVING | GOXEL_METHOD_GROWS, .run = goxel_resource_add_voxels},
};

const struct goxel_resource_row goxel_resource_rows[] = {
    {GOXEL_RESOURCE_PROJECTS, "GET",    false, "project.list",     NULL},
    {GOXEL_RESOURCE_PROJECT,  "GET",    false, "project.get_info", NULL},
    {GOXEL_RESOURCE_PROJECT,  "GET",    true,  "export.model",     &methods[0]},
    {GOXEL_RESOURCE_PROJECT,  "PUT",    true,  "project.open",     &methods[1]},
    {GOXEL_RESOURCE_PROJECT,  "PUT",    false, "project.open",     &methods[1]},
    {GOXEL_RESOURCE_PROJECT,  "DELETE", false, "project.delete",   NULL},
    {GOXEL_RESOURCE_PROJECT,  "DELETE", true,  "project.delete",   NULL},
    {GOXEL_RESOURCE_VOXELS,   "GET",    false, "voxel.query",      &methods[2]},
    {GOXEL_RESOURCE_VOXELS,   "POST",   false, "voxel.add_batch",  &methods[3]},
    {GOXEL_RESOURCE_PROJECTS, NULL,     false, NULL,               NULL},
};
/* clang-format on */
