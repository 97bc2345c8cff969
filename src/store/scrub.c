/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/scrub.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

/* The project of the lowest number from `number` on; a reference. NULL: there is none. */
static struct goxel_slot *find_next(struct goxel_store *store, uint64_t number)
{
    struct goxel_slot **slots = NULL, *found = NULL;
    size_t count = 0;

    if (goxel_workspace_list_kept(store->workspace, &slots, &count))
        return NULL;
    for (size_t i = 0; i < count && !found; i++) {
        if (goxel_project_number(goxel_slot_id(slots[i])) >= number)
            found = goxel_slot_ref(slots[i]);
    }
    for (size_t i = 0; i < count; i++)
        goxel_slot_unref(slots[i]);
    free(slots);
    return found;
}

/*
 * Under the row's lock. A database that nobody has open is opened for it, until all of its rows were looked at; one that is
 * not there yet is whole.
 */
static int scrub_row(struct goxel_scrub *scrub, struct goxel_store *store, struct goxel_row *row,
                     struct goxel_detail *detail)
{
    bool ours = !row->database;
    int code = atomic_load(&row->on_disk) ? goxel_store_open_database(store, row, detail) : 0;
    size_t rows = 0;

    if (ours && row->database)
        row->scrubbing = true;
    if (!code && row->database)
        code = goxel_database_scrub(row->database, &scrub->cursor, GOXEL_SCRUB_ROWS, &rows, detail);
    else
        scrub->cursor = 0;
    atomic_fetch_add(&store->scrubbed, rows);
    return code;
}

static void end_row(struct goxel_store *store, struct goxel_slot *slot)
{
    struct goxel_row *row = goxel_slot_data(slot);

    pthread_mutex_lock(&row->lock);
    if (row->scrubbing && !goxel_slot_is_loaded(slot))
        goxel_store_close_database(store, row);
    pthread_mutex_unlock(&row->lock);
}

/* Under the row's lock. What is in memory is served as it is until it has to be read again. */
static void tell(struct goxel_store *store, struct goxel_slot *slot, const struct goxel_detail *detail)
{
    struct goxel_row *row = goxel_slot_data(slot);

    if (!goxel_slot_is_loaded(slot)) {
        row->slot = slot;
        goxel_store_break_row(row, detail);
        return;
    }
    atomic_fetch_add(&store->damaged, 1);
    goxel_log(GOXEL_LOG_ERROR, "project damaged id=%s name=%s reason=%s", goxel_slot_id(slot),
              GOXEL_QUOTED(GOXEL_SLOT_NAME(slot)), GOXEL_QUOTED(detail->text));
}

void goxel_scrub_some(struct goxel_scrub *scrub, struct goxel_store *store)
{
    struct goxel_slot *slot = goxel_clock_ms() < scrub->from_ms ? NULL : find_next(store, scrub->number);
    uint64_t number = slot ? goxel_project_number(goxel_slot_id(slot)) : 0;
    struct goxel_row *row = slot ? goxel_slot_data(slot) : NULL;
    struct goxel_detail detail;
    int code;

    if (!slot) {
        if (scrub->number > 0) /* all have had their turn */
            *scrub = (struct goxel_scrub){0, 0, goxel_clock_ms() + GOXEL_SCRUB_PAUSE_MS};
        return;
    }
    if (number != scrub->number)
        *scrub = (struct goxel_scrub){number, 0, 0};
    goxel_detail_init(&detail);
    if (goxel_slot_damage(slot, &detail)) {
        scrub->cursor = 0;
    } else {
        pthread_mutex_lock(&row->lock);
        code = scrub_row(scrub, store, row, &detail);
        if (code == GOXEL_ERROR_INVALID_DATA)
            tell(store, slot, &detail);
        pthread_mutex_unlock(&row->lock);
        if (code) /* it goes on with the next */
            scrub->cursor = 0;
    }
    if (scrub->cursor == 0) {
        end_row(store, slot);
        scrub->number = number + 1;
    }
    goxel_slot_unref(slot);
}
