/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods of the family `voxel` that look from somewhere: along a ray, and at a plane. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/ray.h"
#include "core/slice.h"
#include "format/png.h"
#include "rpc/base64.h"
#include "rpc/methods/methods.h"

static int64_t on_axis(struct goxel_pos pos, int axis)
{
    return axis == 0 ? pos.x : axis == 1 ? pos.y : pos.z;
}

/* ---- voxel.raycast ---- */

static void put_hit(struct goxel_json_writer *w, const struct goxel_hit *hit)
{
    char face[] = {hit->sign < 0 ? '-' : '+', (char)('x' + hit->axis), '\0'};

    goxel_json_put_bool(w, "hit", hit->color.a > 0);
    if (!hit->color.a) {
        goxel_json_put_null(w, "position");
        goxel_json_put_null(w, "color");
        goxel_json_put_null(w, "face");
        goxel_json_put_null(w, "distance");
        return;
    }
    goxel_put_pos(w, "position", hit->pos);
    goxel_put_color(w, "color", hit->color);
    goxel_json_put_string(w, "face", hit->sign ? face : NULL);
    goxel_json_put_double(w, "distance", hit->distance);
}

int goxel_voxel_raycast(struct goxel_invocation *in)
{
    const struct goxel_value *direction = goxel_arg(in, "direction");
    struct goxel_ray ray = {.distance = goxel_arg_number(in, "distance", INFINITY)};
    struct goxel_hit hit = {.sign = 0};
    struct goxel_volume *volume = NULL;
    bool found = false;
    int code;

    memcpy(ray.origin, goxel_arg(in, "origin")->point, sizeof(ray.origin));
    memcpy(ray.direction, direction->point, sizeof(ray.direction));
    if ((code = goxel_looked_at(in, &volume)))
        return code;
    code = goxel_volume_ray(volume, &ray, &in->call->cancel, &found, &hit);
    goxel_volume_destroy(volume);
    if (code == GOXEL_ERROR_VALIDATION)
        return goxel_fail_node(in->detail, GOXEL_ERROR_INVALID_PARAMS, "direction", direction->node,
                               "a direction: not all of the three 0");
    if (code)
        return code;
    goxel_json_put_object(in->out, NULL);
    put_hit(in->out, &hit);
    goxel_json_put_end(in->out);
    return 0;
}

/* ---- voxel.slice ---- */

/* What colours are called in a picture of characters; more of them cannot be told apart. */
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
#define LETTERS (sizeof(letters) - 1)
#define EMPTY_LETTER '.'

struct picture {
    struct goxel_color *pixels; /* owned; the row at the top first */
    int64_t width, height;
};

/* Rows come from the lowest coordinate upwards, and pictures begin at the top. */
static void turn_over(struct picture *picture)
{
    size_t width = (size_t)picture->width;

    for (int64_t low = 0, high = picture->height - 1; low < high; low++, high--) {
        struct goxel_color *a = picture->pixels + (size_t)low * width,
                           *b = picture->pixels + (size_t)high * width;

        for (size_t i = 0; i < width; i++) {
            struct goxel_color pixel = a[i];

            a[i] = b[i];
            b[i] = pixel;
        }
    }
}

static int take_picture(struct goxel_invocation *in, const struct goxel_volume *volume,
                        const struct goxel_slice *slice, struct picture *picture)
{
    int code = goxel_slice_size(slice, &picture->width, &picture->height);

    if (!code)
        code = goxel_check_result_voxels(in, picture->width * picture->height);
    if (code)
        return code;
    picture->pixels = calloc((size_t)(picture->width * picture->height), sizeof(*picture->pixels));
    if (!picture->pixels)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    code = goxel_volume_slice(volume, slice, &in->call->cancel, picture->pixels);
    turn_over(picture);
    return code;
}

/* The letter of a colour, a new one if it has none yet; 0: there are no more. */
static char letter_of(struct goxel_color color, struct goxel_color legend[LETTERS], size_t *count)
{
    size_t i = 0;

    if (!color.a)
        return EMPTY_LETTER;
    while (i < *count && memcmp(&legend[i], &color, sizeof(color)) != 0)
        i++;
    if (i == LETTERS)
        return 0;
    if (i == *count)
        legend[(*count)++] = color;
    return letters[i];
}

