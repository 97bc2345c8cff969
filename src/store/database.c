/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file's life, and what is one row of it; other rows are in store/bricks.c, store/steps.c, store/request_keys.c. */
#include <endian.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "core/effects.h"
#include "core/step.h"
#include "store/database_rows.h"

static const char schema[] =
    "CREATE TABLE project(one INTEGER PRIMARY KEY CHECK(one = 1), version INTEGER, last_brick INTEGER, last_step INTEGER,"
    " last_key INTEGER, past INTEGER, checksum INTEGER, head BLOB, open_group BLOB) STRICT;"
    "CREATE TABLE sums(what INTEGER PRIMARY KEY, rows INTEGER, digest INTEGER, since INTEGER, checksum INTEGER) STRICT;"
    "CREATE TABLE bricks(row INTEGER PRIMARY KEY, layer INTEGER, x INTEGER, y INTEGER, z INTEGER, level INTEGER,"
    " since INTEGER, voxels INTEGER, checksum INTEGER, data BLOB) STRICT;"
    "CREATE TABLE history(row INTEGER PRIMARY KEY, state INTEGER, checksum INTEGER, data BLOB) STRICT;"
    "CREATE TABLE keys(row INTEGER PRIMARY KEY, checksum INTEGER, data BLOB) STRICT;";

/* ---- small things ---- */

uint64_t goxel_checksum(const int64_t *numbers, size_t count, const void *bytes, size_t len)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t number = htole64((uint64_t)numbers[i]);

        hash = goxel_hash(hash, &number, sizeof(number));
    }
    return goxel_hash(hash, bytes ? bytes : "", bytes ? len : 0);
}

int goxel_database_tell(const struct goxel_database_load *how, const struct goxel_detail *detail, int code)
{
    if (!how->damage)
        return code;
    how->damage(how->ctx, detail);
    return 0;
}

int goxel_database_damaged(const struct goxel_database_load *how, struct goxel_detail *detail,
                           const char *fmt, ...)
{
    struct goxel_detail told;
    char text[sizeof(told.text)];
    va_list args;
    int code;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    code = goxel_fail(&told, GOXEL_ERROR_INVALID_DATA, "%s", text);
    if (detail)
        *detail = told;
    return goxel_database_tell(how, &told, code);
}

int goxel_rows_add(struct goxel_rows *rows, int64_t row)
{
    int code = goxel_array_reserve(&rows->list, &rows->capacity, rows->count + 1, sizeof(row));

    if (!code)
        rows->list[rows->count++] = row;
    return code;
}

/* ---- sums ---- */

void goxel_sums_finish(struct goxel_sums *sums)
{
    free(sums->list);
    *sums = (struct goxel_sums){NULL, 0};
}

static int sums_copy(const struct goxel_sums *sums, struct goxel_sums *ret_copy)
{
    struct goxel_sum *list = calloc(sums->count + 1, sizeof(*list)); /* none is no special case */

    if (!list)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (sums->count > 0)
        memcpy(list, sums->list, sums->count * sizeof(*list));
    *ret_copy = (struct goxel_sums){list, sums->count};
    return 0;
}

struct goxel_sum *goxel_sums_find(const struct goxel_sums *sums, int64_t what)
{
    for (size_t i = 0; i < sums->count; i++) {
        if (sums->list[i].what == what)
            return &sums->list[i];
    }
    return NULL;
}

int goxel_sums_need(struct goxel_sums *sums, int64_t what)
{
    struct goxel_sum *list;

    if (goxel_sums_find(sums, what))
        return 0;
    list = realloc(sums->list, (sums->count + 1) * sizeof(*list));
    if (!list)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    list[sums->count++] = (struct goxel_sum){.what = what};
    sums->list = list;
    return 0;
}

bool goxel_sum_is_wanted(int64_t what, const struct goxel_project *project)
{
    return what <= 0 || goxel_project_layer(project, (int)what);
}

