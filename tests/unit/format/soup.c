/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "soup.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/json.h"

static const struct goxel_color white = {255, 255, 255, 255};

static bool wrong(const char *what)
{
    printf("  soup: %s\n", what);
    return false;
}

/* ---- a soup in the making ---- */

struct corner {
    double at[3], normal[3];
    struct goxel_color color;
};

struct corners {
    struct corner *list;
    size_t count, room;
};

static struct corner *add_corner(struct corners *corners)
{
    if (corners->count == corners->room) {
        corners->room = corners->room ? 2 * corners->room : 256;
        corners->list = realloc(corners->list, corners->room * sizeof(*corners->list));
    }
    corners->list[corners->count] = (struct corner){.color = white};
    return &corners->list[corners->count++];
}

static void add_object(struct soup *soup, const char *name, size_t len)
{
    soup->names = realloc(soup->names, (soup->objects + 1) * sizeof(*soup->names));
    len = len < SOUP_NAME_MAX - 1 ? len : SOUP_NAME_MAX - 1;
    memcpy(soup->names[soup->objects], name, len);
    soup->names[soup->objects++][len] = '\0';
}

static struct soup_triangle *add_triangle(struct soup *soup, const struct corner *a, const struct corner *b,
                                          const struct corner *c)
{
    const struct corner *const corners[3] = {a, b, c};
    struct soup_triangle *triangle;

    if (soup->count == soup->room) {
        soup->room = soup->room ? 2 * soup->room : 256;
        soup->triangles = realloc(soup->triangles, soup->room * sizeof(*soup->triangles));
    }
    triangle = &soup->triangles[soup->count++];
    memset(triangle, 0, sizeof(*triangle));
    for (int i = 0; i < 3; i++) {
        memcpy(triangle->at[i], corners[i]->at, sizeof(triangle->at[i]));
        memcpy(triangle->normals[i], corners[i]->normal, sizeof(triangle->normals[i]));
        triangle->color[i] = corners[i]->color;
    }
    triangle->object = soup->objects ? soup->objects - 1 : 0;
    return triangle;
}

/* A polygon as a fan, of corners by number. */
static bool add_face(struct soup *soup, const struct corners *corners, const size_t *numbers, int count)
{
    if (count != 3 && count != 4)
        return wrong("a face of neither three nor four corners");
    for (int i = 0; i < count; i++) {
        if (numbers[i] >= corners->count)
            return wrong("an index out of range");
    }
    for (int i = 2; i < count; i++)
        add_triangle(soup, &corners->list[numbers[0]], &corners->list[numbers[i - 1]],
                     &corners->list[numbers[i]]);
    soup->faces++;
    return true;
}

void soup_finish(struct soup *soup)
{
    free(soup->triangles);
    free(soup->names);
    *soup = (struct soup){0};
}

/* ---- OBJ ---- */

static struct goxel_color material_color(const char *name)
{
    unsigned long bits = strtoul(name, NULL, 16);

    return (struct goxel_color){(uint8_t)(bits >> 24), (uint8_t)(bits >> 16), (uint8_t)(bits >> 8),
                                (uint8_t)bits};
}

static bool read_obj_face(struct soup *soup, struct corners *corners, const char *line, size_t normals,
                          const struct goxel_color *material)
{
    size_t numbers[5];
    int count = 0;

    for (char *end; *line == ' ' && count < 5; line = end) {
        numbers[count] = strtoul(line + 1, &end, 10) - 1;
        if (end == line + 1)
            return wrong("no index");
        if (end[0] == '/' && end[1] == '/') {
            if (strtoul(end + 2, &end, 10) - 1 != numbers[count] || numbers[count] >= normals)
                return wrong("a normal that is not its vertex's");
        }
        if (material && numbers[count] < corners->count)
            corners->list[numbers[count]].color = *material;
        count++;
    }
    return *line ? wrong("something behind a face") : add_face(soup, corners, numbers, count);
}

