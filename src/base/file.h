/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole files: bounded reading, and replacement that is either complete or did not happen.
 *
 * Used by: config, store, rpc, daemon, convert.  Uses: base/buf, base/detail.
 *
 * Paths are relative to `dirfd` as with openat(2) (AT_FDCWD for the working directory). Thread-safe.
 * All return 0, GOXEL_ERROR_FILE_ACCESS (detail: path and errno), GOXEL_ERROR_STORAGE_FULL for
 * ENOSPC and EDQUOT, or the buffer's own failure.
 */
#ifndef GOXEL_BASE_FILE_H
#define GOXEL_BASE_FILE_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/detail.h"

/* Appends a regular file to `buf`; a larger one than its ceiling is GOXEL_ERROR_MESSAGE_SIZE, not memory. */
int goxel_file_read(int dirfd, const char *path, struct goxel_buf *buf, struct goxel_detail *detail);

/* The same from a descriptor that the caller opened and keeps; `path` is for messages only. */
int goxel_file_read_fd(int fd, const char *path, struct goxel_buf *buf, struct goxel_detail *detail);

/*
 * Temporary file in the same folder, write, fsync, rename over `path`, fsync of the folder. On
 * failure the old file is as it was and no temporary is left (unless that last fsync fails: then the
 * new file is there, but may not survive a power cut). An existing file keeps its mode, a new one gets
 * `mode` less the umask. A symbolic link is replaced, not followed; folders, devices and FIFOs are refused.
 *
 * `backup` (NULL: none) is a name in the same folder for an existing file. It is taken once the new bytes
 * are on the disk: until then a failure leaves an older backup as it was.
 */
int goxel_file_replace(int dirfd, const char *path, const void *bytes, size_t len, mode_t mode,
                       const char *backup, struct goxel_detail *detail);

/*
 * The same of what `fill` writes to the descriptor of the temporary, which is synced behind it. It returns 0 or an error with
 * its detail, and then nothing happened.
 */
typedef int goxel_file_fill(void *ctx, int fd, struct goxel_detail *detail);
int goxel_file_replace_by(int dirfd, const char *path, goxel_file_fill *fill, void *ctx, mode_t mode,
                          const char *backup, struct goxel_detail *detail);

/*
 * Where a file of that name is to be written: *ret_path is `path`, or, if it is a symbolic link, `whole` with what it leads to.
 * GOXEL_ERROR_FILE_ACCESS: it leads nowhere.
 */
int goxel_file_follow(const char *path, char whole[PATH_MAX], const char **ret_path,
                      struct goxel_detail *detail);

/* Writes all of the bytes; `path` is for messages. */
int goxel_file_write(int fd, const char *path, const void *bytes, size_t len, struct goxel_detail *detail);
/* All that is behind the position of the one descriptor, to the other. */
int goxel_file_copy(int from, int to, const char *path, struct goxel_detail *detail);

#endif
