/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Choosing the state of a brick takes a small hash table, mostly empty: what costs is a branch that goes
 * the unexpected way, not memory. A brick with too many colours gives up at the first one too many.
 */
#include "core/brick.h"

#include <stdlib.h>
#include <string.h>

#include "core/away.h"
#include "core/places.h"

/* ---- life ---- */

static const size_t state_bytes[] = {
    [GOXEL_BRICK_RGBA] = GOXEL_BRICK_BYTES,
    [GOXEL_BRICK_PALETTE_8] = GOXEL_BRICK_COLORS_8 * sizeof(struct goxel_color) + GOXEL_BRICK_VOXELS,
    [GOXEL_BRICK_PALETTE_4] = GOXEL_BRICK_COLORS_4 * sizeof(struct goxel_color) + GOXEL_BRICK_VOXELS / 2,
    [GOXEL_BRICK_AWAY] = sizeof(struct goxel_source *) + sizeof(int64_t),
};

struct goxel_brick *goxel_brick_create(enum goxel_brick_state state)
{
    struct goxel_brick *brick = malloc(sizeof(*brick) + state_bytes[state]);

    if (!brick)
        return NULL;
    atomic_init(&brick->refs, 1);
    brick->count = 0;
    brick->state = (uint8_t)state;
    brick->open = false;
    brick->used = 0;
    return brick;
}

size_t goxel_brick_state_bytes(unsigned state)
{
    return sizeof(struct goxel_brick) + state_bytes[state];
}

size_t goxel_brick_bytes(const struct goxel_brick *brick)
{
    return goxel_brick_state_bytes(brick->state);
}

struct goxel_brick *goxel_brick_ref(struct goxel_brick *brick)
{
    atomic_fetch_add_explicit(&brick->refs, 1, memory_order_relaxed);
    return brick;
}

void goxel_brick_unref(struct goxel_brick *brick)
{
    /* Release and acquire: everything done with the brick by others happens before it is freed. */
    if (atomic_fetch_sub_explicit(&brick->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (brick->state == GOXEL_BRICK_AWAY)
        goxel_brick_leave(brick);
    free(brick);
}

/* ---- reading ---- */

/* A byte is two voxels: both at once, out of a table of all the pairs that there are. */
static void read_halves(const struct goxel_brick *brick, struct goxel_color *ret_voxels)
{
    const uint8_t *bytes = (const uint8_t *)(brick->colors + GOXEL_BRICK_COLORS_4);
    struct goxel_color pairs[GOXEL_BRICK_COLORS_4 * GOXEL_BRICK_COLORS_4][2];

    for (size_t i = 0; i < GOXEL_BRICK_COLORS_4 * GOXEL_BRICK_COLORS_4; i++) {
        pairs[i][0] = brick->colors[i % GOXEL_BRICK_COLORS_4];
        pairs[i][1] = brick->colors[i / GOXEL_BRICK_COLORS_4];
    }
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS / 2; i++)
        memcpy(ret_voxels + 2 * i, pairs[bytes[i]], sizeof(pairs[0]));
}

static void read_bytes(const struct goxel_brick *brick, struct goxel_color *ret_voxels)
{
    const uint8_t *bytes = (const uint8_t *)(brick->colors + GOXEL_BRICK_COLORS_8);

#pragma GCC unroll 8
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++)
        ret_voxels[i] = brick->colors[bytes[i]];
}

static void read_few(const struct goxel_brick *brick, struct goxel_color *ret_voxels)
{
    uint64_t mask[GOXEL_PLACES_WORDS];
    uint16_t list[GOXEL_PLACES_MAX];
    unsigned count;

    goxel_places_of_brick(brick, mask);
    count = goxel_places_list(mask, list);
    memset(ret_voxels, 0, GOXEL_BRICK_BYTES);
    for (unsigned i = 0; i < count; i++)
        ret_voxels[list[i]] = goxel_brick_get(brick, list[i]);
}

/* What was loaded may be gone soon: none of its memory is handed on. */
static const struct goxel_color *read_away(const struct goxel_brick *brick, struct goxel_color *buffer)
{
    const struct goxel_color *colors = goxel_brick_read(goxel_brick_loaded(brick), buffer);

    if (colors != buffer)
        memcpy(buffer, colors, GOXEL_BRICK_BYTES);
    return buffer;
}

const struct goxel_color *goxel_brick_read(const struct goxel_brick *brick,
                                           struct goxel_color buffer[GOXEL_BRICK_VOXELS])
{
    if (brick->state == GOXEL_BRICK_RGBA)
        return brick->colors;
    if (brick->state == GOXEL_BRICK_AWAY)
        return read_away(brick, buffer);
    if (brick->count < GOXEL_PLACES_FEW)
        read_few(brick, buffer);
    else if (brick->state == GOXEL_BRICK_PALETTE_8)
        read_bytes(brick, buffer);
    else
        read_halves(brick, buffer);
    return buffer;
}

