/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading .vox: the chunks, each by a row of a table. What they mean together: vox_palette.c, vox_scene.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "format/vox.h"

const struct goxel_format_option goxel_vox_options[] = {
    {"frame", GOXEL_FORMAT_IN, GOXEL_FORMAT_INT, "0", 0, 1000000, NULL,
     "Which frame of an animation is read"},
    {NULL},
};

bool goxel_vox_is_of(const uint8_t *bytes, size_t len)
{
    return len >= 4 && memcmp(bytes, "VOX ", 4) == 0;
}

/* ---- strings and dictionaries ---- */

static struct goxel_vox_text read_text(struct goxel_input *in, const char *what)
{
    uint32_t len = goxel_input_u32(in, what);
    const uint8_t *bytes = goxel_input_bytes(in, len, what);

    return (struct goxel_vox_text){(const char *)bytes, bytes ? len : 0};
}

bool goxel_vox_pair(struct goxel_input *in, uint32_t *left, struct goxel_vox_text *ret_key,
                    struct goxel_vox_text *ret_value)
{
    if (in->failed || *left == 0 || goxel_input_go_on(in))
        return false;
    (*left)--;
    *ret_key = read_text(in, "key");
    *ret_value = read_text(in, "value");
    return !in->failed;
}

/* Attributes of a node or LAYR. */
static void read_attributes(struct goxel_input *in, struct goxel_vox_text *name, bool *hidden, bool *parts)
{
    uint32_t left = goxel_input_u32(in, "count of attributes");
    struct goxel_vox_text key, value;

    while (goxel_vox_pair(in, &left, &key, &value)) {
        if (goxel_vox_is(key, "_name"))
            *name = value;
        else if (goxel_vox_is(key, "_hidden"))
            *hidden = goxel_vox_is(value, "1");
        else if (goxel_vox_is(key, GOXEL_VOX_PARTS))
            *parts = goxel_vox_is(value, "1");
    }
}

static void skip_dictionary(struct goxel_input *in)
{
    uint32_t left = goxel_input_u32(in, "count of attributes");
    struct goxel_vox_text key, value;

    while (goxel_vox_pair(in, &left, &key, &value))
        continue;
}

/* So many whole numbers, of up to nine digits, with spaces between them; nothing else. */
static bool parse_numbers(struct goxel_vox_text text, int64_t *ret_numbers, size_t count)
{
    const char *at = text.bytes, *end = text.bytes + text.len;

    for (size_t i = 0; i < count; i++) {
        int64_t value = 0;
        bool negative;
        int digits = 0;

        while (at < end && *at == ' ')
            at++;
        negative = at < end && *at == '-';
        at += negative;
        for (; at < end && *at >= '0' && *at <= '9' && digits < 10; at++, digits++)
            value = value * 10 + (*at - '0');
        if (digits == 0 || digits == 10)
            return false;
        ret_numbers[i] = negative ? -value : value;
    }
    while (at < end && *at == ' ')
        at++;
    return at == end;
}

static void read_numbers(struct goxel_input *in, struct goxel_vox_text text, const char *what,
                         int64_t *ret_numbers, size_t count)
{
    if (!parse_numbers(text, ret_numbers, count))
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, (size_t)((const uint8_t *)text.bytes - in->bytes),
                         what, "%zu whole numbers", count);
}

/* ---- arrays ---- */

static void add_model(struct goxel_vox_file *file, struct goxel_input *in,
                      const struct goxel_vox_model *model)
{
    if (!in->failed)
        in->failed = goxel_array_reserve(&file->models, &file->model_room, file->model_count + 1,
                                         sizeof(*model));
    if (!in->failed)
        file->models[file->model_count++] = *model;
}

static void add_node(struct goxel_vox_file *file, struct goxel_input *in, const struct goxel_vox_node *node)
{
    if (!in->failed)
        in->failed = goxel_array_reserve(&file->nodes, &file->node_room, file->node_count + 1, sizeof(*node));
    if (!in->failed)
        file->nodes[file->node_count++] = *node;
}

/* ---- models ---- */

