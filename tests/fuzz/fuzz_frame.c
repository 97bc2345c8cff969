/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stream of JSON values in pieces: it is framed as it is in one piece. What is called broken is refused by the scanner,
 * and what the scanner takes is framed to its last byte.
 *
 * The first byte of the input seeds the lengths of the pieces; the rest is the stream.
 */
#include <string.h>

#include "base/json.h"
#include "fuzz.h"

#define ENDS_MAX 4096

static const struct goxel_json_limits limits = {.depth = 16, .tree_bytes = 1 << 20};

struct framing {
    size_t ends[ENDS_MAX]; /* behind each value */
    size_t count;
    size_t broken; /* behind the wrong byte, 0: there is none */
};

static size_t next_piece(uint32_t *random)
{
    *random = *random * 1664525 + 1013904223;
    return 1 + (*random >> 16) % 7;
}

/* A seed of 0: all of it is one piece. */
static void frame_all(const char *text, size_t len, uint32_t seed, struct framing *ret_framing)
{
    struct goxel_json_frame frame;
    uint32_t random = seed;
    size_t at = 0, piece_end = 0;
    bool inside = false;

    ret_framing->count = ret_framing->broken = 0;
    while (at < len && ret_framing->count < ENDS_MAX) {
        enum goxel_json_framed framed;
        size_t used;

        while (piece_end <= at)
            piece_end = seed ? piece_end + next_piece(&random) : len;
        if (piece_end > len)
            piece_end = len;
        if (!inside) {
            at += goxel_json_space(text + at, piece_end - at);
            if (at == piece_end)
                continue;
            goxel_json_frame_init(&frame, limits.depth);
            inside = true;
        }
        framed = goxel_json_frame_take(&frame, text + at, piece_end - at, &used);
        EXPECT(used <= piece_end - at);
        at += used;
        if (framed == GOXEL_JSON_FRAME_BROKEN) {
            ret_framing->broken = at;
            return;
        }
        EXPECT(framed == GOXEL_JSON_FRAME_WHOLE || at == piece_end);
        inside = framed == GOXEL_JSON_FRAME_MORE;
        if (!inside)
            ret_framing->ends[ret_framing->count++] = at;
    }
}

/* The value that the wrong byte belongs to is refused up to there, and so it is with anything behind it. */
static void expect_refused(const char *text, const struct framing *whole)
{
    size_t start = whole->count ? whole->ends[whole->count - 1] : 0;

    EXPECT(goxel_json_scan(text + start, whole->broken - start, &limits, NULL) != 0);
}

static void expect_exact(const char *text, size_t len, const struct framing *whole)
{
    while (len && goxel_json_space(text + len - 1, 1))
        len--;
    EXPECT(!whole->broken);
    /* A number or word at the end may go on, for all that is known. */
    EXPECT(whole->count == 0 || (whole->count == 1 && whole->ends[0] == len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct framing whole, pieces;
    const char *text = (const char *)data + 1;

    if (size < 1)
        return 0;
    size--;
    frame_all(text, size, 0, &whole);
    frame_all(text, size, 1u + data[0], &pieces);
    EXPECT(whole.count == pieces.count && whole.broken == pieces.broken);
    EXPECT(memcmp(whole.ends, pieces.ends, whole.count * sizeof(whole.ends[0])) == 0);
    if (whole.broken)
        expect_refused(text, &whole);
    if (goxel_json_scan(text, size, &limits, NULL) == 0)
        expect_exact(text, size, &whole);
    return 0;
}
