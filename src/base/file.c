/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files as a whole. A replacement reaches the disk in this order: the temporary's bytes (fsync), the
 * backup of the old file if one is wanted (a second link, renamed over an older backup), the temporary's
 * name (rename), the folder that holds the names (fsync). A crash before the rename leaves the old
 * file, and perhaps a temporary `.goxel-….tmp`; after it the new one.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define READ_STEP 65536
#define TEMPORARY_SIZE 32
#define TEMPORARY_TRIES 16

static int fail_errno(struct goxel_detail *detail, int errnum, const char *what, const char *path)
{
    return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errnum, what, path);
}

/* ---- reading ---- */

static int fail_size(const char *path, const struct goxel_buf *buf, uint64_t size,
                     struct goxel_detail *detail)
{
    int code = goxel_fail_limit(detail, GOXEL_ERROR_MESSAGE_SIZE, path, (int64_t)buf->ceiling,
                                size < INT64_MAX ? (int64_t)size : INT64_MAX);

    if (detail)
        (void)snprintf(detail->path, sizeof(detail->path), "%s", detail->field);
    return code;
}

static ssize_t read_again(int fd, void *to, size_t len)
{
    ssize_t n;

    do
        n = read(fd, to, len);
    while (n < 0 && errno == EINTR);
    return n;
}

/* To the end of the file, whatever its size was said to be; `buf` keeps what came before a failure. */
static int read_rest(int fd, const char *path, struct goxel_buf *buf, struct goxel_detail *detail)
{
    for (;;) {
        size_t room = buf->ceiling - buf->len;
        char probe; /* a full buffer is no error unless there is one byte more */
        char *to = &probe;
        ssize_t n;

        room = room < READ_STEP ? room : READ_STEP;
        if (room > 0) {
            if (goxel_buf_reserve(buf, room))
                return goxel_fail(detail, buf->failed, "%s", path);
            to = buf->data + buf->len;
        }
        n = read_again(fd, to, room > 0 ? room : 1);
        if (n < 0)
            return fail_errno(detail, errno, "read", path);
        if (n == 0)
            return 0;
        if (room == 0) {
            (void)goxel_buf_reserve(buf, 1);
            return fail_size(path, buf, (uint64_t)buf->ceiling + 1, detail);
        }
        buf->len += (size_t)n;
        buf->data[buf->len] = '\0';
    }
}

int goxel_file_read_fd(int fd, const char *path, struct goxel_buf *buf, struct goxel_detail *detail)
{
    size_t before = buf->len;
    struct stat info;
    int code;

    if (fstat(fd, &info) != 0)
        return fail_errno(detail, errno, "stat", path);
    if (!S_ISREG(info.st_mode))
        return fail_errno(detail, S_ISDIR(info.st_mode) ? EISDIR : EINVAL, "not a regular file:", path);
    if ((uint64_t)info.st_size > SIZE_MAX || goxel_buf_reserve(buf, (size_t)info.st_size)) {
        if (buf->failed == GOXEL_ERROR_OUT_OF_MEMORY)
            return goxel_fail(detail, buf->failed, "%s", path);
        return fail_size(path, buf, (uint64_t)info.st_size, detail);
    }
    code = read_rest(fd, path, buf, detail);
    if (code && buf->data) {
        buf->len = before;
        buf->data[before] = '\0';
    }
    return code;
}

int goxel_file_read(int dirfd, const char *path, struct goxel_buf *buf, struct goxel_detail *detail)
{
    /* O_NONBLOCK: opening a FIFO must not wait for its writer. */
    int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    int code;

    if (fd < 0)
        return fail_errno(detail, errno, "open", path);
    code = goxel_file_read_fd(fd, path, buf, detail);
    (void)close(fd);
    return code;
}

/* ---- replacing ---- */

/* One replacement on its way: the folder, and the temporary in it. */
struct replacement {
    const char *path; /* for messages */
    const char *name; /* the last part of it */
    int folder;
    int fd;
    char temporary[TEMPORARY_SIZE];
    struct goxel_detail *detail;
};

static int open_folder(struct replacement *r, int dirfd)
{
    char folder[PATH_MAX] = ".";
    const char *slash = strrchr(r->path, '/');
    size_t len = slash ? (size_t)(slash - r->path) + 1 : 0;

    r->name = r->path + len;
    if (len >= sizeof(folder))
        return fail_errno(r->detail, ENAMETOOLONG, "open", r->path);
    if (len > 0) {
        memcpy(folder, r->path, len);
        folder[len] = '\0';
    }
    r->folder = openat(dirfd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return r->folder < 0 ? fail_errno(r->detail, errno, "open the folder of", r->path) : 0;
}

/* The old file's mode, if there is one; a device, a FIFO or a folder is not ours to replace. */
static int look_at_old(const struct replacement *r, bool *ret_exists, mode_t *ret_mode)
{
    struct stat info;

    if (r->name[0] == '\0')
        return fail_errno(r->detail, EISDIR, "replace", r->path);
    if (fstatat(r->folder, r->name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT)
            return fail_errno(r->detail, errno, "stat", r->path);
        *ret_exists = false;
        return 0;
    }
    if (!S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode))
        return fail_errno(r->detail, S_ISDIR(info.st_mode) ? EISDIR : EINVAL, "replace", r->path);
    *ret_exists = S_ISREG(info.st_mode); /* a link is replaced, not followed; its mode says nothing */
    *ret_mode = info.st_mode & 0777;
    return 0;
}