/* How many there are is what is there: the number of an older animation says no more than that it is one. */
static void read_pack(struct goxel_vox_file *file, struct goxel_input *in)
{
    file->animated = goxel_input_i32(in, "count of models") > 1;
}

/* The models follow in pairs of chunks: the size waits for its voxels as a model that is not counted yet. */
static void read_size(struct goxel_vox_file *file, struct goxel_input *in)
{
    struct goxel_vox_model model = {.voxels = NULL};

    for (int i = 0; i < 3; i++) {
        size_t at = in->at;

        model.size[i] = goxel_input_i32(in, "size");
        goxel_input_check(in, at, "size", model.size[i], 0, GOXEL_COORD_MAX);
    }
    add_model(file, in, &model);
}

static void read_voxels(struct goxel_vox_file *file, struct goxel_input *in)
{
    struct goxel_vox_model *model = file->model_count ? &file->models[file->model_count - 1] : NULL;
    size_t at = in->at;
    uint32_t count = goxel_input_u32(in, "count of voxels");
    const uint8_t *voxels = goxel_input_bytes(in, (uint64_t)count * 4, "voxels");

    if (in->failed)
        return;
    if (!model || model->voxels) {
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, at, "voxels", "a SIZE chunk before them");
        return;
    }
    model->count = count;
    model->voxels = voxels;
}

/* ---- nodes ---- */

static void read_rotation(struct goxel_input *in, struct goxel_vox_text text, struct goxel_lattice *place)
{
    int64_t bits = 0;
    int first, second;

    read_numbers(in, text, "_r", &bits, 1);
    first = (int)bits & 3;
    second = (int)bits >> 2 & 3;
    if (bits < 0 || bits > 127 || first == 3 || second == 3 || first == second) {
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, (size_t)((const uint8_t *)text.bytes - in->bytes),
                         "_r", "a number of a turn by right angles, got %d", (int)bits);
        return;
    }
    place->source[0] = first;
    place->source[1] = second;
    place->source[2] = 3 - first - second;
    for (int i = 0; i < 3; i++)
        place->sign[i] = bits >> (4 + i) & 1 ? -1 : 1;
}

/* One frame, and where it begins: at its number in the row, unless it says otherwise. */
static void read_key(struct goxel_input *in, int64_t *frame, struct goxel_lattice *place)
{
    uint32_t left = goxel_input_u32(in, "count of attributes");
    struct goxel_vox_text key, value;

    while (goxel_vox_pair(in, &left, &key, &value)) {
        if (goxel_vox_is(key, "_f"))
            read_numbers(in, value, "_f", frame, 1);
        else if (goxel_vox_is(key, "_t") && place)
            read_numbers(in, value, "_t", place->move, 3);
        else if (goxel_vox_is(key, "_r") && place)
            read_rotation(in, value, place);
    }
}

/* Of frames in their order the last that has begun; before all of them it is the first. */
static bool is_better(struct goxel_vox_file *file, uint32_t i, int64_t frame)
{
    if (frame > file->last_frame)
        file->last_frame = frame;
    return i == 0 || frame <= file->frame;
}

static void warn_frames(const struct goxel_vox_file *file, uint32_t count)
{
    if (count > 1)
        goxel_warn(file->import->warnings, "frames left out", (int64_t)count - 1);
}

static void read_transform(struct goxel_vox_file *file, struct goxel_input *in)
{
    struct goxel_vox_node node = {.kind = GOXEL_VOX_TRANSFORM, .at = in->at, .place = goxel_lattice_identity};
    uint32_t frames;

    node.id = goxel_input_i32(in, "id");
    read_attributes(in, &node.name, &node.hidden, &node.parts);
    node.child = goxel_input_i32(in, "child");
    (void)goxel_input_i32(in, "-1");
    node.layer = goxel_input_i32(in, "layer");
    frames = goxel_input_u32(in, "count of frames");
    for (uint32_t i = 0; i < frames && !in->failed; i++) {
        struct goxel_lattice place = goxel_lattice_identity;
        int64_t frame = i;

        read_key(in, &frame, &place);
        if (is_better(file, i, frame))
            node.place = place;
    }
    add_node(file, in, &node);
    warn_frames(file, frames);
}

