/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The signal handlers of the daemon. Nothing in them may allocate, lock or use stdio: whatever it
 * interrupted may hold that lock.
 */
#include "daemon/emergency.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define PATH_SIZE 4097
#define MS_MAX ((int64_t)1 << 40) /* decades */
#define STACK_SIZE \
    (64u << 10) /* the handler needs 4 KiB, AVX-512 state as much, a sanitizer's report the rest */

static const struct {
    int number;
    const char *name;
} crashes[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
    {SIGILL, "SIGILL"},   {SIGABRT, "SIGABRT"}, {SIGSYS, "SIGSYS"},
};
#define CRASHES (sizeof(crashes) / sizeof(crashes[0]))

static struct {
    char path[PATH_SIZE];
    bool known; /* the file was there: */
    dev_t device;
    ino_t inode;
} pid_file;

static bool armed;
static struct sigaction former[CRASHES];
static _Alignas(16) unsigned char stack[STACK_SIZE];
static bool stack_in_use;
static atomic_int owner; /* the thread that is at it; 0: none */

static struct {
    timer_t timer;
    bool exists;           /* the timer */
    _Atomic int64_t at_ns; /* monotonic; 0: none, and what is left of a signal counts for nothing */
    int status;
    char reason[128];
} deadline;

/* ---- what the handlers do ---- */

/* Says whether this thread is the first; one that is not waits for the end, or has crashed in here. */
static bool claim(void)
{
    int none = 0, me = (int)syscall(SYS_gettid);

    if (atomic_compare_exchange_strong(&owner, &none, me))
        return true;
    while (none != me)
        (void)pause();
    return false;
}

static void remove_pid_file(void)
{
    struct stat now;

    if (!pid_file.path[0])
        return;
    if (pid_file.known &&
        (lstat(pid_file.path, &now) || now.st_dev != pid_file.device || now.st_ino != pid_file.inode))
        return;
    (void)unlink(pid_file.path);
}

/* Only where there is room: nobody may be reading any more. */
static void write_line(int fd, const char *line, size_t len)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};

    if (fd >= 0 && poll(&room, 1, 0) == 1 && (room.revents & POLLOUT))
        (void)!write(fd, line, len);
}

static size_t append(char *line, size_t size, size_t len, const char *text)
{
    size_t more = strnlen(text, size - len);

    memcpy(line + len, text, more);
    return len + more;
}

static void say(const char *reason)
{
    static const char end[] = ": emergency shutdown\n";
    int log = goxel_log_descriptor();
    char line[256];
    size_t len = append(line, sizeof(line) - sizeof(end), 0, "goxel-daemon: ");

    len = append(line, sizeof(line) - sizeof(end), len, reason);
    len = append(line, sizeof(line), len, end);
    write_line(STDERR_FILENO, line, len);
    if (log != STDERR_FILENO)
        write_line(log, line, len);
}

static void die_of(int signal_number, const struct sigaction *action)
{
    sigset_t alone;

    (void)sigaction(signal_number, action, NULL);
    (void)sigemptyset(&alone);
    (void)sigaddset(&alone, signal_number);
    (void)pthread_sigmask(SIG_UNBLOCK, &alone, NULL);
    (void)raise(signal_number);
}

static void on_crash(int signal_number)
{
    for (size_t i = 0; i < CRASHES; i++) {
        if (crashes[i].number != signal_number || !claim())
            continue;
        remove_pid_file();
        say(crashes[i].name);
        die_of(signal_number, &former[i]);
    }
    _exit(128 + signal_number);
}

_Noreturn void goxel_emergency_exit(int status, const char *reason)
{
    if (claim()) {
        remove_pid_file();
        say(reason);
    }
    _exit(status);
}

/* ---- the deadline ---- */

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A signal may have been on its way when the deadline was moved. */
static void on_deadline(int signal_number)
{
    int err = errno;
    int64_t at_ns = atomic_load(&deadline.at_ns);

    (void)signal_number;
    if (at_ns && now_ns() >= at_ns)
        goxel_emergency_exit(deadline.status, deadline.reason);
    errno = err;
}

static void catch_alarm(void)
{
    struct sigaction action = {.sa_handler = on_deadline, .sa_flags = SA_ONSTACK | SA_RESTART};
    sigset_t alarm_alone;

    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGALRM, &action, NULL);
    (void)sigemptyset(&alarm_alone);
    (void)sigaddset(&alarm_alone, SIGALRM);
    (void)pthread_sigmask(SIG_UNBLOCK, &alarm_alone, NULL);
}

static void call_off(void)
{
    atomic_store(&deadline.at_ns, 0);
    if (deadline.exists)
        (void)timer_delete(deadline.timer);
    deadline.exists = false;
}

/* The time is known before the timer runs, so that its signal cannot come too early to count. */
void goxel_emergency_deadline(int64_t ms, int status, const char *reason)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct itimerspec when = {.it_value = {0}};
    int64_t at_ns;

    call_off();
    if (ms <= 0)
        return;
    deadline.status = status;
    deadline.reason[append(deadline.reason, sizeof(deadline.reason) - 1, 0, reason)] = '\0';
    catch_alarm();
    deadline.exists = !timer_create(CLOCK_MONOTONIC, &event, &deadline.timer);
    if (!deadline.exists)
        return;
    at_ns = now_ns() + (ms < MS_MAX ? ms : MS_MAX) * 1000000;
    when.it_value.tv_sec = at_ns / 1000000000;
    when.it_value.tv_nsec = at_ns % 1000000000;
    atomic_store(&deadline.at_ns, at_ns);
    (void)timer_settime(deadline.timer, TIMER_ABSTIME, &when, NULL);
}

/* ---- arming ---- */

static void set_path(const char *path)
{
    size_t len = path ? strlen(path) : 0;
    struct stat now;

    pid_file.path[0] = '\0';
    if (!len || len >= sizeof(pid_file.path))
        return;
    pid_file.known = !lstat(path, &now);
    pid_file.device = pid_file.known ? now.st_dev : 0;
    pid_file.inode = pid_file.known ? now.st_ino : 0;
    memcpy(pid_file.path + 1, path + 1, len); /* the NUL too */
    pid_file.path[0] = path[0];               /* last: half a path is none */
}

/* Sanitizers bring a stack of their own, which stays. */
static void set_stack(void)
{
    const stack_t ours = {.ss_sp = stack, .ss_size = sizeof(stack)};
    stack_t now;

    if (!sigaltstack(NULL, &now) && (now.ss_flags & SS_DISABLE))
        stack_in_use = !sigaltstack(&ours, NULL);
}

void goxel_emergency_arm(const char *pid_path)
{
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK | SA_NODEFER};

    set_path(pid_path);
    if (armed)
        return;
    (void)sigemptyset(&action.sa_mask);
    set_stack();
    for (size_t i = 0; i < CRASHES; i++)
        (void)sigaction(crashes[i].number, &action, &former[i]);
    armed = true;
}

void goxel_emergency_disarm(void)
{
    const stack_t none = {.ss_flags = SS_DISABLE};

    pid_file.path[0] = '\0';
    if (!armed)
        return;
    for (size_t i = 0; i < CRASHES; i++)
        (void)sigaction(crashes[i].number, &former[i], NULL);
    if (stack_in_use)
        (void)sigaltstack(&none, NULL);
    stack_in_use = false;
    armed = false;
}
