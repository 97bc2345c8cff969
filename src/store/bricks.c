/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of voxels. What differs between two versions is found by walking both trees, which costs what differs. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "core/diff_links.h"
#include "core/effects_voxels.h"
#include "core/place_key.h"
#include "store/database_rows.h"

static const struct goxel_volume nothing;

/* The numbers of a row in the order of its columns. */
struct row {
    int64_t row, layer, x, y, z, level, since, voxels;
};
enum { ROW_NUMBERS = 8, COLUMN_CHECKSUM = ROW_NUMBERS, COLUMN_DATA };
_Static_assert(sizeof(struct row) == ROW_NUMBERS * sizeof(int64_t), "a row is its numbers");

static uint64_t key_of(const struct row *row)
{
    return goxel_key_of((struct goxel_pos){(int32_t)row->x, (int32_t)row->y, (int32_t)row->z},
                        (int)row->level);
}

/* ---- writing ---- */

static int64_t voxels_of(goxel_link link, int level)
{
    struct goxel_tally tally = {0, 0};

    goxel_tally_add(&tally, link, level, 1);
    return tally.voxels;
}

static void put_data(struct goxel_saving *saving, goxel_link link)
{
    struct goxel_buf *data = &saving->data;

    goxel_pack_begin(data);
    if (link)
        goxel_effects_put_link(data, link);
    goxel_pack_end(data, saving->database->packer);
}

static int note_added(struct goxel_saving *saving, uint64_t key, const struct row *row)
{
    if (goxel_array_reserve(&saving->added, &saving->added_capacity, saving->added_count + 1,
                            sizeof(*saving->added)))
        return goxel_fail(saving->detail, GOXEL_ERROR_OUT_OF_MEMORY, "a checkpoint");
    saving->added[saving->added_count++] = (struct goxel_placed){key, row->layer, row->row};
    return 0;
}

static int insert(struct goxel_saving *saving, const struct row *row, uint64_t checksum)
{
    struct goxel_database *database = saving->database;
    int64_t numbers[ROW_NUMBERS + 1];
    int code;

    memcpy(numbers, row, sizeof(*row));
    numbers[COLUMN_CHECKSUM] = (int64_t)checksum;
    pthread_mutex_lock(&database->lock);
    code = goxel_sql_bind(&database->sql, database->insert_brick, numbers, ROW_NUMBERS + 1, &saving->data,
                          saving->detail);
    if (!code)
        code = goxel_sql_step(&database->sql, database->insert_brick, saving->detail);
    pthread_mutex_unlock(&database->lock);
    return code;
}

/* Of a place where nothing was: there is a row that says so. */
static bool is_emptied(const struct goxel_saving *saving, const struct row *row)
{
    return saving->before && goxel_place_map_find(&saving->database->places, row->layer, key_of(row)) != 0;
}

struct layer_saving {
    struct goxel_saving *saving;
    struct goxel_sum *sum;
};

static int save_place(void *ctx, goxel_link before, goxel_link after, struct goxel_pos corner, int level)
{
    const struct layer_saving *layer = ctx;
    struct goxel_saving *saving = layer->saving;
    struct row row = {++saving->last_brick,
                      layer->sum->what,
                      corner.x,
                      corner.y,
                      corner.z,
                      level,
                      (int64_t)saving->project->version,
                      voxels_of(after, level)};
    uint64_t checksum;
    int code;

    put_data(saving, after);
    if (saving->data.failed)
        return goxel_fail(saving->detail, saving->data.failed, "a checkpoint");
    checksum = goxel_checksum((const int64_t *)&row, ROW_NUMBERS, saving->data.data, saving->data.len);
    code = note_added(saving, goxel_key_of(corner, level), &row);
    if (!code)
        code = insert(saving, &row, checksum);
    if (code)
        return code;
    layer->sum->rows++;
    layer->sum->digest += checksum;
    saving->empty += (after == 0) - (before == 0 && is_emptied(saving, &row));
    return goxel_saving_pace(saving);
}

static int save_volume(struct goxel_saving *saving, int64_t what, const struct goxel_volume *before,
                       const struct goxel_volume *after)
{
    struct layer_saving layer = {saving, NULL};
    int code = goxel_sums_need(&saving->sums, what);

    if (code)
        return goxel_fail(saving->detail, code, "a checkpoint");
    layer.sum = goxel_sums_find(&saving->sums, what);
    if (!before && what != GOXEL_SUM_SELECTION)
        layer.sum->since = saving->last_brick; /* it may have been there before, and has rows still */
    return goxel_volume_diff(before ? before : &nothing, after ? after : &nothing, NULL, save_place, &layer);
}

