/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows of the history. Between two checkpoints the oldest steps go, the last ones may be others, and all between them are
 * the same; so are their rows.
 */
#include <stdlib.h>

#include "base/error.h"
#include "core/step.h"
#include "store/database_rows.h"

/* The steps that stay: so many, from there on in the rows, and from the first one in the history. */
struct common {
    size_t from, count;
};

static bool is_same(const struct goxel_stored_step *stored, const struct goxel_history_entry *entry)
{
    return stored->step == entry->step && stored->state == entry->state;
}

static struct common find_common(const struct goxel_database *database,
                                 const struct goxel_history_list *history)
{
    struct common common = {0, 0};

    while (common.from < database->step_count &&
           (history->count == 0 || !is_same(&database->steps[common.from], &history->entries[0])))
        common.from++;
    while (common.from + common.count < database->step_count && common.count < history->count &&
           is_same(&database->steps[common.from + common.count], &history->entries[common.count]))
        common.count++;
    return common;
}

/* ---- writing ---- */

/* Into the saving's buffer. */
static int encode(struct goxel_saving *saving, const struct goxel_step *step)
{
    struct goxel_buf *data = &saving->data;

    goxel_pack_begin(data);
    goxel_step_put(data, step);
    goxel_pack_end(data, saving->database->packer);
    return data->failed ? goxel_fail(saving->detail, data->failed, "a checkpoint") : 0;
}

static int save_step(struct goxel_saving *saving, const struct goxel_history_entry *entry,
                     uint64_t *ret_checksum)
{
    struct goxel_database *database = saving->database;
    int64_t numbers[3] = {++saving->last_step, (int64_t)entry->state};
    int code = encode(saving, entry->step);

    if (code)
        return code;
    *ret_checksum = goxel_checksum(numbers, 2, saving->data.data, saving->data.len);
    numbers[2] = (int64_t)*ret_checksum;
    pthread_mutex_lock(&database->lock);
    code = goxel_sql_bind(&database->sql, database->insert_step, numbers, 3, &saving->data, saving->detail);
    if (!code)
        code = goxel_sql_step(&database->sql, database->insert_step, saving->detail);
    pthread_mutex_unlock(&database->lock);
    return code ? code : goxel_saving_pace(saving);
}

static int make_room(struct goxel_saving *saving, size_t count)
{
    free(saving->steps);
    saving->steps = calloc(count + 1, sizeof(*saving->steps)); /* none is no special case */
    return saving->steps ? 0 : goxel_fail(saving->detail, GOXEL_ERROR_OUT_OF_MEMORY, "a checkpoint");
}

int goxel_steps_save(struct goxel_saving *saving, const struct goxel_history_list *history)
{
    struct goxel_database *database = saving->database;
    struct common common = find_common(database, history);
    struct goxel_sum *sum;
    int code = goxel_sums_need(&saving->sums, GOXEL_SUM_HISTORY);

    if (code)
        return goxel_fail(saving->detail, code, "a checkpoint");
    sum = goxel_sums_find(&saving->sums, GOXEL_SUM_HISTORY);
    code = make_room(saving, history->count);
    for (size_t i = 0; i < history->count && !code; i++) {
        struct goxel_stored_step *step = &saving->steps[i];

        if (i < common.count) {
            *step = database->steps[common.from + i];
            continue;
        }
        *step = (struct goxel_stored_step){.step = history->entries[i].step,
                                           .state = history->entries[i].state};
        code = save_step(saving, &history->entries[i], &step->checksum);
        step->row = saving->last_step;
        sum->rows++;
        sum->digest += step->checksum;
    }
    return code;
}

/* Rows that follow each other, of steps that are no more. */
static int remove_range(struct goxel_saving *saving, size_t from, size_t count)
{
    static const char text[] = "DELETE FROM history WHERE row BETWEEN ?1 AND ?2";
    const struct goxel_database *database = saving->database;
    struct goxel_sum *sum = goxel_sums_find(&saving->sums, GOXEL_SUM_HISTORY);
    sqlite3_stmt *statement;
    int code;

    if (count == 0)
        return 0;
    statement = goxel_sql_prepare(&database->sql, text, saving->detail, &code);
    if (code)
        return code;
    code = goxel_sql_bind(&database->sql, statement,
                          (int64_t[]){database->steps[from].row, database->steps[from + count - 1].row}, 2,
                          NULL, saving->detail);
    if (!code)
        code = goxel_sql_step(&database->sql, statement, saving->detail);
    sqlite3_finalize(statement);
    for (size_t i = from; i < from + count; i++) {
        sum->rows--;
        sum->digest -= database->steps[i].checksum;
    }
    return code;
}

int goxel_steps_end(struct goxel_saving *saving, const struct goxel_history_list *history)
{
    struct common common = find_common(saving->database, history);
    size_t behind = common.from + common.count;
    int code = remove_range(saving, 0, common.from);

    return code ? code : remove_range(saving, behind, saving->database->step_count - behind);
}

void goxel_steps_finish(struct goxel_database *database)
{
    for (size_t i = 0; i < database->step_count; i++)
        goxel_step_unref(database->steps[i].step);
    free(database->steps);
    database->steps = NULL;
    database->step_count = 0;
}

void goxel_steps_saved(struct goxel_saving *saving, const struct goxel_history_list *history)
{
    struct goxel_database *database = saving->database;

    for (size_t i = 0; i < history->count; i++)
        (void)goxel_step_ref(saving->steps[i].step);
    goxel_steps_finish(database);
    database->steps = saving->steps;
    database->step_count = history->count;
    database->last_step = saving->last_step;
    saving->steps = NULL;
}

