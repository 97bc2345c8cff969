/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a database knows of its file, for its parts.
 *
 * Used by: store/database.c, store/bricks.c, store/steps.c, store/request_keys.c alone.
 */
#ifndef GOXEL_STORE_DATABASE_ROWS_H
#define GOXEL_STORE_DATABASE_ROWS_H

#include <pthread.h>

#include "core/away.h"
#include "store/database.h"
#include "store/pack.h"
#include "store/place_map.h"
#include "store/sql.h"

/*
 * A file may come from a stranger (store/backup.h), with checksums that are right. Of versions and of rows nobody comes
 * that far, and one more overflows nothing.
 */
#define GOXEL_NUMBER_MAX (INT64_C(1) << 62)
static inline bool goxel_number_is_good(int64_t number)
{
    return number >= 0 && number <= GOXEL_NUMBER_MAX;
}

#define GOXEL_SUMS_MAX (4 * GOXEL_LAYERS_MAX) /* in a file: with those of layers that are gone */

/* What the rows of a table are about. */
#define GOXEL_SUM_SELECTION 0 /* layers' ids begin at 1 */
#define GOXEL_SUM_HISTORY (-1)
#define GOXEL_SUM_KEYS (-2)

struct goxel_sum {
    int64_t what, rows;
    uint64_t digest;
    int64_t
        since; /* rows of bricks up to this one are of a layer of that id that was removed: they count for nothing */
};
struct goxel_sums {
    struct goxel_sum *list; /* owned, in no order */
    size_t count;
};
void goxel_sums_finish(struct goxel_sums *sums);
struct goxel_sum *goxel_sums_find(const struct goxel_sums *sums, int64_t what); /* NULL: none */
/* It is of no layer, or of one that the project has. */
bool goxel_sum_is_wanted(int64_t what, const struct goxel_project *project);
/* A new one of nothing, if there is none. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_sums_need(struct goxel_sums *sums, int64_t what);

struct goxel_rows {
    int64_t *list; /* owned */
    size_t count, capacity;
};
int goxel_rows_add(struct goxel_rows *rows, int64_t row); /* GOXEL_ERROR_OUT_OF_MEMORY */

struct goxel_stored_step {
    struct goxel_step *step; /* a reference */
    uint64_t state, checksum;
    int64_t row;
};

struct goxel_stored_key {
    struct goxel_key *key; /* a reference */
    uint64_t checksum;
    int64_t row;
};

struct goxel_database {
    struct goxel_source source; /* first: a database is one */
    struct goxel_sql sql;
    pthread_mutex_t lock; /* of the connection, for a statement at a time */
    sqlite3_stmt *select_brick, *insert_brick, *insert_step, *insert_key, *delete_brick;
    struct goxel_project *base; /* as of the last checkpoint, a reference; NULL: there was none */
    int64_t last_brick, last_step, last_key;
    struct goxel_sums sums;
    struct goxel_place_map places;
    struct goxel_rows dead; /* of bricks: they do not count any more */
    pthread_mutex_t away_lock;
    struct goxel_place_map away; /* rows of bricks that are not in memory, as keys, and what holds of them */
    struct goxel_rows left;      /* of those: they do not count, and nobody has them any more */
    void (*broken)(void *ctx,
                   const struct goxel_detail *detail); /* NULL: nobody wants to know. Under the lock */
    void *broken_ctx;
    struct goxel_stored_step *steps;
    size_t step_count;
    struct goxel_stored_key *keys;
    size_t key_count;
    int64_t empty; /* rows of `places` that say that nothing is there, about */
    bool rubbish;  /* there may be rows behind the last ones, or of a history that is not kept */
    bool failed;   /* the disk did */
    ZSTD_CCtx *packer;
};

/* A checkpoint on its way. */
struct goxel_saving {
    struct goxel_database *database;
    const struct goxel_project *before; /* NULL: nothing is taken for granted */
    struct goxel_project *project;
    const struct goxel_checkpoint *checkpoint;
    struct goxel_detail *detail;
    struct goxel_sums sums; /* as they will be */
    int64_t last_brick, last_step, last_key;
    int64_t began_ns;           /* of the transaction */
    int64_t empty;              /* that many more */
    struct goxel_placed *added; /* owned; rows of bricks */
    size_t added_count, added_capacity;
    struct goxel_stored_step *steps; /* owned, their references are not; as many as the history has */
    struct goxel_stored_key *keys;   /* the same */
    struct goxel_buf data;
    struct goxel_buf head, group; /* of the row of the project */
};

/* Now and then: a transaction that has been long enough ends, and there is another. */
int goxel_saving_pace(struct goxel_saving *saving);

/* Numbers, little-endian, and bytes behind them. */
uint64_t goxel_checksum(const int64_t *numbers, size_t count, const void *bytes, size_t len);

/* ---- bricks ---- */

#define GOXEL_SELECT_BRICKS "SELECT row, layer, x, y, z, level, since, voxels, checksum, data FROM bricks "

int goxel_bricks_save(struct goxel_saving *saving);
void goxel_bricks_saved(struct goxel_saving *saving); /* the checkpoint is complete */
/* Into a project that has all but voxels; the rows up to database->last_brick. */
int goxel_bricks_load(struct goxel_database *database, const struct goxel_database_load *how,
                      struct goxel_project *project, struct goxel_detail *detail);
/* Rows that did not count any more, and that nobody has now, are to be removed as others are. */
void goxel_bricks_collect_left(struct goxel_database *database);
/* Removes a few of the rows that do not count any more, of which there are some. */
int goxel_bricks_clean(struct goxel_database *database, struct goxel_detail *detail);

/* The source's (core/away.h). */
int goxel_bricks_fetch(struct goxel_source *source, int64_t row, struct goxel_brick **ret_brick);
void goxel_bricks_damaged(struct goxel_source *source, int64_t row);
void goxel_bricks_left(struct goxel_source *source, int64_t row);

/* ---- steps ---- */

/* New steps; then, in the last transaction, those that are no more; then, when that is done, what is there. */
int goxel_steps_save(struct goxel_saving *saving, const struct goxel_history_list *history);
int goxel_steps_end(struct goxel_saving *saving, const struct goxel_history_list *history);
void goxel_steps_saved(struct goxel_saving *saving, const struct goxel_history_list *history);
int goxel_steps_load(struct goxel_database *database, const struct goxel_database_load *how, size_t past,
                     struct goxel_history_list *list, struct goxel_detail *detail);
void goxel_steps_finish(struct goxel_database *database);

/* ---- keys, in the same three steps ---- */

int goxel_keys_save(struct goxel_saving *saving, const struct goxel_key_list *keys);
int goxel_keys_end(struct goxel_saving *saving, const struct goxel_key_list *keys);
void goxel_keys_saved(struct goxel_saving *saving, const struct goxel_key_list *keys);
int goxel_keys_load(struct goxel_database *database, const struct goxel_database_load *how,
                    struct goxel_detail *detail);
void goxel_keys_forget(struct goxel_database *database);

/* Something is damaged: told to who wants to hear of it, and 0; or the error. */
int goxel_database_tell(const struct goxel_database_load *how, const struct goxel_detail *detail, int code);
/* The same of GOXEL_ERROR_INVALID_DATA with that text, which is in `detail` as well. */
int goxel_database_damaged(const struct goxel_database_load *how, struct goxel_detail *detail,
                           const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
