/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rays and planes, compared with the voxels that are there. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cube.h"
#include "format/png.h"
#include "rpc/base64.h"

static struct rig rig;
static struct cube cube;

/* ---- voxel.raycast ---- */

/* Along an axis, from outside: the first one counts. */
static void check_ray(int axis, int sign, int u, int v)
{
    static const char names[] = "xyz";
    double origin[3] = {u + 0.5, u + 0.5, u + 0.5};
    int32_t p[3] = {u, u, u}, direction[3] = {0, 0, 0};
    char params[256], wanted[256];

    p[(axis + 2) % 3] = v;
    origin[(axis + 2) % 3] = v + 0.5;
    origin[axis] = sign > 0 ? -20 : 20;
    direction[axis] = sign;
    snprintf(params, sizeof(params), "[[%g,%g,%g],[%d,%d,%d]]", origin[0], origin[1], origin[2], direction[0],
             direction[1], direction[2]);
    snprintf(wanted, sizeof(wanted),
             "{'hit':false,'position':null,'color':null,'face':null,'distance':null}");
    for (int i = -CUBE_R; i <= CUBE_R; i++) {
        struct goxel_color c;

        p[axis] = sign * i;
        c = cube_get(&cube, (struct goxel_pos){p[0], p[1], p[2]});
        if (!c.a)
            continue;
        snprintf(wanted, sizeof(wanted),
                 "{'hit':true,'position':[%d,%d,%d],'color':[%d,%d,%d,%d],'face':'%c%c','distance':%g}", p[0],
                 p[1], p[2], c.r, c.g, c.b, c.a, sign > 0 ? '-' : '+', names[axis],
                 sign > 0 ? p[axis] + 20.0 : 20.0 - (p[axis] + 1));
        break;
    }
    CHECK(rig_call(&rig, "voxel.raycast", params), wanted);
}

static void rays_along_the_axes(void)
{
    cube_start(&rig, 4, &cube);
    for (int i = 0; i < 3 * 2 * 81; i++)
        check_ray(i % 3, i / 3 % 2 ? 1 : -1, i / 6 % 9 - 4, i / 54 - 4);
    rig_stop(&rig);
}

static void other_rays(void)
{
    cube_start(&rig, 0, &cube);
    CHECK(rig_call(&rig, "voxel.raycast", "[[0,0,0],[1,0,0]]"),
          "{'hit':false,'position':null,'color':null,'face':null,'distance':null}");
    rig_do(&rig, "voxel.add", "[3,4,0,[1,2,3]]");
    /* Aslant, from below: into the face at x 3 at the distance 5. */
    CHECK(rig_call(&rig, "voxel.raycast", "[[0,0.5,0.5],{'x':3,'y':4,'z':0}]"),
          "{'hit':true,'position':[3,4,0],'color':[1,2,3,255],'face':'-x','distance':5}");
    CHECK(rig_call(&rig, "voxel.raycast", "[[0,0.5,0.5],[3,4,0],4.9]"),
          "{'hit':false,'position':null,'color':null,'face':null,'distance':null}");
    CHECK(rig_call(&rig, "voxel.raycast", "[[3.5,4.5,0.5],[3,4,0]]"),
          "{'hit':true,'position':[3,4,0],'color':[1,2,3,255],'face':null,'distance':0}");
    rig_do(&rig, "layer.create", NULL);
    rig_do(&rig, "voxel.add", "[1,4,0,[9,9,9]]");
    CHECK(rig_call(&rig, "voxel.raycast", "{'origin':[0,4.5,0.5],'direction':[1,0,0],'layer_id':1}"),
          "{'hit':true,'position':[3,4,0],'color':[1,2,3,255],'face':'-x','distance':3}");
    CHECK(rig_call(&rig, "voxel.raycast", "{'origin':[0,4.5,0.5],'direction':[1,0,0],'layer_id':'all'}"),
          "{'hit':true,'position':[1,4,0],'color':[9,9,9,255],'face':'-x','distance':1}");
    CHECK(rig_call(&rig, "voxel.raycast", "[[0,0,0],[0,0,0]]"), "-32602 direction");
    CHECK(rig_call(&rig, "voxel.raycast", "[[0,0,0],[1,0]]"), "-32602 direction");
    CHECK(rig_call(&rig, "voxel.raycast", "[[0,0,'1'],[1,0,0]]"), "-32602 origin[2]");
    CHECK(rig_call(&rig, "voxel.raycast", "{'origin':[0,0,0],'direction':[1,0,0],'distance':-1}"),
          "-32602 distance");
    CHECK(rig_call(&rig, "voxel.raycast", "{'origin':[0,0,0],'direction':[1,0,0],'layer_id':'x'}"),
          "-1002 layer_id");
    rig_stop(&rig);
}

/* ---- voxel.slice ---- */

/* What stands in column `right` and row `up` of a plane. */
static struct goxel_color in_plane(int axis, int at, int right, int up)
{
    return cube_get(&cube, axis == 0   ? (struct goxel_pos){at, right, up}
                           : axis == 1 ? (struct goxel_pos){right, at, up}
                                       : (struct goxel_pos){right, up, at});
}

