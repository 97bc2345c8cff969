/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Structs as bytes, by a table of their members: written and read by the same rows.
 *
 * Used by: core/effects.  Uses: base/bytes.
 */
#ifndef GOXEL_CORE_FIELDS_H
#define GOXEL_CORE_FIELDS_H

#include "base/bytes.h"

enum goxel_field_kind {
    GOXEL_FIELD_TEXT,   /* char[size], NUL-terminated: a run without the NUL */
    GOXEL_FIELD_BOOL,   /* a byte, 0 or 1 */
    GOXEL_FIELD_INT,    /* int of min … max: a varint of its distance from min */
    GOXEL_FIELD_FLOATS, /* float[size / 4]: four bytes each, as IEEE 754 has them */
    GOXEL_FIELD_BYTES,  /* as they are */
};

struct goxel_field {
    enum goxel_field_kind kind;
    size_t offset, size; /* of the member, in bytes; size 0: the end of the table */
    int min, max;
};

#define GOXEL_FIELD(kind, type, member) \
    { \
        GOXEL_FIELD_##kind, offsetof(type, member), sizeof(((type *)0)->member), 0, 0 \
    }
#define GOXEL_FIELD_RANGE(type, member, min, max) \
    { \
        GOXEL_FIELD_INT, offsetof(type, member), sizeof(int), min, max \
    }

void goxel_fields_put(struct goxel_buf *buf, const struct goxel_field *fields, const void *from);
/* False: it is not what such a struct can be; some of it may have been written then. */
bool goxel_fields_take(struct goxel_reading *in, const struct goxel_field *fields, void *to);

#endif
