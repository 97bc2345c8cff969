/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the workspace to the folder: the published version of every project. Edits go on meanwhile. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "store/internal.h"
#include "store/record.h"
#include "store/remains.h"
#include "store/replay.h"

#define FILE_MODE 0640

struct flushing {
    struct goxel_store *store;
    goxel_store_report *report;
    void *ctx;
    uint64_t sequence;  /* records below it are published, and will be in the databases */
    uint64_t unflushed; /* bytes of them, since the last time */
    bool quiet;         /* nobody is told of progress */
    int first;          /* the first error, and its detail */
    struct goxel_detail *detail;
};

/* ---- a project ---- */

static void drop_tail(struct goxel_row *row)
{
    goxel_buf_finish(&row->tail);
    goxel_buf_init(&row->tail, SIZE_MAX);
}

static int save(struct goxel_store *store, struct goxel_row *row, struct goxel_slot *slot,
                struct goxel_project *project, bool quiet, struct goxel_detail *detail)
{
    struct goxel_checkpoint checkpoint;
    int code = goxel_store_open_database(store, row, detail);

    if (code || goxel_database_has(row->database, project))
        return code;
    code = goxel_checkpoint_take(goxel_slot_head(slot), project, detail, &checkpoint);
    if (code)
        return code;
    checkpoint.progress = quiet ? NULL : store->progress;
    checkpoint.progress_ctx = store->progress_ctx;
    checkpoint.strides = &store->strides;
    code = goxel_database_save(row->database, &checkpoint, detail);
    goxel_checkpoint_finish(&checkpoint);
    if (code == GOXEL_ERROR_FILE_ACCESS)
        atomic_store_explicit(&row->failed, true, memory_order_relaxed);
    if (!code) {
        row->listed = project->version;
        drop_tail(row); /* the database has it */
        if (row->has_remains)
            goxel_remains_remove(store->folder.fd, row->number);
        row->has_remains = false;
    }
    return code;
}

int goxel_store_save(struct goxel_store *store, struct goxel_row *row, struct goxel_slot *slot, bool quiet,
                     struct goxel_detail *detail)
{
    /* Before the version is taken: what is counted by now is published, and in it. More comes meanwhile. */
    long long recorded = atomic_load(&row->recorded);
    struct goxel_project *project;
    int code;

    if (row->given_up)
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "its database takes nothing any more");
    project = goxel_slot_snapshot(slot);
    code = save(store, row, slot, project, quiet, detail);
    goxel_project_unref(project);
    if (!code)
        atomic_fetch_sub(&row->recorded, recorded);
    row->given_up = code == GOXEL_ERROR_INVALID_DATA;
    if (row->given_up)
        goxel_store_break_row(row, detail);
    goxel_store_measure(store, row);
    return code;
}

/* Neither in memory nor changed: there is nothing to do. */
static bool is_at_rest(struct goxel_row *row, const struct goxel_slot *slot)
{
    bool rest;

    pthread_mutex_lock(&row->lock);
    rest = !goxel_slot_is_loaded(slot) && row->tail.len == 0;
    pthread_mutex_unlock(&row->lock);
    return rest;
}

/* The journal is about to forget it, and nothing else has it. Under the row's lock. */
static int keep_tail(struct goxel_store *store, struct goxel_row *row, struct goxel_detail *detail)
{
    int code = row->tail.len > 0 ? goxel_remains_add(store->folder.fd, row->number, &row->tail, detail) : 0;

    if (code)
        return code;
    row->has_remains |= row->tail.len > 0;
    drop_tail(row);
    return 0;
}

struct collecting {
    struct goxel_row *row;
    uint64_t end; /* the sequence of the first record that is not wanted */
    struct goxel_detail *detail;
};

static int collect_record(void *ctx, uint64_t sequence, const uint8_t *bytes, size_t len)
{
    struct collecting *collecting = ctx;
    struct goxel_record record;
    struct goxel_buf unpacked;
    int code;

    if (sequence >= collecting->end)
        return 0;
    goxel_buf_init(&unpacked, 0);
    code = goxel_record_read(bytes, len, &unpacked, collecting->detail, &record);
    if (!code && record.project == collecting->row->number &&
        (code = goxel_tail_add(&collecting->row->tail, bytes, len)))
        code = goxel_fail(collecting->detail, code, "the journal");
    goxel_buf_finish(&unpacked);
    return code;
}

/*
 * Its database took nothing any more, and what was done since the last checkpoint is in memory and in the journal: it is
 * read back from there, once. What cannot be read may be of this project: the journal is not forgotten then.
 */
