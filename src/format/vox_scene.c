/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models and nodes of a .vox file into layers. Whatever the nodes are, each is gone through once, and on no stack of the machine's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/colors.h"
#include "format/vox.h"

/*
 * A model is taken apart once, except where it is a part of several layers, which no program writes: so many voxels more than
 * the file has bytes may be.
 */
#define VOXELS_MORE ((uint64_t)1 << 22)

/* ---- a model ---- */

/*
 * A model's voxels are spread over pages, one for each brick that they may come to, as indices of colours. A voxel's byte on each
 * axis is a number to be added to those of the others: which page, and where there.
 */
struct spread {
    uint32_t place[3][256];
    struct goxel_pos corner; /* of the first page */
    int32_t pages[3];        /* along each axis, x fastest */
};

struct bytes_range {
    uint8_t low[3], high[3];
};

#define LANES \
    64 /* bytes looked at together, of whole voxels: a few instructions, where the compiler knows them */

static void widen(uint8_t *restrict low, uint8_t *restrict high, const uint8_t *restrict bytes)
{
    for (size_t i = 0; i < LANES; i++) {
        low[i] = bytes[i] < low[i] ? bytes[i] : low[i];
        high[i] = bytes[i] > high[i] ? bytes[i] : high[i];
    }
}

/* Of one voxel at least. */
static struct bytes_range range_of(const struct goxel_vox_model *model)
{
    struct bytes_range range = {{255, 255, 255}, {0, 0, 0}};
    size_t len = (size_t)model->count * 4, done = 0;
    uint8_t low[LANES], high[LANES], rest[LANES];

    memset(low, 255, sizeof(low));
    memset(high, 0, sizeof(high));
    for (; len - done >= LANES; done += LANES)
        widen(low, high, model->voxels + done);
    for (size_t i = 0; i < LANES && done < len; i += 4) /* the last ones, over and over */
        memcpy(rest + i, model->voxels + done + i % (len - done), 4);
    if (done < len)
        widen(low, high, rest);
    for (size_t i = 0; i < LANES; i++) {
        if (i % 4 == 3) /* colours */
            continue;
        range.low[i % 4] = low[i] < range.low[i % 4] ? low[i] : range.low[i % 4];
        range.high[i % 4] = high[i] > range.high[i % 4] ? high[i] : range.high[i % 4];
    }
    return range;
}

/* Where the voxels lie along an axis of the project. False: too far out for a number. */
static bool find_pages(struct spread *spread, const struct goxel_lattice *place,
                       const struct bytes_range *range, int to, int32_t *ret_corner)
{
    int from = place->source[to];
    int64_t one = place->move[to] + (int64_t)place->sign[to] * range->low[from];
    int64_t other = place->move[to] + (int64_t)place->sign[to] * range->high[from];
    int64_t low = one < other ? one : other, high = one < other ? other : one;

    if (low < GOXEL_COORD_MIN || high > GOXEL_COORD_MAX)
        return false;
    *ret_corner = (int32_t)low & ~(GOXEL_BRICK_SIZE - 1);
    spread->pages[to] = ((int32_t)high - *ret_corner) / GOXEL_BRICK_SIZE + 1;
    return true;
}

static void fill_places(struct spread *spread, const struct goxel_lattice *place,
                        const struct bytes_range *range, int to, int32_t corner, uint32_t page_step,
                        uint32_t voxel_step)
{
    int from = place->source[to];

    for (int i = range->low[from]; i <= range->high[from]; i++) {
        uint32_t at = (uint32_t)(place->sign[to] * i + (int32_t)place->move[to] - corner);

        spread->place[from][i] = at / GOXEL_BRICK_SIZE * page_step * GOXEL_BRICK_VOXELS +
                                 at % GOXEL_BRICK_SIZE * voxel_step;
    }
}

