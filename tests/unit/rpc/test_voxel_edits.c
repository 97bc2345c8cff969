/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Edits of voxels compared, position by position, with what the row of the method says: everywhere, and confined to a
 * selection. Each is undone, which gives back what was there.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/modes.h"
#include "cube.h"

static struct rig rig;
static struct cube was, wanted, is;
static const struct goxel_color none = {0, 0, 0, 0};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void start(int radius)
{
    rig_start_with(&rig, goxel_methods, "limits { max_edit_bricks = 600 max_result_voxels = 5000 }\n");
    rig_do(&rig, "project.create", "['house']");
    cube_scatter(&rig, radius, 7);
}

/* What a position becomes, of what was there (`was`). */
typedef struct goxel_color rule(const void *ctx, struct goxel_pos pos);

static bool is_selected(struct goxel_pos pos)
{
    return pos.x >= -4 && pos.x <= 3 && pos.y >= -12 && pos.y <= 2 && pos.z >= -3 && pos.z <= 12;
}
#define SELECTED "{'region':{'min':[-4,-12,-3],'max':[3,2,12]}}"

static void expect_one(const char *method, const char *params, rule *become, const void *ctx, bool within)
{
    unsigned added = 0, removed = 0, recolored = 0;
    char text[128];

    cube_read(&rig, 1, &was);
    for (int i = 0; i < CUBE_VOXELS; i++) {
        struct goxel_pos pos = cube_pos(i);

        wanted.at[i] = within && !is_selected(pos) ? was.at[i] : become(ctx, pos);
        added += !was.at[i].a && wanted.at[i].a;
        removed += was.at[i].a && !wanted.at[i].a;
        recolored += was.at[i].a && wanted.at[i].a &&
                     memcmp(&was.at[i], &wanted.at[i], sizeof(was.at[i])) != 0;
    }
    CU_ASSERT(added + removed + recolored > 0);
    snprintf(text, sizeof(text), "{'added':%u,'removed':%u,'recolored':%u,'layer_id':1}", added, removed,
             recolored);
    CHECK(rig_call(&rig, method, params), text);
    cube_read(&rig, 1, &is);
    if (memcmp(&is, &wanted, sizeof(is)) != 0)
        CHECK(params, within ? "as it should be, confined" : "as it should be");
    rig_do(&rig, "project.undo", NULL);
    cube_read(&rig, 1, &is);
    CU_ASSERT(memcmp(&is, &was, sizeof(is)) == 0);
}

/* `params` is an object. */
static void expect(const char *method, const char *params, rule *become, const void *ctx)
{
    char confined[512];

    expect_one(method, params, become, ctx, false);
    rig_do(&rig, "selection.set", SELECTED);
    snprintf(confined, sizeof(confined), "%.*s,'within':'selection'}", (int)strlen(params) - 1, params);
    expect_one(method, confined, become, ctx, true);
    rig_do(&rig, "selection.clear", NULL);
}

/* ---- shapes ---- */

struct drawing {
    char kind; /* of the shape: its first letter */
    int axis;
    double center[3], size[3];
    bool mirrored_y;
    enum goxel_mode mode;
    struct goxel_color color;
};

static bool covers(const struct drawing *d, struct goxel_pos pos)
{
    double p[3] = {(pos.x + 0.5 - d->center[0]) / d->size[0], (pos.y + 0.5 - d->center[1]) / d->size[1],
                   (pos.z + 0.5 - d->center[2]) / d->size[2]};
    double square = 0;

    for (int i = 0; i < 3; i++) {
        if (fabs(p[i]) > 0.5)
            return false;
        if (d->kind == 's' || (d->kind == 'c' && i != d->axis))
            square += p[i] * p[i];
    }
    return square <= 0.25 + 1e-12;
}

static struct goxel_color draw(const void *ctx, struct goxel_pos pos)
{
    const struct drawing *d = ctx;
    struct goxel_pos mirrored = {pos.x, -pos.y - 1, pos.z};

    if (covers(d, pos) || (d->mirrored_y && covers(d, mirrored)))
        return goxel_mode_combine(d->mode, cube_get(&was, pos), d->color);
    return goxel_mode_traits(d->mode)->everywhere ? none : cube_get(&was, pos);
}

