/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kept projects: what comes back, what is written, what a failure leaves, what is served, and what is never destroyed. */
#include "store/store.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "core/layers.h"
#include "store/database.h"
#include "store/inspect.h"
#include "store/internal.h"
#include "store/list.h"
#include "unit.h"
#include "unit/base/scratch.h"
#include "unit/core/edits.h"

static const struct goxel_color red = {255, 0, 0, 255}, blue = {0, 0, 255, 128};

/* What was reported last. */
static struct {
    size_t good, bad;
    char id[32], name[GOXEL_NAME_MAX + 1]; /* of the last bad one */
    int code;
    struct goxel_detail detail;
} told;

static void report(void *ctx, const char *id, const char *name, int code, const struct goxel_detail *detail)
{
    CU_ASSERT_PTR_EQUAL(ctx, &told);
    if (code == 0) {
        told.good++;
        return;
    }
    told.bad++;
    snprintf(told.id, sizeof(told.id), "%s", id);
    snprintf(told.name, sizeof(told.name), "%s", name);
    told.code = code;
    told.detail = *detail;
}

static const char *folder(void)
{
    return scratch_folder();
}

/* ---- a daemon's life ---- */

struct life {
    struct goxel_workspace *workspace;
    struct goxel_store *store;
};

static int flush(struct life *life)
{
    memset(&told, 0, sizeof(told));
    return goxel_store_flush_all(life->store, report, &told, NULL);
}

static int begin_with(struct life *life, const struct goxel_store_settings *settings)
{
    memset(&told, 0, sizeof(told));
    life->workspace = goxel_workspace_create();
    life->store = NULL;
    CU_ASSERT_EQUAL_FATAL(goxel_store_open(folder(), life->workspace, settings, NULL, &life->store), 0);
    return goxel_store_open_all(life->store, report, &told, NULL);
}

static int begin(struct life *life)
{
    return begin_with(life, &goxel_store_settings_default);
}

static void end(struct life *life)
{
    goxel_store_close(life->store);
    goxel_workspace_destroy(life->workspace);
}

/* Flushes, ends and begins anew. */
static void again(struct life *life)
{
    CU_ASSERT_EQUAL(flush(life), 0);
    end(life);
    CU_ASSERT_EQUAL(begin(life), 0);
}

/* ---- projects ---- */

static struct goxel_project *project_of(const char *name, int voxels)
{
    struct goxel_project *project = goxel_project_create(name);
    struct goxel_layer *layer = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
    for (int i = 0; i < voxels; i++)
        goxel_volume_set_at(layer->volume, (struct goxel_pos){i * 5, -i, i % 7}, i % 3 ? red : blue);
    return project;
}

static void add(struct life *life, struct goxel_project *project)
{
    CU_ASSERT_EQUAL_FATAL(goxel_workspace_add(life->workspace, project, NULL, NULL), 0);
}

/* A store that is not open keeps nothing, and so nothing is promised. */
static void refuse_project(struct life *life)
{
    struct goxel_project *project = project_of("b", 1);

    CU_ASSERT_EQUAL(goxel_workspace_add(life->workspace, project, NULL, NULL), GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_EQUAL(goxel_workspace_count(life->workspace), 0);
    goxel_project_unref(project);
}

/* As it is, in memory or not. */
static struct goxel_slot *find(struct life *life, const char *id)
{
    struct goxel_slot *slot = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_workspace_find(life->workspace, id, &slot, NULL), 0);
    return slot;
}

static int load(struct life *life, const char *id, struct goxel_detail *detail)
{
    struct goxel_slot *slot = find(life, id);
    int code = goxel_slot_load(life->workspace, slot, detail);

    goxel_slot_unref(slot);
    return code;
}

static bool is_loaded(struct life *life, const char *id)
{
    struct goxel_slot *slot = find(life, id);
    bool loaded = goxel_slot_is_loaded(slot);

    goxel_slot_unref(slot);
    return loaded;
}

static struct goxel_slot *slot_of(struct life *life, const char *id)
{
    struct goxel_slot *slot = find(life, id);

    CU_ASSERT_EQUAL_FATAL(goxel_slot_load(life->workspace, slot, NULL), 0);
    return slot;
}

static struct goxel_project *snapshot(struct life *life, const char *id)
{
    struct goxel_slot *slot = slot_of(life, id);
    struct goxel_project *project = goxel_slot_snapshot(slot);

    goxel_slot_unref(slot);
    return project;
}

static bool is_open(struct life *life, const char *id)
{
    struct goxel_slot *slot = NULL;

    if (goxel_workspace_find(life->workspace, id, &slot, NULL))
        return false;
    goxel_slot_unref(slot);
    return true;
}

static void edit(struct life *life, const char *id, int x)
{
    struct goxel_slot *slot = slot_of(life, id);
    static const struct goxel_note note = {.name = "edit"};
    struct goxel_edit edit;
    struct goxel_layer *layer;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &edit), 0);
    layer = goxel_project_own_layer(edit.project, edit.project->layers[0]);
    goxel_volume_set_at(layer->volume, (struct goxel_pos){x, 100, 0}, red);
    CU_ASSERT_EQUAL(goxel_head_commit(goxel_slot_head(slot), &edit, &note, NULL), 0);
    goxel_slot_unref(slot);
}

/* Nothing but a name, which is not changed. */
static int try_edit(struct life *life, const char *id)
{
    static const struct goxel_note note = {.name = "edit"};
    struct goxel_slot *slot = slot_of(life, id);
    struct goxel_edit edit;
    int code;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &edit), 0);
    code = goxel_head_commit(goxel_slot_head(slot), &edit, &note, NULL);
    goxel_slot_unref(slot);
    return code;
}

static bool has(struct life *life, const char *id, int x)
{
    struct goxel_slot *slot = slot_of(life, id);
    struct goxel_project *project = goxel_slot_snapshot(slot);
    struct goxel_color color = goxel_volume_get_at(project->layers[0]->volume, (struct goxel_pos){x, 100, 0});

    goxel_project_unref(project);
    goxel_slot_unref(slot);
    return color.a != 0;
}

static void close_project(struct life *life, const char *id)
{
    struct goxel_slot *slot = find(life, id);

    CU_ASSERT_EQUAL(goxel_workspace_close(life->workspace, slot, NULL), 0);
    goxel_slot_unref(slot);
}

static bool same_slots(struct life *a, struct life *b, const char *id)
{
    struct goxel_project *left = snapshot(a, id), *right = snapshot(b, id);
    size_t past = 0, future = 0, other_past = 0, other_future = 0;
    bool same;

    goxel_history_count(left, &past, &future);
    goxel_history_count(right, &other_past, &other_future);
    same = same_version(left, right) && left->version == right->version && left->state == right->state &&
           goxel_project_is_modified(left) == goxel_project_is_modified(right) && past == other_past &&
           future == other_future;
    goxel_project_unref(left);
    goxel_project_unref(right);
    return same;
}

static bool same_workspaces(struct life *a, struct life *b)
{
    struct goxel_slot **left, **right;
    size_t count, other;
    bool same;

    CU_ASSERT_EQUAL_FATAL(goxel_workspace_list(a->workspace, &left, &count), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_workspace_list(b->workspace, &right, &other), 0);
    same = count == other &&
           goxel_workspace_next_number(a->workspace) == goxel_workspace_next_number(b->workspace);
    for (size_t i = 0; same && i < count; i++) {
        same = strcmp(goxel_slot_id(left[i]), goxel_slot_id(right[i])) == 0 &&
               same_slots(a, b, goxel_slot_id(left[i])) &&
               goxel_workspace_is_current(a->workspace, left[i]) ==
                   goxel_workspace_is_current(b->workspace, right[i]);
        if (!same)
            printf("different: %s\n", goxel_slot_id(left[i]));
    }
    for (size_t i = 0; i < count; i++)
        goxel_slot_unref(left[i]);
    for (size_t i = 0; i < other; i++)
        goxel_slot_unref(right[i]);
    free(left);
    free(right);
    return same;
}

/* ---- files ---- */

static bool is_there(const char *name)
{
    return access(scratch_path(name), F_OK) == 0;
}

static struct stat stat_of(const char *name)
{
    struct stat info = {0};

    CU_ASSERT_EQUAL(stat(scratch_path(name), &info), 0);
    return info;
}

static bool same_file(const struct stat *a, const char *name)
{
    struct stat b = stat_of(name);

    return a->st_ino == b.st_ino && a->st_mtim.tv_sec == b.st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

static bool list_has(const char *text)
{
    char *list = scratch_read("projects.json");
    bool found = list && strstr(list, text);

    free(list);
    return found;
}

/* The first `from` in the list becomes `to`. */
static void change_list(const char *from, const char *to)
{
    char *list = scratch_read("projects.json"), *at = list ? strstr(list, from) : NULL, *changed = NULL;

    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    CU_ASSERT_FATAL(asprintf(&changed, "%.*s%s%s", (int)(at - list), list, to, at + strlen(from)) > 0);
    scratch_write("projects.json", changed);
    free(changed);
    free(list);
}

/* A byte of each kilobyte behind the first page, so that it hits what is there. */
static void damage(const char *name)
{
    FILE *file = fopen(scratch_path(name), "r+");
    int c;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    for (long at = 5000; fseek(file, at, SEEK_SET) == 0 && (c = fgetc(file)) != EOF; at += 1000) {
        fseek(file, -1, SEEK_CUR);
        fputc(c ^ 0x20, file);
        fflush(file);
    }
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static void copy_file(const char *from, const char *to)
{
    FILE *in = fopen(scratch_path(from), "rb"), *out = fopen(scratch_path(to), "wb");

    CU_ASSERT_FATAL(in && out);
    for (int c = fgetc(in); c != EOF; c = fgetc(in))
        fputc(c, out);
    CU_ASSERT_EQUAL(fclose(in) | fclose(out), 0);
}

/* Of the names in a folder, those that begin so. */
static int count_in(const char *name, const char *beginning)
{
    DIR *dir = opendir(scratch_path(name));
    int count = 0;

    for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir))
        count += strncmp(entry->d_name, beginning, strlen(beginning)) == 0;
    if (dir)
        (void)closedir(dir);
    return count;
}