static int put_rows(struct goxel_invocation *in, const struct picture *picture, char *row)
{
    struct goxel_color legend[LETTERS];
    size_t count = 0, width = (size_t)picture->width;

    goxel_json_put_array(in->out, "rows");
    for (int64_t y = 0; y < picture->height; y++) {
        for (size_t x = 0; x < width; x++) {
            row[x] = letter_of(picture->pixels[(size_t)y * width + x], legend, &count);
            if (!row[x])
                return goxel_fail(in->detail, GOXEL_ERROR_QUOTA,
                                  "more than %zu colors: ask for format \"png\", or a smaller region",
                                  LETTERS);
        }
        goxel_json_put_string_len(in->out, NULL, row, width);
    }
    goxel_json_put_end(in->out);
    goxel_json_put_object(in->out, "legend");
    for (size_t i = 0; i < count; i++)
        goxel_put_color(in->out, (const char[]){letters[i], '\0'}, legend[i]);
    goxel_json_put_end(in->out);
    return 0;
}

static int put_text(struct goxel_invocation *in, const struct picture *picture)
{
    char *row = malloc((size_t)picture->width + 1);
    int code = row ? put_rows(in, picture, row) : GOXEL_ERROR_OUT_OF_MEMORY;

    free(row);
    return code;
}

static int put_png(struct goxel_invocation *in, const struct picture *picture)
{
    struct goxel_buf png, base64;
    int code = 0;

    goxel_buf_init(&png, GOXEL_REPLY_MAX);
    goxel_buf_init(&base64, GOXEL_REPLY_MAX);
    if (picture->pixels)
        code = goxel_png_write(picture->pixels, (unsigned)picture->width, (unsigned)picture->height, &png);
    if (!code)
        code = goxel_base64_encode(png.data, png.len, &base64);
    if (code == GOXEL_ERROR_MESSAGE_SIZE)
        code = goxel_fail(in->detail, GOXEL_ERROR_QUOTA,
                          "the reply would be too long: give a smaller region");
    if (!code && picture->pixels)
        goxel_json_put_string_len(in->out, "data", base64.data, base64.len);
    else
        goxel_json_put_null(in->out, "data");
    goxel_buf_finish(&base64);
    goxel_buf_finish(&png);
    return code;
}

/* The region's rectangle, or that of all there is; false: there is nothing to see. */
static bool choose_rectangle(const struct goxel_invocation *in, const struct goxel_volume *volume,
                             struct goxel_slice *slice)
{
    const struct goxel_value *region = goxel_arg(in, "region");

    if (!region->given)
        return goxel_volume_bounds(volume, &slice->box);
    slice->box = region->region.box;
    return true;
}

static int put_slice(struct goxel_invocation *in, const struct goxel_slice *slice, bool any,
                     const struct picture *picture)
{
    bool png = goxel_arg_text(in, "format", "text")[0] == 'p';
    char axes[2][2] = {"y", "z"};
    int code;

    if (slice->axis > 0)
        axes[0][0] = 'x';
    if (slice->axis == 2)
        axes[1][0] = 'y';
    goxel_json_put_object(in->out, NULL);
    goxel_json_put_count(in->out, "width", (uint64_t)picture->width);
    goxel_json_put_count(in->out, "height", (uint64_t)picture->height);
    goxel_json_put_string(in->out, "right", axes[0]);
    goxel_json_put_string(in->out, "up", axes[1]);
    if (any) {
        goxel_json_put_int(in->out, "left", on_axis(slice->box.min, slice->axis == 0 ? 1 : 0));
        goxel_json_put_int(in->out, "bottom", on_axis(slice->box.min, slice->axis == 2 ? 1 : 2));
    } else {
        goxel_json_put_null(in->out, "left");
        goxel_json_put_null(in->out, "bottom");
    }
    code = png ? put_png(in, picture) : put_text(in, picture);
    goxel_json_put_end(in->out);
    return code;
}

int goxel_voxel_slice(struct goxel_invocation *in)
{
    struct goxel_slice slice = {.axis = goxel_arg_axis(in, "axis"),
                                .at = (int32_t)goxel_arg_int(in, "at", 0)};
    struct picture picture = {NULL, 0, 0};
    struct goxel_volume *volume = NULL;
    int code = goxel_looked_at(in, &volume);
    bool any;

    if (code)
        return code;
    any = choose_rectangle(in, volume, &slice);
    if (any)
        code = take_picture(in, volume, &slice, &picture);
    goxel_volume_destroy(volume);
    if (!code)
        code = put_slice(in, &slice, any, &picture);
    free(picture.pixels);
    return code;
}
