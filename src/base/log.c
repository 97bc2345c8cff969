/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line is made on the caller's stack and leaves as one write(2), so that lines of several threads
 * and processes do not mix; the lock covers the target alone.
 *
 * A target that cannot take a line (full disk, broken pipe, nobody reads) costs the line, never the
 * daemon: the lost ones are counted, and the next line that gets through is preceded by their number.
 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/outlet.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES GOXEL_OUTLET_LINE_MAX /* with its newline, and one before it */
#define PATIENCE_MS 100                      /* for a target that is full, until it has cost a line */
#define ELLIPSIS "\xe2\x80\xa6"
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *name;
    int priority; /* of syslog(3) and of systemd's <N> */
    const char *color;
} levels[] = {
    [GOXEL_LOG_ERROR] = {"error", LOG_ERR, "\033[31m"},
    [GOXEL_LOG_WARN] = {"warn", LOG_WARNING, "\033[33m"},
    [GOXEL_LOG_INFO] = {"info", LOG_INFO, "\033[32m"},
    [GOXEL_LOG_DEBUG] = {"debug", LOG_DEBUG, "\033[36m"},
};

static const struct {
    const char *name;
    int facility;
} facilities[] = {
    {"daemon", LOG_DAEMON}, {"user", LOG_USER},     {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1},
    {"local2", LOG_LOCAL2}, {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4}, {"local5", LOG_LOCAL5},
    {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7},
};

/* Where lines go. The outlet is closed for syslog; `path` and `ident` are owned. */
struct target {
    enum goxel_log_target kind;
    struct goxel_outlet outlet;
    char *path;
    char *ident;
    bool journal; /* `<N>` in front, no time */
    bool colors;
    bool torn; /* the last line went out in part: begin a new one first */
    unsigned long lost;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t first_use = PTHREAD_ONCE_INIT;
static struct target current; /* under the lock */
static atomic_int threshold = GOXEL_LOG_INFO;

/* ---- targets ---- */

/* systemd names the stream it reads as "DEVICE:INODE", so that a redirected one is not mistaken for it. */
static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    char *end;
    struct stat info;

    if (!stream || fstat(STDERR_FILENO, &info) != 0)
        return false;
    device = strtoull(stream, &end, 10);
    if (end == stream || *end != ':')
        return false;
    inode = strtoull(end + 1, &end, 10);
    return *end == '\0' && device == info.st_dev && inode == info.st_ino;
}

static struct target stderr_target(int colors)
{
    struct target t = {.kind = GOXEL_LOG_STDERR, .outlet = goxel_outlet_share(STDERR_FILENO)};

    t.journal = stderr_is_journal();
    t.colors = !t.journal && (colors > 0 || (colors < 0 && isatty(STDERR_FILENO)));
    return t;
}

static void target_close(struct target *t)
{
    goxel_outlet_close(&t->outlet);
    if (t->kind == GOXEL_LOG_SYSLOG)
        closelog();
    free(t->path);
    free(t->ident);
}

static void use_stderr(void)
{
    current = stderr_target(-1);
}

static void lock_target(void)
{
    (void)pthread_once(&first_use, use_stderr);
    (void)pthread_mutex_lock(&lock);
}

static void unlock_target(void)
{
    (void)pthread_mutex_unlock(&lock);
}

static int open_file(const char *path, int *ret_fd, struct goxel_detail *detail)
{
    /* O_NONBLOCK: a FIFO that nobody reads must stop neither the start nor a later line. */
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);

    if (fd < 0)
        return goxel_fail_errno(detail, DAEMON_ERROR_LOGGING_INIT_FAILED, errno, "open", path);
    *ret_fd = fd;
    return 0;
}

static int file_target(const struct goxel_log_options *options, struct target *ret_target,
                       struct goxel_detail *detail)
{
    struct target t = {.kind = GOXEL_LOG_FILE};
    int fd = -1;
    int code;

    if (!options->path || !options->path[0])
        return goxel_fail_value(detail, DAEMON_ERROR_LOGGING_INIT_FAILED, "file", options->path, "a path");
    t.path = strdup(options->path);
    if (!t.path)
        return goxel_fail(detail, DAEMON_ERROR_LOGGING_INIT_FAILED, "out of memory");
    code = open_file(t.path, &fd, detail);
    if (code) {
        free(t.path);
        return code;
    }
    t.outlet = goxel_outlet_own(fd);
    *ret_target = t;
    return 0;
}

static int syslog_target(const struct goxel_log_options *options, struct target *ret_target,
                         int *ret_facility, struct goxel_detail *detail)
{
    const char *facility = options->facility ? options->facility : "daemon";
    struct target t = {.kind = GOXEL_LOG_SYSLOG, .outlet = GOXEL_OUTLET_CLOSED};
    size_t i = 0;

    while (i < COUNT(facilities) && strcmp(facilities[i].name, facility) != 0)
        i++;
    if (i == COUNT(facilities))
        return goxel_fail_value(detail, DAEMON_ERROR_LOGGING_INIT_FAILED, "syslog_facility", facility,
                                "daemon, user, or local0 to local7");
    t.ident = strdup(options->ident ? options->ident : "goxel-daemon");
    if (!t.ident)
        return goxel_fail(detail, DAEMON_ERROR_LOGGING_INIT_FAILED, "out of memory");
    *ret_target = t;
    *ret_facility = facilities[i].facility;
    return 0;
}