/* ---- what comes back ---- */

static struct goxel_layer *layer_of(struct goxel_project *project, const char *name)
{
    struct goxel_layer *layer = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, name, -1, &layer, NULL), 0);
    return layer;
}

static struct goxel_project *rich_project(void)
{
    struct goxel_project *project = project_of("Schloß \xf0\x9f\x8f\xb0 \"quoted\\\"", 500);
    struct goxel_material material = {.name = "Gold", .color = {1, 0.5f, 0, 1}, .roughness = 0.25f};
    struct goxel_camera camera = {.name = "c", .dist = 3, .ortho = true, .mat = {1}};
    struct goxel_layer *clone, *hidden;

    goxel_project_remove_layer(project, layer_of(project, "gone")->id);
    clone = layer_of(project, "clone \xc3\xa9");
    clone->base_id = 1;
    clone->mat[12] = 16;
    hidden = layer_of(project, "hidden");
    hidden->visible = false;
    goxel_volume_set_at(hidden->volume, (struct goxel_pos){-70000, 12345, -1}, blue);
    goxel_project_remove_layer(project, layer_of(project, "last")->id); /* its id is not used again */
    project->scene->active_layer_id = clone->id;
    CU_ASSERT_EQUAL(goxel_project_add_material(project, &material), 0);
    CU_ASSERT_EQUAL(goxel_project_add_camera(project, &camera), 0);
    project->layers[0]->material = 0;
    project->scene->active_camera = 0;
    project->scene->has_light = true;
    project->scene->light.intensity = 2;
    project->preview = goxel_preview_create((const uint8_t *)"picture", 7);
    CU_ASSERT_EQUAL(goxel_palette_add(&project->scene->palette, red, "fire", 4), 0);
    hidden->mode = GOXEL_MODE_SUB;
    project->selection = goxel_volume_create();
    goxel_volume_set_at(project->selection, (struct goxel_pos){-5, 6, 7}, red);
    goxel_project_set_size(project, 10, 20, 30);
    project->path = strdup("/models/Schlo\xc3\x9f.gox");
    project->created_ms = 1234567890123;
    project->modified_ms = 1234567890124;
    project->version = project->state = 17;
    project->saved_state = 5;
    return project;
}

/* Layer ids that a .gox file's reader gives anew. */
static struct goxel_project *high_project(void)
{
    struct goxel_project *project = goxel_project_create("high");
    struct goxel_layer *base, *clone;

    project->next_layer_id = 1 << 30;
    layer_of(project, "highest of a file");
    base = layer_of(project, "base");
    goxel_volume_set_at(base->volume, (struct goxel_pos){1, 2, 3}, red);
    clone = layer_of(project, "clone");
    clone->base_id = base->id;
    return project;
}

static void everything_comes_back(void)
{
    struct goxel_project *empty = goxel_project_create("empty"), *locked = project_of("read-only", 3),
                         *bytes = project_of("bytes", 0);
    struct goxel_slot *slot;
    struct life life, next;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, rich_project());
    add(&life, project_of("to be closed", 1));
    empty->next_layer_id = 6;
    add(&life, empty);
    locked->read_only = true;
    locked->version = 3;
    add(&life, locked);
    bytes->path = strdup("/models/\xff\xfe\x01\n.gox"); /* no UTF-8 */
    bytes->version = bytes->state = bytes->saved_state = 8;
    add(&life, bytes);
    add(&life, high_project());
    add(&life, project_of("to be closed as well", 1));
    close_project(&life, "p2");
    close_project(&life, "p7");
    slot = slot_of(&life, "p3");
    goxel_workspace_set_current(life.workspace, slot);
    goxel_slot_unref(slot);

    for (int i = 0; i < 5; i++)
        edit(&life, i % 2 ? "p1" : "p6", i);
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT_EQUAL(told.good, 5);
    CU_ASSERT_EQUAL(told.bad, 0);
    goxel_store_close(life.store);
    life.store = NULL;
    CU_ASSERT_EQUAL(begin(&next), 0);
    CU_ASSERT_EQUAL(told.good, 5);
    CU_ASSERT_FALSE(is_loaded(&next, "p1")); /* not before somebody wants it */
    CU_ASSERT(same_workspaces(&life, &next));
    CU_ASSERT(is_loaded(&next, "p1"));
    add(&next, project_of("new", 1));
    CU_ASSERT(is_open(&next, "p8")); /* 7 was one */
    again(&next);
    CU_ASSERT(is_open(&next, "p8"));
    end(&next);
    end(&life);
    scratch_close();
}

static void an_empty_workspace_comes_back(void)
{
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT_EQUAL(goxel_workspace_count(life.workspace), 0);
    add(&life, project_of("a", 1));
    again(&life);
    close_project(&life, "p1");
    again(&life);
    CU_ASSERT_EQUAL(goxel_workspace_count(life.workspace), 0);
    add(&life, project_of("a", 1));
    CU_ASSERT(is_open(&life, "p2"));
    end(&life);
    scratch_close();
}

/* ---- what is written ---- */

static void unchanged_files_stay(void)
{
    struct stat list, one, two;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("one", 10));
    add(&life, project_of("two", 10));
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life); /* with it the logs are in the databases */
    list = stat_of("projects.json");
    one = stat_of("p1/project.db");
    CU_ASSERT_EQUAL(list.st_mode & 0027, 0);
    CU_ASSERT_EQUAL(stat_of("p1").st_mode & 0027, 0);
    CU_ASSERT_EQUAL(begin(&life), 0); /* by a store that has not opened them, and by one that has */
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT_EQUAL(told.good, 2);
    CU_ASSERT_FALSE(is_loaded(&life, "p1"));
    CU_ASSERT_EQUAL(load(&life, "p1", NULL), 0);
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT(same_file(&list, "projects.json"));
    two = stat_of("p2/project.db");

    edit(&life, "p2", 1);
    again(&life);
    CU_ASSERT_FALSE(same_file(&list, "projects.json"));
    CU_ASSERT(same_file(&one, "p1/project.db"));
    CU_ASSERT_FALSE(same_file(&two, "p2/project.db"));
    CU_ASSERT(has(&life, "p2", 1));
    end(&life);
    scratch_close();
}

/* A note of where it was saved is no new content, and lasts as well. */
static void notes_are_written(void)
{
    struct goxel_edit saving;
    struct goxel_project *project;
    struct goxel_slot *slot;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("one", 10));
    edit(&life, "p1", 1);
    CU_ASSERT_EQUAL(flush(&life), 0);
    slot = slot_of(&life, "p1");
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &saving), 0);
    saving.project->saved_state = saving.project->state;
    saving.project->path = strdup("/a.gox");
    CU_ASSERT_EQUAL(goxel_head_commit(goxel_slot_head(slot), &saving, NULL, NULL), 0);
    goxel_slot_unref(slot);
    again(&life);
    CU_ASSERT(list_has("\"path\":\"/a.gox\""));
    project = snapshot(&life, "p1");
    CU_ASSERT_FALSE(goxel_project_is_modified(project));
    CU_ASSERT_STRING_EQUAL(project->path, "/a.gox");
    goxel_project_unref(project);
    end(&life);
    scratch_close();
}

static void strays_go_to_the_trash(void)
{
    static const char *const others[] = {"notes.txt", "p01", "px", "p9~", "xp9", ".goxel-short.tmp"};
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    end(&life);
    CU_ASSERT_EQUAL(mkdir(scratch_path("p9"), 0700), 0);
    scratch_write("p9/project.db", "somebody's work");
    scratch_write(".goxel-0123456789abcdef.tmp", "");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        scratch_write(others[i], "");
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT_FALSE(is_there(".goxel-0123456789abcdef.tmp"));
    CU_ASSERT_FALSE(is_there("p9"));
    CU_ASSERT_EQUAL(count_in("trash", "p9-"), 1);
    add(&life, project_of("a", 1));
    again(&life);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        CU_ASSERT(is_there(others[i]));
    CU_ASSERT_EQUAL(count_in("trash", "p"), 1);
    CU_ASSERT(has(&life, "p1", 1) == false);
    end(&life);
    scratch_close();
}

