/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the program `engine-check` can do. Both give the exit status: 0, or 1 with what went wrong on stderr. */
#ifndef GOXEL_TESTS_ENGINE_ENGINE_H
#define GOXEL_TESTS_ENGINE_ENGINE_H

#include <stdint.h>

int engine_random(uint64_t seed, uint64_t count);
int engine_readers(uint64_t seconds);

#endif
