/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods of the family `voxel`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "rig.h"

static struct rig rig;

static void start(void)
{
    rig_start_with(&rig, goxel_methods, "limits { max_edit_bricks = 8 max_result_voxels = 5000 }\n");
    rig_do(&rig, "project.create", "['house']");
}

static const char *version(void)
{
    static char text[32];

    rig_call(&rig, "project.get_info", NULL);
    snprintf(text, sizeof(text), "%.20s", strstr(rig.reply, "\"version\":") + 10);
    return text;
}

static void add_get_remove(void)
{
    start();
    CHECK(rig_call(&rig, "voxel.add", "[-1048576,0,1048575,'#ff800080']"),
          "{'x':-1048576,'y':0,'z':1048575,'color':[255,128,0,128],'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.get", "{'z':1048575,'y':0,'x':-1048576}"),
          "{'x':-1048576,'y':0,'z':1048575,'exists':true,'color':[255,128,0,128],'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.get", "[0,0,0]"),
          "{'x':0,'y':0,'z':0,'exists':false,'color':null,'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.remove", "[-1048576,0,1048575]"),
          "{'x':-1048576,'y':0,'z':1048575,'layer_id':1,'removed':true}");
    CHECK(rig_call(&rig, "voxel.remove", "[-1048576,0,1048575]"),
          "{'x':-1048576,'y':0,'z':1048575,'layer_id':1,'removed':false}");
    CHECK(rig_call(&rig, "voxel.add", "[0,0,0,[1,2,3,0]]"), "-1004 color");
    CHECK(rig_call(&rig, "voxel.add", "[0,0,0,[1,2,3],'cellar']"), "-1002 layer_id");
    rig_stop(&rig);
}

static void only_changes_make_versions(void)
{
    char before[32];

    start();
    rig_do(&rig, "voxel.add", "[1,2,3,[1,2,3]]");
    snprintf(before, sizeof(before), "%s", version());
    rig_do(&rig, "voxel.remove", "[9,9,9]");
    rig_do(&rig, "voxel.get", "[1,2,3]");
    rig_do(&rig, "voxel.add_batch", "{'voxels':[[1,2,3,9,9,9]],'merge_mode':'keep'}");
    rig_do(&rig, "layer.set_active", "[1]");
    rig_call(&rig, "voxel.add", "[1,2,3,[1,2,3],7]");
    CU_ASSERT_STRING_EQUAL(version(), before);
    rig_do(&rig, "voxel.remove", "[1,2,3]");
    CU_ASSERT_STRING_NOT_EQUAL(version(), before);
    rig_stop(&rig);
}

static void layers(void)
{
    start();
    rig_do(&rig, "voxel.add", "[0,0,0,[1,1,1]]");
    rig_do(&rig, "layer.create", "['roof']");
    rig_do(&rig, "voxel.add", "[0,0,0,[2,2,2]]");
    rig_do(&rig, "voxel.add", "[5,0,0,[1,1,1],1]");
    CHECK(rig_call(&rig, "voxel.get", "[0,0,0,'all']"),
          "{'x':0,'y':0,'z':0,'exists':true,'color':[2,2,2,255],'layer_id':2}");
    CHECK(rig_call(&rig, "voxel.get", "[5,0,0,'all']"),
          "{'x':5,'y':0,'z':0,'exists':true,'color':[1,1,1,255],'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.get", "[6,0,0,'all']"),
          "{'x':6,'y':0,'z':0,'exists':false,'color':null,'layer_id':null}");
    CHECK(rig_call(&rig, "voxel.query", "{'layer_id':'all'}"),
          "{'voxels':[{'x':0,'y':0,'z':0,'color':[1,1,1,255],'layer_id':1},"
          "{'x':5,'y':0,'z':0,'color':[1,1,1,255],'layer_id':1},"
          "{'x':0,'y':0,'z':0,'color':[2,2,2,255],'layer_id':2}],'count':3,'truncated':false}");
    rig_stop(&rig);
}

