/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The store's folder: opened, made if it is missing, and locked against another daemon.
 *
 * Used by: store.  Uses: base.
 *
 * Life: embedded in the store, `open` to `close`. The lock is one of `lock` in the folder (flock(2)), held until
 * the close or the process's end; the file stays, with the PID of whoever had it last.
 */
#ifndef GOXEL_STORE_FOLDER_H
#define GOXEL_STORE_FOLDER_H

#include <stdbool.h>

#include "base/detail.h"

#define GOXEL_LOCK_NAME "lock"

struct goxel_folder {
    char *path; /* owned; for messages */
    int fd;     /* what files are opened below */
    int lock;
};

/* GOXEL_ERROR_FILE_ACCESS, GOXEL_ERROR_STORAGE_FULL, GOXEL_ERROR_LOCKED (another daemon), GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_folder_open(const char *path, struct goxel_detail *detail, struct goxel_folder *ret_folder);
void goxel_folder_close(struct goxel_folder *folder); /* zeroed or closed is fine */

/* Makes a folder in an open one, unless it is there, on the disk when it returns. The first two errors. */
int goxel_folder_make(int dirfd, const char *name, struct goxel_detail *detail);

/* Every name in an open folder but "." and "..". `visit` may remove or rename it. */
void goxel_folder_each(int fd, void (*visit)(void *ctx, int fd, const char *name), void *ctx);

/* Removes the files for whose name `wanted` is false. What cannot be removed stays. */
typedef bool goxel_folder_wanted(void *ctx, const char *name);
void goxel_folder_sweep(const struct goxel_folder *folder, goxel_folder_wanted *wanted, void *ctx);

#endif
