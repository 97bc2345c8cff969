/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All meshes are planned before anything is written: sizes, bounds and colours come first in most formats. */
#include "format/model.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "format/color_set.h"
#include "format/grid.h"

/* ---- what is shown ---- */

/* Layers drawn one by one, and what they cost: the ceiling is that of the picture. */
struct making {
    struct goxel_model *model;
    struct goxel_mesh_options mesh;
    bool face_colors, without_alpha;
    int64_t computed;             /* bricks */
    int64_t dropped, made_opaque; /* voxels */
};

/* How the voxels of a brick are told apart, in numbers. */
static void count_alpha(struct making *making, const struct goxel_color *colors)
{
    unsigned dropped = 0, opaque = 0, there = 0;

    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        there += colors[i].a != 0;
        dropped += colors[i].a != 0 && colors[i].a < making->mesh.alpha_min;
        opaque += colors[i].a == 255;
    }
    making->dropped += dropped;
    making->made_opaque += there - dropped - opaque;
}

static int count_translucent(struct making *making, const struct goxel_volume *volume)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS], color;
    struct goxel_brick_view *views;
    size_t count;
    int code;

    if (making->mesh.alpha_min == 0 && !making->without_alpha)
        return 0;
    if ((code = goxel_volume_views(volume, &views, &count)))
        return code;
    for (size_t i = 0; i < count && !code; i++) {
        code = goxel_cancel_check(making->model->export->cancel);
        if (!goxel_brick_view_uniform(&views[i], &color) || color.a < 255)
            count_alpha(making, goxel_brick_view_read(&views[i], buffer));
    }
    free(views);
    return code;
}

static int keep_color(void *ctx, const struct goxel_mesh_piece *piece)
{
    const struct goxel_model_part *part = ctx;

    for (size_t i = 0; i < piece->vertex_count; i++)
        part->colors[piece->first_vertex + i] = piece->vertices[i].color;
    return 0;
}

static int keep_colors(const struct making *making, struct goxel_model_part *part)
{
    if (!making->face_colors || !making->mesh.colors || making->mesh.mesher != GOXEL_MESHER_SMOOTH)
        return 0;
    part->colors = calloc(part->size.vertices, sizeof(*part->colors));
    return part->colors ? goxel_mesh_emit(part->mesh, GOXEL_MESH_VERTICES, keep_color, part,
                                          making->model->export->cancel)
                        : GOXEL_ERROR_OUT_OF_MEMORY;
}

static int add_part(struct making *making, const struct goxel_layer *layer, const struct goxel_volume *volume)
{
    struct goxel_model *model = making->model;
    struct goxel_model_part *part = &model->parts[model->count];
    int code = count_translucent(making, volume);

    if (!code)
        code = goxel_mesh_plan(volume, &making->mesh, model->export->cancel, model->export->detail,
                               &part->mesh);
    if (code)
        return code;
    part->layer = layer;
    goxel_mesh_size(part->mesh, &part->size);
    if (part->size.vertices == 0) {
        goxel_mesh_destroy(part->mesh);
        return 0;
    }
    model->count++;
    return keep_colors(making, part);
}

static int too_much(const struct making *making)
{
    return goxel_fail(making->model->export->detail, GOXEL_ERROR_QUOTA,
                      "the layers drawn take too much memory");
}

static int add_layer(struct making *making, const struct goxel_layer *layer)
{
    const struct goxel_export *export = making->model->export;
    bool plain = goxel_layer_is_plain(layer);
    struct goxel_volume *shown = NULL;
    int code = goxel_cancel_check(export->cancel);

    if (!code && !plain)
        making->computed += goxel_layer_shown_bricks(export->project, layer);
    if (!code && making->computed > (int64_t)GOXEL_COMPUTED_BRICKS_MAX)
        code = too_much(making);
    if (!code && plain)
        return add_part(making, layer, layer->volume);
    if (!code)
        code = goxel_layer_shown(export->project, layer, export->cancel, &shown);
    if (code == GOXEL_ERROR_BAD_PROJECT_STATE)
        return 0; /* counted by goxel_project_undrawn */
    if (!code)
        code = add_part(making, layer, shown);
    goxel_volume_destroy(shown);
    return code;
}

static int add_layers(struct making *making)
{
    const struct goxel_project *project = making->model->export->project;
    int code = 0;

    making->model->parts = calloc(project->layer_count ? project->layer_count : 1,
                                  sizeof(struct goxel_model_part));
    if (!making->model->parts)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < project->layer_count && !code; i++) {
        if (project->layers[i]->visible)
            code = add_layer(making, project->layers[i]);
    }
    return code;
}

static int add_picture(struct making *making)
{
    const struct goxel_export *export = making->model->export;
    struct goxel_volume *picture = NULL;
    int code = goxel_project_flatten(export->project, export->cancel, &picture);

    if (code == GOXEL_ERROR_QUOTA)
        code = too_much(making);
    if (!code) {
        making->model->parts = calloc(1, sizeof(*making->model->parts));
        code = making->model->parts ? add_part(making, NULL, picture) : GOXEL_ERROR_OUT_OF_MEMORY;
    }
    goxel_volume_destroy(picture);
    return code;
}