/* Whose folders are there nobody knows: none is taken for one that was deleted. */
static void a_lost_list_is_no_empty_one(void)
{
    struct goxel_detail detail;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT(is_there("projects.json")); /* before there is a project */
    add(&life, project_of("a", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    CU_ASSERT_EQUAL(unlink(scratch_path("projects.json")), 0);

    life.workspace = goxel_workspace_create();
    CU_ASSERT_EQUAL_FATAL(
        goxel_store_open(folder(), life.workspace, &goxel_store_settings_default, NULL, &life.store), 0);
    goxel_detail_init(&detail);
    CU_ASSERT_EQUAL(goxel_store_open_all(life.store, report, &told, &detail), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT(goxel_store_is_refused(life.store));
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "projects.json is missing"));
    CU_ASSERT_EQUAL(flush(&life), GOXEL_ERROR_INVALID_DATA);
    end(&life);
    CU_ASSERT(is_there("p1"));
    CU_ASSERT_FALSE(is_there("projects.json"));
    CU_ASSERT_EQUAL(count_in("trash", "p"), 0);
    scratch_close();
}

static void rename_in_trash(const char *beginning, const char *to)
{
    DIR *dir = opendir(scratch_path("trash"));
    char from[512], path[512];

    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    (void)snprintf(path, sizeof(path), "trash/%s", to);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (strncmp(entry->d_name, beginning, strlen(beginning)) != 0)
            continue;
        (void)snprintf(from, sizeof(from), "trash/%s", entry->d_name);
        CU_ASSERT_EQUAL(rename(scratch_path(from), scratch_path(path)), 0);
    }
    (void)closedir(dir);
}

static void deleted_projects_go_to_the_trash(void)
{
    char old[64], young[64];
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    for (int i = 0; i < 3; i++) {
        add(&life, project_of("a", 3));
        CU_ASSERT_EQUAL(flush(&life), 0);
        if (i < 2)
            close_project(&life, "a");
        CU_ASSERT(count_in("", "p") == 2); /* with the list; what was deleted stays until the next flush */
    }
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT_FALSE(is_there("p1") || is_there("p2"));
    CU_ASSERT(is_there("p3"));
    CU_ASSERT_EQUAL(count_in("trash", "p1-") + count_in("trash", "p2-"), 2);
    (void)snprintf(old, sizeof(old), "p1-%lld", (long long)goxel_wall_ms() - INT64_C(86400000) * 7 - 1000);
    (void)snprintf(young, sizeof(young), "p2-%lld",
                   (long long)goxel_wall_ms() - INT64_C(86400000) * 7 + 100000);
    rename_in_trash("p1-", old);
    rename_in_trash("p2-", young);
    scratch_write("trash/notes-1.txt", "");
    again(&life);
    CU_ASSERT_EQUAL(count_in("trash", "p1-"), 0);
    CU_ASSERT_EQUAL(count_in("trash", "p2-"), 1);
    CU_ASSERT_EQUAL(count_in("trash", "notes"), 1);
    end(&life);
    scratch_close();
}

/* ---- quotas ---- */

/* Bricks of voxels without any order, others at each time, from x on. */
static void make_noise(struct goxel_volume *volume, int x, int bricks, uint64_t *state)
{
    for (int i = 0; i < bricks * GOXEL_BRICK_VOXELS; i++) {
        struct goxel_pos pos = {x + i / 256, i / 16 % 16, i % 16};
        struct goxel_color color = {(uint8_t)random_below(state, 256), (uint8_t)random_below(state, 256),
                                    (uint8_t)random_below(state, 256), 255};

        CU_ASSERT_EQUAL(goxel_volume_set_at(volume, pos, color), 0);
    }
}

static struct goxel_project *noisy_project(const char *name, int bricks)
{
    struct goxel_project *project = project_of(name, 0);
    uint64_t state = 7;

    make_noise(project->layers[0]->volume, 0, bricks, &state);
    return project;
}

/* That much noise in the place of other. */
static int edit_noise(struct life *life, const char *id, int bricks, struct goxel_detail *detail)
{
    static const struct goxel_note note = {.name = "edit"};
    static uint64_t state = 99;
    struct goxel_slot *slot = slot_of(life, id);
    struct goxel_edit edit;
    int code;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &edit), 0);
    edit.detail = detail;
    make_noise(goxel_project_own_layer(edit.project, edit.project->layers[0])->volume, 0, bricks, &state);
    code = goxel_head_commit(goxel_slot_head(slot), &edit, &note, NULL);
    goxel_slot_unref(slot);
    return code;
}

static int64_t size_of(const char *name)
{
    struct stat info;

    return stat(scratch_path(name), &info) == 0 ? info.st_size : 0;
}

static int64_t bytes_of(struct life *life)
{
    struct goxel_store_stats stats;

    goxel_store_get_stats(life->store, &stats);
    return (int64_t)stats.bytes;
}

static void full_stores_are_full_at_the_start(void)
{
    struct goxel_store_settings settings = goxel_store_settings_default;
    struct goxel_project *project = project_of("c", 1);
    int64_t bytes;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, noisy_project("a", 20));
    add(&life, project_of("b", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    bytes = size_of("p1/project.db") + size_of("p2/project.db");
    settings.quota_bytes = bytes;
    CU_ASSERT_EQUAL(begin_with(&life, &settings), 0);
    CU_ASSERT(bytes_of(&life) >= bytes); /* before anybody wants them */
    CU_ASSERT_EQUAL(goxel_workspace_add(life.workspace, project, NULL, NULL), GOXEL_ERROR_STORAGE_FULL);
    CU_ASSERT_EQUAL(try_edit(&life, "b"), GOXEL_ERROR_STORAGE_FULL);
    close_project(&life, "a"); /* and there is room at once, while its folder is still there */
    CU_ASSERT_EQUAL(try_edit(&life, "b"), 0);
    CU_ASSERT(bytes_of(&life) < bytes);
    goxel_project_unref(project);
    end(&life);
    scratch_close();
}

/* True in the end, or false after that long. */
static bool comes_to_be_edited(struct life *life, const char *id, int64_t ms)
{
    int64_t until_ms = goxel_clock_ms() + ms;
    int code;

    do
        code = try_edit(life, id);
    while (code == GOXEL_ERROR_STORAGE_FULL && goxel_clock_ms() < until_ms);
    return code == 0;
}

/* What was said again and again is little in the end: nobody has to wait for the next checkpoint. */
static void room_in_the_journal_comes_back(void)
{
    struct goxel_store_settings of_all = goxel_store_settings_default, of_one = of_all;

    of_all.history_bytes = of_one.history_bytes = 0;
    of_all.quota_bytes = of_one.project_quota_bytes = 1 << 20;
    for (int i = 0; i < 2; i++) {
        struct goxel_detail detail;
        struct life life;
        int code = 0;

        if (!scratch_open())
            return;
        CU_ASSERT_EQUAL(begin_with(&life, i ? &of_one : &of_all), 0);
        add(&life, project_of("a", 1));
        for (int k = 0; k < 200 && !code; k++)
            code = edit_noise(&life, "a", 2, &detail);
        CU_ASSERT_EQUAL(code, GOXEL_ERROR_STORAGE_FULL);
        CU_ASSERT_EQUAL(strstr(detail.expected, "project.delete") == NULL,
                        i); /* it would not help that one */
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.expected, i ? "storage.project_quota_mb" : "storage.quota_mb"));
        CU_ASSERT(comes_to_be_edited(&life, "a", 20000));
        end(&life);
        scratch_close();
    }
}

/* Projects whose turn of a flush has come. */
static atomic_int turns;

static void count_turn(void *ctx)
{
    (void)ctx;
    atomic_fetch_add(&turns, 1);
}

static void *flush_once(void *arg)
{
    const struct life *life = arg;

    CU_ASSERT_EQUAL(goxel_store_flush_all(life->store, NULL, NULL, NULL), 0);
    return NULL;
}

/* False: the edit did not come to be while the database of the first of two projects was being written. */
static bool edit_during_a_checkpoint(struct life *life)
{
    static const struct goxel_note note = {.name = "edit"};
    struct goxel_slot *slot = slot_of(life, "p1");
    struct goxel_edit edit;
    uint64_t state = 11;
    pthread_t thread;
    bool during;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &edit), 0);
    make_noise(goxel_project_own_layer(edit.project, edit.project->layers[0])->volume, 0, 4, &state);
    atomic_store(&turns, 0);
    goxel_store_on_progress(life->store, count_turn, NULL);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, flush_once, life), 0);
    while (size_of("p1/project.db-wal") < (200 << 10) && atomic_load(&turns) < 2)
        continue;
    CU_ASSERT_EQUAL(goxel_head_commit(goxel_slot_head(slot), &edit, &note, NULL), 0);
    during = atomic_load(&turns) == 1;
    CU_ASSERT_EQUAL(pthread_join(thread, NULL), 0);
    goxel_slot_unref(slot);
    return during;
}

static void edits_during_checkpoints_count(void)
{
    struct goxel_store_settings settings = goxel_store_settings_default;
    struct life life;
    bool during = false;

    for (int i = 0; i < 20 && !during; i++) {
        if (!scratch_open())
            return;
        CU_ASSERT_EQUAL(begin(&life), 0);
        add(&life, noisy_project("a", 250));
        add(&life, project_of("b", 1));
        during = edit_during_a_checkpoint(&life);
        settings.project_quota_bytes = size_of("p1/project.db") + size_of("p1/project.db-wal") + (16 << 10);
        goxel_store_configure(life.store, &settings);
        CU_ASSERT(!during || try_edit(&life, "a") == GOXEL_ERROR_STORAGE_FULL);
        end(&life);
        scratch_close();
    }
    CU_ASSERT(during);
}

