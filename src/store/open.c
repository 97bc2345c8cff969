/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the folder to the workspace. Nothing on the disk is changed but for temporaries that a crash left. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/utf8.h"
#include "format/gox.h"
#include "store/checkpoints.h"
#include "store/internal.h"
#include "store/replay.h"

#define TEMPORARY ".goxel-"
#define TEMPORARY_END ".tmp"

struct opening {
    struct goxel_store *store;
    goxel_store_report *report;
    void *ctx;
    int first; /* the first error, and its detail */
    struct goxel_detail *detail;
};

/* ---- a project ---- */

static int check_crc(const struct goxel_buf *file, const struct goxel_listed *listed,
                     struct goxel_detail *detail)
{
    if (listed->crc32 < 0 || listed->crc32 == (int64_t)crc32_z(0, (const Bytef *)file->data, file->len))
        return 0;
    return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA,
                      "the file is not as it was written (if you changed it, take \"crc32\" out of its entry "
                      "in " GOXEL_LIST_NAME ")");
}

static int read_project(const struct goxel_store *store, const char *name, const struct goxel_listed *listed,
                        struct goxel_detail *detail, struct goxel_project **ret_project)
{
    struct goxel_buf file;
    int code;

    goxel_buf_init(&file, GOXEL_FILE_MAX);
    code = goxel_file_read(store->folder.fd, name, &file, detail);
    if (!code)
        code = check_crc(&file, listed, detail);
    if (!code)
        code = goxel_gox_read((const uint8_t *)file.data, file.len, NULL, NULL, detail, ret_project);
    goxel_buf_finish(&file);
    return code;
}

/* Takes the project, also on failure. */
static int restore(struct goxel_store *store, const struct goxel_listed *listed,
                   struct goxel_project *project, struct goxel_detail *detail)
{
    char id[GOXEL_KEPT_NAME_SIZE];
    int code = goxel_listed_apply(listed, project);

    if (code)
        (void)goxel_fail(detail, code, "the project's path");
    (void)snprintf(id, sizeof(id), "p%llu", (unsigned long long)listed->number);
    if (!code) {
        /* Another one may have been given the name while this one could not be opened. */
        goxel_workspace_free_name(store->workspace, listed->name, project->name);
        code = goxel_workspace_restore(store->workspace, project, id, NULL, detail);
    }
    if (code)
        goxel_project_unref(project);
    return code;
}

static int open_project(struct goxel_store *store, const struct goxel_listed *listed,
                        struct goxel_detail *detail)
{
    struct goxel_project *project = NULL;
    char name[GOXEL_KEPT_NAME_SIZE];
    int code;

    goxel_detail_init(detail);
    goxel_kept_name(listed->number, listed->generation, name);
    if (goxel_store_row(store, listed->number))
        code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "two entries have the id p%llu",
                          (unsigned long long)listed->number);
    else
        code = read_project(store, name, listed, detail, &project);
    if (!code)
        code = restore(store, listed, project, detail);
    return code ? goxel_store_place(store, name, code, detail) : 0;
}

/* ---- entries ---- */

/* The row has the entry as it stands in the list. */
static int keep_text(struct goxel_row *row, const struct goxel_json *entry)
{
    struct goxel_json_writer w;
    struct goxel_buf text;

    goxel_buf_init(&text, GOXEL_LIST_BYTES_MAX);
    goxel_json_writer_init(&w, &text);
    goxel_json_put_node(&w, NULL, entry);
    if (text.failed) {
        int code = text.failed;

        goxel_buf_finish(&text);
        return code;
    }
    row->text = goxel_buf_take(&text, &row->len);
    return 0;
}

/* Room for the entry before anything is done with it: a project without a row would be lost by the next flush. */
static int add_row(struct goxel_store *store, const struct goxel_json *entry, struct goxel_row **ret_row)
{
    struct goxel_row *row = goxel_store_add_row(store);
    int code = row ? keep_text(row, entry) : GOXEL_ERROR_OUT_OF_MEMORY;

    if (code)
        return code;
    row->carried = true;
    row->listed = true;
    if (!goxel_listed_file(entry, &row->number, &row->generation))
        store->keeps_files = true;
    if (row->generation > store->generation)
        store->generation = row->generation;
    *ret_row = row;
    return 0;
}

static void tell(struct opening *o, uint64_t number, const char *name, int code,
                 const struct goxel_detail *detail)
{
    char id[GOXEL_KEPT_NAME_SIZE] = "?";

    if (number)
        (void)snprintf(id, sizeof(id), "p%llu", (unsigned long long)number);
    if (o->report)
        o->report(o->ctx, id, name, code, detail);
    goxel_store_note(code, detail, &o->first, o->detail);
}

/* Non-zero only if the entry could not even be kept in mind. */
static int open_entry(struct opening *o, const struct goxel_json *entry)
{
    struct goxel_listed listed = {0};
    struct goxel_detail detail;
    struct goxel_row *row;
    int code = add_row(o->store, entry, &row);

    if (code)
        return code;
    code = goxel_listed_read(entry, &detail, &listed);
    if (code) {
        goxel_workspace_raise_next_number(o->store->workspace, row->number + 1);
        tell(o, row->number, "?", goxel_store_place(o->store, GOXEL_LIST_NAME, code, &detail), &detail);
        return 0;
    }
    code = open_project(o->store, &listed, &detail);
    if (!code) {
        row->carried = false;
        row->version = (uint64_t)listed.version;
        row->crc32 = (uint32_t)listed.crc32;
        if (listed.crc32 < 0)
            row->version = UINT64_MAX; /* mended by hand: the next flush writes it anew */
    }
    tell(o, listed.number, listed.name, code, &detail);
    /* No new project may have the id of one that waits to be mended. */
    goxel_workspace_raise_next_number(o->store->workspace, listed.number + 1);
    return 0;
}

