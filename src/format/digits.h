/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers as text, by hand: models have millions of them.
 *
 * Used by: the text formats.  Uses: nothing.
 *
 * Each function writes to a place with room for GOXEL_DIGITS_MAX bytes, and returns where the next one goes. There is no NUL.
 */
#ifndef GOXEL_FORMAT_DIGITS_H
#define GOXEL_FORMAT_DIGITS_H

#include <stdint.h>

#define GOXEL_DIGITS_MAX 24

char *goxel_digits_uint(char *to, uint64_t value);
char *goxel_digits_int(char *to, int64_t value);

/* A finite number, in decimals that read back as the same float, as few as it takes. "1e-07" only where plain ones would be more than seven. */
char *goxel_digits_float(char *to, float value);

/* A byte as two hexadecimal digits, lower case. */
char *goxel_digits_hex(char *to, uint8_t byte);

#endif