/* Those of layers that the project does not have go, once none of their rows is left. */
static void drop_gone(struct goxel_sums *sums, const struct goxel_project *project)
{
    size_t count = 0;

    for (size_t i = 0; i < sums->count; i++) {
        if (sums->list[i].rows > 0 || goxel_sum_is_wanted(sums->list[i].what, project))
            sums->list[count++] = sums->list[i];
    }
    sums->count = count;
}

#define SUM_NUMBERS 4 /* of a row, before its checksum */

/* All of them anew: a project has few. */
static int write_sums(struct goxel_database *database, const struct goxel_sums *sums,
                      struct goxel_detail *detail)
{
    int code = goxel_sql_run(&database->sql, "DELETE FROM sums", detail);
    sqlite3_stmt *statement;

    if (code)
        return code;
    statement = goxel_sql_prepare(&database->sql, "INSERT INTO sums VALUES(?1, ?2, ?3, ?4, ?5)", detail,
                                  &code);
    for (size_t i = 0; i < sums->count && !code; i++) {
        const struct goxel_sum *sum = &sums->list[i];
        int64_t numbers[SUM_NUMBERS + 1] = {sum->what, sum->rows, (int64_t)sum->digest, sum->since};

        numbers[SUM_NUMBERS] = (int64_t)goxel_checksum(numbers, SUM_NUMBERS, NULL, 0);
        code = goxel_sql_bind(&database->sql, statement, numbers, SUM_NUMBERS + 1, NULL, detail);
        if (!code)
            code = goxel_sql_step(&database->sql, statement, detail);
    }
    sqlite3_finalize(statement);
    return code;
}

static int fail_sum(const struct goxel_database_load *how, int64_t what, const char *why,
                    struct goxel_detail *detail)
{
    return goxel_database_damaged(how, detail, "the sum of layer %lld %s", (long long)what, why);
}

static bool is_sum(const int64_t numbers[SUM_NUMBERS])
{
    return numbers[0] >= GOXEL_SUM_KEYS && numbers[0] < INT_MAX && goxel_number_is_good(numbers[1]) &&
           goxel_number_is_good(numbers[3]);
}

static int take_sum(struct goxel_database *database, const struct goxel_database_load *how,
                    const int64_t numbers[SUM_NUMBERS + 1], struct goxel_detail *detail)
{
    int code;

    if (numbers[SUM_NUMBERS] != (int64_t)goxel_checksum(numbers, SUM_NUMBERS, NULL, 0))
        return fail_sum(how, numbers[0], "is not as it was written", detail);
    if (!is_sum(numbers))
        return fail_sum(how, numbers[0], "has numbers that cannot be", detail);
    if (database->sums.count == GOXEL_SUMS_MAX)
        return fail_sum(how, numbers[0], "is one too many", detail);
    code = goxel_sums_need(&database->sums, numbers[0]);
    if (code)
        return goxel_fail(detail, code, "a project's database");
    *goxel_sums_find(&database->sums, numbers[0]) = (struct goxel_sum){numbers[0], numbers[1],
                                                                       (uint64_t)numbers[2], numbers[3]};
    return 0;
}

static int read_sums(struct goxel_database *database, const struct goxel_database_load *how,
                     struct goxel_detail *detail)
{
    int code, rc = SQLITE_DONE;
    sqlite3_stmt *statement = goxel_sql_prepare(
        &database->sql, "SELECT what, rows, digest, since, checksum FROM sums", detail, &code);

    while (!code && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        int64_t numbers[SUM_NUMBERS + 1];

        for (int i = 0; i <= SUM_NUMBERS; i++)
            numbers[i] = sqlite3_column_int64(statement, i);
        code = take_sum(database, how, numbers, detail);
    }
    if (!code)
        code = goxel_sql_check(&database->sql, rc, detail);
    sqlite3_finalize(statement);
    return code;
}

/* ---- a checkpoint ---- */

