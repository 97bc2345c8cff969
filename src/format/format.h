/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * File formats: one row and one file for each.
 *
 * Used by: store, rpc, convert.  Uses: core, base.
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
#include "core/project.h"

/* What was lost or changed on the way: shown to the client as `warnings: [{what, count}]`. */
#define GOXEL_WARNINGS_MAX 16
struct goxel_warnings {
    struct {
        const char *what; /* a constant */
        int64_t count;
    } rows[GOXEL_WARNINGS_MAX];
    size_t count;
};
void goxel_warn(struct goxel_warnings *warnings, const char *what,
                int64_t count); /* adds up equal ones; NULL is fine */

struct goxel_format {
    const char *name;       /* "gox" */
    const char *extensions; /* space-separated, without dots: "gox" */
    const char *media_type;
    const char *title; /* "Goxel 3D" */
    /*
     * A whole file into a new project (named "" – the caller names it). Errors: GOXEL_ERROR_INVALID_DATA
     * with byte offset (and line, for text), the chunk as field, and the expectation;
     * GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
     */
    int (*read)(const uint8_t *bytes, size_t len, struct goxel_cancel *cancel,
                struct goxel_warnings *warnings, struct goxel_detail *detail,
                struct goxel_project **ret_project);
    /*
     * The project as a whole file, appended to `out`, whose ceiling holds (GOXEL_ERROR_MESSAGE_SIZE), and whose drain, if
     * it has one, is offered what is ready.
     */
    int (*write)(const struct goxel_project *project, struct goxel_cancel *cancel,
                 struct goxel_warnings *warnings, struct goxel_detail *detail, struct goxel_buf *out);
};

/* The table; ends with a row whose name is NULL. */
extern const struct goxel_format goxel_formats[];

/* By name or extension, ASCII case ignored. NULL: none. */
const struct goxel_format *goxel_format_named(const char *name);
/* By the extension of a path. NULL: none. */
const struct goxel_format *goxel_format_of_path(const char *path);

/* Most bytes a file may have, read or written. */
#define GOXEL_FILE_MAX ((size_t)1 << 30)

#endif
