/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/sql.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* ---- errors ---- */

static const struct {
    int rc, code;
} rows[] = {
    {SQLITE_FULL, GOXEL_ERROR_STORAGE_FULL},
    {SQLITE_NOMEM, GOXEL_ERROR_OUT_OF_MEMORY},
    {SQLITE_BUSY, GOXEL_ERROR_LOCKED},
    {SQLITE_CORRUPT, GOXEL_ERROR_INVALID_DATA},
    {SQLITE_NOTADB, GOXEL_ERROR_INVALID_DATA},
    {SQLITE_ERROR, GOXEL_ERROR_INVALID_DATA},
    {SQLITE_MISMATCH, GOXEL_ERROR_INVALID_DATA},
    {SQLITE_CONSTRAINT, GOXEL_ERROR_INVALID_DATA},
    {SQLITE_IOERR_NOMEM, GOXEL_ERROR_OUT_OF_MEMORY},
};

static int code_of(const struct goxel_sql *sql, int rc)
{
    int errnum = sql->db ? sqlite3_system_errno(sql->db) : 0;

    if ((rc & 0xff) == SQLITE_IOERR && (errnum == ENOSPC || errnum == EDQUOT))
        return GOXEL_ERROR_STORAGE_FULL;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].rc == rc || rows[i].rc == (rc & 0xff))
            return rows[i].code;
    }
    return GOXEL_ERROR_FILE_ACCESS;
}

int goxel_sql_check(const struct goxel_sql *sql, int rc, struct goxel_detail *detail)
{
    int code;

    if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
        return 0;
    code = code_of(sql, rc);
    if (code == GOXEL_ERROR_STORAGE_FULL)
        return goxel_fail(detail, code, "%.160s: No space left on device", sql->path);
    return goxel_fail(detail, code, "%.160s: %.100s", sql->path,
                      sql->db ? sqlite3_errmsg(sql->db) : sqlite3_errstr(rc));
}

/* ---- statements ---- */

int goxel_sql_run(const struct goxel_sql *sql, const char *text, struct goxel_detail *detail)
{
    return goxel_sql_check(sql, sqlite3_exec(sql->db, text, NULL, NULL, NULL), detail);
}

sqlite3_stmt *goxel_sql_prepare(const struct goxel_sql *sql, const char *text, struct goxel_detail *detail,
                                int *ret_code)
{
    sqlite3_stmt *statement = NULL;

    *ret_code = goxel_sql_check(
        sql, sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), detail);
    return statement;
}

int goxel_sql_bind(const struct goxel_sql *sql, sqlite3_stmt *statement, const int64_t *numbers, int count,
                   const struct goxel_buf *blob, struct goxel_detail *detail)
{
    int rc = SQLITE_OK;

    for (int i = 0; i < count && rc == SQLITE_OK; i++)
        rc = sqlite3_bind_int64(statement, i + 1, numbers[i]);
    if (rc == SQLITE_OK && blob)
        rc = sqlite3_bind_blob64(statement, count + 1, blob->data ? blob->data : "", blob->len,
                                 SQLITE_STATIC);
    return goxel_sql_check(sql, rc, detail);
}

int goxel_sql_step(const struct goxel_sql *sql, sqlite3_stmt *statement, struct goxel_detail *detail)
{
    int rc, code;

    do
        rc = sqlite3_step(statement);
    while (rc == SQLITE_ROW);
    code = goxel_sql_check(sql, rc, detail);
    (void)sqlite3_reset(statement);
    return code;
}

/* ---- life ---- */

/* *ret_value is 0 for a database that is new. */
static int read_pragma(const struct goxel_sql *sql, const char *text, struct goxel_detail *detail,
                       int64_t *ret_value)
{
    int code;
    sqlite3_stmt *statement = goxel_sql_prepare(sql, text, detail, &code);

    if (code)
        return code;
    code = goxel_sql_check(sql, sqlite3_step(statement), detail);
    if (!code)
        *ret_value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code;
}

static int check_whose(const struct goxel_sql *sql, struct goxel_detail *detail, bool *ret_new)
{
    int64_t application = 0, layout = 0, tables = 0;
    int code = read_pragma(sql, "PRAGMA application_id", detail, &application);

    if (!code)
        code = read_pragma(sql, "PRAGMA user_version", detail, &layout);
    if (!code)
        code = read_pragma(sql, "SELECT count(*) FROM sqlite_schema", detail, &tables);
    if (code)
        return code;
    *ret_new = application == 0 && layout == 0 && tables == 0;
    if (!*ret_new && application != GOXEL_SQL_APPLICATION)
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "%.160s is no project's database", sql->path);
    if (layout > GOXEL_SQL_LAYOUT)
        return goxel_fail(
            detail, GOXEL_ERROR_FORMAT_NOT_SUPPORTED,
            "%.160s is of layout %lld, and %d is the newest that is known: a newer daemon wrote it; "
            "start that one",
            sql->path, (long long)layout, GOXEL_SQL_LAYOUT);
    return 0;
}

/* Without a sync at each commit: who wants one says so (goxel_sql_run "PRAGMA synchronous=FULL"). */
static const char settings[] =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
    "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-1024; PRAGMA mmap_size=0;"
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=2000";

#define TEXT_OF(number) #number
#define MARK(application, layout) \
    "PRAGMA application_id=" TEXT_OF(application) "; PRAGMA user_version=" TEXT_OF(layout)

static int set_up(const struct goxel_sql *sql, const char *schema, bool create, struct goxel_detail *detail)
{
    bool is_new = false;
    int code;

    (void)sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    code = goxel_sql_run(sql, settings, detail);
    if (!code)
        code = check_whose(sql, detail, &is_new);
    if (code || !is_new)
        return code;
    if (!create)
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "%.160s: there is nothing in it", sql->path);
    code = goxel_sql_run(sql, "BEGIN IMMEDIATE", detail);
    if (!code)
        code = goxel_sql_run(sql, schema, detail);
    if (!code)
        code = goxel_sql_run(sql, MARK(GOXEL_SQL_APPLICATION, GOXEL_SQL_LAYOUT), detail);
    return code ? code : goxel_sql_run(sql, "COMMIT", detail);
}

int goxel_sql_open(const char *path, const char *schema, bool create, struct goxel_detail *detail,
                   struct goxel_sql *ret_sql)
{
    struct goxel_sql sql = {.path = strdup(path)};
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE |
                (create ? SQLITE_OPEN_CREATE : 0);
    int code;

    if (!sql.path)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "a project's database");
    code = goxel_sql_check(&sql, sqlite3_open_v2(path, &sql.db, flags, NULL), detail);
    if (!code)
        code = set_up(&sql, schema, create, detail);
    if (code) {
        goxel_sql_close(&sql);
        return code;
    }
    *ret_sql = sql;
    return 0;
}

void goxel_sql_close(struct goxel_sql *sql)
{
    (void)sqlite3_close_v2(sql->db);
    free(sql->path);
    *sql = (struct goxel_sql){NULL, NULL};
}