int goxel_checkpoint_take(struct goxel_head *head, struct goxel_project *version, struct goxel_detail *detail,
                          struct goxel_checkpoint *ret_checkpoint)
{
    struct goxel_checkpoint checkpoint = {.project = goxel_project_ref(version)};
    int code = goxel_head_take_history(head, version, &checkpoint.history);

    if (!code)
        code = goxel_head_list_keys(head, version, &checkpoint.keys);
    if (code) {
        goxel_checkpoint_finish(&checkpoint);
        return goxel_fail(detail, code, "a checkpoint");
    }
    *ret_checkpoint = checkpoint;
    return 0;
}

void goxel_checkpoint_finish(struct goxel_checkpoint *checkpoint)
{
    goxel_history_list_finish(&checkpoint->history);
    goxel_key_list_finish(&checkpoint->keys);
    goxel_project_unref(checkpoint->project);
}

static int run(struct goxel_saving *saving, const char *text)
{
    struct goxel_database *database = saving->database;
    int code;

    pthread_mutex_lock(&database->lock);
    code = goxel_sql_run(&database->sql, text, saving->detail);
    pthread_mutex_unlock(&database->lock);
    return code;
}

static int begin_transaction(struct goxel_saving *saving)
{
    saving->began_ns = goxel_clock_ns();
    return run(saving, "BEGIN IMMEDIATE");
}

static int commit_transaction(struct goxel_saving *saving)
{
    return run(saving, "COMMIT");
}

/*
 * After each row whoever waits for the processor gets it: this thread has what is left over, and nobody waits for the
 * scheduler's next tick.
 */
int goxel_saving_pace(struct goxel_saving *saving)
{
    const struct goxel_checkpoint *checkpoint = saving->checkpoint;
    int code;

    if (!checkpoint->progress)
        (void)sched_yield();
    if (goxel_clock_ns() - saving->began_ns < GOXEL_DATABASE_PACE_MS * INT64_C(1000000))
        return 0;
    if (checkpoint->progress)
        checkpoint->progress(checkpoint->progress_ctx);
    if (checkpoint->strides)
        atomic_fetch_add_explicit(checkpoint->strides, 1, memory_order_relaxed);
    code = commit_transaction(saving);
    return code ? code : begin_transaction(saving);
}

/* What an earlier checkpoint left that did not come to its end. */
static int remove_rubbish(struct goxel_saving *saving)
{
    struct goxel_database *database = saving->database;
    char text[200];
    int code;

    if (!database->rubbish)
        return 0;
    (void)snprintf(
        text, sizeof(text),
        "DELETE FROM bricks WHERE row > %lld; DELETE FROM history WHERE row > %lld; DELETE FROM keys WHERE row > %lld",
        (long long)database->last_brick, (long long)database->last_step, (long long)database->last_key);
    code = run(saving, text);
    if (!code)
        database->rubbish = false;
    return code;
}

#define PROJECT_NUMBERS 5 /* columns of the project before the checksum */

/* The group that is open, its key, name, time and where it comes from before it; nothing if there is none. */
static int encode_group(struct goxel_saving *saving, const struct goxel_history_list *history)
{
    struct goxel_buf *group = &saving->group;

    if (history->group_key[0]) {
        goxel_put_run(group, history->group_key, strlen(history->group_key));
        goxel_put_run(group, history->group_name, strlen(history->group_name));
        goxel_put_u64(group, (uint64_t)history->group_time_ms);
        goxel_put_varint(group, history->group_from);
        goxel_put_u8(group, history->group != NULL);
        if (history->group)
            goxel_step_put(group, history->group);
    }
    return group->failed;
}

/* Without the lock: bricks of the group may have to be fetched, which takes it. */
static int encode_project(struct goxel_saving *saving, const struct goxel_history_list *history)
{
    int code = goxel_effects_write_head(&saving->head, saving->project);

    if (!code)
        code = encode_group(saving, history);
    return code ? goxel_fail(saving->detail, code, "a checkpoint") : 0;
}

