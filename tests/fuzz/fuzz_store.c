/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of kept projects. Whatever the bytes, opening ends in projects or in errors; what was opened and
 * flushed is opened again the same, after an edit too, and a list that is refused is left as it is.
 *
 * Beside the list lie the databases of two projects, so that entries for p1 and p2 can be loaded.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "store/database.h"
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

/* A folder with a database, in which there is version 1. */
static void write_project(const char *name)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_checkpoint checkpoint = {.project = project};
    struct goxel_database *database = NULL;
    struct goxel_layer *layer = NULL;
    char path[sizeof(folder) + 64];

    EXPECT(project && goxel_project_add_layer(project, NULL, -1, &layer, NULL) == 0);
    EXPECT(goxel_volume_set_at(layer->volume, (struct goxel_pos){1, 2, 3},
                               (struct goxel_color){1, 2, 3, 255}) == 0);
    goxel_project_touch(project);
    EXPECT(mkdirat(folder_fd, name, 0700) == 0);
    (void)snprintf(path, sizeof(path), "%s/%s/" GOXEL_DATABASE_NAME, folder, name);
    EXPECT(goxel_database_open(path, true, NULL, &database) == 0);
    EXPECT(goxel_database_save(database, &checkpoint, NULL) == 0);
    goxel_database_close(database);
    goxel_project_unref(project);
}

/* With all that is in it, however deep. */
static void empty(int fd)
{
    DIR *dir = fdopendir(dup(fd));

    EXPECT(dir);
    rewinddir(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        int below;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            unlinkat(fd, entry->d_name, 0) == 0)
            continue;
        below = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        EXPECT(below >= 0);
        empty(below);
        EXPECT(close(below) == 0 && unlinkat(fd, entry->d_name, AT_REMOVEDIR) == 0);
    }
    (void)closedir(dir);
}

static void empty_folder(void)
{
    empty(folder_fd);
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
    size_t opened, failed;
};

static void count(void *ctx, const char *id, const char *name, int code, const struct goxel_detail *detail)
{
    struct life *life = ctx;

    EXPECT(id[0] && name && detail);
    life->opened += code == 0;
    life->failed += code != 0;
}

static int begin(struct life *life)
{
    int code;

    *life = (struct life){.workspace = goxel_workspace_create()};
    EXPECT(life->workspace);
    EXPECT(goxel_store_open(folder, life->workspace, &goxel_store_settings_default, NULL, &life->store) == 0);
    code = goxel_store_open_all(life->store, count, life, NULL);
    EXPECT(code != GOXEL_ERROR_OUT_OF_MEMORY);
    EXPECT(life->opened <= goxel_workspace_count(life->workspace)); /* the others are damaged */
    EXPECT(life->opened + life->failed >= goxel_workspace_count(life->workspace));
    return code;
}

static void end(struct life *life)
{
    goxel_store_close(life->store);
    goxel_workspace_destroy(life->workspace);
}

/* What can be loaded is the same in both, and so is what cannot. */
static void check_same_project(const struct life *b, struct goxel_slot *slot)
{
    struct goxel_project *left, *right;
    struct goxel_slot *other;

    EXPECT(goxel_workspace_find(b->workspace, goxel_slot_id(slot), &other, NULL) == 0);
    if (goxel_slot_load(b->workspace, other, NULL) == 0 && goxel_slot_is_loaded(slot)) {
        left = goxel_slot_snapshot(slot);
        right = goxel_slot_snapshot(other);
        EXPECT(left->version == right->version && left->layer_count == right->layer_count);
        EXPECT(goxel_project_voxels(left) == goxel_project_voxels(right) && !left->path == !right->path);
        goxel_project_unref(left);
        goxel_project_unref(right);
    } else {
        EXPECT(!goxel_slot_is_loaded(slot) && !goxel_slot_is_loaded(other));
    }
    goxel_slot_unref(other);
}

static void check_same(const struct life *a, const struct life *b)
{
    struct goxel_slot **slots;
    size_t n;

    EXPECT(goxel_workspace_count(a->workspace) == goxel_workspace_count(b->workspace));
    EXPECT(goxel_workspace_next_number(a->workspace) == goxel_workspace_next_number(b->workspace));
    EXPECT(goxel_workspace_list(a->workspace, &slots, &n) == 0);
    for (size_t i = 0; i < n; i++) {
        check_same_project(b, slots[i]);
        goxel_slot_unref(slots[i]);
    }
    free(slots);
}

static void edit(struct goxel_slot *slot)
{
    static const struct goxel_note note = {.name = "edit"};
    struct goxel_edit edit;

    EXPECT(goxel_head_begin(goxel_slot_head(slot), &edit) == 0);
    EXPECT(goxel_head_commit(goxel_slot_head(slot), &edit, &note, NULL) == 0);
}

/* One edit of each, kept: none is lost by it. */
static void check_edited(struct life *life)
{
    struct goxel_slot **slots;
    struct life next;
    size_t n;

    EXPECT(goxel_workspace_list(life->workspace, &slots, &n) == 0);
    for (size_t i = 0; i < n; i++) {
        if (goxel_slot_load(life->workspace, slots[i], NULL) == 0)
            edit(slots[i]);
        goxel_slot_unref(slots[i]);
    }
    free(slots);
    EXPECT(goxel_store_flush_all(life->store, NULL, NULL, NULL) == 0);
    goxel_store_close(life->store);
    life->store = NULL;
    (void)begin(&next);
    EXPECT(goxel_workspace_count(next.workspace) == n);
    check_same(life, &next);
    end(&next);
}

/* Whoever is listed is looked at, so that what is damaged is known. */
static void load_all(struct life *life)
{
    struct goxel_slot **slots;
    size_t n;

    EXPECT(goxel_workspace_list(life->workspace, &slots, &n) == 0);
    for (size_t i = 0; i < n; i++) {
        int code = goxel_slot_load(life->workspace, slots[i], NULL);

        EXPECT(code == 0 || code == GOXEL_ERROR_INVALID_DATA);
        goxel_slot_unref(slots[i]);
    }
    free(slots);
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

    write_project("p1");
    write_project("p2");
    write_file(GOXEL_LIST_NAME, data, size);
    (void)begin(&first);
    if (goxel_store_is_refused(first.store)) {
        EXPECT(goxel_store_flush_all(first.store, NULL, NULL, NULL) != 0);
        check_left(data, size);
        end(&first);
    } else {
        load_all(&first);
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