/* ---- bricks that stay in the file ---- */

/* A layer more, with the voxels of the first. */
static int try_to_duplicate(struct life *life, const char *id)
{
    static const struct goxel_note note = {.name = "edit"};
    struct goxel_slot *slot = slot_of(life, id);
    struct goxel_edit edit;
    int code = goxel_head_begin(goxel_slot_head(slot), &edit);

    if (!code) {
        code = goxel_project_duplicate_layer(edit.project, edit.project->layers[0]->id, NULL, NULL);
        if (code)
            goxel_head_abort(goxel_slot_head(slot), &edit);
        else
            code = goxel_head_commit(goxel_slot_head(slot), &edit, &note, NULL);
    }
    goxel_slot_unref(slot);
    return code;
}

/* What an edit made goes to the journal whole or not at all. */
static void damaged_bricks_are_not_journalled(void)
{
    struct goxel_store_settings settings = goxel_store_settings_default;
    struct goxel_store_stats before, after;
    struct goxel_slot *slot;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, noisy_project("a", 250));
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    settings.cache_bytes = 1;
    CU_ASSERT_EQUAL(begin_with(&life, &settings), 0);
    slot = slot_of(&life, "a");
    damage("p1/project.db");
    goxel_store_get_stats(life.store, &before);
    CU_ASSERT_EQUAL(try_to_duplicate(&life, "a"), GOXEL_ERROR_INVALID_DATA);
    goxel_store_get_stats(life.store, &after);
    CU_ASSERT_EQUAL(after.journal.records, before.journal.records);
    CU_ASSERT(goxel_slot_damage(slot, NULL));
    goxel_slot_unref(slot);
    end(&life);
    scratch_close();
}

static void remove_first_layer(struct life *life, const char *id)
{
    static const struct goxel_note note = {.name = "edit"};
    struct goxel_slot *slot = slot_of(life, id);
    struct goxel_edit edit;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &edit), 0);
    layer_of(edit.project, "other");
    CU_ASSERT_EQUAL(goxel_project_remove_layer(edit.project, edit.project->layers[0]->id), 0);
    CU_ASSERT_EQUAL(goxel_head_commit(goxel_slot_head(slot), &edit, &note, NULL), 0);
    goxel_slot_unref(slot);
}

static uint64_t undo_last(struct life *life, const char *id)
{
    struct goxel_slot *slot = slot_of(life, id);
    struct goxel_edit edit;
    uint64_t version;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &edit), 0);
    CU_ASSERT_EQUAL(goxel_head_undo(goxel_slot_head(slot), &edit, 1, NULL), 0);
    version = edit.project->version;
    CU_ASSERT_EQUAL(goxel_head_commit(goxel_slot_head(slot), &edit, NULL, NULL), 0);
    goxel_slot_unref(slot);
    return version;
}

/* The layer that came back has to be written anew, and cannot be read any more: what was promised is not forgotten. */
static void what_a_database_cannot_take_lasts(void)
{
    struct goxel_store_settings settings = goxel_store_settings_default;
    struct goxel_inspection *inspection = NULL;
    struct goxel_inspected kept;
    struct goxel_slot *slot;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, noisy_project("a", 250));
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    settings.cache_bytes = 1;
    CU_ASSERT_EQUAL(begin_with(&life, &settings), 0);
    slot = slot_of(&life, "a");
    remove_first_layer(&life, "a");
    CU_ASSERT_EQUAL(flush(&life), 0);
    (void)undo_last(&life, "a");
    damage("p1/project.db");
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT(goxel_slot_damage(slot, NULL));
    CU_ASSERT(is_there("p1/remains.log"));
    CU_ASSERT_EQUAL(flush(&life), 0);
    goxel_slot_unref(slot);
    end(&life);
    CU_ASSERT_EQUAL_FATAL(goxel_inspection_open(scratch_folder(), NULL, &inspection), 0);
    goxel_inspection_at(inspection, 0, &kept);
    CU_ASSERT_EQUAL(kept.records, 1); /* the undo, and not in the journal as well */
    goxel_inspection_close(inspection);
    scratch_close();
}

/* False: an eviction saved it before the damage, and nobody has noticed that. */
static bool keep_what_is_not_taken(struct life *life)
{
    struct goxel_store_settings settings = goxel_store_settings_default;
    int64_t until_ms = goxel_clock_ms() + 5000;
    struct goxel_slot *slot;

    CU_ASSERT_EQUAL(begin(life), 0);
    add(life, noisy_project("a", 250));
    CU_ASSERT_EQUAL(flush(life), 0);
    end(life);
    settings.cache_bytes = 1;
    CU_ASSERT_EQUAL(begin_with(life, &settings), 0);
    slot = slot_of(life, "a");
    remove_first_layer(life, "a");
    CU_ASSERT_EQUAL(flush(life), 0);
    (void)undo_last(life, "a");
    damage("p1/project.db");
    while (!goxel_slot_damage(slot, NULL) && goxel_clock_ms() < until_ms)
        continue;
    goxel_slot_unref(slot);
    CU_ASSERT_EQUAL(flush(life), 0);
    return size_of("p1/remains.log") > 0;
}

/*
 * Whoever finds it first, an eviction too. Another project whose checkpoints fail keeps the journal as long as it is: what was
 * kept is kept once.
 */
static void what_a_database_cannot_take_is_kept_once(void)
{
    struct life life;
    bool kept = false;

    for (int i = 0; i < 20 && !kept; i++) {
        int64_t size;

        if (!scratch_open())
            return;
        kept = keep_what_is_not_taken(&life);
        size = size_of("p1/remains.log");
        scratch_write("p2", ""); /* where the folder of the next project has to be */
        add(&life, project_of("b", 1));
        for (int k = 0; k < 3; k++) {
            CU_ASSERT_EQUAL(flush(&life), GOXEL_ERROR_FILE_ACCESS);
            CU_ASSERT_EQUAL(size_of("p1/remains.log"), size);
        }
        CU_ASSERT_EQUAL(unlink(scratch_path("p2")), 0);
        CU_ASSERT_EQUAL(flush(&life), 0);
        CU_ASSERT_EQUAL(size_of("p1/remains.log"), size);
        end(&life);
        scratch_close();
    }
    CU_ASSERT(kept);
}

/* An edit that found no memory for bricks that it needs failed, and that is all. */
static void missing_memory_is_no_damage(void)
{
    struct goxel_store_settings settings = goxel_store_settings_default;
    int failures = 0, code = 1;
    struct life life;

    if (unit_fail_allocation(-1) < 0) {
        unit_skip("allocations cannot be made to fail");
        return;
    }
    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, noisy_project("a", 20));
    edit(&life, "a", 1);
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    settings.cache_bytes = 1;
    CU_ASSERT_EQUAL(begin_with(&life, &settings), 0);
    edit(&life, "a", 2); /* the journal has its file */
    for (int n = 0; code; n += 1 + n / 20) {
        struct goxel_slot *slot = slot_of(&life, "a");

        unit_fail_allocation(n);
        code = try_to_duplicate(&life, "a");
        unit_fail_allocation(-1);
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        failures += code != 0;
        CU_ASSERT_FALSE(goxel_slot_damage(slot, NULL));
        goxel_slot_unref(slot);
    }
    CU_ASSERT(failures > 3);
    end(&life);
    CU_ASSERT_EQUAL(begin(&life), 0); /* from the journal */
    CU_ASSERT(has(&life, "a", 1) && has(&life, "a", 2));
    end(&life);
    scratch_close();
}

/* ---- scrubbing ---- */

/* A descriptor of this process. */
static bool has_open(const char *name)
{
    DIR *dir = opendir("/proc/self/fd");
    char link[64], target[512];
    bool found = false;

    for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry && !found; entry = readdir(dir)) {
        ssize_t len;

        (void)snprintf(link, sizeof(link), "/proc/self/fd/%.16s", entry->d_name);
        len = readlink(link, target, sizeof(target) - 1);
        target[len > 0 ? len : 0] = '\0';
        found = strcmp(target, scratch_path(name)) == 0;
    }
    if (dir)
        (void)closedir(dir);
    return found;
}

static uint64_t scrubbed(struct life *life)
{
    struct goxel_store_stats stats;

    goxel_store_get_stats(life->store, &stats);
    return stats.scrubbed;
}

