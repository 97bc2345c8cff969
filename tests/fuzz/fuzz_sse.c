/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stream of server-sent events in pieces: what goxelctl hears is what it hears of it in one piece, and what an event
 * has is in its bounds.
 *
 * The first byte of the input seeds the lengths of the pieces; the rest is the stream.
 */
#include <string.h>

#include "base/hash.h"
#include "ctl/sse.h"
#include "fuzz.h"

struct heard {
    struct ctl_sse sse;
    uint64_t hash, count;
};

static bool on_event(void *ctx, const char *event, const char *data, size_t len)
{
    struct heard *heard = ctx;

    EXPECT(len <= CTL_SSE_MAX && data[len] == '\0');
    EXPECT(event[0] && strlen(event) <= CTL_SSE_NAME_MAX && strlen(heard->sse.last_id) <= CTL_SSE_NAME_MAX);
    heard->hash = goxel_hash(heard->hash, event, strlen(event) + 1);
    heard->hash = goxel_hash(heard->hash, heard->sse.last_id, strlen(heard->sse.last_id) + 1);
    heard->hash = goxel_hash(heard->hash, data, len);
    heard->count++;
    return true;
}

/* A seed of 0: all of it is one piece. */
static bool hear(const uint8_t *stream, size_t len, uint32_t random, struct heard *ret_heard)
{
    bool whole = random == 0, more = true;

    ret_heard->hash = ret_heard->count = 0;
    ctl_sse_init(&ret_heard->sse, on_event, ret_heard);
    ctl_sse_begin(&ret_heard->sse);
    for (size_t at = 0, piece; at < len && more; at += piece) {
        random = random * 1664525 + 1013904223;
        piece = whole ? len : 1 + (random >> 16) % 7;
        if (piece > len - at)
            piece = len - at;
        more = ctl_sse_take(&ret_heard->sse, (const char *)stream + at, piece);
    }
    ctl_sse_finish(&ret_heard->sse);
    return more;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct heard whole, pieces;
    bool more;

    if (size < 1)
        return 0;
    more = hear(data + 1, size - 1, 0, &whole);
    EXPECT(hear(data + 1, size - 1, 1u + data[0], &pieces) == more);
    EXPECT(whole.count == pieces.count && whole.hash == pieces.hash);
    return 0;
}
