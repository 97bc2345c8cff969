/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers that are named, moved, copied, merged and emptied as wholes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/modes.h"
#include "rig.h"

static struct rig rig;

/* 1 "Layer.1" and 2 "roof", which is active, with a voxel of their own each and one that both have. */
static void start(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['house']");
    rig_do(&rig, "layer.rename", "[1,'wall']");
    rig_do(&rig, "voxel.add_batch", "[[[0,0,0,1,1,1],[1,0,0,10,20,30]]]");
    rig_do(&rig, "layer.create", "{'name':'roof','opacity':0.5}");
    rig_do(&rig, "voxel.add_batch", "[[[1,0,0,200,100,50,100],[2,0,0,2,2,2]]]");
}

static void rename_layers(void)
{
    start();
    CHECK(rig_call(&rig, "layer.rename", "['roof','top']"), "{'id':2,'name':'top'}");
    CHECK(rig_call(&rig, "layer.rename", "['roof','x']"), "-1002 layer_id");
    CHECK(rig_call(&rig, "layer.rename", "['top','wall']"), "-1016 name");
    CHECK(rig_call(&rig, "layer.rename", "['top','all']"), "-1018 name");
    CHECK(rig_call(&rig, "layer.rename", "['top','current']"), "-1018 name");
    CHECK(rig_call(&rig, "layer.rename", "['top','']"), "-1018 name");
    CHECK(rig_call(&rig, "layer.rename", "['top','a\\u0007b']"), "-1018 name");
    CHECK(rig_call(&rig, "layer.rename", "['top','top']"), "{'id':2,'name':'top'}"); /* its own */
    rig_edit(&rig, "layer.rename", "[1,'floor']");
    rig_stop(&rig);
}

/* The material that came with the layer is still known as the layer's after its name changed, and goes with it. */
static void a_renamed_layer_takes_its_material_along(void)
{
    start();
    for (int i = 0; i < 5000; i++) { /* more than a project may have materials */
        rig_do(&rig, "layer.rename", "['roof','top']");
        rig_do(&rig, "layer.delete", "['top']");
        rig_do(&rig, "layer.create", "{'name':'roof','opacity':0.5}");
    }
    rig_stop(&rig);
}

static void reorder_layers(void)
{
    start();
    rig_do(&rig, "layer.create", "['flag']");
    CHECK(rig_call(&rig, "layer.reorder", "['flag',0]"), "{'id':3,'order':0}");
    CHECK(rig_call(&rig, "layer.reorder", "['flag',1]"), "{'id':3,'order':1}");
    CHECK(rig_call(&rig, "layer.reorder", "['flag',3]"), "-32602 position");
    CHECK(rig_call(&rig, "layer.reorder", "['pole',0]"), "-1002 layer_id");
    rig_edit(&rig, "layer.reorder", "['flag',2]");
    CHECK(rig_call(&rig, "voxel.get", "[1,0,0,'all']"),
          "{'x':1,'y':0,'z':0,'exists':true,'color':[200,100,50,100],'layer_id':2}");
    rig_edit(&rig, "layer.reorder", "['roof',0]");
    CHECK(rig_call(&rig, "voxel.get", "[1,0,0,'all']"),
          "{'x':1,'y':0,'z':0,'exists':true,'color':[10,20,30,255],'layer_id':1}");
    rig_stop(&rig);
}

static void duplicate_layers(void)
{
    start();
    CHECK(
        rig_call(&rig, "layer.duplicate", "['wall']"),
        "{'id':3,'name':'wall copy','visible':true,'opacity':1,'voxel_count':2,'order':1,'is_active':true}");
    CHECK(
        rig_call(&rig, "layer.duplicate", "['wall']"),
        "{'id':4,'name':'wall copy 2','visible':true,'opacity':1,'voxel_count':2,'order':1,'is_active':true}");
    CHECK(rig_call(&rig, "layer.duplicate", "['roof','second']"),
          "{'id':5,'name':'second','visible':true,'opacity':0.5,'voxel_count':2,'order':4,'is_active':true}");
    CHECK(rig_call(&rig, "layer.duplicate", "['roof','wall']"), "-1016 name");
    CHECK(rig_call(&rig, "layer.duplicate", "['roof','all']"), "-1018 name");
    CHECK(rig_call(&rig, "layer.duplicate", "[9]"), "-1002 layer_id");
    /* It has voxels of its own. */
    rig_do(&rig, "voxel.add", "{'x':7,'y':7,'z':7,'color':'#010101','layer_id':'second'}");
    CHECK(rig_call(&rig, "voxel.get", "[7,7,7,'roof']"),
          "{'x':7,'y':7,'z':7,'exists':false,'color':null,'layer_id':2}");
    rig_edit(&rig, "layer.duplicate", "['second']");
    rig_stop(&rig);
}

