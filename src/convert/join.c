/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several files as layers of one project, and some layers or a box of it: what is shared stays shared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "convert/convert.h"
#include "core/excerpt.h"

void convert_stem(const char *path, char ret_name[GOXEL_NAME_MAX + 1])
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    size_t len = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    char name[GOXEL_NAME_MAX + 1];

    goxel_name_copy(name, base, len);
    if (strcmp(path, "-") == 0 || goxel_name_check(name, strlen(name), "name", NULL))
        name[0] = '\0';
    memcpy(ret_name, name, sizeof(name));
}

/* ---- several files ---- */

/* "castle", "castle-2", … */
static void free_name(const struct goxel_project *project, const char *stem,
                      char ret_name[GOXEL_NAME_MAX + 1])
{
    char cut[GOXEL_NAME_MAX + 1], number[16] = "";

    for (unsigned i = 2;; i++) {
        size_t room = GOXEL_NAME_MAX - strlen(number), len = strlen(stem);

        goxel_name_copy(cut, stem, len < room ? len : room);
        memcpy(ret_name, cut, strlen(cut));
        memcpy(ret_name + strlen(cut), number, strlen(number) + 1);
        if (!goxel_project_layer_named(project, ret_name))
            return;
        (void)snprintf(number, sizeof(number), "-%u", i);
    }
}

/* All that is seen of it; a single layer, whether it is visible or not. */
static int show(const struct convert_source *source, struct goxel_cancel *cancel,
                struct goxel_warnings *warnings, struct goxel_volume **ret_volume)
{
    const struct goxel_project *project = source->project;
    int code;

    if (project->layer_count == 1) {
        code = goxel_layer_shown(project, project->layers[0], cancel, ret_volume);
        if (code != GOXEL_ERROR_BAD_PROJECT_STATE)
            return code;
    }
    goxel_warn(warnings, "layers of one file merged", (int64_t)project->layer_count);
    goxel_warn(warnings, "layers that cannot be made voxels: left out",
               (int64_t)goxel_project_undrawn(project));
    return goxel_project_flatten(project, cancel, ret_volume);
}

static int add(struct goxel_project *project, struct convert_source *source, struct goxel_cancel *cancel,
               struct goxel_warnings *warnings, struct goxel_detail *detail)
{
    struct goxel_volume *volume = NULL;
    struct goxel_layer *layer = NULL;
    char name[GOXEL_NAME_MAX + 1];
    int code = show(source, cancel, warnings, &volume);

    free_name(project, source->project->name, name);
    goxel_warn(warnings, "materials of several files left out",
               (int64_t)source->project->scene->material_count);
    if (!code)
        code = goxel_project_add_layer(project, source->project->name[0] ? name : NULL, -1, &layer, detail);
    if (code) {
        goxel_volume_destroy(volume);
        return code;
    }
    goxel_volume_destroy(layer->volume);
    layer->volume = volume;
    return 0;
}

int convert_join(struct convert_source *sources, size_t count, struct goxel_cancel *cancel,
                 struct goxel_warnings *warnings, struct goxel_detail *detail,
                 struct goxel_project **ret_project)
{
    struct goxel_project *project;
    int code = 0;

    if (count == 1) {
        *ret_project = goxel_project_ref(sources[0].project);
        return 0;
    }
    project = goxel_project_create("");
    if (!project)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < count && !code; i++) {
        code = add(project, &sources[i], cancel, warnings, detail);
        convert_source_finish(&sources[i]);
    }
    if (code) {
        goxel_project_unref(project);
        return code;
    }
    goxel_project_seal(project);
    *ret_project = project;
    return 0;
}

/* ---- a part ---- */

static int find_layer(const struct goxel_project *project, const char *word, size_t len,
                      struct goxel_detail *detail, int *ret_id)
{
    char text[GOXEL_NAME_MAX + 1];
    struct goxel_layer *layer = NULL;
    char *end;
    long id;

    (void)snprintf(text, sizeof(text), "%.*s", (int)(len <= GOXEL_NAME_MAX ? len : 0), word);
    id = strtol(text, &end, 10);
    if (end != text && !*end && id > 0 && id <= INT32_MAX)
        layer = goxel_project_layer(project, (int)id);
    if (!layer)
        layer = goxel_project_layer_named(project, text);
    if (!layer)
        return goxel_fail_value(detail, GOXEL_ERROR_LAYER_NOT_FOUND, "--layers", text,
                                "an id or a name of a layer (goxel-convert --info lists them)");
    *ret_id = layer->id;
    return 0;
}

/* Names with commas are words of their own. */
static int find_layers(const struct goxel_project *project, const struct convert_words *words,
                       struct goxel_detail *detail, struct goxel_excerpt *excerpt, int ids[GOXEL_LAYERS_MAX])
{
    for (size_t i = 0; i < words->count; i++) {
        const char *at = words->words[i];
        bool whole = goxel_project_layer_named(project, at) != NULL;

        for (;;) {
            size_t len = whole ? strlen(at) : strcspn(at, ",");
            int code;

            if (excerpt->count == GOXEL_LAYERS_MAX)
                return goxel_fail_limit(detail, GOXEL_ERROR_USAGE, "--layers", GOXEL_LAYERS_MAX,
                                        GOXEL_LAYERS_MAX + 1);
            if ((code = find_layer(project, at, len, detail, &ids[excerpt->count])))
                return code;
            excerpt->count++;
            if (!at[len])
                break;
            at += len + 1;
        }
    }
    return 0;
}

int convert_choose(const struct convert_args *args, const struct goxel_project *project,
                   struct goxel_cancel *cancel, struct goxel_warnings *warnings, struct goxel_detail *detail,
                   struct goxel_project **ret_project)
{
    struct goxel_excerpt excerpt = {.has_box = args->has_box, .box = args->box};
    int ids[GOXEL_LAYERS_MAX], code;
    size_t left_out = 0;

    if (!args->layers.count && !args->has_box) {
        *ret_project = goxel_project_ref(project);
        return 0;
    }
    excerpt.layers = ids;
    if ((code = find_layers(project, &args->layers, detail, &excerpt, ids)))
        return code;
    code = goxel_project_excerpt(project, &excerpt, cancel, ret_project, &left_out);
    goxel_warn(warnings, "layers that cannot be made voxels: left out", (int64_t)left_out);
    return code;
}
