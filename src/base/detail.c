/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Details are filled where something failed, often from a stranger's bytes: every string goes through
 * one door that makes it printable and cuts it between characters.
 */
#include "base/detail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/utf8.h"

/* Wider than any field: what vsnprintf cuts here, possibly inside a character, is never copied. */
#define SCRATCH_SIZE 512

#define SET(field, from) (void)goxel_utf8_printable(field, sizeof(field), from, strlen(from))

void goxel_detail_init(struct goxel_detail *detail)
{
    /* Not all of its kilobyte: every request has some of them. */
    detail->text[0] = '\0';
    detail->field[0] = '\0';
    detail->value[0] = '\0';
    detail->expected[0] = '\0';
    detail->path[0] = '\0';
    detail->outcome[0] = '\0';
    detail->line = 0;
    detail->offset = -1;
    detail->limit = 0;
    detail->given = 0;
    detail->has_limit = false;
    detail->errnum = 0;
    detail->warnings.count = 0;
}

static void __attribute__((format(printf, 2, 0)))
set_text(struct goxel_detail *detail, const char *fmt, va_list args)
{
    char scratch[SCRATCH_SIZE] = "";

    (void)vsnprintf(scratch, sizeof(scratch), fmt, args);
    SET(detail->text, scratch);
}

static void __attribute__((format(printf, 2, 3)))
print_text(struct goxel_detail *detail, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    set_text(detail, fmt, args);
    va_end(args);
}

int goxel_fail(struct goxel_detail *detail, int code, const char *fmt, ...)
{
    va_list args;

    if (!detail)
        return code;
    goxel_detail_init(detail);
    va_start(args, fmt);
    set_text(detail, fmt, args);
    va_end(args);
    return code;
}

int goxel_fail_value(struct goxel_detail *detail, int code, const char *field, const char *value,
                     const char *expected_fmt, ...)
{
    char scratch[SCRATCH_SIZE] = "";
    va_list args;

    if (!detail)
        return code;
    goxel_detail_init(detail);
    va_start(args, expected_fmt);
    (void)vsnprintf(scratch, sizeof(scratch), expected_fmt, args);
    va_end(args);
    SET(detail->field, field ? field : "");
    SET(detail->value, value ? value : "");
    SET(detail->expected, scratch);
    print_text(detail, "%s%sexpected %s%s%s", detail->field, detail->field[0] ? ": " : "", detail->expected,
               value ? ", got " : "", detail->value);
    return code;
}

int goxel_fail_limit(struct goxel_detail *detail, int code, const char *what, int64_t limit, int64_t given)
{
    if (!detail)
        return code;
    goxel_detail_init(detail);
    SET(detail->field, what);
    detail->has_limit = true;
    detail->limit = limit;
    detail->given = given;
    print_text(detail, "%s: %lld is above the limit of %lld", detail->field, (long long)given,
               (long long)limit);
    return code;
}

int goxel_fail_at(struct goxel_detail *detail, int code, int64_t line, int64_t offset, const char *fmt, ...)
{
    va_list args;

    if (!detail)
        return code;
    goxel_detail_init(detail);
    detail->line = line;
    detail->offset = offset;
    va_start(args, fmt);
    set_text(detail, fmt, args);
    va_end(args);
    return code;
}

/* What is wrong with a file may be wrong with more than the file. */
static int code_of_file(int errnum)
{
    switch (errnum) {
    case ENOSPC:
    case EDQUOT:
        return GOXEL_ERROR_STORAGE_FULL;
    case ENOMEM:
        return GOXEL_ERROR_OUT_OF_MEMORY;
    default:
        return GOXEL_ERROR_FILE_ACCESS;
    }
}

int goxel_fail_errno(struct goxel_detail *detail, int code, int errnum, const char *what, const char *path)
{
    char scratch[128] = "";

    if (code == GOXEL_ERROR_FILE_ACCESS)
        code = code_of_file(errnum);
    if (!detail)
        return code;
    goxel_detail_init(detail);
    detail->errnum = errnum;
    SET(detail->path, path ? path : "");
    /* The GNU strerror_r may return a text of its own instead of filling the buffer. */
    print_text(detail, "%s%s%s: %s", what, detail->path[0] ? " " : "", detail->path,
               strerror_r(errnum, scratch, sizeof(scratch)));
    return code;
}

static void print_place(struct goxel_buf *buf, const struct goxel_detail *detail)
{
    if (detail->line > 0)
        goxel_buf_printf(buf, ", line %lld", (long long)detail->line);
    if (detail->offset >= 0)
        goxel_buf_printf(buf, ", offset %lld", (long long)detail->offset);
    if (detail->path[0] && !strstr(detail->text, detail->path))
        goxel_buf_printf(buf, ", in %s", detail->path);
}

void goxel_detail_print(struct goxel_buf *buf, int code, const struct goxel_detail *detail)
{
    goxel_buf_puts(buf, goxel_error_text(code));
    if (!detail)
        return;
    if (detail->text[0])
        goxel_buf_printf(buf, ": %s", detail->text);
    /* Some texts tell it already (goxel_fail_value's). */
    if (detail->expected[0] && !strstr(detail->text, detail->expected))
        goxel_buf_printf(buf, ", expected %s", detail->expected);
    print_place(buf, detail);
}
