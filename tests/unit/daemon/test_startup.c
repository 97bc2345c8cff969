/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Start-up leaves either a whole daemon or no trace, wherever it fails. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "child.h"
#include "daemon/detach.h"
#include "daemon/pidfile.h"
#include "forked.h"
#include "rig.h"
#include "unit.h"
#include "unit/base/scratch.h"

/* ---- traces ---- */

/* What a start could leave behind in the process and in the scratch folder. */
struct trace {
    size_t descriptors, threads;
    size_t epolls; /* of the descriptors: libmicrohttpd's */
    size_t files;  /* but for the log, and what the storage directory is locked with */
};

static size_t count_entries(const char *folder)
{
    DIR *dir = opendir(folder);
    size_t count = 0;

    if (!dir)
        return 0; /* there are always "." and ".." */
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

/* What base/memory.h keeps open in /proc is there from its first use, in each process: nobody's to close. */
static void count_descriptors(struct trace *trace)
{
    static const char epoll[] = "anon_inode:[eventpoll]", proc[] = "/proc/";
    DIR *dir = opendir("/proc/self/fd");
    const struct dirent *entry;

    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    while ((entry = readdir(dir))) {
        char target[sizeof(epoll)] = "";

        if (readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1) <= 0 ||
            !strncmp(target, proc, sizeof(proc) - 1))
            continue;
        trace->descriptors++;
        trace->epolls += !strcmp(target, epoll);
    }
    (void)closedir(dir);
}

static void *tell_number(void *arg)
{
    *(pid_t *)arg = gettid();
    return NULL;
}

/*
 * ThreadSanitizer has a thread of its own from the first of a program on, for good. Who has been joined may still be
 * listed for a moment.
 */
static void have_had_a_thread(void)
{
    char entry[64];
    pthread_t thread;
    pid_t number = 0;

    if (pthread_create(&thread, NULL, tell_number, &number))
        return;
    (void)pthread_join(thread, NULL);
    (void)snprintf(entry, sizeof(entry), "/proc/self/task/%ld", (long)number);
    while (!access(entry, F_OK))
        (void)sched_yield();
}

/* The log's own descriptor is there from its first use, too, but can be closed. */
static struct trace find_trace(void)
{
    struct trace trace = {0};

    goxel_log_close();
    have_had_a_thread();
    count_descriptors(&trace);
    trace.threads = count_entries("/proc/self/task");
    trace.files = count_entries(scratch_path(".")) - exists("log") - exists("lock") - exists("projects.json");
    return trace;
}

static bool threads_are(size_t count)
{
    const struct timespec pause = {.tv_nsec = 1000000};

    for (int i = 0; i < 5000 && count_entries("/proc/self/task") != count; i++)
        (void)nanosleep(&pause, NULL);
    return count_entries("/proc/self/task") == count;
}

static bool storage_is_free(void)
{
    int fd = open(scratch_path("lock"), O_RDWR | O_CLOEXEC);
    bool free = fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0;

    if (fd >= 0)
        close(fd);
    return free;
}