void goxel_brick_indices(const struct goxel_brick *brick, uint8_t ret_indices[GOXEL_BRICK_VOXELS])
{
    const uint8_t *bytes = goxel_brick_place(brick, brick->state, 0);

    if (brick->state == GOXEL_BRICK_PALETTE_8) {
        memcpy(ret_indices, bytes, GOXEL_BRICK_VOXELS);
        return;
    }
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS / 2; i++) {
        ret_indices[2 * i] = bytes[i] & 15;
        ret_indices[2 * i + 1] = bytes[i] >> 4;
    }
}

int goxel_colors_count(const struct goxel_color *voxels)
{
    int count = 0;

    /* Of normal ones the whole is zero if alpha is: a comparison for four or more at a time. */
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++)
        count += goxel_color_bits(voxels[i]) != 0;
    return count;
}

/* ---- choosing the state ---- */

#define TABLE_BITS 11
#define TABLE_SIZE (1u << TABLE_BITS)

struct palette {
    uint32_t colors[GOXEL_BRICK_COLORS_8];
    unsigned used;
    uint8_t indices[GOXEL_BRICK_VOXELS];
    uint32_t keys[TABLE_SIZE]; /* 0: free */
    uint8_t values[TABLE_SIZE];
};

/* Never 0: there is no normal colour with alpha 0 and red. */
static inline uint32_t key_of(struct goxel_color color)
{
    static const struct goxel_color impossible = {1, 0, 0, 0};

    return goxel_color_bits(color) ^ goxel_color_bits(impossible);
}

static inline uint32_t place_of(uint32_t key)
{
    return key * UINT32_C(0x9e3779b1) >> (32 - TABLE_BITS);
}

/* The place of a colour that is not where it is looked for first, a new one perhaps; TABLE_SIZE: too many. */
static __attribute__((noinline)) uint32_t find_place(struct palette *palette, uint32_t key, uint32_t color)
{
    uint32_t at = place_of(key);

    while (palette->keys[at] != key) {
        if (palette->keys[at] == 0) {
            if (palette->used == GOXEL_BRICK_COLORS_8)
                return TABLE_SIZE;
            palette->keys[at] = key;
            palette->values[at] = (uint8_t)palette->used;
            palette->colors[palette->used++] = color;
            return at;
        }
        at = (at + 1) % TABLE_SIZE;
    }
    return at;
}

/* The row is as the one before it. Without a branch for each voxel. */
static bool row_repeats(const struct goxel_color *row)
{
    uint32_t differs = 0;

    for (int x = 0; x < GOXEL_BRICK_SIZE; x++)
        differs |= goxel_color_bits(row[x]) ^ goxel_color_bits(row[x - GOXEL_BRICK_SIZE]);
    return differs == 0;
}

/* Both are false for more colours than a palette has. */
static bool collect_row(struct palette *palette, const struct goxel_color *row, uint8_t *ret_indices)
{
#pragma GCC unroll 16 /* steps that are few and need nothing of each other */
    for (int x = 0; x < GOXEL_BRICK_SIZE; x++) {
        uint32_t key = key_of(row[x]), at = place_of(key);

        if (__builtin_expect(palette->keys[at] != key, 0)) {
            at = find_place(palette, key, goxel_color_bits(row[x]));
            if (at == TABLE_SIZE)
                return false;
        }
        ret_indices[x] = palette->values[at];
    }
    return true;
}

/* Of a brick with few voxels: those alone. */
static bool collect_listed(struct palette *palette, const struct goxel_color *voxels)
{
    uint64_t mask[GOXEL_PLACES_WORDS];
    uint16_t list[GOXEL_PLACES_MAX];
    unsigned count;

    goxel_places_of_colors(voxels, mask);
    count = goxel_places_list(mask, list);
    memset(palette->indices, 0, sizeof(palette->indices));
    for (unsigned i = 0; i < count; i++) {
        uint32_t key = key_of(voxels[list[i]]), at = place_of(key);

        if (palette->keys[at] != key) {
            at = find_place(palette, key, goxel_color_bits(voxels[list[i]]));
            if (at == TABLE_SIZE)
                return false;
        }
        palette->indices[list[i]] = palette->values[at];
    }
    return true;
}

static bool collect(struct palette *palette, const struct goxel_color *voxels, int count)
{
    palette->used = 0;
    memset(palette->keys, 0, sizeof(palette->keys));
    find_place(palette, key_of((struct goxel_color){0, 0, 0, 0}), 0);
    if (count < GOXEL_PLACES_FEW)
        return collect_listed(palette, voxels);
    for (size_t row = 0; row < GOXEL_BRICK_VOXELS; row += GOXEL_BRICK_SIZE) {
        uint8_t *indices = palette->indices + row;

        if (row > 0 && row_repeats(voxels + row))
            memcpy(indices, indices - GOXEL_BRICK_SIZE, GOXEL_BRICK_SIZE);
        else if (!collect_row(palette, voxels + row, indices))
            return false;
    }
    return true;
}