int goxel_bricks_save(struct goxel_saving *saving)
{
    const struct goxel_project *before = saving->before, *project = saving->project;
    int code = save_volume(saving, GOXEL_SUM_SELECTION, before ? before->selection : NULL,
                           project->selection);

    for (size_t i = 0; i < project->layer_count && !code; i++) {
        const struct goxel_layer *layer = project->layers[i],
                                 *old = before ? goxel_project_layer(before, layer->id) : NULL;

        if (old != layer)
            code = save_volume(saving, layer->id, old ? old->volume : NULL, layer->volume);
    }
    return code;
}

/* Of a row of bricks that are not in memory: twice how many there are, and one more if the row does not count any more. */
#define ONE_AWAY 2
#define DOOMED 1

/* Somebody has it still: it goes when nobody does. */
static bool doom(struct goxel_database *database, int64_t row)
{
    int64_t away;

    pthread_mutex_lock(&database->away_lock);
    away = goxel_place_map_find(&database->away, 0, (uint64_t)row);
    if (away)
        (void)goxel_place_map_put(&database->away, 0, (uint64_t)row, away | DOOMED);
    pthread_mutex_unlock(&database->away_lock);
    return away != 0;
}

/* Memory that is missing here leaves rows in the file that count for nothing. */
static void kill(struct goxel_database *database, int64_t row)
{
    if (row && !doom(database, row))
        (void)goxel_rows_add(&database->dead, row);
}

void goxel_bricks_left(struct goxel_source *source, int64_t row)
{
    struct goxel_database *database = (struct goxel_database *)source;
    int64_t away;

    pthread_mutex_lock(&database->away_lock);
    away = goxel_place_map_find(&database->away, 0, (uint64_t)row) - ONE_AWAY;
    if (away >= ONE_AWAY)
        (void)goxel_place_map_put(&database->away, 0, (uint64_t)row, away);
    else
        goxel_place_map_remove(&database->away, 0, (uint64_t)row);
    if (away == DOOMED)
        (void)goxel_rows_add(&database->left, row);
    pthread_mutex_unlock(&database->away_lock);
}

/* A brick that lies in the row; NULL: out of memory. */
static struct goxel_brick *send_away(struct goxel_database *database, int64_t row, uint16_t count)
{
    struct goxel_brick *brick = NULL;
    int64_t away;

    pthread_mutex_lock(&database->away_lock);
    if (!goxel_place_map_reserve(&database->away, 1)) {
        away = goxel_place_map_find(&database->away, 0, (uint64_t)row);
        brick = goxel_brick_away(&database->source, row, count);
        if (brick)
            (void)goxel_place_map_put(&database->away, 0, (uint64_t)row, away + ONE_AWAY);
    }
    pthread_mutex_unlock(&database->away_lock);
    return brick;
}

void goxel_bricks_collect_left(struct goxel_database *database)
{
    struct goxel_rows left;

    pthread_mutex_lock(&database->away_lock);
    left = database->left;
    database->left = (struct goxel_rows){NULL, 0, 0};
    pthread_mutex_unlock(&database->away_lock);
    for (size_t i = 0; i < left.count; i++)
        kill(database, left.list[i]);
    free(left.list);
}

/*
 * All rows of before that are not of a layer any more; or, as all has been written anew, all of them. Where the others
 * are is not known for want of memory: nothing more can be saved.
 */
static void kill_gone(struct goxel_saving *saving)
{
    struct goxel_database *database = saving->database;
    struct goxel_place_map kept = {.count = 0};

    if (goxel_place_map_reserve(&kept, database->places.count + saving->added_count)) {
        database->failed = true;
        return;
    }
    for (size_t i = 0; i < database->places.size; i++) {
        const struct goxel_placed *placed = &database->places.table[i];

        if (!placed->row)
            continue;
        if (saving->before && goxel_sum_is_wanted(placed->layer, saving->project))
            (void)goxel_place_map_put(&kept, placed->layer, placed->key, placed->row);
        else
            kill(database, placed->row);
    }
    goxel_place_map_finish(&database->places);
    database->places = kept;
}