/* Before anybody has asked for the project. */
static void scrubbing_finds_damage(void)
{
    int64_t until_ms = goxel_clock_ms() + 60000;
    struct goxel_store_stats stats;
    struct goxel_slot *slot;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, noisy_project("a", 5));
    add(&life, project_of("b", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    damage("p1/project.db");
    CU_ASSERT_EQUAL(begin(&life), 0);
    slot = find(&life, "p1");
    while (!goxel_slot_damage(slot, NULL) && goxel_clock_ms() < until_ms)
        continue;
    CU_ASSERT_EQUAL(goxel_workspace_count_damaged(life.workspace), 1);
    CU_ASSERT_FALSE(goxel_slot_is_loaded(slot));
    goxel_store_get_stats(life.store, &stats);
    CU_ASSERT_EQUAL(stats.damaged, 1);
    goxel_slot_unref(slot);
    CU_ASSERT_EQUAL(load(&life, "p2", NULL), 0);
    end(&life);
    scratch_close();
}

#define SCRUBBED_ROWS 600

/* A database is opened once for all of its rows, and then it is closed, unless somebody wanted the project meanwhile. */
static void scrubbed_databases_are_opened_once(void)
{
    struct goxel_project *project = project_of("a", 0);
    int closed = 0, open = 0;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    for (int i = 0; i < SCRUBBED_ROWS; i++)
        goxel_volume_set_at(project->layers[0]->volume, (struct goxel_pos){16 * i, 0, 0}, red);
    add(&life, project);
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    for (int round = 0; round < 2; round++) {
        int64_t until_ms = goxel_clock_ms() + 60000;
        uint64_t before = 0;

        CU_ASSERT_EQUAL(begin(&life), 0);
        while (before < SCRUBBED_ROWS && goxel_clock_ms() < until_ms) {
            bool opened = has_open("p1/project.db");
            uint64_t after = scrubbed(&life);

            if (before > 0 && after < SCRUBBED_ROWS) {
                open += opened;
                closed += !opened;
                CU_ASSERT(round == 0 || has(&life, "p1", 1) == false);
            }
            before = after;
        }
        CU_ASSERT_EQUAL(before, SCRUBBED_ROWS);
        while (round == 0 && has_open("p1/project.db") && goxel_clock_ms() < until_ms)
            continue;
        CU_ASSERT_EQUAL(has_open("p1/project.db"), round);
        if (round == 1)
            edit(&life, "p1", 1);
        end(&life);
    }
    CU_ASSERT(open > 0);
    CU_ASSERT_EQUAL(closed, 0);
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT(has(&life, "p1", 1));
    end(&life);
    scratch_close();
}

/* ---- in memory and out of it ---- */

static size_t count_loaded(struct life *life)
{
    struct goxel_slot **slots;
    size_t count, loaded = 0;

    CU_ASSERT_EQUAL_FATAL(goxel_workspace_list(life->workspace, &slots, &count), 0);
    for (size_t i = 0; i < count; i++) {
        loaded += goxel_slot_is_loaded(slots[i]);
        goxel_slot_unref(slots[i]);
    }
    free(slots);
    return loaded;
}

static void projects_beyond_the_ceiling_are_unloaded(void)
{
    struct goxel_store_settings settings = goxel_store_settings_default;
    struct life life;
    char name[32];

    if (!scratch_open())
        return;
    settings.open_max = 3;
    CU_ASSERT_EQUAL(begin_with(&life, &settings), 0);
    for (int i = 1; i <= 8; i++) {
        (void)snprintf(name, sizeof(name), "n%d", i);
        add(&life, project_of(name, 10 * i));
        edit(&life, name, i);
    }
    CU_ASSERT_EQUAL(count_loaded(&life), 8);
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT_EQUAL(count_loaded(&life), 3);
    for (int i = 1; i <= 8; i++) {
        struct goxel_project *project;
        size_t past = 0, future = 0;

        (void)snprintf(name, sizeof(name), "n%d", i);
        CU_ASSERT(has(&life, name, i));
        project = snapshot(&life, name);
        goxel_history_count(project, &past, &future);
        CU_ASSERT_EQUAL(past, 1);
        CU_ASSERT_EQUAL(goxel_project_voxels(project), 10 * i + 1);
        goxel_project_unref(project);
        edit(&life, name, 100 + i);
    }
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT_EQUAL(count_loaded(&life), 3);
    for (int i = 1; i <= 8; i++) {
        (void)snprintf(name, sizeof(name), "n%d", i);
        CU_ASSERT(has(&life, name, 100 + i));
    }
    end(&life);
    scratch_close();
}

/* Who is in use is not taken away, whatever the ceiling. */
static void projects_in_use_stay_loaded(void)
{
    struct goxel_store_settings settings = goxel_store_settings_default;
    struct goxel_slot *slot;
    struct life life;

    if (!scratch_open())
        return;
    settings.open_max = 0;
    CU_ASSERT_EQUAL(begin_with(&life, &settings), 0);
    add(&life, project_of("a", 1));
    add(&life, project_of("b", 1));
    slot = slot_of(&life, "a");
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT(is_loaded(&life, "a"));
    CU_ASSERT_FALSE(is_loaded(&life, "b"));
    goxel_slot_unref(slot);
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT_EQUAL(count_loaded(&life), 0);
    end(&life);
    scratch_close();
}

static bool is_closed(struct life *life, const char *id)
{
    struct goxel_slot *slot = find(life, id);
    bool closed = goxel_slot_is_closed(slot);

    goxel_slot_unref(slot);
    return closed;
}

static void closed_projects_stay_closed(void)
{
    struct goxel_slot *slot;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("a", 1));
    add(&life, project_of("b", 1));
    edit(&life, "b", 1);
    slot = find(&life, "b");
    goxel_workspace_shut(life.workspace, slot);
    goxel_slot_unref(slot);
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT(is_closed(&life, "b"));
    CU_ASSERT_FALSE(is_loaded(&life, "b"));
    CU_ASSERT(is_loaded(&life, "a"));
    again(&life);
    CU_ASSERT(is_closed(&life, "b"));
    CU_ASSERT_FALSE(is_closed(&life, "a"));
    slot = find(&life, "a");
    CU_ASSERT(goxel_workspace_is_current(life.workspace, slot));
    goxel_slot_unref(slot);
    CU_ASSERT(has(&life, "b", 1)); /* whoever wants it has it back */
    again(&life);
    CU_ASSERT_FALSE(is_closed(&life, "b"));
    end(&life);
    scratch_close();
}

struct crowd {
    struct life *life;
    atomic_int next, wrong;
    atomic_bool done;
};

static void *edit_many(void *arg)
{
    static const struct goxel_note note = {.name = "edit"};
    struct crowd *crowd = arg;
    struct goxel_edit edit;

    for (int x = atomic_fetch_add(&crowd->next, 1); x < 400; x = atomic_fetch_add(&crowd->next, 1)) {
        struct goxel_slot *slot = NULL;
        int code = goxel_workspace_find(crowd->life->workspace, x % 2 ? "p1" : "p2", &slot, NULL);

        if (!code)
            code = goxel_slot_load(crowd->life->workspace, slot, NULL);
        if (!code)
            code = goxel_head_begin(goxel_slot_head(slot), &edit);
        if (!code) {
            struct goxel_layer *layer = goxel_project_own_layer(edit.project, edit.project->layers[0]);

            code = goxel_volume_set_at(layer->volume, (struct goxel_pos){x, 100, 0}, red);
            code |= goxel_head_commit(goxel_slot_head(slot), &edit, &note, NULL);
        }
        crowd->wrong += code != 0;
        goxel_slot_unref(slot);
    }
    return NULL;
}

static void *flush_many(void *arg)
{
    struct crowd *crowd = arg;

    while (!atomic_load(&crowd->done))
        crowd->wrong += goxel_store_flush_all(crowd->life->store, NULL, NULL, NULL) != 0;
    return NULL;
}

/* Out of memory and back as well, all the time. */
static void edits_go_on_during_checkpoints(void)
{
    struct goxel_store_settings settings = goxel_store_settings_default;
    struct life life;
    struct crowd crowd = {.life = &life};
    pthread_t threads[4];

    if (!scratch_open())
        return;
    settings.open_max = 0;
    settings.durability = GOXEL_DURABILITY_NONE;
    CU_ASSERT_EQUAL(begin_with(&life, &settings), 0);
    add(&life, project_of("a", 10));
    add(&life, project_of("b", 10));
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, i ? edit_many : flush_many, &crowd), 0);
    for (int i = 1; i < 4; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&crowd.done, true);
    pthread_join(threads[0], NULL);
    CU_ASSERT_EQUAL(crowd.wrong, 0);
    end(&life);
    CU_ASSERT_EQUAL(begin(&life), 0);
    for (int x = 0; x < 400; x++)
        CU_ASSERT(has(&life, x % 2 ? "p1" : "p2", x));
    end(&life);
    scratch_close();
}

/* ---- failures of writing ---- */

static int flush_with_file_size(struct life *life, rlim_t bytes)
{
    struct rlimit before, small;
    int code;

    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = bytes;
    signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    code = flush(life);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    return code;
}