static int name_temporary(const struct replacement *r, char ret_name[TEMPORARY_SIZE])
{
    uint64_t suffix = 0;

    if (getrandom(&suffix, sizeof(suffix), 0) != (ssize_t)sizeof(suffix))
        return fail_errno(r->detail, errno, "getrandom for", r->path);
    (void)snprintf(ret_name, TEMPORARY_SIZE, ".goxel-%016llx.tmp", (unsigned long long)suffix);
    return 0;
}

static int open_temporary(struct replacement *r, mode_t mode)
{
    for (int i = 0; i < TEMPORARY_TRIES; i++) {
        int code = name_temporary(r, r->temporary);

        if (code)
            return code;
        r->fd = openat(r->folder, r->temporary,
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, mode);
        if (r->fd >= 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    return fail_errno(r->detail, errno, "create a temporary for", r->path);
}

int goxel_file_follow(const char *path, char whole[PATH_MAX], const char **ret_path,
                      struct goxel_detail *detail)
{
    struct stat st;

    *ret_path = path;
    if (lstat(path, &st) || !S_ISLNK(st.st_mode))
        return 0;
    *ret_path = realpath(path, whole);
    return *ret_path ? 0 : fail_errno(detail, errno, "follow the link", path);
}

int goxel_file_write(int fd, const char *path, const void *bytes, size_t len, struct goxel_detail *detail)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t n = write(fd, at, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(detail, errno, "write", path);
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

int goxel_file_copy(int from, int to, const char *path, struct goxel_detail *detail)
{
    char bytes[65536];
    ssize_t n;
    int code = 0;

    while (!code && (n = read(from, bytes, sizeof(bytes))) != 0) {
        if (n > 0)
            code = goxel_file_write(to, path, bytes, (size_t)n, detail);
        else if (errno != EINTR)
            code = fail_errno(detail, errno, "read", path);
    }
    return code;
}

static int fill_temporary(struct replacement *r, goxel_file_fill *fill, void *ctx)
{
    int code = fill(ctx, r->fd, r->detail);

    if (code)
        return code;
    return fsync(r->fd) != 0 ? fail_errno(r->detail, errno, "fsync", r->path) : 0;
}

/*
 * The old file under a second name: at no moment is there none under the first, nor an older backup
 * gone before the newer one is there.
 */
static int keep_backup(const struct replacement *r, const char *backup)
{
    char link[TEMPORARY_SIZE];
    int code = name_temporary(r, link);

    if (code)
        return code;
    if (linkat(r->folder, r->name, r->folder, link, 0) == 0) {
        if (renameat(r->folder, link, r->folder, backup) != 0)
            code = fail_errno(r->detail, errno, "keep a backup of", r->path);
        /* rename(2) does nothing if both are links to one file already. */
        (void)unlinkat(r->folder, link, 0);
        return code;
    }
    /* Not every file system knows hard links. */
    if ((errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK) &&
        renameat(r->folder, r->name, r->folder, backup) == 0)
        return 0;
    return fail_errno(r->detail, errno, "keep a backup of", r->path);
}

static int rename_temporary(const struct replacement *r)
{
    if (renameat(r->folder, r->temporary, r->folder, r->name) != 0)
        return fail_errno(r->detail, errno, "rename over", r->path);
    return 0;
}

/* Some file systems know no fsync of a folder (EINVAL): they have promised nothing we could wait for. */
static int sync_folder(const struct replacement *r)
{
    if (fsync(r->folder) != 0 && errno != EINVAL && errno != ENOTSUP)
        return fail_errno(r->detail, errno, "fsync the folder of", r->path);
    return 0;
}

int goxel_file_replace_by(int dirfd, const char *path, goxel_file_fill *fill, void *ctx, mode_t mode,
                          const char *backup, struct goxel_detail *detail)
{
    struct replacement r = {.path = path, .folder = -1, .fd = -1, .detail = detail};
    bool exists = false;
    mode_t old_mode = 0;
    int code;

    code = open_folder(&r, dirfd);
    if (code)
        return code;
    code = look_at_old(&r, &exists, &old_mode);
    if (code)
        goto close_folder;
    code = open_temporary(&r, exists ? 0600 : mode);
    if (code)
        goto close_folder;
    if (exists && fchmod(r.fd, old_mode) != 0)
        code = fail_errno(detail, errno, "chmod", path);
    if (!code)
        code = fill_temporary(&r, fill, ctx);
    /* Some file systems report a failed write no earlier than here. */
    if (close(r.fd) != 0 && !code)
        code = fail_errno(detail, errno, "close", path);
    if (!code && exists && backup)
        code = keep_backup(&r, backup);
    if (!code)
        code = rename_temporary(&r);
    if (code)
        (void)unlinkat(r.folder, r.temporary, 0);
    else
        code = sync_folder(&r);
close_folder:
    (void)close(r.folder);
    return code;
}

struct bytes {
    const char *path;
    const void *bytes;
    size_t len;
};

static int fill_bytes(void *ctx, int fd, struct goxel_detail *detail)
{
    const struct bytes *bytes = ctx;

    return goxel_file_write(fd, bytes->path, bytes->bytes, bytes->len, detail);
}

int goxel_file_replace(int dirfd, const char *path, const void *bytes, size_t len, mode_t mode,
                       const char *backup, struct goxel_detail *detail)
{
    struct bytes all = {path, bytes, len};

    return goxel_file_replace_by(dirfd, path, fill_bytes, &all, mode, backup, detail);
}
