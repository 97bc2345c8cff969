/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Methods of the family `import`: a file's content becomes part of a project, as one edit.
 *
 * A file is read, and what it shows is put where it shall be, before the edit begins: no other edit waits for that.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "core/lattice.h"
#include "rpc/base64.h"
#include "rpc/files.h"
#include "rpc/methods/methods.h"

#define PNG ".png"

/* What one import carries from step to step; ended by import_finish. */
struct import {
    const struct goxel_format *format; /* NULL: the content tells it */
    struct goxel_choice choice;
    struct goxel_format_options options; /* of a picture */
    struct goxel_lattice lattice;        /* where everything is moved */
    bool has_target;
    struct goxel_layer_name
        target; /* what is shown goes over this layer; else each layer becomes a new one */
    struct goxel_warnings warnings;
    struct goxel_project *model;   /* what was read */
    struct goxel_volume **volumes; /* one for each of its layers, or the first for all; NULL: left out */
    size_t count;
    size_t computed; /* see GOXEL_COMPUTED_BRICKS_MAX */
};

static void import_finish(struct import *import)
{
    for (size_t i = 0; i < import->count; i++)
        goxel_volume_destroy(import->volumes[i]);
    free(import->volumes);
    goxel_project_unref(import->model);
}

/* ---- parameters ---- */

/* A member of `options`; NULL: it is not there. */
static const struct goxel_json *option(const struct goxel_invocation *in, const char *name)
{
    const struct goxel_value *options = goxel_arg(in, "options");

    return options->given ? goxel_json_get(options->node, name) : NULL;
}

/* What the methods have in common: where it goes. */
static int read_place(const struct goxel_invocation *in, struct import *import)
{
    const struct goxel_json *target = option(in, "target_layer"), *offset = option(in, "offset");
    struct goxel_pos by = {0, 0, 0};
    int code;

    import->has_target = target != NULL;
    if (target &&
        (code = goxel_value_layer(target, "options.target_layer", false, in->detail, &import->target)))
        return code;
    if (offset && (code = goxel_value_pos(offset, "options.offset", in->detail, &by)))
        return code;
    (void)goxel_lattice_translation((const int64_t[3]){by.x, by.y, by.z}, &import->lattice);
    return 0;
}

/* Either a path or bytes. */
static int check_source(const struct goxel_invocation *in)
{
    bool path = goxel_arg(in, "path")->given, data = goxel_arg(in, "data")->given;

    if (path && data)
        return goxel_fail_value(in->detail, GOXEL_ERROR_INVALID_PARAMS, "data", NULL,
                                "none, as there is a path");
    if (!path && !data)
        return goxel_fail_value(in->detail, GOXEL_ERROR_INVALID_PARAMS, "path", NULL,
                                "a path, or data in its place");
    return 0;
}

/* Where there is no extension the format is named, or the content tells it. */
static int choose_format(const struct goxel_invocation *in, struct import *import)
{
    const char *path = goxel_arg_text(in, "path", NULL), *format = goxel_arg_text(in, "format", NULL);

    if (!path && !format)
        return 0;
    return goxel_format_choose(path ? path : "", format, GOXEL_FORMAT_IN, in->detail, &import->format);
}

/* Options of the row of PNG, which is a picture unless they say otherwise. */
static int choose_picture(const struct goxel_invocation *in, struct import *import)
{
    const char *path = goxel_arg_text(in, "path", PNG), *dot = strrchr(path, '.');
    int code;

    import->format = goxel_format_named("png", GOXEL_FORMAT_IN);
    if (!dot || strcasecmp(dot, PNG) != 0)
        return goxel_fail_value(in->detail, GOXEL_ERROR_FORMAT_NOT_SUPPORTED, "path", path,
                                "a path of a " PNG);
    code = goxel_choice_options(&import->choice, import->format, GOXEL_FORMAT_IN, in->detail,
                                &import->options);
    if (!code && !goxel_format_given(&import->options, "mode"))
        code = goxel_format_options_set(&import->options, GOXEL_FORMAT_IN, "mode", "picture", in->detail);
    return code ? code : goxel_format_options_check(&import->options, GOXEL_FORMAT_IN, in->detail);
}

/* ---- the file ---- */

static int read_bytes(const struct goxel_invocation *in, struct goxel_buf *bytes)
{
    const struct goxel_value *data = goxel_arg(in, "data");
    char path[PATH_MAX];

    if (data->given)
        return goxel_base64_decode(data->text.bytes, data->text.len, bytes, in->detail);
    return goxel_files_read(in->config, goxel_arg_text(in, "path", ""), bytes, in->detail, path);
}

