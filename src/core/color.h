/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A colour, which is a voxel.
 *
 * Used by: core, format, rpc.  Uses: nothing.
 */
#ifndef GOXEL_CORE_COLOR_H
#define GOXEL_CORE_COLOR_H

#include <stdint.h>

/* Bytes 0–255, not premultiplied; alpha 0 means empty. */
struct goxel_color {
    uint8_t r, g, b, a;
};

#endif
