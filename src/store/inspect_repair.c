/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A database anew, of what is good of the one there was. */
#include "store/inspect_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "core/effects.h"
#include "store/database.h"
#include "store/record.h"
#include "store/remains.h"

#define ANEW_NAME GOXEL_DATABASE_NAME ".repaired"
#define FILE_MODE 0640
/* Above all that the journal has of it, which is old from then on. */
static uint64_t version_above(const struct goxel_kept *kept, const struct goxel_project *project)
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

static bool is_entry_of(const struct goxel_json *node, uint64_t number)
{
    struct goxel_listed listed;
    int code = goxel_listed_read(node, NULL, &listed);

    goxel_summary_finish(&listed.summary);
    return !code && listed.number == number;
}

static void put_entry(const struct goxel_kept *kept, struct goxel_json_writer *w)
{
    struct goxel_buf entry;

    goxel_buf_init(&entry, GOXEL_LIST_BYTES_MAX);
    goxel_listed_write(&entry, kept->listed.number, &kept->listed.summary,
                       kept->listed.damage[0] ? kept->listed.damage : NULL);
    if (entry.failed)
        w->buf->failed = entry.failed;
    else
        goxel_json_put_raw(w, NULL, entry.data, entry.len);
    goxel_buf_finish(&entry);
}

static bool is_listed(const struct goxel_inspection *inspection, uint64_t number)
{
    for (size_t i = 0; i < goxel_inspect_entries(inspection); i++) {
        if (is_entry_of(goxel_json_at(inspection->list.projects, i), number))
            return true;
    }
    return false;
}

/*
 * What was repaired as it is now, the others as they are. Those that the list has lost come with it, so that none is taken
 * for one that was deleted.
 */
static void put_entries(const struct goxel_inspection *inspection, const struct goxel_kept *repaired,
                        struct goxel_json_writer *w)
{
    bool found = false;

    for (size_t i = 0; i < goxel_inspect_entries(inspection); i++) {
        const struct goxel_json *node = goxel_json_at(inspection->list.projects, i);

        if (!found && is_entry_of(node, repaired->listed.number)) {
            put_entry(repaired, w);
            found = true;
        } else {
            goxel_json_put_node(w, NULL, node);
        }
    }
    for (size_t i = 0; i < inspection->count; i++) {
        const struct goxel_kept *kept = &inspection->kept[i];

        if ((kept == repaired || kept->listed.damage[0]) && !is_listed(inspection, kept->listed.number))
            put_entry(kept, w);
    }
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

static int write_list(struct goxel_inspection *inspection, const struct goxel_kept *kept,
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
    code = goxel_list_check(&text, goxel_inspect_entries(inspection) + inspection->count, detail);
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

static int replace_database(struct goxel_inspection *inspection, const struct goxel_kept *kept,
                            struct goxel_project *project, const struct goxel_key_list *keys,
                            struct goxel_repaired *repaired, struct goxel_detail *detail)
{
    char path[PATH_MAX], anew[PATH_MAX + 16], folder[32];
    struct stat st;
    int code = goxel_inspect_path(inspection, kept, path, detail);

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

static int put_in_place(struct goxel_inspection *inspection, struct goxel_kept *kept,
                        struct goxel_project *project, const struct goxel_key_list *keys,
                        struct goxel_repaired *repaired, struct goxel_detail *detail)
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
    code = write_list(inspection, kept, detail);
    return code ? code : goxel_remains_set_aside(inspection->folder.fd, kept->listed.number, detail);
}

/* A copy, whose version is another one. */
static int repair(struct goxel_inspection *inspection, struct goxel_kept *kept,
                  const struct goxel_project *project, const struct goxel_key_list *keys,
                  struct goxel_repaired *repaired, struct goxel_detail *detail)
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
    struct goxel_kept *kept = &inspection->kept[at];
    struct goxel_telling telling = {damage, ctx, 0};
    struct goxel_key_list keys = {NULL, 0, 0};
    struct goxel_repaired repaired = {.done = false};
    struct goxel_project *project = NULL;
    int code = goxel_inspect(inspection, kept, &telling, &keys, detail, &project);

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
