/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bricks that leave memory. What a database has of a project can be read again, and so a version without those bricks takes the
 * place of the one with them (goxel_head_swap): the same content, of which only what changed since the last checkpoint
 * is in memory. Whoever has the old version reads on in it, and its memory is free once nobody does.
 */
#include <malloc.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/internal.h"

#define SLACK (INT64_C(32) << 20) /* above the settings' bytes, from which on whoever edits waits */
#define PATIENCE_MS 2000          /* after a time when little came of it */

/* In the turn of an edit. */
static int swap(struct goxel_row *row, struct goxel_head *head, struct goxel_edit *edit)
{
    struct goxel_project *base = NULL, *newer = NULL;
    bool same = goxel_database_has(row->database, edit->base);
    int code = goxel_database_evict(row->database, edit->base, &base, &newer);

    if (code) {
        goxel_head_abort(head, edit);
        return code;
    }
    code = goxel_head_swap(head, edit, newer);
    if (!code)
        goxel_database_rebase(row->database, same ? newer : base);
    goxel_project_unref(base);
    goxel_project_unref(newer);
    return code;
}

/* Under the row's lock. */
static int evict_row(struct goxel_store *store, struct goxel_row *row, struct goxel_slot *slot)
{
    struct goxel_head *head = goxel_slot_head(slot);
    struct goxel_detail detail;
    struct goxel_edit edit;
    int code = goxel_store_save(store, row, slot, true, &detail);

    if (!code)
        code = goxel_head_begin(head, &edit);
    return code ? code : swap(row, head, &edit);
}

static void evict_slot(struct goxel_store *store, struct goxel_slot *slot)
{
    struct goxel_row *row = goxel_slot_data(slot);
    bool told;
    int code;

    pthread_mutex_lock(&row->lock);
    code = evict_row(store, row, slot);
    told = row->given_up; /* as damage */
    pthread_mutex_unlock(&row->lock);
    if (code && code != GOXEL_ERROR_LOCKED && !told)
        goxel_log(GOXEL_LOG_WARN, "bricks stay in memory id=%s error=%s", goxel_slot_id(slot),
                  goxel_error_symbol(code));
}

static int by_use(const void *a, const void *b)
{
    int64_t left = goxel_slot_used_ms(*(struct goxel_slot *const *)a),
            right = goxel_slot_used_ms(*(struct goxel_slot *const *)b);

    return (left > right) - (left < right);
}

void goxel_store_sort_by_use(struct goxel_slot **slots, size_t count)
{
    qsort(slots, count, sizeof(struct goxel_slot *), by_use);
}

static void evict_slots(struct goxel_store *store, int64_t limit)
{
    struct goxel_slot **slots = NULL;
    size_t count = 0;

    if (goxel_workspace_list_kept(store->workspace, &slots, &count))
        return;
    goxel_store_sort_by_use(slots, count);
    for (size_t i = 0; i < count; i++) {
        if (goxel_slot_is_loaded(slots[i]) && goxel_memory_now().resident > limit) {
            evict_slot(store, slots[i]);
#ifdef __GLIBC__
            malloc_trim(0);
#endif
        }
        goxel_slot_unref(slots[i]);
    }
    free(slots);
}

void goxel_store_evict(struct goxel_store *store)
{
    int64_t cache = goxel_store_get_settings(store).cache_bytes,
            limit = cache ? cache + store->base_bytes : 0, before = goxel_memory_usage().resident, after;

    goxel_workspace_set_pressure(store->workspace, limit > 0 && before > limit + SLACK &&
                                                       goxel_clock_ms() >= store->evict_from_ms);
    if (limit == 0 || before <= limit || goxel_clock_ms() < store->evict_from_ms)
        return;
    evict_slots(store, limit - cache / 4);
    goxel_workspace_set_pressure(store->workspace, false);
    after = goxel_memory_now().resident;
    if (before - after < before / 16) /* it is not bricks that take it, or somebody has them */
        store->evict_from_ms = goxel_clock_ms() + PATIENCE_MS;
    goxel_log(GOXEL_LOG_DEBUG, "bricks evicted resident_before=%lld resident_after=%lld", (long long)before,
              (long long)after);
}
