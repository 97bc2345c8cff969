/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the folder to the workspace: who is there. Nothing on the disk is changed but for temporaries that a crash left. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "core/effects.h"
#include "store/checkpoints.h"
#include "store/internal.h"
#include "store/record.h"
#include "store/replay.h"

#define TEMPORARY ".goxel-"
#define TEMPORARY_END ".tmp"
#define ID_SIZE 32
#define EPOCH_BITS 20 /* of those that begin while the journal goes on */

struct opening {
    struct goxel_store *store;
    goxel_store_report *report;
    void *ctx;
    int first; /* the first error, and its detail */
    struct goxel_detail *detail;
};

/* ---- entries ---- */

static void tell(struct opening *o, uint64_t number, const char *name, int code,
                 const struct goxel_detail *detail)
{
    char id[ID_SIZE] = "?";

    if (number)
        (void)snprintf(id, sizeof(id), "p%llu", (unsigned long long)number);
    if (o->report)
        o->report(o->ctx, id, name, code, detail);
    goxel_store_note(code, detail, &o->first, o->detail);
}

/* The entry as it stands in the list. GOXEL_ERROR_OUT_OF_MEMORY. */
static int carry(struct opening *o, const struct goxel_json *entry, uint64_t number)
{
    struct goxel_row *row = goxel_store_add_row(o->store, number);
    struct goxel_json_writer w;
    struct goxel_buf text;

    goxel_buf_init(&text, GOXEL_LIST_BYTES_MAX);
    goxel_json_writer_init(&w, &text);
    goxel_json_put_node(&w, NULL, entry);
    if (!row || text.failed) {
        goxel_buf_finish(&text);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    row->carried = goxel_buf_take(&text, &row->carried_len);
    if (number == 0)
        o->store->keeps_folders = true;
    return 0;
}

/* With its slot. Another project may have been given the name meanwhile. */
static int add_project(struct opening *o, uint64_t number, struct goxel_summary *summary,
                       const struct goxel_detail *damage, struct goxel_detail *detail,
                       struct goxel_row **ret_row)
{
    struct goxel_store *store = o->store;
    struct goxel_row *row = goxel_store_add_row(store, number);
    char id[32], name[GOXEL_NAME_MAX + 1];
    int code;

    if (!row)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "a project's row in the store");
    (void)snprintf(id, sizeof(id), "p%" PRIu64, number);
    goxel_name_copy(name, summary->name, strlen(summary->name));
    goxel_workspace_free_name(store->workspace, name, summary->name);
    code = goxel_workspace_restore(store->workspace, summary, id, damage, row, NULL, detail);
    if (code) {
        goxel_store_drop_row(store, row);
        return code;
    }
    goxel_store_measure(store, row);
    *ret_row = row;
    return 0;
}

static int open_damaged(struct opening *o, struct goxel_listed *listed, struct goxel_detail *detail,
                        struct goxel_row **ret_row)
{
    struct goxel_detail damage;
    int code;

    goxel_detail_init(&damage);
    (void)goxel_fail(&damage, GOXEL_ERROR_INVALID_DATA, "%s", listed->damage);
    goxel_store_tell_repair(listed->number, &damage);
    code = add_project(o, listed->number, &listed->summary, &damage, detail, ret_row);
    if (!code)
        *detail = damage;
    return code ? code : GOXEL_ERROR_INVALID_DATA;
}

