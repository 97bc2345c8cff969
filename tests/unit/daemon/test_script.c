/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Child programs with a time limit: how they end, what of their output is kept, and what they are given. */
#include "daemon/script.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "unit.h"
#include "unit/base/scratch.h"

/* Far more than any of these programs needs; only a failed test waits that long. */
#define LONG_MS 60000

static int count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (folder && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return count;
}

/* A program for sh; `arg` is its $1. */
static int start_sh(struct goxel_script *script, const char *text, const char *arg, int64_t timeout_ms)
{
    const char *argv[] = {"/bin/sh", "-c", text, "sh", arg, NULL};

    return goxel_script_start(script, argv, timeout_ms, NULL);
}

/* Runs it to its end: "CODE TEXT", and "not started" if it was not. */
static const char *run_sh(const char *text, const char *arg, int64_t timeout_ms)
{
    static char outcome[400];
    struct goxel_script script;
    struct goxel_detail detail;
    int code = 1;

    goxel_detail_init(&detail);
    if (start_sh(&script, text, arg, timeout_ms))
        return "not started";
    while (!goxel_script_wait(&script, LONG_MS, -1, &detail, &code))
        ;
    CU_ASSERT_EQUAL(script.pid, 0);
    (void)snprintf(outcome, sizeof(outcome), "%s %s", code ? goxel_error_symbol(code) : "0", detail.text);
    return outcome;
}

/* Waits for a line of digits in a scratch file; 0 if there is none in a minute. */
static long await_number(const char *name)
{
    int64_t until_ms = goxel_clock_ms() + LONG_MS;
    long number = 0;

    while (!number && goxel_clock_ms() < until_ms) {
        char *text = scratch_read(name);

        if (text && strchr(text, '\n'))
            number = strtol(text, NULL, 10);
        free(text);
        (void)poll(NULL, 0, 5);
    }
    return number;
}

/* Gone, or dead and left to whoever reaps here. */
static bool await_death(pid_t pid)
{
    int64_t until_ms = goxel_clock_ms() + LONG_MS;
    char path[64], text[512];

    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    while (goxel_clock_ms() < until_ms) {
        FILE *file = fopen(path, "r");
        bool dead = !file || !fgets(text, sizeof(text), file) || strstr(text, ") Z ") || strstr(text, ") X ");

        if (file)
            (void)fclose(file);
        if (dead)
            return true;
        (void)poll(NULL, 0, 5);
    }
    return false;
}

static void ends_are_told(void)
{
    int before = count_descriptors();

    CU_ASSERT_STRING_EQUAL(run_sh("exit 0", "", LONG_MS), "0 ");
    CU_ASSERT_STRING_EQUAL(run_sh("echo fine", "", LONG_MS), "0 ");
    CU_ASSERT_STRING_EQUAL(run_sh("exit 3", "", LONG_MS), "GOXEL_ERROR_GENERAL status 3");
    CU_ASSERT_STRING_EQUAL(run_sh("echo one; echo two >&2; exit 3", "", LONG_MS),
                           "GOXEL_ERROR_GENERAL status 3: two");
    CU_ASSERT_STRING_EQUAL(run_sh("echo full; kill -KILL $$", "", LONG_MS),
                           "GOXEL_ERROR_GENERAL signal KILL: full");
    CU_ASSERT_STRING_EQUAL(run_sh("kill -TERM $$", "", LONG_MS), "GOXEL_ERROR_GENERAL signal TERM");
    CU_ASSERT_STRING_EQUAL(run_sh("exec >&- 2>&-; exit 4", "", LONG_MS), "GOXEL_ERROR_GENERAL status 4");
    CU_ASSERT_EQUAL(count_descriptors(), before);
    CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1);
    CU_ASSERT_EQUAL(errno, ECHILD);
}

static void the_last_line_is_kept(void)
{
    static const struct {
        const char *output, *line;
    } cases[] = {
        {"a\\nb\\n", "b"},
        {"a\\nb", "b"},
        {"a\\n\\n  \\r\\n\\n", "a"},
        {"  a b \\r\\n", "a b"},
        {"", NULL},
        {"\\n", NULL},
        {"a\\tb\\033[31mc", "a\\x09b\\x1b[31mc"},
        {"\\303\\251\\n", "\303\251"},
        {"\\377\\n", "\\xff"},
    };
    char wanted[300];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(wanted, sizeof(wanted), "GOXEL_ERROR_GENERAL status 1%s%s", cases[i].line ? ": " : "",
                       cases[i].line ? cases[i].line : "");
        CU_ASSERT_STRING_EQUAL(run_sh("printf \"$1\"; exit 1", cases[i].output, LONG_MS), wanted);
    }
}