static int write_project(struct goxel_saving *saving, const struct goxel_history_list *history)
{
    struct goxel_database *database = saving->database;
    int64_t numbers[PROJECT_NUMBERS + 1] = {(int64_t)saving->project->version, saving->last_brick,
                                            saving->last_step, saving->last_key, (int64_t)history->past};
    const struct goxel_buf *head = &saving->head, *group = &saving->group;
    sqlite3_stmt *statement;
    int code;

    numbers[PROJECT_NUMBERS] = (int64_t)goxel_checksum(numbers, PROJECT_NUMBERS, head->data, head->len);
    numbers[PROJECT_NUMBERS] = (int64_t)goxel_checksum(numbers + PROJECT_NUMBERS, 1, group->data, group->len);
    statement = goxel_sql_prepare(&database->sql,
                                  "INSERT OR REPLACE INTO project VALUES(1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                                  saving->detail, &code);
    if (!code)
        code = goxel_sql_bind(&database->sql, statement, numbers, PROJECT_NUMBERS + 1, head, saving->detail);
    if (!code)
        code = goxel_sql_check(&database->sql,
                               sqlite3_bind_blob64(statement, PROJECT_NUMBERS + 3,
                                                   group->data ? group->data : "", group->len, SQLITE_STATIC),
                               saving->detail);
    if (!code)
        code = goxel_sql_step(&database->sql, statement, saving->detail);
    sqlite3_finalize(statement);
    return code;
}

/* The small transaction that makes it count, and waits for the disk. */
static int save_end(struct goxel_saving *saving, const struct goxel_checkpoint *checkpoint)
{
    struct goxel_database *database = saving->database;
    int code;

    drop_gone(&saving->sums, saving->project);
    pthread_mutex_lock(&database->lock);
    code = goxel_sql_run(&database->sql, "PRAGMA synchronous=FULL; BEGIN IMMEDIATE", saving->detail);
    if (!code)
        code = goxel_steps_end(saving, &checkpoint->history);
    if (!code)
        code = goxel_keys_end(saving, &checkpoint->keys);
    if (!code)
        code = write_sums(database, &saving->sums, saving->detail);
    if (!code)
        code = write_project(saving, &checkpoint->history);
    if (!code)
        code = goxel_sql_run(&database->sql, "COMMIT; PRAGMA synchronous=NORMAL", saving->detail);
    pthread_mutex_unlock(&database->lock);
    return code;
}

static int save(struct goxel_saving *saving, const struct goxel_checkpoint *checkpoint)
{
    uint64_t failures = goxel_away_failures();
    int code = remove_rubbish(saving);

    if (!code)
        code = begin_transaction(saving);
    if (!code)
        code = goxel_bricks_save(saving);
    if (!code)
        code = goxel_steps_save(saving, &checkpoint->history);
    if (!code)
        code = goxel_keys_save(saving, &checkpoint->keys);
    if (!code)
        code = commit_transaction(saving);
    if (!code)
        code = encode_project(saving, &checkpoint->history);
    if (!code) /* bricks of the version may lie in this file or in another, and cannot be read any more */
        code = goxel_away_check(failures, saving->detail);
    return code ? code : save_end(saving, checkpoint);
}

/* What is on the disk is not known after it. */
static bool is_final(int code)
{
    return code == GOXEL_ERROR_FILE_ACCESS || code == GOXEL_ERROR_INVALID_DATA;
}

/* After an error there may be a transaction, and rows that belong to nothing. */
static void give_up(struct goxel_saving *saving, int code)
{
    struct goxel_database *database = saving->database;

    pthread_mutex_lock(&database->lock);
    if (!sqlite3_get_autocommit(database->sql.db))
        (void)goxel_sql_run(&database->sql, "ROLLBACK", NULL);
    (void)goxel_sql_run(&database->sql, "PRAGMA synchronous=NORMAL", NULL);
    pthread_mutex_unlock(&database->lock);
    database->rubbish = true;
    database->failed = is_final(code);
}

static void saved(struct goxel_saving *saving, const struct goxel_checkpoint *checkpoint)
{
    struct goxel_database *database = saving->database;
    struct goxel_project *old = database->base;

    goxel_bricks_saved(saving);
    goxel_steps_saved(saving, &checkpoint->history);
    goxel_keys_saved(saving, &checkpoint->keys);
    goxel_sums_finish(&database->sums);
    database->sums = saving->sums;
    saving->sums = (struct goxel_sums){NULL, 0};
    database->base = goxel_project_ref(saving->project);
    goxel_project_unref(old);
}

/* A transaction of it. On failure all is as it was, and done another time. */
static int clean_some(struct goxel_database *database, struct goxel_detail *detail)
{
    struct goxel_sums before;
    size_t dead = database->dead.count;
    int code = sums_copy(&database->sums, &before);

    if (code)
        return goxel_fail(detail, code, "a checkpoint");
    pthread_mutex_lock(&database->lock);
    code = goxel_sql_run(&database->sql, "BEGIN IMMEDIATE", detail);
    if (!code)
        code = goxel_bricks_clean(database, detail);
    if (!code)
        code = write_sums(database, &database->sums, detail);
    if (!code)
        code = goxel_sql_run(&database->sql, "COMMIT", detail);
    if (code) {
        if (!sqlite3_get_autocommit(database->sql.db))
            (void)goxel_sql_run(&database->sql, "ROLLBACK", NULL);
        goxel_sums_finish(&database->sums);
        database->sums = before;
        database->dead.count = dead;
    } else {
        goxel_sums_finish(&before);
    }
    pthread_mutex_unlock(&database->lock);
    return code;
}

static int clean(struct goxel_database *database, struct goxel_detail *detail)
{
    int code = 0;

    goxel_bricks_collect_left(database);
    while (database->dead.count > 0 && !code)
        code = clean_some(database, detail);
    return code;
}

/* There are more rows that say that nothing is there than others: all is written anew. */
static bool is_wasteful(const struct goxel_database *database)
{
    return 2 * database->empty > 4096 + (int64_t)database->places.count;
}

/* What differs from `before`, the last checkpoint, or NULL: all of it. */
static int save_since(struct goxel_database *database, const struct goxel_project *before,
                      const struct goxel_checkpoint *checkpoint, struct goxel_detail *detail)
{
    struct goxel_saving saving = {.database = database,
                                  .before = before,
                                  .project = checkpoint->project,
                                  .checkpoint = checkpoint,
                                  .detail = detail,
                                  .last_brick = database->last_brick,
                                  .last_step = database->last_step,
                                  .last_key = database->last_key};
    int code = sums_copy(&database->sums, &saving.sums);

    goxel_buf_init(&saving.data, GOXEL_UNPACKED_MAX);
    goxel_buf_init(&saving.head, GOXEL_UNPACKED_MAX);
    goxel_buf_init(&saving.group, GOXEL_UNPACKED_MAX);
    if (!code && goxel_place_map_reserve(&database->places, 1))
        code = GOXEL_ERROR_OUT_OF_MEMORY;
    code = code ? goxel_fail(detail, code, "a checkpoint") : save(&saving, checkpoint);
    if (!code && goxel_place_map_reserve(&database->places, saving.added_count))
        database->failed = true; /* it is saved, but where is not known: nothing more can be */
    if (!code)
        saved(&saving, checkpoint);
    else
        give_up(&saving, code);
    goxel_sums_finish(&saving.sums);
    goxel_buf_finish(&saving.data);
    goxel_buf_finish(&saving.head);
    goxel_buf_finish(&saving.group);
    free(saving.added);
    free(saving.steps);
    free(saving.keys);
    return code;
}

/*
 * What does not count any more goes before, so that no layer that comes back finds rows of before; and after. What is
 * written anew is the version that was saved just now: both of its rows give the same until the older ones are gone.
 */
int goxel_database_save(struct goxel_database *database, const struct goxel_checkpoint *checkpoint,
                        struct goxel_detail *detail)
{
    int code;

    if (database->failed)
        return goxel_fail(
            detail, GOXEL_ERROR_FILE_ACCESS,
            "%.160s: the disk failed before, and nothing is written to it any more; see to the disk and restart",
            database->sql.path);
    code = clean(database, detail);
    if (code)
        database->failed = is_final(code);
    else
        code = save_since(database, database->base, checkpoint, detail);
    if (!code && !database->failed && is_wasteful(database))
        (void)save_since(database, NULL, checkpoint, NULL);
    if (!code && !database->failed)
        (void)clean(database, NULL);
    return code;
}

/* ---- loading ---- */

static int take_group(const uint8_t *bytes, size_t len, struct goxel_history_list *list,
                      struct goxel_detail *detail)
{
    struct goxel_reading in = goxel_reading_make(bytes, len);
    size_t key_len = 0, name_len = 0;
    const uint8_t *key, *name;

    if (len == 0)
        return 0;
    key = goxel_take_run(&in, GOXEL_NAME_MAX, &key_len);
    name = goxel_take_run(&in, GOXEL_NAME_MAX, &name_len);
    if (!key || key_len == 0 || !name)
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "the open group of the history is none");
    memcpy(list->group_key, key, key_len);
    memcpy(list->group_name, name, name_len);
    list->group_time_ms = (int64_t)goxel_take_u64(&in);
    list->group_from = goxel_take_varint(&in);
    if (!goxel_number_is_good((int64_t)list->group_from))
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA,
                          "the open group of the history comes from nowhere");
    return goxel_take_u8(&in) ? goxel_step_take(&in, detail, &list->group) : 0;
}