/* False: out of the range of coordinates, if only by a voxel. */
static bool plan_spread(struct spread *spread, const struct goxel_vox_model *model,
                        const struct goxel_lattice *place)
{
    struct bytes_range range = range_of(model);
    uint32_t page_step = 1, voxel_step = 1;
    int32_t corner[3];

    for (int to = 0; to < 3; to++) {
        if (!find_pages(spread, place, &range, to, &corner[to]))
            return false;
        fill_places(spread, place, &range, to, corner[to], page_step, voxel_step);
        page_step *= (uint32_t)spread->pages[to];
        voxel_step *= GOXEL_BRICK_SIZE;
    }
    spread->corner = (struct goxel_pos){corner[0], corner[1], corner[2]};
    return true;
}

/* Room for so many pages, all of it empty: at most 17³. */
static int make_room(struct goxel_vox_file *file, size_t pages)
{
    if (pages <= file->pages_room)
        return 0;
    free(file->pages);
    free(file->touched);
    file->pages_room = 0;
    file->pages = calloc(pages, GOXEL_BRICK_VOXELS);
    file->touched = calloc(pages, 1);
    if (!file->pages || !file->touched)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    file->pages_room = pages;
    return 0;
}

/* Returns how many voxels are of empty space. */
static int64_t spread_some(const struct spread *spread, const uint8_t *voxel, uint32_t count, uint8_t *pages,
                           uint8_t *touched)
{
    int64_t empty = 0;

    for (const uint8_t *end = voxel + (size_t)count * 4; voxel < end; voxel += 4) {
        uint32_t at = spread->place[0][voxel[0]] + spread->place[1][voxel[1]] + spread->place[2][voxel[2]];

        pages[at] = voxel[3];
        touched[at / GOXEL_BRICK_VOXELS] = 1;
        empty += voxel[3] == 0;
    }
    return empty;
}

static int spread_all(struct goxel_vox_file *file, const struct goxel_vox_model *model,
                      const struct spread *spread)
{
    int64_t empty = 0;

    for (uint32_t i = 0, step = 1 << 14; i < model->count; i += step) {
        uint32_t count = model->count - i < step ? model->count - i : step;
        int result = goxel_cancel_check(file->import->cancel);

        if (result)
            return result;
        empty += spread_some(spread, model->voxels + (size_t)i * 4, count, file->pages, file->touched);
    }
    goxel_warn(file->import->warnings, "voxels of colour 0, which is empty, left out", empty);
    return 0;
}

/* Among voxels that are there. */
static int add_voxels(struct goxel_volume *volume, struct goxel_pos corner, const struct goxel_color *voxels)
{
    int result = 0;

    for (int i = 0; i < GOXEL_BRICK_VOXELS && !result; i++) {
        struct goxel_pos pos = {corner.x + (i & 15), corner.y + (i >> 4 & 15), corner.z + (i >> 8)};

        if (voxels[i].a)
            result = goxel_volume_set_at(volume, pos, voxels[i]);
    }
    return result;
}

static int put_voxels(struct goxel_volume *volume, struct goxel_pos corner, const struct goxel_color *voxels)
{
    const struct goxel_box box = {corner, {corner.x + 15, corner.y + 15, corner.z + 15}};
    int64_t there = 0;
    int result = 0;

    if (goxel_volume_count(volume) > 0) /* of parts: each brick comes once, unless somebody means ill */
        result = goxel_volume_count_in(volume, &box, NULL, &there);
    if (result)
        return result;
    return there ? add_voxels(volume, corner, voxels) : goxel_volume_set_brick(volume, corner, voxels);
}

/* A page into a brick of the volume; it is empty again. */
static int take_page(struct goxel_vox_file *file, size_t page, struct goxel_pos corner,
                     struct goxel_volume *volume, bool fresh)
{
    uint8_t *indices = file->pages + page * GOXEL_BRICK_VOXELS;
    struct goxel_color voxels[GOXEL_BRICK_VOXELS];

    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        voxels[i] = file->colors[indices[i]];
        file->used[indices[i]] = true;
    }
    memset(indices, 0, GOXEL_BRICK_VOXELS);
    file->touched[page] = 0;
    return fresh ? goxel_volume_set_brick(volume, corner, voxels) : put_voxels(volume, corner, voxels);
}

