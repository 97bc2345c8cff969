/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The health monitor with a real pool and real scripts; the lifecycle thread and the front are played by
 * the test. Intervals are the shortest there are, and every outcome is waited for.
 */
#include "daemon/monitor.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "unit.h"
#include "unit/base/scratch.h"

/* Far longer than anything here takes; only a failed test waits that long. */
#define LONG_MS 60000
#define HELD_MAX 64

/* How the front's side of a probe behaves. */
enum front { FRONT_STOPS, FRONT_ANSWERS, FRONT_IS_SILENT, FRONT_IS_FULL };

static struct world {
    pthread_mutex_t lock;
    struct goxel_config *config;
    struct goxel_pool *pool;
    struct goxel_health *health;
    struct goxel_feed *feed;
    struct goxel_requests *requests;
    _Atomic(struct goxel_monitor *) monitor;
    atomic_bool deaf; /* the lifecycle thread takes no turns */
    atomic_int front, probes;
    atomic_bool unblocked; /* the monitor's thread could be sent a signal, or blocks a fault */
    int held[HELD_MAX];    /* the front's ends of the last probes */
    atomic_int holding;
} world;

/* What the next monitor is given; 0 unless a test says otherwise. */
static int64_t world_patience_ms;

/* ---- the daemon around it ---- */

static struct goxel_config *give_config(void *ctx)
{
    struct goxel_config *config;

    (void)ctx;
    pthread_mutex_lock(&world.lock);
    config = goxel_config_ref(world.config);
    pthread_mutex_unlock(&world.lock);
    return config;
}

static void take_a_turn(void *ctx)
{
    sigset_t blocked;

    (void)ctx;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    if (!sigismember(&blocked, SIGTERM) || !sigismember(&blocked, SIGCHLD) || sigismember(&blocked, SIGSEGV))
        atomic_store(&world.unblocked, true);
    if (!atomic_load(&world.deaf))
        goxel_monitor_beat(world.monitor);
}

/* One request, one reply. Both fit into the socket's buffer: nobody has to wait for anybody. */
static void answer(int fd)
{
    static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

    CU_ASSERT_EQUAL(send(fd, reply, strlen(reply), MSG_NOSIGNAL), (ssize_t)strlen(reply));
    (void)shutdown(fd, SHUT_WR);
}

static int connect_front(void *ctx, struct goxel_detail *detail, int *ret_fd)
{
    int front = atomic_load(&world.front), at, fds[2];

    (void)ctx;
    atomic_fetch_add(&world.probes, 1);
    if (front == FRONT_STOPS)
        return GOXEL_ERROR_SHUTTING_DOWN;
    if (front == FRONT_IS_FULL)
        return goxel_fail(detail, GOXEL_ERROR_OVERLOADED, "the last one was not taken");
    at = atomic_load(&world.holding);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
        return goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS, "no more sockets");
    if (at >= HELD_MAX) /* that probe is long over */
        (void)close(world.held[at % HELD_MAX]);
    world.held[at % HELD_MAX] = fds[1];
    atomic_store(&world.holding, at + 1);
    if (front == FRONT_ANSWERS)
        answer(fds[1]);
    *ret_fd = fds[0];
    return 0;
}

static struct goxel_config *parse(const char *text)
{
    struct goxel_config *config = NULL;
    struct goxel_buf errors;
    int code;

    goxel_buf_init(&errors, 1 << 16);
    code = goxel_config_parse(text, strlen(text), "test.conf", NULL, 0, &errors, NULL, &config);
    if (code)
        printf("\n%s", errors.data ? errors.data : "");
    CU_ASSERT_EQUAL_FATAL(code, 0);
    goxel_buf_finish(&errors);
    return config;
}

static void reconfigure(const char *text)
{
    struct goxel_config *config = parse(text), *before;

    pthread_mutex_lock(&world.lock);
    before = world.config;
    world.config = config;
    pthread_mutex_unlock(&world.lock);
    goxel_config_unref(before);
    goxel_monitor_wake(world.monitor);
}

