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

#define GOXEL_SEGMENT_FORMAT 1
#define GOXEL_SEGMENT_HEAD 40 /* bytes */
#define GOXEL_GROUP_HEAD 28

/* ---- names ---- */

#define GOXEL_SEGMENT_NAME_SIZE 40
void goxel_segment_name(uint64_t number, char ret_name[GOXEL_SEGMENT_NAME_SIZE]); /* "journal-7.log" */
uint64_t goxel_segment_number(const char *name);                                  /* 0: no such name */

/* ---- writing ---- */

struct goxel_segment {
    int fd, dirfd;
    uint64_t number, first; /* its own, and the sequence it begins with */
    uint32_t salt;          /* what its CRCs begin with: no bytes of a client's are taken for a group */
    size_t size, used;      /* bytes preallocated, and of them those in use */
};

/*
 * A new file of so many bytes, all zeros but its head, on the disk with its name. GOXEL_ERROR_STORAGE_FULL: there is
 * none. GOXEL_ERROR_FILE_ACCESS: there may be one after a crash, with this number.
 */
int goxel_segment_create(int dirfd, uint64_t number, uint64_t first, size_t size, struct goxel_detail *detail,
                         struct goxel_segment *ret_segment);
/* What was not used goes, and the file with it if nothing was. */
void goxel_segment_close(struct goxel_segment *segment);

/* A group as it is written: bytes for the head, the payload, and zeros up to a multiple of 8. */
struct goxel_sealing {
    uint64_t sequence; /* of its first record */
    uint32_t count;    /* records */
    bool loose;        /* what lies before it may not be on the disk yet */
};
void goxel_group_seal(const struct goxel_segment *segment, const struct goxel_sealing *sealing,
                      uint8_t *group, size_t payload);

/* Behind what is there; the room must be there. The same two errors. */
int goxel_segment_write(struct goxel_segment *segment, const void *group, size_t len,
                        struct goxel_detail *detail);
int goxel_segment_sync(struct goxel_segment *segment, struct goxel_detail *detail);

/* ---- reading ---- */

struct goxel_group {
    uint64_t sequence; /* of its first record */
    uint32_t count;
    bool loose;
    const uint8_t *payload;
    size_t len, whole; /* bytes of the payload, and with its head up to the next group */
};

struct goxel_segment_head {
    uint64_t first;
    uint32_t salt, newer; /* newer: the format of a newer daemon, or 0 */
};
/* False: it is no head of that segment, or a newer daemon's. */
bool goxel_segment_parse(const struct goxel_buf *bytes, uint64_t number, struct goxel_segment_head *ret_head);
/* The group at an offset that is a multiple of 8. False: there is no whole one. */
bool goxel_group_at(const struct goxel_buf *bytes, size_t at, uint32_t salt, struct goxel_group *ret_group);

#endif
