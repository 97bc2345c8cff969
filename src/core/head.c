/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two locks: `writer` is held from the beginning of an edit to its end, `lock` for the moment in which a
 * pointer changes hands. References are given back outside of them: a version may take a while to free.
 *
 * A third, `chains`, is held by readers who follow a history. Only an edit cuts one, so that edits follow it
 * without the lock, and an edit that would have to wait for a reader leaves the cutting to the next one.
 */
#include "core/head.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"
#include "core/away.h"
#include "core/shown.h"

struct goxel_head {
    struct goxel_keeper *keeper; /* NULL: what is the tip is published at once */
    struct goxel_slot *slot;     /* for the keeper */
    pthread_mutex_t writer;
    pthread_mutex_t lock;            /* of what follows; inside `writer` where both are needed */
    struct goxel_project *tip;       /* a reference */
    struct goxel_project *published; /* a reference, the tip or older */
    uint64_t last_version;           /* the highest that was given, be it to a version that was dropped */
    uint64_t epoch;                  /* one more each time that the tip was dropped */
    struct goxel_project *stood_for; /* a reference; NULL: none. What is published in its place: */
    struct goxel_project *stand_in;  /* a reference */
    struct goxel_keys keys;          /* of the tip: keys.last is its key_count */
    pthread_rwlock_t chains;         /* shared by who follows a history, alone for who cuts it */
    _Atomic int64_t history_bytes;   /* what a history may take */
};

struct goxel_head *goxel_head_create(struct goxel_project *project)
{
    struct goxel_head *head = calloc(1, sizeof(*head));

    if (!head)
        return NULL;
    pthread_mutex_init(&head->writer, NULL);
    pthread_mutex_init(&head->lock, NULL);
    pthread_rwlock_init(&head->chains, NULL);
    atomic_init(&head->history_bytes, GOXEL_HEAD_HISTORY_BYTES);
    if (!project->is_version)
        goxel_history_forget(project); /* another head has the lock of its chains */
    project->is_version = true;
    head->tip = goxel_project_ref(project);
    head->published = goxel_project_ref(project);
    head->last_version = project->version;
    goxel_keys_init(&head->keys, project->key_count);
    return head;
}

void goxel_head_destroy(struct goxel_head *head)
{
    if (!head)
        return;
    goxel_project_unref(head->tip);
    goxel_project_unref(head->published);
    goxel_project_unref(head->stood_for);
    goxel_project_unref(head->stand_in);
    goxel_keys_finish(&head->keys);
    pthread_mutex_destroy(&head->writer);
    pthread_mutex_destroy(&head->lock);
    pthread_rwlock_destroy(&head->chains);
    free(head);
}

void goxel_head_set_keeper(struct goxel_head *head, struct goxel_keeper *keeper, struct goxel_slot *slot)
{
    head->keeper = keeper;
    head->slot = slot;
}

/* A reference to what a pointer of the head points to. */
static struct goxel_project *look(struct goxel_head *head, struct goxel_project *const *pointer)
{
    struct goxel_project *project;

    pthread_mutex_lock(&head->lock);
    project = goxel_project_ref(*pointer);
    pthread_mutex_unlock(&head->lock);
    return project;
}

struct goxel_project *goxel_head_snapshot(struct goxel_head *head)
{
    return look(head, &head->published);
}

/* ---- editing ---- */