/* `threshold` failures in a row; one worker, a queue of one. */
static void begin(const char *conf, unsigned threshold, enum front front)
{
    static const struct goxel_pool_options pool = {.workers = 1, .queue_size = 1};
    static const struct goxel_requests_ops requests;
    static const struct goxel_log_options quiet = {.target = GOXEL_LOG_FILE, .path = "/dev/null"};
    const struct goxel_monitor_options options = {
        .config = give_config, .wake = take_a_turn, .patience_ms = world_patience_ms};
    struct goxel_monitor_options all = options;
    struct goxel_monitor *monitor = NULL;

    memset(&world, 0, sizeof(world));
    (void)pthread_mutex_init(&world.lock, NULL);
    (void)goxel_log_configure(&quiet, NULL);
    atomic_store(&world.front, front);
    world.config = parse(conf);
    CU_ASSERT_EQUAL_FATAL(goxel_pool_create(&pool, NULL, &world.pool), 0);
    world.health = goxel_health_create(threshold);
    world.requests = goxel_requests_create(&requests, NULL);
    world.feed = goxel_feed_create(1);
    CU_ASSERT_FATAL(world.health && world.requests && world.feed);
    all.connect = connect_front;
    all.pool = world.pool;
    all.health = world.health;
    all.requests = world.requests;
    all.feed = world.feed;
    CU_ASSERT_EQUAL_FATAL(goxel_monitor_create(&all, NULL, &monitor), 0);
    atomic_store(&world.monitor, monitor);
}

static void end(void)
{
    goxel_monitor_destroy(world.monitor);
    goxel_requests_destroy(world.requests);
    goxel_pool_destroy(world.pool);
    goxel_health_destroy(world.health);
    goxel_feed_destroy(world.feed);
    goxel_config_unref(world.config);
    for (int i = 0; i < atomic_load(&world.holding) && i < HELD_MAX; i++)
        (void)close(world.held[i]);
    (void)pthread_mutex_destroy(&world.lock);
    goxel_log_close();
}

/* ---- looking at it ---- */

static struct goxel_check_figures figures_of(enum goxel_check check)
{
    struct goxel_check_figures figures;

    goxel_health_figures(world.health, check, &figures);
    return figures;
}

/* Waits until the check has run `runs` times more, whatever comes of it. */
static bool await_runs(enum goxel_check check, uint64_t runs)
{
    uint64_t wanted = figures_of(check).runs + runs;
    int64_t until_ms = goxel_clock_ms() + LONG_MS;

    while (figures_of(check).runs < wanted && goxel_clock_ms() < until_ms)
        (void)poll(NULL, 0, 5);
    return figures_of(check).runs >= wanted;
}

static bool await_ok(enum goxel_check check, bool ok)
{
    int64_t until_ms = goxel_clock_ms() + LONG_MS;

    while (goxel_health_check_ok(world.health, check) != ok && goxel_clock_ms() < until_ms)
        (void)poll(NULL, 0, 5);
    return goxel_health_check_ok(world.health, check) == ok;
}

/* The reason that /health would give; reused at the next call. */
static const char *reason_of(enum goxel_check check)
{
    static char reason[GOXEL_HEALTH_REASON_MAX];
    struct goxel_json_writer w;
    struct goxel_json *root = NULL;
    struct goxel_buf buf;

    goxel_buf_init(&buf, 1 << 14);
    goxel_json_writer_init(&w, &buf);
    goxel_health_write(world.health, &w, NULL);
    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(buf.data, buf.len, &goxel_json_limits_default, NULL, &root), 0);
    (void)snprintf(
        reason, sizeof(reason), "%s",
        goxel_json_string(goxel_json_get(goxel_json_get(root, goxel_check_name(check)), "reason"), NULL));
    goxel_json_free(root);
    goxel_buf_finish(&buf);
    return reason;
}

/* Takes the pending recovery, if there is one. */
static bool take_recovery(struct goxel_trigger *ret_trigger)
{
    static const struct goxel_request_result done = {.code = 0};
    struct goxel_request_run run;

    if (!goxel_requests_take(world.requests, GOXEL_REQUEST_RECOVER, &run))
        return false;
    *ret_trigger = run.trigger;
    goxel_requests_finish(world.requests, &run, "", &done);
    return true;
}

