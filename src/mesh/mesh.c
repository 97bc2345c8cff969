/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of the meshers. */
#include "mesh/mesh.h"

const char *const goxel_mesher_names[GOXEL_MESHER_COUNT] = {"faces", "greedy", "manifold", "smooth"};
