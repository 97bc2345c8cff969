/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "scratch.h"
#include "unit.h"

/* To the file "log" in a scratch folder. */
static bool open_log(enum goxel_log_level level)
{
    struct goxel_log_options options = {.level = level, .target = GOXEL_LOG_FILE};

    if (!scratch_open())
        return false;
    options.path = scratch_path("log");
    if (goxel_log_configure(&options, NULL) == 0)
        return true;
    CU_FAIL("no log");
    scratch_close();
    return false;
}

static void close_log(void)
{
    goxel_log_close();
    goxel_log_set_level(GOXEL_LOG_INFO);
    scratch_close();
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void a_line_has_time_level_and_text(void)
{
    char *text;

    if (!open_log(GOXEL_LOG_INFO))
        return;
    goxel_log(GOXEL_LOG_INFO, "reload done option=%s", "workers.count");
    goxel_log(GOXEL_LOG_ERROR, "x");
    text = scratch_read("log");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_EQUAL(count_lines(text), 2);
    CU_ASSERT_EQUAL(text[10], 'T');
    CU_ASSERT_EQUAL(strncmp(text + 23, "Z info  reload done option=workers.count\n20", 43), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "Z error x\n"));
    free(text);
    close_log();
}

static void the_level_decides(void)
{
    char *text;

    if (!open_log(GOXEL_LOG_WARN))
        return;
    CU_ASSERT_EQUAL(goxel_log_get_level(), GOXEL_LOG_WARN);
    goxel_log(GOXEL_LOG_INFO, "hidden");
    goxel_log(GOXEL_LOG_WARN, "shown");
    goxel_log_set_level(GOXEL_LOG_DEBUG);
    goxel_log(GOXEL_LOG_DEBUG, "also");
    text = scratch_read("log");
    CU_ASSERT_PTR_NULL(strstr(text, "hidden"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "shown"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "also"));
    free(text);
    close_log();
}

static void no_text_forges_a_line(void)
{
    char *text;

    if (!open_log(GOXEL_LOG_INFO))
        return;
    goxel_log(GOXEL_LOG_INFO, "name=%s",
              "a\n2026-01-01T00:00:00.000Z error forged\r\x1b[2J\xc2\x9b\xff \xc3\xa9");
    text = scratch_read("log");
    CU_ASSERT_EQUAL(count_lines(text), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        text, "name=a\\x0a2026-01-01T00:00:00.000Z error forged\\x0d\\x1b[2J\\xc2\\x9b\\xff \xc3\xa9\n"));
    free(text);
    close_log();
}

static const char *quoted(size_t size, const char *text)
{
    static char buf[64];

    memset(buf, '#', sizeof(buf));
    CU_ASSERT_PTR_EQUAL(goxel_log_quoted(buf, size, text), buf);
    CU_ASSERT(strlen(buf) < size);
    return buf;
}

static void no_value_forges_another(void)
{
    char *text;

    CU_ASSERT_STRING_EQUAL(quoted(64, ""), "\"\"");
    CU_ASSERT_STRING_EQUAL(quoted(64, "a\" error=FORGED reason=\"x"), "\"a\\\" error=FORGED reason=\\\"x\"");
    CU_ASSERT_STRING_EQUAL(quoted(64, "\\\" \\n"), "\"\\\\\\\" \\\\n\"");
    CU_ASSERT_STRING_EQUAL(quoted(64, "Schlo\xc3\x9f \xf0\x9f\x8f\xb0"),
                           "\"Schlo\xc3\x9f \xf0\x9f\x8f\xb0\"");
    /* The neighbours of the characters that turn are left alone. */
    CU_ASSERT_STRING_EQUAL(quoted(64, "\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90"),
                           "\"\xe2\x80\x8d\\u200e\\u200f\xe2\x80\x90\"");
    CU_ASSERT_STRING_EQUAL(quoted(64, "\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf"),
                           "\"\xe2\x80\xa9\\u202a\\u202e\xe2\x80\xaf\"");
    CU_ASSERT_STRING_EQUAL(quoted(64, "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa\xd8\x9c"),
                           "\"\xe2\x81\xa5\\u2066\\u2069\xe2\x81\xaa\\u061c\"");
    /* Cut between characters and escapes, and never without its end. */
    CU_ASSERT_STRING_EQUAL(quoted(3, "abc"), "\"\"");
    CU_ASSERT_STRING_EQUAL(quoted(5, "abc"), "\"ab\"");
    CU_ASSERT_STRING_EQUAL(quoted(5, "a\"c"), "\"a\"");
    CU_ASSERT_STRING_EQUAL(quoted(6, "ab\xe2\x82\xac"), "\"ab\"");
    CU_ASSERT_STRING_EQUAL(quoted(8, "\xe2\x80\xae"), "\"\"");
    if (!open_log(GOXEL_LOG_INFO))
        return;
    goxel_log(GOXEL_LOG_INFO, "name=%s reason=%s", GOXEL_QUOTED("a\n\"\xff"), GOXEL_QUOTED("b\\x0a"));
    text = scratch_read("log");
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "name=\"a\\x0a\\\"\\xff\" reason=\"b\\\\x0a\"\n"));
    free(text);
    close_log();
}

