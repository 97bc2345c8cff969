/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings are kept as the overrides that they are loaded as: texts, which the option's row has accepted. What spans
 * options is seen when they are loaded.
 */
#include "config/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "config/value.h"

struct goxel_settings {
    struct goxel_config_override *overrides; /* their texts are owned */
    size_t count;
};

struct goxel_settings *goxel_settings_create(void)
{
    return calloc(1, sizeof(struct goxel_settings));
}

void goxel_settings_destroy(struct goxel_settings *settings)
{
    for (size_t i = 0; settings && i < settings->count; i++)
        free((char *)settings->overrides[i].text);
    if (settings)
        free(settings->overrides);
    free(settings);
}

/* `text` NULL: a list without items. */
static int append(struct goxel_settings *settings, enum goxel_option option, const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    struct goxel_config_override *overrides = realloc(settings->overrides,
                                                      (settings->count + 1) * sizeof(*overrides));

    if (overrides)
        settings->overrides = overrides;
    if (!overrides || (text && !copy)) {
        free(copy);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    overrides[settings->count++] = (struct goxel_config_override){option, copy, GOXEL_SETTINGS_SOURCE};
    return 0;
}

/* ---- from JSON ---- */

static int fail_name(const char *name, struct goxel_detail *detail)
{
    const char *nearest = goxel_option_nearest(name);

    goxel_fail_value(detail, GOXEL_ERROR_INVALID_PARAMS, name, NULL,
                     "an option that system.get_config shows");
    if (detail && nearest)
        (void)snprintf(detail->text, sizeof(detail->text), "unknown option \"%s\", did you mean \"%s\"?",
                       detail->field, nearest);
    return GOXEL_ERROR_INVALID_PARAMS;
}

static int fail_type(const struct goxel_option_row *row, const struct goxel_json *value,
                     struct goxel_detail *detail)
{
    struct goxel_buf expected;

    goxel_buf_init(&expected, 512);
    if (goxel_kind_is_list(row->kind))
        (void)goxel_buf_puts(&expected, "an array of strings, each ");
    goxel_value_describe(row, &expected);
    (void)goxel_fail_value(detail, GOXEL_ERROR_INVALID_PARAMS, row->full,
                           goxel_json_type_name(goxel_json_type(value)), "%s",
                           expected.data ? expected.data : "something else");
    goxel_buf_finish(&expected);
    return GOXEL_ERROR_INVALID_PARAMS;
}

/* The value as the file would have it, NULL: it is of no type that the option has. */
static const char *text_of(enum goxel_kind kind, const struct goxel_json *value, char buffer[24])
{
    const char *text;
    size_t len;

    switch (goxel_json_type(value)) {
    case GOXEL_JSON_STRING:
        text = goxel_json_string(value, &len);
        return strlen(text) == len ? text : NULL;
    case GOXEL_JSON_BOOL:
        if (kind != GOXEL_KIND_BOOL && kind != GOXEL_KIND_CHOICE)
            return NULL;
        return goxel_json_bool(value) ? "true" : "false";
    case GOXEL_JSON_INT:
        (void)snprintf(buffer, 24, "%lld", (long long)goxel_json_int(value));
        return kind == GOXEL_KIND_INT ? buffer : NULL;
    default:
        return NULL;
    }
}

/* Adds to the settings, and to `whole`, which checks it. */
static int take_text(struct goxel_settings *settings, enum goxel_option option, struct goxel_value *whole,
                     const struct goxel_json *value, struct goxel_detail *detail)
{
    const struct goxel_option_row *row = &goxel_option_rows[option];
    char buffer[24];
    const char *text = text_of(row->kind, value, buffer);
    int code;

    if (!text)
        return fail_type(row, value, detail);
    code = goxel_value_add(whole, row, text, detail);
    if (code == DAEMON_ERROR_CONFIG_INVALID)
        return GOXEL_ERROR_INVALID_PARAMS;
    return code ? code : append(settings, option, text);
}

static int take_value(struct goxel_settings *settings, enum goxel_option option,
                      const struct goxel_json *value, struct goxel_detail *detail)
{
    const struct goxel_option_row *row = &goxel_option_rows[option];
    struct goxel_value whole = {0};
    int code = 0;

    if (!goxel_kind_is_list(row->kind))
        code = take_text(settings, option, &whole, value, detail);
    else if (goxel_json_type(value) != GOXEL_JSON_ARRAY)
        code = fail_type(row, value, detail);
    else if (goxel_json_length(value) == 0)
        code = append(settings, option, NULL);
    else {
        for (size_t i = 0; i < goxel_json_length(value) && !code; i++)
            code = take_text(settings, option, &whole, goxel_json_at(value, i), detail);
    }
    goxel_value_finish(&whole);
    return code;
}

int goxel_settings_set(struct goxel_settings *settings, const char *name, const struct goxel_json *value,
                       struct goxel_detail *detail)
{
    enum goxel_option option;

    if (!goxel_option_find(name, &option))
        return fail_name(name, detail);
    if (!goxel_option_settable(option))
        return goxel_fail_value(detail, GOXEL_ERROR_INVALID_PARAMS, name, NULL,
                                "an option that may be set at run time: this one comes from the file alone, "
                                "change it there and reload");
    return take_value(settings, option, value, detail);
}

/* ---- together ---- */

static bool sets(const struct goxel_settings *settings, enum goxel_option option)
{
    for (size_t i = 0; i < settings->count; i++) {
        if (settings->overrides[i].option == option)
            return true;
    }
    return false;
}

int goxel_settings_join(const struct goxel_settings *settings, const struct goxel_settings *more,
                        struct goxel_settings **ret_joined)
{
    struct goxel_settings *joined = goxel_settings_create();
    int code = joined ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    for (size_t i = 0; !code && settings && i < settings->count; i++) {
        if (!sets(more, settings->overrides[i].option))
            code = append(joined, settings->overrides[i].option, settings->overrides[i].text);
    }
    for (size_t i = 0; !code && i < more->count; i++)
        code = append(joined, more->overrides[i].option, more->overrides[i].text);
    if (code)
        goxel_settings_destroy(joined);
    else
        *ret_joined = joined;
    return code;
}

const struct goxel_config_override *goxel_settings_overrides(const struct goxel_settings *settings,
                                                             size_t *ret_count)
{
    *ret_count = settings ? settings->count : 0;
    return settings ? settings->overrides : NULL;
}

int goxel_settings_append(const struct goxel_config_override *overrides, size_t count,
                          const struct goxel_settings *settings, struct goxel_config_override **ret_all,
                          size_t *ret_count)
{
    size_t more_count;
    const struct goxel_config_override *more = goxel_settings_overrides(settings, &more_count);
    struct goxel_config_override *all = calloc(count + more_count + 1, sizeof(*all));

    if (!all)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (count > 0)
        memcpy(all, overrides, count * sizeof(*all));
    if (more_count > 0)
        memcpy(all + count, more, more_count * sizeof(*all));
    *ret_all = all;
    *ret_count = count + more_count;
    return 0;
}

/* The items of a list stand one after another. */
void goxel_settings_write(const struct goxel_settings *settings, struct goxel_json_writer *w, const char *key)
{
    size_t count, i = 0;
    const struct goxel_config_override *overrides = goxel_settings_overrides(settings, &count);

    goxel_json_put_object(w, key);
    while (i < count) {
        enum goxel_option option = overrides[i].option;

        if (!goxel_kind_is_list(goxel_option_rows[option].kind)) {
            goxel_json_put_string(w, goxel_option_name(option), overrides[i++].text);
            continue;
        }
        goxel_json_put_array(w, goxel_option_name(option));
        for (; i < count && overrides[i].option == option; i++) {
            if (overrides[i].text)
                goxel_json_put_string(w, NULL, overrides[i].text);
        }
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
}
