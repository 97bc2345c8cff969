/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a colour that is laid on combines with the one that is there: Goxel's painter modes.
 *
 * Used by: core, rpc.  Uses: core/volume.h (colours).
 *
 * Names, values and results are Goxel's (its `volume_op` and `volume_merge`), in integers that round down. With
 * a = alpha below and b = alpha above, channels likewise:
 *
 *     over (add)      colour (255·B·b + A·a·(255−b)) / (255·b + a·(255−b)), alpha b + a·(255−b)/255
 *     sub             alpha max(0, a − b)
 *     sub_clamp       alpha min(a, 255 − b)
 *     paint           colour A + (B − A)·b/255; alpha stays
 *     max             colour B, alpha max(a, b); with nothing above all stays
 *     intersect       alpha min(a, b)
 *     intersect_fill  alpha min(a, b), colour B where that is not 0
 *     mult_alpha      colour A·b/255, alpha a·b/255
 *     replace         what is above
 */
#ifndef GOXEL_CORE_MODES_H
#define GOXEL_CORE_MODES_H

#include "core/volume.h"

enum goxel_mode {
    GOXEL_MODE_OVER = 1,
    GOXEL_MODE_SUB,
    GOXEL_MODE_SUB_CLAMP,
    GOXEL_MODE_PAINT,
    GOXEL_MODE_MAX,
    GOXEL_MODE_INTERSECT,
    GOXEL_MODE_INTERSECT_FILL,
    GOXEL_MODE_MULT_ALPHA,
    GOXEL_MODE_REPLACE,
    GOXEL_MODES_END
};

/* "over"; NULL for a number that is no mode. */
const char *goxel_mode_name(int mode);
/* Also "add", which is over. 0: unknown. */
enum goxel_mode goxel_mode_named(const char *name);

/* The result in its normal form: alpha 0 is all zero. `below` is normal, `above` need not be. */
struct goxel_color goxel_mode_combine(enum goxel_mode mode, struct goxel_color below,
                                      struct goxel_color above);

/* Facts about a mode, whatever the colours. */
bool goxel_mode_keeps_empty(enum goxel_mode mode);    /* where nothing is, nothing comes */
bool goxel_mode_ignores_empty(enum goxel_mode mode);  /* where nothing is laid on, nothing changes */
bool goxel_mode_clears_outside(enum goxel_mode mode); /* a shape empties what lies outside of it */

/* With this colour laid on, that is what comes out, whatever was there. */
bool goxel_mode_hides_below(enum goxel_mode mode, struct goxel_color above);

#endif
