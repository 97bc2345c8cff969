/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The JSON is made whole, from sizes alone, and goes first: it is small, and says where everything lies. The bytes follow as the meshes are
 * made once more: all vertices, then for each part the opaque faces and the translucent ones.
 *
 * A mesh of many vertices is cut where its pieces are, into chunks whose vertices 16 bits can number: indices are a quarter of a file.
 */
#include "format/gltf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/json.h"
#include "format/grid.h"
#include "format/model.h"

/* clang-format off */
const struct goxel_format_option goxel_gltf_options[] = {
    GOXEL_MODEL_OPTIONS("greedy", "y", "project", "0"),
    GOXEL_MODEL_OPTION_LAYERS,
    GOXEL_MODEL_OPTION_NORMALS,
    GOXEL_MODEL_OPTION_COLORS("true"),
    {NULL},
};
/* clang-format on */

/* Names of the specification's numbers. */
enum { UNSIGNED_SHORT = 5123, UNSIGNED_INT = 5125, FLOAT = 5126 };
enum { ARRAY_BUFFER = 34962, ELEMENT_ARRAY_BUFFER = 34963 };
enum { VERTEX_VIEW, INDEX_VIEW };

#define POSITION_BYTES 12
#define NORMAL_BYTES 12
#define COLOR_BYTES 8
#define INDEX_16_MAX 65535 /* vertices: the number 65,535 itself is no index */

/* Opaque or translucent: what one primitive is of. */
enum { OPAQUE, BLEND, KINDS };

/* Some of a part's vertices, one after another, and all faces over them: a primitive of each kind that it has. */
struct chunk {
    const struct goxel_model_part *part;
    uint64_t first_vertex, vertices;
    uint64_t triangles[KINDS];
    uint64_t index_at[KINDS]; /* in the view of indices */
    uint64_t vertex_at;       /* in the view of vertices */
    float min[3], max[3];     /* in the volume's axes */
};

struct writer {
    const struct goxel_export *export;
    struct goxel_model model;
    struct chunk *chunks; /* owned, part by part, one at least of each */
    size_t chunk_count, chunk_room;
    uint64_t vertex_bytes, index_bytes;
    int *
        materials; /* glTF's number for each of the project's (the first: for none) and each kind; -1: not used */
    int material_count;
    uint16_t linear[256]; /* of an sRGB byte */
    /* Where bytes go: */
    struct goxel_buf *out;
    bool base64;
    uint8_t carry[3]; /* bytes that make no four characters yet */
    unsigned carried;
};

/* ---- colours ---- */

