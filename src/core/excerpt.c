/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First what hangs on others becomes plain, while the others are there; then they go, and the box is cut out. */
#include "core/excerpt.h"

#include "base/error.h"
#include "core/layers.h"

/* The copy on its way. */
struct copying {
    struct goxel_project *copy;
    const struct goxel_excerpt *excerpt;
    struct goxel_cancel *cancel;
    size_t left_out;
    int64_t computed; /* bricks of layers that were made plain */
};

static bool is_kept(const struct goxel_excerpt *excerpt, int id)
{
    for (size_t i = 0; i < excerpt->count; i++) {
        if (excerpt->layers[i] == id)
            return true;
    }
    return excerpt->count == 0;
}

/* Its voxels have to be its own: a box cuts them, or the layer that it shows goes. */
static bool must_be_plain(const struct goxel_excerpt *excerpt, const struct goxel_layer *layer)
{
    return excerpt->has_box || (layer->base_id != 0 && !is_kept(excerpt, layer->base_id));
}

static int crop(struct copying *copying, const struct goxel_layer *layer)
{
    struct goxel_layer *own;

    if (!copying->excerpt->has_box)
        return 0;
    own = goxel_project_own_layer(copying->copy, layer);
    return own ? goxel_volume_crop(own->volume, &copying->excerpt->box, copying->cancel)
               : GOXEL_ERROR_OUT_OF_MEMORY;
}

static bool is_base(const struct goxel_project *project, int id)
{
    for (size_t i = 0; i < project->layer_count; i++) {
        if (project->layers[i]->base_id == id)
            return true;
    }
    return false;
}

/*
 * One that cannot be drawn stays as it is, and goes with those that were not chosen. Clones may be many, and each as large as its base: what
 * no other one shows is cut at once, and what is left is counted.
 */
static int make_plain(struct copying *copying, int id)
{
    const struct goxel_layer *layer;
    int code = goxel_project_make_plain(copying->copy, id, copying->cancel);

    if (code == GOXEL_ERROR_BAD_PROJECT_STATE) {
        copying->left_out++;
        return 0;
    }
    if (!code && !is_base(copying->copy, id))
        code = crop(copying, goxel_project_layer(copying->copy, id));
    if (code)
        return code;
    layer = goxel_project_layer(copying->copy, id);
    copying->computed += goxel_volume_bricks(layer->volume);
    return copying->computed > (int64_t)GOXEL_COMPUTED_BRICKS_MAX ? GOXEL_ERROR_QUOTA : 0;
}

static int show(struct copying *copying, const struct goxel_layer *layer)
{
    struct goxel_layer *own;

    if (layer->visible || copying->excerpt->count == 0)
        return 0;
    own = goxel_project_own_layer(copying->copy, layer);
    if (!own)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    own->visible = true;
    return 0;
}

static int settle(struct copying *copying)
{
    struct goxel_project *copy = copying->copy;
    int code = 0;

    for (size_t i = 0; i < copy->layer_count && !code; i++) {
        if (!is_kept(copying->excerpt, copy->layers[i]->id))
            continue;
        if (must_be_plain(copying->excerpt, copy->layers[i]))
            code = make_plain(copying, copy->layers[i]->id);
        if (!code)
            code = show(copying, copy->layers[i]);
    }
    return code;
}

static bool goes(const struct copying *copying, const struct goxel_layer *layer)
{
    return !is_kept(copying->excerpt, layer->id) ||
           (must_be_plain(copying->excerpt, layer) && !goxel_layer_is_plain(layer));
}

static int cut(struct copying *copying)
{
    struct goxel_project *copy = copying->copy;
    int code = 0;

    for (size_t i = copy->layer_count; i-- > 0 && !code;) {
        const struct goxel_layer *layer = copy->layers[i];

        code = goes(copying, layer) ? goxel_project_remove_layer(copy, layer->id) : crop(copying, layer);
    }
    return code;
}

static int check_ids(const struct goxel_project *project, const struct goxel_excerpt *excerpt)
{
    for (size_t i = 0; i < excerpt->count; i++) {
        if (!goxel_project_layer(project, excerpt->layers[i]))
            return GOXEL_ERROR_LAYER_NOT_FOUND;
    }
    return 0;
}

int goxel_project_excerpt(const struct goxel_project *project, const struct goxel_excerpt *excerpt,
                          struct goxel_cancel *cancel, struct goxel_project **ret_project,
                          size_t *ret_left_out)
{
    struct copying copying = {.excerpt = excerpt, .cancel = cancel};
    int code = check_ids(project, excerpt);

    if (code)
        return code;
    copying.copy = goxel_project_copy(project);
    if (!copying.copy)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_preview_unref(copying.copy->preview); /* which shows all */
    copying.copy->preview = NULL;
    code = settle(&copying);
    if (!code)
        code = cut(&copying);
    if (code) {
        goxel_project_unref(copying.copy);
        return code;
    }
    goxel_project_seal(copying.copy);
    *ret_project = copying.copy;
    *ret_left_out = copying.left_out;
    return 0;
}