static bool await_recovery(struct goxel_trigger *ret_trigger)
{
    int64_t until_ms = goxel_clock_ms() + LONG_MS;

    while (goxel_clock_ms() < until_ms) {
        if (take_recovery(ret_trigger))
            return true;
        (void)poll(NULL, 0, 5);
    }
    return false;
}

/* ---- a worker's task that lasts until it is let go ---- */

struct block {
    struct goxel_task task;
    pthread_mutex_t lock;
    pthread_cond_t let_go;
    bool started, over, gone;
};

static void run_block(struct goxel_task *task)
{
    struct block *block = (struct block *)task;

    pthread_mutex_lock(&block->lock);
    block->started = true;
    while (!block->over)
        pthread_cond_wait(&block->let_go, &block->lock);
    block->gone = true;
    pthread_mutex_unlock(&block->lock);
}

static void submit_block(struct block *block)
{
    memset(block, 0, sizeof(*block));
    block->task.run = run_block;
    (void)pthread_mutex_init(&block->lock, NULL);
    (void)pthread_cond_init(&block->let_go, NULL);
    CU_ASSERT_EQUAL(goxel_pool_submit(world.pool, &block->task), 0);
}

static void await_started(struct block *block)
{
    for (bool started = false; !started; (void)poll(NULL, 0, 1)) {
        pthread_mutex_lock(&block->lock);
        started = block->started;
        pthread_mutex_unlock(&block->lock);
    }
}

static void let_go(struct block *block)
{
    pthread_mutex_lock(&block->lock);
    block->over = true;
    pthread_cond_signal(&block->let_go);
    pthread_mutex_unlock(&block->lock);
}

/* ---- the tests ---- */

#define FAST "check_interval_ms = 100 "

static void every_round_reports_four_checks(void)
{
    bool well;

    begin("health { " FAST "}", 1, FRONT_ANSWERS);
    for (int check = 0; check < GOXEL_CHECK_COUNT; check++) {
        CU_ASSERT_TRUE(await_runs(check, 2));
        CU_ASSERT_TRUE(figures_of(check).ok);
        CU_ASSERT_EQUAL(figures_of(check).failures, 0);
        CU_ASSERT_STRING_EQUAL(reason_of(check), "");
    }
    CU_ASSERT_EQUAL(goxel_monitor_last_failure_ms(world.monitor, &well), 0);
    CU_ASSERT_TRUE(well);
    CU_ASSERT_FALSE(atomic_load(&world.unblocked));
    CU_ASSERT_FALSE(goxel_requests_pending(world.requests, GOXEL_REQUEST_RECOVER));
    end();
}

static void a_lifecycle_thread_that_stands_still_is_noticed(void)
{
    struct goxel_trigger trigger;

    begin("performance { request_timeout_ms = 10 } health { " FAST "heartbeat_timeout_ms = 200 }", 2,
          FRONT_ANSWERS);
    CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_RESPONSIVE, 1));
    atomic_store(&world.deaf, true);
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_RESPONSIVE, false));
    CU_ASSERT_STRING_EQUAL(reason_of(GOXEL_CHECK_RESPONSIVE),
                           "the lifecycle thread has not answered for 200 ms");
    CU_ASSERT_TRUE(await_recovery(&trigger));
    CU_ASSERT_EQUAL(trigger.kind, GOXEL_TRIGGER_MONITOR);
    CU_ASSERT_STRING_EQUAL(trigger.what, "responsive: the lifecycle thread has not answered for 200 ms");
    atomic_store(&world.deaf, false);
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_RESPONSIVE, true));
    end();
}

static void a_worker_that_stands_still_is_noticed(void)
{
    struct block block;

    begin("performance { request_timeout_ms = 10 } health { " FAST "heartbeat_timeout_ms = 300 }", 1,
          FRONT_ANSWERS);
    submit_block(&block);
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_RESPONSIVE, false));
    CU_ASSERT_EQUAL(strncmp(reason_of(GOXEL_CHECK_RESPONSIVE), "a request has run for ", 22), 0);
    let_go(&block);
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_RESPONSIVE, true));
    end();
}

