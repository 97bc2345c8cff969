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

#define ANEW_NAME GOXEL_DATABASE_NAME ".repaired"
#define FILE_MODE 0640

struct kept {
    struct goxel_listed listed;
    size_t entry;          /* of the list; SIZE_MAX: the journal alone has it */
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
    size_t unreadable;      /* records that are whole and say nothing */
    char first_record[160]; /* what is wrong with the first of them */
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
    *kept = (struct kept){.entry = SIZE_MAX};
    goxel_buf_init(&kept->tail, SIZE_MAX);
    return kept;
}

static size_t entry_count(const struct goxel_inspection *inspection)
{
    return inspection->list.projects ? goxel_json_length(inspection->list.projects) : 0;
}

/* An entry that cannot be read is no project: goxel_inspection_tell. */
static int read_entries(struct goxel_inspection *inspection)
{
    for (size_t i = 0; i < entry_count(inspection); i++) {
        struct goxel_listed listed;
        struct kept *kept;
        int code = goxel_listed_read(goxel_json_at(inspection->list.projects, i), NULL, &listed);

        if (code == GOXEL_ERROR_OUT_OF_MEMORY)
            return code;
        if (code || find_kept(inspection, listed.number)) {
            goxel_summary_finish(&listed.summary);
            continue;
        }
        kept = add_kept(inspection);
        if (!kept) {
            goxel_summary_finish(&listed.summary);
            return GOXEL_ERROR_OUT_OF_MEMORY;
        }
        kept->listed = listed;
        kept->entry = i;
    }
    return 0;
}

/* What is wrong with the text is damage, whatever JSON calls it. */
static int fail_list(int code, const struct goxel_detail *why, struct goxel_detail *detail)
{
    if (code == GOXEL_ERROR_OUT_OF_MEMORY || code == GOXEL_ERROR_FORMAT_NOT_SUPPORTED)
        return goxel_fail(detail, code, GOXEL_LIST_NAME ": %.200s", why->text);
    return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, GOXEL_LIST_NAME " is not as it was written: %.180s",
                      why->text[0] ? why->text : goxel_error_text(code));
}

static int read_list(struct goxel_inspection *inspection, struct goxel_detail *detail)
{
    struct goxel_detail own;
    int code;

    goxel_detail_init(&own);
    code = goxel_file_read(inspection->folder.fd, GOXEL_LIST_NAME, &inspection->text, &own);

    if (code == GOXEL_ERROR_FILE_ACCESS && own.errnum == ENOENT)
        return 0;
    if (code) {
        if (detail)
            *detail = own;
        return code;
    }
    code = goxel_list_parse(inspection->text.data ? inspection->text.data : "", inspection->text.len, &own,
                            &inspection->list);
    if (code)
        return fail_list(code, &own, detail);
    code = read_entries(inspection);
    return code ? goxel_fail(detail, code, "the list of the projects") : 0;
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
    if (!kept || kept->removed)
        return 0;
    kept->removed = record->kind == GOXEL_RECORD_REMOVE;
    kept->records++;
    return goxel_tail_add(&kept->tail, bytes, len);
}

static int visit_record(void *ctx, uint64_t sequence, const uint8_t *bytes, size_t len)
{
    struct goxel_inspection *inspection = ctx;
    struct goxel_detail detail;
    struct goxel_record record;
    struct goxel_buf unpacked;
    int code;

    goxel_detail_init(&detail);
    goxel_buf_init(&unpacked, 0);
    code = goxel_record_read(bytes, len, &unpacked, &detail, &record);
    if (!code)
        code = take_record(inspection, &record, bytes, len);
    goxel_buf_finish(&unpacked);
    if (code != GOXEL_ERROR_INVALID_DATA)
        return code;
    if (inspection->unreadable++ == 0)
        (void)snprintf(inspection->first_record, sizeof(inspection->first_record), "%" PRIu64 ": %.120s",
                       sequence, detail.text);
    return 0;
}

static int read_journal(struct goxel_inspection *inspection, struct goxel_detail *detail)
{
    int code = goxel_journal_read(inspection->folder.fd, inspection->list.journal, visit_record, inspection,
                                  detail, &inspection->tail);

    return code == GOXEL_ERROR_OUT_OF_MEMORY ? goxel_fail(detail, code, "the journal") : code;
}

