/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing .gox. Equal bricks are written once: first by their id (shared ones, no look at their
 * voxels), then by what is in them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "format/gox.h"
#include "format/png.h"

#define PNG_EDGE 64

/* ---- chunks ---- */

/* Returns where the length goes. */
static size_t begin_chunk(struct goxel_buf *out, const char type[5])
{
    goxel_buf_append(out, type, 4);
    goxel_buf_put_le32(out, 0);
    return out->len - 4;
}

static void end_chunk(struct goxel_buf *out, size_t length_at)
{
    size_t len = out->len - length_at - 4;

    if (!out->failed && len > INT32_MAX)
        out->failed = GOXEL_ERROR_MESSAGE_SIZE;
    if (!out->failed) {
        for (int i = 0; i < 4; i++)
            out->data[length_at + (size_t)i] = (char)(len >> 8 * i);
    }
    goxel_buf_put_le32(out, 0); /* the CRC that nobody reads */
}

static void put_dict(struct goxel_buf *out, const char type[5], const struct goxel_gox_field *fields,
                     const void *object)
{
    size_t chunk = begin_chunk(out, type);

    goxel_gox_dict_write(out, fields, object);
    end_chunk(out, chunk);
}

/* ---- the set of different bricks ---- */

struct entry {
    uint64_t hash;
    uint64_t id; /* of the brick; 0: free */
    int32_t index;
};

/* Open addressing, at most half full. */
struct set {
    struct entry *entries;
    size_t capacity; /* a power of two */
    size_t used;
    bool by_content;
};

struct bricks {
    struct set known;     /* by id */
    struct set different; /* by content */
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
    return hash ^ hash >> 32;
}

/* Seeded by an address, so that no file can be made of bricks that meet in one place. */
static uint64_t hash_brick(const struct set *set, const struct goxel_brick_view *brick)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS];
    const struct goxel_color *voxels;
    uint64_t hash = (uintptr_t)set;

    if (!set->by_content)
        return mix(hash, brick->id);
    voxels = goxel_brick_view_read(brick, buffer);
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i += 2) {
        uint64_t word;

        memcpy(&word, voxels + i, sizeof(word));
        hash = mix(hash, word);
    }
    return hash;
}

static bool same_voxels(const struct goxel_brick_view *a, const struct goxel_brick_view *b)
{
    struct goxel_color left[GOXEL_BRICK_VOXELS], right[GOXEL_BRICK_VOXELS];

    return memcmp(goxel_brick_view_read(a, left), goxel_brick_view_read(b, right), GOXEL_BRICK_BYTES) == 0;
}

static bool is_entry_of(const struct set *set, const struct entry *entry, uint64_t hash,
                        const struct goxel_brick_view *brick)
{
    struct goxel_brick_view other = {.id = entry->id};

    return entry->hash == hash && (entry->id == brick->id || (set->by_content && same_voxels(&other, brick)));
}

/* The entry with the brick, or the free one where it would go. */
static struct entry *find_brick(const struct set *set, uint64_t hash, const struct goxel_brick_view *brick)
{
    size_t i = (size_t)hash & (set->capacity - 1);

    while (set->entries[i].id && !is_entry_of(set, &set->entries[i], hash, brick))
        i = (i + 1) & (set->capacity - 1);
    return &set->entries[i];
}

static int grow(struct set *set)
{
    struct set grown = *set;

    if (set->used * 2 < set->capacity)
        return 0;
    grown.capacity = set->capacity ? set->capacity * 2 : 64;
    grown.entries = calloc(grown.capacity, sizeof(*grown.entries));
    if (!grown.entries)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < set->capacity; i++) {
        size_t to = (size_t)set->entries[i].hash & (grown.capacity - 1);

        if (!set->entries[i].id)
            continue;
        while (grown.entries[to].id)
            to = (to + 1) & (grown.capacity - 1);
        grown.entries[to] = set->entries[i];
    }
    free(set->entries);
    *set = grown;
    return 0;
}

/* The brick's entry, perhaps a fresh one (id 0) for the caller to fill. NULL: out of memory. */
static struct entry *look_up(struct set *set, const struct goxel_brick_view *brick, uint64_t *ret_hash)
{
    if (grow(set))
        return NULL;
    *ret_hash = hash_brick(set, brick);
    return find_brick(set, *ret_hash, brick);
}

static void fill_entry(struct set *set, struct entry *entry, uint64_t hash, uint64_t id, int32_t index)
{
    *entry = (struct entry){hash, id, index};
    set->used++;
}

/* ---- bricks ---- */