static bool is_without_children(void)
{
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

/* Whoever comes next finds nothing of it. */
static bool left_no_trace(const struct rig *rig, const struct trace *before)
{
    struct trace after = find_trace();

    return threads_are(before->threads) && after.descriptors == before->descriptors &&
           after.files == before->files && is_without_children() && rig->daemon.pid_fd == -1 &&
           !rig->daemon.monitor && !rig->daemon.front && !rig->daemon.pool && !rig->daemon.store;
}

static void assert_no_trace(const struct rig *rig, const struct trace *before)
{
    struct trace after = find_trace();

    CU_ASSERT_TRUE(threads_are(before->threads));
    CU_ASSERT_EQUAL(after.descriptors, before->descriptors);
    CU_ASSERT_EQUAL(after.files, before->files);
    CU_ASSERT_TRUE(left_no_trace(rig, before));
}

/* ---- starts that fail ---- */

/* With this option set so, or (NULL) after what `first` did, start-up fails with `code`, says why, and leaves nothing. */
static void fails_after(void (*first)(void), enum goxel_option option, const char *text, int code)
{
    const struct goxel_config_override set[] = {{option, text, "test"}, {.text = NULL}};
    struct goxel_detail detail;
    bool had_pid_file, had_socket;
    struct trace before;
    struct rig rig;

    if (!rig_open(&rig, "", set))
        return;
    rig_make_parts(&rig);
    if (first)
        first();
    before = find_trace();
    had_pid_file = exists("pid");
    had_socket = exists("sock");
    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(goxel_daemon_start(&rig.daemon, &detail), code);
    CU_ASSERT_NOT_EQUAL(detail.text[0], '\0');
    CU_ASSERT_FALSE(goxel_daemon_started(&rig.daemon, NULL));
    assert_no_trace(&rig, &before);
    CU_ASSERT_EQUAL(exists("pid"), had_pid_file);
    CU_ASSERT_EQUAL(exists("sock"), had_socket);
    CU_ASSERT_TRUE(storage_is_free());
    rig_close(&rig);
}

static void fails(enum goxel_option option, const char *text, int code)
{
    fails_after(NULL, option, text, code);
}

static void a_user_that_there_is_none_of(void)
{
    fails(GOXEL_OPT_PROCESS_USER, "no-such-user", DAEMON_ERROR_INVALID_USER_GROUP);
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

/* A folder is in the way of the file, whoever we are. */
static void block(const char *name)
{
    CU_ASSERT_EQUAL(mkdir(scratch_path(name), 0700), 0);
}
static void block_log(void)
{
    block("log");
}
static void block_pid_file(void)
{
    block("pid");
}
static void block_socket(void)
{
    block("sock");
}

static void a_log_that_cannot_be_opened(void)
{
    fails_after(block_log, GOXEL_OPT_PROCESS_USER, NULL, DAEMON_ERROR_LOGGING_INIT_FAILED);
}

static void a_pid_file_that_cannot_be_made(void)
{
    fails_after(block_pid_file, GOXEL_OPT_PROCESS_USER, NULL, DAEMON_ERROR_PID_FILE_CREATE_FAILED);
}

static void a_socket_that_cannot_be_made(void)
{
    fails_after(block_socket, GOXEL_OPT_PROCESS_USER, NULL, DAEMON_ERROR_SOCKET_CREATE_FAILED);
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

/* The phase "privileges" ends with what the daemon will need later: by then every socket is open. */
static void lose_configuration(void)
{
    CU_ASSERT_EQUAL(unlink(scratch_path("conf")), 0);
}

static void a_configuration_that_no_reload_could_read(void)
{
    fails_after(lose_configuration, GOXEL_OPT_PROCESS_USER, NULL, DAEMON_ERROR_PERMISSION_DENIED);
}

static void write_newer_list(void)
{
    scratch_write("projects.json", "{\"version\": 99}");
}

static void write_half_list(void)
{
    scratch_write("projects.json", "{\"version\": ");
}

static void projects_that_cannot_be_told(void)
{
    fails_after(write_newer_list, GOXEL_OPT_PROCESS_USER, NULL, DAEMON_ERROR_GOXEL_INIT_FAILED);
    fails_after(write_half_list, GOXEL_OPT_PROCESS_USER, NULL, DAEMON_ERROR_GOXEL_INIT_FAILED);
}

/* ---- starts that fail in a process of their own ---- */

/* A folder that is there for this process alone: one that detaches is another. */
static void work_in_own_folder(struct rig *rig)
{
    static char folder[64];
    struct goxel_config *config = NULL;

    (void)snprintf(folder, sizeof(folder), "/proc/self/task/%ld", (long)getpid());
    for (size_t i = 0; i < rig->daemon.override_count; i++) {
        if (rig->overrides[i].option == GOXEL_OPT_PROCESS_WORKING_DIRECTORY)
            rig->overrides[i].text = folder;
    }
    CU_ASSERT_EQUAL_FATAL(goxel_daemon_load(&rig->daemon, NULL, NULL, NULL, &config, NULL), 0);
    goxel_config_unref(rig->daemon.config);
    rig->daemon.config = config;
}

/* The third process reports to the first, which leaves with what it says. */
static int fail_detached(void *ctx)
{
    struct rig *rig = ctx;
    struct trace before;
    pid_t caller = getpid();
    bool good;
    int code;

    work_in_own_folder(rig);
    before = find_trace();
    code = goxel_daemon_start(&rig->daemon, NULL);
    before.descriptors++; /* the pipe, which is still to be written to */
    good = code == DAEMON_ERROR_CHDIR_FAILED && getpid() != caller && rig->daemon.ready_fd >= 0 &&
           left_no_trace(rig, &before) && !exists("pid") && !exists("sock");
    (void)goxel_detach_report(rig->daemon.ready_fd, good ? 42 : 1, NULL);
    _exit(0);
}

static void a_working_directory_that_goes(void)
{
    const struct goxel_config_override set[] = {{GOXEL_OPT_PROCESS_DAEMONIZE, "true", "test"},
                                                {.text = NULL}};
    struct trace before;
    struct rig rig;
    int status;

    if (!rig_open(&rig, "", set))
        return;
    rig_make_parts(&rig);
    before = find_trace();
    status = forked_run(fail_detached, &rig);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    /* "out" and "err" are those of the process. */
    before.files += 2;
    assert_no_trace(&rig, &before);
    rig_close(&rig);
}

/* As a user that nobody else is: with a thread more at each start, until there are enough. */
#define LONELY_UID 4000000007u
#define THREADS_MAX 64

struct codes {
    bool store, pool, front, monitor, started;
};

static bool note(struct codes *codes, int code)
{
    bool *const seen = code == DAEMON_ERROR_GOXEL_INIT_FAILED         ? &codes->store
                       : code == DAEMON_ERROR_THREAD_POOL_INIT_FAILED ? &codes->pool
                       : code == DAEMON_ERROR_SOCKET_CREATE_FAILED    ? &codes->front
                       : code == DAEMON_ERROR_HEALTH_MONITOR_FAILED   ? &codes->monitor
                       : code == 0                                    ? &codes->started
                                                                      : NULL;

    if (seen)
        *seen = true;
    return seen != NULL;
}

/* Where libmicrohttpd cannot have its thread it forgets a descriptor. It is not ours to close, and the process ends. */
static void forgive_library(struct trace *before, const struct goxel_detail *detail)
{
    struct trace now = find_trace();

    if (strstr(detail->text, "MHD_start_daemon")) {
        before->descriptors += now.epolls - before->epolls;
        before->epolls = now.epolls;
    }
}

static int start_with_few_threads(void *ctx)
{
    struct rig *rig = ctx;
    struct codes codes = {false};
    struct goxel_detail detail;
    struct trace before;

    if (chown(scratch_path("."), LONELY_UID, (gid_t)-1) || setresuid(LONELY_UID, LONELY_UID, LONELY_UID) ||
        prctl(PR_SET_DUMPABLE, 1))
        return 2;
    before = find_trace();
    for (rlim_t most = 1; most < THREADS_MAX && !codes.started; most++) {
        if (setrlimit(RLIMIT_NPROC, &(struct rlimit){most, THREADS_MAX}))
            return 3;
        goxel_detail_init(&detail);
        if (!note(&codes, goxel_daemon_start(&rig->daemon, &detail)))
            return 4;
        forgive_library(&before, &detail);
        if (codes.started)
            goxel_daemon_undo(&rig->daemon, GOXEL_PHASE_NONE);
        if (!left_no_trace(rig, &before) || exists("pid") || exists("sock") || !storage_is_free())
            return 5;
    }
    return codes.store && codes.pool && codes.front && codes.monitor && codes.started ? 42 : 6;
}

static void threads_that_cannot_be_made(void)
{
    struct rig rig;
    int status;

    if (!child_can_be_root()) /* nobody else becomes a user who has no other processes */
        return;
    if (!rig_open(&rig, "", NULL))
        return;
    rig_make_parts(&rig);
    status = forked_run(start_with_few_threads, &rig);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    rig_close(&rig);
}

/* ---- what belongs to others ---- */

static void another_daemon_s_projects_stay(void)
{
    struct goxel_detail detail;
    struct trace before;
    struct rig rig;
    int fd;

    if (!rig_open(&rig, "", NULL))
        return;
    rig_make_parts(&rig);
    fd = open(scratch_path("lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CU_ASSERT_EQUAL_FATAL(flock(fd, LOCK_EX | LOCK_NB), 0);
    before = find_trace();
    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(goxel_daemon_start(&rig.daemon, &detail), GOXEL_ERROR_LOCKED);
    CU_ASSERT_NOT_EQUAL(detail.text[0], '\0');
    assert_no_trace(&rig, &before);
    CU_ASSERT_FALSE(storage_is_free());
    close(fd);
    rig_close(&rig);
}

static void another_daemon_s_pid_file_stays(void)
{
    struct goxel_detail detail;
    struct trace before;
    struct rig rig;
    char *text;
    int holder = -1;

    if (!rig_open(&rig, "", NULL))
        return;
    rig_make_parts(&rig);
    CU_ASSERT_EQUAL_FATAL(goxel_pidfile_take(scratch_path("pid"), NULL, &holder), 0);
    before = find_trace();
    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(goxel_daemon_start(&rig.daemon, &detail), DAEMON_ERROR_ALREADY_RUNNING);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, scratch_path("pid")));
    assert_no_trace(&rig, &before);
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
    struct trace before;
    struct rig rig;

    if (!rig_open(&rig, "", NULL))
        return;
    rig_make_parts(&rig);
    CU_ASSERT_EQUAL_FATAL(
        goxel_listener_open_unix(scratch_path("sock"),
                                 &(struct goxel_unix_options){1, 0600, (uid_t)-1, (gid_t)-1, true}, NULL,
                                 &other),
        0);
    before = find_trace();
    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(goxel_daemon_start(&rig.daemon, &detail), DAEMON_ERROR_SOCKET_CREATE_FAILED);
    assert_no_trace(&rig, &before);
    CU_ASSERT_FALSE(exists("pid"));
    CU_ASSERT_TRUE(exists("sock"));
    goxel_listener_close(&other);
    rig_close(&rig);
}

/* ---- starts that succeed ---- */

static void a_whole_daemon_comes_and_goes(void)
{
    struct trace before;
    struct rig rig;

    if (!rig_open(&rig, "", NULL))
        return;
    rig_make_parts(&rig);
    before = find_trace();
    for (int i = 0; i < 2; i++) { /* what was undone can be done again */
        CU_ASSERT_FALSE(goxel_daemon_started(&rig.daemon, NULL));
        CU_ASSERT_EQUAL_FATAL(goxel_daemon_start(&rig.daemon, NULL), 0);
        CU_ASSERT_TRUE(goxel_daemon_started(&rig.daemon, NULL));
        CU_ASSERT_TRUE(exists("pid"));
        CU_ASSERT_TRUE(exists("sock"));
        CU_ASSERT_TRUE(exists("log"));
        goxel_daemon_undo(&rig.daemon, GOXEL_PHASE_NONE);
        assert_no_trace(&rig, &before);
        CU_ASSERT_FALSE(exists("pid"));
        CU_ASSERT_FALSE(exists("sock"));
    }
    goxel_daemon_undo(&rig.daemon, GOXEL_PHASE_NONE);
    rig_close(&rig);
}

/* Whichever allocation fails: an error and no trace, or a daemon all the same. */
static void out_of_memory_at_any_point(void)
{
    struct trace before;
    struct rig rig;
    long made = 1;

    if (unit_fail_allocation(-1) < 0) {
        unit_skip("allocations cannot be made to fail");
        return;
    }
    if (!rig_open(&rig, "", NULL))
        return;
    rig_make_parts(&rig);
    before = find_trace();
    for (long n = 0; n < made; n++) {
        int code;

        (void)unit_fail_allocation(n);
        code = goxel_daemon_start(&rig.daemon, NULL);
        made = unit_fail_allocation(-1);
        CU_ASSERT(code == 0 || made > n);
        if (!code)
            goxel_daemon_undo(&rig.daemon, GOXEL_PHASE_NONE);
        assert_no_trace(&rig, &before);
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
        {"a user that there is none of", a_user_that_there_is_none_of},
        {"a socket that cannot be made", a_socket_that_cannot_be_made},
        {"a port in use", a_port_in_use},
        {"a configuration that no reload could read", a_configuration_that_no_reload_could_read},
        {"projects that cannot be told", projects_that_cannot_be_told},
        {"a working directory that goes", a_working_directory_that_goes},
        {"threads that cannot be made", threads_that_cannot_be_made},
        {"another daemon's projects stay", another_daemon_s_projects_stay},
        {"another daemon's PID file stays", another_daemon_s_pid_file_stays},
        {"a living socket stays", a_living_socket_stays},
        {"a whole daemon comes and goes", a_whole_daemon_comes_and_goes},
        {"out of memory at any point", out_of_memory_at_any_point},
        {NULL, NULL},
    },
};
