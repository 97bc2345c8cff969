/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The values of a configuration text, read by libconfuse with a schema made from the option table.
 *
 * Used by: config/load.  Uses: config/table; libconfuse behind this header only.
 */
#ifndef GOXEL_CONFIG_READER_H
#define GOXEL_CONFIG_READER_H

#include <stddef.h>

/* A value, or one item of a list, in the order of the text. Not 0 stops the reading. */
typedef int goxel_reader_value(void *ctx, int slot, unsigned line, const char *text);

/*
 * `text` has passed goxel_outline, which counted its values. Returns 0, what `value` returned, or
 * GOXEL_ERROR_OUT_OF_MEMORY, the only way in which libconfuse still fails (it may also skip values
 * then: hence the count). One reading at a time: others wait.
 */
int goxel_reader_run(const char *text, size_t count, goxel_reader_value *value, void *ctx);

#endif
