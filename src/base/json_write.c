/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compact JSON straight into a buffer. What comes out is valid whatever goes in: control characters
 * are escaped, malformed UTF-8 becomes U+FFFD, a number without a JSON spelling becomes null.
 */
#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

#define EXACT_MAX (1ull << 53) /* the last count that every client's double can hold */
#define LEVELS_MAX 64          /* bits of is_object */
#define INTEGER_DIGITS 18      /* as many always fit int64 */

/* ---- strings ---- */

/* The character after the backslash, or 0: `c` needs none, or a \u escape. */
static char short_escape(char c)
{
    static const char meanings[] = "\"\\\b\f\n\r\t", escapes[] = "\"\\bfnrt";
    const char *known = c ? strchr(meanings, c) : NULL;

    return known ? escapes[known - meanings] : '\0';
}

static size_t plain_run(const char *text, size_t len)
{
    size_t run = 0;

    while (run < len && (unsigned char)text[run] >= 0x20 && text[run] != '"' && text[run] != '\\') {
        size_t n = goxel_utf8_length(text + run, len - run);

        if (n == 0)
            break;
        run += n;
    }
    return run;
}

static void write_string(struct goxel_buf *buf, const char *text, size_t len)
{
    goxel_buf_putc(buf, '"');
    for (size_t at = 0; at < len; at++) {
        size_t run = plain_run(text + at, len - at);

        goxel_buf_append(buf, text + at, run);
        at += run;
        if (at == len)
            break;
        if (short_escape(text[at]))
            goxel_buf_append(buf, (char[]){'\\', short_escape(text[at])}, 2);
        else if ((unsigned char)text[at] < 0x20)
            goxel_buf_printf(buf, "\\u%04x", (unsigned)text[at]);
        else
            goxel_buf_puts(buf, "\xef\xbf\xbd");
    }
    goxel_buf_putc(buf, '"');
}

/* ---- numbers ---- */

/* A finite double as its sign, decimal digits, and the exponent of the first of them. */
struct decimal {
    bool negative;
    char digits[24];
    int count;
    int exponent;
};

/* Rounded to `count` digits. The locale's decimal point, whatever it is, is no digit. */
static void round_to(double value, int count, struct decimal *ret_decimal)
{
    struct decimal d = {.negative = signbit(value) != 0};
    char text[40];
    const char *at = text;

    (void)snprintf(text, sizeof(text), "%.*e", count - 1, value);
    for (; *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9')
            d.digits[d.count++] = *at;
    }
    d.exponent = (int)strtol(at + 1, NULL, 10);
    *ret_decimal = d;
}

/* The next larger one of as many digits; false if they are all nines. */
static bool step_up(struct decimal *d)
{
    int i = d->count - 1;

    while (i >= 0 && d->digits[i] == '9')
        d->digits[i--] = '0';
    if (i >= 0)
        d->digits[i]++;
    return i >= 0;
}

static bool reads_back(const struct decimal *d, double value)
{
    char text[40];

    (void)snprintf(text, sizeof(text), "%.*se%d", d->count, d->digits, d->exponent - d->count + 1);
    return strtod(text, NULL) == fabs(value);
}

/*
 * The fewest digits that read back equal. Up to 15 always survive a normal double, so trying fewer
 * finds nothing that cutting zeros off 15 does not; subnormal ones hold fewer. 17 are always enough.
 * Below a power of two the doubles are denser than above: there the nearest decimal may miss while
 * the next larger one reads back.
 */
static void shortest(double value, struct decimal *ret_decimal)
{
    struct decimal d;

    for (int count = fabs(value) < DBL_MIN ? 1 : 15;; count++) {
        round_to(value, count, &d);
        if (count >= 17 || reads_back(&d, value) || (step_up(&d) && reads_back(&d, value)))
            break;
    }
    while (d.count > 1 && d.digits[d.count - 1] == '0')
        d.count--;
    *ret_decimal = d;
}