/* Names are cut on the border of a character, and stay unique. */
static void long_names_are_cut(void)
{
    struct goxel_buf params;

    start();
    goxel_buf_init(&params, 1024);
    goxel_buf_puts(&params, "['roof','");
    for (int i = 0; i < 85; i++)
        goxel_buf_puts(&params, "\xe2\x82\xac"); /* 255 bytes */
    goxel_buf_puts(&params, "']");
    rig_do(&rig, "layer.rename", params.data);
    goxel_buf_finish(&params);
    for (int i = 0; i < 12; i++)
        rig_do(&rig, "layer.duplicate", "[2]");
    rig_call(&rig, "layer.get_list", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\xac copy\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, " 12\""));
    CU_ASSERT_PTR_NULL(strstr(rig.reply, "\xef\xbf\xbd"));
    rig_stop(&rig);
}

static void clear_layers(void)
{
    start();
    CHECK(rig_call(&rig, "layer.clear", NULL), "-32602 layer_id");
    CHECK(rig_call(&rig, "layer.clear", "['x']"), "-1002 layer_id");
    rig_edit(&rig, "layer.clear", "['wall']");
    CHECK(rig_call(&rig, "layer.clear", "['wall']"), "{'id':1,'removed':0}");
    CHECK(rig_call(&rig, "layer.clear", "['current']"), "{'id':2,'removed':2}");
    rig_stop(&rig);
}

/* ---- layer.merge ---- */

/* The wall with the roof laid on it, voxel by voxel. */
static void check_merged(enum goxel_mode mode)
{
    static const struct goxel_color wall[3] = {{1, 1, 1, 255}, {10, 20, 30, 255}, {0, 0, 0, 0}},
                                    roof[3] = {{0, 0, 0, 0}, {200, 100, 50, 100}, {2, 2, 2, 255}};
    struct goxel_buf wanted;
    unsigned count = 0;

    goxel_buf_init(&wanted, 4096);
    goxel_buf_puts(&wanted, "{'voxels':[");
    for (int x = 0; x < 3; x++) {
        struct goxel_color c = goxel_mode_combine(mode, wall[x], roof[x]);

        if (c.a)
            goxel_buf_printf(&wanted, "%s{'x':%d,'y':0,'z':0,'color':[%d,%d,%d,%d]}", count++ ? "," : "", x,
                             c.r, c.g, c.b, c.a);
    }
    goxel_buf_printf(&wanted, "],'count':%u,'truncated':false}", count);
    CHECK(rig_call(&rig, "voxel.query", "{'layer_id':'wall'}"), wanted.data);
    goxel_buf_finish(&wanted);
}

static void merge_in_every_mode(void)
{
    char params[128];

    start();
    for (int mode = GOXEL_MODE_OVER; mode < GOXEL_MODES_END; mode++) {
        snprintf(params, sizeof(params), "['roof','wall','%s']",
                 goxel_mode_traits((enum goxel_mode)mode)->name);
        rig_edit(&rig, "layer.merge", params);
        check_merged((enum goxel_mode)mode);
        rig_do(&rig, "project.undo", NULL);
    }
    rig_stop(&rig);
}

static void merge_tells_what_became_of_the_target(void)
{
    start();
    CHECK(rig_call(&rig, "layer.merge", "['roof','wall']"),
          "{'source_id':2,'target_id':1,'mode':'over','added':1,'removed':0,'recolored':1,"
          "'source_deleted':false,'active_layer_id':2}");
    rig_do(&rig, "project.undo", NULL);
    CHECK(rig_call(&rig, "layer.merge", "['roof','wall','add',true]"),
          "{'source_id':2,'target_id':1,'mode':'over','added':1,'removed':0,'recolored':1,"
          "'source_deleted':true,'active_layer_id':1}");
    CHECK(rig_call(&rig, "layer.set_active", "['roof']"), "-1002 layer_id");
    rig_do(&rig, "project.undo", NULL);
    rig_edit(&rig, "layer.merge", "{'source_id':'wall','target_id':'roof','delete_source':true}");
    rig_stop(&rig);
}

static void what_merge_refuses(void)
{
    start();
    CHECK(rig_call(&rig, "layer.merge", "['roof']"), "-32602 target_id");
    CHECK(rig_call(&rig, "layer.merge", "['roof','x']"), "-1002 target_id");
    CHECK(rig_call(&rig, "layer.merge", "['x','wall']"), "-1002 source_id");
    CHECK(rig_call(&rig, "layer.merge", "['roof',2]"), "-1018 target_id");
    CHECK(rig_call(&rig, "layer.merge", "['roof','wall','under']"), "-32602 mode");
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"rename", rename_layers},
    {"a renamed layer takes its material along", a_renamed_layer_takes_its_material_along},
    {"reorder", reorder_layers},
    {"duplicate", duplicate_layers},
    {"long names are cut", long_names_are_cut},
    {"clear", clear_layers},
    {"merge in every mode", merge_in_every_mode},
    {"merge tells what became of the target", merge_tells_what_became_of_the_target},
    {"what merge refuses", what_merge_refuses},
    {NULL, NULL},
};

const struct unit_suite layer_change_suite = {"layer_change", tests};
