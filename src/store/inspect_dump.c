/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that there is of a project, as lines of JSON. */
#include "store/inspect_parts.h"

#include <errno.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "core/effects.h"
#include "store/record.h"
#include "store/sql.h"
struct dumping {
    goxel_inspection_line *line;
    void *ctx;
    struct goxel_buf text;
};

static const struct {
    const char *table, *text;
} tables[] = {
    {"project",
     "SELECT version, last_brick, last_step, last_key, past, checksum, length(head) AS head_bytes FROM project"},
    {"sums", "SELECT what, rows, digest, since, checksum FROM sums ORDER BY what"},
    {"bricks",
     "SELECT row, layer, x, y, z, level, since, voxels, checksum, length(data) AS bytes FROM bricks ORDER BY row"},
    {"history", "SELECT row, state, checksum, length(data) AS bytes FROM history ORDER BY row"},
    {"keys", "SELECT row, checksum, length(data) AS bytes FROM keys ORDER BY row"},
};

static int put_line(struct dumping *dumping)
{
    int code = dumping->text.failed ? dumping->text.failed
                                    : dumping->line(dumping->ctx, dumping->text.data, dumping->text.len);

    goxel_buf_clear(&dumping->text);
    return code;
}

static int dump_row(struct dumping *dumping, const char *table, sqlite3_stmt *statement)
{
    struct goxel_json_writer w;

    goxel_json_writer_init(&w, &dumping->text);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "table", table);
    for (int i = 0; i < sqlite3_column_count(statement); i++)
        goxel_json_put_int(&w, sqlite3_column_name(statement, i), sqlite3_column_int64(statement, i));
    goxel_json_put_end(&w);
    return put_line(dumping);
}

/* What is damaged is a line as well; what comes behind it may be whole. */
static int dump_damage(struct dumping *dumping, const char *table, int code, struct goxel_detail *detail)
{
    struct goxel_json_writer w;

    if (code != GOXEL_ERROR_INVALID_DATA)
        return code;
    goxel_json_writer_init(&w, &dumping->text);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "table", table);
    goxel_json_put_string(&w, "error", detail->text);
    goxel_json_put_end(&w);
    return put_line(dumping);
}

static int dump_table(struct dumping *dumping, const struct goxel_sql *sql, size_t i,
                      struct goxel_detail *detail)
{
    int code, line = 0, rc = SQLITE_DONE;
    sqlite3_stmt *statement = goxel_sql_prepare(sql, tables[i].text, detail, &code);

    while (!code && !line && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        line = dump_row(dumping, tables[i].table, statement);
    if (!code)
        code = goxel_sql_check(sql, rc, detail);
    sqlite3_finalize(statement);
    if (line)
        return goxel_fail(detail, line, "a line of the dump");
    return dump_damage(dumping, tables[i].table, code, detail);
}

static int dump_database(struct dumping *dumping, const char *path, struct goxel_detail *detail)
{
    struct goxel_sql sql = {NULL, NULL};
    int code;

    if (access(path, F_OK) != 0 && errno == ENOENT)
        return 0;
    code = goxel_sql_open(path, "", false, detail, &sql);
    if (code)
        return dump_damage(dumping, "project", code, detail);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && !code; i++)
        code = dump_table(dumping, &sql, i, detail);
    goxel_sql_close(&sql);
    return code;
}

static int dump_record(struct dumping *dumping, const uint8_t *bytes, size_t len)
{
    static const char *const kinds[] = {"", "add", "remove", "edit", "undo", "redo", "end_group", "note"};
    struct goxel_json_writer w;
    struct goxel_record record;
    struct goxel_buf unpacked;
    uint64_t version = 0;

    goxel_buf_init(&unpacked, 0);
    goxel_json_writer_init(&w, &dumping->text);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "table", "journal");
    if (goxel_record_read(bytes, len, &unpacked, NULL, &record) == 0) {
        (void)goxel_effects_version(record.effects, record.effects_len, &version);
        goxel_json_put_string(&w, "kind", kinds[record.kind]);
        goxel_json_put_string(&w, "name", record.name);
        goxel_json_put_count(&w, "before", record.before);
        goxel_json_put_count(&w, "version", version);
    }
    goxel_json_put_count(&w, "bytes", len);
    goxel_json_put_end(&w);
    goxel_buf_finish(&unpacked);
    return put_line(dumping);
}

static int dump_journal(struct dumping *dumping, const struct goxel_kept *kept)
{
    struct goxel_reading in = goxel_reading_make(kept->tail.data, kept->tail.len);
    int code = 0;

    while (in.left > 0 && !code) {
        size_t len = (size_t)goxel_take_u64(&in);

        code = dump_record(dumping, goxel_take_bytes(&in, len), len);
    }
    return code;
}

int goxel_inspection_dump(struct goxel_inspection *inspection, size_t at, goxel_inspection_line *line,
                          void *ctx, struct goxel_detail *detail)
{
    const struct goxel_kept *kept = &inspection->kept[at];
    struct dumping dumping = {.line = line, .ctx = ctx};
    struct goxel_detail own;
    char path[PATH_MAX];
    int code = goxel_inspect_path(inspection, kept, path, detail);

    if (code)
        return code;
    goxel_detail_init(&own);
    goxel_buf_init(&dumping.text, (size_t)1 << 20);
    code = dump_database(&dumping, path, &own);
    if (code && detail)
        *detail = own;
    if (!code && (code = dump_journal(&dumping, kept)))
        code = goxel_fail(detail, code, "a line of the dump");
    goxel_buf_finish(&dumping.text);
    return code;
}