static void long_lines_are_cut_between_characters(void)
{
    static char longer[9000];
    char *text;

    if (!open_log(GOXEL_LOG_INFO))
        return;
    for (size_t i = 0; i + 2 < sizeof(longer); i += 2)
        memcpy(longer + i, "\xc3\xa9", 2);
    goxel_log(GOXEL_LOG_INFO, "%s", longer);
    goxel_log(GOXEL_LOG_INFO, "x%s", longer);
    goxel_log(GOXEL_LOG_INFO, "next");
    text = scratch_read("log");
    CU_ASSERT_EQUAL(count_lines(text), 3);
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        CU_ASSERT(end + 1 - line <= 4096);
        if (end - line < 100)
            continue;
        CU_ASSERT(end + 1 - line >= 4090);
        CU_ASSERT_EQUAL(strncmp(end - 5, "\xc3\xa9\xe2\x80\xa6", 5), 0);
    }
    free(text);
    close_log();
}

static void a_file_is_reopened_after_rotation(void)
{
    char *text;

    if (!open_log(GOXEL_LOG_INFO))
        return;
    goxel_log(GOXEL_LOG_INFO, "first");
    CU_ASSERT_EQUAL(rename(scratch_path("log"), scratch_path("log.1")), 0);
    goxel_log(GOXEL_LOG_INFO, "second");
    CU_ASSERT_EQUAL(goxel_log_reopen(NULL), 0);
    goxel_log(GOXEL_LOG_INFO, "third");
    text = scratch_read("log.1");
    CU_ASSERT_EQUAL(count_lines(text), 2);
    free(text);
    text = scratch_read("log");
    CU_ASSERT_EQUAL(count_lines(text), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "third"));
    free(text);
    close_log();
}

static void a_target_that_cannot_be_opened_leaves_the_old_one(void)
{
    struct goxel_log_options options = {.level = GOXEL_LOG_DEBUG, .target = GOXEL_LOG_FILE};
    struct goxel_detail detail;
    char *text;

    if (!open_log(GOXEL_LOG_INFO))
        return;
    options.path = scratch_path("none/log");
    CU_ASSERT_EQUAL(goxel_log_configure(&options, &detail), DAEMON_ERROR_LOGGING_INIT_FAILED);
    CU_ASSERT_EQUAL(detail.errnum, ENOENT);
    CU_ASSERT_STRING_EQUAL(detail.path, options.path);
    CU_ASSERT_EQUAL(goxel_log_get_level(), GOXEL_LOG_INFO);
    options.path = NULL;
    CU_ASSERT_EQUAL(goxel_log_configure(&options, &detail), DAEMON_ERROR_LOGGING_INIT_FAILED);
    options.target = GOXEL_LOG_SYSLOG;
    options.facility = "kitchen";
    CU_ASSERT_EQUAL(goxel_log_configure(&options, &detail), DAEMON_ERROR_LOGGING_INIT_FAILED);
    CU_ASSERT_STRING_EQUAL(detail.value, "kitchen");
    goxel_log(GOXEL_LOG_INFO, "still here");
    text = scratch_read("log");
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "still here"));
    free(text);
    close_log();
}

