/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be told a format, from texts. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "format/format.h"

const char *const goxel_format_option_kinds[] = {
    [GOXEL_FORMAT_FLAG] = "boolean",
    [GOXEL_FORMAT_INT] = "integer",
    [GOXEL_FORMAT_NUMBER] = "number",
    [GOXEL_FORMAT_CHOICE] = "choice",
};

/* The index of the word in a space-separated list, -1: it is none of them. */
static int index_in(const char *list, const char *word)
{
    size_t len = strlen(word);

    for (int i = 0; *list; i++) {
        size_t next = strcspn(list, " ");

        if (next == len && strncmp(list, word, len) == 0)
            return i;
        list += next;
        list += strspn(list, " ");
    }
    return -1;
}

static bool parse_number(const char *text, double *ret_value)
{
    char *end;

    if (!text[0] || text[strspn(text, "0123456789+-.eE")])
        return false;
    *ret_value = strtod(text, &end);
    return *end == '\0' && isfinite(*ret_value);
}

static bool parse(const struct goxel_format_option *option, const char *text, double *ret_value)
{
    switch (option->kind) {
    case GOXEL_FORMAT_FLAG:
        *ret_value = index_in("false true", text);
        return *ret_value >= 0;
    case GOXEL_FORMAT_CHOICE:
        *ret_value = index_in(option->choices, text);
        return *ret_value >= 0;
    case GOXEL_FORMAT_INT:
    case GOXEL_FORMAT_NUMBER:
        return parse_number(text, ret_value) && *ret_value >= option->min && *ret_value <= option->max &&
               (option->kind == GOXEL_FORMAT_NUMBER || *ret_value == floor(*ret_value));
    }
    return false;
}

void goxel_format_options_init(struct goxel_format_options *options, const struct goxel_format *format)
{
    options->format = format;
    options->given = 0;
    for (size_t i = 0; format->options && format->options[i].name; i++) {
        assert(i < GOXEL_FORMAT_OPTIONS_MAX);
        if (!parse(&format->options[i], format->options[i].value, &options->values[i]))
            assert(false);
    }
}

static int refuse(const struct goxel_format_option *option, const char *field, const char *text,
                  struct goxel_detail *detail)
{
    static const char *const kinds[] = {"true or false", "a whole number", "a number", "one of"};

    if (option->kind == GOXEL_FORMAT_FLAG)
        return goxel_fail_value(detail, GOXEL_ERROR_INVALID_PARAMS, field, text, "%s", kinds[option->kind]);
    if (option->kind == GOXEL_FORMAT_CHOICE)
        return goxel_fail_value(detail, GOXEL_ERROR_INVALID_PARAMS, field, text, "%s %s", kinds[option->kind],
                                option->choices);
    return goxel_fail_value(detail, GOXEL_ERROR_INVALID_PARAMS, field, text, "%s from %g to %g",
                            kinds[option->kind], option->min, option->max);
}

/* There is none of that name: which there are. */
static int refuse_name(const struct goxel_format *format, enum goxel_format_use use, const char *field,
                       struct goxel_detail *detail)
{
    char names[120] = "";
    size_t used = 0;

    for (size_t i = 0; format->options && format->options[i].name; i++) {
        const char *name = format->options[i].name;

        if (!(format->options[i].use & use) || used + strlen(name) + 3 > sizeof(names))
            continue;
        memcpy(names + used, used ? ", " : "", used ? 2 : 0);
        used += used ? 2 : 0;
        memcpy(names + used, name, strlen(name) + 1);
        used += strlen(name);
    }
    return goxel_fail_value(detail, GOXEL_ERROR_INVALID_PARAMS, field, NULL, "%s%s%s%s %s",
                            used ? "one of " : "no such option: there are none", names, used ? "," : "",
                            use == GOXEL_FORMAT_IN ? " to read" : " to write", format->name);
}

