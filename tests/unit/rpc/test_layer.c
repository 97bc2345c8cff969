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

/* Layer 1 with a voxel at 0 0 0, its clones 2 and 3 at 5 0 0 and 8 0 0, and 4, a clone of 2 at 25 0 0. */
static void start_with_clones(void)
{
    static const struct {
        int base;
        float move;
    } clones[] = {{1, 5}, {1, 8}, {2, 20}};
    struct goxel_slot *slot = NULL;
    struct goxel_edit edit;

    start();
    rig_do(&rig, "voxel.add", "[0,0,0,[1,2,3]]");
    CU_ASSERT_EQUAL_FATAL(goxel_workspace_find(rig.workspace, NULL, &slot, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &edit), 0);
    for (size_t i = 0; i < 3; i++) {
        struct goxel_layer *layer = NULL;

        CU_ASSERT_EQUAL_FATAL(goxel_project_add_layer(edit.project, NULL, -1, &layer, NULL), 0);
        layer->base_id = clones[i].base;
        layer->mat[12] = clones[i].move;
    }
    CU_ASSERT_EQUAL(goxel_head_commit(goxel_slot_head(slot), &edit, NULL, NULL), 0);
    goxel_slot_unref(slot);
}

/* Of half extents 2, around the origin. */
static void make_shape(int id, const char *name)
{
    struct goxel_slot *slot = NULL;
    struct goxel_layer *layer;
    struct goxel_edit edit;

    CU_ASSERT_EQUAL_FATAL(goxel_workspace_find(rig.workspace, NULL, &slot, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &edit), 0);
    layer = goxel_project_own_layer(edit.project, goxel_project_layer(edit.project, id));
    snprintf(layer->shape, sizeof(layer->shape), "%s", name);
    layer->mat[0] = layer->mat[5] = layer->mat[10] = 2;
    layer->color = (struct goxel_color){7, 8, 9, 255};
    CU_ASSERT_EQUAL(goxel_head_commit(goxel_slot_head(slot), &edit, NULL, NULL), 0);
    goxel_slot_unref(slot);
}

/* What was seen is still seen when the layer it came from is gone. */
static void clones_outlive_their_base(void)
{
    start_with_clones();
    CHECK(rig_call(&rig, "layer.delete", "[1]"), "{'deleted':1,'merged_into':null,'active_layer_id':4}");
    CHECK(rig_call(&rig, "voxel.query", "{'layer_id':'all'}"),
          "{'voxels':[{'x':5,'y':0,'z':0,'color':[1,2,3,255],'layer_id':2},"
          "{'x':8,'y':0,'z':0,'color':[1,2,3,255],'layer_id':3},"
          "{'x':25,'y':0,'z':0,'color':[1,2,3,255],'layer_id':4}],'count':3,'truncated':false}");
    CHECK(rig_call(&rig, "layer.delete", "[2]"), "{'deleted':2,'merged_into':null,'active_layer_id':4}");
    CHECK(rig_call(&rig, "voxel.query", "{'layer_id':'all'}"),
          "{'voxels':[{'x':8,'y':0,'z':0,'color':[1,2,3,255],'layer_id':3},"
          "{'x':25,'y':0,'z':0,'color':[1,2,3,255],'layer_id':4}],'count':2,'truncated':false}");
    rig_do(&rig, "voxel.add", "{'x':1,'y':0,'z':0,'color':[1,1,1],'layer_id':4}"); /* plain by now */
    rig_stop(&rig);
}