static void batch_lists(void)
{
    start();
    CHECK(rig_call(&rig, "voxel.add_batch",
                   "{'voxels':[{'x':0,'y':0,'z':0,'color':'#010203'},[1,0,0,4,5,6],[1,0,0,7,8,9,10]]}"),
          "{'count':3,'added':2,'replaced':1,'kept':0,'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.query", NULL),
          "{'voxels':[{'x':0,'y':0,'z':0,'color':[1,2,3,255]},{'x':1,'y':0,'z':0,'color':[7,8,9,10]}],"
          "'count':2,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.add_batch", "{'voxels':[[0,0,0,9,9,9],[2,0,0,9,9,9]],'merge_mode':'keep'}"),
          "{'count':2,'added':1,'replaced':0,'kept':1,'layer_id':1}");
    rig_stop(&rig);
}

static void batch_refusals(void)
{
    static const struct {
        const char *params, *wanted;
    } rows[] = {
        {"{}", "-32602 voxels"},
        {"{'format':'list','voxels':[],'count':1}", "-32602 count"},
        {"{'voxels':[],'data':''}", "-32602 format"},
        {"{'format':'packed','voxels':[],'count':1,'data':''}", "-32602 voxels"},
        {"{'format':'packed','data':''}", "-32602 count"},
        {"{'format':'packed','count':1}", "-32602 data"},
        {"{'voxels':[[0,0,0,1,1,1],7]}", "-32602 voxels[1]"},
        {"{'voxels':[[0,0,0,1,1]]}", "-32602 voxels[0]"},
        {"{'voxels':[[0,0,0,1,1,1,1,1]]}", "-32602 voxels[0]"},
        {"{'voxels':[[0,0,1048576,1,1,1]]}", "-1003 voxels[0][2]"},
        {"{'voxels':[[0,0,0.5,1,1,1]]}", "-32602 voxels[0][2]"},
        {"{'voxels':[[0,0,0,1,256,1]]}", "-1004 voxels[0][4]"},
        {"{'voxels':[[0,0,0,1,1,1,0]]}", "-1004 voxels[0]"},
        {"{'voxels':[{'x':0,'y':0,'color':[1,1,1]}]}", "-32602 voxels[0].z"},
        {"{'voxels':[{'x':0,'y':0,'z':0}]}", "-32602 voxels[0].color"},
        {"{'voxels':[{'x':0,'y':0,'z':0,'color':'red'}]}", "-1004 voxels[0].color"},
        {"{'voxels':[{'x':0,'y':0,'z':0,'color':[1,1,1],'w':1}]}", "-32602 voxels[0].w"},
        {"{'format':'packed','count':2,'data':'AAAAAAAAAQIDBA=='}", "-1010 data"},
        {"{'format':'packed','count':1,'data':'AAAAAAAAAQIDBA='}", "-1010 "},
        {"{'format':'packed','count':1,'data':'AAAAAAAAAQIDBA==','checksum':'00000000'}", "-1010 checksum"},
        {"{'format':'packed','count':1,'data':'AAAAAAAAAQIDBA==','compression':'zlib'}", "-1011 "},
        {"{'format':'packed','count':4194305,'data':'AAAA'}", "-1014 count"},
    };

    start();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK(rig_call(&rig, "voxel.add_batch", rows[i].params), rows[i].wanted);
    CHECK(rig_call(&rig, "voxel.query", "{'return_format':'count'}"), "{'count':0,'truncated':false}");
    rig_stop(&rig);
}

static void batch_packed(void)
{
    start();
    CHECK(rig_call(&rig, "voxel.add_batch",
                   "{'format':'packed','count':1,'data':'AAABAP//AQIDBA==','origin':[10,20,30]}"),
          "{'count':1,'added':1,'replaced':0,'kept':0,'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.query", NULL),
          "{'voxels':[{'x':10,'y':21,'z':29,'color':[1,2,3,4]}],'count':1,'truncated':false}");
    rig_stop(&rig);
}

