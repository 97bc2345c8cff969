/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Databases of projects: what was saved is loaded the same, in whichever order; what is damaged, cut, or of an older time
 * is noticed; and a save that comes to no end leaves the one before.
 */
#include "store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "core/head.h"
#include "core/step.h"
#include "store/backup.h"
#include "store/database_rows.h"
#include "unit/base/scratch.h"
#include "unit/core/edits.h"
#include "unit/core/stepped.h"

#define FILE_NAME "project.db"

static const struct goxel_database_load plain = {.bytes_max = UINT64_MAX};

static bool is_full(void)
{
    const char *counts = getenv("GOXEL_COUNTS");

    return counts && strcmp(counts, "full") == 0;
}

/* ---- opening, loading, saving ---- */

static struct goxel_database *open_file(const char *name)
{
    struct goxel_database *database = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_database_open(scratch_path(name), true, NULL, &database), 0);
    return database;
}

static int load_file(const char *name, struct goxel_detail *detail, struct goxel_project **ret_project)
{
    struct goxel_database *database = NULL;
    int code = goxel_database_open(scratch_path(name), false, detail, &database);

    *ret_project = NULL;
    if (!code)
        code = goxel_database_load(database, &plain, detail, ret_project);
    goxel_database_close(database);
    return code;
}

static int save(struct goxel_database *database, struct goxel_project *project)
{
    struct goxel_checkpoint checkpoint = {.project = project};
    int code = goxel_history_take_list(project, &checkpoint.history);

    if (!code)
        code = goxel_database_save(database, &checkpoint, NULL);
    goxel_history_list_finish(&checkpoint.history);
    return code;
}

static bool same_step(const struct goxel_step *a, const struct goxel_step *b)
{
    struct goxel_buf left, right;
    bool same = !a == !b;

    goxel_buf_init(&left, SIZE_MAX);
    goxel_buf_init(&right, SIZE_MAX);
    if (a && b) {
        goxel_step_put(&left, a);
        goxel_step_put(&right, b);
        same = left.len == right.len && memcmp(left.data, right.data, left.len) == 0;
    }
    goxel_buf_finish(&left);
    goxel_buf_finish(&right);
    return same;
}

static bool same_lists(const struct goxel_history_list *a, const struct goxel_history_list *b)
{
    bool same = a->count == b->count && a->past == b->past && strcmp(a->group_key, b->group_key) == 0 &&
                same_step(a->group, b->group);

    for (size_t i = 0; i < a->count && same; i++)
        same = a->entries[i].state == b->entries[i].state &&
               same_step(a->entries[i].step, b->entries[i].step);
    return same;
}

static bool same_history(const struct goxel_project *a, const struct goxel_project *b)
{
    struct goxel_history_list left = {.count = 0}, right = {.count = 0};
    bool same;

    CU_ASSERT_EQUAL_FATAL(goxel_history_take_list(a, &left), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_history_take_list(b, &right), 0);
    same = same_lists(&left, &right);
    goxel_history_list_finish(&left);
    goxel_history_list_finish(&right);
    return same;
}

static bool same_all(const struct goxel_project *a, const struct goxel_project *b)
{
    return same_version(a, b) && same_history(a, b);
}

static bool file_has(const char *name, const struct goxel_project *project)
{
    struct goxel_project *loaded = NULL;
    struct goxel_detail detail = {.text = ""};
    int code = load_file(name, &detail, &loaded);
    bool same = !code && loaded && same_all(loaded, project);

    if (code)
        printf("not loaded: %s\n", detail.text);
    goxel_project_unref(loaded);
    return same;
}

/* ---- a project, and its database between opening and closing ---- */

struct life {
    struct goxel_database *database;
    struct goxel_head *head;
};

static void begin_with(struct life *life, struct goxel_project *project)
{
    life->database = open_file(FILE_NAME);
    life->head = goxel_head_create(project);
    CU_ASSERT_PTR_NOT_NULL_FATAL(life->head);
    goxel_project_unref(project);
}

static void begin(struct life *life)
{
    begin_with(life, new_project());
}

static void end(struct life *life)
{
    goxel_database_close(life->database);
    goxel_head_destroy(life->head);
}

static int checkpoint(struct life *life)
{
    struct goxel_project *project = goxel_head_snapshot(life->head);
    int code = save(life->database, project);

    CU_ASSERT(code != 0 || goxel_database_has(life->database, project));
    goxel_project_unref(project);
    return code;
}

/* Closed, opened, loaded and compared; then the head goes on with what was loaded. */
static bool comes_back(struct life *life)
{
    struct goxel_project *before = goxel_head_snapshot(life->head), *after = NULL;
    struct goxel_detail detail = {.text = ""};
    bool same;
    int code;

    goxel_database_close(life->database);
    life->database = open_file(FILE_NAME);
    code = goxel_database_load(life->database, &plain, &detail, &after);
    if (code)
        printf("not loaded: %s\n", detail.text);
    CU_ASSERT_FATAL(code == 0 && after);
    same = same_all(before, after);
    goxel_head_destroy(life->head);
    after->is_version = true; /* as the workspace does */
    life->head = goxel_head_create(after);
    goxel_project_unref(before);
    goxel_project_unref(after);
    return same;
}

static struct goxel_project *begin_edit(struct life *life, struct goxel_edit *edit)
{
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(life->head, edit), 0);
    return edit->project;
}

static void commit(struct life *life, struct goxel_edit *edit)
{
    static const struct goxel_note note = {.name = "edit"};

    CU_ASSERT_EQUAL(goxel_head_commit(life->head, edit, &note, NULL), 0);
}

static void fill(struct life *life, struct goxel_box box, struct goxel_color color)
{
    struct goxel_edit edit;
    struct goxel_project *project = begin_edit(life, &edit);
    struct goxel_layer *own = goxel_project_own_layer(project, project->layers[0]);

    CU_ASSERT_EQUAL(goxel_volume_fill(own->volume, &box, color, NULL), 0);
    commit(life, &edit);
}

static void step(struct life *life, bool forwards)
{
    int code = stepped(life->head, forwards, 1, NULL);

    CU_ASSERT(code == 0 || code == GOXEL_ERROR_BAD_PROJECT_STATE);
}

static void change_at_random(struct life *life, uint64_t *state)
{
    struct goxel_note note = {"edit", random_below(state, 4) ? NULL : "a group"};
    struct goxel_edit edit;

    switch (random_below(state, 8)) {
    case 0:
        step(life, false);
        break;
    case 1:
        step(life, true);
        break;
    case 2:
        (void)begin_edit(life, &edit);
        CU_ASSERT_EQUAL(goxel_head_end_group(life->head, &edit, NULL), 0);
        break;
    default:
        edit_at_random(begin_edit(life, &edit), state);
        CU_ASSERT_EQUAL(goxel_head_commit(life->head, &edit, &note, NULL), 0);
    }
}

/* ---- what is saved is loaded ---- */

static void everything_is_loaded(void)
{
    static const uint64_t seeds[] = {5, 66, 777, 8888};

    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
        uint64_t state = seeds[s];
        struct life life;

        if (!scratch_open())
            return;
        begin(&life);
        for (int i = 0; i < (is_full() ? 200 : 30); i++) {
            for (int k = random_below(&state, 12); k >= 0; k--)
                change_at_random(&life, &state);
            CU_ASSERT_EQUAL(checkpoint(&life), 0);
            if (random_below(&state, 2))
                CU_ASSERT_FATAL(comes_back(&life));
        }
        CU_ASSERT(comes_back(&life));
        end(&life);
        scratch_close();
    }
}

/* There is nothing before the first checkpoint; and the last one stands, whatever came after. */
static void the_last_checkpoint_counts(void)
{
    struct goxel_project *project = NULL, *saved;
    struct life life;

    if (!scratch_open())
        return;
    begin(&life);
    CU_ASSERT_EQUAL(goxel_database_load(life.database, &plain, NULL, &project), 0);
    CU_ASSERT_PTR_NULL(project);
    fill(&life, (struct goxel_box){{0, 0, 0}, {3, 3, 3}}, rgba(1, 2, 3, 255));
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    saved = goxel_head_snapshot(life.head);
    fill(&life, (struct goxel_box){{0, 0, 0}, {3, 3, 3}}, rgba(9, 2, 3, 255));
    end(&life);
    CU_ASSERT(file_has(FILE_NAME, saved));
    goxel_project_unref(saved);
    scratch_close();
}

