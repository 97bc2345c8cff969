/* SPDX-License-Identifier: GPL-3.0-or-later */
/* project.backup and project.restore: a project with all that belongs to it, in one file below storage.allowed_roots. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/utf8.h"
#include "rpc/files.h"
#include "rpc/methods/methods.h"
#include "store/backup.h"

#define TEMPORARY_END ".tmp" /* of the copies of store/backup */

static const char *folder_of(const struct goxel_invocation *in)
{
    return goxel_config_string(in->config, GOXEL_OPT_STORAGE_DIRECTORY);
}

struct writing {
    const struct goxel_invocation *in;
    struct goxel_project *version;
    int64_t bytes;
};

static int fill(void *ctx, int fd, struct goxel_detail *detail)
{
    struct writing *writing = ctx;
    int code = goxel_backup_write(folder_of(writing->in), goxel_slot_head(writing->in->slot),
                                  writing->version, fd, detail);

    code = goxel_invocation_check(writing->in, code);
    if (!code)
        writing->bytes = lseek(fd, 0, SEEK_CUR);
    return code;
}

int goxel_project_backup_run(struct goxel_invocation *in)
{
    struct writing writing = {.in = in};
    struct goxel_place place = {0};
    int code = goxel_pending_wait(in);

    if (!code)
        code = goxel_place_open(in->config, goxel_arg_text(in, "path", ""), in->detail, &place);
    if (code)
        return code;
    writing.version = goxel_slot_snapshot(in->slot);
    code = goxel_place_write(&place, fill, &writing, goxel_arg_bool(in, "create_backup", false), in->detail);
    if (!code) {
        goxel_json_put_object(in->out, NULL);
        goxel_json_put_string(in->out, "path", place.path);
        goxel_json_put_count(in->out, "bytes", (uint64_t)writing.bytes);
        goxel_json_put_count(in->out, "version", writing.version->version);
        goxel_json_put_end(in->out);
    }
    goxel_project_unref(writing.version);
    goxel_place_close(&place);
    return code;
}

/* What went wrong with the file, or with the copy of it that is read. */
static const struct {
    int code; /* 0: any other */
    const char *before, *behind;
} told[] = {
    {GOXEL_ERROR_INVALID_DATA, "", " is no backup of a project, or a damaged one"},
    {GOXEL_ERROR_FORMAT_NOT_SUPPORTED, "", ""},
    {0, "a copy of ", " in storage.directory"},
};

/* Nobody knows of the copy: the file that was given stands where its name was. */
static int tell_path(const struct goxel_invocation *in, const char *path, int code)
{
    struct goxel_detail was = *in->detail;
    const char *name = strstr(was.text, TEMPORARY_END), *reason = was.text, *it = "";
    size_t i = 0;

    if (!name && code != GOXEL_ERROR_INVALID_DATA)
        return code;
    while (told[i].code && told[i].code != code)
        i++;
    if (name) {
        reason = name + strlen(TEMPORARY_END);
        it = strncmp(reason, ": ", 2) == 0 ? "" : "it";
        reason += it[0] ? 0 : strlen(": ");
    }
    (void)goxel_fail(in->detail, code, "%s%.110s%s: %s%.100s", told[i].before, path, told[i].behind, it,
                     reason);
    in->detail->errnum = was.errnum;
    (void)goxel_utf8_printable(in->detail->path, sizeof(in->detail->path), path, strlen(path));
    return code;
}

int goxel_project_restore_run(struct goxel_invocation *in)
{
    const char *wanted = goxel_arg_text(in, "project", NULL);
    struct goxel_project *project = NULL, *restored;
    struct goxel_slot *slot = NULL;
    char path[PATH_MAX], name[GOXEL_NAME_MAX + 1];
    int fd = -1, code = goxel_files_open(in->config, goxel_arg_text(in, "path", ""), in->detail, path, &fd);

    if (code)
        return code;
    code = goxel_backup_read(folder_of(in), fd, in->detail, &project);
    close(fd);
    if (code)
        return tell_path(in, path, code);
    goxel_name_copy(name, project->name, strlen(project->name));
    if (project->path &&
        goxel_check_path_owner(in, project->path)) { /* the one that it is a backup of, mostly */
        free(project->path);
        project->path = NULL;
    }
    if ((code = goxel_add_project(in, project, wanted, name, &slot))) {
        goxel_project_unref(project);
        return code;
    }
    restored = goxel_slot_snapshot(slot);
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "project_id", goxel_slot_id(slot));
    goxel_json_put_string(in->out, "name", restored->name);
    goxel_json_put_count(in->out, "layers", restored->layer_count);
    goxel_json_put_count(in->out, "total_voxels", (uint64_t)goxel_project_voxels(restored));
    goxel_json_put_count(in->out, "version", restored->version);
    goxel_json_put_end(in->out);
    goxel_project_unref(restored);
    goxel_slot_unref(slot);
    return 0;
}