static int keep_journaled(struct flushing *f, struct goxel_row *row, struct goxel_detail *detail)
{
    struct goxel_store *store = f->store;
    struct collecting collecting = {row, f->sequence, detail};
    uint64_t from = row->kept_to > store->journaled ? row->kept_to : store->journaled;
    struct goxel_journal_tail tail = {.damaged = 0};
    int code;

    drop_tail(row);
    code = goxel_journal_read(store->folder.fd, from, collect_record, &collecting, detail, &tail);
    if (!code && tail.damaged > 0)
        code = goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS, "the journal cannot be read back: %.150s",
                          tail.first_damage);
    if (!code)
        code = keep_tail(store, row, detail);
    if (!code)
        row->kept_to = f->sequence;
    return code;
}

/*
 * Under the row's lock. What is damaged stays as it is, and is told of where it is listed; what was on its way to the journal
 * when that was found may still come.
 */
static int save_loaded(struct flushing *f, struct goxel_slot *slot, struct goxel_detail *detail)
{
    struct goxel_row *row = goxel_slot_data(slot);
    int code = goxel_store_save(f->store, row, slot, f->quiet, detail);

    return row->given_up ? keep_journaled(f, row, detail) : code;
}

static int flush_slot(struct flushing *f, struct goxel_slot *slot, struct goxel_detail *detail)
{
    struct goxel_row *row = goxel_slot_data(slot);
    int code = 0;

    goxel_detail_init(detail);
    if (is_at_rest(row, slot))
        return 0;
    if (!goxel_slot_is_loaded(slot))
        code = goxel_slot_damage(slot, NULL) ? GOXEL_ERROR_INVALID_DATA
                                             : goxel_slot_fetch(f->store->workspace, slot, detail);
    if (code && code != GOXEL_ERROR_INVALID_DATA)
        return code;
    pthread_mutex_lock(&row->lock);
    code = code ? keep_tail(f->store, row, detail) : save_loaded(f, slot, detail);
    pthread_mutex_unlock(&row->lock);
    return code;
}

/* NULL behind the last one. Rows go on the thread of the flushing alone. */
static struct goxel_row *row_at(struct goxel_store *store, size_t i)
{
    struct goxel_row *row;

    pthread_mutex_lock(&store->table);
    row = i < store->count ? store->rows[i] : NULL;
    pthread_mutex_unlock(&store->table);
    return row;
}

/* The records of entries that could not be read. */
static int keep_carried(struct goxel_store *store, struct goxel_detail *detail)
{
    struct goxel_row *row;
    int code = 0;

    for (size_t i = 0; !code && (row = row_at(store, i)); i++) {
        if (!row->carried)
            continue;
        pthread_mutex_lock(&row->lock);
        code = keep_tail(store, row, detail);
        pthread_mutex_unlock(&row->lock);
    }
    return code;
}

/* ---- the list ---- */

/* One that lasts already, and will be found in a moment, is the current one then: its record may be none of a tail. */
static uint64_t current_number(struct goxel_workspace *workspace, struct goxel_slot **slots, size_t count)
{
    struct goxel_slot *slot = NULL;
    uint64_t number;

    for (size_t i = count; i-- > 0;) {
        if (goxel_slot_is_kept(slots[i]) && !goxel_slot_is_open(slots[i]))
            return goxel_project_number(goxel_slot_id(slots[i]));
    }
    if (goxel_workspace_find(workspace, NULL, &slot, NULL))
        return 0;
    number = goxel_project_number(goxel_slot_id(slot));
    goxel_slot_unref(slot);
    return number;
}

/* As it is in its database: what came after that is in the journal. */
static void put_slot(struct goxel_store *store, struct goxel_json_writer *w, struct goxel_slot *slot)
{
    struct goxel_row *row = goxel_slot_data(slot);
    struct goxel_summary summary;
    struct goxel_detail damage;
    bool damaged = goxel_slot_damage(slot, &damage), loaded = goxel_slot_is_loaded(slot);
    struct goxel_buf text;

    goxel_buf_init(&text, GOXEL_LIST_BYTES_MAX);
    if (goxel_slot_summary(store->workspace, slot, &summary)) {
        w->buf->failed = GOXEL_ERROR_OUT_OF_MEMORY;
        return;
    }
    if (!loaded) /* another project may have been given the name in its database */
        goxel_slot_name(slot, summary.name);
    pthread_mutex_lock(&row->lock);
    summary.version = row->listed;
    pthread_mutex_unlock(&row->lock);
    goxel_listed_write(&text, row->number, &summary, damaged ? damage.text : NULL);
    goxel_summary_finish(&summary);
    if (text.failed)
        w->buf->failed = text.failed;
    else
        goxel_json_put_raw(w, NULL, text.data, text.len);
    goxel_buf_finish(&text);
}

