/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schematics of Sponge and MCEdit: see the header. */
#include "format/schem.h"

#include <string.h>

#include "base/error.h"
#include "format/blocks.h"
#include "format/grid.h"
#include "format/nbt.h"

/* In the file: x, z, y. */
static const struct goxel_grid_axes axes = {{0, 1, 2}, {false, true, false}};

enum { WIDTH, HEIGHT, LENGTH, PALETTE, BLOCK_DATA, BLOCKS, NUMBERS, NUMBERS_MORE, NUMBERS_DATA, WANTS };

struct reader {
    struct goxel_input in; /* the tags */
    struct goxel_nbt_want wants[WANTS];
    struct goxel_grid grid;
    struct goxel_blocks blocks;
    int64_t unknown; /* blocks */
    /* Equal ones that have not been put yet. */
    uint64_t run;
    struct goxel_block_entry last;
};

static void flush(struct reader *reader)
{
    goxel_grid_run(&reader->grid, reader->run, reader->last.color);
    if (reader->last.unknown)
        reader->unknown += (int64_t)reader->run;
    reader->run = 0;
}

static void put(struct reader *reader, const struct goxel_block_entry *entry)
{
    if (reader->run > 0 && memcmp(&reader->last.color, &entry->color, sizeof(entry->color)) == 0 &&
        reader->last.unknown == entry->unknown) {
        reader->run++;
        return;
    }
    flush(reader);
    reader->last = *entry;
    reader->run = 1;
}

/* ---- Sponge ---- */

/* Through a palette once: the highest index, or, where `blocks` are there, their colours. */
static int64_t walk_palette(struct reader *reader, struct goxel_input in, struct goxel_blocks *blocks)
{
    struct goxel_nbt_tag tag;
    int64_t highest = -1;

    while (goxel_nbt_next(&in, &tag)) {
        struct goxel_nbt_want number = {"index", GOXEL_NBT_NUMBER, tag.type <= GOXEL_NBT_LONG, tag.type,
                                        in.at};
        int64_t index = goxel_nbt_number(&in, &number);

        if (!goxel_input_check(&in, number.at, "index of a block", index, 0, GOXEL_BLOCKS_MAX - 1))
            break;
        if (blocks)
            goxel_blocks_set(blocks, (size_t)index, (const char *)tag.name, tag.name_len);
        highest = index > highest ? index : highest;
        goxel_nbt_skip(&in, tag.type);
        if (goxel_input_go_on(&in))
            break;
    }
    reader->in.failed = in.failed;
    return highest;
}

static void read_palette(struct reader *reader, const struct goxel_nbt_want *want)
{
    struct goxel_input there = goxel_nbt_at(&reader->in, want);
    int64_t highest = reader->in.failed ? -1 : walk_palette(reader, there, NULL);

    if (reader->in.failed)
        return;
    reader->in.failed = goxel_blocks_init(&reader->blocks, (size_t)(highest + 1));
    if (!reader->in.failed)
        walk_palette(reader, there, &reader->blocks);
}

/* Seven bits a byte, the lowest first; a set eighth bit says that more follow. */
static uint32_t read_varint(struct goxel_input *in)
{
    uint32_t value = 0;

    for (unsigned shift = 0; shift < 32; shift += 7) {
        uint8_t byte = goxel_input_u8(in, "index of a block");

        value |= (uint32_t)(byte & 127) << shift;
        if (byte < 128)
            return value;
    }
    goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, in->at, "index of a block",
                     "a number of at most five bytes");
    return 0;
}

static void read_indices(struct reader *reader, const struct goxel_nbt_want *want)
{
    struct goxel_input *in = &reader->in;
    uint32_t len;
    const uint8_t *bytes = goxel_nbt_array(in, want, &len);
    struct goxel_input data = *in;
    uint64_t count = reader->grid.left;

    if (!bytes)
        return;
    data.at = (size_t)(bytes - data.bytes);
    data.end = data.at + len;
    data.part = "blocks";
    if (count > len) /* a byte each at least */
        goxel_input_fail(&data, GOXEL_ERROR_INVALID_DATA, data.at, "indices",
                         "one for each of %llu blocks, got %u bytes", (unsigned long long)count, len);
    reader->grid.in = &data;
    for (uint64_t i = 0; i < count && !data.failed; i++) {
        uint32_t index = read_varint(&data);

        if (!goxel_input_check(&data, data.at, "index of a block", index, 0,
                               (int64_t)reader->blocks.count - 1))
            break;
        put(reader, &reader->blocks.entries[index]);
        if (i % 65536 == 0)
            goxel_input_go_on(&data);
    }
    flush(reader);
    in->failed = data.failed;
    reader->grid.in = in;
}

