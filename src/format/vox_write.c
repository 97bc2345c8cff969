/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing .vox. First everything but the voxels: which layers are models, how they are split, the nodes and the palette. Then
 * MAIN's size is known, and the models go out brick by brick.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "format/vox.h"

#define MODEL_EXTRA (12 + 12 + 12 + 4) /* SIZE, and XYZI without its voxels */

/* ---- chunks ---- */

size_t goxel_vox_begin(struct goxel_buf *out, const char type[5])
{
    goxel_buf_append(out, type, 4);
    goxel_buf_put_le32(out, 0);
    goxel_buf_put_le32(out, 0);
    return out->len - 8;
}

void goxel_vox_end(struct goxel_buf *out, size_t at)
{
    size_t len = out->len - at - 8;

    if (!out->failed && len > INT32_MAX)
        out->failed = GOXEL_ERROR_MESSAGE_SIZE;
    if (out->failed)
        return;
    for (int i = 0; i < 4; i++)
        out->data[at + (size_t)i] = (char)(len >> 8 * i);
}

void goxel_vox_put_text(struct goxel_buf *out, const char *text)
{
    size_t len = strlen(text);

    goxel_buf_put_le32(out, (uint32_t)len);
    goxel_buf_append(out, text, len);
}

/* ---- the plan ---- */

/* A model: what lies of a layer in a box. */
struct part {
    struct goxel_box box;
    int64_t count; /* voxels */
};

struct plan {
    struct goxel_volume *volume; /* owned; NULL: an instance of another layer's model */
    size_t first, parts;         /* models; none: the layer is empty */
    size_t base;                 /* of an instance, the layer with the model */
    struct goxel_lattice place;  /* of an instance, from the base's voxels to its own */
};

struct writer {
    const struct goxel_export *export;
    struct plan *plans; /* for each layer */
    struct part *parts;
    size_t part_count, part_room;
    bool empty_model; /* one more model, without a voxel, for the layers that have none */
    struct goxel_vox_colors colors;
    int32_t last_node;
    int64_t bricks;
};

/* ---- splitting ---- */

/* A brick, and the cell of 256 that it lies in. */
struct placed {
    uint64_t cell;
    struct goxel_brick_view view;
};

static int compare_cells(const void *a, const void *b)
{
    const struct placed *left = a, *right = b;

    if (left->cell != right->cell)
        return left->cell > right->cell ? 1 : -1;
    if (left->view.pos.z != right->view.pos.z)
        return left->view.pos.z - right->view.pos.z;
    if (left->view.pos.y != right->view.pos.y)
        return left->view.pos.y - right->view.pos.y;
    return left->view.pos.x - right->view.pos.x;
}

static bool fits_one_model(const struct goxel_box *box)
{
    return box->max.x - box->min.x < GOXEL_VOX_SIZE_MAX && box->max.y - box->min.y < GOXEL_VOX_SIZE_MAX &&
           box->max.z - box->min.z < GOXEL_VOX_SIZE_MAX;
}

static uint64_t cell_of(const struct goxel_box *bounds, struct goxel_pos pos)
{
    uint64_t x = (uint64_t)(pos.x - (bounds->min.x & ~15)) / GOXEL_VOX_SIZE_MAX;
    uint64_t y = (uint64_t)(pos.y - (bounds->min.y & ~15)) / GOXEL_VOX_SIZE_MAX;
    uint64_t z = (uint64_t)(pos.z - (bounds->min.z & ~15)) / GOXEL_VOX_SIZE_MAX;

    return z << 40 | y << 20 | x;
}

/*
 * The bricks of a volume, model after model: all in cell 0 if one can hold them, wherever it begins; or else in cells that
 * begin at the border of a brick, so that no brick is in two. The caller frees *ret_placed.
 */
