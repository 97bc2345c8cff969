/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A patch that names voxels costs its bytes; one with references keeps a brick from going. The least is taken. */
#include "core/patch.h"

#include "base/error.h"
#include "core/diff_links.h"
#include "core/effects_voxels.h"
#include "core/place_key.h"

/* ---- bytes ---- */

struct head {
    uint64_t key;
    uint32_t volume;
    uint32_t entries; /* 0: links */
};
_Static_assert(sizeof(struct head) == GOXEL_PATCH_HEAD_BYTES, "a head is as documented");

struct links {
    goxel_link before, after;
};
_Static_assert(sizeof(struct links) == GOXEL_PATCH_LINKS_BYTES, "links are as documented");

/* One patch as it is read. */
struct patch {
    struct head head;
    const uint8_t *entries;
    struct links links; /* nothing, if it has entries */
};

/* The patch at `at`, which moves on to the next; false at the end. */
static bool next_patch(const uint8_t *bytes, size_t len, size_t *at, struct patch *ret_patch)
{
    struct patch patch = {.entries = NULL};

    if (*at == len) /* perhaps of nothing */
        return false;
    patch.entries = bytes + *at + GOXEL_PATCH_HEAD_BYTES;
    memcpy(&patch.head, bytes + *at, sizeof(patch.head));
    *at += GOXEL_PATCH_HEAD_BYTES;
    if (patch.head.entries == 0) {
        memcpy(&patch.links, patch.entries, sizeof(patch.links));
        *at += GOXEL_PATCH_LINKS_BYTES;
    }
    *at += (size_t)patch.head.entries * GOXEL_PATCH_ENTRY_BYTES;
    *ret_patch = patch;
    return true;
}

/* ---- making ---- */

struct making {
    struct goxel_buf *patches;
    uint32_t volume;
};

static int append(struct goxel_buf *patches, const void *bytes, size_t len)
{
    int code = goxel_buf_append(patches, bytes, len);

    return code == GOXEL_ERROR_MESSAGE_SIZE ? GOXEL_ERROR_QUOTA : code;
}

static int add_links(const struct making *making, const struct links *links, struct goxel_pos corner,
                     int level)
{
    struct {
        struct head head;
        struct links links;
    } bytes = {{goxel_key_of(corner, level), making->volume, 0}, *links};
    int code = append(making->patches, &bytes, sizeof(bytes));

    if (code)
        return code;
    goxel_link_ref(links->before);
    goxel_link_ref(links->after);
    return 0;
}

static void put_entry(uint8_t *at, size_t index, struct goxel_color before, struct goxel_color after)
{
    uint16_t number = (uint16_t)index;

    memcpy(at, &number, 2);
    memcpy(at + 2, &before, 4);
    memcpy(at + 6, &after, 4);
}

static int add_pair(void *ctx, goxel_link before, goxel_link after, struct goxel_pos corner, int level)
{
    const struct making *making = ctx;
    struct goxel_color old_buffer[GOXEL_BRICK_VOXELS], new_buffer[GOXEL_BRICK_VOXELS];
    uint8_t bytes[GOXEL_PATCH_HEAD_BYTES + GOXEL_PATCH_SPARSE_MAX * GOXEL_PATCH_ENTRY_BYTES];
    struct head head = {goxel_key_of(corner, level), making->volume, 0};
    const struct goxel_color *old, *new;
    size_t len = GOXEL_PATCH_HEAD_BYTES;

    if (!goxel_link_is_brick(before) && !goxel_link_is_brick(after))
        return add_links(making, &(struct links){before, after}, corner, level);
    old = goxel_link_read(before, old_buffer);
    new = goxel_link_read(after, new_buffer);
    for (size_t i = goxel_colors_differ(old, new, 0); i < GOXEL_BRICK_VOXELS;
         i = goxel_colors_differ(old, new, i + 1)) {
        if (head.entries++ == GOXEL_PATCH_SPARSE_MAX)
            return add_links(making, &(struct links){before, after}, corner, level);
        put_entry(bytes + len, i, old[i], new[i]);
        len += GOXEL_PATCH_ENTRY_BYTES;
    }
    memcpy(bytes, &head, sizeof(head));
    return head.entries ? append(making->patches, bytes, len) : 0;
}

int goxel_patches_add(struct goxel_buf *patches, uint32_t volume, const struct goxel_volume *before,
                      const struct goxel_volume *after)
{
    struct making making = {patches, volume};

    return goxel_volume_diff(before, after, NULL, add_pair, &making);
}

/* ---- what they keep ---- */

void goxel_patches_release(const void *patches, size_t len)
{
    struct patch patch;

    for (size_t at = 0; next_patch(patches, len, &at, &patch);) {
        goxel_link_unref(patch.links.before);
        goxel_link_unref(patch.links.after);
    }
}

static int64_t bytes_of(goxel_link link)
{
    return goxel_link_is_brick(link) ? (int64_t)goxel_brick_bytes(goxel_link_brick(link)) : 0;
}

int64_t goxel_patches_retained(const void *patches, size_t len)
{
    int64_t bytes = 0;
    struct patch patch;

    for (size_t at = 0; next_patch(patches, len, &at, &patch);) {
        int64_t before = bytes_of(patch.links.before), after = bytes_of(patch.links.after);

        bytes += before > after ? before : after;
    }
    return bytes;
}

/* ---- applying ---- */

