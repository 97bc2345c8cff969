/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * File formats: one row and one file for each.
 *
 * Used by: store, rpc, convert.  Uses: mesh, core, base.
 *
 * A reader sees bytes in memory and builds a new project; a writer appends to a bounded buffer, which may pass on what is ready.
 * Neither sees a path. A length in a file is a claim to test: nothing is allocated on its word alone.
 */
#ifndef GOXEL_FORMAT_FORMAT_H
#define GOXEL_FORMAT_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/detail.h"
#include "base/warnings.h"
#include "core/project.h"

struct goxel_format;
struct goxel_pool; /* work/pool.h */

/* ---- options ---- */

enum goxel_format_use { GOXEL_FORMAT_IN = 1, GOXEL_FORMAT_OUT = 2 };

enum goxel_format_option_kind {
    GOXEL_FORMAT_FLAG,   /* "true" or "false" */
    GOXEL_FORMAT_INT,    /* min … max */
    GOXEL_FORMAT_NUMBER, /* min … max, a finite double */
    GOXEL_FORMAT_CHOICE, /* one of `choices`: its index there */
};

/* "boolean", "integer", "number", "choice". */
extern const char *const goxel_format_option_kinds[];

struct goxel_format_option {
    const char *name; /* "scale" */
    unsigned use;     /* enum goxel_format_use: for reading, for writing, or both */
    enum goxel_format_option_kind kind;
    const char *value;   /* unless told otherwise */
    double min, max;     /* both inclusive, of INT and NUMBER */
    const char *choices; /* of CHOICE, space-separated */
    const char *meaning; /* a sentence for people, without a full stop */
    /*
     * It means something only where another option of the row, a CHOICE for the same use, has one of these values; NULL: always. To tell it
     * where it means nothing is an error.
     */
    struct {
        const char *option, *values; /* "mode", "heightmap slices" */
    } only;
    const char *alias; /* another name that is taken for it; NULL: none */
};

#define GOXEL_FORMAT_OPTIONS_MAX 16
struct goxel_format_options {
    const struct goxel_format *format;
    double values[GOXEL_FORMAT_OPTIONS_MAX]; /* in the order of the row's options */
    unsigned given;                          /* bit i: that one was told */
};

/* The row's own values. */
void goxel_format_options_init(struct goxel_format_options *options, const struct goxel_format *format);
/*
 * One option from its text. GOXEL_ERROR_INVALID_PARAMS with the field "options.NAME", value and expectation: there is none of that name
 * for that use, or it cannot have that value.
 */
int goxel_format_options_set(struct goxel_format_options *options, enum goxel_format_use use,
                             const char *name, const char *text, struct goxel_detail *detail);
/*
 * Whether all that was told means something, together. GOXEL_ERROR_INVALID_PARAMS with the field "options.NAME". goxel_format_read and
 * goxel_format_write look; whoever has long ways to go before may, too.
 */
int goxel_format_options_check(const struct goxel_format_options *options, enum goxel_format_use use,
                               struct goxel_detail *detail);
/* The option is one of the row's (asserted). */
bool goxel_format_given(const struct goxel_format_options *options, const char *name);
double goxel_format_number(const struct goxel_format_options *options, const char *name);
int goxel_format_int(const struct goxel_format_options *options, const char *name); /* INT, CHOICE */
bool goxel_format_flag(const struct goxel_format_options *options, const char *name);
/* A companion is written as its file is: takes over the values of options that both rows have, as if nobody had told them. */
void goxel_format_options_share(struct goxel_format_options *options,
                                const struct goxel_format_options *from);

/* ---- reading and writing ---- */

/* What a reader is given. Its functions: format/input.h. */
struct goxel_import {
    const uint8_t *bytes; /* a whole file */
    size_t len;
    const struct goxel_format_options *options;
    struct goxel_cancel *cancel;     /* NULL is fine, as of the next two */
    struct goxel_warnings *warnings; /* what was lost or changed */
    struct goxel_detail *detail;
    int64_t
        bricks_max; /* more that take memory are GOXEL_ERROR_QUOTA, soon; 0: as many as such a file may have */
};

/* What a writer is given. */
#define GOXEL_EXPORT_NAME "model" /* where nobody has another one */

struct goxel_export {
    const struct goxel_project *project;
    const char *name; /* of the file without folder and extension, for companions: "castle"; never NULL */
    const struct goxel_format_options *options;
    struct goxel_pool *pool; /* workers that may help; NULL: none */
    struct goxel_cancel *cancel;
    struct goxel_warnings *warnings;
    struct goxel_detail *detail;
};