static int place_bricks(const struct goxel_volume *volume, struct placed **ret_placed, size_t *ret_count)
{
    struct goxel_brick_view *views;
    struct placed *placed;
    struct goxel_box bounds;
    bool split;
    int result = goxel_volume_views(volume, &views, ret_count);

    if (result)
        return result;
    placed = calloc(*ret_count + 1, sizeof(*placed));
    if (!placed) {
        free(views);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    split = goxel_volume_bounds(volume, &bounds) && !fits_one_model(&bounds);
    for (size_t i = 0; i < *ret_count; i++)
        placed[i] = (struct placed){split ? cell_of(&bounds, views[i].pos) : 0, views[i]};
    if (split)
        qsort(placed, *ret_count, sizeof(*placed), compare_cells);
    free(views);
    *ret_placed = placed;
    return 0;
}

/* How many bricks from the first one on are in its cell. */
static size_t cell_length(const struct placed *placed, size_t count)
{
    size_t n = 1;

    while (n < count && placed[n].cell == placed[0].cell)
        n++;
    return n;
}

static int32_t lower(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t higher(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* The bricks' box, as far as there are voxels in it anywhere. */
static struct part part_of(const struct placed *placed, size_t count, const struct goxel_box *bounds)
{
    struct part part = {.box = {placed[0].view.pos, placed[0].view.pos}};

    for (size_t i = 0; i < count; i++) {
        struct goxel_pos pos = placed[i].view.pos;

        part.count += placed[i].view.count;
        part.box.min.x = lower(part.box.min.x, pos.x);
        part.box.min.y = lower(part.box.min.y, pos.y);
        part.box.min.z = lower(part.box.min.z, pos.z);
        part.box.max.x = higher(part.box.max.x, pos.x);
        part.box.max.y = higher(part.box.max.y, pos.y);
        part.box.max.z = higher(part.box.max.z, pos.z);
    }
    part.box.min.x = higher(part.box.min.x, bounds->min.x);
    part.box.min.y = higher(part.box.min.y, bounds->min.y);
    part.box.min.z = higher(part.box.min.z, bounds->min.z);
    part.box.max.x = lower(part.box.max.x + GOXEL_BRICK_SIZE - 1, bounds->max.x);
    part.box.max.y = lower(part.box.max.y + GOXEL_BRICK_SIZE - 1, bounds->max.y);
    part.box.max.z = lower(part.box.max.z + GOXEL_BRICK_SIZE - 1, bounds->max.z);
    return part;
}

static int add_part(struct writer *writer, struct part part)
{
    int code = goxel_array_reserve(&writer->parts, &writer->part_room, writer->part_count + 1,
                                   sizeof(*writer->parts));

    if (!code)
        writer->parts[writer->part_count++] = part;
    return code;
}

static int plan_parts(struct writer *writer, struct plan *plan)
{
    struct placed *placed;
    struct goxel_box bounds;
    size_t count;
    int result;

    plan->first = writer->part_count;
    if (!goxel_volume_bounds(plan->volume, &bounds)) {
        writer->empty_model = true;
        return 0;
    }
    result = place_bricks(plan->volume, &placed, &count);
    if (result)
        return result;
    writer->bricks += (int64_t)count;
    for (size_t at = 0, length; at < count && !result; at += length) {
        length = cell_length(placed + at, count - at);
        result = add_part(writer, part_of(placed + at, length, &bounds));
    }
    plan->parts = writer->part_count - plan->first;
    free(placed);
    return result;
}

/* ---- layers ---- */

static size_t index_of(const struct goxel_project *project, int id)
{
    size_t i = 0;

    while (i < project->layer_count && project->layers[i]->id != id)
        i++;
    return i;
}

/* Whether a clone is another showing of one model. Plain layers have been planned. */
static bool is_instance(const struct writer *writer, const struct goxel_layer *layer, struct plan *plan)
{
    const struct goxel_project *project = writer->export->project;
    struct goxel_lattice place = goxel_lattice_identity, step;
    struct goxel_pos pos;
    size_t base = 0;

    for (int depth = 0; layer->base_id != 0; depth++) {
        base = index_of(project, layer->base_id);
        if (base == project->layer_count || depth == GOXEL_CLONE_DEPTH_MAX ||
            !goxel_lattice_of_matrix(layer->mat, &step))
            return false;
        place = goxel_lattice_compose(&place, &step);
        layer = project->layers[base];
    }
    if (!goxel_layer_is_plain(layer) || writer->plans[base].parts != 1)
        return false;
    if (!goxel_lattice_apply(&place, writer->parts[writer->plans[base].first].box.min, &pos) ||
        !goxel_lattice_apply(&place, writer->parts[writer->plans[base].first].box.max, &pos))
        return false;
    plan->base = base;
    plan->place = place;
    return true;
}

/* A clone or shape: as an instance, or else as the voxels that it shows. */
static int plan_shown(struct writer *writer, const struct goxel_layer *layer, struct plan *plan)
{
    const struct goxel_export *export = writer->export;
    int result;

    if (layer->base_id != 0 && is_instance(writer, layer, plan))
        return 0;
    result = goxel_layer_shown(export->project, layer, export->cancel, &plan->volume);
    if (result == GOXEL_ERROR_BAD_PROJECT_STATE) {
        goxel_warn(export->warnings, "clone and shape layers not drawn", 1);
        plan->volume = goxel_volume_create();
        result = plan->volume ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
    } else if (!result) {
        goxel_warn(export->warnings, "clone and shape layers written as voxels", 1);
    }
    return result ? result : plan_parts(writer, plan);
}

static void warn_layer(const struct writer *writer, const struct goxel_layer *layer)
{
    goxel_warn(writer->export->warnings, "modes of layers left out", layer->mode != GOXEL_MODE_OVER);
}

/* The plain layers, and then those that may show them. */
static int plan_layers(struct writer *writer)
{
    const struct goxel_project *project = writer->export->project;
    int result = 0;

    for (size_t i = 0; i < project->layer_count && !result; i++) {
        struct plan *plan = &writer->plans[i];

        result = goxel_cancel_check(writer->export->cancel);
        warn_layer(writer, project->layers[i]);
        if (result || !goxel_layer_is_plain(project->layers[i]))
            continue;
        plan->volume = goxel_volume_copy(project->layers[i]->volume);
        result = plan->volume ? plan_parts(writer, plan) : GOXEL_ERROR_OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < project->layer_count && !result; i++) {
        if (!goxel_layer_is_plain(project->layers[i]))
            result = plan_shown(writer, project->layers[i], &writer->plans[i]);
    }
    writer->empty_model |= project->layer_count == 0;
    return result;
}

/* ---- nodes ---- */

static int32_t next_node(struct writer *writer)
{
    return ++writer->last_node;
}

/* From points of a model to the project's: see the header. */
static struct goxel_lattice points_of(const struct part *part, const struct goxel_lattice *voxels)
{
    const int32_t min[3] = {part->box.min.x, part->box.min.y, part->box.min.z};
    const int32_t max[3] = {part->box.max.x, part->box.max.y, part->box.max.z};
    struct goxel_lattice points = *voxels;

    for (int i = 0; i < 3; i++) {
        int axis = points.source[i];
        int64_t origin = min[axis] + (max[axis] - min[axis] + 1) / 2;

        points.move[i] += points.sign[i] * origin + (points.sign[i] < 0);
    }
    return points;
}

static void put_place(struct goxel_buf *out, const struct goxel_lattice *points)
{
    unsigned turn = (unsigned)points->source[0] | (unsigned)points->source[1] << 2;
    char text[80];

    for (unsigned i = 0; i < 3; i++)
        turn |= points->sign[i] < 0 ? 16u << i : 0;
    goxel_buf_put_le32(out, turn == 4 ? 1 : 2);
    if (turn != 4) { /* rows 1 0 0, 0 1 0, 0 0 1 */
        goxel_vox_put_text(out, "_r");
        (void)snprintf(text, sizeof(text), "%u", turn);
        goxel_vox_put_text(out, text);
    }
    goxel_vox_put_text(out, "_t");
    (void)snprintf(text, sizeof(text), "%d %d %d", (int)points->move[0], (int)points->move[1],
                   (int)points->move[2]);
    goxel_vox_put_text(out, text);
}

static void put_flag(struct goxel_buf *out, bool flag, const char *key)
{
    if (!flag)
        return;
    goxel_vox_put_text(out, key);
    goxel_vox_put_text(out, "1");
}

/* `layer` NULL: of no layer, but of parts or of the whole; `place` NULL: where the one above is. */
static void put_transform(struct goxel_buf *out, int32_t id, int32_t child, const struct goxel_layer *layer,
                          bool parts, const struct goxel_lattice *place)
{
    bool named = layer && layer->name[0], hidden = layer && !layer->visible;
    size_t chunk = goxel_vox_begin(out, "nTRN");

    goxel_buf_put_le32(out, (uint32_t)id);
    goxel_buf_put_le32(out, (uint32_t)named + hidden + parts);
    if (named) {
        goxel_vox_put_text(out, "_name");
        goxel_vox_put_text(out, layer->name);
    }
    put_flag(out, hidden, "_hidden");
    put_flag(out, parts, GOXEL_VOX_PARTS);
    goxel_buf_put_le32(out, (uint32_t)child);
    goxel_buf_put_le32(out, UINT32_MAX);
    goxel_buf_put_le32(out, place ? 0 : UINT32_MAX);
    goxel_buf_put_le32(out, 1);
    if (place)
        put_place(out, place);
    else
        goxel_buf_put_le32(out, 0);
    goxel_vox_end(out, chunk);
}

static void put_shape(struct goxel_buf *out, int32_t id, size_t model)
{
    size_t chunk = goxel_vox_begin(out, "nSHP");

    goxel_buf_put_le32(out, (uint32_t)id);
    goxel_buf_put_le32(out, 0);
    goxel_buf_put_le32(out, 1);
    goxel_buf_put_le32(out, (uint32_t)model);
    goxel_buf_put_le32(out, 0);
    goxel_vox_end(out, chunk);
}

/* A transform and a shape below it. */
static void put_model(struct writer *writer, struct goxel_buf *out, const struct goxel_layer *layer,
                      size_t model, const struct goxel_lattice *place)
{
    int32_t id = next_node(writer), shape = next_node(writer);

    put_transform(out, id, shape, layer, false, place);
    put_shape(out, shape, model);
}

/* Returns where its children go, so many ids. */
static size_t begin_group(struct goxel_buf *out, int32_t id, size_t count)
{
    size_t chunk = goxel_vox_begin(out, "nGRP");

    goxel_buf_put_le32(out, (uint32_t)id);
    goxel_buf_put_le32(out, 0);
    goxel_buf_put_le32(out, (uint32_t)count);
    return chunk;
}

/* Nodes are in the file in the order of their ids: those below a group follow it. */
static void put_parts(struct writer *writer, struct goxel_buf *out, const struct goxel_layer *layer,
                      const struct plan *plan)
{
    int32_t id = next_node(writer), group = next_node(writer);
    size_t chunk;

    put_transform(out, id, group, layer, true, &goxel_lattice_identity);
    chunk = begin_group(out, group, plan->parts);
    for (size_t i = 0; i < plan->parts; i++)
        goxel_buf_put_le32(out, (uint32_t)group + 1 + 2 * (uint32_t)i);
    goxel_vox_end(out, chunk);
    for (size_t i = 0; i < plan->parts; i++) {
        struct goxel_lattice place = points_of(&writer->parts[plan->first + i], &goxel_lattice_identity);

        put_model(writer, out, NULL, plan->first + i, &place);
    }
}

static void put_layer(struct writer *writer, struct goxel_buf *out, const struct goxel_layer *layer,
                      const struct plan *plan)
{
    const struct goxel_lattice *moved = plan->volume ? &goxel_lattice_identity : &plan->place;
    size_t model = plan->volume ? plan->first : writer->plans[plan->base].first;
    struct goxel_lattice place;

    if (plan->volume && plan->parts > 1) {
        put_parts(writer, out, layer, plan);
        return;
    }
    if (plan->volume && plan->parts == 0) { /* the empty model, which is the last one, at the origin */
        put_model(writer, out, layer, writer->part_count, &goxel_lattice_identity);
        return;
    }
    place = points_of(&writer->parts[model], moved);
    put_model(writer, out, layer, model, &place);
}

/* The whole, node 0; the group of the layers; and the layers. Without any there is a model yet: some programs want one. */
static void put_nodes(struct writer *writer, struct goxel_buf *out)
{
    const struct goxel_project *project = writer->export->project;
    int32_t group = next_node(writer), child = group + 1;
    size_t chunk;

    put_transform(out, 0, group, NULL, false, NULL);
    chunk = begin_group(out, group, project->layer_count ? project->layer_count : 1);
    for (size_t i = 0; i < project->layer_count || i < 1; i++) {
        size_t parts = project->layer_count ? writer->plans[i].parts : 0;

        goxel_buf_put_le32(out, (uint32_t)child);
        child += parts > 1 ? 2 + 2 * (int32_t)parts : 2;
    }
    goxel_vox_end(out, chunk);
    for (size_t i = 0; i < project->layer_count; i++)
        put_layer(writer, out, project->layers[i], &writer->plans[i]);
    if (project->layer_count == 0)
        put_model(writer, out, NULL, 0, &goxel_lattice_identity);
}

/* ---- models ---- */

static uint8_t *put_voxel(uint8_t *to, size_t i, const uint8_t corner[3], uint8_t index)
{
    to[0] = (uint8_t)(corner[0] + (i & 15));
    to[1] = (uint8_t)(corner[1] + (i >> 4 & 15));
    to[2] = (uint8_t)(corner[2] + (i >> 8));
    to[3] = index;
    return to + 4;
}

/* The bytes of a corner may have wrapped around: those of the voxels in the box do again, and are right. */
static int put_brick(struct writer *writer, struct goxel_buf *out, const struct part *part,
                     const struct goxel_brick_view *view)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS];
    const struct goxel_color *voxels = goxel_brick_view_read(view, buffer);
    const uint8_t corner[3] = {(uint8_t)(view->pos.x - part->box.min.x),
                               (uint8_t)(view->pos.y - part->box.min.y),
                               (uint8_t)(view->pos.z - part->box.min.z)};
    size_t len = (size_t)view->count * 4;
    uint32_t last = 0;
    uint8_t index = 0, *to;

    if (goxel_buf_reserve(out, len))
        return out->failed;
    to = (uint8_t *)out->data + out->len;
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        uint32_t bits = goxel_color_bits(voxels[i]);

        if (bits == 0)
            continue;
        if (bits != last) {
            last = bits;
            index = goxel_vox_color_index(&writer->colors, bits);
        }
        to = put_voxel(to, i, corner, index);
    }
    out->len += len;
    return goxel_buf_offer(out);
}

