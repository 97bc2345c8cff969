/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The compatible family: what the existing Goxel daemon answers to, for programs that were written for it.
 *
 * Used by: rpc/methods/compat*.c.  Uses: rpc/loose.
 *
 * They mean the current project of all connections, unless `project` or the URL names one. Without any they read an empty one,
 * and the first edit makes one of their own, GOXEL_SCRATCH. goxel.create_project and goxel.load_project replace the last one of
 * their own. Layer 0 and −1 are the active one, −2 all.
 */
#ifndef GOXEL_RPC_METHODS_COMPAT_H
#define GOXEL_RPC_METHODS_COMPAT_H

#include "rpc/keyset.h"
#include "rpc/loose.h"
#include "rpc/methods/methods.h"

#define GOXEL_SCRATCH "scratch"

/* The parameters of a method of this family, or of one operation of its batch. */
struct goxel_compat {
    struct goxel_invocation *in;
    struct goxel_loose params;
    struct goxel_keyset *touched; /* bricks of the voxels that the request sets; NULL: it sets none */
};

struct goxel_compat goxel_compat_begin(struct goxel_invocation *in);

/* The layer of a parameter, fit to have its voxels edited. */
int goxel_compat_edited_layer(const struct goxel_compat *compat, int at, struct goxel_layer **ret_layer);
/* The layers of a parameter that reads: one, or (NULL) all. */
int goxel_compat_read_layer(const struct goxel_compat *compat, int at, struct goxel_layer **ret_layer);

#endif
