/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as what stands at a place, as rows of a project's database have it: a byte that says of which level the place
 * is, and whether the rest is packed. What is read can be put into a volume, and is written as bytes that come to the same.
 */
#include <string.h>

#include "base/error.h"
#include "core/effects_voxels.h"
#include "store/pack.h"
#include "fuzz/fuzz.h"

#define PACKED 0x80

static struct goxel_buf write_link(goxel_link link)
{
    struct goxel_buf buf;

    goxel_buf_init(&buf, (size_t)1 << 30);
    goxel_effects_put_link(&buf, link);
    EXPECT(!buf.failed);
    return buf;
}

static void expect_round_trip(goxel_link link, int level)
{
    struct goxel_buf first = write_link(link), second;
    struct goxel_reading in = goxel_reading_make(first.data, first.len);
    goxel_link again = 0;

    EXPECT(goxel_effects_take_link(&in, level, NULL, &again) == 0 && in.left == 0);
    second = write_link(again);
    EXPECT(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    goxel_link_unref(again);
    goxel_buf_finish(&first);
    goxel_buf_finish(&second);
}

/* The volume takes the reference. */
static void expect_place(goxel_link link, int level)
{
    struct goxel_volume *volume = goxel_volume_create();
    struct goxel_tally tally = {0, 0};

    goxel_tally_add(&tally, link, level, 1);
    EXPECT(volume && goxel_tree_put(volume, (struct goxel_pos){0, 0, 0}, level, link) == 0);
    goxel_volume_seal(volume);
    EXPECT(goxel_volume_count(volume) == tally.voxels && goxel_volume_bricks(volume) == tally.bricks);
    goxel_volume_destroy(volume);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int level = size > 0 ? (data[0] & ~PACKED) % (GOXEL_LEVEL_MAX + 1) : 0;
    struct goxel_reading in = goxel_reading_make(data + (size > 0), size - (size > 0));
    struct goxel_detail detail = {.text = ""};
    struct goxel_buf unpacked;
    goxel_link link = 0;
    int code = 0;

    goxel_buf_init(&unpacked, 0);
    if (size > 0 && data[0] & PACKED) {
        code = goxel_unpack(in.at, in.left, &unpacked, &detail);
        in = goxel_reading_make(unpacked.data, unpacked.len);
    }
    if (!code)
        code = goxel_effects_take_link(&in, level, &detail, &link);
    EXPECT(code == 0 || (code == GOXEL_ERROR_INVALID_DATA && detail.text[0]));
    if (!code) {
        expect_round_trip(link, level);
        expect_place(link, level);
    }
    goxel_buf_finish(&unpacked);
    return 0;
}
