/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * glTF 2.0: one binary file (glb), or JSON with its buffer in it as base64 (gltf). The same content.
 *
 * Used by: format.  Uses: format/grid.h, format/model.h, base/json.h.
 *
 * A node and a mesh a layer, with its name. Y is up. A mesh has one primitive for what is opaque and one, with alphaMode BLEND, for what is
 * translucent, over the same vertices; of more than 65,535 vertices there are several, so that indices of 16 bits do for each (not of
 * closed and smooth surfaces, whose vertices are shared all over). Materials are the layers' (colour, metallic, roughness, emission), without one: not metallic,
 * rough.
 *
 * Vertices lie in one buffer view, interleaved: POSITION; NORMAL if asked for, otherwise programs that follow the specification shade flat,
 * as voxels are; COLOR_0. Vertex colours are linear in glTF, ours are sRGB: they are converted and written as 16-bit normalized RGBA, of which
 * every sRGB byte comes back exactly; of linear bytes the dark ones would not. Indices lie in another view.
 *
 * Specification: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html; the transfer function: IEC 61966-2-1.
 */
#ifndef GOXEL_FORMAT_GLTF_H
#define GOXEL_FORMAT_GLTF_H

#include "format/format.h"

extern const struct goxel_format_option goxel_gltf_options[];

int goxel_glb_write(const struct goxel_export *export, struct goxel_buf *out);
int goxel_gltf_write(const struct goxel_export *export, struct goxel_buf *out);

#endif
