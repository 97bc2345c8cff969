/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two locks: `writer` is held from the beginning of an edit to its end, `lock` for the moment in which a
 * pointer changes hands. References are given back outside of them: a version may take a while to free.
 */
#include "core/head.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"

struct goxel_head {
    pthread_mutex_t writer;
    pthread_mutex_t lock;            /* of what follows; inside `writer` where both are needed */
    struct goxel_project *tip;       /* a reference */
    struct goxel_project *published; /* a reference, the tip or older */
    uint64_t last_version;           /* the highest that was given, be it to a version that was dropped */
};

struct goxel_head *goxel_head_create(struct goxel_project *project)
{
    struct goxel_head *head = calloc(1, sizeof(*head));

    if (!head)
        return NULL;
    pthread_mutex_init(&head->writer, NULL);
    pthread_mutex_init(&head->lock, NULL);
    project->is_version = true;
    head->tip = goxel_project_ref(project);
    head->published = goxel_project_ref(project);
    head->last_version = project->version;
    return head;
}

void goxel_head_destroy(struct goxel_head *head)
{
    if (!head)
        return;
    goxel_project_unref(head->tip);
    goxel_project_unref(head->published);
    pthread_mutex_destroy(&head->writer);
    pthread_mutex_destroy(&head->lock);
    free(head);
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
    struct goxel_edit edit;

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
    *edit = (struct goxel_edit){NULL, NULL};
}

/* The edit's project is the tip, unless its base is that no more. */
static int become_tip(struct goxel_head *head, const struct goxel_edit *edit)
{
    bool still;

    edit->project->is_version = true;
    pthread_mutex_lock(&head->lock);
    still = head->tip == edit->base;
    if (still) {
        head->tip = goxel_project_ref(edit->project);
        head->last_version = edit->project->version;
    }
    pthread_mutex_unlock(&head->lock);
    if (!still)
        return GOXEL_ERROR_LOCKED;
    goxel_project_unref(edit->base); /* the head's reference; the edit has another */
    return 0;
}

int goxel_head_commit(struct goxel_head *head, struct goxel_edit *edit, const struct goxel_note *note,
                      struct goxel_project **ret_tip)
{
    struct goxel_project *project = edit->project;
    int code;

    if (note) {
        project->version = head->last_version; /* whoever holds `writer` is the only one to change it */
        goxel_project_touch(project);
    }
    code = become_tip(head, edit);
    if (!code && ret_tip)
        *ret_tip = goxel_project_ref(project);
    else if (!code)
        goxel_head_publish(head, project);
    goxel_head_abort(head, edit); /* the same end, the references that the edit had */
    return code;
}

/* ---- what readers see ---- */

void goxel_head_publish(struct goxel_head *head, struct goxel_project *version)
{
    struct goxel_project *old = goxel_project_ref(version);

    pthread_mutex_lock(&head->lock);
    if (version->version >= head->published->version) {
        struct goxel_project *swap = head->published;

        head->published = old;
        old = swap;
    }
    pthread_mutex_unlock(&head->lock);
    goxel_project_unref(old);
}

void goxel_head_drop(struct goxel_head *head)
{
    struct goxel_project *tip;

    pthread_mutex_lock(&head->lock);
    tip = head->tip;
    head->tip = goxel_project_ref(head->published);
    pthread_mutex_unlock(&head->lock);
    goxel_project_unref(tip);
}