static void put_carried(struct goxel_store *store, struct goxel_json_writer *w)
{
    pthread_mutex_lock(&store->table);
    for (size_t i = 0; i < store->count; i++) {
        if (store->rows[i]->carried)
            goxel_json_put_raw(w, NULL, store->rows[i]->carried, store->rows[i]->carried_len);
    }
    pthread_mutex_unlock(&store->table);
}

static size_t count_rows(struct goxel_store *store)
{
    size_t count;

    pthread_mutex_lock(&store->table);
    count = store->count;
    pthread_mutex_unlock(&store->table);
    return count;
}

static int replace_list(struct goxel_store *store, struct goxel_buf *text, struct goxel_detail *detail)
{
    int code = goxel_list_check(text, count_rows(store), detail);

    if (code)
        return code;
    if (store->list && text->len == store->list_len && memcmp(text->data, store->list, text->len) == 0)
        return 0;
    free(store->list); /* after a failure, which of the two is there is not always known */
    store->list = NULL;
    code = goxel_file_replace(store->folder.fd, GOXEL_LIST_NAME, text->data, text->len, FILE_MODE, NULL,
                              detail);
    if (!code)
        store->list = goxel_buf_take(text, &store->list_len);
    return code;
}

static int write_list(struct goxel_store *store, struct goxel_slot **slots, size_t count,
                      struct goxel_detail *detail)
{
    struct goxel_json_writer w;
    struct goxel_buf text;
    int code;

    goxel_buf_init(&text, GOXEL_LIST_BYTES_MAX);
    goxel_list_begin(&w, &text, store->journaled, goxel_workspace_next_number(store->workspace),
                     current_number(store->workspace, slots, count));
    for (size_t i = 0; i < count; i++)
        put_slot(store, &w, slots[i]);
    put_carried(store, &w);
    goxel_list_end(&w);
    code = replace_list(store, &text, detail);
    goxel_buf_finish(&text);
    return code ? goxel_store_place(store, GOXEL_LIST_NAME, code, detail) : 0;
}

int goxel_store_begin_list(struct goxel_store *store, struct goxel_detail *detail)
{
    return write_list(store, NULL, 0, detail);
}

/* ---- what was deleted ---- */

/* A row whose slot nobody has any more; NULL: there is none. */
static struct goxel_row *find_gone(struct goxel_store *store)
{
    struct goxel_row *gone = NULL;

    pthread_mutex_lock(&store->table);
    for (size_t i = 0; i < store->count && !gone; i++) {
        if (store->rows[i]->gone && goxel_slot_is_sole(store->rows[i]->gone))
            gone = store->rows[i];
    }
    pthread_mutex_unlock(&store->table);
    return gone;
}

/* A stop that waits for it, or does it, is none that hangs. */
static void tell_progress(struct goxel_store *store, bool quiet)
{
    atomic_fetch_add_explicit(&store->strides, 1, memory_order_relaxed);
    if (store->progress && !quiet)
        store->progress(store->progress_ctx);
}

static void trash_gone(struct goxel_store *store, bool quiet)
{
    struct goxel_row *row;

    while ((row = find_gone(store))) {
        uint64_t number = row->number;
        struct goxel_slot *slot = row->gone;

        tell_progress(store, quiet);
        goxel_store_drop_row(store, row);
        goxel_slot_unref(slot);
        goxel_store_trash(store, number);
    }
}

/* ---- out of memory ---- */

/* What is in its database as it is in memory need not be in memory. */
static bool unload(struct goxel_store *store, struct goxel_slot *slot, int64_t ms)
{
    struct goxel_row *row = goxel_slot_data(slot);
    struct goxel_project *project;
    bool done;

    if (!goxel_slot_is_loaded(slot))
        return false;
    pthread_mutex_lock(&row->lock);
    project = goxel_slot_snapshot(slot);
    done = row->database && goxel_database_has(row->database, project) &&
           goxel_workspace_unload(store->workspace, slot, project, ms);
    goxel_project_unref(project);
    if (done)
        goxel_store_close_database(store, row);
    pthread_mutex_unlock(&row->lock);
    return done;
}

/* Those in the background, and of the others those that were not used for longest, as far as there are too many. */
static void unload_some(struct goxel_store *store, struct goxel_slot **slots, size_t count)
{
    struct goxel_store_settings settings = goxel_store_get_settings(store);
    size_t loaded = 0;

    goxel_store_sort_by_use(slots, count);
    for (size_t i = 0; i < count; i++)
        loaded += goxel_slot_is_loaded(slots[i]);
    for (size_t i = 0; i < count; i++) {
        if (goxel_slot_is_closed(slots[i]) || loaded > settings.open_max)
            loaded -= unload(store, slots[i], INT64_MAX);
    }
}

/* ---- all of it ---- */

