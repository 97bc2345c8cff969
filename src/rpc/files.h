/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Paths from clients, held below the folders of storage.allowed_roots.
 *
 * Used by: rpc alone.  Uses: config, base.
 *
 * An absolute path lies below the longest root that it begins with; a relative one below the first
 * root. The kernel follows it from a descriptor of that root and refuses to leave it, by "..", by a
 * symbolic link or by a magic one. Only regular files are touched, and no folder is made. What lies in
 * storage.directory may be read, and never written.
 *
 * All return 0, GOXEL_ERROR_FILE_ACCESS (path, errno; the roots as what was expected), or what
 * base/file.h gives.
 */
#ifndef GOXEL_RPC_FILES_H
#define GOXEL_RPC_FILES_H

#include <limits.h>

#include "base/buf.h"
#include "base/detail.h"
#include "base/file.h"
#include "config/config.h"

/*
 * A file's place: the folder is open, the file need not exist. Life: filled by `goxel_place_open`,
 * ended by `goxel_place_close`, which takes a zeroed one too; one thread.
 */
struct goxel_place {
    int dirfd;               /* plus 1, so that zero means none */
    char name[NAME_MAX + 1]; /* of the file in that folder */
    char path[PATH_MAX];     /* the whole path, absolute, without links below the root: one for each file */
};

int goxel_place_open(const struct goxel_config *config, const char *path, struct goxel_detail *detail,
                     struct goxel_place *ret_place);
void goxel_place_close(struct goxel_place *place);

/*
 * Replaces the file by what `fill` writes, complete or not at all; with `backup` an existing one is kept as NAME~. Writers
 * of one file take turns.
 */
int goxel_place_write(const struct goxel_place *place, goxel_file_fill *fill, void *ctx, bool backup,
                      struct goxel_detail *detail);

/*
 * The same from inside of the `fill` of another place, for a file that belongs to that one: it takes no turn of its own, and is whole all
 * the same.
 */
int goxel_place_write_beside(const struct goxel_place *place, goxel_file_fill *fill, void *ctx, bool backup,
                             struct goxel_detail *detail);

/* A regular file, to be read and closed. `ret_path` gets the whole path. */
int goxel_files_open(const struct goxel_config *config, const char *path, struct goxel_detail *detail,
                     char ret_path[PATH_MAX], int *ret_fd);

/* Appends the file's bytes; the ceiling of `buf` holds. `ret_path` gets the whole path, as in a place. */
int goxel_files_read(const struct goxel_config *config, const char *path, struct goxel_buf *buf,
                     struct goxel_detail *detail, char ret_path[PATH_MAX]);

#endif
