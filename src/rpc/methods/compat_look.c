/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compatible family's looks at voxels: where they are, and in which colours. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/box.h"
#include "core/colors.h"
#include "rpc/methods/compat.h"

static bool is_wanted(const struct goxel_layer *one, const struct goxel_layer *layer)
{
    return !layer || one == layer;
}

int goxel_compat_get_voxel(struct goxel_invocation *in)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    struct goxel_json_writer *w = in->out;
    struct goxel_found found = {.layer = NULL};
    struct goxel_layer *layer = NULL;
    struct goxel_pos pos = {0};
    int code = goxel_loose_pos(&compat.params, 0, &pos);

    if (!code)
        code = goxel_compat_read_layer(&compat, 3, &layer);
    if (code)
        return code;
    for (size_t i = in->project->layer_count; !code && !found.color.a && i-- > 0;) {
        if (is_wanted(in->project->layers[i], layer))
            code = goxel_find_voxels(in, in->project->layers[i], &pos, 1, &found);
    }
    if (code)
        return code;
    goxel_json_put_object(w, NULL);
    goxel_json_put_int(w, "x", pos.x);
    goxel_json_put_int(w, "y", pos.y);
    goxel_json_put_int(w, "z", pos.z);
    goxel_json_put_bool(w, "exists", found.color.a > 0);
    goxel_put_color(w, "color", found.color);
    goxel_json_put_end(w);
    return 0;
}

int goxel_compat_get_bounding_box(struct goxel_invocation *in)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    const struct goxel_project *project = in->project;
    struct goxel_box box = goxel_box_nowhere, other;
    struct goxel_layer *layer = NULL;
    bool empty = true;
    int code = goxel_compat_read_layer(&compat, 0, &layer);

    if (code)
        return code;
    for (size_t i = 0; i < project->layer_count; i++) {
        if (is_wanted(project->layers[i], layer) && goxel_layer_bounds(project, project->layers[i], &other)) {
            goxel_box_widen(&box, &other);
            empty = false;
        }
    }
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_bool(in->out, "empty", empty);
    if (!empty) {
        goxel_put_pos(in->out, "min", box.min);
        goxel_put_pos(in->out, "max", box.max);
        goxel_put_pos(in->out, "dimensions", goxel_box_size(&box));
    }
    goxel_json_put_end(in->out);
    return 0;
}

/* {min, max}, or [min, max]. */
static int read_box(const struct goxel_loose *from, struct goxel_box *ret_box)
{
    const struct goxel_json *max = goxel_loose_get(from, "max", 1);
    int code = goxel_loose_point(goxel_loose_get(from, "min", 0), "min", from->detail, &ret_box->min);

    if (!code)
        code = goxel_loose_point(max, "max", from->detail, &ret_box->max);
    if (!code && !goxel_box_valid(ret_box))
        code = goxel_fail_node(from->detail, GOXEL_ERROR_INVALID_COORDINATES, "max", max, "not below min");
    return code;
}

/* ---- lists of voxels ---- */

#define LIMIT 10000

struct listing {
    struct goxel_json_writer *w;
    struct goxel_box box;
    bool bounded, filtered;
    struct goxel_color color;
    int64_t offset, limit, seen, given;
    struct goxel_box bounds; /* of what was given */
};

static int read_listing(const struct goxel_compat *compat, bool region, struct listing *listing)
{
    const struct goxel_loose *params = &compat->params;
    const struct goxel_json *color = goxel_loose_get(params, "color_filter", -1);
    int code = region ? read_box(params, &listing->box) : 0;

    listing->bounded = region;
    if (!code && color) {
        listing->filtered = true;
        code = goxel_loose_color_of(color, "color_filter", params->detail, &listing->color);
    }
    if (!code)
        code = goxel_loose_int(params, "offset", -1, 0, INT64_MAX, &listing->offset);
    if (!code)
        code = goxel_loose_int(params, "limit", -1, 0, INT64_MAX, &listing->limit);
    return code ? code : goxel_check_result_voxels(compat->in, listing->limit);
}

