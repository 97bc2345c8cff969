/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slots: ids, names, the current one, references, and the lock between readers and a writer. */
#include "core/workspace.h"

#include <pthread.h>

#include "base/error.h"
#include "naive.h"

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
    struct goxel_project *project = goxel_project_create(name);
    int result = goxel_workspace_restore(workspace, project, id, NULL, detail);

    if (result)
        goxel_project_unref(project);
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
    CU_ASSERT_STRING_EQUAL(goxel_slot_name(slots[0]), "a");
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

static const struct unit_test tests[] = {
    {"slots are found by id and name", slots_are_found_by_id_and_name},
    {"names are unique", names_are_unique},
    {"no name looks like an id", no_name_looks_like_an_id},
    {"free names fill gaps", free_names_fill_gaps},
    {"the newest of the rest becomes current", newest_of_the_rest_becomes_current},
    {"the list is oldest first", list_is_oldest_first},
    {"open projects have a ceiling", open_projects_have_a_ceiling},
    {"projects come back with their ids", projects_come_back_with_their_ids},
    {"only ids are restored", only_ids_are_restored},
    {"threads share it", threads_share_it},
    {NULL, NULL},
};

const struct unit_suite suite_workspace = {"workspace", tests};
