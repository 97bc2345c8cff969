/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line is looked for by its hash, and then compared: whoever can make two lines hash alike must not
 * be able to silence one with the other. The texts lie apart from the rest, so that a line that is
 * new costs one pass over a small table and one copy.
 */
#include "base/repeat.h"

#include <string.h>

#include "base/digest.h"

static void forget(struct goxel_repeat *repeat, size_t at, goxel_repeat_report *report, void *ctx)
{
    struct goxel_repeat_line *line = &repeat->lines[at];

    if (line->held > 0)
        report(ctx, line->level, repeat->texts[at], line->held);
    line->seen = 0;
    line->held = 0;
}

/* The place that is missed least: a free one, then one of which nothing is held back, the oldest of them. */
static size_t choose(const struct goxel_repeat *repeat)
{
    size_t best = 0;

    for (size_t i = 0; i < GOXEL_REPEAT_LINES; i++) {
        const struct goxel_repeat_line *line = &repeat->lines[i], *other = &repeat->lines[best];

        if (line->seen == 0)
            return i;
        if ((line->held > 0) != (other->held > 0) ? other->held > 0 : line->turn < other->turn)
            best = i;
    }
    return best;
}

static bool is_at(const struct goxel_repeat *repeat, size_t at, const struct goxel_repeat_line *wanted,
                  const char *text)
{
    const struct goxel_repeat_line *line = &repeat->lines[at];

    return line->seen > 0 && line->hash == wanted->hash && line->level == wanted->level &&
           line->len == wanted->len && memcmp(repeat->texts[at], text, wanted->len) == 0;
}

bool goxel_repeat_admit(struct goxel_repeat *repeat, enum goxel_log_level level, const char *text,
                        int64_t now_ms, goxel_repeat_report *report, void *ctx)
{
    struct goxel_repeat_line fresh = {.level = level, .len = strlen(text), .since_ms = now_ms};
    size_t at = 0;

    goxel_repeat_tick(repeat, now_ms, report, ctx);
    if (fresh.len >= GOXEL_REPEAT_LINE_MAX)
        return true;
    fresh.hash = goxel_digest(GOXEL_DIGEST_START ^ (uint64_t)level, text, fresh.len);
    while (at < GOXEL_REPEAT_LINES && !is_at(repeat, at, &fresh, text))
        at++;
    if (at == GOXEL_REPEAT_LINES) {
        at = choose(repeat);
        forget(repeat, at, report, ctx);
        repeat->lines[at] = fresh;
        memcpy(repeat->texts[at], text, fresh.len + 1);
    }
    repeat->lines[at].turn = ++repeat->turn;
    if (++repeat->lines[at].seen <= GOXEL_LOG_BURST)
        return true;
    repeat->lines[at].held++;
    return false;
}

void goxel_repeat_tick(struct goxel_repeat *repeat, int64_t now_ms, goxel_repeat_report *report, void *ctx)
{
    for (size_t i = 0; i < GOXEL_REPEAT_LINES; i++) {
        if (repeat->lines[i].seen > 0 && now_ms - repeat->lines[i].since_ms >= GOXEL_LOG_WINDOW_MS)
            forget(repeat, i, report, ctx);
    }
}

void goxel_repeat_end(struct goxel_repeat *repeat, goxel_repeat_report *report, void *ctx)
{
    for (size_t i = 0; i < GOXEL_REPEAT_LINES; i++)
        forget(repeat, i, report, ctx);
}
