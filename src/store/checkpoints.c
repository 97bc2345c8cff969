/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/checkpoints.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/thread.h"
#include "store/internal.h"
#include "store/scrub.h"

#define LOOK_MS 50
#define SCRUB_EVERY 5   /* looks */
#define UNLOAD_EVERY 20 /* without a checkpoint: projects that are only read are loaded, too */

struct goxel_checkpoints {
    struct goxel_store *store;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
};

/* After one that failed there is no other for so long, however much there is. */
#define PATIENCE_MS 10000

/* Before the first one: a daemon that always ends by a crash shall not have more and more to do again. */
#define FIRST_BYTES ((uint64_t)4 << 20)

/* The journal has more than the files, and too much of it or for too long. `first`: there was none in this life. */
static bool is_due(struct goxel_store *store, int64_t last_ms, bool first, bool failed)
{
    struct goxel_journal_stats stats;
    int64_t interval_ms = goxel_store_get_settings(store).checkpoint_interval_ms;

    goxel_journal_get_stats(store->journal, &stats);
    if (failed && goxel_clock_ms() - last_ms < PATIENCE_MS)
        return false;
    if (atomic_load(&store->due))
        return true;
    return stats.unflushed >= (first ? FIRST_BYTES : GOXEL_CHECKPOINT_BYTES) ||
           (stats.unflushed > 0 && goxel_clock_ms() - last_ms >= interval_ms);
}

/* False: it failed. */
static bool checkpoint(struct goxel_store *store)
{
    int64_t began_ms = goxel_clock_ms();
    struct goxel_detail detail;
    int code;

    goxel_detail_init(&detail);
    atomic_store(&store->due, false);
    code = goxel_store_checkpoint(store, &detail);
    if (code)
        goxel_log(GOXEL_LOG_ERROR, "checkpoint failed error=%s reason=%s", goxel_error_symbol(code),
                  GOXEL_QUOTED(detail.text));
    else
        goxel_log(GOXEL_LOG_INFO, "checkpoint took_ms=%lld", (long long)(goxel_clock_ms() - began_ms));
    return code == 0;
}

/* Under the lock. */
static void rest(struct goxel_checkpoints *checkpoints)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    if (!checkpoints->stopping)
        (void)pthread_cond_timedwait(&checkpoints->changed, &checkpoints->lock, &until);
}

static void *run(void *arg)
{
    struct goxel_checkpoints *checkpoints = arg;
    int64_t last_ms = goxel_clock_ms();
    struct goxel_scrub scrub = {0, 0, 0};
    bool first = true, failed = false;
    unsigned looks = 0;

    goxel_thread_stand_back();
    pthread_mutex_lock(&checkpoints->lock);
    while (!checkpoints->stopping) {
        rest(checkpoints);
        if (checkpoints->stopping)
            break;
        pthread_mutex_unlock(&checkpoints->lock);
        goxel_store_evict(checkpoints->store);
        if (!is_due(checkpoints->store, last_ms, first, failed)) {
            if (looks++ % SCRUB_EVERY == 0)
                goxel_scrub_some(&scrub, checkpoints->store);
            if (looks % UNLOAD_EVERY == 0)
                goxel_store_unload(checkpoints->store);
            pthread_mutex_lock(&checkpoints->lock);
            continue;
        }
        failed = !checkpoint(checkpoints->store);
        first = false;
        last_ms = goxel_clock_ms();
        pthread_mutex_lock(&checkpoints->lock);
    }
    pthread_mutex_unlock(&checkpoints->lock);
    return NULL;
}

struct goxel_checkpoints *goxel_checkpoints_start(struct goxel_store *store)
{
    struct goxel_checkpoints *checkpoints = calloc(1, sizeof(*checkpoints));
    pthread_condattr_t monotonic;

    if (!checkpoints)
        return NULL;
    checkpoints->store = store;
    pthread_mutex_init(&checkpoints->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&checkpoints->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (goxel_thread_start(&checkpoints->thread, run, checkpoints) == 0)
        return checkpoints;
    free(checkpoints);
    return NULL;
}

void goxel_checkpoints_stop(struct goxel_checkpoints *checkpoints)
{
    if (!checkpoints)
        return;
    pthread_mutex_lock(&checkpoints->lock);
    checkpoints->stopping = true;
    pthread_cond_signal(&checkpoints->changed);
    pthread_mutex_unlock(&checkpoints->lock);
    (void)pthread_join(checkpoints->thread, NULL);
    pthread_mutex_destroy(&checkpoints->lock);
    pthread_cond_destroy(&checkpoints->changed);
    free(checkpoints);
}
