/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A project between the workspace and its folder: found by its slot, opened when somebody wants it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "base/log.h"
#include "store/internal.h"
#include "store/remains.h"
#include "store/replay.h"

/* ---- rows ---- */

struct goxel_row *goxel_store_any_row(struct goxel_store *store, uint64_t number)
{
    struct goxel_row *row = NULL;

    pthread_mutex_lock(&store->table);
    for (size_t i = 0; i < store->count && !(row && !row->carried); i++) {
        if (store->rows[i]->number == number)
            row = store->rows[i];
    }
    pthread_mutex_unlock(&store->table);
    return row;
}

struct goxel_row *goxel_store_row(struct goxel_store *store, uint64_t number)
{
    struct goxel_row *row = goxel_store_any_row(store, number);

    return row && !row->carried ? row : NULL;
}

/* Under the lock. */
static bool has_room(struct goxel_store *store)
{
    return !goxel_array_reserve(&store->rows, &store->capacity, store->count + 1, sizeof(struct goxel_row *));
}

struct goxel_row *goxel_store_add_row(struct goxel_store *store, uint64_t number)
{
    struct goxel_row *row = calloc(1, sizeof(*row));
    bool room;

    if (!row)
        return NULL;
    row->number = number;
    row->store = store;
    pthread_mutex_init(&row->lock, NULL);
    goxel_buf_init(&row->tail, SIZE_MAX);
    pthread_mutex_lock(&store->table);
    room = has_room(store);
    if (room)
        store->rows[store->count++] = row;
    pthread_mutex_unlock(&store->table);
    if (room)
        return row;
    pthread_mutex_destroy(&row->lock);
    free(row);
    return NULL;
}

void goxel_store_drop_row(struct goxel_store *store, struct goxel_row *row)
{
    size_t at = 0;

    pthread_mutex_lock(&store->table);
    while (store->rows[at] != row)
        at++;
    store->count--;
    memmove(store->rows + at, store->rows + at + 1, (store->count - at) * sizeof(struct goxel_row *));
    pthread_mutex_unlock(&store->table);
    atomic_fetch_sub(&store->bytes, atomic_load(&row->on_disk));
    goxel_database_close(row->database);
    goxel_buf_finish(&row->tail);
    pthread_mutex_destroy(&row->lock);
    free(row->carried);
    free(row);
}

/* ---- damage ---- */

void goxel_store_tell_repair(uint64_t number, struct goxel_detail *detail)
{
    (void)snprintf(
        detail->expected, sizeof(detail->expected),
        "a whole project: stop the daemon, and goxelctl check p%llu tells more, goxelctl repair keeps what is good",
        (unsigned long long)number);
}

void goxel_store_break_row(struct goxel_row *row, const struct goxel_detail *detail)
{
    struct goxel_detail damage = *detail;

    goxel_store_tell_repair(row->number, &damage);
    if (!goxel_slot_set_damage(row->slot, &damage))
        return;
    atomic_fetch_add(&row->store->damaged, 1);
    goxel_log(GOXEL_LOG_ERROR, "project damaged id=%s name=%s reason=%s", goxel_slot_id(row->slot),
              GOXEL_QUOTED(GOXEL_SLOT_NAME(row->slot)), GOXEL_QUOTED(detail->text));
}

/* ---- databases ---- */

/* A brick that is not in memory is damaged. */
static void on_broken(void *ctx, const struct goxel_detail *detail)
{
    goxel_store_break_row(ctx, detail);
}

int goxel_store_open_database(struct goxel_store *store, struct goxel_row *row, struct goxel_detail *detail)
{
    char path[PATH_MAX], folder[PATH_MAX], name[32];
    int code;

    if (row->database)
        return 0;
    if (!realpath(store->folder.path, folder)) /* SQLite follows no link, anywhere on the way */
        return goxel_fail_errno(detail, GOXEL_ERROR_FILE_ACCESS, errno, "find the folder",
                                store->folder.path);
    (void)snprintf(name, sizeof(name), "p%llu", (unsigned long long)row->number);
    if (snprintf(path, sizeof(path), "%s/%s/" GOXEL_DATABASE_NAME, folder, name) >= (int)sizeof(path))
        return goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS, "the path of a project's database is too long");
    code = goxel_folder_make(store->folder.fd, name, detail);
    if (code)
        return goxel_store_place(store, name, code, detail);
    code = goxel_database_open(path, true, detail, &row->database);
    if (!code) {
        goxel_database_on_broken(row->database, on_broken, row);
        goxel_store_measure(store, row);
    }
    return code;
}

