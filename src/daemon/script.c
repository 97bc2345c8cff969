/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The child is watched through its pidfd(2): no signal handler, and a number that cannot come to mean
 * another process. Its group is killed while the child itself is not reaped yet, for so long nobody
 * else can have been given the group's number.
 */
#include "daemon/script.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/utf8.h"

/* What is read at the end at most: as much as a pipe can hold. Whoever left the group may write for ever. */
#define REST_MAX ((size_t)1 << 20)

/* How long something killed may take to be gone. Only the kernel can make it last: a disk that does not answer. */
#define DEATH_MS 1000

/* The same for the rest of its group, where we are to reap it. */
#define GROUP_DEATH_MS 200

/* Reaped at a time, so that nobody who makes zombies as fast as that holds us up. */
#define ORPHANS_MAX 256

/* ---- who is ours ---- */

/* One for each goxel_script in use: of the monitor, and of a restart. */
#define CHILDREN_MAX 16
#define BEING_MADE ((pid_t)-1)

static struct {
    pthread_mutex_t lock;     /* never held while something may wait */
    pid_t pids[CHILDREN_MAX]; /* 0: a free place */
} children = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Changes the first place that holds `from`; false: there is none. */
static bool replace_child(pid_t from, pid_t to)
{
    bool found = false;

    pthread_mutex_lock(&children.lock);
    for (size_t i = 0; i < CHILDREN_MAX && !found; i++) {
        found = children.pids[i] == from;
        if (found)
            children.pids[i] = to;
    }
    pthread_mutex_unlock(&children.lock);
    return found;
}

/* A child that is just being made may be any. */
static bool may_be_ours(pid_t pid)
{
    for (size_t i = 0; i < CHILDREN_MAX; i++) {
        if (children.pids[i] == pid || children.pids[i] == BEING_MADE)
            return true;
    }
    return false;
}

/* False: nobody else has died. One of ours hides those who died after it until it is reaped. */
static bool reap_orphan(void)
{
    siginfo_t info = {.si_pid = 0};
    bool theirs;

    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) || !info.si_pid)
        return false;
    pthread_mutex_lock(&children.lock);
    theirs = !may_be_ours(info.si_pid) && waitpid(info.si_pid, NULL, WNOHANG) > 0;
    pthread_mutex_unlock(&children.lock);
    return theirs;
}

void goxel_script_reap_orphans(void)
{
    if (getpid() != 1)
        return;
    for (int i = 0; i < ORPHANS_MAX && reap_orphan(); i++)
        ;
}

/* ---- the start ---- */

/* Addressed to us by our supervisor: a child that took them for its own would speak in our name. */
static bool is_private(const char *variable)
{
    static const char *const prefixes[] = {"LISTEN_", "NOTIFY_SOCKET=", "WATCHDOG_"};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (!strncmp(variable, prefixes[i], strlen(prefixes[i])))
            return true;
    }
    return false;
}

/* The array alone is new: freed by the caller, NULL when out of memory. */
static char **make_environment(void)
{
    size_t count = 0, kept = 0;
    char **made;

    while (environ && environ[count])
        count++;
    made = calloc(count + 1, sizeof(*made));
    for (size_t i = 0; made && i < count; i++) {
        if (!is_private(environ[i]))
            made[kept++] = environ[i];
    }
    return made;
}

static int prepare_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    int err;

    sigemptyset(&none);
    sigfillset(&all);
    err = posix_spawnattr_setflags(attributes,
                                   POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!err)
        err = posix_spawnattr_setpgroup(attributes, 0);
    if (!err)
        err = posix_spawnattr_setsigmask(attributes, &none);
    if (!err)
        err = posix_spawnattr_setsigdefault(attributes, &all);
    return err;
}

/* The pipe first: its number may be one of those that are replaced. */
static int prepare_actions(posix_spawn_file_actions_t *actions, int out_fd)
{
    int err = posix_spawn_file_actions_adddup2(actions, out_fd, STDOUT_FILENO);

    if (!err)
        err = posix_spawn_file_actions_adddup2(actions, out_fd, STDERR_FILENO);
    if (!err)
        err = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!err)
        err = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    return err;
}