/* Versions 1 and 2 have both in the schematic, version 3 in a compound of their own. */
static void read_sponge(struct reader *reader)
{
    struct goxel_nbt_want inner[] = {{"Palette", GOXEL_NBT_COMPOUND}, {"Data", GOXEL_NBT_BYTES}};
    const struct goxel_nbt_want *palette = &reader->wants[PALETTE], *data = &reader->wants[BLOCK_DATA];

    if (reader->wants[BLOCKS].found) {
        struct goxel_input blocks = goxel_nbt_at(&reader->in, &reader->wants[BLOCKS]);

        goxel_nbt_find(&blocks, inner, 2);
        reader->in.failed = blocks.failed;
        palette = &inner[0];
        data = &inner[1];
    }
    read_palette(reader, palette);
    read_indices(reader, data);
}

/* ---- MCEdit ---- */

static void read_mcedit(struct reader *reader)
{
    struct goxel_input *in = &reader->in;
    uint64_t count = reader->grid.left;
    uint32_t len, data_len, more_len = 0;
    const uint8_t *numbers = goxel_nbt_array(in, &reader->wants[NUMBERS], &len);
    const uint8_t *data = goxel_nbt_array(in, &reader->wants[NUMBERS_DATA], &data_len);
    const uint8_t *more = NULL;

    if (reader->wants[NUMBERS_MORE].found)
        more = goxel_nbt_array(in, &reader->wants[NUMBERS_MORE], &more_len);
    if (!in->failed && (len != count || data_len != count || (more && more_len < count / 2)))
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, reader->wants[NUMBERS].at, "Blocks and Data",
                         "one byte for each of %llu blocks", (unsigned long long)count);
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        unsigned high = more && i / 2 < more_len ? more[i / 2] >> (i % 2 ? 0 : 4) & 15u : 0;
        struct goxel_block_entry entry = {0};

        entry.unknown = !goxel_block_color_of_number(numbers[i] | high << 8, data[i] & 15u, &entry.color);
        put(reader, &entry);
        if (i % 65536 == 0)
            goxel_input_go_on(in);
    }
    flush(reader);
}

/* ---- the file ---- */

/* Width, height and length are unsigned in signed tags. */
static uint32_t extent(struct reader *reader, int want)
{
    return (uint16_t)goxel_nbt_number(&reader->in, &reader->wants[want]);
}

static void read_blocks(struct reader *reader, struct goxel_layer *layer)
{
    struct goxel_input *in = &reader->in;
    const uint32_t size[3] = {extent(reader, WIDTH), extent(reader, LENGTH), extent(reader, HEIGHT)};
    const int64_t origin[3] = {0, 1 - (int64_t)size[1], 0};
    struct goxel_grid_room room = {0};

    goxel_grid_begin(&reader->grid, in, &room, layer->volume, &axes, size, origin);
    if (reader->grid.left == 0) /* or it has failed */
        return;
    if (reader->wants[NUMBERS].found)
        read_mcedit(reader);
    else
        read_sponge(reader);
    goxel_grid_end(&reader->grid);
}

/* Version 3 has the schematic in a compound without a name. */
static void find_schematic(struct reader *reader)
{
    static const struct goxel_nbt_want wants[WANTS] = {
        [WIDTH] = {"Width", GOXEL_NBT_NUMBER},         [HEIGHT] = {"Height", GOXEL_NBT_NUMBER},
        [LENGTH] = {"Length", GOXEL_NBT_NUMBER},       [PALETTE] = {"Palette", GOXEL_NBT_COMPOUND},
        [BLOCK_DATA] = {"BlockData", GOXEL_NBT_BYTES}, [BLOCKS] = {"Blocks", GOXEL_NBT_COMPOUND},
        [NUMBERS] = {"Blocks", GOXEL_NBT_BYTES},       [NUMBERS_MORE] = {"AddBlocks", GOXEL_NBT_BYTES},
        [NUMBERS_DATA] = {"Data", GOXEL_NBT_BYTES},
    };
    struct goxel_nbt_want inner = {"Schematic", GOXEL_NBT_COMPOUND};
    struct goxel_input there = reader->in;

    goxel_nbt_find(&there, &inner, 1);
    reader->in.failed = there.failed;
    if (!there.failed && inner.found)
        reader->in = goxel_nbt_at(&reader->in, &inner);
    memcpy(reader->wants, wants, sizeof(wants));
    there = reader->in;
    goxel_nbt_find(&there, reader->wants, WANTS);
    reader->in.failed = there.failed;
}

int goxel_schem_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct goxel_project *project = goxel_project_create("");
    struct goxel_input file = goxel_input_of(import);
    struct goxel_buf inflated = {0};
    struct reader reader = {0};
    struct goxel_layer *layer;

    if (!project)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    reader.in = goxel_nbt_open(&file, &inflated);
    find_schematic(&reader);
    reader.in.part = "schematic";
    layer = goxel_import_layer(&reader.in, project, NULL, 0);
    if (layer)
        read_blocks(&reader, layer);
    if (!reader.in.failed)
        goxel_warn(import->warnings, "blocks of unknown colour", reader.unknown);
    goxel_blocks_finish(&reader.blocks);
    goxel_buf_finish(&inflated);
    return goxel_import_end(&reader.in, project, ret_project);
}
