/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a store knows of its folder.
 *
 * Used by: the files of store that have store/store.h for their public face.
 *
 * A row is a project that is kept: in the workspace, where its slot has the row as its data, or on its way to the trash;
 * or an entry of the list that could not be read, carried over as it stands there so that it can be mended.
 *
 * Locks, in the order in which they are taken: `flushing`; a slot's own for its loading (core/workspace.c); a row's. Under that
 * one the turn of an edit (store/evict.c), then a database's, and under the database's that of a slot's damage; or the
 * workspace's. `table` and `setting` are held for moments, and nothing is taken under them.
 */
#ifndef GOXEL_STORE_INTERNAL_H
#define GOXEL_STORE_INTERNAL_H

#include <stdatomic.h>

#include "store/database.h"
#include "store/folder.h"
#include "store/keep.h"
#include "store/list.h"
#include "store/store.h"

struct goxel_row {
    struct goxel_store *store;
    struct goxel_slot *slot; /* that has the row as its data, from its loading on; not counted */
    uint64_t number;         /* of the project's id; 0: the entry has none */
    char *carried;           /* owned; the text of an entry that could not be read, NULL: it is a project */
    size_t carried_len;
    pthread_mutex_t lock;            /* of what follows */
    struct goxel_database *database; /* NULL: not open */
    bool given_up;                   /* it took nothing any more: the rest is in store/remains.h, */
    uint64_t kept_to;                /* of what the journal has: records below that sequence */
    bool has_remains;                /* there may be some */
    bool lost;                       /* the journal has records of it, and nobody its beginning */
    bool scrubbing;                  /* it is open for the scrub alone, which is at it */
    struct goxel_buf tail;           /* records to be done again (store/replay.h); of an entry, too */
    uint64_t listed;                 /* the version that its database has at least */
    atomic_llong on_disk;            /* bytes of its database, which `bytes` of the store counts */
    atomic_llong recorded;           /* bytes of its records that the database does not have */
    atomic_bool failed;              /* its disk did: nothing more is changed */
    struct goxel_slot *gone; /* a reference: the project was deleted; NULL: it was not. Under `table` */
};

struct goxel_store {
    struct goxel_folder folder;
    struct goxel_workspace *workspace;
    void (*progress)(void *ctx); /* NULL: nobody */
    void *progress_ctx;
    bool opened;        /* goxel_store_open_all was there */
    int refused;        /* the code of a list that it could not read: nothing is written then */
    bool keeps_folders; /* an entry tells no project: which folder is not needed nobody knows */
    atomic_bool broken; /* the journal was damaged at the start: that one is set aside, not removed */
    atomic_bool due;    /* a checkpoint, soon: projects wait to be brought up to date, or somebody for room */
    atomic_ullong damaged;   /* places of the journal, and projects */
    atomic_ullong scrubbed;  /* rows of databases that were compared with their checksums */
    atomic_llong bytes;      /* of all databases, as of their last checkpoints */
    int64_t base_bytes;      /* of memory that the process had before there was any project */
    int64_t evict_from_ms;   /* there is no use in it before that time; of the thread of checkpoints */
    uint64_t journaled;      /* the records below this sequence are in the databases */
    pthread_mutex_t setting; /* of the settings */
    struct goxel_store_settings settings;
    struct goxel_keep keep;
    struct goxel_journal *journal; /* NULL: not opened yet */
    pthread_mutex_t flushing;      /* one at a time */
    atomic_ullong strides;         /* of whoever is at it */
    struct goxel_checkpoints *checkpoints;
    pthread_mutex_t table; /* of the rows' array; a row stays where it is */
    struct goxel_row **rows;
    size_t count, capacity;
    char *list; /* owned; the bytes on the disk, NULL: there are none, or what they are is not known */
    size_t list_len;
};

/* goxel_store_flush_all, without a word to anybody: on a thread of the store's own. */
int goxel_store_checkpoint(struct goxel_store *store, struct goxel_detail *detail);

/* The list of a store that has no project yet: whoever finds none later, and projects, knows that it was lost. */
int goxel_store_begin_list(struct goxel_store *store, struct goxel_detail *detail);

/* Projects leave memory that are more than the settings say, and are in their databases as they are. Now and then. */
void goxel_store_unload(struct goxel_store *store);

struct goxel_store_settings goxel_store_get_settings(struct goxel_store *store);

/* ---- rows ---- */

/* NULL: out of memory. */
struct goxel_row *goxel_store_add_row(struct goxel_store *store, uint64_t number);
struct goxel_row *goxel_store_row(struct goxel_store *store, uint64_t number); /* of a project; NULL: none */
/* That, or an entry of the list that could not be read. */
struct goxel_row *goxel_store_any_row(struct goxel_store *store, uint64_t number);
void goxel_store_drop_row(struct goxel_store *store, struct goxel_row *row);

/* ---- projects (store/projects.c) ---- */

extern const struct goxel_keep_ops goxel_store_keep_ops; /* with the store */

/* What to do about a project that is damaged: `expected` of the detail. */
void goxel_store_tell_repair(uint64_t number, struct goxel_detail *detail);

/* Under the row's lock: its database, made if there is none. */
int goxel_store_open_database(struct goxel_store *store, struct goxel_row *row, struct goxel_detail *detail);
/* Nothing can be believed any more that is read of the project: it is marked, and that is told in the log. Once. */
void goxel_store_break_row(struct goxel_row *row, const struct goxel_detail *detail);
void goxel_store_close_database(struct goxel_store *store, struct goxel_row *row); /* none is fine */
/* What it takes of the disk, open or not. */
void goxel_store_measure(struct goxel_store *store, struct goxel_row *row);

/* The row's project was deleted; the reference is the row's from here on. It counts for no quota any more. */
void goxel_store_set_gone(struct goxel_store *store, struct goxel_row *row, struct goxel_slot *slot);

/* Under the row's lock: what is published is in its database then. `quiet`: nobody is told of progress. */
int goxel_store_save(struct goxel_store *store, struct goxel_row *row, struct goxel_slot *slot, bool quiet,
                     struct goxel_detail *detail);

/* ---- memory (store/evict.c) ---- */

/*
 * Bricks leave memory if there is more of it in use than the settings say. Now and then, on one thread.
 */
void goxel_store_evict(struct goxel_store *store);
/* Those that were not used for longest come first. */
void goxel_store_sort_by_use(struct goxel_slot **slots, size_t count);

/* ---- folders (store/trash.c) ---- */

#define GOXEL_TRASH_NAME "trash"
#define GOXEL_TRASH_DAYS 7

/* The project's folder goes to the trash, if there is one. A failure is told in the log, and tried again. */
void goxel_store_trash(struct goxel_store *store, uint64_t number);
/* Folders that no row knows go there; and what has been there for GOXEL_TRASH_DAYS is gone. */
void goxel_store_sweep(struct goxel_store *store);

/* ---- details ---- */

/* The file's full path into a detail that has been filled, its text too; returns `code`. NULL is fine. */
int goxel_store_place(const struct goxel_store *store, const char *file, int code,
                      struct goxel_detail *detail);

/* Keeps the first error: what a walk over many returns. */
void goxel_store_note(int code, const struct goxel_detail *detail, int *first,
                      struct goxel_detail *ret_detail);

#endif