static int read_model(const struct goxel_invocation *in, const uint8_t *bytes, size_t len,
                      struct import *import)
{
    if (!import->format && !(import->format = goxel_format_recognise(bytes, len)))
        return goxel_fail_value(
            in->detail, GOXEL_ERROR_INVALID_PARAMS, "format", NULL,
            "a format's name (export.formats), as neither a path nor the content tells it");
    return goxel_read_model(in, &import->choice, &import->format, bytes, len, &import->warnings,
                            &import->model);
}

static int read_picture(const struct goxel_invocation *in, const uint8_t *bytes, size_t len,
                        struct import *import)
{
    const struct goxel_import picture = {
        .bytes = bytes,
        .len = len,
        .options = &import->options,
        .cancel = &in->call->cancel,
        .warnings = &import->warnings,
        .detail = in->detail,
        .bricks_max = goxel_config_int(in->config, GOXEL_OPT_LIMITS_MAX_EDIT_BRICKS),
    };
    int code = goxel_format_read(import->format, &picture, import->choice.strict, &import->model);

    /* Of few bytes much can be made: it is not made first. */
    if (code == GOXEL_ERROR_QUOTA && in->detail && in->detail->limit == picture.bricks_max)
        code = goxel_expect_edit_bricks(in, in->detail->given);
    return code;
}

/* What the methods do not have in common. */
struct source {
    int (*choose)(const struct goxel_invocation *in, struct import *import);
    int (*read)(const struct goxel_invocation *in, const uint8_t *bytes, size_t len, struct import *import);
};

static const struct source model_source = {choose_format, read_model};
static const struct source image_source = {choose_picture, read_picture};

static int read_parameters(const struct goxel_invocation *in, const struct source *source,
                           struct import *import)
{
    int code;

    import->lattice = goxel_lattice_identity;
    import->choice = goxel_choice_of(in);
    import->choice.others = "target_layer offset";
    if ((code = read_place(in, import)) || (code = check_source(in)))
        return code;
    return source->choose(in, import);
}

static int read_file(const struct goxel_invocation *in, const struct source *source, struct import *import)
{
    struct goxel_buf bytes;
    int code;

    goxel_buf_init(&bytes, GOXEL_FILE_MAX);
    code = read_bytes(in, &bytes);
    if (!code)
        code = source->read(in, (const uint8_t *)(bytes.data ? bytes.data : ""), bytes.len, import);
    goxel_buf_finish(&bytes);
    return code;
}

/* ---- what it shows, where it shall be ---- */

static int place(const struct goxel_invocation *in, struct import *import, struct goxel_volume *shown,
                 struct goxel_volume **ret_volume)
{
    int code = goxel_volume_transform(shown, &import->lattice, &in->call->cancel, &import->computed,
                                      ret_volume);

    goxel_volume_destroy(shown);
    if (code == GOXEL_ERROR_INVALID_COORDINATES)
        return goxel_fail_value(in->detail, code, "options.offset", NULL,
                                "one that leaves every voxel between %d and %d", GOXEL_COORD_MIN,
                                GOXEL_COORD_MAX);
    return code;
}

/* `bricks`: of the layers before. A clone takes few bytes of a file, and as many bricks as what it shows. */
static int place_layer(const struct goxel_invocation *in, struct import *import, size_t index, int64_t bricks)
{
    const struct goxel_layer *layer = import->model->layers[index];
    struct goxel_volume *shown = NULL;
    int code = goxel_expect_edit_bricks(in, bricks + goxel_layer_shown_bricks(import->model, layer));

    if (!code)
        code = goxel_layer_shown(import->model, layer, &in->call->cancel, &shown);

    if (code == GOXEL_ERROR_BAD_PROJECT_STATE) {
        goxel_warn(&import->warnings, "layers that cannot be made voxels: left out", 1);
        return 0;
    }
    return code ? code : place(in, import, shown, &import->volumes[index]);
}

static int place_picture(const struct goxel_invocation *in, struct import *import)
{
    struct goxel_volume *shown = NULL;
    int64_t undrawn = (int64_t)goxel_project_undrawn(import->model);
    int code = goxel_project_flatten(import->model, &in->call->cancel, &shown);

    if (undrawn > 0)
        goxel_warn(&import->warnings, "layers that cannot be made voxels: left out", undrawn);
    return code ? code : place(in, import, shown, &import->volumes[0]);
}