static double to_linear(double value)
{
    value = value > 0 ? fmin(value, 1) : 0; /* what is no number, too */
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static void make_linear(struct writer *writer)
{
    for (int i = 0; i < 256; i++)
        writer->linear[i] = (uint16_t)lround(65535 * to_linear(i / 255.0));
}

/* ---- sizes ---- */

static unsigned stride_of(const struct writer *writer)
{
    return POSITION_BYTES + (writer->model.normals ? NORMAL_BYTES : 0) +
           (writer->model.colors ? COLOR_BYTES : 0);
}

/* Of one index. */
static unsigned index_bytes(const struct chunk *chunk)
{
    return chunk->vertices <= INDEX_16_MAX ? 2 : 4;
}

/* Views are of whole words. */
static uint64_t round_up(uint64_t bytes)
{
    return (bytes + 3) & ~UINT64_C(3);
}

static struct chunk *add_chunk(struct writer *writer, const struct goxel_model_part *part,
                               uint64_t first_vertex)
{
    struct chunk *chunk;

    if (goxel_array_reserve(&writer->chunks, &writer->chunk_room, writer->chunk_count + 1,
                            sizeof(*writer->chunks)))
        return NULL;
    chunk = &writer->chunks[writer->chunk_count++];
    *chunk = (struct chunk){.part = part, .first_vertex = first_vertex};
    return chunk;
}

static void add_vertices(struct chunk *chunk, const struct goxel_mesh_piece *piece)
{
    for (size_t i = 0; i < piece->vertex_count; i++) {
        const float *pos = piece->vertices[i].pos;
        bool first = chunk->vertices == 0 && i == 0;

        for (int k = 0; k < 3; k++) {
            chunk->min[k] = first || pos[k] < chunk->min[k] ? pos[k] : chunk->min[k];
            chunk->max[k] = first || pos[k] > chunk->max[k] ? pos[k] : chunk->max[k];
        }
    }
    chunk->vertices += piece->vertex_count;
}

static void add_faces(struct chunk *chunk, const struct goxel_mesh_piece *piece)
{
    uint64_t triangles = (uint64_t)(chunk->part->size.corners - 2);

    for (size_t i = 0; i < piece->face_count; i++) {
        bool blend = chunk->part->size.translucent && goxel_model_face_color(chunk->part, piece, i).a < 255;

        chunk->triangles[blend ? BLEND : OPAQUE] += triangles;
    }
}

/* Where 16 bits would not do for both, but do for each. */
static bool cuts_before(const struct writer *writer, const struct chunk *chunk,
                        const struct goxel_mesh_piece *piece)
{
    return !goxel_model_shares(&writer->model) && chunk->vertices <= INDEX_16_MAX &&
           piece->vertex_count <= INDEX_16_MAX && chunk->vertices + piece->vertex_count > INDEX_16_MAX;
}

static int measure_piece(void *ctx, const struct goxel_mesh_piece *piece)
{
    struct writer *writer = ctx;
    struct chunk *chunk = &writer->chunks[writer->chunk_count - 1];

    if (cuts_before(writer, chunk, piece))
        chunk = add_chunk(writer, chunk->part, piece->first_vertex);
    if (!chunk)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    add_vertices(chunk, piece);
    add_faces(chunk, piece);
    return 0;
}

/* A part that is one chunk, all of it opaque, is known without another look at it. */
static int measure_part(struct writer *writer, const struct goxel_model_part *part)
{
    bool splits = part->size.vertices > INDEX_16_MAX && !goxel_model_shares(&writer->model);
    struct chunk *chunk = add_chunk(writer, part, 0);

    if (!chunk)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    if (splits || part->size.translucent)
        return goxel_mesh_emit(part->mesh, GOXEL_MESH_VERTICES | GOXEL_MESH_FACES, measure_piece, writer,
                               writer->export->cancel);
    chunk->vertices = part->size.vertices;
    chunk->triangles[OPAQUE] = goxel_model_triangles(&part->size);
    memcpy(chunk->min, part->size.min, sizeof(chunk->min));
    memcpy(chunk->max, part->size.max, sizeof(chunk->max));
    return 0;
}

/* Vertices lie chunk by chunk; indices part by part: first the opaque ones of all its chunks. */
static void place_chunks(struct writer *writer)
{
    for (size_t i = 0; i < writer->chunk_count; i++) {
        writer->chunks[i].vertex_at = writer->vertex_bytes;
        writer->vertex_bytes += writer->chunks[i].vertices * stride_of(writer);
    }
    for (size_t i = 0, end; i < writer->chunk_count; i = end) {
        for (int kind = 0; kind < KINDS; kind++) {
            for (end = i; end < writer->chunk_count && writer->chunks[end].part == writer->chunks[i].part;
                 end++) {
                struct chunk *chunk = &writer->chunks[end];

                chunk->index_at[kind] = writer->index_bytes;
                writer->index_bytes += round_up(3 * chunk->triangles[kind] * index_bytes(chunk));
            }
        }
    }
}

static int measure(struct writer *writer)
{
    int code = 0;

    writer->materials = malloc((writer->export->project->scene->material_count + 1) * KINDS * sizeof(int));
    if (!writer->materials)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < writer->model.count && !code; i++)
        code = measure_part(writer, &writer->model.parts[i]);
    if (!code)
        place_chunks(writer);
    return code;
}

/* ---- JSON ---- */

static void put_floats(struct goxel_json_writer *w, const char *key, const float values[3])
{
    goxel_json_put_array(w, key);
    for (int i = 0; i < 3; i++)
        goxel_json_put_double(w, NULL, (double)values[i]);
    goxel_json_put_end(w);
}

static void put_linear(struct goxel_json_writer *w, const char *key, const float *color, bool alpha)
{
    goxel_json_put_array(w, key);
    for (int i = 0; i < 3; i++)
        goxel_json_put_double(w, NULL, to_linear((double)color[i]));
    if (alpha)
        goxel_json_put_double(w, NULL, color[3] > 0 ? fmin((double)color[3], 1) : 0);
    goxel_json_put_end(w);
}