/* What comes after may count on from there. */
static int check_numbers(const int64_t numbers[PROJECT_NUMBERS], const struct goxel_project *project,
                         struct goxel_detail *detail)
{
    for (int i = 0; i < PROJECT_NUMBERS; i++) {
        if (!goxel_number_is_good(numbers[i]))
            return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA,
                              "the row of the project has the number %lld, which cannot be",
                              (long long)numbers[i]);
    }
    if (!goxel_number_is_good((int64_t)project->state) ||
        !goxel_number_is_good((int64_t)project->saved_state))
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "the project has the content of no version");
    for (size_t i = 0; i < project->layer_count; i++) {
        if (project->layers[i]->id >= project->next_layer_id)
            return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA,
                              "layer %d has an id that another one would be given", project->layers[i]->id);
    }
    return project->next_layer_id > 0
               ? 0
               : goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "the next layer would have no id");
}

static int take_project(struct goxel_database *database, sqlite3_stmt *statement,
                        struct goxel_project *project, struct goxel_history_list *list,
                        struct goxel_detail *detail)
{
    const uint8_t *head = sqlite3_column_blob(statement, PROJECT_NUMBERS + 1),
                  *group = sqlite3_column_blob(statement, PROJECT_NUMBERS + 2);
    size_t head_len = (size_t)sqlite3_column_bytes(statement, PROJECT_NUMBERS + 1),
           group_len = (size_t)sqlite3_column_bytes(statement, PROJECT_NUMBERS + 2);
    int64_t numbers[PROJECT_NUMBERS + 1], checksum;
    int code;