static bool read_obj_vertex(struct soup *soup, struct corners *corners, const char *line)
{
    struct corner *corner = add_corner(corners);
    double rgb[3], more;
    int count = sscanf(line, "%lf %lf %lf %lf %lf %lf %lf", &corner->at[0], &corner->at[1], &corner->at[2],
                       &rgb[0], &rgb[1], &rgb[2], &more);

    if (count != 3 && count != 6)
        return wrong("a vertex of other than three or six numbers");
    if (count == 6) {
        soup->has_colors = true;
        /* Cut rather than rounded, as some readers do. */
        corner->color = (struct goxel_color){(uint8_t)(rgb[0] * 255), (uint8_t)(rgb[1] * 255),
                                             (uint8_t)(rgb[2] * 255), 255};
    }
    return true;
}

bool soup_read_obj(const char *text, struct soup *ret_soup)
{
    struct soup soup = {0};
    struct corners corners = {0};
    struct goxel_color material = white;
    bool ok = true, has_material = false;
    size_t normals = 0;
    char *copy = strdup(text), *line, *left = copy;

    while (ok && (line = strsep(&left, "\n"))) {
        if (strncmp(line, "v ", 2) == 0) {
            ok = read_obj_vertex(&soup, &corners, line + 2);
        } else if (strncmp(line, "vn ", 3) == 0 && normals < corners.count) {
            double *normal = corners.list[normals++].normal;

            soup.has_normals = true;
            ok = sscanf(line, "vn %lf %lf %lf", &normal[0], &normal[1], &normal[2]) == 3;
        } else if (strncmp(line, "f ", 2) == 0) {
            ok = read_obj_face(&soup, &corners, line + 1, normals, has_material ? &material : NULL);
        } else if (strncmp(line, "o ", 2) == 0) {
            add_object(&soup, line + 2, strlen(line + 2));
        } else if (strncmp(line, "usemtl ", 7) == 0) {
            material = material_color(line + 7);
            has_material = soup.has_colors = true;
        } else if (line[0] && line[0] != '#' && strncmp(line, "mtllib ", 7) != 0) {
            ok = wrong(line);
        }
    }
    soup.vertices = corners.count;
    free(copy);
    free(corners.list);
    *ret_soup = soup;
    return ok;
}

/* ---- bytes ---- */

