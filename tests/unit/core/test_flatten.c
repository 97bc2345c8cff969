/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The picture of a project. The expectations about clones are what Goxel 0.11 exports, but for clones
 * of clones, which its export from the command line leaves out.
 */
#include "core/project.h"

#include <pthread.h>

#include "base/error.h"
#include "core/head.h"
#include "core/shown.h"
#include "naive.h"

static const struct goxel_color red = {255, 0, 0, 255}, blue = {0, 0, 255, 255};

static struct goxel_layer *new_layer(struct goxel_project *project)
{
    struct goxel_layer *layer = NULL;

    goxel_project_add_layer(project, NULL, -1, &layer, NULL);
    return layer;
}

static struct goxel_volume *flattened(const struct goxel_project *project)
{
    struct goxel_volume *volume = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_project_flatten(project, NULL, &volume), 0);
    return volume;
}

static bool is_at(const struct goxel_volume *volume, int x, int y, int z, struct goxel_color color)
{
    return same_color(goxel_volume_get_at(volume, at(x, y, z)), color);
}

static void upper_layers_cover_lower_ones(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *bottom = new_layer(project), *top = new_layer(project), *hidden = new_layer(project);
    struct goxel_volume *picture;

    hidden->visible = false;
    goxel_volume_set_at(bottom->volume, at(0, 0, 0), red);
    goxel_volume_set_at(bottom->volume, at(1, 0, 0), red);
    goxel_volume_set_at(top->volume, at(1, 0, 0), blue);
    goxel_volume_set_at(top->volume, at(2, 0, 0), rgba(9, 9, 9, 5));
    goxel_volume_set_at(hidden->volume, at(0, 0, 0), blue);
    goxel_volume_set_at(hidden->volume, at(3, 0, 0), blue);
    picture = flattened(project);
    CU_ASSERT_EQUAL(goxel_volume_count(picture), 3);
    CU_ASSERT(is_at(picture, 0, 0, 0, red));
    CU_ASSERT(is_at(picture, 1, 0, 0, blue));
    CU_ASSERT(is_at(picture, 2, 0, 0, rgba(9, 9, 9, 5)));
    goxel_volume_set_at(picture, at(0, 0, 0), blue); /* it is the caller's alone */
    CU_ASSERT(is_at(bottom->volume, 0, 0, 0, red));
    goxel_volume_destroy(picture);
    goxel_project_unref(project);
}

static void no_layer_is_an_empty_picture(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_volume *picture = flattened(project);

    CU_ASSERT_EQUAL(goxel_volume_count(picture), 0);
    goxel_volume_destroy(picture);
    goxel_project_unref(project);
}

static void set_move(float mat[16], float x, float y, float z)
{
    mat[12] = x;
    mat[13] = y;
    mat[14] = z;
}

/* A hidden base with three voxels, and a visible clone of it. */
static struct goxel_layer *new_clone(struct goxel_project *project)
{
    struct goxel_layer *base = new_layer(project), *clone = new_layer(project);

    goxel_volume_set_at(base->volume, at(0, 0, 0), red);
    goxel_volume_set_at(base->volume, at(3, 0, 0), red);
    goxel_volume_set_at(base->volume, at(15, 15, 15), red);
    base->visible = false;
    clone->base_id = base->id;
    return clone;
}

