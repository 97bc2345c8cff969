/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The strict scanner: RFC 8259 to the letter, in one pass, without recursion.
 *
 *   VALUE ──scalar──► AFTER ──','──► VALUE (array) or KEY (object)
 *     │ '['  ► FIRST_VALUE (a value or ']')        ▲ a closing bracket leads to AFTER one level up
 *     │ '{'  ► FIRST_KEY (a key or '}')            │
 *     └─ KEY ──"key" ':'──► VALUE ─────────────────┘
 *
 * AFTER at level 0 ends the text. Beyond the grammar it refuses what the tree could not hold
 * faithfully (integers outside int64, doubles that overflow, duplicate keys, a NUL in a key), and
 * charges every value with the memory its node will take.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/utf8.h"

/*
 * What nodes of json-c 0.16 take on 64-bit glibc, in bytes, measured with mallinfo2 and rounded up:
 * scalars 64 each (null none), strings 72 and their bytes, arrays 144 and a pointer an element, of
 * which growth may leave as many unused, objects 784 with a table of 16, a key 32 with up to 23 bytes,
 * and 40 for each further slot of the table, which doubles when 66 of 100 are taken.
 */
enum {
    COST_SCALAR = 64,
    COST_STRING = 80,
    COST_ARRAY = 160,
    COST_ELEMENT = 16,
    COST_OBJECT = 784,
    COST_KEY = 32,
    COST_SLOT = 40,
    FIRST_SLOTS = 16,
};

enum state { VALUE, FIRST_VALUE, KEY, FIRST_KEY, AFTER };

struct level {
    bool is_object;
    size_t members;
    size_t slots; /* of json-c's table, were it built */
};

struct scanner {
    const char *text;
    size_t len, at;
    const struct goxel_json_limits *limits;
    struct goxel_detail *detail;
    enum state state;
    size_t depth;
    struct level levels[GOXEL_JSON_LEVELS + 1]; /* by depth; level 0 holds the text's one value */
    size_t cost;
    struct goxel_json_keys keys;
};

/* ---- failures ---- */

static int64_t line_of(const struct scanner *s, size_t offset)
{
    int64_t line = 1;

    for (size_t i = 0; i < offset; i++)
        line += s->text[i] == '\n';
    return line;
}

static int fail_at(struct scanner *s, int code, size_t offset, const char *text, const char *expected)
{
    if (!s->detail)
        return code;
    (void)goxel_fail_at(s->detail, code, line_of(s, offset), (int64_t)offset, "%s", text);
    (void)snprintf(s->detail->expected, sizeof(s->detail->expected), "%s", expected);
    return code;
}

/* Something else stands at `offset`. */
static int unexpected(struct scanner *s, size_t offset, const char *expected)
{
    char text[32] = "unexpected end";
    int byte;

    if (offset < s->len) {
        byte = (unsigned char)s->text[offset];
        (void)snprintf(text, sizeof(text),
                       byte > 0x20 && byte < 0x7f ? "unexpected '%c'" : "unexpected byte 0x%02x", byte);
    }
    return fail_at(s, GOXEL_ERROR_JSON_SYNTAX, offset, text, expected);
}

static int above_limit(struct scanner *s, int code, const char *what, size_t limit, size_t given)
{
    (void)goxel_fail_limit(s->detail, code, what, (int64_t)limit, (int64_t)given);
    if (s->detail) {
        s->detail->line = line_of(s, s->at);
        s->detail->offset = (int64_t)s->at;
    }
    return code;
}

/* `cost` cannot wrap: it is looked at after every step, and no step adds above 64 times the text's length. */
static int charge(struct scanner *s, size_t bytes)
{
    s->cost += bytes;
    if (s->cost > s->limits->tree_bytes)
        return above_limit(s, GOXEL_ERROR_JSON_SIZE, "memory for the values", s->limits->tree_bytes, s->cost);
    return 0;
}

/* ---- strings ---- */

static int scan_unicode(struct scanner *s)
{
    size_t start = s->at;
    int unit = s->len - start < 6 ? -1 : goxel_json_hex4(s->text + start + 2);

    if (unit < 0)
        return unexpected(s, start, "\\u and four hexadecimal digits");
    s->at += 6;
    if (unit < 0xd800 || unit > 0xdfff)
        return 0;
    if (unit < 0xdc00 && s->len - s->at >= 6 && s->text[s->at] == '\\' && s->text[s->at + 1] == 'u') {
        int low = goxel_json_hex4(s->text + s->at + 2);

        if (low >= 0xdc00 && low <= 0xdfff) {
            s->at += 6;
            return 0;
        }
    }
    return fail_at(s, GOXEL_ERROR_JSON_UTF8, start, "half of a surrogate pair",
                   "a high surrogate followed by a low one");
}

