/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of every kind to a project, at random, and whether two come to the same. */
#ifndef GOXEL_TESTS_CORE_EDITS_H
#define GOXEL_TESTS_CORE_EDITS_H

#include "core/effects.h"
#include "core/layers.h"
#include "layered.h"

static inline bool same_volume(const struct goxel_volume *a, const struct goxel_volume *b)
{
    if (!a && !b)
        return true;
    if (!a || !b)
        return goxel_volume_count(a ? a : b) == 0;
    return goxel_volume_equal(a, b);
}

/* The very same scene, too: of versions of one process. */
static inline bool same_content(const struct goxel_project *a, const struct goxel_project *b)
{
    bool same = a->layer_count == b->layer_count && a->scene == b->scene;

    if (a->selection || b->selection)
        same = same && same_volume(a->selection, b->selection);
    for (size_t i = 0; i < a->layer_count && same; i++)
        same = goxel_layer_is_like(a->layers[i], b->layers[i]) && a->layers[i]->id == b->layers[i]->id &&
               same_volume(a->layers[i]->volume, b->layers[i]->volume);
    return same;
}

static inline void edit_voxels(struct goxel_project *project, uint64_t *state)
{
    size_t layer = (size_t)random_below(state, (int)project->layer_count);

    for (int i = 1 + random_below(state, 3); i > 0; i--)
        set(project, layer, random_pos(state), random_color(state));
}

static inline void edit_box(struct goxel_project *project, uint64_t *state)
{
    struct goxel_layer *own = goxel_project_own_layer(
        project, project->layers[random_below(state, (int)project->layer_count)]);
    struct goxel_box box = random_box(state);

    goxel_volume_fill(own->volume, &box, random_below(state, 3) ? random_color(state) : rgba(0, 0, 0, 0),
                      NULL);
}

static inline void edit_selection(struct goxel_project *project, uint64_t *state)
{
    struct goxel_box box = random_box(state);

    if (!project->selection)
        project->selection = goxel_volume_create();
    goxel_volume_fill(project->selection, &box,
                      random_below(state, 3) ? rgba(255, 0, 0, 255) : rgba(0, 0, 0, 0), NULL);
}

static inline void edit_layers(struct goxel_project *project, uint64_t *state)
{
    int id = project->layers[random_below(state, (int)project->layer_count)]->id;

    switch (random_below(state, 4)) {
    case 0:
        goxel_project_add_layer(project, NULL, random_below(state, 5), NULL, NULL);
        break;
    case 1:
        goxel_project_duplicate_layer(project, id, NULL, NULL);
        break;
    case 2:
        goxel_project_move_layer(project, id, (size_t)random_below(state, 5));
        break;
    default:
        if (project->layer_count > 1)
            goxel_project_remove_layer(project, id);
    }
}

static inline void edit_attributes(struct goxel_project *project, uint64_t *state)
{
    struct goxel_layer *own = goxel_project_own_layer(
        project, project->layers[random_below(state, (int)project->layer_count)]);
    char path[32];

    snprintf(own->name, sizeof(own->name), "name %d", random_below(state, 1000));
    snprintf(path, sizeof(path), "%d.png", random_below(state, 1000));
    free(own->image_path);
    own->image_path = random_below(state, 2) ? strdup(path) : NULL;
    own->visible = !own->visible;
}

static inline void edit_scene(struct goxel_project *project, uint64_t *state)
{
    struct goxel_material material = {.name = "m", .metallic = (float)random_below(state, 10)};

    goxel_project_own_scene(project);
    goxel_project_add_material(project, &material);
    goxel_palette_add(&project->scene->palette, random_color(state), "c", 1);
}

static inline void edit_at_random(struct goxel_project *project, uint64_t *state)
{
    static void (*const edits[])(struct goxel_project * project, uint64_t * state) = {
        edit_voxels, edit_voxels, edit_box, edit_selection, edit_layers, edit_attributes, edit_scene,
    };

    edits[random_below(state, sizeof(edits) / sizeof(edits[0]))](project, state);
}

/* All but voxels and history, as bytes. */
static inline void write_rest(const struct goxel_project *project, struct goxel_buf *ret_buf)
{
    struct goxel_project *copy = goxel_project_copy(project);

    for (size_t i = 0; i < copy->layer_count; i++)
        goxel_volume_clear(goxel_project_own_layer(copy, copy->layers[i])->volume);
    goxel_volume_destroy(copy->selection);
    copy->selection = NULL;
    goxel_buf_init(ret_buf, (size_t)1 << 30);
    CU_ASSERT_EQUAL(goxel_effects_write(ret_buf, NULL, copy), 0);
    goxel_project_unref(copy);
}

/* In all that lasts, but for the history: of versions of whichever process. */
static inline bool same_version(const struct goxel_project *a, const struct goxel_project *b)
{
    bool same = same_volume(a->selection, b->selection) && a->layer_count == b->layer_count;
    struct goxel_buf left, right;

    for (size_t i = 0; i < a->layer_count && same; i++)
        same = same_volume(a->layers[i]->volume, b->layers[i]->volume);
    write_rest(a, &left);
    write_rest(b, &right);
    same = same && left.len == right.len && memcmp(left.data, right.data, left.len) == 0;
    goxel_buf_finish(&left);
    goxel_buf_finish(&right);
    return same;
}

#endif
