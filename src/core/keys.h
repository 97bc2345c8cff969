/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keys of the last requests that edited one project, and what they were answered: a client that has heard nothing
 * asks again with the same key, and is told what became of the first time.
 *
 * Used by: core/head, store, rpc.  Uses: base/hash.
 *
 *     oldest ─► … ─► newest     in the order they came, each with its number: they are counted from the beginning
 *     buckets                   the same, by their text
 *
 * Keys belong to what is published as much as voxels do: one whose edit does not last must be gone, and one whose edit
 * is still on its way must be found. Versions do not keep them, though: a version has the *number* of keys up to it
 * (project.h, `key_count`), and as the keys of a tip are those of what it was made from and at most one more, dropping
 * a tip cuts the newest until the number is that of the version before. So each costs the same however many there are,
 * and no list has to be shared, copied or cut while others follow it.
 *
 * A key itself never changes and is counted, so that whoever looks at many holds up nobody.
 *
 * Life: a struct goxel_keys is embedded in a head (core/head.h), whose lock it is used under; it
 * stays where it is. Nothing that is done with it can fail.
 */
#ifndef GOXEL_CORE_KEYS_H
#define GOXEL_CORE_KEYS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one project; of those on their way there may be more. */
#define GOXEL_KEYS_MAX 10000
/* A longer result is not kept: a repeat learns that the edit was made, not what it was answered. */
#define GOXEL_KEY_RESULT_MAX 4096

struct goxel_key {
    atomic_size_t refs;
    uint64_t request;   /* hash of what was asked for, to tell a repeat from another request */
    const char *text;   /* the key: a name (goxel_name_check) */
    const char *result; /* as JSON, result_len bytes; NULL: it was not kept */
    size_t result_len;
    /* of the keys that it is in */
    uint64_t number, hash;
    struct goxel_key *older, *newer, *in_bucket;
};

/*
 * With one reference, and copies of key and result; `result` NULL, or longer than GOXEL_KEY_RESULT_MAX: it is not kept.
 * NULL: out of memory.
 */
struct goxel_key *goxel_key_create(const char *text, uint64_t request, const char *result, size_t result_len);
struct goxel_key *goxel_key_ref(struct goxel_key *key); /* one more */
void goxel_key_unref(struct goxel_key *key);            /* NULL is fine */

/* Some of them, oldest first, a reference each. */
struct goxel_key_list {
    struct goxel_key **list; /* owned */
    size_t count, capacity;
};
/* Takes the reference over, also on failure: GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_key_list_add(struct goxel_key_list *list, struct goxel_key *key);
void goxel_key_list_finish(struct goxel_key_list *list); /* a zeroed one is fine */

#define GOXEL_KEYS_FIRST_BUCKETS 8

struct goxel_keys {
    struct goxel_key *oldest, *newest; /* NULL: there is none */
    uint64_t last;                     /* number of the newest, or of the last that there was */
    size_t count;
    struct goxel_key **buckets; /* a power of two */
    size_t bucket_count;
    struct goxel_key *first_buckets[GOXEL_KEYS_FIRST_BUCKETS]; /* until there is more: adding cannot fail */
};

void goxel_keys_init(struct goxel_keys *keys, uint64_t last); /* `last` keys were there before */
void goxel_keys_finish(struct goxel_keys *keys);

struct goxel_key *goxel_keys_find(const struct goxel_keys *keys,
                                  const char *text); /* NULL: it is none of them */
/* The newest from here on, with a reference of its own to it. No other has the same text. */
void goxel_keys_add(struct goxel_keys *keys, struct goxel_key *key);
/* The newest go until `last` is the number of the last one. */
void goxel_keys_cut(struct goxel_keys *keys, uint64_t last);
/* The oldest go until GOXEL_KEYS_MAX are left of those up to the number `settled`. */
void goxel_keys_age(struct goxel_keys *keys, uint64_t settled);

#endif
