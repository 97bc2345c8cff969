/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds of every mesher: the same each time, whoever helps; an end in the middle; memory that is missing; bricks that are away. */
#include "gathered.h"

#include <pthread.h>

#include "base/cancel.h"
#include "base/error.h"
#include "core/shelf.h"
#include "work/team.h"

static struct goxel_mesh_options options_of(enum goxel_mesher mesher)
{
    return (struct goxel_mesh_options){.mesher = mesher, .normals = true, .colors = true};
}

static struct goxel_pool *make_pool(unsigned workers, unsigned queue)
{
    const struct goxel_pool_options options = {workers, queue};
    struct goxel_pool *pool = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_pool_create(&options, NULL, &pool), 0);
    return pool;
}

static void meshers_have_names(void)
{
    CU_ASSERT_STRING_EQUAL(goxel_mesher_names[GOXEL_MESHER_FACES], "faces");
    CU_ASSERT_STRING_EQUAL(goxel_mesher_names[GOXEL_MESHER_GREEDY], "greedy");
    CU_ASSERT_STRING_EQUAL(goxel_mesher_names[GOXEL_MESHER_MANIFOLD], "manifold");
    CU_ASSERT_STRING_EQUAL(goxel_mesher_names[GOXEL_MESHER_SMOOTH], "smooth");
}

static void it_is_the_same_whoever_helps(void)
{
    struct goxel_volume *const volumes[] = {sample_terrain(64), sample_noise(58), sample_make(&samples[13])};
    struct goxel_pool *pools[] = {make_pool(1, 1), make_pool(3, 64)};

    for (size_t v = 0; v < 3; v++) {
        for (int mesher = 0; mesher < GOXEL_MESHER_COUNT; mesher++) {
            struct goxel_mesh_options options = options_of((enum goxel_mesher)mesher);
            struct gathered alone = gather(volumes[v], &options, false);

            for (size_t i = 0; i < 4; i++) {
                options.pool = pools[i & 1];
                struct gathered helped = gather(volumes[v], &options, i >> 1);

                CU_ASSERT(gathered_equal(&alone, &helped));
                gathered_finish(&helped);
            }
            gathered_finish(&alone);
        }
        goxel_volume_destroy(volumes[v]);
    }
    goxel_pool_destroy(pools[0]);
    goxel_pool_destroy(pools[1]);
}

static void a_plan_keeps_what_it_is_of(void)
{
    const struct goxel_mesh_options options = options_of(GOXEL_MESHER_FACES);
    struct goxel_volume *volume = sample_make(&samples[10]);
    struct goxel_mesh *mesh = NULL;
    struct goxel_mesh_size before, after;

    CU_ASSERT_EQUAL_FATAL(goxel_mesh_plan(volume, &options, NULL, NULL, &mesh), 0);
    goxel_mesh_size(mesh, &before);
    goxel_volume_clear(volume);
    goxel_volume_destroy(volume);
    goxel_mesh_size(mesh, &after);
    CU_ASSERT_EQUAL(memcmp(&before, &after, sizeof(before)), 0);
    goxel_mesh_destroy(mesh);
    goxel_mesh_destroy(NULL);
}

/* ---- ends in the middle ---- */

struct counting {
    int pieces, end_at;
    struct goxel_cancel *cancel;
};

static int count_pieces(void *ctx, const struct goxel_mesh_piece *piece)
{
    struct counting *counting = ctx;

    (void)piece;
    if (++counting->pieces < counting->end_at)
        return 0;
    if (!counting->cancel)
        return 4711;
    goxel_cancel_raise(counting->cancel, GOXEL_ERROR_REQUEST_TIMEOUT);
    return 0;
}

static void it_ends_where_it_is_told_to(void)
{
    struct goxel_volume *volume = sample_terrain(100);
    struct goxel_pool *pool = make_pool(2, 8);

    for (int i = 0; i < 2 * GOXEL_MESHER_COUNT; i++) {
        struct goxel_mesh_options options = options_of((enum goxel_mesher)(i >> 1));
        struct counting by_code = {.end_at = 2};
        struct goxel_cancel cancel;
        struct counting by_cancel = {.end_at = 1, .cancel = &cancel};
        struct goxel_mesh *mesh = NULL;

        options.pool = i & 1 ? pool : NULL;
        goxel_cancel_init(&cancel, 0);
        CU_ASSERT_EQUAL_FATAL(goxel_mesh_plan(volume, &options, &cancel, NULL, &mesh), 0);
        CU_ASSERT_EQUAL(goxel_mesh_emit(mesh, GOXEL_MESH_FACES, count_pieces, &by_code, &cancel), 4711);
        CU_ASSERT_EQUAL(by_code.pieces, 2);
        CU_ASSERT_EQUAL(
            goxel_mesh_emit(mesh, GOXEL_MESH_VERTICES | GOXEL_MESH_FACES, count_pieces, &by_cancel, &cancel),
            GOXEL_ERROR_REQUEST_TIMEOUT);
        CU_ASSERT(by_cancel.pieces <= GOXEL_TEAM_DESKS_MAX);
        goxel_mesh_destroy(mesh);
        mesh = NULL;
        CU_ASSERT_EQUAL(goxel_mesh_plan(volume, &options, &cancel, NULL, &mesh), GOXEL_ERROR_REQUEST_TIMEOUT);
        CU_ASSERT_PTR_NULL(mesh);
    }
    goxel_pool_destroy(pool);
    goxel_volume_destroy(volume);
}