static bool lost_a_layer(const struct goxel_saving *saving)
{
    const struct goxel_project *before = saving->before;

    for (size_t i = 0; i < before->layer_count; i++) {
        if (!goxel_project_layer(saving->project, before->layers[i]->id))
            return true;
    }
    return false;
}

void goxel_bricks_saved(struct goxel_saving *saving)
{
    struct goxel_database *database = saving->database;

    if (!saving->before || lost_a_layer(saving))
        kill_gone(saving);
    for (size_t i = 0; i < saving->added_count; i++) {
        const struct goxel_placed *added = &saving->added[i];

        kill(database, goxel_place_map_put(&database->places, added->layer, added->key, added->row));
    }
    database->last_brick = saving->last_brick;
    database->empty = (saving->before ? database->empty : 0) + saving->empty;
}

/* ---- removing ---- */

#define CLEAN_ROWS 256 /* in one transaction */

/* One row, and its part of its layer's sum. */
static int remove_row(struct goxel_database *database, int64_t row, struct goxel_detail *detail)
{
    sqlite3_stmt *statement = database->delete_brick;
    int code = goxel_sql_bind(&database->sql, statement, &row, 1, NULL, detail);
    int rc = code ? SQLITE_DONE : sqlite3_step(statement);
    struct goxel_sum *sum;

    if (!code && rc == SQLITE_ROW) {
        sum = goxel_sums_find(&database->sums, sqlite3_column_int64(statement, 0));
        if (sum) {
            sum->rows--;
            sum->digest -= (uint64_t)sqlite3_column_int64(statement, 1);
        }
        rc = sqlite3_step(statement);
    }
    if (!code)
        code = goxel_sql_check(&database->sql, rc, detail);
    (void)sqlite3_reset(statement);
    return code;
}

/* The row that the database names as its last one stays, so that no number comes twice. */
int goxel_bricks_clean(struct goxel_database *database, struct goxel_detail *detail)
{
    struct goxel_rows *dead = &database->dead;
    size_t count = dead->count < CLEAN_ROWS ? dead->count : CLEAN_ROWS;
    int code = 0;

    for (size_t i = 0; i < count && !code; i++)
        code = remove_row(database, dead->list[dead->count - 1 - i], detail);
    if (!code)
        dead->count -= count;
    return code;
}

/* ---- reading ---- */

struct loading {
    struct goxel_database *database;
    const struct goxel_database_load *how;
    struct goxel_project *project;
    struct goxel_detail *detail;
    struct goxel_sums sums; /* of what has been read */
    struct goxel_buf unpacked;
    sqlite3_stmt *statement;
    int64_t next;   /* the first row that was not read yet, nor passed over */
    uint64_t bytes; /* of bricks in memory so far */
};

static int fail_place(const struct loading *loading, const struct row *row, const char *what)
{
    char layer[64];

    if (row->layer == GOXEL_SUM_SELECTION)
        (void)snprintf(layer, sizeof(layer), "the selection");
    else
        (void)snprintf(layer, sizeof(layer), "layer %" PRId64, row->layer);
    return goxel_database_damaged(loading->how, loading->detail,
                                  "%s, brick at (%" PRId64 ", %" PRId64 ", %" PRId64 "): %s", layer, row->x,
                                  row->y, row->z, what);
}

static int decode(struct loading *loading, const struct row *row, const uint8_t *data, size_t len,
                  goxel_link *ret_link)
{
    struct goxel_reading in;
    int code = goxel_unpack_run(data, len, &loading->unpacked, loading->detail, &in);

    *ret_link = 0;
    if (!code && in.left > 0)
        code = goxel_effects_take_link(&in, (int)row->level, loading->detail, ret_link);
    if (!code && (in.left > 0 || voxels_of(*ret_link, (int)row->level) != row->voxels)) {
        goxel_link_unref(*ret_link);
        code = goxel_fail(loading->detail, GOXEL_ERROR_INVALID_DATA, "its data goes on or has other voxels");
    }
    return code;
}

/*
 * The volume to write to; NULL: the layer is there no more, and the row counts for nothing. That there is no sum of it has
 * been told by then: the bricks have checksums of their own.
 */
