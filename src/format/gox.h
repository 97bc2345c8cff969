/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the reader and the writer of Goxel's own format share.
 *
 * Used by: format.  Uses: format/format.h.
 *
 * A file is "GOX ", an int32 version, then chunks of {4 bytes of type, int32 length, data, int32 CRC};
 * all numbers are little-endian, the CRC is written as 0 and ignored. Version 2, as Goxel 0.11 to
 * 0.15 writes it, has in this order:
 *
 *   IMG   a dictionary: the image's box
 *   PREV  a PNG for file managers
 *   BL16  a PNG of 64 × 64 RGBA for each different brick: its 4096 voxels in the order of their index
 *   MATE  a dictionary for each material
 *   LAYR  int32 count, as many {int32 BL16 index, x, y, z, 0}, then a dictionary, for each layer
 *   CAMR  a dictionary for each camera
 *   LIGH  a dictionary
 *
 * What Goxel has no word for is in a chunk of ours behind them, GXDM, which Goxel passes over: a dictionary with
 *
 *   layers   for each LAYR two bytes: how it is laid over those below (core/modes.h), and 1 if it goes on with the one before
 *   active   int32 id of the active layer, where it is not the topmost one
 *   palette  name, int32 columns, int32 count, and as many {RGBA, text}; name and text are {int32 length, bytes}, a text
 *            is as in core/palette.h
 *
 * It is there only if it has something to say.
 *
 * A dictionary is {int32 key length, key, int32 value length, value} until the chunk ends or a key
 * has length 0. In version 1, blocks are placed by their centres.
 */
#ifndef GOXEL_FORMAT_GOX_H
#define GOXEL_FORMAT_GOX_H

#include "format/format.h"

#define GOXEL_GOX_VERSION 2

/* Goxel copies keys and values into buffers of 256 bytes and does not check. */
#define GOXEL_GOX_VALUE_MAX 255

/*
 * Ceilings of the reader and the writer alike: what is written can be read. A different brick has 16 KiB
 * in memory and a PNG chunk of 75 bytes at least in the file, a factor of 220: hence a ceiling of its own.
 * A block has 20 bytes, and some 50 in a table: there the core's ceiling is enough.
 */
#define GOXEL_GOX_BRICKS_MAX (1 << 18) /* different ones, of a file: 4 GiB once they are in memory */
#define GOXEL_GOX_BLOCKS_MAX ((int32_t)GOXEL_VOLUME_BRICKS_MAX) /* of a layer */

/* Goxel's loader takes minutes above. */
#define GOXEL_GOX_BLOCKS_GOOD 8000
/* A layer of more is written as several, which the reader puts together again. */
#define GOXEL_GOX_LAYER_BLOCKS_MAX 50000

/* ---- dictionaries ---- */

enum goxel_gox_kind {
    GOXEL_GOX_TEXT,   /* char[count + 1] */
    GOXEL_GOX_PATH,   /* char *, owned, NULL if absent */
    GOXEL_GOX_INT,    /* int */
    GOXEL_GOX_FLOATS, /* float[count], finite */
    GOXEL_GOX_BYTES,  /* uint8_t[count] */
    GOXEL_GOX_BOOL,   /* bool, one byte */
    GOXEL_GOX_FLAG,   /* bool: the key is there, without a value */
};

/* A key and the member that has its value. Tables end with a NULL key and are in the order of writing. */
struct goxel_gox_field {
    const char *key;
    enum goxel_gox_kind kind;
    size_t offset;
    size_t count;
    bool (*present)(const void *object); /* whether to write it; NULL: always */
};

/* A camera of a file: one of them is the active one. */
struct goxel_gox_camera {
    struct goxel_camera camera;
    bool active;
};

extern const struct goxel_gox_field goxel_gox_image[];    /* struct goxel_project */
extern const struct goxel_gox_field goxel_gox_material[]; /* struct goxel_material */
extern const struct goxel_gox_field goxel_gox_layer[];    /* struct goxel_layer */
extern const struct goxel_gox_field goxel_gox_camera[];   /* struct goxel_gox_camera */
extern const struct goxel_gox_field goxel_gox_light[];    /* struct goxel_light */

/* A file being read, from `at` to the end of the chunk. */
struct goxel_gox_input {
    const uint8_t *bytes;
    size_t at;
    size_t end;
    char chunk[5]; /* its type */
    struct goxel_warnings *warnings;
    struct goxel_detail *detail;
};

/* Fills the detail with chunk, offset and text; returns `code`. */
int goxel_gox_fail(struct goxel_gox_input *in, int code, size_t offset, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* GOXEL_ERROR_INVALID_DATA if the chunk ends before. */
int goxel_gox_int(struct goxel_gox_input *in, const char *what, int32_t *ret_value);

/* A length and as many bytes of the chunk. */
struct goxel_gox_piece {
    const uint8_t *bytes;
    size_t len;
    size_t offset; /* in the file */
};
/* GOXEL_ERROR_INVALID_DATA if the chunk ends before. */
int goxel_gox_piece(struct goxel_gox_input *in, const char *what, struct goxel_gox_piece *ret_piece);
void goxel_gox_put_piece(struct goxel_buf *out, const void *bytes, size_t len);

/* The rest of the chunk into the object; keys that are not there leave their members alone. */
int goxel_gox_dict_read(struct goxel_gox_input *in, const struct goxel_gox_field *fields, void *object);
void goxel_gox_dict_write(struct goxel_buf *out, const struct goxel_gox_field *fields, const void *object);

/* Makes ids unique, and drops what refers to nothing or is never seen. */
void goxel_gox_settle(struct goxel_project *project, struct goxel_warnings *warnings);

/* ---- what is ours: gox_own.c ---- */

/* What a chunk of ours says of layers, kept until all of them are read. All zero: there is none. */
struct goxel_gox_own {
    struct goxel_gox_piece layers; /* GOXEL_GOX_OWN_LAYER bytes each */
    int32_t active;                /* 0: the topmost one */
};
#define GOXEL_GOX_OWN_LAYER 2

/* The rest of the chunk: the palette into the project, the rest into `own`. */
int goxel_gox_own_read(struct goxel_gox_input *in, struct goxel_project *project, struct goxel_gox_own *own);
/* Puts layers together that were split. Before goxel_gox_settle. */
int goxel_gox_own_join(const struct goxel_gox_own *own, struct goxel_project *project,
                       struct goxel_warnings *warnings);
/* After it. */
void goxel_gox_own_activate(const struct goxel_gox_own *own, struct goxel_project *project);

/* Whether there is something to say; `layers` as in the chunk, for all that were written. */
bool goxel_gox_own_needed(const struct goxel_project *project, const struct goxel_buf *layers);
void goxel_gox_own_write(const struct goxel_project *project, const struct goxel_buf *layers,
                         struct goxel_buf *out);

/* ---- the row of the table ---- */

int goxel_gox_read(const struct goxel_import *import, struct goxel_project **ret_project);
int goxel_gox_write(const struct goxel_export *export, struct goxel_buf *out);

#endif