static int take_pages(struct goxel_vox_file *file, const struct spread *spread, struct goxel_volume *volume)
{
    bool fresh = goxel_volume_count(volume) == 0;
    int32_t x = spread->pages[0], y = spread->pages[1], z = spread->pages[2];
    int result = 0;

    for (int32_t page = 0; page < x * y * z && !result; page++) {
        struct goxel_pos corner = {spread->corner.x + GOXEL_BRICK_SIZE * (page % x),
                                   spread->corner.y + GOXEL_BRICK_SIZE * (page / x % y),
                                   spread->corner.z + GOXEL_BRICK_SIZE * (page / (x * y))};

        if (!file->touched[page])
            continue;
        if (page % 64 == 0)
            result = goxel_cancel_check(file->import->cancel);
        if (!result)
            result = take_page(file, (size_t)page, corner, volume, fresh);
    }
    return result;
}

/* A model's voxels into a volume, each where the lattice puts it. */
static int take_apart(struct goxel_vox_file *file, const struct goxel_vox_model *model,
                      const struct goxel_lattice *place, struct goxel_volume *volume)
{
    int64_t before = goxel_volume_bricks(volume);
    struct spread spread;
    int result;

    if (model->count == 0)
        return 0;
    file->voxels += model->count;
    if (file->voxels > file->import->len + VOXELS_MORE)
        return goxel_fail(file->import->detail, GOXEL_ERROR_QUOTA,
                          "models are parts of so many layers that it takes too long");
    if (!plan_spread(&spread, model, place))
        return GOXEL_ERROR_INVALID_COORDINATES;
    result = make_room(file, (size_t)spread.pages[0] * (size_t)spread.pages[1] * (size_t)spread.pages[2]);
    if (!result)
        result = spread_all(file, model, &spread);
    if (!result)
        result = take_pages(file, &spread, volume);
    file->bricks += goxel_volume_bricks(volume) - before;
    return result ? result : goxel_import_check_bricks(file->import, file->bricks);
}

/* ---- layers ---- */

/* A node that is still to be gone through, with what those above it say. */
struct visit {
    size_t node;
    struct goxel_lattice place; /* from its points to the project's */
    bool hidden;
    struct goxel_vox_text name;
    int32_t layer;            /* the nearest LAYR; -1: none */
    struct goxel_layer *into; /* whose parts are below; NULL: none's */
};

struct scene {
    struct goxel_vox_file *file;
    struct visit *visits; /* a stack; every node is on it once at most */
    size_t count;
};

static int fail_at(struct goxel_vox_file *file, const struct goxel_vox_node *node, int code,
                   const char *expected, int64_t got)
{
    return goxel_fail_at(file->import->detail, code, 0, (int64_t)node->at, "scene: expected %s, got %lld",
                         expected, (long long)got);
}

/* Not by the core's own names, which are looked for among all that there are. */
static int add_layer(struct goxel_vox_file *file, const struct visit *visit, struct goxel_layer **ret_layer)
{
    struct goxel_vox_text name = visit->name;
    int result = goxel_project_add_layer(file->project, "-", -1, ret_layer, file->import->detail);
    struct goxel_layer *layer;

    if (result)
        return result;
    layer = *ret_layer;
    if (!name.bytes && visit->layer >= 0)
        name = file->layers[visit->layer].name;
    (void)snprintf(layer->name, sizeof(layer->name), "Layer.%zu", file->project->layer_count);
    goxel_import_name(file->import, layer->name, name.bytes, name.len);
    layer->visible = !visit->hidden;
    return 0;
}

/* From a model's voxels: its origin is the corner in its middle, and a voxel is a cube from its own corner on. */
static struct goxel_lattice voxels_to_project(const struct goxel_vox_model *model,
                                              const struct goxel_lattice *points)
{
    struct goxel_lattice place = *points;

    for (int i = 0; i < 3; i++)
        place.move[i] -= place.sign[i] * (model->size[place.source[i]] / 2) + (place.sign[i] < 0);
    return place;
}

