/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A configuration file's shape: which option is given on which line.
 *
 * Used by: config/load.  Uses: config/scan, config/table, config/report.
 *
 * libconfuse reads values well, and files badly: it stops at the first name it does not know, takes
 * a section that is never closed and a key that comes twice, expands environment variables, counts
 * lines wrongly after a comment, leaks or sticks in the middle of a string when it fails, and exits
 * the process when memory runs out in its lexer. So the shape is checked here first, everything
 * wrong with it is reported, and what must not be read is blanked: libconfuse only ever sees a text
 * that it cannot fail on.
 */
#ifndef GOXEL_CONFIG_OUTLINE_H
#define GOXEL_CONFIG_OUTLINE_H

#include <stddef.h>

#include "config/report.h"
#include "config/table.h"

/* Bytes that the text must have room for past `len`: braces of sections that were cut short, and a NUL. */
#define GOXEL_OUTLINE_ROOM 8

/*
 * Changes `text` as told above. `ret_lines[slot]` is the line on which an option's name stands, 0 if
 * it is not given. A mistake in the syntax ends the reading and the text, all others do not. Returns
 * how many values are left to be read.
 */
size_t goxel_outline(char *text, size_t len, const char *file, struct goxel_report *report,
                     unsigned ret_lines[GOXEL_SLOT_COUNT]);

#endif
