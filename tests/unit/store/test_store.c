/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kept projects: what comes back, what is written, what a failure leaves, and what is never destroyed. */
#include "store/store.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "store/list.h"
#include "unit.h"
#include "unit/base/scratch.h"
#include "unit/format/same.h"

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
    static char path[2048];

    snprintf(path, sizeof(path), "%s", scratch_path(""));
    path[strlen(path) - 1] = '\0'; /* the slash */
    return path;
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

static int begin(struct life *life)
{
    memset(&told, 0, sizeof(told));
    life->workspace = goxel_workspace_create();
    life->store = NULL;
    CU_ASSERT_EQUAL_FATAL(
        goxel_store_open(folder(), life->workspace, &goxel_store_settings_default, NULL, &life->store), 0);
    return goxel_store_open_all(life->store, report, &told, NULL);
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

static struct goxel_project *new_project(const char *name, int voxels)
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
    struct goxel_project *project = new_project("b", 1);

    CU_ASSERT_EQUAL(goxel_workspace_add(life->workspace, project, NULL, NULL), GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_EQUAL(goxel_workspace_count(life->workspace), 0);
    goxel_project_unref(project);
}

static struct goxel_slot *slot_of(struct life *life, const char *id)
{
    struct goxel_slot *slot = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_workspace_find(life->workspace, id, &slot, NULL), 0);
    return slot;
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
    struct goxel_slot *slot = slot_of(life, id);

    CU_ASSERT_EQUAL(goxel_workspace_close(life->workspace, slot, NULL), 0);
    goxel_slot_unref(slot);
}

static bool same_kept(const struct goxel_project *a, const struct goxel_project *b)
{
    return same_projects(a, b) && strcmp(a->name, b->name) == 0 && !a->path == !b->path &&
           (!a->path || strcmp(a->path, b->path) == 0) && a->created_ms == b->created_ms &&
           a->modified_ms == b->modified_ms && a->version == b->version && a->read_only == b->read_only &&
           goxel_project_is_modified(a) == goxel_project_is_modified(b) &&
           a->scene->active_layer_id == b->scene->active_layer_id && a->next_layer_id == b->next_layer_id;
}

static bool same_slots(struct goxel_slot *a, struct goxel_slot *b)
{
    struct goxel_project *left = goxel_slot_snapshot(a), *right = goxel_slot_snapshot(b);
    bool same = strcmp(goxel_slot_id(a), goxel_slot_id(b)) == 0 && same_kept(left, right);

    goxel_project_unref(left);
    goxel_project_unref(right);
    return same;
}

