/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When two projects are the same as far as a .gox file can tell. Used by the tests and by the fuzz target. */
#ifndef GOXEL_TESTS_FORMAT_SAME_H
#define GOXEL_TESTS_FORMAT_SAME_H

#include <string.h>

#include "core/project.h"

/* By value: 0 and -0 are one. */
static inline bool same_floats(const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (a[i] != b[i])
            return false;
    }
    return true;
}

static inline bool same_layers(const struct goxel_layer *a, const struct goxel_layer *b)
{
    if (a->id != b->id || strcmp(a->name, b->name) != 0 || a->visible != b->visible ||
        a->base_id != b->base_id || a->material != b->material || strcmp(a->shape, b->shape) != 0)
        return false;
    if (a->shape[0] && memcmp(&a->color, &b->color, sizeof(a->color)) != 0)
        return false;
    if (!a->image_path != !b->image_path || (a->image_path && strcmp(a->image_path, b->image_path) != 0))
        return false;
    return same_floats(a->mat, b->mat, 16) && same_floats(a->box, b->box, 16) &&
           goxel_volume_equal(a->volume, b->volume);
}

static inline bool same_materials(const struct goxel_material *a, const struct goxel_material *b)
{
    return strcmp(a->name, b->name) == 0 && same_floats(a->color, b->color, 4) &&
           a->metallic == b->metallic && a->roughness == b->roughness &&
           same_floats(a->emission, b->emission, 3);
}

static inline bool same_cameras(const struct goxel_camera *a, const struct goxel_camera *b)
{
    return strcmp(a->name, b->name) == 0 && a->dist == b->dist && a->ortho == b->ortho &&
           same_floats(a->mat, b->mat, 16);
}

static inline bool same_lights(const struct goxel_light *a, const struct goxel_light *b)
{
    return a->pitch == b->pitch && a->yaw == b->yaw && a->intensity == b->intensity && a->fixed == b->fixed &&
           a->ambient == b->ambient && a->shadow == b->shadow;
}

static inline bool same_projects(const struct goxel_project *a, const struct goxel_project *b)
{
    bool same = a->layer_count == b->layer_count && a->scene->material_count == b->scene->material_count &&
                a->scene->camera_count == b->scene->camera_count &&
                a->scene->active_camera == b->scene->active_camera &&
                a->scene->has_light == b->scene->has_light && !a->preview == !b->preview &&
                same_floats(a->scene->box, b->scene->box, 16);

    for (size_t i = 0; same && i < a->layer_count; i++)
        same = same_layers(a->layers[i], b->layers[i]);
    for (size_t i = 0; same && i < a->scene->material_count; i++)
        same = same_materials(&a->scene->materials[i], &b->scene->materials[i]);
    for (size_t i = 0; same && i < a->scene->camera_count; i++)
        same = same_cameras(&a->scene->cameras[i], &b->scene->cameras[i]);
    if (same && a->scene->has_light)
        same = same_lights(&a->scene->light, &b->scene->light);
    return same && (!a->preview || (a->preview->len == b->preview->len &&
                                    memcmp(a->preview->bytes, b->preview->bytes, a->preview->len) == 0));
}

#endif
