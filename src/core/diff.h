/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In what two volumes differ. What they share is skipped: two versions of one volume cost what lies between
 * them, not what is in them.
 *
 * Used by: rpc, core/history.  Uses: base, core/volume.  By links, for the files of core: core/diff_links.h.
 *
 * The two volumes may have nothing to do with each other. Neither may change meanwhile.
 */
#ifndef GOXEL_CORE_DIFF_H
#define GOXEL_CORE_DIFF_H

#include "core/volume.h"

/*
 * Calls `visit` for every voxel that is another one in `after`, brick by brick; bricks in no order that
 * is told, voxels in (z, y, x) order inside each. A non-zero return ends the walk and is returned.
 * The cancel's code.
 */
typedef int goxel_change_visit(void *ctx, struct goxel_pos pos, struct goxel_color before,
                               struct goxel_color after);
int goxel_volume_diff_voxels(const struct goxel_volume *before, const struct goxel_volume *after,
                             struct goxel_cancel *cancel, goxel_change_visit *visit, void *ctx);

struct goxel_changes {
    int64_t added, removed, recoloured; /* voxels */
    struct goxel_box box;               /* the smallest with all of them, if there are any */
};
/* Space of one colour is counted, not walked. The cancel's code. */
int goxel_volume_changes(const struct goxel_volume *before, const struct goxel_volume *after,
                         struct goxel_cancel *cancel, struct goxel_changes *ret_changes);

#endif