static void shapes(void)
{
    static const struct {
        const char *params;
        struct drawing drawing;
    } rows[] = {
        {"{'shape':'cube','color':[1,2,3],'box':{'min':[-3,-2,-5],'max':[4,0,7]}}",
         {'b', 2, {1, -0.5, 1.5}, {8, 3, 13}, false, GOXEL_MODE_OVER, {1, 2, 3, 255}}},
        {"{'shape':'cube','color':[1,2,3],'center':[0,0,0],'size':[10,10,10],'mode':'add'}",
         {'b', 2, {0, 0, 0}, {10, 10, 10}, false, GOXEL_MODE_OVER, {1, 2, 3, 255}}},
        {"{'shape':'sphere','color':[1,2,3,99],'center':[0.5,1.5,-2],'size':{'x':9,'y':14,'z':7},'mode':'over'}",
         {'s', 2, {0.5, 1.5, -2}, {9, 14, 7}, false, GOXEL_MODE_OVER, {1, 2, 3, 99}}},
        {"{'shape':'sphere','color':[1,2,3],'box':{'min':[-6,-6,-6],'max':[6,6,6]},'mode':'sub'}",
         {'s', 2, {0.5, 0.5, 0.5}, {13, 13, 13}, false, GOXEL_MODE_SUB, {1, 2, 3, 255}}},
        {"{'shape':'cylinder','color':[250,2,3,200],'box':{'min':[-6,-6,-6],'max':[6,6,6]},'mode':'paint'}",
         {'c', 2, {0.5, 0.5, 0.5}, {13, 13, 13}, false, GOXEL_MODE_PAINT, {250, 2, 3, 200}}},
        {"{'shape':'cylinder','color':[1,2,3,200],'center':[0,0,0],'size':[14,6,6],'axis':'x','mode':'max'}",
         {'c', 0, {0, 0, 0}, {14, 6, 6}, false, GOXEL_MODE_MAX, {1, 2, 3, 200}}},
        {"{'shape':'sphere','color':[1,2,3,200],'center':[0,0,0],'size':[14,14,14],'mode':'intersect'}",
         {'s', 2, {0, 0, 0}, {14, 14, 14}, false, GOXEL_MODE_INTERSECT, {1, 2, 3, 200}}},
        {"{'shape':'sphere','color':[1,2,3,100],'center':[2,4,0],'size':[9,9,9],'symmetry':'y'}",
         {'s', 2, {2, 4, 0}, {9, 9, 9}, true, GOXEL_MODE_OVER, {1, 2, 3, 100}}},
    };

    start(8);
    for (size_t i = 0; i < COUNT(rows); i++)
        expect("voxel.shape", rows[i].params, draw, &rows[i].drawing);
    rig_stop(&rig);
}

/* A smooth edge lays on a part of the colour; the middle and what is far from it are as without. */
static void smooth_shapes(void)
{
    struct goxel_color color;

    start(1);
    rig_do(&rig, "voxel.clear", "['all']");
    rig_do(&rig, "voxel.shape",
           "{'shape':'cube','color':[9,9,9],'center':[0,0,0],'size':[12,12,12],'smoothness':2}");
    cube_read(&rig, 1, &is);
    CU_ASSERT_EQUAL(cube_get(&is, (struct goxel_pos){0, 0, 0}).a, 255);
    CU_ASSERT_EQUAL(cube_get(&is, (struct goxel_pos){9, 0, 0}).a, 0);
    color = cube_get(&is, (struct goxel_pos){6, 0, 0}); /* half a voxel outside: 1/2 - 1/8 */
    CU_ASSERT(color.a > 80 && color.a < 110);
    rig_stop(&rig);
}

static void what_shapes_refuse(void)
{
    start(1);
    CHECK(rig_call(&rig, "voxel.shape", "['cube','#010203']"), "-32602 center");
    CHECK(rig_call(&rig, "voxel.shape", "{'shape':'cube','color':'#010203','center':[0,0,0]}"),
          "-32602 size");
    CHECK(rig_call(&rig, "voxel.shape",
                   "{'shape':'cube','color':'#010203','center':[0,0,0],'box':{'min':[0,0,0],'max':[1,1,1]}}"),
          "-32602 center");
    CHECK(rig_call(&rig, "voxel.shape",
                   "{'shape':'cube','color':'#010203','size':[1,1,1],'box':{'min':[0,0,0],'max':[1,1,1]}}"),
          "-32602 size");
    CHECK(rig_call(&rig, "voxel.shape", "{'shape':'cube','color':'#010203','center':[0,0,0],'size':[1,0,1]}"),
          "-32602 size");
    CHECK(
        rig_call(&rig, "voxel.shape", "{'shape':'cube','color':'#01020300','center':[0,0,0],'size':[1,1,1]}"),
        "-1004 color");
    CHECK(rig_call(&rig, "voxel.shape",
                   "{'shape':'cube','color':'#010203','center':[0,0,0],'size':[900,900,900]}"),
          "-1014 limits.max_edit_bricks");
    CHECK(rig_call(&rig, "voxel.shape",
                   "{'shape':'cube','color':'#010203','center':[0,0,0],'size':[1,1,1],'layer_id':'x'}"),
          "-1002 layer_id");
    rig_stop(&rig);
}

