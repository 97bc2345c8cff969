/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "store/database.h"

static int name_temporary(const char *folder, char ret_path[PATH_MAX], struct goxel_detail *detail)
{
    uint64_t suffix = 0;

    if (getrandom(&suffix, sizeof(suffix), 0) != (ssize_t)sizeof(suffix) ||
        snprintf(ret_path, PATH_MAX, "%s/.goxel-%016llx.tmp", folder, (unsigned long long)suffix) >= PATH_MAX)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, ENAMETOOLONG, "make a temporary in", folder);
    return 0;
}

/* From the temporary to the descriptor. */
static int send(const char *path, int fd, struct goxel_detail *detail)
{
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), code;

    if (from < 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "open", path);
    code = goxel_file_copy(from, fd, path, detail);
    (void)close(from);
    return code;
}

static int save(const char *path, struct goxel_head *head, struct goxel_project *version,
                struct goxel_detail *detail)
{
    struct goxel_checkpoint checkpoint;
    struct goxel_database *database = NULL;
    int code = goxel_database_open(path, true, detail, &database);

    if (code)
        return code;
    code = goxel_checkpoint_take(head, version, detail, &checkpoint);
    if (!code) {
        code = goxel_database_save(database, &checkpoint, detail);
        goxel_checkpoint_finish(&checkpoint);
    }
    goxel_database_close(database);
    return code;
}

int goxel_backup_write(const char *folder, struct goxel_head *head, struct goxel_project *version, int fd,
                       struct goxel_detail *detail)
{
    char path[PATH_MAX];
    int code = name_temporary(folder, path, detail);

    if (code)
        return code;
    code = save(path, head, version, detail);
    if (!code)
        code = send(path, fd, detail);
    (void)unlink(path);
    return code;
}

static int receive(const char *path, int fd, struct goxel_detail *detail)
{
    int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), code;

    if (to < 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "make", path);
    code = goxel_file_copy(fd, to, path, detail);
    if (close(to) != 0 && !code)
        code = goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "close", path);
    return code;
}

/* Clients count with doubles. Nobody has come that far. */
#define VERSION_END (UINT64_C(1) << 53)

static int check_version(const struct goxel_project *project, struct goxel_detail *detail)
{
    if (project->version < VERSION_END && project->state < VERSION_END && project->saved_state < VERSION_END)
        return 0;
    return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "its version, %llu, is too high",
                      (unsigned long long)project->version);
}

static int load(const char *path, struct goxel_detail *detail, struct goxel_project **ret_project)
{
    static const struct goxel_database_load how = {.bytes_max = UINT64_MAX};
    struct goxel_database *database = NULL;
    struct goxel_project *project = NULL;
    int code = goxel_database_open(path, false, detail, &database);

    if (!code)
        code = goxel_database_load(database, &how, detail, &project);
    if (!code && !project)
        code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "there is no project in it");
    if (!code)
        code = check_version(project, detail);
    /* A copy: the database has a reference to the other, and chains of its history. */
    if (!code && (*ret_project = goxel_project_copy(project)))
        (*ret_project)->is_version = true; /* with the history, which nobody else has from here on */
    else if (!code)
        code = goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the project");
    goxel_project_unref(project);
    goxel_database_close(database);
    return code;
}

int goxel_backup_read(const char *folder, int fd, struct goxel_detail *detail,
                      struct goxel_project **ret_project)
{
    char path[PATH_MAX];
    int code = name_temporary(folder, path, detail);

    if (code)
        return code;
    code = receive(path, fd, detail);
    if (!code)
        code = load(path, detail, ret_project);
    (void)unlink(path);
    return code;
}
