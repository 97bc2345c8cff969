/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One door for the state: `goxel_machine_move`, through one table of rows. The picture is in the header.
 *
 * What holds: the state is always one of the six; it changed only along a row, whose validator had
 * said yes; `phase` means something only in STOPPING. Readers on other threads see the state at once
 * and may see an older `since`, never a torn one.
 */
#include "lifecycle/machine.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"

struct goxel_machine {
    struct goxel_machine_ops ops;
    void *ctx;
    atomic_int state;
    atomic_int phase;
    _Atomic int64_t since_ms;
};

typedef bool validator(struct goxel_machine *machine, struct goxel_detail *detail);

static bool validate_started(struct goxel_machine *machine, struct goxel_detail *detail)
{
    return !machine->ops.started || machine->ops.started(machine->ctx, detail);
}

static bool validate_restart(struct goxel_machine *machine, struct goxel_detail *detail)
{
    return !machine->ops.may_restart || machine->ops.may_restart(machine->ctx, detail);
}

/* The handler of a row is the `enter` of the state it leads to. */
static const struct row {
    struct goxel_machine_row move;
    validator *validate;
} rows[] = {
    {{DAEMON_STATE_STOPPED, DAEMON_STATE_STARTING, ""}, NULL},
    {{DAEMON_STATE_STARTING, DAEMON_STATE_RUNNING, "started"}, validate_started},
    {{DAEMON_STATE_STARTING, DAEMON_STATE_STOPPING, ""}, NULL},
    {{DAEMON_STATE_STARTING, DAEMON_STATE_ERROR, ""}, NULL},
    {{DAEMON_STATE_RUNNING, DAEMON_STATE_RELOADING, ""}, NULL},
    {{DAEMON_STATE_RUNNING, DAEMON_STATE_STOPPING, ""}, NULL},
    {{DAEMON_STATE_RUNNING, DAEMON_STATE_ERROR, ""}, NULL},
    {{DAEMON_STATE_RELOADING, DAEMON_STATE_RUNNING, ""}, NULL},
    {{DAEMON_STATE_RELOADING, DAEMON_STATE_ERROR, ""}, NULL},
    {{DAEMON_STATE_STOPPING, DAEMON_STATE_STOPPED, ""}, NULL},
    {{DAEMON_STATE_STOPPING, DAEMON_STATE_STARTING, ""}, NULL}, /* re-exec */
    {{DAEMON_STATE_ERROR, DAEMON_STATE_STARTING, "may_restart"}, validate_restart},
    {{DAEMON_STATE_ERROR, DAEMON_STATE_STOPPING, ""}, NULL}, /* giving up */
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const char *const state_names[DAEMON_STATE_COUNT] = {
    "STOPPED", "STARTING", "RUNNING", "RELOADING", "STOPPING", "ERROR",
};

static const char *const phase_names[SHUTDOWN_PHASE_COUNT] = {
    "INIT",         "STOP_ACCEPTING",    "DRAIN_REQUESTS", "CLOSE_CONNECTIONS",
    "STOP_WORKERS", "CLEANUP_RESOURCES", "COMPLETE",
};

const char *goxel_state_name(enum goxel_state state)
{
    return state < DAEMON_STATE_COUNT ? state_names[state] : "?";
}

const char *goxel_shutdown_phase_name(enum goxel_shutdown_phase phase)
{
    return phase < SHUTDOWN_PHASE_COUNT ? phase_names[phase] : "?";
}

struct goxel_machine *goxel_machine_create(const struct goxel_machine_ops *ops, void *ctx)
{
    struct goxel_machine *machine = calloc(1, sizeof(*machine));

    if (!machine)
        return NULL;
    machine->ops = *ops;
    machine->ctx = ctx;
    atomic_init(&machine->state, DAEMON_STATE_STOPPED);
    atomic_init(&machine->phase, SHUTDOWN_PHASE_INIT);
    atomic_init(&machine->since_ms, goxel_wall_ms());
    return machine;
}

void goxel_machine_destroy(struct goxel_machine *machine)
{
    free(machine);
}

static const struct row *find_row(enum goxel_state from, enum goxel_state to)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].move.from == from && rows[i].move.to == to)
            return &rows[i];
    }
    return NULL;
}

int goxel_machine_move(struct goxel_machine *machine, enum goxel_state to, struct goxel_detail *detail)
{
    enum goxel_state from = goxel_machine_state(machine);
    const struct row *row = find_row(from, to);
    struct goxel_detail why;

    if (!row)
        return goxel_fail(detail, DAEMON_ERROR_INVALID_STATE_TRANSITION, "no move from %s to %s",
                          goxel_state_name(from), goxel_state_name(to));
    goxel_detail_init(&why);
    if (row->validate && !row->validate(machine, &why))
        return goxel_fail(detail, DAEMON_ERROR_TRANSITION_FAILED, "%s to %s: %s", goxel_state_name(from),
                          goxel_state_name(to), why.text[0] ? why.text : row->move.validated_by);

    atomic_store(&machine->phase, SHUTDOWN_PHASE_INIT);
    atomic_store(&machine->since_ms, goxel_wall_ms());
    atomic_store(&machine->state, (int)to);
    if (machine->ops.enter[to])
        machine->ops.enter[to](machine->ctx, from);
    return 0;
}

enum goxel_state goxel_machine_state(const struct goxel_machine *machine)
{
    return (enum goxel_state)atomic_load(&machine->state);
}

int64_t goxel_machine_since_ms(const struct goxel_machine *machine)
{
    return atomic_load(&machine->since_ms);
}

enum goxel_shutdown_phase goxel_machine_phase(const struct goxel_machine *machine)
{
    return (enum goxel_shutdown_phase)atomic_load(&machine->phase);
}

void goxel_machine_set_phase(struct goxel_machine *machine, enum goxel_shutdown_phase phase)
{
    assert(goxel_machine_state(machine) == DAEMON_STATE_STOPPING);
    assert(phase >= goxel_machine_phase(machine) || phase == SHUTDOWN_PHASE_INIT);
    atomic_store(&machine->phase, (int)phase);
}

bool goxel_machine_row(size_t index, struct goxel_machine_row *ret_row)
{
    if (index >= ROWS)
        return false;
    *ret_row = rows[index].move;
    return true;
}
