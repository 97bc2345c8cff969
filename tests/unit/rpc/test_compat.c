/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compatible family, as the existing daemon's clients call it: by place or by name, and however they write colours. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "rig.h"

static struct rig rig;

static const char *voxel(const char *params)
{
    return rig_call(&rig, "goxel.get_voxel", params);
}

/* Without any project reads show an empty one, and make none. */
static void nothing_is_an_empty_project(void)
{
    rig_start(&rig);
    CHECK(voxel("[1,2,3]"), "{'x':1,'y':2,'z':3,'exists':false,'color':[0,0,0,0]}");
    CHECK(rig_call(&rig, "goxel.list_layers", NULL),
          "{'count':1,'layers':[{'id':1,'name':'Layer.1','visible':true}]}");
    CHECK(rig_call(&rig, "goxel.get_bounding_box", "{}"), "{'empty':true}");
    CHECK(rig_call(&rig, "goxel.get_layer_voxels", "{}"),
          "{'voxels':[],'count':0,'truncated':false,'bbox':null}");
    CHECK(rig_call(&rig, "project.list", NULL), "{'projects':[],'count':0,'current_project':null}");
    rig_stop(&rig);
}

static void the_first_edit_makes_a_project(void)
{
    rig_start(&rig);
    CHECK(rig_call(&rig, "goxel.add_voxel", "[1,2,3,10,20,30]"),
          "{'success':true,'x':1,'y':2,'z':3,'layer_id':1,'color':[10,20,30,255]}");
    CHECK(voxel("[1,2,3]"), "{'x':1,'y':2,'z':3,'exists':true,'color':[10,20,30,255]}");
    rig_do(&rig, "project.get_info", "['scratch']");
    rig_stop(&rig);
}

static void a_new_project_takes_the_place(void)
{
    rig_start(&rig);
    rig_do(&rig, "goxel.add_voxel", "[1,2,3,10,20,30]");
    CHECK(rig_call(&rig, "goxel.create_project", "['house',10,20,30]"),
          "{'success':true,'name':'house','width':10,'height':20,'depth':30}");
    CHECK(voxel("[1,2,3]"), "{'x':1,'y':2,'z':3,'exists':false,'color':[0,0,0,0]}");
    CHECK(rig_call(&rig, "goxel.create_project", "{'size':[7,8,9]}"),
          "{'success':true,'name':'New Project','width':7,'height':8,'depth':9}");
    CU_ASSERT_EQUAL(goxel_workspace_count(rig.workspace), 1);
    rig_call(&rig, "goxel.get_status", NULL);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "\"layer_count\":1,\"read_only\":false,\"width\":7,\"height\":8,\"depth\":9}"));
    CHECK(rig_call(&rig, "goxel.create_project", "['x',0]"), "-32602 width");
    CHECK(rig_call(&rig, "goxel.create_project", "{'name':7}"), "-32602 name");
    rig_stop(&rig);
}

/* That of the daemon's other clients. */
static void the_current_project_is_shared(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['castle']");
    rig_do(&rig, "goxel.add_voxel", "[1,2,3,10,20,30]");
    CHECK(rig_call(&rig, "voxel.get", "{'x':1,'y':2,'z':3,'project':'castle'}"),
          "{'x':1,'y':2,'z':3,'exists':true,'color':[10,20,30,255],'layer_id':1}");
    rig_do(&rig, "project.undo", NULL);
    CHECK(voxel("[1,2,3]"), "{'x':1,'y':2,'z':3,'exists':false,'color':[0,0,0,0]}");
    rig_do(&rig, "goxel.create_project", NULL);
    CU_ASSERT_EQUAL(goxel_workspace_count(rig.workspace), 2); /* nobody's but its own goes */
    rig_stop(&rig);
}