/* ---- lines and strokes ---- */

static bool in_box(struct goxel_pos pos, int x0, int y0, int z0, int x1, int y1, int z1)
{
    return pos.x >= x0 && pos.x <= x1 && pos.y >= y0 && pos.y <= y1 && pos.z >= z0 && pos.z <= z1;
}

static struct goxel_color if_drawn(struct goxel_pos pos, bool drawn)
{
    static const struct goxel_color color = {1, 2, 3, 100};

    return drawn ? goxel_mode_combine(GOXEL_MODE_OVER, cube_get(&was, pos), color) : cube_get(&was, pos);
}

static struct goxel_color straight(const void *ctx, struct goxel_pos pos)
{
    (void)ctx;
    return if_drawn(pos, in_box(pos, -5, 2, 1, 3, 2, 1));
}

static struct goxel_color diagonal(const void *ctx, struct goxel_pos pos)
{
    (void)ctx;
    return if_drawn(pos, pos.x == pos.y && pos.z == -pos.x && pos.x >= -5 && pos.x <= 6);
}

static struct goxel_color thick(const void *ctx, struct goxel_pos pos)
{
    (void)ctx;
    return if_drawn(pos, in_box(pos, -1, -6, -1, 1, 5, 1));
}

/* There and back again, and up at its end: one layer of paint only. */
static struct goxel_color corner(const void *ctx, struct goxel_pos pos)
{
    (void)ctx;
    return if_drawn(pos, in_box(pos, -5, 0, 0, 5, 0, 0) || in_box(pos, 0, 0, 0, 0, 0, 8));
}

static struct goxel_color dot(const void *ctx, struct goxel_pos pos)
{
    (void)ctx;
    return if_drawn(pos, in_box(pos, 2, 1, 0, 2, 1, 0));
}

static void lines(void)
{
    start(6);
    expect("voxel.line", "{'from':[-5,2,1],'to':[3,2,1],'color':[1,2,3,100]}", straight, NULL);
    expect("voxel.line", "{'from':{'x':6,'y':6,'z':-6},'to':[-5,-5,5],'color':[1,2,3,100]}", diagonal, NULL);
    expect("voxel.line", "{'from':[0,-5,0],'to':[0,4,0],'color':[1,2,3,100],'size':3}", thick, NULL);
    expect("voxel.stroke", "{'points':[[-5,0,0],[5,0,0],[0,0,0],[0,0,8]],'color':[1,2,3,100]}", corner, NULL);
    expect("voxel.stroke", "{'points':[{'x':2,'y':1,'z':0}],'color':[1,2,3,100]}", dot, NULL);
    CHECK(rig_call(&rig, "voxel.stroke", "{'points':[],'color':[1,2,3]}"), "-32602 points");
    CHECK(rig_call(&rig, "voxel.stroke", "{'points':[[0,0,0],[1,1]],'color':[1,2,3]}"), "-32602 points[1]");
    CHECK(rig_call(&rig, "voxel.stroke", "{'points':[[0,0,9999999]],'color':[1,2,3]}"), "-1003 points[0][2]");
    CHECK(rig_call(&rig, "voxel.line", "{'from':[0,0,0],'to':[70000,0,0],'color':[1,2,3]}"), "-1014 ");
    CHECK(rig_call(&rig, "voxel.line", "{'from':[0,0,0],'to':[40000,0,0],'color':[1,2,3],'symmetry':'x'}"),
          "-1014 ");
    CHECK(rig_call(&rig, "voxel.line", "{'from':[0,0,0],'to':[1,0,0],'color':[1,2,3],'size':0}"),
          "-32602 size");
    rig_stop(&rig);
}

/* ---- floods and colours ---- */

struct filling {
    struct goxel_pos seed;
    int tolerance, neighbours;
    bool reached[CUBE_VOXELS];
};

