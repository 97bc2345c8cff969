/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Versions: operations of every kind in random order against a plain array, with copies held meanwhile
 * that must stay what they were; and every allocation made to fail in turn.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "base/error.h"
#include "core/accessor.h"
#include "naive.h"

static const struct goxel_color red = {255, 0, 0, 255}, blue = {0, 0, 255, 255}, none = {0, 0, 0, 0};

/* ---- random operations ---- */

#define HELD 5

struct world {
    struct goxel_volume *volume;
    struct naive *naive;
    struct {
        struct goxel_volume *volume;
        uint64_t digest;
    } held[HELD];
    uint64_t state;
    int wrong;
};

static void set_some(struct world *world)
{
    for (int i = 0; i < 20; i++) {
        struct goxel_pos pos = random_pos(&world->state);
        struct goxel_color color = random_color(&world->state);

        naive_set(world->naive, pos, color);
        world->wrong += goxel_volume_set_at(world->volume, pos, color) != 0;
    }
}

static void run_along(struct world *world)
{
    struct goxel_accessor accessor = goxel_accessor_make(world->volume);
    struct goxel_color color = random_color(&world->state);
    struct goxel_pos pos = random_pos(&world->state);

    for (; pos.x < NAIVE_MIN + NAIVE_SIZE; pos.x++) {
        world->wrong += !same_color(goxel_accessor_get(&accessor, pos), *naive_at(world->naive, pos));
        naive_set(world->naive, pos, color);
        world->wrong += goxel_accessor_set(&accessor, pos, color) != 0;
    }
}

static void fill_box(struct world *world)
{
    struct goxel_box box = random_box(&world->state);
    struct goxel_color color = random_below(&world->state, 3) ? random_color(&world->state) : none;

    naive_fill(world->naive, &box, color);
    world->wrong += goxel_volume_fill(world->volume, &box, color, NULL) != 0;
}

/* Of a brick that lies in the array as a whole. */
static struct goxel_pos random_corner(uint64_t *state)
{
    int x = random_below(state, 4) * 16 - 32, y = random_below(state, 4) * 16 - 32;

    return at(x, y, random_below(state, 4) * 16 - 32);
}

static void naive_put(struct naive *naive, struct goxel_pos corner, const struct goxel_color *voxels)
{
    for (int i = 0; i < GOXEL_BRICK_VOXELS; i++)
        naive_set(naive, at(corner.x + (i & 15), corner.y + (i >> 4 & 15), corner.z + (i >> 8)), voxels[i]);
}

static void put_brick(struct world *world)
{
    struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    struct goxel_pos corner = random_corner(&world->state);
    int colors = 1 << random_below(&world->state, 12);

    for (int i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        unsigned number = (unsigned)random_below(&world->state, colors);

        voxels[i] = rgba(number & 255, number >> 8, 7, number == 1 ? 0 : 255);
    }
    naive_put(world->naive, corner, voxels);
    world->wrong += goxel_volume_set_brick(world->volume, corner, voxels) != 0;
}

static void share_brick(struct world *world)
{
    struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    struct goxel_pos from = random_corner(&world->state), to = random_corner(&world->state);

    for (int i = 0; i < GOXEL_BRICK_VOXELS; i++)
        voxels[i] = *naive_at(world->naive, at(from.x + (i & 15), from.y + (i >> 4 & 15), from.z + (i >> 8)));
    naive_put(world->naive, to, voxels);
    world->wrong += goxel_volume_share_brick(world->volume, to, world->volume, from) != 0;
}

static void seal(struct world *world)
{
    goxel_volume_seal(world->volume);
}

/* Lets go of a copy, which must be what it was, and takes a new one in its place. */
static void hold(struct world *world)
{
    int i = random_below(&world->state, 5 * HELD);

    if (i >= HELD)
        return;
    if (world->held[i].volume)
        world->wrong += volume_digest(world->held[i].volume) != world->held[i].digest;
    goxel_volume_destroy(world->held[i].volume);
    world->held[i].volume = goxel_volume_copy(world->volume);
    world->held[i].digest = volume_digest(world->volume);
}

/* A version from before becomes the present one: but the array knows only the present. */
static void go_on_with_a_copy(struct world *world)
{
    struct goxel_volume *copy = goxel_volume_copy(world->volume);

    goxel_volume_destroy(world->volume);
    world->volume = copy;
}