/* 0 or an errno. */
static int spawn(const char *const *argv, int out_fd, pid_t *ret_pid)
{
    char **environment = make_environment();
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid = 0;
    int err;

    if (!environment)
        return ENOMEM;
    if ((err = posix_spawn_file_actions_init(&actions)))
        goto no_actions;
    if ((err = posix_spawnattr_init(&attributes)))
        goto no_attributes;
    err = prepare_attributes(&attributes);
    if (!err)
        err = prepare_actions(&actions, out_fd);
    /* The strings are not changed: the type is of the time before const. */
    if (!err)
        err = posix_spawn(&pid, argv[0], &actions, &attributes, (char *const *)argv, environment);
    if (!err)
        *ret_pid = pid;
    (void)posix_spawnattr_destroy(&attributes);
no_attributes:
    (void)posix_spawn_file_actions_destroy(&actions);
no_actions:
    free(environment);
    return err;
}

static int spawn_known(const char *const *argv, int out_fd, pid_t *ret_pid)
{
    int err;

    if (!replace_child(0, BEING_MADE))
        return EAGAIN;
    err = spawn(argv, out_fd, ret_pid);
    (void)replace_child(BEING_MADE, err ? 0 : *ret_pid);
    return err;
}

static void kill_group(const struct goxel_script *script)
{
    (void)kill(-script->pid, SIGKILL);
    (void)kill(script->pid, SIGKILL); /* should it have left its group */
}

static pid_t reap(const struct goxel_script *script, int flags, int *ret_status)
{
    pid_t pid;

    do {
        pid = waitpid(script->pid, ret_status, flags);
    } while (pid < 0 && errno == EINTR);
    return pid;
}

/* The child has no watcher: it is ended before it has done much. */
static int open_watcher(struct goxel_script *script)
{
    int status, err;

    script->pid_fd = pidfd_open(script->pid, 0);
    if (script->pid_fd >= 0)
        return 0;
    err = errno;
    kill_group(script);
    (void)reap(script, 0, &status);
    (void)replace_child(script->pid, 0);
    return err;
}

int goxel_script_start(struct goxel_script *script, const char *const *argv, int64_t timeout_ms,
                       struct goxel_detail *detail)
{
    struct goxel_script started = {.pid_fd = -1, .timeout_ms = timeout_ms, .fresh = true};
    int fds[2], err = 0;

    memset(script, 0, sizeof(*script));
    if (pipe2(fds, O_CLOEXEC))
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "cannot make a pipe for", argv[0]);
    started.out_fd = fds[0];
    started.deadline_ms = goxel_clock_ms() + timeout_ms;
    /* Our end alone: the child's writes wait as it expects them to. */
    if (fcntl(fds[0], F_SETFL, O_NONBLOCK))
        err = errno;
    if (!err)
        err = spawn_known(argv, fds[1], &started.pid);
    (void)close(fds[1]);
    if (!err)
        err = open_watcher(&started);
    if (err) {
        (void)close(fds[0]);
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, err, "cannot start", argv[0]);
    }
    *script = started;
    return 0;
}

/* ---- its output ---- */

static void take_byte(struct goxel_script *script, char byte)
{
    if (byte == '\n') {
        script->fresh = true;
        return;
    }
    if (script->fresh) {
        /* The line before is kept until something stands in this one. */
        if (byte == ' ' || byte == '\t' || byte == '\r')
            return;
        script->fresh = false;
        script->len = 0;
    }
    if (script->len < sizeof(script->line))
        script->line[script->len++] = byte;
}

/* One read; false: there is nothing now, or nothing more. */
static bool read_some(struct goxel_script *script, size_t *ret_got)
{
    char bytes[4096];
    ssize_t got;

    if (script->out_fd < 0)
        return false;
    got = read(script->out_fd, bytes, sizeof(bytes));
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got <= 0) {
        (void)close(script->out_fd);
        script->out_fd = -1;
        return false;
    }
    for (ssize_t i = 0; i < got; i++)
        take_byte(script, bytes[i]);
    *ret_got = (size_t)got;
    return true;
}

static void read_rest(struct goxel_script *script)
{
    size_t total = 0, got = 0;

    while (total < REST_MAX && read_some(script, &got))
        total += got;
}

