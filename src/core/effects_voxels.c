/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of a place that differs, whatever takes the fewest bytes: some voxels, or all of it in its own state. */
#include "core/effects_voxels.h"

#include <endian.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "core/diff_links.h"
#include "core/place_key.h"

#define SELECTION 0 /* as the number of a volume; layers' ids begin at 1 */

enum place_kind { PLACE_COLOR, PLACE_SPARSE, PLACE_PALETTE, PLACE_RGBA };

#define SPARSE_MAX 128 /* voxels; a byte tells one less */

static const struct goxel_volume nothing;

/* What all of the place is like afterwards goes into the digest. */
static uint64_t digest_place(uint64_t digest, uint64_t key, goxel_link link)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS], color = goxel_link_color(link);

    key = htole64(key);
    digest = goxel_hash(digest, &key, sizeof(key));
    if (!goxel_link_is_brick(link))
        return goxel_hash(digest, &color, sizeof(color));
    return goxel_hash(digest, goxel_link_read(link, buffer), GOXEL_BRICK_BYTES);
}

/* ---- where it is ---- */

static struct goxel_pos pos_in_brick(struct goxel_pos corner, size_t index)
{
    return (struct goxel_pos){corner.x + (int)(index & 15), corner.y + (int)(index >> 4 & 15),
                              corner.z + (int)(index >> 8)};
}

static void widen_by(struct goxel_box *box, struct goxel_pos corner, size_t index)
{
    struct goxel_pos pos = pos_in_brick(corner, index);

    goxel_box_widen(box, &(struct goxel_box){pos, pos});
}

/* The box has all voxels of a brick that differ, if that can widen it. */
static void widen_in_brick(struct goxel_box *box, goxel_link before, goxel_link after,
                           struct goxel_pos corner)
{
    struct goxel_color old_buffer[GOXEL_BRICK_VOXELS], new_buffer[GOXEL_BRICK_VOXELS];
    struct goxel_box all = goxel_level_box(corner, 0);
    const struct goxel_color *old, *new;

    if (goxel_box_within(&all, box))
        return;
    old = goxel_link_read(before, old_buffer);
    new = goxel_link_read(after, new_buffer);
    for (size_t i = goxel_colors_differ(old, new, 0); i < GOXEL_BRICK_VOXELS;
         i = goxel_colors_differ(old, new, i + 1))
        widen_by(box, corner, i);
}

/* Of a place that became one colour. A brick is not loaded for it, and counts as a whole. */
static int widen(void *ctx, goxel_link before, goxel_link after, struct goxel_pos corner, int level)
{
    struct goxel_box *box = ctx, all = goxel_level_box(corner, level);

    if (goxel_link_is_brick(before) && !goxel_link_is_away(before))
        widen_in_brick(box, before, after, corner);
    else
        goxel_box_widen(box, &all);
    return 0;
}

static void note_layer(struct goxel_extent *extent, int id)
{
    if (extent->layer_count < GOXEL_EXTENT_LAYERS_MAX)
        extent->layers[extent->layer_count] = id;
    extent->layer_count++;
}

/* Layers that are gone took their voxels along. */
static void note_removed(struct goxel_extent *extent, const struct goxel_project *before,
                         const struct goxel_project *after)
{
    for (size_t i = 0; before && i < before->layer_count; i++) {
        const struct goxel_layer *layer = before->layers[i];

        /* Most often it has its place still. */
        if (i < after->layer_count && after->layers[i]->id == layer->id)
            continue;
        if (goxel_project_layer(after, layer->id) || goxel_volume_count(layer->volume) == 0)
            continue;
        (void)goxel_volume_diff(layer->volume, &nothing, NULL, widen, &extent->box);
        note_layer(extent, layer->id);
    }
}

/* ---- writing ---- */

struct putting {
    struct goxel_buf *buf;
    struct goxel_box *box; /* NULL: it is no layer */
    uint32_t volume;
    uint64_t places, digest;
};

static void put_color(struct goxel_buf *buf, struct goxel_color color)
{
    (void)goxel_buf_append(buf, &color, sizeof(color));
}

