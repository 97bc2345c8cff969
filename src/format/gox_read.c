/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading .gox. Each chunk has a row in a table; the decoded bricks are kept in a volume of their
 * own, in rows of BRICKS_ROW, from where the layers share them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "format/gox.h"
#include "format/png.h"

#define HEADER_SIZE 8
#define CHUNK_EXTRA 12 /* type, length, CRC */
#define BLOCK_SIZE 20  /* a row of a layer's blocks */
#define PNG_EDGE 64    /* 64 × 64 pixels are 16³ voxels */

#define BRICKS_ROW (1 << 16)

/*
 * A block that is not aligned to 16 touches eight bricks for 20 bytes of the file: 2^13 of them are
 * 1 GiB. Goxel and we write none.
 */
#define BLOCKS_ASKEW_MAX (1 << 13)

struct reader {
    struct goxel_gox_input in;
    int32_t version;
    struct goxel_cancel *cancel;
    struct goxel_project *project;
    struct goxel_volume *bricks;
    int32_t brick_count;
    int64_t blocks_askew;
    struct goxel_gox_own own;
};

/* ---- chunks without voxels ---- */

static int read_image(struct reader *reader)
{
    return goxel_gox_dict_read(&reader->in, goxel_gox_image, reader->project->scene);
}

static int read_preview(struct reader *reader)
{
    size_t len = reader->in.end - reader->in.at;
    struct goxel_preview *preview;

    if (len == 0)
        return 0;
    preview = goxel_preview_create(reader->in.bytes + reader->in.at, len);
    if (!preview)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_preview_unref(reader->project->preview);
    reader->project->preview = preview;
    return 0;
}

static int read_material(struct reader *reader)
{
    struct goxel_material material = goxel_material_default;
    int result = goxel_gox_dict_read(&reader->in, goxel_gox_material, &material);

    if (result)
        return result;
    if (!material.name[0])
        snprintf(material.name, sizeof(material.name), "Material.%zu",
                 reader->project->scene->material_count + 1);
    result = goxel_project_add_material(reader->project, &material);
    return result == GOXEL_ERROR_QUOTA ? goxel_fail_limit(reader->in.detail, result, "materials",
                                                          GOXEL_MATERIALS_MAX, GOXEL_MATERIALS_MAX + 1)
                                       : result;
}

static int read_camera(struct reader *reader)
{
    struct goxel_gox_camera row = {
        .camera = {.dist = 128, .mat = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}}};
    int result = goxel_gox_dict_read(&reader->in, goxel_gox_camera, &row);

    if (result)
        return result;
    if (!row.camera.name[0])
        snprintf(row.camera.name, sizeof(row.camera.name), "Camera.%zu",
                 reader->project->scene->camera_count + 1);
    result = goxel_project_add_camera(reader->project, &row.camera);
    if (result == GOXEL_ERROR_QUOTA)
        return goxel_fail_limit(reader->in.detail, result, "cameras", GOXEL_CAMERAS_MAX,
                                GOXEL_CAMERAS_MAX + 1);
    if (!result && row.active)
        reader->project->scene->active_camera = (int)reader->project->scene->camera_count - 1;
    return result;
}

static int read_light(struct reader *reader)
{
    reader->project->scene->has_light = true;
    reader->project->scene->light = (struct goxel_light){
        .pitch = 0.35f, .yaw = 2.1f, .intensity = 2, .ambient = 0.3f, .shadow = 0.3f};
    return goxel_gox_dict_read(&reader->in, goxel_gox_light, &reader->project->scene->light);
}

/* ---- bricks ---- */

static struct goxel_pos brick_pos(int32_t index)
{
    return (struct goxel_pos){index % BRICKS_ROW * GOXEL_BRICK_SIZE, index / BRICKS_ROW * GOXEL_BRICK_SIZE,
                              0};
}

static int read_brick(struct reader *reader)
{
    struct goxel_gox_input *in = &reader->in;
    struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    char reason[GOXEL_PNG_REASON_SIZE];
    int result;

    if (reader->brick_count == GOXEL_GOX_BRICKS_MAX)
        return goxel_fail_limit(in->detail, GOXEL_ERROR_QUOTA, "different bricks", GOXEL_GOX_BRICKS_MAX,
                                GOXEL_GOX_BRICKS_MAX + 1);
    result = goxel_png_read(in->bytes + in->at, in->end - in->at, PNG_EDGE, PNG_EDGE, voxels, reason);
    if (result == GOXEL_ERROR_INVALID_DATA)
        return goxel_gox_fail(in, result, in->at, "%s: expected a PNG of 64 × 64 pixels", reason);
    if (result)
        return result;
    return goxel_volume_set_brick(reader->bricks, brick_pos(reader->brick_count++), voxels);
}