static void clones_show_their_base_moved(void)
{
    static const struct {
        float mat[16];
        struct goxel_pos at[3];
    } cases[] = {
        {{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}, {{0, 0, 0}, {3, 0, 0}, {15, 15, 15}}},
        {{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 5, -20, 7, 1}, {{5, -20, 7}, {8, -20, 7}, {20, -5, 22}}},
        {{0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}, {{0, 0, 0}, {0, 3, 0}, {-15, 15, 15}}},
        {{-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}, {{0, 0, 0}, {-3, 0, 0}, {-15, 15, 15}}},
        {{-4.371e-8f, 1, 0, 0, -1, -4.371e-8f, 0, 0, 0, 0, 1, 0, 7, -3, 33, 1},
         {{7, -3, 33}, {7, 0, 33}, {-8, 12, 48}}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_project *project = goxel_project_create("p");
        struct goxel_layer *clone = new_clone(project);
        struct goxel_volume *picture;

        memcpy(clone->mat, cases[i].mat, sizeof(clone->mat));
        goxel_volume_set_at(clone->volume, at(50, 50, 50), blue); /* a clone's own voxels mean nothing */
        CU_ASSERT_EQUAL(goxel_project_undrawn(project), 0);
        picture = flattened(project);
        CU_ASSERT_EQUAL(goxel_volume_count(picture), 3);
        for (int k = 0; k < 3; k++)
            CU_ASSERT(same_color(goxel_volume_get_at(picture, cases[i].at[k]), red));
        goxel_volume_destroy(picture);
        goxel_project_unref(project);
    }
}

static void clones_of_clones_add_up(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *first = new_clone(project), *second = new_layer(project);
    struct goxel_volume *picture;

    static const float turn[16] = {0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};

    first->visible = false;
    set_move(first->mat, 1, 2, 0);
    memcpy(second->mat, turn, sizeof(turn)); /* moved first, turned then */
    second->base_id = first->id;
    picture = flattened(project);
    CU_ASSERT_EQUAL(goxel_volume_count(picture), 3);
    CU_ASSERT(is_at(picture, -2, 1, 0, red));
    CU_ASSERT(is_at(picture, -2, 4, 0, red));
    CU_ASSERT(is_at(picture, -17, 16, 15, red));
    goxel_volume_destroy(picture);
    goxel_project_unref(project);
}

static void clone_without_base_shows_itself(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *clone = new_layer(project);
    struct goxel_volume *picture;

    clone->base_id = 77;
    set_move(clone->mat, 5, 0, 0);
    goxel_volume_set_at(clone->volume, at(1, 2, 3), blue);
    picture = flattened(project);
    CU_ASSERT_EQUAL(goxel_volume_count(picture), 1);
    CU_ASSERT(is_at(picture, 1, 2, 3, blue));
    goxel_volume_destroy(picture);
    goxel_project_unref(project);
}

static void what_cannot_be_drawn_is_counted(void)
{
    static const float scaled[16] = {2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1};
    static const float twice[16] = {1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    static const float skewed[16] = {1, 0, 0, 0, 0.5f, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    static const float *const mats[] = {scaled, twice, skewed};
    static const float moves[] = {0.5f, 1e6f, -1e30f};

    for (int i = 0; i < 8; i++) {
        struct goxel_project *project = goxel_project_create("p");
        struct goxel_layer *clone = new_clone(project);
        struct goxel_volume *picture;

        if (i < 3)
            memcpy(clone->mat, mats[i], sizeof(clone->mat));
        else if (i < 6)
            set_move(clone->mat, 0, i == 4 ? 2 * moves[1] : moves[i - 3], 0);
        else if (i == 6)
            clone->base_id = clone->id;
        else
            snprintf(project->layers[0]->shape, sizeof(project->layers[0]->shape), "torus");
        CU_ASSERT_EQUAL(goxel_project_undrawn(project), 1);
        picture = flattened(project);
        CU_ASSERT_EQUAL(goxel_volume_count(picture), 0);
        goxel_volume_destroy(picture);
        clone->visible = false; /* what nobody sees is not missing */
        CU_ASSERT_EQUAL(goxel_project_undrawn(project), 0);
        goxel_project_unref(project);
    }
}

/* Turned by right angles, scaled and moved: the voxels whose centres are inside. */
static void shapes_are_drawn(void)
{
    /* What stands at one end of the first axis comes to lie at the other end of the second one. */
    static const float turned[16] = {0, -3, 0, 0, 0, 0, 2, 0, 4, 0, 0, 0, 10, 20, -30, 1};
    static const struct {
        const char *name;
        int64_t least, most;      /* voxels */
        struct goxel_pos in, out; /* at corners */
    } rows[] = {
        {"cube", 8 * 6 * 4, 8 * 6 * 4, {13, 22, -29}, {14, 22, -29}},
        {"sphere", 80, 130, {13, 20, -30}, {13, 22, -29}},
        {"cylinder", 140, 180, {13, 20, -29}, {13, 22, -29}},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_project *project = goxel_project_create("p");
        struct goxel_layer *layer = NULL, *clone = NULL;
        struct goxel_volume *picture;

        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
        snprintf(layer->shape, sizeof(layer->shape), "%s", rows[i].name);
        memcpy(layer->mat, turned, sizeof(turned));
        layer->color = rgba(1, 2, 3, 255);
        CU_ASSERT_EQUAL(goxel_project_undrawn(project), 0);
        picture = flattened(project);
        CU_ASSERT(goxel_volume_count(picture) >= rows[i].least &&
                  goxel_volume_count(picture) <= rows[i].most);
        CU_ASSERT(same_color(goxel_volume_get_at(picture, rows[i].in), layer->color));
        CU_ASSERT_EQUAL(goxel_volume_get_at(picture, rows[i].out).a, 0);
        goxel_volume_destroy(picture);

        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &clone, NULL), 0);
        clone->base_id = layer->id;
        set_move(clone->mat, 100, 0, 0);
        layer->visible = false;
        picture = flattened(project);
        CU_ASSERT(same_color(goxel_volume_get_at(picture, at(rows[i].in.x + 100, rows[i].in.y, rows[i].in.z)),
                             rgba(1, 2, 3, 255)));
        CU_ASSERT_EQUAL(goxel_volume_get_at(picture, rows[i].in).a, 0);
        goxel_volume_destroy(picture);
        goxel_project_unref(project);
    }
}

/* What counts is what had to be computed: not the inside of a large cube, and all of many thin plates. */
static void shapes_have_a_ceiling(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_volume *picture = NULL;
    /* A turn by sines and cosines leaves next to nothing where nothing should be. */
    static const float large[16] = {0, 400, 0, 0, -400, 2e-5f, 0, 0, 0, 0, 400, 0, 0, 0, 0, 1};
    static const float plate[16] = {2800, 0, 0, 0, 0, 2800, 0, 0, 0, 0, 0.5f, 0, 0, 0, 0.5f, 1};

    for (int i = 0; i < 2; i++) { /* one upon the other, a little aside */
        struct goxel_layer *layer = NULL;

        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
        snprintf(layer->shape, sizeof(layer->shape), "cube");
        memcpy(layer->mat, large, sizeof(large));
        layer->mat[12] = (float)i * 9;
        layer->color = rgba(1, 2, 3, i ? 100 : 255);
    }
    CU_ASSERT_EQUAL(goxel_project_undrawn(project), 0);
    picture = flattened(project);
    CU_ASSERT_EQUAL(goxel_volume_count(picture), (int64_t)809 * 800 * 800);
    goxel_volume_destroy(picture);
    goxel_project_unref(project);

    project = goxel_project_create("p");
    for (int i = 0; i < 3; i++) {
        struct goxel_layer *layer = NULL;

        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
        snprintf(layer->shape, sizeof(layer->shape), "cube");
        memcpy(layer->mat, plate, sizeof(plate));
        layer->mat[14] += (float)i * 100;
        layer->color = rgba(1, 2, 3, 255);
    }
    CU_ASSERT_EQUAL(goxel_project_undrawn(project), 0);
    picture = NULL;
    CU_ASSERT_EQUAL(goxel_project_flatten(project, NULL, &picture), GOXEL_ERROR_QUOTA);
    CU_ASSERT_PTR_NULL(picture);
    goxel_project_unref(project);
}

static void shapes_that_are_none_are_left_out(void)
{
    static const float flat[16] = {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1};
    static const float skewed[16] = {2, 1, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1};
    static const float twice[16] = {2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1};
    static const float huge[16] = {1e6f, 0, 0, 0, 0, 1e6f, 0, 0, 0, 0, 1e6f, 0, 0, 0, 0, 1};
    static const float wrong[16] = {NAN, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, INFINITY, 0, 1};
    static const float *const mats[] = {flat, skewed, twice, huge, wrong};

    for (size_t i = 0; i < sizeof(mats) / sizeof(mats[0]); i++) {
        struct goxel_project *project = goxel_project_create("p");
        struct goxel_layer *layer = NULL;
        struct goxel_volume *picture;

        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &layer, NULL), 0);
        snprintf(layer->shape, sizeof(layer->shape), "sphere");
        memcpy(layer->mat, mats[i], sizeof(layer->mat));
        layer->color = rgba(1, 2, 3, 255);
        CU_ASSERT_EQUAL(goxel_project_undrawn(project), 1);
        picture = flattened(project);
        CU_ASSERT_EQUAL(goxel_volume_count(picture), 0);
        goxel_volume_destroy(picture);
        goxel_project_unref(project);
    }
}