struct writer {
    const struct goxel_project *project;
    struct goxel_cancel *cancel;
    struct goxel_warnings *warnings;
    struct goxel_detail *detail;
    struct goxel_buf *out;
    struct bricks bricks;
    int64_t blocks;
    struct goxel_buf layers; /* what the chunk of ours says of those written */
    size_t layers_left;      /* that more may be than the project has */
    int next_id;             /* of parts of layers */
};

static int put_brick(struct writer *writer, const struct goxel_brick_view *brick)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS];
    size_t chunk;
    int result;

    if (writer->bricks.different.used == GOXEL_GOX_BRICKS_MAX)
        return goxel_fail_limit(writer->detail, GOXEL_ERROR_QUOTA, "different bricks", GOXEL_GOX_BRICKS_MAX,
                                GOXEL_GOX_BRICKS_MAX + 1);
    chunk = begin_chunk(writer->out, "BL16");
    result = goxel_png_write(goxel_brick_view_read(brick, buffer), PNG_EDGE, PNG_EDGE, writer->out);
    end_chunk(writer->out, chunk);
    return result ? result : goxel_buf_offer(writer->out);
}

/* Writes the brick unless one like it is written. */
static int add_brick(struct writer *writer, const struct goxel_brick_view *brick)
{
    struct bricks *bricks = &writer->bricks;
    uint64_t hash, content_hash;
    struct entry *known = look_up(&bricks->known, brick, &hash), *entry;

    if (!known)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (known->id)
        return 0;
    entry = look_up(&bricks->different, brick, &content_hash);
    if (!entry)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (!entry->id) {
        int result = put_brick(writer, brick);

        if (result)
            return result;
        fill_entry(&bricks->different, entry, content_hash, brick->id, (int32_t)bricks->different.used);
    }
    fill_entry(&bricks->known, known, hash, brick->id, entry->index);
    return 0;
}

static int add_layer_bricks(struct writer *writer, const struct goxel_layer *layer)
{
    struct goxel_brick_view *views;
    size_t count;
    int result;

    if (!goxel_layer_is_plain(layer)) {
        goxel_warn(writer->warnings, "voxels of clone and shape layers dropped",
                   goxel_volume_count(layer->volume));
        return 0;
    }
    result = goxel_volume_views(layer->volume, &views, &count);
    if (result)
        return result;
    writer->blocks += (int64_t)count;
    for (size_t i = 0; i < count && !result; i++) {
        result = goxel_cancel_check(writer->cancel);
        if (!result)
            result = add_brick(writer, &views[i]);
    }
    free(views);
    return result;
}

static int put_bricks(struct writer *writer)
{
    const struct goxel_project *project = writer->project;
    int result = 0;

    for (size_t i = 0; i < project->layer_count && !result; i++)
        result = add_layer_bricks(writer, project->layers[i]);
    return result;
}

/* ---- layers ---- */

static void put_block(struct writer *writer, const struct goxel_brick_view *view)
{
    const struct set *known = &writer->bricks.known;
    const struct entry *entry = find_brick(known, hash_brick(known, view), view);

    goxel_buf_put_le32(writer->out, (uint32_t)entry->index);
    goxel_buf_put_le32(writer->out, (uint32_t)view->pos.x);
    goxel_buf_put_le32(writer->out, (uint32_t)view->pos.y);
    goxel_buf_put_le32(writer->out, (uint32_t)view->pos.z);
    goxel_buf_put_le32(writer->out, 0);
}

static void put_part(struct writer *writer, const struct goxel_layer *layer,
                     const struct goxel_brick_view *views, size_t count, bool goes_on)
{
    size_t chunk = begin_chunk(writer->out, "LAYR");

    goxel_buf_put_le32(writer->out, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        put_block(writer, &views[i]);
    goxel_gox_dict_write(writer->out, goxel_gox_layer, layer);
    end_chunk(writer->out, chunk);
    goxel_buf_putc(&writer->layers, (char)layer->mode);
    goxel_buf_putc(&writer->layers, goes_on);
}

/* The rest of a layer that is too long for Goxel, as layers of their own. */
static int put_more_parts(struct writer *writer, const struct goxel_layer *layer,
                          const struct goxel_brick_view *views, size_t count)
{
    struct goxel_layer *part = goxel_layer_copy_without_voxels(layer);

    if (!part)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_warn(writer->warnings, "layers of more than 50,000 blocks split", 1);
    while (count > 0) {
        size_t some = count > GOXEL_GOX_LAYER_BLOCKS_MAX ? GOXEL_GOX_LAYER_BLOCKS_MAX : count;

        part->id = writer->next_id++;
        put_part(writer, part, views, some, true);
        views += some;
        count -= some;
    }
    goxel_layer_unref(part);
    return 0;
}

/* Blocks that the layer itself has: all of them, too, where more layers than may be would come of it. */
static size_t first_part(struct writer *writer, size_t count)
{
    size_t more = count > 0 ? (count - 1) / GOXEL_GOX_LAYER_BLOCKS_MAX : 0;

    if (more == 0 || more > writer->layers_left)
        return count;
    writer->layers_left -= more;
    return GOXEL_GOX_LAYER_BLOCKS_MAX;
}

static int put_layer(struct writer *writer, const struct goxel_layer *layer)
{
    struct goxel_brick_view *views = NULL;
    size_t count = 0, first;
    int result = goxel_cancel_check(writer->cancel);

    if (!result && goxel_layer_is_plain(layer))
        result = goxel_volume_views(layer->volume, &views, &count);
    if (result)
        return result;
    first = first_part(writer, count);
    put_part(writer, layer, views, first, false);
    if (first < count)
        result = put_more_parts(writer, layer, views + first, count - first);
    free(views);
    return result ? result : goxel_buf_offer(writer->out);
}

/* Goxel wants a layer. */
static void put_empty_layer(struct goxel_buf *out)
{
    static const struct goxel_layer layer = {
        .id = 1,
        .name = "Layer.1",
        .visible = true,
        .mat = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1},
        .material = -1,
    };
    size_t chunk = begin_chunk(out, "LAYR");

    goxel_buf_put_le32(out, 0);
    goxel_gox_dict_write(out, goxel_gox_layer, &layer);
    end_chunk(out, chunk);
}

