/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state machine: six states, one table of moves, one door.
 *
 * Used by: daemon (moves it), rpc and http (read it).  Uses: base.
 *
 *            ┌─────────┐ start  ┌──────────┐ phases done  ┌─────────┐  reload   ┌───────────┐
 *            │ STOPPED ├───────►│ STARTING ├─────────────►│ RUNNING ├──────────►│ RELOADING │
 *            └─────────┘        └─┬───▲──┬─┘              └─┬─────┬─┘◄──────────┴─────┬─────┘
 *                 ▲               │   │  │ failed           │     │ fault     done     │ failed
 *                 │         stop  │   │  └──────────┐  stop │     └───────┐            │
 *            ┌────┴─────┐◄────────┘   │ again   ┌───▼───────┼─────────────▼──┐         │
 *            │ STOPPING │◄────────────┼─────────┤         ERROR              │◄────────┘
 *            └────┬─────┘ giving up   └─────────┤                            │
 *                 └──── re-exec: STARTING       └────────────────────────────┘
 *
 * Life: one machine a daemon, created before start-up. Only the lifecycle thread calls
 * `goxel_machine_move`; any thread may read the state.
 */
#ifndef GOXEL_LIFECYCLE_MACHINE_H
#define GOXEL_LIFECYCLE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/detail.h"

enum goxel_state {
    DAEMON_STATE_STOPPED,
    DAEMON_STATE_STARTING,
    DAEMON_STATE_RUNNING,
    DAEMON_STATE_RELOADING,
    DAEMON_STATE_STOPPING,
    DAEMON_STATE_ERROR,
    DAEMON_STATE_COUNT
};
#define GOXEL_STATE_BIT(state) (1u << (state))

const char *goxel_state_name(enum goxel_state state); /* "STOPPED" … */

/* The seven shutdown phases, in their order. */
enum goxel_shutdown_phase {
    SHUTDOWN_PHASE_INIT,
    SHUTDOWN_PHASE_STOP_ACCEPTING,
    SHUTDOWN_PHASE_DRAIN_REQUESTS,
    SHUTDOWN_PHASE_CLOSE_CONNECTIONS,
    SHUTDOWN_PHASE_STOP_WORKERS,
    SHUTDOWN_PHASE_CLEANUP_RESOURCES,
    SHUTDOWN_PHASE_COMPLETE,
    SHUTDOWN_PHASE_COUNT
};
const char *goxel_shutdown_phase_name(enum goxel_shutdown_phase phase); /* "INIT" … */

/*
 * What the daemon does at a move: validators say whether it may happen, `enter` is called right after
 * it, on the same thread. Any of them may be NULL: always allowed, nothing to do.
 */
struct goxel_machine_ops {
    bool (*started)(void *ctx, struct goxel_detail *detail);     /* STARTING → RUNNING: all phases done */
    bool (*may_restart)(void *ctx, struct goxel_detail *detail); /* ERROR → STARTING: attempts, cool-down */
    void (*enter[DAEMON_STATE_COUNT])(void *ctx, enum goxel_state from);
};

struct goxel_machine;

struct goxel_machine *goxel_machine_create(const struct goxel_machine_ops *ops,
                                           void *ctx); /* NULL: out of memory */
void goxel_machine_destroy(struct goxel_machine *machine);

/*
 * The one door. DAEMON_ERROR_INVALID_STATE_TRANSITION if the table has no row (the detail names both
 * states), DAEMON_ERROR_TRANSITION_FAILED if the row's validator says no; the state is then as it was.
 */
int goxel_machine_move(struct goxel_machine *machine, enum goxel_state to, struct goxel_detail *detail);

/* Any thread. */
enum goxel_state goxel_machine_state(const struct goxel_machine *machine);
int64_t goxel_machine_since_ms(const struct goxel_machine *machine); /* wall clock of the last move */
/* While STOPPING; set by the lifecycle thread, in their order, or to INIT: a restart has become a stop. */
enum goxel_shutdown_phase goxel_machine_phase(const struct goxel_machine *machine);
void goxel_machine_set_phase(struct goxel_machine *machine, enum goxel_shutdown_phase phase);

/* The table, for /state and its test: row `index`, or false past the end. */
struct goxel_machine_row {
    enum goxel_state from, to;
    const char *validated_by; /* "" or the validator's name */
};
bool goxel_machine_row(size_t index, struct goxel_machine_row *ret_row);

#endif
