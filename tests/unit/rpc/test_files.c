/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of clients stay below the allowed roots, whatever they are called and whatever links there are. */
#include "rpc/files.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "rig.h"

static struct rig rig;

static int read_path(const char *path, struct goxel_detail *detail, char ret_text[64])
{
    char whole[PATH_MAX];
    struct goxel_buf buf;
    int code;

    goxel_buf_init(&buf, 63);
    code = goxel_files_read(rig.config, path, &buf, detail, whole);
    if (!code)
        snprintf(ret_text, 64, "%s", buf.data ? buf.data : "");
    goxel_buf_finish(&buf);
    return code;
}

static int fill(void *ctx, int fd, struct goxel_detail *detail)
{
    const char *text = ctx;

    return goxel_file_write(fd, "test", text, strlen(text), detail);
}

static int write_path(const char *path, const char *text, bool backup, struct goxel_detail *detail)
{
    struct goxel_place place = {0};
    int code = goxel_place_open(rig.config, path, detail, &place);

    if (!code)
        code = goxel_place_write(&place, fill, (void *)text, backup, detail);
    goxel_place_close(&place);
    return code;
}

static const char *below(const char *folder, const char *name)
{
    static char paths[2][256];
    static unsigned next;
    char *path = paths[next++ % 2];

    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static void start(void)
{
    rig_start(&rig);
    rig_put_file(rig.root, "in.txt", "inside", 6);
    rig_put_file(rig.outside, "secret.txt", "secret", 6);
    CU_ASSERT_EQUAL_FATAL(mkdir(below(rig.root, "sub"), 0700), 0);
}

static void relative_and_absolute(void)
{
    char text[64] = "";

    start();
    CU_ASSERT_EQUAL(read_path("in.txt", NULL, text), 0);
    CU_ASSERT_STRING_EQUAL(text, "inside");
    CU_ASSERT_EQUAL(read_path(below(rig.root, "in.txt"), NULL, text), 0);
    CU_ASSERT_EQUAL(read_path(".//sub/.///../in.txt", NULL, text), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(read_path("././/in.txt", NULL, text), 0);
    CU_ASSERT_EQUAL(write_path("sub/new.txt", "new", false, NULL), 0);
    CU_ASSERT_EQUAL(read_path(below(rig.root, "sub//new.txt"), NULL, text), 0);
    CU_ASSERT_STRING_EQUAL(text, "new");
    rig_stop(&rig);
}

static void outside_is_refused(void)
{
    char text[64] = "", path[PATH_MAX + 16];
    struct goxel_detail detail;
    const char *name;

    start();
    name = strrchr(rig.outside, '/') + 1;
    CU_ASSERT_EQUAL(read_path(below(rig.outside, "secret.txt"), &detail, text), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.expected, rig.root));
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "outside"));
    CU_ASSERT_EQUAL(detail.errnum, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.path, "secret.txt"));
    snprintf(path, sizeof(path), "../%s/secret.txt", name);
    CU_ASSERT_EQUAL(read_path(path, NULL, text), GOXEL_ERROR_FILE_ACCESS);
    snprintf(path, sizeof(path), "%s/../%s/secret.txt", rig.root, name);
    CU_ASSERT_EQUAL(read_path(path, NULL, text), GOXEL_ERROR_FILE_ACCESS);
    /* A name that only begins like the root. */
    snprintf(path, sizeof(path), "%sX/in.txt", rig.root);
    CU_ASSERT_EQUAL(read_path(path, NULL, text), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(read_path("/etc/passwd", NULL, text), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(read_path("~/none.txt", &detail, text), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(detail.text, "the file does not exist: ~/none.txt (\"~\" is not expanded)"));
    CU_ASSERT_STRING_EQUAL(detail.expected, "");
    CU_ASSERT_EQUAL(write_path("nowhere/new.txt", "x", false, &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "the folder of the file does not exist: nowhere/new.txt"));
    CU_ASSERT_EQUAL(read_path("", NULL, text), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(read_path("sub/", NULL, text), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(read_path("sub/.", NULL, text), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(read_path("..", NULL, text), GOXEL_ERROR_FILE_ACCESS);
    memset(path, 'a', sizeof(path));
    path[300] = '\0';
    CU_ASSERT_EQUAL(write_path(path, "x", false, NULL), GOXEL_ERROR_FILE_ACCESS);
    for (size_t i = 100; i < sizeof(path); i += 100)
        path[i] = '/';
    path[300] = 'a';
    path[sizeof(path) - 1] = '\0';
    CU_ASSERT_EQUAL(write_path(path, "x", false, NULL), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_STRING_EQUAL(text, "");
    rig_stop(&rig);
}

static void links_do_not_lead_out(void)
{
    char text[64] = "";
    struct goxel_detail detail;

    start();
    CU_ASSERT_EQUAL_FATAL(symlink(below(rig.outside, "secret.txt"), below(rig.root, "file.txt")), 0);
    CU_ASSERT_EQUAL_FATAL(symlink(rig.outside, below(rig.root, "folder")), 0);
    CU_ASSERT_EQUAL_FATAL(symlink("..", below(rig.root, "up")), 0);
    CU_ASSERT_EQUAL_FATAL(symlink("in.txt", below(rig.root, "alias.txt")), 0);
    CU_ASSERT_EQUAL(read_path("file.txt", &detail, text), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "a link leads outside"));
    CU_ASSERT_EQUAL(read_path("folder/secret.txt", NULL, text), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(read_path("up/etc/passwd", NULL, text), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(write_path("folder/new.txt", "x", false, NULL), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(write_path("file.txt", "x", false, NULL), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_FALSE(rig_has_file(rig.outside, "new.txt"));
    CU_ASSERT_STRING_EQUAL(text, "");
    /* A link that stays inside is fine to read. */
    CU_ASSERT_EQUAL(read_path("alias.txt", NULL, text), 0);
    CU_ASSERT_STRING_EQUAL(text, "inside");
    rig_stop(&rig);
}

static void only_regular_files(void)
{
    char text[64] = "";

    start();
    CU_ASSERT_EQUAL_FATAL(mkfifo(below(rig.root, "fifo"), 0600), 0);
    CU_ASSERT_EQUAL(read_path("fifo", NULL, text), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(write_path("fifo", "x", false, NULL), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(read_path("sub", NULL, text), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(write_path("sub", "x", false, NULL), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(write_path("in.txt/x", "x", false, NULL), GOXEL_ERROR_FILE_ACCESS);
    rig_stop(&rig);
}

static void folders_are_not_made(void)
{
    struct goxel_detail detail;

    start();
    CU_ASSERT_EQUAL(write_path("nowhere/new.txt", "x", false, &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(detail.errnum, ENOENT);
    CU_ASSERT_FALSE(rig_has_file(rig.root, "nowhere"));
    rig_stop(&rig);
}

static void a_backup_keeps_the_old_file(void)
{
    char text[64] = "";

    start();
    CU_ASSERT_EQUAL(write_path("in.txt", "second", true, NULL), 0);
    CU_ASSERT_EQUAL(write_path("in.txt", "third", true, NULL), 0);
    CU_ASSERT_EQUAL(read_path("in.txt", NULL, text), 0);
    CU_ASSERT_STRING_EQUAL(text, "third");
    CU_ASSERT_EQUAL(read_path("in.txt~", NULL, text), 0);
    CU_ASSERT_STRING_EQUAL(text, "second");
    CU_ASSERT_EQUAL(write_path("fresh.txt", "first", true, NULL), 0);
    CU_ASSERT_FALSE(rig_has_file(rig.root, "fresh.txt~"));
    rig_stop(&rig);
}

static void *write_often(void *arg)
{
    static const char *const paths[] = {"sub/in.txt", "alias/in.txt"};
    intptr_t failures = 0;

    for (int i = 0; i < 100; i++)
        failures += write_path(paths[(intptr_t)arg], "x", true, NULL) != 0;
    return (void *)failures;
}

/* However it is spelled: replacing and the backup before it are one. */
static void writers_of_one_file_take_turns(void)
{
    pthread_t threads[2];
    void *failures;

    start();
    CU_ASSERT_EQUAL_FATAL(symlink("sub", below(rig.root, "alias")), 0);
    for (intptr_t i = 0; i < 2; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, write_often, (void *)i), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &failures);
        CU_ASSERT_PTR_NULL(failures);
    }
    rig_stop(&rig);
}

/* Written below `sub`, told in full. */
static void a_failed_write_names_the_whole_path(void)
{
    struct goxel_detail detail;

    start();
    CU_ASSERT_EQUAL_FATAL(mkdir(below(rig.root, "sub/in.txt~"), 0700), 0);
    CU_ASSERT_EQUAL(write_path("sub/in.txt", "one", true, NULL), 0);
    CU_ASSERT_EQUAL(write_path("sub/in.txt", "two", true, &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_STRING_EQUAL(detail.path, below(rig.root, "sub/in.txt"));
    CU_ASSERT_EQUAL(detail.errnum, EISDIR);
    rig_stop(&rig);
}

static void a_long_file_is_not_read(void)
{
    static const char bytes[100];
    char text[64] = "";

    start();
    rig_put_file(rig.root, "long.txt", bytes, sizeof(bytes));
    CU_ASSERT_EQUAL(read_path("long.txt", NULL, text), GOXEL_ERROR_MESSAGE_SIZE);
    rig_stop(&rig);
}

/* A link to `sub` is storage.directory from here on. */
static void keep_in_sub(void)
{
    struct goxel_buf text, errors, warnings;

    goxel_buf_init(&text, 4096);
    goxel_buf_init(&errors, 4096);
    goxel_buf_init(&warnings, 4096);
    goxel_config_unref(rig.config);
    goxel_buf_printf(&text, "storage { allowed_roots = {\"%s\"} directory = \"%s/kept\" }\n", rig.root,
                     rig.root);
    CU_ASSERT_EQUAL_FATAL(
        goxel_config_parse(text.data, text.len, "kept.conf", NULL, 0, &errors, &warnings, &rig.config), 0);
    goxel_buf_finish(&text);
    goxel_buf_finish(&errors);
    goxel_buf_finish(&warnings);
    CU_ASSERT_EQUAL_FATAL(symlink("sub", below(rig.root, "kept")), 0);
}

/* However it is spelled, and whatever links lead there. */
static void what_the_daemon_keeps_is_not_written(void)
{
    static const char *const paths[] = {"sub/in.txt", "kept/in.txt", "sub/p1/in.txt", "alias/in.txt"};
    char text[64] = "";
    struct goxel_detail detail;

    start();
    keep_in_sub();
    CU_ASSERT_EQUAL_FATAL(mkdir(below(rig.root, "sub/p1"), 0700), 0);
    CU_ASSERT_EQUAL_FATAL(mkdir(below(rig.root, "subs"), 0700), 0);
    CU_ASSERT_EQUAL_FATAL(symlink("sub/p1", below(rig.root, "alias")), 0);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        CU_ASSERT_EQUAL(write_path(paths[i], "x", false, &detail), GOXEL_ERROR_FILE_ACCESS);
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "storage.directory"));
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.path, paths[i]));
        CU_ASSERT_FALSE(rig_has_file(rig.root, paths[i]));
    }
    CU_ASSERT_EQUAL(write_path("in.txt", "beside", false, NULL), 0);
    CU_ASSERT_EQUAL(write_path("subs/in.txt", "beside", false, NULL), 0);
    rig_put_file(rig.root, "sub/p1/in.txt", "kept", 4);
    CU_ASSERT_EQUAL(read_path("alias/in.txt", NULL, text), 0);
    CU_ASSERT_STRING_EQUAL(text, "kept");
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"relative and absolute", relative_and_absolute},
    {"outside is refused", outside_is_refused},
    {"links do not lead out", links_do_not_lead_out},
    {"only regular files", only_regular_files},
    {"folders are not made", folders_are_not_made},
    {"a backup keeps the old file", a_backup_keeps_the_old_file},
    {"writers of one file take turns", writers_of_one_file_take_turns},
    {"a failed write names the whole path", a_failed_write_names_the_whole_path},
    {"a long file is not read", a_long_file_is_not_read},
    {"what the daemon keeps is not written", what_the_daemon_keeps_is_not_written},
    {NULL, NULL},
};

const struct unit_suite files_suite = {"files", tests};
