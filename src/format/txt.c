/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines are taken apart where they lie and put together by hand: a model has millions of them. */
#include "format/txt.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "format/grid.h"

/* ---- reading ---- */

struct scan {
    const uint8_t *bytes;
    size_t at;
    size_t end; /* of the line, without its line feed */
    int64_t line;
    struct goxel_detail *detail;
};

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\v' || byte == '\f';
}

static void skip_spaces(struct scan *scan)
{
    while (scan->at < scan->end && is_space(scan->bytes[scan->at]))
        scan->at++;
}

/* What stands at `start`, as far as it may be shown. */
static int refuse(struct scan *scan, int code, size_t start, const char *field, const char *expected)
{
    char shown[32];
    size_t len = 0;

    while (start + len < scan->end && !is_space(scan->bytes[start + len]) && len < sizeof(shown) - 1) {
        uint8_t byte = scan->bytes[start + len];

        shown[len++] = byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
    }
    shown[len] = '\0';
    goxel_fail_at(scan->detail, code, scan->line, (int64_t)start, "%s is \"%s\": expected %s", field, shown,
                  expected);
    if (scan->detail) {
        snprintf(scan->detail->field, sizeof(scan->detail->field), "%s", field);
        snprintf(scan->detail->value, sizeof(scan->detail->value), "%s", shown);
        snprintf(scan->detail->expected, sizeof(scan->detail->expected), "%s", expected);
    }
    return code;
}

/* The end of a field: white space or the end of the line. */
static bool field_ends(const struct scan *scan)
{
    return scan->at == scan->end || is_space(scan->bytes[scan->at]);
}

static int scan_coordinate(struct scan *scan, const char *field, int32_t *ret_value)
{
    size_t start, digits;
    bool negative;
    int32_t value = 0;

    skip_spaces(scan);
    start = scan->at;
    negative = scan->at < scan->end && scan->bytes[scan->at] == '-';
    scan->at += negative;
    for (digits = scan->at; scan->at < scan->end; scan->at++) {
        unsigned digit = scan->bytes[scan->at] - (unsigned)'0';

        if (digit > 9)
            break;
        if (value <= GOXEL_COORD_MAX) /* too large is too large, whatever follows */
            value = value * 10 + (int32_t)digit;
    }
    if (scan->at == digits || !field_ends(scan))
        return refuse(scan, GOXEL_ERROR_INVALID_DATA, start, field, "an integer");
    value = negative ? -value : value;
    if (value < GOXEL_COORD_MIN || value > GOXEL_COORD_MAX)
        return refuse(scan, GOXEL_ERROR_INVALID_COORDINATES, start, field, "-1048576 to 1048575");
    *ret_value = value;
    return 0;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20; /* lower case */
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static int scan_color(struct scan *scan, struct goxel_color *ret_color)
{
    uint8_t parts[3];
    size_t start;

    skip_spaces(scan);
    start = scan->at;
    for (size_t i = 0; i < 3; i++, scan->at += 2) {
        int high = scan->at < scan->end ? hex_digit(scan->bytes[scan->at]) : -1;
        int low = scan->at + 1 < scan->end ? hex_digit(scan->bytes[scan->at + 1]) : -1;

        if (high < 0 || low < 0)
            return refuse(scan, GOXEL_ERROR_INVALID_DATA, start, "color", "six hexadecimal digits");
        parts[i] = (uint8_t)(high << 4 | low);
    }
    if (!field_ends(scan))
        return refuse(scan, GOXEL_ERROR_INVALID_DATA, start, "color", "six hexadecimal digits");
    *ret_color = (struct goxel_color){parts[0], parts[1], parts[2], 255};
    return 0;
}

static int scan_line(struct scan *scan, struct goxel_volume *volume)
{
    struct goxel_pos pos;
    struct goxel_color color;
    int result;

    skip_spaces(scan);
    if (scan->at == scan->end || scan->bytes[scan->at] == '#')
        return 0;
    if ((result = scan_coordinate(scan, "X", &pos.x)) || (result = scan_coordinate(scan, "Y", &pos.y)) ||
        (result = scan_coordinate(scan, "Z", &pos.z)) || (result = scan_color(scan, &color)))
        return result;
    skip_spaces(scan);
    if (scan->at < scan->end)
        return refuse(scan, GOXEL_ERROR_INVALID_DATA, scan->at, "line", "nothing after the colour");
    return goxel_volume_set_at(volume, pos, color);
}

static int scan_lines(struct scan *scan, const struct goxel_import *import, struct goxel_volume *volume)
{
    while (scan->at < import->len) {
        const uint8_t *feed = memchr(scan->bytes + scan->at, '\n', import->len - scan->at);
        int result = 0;

        scan->end = feed ? (size_t)(feed - scan->bytes) : import->len;
        if (scan->line++ % 1024 == 0)
            result = goxel_cancel_check(import->cancel);
        if (!result)
            result = scan_line(scan, volume);
        if (!result)
            result = goxel_import_check_bricks(import, goxel_volume_bricks(volume));
        if (result)
            return result;
        scan->at = scan->end + 1;
    }
    return 0;
}

int goxel_txt_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct scan scan = {.bytes = import->bytes, .detail = import->detail};
    struct goxel_project *project = goxel_project_create("");
    struct goxel_layer *layer;
    int result = GOXEL_ERROR_OUT_OF_MEMORY;

    if (project)
        result = goxel_project_add_layer(project, NULL, -1, &layer, import->detail);
    if (!result)
        result = scan_lines(&scan, import, layer->volume);
    if (result) {
        goxel_project_unref(project);
        return result;
    }
    *ret_project = project;
    return 0;
}