static struct goxel_color pour(const void *ctx, struct goxel_pos pos)
{
    const struct filling *filling = ctx;

    return filling->reached[cube_index(pos)] ? (struct goxel_color){1, 2, 3, 255} : cube_get(&was, pos);
}

static void floods(void)
{
    static const int neighbours[] = {6, 18, 26}, tolerances[] = {0, 10, 255};
    static struct filling filling;
    char params[256];

    start(3);
    cube_read(&rig, 1, &was);
    filling.seed = (struct goxel_pos){0, 0, 0};
    while (!cube_get(&was, filling.seed).a)
        filling.seed.x++;
    for (int i = 0; i < 9; i++) {
        filling.neighbours = neighbours[i / 3];
        filling.tolerance = tolerances[i % 3];
        cube_flood(&was, filling.seed, filling.tolerance, filling.neighbours, filling.reached);
        snprintf(params, sizeof(params),
                 "{'x':%d,'y':0,'z':0,'color':[1,2,3],'tolerance':%d,'connectivity':%d}", filling.seed.x,
                 filling.tolerance, filling.neighbours);
        expect("voxel.flood_fill", params, pour, &filling);
    }
    /* Empty space is filled as far as it is let. */
    cube_flood(&was, (struct goxel_pos){-12, -12, -12}, 0, 6, filling.reached);
    expect("voxel.flood_fill",
           "{'x':-12,'y':-12,'z':-12,'color':[1,2,3],'region':{'min':[-12,-12,-12],'max':[12,12,12]}}", pour,
           &filling);
    CHECK(rig_call(&rig, "voxel.flood_fill", "{'x':-12,'y':-12,'z':-12,'color':[1,2,3]}"), "-1014 ");
    CHECK(rig_call(&rig, "voxel.flood_fill", "{'x':0,'y':0,'z':0,'color':[1,2,3],'connectivity':7}"),
          "-32602 connectivity");
    CHECK(rig_call(&rig, "voxel.flood_fill",
                   "{'x':0,'y':0,'z':0,'color':[1,2,3],'region':{'min':[1,0,0],'max':[2,2,2]}}"),
          "-1003 region");
    CHECK(rig_call(&rig, "voxel.flood_fill", "[0,0,0,[1,2,3,0]]"), "-1004 color");
    rig_stop(&rig);
}

static struct goxel_color replace(const void *ctx, struct goxel_pos pos)
{
    struct goxel_color color = cube_get(&was, pos);
    int tolerance = *(const int *)ctx;

    if (color.a != 255 || abs(color.r - 60) > tolerance || abs(color.g - 199) > tolerance || pos.z > 5)
        return color;
    return (struct goxel_color){7, 8, 9, 255};
}

static void colors_are_replaced(void)
{
    static const int exactly = 0, nearly = 10;

    start(8);
    expect("voxel.replace_color",
           "{'from':[60,199,0],'to':[7,8,9],'region':{'min':[-12,-12,-12],'max':[12,12,5]}}", replace,
           &exactly);
    expect("voxel.replace_color",
           "{'from':'#3cc700','to':'#070809','tolerance':10,'region':{'min':[-12,-12,-12],'max':[12,12,5]}}",
           replace, &nearly);
    CHECK(rig_call(&rig, "voxel.replace_color", "['#00000000','#010203']"), "-1004 from");
    CHECK(rig_call(&rig, "voxel.replace_color", "['#010203','#00000000']"), "-1004 to");
    CHECK(rig_call(&rig, "voxel.replace_color", "['#010203','#040506']"),
          "{'added':0,'removed':0,'recolored':0,'layer_id':1}");
    rig_stop(&rig);
}

/* ---- hollow ---- */

static struct goxel_color shell(const void *ctx, struct goxel_pos pos)
{
    int thickness = *(const int *)ctx;

    for (int axis = 0; axis < 3; axis++) {
        for (int step = -thickness; step <= thickness; step++) {
            struct goxel_pos p = pos;

            *(axis == 0 ? &p.x : axis == 1 ? &p.y : &p.z) += step;
            if (!cube_get(&was, p).a)
                return cube_get(&was, pos);
        }
    }
    return none;
}

static void things_are_hollowed(void)
{
    static const int one = 1;

    start(8);
    rig_do(&rig, "voxel.shape", "{'shape':'sphere','color':[1,2,3],'center':[0,0,0],'size':[20,16,18]}");
    expect("voxel.hollow", "{'layer_id':1}", shell, &one);
    expect("voxel.hollow", "{'thickness':1}", shell, &one);
    rig_stop(&rig);
}