static void *write_lines(void *name)
{
    for (int i = 0; i < 200; i++)
        goxel_log(GOXEL_LOG_INFO, "thread=%s %0100d end", (const char *)name, i);
    return NULL;
}

static void lines_of_threads_do_not_mix(void)
{
    static char names[4][2] = {"a", "b", "c", "d"};
    pthread_t threads[4];
    char *text;

    if (!open_log(GOXEL_LOG_INFO))
        return;
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, write_lines, names[i]), 0);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(goxel_log_reopen(NULL), 0);
        (void)pthread_join(threads[i], NULL);
    }
    text = scratch_read("log");
    CU_ASSERT_EQUAL(count_lines(text), 800);
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        CU_ASSERT_EQUAL_FATAL(end - line, 144);
        CU_ASSERT_EQUAL(strncmp(end - 4, " end", 4), 0);
    }
    free(text);
    close_log();
}

/* ---- repetition ---- */

static void what_repeats_is_held_back_and_counted(void)
{
    struct goxel_log_options options = {.level = GOXEL_LOG_INFO, .target = GOXEL_LOG_FILE};
    char *text;

    if (!open_log(GOXEL_LOG_INFO))
        return;
    for (int i = 0; i < GOXEL_LOG_BURST + 7; i++)
        goxel_log(GOXEL_LOG_WARN, "name=\"%s\" \\", "again\n");
    goxel_log(GOXEL_LOG_INFO, "other");
    goxel_log_tick(); /* the window is not over */
    text = scratch_read("log");
    CU_ASSERT_EQUAL(count_lines(text), GOXEL_LOG_BURST + 1);
    CU_ASSERT_PTR_NULL(strstr(text, "repeated"));
    free(text);
    options.path = scratch_path("log.2");
    CU_ASSERT_EQUAL(goxel_log_configure(&options, NULL), 0);
    text = scratch_read("log");
    CU_ASSERT_EQUAL(count_lines(text), GOXEL_LOG_BURST + 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "Z warn  repeated count=7 line=\"name=\\\"again\\x0a\\\" \\\\\"\n"));
    free(text);
    for (int i = 0; i < GOXEL_LOG_BURST + 1; i++)
        goxel_log(GOXEL_LOG_DEBUG, "hidden");
    goxel_log(GOXEL_LOG_INFO, "end");
    goxel_log_close();
    text = scratch_read("log.2");
    CU_ASSERT_EQUAL(count_lines(text), 1);
    free(text);
    close_log();
}

static void a_long_line_that_repeats_keeps_its_quotes(void)
{
    static char longer[9000];
    char *text, *line;

    if (!open_log(GOXEL_LOG_INFO))
        return;
    for (size_t i = 0; i + 2 < sizeof(longer); i += 2)
        memcpy(longer + i, "\xc3\xa9", 2);
    for (int i = 0; i < GOXEL_LOG_BURST + 1; i++)
        goxel_log(GOXEL_LOG_INFO, "%s", longer);
    CU_ASSERT_EQUAL(rename(scratch_path("log"), scratch_path("log.1")), 0);
    CU_ASSERT_EQUAL(goxel_log_reopen(NULL), 0); /* forgets nothing */
    goxel_log_close();
    text = scratch_read("log");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_EQUAL(count_lines(text), 1);
    line = strstr(text, "repeated count=1 line=\"\xc3\xa9");
    CU_ASSERT_PTR_NOT_NULL(line);
    CU_ASSERT(strlen(text) > 3000 && strlen(text) <= 4096);
    CU_ASSERT_STRING_EQUAL(text + strlen(text) - 4, "\xc3\xa9\"\n");
    free(text);
    close_log();
}

/* ---- its descriptor ---- */