static int place_all(const struct goxel_invocation *in, struct import *import)
{
    size_t count = import->has_target ? 1 : import->model->layer_count;
    int64_t bricks = 0;
    int code = 0;

    import->volumes = calloc(count + 1, sizeof(*import->volumes));
    if (!import->volumes)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    import->count = count;
    for (size_t i = 0; i < count && !code; i++) {
        code = import->has_target ? place_picture(in, import) : place_layer(in, import, i, bricks);
        bricks += import->volumes[i] ? goxel_volume_bricks(import->volumes[i]) : 0;
    }
    if (!code && import->choice.strict)
        code = goxel_format_check_strict(&import->warnings, in->detail);
    return code ? code : goxel_check_edit_bricks(in, bricks);
}

/* ---- the edit ---- */

/* The layer's material becomes one of the project's: with it goes the opacity. */
static int add_material(struct goxel_invocation *in, const struct import *import,
                        const struct goxel_layer *from, struct goxel_layer *layer)
{
    const struct goxel_scene *scene = import->model->scene;
    int code;

    if (from->material < 0 || (size_t)from->material >= scene->material_count)
        return 0;
    code = goxel_project_add_material(in->edit, &scene->materials[from->material]);
    if (code == GOXEL_ERROR_QUOTA)
        return goxel_fail_limit(in->detail, code, "materials of a project", GOXEL_MATERIALS_MAX,
                                (int64_t)in->edit->scene->material_count + 1);
    if (!code)
        layer->material = (int)in->edit->scene->material_count - 1;
    return code;
}

static void put_layer(struct goxel_json_writer *w, const struct goxel_layer *layer)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_int(w, "id", layer->id);
    goxel_json_put_string(w, "name", layer->name);
    goxel_json_put_count(w, "voxel_count", (uint64_t)goxel_volume_count(layer->volume));
    goxel_json_put_end(w);
}

static int add_layer(struct goxel_invocation *in, struct import *import, size_t index)
{
    const struct goxel_layer *from = import->model->layers[index];
    struct goxel_layer *layer = NULL;
    char name[GOXEL_NAME_MAX + 1];
    int code;

    goxel_free_layer_name(in->edit, from->name, "-", name);
    if ((code = goxel_project_add_layer(in->edit, name, -1, &layer, in->detail)) ||
        (code = add_material(in, import, from, layer)))
        return code;
    layer->visible = from->visible;
    layer->mode = from->mode;
    goxel_layer_replace_volume(layer, import->volumes[index]);
    import->volumes[index] = NULL;
    put_layer(in->out, layer);
    return 0;
}

static int merge_into_target(struct goxel_invocation *in, struct import *import)
{
    struct goxel_layer *layer = NULL;
    int code = goxel_invocation_find_layer(in, &import->target, "options.target_layer", &layer);

    if (!code)
        code = goxel_edit_layer(in, &layer);
    if (!code)
        code = goxel_volume_merge(layer->volume, import->volumes[0], GOXEL_MODE_OVER, &in->call->cancel,
                                  &import->computed);
    if (!code)
        put_layer(in->out, layer);
    return code;
}

static int draw(struct goxel_invocation *in, struct import *import)
{
    int64_t voxels = 0;
    size_t layers = 0;
    int code = 0;

    goxel_json_put_object(in->out, NULL);
    goxel_json_put_string(in->out, "format", import->format->name);
    goxel_json_put_array(in->out, "layers");
    for (size_t i = 0; i < import->count && !code; i++) {
        if (!import->volumes[i])
            continue;
        layers++;
        voxels += goxel_volume_count(import->volumes[i]);
        code = import->has_target ? merge_into_target(in, import) : add_layer(in, import, i);
    }
    if (code)
        return code;
    goxel_json_put_end(in->out);
    goxel_json_put_count(in->out, "voxels", (uint64_t)voxels);
    goxel_warnings_put(in->out, &import->warnings);
    goxel_json_put_end(in->out);
    in->changed = import->has_target ? voxels > 0 : layers > 0;
    return 0;
}

static int run(struct goxel_invocation *in, const struct source *source)
{
    struct import import = {.format = NULL};
    int code = read_parameters(in, source, &import);

    if (code)
        return code;
    if (!(code = read_file(in, source, &import)) && !(code = place_all(in, &import)) &&
        !(code = goxel_invocation_edit(in)))
        code = goxel_invocation_end(in, draw(in, &import));
    import_finish(&import);
    return code;
}

int goxel_import_model_run(struct goxel_invocation *in)
{
    return run(in, &model_source);
}

int goxel_import_image_run(struct goxel_invocation *in)
{
    return run(in, &image_source);
}
