/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store that ends without a flush, as in a crash: all that was committed is there again, history included. */
#include "store/store.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "unit/base/scratch.h"
#include "unit/core/edits.h"
#include "unit/core/stepped.h"

struct life {
    struct goxel_workspace *workspace;
    struct goxel_store *store;
    size_t bad;
};

static void report(void *ctx, const char *id, const char *name, int code, const struct goxel_detail *detail)
{
    struct life *life = ctx;

    (void)id;
    (void)name;
    (void)detail;
    life->bad += code != 0;
}

static void begin(struct life *life)
{
    memset(life, 0, sizeof(*life));
    life->workspace = goxel_workspace_create();
    CU_ASSERT_EQUAL_FATAL(goxel_store_open(scratch_folder(), life->workspace, &goxel_store_settings_default,
                                           NULL, &life->store),
                          0);
    (void)goxel_store_open_all(life->store, report, life, NULL);
    CU_ASSERT_FALSE(goxel_store_is_refused(life->store));
}

static void end(struct life *life)
{
    goxel_store_close(life->store);
    goxel_workspace_destroy(life->workspace);
}

static void again(struct life *life)
{
    end(life);
    begin(life);
}

static struct goxel_slot *find(struct life *life, const char *id)
{
    struct goxel_slot *slot = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_workspace_find(life->workspace, id, &slot, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_slot_load(life->workspace, slot, NULL), 0);
    return slot;
}

static struct goxel_project *snapshot(struct life *life, const char *id)
{
    struct goxel_slot *slot = find(life, id);
    struct goxel_project *project = goxel_slot_snapshot(slot);

    goxel_slot_unref(slot);
    return project;
}

/* An edit, a step back or forwards, the end of a group, or a note of where it was saved. */
static void change_at_random(struct life *life, const char *id, uint64_t *state)
{
    struct goxel_note note = {"edit", random_below(state, 4) ? NULL : "a group"};
    struct goxel_slot *slot = find(life, id);
    struct goxel_head *head = goxel_slot_head(slot);
    struct goxel_edit edit;
    uint64_t kind = random_below(state, 10);
    int code = 0;

    if (kind > 1)
        CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    switch (kind) {
    case 0:
        code = stepped(head, false, 1 + (size_t)random_below(state, 2), NULL);
        break;
    case 1:
        code = stepped(head, true, 1, NULL);
        break;
    case 2:
        code = goxel_head_end_group(head, &edit, NULL);
        break;
    case 3:
        edit.project->saved_state = edit.project->state;
        free(edit.project->path);
        edit.project->path = strdup("/a/file.gox");
        code = goxel_head_commit(head, &edit, NULL, NULL);
        break;
    default:
        edit_at_random(edit.project, state);
        code = goxel_head_commit(head, &edit, &note, NULL);
    }
    CU_ASSERT_TRUE(code == 0 || code == GOXEL_ERROR_BAD_PROJECT_STATE); /* nothing to undo */
    goxel_slot_unref(slot);
}

static size_t history_rows(struct life *life, const char *id, struct goxel_history_row **ret_rows)
{
    struct goxel_slot *slot = find(life, id);
    struct goxel_project *project = goxel_slot_snapshot(slot);
    size_t count = 0;

    CU_ASSERT_EQUAL(goxel_head_list_history(goxel_slot_head(slot), project, 100000, ret_rows, &count), 0);
    goxel_project_unref(project);
    goxel_slot_unref(slot);
    return count;
}

/* The same steps by number, name and direction. */
static bool same_history(const struct goxel_history_row *a, const struct goxel_history_row *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (a[i].version != b[i].version || a[i].undone != b[i].undone || strcmp(a[i].name, b[i].name) != 0)
            return false;
    }
    return true;
}

static void add(struct life *life)
{
    CU_ASSERT_EQUAL_FATAL(goxel_workspace_add(life->workspace, new_project(), NULL, NULL), 0);
}