/* What a packed query gives is what a packed batch takes. */
static void packed_there_and_back(void)
{
    struct goxel_buf params;
    char *first;

    start();
    rig_do(&rig, "voxel.fill", "{'region':{'min':[-40000,5,5],'max':[-39991,14,14]},'color':[9,8,7]}");
    rig_do(&rig, "voxel.add", "[-39995,6,7,[1,2,3,4]]");
    rig_call(&rig, "voxel.query", "{'return_format':'packed'}");
    CU_ASSERT_PTR_NOT_NULL_FATAL(strstr(rig.reply, "\"packed\":{"));
    goxel_buf_init(&params, 65536);
    goxel_buf_puts(&params, "{\"format\":\"packed\",");
    first = strstr(rig.reply, "\"packed\":{") + 10;
    goxel_buf_append(&params, first, (size_t)(strchr(first, '}') - first));
    goxel_buf_puts(&params, "}");
    rig_do(&rig, "project.create", "['copy']");
    CHECK(rig_call(&rig, "voxel.add_batch", params.data),
          "{'count':1000,'added':1000,'replaced':0,'kept':0,'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.get", "[-39995,6,7]"),
          "{'x':-39995,'y':6,'z':7,'exists':true,'color':[1,2,3,4],'layer_id':1}");
    goxel_buf_finish(&params);
    rig_stop(&rig);
}

static void fill_modes(void)
{
    start();
    rig_do(&rig, "voxel.add", "[0,0,0,[1,1,1]]");
    CHECK(rig_call(&rig, "voxel.fill",
                   "{'region':{'min':[0,0,0],'max':[1,1,0]},'color':[2,2,2],'mode':'paint'}"),
          "{'region':{'min':[0,0,0],'max':[1,1,0]},'color':[2,2,2,255],'filled':1,'added':0,'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.fill",
                   "{'region':{'min':[0,0,0],'max':[1,1,0]},'color':[3,3,3],'mode':'keep'}"),
          "{'region':{'min':[0,0,0],'max':[1,1,0]},'color':[3,3,3,255],'filled':3,'added':3,'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.get", "[0,0,0]"),
          "{'x':0,'y':0,'z':0,'exists':true,'color':[2,2,2,255],'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.fill", "[{'min':[0,0,0],'max':[1,1,1]},[4,4,4]]"),
          "{'region':{'min':[0,0,0],'max':[1,1,1]},'color':[4,4,4,255],'filled':8,'added':4,'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.fill", "[{'min':[0,0,1],'max':[1,1,0]},[4,4,4]]"), "-1003 region");
    rig_stop(&rig);
}

static void clear(void)
{
    start();
    rig_do(&rig, "voxel.fill", "[{'min':[0,0,0],'max':[3,3,3]},[4,4,4]]");
    rig_do(&rig, "layer.create", NULL);
    rig_do(&rig, "voxel.fill", "[{'min':[0,0,0],'max':[3,3,3]},[4,4,4]]");
    CHECK(rig_call(&rig, "voxel.clear", "{'layer_id':1,'region':{'min':[0,0,0],'max':[0,3,3]}}"),
          "{'removed':16,'layers':1}");
    CHECK(rig_call(&rig, "voxel.clear", "{'scope':'all','layer_id':1}"), "-32602 layer_id");
    CHECK(rig_call(&rig, "voxel.clear", "{'scope':'all','region':{'min':[0,0,0],'max':[1,3,3]}}"),
          "{'removed':48,'layers':2}");
    CHECK(rig_call(&rig, "voxel.clear", NULL), "-32602 scope");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"expected\":\"layer, all, or a region"));
    CHECK(rig_call(&rig, "voxel.clear", "{'layer_id':2}"), "-32602 scope");
    CHECK(rig_call(&rig, "voxel.clear", "['layer']"), "{'removed':32,'layers':1}");
    CHECK(rig_call(&rig, "voxel.clear", "['all']"), "{'removed':32,'layers':2}");
    rig_stop(&rig);
}

