/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two forks and a pipe; see the header for who is who. */
#include "daemon/detach.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/emergency.h"

/* Who could not go on, and the call that failed. */
enum step { DAEMON_REPORTS, SETSID_FAILS, FORK_FAILS };
static const struct {
    int code;
    const char *call;
} steps[] = {
    [SETSID_FAILS] = {DAEMON_ERROR_SETSID_FAILED, "setsid"},
    [FORK_FAILS] = {DAEMON_ERROR_FORK_FAILED, "fork"},
};

/* What goes through the pipe, once; its end comes with the first byte that is missing. */
struct message {
    enum step step;
    int status; /* errno, where a step failed */
    char text[GOXEL_DETACH_TEXT_MAX];
};
_Static_assert(sizeof(struct message) <= PIPE_BUF, "a message is written at once");
#define MESSAGE_HEAD offsetof(struct message, text)

/* ---- the pipe ---- */

/* SIGPIPE goes to the thread that writes: held back there, and taken out again, unless one was waiting before. */
static bool write_quietly(int fd, const void *bytes, size_t len)
{
    const struct timespec at_once = {0};
    sigset_t pipe_alone, former, pending;
    ssize_t done;

    (void)sigemptyset(&pipe_alone);
    (void)sigaddset(&pipe_alone, SIGPIPE);
    (void)sigemptyset(&pending);
    (void)pthread_sigmask(SIG_BLOCK, &pipe_alone, &former);
    (void)sigpending(&pending);
    do
        done = write(fd, bytes, len);
    while (done < 0 && errno == EINTR);
    if (done < 0 && errno == EPIPE && !sigismember(&pending, SIGPIPE))
        (void)sigtimedwait(&pipe_alone, NULL, &at_once);
    (void)pthread_sigmask(SIG_SETMASK, &former, NULL);
    return done == (ssize_t)len;
}

/* Bytes of the message that came before the pipe's end. */
static size_t read_message(int fd, struct message *message)
{
    char *at = (char *)message;
    size_t done = 0;

    while (done < sizeof(*message)) {
        ssize_t len = read(fd, at + done, sizeof(*message) - done);

        if (len < 0 && errno == EINTR)
            continue;
        if (len <= 0)
            break;
        done += (size_t)len;
    }
    return done;
}

/* ---- the first process ---- */

/* Returns only with the failure of a step: then there is no daemon, and what was begun is ours to undo. */
static int wait_for_outcome(int fd, pid_t second, struct goxel_detail *detail)
{
    struct message message;
    sigset_t none, former;
    size_t len;

    goxel_emergency_disarm();
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, &former);
    while (waitpid(second, NULL, 0) < 0 && errno == EINTR)
        continue;
    len = read_message(fd, &message);
    if (len < MESSAGE_HEAD) {
        fputs("goxel-daemon: the daemon ended during its start; its log may say why\n", stderr);
        _exit(goxel_error_exit(GOXEL_ERROR_GENERAL));
    }
    if (message.step != DAEMON_REPORTS) {
        (void)pthread_sigmask(SIG_SETMASK, &former, NULL);
        return goxel_fail_errno(detail, steps[message.step].code, message.status, steps[message.step].call,
                                "");
    }
    if (len > MESSAGE_HEAD)
        fprintf(stderr, "%.*s\n", (int)(len - MESSAGE_HEAD), message.text);
    _exit(message.status);
}

/* ---- the second ---- */

static _Noreturn void give_up(int fd, enum step step)
{
    struct message message = {.step = step, .status = errno};

    (void)write_quietly(fd, &message, MESSAGE_HEAD);
    goxel_emergency_disarm();
    _exit(EXIT_FAILURE);
}

/* Leads the new session, and leaves it: the third cannot get a terminal again by opening one. */
static void begin_session(int fd)
{
    pid_t third;

    if (setsid() < 0)
        give_up(fd, SETSID_FAILS);
    third = fork();
    if (third < 0)
        give_up(fd, FORK_FAILS);
    if (third > 0) {
        goxel_emergency_disarm();
        _exit(EXIT_SUCCESS);
    }
}

/* ---- all of it ---- */

int goxel_detach(struct goxel_detail *detail, int *ret_fd)
{
    int ends[2], code;
    pid_t second;

    if (pipe2(ends, O_CLOEXEC))
        return goxel_fail_errno(detail, DAEMON_ERROR_FORK_FAILED, errno, "pipe2", "");
    (void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
    (void)fflush(NULL); /* or each of us would print it */
    second = fork();
    if (second < 0) {
        code = goxel_fail_errno(detail, DAEMON_ERROR_FORK_FAILED, errno, "fork", "");
        close(ends[0]);
        close(ends[1]);
        return code;
    }
    if (second > 0) {
        close(ends[1]);
        code = wait_for_outcome(ends[0], second, detail);
        close(ends[0]);
        return code;
    }
    close(ends[0]);
    begin_session(ends[1]);
    *ret_fd = ends[1];
    return 0;
}

bool goxel_detach_report(int fd, int status, const char *text)
{
    struct message message = {.step = DAEMON_REPORTS, .status = status};
    size_t len = text ? strnlen(text, sizeof(message.text)) : 0;
    bool heard;

    if (fd < 0)
        return false;
    if (len)
        memcpy(message.text, text, len);
    heard = write_quietly(fd, &message, MESSAGE_HEAD + len);
    close(fd);
    return heard;
}

int goxel_detach_streams(struct goxel_detail *detail)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int code = 0;

    if (fd < 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "open", "/dev/null");
    (void)fflush(NULL);
    for (int stream = STDIN_FILENO; !code && stream <= STDERR_FILENO; stream++) {
        if (dup2(fd, stream) < 0)
            code = goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "dup2", "/dev/null");
    }
    if (fd > STDERR_FILENO)
        close(fd);
    return code;
}

/* Where the kernel cannot close a range, or a filter forbids it. */
static void close_listed(int from)
{
    DIR *dir = opendir("/proc/self/fd");
    const struct dirent *entry;

    if (!dir)
        return;
    while ((entry = readdir(dir))) {
        char *end;
        long fd = strtol(entry->d_name, &end, 10);

        if (end != entry->d_name && !*end && fd >= from && fd != dirfd(dir))
            close((int)fd);
    }
    closedir(dir);
}

void goxel_detach_tidy(int keep)
{
    int from = STDERR_FILENO + 1 + (keep > 0 ? keep : 0);

    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        /* The lowest free number is taken, which is this one: those below are open. */
        if (fcntl(stream, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", O_RDWR);
    }
    if (close_range((unsigned)from, ~0U, 0))
        close_listed(from);
}