static int apply_entries(struct goxel_volume *volume, const struct patch *patch, bool forwards)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS];
    struct goxel_pos corner = goxel_key_corner(patch->head.key);
    const struct goxel_color *voxels = goxel_link_read(goxel_tree_find(volume, corner), buffer);
    goxel_link link;
    int code;

    if (voxels != buffer)
        memcpy(buffer, voxels, GOXEL_BRICK_BYTES);
    for (uint32_t i = 0; i < patch->head.entries; i++) {
        const uint8_t *entry = patch->entries + i * GOXEL_PATCH_ENTRY_BYTES;
        uint16_t index;

        memcpy(&index, entry, 2);
        memcpy(&buffer[index], entry + (forwards ? 6 : 2), 4);
    }
    code = goxel_link_encode(buffer, &link);
    if (code)
        return code;
    code = goxel_tree_put(volume, corner, 0, link);
    if (code)
        goxel_link_unref(link);
    return code;
}

static int apply_links(struct goxel_volume *volume, const struct patch *patch, bool forwards)
{
    goxel_link link = goxel_link_ref(forwards ? patch->links.after : patch->links.before);
    int code = goxel_tree_put(volume, goxel_key_corner(patch->head.key), goxel_key_level(patch->head.key),
                              link);

    if (code)
        goxel_link_unref(link);
    return code;
}

int goxel_patches_apply(const void *patches, size_t len, bool forwards, goxel_patch_find *find, void *ctx)
{
    struct goxel_volume *volume = NULL;
    uint32_t number = 0;
    struct patch patch;
    bool found = false;

    for (size_t at = 0; next_patch(patches, len, &at, &patch);) {
        int code = 0;

        if (!found || patch.head.volume != number) { /* those of one volume come in a row */
            code = find(ctx, patch.head.volume, &volume);
            number = patch.head.volume;
            found = true;
        }
        if (!code && volume)
            code = patch.head.entries ? apply_entries(volume, &patch, forwards)
                                      : apply_links(volume, &patch, forwards);
        if (code)
            return code;
    }
    return 0;
}

/* ---- as bytes ---- */

uint64_t goxel_patches_count(const void *patches, size_t len)
{
    struct patch patch;
    uint64_t count = 0;

    for (size_t at = 0; next_patch(patches, len, &at, &patch);)
        count++;
    return count;
}

void goxel_patches_put(struct goxel_buf *buf, const void *patches, size_t len)
{
    struct patch patch;

    for (size_t at = 0; next_patch(patches, len, &at, &patch);) {
        goxel_put_varint(buf, patch.head.volume);
        goxel_put_u64(buf, patch.head.key);
        goxel_put_varint(buf, patch.head.entries);
        for (uint32_t i = 0; i < patch.head.entries; i++) {
            const uint8_t *entry = patch.entries + i * GOXEL_PATCH_ENTRY_BYTES;
            uint16_t index;

            memcpy(&index, entry, 2);
            goxel_put_u16(buf, index);
            (void)goxel_buf_append(buf, entry + 2, GOXEL_PATCH_ENTRY_BYTES - 2);
        }
        if (patch.head.entries == 0) {
            goxel_effects_put_link(buf, patch.links.before);
            goxel_effects_put_link(buf, patch.links.after);
        }
    }
}

static int take_links(struct goxel_reading *in, const struct making *making, uint64_t key,
                      struct goxel_detail *detail)
{
    struct links links = {0, 0};
    int code = goxel_effects_take_link(in, goxel_key_level(key), detail, &links.before);

    if (!code)
        code = goxel_effects_take_link(in, goxel_key_level(key), detail, &links.after);
    if (!code)
        code = add_links(making, &links, goxel_key_corner(key), goxel_key_level(key));
    goxel_link_unref(links.before); /* the patch has its own */
    goxel_link_unref(links.after);
    return code;
}

static bool is_normal(const uint8_t *color)
{
    return color[3] || (color[0] | color[1] | color[2]) == 0;
}

static int take_entries(struct goxel_reading *in, const struct making *making, const struct head *head,
                        struct goxel_detail *detail)
{
    int code = append(making->patches, head, sizeof(*head));

    for (uint32_t i = 0; i < head->entries && !code; i++) {
        uint16_t index = goxel_take_u16(in);
        const uint8_t *colors = goxel_take_bytes(in, GOXEL_PATCH_ENTRY_BYTES - 2);

        if (!colors || index >= GOXEL_BRICK_VOXELS || !is_normal(colors) || !is_normal(colors + 4)) {
            making->patches->len -= sizeof(*head) + i * GOXEL_PATCH_ENTRY_BYTES;
            return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "a voxel of a step is none");
        }
        code = append(making->patches, &index, sizeof(index));
        if (!code)
            code = append(making->patches, colors, GOXEL_PATCH_ENTRY_BYTES - 2);
    }
    return code;
}

static int take_patch(struct goxel_reading *in, struct goxel_buf *patches, struct goxel_detail *detail)
{
    uint64_t volume = goxel_take_varint(in), key = goxel_take_u64(in), entries = goxel_take_varint(in);
    struct making making = {patches, (uint32_t)volume};
    struct head head = {key, (uint32_t)volume, (uint32_t)entries};

    if (in->short_of || volume > INT32_MAX || entries > GOXEL_PATCH_SPARSE_MAX || key >> GOXEL_KEY_BITS ||
        !goxel_key_is_good(key) || (entries && goxel_key_level(key)))
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "a place of a step is none");
    /* Room first: what fails behind it has nothing half written. */
    if (goxel_buf_reserve(patches, sizeof(head) + GOXEL_PATCH_SPARSE_MAX * GOXEL_PATCH_ENTRY_BYTES))
        return GOXEL_ERROR_OUT_OF_MEMORY;
    return entries ? take_entries(in, &making, &head, detail) : take_links(in, &making, key, detail);
}

int goxel_patches_take(struct goxel_reading *in, uint64_t count, struct goxel_detail *detail,
                       struct goxel_buf *patches)
{
    int code = 0;

    for (; count > 0 && !code; count--)
        code = take_patch(in, patches, detail);
    return code;
}
