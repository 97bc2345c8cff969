/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One sink for the process, and what stands before it: the level, lines that come again, lines lost.
 *
 * A sink that cannot take a line (full disk, broken pipe, nobody reads) costs the line, never the
 * daemon: the lost ones are counted, and the next line that gets through is preceded by their number.
 */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/repeat.h"
#include "base/sink.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES GOXEL_OUTLET_LINE_MAX
#define HEAD_BYTES 128  /* at most before each line, so that what ends in a quote is not cut there */
#define PATIENCE_MS 100 /* for a sink that is full, until it has cost a line */
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const level_names[] = {
    [GOXEL_LOG_ERROR] = "error",
    [GOXEL_LOG_WARN] = "warn",
    [GOXEL_LOG_INFO] = "info",
    [GOXEL_LOG_DEBUG] = "debug",
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t first_use = PTHREAD_ONCE_INIT;

/* Under the lock. */
static struct goxel_sink current;
static struct goxel_repeat repeat;
static unsigned long lost;

static atomic_int threshold = GOXEL_LOG_INFO;
static atomic_int descriptor = -1; /* of `current`, if that is a file */

/* ---- one line, under the lock ---- */

static bool put(enum goxel_log_level level, const char *message)
{
    return goxel_sink_write(&current, level, message, lost == 0 ? PATIENCE_MS : 0);
}

static void put_or_count(enum goxel_log_level level, const char *message)
{
    if (lost > 0) {
        char notice[64];

        (void)snprintf(notice, sizeof(notice), "log lines lost count=%lu", lost);
        if (put(GOXEL_LOG_WARN, notice))
            lost = 0;
    }
    if (lost > 0 || !put(level, message))
        lost++;
}

/* Between quotes, with \ before \ and "; what does not fit is left out. */
static void quote(char *to, size_t size, const char *text)
{
    const char *end = text + strlen(text), *stop = to + size - 2; /* the last quote and the NUL */

    *to++ = '"';
    while (text < end) {
        size_t escape = *text == '"' || *text == '\\', width = goxel_utf8_length(text, (size_t)(end - text));

        width = width > 0 ? width : 1;
        if ((size_t)(stop - to) < escape + width)
            break;
        if (escape)
            *to++ = '\\';
        memcpy(to, text, width);
        to += width;
        text += width;
    }
    *to++ = '"';
    *to = '\0';
}

static void put_repeated(void *ctx, enum goxel_log_level level, const char *text, unsigned long count)
{
    char message[LINE_MAX_BYTES - HEAD_BYTES];
    int len = snprintf(message, sizeof(message), "repeated count=%lu line=", count);

    (void)ctx;
    if (len > 0 && (size_t)len < sizeof(message))
        quote(message + len, sizeof(message) - (size_t)len, text);
    put_or_count(level, message);
}

/* ---- the sink ---- */

static void use_stderr(void)
{
    current = goxel_sink_stderr(-1);
}

static void lock_sink(void)
{
    (void)pthread_once(&first_use, use_stderr);
    (void)pthread_mutex_lock(&lock);
}

static void unlock_sink(void)
{
    (void)pthread_mutex_unlock(&lock);
}

/* The descriptor is told before the old one is closed: a signal handler may want it at any moment. */
static void replace_sink(struct goxel_sink next)
{
    struct goxel_sink old = current;

    current = next;
    atomic_store(&descriptor, next.kind == GOXEL_LOG_FILE ? next.outlet.fd : -1);
    goxel_sink_close(&old);
}

int goxel_log_configure(const struct goxel_log_options *options, struct goxel_detail *detail)
{
    struct goxel_sink next;
    int code = goxel_sink_open(options, detail, &next);

    if (code)
        return code;
    lock_sink();
    goxel_repeat_end(&repeat, put_repeated, NULL);
    replace_sink(next);
    unlock_sink();
    goxel_log_set_level(options->level);
    return 0;
}

int goxel_log_reopen(struct goxel_detail *detail)
{
    struct goxel_log_options options = {.target = GOXEL_LOG_FILE};
    struct goxel_sink next;
    int code = 0;

    lock_sink();
    if (current.kind == GOXEL_LOG_FILE) {
        options.path = current.path;
        code = goxel_sink_open(&options, detail, &next);
        if (!code)
            replace_sink(next);
    }
    unlock_sink();
    return code;
}

void goxel_log_close(void)
{
    lock_sink();
    goxel_repeat_end(&repeat, put_repeated, NULL);
    replace_sink(goxel_sink_stderr(-1));
    lost = 0;
    unlock_sink();
}

int goxel_log_descriptor(void)
{
    return atomic_load(&descriptor);
}

/* ---- levels ---- */

void goxel_log_set_level(enum goxel_log_level level)
{
    atomic_store_explicit(&threshold, (int)level, memory_order_relaxed);
}

enum goxel_log_level goxel_log_get_level(void)
{
    return (enum goxel_log_level)atomic_load_explicit(&threshold, memory_order_relaxed);
}

const char *goxel_log_level_name(enum goxel_log_level level)
{
    return (size_t)level < COUNT(level_names) ? level_names[level] : "unknown";
}

bool goxel_log_level_parse(const char *name, enum goxel_log_level *ret_level)
{
    for (size_t i = 0; i < COUNT(level_names); i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *ret_level = (enum goxel_log_level)i;
            return true;
        }
    }
    return false;
}

/* ---- lines ---- */

static void emit(enum goxel_log_level level, const char *message)
{
    lock_sink();
    if (goxel_repeat_admit(&repeat, level, message, goxel_clock_ms(), put_repeated, NULL))
        put_or_count(level, message);
    unlock_sink();
}

void goxel_log_tick(void)
{
    int saved_errno = errno;

    lock_sink();
    goxel_repeat_tick(&repeat, goxel_clock_ms(), put_repeated, NULL);
    unlock_sink();
    errno = saved_errno;
}

void goxel_log(enum goxel_log_level level, const char *fmt, ...)
{
    char message[LINE_MAX_BYTES];
    int saved_errno = errno; /* a log line must not change what its caller is about to look at */
    va_list args;

    if ((size_t)level >= COUNT(level_names) ||
        (int)level > atomic_load_explicit(&threshold, memory_order_relaxed))
        return;
    va_start(args, fmt);
    if (vsnprintf(message, sizeof(message), fmt, args) >= 0)
        emit(level, message);
    va_end(args);
    errno = saved_errno;
}
