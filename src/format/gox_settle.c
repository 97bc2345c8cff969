/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the chunks of a .gox file say about each other: ids, clones, materials. Put right at the end. */
#include "format/gox.h"

#define LAYER_ID_MAX (1 << 30) /* leaves enough for new layers */

/* Ids that are missing, strange or taken become 0. */
static void drop_bad_ids(struct goxel_project *project, struct goxel_warnings *warnings)
{
    for (size_t i = 0; i < project->layer_count; i++) {
        struct goxel_layer *layer = project->layers[i];

        if (layer->id == 0)
            continue;
        if (layer->id < 0 || layer->id > LAYER_ID_MAX || goxel_project_layer(project, layer->id) != layer) {
            layer->id = 0;
            goxel_warn(warnings, "layer ids changed", 1);
        }
    }
}

/* Before the new ids are given: nobody meant those. */
static void drop_bad_bases(struct goxel_project *project, struct goxel_warnings *warnings)
{
    for (size_t i = 0; i < project->layer_count; i++) {
        struct goxel_layer *layer = project->layers[i];
        struct goxel_layer *base = goxel_project_layer(project, layer->base_id);

        if (layer->base_id != 0 && (!base || base == layer)) {
            layer->base_id = 0;
            goxel_warn(warnings, "clones of no other layer made plain", 1);
        }
    }
}

static void give_ids(struct goxel_project *project)
{
    int last = 0;

    for (size_t i = 0; i < project->layer_count; i++) {
        if (project->layers[i]->id > last)
            last = project->layers[i]->id;
    }
    for (size_t i = 0; i < project->layer_count; i++) {
        if (project->layers[i]->id == 0)
            project->layers[i]->id = ++last;
    }
    project->next_layer_id = last + 1;
    project->scene->active_layer_id = project->layer_count ? project->layers[project->layer_count - 1]->id
                                                           : 0;
}

static void drop_bad_materials(struct goxel_project *project, struct goxel_warnings *warnings)
{
    for (size_t i = 0; i < project->layer_count; i++) {
        struct goxel_layer *layer = project->layers[i];

        if (layer->material < 0) {
            layer->material = -1;
        } else if ((size_t)layer->material >= project->scene->material_count) {
            layer->material = -1;
            goxel_warn(warnings, "references to missing materials dropped", 1);
        }
    }
}

/* Goxel draws something else over them. */
static void drop_hidden_voxels(struct goxel_project *project, struct goxel_warnings *warnings)
{
    for (size_t i = 0; i < project->layer_count; i++) {
        struct goxel_layer *layer = project->layers[i];

        if (goxel_layer_is_plain(layer))
            continue;
        goxel_warn(warnings, "voxels of clone and shape layers dropped", goxel_volume_count(layer->volume));
        goxel_volume_clear(layer->volume);
    }
}

void goxel_gox_settle(struct goxel_project *project, struct goxel_warnings *warnings)
{
    drop_bad_ids(project, warnings);
    drop_bad_bases(project, warnings);
    give_ids(project);
    drop_bad_materials(project, warnings);
    drop_hidden_voxels(project, warnings);
}