/* The same content, numbers, and steps after the store has ended and begun again. */
static void check_again(struct life *life, const char *id)
{
    struct goxel_history_row *rows = NULL, *rows_again = NULL;
    struct goxel_project *before = snapshot(life, id), *after;
    size_t count = history_rows(life, id, &rows), count_again;

    again(life);
    after = snapshot(life, id);
    count_again = history_rows(life, id, &rows_again);
    CU_ASSERT_TRUE(same_version(before, after));
    CU_ASSERT_EQUAL(before->version, after->version);
    CU_ASSERT_EQUAL(before->state, after->state);
    CU_ASSERT_EQUAL(before->saved_state, after->saved_state);
    CU_ASSERT_EQUAL(count, count_again);
    CU_ASSERT_TRUE(count == count_again && same_history(rows, rows_again, count));
    CU_ASSERT_EQUAL(life->bad, 0);
    goxel_project_unref(before);
    goxel_project_unref(after);
    free(rows);
    free(rows_again);
}

/* `checkpoints`: now and then there is one, so that some of it comes from the database and the rest from the journal. */
static void live_and_die(uint64_t state, bool checkpoints)
{
    struct life life;

    if (!scratch_open())
        return;
    begin(&life);
    add(&life);
    for (int i = 0; i < 12; i++) {
        for (int k = 0; k < 20; k++) {
            change_at_random(&life, "p1", &state);
            if (checkpoints && random_below(&state, 9) == 0)
                CU_ASSERT_EQUAL(goxel_store_flush_all(life.store, NULL, NULL, NULL), 0);
        }
        check_again(&life, "p1");
    }
    end(&life);
    scratch_close();
}

static void everything_is_there_again(void)
{
    static const uint64_t seeds[] = {2, 31, 405};

    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++)
        live_and_die(seeds[s], false);
}

static void checkpoints_change_nothing(void)
{
    static const uint64_t seeds[] = {3, 77, 1009, 40009};

    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++)
        live_and_die(seeds[s], true);
}

static void add_voxels(struct life *life, int count)
{
    static const struct goxel_note note = {.name = "voxel.add"};
    struct goxel_slot *slot = find(life, "p1");
    struct goxel_edit edit;

    for (int i = 0; i < count; i++) {
        CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &edit), 0);
        CU_ASSERT_EQUAL(set(edit.project, 0, at(i, 0, 0), rgba(1 + i % 200, 1, 1, 255)), 0);
        CU_ASSERT_EQUAL(goxel_head_commit(goxel_slot_head(slot), &edit, &note, NULL), 0);
    }
    goxel_slot_unref(slot);
}

/* Steps back to the beginning, after a crash. */
static void undo_all(bool checkpoint)
{
    const char *counts = getenv("GOXEL_COUNTS");
    int edits = counts && strcmp(counts, "full") == 0 ? 10000 : 500;

    struct goxel_project *start, *now;
    struct goxel_slot *slot;
    struct life life;

    if (!scratch_open())
        return;
    begin(&life);
    add(&life);
    start = snapshot(&life, "p1");
    add_voxels(&life, edits);
    if (checkpoint)
        CU_ASSERT_EQUAL(goxel_store_flush_all(life.store, NULL, NULL, NULL), 0);
    again(&life);
    slot = find(&life, "p1");
    CU_ASSERT_EQUAL(stepped(goxel_slot_head(slot), false, (size_t)edits, NULL), 0);
    goxel_slot_unref(slot);
    now = snapshot(&life, "p1");
    CU_ASSERT_EQUAL(goxel_project_voxels(now), 0);
    CU_ASSERT_EQUAL(now->state, start->state);
    goxel_project_unref(now);
    goxel_project_unref(start);
    for (int i = 0; i < 2; i++) { /* and forwards and back again, whatever comes from the database */
        if (checkpoint)
            CU_ASSERT_EQUAL(goxel_store_flush_all(life.store, NULL, NULL, NULL), 0);
        again(&life);
        slot = find(&life, "p1");
        CU_ASSERT_EQUAL(stepped(goxel_slot_head(slot), true, (size_t)edits, NULL), 0);
        CU_ASSERT_EQUAL(stepped(goxel_slot_head(slot), false, (size_t)edits, NULL), 0);
        goxel_slot_unref(slot);
    }
    end(&life);
    scratch_close();
}

