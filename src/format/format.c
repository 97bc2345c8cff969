/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of formats, and how one is found in it. */
#include "format/format.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "format/binvox.h"
#include "format/csv.h"
#include "format/grid.h"
#include "format/gox.h"
#include "format/kv6.h"
#include "format/kvx.h"
#include "format/slab6.h"
#include "format/litematic.h"
#include "format/qb.h"
#include "format/qbcl.h"
#include "format/qbt.h"
#include "format/schem.h"
#include "format/gltf.h"
#include "format/obj.h"
#include "format/ply.h"
#include "format/png.h"
#include "format/png_row.h"
#include "format/stl.h"
#include "format/threemf.h"
#include "format/txt.h"
#include "format/vox.h"
#include "format/vxl.h"
#include "format/vxl_cc.h"

/* Axes that are not ours, and how they are turned, in both directions. */
#define Y_UP "Y points up in it: its (x, y, z) is (x, -z, y) here."
#define Z_DOWN "Z points down in it: its (x, y, z) is (x, -y, -z) here."
#define LINEAR "Colours of vertices are linear there, of 16 bits a channel: every byte of sRGB comes back."

/* clang-format off */
const struct goxel_format goxel_formats[] = {
    {"gox", "gox", "application/x-goxel", "Goxel 3D", .native = true,
     .magic = "GOX ",
     .limits = {.alpha = true, .layers = true, .positions = true, .palette = true, .materials = true},
     .read = goxel_gox_read, .write = goxel_gox_write},
    {"txt", "txt", "text/plain; charset=utf-8", "Goxel text",
     .text = true,
     .limits = {.positions = true},
     .read = goxel_txt_read, .write = goxel_txt_write},
    {"vox", "vox", "model/x-vox", "MagicaVoxel",
     .magic = "VOX ",
     .limits = {.colors = 255, .alpha = true, .layers = true, .positions = true, .palette = true},
     .options = goxel_vox_options, .is = goxel_vox_is_of, .read = goxel_vox_read, .write = goxel_vox_write},
    {"slab6", "vox", "model/x-slab6", "SLAB6",
     .notes = Z_DOWN,
     .limits = {.colors = 255},
     .is = goxel_slab6_is_of, .read = goxel_slab6_read},
    {"kvx", "kvx", "model/x-kvx", "Build engine voxels",
     .notes = Z_DOWN,
     .limits = {.colors = 256, .positions = true, .surface = true, .size = 511},
     .read = goxel_kvx_read},
    {"kv6", "kv6", "model/x-kv6", "Voxlap sprite",
     .magic = "Kvxl",
     .notes = Z_DOWN,
     .limits = {.positions = true, .surface = true, .size = 65535},
     .read = goxel_kv6_read},
    {"vxl-cc", "vxl", "model/x-vxl-cc", "Command & Conquer voxels",
     .magic = "Voxel Animation",
     .limits = {.colors = 256, .layers = true, .positions = true, .size = 255},
     .is = goxel_vxl_cc_is_of, .read = goxel_vxl_cc_read},
    {"vxl", "vxl", "model/x-vxl", "Ace of Spades map",
     .notes = Z_DOWN,
     .limits = {.surface = true, .size = 512},
     .is = goxel_vxl_is_of, .read = goxel_vxl_read},
    {"qb", "qb", "application/x-qubicle-binary", "Qubicle Binary",
     .notes = Y_UP,
     .limits = {.layers = true, .positions = true},
     .options = goxel_qb_options, .read = goxel_qb_read, .write = goxel_qb_write},
    {"qbt", "qbt", "application/x-qubicle-binary-tree", "Qubicle Binary Tree",
     .magic = "QB 2",
     .notes = Y_UP,
     .limits = {.layers = true, .positions = true},
     .read = goxel_qbt_read},
    {"qbcl", "qbcl", "application/x-qubicle-project", "Qubicle project",
     .magic = "QBCL",
     .notes = Y_UP,
     .limits = {.layers = true, .positions = true},
     .read = goxel_qbcl_read},
    {"schem", "schem schematic", "application/x-minecraft-schematic", "Minecraft schematic",
     .notes = Y_UP,
     .limits = {.alpha = true},
     .read = goxel_schem_read},
    {"litematic", "litematic", "application/x-litematica", "Litematica schematic",
     .notes = Y_UP,
     .limits = {.alpha = true, .layers = true, .positions = true},
     .read = goxel_litematic_read},
    {"binvox", "binvox", "application/x-binvox", "binvox",
     .magic = "#binvox",
     .notes = Y_UP,
     .limits = {.colors = 1, .positions = true, .size = GOXEL_BINVOX_EDGE_MAX},
     .read = goxel_binvox_read, .write = goxel_binvox_write},
    {"csv", "csv", "text/csv", "Sproxel table",
     .text = true,
     .limits = {.alpha = true, .plane = GOXEL_GRID_PLANE_MAX},
     .notes = Y_UP,
     .read = goxel_csv_read, .write = goxel_csv_write},
    {"obj", "obj", "model/obj", "Wavefront OBJ",
     .text = true,
     .limits = {.layers = true, .positions = true, .surface = true},
     .options = goxel_obj_options, .companion = "mtl", .refers = goxel_obj_refers,
     .write = goxel_obj_write},
    {"mtl", "mtl", "model/mtl", "Wavefront MTL, materials of an OBJ",
     .text = true,
     .limits = {.alpha = true, .layers = true, .positions = true, .surface = true},
     .options = goxel_mtl_options,
     .write = goxel_mtl_write},
    {"ply", "ply", "model/ply", "Stanford PLY",
     .limits = {.alpha = true, .positions = true, .surface = true},
     .options = goxel_ply_options,
     .write = goxel_ply_write},
    {"stl", "stl", "model/stl", "STL",
     .limits = {.colors = 1, .positions = true, .surface = true},
     .options = goxel_stl_options,
     .write = goxel_stl_write},
    {"glb", "glb", "model/gltf-binary", "glTF 2.0, binary",
     .notes = LINEAR,
     .limits = {.alpha = true, .layers = true, .positions = true, .surface = true, .materials = true},
     .options = goxel_gltf_options,
     .write = goxel_glb_write},
    {"gltf", "gltf", "model/gltf+json", "glTF 2.0",
     .text = true,
     .notes = LINEAR,
     .limits = {.alpha = true, .layers = true, .positions = true, .surface = true, .materials = true},
     .options = goxel_gltf_options,
     .write = goxel_gltf_write},
    {"3mf", "3mf", "model/3mf", "3D Manufacturing Format",
     .limits = {.alpha = true, .layers = true, .surface = true},
     .options = goxel_threemf_options,
     .write = goxel_threemf_write},
    {"png", "png", "image/png", "PNG: a picture, a height map, or slices",
     .magic = "\x89PNG\r\n\x1a\n",
     .limits = {.alpha = true, .positions = true, .size = GOXEL_COORD_MAX + 1, .plane = GOXEL_PICTURE_PIXELS_MAX},
     .notes = "A picture lies on the ground: x to the right, y up in it. Slices lie side by side, and in each x or y goes to the right, and y or z down. "
              "What is largest is a side of the picture.",
     .options = goxel_png_row_options,
     .read = goxel_png_row_read, .write = goxel_png_row_write},
    {NULL},
};
/* clang-format on */

