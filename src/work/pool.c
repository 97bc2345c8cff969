/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * There are two lines of embedded tasks under one mutex, the usual one and that of long ones that wait for their turn, each with a
 * bound of its own; a worker is a slot in a fixed array.
 *
 *   EMPTY ──start──► ALIVE ──left──► LEFT ──join──► EMPTY
 *
 * What holds: slots at or above `workers` are on their way out; a slot's
 * `since_ns` is not 0 exactly while it runs a task, and `busy_long` slots run a long one. Only `resize` and `destroy` start
 * and join threads, under `shape`, which is taken before `lock`.
 *
 * Nothing starves: a long task begins only where a worker is left for the others, and when it may, it goes before all that
 * came later than that.
 */
#include "work/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/thread.h"

enum slot_state { SLOT_EMPTY, SLOT_ALIVE, SLOT_LEFT };

struct slot {
    struct goxel_pool *pool;
    enum slot_state state;
    pthread_t thread;
    int64_t since_ns; /* start of the task in hand, 0 when idle */
    bool has_long;    /* that is a long one */
};

struct line {
    struct goxel_task *first, *last;
    size_t count;
};

struct goxel_pool {
    pthread_mutex_t shape; /* who starts and joins threads */
    pthread_mutex_t lock;  /* everything below */
    pthread_cond_t work;
    struct line usual, long_ones;
    size_t peak; /* tasks in both lines at once */
    unsigned workers, queue_size, busy, busy_long, idle;
    int64_t long_ended_ns; /* when the last long task did */
    bool waking;           /* an idle worker was called, and has not come yet */
    uint64_t submitted, refused, done;
    bool closing;
    struct slot slots[GOXEL_POOL_WORKERS_MAX];
};

/* Whose thread this is; NULL: nobody's. */
static _Thread_local struct slot *own_slot;

static bool slot_is_surplus(const struct slot *slot)
{
    return (size_t)(slot - slot->pool->slots) >= slot->pool->workers;
}

static void append(struct line *line, struct goxel_task *task)
{
    task->next = NULL;
    task->queued_ns = goxel_clock_ns();
    if (line->last)
        line->last->next = task;
    else
        line->first = task;
    line->last = task;
    line->count++;
}

static struct goxel_task *take_first(struct line *line)
{
    struct goxel_task *task = line->first;

    line->first = task->next;
    if (!line->first)
        line->last = NULL;
    line->count--;
    return task;
}

/* ---- whose turn it is; the lock is held ---- */

/* A worker is left for what is short, where there are two. */
static bool may_be_long(const struct goxel_pool *pool)
{
    return pool->busy_long == 0 || pool->busy_long + 1 < pool->workers;
}

/* May one begin that waits for its turn since then? Others that came before it, and before the last one ended, did so first. */
static bool has_turn(const struct goxel_pool *pool, int64_t since_ns)
{
    int64_t turn_ns = since_ns > pool->long_ended_ns ? since_ns : pool->long_ended_ns;

    return may_be_long(pool) && (!pool->usual.first || pool->usual.first->queued_ns > turn_ns);
}

/* The line whose first is the next to run; NULL: there is none. */
static struct line *next_line(struct goxel_pool *pool)
{
    if (pool->long_ones.first && has_turn(pool, pool->long_ones.first->queued_ns))
        return &pool->long_ones;
    return pool->usual.first ? &pool->usual : NULL;
}

static void set_long(struct slot *slot, bool is_long)
{
    if (slot->has_long && !is_long)
        slot->pool->long_ended_ns = goxel_clock_ns();
    slot->pool->busy_long += (unsigned)is_long - (unsigned)slot->has_long;
    slot->has_long = is_long;
}

static struct goxel_task *take(struct slot *slot, struct line *line)
{
    if (line == &slot->pool->long_ones)
        set_long(slot, true);
    return take_first(line);
}

/*
 * Under the lock. True: an idle worker is to be called, with or without the lock. One at a time: whoever comes calls the
 * next if there is more to do than it takes, and those that are awake take what they find meanwhile. Where tasks are
 * short that spares most of the calls, each of which costs more than such a task.
 */
