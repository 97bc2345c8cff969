/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tree is rewritten from above: a cube that no shape touches stays, one that lies inside a shape becomes a
 * tile where its voxels allow it, and only bricks along a surface are looked at voxel by voxel. On the way down
 * each level keeps the list of the shapes that still matter, so that a stroke of a thousand stamps costs a
 * brick no more than the few that touch it.
 */
#include "core/paint.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/rewrite.h"

/* The shapes that touch a cube; below one that covers all of it no shape matters. */
struct list {
    uint32_t *shapes;
    size_t count;
    bool all; /* one of them covers it */
};

struct painting {
    const struct goxel_brush *brush;
    const struct goxel_mode_traits *traits;
    struct goxel_shape *shapes; /* with their mirror images */
    size_t count;
    bool solid;                             /* what is laid on hides whatever was there */
    struct list lists[GOXEL_LEVEL_MAX + 2]; /* of the cube looked at last on each level; on top all shapes */
};

/* ---- one voxel ---- */

/* The colour with as much of its alpha as is covered. */
static struct goxel_color laid(const struct painting *painting, double part)
{
    struct goxel_color color = painting->brush->color;

    color.a = (uint8_t)(color.a * part + GOXEL_SHAPE_ROUNDING);
    return color;
}

static struct goxel_color combine(const struct painting *painting, struct goxel_color below, double part)
{
    enum goxel_mode mode = painting->brush->mode;
    struct goxel_color above = laid(painting, part);

    if (part <= 0 && !painting->traits->everywhere)
        return below;
    return goxel_mode_lay(mode, below, part > 0 ? above : (struct goxel_color){0, 0, 0, 0});
}

/* ---- from above ---- */

static void narrow(const struct painting *painting, const struct list *above, const struct goxel_box *box,
                   struct list *list)
{
    list->count = 0;
    list->all = above->all;
    for (size_t i = 0; i < above->count && !list->all; i++) {
        enum goxel_shape_cover cover = goxel_shape_cover(&painting->shapes[above->shapes[i]],
                                                         painting->brush->smoothness, box);

        if (cover == GOXEL_COVER_ALL)
            list->all = true;
        else if (cover == GOXEL_COVER_MIXED)
            list->shapes[list->count++] = above->shapes[i];
    }
}

/* One colour all over stays one colour where the covered part is the same all over. */
static int paint_uniform(const struct painting *painting, goxel_link old, double part, goxel_link *ret_link)
{
    *ret_link = goxel_link_of_color(combine(painting, goxel_link_color(old), part));
    return GOXEL_REWRITTEN;
}

static int paint_whole(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link)
{
    struct painting *painting = ctx;
    struct goxel_box box = goxel_level_box(corner, level);
    struct list *list = &painting->lists[level];
    bool uniform = old == 0 || goxel_link_is_tile(old);

    narrow(painting, &painting->lists[level + 1], &box, list);
    if (old == 0 && painting->traits->stays_empty) {
        *ret_link = 0;
        return GOXEL_REWRITTEN;
    }
    if (list->all && (uniform || painting->solid))
        return paint_uniform(painting, uniform ? old : 0, 1, ret_link);
    if (list->all || list->count > 0)
        return GOXEL_DESCEND;
    *ret_link = painting->traits->everywhere ? 0 : goxel_link_ref(old);
    return GOXEL_REWRITTEN;
}

/* ---- bricks ---- */

/* A bit for every voxel that is covered, without smoothness. */
static void cover_rows(const struct painting *painting, const struct list *list, struct goxel_pos corner,
                       uint16_t rows[GOXEL_BRICK_SIZE * GOXEL_BRICK_SIZE])
{
    memset(rows, list->all ? 0xff : 0, GOXEL_BRICK_SIZE * GOXEL_BRICK_SIZE * sizeof(rows[0]));
    for (size_t i = 0; i < list->count && !list->all; i++)
        goxel_shape_rows(&painting->shapes[list->shapes[i]], corner, rows);
}

/* Nothing or one colour before, and two colours after. */
static int paint_two(const struct painting *painting, goxel_link old,
                     const uint16_t rows[GOXEL_BRICK_SIZE * GOXEL_BRICK_SIZE], goxel_link *ret_link)
{
    struct goxel_color clear = combine(painting, goxel_link_color(old), 0),
                       set = combine(painting, goxel_link_color(old), 1);
    uint16_t some = 0, every = UINT16_MAX;
    struct goxel_brick *brick;

    for (size_t i = 0; i < GOXEL_BRICK_SIZE * GOXEL_BRICK_SIZE; i++) {
        some |= rows[i];
        every &= rows[i];
    }
    if (some == 0 || every == UINT16_MAX || goxel_color_bits(clear) == goxel_color_bits(set)) {
        *ret_link = goxel_link_of_color(some ? set : clear);
        return 0;
    }
    brick = goxel_brick_of_bits(rows, clear, set);
    if (!brick)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_link = goxel_link_of_brick(brick);
    return 0;
}

