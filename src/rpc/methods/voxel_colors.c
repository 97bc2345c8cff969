/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `voxel` that tell which colours there are. */
#include <stdlib.h>

#include "base/error.h"
#include "core/colors.h"
#include "rpc/methods/methods.h"

/* So many are told apart at most: what a count of them takes of memory has to end somewhere. */
#define COLORS_MAX ((size_t)1 << 20)

struct colors {
    struct goxel_color_count *rows; /* owned, the most frequent first */
    size_t count, listed;           /* of them, those that the reply lists */
    int64_t voxels;
};

static int count_colors(struct goxel_invocation *in, struct goxel_colors_options *options,
                        struct colors *ret_colors)
{
    const struct goxel_value *region = goxel_arg(in, "region");
    size_t limit = (size_t)goxel_arg_int(in, "limit", 1000);
    struct goxel_volume *volume = NULL;
    struct colors colors = {NULL, 0, 0, 0};
    int code = goxel_looked_at(in, &volume);

    if (code)
        return code;
    options->colors = COLORS_MAX;
    code = goxel_volume_colors(volume, region->given ? &region->region.box : NULL, options, &in->call->cancel,
                               &colors.rows, &colors.count);
    goxel_volume_destroy(volume);
    if (code == GOXEL_ERROR_QUOTA)
        return goxel_fail(in->detail, code, "more than %zu colors: give a smaller region", COLORS_MAX);
    if (code)
        return code;
    colors.listed = limit < colors.count ? limit : colors.count;
    for (size_t i = 0; i < colors.count; i++)
        colors.voxels += colors.rows[i].count;
    *ret_colors = colors;
    return 0;
}

int goxel_voxel_histogram(struct goxel_invocation *in)
{
    struct goxel_colors_options options = {.bin_size = (int)goxel_arg_int(in, "bin_size", 1)};
    struct colors colors;
    int code = count_colors(in, &options, &colors);

    if (code)
        return code;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_array(in->out, "histogram");
    for (size_t i = 0; i < colors.listed; i++) {
        goxel_json_put_object(in->out, NULL);
        goxel_put_color(in->out, "color", colors.rows[i].color);
        goxel_json_put_count(in->out, "count", (uint64_t)colors.rows[i].count);
        goxel_json_put_double(in->out, "percentage",
                              100 * (double)colors.rows[i].count / (double)colors.voxels);
        goxel_json_put_end(in->out);
    }
    goxel_json_put_end(in->out);
    goxel_json_put_count(in->out, "total_voxels", (uint64_t)colors.voxels);
    goxel_json_put_count(in->out, "unique_colors", colors.count);
    goxel_json_put_bool(in->out, "truncated", colors.listed < colors.count);
    goxel_json_put_end(in->out);
    free(colors.rows);
    return 0;
}

int goxel_voxel_unique_colors(struct goxel_invocation *in)
{
    struct goxel_colors_options options = {.bin_size = 1, .merge = (int)goxel_arg_int(in, "tolerance", 0)};
    struct colors colors;
    int code = count_colors(in, &options, &colors);

    if (code)
        return code;
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_array(in->out, "colors");
    for (size_t i = 0; i < colors.listed; i++)
        goxel_put_color(in->out, NULL, colors.rows[i].color);
    goxel_json_put_end(in->out);
    goxel_json_put_count(in->out, "count", colors.count);
    goxel_json_put_bool(in->out, "truncated", colors.listed < colors.count);
    goxel_json_put_end(in->out);
    free(colors.rows);
    return 0;
}
