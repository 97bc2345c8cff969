/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Volumes of many kinds, the same in every run. */
#ifndef GOXEL_TESTS_MESH_SAMPLES_H
#define GOXEL_TESTS_MESH_SAMPLES_H

#include "core/naive.h"

struct sample {
    const char *name;
    void (*fill)(struct goxel_volume *volume);
};

/* Few voxels each, so that every one of them may be asked for; ends with a row without a name. */
extern const struct sample samples[];

struct goxel_volume *sample_make(const struct sample *sample); /* sealed */

/* As shared benchmarks have them: bands of colours along z, eight voxels each. */
struct goxel_volume *sample_sphere(int size);
struct goxel_volume *sample_terrain(int size);
struct goxel_volume *sample_noise(int size); /* about half of the voxels */

#endif
