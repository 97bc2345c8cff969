/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store without a daemon: what no client can make (a selection, entries that are none), and what is kept of what is damaged. */
#include "store/inspect.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "store/store.h"
#include "unit.h"
#include "unit/base/scratch.h"
#include "unit/core/edits.h"

/* ---- a store ---- */

/* Two layers, a selection, a palette. */
static struct goxel_project *make_project(void)
{
    struct goxel_project *project = goxel_project_create("a");
    uint64_t state = 7;
    struct goxel_layer *layer = NULL;

    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
        for (int x = 0; x < 40; x += 4)
            goxel_volume_set_at(layer->volume, (struct goxel_pos){x, i, 0},
                                (struct goxel_color){255, 0, 0, 255});
    }
    edit_selection(project, &state);
    return project;
}

/* One project in its database and the list: what a stop leaves. */
static void make_store(struct goxel_project *project)
{
    struct goxel_workspace *workspace = goxel_workspace_create();
    struct goxel_store *store = NULL;

    CU_ASSERT_EQUAL_FATAL(
        goxel_store_open(scratch_folder(), workspace, &goxel_store_settings_default, NULL, &store), 0);
    CU_ASSERT_EQUAL(goxel_store_open_all(store, NULL, NULL, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_workspace_add(workspace, project, NULL, NULL), 0);
    CU_ASSERT_EQUAL(goxel_store_flush_all(store, NULL, NULL, NULL), 0);
    goxel_store_close(store);
    goxel_workspace_destroy(workspace);
}

static void change_database(const char *text)
{
    sqlite3 *db = NULL;

    CU_ASSERT_EQUAL_FATAL(sqlite3_open(scratch_path("p1/project.db"), &db), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* ---- what is told ---- */

static struct {
    size_t count;
    char first[320], last[320];
} told;

static void hear(void *ctx, const char *text)
{
    CU_ASSERT_PTR_EQUAL(ctx, &told);
    if (told.count++ == 0)
        snprintf(told.first, sizeof(told.first), "%s", text);
    snprintf(told.last, sizeof(told.last), "%s", text);
}

static struct goxel_inspection *begin(void)
{
    struct goxel_inspection *inspection = NULL;
    struct goxel_detail detail;

    goxel_detail_init(&detail);
    memset(&told, 0, sizeof(told));
    CU_ASSERT_EQUAL_FATAL(goxel_inspection_open(scratch_folder(), &detail, &inspection), 0);
    return inspection;
}

static struct goxel_project *check(struct goxel_inspection *inspection)
{
    struct goxel_project *project = NULL;

    CU_ASSERT_EQUAL(goxel_inspection_check(inspection, 0, hear, &told, NULL, &project), 0);
    return project;
}

/* ---- tests ---- */

static void selection_is_kept(void)
{
    struct goxel_project *project = make_project(), *copy = goxel_project_copy(project), *found;
    struct goxel_inspection *inspection;
    struct goxel_repaired repaired;

    if (!scratch_open())
        return;
    make_store(project);
    change_database("DELETE FROM bricks WHERE row = (SELECT max(row) FROM bricks WHERE layer = 2)");
    inspection = begin();
    CU_ASSERT_EQUAL(goxel_inspection_count(inspection), 1);
    CU_ASSERT_EQUAL(goxel_inspection_tell(inspection, hear, &told), 0);
    found = check(inspection);
    CU_ASSERT_EQUAL(told.count, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(strstr(told.first, "layer 2 has 2 bricks of 3"));
    CU_ASSERT_TRUE(same_volume(found->selection, copy->selection));
    goxel_project_unref(found);
    CU_ASSERT_EQUAL(goxel_inspection_repair(inspection, 0, hear, &told, NULL, &repaired), 0);
    CU_ASSERT_TRUE(repaired.done);
    CU_ASSERT_NOT_EQUAL(repaired.aside[0], 0);
    goxel_inspection_close(inspection);

    inspection = begin();
    found = check(inspection);
    CU_ASSERT_EQUAL(told.count, 0);
    CU_ASSERT_TRUE(same_volume(found->selection, copy->selection));
    CU_ASSERT_TRUE(same_volume(found->layers[0]->volume, copy->layers[0]->volume));
    CU_ASSERT_EQUAL(found->version, repaired.version);
    goxel_project_unref(found);
    CU_ASSERT_EQUAL(goxel_inspection_repair(inspection, 0, hear, &told, NULL, &repaired), 0);
    CU_ASSERT_FALSE(repaired.done);
    goxel_inspection_close(inspection);
    goxel_project_unref(copy);
    scratch_close();
}

/* The bricks have checksums of their own. */
static void sums_are_not_needed(void)
{
    struct goxel_project *project = make_project(), *copy = goxel_project_copy(project), *found;
    struct goxel_inspection *inspection;

    if (!scratch_open())
        return;
    make_store(project);
    change_database("UPDATE sums SET digest = digest + 1");
    inspection = begin();
    found = check(inspection);
    CU_ASSERT_NOT_EQUAL(told.count, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    CU_ASSERT_EQUAL(goxel_project_voxels(found), goxel_project_voxels(copy));
    CU_ASSERT_TRUE(same_volume(found->selection, copy->selection));
    goxel_project_unref(found);
    goxel_inspection_close(inspection);
    goxel_project_unref(copy);
    scratch_close();
}

static void entries_are_told(void)
{
    struct goxel_inspection *inspection;

    if (!scratch_open())
        return;
    scratch_write("projects.json",
                  "{\"version\": 3, \"next_number\": 1, \"projects\": [{\"id\": \"p3\", \"name\": \"a\"}, 7, "
                  "{\"id\": \"p3\", \"name\": \"b\"}, {\"id\": \"x\"}]}");
    inspection = begin();
    CU_ASSERT_EQUAL(goxel_inspection_count(inspection), 1);
    CU_ASSERT_EQUAL(goxel_inspection_tell(inspection, hear, &told), 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(told.first, "entry 2 is no project"));
    CU_ASSERT_PTR_NOT_NULL(strstr(told.last, "entry 4 is no project"));
    memset(&told, 0, sizeof(told));
    CU_ASSERT_PTR_NULL(check(inspection));
    CU_ASSERT_STRING_EQUAL(told.first, "its database is missing");
    goxel_inspection_close(inspection);
    scratch_close();
}

/* ---- pages that cannot be read ---- */

/* Enough bricks of a voxel or two for a table of many pages. */
static struct goxel_project *make_wide_project(void)
{
    struct goxel_project *project = goxel_project_create("wide");
    struct goxel_layer *layer = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
    for (int i = 0; i < 3000; i++)
        goxel_volume_set_at(layer->volume, (struct goxel_pos){i % 60 * 16 + i % 5, i / 60 * 16, i % 3},
                            (struct goxel_color){(uint8_t)i, 0, 0, 255});
    return project;
}

static void copy_file(const char *from, const char *to)
{
    int source = open(scratch_path(from), O_RDONLY | O_CLOEXEC);
    int target = open(scratch_path(to), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CU_ASSERT_FATAL(source >= 0 && target >= 0);
    CU_ASSERT_EQUAL(goxel_file_copy(source, target, to, NULL), 0);
    (void)close(source);
    (void)close(target);
}

#define PAGE 4096

static long page_count(const char *path)
{
    FILE *file = fopen(path, "rb");
    long size;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    fclose(file);
    return size / PAGE;
}

static void spoil_page(const char *path, long page)
{
    static char bytes[PAGE];
    FILE *file = fopen(path, "r+b");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    memset(bytes, 0xff, sizeof(bytes));
    fseek(file, page * PAGE, SEEK_SET);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, PAGE, file), PAGE);
    fclose(file);
}

/* Voxels of all rows of bricks that SQLite gives when it is asked for one at a time. */
static int64_t readable_voxels(const char *path)
{
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = NULL;
    int64_t voxels = 0;

    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL_FATAL(
        sqlite3_prepare_v2(db, "SELECT voxels FROM bricks WHERE row = ?1", -1, &statement, NULL), SQLITE_OK);
    for (int row = 1; row <= 3000; row++) {
        sqlite3_bind_int(statement, 1, row);
        if (sqlite3_step(statement) == SQLITE_ROW)
            voxels += sqlite3_column_int64(statement, 0);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return voxels;
}

/* Of the pages of the table all that is on the others is kept, also what lies behind the first that is bad. */
static void pages_are_stepped_over(void)
{
    struct goxel_project *project = make_wide_project();
    int64_t all = goxel_project_voxels(project);
    struct goxel_inspection *inspection;
    int partly = 0;
    long pages;

    if (!scratch_open())
        return;
    make_store(project);
    copy_file("p1/project.db", "whole.db");
    pages = page_count(scratch_path("whole.db"));
    CU_ASSERT_EQUAL_FATAL(readable_voxels(scratch_path("p1/project.db")), all);
    for (long page = 1; page < pages; page++) {
        struct goxel_project *found;
        int64_t readable;

        copy_file("whole.db", "p1/project.db");
        spoil_page(scratch_path("p1/project.db"), page);
        if (page % 3 == 0 && page + 7 < pages)
            spoil_page(scratch_path("p1/project.db"), page + 7);
        copy_file("p1/project.db", "other.db");
        readable = readable_voxels(scratch_path("other.db"));
        inspection = begin();
        found = check(inspection);
        CU_ASSERT(told.count > 0);
        if (found)
            CU_ASSERT_EQUAL(goxel_project_voxels(found), readable);
        partly += found && readable > 0 && readable < all;
        goxel_project_unref(found);
        goxel_inspection_close(inspection);
    }
    CU_ASSERT(pages > 20 && partly > pages / 2);
    scratch_close();
}

/* A newer daemon's is not damaged, and is left alone. */
static void newer_is_no_damage(void)
{
    struct goxel_inspection *inspection;
    struct goxel_repaired repaired;
    struct goxel_detail detail;

    if (!scratch_open())
        return;
    make_store(make_project());
    change_database("PRAGMA user_version = 9");
    inspection = begin();
    CU_ASSERT_EQUAL(goxel_inspection_repair(inspection, 0, hear, &told, &detail, &repaired),
                    GOXEL_ERROR_FORMAT_NOT_SUPPORTED);
    CU_ASSERT_EQUAL(told.count, 0);
    goxel_inspection_close(inspection);
    scratch_close();
}

const struct unit_suite inspect_suite = {
    "inspect",
    (const struct unit_test[]){
        {"the selection is kept", selection_is_kept},
        {"sums are not needed", sums_are_not_needed},
        {"entries that are none are told", entries_are_told},
        {"pages that cannot be read are stepped over", pages_are_stepped_over},
        {"a newer daemon's is no damage", newer_is_no_damage},
        {NULL, NULL},
    },
};