static void the_descriptor_is_that_of_the_file(void)
{
    static const char line[] = "from a signal handler\n";
    char *text;

    CU_ASSERT_EQUAL(goxel_log_descriptor(), -1);
    if (!open_log(GOXEL_LOG_INFO))
        return;
    CU_ASSERT_EQUAL(write(goxel_log_descriptor(), line, strlen(line)), (ssize_t)strlen(line));
    CU_ASSERT_EQUAL(rename(scratch_path("log"), scratch_path("log.1")), 0);
    CU_ASSERT_EQUAL(goxel_log_reopen(NULL), 0);
    CU_ASSERT_EQUAL(write(goxel_log_descriptor(), line, strlen(line)), (ssize_t)strlen(line));
    text = scratch_read("log.1");
    CU_ASSERT_STRING_EQUAL(text, line);
    free(text);
    text = scratch_read("log");
    CU_ASSERT_STRING_EQUAL(text, line);
    free(text);
    CU_ASSERT_EQUAL(remove(scratch_path("log")), 0);
    CU_ASSERT_EQUAL(mkdir(scratch_path("log"), 0700), 0);
    CU_ASSERT_EQUAL(goxel_log_reopen(NULL), DAEMON_ERROR_LOGGING_INIT_FAILED);
    CU_ASSERT(goxel_log_descriptor() >= 0); /* the old file goes on */
    goxel_log_close();
    CU_ASSERT_EQUAL(goxel_log_descriptor(), -1);
    close_log();
}

/* ---- standard error ---- */

/* Standard error goes to `fd` while `log_something` runs on a fresh target. */
static void with_stderr(int fd, int colors, void (*log_something)(void))
{
    struct goxel_log_options options = {
        .level = GOXEL_LOG_INFO, .target = GOXEL_LOG_STDERR, .colors = colors};
    int saved = dup(STDERR_FILENO);

    CU_ASSERT_FATAL(saved >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    CU_ASSERT_EQUAL(goxel_log_configure(&options, NULL), 0);
    log_something();
    CU_ASSERT_FATAL(dup2(saved, STDERR_FILENO) >= 0);
    (void)close(saved);
    goxel_log_close();
}

static void log_warning(void)
{
    goxel_log(GOXEL_LOG_WARN, "careful");
}

/* What `log_warning` writes into a pipe, in a buffer that is used again. */
static const char *warning_on_pipe(int colors, bool journal)
{
    static char text[256];
    char stream[64];
    struct stat info;
    int ends[2];
    ssize_t n;

    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    CU_ASSERT_EQUAL(fstat(ends[1], &info), 0);
    (void)snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)info.st_dev,
                   (unsigned long long)info.st_ino + (journal ? 0 : 1));
    (void)setenv("JOURNAL_STREAM", stream, 1);
    with_stderr(ends[1], colors, log_warning);
    (void)unsetenv("JOURNAL_STREAM");
    (void)close(ends[1]);
    n = read(ends[0], text, sizeof(text) - 1);
    text[n > 0 ? n : 0] = '\0';
    (void)close(ends[0]);
    return text;
}

static void the_journal_gets_priorities_and_no_time(void)
{
    CU_ASSERT_STRING_EQUAL(warning_on_pipe(-1, true), "<4>warn  careful\n");
    CU_ASSERT_STRING_EQUAL(warning_on_pipe(1, true), "<4>warn  careful\n");
}

static void colors_are_for_terminals_or_on_demand(void)
{
    CU_ASSERT_STRING_EQUAL(warning_on_pipe(-1, false) + 24, " warn  careful\n");
    CU_ASSERT_STRING_EQUAL(warning_on_pipe(0, false) + 24, " warn  careful\n");
    CU_ASSERT_STRING_EQUAL(warning_on_pipe(1, false) + 24, " \033[33mwarn \033[0m careful\n");
}

static void log_three_lines(void)
{
    errno = EDOM;
    for (int i = 0; i < 3; i++)
        goxel_log(GOXEL_LOG_INFO, "line %d", i);
    CU_ASSERT_EQUAL(errno, EDOM);
}

/* The default action of SIGPIPE would end this program. */
static void a_broken_pipe_costs_lines_only(void)
{
    void (*handler)(int) = signal(SIGPIPE, SIG_DFL);
    sigset_t pending;
    int ends[2];

    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    (void)close(ends[0]);
    with_stderr(ends[1], 0, log_three_lines);
    (void)close(ends[1]);
    CU_ASSERT_EQUAL(sigpending(&pending), 0);
    CU_ASSERT_FALSE(sigismember(&pending, SIGPIPE));
    (void)signal(SIGPIPE, handler);
}

/* ---- nobody reads ---- */

/* The two ends of a pipe, a pair of sockets or a terminal: what is written to one is read from the other. */
static int reader, writer;

