/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chains of steps and cells: whatever follows them does so in a loop, as they may be long. */
#include "core/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/step.h"

/* ---- the future ---- */

struct goxel_undone {
    atomic_size_t refs;
    struct goxel_step *step;   /* a reference */
    struct goxel_undone *next; /* a reference, what is redone after it; NULL: nothing */
    uint64_t state;            /* that the step leads to */
};

/* Memory of a cell, as malloc counts. */
#define CELL_BYTES ((int64_t)(sizeof(struct goxel_undone) + 2 * sizeof(size_t)))

static struct goxel_undone *undone_ref(struct goxel_undone *undone)
{
    if (undone)
        atomic_fetch_add_explicit(&undone->refs, 1, memory_order_relaxed);
    return undone;
}

static void undone_unref(struct goxel_undone *undone)
{
    while (undone && atomic_fetch_sub_explicit(&undone->refs, 1, memory_order_acq_rel) == 1) {
        struct goxel_undone *next = undone->next;

        goxel_step_unref(undone->step);
        free(undone);
        undone = next; /* whose reference this one had */
    }
}

static int64_t future_bytes(const struct goxel_undone *undone)
{
    int64_t bytes = 0;

    for (; undone; undone = undone->next)
        bytes += CELL_BYTES + goxel_step_bytes(undone->step);
    return bytes;
}

static void drop_future(struct goxel_history *history)
{
    history->bytes -= future_bytes(history->future);
    undone_unref(history->future);
    history->future = NULL;
}

/* ---- groups ---- */

struct goxel_group {
    atomic_size_t refs;
    struct goxel_project *base; /* the project before the group, a reference; no group is open in it */
    int64_t time_ms;
    const char *name; /* of the first change, behind the key */
    char key[];
};

static struct goxel_group *group_create(struct goxel_project *base, const struct goxel_note *note,
                                        int64_t time_ms)
{
    size_t key_bytes = strlen(note->group) + 1, name_bytes = strlen(note->name) + 1;
    struct goxel_group *group = malloc(sizeof(*group) + key_bytes + name_bytes);

    if (!group)
        return NULL;
    atomic_init(&group->refs, 1);
    group->base = goxel_project_ref(base);
    group->time_ms = time_ms;
    memcpy(group->key, note->group, key_bytes);
    memcpy(group->key + key_bytes, note->name, name_bytes);
    group->name = group->key + key_bytes;
    return group;
}

static void group_unref(struct goxel_group *group)
{
    if (!group || atomic_fetch_sub_explicit(&group->refs, 1, memory_order_acq_rel) != 1)
        return;
    goxel_project_unref(group->base);
    free(group);
}

/* ---- life ---- */

void goxel_history_share(struct goxel_project *copy, const struct goxel_project *from)
{
    copy->history = from->history;
    goxel_step_ref(copy->history.past);
    undone_ref(copy->history.future);
    if (copy->history.open)
        atomic_fetch_add_explicit(&copy->history.open->refs, 1, memory_order_relaxed);
}

void goxel_history_forget(struct goxel_project *project)
{
    struct goxel_history history = project->history;

    project->history = (struct goxel_history){.bytes = 0};
    goxel_step_unref(history.past);
    undone_unref(history.future);
    group_unref(history.open);
}

/* ---- recording ---- */

/* The history is that of `base`, in which no group is open, and a step from there if anything differs. */
static int add_step(struct goxel_project *project, const struct goxel_project *base, const char *name,
                    int64_t time_ms)
{
    struct goxel_step *step = NULL;
    int code = goxel_step_make(base, project, name, time_ms, &step);

    if (code)
        return code;
    goxel_history_forget(project);
    goxel_history_share(project, base);
    if (step) {
        drop_future(&project->history);
        step->before = project->history.past; /* with the reference */
        project->history.past = step;
        project->history.bytes += goxel_step_bytes(step);
    } else if (strcmp(project->name, base->name) == 0) {
        project->state = base->state;
    }
    return 0;
}

static int open_group(struct goxel_project *project, struct goxel_project *base,
                      const struct goxel_note *note)
{
    struct goxel_group *group = group_create(base, note, project->modified_ms);

    if (!group)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_history_forget(project);
    goxel_history_share(project, base);
    drop_future(&project->history); /* which the base still has, should nothing come of the group */
    project->history.open = group;
    return 0;
}

/* `before` with its group ended, a reference. */
static int settle(const struct goxel_project *before, struct goxel_project **ret_base)
{
    struct goxel_project *base;
    int code;

    if (!before->history.open) {
        *ret_base = goxel_project_ref(before);
        return 0;
    }
    base = goxel_project_copy(before);
    if (!base)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    code = goxel_history_end_group(base);
    if (code)
        goxel_project_unref(base);
    else
        *ret_base = base;
    return code;
}