static void all_can_be_undone_after_a_crash(void)
{
    undo_all(false);
    undo_all(true);
}

/* An edit of each kind with a key; the keys in their order, with their results. */
static void commit_with_key(struct life *life, int number)
{
    static const struct goxel_note note = {.name = "edit", .group = "a group"};
    struct goxel_slot *slot = find(life, "p1");
    struct goxel_head *head = goxel_slot_head(slot);
    struct goxel_edit edit;
    char text[32];
    int code = 0;

    snprintf(text, sizeof(text), "key %d", number);
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
    edit.key = goxel_key_create(text, (uint64_t)number << 40, number % 4 == 3 ? NULL : text, strlen(text));
    if (number % 3 == 0)
        code = set(edit.project, 0, at(number, 0, 0), rgba(1, 1, 1, 255));
    else if (number % 3 == 1)
        code = goxel_head_undo(head, &edit, 1, NULL);
    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT_EQUAL(goxel_head_commit(head, &edit, number % 3 == 0 ? &note : NULL, NULL), 0);
    goxel_slot_unref(slot);
}

static void check_keys(struct life *life, size_t wanted)
{
    struct goxel_slot *slot = find(life, "p1");
    struct goxel_project *project = goxel_slot_snapshot(slot);
    struct goxel_key_list list = {NULL, 0, 0};
    char text[32];

    CU_ASSERT_EQUAL(goxel_head_list_keys(goxel_slot_head(slot), project, &list), 0);
    CU_ASSERT_EQUAL_FATAL(list.count, wanted);
    for (size_t i = 0; i < list.count; i++) {
        const struct goxel_key *key = list.list[i];

        snprintf(text, sizeof(text), "key %zu", i);
        CU_ASSERT_STRING_EQUAL(key->text, text);
        CU_ASSERT_EQUAL(key->request, (uint64_t)i << 40);
        CU_ASSERT_EQUAL(key->result != NULL, i % 4 != 3);
        if (key->result)
            CU_ASSERT_TRUE(key->result_len == strlen(text) &&
                           memcmp(key->result, text, key->result_len) == 0);
    }
    goxel_key_list_finish(&list);
    goxel_project_unref(project);
    goxel_slot_unref(slot);
}

static void keys_are_there_again(void)
{
    struct life life;

    if (!scratch_open())
        return;
    begin(&life);
    add(&life);
    for (int i = 0; i < 12; i++)
        commit_with_key(&life, i);
    check_keys(&life, 12);
    again(&life);
    CU_ASSERT_EQUAL(life.bad, 0);
    check_keys(&life, 12);
    commit_with_key(&life, 12);
    again(&life);
    check_keys(&life, 13);
    for (int i = 13; i < 40; i++) { /* some from the database, some from the journal */
        commit_with_key(&life, i);
        if (i % 5 == 0)
            CU_ASSERT_EQUAL(goxel_store_flush_all(life.store, NULL, NULL, NULL), 0);
        if (i % 7 == 0) {
            again(&life);
            check_keys(&life, (size_t)i + 1);
        }
    }
    end(&life);
    scratch_close();
}