    for (int i = 0; i <= PROJECT_NUMBERS; i++)
        numbers[i] = sqlite3_column_int64(statement, i);
    checksum = (int64_t)goxel_checksum(numbers, PROJECT_NUMBERS, head, head_len);
    checksum = (int64_t)goxel_checksum(&checksum, 1, group, group_len);
    if (checksum != numbers[PROJECT_NUMBERS])
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA,
                          "the row of the project is not as it was written");
    code = goxel_effects_apply(head, head_len, project, detail);
    if (!code && (int64_t)project->version != numbers[0])
        code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "the project has another version than its row");
    if (!code)
        code = check_numbers(numbers, project, detail);
    if (!code)
        code = take_group(group, group_len, list, detail);
    database->last_brick = numbers[1];
    database->last_step = numbers[2];
    database->last_key = numbers[3];
    list->past = (size_t)numbers[4];
    return code;
}

/* The one row; *ret_found false: there is none. */
static int read_project(struct goxel_database *database, struct goxel_project *project,
                        struct goxel_history_list *list, struct goxel_detail *detail, bool *ret_found)
{
    int code, rc;
    sqlite3_stmt *statement = goxel_sql_prepare(
        &database->sql,
        "SELECT version, last_brick, last_step, last_key, past, checksum, head, open_group FROM project",
        detail, &code);