/* ---- the list ---- */

static void make_current(struct goxel_store *store, uint64_t number)
{
    struct goxel_slot *slot = NULL;
    char id[GOXEL_KEPT_NAME_SIZE];

    (void)snprintf(id, sizeof(id), "p%llu", (unsigned long long)number);
    if (number == 0 || goxel_workspace_find(store->workspace, id, &slot, NULL))
        return;
    goxel_workspace_set_current(store->workspace, slot);
    goxel_slot_unref(slot);
}

static int open_listed(struct opening *o, const struct goxel_list *list)
{
    struct goxel_store *store = o->store;

    store->generation = list->generation;
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
    return strncmp(name, TEMPORARY, begin) != 0 || len != begin + 16 + end ||
           strcmp(name + len - end, TEMPORARY_END) != 0;
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

/* The entry says so from now on; without memory for that it is said at the next start. */
static void set_aside(struct goxel_row *row, const struct goxel_detail *detail)
{
    struct goxel_json_writer w;
    struct goxel_buf text;

    row->carried = true;
    goxel_buf_init(&text, GOXEL_LIST_BYTES_MAX);
    (void)goxel_buf_puts(&text, "{\"damaged\":");
    goxel_json_writer_init(&w, &text);
    goxel_json_put_string(&w, NULL, detail->text);
    (void)goxel_buf_putc(&text, ',');
    (void)goxel_buf_append(&text, row->text + 1, row->len - 1); /* behind its brace */
    if (text.failed) {
        goxel_buf_finish(&text);
        return;
    }
    free(row->text);
    row->text = goxel_buf_take(&text, &row->len);
    row->listed = false;
}

/* The entry of a project that has no file yet. NULL: out of memory. */
static struct goxel_row *add_nameless(struct goxel_store *store, uint64_t number)
{
    struct goxel_row *row = goxel_store_add_row(store);
    char file[GOXEL_KEPT_NAME_SIZE];
    struct goxel_buf text;

    if (!row)
        return NULL;
    row->number = number;
    row->generation = ++store->generation;
    goxel_kept_name(number, row->generation, file);
    goxel_buf_init(&text, GOXEL_LIST_BYTES_MAX);
    (void)goxel_buf_printf(&text, "{\"id\":\"p%llu\",\"file\":\"%s\",\"name\":\"damaged p%llu\"}",
                           (unsigned long long)number, file, (unsigned long long)number);
    row->text = goxel_buf_take(&text, &row->len);
    if (row->text)
        return row;
    goxel_store_drop_row(store, row);
    return NULL;
}

/* Its file is as good as it was; what came after that is in the journal, which stays for whoever can mend it. */
static void tell_broken(void *ctx, uint64_t number, const struct goxel_detail *detail)
{
    struct opening *o = ctx;
    struct goxel_row *row = number ? goxel_store_row(o->store, number) : NULL;

    if (!row && number)
        row = add_nameless(o->store, number);
    if (row)
        set_aside(row, detail);
    o->store->broken = true;
    tell(o, number, "?", GOXEL_ERROR_INVALID_DATA, detail);
}

static void tell_damage(struct opening *o, const struct goxel_journal_tail *tail)
{
    struct goxel_detail detail;

    if (tail->damaged == 0)
        return;
    goxel_detail_init(&detail);
    (void)goxel_fail(&detail, GOXEL_ERROR_INVALID_DATA, "the journal is damaged in %llu places, first %s",
                     (unsigned long long)tail->damaged, tail->first_damage);
    o->store->broken = true;
    tell(o, 0, "?", GOXEL_ERROR_INVALID_DATA, &detail);
}

static int open_journal(struct opening *o)
{
    struct goxel_store *store = o->store;
    struct goxel_replay replay = {.workspace = store->workspace,
                                  .broken = tell_broken,
                                  .ctx = o,
                                  .detail = o->detail,
                                  .history_bytes = store->settings.history_bytes};
    struct goxel_journal_tail tail;
    int code = goxel_journal_read(store->folder.fd, store->journaled, goxel_replay_record, &replay, o->detail,
                                  &tail);

    if (code)
        return code;
    store->damaged = tail.damaged;
    tell_damage(o, &tail);
    code = goxel_journal_open(store->folder.fd, &tail, store->settings.durability, o->detail,
                              &store->journal);
    if (code)
        return code;
    store->keep.journal = store->journal;
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

    goxel_buf_init(&text, GOXEL_LIST_BYTES_MAX);
    code = read_list(store, &text, detail, &missing);
    if (!code && !missing)
        code = open_list(&o, &text);
    if (code)
        (void)goxel_store_place(store, GOXEL_LIST_NAME, code, detail);
    else if (!missing)
        store->list = goxel_buf_take(&text, &store->list_len);
    if (!code)
        code = open_journal(&o);
    store->opened = true;
    store->refused = code;
    if (!code)
        goxel_folder_sweep(&store->folder, is_no_temporary, NULL);
    goxel_buf_finish(&text);
    return code ? code : o.first;
}
