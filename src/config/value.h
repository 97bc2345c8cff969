/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One option's value: from text by its row of the table, and back.
 *
 * Used by: config.  Uses: config/table, base.
 *
 * Life: embedded by its owner, zeroed at first, ended with `goxel_value_finish`.
 */
#ifndef GOXEL_CONFIG_VALUE_H
#define GOXEL_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/detail.h"
#include "config/table.h"

struct goxel_value {
    int64_t number; /* INT, OCTAL; BOOL: 0 or 1 */
    char *text;     /* other scalars */
    char **items;   /* lists */
    size_t count;
};

/* Items of one list. */
#define GOXEL_ITEMS_MAX 256

/*
 * Checks `text` against the row, and sets the value or appends to the list. DAEMON_ERROR_CONFIG_INVALID
 * with value and expectation in the detail; GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_value_add(struct goxel_value *value, const struct goxel_option_row *row, const char *text,
                    struct goxel_detail *detail);
int goxel_value_set_default(struct goxel_value *value, const struct goxel_option_row *row);

int goxel_value_copy(struct goxel_value *value, const struct goxel_value *from); /* onto a zeroed one */
bool goxel_value_same(const struct goxel_value *a, const struct goxel_value *b);
void goxel_value_finish(struct goxel_value *value); /* leaves it zeroed */

/* As it stands in a configuration file after the `=`. */
void goxel_value_print(const struct goxel_value *value, const struct goxel_option_row *row,
                       struct goxel_buf *out);
/* What the row accepts: "a whole number from 1 to 256 (threads)". */
void goxel_value_describe(const struct goxel_option_row *row, struct goxel_buf *out);

#endif
