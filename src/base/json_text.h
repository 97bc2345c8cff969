/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside base/json: the parts of a JSON text that the scanner checks and the tree then trusts.
 *
 * Used by: base/json_scan.c, base/json_keys.c, base/json_tree.c.  Uses: base/buf.  Nobody else includes it.
 */
#ifndef GOXEL_BASE_JSON_TEXT_H
#define GOXEL_BASE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- json_number.c: literals that follow RFC 8259's grammar ---- */

/* false: the literal has a fraction or exponent, or lies outside int64. "-0" is 0. */
bool goxel_json_number_int(const char *literal, size_t len, int64_t *ret_value);

/* The double nearest to the literal, whatever the locale; infinite if there is no finite one. */
double goxel_json_number_double(const char *literal, size_t len);

/* ---- json_string.c: what stands between the quotes ---- */

/* The value of four hexadecimal digits, or -1. */
int goxel_json_hex4(const char *digits);

/*
 * Reads one character or escape at *at of a scanned string, and steps over it. Returns the bytes of
 * UTF-8 (1 to 4) that it stands for.
 */
size_t goxel_json_unescape(const char **at, char ret_bytes[4]);

/* ---- json_keys.c: duplicate keys ---- */

struct goxel_json_key {
    uint64_t hash;
    uint32_t offset; /* of the first byte after the quote */
    uint32_t len;    /* as written, escapes and all */
    uint32_t level;
    uint32_t slot; /* where it hangs in `slots` */
};

#define GOXEL_JSON_KEYS_FIRST 16 /* a power of two; as many need no memory of their own */

/*
 * The keys of all objects that are open at one place of a text. `init` makes it empty; `finish` frees.
 * Keys leave in the reverse order of their coming, when their object closes. At most 64 bytes for
 * each key, which is less than the same key costs in the tree: the tree's ceiling holds here too.
 */
struct goxel_json_keys {
    const char *text;
    struct goxel_json_key *keys; /* in the order of the text */
    size_t count, capacity;
    uint32_t *slots; /* index into keys plus one, 0: free; a power of two of them */
    size_t slot_count;
    struct goxel_json_key first_keys[GOXEL_JSON_KEYS_FIRST]; /* where they are until there are more */
    uint32_t first_slots[GOXEL_JSON_KEYS_FIRST * 2];
};

/* It stays where it is from here on. */
void goxel_json_keys_init(struct goxel_json_keys *keys, const char *text);

/* 0; GOXEL_ERROR_JSON_DUPLICATE if the object open at `level` has that key; GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_json_keys_add(struct goxel_json_keys *keys, size_t level, size_t offset, size_t len);
/* Forgets the keys of the object at `level`, the innermost one. */
void goxel_json_keys_leave(struct goxel_json_keys *keys, size_t level);
void goxel_json_keys_finish(struct goxel_json_keys *keys);

#endif