static void merging_a_clone_merges_what_it_shows(void)
{
    start_with_clones();
    CHECK(rig_call(&rig, "layer.delete", "[3,true]"), "-1016 "); /* below is a clone */
    CHECK(rig_call(&rig, "layer.delete", "[2,true]"), "{'deleted':2,'merged_into':1,'active_layer_id':4}");
    CHECK(rig_call(&rig, "voxel.query", "{'layer_id':'all'}"),
          "{'voxels':[{'x':0,'y':0,'z':0,'color':[1,2,3,255],'layer_id':1},"
          "{'x':5,'y':0,'z':0,'color':[1,2,3,255],'layer_id':1},"
          "{'x':8,'y':0,'z':0,'color':[1,2,3,255],'layer_id':3},"
          "{'x':13,'y':0,'z':0,'color':[1,2,3,255],'layer_id':3},"
          "{'x':25,'y':0,'z':0,'color':[1,2,3,255],'layer_id':4}],'count':5,'truncated':false}");
    rig_stop(&rig);
}

static void shapes_are_merged_as_they_look(void)
{
    start();
    rig_do(&rig, "layer.create", "['ball']");
    make_shape(2, "torus");
    CHECK(rig_call(&rig, "layer.delete", "[2,true]"), "-1016 ");
    make_shape(2, "sphere");
    CHECK(rig_call(&rig, "voxel.add", "{'x':1,'y':0,'z':0,'color':[1,1,1],'layer_id':2}"), "-1016 ");
    CHECK(rig_call(&rig, "layer.delete", "[2,true]"), "{'deleted':2,'merged_into':1,'active_layer_id':1}");
    CHECK(rig_call(&rig, "voxel.get", "{'x':-2,'y':0,'z':-1}"),
          "{'x':-2,'y':0,'z':-1,'exists':true,'color':[7,8,9,255],'layer_id':1}");
    rig_stop(&rig);
}

static void a_base_that_cannot_be_drawn_stays(void)
{
    start_with_clones();
    make_shape(1, "torus");
    CHECK(rig_call(&rig, "layer.delete", "[1]"), "-1016 ");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "layer 2 is a clone that cannot be made voxels: delete it first"));
    rig_call(&rig, "layer.get_list", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "{\"id\":1,"));
    rig_stop(&rig);
}

/* Whatever reads voxels reads what a clone shows, in the published version and in a batch. */
static void clones_are_read_as_they_look(void)
{
    start_with_clones();
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"total_voxels\":4,\"layers\":4,\"colors_used\":1,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, rig_json("'bounds':{'min':[0,0,0],'max':[25,0,0]}")));
    rig_call(&rig, "project.list", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"total_voxels\":4,"));
    rig_call(&rig, "layer.get_list", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"voxel_count\":1,\"order\":3,"));
    CHECK(rig_call(&rig, "voxel.get", "{'x':25,'y':0,'z':0,'layer_id':4}"),
          "{'x':25,'y':0,'z':0,'exists':true,'color':[1,2,3,255],'layer_id':4}");
    CHECK(rig_call(&rig, "voxel.get", "{'x':8,'y':0,'z':0,'layer_id':'all'}"),
          "{'x':8,'y':0,'z':0,'exists':true,'color':[1,2,3,255],'layer_id':3}");
    CHECK(rig_call(&rig, "voxel.get_batch", "{'positions':[[25,0,0],[1,1,1],[0,0,0]],'layer_id':'all'}"),
          "{'voxels':[{'x':25,'y':0,'z':0,'exists':true,'color':[1,2,3,255],'layer_id':4},"
          "{'x':1,'y':1,'z':1,'exists':false,'color':null,'layer_id':null},"
          "{'x':0,'y':0,'z':0,'exists':true,'color':[1,2,3,255],'layer_id':1}],'count':3,'found':2}");
    CHECK(rig_call(&rig, "voxel.bounding_box", "{'layer_id':2}"),
          "{'empty':false,'bounds':{'min':[5,0,0],'max':[5,0,0]},'dimensions':[1,1,1],'voxel_count':1}");
    CHECK(rig_call(&rig, "voxel.find_by_color", "{'color':[1,2,3],'layer_id':3}"),
          "{'voxels':[{'x':8,'y':0,'z':0,'color':[1,2,3,255]}],'count':1,'truncated':false}");
    CHECK(rig_call(&rig, "goxel.get_voxel", "[25,0,0,4]"),
          "{'x':25,'y':0,'z':0,'exists':true,'color':[1,2,3,255]}");
    rig_call(&rig, "goxel.get_color_histogram", "{'layer_id':-2}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"total_voxels\":4,"));
    rig_call(&rig, "goxel.find_voxels_by_color", "{'color':[1,2,3,255],'layer_id':-2}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"match_count\":4,"));
    rig_call(&rig, "batch.execute",
             "{'operations':[{'method':'voxel.add','params':[1,0,0,[9,9,9],1]},"
             "{'method':'voxel.get','params':{'x':26,'y':0,'z':0,'layer_id':4}}]}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, rig_json("'exists':true,'color':[9,9,9,255],'layer_id':4}")));
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"total_voxels\":8,\"layers\":4,\"colors_used\":2,"));
    CHECK(rig_call(&rig, "voxel.add", "{'x':1,'y':0,'z':0,'color':[1,1,1],'layer_id':2}"), "-1016 ");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "(layer.create, layer.merge)"));
    rig_stop(&rig);
}