static int volume_of(struct loading *loading, int64_t what, struct goxel_volume **ret_volume)
{
    struct goxel_project *project = loading->project;
    struct goxel_layer *layer;

    *ret_volume = NULL;
    if (what == GOXEL_SUM_SELECTION) {
        if (!project->selection)
            project->selection = goxel_volume_create();
        *ret_volume = project->selection;
        return project->selection ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
    }
    layer = goxel_project_layer(project, (int)what);
    if (layer)
        *ret_volume = layer->volume; /* nobody else has the project yet */
    return 0;
}

static bool is_in_range(int64_t value, int64_t min, int64_t max)
{
    return value >= min && value <= max;
}

static bool is_place(const struct row *row)
{
    return is_in_range(row->layer, GOXEL_SUM_SELECTION, INT_MAX - 1) &&
           is_in_range(row->x, GOXEL_COORD_MIN, GOXEL_COORD_MAX) &&
           is_in_range(row->y, GOXEL_COORD_MIN, GOXEL_COORD_MAX) &&
           is_in_range(row->z, GOXEL_COORD_MIN, GOXEL_COORD_MAX) &&
           is_in_range(row->level, 0, GOXEL_LEVEL_MAX) && goxel_key_is_good(key_of(row)) &&
           (row->x | row->y | row->z) % GOXEL_BRICK_SIZE == 0;
}

static int note_row(struct loading *loading, const struct row *row, uint64_t checksum)
{
    struct goxel_sum *sum;
    int code;

    if (loading->sums.count > GOXEL_SUMS_MAX)
        return fail_place(loading, row, "there are more layers than there can be");
    code = goxel_sums_need(&loading->sums, row->layer);
    if (code)
        return goxel_fail(loading->detail, code, "a project's database");
    sum = goxel_sums_find(&loading->sums, row->layer);
    sum->rows++;
    sum->digest += checksum;
    return 0;
}

/* Rows up to that one are of a layer with the same id that was there before. */
static int64_t since_of(const struct loading *loading, int64_t what)
{
    const struct goxel_sum *sum = goxel_sums_find(&loading->database->sums, what);

    return sum ? sum->since : 0;
}

static bool is_enough(const struct loading *loading)
{
    return loading->bytes >= loading->how->bytes_max;
}

/* With voxels and places without, it is a brick, whatever it looks like; a full one may be a tile. */
static bool may_stay(const struct loading *loading, const struct row *row)
{
    return is_enough(loading) && row->level == 0 && row->voxels > 0 && row->voxels < GOXEL_BRICK_VOXELS;
}

static int leave(const struct loading *loading, const struct row *row, goxel_link *ret_link)
{
    struct goxel_brick *brick = send_away(loading->database, row->row, (uint16_t)row->voxels);

    if (!brick)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_link = goxel_link_of_brick(brick);
    return 0;
}

static int make_link(struct loading *loading, const struct row *row, const uint8_t *data, size_t len,
                     goxel_link *ret_link)
{
    goxel_link link = 0;
    int code;

    if (may_stay(loading, row))
        return leave(loading, row, ret_link);
    code = decode(loading, row, data, len, &link);
    if (!code && goxel_link_is_brick(link) && is_enough(loading)) {
        code = leave(loading, row, ret_link);
        goxel_link_unref(link);
        return code;
    }
    if (!code && goxel_link_is_brick(link))
        loading->bytes += goxel_brick_bytes(goxel_link_brick(link));
    *ret_link = link;
    return code;
}

static int put_row(struct loading *loading, struct goxel_volume *volume, const struct row *row,
                   const uint8_t *data, size_t len)
{
    struct goxel_database *database = loading->database;
    goxel_link link = 0;
    int code = make_link(loading, row, data, len, &link);

    if (code == GOXEL_ERROR_INVALID_DATA)
        return fail_place(loading, row, "its voxels cannot be read");
    if (!code)
        code = goxel_place_map_reserve(&database->places, 1);
    if (!code)
        code = goxel_tree_put(volume, goxel_key_corner(key_of(row)), (int)row->level, link);
    if (code) {
        goxel_link_unref(link);
        return goxel_fail(loading->detail, code, "the project");
    }
    kill(database, goxel_place_map_put(&database->places, row->layer, key_of(row), row->row));
    database->empty += link == 0;
    return 0;
}

static void take_numbers(sqlite3_stmt *statement, int64_t numbers[ROW_NUMBERS])
{
    for (int i = 0; i < ROW_NUMBERS; i++)
        numbers[i] = sqlite3_column_int64(statement, i);
}