/* What is written to the log first of all fails, so that only those fail that have changed. */
static void one_failure_leaves_the_others(void)
{
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("small", 1));
    add(&life, project_of("large", 3000));
    add(&life, project_of("other", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    CU_ASSERT(stat_of("p2/project.db").st_size > 40000);
    CU_ASSERT_EQUAL(begin(&life), 0);
    edit(&life, "p1", 1);
    edit(&life, "p2", 1);
    edit(&life, "p3", 1);
    add(&life, project_of("new and large", 3000));
    CU_ASSERT_EQUAL(flush_with_file_size(&life, 60000), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(told.good, 3);
    CU_ASSERT_EQUAL(told.bad, 1);
    CU_ASSERT_STRING_EQUAL(told.id, "p4");
    CU_ASSERT_STRING_EQUAL(told.name, "new and large");
    CU_ASSERT_PTR_NOT_NULL(strstr(told.detail.text, scratch_path("p4/project.db")));
    CU_ASSERT_EQUAL(try_edit(&life, "p4"), GOXEL_ERROR_FILE_ACCESS); /* its disk failed */
    CU_ASSERT_EQUAL(try_edit(&life, "p3"), 0);
    CU_ASSERT_EQUAL(flush(&life), GOXEL_ERROR_FILE_ACCESS); /* also later, until somebody saw to it */
    end(&life);

    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT(has(&life, "p1", 1));
    CU_ASSERT(has(&life, "p2", 1));
    CU_ASSERT(has(&life, "p3", 1));
    CU_ASSERT_FALSE(has(&life, "p4", 1)); /* there: the journal has it */
    CU_ASSERT_EQUAL(goxel_workspace_next_number(life.workspace), 5);
    edit(&life, "p4", 2);
    CU_ASSERT_EQUAL(flush(&life), 0); /* there is room again */
    end(&life);
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT(has(&life, "p4", 2));
    end(&life);
    scratch_close();
}

static void count(void *ctx)
{
    ++*(int *)ctx;
}

/* Whoever waits for the end of a large project is told meanwhile that it is not stuck. */
static void a_large_project_tells_of_progress(void)
{
    struct goxel_project *project;
    struct life life;
    int told_times = 0;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    project = project_of("a", 1);
    for (int i = 0; i < 30000; i++)
        goxel_volume_set_at(project->layers[0]->volume, at(16 * (i % 300), 16 * (i / 300), i % 16),
                            rgba(i % 256, i / 256, 3, 255));
    goxel_project_seal(project);
    add(&life, project);
    goxel_store_on_progress(life.store, count, &told_times);
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT(told_times > 1);
    end(&life);
    scratch_close();
}

/* A checkpoint comes between the moment from which a new project lasts and that from which it is found. */
static struct life hasty;

static int add_and_flush(struct goxel_keeper *keeper, struct goxel_slot *slot, struct goxel_detail *detail)
{
    int code = hasty.store->keep.keeper.add(&hasty.store->keep.keeper, slot, detail);

    (void)keeper;
    CU_ASSERT_EQUAL(flush(&hasty), 0);
    return code;
}

static void a_new_project_is_current_after_a_crash(void)
{
    struct goxel_slot *slot = NULL;
    struct goxel_keeper keeper;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&hasty), 0);
    add(&hasty, project_of("a", 1));
    keeper = hasty.store->keep.keeper;
    keeper.add = add_and_flush;
    goxel_workspace_set_keeper(hasty.workspace, &keeper);
    add(&hasty, project_of("b", 1));
    end(&hasty);
    CU_ASSERT_EQUAL(begin(&hasty), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_workspace_find(hasty.workspace, NULL, &slot, NULL), 0);
    CU_ASSERT_STRING_EQUAL(goxel_slot_id(slot), "p2");
    goxel_slot_unref(slot);
    end(&hasty);
    scratch_close();
}

static void flip_byte(const char *name, long at)
{
    FILE *file = fopen(scratch_path(name), "r+b");
    int byte;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fseek(file, at, SEEK_SET);
    byte = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(~byte & 0xff, file);
    fclose(file);
}

/* Nobody takes it for one that was deleted; one that was is none. */
static void without_its_beginning_a_project_is_lost(void)
{
    struct life life;
    struct goxel_slot *slot = NULL;
    struct goxel_detail detail;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("a", 1));
    edit(&life, "p1", 2);
    add(&life, project_of("b", 1));
    edit(&life, "p2", 4);
    add(&life, project_of("c", 1));
    edit(&life, "p3", 2);
    close_project(&life, "p3");
    end(&life);
    flip_byte("journal-1.log", 120); /* in the first record */

    for (int i = 0; i < 2; i++) { /* also once a checkpoint was made of it */
        begin(&life);
        CU_ASSERT_EQUAL_FATAL(goxel_workspace_find(life.workspace, GOXEL_LOST_NAME, &slot, NULL), 0);
        CU_ASSERT_STRING_EQUAL(goxel_slot_id(slot), "p1");
        CU_ASSERT_TRUE(goxel_slot_damage(slot, &detail));
        CU_ASSERT_STRING_EQUAL(detail.text, goxel_lost_reason);
        goxel_slot_unref(slot);
        CU_ASSERT(has(&life, "p2", 4));
        CU_ASSERT_EQUAL(goxel_workspace_count(life.workspace), 2);
        CU_ASSERT_EQUAL(flush(&life), 0);
        CU_ASSERT(is_there("p1/remains.log"));
        end(&life);
    }
    scratch_close();
}

/* As after a crash between the files and the list. */
static void without_the_list_the_journal_holds(void)
{
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("a", 1));
    add(&life, project_of("b", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    edit(&life, "p1", 1);
    close_project(&life, "p2");
    CU_ASSERT_EQUAL(rename(scratch_path("projects.json"), scratch_path("kept")), 0);
    CU_ASSERT_EQUAL(mkdir(scratch_path("projects.json"), 0700), 0);
    CU_ASSERT_EQUAL(flush(&life), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(told.bad, 1); /* its database is newer than the list */
    CU_ASSERT_STRING_EQUAL(told.id, "p1");
    CU_ASSERT_STRING_EQUAL(told.detail.path, scratch_path("projects.json"));
    CU_ASSERT(is_there("p2")); /* no list says that it is gone */
    end(&life);
    CU_ASSERT_EQUAL(rmdir(scratch_path("projects.json")), 0);
    CU_ASSERT_EQUAL(rename(scratch_path("kept"), scratch_path("projects.json")), 0);

    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT(has(&life, "p1", 1));
    CU_ASSERT_FALSE(is_open(&life, "p2"));
    edit(&life, "p1", 3);
    again(&life);
    CU_ASSERT(has(&life, "p1", 3));
    CU_ASSERT(has(&life, "p1", 1));
    end(&life);
    scratch_close();
}

/* The same store goes on after its list could not be written. */
static void a_failed_list_is_written_later(void)
{
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("a", 1));
    CU_ASSERT_EQUAL(unlink(scratch_path("projects.json")), 0);
    CU_ASSERT_EQUAL(mkdir(scratch_path("projects.json"), 0700), 0);
    CU_ASSERT_EQUAL(flush(&life), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(rmdir(scratch_path("projects.json")), 0);
    again(&life);
    CU_ASSERT(is_open(&life, "p1"));
    end(&life);
    scratch_close();
}

struct editor {
    struct goxel_slot *slot;
    pthread_barrier_t held;
};

static void *hold(void *arg)
{
    struct editor *editor = arg;

    struct goxel_edit edit;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(editor->slot), &edit), 0);
    pthread_barrier_wait(&editor->held);
    pthread_barrier_wait(&editor->held);
    goxel_head_abort(goxel_slot_head(editor->slot), &edit);
    return NULL;
}

static void edits_are_not_waited_for(void)
{
    struct editor editor;
    pthread_t thread;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("held", 1));
    add(&life, project_of("free", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    edit(&life, "p1", 1);
    edit(&life, "p2", 1);
    editor.slot = slot_of(&life, "p1");
    pthread_barrier_init(&editor.held, NULL, 2);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, hold, &editor), 0);
    pthread_barrier_wait(&editor.held);
    CU_ASSERT_EQUAL(flush(&life), 0); /* what was published is kept */
    CU_ASSERT_EQUAL(told.good, 2);
    pthread_barrier_wait(&editor.held);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&editor.held);
    goxel_slot_unref(editor.slot);
    end(&life);
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT(has(&life, "p1", 1));
    CU_ASSERT(has(&life, "p2", 1));
    end(&life);
    scratch_close();
}

static void failed_allocations_while_flushing(void)
{
    bool reached = true;
    struct life life;
    int failures = 0;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("a", 30));
    add(&life, project_of("b", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    for (int n = 0; reached; n += 1 + n / 12) {
        int code;

        edit(&life, "p1", n);
        close_project(&life, "b");
        add(&life, project_of("b", 1));
        unit_fail_allocation(n);
        code = flush(&life);
        reached = unit_fail_allocation(-1) > n;
        failures += code != 0;
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        end(&life);
        CU_ASSERT_EQUAL_FATAL(begin(&life), 0); /* whole, from the database or the journal */
        CU_ASSERT(has(&life, "p1", n));
        CU_ASSERT(is_open(&life, "b"));
    }
    CU_ASSERT(failures > 10);
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    scratch_close();
}

static void failed_allocations_while_opening(void)
{
    bool reached = true;
    struct life life;
    int failures = 0;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("a", 3));
    add(&life, high_project());
    add(&life, rich_project());
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    for (int n = 0; reached; n += 1 + n / 40) {
        int code;

        life.workspace = goxel_workspace_create();
        life.store = NULL;
        unit_fail_allocation(n);
        code = goxel_store_open(folder(), life.workspace, &goxel_store_settings_default, NULL, &life.store);
        if (!code)
            code = goxel_store_open_all(life.store, NULL, NULL, NULL);
        reached = unit_fail_allocation(-1) > n;
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        failures += code != 0;
        if (life.store && !goxel_store_is_refused(life.store))
            CU_ASSERT_EQUAL(flush(&life), 0); /* loses nothing of what could not be opened */
        end(&life);
        CU_ASSERT_EQUAL(begin(&life), 0);
        CU_ASSERT_EQUAL_FATAL(goxel_workspace_count(life.workspace), 3);
        end(&life);
    }
    CU_ASSERT(failures > 10);
    scratch_close();
}