static void databases_are_opened_once(void)
{
    struct goxel_database *second = NULL;
    struct goxel_detail detail = {.text = ""};
    struct life life;

    if (!scratch_open())
        return;
    CU_ASSERT_EQUAL(goxel_database_open(scratch_path(FILE_NAME), false, &detail, &second),
                    GOXEL_ERROR_FILE_ACCESS);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, FILE_NAME));
    begin(&life);
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    CU_ASSERT_EQUAL(goxel_database_open(scratch_path(FILE_NAME), true, NULL, &second), GOXEL_ERROR_LOCKED);
    CU_ASSERT_PTR_NULL(second);
    end(&life);
    goxel_database_close(NULL);
    scratch_close();
}

/* ---- cubes of one colour ---- */

static void tiles_come_and_go(void)
{
    static const int corners[] = {0, -256, -1048576, 1048320, 1024};
    struct goxel_color red = rgba(255, 0, 0, 255), none = rgba(0, 0, 0, 0);

    for (size_t c = 0; c < sizeof(corners) / sizeof(corners[0]); c++) {
        int from = corners[c];
        struct goxel_box all = {at(from, from, from), at(from + 255, from + 255, from + 255)},
                         hole = {at(from + 70, from + 70, from + 70), at(from + 90, from + 80, from + 75)},
                         half = {all.min, at(from + 127, from + 255, from + 255)};
        const struct {
            struct goxel_box box;
            struct goxel_color color;
        } fills[] = {{all, red},  {hole, none}, {all, none},
                     {half, red}, {all, red},   {half, none},
                     {hole, red}, {all, red},   {hole, rgba(1, 1, 1, 1)},
                     {all, none}};
        struct life life;

        if (from < GOXEL_COORD_MIN || from + 255 > GOXEL_COORD_MAX || !scratch_open())
            continue;
        begin(&life);
        for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
            fill(&life, fills[i].box, fills[i].color);
            CU_ASSERT_EQUAL(checkpoint(&life), 0);
            CU_ASSERT(comes_back(&life));
        }
        for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
            step(&life, false);
            CU_ASSERT_EQUAL(checkpoint(&life), 0);
        }
        CU_ASSERT(comes_back(&life));
        end(&life);
        scratch_close();
    }
}

/* The outermost voxels that there can be. */
static void extremes_come_back(void)
{
    struct goxel_edit edit;
    struct goxel_project *project;
    struct life life;

    if (!scratch_open())
        return;
    begin(&life);
    project = begin_edit(&life, &edit);
    for (int corner = 0; corner < 8; corner++)
        CU_ASSERT_EQUAL(set(project, (size_t)corner % 2,
                            at(corner & 1 ? GOXEL_COORD_MAX : GOXEL_COORD_MIN,
                               corner & 2 ? GOXEL_COORD_MAX : GOXEL_COORD_MIN,
                               corner & 4 ? GOXEL_COORD_MAX : GOXEL_COORD_MIN),
                            rgba(1 + (unsigned)corner, 2, 3, 255)),
                        0);
    CU_ASSERT_EQUAL(set(project, 0, at(-1, -1, -1), rgba(7, 7, 7, 7)), 0);
    commit(&life, &edit);
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    CU_ASSERT(comes_back(&life));
    step(&life, false);
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    CU_ASSERT(comes_back(&life));
    end(&life);
    scratch_close();
}

static void layers_go_and_come_back(void)
{
    struct life life;

    if (!scratch_open())
        return;
    begin(&life);
    fill(&life, (struct goxel_box){{-40, 0, 0}, {40, 40, 3}}, rgba(1, 2, 3, 255));
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    for (int i = 0; i < 3; i++) {
        struct goxel_edit edit;
        struct goxel_project *project = begin_edit(&life, &edit);

        CU_ASSERT_EQUAL(goxel_project_remove_layer(project, project->layers[0]->id), 0);
        commit(&life, &edit);
        CU_ASSERT_EQUAL(checkpoint(&life), 0);
        CU_ASSERT(comes_back(&life));
        step(&life, false);
        CU_ASSERT_EQUAL(checkpoint(&life), 0);
        CU_ASSERT(comes_back(&life));
    }
    end(&life);
    scratch_close();
}

/* ---- by the means of SQL ---- */

/* checksum_of(number, …, bytes) */
static void put_checksum(sqlite3_context *context, int count, sqlite3_value **values)
{
    int64_t numbers[8] = {0};

    for (int i = 0; i < count - 1; i++)
        numbers[i] = sqlite3_value_int64(values[i]);
    sqlite3_result_int64(context, (int64_t)goxel_checksum(numbers, (size_t)count - 1,
                                                          sqlite3_value_blob(values[count - 1]),
                                                          (size_t)sqlite3_value_bytes(values[count - 1])));
}

static void run_sql(const char *text)
{
    sqlite3 *db = NULL;
    char *error = NULL;

    CU_ASSERT_EQUAL_FATAL(sqlite3_open(scratch_path(FILE_NAME), &db), SQLITE_OK);
    CU_ASSERT_EQUAL(
        sqlite3_create_function(db, "checksum_of", -1, SQLITE_UTF8, NULL, put_checksum, NULL, NULL),
        SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, text, NULL, NULL, &error), SQLITE_OK);
    if (error)
        printf("%s: %s\n", text, error);
    sqlite3_free(error);
    CU_ASSERT_EQUAL(sqlite3_close(db), SQLITE_OK);
}

static int64_t ask_sql(const char *text)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t value;

    CU_ASSERT_EQUAL_FATAL(sqlite3_open(scratch_path(FILE_NAME), &db), SQLITE_OK);
    CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL_FATAL(sqlite3_step(statement), SQLITE_ROW);
    value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    CU_ASSERT_EQUAL(sqlite3_close(db), SQLITE_OK);
    return value;
}

/* ---- rows that count for nothing ---- */

static void superseded_rows_go(void)
{
    struct life life;

    if (!scratch_open())
        return;
    begin(&life);
    for (unsigned i = 1; i <= 50; i++) {
        fill(&life, (struct goxel_box){{0, 0, 0}, {2, 2, 2}}, rgba(i, 2, 3, 255));
        CU_ASSERT_EQUAL(checkpoint(&life), 0);
    }
    CU_ASSERT(comes_back(&life));
    end(&life);
    CU_ASSERT(ask_sql("SELECT count(*) FROM bricks") <= 3);
    scratch_close();
}

static void set_many(struct life *life, int count, struct goxel_color color)
{
    struct goxel_edit edit;
    struct goxel_project *project = begin_edit(life, &edit);
    struct goxel_layer *own = goxel_project_own_layer(project, project->layers[0]);

    for (int i = 0; i < count; i++)
        CU_ASSERT_EQUAL(
            goxel_volume_set_at(own->volume, at(i % 20 * 16, i / 20 % 20 * 16, i / 400 * 16), color), 0);
    commit(life, &edit);
}

/* Rows that say that nothing is there go in the end, too, and what is there stays what it is. */
static void many_removed_bricks_are_compacted(void)
{
    struct life life;

    if (!scratch_open())
        return;
    begin(&life);
    set_many(&life, 6000, rgba(1, 2, 3, 255));
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    CU_ASSERT(comes_back(&life));
    set_many(&life, 5900, rgba(0, 0, 0, 0));
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    CU_ASSERT(comes_back(&life));
    set_many(&life, 10, rgba(5, 2, 3, 255));
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    CU_ASSERT(comes_back(&life));
    set_many(&life, 20, rgba(6, 2, 3, 255));
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    CU_ASSERT(comes_back(&life));
    end(&life);
    CU_ASSERT(ask_sql("SELECT count(*) FROM bricks") < 200);
    scratch_close();
}

