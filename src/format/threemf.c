/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML into a buffer whose drain is the archive's: whatever its length is, little of it is in memory. */
#include "format/threemf.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "format/color_set.h"
#include "format/digits.h"
#include "format/model.h"
#include "format/zip.h"

#define UNITS "micron millimeter centimeter inch foot meter"

/* clang-format off */
const struct goxel_format_option goxel_threemf_options[] = {
    GOXEL_MODEL_OPTIONS("manifold", "z", "corner", "0"),
    GOXEL_MODEL_OPTION_LAYERS,
    GOXEL_MODEL_OPTION_COLORS("true"),
    {"unit", GOXEL_FORMAT_OUT, GOXEL_FORMAT_CHOICE, "millimeter", 0, 0, UNITS, "What the numbers are"},
    {"level", GOXEL_FORMAT_OUT, GOXEL_FORMAT_INT, "1", 0, 9, NULL, "Effort of the compression: 1 is fast, 9 is small"},
    {NULL},
};
/* clang-format on */

/* Ids of resources: the colours, then the objects. */
enum { COLORS_ID = 1, FIRST_OBJECT_ID };

struct writer {
    const struct goxel_export *export;
    struct goxel_model model;
    struct goxel_color_set colors;
    struct goxel_zip *zip;
    struct goxel_buf xml;
    const struct goxel_model_part *part;
};

/* ---- XML ---- */

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

/* U+FFFE and U+FFFF are no characters of XML, nor is what is below the space. */
static bool is_xml(const char *bytes, size_t len)
{
    return (unsigned char)bytes[0] >= 0x20 && !(len == 3 && memcmp(bytes, "\xef\xbf\xbe", 3) == 0) &&
           !(len == 3 && memcmp(bytes, "\xef\xbf\xbf", 3) == 0);
}

static void put_attribute(struct goxel_buf *xml, const char *name, const char *value)
{
    size_t left = strlen(value), len;

    goxel_buf_printf(xml, " %s=\"", name);
    for (; left; value += len, left -= len) {
        len = goxel_utf8_length(value, left);
        if (len == 0 || !is_xml(value, len)) {
            goxel_buf_puts(xml, "\xef\xbf\xbd");
            len = len ? len : 1;
        } else if (len == 1 && entity(*value)) {
            goxel_buf_puts(xml, entity(*value));
        } else {
            (void)goxel_buf_append(xml, value, len);
        }
    }
    goxel_buf_putc(xml, '"');
}

static char *put_text(char *to, const char *text)
{
    size_t len = strlen(text);

    memcpy(to, text, len);
    return to + len;
}

/* ---- resources ---- */

#define TRIANGLE_MAX (64 + 4 * GOXEL_DIGITS_MAX)

static void put_colors(struct writer *writer)
{
    goxel_buf_printf(&writer->xml, "  <m:colorgroup id=\"%d\">\n", COLORS_ID);
    for (size_t i = 0; i < writer->colors.count; i++) {
        struct goxel_color color = writer->colors.colors[i];

        goxel_buf_printf(&writer->xml, "   <m:color color=\"#%02X%02X%02X%02X\"/>\n", color.r, color.g,
                         color.b, color.a);
        (void)goxel_buf_offer(&writer->xml);
    }
    goxel_buf_puts(&writer->xml, "  </m:colorgroup>\n");
}

static int put_vertices(void *ctx, const struct goxel_mesh_piece *piece)
{
    static const char *const names[3] = {"<vertex x=\"", "\" y=\"", "\" z=\""};
    struct writer *writer = ctx;

    for (size_t i = 0; i < piece->vertex_count; i++) {
        char line[TRIANGLE_MAX], *to = line;
        float at[3];

        goxel_model_place(&writer->model, piece->vertices[i].pos, at);
        for (int k = 0; k < 3; k++)
            to = goxel_digits_float(put_text(to, names[k]), at[k]);
        to = put_text(to, "\"/>\n");
        (void)goxel_buf_append(&writer->xml, line, (size_t)(to - line));
    }
    return goxel_buf_offer(&writer->xml);
}

static void put_triangle(struct writer *writer, const uint32_t corners[3], const struct goxel_color *color)
{
    static const char *const names[3] = {"<triangle v1=\"", "\" v2=\"", "\" v3=\""};
    char line[TRIANGLE_MAX], *to = line;

    for (int i = 0; i < 3; i++)
        to = goxel_digits_uint(put_text(to, names[i]), corners[i]);
    if (color) {
        to = goxel_digits_uint(put_text(to, "\" pid=\""), COLORS_ID);
        to = goxel_digits_uint(put_text(to, "\" p1=\""), goxel_color_set_find(&writer->colors, *color));
    }
    to = put_text(to, "\"/>\n");
    (void)goxel_buf_append(&writer->xml, line, (size_t)(to - line));
}

static int put_faces(void *ctx, const struct goxel_mesh_piece *piece)
{
    struct writer *writer = ctx;
    size_t corners = (size_t)writer->part->size.corners;

    for (size_t i = 0; i < piece->face_count; i++) {
        const uint32_t *face = piece->faces + i * corners;
        struct goxel_color color;

        if (writer->model.colors)
            color = goxel_model_face_color(writer->part, piece, i);
        for (size_t k = 2; k < corners; k++)
            put_triangle(writer, (const uint32_t[3]){face[0], face[k - 1], face[k]},
                         writer->model.colors ? &color : NULL);
    }
    return goxel_buf_offer(&writer->xml);
}

/* The opening tag without its end. */
static void open_object(struct writer *writer, size_t id, const char *name)
{
    goxel_buf_printf(&writer->xml, "  <object id=\"%zu\" type=\"model\"", id);
    put_attribute(&writer->xml, "name", *name ? name : writer->export->name);
}