/* What is not loaded for want of memory is loaded the next time: it is not damaged. */
static void failed_allocations_while_loading(void)
{
    bool reached = true;
    struct life life;
    int failures = 0;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("a", 100));
    add(&life, rich_project());
    CU_ASSERT_EQUAL(flush(&life), 0);
    edit(&life, "p1", 1);
    for (int n = 0; reached; n += 1 + n / 30) {
        int code;

        end(&life);
        CU_ASSERT_EQUAL_FATAL(begin(&life), 0);
        unit_fail_allocation(n);
        code = load(&life, "p1", NULL);
        if (!code)
            code = load(&life, "p2", NULL);
        reached = unit_fail_allocation(-1) > n;
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        failures += code != 0;
        CU_ASSERT(has(&life, "p1", 1));
        CU_ASSERT_EQUAL(load(&life, "p2", NULL), 0);
    }
    CU_ASSERT(failures > 10);
    end(&life);
    scratch_close();
}

/* ---- what cannot be opened ---- */

/* Of three projects, kept and closed. */
static void keep_three(void)
{
    struct life life;

    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("a", 20));
    add(&life, project_of("b", 200));
    add(&life, project_of("c", 20));
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
}

static void damaged_databases_are_kept(void)
{
    struct goxel_detail detail, again_told;
    struct life life;

    if (!scratch_open())
        return;
    keep_three();
    damage("p2/project.db");
    CU_ASSERT_EQUAL(begin(&life), 0); /* nobody has looked yet */
    CU_ASSERT_EQUAL(told.good, 3);
    CU_ASSERT_EQUAL(load(&life, "p2", &detail), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT(strstr(detail.text, "layer 1") || strstr(detail.text, "project.db") ||
              strstr(detail.text, "the row of the project"));
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.expected, "goxelctl check p2"));
    CU_ASSERT_EQUAL(load(&life, "p2", &again_told), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_STRING_EQUAL(again_told.text, detail.text);
    edit(&life, "p1", 1);
    CU_ASSERT_EQUAL(load(&life, "c", NULL), 0);
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT(list_has("\"damaged\":"));
    end(&life);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(begin(&life), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_EQUAL(told.good, 2);
        CU_ASSERT_EQUAL(told.bad, 1);
        CU_ASSERT_STRING_EQUAL(told.id, "p2");
        CU_ASSERT_STRING_EQUAL(told.name, "b");
        CU_ASSERT_FALSE(goxel_store_is_refused(life.store));
        CU_ASSERT_EQUAL(load(&life, "p2", &detail), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, again_told.text));
        CU_ASSERT(has(&life, "p1", 1));
        CU_ASSERT_EQUAL(flush(&life), 0);
        CU_ASSERT(is_there("p2/project.db"));
        CU_ASSERT(list_has("\"damaged\":") && list_has("\"p2\""));
        if (i == 0)
            end(&life);
    }
    close_project(&life, "p2");
    for (int i = 0; i < 1000 && is_there("p2"); i++) /* once the scrub has looked away */
        CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT_FALSE(is_there("p2"));
    CU_ASSERT_EQUAL(count_in("trash", "p2-"), 1);
    CU_ASSERT_FALSE(list_has("\"damaged\":"));
    again(&life);
    CU_ASSERT_EQUAL(goxel_workspace_count(life.workspace), 2);
    end(&life);
    scratch_close();
}

/* Taken out of the list, and another file in the place of the damaged one. */
static void mended_projects_are_served(void)
{
    struct goxel_detail detail;
    struct life life;

    if (!scratch_open())
        return;
    keep_three();
    copy_file("p2/project.db", "kept");
    damage("p2/project.db");
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT_EQUAL(load(&life, "p2", &detail), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    copy_file("kept", "p2/project.db");
    change_list("\"damaged\":", "\"was\":");
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT_EQUAL(load(&life, "p2", NULL), 0);
    end(&life);
    scratch_close();
}

static void missing_databases_are_damage(void)
{
    struct goxel_detail detail = {.text = ""};
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("a", 20));
    edit(&life, "a", 1);
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    CU_ASSERT_EQUAL(unlink(scratch_path("p1/project.db")), 0);
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT_EQUAL(load(&life, "p1", &detail), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "version 0"));
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    CU_ASSERT_EQUAL(begin(&life), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_STRING_EQUAL(told.id, "p1");
    end(&life);
    scratch_close();
}

/* Whole, but as it was: what was done since then would be lost without a word. */
static void older_databases_are_noticed(void)
{
    struct goxel_detail detail = {.text = ""};
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("a", 20));
    edit(&life, "a", 1);
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    copy_file("p1/project.db", "kept");
    CU_ASSERT_EQUAL(begin(&life), 0);
    edit(&life, "a", 2);
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    copy_file("kept", "p1/project.db");
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT_EQUAL(load(&life, "p1", &detail), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "its database is at version 1, and was at 2"));
    end(&life);
    scratch_close();
}

