/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/manual.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/error.h"

#define COLUMNS 78

void goxel_terms_help(const struct goxel_term *terms, FILE *out)
{
    int width = 0;

    for (const struct goxel_term *at = terms; at->name; at++)
        width = (int)strlen(at->name) > width ? (int)strlen(at->name) : width;
    for (const struct goxel_term *at = terms; at->name; at++)
        fprintf(out, "  %-*s  %s\n", width, at->name, at->text);
}

/* ---- text ---- */

/* What a character is, for who would take it for something else, or print it as another one. */
static const char *escape_of(char c)
{
    static const char *const escapes[128] = {
        ['\\'] = "\\e", ['-'] = "\\-", ['~'] = "\\(ti", ['^'] = "\\(ha", ['"'] = "\\(dq", ['\''] = "\\(aq",
    };

    return (unsigned char)c < 128 ? escapes[(unsigned char)c] : NULL;
}

/* Appends a word, which may begin a line. What is in backticks is bold: `bold` says whether that has begun. */
static void put_word(const char *word, size_t len, bool *bold, struct goxel_buf *line)
{
    if (*word == '.')
        goxel_buf_puts(line, "\\&");
    for (size_t i = 0; i < len; i++) {
        const char *escape = escape_of(word[i]);

        if (word[i] == '`') {
            *bold = !*bold;
            goxel_buf_puts(line, *bold ? "\\fB" : "\\fR");
        } else if (escape) {
            goxel_buf_puts(line, escape);
        } else {
            goxel_buf_putc(line, word[i]);
        }
    }
}

/* "this." before "That", or before what is in backticks. */
static bool ends_sentence(const char *word, size_t len, const char *next)
{
    return len > 1 && strchr(".!?", word[len - 1]) && (isupper((unsigned char)*next) || *next == '`');
}

void goxel_manual_text(const char *text, struct goxel_buf *out)
{
    size_t begin = out->len; /* of the line */
    bool bold = false;

    for (const char *at = text + strspn(text, " \n"); *at && !out->failed;) {
        size_t len = strcspn(at, " \n"), gap = strspn(at + len, " \n"), before = out->len;

        if (before > begin)
            goxel_buf_putc(out, ' ');
        put_word(at, len, &bold, out);
        if (out->failed)
            return;
        if (before > begin && out->len - begin > COLUMNS) {
            out->data[before] = '\n';
            begin = before + 1;
        }
        if (ends_sentence(at, len, at + len + gap) || !at[len + gap]) {
            goxel_buf_putc(out, '\n');
            begin = out->len;
        }
        at += len + gap;
    }
}

/* Is the first word one, and not "project,state" or "health:"? */
static bool begins_plainly(const char *text)
{
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz'")] == ' ';
}

void goxel_manual_sentence(const char *text, struct goxel_buf *out)
{
    size_t len = strlen(text), begin = out->len;

    goxel_manual_text(text, out);
    if (out->failed || !len)
        return;
    if (begins_plainly(text))
        out->data[begin] = (char)toupper((unsigned char)out->data[begin]);
    if (text[len - 1] == '.')
        return;
    out->data[out->len - 1] = '.'; /* in place of the newline */
    goxel_buf_putc(out, '\n');
}

/* ---- items ---- */

void goxel_manual_flag(const struct goxel_flag *flag, struct goxel_buf *out)
{
    goxel_buf_puts(out, ".It ");
    if (flag->letter)
        goxel_buf_printf(out, "Fl %c , ", flag->letter);
    goxel_buf_puts(out, "Fl ");
    for (const char *at = flag->name + 1; *at; at++) /* Fl brings the first - */
        goxel_buf_puts(out, *at == '-' ? "\\-" : (char[]){*at, '\0'});
    goxel_buf_printf(out, "%s%s\n", flag->argument ? " Ar " : "", flag->argument ? flag->argument : "");
    goxel_manual_sentence(flag->help, out);
}

void goxel_manual_flags(const struct goxel_flags *flags, struct goxel_buf *out)
{
    for (size_t i = 0; i < flags->count; i++)
        goxel_manual_flag(goxel_flag_at(flags, i), out);
}

void goxel_manual_terms(const char *macro, const struct goxel_term *terms, struct goxel_buf *out)
{
    for (const struct goxel_term *at = terms; at->name; at++) {
        goxel_buf_printf(out, ".It %s %s\n", macro, at->name);
        goxel_manual_sentence(at->text, out);
    }
}

/* ---- pages ---- */

static void put_made(struct goxel_buf *out)
{
    goxel_buf_puts(out,
                   ".\\\" Made by `make man` from the prose in docs/man and the tables of the program.\n");
}

/* ".Dd November 27, 2026" */
static void put_date(struct goxel_buf *out)
{
    struct tm date = {0};
    char text[64];

    (void)strptime(GOXEL_DATE, "%Y-%m-%d", &date);
    (void)strftime(text, sizeof(text), ".Dd %B %-d, %Y\n", &date);
    goxel_buf_puts(out, text);
}

static void put_version(struct goxel_buf *out)
{
    goxel_buf_puts(out, ".Os goxel-daemon " GOXEL_VERSION "\n");
}

static const struct goxel_manual_part common[] = {
    {"made", put_made},
    {"date", put_date},
    {"version", put_version},
    {NULL, NULL},
};

/* The place of `@name@` as a whole line; NULL: there is none. */
static const char *find_line(const char *prose, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = prose; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL) {
        if (at[0] == '@' && !strncmp(at + 1, name, len) && !strncmp(at + 1 + len, "@\n", 2))
            return at;
    }
    return NULL;
}

static const struct goxel_manual_part *part_of(const char *line, const struct goxel_manual_part *parts)
{
    for (const struct goxel_manual_part *part = parts; part->name; part++) {
        if (find_line(line, part->name) == line)
            return part;
    }
    return NULL;
}

static bool all_wanted(const char *prose, const struct goxel_manual_part *parts)
{
    for (const struct goxel_manual_part *part = parts; part->name; part++) {
        if (!find_line(prose, part->name))
            return false;
    }
    return true;
}

void goxel_manual_write(const char *prose, const struct goxel_manual_part *parts, struct goxel_buf *out)
{
    if (!out->failed && (!all_wanted(prose, common) || !all_wanted(prose, parts)))
        out->failed = GOXEL_ERROR_INVALID_DATA;
    for (const char *line = prose; *line && !out->failed;) {
        const struct goxel_manual_part *part = part_of(line, common);
        size_t len = strcspn(line, "\n");

        part = part ? part : part_of(line, parts);
        len += line[len] == '\n';
        if (part)
            part->put(out);
        else if (*line == '@')
            out->failed = GOXEL_ERROR_INVALID_DATA;
        else
            goxel_buf_append(out, line, len);
        line += len;
    }
}
