/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The walk never lets the kernel follow a link: each name is opened with O_NOFOLLOW, a link's text is put in the
 * path in its place, and the walk begins anew. What stands before the place was walked and holds no
 * link, so that ".." there is a matter of text.
 */
#include "base/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A rename anywhere in the system can make the kernel give up once. */
#define OPEN_TRIES 64
/* As many links as the kernel follows in one path. */
#define LINKS_MAX 40

struct walk {
    char path[PATH_MAX];
    size_t at;   /* the name in hand */
    size_t rest; /* what comes after it, slashes first */
    bool again;  /* the path was changed: begin anew */
};

static int fail(int errnum)
{
    errno = errnum;
    return -1;
}

/* Puts `text` in the place of path[from … to). */
static int replace(struct walk *walk, size_t from, size_t to, const char *text, size_t len)
{
    size_t tail = strlen(walk->path + to) + 1;

    if (from + len + tail > sizeof(walk->path))
        return fail(ENAMETOOLONG);
    memmove(walk->path + from + len, walk->path + to, tail);
    memcpy(walk->path + from, text, len);
    walk->again = true;
    return -1;
}

/* Takes ".." away together with the name before it. */
static int go_up(struct walk *walk)
{
    size_t from = walk->at;

    while (from > 0 && walk->path[from - 1] == '/')
        from--;
    if (from == 0)
        return fail(EXDEV);
    while (from > 0 && walk->path[from - 1] != '/')
        from--;
    return replace(walk, from, walk->rest, "", 0);
}

static int follow(struct walk *walk, int link_fd)
{
    char text[PATH_MAX];
    ssize_t len = readlinkat(link_fd, "", text, sizeof(text));

    if (len < 0)
        return -1;
    if (len == 0)
        return fail(ENOENT);
    if (text[0] == '/')
        return fail(EXDEV);
    return replace(walk, walk->at, walk->rest, text, (size_t)len);
}

/* Where one name leads: the descriptor of a folder to go on from, or of the end of the path. */
static int step(struct walk *walk, int dir_fd, int flags, bool *ret_end)
{
    const char *after = walk->path + walk->rest;
    bool end = after[strspn(after, "/")] == '\0';
    char name[NAME_MAX + 1];
    size_t len = walk->rest - walk->at;
    struct stat info;
    int fd, result;

    if (len > NAME_MAX)
        return fail(ENAMETOOLONG);
    memcpy(name, walk->path + walk->at, len);
    name[len] = '\0';
    fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, &info) == 0 && S_ISLNK(info.st_mode) && (!end || *after || !(flags & O_NOFOLLOW))) {
        result = follow(walk, fd);
        close(fd);
        return result;
    }
    *ret_end = end;
    if (!end)
        return fd;
    close(fd);
    return openat(dir_fd, name, flags | O_NOFOLLOW | O_CLOEXEC | (*after ? O_DIRECTORY : 0));
}

/* From the root as far as it goes. */
static int pass(struct walk *walk, int root_fd, int flags)
{
    int dir_fd = root_fd;
    bool end = false;

    walk->rest = 0;
    walk->again = false;
    while (!end) {
        const char *name;
        size_t len;
        int fd;

        walk->at = walk->rest + strspn(walk->path + walk->rest, "/");
        name = walk->path + walk->at;
        len = strcspn(name, "/");
        walk->rest = walk->at + len;
        if (len == 0)
            fd = openat(dir_fd, ".", flags | O_CLOEXEC), end = true;
        else if (len == 1 && name[0] == '.')
            fd = replace(walk, walk->at, walk->rest, "", 0);
        else if (len == 2 && memcmp(name, "..", 2) == 0)
            fd = go_up(walk);
        else
            fd = step(walk, dir_fd, flags, &end);
        if (dir_fd != root_fd) {
            int errnum = errno;

            close(dir_fd);
            errno = errnum;
        }
        if (fd < 0)
            return -1;
        dir_fd = fd;
    }
    return dir_fd;
}

int goxel_walk_beneath(int root_fd, const char *rel, int flags)
{
    struct walk walk;
    size_t len = strlen(rel);
    int fd;

    if (len == 0)
        return fail(ENOENT);
    if (rel[0] == '/')
        return fail(EXDEV);
    if (len >= sizeof(walk.path))
        return fail(ENAMETOOLONG);
    memcpy(walk.path, rel, len + 1);
    for (int rewrites = 0; rewrites <= LINKS_MAX; rewrites++) {
        fd = pass(&walk, root_fd, flags);
        if (!walk.again)
            return fd;
    }
    return fail(ELOOP);
}

int goxel_open_beneath(int root_fd, const char *rel, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };

    for (int i = 0; i < OPEN_TRIES; i++) {
        long fd = syscall(SYS_openat2, root_fd, rel, &how, sizeof(how));

        if (fd < 0 && errno == ENOSYS)
            return goxel_walk_beneath(root_fd, rel, flags);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            return (int)fd;
    }
    return -1;
}