static void finish_kept(struct kept *kept)
{
    goxel_summary_finish(&kept->listed.summary);
    goxel_buf_finish(&kept->tail);
}

/* What the journal says was deleted is none of the projects any more. */
static void drop_removed(struct goxel_inspection *inspection)
{
    size_t count = 0;

    for (size_t i = 0; i < inspection->count; i++) {
        if (inspection->kept[i].removed)
            finish_kept(&inspection->kept[i]);
        else
            inspection->kept[count++] = inspection->kept[i];
    }
    inspection->count = count;
}

/* Opening would make one. SQLite follows no link, anywhere on the way. */
static int find_store(const char *directory, char ret_path[PATH_MAX], struct goxel_detail *detail)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_store;

    if (fd < 0 || !realpath(directory, ret_path)) {
        int errnum = errno;

        if (fd >= 0)
            (void)close(fd);
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errnum, "open", directory);
    }
    is_store = faccessat(fd, GOXEL_LIST_NAME, F_OK, 0) == 0 || faccessat(fd, GOXEL_LOCK_NAME, F_OK, 0) == 0;
    (void)close(fd);
    if (is_store)
        return 0;
    return goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS,
                      "%.160s is no storage.directory: it has no " GOXEL_LIST_NAME, directory);
}

static int open_folder(const char *directory, struct goxel_folder *folder, struct goxel_detail *detail)
{
    char path[PATH_MAX];
    int code = find_store(directory, path, detail);

    return code ? code : goxel_folder_open(path, detail, folder);
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
    code = open_folder(directory, &inspection->folder, detail);
    if (!code)
        code = read_list(inspection, detail);
    if (!code)
        code = read_journal(inspection, detail);
    if (code) {
        goxel_inspection_close(inspection);
        return code;
    }
    drop_removed(inspection);
    *ret_inspection = inspection;
    return 0;
}

void goxel_inspection_close(struct goxel_inspection *inspection)
{
    if (!inspection)
        return;
    for (size_t i = 0; i < inspection->count; i++)
        finish_kept(&inspection->kept[i]);
    free(inspection->kept);
    goxel_json_free(inspection->list.root);
    goxel_buf_finish(&inspection->text);
    goxel_folder_close(&inspection->folder);
    free(inspection);
}

/* Of an entry: 0 if it is read, or the store is short of memory. */
static int check_entry(const struct goxel_inspection *inspection, size_t at, struct goxel_detail *detail)
{
    const struct kept *kept;
    struct goxel_listed listed;
    int code = goxel_listed_read(goxel_json_at(inspection->list.projects, at), detail, &listed);

    goxel_summary_finish(&listed.summary);
    kept = code ? NULL : find_kept(inspection, listed.number);
    if (kept && kept->entry != at)
        code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "another one has the id p%" PRIu64,
                          listed.number);
    return code == GOXEL_ERROR_OUT_OF_MEMORY ? 0 : code;
}

size_t goxel_inspection_tell(const struct goxel_inspection *inspection, goxel_inspection_damage *damage,
                             void *ctx)
{
    const struct goxel_journal_tail *tail = &inspection->tail;
    struct goxel_detail detail;
    char text[320];
    size_t count = 0;

    if (tail->damaged > 0) {
        (void)snprintf(text, sizeof(text), "the journal is damaged in %" PRIu64 " place%s, first %s",
                       tail->damaged, tail->damaged > 1 ? "s" : "", tail->first_damage);
        damage(ctx, text);
        count++;
    }
    if (inspection->unreadable > 0) {
        (void)snprintf(text, sizeof(text), "%zu record%s of the journal cannot be read, first %s",
                       inspection->unreadable, inspection->unreadable > 1 ? "s" : "",
                       inspection->first_record);
        damage(ctx, text);
        count++;
    }
    for (size_t i = 0; i < entry_count(inspection); i++) {
        goxel_detail_init(&detail);
        if (!check_entry(inspection, i, &detail))
            continue;
        (void)snprintf(text, sizeof(text), GOXEL_LIST_NAME ", entry %zu is no project: %s", i + 1,
                       detail.text);
        damage(ctx, text);
        count++;
    }
    return count;
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
                                              kept->listed.summary.version, kept->listed.summary.voxels,
                                              kept->records};
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

