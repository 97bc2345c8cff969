/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Minecraft's named binary tags, as far as somebody wants to look into them.
 *
 * Used by: format.  Uses: format/input.h.
 *
 * Source: "NBT format" (minecraft.wiki/w/NBT_format). A tag is a byte of type, a name (two bytes of length) and a payload; numbers are
 * big-endian. A *compound* is tags up to one of type 0, a *list* a type, a count and as many payloads.
 *
 * Nothing is built and nothing copied: whoever wants something of a compound names it, and gets to know where it lies.
 *
 *     struct goxel_nbt_want wants[] = {{"Width", GOXEL_NBT_NUMBER}, {"Palette", GOXEL_NBT_COMPOUND}};
 *
 *     goxel_nbt_find(&in, wants, 2);
 *     width = goxel_nbt_number(&in, &wants[0]);
 *
 * No function calls itself; tags in each other have a ceiling, and a count is never worked through without bytes that it stands for.
 */
#ifndef GOXEL_FORMAT_NBT_H
#define GOXEL_FORMAT_NBT_H

#include "format/input.h"

#define GOXEL_NBT_DEPTH_MAX 512 /* Minecraft's own */

enum goxel_nbt_type {
    GOXEL_NBT_END,
    GOXEL_NBT_BYTE,
    GOXEL_NBT_SHORT,
    GOXEL_NBT_INT,
    GOXEL_NBT_LONG,
    GOXEL_NBT_FLOAT,
    GOXEL_NBT_DOUBLE,
    GOXEL_NBT_BYTES,
    GOXEL_NBT_STRING,
    GOXEL_NBT_LIST,
    GOXEL_NBT_COMPOUND,
    GOXEL_NBT_INTS,
    GOXEL_NBT_LONGS,
    GOXEL_NBT_TYPES,
    GOXEL_NBT_NUMBER = 64, /* wanted: BYTE, SHORT, INT or LONG */
};

struct goxel_nbt_tag {
    uint8_t type;
    uint16_t name_len;
    const uint8_t *name; /* modified UTF-8, of the file */
};

/* The tag that comes next in a compound: the input stands at its payload. False: the compound ends here, or the input has failed. */
bool goxel_nbt_next(struct goxel_input *in, struct goxel_nbt_tag *tag);
/* Passes over a payload. GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_QUOTA (GOXEL_NBT_DEPTH_MAX), the cancel's code. */
void goxel_nbt_skip(struct goxel_input *in, uint8_t type);

/* Something of a compound: what it is called, of which type; and then where its payload is, if it is there. */
struct goxel_nbt_want {
    const char *name;
    uint8_t type;
    bool found;
    uint8_t found_type;
    size_t at;
};
/* Through the compound at hand to its end. Of two of the same name and type the first one counts. */
void goxel_nbt_find(struct goxel_input *in, struct goxel_nbt_want *wants, size_t count);

/* What was found, read where it lies; the input stays where it is. Fails the input if it was not found. */
int64_t goxel_nbt_number(struct goxel_input *in, const struct goxel_nbt_want *want);
/* Of BYTES, INTS, LONGS, STRING: so many elements, where they lie; NULL: the input has failed. */
const uint8_t *goxel_nbt_array(struct goxel_input *in, const struct goxel_nbt_want *want,
                               uint32_t *ret_count);
/* An input at the payload, to go on from. */
struct goxel_input goxel_nbt_at(struct goxel_input *in, const struct goxel_nbt_want *want);
/* The head of a list: its elements are of the type (or there are none), and so many. */
uint32_t goxel_nbt_list(struct goxel_input *in, uint8_t type, const char *what);

/*
 * The tags of a file, gzipped or not, in `out` or where they lie: an input that stands at the first tag of the root compound. `in` fails with what
 * goxel_input_inflate fails with.
 */
struct goxel_input goxel_nbt_open(struct goxel_input *in, struct goxel_buf *out);

#endif
