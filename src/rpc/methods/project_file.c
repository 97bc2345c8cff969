/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * project.open and project.save: between a project and a file below storage.allowed_roots.
 *
 * A save writes the published version, and then notes in an edit what it wrote: no edit waits for the
 * encoding or for the disk. From beginning to end it holds the slot's save lock, as do project.close and whatever deletes a
 * project, so that no save outlives its project; inside it, while it writes, the lock of the file (rpc/files). Save lock,
 * then edit or file: no other order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "rpc/files.h"
#include "rpc/methods/methods.h"

/* ---- project.open ---- */

/* The file's name without folder and extension, made fit to be a project's. */
static void name_from_path(const char *path, char ret_name[GOXEL_NAME_MAX + 1])
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    size_t len = dot && dot > base ? (size_t)(dot - base) : strlen(base);

    if (goxel_name_check(base, len, "name", NULL) == 0)
        goxel_name_copy(ret_name, base, len);
    else
        goxel_name_copy(ret_name, "Untitled", strlen("Untitled"));
}

int goxel_settle_model(struct goxel_project *model, const struct goxel_format *format, bool strict,
                       struct goxel_warnings *warnings, struct goxel_detail *detail)
{
    struct goxel_layer *layer;
    int code = model->layer_count ? 0 : goxel_project_add_layer(model, NULL, -1, &layer, detail);

    if (code)
        return code;
    if (format->native)
        model->saved_state = model->state;
    else
        goxel_project_touch(model);
    goxel_warn(warnings, "clone and shape layers that cannot be drawn: their voxel_count is 0",
               (int64_t)goxel_project_unshown(model));
    return strict ? goxel_format_check_strict(warnings, detail) : 0;
}

/* Whatever its name, a project's file is one; others go by their names, and by what they are where these say nothing. */
static int choose_format(const char *wanted, const struct goxel_buf *bytes, struct goxel_detail *detail,
                         const struct goxel_format **ret_format)
{
    const uint8_t *at = bytes->data ? (const uint8_t *)bytes->data : (const uint8_t *)"";
    const struct goxel_format *seen = goxel_format_recognise(at, bytes->len);

    if (!seen || (!seen->native && goxel_format_of_path(wanted, GOXEL_FORMAT_IN)))
        return goxel_format_choose(wanted, NULL, GOXEL_FORMAT_IN, detail, ret_format);
    *ret_format = seen;
    return 0;
}

int goxel_read_project(const struct goxel_invocation *in, const struct goxel_choice *choice,
                       const char *wanted, char path[PATH_MAX], struct goxel_warnings *warnings,
                       struct goxel_project **ret_project)
{
    const struct goxel_format *format = NULL;
    struct goxel_project *project = NULL;
    struct goxel_buf bytes;
    int code;

    goxel_buf_init(&bytes, GOXEL_FILE_MAX);
    code = goxel_files_read(in->config, wanted, &bytes, in->detail, path);
    if (!code)
        code = choose_format(wanted, &bytes, in->detail, &format);
    if (!code)
        code = goxel_read_model(in, choice, &format, bytes.data, bytes.len, warnings, &project);
    goxel_buf_finish(&bytes);
    if (!code)
        code = goxel_settle_model(project, format, choice->strict, warnings, in->detail);
    if (!code && format->native && !(project->path = strdup(path)))
        code = GOXEL_ERROR_OUT_OF_MEMORY;
    if (code) {
        goxel_project_unref(project);
        return code;
    }
    *ret_project = project;
    return 0;
}

static void put_opened(struct goxel_invocation *in, struct goxel_slot *slot,
                       const struct goxel_warnings *warnings)
{
    struct goxel_project *project = goxel_slot_snapshot(slot);

    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "project_id", goxel_slot_id(slot));
    goxel_json_put_string(in->out, "name", project->name);
    goxel_json_put_string(in->out, "path", project->path);
    goxel_json_put_count(in->out, "layers", project->layer_count);
    goxel_json_put_count(in->out, "total_voxels", (uint64_t)goxel_project_voxels(project));
    goxel_warnings_put(in->out, warnings);
    goxel_json_put_end(in->out);
    goxel_project_unref(project);
}

/* It was opened from that file, or saved to it, has been closed since, and nothing was changed. */
static bool may_be_left_over(const struct goxel_invocation *in, struct goxel_slot *slot, const char *path)
{
    struct goxel_summary summary;
    bool left_over;

    if (goxel_slot_summary(in->rpc->options.workspace, slot, &summary))
        return false;
    left_over = summary.closed && !summary.modified && summary.path && strcmp(summary.path, path) == 0;
    goxel_summary_finish(&summary);
    return left_over;
}