static void put_model_head(struct goxel_buf *out, const uint32_t size[3], int64_t count)
{
    size_t chunk = goxel_vox_begin(out, "SIZE");

    for (int i = 0; i < 3; i++)
        goxel_buf_put_le32(out, size[i]);
    goxel_vox_end(out, chunk);
    goxel_buf_append(out, "XYZI", 4);
    goxel_buf_put_le32(out, (uint32_t)(4 + 4 * count));
    goxel_buf_put_le32(out, 0);
    goxel_buf_put_le32(out, (uint32_t)count);
}

static int put_part(struct writer *writer, struct goxel_buf *out, const struct part *part,
                    const struct placed *placed, size_t count)
{
    const uint32_t size[3] = {(uint32_t)(part->box.max.x - part->box.min.x + 1),
                              (uint32_t)(part->box.max.y - part->box.min.y + 1),
                              (uint32_t)(part->box.max.z - part->box.min.z + 1)};
    int result = 0;

    put_model_head(out, size, part->count);
    for (size_t i = 0; i < count && !result; i++) {
        result = goxel_cancel_check(writer->export->cancel);
        if (!result)
            result = put_brick(writer, out, part, &placed[i].view);
    }
    return result;
}

static int put_layer_models(struct writer *writer, struct goxel_buf *out, const struct plan *plan)
{
    struct placed *placed;
    size_t count, part = plan->first;
    int result;

    if (!plan->volume || plan->parts == 0)
        return 0;
    result = place_bricks(plan->volume, &placed, &count);
    if (result)
        return result;
    for (size_t at = 0, length; at < count && !result; at += length) {
        length = cell_length(placed + at, count - at);
        result = put_part(writer, out, &writer->parts[part++], placed + at, length);
    }
    free(placed);
    return result;
}

