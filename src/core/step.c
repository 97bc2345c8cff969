/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps by the hundred thousand hold one voxel each: what few of them need stands in a frame of its own. */
#include "core/step.h"

#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/effects.h"
#include "core/patch.h"
#include "core/tree.h"

/* ---- frames: what is content besides voxels ---- */

struct framed_layer {
    int id;
    struct goxel_layer *layer; /* a reference, without voxels; NULL: the other side has the same */
};

struct frame_side {
    struct goxel_scene *scene; /* a reference; NULL: both have the same */
    struct framed_layer *layers;
    size_t count;
};

struct frame {
    struct frame_side sides[2]; /* before, after */
    bool has_layers;            /* otherwise both have the same */
    struct framed_layer layers[];
};

static void frame_destroy(struct frame *frame)
{
    if (!frame)
        return;
    for (int side = 0; side < 2; side++) {
        goxel_scene_unref(frame->sides[side].scene);
        for (size_t i = 0; i < frame->sides[side].count; i++)
            goxel_layer_unref(frame->sides[side].layers[i].layer);
    }
    free(frame);
}

/* The layer of that id, which most often has the same place in the other version. */
static struct goxel_layer *counterpart(const struct goxel_project *project, size_t at, int id)
{
    if (at < project->layer_count && project->layers[at]->id == id)
        return project->layers[at];
    return goxel_project_layer(project, id);
}

static bool same_layers(const struct goxel_project *before, const struct goxel_project *after)
{
    if (before->layer_count != after->layer_count)
        return false;
    for (size_t i = 0; i < before->layer_count; i++) {
        if (!goxel_layer_is_like(before->layers[i], after->layers[i]))
            return false;
    }
    return true;
}

/* False: out of memory. */
static bool frame_layers(struct frame_side *side, const struct goxel_project *project,
                         const struct goxel_project *other)
{
    for (size_t i = 0; i < project->layer_count; i++) {
        const struct goxel_layer *layer = project->layers[i];
        const struct goxel_layer *like = counterpart(other, i, layer->id);
        struct framed_layer framed = {layer->id, NULL};

        if (!(like && goxel_layer_is_like(layer, like)) &&
            !(framed.layer = goxel_layer_copy_without_voxels(layer)))
            return false;
        side->layers[side->count++] = framed;
    }
    return true;
}

/* *ret_frame is NULL if nothing but voxels may differ. */
static int frame_make(const struct goxel_project *before, const struct goxel_project *after,
                      struct frame **ret_frame)
{
    bool scene = before->scene != after->scene, layers = !same_layers(before, after);
    size_t places = layers ? before->layer_count + after->layer_count : 0;
    struct frame *frame;

    *ret_frame = NULL;
    if (!scene && !layers)
        return 0;
    frame = calloc(1, sizeof(*frame) + places * sizeof(frame->layers[0]));
    if (!frame)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    frame->has_layers = layers;
    frame->sides[0].layers = frame->layers;
    frame->sides[1].layers = frame->layers + (layers ? before->layer_count : 0);
    if (scene) {
        frame->sides[0].scene = goxel_scene_ref(before->scene);
        frame->sides[1].scene = goxel_scene_ref(after->scene);
    }
    if (layers &&
        !(frame_layers(&frame->sides[0], before, after) && frame_layers(&frame->sides[1], after, before))) {
        frame_destroy(frame);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    *ret_frame = frame;
    return 0;
}

/* The layer that comes to stand in the project, a reference; NULL: out of memory, or the step is of another project. */
static struct goxel_layer *unframed(const struct goxel_project *project, const struct framed_layer *framed)
{
    struct goxel_layer *here = goxel_project_layer(project, framed->id), *layer;

