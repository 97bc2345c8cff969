/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders are found by a search, as everywhere with layers: they are few. */
#include "core/layers.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

static const float identity[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};

/* The layer as one that may be changed. */
static int own(struct goxel_project *project, int id, struct goxel_layer **ret_layer)
{
    struct goxel_layer *layer = goxel_project_layer(project, id);

    if (!layer)
        return GOXEL_ERROR_LAYER_NOT_FOUND;
    layer = goxel_project_own_layer(project, layer);
    if (!layer)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_layer = layer;
    return 0;
}

static size_t order_of(const struct goxel_project *project, int id)
{
    size_t order = 0;

    while (order < project->layer_count && project->layers[order]->id != id)
        order++;
    return order;
}

int goxel_project_move_layer(struct goxel_project *project, int id, size_t position)
{
    size_t from = order_of(project, id), last = project->layer_count - 1;
    size_t to = position < last ? position : last;
    struct goxel_layer **layers = project->layers, *layer;

    if (from == project->layer_count)
        return GOXEL_ERROR_LAYER_NOT_FOUND;
    layer = layers[from];
    if (from < to)
        memmove(layers + from, layers + from + 1, (to - from) * sizeof(struct goxel_layer *));
    else
        memmove(layers + to + 1, layers + to, (from - to) * sizeof(struct goxel_layer *));
    layers[to] = layer;
    return 0;
}

/* ---- one more ---- */

/* "name word", the name cut if that is too long. */
static void name_after(char ret_name[GOXEL_NAME_MAX + 1], const char *name, const char *word)
{
    char cut[GOXEL_NAME_MAX + 1];
    size_t room = GOXEL_NAME_MAX - strlen(word), len = strlen(name);

    if (len > room) {
        len = room;
        while (len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80) /* on a character's border */
            len--;
    }
    memcpy(cut, name, len);
    memcpy(cut + len, word, strlen(word) + 1);
    memcpy(ret_name, cut, sizeof(cut));
}

/* An empty layer above another, looking like it and named after it. */
static int add_above(struct goxel_project *project, const struct goxel_layer *layer, const char *word,
                     struct goxel_layer **ret_layer, struct goxel_detail *detail)
{
    struct goxel_layer *above = NULL;
    char name[GOXEL_NAME_MAX + 1];
    int code;

    name_after(name, layer->name, word);
    code = goxel_project_add_layer(project, name, (int)order_of(project, layer->id) + 1, &above, detail);
    if (code)
        return code;
    above->visible = layer->visible;
    above->material = layer->material;
    above->mode = layer->mode;
    *ret_layer = above;
    return 0;
}

int goxel_project_duplicate_layer(struct goxel_project *project, int id, struct goxel_layer **ret_layer,
                                  struct goxel_detail *detail)
{
    const struct goxel_layer *layer = goxel_project_layer(project, id);
    struct goxel_layer *copy = NULL;
    struct goxel_volume *volume;
    int code = layer ? add_above(project, layer, " copy", &copy, detail) : GOXEL_ERROR_LAYER_NOT_FOUND;

    if (code)
        return code;
    volume = goxel_volume_copy(layer->volume);
    if (!volume || (layer->image_path && !(copy->image_path = strdup(layer->image_path)))) {
        goxel_volume_destroy(volume);
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "a copy of the layer");
    }
    goxel_volume_destroy(copy->volume);
    copy->volume = volume;
    copy->base_id = layer->base_id;
    copy->color = layer->color;
    memcpy(copy->mat, layer->mat, sizeof(copy->mat));
    memcpy(copy->box, layer->box, sizeof(copy->box));
    memcpy(copy->shape, layer->shape, sizeof(copy->shape));
    if (ret_layer)
        *ret_layer = copy;
    return copy->shape[0] ? goxel_project_check_shapes(project, detail) : 0;
}

int goxel_project_clone_layer(struct goxel_project *project, int id, struct goxel_layer **ret_layer,
                              struct goxel_detail *detail)
{
    const struct goxel_layer *layer = goxel_project_layer(project, id);
    struct goxel_layer *clone = NULL;
    int code = layer ? add_above(project, layer, " clone", &clone, detail) : GOXEL_ERROR_LAYER_NOT_FOUND;

    if (code)
        return code;
    clone->base_id = id;
    if (ret_layer)
        *ret_layer = clone;
    return 0;
}

/* ---- what is shown becomes voxels ---- */

int goxel_project_make_plain(struct goxel_project *project, int id, struct goxel_cancel *cancel)
{
    struct goxel_layer *layer = goxel_project_layer(project, id);
    struct goxel_volume *volume = NULL;
    int code;

    if (!layer)
        return GOXEL_ERROR_LAYER_NOT_FOUND;
    if (goxel_layer_is_plain(layer))
        return 0;
    code = goxel_layer_shown(project, layer, cancel, &volume);
    if (!code)
        code = own(project, id, &layer);
    if (code) {
        goxel_volume_destroy(volume);
        return code;
    }
    goxel_volume_destroy(layer->volume);
    layer->volume = volume;
    layer->base_id = 0;
    layer->shape[0] = '\0';
    memcpy(layer->mat, identity, sizeof(identity));
    return 0;
}

int goxel_project_merge_layers(struct goxel_project *project, int source, int target,
                               struct goxel_cancel *cancel)
{
    const struct goxel_layer *upper = goxel_project_layer(project, source);
    struct goxel_volume *volume = NULL;
    struct goxel_layer *lower = NULL;
    int code = source == target ? GOXEL_ERROR_VALIDATION
               : upper          ? own(project, target, &lower)
                                : GOXEL_ERROR_LAYER_NOT_FOUND;

    if (!code && !goxel_layer_is_plain(lower))
        code = GOXEL_ERROR_BAD_PROJECT_STATE;
    if (!code)
        code = goxel_layer_shown(project, upper, cancel, &volume);
    if (!code)
        code = goxel_volume_merge(lower->volume, volume, upper->mode, cancel, NULL);
    goxel_volume_destroy(volume);
    return code;
}

/* ---- one less ---- */

int64_t goxel_project_delete_layer_bricks(const struct goxel_project *project, int id)
{
    int64_t bricks = 0;

    for (size_t i = 0; i < project->layer_count; i++) {
        if (project->layers[i]->base_id == id)
            bricks += goxel_layer_shown_bricks(project, project->layers[i]);
    }
    return bricks;
}

int goxel_project_delete_layer(struct goxel_project *project, int id, struct goxel_cancel *cancel)
{
    int code = goxel_project_layer(project, id) ? 0 : GOXEL_ERROR_LAYER_NOT_FOUND;

    for (size_t i = 0; i < project->layer_count && !code; i++) {
        if (project->layers[i]->base_id == id)
            code = goxel_project_make_plain(project, project->layers[i]->id, cancel);
    }
    return code ? code : goxel_project_remove_layer(project, id);
}