static int scan_escape(struct scanner *s)
{
    char kind = s->at + 1 < s->len ? s->text[s->at + 1] : '\0';

    if (kind == 'u')
        return scan_unicode(s);
    if (kind == '\0' || !strchr("\"\\/bfnrt", kind))
        return unexpected(s, s->at + 1, "one of \" \\ / b f n r t u");
    s->at += 2;
    return 0;
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* What stands in a string and is neither plain nor its closing quote. */
static int scan_special(struct scanner *s)
{
    size_t n;

    if (s->at == s->len)
        return unexpected(s, s->at, "a closing '\"'");
    if (s->text[s->at] == '\\')
        return scan_escape(s);
    if ((unsigned char)s->text[s->at] < 0x20)
        return unexpected(s, s->at, "control characters in strings to be escaped");
    n = goxel_utf8_length(s->text + s->at, s->len - s->at);
    s->at += n;
    return n > 0 ? 0 : fail_at(s, GOXEL_ERROR_JSON_UTF8, s->at, "malformed character", "UTF-8");
}

/* From the opening quote past the closing one. */
static int scan_string(struct scanner *s)
{
    int code;

    s->at++;
    for (;;) {
        while (s->at < s->len && is_plain((unsigned char)s->text[s->at]))
            s->at++;
        if (s->at < s->len && s->text[s->at] == '"')
            break;
        code = scan_special(s);
        if (code)
            return code;
    }
    s->at++;
    return 0;
}

/* ---- scalars ---- */

static bool digit_at(const struct scanner *s, size_t at)
{
    return at < s->len && s->text[at] >= '0' && s->text[at] <= '9';
}

/* One digit or more. */
static int scan_digits(struct scanner *s)
{
    if (!digit_at(s, s->at))
        return unexpected(s, s->at, "a digit");
    while (digit_at(s, s->at))
        s->at++;
    return 0;
}

/* The value must have a place: int64 for what is written as an integer, a finite double for the rest. */
static int check_range(struct scanner *s, size_t start, bool integer)
{
    const char *literal = s->text + start;
    size_t len = s->at - start;
    int64_t value;

    if (integer && !goxel_json_number_int(literal, len, &value))
        return fail_at(s, GOXEL_ERROR_JSON_NUMBER, start, "integer out of range",
                       "-9223372036854775808 to 9223372036854775807");
    if (!integer && __builtin_isinf(goxel_json_number_double(literal, len)))
        return fail_at(s, GOXEL_ERROR_JSON_NUMBER, start, "number out of range",
                       "at most 1.8e308 in magnitude");
    return 0;
}

static int scan_number(struct scanner *s)
{
    size_t start = s->at;
    bool integer = true;
    int code = 0;

    if (s->text[s->at] == '-')
        s->at++;
    if (s->at < s->len && s->text[s->at] == '0')
        s->at++;
    else
        code = scan_digits(s);
    if (!code && s->at < s->len && s->text[s->at] == '.') {
        integer = false;
        s->at++;
        code = scan_digits(s);
    }
    if (!code && s->at < s->len && (s->text[s->at] == 'e' || s->text[s->at] == 'E')) {
        integer = false;
        s->at++;
        if (s->at < s->len && (s->text[s->at] == '+' || s->text[s->at] == '-'))
            s->at++;
        code = scan_digits(s);
    }
    return code ? code : check_range(s, start, integer);
}

/* true, false and null. */
static int scan_word(struct scanner *s, const char *word)
{
    for (; *word; word++, s->at++) {
        if (s->at == s->len || s->text[s->at] != *word)
            return unexpected(s, s->at, "true, false or null");
    }
    return 0;
}

static int scan_scalar(struct scanner *s, char first, size_t *ret_cost)
{
    size_t start = s->at;
    int code;

    *ret_cost = COST_SCALAR;
    switch (first) {
    case '"':
        code = scan_string(s);
        *ret_cost = COST_STRING + (s->at - start);
        return code;
    case 't':
        return scan_word(s, "true");
    case 'f':
        return scan_word(s, "false");
    case 'n':
        *ret_cost = 0;
        return scan_word(s, "null");
    default:
        return scan_number(s);
    }
}

/* ---- structure ---- */

static int open_level(struct scanner *s, bool is_object)
{
    size_t most = s->limits->depth < GOXEL_JSON_LEVELS ? s->limits->depth : GOXEL_JSON_LEVELS;

    if (s->depth >= most)
        return above_limit(s, GOXEL_ERROR_JSON_DEPTH, "nesting", most, s->depth + 1);
    s->at++;
    s->levels[++s->depth] = (struct level){.is_object = is_object, .slots = FIRST_SLOTS};
    s->state = is_object ? FIRST_KEY : FIRST_VALUE;
    return charge(s, is_object ? COST_OBJECT : COST_ARRAY);
}

static int close_level(struct scanner *s)
{
    if (s->levels[s->depth].is_object)
        goxel_json_keys_leave(&s->keys, s->depth);
    s->at++;
    s->depth--;
    s->state = AFTER;
    return 0;
}

static int step_value(struct scanner *s, char c)
{
    size_t cost;
    int code;

    if (c == ']' && s->state == FIRST_VALUE)
        return close_level(s);
    if (c == '\0' || !strchr("{[\"tfn-0123456789", c))
        return unexpected(s, s->at, s->state == FIRST_VALUE ? "a value or ']'" : "a value");
    if (s->depth > 0 && !s->levels[s->depth].is_object) {
        code = charge(s, COST_ELEMENT);
        if (code)
            return code;
    }
    if (c == '{' || c == '[')
        return open_level(s, c == '{');
    s->state = AFTER;
    code = scan_scalar(s, c, &cost);
    return code ? code : charge(s, cost);
}

static int charge_key(struct scanner *s, size_t len)
{
    struct level *level = &s->levels[s->depth];
    size_t slots = 0;

    if (level->members++ * 50 >= level->slots * 33) {
        slots = level->slots;
        level->slots *= 2;
    }
    return charge(s, COST_KEY + len + slots * COST_SLOT);
}

/* The tree's keys are C strings. */
static bool has_nul(const char *key, size_t len)
{
    for (const char *end = key + len; key < end; key += key[0] == '\\' ? 2 : 1) {
        if (key[0] == '\\' && key[1] == 'u' && memcmp(key + 2, "0000", 4) == 0)
            return true;
    }
    return false;
}

static void skip_space(struct scanner *s)
{
    while (s->at < s->len && (s->text[s->at] == ' ' || s->text[s->at] == '\n' || s->text[s->at] == '\r' ||
                              s->text[s->at] == '\t'))
        s->at++;
}

/* A key is checked and charged before it is remembered, so that its memory has the tree's ceiling. */
static int take_key(struct scanner *s, size_t start, size_t len)
{
    int code;

    if (has_nul(s->text + start, len))
        return fail_at(s, GOXEL_ERROR_JSON_SYNTAX, start - 1, "U+0000 in a key", "a key without it");
    code = charge_key(s, len);
    if (code)
        return code;
    code = goxel_json_keys_add(&s->keys, s->depth, start, len);
    if (code == GOXEL_ERROR_JSON_DUPLICATE) {
        (void)fail_at(s, code, start - 1, "this object has the key already", "each key once");
        if (s->detail)
            (void)goxel_utf8_printable(s->detail->value, sizeof(s->detail->value), s->text + start, len);
        return code;
    }
    return code ? goxel_fail(s->detail, code, "for the keys of an object") : 0;
}

static int step_key(struct scanner *s, char c)
{
    size_t start = s->at + 1;
    int code;

    if (c == '}' && s->state == FIRST_KEY)
        return close_level(s);
    if (c != '"')
        return unexpected(s, s->at, s->state == FIRST_KEY ? "a key or '}'" : "a key");
    code = scan_string(s);
    if (!code)
        code = take_key(s, start, s->at - 1 - start);
    if (code)
        return code;
    skip_space(s);
    if (s->at == s->len || s->text[s->at] != ':')
        return unexpected(s, s->at, "':'");
    s->at++;
    s->state = VALUE;
    return 0;
}

static int step_after(struct scanner *s, char c)
{
    bool is_object = s->levels[s->depth].is_object;

    if (s->depth == 0)
        return unexpected(s, s->at, "the end of the text");
    if (c == (is_object ? '}' : ']'))
        return close_level(s);
    if (c != ',')
        return unexpected(s, s->at, is_object ? "',' or '}'" : "',' or ']'");
    s->at++;
    s->state = is_object ? KEY : VALUE;
    return 0;
}

static int scan(struct scanner *s)
{
    static int (*const steps[])(struct scanner *, char) = {
        [VALUE] = step_value,   [FIRST_VALUE] = step_value, [KEY] = step_key,
        [FIRST_KEY] = step_key, [AFTER] = step_after,
    };

    for (;;) {
        int code;

        skip_space(s);
        if (s->at == s->len && s->state == AFTER && s->depth == 0)
            return 0;
        /* A NUL is no part of any text: the end of it looks the same, and `unexpected` tells them apart. */
        code = steps[s->state](s, s->at < s->len ? s->text[s->at] : '\0');
        if (code)
            return code;
    }
}

int goxel_json_scan(const char *text, size_t len, const struct goxel_json_limits *limits,
                    struct goxel_detail *detail)
{
    struct scanner s = {.text = text, .len = len, .limits = limits, .detail = detail};
    int code;

    if (len > INT32_MAX)
        return goxel_fail_limit(detail, GOXEL_ERROR_JSON_SIZE, "bytes of text", INT32_MAX, (int64_t)len);
    goxel_json_keys_init(&s.keys, text);
    code = scan(&s);
    goxel_json_keys_finish(&s.keys);
    return code;
}