static uint32_t u32_at(const char *bytes)
{
    const uint8_t *at = (const uint8_t *)bytes;

    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static unsigned u16_at(const char *bytes)
{
    return (uint8_t)bytes[0] | (unsigned)(uint8_t)bytes[1] << 8;
}

static void floats_at(const char *bytes, double ret_values[3])
{
    for (int i = 0; i < 3; i++) {
        uint32_t bits = u32_at(bytes + 4 * i);
        float value;

        memcpy(&value, &bits, sizeof(value));
        ret_values[i] = (double)value;
    }
}

/* ---- PLY ---- */

/* The next number of a vertex, and where the one after it is. */
struct ply {
    const char *at, *end;
    bool ascii;
};

static double ply_number(struct ply *ply, size_t bytes, bool is_float)
{
    double value, three[3];
    char *end;

    if (ply->ascii) {
        char number[32];
        size_t len = 0;

        /* Cut out: sanitizers look through all of a text that a function is given. */
        while (ply->at < ply->end && (*ply->at == ' ' || *ply->at == '\n'))
            ply->at++;
        while (ply->at < ply->end && *ply->at != ' ' && *ply->at != '\n' && len < sizeof(number) - 1)
            number[len++] = *ply->at++;
        number[len] = '\0';
        value = strtod(number, &end);
        return len && !*end ? value : NAN;
    }
    if ((size_t)(ply->end - ply->at) < bytes)
        return NAN;
    if (is_float) {
        char padded[12] = {0};

        memcpy(padded, ply->at, 4);
        floats_at(padded, three);
        value = three[0];
    } else {
        value = bytes == 1 ? (uint8_t)*ply->at : u32_at(ply->at);
    }
    ply->at += bytes;
    return value;
}

static bool read_ply_body(struct soup *soup, struct corners *corners, struct ply *ply, size_t vertices,
                          size_t faces)
{
    for (size_t i = 0; i < vertices; i++) {
        struct corner *corner = add_corner(corners);

        for (int k = 0; k < 3; k++)
            corner->at[k] = ply_number(ply, 4, true);
        for (int k = 0; k < 3 && soup->has_normals; k++)
            corner->normal[k] = ply_number(ply, 4, true);
        if (soup->has_colors) {
            uint8_t parts[4];

            for (int k = 0; k < 4; k++)
                parts[k] = (uint8_t)ply_number(ply, 1, false);
            memcpy(&corner->color, parts, sizeof(parts));
        }
    }
    for (size_t i = 0; i < faces; i++) {
        int count = (int)ply_number(ply, 1, false);
        size_t numbers[4] = {0};

        for (int k = 0; k < count && k < 4; k++)
            numbers[k] = (size_t)ply_number(ply, 4, false);
        if (!add_face(soup, corners, numbers, count))
            return false;
    }
    if (ply->ascii && ply->at < ply->end)
        ply->at++;
    return ply->at == ply->end ? true : wrong("something behind the faces, or less than that");
}

bool soup_read_ply(const char *bytes, size_t len, struct soup *ret_soup)
{
    struct soup soup = {0};
    struct corners corners = {0};
    const char *end = strstr(bytes, "end_header\n"), *vertex = strstr(bytes, "element vertex "),
               *face = strstr(bytes, "element face ");
    struct ply ply = {.end = bytes + len, .ascii = strstr(bytes, "format ascii 1.0\n") != NULL};
    bool ok = false;

    *ret_soup = soup;
    if (strncmp(bytes, "ply\nformat ", 11) != 0 || !end || !vertex || !face)
        return wrong("no header");
    ply.at = end + 11;
    soup.vertices = strtoul(vertex + 15, NULL, 10);
    soup.has_normals = strstr(bytes, "property float nx\nproperty float ny\nproperty float nz\n");
    soup.has_colors = strstr(
        bytes, "property uchar red\nproperty uchar green\nproperty uchar blue\nproperty uchar alpha\n");
    ok = read_ply_body(&soup, &corners, &ply, soup.vertices, strtoul(face + 13, NULL, 10));
    free(corners.list);
    *ret_soup = soup;
    return ok;
}

/* ---- STL ---- */

static struct goxel_color magics_color(unsigned bits)
{
    return (struct goxel_color){(uint8_t)((bits & 31) << 3), (uint8_t)((bits >> 5 & 31) << 3),
                                (uint8_t)((bits >> 10 & 31) << 3), 255};
}

bool soup_read_stl(const char *bytes, size_t len, struct soup *ret_soup)
{
    struct soup soup = {.has_normals = true};

    *ret_soup = soup;
    if (len < 84 || len != 84 + 50 * (size_t)u32_at(bytes + 80) || strncmp(bytes, "solid", 5) == 0)
        return wrong("no header, or another size");
    soup.has_colors = strstr(bytes, "COLOR=") != NULL;
    for (size_t i = 84; i < len; i += 50) {
        struct corner corners[3];
        struct goxel_color color = soup.has_colors ? magics_color(u16_at(bytes + i + 48)) : white;

        for (int k = 0; k < 3; k++) {
            floats_at(bytes + i, corners[k].normal);
            floats_at(bytes + i + 12 + 12 * k, corners[k].at);
            corners[k].color = color;
        }
        add_triangle(&soup, &corners[0], &corners[1], &corners[2]);
    }
    soup.faces = soup.count;
    *ret_soup = soup;
    return true;
}

/* ---- glTF ---- */

static size_t decode_base64(const char *text, size_t len, char *to)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0, held = 0;
    size_t made = 0;

    for (size_t i = 0; i < len && text[i] != '='; i++) {
        const char *digit = strchr(digits, text[i]);

        bits = bits << 6 | (unsigned)(digit ? digit - digits : 0);
        held += 6;
        if (held >= 8) {
            held -= 8;
            to[made++] = (char)(bits >> held);
        }
    }
    return made;
}

struct gltf {
    const struct goxel_json *root;
    const char *bytes;
    size_t len;
};

static int64_t int_of(const struct goxel_json *object, const char *key, int64_t otherwise)
{
    const struct goxel_json *value = goxel_json_get(object, key);

    return value ? goxel_json_int(value) : otherwise;
}

struct view {
    const char *at; /* the first element; NULL: it is none */
    size_t count, stride;
    int64_t type;
};