/* ---- transform, copy, extrude ---- */

static struct goxel_color moved(const void *ctx, struct goxel_pos pos)
{
    (void)ctx;
    return cube_get(&was, (struct goxel_pos){pos.x - 2, pos.y + 3, pos.z - 1});
}

static struct goxel_color turned_z(const void *ctx, struct goxel_pos pos)
{
    (void)ctx;
    return cube_get(&was, (struct goxel_pos){pos.y, -pos.x - 1, pos.z});
}

/* Two turns about the middle of the voxel at x 1, y, z 0. */
static struct goxel_color turned_x(const void *ctx, struct goxel_pos pos)
{
    (void)ctx;
    return cube_get(&was, (struct goxel_pos){pos.x, -pos.y, -pos.z});
}

static struct goxel_color mirrored(const void *ctx, struct goxel_pos pos)
{
    (void)ctx;
    return cube_get(&was, (struct goxel_pos){2 - pos.x, pos.y, pos.z}); /* at 1.5 */
}

/* Mirrored in y, then turned about z, then moved. */
static struct goxel_color all_of_them(const void *ctx, struct goxel_pos pos)
{
    struct goxel_pos back = {pos.x - 1, pos.y - 2, pos.z - 3}, unturned = {back.y, -back.x - 1, back.z};

    (void)ctx;
    return cube_get(&was, (struct goxel_pos){unturned.x, -unturned.y - 1, unturned.z});
}

static int halved(int v)
{
    return v >= 0 ? v / 2 : (v - 1) / 2;
}

static struct goxel_color doubled(const void *ctx, struct goxel_pos pos)
{
    (void)ctx;
    return cube_get(&was, (struct goxel_pos){halved(pos.x), halved(pos.y), halved(pos.z)});
}

static void voxels_are_transformed(void)
{
    start(5);
    expect("voxel.transform", "{'translate':[2,-3,1]}", moved, NULL);
    expect("voxel.transform", "{'rotate':'z'}", turned_z, NULL);
    expect("voxel.transform", "{'rotate':'z','turns':-3}", turned_z, NULL);
    expect("voxel.transform", "{'rotate':'x','turns':2,'center':[1.5,0.5,0.5]}", turned_x, NULL);
    expect("voxel.transform", "{'mirror':'x','center':[1.5,0,0]}", mirrored, NULL);
    expect("voxel.transform", "{'translate':[1,2,3],'rotate':'z','mirror':'y'}", all_of_them, NULL);
    expect("voxel.transform", "{'scale':'double'}", doubled, NULL);
    rig_stop(&rig);
}

static void halving_undoes_doubling(void)
{
    start(5);
    cube_read(&rig, 1, &was);
    rig_do(&rig, "voxel.transform", "{'scale':'double'}");
    rig_do(&rig, "voxel.transform", "{'scale':'half'}");
    cube_read(&rig, 1, &is);
    CU_ASSERT(memcmp(&is, &was, sizeof(is)) == 0);
    rig_stop(&rig);
}

static void what_transform_refuses(void)
{
    start(1);
    CHECK(rig_call(&rig, "voxel.transform", NULL), "-32602 translate");
    CHECK(rig_call(&rig, "voxel.transform", "{'turns':1}"), "-32602 translate");
    CHECK(rig_call(&rig, "voxel.transform", "{'mirror':'x','center':[0.25,0,0]}"), "-32602 center");
    CHECK(rig_call(&rig, "voxel.transform", "{'rotate':'x','center':[0,0.5,0]}"), "-32602 center");
    CHECK(rig_call(&rig, "voxel.transform", "{'translate':[1048575,0,0]}"), "-1003 translate");
    CHECK(rig_call(&rig, "voxel.transform", "{'rotate':'z','turns':4}"), "-32602 turns");
    rig_do(&rig, "voxel.add", "[1000000,0,0,'#010203']");
    CHECK(rig_call(&rig, "voxel.transform", "{'scale':'double'}"), "-1003 scale");
    CHECK(rig_call(&rig, "voxel.transform", "{'mirror':'x','center':[-500000,0,0]}"), "-1003 center");
    rig_stop(&rig);
}

