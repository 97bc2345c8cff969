/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers are few (GOXEL_LAYERS_MAX): plain arrays and linear searches, in the order people see them. */
#include "core/project.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/utf8.h"

static const float identity[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};

/* ---- names ---- */

/* Bytes of the character that `name` begins with; 0 if it may not stand in a name. */
static size_t name_character(const char *name, size_t len)
{
    size_t bytes = goxel_utf8_length(name, len);
    unsigned char first = (unsigned char)name[0];

    if (bytes == 1 && (first < 0x20 || first == 0x7f))
        return 0;
    if (bytes == 2 && first == 0xc2 && (unsigned char)name[1] < 0xa0) /* C1 controls */
        return 0;
    return bytes;
}

int goxel_name_check(const char *name, size_t len, const char *field, struct goxel_detail *detail)
{
    char shown[sizeof(detail->value)];
    size_t at = 0;

    while (at < len && len <= GOXEL_NAME_MAX) {
        size_t bytes = name_character(name + at, len - at);

        if (bytes == 0)
            break;
        at += bytes;
    }
    if (len > 0 && at == len)
        return 0;
    goxel_utf8_printable(shown, sizeof(shown), name, len);
    return goxel_fail_value(detail, GOXEL_ERROR_VALIDATION, field, shown,
                            "1 to %d bytes of UTF-8 without control characters", GOXEL_NAME_MAX);
}

void goxel_name_copy(char ret_name[GOXEL_NAME_MAX + 1], const char *name, size_t len)
{
    if (len > GOXEL_NAME_MAX) {
        len = GOXEL_NAME_MAX;
        /* The first byte left out must begin a character; one has at most three that do not. */
        for (int i = 0; i < 3 && ((unsigned char)name[len] & 0xc0) == 0x80; i++)
            len--;
    }
    memcpy(ret_name, name, len);
    ret_name[len] = '\0';
}

/* ---- life ---- */

struct goxel_project *goxel_project_create(const char *name)
{
    struct goxel_project *project = calloc(1, sizeof(*project));

    if (!project)
        return NULL;
    goxel_name_copy(project->name, name, strlen(name));
    project->created_ms = project->modified_ms = goxel_wall_ms();
    project->next_layer_id = 1;
    project->active_camera = -1;
    return project;
}

static void layer_destroy(struct goxel_layer *layer)
{
    if (!layer)
        return;
    goxel_volume_destroy(layer->volume);
    free(layer->image_path);
    free(layer);
}

void goxel_project_destroy(struct goxel_project *project)
{
    if (!project)
        return;
    for (size_t i = 0; i < project->layer_count; i++)
        layer_destroy(project->layers[i]);
    free(project->layers);
    free(project->materials);
    free(project->cameras);
    free(project->preview);
    free(project->path);
    free(project);
}

void goxel_project_seal(struct goxel_project *project)
{
    for (size_t i = 0; i < project->layer_count; i++)
        goxel_volume_seal(project->layers[i]->volume);
}

void goxel_project_touch(struct goxel_project *project)
{
    goxel_project_seal(project);
    project->version++;
    project->modified_ms = goxel_wall_ms();
}

bool goxel_project_is_modified(const struct goxel_project *project)
{
    return !project->read_only && project->version != project->saved_version;
}

/* ---- size ---- */

void goxel_project_set_size(struct goxel_project *project, int width, int height, int depth)
{
    float half[3] = {(float)width / 2, (float)depth / 2, (float)height / 2}; /* z is up */

    memcpy(project->box, identity, sizeof(identity));
    for (int i = 0; i < 3; i++) {
        project->box[5 * i] = half[i];
        project->box[12 + i] = half[i];
    }
}

/* Voxels along an axis of a box: twice the length of its column. */
static int extent(const float box[16], int axis)
{
    const float *column = box + 4 * axis;
    double length = 2 * sqrt((double)column[0] * column[0] + (double)column[1] * column[1] +
                             (double)column[2] * column[2]);

    return length < INT_MAX ? (int)lround(length) : INT_MAX; /* also for what a file made infinite */
}

bool goxel_project_size(const struct goxel_project *project, int *ret_width, int *ret_height, int *ret_depth)
{
    int i = 0;

    while (i < 16 && project->box[i] == 0)
        i++;
    if (i == 16)
        return false;
    *ret_width = extent(project->box, 0);
    *ret_depth = extent(project->box, 1);
    *ret_height = extent(project->box, 2);
    return true;
}

/* ---- layers ---- */