static void put_head(struct putting *putting, uint64_t key, enum place_kind kind)
{
    putting->places++;
    goxel_put_varint(putting->buf, putting->volume);
    goxel_put_u64(putting->buf, key | (uint64_t)kind << GOXEL_KEY_BITS);
}

static enum place_kind kind_of(const struct goxel_brick *brick)
{
    return brick->state == GOXEL_BRICK_RGBA ? PLACE_RGBA : PLACE_PALETTE;
}

/* All that is in it, as its kind says. */
static void put_brick(struct goxel_buf *buf, const struct goxel_brick *brick)
{
    uint8_t indices[GOXEL_BRICK_VOXELS];

    if (kind_of(brick) == PLACE_RGBA) {
        (void)goxel_buf_append(buf, brick->colors, GOXEL_BRICK_BYTES);
        return;
    }
    goxel_brick_indices(brick, indices);
    goxel_put_u8(buf, (uint8_t)(brick->used - 1));
    (void)goxel_buf_append(buf, brick->colors, brick->used * sizeof(brick->colors[0]));
    (void)goxel_buf_append(buf, indices, sizeof(indices));
}

void goxel_effects_put_link(struct goxel_buf *buf, goxel_link link)
{
    const struct goxel_brick *brick;

    if (!goxel_link_is_brick(link)) {
        goxel_put_u8(buf, PLACE_COLOR);
        put_color(buf, goxel_link_color(link));
        return;
    }
    brick = goxel_link_here(link);
    goxel_put_u8(buf, (uint8_t)kind_of(brick));
    put_brick(buf, brick);
}

/* Indices of the voxels that differ, up to one more than are told one by one. */
static size_t find_changes(goxel_link before, const struct goxel_color *new, uint16_t *ret_indices)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS];
    const struct goxel_color *old = goxel_link_read(before, buffer);
    size_t count = 0;

    for (size_t i = goxel_colors_differ(old, new, 0); i < GOXEL_BRICK_VOXELS && count <= SPARSE_MAX;
         i = goxel_colors_differ(old, new, i + 1))
        ret_indices[count++] = (uint16_t)i;
    return count;
}

static int put_place(void *ctx, goxel_link before, goxel_link after, struct goxel_pos corner, int level)
{
    struct putting *putting = ctx;
    struct goxel_color buffer[GOXEL_BRICK_VOXELS];
    uint16_t indices[SPARSE_MAX + 1];
    uint64_t key = goxel_key_of(corner, level);
    const struct goxel_color *new;
    size_t count;

    if (!goxel_link_is_brick(after)) {
        put_head(putting, key, PLACE_COLOR);
        put_color(putting->buf, goxel_link_color(after));
        if (putting->box)
            (void)widen(putting->box, before, after, corner, level);
        putting->digest = digest_place(putting->digest, key, after);
        return putting->buf->failed;
    }
    new = goxel_link_read(after, buffer);
    count = find_changes(before, new, indices);
    if (count == 0)
        return 0;
    if (count <= SPARSE_MAX) {
        put_head(putting, key, PLACE_SPARSE);
        goxel_put_u8(putting->buf, (uint8_t)(count - 1));
        for (size_t i = 0; i < count; i++) {
            goxel_put_u16(putting->buf, indices[i]);
            put_color(putting->buf, new[indices[i]]);
            if (putting->box)
                widen_by(putting->box, corner, indices[i]);
        }
    } else {
        const struct goxel_brick *brick = goxel_link_here(after);

        put_head(putting, key, kind_of(brick));
        put_brick(putting->buf, brick);
        if (putting->box)
            widen_in_brick(putting->box, before, after, corner);
    }
    putting->digest = digest_place(putting->digest, key, after);
    return putting->buf->failed;
}

static int put_volume(struct putting *putting, uint32_t number, const struct goxel_volume *before,
                      const struct goxel_volume *after)
{
    putting->volume = number;
    return goxel_volume_diff(before ? before : &nothing, after ? after : &nothing, NULL, put_place, putting);
}

static int put_layer(struct putting *putting, const struct goxel_layer *old, const struct goxel_layer *layer,
                     struct goxel_extent *extent)
{
    uint64_t places = putting->places;
    int code;