static struct goxel_color copied_over(const void *ctx, struct goxel_pos pos)
{
    struct goxel_pos from = {pos.x - 5, pos.y + 2, pos.z - 1};
    struct goxel_color there = cube_get(&was, pos), piece = cube_get(&was, from);
    bool replaces = *(const bool *)ctx;

    if (!in_box(from, -4, -3, -2, 2, 5, 3))
        return there;
    return replaces || !piece.a ? (replaces ? piece : there)
                                : goxel_mode_combine(GOXEL_MODE_OVER, there, piece);
}

static void boxes_are_copied(void)
{
    static const bool over = false, replaces = true;

    start(7);
    expect("voxel.copy", "{'region':{'min':[-4,-3,-2],'max':[2,5,3]},'to':[1,-5,-1]}", copied_over, &over);
    expect("voxel.copy", "{'region':{'min':[-4,-3,-2],'max':[2,5,3]},'to':[1,-5,-1],'mode':'replace'}",
           copied_over, &replaces);
    /* From one layer to another. */
    rig_do(&rig, "layer.create", "['other']");
    rig_do(&rig, "voxel.copy",
           "{'region':{'min':[-12,-12,-12],'max':[12,12,12]},'to':[-12,-12,-12],'source_id':1}");
    cube_read(&rig, 1, &was);
    cube_read(&rig, 2, &is);
    CU_ASSERT(memcmp(&is, &was, sizeof(is)) == 0);
    CHECK(rig_call(&rig, "voxel.copy", "{'region':{'min':[0,0,0],'max':[9,9,9]},'to':[1048570,0,0]}"),
          "-1003 to");
    CHECK(
        rig_call(&rig, "voxel.copy", "{'region':{'min':[0,0,0],'max':[9,9,9]},'to':[0,0,0],'source_id':'x'}"),
        "-1002 source_id");
    rig_stop(&rig);
}

/* A face at z 0 that looks up, of two parts; on one of them something stands. */
static void build_face(void)
{
    start(1);
    rig_do(&rig, "voxel.clear", "['all']");
    rig_do(&rig, "voxel.fill", "[{'min':[-5,-5,-3],'max':[5,5,0]},[10,20,30]]");
    rig_do(&rig, "voxel.fill", "[{'min':[0,-5,1],'max':[0,5,2]},[9,9,9]]"); /* a wall */
    rig_do(&rig, "voxel.fill", "[{'min':[-3,-5,0],'max':[-3,-3,0]},[40,50,60]]");
}

static struct goxel_color pulled(const void *ctx, struct goxel_pos pos)
{
    int distance = *(const int *)ctx;
    bool over = in_box(pos, -5, -5, 1, -1, 5, distance), of_it = in_box(pos, -5, -5, 1 + distance, -1, 5, 0);

    if (distance > 0 && over)
        return cube_get(&was, (struct goxel_pos){pos.x, pos.y, 0});
    return distance < 0 && of_it ? none : cube_get(&was, pos);
}

static void faces_are_extruded(void)
{
    static const int out = 4, in = -2;

    build_face();
    expect("voxel.extrude", "{'x':-2,'y':0,'z':0,'direction':'+z','distance':4}", pulled, &out);
    expect("voxel.extrude", "{'x':-2,'y':0,'z':0,'direction':'+z','distance':-2}", pulled, &in);
    /* With a tolerance the other colour is not of the face. */
    rig_do(&rig, "voxel.extrude", "{'x':-3,'y':-4,'z':0,'direction':'+z','distance':1,'tolerance':0}");
    CHECK(rig_call(&rig, "voxel.get", "[-3,-4,1]"),
          "{'x':-3,'y':-4,'z':1,'exists':true,'color':[40,50,60,255],'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.get", "[-2,-4,1]"),
          "{'x':-2,'y':-4,'z':1,'exists':false,'color':null,'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.extrude", "{'x':0,'y':0,'z':0,'direction':'+z'}"), "-1018 ");
    CHECK(rig_call(&rig, "voxel.extrude", "{'x':0,'y':9,'z':0,'direction':'+z'}"), "-1018 ");
    CHECK(rig_call(&rig, "voxel.extrude", "{'x':-2,'y':0,'z':0,'direction':'up'}"), "-32602 direction");
    CHECK(rig_call(&rig, "voxel.extrude", "{'x':-2,'y':0,'z':0,'direction':'+z','distance':2000000}"),
          "-1014 limits.max_edit_bricks");
    rig_stop(&rig);
}

/* ---- the older ones, confined ---- */

