/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A palette: colours in an order, each with a name and with what a file format says of its material.
 *
 * Used by: core/project, format, rpc.  Uses: base, core/colors.
 *
 * Life: memory that the caller owns, all zero is an empty palette, ended by `goxel_palette_finish`. A palette in a
 * scene is the scene's. One thread at a time while it changes.
 */
#ifndef GOXEL_CORE_PALETTE_H
#define GOXEL_CORE_PALETTE_H

#include <stddef.h>

#include "core/colors.h"

/* Of one palette; bytes of the names and properties of one entry, each with its end. */
#define GOXEL_PALETTE_ENTRIES_MAX 65536
#define GOXEL_PALETTE_TEXT_MAX 4096

struct goxel_palette_entry {
    struct goxel_color color;
    /*
     * Owned, NULL for none: the name, NUL-terminated, and after it pairs of a key and a value, NUL-terminated
     * each. What a key means is the format's affair: they are kept byte for byte, in the order they came.
     */
    char *text;
    size_t text_len; /* with all the NULs; 0 for none */
};

struct goxel_palette {
    char name[GOXEL_NAME_MAX + 1];
    int columns; /* when it is shown; 0: as you like */
    struct goxel_palette_entry *entries;
    size_t count, room;
};

void goxel_palette_finish(struct goxel_palette *palette); /* empties it; NULL is fine */

/* A palette of its own. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_palette_copy(const struct goxel_palette *palette, struct goxel_palette *ret_copy);

/*
 * One more at the end. `name` is UTF-8 of `len` bytes without NUL (NULL: none). GOXEL_ERROR_QUOTA
 * (GOXEL_PALETTE_ENTRIES_MAX, GOXEL_PALETTE_TEXT_MAX), GOXEL_ERROR_OUT_OF_MEMORY; nothing changed then.
 */
int goxel_palette_add(struct goxel_palette *palette, struct goxel_color color, const char *name, size_t len);

/* Removes an entry (index below `count`); those behind it move up. */
void goxel_palette_remove(struct goxel_palette *palette, size_t index);

const char *goxel_palette_entry_name(const struct goxel_palette_entry *entry); /* "" for none */

/* Changes a property, or adds one at the end. The codes of goxel_palette_add. */
int goxel_palette_entry_set(struct goxel_palette_entry *entry, const char *key, const char *value);

/* The value of a key; NULL: it has none. */
const char *goxel_palette_entry_get(const struct goxel_palette_entry *entry, const char *key);

/* The property number `i`, from 0; false: there are not so many. */
bool goxel_palette_entry_property(const struct goxel_palette_entry *entry, size_t i, const char **ret_key,
                                  const char **ret_value);

bool goxel_palette_equal(const struct goxel_palette *a, const struct goxel_palette *b);

/* The first entry of exactly that colour, or else the nearest (sum of squares of r, g, b, a); -1: it is empty. */
int goxel_palette_nearest(const struct goxel_palette *palette, struct goxel_color color);

/*
 * At most `most` colours (1 to GOXEL_PALETTE_ENTRIES_MAX) that stand for all of the given ones, in place of the
 * entries that were there: the colours themselves where they are few enough, otherwise by median cut, each box
 * of colours split where it is widest, weighted by count, and each of its colours their mean. `colors` is
 * reordered. GOXEL_ERROR_OUT_OF_MEMORY; nothing changed then.
 */
int goxel_palette_reduce(struct goxel_palette *palette, struct goxel_color_count *colors, size_t count,
                         size_t most);

#endif
