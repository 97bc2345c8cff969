/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ceilings that more than one folder has to agree on.  Everything a stranger can grow is held
 * by one of these or by a configuration option; nothing else belongs in this header.
 */
#ifndef GOXEL_LIMITS_H
#define GOXEL_LIMITS_H

/* Voxel coordinates on each axis, in voxels, both bounds inclusive. */
#define GOXEL_COORD_MIN (-(1 << 20))
#define GOXEL_COORD_MAX ((1 << 20) - 1)

/* Names of projects, layers, materials, cameras and palettes, in bytes of UTF-8 without the NUL.
 * Goxel keeps a dictionary value in a buffer of 256 bytes and does not check it. */
#define GOXEL_NAME_MAX 255

/* Layers of one project; open projects of one daemon. */
#define GOXEL_LAYERS_MAX 4096
#define GOXEL_PROJECTS_MAX 4096

/* JSON from a client: nesting, and estimated bytes of the tree it would become. */
#define GOXEL_JSON_DEPTH_MAX 32
#define GOXEL_JSON_TREE_MAX (192u << 20)

/* Events that are kept for those who listen, and their bytes; those who do (http: half of all connections at most). */
#define GOXEL_FEED_EVENTS_MAX 4096
#define GOXEL_FEED_BYTES_MAX ((size_t)2 << 20)
#define GOXEL_SUBSCRIBERS_MAX 1024

/* Most bytes of results in one reply, and of a file in one, which is base64 there. */
#define GOXEL_REPLY_MAX ((size_t)64 << 20)
#define GOXEL_REPLY_ENVELOPE 4096
#define GOXEL_REPLY_FILE_MAX ((GOXEL_REPLY_MAX - GOXEL_REPLY_ENVELOPE) / 4 * 3)

/* Requests in one JSON-RPC batch. */
#define GOXEL_BATCH_MAX 1000

#endif
