/* SPDX-License-Identifier: GPL-3.0-or-later */
/* project.backup and project.restore: a project with all that belongs to it, in one file below storage.allowed_roots. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "rpc/files.h"
#include "rpc/methods/methods.h"
#include "store/backup.h"

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
    code = goxel_place_write_by(&place, fill, &writing, goxel_arg_bool(in, "create_backup", false),
                                in->detail);
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

/* What was read was a copy, of which nobody knows. */
static int tell_path(const struct goxel_invocation *in, const char *path, int code)
{
    char reason[sizeof(in->detail->text)];
    const char *behind = strstr(in->detail->text, ".tmp: ");

    if (code != GOXEL_ERROR_INVALID_DATA)
        return code;
    (void)snprintf(reason, sizeof(reason), "%s", behind ? behind + strlen(".tmp: ") : in->detail->text);
    return goxel_fail(in->detail, code, "%.120s is no backup of a project, or a damaged one: %.120s", path,
                      reason);
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