static void single_voxels_keep_to_the_selection(void)
{
    start(1);
    rig_do(&rig, "voxel.clear", "['all']");
    CHECK(rig_call(&rig, "voxel.add", "{'x':0,'y':0,'z':0,'color':[1,2,3],'within':'selection'}"),
          "{'x':0,'y':0,'z':0,'color':[1,2,3,255],'layer_id':1,'kept':true}"); /* nothing is selected */
    rig_do(&rig, "selection.set", "{'region':{'min':[0,0,0],'max':[0,0,0]}}");
    CHECK(rig_call(&rig, "voxel.add", "{'x':0,'y':0,'z':0,'color':[1,2,3],'within':'selection'}"),
          "{'x':0,'y':0,'z':0,'color':[1,2,3,255],'layer_id':1}");
    rig_do(&rig, "voxel.add", "[1,0,0,[1,2,3]]");
    CHECK(rig_call(&rig, "voxel.paint", "{'x':1,'y':0,'z':0,'color':[9,9,9],'within':'selection'}"),
          "{'x':1,'y':0,'z':0,'color':[9,9,9,255],'layer_id':1,'painted':false}");
    CHECK(rig_call(&rig, "voxel.paint", "{'x':0,'y':0,'z':0,'color':[9,9,9],'within':'selection'}"),
          "{'x':0,'y':0,'z':0,'color':[9,9,9,255],'layer_id':1,'painted':true}");
    CHECK(rig_call(&rig, "voxel.remove", "{'x':1,'y':0,'z':0,'within':'selection'}"),
          "{'x':1,'y':0,'z':0,'layer_id':1,'removed':false}");
    CHECK(rig_call(&rig, "voxel.remove", "{'x':0,'y':0,'z':0,'within':'selection'}"),
          "{'x':0,'y':0,'z':0,'layer_id':1,'removed':true}");
    CHECK(rig_call(&rig, "voxel.add", "{'x':0,'y':0,'z':0,'color':[1,2,3],'within':'everything'}"),
          "-32602 within");
    rig_stop(&rig);
}

static void paint_one(void)
{
    start(1);
    rig_do(&rig, "voxel.add", "[5,5,5,[1,2,3]]");
    rig_edit(&rig, "voxel.paint", "[5,5,5,[4,5,6,7]]");
    CHECK(rig_call(&rig, "voxel.get", "[5,5,5]"),
          "{'x':5,'y':5,'z':5,'exists':true,'color':[4,5,6,7],'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.paint", "[6,5,5,[4,5,6]]"),
          "{'x':6,'y':5,'z':5,'color':[4,5,6,255],'layer_id':1,'painted':false}");
    CHECK(rig_call(&rig, "voxel.get", "[6,5,5]"),
          "{'x':6,'y':5,'z':5,'exists':false,'color':null,'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.paint", "[5,5,5,[4,5,6,0]]"), "-1004 color");
    rig_stop(&rig);
}

/* A box of eight, half of it there, half of it selected. */
static void boxes_keep_to_the_selection(void)
{
    static const struct {
        const char *mode, *filled;
        int added;
    } rows[] = {{"replace", "4", 2}, {"keep", "2", 2}, {"paint", "2", 0}};
    char params[256], reply[256];

    start(1);
    rig_do(&rig, "voxel.clear", "['all']");
    rig_do(&rig, "voxel.fill", "[{'min':[0,0,0],'max':[1,1,0]},[1,1,1]]");
    rig_do(&rig, "selection.set", "{'region':{'min':[1,-5,-5],'max':[9,9,9]}}");
    for (size_t i = 0; i < COUNT(rows); i++) {
        snprintf(params, sizeof(params),
                 "{'region':{'min':[0,0,0],'max':[1,1,1]},'color':[2,2,2],'mode':'%s','within':'selection'}",
                 rows[i].mode);
        snprintf(
            reply, sizeof(reply),
            "{'region':{'min':[0,0,0],'max':[1,1,1]},'color':[2,2,2,255],'filled':%s,'added':%d,'layer_id':1}",
            rows[i].filled, rows[i].added);
        CHECK(rig_call(&rig, "voxel.fill", params), reply);
        CHECK(rig_call(&rig, "voxel.get", "[0,0,0]"),
              "{'x':0,'y':0,'z':0,'exists':true,'color':[1,1,1,255],'layer_id':1}");
        rig_do(&rig, "project.undo", NULL);
    }
    CHECK(rig_call(&rig, "voxel.clear", "{'scope':'all','within':'selection'}"), "{'removed':2,'layers':1}");
    CHECK(rig_call(&rig, "voxel.query", NULL),
          "{'voxels':[{'x':0,'y':0,'z':0,'color':[1,1,1,255]},{'x':0,'y':1,'z':0,'color':[1,1,1,255]}],"
          "'count':2,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.add_batch", "{'voxels':[[0,0,0,5,5,5],[1,0,0,5,5,5]],'within':'selection'}"),
          "{'count':2,'added':1,'replaced':0,'kept':1,'layer_id':1}");
    rig_stop(&rig);
}