static void cancel_and_memory_end_it(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *clone = new_clone(project), *shape = NULL;
    struct goxel_volume *picture = NULL;
    struct goxel_cancel cancel;
    int result = GOXEL_ERROR_OUT_OF_MEMORY, n = 0;

    set_move(clone->mat, 3, 3, 3);
    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &shape, NULL), 0);
    shape->base_id = clone->base_id;
    memcpy(shape->mat, clone->mat, sizeof(shape->mat));
    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, NULL, -1, &shape, NULL), 0);
    snprintf(shape->shape, sizeof(shape->shape), "cylinder");
    shape->color = rgba(9, 9, 9, 255);
    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(goxel_project_flatten(project, &cancel, &picture), GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_PTR_NULL(picture);
    for (; result == GOXEL_ERROR_OUT_OF_MEMORY && n < 1000; n++) {
        CU_ASSERT_PTR_NULL(picture);
        unit_fail_allocation(n);
        result = goxel_project_flatten(project, NULL, &picture);
        unit_fail_allocation(-1);
    }
    CU_ASSERT_EQUAL(result, 0);
    CU_ASSERT(n > 5);
    goxel_volume_destroy(picture);
    goxel_project_unref(project);
}

/* ---- what a layer shows ---- */

/* Layers: 1 the base, 2 a clone of it turned and moved, 3 a cube of 4³, 4 a clone of the cube, 5 is not drawn. */
static struct goxel_project *new_shown(void)
{
    static const float turned[16] = {0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 7, -3, 33, 1};
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *clone = new_clone(project), *shape = new_layer(project), *other = new_layer(project),
                       *undrawn = new_layer(project);

