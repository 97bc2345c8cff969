/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text that may not be text: well-formed UTF-8 told from other bytes, and bytes made fit to print.
 *
 * Used by: every folder.  Uses: nothing.  Thread-safe.
 */
#ifndef GOXEL_BASE_UTF8_H
#define GOXEL_BASE_UTF8_H

#include <stddef.h>

/*
 * Bytes (1 to 4) of the character that `bytes` begins with; 0 if it begins with none. Well-formed as
 * in RFC 3629: shortest form, no surrogates, nothing above U+10FFFF.
 */
size_t goxel_utf8_length(const char *bytes, size_t len);

/*
 * Bytes of the character that `bytes` begins with if a terminal obeys it or puts others in another order because of
 * it, else 0: U+0000 to U+001F, U+007F to U+009F, U+061C, U+200E and U+200F, U+2028 to U+202E, U+2066 to U+2069.
 * *ret_code_point is its number.
 */
size_t goxel_utf8_commanding(const char *bytes, size_t len, unsigned *ret_code_point);

/*
 * Copies to `to` (`size` ≥ 1 bytes, NUL included) what fits of `from`, with control characters (C1
 * too: terminals obey them) and malformed bytes as `\xNN`. Ends on the border of a character or
 * escape. Returns the bytes of `from` that were copied: fewer than `len` means cut.
 */
size_t goxel_utf8_printable(char *to, size_t size, const char *from, size_t len);

#endif
