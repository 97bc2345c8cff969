/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of kept projects. Whatever the bytes, opening ends in projects or in errors; what was opened and
 * flushed is opened again the same, after an edit too, and a list that is refused is left as it is.
 *
 * Beside the list lie the files of two projects, so that entries for p1-1.gox and p2-1.gox can be opened.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "format/gox.h"
#include "store/folder.h"
#include "store/list.h"
#include "store/store.h"
#include "fuzz/fuzz.h"

static char folder[256];
static int folder_fd = -1;

static void write_file(const char *name, const void *bytes, size_t len)
{
    int fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    EXPECT(fd >= 0);
    EXPECT(write(fd, bytes, len) == (ssize_t)len);
    EXPECT(close(fd) == 0);
}

static void write_project(const char *name)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *layer = NULL;
    struct goxel_buf file;

    goxel_buf_init(&file, 1 << 20);
    EXPECT(project && goxel_project_add_layer(project, NULL, -1, &layer, NULL) == 0);
    EXPECT(goxel_volume_set_at(layer->volume, (struct goxel_pos){1, 2, 3},
                               (struct goxel_color){1, 2, 3, 255}) == 0);
    EXPECT(goxel_gox_write(project, NULL, NULL, NULL, &file) == 0);
    write_file(name, file.data, file.len);
    goxel_buf_finish(&file);
    goxel_project_unref(project);
}

static bool is_unwanted(void *ctx, const char *name)
{
    (void)ctx;
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static void empty_folder(void)
{
    struct goxel_folder all = {.path = folder, .fd = folder_fd, .lock = -1};

    goxel_folder_sweep(&all, is_unwanted, NULL);
}

static void remove_folder(void)
{
    empty_folder();
    (void)close(folder_fd);
    (void)rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    folder_fd = fuzz_folder(folder, sizeof(folder));
    return atexit(remove_folder);
}

struct life {
    struct goxel_workspace *workspace;
    struct goxel_store *store;
    size_t opened;
};

static void count(void *ctx, const char *id, const char *name, int code, const struct goxel_detail *detail)
{
    struct life *life = ctx;

    EXPECT(id[0] && name && detail);
    life->opened += code == 0;
}

static int begin(struct life *life)
{
    int code;

    *life = (struct life){.workspace = goxel_workspace_create()};
    EXPECT(life->workspace);
    EXPECT(goxel_store_open(folder, life->workspace, &goxel_store_settings_default, NULL, &life->store) == 0);
    code = goxel_store_open_all(life->store, count, life, NULL);
    EXPECT(code != GOXEL_ERROR_OUT_OF_MEMORY);
    EXPECT(life->opened == goxel_workspace_count(life->workspace));
    return code;
}

static void end(struct life *life)
{
    goxel_store_close(life->store);
    goxel_workspace_destroy(life->workspace);
}

static void check_same(const struct life *a, const struct life *b)
{
    struct goxel_slot **slots, *slot;
    size_t n;

    EXPECT(a->opened == b->opened);
    EXPECT(goxel_workspace_next_number(a->workspace) == goxel_workspace_next_number(b->workspace));
    EXPECT(goxel_workspace_list(a->workspace, &slots, &n) == 0);
    for (size_t i = 0; i < n; i++) {
        struct goxel_project *left, *right;

        EXPECT(goxel_workspace_find(b->workspace, goxel_slot_id(slots[i]), &slot, NULL) == 0);
        left = goxel_slot_snapshot(slots[i]);
        right = goxel_slot_snapshot(slot);
        EXPECT(strcmp(left->name, right->name) == 0 && left->layer_count == right->layer_count);
        EXPECT(left->version == right->version && left->next_layer_id == right->next_layer_id);
        EXPECT(left->scene->active_layer_id == right->scene->active_layer_id && !left->path == !right->path);
        goxel_project_unref(left);
        goxel_project_unref(right);
        goxel_slot_unref(slots[i]);
        goxel_slot_unref(slot);
    }
    free(slots);
}

/* One edit of each, kept: none is lost by it. */
static void check_edited(struct life *life)
{
    static const struct goxel_note note = {.name = "edit"};
    struct goxel_slot **slots;
    struct goxel_edit edit;
    struct life next;
    size_t n;

    EXPECT(goxel_workspace_list(life->workspace, &slots, &n) == 0);
    for (size_t i = 0; i < n; i++) {
        EXPECT(goxel_head_begin(goxel_slot_head(slots[i]), &edit) == 0);
        EXPECT(goxel_head_commit(goxel_slot_head(slots[i]), &edit, &note, NULL) == 0);
        goxel_slot_unref(slots[i]);
    }
    free(slots);
    EXPECT(goxel_store_flush_all(life->store, NULL, NULL, NULL) == 0);
    goxel_store_close(life->store);
    life->store = NULL;
    (void)begin(&next);
    EXPECT(next.opened == n);
    end(&next);
}

static void check_left(const uint8_t *data, size_t size)
{
    int fd = openat(folder_fd, GOXEL_LIST_NAME, O_RDONLY | O_CLOEXEC);
    char *bytes = malloc(size + 1);

    EXPECT(fd >= 0 && bytes);
    EXPECT(read(fd, bytes, size + 1) == (ssize_t)size);
    EXPECT(size == 0 || memcmp(bytes, data, size) == 0);
    free(bytes);
    (void)close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct life first, second;

    write_project("p1-1.gox");
    write_project("p2-1.gox");
    write_file(GOXEL_LIST_NAME, data, size);
    (void)begin(&first);
    if (goxel_store_is_refused(first.store)) {
        EXPECT(goxel_store_flush_all(first.store, NULL, NULL, NULL) != 0);
        check_left(data, size);
        end(&first);
    } else {
        EXPECT(goxel_store_flush_all(first.store, NULL, NULL, NULL) == 0);
        goxel_store_close(first.store);
        first.store = NULL;
        (void)begin(&second);
        EXPECT(!goxel_store_is_refused(second.store));
        check_same(&first, &second);
        check_edited(&second);
        end(&first);
        end(&second);
    }
    empty_folder();
    return 0;
}
