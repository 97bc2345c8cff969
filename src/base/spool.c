/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file is read through a mapping: it is whole and has no name by then, so nobody can cut it short, and its pages are
 * the system's to take back.
 */
#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

void goxel_spool_init(struct goxel_spool *spool, const char *folder, size_t ceiling)
{
    memset(spool, 0, sizeof(*spool));
    spool->folder = folder;
    spool->ceiling = ceiling;
    goxel_buf_init(&spool->head, GOXEL_SPOOL_MEMORY);
}

static void unmap(struct goxel_spool *spool)
{
    if (spool->map)
        (void)munmap(spool->map, spool->len);
    spool->map = NULL;
}

void goxel_spool_finish(struct goxel_spool *spool)
{
    unmap(spool);
    goxel_buf_finish(&spool->head);
    if (spool->fd)
        (void)close(spool->fd - 1);
    memset(spool, 0, sizeof(*spool));
}

/* Where the file system knows no files without a name, one that loses it at once. */
static int open_nameless(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    char path[PATH_MAX];

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return fd;
    if (snprintf(path, sizeof(path), "%s/.spool-XXXXXX", folder) >= (int)sizeof(path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}

/* Who sent the bytes named no file: the error is not theirs. */
static int write_file(const struct goxel_spool *spool, int fd, const void *bytes, size_t len,
                      struct goxel_detail *detail)
{
    int code = goxel_file_write(fd, spool->folder, bytes, len, detail);

    return code == GOXEL_ERROR_FILE_ACCESS ? GOXEL_ERROR_GENERAL : code;
}

static int move_to_file(struct goxel_spool *spool, struct goxel_detail *detail)
{
    int fd = open_nameless(spool->folder), code;

    if (fd < 0)
        return goxel_fail_errno(
            detail, errno == ENOSPC || errno == EDQUOT ? GOXEL_ERROR_STORAGE_FULL : GOXEL_ERROR_GENERAL,
            errno, "no temporary file in", spool->folder);
    code = write_file(spool, fd, spool->head.data ? spool->head.data : "", spool->head.len, detail);
    if (code) {
        (void)close(fd);
        return code;
    }
    spool->fd = fd + 1;
    goxel_buf_finish(&spool->head);
    return 0;
}

int goxel_spool_append(struct goxel_spool *spool, const void *bytes, size_t len, struct goxel_detail *detail)
{
    int code = 0;

    if (len > spool->ceiling - spool->len)
        return goxel_fail_limit(detail, GOXEL_ERROR_MESSAGE_SIZE, "body (bytes)", (int64_t)spool->ceiling,
                                (int64_t)(spool->len + len));
    unmap(spool);
    if (!spool->fd && len > GOXEL_SPOOL_MEMORY - spool->len)
        code = move_to_file(spool, detail);
    if (!code)
        code = spool->fd ? write_file(spool, spool->fd - 1, bytes, len, detail)
                         : goxel_buf_append(&spool->head, bytes, len);
    if (!code)
        spool->len += len;
    return code;
}

int goxel_spool_bytes(struct goxel_spool *spool, struct goxel_detail *detail, const uint8_t **ret_bytes)
{
    void *map = spool->map;

    if (!spool->fd) {
        *ret_bytes = (const uint8_t *)(spool->head.data ? spool->head.data : "");
        return 0;
    }
    if (!map)
        map = mmap(NULL, spool->len, PROT_READ, MAP_PRIVATE, spool->fd - 1, 0);
    if (map == MAP_FAILED)
        return goxel_fail_errno(detail, GOXEL_ERROR_OUT_OF_MEMORY, errno, "mmap", spool->folder);
    (void)madvise(map, spool->len, MADV_SEQUENTIAL);
    spool->map = map;
    *ret_bytes = map;
    return 0;
}

int goxel_spool_take_fd(struct goxel_spool *spool)
{
    int fd = spool->fd - 1;

    if (fd >= 0)
        unmap(spool);
    spool->fd = 0;
    return fd;
}
