/* SPDX-License-Identifier: GPL-3.0-or-later */
/* History: every content that was comes back, in few bytes, and goes when its version goes. */
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>

#include "core/head.h"
#include "core/layers.h"
#include "core/step.h"
#include "edits.h"
#include "held.h"
#include "stepped.h"

static const struct goxel_note set_note = {.name = "voxel.add"};
static const struct goxel_color red = {255, 0, 0, 255}, blue = {0, 0, 255, 255}, none = {0, 0, 0, 0};

/* ---- edits, without a head ---- */

/* One voxel, in place of the version that was; on failure that stays. */
static int step_on(struct goxel_project **project, struct goxel_pos pos, struct goxel_color color,
                   const struct goxel_note *note)
{
    struct goxel_project *next = goxel_project_copy(*project);
    int code = next ? set(next, 0, pos, color) : GOXEL_ERROR_OUT_OF_MEMORY;

    if (!code) {
        goxel_project_touch(next);
        code = goxel_history_record(next, *project, note);
    }
    goxel_project_unref(code ? next : *project);
    if (!code)
        *project = next;
    return code;
}

/* ---- against versions that are held ---- */

#define LINE 400

/* All contents from the oldest to the newest, of which one is the present. */
struct line {
    struct goxel_head *head;
    struct goxel_project *versions[LINE];
    int now, end;
    bool grouped; /* the present is in a group that is open */
    unsigned marks;
    uint64_t state;
    int wrong;
};

static void line_cut(struct line *line, int end)
{
    while (line->end > end)
        goxel_project_unref(line->versions[--line->end]);
}

static void line_edit(struct line *line)
{
    struct goxel_note note = {"edit", random_below(&line->state, 3) ? NULL : "one group"};
    struct goxel_project *version;
    struct goxel_edit edit;

    line->wrong += goxel_head_begin(line->head, &edit) != 0;
    for (int i = 1 + random_below(&line->state, 3); i > 0; i--)
        edit_at_random(edit.project, &line->state);
    if (note.group) { /* a change for sure: groups that come to nothing are another test's */
        unsigned mark = ++line->marks;

        set(edit.project, 0, at(-1000, 0, 0), rgba(mark & 255, mark >> 8, 1, 255));
    }
    line->wrong += goxel_head_commit(line->head, &edit, &note, NULL) != 0;
    version = goxel_head_snapshot(line->head);
    if (note.group && line->grouped)
        line->now--; /* the group's last version is what counts */
    if (!note.group && same_content(version, line->versions[line->now])) {
        goxel_project_unref(version); /* nothing was changed, and what was undone is still there */
    } else {
        line_cut(line, line->now + 1);
        line->versions[line->end++] = version;
        line->now++;
    }
    line->grouped = note.group != NULL;
}

static void line_move(struct line *line)
{
    bool forwards = random_below(&line->state, 2);
    int steps = 1 + random_below(&line->state, 4);
    int to = line->now + (forwards ? steps : -steps);
    int code = stepped(line->head, forwards, (size_t)steps, NULL);

    if (to < 0 || to >= line->end) {
        line->wrong += code != GOXEL_ERROR_BAD_PROJECT_STATE;
        return;
    }
    line->wrong += code != 0;
    line->grouped = false;
    line->now = to;
}

static void line_check(struct line *line)
{
    struct goxel_project *now = goxel_head_snapshot(line->head), *then = NULL;
    int i = random_below(&line->state, line->end);
    const struct goxel_project *there = line->versions[i];

    line->wrong += !same_content(now, line->versions[line->now]);
    line->wrong += now->state != line->versions[line->now]->state;
    if (!line->grouped) {
        line->wrong += goxel_head_version_at(line->head, now, there->state, NULL, &then, NULL) != 0 ||
                       !same_content(then, there) || then->version != there->state;
        goxel_project_unref(then);
    }
    goxel_project_unref(now);
}