/* Colours come in runs: the last one combined is the next one's answer. */
struct memo {
    struct goxel_color below, result;
    double part;
    bool known;
};

static struct goxel_color combine_again(const struct painting *painting, struct memo *memo,
                                        struct goxel_color below, double part)
{
    if (!memo->known || memo->part != part || goxel_color_bits(memo->below) != goxel_color_bits(below))
        *memo = (struct memo){below, combine(painting, below, part), part, true};
    return memo->result;
}

static int paint_rows(const struct painting *painting, goxel_link old,
                      const uint16_t rows[GOXEL_BRICK_SIZE * GOXEL_BRICK_SIZE], goxel_link *ret_link)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS], after[GOXEL_BRICK_VOXELS];
    const struct goxel_color *before = goxel_link_read(old, buffer);
    struct memo memos[2] = {{.known = false}, {.known = false}};

    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        unsigned bit = rows[i / GOXEL_BRICK_SIZE] >> (i % GOXEL_BRICK_SIZE) & 1;

        after[i] = combine_again(painting, &memos[bit], before[i], bit);
    }
    if (memcmp(before, after, sizeof(after)) != 0)
        return goxel_link_encode(after, ret_link);
    *ret_link = goxel_link_ref(old);
    return 0;
}

static double covered_part(const struct painting *painting, const struct list *list, struct goxel_pos pos)
{
    double most = list->all;

    for (size_t i = 0; i < list->count && most < 1; i++) {
        double part = goxel_shape_part(&painting->shapes[list->shapes[i]], painting->brush->smoothness, pos);

        most = part > most ? part : most;
    }
    return most;
}

static int paint_smooth(const struct painting *painting, const struct list *list, goxel_link old,
                        struct goxel_pos corner, goxel_link *ret_link)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS], after[GOXEL_BRICK_VOXELS];
    const struct goxel_color *before = goxel_link_read(old, buffer);
    struct memo memo = {.known = false};

    for (int i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        struct goxel_pos pos = {corner.x + (i & 15), corner.y + (i >> 4 & 15), corner.z + (i >> 8)};

        after[i] = combine_again(painting, &memo, before[i], covered_part(painting, list, pos));
    }
    if (memcmp(before, after, sizeof(after)) != 0)
        return goxel_link_encode(after, ret_link);
    *ret_link = goxel_link_ref(old);
    return 0;
}

static int paint_brick(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link)
{
    const struct painting *painting = ctx;
    const struct list *list = &painting->lists[0];
    uint16_t rows[GOXEL_BRICK_SIZE * GOXEL_BRICK_SIZE];

    if (painting->brush->smoothness > 0)
        return paint_smooth(painting, list, old, corner, ret_link);
    cover_rows(painting, list, corner, rows);
    return goxel_link_is_brick(old) ? paint_rows(painting, old, rows, ret_link)
                                    : paint_two(painting, old, rows, ret_link);
}

/* ---- all of it ---- */

static unsigned mirrors_of(const struct goxel_brush *brush)
{
    return 1u << __builtin_popcount(brush->symmetry & 7);
}

/* The n-th image of a shape: each bit of n is a mirror of those that are on. */
static struct goxel_shape image_of(const struct goxel_shape *shape, const struct goxel_brush *brush,
                                   unsigned n)
{
    struct goxel_shape image = *shape;

    for (int axis = 0; axis < 3; axis++) {
        if (!(brush->symmetry >> axis & 1))
            continue;
        if (n & 1)
            image = goxel_shape_mirrored(&image, axis, brush->origin[axis]);
        n >>= 1;
    }
    return image;
}

static int check(const struct goxel_shape *shapes, size_t count, const struct goxel_brush *brush)
{
    bool good = count > 0 && goxel_mode_traits(brush->mode) && brush->symmetry <= 7 &&
                brush->smoothness >= 0 && brush->smoothness <= GOXEL_SMOOTHNESS_MAX;

    for (size_t i = 0; i < count && good; i++) {
        for (unsigned n = 0; n < mirrors_of(brush) && good; n++) {
            struct goxel_shape image = image_of(&shapes[i], brush, n);

            good = goxel_shape_valid(&image);
        }
    }
    if (!good)
        return GOXEL_ERROR_VALIDATION;
    if (brush->clip && !goxel_box_valid(brush->clip))
        return GOXEL_ERROR_INVALID_COORDINATES;
    return count * mirrors_of(brush) > GOXEL_PAINT_SHAPES_MAX ? GOXEL_ERROR_QUOTA : 0;
}

