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
#include "core/shown.h"

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

/* ---- layers and scenes, shared by versions ---- */

static struct goxel_layer *layer_create(void)
{
    struct goxel_layer *layer = calloc(1, sizeof(*layer));

    if (!layer)
        return NULL;
    atomic_init(&layer->refs, 1);
    layer->volume = goxel_volume_create();
    if (!layer->volume) {
        free(layer);
        return NULL;
    }
    layer->visible = true;
    layer->mode = GOXEL_MODE_OVER;
    layer->material = -1;
    memcpy(layer->mat, identity, sizeof(identity));
    return layer;
}

struct goxel_layer *goxel_layer_ref(struct goxel_layer *layer)
{
    atomic_fetch_add_explicit(&layer->refs, 1, memory_order_relaxed);
    return layer;
}

void goxel_layer_unref(struct goxel_layer *layer)
{
    if (!layer || atomic_fetch_sub_explicit(&layer->refs, 1, memory_order_acq_rel) != 1)
        return;
    goxel_volume_destroy(layer->volume);
    free(layer->image_path);
    free(layer);
}

void goxel_layers_end(struct goxel_layer **layers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        goxel_layer_unref(layers[i]);
    free(layers);
}

void goxel_project_replace_layers(struct goxel_project *project, struct goxel_layer **layers, size_t count)
{
    goxel_layers_end(project->layers, project->layer_count);
    project->layers = layers;
    project->layer_count = count;
}

static struct goxel_layer *layer_copy(const struct goxel_layer *layer)
{
    struct goxel_layer *copy = goxel_layer_copy_without_voxels(layer);

    if (!copy)
        return NULL;
    copy->volume = goxel_volume_copy(layer->volume);
    if (copy->volume)
        return copy;
    goxel_layer_unref(copy);
    return NULL;
}

/* A counted struct without its count, which others may change just now; the copy's is 1. */
static void copy_behind_refs(void *copy, const void *from, size_t bytes)
{
    size_t at = sizeof(atomic_size_t);

    atomic_init((atomic_size_t *)copy, 1);
    memcpy((char *)copy + at, (const char *)from + at, bytes - at);
}

struct goxel_layer *goxel_layer_copy_without_voxels(const struct goxel_layer *layer)
{
    struct goxel_layer *copy = malloc(sizeof(*copy));

    if (!copy)
        return NULL;
    copy_behind_refs(copy, layer, sizeof(*copy));
    copy->volume = NULL;
    if (layer->image_path && !(copy->image_path = strdup(layer->image_path))) {
        free(copy);
        return NULL;
    }
    return copy;
}

bool goxel_layer_is_like(const struct goxel_layer *a, const struct goxel_layer *b)
{
    struct goxel_layer left, right;

    if (a == b)
        return true;
    /* Byte by byte, so that nothing is forgotten: layers are made from layers, or from zeros. */
    copy_behind_refs(&left, a, sizeof(left));
    copy_behind_refs(&right, b, sizeof(right));
    left.volume = right.volume = NULL;
    left.image_path = right.image_path = NULL;
    return memcmp(&left, &right, sizeof(left)) == 0 &&
           strcmp(a->image_path ? a->image_path : "", b->image_path ? b->image_path : "") == 0;
}

static struct goxel_scene *scene_create(void)
{
    struct goxel_scene *scene = calloc(1, sizeof(*scene));

    if (!scene)
        return NULL;
    atomic_init(&scene->refs, 1);
    scene->active_camera = -1;
    return scene;
}

struct goxel_scene *goxel_scene_ref(struct goxel_scene *scene)
{
    atomic_fetch_add_explicit(&scene->refs, 1, memory_order_relaxed);
    return scene;
}

void goxel_scene_unref(struct goxel_scene *scene)
{
    if (!scene || atomic_fetch_sub_explicit(&scene->refs, 1, memory_order_acq_rel) != 1)
        return;
    free(scene->materials);
    free(scene->cameras);
    goxel_palette_finish(&scene->palette);
    free(scene);
}

size_t goxel_scene_bytes(const struct goxel_scene *scene)
{
    size_t bytes = sizeof(*scene) + scene->material_count * sizeof(*scene->materials) +
                   scene->camera_count * sizeof(*scene->cameras) +
                   scene->palette.count * sizeof(*scene->palette.entries);

    for (size_t i = 0; i < scene->palette.count; i++)
        bytes += scene->palette.entries[i].text_len;
    return bytes;
}

/* A copy of an array, in *ret_copy; false: out of memory. */
static bool copy_array(const void *from, size_t bytes, void *ret_copy)
{
    void *copy = bytes > 0 ? malloc(bytes) : NULL;

    if (bytes > 0 && !copy)
        return false;
    if (bytes > 0)
        memcpy(copy, from, bytes);
    memcpy(ret_copy, &copy, sizeof(copy));
    return true;
}

static struct goxel_scene *scene_copy(const struct goxel_scene *scene)
{
    struct goxel_scene *copy = malloc(sizeof(*copy));