/* In the order in which their parts were planned: plain layers first. */
static int put_models(struct writer *writer, struct goxel_buf *out)
{
    static const uint32_t one[3] = {1, 1, 1};
    const struct goxel_project *project = writer->export->project;
    int result = 0;

    for (int plain = 1; plain >= 0; plain--) {
        for (size_t i = 0; i < project->layer_count && !result; i++) {
            if (goxel_layer_is_plain(project->layers[i]) == (plain == 1))
                result = put_layer_models(writer, out, &writer->plans[i]);
        }
    }
    if (!result && writer->empty_model)
        put_model_head(out, one, 0);
    return result;
}

/* ---- the file ---- */

static int choose_colors(struct writer *writer)
{
    const struct goxel_export *export = writer->export;
    size_t count = export->project->layer_count;
    struct goxel_volume **volumes = calloc(count + 1, sizeof(*volumes));
    int result;

    if (!volumes)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < count; i++)
        volumes[i] = writer->plans[i].volume;
    result = goxel_vox_colors_make(&writer->colors, export, volumes, count);
    free(volumes);
    return result;
}

/* What MAIN holds; what is written can be read. */
static int size_of_all(const struct writer *writer, size_t rest, const struct goxel_buf *out,
                       uint32_t *ret_size)
{
    size_t size = rest + (writer->empty_model ? MODEL_EXTRA : 0);
    int64_t bricks_max;

    for (size_t i = 0; i < writer->part_count; i++)
        size += MODEL_EXTRA + (size_t)writer->parts[i].count * 4;
    if (size > INT32_MAX || size > out->ceiling)
        return GOXEL_ERROR_MESSAGE_SIZE;
    bricks_max = goxel_import_bricks_max(size);
    if (writer->bricks > bricks_max)
        return goxel_fail_limit(writer->export->detail, GOXEL_ERROR_QUOTA, "bricks in so small a file",
                                bricks_max, writer->bricks);
    *ret_size = (uint32_t)size;
    return 0;
}