/* ---- layers ---- */

struct block {
    int32_t index;
    struct goxel_pos pos;
};

/* A brick over the borders of others, voxel by voxel. */
struct askew {
    struct goxel_volume *volume;
    struct goxel_pos move;
};

static int put_moved(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct askew *askew = ctx;
    struct goxel_pos to = {pos.x + askew->move.x, pos.y + askew->move.y, pos.z + askew->move.z};

    return goxel_volume_set_at(askew->volume, to, color);
}

/* A block replaces all of its 16³ voxels, with empty ones too. */
static int place_askew(struct reader *reader, struct goxel_volume *volume, const struct block *block)
{
    struct goxel_pos from = brick_pos(block->index);
    struct goxel_box source = {from, {from.x + 15, from.y + 15, from.z + 15}};
    struct goxel_box target = {block->pos, {block->pos.x + 15, block->pos.y + 15, block->pos.z + 15}};
    struct askew askew = {volume, {block->pos.x - from.x, block->pos.y - from.y, block->pos.z - from.z}};
    int result;

    if (++reader->blocks_askew > BLOCKS_ASKEW_MAX)
        return goxel_fail_limit(reader->in.detail, GOXEL_ERROR_QUOTA, "blocks that are not aligned to 16",
                                BLOCKS_ASKEW_MAX, reader->blocks_askew);
    result = goxel_volume_fill(volume, &target, (struct goxel_color){0, 0, 0, 0}, NULL);
    return result ? result : goxel_volume_visit(reader->bricks, &source, NULL, put_moved, &askew);
}

static int place_block(struct reader *reader, struct goxel_volume *volume, const struct block *block)
{
    if (((block->pos.x | block->pos.y | block->pos.z) & 15) != 0)
        return place_askew(reader, volume, block);
    return goxel_volume_share_brick(volume, block->pos, reader->bricks, brick_pos(block->index));
}

/* Version 1 gives the centre. False: out of the coordinate range, if only by a voxel. */
static bool corner_of_block(const struct reader *reader, const int32_t place[3], struct goxel_pos *ret_pos)
{
    int32_t corner[3];

    for (int i = 0; i < 3; i++) {
        int64_t at = (int64_t)place[i] - (reader->version == 1 ? GOXEL_BRICK_SIZE / 2 : 0);

        if (at < GOXEL_COORD_MIN || at > GOXEL_COORD_MAX - (GOXEL_BRICK_SIZE - 1))
            return false;
        corner[i] = (int32_t)at;
    }
    *ret_pos = (struct goxel_pos){corner[0], corner[1], corner[2]};
    return true;
}

static int read_block(struct reader *reader, struct block *ret_block)
{
    struct goxel_gox_input *in = &reader->in;
    int32_t row[BLOCK_SIZE / 4];
    size_t start = in->at;

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        int result = goxel_gox_int(in, "block", &row[i]);

        if (result)
            return result;
    }
    if (row[0] < 0 || row[0] >= reader->brick_count)
        return goxel_gox_fail(in, GOXEL_ERROR_INVALID_DATA, start,
                              "there is no BL16 number %d: expected 0 to %d", (int)row[0],
                              (int)reader->brick_count - 1);
    ret_block->index = row[0];
    if (!corner_of_block(reader, row + 1, &ret_block->pos))
        return goxel_gox_fail(in, GOXEL_ERROR_INVALID_COORDINATES, start + 4,
                              "a block at (%d, %d, %d): expected %d to %d on each axis", (int)row[1],
                              (int)row[2], (int)row[3], GOXEL_COORD_MIN, GOXEL_COORD_MAX);
    return 0;
}

static int read_blocks(struct reader *reader, struct goxel_volume *volume)
{
    struct goxel_gox_input *in = &reader->in;
    int32_t count;
    int result = goxel_gox_int(in, "number of blocks", &count);

    if (result)
        return result;
    if (count < 0 || (size_t)count > (in->end - in->at) / BLOCK_SIZE)
        return goxel_gox_fail(in, GOXEL_ERROR_INVALID_DATA, in->at - 4,
                              "the layer claims %d blocks: expected at most the %zu that fit", (int)count,
                              (in->end - in->at) / BLOCK_SIZE);
    if (count > GOXEL_GOX_BLOCKS_MAX)
        return goxel_fail_limit(in->detail, GOXEL_ERROR_QUOTA, "blocks of a layer", GOXEL_GOX_BLOCKS_MAX,
                                count);
    for (int32_t i = 0; i < count; i++) {
        struct block block = {0};

        if (i % 64 == 0 && (result = goxel_cancel_check(reader->cancel)))
            return result;
        result = read_block(reader, &block);
        if (!result)
            result = place_block(reader, volume, &block);
        if (result)
            return result;
    }
    return 0;
}