/* An accessor that lies in its view, which lies in the buffer. */
static struct view accessor(const struct gltf *gltf, int64_t index, size_t bytes)
{
    const struct goxel_json *row = goxel_json_at(goxel_json_get(gltf->root, "accessors"), (size_t)index);
    const struct goxel_json *view = goxel_json_at(goxel_json_get(gltf->root, "bufferViews"),
                                                  (size_t)int_of(row, "bufferView", -1));
    size_t at = (size_t)int_of(row, "byteOffset", 0), end = (size_t)int_of(view, "byteLength", 0),
           start = (size_t)int_of(view, "byteOffset", 0);
    struct view made = {.count = (size_t)int_of(row, "count", 0),
                        .stride = (size_t)int_of(view, "byteStride", (int64_t)bytes),
                        .type = int_of(row, "componentType", 0)};

    if (made.count && at + made.stride * (made.count - 1) + bytes <= end && start + end <= gltf->len &&
        at % 4 == 0)
        made.at = gltf->bytes + start + at;
    return made;
}

static uint8_t to_srgb(unsigned linear)
{
    double value = linear / 65535.0;

    return (uint8_t)lround(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055));
}

static bool read_attributes(const struct gltf *gltf, const struct goxel_json *attributes, struct soup *soup,
                            struct corners *corners)
{
    const struct goxel_json *color = goxel_json_get(attributes, "COLOR_0"),
                            *normal = goxel_json_get(attributes, "NORMAL");
    struct view at = accessor(gltf, int_of(attributes, "POSITION", -1), 12), colors = {0}, normals = {0};

    if (color)
        colors = accessor(gltf, goxel_json_int(color), 8);
    if (normal)
        normals = accessor(gltf, goxel_json_int(normal), 12);
    soup->has_colors = color;
    soup->has_normals = normal;
    if (!at.at || (color && (!colors.at || colors.type != 5123 || colors.count != at.count)) ||
        (normal && (!normals.at || normals.count != at.count)))
        return wrong("an accessor");
    for (size_t i = 0; i < at.count; i++) {
        struct corner *corner = add_corner(corners);
        const char *c = colors.at + i * colors.stride;

        floats_at(at.at + i * at.stride, corner->at);
        if (normal)
            floats_at(normals.at + i * normals.stride, corner->normal);
        if (color)
            corner->color = (struct goxel_color){to_srgb(u16_at(c)), to_srgb(u16_at(c + 2)),
                                                 to_srgb(u16_at(c + 4)), (uint8_t)(u16_at(c + 6) / 257)};
    }
    return true;
}

static bool read_primitive(const struct gltf *gltf, const struct goxel_json *primitive, struct soup *soup)
{
    const struct goxel_json *row = goxel_json_at(goxel_json_get(gltf->root, "accessors"),
                                                 (size_t)int_of(primitive, "indices", -1));
    const struct goxel_json *material = goxel_json_at(goxel_json_get(gltf->root, "materials"),
                                                      (size_t)int_of(primitive, "material", -1));
    size_t bytes = int_of(row, "componentType", 0) == 5123 ? 2 : 4, first = soup->count;
    struct view indices = accessor(gltf, int_of(primitive, "indices", -1), bytes);
    struct corners corners = {0};
    bool ok = read_attributes(gltf, goxel_json_get(primitive, "attributes"), soup, &corners);

    if (ok && (!indices.at || indices.count % 3))
        ok = wrong("indices");
    for (size_t i = 0; ok && i < indices.count; i += 3) {
        size_t numbers[3];

        for (size_t k = 0; k < 3; k++)
            numbers[k] = bytes == 2 ? u16_at(indices.at + 2 * (i + k)) : u32_at(indices.at + 4 * (i + k));
        ok = add_face(soup, &corners, numbers, 3);
    }
    for (; first < soup->count; first++)
        soup->triangles[first].blend = goxel_json_get(material, "alphaMode");
    soup->vertices += corners.count;
    free(corners.list);
    return ok;
}