static int put_file(struct writer *writer, const struct goxel_buf *rest, struct goxel_buf *out)
{
    uint32_t size = 0;
    int result = size_of_all(writer, rest->len, out, &size);

    if (result)
        return result;
    goxel_buf_append(out, "VOX ", 4);
    goxel_buf_put_le32(out, GOXEL_VOX_VERSION_MIN);
    goxel_buf_append(out, "MAIN", 4);
    goxel_buf_put_le32(out, 0);
    goxel_buf_put_le32(out, size);
    result = put_models(writer, out);
    if (!result)
        result = goxel_buf_append(out, rest->data, rest->len);
    return result;
}

static int write_all(struct writer *writer, struct goxel_buf *rest, struct goxel_buf *out)
{
    int result = plan_layers(writer);

    if (!result)
        result = choose_colors(writer);
    if (result)
        return result;
    put_nodes(writer, rest);
    goxel_vox_put_palette(&writer->colors, rest);
    return rest->failed ? rest->failed : put_file(writer, rest, out);
}

int goxel_vox_write(const struct goxel_export *export, struct goxel_buf *out)
{
    size_t count = export->project->layer_count;
    struct writer *writer = calloc(1, sizeof(*writer));
    struct goxel_buf rest;
    int result = GOXEL_ERROR_OUT_OF_MEMORY;

    if (!writer)
        return result;
    goxel_buf_init(&rest, out->ceiling);
    writer->export = export;
    writer->plans = calloc(count + 1, sizeof(*writer->plans));
    if (writer->plans)
        result = write_all(writer, &rest, out);
    for (size_t i = 0; i < count && writer->plans; i++)
        goxel_volume_destroy(writer->plans[i].volume);
    goxel_vox_colors_end(&writer->colors);
    goxel_buf_finish(&rest);
    free(writer->plans);
    free(writer->parts);
    free(writer);
    return result;
}