/* Non-zero only if the entry could not even be kept in mind. */
static int open_entry(struct opening *o, const struct goxel_json *entry)
{
    struct goxel_listed listed;
    struct goxel_detail detail;
    struct goxel_row *row = NULL;
    uint64_t version;
    char name[GOXEL_NAME_MAX + 1];
    int code;

    goxel_detail_init(&detail);
    code = goxel_listed_read(entry, &detail, &listed);
    memcpy(name, listed.summary.name, sizeof(name));
    version = listed.summary.version;
    if (!code && goxel_store_row(o->store, listed.number))
        code = goxel_fail(&detail, GOXEL_ERROR_INVALID_DATA, "two entries have the id p%" PRIu64,
                          listed.number);
    if (!code && listed.damage[0])
        code = open_damaged(o, &listed, &detail, &row);
    else if (!code)
        code = add_project(o, listed.number, &listed.summary, NULL, &detail, &row);
    goxel_summary_finish(&listed.summary);
    if (code == GOXEL_ERROR_OUT_OF_MEMORY)
        return code;
    if (row)
        row->listed = version;
    tell(o, listed.number, code && !row ? "?" : name,
         code ? goxel_store_place(o->store, GOXEL_LIST_NAME, code, &detail) : 0, &detail);
    /* No new project may have the id of one that waits to be mended. */
    goxel_workspace_raise_next_number(o->store->workspace, listed.number + 1);
    return row ? 0 : carry(o, entry, listed.number);
}

/* ---- the list ---- */

static void make_current(struct goxel_store *store, uint64_t number)
{
    struct goxel_slot *slot = NULL;
    char id[ID_SIZE];

    (void)snprintf(id, sizeof(id), "p%llu", (unsigned long long)number);
    if (number == 0 || goxel_workspace_find(store->workspace, id, &slot, NULL))
        return;
    goxel_workspace_set_current(store->workspace, slot);
    goxel_slot_unref(slot);
}

static int open_listed(struct opening *o, const struct goxel_list *list)
{
    struct goxel_store *store = o->store;

    store->journaled = list->journal;
    goxel_workspace_raise_next_number(store->workspace, list->next_number);
    for (size_t i = 0; i < goxel_json_length(list->projects); i++) {
        int code = open_entry(o, goxel_json_at(list->projects, i));

        if (code)
            return goxel_fail(o->detail, code, "the list of the open projects");
    }
    make_current(store, list->current);
    return 0;
}

static bool is_no_temporary(void *ctx, const char *name)
{
    size_t len = strlen(name), begin = sizeof(TEMPORARY) - 1, end = sizeof(TEMPORARY_END) - 1;

    (void)ctx;
    if (strncmp(name, TEMPORARY, begin) != 0 || len < begin + 16 + end ||
        strncmp(name + begin + 16, TEMPORARY_END, end) != 0)
        return true;
    name += begin + 16 + end; /* a database may have a log beside it */
    return *name && strcmp(name, "-wal") != 0 && strcmp(name, "-shm") != 0;
}

/* *ret_missing: there is none, which is no error. */
static int read_list(const struct goxel_store *store, struct goxel_buf *text, struct goxel_detail *detail,
                     bool *ret_missing)
{
    struct goxel_detail own;
    int code = goxel_file_read(store->folder.fd, GOXEL_LIST_NAME, text, &own);

    *ret_missing = code == GOXEL_ERROR_FILE_ACCESS && own.errnum == ENOENT;
    if (*ret_missing)
        return 0;
    if (code && detail)
        *detail = own;
    return code;
}

static void find_project(void *ctx, int folder, const char *name)
{
    char *first = ctx;

    (void)folder;
    if (goxel_project_number(name) && !first[0])
        (void)snprintf(first, ID_SIZE, "%s", name);
}

/* There is no list: there never was one, or it was lost. */
static int begin_list(struct goxel_store *store, struct goxel_detail *detail)
{
    char first[ID_SIZE] = "";

    goxel_folder_each(store->folder.fd, find_project, first);
    store->journaled = 1; /* the first of all */
    if (!first[0])
        return goxel_store_begin_list(store, detail);
    return goxel_fail(
        detail, GOXEL_ERROR_INVALID_DATA,
        GOXEL_LIST_NAME " is missing, and there are projects (%s): goxelctl repair makes it anew", first);
}

static int open_list(struct opening *o, const struct goxel_buf *text)
{
    struct goxel_list list;
    int code = goxel_list_parse(text->data ? text->data : "", text->len, o->detail, &list);

    if (code)
        return code;
    code = open_listed(o, &list);
    goxel_json_free(list.root);
    return code;
}

/* ---- the journal ---- */

