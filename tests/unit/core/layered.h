/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A project of two layers, and its voxels one at a time: for versions, heads and their history. */
#ifndef GOXEL_TESTS_CORE_LAYERED_H
#define GOXEL_TESTS_CORE_LAYERED_H

#include "base/error.h"
#include "core/project.h"
#include "naive.h"

static inline struct goxel_project *new_project(void)
{
    struct goxel_project *project = goxel_project_create("p");

    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, "one", -1, NULL, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(project, "two", -1, NULL, NULL), 0);
    return project;
}

static inline int set(struct goxel_project *project, size_t layer, struct goxel_pos pos,
                      struct goxel_color color)
{
    struct goxel_layer *own = goxel_project_own_layer(project, project->layers[layer]);

    return own ? goxel_volume_set_at(own->volume, pos, color) : GOXEL_ERROR_OUT_OF_MEMORY;
}

static inline struct goxel_color get(const struct goxel_project *project, size_t layer, struct goxel_pos pos)
{
    return goxel_volume_get_at(project->layers[layer]->volume, pos);
}

#endif