static int put_object(struct writer *writer, const struct goxel_model_part *part, size_t id)
{
    struct goxel_buf *xml = &writer->xml;
    int code;

    open_object(writer, id, goxel_model_part_name(part));
    if (writer->model.colors)
        goxel_buf_printf(xml, " pid=\"%d\" pindex=\"0\"", COLORS_ID);
    goxel_buf_puts(xml, ">\n   <mesh>\n    <vertices>\n");
    writer->part = part;
    code = goxel_mesh_emit(part->mesh, GOXEL_MESH_VERTICES, put_vertices, writer, writer->export->cancel);
    goxel_buf_puts(xml, "    </vertices>\n    <triangles>\n");
    if (!code)
        code = goxel_mesh_emit(part->mesh,
                               GOXEL_MESH_FACES | (writer->model.colors ? GOXEL_MESH_VERTICES : 0), put_faces,
                               writer, writer->export->cancel);
    goxel_buf_puts(xml, "    </triangles>\n   </mesh>\n  </object>\n");
    return code;
}

/* The object that has all others. */
static void put_assembly(struct writer *writer)
{
    open_object(writer, FIRST_OBJECT_ID + writer->model.count, "");
    goxel_buf_puts(&writer->xml, ">\n   <components>\n");
    for (size_t i = 0; i < writer->model.count; i++)
        goxel_buf_printf(&writer->xml, "    <component objectid=\"%zu\"/>\n", FIRST_OBJECT_ID + i);
    goxel_buf_puts(&writer->xml, "   </components>\n  </object>\n");
}

static int put_resources(struct writer *writer)
{
    size_t count = writer->model.count;
    int code = 0;

    if (writer->colors.count)
        put_colors(writer);
    for (size_t i = 0; i < count && !code; i++)
        code = put_object(writer, &writer->model.parts[i], FIRST_OBJECT_ID + i);
    if (count > 1)
        put_assembly(writer);
    return code;
}

/* ---- parts of the package ---- */

static int put_model(struct writer *writer)
{
    static const char *const units[] = {"micron", "millimeter", "centimeter", "inch", "foot", "meter"};
    struct goxel_buf *xml = &writer->xml;
    size_t count = writer->model.count;
    int code;

    goxel_buf_printf(xml,
                     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<model unit=\"%s\" xml:lang=\"en-US\""
                     " xmlns=\"http://schemas.microsoft.com/3dmanufacturing/core/2015/02\""
                     " xmlns:m=\"http://schemas.microsoft.com/3dmanufacturing/material/2015/02\">\n"
                     " <metadata name=\"Application\">goxel-daemon</metadata>\n <resources>\n",
                     units[goxel_format_int(writer->export->options, "unit")]);
    code = put_resources(writer);
    goxel_buf_puts(xml, " </resources>\n <build>\n");
    if (count)
        goxel_buf_printf(xml, "  <item objectid=\"%zu\"/>\n", FIRST_OBJECT_ID + (count > 1 ? count : 0));
    goxel_buf_puts(xml, " </build>\n</model>\n");
    return code;
}

static int put_types(struct writer *writer)
{
    return goxel_buf_puts(&writer->xml,
                          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                          "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\n"
                          " <Default Extension=\"rels\""
                          " ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\n"
                          " <Default Extension=\"model\""
                          " ContentType=\"application/vnd.ms-package.3dmanufacturing-3dmodel+xml\"/>\n"
                          "</Types>\n");
}

static int put_relations(struct writer *writer)
{
    return goxel_buf_puts(
        &writer->xml,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\n"
        " <Relationship Target=\"/3D/3dmodel.model\" Id=\"rel0\""
        " Type=\"http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel\"/>\n"
        "</Relationships>\n");
}

static const struct {
    const char *name;
    int (*put)(struct writer *writer);
} entries[] = {
    {"[Content_Types].xml", put_types},
    {"_rels/.rels", put_relations},
    {"3D/3dmodel.model", put_model},
};

static int put_entries(struct writer *writer)
{
    int code = 0;

    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]) && !code; i++) {
        goxel_zip_begin(writer->zip, entries[i].name);
        code = entries[i].put(writer);
        if (!code)
            code = goxel_buf_drain(&writer->xml);
        if (!code)
            code = goxel_zip_end(writer->zip);
    }
    return code ? code : goxel_zip_finish(writer->zip);
}

int goxel_threemf_write(const struct goxel_export *export, struct goxel_buf *out)
{
    const struct goxel_model_needs needs = {
        .layers = goxel_format_flag(export->options, "by_layer"),
        .colors = goxel_format_flag(export->options, "colors"),
        .face_colors = goxel_format_flag(export->options, "colors"),
    };
    struct writer writer = {.export = export};
    int code = goxel_model_make(export, &needs, &writer.model);

    if (code)
        return code;
    goxel_buf_init(&writer.xml, SIZE_MAX);
    if (writer.model.colors)
        code = goxel_model_colors(&writer.model, &writer.colors);
    if (!code)
        code = goxel_zip_create(out, goxel_format_int(export->options, "level"), &writer.zip);
    if (!code) {
        goxel_buf_set_drain(&writer.xml, goxel_zip_drain, writer.zip);
        code = put_entries(&writer);
    }
    if (writer.model.mesher == GOXEL_MESHER_FACES || writer.model.mesher == GOXEL_MESHER_GREEDY)
        goxel_warn(export->warnings, "objects that are not closed: printers want mesher=manifold",
                   (int64_t)writer.model.count);
    goxel_zip_destroy(writer.zip);
    goxel_buf_finish(&writer.xml);
    goxel_color_set_finish(&writer.colors);
    goxel_model_finish(&writer.model);
    return code ? code : out->failed;
}
