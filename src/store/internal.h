/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a store knows of its folder.
 *
 * Used by: store/store.c, store/open.c, store/flush.c alone.
 *
 * A row is an entry of the list: of an open project, as it was flushed last, or of one that could not be opened,
 * carried over as it stands in the list so that it can be mended. Its file is left alone as long as there is a row.
 */
#ifndef GOXEL_STORE_INTERNAL_H
#define GOXEL_STORE_INTERNAL_H

#include "store/folder.h"
#include "store/keep.h"
#include "store/list.h"
#include "store/store.h"

struct goxel_row {
    uint64_t number;     /* 0: the entry has no id */
    uint64_t generation; /* 0: the entry names no file */
    uint64_t version;    /* of the project in the file */
    uint32_t crc32;
    bool carried;
    bool listed; /* the list on the disk has the text */
    bool open;   /* seen in the workspace by the flush that is going on */
    char *text;  /* owned; the entry */
    size_t len;
};

struct goxel_store {
    struct goxel_folder folder;
    struct goxel_workspace *workspace;
    void (*progress)(void *ctx); /* NULL: nobody */
    void *progress_ctx;
    bool opened;      /* goxel_store_open_all was there */
    int refused;      /* the code of a list that it could not read: nothing is written then */
    bool keeps_files; /* an entry names no file: which one is not needed nobody knows */
    bool broken;      /* a project could not be brought up to date: the journal is set aside, not removed */
    uint64_t generation;     /* the highest in use */
    uint64_t damaged;        /* places of the journal */
    uint64_t journaled;      /* the records below this sequence are in the files */
    pthread_mutex_t setting; /* of the settings */
    struct goxel_store_settings settings;
    struct goxel_keep keep;
    struct goxel_journal *journal; /* NULL: not opened yet */
    pthread_mutex_t flushing;      /* one at a time */
    struct goxel_checkpoints *checkpoints;
    struct goxel_row *rows;
    size_t count, capacity;
    char *list; /* owned; the bytes on the disk, NULL: there are none, or what they are is not known */
    size_t list_len;
};

/* goxel_store_flush_all, without a word to anybody: on a thread of the store's own. */
int goxel_store_checkpoint(struct goxel_store *store, struct goxel_detail *detail);

/* The row of an open project; NULL: none. */
struct goxel_row *goxel_store_row(const struct goxel_store *store, uint64_t number);
/* A zeroed one, valid until the next. NULL: out of memory. */
struct goxel_row *goxel_store_add_row(struct goxel_store *store);
void goxel_store_drop_row(struct goxel_store *store, struct goxel_row *row);

/* The file's full path into a detail that has been filled, its text too; returns `code`. NULL is fine. */
int goxel_store_place(const struct goxel_store *store, const char *file, int code,
                      struct goxel_detail *detail);

/* Keeps the first error: what a walk over many returns. */
void goxel_store_note(int code, const struct goxel_detail *detail, int *first,
                      struct goxel_detail *ret_detail);

#endif