/* All there is, NUL-terminated, in a buffer that is used again; NULs in it become spaces. */
static const char *read_all(void)
{
    static char text[4 << 20];
    size_t len = 0;
    ssize_t n;

    CU_ASSERT_EQUAL(fcntl(reader, F_SETFL, O_NONBLOCK), 0);
    while (len < sizeof(text) - 1 && (n = read(reader, text + len, sizeof(text) - 1 - len)) > 0)
        len += (size_t)n;
    text[len] = '\0';
    for (size_t i = 0; i < len; i++)
        text[i] = text[i] ? text[i] : ' ';
    return text;
}

/* Far more than pipes, sockets and terminals hold. Returns how many lines that were. */
static int log_too_much(void)
{
    const int count = 2000;

    for (int i = 0; i < count; i++)
        goxel_log(GOXEL_LOG_INFO, "%01000d end", i);
    return count;
}

/* How many lines of log_too_much there are whole. */
static int count_whole(const char *text)
{
    int count = 0;

    while ((text = strstr(text, " end")) != NULL) {
        count += text[4] == '\n' || strncmp(text + 4, "\r\n", 2) == 0;
        text++;
    }
    return count;
}

static void log_until_full_and_after(void)
{
    int flags = fcntl(writer, F_GETFL);
    int logged = log_too_much();
    int whole = count_whole(read_all());
    const char *line;
    char notice[64];

    CU_ASSERT(whole > 0 && whole < logged);
    log_warning();
    (void)snprintf(notice, sizeof(notice), "warn  log lines lost count=%d", logged - whole);
    line = strstr(read_all(), notice);
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    CU_ASSERT_PTR_NOT_NULL(strstr(line, " warn  careful"));
    log_warning();
    line = read_all();
    CU_ASSERT_PTR_NOT_NULL(strstr(line, " warn  careful"));
    CU_ASSERT_PTR_NULL(strstr(line, "lost"));
    CU_ASSERT_EQUAL(fcntl(writer, F_GETFL), flags); /* others use it too */
}

/* Standard error has room for not one byte when the lines come. */
static void log_three_lines_into_none(void)
{
    const char *line;

    log_three_lines();
    CU_ASSERT_PTR_NULL(strstr(read_all(), "line 0"));
    log_warning();
    line = strstr(read_all(), "log lines lost count=3\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    CU_ASSERT_PTR_NOT_NULL(strstr(line, " warn  careful\n"));
}

/* For the target that is made while it holds: no other file can be opened. */
static void forbid_descriptors(struct rlimit *ret_before)
{
    struct rlimit limit;

    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_NOFILE, ret_before), 0);
    limit = *ret_before;
    limit.rlim_cur = STDERR_FILENO + 1;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void log_without_descriptors(void)
{
    struct goxel_log_options options = {.level = GOXEL_LOG_INFO, .target = GOXEL_LOG_STDERR};
    struct rlimit before;

    forbid_descriptors(&before);
    CU_ASSERT_EQUAL(goxel_log_configure(&options, NULL), 0);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
    log_until_full_and_after();
}

static void close_ends(void)
{
    (void)close(reader);
    (void)close(writer);
}

static void open_pipe(int flags)
{
    int ends[2];

    CU_ASSERT_EQUAL_FATAL(pipe2(ends, flags), 0);
    reader = ends[0];
    writer = ends[1];
}

static void open_sockets(void)
{
    int ends[2];

    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    reader = ends[0];
    writer = ends[1];
}

static bool open_terminal(void)
{
    reader = posix_openpt(O_RDWR | O_NOCTTY);
    if (reader < 0) {
        unit_skip("no terminals here");
        return false;
    }
    CU_ASSERT_FATAL(grantpt(reader) == 0 && unlockpt(reader) == 0);
    writer = open(ptsname(reader), O_RDWR | O_NOCTTY);
    CU_ASSERT_FATAL(writer >= 0);
    return true;
}

static void a_full_pipe_costs_lines_only(void)
{
    open_pipe(0);
    with_stderr(writer, 0, log_until_full_and_after);
    close_ends();
    open_pipe(O_NONBLOCK);
    with_stderr(writer, 0, log_until_full_and_after);
    close_ends();
}