static void a_front_that_does_not_answer_is_noticed(void)
{
    begin("performance { request_timeout_ms = 10 } health { " FAST "heartbeat_timeout_ms = 200 }", 1,
          FRONT_ANSWERS);
    CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_RESPONSIVE, 2));
    CU_ASSERT_TRUE(figures_of(GOXEL_CHECK_RESPONSIVE).ok);
    atomic_store(&world.front, FRONT_IS_SILENT);
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_RESPONSIVE, false));
    CU_ASSERT_EQUAL(strncmp(reason_of(GOXEL_CHECK_RESPONSIVE), "GET /version from ourselves: ", 29), 0);
    atomic_store(&world.front, FRONT_IS_FULL);
    CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_RESPONSIVE, 2));
    CU_ASSERT_STRING_EQUAL(reason_of(GOXEL_CHECK_RESPONSIVE),
                           "GET /version from ourselves: the last one was not taken");
    atomic_store(&world.front, FRONT_ANSWERS);
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_RESPONSIVE, true));
    end();
}

/* It can neither fail nor heal. */
static void a_front_that_stops_is_not_judged(void)
{
    static const enum front fronts[] = {FRONT_ANSWERS, FRONT_IS_FULL};
    struct goxel_trigger trigger;
    uint64_t runs;
    bool well;

    for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
        begin("health { " FAST "}", 1, fronts[i]);
        CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_RESPONSIVE, 1));
        atomic_store(&world.front, FRONT_STOPS);
        CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_QUEUE, 2)); /* the round in hand, and one more */
        (void)take_recovery(&trigger);
        runs = figures_of(GOXEL_CHECK_RESPONSIVE).runs;
        CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_QUEUE, 3));
        CU_ASSERT_EQUAL(figures_of(GOXEL_CHECK_RESPONSIVE).runs, runs);
        CU_ASSERT_EQUAL(figures_of(GOXEL_CHECK_RESPONSIVE).ok, fronts[i] == FRONT_ANSWERS);
        CU_ASSERT_EQUAL(goxel_monitor_last_failure_ms(world.monitor, &well) > 0, fronts[i] == FRONT_IS_FULL);
        CU_ASSERT_EQUAL(well, fronts[i] == FRONT_ANSWERS);
        CU_ASSERT_FALSE(take_recovery(&trigger));
        atomic_store(&world.front, FRONT_ANSWERS);
        CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_RESPONSIVE, 2));
        CU_ASSERT_TRUE(figures_of(GOXEL_CHECK_RESPONSIVE).ok);
        end();
    }
}

static void a_full_queue_is_noticed(void)
{
    struct block running, waiting;
    struct goxel_trigger trigger;

    begin("health { " FAST "recover_on = {\"queue\"} }", 1, FRONT_ANSWERS);
    submit_block(&running);
    await_started(&running);
    submit_block(&waiting);
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_QUEUE, false));
    CU_ASSERT_STRING_EQUAL(reason_of(GOXEL_CHECK_QUEUE), "the queue is full: 1 requests wait");
    CU_ASSERT_TRUE(await_recovery(&trigger));
    CU_ASSERT_STRING_EQUAL(trigger.what, "queue: the queue is full: 1 requests wait");
    let_go(&running);
    let_go(&waiting);
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_QUEUE, true));
    end();
}

static void too_much_memory_is_noticed(void)
{
    if (!goxel_memory_usage().resident) {
        unit_skip("the kernel does not tell how much memory is resident");
        return;
    }
    begin("limits { max_memory_mb = 1 } health { " FAST "}", 1, FRONT_ANSWERS);
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_MEMORY, false));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(reason_of(GOXEL_CHECK_MEMORY), " MiB are resident, limits.max_memory_mb is 1"));
    CU_ASSERT_TRUE(strtol(reason_of(GOXEL_CHECK_MEMORY), NULL, 10) > 1);
    /* The largest limit there is, and none. */
    reconfigure("limits { max_memory_mb = 1073741824 } health { " FAST "}");
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_MEMORY, true));
    reconfigure("health { " FAST "}");
    CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_MEMORY, 2));
    CU_ASSERT_TRUE(figures_of(GOXEL_CHECK_MEMORY).ok);
    /* It was not one of recover_on. */
    CU_ASSERT_FALSE(goxel_requests_pending(world.requests, GOXEL_REQUEST_RECOVER));
    end();
}