static void random_edits_come_back(void)
{
    static const uint64_t seeds[] = {0x5eed0c01, 0x5eed0c02, 0x5eed0c03};

    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
        struct goxel_project *project = new_project();
        struct line line = {.head = goxel_head_create(project), .state = seeds[s], .end = 1};

        line.versions[0] = project;
        for (int i = 0; i < 400 && line.end < LINE && !line.wrong; i++) {
            if (random_below(&line.state, 3))
                line_edit(&line);
            else
                line_move(&line);
            line_check(&line);
        }
        CU_ASSERT_EQUAL(line.wrong, 0);
        CU_ASSERT(line.end > 10);
        if (line.wrong)
            printf("seed %#llx\n", (unsigned long long)seeds[s]);
        line_cut(&line, 0);
        goxel_head_destroy(line.head);
    }
}

/* ---- a hundred thousand steps ---- */

static bool full(void)
{
    const char *counts = getenv("GOXEL_COUNTS");

    return counts && strcmp(counts, "full") == 0;
}

/* So many bricks of few voxels, on both sides of the origin. */
static struct goxel_project *project_of_bricks(int edge)
{
    struct goxel_project *project = new_project();
    struct goxel_volume *volume = project->layers[0]->volume;
    int half = edge / 2 * 16;

    for (int i = 0; i < 5; i++)
        goxel_volume_set_at(volume, at(-half + i, -half, -half), rgba(1 + (unsigned)i, 2, 3, 255));
    goxel_volume_seal(volume);
    for (int z = 0; z < edge; z++)
        for (int y = 0; y < edge; y++)
            for (int x = 0; x < edge; x++)
                goxel_volume_share_brick(volume, at(x * 16 - half, y * 16 - half, z * 16 - half), volume,
                                         at(-half, -half, -half));
    goxel_project_touch(project);
    return project;
}

static struct goxel_pos pos_in(uint64_t *state, int edge)
{
    int x = random_below(state, edge * 16), y = random_below(state, edge * 16);
    int half = edge / 2 * 16;

    return at(x - half, y - half, random_below(state, edge * 16) - half);
}