static int put_layers(struct writer *writer)
{
    const struct goxel_project *project = writer->project;
    int result = 0;

    if (project->layer_count == 0)
        put_empty_layer(writer->out);
    for (size_t i = 0; i < project->layer_count && !result; i++)
        result = put_layer(writer, project->layers[i]);
    return result;
}

/* ---- the file ---- */

static void put_head(const struct goxel_project *project, struct goxel_buf *out)
{
    goxel_buf_append(out, "GOX ", 4);
    goxel_buf_put_le32(out, GOXEL_GOX_VERSION);
    put_dict(out, "IMG ", goxel_gox_image, project->scene);
    if (project->preview) {
        size_t chunk = begin_chunk(out, "PREV");

        goxel_buf_append(out, project->preview->bytes, project->preview->len);
        end_chunk(out, chunk);
    }
}

static void put_materials(const struct goxel_project *project, struct goxel_buf *out)
{
    for (size_t i = 0; i < project->scene->material_count; i++)
        put_dict(out, "MATE", goxel_gox_material, &project->scene->materials[i]);
}

static void put_cameras_and_light(const struct goxel_project *project, struct goxel_buf *out)
{
    for (size_t i = 0; i < project->scene->camera_count; i++) {
        struct goxel_gox_camera row = {project->scene->cameras[i], (int)i == project->scene->active_camera};

        put_dict(out, "CAMR", goxel_gox_camera, &row);
    }
    if (project->scene->has_light)
        put_dict(out, "LIGH", goxel_gox_light, &project->scene->light);
}

static void put_own(struct writer *writer)
{
    size_t chunk;

    if (writer->layers.failed)
        writer->out->failed = writer->layers.failed;
    if (!goxel_gox_own_needed(writer->project, &writer->layers))
        return;
    chunk = begin_chunk(writer->out, "GXDM");
    goxel_gox_own_write(writer->project, &writer->layers, writer->out);
    end_chunk(writer->out, chunk);
}

static int write_all(struct writer *writer)
{
    int result;

    put_head(writer->project, writer->out);
    result = put_bricks(writer);
    if (result)
        return result;
    put_materials(writer->project, writer->out);
    result = put_layers(writer);
    if (result)
        return result;
    put_cameras_and_light(writer->project, writer->out);
    put_own(writer);
    if (writer->blocks > GOXEL_GOX_BLOCKS_GOOD)
        goxel_warn(writer->warnings, "so many blocks that Goxel is slow to open them", writer->blocks);
    return writer->out->failed;
}

int goxel_gox_write(const struct goxel_export *export, struct goxel_buf *out)
{
    struct writer writer = {.project = export->project,
                            .cancel = export->cancel,
                            .warnings = export->warnings,
                            .detail = export->detail,
                            .out = out};
    int result = goxel_project_check_shapes(export->project, export->detail);

    if (result) /* nobody could read it */
        return result;
    writer.bricks.different.by_content = true;
    writer.layers_left = GOXEL_LAYERS_MAX - export->project->layer_count;
    writer.next_id = export->project->next_layer_id;
    goxel_buf_init(&writer.layers, (size_t)GOXEL_LAYERS_MAX * GOXEL_GOX_OWN_LAYER);
    result = write_all(&writer);
    goxel_buf_finish(&writer.layers);
    free(writer.bricks.known.entries);
    free(writer.bricks.different.entries);
    return result;
}
