/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts but for voxels: tables of members, and what tables cannot say. */
#include "core/effects.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/effects_voxels.h"
#include "core/fields.h"

/* ---- members ---- */

static const struct goxel_field about_fields[] = {
    GOXEL_FIELD(TEXT, struct goxel_project, name),
    GOXEL_FIELD_RANGE(struct goxel_project, next_layer_id, 0, INT_MAX),
    GOXEL_FIELD(BOOL, struct goxel_project, read_only),
    {.size = 0},
};

static const struct goxel_field scene_fields[] = {
    GOXEL_FIELD(FLOATS, struct goxel_scene, box),
    GOXEL_FIELD_RANGE(struct goxel_scene, active_layer_id, 0, INT_MAX),
    GOXEL_FIELD_RANGE(struct goxel_scene, active_camera, -1, GOXEL_CAMERAS_MAX - 1),
    GOXEL_FIELD(BOOL, struct goxel_scene, has_light),
    GOXEL_FIELD(FLOATS, struct goxel_scene, light.pitch),
    GOXEL_FIELD(FLOATS, struct goxel_scene, light.yaw),
    GOXEL_FIELD(FLOATS, struct goxel_scene, light.intensity),
    GOXEL_FIELD(BOOL, struct goxel_scene, light.fixed),
    GOXEL_FIELD(FLOATS, struct goxel_scene, light.ambient),
    GOXEL_FIELD(FLOATS, struct goxel_scene, light.shadow),
    GOXEL_FIELD(TEXT, struct goxel_scene, palette.name),
    GOXEL_FIELD_RANGE(struct goxel_scene, palette.columns, INT_MIN, INT_MAX),
    {.size = 0},
};

static const struct goxel_field material_fields[] = {
    GOXEL_FIELD(TEXT, struct goxel_material, name),
    GOXEL_FIELD(FLOATS, struct goxel_material, color),
    GOXEL_FIELD(FLOATS, struct goxel_material, metallic),
    GOXEL_FIELD(FLOATS, struct goxel_material, roughness),
    GOXEL_FIELD(FLOATS, struct goxel_material, emission),
    {.size = 0},
};

static const struct goxel_field camera_fields[] = {
    GOXEL_FIELD(TEXT, struct goxel_camera, name),
    GOXEL_FIELD(FLOATS, struct goxel_camera, dist),
    GOXEL_FIELD(BOOL, struct goxel_camera, ortho),
    GOXEL_FIELD(FLOATS, struct goxel_camera, mat),
    {.size = 0},
};

static const struct goxel_field layer_fields[] = {
    GOXEL_FIELD(TEXT, struct goxel_layer, name),
    GOXEL_FIELD(BOOL, struct goxel_layer, visible),
    GOXEL_FIELD_RANGE(struct goxel_layer, mode, GOXEL_MODE_OVER, GOXEL_MODES_END - 1),
    GOXEL_FIELD(FLOATS, struct goxel_layer, mat),
    GOXEL_FIELD_RANGE(struct goxel_layer, base_id, 0, INT_MAX),
    GOXEL_FIELD_RANGE(struct goxel_layer, material, -1, GOXEL_MATERIALS_MAX - 1),
    GOXEL_FIELD(FLOATS, struct goxel_layer, box),
    GOXEL_FIELD(TEXT, struct goxel_layer, shape),
    GOXEL_FIELD(BYTES, struct goxel_layer, color),
    {.size = 0},
};

/* ---- texts that may be none ---- */

/* A run of the text with its NUL; an empty one for NULL. */
static void put_text(struct goxel_buf *buf, const char *text)
{
    goxel_put_run(buf, text, text ? strlen(text) + 1 : 0);
}