static void tell(struct flushing *f, struct goxel_slot *slot, int code, const struct goxel_detail *detail)
{
    if (f->report)
        f->report(f->ctx, goxel_slot_id(slot), GOXEL_SLOT_NAME(slot), code, detail);
    goxel_store_note(code, detail, &f->first, f->detail);
}

/* True: it failed, and was told of. Otherwise its fate depends on the list. */
static bool flush_one(struct flushing *f, struct goxel_slot *slot)
{
    struct goxel_detail detail;
    int code;

    tell_progress(f->store, f->quiet);
    code = flush_slot(f, slot, &detail);
    if (code)
        tell(f, slot, code, &detail);
    return code != 0;
}

static void flush_slots(struct flushing *f, struct goxel_slot **slots, size_t count)
{
    struct goxel_store *store = f->store;
    struct goxel_detail detail;
    bool told[GOXEL_PROJECTS_MAX];
    int code;

    for (size_t i = 0; i < count; i++)
        told[i] = flush_one(f, slots[i]);
    goxel_detail_init(&detail);
    code = keep_carried(store, &detail);
    goxel_store_note(code, &detail, &f->first, f->detail);
    if (f->first == 0)
        store->journaled = f->sequence; /* otherwise some database is older */
    code = write_list(store, slots, count, &detail);
    for (size_t i = 0; i < count; i++) {
        if (!told[i])
            tell(f, slots[i], code, &detail);
    }
    goxel_store_note(code, &detail, &f->first, f->detail);
    if (code)
        return;
    /* What the databases have, the journal need not have. */
    if (store->journal)
        goxel_journal_forget(store->journal, store->journaled, f->first ? 0 : f->unflushed,
                             atomic_load(&store->broken));
    unload_some(store, slots, count);
    trash_gone(store, f->quiet);
}

static int refuse(const struct goxel_store *store, struct goxel_detail *detail)
{
    if (!store->opened)
        return goxel_fail(detail, GOXEL_ERROR_BAD_PROJECT_STATE,
                          "what is kept there has not been opened: it would be lost");
    (void)goxel_fail(detail, store->refused, "the list could not be read at the start: it is left as it is");
    return goxel_store_place(store, GOXEL_LIST_NAME, store->refused, detail);
}

static int flush(struct goxel_store *store, goxel_store_report *report, void *ctx, bool quiet,
                 struct goxel_detail *detail)
{
    struct goxel_journal_stats stats = {.unflushed = 0};
    struct flushing f = {
        .store = store,
        .report = report,
        .ctx = ctx,
        .sequence = store->journal ? goxel_journal_settled(store->journal) : store->journaled,
        .quiet = quiet,
        .detail = detail,
    };
    struct goxel_slot **slots;
    size_t count;
    int code;

    if (store->journal)
        goxel_journal_get_stats(store->journal, &stats);
    f.unflushed = stats.unflushed;
    if (!store->opened && goxel_workspace_count(store->workspace) == 0)
        return 0;
    if (!store->opened || store->refused)
        return refuse(store, detail);
    code = goxel_workspace_list_kept(store->workspace, &slots, &count);
    if (code)
        return goxel_fail(detail, code, "the list of the open projects");
    flush_slots(&f, slots, count);
    for (size_t i = 0; i < count; i++)
        goxel_slot_unref(slots[i]);
    free(slots);
    return f.first;
}

/* A checkpoint in the background may take a while to its end: it counts as progress that it comes on. */
static void take_turn(struct goxel_store *store)
{
    unsigned long long seen = atomic_load(&store->strides), now;
    struct timespec until;

    for (;;) {
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        if (pthread_mutex_timedlock(&store->flushing, &until) == 0)
            return;
        now = atomic_load(&store->strides);
        if (now != seen && store->progress)
            store->progress(store->progress_ctx);
        seen = now;
    }
}

int goxel_store_flush_all(struct goxel_store *store, goxel_store_report *report, void *ctx,
                          struct goxel_detail *detail)
{
    int code;

    take_turn(store);
    code = flush(store, report, ctx, false, detail);
    pthread_mutex_unlock(&store->flushing);
    return code;
}

void goxel_store_unload(struct goxel_store *store)
{
    struct goxel_slot **slots;
    size_t count;

    pthread_mutex_lock(&store->flushing);
    if (store->opened && !store->refused && !goxel_workspace_list_kept(store->workspace, &slots, &count)) {
        unload_some(store, slots, count);
        for (size_t i = 0; i < count; i++)
            goxel_slot_unref(slots[i]);
        free(slots);
    }
    pthread_mutex_unlock(&store->flushing);
}

int goxel_store_checkpoint(struct goxel_store *store, struct goxel_detail *detail)
{
    int code;

    pthread_mutex_lock(&store->flushing);
    code = flush(store, NULL, NULL, true, detail);
    pthread_mutex_unlock(&store->flushing);
    return code;
}