int goxel_log_configure(const struct goxel_log_options *options, struct goxel_detail *detail)
{
    struct target next = {.outlet = GOXEL_OUTLET_CLOSED};
    struct target old;
    int facility = 0;
    int code = 0;

    if (options->target == GOXEL_LOG_FILE)
        code = file_target(options, &next, detail);
    else if (options->target == GOXEL_LOG_SYSLOG)
        code = syslog_target(options, &next, &facility, detail);
    else
        next = stderr_target(options->colors);
    if (code)
        return code;
    lock_target();
    old = current;
    current = next;
    /* Before openlog: syslog keeps one connection, and closing the old target would close the new one's. */
    target_close(&old);
    if (next.kind == GOXEL_LOG_SYSLOG)
        openlog(next.ident, LOG_PID | LOG_NDELAY, facility);
    unlock_target();
    goxel_log_set_level(options->level);
    return 0;
}

int goxel_log_reopen(struct goxel_detail *detail)
{
    int code = 0;
    int fd = -1;

    lock_target();
    if (current.kind == GOXEL_LOG_FILE) {
        code = open_file(current.path, &fd, detail);
        if (!code) {
            goxel_outlet_close(&current.outlet);
            current.outlet = goxel_outlet_own(fd);
            current.torn = false;
        }
    }
    unlock_target();
    return code;
}

void goxel_log_close(void)
{
    struct target old;

    lock_target();
    old = current;
    current = stderr_target(-1);
    target_close(&old);
    unlock_target();
}

void goxel_log_tick(void)
{
}

int goxel_log_descriptor(void)
{
    return -1;
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
    return (size_t)level < COUNT(levels) ? levels[level].name : "unknown";
}

bool goxel_log_level_parse(const char *name, enum goxel_log_level *ret_level)
{
    for (size_t i = 0; i < COUNT(levels); i++) {
        if (strcmp(name, levels[i].name) == 0) {
            *ret_level = (enum goxel_log_level)i;
            return true;
        }
    }
    return false;
}

/* ---- lines ---- */

/*
 * "PREFIXmessage\n" into `line` (LINE_MAX_BYTES: the NUL is overwritten by the newline), after a byte
 * that is kept for the newline of a torn predecessor. Returns the length without that byte.
 */
static size_t make_line(char *line, const struct target *t, enum goxel_log_level level, const char *message)
{
    size_t size = LINE_MAX_BYTES - sizeof(ELLIPSIS); /* the ellipsis (sizeof has its NUL) and the newline */
    size_t message_len = strlen(message);
    size_t len = 0;
    char date[GOXEL_TIME_TEXT_SIZE];

    if (t->journal) {
        len = (size_t)snprintf(line, size, "<%d>%-5s ", levels[level].priority, levels[level].name);
    } else if (t->kind != GOXEL_LOG_SYSLOG) {
        goxel_time_text(goxel_wall_ms(), date);
        len = (size_t)snprintf(line, size, "%s %s%-5s%s ", date, t->colors ? levels[level].color : "",
                               levels[level].name, t->colors ? "\033[0m" : "");
    }
    if (goxel_utf8_printable(line + len, size - len, message, message_len) < message_len) {
        len += strlen(line + len);
        memcpy(line + len, ELLIPSIS, sizeof(ELLIPSIS));
    }
    len += strlen(line + len);
    line[len++] = '\n';
    return len;
}

static bool write_line(struct target *t, const char *line, size_t len)
{
    size_t done;
    int errnum = goxel_outlet_write(&t->outlet, line, len, t->lost == 0 ? PATIENCE_MS : 0, &done);

    if (done > 0)
        t->torn = errnum != 0;
    return errnum == 0;
}

static bool send_line(struct target *t, enum goxel_log_level level, const char *message)
{
    char line[LINE_MAX_BYTES + 1] = "\n";
    size_t len = make_line(line + 1, t, level, message);

    if (t->kind == GOXEL_LOG_SYSLOG) {
        syslog(levels[level].priority, "%.*s", (int)len - 1, line + 1);
        return true;
    }
    return t->torn ? write_line(t, line, len + 1) : write_line(t, line + 1, len);
}

static void emit(enum goxel_log_level level, const char *message)
{
    lock_target();
    if (current.lost > 0) {
        char notice[64];

        (void)snprintf(notice, sizeof(notice), "log lines lost count=%lu", current.lost);
        if (send_line(&current, GOXEL_LOG_WARN, notice))
            current.lost = 0;
    }
    if (current.lost > 0 || !send_line(&current, level, message))
        current.lost++;
    unlock_target();
}

void goxel_log(enum goxel_log_level level, const char *fmt, ...)
{
    char message[LINE_MAX_BYTES];
    int saved_errno = errno; /* a log line must not change what its caller is about to look at */
    va_list args;

    if ((size_t)level >= COUNT(levels) || (int)level > atomic_load_explicit(&threshold, memory_order_relaxed))
        return;
    va_start(args, fmt);
    if (vsnprintf(message, sizeof(message), fmt, args) >= 0)
        emit(level, message);
    va_end(args);
    errno = saved_errno;
}
