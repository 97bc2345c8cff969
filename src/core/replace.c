/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Layers of the model have ids that begin with 1, as those of the project did: each gets one of the project's own, so that
 * history and whoever holds an id never take one layer for another.
 */
#include "core/replace.h"

#include <limits.h>
#include <stdlib.h>

#include "base/error.h"

/* The id that the layer of that id has got; 0: there is none. */
static int new_id(const struct goxel_project *model, int first, int id)
{
    for (size_t i = 0; i < model->layer_count; i++) {
        if (model->layers[i]->id == id)
            return first + (int)i;
    }
    return 0;
}

static void renumber(struct goxel_project *model, int first)
{
    struct goxel_layer **layers = model->layers;

    model->scene->active_layer_id = new_id(model, first, model->scene->active_layer_id);
    for (size_t i = 0; i < model->layer_count; i++)
        layers[i]->base_id = layers[i]->base_id ? new_id(model, first, layers[i]->base_id) : 0;
    for (size_t i = 0; i < model->layer_count; i++)
        layers[i]->id = first + (int)i;
}

int goxel_project_replace(struct goxel_project *project, struct goxel_project *model)
{
    struct goxel_layer **layers;
    struct goxel_preview *preview = project->preview;

    if ((int64_t)project->next_layer_id + (int64_t)model->layer_count > INT_MAX)
        return GOXEL_ERROR_QUOTA;
    layers = malloc((model->layer_count + 1) * sizeof(struct goxel_layer *));
    if (!layers)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    renumber(model, project->next_layer_id);
    for (size_t i = 0; i < model->layer_count; i++)
        layers[i] = goxel_layer_ref(model->layers[i]);
    goxel_project_replace_layers(project, layers, model->layer_count);
    project->next_layer_id += (int)model->layer_count;
    goxel_scene_unref(project->scene);
    project->scene = goxel_scene_ref(model->scene);
    project->preview = model->preview;
    model->preview = preview;
    goxel_volume_destroy(project->selection);
    project->selection = NULL;
    return 0;
}
