/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a record of the journal says.
 *
 * Used by: store.  Uses: core/effects, core/keeper; zstd.
 *
 *     kind      a byte: enum goxel_record_kind, and 0x80 if the effects are compressed (zstd), 0x40 if there is a
 *               group, 0x20 if there is a key
 *     project   varint, the number of its id
 *     before    varint, the version that the change was made to
 *     name      run of bytes, the method's
 *     group     run of bytes, if there is one
 *     key       run of bytes, if there is one, of the request (core/keys.h); what was asked for, 8 bytes; and a run of
 *               what was answered, empty if that was not kept
 *     steps     varint, of undo and redo
 *     effects   (core/effects.h) the rest; none of a removal
 *
 * Any thread; nothing is kept.
 */
#ifndef GOXEL_STORE_RECORD_H
#define GOXEL_STORE_RECORD_H

#include "core/effects.h"
#include "core/keeper.h"

enum goxel_record_kind {
    GOXEL_RECORD_ADD = 1, /* a project is there; before: 0 */
    GOXEL_RECORD_REMOVE,  /* it was closed */
    GOXEL_RECORD_EDIT,    /* these as enum goxel_change_kind */
    GOXEL_RECORD_UNDO,
    GOXEL_RECORD_REDO,
    GOXEL_RECORD_END_GROUP,
    GOXEL_RECORD_NOTE,
    GOXEL_RECORD_KINDS
};

struct goxel_record {
    enum goxel_record_kind kind;
    uint64_t project, before;
    char name[GOXEL_NAME_MAX + 1], group[GOXEL_NAME_MAX + 1]; /* "": none */
    char key[GOXEL_NAME_MAX + 1];                             /* "": none */
    uint64_t request;
    const char *result; /* of what was read: in the bytes; NULL: not kept */
    size_t result_len;
    size_t steps;
    const uint8_t *effects; /* of what was read: in the bytes, or in the buffer */
    size_t effects_len;
};

/*
 * Appends the record, with the effects that lead from `before` (NULL: nothing) to `after` (NULL: none, and their extent
 * is left as it is). The buffer's failure, GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_record_write(struct goxel_buf *buf, const struct goxel_record *record,
                       const struct goxel_project *before, const struct goxel_project *after,
                       struct goxel_extent *ret_extent);

/* *unpacked is initialised, and what is read may lie in it. GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_record_read(const uint8_t *bytes, size_t len, struct goxel_buf *unpacked,
                      struct goxel_detail *detail, struct goxel_record *ret_record);

#endif
