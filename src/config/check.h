/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a text of the configuration may look like, by its meaning.
 *
 * Used by: config.  Uses: libc.  Thread-safe.
 */
#ifndef GOXEL_CONFIG_CHECK_H
#define GOXEL_CONFIG_CHECK_H

#include <stdbool.h>
#include <stdint.h>

/* "0" or digits without a leading zero, a minus before them at most; false too if int64 cannot hold it. */
bool goxel_check_decimal(const char *text, int64_t *ret_number);
/* "0", or octal digits after a leading zero. */
bool goxel_check_octal(const char *text, int64_t *ret_number);
bool goxel_check_bool(const char *text, bool *ret_value); /* true yes on, false no off, in any case */

bool goxel_check_choice(const char *choices, const char *text); /* one of "a|b|c" */
bool goxel_check_component(const char *path,
                           const char *name);  /* whether "name" stands between its slashes */
bool goxel_check_capability(const char *text); /* CAP_ and letters, in any case */

bool goxel_check_address(const char *text); /* an IPv4 or IPv6 literal, without brackets */
bool goxel_check_endpoint(const char *text, bool *ret_loopback); /* "ADDRESS:PORT", "[V6]:PORT" */
bool goxel_check_loopback(const char *address);                  /* of an address that passed the check */
bool goxel_check_host(const char *text);                         /* a name, an address, "[V6]" */
bool goxel_check_origin(const char *text);                       /* "http://HOST", "https://HOST:PORT" */
bool goxel_check_peer(
    const char *text); /* "user:NAME=LEVEL", "group:NAME=LEVEL"; whether they are there is not asked */

#endif