static void a_pipe_that_cannot_be_opened_again_is_asked_first(void)
{
    open_pipe(0);
    with_stderr(writer, 0, log_without_descriptors);
    close_ends();
}

static void a_full_socket_costs_lines_only(void)
{
    open_sockets();
    with_stderr(writer, 0, log_until_full_and_after);
    close_ends();
}

static void a_full_terminal_costs_lines_only(void)
{
    if (!open_terminal())
        return;
    with_stderr(writer, 0, log_until_full_and_after);
    close_ends();
}

static void log_into_a_stopped_terminal(void)
{
    CU_ASSERT_EQUAL(tcflow(writer, TCOOFF), 0);
    log_three_lines();
    CU_ASSERT_STRING_EQUAL(read_all(), "");
    CU_ASSERT_EQUAL(tcflow(writer, TCOON), 0);
    log_warning();
    CU_ASSERT_PTR_NOT_NULL(strstr(read_all(), "log lines lost count=3"));
}

static void a_stopped_terminal_costs_lines_only(void)
{
    if (!open_terminal())
        return;
    with_stderr(writer, 0, log_into_a_stopped_terminal);
    close_ends();
}

static void a_pipe_without_any_room(void)
{
    static char filling[65536];
    int flags;

    open_pipe(0);
    flags = fcntl(writer, F_GETFL);
    CU_ASSERT_EQUAL(fcntl(writer, F_SETFL, flags | O_NONBLOCK), 0);
    while (write(writer, filling, sizeof(filling)) > 0)
        ;
    while (write(writer, filling, 1) > 0)
        ;
    CU_ASSERT_EQUAL(fcntl(writer, F_SETFL, flags), 0);
    with_stderr(writer, 0, log_three_lines_into_none);
    close_ends();
}

/* ---- levels ---- */

static void level_names_go_both_ways(void)
{
    enum goxel_log_level level;

    for (int i = GOXEL_LOG_ERROR; i <= GOXEL_LOG_DEBUG; i++) {
        CU_ASSERT_TRUE(goxel_log_level_parse(goxel_log_level_name((enum goxel_log_level)i), &level));
        CU_ASSERT_EQUAL((int)level, i);
    }
    level = GOXEL_LOG_WARN;
    CU_ASSERT_FALSE(goxel_log_level_parse("Debug", &level));
    CU_ASSERT_FALSE(goxel_log_level_parse("", &level));
    CU_ASSERT_EQUAL(level, GOXEL_LOG_WARN);
}

static const struct unit_test tests[] = {
    {"a line has time, level and text", a_line_has_time_level_and_text},
    {"the level decides", the_level_decides},
    {"no text forges a line", no_text_forges_a_line},
    {"no value forges another", no_value_forges_another},
    {"long lines are cut between characters", long_lines_are_cut_between_characters},
    {"a file is reopened after rotation", a_file_is_reopened_after_rotation},
    {"a target that cannot be opened leaves the old one", a_target_that_cannot_be_opened_leaves_the_old_one},
    {"lines of threads do not mix", lines_of_threads_do_not_mix},
    {"what repeats is held back and counted", what_repeats_is_held_back_and_counted},
    {"a long line that repeats keeps its quotes", a_long_line_that_repeats_keeps_its_quotes},
    {"the descriptor is that of the file", the_descriptor_is_that_of_the_file},
    {"the journal gets priorities and no time", the_journal_gets_priorities_and_no_time},
    {"colours are for terminals or on demand", colors_are_for_terminals_or_on_demand},
    {"a broken pipe costs lines only", a_broken_pipe_costs_lines_only},
    {"a full pipe costs lines only", a_full_pipe_costs_lines_only},
    {"a pipe that cannot be opened again is asked first", a_pipe_that_cannot_be_opened_again_is_asked_first},
    {"a pipe without any room", a_pipe_without_any_room},
    {"a full socket costs lines only", a_full_socket_costs_lines_only},
    {"a full terminal costs lines only", a_full_terminal_costs_lines_only},
    {"a stopped terminal costs lines only", a_stopped_terminal_costs_lines_only},
    {"level names go both ways", level_names_go_both_ways},
    {NULL, NULL},
};

const struct unit_suite log_suite = {"log", tests};
