/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one signal handler of the daemon. Nothing in it may allocate, lock or use stdio: whatever it
 * interrupted may hold that lock.
 */
#include "daemon/emergency.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

#define PATH_SIZE 4097
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

/* ---- the handler ---- */

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