/* A checkpoint that ended before its removed layer's rows were gone: they are not the layer's that comes back. */
static void rows_of_a_removed_layer_do_not_come_back(void)
{
    struct goxel_edit edit;
    struct goxel_project *project;
    struct life life;

    if (!scratch_open())
        return;
    begin(&life);
    fill(&life, (struct goxel_box){{0, 0, 0}, {20, 20, 20}}, rgba(1, 2, 3, 255));
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    goxel_database_close(life.database);
    run_sql("CREATE TABLE held AS SELECT * FROM bricks; CREATE TABLE held_sums AS SELECT * FROM sums");
    life.database = open_file(FILE_NAME);
    CU_ASSERT(comes_back(&life));
    project = begin_edit(&life, &edit);
    CU_ASSERT_EQUAL(goxel_project_remove_layer(project, 1), 0);
    commit(&life, &edit);
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    goxel_database_close(life.database);
    run_sql("INSERT INTO bricks SELECT * FROM held; DROP TABLE held;"
            "INSERT OR REPLACE INTO sums SELECT * FROM held_sums WHERE what = 1; DROP TABLE held_sums");
    life.database = open_file(FILE_NAME);
    CU_ASSERT(comes_back(&life));
    step(&life, false);
    fill(&life, (struct goxel_box){{0, 0, 0}, {15, 15, 15}}, rgba(0, 0, 0, 0));
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    CU_ASSERT(comes_back(&life));
    end(&life);
    scratch_close();
}

/* ---- damage ---- */

struct bytes {
    uint8_t *data;
    size_t len;
};