/* Who opens a file and closes it day after day has one project of it, and not one for each day. */
static int delete_left_over(struct goxel_invocation *in, const char *path)
{
    struct goxel_slot **slots = NULL;
    size_t count = 0;
    int code = goxel_workspace_list(in->rpc->options.workspace, &slots, &count);

    for (size_t i = 0; i < count; i++) {
        if (!code && may_be_left_over(in, slots[i], path)) {
            in->slot = slots[i];
            code = goxel_delete_project(in, path);
            in->slot = NULL;
        }
        goxel_slot_unref(slots[i]);
    }
    free(slots);
    return code;
}

int goxel_project_open_run(struct goxel_invocation *in)
{
    const char *wanted = goxel_arg_text(in, "project", NULL);
    const struct goxel_choice choice = goxel_choice_of(in);
    struct goxel_warnings warnings = {.count = 0};
    struct goxel_project *project = NULL;
    struct goxel_slot *slot = NULL;
    char path[PATH_MAX], name[GOXEL_NAME_MAX + 1];
    int code = goxel_read_project(in, &choice, goxel_arg_text(in, "path", ""), path, &warnings, &project);

    if (code)
        return code;
    project->read_only = goxel_arg_bool(in, "read_only", false);
    name_from_path(path, name);
    if ((code = delete_left_over(in, path)) || (code = goxel_add_project(in, project, wanted, name, &slot))) {
        goxel_project_unref(project);
        return code;
    }
    put_opened(in, slot, &warnings);
    goxel_slot_unref(slot);
    return 0;
}

/* ---- project.save ---- */

/* What one save carries from step to step. */
struct saving {
    struct goxel_invocation *in;
    const struct goxel_save *wanted;
    struct goxel_saved result;
    struct goxel_place place, beside; /* of the file, and of its companion */
    struct goxel_encoding encoding;
    char name[NAME_MAX + 1];           /* of the file without its extension */
    const struct goxel_place *writing; /* what `fd` is of, while it is being written */
    int fd;
    uint64_t state; /* of the project that was encoded */
    bool own;       /* goes to the project's own path */
    bool copy;      /* leaves path and saved_state alone */
};

static int check_compress(const struct goxel_save *wanted, const struct goxel_format *format,
                          struct goxel_detail *detail)
{
    bool compressed = format->native;

    if (!wanted->has_compress || wanted->compress == compressed)
        return 0;
    return goxel_fail_value(detail, GOXEL_ERROR_UNSUPPORTED_OPERATION, "compress",
                            wanted->compress ? "true" : "false", "%s: %s is %s compressed",
                            compressed ? "true" : "false", format->name, compressed ? "always" : "never");
}

/* Where to, as what, and may it be. */
static int choose_target(struct goxel_invocation *in, struct saving *saving)
{
    const struct goxel_project *project = in->project;
    const char *path = saving->wanted->path ? saving->wanted->path : project->path;
    const struct goxel_format *format = NULL, *wanted = saving->wanted->format;
    char *dot;
    int code;

    if (!path)
        return goxel_fail_value(in->detail, GOXEL_ERROR_BAD_PROJECT_STATE, "path", NULL,
                                "one, as the project has none yet: project.save with a path gives it one");
    if (wanted)
        format = wanted;
    else if (!saving->wanted->path)
        format = goxel_format_named("gox", GOXEL_FORMAT_OUT); /* no other one gives it a path */
    else if ((code = goxel_format_choose(path, NULL, GOXEL_FORMAT_OUT, in->detail, &format)))
        return code;
    if ((code = check_compress(saving->wanted, format, in->detail)) ||
        (code = goxel_place_open(in->config, path, in->detail, &saving->place)))
        return code;
    if (project->read_only && project->path && strcmp(saving->place.path, project->path) == 0)
        return goxel_fail(in->detail, GOXEL_ERROR_BAD_PROJECT_STATE,
                          "the project was opened read-only: give another path");
    saving->own = project->path && strcmp(saving->place.path, project->path) == 0;
    if (saving->own && !format->native)
        return goxel_fail_value(in->detail, GOXEL_ERROR_FORMAT_NOT_SUPPORTED, "format", format->name,
                                "gox, as it is the project's own file (give another path)");
    saving->copy = project->read_only || !format->native || (saving->wanted->copy && !saving->own);
    saving->result.format = format;
    saving->state = project->state;
    (void)snprintf(saving->name, sizeof(saving->name), "%s", saving->place.name);
    if ((dot = strrchr(saving->name, '.')) && dot > saving->name)
        *dot = '\0';
    memcpy(saving->result.path, saving->place.path, sizeof(saving->result.path));
    return 0;
}

