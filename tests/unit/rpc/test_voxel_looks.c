/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is told about voxels, compared with a count position by position. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cube.h"

static struct rig rig;
static struct cube cube;

/* ---- voxel.get_batch ---- */

static void positions_are_read(void)
{
    struct goxel_buf params, wanted;
    unsigned found = 0;

    cube_start(&rig, 2, &cube);
    goxel_buf_init(&params, 1 << 20);
    goxel_buf_init(&wanted, 1 << 20);
    goxel_buf_puts(&params, "{'positions':[");
    goxel_buf_puts(&wanted, "{\"voxels\":[");
    for (int i = 0; i < 100; i++) {
        struct goxel_pos pos = {i % 5 - 2, i / 5 % 5 - 2, i / 25};
        struct goxel_color c = cube_get(&cube, pos);

        goxel_buf_printf(&params, "%s[%d,%d,%d]", i ? "," : "", pos.x, pos.y, pos.z);
        goxel_buf_printf(&wanted, "%s{\"x\":%d,\"y\":%d,\"z\":%d,\"exists\":%s,\"color\":", i ? "," : "",
                         pos.x, pos.y, pos.z, c.a ? "true" : "false");
        if (c.a)
            goxel_buf_printf(&wanted, "[%d,%d,%d,%d],\"layer_id\":1}", c.r, c.g, c.b, c.a);
        else
            goxel_buf_puts(&wanted, "null,\"layer_id\":1}");
        found += c.a > 0;
    }
    goxel_buf_puts(&params, "]}");
    goxel_buf_printf(&wanted, "],\"count\":100,\"found\":%u}", found);
    CU_ASSERT(found > 10 && found < 100);
    CU_ASSERT_STRING_EQUAL(rig_call(&rig, "voxel.get_batch", params.data), wanted.data);
    goxel_buf_finish(&params);
    goxel_buf_finish(&wanted);
    rig_stop(&rig);
}

static void positions_of_all_layers(void)
{
    cube_start(&rig, 0, &cube);
    rig_do(&rig, "voxel.add", "[0,0,0,[1,1,1]]");
    rig_do(&rig, "layer.create", NULL);
    rig_do(&rig, "voxel.add", "[1,0,0,[2,2,2]]");
    CHECK(rig_call(&rig, "voxel.get_batch", "[[{'x':0,'y':0,'z':0},[1,0,0],[2,0,0]],'all']"),
          "{'voxels':[{'x':0,'y':0,'z':0,'exists':true,'color':[1,1,1,255],'layer_id':1},"
          "{'x':1,'y':0,'z':0,'exists':true,'color':[2,2,2,255],'layer_id':2},"
          "{'x':2,'y':0,'z':0,'exists':false,'color':null,'layer_id':null}],'count':3,'found':2}");
    CHECK(rig_call(&rig, "voxel.get_batch", "[[]]"), "{'voxels':[],'count':0,'found':0}");
    rig_stop(&rig);
}

static void what_get_batch_refuses(void)
{
    struct goxel_buf params;

    cube_start(&rig, 0, &cube);
    CHECK(rig_call(&rig, "voxel.get_batch", "[[[0,0,0],[1,2]]]"), "-32602 positions[1]");
    CHECK(rig_call(&rig, "voxel.get_batch", "[[[0,0,0],[1,2,1048576]]]"), "-1003 positions[1][2]");
    CHECK(rig_call(&rig, "voxel.get_batch", "[[[0,0,0]],'x']"), "-1002 layer_id");
    goxel_buf_init(&params, 1 << 20);
    goxel_buf_puts(&params, "[[[0,0,0]");
    for (int i = 0; i < 5000; i++)
        goxel_buf_puts(&params, ",[0,0,0]");
    goxel_buf_puts(&params, "]]");
    CHECK(rig_call(&rig, "voxel.get_batch", params.data), "-1014 limits.max_result_voxels");
    goxel_buf_finish(&params);
    rig_stop(&rig);
}

/* ---- voxel.bounding_box ---- */