static void what_is_not_drawn_is_told(void)
{
    start_with_clones();
    make_shape(1, "torus");
    CHECK(rig_call(&rig, "voxel.get", "{'x':5,'y':0,'z':0,'layer_id':2}"), "-1016 ");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "layer 2 is a clone that cannot be drawn"));
    CHECK(rig_call(&rig, "voxel.query", "{'layer_id':1}"), "-1016 ");
    CHECK(rig_call(&rig, "voxel.get_batch", "{'positions':[[0,0,0]],'layer_id':1}"), "-1016 ");
    CHECK(rig_call(&rig, "voxel.bounding_box", "{'layer_id':3}"), "-1016 ");
    CHECK(rig_call(&rig, "voxel.query", "{'layer_id':'all'}"), "{'voxels':[],'count':0,'truncated':false}");
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"total_voxels\":0,"));
    rig_do(&rig, "project.save", "['undrawn.gox']");
    CHECK(rig_call(&rig, "project.open", "{'path':'undrawn.gox','strict':true}"), "-1018 ");
    rig_call(&rig, "project.open", "['undrawn.gox']");
    CU_ASSERT_PTR_NOT_NULL(strstr(
        rig.reply, "clone and shape layers that cannot be drawn: their voxel_count is 0\",\"count\":4"));
    rig_stop(&rig);
}

/* A version says what came into a clone, as its base has it. */
static void shapes_and_differences_are_as_they_look(void)
{
    start_with_clones();
    rig_call(&rig, "voxel.copy",
             "{'region':{'min':[5,0,0],'max':[5,0,0]},'to':[6,0,0],'source_id':2,'layer_id':1}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"added\":1,"));
    rig_do(&rig, "voxel.add", "{'x':0,'y':9,'z':0,'color':[1,1,1],'layer_id':1}");
    rig_call(&rig, "project.diff", "{'from':2}");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, rig_json("{'id':4,'name':'Layer.4','change':'edited','added':1,")));
    make_shape(1, "cube");
    rig_call(&rig, "layer.get_list", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"voxel_count\":64,\"order\":0,"));
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"colors_used\":1,"));
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
    {"clones outlive their base", clones_outlive_their_base},
    {"merging a clone merges what it shows", merging_a_clone_merges_what_it_shows},
    {"shapes are merged as they look", shapes_are_merged_as_they_look},
    {"a base that cannot be drawn stays", a_base_that_cannot_be_drawn_stays},
    {"clones are read as they look", clones_are_read_as_they_look},
    {"what is not drawn is told", what_is_not_drawn_is_told},
    {"shapes and differences are as they look", shapes_and_differences_are_as_they_look},
    {"opacity is kept", opacity_is_kept},
    {NULL, NULL},
};

const struct unit_suite layer_suite = {"layer", tests};
