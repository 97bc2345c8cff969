/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One loop over statements: `name = value`, `name = { value, … }`, `name {`, `}`. There are no other.
 * Known sections may nest as the table says; the braces of unknown ones are only counted.
 */
#include "config/outline.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config/scan.h"
#include "config/value.h"

#define PATH_BYTES 64 /* of a section; an option's name is cut to the same for messages */
#define DEPTH_MAX 4

struct outline {
    struct goxel_scan scan;
    const char *file;
    struct goxel_report *report;
    unsigned *lines;
    char section[PATH_BYTES];   /* "" outside of any */
    unsigned opened[DEPTH_MAX]; /* lines of the open sections' names */
    size_t depth;
    size_t values; /* left to be read */
    /* the statement being read */
    size_t start;
    unsigned line;
    char name[PATH_BYTES];
    char full[2 * PATH_BYTES + 2];
};

#define ERROR(o, at_line, option, ...) \
    goxel_report_error((o)->report, (struct goxel_origin){(o)->file, (at_line)}, (option), __VA_ARGS__)

static bool is_value(int token)
{
    return token == GOXEL_TOKEN_WORD || token == GOXEL_TOKEN_STRING;
}

/* Says what stands where something else should; returns false for the caller to end with. */
static bool unexpected(struct outline *o, int token, const char *wanted)
{
    const char *option = o->full[0] ? o->full : o->section[0] ? o->section : "syntax";

    if (token == GOXEL_TOKEN_FAULT)
        ERROR(o, o->scan.line, option, "%s", o->scan.fault);
    else if (token == GOXEL_TOKEN_END)
        ERROR(o, o->scan.line, option, "the file ends, expected %s", wanted);
    else
        ERROR(o, o->scan.start_line, option, "expected %s before \"%.*s\"", wanted,
              (int)(o->scan.pos - o->scan.start > 60 ? 60 : o->scan.pos - o->scan.start),
              o->scan.text + o->scan.start);
    return false;
}

static void blank_statement(struct outline *o)
{
    goxel_scan_blank(&o->scan, o->start, o->scan.pos);
}

static void take_name(struct outline *o)
{
    size_t length = o->scan.pos - o->scan.start;

    if (length >= sizeof(o->name))
        length = sizeof(o->name) - 1; /* longer than any that is known, so still unknown */
    memcpy(o->name, o->scan.text + o->scan.start, length);
    o->name[length] = '\0';
    (void)snprintf(o->full, sizeof(o->full), "%s%s%s", o->section, o->section[0] ? "." : "", o->name);
}

/* ---- values ---- */

/* The rest of `{ a, "b", }` after its brace. */
static bool read_items(struct outline *o, size_t *ret_count)
{
    for (size_t count = 0;;) {
        int token = goxel_scan_next(&o->scan);

        if (token == '}') {
            *ret_count = count;
            return true;
        }
        if (!is_value(token))
            return unexpected(o, token, "a value or }");
        count++;
        token = goxel_scan_next(&o->scan);
        if (token == '}') {
            *ret_count = count;
            return true;
        }
        if (token != ',')
            return unexpected(o, token, ", or }");
    }
}

static bool read_value(struct outline *o, bool *ret_list, size_t *ret_count)
{
    int token = goxel_scan_next(&o->scan);

    *ret_list = token == '{';
    *ret_count = 1;
    if (token == '{')
        return read_items(o, ret_count);
    return is_value(token) || unexpected(o, token, "a value");
}

static void unknown_option(struct outline *o)
{
    const char *nearest = goxel_option_nearest(o->full);

    if (goxel_section_known(o->full))
        ERROR(o, o->line, o->full, "is a section: %s { ... }", o->name);
    else if (nearest)
        ERROR(o, o->line, o->full, "unknown option, did you mean \"%s\"?", nearest);
    else
        ERROR(o, o->line, o->full, "unknown option");
}

