/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static int full_pipe[2];

static void log_around_a_full_pipe(void)
{
    static char drained[1 << 20];
    char *line;

    log_three_lines();
    CU_ASSERT(read(full_pipe[0], drained, sizeof(drained)) > 4096);
    log_warning();
    memset(drained, 0, 4096);
    CU_ASSERT(read(full_pipe[0], drained, sizeof(drained) - 1) > 0);
    line = strstr(drained, "log lines lost count=3\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    CU_ASSERT_PTR_NOT_NULL(strstr(line, " warn  careful\n"));
}

static void lines_lost_to_a_full_pipe_are_counted(void)
{
    static char filling[65536];

    CU_ASSERT_EQUAL_FATAL(pipe2(full_pipe, O_NONBLOCK), 0);
    while (write(full_pipe[1], filling, sizeof(filling)) > 0)
        ;
    while (write(full_pipe[1], filling, 1) > 0)
        ;
    with_stderr(full_pipe[1], 0, log_around_a_full_pipe);
    (void)close(full_pipe[0]);
    (void)close(full_pipe[1]);
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
    {"long lines are cut between characters", long_lines_are_cut_between_characters},
    {"a file is reopened after rotation", a_file_is_reopened_after_rotation},
    {"a target that cannot be opened leaves the old one", a_target_that_cannot_be_opened_leaves_the_old_one},
    {"lines of threads do not mix", lines_of_threads_do_not_mix},
    {"the journal gets priorities and no time", the_journal_gets_priorities_and_no_time},
    {"colours are for terminals or on demand", colors_are_for_terminals_or_on_demand},
    {"a broken pipe costs lines only", a_broken_pipe_costs_lines_only},
    {"lines lost to a full pipe are counted", lines_lost_to_a_full_pipe_are_counted},
    {"level names go both ways", level_names_go_both_ways},
    {NULL, NULL},
};

const struct unit_suite log_suite = {"log", tests};
