/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of keys: as with the history, the oldest go, and new ones come behind those that stay. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "store/database_rows.h"

/* How many of the stored ones are no more; the rest are the first of the list. */
static size_t count_gone(const struct goxel_database *database, const struct goxel_key_list *keys)
{
    size_t gone = 0;

    while (gone < database->key_count && (keys->count == 0 || database->keys[gone].key != keys->list[0]))
        gone++;
    return gone;
}

/* ---- writing ---- */

static int encode(struct goxel_saving *saving, const struct goxel_key *key)
{
    struct goxel_buf *data = &saving->data;

    goxel_buf_clear(data);
    goxel_put_run(data, key->text, strlen(key->text));
    goxel_put_u64(data, key->request);
    goxel_put_u8(data, key->result != NULL);
    (void)goxel_buf_append(data, key->result, key->result ? key->result_len : 0);
    return data->failed ? goxel_fail(saving->detail, data->failed, "a checkpoint") : 0;
}

static int save_key(struct goxel_saving *saving, const struct goxel_key *key, uint64_t *ret_checksum)
{
    struct goxel_database *database = saving->database;
    int64_t numbers[2] = {++saving->last_key};
    int code = encode(saving, key);

    if (code)
        return code;
    *ret_checksum = goxel_checksum(numbers, 1, saving->data.data, saving->data.len);
    numbers[1] = (int64_t)*ret_checksum;
    pthread_mutex_lock(&database->lock);
    code = goxel_sql_bind(&database->sql, database->insert_key, numbers, 2, &saving->data, saving->detail);
    if (!code)
        code = goxel_sql_step(&database->sql, database->insert_key, saving->detail);
    pthread_mutex_unlock(&database->lock);
    return code ? code : goxel_saving_pace(saving);
}

int goxel_keys_save(struct goxel_saving *saving, const struct goxel_key_list *keys)
{
    struct goxel_database *database = saving->database;
    size_t gone = count_gone(database, keys), same = database->key_count - gone;
    struct goxel_sum *sum;
    int code = goxel_sums_need(&saving->sums, GOXEL_SUM_KEYS);

    saving->keys = calloc(keys->count + 1, sizeof(*saving->keys)); /* none is no special case */
    if (code || !saving->keys)
        return goxel_fail(saving->detail, GOXEL_ERROR_OUT_OF_MEMORY, "a checkpoint");
    sum = goxel_sums_find(&saving->sums, GOXEL_SUM_KEYS);
    for (size_t i = 0; i < keys->count && !code; i++) {
        struct goxel_stored_key *key = &saving->keys[i];

        if (i < same) {
            *key = database->keys[gone + i];
            continue;
        }
        key->key = keys->list[i];
        code = save_key(saving, keys->list[i], &key->checksum);
        key->row = saving->last_key;
        sum->rows++;
        sum->digest += key->checksum;
    }
    return code;
}

int goxel_keys_end(struct goxel_saving *saving, const struct goxel_key_list *keys)
{
    static const char text[] = "DELETE FROM keys WHERE row <= ?1";
    const struct goxel_database *database = saving->database;
    struct goxel_sum *sum = goxel_sums_find(&saving->sums, GOXEL_SUM_KEYS);
    size_t gone = count_gone(database, keys);
    sqlite3_stmt *statement;
    int code;

    if (gone == 0)
        return 0;
    statement = goxel_sql_prepare(&database->sql, text, saving->detail, &code);
    if (!code)
        code = goxel_sql_bind(&database->sql, statement, &database->keys[gone - 1].row, 1, NULL,
                              saving->detail);
    if (!code)
        code = goxel_sql_step(&database->sql, statement, saving->detail);
    sqlite3_finalize(statement);
    for (size_t i = 0; i < gone; i++) {
        sum->rows--;
        sum->digest -= database->keys[i].checksum;
    }
    return code;
}

void goxel_keys_forget(struct goxel_database *database)
{
    for (size_t i = 0; i < database->key_count; i++)
        goxel_key_unref(database->keys[i].key);
    free(database->keys);
    database->keys = NULL;
    database->key_count = 0;
}