static void random_operations_match_reference(void)
{
    static void (*const operations[])(struct world *) = {
        set_some, run_along, fill_box, put_brick, share_brick,
        seal,     set_some,  hold,     run_along, go_on_with_a_copy,
    };
    static const uint64_t seeds[] = {0x5eed0501, 0x5eed0502, 0x5eed0503, 0x5eed0504};

    const int steps = unit_counts(2000, 5000);

    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
        struct world world = {.volume = goxel_volume_create(), .naive = calloc(1, sizeof(struct naive))};

        world.state = seeds[s];
        for (int i = 0; i < steps; i++) {
            operations[random_below(&world.state, sizeof(operations) / sizeof(operations[0]))](&world);
            if (i % 500 == 499)
                CU_ASSERT(naive_matches(world.naive, world.volume, seeds[s]));
        }
        CU_ASSERT_EQUAL(world.wrong, 0);
        if (world.wrong)
            printf("seed %#llx\n", (unsigned long long)seeds[s]);
        goxel_volume_destroy(world.volume); /* what is held stays when the last one goes */
        for (int i = 0; i < HELD; i++) {
            if (world.held[i].volume)
                CU_ASSERT_EQUAL(volume_digest(world.held[i].volume), world.held[i].digest);
            goxel_volume_destroy(world.held[i].volume);
        }
        free(world.naive);
    }
}

/* ---- memory ---- */

static int set_in_nothing(struct goxel_volume *volume)
{
    return goxel_volume_set_at(volume, at(30, -100, 5), red);
}

static int set_in_tile(struct goxel_volume *volume)
{
    return goxel_volume_set_at(volume, at(-20, -20, -20), red);
}

static int set_in_palette(struct goxel_volume *volume)
{
    return goxel_volume_set_at(volume, at(5, 5, 5), blue);
}

static int set_far_away(struct goxel_volume *volume)
{
    return goxel_volume_set_at(volume, at(GOXEL_COORD_MAX, 0, GOXEL_COORD_MIN), blue);
}

static int remove_last(struct goxel_volume *volume)
{
    return goxel_volume_set_at(volume, at(100, 100, 100), none);
}

static int set_by_accessor(struct goxel_volume *volume)
{
    struct goxel_accessor accessor = goxel_accessor_make(volume);

    return goxel_accessor_set(&accessor, at(5, 5, 5), blue);
}

static int put_noise(struct goxel_volume *volume)
{
    static struct goxel_color voxels[GOXEL_BRICK_VOXELS];

    for (unsigned i = 0; i < GOXEL_BRICK_VOXELS; i++)
        voxels[i] = rgba(i & 255, i >> 8, 0, 255);
    return goxel_volume_set_brick(volume, at(-16, -128, 0), voxels);
}

static int put_few_colours(struct goxel_volume *volume)
{
    static struct goxel_color voxels[GOXEL_BRICK_VOXELS] = {{1, 2, 3, 4}};

    return goxel_volume_set_brick(volume, at(-64, -64, -64), voxels);
}

static int share_one(struct goxel_volume *volume)
{
    return goxel_volume_share_brick(volume, at(-16, -128, 0), volume, at(0, 0, 0));
}

static int fill_across(struct goxel_volume *volume)
{
    static const struct goxel_box box = {{-50, -90, -50}, {90, 20, 20}};

    return goxel_volume_fill(volume, &box, blue, NULL);
}

static int clear_across(struct goxel_volume *volume)
{
    static const struct goxel_box box = {{-50, -90, -50}, {90, 20, 20}};

    return goxel_volume_fill(volume, &box, none, NULL);
}

/* Tiles of two levels, palettes, and a voxel alone. */
static struct goxel_volume *varied_volume(void)
{
    static const struct goxel_box tile = {{-64, -64, -64}, {-1, -1, -1}}, part = {{0, 0, 0}, {70, 20, 7}};
    struct goxel_volume *volume = goxel_volume_create();

    goxel_volume_fill(volume, &tile, rgba(1, 2, 3, 4), NULL);
    goxel_volume_fill(volume, &part, red, NULL);
    goxel_volume_set_at(volume, at(100, 100, 100), red);
    goxel_volume_seal(volume);
    return volume;
}

/* Each allocation of each fails once: the volume is as it was then, and its copy always. */
static void failed_allocation_changes_nothing(void)
{
    static const struct {
        int (*run)(struct goxel_volume *volume);
        int failures; /* at least */
    } rows[] = {
        {set_in_nothing, 3}, {set_in_tile, 3},     {set_in_palette, 2}, {set_far_away, 10},
        {remove_last, 2},    {set_by_accessor, 2}, {put_noise, 3},      {put_few_colours, 3},
        {share_one, 2},      {fill_across, 20},    {clear_across, 8},
    };

    struct goxel_volume *pristine = varied_volume();

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int result = GOXEL_ERROR_OUT_OF_MEMORY, failures = 0;

        for (int n = 0; result && n < 2000; n++) {
            struct goxel_volume *volume = varied_volume(), *before = goxel_volume_copy(volume);

            unit_fail_allocation(n);
            result = rows[i].run(volume);
            unit_fail_allocation(-1);
            CU_ASSERT(result == 0 || result == GOXEL_ERROR_OUT_OF_MEMORY);
            CU_ASSERT_EQUAL(goxel_volume_equal(volume, pristine), result != 0);
            CU_ASSERT(goxel_volume_equal(before, pristine));
            goxel_volume_seal(volume);
            CU_ASSERT_EQUAL(goxel_volume_equal(volume, pristine), result != 0);
            goxel_volume_destroy(volume);
            goxel_volume_destroy(before);
            failures += result != 0;
        }
        CU_ASSERT_EQUAL(result, 0);
        CU_ASSERT(failures >= rows[i].failures);
        if (failures < rows[i].failures)
            printf("row %zu: %d allocations\n", i, failures);
    }
    goxel_volume_destroy(pristine);
}