static struct bytes read_bytes(const char *name)
{
    FILE *file = fopen(scratch_path(name), "rb");
    struct bytes bytes = {NULL, 0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fseek(file, 0, SEEK_END);
    bytes.len = (size_t)ftell(file);
    rewind(file);
    bytes.data = malloc(bytes.len + 1);
    CU_ASSERT_EQUAL_FATAL(fread(bytes.data, 1, bytes.len, file), bytes.len);
    (void)fclose(file);
    return bytes;
}

static void write_bytes(const char *name, const uint8_t *data, size_t len)
{
    FILE *file = fopen(scratch_path(name), "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL_FATAL(fwrite(data, 1, len, file), len);
    CU_ASSERT_EQUAL_FATAL(fclose(file), 0);
}

#define VERSIONS 3

/* What may be found in a database that something was done to, with a log beside it or none. */
struct damaged {
    struct bytes file, log;
    struct goxel_project *versions[VERSIONS]; /* references */
    int first;                                /* the oldest of them that may be served, -1: or none at all */
    size_t failed, served;
};

static bool is_good_failure(int code)
{
    return code == GOXEL_ERROR_INVALID_DATA || code == GOXEL_ERROR_FILE_ACCESS ||
           code == GOXEL_ERROR_FORMAT_NOT_SUPPORTED || code == GOXEL_ERROR_LOCKED ||
           code == GOXEL_ERROR_OUT_OF_MEMORY;
}

static bool is_known(const struct damaged *d, const struct goxel_project *project)
{
    if (!project)
        return d->first < 0;
    for (int i = d->first < 0 ? 0 : d->first; i < VERSIONS; i++) {
        if (same_all(d->versions[i], project))
            return true;
    }
    return false;
}

/* False: another project is served. */
static bool is_noticed(struct damaged *d, const struct bytes *file, const struct bytes *log)
{
    struct goxel_project *project = NULL;
    struct goxel_detail detail = {.text = ""};
    bool good;
    int code;

    write_bytes("damaged.db", file->data, file->len);
    (void)unlink(scratch_path("damaged.db-wal"));
    (void)unlink(scratch_path("damaged.db-journal"));
    if (log->data)
        write_bytes("damaged.db-wal", log->data, log->len);
    code = load_file("damaged.db", &detail, &project);
    good = code ? is_good_failure(code) && detail.text[0] : is_known(d, project);
    d->failed += code != 0;
    d->served += code == 0;
    goxel_project_unref(project);
    return good;
}

static void tiny_versions(struct life *life, struct damaged *d)
{
    struct goxel_note group = {"edit", "a group"};
    struct goxel_edit edit;
    struct goxel_project *project;

    for (unsigned i = 0; i < VERSIONS; i++) {
        fill(life, (struct goxel_box){{-1, 0, 0}, {1, (int)i, 0}}, rgba(1 + i, 2, 3, 255));
        project = begin_edit(life, &edit);
        goxel_volume_destroy(project->selection);
        project->selection = goxel_volume_create();
        CU_ASSERT_EQUAL(goxel_volume_set_at(project->selection, at(0, 0, (int)i), rgba(255, 0, 0, 255)), 0);
        commit(life, &edit);
        CU_ASSERT_EQUAL(set(begin_edit(life, &edit), 1, at(40, (int)i, 0), rgba(9, i, 9, 255)), 0);
        CU_ASSERT_EQUAL(goxel_head_commit(life->head, &edit, &group, NULL), 0);
        CU_ASSERT_EQUAL(checkpoint(life), 0);
        d->versions[i] = goxel_head_snapshot(life->head);
    }
}

static void damaged_finish(struct damaged *d)
{
    for (int i = 0; i < VERSIONS; i++)
        goxel_project_unref(d->versions[i]);
    free(d->file.data);
    free(d->log.data);
}

/* A file without a log, in which there is the last version alone. */
static bool begin_damage(struct damaged *d)
{
    struct life life;

    memset(d, 0, sizeof(*d));
    if (!scratch_open())
        return false;
    begin(&life);
    tiny_versions(&life, d);
    end(&life);
    d->file = read_bytes(FILE_NAME);
    d->first = VERSIONS - 1;
    CU_ASSERT(is_noticed(d, &d->file, &d->log));
    CU_ASSERT_EQUAL_FATAL(d->served, 1);
    return true;
}

/* The flips of one byte: one at random, or all of them. */
static size_t flip(struct damaged *d, struct bytes *bytes, size_t at, uint64_t *state)
{
    int one = random_below(state, 8);
    size_t missed = 0;

    for (int bit = 0; bit < 8; bit++) {
        if (!is_full() && bit != one)
            continue;
        bytes->data[at] ^= (uint8_t)(1 << bit);
        if (!is_noticed(d, &d->file, &d->log)) {
            printf("byte %zu bit %d: another project\n", at, bit);
            missed++;
        }
        bytes->data[at] ^= (uint8_t)(1 << bit);
    }
    return missed;
}

static void flipped_bits_are_noticed(void)
{
    uint64_t state = 0xf11b;
    struct damaged d;
    size_t missed = 0;

    if (!begin_damage(&d))
        return;
    for (size_t at = 0; at < d.file.len; at += is_full() ? 1 : 1 + (size_t)random_below(&state, 13))
        missed += flip(&d, &d.file, at, &state);
    CU_ASSERT_EQUAL(missed, 0);
    CU_ASSERT(d.failed > 100 && d.served > 100); /* much of a page is free */
    damaged_finish(&d);
    scratch_close();
}

/* Of the log, or of the file if there is none, to each length. */
static size_t cut_everywhere(struct damaged *d, struct bytes *bytes, size_t stride)
{
    size_t whole = bytes->len, missed = 0;

    for (bytes->len = 0; bytes->len < whole; bytes->len += is_full() ? 1 : stride) {
        if (!is_noticed(d, &d->file, &d->log)) {
            printf("cut to %zu bytes: another project\n", bytes->len);
            missed++;
        }
    }
    bytes->len = whole;
    return missed;
}

static void cut_files_are_noticed(void)
{
    struct damaged d;

    if (!begin_damage(&d))
        return;
    d.file.len = 0; /* as one that was never written: who knows better is the list */
    d.first = -1;
    CU_ASSERT(is_noticed(&d, &d.file, &d.log));
    damaged_finish(&d);
    scratch_close();

    if (!begin_damage(&d))
        return;
    d.first = -1;
    CU_ASSERT_EQUAL(cut_everywhere(&d, &d.file, 61), 0);
    CU_ASSERT(d.failed > 100);
    /* The whole one, the empty one, and those that lack nothing but the end of a last page that has nothing there. */
    CU_ASSERT(d.served <= 2 + 4096);
    damaged_finish(&d);
    scratch_close();
}

/* Both files as they are while the database is open. */
static bool begin_log_damage(struct damaged *d)
{
    struct life life;

    memset(d, 0, sizeof(*d));
    if (!scratch_open())
        return false;
    begin(&life);
    tiny_versions(&life, d);
    d->file = read_bytes(FILE_NAME);
    d->log = read_bytes(FILE_NAME "-wal");
    end(&life);
    d->first = VERSIONS - 1;
    CU_ASSERT(is_noticed(d, &d->file, &d->log)); /* as after a crash: nothing is lost */
    CU_ASSERT_EQUAL(d->served, 1);
    d->first = -1;
    return true;
}

static void cut_logs_lead_to_earlier_checkpoints(void)
{
    struct damaged d;

    if (!begin_log_damage(&d))
        return;
    CU_ASSERT_EQUAL(cut_everywhere(&d, &d.log, 97), 0);
    CU_ASSERT(d.served > 100);
    damaged_finish(&d);
    scratch_close();
}

static void flipped_logs_lead_to_earlier_checkpoints(void)
{
    uint64_t state = 0xf11b;
    struct damaged d;
    size_t missed = 0;

    if (!begin_log_damage(&d))
        return;
    for (size_t at = 0; at < d.log.len; at += is_full() ? 1 : 53)
        missed += flip(&d, &d.log, at, &state);
    CU_ASSERT_EQUAL(missed, 0);
    CU_ASSERT(d.served > 100);
    damaged_finish(&d);
    scratch_close();
}

/* Rows as SQL may leave them, that no page tells of. */
static void changed_rows_are_noticed(void)
{
    static const char *const changes[] = {
        "DELETE FROM bricks WHERE row = (SELECT min(row) FROM bricks)",
        "DELETE FROM bricks WHERE row = (SELECT max(row) FROM bricks)",
        "DELETE FROM bricks WHERE layer = 0",
        "DELETE FROM bricks",
        "INSERT INTO bricks SELECT (SELECT min(row) FROM bricks) - 1, layer, x + 16, y, z, level, since, voxels, "
        "checksum, data FROM bricks LIMIT 1",
        "UPDATE bricks SET x = x + 16 WHERE row = (SELECT max(row) FROM bricks)",
        "UPDATE bricks SET level = 1 WHERE row = (SELECT max(row) FROM bricks)",
        "UPDATE bricks SET layer = 3 - layer WHERE layer > 0",
        "UPDATE bricks SET voxels = voxels + 1",
        "UPDATE bricks SET row = -row",
        "UPDATE bricks SET checksum = checksum + 1 WHERE row = (SELECT max(row) FROM bricks)",
        "UPDATE bricks SET data = (SELECT data FROM bricks ORDER BY row LIMIT 1) "
        "WHERE row = (SELECT max(row) FROM bricks)",
        "UPDATE bricks SET data = x''",
        "UPDATE bricks SET data = NULL",
        "UPDATE sums SET rows = rows + 1 WHERE what = 1",
        "UPDATE sums SET digest = digest + 1 WHERE what = 2",
        "UPDATE sums SET what = 5 WHERE what = 2",
        "DELETE FROM sums WHERE what = 0",
        "DELETE FROM sums WHERE what = 1",
        "DELETE FROM sums WHERE what = -1",
        "DELETE FROM sums",
        "DELETE FROM history WHERE row = (SELECT min(row) FROM history)",
        "DELETE FROM history WHERE row = (SELECT max(row) FROM history)",
        "UPDATE history SET state = state + 1 WHERE row = (SELECT min(row) FROM history)",
        "UPDATE history SET data = x'00'",
        "UPDATE history SET data = (SELECT data FROM history ORDER BY row LIMIT 1)",
        "UPDATE project SET version = version + 1",
        "UPDATE project SET last_brick = last_brick - 1",
        "UPDATE project SET last_step = last_step + 1",
        "UPDATE project SET past = past - 1",
        "UPDATE project SET open_group = x''",
        "UPDATE project SET head = x''",
        "UPDATE project SET head = CAST(head || x'00' AS BLOB)",
        "PRAGMA application_id = 7",
        "DROP TABLE sums",
        "DROP TABLE history",
        "ALTER TABLE bricks DROP COLUMN since",
    };
    struct goxel_detail newer = {.text = ""};
    struct damaged d;

    if (!begin_damage(&d))
        return;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct goxel_project *project = NULL;
        struct goxel_detail detail = {.text = ""};
        int code;

        write_bytes(FILE_NAME, d.file.data, d.file.len);
        run_sql(changes[i]);
        code = load_file(FILE_NAME, &detail, &project);
        CU_ASSERT_EQUAL(code, GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT(detail.text[0]);
        if (code != GOXEL_ERROR_INVALID_DATA)
            printf("%s: %d\n", changes[i], code);
        goxel_project_unref(project);
    }
    write_bytes(FILE_NAME, d.file.data, d.file.len);
    run_sql("PRAGMA user_version = 2");
    CU_ASSERT_EQUAL(load_file(FILE_NAME, &newer, &(struct goxel_project *){NULL}),
                    GOXEL_ERROR_FORMAT_NOT_SUPPORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(newer.text, "layout 2, and 1 is the newest"));
    write_bytes(FILE_NAME, (const uint8_t *)"a letter to somebody, longer than a page's header", 49);
    CU_ASSERT_EQUAL(load_file(FILE_NAME, NULL, &(struct goxel_project *){NULL}), GOXEL_ERROR_INVALID_DATA);
    damaged_finish(&d);
    scratch_close();
}

/* ---- files of strangers ---- */

/* All checksums and sums are right again, of a file with one brick and one step. */
static void sign(void)
{
    run_sql(
        "UPDATE bricks SET checksum = checksum_of(row, layer, x, y, z, level, since, voxels, data);"
        "UPDATE history SET checksum = checksum_of(row, state, data);"
        "UPDATE sums SET digest = coalesce((SELECT checksum FROM bricks WHERE layer = what), 0) WHERE what > 0;"
        "UPDATE sums SET digest = (SELECT checksum FROM history) WHERE what = -1;"
        "UPDATE sums SET checksum = checksum_of(what, rows, digest, since, NULL);"
        "UPDATE project SET checksum = checksum_of(checksum_of(version, last_brick, last_step, last_key, past,"
        " head), open_group)");
}

static void numbers_of_strangers_are_refused(void)
{
    static const struct {
        const char *change, *says;
    } rows[] = {
        {"UPDATE project SET last_brick = 9223372036854775807", "9223372036854775807"},
        {"UPDATE project SET last_step = 9223372036854775807", "9223372036854775807"},
        {"UPDATE project SET last_key = 9223372036854775807", "9223372036854775807"},
        {"UPDATE project SET last_brick = -5", "-5"},
        {"UPDATE sums SET rows = 9223372036854775807 WHERE what = -1", "layer -1"},
        {"UPDATE sums SET rows = 4611686018427387904 WHERE what = -1", "history"},
        {"UPDATE sums SET rows = 1099511627776 WHERE what = -1", "history"},
        {"UPDATE sums SET since = -1 WHERE what = 2", "layer 2"},
        {"INSERT INTO sums VALUES(4294967297, 0, 0, 0, 0)", "layer 4294967297"},
        {"INSERT INTO sums VALUES(-9, 9223372036854775807, 0, 0, 0)", "layer -9"},
        {"INSERT INTO sums VALUES(2147483647, 0, 0, 0, 0)", "layer 2147483647"},
        {"WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n LIMIT 20000) "
         "INSERT INTO sums SELECT i, 0, 0, 0, 0 FROM n",
         "one too many"},
        {"UPDATE bricks SET layer = 4294967297; UPDATE sums SET rows = 0 WHERE what = 1", "layer 4294967297"},
        {"UPDATE bricks SET layer = -4294967295; UPDATE sums SET rows = 0 WHERE what = 1",
         "layer -4294967295"},
        {"UPDATE history SET state = 9223372036854775807", "step 1 "},
    };
    struct life life;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_project *project = NULL;
        struct goxel_detail detail = {.text = ""};

        if (!scratch_open())
            return;
        begin(&life);
        fill(&life, (struct goxel_box){{0, 0, 0}, {3, 3, 3}}, rgba(1, 2, 3, 255));
        CU_ASSERT_EQUAL(checkpoint(&life), 0);
        end(&life);
        sign();
        CU_ASSERT_EQUAL(load_file(FILE_NAME, &detail, &project), 0); /* as it was */
        goxel_project_unref(project);
        run_sql(rows[i].change);
        sign();
        CU_ASSERT_EQUAL(load_file(FILE_NAME, &detail, &project), GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, rows[i].says));
        if (!strstr(detail.text, rows[i].says))
            printf("%s: %s\n", rows[i].change, detail.text);
        goxel_project_unref(project);
        scratch_close();
    }
}

