/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/hash.h"

/* ---- one ---- */

struct goxel_key *goxel_key_create(const char *text, uint64_t request, const char *result, size_t result_len)
{
    size_t text_bytes = strlen(text) + 1;
    bool kept = result && result_len <= GOXEL_KEY_RESULT_MAX;
    struct goxel_key *key = malloc(sizeof(*key) + text_bytes + (kept ? result_len : 0));
    char *bytes;

    if (!key)
        return NULL;
    bytes = (char *)(key + 1);
    *key = (struct goxel_key){.request = request, .text = bytes, .hash = goxel_hash(0, text, text_bytes)};
    atomic_init(&key->refs, 1);
    memcpy(bytes, text, text_bytes);
    if (!kept)
        return key;
    memcpy(bytes + text_bytes, result, result_len);
    key->result = bytes + text_bytes;
    key->result_len = result_len;
    return key;
}

struct goxel_key *goxel_key_ref(struct goxel_key *key)
{
    atomic_fetch_add_explicit(&key->refs, 1, memory_order_relaxed);
    return key;
}

void goxel_key_unref(struct goxel_key *key)
{
    if (key && atomic_fetch_sub_explicit(&key->refs, 1, memory_order_acq_rel) == 1)
        free(key);
}

int goxel_key_list_add(struct goxel_key_list *list, struct goxel_key *key)
{
    int code = goxel_array_reserve(&list->list, &list->capacity, list->count + 1, sizeof(key));

    if (code)
        goxel_key_unref(key);
    else
        list->list[list->count++] = key;
    return code;
}

void goxel_key_list_finish(struct goxel_key_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        goxel_key_unref(list->list[i]);
    free(list->list);
    *list = (struct goxel_key_list){NULL, 0, 0};
}

/* ---- buckets ---- */

static struct goxel_key **bucket(const struct goxel_keys *keys, uint64_t hash)
{
    return &keys->buckets[hash & (keys->bucket_count - 1)];
}

static void put(struct goxel_keys *keys, struct goxel_key *key)
{
    struct goxel_key **at = bucket(keys, key->hash);

    key->in_bucket = *at;
    *at = key;
}

static void take_out(struct goxel_keys *keys, const struct goxel_key *key)
{
    struct goxel_key **at = bucket(keys, key->hash);

    while (*at != key)
        at = &(*at)->in_bucket;
    *at = key->in_bucket;
}

static void free_buckets(struct goxel_keys *keys)
{
    if (keys->buckets != keys->first_buckets)
        free(keys->buckets);
}

/* As many buckets as keys. Without memory the chains just grow longer. */
static void make_room(struct goxel_keys *keys)
{
    size_t wanted = 2 * keys->bucket_count;
    struct goxel_key **more;

    if (keys->count < keys->bucket_count)
        return;
    more = calloc(wanted, sizeof(struct goxel_key *));
    if (!more)
        return;
    free_buckets(keys);
    keys->buckets = more;
    keys->bucket_count = wanted;
    for (struct goxel_key *key = keys->oldest; key; key = key->newer)
        put(keys, key);
}

/* ---- all of them ---- */

void goxel_keys_init(struct goxel_keys *keys, uint64_t last)
{
    *keys = (struct goxel_keys){.last = last, .bucket_count = GOXEL_KEYS_FIRST_BUCKETS};
    keys->buckets = keys->first_buckets;
}

void goxel_keys_finish(struct goxel_keys *keys)
{
    while (keys->oldest) {
        struct goxel_key *key = keys->oldest;

        keys->oldest = key->newer;
        goxel_key_unref(key);
    }
    free_buckets(keys);
}

struct goxel_key *goxel_keys_find(const struct goxel_keys *keys, const char *text)
{
    uint64_t hash = goxel_hash(0, text, strlen(text) + 1);
    struct goxel_key *key = *bucket(keys, hash);

    while (key && (key->hash != hash || strcmp(key->text, text) != 0))
        key = key->in_bucket;
    return key;
}

void goxel_keys_add(struct goxel_keys *keys, struct goxel_key *key)
{
    make_room(keys);
    key->number = ++keys->last;
    key->older = keys->newest;
    key->newer = NULL;
    *(keys->newest ? &keys->newest->newer : &keys->oldest) = goxel_key_ref(key);
    keys->newest = key;
    keys->count++;
    put(keys, key);
}

static void drop(struct goxel_keys *keys, struct goxel_key *key)
{
    take_out(keys, key);
    *(key->older ? &key->older->newer : &keys->oldest) = key->newer;
    *(key->newer ? &key->newer->older : &keys->newest) = key->older;
    keys->count--;
    goxel_key_unref(key);
}

void goxel_keys_cut(struct goxel_keys *keys, uint64_t last)
{
    while (keys->newest && keys->newest->number > last)
        drop(keys, keys->newest);
    keys->last = last;
}

void goxel_keys_age(struct goxel_keys *keys, uint64_t settled)
{
    while (keys->oldest && settled >= GOXEL_KEYS_MAX && keys->oldest->number <= settled - GOXEL_KEYS_MAX)
        drop(keys, keys->oldest);
}
