/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of core/head: what readers see, what the writer builds on, and what is left of an edit that fails. */
#include "core/head.h"

#include <pthread.h>
#include <stdatomic.h>

#include "core/layered.h"
#include "unit.h"
#include "held.h"

static const struct goxel_note note = {.name = "edit"};

static struct goxel_head *new_head(void)
{
    struct goxel_project *project = new_project();
    struct goxel_head *head = goxel_head_create(project);

    CU_ASSERT_PTR_NOT_NULL_FATAL(head);
    goxel_project_unref(project);
    return head;
}

static void edits_are_seen_when_they_end(void)
{
    struct goxel_head *head = new_head();
    struct goxel_project *before = goxel_head_snapshot(head), *after;
    struct goxel_edit edit;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    CU_ASSERT_EQUAL(set(edit.project, 0, at(1, 2, 3), rgba(9, 9, 9, 255)), 0);
    after = goxel_head_snapshot(head);
    CU_ASSERT_PTR_EQUAL(after, before);
    goxel_project_unref(after);
    CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, &note, NULL), 0);
    after = goxel_head_snapshot(head);
    CU_ASSERT_EQUAL(after->version, before->version + 1);
    CU_ASSERT_EQUAL(after->state, after->version);
    CU_ASSERT(same_color(get(after, 0, at(1, 2, 3)), rgba(9, 9, 9, 255)));
    CU_ASSERT_EQUAL(get(before, 0, at(1, 2, 3)).a, 0);
    CU_ASSERT_PTR_EQUAL(after->layers[1], before->layers[1]); /* what was not touched is shared */
    CU_ASSERT_PTR_EQUAL(after->scene, before->scene);
    goxel_project_unref(before);
    goxel_head_destroy(head);
    CU_ASSERT(same_color(get(after, 0, at(1, 2, 3)), rgba(9, 9, 9, 255))); /* held longer than the head */
    goxel_project_unref(after);
}

static void aborted_edits_leave_nothing(void)
{
    struct goxel_head *head = new_head();
    struct goxel_project *before = goxel_head_snapshot(head), *after;
    struct goxel_edit edit;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    CU_ASSERT_EQUAL(set(edit.project, 0, at(1, 2, 3), rgba(9, 9, 9, 255)), 0);
    CU_ASSERT_EQUAL(goxel_project_remove_layer(edit.project, 2), 0);
    goxel_head_abort(head, &edit);
    after = goxel_head_snapshot(head);
    CU_ASSERT_PTR_EQUAL(after, before);
    CU_ASSERT_EQUAL(after->layer_count, 2);
    CU_ASSERT_EQUAL(goxel_volume_count(after->layers[0]->volume), 0);
    goxel_project_unref(before);
    goxel_project_unref(after);
    goxel_head_destroy(head);
}

static void notes_are_no_versions(void)
{
    struct goxel_head *head = new_head();
    struct goxel_project *after;
    struct goxel_edit edit;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    edit.project->saved_state = 77;
    CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, NULL, NULL), 0);
    after = goxel_head_snapshot(head);
    CU_ASSERT_EQUAL(after->version, 0);
    CU_ASSERT_EQUAL(after->saved_state, 77);
    goxel_project_unref(after);
    goxel_head_destroy(head);
}

static struct held held;

static struct goxel_head *held_head(void)
{
    struct goxel_head *head = new_head();

    held = held_make();
    goxel_head_set_keeper(head, &held.keeper, NULL);
    return head;
}

/* One voxel more, committed and not yet published; the tip is the caller's. */
static struct goxel_project *commit_one(struct goxel_head *head, int x)
{
    struct goxel_edit edit;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    CU_ASSERT_EQUAL(set(edit.project, 0, at(x, 0, 0), rgba(1, 1, 1, 255)), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_head_commit(head, &edit, &note, NULL), 0);
    return held_take(&held);
}

static int64_t published_voxels(struct goxel_head *head)
{
    struct goxel_project *project = goxel_head_snapshot(head);
    int64_t voxels = goxel_project_voxels(project);

    goxel_project_unref(project);
    return voxels;
}

static void the_tip_may_be_ahead(void)
{
    struct goxel_head *head = held_head();
    struct goxel_project *one = commit_one(head, 1), *two = commit_one(head, 2), *three;

    CU_ASSERT_EQUAL(goxel_project_voxels(two), 2); /* edits build on the tip */
    CU_ASSERT_EQUAL(published_voxels(head), 0);
    goxel_head_publish(head, one);
    CU_ASSERT_EQUAL(published_voxels(head), 1);
    goxel_head_publish(head, two);
    goxel_head_publish(head, one); /* late, and older */
    CU_ASSERT_EQUAL(published_voxels(head), 2);
    three = commit_one(head, 3);
    CU_ASSERT_EQUAL(three->version, 3);
    goxel_head_drop(head);
    goxel_project_unref(three);
    three = commit_one(head, 4);
    CU_ASSERT_EQUAL(goxel_project_voxels(three), 3); /* without what was dropped */
    CU_ASSERT_EQUAL(get(three, 0, at(3, 0, 0)).a, 0);
    CU_ASSERT_EQUAL(three->version, 4); /* no number comes twice */
    goxel_project_unref(one);
    goxel_project_unref(two);
    goxel_project_unref(three);
    goxel_head_destroy(head);
}