/* The bounds are asked for once, however many clones there are. */
static bool clone_fits(struct goxel_vox_model *model, const struct goxel_layer *base,
                       const struct goxel_lattice *step)
{
    struct goxel_pos pos;

    model->has_box = model->has_box || goxel_volume_bounds(base->volume, &model->box);
    return !model->has_box || (goxel_lattice_apply(step, model->box.min, &pos) &&
                               goxel_lattice_apply(step, model->box.max, &pos));
}

/* A further showing of a model that a layer has. */
static int make_clone(struct goxel_vox_file *file, struct goxel_vox_model *model,
                      const struct goxel_lattice *place, struct goxel_layer *layer)
{
    struct goxel_lattice back = goxel_lattice_inverse(&model->place);
    struct goxel_lattice step = goxel_lattice_compose(place, &back);
    const struct goxel_layer *base = goxel_project_layer(file->project, model->layer_id);

    if (!clone_fits(model, base, &step))
        return GOXEL_ERROR_INVALID_COORDINATES;
    layer->base_id = base->id;
    goxel_lattice_to_matrix(&step, layer->mat);
    return 0;
}

static int show_model(struct goxel_vox_file *file, const struct visit *visit, struct goxel_vox_model *model)
{
    struct goxel_lattice place = voxels_to_project(model, &visit->place);
    struct goxel_layer *layer;
    int result;

    if (visit->into)
        return take_apart(file, model, &place, visit->into->volume);
    result = add_layer(file, visit, &layer);
    if (result || model->count == 0)
        return result;
    if (model->layer_id)
        return make_clone(file, model, &place, layer);
    model->layer_id = layer->id;
    model->place = place;
    return take_apart(file, model, &place, layer->volume);
}

/* ---- nodes ---- */

static int compare_ids(const void *a, const void *b)
{
    const struct goxel_vox_node *left = a, *right = b;

    return (left->id > right->id) - (left->id < right->id);
}

static int sort_nodes(struct goxel_vox_file *file)
{
    qsort(file->nodes, file->node_count, sizeof(file->nodes[0]), compare_ids);
    for (size_t i = 1; i < file->node_count; i++) {
        if (file->nodes[i].id == file->nodes[i - 1].id)
            return fail_at(file, &file->nodes[i], GOXEL_ERROR_INVALID_DATA, "each node's id once",
                           file->nodes[i].id);
    }
    return 0;
}

/* Puts the node of the id on the stack, with what is known from above. */
static int push(struct scene *scene, const struct visit *above, int32_t id, const struct goxel_vox_node *from)
{
    struct goxel_vox_file *file = scene->file;
    const struct goxel_vox_node wanted = {.id = id};
    struct goxel_vox_node *node = bsearch(&wanted, file->nodes, file->node_count, sizeof(wanted),
                                          compare_ids);

    if (!node)
        return fail_at(file, from, GOXEL_ERROR_INVALID_DATA, "the id of a node that there is", id);
    if (node->reached)
        return fail_at(file, from, GOXEL_ERROR_INVALID_DATA, "a node that is below no other one yet", id);
    node->reached = true;
    scene->visits[scene->count] = *above;
    scene->visits[scene->count++].node = (size_t)(node - file->nodes);
    return 0;
}

static int go_through_transform(struct scene *scene, struct visit *visit, const struct goxel_vox_node *node)
{
    struct goxel_vox_file *file = scene->file;
    int result = 0;

    visit->place = goxel_lattice_compose(&visit->place, &node->place);
    if (node->layer >= 0 && node->layer < GOXEL_VOX_LAYERS) {
        visit->layer = node->layer;
        visit->hidden |= file->layers[node->layer].hidden;
    }
    if (node->parts && !visit->into)
        result = add_layer(file, visit, &visit->into);
    return result ? result : push(scene, visit, node->child, node);
}

