/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/replay.h"

#include <inttypes.h>

#include "base/bytes.h"
#include "base/error.h"
#include "core/away.h"
#include "core/effects.h"
#include "store/record.h"

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

/* Keys of what the checkpoint has already come again with notes: the head takes each once. */
static int note_key(struct goxel_key_list *keys, const struct goxel_record *record)
{
    struct goxel_key *key;

    if (!record->key[0])
        return 0;
    key = goxel_key_create(record->key, record->request, record->result, record->result_len);
    return key ? goxel_key_list_add(keys, key) : GOXEL_ERROR_OUT_OF_MEMORY;
}

/* The next version, in place of the one that there was. */
static int change(struct goxel_project **project, const struct goxel_record *record, int64_t history_bytes,
                  struct goxel_detail *detail)
{
    struct goxel_project *before = *project, *after = goxel_project_copy(before);
    bool first = record->kind != GOXEL_RECORD_EDIT;
    int code = after ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
    uint64_t state = 0;

    if (!code && first)
        code = replay_history(after, before, record);
    if (!code) {
        state = after->state;
        code = goxel_effects_apply(record->effects, record->effects_len, after, detail);
    }
    if (!code && !first)
        code = replay_history(after, before, record);
    if (code) {
        goxel_project_unref(after);
        return code;
    }
    /* The history began later than the one that the step was taken in: it would lead elsewhere. */
    if (first && state != after->state)
        goxel_history_forget(after);
    goxel_history_trim(after, history_bytes);
    goxel_project_unref(before);
    *project = after;
    return 0;
}

/* The first of all. */
static int begin(struct goxel_project **project, const struct goxel_record *record,
                 struct goxel_detail *detail)
{
    struct goxel_project *fresh = goxel_project_create("");
    int code = fresh ? goxel_effects_apply(record->effects, record->effects_len, fresh, detail)
                     : GOXEL_ERROR_OUT_OF_MEMORY;

    if (code)
        goxel_project_unref(fresh);
    else
        *project = fresh;
    return code;
}

/* What the project has already: of a note and of a group's end, which have the version they were made to, what is older. */
static bool is_old(const struct goxel_record *record, const struct goxel_project *project, uint64_t version)
{
    bool same = record->kind == GOXEL_RECORD_NOTE || record->kind == GOXEL_RECORD_END_GROUP;

    return version < project->version || (version == project->version && !same);
}

static int apply(struct goxel_project **project, const struct goxel_record *record, int64_t history_bytes,
                 struct goxel_key_list *keys, struct goxel_detail *detail)
{
    uint64_t version = 0;
    int code;

    if (!*project && record->kind == GOXEL_RECORD_ADD)
        return begin(project, record, detail);
    if (!*project)
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA,
                          "records are missing: it does not begin with its making");
    if (record->kind == GOXEL_RECORD_ADD)
        return 0;
    if (!goxel_effects_version(record->effects, record->effects_len, &version))
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "a record has no version");
    if (is_old(record, *project, version))
        return 0;
    if (record->before != (*project)->version)
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA,
                          "records are missing: it is at version %" PRIu64
                          ", and what comes next was made to %" PRIu64,
                          (*project)->version, record->before);
    code = change(project, record, history_bytes, detail);
    return code ? code : note_key(keys, record);
}

static int apply_bytes(struct goxel_project **project, const uint8_t *bytes, size_t len,
                       int64_t history_bytes, struct goxel_key_list *keys, struct goxel_detail *detail)
{
    uint64_t failures = goxel_away_failures();
    struct goxel_record record;
    struct goxel_buf unpacked;
    int code, failed;

    goxel_buf_init(&unpacked, 0);
    code = goxel_record_read(bytes, len, &unpacked, detail, &record);
    if (!code)
        code = apply(project, &record, history_bytes, keys, detail);
    goxel_buf_finish(&unpacked);
    /* Without voxels that could not be read a record seems to be of another project. */
    failed = goxel_away_check(failures, detail);
    return failed ? failed : code;
}

/* ---- tails ---- */

int goxel_tail_add(struct goxel_buf *tail, const uint8_t *bytes, size_t len)
{
    goxel_put_u64(tail, len);
    return goxel_buf_append(tail, bytes, len);
}

int goxel_replay_tail(struct goxel_project *base, const struct goxel_buf *tail, int64_t history_bytes,
                      struct goxel_key_list *keys, struct goxel_detail *detail,
                      struct goxel_project **ret_project)
{
    struct goxel_reading in = goxel_reading_make(tail->data, tail->len);
    struct goxel_project *project = base ? goxel_project_ref(base) : NULL;
    int code = 0;

    while (in.left > 0 && !code) {
        size_t len = (size_t)goxel_take_u64(&in);
        const uint8_t *bytes = goxel_take_bytes(&in, len);

        code = apply_bytes(&project, bytes, len, history_bytes, keys, detail);
    }
    if (!code && !project)
        code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "neither a checkpoint nor the journal has it");
    if (code) {
        goxel_project_unref(project);
        return code == GOXEL_ERROR_OUT_OF_MEMORY ? goxel_fail(detail, code, "the journal") : code;
    }
    *ret_project = project;
    return 0;
}