/* A backup may be of any version that a client can count to; a database of ours comes to be of later ones. */
static void versions_of_strangers_are_refused(void)
{
    static const struct {
        uint64_t version, state, saved_state;
        int next_layer_id;
        int loaded, restored;
    } rows[] = {
        {(UINT64_C(1) << 53) - 1, (UINT64_C(1) << 53) - 1, 7, 3, 0, 0},
        {UINT64_C(1) << 53, 1, 1, 3, 0, GOXEL_ERROR_INVALID_DATA},
        {9, UINT64_C(1) << 53, 1, 3, 0, GOXEL_ERROR_INVALID_DATA},
        {UINT64_MAX, 1, 1, 3, GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_INVALID_DATA},
        {9, UINT64_MAX, 1, 3, GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_INVALID_DATA},
        {9, 1, UINT64_MAX, 3, GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_INVALID_DATA},
        {9, 1, 1, 2, GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_INVALID_DATA}, /* there are two layers */
        {9, 1, 1, 0, GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_INVALID_DATA},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_project *project = new_project(), *loaded = NULL, *restored = NULL;
        struct life life;
        int fd;

        if (!scratch_open())
            return;
        project->version = rows[i].version;
        project->state = rows[i].state;
        project->saved_state = rows[i].saved_state;
        project->next_layer_id = rows[i].next_layer_id;
        begin_with(&life, project);
        CU_ASSERT_EQUAL(checkpoint(&life), 0);
        end(&life);
        CU_ASSERT_EQUAL(load_file(FILE_NAME, NULL, &loaded), rows[i].loaded);
        fd = open(scratch_path(FILE_NAME), O_RDONLY | O_CLOEXEC);
        CU_ASSERT_EQUAL(goxel_backup_read(scratch_folder(), fd, NULL, &restored), rows[i].restored);
        CU_ASSERT_EQUAL(close(fd), 0);
        goxel_project_unref(loaded);
        goxel_project_unref(restored);
        scratch_close();
    }
}

/* ---- what is good ---- */

struct damages {
    size_t count;
    char first[256];
};

static void note_damage(void *ctx, const struct goxel_detail *detail)
{
    struct damages *damages = ctx;

    if (damages->count++ == 0)
        (void)snprintf(damages->first, sizeof(damages->first), "%s", detail->text);
}

static void what_is_good_is_loaded(void)
{
    struct damages damages = {0};
    struct goxel_database_load how = {.bytes_max = UINT64_MAX, .damage = note_damage, .ctx = &damages};
    struct goxel_project *before, *after = NULL;
    struct goxel_database *database;
    struct goxel_detail detail = {.text = ""};
    struct life life;

    if (!scratch_open())
        return;
    begin(&life);
    set_many(&life, 100, rgba(1, 2, 3, 255));
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    before = goxel_head_snapshot(life.head);
    end(&life);
    run_sql("UPDATE bricks SET data = x'0000' WHERE x = 48 AND y = 16 AND layer = 1");
    CU_ASSERT_EQUAL(load_file(FILE_NAME, &detail, &after), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, "layer 1, brick at (48, 16, 0)"));
    database = open_file(FILE_NAME);
    CU_ASSERT_EQUAL_FATAL(goxel_database_load(database, &how, &detail, &after), 0);
    CU_ASSERT_EQUAL(damages.count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(damages.first, "layer 1, brick at (48, 16, 0)"));
    for (int i = 0; i < 100; i++) {
        struct goxel_pos pos = at(i % 20 * 16, i / 20 * 16, 0);

        CU_ASSERT_EQUAL(get(after, 0, pos).a, pos.x == 48 && pos.y == 16 ? 0 : 255);
    }
    CU_ASSERT(same_history(before, after));
    goxel_project_unref(before);
    goxel_project_unref(after);
    goxel_database_close(database);
    scratch_close();
}

/* ---- bricks that stay in the file ---- */

struct opened {
    struct goxel_database *database;
    struct goxel_project *project;
    int broken; /* so often it was told */
    char damage[256];
};

static void note_broken(void *ctx, const struct goxel_detail *detail)
{
    struct opened *opened = ctx;

    opened->broken++;
    (void)snprintf(opened->damage, sizeof(opened->damage), "%s", detail->text);
}

/* With all of its bricks in the file alone. */
static void open_away(struct opened *opened)
{
    static const struct goxel_database_load how = {.bytes_max = 0};

    *opened = (struct opened){.database = open_file(FILE_NAME)};
    CU_ASSERT_EQUAL_FATAL(goxel_database_load(opened->database, &how, NULL, &opened->project), 0);
    goxel_database_on_broken(opened->database, note_broken, opened);
}

static void close_away(struct opened *opened)
{
    goxel_project_unref(opened->project);
    goxel_database_close(opened->database);
}

/* Bricks without any order, so many. */
static void save_noise(int bricks)
{
    uint64_t state = 3;
    struct goxel_edit edit;
    struct life life;
    struct goxel_layer *own;

    begin(&life);
    (void)begin_edit(&life, &edit);
    own = goxel_project_own_layer(edit.project, edit.project->layers[0]);
    for (int i = 0; i < bricks * GOXEL_BRICK_VOXELS; i++)
        CU_ASSERT_EQUAL(
            goxel_volume_set_at(own->volume, at(i / 256, i / 16 % 16, i % 16),
                                rgba((unsigned)random_below(&state, 256), (unsigned)random_below(&state, 256),
                                     (unsigned)random_below(&state, 256), 255)),
            0);
    commit(&life, &edit);
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    end(&life);
}

/* A bit of each kilobyte behind the first pages. */
static void flip_bits(const char *name)
{
    FILE *file = fopen(scratch_path(name), "r+");
    int c;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    for (long offset = 50000; fseek(file, offset, SEEK_SET) == 0 && (c = fgetc(file)) != EOF;
         offset += 1000) {
        CU_ASSERT_EQUAL(fseek(file, -1, SEEK_CUR), 0);
        CU_ASSERT_EQUAL(fputc(c ^ 0x10, file), c ^ 0x10);
        CU_ASSERT_EQUAL(fflush(file), 0);
    }
    CU_ASSERT_EQUAL(fclose(file), 0);
}

