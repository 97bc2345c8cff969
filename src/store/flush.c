/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the workspace to the folder: the published version of every project. Edits go on meanwhile. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "format/gox.h"
#include "store/internal.h"

#define FILE_MODE 0640

struct flushing {
    struct goxel_store *store;
    goxel_store_report *report;
    void *ctx;
    uint64_t generation; /* of the files that this flush writes */
    uint64_t sequence;   /* records below it are published, and will be in the files */
    uint64_t unflushed;  /* bytes of them, since the last time */
    bool quiet;          /* nobody is told of progress */
    int first;           /* the first error, and its detail */
    struct goxel_detail *detail;
};

/* What a project becomes. */
struct kept {
    struct goxel_buf file; /* empty if the one that is there will do */
    struct goxel_buf text; /* the entry */
    uint64_t generation, version;
    uint32_t crc32;
};

/* ---- a project ---- */

static int encode(const struct flushing *f, const struct goxel_row *row, uint64_t number,
                  const struct goxel_project *project, struct goxel_detail *detail, struct kept *kept)
{
    kept->version = project->version;
    if (row && row->generation && row->version == project->version) {
        kept->generation = row->generation;
        kept->crc32 = row->crc32;
    } else {
        int code = goxel_gox_write(project, NULL, NULL, detail, &kept->file);

        if (code && detail->text[0])
            return code;
        if (code)
            return goxel_fail(detail, code, "the project cannot be written as one .gox file");
        kept->generation = f->generation;
        kept->crc32 = (uint32_t)crc32_z(0, (const Bytef *)kept->file.data, kept->file.len);
    }
    goxel_listed_write(&kept->text, project, number, kept->generation, kept->crc32);
    return kept->text.failed ? goxel_fail(detail, kept->text.failed, "the project's entry in the list") : 0;
}

/* The row tells what is kept from here on. */
static void take_kept(struct goxel_row *row, uint64_t number, struct kept *kept)
{
    bool same = row->text && row->len == kept->text.len && memcmp(row->text, kept->text.data, row->len) == 0;

    row->number = number;
    row->generation = kept->generation;
    row->version = kept->version;
    row->crc32 = kept->crc32;
    if (same)
        return;
    free(row->text);
    row->text = goxel_buf_take(&kept->text, &row->len);
    row->listed = false;
}

static int keep(struct flushing *f, struct goxel_row *row, uint64_t number, struct kept *kept,
                struct goxel_detail *detail)
{
    struct goxel_store *store = f->store;
    char name[GOXEL_KEPT_NAME_SIZE];
    int code = 0;

    goxel_kept_name(number, kept->generation, name);
    if (kept->file.len > 0)
        code = goxel_file_replace(store->folder.fd, name, kept->file.data, kept->file.len, FILE_MODE, NULL,
                                  detail);
    if (code)
        return goxel_store_place(store, name, code, detail);
    if (kept->generation > store->generation)
        store->generation = kept->generation;
    if (!row) {
        row = goxel_store_add_row(store);
        if (!row)
            return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the project's entry in the list");
    }
    row->open = true;
    take_kept(row, number, kept);
    return 0;
}

static int flush_slot(struct flushing *f, struct goxel_slot *slot, struct goxel_detail *detail)
{
    uint64_t number = goxel_project_number(goxel_slot_id(slot));
    struct goxel_row *row = goxel_store_row(f->store, number);
    struct kept kept = {.generation = 0};
    struct goxel_project *project;
    int code;

    goxel_detail_init(detail);
    if (row)
        row->open = true; /* whatever happens now, what is there of it stays */
    goxel_buf_init(&kept.file, GOXEL_FILE_MAX);
    goxel_buf_init(&kept.text, GOXEL_LIST_BYTES_MAX);
    project = goxel_slot_snapshot(slot);
    code = encode(f, row, number, project, detail, &kept);
    goxel_project_unref(project);
    if (!code)
        code = keep(f, row, number, &kept, detail);
    goxel_buf_finish(&kept.file);
    goxel_buf_finish(&kept.text);
    return code;
}

/* ---- the list ---- */

static uint64_t current_number(struct goxel_workspace *workspace)
{
    struct goxel_slot *slot = NULL;
    uint64_t number;

    if (goxel_workspace_find(workspace, NULL, &slot, NULL))
        return 0;
    number = goxel_project_number(goxel_slot_id(slot));
    goxel_slot_unref(slot);
    return number;
}

