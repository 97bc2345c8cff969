/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parameters as clients of the existing Goxel daemon write them: by name or by place, fractions where whole numbers are
 * meant, colours as numbers, in an array or as text. What is not known is passed over, what is missing has its default.
 *
 * Used by: rpc/methods.  Uses: rpc/values.
 *
 * Readers give 0, or GOXEL_ERROR_INVALID_PARAMS, GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_INVALID_COLOR with the field in
 * the detail. `at` is the place in an array of parameters; below 0: it has none.
 */
#ifndef GOXEL_RPC_LOOSE_H
#define GOXEL_RPC_LOOSE_H

#include "rpc/values.h"

struct goxel_loose {
    const struct goxel_json *node; /* object, array or NULL: nothing was sent */
    struct goxel_detail *detail;
};

/* NULL has the type of null. */
enum goxel_json_type goxel_loose_type(const struct goxel_json *node);

/* An array of one object is that object. */
struct goxel_loose goxel_loose_make(const struct goxel_json *params, struct goxel_detail *detail);

/* NULL: it was not sent, or is null. */
const struct goxel_json *goxel_loose_get(const struct goxel_loose *params, const char *name, int at);

/* Fractions are rounded down. Outside of min … max it is refused. */
int goxel_loose_int(const struct goxel_loose *params, const char *name, int at, int64_t min, int64_t max,
                    int64_t *value);
int goxel_loose_bool(const struct goxel_loose *params, const char *name, int at,
                     bool *value); /* 0 and 1, too */
/* *text is in the JSON tree. */
int goxel_loose_text(const struct goxel_loose *params, const char *name, int at, const char **text);

/* `position`, or x, y, z from `at` on. */
int goxel_loose_pos(const struct goxel_loose *params, int at, struct goxel_pos *ret_pos);
/* {x, y, z} or [x, y, z] under a name. */
int goxel_loose_point(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                      struct goxel_pos *ret_pos);

/*
 * `color` in any form; or r, g, b and, of 4 `channels`, maybe a from `at` on; or one in text at `at`. A channel that is a fraction from 0 to 1
 * is a part of 255. *ret_next: where the next parameter is, if they are in an array.
 */
int goxel_loose_color(const struct goxel_loose *params, int at, int channels, struct goxel_color *ret_color,
                      int *ret_next);
int goxel_loose_color_of(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                         struct goxel_color *ret_color);

#endif
