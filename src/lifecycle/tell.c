/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small structures, copied into the feed and written when somebody reads them. */
#include "lifecycle/tell.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/utf8.h"

static void publish(struct goxel_feed *feed, enum goxel_feed_kind kind, const void *payload, size_t size,
                    void (*write)(struct goxel_json_writer *w, const void *payload))
{
    const struct goxel_feed_item item = {.kind = kind, .payload = payload, .size = size, .write = write};

    goxel_feed_publish(feed, &item);
}

/* ---- moves ---- */

struct move {
    enum goxel_state from, to;
};

static void write_move(struct goxel_json_writer *w, const void *payload)
{
    const struct move *move = payload;

    goxel_json_put_string(w, "state", goxel_state_name(move->to));
    goxel_json_put_string(w, "from", goxel_state_name(move->from));
}

void goxel_tell_move(struct goxel_feed *feed, enum goxel_state from, enum goxel_state to)
{
    const struct move move = {from, to};

    publish(feed, GOXEL_FEED_STATE, &move, sizeof(move), write_move);
}

/* ---- requests ---- */

struct ended {
    enum goxel_state state;
    enum goxel_request_kind kind;
    enum goxel_trigger_kind trigger;
    int code;
    const char *level;
};

static void write_ended(struct goxel_json_writer *w, const void *payload)
{
    const struct ended *ended = payload;

    goxel_json_put_string(w, "state", goxel_state_name(ended->state));
    goxel_json_put_string(w, "request", goxel_request_row(ended->kind)->name);
    goxel_json_put_string(w, "trigger", goxel_trigger_kind_name(ended->trigger));
    goxel_json_put_string(w, "outcome", ended->code ? goxel_error_symbol(ended->code) : "ok");
    goxel_json_put_string(w, "log_level", ended->level);
}

void goxel_tell_request(struct goxel_feed *feed, enum goxel_state state,
                        const struct goxel_request_record *record)
{
    const struct ended ended = {state, record->kind, record->trigger.kind, record->code,
                                goxel_log_level_name(goxel_log_get_level())};

    publish(feed, GOXEL_FEED_STATE, &ended, sizeof(ended), write_ended);
}

/* ---- health ---- */

struct turn {
    enum goxel_check check;
    bool ok, healthy;
    char reason[GOXEL_HEALTH_REASON_MAX];
};

static void write_turn(struct goxel_json_writer *w, const void *payload)
{
    const struct turn *turn = payload;

    goxel_json_put_string(w, "check", goxel_check_name(turn->check));
    goxel_json_put_bool(w, "ok", turn->ok);
    if (!turn->ok)
        goxel_json_put_string(w, "reason", turn->reason);
    goxel_json_put_bool(w, "healthy", turn->healthy);
}

void goxel_tell_health(struct goxel_feed *feed, enum goxel_check check, bool ok, const char *reason,
                       bool healthy)
{
    struct turn turn = {check, ok, healthy, ""};

    (void)goxel_utf8_printable(turn.reason, sizeof(turn.reason), reason, strlen(reason));
    publish(feed, GOXEL_FEED_HEALTH, &turn, sizeof(turn), write_turn);
}
