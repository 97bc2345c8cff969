/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine: every pair of states against the specified rows, validators, and what a move does. */
#include "lifecycle/machine.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "unit.h"

struct world {
    bool started, may_restart;
    int entered[DAEMON_STATE_COUNT];
    enum goxel_state last_from;
};

static bool started(void *ctx, struct goxel_detail *detail)
{
    goxel_fail(detail, 0, "phases are missing");
    return ((struct world *)ctx)->started;
}

static bool may_restart(void *ctx, struct goxel_detail *detail)
{
    goxel_fail(detail, 0, "too soon");
    return ((struct world *)ctx)->may_restart;
}

#define ENTER(state) \
    static void enter_##state(void *ctx, enum goxel_state from) \
    { \
        ((struct world *)ctx)->entered[DAEMON_STATE_##state]++; \
        ((struct world *)ctx)->last_from = from; \
    }
ENTER(STOPPED)
ENTER(STARTING)
ENTER(RUNNING)
ENTER(RELOADING)
ENTER(STOPPING)
ENTER(ERROR)

static const struct goxel_machine_ops ops = {
    started,
    may_restart,
    {enter_STOPPED, enter_STARTING, enter_RUNNING, enter_RELOADING, enter_STOPPING, enter_ERROR}};

/* The specification's rows, written once more by hand: R may, - may not. */
static const char allowed[DAEMON_STATE_COUNT][DAEMON_STATE_COUNT + 1] = {
    /* to: STOPPED STARTING RUNNING RELOADING STOPPING ERROR */
    [DAEMON_STATE_STOPPED] = "-R----",  [DAEMON_STATE_STARTING] = "--R-RR",
    [DAEMON_STATE_RUNNING] = "---RRR",  [DAEMON_STATE_RELOADING] = "--R--R",
    [DAEMON_STATE_STOPPING] = "RR----", [DAEMON_STATE_ERROR] = "-R--R-",
};

/* A way to each state. */
static const enum goxel_state ways[DAEMON_STATE_COUNT][4] = {
    [DAEMON_STATE_STOPPED] = {0},
    [DAEMON_STATE_STARTING] = {DAEMON_STATE_STARTING},
    [DAEMON_STATE_RUNNING] = {DAEMON_STATE_STARTING, DAEMON_STATE_RUNNING},
    [DAEMON_STATE_RELOADING] = {DAEMON_STATE_STARTING, DAEMON_STATE_RUNNING, DAEMON_STATE_RELOADING},
    [DAEMON_STATE_STOPPING] = {DAEMON_STATE_STARTING, DAEMON_STATE_RUNNING, DAEMON_STATE_STOPPING},
    [DAEMON_STATE_ERROR] = {DAEMON_STATE_STARTING, DAEMON_STATE_ERROR},
};

static struct goxel_machine *machine_in(enum goxel_state state, struct world *world)
{
    struct goxel_machine *machine = goxel_machine_create(&ops, world);

    CU_ASSERT_PTR_NOT_NULL_FATAL(machine);
    CU_ASSERT_EQUAL(goxel_machine_state(machine), DAEMON_STATE_STOPPED);
    for (size_t i = 0; i < 4 && ways[state][i]; i++)
        CU_ASSERT_EQUAL_FATAL(goxel_machine_move(machine, ways[state][i], NULL), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_machine_state(machine), state);
    return machine;
}

static void every_pair_is_as_specified(void)
{
    for (int from = 0; from < DAEMON_STATE_COUNT; from++) {
        for (int to = 0; to < DAEMON_STATE_COUNT; to++) {
            struct world world = {true, true, {0}, 0};
            struct goxel_machine *machine = machine_in(from, &world);
            bool may = allowed[from][to] == 'R';
            int entered = world.entered[to];
            struct goxel_detail detail;

            goxel_detail_init(&detail);
            int code = goxel_machine_move(machine, to, &detail);
            CU_ASSERT_EQUAL(code, may ? 0 : DAEMON_ERROR_INVALID_STATE_TRANSITION);
            CU_ASSERT_EQUAL((int)goxel_machine_state(machine), may ? to : from);
            CU_ASSERT_EQUAL(world.entered[to], entered + may);
            if (may) {
                CU_ASSERT_EQUAL((int)world.last_from, from);
            } else {
                CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, goxel_state_name(from)));
                CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, goxel_state_name(to)));
            }
            goxel_machine_destroy(machine);
        }
    }
}