/* Whether a space-separated list has the word, ASCII case ignored. */
static bool lists(const char *list, const char *word)
{
    size_t len = strlen(word);

    while (*list) {
        size_t next = strcspn(list, " ");

        if (next == len && strncasecmp(list, word, len) == 0)
            return true;
        list += next;
        list += strspn(list, " ");
    }
    return false;
}

static bool is_for(const struct goxel_format *format, enum goxel_format_use use)
{
    return use == GOXEL_FORMAT_IN ? format->read != NULL : format->write != NULL;
}

const struct goxel_format *goxel_format_named(const char *name, enum goxel_format_use use)
{
    for (const struct goxel_format *format = goxel_formats; format->name; format++) {
        if (strcasecmp(format->name, name) == 0 && is_for(format, use))
            return format;
    }
    for (const struct goxel_format *format = goxel_formats; format->name; format++) {
        if (lists(format->extensions, name) && is_for(format, use))
            return format;
    }
    return NULL;
}

const struct goxel_format *goxel_format_of_path(const char *path, enum goxel_format_use use)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');

    for (const struct goxel_format *format = goxel_formats; dot && format->name; format++) {
        if (lists(format->extensions, dot + 1) && is_for(format, use))
            return format;
    }
    return NULL;
}

/* The first extension of `format` is the first one of both. */
static bool shares_extension(const struct goxel_format *format, const struct goxel_format *other)
{
    size_t first = strcspn(format->extensions, " ");

    return strncmp(other->extensions, format->extensions, first) == 0 &&
           (other->extensions[first] == '\0' || other->extensions[first] == ' ');
}