static int drain(void *ctx, const void *bytes, size_t len)
{
    const struct saving *saving = ctx;

    return goxel_file_write(saving->fd, saving->writing->path, bytes, len, saving->in->detail);
}

/* It goes to the disk as it is made: however long the file is, there is a little of it in memory. */
static int encode(struct saving *saving, const struct goxel_encoding *encoding, int fd,
                  struct goxel_warnings *warnings, struct goxel_detail *detail, size_t *ret_bytes)
{
    struct goxel_invocation *in = saving->in;
    struct goxel_buf bytes;
    int code;

    saving->fd = fd;
    goxel_buf_init(&bytes, GOXEL_FILE_MAX);
    goxel_buf_set_drain(&bytes, drain, saving);
    code = goxel_write_model(in, encoding, warnings, detail, &bytes);
    if (!code)
        code = goxel_buf_drain(&bytes);
    if (code == GOXEL_ERROR_MESSAGE_SIZE)
        code = goxel_fail(detail, GOXEL_ERROR_QUOTA, "the file would be longer than %zu bytes",
                          GOXEL_FILE_MAX);
    code = goxel_invocation_check(in, code);
    *ret_bytes = bytes.drained;
    goxel_buf_finish(&bytes);
    return code;
}

/* ---- the file beside it ---- */

/* What is lost of the project the file itself tells. */
static int encode_companion(void *ctx, int fd, struct goxel_detail *detail)
{
    struct saving *saving = ctx;
    struct goxel_encoding encoding = goxel_encoding_companion(&saving->encoding);
    size_t bytes;

    saving->writing = &saving->beside;
    return encode(saving, &encoding, fd, NULL, detail, &bytes);
}

static int open_companion(struct saving *saving)
{
    const struct goxel_format *format = goxel_format_companion(&saving->encoding.options);
    size_t stem = strlen(saving->place.path) - (strlen(saving->place.name) - strlen(saving->name));
    struct goxel_buf path;
    int code;

    if (!format)
        return 0;
    goxel_buf_init(&path, PATH_MAX);
    goxel_buf_append(&path, saving->place.path, stem);
    goxel_buf_printf(&path, ".%.*s", (int)strcspn(format->extensions, " "), format->extensions);
    code = path.failed ? path.failed
                       : goxel_place_open(saving->in->config, path.data, saving->in->detail, &saving->beside);
    goxel_buf_finish(&path);
    if (!code && strcmp(saving->beside.path, saving->place.path) == 0)
        code = goxel_fail_value(saving->in->detail, GOXEL_ERROR_INVALID_PARAMS, "path", saving->place.path,
                                "another extension: the file that goes with it would have the same name");
    return code ? code : goxel_check_path_owner(saving->in, saving->beside.path);
}

static int write_companion(struct saving *saving, struct goxel_detail *detail)
{
    int code;

    if (!goxel_format_companion(&saving->encoding.options))
        return 0;
    code = goxel_place_write_beside(&saving->beside, encode_companion, saving, saving->wanted->backup,
                                    detail);
    if (!code)
        memcpy(saving->result.companion, saving->beside.path, sizeof(saving->result.companion));
    return code;
}

/* Once all of the file could be written, and before it is there: what it refers to is. */
static int encode_file(void *ctx, int fd, struct goxel_detail *detail)
{
    struct saving *saving = ctx;
    int code;

    saving->writing = &saving->place;
    code = encode(saving, &saving->encoding, fd, &saving->result.warnings, detail, &saving->result.bytes);
    return code ? code : write_companion(saving, detail);
}

/* The project of a slot has that path: GOXEL_ERROR_BAD_PROJECT_STATE, and who it is. */
static int check_not_its(const struct goxel_invocation *in, struct goxel_slot *slot, const char *path)
{
    struct goxel_summary summary;
    int code = goxel_slot_summary(in->rpc->options.workspace, slot, &summary);

    if (code)
        return code;
    if (goxel_slot_is_open(slot) && !summary.closed && summary.path && strcmp(summary.path, path) == 0) {
        code = goxel_fail(in->detail, GOXEL_ERROR_BAD_PROJECT_STATE,
                          "%.80s belongs to the open project %.60s: close it or choose another path", path,
                          summary.name);
        if (in->detail)
            (void)goxel_utf8_printable(in->detail->path, sizeof(in->detail->path), path, strlen(path));
    }
    goxel_summary_finish(&summary);
    return code;
}

int goxel_check_path_owner(const struct goxel_invocation *in, const char *path)
{
    struct goxel_slot **slots = NULL;
    size_t count = 0;
    int code = goxel_workspace_list(in->rpc->options.workspace, &slots, &count);

    for (size_t i = 0; i < count; i++) {
        if (!code)
            code = check_not_its(in, slots[i], path);
        goxel_slot_unref(slots[i]);
    }
    free(slots);
    return code;
}

