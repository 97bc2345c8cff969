/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What went wrong, in full: the companion of an error code.
 *
 * Used by: every folder.  Uses: base/error.
 *
 * Lower floors report and upper floors speak: a function that can fail for a reason worth telling
 * takes a `struct goxel_detail *` (NULL when the caller does not care), fills it, and returns the
 * code.  rpc turns it into `error.data`, daemon and ctl into the line a person reads.
 *
 * Life: the caller's, on the stack, initialised by `goxel_detail_init`; it owns no memory and may be copied.
 */
#ifndef GOXEL_BASE_DETAIL_H
#define GOXEL_BASE_DETAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/warnings.h"

struct goxel_detail {
    char text[256];     /* a sentence for people, without the error's own text; "" if none */
    char field[64];     /* parameter, option, header or chunk at fault; "" if none */
    char value[96];     /* the offending value as text, cut if long; "" if none */
    char expected[160]; /* what would have been right; "" if none */
    char path[256];     /* file at fault; "" if none */
    int64_t line;       /* 1-based line, 0 if unknown */
    int64_t offset;     /* byte offset in the input, -1 if unknown */
    int64_t limit;      /* the ceiling that was hit, with `given`; valid if has_limit */
    int64_t given;
    bool has_limit;
    int errnum; /* errno at fault, 0 if none */
    /* What became of an edit whose answer is an error: "not_applied", "unknown", "applied"; "": no edit, not begun. */
    char outcome[16];
    struct goxel_warnings warnings; /* all that would have been lost, where nothing may be (strict) */
};

void goxel_detail_init(struct goxel_detail *detail);

/* Each fills *detail from scratch (unless NULL) and returns `code`, so that a failure is one statement. */
int goxel_fail(struct goxel_detail *detail, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * A value that is not what it should be; NULL if there is none. All is copied, cut, and made
 * printable; the text becomes "FIELD: expected EXPECTED, got VALUE".
 */
int goxel_fail_value(struct goxel_detail *detail, int code, const char *field, const char *value,
                     const char *expected_fmt, ...) __attribute__((format(printf, 5, 6)));
/* A ceiling: `what` names it, in `field` and the text. */
int goxel_fail_limit(struct goxel_detail *detail, int code, const char *what, int64_t limit, int64_t given);
/* A place in an input: byte offset, 1-based line (0 if it has no lines). */
int goxel_fail_at(struct goxel_detail *detail, int code, int64_t line, int64_t offset, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/*
 * A system call on a file; text becomes "WHAT PATH: strerror". Returns, for GOXEL_ERROR_FILE_ACCESS, GOXEL_ERROR_STORAGE_FULL or
 * GOXEL_ERROR_OUT_OF_MEMORY where errno says that.
 */
int goxel_fail_errno(struct goxel_detail *detail, int code, int errnum, const char *what, const char *path);

struct goxel_buf;
/* Appends "TEXT: detail" as one line for people (no newline). */
void goxel_detail_print(struct goxel_buf *buf, int code, const struct goxel_detail *detail);

#endif