static struct goxel_brick *create_with(const struct palette *palette)
{
    bool small = palette->used <= GOXEL_BRICK_COLORS_4;
    size_t colors = small ? GOXEL_BRICK_COLORS_4 : GOXEL_BRICK_COLORS_8;
    struct goxel_brick *brick = goxel_brick_create(small ? GOXEL_BRICK_PALETTE_4 : GOXEL_BRICK_PALETTE_8);
    uint8_t *bytes;

    if (!brick)
        return NULL;
    memset(brick->colors, 0, colors * sizeof(brick->colors[0]));
    memcpy(brick->colors, palette->colors, palette->used * sizeof(brick->colors[0]));
    brick->used = (uint16_t)palette->used;
    bytes = (uint8_t *)(brick->colors + colors);
    if (!small) {
        memcpy(bytes, palette->indices, GOXEL_BRICK_VOXELS);
        return brick;
    }
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS / 2; i++)
        bytes[i] = (uint8_t)(palette->indices[2 * i] | palette->indices[2 * i + 1] << 4);
    return brick;
}

/* One colour all over. */
static bool is_plain(const struct palette *palette, int count)
{
    return palette->used == 1 || (palette->used == 2 && count == GOXEL_BRICK_VOXELS);
}

enum goxel_brick_need goxel_brick_encode(const struct goxel_color *voxels, int count,
                                         struct goxel_brick **ret_brick)
{
    struct palette palette;
    struct goxel_brick *brick;

    if (!collect(&palette, voxels, count))
        return GOXEL_NEED_RGBA;
    if (is_plain(&palette, count))
        return GOXEL_NEED_TILE;
    brick = create_with(&palette);
    if (!brick)
        return GOXEL_NEED_MEMORY;
    brick->count = (uint16_t)count;
    *ret_brick = brick;
    return GOXEL_NEED_PALETTE;
}

/* ---- a palette that there is ---- */

/* The empty colour first, and none twice. */
static bool colors_differ(const struct goxel_color *colors, unsigned used)
{
    uint32_t table[4 * GOXEL_BRICK_COLORS_8] = {0};

    if (goxel_color_bits(colors[0]) != 0)
        return false;
    for (unsigned i = 1; i < used; i++) {
        uint32_t bits = goxel_color_bits(colors[i]), at = bits * UINT32_C(0x9e3779b1) >> 22;

        while (table[at] && table[at] != bits)
            at = (at + 1) % (4 * GOXEL_BRICK_COLORS_8);
        if (bits == 0 || table[at] == bits)
            return false;
        table[at] = bits;
    }
    return true;
}

/* In the order of their first appearance, each of them used. *ret_count: those that are not empty. */
static bool indices_in_order(const uint8_t *indices, unsigned used, int *ret_count)
{
    unsigned highest = 0;
    int count = 0;

    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        count += indices[i] != 0;
        if (__builtin_expect(indices[i] > highest, 0) && indices[i] != ++highest)
            return false;
    }
    *ret_count = count;
    return highest + 1 == used;
}

struct goxel_brick *goxel_brick_of_palette(const struct goxel_color *colors, unsigned used,
                                           const uint8_t indices[GOXEL_BRICK_VOXELS])
{
    struct palette palette;
    struct goxel_brick *brick;
    int count = 0;

    if (!colors_differ(colors, used) || !indices_in_order(indices, used, &count))
        return NULL;
    palette.used = used;
    if (is_plain(&palette, count))
        return NULL;
    memcpy(palette.colors, colors, used * sizeof(colors[0]));
    memcpy(palette.indices, indices, sizeof(palette.indices));
    brick = create_with(&palette);
    if (brick)
        brick->count = (uint16_t)count;
    return brick;
}

/* ---- one voxel of a palette ---- */

/* The first voxel of an entry, or NULL. */
static const uint8_t *find_first(const struct palette *palette, size_t entry)
{
    return memchr(palette->indices, (int)entry, GOXEL_BRICK_VOXELS);
}

/* Of entries in the order of first appearance, the first one from `low` on that does not appear before the place. */
static size_t find_rank(const struct palette *palette, size_t low, size_t end, const uint8_t *place)
{
    while (low < end) {
        size_t middle = (low + end) / 2;

        if (find_first(palette, middle) < place)
            low = middle + 1;
        else
            end = middle;
    }
    return low;
}