static bool same_workspaces(struct goxel_workspace *a, struct goxel_workspace *b)
{
    struct goxel_slot **left, **right;
    size_t count, other;
    bool same;

    CU_ASSERT_EQUAL_FATAL(goxel_workspace_list(a, &left, &count), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_workspace_list(b, &right, &other), 0);
    same = count == other && goxel_workspace_next_number(a) == goxel_workspace_next_number(b);
    for (size_t i = 0; same && i < count; i++) {
        same = same_slots(left[i], right[i]) &&
               goxel_workspace_is_current(a, left[i]) == goxel_workspace_is_current(b, right[i]);
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

static void damage(const char *name, long at)
{
    FILE *file = fopen(scratch_path(name), "r+");
    int c;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fseek(file, at, at < 0 ? SEEK_END : SEEK_SET);
    c = fgetc(file);
    fseek(file, -1, SEEK_CUR);
    fputc(c ^ 0x20, file);
    CU_ASSERT_EQUAL(fclose(file), 0);
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
    struct goxel_project *project = new_project("Schloß \xf0\x9f\x8f\xb0 \"quoted\\\"", 500);
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
    struct goxel_project *empty = goxel_project_create("empty"), *locked = new_project("read-only", 3),
                         *bytes = new_project("bytes", 0);
    struct goxel_slot *slot;
    struct life life, next;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, rich_project());
    add(&life, new_project("to be closed", 1));
    empty->next_layer_id = 6;
    add(&life, empty);
    locked->read_only = true;
    locked->version = 3;
    add(&life, locked);
    bytes->path = strdup("/models/\xff\xfe\x01\n.gox"); /* no UTF-8 */
    bytes->version = bytes->state = bytes->saved_state = 8;
    add(&life, bytes);
    add(&life, high_project());
    add(&life, new_project("to be closed as well", 1));
    close_project(&life, "p2");
    close_project(&life, "p7");
    slot = slot_of(&life, "p3");
    goxel_workspace_set_current(life.workspace, slot);
    goxel_slot_unref(slot);

    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT_EQUAL(told.good, 5);
    CU_ASSERT_EQUAL(told.bad, 0);
    goxel_store_close(life.store);
    life.store = NULL;
    CU_ASSERT_EQUAL(begin(&next), 0);
    CU_ASSERT_EQUAL(told.good, 5);
    CU_ASSERT(same_workspaces(life.workspace, next.workspace));
    add(&next, new_project("new", 1));
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
    add(&life, new_project("a", 1));
    again(&life);
    close_project(&life, "p1");
    again(&life);
    CU_ASSERT_EQUAL(goxel_workspace_count(life.workspace), 0);
    add(&life, new_project("a", 1));
    CU_ASSERT(is_open(&life, "p2"));
    end(&life);
    scratch_close();
}

/* ---- what is written ---- */

static void unchanged_files_stay(void)
{
    struct goxel_edit saving;
    struct stat list, one, two;
    struct goxel_slot *slot;
    struct goxel_project *project;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, new_project("one", 10));
    add(&life, new_project("two", 10));
    CU_ASSERT_EQUAL(flush(&life), 0);
    list = stat_of("projects.json");
    one = stat_of("p1-1.gox");
    two = stat_of("p2-1.gox");
    CU_ASSERT_EQUAL(list.st_mode & 0027, 0);
    CU_ASSERT_EQUAL(one.st_mode & 0027, 0);
    again(&life); /* by the same store, and by one that opened them */
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT_EQUAL(told.good, 2);
    CU_ASSERT(same_file(&list, "projects.json"));
    CU_ASSERT(same_file(&one, "p1-1.gox"));
    CU_ASSERT(same_file(&two, "p2-1.gox"));

    edit(&life, "p2", 1);
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT_FALSE(same_file(&list, "projects.json"));
    CU_ASSERT(same_file(&one, "p1-1.gox"));
    CU_ASSERT_FALSE(is_there("p2-1.gox"));
    CU_ASSERT(is_there("p2-2.gox"));

    slot = slot_of(&life, "p2"); /* a save changes the list alone */
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &saving), 0);
    saving.project->saved_state = saving.project->state;
    saving.project->path = strdup("/a.gox");
    CU_ASSERT_EQUAL(goxel_head_commit(goxel_slot_head(slot), &saving, NULL, NULL), 0);
    goxel_slot_unref(slot);
    two = stat_of("p2-2.gox");
    again(&life);
    CU_ASSERT(same_file(&two, "p2-2.gox"));
    CU_ASSERT(has(&life, "p2", 1));
    slot = slot_of(&life, "p2");
    project = goxel_slot_snapshot(slot);
    CU_ASSERT_FALSE(goxel_project_is_modified(project));
    goxel_project_unref(project);
    goxel_slot_unref(slot);

    close_project(&life, "p1");
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT_FALSE(is_there("p1-1.gox"));
    end(&life);
    scratch_close();
}