/* ---- writing ---- */

struct print {
    struct goxel_buf *out;
    struct goxel_export_alpha alpha;
    int64_t bricks; /* with a line */
    struct goxel_pos last;
};

static char *put_int(char *to, int32_t value, char after)
{
    char digits[12];
    int count = 0;
    uint32_t rest = value < 0 ? -(uint32_t)value : (uint32_t)value;

    if (value < 0)
        *to++ = '-';
    do
        digits[count++] = (char)('0' + rest % 10);
    while (rest /= 10);
    while (count > 0)
        *to++ = digits[--count];
    *to++ = after;
    return to;
}

static char *put_hex(char *to, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";

    *to++ = digits[byte >> 4];
    *to++ = digits[byte & 15];
    return to;
}

/* The walk ends one brick before it begins the next. */
static void count_brick(struct print *print, struct goxel_pos pos)
{
    struct goxel_pos brick = {pos.x & ~15, pos.y & ~15, pos.z & ~15};

    if (print->bricks > 0 && memcmp(&brick, &print->last, sizeof(brick)) == 0)
        return;
    print->bricks++;
    print->last = brick;
}

static int print_voxel(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct print *print = ctx;
    char line[64], *to = line; /* at most three times 9 characters, and 7 */

    if (color.a < GOXEL_EXPORT_ALPHA_MIN) {
        print->alpha.dropped++;
        return 0;
    }
    print->alpha.made_opaque += color.a < 255;
    count_brick(print, pos);
    to = put_int(to, pos.x, ' ');
    to = put_int(to, pos.y, ' ');
    to = put_int(to, pos.z, ' ');
    to = put_hex(put_hex(put_hex(to, color.r), color.g), color.b);
    *to++ = '\n';
    (void)goxel_buf_append(print->out, line, (size_t)(to - line));
    return goxel_buf_offer(print->out);
}

int goxel_txt_write(const struct goxel_export *export, struct goxel_buf *out)
{
    struct print print = {.out = out};
    size_t before = out->drained + out->len;
    struct goxel_volume *picture;
    int result = goxel_export_flat(export, &picture);

    if (result)
        return result;
    goxel_buf_puts(out, "# goxel-daemon\n# One line per voxel\n# X Y Z RRGGBB\n");
    result = goxel_volume_visit(picture, NULL, export->cancel, print_voxel, &print);
    if (!result)
        result = goxel_export_check_bricks(export, print.bricks, out->drained + out->len - before);
    goxel_volume_destroy(picture);
    if (result || out->failed)
        return result ? result : out->failed;
    goxel_export_warn_alpha(export, &print.alpha);
    return 0;
}