/* Open projects first: of two with one name they keep it. */
static void put_rows(const struct goxel_store *store, struct goxel_json_writer *w, bool carried)
{
    for (size_t i = 0; i < store->count; i++) {
        const struct goxel_row *row = &store->rows[i];

        if (row->carried == carried)
            goxel_json_put_raw(w, NULL, row->text, row->len);
    }
}

static int replace_list(struct goxel_store *store, struct goxel_buf *text, struct goxel_detail *detail)
{
    int code = goxel_list_check(text, store->count, detail);

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

static int write_list(struct goxel_store *store, struct goxel_detail *detail)
{
    struct goxel_json_writer w;
    struct goxel_buf text;
    int code;

    goxel_buf_init(&text, GOXEL_LIST_BYTES_MAX);
    goxel_list_begin(&w, &text, store->generation, store->journaled,
                     goxel_workspace_next_number(store->workspace), current_number(store->workspace));
    put_rows(store, &w, false);
    put_rows(store, &w, true);
    goxel_list_end(&w);
    code = replace_list(store, &text, detail);
    goxel_buf_finish(&text);
    if (code)
        return goxel_store_place(store, GOXEL_LIST_NAME, code, detail);
    for (size_t i = 0; i < store->count; i++)
        store->rows[i].listed = true;
    return 0;
}

/* ---- all of it ---- */

static void forget_closed(struct goxel_store *store)
{
    for (size_t i = store->count; i-- > 0;) {
        if (!store->rows[i].carried && !store->rows[i].open)
            goxel_store_drop_row(store, &store->rows[i]);
    }
}

static bool is_wanted(void *ctx, const char *name)
{
    const struct goxel_store *store = ctx;
    uint64_t number, generation;

    if (!goxel_kept_name_parse(name, &number, &generation))
        return true;
    for (size_t i = 0; i < store->count; i++) {
        if (store->rows[i].number == number && store->rows[i].generation == generation)
            return true;
    }
    return false;
}

static void tell(struct flushing *f, const struct goxel_slot *slot, int code,
                 const struct goxel_detail *detail)
{
    if (f->report)
        f->report(f->ctx, goxel_slot_id(slot), goxel_slot_name(slot), code, detail);
    goxel_store_note(code, detail, &f->first, f->detail);
}

/* False: the project's fate depends on the list. */
static bool flush_one(struct flushing *f, struct goxel_slot *slot)
{
    struct goxel_detail detail;
    int code;

    if (f->store->progress && !f->quiet)
        f->store->progress(f->store->progress_ctx);
    code = flush_slot(f, slot, &detail);
    if (code)
        tell(f, slot, code, &detail);
    return code != 0;
}

/* What the files have, the journal need not have. */
static void forget_journal(const struct flushing *f)
{
    if (f->store->journal)
        goxel_journal_forget(f->store->journal, f->store->journaled, f->unflushed, f->store->broken);
}

static void flush_slots(struct flushing *f, struct goxel_slot **slots, size_t count)
{
    struct goxel_store *store = f->store;
    struct goxel_detail detail;
    bool told[GOXEL_PROJECTS_MAX];
    int code;

    for (size_t i = 0; i < store->count; i++)
        store->rows[i].open = false;
    for (size_t i = 0; i < count; i++)
        told[i] = flush_one(f, slots[i]);
    forget_closed(store);
    goxel_detail_init(&detail);
    if (f->first == 0)
        store->journaled = f->sequence; /* otherwise some file is older */
    code = write_list(store, &detail);
    for (size_t i = 0; i < count; i++) {
        const struct goxel_row *row = told[i] ? NULL
                                              : goxel_store_row(
                                                    store, goxel_project_number(goxel_slot_id(slots[i])));

        if (row)
            tell(f, slots[i], row->listed ? 0 : code, &detail);
    }
    goxel_store_note(code, &detail, &f->first, f->detail);
    if (!code)
        forget_journal(f);
    if (!code && !store->keeps_files)
        goxel_folder_sweep(&store->folder, is_wanted, store);
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
        .generation = store->generation + 1,
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

int goxel_store_flush_all(struct goxel_store *store, goxel_store_report *report, void *ctx,
                          struct goxel_detail *detail)
{
    int code;

    pthread_mutex_lock(&store->flushing);
    code = flush(store, report, ctx, false, detail);
    pthread_mutex_unlock(&store->flushing);
    return code;
}

int goxel_store_checkpoint(struct goxel_store *store, struct goxel_detail *detail)
{
    int code;

    pthread_mutex_lock(&store->flushing);
    code = flush(store, NULL, NULL, true, detail);
    pthread_mutex_unlock(&store->flushing);
    return code;
}