static void put_material(struct goxel_json_writer *w, const struct goxel_material *material, int kind)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "name", material->name);
    goxel_json_put_object(w, "pbrMetallicRoughness");
    put_linear(w, "baseColorFactor", material->color, true);
    goxel_json_put_double(w, "metallicFactor",
                          material->metallic > 0 ? fmin((double)material->metallic, 1) : 0);
    goxel_json_put_double(w, "roughnessFactor",
                          material->roughness > 0 ? fmin((double)material->roughness, 1) : 0);
    goxel_json_put_end(w);
    put_linear(w, "emissiveFactor", material->emission, false);
    if (kind == BLEND || material->color[3] < 1)
        goxel_json_put_string(w, "alphaMode", "BLEND");
    goxel_json_put_end(w);
}

/* The place of a chunk's material in the list of numbers. */
static size_t material_place(const struct writer *writer, const struct chunk *chunk, int kind)
{
    const struct goxel_layer *layer = chunk->part->layer;
    bool known = layer && goxel_layer_material(writer->export->project, layer);

    return (known ? (size_t)layer->material + 1 : 0) * KINDS + (size_t)kind;
}

static void put_materials(struct writer *writer, struct goxel_json_writer *w)
{
    static const struct goxel_material none = {.name = "voxels", .color = {1, 1, 1, 1}, .roughness = 1};
    const struct goxel_scene *scene = writer->export->project->scene;

    goxel_json_put_array(w, "materials");
    for (size_t i = 0; i < (scene->material_count + 1) * KINDS; i++)
        writer->materials[i] = -1;
    for (size_t i = 0; i < writer->chunk_count * KINDS; i++) {
        const struct chunk *chunk = &writer->chunks[i / KINDS];
        int kind = (int)(i % KINDS);
        size_t place = material_place(writer, chunk, kind);

        if (!chunk->triangles[kind] || writer->materials[place] >= 0)
            continue;
        writer->materials[place] = writer->material_count++;
        put_material(w, place < KINDS ? &none : &scene->materials[place / KINDS - 1], kind);
    }
    goxel_json_put_end(w);
}

static void put_accessor(struct goxel_json_writer *w, int view, uint64_t at, int type, uint64_t count,
                         const char *shape)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_int(w, "bufferView", view);
    goxel_json_put_int(w, "byteOffset", (int64_t)at);
    goxel_json_put_int(w, "componentType", type);
    goxel_json_put_int(w, "count", (int64_t)count);
    goxel_json_put_string(w, "type", shape);
}

static void put_vertex_accessors(struct writer *writer, struct goxel_json_writer *w,
                                 const struct chunk *chunk)
{
    uint64_t count = chunk->vertices, at = chunk->vertex_at;
    float min[3], max[3];

    goxel_model_place_box(&writer->model, chunk->min, chunk->max, min, max);
    put_accessor(w, VERTEX_VIEW, at, FLOAT, count, "VEC3");
    put_floats(w, "min", min);
    put_floats(w, "max", max);
    goxel_json_put_end(w);
    at += POSITION_BYTES;
    if (writer->model.normals) {
        put_accessor(w, VERTEX_VIEW, at, FLOAT, count, "VEC3");
        goxel_json_put_end(w);
        at += NORMAL_BYTES;
    }
    if (writer->model.colors) {
        put_accessor(w, VERTEX_VIEW, at, UNSIGNED_SHORT, count, "VEC4");
        goxel_json_put_bool(w, "normalized", true);
        goxel_json_put_end(w);
    }
}

/* Those of a chunk: POSITION, NORMAL and COLOR_0 if there are any, indices of each primitive. put_chunk counts them the same way. */
static void put_accessors(struct writer *writer, struct goxel_json_writer *w)
{
    goxel_json_put_array(w, "accessors");
    for (size_t i = 0; i < writer->chunk_count; i++) {
        const struct chunk *chunk = &writer->chunks[i];

        put_vertex_accessors(writer, w, chunk);
        for (int kind = 0; kind < KINDS; kind++) {
            if (!chunk->triangles[kind])
                continue;
            put_accessor(w, INDEX_VIEW, chunk->index_at[kind],
                         index_bytes(chunk) == 2 ? UNSIGNED_SHORT : UNSIGNED_INT, 3 * chunk->triangles[kind],
                         "SCALAR");
            goxel_json_put_end(w);
        }
    }
    goxel_json_put_end(w);
}

static const char *name_of(const struct writer *writer, const struct goxel_model_part *part)
{
    const char *name = goxel_model_part_name(part);

    return *name ? name : writer->export->name;
}