    if (old == layer)
        return 0;
    code = put_volume(putting, (uint32_t)layer->id, old ? old->volume : NULL, layer->volume);
    if (putting->places > places)
        note_layer(extent, layer->id);
    return code;
}

int goxel_effects_put_voxels(struct goxel_buf *buf, const struct goxel_project *before,
                             const struct goxel_project *after, struct goxel_extent *extent, bool *ret_any)
{
    struct goxel_buf places;
    struct putting putting = {.buf = &places};
    int code;

    goxel_buf_init(&places, buf->ceiling);
    code = put_volume(&putting, SELECTION, before ? before->selection : NULL, after->selection);
    putting.box = &extent->box;
    for (size_t i = 0; i < after->layer_count && !code; i++) {
        const struct goxel_layer *layer = after->layers[i],
                                 *old = before ? goxel_project_layer(before, layer->id) : NULL;

        code = put_layer(&putting, old, layer, extent);
    }
    note_removed(extent, before, after);
    *ret_any = putting.places > 0;
    if (!code && putting.places > 0) {
        goxel_put_varint(buf, putting.places);
        (void)goxel_buf_append(buf, places.data, places.len);
        goxel_put_u64(buf, putting.digest);
        code = buf->failed;
    }
    goxel_buf_finish(&places);
    return code;
}

/* ---- reading ---- */

static int fail(struct goxel_detail *detail, const char *what)
{
    return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "%s", what);
}

static bool take_color(struct goxel_reading *in, struct goxel_color *ret_color)
{
    const uint8_t *bytes = goxel_take_bytes(in, sizeof(*ret_color));

    if (bytes)
        memcpy(ret_color, bytes, sizeof(*ret_color));
    return bytes && (ret_color->a || goxel_color_bits(*ret_color) == 0);
}

static bool take_colors(struct goxel_reading *in, struct goxel_color *ret_colors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!take_color(in, &ret_colors[i]))
            return false;
    }
    return true;
}

/* A brick as it was written, or voxels that are to be encoded: *ret_link is 0 then. */
static bool take_palette(struct goxel_reading *in, struct goxel_color *ret_voxels, goxel_link *ret_link)
{
    struct goxel_color colors[GOXEL_BRICK_COLORS_8];
    size_t used = (size_t)goxel_take_u8(in) + 1;
    const uint8_t *indices;
    struct goxel_brick *brick;

    if (!take_colors(in, colors, used) || !(indices = goxel_take_bytes(in, GOXEL_BRICK_VOXELS)))
        return false;
    brick = goxel_brick_of_palette(colors, (unsigned)used, indices);
    *ret_link = brick ? goxel_link_of_brick(brick) : 0;
    for (size_t i = 0; !brick && i < GOXEL_BRICK_VOXELS; i++) {
        if (indices[i] >= used)
            return false;
        ret_voxels[i] = colors[indices[i]];
    }
    return true;
}

/* Into what was there. */
static bool take_sparse(struct goxel_reading *in, struct goxel_color *voxels)
{
    size_t count = (size_t)goxel_take_u8(in) + 1;

    for (size_t i = 0; i < count; i++) {
        uint16_t index = goxel_take_u16(in);

        if (index >= GOXEL_BRICK_VOXELS || !take_color(in, &voxels[index]))
            return false;
    }
    return true;
}

/* What stands there afterwards, the caller's. */
static int take_link(struct goxel_reading *in, const struct goxel_volume *volume, uint64_t key,
                     enum place_kind kind, struct goxel_detail *detail, goxel_link *ret_link)
{
    struct goxel_color voxels[GOXEL_BRICK_VOXELS], color = {0, 0, 0, 0};
    const struct goxel_color *old;
    goxel_link link = 0;
    bool good;

    if (kind == PLACE_COLOR) {
        if (!take_color(in, &color))
            return fail(detail, "a colour is none");
        *ret_link = goxel_link_of_color(color);
        return 0;
    }
    if (goxel_key_level(key) != 0)
        return fail(detail, "voxels of a place that is no brick's");
    if (kind == PLACE_SPARSE) {
        old = goxel_link_read(goxel_tree_find(volume, goxel_key_corner(key)), voxels);
        if (old != voxels)
            memcpy(voxels, old, sizeof(voxels));
        good = take_sparse(in, voxels);
    } else {
        good = kind == PLACE_PALETTE ? take_palette(in, voxels, &link)
                                     : take_colors(in, voxels, GOXEL_BRICK_VOXELS);
    }
    *ret_link = link;
    if (good && link)
        return 0;
    return good ? goxel_link_encode(voxels, ret_link) : fail(detail, "a brick's voxels are none");
}

