/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking, checking and dropping the PID file; see the header. */
#include "daemon/pidfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

#define LOCK_ATTEMPTS 2000 /* a millisecond each */

static int fail_held(int fd, const char *path, struct goxel_detail *detail)
{
    char pid[24] = "";
    ssize_t len = pread(fd, pid, sizeof(pid) - 1, 0);

    pid[len > 0 ? strcspn(pid, "\n") : 0] = '\0';
    return goxel_fail(detail, DAEMON_ERROR_ALREADY_RUNNING,
                      "PID %s holds %s; stop it first, or give this one another PID file",
                      pid[0] ? pid : "unknown", path);
}

/*
 * Whether a daemon has its lock on the file. Looking takes a shared lock for a moment, which does not disturb others
 * who look; for a daemon that wants the lock see `lock`.
 */
static bool is_held(int fd)
{
    return flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
}

int goxel_pidfile_check(const char *path, struct goxel_detail *detail)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    int code = 0;

    if (fd < 0)
        return 0; /* none, or none of ours: taking it will tell */
    if (is_held(fd))
        code = fail_held(fd, path, detail);
    close(fd);
    return code;
}

/* ---- who holds it ---- */

/* False only when all its descriptors could be looked at and none is the file. */
static bool may_hold(pid_t pid, int fd)
{
    struct stat file, theirs;
    const struct dirent *entry;
    char folder[32];
    bool found = false;
    DIR *dir;

    snprintf(folder, sizeof(folder), "/proc/%ld/fd", (long)pid);
    dir = opendir(folder);
    if (!dir || fstat(fd, &file)) {
        if (dir)
            closedir(dir);
        return true;
    }
    while (!found && (entry = readdir(dir)))
        found = !fstatat(dirfd(dir), entry->d_name, &theirs, 0) && theirs.st_dev == file.st_dev &&
                theirs.st_ino == file.st_ino;
    closedir(dir);
    return found;
}

static pid_t read_holder(int fd)
{
    char text[24] = "", *end;
    ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
    long pid;

    text[len > 0 ? len : 0] = '\0';
    errno = 0;
    pid = strtol(text, &end, 10);
    if (errno || end == text || (*end && *end != '\n') || pid <= 0 || pid > INT_MAX)
        return 0;
    return may_hold((pid_t)pid, fd) ? (pid_t)pid : 0;
}

int goxel_pidfile_holder(const char *path, struct goxel_detail *detail, enum goxel_pidfile_state *ret_state,
                         pid_t *ret_pid)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool held;

    if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "open", path);
    held = fd >= 0 && is_held(fd);
    *ret_state = fd < 0 ? GOXEL_PIDFILE_NONE : held ? GOXEL_PIDFILE_HELD : GOXEL_PIDFILE_STALE;
    *ret_pid = held ? read_holder(fd) : 0;
    if (fd >= 0)
        close(fd);
    return 0;
}

/* ---- taking and dropping ---- */

/* The path still names the file we have locked: its last holder may have removed it meanwhile. */
static bool is_current(int fd, const char *path)
{
    struct stat ours, theirs;

    return !fstat(fd, &ours) && !lstat(path, &theirs) && ours.st_dev == theirs.st_dev &&
           ours.st_ino == theirs.st_ino;
}

/* Somebody who only looks is away in no time; a daemon stays. 0 or errno. */
static int lock(int fd)
{
    const struct timespec pause = {.tv_nsec = 1000000};

    for (int attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
        if (!flock(fd, LOCK_EX | LOCK_NB))
            return 0;
        if (errno != EWOULDBLOCK || is_held(fd))
            return errno;
        (void)flock(fd, LOCK_UN);
        (void)nanosleep(&pause, NULL);
    }
    return EWOULDBLOCK;
}

static bool is_regular(int fd)
{
    struct stat info;

    return !fstat(fd, &info) && S_ISREG(info.st_mode);
}

/* An open and locked file, or a negative code. */
static int open_locked(const char *path, struct goxel_detail *detail, int *ret_fd)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0644);
    int code, errnum;

    if (fd < 0)
        return goxel_fail_errno(detail, DAEMON_ERROR_PID_FILE_CREATE_FAILED, errno, "open", path);
    if (!is_regular(fd)) {
        close(fd);
        return goxel_fail(detail, DAEMON_ERROR_PID_FILE_CREATE_FAILED,
                          "%s exists and is no regular file; move it away, or name another", path);
    }
    errnum = lock(fd);
    if (errnum) {
        code = errnum == EWOULDBLOCK
                   ? fail_held(fd, path, detail)
                   : goxel_fail_errno(detail, DAEMON_ERROR_PID_FILE_CREATE_FAILED, errnum, "flock", path);
        close(fd);
        return code;
    }
    *ret_fd = fd;
    return 0;
}

int goxel_pidfile_rewrite(const char *path, int fd, struct goxel_detail *detail)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

    if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)len, 0) != len)
        return goxel_fail_errno(detail, DAEMON_ERROR_PID_FILE_CREATE_FAILED, errno, "write", path);
    return 0;
}

int goxel_pidfile_take(const char *path, struct goxel_detail *detail, int *ret_fd)
{
    int fd = -1, code;

    for (;;) {
        code = open_locked(path, detail, &fd);
        if (code)
            return code;
        if (is_current(fd, path))
            break;
        close(fd);
    }
    code = goxel_pidfile_rewrite(path, fd, detail);
    if (code)
        goxel_pidfile_drop(path, fd);
    else
        *ret_fd = fd;
    return code;
}

void goxel_pidfile_drop(const char *path, int fd)
{
    if (fd < 0)
        return;
    if (is_current(fd, path))
        unlink(path);
    close(fd);
}