static void write_script(const char *name, const char *text)
{
    char whole[512];

    (void)snprintf(whole, sizeof(whole), "#!/bin/sh\n%s\n", text);
    scratch_write(name, whole);
    (void)chmod(scratch_path(name), 0700);
}

/* A configuration with that script and whatever else; reused at the next call. */
static const char *with_script(const char *name, const char *more)
{
    static char conf[1024];

    (void)snprintf(conf, sizeof(conf), "health { " FAST "health_check_script = \"%s\" %s }",
                   scratch_path(name), more);
    return conf;
}

static void a_script_that_fails_is_noticed(void)
{
    struct goxel_trigger trigger;
    bool well;

    if (!scratch_open())
        return;
    write_script("check", "[ ! -e \"$(dirname \"$0\")/bad\" ] || { echo \"the disk is full\"; exit 3; }");
    begin(with_script("check", ""), 3, FRONT_ANSWERS);
    CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_SCRIPT, 2));
    CU_ASSERT_EQUAL(goxel_monitor_last_failure_ms(world.monitor, &well), 0);
    CU_ASSERT_TRUE(well);
    scratch_write("bad", "");
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_SCRIPT, false));
    CU_ASSERT_STRING_EQUAL(reason_of(GOXEL_CHECK_SCRIPT), "status 3: the disk is full");
    CU_ASSERT_TRUE(figures_of(GOXEL_CHECK_SCRIPT).failures >= 3);
    CU_ASSERT_TRUE(await_recovery(&trigger));
    CU_ASSERT_STRING_EQUAL(trigger.what, "script: status 3: the disk is full");
    CU_ASSERT_TRUE(await_recovery(&trigger)); /* and again, as long as it lasts */
    CU_ASSERT_TRUE(goxel_monitor_last_failure_ms(world.monitor, &well) > 0);
    CU_ASSERT_FALSE(well);
    (void)unlink(scratch_path("bad"));
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_SCRIPT, true));
    (void)take_recovery(&trigger);
    CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_SCRIPT, 3));
    CU_ASSERT_FALSE(take_recovery(&trigger));
    CU_ASSERT_TRUE(goxel_monitor_last_failure_ms(world.monitor, &well) > 0);
    CU_ASSERT_TRUE(well);
    end();
    scratch_close();
}

static void one_failure_ends_the_quiet_but_asks_for_nothing(void)
{
    bool well = true;
    int64_t until_ms = goxel_clock_ms() + LONG_MS;

    if (!scratch_open())
        return;
    write_script("check", "exit 1");
    begin(with_script("check", ""), 1000, FRONT_ANSWERS);
    while (!goxel_monitor_last_failure_ms(world.monitor, &well) && goxel_clock_ms() < until_ms)
        (void)poll(NULL, 0, 5);
    CU_ASSERT_TRUE(goxel_monitor_last_failure_ms(world.monitor, &well) > 0);
    CU_ASSERT_FALSE(well);
    CU_ASSERT_TRUE(figures_of(GOXEL_CHECK_SCRIPT).ok);
    CU_ASSERT_FALSE(goxel_requests_pending(world.requests, GOXEL_REQUEST_RECOVER));
    end();
    scratch_close();
}