/* Visible layers that change what is below them rather than lie over it. */
static int64_t mixed_layers(const struct goxel_project *project)
{
    int64_t mixed = 0;

    for (size_t i = 0; i < project->layer_count; i++)
        mixed += project->layers[i]->visible && project->layers[i]->mode != GOXEL_MODE_OVER;
    return mixed;
}

/* ---- places ---- */

static void find_origin(struct goxel_model *model, enum goxel_model_origin origin)
{
    for (int i = 0; i < 3 && model->count && origin != GOXEL_ORIGIN_PROJECT; i++) {
        double min = model->parts[0].size.min[i], max = model->parts[0].size.max[i];

        for (size_t k = 1; k < model->count; k++) {
            min = fmin(min, model->parts[k].size.min[i]);
            max = fmax(max, model->parts[k].size.max[i]);
        }
        model->origin[i] = origin == GOXEL_ORIGIN_CORNER ? min : (min + max) / 2;
    }
}

void goxel_model_place(const struct goxel_model *model, const float pos[3], float ret_pos[3])
{
    float at[3];

    for (int i = 0; i < 3; i++)
        at[i] = (float)((pos[i] - model->origin[i]) * model->scale);
    ret_pos[0] = at[0];
    ret_pos[1] = model->y_up ? at[2] : at[1];
    ret_pos[2] = model->y_up ? 0.0f - at[1] : at[2];
}

void goxel_model_place_box(const struct goxel_model *model, const float min[3], const float max[3],
                           float ret_min[3], float ret_max[3])
{
    float a[3], b[3];

    goxel_model_place(model, min, a);
    goxel_model_place(model, max, b);
    for (int i = 0; i < 3; i++) {
        ret_min[i] = fminf(a[i], b[i]);
        ret_max[i] = fmaxf(a[i], b[i]);
    }
}

void goxel_model_normal(const struct goxel_model *model, const struct goxel_mesh_vertex *vertex,
                        float ret_normal[3])
{
    float x = vertex->normal[0], y = vertex->normal[1], z = vertex->normal[2];
    float length = sqrtf(x * x + y * y + z * z);

    /* A surface may touch itself in a point, which has no direction then. */
    if (length == 0)
        z = length = 1;
    ret_normal[0] = x / length;
    ret_normal[1] = model->y_up ? z / length : y / length;
    ret_normal[2] = model->y_up ? 0.0f - y / length : z / length;
}

/* ---- a model ---- */

static struct goxel_mesh_options mesh_options(const struct goxel_model *model)
{
    const struct goxel_export *export = model->export;

    return (struct goxel_mesh_options){.mesher = model->mesher,
                                       .alpha_min = (uint8_t)goxel_format_int(export->options, "alpha_min"),
                                       .normals = model->normals,
                                       .colors = model->colors,
                                       .pool = export->pool};
}

int goxel_model_make(const struct goxel_export *export, const struct goxel_model_needs *needs,
                     struct goxel_model *ret_model)
{
    const struct goxel_format_options *options = export->options;
    struct goxel_model model = {
        .export = export,
        .mesher = (enum goxel_mesher)goxel_format_int(options, "mesher"),
        .colors = needs->colors,
        .y_up = goxel_format_int(options, "axis") == 0,
        .scale = goxel_format_number(options, "scale"),
    };
    struct making making = {
        .model = &model, .face_colors = needs->face_colors, .without_alpha = needs->without_alpha};
    int64_t mixed = needs->layers ? mixed_layers(export->project) : 0;
    int code;

    model.normals = needs->normals && model.mesher != GOXEL_MESHER_MANIFOLD;
    making.mesh = mesh_options(&model);
    goxel_warn(export->warnings, "layers drawn as one because of their modes", mixed);
    code = needs->layers && !mixed ? add_layers(&making) : add_picture(&making);
    if (code) {
        goxel_model_finish(&model);
        return code;
    }
    goxel_warn(export->warnings, "translucent voxels dropped", making.dropped);
    goxel_warn(export->warnings, "alpha dropped", making.made_opaque);
    goxel_export_warn_layers(export);
    find_origin(&model, (enum goxel_model_origin)goxel_format_int(options, "origin"));
    *ret_model = model;
    return 0;
}

void goxel_model_finish(struct goxel_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        goxel_mesh_destroy(model->parts[i].mesh);
        free(model->parts[i].colors);
    }
    free(model->parts);
    *model = (struct goxel_model){0};
}

const char *goxel_model_part_name(const struct goxel_model_part *part)
{
    return part->layer ? part->layer->name : "";
}

/* ---- colours ---- */

struct gathering {
    const struct goxel_model_part *part;
    struct goxel_color_set *set;
};

static int gather(void *ctx, const struct goxel_mesh_piece *piece)
{
    const struct gathering *gathering = ctx;
    size_t number;
    int code = 0;

    for (size_t i = 0; i < piece->face_count && !code; i++)
        code = goxel_color_set_add(gathering->set, goxel_model_face_color(gathering->part, piece, i),
                                   &number);
    return code;
}

int goxel_model_colors(const struct goxel_model *model, struct goxel_color_set *set)
{
    int code = 0;

    for (size_t i = 0; i < model->count && !code; i++) {
        struct gathering gathering = {&model->parts[i], set};

        code = goxel_mesh_emit(model->parts[i].mesh, GOXEL_MESH_VERTICES | GOXEL_MESH_FACES, gather,
                               &gathering, model->export->cancel);
    }
    return code;
}
