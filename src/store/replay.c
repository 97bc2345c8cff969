/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "core/effects.h"
#include "store/record.h"

/* ---- a project comes, and goes ---- */

static int find_slot(const struct goxel_replay *replay, uint64_t number, struct goxel_slot **ret_slot)
{
    char id[32];

    (void)snprintf(id, sizeof(id), "p%" PRIu64, number);
    return goxel_workspace_find(replay->workspace, id, ret_slot, NULL);
}

static int add_project(struct goxel_replay *replay, const struct goxel_record *record,
                       struct goxel_detail *detail)
{
    struct goxel_project *project = goxel_project_create("");
    char id[32], name[GOXEL_NAME_MAX + 1];
    int code;

    if (!project)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    (void)snprintf(id, sizeof(id), "p%" PRIu64, record->project);
    code = goxel_effects_apply(record->effects, record->effects_len, project, detail);
    if (!code) {
        /* A file may be of a time when this one had been closed, and its name given away. */
        goxel_name_copy(name, project->name, strlen(project->name));
        goxel_workspace_free_name(replay->workspace, name, project->name);
        code = goxel_workspace_restore(replay->workspace, project, id, NULL, detail);
    }
    goxel_workspace_raise_next_number(replay->workspace, record->project + 1);
    if (!code)
        return 0;
    goxel_project_unref(project);
    if (code == GOXEL_ERROR_OUT_OF_MEMORY)
        return code;
    replay->broken(replay->ctx, record->project, detail);
    return 0;
}

/* ---- changes ---- */

/* The history as the change made it. The content is what it was before for all but edits. */
static int replay_history(struct goxel_project *project, struct goxel_project *before,
                          const struct goxel_record *record)
{
    struct goxel_note note = {record->name, record->group[0] ? record->group : NULL};

    switch (record->kind) {
    case GOXEL_RECORD_EDIT:
        return goxel_history_record(project, before, &note);
    case GOXEL_RECORD_UNDO:
    case GOXEL_RECORD_REDO:
        return goxel_history_shift(project, record->steps, record->kind == GOXEL_RECORD_REDO);
    case GOXEL_RECORD_END_GROUP:
        return goxel_history_end_group(project);
    default:
        return 0;
    }
}

static int restore_key(struct goxel_head *head, const struct goxel_record *record)
{
    struct goxel_key *key;

    if (!record->key[0])
        return 0;
    key = goxel_key_create(record->key, record->request, record->result, record->result_len);
    if (!key)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_head_restore_key(head, key);
    goxel_key_unref(key);
    return 0;
}

static int change(struct goxel_replay *replay, struct goxel_head *head, struct goxel_project *before,
                  const struct goxel_record *record, struct goxel_detail *detail)
{
    struct goxel_project *project = goxel_project_copy(before);
    bool first = record->kind != GOXEL_RECORD_EDIT;
    int code = project ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
    uint64_t state = 0;

    if (!code && first)
        code = replay_history(project, before, record);
    if (!code) {
        state = project->state;
        code = goxel_effects_apply(record->effects, record->effects_len, project, detail);
    }
    if (!code && !first)
        code = replay_history(project, before, record);
    /* The history began later than the one that the step was taken in: it would lead elsewhere. */
    if (!code && first && state != project->state)
        goxel_history_forget(project);
    if (!code) {
        goxel_history_trim(project, replay->history_bytes);
        goxel_head_replace(head, project);
        code = restore_key(head, record);
    }
    goxel_project_unref(project);
    return code;
}

/* What the project has already: of a note and of a group's end, which have the version they were made to, what is older. */
static bool is_old(const struct goxel_record *record, const struct goxel_project *project, uint64_t version)
{
    bool same = record->kind == GOXEL_RECORD_NOTE || record->kind == GOXEL_RECORD_END_GROUP;

    return version < project->version || (version == project->version && !same);
}

static int change_project(struct goxel_replay *replay, struct goxel_slot *slot,
                          const struct goxel_record *record, struct goxel_detail *detail)
{
    struct goxel_project *project = goxel_slot_snapshot(slot);
    uint64_t version = 0;
    int code = 0;

    if (!goxel_effects_version(record->effects, record->effects_len, &version))
        code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "a record has no version");
    else if (is_old(record, project, version))
        code = 0;
    else if (record->before != project->version)
        code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA,
                          "records are missing: it is at version %" PRIu64
                          ", and what comes next was made to %" PRIu64,
                          project->version, record->before);
    else
        code = change(replay, goxel_slot_head(slot), project, record, detail);
    goxel_project_unref(project);
    return code;
}

/* ---- records ---- */

static int apply(struct goxel_replay *replay, const struct goxel_record *record, struct goxel_detail *detail)
{
    struct goxel_slot *slot = NULL;
    int code = find_slot(replay, record->project, &slot);

    if (code && record->kind == GOXEL_RECORD_ADD)
        return add_project(replay, record, detail);
    if (code)
        return 0; /* it was closed, or has been told of */
    if (record->kind == GOXEL_RECORD_REMOVE)
        goxel_workspace_remove(replay->workspace, slot);
    else if (record->kind != GOXEL_RECORD_ADD)
        code = change_project(replay, slot, record, detail);
    else
        code = 0;
    if (code && code != GOXEL_ERROR_OUT_OF_MEMORY) {
        replay->broken(replay->ctx, record->project, detail);
        goxel_workspace_remove(replay->workspace, slot);
        code = 0;
    }
    goxel_slot_unref(slot);
    return code;
}

int goxel_replay_record(void *ctx, uint64_t sequence, const uint8_t *bytes, size_t len)
{
    struct goxel_replay *replay = ctx;
    struct goxel_record record;
    struct goxel_detail detail;
    struct goxel_buf unpacked;
    int code;

    goxel_detail_init(&detail);
    goxel_buf_init(&unpacked, 0);
    code = goxel_record_read(bytes, len, &unpacked, &detail, &record);
    if (!code)
        code = apply(replay, &record, &detail);
    else if (code != GOXEL_ERROR_OUT_OF_MEMORY)
        replay->broken(replay->ctx, 0, &detail);
    goxel_buf_finish(&unpacked);
    (void)sequence;
    return code == GOXEL_ERROR_OUT_OF_MEMORY ? goxel_fail(replay->detail, code, "the journal") : 0;
}
