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

/* ---- values ---- */

/* Unicode's Bidi_Control, in order. */
static const struct {
    const char *bytes;
    unsigned code;
} turns[] = {
    {"\xd8\x9c", 0x061c},     {"\xe2\x80\x8e", 0x200e}, {"\xe2\x80\x8f", 0x200f}, {"\xe2\x80\xaa", 0x202a},
    {"\xe2\x80\xab", 0x202b}, {"\xe2\x80\xac", 0x202c}, {"\xe2\x80\xad", 0x202d}, {"\xe2\x80\xae", 0x202e},
    {"\xe2\x81\xa6", 0x2066}, {"\xe2\x81\xa7", 0x2067}, {"\xe2\x81\xa8", 0x2068}, {"\xe2\x81\xa9", 0x2069},
};

/* What stands for the character that `text` begins with, a NUL behind it; returns the bytes of the character. */
static size_t escape(char to[8], const char *text, size_t len)
{
    size_t width = goxel_utf8_length(text, len);

    width = width > 0 ? width : 1; /* the sink shows it as what it is */
    for (size_t i = 0; i < COUNT(turns); i++) {
        if (width == strlen(turns[i].bytes) && memcmp(text, turns[i].bytes, width) == 0) {
            (void)snprintf(to, 8, "\\u%04x", turns[i].code);
            return width;
        }
    }
    (void)snprintf(to, 8, "%s%.*s", *text == '"' || *text == '\\' ? "\\" : "", (int)width, text);
    return width;
}

const char *goxel_log_quoted(char *buf, size_t size, const char *text)
{
    char *to = buf, *stop = buf + size - 2; /* the last quote and the NUL */
    size_t left = strlen(text);

    *to++ = '"';
    while (left > 0) {
        char shown[8];
        size_t width = escape(shown, text, left), len = strlen(shown);

        if ((size_t)(stop - to) < len)
            break;
        memcpy(to, shown, len);
        to += len;
        text += width;
        left -= width;
    }
    *to++ = '"';
    *to = '\0';
    return buf;
}

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

static void put_repeated(void *ctx, enum goxel_log_level level, const char *text, unsigned long count)
{
    char message[LINE_MAX_BYTES - HEAD_BYTES];
    int len = snprintf(message, sizeof(message), "repeated count=%lu line=", count);

    (void)ctx;
    if (len > 0 && (size_t)len < sizeof(message))
        (void)goxel_log_quoted(message + len, sizeof(message) - (size_t)len, text);
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