static int32_t child_of(const struct goxel_vox_node *node, uint32_t i)
{
    const uint8_t *at = node->children + (size_t)i * 4;

    return (int32_t)(at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
}

/* The last one first: the first comes up first. */
static int go_through_group(struct scene *scene, const struct visit *visit, const struct goxel_vox_node *node)
{
    int result = 0;

    for (uint32_t i = node->child_count; i > 0 && !result; i--)
        result = push(scene, visit, child_of(node, i - 1), node);
    return result;
}

static int go_through_shape(struct scene *scene, const struct visit *visit, const struct goxel_vox_node *node)
{
    struct goxel_vox_file *file = scene->file;
    int result;

    if (node->child < 0 || (size_t)node->child >= file->model_count)
        return fail_at(file, node, GOXEL_ERROR_INVALID_DATA, "the number of a model that there is",
                       node->child);
    result = show_model(file, visit, &file->models[node->child]);
    if (result == GOXEL_ERROR_INVALID_COORDINATES)
        return fail_at(file, node, result, "a model within -1048576 to 1048575, moved by",
                       visit->place.move[0]);
    return result;
}

static int go_through(struct scene *scene, struct visit *visit)
{
    const struct goxel_vox_node *node = &scene->file->nodes[visit->node];

    if (node->name.bytes && node->name.len > 0)
        visit->name = node->name;
    visit->hidden |= node->hidden;
    if (node->kind == GOXEL_VOX_TRANSFORM)
        return go_through_transform(scene, visit, node);
    if (node->kind == GOXEL_VOX_GROUP)
        return go_through_group(scene, visit, node);
    return go_through_shape(scene, visit, node);
}

/* What no way from the root leads to. */
static void warn_lost(const struct goxel_vox_file *file)
{
    int64_t nodes = 0, models = 0;

    for (size_t i = 0; i < file->node_count; i++)
        nodes += !file->nodes[i].reached;
    for (size_t i = 0; i < file->model_count; i++)
        models += !file->models[i].shown;
    goxel_warn(file->import->warnings, "nodes that are below none left out", nodes);
    goxel_warn(file->import->warnings, "models that no node shows left out", models);
}

static int go_through_all(struct scene *scene, int32_t root)
{
    struct visit first = {.place = goxel_lattice_identity, .layer = -1};
    int result = push(scene, &first, root, &scene->file->nodes[0]);

    while (!result && scene->count > 0) {
        struct visit visit = scene->visits[--scene->count];

        result = goxel_cancel_check(scene->file->import->cancel);
        if (!result)
            result = go_through(scene, &visit);
    }
    return result;
}

/* The root is node 0, as MagicaVoxel has it, or else the first of the file. */
static int build_scene(struct goxel_vox_file *file)
{
    const struct goxel_vox_node zero = {.id = 0};
    int32_t root = file->nodes[0].id;
    struct scene scene = {.file = file};
    int result = sort_nodes(file);

    if (result)
        return result;
    if (bsearch(&zero, file->nodes, file->node_count, sizeof(zero), compare_ids))
        root = 0;
    scene.visits = calloc(file->node_count, sizeof(*scene.visits));
    result = scene.visits ? go_through_all(&scene, root) : GOXEL_ERROR_OUT_OF_MEMORY;
    free(scene.visits);
    if (!result)
        warn_lost(file);
    return result;
}

/* Without a scene: an animation's frames, or models that are all there at once. */
static int build_models(struct goxel_vox_file *file)
{
    int result = 0;

    for (size_t i = 0; i < file->model_count && !result; i++) {
        const struct visit visit = {.layer = -1, .hidden = file->animated && i != (size_t)file->frame};
        struct goxel_layer *layer;

        result = add_layer(file, &visit, &layer);
        if (!result)
            result = take_apart(file, &file->models[i], &goxel_lattice_identity, layer->volume);
    }
    return result;
}

int goxel_vox_build(struct goxel_vox_file *file)
{
    int result = 0;

    if (file->node_count > 0)
        result = build_scene(file);
    else if (file->model_count > 0)
        result = build_models(file);
    if (!result && file->project->layer_count == 0)
        result = goxel_project_add_layer(file->project, NULL, -1, NULL, file->import->detail);
    return result;
}