static void remove_project(struct goxel_store *store, struct goxel_row *row)
{
    struct goxel_slot *slot = NULL;
    char id[32];

    (void)snprintf(id, sizeof(id), "p%" PRIu64, row->number);
    if (goxel_workspace_find(store->workspace, id, &slot, NULL) == 0) {
        goxel_workspace_remove(store->workspace, slot);
        goxel_store_set_gone(store, row, slot);
    }
}

/* A project that the list does not have yet. */
static int begin_project(struct opening *o, const struct goxel_record *record, struct goxel_detail *detail,
                         struct goxel_row **ret_row)
{
    struct goxel_summary summary = {.path = NULL};

    if (!goxel_effects_name(record->effects, record->effects_len, summary.name))
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "the record of its making does not name it");
    return add_project(o, record->project, &summary, NULL, detail, ret_row);
}

/*
 * Its making was in a part of the journal that is damaged, or the list has lost it: what comes of it is kept, for somebody
 * to look at. Or it was deleted, and the last checkpoint knows; then its end is among the records to come.
 */
static int begin_lost(struct opening *o, uint64_t number, struct goxel_detail *detail,
                      struct goxel_row **ret_row)
{
    struct goxel_summary summary = {.name = GOXEL_LOST_NAME};
    struct goxel_detail damage;
    int code;

    goxel_detail_init(&damage);
    (void)goxel_fail(&damage, GOXEL_ERROR_INVALID_DATA, "%s", goxel_lost_reason);
    goxel_store_tell_repair(number, &damage);
    code = add_project(o, number, &summary, &damage, detail, ret_row);
    if (!code)
        (*ret_row)->lost = true;
    return code;
}

/* The first of its records: what the list says of it is old. */
static void mark_stale(struct goxel_store *store, const struct goxel_row *row)
{
    struct goxel_slot *slot = NULL;
    char id[ID_SIZE];

    (void)snprintf(id, sizeof(id), "p%" PRIu64, row->number);
    if (row->tail.len > 0 || goxel_workspace_find(store->workspace, id, &slot, NULL))
        return;
    goxel_slot_set_stale(slot);
    goxel_slot_unref(slot);
}

/* It may be another one since. What is taken now was left again, as a record to come will tell. */
static void take_name(struct goxel_store *store, const struct goxel_row *row,
                      const struct goxel_record *record)
{
    struct goxel_slot *slot = NULL;
    char id[ID_SIZE], name[GOXEL_NAME_MAX + 1];

    (void)snprintf(id, sizeof(id), "p%" PRIu64, row->number);
    if (!goxel_effects_name(record->effects, record->effects_len, name) ||
        goxel_workspace_find(store->workspace, id, &slot, NULL))
        return;
    if (!goxel_workspace_reserve_name(store->workspace, slot, name, NULL))
        goxel_workspace_rename(store->workspace, slot, true);
    goxel_slot_unref(slot);
}

static int scan_record(struct opening *o, const struct goxel_record *record, const uint8_t *bytes, size_t len,
                       struct goxel_detail *detail)
{
    struct goxel_row *row = goxel_store_any_row(o->store, record->project);
    int code = 0;

    goxel_workspace_raise_next_number(o->store->workspace, record->project + 1);
    if (row && row->carried)
        return goxel_tail_add(&row->tail, bytes, len);
    if (row && row->gone)
        return 0;
    if (!row && record->kind == GOXEL_RECORD_ADD)
        code = begin_project(o, record, detail, &row);
    else if (!row && !o->store->keeps_folders)
        code = begin_lost(o, record->project, detail, &row);
    if (code)
        return code;
    if (!row) { /* it may be that of an entry that tells no project */
        atomic_store(&o->store->broken, true);
        return 0;
    }
    mark_stale(o->store, row);
    take_name(o->store, row, record);
    if (record->kind == GOXEL_RECORD_REMOVE)
        remove_project(o->store, row);
    else if (!(code = goxel_tail_add(&row->tail, bytes, len)))
        atomic_fetch_add(&row->recorded, (long long)len);
    atomic_store(&o->store->due, true);
    return code;
}