static void write_zeros(struct goxel_buf *buf, int count)
{
    while (count-- > 0)
        goxel_buf_putc(buf, '0');
}

/*
 * 1500, 0.00015, 1.5e22, 1.5e-7: JavaScript's spelling, but for two cases. Without a fraction or
 * exponent it would be read as an integer, and those must fit int64 and have no negative zero.
 */
static void write_decimal(struct goxel_buf *buf, const struct decimal *d)
{
    int point = d->exponent + 1; /* digits before the decimal point */

    if (d->negative)
        goxel_buf_putc(buf, '-');
    if (d->negative && d->digits[0] == '0') {
        goxel_buf_puts(buf, "0.0");
    } else if (point > INTEGER_DIGITS || point < -5) {
        goxel_buf_append(buf, d->digits, 1);
        if (d->count > 1)
            goxel_buf_printf(buf, ".%.*s", d->count - 1, d->digits + 1);
        goxel_buf_printf(buf, "e%d", d->exponent);
    } else if (point <= 0) {
        goxel_buf_puts(buf, "0.");
        write_zeros(buf, -point);
        goxel_buf_append(buf, d->digits, (size_t)d->count);
    } else if (point >= d->count) {
        goxel_buf_append(buf, d->digits, (size_t)d->count);
        write_zeros(buf, point - d->count);
    } else {
        goxel_buf_printf(buf, "%.*s.%.*s", point, d->digits, d->count - point, d->digits + point);
    }
}

static void write_double(struct goxel_buf *buf, double value)
{
    struct decimal d;

    if (!isfinite(value)) {
        goxel_buf_puts(buf, "null");
        return;
    }
    shortest(value, &d);
    write_decimal(buf, &d);
}

/* ---- a tree ---- */

static void write_node(struct goxel_buf *buf, const struct goxel_json *node);

static void write_array(struct goxel_buf *buf, const struct goxel_json *array)
{
    goxel_buf_putc(buf, '[');
    for (size_t i = 0, n = goxel_json_length(array); i < n; i++) {
        if (i > 0)
            goxel_buf_putc(buf, ',');
        write_node(buf, goxel_json_at(array, i));
    }
    goxel_buf_putc(buf, ']');
}

static void write_object(struct goxel_buf *buf, const struct goxel_json *object)
{
    struct goxel_json_iter it = {0};
    const char *before = "{";

    while (goxel_json_next(object, &it)) {
        goxel_buf_puts(buf, before);
        write_string(buf, it.key, strlen(it.key));
        goxel_buf_putc(buf, ':');
        write_node(buf, it.value);
        before = ",";
    }
    goxel_buf_puts(buf, it.entry ? "}" : "{}");
}

/* Recursion is bounded: the scanner lets no tree nest deeper than GOXEL_JSON_LEVELS. */
static void write_node(struct goxel_buf *buf, const struct goxel_json *node)
{
    const char *string;
    size_t len;

    switch (goxel_json_type(node)) {
    case GOXEL_JSON_NULL:
        goxel_buf_puts(buf, "null");
        break;
    case GOXEL_JSON_BOOL:
        goxel_buf_puts(buf, goxel_json_bool(node) ? "true" : "false");
        break;
    case GOXEL_JSON_INT:
        goxel_buf_put_int(buf, goxel_json_int(node));
        break;
    case GOXEL_JSON_DOUBLE:
        write_double(buf, goxel_json_double(node));
        break;
    case GOXEL_JSON_STRING:
        string = goxel_json_string(node, &len);
        write_string(buf, string, len);
        break;
    case GOXEL_JSON_ARRAY:
        write_array(buf, node);
        break;
    case GOXEL_JSON_OBJECT:
        write_object(buf, node);
        break;
    }
}

/* ---- the writer ---- */

void goxel_json_writer_init(struct goxel_json_writer *w, struct goxel_buf *buf)
{
    memset(w, 0, sizeof(*w));
    w->buf = buf;
}

static bool inside_object(const struct goxel_json_writer *w)
{
    return w->depth > 0 && (w->is_object >> (w->depth - 1) & 1);
}