/* Every method that takes `within`: a call that changes something, and nothing where nothing is selected. */
static void every_edit_keeps_to_the_selection(void)
{
    static const struct {
        const char *method, *params;
    } rows[] = {
        {"voxel.add", "{'x':9,'y':9,'z':9,'color':[1,2,3]"},
        {"voxel.remove", "{'x':0,'y':0,'z':0"},
        {"voxel.paint", "{'x':0,'y':0,'z':0,'color':[1,2,3]"},
        {"voxel.add_batch", "{'voxels':[[9,9,9,1,2,3]]"},
        {"voxel.fill", "{'region':{'min':[0,0,0],'max':[9,9,9]},'color':[1,2,3]"},
        {"voxel.clear", "{'scope':'layer'"},
        {"voxel.shape", "{'shape':'sphere','color':[1,2,3],'center':[0,0,0],'size':[9,9,9]"},
        {"voxel.line", "{'from':[0,0,0],'to':[9,0,0],'color':[1,2,3]"},
        {"voxel.stroke", "{'points':[[0,0,0],[0,9,0]],'color':[1,2,3]"},
        {"voxel.flood_fill", "{'x':0,'y':0,'z':0,'color':[1,2,3]"},
        {"voxel.replace_color", "{'from':[9,9,9],'to':[7,8,9]"},
        {"voxel.transform", "{'translate':[1,2,3]"},
        {"voxel.copy", "{'region':{'min':[0,0,0],'max':[9,9,9]},'to':[5,0,0]"},
        {"voxel.extrude", "{'x':0,'y':0,'z':2,'direction':'+z'"},
        {"voxel.hollow", "{'thickness':1"},
    };
    size_t tried = 0;
    char params[256];

    start(1);
    rig_do(&rig, "voxel.clear", "['all']");
    rig_do(&rig, "voxel.fill", "[{'min':[-2,-2,-2],'max':[2,2,2]},[9,9,9]]");
    for (const struct goxel_method *method = goxel_methods; method->name; method++) {
        size_t i = 0, row = 0;

        while (method->params[i].name && strcmp(method->params[i].name, "within") != 0)
            i++;
        if (!method->params[i].name)
            continue;
        while (row < COUNT(rows) && strcmp(rows[row].method, method->name) != 0)
            row++;
        CU_ASSERT_FATAL(row < COUNT(rows));
        cube_read(&rig, 1, &was);
        snprintf(params, sizeof(params), "%s,'within':'selection'}", rows[row].params);
        rig_do(&rig, method->name, params);
        cube_read(&rig, 1, &is);
        CU_ASSERT(memcmp(&is, &was, sizeof(is)) == 0);
        snprintf(params, sizeof(params), "%s}", rows[row].params);
        rig_edit(&rig, method->name, params);
        rig_do(&rig, "project.undo", NULL);
        tried++;
    }
    CU_ASSERT_EQUAL(tried, COUNT(rows));
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"shapes", shapes},
    {"smooth shapes", smooth_shapes},
    {"what shapes refuse", what_shapes_refuse},
    {"lines and strokes", lines},
    {"floods", floods},
    {"colors are replaced", colors_are_replaced},
    {"things are hollowed", things_are_hollowed},
    {"voxels are transformed", voxels_are_transformed},
    {"halving undoes doubling", halving_undoes_doubling},
    {"what transform refuses", what_transform_refuses},
    {"boxes are copied", boxes_are_copied},
    {"faces are extruded", faces_are_extruded},
    {"one voxel is painted", paint_one},
    {"single voxels keep to the selection", single_voxels_keep_to_the_selection},
    {"boxes keep to the selection", boxes_keep_to_the_selection},
    {"every edit keeps to the selection", every_edit_keeps_to_the_selection},
    {NULL, NULL},
};

const struct unit_suite voxel_edits_suite = {"voxel_edits", tests};