static int read_layer(struct reader *reader)
{
    struct goxel_layer *layer;
    int result = goxel_project_add_layer(reader->project, "-", -1, &layer, reader->in.detail);

    if (result)
        return result;
    layer->id = 0;
    layer->name[0] = '\0';
    result = read_blocks(reader, layer->volume);
    if (!result)
        result = goxel_gox_dict_read(&reader->in, goxel_gox_layer, layer);
    if (!layer->name[0])
        snprintf(layer->name, sizeof(layer->name), "Layer.%zu", reader->project->layer_count);
    return result;
}

static int read_own(struct reader *reader)
{
    return goxel_gox_own_read(&reader->in, reader->project, &reader->own);
}

/* ---- the file ---- */

static const struct {
    char type[5];
    int (*read)(struct reader *reader);
} chunks[] = {
    {"IMG ", read_image}, {"PREV", read_preview}, {"BL16", read_brick}, {"MATE", read_material},
    {"LAYR", read_layer}, {"CAMR", read_camera},  {"LIGH", read_light}, {"GXDM", read_own},
};

static int read_chunk(struct reader *reader)
{
    for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
        if (memcmp(chunks[i].type, reader->in.chunk, 4) == 0)
            return chunks[i].read(reader);
    }
    goxel_warn(reader->in.warnings, "unknown chunks dropped", 1);
    return 0;
}

/* The type need not be text: a detail is shown to people. */
static void set_chunk_name(struct goxel_gox_input *in, const uint8_t *type)
{
    for (int i = 0; i < 4; i++)
        in->chunk[i] = type[i] >= 0x20 && type[i] < 0x7f ? (char)type[i] : '?';
}

static int read_chunks(struct reader *reader, size_t len)
{
    struct goxel_gox_input *in = &reader->in;

    while (in->at < len) {
        size_t start = in->at;
        int32_t size;
        int result = goxel_cancel_check(reader->cancel);

        if (result)
            return result;
        in->chunk[0] = '\0';
        in->end = len;
        if (len - start < CHUNK_EXTRA)
            return goxel_gox_fail(in, GOXEL_ERROR_INVALID_DATA, start,
                                  "the file is cut short: expected a chunk");
        set_chunk_name(in, in->bytes + start);
        in->at += 4;
        result = goxel_gox_int(in, "length of the chunk", &size);
        if (result)
            return result;
        if (size < 0 || (size_t)size > len - start - CHUNK_EXTRA)
            return goxel_gox_fail(in, GOXEL_ERROR_INVALID_DATA, start + 4,
                                  "the chunk claims %d bytes: expected at most the %zu left", (int)size,
                                  len - start - CHUNK_EXTRA);
        in->end = in->at + (size_t)size;
        result = read_chunk(reader);
        if (result)
            return result;
        in->at = in->end + 4;
    }
    return 0;
}

static int read_header(struct reader *reader, size_t len)
{
    struct goxel_gox_input *in = &reader->in;
    int32_t version = 0;

    if (len < HEADER_SIZE || memcmp(in->bytes, "GOX ", 4) != 0)
        return goxel_gox_fail(in, GOXEL_ERROR_INVALID_DATA, 0,
                              "no Goxel file: expected it to begin with \"GOX \"");
    in->at = 4;
    in->end = len;
    goxel_gox_int(in, "version", &version);
    if (version < 1 || version > GOXEL_GOX_VERSION)
        return goxel_gox_fail(in, GOXEL_ERROR_INVALID_DATA, 4, "version %d: expected 1 to %d", (int)version,
                              GOXEL_GOX_VERSION);
    reader->version = version;
    return 0;
}

static int read_all(struct reader *reader, size_t len)
{
    int result = read_header(reader, len);

    if (!result)
        result = read_chunks(reader, len);
    if (!result)
        result = goxel_gox_own_join(&reader->own, reader->project, reader->in.warnings);
    if (result)
        return result;
    goxel_gox_settle(reader->project, reader->in.warnings);
    goxel_gox_own_activate(&reader->own, reader->project);
    return goxel_project_check_shapes(reader->project, reader->in.detail);
}

int goxel_gox_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct reader reader = {
        .in = {.bytes = import->bytes,
               .end = import->len,
               .warnings = import->warnings,
               .detail = import->detail},
        .cancel = import->cancel,
        .project = goxel_project_create(""),
        .bricks = goxel_volume_create(),
    };
    int result = GOXEL_ERROR_OUT_OF_MEMORY;

    if (reader.project && reader.bricks)
        result = read_all(&reader, import->len);
    goxel_volume_destroy(reader.bricks);
    if (result) {
        goxel_project_unref(reader.project);
        return result;
    }
    *ret_project = reader.project;
    return 0;
}
