/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps and histories as bytes and lists: they come back the same, and of wrong bytes nothing comes that could not be. */
#include "core/step.h"

#include "base/error.h"
#include "core/head.h"
#include "edits.h"
#include "stepped.h"

static const struct goxel_note edit_note = {.name = "edit"};

/* ---- projects with a history ---- */

static void edit_head(struct goxel_head *head, uint64_t *state, const char *group)
{
    struct goxel_note note = {"edit", group};
    struct goxel_edit edit;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    edit_at_random(edit.project, state);
    CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, &note, NULL), 0);
}

static void undo_head(struct goxel_head *head, size_t steps)
{
    CU_ASSERT_EQUAL(stepped(head, false, steps, NULL), 0);
}

static struct goxel_head *new_head(void)
{
    struct goxel_project *project = new_project();
    struct goxel_head *head = goxel_head_create(project);

    goxel_project_unref(project);
    CU_ASSERT_PTR_NOT_NULL_FATAL(head);
    return head;
}

/* After random edits, of which some are undone, and perhaps with a group open. */
static struct goxel_project *project_with_history(uint64_t state, int edits, size_t undone, const char *group)
{
    struct goxel_head *head = new_head();
    struct goxel_project *project;
    struct goxel_edit edit;

    for (int i = 0; i < edits; i++)
        edit_head(head, &state, NULL);
    for (unsigned i = 0; i <= undone; i++) { /* so many for sure */
        CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
        CU_ASSERT_EQUAL(set(edit.project, 0, at(-900, (int)i, 0), rgba(1, 2, 3, 255)), 0);
        CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, &edit_note, NULL), 0);
    }
    if (undone)
        undo_head(head, undone);
    for (int i = 0; group && i < 3; i++)
        edit_head(head, &state, group);
    project = goxel_head_snapshot(head);
    goxel_head_destroy(head);
    return project;
}

/* ---- steps as bytes ---- */

static struct goxel_buf bytes_of(const struct goxel_step *step)
{
    struct goxel_buf buf;

    goxel_buf_init(&buf, SIZE_MAX);
    goxel_step_put(&buf, step);
    CU_ASSERT_EQUAL(buf.failed, 0);
    return buf;
}

/* All of the bytes, and a step that comes to the same bytes again. */
static void check_again(const struct goxel_step *step)
{
    struct goxel_buf first = bytes_of(step), second;
    struct goxel_reading in = goxel_reading_make(first.data, first.len);
    struct goxel_step *again = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_step_take(&in, NULL, &again), 0);
    CU_ASSERT_EQUAL(in.left, 0);
    CU_ASSERT_PTR_NULL(again->before);
    CU_ASSERT_STRING_EQUAL(goxel_step_name(step), goxel_step_name(again));
    CU_ASSERT(step->from == again->from && step->time_ms == again->time_ms);
    second = bytes_of(again);
    CU_ASSERT(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    goxel_buf_finish(&first);
    goxel_buf_finish(&second);
    goxel_step_unref(again);
}

static void steps_come_back_from_bytes(void)
{
    static const uint64_t seeds[] = {3, 44, 555};

    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
        struct goxel_project *project = project_with_history(seeds[s], 60, 4, NULL);
        struct goxel_history_list list = {.count = 0};

        CU_ASSERT_EQUAL_FATAL(goxel_history_take_list(project, &list), 0);
        CU_ASSERT(list.past > 20);
        CU_ASSERT_EQUAL(list.count, list.past + 4);
        for (size_t i = 0; i < list.count; i++)
            check_again(list.entries[i].step);
        goxel_history_list_finish(&list);
        goxel_project_unref(project);
    }
}

