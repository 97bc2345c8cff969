/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values by their kind: one row each says what a text must pass and how that is told to a person.
 */
#include "config/value.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "config/check.h"

/* ---- what each kind accepts; a check may replace *text by its canonical form ---- */

static bool check_bool(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    bool value;

    (void)row;
    if (!goxel_check_bool(*text, &value))
        return false;
    *ret_number = value;
    return true;
}

static bool check_int(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    return goxel_check_decimal(*text, ret_number) && *ret_number >= row->min && *ret_number <= row->max;
}

static bool check_octal(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    return goxel_check_octal(*text, ret_number) && *ret_number >= row->min && *ret_number <= row->max;
}

static bool check_choice(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    bool value;

    (void)ret_number;
    if (goxel_check_choice(row->choices, *text))
        return true;
    if (!goxel_check_bool(*text, &value))
        return false;
    *text = value ? "true" : "false";
    return goxel_check_choice(row->choices, *text);
}

static bool check_text(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    int64_t length = (int64_t)strlen(*text);

    (void)ret_number;
    for (const char *at = *text; *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return false;
    }
    return length >= row->min && length <= row->max;
}

/* Empty too where the row permits it. */
static bool check_path(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    return check_text(row, text, ret_number) && ((*text)[0] == '/' || !(*text)[0]);
}

static bool check_root(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    return check_path(row, text, ret_number) && !goxel_check_component(*text, ".") &&
           !goxel_check_component(*text, "..");
}

/* A folder that ".." leads out of would be another one than it says. */
static bool check_folder(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    return check_path(row, text, ret_number) && !goxel_check_component(*text, "..");
}

static bool check_item(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    return check_text(row, text, ret_number) && (!row->choices[0] || goxel_check_choice(row->choices, *text));
}

static bool check_capability(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    return check_text(row, text, ret_number) && goxel_check_capability(*text);
}

static bool check_address(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    return check_text(row, text, ret_number) && goxel_check_address(*text);
}

static bool check_endpoint(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    bool loopback;

    return check_text(row, text, ret_number) && goxel_check_endpoint(*text, &loopback);
}

static bool check_host(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    return check_text(row, text, ret_number) && goxel_check_host(*text);
}

static bool check_origin(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    return check_text(row, text, ret_number) && goxel_check_origin(*text);
}

static bool check_peer(const struct goxel_option_row *row, const char **text, int64_t *ret_number)
{
    return check_text(row, text, ret_number) && goxel_check_peer(*text);
}

/* ---- how it is told ---- */

static void describe_int(const struct goxel_option_row *row, struct goxel_buf *out)
{
    (void)goxel_buf_printf(out, "a whole number from %lld to %lld", (long long)row->min, (long long)row->max);
    if (row->unit[0])
        (void)goxel_buf_printf(out, " (%s)", row->unit);
}

static void describe_octal(const struct goxel_option_row *row, struct goxel_buf *out)
{
    (void)goxel_buf_printf(out, "an octal number from %#llo to %#llo with a leading 0", (long long)row->min,
                           (long long)row->max);
}

static void describe_choice(const struct goxel_option_row *row, struct goxel_buf *out)
{
    (void)goxel_buf_puts(out, "one of ");
    for (const char *at = row->choices; *at; at++)
        (void)(*at == '|' ? goxel_buf_puts(out, ", ") : goxel_buf_putc(out, *at));
}

static void describe_text(const struct goxel_option_row *row, struct goxel_buf *out)
{
    (void)goxel_buf_printf(out, "a text of %lld to %lld bytes without control characters",
                           (long long)row->min, (long long)row->max);
}

static void describe_item(const struct goxel_option_row *row, struct goxel_buf *out)
{
    (row->choices[0] ? describe_choice : describe_text)(row, out);
}

static void describe_path(const struct goxel_option_row *row, struct goxel_buf *out)
{
    (void)goxel_buf_printf(out, "%san absolute path of at most %lld bytes", row->min == 0 ? "empty or " : "",
                           (long long)row->max);
}

static void describe_root(const struct goxel_option_row *row, struct goxel_buf *out)
{
    describe_path(row, out);
    (void)goxel_buf_puts(out, ", without \".\" and \"..\"");
}

static void describe_folder(const struct goxel_option_row *row, struct goxel_buf *out)
{
    describe_path(row, out);
    (void)goxel_buf_puts(out, ", without \"..\"");
}

