/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sizes out of /proc/self/statm. An open statm goes on showing the process that opened it: after a
 * fork it is the parent's, and has to be opened anew.
 */
#include "base/memory.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

/* Only one asks the kernel at a time. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int statm = -1; /* under the lock, as is `owner` */
static pid_t owner;    /* the process that `statm` shows */

/* The last answer, and until when it is fresh. */
static _Atomic int64_t resident, virtual, fresh_until_ms;

static bool open_statm(void)
{
    if (statm >= 0 && owner == getpid())
        return true;
    if (statm >= 0)
        (void)close(statm);
    owner = getpid();
    statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    return statm >= 0;
}

/* Pages: "VIRTUAL RESIDENT …". */
static struct goxel_memory ask(void)
{
    long long size, in_memory, page = sysconf(_SC_PAGESIZE);
    char text[128];
    ssize_t n;

    if (!open_statm() || page <= 0)
        return (struct goxel_memory){0};
    n = pread(statm, text, sizeof(text) - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    if (sscanf(text, "%lld %lld", &size, &in_memory) != 2)
        return (struct goxel_memory){0};
    return (struct goxel_memory){.resident = in_memory * page, .virtual = size * page};
}

static bool is_fresh(void)
{
    return goxel_clock_ms() < atomic_load_explicit(&fresh_until_ms, memory_order_acquire);
}

static void refresh(void)
{
    struct goxel_memory now = ask();

    atomic_store_explicit(&resident, now.resident, memory_order_relaxed);
    atomic_store_explicit(&virtual, now.virtual, memory_order_relaxed);
    atomic_store_explicit(&fresh_until_ms, goxel_clock_ms() + GOXEL_MEMORY_FRESH_MS, memory_order_release);
}

struct goxel_memory goxel_memory_usage(void)
{
    if (!is_fresh()) {
        (void)pthread_mutex_lock(&lock);
        if (!is_fresh())
            refresh();
        (void)pthread_mutex_unlock(&lock);
    }
    return (struct goxel_memory){.resident = atomic_load_explicit(&resident, memory_order_relaxed),
                                 .virtual = atomic_load_explicit(&virtual, memory_order_relaxed)};
}

struct goxel_memory goxel_memory_now(void)
{
    atomic_store_explicit(&fresh_until_ms, 0, memory_order_release);
    return goxel_memory_usage();
}
