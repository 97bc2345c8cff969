/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Models of any size, always the same ones: what benches and tests convert. Z up, from the origin on; colours in bands of eight
 * layers, 32 of them, but for `random`, where each voxel has one of the 32.
 *
 *     sphere N    N³, voxels whose centres are inside of the ball
 *     shell N     the same, two voxels thick
 *     terrain N   N × N columns of at most 127
 *     random N    N³, every second voxel by chance
 *     solid N     N³ of one colour
 */
#ifndef GOXEL_TESTS_BENCH_MODELS_H
#define GOXEL_TESTS_BENCH_MODELS_H

#include "core/project.h"

/* A project of one layer; NULL: no such model, or out of memory. */
struct goxel_project *model_make(const char *name, int size);

#endif