static bool read_nodes(const struct gltf *gltf, struct soup *soup)
{
    const struct goxel_json *scene = goxel_json_at(goxel_json_get(gltf->root, "scenes"), 0);
    const struct goxel_json *roots = goxel_json_get(scene, "nodes"),
                            *nodes = goxel_json_get(gltf->root, "nodes");
    bool ok = true;

    for (size_t i = 0; ok && roots && i < goxel_json_length(roots); i++) {
        const struct goxel_json *node = goxel_json_at(nodes, (size_t)goxel_json_int(goxel_json_at(roots, i)));
        const struct goxel_json *mesh = goxel_json_at(goxel_json_get(gltf->root, "meshes"),
                                                      (size_t)int_of(node, "mesh", -1));
        const struct goxel_json *primitives = goxel_json_get(mesh, "primitives");
        const char *name = goxel_json_string(goxel_json_get(node, "name"), NULL);

        add_object(soup, name, strlen(name));
        for (size_t k = 0; ok && k < goxel_json_length(primitives); k++)
            ok = read_primitive(gltf, goxel_json_at(primitives, k), soup);
    }
    return ok;
}

static bool read_gltf_json(const char *json, size_t len, const char *binary, size_t binary_len,
                           struct soup *soup)
{
    static const char prefix[] = "data:application/octet-stream;base64,";
    const struct goxel_json_limits limits = {.depth = 16, .tree_bytes = (size_t)1 << 30};
    struct goxel_json *root;
    const struct goxel_json *buffers;
    struct gltf gltf = {.bytes = binary, .len = binary_len};
    char *decoded = NULL;
    bool ok = true;

    if (goxel_json_parse(json, len, &limits, NULL, &root))
        return wrong("no JSON");
    gltf.root = root;
    buffers = goxel_json_get(root, "buffers");
    if (buffers && goxel_json_get(goxel_json_at(buffers, 0), "uri")) {
        size_t uri_len;
        const char *uri = goxel_json_string(goxel_json_get(goxel_json_at(buffers, 0), "uri"), &uri_len);

        ok = strncmp(uri, prefix, strlen(prefix)) == 0;
        decoded = malloc(uri_len);
        gltf.bytes = decoded;
        gltf.len = decode_base64(uri + strlen(prefix), uri_len - strlen(prefix), decoded);
    }
    if (buffers && (size_t)int_of(goxel_json_at(buffers, 0), "byteLength", -1) != gltf.len)
        ok = wrong("a buffer of another length");
    ok = ok && read_nodes(&gltf, soup);
    free(decoded);
    goxel_json_free(root);
    return ok;
}

bool soup_read_gltf(const char *bytes, size_t len, struct soup *ret_soup)
{
    size_t json, binary = 0;

    *ret_soup = (struct soup){0};
    if (len < 4 || memcmp(bytes, "glTF", 4) != 0)
        return read_gltf_json(bytes, len, NULL, 0, ret_soup);
    if (len < 20 || u32_at(bytes + 4) != 2 || u32_at(bytes + 8) != len || memcmp(bytes + 16, "JSON", 4) != 0)
        return wrong("no header");
    json = u32_at(bytes + 12);
    if (json % 4 || json > len - 20)
        return wrong("a chunk");
    if (len > 20 + json) {
        if (len < 28 + json || memcmp(bytes + 24 + json, "BIN", 4) != 0)
            return wrong("a second chunk");
        binary = u32_at(bytes + 20 + json);
        if (binary % 4 || binary != len - 28 - json)
            return wrong("its length");
    }
    return read_gltf_json(bytes + 20, json, bytes + 28 + json, binary, ret_soup);
}

/* ---- 3MF ---- */

static char *inflate_entry(const char *bytes, size_t len, size_t unpacked, uint32_t crc)
{
    char *text = malloc(unpacked + 1);
    z_stream stream = {.next_in = (unsigned char *)bytes,
                       .avail_in = (uInt)len,
                       .next_out = (unsigned char *)text,
                       .avail_out = (uInt)unpacked + 1};
    bool ok = inflateInit2(&stream, -15) == Z_OK && inflate(&stream, Z_FINISH) == Z_STREAM_END &&
              stream.total_out == unpacked && stream.avail_in == 0 &&
              crc32(0, (unsigned char *)text, (uInt)unpacked) == crc;

    inflateEnd(&stream);
    if (!ok) {
        free(text);
        return NULL;
    }
    text[unpacked] = '\0';
    return text;
}