    if (!copy)
        return NULL;
    copy_behind_refs(copy, scene, sizeof(*copy));
    copy->materials = NULL;
    copy->cameras = NULL;
    copy->palette = (struct goxel_palette){.count = 0};
    if (copy_array(scene->materials, scene->material_count * sizeof(*scene->materials), &copy->materials) &&
        copy_array(scene->cameras, scene->camera_count * sizeof(*scene->cameras), &copy->cameras) &&
        !goxel_palette_copy(&scene->palette, &copy->palette))
        return copy;
    goxel_scene_unref(copy);
    return NULL;
}

/* ---- life ---- */

struct goxel_project *goxel_project_create(const char *name)
{
    struct goxel_project *project = calloc(1, sizeof(*project));

    if (!project)
        return NULL;
    project->scene = scene_create();
    if (!project->scene) {
        free(project);
        return NULL;
    }
    atomic_init(&project->refs, 1);
    goxel_name_copy(project->name, name, strlen(name));
    project->created_ms = project->modified_ms = goxel_wall_ms();
    project->next_layer_id = 1;
    return project;
}

struct goxel_project *goxel_project_ref(const struct goxel_project *project)
{
    struct goxel_project *counted = (struct goxel_project *)project;

    atomic_fetch_add_explicit(&counted->refs, 1, memory_order_relaxed);
    return counted;
}

void goxel_project_unref(struct goxel_project *project)
{
    if (!project || atomic_fetch_sub_explicit(&project->refs, 1, memory_order_acq_rel) != 1)
        return;
    goxel_layers_end(project->layers, project->layer_count);
    goxel_scene_unref(project->scene);
    goxel_volume_destroy(project->selection);
    goxel_history_forget(project);
    goxel_volume_destroy(atomic_load_explicit(&project->picture, memory_order_relaxed));
    goxel_shown_set_destroy(atomic_load_explicit(&project->shown, memory_order_relaxed));
    goxel_preview_unref(project->preview);
    free(project->path);
    free(project);
}

/* What is a reference or owned, one by one; NULL where memory ran out. */
static bool copy_parts(struct goxel_project *copy, const struct goxel_project *project)
{
    copy->scene = goxel_scene_ref(project->scene);
    goxel_history_share(copy, project);
    if (project->preview) {
        atomic_fetch_add_explicit(&project->preview->refs, 1, memory_order_relaxed);
        copy->preview = project->preview;
    }
    if (!copy_array(project->layers, project->layer_count * sizeof(struct goxel_layer *), &copy->layers))
        return false;
    copy->layer_count = project->layer_count;
    for (size_t i = 0; i < copy->layer_count; i++)
        goxel_layer_ref(copy->layers[i]);
    if (project->selection && !(copy->selection = goxel_volume_copy(project->selection)))
        return false;
    return !project->path || (copy->path = strdup(project->path));
}

struct goxel_project *goxel_project_copy(const struct goxel_project *project)
{
    struct goxel_project *copy = calloc(1, sizeof(*copy));

    if (!copy)
        return NULL;
    atomic_init(&copy->refs, 1);
    memcpy(copy->name, project->name, sizeof(copy->name));
    copy->created_ms = project->created_ms;
    copy->modified_ms = project->modified_ms;
    copy->version = project->version;
    copy->state = project->state;
    copy->saved_state = project->saved_state;
    copy->read_only = project->read_only;
    copy->key_count = project->key_count;
    copy->next_layer_id = project->next_layer_id;
    if (copy_parts(copy, project))
        return copy;
    goxel_project_unref(copy);
    return NULL;
}

struct goxel_layer *goxel_project_own_layer(struct goxel_project *project, const struct goxel_layer *layer)
{
    struct goxel_layer *copy;
    size_t at = 0;

    while (project->layers[at] != layer)
        at++;
    if (atomic_load_explicit(&layer->refs, memory_order_acquire) == 1)
        return project->layers[at];
    copy = layer_copy(layer);
    if (!copy)
        return NULL;
    goxel_layer_unref(project->layers[at]);
    project->layers[at] = copy;
    return copy;
}

struct goxel_scene *goxel_project_own_scene(struct goxel_project *project)
{
    struct goxel_scene *copy;

    if (atomic_load_explicit(&project->scene->refs, memory_order_acquire) == 1)
        return project->scene;
    copy = scene_copy(project->scene);
    if (!copy)
        return NULL;
    goxel_scene_unref(project->scene);
    project->scene = copy;
    return copy;
}

struct goxel_preview *goxel_preview_create(const uint8_t *bytes, size_t len)
{
    struct goxel_preview *preview = malloc(sizeof(*preview) + len);

    if (!preview)
        return NULL;
    atomic_init(&preview->refs, 1);
    preview->len = len;
    memcpy(preview->bytes, bytes, len);
    return preview;
}

void goxel_preview_unref(struct goxel_preview *preview)
{
    if (preview && atomic_fetch_sub_explicit(&preview->refs, 1, memory_order_acq_rel) == 1)
        free(preview);
}

/* ---- versions ---- */