/* Gives an entry another number; those between move on by one. */
static void move_entry(struct palette *palette, size_t from, size_t to)
{
    uint8_t low = (uint8_t)(from < to ? from : to), span = (uint8_t)(from < to ? to - from : from - to);
    uint8_t step = from < to ? UINT8_MAX : 1, first = (uint8_t)from, last = (uint8_t)to;
    uint32_t color = palette->colors[from];

    if (from == to)
        return;
    if (from < to)
        memmove(palette->colors + from, palette->colors + from + 1, span * sizeof(color));
    else
        memmove(palette->colors + to + 1, palette->colors + to, span * sizeof(color));
    palette->colors[to] = color;
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        uint8_t entry = palette->indices[i],
                moved = (uint8_t)(entry - low) <= span ? (uint8_t)(entry + step) : entry;

        palette->indices[i] = entry == first ? last : moved;
    }
}

/* Makes a voxel empty. */
static void take_voxel(struct palette *palette, uint8_t *place)
{
    size_t entry = *place;
    const uint8_t *next;

    *place = 0;
    if (entry == 0)
        return;
    next = find_first(palette, entry);
    if (!next) {
        move_entry(palette, entry, palette->used - 1);
        palette->used--;
    } else if (next > place) {
        move_entry(palette, entry, find_rank(palette, entry + 1, palette->used, next) - 1);
    }
}

/* Makes an empty voxel one of a colour. False: that would be one too many. */
static bool put_voxel(struct palette *palette, uint8_t *place, uint32_t color)
{
    size_t entry = 0, rank;

    while (entry < palette->used && palette->colors[entry] != color)
        entry++;
    if (entry == GOXEL_BRICK_COLORS_8)
        return false;
    if (entry == palette->used)
        palette->colors[palette->used++] = color;
    if (entry > 0) {
        rank = find_rank(palette, 1, entry, place);
        move_entry(palette, entry, rank);
        entry = rank;
    }
    *place = (uint8_t)entry;
    return true;
}

struct goxel_brick *goxel_brick_with(const struct goxel_brick *brick, size_t index, struct goxel_color color)
{
    int count = brick->count + (color.a != 0) - (goxel_brick_get(brick, index).a != 0);
    struct palette palette;
    struct goxel_brick *with;

    palette.used = brick->used;
    memcpy(palette.colors, brick->colors, palette.used * sizeof(palette.colors[0]));
    goxel_brick_indices(brick, palette.indices);
    take_voxel(&palette, palette.indices + index);
    if (!put_voxel(&palette, palette.indices + index, goxel_color_bits(color)) || is_plain(&palette, count))
        return NULL;
    with = create_with(&palette);
    if (with)
        with->count = (uint16_t)count;
    return with;
}

/* ---- two colours ---- */

/* Eight bits as eight half bytes, the lowest first. */
static uint32_t spread(uint32_t bits)
{
    bits = (bits | bits << 12) & 0x000f000f;
    bits = (bits | bits << 6) & 0x03030303;
    return (bits | bits << 3) & 0x11111111;
}

struct goxel_brick *goxel_brick_of_bits(const uint16_t rows[GOXEL_BRICK_SIZE * GOXEL_BRICK_SIZE],
                                        struct goxel_color clear, struct goxel_color set)
{
    struct goxel_brick *brick = goxel_brick_create(GOXEL_BRICK_PALETTE_4);
    bool set_first = rows[0] & 1 || !clear.a; /* of those that are not empty */
    uint32_t index_set = !set.a      ? 0
                         : set_first ? 1
                                     : 2,
             index_clear = !clear.a             ? 0
                           : set_first && set.a ? 2
                                                : 1;
    int ones = 0;
    uint8_t *bytes;

    if (!brick)
        return NULL;
    memset(brick->colors, 0, GOXEL_BRICK_COLORS_4 * sizeof(brick->colors[0]));
    brick->colors[index_clear] = clear;
    brick->colors[index_set] = set;
    brick->used = clear.a && set.a ? 3 : 2;
    bytes = (uint8_t *)(brick->colors + GOXEL_BRICK_COLORS_4);
    for (size_t i = 0; i < GOXEL_BRICK_SIZE * GOXEL_BRICK_SIZE; i++) {
        uint32_t halves[2] = {spread(rows[i] & 0xff), spread(rows[i] >> 8)};

        ones += __builtin_popcount(rows[i]);
        for (size_t half = 0; half < 2; half++) {
            uint32_t indices = halves[half] * (index_set ^ index_clear) ^ index_clear * 0x11111111;

            for (size_t byte = 0; byte < 4; byte++)
                bytes[8 * i + 4 * half + byte] = (uint8_t)(indices >> 8 * byte);
        }
    }
    brick->count = (uint16_t)((set.a ? ones : 0) + (clear.a ? GOXEL_BRICK_VOXELS - ones : 0));
    return brick;
}
