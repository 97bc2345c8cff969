/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row's reader and writer in one line. Used by the tests and by the fuzz targets. */
#ifndef GOXEL_TESTS_FORMAT_IO_H
#define GOXEL_TESTS_FORMAT_IO_H

#include "format/format.h"

static inline int read_as(const char *name, const void *bytes, size_t len, struct goxel_cancel *cancel,
                          struct goxel_warnings *warnings, struct goxel_detail *detail,
                          struct goxel_project **ret_project)
{
    const struct goxel_format *format = goxel_format_named(name, GOXEL_FORMAT_IN);
    struct goxel_format_options options;
    const struct goxel_import import = {
        .bytes = bytes,
        .len = len,
        .options = &options,
        .cancel = cancel,
        .warnings = warnings,
        .detail = detail,
    };

    goxel_format_options_init(&options, format);
    return goxel_format_read(format, &import, false, ret_project);
}

static inline int write_as(const char *name, const struct goxel_project *project, struct goxel_cancel *cancel,
                           struct goxel_warnings *warnings, struct goxel_detail *detail,
                           struct goxel_buf *out)
{
    const struct goxel_export export = {
        .project = project,
        .cancel = cancel,
        .warnings = warnings,
        .detail = detail,
    };

    return goxel_format_write(goxel_format_named(name, GOXEL_FORMAT_OUT), &export, false, out);
}

#endif