/* The first row of that extension that can be read, and knows its files (`known`), or says nothing. */
static const struct goxel_format *find_sharing(const struct goxel_format *format, bool known,
                                               const uint8_t *bytes, size_t len)
{
    for (const struct goxel_format *other = goxel_formats; other->name; other++) {
        if (other->read && shares_extension(format, other) && (other->is != NULL) == known &&
            (!other->is || other->is(bytes, len)))
            return other;
    }
    return NULL;
}

const struct goxel_format *goxel_format_of_bytes(const struct goxel_format *format, const uint8_t *bytes,
                                                 size_t len)
{
    const struct goxel_format *other;

    if (format->is && format->is(bytes, len))
        return format;
    other = find_sharing(format, true, bytes, len);
    if (!other && format->is)
        other = find_sharing(format, false, bytes, len);
    return other ? other : format;
}

const struct goxel_format *goxel_format_companion(const struct goxel_format_options *options)
{
    const struct goxel_format *format = options->format;

    if (!format->companion || (format->refers && !format->refers(options)))
        return NULL;
    return goxel_format_named(format->companion, GOXEL_FORMAT_OUT);
}

static bool begins_as(const struct goxel_format *format, const uint8_t *bytes, size_t len)
{
    size_t magic = format->magic ? strlen(format->magic) : 0;

    return magic && len >= magic && memcmp(bytes, format->magic, magic) == 0;
}

const struct goxel_format *goxel_format_recognise(const uint8_t *bytes, size_t len)
{
    for (const struct goxel_format *format = goxel_formats; format->name; format++) {
        if (format->read && begins_as(format, bytes, len) && (!format->is || format->is(bytes, len)))
            return format;
    }
    return NULL;
}

/* Rows may share an extension: it is told once. */
static void list_extensions(const struct goxel_format *row, enum goxel_format_use use, struct goxel_buf *out)
{
    char path[32];

    for (const char *word = row->extensions; *word; word += strspn(word, " ")) {
        size_t len = strcspn(word, " ");

        (void)snprintf(path, sizeof(path), "x.%.*s", (int)len, word);
        if (goxel_format_of_path(path, use) == row)
            goxel_buf_printf(out, " %s", path + 2);
        word += len;
    }
}

void goxel_format_list(enum goxel_format_use use, bool names, struct goxel_buf *out)
{
    for (const struct goxel_format *row = goxel_formats; row->name; row++) {
        if (!is_for(row, use))
            continue;
        if (names)
            goxel_buf_printf(out, " %s", row->name);
        else
            list_extensions(row, use, out);
    }
}

int goxel_format_choose(const char *path, const char *name, enum goxel_format_use use,
                        struct goxel_detail *detail, const struct goxel_format **ret_format)
{
    const struct goxel_format *format = name ? goxel_format_named(name, use)
                                             : goxel_format_of_path(path, use);
    enum goxel_format_use other = use == GOXEL_FORMAT_IN ? GOXEL_FORMAT_OUT : GOXEL_FORMAT_IN;
    struct goxel_buf known;
    int code;

    if (format) {
        *ret_format = format;
        return 0;
    }
    format = name ? goxel_format_named(name, other) : goxel_format_of_path(path, other);
    goxel_buf_init(&known, 512);
    if (format)
        goxel_buf_printf(&known, "another one than %s, which is only %s: ", format->name,
                         use == GOXEL_FORMAT_IN ? "written" : "read");
    goxel_buf_puts(&known, name ? "one of" : "one of the extensions");
    goxel_format_list(use, name != NULL, &known);
    code = goxel_fail_value(detail, GOXEL_ERROR_FORMAT_NOT_SUPPORTED, name ? "format" : "path",
                            name ? name : path, "%s", known.data ? known.data : "one that is known");
    goxel_buf_finish(&known);
    return code;
}

/* ---- reading and writing ---- */

/* Room for what nobody wants to hear, where it is needed to know whether it is said. */
static struct goxel_warnings *warnings_of(struct goxel_warnings *wanted, struct goxel_warnings *own)
{
    own->count = 0;
    return wanted ? wanted : own;
}

int goxel_format_check_strict(const struct goxel_warnings *warnings, struct goxel_detail *detail)
{
    if (warnings->count == 0)
        return 0;
    goxel_fail(detail, GOXEL_ERROR_VALIDATION, "strict: %s (%lld)%s", warnings->rows[0].what,
               (long long)warnings->rows[0].count, warnings->count > 1 ? ", and more" : "");
    if (detail)
        detail->warnings = *warnings;
    return GOXEL_ERROR_VALIDATION;
}