static void the_table_tells_its_rows(void)
{
    struct goxel_machine_row row;
    size_t count = 0, expected = 0;

    for (; goxel_machine_row(count, &row); count++)
        CU_ASSERT_EQUAL(allowed[row.from][row.to], 'R');
    for (int from = 0; from < DAEMON_STATE_COUNT; from++) {
        for (int to = 0; to < DAEMON_STATE_COUNT; to++)
            expected += allowed[from][to] == 'R';
    }
    CU_ASSERT_EQUAL(count, expected);
}

static void a_validator_can_refuse(void)
{
    const struct {
        enum goxel_state from, to;
        const char *reason;
    } rows[] = {
        {DAEMON_STATE_STARTING, DAEMON_STATE_RUNNING, "phases are missing"},
        {DAEMON_STATE_ERROR, DAEMON_STATE_STARTING, "too soon"},
    };

    for (size_t i = 0; i < 2; i++) {
        struct world world = {false, false, {0}, 0};
        struct goxel_machine *machine = machine_in(rows[i].from, &world);
        struct goxel_detail detail;
        int entered = world.entered[rows[i].to];

        goxel_detail_init(&detail);
        CU_ASSERT_EQUAL(goxel_machine_move(machine, rows[i].to, &detail), DAEMON_ERROR_TRANSITION_FAILED);
        CU_ASSERT_EQUAL(goxel_machine_state(machine), rows[i].from);
        CU_ASSERT_EQUAL(world.entered[rows[i].to], entered);
        CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, rows[i].reason));
        world = (struct world){true, true, {0}, 0};
        CU_ASSERT_EQUAL(goxel_machine_move(machine, rows[i].to, &detail), 0);
        goxel_machine_destroy(machine);
    }
}

static void shutdown_phases_go_forward(void)
{
    struct world world = {true, true, {0}, 0};
    struct goxel_machine *machine = machine_in(DAEMON_STATE_STOPPING, &world);

    for (int phase = SHUTDOWN_PHASE_INIT; phase < SHUTDOWN_PHASE_COUNT; phase++) {
        goxel_machine_set_phase(machine, phase);
        CU_ASSERT_EQUAL((int)goxel_machine_phase(machine), phase);
    }
    CU_ASSERT_STRING_EQUAL(goxel_shutdown_phase_name(SHUTDOWN_PHASE_INIT), "INIT");
    CU_ASSERT_STRING_EQUAL(goxel_shutdown_phase_name(SHUTDOWN_PHASE_DRAIN_REQUESTS), "DRAIN_REQUESTS");
    CU_ASSERT_STRING_EQUAL(goxel_shutdown_phase_name(SHUTDOWN_PHASE_COMPLETE), "COMPLETE");
    CU_ASSERT(goxel_machine_since_ms(machine) > 0 && goxel_machine_since_ms(machine) <= goxel_wall_ms());
    goxel_machine_destroy(machine);
    goxel_machine_destroy(NULL);
}

const struct unit_suite machine_suite = {
    "machine",
    (const struct unit_test[]){
        {"every pair is as specified", every_pair_is_as_specified},
        {"the table tells its rows", the_table_tells_its_rows},
        {"a validator can refuse", a_validator_can_refuse},
        {"shutdown phases go forward", shutdown_phases_go_forward},
        {NULL, NULL},
    },
};
