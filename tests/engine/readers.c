/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Eight readers and a writer. Every version has two layers of one colour, which tells its number: whoever reads
 * anything else has seen half of an edit.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "core/cursor.h"
#include "core/head.h"
#include "core/paint.h"
#include "engine/engine.h"
#include "unit/core/stepped.h"

#define READERS 8
#define RADIUS 20.0

struct stage {
    struct goxel_head *head;
    atomic_bool over;
    atomic_ullong seen, torn;
};

static struct goxel_color color_of(uint64_t version)
{
    return (struct goxel_color){(uint8_t)version, (uint8_t)(version >> 8), (uint8_t)(version >> 16), 255};
}

static bool same(struct goxel_color a, struct goxel_color b)
{
    return a.r == b.r && a.g == b.g && a.b == b.b && a.a == b.a;
}

/* All voxels, both layers, and the picture that they make together. */
static bool is_whole(const struct goxel_project *project)
{
    struct goxel_color color = goxel_volume_get_at(project->layers[0]->volume, (struct goxel_pos){0, 0, 0});
    struct goxel_volume *picture = NULL;
    struct goxel_cursor cursor;
    int64_t count = 0;
    bool whole = goxel_project_flatten(project, NULL, &picture) == 0;

    for (size_t i = 0; i < 2 && whole; i++) {
        goxel_cursor_begin(&cursor, project->layers[i]->volume, NULL);
        while (whole && goxel_cursor_next(&cursor)) {
            whole = same(cursor.color, color);
            count++;
        }
    }
    whole = whole && count == goxel_project_voxels(project) && count % 2 == 0 &&
            goxel_volume_count(picture) == count / 2;
    goxel_volume_destroy(picture);
    return whole;
}

static void *look(void *arg)
{
    struct stage *stage = arg;

    while (!atomic_load(&stage->over)) {
        struct goxel_project *project = goxel_head_snapshot(stage->head);

        atomic_fetch_add(&stage->torn, !is_whole(project));
        atomic_fetch_add(&stage->seen, 1);
        goxel_project_unref(project);
    }
    return NULL;
}

/* A ball, the same in both layers; now and then a step back and forth. */
static int write_one(struct goxel_head *head, uint64_t number)
{
    static const struct goxel_note note = {.name = "ball"};
    const struct goxel_shape ball = {
        GOXEL_SHAPE_SPHERE, 2, {0.5, 0.5, 0.5}, {RADIUS + (double)(number % 7), RADIUS, RADIUS}};
    const struct goxel_brush brush = {.mode = GOXEL_MODE_OVER, .color = color_of(number)};
    struct goxel_edit edit;
    int code;

    if (number % 16 == 15)
        return stepped(head, number % 32 != 15, 1, NULL);
    code = goxel_head_begin(head, &edit);
    if (code)
        return code;
    for (size_t i = 0; i < 2 && !code; i++) {
        struct goxel_layer *layer = goxel_project_own_layer(edit.project, edit.project->layers[i]);

        goxel_volume_clear(layer->volume);
        code = goxel_paint_shapes(layer->volume, &ball, 1, &brush, NULL);
    }
    if (!code)
        return goxel_head_commit(head, &edit, &note, NULL);
    goxel_head_abort(head, &edit);
    return code;
}

int engine_readers(uint64_t seconds)
{
    struct goxel_project *project = goxel_project_create("readers");
    struct stage stage = {.over = false};
    pthread_t readers[READERS];
    uint64_t written = 0;
    int64_t until = goxel_clock_ms() + (int64_t)seconds * 1000;
    int code = goxel_project_add_layer(project, NULL, -1, NULL, NULL);

    if (!code)
        code = goxel_project_add_layer(project, NULL, -1, NULL, NULL);
    stage.head = goxel_head_create(project);
    goxel_project_unref(project);
    goxel_head_set_history_bytes(stage.head, 1 << 20); /* so that steps go, too */
    if (!code)
        code = write_one(stage.head, written++);
    for (size_t i = 0; i < READERS; i++)
        (void)pthread_create(&readers[i], NULL, look, &stage);
    while (!code && goxel_clock_ms() < until) {
        code = write_one(stage.head, written++);
        if (code && (written - 1) % 16 == 15)
            code = 0; /* nothing to redo after an edit in between */
    }
    atomic_store(&stage.over, true);
    for (size_t i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    goxel_head_destroy(stage.head);
    printf("%" PRIu64 " versions written, %llu seen, %llu torn\n", written, atomic_load(&stage.seen),
           atomic_load(&stage.torn));
    return code || atomic_load(&stage.torn) > 0 || atomic_load(&stage.seen) == 0;
}
