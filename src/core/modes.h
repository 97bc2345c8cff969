/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The nine ways to lay one colour on another: Goxel's painter modes, by name and value.
 *
 * Used by: core, format, rpc.  Uses: core/color.h.
 *
 *     mode              rgb                                  alpha
 *     over, or add      blended by both alphas               B + A (255 − B) / 255
 *     sub               a                                    max(0, A − B)
 *     sub_clamp         a                                    min(A, 255 − B)
 *     paint             (a (255 − B) + b B) / 255            A
 *     max               b                                    max(A, B)
 *     intersect         a                                    min(A, B)
 *     intersect_fill    b                                    min(A, B)
 *     mult_alpha        a B / 255                            A B / 255
 *     replace           b                                    B
 *
 * `a` with alpha A is what is there, `b` with alpha B is laid on it. Everything is integers, rounded
 * down at each division. Where Goxel would give a voxel the bytes of an empty one (max) it stays as it is.
 */
#ifndef GOXEL_CORE_MODES_H
#define GOXEL_CORE_MODES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/color.h"

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

/* What can be known of a mode without looking at both colours. */
struct goxel_mode_traits {
    const char *name;       /* "sub_clamp" */
    bool keeps_under_empty; /* where nothing is laid on, everything stays; otherwise nothing does */
    bool stays_empty;       /* where nothing is, nothing comes */
    bool everywhere;        /* a shape changes what is outside of it, too: it goes */
    int hides_from; /* with this alpha laid on, what was there makes no difference; 256: always does */
};
const struct goxel_mode_traits *goxel_mode_traits(enum goxel_mode mode); /* NULL: no such mode */

/* "add" is another name of over. False: there is no such mode. */
bool goxel_mode_find(const char *name, enum goxel_mode *ret_mode);

/* What comes of a normal colour and any other; a normal one again (alpha 0 is 0x00000000). */
struct goxel_color goxel_mode_combine(enum goxel_mode mode, struct goxel_color below,
                                      struct goxel_color above);
/* As a brush lays it on: the same, but one without alpha leaves everything alone in mult_alpha, as in Goxel. */
struct goxel_color goxel_mode_lay(enum goxel_mode mode, struct goxel_color below, struct goxel_color above);
/* goxel_mode_combine in place, for many. */
void goxel_mode_combine_all(enum goxel_mode mode, struct goxel_color *colors, const struct goxel_color *above,
                            size_t count);

#endif