/* More than SQLite keeps in memory. */
static void damaged_bricks_are_not_saved(void)
{
    struct goxel_database *other;
    struct goxel_project *empty = new_project();
    struct opened opened;

    if (!scratch_open())
        return;
    save_noise(250);
    open_away(&opened);
    other = open_file("other.db");
    CU_ASSERT_EQUAL(save(other, empty), 0);
    flip_bits(FILE_NAME);
    CU_ASSERT_EQUAL(save(other, opened.project), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(opened.broken, 1);
    CU_ASSERT(opened.damage[0] != '\0');
    goxel_database_close(other);
    CU_ASSERT(file_has("other.db", empty)); /* the checkpoint before stands */
    close_away(&opened);
    goxel_project_unref(empty);
    scratch_close();
}

/* Memory that is missing once is no damage, and nothing is saved without the voxels that it was missing for. */
static void missing_memory_is_no_damage(void)
{
    int failures = 0, code = GOXEL_ERROR_OUT_OF_MEMORY;
    bool reached = true;

    if (unit_fail_allocation(-1) < 0) {
        unit_skip("allocations cannot be made to fail");
        return;
    }
    for (int n = 0; reached; n++) {
        struct goxel_database *other;
        struct opened opened;

        if (!scratch_open())
            return;
        save_noise(3);
        open_away(&opened);
        other = open_file("other.db");
        unit_fail_allocation(n);
        code = save(other, opened.project);
        reached = unit_fail_allocation(-1) > n;
        failures += code != 0;
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        if (code)
            CU_ASSERT_EQUAL(save(other, opened.project), 0);
        CU_ASSERT_EQUAL(opened.broken, 0);
        goxel_database_close(other);
        CU_ASSERT(file_has("other.db", opened.project));
        close_away(&opened);
        scratch_close();
    }
    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT(failures > 3);
}

/* ---- disks that fail ---- */

static int checkpoint_with_file_size(struct life *life, rlim_t bytes)
{
    struct rlimit before, small;
    int code;

    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = bytes;
    signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    code = checkpoint(life);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    return code;
}

static int64_t size_of(const char *name)
{
    struct stat info = {0};

    CU_ASSERT_EQUAL(stat(scratch_path(name), &info), 0);
    return info.st_size;
}

/* At every place where it can: nothing is written any more, and the last checkpoint stands. */
static void a_failed_disk_leaves_the_last_checkpoint(void)
{
    int failures = 0, code = GOXEL_ERROR_FILE_ACCESS;

    for (rlim_t more = 0; code && more < 1 << 20; more += 5000) {
        struct goxel_project *before, *after;
        struct life life;
        int64_t bytes;

        if (!scratch_open())
            return;
        begin(&life);
        set_many(&life, 300, rgba(1, 2, 3, 255));
        CU_ASSERT_EQUAL(checkpoint(&life), 0);
        before = goxel_head_snapshot(life.head);
        bytes = size_of(FILE_NAME "-wal");
        set_many(&life, 400, rgba(4, 2, 3, 255));
        code = checkpoint_with_file_size(&life, (rlim_t)bytes + more);
        failures += code != 0;
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_FILE_ACCESS);
        CU_ASSERT_EQUAL(checkpoint(&life), code); /* the disk is not believed again */
        after = goxel_head_snapshot(life.head);
        end(&life);
        CU_ASSERT(file_has(FILE_NAME, code ? before : after));
        goxel_project_unref(before);
        goxel_project_unref(after);
        scratch_close();
    }
    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT(failures > 2);
}

static void failed_allocations_leave_the_last_checkpoint(void)
{
    int code = 0, failures = 0;
    bool reached = true;

    for (int n = 0; reached; n += 1 + n / 8) {
        struct goxel_project *before, *after;
        struct life life;

        if (!scratch_open())
            return;
        begin(&life);
        set_many(&life, 70, rgba(1, 2, 3, 255));
        CU_ASSERT_EQUAL(checkpoint(&life), 0);
        before = goxel_head_snapshot(life.head);
        set_many(&life, 90, rgba(4, 2, 3, 255));
        unit_fail_allocation(n);
        code = checkpoint(&life);
        reached = unit_fail_allocation(-1) > n;
        failures += code != 0;
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        after = goxel_head_snapshot(life.head);
        if (code && n % 2 == 0) {
            CU_ASSERT_EQUAL(checkpoint(&life), 0); /* memory is there again */
            end(&life);
            CU_ASSERT(file_has(FILE_NAME, after));
        } else {
            end(&life);
            CU_ASSERT(file_has(FILE_NAME, code ? before : after));
        }
        goxel_project_unref(before);
        goxel_project_unref(after);
        scratch_close();
    }
    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT(failures > (unit_counts_libraries() ? 10 : 3));
}

static void failed_allocations_while_loading(void)
{
    struct goxel_project *project;
    int code = 0, failures = 0;
    bool reached = true;
    struct life life;

    if (!scratch_open())
        return;
    begin(&life);
    set_many(&life, 70, rgba(1, 2, 3, 255));
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    end(&life);
    for (int n = 0; reached; n += 1 + n / 40) {
        unit_fail_allocation(n);
        code = load_file(FILE_NAME, NULL, &project);
        reached = unit_fail_allocation(-1) > n;
        failures += code != 0;
        CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
        goxel_project_unref(project);
    }
    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT(failures > 10);
    scratch_close();
}

/* ---- a process that ends ---- */

#define KILLED_BRICKS 500

/* All of it follows from the number. */
static struct goxel_project *numbered_project(uint64_t n)
{
    struct goxel_project *project = new_project();

    for (int i = 0; i < KILLED_BRICKS; i++)
        CU_ASSERT_EQUAL(set(project, n % 2, at(i % 30 * 16, i / 30 * 16, (int)(n % 7)),
                            rgba(1 + (unsigned)n % 255, (unsigned)i & 255, 3, 255)),
                        0);
    project->created_ms = 1000;
    project->modified_ms = 1000 + (int64_t)n;
    project->version = project->state = n;
    goxel_project_seal(project);
    return project;
}

/* Never comes back. */
static void save_for_ever(int pipe_end)
{
    struct goxel_checkpoint checkpoint = {.project = NULL};
    struct goxel_project *project = NULL;
    struct goxel_database *database = NULL;
    uint64_t n = 0;

    if (goxel_database_open(scratch_path(FILE_NAME), true, NULL, &database) ||
        goxel_database_load(database, &plain, NULL, &project))
        _exit(3);
    n = project ? project->version : 0;
    goxel_project_unref(project);
    for (;;) {
        checkpoint.project = project = numbered_project(++n);
        if (write(pipe_end, "s", 1) != 1 || goxel_database_save(database, &checkpoint, NULL))
            _exit(4);
        goxel_project_unref(project);
    }
}

/* After so many saves have begun, and some time of the next one. */
static int kill_within(int saves, int64_t ns)
{
    int ends[2], status = 0;
    int64_t until;
    pid_t child;
    char byte;

    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    fflush(stdout);
    child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0)
        save_for_ever(ends[1]);
    (void)close(ends[1]);
    while (saves > 0 && read(ends[0], &byte, 1) == 1)
        saves--;
    for (until = goxel_clock_ns() + ns; goxel_clock_ns() < until;) {}
    CU_ASSERT_EQUAL(kill(child, SIGKILL), 0);
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    (void)close(ends[0]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

/* One version as a whole, and not an older one than last time. */
static void kills_leave_a_version(void)
{
    uint64_t state = 0x1111, last = 0;

    if (!scratch_open())
        return;
    for (int i = 0; i < (is_full() ? 200 : 20); i++) {
        struct goxel_project *found = NULL, *wanted;
        struct goxel_detail detail = {.text = ""};
        int saves = i < 3 ? 1 : 1 + random_below(&state, 4); /* and some within the very first one */
        int code;

        CU_ASSERT_EQUAL(kill_within(saves, random_below(&state, 8000000)), 0);
        code = load_file(FILE_NAME, &detail, &found);
        if (code)
            printf("not loaded: %s\n", detail.text);
        CU_ASSERT_EQUAL_FATAL(code, 0);
        CU_ASSERT_FATAL(found || last == 0);
        if (!found)
            continue;
        CU_ASSERT(found->version >= last + (uint64_t)saves - 1);
        last = found->version;
        wanted = numbered_project(last);
        CU_ASSERT(same_version(found, wanted));
        goxel_project_unref(wanted);
        goxel_project_unref(found);
    }
    scratch_close();
}

/* What a first checkpoint left that came to no end is in nobody's way. */
static void a_first_checkpoint_is_made_twice(void)
{
    struct goxel_project *project = NULL;
    struct life life;

    if (!scratch_open())
        return;
    begin(&life);
    set_many(&life, 50, rgba(1, 2, 3, 255));
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    goxel_database_close(life.database);
    run_sql("DELETE FROM project; DELETE FROM sums");
    life.database = open_file(FILE_NAME);
    CU_ASSERT_EQUAL(goxel_database_load(life.database, &plain, NULL, &project), 0);
    CU_ASSERT_PTR_NULL(project);
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    CU_ASSERT(comes_back(&life));
    end(&life);
    scratch_close();
}

/* A brick of many colours at each of so many places, other ones for each `round`. */
static void paint_bricks(struct goxel_project *project, int bricks, uint64_t round)
{
    struct goxel_layer *layer = goxel_project_own_layer(project, project->layers[0]);
    uint64_t state = 77 + round;

    for (int i = 0; i < 64 * bricks; i++) {
        struct goxel_pos pos = {16 * (i % bricks) + (int)random_below(&state, 16),
                                (int)random_below(&state, 16), (int)random_below(&state, 16)};

        CU_ASSERT_EQUAL(goxel_volume_set_at(
                            layer->volume, pos,
                            (struct goxel_color){(uint8_t)random_below(&state, 256), (uint8_t)round, 3, 255}),
                        0);
    }
    goxel_project_touch(project);
}

/* What stands in for a version that was saved, and is saved no more: its bricks are in the file alone. */
static struct goxel_project *evicted(struct goxel_database *database, const struct goxel_project *project)
{
    struct goxel_project *base = NULL, *newer = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_database_evict(database, project, &base, &newer), 0);
    goxel_database_rebase(database, newer);
    goxel_project_unref(base);
    return newer;
}

