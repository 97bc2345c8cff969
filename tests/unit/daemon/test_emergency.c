/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Emergency shutdown, in processes that really crash. They have the system's own action as the former one: a
 * sanitizer's would write a report, and the status would be its own.
 */
#include "daemon/emergency.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"
#include "forked.h"
#include "unit.h"
#include "unit/base/scratch.h"

static void arm(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS};

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        (void)signal(signals[i], SIG_DFL);
    goxel_emergency_arm(scratch_path("pid"));
}

static bool has(const char *file, const char *text)
{
    char *content = scratch_read(file);
    bool found = content && strstr(content, text);

    free(content);
    return found;
}

static bool open_with_pid_file(void)
{
    if (!scratch_open())
        return false;
    scratch_write("pid", "1\n");
    return true;
}

static bool pid_file_is_there(void)
{
    return access(scratch_path("pid"), F_OK) == 0;
}

static int crash(void *ctx)
{
    arm();
    (void)raise(*(int *)ctx);
    return 0;
}

static void every_crash_signal(void)
{
    static const struct {
        int number;
        const char *line;
    } rows[] = {
        {SIGSEGV, "goxel-daemon: SIGSEGV: emergency shutdown\n"},
        {SIGBUS, "goxel-daemon: SIGBUS: emergency shutdown\n"},
        {SIGFPE, "goxel-daemon: SIGFPE: emergency shutdown\n"},
        {SIGILL, "goxel-daemon: SIGILL: emergency shutdown\n"},
        {SIGABRT, "goxel-daemon: SIGABRT: emergency shutdown\n"},
        {SIGSYS, "goxel-daemon: SIGSYS: emergency shutdown\n"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int number = rows[i].number, status;

        if (!open_with_pid_file())
            return;
        status = forked_run(crash, &number);
        CU_ASSERT(WIFSIGNALED(status));
        CU_ASSERT_EQUAL(WTERMSIG(status), number);
        CU_ASSERT_FALSE(pid_file_is_there());
        CU_ASSERT(has("err", rows[i].line));
        scratch_close();
    }
}

static int crash_with_log(void *ctx)
{
    const struct goxel_log_options options = {
        .level = GOXEL_LOG_INFO, .target = GOXEL_LOG_FILE, .path = scratch_path("log")};

    (void)ctx;
    if (goxel_log_configure(&options, NULL))
        return 97;
    arm();
    abort();
}

static void the_log_has_it_too(void)
{
    int status;

    if (!open_with_pid_file())
        return;
    status = forked_run(crash_with_log, NULL);
    CU_ASSERT(WIFSIGNALED(status));
    CU_ASSERT(has("log", "goxel-daemon: SIGABRT: emergency shutdown\n"));
    CU_ASSERT(has("err", "goxel-daemon: SIGABRT: emergency shutdown\n"));
    scratch_close();
}

static void crash_again(int number)
{
    (void)number;
    abort();
}

static int crash_twice(void *ctx)
{
    (void)ctx;
    (void)signal(SIGABRT, SIG_DFL);
    (void)signal(SIGSEGV, crash_again);
    goxel_emergency_arm(scratch_path("pid"));
    (void)raise(SIGSEGV);
    return 0;
}

static void a_second_crash_ends_it(void)
{
    int status;

    if (!open_with_pid_file())
        return;
    status = forked_run(crash_twice, NULL);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 128 + SIGABRT);
    CU_ASSERT_FALSE(pid_file_is_there());
    scratch_close();
}

/* As for PID 1 of a container: its own signals do not end it. */
static int crash_immune(void *ctx)
{
    (void)ctx;
    (void)signal(SIGSYS, SIG_IGN);
    goxel_emergency_arm(scratch_path("pid"));
    (void)raise(SIGSYS);
    return 0;
}

static void a_process_that_survives_exits(void)
{
    int status;

    if (!open_with_pid_file())
        return;
    status = forked_run(crash_immune, NULL);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 128 + SIGSYS);
    CU_ASSERT_FALSE(pid_file_is_there());
    scratch_close();
}

static void *crash_thread(void *ctx)
{
    (void)ctx;
    abort();
}

static int crash_in_thread(void *ctx)
{
    pthread_t thread;

    (void)ctx;
    arm();
    if (pthread_create(&thread, NULL, crash_thread, NULL))
        return 97;
    (void)pthread_join(thread, NULL);
    return 0;
}