/* ---- how it is kept ---- */

/* One slash between names and none at the end: what lies inside begins with these very bytes. */
static void squeeze_slashes(char *path)
{
    char *to = path;

    for (const char *from = path; *from; from++) {
        if (*from != '/' || to == path || to[-1] != '/')
            *to++ = *from;
    }
    if (to > path + 1 && to[-1] == '/')
        to--;
    *to = '\0';
}

static const struct {
    bool (*check)(const struct goxel_option_row *row, const char **text, int64_t *ret_number);
    const char *description;
    void (*describe)(const struct goxel_option_row *row,
                     struct goxel_buf *out); /* where a fixed one is not enough */
    void (*tidy)(char *text);                /* of what was accepted; NULL: it is kept as it came */
} kinds[] = {
    [GOXEL_KIND_BOOL] = {check_bool, "true or false", NULL, NULL},
    [GOXEL_KIND_INT] = {check_int, NULL, describe_int, NULL},
    [GOXEL_KIND_OCTAL] = {check_octal, NULL, describe_octal, NULL},
    [GOXEL_KIND_CHOICE] = {check_choice, NULL, describe_choice, NULL},
    [GOXEL_KIND_TEXT] = {check_text, NULL, describe_text, NULL},
    [GOXEL_KIND_PATH] = {check_path, NULL, describe_path, NULL},
    [GOXEL_KIND_ROOT] = {check_root, NULL, describe_root, squeeze_slashes},
    [GOXEL_KIND_ADDRESS] = {check_address, "an IPv4 or IPv6 address", NULL, NULL},
    [GOXEL_KIND_TEXTS] = {check_item, NULL, describe_item, NULL},
    [GOXEL_KIND_CAPABILITIES] = {check_capability, "a capability like CAP_NET_BIND_SERVICE", NULL, NULL},
    [GOXEL_KIND_PATHS] = {check_folder, NULL, describe_folder, NULL},
    [GOXEL_KIND_ENDPOINTS] = {check_endpoint, "ADDRESS:PORT (an IPv6 address in brackets)", NULL, NULL},
    [GOXEL_KIND_HOSTS] = {check_host, "a host name or address without port (an IPv6 address in brackets)",
                          NULL, NULL},
    [GOXEL_KIND_ORIGINS] = {check_origin, "an origin like https://example.org or http://example.org:8080",
                            NULL, NULL},
    [GOXEL_KIND_PEERS] = {check_peer, "user:NAME=LEVEL or group:NAME=LEVEL (read, edit, admin)", NULL, NULL},
};

void goxel_value_describe(const struct goxel_option_row *row, struct goxel_buf *out)
{
    if (kinds[row->kind].describe)
        kinds[row->kind].describe(row, out);
    else
        (void)goxel_buf_puts(out, kinds[row->kind].description);
}

/* ---- life ---- */

static int refuse(const struct goxel_option_row *row, const char *text, struct goxel_detail *detail)
{
    struct goxel_buf expected;

    goxel_buf_init(&expected, 512);
    goxel_value_describe(row, &expected);
    (void)goxel_fail_value(detail, DAEMON_ERROR_CONFIG_INVALID, row->full, text, "%s",
                           expected.data ? expected.data : "something else");
    goxel_buf_finish(&expected);
    return DAEMON_ERROR_CONFIG_INVALID;
}

static int append(struct goxel_value *value, const char *text)
{
    char **items = realloc(value->items, (value->count + 1) * sizeof(*items));

    if (!items)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    value->items = items;
    items[value->count] = strdup(text);
    if (!items[value->count])
        return GOXEL_ERROR_OUT_OF_MEMORY;
    value->count++;
    return 0;
}

static int replace_text(struct goxel_value *value, const char *text)
{
    char *copy = strdup(text);

    if (!copy)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    free(value->text);
    value->text = copy;
    return 0;
}

static bool is_number(enum goxel_kind kind)
{
    return kind == GOXEL_KIND_BOOL || kind == GOXEL_KIND_INT || kind == GOXEL_KIND_OCTAL;
}

