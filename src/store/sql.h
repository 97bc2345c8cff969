/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One connection to an SQLite file, with errors as ours.
 *
 * Used by: store/database, store/bricks, store/steps.  Uses: base; SQLite.
 *
 * A connection is the only one that its file has (the file is locked as long), so that it keeps no shared memory beside
 * it and meets nobody in its write-ahead log.
 *
 * Life: `open` to `close`. Calls are serialised by the owner.
 */
#ifndef GOXEL_STORE_SQL_H
#define GOXEL_STORE_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/detail.h"

struct goxel_sql {
    sqlite3 *db;
    char *path; /* owned, for messages */
};

/* "goxd", as file(1) and PRAGMA application_id tell it; and the layout that we write. */
#define GOXEL_SQL_APPLICATION 0x676f7864
#define GOXEL_SQL_LAYOUT 1

/*
 * GOXEL_ERROR_FILE_ACCESS, GOXEL_ERROR_STORAGE_FULL, GOXEL_ERROR_OUT_OF_MEMORY, GOXEL_ERROR_LOCKED (somebody else has
 * it), GOXEL_ERROR_INVALID_DATA (it is no database, or not ours), GOXEL_ERROR_FORMAT_NOT_SUPPORTED (a newer daemon's).
 * `create`: there may be none, and `schema` makes its tables; an empty file is none.
 */
int goxel_sql_open(const char *path, const char *schema, bool create, struct goxel_detail *detail,
                   struct goxel_sql *ret_sql);
void goxel_sql_close(struct goxel_sql *sql); /* a zeroed one is fine; its statements are finished */

/* What SQLite returned, as one of the above, and where. 0 for SQLITE_OK, SQLITE_ROW, SQLITE_DONE. */
int goxel_sql_check(const struct goxel_sql *sql, int rc, struct goxel_detail *detail);

int goxel_sql_run(const struct goxel_sql *sql, const char *text,
                  struct goxel_detail *detail); /* without a result */

/* NULL on failure. Ended by sqlite3_finalize. */
sqlite3_stmt *goxel_sql_prepare(const struct goxel_sql *sql, const char *text, struct goxel_detail *detail,
                                int *ret_code);

/* Of a statement with parameters 1, 2, …: numbers, and at last the blob, if `blob` is not NULL. */
int goxel_sql_bind(const struct goxel_sql *sql, sqlite3_stmt *statement, const int64_t *numbers, int count,
                   const struct goxel_buf *blob, struct goxel_detail *detail);

/* Runs it to its end and makes it ready for another time. */
int goxel_sql_step(const struct goxel_sql *sql, sqlite3_stmt *statement, struct goxel_detail *detail);

#endif