void goxel_store_close_database(struct goxel_store *store, struct goxel_row *row)
{
    if (!row->database)
        return;
    goxel_database_close(row->database);
    row->database = NULL;
    row->scrubbing = false;
    goxel_store_measure(store, row); /* its log goes as it is closed */
}

/* ---- what they take of the disk ---- */

static void count_bytes(struct goxel_store *store, struct goxel_row *row, long long bytes)
{
    atomic_fetch_add(&store->bytes, bytes - atomic_exchange(&row->on_disk, bytes));
}

void goxel_store_measure(struct goxel_store *store, struct goxel_row *row)
{
    static const char *const files[] = {GOXEL_DATABASE_NAME, GOXEL_DATABASE_NAME "-wal"};
    long long bytes = 0;
    struct stat st;
    char name[64];

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        (void)snprintf(name, sizeof(name), "p%llu/%s", (unsigned long long)row->number, files[i]);
        if (fstatat(store->folder.fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            bytes += st.st_size;
    }
    count_bytes(store, row, bytes);
}

void goxel_store_set_gone(struct goxel_store *store, struct goxel_row *row, struct goxel_slot *slot)
{
    pthread_mutex_lock(&store->table);
    row->gone = slot;
    pthread_mutex_unlock(&store->table);
    count_bytes(store, row, 0);
    if (goxel_store_get_settings(store).quota_bytes > 0)
        atomic_store(&store->due, true); /* its records take room, too */
}

/* ---- what the keeper asks for ---- */

static void gone(void *ctx, struct goxel_slot *slot)
{
    goxel_store_set_gone(ctx, goxel_slot_data(slot), goxel_slot_ref(slot));
}

struct quota {
    const char *option, *remedy;
    int64_t limit, on_disk, recorded; /* the last are bytes of the journal */
};

/* What is there is told, what it may be, and what helps. In the databases it may be less than in the journal. */
static int check_quota(struct goxel_store *store, const struct quota *quota, struct goxel_detail *detail)
{
    static const int64_t mib = 1 << 20;
    int64_t bytes = quota->on_disk + quota->recorded;
    int code;

    if (quota->limit == 0 || bytes < quota->limit)
        return 0;
    if (quota->recorded > 0)
        atomic_store(&store->due, true);
    code = goxel_fail_limit(detail, GOXEL_ERROR_STORAGE_FULL, quota->option, quota->limit / mib,
                            (bytes + mib - 1) / mib);
    (void)snprintf(detail->expected, sizeof(detail->expected), "less on the disk: %s, or raise %s",
                   quota->remedy, quota->option);
    return code;
}

static int check_quotas(struct goxel_store *store, const struct goxel_row *row, struct goxel_detail *detail)
{
    struct goxel_store_settings settings = goxel_store_get_settings(store);
    struct goxel_journal_stats journal = {.unflushed = 0};
    struct quota own = {"storage.project_quota_mb", "go on in another project", settings.project_quota_bytes,
                        row ? atomic_load(&row->on_disk) : 0, row ? atomic_load(&row->recorded) : 0};
    struct quota all = {"storage.quota_mb", "delete projects (project.delete)", settings.quota_bytes,
                        atomic_load(&store->bytes), 0};
    int code = check_quota(store, &own, detail);

    if (code || settings.quota_bytes == 0)
        return code;
    goxel_journal_get_stats(store->journal, &journal);
    all.recorded = (int64_t)journal.unflushed;
    return check_quota(store, &all, detail);
}

static int room(void *ctx, struct goxel_detail *detail)
{
    struct goxel_store *store = ctx;
    struct goxel_detail own;

    return store->journal ? check_quotas(store, NULL, detail ? detail : &own) : 0;
}

static int adopt(void *ctx, struct goxel_slot *slot, struct goxel_detail *detail)
{
    struct goxel_store *store = ctx;
    struct goxel_row *row;
    int code = room(ctx, detail);

    if (code)
        return code;
    row = goxel_store_add_row(store, goxel_project_number(goxel_slot_id(slot)));
    if (!row)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "the project's row in the store");
    row->slot = slot;
    goxel_slot_set_data(slot, row);
    return 0;
}