static size_t heap(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

static uint64_t digest(const struct goxel_project *project)
{
    return volume_digest(project->layers[0]->volume);
}

/* All the way in one direction; wrong digests at every thousandth step are counted. */
static int go(struct goxel_project *project, int from, int to, const uint64_t *digests)
{
    int wrong = 0;

    for (int i = from; i != to; i += to > from ? 1 : -1) {
        if (i % 1000 == 0)
            wrong += digest(project) != digests[i / 1000];
        wrong += (to > from ? goxel_history_redo : goxel_history_undo)(project, NULL) != 0;
    }
    return wrong + (digest(project) != digests[to / 1000]);
}

/* What the steps keep of memory. Sanitizers' allocators count in their own way, if at all. */
static void check_bytes(const struct goxel_project *project, int steps)
{
    struct goxel_project *copy = goxel_project_copy(project);
    size_t with = heap(), without, usable = malloc_usable_size(project->history.past);

    goxel_history_forget(copy);
    goxel_history_forget((struct goxel_project *)project);
    without = heap();
    if (unit_counts_libraries()) {
        CU_ASSERT((double)(with - without) / steps <= 96);
        CU_ASSERT(usable <= 80 - sizeof(size_t));
        printf("(%.1f bytes a step) ", (double)(with - without) / steps);
    }
    goxel_project_unref(copy);
}

static void single_voxels_take_few_bytes(void)
{
    const int steps = full() ? 100000 : 10000, edge = full() ? 33 : 15;
    struct goxel_project *project = project_of_bricks(edge), *copy;
    uint64_t state = 0x5eed0c10, *digests = calloc((size_t)steps / 1000 + 1, sizeof(*digests));
    int wrong = 0;

    digests[0] = digest(project);
    for (int i = 1; i <= steps; i++) {
        struct goxel_color color = rgba((unsigned)i & 255, (unsigned)i >> 8 & 255, (unsigned)i >> 16, 255);

        wrong += step_on(&project, pos_in(&state, edge), color, &set_note) != 0;
        if (i % 1000 == 0)
            digests[i / 1000] = digest(project);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    copy = goxel_project_copy(project);
    CU_ASSERT_EQUAL(go(copy, steps, 0, digests), 0);
    CU_ASSERT_EQUAL(goxel_history_undo(copy, NULL), GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_EQUAL(copy->state, 1);
    CU_ASSERT_EQUAL(go(copy, 0, steps, digests), 0);
    CU_ASSERT_EQUAL(goxel_history_redo(copy, NULL), GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_EQUAL(copy->state, project->state);
    CU_ASSERT_EQUAL(copy->history.bytes, project->history.bytes);
    CU_ASSERT_EQUAL(digest(project), digests[steps / 1000]);
    goxel_project_unref(copy);
    check_bytes(project, steps);
    goxel_project_unref(project);
    free(digests);
}

static void *drop_project(void *project)
{
    goxel_project_unref(project);
    return NULL;
}

/* On a stack that no recursion of that depth would fit in. */
static void long_chains_end(void)
{
    struct goxel_project *project = new_project(), *undone;
    pthread_attr_t attr;
    pthread_t thread;
    int wrong = 0;

    pthread_attr_init(&attr);
    CU_ASSERT_EQUAL(pthread_attr_setstacksize(&attr, 256 * 1024), 0);
    for (unsigned i = 0; i < 100000; i++)
        wrong += step_on(&project, at(0, 0, 0), rgba(i & 255, i >> 8 & 255, i >> 16, 255), &set_note) != 0;
    undone = goxel_project_copy(project);
    for (int i = 0; i < 100000; i++)
        wrong += goxel_history_undo(undone, NULL) != 0;
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_PTR_NULL(undone->history.past);
    for (int i = 0; i < 2; i++) { /* the past of the one goes with the other: cells have its steps */
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, &attr, drop_project, i ? undone : project), 0);
        pthread_join(thread, NULL);
    }
    pthread_attr_destroy(&attr);
}

/* ---- groups ---- */

static size_t count_past(const struct goxel_project *project)
{
    size_t count = 0;

    for (const struct goxel_step *step = project->history.past; step; step = step->before)
        count++;
    return count;
}

static void groups_are_one_step(void)
{
    static const struct goxel_note first = {"stroke", "a"}, more = {"more", "a"}, other = {"other", "b"};
    struct goxel_project *project = new_project();

    step_on(&project, at(1, 0, 0), red, &set_note);
    for (unsigned i = 0; i < 100; i++)
        step_on(&project, at(5, 5, 5), rgba(i, 0, 0, 255), i ? &more : &first);
    CU_ASSERT_EQUAL(count_past(project), 1);
    CU_ASSERT_EQUAL(goxel_history_end_group(project), 0);
    CU_ASSERT_EQUAL(count_past(project), 2);
    CU_ASSERT_STRING_EQUAL(goxel_step_name(project->history.past), "stroke");
    CU_ASSERT_EQUAL(project->history.past->patch_bytes, 26); /* one voxel, however often it was set */
    CU_ASSERT_EQUAL(project->history.past->from, 1);
    CU_ASSERT_EQUAL(goxel_history_end_group(project), 0);
    CU_ASSERT_EQUAL(count_past(project), 2);

    /* Another group, a change without one, and undo end a group. */
    step_on(&project, at(2, 0, 0), red, &first);
    step_on(&project, at(3, 0, 0), red, &other);
    CU_ASSERT_EQUAL(count_past(project), 3);
    step_on(&project, at(4, 0, 0), red, &set_note);
    CU_ASSERT_EQUAL(count_past(project), 5);
    CU_ASSERT_STRING_EQUAL(goxel_step_name(project->history.past->before), "other");
    step_on(&project, at(6, 0, 0), red, &first);
    step_on(&project, at(7, 0, 0), red, &more);
    CU_ASSERT_EQUAL(goxel_history_undo(project, NULL), 0);
    CU_ASSERT_EQUAL(count_past(project), 5);
    CU_ASSERT(same_color(get(project, 0, at(6, 0, 0)), none) &&
              same_color(get(project, 0, at(7, 0, 0)), none));
    CU_ASSERT(same_color(get(project, 0, at(4, 0, 0)), red));
    CU_ASSERT_EQUAL(goxel_history_redo(project, NULL), 0);
    CU_ASSERT(same_color(get(project, 0, at(6, 0, 0)), red) && same_color(get(project, 0, at(7, 0, 0)), red));
    goxel_project_unref(project);
}

static void what_changes_nothing_is_no_step(void)
{
    static const struct goxel_note group = {"stroke", "a"};
    struct goxel_project *project = new_project(), *next;

    step_on(&project, at(1, 0, 0), red, &set_note);
    step_on(&project, at(2, 0, 0), red, &set_note);
    CU_ASSERT_EQUAL(goxel_history_undo(project, NULL), 0);
    project->saved_state = project->state;
    step_on(&project, at(1, 0, 0), red, &set_note);
    CU_ASSERT_EQUAL(count_past(project), 1);
    CU_ASSERT_FALSE(goxel_project_is_modified(project));
    step_on(&project, at(1, 0, 0), blue, &group);
    CU_ASSERT(goxel_project_is_modified(project));
    step_on(&project, at(1, 0, 0), red, &group);
    CU_ASSERT_EQUAL(goxel_history_redo(project, NULL), 0); /* the group came to nothing, and is gone */
    CU_ASSERT(same_color(get(project, 0, at(2, 0, 0)), red));
    CU_ASSERT_EQUAL(count_past(project), 2);

    next = goxel_project_copy(project);
    snprintf(next->name, sizeof(next->name), "another name");
    goxel_project_touch(next);
    CU_ASSERT_EQUAL(goxel_history_record(next, project, &set_note), 0);
    CU_ASSERT_EQUAL(count_past(next), 2);
    CU_ASSERT_EQUAL(next->state, next->version); /* to be saved, but not to be undone */
    goxel_project_unref(next);
    goxel_project_unref(project);
}

/* ---- states and versions ---- */

static int commit(struct goxel_head *head, struct goxel_pos pos, struct goxel_color color)
{
    struct goxel_edit edit;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    CU_ASSERT_EQUAL(set(edit.project, 0, pos, color), 0);
    return goxel_head_commit(head, &edit, &set_note, NULL);
}

static int undo(struct goxel_head *head, size_t steps, struct goxel_detail *detail)
{
    return stepped(head, false, steps, detail);
}

static int redo(struct goxel_head *head, size_t steps)
{
    return stepped(head, true, steps, NULL);
}

static struct goxel_head *new_head(void)
{
    struct goxel_project *project = new_project();
    struct goxel_head *head = goxel_head_create(project);

    goxel_project_unref(project);
    return head;
}

static bool head_is(struct goxel_head *head, uint64_t version, uint64_t state)
{
    struct goxel_project *project = goxel_head_snapshot(head);
    bool is = project->version == version && project->state == state;

    goxel_project_unref(project);
    return is;
}

static void versions_grow_and_states_return(void)
{
    struct goxel_head *head = new_head();
    struct goxel_detail detail;

    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(commit(head, at(i, 0, 0), red), 0);
    CU_ASSERT(head_is(head, 3, 3));
    CU_ASSERT_EQUAL(undo(head, 2, NULL), 0);
    CU_ASSERT(head_is(head, 4, 1));
    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(undo(head, 2, &detail), GOXEL_ERROR_BAD_PROJECT_STATE); /* all of them or none */
    CU_ASSERT(detail.has_limit && detail.limit == 1 && detail.given == 2);
    CU_ASSERT(head_is(head, 4, 1));
    CU_ASSERT_EQUAL(redo(head, 1), 0);
    CU_ASSERT(head_is(head, 5, 2));
    CU_ASSERT_EQUAL(commit(head, at(9, 0, 0), blue), 0);
    CU_ASSERT(head_is(head, 6, 6));
    CU_ASSERT_EQUAL(redo(head, 1), GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_EQUAL(undo(head, 1, NULL), 0);
    CU_ASSERT(head_is(head, 7, 2));
    goxel_head_destroy(head);
}

static void what_is_no_content_stays(void)
{
    struct goxel_head *head = new_head();
    struct goxel_project *project;
    struct goxel_edit edit;

    CU_ASSERT_EQUAL(commit(head, at(0, 0, 0), red), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    edit.project->path = strdup("/a.gox");
    edit.project->saved_state = edit.project->state;
    snprintf(edit.project->name, sizeof(edit.project->name), "b");
    CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, NULL, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    CU_ASSERT_EQUAL(goxel_project_add_layer(edit.project, NULL, -1, NULL, NULL), 0);
    CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, &set_note, NULL), 0);
    CU_ASSERT_EQUAL(undo(head, 1, NULL), 0);
    project = goxel_head_snapshot(head);
    CU_ASSERT_STRING_EQUAL(project->path, "/a.gox");
    CU_ASSERT_STRING_EQUAL(project->name, "b");
    CU_ASSERT_EQUAL(project->next_layer_id, 4); /* the id is used up */
    CU_ASSERT_EQUAL(project->layer_count, 2);
    CU_ASSERT_FALSE(goxel_project_is_modified(project)); /* it is what was saved */
    goxel_project_unref(project);
    CU_ASSERT_EQUAL(undo(head, 1, NULL), 0);
    project = goxel_head_snapshot(head);
    CU_ASSERT(goxel_project_is_modified(project));
    goxel_project_unref(project);
    goxel_head_destroy(head);
}

/* The tip that is dropped takes its step along. */
static void dropped_tips_leave_no_step(void)
{
    struct goxel_head *head = new_head();
    struct held held = held_make();
    struct goxel_project *tip;
    struct goxel_edit edit;

    CU_ASSERT_EQUAL(commit(head, at(0, 0, 0), red), 0);
    goxel_head_set_keeper(head, &held.keeper, NULL);
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    CU_ASSERT_EQUAL(set(edit.project, 0, at(1, 0, 0), red), 0);
    CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, &set_note, NULL), 0);
    tip = held_take(&held);
    CU_ASSERT_EQUAL(count_past(tip), 2);
    goxel_project_unref(tip);
    goxel_head_drop(head);
    tip = goxel_head_snapshot(head);
    CU_ASSERT_EQUAL(count_past(tip), 1);
    goxel_project_unref(tip);
    goxel_head_destroy(head);
}

