/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slots: ids, names, the current one, references, the lock between readers and a writer; in memory, and out of it. */
#include "core/workspace.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/error.h"
#include "layered.h"

static struct goxel_slot *add(struct goxel_workspace *workspace, const char *name)
{
    struct goxel_slot *slot = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_workspace_add(workspace, goxel_project_create(name), &slot, NULL), 0);
    return slot;
}

static const char *found(struct goxel_workspace *workspace, const char *name)
{
    static char id[32];
    struct goxel_slot *slot = NULL;

    if (goxel_workspace_find(workspace, name, &slot, NULL))
        return "";
    snprintf(id, sizeof(id), "%s", goxel_slot_id(slot));
    goxel_slot_unref(slot);
    return id;
}

static void slots_are_found_by_id_and_name(void)
{
    struct goxel_workspace *workspace = goxel_workspace_create();
    struct goxel_slot *slot = NULL;
    struct goxel_detail detail;

    CU_ASSERT_EQUAL(goxel_workspace_find(workspace, NULL, &slot, &detail), GOXEL_ERROR_PROJECT_NOT_FOUND);
    goxel_slot_unref(add(workspace, "castle"));
    goxel_slot_unref(add(workspace, "boat"));
    CU_ASSERT_STRING_EQUAL(found(workspace, "p1"), "p1");
    CU_ASSERT_STRING_EQUAL(found(workspace, "castle"), "p1");
    CU_ASSERT_STRING_EQUAL(found(workspace, "boat"), "p2");
    CU_ASSERT_STRING_EQUAL(found(workspace, NULL), "p2");
    CU_ASSERT_EQUAL(goxel_workspace_find(workspace, "tower", &slot, &detail), GOXEL_ERROR_PROJECT_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(detail.value, "tower");
    CU_ASSERT_PTR_NULL(slot);
    goxel_workspace_destroy(workspace);
}

static void names_are_unique(void)
{
    struct goxel_workspace *workspace = goxel_workspace_create();
    struct goxel_project *second = goxel_project_create("castle");
    char name[GOXEL_NAME_MAX + 1], longest[GOXEL_NAME_MAX + 1];

    goxel_slot_unref(add(workspace, "castle"));
    CU_ASSERT_EQUAL(goxel_workspace_add(workspace, second, NULL, NULL), GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_EQUAL(goxel_workspace_count(workspace), 1);
    CU_ASSERT_STRING_EQUAL(second->name, "castle"); /* still ours */
    goxel_project_unref(second);
    goxel_workspace_free_name(workspace, "boat", name);
    CU_ASSERT_STRING_EQUAL(name, "boat");
    goxel_workspace_free_name(workspace, "castle", name);
    CU_ASSERT_STRING_EQUAL(name, "castle-2");
    goxel_slot_unref(add(workspace, name));
    goxel_workspace_free_name(workspace, "castle", name);
    CU_ASSERT_STRING_EQUAL(name, "castle-3");

    memset(longest, 'x', GOXEL_NAME_MAX);
    longest[GOXEL_NAME_MAX] = '\0';
    memcpy(longest + 252, "\xe2\x82\xac", 3); /* "-2" would cut it in two */
    goxel_slot_unref(add(workspace, longest));
    goxel_workspace_free_name(workspace, longest, name);
    CU_ASSERT_EQUAL(strlen(name), 254);
    CU_ASSERT_STRING_EQUAL(name + 251, "x-2");
    goxel_workspace_destroy(workspace);
}

/* A name like an id would be found in place of the project with that id, or never. */
static void names_are_reserved_and_taken(void)
{
    struct goxel_workspace *workspace = goxel_workspace_create();
    struct goxel_slot *castle = add(workspace, "castle"), *boat = add(workspace, "boat");
    struct goxel_project *other = goxel_project_create("tower");
    char name[GOXEL_NAME_MAX + 1];

    CU_ASSERT_EQUAL(goxel_workspace_reserve_name(workspace, castle, "boat", NULL),
                    GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_EQUAL(goxel_workspace_reserve_name(workspace, castle, "p7", NULL), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_workspace_reserve_name(workspace, castle, "castle", NULL), 0); /* its own */
    goxel_workspace_rename(workspace, castle, true);
    CU_ASSERT_EQUAL(goxel_workspace_reserve_name(workspace, castle, "tower", NULL), 0);
    /* Nobody has it, and nobody gets it. */
    CU_ASSERT_STRING_EQUAL(found(workspace, "tower"), "");
    CU_ASSERT_STRING_EQUAL(found(workspace, "castle"), "p1");
    CU_ASSERT_EQUAL(goxel_workspace_reserve_name(workspace, boat, "tower", NULL),
                    GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_EQUAL(goxel_workspace_reserve_name(workspace, castle, "keep", NULL), GOXEL_ERROR_LOCKED);
    CU_ASSERT_EQUAL(goxel_workspace_add(workspace, other, NULL, NULL), GOXEL_ERROR_BAD_PROJECT_STATE);
    goxel_workspace_free_name(workspace, "tower", name);
    CU_ASSERT_STRING_EQUAL(name, "tower-2");
    goxel_workspace_rename(workspace, castle, false);
    CU_ASSERT_STRING_EQUAL(found(workspace, "tower"), "");
    CU_ASSERT_EQUAL(goxel_workspace_reserve_name(workspace, boat, "tower", NULL), 0);
    goxel_workspace_rename(workspace, boat, true);
    CU_ASSERT_STRING_EQUAL(found(workspace, "tower"), "p2");
    CU_ASSERT_STRING_EQUAL(found(workspace, "boat"), "");
    CU_ASSERT_STRING_EQUAL(GOXEL_SLOT_NAME(boat), "tower");
    goxel_project_unref(other);
    goxel_slot_unref(castle);
    goxel_slot_unref(boat);
    goxel_workspace_destroy(workspace);
}

static void no_name_looks_like_an_id(void)
{
    static const char *const fine[] = {"p", "p1a", "P1", "p-1", "pp1", "1"};
    struct goxel_workspace *workspace = goxel_workspace_create();
    struct goxel_project *project = goxel_project_create("p4");
    struct goxel_slot *slot = NULL;
    struct goxel_detail detail;
    char name[GOXEL_NAME_MAX + 1];

    CU_ASSERT_EQUAL(goxel_workspace_add(workspace, project, &slot, &detail), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_STRING_EQUAL(detail.field, "name");
    CU_ASSERT_PTR_NULL(slot);
    goxel_project_unref(project);
    goxel_workspace_free_name(workspace, "p7", name);
    CU_ASSERT_STRING_EQUAL(name, "p7-2");
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
        goxel_slot_unref(add(workspace, fine[i]));
    CU_ASSERT_EQUAL(goxel_workspace_count(workspace), sizeof(fine) / sizeof(fine[0]));
    goxel_workspace_destroy(workspace);
}

static void free_names_fill_gaps(void)
{
    static const char *const taken[] = {"a", "a-2", "a-4", "a-03", "b-3", "a-5-2", "a-99999999999999999999"};
    struct goxel_workspace *workspace = goxel_workspace_create();
    char name[GOXEL_NAME_MAX + 1];

    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        goxel_slot_unref(add(workspace, taken[i]));
    goxel_workspace_free_name(workspace, "a", name);
    CU_ASSERT_STRING_EQUAL(name, "a-3");
    goxel_slot_unref(add(workspace, name));
    goxel_workspace_free_name(workspace, "a", name);
    CU_ASSERT_STRING_EQUAL(name, "a-5");
    goxel_workspace_free_name(workspace, "b-3", name);
    CU_ASSERT_STRING_EQUAL(name, "b-3-2");
    goxel_workspace_destroy(workspace);
}

static void newest_of_the_rest_becomes_current(void)
{
    struct goxel_workspace *workspace = goxel_workspace_create();
    struct goxel_slot *a = add(workspace, "a"), *b = add(workspace, "b"), *c = add(workspace, "c");
    struct goxel_project *project;

    CU_ASSERT(goxel_workspace_is_current(workspace, c));
    goxel_workspace_remove(workspace, c);
    CU_ASSERT(goxel_workspace_is_current(workspace, b));
    goxel_workspace_remove(workspace, a);
    CU_ASSERT(goxel_workspace_is_current(workspace, b));
    goxel_workspace_remove(workspace, c); /* out already */
    CU_ASSERT_EQUAL(goxel_workspace_count(workspace), 1);
    goxel_workspace_remove(workspace, b);
    CU_ASSERT_STRING_EQUAL(found(workspace, NULL), "");
    project = goxel_slot_snapshot(a); /* a reference keeps what is closed */
    CU_ASSERT_STRING_EQUAL(project->name, "a");
    goxel_project_unref(project);
    goxel_slot_unref(a);
    goxel_slot_unref(b);
    goxel_slot_unref(c);
    goxel_slot_unref(NULL);
    goxel_slot_unref(add(workspace, "d"));
    CU_ASSERT_STRING_EQUAL(found(workspace, "d"), "p4"); /* no id is used again */
    goxel_workspace_destroy(workspace);
    goxel_workspace_destroy(NULL);
}

static void list_is_oldest_first(void)
{
    struct goxel_workspace *workspace = goxel_workspace_create();
    struct goxel_slot **slots = NULL;
    size_t count = 1;

    CU_ASSERT_EQUAL(goxel_workspace_list(workspace, &slots, &count), 0);
    CU_ASSERT_EQUAL(count, 0);
    free(slots);
    goxel_slot_unref(add(workspace, "a"));
    goxel_slot_unref(add(workspace, "b"));
    CU_ASSERT_EQUAL(goxel_workspace_list(workspace, &slots, &count), 0);
    CU_ASSERT_EQUAL_FATAL(count, 2);
    CU_ASSERT_STRING_EQUAL(goxel_slot_id(slots[0]), "p1");
    CU_ASSERT_STRING_EQUAL(goxel_slot_id(slots[1]), "p2");
    goxel_slot_unref(slots[0]);
    goxel_slot_unref(slots[1]);
    free(slots);
    goxel_workspace_destroy(workspace);
}

static void open_projects_have_a_ceiling(void)
{
    struct goxel_workspace *workspace = goxel_workspace_create();
    struct goxel_project *more = goxel_project_create("more");
    char name[32];

    for (int i = 0; i < GOXEL_PROJECTS_MAX; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        goxel_slot_unref(add(workspace, name));
    }
    CU_ASSERT_EQUAL(goxel_workspace_add(workspace, more, NULL, NULL), GOXEL_ERROR_QUOTA);
    goxel_project_unref(more);
    goxel_workspace_destroy(workspace);
}

static int restore(struct goxel_workspace *workspace, const char *name, const char *id,
                   struct goxel_detail *detail)
{
    struct goxel_summary summary = {.path = strdup("/a.gox")};
    int result;

    (void)snprintf(summary.name, sizeof(summary.name), "%s", name);
    result = goxel_workspace_restore(workspace, &summary, id, NULL, NULL, NULL, detail);
    CU_ASSERT_EQUAL(summary.path == NULL, result == 0); /* it moves on success */
    goxel_summary_finish(&summary);
    return result;
}

static void projects_come_back_with_their_ids(void)
{
    struct goxel_workspace *workspace = goxel_workspace_create();
    struct goxel_slot **slots = NULL, *slot = NULL;
    size_t count = 0;

    CU_ASSERT_EQUAL(restore(workspace, "c", "p7", NULL), 0);
    CU_ASSERT_EQUAL(restore(workspace, "a", "p3", NULL), 0);
    CU_ASSERT_EQUAL(restore(workspace, "b", "p5", NULL), 0);
    CU_ASSERT_STRING_EQUAL(found(workspace, NULL), "p7"); /* the newest */
    CU_ASSERT_EQUAL(goxel_workspace_next_number(workspace), 8);
    goxel_workspace_raise_next_number(workspace, 12);
    goxel_workspace_raise_next_number(workspace, 9);
    goxel_workspace_raise_next_number(workspace, UINT64_MAX);
    CU_ASSERT_EQUAL(goxel_workspace_next_number(workspace), 12);
    goxel_slot_unref(add(workspace, "d"));
    CU_ASSERT_STRING_EQUAL(found(workspace, "d"), "p12");
    CU_ASSERT_EQUAL(goxel_workspace_list(workspace, &slots, &count), 0);
    CU_ASSERT_EQUAL_FATAL(count, 4);
    CU_ASSERT_STRING_EQUAL(goxel_slot_id(slots[0]), "p3");
    CU_ASSERT_STRING_EQUAL(GOXEL_SLOT_NAME(slots[0]), "a");
    CU_ASSERT_STRING_EQUAL(goxel_slot_id(slots[1]), "p5");
    CU_ASSERT_STRING_EQUAL(goxel_slot_id(slots[2]), "p7");
    for (size_t i = 0; i < count; i++)
        goxel_slot_unref(slots[i]);
    free(slots);

    CU_ASSERT_EQUAL(goxel_workspace_find(workspace, "p5", &slot, NULL), 0);
    goxel_workspace_set_current(workspace, slot);
    CU_ASSERT_STRING_EQUAL(found(workspace, NULL), "p5");
    goxel_workspace_remove(workspace, slot);
    goxel_workspace_set_current(workspace, slot); /* out of it */
    CU_ASSERT_STRING_EQUAL(found(workspace, NULL), "p12");
    goxel_slot_unref(slot);
    goxel_workspace_destroy(workspace);
}

static void only_ids_are_restored(void)
{
    static const char *const bad[] = {"",
                                      "p",
                                      "p0",
                                      "p01",
                                      "q1",
                                      "1",
                                      "P1",
                                      "p1 ",
                                      "p-1",
                                      "p+1",
                                      "p1x",
                                      "p4503599627370497",
                                      "p99999999999999999999999999"};
    struct goxel_workspace *workspace = goxel_workspace_create();
    struct goxel_detail detail;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CU_ASSERT_EQUAL(restore(workspace, "a", bad[i], &detail), GOXEL_ERROR_VALIDATION);
        CU_ASSERT_STRING_EQUAL(detail.field, "id");
        CU_ASSERT_EQUAL(goxel_project_number(bad[i]), 0);
    }
    CU_ASSERT_EQUAL(goxel_project_number("p4503599627370496"), GOXEL_PROJECT_NUMBER_MAX);
    CU_ASSERT_EQUAL(restore(workspace, "a", "p2", NULL), 0);
    CU_ASSERT_EQUAL(restore(workspace, "b", "p2", &detail), GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_STRING_EQUAL(detail.field, "id");
    CU_ASSERT_EQUAL(restore(workspace, "a", "p3", &detail), GOXEL_ERROR_BAD_PROJECT_STATE);
    CU_ASSERT_STRING_EQUAL(detail.field, "name");
    CU_ASSERT_EQUAL(restore(workspace, "p9", "p3", NULL), GOXEL_ERROR_VALIDATION);
    CU_ASSERT_EQUAL(goxel_workspace_count(workspace), 1);
    CU_ASSERT_EQUAL(goxel_workspace_next_number(workspace), 3);
    goxel_workspace_destroy(workspace);
}

struct crowd {
    struct goxel_workspace *workspace;
    atomic_int torn;
};

/* Edits change two fields that readers must never see apart. */
static void *edit_many(void *arg)
{
    struct crowd *crowd = arg;

    static const struct goxel_note note = {.name = "edit"};

    for (int i = 0; i < 500; i++) {
        struct goxel_slot *slot = NULL;
        struct goxel_edit edit;

        if (goxel_workspace_find(crowd->workspace, "busy", &slot, NULL))
            continue;
        if (goxel_head_begin(goxel_slot_head(slot), &edit) == 0) {
            edit.project->saved_state++;
            (void)goxel_head_commit(goxel_slot_head(slot), &edit, &note, NULL);
        }
        goxel_slot_unref(slot);
    }
    return NULL;
}

static void *read_many(void *arg)
{
    struct crowd *crowd = arg;

    for (int i = 0; i < 500; i++) {
        struct goxel_slot *slot = NULL;
        struct goxel_project *project;

        if (goxel_workspace_find(crowd->workspace, "busy", &slot, NULL))
            continue;
        project = goxel_slot_snapshot(slot);
        if (project->version != project->saved_state)
            atomic_fetch_add(&crowd->torn, 1);
        goxel_project_unref(project);
        goxel_slot_unref(slot);
    }
    return NULL;
}

/* Opens and closes projects of its own meanwhile. */
static void *come_and_go(void *arg)
{
    struct crowd *crowd = arg;

    for (int i = 0; i < 200; i++) {
        struct goxel_slot *slot = NULL;
        struct goxel_project *project = goxel_project_create("visitor");

        if (goxel_workspace_add(crowd->workspace, project, &slot, NULL)) {
            goxel_project_unref(project);
            continue;
        }
        goxel_workspace_remove(crowd->workspace, slot);
        goxel_slot_unref(slot);
    }
    return NULL;
}

static void threads_share_it(void)
{
    struct crowd crowd = {.workspace = goxel_workspace_create()};
    void *(*const jobs[])(void *) = {edit_many, edit_many, read_many, read_many, come_and_go, come_and_go};
    struct goxel_project *project;
    pthread_t threads[6];
    struct goxel_slot *slot = add(crowd.workspace, "busy");

    for (int i = 0; i < 6; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, jobs[i], &crowd), 0);
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(crowd.torn, 0);
    project = goxel_slot_snapshot(slot);
    CU_ASSERT_EQUAL(project->version, 1000);
    goxel_project_unref(project);
    goxel_slot_unref(slot);
    CU_ASSERT_EQUAL(goxel_workspace_count(crowd.workspace), 1);
    goxel_workspace_destroy(crowd.workspace);
}

/* ---- projects that are loaded when they are wanted ---- */

struct library {
    struct goxel_keeper keeper;
    int code;                      /* what loading fails with */
    struct goxel_workspace *shuts; /* meanwhile somebody shuts the project; NULL: nobody does */
    atomic_int loads, inside;
};

/* A project with as many voxels as it was loaded. */
static int load_from(struct goxel_keeper *keeper, struct goxel_slot *slot, struct goxel_project **ret_project,
                     struct goxel_key_list *ret_keys, struct goxel_detail *detail)
{
    struct library *library = (struct library *)keeper;
    struct goxel_project *project;
    struct goxel_layer *layer;
    int loads = atomic_fetch_add(&library->loads, 1) + 1;

    (void)ret_keys;
    CU_ASSERT_EQUAL(atomic_fetch_add(&library->inside, 1), 0);
    atomic_fetch_sub(&library->inside, 1);
    if (library->shuts)
        goxel_workspace_shut(library->shuts, slot);
    if (library->code)
        return goxel_fail(detail, library->code, "%s, time %d", goxel_slot_id(slot), loads);
    project = goxel_project_create(GOXEL_SLOT_NAME(slot));
    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
    for (int i = 0; i < loads; i++)
        CU_ASSERT_EQUAL(goxel_volume_set_at(layer->volume, at(i, 0, 0), rgba(1, 2, 3, 255)), 0);
    goxel_project_touch(project);
    *ret_project = project;
    return 0;
}

static int keep_any(struct goxel_keeper *keeper, struct goxel_slot *slot, const struct goxel_change *change,
                    uint64_t epoch, struct goxel_promise *promise, struct goxel_detail *detail)
{
    (void)keeper;
    (void)epoch;
    (void)detail;
    goxel_head_publish(goxel_slot_head(slot), change->after);
    promise->settled(promise, 0, NULL);
    return 0;
}

static struct goxel_workspace *workspace_of(struct library *library)
{
    struct goxel_workspace *workspace = goxel_workspace_create();

    library->keeper = (struct goxel_keeper){.keep = keep_any, .load = load_from};
    goxel_workspace_set_keeper(workspace, &library->keeper);
    CU_ASSERT_EQUAL(restore(workspace, "a", "p1", NULL), 0);
    CU_ASSERT_EQUAL(restore(workspace, "b", "p2", NULL), 0);
    return workspace;
}

static struct goxel_slot *slot_of(struct goxel_workspace *workspace, const char *id)
{
    struct goxel_slot *slot = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_workspace_find(workspace, id, &slot, NULL), 0);
    return slot;
}

static int64_t voxels_of(struct goxel_workspace *workspace, struct goxel_slot *slot)
{
    struct goxel_summary summary = {.path = NULL};

    CU_ASSERT_EQUAL(goxel_slot_summary(workspace, slot, &summary), 0);
    goxel_summary_finish(&summary);
    return summary.voxels;
}

static bool unload(struct goxel_workspace *workspace, struct goxel_slot *slot, int64_t ms)
{
    struct goxel_project *version = goxel_slot_snapshot(slot);
    bool done = goxel_workspace_unload(workspace, slot, version, ms);

    goxel_project_unref(version);
    return done;
}

struct loaders {
    struct goxel_workspace *workspace;
    atomic_int wrong;
};

static void *load_one(void *arg)
{
    struct loaders *loaders = arg;
    struct goxel_slot *slot = slot_of(loaders->workspace, "p1");

    if (goxel_slot_load(loaders->workspace, slot, NULL) || voxels_of(loaders->workspace, slot) != 1)
        atomic_fetch_add(&loaders->wrong, 1);
    goxel_slot_unref(slot);
    return NULL;
}

static void projects_are_loaded_once(void)
{
    struct library library = {.code = 0};
    struct loaders loaders = {.workspace = workspace_of(&library)};
    struct goxel_slot *slot = slot_of(loaders.workspace, "p1");
    struct goxel_summary summary;
    pthread_t threads[8];

    CU_ASSERT_FALSE(goxel_slot_is_loaded(slot));
    CU_ASSERT_EQUAL(goxel_slot_summary(loaders.workspace, slot, &summary), 0);
    CU_ASSERT_STRING_EQUAL(summary.path, "/a.gox"); /* what is known without it */
    goxel_summary_finish(&summary);
    for (int i = 0; i < 8; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, load_one, &loaders), 0);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(loaders.wrong, 0);
    CU_ASSERT_EQUAL(library.loads, 1);
    CU_ASSERT(goxel_slot_is_loaded(slot));
    goxel_slot_unref(slot);
    goxel_workspace_destroy(loaders.workspace);
}

static void what_is_damaged_stays_so(void)
{
    static const int passing[] = {GOXEL_ERROR_FILE_ACCESS, GOXEL_ERROR_OUT_OF_MEMORY, GOXEL_ERROR_LOCKED};
    struct library library = {.code = 0};
    struct goxel_workspace *workspace = workspace_of(&library);
    struct goxel_slot *slot = slot_of(workspace, "p1"), *other = slot_of(workspace, "p2"), *third = NULL;
    struct goxel_summary summary = {.name = "c"};
    struct goxel_detail detail, damage = {.text = "it was so before"};

    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
        library.code = passing[i];
        CU_ASSERT_EQUAL(goxel_slot_load(workspace, slot, &detail), passing[i]);
        CU_ASSERT_FALSE(goxel_slot_damage(slot, &detail));
        CU_ASSERT_EQUAL(goxel_workspace_count_damaged(workspace), 0);
    }
    library.code = GOXEL_ERROR_INVALID_DATA;
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(goxel_slot_load(workspace, slot, &detail), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_STRING_EQUAL(detail.text, "p1, time 4");
        library.code = 0;
    }
    CU_ASSERT(goxel_slot_damage(slot, &detail));
    CU_ASSERT_STRING_EQUAL(detail.text, "p1, time 4");
    CU_ASSERT_EQUAL(library.loads, 4);
    CU_ASSERT_EQUAL(goxel_slot_load(workspace, other, NULL), 0);
    CU_ASSERT_FALSE(goxel_slot_damage(other, &detail));

    CU_ASSERT_EQUAL(goxel_workspace_restore(workspace, &summary, "p3", &damage, NULL, &third, NULL), 0);
    CU_ASSERT_EQUAL(goxel_slot_load(workspace, third, &detail), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_STRING_EQUAL(detail.text, damage.text);
    CU_ASSERT_EQUAL(library.loads, 5);
    CU_ASSERT_EQUAL(goxel_workspace_count_damaged(workspace), 2);
    goxel_workspace_remove(workspace, third);
    CU_ASSERT_EQUAL(goxel_workspace_count_damaged(workspace), 1);
    goxel_slot_unref(slot);
    goxel_slot_unref(other);
    goxel_slot_unref(third);
    goxel_workspace_destroy(workspace);
}

static void nobodys_projects_are_unloaded(void)
{
    static const struct goxel_note note = {.name = "edit"};
    struct library library = {.code = 0};
    struct goxel_workspace *workspace = workspace_of(&library);
    struct goxel_slot *slot = slot_of(workspace, "p1"), *again;
    struct goxel_project *old;
    struct goxel_edit edit;

    CU_ASSERT_EQUAL(goxel_slot_load(workspace, slot, NULL), 0);
    again = slot_of(workspace, "p1");
    CU_ASSERT_FALSE(unload(workspace, slot, INT64_MAX)); /* somebody else has it */
    goxel_slot_unref(again);
    CU_ASSERT_FALSE(unload(workspace, slot, goxel_slot_used_ms(slot) - 1));
    old = goxel_slot_snapshot(slot);
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &edit), 0);
    CU_ASSERT_EQUAL(set(edit.project, 0, at(50, 0, 0), rgba(1, 2, 3, 255)), 0);
    CU_ASSERT_EQUAL(goxel_head_commit(goxel_slot_head(slot), &edit, &note, NULL), 0);
    CU_ASSERT_FALSE(goxel_workspace_unload(workspace, slot, old, INT64_MAX)); /* there is a newer version */
    goxel_project_unref(old);
    CU_ASSERT(unload(workspace, slot, INT64_MAX));
    CU_ASSERT_FALSE(goxel_slot_is_loaded(slot));
    CU_ASSERT_EQUAL(voxels_of(workspace, slot), 2); /* as it was */
    CU_ASSERT_EQUAL(goxel_slot_load(workspace, slot, NULL), 0);
    CU_ASSERT_EQUAL(library.loads, 2);
    goxel_workspace_remove(workspace, slot);
    CU_ASSERT_FALSE(unload(workspace, slot, INT64_MAX)); /* whoever has what was closed keeps it */
    goxel_slot_unref(slot);
    goxel_workspace_destroy(workspace);
}

