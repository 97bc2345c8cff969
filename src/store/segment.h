/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file of the journal. Layout: store/journal.c.
 *
 * Used by: store/journal.  Uses: base.
 *
 * Life: embedded, `create` to `close`; one thread.
 */
#ifndef GOXEL_STORE_SEGMENT_H
#define GOXEL_STORE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/detail.h"

#define GOXEL_SEGMENT_HEAD 32 /* bytes */
#define GOXEL_GROUP_HEAD 24

/* ---- names ---- */

#define GOXEL_SEGMENT_NAME_SIZE 40
void goxel_segment_name(uint64_t number, char ret_name[GOXEL_SEGMENT_NAME_SIZE]); /* "journal-7.log" */
uint64_t goxel_segment_number(const char *name);                                  /* 0: no such name */

/* ---- writing ---- */

struct goxel_segment {
    int fd, dirfd;
    uint64_t number, first; /* its own, and the sequence it begins with */
    size_t size, used;      /* bytes preallocated, and of them those in use */
};

/*
 * A new file of so many bytes, all zeros but its head, on the disk with its name. GOXEL_ERROR_FILE_ACCESS,
 * GOXEL_ERROR_STORAGE_FULL; then there is none.
 */
int goxel_segment_create(int dirfd, uint64_t number, uint64_t first, size_t size, struct goxel_detail *detail,
                         struct goxel_segment *ret_segment);
/* What was not used goes, and the file with it if nothing was. */
void goxel_segment_close(struct goxel_segment *segment);

/* A group's head for payload that lies behind it: both are one write. */
void goxel_group_seal(uint8_t *group, size_t payload, uint64_t sequence, uint32_t count);

/* Behind what is there; the room must be there. The same two errors. */
int goxel_segment_write(struct goxel_segment *segment, const void *group, size_t len,
                        struct goxel_detail *detail);
int goxel_segment_sync(struct goxel_segment *segment, struct goxel_detail *detail);

/* ---- reading ---- */

struct goxel_group {
    uint64_t sequence; /* of its first record */
    uint32_t count;
    const uint8_t *payload;
    size_t len, whole; /* bytes of the payload, and with its head up to the next group */
};

/* False: it is no segment; *ret_format is that of a newer daemon, or 0. */
bool goxel_segment_parse(const struct goxel_buf *bytes, uint64_t number, uint64_t *ret_first,
                         uint32_t *ret_format);
/* The group at an offset that is a multiple of 8. False: there is no whole one. */
bool goxel_group_at(const struct goxel_buf *bytes, size_t at, struct goxel_group *ret_group);

#endif
