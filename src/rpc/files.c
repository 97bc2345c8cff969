/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Confinement is the kernel's work (openat2 with RESOLVE_BENEATH): checking a path first and opening
 * it afterwards would leave a moment in which a symbolic link can be put in its way. What is done to
 * the text of a path here only finds its root, and gives better messages.
 */
#include "rpc/files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

/* The kernel gives EAGAIN when a rename somewhere made it unsure of a ".." in a link. */
#define OPEN_TRIES 8

/* A path relative to one of the roots. */
struct target {
    const char *root;
    char rel[PATH_MAX];
};

static int refuse(const struct goxel_config *config, const char *path, int errnum, const char *why,
                  struct goxel_detail *detail)
{
    const char *const *roots;
    size_t count = goxel_config_list(config, GOXEL_OPT_STORAGE_ALLOWED_ROOTS, &roots), used;

    if (!detail)
        return GOXEL_ERROR_FILE_ACCESS;
    goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errnum, why, path);
    used = (size_t)snprintf(detail->expected, sizeof(detail->expected), "a path below");
    for (size_t i = 0; i < count && used < sizeof(detail->expected); i++)
        used += (size_t)snprintf(detail->expected + used, sizeof(detail->expected) - used, "%s %.100s",
                                 i ? "," : "", roots[i]);
    return GOXEL_ERROR_FILE_ACCESS;
}

/* No empty name, no ".." anywhere, and a last component that can be a file's. */
static const char *fault_of(const char *path)
{
    size_t len = strlen(path), part;
    const char *at = path;

    if (len == 0)
        return "empty path:";
    if (len >= PATH_MAX)
        return "path too long:";
    for (; *at; at += part + (at[part] == '/')) {
        part = strcspn(at, "/");
        if (part == 2 && memcmp(at, "..", 2) == 0)
            return "\"..\" is not followed in";
        if (part > NAME_MAX)
            return "name too long in";
        if (at[part] == '\0' && part == 1 && at[0] == '.')
            return "no file's name at the end of";
    }
    return path[len - 1] == '/' ? "no file's name at the end of" : NULL;
}

/* Bytes of `path` that are `root` and the slashes after it; 0 if it does not lie below. */
static size_t below(const char *path, const char *root)
{
    size_t len = strlen(root);

    while (len > 0 && root[len - 1] == '/')
        len--;
    if (strncmp(path, root, len) != 0 || path[len] != '/')
        return 0;
    return len + strspn(path + len, "/");
}

/* Copies without empty and "." components: one file, one spelling. */
static void copy_tidy(char *to, const char *path)
{
    size_t len = 0, part;

    for (; *path; path += part + (path[part] == '/')) {
        part = strcspn(path, "/");
        if (part == 0 || (part == 1 && path[0] == '.'))
            continue;
        if (len > 0)
            to[len++] = '/';
        memcpy(to + len, path, part);
        len += part;
    }
    to[len] = '\0';
}

static int find_root(const struct goxel_config *config, const char *path, struct goxel_detail *detail,
                     struct target *ret_target)
{
    const char *const *roots;
    size_t count = goxel_config_list(config, GOXEL_OPT_STORAGE_ALLOWED_ROOTS, &roots), best = 0;
    const char *fault = fault_of(path), *root = NULL;

    if (fault)
        return refuse(config, path, EINVAL, fault, detail);
    for (size_t i = 0; path[0] == '/' && i < count; i++) {
        size_t prefix = below(path, roots[i]);

        if (prefix > best) {
            best = prefix;
            root = roots[i];
        }
    }
    if (path[0] != '/' && count > 0)
        root = roots[0];
    if (!root)
        return refuse(config, path, EACCES, "outside of the allowed folders:", detail);
    ret_target->root = root;
    copy_tidy(ret_target->rel, path + best);
    return 0;
}

static int open_beneath(int rootfd, const char *rel, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    long fd = -1;

    for (int i = 0; i < OPEN_TRIES; i++) {
        fd = syscall(SYS_openat2, rootfd, rel, &how, sizeof(how));
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            break;
    }
    return (int)fd;
}

