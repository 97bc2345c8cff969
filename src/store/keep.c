/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A change on its way holds its slot and its version, so that neither goes before its record is settled. */
#include "store/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "core/away.h"
#include "store/record.h"

struct pending {
    struct goxel_entry entry;
    const struct goxel_keep *keep;
    struct goxel_promise *promise;
    struct goxel_slot *slot;       /* a reference */
    struct goxel_project *version; /* a reference; NULL: nothing is to be published */
    enum goxel_record_kind kind;
    uint64_t epoch; /* of its head when it was the tip */
    struct goxel_buf bytes;
};

static struct pending *pending_of(struct goxel_entry *entry)
{
    return (struct pending *)entry;
}

static void pending_destroy(struct pending *pending)
{
    goxel_project_unref(pending->version);
    goxel_slot_unref(pending->slot);
    goxel_buf_finish(&pending->bytes);
    free(pending);
}

/* ---- on the journal's thread ---- */

static bool holds(struct goxel_entry *entry)
{
    const struct pending *pending = pending_of(entry);

    return !pending->version || goxel_head_epoch(goxel_slot_head(pending->slot)) == pending->epoch;
}

/* Whoever built on a tip that is dropped is told so. The tip is dropped once: later ones build on what is published. */
static void take_back(const struct pending *pending)
{
    struct goxel_head *head = goxel_slot_head(pending->slot);

    if (pending->version && goxel_head_epoch(head) == pending->epoch)
        goxel_head_drop(head);
}

static void tell(int code, const struct goxel_detail *detail, struct goxel_detail *ret_told)
{
    if (detail)
        *ret_told = *detail;
    else
        (void)goxel_fail(
            ret_told, code,
            "an earlier change of the project could not be kept, and this one built on it: try again");
    if (!ret_told->outcome[0])
        (void)snprintf(ret_told->outcome, sizeof(ret_told->outcome), "not_applied");
}

static void made(struct goxel_entry *entry, int code)
{
    const struct pending *pending = pending_of(entry);

    if (code) {
        take_back(pending);
        return;
    }
    if (pending->version)
        goxel_head_publish(goxel_slot_head(pending->slot), pending->version);
    else
        goxel_slot_set_kept(pending->slot, pending->kind == GOXEL_RECORD_ADD);
    pending->keep->ops->wrote(pending->keep->ctx, pending->slot, entry->len);
}

static void settled(struct goxel_entry *entry, int code, const struct goxel_detail *detail)
{
    struct pending *pending = pending_of(entry);
    struct goxel_detail told;

    if (code)
        tell(code, detail, &told);
    pending->promise->settled(pending->promise, code, code ? &told : NULL);
    pending_destroy(pending);
}

/* ---- on any thread ---- */

static int fail(int code, struct goxel_detail *detail)
{
    if (code == GOXEL_ERROR_MESSAGE_SIZE)
        return goxel_fail(detail, GOXEL_ERROR_QUOTA, "the change is longer than %zu bytes: make it in parts",
                          GOXEL_JOURNAL_RECORD_MAX);
    return goxel_fail(detail, code, "a record of the journal");
}

static int submit(struct goxel_keep *keep, struct goxel_slot *slot, struct goxel_record *record,
                  const struct goxel_project *before, struct goxel_project *after, struct pending *pending,
                  struct goxel_detail *detail)
{
    uint64_t failures = goxel_away_failures();
    int code;

    if (!keep->journal) {
        pending_destroy(pending);
        return goxel_fail(detail, GOXEL_ERROR_BAD_PROJECT_STATE,
                          "the store has not been opened: nothing is kept");
    }
    record->project = goxel_project_number(goxel_slot_id(slot));
    pending->keep = keep;
    pending->kind = record->kind;
    goxel_buf_init(&pending->bytes, GOXEL_JOURNAL_RECORD_MAX);
    pending->slot = goxel_slot_ref(slot);
    code = goxel_record_write(&pending->bytes, record, before, after);
    code = code ? fail(code, detail) : goxel_away_check(failures, detail);
    if (code) {
        pending_destroy(pending);
        return code;
    }
    pending->entry = (struct goxel_entry){.bytes = pending->bytes.data,
                                          .len = pending->bytes.len,
                                          .holds = holds,
                                          .made = made,
                                          .settled = settled};
    goxel_journal_submit(keep->journal, &pending->entry);
    return 0;
}

/* A name may come from a client. */
static void put_name(char to[GOXEL_NAME_MAX + 1], const char *name)
{
    if (name)
        goxel_name_copy(to, name, strlen(name));
}