static void pictures_of_characters(void)
{
    static const char *const right[] = {"y", "x", "x"}, *const up[] = {"z", "z", "y"};
    struct goxel_buf wanted;
    char params[128];

    cube_start(&rig, 4, &cube);
    goxel_buf_init(&wanted, 65536);
    for (int axis = 0; axis < 3; axis++) {
        struct goxel_color legend[4];
        int count = 0;

        snprintf(params, sizeof(params), "{'axis':'%c','at':1,'region':{'min':[-5,-5,-5],'max':[5,5,5]}}",
                 'x' + axis);
        goxel_buf_clear(&wanted);
        goxel_buf_printf(&wanted,
                         "{'width':11,'height':11,'right':'%s','up':'%s','left':-5,'bottom':-5,'rows':[",
                         right[axis], up[axis]);
        for (int v = 5; v >= -5; v--) {
            goxel_buf_puts(&wanted, v == 5 ? "'" : ",'");
            for (int u = -5; u <= 5; u++) {
                struct goxel_color c = in_plane(axis, 1, u, v);
                int i = 0;

                while (c.a && i < count && memcmp(&legend[i], &c, sizeof(c)) != 0)
                    i++;
                if (c.a && i == count)
                    legend[count++] = c;
                goxel_buf_putc(&wanted, c.a ? (char)('A' + i) : '.');
            }
            goxel_buf_puts(&wanted, "'");
        }
        goxel_buf_puts(&wanted, "],'legend':{");
        for (int i = 0; i < count; i++)
            goxel_buf_printf(&wanted, "%s'%c':[%d,%d,%d,%d]", i ? "," : "", 'A' + i, legend[i].r, legend[i].g,
                             legend[i].b, legend[i].a);
        goxel_buf_puts(&wanted, "}}");
        CU_ASSERT(count > 1);
        CHECK(rig_call(&rig, "voxel.slice", params), wanted.data);
    }
    goxel_buf_finish(&wanted);
    rig_stop(&rig);
}

static void pictures_as_png(void)
{
    struct goxel_color pixels[11 * 11];
    char reason[GOXEL_PNG_REASON_SIZE];
    struct goxel_buf png;
    const char *data, *end;

    cube_start(&rig, 4, &cube);
    rig_call(&rig, "voxel.slice",
             "{'axis':'y','at':-1,'format':'png','region':{'min':[-5,-5,-5],'max':[5,5,5]}}");
    data = strstr(rig.reply, "\"data\":\"");
    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    data += 8;
    end = strchr(data, '"');
    goxel_buf_init(&png, 65536);
    CU_ASSERT_EQUAL(goxel_base64_decode(data, (size_t)(end - data), &png, NULL), 0);
    CU_ASSERT_EQUAL(goxel_png_read((const uint8_t *)png.data, png.len, 11, 11, pixels, reason), 0);
    for (int i = 0; i < 11 * 11; i++) {
        struct goxel_color c = in_plane(1, -1, i % 11 - 5, 5 - i / 11);

        CU_ASSERT(memcmp(&c, &pixels[i], sizeof(c)) == 0);
    }
    goxel_buf_finish(&png);
    rig_stop(&rig);
}

static void pictures_of_nothing(void)
{
    cube_start(&rig, 0, &cube);
    CHECK(rig_call(&rig, "voxel.slice", "['x',0]"),
          "{'width':0,'height':0,'right':'y','up':'z','left':null,'bottom':null,'rows':[],'legend':{}}");
    CHECK(rig_call(&rig, "voxel.slice", "{'axis':'z','at':0,'format':'png'}"),
          "{'width':0,'height':0,'right':'x','up':'y','left':null,'bottom':null,'data':null}");
    rig_do(&rig, "voxel.add_batch", "[[[-1,5,0,1,1,1],[1,6,7,2,2,2]]]");
    CHECK(rig_call(&rig, "voxel.slice", "['z',7]"),
          "{'width':3,'height':2,'right':'x','up':'y','left':-1,'bottom':5,'rows':['..A','...'],"
          "'legend':{'A':[2,2,2,255]}}");
    CHECK(
        rig_call(&rig, "voxel.slice", "['z',99]"),
        "{'width':3,'height':2,'right':'x','up':'y','left':-1,'bottom':5,'rows':['...','...'],'legend':{}}");
    rig_stop(&rig);
}

static void what_slices_refuse(void)
{
    struct goxel_buf params;

    cube_start(&rig, 0, &cube);
    CHECK(rig_call(&rig, "voxel.slice", "['w',0]"), "-32602 axis");
    CHECK(rig_call(&rig, "voxel.slice", "['x',0.5]"), "-32602 at");
    CHECK(rig_call(&rig, "voxel.slice", "['x',0,{'min':[0,0,0],'max':[0,99,99]}]"),
          "-1014 limits.max_result_voxels");
    CHECK(rig_call(&rig, "voxel.slice", "{'axis':'x','at':0,'layer_id':'x'}"), "-1002 layer_id");
    goxel_buf_init(&params, 65536);
    goxel_buf_puts(&params, "[[");
    for (int i = 0; i < 63; i++)
        goxel_buf_printf(&params, "%s[%d,0,0,%d,1,1]", i ? "," : "", i, i);
    goxel_buf_puts(&params, "]]");
    rig_do(&rig, "voxel.add_batch", params.data);
    CHECK(rig_call(&rig, "voxel.slice", "['z',0]"), "-1014 ");
    rig_do(&rig, "voxel.slice", "{'axis':'z','at':0,'format':'png'}");
    rig_do(&rig, "voxel.remove", "[62,0,0]");
    rig_call(&rig, "voxel.slice", "['z',0]");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\""));
    goxel_buf_finish(&params);
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"rays along the axes", rays_along_the_axes},
    {"other rays", other_rays},
    {"pictures of characters", pictures_of_characters},
    {"pictures as PNG", pictures_as_png},
    {"pictures of nothing", pictures_of_nothing},
    {"what slices refuse", what_slices_refuse},
    {NULL, NULL},
};

const struct unit_suite voxel_view_suite = {"voxel_view", tests};
