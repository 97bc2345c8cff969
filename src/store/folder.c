/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders are made durable as well: a list that survives a power cut in a folder that did not is lost. */
#include "store/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static int fail(struct goxel_detail *detail, int errnum, const char *what, const char *path)
{
    return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errnum, what, path);
}

/* Makes the last part of `path`, and puts it on the disk. What is wrong, the opening will tell. */
static void make_one(char *path)
{
    char *slash = strrchr(path, '/');
    int parent;

    if (mkdir(path, 0750) != 0)
        return;
    if (slash)
        *slash = '\0';
    parent = open(!slash ? "." : slash == path ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (slash)
        *slash = '/';
    if (parent < 0)
        return;
    (void)fsync(parent);
    (void)close(parent);
}

static void make_folders(const char *path)
{
    char prefix[PATH_MAX];
    size_t len = strlen(path);

    if (len >= sizeof(prefix))
        return;
    for (size_t i = 1; i <= len; i++) {
        if ((path[i] != '/' && path[i] != '\0') || path[i - 1] == '/')
            continue;
        memcpy(prefix, path, i);
        prefix[i] = '\0';
        make_one(prefix);
    }
}

static int open_folder(struct goxel_folder *folder, struct goxel_detail *detail)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

    folder->fd = open(folder->path, flags);
    if (folder->fd < 0 && errno == ENOENT) {
        make_folders(folder->path);
        folder->fd = open(folder->path, flags);
    }
    return folder->fd < 0 ? fail(detail, errno, "open storage.directory", folder->path) : 0;
}

/* Who has the lock says so in its file, as far as the disk lets it. */
static void sign_lock(int lock)
{
    if (ftruncate(lock, 0) == 0)
        (void)dprintf(lock, "%ld\n", (long)getpid());
}

/* 0: it has not said so yet. */
static long holder_of(int lock)
{
    char text[24] = "";

    return pread(lock, text, sizeof(text) - 1, 0) > 0 ? strtol(text, NULL, 10) : 0;
}

static int fail_locked(const struct goxel_folder *folder, struct goxel_detail *detail)
{
    long holder = holder_of(folder->lock);
    char pid[32] = "";

    if (holder > 0)
        (void)snprintf(pid, sizeof(pid), " (PID %ld)", holder);
    return goxel_fail(detail, GOXEL_ERROR_LOCKED, "a daemon%s uses %.160s: stop it, or use another folder",
                      pid, folder->path);
}

static int lock_folder(struct goxel_folder *folder, struct goxel_detail *detail)
{
    int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

    folder->lock = openat(folder->fd, GOXEL_LOCK_NAME, flags, 0640);
    if (folder->lock < 0)
        return fail(detail, errno, "make a lock in storage.directory", folder->path);
    if (flock(folder->lock, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? fail_locked(folder, detail)
                                    : fail(detail, errno, "lock storage.directory", folder->path);
    sign_lock(folder->lock);
    return 0;
}

int goxel_folder_open(const char *path, struct goxel_detail *detail, struct goxel_folder *ret_folder)
{
    struct goxel_folder folder = {.path = strdup(path), .fd = -1, .lock = -1};
    int code;

    if (!folder.path)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the store");
    code = open_folder(&folder, detail);
    if (!code)
        code = lock_folder(&folder, detail);
    if (code) {
        goxel_folder_close(&folder);
        return code;
    }
    *ret_folder = folder;
    return 0;
}

void goxel_folder_close(struct goxel_folder *folder)
{
    if (!folder->path)
        return;
    if (folder->lock >= 0)
        (void)close(folder->lock);
    if (folder->fd >= 0)
        (void)close(folder->fd);
    free(folder->path);
    *folder = (struct goxel_folder){.fd = -1, .lock = -1};
}

int goxel_folder_make(int dirfd, const char *name, struct goxel_detail *detail)
{
    if (mkdirat(dirfd, name, 0750) == 0)
        return fsync(dirfd) == 0 ? 0 : fail(detail, errno, "sync the folder of", name);
    return errno == EEXIST ? 0 : fail(detail, errno, "make the folder", name);
}

void goxel_folder_each(int fd, void (*visit)(void *ctx, int fd, const char *name), void *ctx)
{
    /* A description of its own: the position in it is not shared. */
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = own < 0 ? NULL : fdopendir(own);

    if (!dir) {
        if (own >= 0)
            (void)close(own);
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            visit(ctx, fd, entry->d_name);
    }
    (void)closedir(dir);
}

struct sweep {
    goxel_folder_wanted *wanted;
    void *ctx;
};

static void sweep_name(void *ctx, int fd, const char *name)
{
    const struct sweep *sweep = ctx;

    if (!sweep->wanted(sweep->ctx, name))
        (void)unlinkat(fd, name, 0);
}

void goxel_folder_sweep(const struct goxel_folder *folder, goxel_folder_wanted *wanted, void *ctx)
{
    struct sweep sweep = {wanted, ctx};

    goxel_folder_each(folder->fd, sweep_name, &sweep);
}
