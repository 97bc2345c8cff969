/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of formats, and how one is found in it. */
#include "format/format.h"

#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "format/gltf.h"
#include "format/gox.h"
#include "format/obj.h"
#include "format/ply.h"
#include "format/png_row.h"
#include "format/stl.h"
#include "format/threemf.h"
#include "format/txt.h"

/* clang-format off */
const struct goxel_format goxel_formats[] = {
    {"gox", "gox", "application/x-goxel", "Goxel 3D", .native = true,
     .limits = {.alpha = true, .layers = true, .positions = true},
     .read = goxel_gox_read, .write = goxel_gox_write},
    {"txt", "txt", "text/plain; charset=utf-8", "Goxel text",
     .limits = {.positions = true},
     .read = goxel_txt_read, .write = goxel_txt_write},
    {"obj", "obj", "model/obj", "Wavefront OBJ",
     .limits = {.layers = true, .positions = true, .surface = true},
     .options = goxel_obj_options, .companion = "mtl",
     .write = goxel_obj_write},
    {"mtl", "mtl", "model/mtl", "Wavefront MTL, materials of an OBJ",
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
     .limits = {.alpha = true, .layers = true, .positions = true, .surface = true},
     .options = goxel_gltf_options,
     .write = goxel_glb_write},
    {"gltf", "gltf", "model/gltf+json", "glTF 2.0",
     .limits = {.alpha = true, .layers = true, .positions = true, .surface = true},
     .options = goxel_gltf_options,
     .write = goxel_gltf_write},
    {"3mf", "3mf", "model/3mf", "3D Manufacturing Format",
     .limits = {.alpha = true, .layers = true, .surface = true},
     .options = goxel_threemf_options,
     .write = goxel_threemf_write},
    {"png", "png", "image/png", "PNG: a picture, a height map, or slices",
     .limits = {.alpha = true, .positions = true},
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

const struct goxel_format *goxel_format_of_bytes(const struct goxel_format *format, const uint8_t *bytes,
                                                 size_t len)
{
    size_t first = strcspn(format->extensions, " ");

    if (!format->is || format->is(bytes, len))
        return format;
    for (const struct goxel_format *other = goxel_formats; other->name; other++) {
        if (other->read && strncmp(other->extensions, format->extensions, first) == 0 &&
            (other->extensions[first] == '\0' || other->extensions[first] == ' ') &&
            (!other->is || other->is(bytes, len)))
            return other;
    }
    return format;
}

/* ---- reading and writing ---- */

/* Room for what nobody wants to hear, where it is needed to know whether it is said. */
static struct goxel_warnings *warnings_of(struct goxel_warnings *wanted, struct goxel_warnings *own)
{
    own->count = 0;
    return wanted ? wanted : own;
}

static int check_strict(const struct goxel_warnings *warnings, struct goxel_detail *detail)
{
    if (warnings->count == 0)
        return 0;
    return goxel_fail(detail, GOXEL_ERROR_VALIDATION, "strict: %s (%lld)%s", warnings->rows[0].what,
                      (long long)warnings->rows[0].count, warnings->count > 1 ? ", and more" : "");
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
    code = format->read(&in, &project);
    if (!code && strict)
        code = check_strict(in.warnings, import->detail);
    if (code) {
        goxel_project_unref(project);
        return code;
    }
    goxel_project_seal(project);
    *ret_project = project;
    return 0;
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
        ex.name = "model";
    ex.warnings = warnings_of(export->warnings, &own);
    if (export->detail)
        goxel_detail_init(export->detail);
    code = format->write(&ex, out);
    if (!code)
        code = out->failed;
    if (!code && strict)
        code = check_strict(ex.warnings, export->detail);
    return code;
}

void goxel_warn(struct goxel_warnings *warnings, const char *what, int64_t count)
{
    if (!warnings || count == 0)
        return;
    for (size_t i = 0; i < warnings->count; i++) {
        if (strcmp(warnings->rows[i].what, what) == 0) {
            warnings->rows[i].count += count;
            return;
        }
    }
    if (warnings->count == GOXEL_WARNINGS_MAX)
        return;
    warnings->rows[warnings->count].what = what;
    warnings->rows[warnings->count++].count = count;
}