static void colours_and_positions_have_many_forms(void)
{
    static const struct {
        const char *params, *color;
    } forms[] = {
        {"[0,0,0,'#102030']", "[16,32,48,255]"},
        {"[0,0,0,16,32,48,64]", "[16,32,48,64]"},
        {"[0,0,0,1.0,0.0,0.5]", "[255,0,128,255]"},
        {"{'x':0,'y':0,'z':0,'r':1,'g':2,'b':3}", "[1,2,3,255]"},
        {"{'x':0,'y':0,'z':0,'r':1.0,'g':2,'b':3,'a':1}", "[255,2,3,1]"},
        {"{'position':[0,0,0],'color':[9,8,7]}", "[9,8,7,255]"},
        {"{'position':{'x':0.9,'y':0.1,'z':0},'color':{'r':9,'g':8,'b':7,'a':6}}", "[9,8,7,6]"},
        {"{'position':[0,0,0],'color':'#01020304'}", "[1,2,3,4]"},
        {"[{'position':[0,0,0],'color':[4,5,6]}]", "[4,5,6,255]"},
        {"{'position':[0,0,0],'color':[4,5,6],'surprise':true}", "[4,5,6,255]"},
        {"[0,0,0,1,2,3,4,0]", "[1,2,3,4]"},
        {"[0,0,0,1,2,3,null,-1]", "[1,2,3,255]"},
    };

    rig_start(&rig);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char wanted[160];

        rig_do(&rig, "goxel.create_project", NULL);
        snprintf(wanted, sizeof(wanted), "{'success':true,'x':0,'y':0,'z':0,'layer_id':1,'color':%s}",
                 forms[i].color);
        CHECK(rig_call(&rig, "goxel.add_voxel", forms[i].params), wanted);
    }
    CHECK(rig_call(&rig, "goxel.add_voxel", "[-0.5,0,0,1,2,3]"),
          "{'success':true,'x':-1,'y':0,'z':0,'layer_id':1,'color':[1,2,3,255]}");
    rig_stop(&rig);
}