static void any_thread_may_crash(void)
{
    int status;

    if (!open_with_pid_file())
        return;
    status = forked_run(crash_in_thread, NULL);
    CU_ASSERT(WIFSIGNALED(status));
    CU_ASSERT_EQUAL(WTERMSIG(status), SIGABRT);
    CU_ASSERT_FALSE(pid_file_is_there());
    scratch_close();
}

static int fall(int depth)
{
    volatile char frame[1 << 16];

    frame[0] = (char)depth;
    frame[sizeof(frame) - 1] = depth < 1 << 20 ? (char)fall(depth + 1) : (char)0;
    return frame[0] + frame[sizeof(frame) - 1];
}

static int overflow(void *ctx)
{
    (void)ctx;
    arm();
    return fall(0);
}

static void an_overflown_stack_is_told(void)
{
    int status;

    if (!open_with_pid_file())
        return;
    status = forked_run(overflow, NULL);
    CU_ASSERT(WIFSIGNALED(status));
    CU_ASSERT_EQUAL(WTERMSIG(status), SIGSEGV);
    CU_ASSERT_FALSE(pid_file_is_there());
    scratch_close();
}

/* Standard error is a pipe that is full, and stays so. */
static int crash_unread(void *ctx)
{
    const int *ends = ctx;
    char bytes[4096] = {0};

    (void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
    while (write(ends[1], bytes, sizeof(bytes)) > 0)
        continue;
    (void)fcntl(ends[1], F_SETFL, 0);
    (void)dup2(ends[1], STDERR_FILENO);
    arm();
    abort();
}

static void nobody_need_read_it(void)
{
    int ends[2], status;

    if (!open_with_pid_file())
        return;
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    status = forked_run(crash_unread, ends);
    CU_ASSERT(WIFSIGNALED(status));
    CU_ASSERT_FALSE(pid_file_is_there());
    close(ends[0]);
    close(ends[1]);
    scratch_close();
}

static int crash_replaced(void *ctx)
{
    (void)ctx;
    arm();
    scratch_write("other", "2\n");
    (void)rename(scratch_path("other"), scratch_path("pid"));
    abort();
}

static void another_file_is_left_alone(void)
{
    int status;

    if (!open_with_pid_file())
        return;
    status = forked_run(crash_replaced, NULL);
    CU_ASSERT(WIFSIGNALED(status));
    CU_ASSERT(has("pid", "2\n"));
    scratch_close();
}

static int crash_disarmed(void *ctx)
{
    (void)ctx;
    arm();
    goxel_emergency_disarm();
    abort();
}

static void disarmed_it_does_nothing(void)
{
    int status;

    if (!open_with_pid_file())
        return;
    status = forked_run(crash_disarmed, NULL);
    CU_ASSERT(WIFSIGNALED(status));
    CU_ASSERT_EQUAL(WTERMSIG(status), SIGABRT);
    CU_ASSERT(pid_file_is_there());
    CU_ASSERT_FALSE(has("err", "emergency"));
    scratch_close();
}

static int rearm(void *ctx)
{
    (void)ctx;
    arm();
    goxel_emergency_arm(scratch_path("moved"));
    abort();
}

static void a_new_path_replaces_the_old(void)
{
    int status;

    if (!open_with_pid_file())
        return;
    scratch_write("moved", "1\n");
    status = forked_run(rearm, NULL);
    CU_ASSERT(WIFSIGNALED(status));
    CU_ASSERT(pid_file_is_there());
    CU_ASSERT_EQUAL(access(scratch_path("moved"), F_OK), -1);
    scratch_close();
}

static int overrun(void *ctx)
{
    (void)ctx;
    arm();
    goxel_emergency_exit(42, "the stop overran");
}

static void a_stop_that_overran(void)
{
    int status;

    if (!open_with_pid_file())
        return;
    status = forked_run(overrun, NULL);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 42);
    CU_ASSERT_FALSE(pid_file_is_there());
    CU_ASSERT(has("err", "goxel-daemon: the stop overran: emergency shutdown\n"));
    scratch_close();
}