static void recovery_is_asked_for_only_where_it_is_wanted(void)
{
    struct goxel_trigger trigger;

    if (!scratch_open())
        return;
    begin(with_script("missing", "restart_on_failure = false"), 1, FRONT_ANSWERS);
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_SCRIPT, false));
    CU_ASSERT_PTR_NOT_NULL(strstr(reason_of(GOXEL_CHECK_SCRIPT), "missing: No such file or directory"));
    CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_SCRIPT, 2));
    CU_ASSERT_FALSE(take_recovery(&trigger));
    reconfigure(with_script("missing", "recover_on = {\"memory\", \"queue\"}"));
    CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_SCRIPT, 2));
    CU_ASSERT_FALSE(take_recovery(&trigger));
    reconfigure(with_script("missing", ""));
    CU_ASSERT_TRUE(await_recovery(&trigger));
    CU_ASSERT_EQUAL(strncmp(trigger.what, "script: cannot start ", 21), 0);
    end();
    scratch_close();
}

static size_t count_lines(const char *name, const char *with)
{
    char *text = scratch_read(name);
    size_t count = 0;

    for (char *at = text; at && (at = strstr(at, with)); at += strlen(with))
        count++;
    free(text);
    return count;
}

static void the_log_tells_turns_and_not_rounds(void)
{
    struct goxel_log_options log = {.level = GOXEL_LOG_INFO, .target = GOXEL_LOG_FILE};

    if (!scratch_open())
        return;
    write_script("check", "echo no; [ ! -e \"$(dirname \"$0\")/bad\" ]");
    begin(with_script("check", "restart_on_failure = false"), 2, FRONT_ANSWERS);
    log.path = scratch_path("log");
    CU_ASSERT_EQUAL_FATAL(goxel_log_configure(&log, NULL), 0);
    scratch_write("bad", "");
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_SCRIPT, false));
    CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_SCRIPT, 3));
    (void)unlink(scratch_path("bad"));
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_SCRIPT, true));
    CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_SCRIPT, 2));
    CU_ASSERT_EQUAL(count_lines("log", "health check="), 2);
    CU_ASSERT_EQUAL(
        count_lines("log", "warn  health check=script ok=false failures=2 reason=\"status 1: no\"\n"), 1);
    CU_ASSERT_EQUAL(count_lines("log", "info  health check=script ok=true\n"), 1);
    end();
    scratch_close();
}

/* Gone, or dead and left to whoever reaps here. */
static bool await_death(pid_t pid)
{
    int64_t until_ms = goxel_clock_ms() + LONG_MS;
    char path[64], text[512];

    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    while (goxel_clock_ms() < until_ms) {
        FILE *file = fopen(path, "r");
        bool dead = !file || !fgets(text, sizeof(text), file) || strstr(text, ") Z ") || strstr(text, ") X ");

        if (file)
            (void)fclose(file);
        if (dead)
            return true;
        (void)poll(NULL, 0, 5);
    }
    return false;
}

static void a_slow_script_holds_nothing_up(void)
{
    char *pid;

    if (!scratch_open())
        return;
    write_script("check", "sleep 1000 & echo $! >> \"$(dirname \"$0\")/pids\"; wait");
    begin(with_script("check", "script_timeout_ms = 3600000"), 1, FRONT_ANSWERS);
    CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_RESPONSIVE, 3));
    CU_ASSERT_EQUAL(figures_of(GOXEL_CHECK_SCRIPT).runs, 0);
    /* The rounds go on whether or not it is as far as that: two of them never run at a time. */
    while (!count_lines("pids", "\n"))
        CU_ASSERT_TRUE_FATAL(await_runs(GOXEL_CHECK_RESPONSIVE, 1));
    CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_RESPONSIVE, 2));
    CU_ASSERT_EQUAL(count_lines("pids", "\n"), 1);
    end(); /* does not wait for it, and leaves nothing of it */
    pid = scratch_read("pids");
    CU_ASSERT_PTR_NOT_NULL_FATAL(pid);
    CU_ASSERT_TRUE(await_death((pid_t)strtol(pid, NULL, 10)));
    free(pid);
    scratch_close();
}

static void a_script_over_its_limit_has_failed(void)
{
    if (!scratch_open())
        return;
    write_script("check", "echo begun; sleep 1000");
    begin(with_script("check", "script_timeout_ms = 200"), 1, FRONT_ANSWERS);
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_SCRIPT, false));
    CU_ASSERT_STRING_EQUAL(reason_of(GOXEL_CHECK_SCRIPT), "longer than 200 ms: begun");
    CU_ASSERT_TRUE(figures_of(GOXEL_CHECK_SCRIPT).took_ms >= 200);
    /* Without a script the check is well. */
    reconfigure("health { " FAST "}");
    CU_ASSERT_TRUE(await_ok(GOXEL_CHECK_SCRIPT, true));
    end();
    scratch_close();
}