static void put_key(struct goxel_record *record, const struct goxel_key *key)
{
    if (!key)
        return;
    put_name(record->key, key->text);
    record->request = key->request;
    record->result = key->result;
    record->result_len = key->result_len;
}

static int keep_change(struct goxel_keeper *keeper, struct goxel_slot *slot,
                       const struct goxel_change *change, uint64_t epoch, struct goxel_promise *promise,
                       struct goxel_detail *detail)
{
    static const enum goxel_record_kind kinds[] = {
        [GOXEL_CHANGE_EDIT] = GOXEL_RECORD_EDIT,           [GOXEL_CHANGE_UNDO] = GOXEL_RECORD_UNDO,
        [GOXEL_CHANGE_REDO] = GOXEL_RECORD_REDO,           [GOXEL_CHANGE_NOTE] = GOXEL_RECORD_NOTE,
        [GOXEL_CHANGE_END_GROUP] = GOXEL_RECORD_END_GROUP,
    };
    struct goxel_record record = {
        .kind = kinds[change->kind], .before = change->before->version, .steps = change->steps};
    const struct goxel_keep *keep = (const struct goxel_keep *)keeper;
    int code = keep->ops->check(keep->ctx, slot, detail);
    struct pending *pending = code ? NULL : calloc(1, sizeof(*pending));

    if (code)
        return code;
    if (!pending)
        return fail(GOXEL_ERROR_OUT_OF_MEMORY, detail);
    put_name(record.name, change->note ? change->note->name : NULL);
    put_name(record.group, change->note ? change->note->group : NULL);
    put_key(&record, change->key);
    pending->promise = promise;
    pending->version = goxel_project_ref(change->after);
    pending->epoch = epoch;
    return submit((struct goxel_keep *)keeper, slot, &record, change->before, change->after, pending, detail);
}

/* A record of the slot's coming or going, which is waited for. */
static int keep_life(struct goxel_keeper *keeper, struct goxel_slot *slot, enum goxel_record_kind kind,
                     struct goxel_project *project, struct goxel_detail *detail)
{
    struct goxel_record record = {.kind = kind};
    struct pending *pending = calloc(1, sizeof(*pending));
    struct goxel_promise_wait wait;
    int code;

    if (!pending)
        return fail(GOXEL_ERROR_OUT_OF_MEMORY, detail);
    goxel_promise_begin(&wait, detail);
    pending->promise = &wait.promise;
    code = submit((struct goxel_keep *)keeper, slot, &record, NULL, project, pending, detail);
    return goxel_promise_end(&wait, code);
}

static int keep_room(struct goxel_keeper *keeper, struct goxel_detail *detail)
{
    const struct goxel_keep *keep = (const struct goxel_keep *)keeper;

    return keep->ops->room(keep->ctx, detail);
}

static int keep_added(struct goxel_keeper *keeper, struct goxel_slot *slot, struct goxel_detail *detail)
{
    const struct goxel_keep *keep = (const struct goxel_keep *)keeper;
    struct goxel_project *project;
    int code = keep->ops->adopt(keep->ctx, slot, detail);

    if (code)
        return code;
    project = goxel_slot_snapshot(slot);
    code = keep_life(keeper, slot, GOXEL_RECORD_ADD, project, detail);
    goxel_project_unref(project);
    if (code)
        keep->ops->gone(keep->ctx, slot);
    return code;
}

static int keep_removed(struct goxel_keeper *keeper, struct goxel_slot *slot, struct goxel_detail *detail)
{
    const struct goxel_keep *keep = (const struct goxel_keep *)keeper;
    int code = keep_life(keeper, slot, GOXEL_RECORD_REMOVE, NULL, detail);

    if (!code)
        keep->ops->gone(keep->ctx, slot);
    return code;
}

static int keep_loaded(struct goxel_keeper *keeper, struct goxel_slot *slot,
                       struct goxel_project **ret_project, struct goxel_key_list *ret_keys,
                       struct goxel_detail *detail)
{
    const struct goxel_keep *keep = (const struct goxel_keep *)keeper;

    return keep->ops->load(keep->ctx, slot, ret_project, ret_keys, detail);
}

void goxel_keep_init(struct goxel_keep *keep, const struct goxel_keep_ops *ops, void *ctx)
{
    *keep = (struct goxel_keep){
        {keep_change, keep_added, keep_removed, keep_room, keep_loaded}, ops, ctx, NULL};
}
