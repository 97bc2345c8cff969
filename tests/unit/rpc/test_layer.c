/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods of the family `layer`. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "rig.h"

static struct rig rig;

static void start(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['house']");
}

static void create_and_list(void)
{
    start();
    CHECK(rig_call(&rig, "layer.create", "['roof',false,0.3,0]"),
          "{'id':2,'name':'roof','visible':false,'opacity':0.3,'order':0,'is_active':true}");
    rig_do(&rig, "voxel.add", "[0,0,0,[1,2,3]]");
    rig_call(&rig, "layer.create", NULL);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "\"visible\":true,\"opacity\":1,\"order\":2,\"is_active\":true"));
    rig_call(&rig, "layer.get_list", NULL);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, rig_json("'result':{'layers':[{'id':2,'name':'roof','visible':false,"
                                   "'opacity':0.3,'voxel_count':1,'order':0,'is_active':false},")));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "],\"active_layer_id\":3}"));
    rig_stop(&rig);
}

static void create_refusals(void)
{
    start();
    rig_do(&rig, "layer.create", "['roof']");
    CHECK(rig_call(&rig, "layer.create", "['roof']"), "-1016 name");
    CHECK(rig_call(&rig, "layer.create", "['all']"), "-1018 name");
    CHECK(rig_call(&rig, "layer.create", "['current']"), "-1018 name");
    CHECK(rig_call(&rig, "layer.create", "{'position':3}"), "-32602 position");
    CHECK(rig_call(&rig, "layer.create", "{'opacity':1.01}"), "-32602 opacity");
    rig_stop(&rig);
}

static void set_active_and_visibility(void)
{
    start();
    rig_do(&rig, "layer.create", "['roof']");
    CHECK(rig_call(&rig, "layer.set_active", "[1]"), "{'active_layer_id':1}");
    CHECK(rig_call(&rig, "layer.set_active", "['roof']"), "{'active_layer_id':2}");
    CHECK(rig_call(&rig, "layer.set_visibility", "['current',false]"), "{'id':2,'visible':false}");
    CHECK(rig_call(&rig, "layer.set_active", "[7]"), "-1002 layer_id");
    CHECK(rig_call(&rig, "layer.set_active", "[0]"), "-1002 layer_id");
    CHECK(rig_call(&rig, "layer.set_active", "[-1]"), "-1002 layer_id");
    CHECK(rig_call(&rig, "layer.set_active", "[4294967297]"), "-1002 layer_id");
    CHECK(rig_call(&rig, "layer.set_active", "['cellar']"), "-1002 layer_id");
    rig_stop(&rig);
}

static void delete_layers(void)
{
    start();
    CHECK(rig_call(&rig, "layer.delete", "[1]"), "-1016 ");
    rig_do(&rig, "layer.create", "['roof']");
    CHECK(rig_call(&rig, "layer.delete", "['roof']"), "{'deleted':2,'merged_into':null,'active_layer_id':1}");
    CHECK(rig_call(&rig, "layer.delete", "['roof']"), "-1002 layer_id");
    rig_stop(&rig);
}

static void merge_down(void)
{
    start();
    rig_do(&rig, "voxel.add_batch", "[[[0,0,0,1,1,1],[1,0,0,1,1,1]]]");
    rig_do(&rig, "layer.create", "['roof']");
    rig_do(&rig, "voxel.add_batch", "[[[1,0,0,2,2,2],[2,0,0,2,2,2]]]");
    CHECK(rig_call(&rig, "layer.delete", "[1,true]"), "-1016 ");
    CHECK(rig_call(&rig, "layer.delete", "[2,true]"), "{'deleted':2,'merged_into':1,'active_layer_id':1}");
    CHECK(rig_call(&rig, "voxel.query", NULL),
          "{'voxels':[{'x':0,'y':0,'z':0,'color':[1,1,1,255]},{'x':1,'y':0,'z':0,'color':[2,2,2,255]},"
          "{'x':2,'y':0,'z':0,'color':[2,2,2,255]}],'count':3,'truncated':false}");
    rig_stop(&rig);
}

/* The opacity lives in a material: it comes back from a file, and its material goes with the layer. */
static void opacity_is_kept(void)
{
    start();
    rig_do(&rig, "layer.create", "{'name':'one','opacity':0.25}");
    rig_do(&rig, "layer.create", "{'name':'two','opacity':0.5}");
    rig_do(&rig, "layer.delete", "['one']");
    rig_do(&rig, "project.save", "['house.gox']");
    rig_do(&rig, "project.open", "['house.gox']");
    rig_call(&rig, "layer.get_list", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"name\":\"two\",\"visible\":true,\"opacity\":0.5,"));
    for (int i = 0; i < GOXEL_LAYERS_MAX + 10; i++) {
        rig_do(&rig, "layer.create", "{'name':'one','opacity':0.25}");
        rig_do(&rig, "layer.delete", "['one']");
    }
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"create and get_list", create_and_list},
    {"what create refuses", create_refusals},
    {"set_active and set_visibility", set_active_and_visibility},
    {"delete", delete_layers},
    {"delete with merge_down", merge_down},
    {"opacity is kept", opacity_is_kept},
    {NULL, NULL},
};

const struct unit_suite layer_suite = {"layer", tests};