static void tell_text(struct telling *telling, const char *text)
{
    telling->count++;
    telling->damage(telling->ctx, text);
}

/* It has come to no checkpoint yet: what there is of it is in the journal. */
static bool is_unwritten(const struct kept *kept)
{
    return kept->listed.summary.version == 0 && kept->records > 0;
}

/* *ret_database is NULL if there is none, or one that cannot be opened; that is told, if it is damage. */
static int open_base(const char *path, const struct kept *kept, struct telling *telling,
                     struct goxel_detail *detail, struct goxel_database **ret_database)
{
    int code;

    if (access(path, F_OK) != 0 && errno == ENOENT) {
        if (!is_unwritten(kept))
            tell_text(telling, "its database is missing");
        return 0;
    }
    code = goxel_database_open(path, is_unwritten(kept), detail, ret_database);
    if (code != GOXEL_ERROR_INVALID_DATA)
        return code;
    tell(telling, detail);
    return 0;
}

/* What is good in the database. What is no damage is an error: nobody is to take a disk that fails for an empty file. */
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
    goxel_detail_init(&own);
    code = open_base(path, kept, telling, &own, &database);
    if (!code && database)
        code = goxel_database_load(database, &how, &own, ret_base);
    goxel_database_close(database);
    if (code == GOXEL_ERROR_INVALID_DATA) { /* not even the first row of it */
        tell(telling, &own);
        return 0;
    }
    if (code && detail)
        *detail = own;
    return code;
}

/* The records that fit, one after the other. */
static int replay(const struct kept *kept, struct telling *telling, struct goxel_key_list *keys,
                  struct goxel_project **project)
{
    struct goxel_reading in = goxel_reading_make(kept->tail.data, kept->tail.len);
    struct goxel_detail detail;
    int code = 0;

    goxel_detail_init(&detail);
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
    if (code && code != GOXEL_ERROR_OUT_OF_MEMORY) /* a quota, too: it does not fit */
        tell(telling, &detail);
    return code == GOXEL_ERROR_OUT_OF_MEMORY ? code : 0;
}

/* Not of what could not be read at all: that is told. */
static void check_age(const struct kept *kept, const struct goxel_project *base, struct telling *telling)
{
    struct goxel_detail detail;
    uint64_t version = base ? base->version : 0;

    if (version >= kept->listed.summary.version || (!base && telling->count > 0))
        return;
    (void)goxel_fail(&detail, GOXEL_ERROR_INVALID_DATA,
                     "its database is at version %" PRIu64 ", and was at %" PRIu64, version,
                     kept->listed.summary.version);
    tell(telling, &detail);
}

static void tell_listed(const struct kept *kept, struct telling *telling)
{
    char text[320];

    if (!kept->listed.damage[0])
        return;
    (void)snprintf(text, sizeof(text), "marked as damaged: %s", kept->listed.damage);
    tell_text(telling, text);
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
    if (!*ret_project && telling->count == 0)
        tell_text(telling, "neither a checkpoint nor the journal has it");
    return 0;
}

/* What the list knows is mostly what was found just now: it is told where nothing was. */
static int inspect(struct goxel_inspection *inspection, const struct kept *kept, struct telling *telling,
                   struct goxel_key_list *keys, struct goxel_detail *detail,
                   struct goxel_project **ret_project)
{
    int code = read_all(inspection, kept, telling, keys, detail, ret_project);

    if (!code && telling->count == 0)
        tell_listed(kept, telling);
    return code;
}

int goxel_inspection_check(struct goxel_inspection *inspection, size_t at, goxel_inspection_damage *damage,
                           void *ctx, struct goxel_detail *detail, struct goxel_project **ret_project)
{
    struct telling telling = {damage, ctx, 0};
    struct goxel_key_list keys = {NULL, 0, 0};
    struct goxel_project *project = NULL;
    int code = inspect(inspection, &inspection->kept[at], &telling, &keys, detail, &project);

    goxel_key_list_finish(&keys);
    if (ret_project && !code)
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

/* A log that stays beside it would mean that not all is in the file. */
static int settle_anew(const char *path, mode_t mode, struct goxel_detail *detail)
{
    char log[PATH_MAX + 32];
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC), errnum = 0;

    (void)snprintf(log, sizeof(log), "%s-wal", path);
    if (fd < 0 || fchmod(fd, mode) != 0 || fsync(fd) != 0)
        errnum = errno;
    if (fd >= 0)
        (void)close(fd);
    if (!errnum && access(log, F_OK) == 0)
        errnum = EIO;
    return errnum ? goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errnum, "write", path) : 0;
}

