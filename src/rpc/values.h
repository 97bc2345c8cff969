/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values as clients write them: integers, positions, boxes, colours, names of layers.
 *
 * Used by: rpc alone.  Uses: core, base.
 *
 * Every reader takes the node, the name of the field for messages, and gives 0 or
 * GOXEL_ERROR_INVALID_PARAMS (wrong type, unknown or missing member, out of range),
 * GOXEL_ERROR_INVALID_COORDINATES (a coordinate out of its bounds), GOXEL_ERROR_INVALID_COLOR
 * (anything that is no colour), with field, value and expectation in the detail.
 */
#ifndef GOXEL_RPC_VALUES_H
#define GOXEL_RPC_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/detail.h"
#include "base/json.h"
#include "core/project.h"

#define GOXEL_FIELD_SIZE 64 /* a field's name with its NUL, as in struct goxel_detail */

/* A box, or a ball given by its centre. */
struct goxel_region {
    struct goxel_box box; /* the ball's bounds, cut to the coordinate range */
    bool ball;
    struct goxel_pos center;
    double radius; /* voxels */
};
bool goxel_region_contains(const struct goxel_region *region, struct goxel_pos pos);

struct goxel_layer_name {
    enum { GOXEL_LAYER_CURRENT, GOXEL_LAYER_ALL, GOXEL_LAYER_ID, GOXEL_LAYER_NAME } kind;
    int64_t id;
    const char *name; /* in the JSON tree */
};

/* Fails with the node's value as text (NULL: the value is missing). */
int goxel_fail_node(struct goxel_detail *detail, int code, const char *field, const struct goxel_json *node,
                    const char *expected_fmt, ...) __attribute__((format(printf, 5, 6)));

/* Is `word` one of a space-separated list? */
bool goxel_word_in(const char *list, const char *word, size_t len);
/* "a b" as "a, b", for people; cut at `size`. */
void goxel_words_list(const char *words, char *ret_list, size_t size);
/* "outer.inner" and "outer[index]", cut to size. */
void goxel_field_member(char ret_field[GOXEL_FIELD_SIZE], const char *outer, const char *inner);
void goxel_field_index(char ret_field[GOXEL_FIELD_SIZE], const char *outer, size_t index);

/* An object whose members are all among the space-separated `known`. */
int goxel_value_members(const struct goxel_json *node, const char *field, const char *known,
                        struct goxel_detail *detail);

int goxel_value_int(const struct goxel_json *node, const char *field, int64_t min, int64_t max,
                    struct goxel_detail *detail, int64_t *ret_value);
int goxel_value_number(const struct goxel_json *node, const char *field, double min, double max,
                       struct goxel_detail *detail, double *ret_value);
/* Without a NUL inside; at most `max` bytes. */
int goxel_value_string(const struct goxel_json *node, const char *field, size_t max,
                       struct goxel_detail *detail, const char **ret_bytes, size_t *ret_len);
int goxel_value_coord(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                      int32_t *ret_value);
int goxel_value_pos(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                    struct goxel_pos *ret_pos);
/* Three numbers, each from min to max, in the same forms as a position. */
int goxel_value_point(const struct goxel_json *node, const char *field, double min, double max,
                      struct goxel_detail *detail, double ret_point[3]);
int goxel_value_box(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                    struct goxel_box *ret_box);
int goxel_value_region(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                       struct goxel_region *ret_region);
int goxel_value_color(const struct goxel_json *node, const char *field, struct goxel_detail *detail,
                      struct goxel_color *ret_color);
int goxel_value_layer(const struct goxel_json *node, const char *field, bool all, struct goxel_detail *detail,
                      struct goxel_layer_name *ret_layer);

/* A colour to draw with: alpha 0 would remove, which is another method. */
int goxel_color_check(struct goxel_color color, const char *field, struct goxel_detail *detail);

void goxel_put_pos(struct goxel_json_writer *w, const char *key, struct goxel_pos pos);
void goxel_put_color(struct goxel_json_writer *w, const char *key, struct goxel_color color);
void goxel_put_box(struct goxel_json_writer *w, const char *key, const struct goxel_box *box);

#endif