/* Owned by the caller. GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_OUT_OF_MEMORY. */
static int take_text(struct goxel_reading *in, char **ret_text)
{
    size_t len = 0;
    const uint8_t *bytes = goxel_take_run(in, in->left, &len);
    char *text = NULL;

    if (!bytes || (len > 0 && memchr(bytes, 0, len) != bytes + len - 1))
        return GOXEL_ERROR_INVALID_DATA;
    if (len > 0 && !(text = strdup((const char *)bytes)))
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_text = text;
    return 0;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* ---- about, preview ---- */

static bool same_about(const struct goxel_project *a, const struct goxel_project *b)
{
    return strcmp(a->name, b->name) == 0 && same_text(a->path, b->path) && a->created_ms == b->created_ms &&
           a->saved_state == b->saved_state && a->next_layer_id == b->next_layer_id &&
           a->read_only == b->read_only;
}

static void put_about(struct goxel_buf *buf, const struct goxel_project *project)
{
    goxel_fields_put(buf, about_fields, project);
    put_text(buf, project->path);
    goxel_put_u64(buf, (uint64_t)project->created_ms);
    goxel_put_varint(buf, project->saved_state);
}

static int take_about(struct goxel_reading *in, struct goxel_project *project)
{
    char *path = NULL;
    int code;

    if (!goxel_fields_take(in, about_fields, project))
        return GOXEL_ERROR_INVALID_DATA;
    code = take_text(in, &path);
    if (code)
        return code;
    free(project->path);
    project->path = path;
    project->created_ms = (int64_t)goxel_take_u64(in);
    project->saved_state = goxel_take_varint(in);
    return in->short_of ? GOXEL_ERROR_INVALID_DATA : 0;
}

static void put_preview(struct goxel_buf *buf, const struct goxel_project *project)
{
    goxel_put_run(buf, project->preview ? project->preview->bytes : NULL,
                  project->preview ? project->preview->len : 0);
}

static int take_preview(struct goxel_reading *in, struct goxel_project *project)
{
    struct goxel_preview *preview = NULL;
    size_t len = 0;
    const uint8_t *bytes = goxel_take_run(in, in->left, &len);

    if (!bytes)
        return GOXEL_ERROR_INVALID_DATA;
    if (len > 0 && !(preview = goxel_preview_create(bytes, len)))
        return GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_preview_unref(project->preview);
    project->preview = preview;
    return 0;
}

/* ---- scene ---- */

static void put_palette(struct goxel_buf *buf, const struct goxel_palette *palette)
{
    goxel_put_varint(buf, palette->count);
    for (size_t i = 0; i < palette->count; i++) {
        (void)goxel_buf_append(buf, &palette->entries[i].color, sizeof(struct goxel_color));
        goxel_put_run(buf, palette->entries[i].text, palette->entries[i].text_len);
    }
}

void goxel_effects_put_scene(struct goxel_buf *buf, const struct goxel_scene *scene)
{
    goxel_fields_put(buf, scene_fields, scene);
    goxel_put_varint(buf, scene->material_count);
    for (size_t i = 0; i < scene->material_count; i++)
        goxel_fields_put(buf, material_fields, &scene->materials[i]);
    goxel_put_varint(buf, scene->camera_count);
    for (size_t i = 0; i < scene->camera_count; i++)
        goxel_fields_put(buf, camera_fields, &scene->cameras[i]);
    put_palette(buf, &scene->palette);
}

static int take_entry(struct goxel_reading *in, struct goxel_palette *palette)
{
    struct goxel_palette_entry *entry;
    struct goxel_color color;
    size_t len = 0;
    const uint8_t *bytes = goxel_take_bytes(in, sizeof(color)),
                  *text = goxel_take_run(in, GOXEL_PALETTE_TEXT_MAX, &len);
    int code;

    if (!bytes || !text || (len > 0 && text[len - 1] != '\0'))
        return GOXEL_ERROR_INVALID_DATA;
    memcpy(&color, bytes, sizeof(color));
    code = goxel_palette_add(palette, color, NULL, 0);
    if (code || len == 0)
        return code;
    entry = &palette->entries[palette->count - 1];
    free(entry->text);
    entry->text_len = 0;
    entry->text = malloc(len);
    if (!entry->text)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    memcpy(entry->text, text, len);
    entry->text_len = len;
    return 0;
}

static int take_entries(struct goxel_reading *in, struct goxel_palette *palette)
{
    uint64_t count = goxel_take_varint(in);
    int code = 0;

    for (; count > 0 && !code; count--)
        code = take_entry(in, palette);
    return code;
}

/* A project's own scene of which everything is to be told anew. */
static void empty_scene(struct goxel_scene *scene)
{
    scene->material_count = scene->camera_count = 0;
    goxel_palette_finish(&scene->palette);
}

static int take_materials(struct goxel_reading *in, struct goxel_project *project)
{
    uint64_t count = goxel_take_varint(in);
    int code = 0;

    for (; count > 0 && !code; count--) {
        struct goxel_material material = {.metallic = 0};

        code = goxel_fields_take(in, material_fields, &material)
                   ? goxel_project_add_material(project, &material)
                   : GOXEL_ERROR_INVALID_DATA;
    }
    return code;
}

static int take_cameras(struct goxel_reading *in, struct goxel_project *project)
{
    uint64_t count = goxel_take_varint(in);
    int code = 0;

    for (; count > 0 && !code; count--) {
        struct goxel_camera camera = {.dist = 0};

        code = goxel_fields_take(in, camera_fields, &camera) ? goxel_project_add_camera(project, &camera)
                                                             : GOXEL_ERROR_INVALID_DATA;
    }
    return code;
}

int goxel_effects_take_scene(struct goxel_reading *in, struct goxel_project *project)
{
    struct goxel_scene *scene = goxel_project_own_scene(project);
    int code;

    if (!scene)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    empty_scene(scene);
    if (!goxel_fields_take(in, scene_fields, scene))
        return GOXEL_ERROR_INVALID_DATA;
    if ((code = take_materials(in, project)) || (code = take_cameras(in, project)) ||
        (code = take_entries(in, &scene->palette)))
        return code;
    return scene->active_camera < (int)scene->camera_count ? 0 : GOXEL_ERROR_INVALID_DATA;
}

/* ---- layers ---- */

static const struct goxel_layer *like_in(const struct goxel_project *project, size_t at,
                                         const struct goxel_layer *layer)
{
    const struct goxel_layer *other = project && at < project->layer_count &&
                                              project->layers[at]->id == layer->id
                                          ? project->layers[at]
                                      : project ? goxel_project_layer(project, layer->id)
                                                : NULL;

    return other && goxel_layer_is_like(other, layer) ? other : NULL;
}

static bool same_layers(const struct goxel_project *before, const struct goxel_project *after)
{
    if (!before || before->layer_count != after->layer_count)
        return false;
    for (size_t i = 0; i < after->layer_count; i++) {
        if (before->layers[i]->id != after->layers[i]->id || !like_in(before, i, after->layers[i]))
            return false;
    }
    return true;
}

void goxel_effects_put_layer(struct goxel_buf *buf, const struct goxel_layer *layer)
{
    goxel_fields_put(buf, layer_fields, layer);
    put_text(buf, layer->image_path);
}

static void put_layers(struct goxel_buf *buf, const struct goxel_project *before,
                       const struct goxel_project *after)
{
    goxel_put_varint(buf, after->layer_count);
    for (size_t i = 0; i < after->layer_count; i++) {
        const struct goxel_layer *layer = after->layers[i];
        bool differs = !like_in(before, i, layer);

        goxel_put_varint(buf, (uint64_t)layer->id);
        goxel_put_u8(buf, differs);
        if (!differs)
            continue;
        goxel_effects_put_layer(buf, layer);
    }
}

static struct goxel_layer *layer_create(int id)
{
    struct goxel_layer *layer = calloc(1, sizeof(*layer));

    if (!layer)
        return NULL;
    atomic_init(&layer->refs, 1);
    layer->id = id;
    return layer;
}

int goxel_effects_take_layer(struct goxel_reading *in, int id, struct goxel_layer **ret_layer)
{
    struct goxel_layer *layer = layer_create(id);
    int code = layer ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    if (!code && !goxel_fields_take(in, layer_fields, layer))
        code = GOXEL_ERROR_INVALID_DATA;
    if (!code)
        code = take_text(in, &layer->image_path);
    if (code)
        goxel_layer_unref(layer);
    else
        *ret_layer = layer;
    return code;
}

/* A layer that is new or has changed, with the voxels that it had. The reference is the caller's. */
static int take_layer(struct goxel_reading *in, int id, const struct goxel_layer *old,
                      struct goxel_layer **ret_layer)
{
    struct goxel_layer *layer = NULL;
    int code = goxel_effects_take_layer(in, id, &layer);

    if (!code && !(layer->volume = old ? goxel_volume_copy(old->volume) : goxel_volume_create())) {
        goxel_layer_unref(layer);
        code = GOXEL_ERROR_OUT_OF_MEMORY;
    }
    if (!code)
        *ret_layer = layer;
    return code;
}

/* The next layer, a reference of the caller's. */
static int take_next(struct goxel_reading *in, const struct goxel_project *project,
                     struct goxel_layer **ret_layer)
{
    uint64_t id = goxel_take_varint(in);
    uint8_t differs = goxel_take_u8(in);
    struct goxel_layer *old = id <= INT_MAX ? goxel_project_layer(project, (int)id) : NULL;

    if (in->short_of || id == 0 || id >= INT_MAX || differs > 1 || (!differs && !old))
        return GOXEL_ERROR_INVALID_DATA;
    if (differs)
        return take_layer(in, (int)id, old, ret_layer);
    *ret_layer = goxel_layer_ref(old);
    return 0;
}

static bool has_id(struct goxel_layer *const *layers, size_t count, int id)
{
    for (size_t i = 0; i < count; i++) {
        if (layers[i]->id == id)
            return true;
    }
    return false;
}

static int take_layers(struct goxel_reading *in, struct goxel_project *project)
{
    uint64_t wanted = goxel_take_varint(in);
    struct goxel_layer **layers;
    size_t count = 0;
    int code = 0;

    if (wanted > GOXEL_LAYERS_MAX)
        return GOXEL_ERROR_INVALID_DATA;
    layers = malloc((wanted + 1) * sizeof(struct goxel_layer *));
    if (!layers)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    while (count < wanted && !code) {
        code = take_next(in, project, &layers[count]);
        if (code)
            break;
        if (has_id(layers, count, layers[count]->id))
            code = GOXEL_ERROR_INVALID_DATA;
        count++;
    }
    if (code) {
        goxel_layers_end(layers, count);
        return code;
    }
    goxel_project_replace_layers(project, layers, count);
    return 0;
}

/* ---- all of it ---- */

static unsigned parts_of(const struct goxel_project *before, const struct goxel_project *after)
{
    unsigned parts = 0;

    if (!before || !same_about(before, after))
        parts |= GOXEL_PART_ABOUT;
    if (before ? before->preview != after->preview : after->preview != NULL)
        parts |= GOXEL_PART_PREVIEW;
    if (!before || before->scene != after->scene)
        parts |= GOXEL_PART_SCENE;
    if (!same_layers(before, after))
        parts |= GOXEL_PART_LAYERS;
    return parts;
}

/* `extent` is empty but for its parts, or NULL: without voxels. */
static int write_parts(struct goxel_buf *buf, const struct goxel_project *before,
                       const struct goxel_project *after, struct goxel_extent *extent)
{
    unsigned parts = parts_of(before, after);
    bool any = false;
    size_t at;
    int code = 0;

    goxel_put_varint(buf, after->version);
    goxel_put_varint(buf, after->state);
    goxel_put_u64(buf, (uint64_t)after->modified_ms);
    at = buf->len;
    goxel_put_u8(buf, 0);
    if (parts & GOXEL_PART_ABOUT)
        put_about(buf, after);
    if (parts & GOXEL_PART_PREVIEW)
        put_preview(buf, after);
    if (parts & GOXEL_PART_SCENE)
        goxel_effects_put_scene(buf, after->scene);
    if (parts & GOXEL_PART_LAYERS)
        put_layers(buf, before, after);
    if (extent)
        code = goxel_effects_put_voxels(buf, before, after, extent, &any);
    if (any)
        parts |= GOXEL_PART_VOXELS;
    if (extent)
        extent->parts = parts;
    if (!code && !buf->failed)
        buf->data[at] = (char)parts;
    return code ? code : buf->failed;
}

int goxel_effects_write_told(struct goxel_buf *buf, const struct goxel_project *before,
                             const struct goxel_project *after, struct goxel_extent *ret_extent)
{
    *ret_extent = (struct goxel_extent){.box = goxel_box_nowhere};
    return write_parts(buf, before, after, ret_extent);
}

int goxel_effects_write(struct goxel_buf *buf, const struct goxel_project *before,
                        const struct goxel_project *after)
{
    struct goxel_extent unused;

    return goxel_effects_write_told(buf, before, after, &unused);
}

int goxel_effects_write_head(struct goxel_buf *buf, const struct goxel_project *project)
{
    return write_parts(buf, NULL, project, NULL);
}

static int take_parts(struct goxel_reading *in, unsigned parts, struct goxel_project *project,
                      struct goxel_detail *detail)
{
    static const struct {
        enum goxel_part part;
        int (*take)(struct goxel_reading *in, struct goxel_project *project);
    } rows[] = {
        {GOXEL_PART_ABOUT, take_about},
        {GOXEL_PART_PREVIEW, take_preview},
        {GOXEL_PART_SCENE, goxel_effects_take_scene},
        {GOXEL_PART_LAYERS, take_layers},
    };
    int code = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !code; i++)
        code = parts & rows[i].part ? rows[i].take(in, project) : 0;
    if (!code && parts & GOXEL_PART_VOXELS)
        code = goxel_effects_take_voxels(in, project, detail);
    return code;
}

