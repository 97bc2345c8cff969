/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "core/effects.h"
#include "store/database.h"
#include "store/folder.h"
#include "store/journal.h"
#include "store/record.h"
#include "store/replay.h"
#include "store/sql.h"

struct kept {
    struct goxel_listed listed;
    struct goxel_buf tail; /* records, store/replay.h */
    size_t records;
    bool removed;
};

struct goxel_inspection {
    struct goxel_folder folder;
    struct goxel_buf text; /* of the list */
    struct goxel_list list;
    struct kept *kept; /* owned */
    size_t count;
    struct goxel_journal_tail tail;
    struct goxel_detail *detail; /* while the journal is read */
};

/* ---- the list and the journal ---- */

static struct kept *find_kept(const struct goxel_inspection *inspection, uint64_t number)
{
    for (size_t i = 0; i < inspection->count; i++) {
        if (inspection->kept[i].listed.number == number)
            return &inspection->kept[i];
    }
    return NULL;
}

static struct kept *add_kept(struct goxel_inspection *inspection)
{
    struct kept *kept = realloc(inspection->kept, (inspection->count + 1) * sizeof(*kept));

    if (!kept)
        return NULL;
    inspection->kept = kept;
    kept += inspection->count++;
    *kept = (struct kept){.records = 0};
    goxel_buf_init(&kept->tail, SIZE_MAX);
    return kept;
}

/* An entry that cannot be read is no project; the daemon tells of it. */
static int read_entries(struct goxel_inspection *inspection)
{
    for (size_t i = 0; i < goxel_json_length(inspection->list.projects); i++) {
        struct goxel_listed listed;
        struct kept *kept;
        int code = goxel_listed_read(goxel_json_at(inspection->list.projects, i), NULL, &listed);

        if (code == GOXEL_ERROR_OUT_OF_MEMORY)
            return code;
        kept = code || find_kept(inspection, listed.number) ? NULL : add_kept(inspection);
        if (!kept) {
            goxel_summary_finish(&listed.summary);
            continue;
        }
        kept->listed = listed;
    }
    return 0;
}

static int read_list(struct goxel_inspection *inspection, struct goxel_detail *detail)
{
    struct goxel_detail own;
    int code = goxel_file_read(inspection->folder.fd, GOXEL_LIST_NAME, &inspection->text, &own);

    if (code == GOXEL_ERROR_FILE_ACCESS && own.errnum == ENOENT)
        return 0;
    if (code) {
        if (detail)
            *detail = own;
        return code;
    }
    code = goxel_list_parse(inspection->text.data ? inspection->text.data : "", inspection->text.len, detail,
                            &inspection->list);
    return code ? code : read_entries(inspection);
}

static int take_record(struct goxel_inspection *inspection, const struct goxel_record *record,
                       const uint8_t *bytes, size_t len)
{
    struct kept *kept = find_kept(inspection, record->project);

    if (!kept && record->kind == GOXEL_RECORD_ADD) {
        kept = add_kept(inspection);
        if (!kept)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        kept->listed.number = record->project;
        (void)goxel_effects_name(record->effects, record->effects_len, kept->listed.summary.name);
    }
    if (!kept)
        return 0;
    kept->removed = kept->removed || record->kind == GOXEL_RECORD_REMOVE;
    kept->records++;
    return goxel_tail_add(&kept->tail, bytes, len);
}

static int visit_record(void *ctx, uint64_t sequence, const uint8_t *bytes, size_t len)
{
    struct goxel_inspection *inspection = ctx;
    struct goxel_record record;
    struct goxel_buf unpacked;
    int code;

    (void)sequence;
    goxel_buf_init(&unpacked, 0);
    code = goxel_record_read(bytes, len, &unpacked, NULL, &record);
    if (!code)
        code = take_record(inspection, &record, bytes, len);
    goxel_buf_finish(&unpacked);
    return code == GOXEL_ERROR_OUT_OF_MEMORY ? code : 0;
}

int goxel_inspection_open(const char *directory, struct goxel_detail *detail,
                          struct goxel_inspection **ret_inspection)
{
    struct goxel_inspection *inspection = calloc(1, sizeof(*inspection));
    int code;

    if (!inspection)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the store");
    inspection->folder = (struct goxel_folder){.fd = -1, .lock = -1};
    goxel_buf_init(&inspection->text, GOXEL_LIST_BYTES_MAX);
    code = goxel_folder_open(directory, detail, &inspection->folder);
    if (!code)
        code = read_list(inspection, detail);
    if (!code)
        code = goxel_journal_read(inspection->folder.fd, inspection->list.journal, visit_record, inspection,
                                  detail, &inspection->tail);
    if (code)
        goxel_inspection_close(inspection);
    else
        *ret_inspection = inspection;
    return code;
}