static void a_long_line_is_cut_between_characters(void)
{
    static const char head[] = "GOXEL_ERROR_GENERAL status 1: ";
    /* 250 characters of two bytes each, after one of one byte. */
    const char *got = run_sh(
        "printf x; i=0; while [ $i -lt 250 ]; do printf '\\303\\251'; i=$((i+1)); done; exit 1", "", LONG_MS);

    CU_ASSERT_EQUAL_FATAL(strncmp(got, head, strlen(head)), 0);
    got += strlen(head);
    CU_ASSERT_EQUAL(strlen(got), GOXEL_SCRIPT_LINE_MAX - 1);
    CU_ASSERT_STRING_EQUAL(got + strlen(got) - 2, "\303\251");
}

static void the_limit_kills_the_group(void)
{
    char text[64];
    int before = count_descriptors();

    if (!scratch_open())
        return;
    /* Both are deaf to SIGTERM, the second would live on. */
    CU_ASSERT_STRING_EQUAL(
        run_sh("trap '' TERM; echo waiting; sleep 1000 & echo $! > \"$1\"; wait", scratch_path("pid"), 300),
        "GOXEL_ERROR_OPERATION_TIMEOUT longer than 300 ms: waiting");
    CU_ASSERT_EQUAL(count_descriptors(), before);
    (void)snprintf(text, sizeof(text), "%ld", await_number("pid"));
    CU_ASSERT_STRING_NOT_EQUAL_FATAL(text, "0");
    CU_ASSERT_TRUE(await_death((pid_t)strtol(text, NULL, 10)));
    scratch_close();
}

static void a_grandchild_does_not_delay_the_end(void)
{
    if (!scratch_open())
        return;
    /* It holds the pipe, and so would be waited for by whoever reads to the end. */
    CU_ASSERT_STRING_EQUAL(
        run_sh("sleep 1000 & echo $! > \"$1\"; echo left; exit 7", scratch_path("pid"), LONG_MS),
        "GOXEL_ERROR_GENERAL status 7: left");
    CU_ASSERT_TRUE(await_death((pid_t)await_number("pid")));
    scratch_close();
}

static void a_flood_of_output_is_no_problem(void)
{
    CU_ASSERT_STRING_EQUAL(
        run_sh("i=0; while [ $i -lt 40 ]; do cat /proc/self/maps; printf '%0100000d\\n' 1; "
               "i=$((i+1)); done; echo end; exit 1",
               "", LONG_MS),
        "GOXEL_ERROR_GENERAL status 1: end");
    CU_ASSERT_STRING_EQUAL(run_sh("while :; do echo y; done", "", 300),
                           "GOXEL_ERROR_OPERATION_TIMEOUT longer than 300 ms: y");
}