int goxel_head_begin(struct goxel_head *head, struct goxel_edit *ret_edit)
{
    struct goxel_edit edit = {.kind = GOXEL_CHANGE_NOTE, .failures = goxel_away_failures()};

    pthread_mutex_lock(&head->writer);
    edit.base = look(head, &head->tip);
    edit.project = goxel_project_copy(edit.base);
    if (!edit.project) {
        goxel_head_abort(head, &edit);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    *ret_edit = edit;
    return 0;
}

void goxel_head_abort(struct goxel_head *head, struct goxel_edit *edit)
{
    pthread_mutex_unlock(&head->writer);
    goxel_project_unref(edit->project);
    goxel_project_unref(edit->base);
    goxel_key_unref(edit->key);
    *edit = (struct goxel_edit){.project = NULL};
}

/* The edit's project is the tip, unless its base is that no more. */
static int become_tip(struct goxel_head *head, const struct goxel_edit *edit, uint64_t *ret_epoch)
{
    bool still;

    edit->project->is_version = true;
    goxel_shown_inherit(edit->project, edit->base);
    edit->project->key_count += edit->key != NULL;
    pthread_mutex_lock(&head->lock);
    still = head->tip == edit->base;
    if (still) {
        if (edit->key)
            goxel_keys_add(&head->keys, edit->key);
        head->tip = goxel_project_ref(edit->project);
        if (edit->project->version > head->last_version)
            head->last_version = edit->project->version;
        *ret_epoch = head->epoch;
    }
    pthread_mutex_unlock(&head->lock);
    if (!still)
        return GOXEL_ERROR_LOCKED;
    goxel_project_unref(edit->base); /* the head's reference; the edit has another */
    return 0;
}

/* The base is the tip again, unless all of it was dropped meanwhile. */
static void take_back(struct goxel_head *head, const struct goxel_edit *edit)
{
    bool still;

    pthread_mutex_lock(&head->lock);
    still = head->tip == edit->project;
    if (still) {
        head->tip = goxel_project_ref(edit->base);
        goxel_keys_cut(&head->keys, edit->base->key_count);
    }
    pthread_mutex_unlock(&head->lock);
    if (still)
        goxel_project_unref(edit->project); /* the head's reference */
}

static int keep(struct goxel_head *head, struct goxel_edit *edit, struct goxel_change *change,
                struct goxel_promise *promise, struct goxel_detail *detail)
{
    uint64_t epoch = 0;
    int code = become_tip(head, edit, &epoch);

    if (code || !head->keeper)
        return code;
    change->before = edit->base;
    change->after = edit->project;
    change->key = edit->key;
    code = head->keeper->keep(head->keeper, head->slot, change, epoch, promise, detail);
    if (code)
        take_back(head, edit);
    return code;
}

/* The end of an edit whose project is complete, if `code` is 0 so far. */
static int finish(struct goxel_head *head, struct goxel_edit *edit, int code, struct goxel_change *change,
                  struct goxel_promise *promise)
{
    struct goxel_detail *detail = edit->detail;
    struct goxel_promise_wait wait;
    struct goxel_promise *told = promise ? promise : &wait.promise;

    if (!promise)
        goxel_promise_begin(&wait, detail);
    if (!code)
        code = goxel_away_check(edit->failures, detail);
    if (!code)
        code = keep(head, edit, change, told, detail);
    if (!code && !head->keeper)
        goxel_head_publish(head, edit->project);
    goxel_head_abort(head, edit); /* the same end, the references that the edit had */
    if (!code && !head->keeper)
        told->settled(told, 0, NULL);
    return promise ? code : goxel_promise_end(&wait, code);
}

/* Whoever holds `writer` is the only one to change the number. */
static void number(struct goxel_head *head, struct goxel_project *project)
{
    project->version = head->last_version;
    goxel_project_touch(project);
}

static void trim(struct goxel_head *head, struct goxel_project *project)
{
    if (pthread_rwlock_trywrlock(&head->chains) != 0)
        return;
    goxel_history_trim(project, atomic_load_explicit(&head->history_bytes, memory_order_relaxed));
    pthread_rwlock_unlock(&head->chains);
}

int goxel_head_commit(struct goxel_head *head, struct goxel_edit *edit, const struct goxel_note *note,
                      struct goxel_promise *promise)
{
    struct goxel_change change = {
        .kind = edit->kind, .note = edit->steps ? NULL : note, .steps = edit->steps};
    int code = 0;

    if (change.note) {
        change.kind = GOXEL_CHANGE_EDIT;
        number(head, edit->project);
        code = goxel_history_record(edit->project, edit->base, note);
        if (!code)
            trim(head, edit->project);
    } else {
        goxel_project_seal(edit->project); /* whatever was taken apart for nothing */
    }
    return finish(head, edit, code, &change, promise);
}

/* ---- history ---- */

typedef int history_move(struct goxel_project *project, struct goxel_detail *detail);

static int move(struct goxel_head *head, struct goxel_edit *edit, history_move *once,
                struct goxel_detail *detail)
{
    struct goxel_project *project = edit->project;
    uint64_t state;
    size_t done = 0;
    int code = 0;

    while (done < edit->steps && !(code = once(project, detail)))
        done++;
    if (code == GOXEL_ERROR_BAD_PROJECT_STATE && done > 0)
        (void)goxel_fail_limit(detail, code, "steps", (int64_t)done, (int64_t)edit->steps);
    if (code)
        return code;
    state = project->state;
    number(head, project);
    project->state = state; /* it is no new content */
    return 0;
}

int goxel_head_undo(struct goxel_head *head, struct goxel_edit *edit, size_t steps,
                    struct goxel_detail *detail)
{
    edit->kind = GOXEL_CHANGE_UNDO;
    edit->steps = steps;
    return move(head, edit, goxel_history_undo, detail);
}

int goxel_head_redo(struct goxel_head *head, struct goxel_edit *edit, size_t steps,
                    struct goxel_detail *detail)
{
    edit->kind = GOXEL_CHANGE_REDO;
    edit->steps = steps;
    return move(head, edit, goxel_history_redo, detail);
}

int goxel_head_end_group(struct goxel_head *head, struct goxel_edit *edit, struct goxel_promise *promise)
{
    struct goxel_change change = {.kind = GOXEL_CHANGE_END_GROUP};
    int code = goxel_history_end_group(edit->project);

    if (!code)
        trim(head, edit->project);
    return finish(head, edit, code, &change, promise);
}

void goxel_head_set_history_bytes(struct goxel_head *head, int64_t bytes)
{
    atomic_store_explicit(&head->history_bytes, bytes, memory_order_relaxed);
}

int goxel_head_version_at(struct goxel_head *head, const struct goxel_project *project, uint64_t version,
                          struct goxel_cancel *cancel, struct goxel_project **ret_project,
                          struct goxel_detail *detail)
{
    int code;

    pthread_rwlock_rdlock(&head->chains);
    code = goxel_history_at(project, version, cancel, ret_project, detail);
    pthread_rwlock_unlock(&head->chains);
    return code;
}

void goxel_head_count_history(struct goxel_head *head, const struct goxel_project *project, size_t *ret_past,
                              size_t *ret_future)
{
    pthread_rwlock_rdlock(&head->chains);
    goxel_history_count(project, ret_past, ret_future);
    pthread_rwlock_unlock(&head->chains);
}

bool goxel_head_find_state(struct goxel_head *head, const struct goxel_project *project, uint64_t state,
                           size_t *ret_steps, bool *ret_forwards)
{
    bool found;

    pthread_rwlock_rdlock(&head->chains);
    found = goxel_history_find(project, state, ret_steps, ret_forwards);
    pthread_rwlock_unlock(&head->chains);
    return found;
}

int goxel_head_list_history(struct goxel_head *head, const struct goxel_project *project, size_t limit,
                            struct goxel_history_row **ret_rows, size_t *ret_count)
{
    int code;

    pthread_rwlock_rdlock(&head->chains);
    code = goxel_history_list(project, limit, ret_rows, ret_count);
    pthread_rwlock_unlock(&head->chains);
    return code;
}

int goxel_head_take_history(struct goxel_head *head, const struct goxel_project *project,
                            struct goxel_history_list *ret_list)
{
    int code;

    pthread_rwlock_rdlock(&head->chains);
    code = goxel_history_take_list(project, ret_list);
    pthread_rwlock_unlock(&head->chains);
    return code;
}

/* ---- what readers see ---- */

/* Under the lock. The references are given back by the caller. */
static void forget_stand_in(struct goxel_head *head, struct goxel_project *ret_old[2])
{
    ret_old[0] = head->stood_for;
    ret_old[1] = head->stand_in;
    head->stood_for = head->stand_in = NULL;
}

static void unref_both(struct goxel_project *old[2])
{
    goxel_project_unref(old[0]);
    goxel_project_unref(old[1]);
}

int goxel_head_swap(struct goxel_head *head, struct goxel_edit *edit, struct goxel_project *project)
{
    struct goxel_project *tip = NULL, *published = NULL, *old[2] = {NULL, NULL};

    project->is_version = true;
    project->key_count = edit->base->key_count;
    pthread_mutex_lock(&head->lock);
    if (head->tip == edit->base) {
        forget_stand_in(head, old);
        tip = head->tip;
        head->tip = goxel_project_ref(project);
        if (head->published == tip) {
            published = head->published;
            head->published = goxel_project_ref(project);
        } else {
            head->stood_for = goxel_project_ref(tip);
            head->stand_in = goxel_project_ref(project);
        }
    }
    pthread_mutex_unlock(&head->lock);
    goxel_project_unref(published);
    unref_both(old);
    goxel_head_abort(head, edit);
    goxel_project_unref(tip);
    return tip ? 0 : GOXEL_ERROR_LOCKED;
}

void goxel_head_publish(struct goxel_head *head, struct goxel_project *version)
{
    struct goxel_project *old = NULL, *stood[2] = {NULL, NULL};

    pthread_mutex_lock(&head->lock);
    if (version->version >= head->published->version) {
        old = head->published;
        head->published = goxel_project_ref(version == head->stood_for ? head->stand_in : version);
        if (version == head->stood_for)
            forget_stand_in(head, stood);
        goxel_keys_age(&head->keys, version->key_count);
    }
    pthread_mutex_unlock(&head->lock);
    goxel_project_unref(old);
    unref_both(stood);
}

void goxel_head_drop(struct goxel_head *head)
{
    struct goxel_project *tip, *stood[2];

    pthread_mutex_lock(&head->lock);
    tip = head->tip;
    head->tip = goxel_project_ref(head->published);
    goxel_keys_cut(&head->keys, head->tip->key_count);
    forget_stand_in(head, stood);
    head->epoch++;
    pthread_mutex_unlock(&head->lock);
    goxel_project_unref(tip);
    unref_both(stood);
}

bool goxel_head_is_published(struct goxel_head *head, const struct goxel_project *version)
{
    bool published;

    pthread_mutex_lock(&head->lock);
    published = head->published == version;
    pthread_mutex_unlock(&head->lock);
    return published;
}

bool goxel_head_is_settled(struct goxel_head *head, const struct goxel_project *version)
{
    bool settled;

    pthread_mutex_lock(&head->lock);
    settled = head->published == version && head->tip == version;
    pthread_mutex_unlock(&head->lock);
    return settled;
}

uint64_t goxel_head_epoch(struct goxel_head *head)
{
    uint64_t epoch;

    pthread_mutex_lock(&head->lock);
    epoch = head->epoch;
    pthread_mutex_unlock(&head->lock);
    return epoch;
}

void goxel_head_set_epoch(struct goxel_head *head, uint64_t epoch)
{
    head->epoch = epoch;
}

/* ---- keys ---- */

struct goxel_key *goxel_head_find_key(struct goxel_head *head, const char *text, bool *ret_settled)
{
    struct goxel_key *key;

    pthread_mutex_lock(&head->lock);
    key = goxel_keys_find(&head->keys, text);
    if (key) {
        *ret_settled = key->number <= head->published->key_count;
        goxel_key_ref(key);
    }
    pthread_mutex_unlock(&head->lock);
    return key;
}

/* How many of the oldest keys are of the version, and which of them is the first of the last GOXEL_KEYS_MAX. */
static size_t count_keys(const struct goxel_keys *keys, uint64_t last, struct goxel_key **ret_first)
{
    uint64_t first = last > GOXEL_KEYS_MAX ? last - GOXEL_KEYS_MAX : 0; /* the number before it */
    struct goxel_key *key = keys->oldest;

    while (key && key->number <= first)
        key = key->newer;
    *ret_first = key;
    return key && key->number <= last ? (size_t)(last - key->number + 1) : 0;
}

int goxel_head_list_keys(struct goxel_head *head, const struct goxel_project *version,
                         struct goxel_key_list *ret_list)
{
    struct goxel_key_list list = {NULL, 0, 0};
    struct goxel_key *key;
    int code = 0;

    pthread_mutex_lock(&head->lock);
    for (size_t left = count_keys(&head->keys, version->key_count, &key); left > 0 && !code; left--) {
        code = goxel_key_list_add(&list, goxel_key_ref(key));
        key = key->newer;
    }
    pthread_mutex_unlock(&head->lock);
    if (code)
        goxel_key_list_finish(&list);
    else
        *ret_list = list;
    return code;
}

void goxel_head_restore_key(struct goxel_head *head, struct goxel_key *key)
{
    if (goxel_keys_find(&head->keys, key->text))
        return;
    goxel_keys_add(&head->keys, key);
    head->tip->key_count = head->keys.last;
    goxel_keys_age(&head->keys, head->keys.last);
}