/* What other versions share was sealed when the edit that made it ended. */
void goxel_project_seal(struct goxel_project *project)
{
    for (size_t i = 0; i < project->layer_count; i++) {
        if (atomic_load_explicit(&project->layers[i]->refs, memory_order_acquire) == 1)
            goxel_volume_seal(project->layers[i]->volume);
    }
    if (project->selection)
        goxel_volume_seal(project->selection);
}

void goxel_project_touch(struct goxel_project *project)
{
    goxel_project_seal(project);
    project->state = ++project->version;
    project->modified_ms = goxel_wall_ms();
}

bool goxel_project_is_modified(const struct goxel_project *project)
{
    return !project->read_only && project->state != project->saved_state;
}

/* ---- size ---- */

void goxel_project_set_size(struct goxel_project *project, int width, int height, int depth)
{
    float half[3] = {(float)width / 2, (float)depth / 2, (float)height / 2}; /* z is up */

    memcpy(project->scene->box, identity, sizeof(identity));
    for (int i = 0; i < 3; i++) {
        project->scene->box[5 * i] = half[i];
        project->scene->box[12 + i] = half[i];
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

    while (i < 16 && project->scene->box[i] == 0)
        i++;
    if (i == 16)
        return false;
    *ret_width = extent(project->scene->box, 0);
    *ret_depth = extent(project->scene->box, 1);
    *ret_height = extent(project->scene->box, 2);
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

int goxel_project_add_layer(struct goxel_project *project, const char *name, int position,
                            struct goxel_layer **ret_layer, struct goxel_detail *detail)
{
    size_t count = project->layer_count;
    size_t at = position < 0 || (size_t)position > count ? count : (size_t)position;
    struct goxel_scene *scene = goxel_project_own_scene(project);
    struct goxel_layer **layers, *layer;

    if (!scene)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "a new layer");
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
    scene->active_layer_id = layer->id;
    if (ret_layer)
        *ret_layer = layer;
    return 0;
}

int goxel_project_remove_layer(struct goxel_project *project, int id)
{
    struct goxel_layer **layers = project->layers;
    struct goxel_scene *scene;
    size_t at = 0;

    while (at < project->layer_count && layers[at]->id != id)
        at++;
    if (at == project->layer_count)
        return GOXEL_ERROR_LAYER_NOT_FOUND;
    scene = goxel_project_own_scene(project);
    if (!scene)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_layer_unref(layers[at]);
    project->layer_count--;
    memmove(layers + at, layers + at + 1, (project->layer_count - at) * sizeof(struct goxel_layer *));
    if (project->layer_count == 0)
        scene->active_layer_id = 0;
    else if (scene->active_layer_id == id)
        scene->active_layer_id = layers[at > 0 ? at - 1 : 0]->id;
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

bool goxel_layer_is_empty(const struct goxel_layer *layer)
{
    return goxel_layer_is_plain(layer) && goxel_volume_count(layer->volume) == 0;
}

const struct goxel_material goxel_material_default = {
    .color = {1, 1, 1, 1}, .metallic = 0.2f, .roughness = 0.5f};

const struct goxel_material *goxel_layer_material(const struct goxel_project *project,
                                                  const struct goxel_layer *layer)
{
    bool known = layer->material >= 0 && (size_t)layer->material < project->scene->material_count;

    return known ? &project->scene->materials[layer->material] : NULL;
}

bool goxel_material_looks_like(const struct goxel_material *a, const struct goxel_material *b)
{
    return memcmp(a->color, b->color, sizeof(a->color)) == 0 &&
           memcmp(&a->metallic, &b->metallic, sizeof(a->metallic)) == 0 &&
           memcmp(&a->roughness, &b->roughness, sizeof(a->roughness)) == 0 &&
           memcmp(a->emission, b->emission, sizeof(a->emission)) == 0;
}

int64_t goxel_project_voxels(const struct goxel_project *project)
{
    int64_t voxels = 0;

    for (size_t i = 0; i < project->layer_count; i++)
        voxels += goxel_layer_voxels(project, project->layers[i]);
    return voxels;
}

/* ---- what goes with them ---- */

/* One more row at the end of a scene's array. */
static int add_row(void *array, size_t *count, size_t most, const void *row, size_t bytes)
{
    void *rows;

    if (*count >= most)
        return GOXEL_ERROR_QUOTA;
    memcpy(&rows, array, sizeof(rows));
    rows = realloc(rows, (*count + 1) * bytes);
    if (!rows)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    memcpy((char *)rows + *count * bytes, row, bytes);
    memcpy(array, &rows, sizeof(rows));
    ++*count;
    return 0;
}

int goxel_project_add_material(struct goxel_project *project, const struct goxel_material *material)
{
    struct goxel_scene *scene = goxel_project_own_scene(project);

    if (!scene)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    return add_row(&scene->materials, &scene->material_count, GOXEL_MATERIALS_MAX, material,
                   sizeof(*material));
}

int goxel_project_add_camera(struct goxel_project *project, const struct goxel_camera *camera)
{
    struct goxel_scene *scene = goxel_project_own_scene(project);

    if (!scene)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    return add_row(&scene->cameras, &scene->camera_count, GOXEL_CAMERAS_MAX, camera, sizeof(*camera));
}
