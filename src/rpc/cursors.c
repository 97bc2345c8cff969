/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table, looked through from end to end: it is short, and a page costs more. */
#include "rpc/cursors.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* ---- the text ---- */

#define PARTS 8 /* behind the project's id */

void goxel_cursor_write(const struct goxel_cursor_at *at, char ret_text[GOXEL_CURSOR_TEXT])
{
    (void)snprintf(ret_text, GOXEL_CURSOR_TEXT,
                   "%s.%" PRIx64 ".%" PRIx64 ".%" PRIx64 ".%" PRIx64 ".%x.%x.%x.%x", at->project, at->epoch,
                   at->version, at->question, (uint64_t)at->count, (unsigned)at->layer_id,
                   (unsigned)(at->pos.x - GOXEL_COORD_MIN), (unsigned)(at->pos.y - GOXEL_COORD_MIN),
                   (unsigned)(at->pos.z - GOXEL_COORD_MIN));
}

/* ".HEX": 1 to 16 small digits; where it ends, NULL: it is none. */
static const char *read_part(const char *text, uint64_t *ret_part)
{
    size_t len = *text == '.' ? strspn(text + 1, "0123456789abcdef") : 0;

    if (len == 0 || len > 16)
        return NULL;
    *ret_part = strtoull(text + 1, NULL, 16);
    return text + 1 + len;
}

bool goxel_cursor_read(const char *text, struct goxel_cursor_at *ret_at)
{
    static const uint64_t most[PARTS] = {UINT64_MAX, UINT64_MAX,      UINT64_MAX, INT64_MAX,
                                         INT_MAX,    UINT32_MAX >> 1, INT_MAX,    UINT32_MAX >> 1};
    struct goxel_cursor_at at = {.count = 0};
    size_t len = strcspn(text, ".");
    uint64_t parts[PARTS];

    if (len >= sizeof(at.project))
        return false;
    memcpy(at.project, text, len);
    text += len;
    for (int i = 0; i < PARTS; i++) {
        text = read_part(text, &parts[i]);
        if (!text || parts[i] > most[i])
            return false;
    }
    at.epoch = parts[0];
    at.version = parts[1];
    at.question = parts[2];
    at.count = (int64_t)parts[3];
    at.layer_id = (int)parts[4];
    at.pos = (struct goxel_pos){(int32_t)parts[5] + GOXEL_COORD_MIN, (int32_t)parts[6] + GOXEL_COORD_MIN,
                                (int32_t)parts[7] + GOXEL_COORD_MIN};
    if (*text || !goxel_pos_valid(at.pos))
        return false;
    *ret_at = at;
    return true;
}

/* ---- versions ---- */

void goxel_cursors_init(struct goxel_cursors *cursors)
{
    memset(cursors, 0, sizeof(*cursors));
    pthread_mutex_init(&cursors->lock, NULL);
}

static void let_go(struct goxel_kept *row)
{
    goxel_project_unref(row->version);
    goxel_slot_unref(row->slot);
    memset(row, 0, sizeof(*row));
}

void goxel_cursors_finish(struct goxel_cursors *cursors)
{
    for (size_t i = 0; i < GOXEL_CURSORS_MAX; i++) {
        if (cursors->rows[i].slot)
            let_go(&cursors->rows[i]);
    }
    pthread_mutex_destroy(&cursors->lock);
}

static struct goxel_kept *find(struct goxel_cursors *cursors, const struct goxel_slot *slot, uint64_t epoch,
                               uint64_t version)
{
    for (size_t i = 0; i < GOXEL_CURSORS_MAX; i++) {
        struct goxel_kept *row = &cursors->rows[i];

        if (row->slot == slot && row->epoch == epoch && row->version->version == version)
            return row;
    }
    return NULL;
}

/* A free one, or the one that was used longest ago. */
static struct goxel_kept *make_room(struct goxel_cursors *cursors)
{
    struct goxel_kept *oldest = &cursors->rows[0];

    for (size_t i = 0; i < GOXEL_CURSORS_MAX; i++) {
        if (!cursors->rows[i].slot)
            return &cursors->rows[i];
        if (cursors->rows[i].used_ms < oldest->used_ms)
            oldest = &cursors->rows[i];
    }
    let_go(oldest);
    return oldest;
}

void goxel_cursors_keep(struct goxel_cursors *cursors, struct goxel_slot *slot, uint64_t epoch,
                        const struct goxel_project *version)
{
    struct goxel_kept *row;

    pthread_mutex_lock(&cursors->lock);
    row = find(cursors, slot, epoch, version->version);
    if (!row) {
        row = make_room(cursors);
        row->slot = goxel_slot_ref(slot);
        row->epoch = epoch;
        row->version = goxel_project_ref(version);
    }
    row->used_ms = goxel_clock_ms();
    pthread_mutex_unlock(&cursors->lock);
}

static bool is_old(const struct goxel_kept *row, int64_t now_ms)
{
    return now_ms - row->used_ms > GOXEL_CURSOR_MS;
}

struct goxel_project *goxel_cursors_find(struct goxel_cursors *cursors, struct goxel_slot *slot,
                                         uint64_t epoch, uint64_t version)
{
    int64_t now_ms = goxel_clock_ms();
    struct goxel_project *found = NULL;
    struct goxel_kept *row;

    pthread_mutex_lock(&cursors->lock);
    row = find(cursors, slot, epoch, version);
    if (row && !is_old(row, now_ms)) {
        found = goxel_project_ref(row->version);
        row->used_ms = now_ms;
    }
    pthread_mutex_unlock(&cursors->lock);
    return found;
}

static void tend(struct goxel_kept *row, int64_t now_ms)
{
    struct goxel_project *present;

    if (is_old(row, now_ms) || !goxel_slot_is_open(row->slot)) {
        let_go(row);
        return;
    }
    present = goxel_slot_snapshot(row->slot);
    if (present->version == row->version->version &&
        goxel_head_epoch(goxel_slot_head(row->slot)) == row->epoch) {
        goxel_project_unref(row->version);
        row->version = present;
    } else {
        goxel_project_unref(present);
    }
}

void goxel_cursors_tend(struct goxel_cursors *cursors, int64_t now_ms)
{
    pthread_mutex_lock(&cursors->lock);
    for (size_t i = 0; i < GOXEL_CURSORS_MAX; i++) {
        if (cursors->rows[i].slot)
            tend(&cursors->rows[i], now_ms);
    }
    pthread_mutex_unlock(&cursors->lock);
}