static void unlink_with_log(const char *path)
{
    char log[PATH_MAX + 32];

    (void)snprintf(log, sizeof(log), "%s-wal", path);
    (void)unlink(path);
    (void)unlink(log);
}

static int write_anew(const char *path, struct goxel_project *project, const struct goxel_key_list *keys,
                      struct goxel_detail *detail)
{
    struct goxel_checkpoint checkpoint = {.project = project, .keys = *keys};
    struct goxel_database *database = NULL;
    int code;

    unlink_with_log(path); /* of a repair that came to no end */
    code = goxel_database_open(path, true, detail, &database);
    if (!code && (code = goxel_history_take_list(project, &checkpoint.history)))
        code = goxel_fail(detail, code, "the history");
    if (!code)
        code = goxel_database_save(database, &checkpoint, detail);
    goxel_history_list_finish(&checkpoint.history);
    goxel_database_close(database);
    return code;
}

/*
 * The damaged file gets its other name before the new one takes its place, so that there is one at any time. Its log belongs
 * to it: SQLite would do that again to the new one.
 */
static int change_files(const struct goxel_inspection *inspection, const char *folder,
                        struct goxel_repaired *repaired, struct goxel_detail *detail)
{
    static const char name[] = GOXEL_DATABASE_NAME, log[] = GOXEL_DATABASE_NAME "-wal", anew[] = ANEW_NAME;
    char aside[48], aside_log[56];
    int fd = openat(inspection->folder.fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
        errnum = 0;

    (void)snprintf(aside, sizeof(aside), "%s.damaged-%lld", name, (long long)goxel_wall_ms());
    (void)snprintf(aside_log, sizeof(aside_log), "%s-wal", aside);
    if (fd < 0)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "open", folder);
    if (linkat(fd, name, fd, aside, 0) == 0)
        (void)snprintf(repaired->aside, sizeof(repaired->aside), "%s/%s", folder, aside);
    else if (errno != ENOENT)
        errnum = errno;
    if (!errnum && renameat(fd, log, fd, aside_log) != 0 && errno != ENOENT)
        errnum = errno;
    if (!errnum && (renameat(fd, anew, fd, name) != 0 || fsync(fd) != 0 || fsync(inspection->folder.fd) != 0))
        errnum = errno;
    (void)close(fd);
    return errnum ? goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errnum, "put in place the database of",
                                     folder)
                  : 0;
}

/* The entry, without its damage and with the version that it has now; the others as they are. */
static void put_entries(struct goxel_inspection *inspection, const struct kept *kept,
                        struct goxel_json_writer *w)
{
    bool found = false;
    struct goxel_buf entry;