int goxel_history_record(struct goxel_project *project, const struct goxel_project *before,
                         const struct goxel_note *note)
{
    const struct goxel_group *open = before->history.open;
    struct goxel_project *base = NULL;
    int code;

    if (open && note->group && strcmp(open->key, note->group) == 0)
        return 0;
    code = settle(before, &base);
    if (code)
        return code;
    code = note->group ? open_group(project, base, note)
                       : add_step(project, base, note->name, project->modified_ms);
    goxel_project_unref(base);
    return code;
}

const char *goxel_history_group(const struct goxel_project *project)
{
    return project->history.open ? project->history.open->key : NULL;
}

int goxel_history_end_group(struct goxel_project *project)
{
    struct goxel_group *open = project->history.open;
    int code;

    if (!open)
        return 0;
    project->history.open = NULL; /* the reference is ours */
    code = add_step(project, open->base, open->name, open->time_ms);
    group_unref(open);
    return code;
}

/* ---- back and forth ---- */

/* The last step of the past, which there is, is the first of the future; the content is the caller's affair. */
static int move_back(struct goxel_project *project)
{
    struct goxel_history *history = &project->history;
    struct goxel_undone *undone = malloc(sizeof(*undone));

    if (!undone)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    atomic_init(&undone->refs, 1);
    undone->step = history->past; /* the references move */
    undone->next = history->future;
    undone->state = project->state;
    history->past = goxel_step_ref(undone->step->before);
    history->future = undone;
    history->bytes += CELL_BYTES;
    project->state = undone->step->from;
    return 0;
}

/* And the other way round. */
static void move_forwards(struct goxel_project *project)
{
    struct goxel_history *history = &project->history;
    struct goxel_undone *undone = history->future;

    goxel_step_unref(history->past); /* which the step has a reference to, if it was not cut off */
    history->past = goxel_step_ref(undone->step);
    history->future = undone_ref(undone->next);
    history->bytes -= CELL_BYTES;
    project->state = undone->state;
    undone_unref(undone);
}

int goxel_history_undo(struct goxel_project *project, struct goxel_detail *detail)
{
    struct goxel_history *history = &project->history;
    int code = goxel_history_end_group(project);

    if (code)
        return code;
    if (!history->past)
        return goxel_fail(detail, GOXEL_ERROR_BAD_PROJECT_STATE, "there is nothing to undo");
    code = goxel_step_apply(history->past, project, false);
    return code ? code : move_back(project);
}

int goxel_history_redo(struct goxel_project *project, struct goxel_detail *detail)
{
    struct goxel_history *history = &project->history;
    int code = goxel_history_end_group(project);

    if (code)
        return code;
    if (!history->future)
        return goxel_fail(detail, GOXEL_ERROR_BAD_PROJECT_STATE, "there is nothing to redo");
    code = goxel_step_apply(history->future->step, project, true);
    if (!code)
        move_forwards(project);
    return code;
}

int goxel_history_shift(struct goxel_project *project, size_t steps, bool forwards)
{
    struct goxel_history *history = &project->history;
    int code = goxel_history_end_group(project);

    for (; steps > 0 && !code; steps--) {
        if (forwards ? !history->future : !history->past) {
            goxel_history_forget(project);
            return 0;
        }
        if (forwards)
            move_forwards(project);
        else
            code = move_back(project);
    }
    return code;
}

/* ---- memory ---- */

/* Of the past, nothing from `*cut` on is kept: the past itself, or what a step has before it. */
static void cut_off(struct goxel_history *history, struct goxel_step **cut)
{
    struct goxel_step *gone = *cut;

    *cut = NULL;
    goxel_step_unref(gone);
    if (cut == &history->past && history->future && history->future->step->before) {
        gone = history->future->step->before; /* the same */
        history->future->step->before = NULL;
        goxel_step_unref(gone);
    }
}

void goxel_history_trim(struct goxel_project *project, int64_t budget)
{
    struct goxel_history *history = &project->history;
    struct goxel_step **at = &history->past;
    int64_t limit = budget - budget / 8, kept, bytes;

    if (history->bytes <= budget)
        return;
    if (future_bytes(history->future) > limit)
        drop_future(history);
    kept = future_bytes(history->future);
    while (*at && kept + (bytes = goxel_step_bytes(*at)) <= limit) {
        kept += bytes;
        at = &(*at)->before;
    }
    if (*at)
        cut_off(history, at);
    history->bytes = kept;
}

/* ---- looking ---- */

/* How often to undo to come to a state, in *ret_steps; false: it is not in the past. */
static bool find_in_past(const struct goxel_history *history, uint64_t state, size_t *ret_steps)
{
    size_t steps = 1;

    for (const struct goxel_step *step = history->past; step; step = step->before, steps++) {
        if (step->from == state) {
            *ret_steps = steps;
            return true;
        }
    }
    return false;
}