/* ---- reading ---- */

static int fail_step(const struct goxel_database_load *how, int64_t row, const char *what,
                     struct goxel_detail *detail)
{
    return goxel_database_damaged(how, detail, "step %lld of the history: %s", (long long)row, what);
}

static int decode(const uint8_t *data, size_t len, struct goxel_detail *detail, struct goxel_step **ret_step)
{
    struct goxel_reading in;
    struct goxel_buf unpacked;
    int code;

    goxel_buf_init(&unpacked, GOXEL_UNPACKED_MAX);
    code = goxel_unpack_run(data, len, &unpacked, detail, &in);
    if (!code)
        code = goxel_step_take(&in, detail, ret_step);
    if (!code && in.left > 0) {
        goxel_step_unref(*ret_step);
        *ret_step = NULL;
        code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "it goes on");
    }
    goxel_buf_finish(&unpacked);
    return code;
}

/* Behind those that there are; both arrays have the room. */
static int load_step(struct goxel_database *database, const struct goxel_database_load *how,
                     sqlite3_stmt *statement, struct goxel_history_list *list, struct goxel_sum *sum,
                     struct goxel_detail *detail)
{
    int64_t numbers[2] = {sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1)};
    uint64_t checksum = (uint64_t)sqlite3_column_int64(statement, 2);
    const uint8_t *data = sqlite3_column_blob(statement, 3);
    size_t len = (size_t)sqlite3_column_bytes(statement, 3);
    struct goxel_step *step = NULL;
    int code;

    if (checksum != goxel_checksum(numbers, 2, data, len))
        return fail_step(how, numbers[0], "it is not as it was written", detail);
    code = decode(data, len, detail, &step);
    if (code == GOXEL_ERROR_INVALID_DATA)
        return fail_step(how, numbers[0], "it cannot be read", detail);
    if (code)
        return goxel_fail(detail, code, "the history");
    if (!goxel_number_is_good(numbers[1]) || !goxel_number_is_good((int64_t)step->from)) {
        goxel_step_unref(step);
        return fail_step(how, numbers[0], "it leads to no version", detail);
    }
    sum->rows++;
    sum->digest += checksum;
    list->entries[list->count++] = (struct goxel_history_entry){step, (uint64_t)numbers[1]};
    database->steps[database->step_count++] = (struct goxel_stored_step){
        goxel_step_ref(step), (uint64_t)numbers[1], checksum, numbers[0]};
    return 0;
}

/* What is not as it was leads elsewhere, and so none of it is kept. */
static int settle(struct goxel_database *database, const struct goxel_database_load *how, size_t past,
                  const struct goxel_sum *got, struct goxel_history_list *list, struct goxel_detail *detail)
{
    const struct goxel_sum *want = goxel_sums_find(&database->sums, GOXEL_SUM_HISTORY);
    bool good = want && want->rows == got->rows && want->digest == got->digest && past <= list->count;

    list->past = past;
    if (good)
        return 0;
    goxel_history_list_finish(list);
    goxel_steps_finish(database);
    database->rubbish = true;
    return fail_step(how, 0, "steps are missing, or others than were written", detail);
}

/* What the sum says, if there are so many: otherwise it will be told that some are missing. */
static int find_room(struct goxel_database *database, struct goxel_detail *detail, size_t *ret_room)
{
    static const char text[] = "SELECT count(*) FROM history WHERE row <= ?1";
    const struct goxel_sum *want = goxel_sums_find(&database->sums, GOXEL_SUM_HISTORY);
    int64_t there = 0;
    int code, rc;
    sqlite3_stmt *statement = goxel_sql_prepare(&database->sql, text, detail, &code);

    if (!code)
        code = goxel_sql_bind(&database->sql, statement, &database->last_step, 1, NULL, detail);
    rc = code ? SQLITE_DONE : sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        there = sqlite3_column_int64(statement, 0);
    if (!code)
        code = goxel_sql_check(&database->sql, rc, detail);
    sqlite3_finalize(statement);
    *ret_room = !want ? 0 : (size_t)(want->rows < there ? want->rows : there);
    return code;
}

int goxel_steps_load(struct goxel_database *database, const struct goxel_database_load *how, size_t past,
                     struct goxel_history_list *list, struct goxel_detail *detail)
{
    static const char text[] = "SELECT row, state, checksum, data FROM history WHERE row <= ?1 ORDER BY row";
    struct goxel_sum got = {.what = GOXEL_SUM_HISTORY};
    sqlite3_stmt *statement = NULL;
    size_t room = 0;
    int rc = SQLITE_DONE, code = find_room(database, detail, &room);

    if (!code)
        statement = goxel_sql_prepare(&database->sql, text, detail, &code);
    if (!code)
        code = goxel_sql_bind(&database->sql, statement, &database->last_step, 1, NULL, detail);
    list->entries = calloc(room + 1, sizeof(*list->entries));
    database->steps = calloc(room + 1, sizeof(*database->steps));
    if (!code && (!list->entries || !database->steps))
        code = goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the history");
    while (!code && (rc = sqlite3_step(statement)) == SQLITE_ROW && list->count < room)
        code = load_step(database, how, statement, list, &got, detail);
    if (!code)
        code = goxel_sql_check(&database->sql, rc, detail);
    sqlite3_finalize(statement);
    if (code == GOXEL_ERROR_INVALID_DATA)
        code = goxel_database_tell(how, detail, code);
    return code ? code : settle(database, how, past, &got, list, detail);
}