static void heads_end_groups(void)
{
    static const struct goxel_note group = {"stroke", "a"};
    struct goxel_head *head = new_head();
    struct goxel_history_row *rows = NULL;
    struct goxel_project *project;
    struct goxel_edit edit;
    size_t count = 0;

    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
        CU_ASSERT_EQUAL(set(edit.project, 0, at(i, 0, 0), red), 0);
        CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, &group, NULL), 0);
    }
    project = goxel_head_snapshot(head);
    CU_ASSERT_EQUAL(goxel_head_list_history(head, project, 10, &rows, &count), 0);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    CU_ASSERT(rows[0].version == 3 && rows[0].bytes == 0 && !rows[0].undone);
    CU_ASSERT_STRING_EQUAL(rows[0].name, "stroke");
    free(rows);
    goxel_project_unref(project);
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    CU_ASSERT_EQUAL(goxel_head_end_group(head, &edit, NULL), 0);
    CU_ASSERT(head_is(head, 3, 3));
    project = goxel_head_snapshot(head);
    CU_ASSERT_EQUAL(count_past(project), 1);
    CU_ASSERT_PTR_NULL(project->history.open);
    goxel_project_unref(project);
    goxel_head_destroy(head);
}

/* ---- looking ---- */

static void old_versions_are_found(void)
{
    struct goxel_head *head = new_head();
    struct goxel_project *now, *then = NULL;
    struct goxel_detail detail;
    struct goxel_cancel cancel;

    for (int i = 1; i <= 5; i++)
        CU_ASSERT_EQUAL(commit(head, at(i, 0, 0), red), 0);
    CU_ASSERT_EQUAL(undo(head, 2, NULL), 0); /* version 6 is state 3 */
    now = goxel_head_snapshot(head);
    for (uint64_t version = 0; version <= 6; version++) {
        CU_ASSERT_EQUAL_FATAL(goxel_head_version_at(head, now, version, NULL, &then, NULL), 0);
        CU_ASSERT_EQUAL(goxel_volume_count(then->layers[0]->volume), (int64_t)(version == 6 ? 3 : version));
        CU_ASSERT_EQUAL(then->version, version);
        CU_ASSERT_PTR_NULL(then->history.past);
        CU_ASSERT_PTR_NULL(then->history.future);
        goxel_project_unref(then);
    }
    then = NULL;
    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(goxel_head_version_at(head, now, 7, NULL, &then, &detail), GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_STRING_EQUAL(detail.text, "version 7 is not kept: the steps that are lead from 0 to 5");
    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(goxel_head_version_at(head, now, 1, &cancel, &then, NULL), GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_PTR_NULL(then);
    goxel_project_unref(now);
    goxel_head_destroy(head);
}

static void lists_go_outwards_from_the_present(void)
{
    static const uint64_t versions[] = {3, 2, 4, 5};
    struct goxel_head *head = new_head();
    struct goxel_history_row *rows = NULL;
    struct goxel_project *now;
    size_t count = 77;

    now = goxel_head_snapshot(head);
    CU_ASSERT_EQUAL(goxel_head_list_history(head, now, 10, &rows, &count), 0);
    CU_ASSERT(count == 0 && !rows);
    goxel_project_unref(now);
    for (int i = 1; i <= 6; i++)
        CU_ASSERT_EQUAL(commit(head, at(i, 0, 0), red), 0);
    CU_ASSERT_EQUAL(undo(head, 3, NULL), 0);
    now = goxel_head_snapshot(head);
    CU_ASSERT_EQUAL(goxel_head_list_history(head, now, 2, &rows, &count), 0);
    CU_ASSERT_EQUAL_FATAL(count, 4);
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(rows[i].version, versions[i]);
        CU_ASSERT_EQUAL(rows[i].undone, i >= 2);
        CU_ASSERT(rows[i].bytes > 0 && rows[i].time_ms > 0);
        CU_ASSERT_STRING_EQUAL(rows[i].name, "voxel.add");
    }
    free(rows);
    CU_ASSERT_EQUAL(goxel_head_list_history(head, now, 0, &rows, &count), 0);
    CU_ASSERT(count == 0 && !rows);
    goxel_project_unref(now);
    goxel_head_destroy(head);
}

/* ---- memory ---- */

static int64_t counted_bytes(const struct goxel_project *project)
{
    int64_t bytes = 0;

    for (const struct goxel_step *step = project->history.past; step; step = step->before)
        bytes += goxel_step_bytes(step);
    return bytes;
}

static void the_oldest_steps_go(void)
{
    const int64_t budget = 20000;
    struct goxel_head *head = new_head();
    struct goxel_project *now, *then = NULL;
    size_t least = SIZE_MAX;
    uint64_t oldest;

    goxel_head_set_history_bytes(head, budget);
    for (unsigned i = 1; i <= 2000; i++) {
        CU_ASSERT_EQUAL(commit(head, at(i & 63, 0, 0), rgba(i & 255, i >> 8, 1, 255)), 0);
        now = goxel_head_snapshot(head);
        CU_ASSERT(now->history.bytes <= budget);
        CU_ASSERT_EQUAL(now->history.bytes, counted_bytes(now));
        if (i > 1000 && count_past(now) < least)
            least = count_past(now);
        goxel_project_unref(now);
    }
    CU_ASSERT(least >= (size_t)(budget * 3 / 4 / 96)); /* not more than an eighth at a time */
    now = goxel_head_snapshot(head);
    oldest = now->state - count_past(now);
    CU_ASSERT_EQUAL(goxel_head_version_at(head, now, oldest, NULL, &then, NULL), 0);
    goxel_project_unref(then);
    CU_ASSERT_EQUAL(goxel_head_version_at(head, now, oldest - 1, NULL, &then, NULL),
                    GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_EQUAL(undo(head, count_past(now), NULL), 0);
    CU_ASSERT_EQUAL(undo(head, 1, NULL), GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_EQUAL(redo(head, count_past(now)), 0);
    CU_ASSERT(head_is(head, 2002, 2000));
    goxel_project_unref(now);
    goxel_head_set_history_bytes(head, 0);
    CU_ASSERT_EQUAL(commit(head, at(0, 0, 0), none), 0);
    now = goxel_head_snapshot(head);
    CU_ASSERT_EQUAL(count_past(now), 0);
    goxel_project_unref(now);
    goxel_head_destroy(head);
}

static void what_is_undone_counts(void)
{
    struct goxel_project *project = new_project();
    int64_t all, one;

    for (int i = 1; i <= 80; i++)
        step_on(&project, at(i, 0, 0), red, &set_note);
    one = goxel_step_bytes(project->history.past);
    for (int i = 1; i <= 40; i++)
        CU_ASSERT_EQUAL(goxel_history_undo(project, NULL), 0);
    all = project->history.bytes;
    goxel_history_trim(project, all);
    CU_ASSERT_EQUAL(count_past(project), 40);
    goxel_history_trim(project, all - 1);
    CU_ASSERT(project->history.bytes <= all - all / 8);
    CU_ASSERT(count_past(project) > 20 && count_past(project) < 40);
    goxel_history_trim(project, 5 * one);
    CU_ASSERT_PTR_NULL(project->history.future);
    CU_ASSERT(count_past(project) > 0);
    CU_ASSERT_EQUAL(project->history.bytes, counted_bytes(project));
    goxel_project_unref(project);
}

/* The nearest step of the future has the past, too: both lose it, and redo still leads on. */
static void a_past_that_is_cut_leaves_the_future(void)
{
    struct goxel_project *project = new_project();
    int64_t future;

    for (int i = 1; i <= 20; i++)
        step_on(&project, at(i, 0, 0), red, &set_note);
    for (int i = 1; i <= 10; i++)
        CU_ASSERT_EQUAL(goxel_history_undo(project, NULL), 0);
    future = project->history.bytes - counted_bytes(project);
    goxel_history_trim(project, future + future / 7 + 8);
    CU_ASSERT_PTR_NULL(project->history.past);
    CU_ASSERT_EQUAL(project->history.bytes, future);
    for (int i = 1; i <= 10; i++)
        CU_ASSERT_EQUAL(goxel_history_redo(project, NULL), 0);
    CU_ASSERT_EQUAL(goxel_volume_count(project->layers[0]->volume), 20);
    CU_ASSERT_EQUAL(count_past(project), 10);
    CU_ASSERT_EQUAL(project->history.bytes, counted_bytes(project));
    goxel_project_unref(project);
}

static int edit_much(struct goxel_project *project)
{
    struct goxel_layer *layer = NULL, *own;
    struct goxel_box box = {at(-20, -20, -20), at(40, 40, 40)};
    int code = goxel_project_duplicate_layer(project, 1, &layer, NULL);

    if (!code)
        code = goxel_project_remove_layer(project, 1);
    own = code ? NULL : goxel_project_own_layer(project, goxel_project_layer(project, 2));
    if (!own || !(own->image_path = strdup("a.png")))
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (!(project->selection = goxel_volume_create()))
        return GOXEL_ERROR_OUT_OF_MEMORY;
    code = goxel_volume_fill(project->selection, &box, red, NULL);
    return code ? code : set(project, 0, at(100, 1, 1), blue);
}

static int commit_much(struct goxel_head *head)
{
    static const struct goxel_note group = {"much", "a"};
    struct goxel_edit edit;
    int code = goxel_head_begin(head, &edit);

    if (code)
        return code;
    code = edit_much(edit.project);
    if (!code)
        return goxel_head_commit(head, &edit, &group, NULL);
    goxel_head_abort(head, &edit);
    return code;
}

static int commit_beside(struct goxel_head *head)
{
    struct goxel_edit edit;
    int code = goxel_head_begin(head, &edit);

    if (code)
        return code;
    code = set(edit.project, 0, at(7, 7, 7), blue);
    if (!code)
        return goxel_head_commit(head, &edit, &set_note, NULL);
    goxel_head_abort(head, &edit);
    return code;
}

static int undo_twice(struct goxel_head *head)
{
    return stepped(head, false, 2, NULL);
}

static int redo_twice(struct goxel_head *head)
{
    return stepped(head, true, 2, NULL);
}

static int look_back(struct goxel_head *head)
{
    struct goxel_project *now = goxel_head_snapshot(head), *then = NULL;
    struct goxel_history_row *rows = NULL;
    size_t count = 0;
    int code = goxel_head_version_at(head, now, 1, NULL, &then, NULL);

    if (!code)
        code = goxel_head_list_history(head, now, 100, &rows, &count);
    free(rows);
    goxel_project_unref(then);
    goxel_project_unref(now);
    return code;
}

/* Runs a row on what those before it left, with allocation n failing; true if it was reached. */
static bool fail_in_row(size_t row, long n, int *failures)
{
    static int (*const rows[])(struct goxel_head * head) = {commit_much, commit_beside, undo_twice,
                                                            redo_twice, look_back};
    struct goxel_head *head = new_head();
    struct goxel_project *before, *after;
    size_t past;
    long made;
    int code;

    CU_ASSERT_EQUAL(commit(head, at(1, 1, 1), red), 0);
    for (size_t i = 0; i < row; i++)
        CU_ASSERT_EQUAL(rows[i](head), 0);
    before = goxel_head_snapshot(head);
    past = count_past(before);
    unit_fail_allocation(n);
    code = rows[row](head);
    made = unit_fail_allocation(-1);
    after = goxel_head_snapshot(head);
    CU_ASSERT(code == 0 || (code == GOXEL_ERROR_OUT_OF_MEMORY && after == before));
    CU_ASSERT_EQUAL(count_past(before), past);
    *failures += code != 0;
    goxel_project_unref(before);
    goxel_project_unref(after);
    goxel_head_destroy(head);
    return made > n;
}

/* What sealing needs may be missing without harm. All the rest ends the edit, and the head is as it was. */
static void failed_allocations_change_nothing(void)
{
    static const int failures[] = {40, 20, 15, 15, 15}; /* at least */

    for (size_t row = 0; row < sizeof(failures) / sizeof(failures[0]); row++) {
        int failed = 0;
        long n = 0;

        while (fail_in_row(row, n, &failed))
            n++;
        CU_ASSERT(failed >= failures[row]);
        if (failed < failures[row])
            printf("row %zu: %d allocations\n", row, failed);
    }
}

/* ---- threads ---- */

#define READERS 3
#define COMMITS 600

struct crowd {
    struct goxel_head *head;
    atomic_bool done;
    atomic_int wrong, looked;
};

/* In state n there are n voxels. */
static void *read_history(void *arg)
{
    struct crowd *crowd = arg;
    uint64_t state = 0x5eed0c20;
    bool done = false;

    while (!done) {
        struct goxel_project *now, *then = NULL;
        struct goxel_history_row *rows = NULL;
        size_t count = 0;
        uint64_t back;
        int code;

        done = atomic_load(&crowd->done);
        now = goxel_head_snapshot(crowd->head);
        back = now->state - (uint64_t)random_below(&state, 10);
        code = goxel_head_version_at(crowd->head, now, back, NULL, &then, NULL);
        if (code == 0)
            atomic_fetch_add(&crowd->wrong, goxel_volume_count(then->layers[0]->volume) != (int64_t)back);
        else
            atomic_fetch_add(&crowd->wrong, code != GOXEL_ERROR_BAD_PROJECT_STATE);
        code = goxel_head_list_history(crowd->head, now, 20, &rows, &count);
        atomic_fetch_add(&crowd->wrong, code != 0 || (count > 0 && rows[0].version != now->state));
        free(rows);
        goxel_project_unref(then);
        goxel_project_unref(now);
        atomic_fetch_add(&crowd->looked, 1);
    }
    return NULL;
}

static void readers_look_back_while_steps_go(void)
{
    struct crowd crowd = {.head = new_head()};
    pthread_t threads[READERS];
    int started = 0;

    goxel_head_set_history_bytes(crowd.head, 1000);
    while (started < READERS && pthread_create(&threads[started], NULL, read_history, &crowd) == 0)
        started++;
    CU_ASSERT_EQUAL(started, READERS);
    for (int i = 0; i < COMMITS; i++)
        CU_ASSERT_EQUAL(commit(crowd.head, at(i & 31, i >> 5, -i), red), 0);
    atomic_store(&crowd.done, true);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(atomic_load(&crowd.wrong), 0);
    CU_ASSERT(atomic_load(&crowd.looked) >= READERS);
    goxel_head_destroy(crowd.head);
}

static const struct unit_test tests[] = {
    {"random edits come back", random_edits_come_back},
    {"single voxels take few bytes, and all come back", single_voxels_take_few_bytes},
    {"long chains end", long_chains_end},
    {"groups are one step", groups_are_one_step},
    {"what changes nothing is no step", what_changes_nothing_is_no_step},
    {"versions grow and states return", versions_grow_and_states_return},
    {"what is no content stays", what_is_no_content_stays},
    {"dropped tips leave no step", dropped_tips_leave_no_step},
    {"heads end groups", heads_end_groups},
    {"old versions are found", old_versions_are_found},
    {"lists go outwards from the present", lists_go_outwards_from_the_present},
    {"the oldest steps go", the_oldest_steps_go},
    {"what is undone counts", what_is_undone_counts},
    {"a past that is cut leaves the future", a_past_that_is_cut_leaves_the_future},
    {"failed allocations change nothing", failed_allocations_change_nothing},
    {"readers look back while steps go", readers_look_back_while_steps_go},
    {NULL, NULL},
};

const struct unit_suite suite_history = {"history", tests};
