/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A dispatcher with a small project, for fuzz targets that send it messages.
 *
 * The allowed root does not exist, so that no file is touched; this program is the lifecycle thread. The project is called p, has
 * a voxel, and a second layer, l.
 */
#ifndef GOXEL_TESTS_FUZZ_WORLD_H
#define GOXEL_TESTS_FUZZ_WORLD_H

#include <stddef.h>

#include "rpc/method.h"

void world_start(void); /* once */
struct goxel_rpc *world_create(void);
void world_destroy(struct goxel_rpc *rpc);
/* The reply is one JSON text, or empty; until the next message. */
const struct goxel_buf *world_send(struct goxel_rpc *rpc, const char *message, size_t len);

#endif
