/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"

#define MIB ((int64_t)1 << 20)
#define BLOCK (64 * MIB)
#define MOST (48 * MIB) /* of the block, at least: the rest of the process may shrink meanwhile */
#define PATIENCE_MS 20000

static char *touch_block(void)
{
    char *block = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (block == MAP_FAILED)
        return NULL;
    memset(block, 1, BLOCK);
    return block;
}

/* Asks until the resident size lies in the range, which is soon; else there is patience for a slow machine. */
static bool await_resident(int64_t least, int64_t most)
{
    int64_t deadline = goxel_clock_ms() + PATIENCE_MS;

    while (goxel_clock_ms() < deadline) {
        int64_t resident = goxel_memory_usage().resident;

        if (resident >= least && resident <= most)
            return true;
    }
    return false;
}

static void what_is_touched_is_resident(void)
{
    struct goxel_memory before = goxel_memory_usage();
    char *block;

    CU_ASSERT(before.resident >= MIB / 4);
    CU_ASSERT(before.virtual >= before.resident);
    block = touch_block();
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    CU_ASSERT_TRUE(await_resident(before.resident + MOST, INT64_MAX));
    CU_ASSERT(goxel_memory_usage().virtual >= goxel_memory_usage().resident);
    CU_ASSERT_EQUAL(munmap(block, BLOCK), 0);
    CU_ASSERT_TRUE(await_resident(0, before.resident + BLOCK - MOST));
}

/* The child gives its block back while the parent keeps its own: the child must not be shown the parent's. */
static void a_child_sees_itself(void)
{
    int64_t before = goxel_memory_usage().resident;
    char *block = touch_block();
    int status = -1;
    pid_t child;

    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    CU_ASSERT_TRUE(await_resident(before + MOST, INT64_MAX));
    child = fork();
    CU_ASSERT_TRUE_FATAL(child >= 0);
    if (child == 0)
        _exit(munmap(block, BLOCK) == 0 && await_resident(1, before + BLOCK - MOST) ? 0 : 1);
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CU_ASSERT_TRUE(await_resident(before + MOST, INT64_MAX));
    CU_ASSERT_EQUAL(munmap(block, BLOCK), 0);
}

/* A child that cannot open it says that it does not know, and not what its parent had. */
static void what_cannot_be_asked_is_unknown(void)
{
    struct rlimit none = {0, 0};
    int status = -1;
    pid_t child;

    CU_ASSERT(goxel_memory_usage().resident > 0);
    child = fork();
    CU_ASSERT_TRUE_FATAL(child >= 0);
    if (child == 0)
        _exit(setrlimit(RLIMIT_NOFILE, &none) == 0 && await_resident(0, 0) &&
                      goxel_memory_usage().virtual == 0
                  ? 0
                  : 1);
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void *ask_often(void *ctx)
{
    for (int i = 0; i < 20000; i++) {
        if (goxel_memory_usage().resident <= 0)
            return ctx;
    }
    return NULL;
}

static void threads_ask_at_once(void)
{
    pthread_t threads[4];
    void *result;

    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, ask_often, threads), 0);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], &result), 0);
        CU_ASSERT_PTR_NULL(result);
    }
}

static const struct unit_test tests[] = {
    {"what is touched is resident", what_is_touched_is_resident},
    {"a child sees itself", a_child_sees_itself},
    {"what cannot be asked is unknown", what_cannot_be_asked_is_unknown},
    {"threads ask at once", threads_ask_at_once},
    {NULL, NULL},
};

const struct unit_suite memory_suite = {"memory", tests};
