/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In what versions differ. */
#include <string.h>

#include "rig.h"

static struct rig rig;

#define NOTHING "'added':0,'removed':0,'recolored':0,'bounds':null"

/* Version 1 has two voxels, 2 another layer with one, 3 a colour and a place less, 4 a name more. */
static void start(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['house']");
    rig_do(&rig, "voxel.add_batch", "[[[0,0,0,1,1,1],[1,0,0,1,1,1],[2,0,0,1,1,1]]]");
    rig_do(&rig, "layer.create", "['roof']");
    rig_do(&rig, "voxel.add", "{'x':0,'y':0,'z':9,'color':'#020202','group':'g'}");
    rig_do(&rig, "voxel.add", "{'x':1,'y':0,'z':9,'color':'#020202','group':'g'}");
    rig_do(&rig, "voxel.add", "{'x':0,'y':0,'z':0,'color':'#030303','layer_id':1}");
    rig_do(&rig, "voxel.remove", "{'x':1,'y':0,'z':0,'layer_id':1}");
    rig_do(&rig, "layer.rename", "['roof','top']");
}

static void versions_are_compared(void)
{
    start();
    CHECK(rig_call(&rig, "project.diff", "[0,1]"),
          "{'from':0,'to':1,'layers':[{'id':1,'name':'Layer.1','change':'edited','added':3,'removed':0,"
          "'recolored':0,'bounds':{'min':[0,0,0],'max':[2,0,0]}}],'selection':{" NOTHING "}}");
    CHECK(rig_call(&rig, "project.diff", "[1,4]"),
          "{'from':1,'to':4,'layers':[{'id':2,'name':'roof','change':'added','added':2,'removed':0,"
          "'recolored':0,'bounds':{'min':[0,0,9],'max':[1,0,9]}}],'selection':{" NOTHING "}}");
    /* Backwards. */
    CHECK(rig_call(&rig, "project.diff", "[6,1]"),
          "{'from':6,'to':1,'layers':[{'id':1,'name':'Layer.1','change':'edited','added':1,'removed':0,"
          "'recolored':1,'bounds':{'min':[0,0,0],'max':[1,0,0]}},{'id':2,'name':'roof','change':'removed',"
          "'added':0,'removed':2,'recolored':0,'bounds':{'min':[0,0,9],'max':[1,0,9]}}],'selection':{" NOTHING
          "}}");
    /* A layer of another name, and up to now. */
    CHECK(rig_call(&rig, "project.diff", "[6]"),
          "{'from':6,'to':7,'layers':[{'id':2,'name':'top','change':'edited'," NOTHING
          "}],'selection':{" NOTHING "}}");
    CHECK(rig_call(&rig, "project.diff", "[7]"), "{'from':7,'to':7,'layers':[],'selection':{" NOTHING "}}");
    rig_stop(&rig);
}

static void selections_are_compared(void)
{
    start();
    rig_do(&rig, "selection.set", "{'region':{'min':[0,0,0],'max':[1,1,1]}}");
    CHECK(rig_call(&rig, "project.diff", "[7]"),
          "{'from':7,'to':8,'layers':[],'selection':{'added':8,'removed':0,'recolored':0,"
          "'bounds':{'min':[0,0,0],'max':[1,1,1]}}}");
    rig_stop(&rig);
}

/* What was undone is compared with what is, and is lost with the first edit. */
static void versions_that_are_undone(void)
{
    start();
    rig_do(&rig, "project.undo", "{'steps':2}");
    CHECK(rig_call(&rig, "project.diff", "{'from':5,'to':6}"),
          "{'from':5,'to':6,'layers':[{'id':1,'name':'Layer.1','change':'edited','added':0,'removed':1,"
          "'recolored':0,'bounds':{'min':[1,0,0],'max':[1,0,0]}}],'selection':{" NOTHING "}}");
    rig_do(&rig, "voxel.add", "[5,5,5,'#010101']");
    CHECK(rig_call(&rig, "project.diff", "{'from':5,'to':6}"), "-1016 to");
    rig_stop(&rig);
}

static void what_diff_refuses(void)
{
    start();
    CHECK(rig_call(&rig, "project.diff", NULL), "-32602 from");
    CHECK(rig_call(&rig, "project.diff", "[99]"), "-1016 from");
    CHECK(rig_call(&rig, "project.diff", "[0,99]"), "-1016 to");
    CHECK(rig_call(&rig, "project.diff", "[3]"), "-1016 from"); /* inside a group */
    CHECK(rig_call(&rig, "project.diff", "[-1]"), "-32602 from");
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"versions are compared", versions_are_compared},
    {"selections are compared", selections_are_compared},
    {"versions that are undone", versions_that_are_undone},
    {"what diff refuses", what_diff_refuses},
    {NULL, NULL},
};

const struct unit_suite project_diff_suite = {"project_diff", tests};
