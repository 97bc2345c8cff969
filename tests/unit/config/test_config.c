/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config.h"

#include <pthread.h>

#include "try.h"
#include "unit.h"

struct change {
    enum goxel_option option;
    bool applied;
};

struct changes {
    struct change at[8];
    size_t count;
};

static void note(void *ctx, enum goxel_option option, bool applied)
{
    struct changes *changes = ctx;

    if (changes->count < 8)
        changes->at[changes->count] = (struct change){option, applied};
    changes->count++;
}

/* Merges what two texts say; the caller ends both and the result. */
static struct goxel_config *merge(struct try *running, const char *from, struct try *wanted, const char *to,
                                  struct changes *changes)
{
    struct goxel_config *effective = NULL;

    memset(changes, 0, sizeof(*changes));
    try_parse(running, from);
    try_parse(wanted, to);
    CU_ASSERT_PTR_NOT_NULL_FATAL(running->config);
    CU_ASSERT_PTR_NOT_NULL_FATAL(wanted->config);
    CU_ASSERT_EQUAL(
        goxel_config_merge(running->config, wanted->config, GOXEL_LEVEL_RELOAD, note, changes, &effective),
        0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(effective);
    return effective;
}

static void test_merge(void)
{
    struct try running, wanted;
    struct changes changes;
    struct goxel_config *effective = merge(
        &running, "workers { count = 2 } storage { allowed_roots = {/a} }", &wanted,
        "workers { count = 3 } sockets { tcp { port = 1 } } performance { max_connections = 9 }\n"
        "storage { allowed_roots = {/a, /b} }",
        &changes);
    const char *const *items;

    CU_ASSERT_EQUAL_FATAL(changes.count, 4);
    CU_ASSERT_EQUAL(changes.at[0].option, GOXEL_OPT_SOCKETS_TCP_PORT);
    CU_ASSERT_FALSE(changes.at[0].applied);
    CU_ASSERT_EQUAL(changes.at[1].option, GOXEL_OPT_WORKERS_COUNT);
    CU_ASSERT_TRUE(changes.at[1].applied);
    CU_ASSERT_EQUAL(changes.at[2].option, GOXEL_OPT_PERFORMANCE_MAX_CONNECTIONS);
    CU_ASSERT_FALSE(changes.at[2].applied);
    CU_ASSERT_EQUAL(changes.at[3].option, GOXEL_OPT_STORAGE_ALLOWED_ROOTS);
    CU_ASSERT_TRUE(changes.at[3].applied);
    CU_ASSERT_EQUAL(goxel_config_int(effective, GOXEL_OPT_WORKERS_COUNT), 3);
    CU_ASSERT_EQUAL(goxel_config_int(effective, GOXEL_OPT_SOCKETS_TCP_PORT), 7890);
    CU_ASSERT_EQUAL(goxel_config_int(effective, GOXEL_OPT_PERFORMANCE_MAX_CONNECTIONS), 1024);
    try_end(&running);
    try_end(&wanted);
    /* The result holds nothing of the two. */
    CU_ASSERT_EQUAL_FATAL(goxel_config_list(effective, GOXEL_OPT_STORAGE_ALLOWED_ROOTS, &items), 2);
    CU_ASSERT_STRING_EQUAL(items[1], "/b");
    goxel_config_unref(effective);
}

static void test_pending_until_changed_back(void)
{
    struct try running, wanted, again;
    struct changes changes;
    struct goxel_config *effective = merge(&running, "", &wanted, "sockets { tcp { port = 1 } }", &changes),
                        *second = NULL;

    CU_ASSERT_EQUAL(changes.count, 1);
    memset(&changes, 0, sizeof(changes));
    CU_ASSERT_EQUAL(goxel_config_merge(effective, wanted.config, GOXEL_LEVEL_RELOAD, note, &changes, &second),
                    0);
    CU_ASSERT_EQUAL(changes.count, 1); /* the same file once more: still pending */
    goxel_config_unref(second);
    try_parse(&again, "");
    memset(&changes, 0, sizeof(changes));
    second = NULL;
    CU_ASSERT_EQUAL(goxel_config_merge(effective, again.config, GOXEL_LEVEL_RELOAD, note, &changes, &second),
                    0);
    CU_ASSERT_EQUAL(changes.count, 0);
    goxel_config_unref(second);
    goxel_config_unref(effective);
    try_end(&running);
    try_end(&wanted);
    try_end(&again);
}

static void test_same(void)
{
    struct try a, b;

    try_parse(&a, "workers { count = 2 } logging { file = /a }");
    try_parse(&b, "workers { count = \"2\" } logging { file = /b }");
    CU_ASSERT_TRUE(goxel_config_same(a.config, b.config, GOXEL_OPT_WORKERS_COUNT));
    CU_ASSERT_FALSE(goxel_config_same(a.config, b.config, GOXEL_OPT_LOGGING_FILE));
    CU_ASSERT_TRUE(goxel_config_same(a.config, b.config, GOXEL_OPT_SECURITY_ALLOWED_HOSTS));
    try_end(&a);
    try_end(&b);
}

static void *take_and_give(void *ctx)
{
    for (int i = 0; i < 1000; i++) {
        struct goxel_config *config = goxel_config_ref(ctx);

        if (goxel_config_int(config, GOXEL_OPT_WORKERS_COUNT) != 2)
            return config;
        goxel_config_unref(config);
    }
    goxel_config_unref(ctx);
    return NULL;
}

/* The last of several threads frees it, whichever that is: the sanitizers watch. */
static void test_references(void)
{
    struct try t;
    pthread_t threads[3];
    void *result;

    goxel_config_unref(NULL);
    try_parse(&t, "workers { count = 2 }");
    CU_ASSERT_PTR_NOT_NULL_FATAL(t.config);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, take_and_give, goxel_config_ref(t.config)),
                              0);
    try_end(&t);
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], &result), 0);
        CU_ASSERT_PTR_NULL(result);
    }
}

static void test_failed_allocations(void)
{
    struct try t;
    int code = GOXEL_ERROR_OUT_OF_MEMORY;

    try_parse(&t, "");
    for (long n = 0; n < 10000 && code == GOXEL_ERROR_OUT_OF_MEMORY; n++) {
        struct changes changes = {.count = 0};
        struct goxel_config *effective = NULL;

        (void)unit_fail_allocation(n);
        code = goxel_config_merge(t.config, t.config, GOXEL_LEVEL_RELOAD, note, &changes, &effective);
        (void)unit_fail_allocation(-1);
        CU_ASSERT_EQUAL(effective == NULL, code != 0);
        CU_ASSERT_EQUAL(changes.count, 0);
        goxel_config_unref(effective);
    }
    CU_ASSERT_EQUAL(code, 0);
    try_end(&t);
}

static const struct unit_test tests[] = {
    {"a reload takes what it may", test_merge},
    {"pending until changed back", test_pending_until_changed_back},
    {"same values", test_same},
    {"counted references", test_references},
    {"failed allocations", test_failed_allocations},
    {NULL, NULL},
};

const struct unit_suite suite_config = {"config", tests};