static void what_is_wrong_is_named(void)
{
    static const struct {
        const char *method, *params, *error;
    } calls[] = {
        {"goxel.add_voxel", "[1,2]", "-32602 z"},
        {"goxel.add_voxel", NULL, "-32602 x"},
        {"goxel.add_voxel", "['one',2,3,1,2,3]", "-32602 x"},
        {"goxel.add_voxel", "[1,2,1048576,1,2,3]", "-1003 z"},
        {"goxel.add_voxel", "[1e300,2,3,1,2,3]", "-32602 x"},
        {"goxel.add_voxel", "[1,2,3]", "-1004 r"},
        {"goxel.add_voxel", "[1,2,3,1,2]", "-1004 b"},
        {"goxel.add_voxel", "[1,2,3,1,2,256]", "-1004 b"},
        {"goxel.add_voxel", "[1,2,3,1,2,-1]", "-1004 b"},
        {"goxel.add_voxel", "[1,2,3,1,2,3,0]", "-1004 color"},
        {"goxel.add_voxel", "[1,2,3,'red']", "-1004 color"},
        {"goxel.add_voxel", "[1,2,3,1,2,3,255,9]", "-1002 layer_id"},
        {"goxel.add_voxel", "[1,2,3,1,2,3,255,-2]", "-1002 layer_id"},
        {"goxel.add_voxel", "{'position':[1,2],'color':[1,2,3]}", "-32602 position"},
        {"goxel.paint_voxels", "[9,9,9,1,2,3]", "-1000 "},
        {"goxel.flood_fill", "[9,9,9,1,2,3]", "-1000 "},
        {"goxel.procedural_shape", "['pyramid']", "-32602 shape_type"},
        {"goxel.procedural_shape", "['cube',0]", "-32602 size_x"},
        {"goxel.procedural_shape", "['cube',10,10,10,1048570]", "-1003 "},
        {"goxel.procedural_shape", "{'center_x':-9223372036854775808}", "-32602 center_x"},
        {"goxel.procedural_shape", "['cube',100000,100000,100000]", "-1014 limits.max_edit_bricks"},
        {"goxel.add_voxels", "{}", "-32602 voxels"},
        {"goxel.batch_operations", "{'operations':7}", "-32602 operations"},
        {"goxel.get_voxels_region", "{'min':[0,0,0]}", "-32602 max"},
        {"goxel.get_voxels_region", "{'min':[0,0,0],'max':[-1,0,0]}", "-1003 max"},
        {"goxel.get_voxels_region", "{'min':[0,0,0],'max':[9,9,9],'limit':-1}", "-32602 limit"},
        {"goxel.delete_layer", "[1]", "-1016 "},
        {"goxel.delete_layer", NULL, "-32602 layer_id"},
        {"goxel.merge_layers", "[1]", "-32602 target_layer_id"},
        {"goxel.set_layer_visibility", "{'visible':false}", "-32602 layer_id"},
        {"goxel.create_layer", "['all']", "-1018 name"},
        {"goxel.add_voxel", "{'x':1,'y':2,'z':3,'':'#ffffff'}", "-1004 r"},
        {"goxel.get_voxel", "{'x':1,'y':2,'z':3,'project':'castle'}", "-1001 project"},
        {"goxel.get_layer_voxels", "{'offset':9223372036854775808.0}", "-32602 offset"},
        {"goxel.get_color_histogram", "{'bin_size':257}", "-32602 bin_size"},
        {"goxel.get_color_histogram", "{'region':{'min':[0,0,0]}}", "-32602 max"},
        {"goxel.get_unique_colors", "{'layer_id':7}", "-1002 layer_id"},
        {"goxel.find_voxels_by_color", NULL, "-1004 color"},
        {"goxel.find_voxels_by_color", "{'color':'#ffffff','tolerance':[1,2,3,256]}", "-32602 tolerance"},
        {"goxel.find_voxels_by_color", "{'color':'#ffffff00'}", "-1004 color"},
        {"goxel.delete_layer", "{'layer_name':'cellar'}", "-1002 layer_name"},
        {"goxel.merge_layers", "[1,1]", "-32602 target_layer_id"},
        {"goxel.load_project", "{}", "-32602 path"},
        {"goxel.load_project", "['nothing.gox']", "-1005 "},
        {"goxel.export_model", "['a.gox','blend']", "-1006 format"},
        {"goxel.save_project", "['/etc/passwd.gox']", "-1005 "},
    };
    char before[512];

    rig_start(&rig);
    rig_do(&rig, "goxel.add_voxel", "[0,0,0,1,2,3]");
    snprintf(before, sizeof(before), "%s", rig_call(&rig, "goxel.get_layer_voxels", NULL));
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        CHECK(rig_call(&rig, calls[i].method, calls[i].params), calls[i].error);
    CU_ASSERT_STRING_EQUAL(rig_call(&rig, "goxel.get_layer_voxels", NULL), before);
    rig_stop(&rig);
}

static void many_voxels_at_once(void)
{
    rig_start(&rig);
    CHECK(
        rig_call(&rig, "goxel.add_voxels",
                 "{'voxels':[{'position':[0,0,0],'color':[1,2,3]},{'position':[0,0],'color':[1,2,3]},7,"
                 "{'position':{'x':1,'y':0,'z':0},'color':'#ffffff'}]}"),
        "{'success':true,'added':2,'failed':2,'first_failed':1,'first_error':{'code':-32602,'message':'Invalid params',"
        "'data':{'reason':'position: expected {x, y, z} or [x, y, z], got [0,0]','field':'position','value':'[0,0]',"
        "'expected':'{x, y, z} or [x, y, z]'}}}");
    CHECK(rig_call(&rig, "add_voxels", "{'voxels':[{'x':2,'y':0,'z':0,'r':1,'g':2,'b':3}]}"),
          "{'success':true,'added':1,'failed':0}");
    CHECK(rig_call(&rig, "add_voxels", "[[{'x':3,'y':0,'z':0,'r':1,'g':2,'b':3,'a':4}]]"),
          "{'success':true,'added':1,'failed':0}");
    CHECK(rig_call(&rig, "add_voxels",
                   "[{'x':4,'y':0,'z':0,'r':1,'g':2,'b':3},{'x':5,'y':0,'z':0,'r':1,'g':2,'b':3}]"),
          "{'success':true,'added':2,'failed':0}");
    CHECK(rig_call(&rig, "goxel.get_bounding_box", "{'layer_id':-1}"),
          "{'empty':false,'min':[0,0,0],'max':[5,0,0],'dimensions':[6,1,1]}");
    rig_stop(&rig);
}