static void read_group(struct goxel_vox_file *file, struct goxel_input *in)
{
    struct goxel_vox_node node = {.kind = GOXEL_VOX_GROUP, .at = in->at, .layer = -1};

    node.id = goxel_input_i32(in, "id");
    read_attributes(in, &node.name, &node.hidden, &node.parts);
    node.child_count = goxel_input_u32(in, "count of children");
    node.children = goxel_input_bytes(in, (uint64_t)node.child_count * 4, "children");
    add_node(file, in, &node);
}

static void read_shape(struct goxel_vox_file *file, struct goxel_input *in)
{
    struct goxel_vox_node node = {.kind = GOXEL_VOX_SHAPE, .at = in->at, .layer = -1, .child = -1};
    uint32_t frames;

    node.id = goxel_input_i32(in, "id");
    read_attributes(in, &node.name, &node.hidden, &node.parts);
    frames = goxel_input_u32(in, "count of models");
    for (uint32_t i = 0; i < frames && !in->failed; i++) {
        int32_t model = goxel_input_i32(in, "model");
        int64_t frame = i;

        read_key(in, &frame, NULL);
        if (model >= 0 && (size_t)model < file->model_count)
            file->models[model].shown = true;
        if (is_better(file, i, frame))
            node.child = model;
    }
    add_node(file, in, &node);
    warn_frames(file, frames);
}

static void read_layer(struct goxel_vox_file *file, struct goxel_input *in)
{
    int32_t id = goxel_input_i32(in, "id");
    struct goxel_vox_layer layer = {.hidden = false};
    bool parts = false;

    read_attributes(in, &layer.name, &layer.hidden, &parts);
    if (!in->failed && id >= 0 && id < GOXEL_VOX_LAYERS)
        file->layers[id] = layer;
}

/* One that is there: without a scene models are frames. */
static int check_frame(const struct goxel_vox_file *file)
{
    int64_t last = file->last_frame;
    char given[16];

    if (file->node_count == 0 && file->animated)
        last = (int64_t)file->model_count - 1;
    if (file->frame <= last || file->frame == 0)
        return 0;
    (void)snprintf(given, sizeof(given), "%d", file->frame);
    return goxel_fail_value(file->import->detail, GOXEL_ERROR_INVALID_PARAMS, "options.frame", given,
                            last > 0 ? "0 to %lld" : "0: the file is no animation", (long long)last);
}

/* ---- colours ---- */

static void read_rgba(struct goxel_vox_file *file, struct goxel_input *in)
{
    file->rgba = goxel_input_bytes(in, 256 * 4, "colours");
}

static void read_imap(struct goxel_vox_file *file, struct goxel_input *in)
{
    file->imap = goxel_input_bytes(in, 256, "places of colours");
}

/* MagicaVoxel has a material 256, which is of no colour. */
static void read_material(struct goxel_vox_file *file, struct goxel_input *in)
{
    int32_t id = goxel_input_i32(in, "id");
    size_t at = in->at;

    skip_dictionary(in);
    if (!in->failed && id > 0 && id <= GOXEL_VOX_COLORS)
        file->materials[id] = (struct goxel_vox_place){at, in->at};
}

static void read_notes(struct goxel_vox_file *file, struct goxel_input *in)
{
    size_t at = in->at;
    uint32_t count = goxel_input_u32(in, "count of names");

    for (uint32_t i = 0; i < count && !goxel_input_go_on(in); i++)
        (void)read_text(in, "name");
    if (!in->failed)
        file->notes = (struct goxel_vox_place){at, in->at};
}

/* ---- what is not kept ---- */

static void drop_render(struct goxel_vox_file *file, struct goxel_input *in)
{
    (void)in;
    goxel_warn(file->import->warnings, "render settings and cameras left out", 1);
}

static void drop_material(struct goxel_vox_file *file, struct goxel_input *in)
{
    (void)in;
    goxel_warn(file->import->warnings, "materials of the old kind left out", 1);
}

static void drop_unknown(struct goxel_vox_file *file, struct goxel_input *in)
{
    (void)in;
    goxel_warn(file->import->warnings, "unknown chunks dropped", 1);
}