static int list_voxel(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct listing *listing = ctx;
    struct goxel_box at = {pos, pos};

    if (listing->filtered && memcmp(&listing->color, &color, sizeof(color)) != 0)
        return 0;
    if (listing->seen++ < listing->offset || listing->given >= listing->limit)
        return 0;
    goxel_box_widen(&listing->bounds, &at);
    listing->given++;
    goxel_json_put_object(listing->w, NULL);
    goxel_json_put_int(listing->w, "x", pos.x);
    goxel_json_put_int(listing->w, "y", pos.y);
    goxel_json_put_int(listing->w, "z", pos.z);
    goxel_put_color(listing->w, "color", color);
    goxel_json_put_end(listing->w);
    return listing->w->buf->failed;
}

static int list_layer(struct goxel_invocation *in, const struct goxel_layer *layer, struct listing *listing)
{
    struct goxel_sight sight;
    int code = goxel_layer_see(in->project, layer, &in->call->cancel, &sight);

    if (code)
        return code;
    code = goxel_volume_visit(sight.volume, listing->bounded ? &listing->box : NULL, &in->call->cancel,
                              list_voxel, listing);
    goxel_sight_finish(&sight);
    return code;
}

static int list(struct goxel_invocation *in, bool region)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    struct listing listing = {.w = in->out, .limit = LIMIT, .bounds = goxel_box_nowhere};
    struct goxel_layer *layer = NULL;
    int code = goxel_compat_read_layer(&compat, region ? 2 : 0, &layer);

    if (!code)
        code = read_listing(&compat, region, &listing);
    if (code)
        return code;
    goxel_json_put_object(listing.w, NULL);
    goxel_json_put_array(listing.w, "voxels");
    for (size_t i = 0; i < in->project->layer_count && !code; i++) {
        if (is_wanted(in->project->layers[i], layer))
            code = list_layer(in, in->project->layers[i], &listing);
    }
    if (code)
        return code;
    goxel_json_put_end(listing.w);
    goxel_json_put_int(listing.w, "count", listing.given);
    goxel_json_put_bool(listing.w, "truncated", listing.seen > listing.offset + listing.given);
    if (listing.given)
        goxel_put_box(listing.w, "bbox", &listing.bounds);
    else
        goxel_json_put_null(listing.w, "bbox");
    goxel_json_put_end(listing.w);
    return 0;
}

int goxel_compat_get_voxels_region(struct goxel_invocation *in)
{
    return list(in, true);
}

int goxel_compat_get_layer_voxels(struct goxel_invocation *in)
{
    return list(in, false);
}

/* ---- colours ---- */

/* So many are told apart at most, and listed of where they are. */
#define COLORS_MAX ((size_t)1 << 20)

/* What is looked at: the layers of a parameter, and a region of them. */
struct looked_at {
    const struct goxel_project *project;
    const struct goxel_layer *layer; /* NULL: all */
    bool bounded;
    struct goxel_box box;
    int64_t layer_id; /* as it was asked for */
};

static int read_looked_at(const struct goxel_compat *compat, int at, struct looked_at *ret_at)
{
    const struct goxel_loose *params = &compat->params;
    struct goxel_loose region = {goxel_loose_get(params, "region", at + 1), params->detail};
    struct goxel_layer *layer = NULL;
    int code = goxel_compat_read_layer(compat, at, &layer);

    *ret_at = (struct looked_at){.project = compat->in->project, .layer = layer, .layer_id = -2};
    if (layer)
        ret_at->layer_id = layer->id;
    if (!code && region.node) {
        ret_at->bounded = true;
        code = read_box(&region, &ret_at->box);
    }
    return code;
}

static const struct goxel_box *box_of(const struct looked_at *at)
{
    return at->bounded ? &at->box : NULL;
}

static int by_color(const void *a, const void *b)
{
    const struct goxel_color one = ((const struct goxel_color_count *)a)->color,
                             other = ((const struct goxel_color_count *)b)->color;

    return memcmp(&one, &other, sizeof(one));
}

static int by_count(const void *a, const void *b)
{
    int64_t one = ((const struct goxel_color_count *)a)->count,
            other = ((const struct goxel_color_count *)b)->count;

    return one != other ? (one < other) - (one > other) : by_color(a, b);
}