static void what_is_shut_is_not_current(void)
{
    struct library library = {.code = 0};
    struct goxel_workspace *workspace = workspace_of(&library);
    struct goxel_slot *a = slot_of(workspace, "p1"), *b = slot_of(workspace, "p2");

    CU_ASSERT_STRING_EQUAL(found(workspace, NULL), "p2");
    goxel_workspace_shut(workspace, b);
    CU_ASSERT(goxel_slot_is_closed(b));
    CU_ASSERT_STRING_EQUAL(found(workspace, NULL), "p1");
    CU_ASSERT_STRING_EQUAL(found(workspace, "b"), "p2"); /* it is there all the same */
    goxel_workspace_shut(workspace, a);
    CU_ASSERT_STRING_EQUAL(found(workspace, NULL), "");
    CU_ASSERT_EQUAL(goxel_slot_fetch(workspace, a, NULL), 0); /* as its keeper does */
    CU_ASSERT(goxel_slot_is_loaded(a) && goxel_slot_is_closed(a));
    CU_ASSERT_EQUAL(goxel_slot_load(workspace, b, NULL), 0);
    CU_ASSERT_FALSE(goxel_slot_is_closed(b));
    goxel_workspace_set_current(workspace, b);
    CU_ASSERT_STRING_EQUAL(found(workspace, NULL), "p2");
    CU_ASSERT(unload(workspace, a, INT64_MAX));
    goxel_slot_unref(a);
    goxel_slot_unref(b);
    goxel_workspace_destroy(workspace);
}