static void query_regions_and_filters(void)
{
    start();
    rig_do(&rig, "voxel.fill", "[{'min':[-2,-2,-2],'max':[2,2,2]},[4,4,4]]");
    rig_do(&rig, "voxel.add", "[0,0,1,'#ff0000']");
    CHECK(rig_call(&rig, "voxel.query", "{'region':{'min':[0,0,0],'max':[5,0,0]},'return_format':'count'}"),
          "{'count':3,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.query", "{'region':{'center':[0,0,0],'radius':1},'return_format':'count'}"),
          "{'count':7,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.query", "{'filter':{'color':[255,0,0]}}"),
          "{'voxels':[{'x':0,'y':0,'z':1,'color':[255,0,0,255]}],'count':1,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.query", "{'filter':{'colour':[255,0,0]}}"), "-32602 filter.colour");
    CHECK(rig_call(&rig, "voxel.query", "{'filter':{'color':'red'}}"), "-1004 filter.color");
    rig_do(&rig, "voxel.query", "{'region':{'min':[0,0,0],'max':[2,0,0]},'offset':1,'limit':1}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "{\"voxels\":[{\"x\":1,\"y\":0,\"z\":0,\"color\":[4,4,4,255]}],"
                                             "\"count\":3,\"truncated\":true,\"cursor\":\"p1."));
    CHECK(rig_call(&rig, "voxel.query", "{'region':{'min':[0,0,0],'max':[2,0,0]},'offset':2}"),
          "{'voxels':[{'x':2,'y':0,'z':0,'color':[4,4,4,255]}],'count':3,'truncated':false}");
    CHECK(rig_call(&rig, "voxel.query", "{'return_format':'packed','layer_id':'all'}"), "-32602 layer_id");
    rig_stop(&rig);
}

static void ceilings(void)
{
    start();
    rig_do(&rig, "voxel.fill", "[{'min':[0,0,0],'max':[31,31,31]},[4,4,4]]");
    CHECK(rig_call(&rig, "voxel.fill", "[{'min':[0,0,0],'max':[32,31,31]},[4,4,4]]"),
          "-1014 limits.max_edit_bricks");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "split the box (a brick is 16x16x16 voxels)"));
    CHECK(rig_call(&rig, "voxel.fill",
                   "[{'min':[-1048576,-1048576,-1048576],'max':[1048575,1048575,1048575]},[4,4,4]]"),
          "-1014 limits.max_edit_bricks");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"limit\":8,\"given\":2251799813685248"));
    CHECK(rig_call(&rig, "voxel.query", "{'limit':5001}"), "-1014 limits.max_result_voxels");
    rig_call(&rig, "voxel.query", "{'limit':5000}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"count\":32768,\"truncated\":true,\"cursor\":\"p1."));
    CHECK(rig_call(&rig, "voxel.add_batch",
                   "[[[0,0,0,1,1,1],[16,0,0,1,1,1],[32,0,0,1,1,1],[48,0,0,1,1,1],[64,0,0,1,1,1],"
                   "[80,0,0,1,1,1],[96,0,0,1,1,1],[112,0,0,1,1,1],[128,0,0,1,1,1]]]"),
          "-1014 limits.max_edit_bricks");
    CHECK(rig_call(&rig, "voxel.add_batch",
                   "[[[0,0,0,1,1,1],[1,0,0,1,1,1],[2,0,0,1,1,1],[3,0,0,1,1,1],[4,0,0,1,1,1],"
                   "[5,0,0,1,1,1],[6,0,0,1,1,1],[7,0,0,1,1,1],[8,0,0,1,1,1]]]"),
          "{'count':9,'added':0,'replaced':9,'kept':0,'layer_id':1}");
    /* Of a box what is there counts; all of a layer is cheap. */
    CHECK(rig_call(&rig, "voxel.clear", "{'region':{'min':[-999,-999,-999],'max':[-99,999,999]}}"),
          "{'removed':0,'layers':1}");
    rig_do(&rig, "voxel.add", "[100,100,100,[1,1,1]]");
    CHECK(rig_call(&rig, "voxel.clear", "{'region':{'min':[-1,-1,-1],'max':[999,999,999]}}"),
          "-1014 limits.max_edit_bricks");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"limit\":8,\"given\":9"));
    CHECK(rig_call(&rig, "voxel.clear", "{'region':{'min':[0,0,0],'max':[31,31,31]}}"),
          "{'removed':32768,'layers':1}");
    CHECK(rig_call(&rig, "voxel.clear", "['layer']"), "{'removed':1,'layers':1}");
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"add, get, remove", add_get_remove},
    {"only changes make versions", only_changes_make_versions},
    {"layers", layers},
    {"batches as lists", batch_lists},
    {"what a batch refuses, all of it", batch_refusals},
    {"packed batches", batch_packed},
    {"packed there and back", packed_there_and_back},
    {"fill modes", fill_modes},
    {"clear", clear},
    {"query: regions and filters", query_regions_and_filters},
    {"ceilings", ceilings},
    {NULL, NULL},
};

const struct unit_suite voxel_suite = {"voxel", tests};
