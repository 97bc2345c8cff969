/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a layer shows, and all visible ones as one volume. Shapes, and the clones from their bases, are drawn here for each
 * version anew: a base may have changed since, and what volume such a layer has of its own means nothing.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "core/away.h"
#include "core/box.h"
#include "core/lattice.h"
#include "core/paint.h"
#include "core/project.h"
#include "core/shown.h"
#include "core/tree.h"

/* How far a matrix may be off: Goxel turns layers with sines and cosines in single precision. */
#define TURN_TOLERANCE 1e-5

/* ---- matrices ---- */

static bool near(double a, double b)
{
    return fabs(a - b) < TURN_TOLERANCE;
}

/* ---- shapes ---- */

/* The one row in which a column has anything to speak of, beside its largest entry; -1: there are several, or none. */
static int row_of(const float column[4])
{
    double largest = fmax(fabs((double)column[0]), fmax(fabs((double)column[1]), fabs((double)column[2])));
    int row = -1;

    for (int i = 0; i < 3; i++) {
        if (fabs((double)column[i]) <= TURN_TOLERANCE * largest)
            continue;
        if (row >= 0)
            return -1;
        row = i;
    }
    return row;
}

/* The matrix takes the shape of half extents 1 around the origin to its place: it may scale and turn by right angles. */
static bool matrix_to_shape(const float mat[16], struct goxel_shape *shape)
{
    bool taken[3] = {false};

    for (int j = 0; j < 3; j++) {
        int row = row_of(mat + 4 * j);

        if (row < 0 || taken[row] || !near(mat[4 * j + 3], 0))
            return false;
        taken[row] = true;
        shape->half[row] = fabs((double)mat[4 * j + row]);
        shape->center[j] = mat[12 + j];
        if (j == 2) /* a cylinder stands along the third axis */
            shape->axis = row;
    }
    return near(mat[15], 1);
}

static const struct goxel_brush *brush_of(const struct goxel_layer *layer, struct goxel_brush *brush)
{
    *brush = (struct goxel_brush){.mode = GOXEL_MODE_OVER, .color = layer->color};
    return brush;
}

static bool shape_of(const struct goxel_layer *layer, struct goxel_shape *ret_shape)
{
    struct goxel_shape shape = {.axis = 2};
    struct goxel_brush brush;

    if (!goxel_shape_named(layer->shape, &shape.kind) || !matrix_to_shape(layer->mat, &shape) ||
        !goxel_shape_valid(&shape) ||
        goxel_paint_bricks(&shape, 1, brush_of(layer, &brush)) > (int64_t)GOXEL_COMPUTED_BRICKS_MAX)
        return false;
    *ret_shape = shape;
    return true;
}

static int paint_shape(const struct goxel_layer *layer, const struct goxel_shape *shape,
                       struct goxel_cancel *cancel, struct goxel_volume **ret_volume)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_brush brush;
    int result = volume ? goxel_paint_shapes(volume, shape, 1, brush_of(layer, &brush), cancel)
                        : GOXEL_ERROR_OUT_OF_MEMORY;

    if (result) {
        goxel_volume_destroy(volume);
        return result;
    }
    goxel_volume_seal(volume);
    *ret_volume = volume;
    return 0;
}

/* ---- what a layer shows ---- */

/* The shape or else the volume of a layer, under a lattice. */
struct content {
    const struct goxel_layer *layer; /* whose it is: the layer itself, or its base */
    struct goxel_lattice lattice;
    bool is_shape;
    struct goxel_shape shape;
};

static bool box_fits(const struct goxel_box *box, const struct goxel_lattice *lattice)
{
    struct goxel_pos pos;

    return goxel_lattice_apply(lattice, box->min, &pos) && goxel_lattice_apply(lattice, box->max, &pos);
}

static bool fits(const struct content *content)
{
    struct goxel_box box;

    return content->is_shape
               ? !goxel_shape_bounds(&content->shape, 0, &box) || box_fits(&box, &content->lattice)
               : !goxel_volume_bounds(content->layer->volume, &box) || box_fits(&box, &content->lattice);
}

/* False: it cannot be drawn. A clone whose base is gone shows its own volume, as in Goxel. */
static bool find_content(const struct goxel_project *project, const struct goxel_layer *layer,
                         struct content *ret_content)
{
    struct content content = {.lattice = goxel_lattice_identity};