static int check(void *ctx, struct goxel_slot *slot, struct goxel_detail *detail)
{
    struct goxel_row *row = goxel_slot_data(slot);
    struct goxel_detail own;

    if (!detail)
        detail = &own;
    if (!atomic_load_explicit(&row->failed, memory_order_relaxed))
        return check_quotas(ctx, row, detail);
    return goxel_fail(
        detail, GOXEL_ERROR_FILE_ACCESS,
        "the disk failed under this project, which is read-only from then on: see to the disk, and restart");
}

/* The database must be as new as the list says: a log that lost its end would go unnoticed. */
static int check_age(const struct goxel_row *row, const struct goxel_project *project,
                     struct goxel_detail *detail)
{
    uint64_t version = project ? project->version : 0;

    if (version >= row->listed)
        return 0;
    return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "its database is at version %llu, and was at %llu",
                      (unsigned long long)version, (unsigned long long)row->listed);
}

/* What the journal had of it when it could not be loaded, and what the journal has now. Under the row's lock. */
static int replay(struct goxel_store *store, struct goxel_row *row, struct goxel_project *base,
                  struct goxel_project **ret_project, struct goxel_key_list *ret_keys,
                  struct goxel_detail *detail)
{
    struct goxel_store_settings settings = goxel_store_get_settings(store);
    struct goxel_buf tail;
    int code;

    goxel_buf_init(&tail, SIZE_MAX);
    code = goxel_remains_read(store->folder.fd, row->number, &tail, detail);
    row->has_remains = code || tail.len > 0;
    if (!code && row->has_remains && goxel_buf_append(&tail, row->tail.data, row->tail.len))
        code = goxel_fail(detail, tail.failed, "the journal");
    if (!code)
        code = goxel_replay_tail(base, row->has_remains ? &tail : &row->tail, settings.history_bytes,
                                 ret_keys, detail, ret_project);
    goxel_buf_finish(&tail);
    return code;
}

/* Under the row's lock. */
static int load_row(struct goxel_store *store, struct goxel_row *row, struct goxel_project **ret_project,
                    struct goxel_key_list *ret_keys, struct goxel_detail *detail)
{
    struct goxel_store_settings settings = goxel_store_get_settings(store);
    struct goxel_database_load how = {.bytes_max = settings.cache_bytes ? (uint64_t)settings.cache_bytes / 2
                                                                        : UINT64_MAX,
                                      .keys = ret_keys};
    struct goxel_project *base = NULL;
    int code;

    goxel_store_close_database(store, row); /* of a time before, when nothing came of it */
    code = goxel_store_open_database(store, row, detail);
    if (!code)
        code = goxel_database_load(row->database, &how, detail, &base);
    if (!code)
        code = check_age(row, base, detail);
    if (!code)
        code = replay(store, row, base, ret_project, ret_keys, detail);
    goxel_project_unref(base);
    if (code)
        goxel_store_close_database(store, row);
    return code;
}

static int load(void *ctx, struct goxel_slot *slot, struct goxel_project **ret_project,
                struct goxel_key_list *ret_keys, struct goxel_detail *detail)
{
    struct goxel_store *store = ctx;
    struct goxel_row *row = goxel_slot_data(slot);
    int code;

    goxel_detail_init(detail);
    pthread_mutex_lock(&row->lock);
    row->slot = slot;
    code = load_row(store, row, ret_project, ret_keys, detail);
    pthread_mutex_unlock(&row->lock);
    if (!code)
        return 0;
    goxel_key_list_finish(ret_keys);
    if (code == GOXEL_ERROR_INVALID_DATA) {
        atomic_fetch_add(&store->damaged, 1);
        goxel_store_tell_repair(row->number, detail);
    }
    goxel_log(GOXEL_LOG_ERROR, "project not loaded id=%s name=%s error=%s reason=%s", goxel_slot_id(slot),
              GOXEL_QUOTED(GOXEL_SLOT_NAME(slot)), goxel_error_symbol(code), GOXEL_QUOTED(detail->text));
    return code;
}

static void wrote(void *ctx, struct goxel_slot *slot, size_t bytes)
{
    struct goxel_row *row = goxel_slot_data(slot);

    (void)ctx;
    atomic_fetch_add(&row->recorded, (long long)bytes);
}

static void published(void *ctx, struct goxel_slot *slot, struct goxel_news *news)
{
    goxel_workspace_tell(((struct goxel_store *)ctx)->workspace, slot, news);
}

const struct goxel_keep_ops goxel_store_keep_ops = {room, adopt, gone, check, wrote, published, load};