static void removing_painting_and_flooding(void)
{
    rig_start(&rig);
    rig_do(&rig, "goxel.procedural_shape", "['cube',2,2,2,0,0,0,1,2,3]");
    rig_do(&rig, "goxel.add_voxel", "[9,9,9,1,2,3]");
    CHECK(rig_call(&rig, "goxel.paint_voxels", "[9,9,9,4,5,6]"), "{'success':true,'painted':1}");
    CHECK(voxel("[9,9,9]"), "{'x':9,'y':9,'z':9,'exists':true,'color':[4,5,6,255]}");
    CHECK(rig_call(&rig, "goxel.flood_fill", "[-1,-1,-1,7,8,9]"), "{'success':true,'voxels_filled':8}");
    CHECK(voxel("[0,0,0]"), "{'x':0,'y':0,'z':0,'exists':true,'color':[7,8,9,255]}");
    CHECK(voxel("[9,9,9]"), "{'x':9,'y':9,'z':9,'exists':true,'color':[4,5,6,255]}");
    CHECK(rig_call(&rig, "goxel.remove_voxel", "[9,9,9]"), "{'success':true,'x':9,'y':9,'z':9,'layer_id':1}");
    CHECK(rig_call(&rig, "goxel.remove_voxel", "[9,9,9]"), "{'success':true,'x':9,'y':9,'z':9,'layer_id':1}");
    CHECK(voxel("[9,9,9]"), "{'x':9,'y':9,'z':9,'exists':false,'color':[0,0,0,0]}");
    rig_stop(&rig);
}

/* center − size / 2 <= p < center + size / 2, for even sizes and odd ones, on either side of 0. */
static void shapes_span_what_they_should(void)
{
    rig_start(&rig);
    for (int size = 1; size <= 6; size++) {
        for (int center = -3; center <= 3; center++) {
            char params[128], wanted[160];
            int min = 0, max = -1;

            for (int p = -20; p <= 20; p++) {
                if (2 * center - size <= 2 * p && 2 * p < 2 * center + size) {
                    min = max < min ? p : min;
                    max = p;
                }
            }
            rig_do(&rig, "goxel.create_project", NULL);
            snprintf(params, sizeof(params), "['cube',%d,1,1,%d,0,0,'#ffffff']", size, center);
            snprintf(wanted, sizeof(wanted), "{'success':true,'shape_type':'cube','voxels_created':%d}",
                     size);
            CHECK(rig_call(&rig, "goxel.procedural_shape", params), wanted);
            snprintf(wanted, sizeof(wanted),
                     "{'empty':false,'min':[%d,0,0],'max':[%d,0,0],'dimensions':[%d,1,1]}", min, max, size);
            CHECK(rig_call(&rig, "goxel.get_bounding_box", NULL), wanted);
        }
    }
    rig_do(&rig, "goxel.create_project", NULL);
    CHECK(
        rig_call(&rig, "goxel.procedural_shape", "{'shape_type':'sphere','size_x':3,'size_y':3,'size_z':3}"),
        "{'success':true,'shape_type':'sphere','voxels_created':19}");
    rig_do(&rig, "goxel.create_project", NULL);
    CHECK(rig_call(&rig, "goxel.procedural_shape", "['cylinder',3,3,2]"),
          "{'success':true,'shape_type':'cylinder','voxels_created':18}");
    rig_stop(&rig);
}

