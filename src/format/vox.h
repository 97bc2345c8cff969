/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * MagicaVoxel's .vox: what the files of its reader and writer share.
 *
 * Used by: format.  Uses: format/input.h, core/lattice.h.
 *
 * A file is "VOX ", int32 version (150 or 200), and the chunk MAIN. A chunk is {4 bytes of type, int32 bytes of content, int32
 * bytes of chunks in it, content, chunks}; numbers are little-endian, a string is {int32 length, bytes} and a dictionary
 * {int32 count, as many {string key, string value}}. In MAIN:
 *
 *   PACK  int32 models: the frames of an animation, in files without a scene
 *   SIZE  int32 x, y, z
 *   XYZI  int32 count, as many bytes {x, y, z, colour}: with the SIZE before it a model, numbered from 0
 *   nTRN  int32 id, dictionary (_name, _hidden), int32 child, -1, layer, frames, a dictionary for each (_r, _t, _f)
 *   nGRP  int32 id, dictionary, int32 count, as many int32 child
 *   nSHP  int32 id, dictionary, int32 count, as many {int32 model, dictionary (_f)}: frames, of which one is shown
 *   LAYR  int32 id, dictionary (_name, _hidden), -1
 *   RGBA  256 colours, of the indices 1 to 255, and one that is of no use; index 0 is empty space
 *   MATL  int32 index of the colour, dictionary
 *   IMAP  256 bytes: the index of the colour in each place of the palette, as it is shown; voxels do not go by it
 *   NOTE  int32 count, as many strings: what the rows of 8 colours are called
 *
 * (https://github.com/ephtracy/voxel-model, the two texts on the format, for all but the last two.)
 *
 * The axes are ours: Z up, right-handed. A node's point p goes to R p + t of the node above it. _t is t; _r has R: bits 0-1 and 2-3
 * say in which column the first and the second row have their one, bits 4, 5 and 6 are set where it is -1. A model's
 * origin is its corner floor(size / 2): its voxel v is the cube from v - floor(size / 2) on, which is turned as a cube, so that
 * a voxel that is mirrored comes to lie one further down.
 *
 * Read, a shape becomes a layer; a model's second shape and each further one a clone of the first. A layer is hidden if its
 * node, one above, or the LAYR of one is. It has the name of the nearest node above that has one, or else of its LAYR. Of
 * animations the frame of the option is read. The palette becomes the project's, in the order shown, with each colour's
 * material as properties and each row's name as that of the row's first colour. Glass (_type _glass or _blend) makes the
 * colour translucent: alpha is 255 (1 - t), at least 1, t being _trans, _alpha or _weight, the first of them that is there;
 * otherwise it is that of RGBA, where 0, which older programs write, means 255. A file without a scene has its models at the origin
 * as layers, all shown or, if it is an animation, the frame's alone.
 *
 * Written, a layer is an nTRN with its name, in the order of layers, and an nSHP; a clone of a layer that is one model is
 * another nSHP of that model. A layer of more than 256 voxels along an axis is a group of several models, marked by the
 * attribute _goxel_parts, by which it comes back as one. Materials are those of the project's palette, found by colour.
 */
#ifndef GOXEL_FORMAT_VOX_H
#define GOXEL_FORMAT_VOX_H

#include "core/brick.h"
#include "core/lattice.h"
#include "core/table.h"
#include "format/input.h"

#define GOXEL_VOX_VERSION_MIN 150
#define GOXEL_VOX_VERSION_MAX 200
#define GOXEL_VOX_SIZE_MAX 256 /* of a model, an axis */
#define GOXEL_VOX_COLORS 255   /* besides empty space */
#define GOXEL_VOX_ROW 8        /* colours in a row of the palette */
#define GOXEL_VOX_LAYERS 256   /* of LAYR, those whose names and visibility are looked at */
#define GOXEL_VOX_PARTS "_goxel_parts"

/* Text in the file: no NUL at its end. */
struct goxel_vox_text {
    const char *bytes; /* NULL: none */
    size_t len;
};

static inline bool goxel_vox_is(struct goxel_vox_text text, const char *other)
{
    return text.len == strlen(other) && memcmp(text.bytes, other, text.len) == 0;
}

/* ---- reading ---- */

struct goxel_vox_model {
    int32_t size[3];
    uint32_t count;
    const uint8_t *voxels;
    bool shown;                 /* by some node */
    int layer_id;               /* of the layer that has its voxels; 0: none yet */
    struct goxel_lattice place; /* of that layer: from its voxels to the project's */
    struct goxel_box box;       /* of that layer, once somebody asked */
    bool has_box;
};

enum goxel_vox_kind { GOXEL_VOX_TRANSFORM, GOXEL_VOX_GROUP, GOXEL_VOX_SHAPE };

struct goxel_vox_node {
    enum goxel_vox_kind kind;
    int32_t id;
    size_t at; /* of the chunk's content in the file */
    struct goxel_vox_text name;
    bool hidden, parts;
    bool reached;               /* from the root */
    int32_t child;              /* a transform's node, a shape's model */
    int32_t layer;              /* a transform's; -1 for none */
    struct goxel_lattice place; /* a transform's: from points below it to points above */
    uint32_t child_count;       /* a group's */
    const uint8_t *children;    /* int32 each */
};

/* A LAYR. */
struct goxel_vox_layer {
    struct goxel_vox_text name;
    bool hidden;
};

/* Where a dictionary is in the file. */
struct goxel_vox_place {
    size_t at, end;
};

/* A file, taken apart. It owns the arrays and `pages`; the rest is in the file's bytes. */
struct goxel_vox_file {
    const struct goxel_import *import;
    struct goxel_project *project;
    struct goxel_vox_model *models;
    size_t model_count, model_room;
    struct goxel_vox_node *nodes; /* by id, once all are there */
    size_t node_count, node_room;
    struct goxel_vox_layer layers[GOXEL_VOX_LAYERS];
    bool animated;      /* PACK */
    int frame;          /* that is wanted */
    int64_t last_frame; /* that any part of it has */

    const uint8_t *rgba; /* NULL: the default palette */
    const uint8_t *imap; /* NULL: none */
    struct goxel_vox_place materials[256];
    struct goxel_vox_place notes;
    struct goxel_color colors[256]; /* of the indices */
    bool used[256];                 /* by a voxel */

    /* Room for a model while it comes apart into bricks. */
    uint8_t *pages;
    uint8_t *touched; /* whether a page has a voxel */
    size_t pages_room;
    int64_t bricks;  /* of all layers */
    uint64_t voxels; /* of all models that were taken apart, each time */
};

/* A key and a value, of so many that are left. False: there is none, or the input has failed. */
bool goxel_vox_pair(struct goxel_input *in, uint32_t *left, struct goxel_vox_text *ret_key,
                    struct goxel_vox_text *ret_value);

/* Colours and the project's palette, out of the chunks. After the scene: what of materials no colour tells. */
int goxel_vox_read_palette(struct goxel_vox_file *file);
void goxel_vox_warn_materials(const struct goxel_vox_file *file);

/* Models and nodes into layers. */
int goxel_vox_build(struct goxel_vox_file *file);

/* ---- writing ---- */

/* Which index a colour has. Ended by goxel_vox_colors_end; all zero is none. */
struct goxel_vox_colors {
    struct goxel_table table; /* of the colours under the mask: counts at first, then indices */
    uint32_t mask;
    size_t count; /* of the entries, from index 1 on */
    struct goxel_color colors[GOXEL_VOX_COLORS];
    const struct goxel_palette_entry *entries[GOXEL_VOX_COLORS]; /* of the project's palette, or NULL */
    struct {
        uint32_t bits; /* 0: free */
        uint8_t index;
    } recent[256];
};

/* From the colours of so many volumes (NULL among them is fine) and the project's palette. Warns. */
int goxel_vox_colors_make(struct goxel_vox_colors *colors, const struct goxel_export *export,
                          struct goxel_volume *const *volumes, size_t count);
void goxel_vox_colors_end(struct goxel_vox_colors *colors);

uint8_t goxel_vox_color_find(struct goxel_vox_colors *colors, uint32_t bits);
/* The index of a colour that some of the volumes have. */
static inline uint8_t goxel_vox_color_index(struct goxel_vox_colors *colors, uint32_t bits)
{
    unsigned at = bits * UINT32_C(0x9e3779b1) >> 24;

    return colors->recent[at].bits == bits ? colors->recent[at].index : goxel_vox_color_find(colors, bits);
}

/* Returns where the sizes of a chunk go that begins here. */
size_t goxel_vox_begin(struct goxel_buf *out, const char type[5]);
void goxel_vox_end(struct goxel_buf *out, size_t at);
void goxel_vox_put_text(struct goxel_buf *out, const char *text);

/* RGBA, MATL and NOTE. */
void goxel_vox_put_palette(const struct goxel_vox_colors *colors, struct goxel_buf *out);

/* ---- the row of the table ---- */

extern const struct goxel_format_option goxel_vox_options[];
bool goxel_vox_is_of(const uint8_t *bytes, size_t len);
int goxel_vox_read(const struct goxel_import *import, struct goxel_project **ret_project);
int goxel_vox_write(const struct goxel_export *export, struct goxel_buf *out);

#endif