/* By the directory at the end, and by what stands around the entry itself. */
char *soup_unzip(const char *bytes, size_t len, const char *name)
{
    size_t at, name_len = strlen(name);

    if (len < 22 || memcmp(bytes + len - 22, "PK\5\6", 4) != 0)
        return NULL;
    at = u32_at(bytes + len - 6);
    if (at + u32_at(bytes + len - 10) != len - 22)
        return NULL;
    for (unsigned left = u16_at(bytes + len - 12); left; left--, at += 46 + u16_at(bytes + at + 28)) {
        const char *row = bytes + at;
        size_t local = u32_at(row + 42), packed = u32_at(row + 20), data = local + 30 + name_len;

        if (memcmp(row, "PK\1\2", 4) != 0)
            return NULL;
        if (u16_at(row + 28) != name_len || memcmp(row + 46, name, name_len) != 0)
            continue;
        if (memcmp(bytes + local, "PK\3\4", 4) != 0 || memcmp(bytes + local + 30, name, name_len) != 0 ||
            u16_at(bytes + local + 6) != 8 || memcmp(bytes + data + packed, "PK\7\10", 4) != 0 ||
            memcmp(bytes + data + packed + 4, row + 16, 12) != 0)
            return NULL;
        return inflate_entry(bytes + data, packed, u32_at(row + 24), u32_at(row + 16));
    }
    return NULL;
}

/* The value of an attribute of a tag, NUL if it has none; entities stand for themselves. */
static void xml_attribute(const char *at, const char *name, char ret_value[SOUP_NAME_MAX])
{
    static const char *const entities[][2] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}};
    const char *end = strchr(at, '>'), *value;
    char wanted[32];
    size_t len = 0;

    snprintf(wanted, sizeof(wanted), " %s=\"", name);
    value = strstr(at, wanted);
    if (value && value < end) {
        value += strlen(wanted);
        while (*value != '"' && len < SOUP_NAME_MAX - 1) {
            size_t skipped = 1;

            ret_value[len] = *value;
            for (int i = 0; i < 4; i++) {
                if (strncmp(value, entities[i][0], strlen(entities[i][0])) == 0) {
                    ret_value[len] = entities[i][1][0];
                    skipped = strlen(entities[i][0]);
                }
            }
            value += skipped;
            len++;
        }
    }
    ret_value[len] = '\0';
}

static double xml_number(const char *at, const char *name)
{
    char value[SOUP_NAME_MAX];

    xml_attribute(at, name, value);
    return value[0] ? strtod(value, NULL) : -1;
}

struct xml_model {
    struct goxel_color *colors;
    size_t color_count;
    struct corners corners; /* of the object at hand */
};

static bool read_3mf_triangle(struct xml_model *model, struct soup *soup, const char *at)
{
    size_t numbers[3] = {(size_t)xml_number(at, "v1"), (size_t)xml_number(at, "v2"),
                         (size_t)xml_number(at, "v3")};
    double color = xml_number(at, "p1");

    if (color >= (double)model->color_count || (color >= 0 && xml_number(at, "pid") != 1))
        return wrong("a colour out of range");
    for (int i = 0; i < 3 && color >= 0; i++) {
        if (numbers[i] < model->corners.count)
            model->corners.list[numbers[i]].color = model->colors[(size_t)color];
    }
    return add_face(soup, &model->corners, numbers, 3);
}

/* From behind its "<" to before the next one. */
static bool read_3mf_tag(struct xml_model *model, struct soup *soup, const char *at)
{
    char value[SOUP_NAME_MAX];

    if (strncmp(at, "m:color ", 8) == 0) {
        xml_attribute(at, "color", value);
        model->colors = realloc(model->colors, (model->color_count + 1) * sizeof(*model->colors));
        model->colors[model->color_count++] = material_color(value + 1);
        soup->has_colors = true;
    } else if (strncmp(at, "object ", 7) == 0) {
        xml_attribute(at, "name", value);
        add_object(soup, value, strlen(value));
        model->corners.count = 0;
    } else if (strncmp(at, "components>", 11) == 0) {
        soup->objects--; /* it has no triangles of its own */
    } else if (strncmp(at, "vertex ", 7) == 0) {
        struct corner *corner = add_corner(&model->corners);
        static const char *const names[3] = {"x", "y", "z"};

        for (int i = 0; i < 3; i++) {
            xml_attribute(at, names[i], value);
            corner->at[i] = strtod(value, NULL);
        }
        soup->vertices++;
    } else if (strncmp(at, "triangle ", 9) == 0) {
        return read_3mf_triangle(model, soup, at);
    }
    return true;
}

