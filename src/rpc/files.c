/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Confinement is done while opening (base/beneath): checking a path first and opening
 * it afterwards would leave a moment in which a symbolic link can be put in its way. What is done to
 * the text of a path here only finds its root, and gives better messages.
 */
#include "rpc/files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/error.h"
#include "base/file.h"

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
    if (!errnum) /* outside: nothing was tried */
        (void)snprintf(detail->text, sizeof(detail->text), "%s %.180s", why, detail->path);
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
        return refuse(config, path, 0, "outside of the allowed folders:", detail);
    ret_target->root = root;
    copy_tidy(ret_target->rel, path + best);
    return 0;
}

static int fail_missing(const char *path, bool folder, struct goxel_detail *detail)
{
    goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, ENOENT, "", path);
    if (detail)
        (void)snprintf(detail->text, sizeof(detail->text), "the %s does not exist: %.160s%s",
                       folder ? "folder of the file" : "file", detail->path,
                       path[0] == '~' ? " (\"~\" is not expanded)" : "");
    return GOXEL_ERROR_FILE_ACCESS;
}

/* Opens `rel` below the target's root. `path` is for messages. */
static int open_target(const struct goxel_config *config, const struct target *target, const char *rel,
                       int flags, const char *path, struct goxel_detail *detail, int *ret_fd)
{
    int rootfd = open(target->root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd, errnum;

    if (rootfd < 0)
        return refuse(config, path, errno, "cannot open the allowed folder of", detail);
    fd = goxel_open_beneath(rootfd, rel, flags);
    errnum = errno;
    close(rootfd);
    if (fd < 0 && errnum == EXDEV)
        return refuse(config, path, 0, "a link leads outside of the allowed folders:", detail);
    if (fd < 0 && errnum == ENOENT)
        return fail_missing(path, (flags & O_DIRECTORY) != 0, detail);
    if (fd < 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errnum, "cannot open", path);
    *ret_fd = fd;
    return 0;
}

/* ROOT/REL without a second slash between; false if it is too long. */
static bool join(const char *root, const char *rel, char ret_path[PATH_MAX])
{
    char path[PATH_MAX];
    size_t len = strlen(root);
    int total;

    while (len > 0 && root[len - 1] == '/')
        len--;
    total = snprintf(path, sizeof(path), "%.*s%s%s", (int)len, root, rel[0] ? "/" : "", rel);
    if (total < 0 || (size_t)total >= sizeof(path))
        return false;
    memcpy(ret_path, path, (size_t)total + 1);
    return true;
}

/* Where the kernel says that a descriptor is; false if it cannot tell, or it is there no more. */
static bool path_of_fd(int fd, char ret_path[PATH_MAX])
{
    char link[64];
    struct stat ours, there;
    ssize_t len;

    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    len = readlink(link, ret_path, PATH_MAX - 1);
    if (len <= 0)
        return false;
    ret_path[len] = '\0';
    return fstat(fd, &ours) == 0 && lstat(ret_path, &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

/*
 * The path of what was opened, with no link in it but the root's own, below the first root that it lies
 * below: one file, one path, however it was spelled. Where the kernel does not tell, the path as it was given.
 */
static int whole_path(const struct goxel_config *config, const struct target *target, int fd,
                      struct goxel_detail *detail, char ret_path[PATH_MAX])
{
    char path[PATH_MAX], folder[PATH_MAX];
    const char *const *roots;
    size_t count = goxel_config_list(config, GOXEL_OPT_STORAGE_ALLOWED_ROOTS, &roots), len;
    bool known = path_of_fd(fd, path);

    for (size_t i = 0; known && i < count; i++) {
        int rootfd = open(roots[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        bool found = rootfd >= 0 && path_of_fd(rootfd, folder);

        if (rootfd >= 0)
            close(rootfd);
        if (!found)
            continue;
        len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
        if (strncmp(path, folder, len) != 0 || (path[len] != '/' && path[len] != '\0'))
            continue;
        if (join(roots[i], path + len + (path[len] == '/'), ret_path))
            return 0;
        return refuse(config, path, ENAMETOOLONG, "path too long:", detail);
    }
    return join(target->root, target->rel, ret_path)
               ? 0
               : refuse(config, target->rel, ENAMETOOLONG, "path too long:", detail);
}

/* The folder that the daemon keeps its projects in: a file put there could take the place of one of its own. */
static bool find_kept(const struct goxel_config *config, struct stat *ret_kept)
{
    return stat(goxel_config_string(config, GOXEL_OPT_STORAGE_DIRECTORY), ret_kept) == 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The folder above, in place of `fd`, which is closed. -1: it cannot be opened (errno). */
static int step_up(int fd)
{
    int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC), errnum = errno;

    close(fd);
    errno = errnum;
    return up;
}

/* From a folder up to the root, by whatever names and links it was found. -1: the way cannot be followed (errno). */
static int lies_below(int folder, const struct stat *above)
{
    int fd = openat(folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat here = {.st_ino = 0}, last;
    int found = -1;

    while (fd >= 0 && found < 0) {
        last = here;
        if (fstat(fd, &here) != 0)
            break;
        if (is_same(&here, above))
            found = 1;
        else if (is_same(&here, &last)) /* above the root there is the root */
            found = 0;
        else
            fd = step_up(fd);
    }
    if (fd >= 0)
        close(fd);
    return found;
}

static int check_not_kept(const struct goxel_config *config, int folder, const char *path,
                          struct goxel_detail *detail)
{
    struct stat kept;
    int below = find_kept(config, &kept) ? lies_below(folder, &kept) : 0;

    if (below < 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "cannot look above the folder of",
                                path);
    if (!below)
        return 0;
    (void)refuse(config, path, 0, "in storage.directory, which is the daemon's own:", detail);
    if (detail)
        (void)snprintf(detail->expected, sizeof(detail->expected),
                       "a path below storage.allowed_roots, and not in storage.directory");
    return GOXEL_ERROR_FILE_ACCESS;
}

int goxel_place_open(const struct goxel_config *config, const char *path, struct goxel_detail *detail,
                     struct goxel_place *ret_place)
{
    struct goxel_place place = {0};
    struct target target;
    char folder[PATH_MAX];
    char *slash;
    int fd = -1, code = find_root(config, path, detail, &target);

    if (code)
        return code;
    slash = strrchr(target.rel, '/');
    memcpy(place.name, slash ? slash + 1 : target.rel,
           strlen(slash ? slash + 1 : target.rel) + 1); /* NAME_MAX at most, by fault_of */
    *(slash ? slash : target.rel) = '\0';
    if ((code = open_target(config, &target, target.rel[0] ? target.rel : ".", O_RDONLY | O_DIRECTORY, path,
                            detail, &fd)))
        return code;
    code = check_not_kept(config, fd, path, detail);
    if (!code)
        code = whole_path(config, &target, fd, detail, folder);
    if (!code && !join(folder, place.name, place.path))
        code = refuse(config, path, ENAMETOOLONG, "path too long:", detail);
    if (code) {
        close(fd);
        return code;
    }
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

/* Saves of two projects to one file, and the backups that go with them, take turns. */
#define WRITE_LOCKS 16
static pthread_mutex_t write_locks[WRITE_LOCKS] = {[0 ... WRITE_LOCKS - 1] = PTHREAD_MUTEX_INITIALIZER};

/* One lock for all spellings of a file: by its folder and its name there. */
static int find_write_lock(const struct goxel_place *place, struct goxel_detail *detail,
                           pthread_mutex_t **ret_lock)
{
    struct stat st;
    uint64_t hash;

    if (fstat(place->dirfd - 1, &st))
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "cannot look at the folder of",
                                place->path);
    hash = (uint64_t)st.st_dev * 31 + (uint64_t)st.st_ino;
    for (const char *c = place->name; *c; c++)
        hash = hash * 31 + (unsigned char)*c;
    *ret_lock = &write_locks[hash % WRITE_LOCKS];
    return 0;
}

int goxel_place_write_beside(const struct goxel_place *place, goxel_file_fill *fill, void *ctx, bool backup,
                             struct goxel_detail *detail)
{
    char backup_name[NAME_MAX + 2];
    int dirfd = place->dirfd - 1, code;
    struct stat st;

    if (fstatat(dirfd, place->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode))
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, S_ISDIR(st.st_mode) ? EISDIR : EINVAL,
                                "not a regular file:", place->path);
    (void)snprintf(backup_name, sizeof(backup_name), "%s~", place->name);
    code = goxel_file_replace_by(dirfd, place->name, fill, ctx, 0666, backup ? backup_name : NULL, detail);
    if (code && detail && detail->errnum) /* which knows the last part of the path alone */
        return goxel_fail_errno(detail, code, detail->errnum, "cannot write", place->path);
    return code;
}

int goxel_place_write(const struct goxel_place *place, goxel_file_fill *fill, void *ctx, bool backup,
                      struct goxel_detail *detail)
{
    pthread_mutex_t *lock = NULL;
    int code = find_write_lock(place, detail, &lock);

    if (code)
        return code;
    pthread_mutex_lock(lock);
    code = goxel_place_write_beside(place, fill, ctx, backup, detail);
    pthread_mutex_unlock(lock);
    return code;
}

int goxel_files_open(const struct goxel_config *config, const char *path, struct goxel_detail *detail,
                     char ret_path[PATH_MAX], int *ret_fd)
{
    struct target target;
    struct stat st;
    char whole[PATH_MAX];
    int fd = -1, code = find_root(config, path, detail, &target);

    if (code)
        return code;
    /* O_NONBLOCK: opening a FIFO must not wait for its writer. */
    if ((code = open_target(config, &target, target.rel, O_RDONLY | O_NONBLOCK | O_NOCTTY, path, detail,
                            &fd)))
        return code;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        code = refuse(config, path, EINVAL, "not a regular file:", detail);
    else
        code = whole_path(config, &target, fd, detail, whole);
    if (code) {
        close(fd);
        return code;
    }
    memcpy(ret_path, whole, strlen(whole) + 1);
    *ret_fd = fd;
    return 0;
}

int goxel_files_read(const struct goxel_config *config, const char *path, struct goxel_buf *buf,
                     struct goxel_detail *detail, char ret_path[PATH_MAX])
{
    int fd = -1, code = goxel_files_open(config, path, detail, ret_path, &fd);

    if (code)
        return code;
    code = goxel_file_read_fd(fd, path, buf, detail);
    close(fd);
    return code;
}
