/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/inspect_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "core/effects.h"
#include "store/folder.h"
#include "store/journal.h"
#include "store/record.h"
#include "store/remains.h"
#include "store/replay.h"

/* ---- the list and the journal ---- */

static struct goxel_kept *find_kept(const struct goxel_inspection *inspection, uint64_t number)
{
    for (size_t i = 0; i < inspection->count; i++) {
        if (inspection->kept[i].listed.number == number)
            return &inspection->kept[i];
    }
    return NULL;
}

static struct goxel_kept *add_kept(struct goxel_inspection *inspection)
{
    struct goxel_kept *kept = realloc(inspection->kept, (inspection->count + 1) * sizeof(*kept));

    if (!kept)
        return NULL;
    inspection->kept = kept;
    kept += inspection->count++;
    *kept = (struct goxel_kept){.entry = SIZE_MAX};
    goxel_buf_init(&kept->tail, SIZE_MAX);
    return kept;
}

size_t goxel_inspect_entries(const struct goxel_inspection *inspection)
{
    return inspection->list.projects ? goxel_json_length(inspection->list.projects) : 0;
}

/* An entry that cannot be read is no project: goxel_inspection_tell. */
static int read_entries(struct goxel_inspection *inspection)
{
    for (size_t i = 0; i < goxel_inspect_entries(inspection); i++) {
        struct goxel_listed listed;
        struct goxel_kept *kept;
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
    return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA,
                      GOXEL_LIST_NAME
                      " is not as it was written: %.100s; put a copy in its place, or move it "
                      "away, and goxelctl repair makes it anew",
                      why->text[0] ? why->text : goxel_error_text(code));
}

struct finding {
    struct goxel_inspection *inspection;
    int code;
};

static void find_project(void *ctx, int folder, const char *name)
{
    struct finding *finding = ctx;
    uint64_t number = goxel_project_number(name);
    struct goxel_kept *kept = number && !finding->code ? add_kept(finding->inspection) : NULL;

    (void)folder;
    if (!kept) {
        finding->code = number ? GOXEL_ERROR_OUT_OF_MEMORY : finding->code;
        return;
    }
    kept->listed.number = number;
    (void)snprintf(kept->listed.summary.name, sizeof(kept->listed.summary.name), "%s", name);
    (void)snprintf(kept->listed.damage, sizeof(kept->listed.damage), GOXEL_LIST_NAME " is missing");
}

static int compare_numbers(const void *a, const void *b)
{
    const struct goxel_kept *left = a, *right = b;

    return left->listed.number < right->listed.number ? -1 : left->listed.number > right->listed.number;
}

/* Without a list those that have a folder: a daemon writes the list before there are any. */
static int find_projects(struct goxel_inspection *inspection, struct goxel_detail *detail)
{
    struct finding finding = {inspection, 0};

    goxel_folder_each(inspection->folder.fd, find_project, &finding);
    if (finding.code)
        return goxel_fail(detail, finding.code, "the list of the projects");
    if (inspection->count > 0)
        qsort(inspection->kept, inspection->count, sizeof(*inspection->kept), compare_numbers);
    return 0;
}

static int read_list(struct goxel_inspection *inspection, struct goxel_detail *detail)
{
    struct goxel_detail own;
    int code;

    goxel_detail_init(&own);
    code = goxel_file_read(inspection->folder.fd, GOXEL_LIST_NAME, &inspection->text, &own);

    if (code == GOXEL_ERROR_FILE_ACCESS && own.errnum == ENOENT)
        return find_projects(inspection, detail);
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

/* Those that the journal had of it when it could not be loaded. */
static int read_remains(const struct goxel_inspection *inspection, struct goxel_kept *kept,
                        struct goxel_detail *detail)
{
    struct goxel_reading in;
    struct goxel_detail own;
    int code;

    goxel_detail_init(&own);
    code = goxel_remains_read(inspection->folder.fd, kept->listed.number, &kept->tail, &own);
    if (code == GOXEL_ERROR_INVALID_DATA) {
        (void)snprintf(kept->remains, sizeof(kept->remains), "%.150s", own.text);
        return 0;
    }
    if (code && detail)
        *detail = own;
    in = goxel_reading_make(kept->tail.data, kept->tail.len);
    while (in.left > 0) {
        (void)goxel_take_bytes(&in, (size_t)goxel_take_u64(&in));
        kept->records++;
    }
    return code;
}

static int read_all_remains(struct goxel_inspection *inspection, struct goxel_detail *detail)
{
    int code = 0;

    for (size_t i = 0; i < inspection->count && !code; i++)
        code = read_remains(inspection, &inspection->kept[i], detail);
    return code;
}

static void tell_lost(struct goxel_listed *listed)
{
    (void)snprintf(listed->summary.name, sizeof(listed->summary.name), GOXEL_LOST_NAME);
    (void)snprintf(listed->damage, sizeof(listed->damage), "%s", goxel_lost_reason);
}

static int take_record(struct goxel_inspection *inspection, const struct goxel_record *record,
                       const uint8_t *bytes, size_t len)
{
    struct goxel_kept *kept = find_kept(inspection, record->project);

    if (!kept) {
        kept = add_kept(inspection);
        if (!kept)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        kept->listed.number = record->project;
        if (record->kind !=
            GOXEL_RECORD_ADD) /* or it was deleted: a record to come tells, and it is dropped */
            tell_lost(&kept->listed);
    }
    if (kept->removed)
        return 0;
    (void)goxel_effects_name(record->effects, record->effects_len, kept->listed.summary.name);
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

static void finish_kept(struct goxel_kept *kept)
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
        code = read_all_remains(inspection, detail);
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
    const struct goxel_kept *kept;
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
    for (size_t i = 0; i < goxel_inspect_entries(inspection); i++) {
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
    const struct goxel_kept *kept = &inspection->kept[at];

    *ret_inspected = (struct goxel_inspected){kept->listed.number, kept->listed.summary.name,
                                              kept->listed.summary.version, kept->listed.summary.voxels,
                                              kept->records};
}
