/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In a brick with few voxels, finding them is what costs: sixteen or more at a time where the machine can. */
#include "core/places.h"

#include <string.h>

#ifdef __SSE2__
#include <immintrin.h>

/* Bits of sixteen bytes: those that are as the ones given. */
static inline uint64_t same(__m128i bytes, __m128i as)
{
    return (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, as));
}

/* All bits of the colours that are as the ones given. */
static inline __m128i compare_colors(const __m128i *at, __m128i as)
{
    return _mm_cmpeq_epi32(_mm_loadu_si128(at), as);
}

static inline uint64_t same_colors(const __m128i *at, __m128i as)
{
    __m128i low = _mm_packs_epi32(compare_colors(at, as), compare_colors(at + 1, as));
    __m128i high = _mm_packs_epi32(compare_colors(at + 2, as), compare_colors(at + 3, as));

    return (uint64_t)_mm_movemask_epi8(_mm_packs_epi16(low, high));
}

void goxel_places_of_colors(const struct goxel_color *colors, uint64_t ret_mask[GOXEL_PLACES_WORDS])
{
    const __m128i *at = (const __m128i *)colors, none = _mm_setzero_si128();

    for (int i = 0; i < GOXEL_PLACES_WORDS; i++, at += 16)
        ret_mask[i] = ~(same_colors(at, none) | same_colors(at + 4, none) << 16 |
                        same_colors(at + 8, none) << 32 | same_colors(at + 12, none) << 48);
}

/* The empty colour has index 0 in every palette. */
static void mask_bytes(const uint8_t *indices, uint64_t *ret_mask)
{
    const __m128i *at = (const __m128i *)indices, as = _mm_setzero_si128();

    for (int i = 0; i < GOXEL_PLACES_WORDS; i++, at += 4)
        ret_mask[i] = ~(same(at[0], as) | same(at[1], as) << 16 | same(at[2], as) << 32 |
                        same(at[3], as) << 48);
}

/* Of sixteen bytes, which are 32 voxels. */
static inline uint64_t same_halves(__m128i bytes, __m128i as)
{
    const __m128i half = _mm_set1_epi8(15);
    __m128i even = _mm_and_si128(bytes, half), odd = _mm_and_si128(_mm_srli_epi16(bytes, 4), half);

    return same(_mm_unpacklo_epi8(even, odd), as) | same(_mm_unpackhi_epi8(even, odd), as) << 16;
}

static void mask_halves(const uint8_t *indices, uint64_t *ret_mask)
{
    const __m128i *at = (const __m128i *)indices, as = _mm_setzero_si128();

    for (int i = 0; i < GOXEL_PLACES_WORDS; i++, at += 2)
        ret_mask[i] = ~(same_halves(at[0], as) | same_halves(at[1], as) << 32);
}

/* The two that most bricks need, for machines that have twice as wide a look: half the time of sparse bricks goes here. */
#define WIDE __attribute__((target("avx2")))

static WIDE void mask_bytes_wide(const uint8_t *indices, uint64_t *ret_mask)
{
    const __m256i *at = (const __m256i *)indices, as = _mm256_setzero_si256();

    for (int i = 0; i < GOXEL_PLACES_WORDS; i++, at += 2) {
        uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(at), as));
        uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(at + 1), as));

        ret_mask[i] = ~(low | (uint64_t)high << 32);
    }
}

static WIDE void mask_halves_wide(const uint8_t *indices, uint64_t *ret_mask)
{
    const __m256i *at = (const __m256i *)indices, as = _mm256_setzero_si256(), half = _mm256_set1_epi8(15);

    for (int i = 0; i < GOXEL_PLACES_WORDS; i++, at++) {
        /* Quarters in the order 0, 2, 1, 3, as what follows goes by halves of the 32 bytes. */
        __m256i bytes = _mm256_permute4x64_epi64(_mm256_loadu_si256(at), 0xd8);
        __m256i even = _mm256_and_si256(bytes, half),
                odd = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
        __m256i first = _mm256_cmpeq_epi8(_mm256_unpacklo_epi8(even, odd), as);
        __m256i second = _mm256_cmpeq_epi8(_mm256_unpackhi_epi8(even, odd), as);

        ret_mask[i] = ~((uint32_t)_mm256_movemask_epi8(first) |
                        (uint64_t)(uint32_t)_mm256_movemask_epi8(second) << 32);
    }
}

static void mask_brick(const struct goxel_brick *brick, bool wide, uint64_t *ret_mask)
{
    const void *place = goxel_brick_place(brick, brick->state, 0);

    if (brick->state == GOXEL_BRICK_RGBA)
        goxel_places_of_colors(place, ret_mask);
    else if (brick->state == GOXEL_BRICK_PALETTE_8)
        (wide ? mask_bytes_wide : mask_bytes)(place, ret_mask);
    else
        (wide ? mask_halves_wide : mask_halves)(place, ret_mask);
}

static bool is_wide(void)
{
    return __builtin_cpu_supports("avx2");
}

#else

void goxel_places_of_colors(const struct goxel_color *colors, uint64_t ret_mask[GOXEL_PLACES_WORDS])
{
    memset(ret_mask, 0, GOXEL_PLACES_WORDS * sizeof(*ret_mask));
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++)
        ret_mask[i / 64] |= (uint64_t)(colors[i].a != 0) << i % 64;
}

static void mask_brick(const struct goxel_brick *brick, bool wide, uint64_t *ret_mask)
{
    (void)wide;
    memset(ret_mask, 0, GOXEL_PLACES_WORDS * sizeof(*ret_mask));
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++)
        ret_mask[i / 64] |= (uint64_t)(goxel_brick_get(brick, i).a != 0) << i % 64;
}

static bool is_wide(void)
{
    return false;
}

#endif

void goxel_places_of_brick(const struct goxel_brick *brick, uint64_t ret_mask[GOXEL_PLACES_WORDS])
{
    mask_brick(brick, is_wide(), ret_mask);
}

void goxel_places_of_brick_plainly(const struct goxel_brick *brick, uint64_t ret_mask[GOXEL_PLACES_WORDS])
{
    mask_brick(brick, false, ret_mask);
}

/* The lowest bit of a word that may have none. */
static inline uint16_t lowest(uint64_t bits)
{
    return (uint16_t)__builtin_ctzll(bits | (uint64_t)1 << 63);
}

/*
 * Where voxels are few, a word has none, one or two of them, and no telling how many: words that have any are listed
 * first, and two places are written for each of those and counted if they are there, all without a branch.
 */
unsigned goxel_places_list(const uint64_t mask[GOXEL_PLACES_WORDS], uint16_t ret_list[GOXEL_PLACES_MAX])
{
    uint8_t words[GOXEL_PLACES_WORDS + 1];
    unsigned count = 0, used = 0;

    for (unsigned i = 0; i < GOXEL_PLACES_WORDS; i++) {
        words[used] = (uint8_t)i;
        used += mask[i] != 0;
    }
    for (unsigned i = 0; i < used; i++) {
        uint64_t first = mask[words[i]], second = first & (first - 1), rest = second & (second - 1);
        unsigned base = words[i] * 64u;

        ret_list[count++] = (uint16_t)(base | lowest(first));
        ret_list[count] = (uint16_t)(base | lowest(second));
        count += second != 0;
        for (; __builtin_expect(rest != 0, 0); rest &= rest - 1)
            ret_list[count++] = (uint16_t)(base | lowest(rest));
    }
    return count;
}
