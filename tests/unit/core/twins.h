/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two states of a volume around the origin, with everything between them that there is: for diffs and patches. */
#ifndef GOXEL_TESTS_CORE_TWINS_H
#define GOXEL_TESTS_CORE_TWINS_H

#include "core/accessor.h"
#include "naive.h"

struct twins {
    struct goxel_volume *before, *after;
    struct naive *old, *new; /* the same, as arrays */
};

static inline void twins_write(struct goxel_volume *volume, struct naive *naive, uint64_t *state)
{
    for (int i = random_below(state, 4); i > 0; i--) {
        struct goxel_box box = random_box(state);
        struct goxel_color color = random_below(state, 3) ? random_color(state) : rgba(0, 0, 0, 0);

        naive_fill(naive, &box, color);
        goxel_volume_fill(volume, &box, color, NULL);
    }
    for (int i = random_below(state, 400); i > 0; i--) {
        struct goxel_pos pos = random_pos(state);
        struct goxel_color color = random_color(state);

        naive_set(naive, pos, color);
        goxel_volume_set_at(volume, pos, color);
    }
}

/* Of one origin, or now and then of none; `after` is sometimes not sealed yet. */
static inline struct twins twins_make(uint64_t *state)
{
    struct twins twins = {goxel_volume_create(), NULL, calloc(1, sizeof(struct naive)), NULL};
    bool related = random_below(state, 4) > 0;

    twins_write(twins.before, twins.old, state);
    goxel_volume_seal(twins.before);
    twins.after = related ? goxel_volume_copy(twins.before) : goxel_volume_create();
    twins.new = calloc(1, sizeof(struct naive));
    if (related)
        *twins.new = *twins.old;
    twins_write(twins.after, twins.new, state);
    if (random_below(state, 3))
        goxel_volume_seal(twins.after);
    return twins;
}

static inline void twins_end(struct twins *twins)
{
    goxel_volume_destroy(twins->before);
    goxel_volume_destroy(twins->after);
    free(twins->old);
    free(twins->new);
}

/* A box of whole links of level 2 around the origin, on both sides of it: tiles of 256³. */
static const struct goxel_box twins_tiles = {{-256, -256, -256}, {511, 255, 255}};

#endif
