/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A part of a body (RFC 9110, 14).
 *
 * Used by: http only.  Uses: nothing.
 */
#ifndef GOXEL_HTTP_RANGE_H
#define GOXEL_HTTP_RANGE_H

#include <stdint.h>

enum range {
    RANGE_ALL,  /* none is asked for that we give: no header, another unit, several, or a broken one */
    RANGE_PART, /* bytes from *ret_from on, *ret_len of them, at least one */
    RANGE_NONE, /* there is none of it: 416 */
};

/* `header` is that of the request or NULL, `len` the bytes that there are. */
enum range range_read(const char *header, uint64_t len, uint64_t *ret_from, uint64_t *ret_len);

#endif
