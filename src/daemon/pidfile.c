/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking, checking and dropping the PID file; see the header. */
#include "daemon/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static int fail_held(int fd, const char *path, struct goxel_detail *detail)
{
    char pid[24] = "";
    ssize_t len = pread(fd, pid, sizeof(pid) - 1, 0);

    pid[len > 0 ? strcspn(pid, "\n") : 0] = '\0';
    return goxel_fail(detail, DAEMON_ERROR_ALREADY_RUNNING,
                      "PID %s holds %s; stop it first, or give this one another PID file",
                      pid[0] ? pid : "unknown", path);
}

int goxel_pidfile_check(const char *path, struct goxel_detail *detail)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    int code = 0;

    if (fd < 0)
        return 0; /* none, or none of ours: taking it will tell */
    if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
        code = fail_held(fd, path, detail);
    close(fd);
    return code;
}

/* The path still names the file we have locked: its last holder may have removed it meanwhile. */
static bool is_current(int fd, const char *path)
{
    struct stat ours, theirs;

    return !fstat(fd, &ours) && !lstat(path, &theirs) && ours.st_dev == theirs.st_dev &&
           ours.st_ino == theirs.st_ino;
}

/* An open and locked file, or a negative code. */
static int open_locked(const char *path, struct goxel_detail *detail, int *ret_fd)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    int code;

    if (fd < 0)
        return goxel_fail_errno(detail, DAEMON_ERROR_PID_FILE_CREATE_FAILED, errno, "open", path);
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        code = errno == EWOULDBLOCK
                   ? fail_held(fd, path, detail)
                   : goxel_fail_errno(detail, DAEMON_ERROR_PID_FILE_CREATE_FAILED, errno, "flock", path);
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
        close(fd);
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