static void unite(struct goxel_box *all, const struct goxel_box *box, bool first)
{
    if (first) {
        *all = *box;
        return;
    }
    all->min = (struct goxel_pos){goxel_min(all->min.x, box->min.x), goxel_min(all->min.y, box->min.y),
                                  goxel_min(all->min.z, box->min.z)};
    all->max = (struct goxel_pos){goxel_max(all->max.x, box->max.x), goxel_max(all->max.y, box->max.y),
                                  goxel_max(all->max.z, box->max.z)};
}

/* The box around all shapes and mirror images, as far as clip and selection let them; false: nothing. */
static bool reach_of(const struct goxel_shape *shapes, size_t count, const struct goxel_brush *brush,
                     struct goxel_box *ret_box, int64_t *ret_bricks)
{
    struct goxel_box all = {{0, 0, 0}, {0, 0, 0}}, box;
    bool any = false;
    int64_t bricks = 0, whole;

    for (size_t i = 0; i < count; i++) {
        for (unsigned n = 0; n < mirrors_of(brush); n++) {
            struct goxel_shape image = image_of(&shapes[i], brush, n);

            if (!goxel_shape_bounds(&image, brush->smoothness, &box) ||
                (brush->clip && !goxel_box_intersect(&box, brush->clip, &box)))
                continue;
            bricks += goxel_box_bricks(&box);
            unite(&all, &box, !any);
            any = true;
        }
    }
    if (!any)
        return false;
    all = goxel_box_align(&all); /* the walk is to cut bricks at the clip alone */
    if (brush->within) {
        if (!goxel_volume_bounds(brush->within, &box))
            return false;
        box = goxel_box_align(&box);
        if (!goxel_box_intersect(&all, &box, &all))
            return false;
    }
    if (brush->clip && !goxel_box_intersect(&all, brush->clip, &all))
        return false;
    whole = goxel_box_bricks(&all);
    *ret_box = all;
    *ret_bricks = bricks < whole ? bricks : whole;
    return true;
}

int64_t goxel_paint_bricks(const struct goxel_shape *shapes, size_t count, const struct goxel_brush *brush)
{
    struct goxel_box box;
    int64_t bricks = 0;

    if (check(shapes, count, brush) || !reach_of(shapes, count, brush, &box, &bricks))
        return 0;
    return bricks;
}

static void finish(struct painting *painting)
{
    for (size_t i = 0; i < sizeof(painting->lists) / sizeof(painting->lists[0]); i++)
        free(painting->lists[i].shapes);
    free(painting->shapes);
}

static int prepare(struct painting *painting, const struct goxel_shape *shapes, size_t count)
{
    unsigned mirrors = mirrors_of(painting->brush);
    struct list *top = &painting->lists[GOXEL_LEVEL_MAX + 1];

    painting->count = count * mirrors;
    painting->shapes = calloc(painting->count, sizeof(*painting->shapes));
    if (!painting->shapes)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < painting->count; i++)
        painting->shapes[i] = image_of(&shapes[i / mirrors], painting->brush, (unsigned)(i % mirrors));
    for (size_t i = 0; i < sizeof(painting->lists) / sizeof(painting->lists[0]); i++) {
        painting->lists[i].shapes = calloc(painting->count, sizeof(uint32_t));
        if (!painting->lists[i].shapes)
            return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < painting->count; i++)
        top->shapes[i] = (uint32_t)i;
    top->count = painting->count;
    return 0;
}

/* The level of a volume's octants is below the lists' top: what is in between is the same list. */
static void begin_at(struct painting *painting, int level)
{
    struct list *top = &painting->lists[GOXEL_LEVEL_MAX + 1], *first = &painting->lists[level + 1];

    if (first != top) {
        memcpy(first->shapes, top->shapes, top->count * sizeof(top->shapes[0]));
        first->count = top->count;
    }
}

/* What lies outside of the clip, where it cuts a brick, is left alone by the walk. */
static int paint_all(struct painting *painting, struct goxel_volume *volume, const struct goxel_box *reach,
                     struct goxel_cancel *cancel)
{
    static const struct goxel_rewrite how = {.whole = paint_whole, .brick = paint_brick};
    bool everywhere = painting->traits->everywhere;
    const struct goxel_box *box = everywhere ? painting->brush->clip : reach;
    int code = box ? goxel_tree_reach(volume, box->min) : 0;

    if (!code && box)
        code = goxel_tree_reach(volume, box->max);
    if (code)
        return code;
    begin_at(painting, volume->level);
    return goxel_volume_rewrite(volume, box, &how, painting, cancel);
}