void goxel_inspection_close(struct goxel_inspection *inspection)
{
    if (!inspection)
        return;
    for (size_t i = 0; i < inspection->count; i++) {
        goxel_summary_finish(&inspection->kept[i].listed.summary);
        goxel_buf_finish(&inspection->kept[i].tail);
    }
    free(inspection->kept);
    goxel_json_free(inspection->list.root);
    goxel_buf_finish(&inspection->text);
    goxel_folder_close(&inspection->folder);
    free(inspection);
}

uint64_t goxel_inspection_journal_damage(const struct goxel_inspection *inspection, const char **ret_first)
{
    *ret_first = inspection->tail.first_damage;
    return inspection->tail.damaged;
}

size_t goxel_inspection_count(const struct goxel_inspection *inspection)
{
    return inspection->count;
}

void goxel_inspection_at(const struct goxel_inspection *inspection, size_t at,
                         struct goxel_inspected *ret_inspected)
{
    const struct kept *kept = &inspection->kept[at];

    *ret_inspected = (struct goxel_inspected){kept->listed.number, kept->listed.summary.name,
                                              kept->listed.damage, kept->records};
}

/* ---- a project ---- */

static int path_of(const struct goxel_inspection *inspection, const struct kept *kept,
                   char ret_path[PATH_MAX], struct goxel_detail *detail)
{
    if (snprintf(ret_path, PATH_MAX, "%s/p%" PRIu64 "/" GOXEL_DATABASE_NAME, inspection->folder.path,
                 kept->listed.number) < PATH_MAX)
        return 0;
    return goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS, "the path of a project's database is too long");
}

struct telling {
    goxel_inspection_damage *damage;
    void *ctx;
    size_t count;
};

static void tell(void *ctx, const struct goxel_detail *detail)
{
    struct telling *telling = ctx;

    telling->count++;
    telling->damage(telling->ctx, detail->text);
}

static void tell_text(struct telling *telling, const struct goxel_detail *detail)
{
    tell(telling, detail);
}

/* What is good in the database; none is no damage, if there has been none. */
static int load_base(struct goxel_inspection *inspection, const struct kept *kept, struct telling *telling,
                     struct goxel_key_list *keys, struct goxel_detail *detail,
                     struct goxel_project **ret_base)
{
    struct goxel_database_load how = {.bytes_max = UINT64_MAX, .damage = tell, .ctx = telling, .keys = keys};
    struct goxel_database *database = NULL;
    struct goxel_detail own;
    char path[PATH_MAX];
    int code = path_of(inspection, kept, path, detail);

    *ret_base = NULL;
    if (code)
        return code;
    if (access(path, F_OK) != 0 && kept->listed.summary.version == 0 && kept->records > 0)
        return 0;
    code = goxel_database_open(path, false, &own, &database);
    if (!code)
        code = goxel_database_load(database, &how, &own, ret_base);
    goxel_database_close(database);
    if (code == GOXEL_ERROR_OUT_OF_MEMORY || code == GOXEL_ERROR_LOCKED) {
        if (detail)
            *detail = own;
        return code;
    }
    if (code) /* not even the first row of it */
        tell_text(telling, &own);
    return 0;
}

/* The records that fit, one after the other. */
static int replay(const struct kept *kept, struct telling *telling, struct goxel_key_list *keys,
                  struct goxel_project **project)
{
    struct goxel_reading in = goxel_reading_make(kept->tail.data, kept->tail.len);
    struct goxel_detail detail;
    int code = 0;

    while (in.left > 0 && !code) {
        size_t len = (size_t)goxel_take_u64(&in);
        struct goxel_project *next = NULL;
        struct goxel_buf one;

        goxel_buf_init(&one, SIZE_MAX);
        code = goxel_tail_add(&one, goxel_take_bytes(&in, len), len);
        if (!code)
            code = goxel_replay_tail(*project, &one, GOXEL_HEAD_HISTORY_BYTES, keys, &detail, &next);
        goxel_buf_finish(&one);
        if (!code) {
            goxel_project_unref(*project);
            *project = next;
        }
    }
    if (code == GOXEL_ERROR_INVALID_DATA)
        tell_text(telling, &detail);
    return code == GOXEL_ERROR_OUT_OF_MEMORY ? code : 0;
}

static void check_age(const struct kept *kept, const struct goxel_project *base, struct telling *telling)
{
    struct goxel_detail detail;
    uint64_t version = base ? base->version : 0;

    if (version >= kept->listed.summary.version)
        return;
    (void)goxel_fail(&detail, GOXEL_ERROR_INVALID_DATA,
                     "its database is at version %" PRIu64 ", and was at %" PRIu64, version,
                     kept->listed.summary.version);
    tell_text(telling, &detail);
}