/* The first free one of "Layer.1", "Layer.2", …: with n layers, one of n + 1 names is. */
static void free_layer_name(const struct goxel_project *project, char ret_name[GOXEL_NAME_MAX + 1])
{
    bool taken[GOXEL_LAYERS_MAX + 2] = {false};
    size_t number = 1;

    for (size_t i = 0; i < project->layer_count; i++) {
        char again[32];
        unsigned found;

        if (strncmp(project->layers[i]->name, "Layer.", 6) != 0 ||
            sscanf(project->layers[i]->name + 6, "%9u", &found) != 1 || found > project->layer_count)
            continue;
        snprintf(again, sizeof(again), "Layer.%u", found); /* not "Layer.01", not "Layer.1 old" */
        if (strcmp(again, project->layers[i]->name) == 0)
            taken[found] = true;
    }
    while (taken[number])
        number++;
    snprintf(ret_name, GOXEL_NAME_MAX + 1, "Layer.%zu", number);
}

static struct goxel_layer *layer_create(void)
{
    struct goxel_layer *layer = calloc(1, sizeof(*layer));

    if (!layer)
        return NULL;
    layer->volume = goxel_volume_create();
    if (!layer->volume) {
        free(layer);
        return NULL;
    }
    layer->visible = true;
    layer->material = -1;
    memcpy(layer->mat, identity, sizeof(identity));
    return layer;
}

int goxel_project_add_layer(struct goxel_project *project, const char *name, int position,
                            struct goxel_layer **ret_layer, struct goxel_detail *detail)
{
    size_t count = project->layer_count;
    size_t at = position < 0 || (size_t)position > count ? count : (size_t)position;
    struct goxel_layer **layers, *layer;

    if (count >= GOXEL_LAYERS_MAX)
        return goxel_fail_limit(detail, GOXEL_ERROR_QUOTA, "layers", GOXEL_LAYERS_MAX, (int64_t)count + 1);
    if (project->next_layer_id == INT_MAX)
        return goxel_fail(detail, GOXEL_ERROR_QUOTA, "the project has used up its layer ids");
    layers = realloc(project->layers, (count + 1) * sizeof(struct goxel_layer *));
    if (!layers)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "a new layer");
    project->layers = layers;
    layer = layer_create();
    if (!layer)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "a new layer");
    if (name && name[0])
        goxel_name_copy(layer->name, name, strlen(name));
    else
        free_layer_name(project, layer->name);
    layer->id = project->next_layer_id++;
    memmove(layers + at + 1, layers + at, (count - at) * sizeof(struct goxel_layer *));
    layers[at] = layer;
    project->layer_count++;
    project->active_layer_id = layer->id;
    if (ret_layer)
        *ret_layer = layer;
    return 0;
}

int goxel_project_remove_layer(struct goxel_project *project, int id)
{
    struct goxel_layer **layers = project->layers;
    size_t at = 0;

    while (at < project->layer_count && layers[at]->id != id)
        at++;
    if (at == project->layer_count)
        return GOXEL_ERROR_LAYER_NOT_FOUND;
    layer_destroy(layers[at]);
    project->layer_count--;
    memmove(layers + at, layers + at + 1, (project->layer_count - at) * sizeof(struct goxel_layer *));
    if (project->layer_count == 0)
        project->active_layer_id = 0;
    else if (project->active_layer_id == id)
        project->active_layer_id = layers[at > 0 ? at - 1 : 0]->id;
    return 0;
}

struct goxel_layer *goxel_project_layer(const struct goxel_project *project, int id)
{
    for (size_t i = 0; i < project->layer_count; i++) {
        if (project->layers[i]->id == id)
            return project->layers[i];
    }
    return NULL;
}

struct goxel_layer *goxel_project_layer_named(const struct goxel_project *project, const char *name)
{
    for (size_t i = 0; i < project->layer_count; i++) {
        if (strcmp(project->layers[i]->name, name) == 0)
            return project->layers[i];
    }
    return NULL;
}

bool goxel_layer_is_plain(const struct goxel_layer *layer)
{
    return layer->base_id == 0 && layer->shape[0] == '\0';
}

int64_t goxel_project_voxels(const struct goxel_project *project)
{
    int64_t voxels = 0;

    for (size_t i = 0; i < project->layer_count; i++)
        voxels += goxel_volume_count(project->layers[i]->volume);
    return voxels;
}

/* ---- what goes with them ---- */

int goxel_project_add_material(struct goxel_project *project, const struct goxel_material *material)
{
    struct goxel_material *materials;

    if (project->material_count >= GOXEL_MATERIALS_MAX)
        return GOXEL_ERROR_QUOTA;
    materials = realloc(project->materials, (project->material_count + 1) * sizeof(*materials));
    if (!materials)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    materials[project->material_count++] = *material;
    project->materials = materials;
    return 0;
}

int goxel_project_add_camera(struct goxel_project *project, const struct goxel_camera *camera)
{
    struct goxel_camera *cameras;

    if (project->camera_count >= GOXEL_CAMERAS_MAX)
        return GOXEL_ERROR_QUOTA;
    cameras = realloc(project->cameras, (project->camera_count + 1) * sizeof(*cameras));
    if (!cameras)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    cameras[project->camera_count++] = *camera;
    project->cameras = cameras;
    return 0;
}