static void bounds(void)
{
    cube_start(&rig, 0, &cube);
    CHECK(rig_call(&rig, "voxel.bounding_box", NULL),
          "{'empty':true,'bounds':null,'dimensions':null,'voxel_count':0}");
    CHECK(rig_call(&rig, "voxel.bounding_box", "['all']"),
          "{'empty':true,'bounds':null,'dimensions':null,'voxel_count':0}");
    rig_do(&rig, "voxel.add_batch", "[[[-3,2,40,1,1,1],[5,-7,41,1,1,1]]]");
    CHECK(rig_call(&rig, "voxel.bounding_box", NULL),
          "{'empty':false,'bounds':{'min':[-3,-7,40],'max':[5,2,41]},'dimensions':[9,10,2],'voxel_count':2}");
    rig_do(&rig, "layer.create", NULL);
    rig_do(&rig, "voxel.add_batch", "[[[-3,2,40,2,2,2],[100,2,40,2,2,2]]]");
    CHECK(rig_call(&rig, "voxel.bounding_box", "[1]"),
          "{'empty':false,'bounds':{'min':[-3,-7,40],'max':[5,2,41]},'dimensions':[9,10,2],'voxel_count':2}");
    CHECK(
        rig_call(&rig, "voxel.bounding_box", "['all']"),
        "{'empty':false,'bounds':{'min':[-3,-7,40],'max':[100,2,41]},'dimensions':[104,10,2],'voxel_count':3}");
    rig_do(&rig, "layer.set_visibility", "[2,false]");
    CHECK(rig_call(&rig, "voxel.bounding_box", "['all']"),
          "{'empty':false,'bounds':{'min':[-3,-7,40],'max':[5,2,41]},'dimensions':[9,10,2],'voxel_count':2}");
    CHECK(rig_call(&rig, "voxel.bounding_box", "['x']"), "-1002 layer_id");
    rig_stop(&rig);
}

/* ---- colours ---- */

#define COLORS 4

/* Of cube_scatter, below z 2, the most frequent first. */
static unsigned count_colors(struct goxel_color colors[COLORS], unsigned counts[COLORS])
{
    unsigned total = 0;

    for (int i = 0; i < COLORS; i++) {
        colors[i] = (struct goxel_color){(uint8_t)(50 + 10 * i), (uint8_t)(200 - i), 0, i == 3 ? 128 : 255};
        counts[i] = 0;
        for (int j = 0; j < CUBE_VOXELS; j++)
            counts[i] += cube_pos(j).z < 2 && memcmp(&cube.at[j], &colors[i], sizeof(colors[i])) == 0;
        total += counts[i];
    }
    for (int i = 0; i < COLORS; i++) {
        for (int j = i + 1; j < COLORS; j++) {
            struct goxel_color color = colors[i];
            unsigned count = counts[i];

            if (counts[j] <= counts[i])
                continue;
            colors[i] = colors[j];
            counts[i] = counts[j];
            colors[j] = color;
            counts[j] = count;
        }
    }
    return total;
}

#define BELOW "'region':{'min':[-12,-12,-12],'max':[12,12,1]}"

static void colors_are_counted(void)
{
    struct goxel_color colors[COLORS];
    unsigned counts[COLORS], total;
    char wanted[512];

    cube_start(&rig, 6, &cube);
    total = count_colors(colors, counts);
    CU_ASSERT_FATAL(total > 100 && counts[0] > counts[1]);
    rig_call(&rig, "voxel.histogram", "{" BELOW "}");
    for (int i = 0; i < COLORS; i++) {
        snprintf(wanted, sizeof(wanted), "{\"color\":[%d,%d,0,%d],\"count\":%u,\"percentage\":", colors[i].r,
                 colors[i].g, colors[i].a, counts[i]);
        CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, wanted));
    }
    snprintf(wanted, sizeof(wanted), "],\"total_voxels\":%u,\"unique_colors\":4,\"truncated\":false}", total);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, wanted));
    rig_call(&rig, "voxel.histogram", "{" BELOW ",'limit':1}");
    snprintf(wanted, sizeof(wanted),
             "{\"histogram\":[{\"color\":[%d,%d,0,%d],\"count\":%u,\"percentage\":", colors[0].r, colors[0].g,
             colors[0].a, counts[0]);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, wanted));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"unique_colors\":4,\"truncated\":true}"));
    snprintf(wanted, sizeof(wanted),
             "{'colors':[[%d,%d,0,%d],[%d,%d,0,%d],[%d,%d,0,%d],[%d,%d,0,%d]],'count':4,'truncated':false}",
             colors[0].r, colors[0].g, colors[0].a, colors[1].r, colors[1].g, colors[1].a, colors[2].r,
             colors[2].g, colors[2].a, colors[3].r, colors[3].g, colors[3].a);
    CHECK(rig_call(&rig, "voxel.unique_colors", "{" BELOW "}"), wanted);
    rig_stop(&rig);
}

