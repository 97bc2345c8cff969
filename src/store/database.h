/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A project in one SQLite file, as it was at its last checkpoint.
 *
 * Used by: store.  Uses: store/sql, store/place_map, core.
 *
 *     project   one row: the version; everything but voxels (core/effects.h); the last rows of `bricks` and `history`
 *               that belong to it
 *     sums      of each layer, by its id, of the selection (0), of the history (-1) and of the keys of requests (-2): how
 *               many rows it has, and the sum of their checksums; of a layer also the row `since` which it is there
 *     bricks    what stands at a place: layer, corner (x, y, z), level (0: a brick of 16 voxels, n: a cube of 16·4ⁿ),
 *               the version that it is `since`, how many voxels, a checksum of all that and of the data, and
 *               the data (core/effects_voxels.h, by zstd where that is less)
 *     history   steps that can be undone and redone (core/step.h), each with the state that it leads to
 *     keys      keys of requests and their results, oldest first
 *
 * Rows of `bricks` and `history` never change once they are written. A checkpoint adds what differs from the one
 * before, in transactions of GOXEL_DATABASE_PACE_MS, and ends with one that says that it is complete: what lies
 * behind the last row that the project names is rubbish of a checkpoint that did not come to its end, and is removed before
 * the next. Of rows for one place the last one counts, so that applying all of them in their order gives the
 * project; those that do not count any more are removed after the checkpoint, a few at a time. (So the last
 * transaction is small, however much changed: a mark in each row of the time until which it counted would have to be written
 * for all of them at once.) A row that brings nothing says that the place is empty.
 *
 * Nothing is believed: each row has its checksum, each layer the number and the sum of its rows, so that a
 * flipped bit, a lost row and a page of an older time are noticed. The place is told, and nothing is served of a project
 * that is damaged; goxelctl repair keeps all that is good.
 *
 * A checkpoint is on the disk when it returns. It waits for the disk once, at its end.
 *
 * Life: counted by bricks that are not in memory (core/away.h), so that the file stays open as long as any version has
 * one. Thread-safe but for loading, which comes first and once; one checkpoint at a time.
 */
#ifndef GOXEL_STORE_DATABASE_H
#define GOXEL_STORE_DATABASE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/detail.h"
#include "core/head.h"
#include "core/keys.h"
#include "core/project.h"

#define GOXEL_DATABASE_NAME "project.db"
#define GOXEL_DATABASE_PACE_MS 10

struct goxel_database;

/*
 * `create`: there may be none yet. GOXEL_ERROR_FILE_ACCESS, GOXEL_ERROR_STORAGE_FULL, GOXEL_ERROR_OUT_OF_MEMORY,
 * GOXEL_ERROR_LOCKED, GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_FORMAT_NOT_SUPPORTED.
 */
int goxel_database_open(const char *path, bool create, struct goxel_detail *detail,
                        struct goxel_database **ret_database);
/* It stays open as long as there are bricks that lie in it. NULL is fine. */
void goxel_database_close(struct goxel_database *database);

/* Called, on whatever thread, when a brick that is not in memory turns out to be damaged; until it is closed. */
void goxel_database_on_broken(struct goxel_database *database,
                              void (*broken)(void *ctx, const struct goxel_detail *detail), void *ctx);

/* What is wrong, and where; several times. */
typedef void goxel_database_damage(void *ctx, const struct goxel_detail *detail);

struct goxel_database_load {
    uint64_t bytes_max; /* of bricks in memory, about: others stay in the file until somebody reads them */
    goxel_database_damage *damage; /* NULL: the first damage is an error; otherwise what is good is loaded */
    void *ctx;
    struct goxel_key_list *keys; /* gets those of the last checkpoint; NULL: they are not wanted */
};

/*
 * The project as of the last checkpoint, the caller's; *ret_project is NULL if there was none yet. GOXEL_ERROR_INVALID_DATA with
 * the layer and the place, and the errors of opening.
 */
int goxel_database_load(struct goxel_database *database, const struct goxel_database_load *how,
                        struct goxel_detail *detail, struct goxel_project **ret_project);

/* The last checkpoint is of that very version. */
bool goxel_database_has(const struct goxel_database *database, const struct goxel_project *project);

/* All that a checkpoint writes: a version, and what it came with. The caller's. */
struct goxel_checkpoint {
    struct goxel_project *project;
    struct goxel_history_list history;
    struct goxel_key_list keys;
    /*
     * Is told now and then that something moves, by whoever has nothing else to do and is waited for; NULL: it is a thread in the
     * background, which leaves the processor to others.
     */
    void (*progress)(void *ctx);
    void *progress_ctx;
    atomic_ullong
        *strides; /* counts transactions, so that others see that something moves; NULL: nobody looks */
};

/* Of a version that is or was published. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_checkpoint_take(struct goxel_head *head, struct goxel_project *version, struct goxel_detail *detail,
                          struct goxel_checkpoint *ret_checkpoint);
void goxel_checkpoint_finish(struct goxel_checkpoint *checkpoint);

/*
 * A checkpoint of a version that is not older than the last one. On failure the last one stands;
 * GOXEL_ERROR_FILE_ACCESS says that the disk failed, and what comes then fails, too.
 */
int goxel_database_save(struct goxel_database *database, const struct goxel_checkpoint *checkpoint,
                        struct goxel_detail *detail);

/*
 * The version of the last checkpoint with all of its bricks in the file alone, and a newer version with those that it shares with
 * it: copies, the caller's, to stand in for them. GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_database_evict(struct goxel_database *database, const struct goxel_project *newer,
                         struct goxel_project **ret_base, struct goxel_project **ret_newer);
/* The last checkpoint is known by that version from here on, which has the same content. */
void goxel_database_rebase(struct goxel_database *database, struct goxel_project *base);

/*
 * So many rows of bricks behind `cursor`, which moves on, are read and compared with their checksums; at the end of the file
 * it is 0 again. For a database that is loaded or not; beside a checkpoint, too. GOXEL_ERROR_INVALID_DATA with the place,
 * and the errors of opening. *ret_rows: how many were looked at.
 */
int goxel_database_scrub(struct goxel_database *database, int64_t *cursor, size_t count, size_t *ret_rows,
                         struct goxel_detail *detail);

#endif