/* Whoever holds a version reads it as it was, whatever was written, removed and evicted since. */
static void a_held_version_stays(void)
{
    enum { BRICKS = 40 };
    struct goxel_database *database = NULL;
    struct goxel_project *project, *held, *reference, *again = NULL;

    if (!scratch_open())
        return;
    database = open_file(FILE_NAME);
    project = goxel_project_create("p");
    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, NULL, NULL), 0);
    paint_bricks(project, BRICKS, 0);
    reference = goxel_project_create("p"); /* the same, and never in a file */
    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(reference, NULL, -1, NULL, NULL), 0);
    paint_bricks(reference, BRICKS, 0);
    CU_ASSERT_EQUAL(save(database, project), 0);
    held = evicted(database, project);
    goxel_project_unref(project);
    project = goxel_project_ref(held);
    for (uint64_t round = 1; round <= 3; round++) { /* all of it is rewritten, and leaves memory */
        struct goxel_project *next = goxel_project_copy(project);

        paint_bricks(next, BRICKS, round);
        CU_ASSERT_EQUAL(save(database, next), 0);
        goxel_project_unref(project);
        project = evicted(database, next);
        goxel_project_unref(next);
        CU_ASSERT_TRUE(goxel_volume_equal(held->layers[0]->volume, reference->layers[0]->volume));
    }
    for (uint64_t round = 1; round <= 3; round++)
        paint_bricks(reference, BRICKS, round);
    CU_ASSERT_FALSE(goxel_volume_equal(held->layers[0]->volume, project->layers[0]->volume));
    CU_ASSERT_TRUE(goxel_volume_equal(reference->layers[0]->volume, project->layers[0]->volume));
    goxel_project_unref(held); /* its rows go with the next checkpoint */
    for (int i = 0; i < 2; i++) {
        struct goxel_project *next = goxel_project_copy(project);

        goxel_project_touch(next);
        CU_ASSERT_EQUAL(save(database, next), 0);
        goxel_project_unref(project);
        project = next;
    }
    goxel_project_unref(project);
    goxel_database_close(database);
    CU_ASSERT_EQUAL_FATAL(load_file(FILE_NAME, NULL, &again), 0);
    CU_ASSERT_TRUE(goxel_volume_equal(again->layers[0]->volume, reference->layers[0]->volume));
    goxel_project_unref(again);
    goxel_project_unref(reference);
    scratch_close();
}

/* ---- a project whose bricks leave memory ---- */

static void evict(struct life *life)
{
    struct goxel_project *base = NULL, *newer = NULL;
    struct goxel_edit edit;
    bool same;

    (void)begin_edit(life, &edit);
    same = goxel_database_has(life->database, edit.base);
    CU_ASSERT_EQUAL_FATAL(goxel_database_evict(life->database, edit.base, &base, &newer), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_head_swap(life->head, &edit, newer), 0);
    goxel_database_rebase(life->database, same ? newer : base);
    goxel_project_unref(base);
    goxel_project_unref(newer);
}

/* On a thread of its own, which has loaded nothing yet: what it reads it reads from the file. */
static void on_a_thread(void *(*run)(void *ctx), void *ctx)
{
    pthread_t thread;

    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, run, ctx), 0);
    CU_ASSERT_EQUAL_FATAL(pthread_join(thread, NULL), 0);
}

static void *save_life_on_a_thread(void *ctx)
{
    CU_ASSERT_EQUAL(checkpoint(ctx), 0);
    return NULL;
}

/* Of bricks that are half full, more than a thread keeps of what it has read. */
static void change_bricks(struct life *life, const char *group, struct goxel_color color)
{
    struct goxel_note note = {.name = "edit", .group = group};
    struct goxel_edit edit;
    struct goxel_project *project = begin_edit(life, &edit);
    struct goxel_layer *own = goxel_project_own_layer(project, project->layers[0]);

    for (int i = 0; i < 100; i++) {
        struct goxel_box half = {at(i * 16, 0, 0), at(i * 16 + 15, 15, 7)};

        CU_ASSERT_EQUAL(goxel_volume_fill(own->volume, &half, color, NULL), 0);
    }
    CU_ASSERT_EQUAL(goxel_head_commit(life->head, &edit, &note, NULL), 0);
}

/* The step that goes on has taken away what lies in the file: saving it reads it from there. */
static void a_group_may_have_left_memory(void)
{
    struct goxel_project *loaded = NULL;
    struct goxel_edit edit;
    struct life life;

    if (!scratch_open())
        return;
    begin(&life);
    change_bricks(&life, NULL, rgba(1, 2, 3, 255));
    CU_ASSERT_EQUAL(checkpoint(&life), 0);
    evict(&life);
    change_bricks(&life, "g", rgba(0, 0, 0, 0));
    on_a_thread(save_life_on_a_thread, &life);
    goxel_head_destroy(life.head);
    goxel_database_close(life.database);
    life.database = open_file(FILE_NAME);
    CU_ASSERT_EQUAL_FATAL(goxel_database_load(life.database, &plain, NULL, &loaded), 0);
    CU_ASSERT_EQUAL(goxel_project_voxels(loaded), 0);
    loaded->is_version = true; /* as the workspace does */
    life.head = goxel_head_create(loaded);
    goxel_project_unref(loaded);
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(life.head, &edit), 0);
    CU_ASSERT_EQUAL(goxel_head_undo(life.head, &edit, 1, NULL), 0);
    CU_ASSERT_EQUAL(goxel_project_voxels(edit.project), 100 * GOXEL_BRICK_VOXELS / 2);
    goxel_head_abort(life.head, &edit);
    end(&life);
    scratch_close();
}

struct twins {
    struct life life, mirror; /* the mirror has no database, and all of it is in memory */
    bool same;
};

/* Their epochs are two, and the times of their histories. */
static bool same_voxels(const struct goxel_project *a, const struct goxel_project *b)
{
    bool same = same_volume(a->selection, b->selection) && a->layer_count == b->layer_count;

    for (size_t i = 0; i < a->layer_count && same; i++)
        same = a->layers[i]->id == b->layers[i]->id &&
               same_volume(a->layers[i]->volume, b->layers[i]->volume);
    return same && a->version == b->version;
}

static void *compare(void *ctx)
{
    struct twins *twins = ctx;
    struct goxel_project *a = goxel_head_snapshot(twins->life.head),
                         *b = goxel_head_snapshot(twins->mirror.head);

    twins->same = same_voxels(a, b);
    goxel_project_unref(a);
    goxel_project_unref(b);
    return NULL;
}

static void *save_on_a_thread(void *ctx)
{
    struct twins *twins = ctx;

    CU_ASSERT_EQUAL(checkpoint(&twins->life), 0);
    return NULL;
}

