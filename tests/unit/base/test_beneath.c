/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing outside of the folder is ever opened, and the walk does what the kernel does. */
#include "base/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "unit.h"

/* Made in this order, removed in the reverse; a name with a text is a link, one that ends in / a folder. */
static const struct {
    const char *name, *link;
} tree[] = {
    {"secret", NULL},
    {"root/", NULL},
    {"root/file", NULL},
    {"root/sub/", NULL},
    {"root/sub/file", NULL},
    {"root/sub/deep/", NULL},
    {"root/to-file", "file"},
    {"root/to-sub", "sub"},
    {"root/sub/up", "../file"},
    {"root/sub/deep/up-up", "../../sub/./file"},
    {"root/chain", "to-sub/deep/up-up"},
    {"root/out", "../secret"},
    {"root/sub/out", "../../secret"},
    {"root/out-and-in", "../root/file"},
    {"root/absolute", "/etc/passwd"},
    {"root/loop", "loop"},
    {"root/dangling", "nothing"},
    {"root/to-root", "."},
};
#define COUNT (sizeof(tree) / sizeof(tree[0]))

static bool is_folder(const char *name)
{
    return name[strlen(name) - 1] == '/';
}

static int open_tree(void)
{
    int fd;

    CU_ASSERT_TRUE_FATAL(scratch_open());
    for (size_t i = 0; i < COUNT; i++) {
        const char *path = scratch_path(tree[i].name);

        if (tree[i].link) {
            CU_ASSERT_EQUAL(symlink(tree[i].link, path), 0);
        } else if (is_folder(tree[i].name)) {
            CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
        } else {
            scratch_write(tree[i].name, tree[i].name);
        }
    }
    fd = open(scratch_path("root"), O_PATH | O_DIRECTORY | O_CLOEXEC);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    return fd;
}

static void close_tree(int root_fd)
{
    close(root_fd);
    for (size_t i = COUNT; i-- > 0;)
        (void)unlinkat(AT_FDCWD, scratch_path(tree[i].name), is_folder(tree[i].name) ? AT_REMOVEDIR : 0);
    scratch_close();
}

typedef int opening(int root_fd, const char *rel, int flags);

/* What is read there, or the error's number. */
static void assert_opens(opening *function, int root_fd, const char *rel, int errnum, const char *text)
{
    char buf[64] = "";
    int fd;

    errno = 0;
    fd = function(root_fd, rel, O_RDONLY | O_NONBLOCK);
    if (errnum) {
        CU_ASSERT_EQUAL(fd, -1);
        CU_ASSERT_EQUAL(errno, errnum);
        if (errno != errnum)
            fprintf(stderr, "%s: %s\n", rel, strerror(errno));
    } else {
        CU_ASSERT_TRUE(fd >= 0);
        CU_ASSERT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        if (text) {
            CU_ASSERT_TRUE(read(fd, buf, sizeof(buf) - 1) > 0);
            CU_ASSERT_STRING_EQUAL(buf, text);
        }
    }
    if (fd >= 0)
        close(fd);
}

static void opens_what_is_beneath(opening *function)
{
    static const struct {
        const char *rel;
        int errnum;
        const char *text;
    } cases[] = {
        {"file", 0, "root/file"},
        {"sub/file", 0, "root/sub/file"},
        {"sub//./file", 0, "root/sub/file"},
        {"sub", 0, NULL},
        {"sub/", 0, NULL},
        {".", 0, NULL},
        {"./", 0, NULL},
        {"to-file", 0, "root/file"},
        {"to-sub/file", 0, "root/sub/file"},
        {"to-sub/", 0, NULL},
        {"sub/up", 0, "root/file"},
        {"to-sub/up", 0, "root/file"},
        {"chain", 0, "root/sub/file"},
        {"sub/../file", 0, "root/file"},
        {"to-sub/deep/../../file", 0, "root/file"},
        {"to-root/to-root/file", 0, "root/file"},
        {"nothing", ENOENT, NULL},
        {"nothing/file", ENOENT, NULL},
        {"dangling", ENOENT, NULL},
        {"", ENOENT, NULL},
        {"file/", ENOTDIR, NULL},
        {"file/file", ENOTDIR, NULL},
        {"to-file/", ENOTDIR, NULL},
        {"loop", ELOOP, NULL},
        {"..", EXDEV, NULL},
        {"../secret", EXDEV, NULL},
        {"../root/file", EXDEV, NULL},
        {"sub/../../secret", EXDEV, NULL},
        {"/etc/passwd", EXDEV, NULL},
        {"out", EXDEV, NULL},
        {"sub/out", EXDEV, NULL},
        {"to-sub/out", EXDEV, NULL},
        {"out-and-in", EXDEV, NULL},
        {"absolute", EXDEV, NULL},
    };
    char name[NAME_MAX + 2], path[PATH_MAX + 1];
    int root_fd = open_tree(), before, after;

    before = dup(root_fd);
    close(before);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_opens(function, root_fd, cases[i].rel, cases[i].errnum, cases[i].text);
    memset(name, 'n', sizeof(name));
    name[NAME_MAX + 1] = '\0';
    assert_opens(function, root_fd, name, ENAMETOOLONG, NULL);
    memset(path, '/', sizeof(path));
    memcpy(path, "sub", 3);
    path[PATH_MAX] = '\0';
    assert_opens(function, root_fd, path, ENAMETOOLONG, NULL);
    after = dup(root_fd);
    CU_ASSERT_EQUAL(after, before); /* none is left open */
    close(after);
    close_tree(root_fd);
}

static void with_what_there_is(void)
{
    opens_what_is_beneath(goxel_open_beneath);
}

static void name_by_name(void)
{
    opens_what_is_beneath(goxel_walk_beneath);
}

static void flags_hold(void)
{
    opening *const both[] = {goxel_open_beneath, goxel_walk_beneath};
    int root_fd = open_tree(), fd;

    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(both[i](root_fd, "file", O_RDONLY | O_DIRECTORY), -1);
        CU_ASSERT_EQUAL(errno, ENOTDIR);
        CU_ASSERT_EQUAL(both[i](root_fd, "to-file", O_RDONLY | O_NOFOLLOW), -1);
        CU_ASSERT_EQUAL(errno, ELOOP);
        fd = both[i](root_fd, "to-sub/file", O_RDONLY | O_NOFOLLOW);
        CU_ASSERT_TRUE(fd >= 0);
        close(fd);
        fd = both[i](root_fd, "to-sub", O_PATH | O_DIRECTORY);
        CU_ASSERT_TRUE(fd >= 0);
        close(fd);
    }
    close_tree(root_fd);
}

const struct unit_suite beneath_suite = {
    "beneath",
    (const struct unit_test[]){
        {"opened with what there is", with_what_there_is},
        {"walked name by name", name_by_name},
        {"flags hold in both", flags_hold},
        {NULL, NULL},
    },
};