/* ---- memory ---- */

static int take_nothing(void *ctx, const struct goxel_mesh_piece *piece)
{
    (void)ctx;
    (void)piece;
    return 0;
}

static int plan_and_emit(const struct goxel_volume *volume, const struct goxel_mesh_options *options)
{
    struct goxel_mesh *mesh = NULL;
    int code = goxel_mesh_plan(volume, options, NULL, NULL, &mesh);

    if (!code)
        code = goxel_mesh_emit(mesh, GOXEL_MESH_VERTICES | GOXEL_MESH_FACES, take_nothing, NULL, NULL);
    else
        CU_ASSERT_PTR_NULL(mesh);
    goxel_mesh_destroy(mesh);
    return code;
}

static void every_allocation_may_fail(void)
{
    struct goxel_volume *volume = sample_make(&samples[14]);

    for (int mesher = 0; mesher < GOXEL_MESHER_COUNT; mesher++) {
        const struct goxel_mesh_options options = options_of((enum goxel_mesher)mesher);
        long failed = 0, made;

        do {
            unit_fail_allocation(failed);
            int code = plan_and_emit(volume, &options);
            made = unit_fail_allocation(-1);
            CU_ASSERT_EQUAL(code, made > failed ? GOXEL_ERROR_OUT_OF_MEMORY : 0);
        } while (made > failed++);
        CU_ASSERT(failed > 10);
    }
    goxel_volume_destroy(volume);
}

/* Without memory for a team the caller works alone. */
static void so_may_every_one_with_helpers(void)
{
    struct goxel_volume *volume = sample_make(&samples[14]);
    struct goxel_pool *pool = make_pool(2, 8);

    for (int mesher = 0; mesher < GOXEL_MESHER_COUNT; mesher++) {
        struct goxel_mesh_options options = options_of((enum goxel_mesher)mesher);
        int failures = 0;

        options.pool = pool;
        for (long i = 0; i < 40; i++) {
            int code;

            unit_fail_allocation(i);
            code = plan_and_emit(volume, &options);
            unit_fail_allocation(-1);
            CU_ASSERT(code == 0 || code == GOXEL_ERROR_OUT_OF_MEMORY);
            failures += code != 0;
        }
        CU_ASSERT(failures > 10);
    }
    goxel_pool_destroy(pool);
    goxel_volume_destroy(volume);
}

/* ---- bricks that are away ---- */

static void bricks_that_are_away_are_loaded(void)
{
    struct goxel_pool *pool = make_pool(2, 8);
    struct shelf *shelf = shelf_make();

    for (const struct sample *sample = samples; sample->name; sample++) {
        struct goxel_volume *volume = sample_make(sample), *away = shelf_volume(shelf, volume, false);

        for (int mesher = 0; mesher < GOXEL_MESHER_COUNT; mesher++) {
            struct goxel_mesh_options options = options_of((enum goxel_mesher)mesher);
            struct gathered expected, mesh;

            options.pool = mesher & 1 ? pool : NULL;
            expected = gather(volume, &options, false);
            mesh = gather(away, &options, false);
            CU_ASSERT(gathered_equal(&expected, &mesh));
            gathered_finish(&expected);
            gathered_finish(&mesh);
        }
        goxel_volume_destroy(volume);
        goxel_volume_destroy(away);
    }
    CU_ASSERT(shelf->loads > 100);
    goxel_pool_destroy(pool);
    shelf_end(shelf);
}

static void what_cannot_be_loaded_is_an_error(void)
{
    struct goxel_volume *volume = sample_make(&samples[10]);
    struct goxel_pool *pool = make_pool(2, 8);

    for (int i = 0; i < 2 * GOXEL_MESHER_COUNT; i++) {
        struct goxel_mesh_options options = options_of((enum goxel_mesher)(i >> 1));
        struct shelf *shelf = shelf_make();
        struct goxel_volume *away = shelf_volume(shelf, volume, true);
        struct goxel_mesh *mesh = NULL;

        options.pool = i & 1 ? pool : NULL;
        shelf->good = 5;
        CU_ASSERT_EQUAL(goxel_mesh_plan(away, &options, NULL, NULL, &mesh), GOXEL_ERROR_FILE_ACCESS);
        CU_ASSERT_PTR_NULL(mesh);
        goxel_volume_destroy(away);
        shelf_end(shelf);
    }
    goxel_pool_destroy(pool);
    goxel_volume_destroy(volume);
}

const struct unit_suite mesh_suite = {
    "mesh",
    (const struct unit_test[]){
        {"meshers have names", meshers_have_names},
        {"it is the same whoever helps", it_is_the_same_whoever_helps},
        {"a plan keeps what it is of", a_plan_keeps_what_it_is_of},
        {"it ends where it is told to", it_ends_where_it_is_told_to},
        {"every allocation may fail", every_allocation_may_fail},
        {"so may every one with helpers", so_may_every_one_with_helpers},
        {"bricks that are away are loaded", bricks_that_are_away_are_loaded},
        {"what cannot be loaded is an error", what_cannot_be_loaded_is_an_error},
        {NULL, NULL},
    },
};
