/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is on the disk at every moment: whole projects of some moment in their databases, and in the journal all that was done since.
 *
 *   1. Each changed project is brought up to date in its database, by transactions of which the last one counts.
 *   2. The list is replaced (bytes, fsync, rename, fsync of the folder): it tells from where on the journal is needed.
 *   3. The journal's segments below go.
 *
 * A crash before 2 leaves databases that have more than the list asks for: what the journal has of it is passed over.
 */
#include "store/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "store/checkpoints.h"

/* ---- details ---- */

#define ELLIPSIS "\xe2\x80\xa6"

static bool fits(char *to, size_t size, const char *from)
{
    return goxel_utf8_printable(to, size, from, strlen(from)) == strlen(from);
}

/* The folder's beginning and end: what is between them does not fit. */
static void put_ends(char *to, size_t size, const char *folder)
{
    const char *end = folder + goxel_utf8_printable(to, size / 2 - strlen(ELLIPSIS), folder, strlen(folder));

    to += strlen(to);
    size -= size / 2;
    (void)snprintf(to, sizeof(ELLIPSIS), "%s", ELLIPSIS);
    while (!fits(to + strlen(ELLIPSIS), size, end)) {
        do
            end++;
        while ((*end & 0xc0) == 0x80); /* within a character */
    }
}

/* FOLDER/FILE. Whatever is left out, it is not the file's name. */
static void put_path(char *to, size_t size, const char *folder, const char *file)
{
    size_t room = size - strlen("/") - strlen(file);

    if (!fits(to, room, folder))
        put_ends(to, room, folder);
    (void)snprintf(to + strlen(to), size - strlen(to), "/%s", file);
}

int goxel_store_place(const struct goxel_store *store, const char *file, int code,
                      struct goxel_detail *detail)
{
    char path[sizeof(detail->path)], text[sizeof(detail->text) + sizeof(detail->path) + 8];
    const char *name;

    if (!detail)
        return code;
    put_path(path, sizeof(path), store->folder.path, file);
    name = strstr(detail->text, file);
    if (name)
        (void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(name - detail->text), detail->text, path,
                       name + strlen(file));
    else
        (void)snprintf(text, sizeof(text), "%s (in %s)", detail->text, path);
    /* A text that would lose its end keeps the name alone: the path is told beside it. */
    if (strlen(text) < sizeof(detail->text))
        memcpy(detail->text, text, strlen(text) + 1);
    memcpy(detail->path, path, sizeof(path));
    return code;
}

void goxel_store_note(int code, const struct goxel_detail *detail, int *first,
                      struct goxel_detail *ret_detail)
{
    if (!code || *first)
        return;
    *first = code;
    if (ret_detail)
        *ret_detail = *detail;
}

void goxel_store_on_progress(struct goxel_store *store, void (*progress)(void *ctx), void *ctx)
{
    store->progress = progress;
    store->progress_ctx = ctx;
}

/* ---- life ---- */

const struct goxel_store_settings goxel_store_settings_default = {
    .durability = GOXEL_DURABILITY_FULL,
    .checkpoint_interval_ms = 300000,
    .history_bytes = GOXEL_HEAD_HISTORY_BYTES,
    .open_max = 256,
};

int goxel_store_open(const char *directory, struct goxel_workspace *workspace,
                     const struct goxel_store_settings *settings, struct goxel_detail *detail,
                     struct goxel_store **ret_store)
{
    struct goxel_store *store = calloc(1, sizeof(*store));
    int code;

    if (!store)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the store");
    store->workspace = workspace;
    code = goxel_folder_open(directory, detail, &store->folder);
    if (code) {
        free(store);
        return code;
    }
    store->settings = *settings;
    pthread_mutex_init(&store->flushing, NULL);
    pthread_mutex_init(&store->setting, NULL);
    pthread_mutex_init(&store->table, NULL);
    goxel_keep_init(&store->keep, &goxel_store_keep_ops, store);
    goxel_workspace_set_history_bytes(workspace, settings->history_bytes);
    goxel_workspace_set_keeper(workspace, &store->keep.keeper);
    *ret_store = store;
    return 0;
}

void goxel_store_configure(struct goxel_store *store, const struct goxel_store_settings *settings)
{
    pthread_mutex_lock(&store->setting);
    store->settings = *settings;
    pthread_mutex_unlock(&store->setting);
    goxel_journal_set_durability(store->journal, settings->durability);
    goxel_workspace_set_history_bytes(store->workspace, settings->history_bytes);
}

struct goxel_store_settings goxel_store_get_settings(struct goxel_store *store)
{
    struct goxel_store_settings settings;

    pthread_mutex_lock(&store->setting);
    settings = store->settings;
    pthread_mutex_unlock(&store->setting);
    return settings;
}

static void count_projects(struct goxel_store *store, struct goxel_store_stats *stats)
{
    struct goxel_slot **slots = NULL;
    size_t count = 0;

    if (goxel_workspace_list_kept(store->workspace, &slots, &count))
        return;
    stats->projects = count;
    for (size_t i = 0; i < count; i++) {
        stats->loaded += goxel_slot_is_loaded(slots[i]);
        goxel_slot_unref(slots[i]);
    }
    free(slots);
}

void goxel_store_get_stats(struct goxel_store *store, struct goxel_store_stats *ret_stats)
{
    struct goxel_store_stats stats = {.damaged = atomic_load(&store->damaged),
                                      .scrubbed = atomic_load(&store->scrubbed),
                                      .bytes = (uint64_t)atomic_load(&store->bytes)};

    if (store->journal)
        goxel_journal_get_stats(store->journal, &stats.journal);
    stats.bytes += stats.journal.unflushed;
    count_projects(store, &stats);
    *ret_stats = stats;
}

void goxel_store_stop(struct goxel_store *store)
{
    if (!store)
        return;
    goxel_checkpoints_stop(store->checkpoints);
    store->checkpoints = NULL;
    goxel_journal_close(store->journal);
    store->journal = NULL;
    store->keep.journal = NULL;
}

void goxel_store_close(struct goxel_store *store)
{
    if (!store)
        return;
    goxel_store_stop(store);
    goxel_workspace_set_keeper(store->workspace, NULL);
    pthread_mutex_destroy(&store->flushing);
    pthread_mutex_destroy(&store->setting);
    while (store->count > 0) {
        struct goxel_slot *gone = store->rows[store->count - 1]->gone;

        goxel_store_drop_row(store, store->rows[store->count - 1]);
        goxel_slot_unref(gone);
    }
    free(store->rows);
    pthread_mutex_destroy(&store->table);
    free(store->list);
    goxel_folder_close(&store->folder);
    free(store);
}

bool goxel_store_is_refused(const struct goxel_store *store)
{
    return store->refused != 0;
}