/* The colours of several layers, each once, in the order of r, g, b, a. */
static size_t fold(struct goxel_color_count *rows, size_t count)
{
    size_t kept = 0;

    if (count)
        qsort(rows, count, sizeof(*rows), by_color);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && by_color(&rows[kept - 1], &rows[i]) == 0)
            rows[kept - 1].count += rows[i].count;
        else
            rows[kept++] = rows[i];
    }
    return kept;
}

struct counted {
    struct goxel_color_count *rows; /* owned */
    size_t count;
};

static int add_colors(struct counted *counted, const struct goxel_color_count *rows, size_t count)
{
    struct goxel_color_count *grown;

    if (!count)
        return 0;
    grown = realloc(counted->rows, (counted->count + count) * sizeof(*grown));
    if (!grown)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    memcpy(grown + counted->count, rows, count * sizeof(*grown));
    counted->rows = grown;
    counted->count = fold(grown, counted->count + count);
    return counted->count > COLORS_MAX ? GOXEL_ERROR_QUOTA : 0;
}

static int count_layer(const struct goxel_compat *compat, const struct looked_at *at,
                       const struct goxel_layer *layer, const struct goxel_colors_options *options,
                       struct counted *counted)
{
    struct goxel_cancel *cancel = &compat->in->call->cancel;
    struct goxel_color_count *rows = NULL;
    struct goxel_sight sight;
    size_t count = 0;
    int code = goxel_layer_see(at->project, layer, cancel, &sight);

    if (code)
        return code;
    code = goxel_volume_colors(sight.volume, box_of(at), options, cancel, &rows, &count);
    goxel_sight_finish(&sight);
    if (!code)
        code = add_colors(counted, rows, count);
    free(rows);
    return code;
}

static int count_colors(const struct goxel_compat *compat, const struct looked_at *at,
                        const struct goxel_colors_options *options, struct counted *counted)
{
    int code = 0;

    for (size_t i = 0; i < at->project->layer_count && !code; i++) {
        if (is_wanted(at->project->layers[i], at->layer))
            code = count_layer(compat, at, at->project->layers[i], options, counted);
    }
    if (code == GOXEL_ERROR_QUOTA)
        code = goxel_fail(compat->in->detail, code, "more than %zu colors: give a smaller region",
                          COLORS_MAX);
    return code;
}

static void sort(struct counted *counted, bool frequent_first)
{
    if (counted->count)
        qsort(counted->rows, counted->count, sizeof(*counted->rows), frequent_first ? by_count : by_color);
}

static void put_hex(struct goxel_json_writer *w, const char *key, struct goxel_color color)
{
    char hex[16];

    (void)snprintf(hex, sizeof(hex), "#%02X%02X%02X%02X", color.r, color.g, color.b, color.a);
    goxel_json_put_string(w, key, hex);
}

static void put_histogram(struct goxel_json_writer *w, const struct counted *counted, size_t listed, int bin)
{
    int64_t voxels = 0;

    for (size_t i = 0; i < counted->count; i++)
        voxels += counted->rows[i].count;
    goxel_json_put_object(w, NULL);
    goxel_json_put_array(w, "histogram");
    for (size_t i = 0; i < listed; i++) {
        const struct goxel_color_count *row = &counted->rows[i];

        goxel_json_put_object(w, NULL);
        put_hex(w, "color", row->color);
        goxel_put_color(w, "rgba", row->color);
        goxel_json_put_count(w, "count", (uint64_t)row->count);
        goxel_json_put_double(w, "percentage", 100 * (double)row->count / (double)voxels);
        goxel_json_put_end(w);
    }
    goxel_json_put_end(w);
    goxel_json_put_count(w, "total_voxels", (uint64_t)voxels);
    goxel_json_put_count(w, "unique_colors", counted->count);
    goxel_json_put_object(w, "metadata");
    goxel_json_put_bool(w, "binned", bin > 1);
    goxel_json_put_int(w, "bin_size", bin > 1 ? bin : 0);
    goxel_json_put_end(w);
    goxel_json_put_end(w);
}