static void a_batch_is_one_step(void)
{
    rig_start(&rig);
    CHECK(
        rig_call(
            &rig, "goxel.batch_operations",
            "{'operations':[{'type':'add_voxel','position':[0,0,0],'color':[1,2,3]},"
            "{'type':'paint_voxels','x':0,'y':0,'z':0,'r':4,'g':5,'b':6},"
            "{'type':'paint_voxels','x':7,'y':0,'z':0,'r':4,'g':5,'b':6},"
            "{'type':'explode'},{},{'type':'add_voxels','voxels':[{'position':[1,0,0],'color':[1,2,3]}]},"
            "{'type':'remove_voxel','x':1,'y':0,'z':0}]}"),
        "{'success':true,'total_operations':7,'successful_operations':4,'first_failed':2,'first_error':{'code':-1000,"
        "'message':'no voxel there','data':{'reason':'there is no voxel at that position'}}}");
    CHECK(rig_call(&rig, "goxel.get_layer_voxels", NULL),
          "{'voxels':[{'x':0,'y':0,'z':0,'color':[4,5,6,255]}],'count':1,'truncated':false,"
          "'bbox':{'min':[0,0,0],'max':[0,0,0]}}");
    rig_do(&rig, "project.undo", NULL);
    CHECK(rig_call(&rig, "goxel.get_bounding_box", NULL), "{'empty':true}");
    CHECK(rig_call(&rig, "goxel.batch_operations",
                   "[[{'type':'add_voxel','x':0,'y':0,'z':0,'color':'#ffffff'}]]"),
          "{'success':true,'total_operations':1,'successful_operations':1}");
    rig_stop(&rig);
}

static void layers_come_and_go(void)
{
    rig_start(&rig);
    rig_do(&rig, "goxel.add_voxel", "[0,0,0,1,2,3]");
    CHECK(rig_call(&rig, "goxel.create_layer", "['roof',9,8,7,false]"),
          "{'success':true,'id':2,'name':'roof','visible':false,'color':[9,8,7,255]}");
    CHECK(rig_call(&rig, "goxel.create_layer", "['roof']"),
          "{'success':true,'id':3,'name':'roof.2','visible':true,'color':[255,255,255,255]}");
    rig_do(&rig, "goxel.add_voxel", "[5,0,0,4,5,6]"); /* to the active one, which is the newest */
    CHECK(voxel("[5,0,0,1]"), "{'x':5,'y':0,'z':0,'exists':false,'color':[0,0,0,0]}");
    CHECK(voxel("[5,0,0,-2]"), "{'x':5,'y':0,'z':0,'exists':true,'color':[4,5,6,255]}");
    CHECK(rig_call(&rig, "goxel.get_bounding_box", "{'layer_id':-2}"),
          "{'empty':false,'min':[0,0,0],'max':[5,0,0],'dimensions':[6,1,1]}");
    CHECK(rig_call(&rig, "goxel.set_layer_visibility", "[2]"), "{'success':true,'visible':true}");
    CHECK(rig_call(&rig, "goxel.set_layer_visibility", "{'layer_id':2,'visible':0}"),
          "{'success':true,'visible':false}");
    CHECK(rig_call(&rig, "goxel.delete_layer", "{'layer_name':'roof'}"), "{'success':true}");
    CHECK(rig_call(&rig, "goxel.merge_layers", "[3,1]"), "{'success':true}");
    CHECK(rig_call(&rig, "goxel.list_layers", NULL),
          "{'count':1,'layers':[{'id':1,'name':'Layer.1','visible':true}]}");
    CHECK(voxel("[5,0,0,1]"), "{'x':5,'y':0,'z':0,'exists':true,'color':[4,5,6,255]}");
    rig_stop(&rig);
}

