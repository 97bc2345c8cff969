/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables for people: rows of cells in aligned columns.
 *
 * Used by: ctl alone.  Uses: ctl/reply.h, base.
 */
#ifndef GOXEL_CTL_TABLE_H
#define GOXEL_CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"

#define CTL_COLUMNS_MAX 10

/*
 * Rows of cells. Life: the caller's, `init` with the headings, as many `put` as there are columns for each row, `print`,
 * `finish`.
 */
struct ctl_table {
    size_t columns, at;
    const char *headings[CTL_COLUMNS_MAX];
    bool right[CTL_COLUMNS_MAX];
    size_t widths[CTL_COLUMNS_MAX];
    struct goxel_buf cells; /* each with its NUL */
};

/* `headings` ends with NULL; one that begins with ">" heads a column of numbers. */
void ctl_table_init(struct ctl_table *table, const char *const *headings);
void ctl_table_put(struct ctl_table *table, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Of `member` of an object, as ctl_member_text has it. */
void ctl_table_put_member(struct ctl_table *table, const struct goxel_json *object, const char *member);
/* A code of base/error if the rows did not fit into memory. */
int ctl_table_print(struct ctl_table *table);
void ctl_table_finish(struct ctl_table *table);

#endif