    if (code)
        return code;
    rc = sqlite3_step(statement);
    code = goxel_sql_check(&database->sql, rc, detail);
    *ret_found = rc == SQLITE_ROW;
    if (!code && *ret_found)
        code = take_project(database, statement, project, list, detail);
    sqlite3_finalize(statement);
    return code;
}

static int check_sum(const struct goxel_database *database, const struct goxel_database_load *how,
                     int64_t what, struct goxel_detail *detail)
{
    if (goxel_sums_find(&database->sums, what))
        return 0;
    return goxel_database_damaged(how, detail, "layer %lld has no sum", (long long)what);
}

/* A layer without a sum, or a selection, has no bricks that could be told from lost ones. */
static int check_layers(const struct goxel_database *database, const struct goxel_database_load *how,
                        const struct goxel_project *project, struct goxel_detail *detail)
{
    int code = check_sum(database, how, GOXEL_SUM_SELECTION, detail);

    for (size_t i = 0; i < project->layer_count && !code; i++)
        code = check_sum(database, how, project->layers[i]->id, detail);
    return code;
}

static int load_all(struct goxel_database *database, const struct goxel_database_load *how,
                    struct goxel_project *project, struct goxel_history_list *list,
                    struct goxel_detail *detail)
{
    size_t past = list->past;
    int code = read_sums(database, how, detail);

    if (code == GOXEL_ERROR_INVALID_DATA)
        code = goxel_database_tell(how, detail, code);
    if (!code)
        code = check_layers(database, how, project, detail);
    if (!code)
        code = goxel_bricks_load(database, how, project, detail);
    if (!code)
        code = goxel_steps_load(database, how, past, list, detail);
    if (!code)
        code = goxel_keys_load(database, how, detail);
    if (code)
        return code;
    goxel_project_seal(project);
    code = goxel_history_restore(project, list);
    return code ? goxel_fail(detail, code, "the history") : 0;
}

/* No row of the project, although there has been a checkpoint: sums come with the first. */
static int check_none(struct goxel_database *database, struct goxel_detail *detail)
{
    int code, rc;
    sqlite3_stmt *statement = goxel_sql_prepare(&database->sql, "SELECT what FROM sums LIMIT 1", detail,
                                                &code);

    if (code)
        return code;
    rc = sqlite3_step(statement);
    code = goxel_sql_check(&database->sql, rc, detail);
    if (rc == SQLITE_ROW)
        code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "the row of the project is missing");
    sqlite3_finalize(statement);
    return code;
}

int goxel_database_load(struct goxel_database *database, const struct goxel_database_load *how,
                        struct goxel_detail *detail, struct goxel_project **ret_project)
{
    struct goxel_project *project = goxel_project_create("");
    struct goxel_history_list list = {.count = 0};
    bool found = false;
    int code = project ? read_project(database, project, &list, detail, &found)
                       : goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the project");

    if (!code)
        code = found ? load_all(database, how, project, &list, detail) : check_none(database, detail);
    goxel_history_list_finish(&list);
    if (code || !found) {
        goxel_project_unref(project);
        *ret_project = NULL;
        return code;
    }
    database->base = goxel_project_ref(project);
    *ret_project = project;
    return 0;
}

