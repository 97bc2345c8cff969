/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is told what became of projects, once it lasts: whoever passes it on to listeners, for core and store, which know
 * of none.
 *
 * Used by: core/workspace, store, rpc.  Uses: core/effects.
 *
 * Life: one a workspace, set before the first project is there, and outlives it. Of one project it is told in the order
 * in which things came to last.
 */
#ifndef GOXEL_CORE_WATCHER_H
#define GOXEL_CORE_WATCHER_H

#include "core/effects.h"

enum goxel_news_kind {
    GOXEL_NEWS_CREATED, /* made, opened or restored: it is found from here on */
    GOXEL_NEWS_EDITED,  /* a new version, as are the next two */
    GOXEL_NEWS_UNDONE,
    GOXEL_NEWS_REDONE,
    GOXEL_NEWS_SAVED,   /* or noted otherwise: the same version */
    GOXEL_NEWS_RENAMED, /* it is found by that name from here on */
    GOXEL_NEWS_DELETED, /* it is not found any more */
    GOXEL_NEWS_KINDS
};

struct goxel_news {
    enum goxel_news_kind kind;
    const char *id, *name;             /* of the project */
    const char *former;                /* of what was renamed: the name before; else NULL */
    const char *method;                /* of an edit: what did it, as the history has it; else NULL */
    bool has_version;                  /* something is said of what readers see now: */
    uint64_t version;                  /* its number, */
    uint64_t epoch;                    /* and its epoch (core/head.h) */
    const struct goxel_extent *extent; /* of what is new in it; NULL: nothing is said of it */
};

struct goxel_watcher {
    /* Any thread, under locks: it keeps a copy of what it wants to keep, waits for nobody and asks core for nothing. */
    void (*tell)(struct goxel_watcher *watcher, const struct goxel_news *news);
};

#endif