static void begin_twins(struct twins *twins)
{
    struct goxel_project *project = new_project();

    begin(&twins->life);
    twins->mirror.head = goxel_head_create(project);
    CU_ASSERT_PTR_NOT_NULL_FATAL(twins->mirror.head);
    goxel_project_unref(project);
}

static bool are_same(struct twins *twins)
{
    on_a_thread(compare, twins);
    return twins->same;
}

/* The mirror knows what is to come back; no brick of before holds the file. */
static bool twin_comes_back(struct twins *twins)
{
    struct goxel_project *loaded = NULL;
    struct goxel_detail detail = {.text = ""};
    int code;

    goxel_head_destroy(twins->life.head);
    goxel_database_close(twins->life.database);
    twins->life.database = open_file(FILE_NAME);
    code = goxel_database_load(twins->life.database, &plain, &detail, &loaded);
    if (code)
        printf("not loaded: %s\n", detail.text);
    CU_ASSERT_FATAL(code == 0 && loaded);
    loaded->is_version = true; /* as the workspace does */
    twins->life.head = goxel_head_create(loaded);
    goxel_project_unref(loaded);
    return are_same(twins);
}

static void end_twins(struct twins *twins)
{
    end(&twins->life);
    goxel_head_destroy(twins->mirror.head);
}

static void what_left_memory_stays_what_it_was(void)
{
    static const uint64_t seeds[] = {9, 99, 999, 9999};

    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
        uint64_t state = seeds[s], again;
        struct twins twins;

        if (!scratch_open())
            return;
        begin_twins(&twins);
        for (int i = 0; i < (is_full() ? 300 : 40); i++) {
            for (int k = random_below(&state, 6); k >= 0; k--) {
                again = state;
                change_at_random(&twins.life, &state);
                change_at_random(&twins.mirror, &again);
            }
            on_a_thread(save_on_a_thread, &twins);
            if (random_below(&state, 2))
                evict(&twins.life);
            CU_ASSERT_FATAL(are_same(&twins));
            if (random_below(&state, 8) == 0)
                CU_ASSERT_FATAL(twin_comes_back(&twins));
        }
        CU_ASSERT(twin_comes_back(&twins));
        end_twins(&twins);
        scratch_close();
    }
}

/* Of both: a second layer of so many bricks. */
static void paint_layer(struct twins *twins, int bricks, uint64_t round)
{
    struct life *lives[] = {&twins->life, &twins->mirror};

    for (int i = 0; i < 2; i++) {
        struct goxel_edit edit;
        struct goxel_project *project = begin_edit(lives[i], &edit);

        if (project->layer_count < 2)
            CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, 0, NULL, NULL), 0);
        paint_bricks(project, bricks, round);
        commit(lives[i], &edit);
    }
}

static void remove_layer(struct twins *twins)
{
    struct life *lives[] = {&twins->life, &twins->mirror};

    for (int i = 0; i < 2; i++) {
        struct goxel_edit edit;
        struct goxel_project *project = begin_edit(lives[i], &edit);

        CU_ASSERT_EQUAL(goxel_project_remove_layer(project, project->layers[0]->id), 0);
        commit(lives[i], &edit);
    }
}

static void both_undo(struct twins *twins)
{
    step(&twins->life, false);
    step(&twins->mirror, false);
}

/* Its rows stay as long as somebody may read them, and are not taken for those that it has when it comes back. */
static void removed_layers_come_back_from_the_file(void)
{
    for (int changed = 0; changed < 2; changed++) {
        struct twins twins;

        if (!scratch_open())
            return;
        begin_twins(&twins);
        paint_layer(&twins, 48, 0);
        on_a_thread(save_on_a_thread, &twins);
        evict(&twins.life);
        if (changed) {
            paint_layer(&twins, 1, 1);
            on_a_thread(save_on_a_thread, &twins);
        }
        remove_layer(&twins);
        on_a_thread(save_on_a_thread, &twins);
        both_undo(&twins);
        CU_ASSERT(are_same(&twins));
        if (changed) /* a place of it that is empty then */
            both_undo(&twins);
        on_a_thread(save_on_a_thread, &twins);
        CU_ASSERT(are_same(&twins));
        CU_ASSERT(twin_comes_back(&twins));
        on_a_thread(save_on_a_thread, &twins);
        CU_ASSERT(twin_comes_back(&twins));
        end_twins(&twins);
        CU_ASSERT(ask_sql("SELECT count(*) FROM bricks") <= 48 + 1);
        scratch_close();
    }
}

/* With a file in which everything but a few bricks is of places that are empty: it is written anew below the bricks. */
static void what_is_compacted_is_still_read(void)
{
    struct goxel_color none = rgba(0, 0, 0, 0);
    struct twins twins;

    if (!scratch_open())
        return;
    begin_twins(&twins);
    set_many(&twins.life, 6000, rgba(1, 2, 3, 255));
    set_many(&twins.mirror, 6000, rgba(1, 2, 3, 255));
    on_a_thread(save_on_a_thread, &twins);
    evict(&twins.life);
    set_many(&twins.life, 5900, none);
    set_many(&twins.mirror, 5900, none);
    on_a_thread(save_on_a_thread, &twins);
    CU_ASSERT(are_same(&twins));
    both_undo(&twins);
    CU_ASSERT(are_same(&twins));
    on_a_thread(save_on_a_thread, &twins);
    CU_ASSERT(twin_comes_back(&twins));
    end_twins(&twins);
    scratch_close();
}

static void rows_that_nobody_reads_any_more_go(void)
{
    struct twins twins;

    if (!scratch_open())
        return;
    begin_twins(&twins);
    goxel_head_set_history_bytes(twins.life.head, 0);
    for (uint64_t round = 0; round < 30; round++) {
        paint_layer(&twins, 4, round);
        on_a_thread(save_on_a_thread, &twins);
        evict(&twins.life);
    }
    end_twins(&twins);
    CU_ASSERT(ask_sql("SELECT count(*) FROM bricks") <= 4 + 2 * 4);
    scratch_close();
}

static const struct unit_test tests[] = {
    {"a group may have left memory", a_group_may_have_left_memory},
    {"what left memory stays what it was", what_left_memory_stays_what_it_was},
    {"removed layers come back from the file", removed_layers_come_back_from_the_file},
    {"what is compacted is still read", what_is_compacted_is_still_read},
    {"rows that nobody reads any more go", rows_that_nobody_reads_any_more_go},
    {"everything is loaded", everything_is_loaded},
    {"the last checkpoint counts", the_last_checkpoint_counts},
    {"databases are opened once", databases_are_opened_once},
    {"tiles come and go", tiles_come_and_go},
    {"extremes come back", extremes_come_back},
    {"layers go and come back", layers_go_and_come_back},
    {"superseded rows go", superseded_rows_go},
    {"many removed bricks are compacted", many_removed_bricks_are_compacted},
    {"rows of a removed layer do not come back", rows_of_a_removed_layer_do_not_come_back},
    {"flipped bits are noticed", flipped_bits_are_noticed},
    {"cut files are noticed", cut_files_are_noticed},
    {"cut logs lead to earlier checkpoints", cut_logs_lead_to_earlier_checkpoints},
    {"flipped logs lead to earlier checkpoints", flipped_logs_lead_to_earlier_checkpoints},
    {"changed rows are noticed", changed_rows_are_noticed},
    {"numbers of strangers are refused", numbers_of_strangers_are_refused},
    {"versions of strangers are refused", versions_of_strangers_are_refused},
    {"what is good is loaded", what_is_good_is_loaded},
    {"damaged bricks are not saved", damaged_bricks_are_not_saved},
    {"missing memory is no damage", missing_memory_is_no_damage},
    {"a failed disk leaves the last checkpoint", a_failed_disk_leaves_the_last_checkpoint},
    {"failed allocations leave the last checkpoint", failed_allocations_leave_the_last_checkpoint},
    {"failed allocations while loading", failed_allocations_while_loading},
    {"kills leave a version", kills_leave_a_version},
    {"a first checkpoint is made twice", a_first_checkpoint_is_made_twice},
    {"a held version stays", a_held_version_stays},
    {NULL, NULL},
};

const struct unit_suite database_suite = {"database", tests};
