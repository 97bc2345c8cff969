/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is on the disk at every moment: `projects.json`, and the files that it names, whole.
 *
 *   1. Each changed project goes to a file with a new name (bytes, fsync, rename, fsync of the folder).
 *   2. The list that names the new files replaces the old one, in the same way.
 *   3. Files that the list does not name are removed.
 *
 * A crash before 2 leaves the old list and its files, a crash after it the new ones; strays are removed by the
 * next flush. Names are never used twice, so that no step writes over what a list may name.
 */
#include "store/internal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

/* ---- rows ---- */

struct goxel_row *goxel_store_row(const struct goxel_store *store, uint64_t number)
{
    for (size_t i = 0; i < store->count; i++) {
        if (store->rows[i].number == number && !store->rows[i].carried)
            return &store->rows[i];
    }
    return NULL;
}

struct goxel_row *goxel_store_add_row(struct goxel_store *store)
{
    if (store->count == store->capacity) {
        size_t capacity = store->capacity ? 2 * store->capacity : 16;
        struct goxel_row *rows = realloc(store->rows, capacity * sizeof(*rows));

        if (!rows)
            return NULL;
        store->rows = rows;
        store->capacity = capacity;
    }
    store->rows[store->count] = (struct goxel_row){0};
    return &store->rows[store->count++];
}

void goxel_store_drop_row(struct goxel_store *store, struct goxel_row *row)
{
    free(row->text);
    store->count--;
    memmove(row, row + 1, (size_t)(store->rows + store->count - row) * sizeof(*row));
}

/* ---- details ---- */

int goxel_store_place(const struct goxel_store *store, const char *file, int code,
                      struct goxel_detail *detail)
{
    char path[sizeof(detail->path)], full[sizeof(store->folder.path) + NAME_MAX + 2],
        text[sizeof(detail->text) + sizeof(detail->path) + 8];
    const char *name;

    if (!detail)
        return code;
    (void)snprintf(full, sizeof(full), "%s/%s", store->folder.path, file);
    (void)goxel_utf8_printable(path, sizeof(path), full, strlen(full));
    name = strstr(detail->text, file);
    if (name)
        (void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(name - detail->text), detail->text, path,
                       name + strlen(file));
    else
        (void)snprintf(text, sizeof(text), "%s (in %s)", detail->text, path);
    (void)goxel_utf8_printable(detail->text, sizeof(detail->text), text, strlen(text));
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

int goxel_store_open(const char *directory, struct goxel_workspace *workspace, struct goxel_detail *detail,
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
    *ret_store = store;
    return 0;
}

void goxel_store_close(struct goxel_store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < store->count; i++)
        free(store->rows[i].text);
    free(store->rows);
    free(store->list);
    goxel_folder_close(&store->folder);
    free(store);
}

bool goxel_store_is_refused(const struct goxel_store *store)
{
    return store->refused != 0;
}