int goxel_effects_take_link(struct goxel_reading *in, int level, struct goxel_detail *detail,
                            goxel_link *ret_link)
{
    uint8_t kind = goxel_take_u8(in);

    if (in->short_of || kind > PLACE_RGBA || kind == PLACE_SPARSE)
        return fail(detail, "what stands at a place is of no kind");
    return take_link(in, &nothing, goxel_key_of((struct goxel_pos){0, 0, 0}, level), (enum place_kind)kind,
                     detail, ret_link);
}

/* The volume of that number, to be written. */
static int own_volume(struct goxel_project *project, uint64_t number, struct goxel_detail *detail,
                      struct goxel_volume **ret_volume)
{
    struct goxel_layer *layer;

    if (number == SELECTION) {
        if (!project->selection)
            project->selection = goxel_volume_create();
        *ret_volume = project->selection;
        return project->selection ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
    }
    layer = number <= INT32_MAX ? goxel_project_layer(project, (int)number) : NULL;
    if (!layer)
        return fail(detail, "voxels of a layer that is not there");
    layer = goxel_project_own_layer(project, layer);
    if (!layer)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_volume = layer->volume;
    return 0;
}

/* A cube of its level, where such a cube can be. */
bool goxel_key_is_good(uint64_t key)
{
    int32_t inside = (1 << goxel_level_shift(goxel_key_level(key) <= GOXEL_LEVEL_MAX ? goxel_key_level(key)
                                                                                     : 0)) -
                     1;
    struct goxel_pos corner = goxel_key_corner(key);

    return goxel_key_level(key) <= GOXEL_LEVEL_MAX && ((corner.x | corner.y | corner.z) & inside) == 0;
}

static int take_place(struct goxel_reading *in, struct goxel_project *project, uint64_t *digest,
                      struct goxel_detail *detail)
{
    uint64_t number = goxel_take_varint(in), word = goxel_take_u64(in);
    uint64_t key = word & ((UINT64_C(1) << GOXEL_KEY_BITS) - 1), kind = word >> GOXEL_KEY_BITS;
    struct goxel_volume *volume = NULL;
    goxel_link link = 0;
    int code;

    if (in->short_of || kind > PLACE_RGBA || !goxel_key_is_good(key))
        return fail(detail, "a place is none");
    code = own_volume(project, number, detail, &volume);
    if (!code)
        code = take_link(in, volume, key, (enum place_kind)kind, detail, &link);
    if (code)
        return code;
    *digest = digest_place(*digest, key, link);
    code = goxel_tree_put(volume, goxel_key_corner(key), goxel_key_level(key), link);
    if (code)
        goxel_link_unref(link);
    return code;
}

/* On the way there may be more, as places that are filled may come before those that are cleared. */
static int check_bricks(const struct goxel_project *project, struct goxel_detail *detail)
{
    for (size_t i = 0; i < project->layer_count; i++) {
        int64_t bricks = goxel_volume_bricks(project->layers[i]->volume);

        if (bricks > (int64_t)GOXEL_VOLUME_BRICKS_MAX)
            return goxel_fail_limit(detail, GOXEL_ERROR_QUOTA, "bricks of a layer", GOXEL_VOLUME_BRICKS_MAX,
                                    bricks);
    }
    return 0;
}

int goxel_effects_take_voxels(struct goxel_reading *in, struct goxel_project *project,
                              struct goxel_detail *detail)
{
    uint64_t places = goxel_take_varint(in), digest = 0;

    for (; places > 0; places--) {
        int code = take_place(in, project, &digest, detail);

        if (code)
            return code;
    }
    if (goxel_take_u64(in) != digest || in->short_of)
        return fail(detail, "the voxels are not as they were: the digest differs");
    goxel_project_seal(project);
    return check_bricks(project, detail);
}