/* Also where it has to be loaded for it, and somebody else shuts it at that moment. */
static void looking_at_a_project_is_no_use_of_it(void)
{
    struct library library = {.code = 0};
    struct goxel_workspace *workspace = workspace_of(&library);
    struct goxel_slot *slot = slot_of(workspace, "p1");
    int64_t used_ms = goxel_slot_used_ms(slot);

    goxel_slot_set_stale(slot);
    library.shuts = workspace;
    while (goxel_clock_ms() <= used_ms)
        continue;
    CU_ASSERT_EQUAL(voxels_of(workspace, slot), 1);
    CU_ASSERT(goxel_slot_is_loaded(slot) && goxel_slot_is_closed(slot));
    CU_ASSERT_EQUAL(goxel_slot_used_ms(slot), used_ms);
    goxel_slot_unref(slot);
    goxel_workspace_destroy(workspace);
}

static const struct unit_test tests[] = {
    {"slots are found by id and name", slots_are_found_by_id_and_name},
    {"names are unique", names_are_unique},
    {"names are reserved and taken", names_are_reserved_and_taken},
    {"no name looks like an id", no_name_looks_like_an_id},
    {"free names fill gaps", free_names_fill_gaps},
    {"the newest of the rest becomes current", newest_of_the_rest_becomes_current},
    {"the list is oldest first", list_is_oldest_first},
    {"open projects have a ceiling", open_projects_have_a_ceiling},
    {"projects come back with their ids", projects_come_back_with_their_ids},
    {"only ids are restored", only_ids_are_restored},
    {"threads share it", threads_share_it},
    {"projects are loaded once", projects_are_loaded_once},
    {"what is damaged stays so", what_is_damaged_stays_so},
    {"nobody's projects are unloaded", nobodys_projects_are_unloaded},
    {"what is shut is not current", what_is_shut_is_not_current},
    {"looking at a project is no use of it", looking_at_a_project_is_no_use_of_it},
    {NULL, NULL},
};

const struct unit_suite suite_workspace = {"workspace", tests};