static void a_new_interval_counts_from_the_last_round(void)
{
    bool well = true;

    begin("health { check_interval_ms = 3600000 }", 1, FRONT_STOPS);
    CU_ASSERT_EQUAL(goxel_monitor_last_failure_ms(world.monitor, &well), 0);
    CU_ASSERT_FALSE(well); /* nothing is known yet */
    for (int i = 0; i < 3; i++)
        goxel_monitor_wake(world.monitor);
    CU_ASSERT_EQUAL(figures_of(GOXEL_CHECK_QUEUE).runs, 0);
    reconfigure("health { " FAST "}");
    CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_QUEUE, 1));
    end();
}

/* The connection of a probe, or the wait for the lifecycle thread: neither is sat out. */
static void its_end_cuts_a_round_short(void)
{
    static const enum front fronts[] = {FRONT_IS_SILENT, FRONT_STOPS};
    int64_t began_ms;

    world_patience_ms = 2 * LONG_MS;
    for (size_t i = 0; i < 2; i++) {
        begin("health { " FAST " heartbeat_timeout_ms = 300000 }", 1, fronts[i]);
        atomic_store(&world.deaf, fronts[i] == FRONT_STOPS);
        if (fronts[i] == FRONT_IS_SILENT)
            while (!atomic_load(&world.probes))
                (void)poll(NULL, 0, 1);
        else
            CU_ASSERT_TRUE(await_runs(GOXEL_CHECK_SCRIPT, 1)); /* the round has begun */
        began_ms = goxel_clock_ms();
        goxel_monitor_destroy(world.monitor);
        world.monitor = NULL;
        /* Half of what either would last: only one that was sat out takes that long. */
        CU_ASSERT_TRUE(goxel_clock_ms() - began_ms < LONG_MS);
        CU_ASSERT_EQUAL(figures_of(GOXEL_CHECK_RESPONSIVE).runs, 0);
        end();
    }
    world_patience_ms = 0;
}

static void without_one_nothing_happens(void)
{
    bool well = true;

    goxel_monitor_beat(NULL);
    goxel_monitor_wake(NULL);
    goxel_monitor_destroy(NULL);
    CU_ASSERT_EQUAL(goxel_monitor_last_failure_ms(NULL, &well), 0);
    CU_ASSERT_FALSE(well);
}

const struct unit_suite monitor_suite = {
    "monitor",
    (const struct unit_test[]){
        {"every round reports four checks", every_round_reports_four_checks},
        {"a lifecycle thread that stands still is noticed", a_lifecycle_thread_that_stands_still_is_noticed},
        {"a worker that stands still is noticed", a_worker_that_stands_still_is_noticed},
        {"a front that does not answer is noticed", a_front_that_does_not_answer_is_noticed},
        {"a front that stops is not judged", a_front_that_stops_is_not_judged},
        {"a full queue is noticed", a_full_queue_is_noticed},
        {"too much memory is noticed", too_much_memory_is_noticed},
        {"a script that fails is noticed", a_script_that_fails_is_noticed},
        {"one failure ends the quiet but asks for nothing", one_failure_ends_the_quiet_but_asks_for_nothing},
        {"recovery is asked for only where it is wanted", recovery_is_asked_for_only_where_it_is_wanted},
        {"the log tells turns and not rounds", the_log_tells_turns_and_not_rounds},
        {"a slow script holds nothing up", a_slow_script_holds_nothing_up},
        {"a script over its limit has failed", a_script_over_its_limit_has_failed},
        {"a new interval counts from the last round", a_new_interval_counts_from_the_last_round},
        {"its end cuts a round short", its_end_cuts_a_round_short},
        {"without one nothing happens", without_one_nothing_happens},
        {NULL, NULL},
    },
};