bool goxel_database_has(const struct goxel_database *database, const struct goxel_project *project)
{
    return database->base == project;
}

/* ---- life ---- */

static int prepare(struct goxel_database *database, struct goxel_detail *detail)
{
    static const char insert_brick[] = "INSERT INTO bricks VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                      select_brick[] = GOXEL_SELECT_BRICKS "WHERE row = ?1",
                      insert_key[] = "INSERT INTO keys VALUES(?1, ?2, ?3)",
                      insert_step[] = "INSERT INTO history VALUES(?1, ?2, ?3, ?4)",
                      delete_brick[] = "DELETE FROM bricks WHERE row = ?1 RETURNING layer, checksum";
    int code;

    database->insert_brick = goxel_sql_prepare(&database->sql, insert_brick, detail, &code);
    if (!code)
        database->insert_step = goxel_sql_prepare(&database->sql, insert_step, detail, &code);
    if (!code)
        database->select_brick = goxel_sql_prepare(&database->sql, select_brick, detail, &code);
    if (!code)
        database->insert_key = goxel_sql_prepare(&database->sql, insert_key, detail, &code);
    if (!code)
        database->delete_brick = goxel_sql_prepare(&database->sql, delete_brick, detail, &code);
    return code;
}

/* Nobody has a brick in it any more. */
static void end(struct goxel_source *source)
{
    struct goxel_database *database = (struct goxel_database *)source;

    sqlite3_finalize(database->select_brick);
    sqlite3_finalize(database->insert_brick);
    sqlite3_finalize(database->insert_step);
    sqlite3_finalize(database->insert_key);
    sqlite3_finalize(database->delete_brick);
    goxel_sql_close(&database->sql);
    goxel_sums_finish(&database->sums);
    goxel_place_map_finish(&database->places);
    goxel_place_map_finish(&database->away);
    free(database->dead.list);
    free(database->left.list);
    ZSTD_freeCCtx(database->packer);
    pthread_mutex_destroy(&database->lock);
    pthread_mutex_destroy(&database->away_lock);
    free(database);
}

int goxel_database_open(const char *path, bool create, struct goxel_detail *detail,
                        struct goxel_database **ret_database)
{
    struct goxel_database *database = calloc(1, sizeof(*database));
    int code;

    if (!database)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "a project's database");
    pthread_mutex_init(&database->lock, NULL);
    pthread_mutex_init(&database->away_lock, NULL);
    goxel_source_init(&database->source, goxel_bricks_fetch, goxel_bricks_damaged, goxel_bricks_left, end);
    database->rubbish = true; /* of a first checkpoint that came to no end, too; it costs little to look */
    database->packer = ZSTD_createCCtx();
    code = database->packer ? goxel_sql_open(path, schema, create, detail, &database->sql)
                            : goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "a project's database");
    if (!code)
        code = prepare(database, detail);
    if (code)
        goxel_database_close(database);
    else
        *ret_database = database;
    return code;
}

void goxel_database_close(struct goxel_database *database)
{
    if (!database)
        return;
    goxel_database_on_broken(database, NULL, NULL);
    goxel_steps_finish(database);
    goxel_keys_forget(database);
    goxel_project_unref(database->base);
    database->base = NULL;
    goxel_source_unref(&database->source);
}

void goxel_database_on_broken(struct goxel_database *database,
                              void (*broken)(void *ctx, const struct goxel_detail *detail), void *ctx)
{
    pthread_mutex_lock(&database->lock);
    database->broken = broken;
    database->broken_ctx = ctx;
    pthread_mutex_unlock(&database->lock);
}

void goxel_database_rebase(struct goxel_database *database, struct goxel_project *base)
{
    struct goxel_project *old = database->base;

    database->base = goxel_project_ref(base);
    goxel_project_unref(old);
}