    if (!framed->layer)
        return here ? goxel_layer_ref(here) : NULL;
    layer = goxel_layer_copy_without_voxels(framed->layer);
    if (!layer)
        return NULL;
    layer->volume = here ? goxel_volume_copy(here->volume) : goxel_volume_create();
    if (layer->volume)
        return layer;
    goxel_layer_unref(layer);
    return NULL;
}

static int apply_layers(const struct frame_side *side, struct goxel_project *project)
{
    /* One place too many, so that no layers are no special case. */
    struct goxel_layer **layers = malloc((side->count + 1) * sizeof(struct goxel_layer *));
    size_t count = 0;

    if (!layers)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (; count < side->count; count++) {
        layers[count] = unframed(project, &side->layers[count]);
        if (!layers[count]) {
            goxel_layers_end(layers, count);
            return GOXEL_ERROR_OUT_OF_MEMORY;
        }
    }
    goxel_project_replace_layers(project, layers, count);
    return 0;
}

static int apply_frame(const struct frame *frame, struct goxel_project *project, bool forwards)
{
    const struct frame_side *side = &frame->sides[forwards];

    if (side->scene) {
        goxel_scene_unref(project->scene);
        project->scene = goxel_scene_ref(side->scene);
    }
    return frame->has_layers ? apply_layers(side, project) : 0;
}

static int64_t side_bytes(const struct frame_side *side)
{
    int64_t bytes = side->scene ? (int64_t)goxel_scene_bytes(side->scene) : 0;

    for (size_t i = 0; i < side->count; i++)
        bytes += side->layers[i].layer ? (int64_t)sizeof(struct goxel_layer) : 0;
    return bytes;
}

/* ---- voxels ---- */

#define SELECTION 0 /* as a number of a volume; layers' ids begin at 1 */

static const struct goxel_volume nothing;

static int add_selection(struct goxel_buf *patches, const struct goxel_project *before,
                         const struct goxel_project *after)
{
    return goxel_patches_add(patches, SELECTION, before->selection ? before->selection : &nothing,
                             after->selection ? after->selection : &nothing);
}

static int add_voxels(struct goxel_buf *patches, const struct goxel_project *before,
                      const struct goxel_project *after)
{
    int code = add_selection(patches, before, after);

    for (size_t i = 0; i < after->layer_count && !code; i++) {
        const struct goxel_layer *layer = after->layers[i];
        const struct goxel_layer *old = counterpart(before, i, layer->id);

        if (old != layer)
            code = goxel_patches_add(patches, (uint32_t)layer->id, old ? old->volume : &nothing,
                                     layer->volume);
    }
    for (size_t i = 0; i < before->layer_count && !code; i++) {
        const struct goxel_layer *layer = before->layers[i];

        if (!counterpart(after, i, layer->id))
            code = goxel_patches_add(patches, (uint32_t)layer->id, layer->volume, &nothing);
    }
    return code;
}

/* A layer that is not there on this side has no voxels to be put right. */
static int find_volume(void *ctx, uint32_t number, struct goxel_volume **ret_volume)
{
    struct goxel_project *project = ctx;
    struct goxel_layer *layer;

    if (number == SELECTION) {
        if (!project->selection)
            project->selection = goxel_volume_create();
        *ret_volume = project->selection;
        return project->selection ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
    }
    layer = goxel_project_layer(project, (int)number);
    *ret_volume = NULL;
    if (!layer)
        return 0;
    layer = goxel_project_own_layer(project, layer);
    if (!layer)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_volume = layer->volume;
    return 0;
}

/* ---- steps ---- */

static struct frame *frame_of(const struct goxel_step *step)
{
    struct frame *frame = NULL;

    if (step->has_frame)
        memcpy(&frame, step->bytes, sizeof(frame));
    return frame;
}

static const uint8_t *patches_of(const struct goxel_step *step)
{
    return step->bytes + (step->has_frame ? sizeof(struct frame *) : 0);
}

/* Takes frame and patches over. NULL: out of memory, and nothing was taken. */
static struct goxel_step *pack(struct frame *frame, const struct goxel_buf *patches, const char *name)
{
    size_t frame_bytes = frame ? sizeof(frame) : 0, name_bytes = strnlen(name, GOXEL_NAME_MAX);
    struct goxel_step *step = malloc(sizeof(*step) + frame_bytes + patches->len + name_bytes + 1);
    uint8_t *at;