bool soup_read_3mf(const char *bytes, size_t len, struct soup *ret_soup)
{
    char *xml = soup_unzip(bytes, len, "3D/3dmodel.model"), *left = xml, *tag;
    struct xml_model model = {0};
    bool ok = true;

    *ret_soup = (struct soup){0};
    if (!xml)
        return wrong("no archive");
    while (ok && (tag = strsep(&left, "<")))
        ok = read_3mf_tag(&model, ret_soup, tag);
    free(model.colors);
    free(model.corners.list);
    free(xml);
    return ok;
}

/* ---- what it shows ---- */

/* Faces of one direction and colour: how large they are together, and where, weighted by that. */
struct group {
    int direction; /* 2 axis + 1 towards more */
    struct goxel_color color;
    double area, moment[3];
};

struct groups {
    struct group *list;
    size_t count;
};

static struct group *find_group(struct groups *groups, int direction, struct goxel_color color)
{
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->list[i].direction == direction &&
            memcmp(&groups->list[i].color, &color, sizeof(color)) == 0)
            return &groups->list[i];
    }
    groups->list = realloc(groups->list, (groups->count + 1) * sizeof(*groups->list));
    groups->list[groups->count] = (struct group){.direction = direction, .color = color};
    return &groups->list[groups->count++];
}

/* A colour as it is compared. */
static struct goxel_color shown(const struct soup_check *check, struct goxel_color color)
{
    if (!check->colors)
        return white;
    if (!check->alpha)
        color.a = 255;
    return color;
}

struct looking {
    const struct goxel_volume *volume;
    const struct soup_check *check;
    struct groups *groups;
};

static bool sees(const struct looking *looking, struct goxel_color color, struct goxel_color beside)
{
    int least = looking->check->alpha_min ? looking->check->alpha_min : 1;

    if (beside.a < least)
        return true;
    if (looking->check->alpha_min || beside.a == 255)
        return false;
    return color.a == 255 || memcmp(&color, &beside, sizeof(color)) != 0;
}

static int look(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    const struct looking *looking = ctx;

    if (color.a < looking->check->alpha_min)
        return 0;
    for (int direction = 0; direction < 6; direction++) {
        int axis = direction / 2, step = direction % 2 ? 1 : -1;
        struct goxel_pos other = {pos.x + (axis == 0) * step, pos.y + (axis == 1) * step,
                                  pos.z + (axis == 2) * step};
        double centre[3] = {pos.x + 0.5, pos.y + 0.5, pos.z + 0.5};
        struct group *group;

        if (!sees(looking, color, goxel_volume_get_at(looking->volume, other)))
            continue;
        centre[axis] += step / 2.0;
        group = find_group(looking->groups, direction, shown(looking->check, color));
        group->area += 1;
        for (int i = 0; i < 3; i++)
            group->moment[i] += centre[i];
    }
    return 0;
}

/* Back into the volume's axes. */
static void turn_back(const struct soup_check *check, const double at[3], double ret_at[3])
{
    ret_at[0] = at[0];
    ret_at[1] = check->y_up ? -at[2] : at[1];
    ret_at[2] = check->y_up ? at[1] : at[2];
}

static bool add_area(struct groups *groups, const struct soup *soup, const struct soup_triangle *triangle,
                     const struct soup_check *check)
{
    double at[3][3], cross[3], normal[3], area = 0;
    struct group *group;
    int axis = 0;

    for (int i = 0; i < 3; i++)
        turn_back(check, triangle->at[i], at[i]);
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;

        cross[i] = ((at[1][j] - at[0][j]) * (at[2][k] - at[0][k]) -
                    (at[1][k] - at[0][k]) * (at[2][j] - at[0][j])) /
                   2;
        axis = fabs(cross[i]) > fabs(cross[axis]) ? i : axis;
        area += fabs(cross[i]);
    }
    if (area < 1e-9 || fabs(cross[axis]) != area)
        return wrong("a triangle without area, or askew");
    for (int i = 0; i < 3 && soup->has_normals; i++) {
        turn_back(check, triangle->normals[i], normal);
        if (fabs(normal[axis] - (cross[axis] > 0 ? 1 : -1)) > 1e-6)
            return wrong("another normal");
    }
    if (check->colors && (memcmp(&triangle->color[0], &triangle->color[1], sizeof(triangle->color[0])) != 0 ||
                          memcmp(&triangle->color[0], &triangle->color[2], sizeof(triangle->color[0])) != 0))
        return wrong("a triangle of several colours");
    group = find_group(groups, 2 * axis + (cross[axis] > 0), shown(check, triangle->color[0]));
    group->area += area;
    for (int i = 0; i < 3; i++)
        group->moment[i] += area * (at[0][i] + at[1][i] + at[2][i]) / 3;
    return true;
}