    memcpy(clone->mat, turned, sizeof(clone->mat));
    snprintf(shape->shape, sizeof(shape->shape), "cube");
    shape->mat[0] = shape->mat[5] = shape->mat[10] = 2;
    shape->color = blue;
    other->base_id = shape->id;
    set_move(other->mat, 100, 0, 1);
    undrawn->base_id = clone->base_id;
    undrawn->mat[0] = 2;
    goxel_project_seal(project);
    return project;
}

/* The three ways to ask agree. */
static void check_layer(const struct goxel_project *project, int id, int64_t voxels, struct goxel_box box)
{
    const struct goxel_layer *layer = goxel_project_layer(project, id);
    struct goxel_volume *volume = NULL;
    struct goxel_box bounds = {0};
    struct goxel_sight sight;

    CU_ASSERT(goxel_layer_is_drawn(project, layer));
    CU_ASSERT_EQUAL(goxel_layer_voxels(project, layer), voxels);
    CU_ASSERT(goxel_layer_bounds(project, layer, &bounds));
    CU_ASSERT_EQUAL(memcmp(&bounds, &box, sizeof(box)), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_layer_shown(project, layer, NULL, &volume), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_layer_see(project, layer, NULL, &sight), 0);
    CU_ASSERT(goxel_volume_equal(sight.volume, volume));
    CU_ASSERT_EQUAL(goxel_volume_count(volume), voxels);
    CU_ASSERT(goxel_volume_bounds(volume, &bounds));
    CU_ASSERT_EQUAL(memcmp(&bounds, &box, sizeof(box)), 0);
    goxel_sight_finish(&sight);
    goxel_volume_destroy(volume);
}

static void what_a_layer_shows_can_be_seen(void)
{
    struct goxel_project *project = new_shown();
    const struct goxel_layer *undrawn = goxel_project_layer(project, 5);
    struct goxel_volume *volume = NULL;
    struct goxel_sight sight;
    struct goxel_box box;

    for (int version = 0; version < 2; version++) { /* as it is made, and as it is read */
        project->is_version = version;
        check_layer(project, 1, 3, (struct goxel_box){{0, 0, 0}, {15, 15, 15}});
        check_layer(project, 2, 3, (struct goxel_box){{-8, -3, 33}, {7, 12, 48}});
        check_layer(project, 3, 64, (struct goxel_box){{-2, -2, -2}, {1, 1, 1}});
        check_layer(project, 4, 64, (struct goxel_box){{98, -2, -1}, {101, 1, 2}});
        CU_ASSERT_EQUAL(goxel_project_voxels(project), 3 + 3 + 64 + 64);
        CU_ASSERT_EQUAL(goxel_project_unshown(project), 1);
        CU_ASSERT(!goxel_layer_is_drawn(project, undrawn));
        CU_ASSERT_EQUAL(goxel_layer_voxels(project, undrawn), 0);
        CU_ASSERT(!goxel_layer_bounds(project, undrawn, &box));
        CU_ASSERT_EQUAL_FATAL(goxel_layer_see(project, undrawn, NULL, &sight), 0);
        CU_ASSERT_EQUAL(goxel_volume_count(sight.volume), 0);
        goxel_sight_finish(&sight);
        CU_ASSERT_EQUAL(goxel_layer_shown(project, undrawn, NULL, &volume), GOXEL_ERROR_BAD_PROJECT_STATE);
    }
    goxel_project_unref(project);
}

