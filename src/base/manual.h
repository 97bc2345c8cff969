/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a program tells of itself besides its flags (exit statuses, signals, variables), and manual pages in mdoc(7), which are
 * made of that, of the flags, and of prose.
 *
 * Used by: config, ctl, convert, daemon.  Uses: base/buf, base/flags.
 *
 * docs/man/NAME.in is the prose, a page with lines such as `@options@`: each stands for what a part of that name puts there.
 * What is put begins and ends with a line. `make man` writes docs/man/NAME. No state: thread-safe.
 */
#ifndef GOXEL_BASE_MANUAL_H
#define GOXEL_BASE_MANUAL_H

#include <stdio.h>

#include "base/buf.h"
#include "base/flags.h"

#define GOXEL_MANUAL_MAX ((size_t)1 << 20) /* bytes of a page */

/* A word and what it means; a table of them ends with a row without a name. */
struct goxel_term {
    const char *name; /* "75"; "TERM, INT" */
    const char *text; /* a sentence without a full stop, or with several of them */
};

/* Lines for a program's help. */
void goxel_terms_help(const struct goxel_term *terms, FILE *out);

/* ---- pages ---- */

/*
 * A text, in lines of no more than 80 bytes as far as words allow, and each sentence on its own; `what is in backticks` is bold.
 * Nothing of it is taken for mdoc. The second form makes a sentence of it: with a capital, unless it begins with something
 * that is no plain word, and a full stop.
 */
void goxel_manual_text(const char *text, struct goxel_buf *out);
void goxel_manual_sentence(const char *text, struct goxel_buf *out);

/* Items of a list, of which `.Bl` and `.El` stand around them in the prose. */
void goxel_manual_flag(const struct goxel_flag *flag, struct goxel_buf *out);
void goxel_manual_flags(const struct goxel_flags *flags, struct goxel_buf *out);
void goxel_manual_terms(const char *macro, const struct goxel_term *terms, struct goxel_buf *out);

struct goxel_manual_part {
    const char *name; /* "options", for a line `@options@` */
    void (*put)(struct goxel_buf *out);
};

/*
 * The page of this prose, NUL-terminated. Besides `parts`, which ends with a row without a name, there are `@made@`, a comment; `@date@`
 * and `@version@`, the macros of the release. GOXEL_ERROR_INVALID_DATA, as out->failed: a line asks for a part that there is not, or
 * nobody asks for one.
 */
void goxel_manual_write(const char *prose, const struct goxel_manual_part *parts, struct goxel_buf *out);

#endif