static void a_copy_costs_one_allocation(void)
{
    struct goxel_volume *volume = goxel_volume_create(), *copy;
    uint64_t state = 0x5eed0510;

    for (int i = 0; i < 20000; i++)
        goxel_volume_set_at(volume, random_pos(&state), random_color(&state));
    unit_fail_allocation(-1);
    copy = goxel_volume_copy(volume);
    CU_ASSERT_EQUAL(unit_fail_allocation(-1), 1);
    CU_ASSERT(goxel_volume_equal(copy, volume));
    goxel_volume_set_at(copy, at(3, 3, 3), rgba(1, 1, 1, 1));
    CU_ASSERT_EQUAL(unit_fail_allocation(-1), volume->level + 1); /* the nodes on the way, and the brick */
    goxel_volume_destroy(copy);
    goxel_volume_destroy(volume);
}

/* ---- threads ---- */

#define READERS 4
#define EDITS 400

/* The published version: whoever holds the lock may copy it or put another in its place. */
struct shared {
    pthread_mutex_t lock;
    struct goxel_volume *published;
    bool done;
    atomic_int torn;
    atomic_int looked;
};

/* Every edit gives each voxel of these one colour; a version with two colours was never published. */
static const struct goxel_pos marks[] = {{0, 0, 0}, {-1, 5, 9}, {40, -40, 3}, {100, 100, -100}, {17, 1, 1}};
#define MARKS (sizeof(marks) / sizeof(marks[0]))

static void *read_versions(void *arg)
{
    struct shared *shared = arg;
    bool done = false;

    while (!done) {
        struct goxel_volume *version;
        struct goxel_box box;
        int wrong = 0;

        pthread_mutex_lock(&shared->lock);
        version = goxel_volume_copy(shared->published);
        done = shared->done;
        pthread_mutex_unlock(&shared->lock);
        for (size_t i = 1; i < MARKS; i++)
            wrong += !same_color(goxel_volume_get_at(version, marks[i]),
                                 goxel_volume_get_at(version, marks[0]));
        wrong += !goxel_volume_bounds(version, &box) || box.max.x != 100;
        goxel_volume_set_at(version, marks[1], none); /* the copy is the reader's own */
        goxel_volume_seal(version);
        goxel_volume_destroy(version);
        atomic_fetch_add(&shared->torn, wrong);
        atomic_fetch_add(&shared->looked, 1);
    }
    return NULL;
}

static void edit_versions(struct shared *shared, struct goxel_volume *tip)
{
    for (int n = 1; n <= EDITS; n++) {
        struct goxel_color color = rgba((unsigned)n & 255, (unsigned)n >> 8, 1, 255);
        struct goxel_volume *old, *next;

        for (size_t i = 0; i < MARKS; i++)
            goxel_volume_set_at(tip, marks[i], color);
        goxel_volume_seal(tip);
        next = goxel_volume_copy(tip);
        pthread_mutex_lock(&shared->lock);
        old = shared->published;
        shared->published = next;
        shared->done = n == EDITS;
        pthread_mutex_unlock(&shared->lock);
        goxel_volume_destroy(old);
    }
}