static void what_cannot_be_started_is_named(void)
{
    const char *argv[] = {NULL, NULL};
    struct goxel_script script;
    struct goxel_detail detail;
    int before = count_descriptors();

    if (!scratch_open())
        return;
    scratch_write("plain", "#!/bin/sh\n");
    (void)chmod(scratch_path("plain"), 0600);
    argv[0] = scratch_path("missing");
    CU_ASSERT_EQUAL(goxel_script_start(&script, argv, LONG_MS, &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(detail.errnum, ENOENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, argv[0]));
    CU_ASSERT_EQUAL(script.pid, 0);
    goxel_script_stop(&script); /* none is fine */
    argv[0] = scratch_path("plain");
    CU_ASSERT_EQUAL(goxel_script_start(&script, argv, LONG_MS, &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(detail.errnum, EACCES);
    CU_ASSERT_STRING_EQUAL(detail.path, argv[0]);
    CU_ASSERT_EQUAL(count_descriptors(), before);
    CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1);
    scratch_close();
}

static void a_look_and_a_wake_up_do_not_wait(void)
{
    struct goxel_script script;
    uint64_t one = 1;
    pid_t pid;
    int wake = eventfd(0, EFD_CLOEXEC), code = 0, before = count_descriptors();

    CU_ASSERT_EQUAL_FATAL(start_sh(&script, "exec sleep 1000", "", LONG_MS), 0);
    CU_ASSERT_FALSE(goxel_script_wait(&script, 0, -1, NULL, &code));
    CU_ASSERT_FALSE(goxel_script_wait(&script, 1, wake, NULL, &code));
    CU_ASSERT_EQUAL(write(wake, &one, sizeof(one)), (ssize_t)sizeof(one));
    /* If the wake-up went unseen the script's own time would be over first, and so would the script. */
    CU_ASSERT_FALSE(goxel_script_wait(&script, 2 * LONG_MS, wake, NULL, &code));
    CU_ASSERT_TRUE(script.pid > 0);
    pid = script.pid;
    goxel_script_stop(&script);
    CU_ASSERT_EQUAL(script.pid, 0);
    CU_ASSERT_EQUAL(kill(pid, 0), -1); /* reaped, too */
    CU_ASSERT_EQUAL(count_descriptors(), before);
    goxel_script_stop(&script);
    (void)close(wake);
}

/* The child is given nothing of ours: not what we block or ignore, no descriptor, no supervisor's variables. */
static void the_child_starts_clean(void)
{
    static const char program[] = "exec > \"$1\" 2>&1\n"
                                  "for name in SigBlk SigIgn; do grep $name /proc/self/status; done\n"
                                  "echo descriptors; ls /proc/$$/fd; echo end\n"
                                  "readlink /proc/$$/fd/0\n"
                                  "env | grep -E '^(LISTEN_|NOTIFY_SOCKET|WATCHDOG_)' && echo private\n"
                                  "env | grep -q '^GOXEL_TEST_KEPT=yes$' && echo kept\n"
                                  "[ \"$(cut -d' ' -f5 /proc/$$/stat)\" = $$ ] && echo group\n";
    sigset_t all, before;
    void (*was)(int);
    char *seen, *ignored;
    int inherited = dup(0); /* if nothing is done about it */

    if (!scratch_open())
        return;
    (void)setenv("LISTEN_FDS", "1", 1);
    (void)setenv("NOTIFY_SOCKET", "/nowhere", 1);
    (void)setenv("WATCHDOG_USEC", "1", 1);
    (void)setenv("GOXEL_TEST_KEPT", "yes", 1);
    was = signal(SIGPIPE, SIG_IGN);
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    CU_ASSERT_STRING_EQUAL(run_sh(program, scratch_path("seen"), LONG_MS), "0 ");
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)signal(SIGPIPE, was);
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("NOTIFY_SOCKET");
    (void)unsetenv("WATCHDOG_USEC");
    (void)unsetenv("GOXEL_TEST_KEPT");
    (void)close(inherited);

    seen = scratch_read("seen");
    CU_ASSERT_PTR_NOT_NULL_FATAL(seen);
    CU_ASSERT_PTR_NOT_NULL(strstr(seen, "SigBlk:\t0000000000000000\n"));
    /* Of 1 to 31: the C library keeps two above for itself. */
    ignored = strstr(seen, "SigIgn:\t");
    CU_ASSERT_PTR_NOT_NULL_FATAL(ignored);
    CU_ASSERT_EQUAL(strtoull(ignored + strlen("SigIgn:\t"), NULL, 16) & 0x7fffffff, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(seen, "descriptors\n0\n1\n2\nend\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(seen, "/dev/null\n"));
    CU_ASSERT_PTR_NULL(strstr(seen, "private\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(seen, "kept\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(seen, "group\n"));
    free(seen);
    scratch_close();
}

/* ---- as process 1 ---- */

/* How many children of this process are there that died and were not reaped, and how many that live? */
static void count_children(int *ret_dead, int *ret_alive)
{
    DIR *folder = opendir("/proc");
    const struct dirent *entry;

    *ret_dead = *ret_alive = 0;
    while (folder && (entry = readdir(folder))) {
        char path[300], text[512] = "";
        FILE *file;

        (void)snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        file = strtol(entry->d_name, NULL, 10) > 1 ? fopen(path, "r") : NULL;
        if (!file)
            continue;
        if (fgets(text, sizeof(text), file))
            ++*(strstr(text, ") Z ") ? ret_dead : ret_alive);
        (void)fclose(file);
    }
    if (folder)
        (void)closedir(folder);
}

/* Waits until so many are dead, reaping or not; `alive` others are left. */
static bool await_dead(int dead, int alive, bool reaps)
{
    int64_t until_ms = goxel_clock_ms() + LONG_MS;
    int found_dead, found_alive;

    do {
        if (reaps)
            goxel_script_reap_orphans();
        (void)poll(NULL, 0, 5);
        count_children(&found_dead, &found_alive);
    } while ((found_dead != dead || found_alive != alive) && goxel_clock_ms() < until_ms);
    return found_dead == dead && found_alive == alive;
}

/* Its exit status says where it failed; 77: such a process cannot be made here. */
static int be_first(void)
{
    struct goxel_script script, other;
    struct goxel_detail detail;
    int code = 1;

    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("proc", "/proc", "proc", 0, NULL))
        return 77;
    /* What stays in the group is reaped with it. */
    if (start_sh(&script, "for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done", "", LONG_MS))
        return 1;
    while (!goxel_script_wait(&script, LONG_MS, -1, &detail, &code))
        ;
    if (code || !await_dead(0, 0, false))
        return 2;
    /* What left it is an orphan, and reaped once it is dead, whereas a script that is dead is its owner's. */
    if (start_sh(&other, "exec sleep 1000", "", LONG_MS) ||
        start_sh(&script, "for i in 1 2 3; do setsid -f sh -c :; done; exit 7", "", LONG_MS))
        return 3;
    while (!goxel_script_wait(&script, LONG_MS, -1, &detail, &code))
        ;
    if (strcmp(detail.text, "status 7") || !await_dead(0, 1, true))
        return 4;
    if (start_sh(&script, "setsid -f sh -c :; exit 7", "", LONG_MS) || !await_dead(2, 1, false))
        return 5;
    goxel_script_reap_orphans();
    while (!goxel_script_wait(&script, LONG_MS, -1, &detail, &code))
        ;
    if (strcmp(detail.text, "status 7") || !await_dead(0, 1, true))
        return 6;
    goxel_script_stop(&other);
    return await_dead(0, 0, false) ? 42 : 7;
}

static void process_1_reaps_orphans(void)
{
    int status = -1;
    pid_t pid;

    (void)fflush(NULL);
    pid = fork();
    if (!pid) {
        if (unshare(CLONE_NEWPID | CLONE_NEWNS))
            _exit(77);
        pid = fork();
        if (!pid)
            _exit(be_first());
        _exit(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 99);
    }
    CU_ASSERT_FATAL(pid > 0);
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        unit_skip("no process 1 can be made here");
        return;
    }
    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 42);
}

/* Elsewhere a child is whoever's made it. */
static void another_process_reaps_nothing(void)
{
    siginfo_t info;
    pid_t pid = fork();

    if (!pid)
        _exit(3);
    CU_ASSERT_FATAL(pid > 0);
    CU_ASSERT_EQUAL(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    goxel_script_reap_orphans();
    CU_ASSERT_EQUAL(waitpid(pid, NULL, WNOHANG), pid);
}

static void there_are_not_too_many(void)
{
    struct goxel_script scripts[17];
    size_t count = 0;

    while (count < 17 && !start_sh(&scripts[count], "exec sleep 1000", "", LONG_MS))
        count++;
    CU_ASSERT_EQUAL(count, 16);
    for (size_t i = 0; i < count; i++)
        goxel_script_stop(&scripts[i]);
    CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1);
    CU_ASSERT_STRING_EQUAL(run_sh("exit 0", "", LONG_MS), "0 ");
}

const struct unit_suite script_suite = {
    "script",
    (const struct unit_test[]){
        {"ends are told", ends_are_told},
        {"the last line is kept", the_last_line_is_kept},
        {"a long line is cut between characters", a_long_line_is_cut_between_characters},
        {"the limit kills the group", the_limit_kills_the_group},
        {"a grandchild does not delay the end", a_grandchild_does_not_delay_the_end},
        {"a flood of output is no problem", a_flood_of_output_is_no_problem},
        {"what cannot be started is named", what_cannot_be_started_is_named},
        {"a look and a wake-up do not wait", a_look_and_a_wake_up_do_not_wait},
        {"the child starts clean", the_child_starts_clean},
        {"process 1 reaps orphans", process_1_reaps_orphans},
        {"another process reaps nothing", another_process_reaps_nothing},
        {"there are not too many", there_are_not_too_many},
        {NULL, NULL},
    },
};