static void lists_are_bounded(void)
{
    rig_start(&rig);
    rig_do(&rig, "goxel.procedural_shape", "['cube',4,4,4,2,2,2,1,2,3]");
    rig_do(&rig, "goxel.add_voxel", "[9,9,9,7,7,7]");
    rig_call(&rig, "goxel.get_voxels_region", "{'min':[0,0,0],'max':[9,9,8],'limit':10}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"count\":10,\"truncated\":true,\"bbox\":"));
    rig_call(&rig, "goxel.get_voxels_region", "{'min':[0,0,0],'max':[9,9,8],'offset':60,'limit':10}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"count\":4,\"truncated\":false,"));
    rig_call(&rig, "goxel.get_voxels_region", "[[0,0,0],{'x':0,'y':3,'z':0}]");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "\"count\":4,\"truncated\":false,\"bbox\":{\"min\":[0,0,0],\"max\":[0,3,0]}"));
    CHECK(rig_call(&rig, "goxel.get_layer_voxels", "{'color_filter':[7,7,7]}"),
          "{'voxels':[{'x':9,'y':9,'z':9,'color':[7,7,7,255]}],'count':1,'truncated':false,"
          "'bbox':{'min':[9,9,9],'max':[9,9,9]}}");
    rig_stop(&rig);
}

/* Another's project of that name stays, and what is named is meant, by a parameter or by the URL. */
static void the_named_project_is_meant(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['scratch']");
    rig_do(&rig, "voxel.add", "[5,5,5,'#010203']");
    CHECK(rig_call(&rig, "goxel.create_project", "['scratch']"),
          "{'success':true,'name':'scratch-2','width':64,'height':64,'depth':64}");
    CHECK(voxel("[5,5,5]"), "{'x':5,'y':5,'z':5,'exists':false,'color':[0,0,0,0]}");
    CHECK(voxel("{'x':5,'y':5,'z':5,'project':'scratch'}"),
          "{'x':5,'y':5,'z':5,'exists':true,'color':[1,2,3,255]}");
    rig_do(&rig, "goxel.add_voxel", "{'x':1,'y':1,'z':1,'r':9,'g':9,'b':9,'project':'scratch'}");
    CHECK(voxel("[1,1,1]"), "{'x':1,'y':1,'z':1,'exists':false,'color':[0,0,0,0]}");
    rig_do(&rig, "goxel.create_project", NULL);
    CU_ASSERT_EQUAL(goxel_workspace_count(rig.workspace), 2);
    CHECK(voxel("{'x':1,'y':1,'z':1,'project':'scratch'}"),
          "{'x':1,'y':1,'z':1,'exists':true,'color':[9,9,9,255]}");
    rig_stop(&rig);
}

/* An edit is bounded however it is put together, and one that is over the bound changes nothing. */
static void edits_are_bounded(void)
{
    static const char far_apart[] =
        "{'voxels':[{'x':0,'y':0,'z':0,'color':'#ffffff'},{'x':15,'y':0,'z':0,'color':'#ffffff'},"
        "{'x':16,'y':0,'z':0,'color':'#ffffff'},{'x':0,'y':99,'z':0,'color':'#ffffff'}]}";

    rig_start_with(&rig, goxel_methods, "limits { max_edit_bricks = 2 }\n");
    CHECK(rig_call(&rig, "goxel.add_voxels", far_apart), "-1014 limits.max_edit_bricks");
    CHECK(rig_call(&rig, "goxel.batch_operations",
                   "{'operations':[{'type':'procedural_shape','size':[2,2,2],'center':[8,8,8]},"
                   "{'type':'add_voxel','x':40,'y':0,'z':0,'color':'#ffffff'},"
                   "{'type':'add_voxel','x':80,'y':0,'z':0,'color':'#ffffff'}]}"),
          "-1014 limits.max_edit_bricks");
    CHECK(rig_call(&rig, "goxel.get_bounding_box", NULL), "{'empty':true}");
    /* A diagonal's box is large, its voxels are in one brick. */
    rig_do(&rig, "goxel.procedural_shape", "{'size':[10,10,10],'center':[8,8,8],'color':'#ffffff'}");
    CHECK(rig_call(&rig, "goxel.flood_fill", "[8,8,8,1,2,3]"), "{'success':true,'voxels_filled':1000}");
    rig_stop(&rig);
}