void goxel_keys_saved(struct goxel_saving *saving, const struct goxel_key_list *keys)
{
    struct goxel_database *database = saving->database;

    for (size_t i = 0; i < keys->count; i++)
        (void)goxel_key_ref(saving->keys[i].key);
    goxel_keys_forget(database);
    database->keys = saving->keys;
    database->key_count = keys->count;
    database->last_key = saving->last_key;
    saving->keys = NULL;
}

/* ---- reading ---- */

static int damaged(const struct goxel_database_load *how, struct goxel_detail *detail, const char *what)
{
    return goxel_database_damaged(how, detail, "keys of requests: %s", what);
}

/* NULL: it is none, or out of memory. */
static struct goxel_key *decode(const uint8_t *data, size_t len)
{
    struct goxel_reading in = goxel_reading_make(data, len);
    char text[GOXEL_NAME_MAX + 1] = "";
    size_t text_len = 0;
    const uint8_t *bytes = goxel_take_run(&in, GOXEL_NAME_MAX, &text_len);
    uint64_t request = goxel_take_u64(&in);
    bool has_result = goxel_take_u8(&in) != 0;

    if (!bytes || in.short_of || in.left > GOXEL_KEY_RESULT_MAX)
        return NULL;
    memcpy(text, bytes, text_len);
    return goxel_key_create(text, request, has_result ? (const char *)in.at : NULL, in.left);
}

static int load_key(struct goxel_database *database, const struct goxel_database_load *how,
                    sqlite3_stmt *statement, struct goxel_sum *sum, struct goxel_detail *detail)
{
    int64_t row = sqlite3_column_int64(statement, 0);
    uint64_t checksum = (uint64_t)sqlite3_column_int64(statement, 1);
    const uint8_t *data = sqlite3_column_blob(statement, 2);
    size_t len = (size_t)sqlite3_column_bytes(statement, 2);
    struct goxel_key *key;

    if (checksum != goxel_checksum(&row, 1, data, len))
        return damaged(how, detail, "one is not as it was written");
    key = decode(data, len);
    if (!key)
        return damaged(how, detail, "one cannot be read");
    sum->rows++;
    sum->digest += checksum;
    database->keys[database->key_count++] = (struct goxel_stored_key){key, checksum, row};
    return how->keys ? goxel_key_list_add(how->keys, goxel_key_ref(key)) : 0;
}

int goxel_keys_load(struct goxel_database *database, const struct goxel_database_load *how,
                    struct goxel_detail *detail)
{
    static const char text[] = "SELECT row, checksum, data FROM keys WHERE row <= ?1 ORDER BY row";
    const struct goxel_sum *want = goxel_sums_find(&database->sums, GOXEL_SUM_KEYS);
    size_t room = want && want->rows > 0 && want->rows <= GOXEL_KEYS_MAX ? (size_t)want->rows : 0;
    struct goxel_sum got = {.what = GOXEL_SUM_KEYS};
    int code, rc = SQLITE_DONE;
    sqlite3_stmt *statement = goxel_sql_prepare(&database->sql, text, detail, &code);

    if (!code)
        code = goxel_sql_bind(&database->sql, statement, &database->last_key, 1, NULL, detail);
    database->keys = calloc(room + 1, sizeof(*database->keys));
    if (!code && !database->keys)
        code = goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the keys of requests");
    while (!code && (rc = sqlite3_step(statement)) == SQLITE_ROW && database->key_count < room)
        code = load_key(database, how, statement, &got, detail);
    if (!code)
        code = goxel_sql_check(&database->sql, rc, detail);
    sqlite3_finalize(statement);
    if (!code && (!want || want->rows != got.rows || want->digest != got.digest))
        code = damaged(how, detail, "some are missing, or others than were written");
    return code == GOXEL_ERROR_INVALID_DATA ? goxel_database_tell(how, detail, code) : code;
}
