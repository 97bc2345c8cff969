/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Start-up leaves either a whole daemon or no trace, wherever it fails. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/pidfile.h"
#include "rig.h"
#include "unit.h"
#include "unit/base/scratch.h"

/* ---- traces ---- */

static size_t open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t count = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    while (readdir(dir))
        count++;
    (void)closedir(dir);
    return count;
}

static bool exists(const char *name)
{
    struct stat info;

    return lstat(scratch_path(name), &info) == 0;
}

/* The log's own descriptor is there from its first use: not one that a start leaves behind. */
static size_t count_descriptors(void)
{
    goxel_log_close();
    return open_descriptors();
}

/* Whoever comes next finds nothing of it. */
static void assert_no_trace(const struct rig *rig, size_t descriptors_before)
{
    CU_ASSERT_EQUAL(count_descriptors(), descriptors_before);
    CU_ASSERT_EQUAL(rig->daemon.pid_fd, -1);
    CU_ASSERT_PTR_NULL(rig->daemon.front);
    CU_ASSERT_PTR_NULL(rig->daemon.pool);
}

/* ---- starts that fail ---- */

/* With this option set so, start-up fails with `code`, says why, and leaves nothing. */
static void fails(enum goxel_option option, const char *text, int code)
{
    const struct goxel_config_override set[] = {{option, text, "test"}, {.text = NULL}};
    struct goxel_detail detail;
    size_t before;
    struct rig rig;

    if (!rig_open(&rig, "", set))
        return;
    rig_make_parts(&rig);
    before = count_descriptors();
    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(goxel_daemon_start(&rig.daemon, &detail), code);
    CU_ASSERT_NOT_EQUAL(detail.text[0], '\0');
    CU_ASSERT_FALSE(goxel_daemon_started(&rig.daemon, NULL));
    assert_no_trace(&rig, before);
    CU_ASSERT_FALSE(exists("pid"));
    CU_ASSERT_FALSE(exists("sock"));
    rig_close(&rig);
}

static void a_folder_that_cannot_be_made(void)
{
    fails(GOXEL_OPT_PROCESS_PID_FILE, "/proc/goxel/pid", DAEMON_ERROR_PERMISSION_DENIED);
    fails(GOXEL_OPT_SOCKETS_UNIX_PATH, "/proc/goxel/sock", DAEMON_ERROR_PERMISSION_DENIED);
}

static void more_descriptors_than_may_be_had(void)
{
    struct rlimit limit;
    char more[32];

    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max >= 1073741816) {
        unit_skip("no option asks for more descriptors than the limit here");
        return;
    }
    (void)snprintf(more, sizeof(more), "%llu", (unsigned long long)limit.rlim_max + 1);
    fails(GOXEL_OPT_LIMITS_MAX_FILE_DESCRIPTORS, more, DAEMON_ERROR_RESOURCE_LIMIT_FAILED);
}

static void a_log_that_cannot_be_opened(void)
{
    fails(GOXEL_OPT_LOGGING_FILE, "/proc", DAEMON_ERROR_LOGGING_INIT_FAILED);
}

static void a_pid_file_that_cannot_be_made(void)
{
    fails(GOXEL_OPT_PROCESS_PID_FILE, "/proc", DAEMON_ERROR_PID_FILE_CREATE_FAILED);
}

static void a_socket_that_cannot_be_made(void)
{
    fails(GOXEL_OPT_SOCKETS_UNIX_PATH, "/proc", DAEMON_ERROR_SOCKET_CREATE_FAILED);
}

/* Of several sockets the last one fails: the others are closed again. */
static void a_port_in_use(void)
{
    const struct goxel_tcp_options tcp = {.backlog = 1};
    struct goxel_listener other;

    CU_ASSERT_EQUAL_FATAL(goxel_listener_open_tcp("127.0.0.1:0", &tcp, NULL, &other), 0);
    fails(GOXEL_OPT_SOCKETS_TCP_PORT, strrchr(other.name, ':') + 1, DAEMON_ERROR_SOCKET_CREATE_FAILED);
    goxel_listener_close(&other);
}

/* ---- what belongs to others ---- */