/* Names mean the same wherever they stand: a second one is a mistake, most likely for another. */
static bool is_repeated(const struct goxel_value *value, enum goxel_kind kind, const char *text)
{
    if (kind != GOXEL_KIND_TEXTS && kind != GOXEL_KIND_CAPABILITIES && kind != GOXEL_KIND_PEERS)
        return false;
    for (size_t i = 0; i < value->count; i++) {
        if (strcasecmp(value->items[i], text) == 0)
            return true;
    }
    return false;
}

static int add_item(struct goxel_value *value, const struct goxel_option_row *row, const char *text,
                    struct goxel_detail *detail)
{
    if (value->count >= GOXEL_ITEMS_MAX)
        return goxel_fail_value(detail, DAEMON_ERROR_CONFIG_INVALID, row->full, text, "at most %d items",
                                GOXEL_ITEMS_MAX);
    if (is_repeated(value, row->kind, text))
        return goxel_fail_value(detail, DAEMON_ERROR_CONFIG_INVALID, row->full, text, "given only once");
    return append(value, text);
}

int goxel_value_add(struct goxel_value *value, const struct goxel_option_row *row, const char *text,
                    struct goxel_detail *detail)
{
    int64_t number = 0;
    const char *canonical = text;

    if (!kinds[row->kind].check(row, &canonical, &number))
        return refuse(row, text, detail);
    if (goxel_kind_is_list(row->kind))
        return add_item(value, row, canonical, detail);
    if (is_number(row->kind)) {
        value->number = number;
        return 0;
    }
    if (replace_text(value, canonical))
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (kinds[row->kind].tidy)
        kinds[row->kind].tidy(value->text);
    return 0;
}

int goxel_value_set_default(struct goxel_value *value, const struct goxel_option_row *row)
{
    const char *at = row->text;
    int code = 0;

    goxel_value_finish(value);
    if (!goxel_kind_is_list(row->kind))
        return goxel_value_add(value, row, row->text, NULL);
    while (*at && code == 0) {
        size_t width = strcspn(at, ",");
        char *item = strndup(at, width);

        code = item ? goxel_value_add(value, row, item, NULL) : GOXEL_ERROR_OUT_OF_MEMORY;
        free(item);
        at += width;
        at += strspn(at, ", ");
    }
    return code;
}

void goxel_value_finish(struct goxel_value *value)
{
    free(value->text);
    for (size_t i = 0; i < value->count; i++)
        free(value->items[i]);
    free(value->items);
    memset(value, 0, sizeof(*value));
}

int goxel_value_copy(struct goxel_value *value, const struct goxel_value *from)
{
    int code = from->text ? replace_text(value, from->text) : 0;

    value->number = from->number;
    for (size_t i = 0; code == 0 && i < from->count; i++)
        code = append(value, from->items[i]);
    return code;
}

bool goxel_value_same(const struct goxel_value *a, const struct goxel_value *b)
{
    if (a->number != b->number || a->count != b->count || !a->text != !b->text)
        return false;
    if (a->text && strcmp(a->text, b->text) != 0)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    }
    return true;
}

/* ---- printing ---- */

/* The three characters that mean something between double quotes. */
static void print_quoted(const char *text, struct goxel_buf *out)
{
    (void)goxel_buf_putc(out, '"');
    for (; *text; text++) {
        if (strchr("\\\"$", *text))
            (void)goxel_buf_putc(out, '\\');
        (void)goxel_buf_putc(out, *text);
    }
    (void)goxel_buf_putc(out, '"');
}

void goxel_value_print(const struct goxel_value *value, const struct goxel_option_row *row,
                       struct goxel_buf *out)
{
    if (goxel_kind_is_list(row->kind)) {
        (void)goxel_buf_putc(out, '{');
        for (size_t i = 0; i < value->count; i++) {
            if (i > 0)
                (void)goxel_buf_puts(out, ", ");
            print_quoted(value->items[i], out);
        }
        (void)goxel_buf_putc(out, '}');
    } else if (row->kind == GOXEL_KIND_BOOL) {
        (void)goxel_buf_puts(out, value->number ? "true" : "false");
    } else if (row->kind == GOXEL_KIND_OCTAL) {
        (void)goxel_buf_printf(out, "%04llo", (long long)value->number);
    } else if (row->kind == GOXEL_KIND_INT) {
        (void)goxel_buf_printf(out, "%lld", (long long)value->number);
    } else {
        print_quoted(value->text, out);
    }
}
