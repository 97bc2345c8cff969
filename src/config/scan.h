/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tokens of a configuration file, as libconfuse's lexer would see them, and its comments, which
 * are blanked on the way.
 *
 * Used by: config/outline.  Uses: nothing.
 *
 * Stricter than libconfuse, which skips what it does not know, expands environment variables and
 * counts the lines of comments twice: a string ends on its line, `\` goes before `\`, `"` and `$`
 * only (between single quotes also before nothing), and there are no control characters.
 */
#ifndef GOXEL_CONFIG_SCAN_H
#define GOXEL_CONFIG_SCAN_H

#include <stddef.h>

/* Bytes of one word or string as it is written, quotes included. */
#define GOXEL_TOKEN_BYTES_MAX 8194

enum goxel_token {
    GOXEL_TOKEN_END,
    GOXEL_TOKEN_WORD,
    GOXEL_TOKEN_STRING,
    GOXEL_TOKEN_FAULT, /* `fault` says what; it comes again if asked again */
    /* Others are the character itself; '+' stands for "+=". */
};

struct goxel_scan {
    char *text;
    size_t len;
    size_t pos;
    unsigned line;
    /* the token last read */
    size_t start;
    unsigned start_line;
    const char *fault;
};

void goxel_scan_init(struct goxel_scan *scan, char *text, size_t len); /* `text` is changed: see blank */
int goxel_scan_next(struct goxel_scan *scan);

/* Spaces over everything between two offsets but ends of lines, so that lines keep their numbers. */
void goxel_scan_blank(struct goxel_scan *scan, size_t from, size_t to);

#endif