/* A step that was read leads both ways as the one that was made. */
static void steps_from_bytes_lead_both_ways(void)
{
    uint64_t state = 0x57e9;
    struct goxel_project *before = new_project();

    for (int i = 0; i < 150; i++) {
        struct goxel_project *after = goxel_project_copy(before), *walker;
        struct goxel_step *step = NULL, *again = NULL;
        struct goxel_reading in;
        struct goxel_buf bytes;

        edit_at_random(after, &state);
        goxel_project_touch(after);
        CU_ASSERT_EQUAL_FATAL(goxel_step_make(before, after, "edit", 7, &step), 0);
        if (step) {
            bytes = bytes_of(step);
            in = goxel_reading_make(bytes.data, bytes.len);
            CU_ASSERT_EQUAL_FATAL(goxel_step_take(&in, NULL, &again), 0);
            walker = goxel_project_copy(after);
            CU_ASSERT_EQUAL(goxel_step_apply(again, walker, false), 0);
            for (size_t k = 0; k < walker->layer_count; k++)
                CU_ASSERT(same_volume(walker->layers[k]->volume, before->layers[k]->volume));
            CU_ASSERT_EQUAL(goxel_step_apply(again, walker, true), 0);
            walker->version = after->version;
            CU_ASSERT(same_version(walker, after));
            goxel_project_unref(walker);
            goxel_buf_finish(&bytes);
        }
        goxel_step_unref(step);
        goxel_step_unref(again);
        goxel_project_unref(before);
        before = after;
    }
    goxel_project_unref(before);
}

/* ---- bytes of somebody else ---- */

/* Either they are none, which is told of, or they are a step that can be written and applied. */
static void take_hostile(const uint8_t *bytes, size_t len, size_t *refused)
{
    struct goxel_reading in = goxel_reading_make(bytes, len);
    struct goxel_detail detail = {.text = ""};
    struct goxel_step *step = NULL;
    int code = goxel_step_take(&in, &detail, &step);

    CU_ASSERT(code == 0 || (code == GOXEL_ERROR_INVALID_DATA && detail.text[0]));
    *refused += code != 0;
    if (code)
        return;
    CU_ASSERT(goxel_step_bytes(step) > 0);
    check_again(step);
    goxel_step_unref(step);
}

/* Of a few voxels, of boxes, of layers and of the scene. */
static size_t take_steps(struct goxel_history_list *list)
{
    struct goxel_project *project = project_with_history(0x4057, 25, 1, NULL);

    CU_ASSERT_EQUAL_FATAL(goxel_history_take_list(project, list), 0);
    goxel_project_unref(project);
    return list->count;
}

static void cut_steps_are_none(void)
{
    struct goxel_history_list list = {.count = 0};
    size_t count = take_steps(&list), refused = 0, cuts = 0;

    for (size_t i = 0; i < count; i++) {
        struct goxel_buf bytes = bytes_of(list.entries[i].step);
        size_t stride = bytes.len > 2000 ? bytes.len / 500 : 1;

        for (size_t len = 0; len < bytes.len; len += stride, cuts++) {
            uint8_t *copy = malloc(len ? len : 1); /* so that a sanitizer sees what is read behind it */

            memcpy(copy, bytes.data, len);
            take_hostile(copy, len, &refused);
            free(copy);
        }
        goxel_buf_finish(&bytes);
    }
    CU_ASSERT_EQUAL(refused, cuts);
    goxel_history_list_finish(&list);
}

static void changed_steps_are_none_or_others(void)
{
    struct goxel_history_list list = {.count = 0};
    size_t count = take_steps(&list), refused = 0, flips = 0;
    uint64_t state = 0xf11b;

    for (size_t i = 0; i < count; i++) {
        struct goxel_buf bytes = bytes_of(list.entries[i].step);
        size_t stride = bytes.len > 2000 ? bytes.len / 700 : 1;

        for (size_t at = 0; at < bytes.len; at += stride, flips++) {
            char was = bytes.data[at];

            bytes.data[at] = (char)(random_below(&state, 3) ? was ^ 1 << random_below(&state, 8)
                                                            : random_below(&state, 256));
            take_hostile((const uint8_t *)bytes.data, bytes.len, &refused);
            bytes.data[at] = was;
        }
        goxel_buf_finish(&bytes);
    }
    CU_ASSERT(refused > 100 && refused < flips);
    goxel_history_list_finish(&list);
}