static void strays_are_removed(void)
{
    static const char *const ours[] = {"p9-9.gox", "p1-7.gox", ".goxel-0123456789abcdef.tmp"};
    static const char *const others[] = {"notes.txt", "p1.gox",       "px-1.gox",  "p01-1.gox",
                                         "p9-9.gox~", "p9-9.gox.bak", "xp9-9.gox", ".goxel-short.tmp"};
    struct life life;

    if (!scratch_open())
        return;
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        scratch_write(ours[i], "");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        scratch_write(others[i], "");
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT_FALSE(is_there(".goxel-0123456789abcdef.tmp"));
    CU_ASSERT(is_there("p9-9.gox")); /* opening destroys nothing */
    add(&life, new_project("a", 1));
    again(&life);
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        CU_ASSERT_FALSE(is_there(ours[i]));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        CU_ASSERT(is_there(others[i]));
    CU_ASSERT(is_open(&life, "p1"));
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

static void one_failure_leaves_the_others(void)
{
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, new_project("small", 1));
    add(&life, new_project("large", 3000));
    add(&life, new_project("other", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT(stat_of("p2-1.gox").st_size > 8192);
    edit(&life, "p1", 1);
    edit(&life, "p2", 1);
    edit(&life, "p3", 1);
    add(&life, new_project("new and large", 3000));
    CU_ASSERT_EQUAL(flush_with_file_size(&life, 8192), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(told.good, 2);
    CU_ASSERT_EQUAL(told.bad, 2);
    CU_ASSERT_STRING_EQUAL(told.id, "p4");
    CU_ASSERT_STRING_EQUAL(told.name, "new and large");
    CU_ASSERT_STRING_EQUAL(told.detail.path, scratch_path("p4-2.gox"));
    CU_ASSERT(is_there("p2-1.gox"));
    end(&life);

    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT(has(&life, "p1", 1));
    CU_ASSERT(has(&life, "p2", 1)); /* its file is older: the journal has the rest */
    CU_ASSERT(has(&life, "p3", 1));
    CU_ASSERT(is_open(&life, "p4"));
    CU_ASSERT_EQUAL(goxel_workspace_next_number(life.workspace), 5);
    edit(&life, "p2", 2);
    CU_ASSERT_EQUAL(flush_with_file_size(&life, 8192), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(flush(&life), 0); /* there is room again */
    end(&life);
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT(has(&life, "p2", 2));
    end(&life);
    scratch_close();
}

/* As after a crash between the files and the list. */
static void without_the_list_the_journal_holds(void)
{
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, new_project("a", 1));
    add(&life, new_project("b", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    edit(&life, "p1", 1);
    close_project(&life, "p2");
    CU_ASSERT_EQUAL(rename(scratch_path("projects.json"), scratch_path("kept")), 0);
    CU_ASSERT_EQUAL(mkdir(scratch_path("projects.json"), 0700), 0);
    CU_ASSERT_EQUAL(flush(&life), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_EQUAL(told.bad, 1); /* its new file is no use without a list */
    CU_ASSERT_STRING_EQUAL(told.id, "p1");
    CU_ASSERT_STRING_EQUAL(told.detail.path, scratch_path("projects.json"));
    CU_ASSERT(is_there("p1-2.gox"));
    end(&life);
    CU_ASSERT_EQUAL(rmdir(scratch_path("projects.json")), 0);
    CU_ASSERT_EQUAL(rename(scratch_path("kept"), scratch_path("projects.json")), 0);

    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT(has(&life, "p1", 1));
    CU_ASSERT_FALSE(is_open(&life, "p2"));
    edit(&life, "p1", 3);
    again(&life); /* writes over the stray of that name */
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
    add(&life, new_project("a", 1));
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
    add(&life, new_project("held", 1));
    add(&life, new_project("free", 1));
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
    int code = GOXEL_ERROR_OUT_OF_MEMORY;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, new_project("a", 30));
    add(&life, new_project("b", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    for (int n = 0; code && n < 10000; n++) {
        edit(&life, "p1", n);
        close_project(&life, "b");
        add(&life, new_project("b", 1));
        unit_fail_allocation(n);
        code = flush(&life);
        unit_fail_allocation(-1);
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        goxel_store_close(life.store);
        goxel_workspace_destroy(life.workspace);
        CU_ASSERT_EQUAL_FATAL(begin(&life), 0); /* whole, old or new */
        CU_ASSERT_FATAL(is_open(&life, "p1"));
        CU_ASSERT(code || has(&life, "p1", n));
        if (!is_open(&life, "b"))
            add(&life, new_project("b", 1));
    }
    CU_ASSERT_EQUAL(code, 0);
    end(&life);
    scratch_close();
}

static void failed_allocations_while_opening(void)
{
    int code = GOXEL_ERROR_OUT_OF_MEMORY, failures = 0;
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, new_project("a", 3));
    add(&life, high_project());
    add(&life, rich_project());
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    for (int n = 0; code && n < 10000; n++) {
        life.workspace = goxel_workspace_create();
        unit_fail_allocation(n);
        code = goxel_store_open(folder(), life.workspace, &goxel_store_settings_default, NULL, &life.store);
        if (!code)
            code = goxel_store_open_all(life.store, NULL, NULL, NULL);
        else
            life.store = NULL;
        unit_fail_allocation(-1);
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        failures += code != 0;
        if (life.store && !goxel_store_is_refused(life.store))
            CU_ASSERT_EQUAL(flush(&life), 0); /* loses nothing of what could not be opened */
        end(&life);
        CU_ASSERT_EQUAL(begin(&life), 0);
        CU_ASSERT_EQUAL_FATAL(goxel_workspace_count(life.workspace), 3);
        end(&life);
    }
    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT(failures > 10);
    scratch_close();
}

/* ---- what cannot be opened ---- */

static void damaged_files_are_kept(void)
{
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, new_project("a", 20));
    add(&life, new_project("b", 20));
    add(&life, new_project("c", 20));
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    damage("p2-1.gox", -1); /* a byte that no reader looks at: only the checksum tells */
    CU_ASSERT_EQUAL(rename(scratch_path("p3-1.gox"), scratch_path("elsewhere")), 0);

    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(begin(&life), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_EQUAL(told.good, 1 + (size_t)i);
        CU_ASSERT_EQUAL(told.bad, 2);
        CU_ASSERT_STRING_EQUAL(told.id, "p3");
        CU_ASSERT_STRING_EQUAL(told.name, "c");
        CU_ASSERT_EQUAL(told.code, GOXEL_ERROR_FILE_ACCESS);
        CU_ASSERT_STRING_EQUAL(told.detail.path, scratch_path("p3-1.gox"));
        CU_ASSERT_PTR_NOT_NULL(strstr(told.detail.text, scratch_path("p3-1.gox: No such file")));
        CU_ASSERT_FALSE(goxel_store_is_refused(life.store));
        CU_ASSERT(is_open(&life, "p1"));
        CU_ASSERT_FALSE(is_open(&life, "p2"));
        edit(&life, "p1", i);
        if (i == 0)
            add(&life, new_project("b", 1)); /* the name is free, the id is not */
        CU_ASSERT(is_open(&life, "p4"));
        CU_ASSERT_EQUAL(flush(&life), 0);
        CU_ASSERT(is_there("p2-1.gox"));
        CU_ASSERT(list_has("\"p2-1.gox\"") && list_has("\"p3-1.gox\""));
        end(&life);
    }
    damage("p2-1.gox", -1); /* mended */
    CU_ASSERT_EQUAL(rename(scratch_path("elsewhere"), scratch_path("p3-1.gox")), 0);
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT_EQUAL(goxel_workspace_count(life.workspace), 4);
    CU_ASSERT(is_open(&life, "p2") && is_open(&life, "c"));
    CU_ASSERT(is_open(&life, "b-2")); /* p2, whose name another has now */
    end(&life);
    scratch_close();
}

static void damage_to_voxels_is_told(void)
{
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, new_project("a", 20));
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    change_list("\"crc32\"", "\"was_crc32\""); /* the reader's own checks */
    CU_ASSERT_EQUAL(truncate(scratch_path("p1-1.gox"), stat_of("p1-1.gox").st_size - 5), 0);
    CU_ASSERT_EQUAL(begin(&life), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_STRING_EQUAL(told.id, "p1");
    CU_ASSERT(told.detail.offset > 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(told.detail.text, scratch_path("p1-1.gox")));
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT(is_there("p1-1.gox"));
    end(&life);
    scratch_close();
}

/* Somebody puts another file in the place of a damaged one. */
static void mended_files_are_taken_without_a_checksum(void)
{
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, new_project("a", 20));
    add(&life, rich_project());
    CU_ASSERT_EQUAL(flush(&life), 0);
    end(&life);
    CU_ASSERT_EQUAL(rename(scratch_path("p2-1.gox"), scratch_path("p1-1.gox")), 0);
    change_list("{\"id\":\"p2\"", "{\"id\":\"none\"");
    CU_ASSERT_EQUAL(begin(&life), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_FALSE(is_open(&life, "p1"));
    end(&life);
    change_list("\"crc32\"", "\"was\"");
    CU_ASSERT_EQUAL(begin(&life), GOXEL_ERROR_INVALID_DATA); /* the entry without an id */
    CU_ASSERT_STRING_EQUAL(told.id, "p2");                   /* but with a file */
    CU_ASSERT(is_open(&life, "p1"));
    CU_ASSERT_EQUAL(flush_with_file_size(&life, 100), GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT(is_there("p1-1.gox")); /* not before there is another */
    CU_ASSERT_EQUAL(flush(&life), 0);
    CU_ASSERT_FALSE(is_there("p1-1.gox")); /* written anew, with a checksum */
    CU_ASSERT(list_has("\"crc32\""));
    end(&life);
    scratch_close();
}

static void strange_entries_are_carried_over(void)
{
    static const char *const strange[] = {
        "7", "{\"id\":\"p1\"}", "{\"file\":\"../../etc/passwd\",\"name\":\"x\"}", "[[[[\"deep\"]]]]"};
    struct life life;
    char list[1024];

    if (!scratch_open())
        return;
    snprintf(list, sizeof(list), "{\"version\":1,\"current\":\"p9\",\"more\":1,\"projects\":[%s,%s,%s,%s]}",
             strange[0], strange[1], strange[2], strange[3]);
    scratch_write("projects.json", list);
    scratch_write("p5-5.gox", "which entry it belonged to nobody knows");
    CU_ASSERT_EQUAL(begin(&life), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(told.bad, 4);
    CU_ASSERT_STRING_EQUAL(told.id, "?");
    CU_ASSERT_STRING_EQUAL(told.detail.path, scratch_path("projects.json"));
    add(&life, new_project("a", 1));
    CU_ASSERT_EQUAL(flush(&life), 0);
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
        CU_ASSERT(list_has(strange[i]));
    CU_ASSERT(is_there("p5-5.gox"));
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
    add(&life, new_project("a", 1));
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
    CU_ASSERT(is_there("p1-1.gox")); /* the other entry's */
    CU_ASSERT(is_there("p1-2.gox"));
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
        {"{\"version\":1,\"projects\":[", GOXEL_ERROR_JSON_SYNTAX},
        {"{\"version\":1}", GOXEL_ERROR_INVALID_DATA},
        {"{\"version\":3,\"projects\":[]}", GOXEL_ERROR_FORMAT_NOT_SUPPORTED},
    };
    struct goxel_detail detail;
    struct life life;

    if (!scratch_open())
        return;
    scratch_write("p1-1.gox", "somebody's work");
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
        CU_ASSERT(is_there("p1-1.gox"));
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
    add(&life, new_project("a", 1));
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
    CU_ASSERT(is_there("p1-1.gox"));
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

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    CU_ASSERT_EQUAL(
        goxel_store_open(folder(), life.workspace, &goxel_store_settings_default, &detail, &second),
        GOXEL_ERROR_LOCKED);
    CU_ASSERT_PTR_NULL(second);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "another daemon"));
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
    scratch_write(list, "{\"version\":1}");
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

/* Somebody wrote as many changes as there are numbers. */
static void changes_do_not_run_out(void)
{
    struct goxel_project *project;
    struct goxel_slot *slot;
    struct life life;
    char *list, *more = NULL, *at;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(begin(&life), 0);
    add(&life, new_project("a", 1));
    again(&life);
    end(&life);
    list = scratch_read("projects.json");
    at = strstr(list, "\"changes\":");
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    CU_ASSERT_FATAL(asprintf(&more, "%.*s\"changes\":%lld,\"saved_changes\":%lld%s", (int)(at - list), list,
                             (long long)GOXEL_LISTED_CHANGES_MAX, (long long)GOXEL_LISTED_CHANGES_MAX,
                             strstr(at, ",\"read_only\"")) > 0);
    scratch_write("projects.json", more);
    CU_ASSERT_EQUAL(begin(&life), 0);
    for (int i = 1; i <= 3; i++) {
        edit(&life, "p1", i);
        again(&life);
        CU_ASSERT_EQUAL(told.good, 1);
        slot = slot_of(&life, "p1");
        project = goxel_slot_snapshot(slot);
        CU_ASSERT(goxel_project_is_modified(project));
        goxel_project_unref(project);
        goxel_slot_unref(slot);
    }
    end(&life);
    free(more);
    free(list);
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

const struct unit_suite store_suite = {
    "store",
    (const struct unit_test[]){
        {"everything comes back", everything_comes_back},
        {"an empty workspace comes back", an_empty_workspace_comes_back},
        {"unchanged files stay", unchanged_files_stay},
        {"strays are removed", strays_are_removed},
        {"one failure leaves the others", one_failure_leaves_the_others},
        {"without the list the journal holds", without_the_list_the_journal_holds},
        {"a failed list is written later", a_failed_list_is_written_later},
        {"edits are not waited for", edits_are_not_waited_for},
        {"failed allocations while flushing", failed_allocations_while_flushing},
        {"failed allocations while opening", failed_allocations_while_opening},
        {"damaged files are kept", damaged_files_are_kept},
        {"damage to voxels is told", damage_to_voxels_is_told},
        {"mended files are taken without a checksum", mended_files_are_taken_without_a_checksum},
        {"strange entries are carried over", strange_entries_are_carried_over},
        {"ids are opened once", ids_are_opened_once},
        {"lists that cannot be read stay", lists_that_cannot_be_read_stay},
        {"what was not opened is not replaced", what_was_not_opened_is_not_replaced},
        {"one daemon uses a folder", one_daemon_uses_a_folder},
        {"long folders leave the name", long_folders_leave_the_name},
        {"changes do not run out", changes_do_not_run_out},
        {"folders are made", folders_are_made},
        {NULL, NULL},
    },
};