static int read_all(struct goxel_inspection *inspection, const struct kept *kept, struct telling *telling,
                    struct goxel_key_list *keys, struct goxel_detail *detail,
                    struct goxel_project **ret_project)
{
    int code = load_base(inspection, kept, telling, keys, detail, ret_project);

    if (code)
        return code;
    check_age(kept, *ret_project, telling);
    code = replay(kept, telling, keys, ret_project);
    if (code) {
        goxel_project_unref(*ret_project);
        *ret_project = NULL;
        return goxel_fail(detail, code, "the project");
    }
    return 0;
}

int goxel_inspection_check(struct goxel_inspection *inspection, size_t at, goxel_inspection_damage *damage,
                           void *ctx, struct goxel_detail *detail, struct goxel_project **ret_project)
{
    struct telling telling = {damage, ctx, 0};
    struct goxel_key_list keys = {NULL, 0, 0};
    struct goxel_project *project = NULL;
    const struct kept *kept = &inspection->kept[at];
    int code = kept->removed ? 0 : read_all(inspection, kept, &telling, &keys, detail, &project);

    goxel_key_list_finish(&keys);
    if (ret_project)
        *ret_project = project;
    else
        goxel_project_unref(project);
    return code;
}

/* ---- repairing ---- */

/* Above all that the journal has of it, which is old from then on. */
static uint64_t version_above(const struct kept *kept, const struct goxel_project *project)
{
    struct goxel_reading in = goxel_reading_make(kept->tail.data, kept->tail.len);
    uint64_t highest = project->version;

    if (kept->listed.summary.version > highest)
        highest = kept->listed.summary.version;
    while (in.left > 0) {
        size_t len = (size_t)goxel_take_u64(&in);
        struct goxel_record record;
        struct goxel_buf unpacked;
        uint64_t version = 0;

        goxel_buf_init(&unpacked, 0);
        if (goxel_record_read(goxel_take_bytes(&in, len), len, &unpacked, NULL, &record) == 0 &&
            goxel_effects_version(record.effects, record.effects_len, &version) && version > highest)
            highest = version;
        goxel_buf_finish(&unpacked);
    }
    return highest + 1;
}

static int write_anew(const char *path, struct goxel_project *project, const struct goxel_key_list *keys,
                      struct goxel_detail *detail)
{
    struct goxel_checkpoint checkpoint = {.project = project, .keys = *keys};
    struct goxel_database *database = NULL;
    int code;

    (void)unlink(path);
    code = goxel_database_open(path, true, detail, &database);
    if (!code && (code = goxel_history_take_list(project, &checkpoint.history)))
        code = goxel_fail(detail, code, "the history");
    if (!code)
        code = goxel_database_save(database, &checkpoint, detail);
    goxel_history_list_finish(&checkpoint.history);
    goxel_database_close(database);
    return code;
}

/* The log of the damaged file belongs to it. */
static int change_files(const char *path, const char *anew, struct goxel_detail *detail)
{
    char aside[PATH_MAX + 64], log[PATH_MAX + 8];

    (void)snprintf(log, sizeof(log), "%s-wal", path);
    (void)snprintf(aside, sizeof(aside), "%s.damaged-%lld-wal", path, (long long)goxel_wall_ms());
    (void)rename(log, aside);
    aside[strlen(aside) - strlen("-wal")] = '\0';
    if ((rename(path, aside) != 0 && errno != ENOENT) || rename(anew, path) != 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "rename", path);
    return 0;
}

/* The entry, without its damage and with the version that it has now; the others as they are. */
static void put_entries(struct goxel_inspection *inspection, const struct kept *kept,
                        struct goxel_json_writer *w)
{
    bool found = false;
    struct goxel_buf entry;

    goxel_buf_init(&entry, GOXEL_LIST_BYTES_MAX);
    goxel_listed_write(&entry, kept->listed.number, &kept->listed.summary, NULL);
    for (size_t i = 0; i < goxel_json_length(inspection->list.projects); i++) {
        const struct goxel_json *node = goxel_json_at(inspection->list.projects, i);
        struct goxel_listed listed;

        if (goxel_listed_read(node, NULL, &listed) == 0 && listed.number == kept->listed.number && !found) {
            goxel_json_put_raw(w, NULL, entry.data, entry.len);
            found = true;
        } else {
            goxel_json_put_node(w, NULL, node);
        }
        goxel_summary_finish(&listed.summary);
    }
    if (!found)
        goxel_json_put_raw(w, NULL, entry.data, entry.len);
    if (entry.failed)
        w->buf->failed = entry.failed;
    goxel_buf_finish(&entry);
}

static int write_list(struct goxel_inspection *inspection, const struct kept *kept,
                      struct goxel_detail *detail)
{
    struct goxel_json_writer w;
    struct goxel_list list;
    struct goxel_buf text;
    int code;

