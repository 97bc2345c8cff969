/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random operations, one version each, with the history that they make: what is undone is what was there before,
 * and what was published once is never changed by what comes later.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "engine/engine.h"
#include "engine/world.h"
#include "unit/core/stepped.h"

/* ---- chance ---- */

int chance(struct world *world, int end)
{
    world->random ^= world->random >> 12;
    world->random ^= world->random << 25;
    world->random ^= world->random >> 27;
    return (int)((world->random * UINT64_C(2685821657736338717) >> 33) % (unsigned)end);
}

struct goxel_pos chance_pos(struct world *world)
{
    struct goxel_pos pos;

    pos.x = REF_MIN + chance(world, REF_EDGE);
    pos.y = REF_MIN + chance(world, REF_EDGE);
    pos.z = REF_MIN + chance(world, REF_EDGE);
    return pos;
}

struct goxel_box chance_box(struct world *world, int most)
{
    int32_t min[3], max[3];

    for (int i = 0; i < 3; i++) {
        int edge = 1 + chance(world, most < REF_EDGE ? most : REF_EDGE);

        min[i] = REF_MIN + chance(world, REF_EDGE - edge + 1);
        max[i] = min[i] + edge - 1;
    }
    return (struct goxel_box){{min[0], min[1], min[2]}, {max[0], max[1], max[2]}};
}

struct goxel_color chance_color(struct world *world)
{
    static const uint8_t alphas[8] = {0, 1, 64, 128, 254, 255, 255, 255};

    if (chance(world, 8) == 0) /* one that nobody had */
        return (struct goxel_color){(uint8_t)chance(world, 256), (uint8_t)chance(world, 256),
                                    (uint8_t)chance(world, 256), alphas[chance(world, 8)]};
    return (struct goxel_color){(uint8_t)(chance(world, 3) * 127), (uint8_t)(chance(world, 2) * 255), 7,
                                alphas[chance(world, 8)]};
}

/* ---- from one to the other ---- */

const struct goxel_box whole_space = {{REF_MIN, REF_MIN, REF_MIN}, {REF_MAX, REF_MAX, REF_MAX}};

struct ref_voxel voxel_of(struct goxel_color color)
{
    return (struct ref_voxel){color.r, color.g, color.b, color.a};
}

struct ref_box box_of(const struct goxel_box *box)
{
    return (struct ref_box){{box->min.x, box->min.y, box->min.z}, {box->max.x, box->max.y, box->max.z}};
}

static bool matches(const struct ref *ref, const struct goxel_volume *volume)
{
    if (goxel_volume_count(volume) != ref_count(ref))
        return false;
    for (int z = REF_MIN; z <= REF_MAX; z++)
        for (int y = REF_MIN; y <= REF_MAX; y++)
            for (int x = REF_MIN; x <= REF_MAX; x++) {
                struct goxel_pos pos = {x, y, z};

                if (!ref_equal(ref_get(ref, x, y, z), voxel_of(goxel_volume_get_at(volume, pos))))
                    return false;
            }
    return true;
}

/* ---- the past ---- */

#define PAST 12

/* What was there before a step. */
struct moment {
    struct ref ref, mask;
};

struct run {
    struct world world;
    struct goxel_head *head;
    struct moment now;
    struct moment *before; /* of each edit, until it is over */
    struct moment *past[PAST], *future[PAST];
    size_t past_count, future_count;
    struct goxel_project *held[4]; /* versions from before, with their doubles */
    struct moment *held_now[4];
    uint64_t done;
};

static struct moment *copy_moment(const struct moment *moment)
{
    struct moment *copy = malloc(sizeof(*copy));

    if (!copy)
        abort();
    memcpy(copy, moment, sizeof(*copy));
    return copy;
}

/* Onto a stack; the lowest goes if there are too many. */
static void push(struct moment **stack, size_t *count, const struct moment *moment)
{
    if (*count == PAST) {
        free(stack[0]);
        memmove(stack, stack + 1, (PAST - 1) * sizeof(struct moment *));
        --*count;
    }
    stack[(*count)++] = copy_moment(moment);
}

static void drop_all(struct moment **stack, size_t *count)
{
    while (*count > 0)
        free(stack[--*count]);
}

/* ---- edits ---- */

static int begin(struct run *run, struct goxel_edit *edit)
{
    struct goxel_layer *layer;
    int code = goxel_head_begin(run->head, edit);

    if (code)
        return code;
    layer = goxel_project_own_layer(edit->project, edit->project->layers[0]);
    if (!edit->project->selection)
        edit->project->selection = goxel_volume_create();
    run->world.volume = layer->volume;
    run->world.selection = edit->project->selection;
    return 0;
}

static int edit(struct run *run, const struct operation *operation)
{
    struct goxel_note note = {.name = operation->name};
    struct goxel_edit edit;
    int code = begin(run, &edit);

    if (code)
        return code;
    memcpy(run->before, &run->now, sizeof(run->now));
    code = operation->run(&run->world);
    if (code) {
        goxel_head_abort(run->head, &edit);
        return code;
    }
    code = goxel_head_commit(run->head, &edit, &note, NULL);
    if (!code && memcmp(run->before, &run->now, sizeof(run->now)) != 0) {
        push(run->past, &run->past_count, run->before);
        drop_all(run->future, &run->future_count);
    }
    return code;
}