static int scan(void *ctx, uint64_t sequence, const uint8_t *bytes, size_t len)
{
    struct opening *o = ctx;
    struct goxel_record record;
    struct goxel_detail detail;
    struct goxel_buf unpacked;
    int code;

    goxel_detail_init(&detail);
    goxel_buf_init(&unpacked, 0);
    code = goxel_record_read(bytes, len, &unpacked, &detail, &record);
    if (!code)
        code = scan_record(o, &record, bytes, len, &detail);
    goxel_buf_finish(&unpacked);
    if (code == GOXEL_ERROR_OUT_OF_MEMORY)
        return goxel_fail(o->detail, code, "the journal");
    if (code) {
        atomic_store(&o->store->broken, true);
        tell(o, 0, "?", code, &detail);
    }
    (void)sequence;
    return 0;
}

static void tell_lost(struct opening *o)
{
    struct goxel_detail detail;

    for (size_t i = 0; i < o->store->count; i++) {
        const struct goxel_row *row = o->store->rows[i];

        if (!row->lost || row->gone)
            continue;
        goxel_detail_init(&detail);
        tell(o, row->number, GOXEL_LOST_NAME,
             goxel_fail(&detail, GOXEL_ERROR_INVALID_DATA, "%s", goxel_lost_reason), &detail);
    }
}

static void tell_damage(struct opening *o, const struct goxel_journal_tail *tail)
{
    struct goxel_detail detail;

    tell_lost(o);
    if (tail->damaged == 0)
        return;
    goxel_detail_init(&detail);
    (void)goxel_fail(&detail, GOXEL_ERROR_INVALID_DATA, "the journal is damaged in %llu places, first %s",
                     (unsigned long long)tail->damaged, tail->first_damage);
    atomic_store(&o->store->broken, true);
    tell(o, 0, "?", GOXEL_ERROR_INVALID_DATA, &detail);
}

static int open_journal(struct opening *o)
{
    struct goxel_store *store = o->store;
    struct goxel_journal_tail tail;
    int code = goxel_journal_read(store->folder.fd, store->journaled, scan, o, o->detail, &tail);

    if (code)
        return code;
    atomic_store(&store->damaged, tail.damaged);
    tell_damage(o, &tail);
    code = goxel_journal_open(store->folder.fd, &tail, store->settings.durability, o->detail,
                              &store->journal);
    if (code)
        return code;
    store->keep.journal = store->journal;
    goxel_workspace_set_epoch(store->workspace, tail.next_segment << EPOCH_BITS);
    return 0;
}

/* Last of all: from here on the thread looks at what stands above. */
static int start_checkpoints(struct opening *o)
{
    struct goxel_store *store = o->store;

    store->checkpoints = goxel_checkpoints_start(store);
    return store->checkpoints ? 0
                              : goxel_fail(o->detail, GOXEL_ERROR_OUT_OF_MEMORY, "the thread of checkpoints");
}

/* ---- all of it ---- */

int goxel_store_open_all(struct goxel_store *store, goxel_store_report *report, void *ctx,
                         struct goxel_detail *detail)
{
    struct opening o = {.store = store, .report = report, .ctx = ctx, .detail = detail};
    struct goxel_buf text;
    bool missing = false;
    int code;

    store->base_bytes = goxel_memory_now().resident;
    goxel_buf_init(&text, GOXEL_LIST_BYTES_MAX);
    code = read_list(store, &text, detail, &missing);
    if (!code)
        code = missing ? begin_list(store, detail) : open_list(&o, &text);
    if (code)
        (void)goxel_store_place(store, GOXEL_LIST_NAME, code, detail);
    else if (!missing)
        store->list = goxel_buf_take(&text, &store->list_len);
    if (!code)
        code = open_journal(&o);
    store->opened = true;
    store->refused = code;
    if (!code) {
        goxel_folder_sweep(&store->folder, is_no_temporary, NULL);
        goxel_store_sweep(store);
        code = start_checkpoints(&o);
        if (code)
            store->refused = code;
    }
    goxel_buf_finish(&text);
    return code ? code : o.first;
}