static bool find_in_future(const struct goxel_history *history, uint64_t state, size_t *ret_steps)
{
    size_t steps = 1;

    for (const struct goxel_undone *undone = history->future; undone; undone = undone->next, steps++) {
        if (undone->state == state) {
            *ret_steps = steps;
            return true;
        }
    }
    return false;
}

bool goxel_history_find(const struct goxel_project *project, uint64_t state, size_t *ret_steps,
                        bool *ret_forwards)
{
    const struct goxel_group *open = project->history.open;

    *ret_forwards = false;
    *ret_steps = open || project->state != state; /* a group is a step */
    if (project->state == state || (open && open->base->state == state))
        return true;
    if (find_in_past(&project->history, state, ret_steps)) {
        *ret_steps += open != NULL;
        return true;
    }
    *ret_forwards = find_in_future(&project->history, state, ret_steps);
    return *ret_forwards;
}

static int fail_unkept(const struct goxel_project *project, uint64_t version, struct goxel_detail *detail)
{
    uint64_t first = project->state, last = project->state;

    for (const struct goxel_step *step = project->history.past; step; step = step->before)
        first = step->from;
    for (const struct goxel_undone *undone = project->history.future; undone; undone = undone->next)
        last = undone->state;
    return goxel_fail(detail, GOXEL_ERROR_BAD_PROJECT_STATE,
                      "version %" PRIu64 " is not kept: the steps that are lead from %" PRIu64 " to %" PRIu64,
                      version, first, last);
}

/* So many steps from the project. */
static int walk_to(struct goxel_project *project, size_t steps, bool forwards, struct goxel_cancel *cancel)
{
    int code = 0;

    for (; steps > 0 && !code; steps--) {
        code = goxel_cancel_check(cancel);
        if (!code)
            code = forwards ? goxel_history_redo(project, NULL) : goxel_history_undo(project, NULL);
    }
    return code;
}

int goxel_history_at(const struct goxel_project *project, uint64_t version, struct goxel_cancel *cancel,
                     struct goxel_project **ret_project, struct goxel_detail *detail)
{
    bool present = version == project->version || version == project->state, forwards = false;
    const struct goxel_project *from = project->history.open && !present ? project->history.open->base
                                                                         : project;
    struct goxel_project *copy;
    size_t steps = 0;
    int code;

    if (!present && version != from->state && !find_in_past(&from->history, version, &steps) &&
        !(forwards = find_in_future(&from->history, version, &steps)))
        return fail_unkept(from, version, detail);
    copy = goxel_project_copy(from);
    if (!copy)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    code = walk_to(copy, steps, forwards, cancel);
    if (code) {
        goxel_project_unref(copy);
        return code;
    }
    copy->version = version;
    goxel_history_forget(copy);
    goxel_project_seal(copy);
    *ret_project = copy;
    return 0;
}

/* A row, and the next one's place. */
static struct goxel_history_row *put_row(struct goxel_history_row *row, const char *name, uint64_t version,
                                         int64_t time_ms)
{
    goxel_name_copy(row->name, name, strlen(name));
    row->version = version;
    row->time_ms = time_ms;
    return row + 1;
}

static struct goxel_history_row *put_past(struct goxel_history_row *row, const struct goxel_step *step,
                                          uint64_t state, size_t limit)
{
    for (; step && limit > 0; step = step->before, limit--) {
        row->bytes = goxel_step_bytes(step);
        row = put_row(row, goxel_step_name(step), state, (int64_t)step->time_ms);
        state = step->from;
    }
    return row;
}

static struct goxel_history_row *put_future(struct goxel_history_row *row, const struct goxel_undone *undone,
                                            size_t limit)
{
    for (; undone && limit > 0; undone = undone->next, limit--) {
        row->bytes = goxel_step_bytes(undone->step);
        row->undone = true;
        row = put_row(row, goxel_step_name(undone->step), undone->state, (int64_t)undone->step->time_ms);
    }
    return row;
}

void goxel_history_count(const struct goxel_project *project, size_t *ret_past, size_t *ret_future)
{
    const struct goxel_history *history = &project->history;

    *ret_past = history->open != NULL;
    *ret_future = 0;
    for (const struct goxel_step *step = history->past; step; step = step->before)
        ++*ret_past;
    for (const struct goxel_undone *undone = history->future; undone; undone = undone->next)
        ++*ret_future;
}