static void block_alarm(void)
{
    sigset_t alarm_alone;

    (void)sigemptyset(&alarm_alone);
    (void)sigaddset(&alarm_alone, SIGALRM);
    (void)pthread_sigmask(SIG_BLOCK, &alarm_alone, NULL);
}

static int overrun_asleep(void *ctx)
{
    (void)ctx;
    arm();
    block_alarm(); /* as whoever started us may have left it */
    goxel_emergency_deadline(20, 42, "the stop overran");
    (void)pause();
    return 0;
}

static void *stay(void *ctx)
{
    (void)ctx;
    (void)pause(); /* for ever */
    return NULL;
}

/* Later deadlines replace earlier ones. */
static int overrun_in_join(void *ctx)
{
    pthread_t thread;

    (void)ctx;
    arm();
    goxel_emergency_deadline(60000, 97, "replaced");
    goxel_emergency_deadline(INT64_MAX, 98, "replaced");
    if (goxel_thread_start(&thread, stay, NULL))
        return 99;
    goxel_emergency_deadline(20, 42, "the stop overran");
    (void)pthread_join(thread, NULL);
    return 0;
}

/* The handler needs no lock that is held, not even the log's or the allocator's. */
static int __attribute__((unused)) overrun_in_lock(void *ctx)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    (void)ctx;
    arm();
    flockfile(stderr);
    (void)pthread_mutex_lock(&lock);
    goxel_emergency_deadline(20, 42, "the stop overran");
    (void)pthread_mutex_lock(&lock);
    return 0;
}

static int __attribute__((unused)) overrun_in_read(void *ctx)
{
    int ends[2];
    char byte;

    (void)ctx;
    arm();
    if (pipe2(ends, O_CLOEXEC))
        return 99;
    goxel_emergency_deadline(20, 42, "the stop overran");
    (void)!read(ends[0], &byte, 1);
    return 0;
}

static void a_deadline_ends_what_is_stuck(void)
{
    static int (*const stuck[])(void *ctx) = {
        overrun_asleep,
        overrun_in_join,
#ifndef __SANITIZE_THREAD__ /* which holds signals back while a thread waits there */
        overrun_in_read,
        overrun_in_lock,
#endif
    };

    for (size_t i = 0; i < sizeof(stuck) / sizeof(stuck[0]); i++) {
        int status;

        if (!open_with_pid_file())
            return;
        status = forked_run(stuck[i], NULL);
        CU_ASSERT(WIFEXITED(status));
        CU_ASSERT_EQUAL(WEXITSTATUS(status), 42);
        CU_ASSERT_FALSE(pid_file_is_there());
        CU_ASSERT(has("err", "goxel-daemon: the stop overran: emergency shutdown\n"));
        scratch_close();
    }
}

/* The signal itself, left over from the timer, counts for nothing either. */
static int call_off(void *ctx)
{
    (void)ctx;
    arm();
    goxel_emergency_deadline(INT64_MAX, 98, "far away");
    (void)raise(SIGALRM);
    goxel_emergency_deadline(1000, 99, "called off");
    goxel_emergency_deadline(0, 0, NULL);
    (void)raise(SIGALRM);
    (void)poll(NULL, 0, 1100);
    return 42;
}

static void a_deadline_can_be_called_off(void)
{
    int status;

    if (!open_with_pid_file())
        return;
    status = forked_run(call_off, NULL);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 42);
    CU_ASSERT(pid_file_is_there());
    scratch_close();
}

const struct unit_suite emergency_suite = {
    "emergency",
    (const struct unit_test[]){
        {"every crash signal", every_crash_signal},
        {"the log has it too", the_log_has_it_too},
        {"a second crash ends it", a_second_crash_ends_it},
        {"a process that survives exits", a_process_that_survives_exits},
        {"any thread may crash", any_thread_may_crash},
        {"an overflown stack is told", an_overflown_stack_is_told},
        {"nobody need read it", nobody_need_read_it},
        {"another file is left alone", another_file_is_left_alone},
        {"disarmed it does nothing", disarmed_it_does_nothing},
        {"a new path replaces the old", a_new_path_replaces_the_old},
        {"a stop that overran", a_stop_that_overran},
        {"a deadline ends what is stuck", a_deadline_ends_what_is_stuck},
        {"a deadline can be called off", a_deadline_can_be_called_off},
        {NULL, NULL},
    },
};