    if (!step)
        return NULL;
    atomic_init(&step->refs, 1);
    step->before = NULL;
    step->patch_bytes = (uint32_t)patches->len;
    step->has_frame = frame != NULL;
    at = step->bytes;
    memcpy(at, &frame, frame_bytes);
    at += frame_bytes;
    if (patches->len > 0)
        memcpy(at, patches->data, patches->len);
    at += patches->len;
    memcpy(at, name, name_bytes);
    at[name_bytes] = '\0';
    return step;
}

int goxel_step_make(const struct goxel_project *before, const struct goxel_project *after, const char *name,
                    int64_t time_ms, struct goxel_step **ret_step)
{
    struct goxel_step *step = NULL;
    struct frame *frame = NULL;
    struct goxel_buf patches;
    int code;

    goxel_buf_init(&patches, UINT32_MAX);
    code = add_voxels(&patches, before, after);
    if (!code)
        code = frame_make(before, after, &frame);
    if (!code && (frame || patches.len > 0)) {
        step = pack(frame, &patches, name);
        code = step ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
    }
    if (code) {
        frame_destroy(frame);
        goxel_patches_release(patches.data, patches.len);
    }
    goxel_buf_finish(&patches);
    if (code)
        return code;
    if (step) {
        step->from = before->state;
        step->time_ms = (uint64_t)time_ms & (UINT64_MAX >> 1);
    }
    *ret_step = step;
    return 0;
}

struct goxel_step *goxel_step_ref(struct goxel_step *step)
{
    if (step)
        atomic_fetch_add_explicit(&step->refs, 1, memory_order_relaxed);
    return step;
}

void goxel_step_unref(struct goxel_step *step)
{
    while (step && atomic_fetch_sub_explicit(&step->refs, 1, memory_order_acq_rel) == 1) {
        struct goxel_step *before = step->before;

        goxel_patches_release(patches_of(step), step->patch_bytes);
        frame_destroy(frame_of(step));
        free(step);
        step = before; /* whose reference this one had */
    }
}

int goxel_step_apply(const struct goxel_step *step, struct goxel_project *project, bool forwards)
{
    const struct frame *frame = frame_of(step);
    int code = frame ? apply_frame(frame, project, forwards) : 0;

    if (!code)
        code = goxel_patches_apply(patches_of(step), step->patch_bytes, forwards, find_volume, project);
    if (!code && project->selection && goxel_volume_count(project->selection) == 0) {
        goxel_volume_destroy(project->selection);
        project->selection = NULL;
    }
    return code;
}

const char *goxel_step_name(const struct goxel_step *step)
{
    return (const char *)patches_of(step) + step->patch_bytes;
}

/* What malloc took, with the word that it keeps in front. */
static int64_t heap_bytes(void *memory)
{
    return (int64_t)(malloc_usable_size(memory) + sizeof(size_t));
}

int64_t goxel_step_bytes(const struct goxel_step *step)
{
    int64_t bytes = heap_bytes((void *)step) + goxel_patches_retained(patches_of(step), step->patch_bytes);
    struct frame *frame = frame_of(step);

    if (frame) {
        int64_t before = side_bytes(&frame->sides[0]), after = side_bytes(&frame->sides[1]);

        bytes += heap_bytes(frame) + (before > after ? before : after);
    }
    return bytes;
}

/* ---- as bytes ---- */

enum { HAS_FRAME = 1, HAS_LAYERS = 2 };

static void put_side(struct goxel_buf *buf, const struct frame_side *side)
{
    goxel_put_u8(buf, side->scene != NULL);
    if (side->scene)
        goxel_effects_put_scene(buf, side->scene);
    goxel_put_varint(buf, side->count);
    for (size_t i = 0; i < side->count; i++) {
        goxel_put_varint(buf, (uint64_t)side->layers[i].id);
        goxel_put_u8(buf, side->layers[i].layer != NULL);
        if (side->layers[i].layer)
            goxel_effects_put_layer(buf, side->layers[i].layer);
    }
}

void goxel_step_put(struct goxel_buf *buf, const struct goxel_step *step)
{
    const struct frame *frame = frame_of(step);
    const char *name = goxel_step_name(step);

    goxel_put_varint(buf, step->from);
    goxel_put_u64(buf, step->time_ms);
    goxel_put_run(buf, name, strlen(name));
    goxel_put_u8(buf, (frame ? HAS_FRAME : 0) | (frame && frame->has_layers ? HAS_LAYERS : 0));
    for (int side = 0; frame && side < 2; side++)
        put_side(buf, &frame->sides[side]);
    goxel_put_varint(buf, goxel_patches_count(patches_of(step), step->patch_bytes));
    goxel_patches_put(buf, patches_of(step), step->patch_bytes);
}

static int invalid(struct goxel_detail *detail)
{
    return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "a step of the history ends early or goes wrong");
}

/* A reference. */
static int take_scene(struct goxel_reading *in, struct goxel_scene **ret_scene)
{
    struct goxel_project *project = goxel_project_create("");
    int code = project ? goxel_effects_take_scene(in, project) : GOXEL_ERROR_OUT_OF_MEMORY;

    if (!code)
        *ret_scene = goxel_scene_ref(project->scene);
    goxel_project_unref(project);
    return code;
}