/* What stands before every value: the comma, and the key inside an object. */
static void begin_value(struct goxel_json_writer *w, const char *key)
{
    assert(inside_object(w) == (key != NULL));
    assert(w->depth > 0 || !w->comma); /* one value at the top */
    if (w->comma)
        goxel_buf_putc(w->buf, ',');
    w->comma = true;
    if (key) {
        write_string(w->buf, key, strlen(key));
        goxel_buf_putc(w->buf, ':');
    }
}

static void open_level(struct goxel_json_writer *w, const char *key, bool is_object)
{
    begin_value(w, key);
    assert(w->depth < LEVELS_MAX);
    w->is_object &= ~((uint64_t)1 << w->depth);
    w->is_object |= (uint64_t)is_object << w->depth;
    w->depth++;
    w->comma = false;
    goxel_buf_putc(w->buf, is_object ? '{' : '[');
}

void goxel_json_put_object(struct goxel_json_writer *w, const char *key)
{
    open_level(w, key, true);
}

void goxel_json_put_array(struct goxel_json_writer *w, const char *key)
{
    open_level(w, key, false);
}

void goxel_json_put_end(struct goxel_json_writer *w)
{
    assert(w->depth > 0);
    goxel_buf_putc(w->buf, inside_object(w) ? '}' : ']');
    w->depth--;
    w->comma = true;
}

void goxel_json_put_null(struct goxel_json_writer *w, const char *key)
{
    begin_value(w, key);
    goxel_buf_puts(w->buf, "null");
}

void goxel_json_put_bool(struct goxel_json_writer *w, const char *key, bool value)
{
    begin_value(w, key);
    goxel_buf_puts(w->buf, value ? "true" : "false");
}

void goxel_json_put_int(struct goxel_json_writer *w, const char *key, int64_t value)
{
    begin_value(w, key);
    goxel_buf_put_int(w->buf, value);
}

void goxel_json_put_count(struct goxel_json_writer *w, const char *key, uint64_t value)
{
    begin_value(w, key);
    if (value > EXACT_MAX)
        goxel_buf_printf(w->buf, "\"%" PRIu64 "\"", value);
    else
        goxel_buf_put_int(w->buf, (int64_t)value);
}

void goxel_json_put_double(struct goxel_json_writer *w, const char *key, double value)
{
    begin_value(w, key);
    write_double(w->buf, value);
}

void goxel_json_put_string(struct goxel_json_writer *w, const char *key, const char *value)
{
    if (value)
        goxel_json_put_string_len(w, key, value, strlen(value));
    else
        goxel_json_put_null(w, key);
}

void goxel_json_put_string_len(struct goxel_json_writer *w, const char *key, const char *value, size_t len)
{
    begin_value(w, key);
    write_string(w->buf, value, len);
}

void goxel_json_put_node(struct goxel_json_writer *w, const char *key, const struct goxel_json *node)
{
    begin_value(w, key);
    write_node(w->buf, node);
}

void goxel_json_put_raw(struct goxel_json_writer *w, const char *key, const char *text, size_t len)
{
    begin_value(w, key);
    goxel_buf_append(w->buf, text, len);
}

void goxel_json_put_printable(struct goxel_buf *out, const char *json, size_t len)
{
    for (size_t i = 0, n; i < len; i += n) {
        unsigned code_point;

        n = goxel_utf8_commanding(json + i, len - i, &code_point);
        if (n)
            goxel_buf_printf(out, "\\u%04x", code_point);
        else
            goxel_buf_append(out, json + i, n = 1);
    }
}

void goxel_json_put_each_word(struct goxel_json_writer *w, const char *words)
{
    for (const char *at = words; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");

        goxel_json_put_string_len(w, NULL, at, len);
        at += len;
    }
}

void goxel_json_put_words(struct goxel_json_writer *w, const char *key, const char *words)
{
    goxel_json_put_array(w, key);
    goxel_json_put_each_word(w, words);
    goxel_json_put_end(w);
}
