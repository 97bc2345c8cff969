/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "scratch.h"
#include "unit.h"

static int replace(const char *name, const char *text, struct goxel_detail *detail)
{
    return goxel_file_replace(AT_FDCWD, scratch_path(name), text, strlen(text), 0644, NULL, detail);
}

static void check_content(const char *name, const char *expected)
{
    char *text = scratch_read(name);

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

static mode_t mode_of(const char *name)
{
    struct stat info = {0};

    CU_ASSERT_EQUAL(stat(scratch_path(name), &info), 0);
    return info.st_mode & 07777;
}

/* ---- reading ---- */

static void reads_a_whole_file(void)
{
    struct goxel_detail detail;
    struct goxel_buf buf;

    if (!scratch_open())
        return;
    scratch_write("a", "hello");
    scratch_write("empty", "");
    goxel_buf_init(&buf, 1000);
    goxel_buf_puts(&buf, "> ");
    CU_ASSERT_EQUAL(goxel_file_read(AT_FDCWD, scratch_path("a"), &buf, &detail), 0);
    CU_ASSERT_STRING_EQUAL(buf.data, "> hello");
    CU_ASSERT_EQUAL(goxel_file_read(AT_FDCWD, scratch_path("empty"), &buf, &detail), 0);
    CU_ASSERT_STRING_EQUAL(buf.data, "> hello");
    goxel_buf_finish(&buf);
    scratch_close();
}

static void reads_relative_to_a_folder(void)
{
    struct goxel_buf buf;
    int folder;

    if (!scratch_open())
        return;
    scratch_write("a", "hello");
    folder = open(scratch_path(""), O_RDONLY | O_DIRECTORY);
    CU_ASSERT_FATAL(folder >= 0);
    goxel_buf_init(&buf, 5); /* exactly */
    CU_ASSERT_EQUAL(goxel_file_read(folder, "a", &buf, NULL), 0);
    CU_ASSERT_STRING_EQUAL(buf.data, "hello");
    CU_ASSERT_EQUAL(goxel_file_replace(folder, "b", "new", 3, 0600, NULL, NULL), 0);
    check_content("b", "new");
    goxel_buf_finish(&buf);
    (void)close(folder);
    scratch_close();
}

static void a_file_above_the_ceiling_takes_no_memory(void)
{
    struct goxel_detail detail;
    struct goxel_buf buf;

    if (!scratch_open())
        return;
    scratch_write("huge", "x");
    CU_ASSERT_EQUAL(truncate(scratch_path("huge"), (off_t)1 << 40), 0); /* a hole */
    goxel_buf_init(&buf, 1 << 20);
    CU_ASSERT_EQUAL(goxel_file_read(AT_FDCWD, scratch_path("huge"), &buf, &detail), GOXEL_ERROR_MESSAGE_SIZE);
    CU_ASSERT_PTR_NULL(buf.data);
    CU_ASSERT_TRUE(detail.has_limit);
    CU_ASSERT_EQUAL(detail.limit, 1 << 20);
    CU_ASSERT_EQUAL(detail.given, (int64_t)1 << 40);
    goxel_buf_finish(&buf);
    scratch_close();
}

/* Files of /proc say that they have 0 bytes: the ceiling must hold for what they really give. */
static void a_file_that_lies_about_its_size_is_bounded_too(void)
{
    struct goxel_detail detail;
    struct goxel_buf buf;

    if (access("/proc/self/status", R_OK) != 0) {
        unit_skip("no /proc");
        return;
    }
    goxel_buf_init(&buf, 1 << 16);
    CU_ASSERT_EQUAL(goxel_file_read(AT_FDCWD, "/proc/self/status", &buf, &detail), 0);
    CU_ASSERT(buf.len > 64);
    goxel_buf_finish(&buf);
    goxel_buf_init(&buf, 64);
    goxel_buf_puts(&buf, "before");
    CU_ASSERT_EQUAL(goxel_file_read(AT_FDCWD, "/proc/self/status", &buf, &detail), GOXEL_ERROR_MESSAGE_SIZE);
    CU_ASSERT_STRING_EQUAL(buf.data, "before");
    goxel_buf_finish(&buf);
}

static void what_is_no_file_is_refused(void)
{
    struct goxel_detail detail;
    struct goxel_buf buf;

    if (!scratch_open())
        return;
    goxel_buf_init(&buf, 1000);
    CU_ASSERT_EQUAL(goxel_file_read(AT_FDCWD, scratch_path("none"), &buf, &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(detail.errnum, ENOENT);
    CU_ASSERT_STRING_EQUAL(detail.path, scratch_path("none"));
    CU_ASSERT_EQUAL(goxel_file_read(AT_FDCWD, scratch_path(""), &buf, &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(detail.errnum, EISDIR);
    CU_ASSERT_EQUAL(mkfifo(scratch_path("fifo"), 0600), 0);
    /* Does not wait for a writer. */
    CU_ASSERT_EQUAL(goxel_file_read(AT_FDCWD, scratch_path("fifo"), &buf, &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(replace("fifo", "x", &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(buf.failed, 0);
    goxel_buf_finish(&buf);
    scratch_close();
}

/* ---- replacing ---- */

static void a_new_file_has_its_mode_less_the_umask(void)
{
    mode_t mask = umask(027);

    if (scratch_open()) {
        CU_ASSERT_EQUAL(replace("a", "new", NULL), 0);
        check_content("a", "new");
        CU_ASSERT_EQUAL(mode_of("a"), 0640);
        CU_ASSERT_EQUAL(scratch_count(), 1);
        scratch_close();
    }
    (void)umask(mask);
}

static void an_old_file_keeps_its_mode(void)
{
    if (!scratch_open())
        return;
    scratch_write("a", "a longer text than the new one");
    CU_ASSERT_EQUAL(chmod(scratch_path("a"), 0604), 0);
    CU_ASSERT_EQUAL(replace("a", "new", NULL), 0);
    check_content("a", "new");
    CU_ASSERT_EQUAL(mode_of("a"), 0604);
    CU_ASSERT_EQUAL(scratch_count(), 1);
    scratch_close();
}

static void a_reader_of_the_old_file_keeps_it(void)
{
    char text[16] = "";
    int fd;

    if (!scratch_open())
        return;
    scratch_write("a", "old");
    fd = open(scratch_path("a"), O_RDONLY);
    CU_ASSERT_EQUAL(replace("a", "new", NULL), 0);
    CU_ASSERT_EQUAL(read(fd, text, sizeof(text) - 1), 3);
    CU_ASSERT_STRING_EQUAL(text, "old");
    (void)close(fd);
    scratch_close();
}

static void a_link_is_replaced_and_its_target_untouched(void)
{
    struct stat info;

    if (!scratch_open())
        return;
    scratch_write("target", "old");
    CU_ASSERT_EQUAL(symlink("target", scratch_path("link")), 0);
    CU_ASSERT_EQUAL(replace("link", "new", NULL), 0);
    check_content("target", "old");
    check_content("link", "new");
    CU_ASSERT_EQUAL(lstat(scratch_path("link"), &info), 0);
    CU_ASSERT(S_ISREG(info.st_mode));
    scratch_close();
}

/* The disk is "full" at 4 KiB: the write fails in the middle, with EFBIG. */
static void a_failed_write_leaves_the_old_file(void)
{
    static char large[65536];
    struct goxel_detail detail;
    struct rlimit before, small;
    void (*handler)(int);

    if (!scratch_open())
        return;
    memset(large, 'x', sizeof(large) - 1);
    scratch_write("a", "old");
    handler = signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 4096;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    CU_ASSERT_EQUAL(replace("a", large, &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    CU_ASSERT_EQUAL(detail.errnum, EFBIG);
    CU_ASSERT_STRING_EQUAL(detail.path, scratch_path("a"));
    check_content("a", "old");
    CU_ASSERT_EQUAL(scratch_count(), 1);
    scratch_close();
}

static int replace_and_keep(const char *name, const char *text, struct goxel_detail *detail)
{
    return goxel_file_replace(AT_FDCWD, scratch_path(name), text, strlen(text), 0644, "a~", detail);
}

static void a_backup_is_the_file_before(void)
{
    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(replace_and_keep("a", "one", NULL), 0);
    CU_ASSERT_EQUAL(scratch_count(), 1);
    CU_ASSERT_EQUAL(replace_and_keep("a", "two", NULL), 0);
    CU_ASSERT_EQUAL(replace_and_keep("a", "three", NULL), 0);
    check_content("a", "three");
    check_content("a~", "two");
    /* A backup that is the same file already. */
    CU_ASSERT_EQUAL(unlink(scratch_path("a~")), 0);
    CU_ASSERT_EQUAL(link(scratch_path("a"), scratch_path("a~")), 0);
    CU_ASSERT_EQUAL(replace_and_keep("a", "four", NULL), 0);
    check_content("a", "four");
    check_content("a~", "three");
    CU_ASSERT_EQUAL(scratch_count(), 2);
    scratch_close();
}

/* What cannot be written must not cost the backup of better days. */
static void a_failed_write_leaves_the_old_backup(void)
{
    static char large[65536];
    struct rlimit before, small;
    void (*handler)(int);

    if (!scratch_open())
        return;
    memset(large, 'x', sizeof(large) - 1);
    scratch_write("a", "new");
    scratch_write("a~", "old");
    handler = signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 4096;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    CU_ASSERT_EQUAL(replace_and_keep("a", large, NULL), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    check_content("a", "new");
    check_content("a~", "old");
    CU_ASSERT_EQUAL(scratch_count(), 2);
    scratch_close();
}

static void a_failed_rename_leaves_no_temporary(void)
{
    struct goxel_detail detail;
    char name[300];

    if (!scratch_open())
        return;
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0'; /* too long for a file's name; the temporary's is short */
    CU_ASSERT_EQUAL(replace(name, "new", &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(detail.errnum, ENAMETOOLONG);
    CU_ASSERT_EQUAL(scratch_count(), 0);
    CU_ASSERT_EQUAL(mkdir(scratch_path("folder"), 0700), 0);
    CU_ASSERT_EQUAL(replace("folder", "new", &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(detail.errnum, EISDIR);
    CU_ASSERT_EQUAL(replace("folder/", "new", &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(replace("none/a", "new", &detail), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(detail.errnum, ENOENT);
    CU_ASSERT_EQUAL(scratch_count(), 1);
    scratch_close();
}

static void a_folder_that_takes_no_files_is_refused(void)
{
    struct goxel_detail detail;
    int code;

    /* Not even root can make one there. */
    code = goxel_file_replace(AT_FDCWD, "/proc/goxel-unit", "x", 1, 0600, NULL, &detail);
    CU_ASSERT_EQUAL(code, GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT(detail.errnum != 0 && detail.errnum != ENOSPC);
}

static const struct unit_test tests[] = {
    {"reads a whole file", reads_a_whole_file},
    {"reads relative to a folder", reads_relative_to_a_folder},
    {"a file above the ceiling takes no memory", a_file_above_the_ceiling_takes_no_memory},
    {"a file that lies about its size is bounded too", a_file_that_lies_about_its_size_is_bounded_too},
    {"what is no file is refused", what_is_no_file_is_refused},
    {"a new file has its mode less the umask", a_new_file_has_its_mode_less_the_umask},
    {"an old file keeps its mode", an_old_file_keeps_its_mode},
    {"a reader of the old file keeps it", a_reader_of_the_old_file_keeps_it},
    {"a link is replaced and its target untouched", a_link_is_replaced_and_its_target_untouched},
    {"a failed write leaves the old file", a_failed_write_leaves_the_old_file},
    {"a backup is the file before", a_backup_is_the_file_before},
    {"a failed write leaves the old backup", a_failed_write_leaves_the_old_backup},
    {"a failed rename leaves no temporary", a_failed_rename_leaves_no_temporary},
    {"a folder that takes no files is refused", a_folder_that_takes_no_files_is_refused},
    {NULL, NULL},
};

const struct unit_suite file_suite = {"file", tests};
