/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is selected, by box, colour and connection, compared with sets of positions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cube.h"

static struct rig rig;
static struct cube voxels, is;
static bool selected[CUBE_VOXELS]; /* as it should be */

static void start(void)
{
    rig_start_with(&rig, goxel_methods, "limits { max_edit_bricks = 600 max_result_voxels = 5000 }\n");
    rig_do(&rig, "project.create", "['house']");
    cube_scatter(&rig, 4, 11);
    cube_read(&rig, 1, &voxels);
    memset(selected, 0, sizeof(selected));
}

static void check_selection(void)
{
    int wrong = 0;

    cube_read_selection(&rig, &is);
    for (int i = 0; i < CUBE_VOXELS; i++)
        wrong += selected[i] != (is.at[i].a > 0);
    CU_ASSERT_EQUAL(wrong, 0);
}

/* The reply to a change, of what should be selected. */
static const char *reply(void)
{
    static char text[256];
    struct goxel_pos min = {CUBE_R, CUBE_R, CUBE_R}, max = {-CUBE_R, -CUBE_R, -CUBE_R};
    unsigned count = 0;

#define WIDEN(axis) \
    (min.axis = p.axis < min.axis ? p.axis : min.axis, max.axis = p.axis > max.axis ? p.axis : max.axis)
    for (int i = 0; i < CUBE_VOXELS; i++) {
        struct goxel_pos p = cube_pos(i);

        if (!selected[i])
            continue;
        count++;
        WIDEN(x);
        WIDEN(y);
        WIDEN(z);
    }
#undef WIDEN
    if (count)
        snprintf(text, sizeof(text), "{'count':%u,'bounds':{'min':[%d,%d,%d],'max':[%d,%d,%d]}}", count,
                 min.x, min.y, min.z, max.x, max.y, max.z);
    else
        snprintf(text, sizeof(text), "{'count':0,'bounds':null}");
    return text;
}

/* What a method's parameters mean, as a set. */
static void means(const char *how, bool (*is_meant)(int index))
{
    for (int i = 0; i < CUBE_VOXELS; i++) {
        bool meant = is_meant(i);

        switch (how[1]) {
        case 'e': /* set */
            selected[i] = meant;
            break;
        case 'd': /* add */
            selected[i] |= meant;
            break;
        case 'u': /* sub */
            selected[i] &= !meant;
            break;
        default: /* intersect */
            selected[i] &= meant;
        }
    }
}

static bool in_box(int i)
{
    struct goxel_pos p = cube_pos(i);

    return p.x >= -3 && p.x <= 9 && p.y >= -2 && p.y <= 2 && p.z >= -12 && p.z <= 0;
}
#define BOX "{'region':{'min':[-3,-2,-12],'max':[9,2,0]}}"

static bool of_color(int i)
{
    return voxels.at[i].a == 255 && abs(voxels.at[i].r - 60) <= 10;
}
#define COLOR "{'color':[60,199,0],'tolerance':10}"

static bool of_color_below(int i)
{
    return voxels.at[i].a == 255 && voxels.at[i].r == 60 && cube_pos(i).z <= -1;
}
#define COLOR_BELOW "{'color':[60,199,0],'region':{'min':[-12,-12,-12],'max':[12,12,-1]}}"

static bool flooded[CUBE_VOXELS];

static bool of_flood(int i)
{
    return flooded[i];
}

static void sets_are_what_they_mean(void)
{
    static const char *const methods[] = {"set", "add", "sub", "intersect"};
    char name[32], flood[128];
    struct goxel_pos seed = {0, 0, 0};
    unsigned random = 5;

    start();
    while (!cube_get(&voxels, seed).a)
        seed.x++;
    cube_flood(&voxels, seed, 255, 26, flooded);
    snprintf(flood, sizeof(flood), "{'seed':[%d,0,0],'tolerance':255,'connectivity':26}", seed.x);
    for (int i = 0; i < 60; i++) {
        const struct {
            const char *params;
            bool (*is_meant)(int index);
        } ways[] = {{BOX, in_box}, {COLOR, of_color}, {COLOR_BELOW, of_color_below}, {flood, of_flood}};
        const char *method;
        size_t way;

        random = random * 1103515245 + 12345;
        method = methods[i < 4 ? (unsigned)i : (random >> 16) % 4];
        way = (random >> 20) % 4;
        snprintf(name, sizeof(name), "selection.%s", method);
        means(method, ways[way].is_meant);
        CHECK(rig_call(&rig, name, ways[way].params), reply());
        check_selection();
    }
    rig_stop(&rig);
}