static bool is_named(const struct goxel_format_option *option, const char *name)
{
    return strcmp(option->name, name) == 0 || (option->alias && strcmp(option->alias, name) == 0);
}

int goxel_format_options_set(struct goxel_format_options *options, enum goxel_format_use use,
                             const char *name, const char *text, struct goxel_detail *detail)
{
    const struct goxel_format_option *rows = options->format->options;
    char field[64] = "options.";

    strncat(field, name, sizeof(field) - strlen(field) - 1);
    for (size_t i = 0; rows && rows[i].name; i++) {
        double value;

        if (!(rows[i].use & use) || !is_named(&rows[i], name))
            continue;
        if (!parse(&rows[i], text, &value))
            return refuse(&rows[i], field, text, detail);
        options->values[i] = value;
        options->given |= 1u << i;
        return 0;
    }
    return refuse_name(options->format, use, field, detail);
}

/* Of one name, and the same values. */
static bool is_like(const struct goxel_format_option *a, const struct goxel_format_option *b)
{
    return a->kind == b->kind && strcmp(a->name, b->name) == 0 &&
           (a->kind != GOXEL_FORMAT_CHOICE || strcmp(a->choices, b->choices) == 0);
}

void goxel_format_options_share(struct goxel_format_options *options, const struct goxel_format_options *from)
{
    const struct goxel_format_option *to_rows = options->format->options, *rows = from->format->options;

    for (size_t i = 0; to_rows && to_rows[i].name; i++) {
        for (size_t k = 0; rows && rows[k].name; k++) {
            if (is_like(&to_rows[i], &rows[k]))
                options->values[i] = from->values[k];
        }
    }
}

static size_t find(const struct goxel_format_options *options, const char *name)
{
    size_t i = 0;

    while (strcmp(options->format->options[i].name, name) != 0)
        i++;
    return i;
}

/* The word at that place of a space-separated list, and its length. */
static const char *word_at(const char *list, int at, size_t *ret_len)
{
    for (; at > 0; at--) {
        list += strcspn(list, " ");
        list += strspn(list, " ");
    }
    *ret_len = strcspn(list, " ");
    return list;
}

/* What it depends on has a value with which it means something, or is none of this use. */
static bool means_something(const struct goxel_format_options *options, enum goxel_format_use use,
                            const struct goxel_format_option *option)
{
    const struct goxel_format_option *other;
    char value[32];
    const char *word;
    size_t at, len;

    if (!option->only.option)
        return true;
    at = find(options, option->only.option);
    other = &options->format->options[at];
    if (!(other->use & use))
        return true;
    word = word_at(other->choices, (int)options->values[at], &len);
    assert(len < sizeof(value));
    memcpy(value, word, len);
    value[len] = '\0';
    return index_in(option->only.values, value) >= 0;
}

int goxel_format_options_check(const struct goxel_format_options *options, enum goxel_format_use use,
                               struct goxel_detail *detail)
{
    for (size_t i = 0; options->given >> i; i++) {
        const struct goxel_format_option *option = &options->format->options[i];
        char field[64] = "options.";

        if (!(options->given >> i & 1) || means_something(options, use, option))
            continue;
        strncat(field, option->name, sizeof(field) - strlen(field) - 1);
        return goxel_fail_value(detail, GOXEL_ERROR_INVALID_PARAMS, field, NULL,
                                "none: it applies with %s=%s only", option->only.option, option->only.values);
    }
    return 0;
}

bool goxel_format_given(const struct goxel_format_options *options, const char *name)
{
    return options->given >> find(options, name) & 1;
}

double goxel_format_number(const struct goxel_format_options *options, const char *name)
{
    return options->values[find(options, name)];
}

int goxel_format_int(const struct goxel_format_options *options, const char *name)
{
    return (int)goxel_format_number(options, name);
}

bool goxel_format_flag(const struct goxel_format_options *options, const char *name)
{
    return goxel_format_number(options, name) != 0;
}