/* Opens `rel` below the target's root. `path` is for messages. */
static int open_target(const struct goxel_config *config, const struct target *target, const char *rel,
                       int flags, const char *path, struct goxel_detail *detail, int *ret_fd)
{
    int rootfd = open(target->root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd, errnum;

    if (rootfd < 0)
        return refuse(config, path, errno, "cannot open the allowed folder of", detail);
    fd = open_beneath(rootfd, rel, flags);
    errnum = errno;
    close(rootfd);
    if (fd < 0)
        return refuse(config, path, errnum,
                      errnum == EXDEV ? "a link leads out of the allowed folder:" : "cannot open", detail);
    *ret_fd = fd;
    return 0;
}

/* The path as clients see it: ROOT/REL. */
static int whole_path(const struct goxel_config *config, const struct target *target,
                      struct goxel_detail *detail, char ret_path[PATH_MAX])
{
    char path[PATH_MAX];
    size_t len = strlen(target->root);
    int total;

    while (len > 0 && target->root[len - 1] == '/')
        len--;
    total = snprintf(path, sizeof(path), "%.*s/%s", (int)len, target->root, target->rel);
    if (total < 0 || (size_t)total >= sizeof(path))
        return refuse(config, target->rel, ENAMETOOLONG, "path too long:", detail);
    memcpy(ret_path, path, (size_t)total + 1);
    return 0;
}

int goxel_place_open(const struct goxel_config *config, const char *path, struct goxel_detail *detail,
                     struct goxel_place *ret_place)
{
    struct goxel_place place = {0};
    struct target target;
    const char *parent = ".", *base;
    char *slash;
    int fd = -1, code = find_root(config, path, detail, &target);

    if (code || (code = whole_path(config, &target, detail, place.path)))
        return code;
    slash = strrchr(target.rel, '/');
    base = slash ? slash + 1 : target.rel;
    memcpy(place.name, base, strlen(base) + 1); /* NAME_MAX at most, by fault_of */
    if (slash) {
        *slash = '\0';
        parent = target.rel;
    }
    if ((code = open_target(config, &target, parent, O_RDONLY | O_DIRECTORY, path, detail, &fd)))
        return code;
    place.dirfd = fd + 1;
    *ret_place = place;
    return 0;
}

void goxel_place_close(struct goxel_place *place)
{
    if (place->dirfd > 0)
        close(place->dirfd - 1);
    place->dirfd = 0;
}

/* The old file under a second name: at no moment is there none under the first. */
static int keep_backup(const struct goxel_place *place, struct goxel_detail *detail)
{
    char backup[NAME_MAX + 2];
    int dirfd = place->dirfd - 1;

    (void)snprintf(backup, sizeof(backup), "%s~", place->name);
    if (unlinkat(dirfd, backup, 0) && errno != ENOENT)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "cannot replace the backup of",
                                place->path);
    if (linkat(dirfd, place->name, dirfd, backup, 0) == 0)
        return 0;
    /* Not every file system knows hard links. */
    if ((errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK) &&
        renameat(dirfd, place->name, dirfd, backup) == 0)
        return 0;
    return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "cannot keep a backup of", place->path);
}

int goxel_place_write(const struct goxel_place *place, const void *bytes, size_t len, bool backup,
                      struct goxel_detail *detail)
{
    int dirfd = place->dirfd - 1, code;
    struct stat st;

    if (fstatat(dirfd, place->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        if (!S_ISREG(st.st_mode))
            return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, S_ISDIR(st.st_mode) ? EISDIR : EINVAL,
                                    "not a regular file:", place->path);
        if (backup && (code = keep_backup(place, detail)))
            return code;
    } else if (errno != ENOENT) {
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "cannot look at", place->path);
    }
    return goxel_file_replace(dirfd, place->name, bytes, len, 0666, detail);
}

int goxel_files_read(const struct goxel_config *config, const char *path, struct goxel_buf *buf,
                     struct goxel_detail *detail, char ret_path[PATH_MAX])
{
    struct target target;
    struct stat st;
    char whole[PATH_MAX];
    int fd = -1, code = find_root(config, path, detail, &target);

    if (code || (code = whole_path(config, &target, detail, whole)))
        return code;
    /* O_NONBLOCK: opening a FIFO must not wait for its writer. */
    if ((code = open_target(config, &target, target.rel, O_RDONLY | O_NONBLOCK | O_NOCTTY, path, detail,
                            &fd)))
        return code;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        code = refuse(config, path, EINVAL, "not a regular file:", detail);
    else
        code = goxel_file_read_fd(fd, path, buf, detail);
    close(fd);
    if (!code)
        memcpy(ret_path, whole, strlen(whole) + 1);
    return code;
}