static void what_is_selected_is_told(void)
{
    start();
    CHECK(rig_call(&rig, "selection.get", NULL),
          "{'count':0,'bounds':null,'positions':[],'truncated':false}");
    rig_do(&rig, "selection.set", "{'region':{'min':[-1,0,5],'max':[1,0,5]}}");
    CHECK(rig_call(&rig, "selection.get", NULL),
          "{'count':3,'bounds':{'min':[-1,0,5],'max':[1,0,5]},'positions':[[-1,0,5],[0,0,5],[1,0,5]],"
          "'truncated':false}");
    CHECK(
        rig_call(&rig, "selection.get", "{'limit':2}"),
        "{'count':3,'bounds':{'min':[-1,0,5],'max':[1,0,5]},'positions':[[-1,0,5],[0,0,5]],'truncated':true}");
    CHECK(
        rig_call(&rig, "selection.get", "[1,2]"),
        "{'count':3,'bounds':{'min':[-1,0,5],'max':[1,0,5]},'positions':[[0,0,5],[1,0,5]],'truncated':false}");
    CHECK(rig_call(&rig, "selection.get", "[3,2]"),
          "{'count':3,'bounds':{'min':[-1,0,5],'max':[1,0,5]},'positions':[],'truncated':false}");
    CHECK(rig_call(&rig, "selection.get", "{'limit':5001}"), "-1014 limits.max_result_voxels");
    CHECK(rig_call(&rig, "selection.clear", NULL), "{'count':0,'bounds':null}");
    CHECK(rig_call(&rig, "selection.clear", NULL), "{'count':0,'bounds':null}");
    rig_stop(&rig);
}

/* A selection is content: steps of the history lead to it and away from it. */
static void a_selection_is_undone(void)
{
    static const struct {
        const char *method, *params;
    } edits[] = {{"selection.set", BOX},
                 {"selection.add", "{'region':{'min':[10,0,0],'max':[11,3,3]}}"},
                 {"selection.sub", "{'region':{'min':[0,0,-2],'max':[11,1,3]}}"},
                 {"selection.intersect", "{'region':{'min':[-2,-2,-2],'max':[11,11,11]}}"},
                 {"selection.clear", NULL}};

    start();
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++)
        rig_edit(&rig, edits[i].method, edits[i].params);
    rig_stop(&rig);
}

static void it_makes_no_version_of_what_is_selected_already(void)
{
    start();
    rig_do(&rig, "selection.set", "{'region':{'min':[0,0,0],'max':[1,1,1]},'if_version':1}");
    rig_do(&rig, "selection.add", "{'region':{'min':[0,0,0],'max':[1,1,1]},'if_version':2}");
    rig_do(&rig, "selection.sub", "{'region':{'min':[5,0,0],'max':[6,1,1]},'if_version':2}");
    rig_do(&rig, "selection.clear", "{'if_version':2}");
    rig_do(&rig, "selection.clear", "{'if_version':3}");
    CHECK(rig_call(&rig, "selection.clear", "{'if_version':4}"), "-1019 if_version");
    /* What is empty after all is no selection either. */
    rig_do(&rig, "selection.set", "{'region':{'min':[0,0,0],'max':[1,1,1]},'if_version':3}");
    rig_do(&rig, "selection.sub", "{'region':{'min':[0,0,0],'max':[1,1,1]},'if_version':4}");
    rig_do(&rig, "selection.clear", "{'if_version':5}");
    rig_do(&rig, "selection.clear", "{'if_version':5}");
    rig_stop(&rig);
}

