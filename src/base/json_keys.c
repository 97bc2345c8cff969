/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Duplicate keys in linear time, whoever chose the keys: a hash table with open addressing, its hash
 * a polynomial modulo 2^61-1 at a point that is drawn once a process. Two different keys of n bytes
 * collide for at most n of the 2^61 points, so nobody can prepare collisions without knowing it.
 *
 * Keys leave in the reverse order of their coming. That is why a slot can simply be freed: no key
 * that is still there was placed after, and so past, the one that leaves. `grow` keeps that true by
 * placing the keys anew in their order.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json_text.h"

#define PRIME ((1ull << 61) - 1)

static pthread_once_t seeded = PTHREAD_ONCE_INIT;
static uint64_t seeds[2]; /* the point, and a factor that spreads the result over the low bits */

static void draw_seeds(void)
{
    if (getrandom(seeds, sizeof(seeds), GRND_NONBLOCK) != (ssize_t)sizeof(seeds)) {
        /* Only before the kernel's generator is ready, early in a boot. */
        seeds[0] = (uint64_t)goxel_clock_ns() * 0x9e3779b97f4a7c15ull;
        seeds[1] = (uint64_t)(uintptr_t)&seeds ^ (uint64_t)goxel_wall_ms() << 20;
    }
    for (int i = 0; i < 2; i++)
        seeds[i] = 256 + seeds[i] % (PRIME - 256);
}

/* a * b modulo the prime: 2^61 is 1 there, so the high part is added to the low one. */
static uint64_t times(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    uint64_t sum = (uint64_t)(product & PRIME) + (uint64_t)(product >> 61);

    return sum >= PRIME ? sum - PRIME : sum;
}

/* Plus one: a byte of 0 must count too. */
static uint64_t hash_byte(uint64_t hash, uint8_t byte)
{
    uint64_t sum = hash + byte + 1;

    return times(sum >= PRIME ? sum - PRIME : sum, seeds[0]);
}

static uint64_t hash_key(size_t level, const char *key, size_t len)
{
    const char *end = key + len;
    uint64_t hash = hash_byte(0, (uint8_t)level);
    char bytes[4];

    while (key < end) {
        if (*key != '\\') {
            hash = hash_byte(hash, (uint8_t)*key++);
            continue;
        }
        for (size_t i = 0, n = goxel_json_unescape(&key, bytes); i < n; i++)
            hash = hash_byte(hash, (uint8_t)bytes[i]);
    }
    return times(hash, seeds[1]);
}

/* Compares what the keys mean, not how they are written. */
static bool same_key(const char *a, size_t a_len, const char *b, size_t b_len)
{
    const char *a_end = a + a_len, *b_end = b + b_len;
    char a_bytes[4], b_bytes[4];

    if (a_len == b_len && memcmp(a, b, a_len) == 0)
        return true;
    while (a < a_end && b < b_end) {
        size_t n = goxel_json_unescape(&a, a_bytes);

        if (goxel_json_unescape(&b, b_bytes) != n || memcmp(a_bytes, b_bytes, n) != 0)
            return false;
    }
    return a == a_end && b == b_end;
}

/* The slot of that key, or the free one where it belongs. */
static uint32_t find_slot(const struct goxel_json_keys *keys, const struct goxel_json_key *wanted)
{
    size_t mask = keys->slot_count - 1;
    size_t slot = wanted->hash & mask;

    for (; keys->slots[slot] != 0; slot = (slot + 1) & mask) {
        const struct goxel_json_key *key = &keys->keys[keys->slots[slot] - 1];

        if (key->hash == wanted->hash && key->level == wanted->level &&
            same_key(keys->text + key->offset, key->len, keys->text + wanted->offset, wanted->len))
            break;
    }
    return (uint32_t)slot;
}

static void place_again(struct goxel_json_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        size_t slot = keys->keys[i].hash & (keys->slot_count - 1);

        while (keys->slots[slot] != 0)
            slot = (slot + 1) & (keys->slot_count - 1);
        keys->slots[slot] = (uint32_t)i + 1;
        keys->keys[i].slot = (uint32_t)slot;
    }
}

static void let_go(struct goxel_json_keys *keys)
{
    if (keys->keys != keys->first_keys)
        free(keys->keys);
    if (keys->slots != keys->first_slots)
        free(keys->slots);
}

/* Room for twice the keys, and two slots for each. */
static int grow(struct goxel_json_keys *keys)
{
    size_t capacity = keys->capacity * 2;
    struct goxel_json_key *more = reallocarray(NULL, capacity, sizeof(*more));
    uint32_t *slots = calloc(capacity * 2, sizeof(*slots));

    if (!more || !slots) {
        free(more);
        free(slots);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    memcpy(more, keys->keys, keys->count * sizeof(*more));
    let_go(keys);
    keys->keys = more;
    keys->slots = slots;
    keys->slot_count = capacity * 2;
    keys->capacity = capacity;
    place_again(keys);
    return 0;
}

void goxel_json_keys_init(struct goxel_json_keys *keys, const char *text)
{
    keys->text = text;
    keys->keys = keys->first_keys;
    keys->count = 0;
    keys->capacity = GOXEL_JSON_KEYS_FIRST;
    keys->slots = keys->first_slots;
    keys->slot_count = GOXEL_JSON_KEYS_FIRST * 2;
    memset(keys->first_slots, 0, sizeof(keys->first_slots));
}

int goxel_json_keys_add(struct goxel_json_keys *keys, size_t level, size_t offset, size_t len)
{
    struct goxel_json_key key = {.offset = (uint32_t)offset, .len = (uint32_t)len, .level = (uint32_t)level};

    (void)pthread_once(&seeded, draw_seeds);
    if (keys->count == keys->capacity && grow(keys) != 0)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    key.hash = hash_key(level, keys->text + offset, len);
    key.slot = find_slot(keys, &key);
    if (keys->slots[key.slot] != 0)
        return GOXEL_ERROR_JSON_DUPLICATE;
    keys->keys[keys->count++] = key;
    keys->slots[key.slot] = (uint32_t)keys->count;
    return 0;
}

void goxel_json_keys_leave(struct goxel_json_keys *keys, size_t level)
{
    while (keys->count > 0 && keys->keys[keys->count - 1].level == level)
        keys->slots[keys->keys[--keys->count].slot] = 0;
}

void goxel_json_keys_finish(struct goxel_json_keys *keys)
{
    let_go(keys);
    goxel_json_keys_init(keys, NULL);
}
