/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A parse with everything it said, for the tests of config.
 */
#ifndef GOXEL_TESTS_CONFIG_TRY_H
#define GOXEL_TESTS_CONFIG_TRY_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "config/config.h"

struct
try {
    int code;
    struct goxel_buf errors, warnings;
    struct goxel_config *config; /* NULL if refused */
};

static inline void try_text(struct try *t, const char *text, size_t len,
                            const struct goxel_config_override *overrides, size_t count)
{
    memset(t, 0, sizeof(*t));
    goxel_buf_init(&t->errors, 1u << 20);
    goxel_buf_init(&t->warnings, 1u << 20);
    t->code = goxel_config_parse(text, len, "f.conf", overrides, count, &t->errors, &t->warnings, &t->config);
}

static inline void try_parse(struct try *t, const char *text)
{
    try_text(t, text, strlen(text), NULL, 0);
}

static inline const char *try_errors(const struct try *t)
{
    return t->errors.data ? t->errors.data : "";
}

static inline const char *try_warnings(const struct try *t)
{
    return t->warnings.data ? t->warnings.data : "";
}

static inline void try_end(struct try *t)
{
    goxel_buf_finish(&t->errors);
    goxel_buf_finish(&t->warnings);
    goxel_config_unref(t->config);
}

/* `name = value` inside the sections of a full name: "a.b.c" gives "a { b { c = value } }". */
static inline void try_setting(char *to, size_t size, const char *full, const char *value)
{
    struct goxel_buf out;
    int depth = 0;

    goxel_buf_init(&out, size - 1);
    for (const char *dot; (dot = strchr(full, '.')); full = dot + 1, depth++)
        (void)goxel_buf_printf(&out, "%.*s { ", (int)(dot - full), full);
    (void)goxel_buf_printf(&out, "%s = %s", full, value);
    while (depth-- > 0)
        (void)goxel_buf_puts(&out, " }");
    memcpy(to, out.data, out.len + 1);
    goxel_buf_finish(&out);
}

#endif
