/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row for each check under one mutex; see the header for when a check counts as failed. */
#include "lifecycle/health.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

struct check {
    unsigned failures; /* consecutive */
    uint64_t runs, failed;
    int64_t ran_ms; /* monotonic, 0 for never */
    int64_t took_ms;
    char reason[GOXEL_HEALTH_REASON_MAX];
};

struct goxel_health {
    pthread_mutex_t lock;
    unsigned threshold;
    struct check checks[GOXEL_CHECK_COUNT];
};

static const char *const names[GOXEL_CHECK_COUNT] = {"responsive", "memory", "queue", "script"};

const char *goxel_check_name(enum goxel_check check)
{
    return names[check];
}

struct goxel_health *goxel_health_create(unsigned threshold)
{
    struct goxel_health *health = calloc(1, sizeof(*health));

    if (!health)
        return NULL;
    pthread_mutex_init(&health->lock, NULL);
    health->threshold = threshold;
    return health;
}

void goxel_health_destroy(struct goxel_health *health)
{
    if (!health)
        return;
    pthread_mutex_destroy(&health->lock);
    free(health);
}

void goxel_health_set_threshold(struct goxel_health *health, unsigned threshold)
{
    pthread_mutex_lock(&health->lock);
    health->threshold = threshold;
    pthread_mutex_unlock(&health->lock);
}

void goxel_health_report(struct goxel_health *health, enum goxel_check check, bool ok, int64_t took_ms,
                         const char *reason)
{
    struct check *row = &health->checks[check];

    pthread_mutex_lock(&health->lock);
    row->failures = ok ? 0 : row->failures + 1;
    row->runs++;
    row->failed += !ok;
    row->ran_ms = goxel_clock_ms();
    row->took_ms = took_ms;
    (void)goxel_utf8_printable(row->reason, sizeof(row->reason), reason, ok ? 0 : strlen(reason));
    pthread_mutex_unlock(&health->lock);
}

static bool row_ok(const struct goxel_health *health, const struct check *row)
{
    return row->failures < health->threshold;
}

bool goxel_health_check_ok(struct goxel_health *health, enum goxel_check check)
{
    pthread_mutex_lock(&health->lock);
    bool ok = row_ok(health, &health->checks[check]);
    pthread_mutex_unlock(&health->lock);
    return ok;
}

bool goxel_health_ok(struct goxel_health *health)
{
    for (int i = 0; i < GOXEL_CHECK_COUNT; i++) {
        if (!goxel_health_check_ok(health, i))
            return false;
    }
    return true;
}

void goxel_health_figures(struct goxel_health *health, enum goxel_check check,
                          struct goxel_check_figures *ret_figures)
{
    const struct check *row = &health->checks[check];

    pthread_mutex_lock(&health->lock);
    *ret_figures = (struct goxel_check_figures){
        .ok = row_ok(health, row),
        .in_a_row = row->failures,
        .runs = row->runs,
        .failures = row->failed,
        .took_ms = row->took_ms,
    };
    pthread_mutex_unlock(&health->lock);
}

void goxel_health_write(struct goxel_health *health, struct goxel_json_writer *w, const char *key)
{
    int64_t now = goxel_clock_ms();

    pthread_mutex_lock(&health->lock);
    goxel_json_put_object(w, key);
    for (int i = 0; i < GOXEL_CHECK_COUNT; i++) {
        const struct check *row = &health->checks[i];

        goxel_json_put_object(w, names[i]);
        goxel_json_put_bool(w, "ok", row_ok(health, row));
        if (row->ran_ms)
            goxel_json_put_int(w, "last_ms", now - row->ran_ms);
        else
            goxel_json_put_null(w, "last_ms");
        goxel_json_put_int(w, "took_ms", row->took_ms);
        goxel_json_put_string(w, "reason", row->reason);
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
    pthread_mutex_unlock(&health->lock);
}