/* With "all", colours and connections are those of the picture. */
static void all_layers_are_looked_at(void)
{
    start();
    rig_do(&rig, "voxel.clear", "['all']");
    rig_do(&rig, "voxel.add_batch", "[[[0,0,0,1,1,1],[1,0,0,1,1,1]]]");
    rig_do(&rig, "layer.create", NULL);
    rig_do(&rig, "voxel.add_batch", "[[[1,0,0,2,2,2],[2,0,0,1,1,1]]]");
    CHECK(rig_call(&rig, "selection.set", "{'color':'#010101'}"),
          "{'count':1,'bounds':{'min':[2,0,0],'max':[2,0,0]}}");
    CHECK(rig_call(&rig, "selection.set", "{'color':'#010101','layer_id':'all'}"),
          "{'count':2,'bounds':{'min':[0,0,0],'max':[2,0,0]}}");
    CHECK(rig_call(&rig, "selection.set", "{'seed':[0,0,0],'layer_id':'all','tolerance':1}"),
          "{'count':3,'bounds':{'min':[0,0,0],'max':[2,0,0]}}");
    CHECK(rig_call(&rig, "selection.set", "{'seed':[0,0,0],'layer_id':1}"),
          "{'count':2,'bounds':{'min':[0,0,0],'max':[1,0,0]}}");
    rig_stop(&rig);
}

static void what_selections_refuse(void)
{
    static const char *const methods[] = {"selection.set", "selection.add", "selection.sub",
                                          "selection.intersect"};

    start();
    for (size_t i = 0; i < 4; i++) {
        CHECK(rig_call(&rig, methods[i], NULL), "-32602 region");
        CHECK(rig_call(&rig, methods[i], "{'color':[1,2,3],'seed':[0,0,0]}"), "-32602 seed");
        CHECK(rig_call(&rig, methods[i], "{'region':{'min':[0,0,0],'max':[1,1,1]},'tolerance':1}"),
              "-32602 tolerance");
        CHECK(rig_call(&rig, methods[i], "{'region':{'min':[0,0,0],'max':[1,1,1]},'layer_id':1}"),
              "-32602 layer_id");
        CHECK(rig_call(&rig, methods[i], "{'color':[1,2,3],'connectivity':6}"), "-32602 connectivity");
        CHECK(rig_call(&rig, methods[i], "{'seed':[0,0,0],'connectivity':5}"), "-32602 connectivity");
        CHECK(rig_call(&rig, methods[i], "{'seed':[0,0,0],'connectivity':7}"), "-32602 connectivity");
        CHECK(rig_call(&rig, methods[i], "{'color':[1,2,3,0]}"), "-1004 color");
        CHECK(rig_call(&rig, methods[i], "{'color':[1,2,3],'layer_id':'x'}"), "-1002 layer_id");
        CHECK(rig_call(&rig, methods[i], "{'seed':[0,0,0],'region':{'min':[1,0,0],'max':[2,2,2]}}"),
              "-1003 region");
        CHECK(rig_call(&rig, methods[i], "{'seed':[100,0,0]}"), "-1014 "); /* empty space without an end */
    }
    CHECK(rig_call(&rig, "selection.add", "{'region':{'min':[-9999,-9999,0],'max':[9999,9999,9]}}"),
          "-1014 limits.max_edit_bricks");
    CHECK(rig_call(&rig, "selection.get", NULL),
          "{'count':0,'bounds':null,'positions':[],'truncated':false}");
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"sets are what they mean", sets_are_what_they_mean},
    {"what is selected is told", what_is_selected_is_told},
    {"a selection is undone", a_selection_is_undone},
    {"it makes no version of what is selected already", it_makes_no_version_of_what_is_selected_already},
    {"all layers are looked at", all_layers_are_looked_at},
    {"what selections refuse", what_selections_refuse},
    {NULL, NULL},
};

const struct unit_suite selection_suite = {"selection", tests};