/* False: the value must not be read. */
static bool accept_option(struct outline *o, bool list, size_t count)
{
    int slot = goxel_slot_find(o->section, o->name);

    if (slot < 0 && goxel_option_inert(o->name)) {
        goxel_report_warning(o->report, (struct goxel_origin){o->file, o->line}, o->full,
                             "has no effect; systemd does this better");
        return false;
    }
    if (slot < 0) {
        unknown_option(o);
        return false;
    }
    if (o->lines[slot]) {
        ERROR(o, o->line, o->full, "already given on line %u", o->lines[slot]);
        return false;
    }
    o->lines[slot] = o->line;
    if (list && !goxel_kind_is_list(goxel_option_rows[slot].kind)) {
        ERROR(o, o->line, o->full, "takes one value, not a list");
        return false;
    }
    if (count > GOXEL_ITEMS_MAX) {
        ERROR(o, o->line, o->full, "%zu items are more than %d", count, GOXEL_ITEMS_MAX);
        return false;
    }
    return true;
}

static bool read_option(struct outline *o)
{
    bool list;
    size_t count;

    if (!read_value(o, &list, &count))
        return false;
    if (accept_option(o, list, count))
        o->values += count;
    else
        blank_statement(o);
    return true;
}

/* ---- sections and the rest ---- */

/* Up to the closing bracket that belongs to the one just read. */
static bool skip_brackets(struct outline *o, int opening, int closing)
{
    for (size_t depth = 1; depth > 0;) {
        int token = goxel_scan_next(&o->scan);

        if (token == GOXEL_TOKEN_END || token == GOXEL_TOKEN_FAULT)
            return unexpected(o, token, closing == '}' ? "}" : ")");
        depth += token == opening;
        depth -= token == closing;
    }
    return true;
}

static bool skip_section(struct outline *o)
{
    const char *nearest = goxel_section_nearest(o->full);

    if (goxel_slot_find(o->section, o->name) >= 0)
        ERROR(o, o->line, o->full, "is an option: %s = ...", o->name);
    else if (nearest)
        ERROR(o, o->line, o->full, "unknown section, did you mean \"%s\"?", nearest);
    else
        ERROR(o, o->line, o->full, "unknown section");
    if (!skip_brackets(o, '{', '}'))
        return false;
    blank_statement(o);
    return true;
}

static bool open_section(struct outline *o)
{
    if (!goxel_section_known(o->full) || o->depth == DEPTH_MAX)
        return skip_section(o);
    memcpy(o->section, o->full, strlen(o->full) + 1); /* known, so short */
    o->opened[o->depth++] = o->line;
    return true;
}

static bool close_section(struct outline *o)
{
    char *dot = strrchr(o->section, '.');

    if (o->depth == 0) {
        ERROR(o, o->scan.start_line, "syntax", "a } without its {");
        return false;
    }
    o->depth--;
    *(dot ? dot : o->section) = '\0';
    return true;
}

static bool skip_call(struct outline *o)
{
    ERROR(o, o->line, o->full, "there are no functions, and no include()");
    if (!skip_brackets(o, '(', ')'))
        return false;
    blank_statement(o);
    return true;
}

/* False at the end of what can be read; *ret_ended tells the end of the file from a mistake. */
static bool read_statement(struct outline *o, bool *ret_ended)
{
    int token = goxel_scan_next(&o->scan);

    o->start = o->scan.start;
    o->line = o->scan.start_line;
    o->full[0] = '\0';
    if (token == GOXEL_TOKEN_END) {
        *ret_ended = true;
        return false;
    }
    if (token == '}')
        return close_section(o);
    if (token != GOXEL_TOKEN_WORD)
        return unexpected(o, token, "the name of an option or section");
    take_name(o);
    token = goxel_scan_next(&o->scan);
    if (token == '=')
        return read_option(o);
    if (token == '{')
        return open_section(o);
    if (token == '(')
        return skip_call(o);
    if (token == '+') {
        ERROR(o, o->line, o->full, "a list is given whole, with = instead of +=");
        return false;
    }
    return unexpected(o, token, "= or {");
}

size_t goxel_outline(char *text, size_t len, const char *file, struct goxel_report *report,
                     unsigned ret_lines[GOXEL_SLOT_COUNT])
{
    struct outline o = {.file = file, .report = report, .lines = ret_lines};
    bool ended = false;

    memset(ret_lines, 0, GOXEL_SLOT_COUNT * sizeof(*ret_lines));
    goxel_scan_init(&o.scan, text, len);
    while (!goxel_report_full(report) && read_statement(&o, &ended))
        continue;
    if (ended && o.depth > 0)
        ERROR(&o, o.opened[o.depth - 1], o.section, "the section is never closed");
    if (!ended)
        len = o.start;
    while (o.depth-- > 0)
        text[len++] = '}';
    text[len] = '\0';
    return o.values;
}
