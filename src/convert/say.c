/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines on standard error, in the words that the daemon has for the same. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/utf8.h"
#include "convert/convert.h"

#define PROGRESS_MS 100 /* between two looks at how far it is */

enum convert_exit convert_exit_of(int code)
{
    static const struct {
        int code;
        enum convert_exit status;
    } rows[] = {
        {0, CONVERT_DONE},
        {GOXEL_ERROR_USAGE, CONVERT_USAGE},
        {GOXEL_ERROR_FORMAT_NOT_SUPPORTED, CONVERT_USAGE},
        {GOXEL_ERROR_INVALID_PARAMS, CONVERT_USAGE},
        {GOXEL_ERROR_LAYER_NOT_FOUND, CONVERT_USAGE},
        {GOXEL_ERROR_VALIDATION, CONVERT_LOST},
        {GOXEL_ERROR_INVALID_DATA, CONVERT_DAMAGED},
        {GOXEL_ERROR_INVALID_COORDINATES, CONVERT_DAMAGED},
        {GOXEL_ERROR_COMPRESSION, CONVERT_DAMAGED},
        {GOXEL_ERROR_QUOTA, CONVERT_DAMAGED},
        {GOXEL_ERROR_MESSAGE_SIZE, CONVERT_DAMAGED},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].code == code)
            return rows[i].status;
    }
    return CONVERT_FAILED;
}

const char *convert_name(const char *path, enum goxel_format_use use, char to[256])
{
    if (strcmp(path, "-") == 0)
        path = use == GOXEL_FORMAT_IN ? "standard input" : "standard output";
    (void)goxel_utf8_printable(to, 256, path, strlen(path));
    return to;
}

enum convert_exit convert_say(const char *path, int code, const struct goxel_detail *detail)
{
    struct goxel_buf line;

    goxel_buf_init(&line, 4096);
    goxel_detail_print(&line, code, detail);
    fprintf(stderr, "goxel-convert: %s%s%s\n", path ? path : "", path ? ": " : "",
            line.data ? line.data : goxel_error_text(code));
    goxel_buf_finish(&line);
    return convert_exit_of(code);
}

void convert_warn(const struct convert_args *args, const char *path, const struct goxel_warnings *warnings)
{
    struct goxel_buf line;

    goxel_buf_init(&line, 1024);
    for (size_t i = 0; i < warnings->count && !args->quiet; i++) {
        goxel_buf_clear(&line);
        goxel_warning_print(&line, warnings->rows[i].what, warnings->rows[i].count);
        fprintf(stderr, "goxel-convert: %s: warning: %s\n", path,
                line.data ? line.data : warnings->rows[i].what);
    }
    goxel_buf_finish(&line);
}

void convert_tell(const struct convert_args *args, const char *path, const char *fmt, ...)
{
    va_list list;

    if (!args->verbose)
        return;
    fprintf(stderr, "goxel-convert: %s: ", path);
    va_start(list, fmt);
    vfprintf(stderr, fmt, list);
    va_end(list);
    fputc('\n', stderr);
}

/* ---- progress ---- */

static int64_t shown_ms;
static bool shown;

void convert_progress(const struct convert *convert, enum goxel_format_use use, const char *path,
                      size_t bytes)
{
    int64_t now = goxel_clock_ms();
    char name[256];

    if (!convert->progress || (bytes > 0 && now - shown_ms < PROGRESS_MS))
        return;
    shown_ms = now;
    shown = true;
    /* To the beginning of the line, and away with what is longer. */
    fprintf(stderr, "\r%s %.50s %.1f MiB\033[K", use == GOXEL_FORMAT_IN ? "reading" : "writing",
            convert_name(path, use, name), (double)bytes / (1 << 20));
}

void convert_end_progress(const struct convert *convert)
{
    if (convert->progress && shown)
        fputs("\r\033[K", stderr);
    shown = false;
}
