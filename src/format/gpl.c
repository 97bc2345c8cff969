/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line at a time; lines are few, so that nothing here is in a hurry. */
#include "format/gpl.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "core/project.h"

#define COLUMNS_MAX 256

struct scan {
    const char *bytes;
    size_t at, end; /* of the line, without what ends it */
    int64_t line;
    struct goxel_detail *detail;
    struct goxel_palette palette;
};

/* ---- words of a line ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(struct scan *scan)
{
    while (scan->at < scan->end && is_blank(scan->bytes[scan->at]))
        scan->at++;
}

/* Past the word, if the line goes on with it. */
static bool take(struct scan *scan, const char *word)
{
    size_t len = strlen(word);

    if (scan->end - scan->at < len || memcmp(scan->bytes + scan->at, word, len) != 0)
        return false;
    scan->at += len;
    return true;
}

static int refuse(struct scan *scan, const char *field, const char *expected)
{
    goxel_fail_at(scan->detail, GOXEL_ERROR_INVALID_DATA, scan->line, (int64_t)scan->at, "%s: expected %s",
                  field, expected);
    if (scan->detail) {
        (void)snprintf(scan->detail->field, sizeof(scan->detail->field), "%s", field);
        (void)snprintf(scan->detail->expected, sizeof(scan->detail->expected), "%s", expected);
    }
    return GOXEL_ERROR_INVALID_DATA;
}

/* A number from 0 to `most`, with a blank or the end of the line behind it. */
static int take_number(struct scan *scan, int most, const char *field, int *ret_number)
{
    char expected[48];
    int number = 0;
    size_t start;

    skip_blanks(scan);
    start = scan->at;
    while (scan->at < scan->end && scan->bytes[scan->at] >= '0' && scan->bytes[scan->at] <= '9' &&
           number <= most)
        number = number * 10 + (scan->bytes[scan->at++] - '0');
    if (scan->at > start && number <= most && (scan->at == scan->end || is_blank(scan->bytes[scan->at]))) {
        *ret_number = number;
        return 0;
    }
    (void)snprintf(expected, sizeof(expected), "a number from 0 to %d", most);
    scan->at = start;
    return refuse(scan, field, expected);
}

/* The rest of the line without blanks around it: UTF-8 without control characters. */
static int take_text(struct scan *scan, const char *field, const char **ret_text, size_t *ret_len)
{
    size_t start, end = scan->end;

    skip_blanks(scan);
    start = scan->at;
    while (end > start && is_blank(scan->bytes[end - 1]))
        end--;
    while (scan->at < end) {
        size_t bytes = goxel_utf8_length(scan->bytes + scan->at, end - scan->at);

        if (bytes == 0 ||
            (bytes == 1 && (unsigned char)scan->bytes[scan->at] < ' ' && scan->bytes[scan->at] != '\t'))
            return refuse(scan, field, "UTF-8 without control characters");
        scan->at += bytes;
    }
    *ret_text = scan->bytes + start;
    *ret_len = end - start;
    return 0;
}

/* ---- lines ---- */

static int read_name(struct scan *scan)
{
    const char *text = "";
    size_t len = 0;
    int code = take_text(scan, "Name", &text, &len);

    if (!code)
        goxel_name_copy(scan->palette.name, text, len);
    return code;
}

static int read_columns(struct scan *scan)
{
    return take_number(scan, COLUMNS_MAX, "Columns", &scan->palette.columns);
}

static int read_color(struct scan *scan)
{
    static const char *const fields[3] = {"red", "green", "blue"};
    const char *name = "";
    size_t len = 0;
    int rgb[3], code = 0;

    for (int i = 0; i < 3 && !code; i++)
        code = take_number(scan, 255, fields[i], &rgb[i]);
    if (!code)
        code = take_text(scan, "colour name", &name, &len);
    if (code)
        return code;
    code = goxel_palette_add(&scan->palette,
                             (struct goxel_color){(uint8_t)rgb[0], (uint8_t)rgb[1], (uint8_t)rgb[2], 255},
                             name, len);
    if (code == GOXEL_ERROR_QUOTA)
        return goxel_fail_limit(
            scan->detail, code, len < GOXEL_PALETTE_TEXT_MAX ? "colours" : "bytes of a name",
            len < GOXEL_PALETTE_TEXT_MAX ? GOXEL_PALETTE_ENTRIES_MAX : GOXEL_PALETTE_TEXT_MAX - 1,
            len < GOXEL_PALETTE_TEXT_MAX ? GOXEL_PALETTE_ENTRIES_MAX + 1 : (int64_t)len);
    return code;
}

static int read_line(struct scan *scan)
{
    if (scan->line == 1)
        return take(scan, "GIMP Palette") ? 0 : refuse(scan, "first line", "GIMP Palette");
    skip_blanks(scan);
    if (scan->at == scan->end || scan->bytes[scan->at] == '#')
        return 0;
    if (take(scan, "Name:"))
        return read_name(scan);
    if (take(scan, "Columns:"))
        return read_columns(scan);
    return read_color(scan);
}

int goxel_gpl_read(const uint8_t *bytes, size_t len, struct goxel_detail *detail,
                   struct goxel_palette *ret_palette)
{
    struct scan scan = {.bytes = (const char *)bytes, .line = 1, .detail = detail};
    size_t next = 0;
    int code = 0;

    do {
        const uint8_t *feed = len > next ? memchr(bytes + next, '\n', len - next) : NULL;

        scan.at = next;
        scan.end = feed ? (size_t)(feed - bytes) : len;
        next = scan.end + 1;
        if (scan.end > scan.at && bytes[scan.end - 1] == '\r')
            scan.end--;
        code = read_line(&scan);
        scan.line++;
    } while (!code && next < len);
    if (code) {
        goxel_palette_finish(&scan.palette);
        return code;
    }
    *ret_palette = scan.palette;
    return 0;
}

/* ---- writing ---- */

static void put_text(struct goxel_buf *out, const char *text)
{
    for (; *text; text++)
        goxel_buf_putc(out, (unsigned char)*text < ' ' ? ' ' : *text);
}

int goxel_gpl_write(const struct goxel_palette *palette, struct goxel_buf *out)
{
    goxel_buf_puts(out, "GIMP Palette\n");
    if (palette->name[0]) {
        goxel_buf_puts(out, "Name: ");
        put_text(out, palette->name);
        goxel_buf_putc(out, '\n');
    }
    if (palette->columns > 0)
        goxel_buf_printf(out, "Columns: %d\n", palette->columns);
    goxel_buf_puts(out, "#\n");
    for (size_t i = 0; i < palette->count; i++) {
        const struct goxel_palette_entry *entry = &palette->entries[i];

        goxel_buf_printf(out, "%3d %3d %3d\t", entry->color.r, entry->color.g, entry->color.b);
        put_text(out, goxel_palette_entry_name(entry));
        goxel_buf_putc(out, '\n');
    }
    return out->failed;
}