/* What a format can hold. What a round trip may change follows from it, and is tested by it. */
struct goxel_format_limits {
    int colors;  /* different ones of a model: 0 any; 1: none are kept */
    bool alpha;  /* as it is; else voxels of less than 127 are left out and the others opaque */
    bool layers; /* several, with their names; else what is shown, in one */
    bool
        positions; /* as they are; else everything is moved so that its smallest corner comes to the origin */
    bool surface;  /* only what borders on free places is kept */
    bool materials; /* those of layers are kept */
    bool palette;   /* it is kept, and what its colours are made of */
    int size;       /* voxels along an axis of one model, 0: as far as coordinates go */
    int plane;      /* places of a plane of it, or pixels of a picture; 0: as many as there are */
};

struct goxel_format {
    const char *name;       /* "gox" */
    const char *extensions; /* space-separated, without dots: "gox" */
    const char *media_type;
    const char *title; /* "Goxel 3D" */
    bool native;       /* keeps all that a project is */
    bool text;         /* lines for people: it becomes much smaller when it is compressed */
    struct goxel_format_limits limits;
    const struct goxel_format_option *options; /* ends with a NULL name; NULL: none */
    const char *companion;                     /* row whose file goes beside: "mtl" for "obj"; NULL: none */
    bool (*refers)(const struct goxel_format_options *options); /* to the companion; NULL: always */
    const char *notes; /* sentences for people: its axes, its colours; NULL: none */
    const char *magic; /* what every file of it begins with, and no other does; NULL: nothing so sure */
    /* Where rows share an extension: whether the content may be one of these. NULL: it may. */
    bool (*is)(const uint8_t *bytes, size_t len);
    /*
     * A whole file into a new project (named "" – the caller names it), of one layer at least. Errors:
     * GOXEL_ERROR_INVALID_DATA with byte offset (and line, for text), the chunk as field, and the expectation;
     * GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code. NULL: cannot be read.
     */
    int (*read)(const struct goxel_import *import, struct goxel_project **ret_project);
    /*
     * The project as a whole file, appended to `out`, whose ceiling holds (GOXEL_ERROR_MESSAGE_SIZE), and whose drain, if
     * it has one, is offered what is ready. NULL: cannot be written.
     */
    int (*write)(const struct goxel_export *export, struct goxel_buf *out);
};

/* The table; ends with a row whose name is NULL. */
extern const struct goxel_format goxel_formats[];

/*
 * By name or extension, ASCII case ignored: the first row that can be used so. NULL: none. Those that share an extension are told apart
 * by goxel_format_read.
 */
const struct goxel_format *goxel_format_named(const char *name, enum goxel_format_use use);
/* By the extension of a path. NULL: none. */
const struct goxel_format *goxel_format_of_path(const char *path, enum goxel_format_use use);

/*
 * The format of that name, or (NULL) the one of the path's extension: GOXEL_ERROR_FORMAT_NOT_SUPPORTED, with field "format" or "path", and
 * those that can be used so.
 */
int goxel_format_choose(const char *path, const char *name, enum goxel_format_use use,
                        struct goxel_detail *detail, const struct goxel_format **ret_format);

/* The row of the file that goes beside one that is written with these options. NULL: none does. */
const struct goxel_format *goxel_format_companion(const struct goxel_format_options *options);

/* Appends the names, or the extensions, of what can be used so: " gox txt". */
void goxel_format_list(enum goxel_format_use use, bool names, struct goxel_buf *out);

/* The row, or of those that can be read and share its first extension the first one that the content may be of. */
const struct goxel_format *goxel_format_of_bytes(const struct goxel_format *format, const uint8_t *bytes,
                                                 size_t len);
/* The row that can be read and whose `magic` the content begins with. NULL: none. */
const struct goxel_format *goxel_format_recognise(const uint8_t *bytes, size_t len);

/*
 * As the row's `read` and `write`. Without options the row is chosen by the content, with them it is theirs. `strict`: what would lose or change something is GOXEL_ERROR_VALIDATION, and the detail says what.
 * The project is sealed.
 */
int goxel_format_read(const struct goxel_format *format, const struct goxel_import *import, bool strict,
                      struct goxel_project **ret_project);
int goxel_format_write(const struct goxel_format *format, const struct goxel_export *export, bool strict,
                       struct goxel_buf *out);
/* GOXEL_ERROR_VALIDATION if there is any, and all of them in the detail. */
int goxel_format_check_strict(const struct goxel_warnings *warnings, struct goxel_detail *detail);

/* Most bytes a file may have, read or written. */
#define GOXEL_FILE_MAX ((size_t)1 << 30)
/* Most bytes of what is compressed in one, once it is not. */
#define GOXEL_INFLATED_MAX ((size_t)1 << 29)

#endif