static void counts_are_not_believed(void)
{
    struct goxel_buf bytes;
    size_t refused = 0;

    goxel_buf_init(&bytes, SIZE_MAX);
    for (uint8_t flags = 0; flags < 8; flags++) {
        goxel_buf_clear(&bytes);
        goxel_put_varint(&bytes, 1);
        goxel_put_u64(&bytes, 2);
        goxel_put_run(&bytes, "x", 1);
        goxel_put_u8(&bytes, flags);
        for (int i = 0; i < 3; i++)
            goxel_put_varint(&bytes, UINT64_MAX);
        take_hostile((const uint8_t *)bytes.data, bytes.len, &refused);
    }
    CU_ASSERT_EQUAL(refused, 8);
    goxel_buf_finish(&bytes);
}

/* ---- lists ---- */

static bool same_rows(const struct goxel_project *a, const struct goxel_project *b)
{
    struct goxel_history_row *left = NULL, *right = NULL;
    size_t count = 0, other = 0;
    bool same;

    CU_ASSERT_EQUAL(goxel_history_list(a, 1000, &left, &count), 0);
    CU_ASSERT_EQUAL(goxel_history_list(b, 1000, &right, &other), 0);
    same = count == other;
    for (size_t i = 0; i < count && same; i++)
        same = left[i].version == right[i].version && left[i].time_ms == right[i].time_ms &&
               left[i].undone == right[i].undone && strcmp(left[i].name, right[i].name) == 0;
    free(left);
    free(right);
    return same;
}

/* The list through bytes, so that nothing is shared with the history that it is of. */
static void rewrite_list(struct goxel_history_list *list)
{
    for (size_t i = 0; i <= list->count; i++) {
        struct goxel_step **step = i < list->count ? &list->entries[i].step : &list->group;
        struct goxel_buf bytes;
        struct goxel_reading in;

        if (!*step)
            continue;
        bytes = bytes_of(*step);
        in = goxel_reading_make(bytes.data, bytes.len);
        goxel_step_unref(*step);
        *step = NULL;
        CU_ASSERT_EQUAL_FATAL(goxel_step_take(&in, NULL, step), 0);
        goxel_buf_finish(&bytes);
    }
}

static struct goxel_project *restored(const struct goxel_project *project)
{
    struct goxel_history_list list = {.count = 0};
    struct goxel_project *again = goxel_project_copy(project);

    CU_ASSERT_EQUAL_FATAL(goxel_history_take_list(project, &list), 0);
    rewrite_list(&list);
    goxel_history_forget(again);
    CU_ASSERT_EQUAL_FATAL(goxel_history_restore(again, &list), 0);
    goxel_history_list_finish(&list);
    return again;
}

/* Back to the beginning and forwards to the end, side by side. */
static void check_walk(struct goxel_project *a, struct goxel_project *b)
{
    int code = 0;

    for (int forwards = 0; forwards < 2; forwards++) {
        for (code = 0; !code;) {
            code = forwards ? goxel_history_redo(a, NULL) : goxel_history_undo(a, NULL);
            CU_ASSERT_EQUAL(forwards ? goxel_history_redo(b, NULL) : goxel_history_undo(b, NULL), code);
            CU_ASSERT_EQUAL(a->state, b->state);
            CU_ASSERT(same_version(a, b));
        }
        CU_ASSERT_EQUAL(code, GOXEL_ERROR_BAD_PROJECT_STATE);
    }
}