static void sizes_and_centers_are_lists_too(void)
{
    rig_start(&rig);
    CHECK(
        rig_call(&rig, "goxel.procedural_shape", "{'shape_type':'cube','size':[4,2,6],'center':[10,0,-10]}"),
        "{'success':true,'shape_type':'cube','voxels_created':48}");
    CHECK(rig_call(&rig, "goxel.get_bounding_box", NULL),
          "{'empty':false,'min':[8,-1,-13],'max':[11,0,-8],'dimensions':[4,2,6]}");
    rig_stop(&rig);
}

static void colours_are_counted_and_found(void)
{
    rig_start(&rig);
    rig_do(&rig, "goxel.add_voxels",
           "{'voxels':[{'position':[0,0,0],'color':[10,0,0]},{'position':[1,0,0],'color':[10,0,0]},"
           "{'position':[2,0,0],'color':[9,0,0]},{'position':[3,0,0],'color':[200,0,0,128]}]}");
    rig_do(&rig, "goxel.create_layer", "['top']");
    rig_do(&rig, "goxel.add_voxel", "[7,0,0,10,0,0]");
    CHECK(
        rig_call(&rig, "goxel.get_color_histogram", "{'layer_id':-2,'top_n':1}"),
        "{'histogram':[{'color':'#0A0000FF','rgba':[10,0,0,255],'count':3,'percentage':60}],'total_voxels':5,"
        "'unique_colors':3,'metadata':{'binned':false,'bin_size':0}}");
    CHECK(
        rig_call(&rig, "goxel.get_color_histogram",
                 "{'layer_id':1,'bin_size':64,'region':{'min':[0,0,0],'max':[2,0,0]}}"),
        "{'histogram':[{'color':'#000000C0','rgba':[0,0,0,192],'count':3,'percentage':100}],'total_voxels':3,"
        "'unique_colors':1,'metadata':{'binned':true,'bin_size':64}}");
    CHECK(
        rig_call(&rig, "goxel.get_unique_colors", "{'layer_id':1}"),
        "{'colors':[{'hex':'#090000FF','rgba':[9,0,0,255]},{'hex':'#0A0000FF','rgba':[10,0,0,255]},"
        "{'hex':'#C8000080','rgba':[200,0,0,128]}],'count':3,'metadata':{'layer_id':1,'sorted_by_count':false}}");
    CHECK(
        rig_call(&rig, "goxel.get_unique_colors",
                 "{'layer_id':-2,'merge_similar':true,'merge_threshold':1,'sort_by_count':true}"),
        "{'colors':[{'hex':'#0A0000FF','rgba':[10,0,0,255]},{'hex':'#C8000080','rgba':[200,0,0,128]}],'count':2,"
        "'metadata':{'layer_id':-2,'sorted_by_count':true}}");
    CHECK(
        rig_call(&rig, "goxel.find_voxels_by_color", "{'color':[10,0,0],'layer_id':-2}"),
        "{'target_color':[10,0,0,255],'locations':[{'x':0,'y':0,'z':0,'layer_id':1},{'x':1,'y':0,'z':0,'layer_id':1},"
        "{'x':7,'y':0,'z':0,'layer_id':2}],'match_count':3,'truncated':false,'metadata':{'tolerance':[0,0,0,0]}}");
    CHECK(
        rig_call(&rig, "goxel.find_voxels_by_color",
                 "{'color':[10,0,0],'layer_id':1,'tolerance':[1,0,0,0],'max_results':2}"),
        "{'target_color':[10,0,0,255],'locations':[{'x':0,'y':0,'z':0,'layer_id':1},{'x':1,'y':0,'z':0,'layer_id':1}],"
        "'match_count':3,'truncated':true,'metadata':{'tolerance':[1,0,0,0]}}");
    CHECK(rig_call(&rig, "goxel.find_voxels_by_color",
                   "{'color':[10,0,0],'layer_id':1,'tolerance':190,'include_locations':false}"),
          "{'target_color':[10,0,0,255],'locations':[],'match_count':4,'truncated':false,"
          "'metadata':{'tolerance':[190,190,190,190]}}");
    rig_stop(&rig);
}