int goxel_history_list(const struct goxel_project *project, size_t limit, struct goxel_history_row **ret_rows,
                       size_t *ret_count)
{
    const struct goxel_history *history = &project->history;
    const struct goxel_group *open = limit > 0 ? history->open : NULL;
    struct goxel_history_row *rows, *row;
    size_t past, future, count;

    goxel_history_count(project, &past, &future);
    count = (past < limit ? past : limit) + (future < limit ? future : limit);
    row = rows = count > 0 ? calloc(count, sizeof(*rows)) : NULL;
    if (count > 0 && !rows)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (open)
        row = put_row(row, open->name, project->state, open->time_ms);
    row = put_past(row, history->past, open ? open->base->state : project->state, limit - (open != NULL));
    put_future(row, history->future, limit);
    *ret_rows = rows;
    *ret_count = count;
    return 0;
}

/* ---- kept elsewhere ---- */

static int list_group(const struct goxel_project *project, struct goxel_history_list *list)
{
    const struct goxel_group *open = project->history.open;

    if (!open)
        return 0;
    (void)snprintf(list->group_key, sizeof(list->group_key), "%s", open->key);
    (void)snprintf(list->group_name, sizeof(list->group_name), "%s", open->name);
    list->group_time_ms = open->time_ms;
    list->group_from = open->base->state;
    return goxel_step_make(open->base, project, open->name, open->time_ms, &list->group);
}

static void list_steps(const struct goxel_project *project, struct goxel_history_list *list)
{
    const struct goxel_project *base = project->history.open ? project->history.open->base : project;
    const struct goxel_history *history = &base->history;
    uint64_t state = base->state;
    size_t at = list->past;

    for (struct goxel_step *step = history->past; step; step = step->before) {
        list->entries[--at] = (struct goxel_history_entry){goxel_step_ref(step), state};
        state = step->from;
    }
    at = list->past;
    for (const struct goxel_undone *undone = history->future; undone; undone = undone->next)
        list->entries[at++] = (struct goxel_history_entry){goxel_step_ref(undone->step), undone->state};
}

int goxel_history_take_list(const struct goxel_project *project, struct goxel_history_list *ret_list)
{
    struct goxel_history_list list = {.past = 0};
    size_t future;
    int code;

    goxel_history_count(project->history.open ? project->history.open->base : project, &list.past, &future);
    list.entries = malloc((list.past + future + 1) * sizeof(*list.entries)); /* none is no special case */
    if (!list.entries)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    list.count = list.past + future;
    list_steps(project, &list);
    code = list_group(project, &list);
    if (code)
        goxel_history_list_finish(&list);
    else
        *ret_list = list;
    return code;
}

void goxel_history_list_finish(struct goxel_history_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        goxel_step_unref(list->entries[i].step);
    goxel_step_unref(list->group);
    free(list->entries);
    *list = (struct goxel_history_list){.count = 0};
}

/* The chain of the past; the references move. */
static void restore_past(struct goxel_history *history, struct goxel_history_list *list)
{
    for (size_t i = 0; i < list->past; i++) {
        struct goxel_step *step = list->entries[i].step;

        history->bytes += goxel_step_bytes(step);
        step->before = history->past;
        history->past = step;
        list->entries[i].step = NULL;
    }
}

/* A step that was undone knows the one before it still: redo leaves it so. */
static void link_future(const struct goxel_history *history, const struct goxel_history_list *list)
{
    struct goxel_step *before = history->past;

    for (size_t i = list->past; i < list->count; i++) {
        list->entries[i].step->before = goxel_step_ref(before);
        before = list->entries[i].step;
    }
}

/* From the last one on. */
static int restore_future(struct goxel_history *history, struct goxel_history_list *list)
{
    link_future(history, list);
    for (size_t i = list->count; i-- > list->past;) {
        struct goxel_undone *undone = malloc(sizeof(*undone));

        if (!undone)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        atomic_init(&undone->refs, 1);
        undone->step = list->entries[i].step;
        undone->state = list->entries[i].state;
        undone->next = history->future;
        history->future = undone;
        history->bytes += CELL_BYTES + goxel_step_bytes(undone->step);
        list->entries[i].step = NULL;
    }
    return 0;
}

/* The project before the group: what it did is taken back, and what could be redone can be. */
static int restore_group(struct goxel_project *project, struct goxel_history_list *list)
{
    const struct goxel_note note = {list->group_name, list->group_key};
    struct goxel_project *base = goxel_project_copy(project);
    int code = base ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    if (!code && list->group)
        code = goxel_step_apply(list->group, base, false);
    if (!code) {
        base->state = list->group_from;
        code = restore_future(&base->history, list);
    }
    if (!code && !(project->history.open = group_create(base, &note, list->group_time_ms)))
        code = GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_project_unref(base);
    return code;
}

int goxel_history_restore(struct goxel_project *project, struct goxel_history_list *list)
{
    int code;

    restore_past(&project->history, list);
    if (list->group_key[0])
        code = restore_group(project, list);
    else
        code = restore_future(&project->history, list);
    return code;
}