int goxel_effects_apply(const void *bytes, size_t len, struct goxel_project *project,
                        struct goxel_detail *detail)
{
    struct goxel_reading in = goxel_reading_make(bytes, len);
    unsigned parts;
    int code;

    if (detail)
        goxel_detail_init(detail);
    project->version = goxel_take_varint(&in);
    project->state = goxel_take_varint(&in);
    project->modified_ms = (int64_t)goxel_take_u64(&in);
    parts = goxel_take_u8(&in);
    code = in.short_of || parts > GOXEL_PARTS ? GOXEL_ERROR_INVALID_DATA
                                              : take_parts(&in, parts, project, detail);
    if (!code && in.left > 0)
        code = GOXEL_ERROR_INVALID_DATA;
    if (code == GOXEL_ERROR_INVALID_DATA && detail && !detail->text[0])
        return goxel_fail_at(detail, code, 0, (int64_t)(len - in.left),
                             "the effects of a change end or go wrong at byte %zu", len - in.left);
    return code;
}

bool goxel_effects_name(const void *bytes, size_t len, char ret_name[GOXEL_NAME_MAX + 1])
{
    struct goxel_reading in = goxel_reading_make(bytes, len);
    struct goxel_project about;
    unsigned parts;

    (void)goxel_take_varint(&in); /* version, state, time */
    (void)goxel_take_varint(&in);
    (void)goxel_take_u64(&in);
    parts = goxel_take_u8(&in);
    if (in.short_of || !(parts & GOXEL_PART_ABOUT) || !goxel_fields_take(&in, about_fields, &about))
        return false;
    memcpy(ret_name, about.name, sizeof(about.name));
    return true;
}

bool goxel_effects_version(const void *bytes, size_t len, uint64_t *ret_version)
{
    struct goxel_reading in = goxel_reading_make(bytes, len);
    uint64_t version = goxel_take_varint(&in);

    if (in.short_of)
        return false;
    *ret_version = version;
    return true;
}