static bool must_call(struct goxel_pool *pool)
{
    if (pool->idle == 0 || pool->waking || !next_line(pool))
        return false;
    pool->waking = true;
    return true;
}

/* Sleeps until there is a task for this worker; NULL: time to leave. The lock is held. */
static struct goxel_task *next_task(struct slot *slot)
{
    struct goxel_pool *pool = slot->pool;
    struct line *line;

    for (;;) {
        if (slot_is_surplus(slot))
            return NULL;
        if ((line = next_line(pool)))
            return take(slot, line);
        if (pool->closing)
            return NULL;
        pool->idle++;
        pthread_cond_wait(&pool->work, &pool->lock);
        pool->idle--;
        pool->waking = false;
    }
}

static void *worker(void *arg)
{
    struct slot *slot = arg;
    struct goxel_pool *pool = slot->pool;
    struct goxel_task *task;

    own_slot = slot;
    pthread_mutex_lock(&pool->lock);
    while ((task = next_task(slot))) {
        bool call = must_call(pool);

        slot->since_ns = goxel_clock_ns();
        pool->busy++;
        pthread_mutex_unlock(&pool->lock);

        if (call)
            pthread_cond_signal(&pool->work);
        task->run(task);

        pthread_mutex_lock(&pool->lock);
        pool->busy--;
        pool->done++;
        slot->since_ns = 0;
        set_long(slot, false);
    }
    slot->state = SLOT_LEFT;
    /* A wake-up meant for a worker that stays may have come here. */
    if (must_call(pool))
        pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* `shape` and the lock are held. */
static int start_slot(struct goxel_pool *pool, struct slot *slot)
{
    int err;

    if (slot->state == SLOT_ALIVE)
        return 0;
    if (slot->state == SLOT_LEFT)
        pthread_join(slot->thread, NULL);
    slot->state = SLOT_EMPTY;
    slot->pool = pool;
    err = goxel_thread_start(&slot->thread, worker, slot);
    if (!err)
        slot->state = SLOT_ALIVE;
    return err;
}

static void join_slot(struct goxel_pool *pool, struct slot *slot)
{
    pthread_mutex_lock(&pool->lock);
    bool started = slot->state != SLOT_EMPTY;
    pthread_mutex_unlock(&pool->lock);
    if (started)
        pthread_join(slot->thread, NULL);
}

static int check_options(const struct goxel_pool_options *options, struct goxel_detail *detail)
{
    if (options->workers < 1 || options->workers > GOXEL_POOL_WORKERS_MAX)
        return goxel_fail_limit(detail, DAEMON_ERROR_THREAD_POOL_INIT_FAILED, "workers",
                                GOXEL_POOL_WORKERS_MAX, options->workers);
    if (options->queue_size < 1)
        return goxel_fail_limit(detail, DAEMON_ERROR_QUEUE_INIT_FAILED, "queue_size", 1, options->queue_size);
    return 0;
}

int goxel_pool_resize(struct goxel_pool *pool, const struct goxel_pool_options *options,
                      struct goxel_detail *detail)
{
    int code = check_options(options, detail);
    int err = 0;

    if (code)
        return code;
    pthread_mutex_lock(&pool->shape);
    pthread_mutex_lock(&pool->lock);
    unsigned before = pool->workers;
    pool->workers = options->workers;
    for (unsigned i = 0; i < options->workers && !err; i++)
        err = start_slot(pool, &pool->slots[i]);
    if (err)
        pool->workers = before;
    else
        pool->queue_size = options->queue_size;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    pthread_mutex_unlock(&pool->shape);
    if (err)
        return goxel_fail_errno(detail, DAEMON_ERROR_THREAD_POOL_INIT_FAILED, err, "pthread_create", "");
    return 0;
}

int goxel_pool_create(const struct goxel_pool_options *options, struct goxel_detail *detail,
                      struct goxel_pool **ret_pool)
{
    int code = check_options(options, detail);
    struct goxel_pool *pool;

    if (code)
        return code;
    pool = calloc(1, sizeof(*pool));
    if (!pool)
        return goxel_fail(detail, DAEMON_ERROR_QUEUE_INIT_FAILED, "out of memory");
    pthread_mutex_init(&pool->shape, NULL);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    code = goxel_pool_resize(pool, options, detail);
    if (code) {
        goxel_pool_destroy(pool);
        return code;
    }
    *ret_pool = pool;
    return 0;
}

static void note_peak(struct goxel_pool *pool)
{
    size_t queued = pool->usual.count + pool->long_ones.count;

    if (queued > pool->peak)
        pool->peak = queued;
}

/* 0, or GOXEL_ERROR_OVERLOADED: there is no room. */
static int queue(struct goxel_pool *pool, struct line *line, struct goxel_task *task)
{
    if (line->count >= pool->queue_size) {
        pool->refused++;
        return GOXEL_ERROR_OVERLOADED;
    }
    append(line, task);
    note_peak(pool);
    return 0;
}

int goxel_pool_submit(struct goxel_pool *pool, struct goxel_task *task)
{
    bool call;
    int code;

    pthread_mutex_lock(&pool->lock);
    code = queue(pool, &pool->usual, task);
    pool->submitted += !code;
    call = !code && must_call(pool);
    pthread_mutex_unlock(&pool->lock);
    if (call)
        pthread_cond_signal(&pool->work);
    return code;
}

void goxel_pool_resubmit(struct goxel_pool *pool, struct goxel_task *task)
{
    bool call;

    pthread_mutex_lock(&pool->lock);
    task->next = pool->usual.first;
    pool->usual.first = task;
    if (!pool->usual.last)
        pool->usual.last = task;
    pool->usual.count++;
    note_peak(pool);
    call = must_call(pool);
    pthread_mutex_unlock(&pool->lock);
    if (call)
        pthread_cond_signal(&pool->work);
}

int goxel_pool_begin_long(struct goxel_pool *pool, struct goxel_task *task, bool *ret_begins)
{
    struct slot *slot = own_slot;
    int code = 0;

    *ret_begins = true;
    if (!slot || slot->pool != pool || slot->has_long)
        return 0;
    pthread_mutex_lock(&pool->lock);
    *ret_begins = !pool->long_ones.first && has_turn(pool, goxel_clock_ns());
    if (*ret_begins)
        set_long(slot, true);
    else
        code = queue(pool, &pool->long_ones, task);
    pthread_mutex_unlock(&pool->lock);
    return code;
}

bool goxel_pool_lacks_workers(struct goxel_pool *pool)
{
    bool lacks;

    pthread_mutex_lock(&pool->lock);
    lacks = pool->usual.count + (next_line(pool) == &pool->long_ones) > pool->idle;
    pthread_mutex_unlock(&pool->lock);
    return lacks;
}

void goxel_pool_get_stats(struct goxel_pool *pool, struct goxel_pool_stats *ret_stats)
{
    int64_t oldest = 0;

    pthread_mutex_lock(&pool->lock);
    for (size_t i = 0; i < GOXEL_POOL_WORKERS_MAX; i++) {
        int64_t since = pool->slots[i].since_ns;

        if (since && (!oldest || since < oldest))
            oldest = since;
    }
    *ret_stats = (struct goxel_pool_stats){
        .workers = pool->workers,
        .busy = pool->busy,
        .busy_long = pool->busy_long,
        .queued = pool->usual.count,
        .queued_long = pool->long_ones.count,
        .queue_size = pool->queue_size,
        .queue_peak = pool->peak,
        .submitted = pool->submitted,
        .refused = pool->refused,
        .done = pool->done,
        .oldest_run_ms = oldest ? (goxel_clock_ns() - oldest) / 1000000 : 0,
    };
    pthread_mutex_unlock(&pool->lock);
}

void goxel_pool_destroy(struct goxel_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < GOXEL_POOL_WORKERS_MAX; i++) {
        if (pool->slots[i].pool)
            join_slot(pool, &pool->slots[i]);
    }
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    pthread_mutex_destroy(&pool->shape);
    free(pool);
}
