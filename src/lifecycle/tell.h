/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes of state and health, as events of the feed.
 *
 * Used by: daemon.  Uses: lifecycle/feed, base.
 *
 * Any thread; nothing waits.
 */
#ifndef GOXEL_LIFECYCLE_TELL_H
#define GOXEL_LIFECYCLE_TELL_H

#include "lifecycle/feed.h"
#include "lifecycle/health.h"
#include "lifecycle/machine.h"
#include "lifecycle/requests.h"

/* {state, from}: the machine has moved. */
void goxel_tell_move(struct goxel_feed *feed, enum goxel_state from, enum goxel_state to);
/* {state, request, trigger, outcome, log_level}: a request has ended, in that state. */
void goxel_tell_request(struct goxel_feed *feed, enum goxel_state state,
                        const struct goxel_request_record *record);
/* {check, ok, reason?, healthy}: a check has failed, or healed; `healthy`: all of them are well. */
void goxel_tell_health(struct goxel_feed *feed, enum goxel_check check, bool ok, const char *reason,
                       bool healthy);

#endif
