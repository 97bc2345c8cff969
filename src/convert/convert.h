/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one run of goxel-convert is made of: files read, one project made of them, one file written.
 *
 * Used by: convert alone.  Uses: format, core, work, base.
 *
 * Whatever fails is told on standard error here, as a line "goxel-convert: FILE: …"; what is returned is the exit status.
 */
#ifndef GOXEL_CONVERT_CONVERT_H
#define GOXEL_CONVERT_CONVERT_H

#include "base/cancel.h"
#include "convert/args.h"
#include "format/format.h"

/* Exit statuses; scripts rely on them. */
enum convert_exit {
    CONVERT_DONE = 0,
    CONVERT_FAILED = 1,  /* a file cannot be read or written, memory, the output */
    CONVERT_USAGE = 2,   /* wrong command line; a format, an option of one or a layer that is not known */
    CONVERT_LOST = 3,    /* something would be lost or changed, and must not be */
    CONVERT_DAMAGED = 4, /* a file is damaged, of another format, or too large */
};
enum convert_exit convert_exit_of(int code);

/* Life: main's. */
struct convert {
    const struct convert_args *args;
    struct goxel_cancel cancel; /* raised by a signal */
    bool progress;              /* standard error is a terminal, and may have it */
};

/* A file that was read. Life: zeroed by the caller, filled by convert_read, ended by convert_source_finish. */
struct convert_source {
    const char *path;
    const struct goxel_format *format;
    size_t bytes;
    struct goxel_warnings warnings;
    struct goxel_project *project; /* of one layer at least */
};
enum convert_exit convert_read(struct convert *convert, const char *path, struct convert_source *ret_source);
void convert_source_finish(struct convert_source *source); /* a zeroed one is fine */

/* What the sources show becomes the layers of one project. A code of base/error. */
int convert_join(struct convert_source *sources, size_t count, struct goxel_cancel *cancel,
                 struct goxel_warnings *warnings, struct goxel_detail *detail,
                 struct goxel_project **ret_project);

/* args->layers and args->box of the project: a reference. A code of base/error. */
int convert_choose(const struct convert_args *args, const struct goxel_project *project,
                   struct goxel_cancel *cancel, struct goxel_warnings *warnings, struct goxel_detail *detail,
                   struct goxel_project **ret_project);

/* The file's name without folder and extension, cut to what a name may have; "" if it cannot be one. */
void convert_stem(const char *path, char ret_name[GOXEL_NAME_MAX + 1]);

/* "NAME=VALUE" of the list, each: GOXEL_ERROR_INVALID_PARAMS, with field "options.NAME". */
int convert_set_options(const struct convert_words *words, enum goxel_format_use use,
                        struct goxel_detail *detail, struct goxel_format_options *options);

/* Where to and as what is known before anything is read. */
struct convert_target {
    const char *path;
    const struct goxel_format *format;
    struct goxel_format_options options;
};
enum convert_exit convert_target_choose(const struct convert_args *args, struct convert_target *ret_target);
/* The project as args->output, and the file beside it. `warnings` has what was lost before. */
enum convert_exit convert_write(struct convert *convert, const struct convert_target *target,
                                const struct goxel_project *project, struct goxel_warnings *warnings);

/* ---- what people read ---- */

/* One line on standard error; `path` NULL: of no file. The exit status. */
enum convert_exit convert_say(const char *path, int code, const struct goxel_detail *detail);
/* A line for each of them, unless --quiet. */
void convert_warn(const struct convert_args *args, const char *path, const struct goxel_warnings *warnings);
/* With --verbose alone. */
void convert_tell(const struct convert_args *args, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "standard input" for "-", and made printable. Returns `to`. */
const char *convert_name(const char *path, enum goxel_format_use use, char to[256]);

/* "reading castle.vox 12.3 MiB", several times a second at most, where there is progress; and its end. */
void convert_progress(const struct convert *convert, enum goxel_format_use use, const char *path,
                      size_t bytes);
void convert_end_progress(const struct convert *convert);

/* Standard output: what --info tells of a source, and --list-formats. */
int convert_info(struct convert *convert, const struct convert_source *source, struct goxel_detail *detail);
/* "true|false", "y|z", "0.001..1000" */
void convert_put_values(const struct goxel_format_option *option, struct goxel_buf *out);
void convert_list_formats(const struct goxel_format *formats, struct goxel_buf *out);
/* The same as JSON: what export.formats answers. */
void convert_list_formats_json(const struct goxel_format *formats, struct goxel_buf *out);

#endif
