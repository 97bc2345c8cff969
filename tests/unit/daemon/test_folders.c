/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folders of the configuration: what is made, whose it is, and which links lead there. */
#include "daemon/folders.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "unit.h"
#include "unit/base/scratch.h"

#define SERVICE_UID 4711
#define SERVICE_GID 4712

/* Makes what a configuration wants whose folder of projects is `projects`, and nothing else. */
static int make(const char *projects, const char *root, struct goxel_detail *detail)
{
    struct goxel_daemon daemon = GOXEL_DAEMON_NEW;
    char text[2048];
    int code;

    daemon.identity = (struct goxel_identity){
        .changes = geteuid() == 0, .uid = SERVICE_UID, .gid = SERVICE_GID, .socket_group = (gid_t)-1};
    snprintf(text, sizeof(text),
             "process { create_pid_file = false daemonize = false } sockets { unix { enabled = false } } "
             "logging { target = \"stderr\" } storage { directory = \"%s\" allowed_roots = {\"%s\"} }",
             scratch_path(projects), scratch_path(root));
    CU_ASSERT_EQUAL_FATAL(goxel_config_parse(text, strlen(text), "test", NULL, 0, NULL, NULL, &daemon.config),
                          0);
    goxel_detail_init(detail);
    code = goxel_folders_make(&daemon, detail);
    goxel_config_unref(daemon.config);
    return code;
}

static struct stat stat_of(const char *name)
{
    struct stat st = {0};

    CU_ASSERT_EQUAL(lstat(scratch_path(name), &st), 0);
    return st;
}

static bool exists(const char *name)
{
    struct stat st;

    return lstat(scratch_path(name), &st) == 0;
}

static void check_folder(const char *name, mode_t mode, bool service)
{
    struct stat st = stat_of(name);

    CU_ASSERT(S_ISDIR(st.st_mode));
    CU_ASSERT_EQUAL(st.st_mode & 0777 & ~mode, 0);
    CU_ASSERT_EQUAL(st.st_uid, service && geteuid() == 0 ? SERVICE_UID : geteuid());
    CU_ASSERT_EQUAL(st.st_gid, service && geteuid() == 0 ? SERVICE_GID : getegid());
}

static void remove_all(const char *const *names)
{
    for (; *names; names++)
        CU_ASSERT_EQUAL(remove(scratch_path(*names)), 0);
}

static void the_last_is_the_service_users(void)
{
    struct goxel_detail detail;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(make("a//b/../b/c/", "files", &detail), 0);
    check_folder("a", 0755, false);
    check_folder("a/b", 0755, false);
    check_folder("a/b/c", 0750, true);
    check_folder("files", 0755, true);
    CU_ASSERT_EQUAL(make("a/b", "none/files", &detail), 0);
    check_folder("a/b", 0755, false); /* it was there */
    CU_ASSERT_FALSE(exists("none"));  /* a root is made where nothing else is missing */

    scratch_write("file", "");
    CU_ASSERT_EQUAL(make("file/x", "files", &detail), DAEMON_ERROR_PERMISSION_DENIED);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, scratch_path("file: Not a directory")));
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "storage.directory"));
    remove_all((const char *const[]){"a/b/c", "a/b", "a", NULL});
    scratch_close();
}

static void own_links_are_followed(void)
{
    struct goxel_detail detail;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(mkdir(scratch_path("real"), 0755), 0);
    CU_ASSERT_EQUAL(mkdir(scratch_path("real/in"), 0755), 0);
    CU_ASSERT_EQUAL(symlink(scratch_path("real"), scratch_path("absolute")), 0);
    CU_ASSERT_EQUAL(symlink("../absolute/./in//", scratch_path("real/relative")), 0);
    CU_ASSERT_EQUAL(make("absolute/relative/p/q", "absolute/files", &detail), 0);
    check_folder("real/in/p", 0755, false);
    check_folder("real/in/p/q", 0750, true);
    check_folder("real/files", 0755, true);
    CU_ASSERT_EQUAL(make("absolute", "absolute", &detail), 0);

    /* In a circle, and to nowhere. */
    CU_ASSERT_EQUAL(symlink("circle", scratch_path("circle")), 0);
    CU_ASSERT_EQUAL(make("circle/x", "files", &detail), DAEMON_ERROR_PERMISSION_DENIED);
    CU_ASSERT_EQUAL(symlink("nowhere", scratch_path("dangling")), 0);
    CU_ASSERT_EQUAL(make("dangling/x", "files", &detail), DAEMON_ERROR_PERMISSION_DENIED);
    CU_ASSERT_FALSE(exists("nowhere"));
    remove_all((const char *const[]){"real/in/p/q", "real/in/p", "real/in", "real/relative", "real/files",
                                     "real", NULL});
    scratch_close();
}

static void links_of_others_are_not(void)
{
    static const char *const paths[] = {"theirs/x", "theirs/x/y", "theirs", "ours/x"};
    struct goxel_detail detail;

    if (geteuid() != 0) {
        unit_skip("only root can give a link away");
        return;
    }
    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(mkdir(scratch_path("victim"), 0755), 0);
    CU_ASSERT_EQUAL(symlink(scratch_path("victim"), scratch_path("theirs")), 0);
    CU_ASSERT_EQUAL(lchown(scratch_path("theirs"), SERVICE_UID, SERVICE_GID), 0);
    CU_ASSERT_EQUAL(symlink("theirs", scratch_path("ours")), 0); /* which leads there */
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        CU_ASSERT_EQUAL(make(paths[i], "theirs/files", &detail), DAEMON_ERROR_PERMISSION_DENIED);
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "no link of another user"));
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, scratch_path(i < 3 ? "theirs:" : "ours:")));
    }
    CU_ASSERT_EQUAL(make("projects", "theirs/files", &detail), 0);
    CU_ASSERT_FALSE(exists("victim/files"));
    check_folder("victim", 0755, false);
    CU_ASSERT_EQUAL(rmdir(scratch_path("victim")), 0); /* empty, then */
    scratch_close();
}

const struct unit_suite folders_suite = {
    "folders",
    (const struct unit_test[]){
        {"the last is the service user's", the_last_is_the_service_users},
        {"own links are followed", own_links_are_followed},
        {"links of others are not", links_of_others_are_not},
        {NULL, NULL},
    },
};