static void another_daemon_s_pid_file_stays(void)
{
    struct goxel_detail detail;
    size_t before;
    struct rig rig;
    char *text;
    int holder = -1;

    if (!rig_open(&rig, "", NULL))
        return;
    rig_make_parts(&rig);
    CU_ASSERT_EQUAL_FATAL(goxel_pidfile_take(scratch_path("pid"), NULL, &holder), 0);
    before = count_descriptors();
    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(goxel_daemon_start(&rig.daemon, &detail), DAEMON_ERROR_ALREADY_RUNNING);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, scratch_path("pid")));
    assert_no_trace(&rig, before);
    CU_ASSERT_FALSE(exists("sock"));
    text = scratch_read("pid");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_EQUAL(strtol(text, NULL, 10), getpid());
    free(text);
    goxel_pidfile_drop(scratch_path("pid"), holder);
    rig_close(&rig);
}

static void a_living_socket_stays(void)
{
    struct goxel_listener other;
    struct goxel_detail detail;
    size_t before;
    struct rig rig;

    if (!rig_open(&rig, "", NULL))
        return;
    rig_make_parts(&rig);
    CU_ASSERT_EQUAL_FATAL(
        goxel_listener_open_unix(scratch_path("sock"),
                                 &(struct goxel_unix_options){1, 0600, (uid_t)-1, (gid_t)-1, true}, NULL,
                                 &other),
        0);
    before = count_descriptors();
    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(goxel_daemon_start(&rig.daemon, &detail), DAEMON_ERROR_SOCKET_CREATE_FAILED);
    assert_no_trace(&rig, before);
    CU_ASSERT_FALSE(exists("pid"));
    CU_ASSERT_TRUE(exists("sock"));
    goxel_listener_close(&other);
    rig_close(&rig);
}

/* ---- starts that succeed ---- */

static void a_whole_daemon_comes_and_goes(void)
{
    size_t before;
    struct rig rig;

    if (!rig_open(&rig, "", NULL))
        return;
    rig_make_parts(&rig);
    before = count_descriptors();
    for (int i = 0; i < 2; i++) { /* what was undone can be done again */
        CU_ASSERT_FALSE(goxel_daemon_started(&rig.daemon, NULL));
        CU_ASSERT_EQUAL_FATAL(goxel_daemon_start(&rig.daemon, NULL), 0);
        CU_ASSERT_TRUE(goxel_daemon_started(&rig.daemon, NULL));
        CU_ASSERT_TRUE(exists("pid"));
        CU_ASSERT_TRUE(exists("sock"));
        CU_ASSERT_TRUE(exists("log"));
        goxel_daemon_undo(&rig.daemon, GOXEL_PHASE_NONE);
        assert_no_trace(&rig, before);
        CU_ASSERT_FALSE(exists("pid"));
        CU_ASSERT_FALSE(exists("sock"));
    }
    goxel_daemon_undo(&rig.daemon, GOXEL_PHASE_NONE);
    rig_close(&rig);
}

/* Whichever allocation fails: an error and no trace, or a daemon all the same. */
static void out_of_memory_at_any_point(void)
{
    size_t before;
    struct rig rig;
    long made = 1;

    if (unit_fail_allocation(-1) < 0) {
        unit_skip("allocations cannot be made to fail");
        return;
    }
    if (!rig_open(&rig, "", NULL))
        return;
    rig_make_parts(&rig);
    before = count_descriptors();
    for (long n = 0; n < made; n++) {
        int code;

        (void)unit_fail_allocation(n);
        code = goxel_daemon_start(&rig.daemon, NULL);
        made = unit_fail_allocation(-1);
        CU_ASSERT(code == 0 || made > n);
        if (!code)
            goxel_daemon_undo(&rig.daemon, GOXEL_PHASE_NONE);
        assert_no_trace(&rig, before);
        CU_ASSERT_FALSE(exists("pid"));
        CU_ASSERT_FALSE(exists("sock"));
    }
    rig_close(&rig);
}

const struct unit_suite startup_suite = {
    "startup",
    (const struct unit_test[]){
        {"a folder that cannot be made", a_folder_that_cannot_be_made},
        {"more descriptors than may be had", more_descriptors_than_may_be_had},
        {"a log that cannot be opened", a_log_that_cannot_be_opened},
        {"a PID file that cannot be made", a_pid_file_that_cannot_be_made},
        {"a socket that cannot be made", a_socket_that_cannot_be_made},
        {"a port in use", a_port_in_use},
        {"another daemon's PID file stays", another_daemon_s_pid_file_stays},
        {"a living socket stays", a_living_socket_stays},
        {"a whole daemon comes and goes", a_whole_daemon_comes_and_goes},
        {"out of memory at any point", out_of_memory_at_any_point},
        {NULL, NULL},
    },
};