    goxel_buf_init(&text, GOXEL_LIST_BYTES_MAX);
    goxel_list_begin(&w, &text, inspection->list.journal,
                     inspection->list.next_number ? inspection->list.next_number : 1,
                     inspection->list.current);
    put_entries(inspection, kept, &w);
    goxel_list_end(&w);
    code = goxel_list_check(&text, inspection->count, detail);
    if (!code)
        code = goxel_file_replace(inspection->folder.fd, GOXEL_LIST_NAME, text.data, text.len, 0640, NULL,
                                  detail);
    if (!code)
        code = goxel_list_parse(text.data, text.len, detail, &list);
    if (!code) { /* another repair goes on from here */
        goxel_json_free(inspection->list.root);
        inspection->list = list;
    }
    goxel_buf_finish(&text);
    return code;
}

static int put_in_place(struct goxel_inspection *inspection, struct kept *kept, struct goxel_project *project,
                        const struct goxel_key_list *keys, struct goxel_detail *detail)
{
    char path[PATH_MAX], anew[PATH_MAX + 16], folder[32];
    struct goxel_summary summary;
    int code = path_of(inspection, kept, path, detail);

    if (code)
        return code;
    (void)snprintf(folder, sizeof(folder), "p%" PRIu64, kept->listed.number);
    (void)mkdirat(inspection->folder.fd, folder, 0750);
    (void)snprintf(anew, sizeof(anew), "%s.repaired", path);
    project->version = version_above(kept, project);
    code = write_anew(anew, project, keys, detail);
    if (!code)
        code = change_files(path, anew, detail);
    if (!code && (code = goxel_summary_of(project, &summary)))
        code = goxel_fail(detail, code, "the list");
    if (code)
        return code;
    (void)fsync(inspection->folder.fd);
    goxel_summary_finish(&kept->listed.summary);
    kept->listed.summary = summary;
    kept->listed.damage[0] = '\0';
    return write_list(inspection, kept, detail);
}

int goxel_inspection_repair(struct goxel_inspection *inspection, size_t at, goxel_inspection_damage *damage,
                            void *ctx, struct goxel_detail *detail, bool *ret_repaired)
{
    struct kept *kept = &inspection->kept[at];
    struct telling telling = {damage, ctx, 0};
    struct goxel_key_list keys = {NULL, 0, 0};
    struct goxel_project *project = NULL, *copy;
    int code = kept->removed ? 0 : read_all(inspection, kept, &telling, &keys, detail, &project);

    *ret_repaired = false;
    if (!code && (telling.count > 0 || kept->listed.damage[0])) {
        copy = project ? goxel_project_copy(project) : NULL;
        if (!project)
            code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "nothing of it can be read");
        else if (!copy)
            code = goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the project");
        else
            code = put_in_place(inspection, kept, copy, &keys, detail);
        goxel_project_unref(copy);
        *ret_repaired = code == 0;
    }
    goxel_project_unref(project);
    goxel_key_list_finish(&keys);
    return code;
}

/* ---- dumping ---- */

struct dumping {
    goxel_inspection_line *line;
    void *ctx;
    struct goxel_buf text;
};

static const struct {
    const char *table, *text;
} tables[] = {
    {"project", "SELECT version, last_brick, last_step, past, length(head) AS head_bytes FROM project"},
    {"sums", "SELECT what, rows, digest FROM sums ORDER BY what"},
    {"bricks",
     "SELECT row, layer, x, y, z, level, since, voxels, checksum, length(data) AS bytes FROM bricks ORDER BY row"},
    {"history", "SELECT row, state, checksum, length(data) AS bytes FROM history ORDER BY row"},
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

static int dump_table(struct dumping *dumping, const struct goxel_sql *sql, size_t i,
                      struct goxel_detail *detail)
{
    int code, rc = SQLITE_DONE;
    sqlite3_stmt *statement = goxel_sql_prepare(sql, tables[i].text, detail, &code);

    while (!code && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        code = dump_row(dumping, tables[i].table, statement);
    if (!code)
        code = goxel_sql_check(sql, rc, detail);
    sqlite3_finalize(statement);
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

static int dump_journal(struct dumping *dumping, const struct kept *kept)
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
    const struct kept *kept = &inspection->kept[at];
    struct dumping dumping = {.line = line, .ctx = ctx};
    struct goxel_sql sql = {NULL, NULL};
    char path[PATH_MAX];
    int code = path_of(inspection, kept, path, detail);

    goxel_buf_init(&dumping.text, (size_t)1 << 20);
    if (!code && access(path, F_OK) == 0) {
        code = goxel_sql_open(path, "", false, detail, &sql);
        for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && !code; i++)
            code = dump_table(&dumping, &sql, i, detail);
        goxel_sql_close(&sql);
    }
    if (!code)
        code = dump_journal(&dumping, kept);
    goxel_buf_finish(&dumping.text);
    return code;
}