static bool same_groups(struct groups *wanted, struct groups *got)
{
    if (wanted->count != got->count)
        return wrong("other colours or directions");
    for (size_t i = 0; i < wanted->count; i++) {
        const struct group *a = &wanted->list[i], *b = find_group(got, a->direction, a->color);

        if (fabs(a->area - b->area) > 1e-6)
            return wrong("another area");
        for (int k = 0; k < 3; k++) {
            if (fabs(a->moment[k] - b->moment[k]) > 1e-5 * (1 + fabs(a->moment[k])))
                return wrong("another place");
        }
    }
    return true;
}

bool soup_matches(const struct soup *soup, const struct goxel_volume *volume, const struct soup_check *check)
{
    struct groups wanted = {0}, got = {0};
    struct looking looking = {volume, check, &wanted};
    bool ok = goxel_volume_visit(volume, NULL, NULL, look, &looking) == 0;

    for (size_t i = 0; ok && i < soup->count; i++) {
        const struct soup_triangle *triangle = &soup->triangles[i];

        if (triangle->object == check->object)
            ok = add_area(&got, soup, triangle, check);
        if (triangle->blend && triangle->color[0].a == 255)
            ok = wrong("an opaque triangle that is blended");
    }
    ok = ok && same_groups(&wanted, &got);
    free(wanted.list);
    free(got.list);
    return ok;
}

/* An edge as a key: its ends in an order of their own, and +1 or -1 by which way it goes. */
struct edge {
    double ends[6];
    int way;
};

static int compare_edges(const void *a, const void *b)
{
    return memcmp(((const struct edge *)a)->ends, ((const struct edge *)b)->ends,
                  sizeof(((const struct edge *)a)->ends));
}

bool soup_closed(const struct soup *soup)
{
    struct edge *edges = calloc(3 * soup->count + 1, sizeof(*edges));
    bool ok = true;

    for (size_t i = 0; i < 3 * soup->count; i++) {
        const double *a = soup->triangles[i / 3].at[i % 3], *b = soup->triangles[i / 3].at[(i + 1) % 3];

        edges[i].way = memcmp(a, b, 3 * sizeof(*a)) < 0 ? 1 : -1;
        memcpy(edges[i].ends, edges[i].way > 0 ? a : b, 3 * sizeof(*a));
        memcpy(edges[i].ends + 3, edges[i].way > 0 ? b : a, 3 * sizeof(*a));
    }
    qsort(edges, 3 * soup->count, sizeof(*edges), compare_edges);
    for (size_t i = 0, end; ok && i < 3 * soup->count; i = end) {
        int sum = 0;

        for (end = i; end < 3 * soup->count && compare_edges(&edges[i], &edges[end]) == 0; end++)
            sum += edges[end].way;
        ok = sum == 0 ? true : wrong("an open edge");
    }
    free(edges);
    return ok;
}

double soup_volume(const struct soup *soup)
{
    double sum = 0;

    for (size_t i = 0; i < soup->count; i++) {
        const double *a = soup->triangles[i].at[0], *b = soup->triangles[i].at[1],
                     *c = soup->triangles[i].at[2];

        sum += a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) +
               a[2] * (b[0] * c[1] - b[1] * c[0]);
    }
    return sum / 6;
}

void soup_bounds(const struct soup *soup, double ret_min[3], double ret_max[3])
{
    for (int k = 0; k < 3; k++) {
        ret_min[k] = INFINITY;
        ret_max[k] = -INFINITY;
        for (size_t i = 0; i < 3 * soup->count; i++) {
            ret_min[k] = fmin(ret_min[k], soup->triangles[i / 3].at[i % 3][k]);
            ret_max[k] = fmax(ret_max[k], soup->triangles[i / 3].at[i % 3][k]);
        }
    }
}