int goxel_compat_get_color_histogram(struct goxel_invocation *in)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    struct goxel_colors_options options = {.colors = COLORS_MAX};
    struct counted counted = {NULL, 0};
    struct looked_at at;
    int64_t bin = 0, top = 0;
    bool frequent = true;
    int code = read_looked_at(&compat, 0, &at);

    if (!code)
        code = goxel_loose_int(&compat.params, "bin_size", 2, 0, 256, &bin);
    if (!code)
        code = goxel_loose_bool(&compat.params, "sort_by_count", 3, &frequent);
    if (!code)
        code = goxel_loose_int(&compat.params, "top_n", 4, 0, (int64_t)COLORS_MAX, &top);
    options.bin_size = bin > 1 ? (int)bin : 1;
    if (!code)
        code = count_colors(&compat, &at, &options, &counted);
    if (!code) {
        sort(&counted, frequent);
        put_histogram(in->out, &counted, top > 0 && (size_t)top < counted.count ? (size_t)top : counted.count,
                      options.bin_size);
    }
    free(counted.rows);
    return code;
}

int goxel_compat_get_unique_colors(struct goxel_invocation *in)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    struct goxel_colors_options options = {.bin_size = 1, .colors = COLORS_MAX};
    struct counted counted = {NULL, 0};
    struct looked_at at;
    int64_t threshold = 10;
    bool merge = false, frequent = false;
    int code = read_looked_at(&compat, 0, &at);

    if (!code)
        code = goxel_loose_bool(&compat.params, "merge_similar", 2, &merge);
    if (!code)
        code = goxel_loose_int(&compat.params, "merge_threshold", 3, 0, 255, &threshold);
    if (!code)
        code = goxel_loose_bool(&compat.params, "sort_by_count", 4, &frequent);
    options.merge = merge ? (int)threshold : 0;
    if (!code)
        code = count_colors(&compat, &at, &options, &counted);
    if (!code) {
        sort(&counted, frequent);
        goxel_json_put_object(in->out, NULL);
        goxel_json_put_array(in->out, "colors");
        for (size_t i = 0; i < counted.count; i++) {
            goxel_json_put_object(in->out, NULL);
            put_hex(in->out, "hex", counted.rows[i].color);
            goxel_put_color(in->out, "rgba", counted.rows[i].color);
            goxel_json_put_end(in->out);
        }
        goxel_json_put_end(in->out);
        goxel_json_put_count(in->out, "count", counted.count);
        goxel_json_put_object(in->out, "metadata");
        goxel_json_put_int(in->out, "layer_id", at.layer_id);
        goxel_json_put_bool(in->out, "sorted_by_count", frequent);
        goxel_json_put_end(in->out);
        goxel_json_put_end(in->out);
    }
    free(counted.rows);
    return code;
}

/* ---- where a colour is ---- */

struct search {
    struct goxel_json_writer *w;
    struct goxel_color color;
    int64_t tolerance[4]; /* r, g, b, a */
    int64_t most, found, listed;
    int layer_id; /* that is looked through */
};

static int read_tolerance(const struct goxel_loose *params, int64_t ret_tolerance[4])
{
    const struct goxel_json *node = goxel_loose_get(params, "tolerance", 1);
    struct goxel_loose listed = {node, params->detail};
    int64_t all = 0;
    int code = 0;

    if (goxel_loose_type(node) != GOXEL_JSON_ARRAY)
        code = goxel_loose_int(params, "tolerance", 1, 0, 255, &all);
    for (int i = 0; i < 4; i++)
        ret_tolerance[i] = all;
    if (goxel_loose_type(node) == GOXEL_JSON_ARRAY) {
        for (int i = 0; i < 4 && !code; i++)
            code = goxel_loose_int(&listed, "tolerance", i, 0, 255, &ret_tolerance[i]);
    }
    return code;
}