/* The tip is what it was, the next edit builds on that, and a promise is not settled. */
static void what_is_not_kept_is_not_there(void)
{
    struct goxel_head *head = held_head();
    struct goxel_project *one = commit_one(head, 1), *two;
    struct goxel_edit edit;

    held.code = GOXEL_ERROR_QUOTA;
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    CU_ASSERT_EQUAL(set(edit.project, 0, at(7, 0, 0), rgba(1, 1, 1, 255)), 0);
    CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, &note, NULL), GOXEL_ERROR_QUOTA);
    held.code = 0;
    two = commit_one(head, 2);
    CU_ASSERT_EQUAL(goxel_project_voxels(two), 2);
    CU_ASSERT_EQUAL(get(two, 0, at(7, 0, 0)).a, 0);
    CU_ASSERT_PTR_EQUAL(held.change.after, two);
    CU_ASSERT_EQUAL(held.change.kind, GOXEL_CHANGE_EDIT);
    CU_ASSERT_EQUAL(held.epoch, 0);
    goxel_head_drop(head);
    CU_ASSERT_EQUAL(goxel_head_epoch(head), 1);
    goxel_project_unref(one);
    goxel_project_unref(two);
    goxel_head_destroy(head);
}

static void what_was_built_on_a_dropped_tip_is_lost_with_it(void)
{
    struct goxel_head *head = held_head();
    struct goxel_project *tip = commit_one(head, 1);
    struct goxel_edit edit;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    goxel_head_drop(head);
    CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, &note, NULL), GOXEL_ERROR_LOCKED);
    CU_ASSERT_EQUAL(published_voxels(head), 0);
    goxel_project_unref(tip);
    tip = commit_one(head, 2); /* the turn was given back */
    CU_ASSERT_EQUAL(goxel_project_voxels(tip), 1);
    goxel_project_unref(tip);
    goxel_head_destroy(head);
}

static void allocations_may_fail(void)
{
    struct goxel_head *head = new_head();
    int code = GOXEL_ERROR_OUT_OF_MEMORY;

    for (int n = 0; code && n < 200; n++) {
        struct goxel_edit edit;

        unit_fail_allocation(n);
        code = goxel_head_begin(head, &edit);
        if (!code) {
            code = set(edit.project, 0, at(1, 2, 3), rgba(9, 9, 9, 255));
            if (!code && !goxel_project_own_scene(edit.project))
                code = GOXEL_ERROR_OUT_OF_MEMORY;
            if (code)
                goxel_head_abort(head, &edit);
            else
                code = goxel_head_commit(head, &edit, &note, NULL);
        }
        unit_fail_allocation(-1);
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        CU_ASSERT_EQUAL(published_voxels(head), code == 0);
    }
    CU_ASSERT_EQUAL(code, 0);
    goxel_head_destroy(head);
}

/* ---- readers beside a writer ---- */

#define EDGE 40 /* voxels on an edge of what is written each time: it crosses bricks, and the origin */

struct stage {
    struct goxel_head *head;
    atomic_bool over;
    atomic_int torn, seen;
};

/* Every version has a box of one colour in either layer, the same in both, and says which. */
static void *watch(void *arg)
{
    struct stage *stage = arg;
    struct goxel_box box;

    while (!atomic_load(&stage->over)) {
        struct goxel_project *project = goxel_head_snapshot(stage->head);
        struct goxel_color color = get(project, 0, at(-EDGE / 2, -EDGE / 2, -EDGE / 2));
        bool whole = project->version % 256 == color.r &&
                     goxel_project_voxels(project) == 2 * EDGE * EDGE * EDGE &&
                     goxel_volume_bounds(project->layers[1]->volume, &box) &&
                     box.max.x - box.min.x == EDGE - 1;

        for (int i = 0; i < EDGE && whole; i++)
            whole = same_color(get(project, (size_t)i % 2, at(i - EDGE / 2, EDGE / 2 - 1 - i, i / 2)), color);
        atomic_fetch_add(&stage->torn, !whole);
        atomic_fetch_add(&stage->seen, 1);
        goxel_project_unref(project);
    }
    return NULL;
}

static void write_boxes(struct goxel_head *head)
{
    static const struct goxel_box box = {{-EDGE / 2, -EDGE / 2, -EDGE / 2},
                                         {EDGE / 2 - 1, EDGE / 2 - 1, EDGE / 2 - 1}};
    struct goxel_edit edit;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    for (size_t i = 0; i < 2; i++) {
        struct goxel_layer *layer = goxel_project_own_layer(edit.project, edit.project->layers[i]);

        CU_ASSERT_EQUAL(goxel_volume_fill(layer->volume, &box,
                                          rgba((unsigned)(edit.project->version + 1) % 256, 1, 2, 255), NULL),
                        0);
    }
    CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, &note, NULL), 0);
}

static void readers_see_whole_versions(void)
{
    struct stage stage = {.head = new_head()};
    const int edits = unit_counts(100, 300);
    pthread_t readers[8];

    write_boxes(stage.head);
    for (size_t i = 0; i < 8; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&readers[i], NULL, watch, &stage), 0);
    for (int i = 0; i < edits || atomic_load(&stage.seen) < 1000; i++)
        write_boxes(stage.head);
    atomic_store(&stage.over, true);
    for (size_t i = 0; i < 8; i++)
        pthread_join(readers[i], NULL);
    CU_ASSERT_EQUAL(atomic_load(&stage.torn), 0);
    goxel_head_destroy(stage.head);
}

static const struct unit_test tests[] = {
    {"edits are seen when they end", edits_are_seen_when_they_end},
    {"aborted edits leave nothing", aborted_edits_leave_nothing},
    {"notes are no versions", notes_are_no_versions},
    {"the tip may be ahead", the_tip_may_be_ahead},
    {"what is not kept is not there", what_is_not_kept_is_not_there},
    {"what was built on a dropped tip is lost with it", what_was_built_on_a_dropped_tip_is_lost_with_it},
    {"allocations may fail", allocations_may_fail},
    {"readers see whole versions", readers_see_whole_versions},
    {NULL, NULL},
};

const struct unit_suite suite_head = {"head", tests};
