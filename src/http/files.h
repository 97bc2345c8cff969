/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The web console's files, in memory.
 *
 * Used by: http.  Uses: base.
 *
 * A request is answered from this table alone. The file system is not touched for it, so no path that a
 * client makes up leads out of the folder, and the console is there in a chroot too.
 *
 * Life: read once, when the front is made; immutable from then on, any thread may look.
 */
#ifndef GOXEL_HTTP_FILES_H
#define GOXEL_HTTP_FILES_H

#include <stdbool.h>
#include <stddef.h>

#define GOXEL_WWW_FILES_MAX 64
#define GOXEL_WWW_BYTES_MAX ((size_t)1 << 20)
#define GOXEL_WWW_NAME_MAX 63

struct goxel_www_file {
    char name[GOXEL_WWW_NAME_MAX + 1];
    const char *type; /* media type, from the name's ending */
    char etag[40];    /* of the content, in its quotes (RFC 9110, 8.8.3) */
    char *bytes;      /* NULL if empty */
    size_t len;
    char *gzip; /* the same compressed, NULL: that is not worth it */
    size_t gzip_len;
    char gzip_etag[48];
};

struct goxel_www {
    struct goxel_www_file rows[GOXEL_WWW_FILES_MAX];
    size_t count;
};

/*
 * Reads the regular files directly in `folder`. What has other characters in its name than letters, digits,
 * ".", "_" and "-", an unknown ending, too many bytes, no place any more, or is a symbolic link, is left out
 * with a line in the log; names that begin with a dot are left out in silence. A daemon without its console
 * is better than none: NULL, and a line in the log that says why, if the folder cannot be read.
 */
struct goxel_www *goxel_www_read(const char *folder);
void goxel_www_destroy(struct goxel_www *www); /* NULL is fine */

/* By the raw path of a request: "/" is index.html, "/NAME" a file. NULL: there is none; `www` may be NULL. */
const struct goxel_www_file *goxel_www_find(const struct goxel_www *www, const char *path);

/* Does the client have it already? `if_none_match` is that header (RFC 9110, 13.1.2) or NULL. */
bool goxel_www_matches(const struct goxel_www_file *file, const char *if_none_match);

#endif