/* *accessor: number of the chunk's first one, then of the next chunk's. */
static void put_chunk(const struct writer *writer, struct goxel_json_writer *w, const struct chunk *chunk,
                      int *accessor)
{
    int first = *accessor, normal = first + 1, color = normal + writer->model.normals;
    int indices = color + writer->model.colors;

    for (int kind = 0; kind < KINDS; kind++) {
        if (!chunk->triangles[kind])
            continue;
        goxel_json_put_object(w, NULL);
        goxel_json_put_object(w, "attributes");
        goxel_json_put_int(w, "POSITION", first);
        if (writer->model.normals)
            goxel_json_put_int(w, "NORMAL", normal);
        if (writer->model.colors)
            goxel_json_put_int(w, "COLOR_0", color);
        goxel_json_put_end(w);
        goxel_json_put_int(w, "indices", indices++);
        goxel_json_put_int(w, "material", writer->materials[material_place(writer, chunk, kind)]);
        goxel_json_put_end(w);
    }
    *accessor = indices;
}

static void put_meshes(const struct writer *writer, struct goxel_json_writer *w)
{
    const struct chunk *chunk = writer->chunks, *end = chunk + writer->chunk_count;
    int accessor = 0;

    goxel_json_put_array(w, "meshes");
    while (chunk < end) {
        const struct goxel_model_part *part = chunk->part;

        goxel_json_put_object(w, NULL);
        goxel_json_put_string(w, "name", name_of(writer, part));
        goxel_json_put_array(w, "primitives");
        for (; chunk < end && chunk->part == part; chunk++)
            put_chunk(writer, w, chunk, &accessor);
        goxel_json_put_end(w);
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
}

static void put_nodes(const struct writer *writer, struct goxel_json_writer *w)
{
    goxel_json_put_array(w, "nodes");
    for (size_t i = 0; i < writer->model.count; i++) {
        goxel_json_put_object(w, NULL);
        goxel_json_put_string(w, "name", name_of(writer, &writer->model.parts[i]));
        goxel_json_put_int(w, "mesh", (int64_t)i);
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
}

static void put_scene(const struct writer *writer, struct goxel_json_writer *w)
{
    goxel_json_put_object(w, "asset");
    goxel_json_put_string(w, "version", "2.0");
    goxel_json_put_string(w, "generator", "goxel-daemon");
    goxel_json_put_end(w);
    goxel_json_put_int(w, "scene", 0);
    goxel_json_put_array(w, "scenes");
    goxel_json_put_object(w, NULL);
    goxel_json_put_string(w, "name", writer->export->name);
    if (writer->model.count) {
        goxel_json_put_array(w, "nodes");
        for (size_t i = 0; i < writer->model.count; i++)
            goxel_json_put_int(w, NULL, (int64_t)i);
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
    goxel_json_put_end(w);
}

static void put_view(struct goxel_json_writer *w, uint64_t at, uint64_t len, unsigned stride, int target)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_int(w, "buffer", 0);
    goxel_json_put_int(w, "byteOffset", (int64_t)at);
    goxel_json_put_int(w, "byteLength", (int64_t)len);
    if (stride)
        goxel_json_put_int(w, "byteStride", stride);
    goxel_json_put_int(w, "target", target);
    goxel_json_put_end(w);
}

/* All but the end: the one buffer is open, for whoever says where its bytes are. Without parts there is no buffer. */
static void put_json(struct writer *writer, struct goxel_buf *json)
{
    struct goxel_json_writer w;

    goxel_json_writer_init(&w, json);
    goxel_json_put_object(&w, NULL);
    put_scene(writer, &w);
    if (writer->model.count == 0)
        return;
    put_materials(writer, &w);
    put_nodes(writer, &w);
    put_meshes(writer, &w);
    put_accessors(writer, &w);
    goxel_json_put_array(&w, "bufferViews");
    put_view(&w, 0, writer->vertex_bytes, stride_of(writer), ARRAY_BUFFER);
    put_view(&w, writer->vertex_bytes, writer->index_bytes, 0, ELEMENT_ARRAY_BUFFER);
    goxel_json_put_end(&w);
    goxel_json_put_array(&w, "buffers");
    goxel_json_put_object(&w, NULL);
    goxel_json_put_int(&w, "byteLength", (int64_t)(writer->vertex_bytes + writer->index_bytes));
}

/* ---- bytes ---- */

static void put_four(struct goxel_buf *out, const uint8_t bytes[3], unsigned count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = (unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 | bytes[2];
    const char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
                          count > 1 ? digits[bits >> 6 & 63] : '=', count > 2 ? digits[bits & 63] : '='};

    (void)goxel_buf_append(out, four, sizeof(four));
}

static void put_bytes(struct writer *writer, const uint8_t *bytes, size_t len)
{
    if (!writer->base64) {
        (void)goxel_buf_append(writer->out, bytes, len);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        writer->carry[writer->carried++] = bytes[i];
        if (writer->carried < sizeof(writer->carry))
            continue;
        put_four(writer->out, writer->carry, 3);
        writer->carried = 0;
    }
}

/* What base64 still holds. */
static void end_bytes(struct writer *writer)
{
    if (!writer->carried)
        return;
    memset(writer->carry + writer->carried, 0, sizeof(writer->carry) - writer->carried);
    put_four(writer->out, writer->carry, writer->carried);
}

static uint8_t *pack(uint8_t *to, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *to++ = (uint8_t)(value >> 8 * i);
    return to;
}

static uint8_t *pack_floats(uint8_t *to, const float values[3])
{
    for (int i = 0; i < 3; i++) {
        uint32_t bits;

        memcpy(&bits, &values[i], sizeof(bits));
        to = pack(to, bits, 4);
    }
    return to;
}

static uint8_t *pack_color(const struct writer *writer, uint8_t *to, struct goxel_color color)
{
    to = pack(to, writer->linear[color.r], 2);
    to = pack(to, writer->linear[color.g], 2);
    to = pack(to, writer->linear[color.b], 2);
    return pack(to, color.a * 257u, 2);
}

static int put_vertices(void *ctx, const struct goxel_mesh_piece *piece)
{
    struct writer *writer = ctx;

    for (size_t i = 0; i < piece->vertex_count; i++) {
        const struct goxel_mesh_vertex *vertex = &piece->vertices[i];
        uint8_t record[POSITION_BYTES + NORMAL_BYTES + COLOR_BYTES], *to = record;
        float values[3];

        goxel_model_place(&writer->model, vertex->pos, values);
        to = pack_floats(to, values);
        if (writer->model.normals) {
            goxel_model_normal(&writer->model, vertex, values);
            to = pack_floats(to, values);
        }
        if (writer->model.colors)
            to = pack_color(writer, to, vertex->color);
        put_bytes(writer, record, (size_t)(to - record));
    }
    return goxel_buf_offer(writer->out);
}

/* The faces of one kind of a part, chunk after chunk. */
struct pass {
    struct writer *writer;
    const struct chunk *chunk;
    int kind;
};

/* Up to a whole word. */
static void end_chunk(const struct pass *pass)
{
    static const uint8_t zeros[4] = {0};
    uint64_t bytes = 3 * pass->chunk->triangles[pass->kind] * index_bytes(pass->chunk);

    put_bytes(pass->writer, zeros, (size_t)(round_up(bytes) - bytes));
}

static int put_faces(void *ctx, const struct goxel_mesh_piece *piece)
{
    struct pass *pass = ctx;
    const struct goxel_model_part *part = pass->chunk->part;
    uint32_t first;
    int bytes;

    /* Of shared vertices there is one chunk alone, and it has them all. */
    if (piece->face_count && !goxel_model_shares(&pass->writer->model) &&
        piece->first_vertex >= pass->chunk->first_vertex + pass->chunk->vertices) {
        end_chunk(pass);
        pass->chunk++;
    }
    first = (uint32_t)pass->chunk->first_vertex;
    bytes = (int)index_bytes(pass->chunk);
    for (size_t i = 0; i < piece->face_count; i++) {
        const uint32_t *face = piece->faces + i * (size_t)part->size.corners;
        uint8_t record[2 * 3 * 4], *to = record;

        if (part->size.translucent &&
            (goxel_model_face_color(part, piece, i).a < 255) != (pass->kind == BLEND))
            continue;
        for (int k = 2; k < part->size.corners; k++) {
            to = pack(to, face[0] - first, bytes);
            to = pack(to, face[k - 1] - first, bytes);
            to = pack(to, face[k] - first, bytes);
        }
        put_bytes(pass->writer, record, (size_t)(to - record));
    }
    return goxel_buf_offer(pass->writer->out);
}

/* Those of the part that begins with a chunk. */
static int put_indices(struct writer *writer, const struct chunk *chunk, int kind)
{
    const struct goxel_model_part *part = chunk->part;
    struct pass pass = {writer, chunk, kind};
    int code;

    if (kind == BLEND && !part->size.translucent)
        return 0;
    code = goxel_mesh_emit(part->mesh, GOXEL_MESH_FACES | (part->size.translucent ? GOXEL_MESH_VERTICES : 0),
                           put_faces, &pass, writer->export->cancel);
    end_chunk(&pass);
    return code;
}

static int put_binary(struct writer *writer)
{
    int code = 0;

    for (size_t i = 0; i < writer->model.count && !code; i++)
        code = goxel_mesh_emit(writer->model.parts[i].mesh, GOXEL_MESH_VERTICES, put_vertices, writer,
                               writer->export->cancel);
    for (size_t i = 0; i < writer->chunk_count && !code; i++) {
        bool begins = i == 0 || writer->chunks[i].part != writer->chunks[i - 1].part;

        for (int kind = 0; kind < KINDS && begins && !code; kind++)
            code = put_indices(writer, &writer->chunks[i], kind);
    }
    end_bytes(writer);
    return code;
}

/* ---- files ---- */

#define GLB_HEAD_BYTES 12
#define CHUNK_HEAD_BYTES 8

/* Lengths are 32 bits, and one that is beyond the ceiling is known before the first byte. */
static int check_size(const struct goxel_buf *out, uint64_t bytes)
{
    return bytes > UINT32_MAX || bytes > out->ceiling - out->drained - out->len ? GOXEL_ERROR_MESSAGE_SIZE
                                                                                : 0;
}

static int put_glb(struct writer *writer, struct goxel_buf *json)
{
    uint64_t binary = writer->vertex_bytes + writer->index_bytes, total;
    struct goxel_buf *out = writer->out;
    int code;

    goxel_buf_puts(json, writer->model.count ? "}]}" : "}");
    while (json->len % 4 && !json->failed)
        goxel_buf_putc(json, ' ');
    total = GLB_HEAD_BYTES + CHUNK_HEAD_BYTES + json->len + (binary ? CHUNK_HEAD_BYTES + binary : 0);
    code = json->failed ? json->failed : check_size(out, total);
    if (code)
        return code;
    goxel_buf_puts(out, "glTF");
    goxel_buf_put_le32(out, 2);
    goxel_buf_put_le32(out, (uint32_t)total);
    goxel_buf_put_le32(out, (uint32_t)json->len);
    goxel_buf_puts(out, "JSON");
    goxel_buf_append(out, json->data, json->len);
    if (!binary)
        return 0;
    goxel_buf_put_le32(out, (uint32_t)binary);
    goxel_buf_append(out, "BIN", 4);
    return put_binary(writer);
}

static int put_gltf(struct writer *writer, struct goxel_buf *json)
{
    uint64_t binary = writer->vertex_bytes + writer->index_bytes;
    struct goxel_buf *out = writer->out;
    int code = json->failed ? json->failed : check_size(out, (binary + 2) / 3 * 4);

    if (code)
        return code;
    goxel_buf_append(out, json->data, json->len);
    if (binary) {
        goxel_buf_puts(out, ",\"uri\":\"data:application/octet-stream;base64,");
        code = put_binary(writer);
        goxel_buf_puts(out, "\"}]");
    }
    goxel_buf_puts(out, "}\n");
    return code;
}

static int write_file(const struct goxel_export *export, struct goxel_buf *out, bool base64,
                      int (*put)(struct writer *writer, struct goxel_buf *json))
{
    const struct goxel_model_needs needs = {
        .layers = goxel_format_flag(export->options, "by_layer"),
        .colors = goxel_format_flag(export->options, "colors"),
        .normals = goxel_format_flag(export->options, "normals"),
        .face_colors = true,
    };
    struct writer writer = {.export = export, .out = out, .base64 = base64};
    struct goxel_buf json;
    int code = goxel_model_make(export, &needs, &writer.model);

    if (code)
        return code;
    if (writer.model.count && !writer.model.parts[0].layer)
        goxel_export_warn_materials(export, false);
    goxel_buf_init(&json, out->ceiling);
    make_linear(&writer);
    code = measure(&writer);
    if (!code) {
        put_json(&writer, &json);
        code = put(&writer, &json);
    }
    goxel_buf_finish(&json);
    free(writer.chunks);
    free(writer.materials);
    goxel_model_finish(&writer.model);
    return code ? code : out->failed;
}

int goxel_glb_write(const struct goxel_export *export, struct goxel_buf *out)
{
    return write_file(export, out, false, put_glb);
}

int goxel_gltf_write(const struct goxel_export *export, struct goxel_buf *out)
{
    return write_file(export, out, true, put_gltf);
}
