/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hand-written lexer: a file that leaves libconfuse's inside a string or comment would spoil the
 * next parse, so nothing that this one does not understand is ever handed on.
 */
#include "config/scan.h"

#include <stdbool.h>
#include <string.h>

void goxel_scan_init(struct goxel_scan *scan, char *text, size_t len)
{
    memset(scan, 0, sizeof(*scan));
    scan->text = text;
    scan->len = len;
    scan->line = 1;
    scan->start_line = 1;
}

void goxel_scan_blank(struct goxel_scan *scan, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (scan->text[i] != '\n')
            scan->text[i] = ' ';
    }
}

/* The byte `ahead` of the position, 0 past the end; a NUL of the text's own is a fault anyway. */
static char peek(const struct goxel_scan *scan, size_t ahead)
{
    return ahead < scan->len - scan->pos ? scan->text[scan->pos + ahead] : '\0';
}

static int fault(struct goxel_scan *scan, const char *what)
{
    scan->fault = what;
    scan->pos = scan->start;
    scan->line = scan->start_line;
    return GOXEL_TOKEN_FAULT;
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool is_word(char c)
{
    return !is_control(c) && !strchr(" #\"'={}()+,*", c);
}

static void skip_line(struct goxel_scan *scan)
{
    size_t from = scan->pos;

    while (scan->pos < scan->len && scan->text[scan->pos] != '\n')
        scan->pos++;
    goxel_scan_blank(scan, from, scan->pos);
}

/* A comment that is never closed ends with the text, and is a fault. */
static bool skip_block(struct goxel_scan *scan)
{
    size_t from = scan->pos;

    scan->pos += 2;
    while (scan->pos < scan->len && !(peek(scan, 0) == '*' && peek(scan, 1) == '/')) {
        scan->line += scan->text[scan->pos] == '\n';
        scan->pos++;
    }
    if (scan->pos >= scan->len)
        return false;
    scan->pos += 2;
    goxel_scan_blank(scan, from, scan->pos);
    return true;
}

/* White space and comments; false at a comment that is not closed. */
static bool skip_space(struct goxel_scan *scan)
{
    for (;;) {
        char c = peek(scan, 0);

        scan->start = scan->pos;
        scan->start_line = scan->line;
        if (c == '#' || (c == '/' && peek(scan, 1) == '/')) {
            skip_line(scan);
        } else if (c == '/' && peek(scan, 1) == '*') {
            if (!skip_block(scan))
                return false;
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            scan->line += c == '\n';
            scan->pos++;
        } else {
            return true;
        }
    }
}

static int read_string(struct goxel_scan *scan)
{
    char quote = peek(scan, 0);

    for (scan->pos++;; scan->pos++) {
        char c = peek(scan, 0);

        if (scan->pos >= scan->len || c == '\n')
            return fault(scan, "the string is not closed on its line");
        if (is_control(c))
            return fault(scan, "control character in a string");
        if (c == quote)
            break;
        if (quote == '"' && c == '$' && peek(scan, 1) == '{')
            return fault(scan,
                         "variables are not expanded; write the value itself, or \\${ for the characters");
        if (c == '\\') {
            char next = peek(scan, 1);

            if (quote == '"' && next != '\\' && next != '"' && next != '$')
                return fault(scan, "\\ may stand before \\, \" and $ only");
            scan->pos += next == '\\' || next == quote || next == '$';
        }
    }
    scan->pos++;
    if (scan->pos - scan->start > GOXEL_TOKEN_BYTES_MAX)
        return fault(scan, "the string is too long");
    return GOXEL_TOKEN_STRING;
}

static int read_word(struct goxel_scan *scan)
{
    while (scan->pos < scan->len && is_word(scan->text[scan->pos]))
        scan->pos++;
    if (scan->text[scan->pos - 1] == '$' && peek(scan, 0) == '{')
        return fault(scan, "variables are not expanded; write the value itself");
    if (scan->pos - scan->start > GOXEL_TOKEN_BYTES_MAX)
        return fault(scan, "the word is too long");
    return GOXEL_TOKEN_WORD;
}

int goxel_scan_next(struct goxel_scan *scan)
{
    char c;

    if (!skip_space(scan))
        return fault(scan, "the comment is never closed");
    if (scan->pos >= scan->len)
        return GOXEL_TOKEN_END;
    if (scan->pos == 0 && peek(scan, 0) == '\xef' && peek(scan, 1) == '\xbb' && peek(scan, 2) == '\xbf')
        return fault(scan, "the file begins with a UTF-8 byte order mark: save it without");
    c = peek(scan, 0);
    if (c == '"' || c == '\'')
        return read_string(scan);
    if (strchr("{}()=,", c) && c) {
        scan->pos++;
        return c;
    }
    if (c == '+' && peek(scan, 1) == '=') {
        scan->pos += 2;
        return c;
    }
    if (is_word(c))
        return read_word(scan);
    return fault(scan, c == '\0'       ? "NUL byte"
                       : is_control(c) ? "control character"
                                       : "a value with + or * needs quotes");
}