    for (int depth = 0; layer->base_id != 0; depth++) {
        const struct goxel_layer *base = goxel_project_layer(project, layer->base_id);
        struct goxel_lattice step;

        if (!base)
            break;
        if (depth == GOXEL_CLONE_DEPTH_MAX || !goxel_lattice_of_matrix(layer->mat, &step))
            return false;
        content.lattice = goxel_lattice_compose(&content.lattice, &step);
        layer = base;
    }
    content.layer = layer;
    content.is_shape = layer->shape[0] != '\0';
    if ((content.is_shape && !shape_of(layer, &content.shape)) || !fits(&content))
        return false;
    *ret_content = content;
    return true;
}

static int count_brick(void *ctx, goxel_link link, struct goxel_pos corner, int level)
{
    size_t *count = ctx;

    (void)corner;
    (void)level;
    *count += goxel_link_is_brick(link);
    return *count > GOXEL_COMPUTED_BRICKS_MAX ? GOXEL_ERROR_QUOTA : 0;
}

/* The shape in its place, where a clone has it if it is one's. */
static int make_shape(const struct content *content, bool moved, struct goxel_cancel *cancel,
                      size_t *computed, struct goxel_volume **ret_volume)
{
    struct goxel_volume *painted = NULL;
    int result = paint_shape(content->layer, &content->shape, cancel, &painted);

    if (!result && !moved) {
        result = computed ? goxel_tree_walk(painted, NULL, count_brick, computed) : 0;
        if (!result) {
            *ret_volume = painted;
            return 0;
        }
    }
    if (!result)
        result = goxel_volume_transform(painted, &content->lattice, cancel, computed, ret_volume);
    goxel_volume_destroy(painted);
    return result;
}

static bool is_moved(const struct goxel_lattice *lattice)
{
    return memcmp(lattice, &goxel_lattice_identity, sizeof(*lattice)) != 0;
}

/* What it comes to, of which nothing may be changed; in *ret_own, if it had to be made, what to destroy after. */
static int make_volume(const struct content *content, struct goxel_cancel *cancel, size_t *computed,
                       const struct goxel_volume **ret_volume, struct goxel_volume **ret_own)
{
    bool moved = is_moved(&content->lattice);
    struct goxel_volume *own = NULL;
    int result = 0;

    if (content->is_shape)
        result = make_shape(content, moved, cancel, computed, &own);
    else if (moved)
        result = goxel_volume_transform(content->layer->volume, &content->lattice, cancel, computed, &own);
    if (result)
        return result;
    *ret_own = own;
    *ret_volume = own ? own : content->layer->volume;
    return 0;
}

size_t goxel_project_undrawn(const struct goxel_project *project)
{
    struct content content;
    size_t undrawn = 0;

    for (size_t i = 0; i < project->layer_count; i++)
        undrawn += project->layers[i]->visible && !find_content(project, project->layers[i], &content);
    return undrawn;
}

int64_t goxel_layer_shown_bricks(const struct goxel_project *project, const struct goxel_layer *layer)
{
    struct content content;
    struct goxel_brush brush;

    if (!find_content(project, layer, &content))
        return 0;
    return content.is_shape ? goxel_paint_bricks(&content.shape, 1, brush_of(content.layer, &brush))
                            : goxel_volume_bricks(content.layer->volume);
}

/* Inside a shape bricks are of one colour: each row of bricks enters it once, and leaves it once. */
static int64_t surface_bricks(const struct goxel_shape *shape)
{
    struct goxel_box box;
    int64_t all, x, y, z, surface;

    if (!goxel_shape_bounds(shape, 0, &box))
        return 0;
    all = goxel_box_bricks(&box);
    x = goxel_box_bricks(&(struct goxel_box){{box.min.x, 0, 0}, {box.max.x, 0, 0}});
    y = goxel_box_bricks(&(struct goxel_box){{0, box.min.y, 0}, {0, box.max.y, 0}});
    z = goxel_box_bricks(&(struct goxel_box){{0, 0, box.min.z}, {0, 0, box.max.z}});
    surface = 2 * (x * y + y * z + z * x);
    return surface < all ? surface : all;
}

