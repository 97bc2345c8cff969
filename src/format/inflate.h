/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compressed parts of a file, with a ceiling.
 *
 * Used by: format.  Uses: format/input.h, base/gzip.h.
 */
#ifndef GOXEL_FORMAT_INFLATE_H
#define GOXEL_FORMAT_INFLATE_H

#include "format/input.h"

/*
 * The next so many bytes, gzip or zlib, as what they were before: in `out`, whatever was in it. It grows as bytes come, never by what is
 * announced. Fails the input (and returns the code): GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_QUOTA (more than `ceiling` bytes),
 * GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code. The caller finishes `out` either way.
 */
int goxel_input_inflate(struct goxel_input *in, uint64_t count, size_t ceiling, const char *part,
                        struct goxel_buf *out);
/* An input over what was inflated: its offsets count there. */
struct goxel_input goxel_input_of_inflated(const struct goxel_input *in, const struct goxel_buf *out,
                                           const char *part);

#endif