static void readers_see_whole_versions(void)
{
    struct goxel_volume *tip = goxel_volume_create();
    struct shared shared = {.lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[READERS];
    int started = 0;

    for (size_t i = 0; i < MARKS; i++)
        goxel_volume_set_at(tip, marks[i], red);
    shared.published = goxel_volume_copy(tip);
    while (started < READERS && pthread_create(&threads[started], NULL, read_versions, &shared) == 0)
        started++;
    CU_ASSERT_EQUAL(started, READERS);
    edit_versions(&shared, tip);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(atomic_load(&shared.torn), 0);
    CU_ASSERT(atomic_load(&shared.looked) >= READERS);
    CU_ASSERT(goxel_volume_equal(tip, shared.published));
    goxel_volume_destroy(shared.published);
    goxel_volume_destroy(tip);
}

#define STEPS 3000

struct branch {
    const struct goxel_volume *trunk; /* which everybody copies */
    uint64_t seed;
    struct goxel_volume *volume;
    int wrong;
};

/* Single voxels, each in a version of its own, with one that is held for a while; now and then from the trunk on. */
static void *grow(void *arg)
{
    struct branch *branch = arg;
    struct goxel_volume *held = goxel_volume_copy(branch->trunk);
    uint64_t state = branch->seed, digest = volume_digest(held);

    for (int n = 0; n < STEPS; n++) {
        struct goxel_volume *old = branch->volume;

        branch->volume = goxel_volume_copy(n % 500 == 0 ? branch->trunk : old);
        branch->wrong += goxel_volume_set_at(branch->volume, random_pos(&state), random_color(&state)) != 0;
        goxel_volume_seal(branch->volume);
        if (n % 100 == 99) {
            branch->wrong += volume_digest(held) != digest;
            goxel_volume_destroy(held);
            held = goxel_volume_copy(branch->volume);
            digest = volume_digest(held);
        }
        goxel_volume_destroy(old);
    }
    branch->wrong += volume_digest(held) != digest;
    goxel_volume_destroy(held);
    return NULL;
}

static struct goxel_volume *trunk_of(uint64_t seed)
{
    struct goxel_volume *trunk = goxel_volume_create();

    for (int i = 0; i < 3000; i++)
        goxel_volume_set_at(trunk, random_pos(&seed), random_color(&seed));
    goxel_volume_seal(trunk);
    return trunk;
}

/* What threads make of one version at once is what each makes of it alone. */
static void branches_grow_apart(void)
{
    struct goxel_volume *trunk = trunk_of(0x5eed0521);
    uint64_t digest = volume_digest(trunk);
    struct branch together[4], alone;
    pthread_t threads[4];
    int started = 0;

    for (int i = 0; i < 4; i++)
        together[i] = (struct branch){trunk, 0x5eed0530 + (unsigned)i / 2, NULL, 0};
    while (started < 4 && pthread_create(&threads[started], NULL, grow, &together[started]) == 0)
        started++;
    CU_ASSERT_EQUAL(started, 4);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(volume_digest(trunk), digest);
    for (int i = 0; i < started; i++) {
        alone = (struct branch){trunk, together[i].seed, NULL, 0};
        grow(&alone);
        CU_ASSERT_EQUAL(together[i].wrong + alone.wrong, 0);
        CU_ASSERT(goxel_volume_equal(together[i].volume, alone.volume));
        CU_ASSERT_EQUAL(goxel_volume_count(together[i].volume), goxel_volume_count(alone.volume));
        goxel_volume_destroy(alone.volume);
    }
    goxel_volume_destroy(trunk); /* before what grew of it */
    for (int i = 0; i < started; i++)
        goxel_volume_destroy(together[i].volume);
}

/* An edit of one voxel counts neither the other bricks of its node nor, when the old version goes, frees them late. */
static void one_edit_counts_one_brick(void)
{
    struct goxel_volume *volume = goxel_volume_create(), *copy;
    struct goxel_brick *other;

    for (int i = 0; i < 4; i++)
        goxel_volume_set_at(volume, at(16 * i, 0, 0), i % 2 ? red : blue);
    goxel_volume_seal(volume);
    other = goxel_link_brick(goxel_tree_find(volume, at(48, 0, 0)));
    copy = goxel_volume_copy(volume);
    CU_ASSERT_EQUAL(goxel_volume_set_at(copy, at(0, 1, 0), red), 0);
    CU_ASSERT_EQUAL(atomic_load(&other->refs), 1);
    CU_ASSERT_EQUAL(goxel_volume_set_at(copy, at(1, 1, 0), red), 0); /* the same one */
    CU_ASSERT_EQUAL(atomic_load(&other->refs), 1);
    CU_ASSERT_EQUAL(goxel_volume_set_at(copy, at(17, 1, 0), red),
                    0); /* a second one: then it counts them all */
    CU_ASSERT_EQUAL(atomic_load(&other->refs), 2);
    goxel_volume_destroy(volume);
    CU_ASSERT_EQUAL(atomic_load(&other->refs), 1);
    CU_ASSERT_EQUAL(goxel_volume_count(copy), 7);
    goxel_volume_destroy(copy);
}

static const struct unit_test tests[] = {
    {"random operations match the reference", random_operations_match_reference},
    {"a failed allocation changes nothing", failed_allocation_changes_nothing},
    {"a copy costs one allocation, its first write the way", a_copy_costs_one_allocation},
    {"readers see whole versions", readers_see_whole_versions},
    {"branches grow apart", branches_grow_apart},
    {"one edit counts one brick", one_edit_counts_one_brick},
    {NULL, NULL},
};

const struct unit_suite suite_versions = {"versions", tests};
