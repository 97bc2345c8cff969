/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line is made on the caller's stack and leaves as one write(2), so that lines of several threads
 * and processes do not mix.
 */
#include "base/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES GOXEL_OUTLET_LINE_MAX /* with its newline, and one before it */
#define SYSLOG_SOCKET "/dev/log"
#define ELLIPSIS "\xe2\x80\xa6"
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    int priority; /* of syslog(3) and of systemd's <N> */
    const char *color;
} levels[] = {
    [GOXEL_LOG_ERROR] = {LOG_ERR, "\033[31m"},
    [GOXEL_LOG_WARN] = {LOG_WARNING, "\033[33m"},
    [GOXEL_LOG_INFO] = {LOG_INFO, "\033[32m"},
    [GOXEL_LOG_DEBUG] = {LOG_DEBUG, "\033[36m"},
};

static const struct {
    const char *name;
    int facility;
} facilities[] = {
    {"daemon", LOG_DAEMON}, {"user", LOG_USER},     {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1},
    {"local2", LOG_LOCAL2}, {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4}, {"local5", LOG_LOCAL5},
    {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7},
};

/* ---- standard error ---- */

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

struct goxel_sink goxel_sink_stderr(int colors)
{
    struct goxel_sink sink = {.kind = GOXEL_LOG_STDERR, .outlet = goxel_outlet_share(STDERR_FILENO)};

    sink.journal = stderr_is_journal();
    sink.colors = !sink.journal && (colors > 0 || (colors < 0 && isatty(STDERR_FILENO)));
    return sink;
}

/* ---- a file ---- */

static int open_file(const struct goxel_log_options *options, struct goxel_detail *detail,
                     struct goxel_sink *sink)
{
    int fd;

    if (!options->path || !options->path[0])
        return goxel_fail_value(detail, DAEMON_ERROR_LOGGING_INIT_FAILED, "file", options->path, "a path");
    sink->path = strdup(options->path);
    if (!sink->path)
        return goxel_fail(detail, DAEMON_ERROR_LOGGING_INIT_FAILED, "out of memory");
    /* O_NONBLOCK: a FIFO that nobody reads must stop neither the start nor a later line. */
    fd = open(sink->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
    if (fd < 0)
        return goxel_fail_errno(detail, DAEMON_ERROR_LOGGING_INIT_FAILED, errno, "open", sink->path);
    sink->outlet = goxel_outlet_own(fd);
    return 0;
}

/* ---- syslog ---- */

static int open_syslog(const struct goxel_log_options *options, struct goxel_detail *detail,
                       struct goxel_sink *sink)
{
    const char *facility = options->facility ? options->facility : "daemon";
    size_t i = 0;
    int errnum;

    while (i < COUNT(facilities) && strcmp(facilities[i].name, facility) != 0)
        i++;
    if (i == COUNT(facilities))
        return goxel_fail_value(detail, DAEMON_ERROR_LOGGING_INIT_FAILED, "syslog_facility", facility,
                                "daemon, user, or local0 to local7");
    sink->facility = facilities[i].facility;
    sink->path = strdup(options->socket ? options->socket : SYSLOG_SOCKET);
    sink->ident = strdup(options->ident ? options->ident : "goxel-daemon");
    if (!sink->path || !sink->ident)
        return goxel_fail(detail, DAEMON_ERROR_LOGGING_INIT_FAILED, "out of memory");
    tzset(); /* while /etc/localtime is in reach */
    errnum = goxel_outlet_dial(sink->path, &sink->outlet);
    if (errnum)
        return goxel_fail_errno(detail, DAEMON_ERROR_LOGGING_INIT_FAILED, errnum, "connect", sink->path);
    return 0;
}

/* "<30>Nov 23 03:29:22 goxel-daemon[4711]: ", in local time and in English, as its readers expect. */
static int put_syslog_head(char *to, size_t size, const struct goxel_sink *sink, enum goxel_log_level level)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now = (time_t)(goxel_wall_ms() / 1000);
    struct tm date = {0};

    (void)localtime_r(&now, &date);
    return snprintf(to, size,
                    "<%d>%.3s %2d %02d:%02d:%02d %s[%ld]: ", sink->facility | levels[level].priority,
                    months + (size_t)date.tm_mon * 3, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec,
                    sink->ident, (long)getpid());
}

/* ---- all of them ---- */

int goxel_sink_open(const struct goxel_log_options *options, struct goxel_detail *detail,
                    struct goxel_sink *ret_sink)
{
    struct goxel_sink sink = {.kind = options->target, .outlet = GOXEL_OUTLET_CLOSED};
    int code = 0;

    if (options->target == GOXEL_LOG_FILE)
        code = open_file(options, detail, &sink);
    else if (options->target == GOXEL_LOG_SYSLOG)
        code = open_syslog(options, detail, &sink);
    else
        sink = goxel_sink_stderr(options->colors);
    if (code == 0)
        *ret_sink = sink;
    else
        goxel_sink_close(&sink);
    return code;
}

void goxel_sink_close(struct goxel_sink *sink)
{
    goxel_outlet_close(&sink->outlet);
    free(sink->path);
    free(sink->ident);
    sink->path = NULL;
    sink->ident = NULL;
}

/* ---- lines ---- */

static int put_head(char *to, size_t size, const struct goxel_sink *sink, enum goxel_log_level level)
{
    const char *name = goxel_log_level_name(level);
    char date[GOXEL_TIME_TEXT_SIZE];

    if (sink->kind == GOXEL_LOG_SYSLOG)
        return put_syslog_head(to, size, sink, level);
    if (sink->journal)
        return snprintf(to, size, "<%d>%-5s ", levels[level].priority, name);
    goxel_time_text(goxel_wall_ms(), date);
    return snprintf(to, size, "%s %s%-5s%s ", date, sink->colors ? levels[level].color : "", name,
                    sink->colors ? "\033[0m" : "");
}

/*
 * "HEADmessage\n" into `line` (LINE_MAX_BYTES: the NUL is overwritten by the newline). Returns the
 * length.
 */
static size_t make_line(char *line, const struct goxel_sink *sink, enum goxel_log_level level,
                        const char *message)
{
    size_t size = LINE_MAX_BYTES - sizeof(ELLIPSIS); /* the ellipsis (sizeof has its NUL) and the newline */
    size_t message_len = strlen(message);
    int head = put_head(line, size, sink, level);
    size_t len = head < 0 ? 0 : (size_t)head < size ? (size_t)head : size - 1;

    if (goxel_utf8_printable(line + len, size - len, message, message_len) < message_len) {
        len += strlen(line + len);
        memcpy(line + len, ELLIPSIS, sizeof(ELLIPSIS));
    }
    len += strlen(line + len);
    line[len++] = '\n';
    return len;
}

bool goxel_sink_write(struct goxel_sink *sink, enum goxel_log_level level, const char *message,
                      int patience_ms)
{
    char line[LINE_MAX_BYTES + 1] = "\n"; /* that of a torn predecessor */
    size_t len = make_line(line + 1, sink, level, message), done;
    int errnum;

    if (sink->kind == GOXEL_LOG_SYSLOG) /* a datagram is a line, and none is ever torn */
        return goxel_outlet_write(&sink->outlet, line + 1, len - 1, patience_ms, &done) == 0;
    if (sink->torn)
        errnum = goxel_outlet_write(&sink->outlet, line, len + 1, patience_ms, &done);
    else
        errnum = goxel_outlet_write(&sink->outlet, line + 1, len, patience_ms, &done);
    if (done > 0)
        sink->torn = errnum != 0;
    return errnum == 0;
}