static int load_row(struct loading *loading)
{
    sqlite3_stmt *statement = loading->statement;
    const uint8_t *data = sqlite3_column_blob(statement, COLUMN_DATA);
    size_t len = (size_t)sqlite3_column_bytes(statement, COLUMN_DATA);
    uint64_t checksum = (uint64_t)sqlite3_column_int64(statement, COLUMN_CHECKSUM);
    struct goxel_volume *volume;
    int64_t numbers[ROW_NUMBERS];
    struct row row;
    int code;

    take_numbers(statement, numbers);
    memcpy(&row, numbers, sizeof(row));
    loading->next = row.row + 1;
    code = volume_of(loading, row.layer, &volume);
    if (code)
        return goxel_fail(loading->detail, code, "the project");
    code = note_row(loading, &row, checksum);
    if (code)
        return code;
    if (checksum != goxel_checksum(numbers, ROW_NUMBERS, data, len) || !is_place(&row))
        return fail_place(loading, &row, "its voxels are not as they were written");
    if (volume && row.row > since_of(loading, row.layer))
        return put_row(loading, volume, &row, data, len);
    code = goxel_rows_add(&loading->database->dead, row.row);
    return code ? goxel_fail(loading->detail, code, "the project") : 0;
}

static int check_sums(const struct loading *loading)
{
    const struct goxel_sums *wanted = &loading->database->sums;

    for (size_t i = 0; i < wanted->count; i++) {
        const struct goxel_sum *want = &wanted->list[i], *got = goxel_sums_find(&loading->sums, want->what);
        int64_t rows = got ? got->rows : 0;
        int code;

        if (want->what < 0 || (rows == want->rows && (got ? got->digest : 0) == want->digest))
            continue;
        code = goxel_database_damaged(loading->how, loading->detail,
                                      "layer %" PRId64 " has %" PRId64 " bricks of %" PRId64
                                      ", or others than were written",
                                      want->what, rows, want->rows);
        if (code)
            return code;
    }
    return 0;
}

/* The rows from the next one on; *ret_broken: the file itself cannot be read there. */
static int load_from(struct loading *loading, bool *ret_broken)
{
    int64_t numbers[2] = {loading->next, loading->database->last_brick};
    int code = goxel_sql_bind(&loading->database->sql, loading->statement, numbers, 2, NULL, loading->detail);
    int rc = SQLITE_DONE;

    while (!code && (rc = sqlite3_step(loading->statement)) == SQLITE_ROW)
        code = load_row(loading);
    if (!code)
        code = goxel_sql_check(&loading->database->sql, rc, loading->detail);
    (void)sqlite3_reset(loading->statement);
    *ret_broken = code == GOXEL_ERROR_INVALID_DATA && rc != SQLITE_ROW;
    return code;
}

#define ROWS_TRIED 65536 /* one by one, before the steps over what cannot be read become wider */

/*
 * All rows. Where a page of the file cannot be read, and whoever loads wants what is good, it goes on with the first row behind
 * it that can: which that is, trying tells.
 */
static int load_rows(struct loading *loading)
{
    int64_t from = 0, step;
    unsigned tried = 0;
    bool broken;
    int code;

    while ((code = load_from(loading, &broken)) && broken) {
        if (loading->next != from) {
            tried = 0;
            code = goxel_database_tell(loading->how, loading->detail, code);
            if (code)
                return code;
        }
        step = INT64_C(1) << tried++ / ROWS_TRIED;
        if (step > loading->database->last_brick - loading->next)
            break;
        from = loading->next += step;
    }
    return code && !broken ? code : check_sums(loading);
}

int goxel_bricks_load(struct goxel_database *database, const struct goxel_database_load *how,
                      struct goxel_project *project, struct goxel_detail *detail)
{
    struct loading loading = {
        .database = database, .how = how, .project = project, .detail = detail, .next = 1};
    int code;

    loading.statement = goxel_sql_prepare(
        &database->sql, GOXEL_SELECT_BRICKS "WHERE row >= ?1 AND row <= ?2 ORDER BY row", detail, &code);
    if (code)
        return code;
    goxel_buf_init(&loading.unpacked, GOXEL_UNPACKED_MAX);
    code = load_rows(&loading);
    sqlite3_finalize(loading.statement);
    goxel_buf_finish(&loading.unpacked);
    goxel_sums_finish(&loading.sums);
    if (!code && project->selection && goxel_volume_count(project->selection) == 0) {
        goxel_volume_destroy(project->selection);
        project->selection = NULL;
    }
    return code;
}

