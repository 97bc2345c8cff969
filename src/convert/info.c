/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is in a file, for people and as JSON; and what formats there are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "convert/convert.h"
#include "core/box.h"
#include "core/colors.h"

#define COLORS_MAX ((size_t)1 << 20) /* that are counted */
#define INFO_MAX \
    ((size_t)64 << 20) /* bytes of what is told of a file: 4096 layers with long names, and more */

/* What is found out about a project. */
struct findings {
    int64_t voxels;
    bool any; /* there is a voxel: */
    struct goxel_box bounds;
    uint32_t *colors; /* of all layers, some of them several times; freed by the owner */
    size_t count;
    bool too_many;
};

/* ---- colours ---- */

static int compare_colors(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void drop_equal(struct findings *findings)
{
    size_t kept = 0;

    if (findings->count)
        qsort(findings->colors, findings->count, sizeof(findings->colors[0]), compare_colors);
    for (size_t i = 0; i < findings->count; i++) {
        if (i == 0 || findings->colors[i] != findings->colors[kept - 1])
            findings->colors[kept++] = findings->colors[i];
    }
    findings->count = kept;
}

static int add_colors(struct findings *findings, const struct goxel_volume *volume,
                      struct goxel_cancel *cancel)
{
    const struct goxel_colors_options options = {.bin_size = 1, .colors = COLORS_MAX};
    struct goxel_color_count *rows = NULL;
    size_t count = 0;
    uint32_t *colors;
    int code = goxel_volume_colors(volume, NULL, &options, cancel, &rows, &count);

    if (code == GOXEL_ERROR_QUOTA) {
        findings->too_many = true;
        return 0;
    }
    if (code)
        return code;
    colors = realloc(findings->colors, (findings->count + count + 1) * sizeof(colors[0]));
    if (!colors) {
        free(rows);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < count; i++)
        memcpy(&colors[findings->count + i], &rows[i].color, sizeof(colors[0]));
    findings->colors = colors;
    findings->count += count;
    free(rows);
    drop_equal(findings);
    findings->too_many = findings->too_many || findings->count > COLORS_MAX;
    return 0;
}

/* ---- layers ---- */

/* What it shows; what cannot be drawn, nothing. */
static int show_layer(const struct goxel_project *project, const struct goxel_layer *layer,
                      struct goxel_cancel *cancel, struct goxel_volume **ret_volume)
{
    int code = goxel_layer_shown(project, layer, cancel, ret_volume);

    if (code != GOXEL_ERROR_BAD_PROJECT_STATE)
        return code;
    *ret_volume = goxel_volume_create();
    return *ret_volume ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;
}

/* What is told of a layer. */
typedef void put_layer(void *out, const struct goxel_layer *layer, const struct goxel_volume *volume);

static int find_layer(const struct goxel_project *project, const struct goxel_layer *layer,
                      struct goxel_cancel *cancel, struct findings *findings, put_layer *put, void *out)
{
    struct goxel_volume *volume = NULL;
    struct goxel_box box;
    int code = show_layer(project, layer, cancel, &volume);

    if (code)
        return code;
    findings->voxels += goxel_volume_count(volume);
    if (goxel_volume_bounds(volume, &box)) {
        if (findings->any)
            goxel_box_widen(&findings->bounds, &box);
        else
            findings->bounds = box;
        findings->any = true;
    }
    put(out, layer, volume);
    if (!findings->too_many)
        code = add_colors(findings, volume, cancel);
    goxel_volume_destroy(volume);
    return code;
}

static int find_layers(const struct goxel_project *project, struct goxel_cancel *cancel,
                       struct findings *findings, put_layer *put, void *out)
{
    int code = 0;

    for (size_t i = 0; i < project->layer_count && !code; i++)
        code = find_layer(project, project->layers[i], cancel, findings, put, out);
    return code;
}

/* ---- JSON ---- */

static void put_pos(struct goxel_json_writer *w, const char *key, struct goxel_pos pos)
{
    goxel_json_put_array(w, key);
    goxel_json_put_int(w, NULL, pos.x);
    goxel_json_put_int(w, NULL, pos.y);
    goxel_json_put_int(w, NULL, pos.z);
    goxel_json_put_end(w);
}

static void put_bounds(struct goxel_json_writer *w, const struct goxel_box *box)
{
    if (!box) {
        goxel_json_put_null(w, "bounds");
        return;
    }
    goxel_json_put_object(w, "bounds");
    put_pos(w, "min", box->min);
    put_pos(w, "max", box->max);
    goxel_json_put_end(w);
}

static void put_json_layer(void *out, const struct goxel_layer *layer, const struct goxel_volume *volume)
{
    struct goxel_json_writer *w = out;
    struct goxel_box box;
    bool any = goxel_volume_bounds(volume, &box);

    goxel_json_put_object(w, NULL);
    goxel_json_put_int(w, "id", layer->id);
    goxel_json_put_string(w, "name", layer->name);
    goxel_json_put_bool(w, "visible", layer->visible);
    goxel_json_put_count(w, "voxels", (uint64_t)goxel_volume_count(volume));
    put_bounds(w, any ? &box : NULL);
    goxel_json_put_end(w);
}

static int put_json(const struct convert_source *source, struct goxel_cancel *cancel,
                    struct findings *findings, struct goxel_buf *text)
{
    struct goxel_json_writer w;
    int code;

    goxel_json_writer_init(&w, text);
    goxel_json_put_object(&w, NULL);
    goxel_json_put_string(&w, "file", source->path);
    goxel_json_put_string(&w, "format", source->format->name);
    goxel_json_put_count(&w, "bytes", source->bytes);
    goxel_json_put_array(&w, "layers");
    if ((code = find_layers(source->project, cancel, findings, put_json_layer, &w)))
        return code;
    goxel_json_put_end(&w);
    goxel_json_put_count(&w, "voxels", (uint64_t)findings->voxels);
    put_bounds(&w, findings->any ? &findings->bounds : NULL);
    if (findings->too_many)
        goxel_json_put_null(&w, "colors");
    else
        goxel_json_put_count(&w, "colors", findings->count);
    goxel_json_put_count(&w, "materials", source->project->scene->material_count);
    goxel_warnings_put(&w, &source->warnings);
    goxel_json_put_end(&w);
    goxel_buf_putc(text, '\n');
    return text->failed;
}

/* ---- for people ---- */

static void print_box(struct goxel_buf *text, const struct goxel_box *box)
{
    struct goxel_pos size = goxel_box_size(box);

    goxel_buf_printf(text, "%d,%d,%d to %d,%d,%d (%d x %d x %d)", box->min.x, box->min.y, box->min.z,
                     box->max.x, box->max.y, box->max.z, size.x, size.y, size.z);
}

static void print_layer(void *out, const struct goxel_layer *layer, const struct goxel_volume *volume)
{
    struct goxel_buf *text = out;
    char name[4 * GOXEL_NAME_MAX + 1];
    struct goxel_box box;

    (void)goxel_utf8_printable(name, sizeof(name), layer->name, strlen(layer->name));
    goxel_buf_printf(text, "  layer %-4d %s%s, voxels %lld", layer->id, name,
                     layer->visible ? "" : " (hidden)", (long long)goxel_volume_count(volume));
    if (goxel_volume_bounds(volume, &box)) {
        goxel_buf_puts(text, ", ");
        print_box(text, &box);
    }
    goxel_buf_putc(text, '\n');
}

static int print_info(const struct convert_source *source, struct goxel_cancel *cancel,
                      struct findings *findings, struct goxel_buf *text)
{
    char name[256];
    int code;

    goxel_buf_printf(text, "%s: %s (%s), bytes %zu\n", convert_name(source->path, GOXEL_FORMAT_IN, name),
                     source->format->title, source->format->name, source->bytes);
    if ((code = find_layers(source->project, cancel, findings, print_layer, text)))
        return code;
    goxel_buf_printf(text, "  voxels     %lld\n", (long long)findings->voxels);
    if (findings->any) {
        goxel_buf_puts(text, "  bounds     ");
        print_box(text, &findings->bounds);
        goxel_buf_putc(text, '\n');
    }
    goxel_buf_printf(text, "  colors     %s%zu\n", findings->too_many ? "more than " : "",
                     findings->too_many ? COLORS_MAX : findings->count);
    return text->failed;
}

int convert_info(struct convert *convert, const struct convert_source *source, struct goxel_detail *detail)
{
    struct findings findings = {.count = 0};
    struct goxel_buf text;
    int code;

    goxel_buf_init(&text, INFO_MAX);
    code = convert->args->json ? put_json(source, &convert->cancel, &findings, &text)
                               : print_info(source, &convert->cancel, &findings, &text);
    if (!code && fwrite(text.data, 1, text.len, stdout) != text.len)
        code = goxel_fail(detail, GOXEL_ERROR_FILE_ACCESS, "standard output");
    goxel_buf_finish(&text);
    free(findings.colors);
    return code;
}