/* An edit reads itself: what it has asked of is not what it will be. */
static void edits_see_what_they_made(void)
{
    struct goxel_project *project = new_shown(), *edit;
    struct goxel_layer *base;

    project->is_version = true;
    check_layer(project, 2, 3, (struct goxel_box){{-8, -3, 33}, {7, 12, 48}});
    edit = goxel_project_copy(project);
    base = goxel_project_own_layer(edit, goxel_project_layer(edit, 1));
    goxel_volume_set_at(base->volume, at(0, 0, 20), blue);
    check_layer(edit, 2, 4, (struct goxel_box){{-8, -3, 33}, {7, 12, 53}});
    goxel_volume_set_at(base->volume, at(0, 0, 20), rgba(0, 0, 0, 0));
    check_layer(edit, 2, 3, (struct goxel_box){{-8, -3, 33}, {7, 12, 48}});
    check_layer(project, 2, 3, (struct goxel_box){{-8, -3, 33}, {7, 12, 48}});
    goxel_project_unref(edit);
    goxel_project_unref(project);
}

static const struct goxel_volume *kept_of(const struct goxel_project *project, int id)
{
    struct goxel_sight sight = {NULL, NULL};

    CU_ASSERT_EQUAL_FATAL(goxel_layer_see(project, goxel_project_layer(project, id), NULL, &sight), 0);
    goxel_sight_finish(&sight);
    return sight.own ? NULL : sight.volume;
}

static void *see_all(void *ctx)
{
    const struct goxel_project *project = ctx;
    int64_t voxels = 0;

    for (int id = 1; id <= 5; id++) {
        struct goxel_sight sight;

        voxels += goxel_layer_voxels(project, goxel_project_layer(project, id));
        if (goxel_layer_see(project, goxel_project_layer(project, id), NULL, &sight))
            return NULL;
        voxels += goxel_volume_count(sight.volume);
        goxel_sight_finish(&sight);
    }
    return voxels == 2 * (3 + 3 + 64 + 64) ? ctx : NULL;
}

static void versions_keep_what_is_seen(void)
{
    struct goxel_project *project = new_shown();
    const struct goxel_volume *first;
    pthread_t threads[8];
    void *result;

    (void)kept_of(project, 2);
    CU_ASSERT_PTR_NULL(kept_of(project, 2)); /* it may change yet */
    project->is_version = true;
    for (size_t i = 0; i < 8; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, see_all, project), 0);
    for (size_t i = 0; i < 8; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], &result), 0);
        CU_ASSERT_PTR_EQUAL(result, project);
    }
    for (int id = 2; id <= 4; id++) {
        first = kept_of(project, id);
        CU_ASSERT_PTR_NOT_NULL(first);
        CU_ASSERT_PTR_EQUAL(kept_of(project, id), first);
    }
    goxel_project_unref(project);
}

/* Of a version's clones no more than so many bricks stay: the rest is drawn each time, and counted all the same. */
static void what_is_kept_has_a_ceiling(void)
{
    struct goxel_project *project = goxel_project_create("p");
    struct goxel_layer *base = new_layer(project), *clone = new_layer(project), *small = new_layer(project);
    int side = 24; /* bricks: more than GOXEL_PICTURE_BRICKS_MAX */

    for (int i = 0; i < side * side * side; i++)
        goxel_volume_set_at(base->volume, at(16 * (i % side), 16 * (i / side % side), 16 * (i / side / side)),
                            red);
    clone->base_id = base->id;
    set_move(clone->mat, 3, 0, 0);
    snprintf(small->shape, sizeof(small->shape), "sphere");
    small->color = red;
    goxel_project_seal(project);
    project->is_version = true;
    (void)kept_of(project, clone->id);
    CU_ASSERT_PTR_NULL(kept_of(project, clone->id));
    CU_ASSERT_EQUAL(goxel_layer_voxels(project, clone), side * side * side);
    (void)kept_of(project, small->id);
    CU_ASSERT_PTR_NOT_NULL(kept_of(project, small->id));
    goxel_project_unref(project);
}