/* ---- the file ---- */

static const struct chunk {
    char type[5];
    const char *part; /* for errors */
    void (*read)(struct goxel_vox_file *file, struct goxel_input *in);
} chunks[] = {
    {"PACK", "PACK chunk", read_pack},    {"SIZE", "SIZE chunk", read_size},
    {"XYZI", "XYZI chunk", read_voxels},  {"nTRN", "nTRN chunk", read_transform},
    {"nGRP", "nGRP chunk", read_group},   {"nSHP", "nSHP chunk", read_shape},
    {"LAYR", "LAYR chunk", read_layer},   {"RGBA", "RGBA chunk", read_rgba},
    {"IMAP", "IMAP chunk", read_imap},    {"MATL", "MATL chunk", read_material},
    {"NOTE", "NOTE chunk", read_notes},   {"MATT", "MATT chunk", drop_material},
    {"rOBJ", "rOBJ chunk", drop_render},  {"rCAM", "rCAM chunk", drop_render},
    {"META", "META chunk", drop_unknown}, {"", "unknown chunk", drop_unknown},
};

static const struct chunk *chunk_of(const uint8_t *type)
{
    const struct chunk *chunk = chunks;

    while (chunk->type[0] && memcmp(chunk->type, type, 4) != 0)
        chunk++;
    return chunk;
}

/* Chunks in chunks, which nobody has seen outside of MAIN, are read as if they came after. */
static void read_chunk(struct goxel_vox_file *file, struct goxel_input *in)
{
    const uint8_t *type = goxel_input_bytes(in, 4, "type of a chunk");
    const struct chunk *chunk = type ? chunk_of(type) : NULL;
    uint32_t size = goxel_input_u32(in, "size of a chunk");
    uint32_t below = goxel_input_u32(in, "size of the chunks in a chunk");
    struct goxel_input content;

    if (!chunk)
        return;
    content = goxel_input_sub(in, size, chunk->part);
    if (!in->failed && below > goxel_input_left(in))
        goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, in->at, chunk->part, "%u more bytes of chunks in it",
                         (unsigned)below);
    if (!in->failed)
        chunk->read(file, &content);
    if (!in->failed)
        in->failed = content.failed;
}

static int read_chunks(struct goxel_vox_file *file)
{
    struct goxel_input in = goxel_input_of(file->import), main;
    size_t at;
    uint32_t size;

    goxel_input_expect(&in, "VOX ", 4, "beginning");
    at = in.at;
    goxel_input_check(&in, at, "version", goxel_input_i32(&in, "version"), GOXEL_VOX_VERSION_MIN,
                      GOXEL_VOX_VERSION_MAX);
    goxel_input_expect(&in, "MAIN", 4, "MAIN chunk");
    size = goxel_input_u32(&in, "size of MAIN");
    at = goxel_input_u32(&in, "size of the chunks in MAIN");
    (void)goxel_input_bytes(&in, size, "content of MAIN");
    main = goxel_input_sub(&in, at, "chunks");
    while (goxel_input_left(&main) > 0 && !goxel_input_go_on(&main))
        read_chunk(file, &main);
    goxel_warn(file->import->warnings, "bytes after the end left out", (int64_t)goxel_input_left(&in));
    return main.failed;
}

static int read_all(struct goxel_vox_file *file)
{
    int result = read_chunks(file);

    if (!result)
        result = goxel_vox_read_palette(file);
    if (!result)
        result = check_frame(file);
    if (!result)
        result = goxel_vox_build(file);
    if (!result)
        goxel_vox_warn_materials(file);
    return result;
}

int goxel_vox_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct goxel_vox_file *file = calloc(1, sizeof(*file));
    int result = GOXEL_ERROR_OUT_OF_MEMORY;

    if (!file)
        return result;
    file->import = import;
    file->frame = goxel_format_int(import->options, "frame");
    file->project = goxel_project_create("");
    if (file->project)
        result = read_all(file);
    if (result)
        goxel_project_unref(file->project);
    else
        *ret_project = file->project;
    free(file->models);
    free(file->nodes);
    free(file->pages);
    free(file->touched);
    free(file);
    return result;
}