static void colors_that_are_near(void)
{
    cube_start(&rig, 0, &cube);
    rig_do(&rig, "voxel.add_batch", "[[[0,0,0,10,10,10],[1,0,0,10,10,10],[2,0,0,13,10,10],[3,0,0,200,0,0]]]");
    CHECK(
        rig_call(&rig, "voxel.histogram", "{'bin_size':8}"),
        "{'histogram':[{'color':[8,8,8,248],'count':3,'percentage':75},"
        "{'color':[200,0,0,248],'count':1,'percentage':25}],'total_voxels':4,'unique_colors':2,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.unique_colors", "{'tolerance':3}"),
          "{'colors':[[10,10,10,255],[200,0,0,255]],'count':2,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.unique_colors", "{'tolerance':2,'limit':2}"),
          "{'colors':[[10,10,10,255],[13,10,10,255]],'count':3,'truncated':true}");
    CHECK(rig_call(&rig, "voxel.unique_colors", "{'limit':0}"), "{'colors':[],'count':3,'truncated':true}");
    rig_do(&rig, "voxel.clear", "['all']");
    CHECK(rig_call(&rig, "voxel.histogram", NULL),
          "{'histogram':[],'total_voxels':0,'unique_colors':0,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.unique_colors", NULL), "{'colors':[],'count':0,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.histogram", "{'bin_size':0}"), "-32602 bin_size");
    CHECK(rig_call(&rig, "voxel.histogram", "{'layer_id':'x'}"), "-1002 layer_id");
    CHECK(rig_call(&rig, "voxel.unique_colors", "{'tolerance':256}"), "-32602 tolerance");
    rig_stop(&rig);
}

static void voxels_are_found_by_color(void)
{
    struct goxel_buf wanted;
    unsigned count = 0;

    cube_start(&rig, 3, &cube);
    goxel_buf_init(&wanted, 1 << 20);
    for (int tolerance = 0; tolerance <= 10; tolerance += 10) {
        char params[128];

        count = 0;
        for (int i = 0; i < CUBE_VOXELS; i++)
            count += cube.at[i].a == 255 && abs(cube.at[i].r - 60) <= tolerance;
        goxel_buf_clear(&wanted);
        goxel_buf_printf(&wanted, "\"count\":%u,\"truncated\":false}", count);
        snprintf(params, sizeof(params), "{'color':[60,199,0],'tolerance':%d}", tolerance);
        rig_call(&rig, "voxel.find_by_color", params);
        CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, wanted.data));
        CU_ASSERT_PTR_NULL(strstr(rig.reply, ",128]"));
        CU_ASSERT(tolerance == 0 ? !strstr(rig.reply, "[50,") : strstr(rig.reply, "[50,") != NULL);
    }
    goxel_buf_finish(&wanted);
    rig_do(&rig, "voxel.clear", "['all']");
    CHECK(rig_call(&rig, "voxel.find_by_color", "[[60,199,0]]"), "{'voxels':[],'count':0,'truncated':false}");
    rig_do(&rig, "voxel.add_batch", "[[[0,0,0,1,1,1],[1,0,0,2,1,1],[2,0,0,1,1,1]]]");
    rig_do(&rig, "voxel.find_by_color", "{'color':'#010101','limit':1,'layer_id':'all'}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply,
                                  "\"color\":[1,1,1,255],\"layer_id\":1}],\"count\":2,\"truncated\":true,"
                                  "\"cursor\":\"p1."));
    CHECK(rig_call(&rig, "voxel.find_by_color", "{'color':'#010101','offset':1}"),
          "{'voxels':[{'x':2,'y':0,'z':0,'color':[1,1,1,255]}],'count':2,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.find_by_color",
                   "{'color':'#010101','tolerance':1,'region':{'center':[0,0,0],'radius':1}}"),
          "{'voxels':[{'x':0,'y':0,'z':0,'color':[1,1,1,255]},{'x':1,'y':0,'z':0,'color':[2,1,1,255]}],"
          "'count':2,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.find_by_color", "['#01010100']"), "-1004 color");
    CHECK(rig_call(&rig, "voxel.find_by_color", "{'color':'#010101','limit':5001}"),
          "-1014 limits.max_result_voxels");
    CHECK(rig_call(&rig, "voxel.find_by_color", "{'color':'#010101','layer_id':'x'}"), "-1002 layer_id");
    rig_stop(&rig);
}