static void projects_come_and_go(void)
{
    struct goxel_slot *slot, *current = NULL;
    struct life life;
    uint64_t state = 4;

    if (!scratch_open())
        return;
    begin(&life);
    add(&life);
    change_at_random(&life, "p1", &state);
    slot = find(&life, "p1");
    CU_ASSERT_EQUAL(goxel_workspace_close(life.workspace, slot, NULL), 0);
    goxel_slot_unref(slot);
    add(&life); /* of the same name */
    CU_ASSERT_EQUAL(goxel_store_flush_all(life.store, NULL, NULL, NULL), 0);
    slot = find(&life, "p2");
    CU_ASSERT_EQUAL(goxel_workspace_close(life.workspace, slot, NULL), 0);
    goxel_slot_unref(slot);
    add(&life);
    again(&life);
    CU_ASSERT_EQUAL(goxel_workspace_count(life.workspace), 1);
    CU_ASSERT_EQUAL(goxel_workspace_next_number(life.workspace), 4);
    CU_ASSERT_EQUAL_FATAL(goxel_workspace_find(life.workspace, "p", &current, NULL), 0);
    CU_ASSERT_STRING_EQUAL(goxel_slot_id(current), "p3");
    goxel_slot_unref(current);
    CU_ASSERT_EQUAL(life.bad, 0);
    end(&life);
    scratch_close();
}

static int count_files(const char *beginning)
{
    DIR *dir = opendir(scratch_folder());
    int count = 0;

    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        count += strncmp(entry->d_name, beginning, strlen(beginning)) == 0;
    closedir(dir);
    return count;
}

/* In the last whole record but one: the project is not served as it is not, the others are. */
static void damage_quarantines_a_project(void)
{
    struct goxel_slot *slot;
    struct life life;
    char byte;
    FILE *file;
    long middle;

    if (!scratch_open())
        return;
    begin(&life);
    add(&life);
    add_voxels(&life, 30);
    end(&life);
    file = fopen(scratch_path("journal-1.log"), "r+b");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fseek(file, 0, SEEK_END);
    middle = ftell(file) / 2;
    fseek(file, middle, SEEK_SET);
    CU_ASSERT_EQUAL(fread(&byte, 1, 1, file), 1);
    byte = (char)~byte;
    fseek(file, middle, SEEK_SET);
    CU_ASSERT_EQUAL(fwrite(&byte, 1, 1, file), 1);
    fclose(file);

    for (int i = 0; i < 2; i++) { /* it stays set aside, and nothing of it goes, so that it may be mended */
        struct goxel_project *project;
        struct goxel_detail detail;

        begin(&life);
        CU_ASSERT_TRUE(life.bad == 1); /* the journal; then the project */
        CU_ASSERT_EQUAL(goxel_workspace_next_number(life.workspace), (uint64_t)i + 2);
        CU_ASSERT_EQUAL_FATAL(goxel_workspace_find(life.workspace, "p1", &slot, NULL), 0);
        CU_ASSERT_EQUAL(goxel_slot_load(life.workspace, slot, &detail), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "records are missing"));
        CU_ASSERT_TRUE(goxel_slot_damage(slot, &detail));
        goxel_slot_unref(slot);
        CU_ASSERT_EQUAL(goxel_store_flush_all(life.store, NULL, NULL, NULL), 0);
        CU_ASSERT_EQUAL(count_files("damaged-"), 1);
        CU_ASSERT_EQUAL(count_files("journal-"), 0);
        project = new_project();
        memcpy(project->name, "q", 2);
        CU_ASSERT_EQUAL_FATAL(goxel_workspace_add(life.workspace, project, NULL, NULL), 0);
        slot = find(&life, i ? "p3" : "p2"); /* what comes after is forgotten as ever */
        CU_ASSERT_EQUAL(goxel_workspace_close(life.workspace, slot, NULL), 0);
        goxel_slot_unref(slot);
        CU_ASSERT_EQUAL(goxel_store_flush_all(life.store, NULL, NULL, NULL), 0);
        end(&life);
        CU_ASSERT_EQUAL(count_files("damaged-"), 1);
    }
    scratch_close();
}

static const struct unit_test tests[] = {
    {"everything is there again", everything_is_there_again},
    {"all can be undone after a crash", all_can_be_undone_after_a_crash},
    {"keys are there again", keys_are_there_again},
    {"projects come and go", projects_come_and_go},
    {"checkpoints change nothing", checkpoints_change_nothing},
    {"damage quarantines a project", damage_quarantines_a_project},
    {NULL, NULL},
};

const struct unit_suite replay_suite = {"replay", tests};