static int take_framed(struct goxel_reading *in, struct framed_layer *framed)
{
    uint64_t id = goxel_take_varint(in);
    uint8_t has = goxel_take_u8(in);

    if (in->short_of || id == 0 || id >= INT_MAX || has > 1)
        return GOXEL_ERROR_INVALID_DATA;
    framed->id = (int)id;
    framed->layer = NULL;
    return has ? goxel_effects_take_layer(in, framed->id, &framed->layer) : 0;
}

static int take_side(struct goxel_reading *in, struct frame_side *side, bool *ret_scene)
{
    uint64_t count;
    int code = 0;

    *ret_scene = goxel_take_u8(in) != 0;
    if (*ret_scene)
        code = take_scene(in, &side->scene);
    count = goxel_take_varint(in);
    if (!code && (in->short_of || count > GOXEL_LAYERS_MAX))
        code = GOXEL_ERROR_INVALID_DATA;
    for (; !code && side->count < count; side->count++) {
        code = take_framed(in, &side->layers[side->count]);
        if (code)
            break;
    }
    return code;
}

/* Room for as many layers as there can be; the frame that stays has those there are. */
static int take_frame(struct goxel_reading *in, bool has_layers, struct frame **ret_frame)
{
    struct frame *frame = calloc(1, sizeof(*frame) + 2 * GOXEL_LAYERS_MAX * sizeof(frame->layers[0]));
    bool scenes[2] = {false, false};
    size_t counts[2];
    int code = frame ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    if (code)
        return code;
    frame->has_layers = has_layers;
    frame->sides[0].layers = frame->layers;
    for (int side = 0; side < 2 && !code; side++) {
        frame->sides[1].layers = frame->layers + frame->sides[0].count;
        code = take_side(in, &frame->sides[side], &scenes[side]);
    }
    counts[0] = frame->sides[0].count;
    counts[1] = frame->sides[1].count;
    if (!code && (scenes[0] != scenes[1] || (!has_layers && counts[0] + counts[1] > 0)))
        code = GOXEL_ERROR_INVALID_DATA;
    if (code) {
        frame_destroy(frame);
        return code;
    }
    *ret_frame = realloc(frame, sizeof(*frame) + (counts[0] + counts[1]) * sizeof(frame->layers[0]));
    if (!*ret_frame)
        *ret_frame = frame;
    (*ret_frame)->sides[0].layers = (*ret_frame)->layers;
    (*ret_frame)->sides[1].layers = (*ret_frame)->layers + counts[0];
    return 0;
}

static int take_parts(struct goxel_reading *in, struct goxel_detail *detail, struct frame **frame,
                      struct goxel_buf *patches)
{
    uint8_t flags = goxel_take_u8(in);
    uint64_t count;
    int code = flags & HAS_FRAME ? take_frame(in, flags & HAS_LAYERS, frame) : 0;

    count = goxel_take_varint(in);
    if (!code && (in->short_of || flags > (HAS_FRAME | HAS_LAYERS)))
        code = GOXEL_ERROR_INVALID_DATA;
    if (!code)
        code = goxel_patches_take(in, count, detail, patches);
    return code;
}

int goxel_step_take(struct goxel_reading *in, struct goxel_detail *detail, struct goxel_step **ret_step)
{
    uint64_t from = goxel_take_varint(in), time_ms = goxel_take_u64(in);
    char name[GOXEL_NAME_MAX + 1] = "";
    struct goxel_step *step = NULL;
    struct frame *frame = NULL;
    struct goxel_buf patches;
    size_t len = 0;
    const uint8_t *text = goxel_take_run(in, GOXEL_NAME_MAX, &len);
    int code;

    if (!text)
        return invalid(detail);
    memcpy(name, text, len);
    goxel_buf_init(&patches, UINT32_MAX);
    code = take_parts(in, detail, &frame, &patches);
    if (!code && !(step = pack(frame, &patches, name)))
        code = GOXEL_ERROR_OUT_OF_MEMORY;
    if (code) {
        frame_destroy(frame);
        goxel_patches_release(patches.data, patches.len);
    }
    goxel_buf_finish(&patches);
    if (code)
        return code == GOXEL_ERROR_INVALID_DATA ? invalid(detail) : code;
    step->from = from;
    step->time_ms = time_ms & (UINT64_MAX >> 1);
    *ret_step = step;
    return 0;
}