/* ---- scrubbing ---- */

static int scrub_row(struct loading *loading, sqlite3_stmt *statement, int64_t *cursor)
{
    int64_t numbers[ROW_NUMBERS];
    struct row row;

    take_numbers(statement, numbers);
    memcpy(&row, numbers, sizeof(row));
    *cursor = row.row;
    if ((uint64_t)sqlite3_column_int64(statement, COLUMN_CHECKSUM) ==
        goxel_checksum(numbers, ROW_NUMBERS, sqlite3_column_blob(statement, COLUMN_DATA),
                       (size_t)sqlite3_column_bytes(statement, COLUMN_DATA)))
        return 0;
    return fail_place(loading, &row, "its voxels are not as they were written");
}

int goxel_database_scrub(struct goxel_database *database, int64_t *cursor, size_t count, size_t *ret_rows,
                         struct goxel_detail *detail)
{
    static const struct goxel_database_load how = {.damage = NULL};
    struct loading loading = {.database = database, .how = &how, .detail = detail};
    int64_t numbers[2] = {*cursor, (int64_t)count};
    size_t rows = 0;
    int code, rc = SQLITE_DONE;
    sqlite3_stmt *statement;

    pthread_mutex_lock(&database->lock);
    statement = goxel_sql_prepare(&database->sql, GOXEL_SELECT_BRICKS "WHERE row > ?1 ORDER BY row LIMIT ?2",
                                  detail, &code);
    if (!code)
        code = goxel_sql_bind(&database->sql, statement, numbers, 2, NULL, detail);
    while (!code && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        code = scrub_row(&loading, statement, cursor);
        rows++;
    }
    if (!code)
        code = goxel_sql_check(&database->sql, rc, detail);
    sqlite3_finalize(statement);
    pthread_mutex_unlock(&database->lock);
    if (!code && rows < count)
        *cursor = 0;
    *ret_rows = rows;
    return code;
}

/* ---- bricks that are not in memory ---- */

static int take_brick(struct loading *loading, sqlite3_stmt *statement, goxel_link *ret_link)
{
    const uint8_t *data = sqlite3_column_blob(statement, COLUMN_DATA);
    size_t len = (size_t)sqlite3_column_bytes(statement, COLUMN_DATA);
    int64_t numbers[ROW_NUMBERS];
    struct row row;
    int code;

    take_numbers(statement, numbers);
    memcpy(&row, numbers, sizeof(row));
    if ((uint64_t)sqlite3_column_int64(statement, COLUMN_CHECKSUM) !=
        goxel_checksum(numbers, ROW_NUMBERS, data, len))
        return fail_place(loading, &row, "its voxels are not as they were written");
    code = decode(loading, &row, data, len, ret_link);
    if (code == GOXEL_ERROR_INVALID_DATA)
        return fail_place(loading, &row, "its voxels cannot be read");
    if (!code && !goxel_link_is_brick(*ret_link))
        return fail_place(loading, &row, "it is no brick any more");
    return code;
}

/* Under the lock. */
static int fetch(struct goxel_database *database, int64_t row, struct goxel_detail *detail,
                 goxel_link *ret_link)
{
    static const struct goxel_database_load how = {.damage = NULL};
    struct loading loading = {.database = database, .how = &how, .detail = detail};
    sqlite3_stmt *statement = database->select_brick;
    int code = goxel_sql_bind(&database->sql, statement, &row, 1, NULL, detail), rc;

    if (code)
        return code;
    goxel_buf_init(&loading.unpacked, GOXEL_UNPACKED_MAX);
    rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        code = take_brick(&loading, statement, ret_link);
    else if (rc == SQLITE_DONE)
        code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "row %" PRId64 " of its bricks is missing", row);
    else
        code = goxel_sql_check(&database->sql, rc, detail);
    (void)sqlite3_reset(statement);
    goxel_buf_finish(&loading.unpacked);
    return code;
}

int goxel_bricks_fetch(struct goxel_source *source, int64_t row, struct goxel_brick **ret_brick)
{
    struct goxel_database *database = (struct goxel_database *)source;
    goxel_link link = 0;
    int code;

    pthread_mutex_lock(&database->lock);
    code = fetch(database, row, NULL, &link);
    pthread_mutex_unlock(&database->lock);
    if (!code)
        *ret_brick = goxel_link_brick(link);
    return code;
}