/* A damaged file may be a whole one of another format. */
static void tell_other(const struct goxel_format *format, const struct goxel_import *import)
{
    const struct goxel_format *other = goxel_format_recognise(import->bytes, import->len);
    struct goxel_detail *detail = import->detail;
    size_t len;

    if (!detail || !other || other == format)
        return;
    len = strlen(detail->text);
    (void)snprintf(detail->text + len, sizeof(detail->text) - len, "%sit begins as a %s does",
                   len ? "; " : "", other->name);
}

int goxel_format_read(const struct goxel_format *format, const struct goxel_import *import, bool strict,
                      struct goxel_project **ret_project)
{
    struct goxel_project *project = NULL;
    struct goxel_format_options defaults;
    struct goxel_import in = *import;
    struct goxel_warnings own;
    int code;

    if (!in.options) {
        format = goxel_format_of_bytes(format, import->bytes, import->len);
        goxel_format_options_init(&defaults, format);
        in.options = &defaults;
    }
    in.warnings = warnings_of(import->warnings, &own);
    if (import->detail)
        goxel_detail_init(import->detail);
    code = goxel_format_options_check(in.options, GOXEL_FORMAT_IN, import->detail);
    if (!code)
        code = format->read(&in, &project);
    if (!code && strict)
        code = goxel_format_check_strict(in.warnings, import->detail);
    if (code == GOXEL_ERROR_INVALID_DATA)
        tell_other(format, import);
    if (code) {
        goxel_project_unref(project);
        return code;
    }
    goxel_project_seal(project);
    *ret_project = project;
    return 0;
}

/* Colours that are more than that: metal, glass, light. */
static int64_t palette_materials(const struct goxel_palette *palette)
{
    int64_t count = 0;

    for (size_t i = 0; i < palette->count; i++) {
        const struct goxel_palette_entry *entry = &palette->entries[i];

        count += entry->text && entry->text_len > strlen(entry->text) + 1;
    }
    return count;
}

/* Of what is seen in them, one is drawn over the other. */
static int64_t layers_lost(const struct goxel_project *project)
{
    int64_t shown = 0;

    for (size_t i = 0; i < project->layer_count; i++)
        shown += project->layers[i]->visible && !goxel_layer_is_empty(project->layers[i]);
    return shown > 1 ? shown : 0;
}

/* Layers that are not shown are in the file, too. */
static bool has_hidden(const struct goxel_format *format)
{
    return format->limits.layers && !format->limits.surface;
}

static bool is_empty(const struct goxel_format *format, const struct goxel_project *project)
{
    bool hidden = has_hidden(format);

    for (size_t i = 0; i < project->layer_count; i++) {
        if ((hidden || project->layers[i]->visible) && !goxel_layer_is_empty(project->layers[i]))
            return false;
    }
    return true;
}

int goxel_format_write(const struct goxel_format *format, const struct goxel_export *export, bool strict,
                       struct goxel_buf *out)
{
    struct goxel_format_options defaults;
    struct goxel_export ex = *export;
    struct goxel_warnings own;
    int code;

    goxel_format_options_init(&defaults, format);
    if (!ex.options)
        ex.options = &defaults;
    if (!ex.name)
        ex.name = GOXEL_EXPORT_NAME;
    ex.warnings = warnings_of(export->warnings, &own);
    if (export->detail)
        goxel_detail_init(export->detail);
    code = goxel_format_options_check(ex.options, GOXEL_FORMAT_OUT, export->detail);
    if (!code)
        code = format->write(&ex, out);
    if (!code)
        code = out->failed;
    if (!code && !format->limits.layers)
        goxel_warn(ex.warnings, "layers drawn as one", layers_lost(ex.project));
    if (!code && !format->limits.materials &&
        format->limits.colors != 1) /* where colours go, they go with them */
        goxel_export_warn_materials(&ex, has_hidden(format));
    if (!code && !format->limits.palette && format->limits.colors != 1)
        goxel_warn(ex.warnings, "materials of colors left out",
                   palette_materials(&ex.project->scene->palette));
    if (!code && !format->native)
        goxel_warn(ex.warnings, "no voxels: the model is empty", is_empty(format, ex.project));
    if (!code && strict)
        code = goxel_format_check_strict(ex.warnings, export->detail);
    return code;
}