    goxel_buf_init(&entry, GOXEL_LIST_BYTES_MAX);
    goxel_listed_write(&entry, kept->listed.number, &kept->listed.summary, NULL);
    for (size_t i = 0; i < entry_count(inspection); i++) {
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

/* Above that of every project, those that the journal alone has too. */
static uint64_t next_number(const struct goxel_inspection *inspection)
{
    uint64_t next = inspection->list.next_number ? inspection->list.next_number : 1;

    for (size_t i = 0; i < inspection->count; i++) {
        if (inspection->kept[i].listed.number >= next)
            next = inspection->kept[i].listed.number + 1;
    }
    return next;
}

static int write_list(struct goxel_inspection *inspection, const struct kept *kept,
                      struct goxel_detail *detail)
{
    struct goxel_json_writer w;
    struct goxel_list list;
    struct goxel_buf text;
    int code;

    goxel_buf_init(&text, GOXEL_LIST_BYTES_MAX);
    goxel_list_begin(&w, &text, inspection->list.journal, next_number(inspection), inspection->list.current);
    put_entries(inspection, kept, &w);
    goxel_list_end(&w);
    code = goxel_list_check(&text, entry_count(inspection) + 1, detail);
    if (!code)
        code = goxel_file_replace(inspection->folder.fd, GOXEL_LIST_NAME, text.data, text.len, FILE_MODE,
                                  NULL, detail);
    if (!code)
        code = goxel_list_parse(text.data, text.len, detail, &list);
    if (!code) { /* another repair goes on from here */
        goxel_json_free(inspection->list.root);
        inspection->list = list;
    }
    goxel_buf_finish(&text);
    return code;
}

static int replace_database(struct goxel_inspection *inspection, const struct kept *kept,
                            struct goxel_project *project, const struct goxel_key_list *keys,
                            struct goxel_repaired *repaired, struct goxel_detail *detail)
{
    char path[PATH_MAX], anew[PATH_MAX + 16], folder[32];
    struct stat st;
    int code = path_of(inspection, kept, path, detail);

    if (code)
        return code;
    (void)snprintf(folder, sizeof(folder), "p%" PRIu64, kept->listed.number);
    (void)snprintf(anew, sizeof(anew), "%.*s" ANEW_NAME, (int)(strlen(path) - strlen(GOXEL_DATABASE_NAME)),
                   path);
    if (mkdirat(inspection->folder.fd, folder, 0750) != 0 && errno != EEXIST)
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "make the folder", folder);
    code = write_anew(anew, project, keys, detail);
    if (!code)
        code = settle_anew(anew, stat(path, &st) == 0 ? st.st_mode & 0777 : FILE_MODE, detail);
    if (!code)
        code = change_files(inspection, folder, repaired, detail);
    if (code)
        unlink_with_log(anew);
    return code;
}

static int put_in_place(struct goxel_inspection *inspection, struct kept *kept, struct goxel_project *project,
                        const struct goxel_key_list *keys, struct goxel_repaired *repaired,
                        struct goxel_detail *detail)
{
    struct goxel_summary summary;
    int code;

    project->version = version_above(kept, project);
    if (goxel_summary_of(project, &summary))
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the list");
    summary.closed = kept->listed.summary.closed;
    code = replace_database(inspection, kept, project, keys, repaired, detail);
    if (code) {
        goxel_summary_finish(&summary);
        return code;
    }
    goxel_summary_finish(&kept->listed.summary);
    kept->listed.summary = summary;
    kept->listed.damage[0] = '\0';
    return write_list(inspection, kept, detail);
}

/* A copy, whose version is another one. */
static int repair(struct goxel_inspection *inspection, struct kept *kept, const struct goxel_project *project,
                  const struct goxel_key_list *keys, struct goxel_repaired *repaired,
                  struct goxel_detail *detail)
{
    struct goxel_project *copy;
    int code;

    if (!project)
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "nothing of it can be read");
    copy = goxel_project_copy(project);
    if (!copy)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the project");
    goxel_project_seal(copy);
    code = put_in_place(inspection, kept, copy, keys, repaired, detail);
    repaired->done = code == 0;
    repaired->version = copy->version;
    goxel_project_unref(copy);
    return code;
}

int goxel_inspection_repair(struct goxel_inspection *inspection, size_t at, goxel_inspection_damage *damage,
                            void *ctx, struct goxel_detail *detail, struct goxel_repaired *ret_repaired)
{
    struct kept *kept = &inspection->kept[at];
    struct telling telling = {damage, ctx, 0};
    struct goxel_key_list keys = {NULL, 0, 0};
    struct goxel_repaired repaired = {.done = false};
    struct goxel_project *project = NULL;
    int code = inspect(inspection, kept, &telling, &keys, detail, &project);

    if (!code && project) {
        repaired.version = project->version;
        repaired.layers = project->layer_count;
        repaired.voxels = goxel_project_voxels(project);
    }
    if (!code && telling.count > 0)
        code = repair(inspection, kept, project, &keys, &repaired, detail);
    goxel_project_unref(project);
    goxel_key_list_finish(&keys);
    if (!code)
        *ret_repaired = repaired;
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
    struct goxel_detail own;
    char path[PATH_MAX];
    int code = path_of(inspection, kept, path, detail);

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