/* Read once more, for what is to be told of it. */
void goxel_bricks_damaged(struct goxel_source *source, int64_t row)
{
    struct goxel_database *database = (struct goxel_database *)source;
    struct goxel_detail detail;
    goxel_link link = 0;

    pthread_mutex_lock(&database->lock);
    if (fetch(database, row, &detail, &link) != GOXEL_ERROR_INVALID_DATA)
        (void)goxel_fail(&detail, GOXEL_ERROR_INVALID_DATA,
                         "row %" PRId64 " of its bricks is not what it was", row);
    goxel_link_unref(link);
    if (database->broken)
        database->broken(database->broken_ctx, &detail);
    pthread_mutex_unlock(&database->lock);
}

struct evicting {
    struct goxel_database *database;
    struct goxel_volume *volume; /* to be written */
    int64_t what;
};

/* Those of which there is no row stay; there are none, unless memory was missing. */
static int evict_place(void *ctx, goxel_link before, goxel_link link, struct goxel_pos corner, int level)
{
    const struct evicting *evicting = ctx;
    struct goxel_brick *brick;
    int64_t row;
    int code;

    (void)before;
    if (!goxel_link_is_here(link))
        return 0;
    row = goxel_place_map_find(&evicting->database->places, evicting->what, goxel_key_of(corner, level));
    if (!row)
        return 0;
    brick = send_away(evicting->database, row, goxel_link_brick(link)->count);
    if (!brick)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    code = goxel_tree_put(evicting->volume, corner, level, goxel_link_of_brick(brick));
    if (code)
        goxel_brick_unref(brick);
    return code;
}

static int evict_layer(struct goxel_database *database, struct goxel_project *project,
                       const struct goxel_layer *layer)
{
    struct goxel_layer *own = goxel_project_own_layer(project, layer);
    struct evicting evicting = {database, NULL, 0};
    struct goxel_volume *volume;
    int code;

    if (!own)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    volume = goxel_volume_copy(own->volume); /* what is walked is not what is written */
    if (!volume)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    evicting.volume = own->volume;
    evicting.what = own->id;
    code = goxel_volume_diff(&nothing, volume, NULL, evict_place, &evicting);
    goxel_volume_destroy(volume);
    return code;
}

/* What the newer one has changed since, in a copy of the older one. */
static int put_newer(void *ctx, goxel_link before, goxel_link after, struct goxel_pos corner, int level)
{
    struct goxel_volume *volume = ctx;
    int code = goxel_tree_put(volume, corner, level, goxel_link_ref(after));

    (void)before;
    if (code)
        goxel_link_unref(after);
    return code;
}

static int renew_layer(const struct goxel_project *base, const struct goxel_project *evicted,
                       struct goxel_project *newer, const struct goxel_layer *layer)
{
    const struct goxel_layer *old = goxel_project_layer(base, layer->id);
    struct goxel_volume *volume;
    struct goxel_layer *own;
    int code;

    if (!old)
        return 0;
    volume = goxel_volume_copy(goxel_project_layer(evicted, layer->id)->volume);
    own = volume ? goxel_project_own_layer(newer, layer) : NULL;
    if (!own) {
        goxel_volume_destroy(volume);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    code = goxel_volume_diff(old->volume, own->volume, NULL, put_newer, volume);
    if (code) {
        goxel_volume_destroy(volume);
        return code;
    }
    goxel_volume_destroy(own->volume);
    own->volume = volume;
    return 0;
}

int goxel_database_evict(struct goxel_database *database, const struct goxel_project *newer,
                         struct goxel_project **ret_base, struct goxel_project **ret_newer)
{
    const struct goxel_project *base = database->base;
    struct goxel_project *evicted = goxel_project_copy(base), *copy = goxel_project_copy(newer);
    int code = evicted && copy ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    for (size_t i = 0; i < base->layer_count && !code; i++)
        code = evict_layer(database, evicted, evicted->layers[i]);
    if (!code) {
        goxel_project_seal(evicted);
        goxel_history_forget(evicted);
    }
    for (size_t i = 0; i < newer->layer_count && !code; i++)
        code = renew_layer(base, evicted, copy, copy->layers[i]);
    if (code) {
        goxel_project_unref(evicted);
        goxel_project_unref(copy);
        return code;
    }
    goxel_project_seal(copy);
    *ret_base = evicted;
    *ret_newer = copy;
    return 0;
}