static void seeing_ends_with_cancel_and_memory(void)
{
    struct goxel_project *project = new_shown();
    struct goxel_sight sight = {NULL, NULL};
    struct goxel_cancel cancel;
    int n = 0;

    project->is_version = true;
    goxel_cancel_init(&cancel, 0);
    goxel_cancel_raise(&cancel, GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(goxel_layer_see(project, goxel_project_layer(project, 2), &cancel, &sight),
                    GOXEL_ERROR_SHUTTING_DOWN);
    CU_ASSERT_PTR_NULL(sight.volume);
    for (int id = 2; id <= 5; id++) {
        int result = GOXEL_ERROR_OUT_OF_MEMORY;

        for (int i = 0; result == GOXEL_ERROR_OUT_OF_MEMORY && i < 1000; i++, n++) {
            unit_fail_allocation(i);
            result = goxel_layer_see(project, goxel_project_layer(project, id), NULL, &sight);
            unit_fail_allocation(-1);
        }
        CU_ASSERT_EQUAL(result, 0);
        goxel_sight_finish(&sight);
    }
    CU_ASSERT(n > 8);
    CU_ASSERT_EQUAL(goxel_project_voxels(project), 3 + 3 + 64 + 64); /* what was not kept is drawn again */
    goxel_project_unref(project);
}

/* Of what an edit has not touched nothing is drawn again. */
static void versions_know_the_shapes_of_those_before(void)
{
    struct goxel_head *head = goxel_head_create(new_shown());
    struct goxel_project *first = goxel_head_snapshot(head), *second;
    const struct goxel_shown *facts;
    struct goxel_edit edit;

    goxel_project_unref(first); /* the head has its own */
    CU_ASSERT_EQUAL(goxel_project_voxels(first), 3 + 3 + 64 + 64);
    for (int touched = 0; touched <= 1; touched++) {
        CU_ASSERT_EQUAL_FATAL(goxel_head_begin(head, &edit), 0);
        if (touched) {
            struct goxel_layer *shape = goxel_project_own_layer(edit.project,
                                                                goxel_project_layer(edit.project, 3));

            shape->mat[0] = 4;
        } else {
            goxel_project_own_layer(edit.project, goxel_project_layer(edit.project, 1))->visible = false;
        }
        CU_ASSERT_EQUAL_FATAL(goxel_head_commit(head, &edit, NULL, NULL), 0);
        second = goxel_head_snapshot(head);
        facts = goxel_shown_find(second, 3);
        CU_ASSERT_EQUAL(facts != NULL, !touched);
        CU_ASSERT_EQUAL(touched || (facts && facts->voxels == 64 && facts->volume), true);
        CU_ASSERT_PTR_NULL(goxel_shown_find(second, 2)); /* its base may have changed */
        CU_ASSERT_EQUAL(goxel_project_voxels(second), 3 + 3 + 2 * (touched ? 128 : 64));
        goxel_project_unref(second);
    }
    goxel_project_unref(first);
    goxel_head_destroy(head);
}

static const struct unit_test tests[] = {
    {"upper layers cover lower ones", upper_layers_cover_lower_ones},
    {"shapes are drawn", shapes_are_drawn},
    {"shapes have a ceiling", shapes_have_a_ceiling},
    {"shapes that are none are left out", shapes_that_are_none_are_left_out},
    {"no layer is an empty picture", no_layer_is_an_empty_picture},
    {"clones show their base moved", clones_show_their_base_moved},
    {"clones of clones add up", clones_of_clones_add_up},
    {"a clone without base shows itself", clone_without_base_shows_itself},
    {"what cannot be drawn is counted", what_cannot_be_drawn_is_counted},
    {"cancel and memory end it", cancel_and_memory_end_it},
    {"what a layer shows can be seen", what_a_layer_shows_can_be_seen},
    {"edits see what they made", edits_see_what_they_made},
    {"versions keep what is seen", versions_keep_what_is_seen},
    {"versions know the shapes of those before", versions_know_the_shapes_of_those_before},
    {"what is kept has a ceiling", what_is_kept_has_a_ceiling},
    {"seeing ends with cancel and memory", seeing_ends_with_cancel_and_memory},
    {NULL, NULL},
};

const struct unit_suite suite_flatten = {"flatten", tests};
