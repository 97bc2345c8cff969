/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What became of projects, as events of the feed.
 *
 * Used by: daemon.  Uses: lifecycle/feed, core/watcher.
 *
 * Life: one a workspace, the watcher of it from its first project on; embedded by its owner, and it outlives both.
 */
#ifndef GOXEL_RPC_NEWS_H
#define GOXEL_RPC_NEWS_H

#include "core/watcher.h"
#include "lifecycle/feed.h"

struct goxel_news_desk {
    struct goxel_watcher watcher;
    struct goxel_feed *feed;
};

void goxel_news_desk_init(struct goxel_news_desk *desk, struct goxel_feed *feed);

#endif