/* Ends on the border of a character: what was cut in the middle of one is beyond what fits. */
static void printable_line(const struct goxel_script *script, char ret_line[GOXEL_SCRIPT_LINE_MAX])
{
    size_t len = script->len;

    while (len > 0 && memchr(" \t\r", script->line[len - 1], 3))
        len--;
    (void)goxel_utf8_printable(ret_line, GOXEL_SCRIPT_LINE_MAX, script->line, len);
}

/* ---- the end ---- */

/* As process 1 of a container we are who its own children are left to; else there are none that are ours. */
static void reap_group(pid_t group)
{
    int64_t until_ms = goxel_clock_ms() + GROUP_DEATH_MS;
    pid_t pid;

    while ((pid = waitpid(-group, NULL, WNOHANG)) >= 0 && goxel_clock_ms() < until_ms) {
        if (!pid)
            (void)poll(NULL, 0, 1);
    }
}

/* Kills what is left of the group, reaps the child, and forgets both. -1: it cannot be reaped. */
static int end(struct goxel_script *script)
{
    struct pollfd death = {.fd = script->pid_fd, .events = POLLIN};
    int status = 0;
    pid_t reaped;

    kill_group(script);
    (void)poll(&death, 1, DEATH_MS);
    reaped = reap(script, WNOHANG, &status);
    reap_group(script->pid);
    (void)replace_child(script->pid, 0);
    read_rest(script);
    if (script->out_fd >= 0)
        (void)close(script->out_fd);
    (void)close(script->pid_fd);
    script->pid = 0;
    return reaped > 0 ? status : -1;
}

static int fail_with_line(const struct goxel_script *script, struct goxel_detail *detail, int code,
                          const char *what)
{
    char line[GOXEL_SCRIPT_LINE_MAX];

    printable_line(script, line);
    return goxel_fail(detail, code, "%s%s%s", what, line[0] ? ": " : "", line);
}

static int judge(const struct goxel_script *script, int status, struct goxel_detail *detail)
{
    const char *name;
    char what[48];

    if (status < 0)
        return fail_with_line(script, detail, GOXEL_ERROR_GENERAL, "its status is unknown");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status)) {
        (void)snprintf(what, sizeof(what), "status %d", WEXITSTATUS(status));
    } else {
        name = sigabbrev_np(WTERMSIG(status));
        (void)snprintf(what, sizeof(what), "signal %s", name ? name : "unknown");
    }
    return fail_with_line(script, detail, GOXEL_ERROR_GENERAL, what);
}

static int time_out(struct goxel_script *script, struct goxel_detail *detail)
{
    char what[48];

    (void)end(script);
    (void)snprintf(what, sizeof(what), "longer than %lld ms", (long long)script->timeout_ms);
    return fail_with_line(script, detail, GOXEL_ERROR_OPERATION_TIMEOUT, what);
}

/* poll(2) takes an int; a wait that long is begun anew. */
static int poll_ms(int64_t until_ms)
{
    int64_t left_ms = until_ms - goxel_clock_ms();

    return left_ms <= 0 ? 0 : left_ms > 60000 ? 60000 : (int)left_ms;
}

bool goxel_script_wait(struct goxel_script *script, int64_t wait_ms, int wake_fd, struct goxel_detail *detail,
                       int *ret_code)
{
    int64_t until_ms = goxel_clock_ms() + wait_ms;
    int64_t next_ms = until_ms < script->deadline_ms ? until_ms : script->deadline_ms;
    size_t got;

    for (;;) {
        struct pollfd fds[] = {
            {.fd = script->pid_fd, .events = POLLIN},
            {.fd = script->out_fd, .events = POLLIN},
            {.fd = wake_fd, .events = POLLIN},
        };
        bool ready = poll(fds, sizeof(fds) / sizeof(fds[0]), poll_ms(next_ms)) > 0;

        if (ready && fds[0].revents) {
            *ret_code = judge(script, end(script), detail);
            return true;
        }
        if (ready && fds[1].revents)
            (void)read_some(script, &got);
        if (goxel_clock_ms() >= script->deadline_ms) {
            *ret_code = time_out(script, detail);
            return true;
        }
        if ((ready && fds[2].revents) || goxel_clock_ms() >= until_ms)
            return false;
    }
}

void goxel_script_stop(struct goxel_script *script)
{
    if (script->pid > 0)
        (void)end(script);
}