int goxel_project_check_shapes(const struct goxel_project *project, struct goxel_detail *detail)
{
    const int64_t max = (int64_t)GOXEL_COMPUTED_BRICKS_MAX;
    struct goxel_shape shape;
    int64_t bricks = 0;

    for (size_t i = 0; i < project->layer_count; i++) {
        const struct goxel_layer *layer = project->layers[i];

        if (layer->shape[0] && layer->base_id == 0 && shape_of(layer, &shape))
            bricks += surface_bricks(&shape);
    }
    return bricks > max ? goxel_fail_limit(detail, GOXEL_ERROR_QUOTA, "bricks of shape layers", max, bricks)
                        : 0;
}

bool goxel_layer_is_drawn(const struct goxel_project *project, const struct goxel_layer *layer)
{
    struct content content;

    return goxel_layer_is_plain(layer) || find_content(project, layer, &content);
}

size_t goxel_project_unshown(const struct goxel_project *project)
{
    size_t unshown = 0;

    for (size_t i = 0; i < project->layer_count; i++)
        unshown += !goxel_layer_is_drawn(project, project->layers[i]);
    return unshown;
}

/* What was made of bricks that could not be read is not for others. */
static void keep_shown(const struct goxel_project *project, const struct goxel_layer *layer,
                       struct goxel_volume *volume, size_t computed, uint64_t failures)
{
    if (goxel_away_failures() == failures)
        goxel_shown_keep(project, layer->id, volume, computed);
}

/* Of a clone or a shape, which nobody has drawn yet, or which was too much to be kept. */
static int draw_layer(const struct goxel_project *project, const struct goxel_layer *layer,
                      struct goxel_cancel *cancel, struct goxel_sight *ret_sight)
{
    uint64_t failures = goxel_away_failures();
    struct goxel_sight sight = {NULL, NULL};
    struct content content;
    size_t computed = 0;
    int result;

    if (!find_content(project, layer, &content)) {
        sight.volume = sight.own = goxel_volume_create();
        result = sight.own ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
    } else {
        result = make_volume(&content, cancel, &computed, &sight.volume, &sight.own);
        if (!result && sight.own)
            keep_shown(project, layer, sight.own, computed, failures);
    }
    if (!result)
        *ret_sight = sight;
    return result;
}

int goxel_layer_see(const struct goxel_project *project, const struct goxel_layer *layer,
                    struct goxel_cancel *cancel, struct goxel_sight *ret_sight)
{
    const struct goxel_shown *known;

    if (goxel_layer_is_plain(layer)) {
        *ret_sight = (struct goxel_sight){layer->volume, NULL};
        return 0;
    }
    known = goxel_shown_find(project, layer->id);
    if (!known || !known->volume)
        return draw_layer(project, layer, cancel, ret_sight);
    *ret_sight = (struct goxel_sight){known->volume, NULL};
    return 0;
}

void goxel_sight_finish(struct goxel_sight *sight)
{
    goxel_volume_destroy(sight->own);
}

int goxel_layer_shown(const struct goxel_project *project, const struct goxel_layer *layer,
                      struct goxel_cancel *cancel, struct goxel_volume **ret_volume)
{
    struct goxel_sight sight;
    int result;

    if (!goxel_layer_is_drawn(project, layer))
        return GOXEL_ERROR_BAD_PROJECT_STATE;
    result = goxel_layer_see(project, layer, cancel, &sight);
    if (result)
        return result;
    if (!sight.own && !(sight.own = goxel_volume_copy(sight.volume)))
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_volume = sight.own;
    return 0;
}

/* ---- what there is to say of it, without it ---- */

/* Of a shape layer: it is drawn for that, once for each version. */
static struct goxel_shown facts_of_shape(const struct goxel_project *project, const struct goxel_layer *layer)
{
    const struct goxel_shown *known = goxel_shown_find(project, layer->id);
    struct goxel_shown facts = {.voxels = 0};
    struct goxel_sight sight;

    if (known)
        return *known;
    if (!goxel_layer_see(project, layer, NULL, &sight)) {
        facts = goxel_shown_of(sight.volume);
        goxel_sight_finish(&sight);
    }
    return facts;
}

