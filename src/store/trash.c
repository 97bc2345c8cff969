/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Folders of projects that were deleted: `trash/p7-1795638000000`, with the time in milliseconds since 1970, for GOXEL_TRASH_DAYS.
 * What came after a project's last checkpoint is not there, and one that had none has no folder. Whoever wants one back restores its
 * database as a backup (project.restore): moved back, the folder would be one that no row knows.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/internal.h"

#define DAY_MS INT64_C(86400000)

/* -1: there is none, and it could not be made. */
static int open_trash(const struct goxel_store *store)
{
    (void)mkdirat(store->folder.fd, GOXEL_TRASH_NAME, 0750);
    return openat(store->folder.fd, GOXEL_TRASH_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

void goxel_store_trash(struct goxel_store *store, uint64_t number)
{
    char from[32], to[64];
    int trash = open_trash(store);

    (void)snprintf(from, sizeof(from), "p%llu", (unsigned long long)number);
    (void)snprintf(to, sizeof(to), "%s-%lld", from, (long long)goxel_wall_ms());
    if (trash < 0 || (renameat(store->folder.fd, from, trash, to) != 0 && errno != ENOENT))
        goxel_log(GOXEL_LOG_WARN, "deleted project not moved to the trash id=%s error=%s", from,
                  strerror(errno));
    if (trash < 0)
        return;
    (void)fsync(trash);
    (void)fsync(store->folder.fd);
    (void)close(trash);
}

static void remove_file(void *ctx, int folder, const char *name)
{
    (void)ctx;
    (void)unlinkat(folder, name, 0);
}

static void purge(void *ctx, int trash, const char *name)
{
    const char *dash = strrchr(name, '-');
    long long then_ms = dash ? strtoll(dash + 1, NULL, 10) : 0;
    int folder;

    (void)ctx;
    if (name[0] != 'p' || then_ms <= 0 || goxel_wall_ms() - then_ms < GOXEL_TRASH_DAYS * DAY_MS)
        return;
    folder = openat(trash, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return;
    goxel_folder_each(folder, remove_file, NULL);
    (void)close(folder);
    (void)unlinkat(trash, name, AT_REMOVEDIR);
}

static void trash_stray(void *ctx, int folder, const char *name)
{
    struct goxel_store *store = ctx;
    uint64_t number = goxel_project_number(name);

    (void)folder;
    if (number && !goxel_store_any_row(store, number))
        goxel_store_trash(store, number);
}

void goxel_store_sweep(struct goxel_store *store)
{
    int trash;

    if (!store->keeps_folders && !atomic_load(&store->broken))
        goxel_folder_each(store->folder.fd, trash_stray, store);
    trash = openat(store->folder.fd, GOXEL_TRASH_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (trash < 0)
        return;
    goxel_folder_each(trash, purge, NULL);
    (void)close(trash);
}