static void strange_entries_are_carried_over(void)
{
    static const char *const strange[] = {"7", "{\"id\":\"p5\"}",
                                          "{\"id\":\"../../etc/passwd\",\"name\":\"x\"}", "[[[[\"deep\"]]]]"};
    struct life life;
    char list[1024];

    if (!scratch_open())
        return;
    snprintf(list, sizeof(list), "{\"version\":3,\"current\":\"p9\",\"more\":1,\"projects\":[%s,%s,%s,%s]}",
             strange[0], strange[1], strange[2], strange[3]);
    scratch_write("projects.json", list);
    CU_ASSERT_EQUAL(mkdir(scratch_path("p4"), 0700), 0); /* which entry it belongs to nobody knows */
    CU_ASSERT_EQUAL(mkdir(scratch_path("p5"), 0700), 0);
    CU_ASSERT_EQUAL(begin(&life), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(told.bad, 4);
    CU_ASSERT_STRING_EQUAL(told.id, "?");
    CU_ASSERT_STRING_EQUAL(told.detail.path, scratch_path("projects.json"));
    add(&life, project_of("a", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
        CU_ASSERT(list_has(strange[i]));
    end(&life);
    CU_ASSERT_EQUAL(begin(&life), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT(is_there("p4") && is_there("p5"));
    CU_ASSERT(is_open(&life, "p6"));
    end(&life);
    (void)snprintf(list, sizeof(list), "{\"version\":3,\"projects\":[%s]}", strange[1]);
    scratch_write("projects.json", list);
    CU_ASSERT_EQUAL(begin(&life), GOXEL_ERROR_INVALID_DATA); /* one that tells whose folder it is */
    CU_ASSERT(is_there("p5"));
    CU_ASSERT_FALSE(is_there("p4"));
    end(&life);
    scratch_close();
}

static void ids_are_opened_once(void)
{
    struct life life;
    char *list, *entry, *twice = NULL;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("a", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    list = scratch_read("projects.json");
    entry = strstr(list, "[{") + 1;
    CU_ASSERT_FATAL(asprintf(&twice, "%.*s,%s", (int)(strlen(list) - strlen("]}\n")), list, entry) > 0);
    scratch_write("projects.json", twice);
    CU_ASSERT_EQUAL(begin(&life), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(told.good, 1);
    CU_ASSERT_EQUAL(told.bad, 1);
    edit(&life, "p1", 1);
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT(has(&life, "p1", 1));
    end(&life);
    free(twice);
    free(list);
    scratch_close();
}

static void lists_that_cannot_be_read_stay(void)
{
    static const struct {
        const char *text;
        int code;
    } bad[] = {
        {"", GOXEL_ERROR_JSON_SYNTAX},
        {"{\"version\":3,\"projects\":[", GOXEL_ERROR_JSON_SYNTAX},
        {"{\"version\":3}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":2,\"projects\":[]}", GOXEL_ERROR_FORMAT_NOT_SUPPORTED},
        {"{\"version\":4,\"projects\":[]}", GOXEL_ERROR_FORMAT_NOT_SUPPORTED},
    };
    struct goxel_detail detail;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(mkdir(scratch_path("p1"), 0700), 0); /* somebody's work */
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char *left;

        scratch_write("projects.json", bad[i].text);
        life.workspace = goxel_workspace_create();
        CU_ASSERT_EQUAL_FATAL(
            goxel_store_open(folder(), life.workspace, &goxel_store_settings_default, NULL, &life.store), 0);
        CU_ASSERT_EQUAL(goxel_store_open_all(life.store, NULL, NULL, &detail), bad[i].code);
        CU_ASSERT_STRING_EQUAL(detail.path, scratch_path("projects.json"));
        CU_ASSERT(goxel_store_is_refused(life.store));
        refuse_project(&life);
        CU_ASSERT_EQUAL(goxel_store_flush_all(life.store, NULL, NULL, &detail), bad[i].code);
        CU_ASSERT_STRING_EQUAL(detail.path, scratch_path("projects.json"));
        left = scratch_read("projects.json");
        CU_ASSERT_STRING_EQUAL(left, bad[i].text);
        free(left);
        CU_ASSERT(is_there("p1"));
        end(&life);
    }
    scratch_close();
}

/* ---- the folder ---- */

static void what_was_not_opened_is_not_replaced(void)
{
    struct life life;
    char *list, *after;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, project_of("a", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    list = scratch_read("projects.json");
    life.workspace = goxel_workspace_create();
    CU_ASSERT_EQUAL_FATAL(
        goxel_store_open(folder(), life.workspace, &goxel_store_settings_default, NULL, &life.store), 0);
    CU_ASSERT_EQUAL(flush(&life), 0); /* a start that failed before */
    refuse_project(&life);
    after = scratch_read("projects.json");
    CU_ASSERT_STRING_EQUAL(list, after);
    CU_ASSERT(is_there("p1"));
    end(&life);
    free(after);
    free(list);
    scratch_close();
}

static void one_daemon_uses_a_folder(void)
{
    struct goxel_store *second = NULL;
    struct goxel_detail detail;
    struct life life;
    char pid[32];

    if (!scratch_open())
        return;
    snprintf(pid, sizeof(pid), "a daemon (PID %ld)", (long)getpid());
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT_EQUAL(
        goxel_store_open(folder(), life.workspace, &goxel_store_settings_default, &detail, &second),
        GOXEL_ERROR_LOCKED);
    CU_ASSERT_PTR_NULL(second);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, pid));
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, folder()));
    end(&life);
    CU_ASSERT_EQUAL(begin(&life), 0);
    end(&life);
    goxel_store_close(NULL);
    scratch_close();
}

/* The detail of a list that is refused in the scratch folder's folder `name`. */
static struct goxel_detail refusal_in(const char *name)
{
    struct goxel_workspace *workspace = goxel_workspace_create();
    struct goxel_store *store = NULL;
    struct goxel_detail detail;
    char list[1024];

    CU_ASSERT_EQUAL_FATAL(
        goxel_store_open(scratch_path(name), workspace, &goxel_store_settings_default, NULL, &store), 0);
    (void)snprintf(list, sizeof(list), "%s/projects.json", name);
    scratch_write(list, "{\"version\":3}");
    CU_ASSERT_EQUAL(goxel_store_open_all(store, NULL, NULL, &detail), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(unlink(scratch_path(list)), 0);
    (void)snprintf(list, sizeof(list), "%s/lock", name);
    CU_ASSERT_EQUAL(unlink(scratch_path(list)), 0);
    CU_ASSERT_EQUAL(rmdir(scratch_path(name)), 0);
    goxel_store_close(store);
    goxel_workspace_destroy(workspace);
    return detail;
}

/* The middle is left out where something must be, between characters; the file's name never. */
static void long_folders_leave_the_name(void)
{
    static const char end[] = "\\xff!/projects.json", middle[] = "\xe2\x80\xa6";
    char name[256], nested[600];

    if (!scratch_open())
        return;
    for (size_t len = 180; len <= 250; len++) {
        struct goxel_detail detail;
        size_t full_len;

        memset(name, 0, sizeof(name));
        for (size_t i = len % 2; i + 1 < len; i += 2)
            memcpy(name + i, "\xc3\xa9", 2);
        name[0] = 'd';
        memcpy(name + len - 2, "\xff!", 2);
        if (len % 2 == 0)
            name[1] = 'd';
        full_len = strlen(scratch_path(name)) + 3 + strlen("/projects.json"); /* \xff is four characters */
        detail = refusal_in(name);
        CU_ASSERT_STRING_EQUAL(detail.path + strlen(detail.path) - strlen(end), end);
        CU_ASSERT_EQUAL(strncmp(detail.path, scratch_path("d"), strlen(scratch_path("d"))), 0);
        CU_ASSERT_EQUAL(strstr(detail.path, middle) != NULL, full_len >= sizeof(detail.path));
        CU_ASSERT(full_len < sizeof(detail.path) || strlen(detail.path) >= sizeof(detail.path) - 8);
        CU_ASSERT_PTR_NULL(strstr(detail.path, "\\xc3")); /* no half characters */
        CU_ASSERT_PTR_NULL(strstr(detail.path, "\\xa9"));
        /* A text that has no room for all of it has none of it. */
        CU_ASSERT(!strstr(detail.text, scratch_folder()) || strstr(detail.text, end));
    }
    (void)snprintf(nested, sizeof(nested), "%s/%s", name, name);
    CU_ASSERT_EQUAL(mkdir(scratch_path(name), 0700), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(refusal_in(nested).path, end));
    scratch_close();
}

static void folders_are_made(void)
{
    struct goxel_workspace *workspace = goxel_workspace_create();
    struct goxel_store *store = NULL;
    struct goxel_detail detail;
    char path[2100];

    if (!scratch_open())
        return;
    snprintf(path, sizeof(path), "%s//a/b/", folder());
    CU_ASSERT_EQUAL_FATAL(goxel_store_open(path, workspace, &goxel_store_settings_default, &detail, &store),
                          0);
    CU_ASSERT_EQUAL(stat_of("a/b").st_mode & 0777 & ~0750u, 0);
    goxel_store_close(store);
    store = NULL;
    scratch_write("file", "");
    CU_ASSERT_EQUAL(
        goxel_store_open(scratch_path("file"), workspace, &goxel_store_settings_default, &detail, &store),
        GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_STRING_EQUAL(detail.path, scratch_path("file"));
    CU_ASSERT_EQUAL(
        goxel_store_open(scratch_path("file/a"), workspace, &goxel_store_settings_default, &detail, &store),
        GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_PTR_NULL(store);
    CU_ASSERT_EQUAL(unlink(scratch_path("a/b/lock")), 0);
    CU_ASSERT_EQUAL(rmdir(scratch_path("a/b")), 0);
    goxel_workspace_destroy(workspace);
    scratch_close();
}

/* A storage.directory of which a part is a symbolic link. */
static void folders_may_be_behind_a_link(void)
{
    struct goxel_store *store = NULL;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(mkdir(scratch_path("real"), 0700), 0);
    CU_ASSERT_EQUAL(symlink("real", scratch_path("link")), 0);
    life.workspace = goxel_workspace_create();
    CU_ASSERT_EQUAL_FATAL(goxel_store_open(scratch_path("link/store"), life.workspace,
                                           &goxel_store_settings_default, NULL, &store),
                          0);
    life.store = store;
    CU_ASSERT_EQUAL(goxel_store_open_all(store, NULL, NULL, NULL), 0);
    add(&life, project_of("a", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT(is_there("real/store/p1/project.db"));
    end(&life);
    scratch_close();
}

static const struct unit_test tests[] = {
    {"everything comes back", everything_comes_back},
    {"an empty workspace comes back", an_empty_workspace_comes_back},
    {"unchanged files stay", unchanged_files_stay},
    {"notes are written", notes_are_written},
    {"strays go to the trash", strays_go_to_the_trash},
    {"a lost list is no empty one", a_lost_list_is_no_empty_one},
    {"deleted projects go to the trash", deleted_projects_go_to_the_trash},
    {"full stores are full at the start", full_stores_are_full_at_the_start},
    {"room in the journal comes back", room_in_the_journal_comes_back},
    {"edits during checkpoints count", edits_during_checkpoints_count},
    {"what a database cannot take lasts", what_a_database_cannot_take_lasts},
    {"what a database cannot take is kept once", what_a_database_cannot_take_is_kept_once},
    {"damaged bricks are not journalled", damaged_bricks_are_not_journalled},
    {"missing memory is no damage", missing_memory_is_no_damage},
    {"scrubbing finds damage", scrubbing_finds_damage},
    {"scrubbed databases are opened once", scrubbed_databases_are_opened_once},
    {"projects beyond the ceiling are unloaded", projects_beyond_the_ceiling_are_unloaded},
    {"projects in use stay loaded", projects_in_use_stay_loaded},
    {"closed projects stay closed", closed_projects_stay_closed},
    {"edits go on during checkpoints", edits_go_on_during_checkpoints},
    {"one failure leaves the others", one_failure_leaves_the_others},
    {"a large project tells of progress", a_large_project_tells_of_progress},
    {"a new project is current after a crash", a_new_project_is_current_after_a_crash},
    {"without its beginning a project is lost", without_its_beginning_a_project_is_lost},
    {"without the list the journal holds", without_the_list_the_journal_holds},
    {"a failed list is written later", a_failed_list_is_written_later},
    {"edits are not waited for", edits_are_not_waited_for},
    {"failed allocations while flushing", failed_allocations_while_flushing},
    {"failed allocations while opening", failed_allocations_while_opening},
    {"failed allocations while loading", failed_allocations_while_loading},
    {"damaged databases are kept", damaged_databases_are_kept},
    {"mended projects are served", mended_projects_are_served},
    {"missing databases are damage", missing_databases_are_damage},
    {"older databases are noticed", older_databases_are_noticed},
    {"strange entries are carried over", strange_entries_are_carried_over},
    {"ids are opened once", ids_are_opened_once},
    {"lists that cannot be read stay", lists_that_cannot_be_read_stay},
    {"what was not opened is not replaced", what_was_not_opened_is_not_replaced},
    {"one daemon uses a folder", one_daemon_uses_a_folder},
    {"long folders leave the name", long_folders_leave_the_name},
    {"folders are made", folders_are_made},
    {"folders may be behind a link", folders_may_be_behind_a_link},
    {NULL, NULL},
};

const struct unit_suite store_suite = {"store", tests};