static void note_saved(struct goxel_invocation *in, const struct saving *saving)
{
    char *path = strdup(saving->place.path);
    struct goxel_edit edit;

    /* The file is written whatever happens here: without memory for the note the project stays "modified". */
    if (!path || goxel_head_begin(goxel_slot_head(in->slot), &edit)) {
        free(path);
        return;
    }
    free(edit.project->path);
    edit.project->path = path;
    edit.project->saved_state = saving->state;
    (void)goxel_head_commit(goxel_slot_head(in->slot), &edit, NULL, NULL);
}

pthread_mutex_t *goxel_save_lock(const struct goxel_invocation *in)
{
    size_t hash = 0;

    for (const char *c = goxel_slot_id(in->slot); *c; c++)
        hash = hash * 31 + (unsigned char)*c;
    return &in->rpc->save_locks[hash % GOXEL_SAVE_LOCKS];
}

/* The part of the project that goes out, as the file wants it. */
static int choose_encoding(struct goxel_invocation *in, struct saving *saving,
                           struct goxel_project **ret_part)
{
    const struct goxel_choice *choice = &saving->wanted->choice;
    int code = goxel_choice_options(choice, saving->result.format, GOXEL_FORMAT_OUT, in->detail,
                                    &saving->encoding.options);

    if (!code)
        code = goxel_choice_part(in, choice, &saving->result.warnings, ret_part);
    if (code)
        return code;
    saving->encoding.format = saving->result.format;
    saving->encoding.project = *ret_part;
    saving->encoding.name = saving->name;
    saving->encoding.strict = choice->strict;
    return 0;
}

static int write_files(struct goxel_invocation *in, struct saving *saving)
{
    struct goxel_project *part = NULL;
    int code = choose_encoding(in, saving, &part);

    if (!code)
        code = open_companion(saving);
    if (!code)
        code = goxel_place_write(&saving->place, encode_file, saving, saving->wanted->backup, in->detail);
    goxel_project_unref(part);
    return code;
}

/* What is read stays what it is until it is written. */
static int save_version(struct goxel_invocation *in, struct saving *saving)
{
    int code = goxel_invocation_read(in);

    if (code)
        return code;
    code = choose_target(in, saving);
    if (!code && !saving->own)
        code = goxel_check_path_owner(in, saving->place.path);
    if (!code)
        code = write_files(in, saving);
    return goxel_invocation_end(in, code);
}

int goxel_save_project(struct goxel_invocation *in, const struct goxel_save *save,
                       struct goxel_saved *ret_saved)
{
    struct saving saving = {.in = in, .wanted = save};
    int code = goxel_pending_wait(in);

    if (!code)
        code = save_version(in, &saving);
    if (!code && !saving.copy)
        note_saved(in, &saving);
    goxel_place_close(&saving.place);
    goxel_place_close(&saving.beside);
    if (!code)
        *ret_saved = saving.result;
    return code;
}

int goxel_save_in_turn(struct goxel_invocation *in, const struct goxel_save *save,
                       struct goxel_saved *ret_saved)
{
    pthread_mutex_t *lock = goxel_save_lock(in);
    int code;

    pthread_mutex_lock(lock);
    code = goxel_save_project(in, save, ret_saved);
    pthread_mutex_unlock(lock);
    return code;
}

void goxel_put_saved(struct goxel_json_writer *w, const struct goxel_saved *saved)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "path", saved->path);
    goxel_json_put_string(w, "format", saved->format->name);
    goxel_json_put_count(w, "bytes", saved->bytes);
    if (saved->companion[0]) {
        goxel_json_put_array(w, "companions");
        goxel_json_put_string(w, NULL, saved->companion);
        goxel_json_put_end(w);
    }
    goxel_warnings_put(w, &saved->warnings);
    goxel_json_put_end(w);
}

int goxel_project_save_run(struct goxel_invocation *in)
{
    const struct goxel_value *compress = goxel_arg(in, "compress");
    struct goxel_save save = {
        .path = goxel_arg_text(in, "path", NULL),
        .backup = goxel_arg_bool(in, "create_backup", false),
        .has_compress = compress->given,
        .compress = compress->given && compress->flag,
        .choice = goxel_choice_of(in),
    };
    const char *format = goxel_arg_text(in, "format", NULL);
    struct goxel_saved saved;
    int code;

    if (format && (code = goxel_format_choose("", format, GOXEL_FORMAT_OUT, in->detail, &save.format)))
        return code;
    code = goxel_save_in_turn(in, &save, &saved);
    if (code)
        return code;
    goxel_put_saved(in->out, &saved);
    return 0;
}