static void histories_come_back_from_lists(void)
{
    static const struct {
        uint64_t seed;
        int edits;
        size_t undone;
        const char *group;
    } cases[] = {{1, 0, 0, NULL}, {2, 40, 0, NULL},      {3, 40, 10, NULL},
                 {4, 0, 1, NULL}, {5, 40, 0, "a group"}, {6, 40, 10, "a group"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_project *project = project_with_history(cases[i].seed, cases[i].edits, cases[i].undone,
                                                             cases[i].group);
        struct goxel_project *again = restored(project), *walker = goxel_project_copy(project);

        CU_ASSERT(same_rows(project, again));
        CU_ASSERT_EQUAL(project->history.open != NULL, again->history.open != NULL);
        check_walk(walker, again);
        goxel_project_unref(walker);
        goxel_project_unref(again);
        goxel_project_unref(project);
    }
}

/* A group in which nothing is different yet ends in the state that it began with. */
static void idle_groups_come_back(void)
{
    struct goxel_head *head = new_head();
    struct goxel_note group = {"edit", "a group"};
    struct goxel_project *project, *again, *walker;
    struct goxel_edit edit;
    uint64_t state = 9;

    edit_head(head, &state, NULL);
    for (unsigned i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
        CU_ASSERT_EQUAL(set(edit.project, 0, at(-900, 0, 0), rgba(1, 2, 3, i ? 0 : 255)), 0);
        CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, &group, NULL), 0);
    }
    project = goxel_head_snapshot(head);
    again = restored(project);
    walker = goxel_project_copy(project);
    CU_ASSERT_EQUAL(goxel_history_end_group(walker), 0);
    CU_ASSERT_EQUAL(goxel_history_end_group(again), 0);
    CU_ASSERT_EQUAL(walker->state, again->state);
    CU_ASSERT(same_rows(walker, again));
    goxel_project_unref(walker);
    goxel_project_unref(again);
    goxel_project_unref(project);
    goxel_head_destroy(head);
}

static void states_are_found(void)
{
    struct goxel_project *project = project_with_history(77, 30, 5, NULL), *walker;
    struct goxel_history_list list = {.count = 0};
    size_t steps = 99;
    bool forwards = true;

    CU_ASSERT_EQUAL_FATAL(goxel_history_take_list(project, &list), 0);
    CU_ASSERT(goxel_history_find(project, project->state, &steps, &forwards));
    CU_ASSERT_EQUAL(steps, 0);
    for (size_t i = 0; i < list.count; i++) {
        uint64_t wanted = list.entries[i].state;

        CU_ASSERT(goxel_history_find(project, wanted, &steps, &forwards));
        CU_ASSERT_EQUAL(steps, i < list.past ? list.past - 1 - i : i + 1 - list.past);
        CU_ASSERT_EQUAL(forwards, i >= list.past);
        walker = goxel_project_copy(project);
        for (; steps > 0; steps--)
            CU_ASSERT_EQUAL(forwards ? goxel_history_redo(walker, NULL) : goxel_history_undo(walker, NULL),
                            0);
        CU_ASSERT_EQUAL(walker->state, wanted);
        goxel_project_unref(walker);
    }
    CU_ASSERT(
        goxel_history_find(project, list.entries[0].step->from, &steps, &forwards)); /* the very first */
    CU_ASSERT_EQUAL(steps, list.past);
    CU_ASSERT_FALSE(goxel_history_find(project, UINT64_MAX, &steps, &forwards));
    goxel_history_list_finish(&list);
    goxel_project_unref(project);
}

/* A group that is open is one step. */
static void states_are_found_before_a_group(void)
{
    struct goxel_project *project = project_with_history(78, 10, 0, "a group");
    size_t steps = 99;
    bool forwards = true;

    CU_ASSERT(goxel_history_find(project, project->history.past->from, &steps, &forwards));
    CU_ASSERT_EQUAL(steps, 2);
    CU_ASSERT_FALSE(forwards);
    goxel_project_unref(project);
}

static const struct unit_test tests[] = {
    {"steps come back from bytes", steps_come_back_from_bytes},
    {"steps from bytes lead both ways", steps_from_bytes_lead_both_ways},
    {"cut steps are none", cut_steps_are_none},
    {"changed steps are none or others", changed_steps_are_none_or_others},
    {"counts are not believed", counts_are_not_believed},
    {"histories come back from lists", histories_come_back_from_lists},
    {"idle groups come back", idle_groups_come_back},
    {"states are found", states_are_found},
    {"states are found before a group", states_are_found_before_a_group},
    {NULL, NULL},
};

const struct unit_suite suite_step = {"step", tests};