/* The box that its two corners come to; they lead to places, as the content fits. */
static struct goxel_box box_under(const struct goxel_lattice *lattice, const struct goxel_box *box)
{
    struct goxel_box ends[2] = {{box->min, box->min}, {box->max, box->max}}, moved = goxel_box_nowhere;

    for (int i = 0; i < 2; i++) {
        (void)goxel_lattice_apply(lattice, ends[i].min, &ends[i].min);
        ends[i].max = ends[i].min;
        goxel_box_widen(&moved, &ends[i]);
    }
    return moved;
}

static struct goxel_shown facts_of(const struct goxel_project *project, const struct goxel_layer *layer)
{
    struct goxel_shown facts = {.voxels = 0};
    struct content content;

    if (!find_content(project, layer, &content))
        return facts;
    facts = content.is_shape ? facts_of_shape(project, content.layer) : goxel_shown_of(content.layer->volume);
    if (facts.any)
        facts.bounds = box_under(&content.lattice, &facts.bounds);
    return facts;
}

int64_t goxel_layer_voxels(const struct goxel_project *project, const struct goxel_layer *layer)
{
    return goxel_layer_is_plain(layer) ? goxel_volume_count(layer->volume) : facts_of(project, layer).voxels;
}

bool goxel_layer_bounds(const struct goxel_project *project, const struct goxel_layer *layer,
                        struct goxel_box *ret_box)
{
    struct goxel_shown facts;

    if (goxel_layer_is_plain(layer))
        return goxel_volume_bounds(layer->volume, ret_box);
    facts = facts_of(project, layer);
    if (facts.any)
        *ret_box = facts.bounds;
    return facts.any;
}

/* ---- flatten ---- */

/* What is drawn, and what it has cost so far: the ceiling is the picture's, not each layer's. */
struct picture {
    struct goxel_volume *volume;
    size_t computed;
};

static int draw(const struct goxel_project *project, const struct goxel_layer *layer,
                struct goxel_cancel *cancel, struct picture *picture)
{
    const struct goxel_volume *volume;
    struct goxel_volume *own;
    struct content content;
    int result;

    if (!find_content(project, layer, &content))
        return 0;
    result = make_volume(&content, cancel, &picture->computed, &volume, &own);
    if (result)
        return result;
    result = goxel_volume_merge(picture->volume, volume, layer->mode, cancel, &picture->computed);
    goxel_volume_destroy(own);
    return result;
}

static int draw_all(const struct goxel_project *project, struct goxel_cancel *cancel,
                    struct picture *ret_picture)
{
    struct picture picture = {.volume = goxel_volume_create()};
    int result = picture.volume ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    for (size_t i = 0; i < project->layer_count && !result; i++) {
        result = goxel_cancel_check(cancel);
        if (!result && project->layers[i]->visible)
            result = draw(project, project->layers[i], cancel, &picture);
    }
    if (result) {
        goxel_volume_destroy(picture.volume);
        return result;
    }
    *ret_picture = picture;
    return 0;
}

/* Whoever comes first leaves a copy; without memory for it the next one draws again. */
static void keep(const struct goxel_project *project, const struct picture *picture)
{
    _Atomic(struct goxel_volume *) *place = &((struct goxel_project *)project)->picture;
    struct goxel_volume *none = NULL, *copy;

    if (!project->is_version || picture->computed > GOXEL_PICTURE_BRICKS_MAX)
        return;
    copy = goxel_volume_copy(picture->volume);
    if (!atomic_compare_exchange_strong_explicit(place, &none, copy, memory_order_acq_rel,
                                                 memory_order_acquire))
        goxel_volume_destroy(copy);
}

int goxel_project_flatten(const struct goxel_project *project, struct goxel_cancel *cancel,
                          struct goxel_volume **ret_volume)
{
    const struct goxel_volume *known = atomic_load_explicit(&project->picture, memory_order_acquire);
    struct picture picture;
    int result;

    if (known) {
        struct goxel_volume *copy = goxel_volume_copy(known);

        if (!copy)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        *ret_volume = copy;
        return 0;
    }
    result = draw_all(project, cancel, &picture);
    if (result)
        return result;
    keep(project, &picture);
    *ret_volume = picture.volume;
    return 0;
}