/* ---- voxel.connected ---- */

/* The number of parts, and the voxels of the largest. */
static unsigned count_parts(int neighbours, unsigned *ret_largest)
{
    static bool reached[CUBE_VOXELS], seen[CUBE_VOXELS];
    static struct cube solid;
    unsigned parts = 0, largest = 0;

    memset(seen, 0, sizeof(seen));
    for (int i = 0; i < CUBE_VOXELS; i++)
        solid.at[i] = (struct goxel_color){1, 1, 1, cube.at[i].a ? 255 : 0};
    for (int i = 0; i < CUBE_VOXELS; i++) {
        unsigned voxels = 0;

        if (seen[i] || !solid.at[i].a)
            continue;
        cube_flood(&solid, cube_pos(i), 0, neighbours, reached);
        for (int j = 0; j < CUBE_VOXELS; j++) {
            voxels += reached[j];
            seen[j] |= reached[j];
        }
        parts++;
        largest = voxels > largest ? voxels : largest;
    }
    *ret_largest = largest;
    return parts;
}

static void parts_are_told_apart(void)
{
    static const int neighbours[] = {6, 18, 26};
    char params[64], wanted[128];

    cube_start(&rig, 6, &cube);
    for (size_t i = 0; i < 3; i++) {
        unsigned largest = 0, parts = count_parts(neighbours[i], &largest);

        CU_ASSERT(parts > 1);
        snprintf(params, sizeof(params), "{'connectivity':%d,'limit':1}", neighbours[i]);
        rig_call(&rig, "voxel.connected", params);
        snprintf(wanted, sizeof(wanted), "{\"components\":[{\"voxel_count\":%u,\"bounds\":{\"min\":[",
                 largest);
        CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, wanted));
        snprintf(wanted, sizeof(wanted), "],\"count\":%u,\"truncated\":true}", parts);
        CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, wanted));
    }
    rig_stop(&rig);
}

static void parts_of_a_region(void)
{
    cube_start(&rig, 0, &cube);
    CHECK(rig_call(&rig, "voxel.connected", NULL), "{'components':[],'count':0,'truncated':false}");
    rig_do(&rig, "voxel.fill", "[{'min':[0,0,0],'max':[9,0,0]},[1,1,1]]");
    rig_do(&rig, "voxel.add", "[20,5,5,[1,1,1]]");
    CHECK(
        rig_call(&rig, "voxel.connected", NULL),
        "{'components':[{'voxel_count':10,'bounds':{'min':[0,0,0],'max':[9,0,0]},'seed':[0,0,0]},"
        "{'voxel_count':1,'bounds':{'min':[20,5,5],'max':[20,5,5]},'seed':[20,5,5]}],'count':2,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.connected", "[{'min':[4,0,0],'max':[10,9,9]}]"),
          "{'components':[{'voxel_count':6,'bounds':{'min':[4,0,0],'max':[9,0,0]},'seed':[4,0,0]}],"
          "'count':1,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.connected", "{'connectivity':8}"), "-32602 connectivity");
    CHECK(rig_call(&rig, "voxel.connected", "{'layer_id':'x'}"), "-1002 layer_id");
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"positions are read", positions_are_read},
    {"positions of all layers", positions_of_all_layers},
    {"what get_batch refuses", what_get_batch_refuses},
    {"bounds", bounds},
    {"colors are counted", colors_are_counted},
    {"colors that are near", colors_that_are_near},
    {"voxels are found by color", voxels_are_found_by_color},
    {"parts are told apart", parts_are_told_apart},
    {"parts of a region", parts_of_a_region},
    {NULL, NULL},
};

const struct unit_suite voxel_looks_suite = {"voxel_looks", tests};
