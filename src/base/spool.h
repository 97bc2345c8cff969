/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes that may be many: in memory as long as they are few, from then on in a file that has no name.
 *
 * Used by: rpc, http.  Uses: base/buf, base/detail.
 *
 * What strangers send and fetch as files passes through here, so that none of them holds more than GOXEL_SPOOL_MEMORY
 * bytes of memory, however slow they are. The file goes when the spool does, and with the process at the latest.
 *
 * Life: embedded by its owner, `init` to `finish`; one thread at a time. The folder outlives it.
 */
#ifndef GOXEL_BASE_SPOOL_H
#define GOXEL_BASE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/detail.h"

#define GOXEL_SPOOL_MEMORY ((size_t)256 << 10)

struct goxel_spool {
    struct goxel_buf head; /* all bytes, until there is a file */
    int fd;                /* of the file, plus 1, so that zero means none */
    size_t len, ceiling;
    const char *folder;
    void *map; /* the file, once somebody has looked at its bytes; NULL */
};

void goxel_spool_init(struct goxel_spool *spool, const char *folder, size_t ceiling);
void goxel_spool_finish(struct goxel_spool *spool); /* a zeroed or finished one, too */

/*
 * GOXEL_ERROR_MESSAGE_SIZE above the ceiling, GOXEL_ERROR_STORAGE_FULL, GOXEL_ERROR_GENERAL (errno) where the folder
 * takes no file, GOXEL_ERROR_OUT_OF_MEMORY. What was there before is there still.
 */
int goxel_spool_append(struct goxel_spool *spool, const void *bytes, size_t len, struct goxel_detail *detail);

/* All of it, never NULL, until more is appended or it ends. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_spool_bytes(struct goxel_spool *spool, struct goxel_detail *detail, const uint8_t **ret_bytes);

/* The descriptor of the file, the caller's from here on, for reading; -1: the bytes are in `head`, or it has none left. */
int goxel_spool_take_fd(struct goxel_spool *spool);

/* How many of its bytes are in memory. */
static inline size_t goxel_spool_held(const struct goxel_spool *spool)
{
    return spool->fd ? 0 : spool->len;
}

#endif