/* A volume takes over what another one has become. */
static void take(struct goxel_volume *volume, struct goxel_volume *from)
{
    struct goxel_volume was = *volume;

    *volume = *from;
    *from = was;
}

int goxel_paint_shapes(struct goxel_volume *volume, const struct goxel_shape *shapes, size_t count,
                       const struct goxel_brush *brush, struct goxel_cancel *cancel)
{
    struct painting painting = {
        .brush = brush,
    };
    struct goxel_volume *painted;
    struct goxel_box reach = {{0, 0, 0}, {0, 0, 0}};
    int64_t bricks;
    int code = check(shapes, count, brush);

    if (code)
        return code;
    painting.traits = goxel_mode_traits(brush->mode);
    if (!reach_of(shapes, count, brush, &reach, &bricks) && !painting.traits->everywhere)
        return 0;
    painted = goxel_volume_copy(volume);
    painting.solid = brush->color.a >= painting.traits->hides_from;
    code = painted ? prepare(&painting, shapes, count) : GOXEL_ERROR_OUT_OF_MEMORY;
    if (!code)
        code = paint_all(&painting, painted, &reach, cancel);
    if (!code && brush->within)
        code = goxel_volume_confine(painted, volume, brush->within, cancel);
    if (!code)
        take(volume, painted);
    finish(&painting);
    goxel_volume_destroy(painted);
    return code;
}

/* ---- strokes ---- */

static int check_stamp(const struct goxel_stamp *stamp, const struct goxel_pos *points, size_t count)
{
    bool good = count > 0 && (unsigned)stamp->kind < GOXEL_SHAPE_KINDS && (unsigned)stamp->axis < 3;

    for (int i = 0; i < 3; i++)
        good = good && stamp->size[i] >= 1 && stamp->size[i] <= GOXEL_COORD_MAX;
    if (!good)
        return GOXEL_ERROR_VALIDATION;
    for (size_t i = 0; i < count; i++) {
        if (!goxel_pos_valid(points[i]))
            return GOXEL_ERROR_INVALID_COORDINATES;
    }
    return 0;
}

/* Steps of a line: along its longest axis. */
static int steps_between(struct goxel_pos a, struct goxel_pos b)
{
    return goxel_max(abs(b.x - a.x), goxel_max(abs(b.y - a.y), abs(b.z - a.z)));
}

/* The nearest whole number to a + (b − a)·i/n, halves away from a. */
static double step_of(int32_t a, int32_t b, int i, int n)
{
    int64_t way = (int64_t)(b - a) * i * 2, sign = way < 0 ? -1 : 1;

    return n == 0 ? a : (double)(a + sign * ((sign * way + n) / (2 * (int64_t)n)));
}

static struct goxel_shape stamp_at(const struct goxel_stamp *stamp, const double at[3])
{
    struct goxel_shape shape = {.kind = stamp->kind, .axis = stamp->axis};

    for (int i = 0; i < 3; i++) {
        shape.half[i] = stamp->size[i] / 2.0;
        shape.center[i] = at[i] + (stamp->size[i] % 2 ? 0.5 : 0);
    }
    return shape;
}

/* From one point to the next, the second one included, the first one not. */
static size_t add_line(const struct goxel_stamp *stamp, struct goxel_pos a, struct goxel_pos b,
                       struct goxel_shape *shapes)
{
    int n = steps_between(a, b);

    for (int i = 1; i <= n; i++) {
        const double at[3] = {step_of(a.x, b.x, i, n), step_of(a.y, b.y, i, n), step_of(a.z, b.z, i, n)};

        shapes[i - 1] = stamp_at(stamp, at);
    }
    return (size_t)n;
}

int goxel_stroke_shapes(const struct goxel_stamp *stamp, const struct goxel_pos *points, size_t count,
                        struct goxel_shape **ret_shapes, size_t *ret_count)
{
    int code = check_stamp(stamp, points, count);
    struct goxel_shape *shapes;
    size_t total = 1, used = 1;

    if (code)
        return code;
    for (size_t i = 1; i < count && total <= GOXEL_PAINT_SHAPES_MAX; i++)
        total += (size_t)steps_between(points[i - 1], points[i]);
    if (total > GOXEL_PAINT_SHAPES_MAX)
        return GOXEL_ERROR_QUOTA;
    shapes = calloc(total, sizeof(*shapes));
    if (!shapes)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    shapes[0] = stamp_at(stamp, (const double[3]){points[0].x, points[0].y, points[0].z});
    for (size_t i = 1; i < count; i++)
        used += add_line(stamp, points[i - 1], points[i], shapes + used);
    *ret_shapes = shapes;
    *ret_count = used;
    return 0;
}