/* One step back, or forth again. */
static int step(struct run *run, bool back)
{
    struct moment **from = back ? run->past : run->future, **to = back ? run->future : run->past;
    size_t *from_count = back ? &run->past_count : &run->future_count,
           *to_count = back ? &run->future_count : &run->past_count;
    int code;

    if (*from_count == 0)
        return 0;
    code = stepped(run->head, !back, 1, NULL);
    if (code)
        return code;
    push(to, to_count, &run->now);
    memcpy(&run->now, from[--*from_count], sizeof(run->now));
    free(from[*from_count]);
    return 0;
}

/* A question, to the version that everybody reads. */
static int ask(struct run *run, const struct operation *operation)
{
    struct goxel_project *project = goxel_head_snapshot(run->head);
    int code;

    run->world.volume = project->layers[0]->volume;
    code = operation->run(&run->world);
    goxel_project_unref(project);
    return code;
}

/* ---- looking ---- */

static bool project_matches(const struct goxel_project *project, const struct moment *moment)
{
    return matches(&moment->ref, project->layers[0]->volume) &&
           (project->selection ? matches(&moment->mask, project->selection) : ref_count(&moment->mask) == 0);
}

/* The present version, and one that was held for a while. */
static void look(struct run *run)
{
    struct goxel_project *project = goxel_head_snapshot(run->head);
    int i = chance(&run->world, 4);

    if (!project_matches(project, &run->now))
        run->world.wrong = "the voxels differ";
    if (run->held[i] && !project_matches(run->held[i], run->held_now[i]))
        run->world.wrong = "a version from before has changed";
    goxel_project_unref(run->held[i]);
    free(run->held_now[i]);
    run->held[i] = project;
    run->held_now[i] = copy_moment(&run->now);
}

/* ---- the run ---- */

static size_t length(const struct operation *operations)
{
    size_t count = 0;

    while (operations[count].name)
        count++;
    return count;
}

static const struct operation *choose(struct run *run, const struct operation *operations)
{
    return &operations[chance(&run->world, (int)length(operations))];
}

/* What was done last, for whoever reads of a failure. */
static const char *turn(struct run *run, int *ret_code)
{
    const struct operation *operation = NULL;
    int kind = chance(&run->world, 16);

    if (kind == 0 || kind == 1) {
        *ret_code = step(run, kind == 0);
        return kind == 0 ? "undo" : "redo";
    }
    if (kind < 4) {
        operation = choose(run, question_operations);
        *ret_code = ask(run, operation);
    } else {
        operation = choose(run, kind < 10 ? paint_operations : region_operations);
        *ret_code = edit(run, operation);
    }
    return operation->name;
}

static bool start(struct run *run, uint64_t seed)
{
    struct goxel_project *project = goxel_project_create("random");

    run->world.random = seed * 2 + 1; /* never 0 */
    run->world.ref = &run->now.ref;
    run->world.mask = &run->now.mask;
    run->before = calloc(1, sizeof(*run->before));
    if (!project || !run->before || goxel_project_add_layer(project, NULL, -1, NULL, NULL))
        return false;
    run->head = goxel_head_create(project);
    goxel_project_unref(project);
    return run->head != NULL;
}

static void end(struct run *run)
{
    drop_all(run->past, &run->past_count);
    drop_all(run->future, &run->future_count);
    for (size_t i = 0; i < 4; i++) {
        goxel_project_unref(run->held[i]);
        free(run->held_now[i]);
    }
    free(run->before);
    goxel_head_destroy(run->head);
    free(run);
}

/* How often the whole space is compared: in between, what is asked compares as well. */
#define LOOK 8

int engine_random(uint64_t seed, uint64_t count)
{
    struct run *run = calloc(1, sizeof(*run));
    const char *last = "start";
    time_t told = time(NULL);
    int code = run && start(run, seed) ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    for (; run && run->done < count && !code && !run->world.wrong; run->done++) {
        last = turn(run, &code);
        if (!code && run->done % LOOK == 0)
            look(run);
        if (time(NULL) >= told + 10) {
            told = time(NULL);
            fprintf(stderr, "  %" PRIu64 " of %" PRIu64 " operations\n", run->done, count);
        }
    }
    if (run && !code && !run->world.wrong)
        look(run);
    if (code || run->world.wrong)
        fprintf(stderr, "engine-check random %#" PRIx64 " %" PRIu64 ": %s: %s\n", seed, run ? run->done : 0,
                last, code ? goxel_error_text(code) : run->world.wrong);
    else
        printf("seed %#" PRIx64 ": %" PRIu64 " operations agree\n", seed, run->done);
    code = code || (run && run->world.wrong);
    if (run)
        end(run);
    return code;
}