static void files_are_written_and_read(void)
{
    rig_start(&rig);
    rig_do(&rig, "goxel.add_voxel", "[1,2,3,4,5,6]");
    CHECK(rig_call(&rig, "goxel.save_project", "['a.gox']"), "{'success':true,'path':'a.gox'}");
    CHECK(rig_call(&rig, "goxel.export_model", "['a.txt','txt']"),
          "{'success':true,'path':'a.txt','format':'txt'}");
    CU_ASSERT(rig_has_file(rig.root, "a.gox") && rig_has_file(rig.root, "a.txt"));
    rig_do(&rig, "goxel.create_project", NULL);
    CHECK(rig_call(&rig, "goxel.load_project", "{'file_path':'a.gox'}"), "{'success':true,'path':'a.gox'}");
    CHECK(voxel("[1,2,3]"), "{'x':1,'y':2,'z':3,'exists':true,'color':[4,5,6,255]}");
    rig_do(&rig, "goxel.load_project", "['a.txt']");
    CHECK(voxel("[1,2,3]"), "{'x':1,'y':2,'z':3,'exists':true,'color':[4,5,6,255]}");
    CU_ASSERT_EQUAL(goxel_workspace_count(rig.workspace), 1);
    CHECK(rig_call(&rig, "goxel.load_project", "['nothing.gox']"), "-1005 ");
    CHECK(voxel("[1,2,3]"), "{'x':1,'y':2,'z':3,'exists':true,'color':[4,5,6,255]}");
    rig_stop(&rig);
}

static void the_daemon_answers_for_itself(void)
{
    rig_start(&rig);
    CHECK(rig_call(&rig, "echo", "{'a':[1,null,'x']}"), "{'a':[1,null,'x']}");
    CHECK(rig_call(&rig, "goxel.echo", "[1,2]"), "[1,2]");
    CHECK(rig_call(&rig, "echo", NULL), "null");
    rig_call(&rig, "ping", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "{\"pong\":true,\"timestamp\":1"));
    rig_call(&rig, "version", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, ",\"type\":\"daemon\",\"protocol\":\"JSON-RPC 2.0\"}"));
    rig_call(&rig, "status", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "{\"status\":\"running\",\"pid\":"));
    rig_call(&rig, "list_methods", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "{\"method\":\"goxel.add_voxel\",\"description\":\""));
    rig_stop(&rig);
}

const struct unit_suite compat_suite = {
    "compat",
    (const struct unit_test[]){
        {"nothing is an empty project", nothing_is_an_empty_project},
        {"the first edit makes a project", the_first_edit_makes_a_project},
        {"a new project takes the place", a_new_project_takes_the_place},
        {"the current project is shared", the_current_project_is_shared},
        {"colours and positions have many forms", colours_and_positions_have_many_forms},
        {"what is wrong is named", what_is_wrong_is_named},
        {"many voxels at once", many_voxels_at_once},
        {"removing, painting and flooding", removing_painting_and_flooding},
        {"shapes span what they should", shapes_span_what_they_should},
        {"a batch is one step", a_batch_is_one_step},
        {"layers come and go", layers_come_and_go},
        {"lists are bounded", lists_are_bounded},
        {"the named project is meant", the_named_project_is_meant},
        {"edits are bounded", edits_are_bounded},
        {"sizes and centers are lists too", sizes_and_centers_are_lists_too},
        {"colours are counted and found", colours_are_counted_and_found},
        {"files are written and read", files_are_written_and_read},
        {"the daemon answers for itself", the_daemon_answers_for_itself},
        {NULL, NULL},
    },
};
