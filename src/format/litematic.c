/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Litematica's schematics: see the header. */
#include "format/litematic.h"

#include <string.h>

#include "base/error.h"
#include "format/blocks.h"
#include "format/grid.h"
#include "format/nbt.h"

/* In the file: x, z, y. */
static const struct goxel_grid_axes axes = {{0, 1, 2}, {false, true, false}};

struct reader {
    struct goxel_input in; /* the tags */
    struct goxel_project *project;
    struct goxel_grid_room room;
    int64_t unknown; /* blocks */
};

static void read_vector(struct reader *reader, const struct goxel_nbt_want *want, int64_t ret_vector[3])
{
    struct goxel_nbt_want wants[] = {
        {"x", GOXEL_NBT_NUMBER}, {"y", GOXEL_NBT_NUMBER}, {"z", GOXEL_NBT_NUMBER}};
    struct goxel_input there = goxel_nbt_at(&reader->in, want);

    goxel_nbt_find(&there, wants, 3);
    for (int i = 0; i < 3; i++) {
        ret_vector[i] = goxel_nbt_number(&there, &wants[i]);
        goxel_input_check(&there, want->at, want->name, ret_vector[i], -(int64_t)UINT32_MAX, UINT32_MAX);
    }
    reader->in.failed = there.failed;
}

static void read_palette(struct reader *reader, const struct goxel_nbt_want *want,
                         struct goxel_blocks *blocks)
{
    struct goxel_input there = goxel_nbt_at(&reader->in, want);
    uint32_t count = goxel_nbt_list(&there, GOXEL_NBT_COMPOUND, want->name);

    if (!goxel_input_check(&there, want->at, "blocks of a palette", count, 1, GOXEL_BLOCKS_MAX) ||
        (there.failed = goxel_blocks_init(blocks, count)))
        count = 0;
    for (uint32_t i = 0; i < count && !goxel_input_go_on(&there); i++) {
        struct goxel_nbt_want name = {"Name", GOXEL_NBT_STRING};
        const uint8_t *bytes;
        uint32_t len;

        goxel_nbt_find(&there, &name, 1);
        bytes = goxel_nbt_array(&there, &name, &len);
        if (bytes)
            goxel_blocks_set(blocks, i, (const char *)bytes, len);
    }
    reader->in.failed = there.failed;
}

/* Bits of an index. */
static unsigned index_bits(size_t count)
{
    unsigned bits = 2;

    while ((size_t)1 << bits < count)
        bits++;
    return bits;
}

static uint64_t word(const uint8_t *longs, uint64_t i)
{
    uint64_t value = 0;

    for (unsigned j = 0; j < 8; j++)
        value = value << 8 | longs[8 * i + j];
    return value;
}

static uint64_t bits_at(const uint8_t *longs, uint64_t at, unsigned bits)
{
    unsigned shift = (unsigned)(at % 64);
    uint64_t value = word(longs, at / 64) >> shift;

    if (shift + bits > 64)
        value |= word(longs, at / 64 + 1) << (64 - shift);
    return value & (((uint64_t)1 << bits) - 1);
}

static void put_run(struct reader *reader, struct goxel_grid *grid, const struct goxel_block_entry *entry,
                    uint64_t count)
{
    if (goxel_grid_run(grid, count, entry->color) == 0 && entry->unknown)
        reader->unknown += (int64_t)count;
}

static void read_states(struct reader *reader, const struct goxel_nbt_want *want,
                        const struct goxel_blocks *blocks, struct goxel_grid *grid)
{
    struct goxel_input *in = &reader->in;
    unsigned bits = index_bits(blocks->count);
    uint32_t longs_count;
    const uint8_t *longs = goxel_nbt_array(in, want, &longs_count);
    uint64_t count = grid->left, run = 0, last = 0;

    if (count > (uint64_t)longs_count * 64 / bits) {
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, want->at, want->name,
                         "%u bits for each of %llu blocks, got %u longs", bits, (unsigned long long)count,
                         longs_count);
        return;
    }
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        uint64_t index = bits_at(longs, i * bits, bits);

        if (i % 65536 == 0 && goxel_input_go_on(in))
            return;
        if (!goxel_input_check(in, want->at, "index of a block", (int64_t)index, 0,
                               (int64_t)blocks->count - 1))
            return;
        if (index != last) {
            put_run(reader, grid, &blocks->entries[last], run);
            run = 0;
        }
        last = index;
        run++;
    }
    put_run(reader, grid, &blocks->entries[last], run);
}

enum { SIZE, POSITION, PALETTE, STATES, WANTS };

static void read_blocks(struct reader *reader, const struct goxel_nbt_want *wants, struct goxel_layer *layer)
{
    static const int order[3] = {0, 2, 1}; /* x, z, y */
    struct goxel_blocks blocks = {0};
    struct goxel_grid grid;
    int64_t extent[3], place[3], origin[3];
    uint32_t size[3];

    read_vector(reader, &wants[SIZE], extent);
    read_vector(reader, &wants[POSITION], place);
    read_palette(reader, &wants[PALETTE], &blocks);
    for (int i = 0; i < 3 && !reader->in.failed; i++) {
        int64_t along = extent[order[i]];

        size[i] = (uint32_t)(along < 0 ? -along : along);
        origin[i] = place[order[i]] + (along < 0 ? along + 1 : 0);
    }
    if (!reader->in.failed) {
        goxel_grid_begin(&grid, &reader->in, &reader->room, layer->volume, &axes, size, origin);
        if (grid.left > 0)
            read_states(reader, &wants[STATES], &blocks, &grid);
        goxel_grid_end(&grid);
    }
    goxel_blocks_finish(&blocks);
}

/* The compound at hand; afterwards the input stands behind it. */
static void read_region(struct reader *reader, const struct goxel_nbt_tag *tag)
{
    struct goxel_nbt_want wants[WANTS] = {
        [SIZE] = {"Size", GOXEL_NBT_COMPOUND},
        [POSITION] = {"Position", GOXEL_NBT_COMPOUND},
        [PALETTE] = {"BlockStatePalette", GOXEL_NBT_LIST},
        [STATES] = {"BlockStates", GOXEL_NBT_LONGS},
    };
    struct goxel_layer *layer;

    goxel_nbt_find(&reader->in, wants, WANTS);
    layer = goxel_import_layer(&reader->in, reader->project, tag->name, tag->name_len);
    if (layer)
        read_blocks(reader, wants, layer);
}

static void read_regions(struct reader *reader)
{
    struct goxel_nbt_want regions = {"Regions", GOXEL_NBT_COMPOUND};
    struct goxel_input there = reader->in;
    struct goxel_nbt_tag tag;

    goxel_nbt_find(&there, &regions, 1);
    reader->in.failed = there.failed;
    reader->in = goxel_nbt_at(&reader->in, &regions);
    reader->in.part = "region";
    while (!goxel_input_go_on(&reader->in) && goxel_nbt_next(&reader->in, &tag)) {
        if (tag.type == GOXEL_NBT_COMPOUND)
            read_region(reader, &tag);
        else
            goxel_nbt_skip(&reader->in, tag.type);
    }
}

int goxel_litematic_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct reader reader = {.project = goxel_project_create("")};
    struct goxel_input file = goxel_input_of(import);
    struct goxel_buf inflated = {0};

    if (!reader.project)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    reader.in = goxel_nbt_open(&file, &inflated);
    read_regions(&reader);
    if (!reader.in.failed)
        goxel_warn(import->warnings, "blocks of unknown colour", reader.unknown);
    goxel_buf_finish(&inflated);
    return goxel_import_end(&reader.in, reader.project, ret_project);
}