static int read_search(const struct goxel_compat *compat, struct search *search, bool *ret_listed)
{
    const struct goxel_loose *params = &compat->params;
    int code = goxel_loose_color_of(goxel_loose_get(params, "color", 0), "color", params->detail,
                                    &search->color);

    if (!code)
        code = goxel_color_check(search->color, "color", params->detail);
    if (!code)
        code = read_tolerance(params, search->tolerance);
    if (!code)
        code = goxel_loose_int(params, "max_results", 4, 0, INT64_MAX, &search->most);
    if (!code)
        code = goxel_loose_bool(params, "include_locations", 5, ret_listed);
    return code ? code : goxel_check_result_voxels(compat->in, *ret_listed ? search->most : 0);
}

static bool is_near(const struct search *search, struct goxel_color color)
{
    return abs(color.r - search->color.r) <= search->tolerance[0] &&
           abs(color.g - search->color.g) <= search->tolerance[1] &&
           abs(color.b - search->color.b) <= search->tolerance[2] &&
           abs(color.a - search->color.a) <= search->tolerance[3];
}

static int find_voxel(void *ctx, struct goxel_pos pos, struct goxel_color color)
{
    struct search *search = ctx;

    if (!is_near(search, color))
        return 0;
    search->found++;
    if (search->listed >= search->most)
        return 0;
    search->listed++;
    goxel_json_put_object(search->w, NULL);
    goxel_json_put_int(search->w, "x", pos.x);
    goxel_json_put_int(search->w, "y", pos.y);
    goxel_json_put_int(search->w, "z", pos.z);
    goxel_json_put_int(search->w, "layer_id", search->layer_id);
    goxel_json_put_end(search->w);
    return search->w->buf->failed;
}

static int find_in_layer(const struct goxel_compat *compat, const struct looked_at *at,
                         const struct goxel_layer *layer, const struct goxel_match *match,
                         struct search *search)
{
    struct goxel_cancel *cancel = &compat->in->call->cancel;
    struct goxel_sight sight;
    int code = goxel_layer_see(at->project, layer, cancel, &sight);

    if (code)
        return code;
    search->layer_id = layer->id;
    code = goxel_volume_find(sight.volume, box_of(at), match, cancel, find_voxel, search);
    goxel_sight_finish(&sight);
    return code;
}

/* What is as near as the widest of the four is looked at by the channel. */
static int find_all(const struct goxel_compat *compat, const struct looked_at *at, struct search *search)
{
    struct goxel_match match = {search->color, 0};
    int code = 0;

    for (int i = 0; i < 4; i++)
        match.tolerance = search->tolerance[i] > match.tolerance ? (int)search->tolerance[i]
                                                                 : match.tolerance;
    for (size_t i = 0; i < at->project->layer_count && !code; i++) {
        if (is_wanted(at->project->layers[i], at->layer))
            code = find_in_layer(compat, at, at->project->layers[i], &match, search);
    }
    return code;
}

static void put_tolerance(struct goxel_json_writer *w, const int64_t tolerance[4])
{
    goxel_json_put_object(w, "metadata");
    goxel_json_put_array(w, "tolerance");
    for (int i = 0; i < 4; i++)
        goxel_json_put_int(w, NULL, tolerance[i]);
    goxel_json_put_end(w);
    goxel_json_put_end(w);
}

int goxel_compat_find_voxels_by_color(struct goxel_invocation *in)
{
    struct goxel_compat compat = goxel_compat_begin(in);
    struct search search = {.w = in->out, .most = 1000};
    bool listed = true;
    struct looked_at at;
    int code = read_search(&compat, &search, &listed);

    if (!code)
        code = read_looked_at(&compat, 2, &at);
    if (code)
        return code;
    if (!listed)
        search.most = 0;
    goxel_json_put_object(in->out, NULL);
    goxel_put_color(in->out, "target_color", search.color);
    goxel_json_put_array(in->out, "locations");
    code = find_all(&compat, &at, &search);
    if (code)
        return code;
    goxel_json_put_end(in->out);
    goxel_json_put_count(in->out, "match_count", (uint64_t)search.found);
    goxel_json_put_bool(in->out, "truncated", listed && search.found > search.listed);
    put_tolerance(in->out, search.tolerance);
    goxel_json_put_end(in->out);
    return 0;
}
