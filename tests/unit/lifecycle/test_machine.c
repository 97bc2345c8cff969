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

/* Everything that a move changes, and a refused one does not. */
static bool is_same(const struct goxel_machine *machine, const struct world *world, int state, int64_t since,
                    const struct world *before)
{
    return (int)goxel_machine_state(machine) == state && goxel_machine_since_ms(machine) == since &&
           !memcmp(world->entered, before->entered, sizeof(world->entered));
}

static void every_pair_is_as_specified(void)
{
    for (int from = 0; from < DAEMON_STATE_COUNT; from++) {
        for (int to = 0; to < DAEMON_STATE_COUNT; to++) {
            struct world world = {true, true, {0}, 0};
            struct goxel_machine *machine = machine_in(from, &world);
            bool may = allowed[from][to] == 'R';
            int64_t since = goxel_machine_since_ms(machine);
            const struct world before = world;
            struct goxel_detail detail;

            goxel_detail_init(&detail);
            int code = goxel_machine_move(machine, to, &detail);
            CU_ASSERT_EQUAL(code, may ? 0 : DAEMON_ERROR_INVALID_STATE_TRANSITION);
            if (may) {
                CU_ASSERT_EQUAL((int)goxel_machine_state(machine), to);
                CU_ASSERT_EQUAL(world.entered[to], before.entered[to] + 1);
                CU_ASSERT_EQUAL((int)world.last_from, from);
            } else {
                CU_ASSERT_TRUE(is_same(machine, &world, from, since, &before));
                CU_ASSERT_EQUAL(goxel_machine_move(machine, to, NULL), DAEMON_ERROR_INVALID_STATE_TRANSITION);
                CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, goxel_state_name(from)));
                CU_ASSERT_PTR_NOT_NULL(strstr(detail.text, goxel_state_name(to)));
            }
            goxel_machine_destroy(machine);
        }
    }
}

/* Who has a say in a move: "" for nobody. */
static const char *validator_of(enum goxel_state from, enum goxel_state to)
{
    if (from == DAEMON_STATE_STARTING && to == DAEMON_STATE_RUNNING)
        return "started";
    return from == DAEMON_STATE_ERROR && to == DAEMON_STATE_STARTING ? "may_restart" : "";
}

static void the_table_tells_its_rows(void)
{
    struct goxel_machine_row row;
    size_t count = 0, expected = 0;

    for (; goxel_machine_row(count, &row); count++) {
        CU_ASSERT_EQUAL(allowed[row.from][row.to], 'R');
        CU_ASSERT_STRING_EQUAL(row.validated_by, validator_of(row.from, row.to));
    }
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

/* The two say no in turn, then both: each holds up its own row, and none of the others. */
static void a_validator_has_one_row(void)
{
    for (int no = 1; no <= 3; no++) {
        for (int at = 0; at < DAEMON_STATE_COUNT * DAEMON_STATE_COUNT; at++) {
            enum goxel_state from = at / DAEMON_STATE_COUNT, to = at % DAEMON_STATE_COUNT;
            const char *validator = validator_of(from, to);
            bool held = (!strcmp(validator, "started") && (no & 1)) ||
                        (!strcmp(validator, "may_restart") && (no & 2));
            struct world world = {true, true, {0}, 0};
            struct goxel_machine *machine = machine_in(from, &world);
            int64_t since = goxel_machine_since_ms(machine);
            int expected = allowed[from][to] != 'R' ? DAEMON_ERROR_INVALID_STATE_TRANSITION
                           : held                   ? DAEMON_ERROR_TRANSITION_FAILED
                                                    : 0;

            world.started = !(no & 1);
            world.may_restart = !(no & 2);
            const struct world before = world;
            CU_ASSERT_EQUAL(goxel_machine_move(machine, to, NULL), expected);
            if (expected)
                CU_ASSERT_TRUE(is_same(machine, &world, (int)from, since, &before))
            else
                CU_ASSERT_EQUAL(goxel_machine_state(machine), to);
            goxel_machine_destroy(machine);
        }
    }
}

/* Without validators nobody says no, and without `enter` nothing is done. */
static void a_machine_without_ops_moves(void)
{
    static const struct goxel_machine_ops none;
    struct goxel_machine *machine = goxel_machine_create(&none, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(machine);
    for (size_t i = 0; i < 4 && ways[DAEMON_STATE_ERROR][i]; i++)
        CU_ASSERT_EQUAL(goxel_machine_move(machine, ways[DAEMON_STATE_ERROR][i], NULL), 0);
    CU_ASSERT_EQUAL(goxel_machine_move(machine, DAEMON_STATE_STARTING, NULL), 0);
    CU_ASSERT_EQUAL(goxel_machine_move(machine, DAEMON_STATE_RUNNING, NULL), 0);
    CU_ASSERT_EQUAL(goxel_machine_move(machine, DAEMON_STATE_COUNT, NULL),
                    DAEMON_ERROR_INVALID_STATE_TRANSITION);
    CU_ASSERT_EQUAL(goxel_machine_state(machine), DAEMON_STATE_RUNNING);
    goxel_machine_destroy(machine);
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
        {"a validator has one row", a_validator_has_one_row},
        {"a machine without ops moves", a_machine_without_ops_moves},
        {"shutdown phases go forward", shutdown_phases_go_forward},
        {NULL, NULL},
    },
};
