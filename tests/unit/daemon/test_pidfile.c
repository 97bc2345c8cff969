/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PID file: lock, take-over of stale files, removal by the holder alone. */
#include "daemon/pidfile.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "unit.h"

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
}

static long read_pid(const char *path)
{
    FILE *file = fopen(path, "r");
    long pid = -1;

    if (file) {
        if (fscanf(file, "%ld", &pid) != 1)
            pid = -1;
        fclose(file);
    }
    return pid;
}

static void taken_held_and_dropped(void)
{
    char folder[] = "/tmp/goxel-test-XXXXXX", path[64], pid[32];
    struct goxel_detail detail;
    struct stat st;
    int fd = -1, other = -1;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/pid", folder);
    CU_ASSERT_EQUAL(goxel_pidfile_check(path, NULL), 0);
    CU_ASSERT_NOT_EQUAL(stat(path, &st), 0); /* checking makes nothing */

    write_file(path, "999999999 and what a dead daemon left\n");
    CU_ASSERT_EQUAL(goxel_pidfile_check(path, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_pidfile_take(path, NULL, &fd), 0);
    CU_ASSERT_EQUAL(read_pid(path), getpid());

    snprintf(pid, sizeof(pid), "PID %ld ", (long)getpid());
    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(goxel_pidfile_check(path, &detail), DAEMON_ERROR_ALREADY_RUNNING);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, pid));
    CU_ASSERT_EQUAL(goxel_pidfile_take(path, &detail, &other), DAEMON_ERROR_ALREADY_RUNNING);
    CU_ASSERT_EQUAL(other, -1);
    CU_ASSERT_EQUAL(read_pid(path), getpid());

    goxel_pidfile_drop(path, fd);
    CU_ASSERT_NOT_EQUAL(stat(path, &st), 0);
    goxel_pidfile_drop(path, -1);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static void a_replaced_file_is_left_alone(void)
{
    char folder[] = "/tmp/goxel-test-XXXXXX", path[64];
    int fd = -1;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/pid", folder);
    CU_ASSERT_EQUAL_FATAL(goxel_pidfile_take(path, NULL, &fd), 0);
    unlink(path);
    write_file(path, "1\n");
    goxel_pidfile_drop(path, fd);
    CU_ASSERT_EQUAL(read_pid(path), 1);
    unlink(path);
    rmdir(folder);
}

static void a_folder_that_is_missing(void)
{
    struct goxel_detail detail;
    int fd = -1;

    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(goxel_pidfile_take("/nonexistent-goxel/pid", &detail, &fd),
                    DAEMON_ERROR_PID_FILE_CREATE_FAILED);
    CU_ASSERT_STRING_EQUAL(detail.path, "/nonexistent-goxel/pid");
}

static void the_holder_is_told(void)
{
    char folder[] = "/tmp/goxel-test-XXXXXX", path[64];
    enum goxel_pidfile_state state = GOXEL_PIDFILE_HELD;
    struct goxel_detail detail;
    pid_t pid = 7;
    int fd = -1;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/pid", folder);
    CU_ASSERT_EQUAL(goxel_pidfile_holder(path, NULL, &state, &pid), 0);
    CU_ASSERT(state == GOXEL_PIDFILE_NONE && pid == 0);
    write_file(path, "1\n");
    CU_ASSERT_EQUAL(goxel_pidfile_holder(path, NULL, &state, &pid), 0);
    CU_ASSERT(state == GOXEL_PIDFILE_STALE && pid == 0);
    CU_ASSERT_EQUAL_FATAL(goxel_pidfile_take(path, NULL, &fd), 0);
    CU_ASSERT_EQUAL(goxel_pidfile_holder(path, NULL, &state, &pid), 0);
    CU_ASSERT(state == GOXEL_PIDFILE_HELD && pid == getpid());

    /* A number that is none, or that of a process without the file. */
    static const char *const texts[] = {"", "x\n", "-1\n", "12 13\n", "99999999999999999999\n", "0\n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        write_file(path, texts[i]);
        CU_ASSERT_EQUAL(goxel_pidfile_holder(path, NULL, &state, &pid), 0);
        CU_ASSERT(state == GOXEL_PIDFILE_HELD && pid == 0);
    }
    goxel_pidfile_drop(path, fd);

    CU_ASSERT_EQUAL(symlink("/etc/passwd", path), 0);
    CU_ASSERT_EQUAL(goxel_pidfile_holder(path, &detail, &state, &pid), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_NOT_EQUAL(detail.errnum, 0);
    unlink(path);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static _Noreturn void look_for_ever(const char *path)
{
    enum goxel_pidfile_state state;
    pid_t pid;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that failed kills nobody */
    for (;;)
        (void)goxel_pidfile_holder(path, NULL, &state, &pid);
}

/* A monitoring program that asks for the status all the time keeps no daemon from starting. */
static void looking_disturbs_nobody(void)
{
    char folder[] = "/tmp/goxel-test-XXXXXX", path[64];
    pid_t lookers[2];
    int fd = -1;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/pid", folder);
    for (size_t i = 0; i < 2; i++) {
        lookers[i] = fork();
        CU_ASSERT_FATAL(lookers[i] >= 0);
        if (!lookers[i])
            look_for_ever(path);
    }
    for (int i = 0; i < 200; i++) {
        CU_ASSERT_EQUAL_FATAL(goxel_pidfile_take(path, NULL, &fd), 0);
        CU_ASSERT_EQUAL(goxel_pidfile_check(path, NULL), DAEMON_ERROR_ALREADY_RUNNING);
        if (i % 2)
            close(fd); /* killed: the file stays */
        else
            goxel_pidfile_drop(path, fd);
    }
    for (size_t i = 0; i < 2; i++) {
        (void)kill(lookers[i], SIGKILL);
        CU_ASSERT_EQUAL(waitpid(lookers[i], NULL, 0), lookers[i]);
    }
    unlink(path);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

const struct unit_suite pidfile_suite = {
    "pidfile",
    (const struct unit_test[]){
        {"taken, held and dropped", taken_held_and_dropped},
        {"a replaced file is left alone", a_replaced_file_is_left_alone},
        {"a folder that is missing", a_folder_that_is_missing},
        {"the holder is told", the_holder_is_told},
        {"looking disturbs nobody", looking_disturbs_nobody},
        {NULL, NULL},
    },
};
