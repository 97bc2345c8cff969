/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every allocation of a long message fails once: each time there is a reply, and the next message works. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "rig.h"

static struct rig rig;

#define CALL(method, params) "{'jsonrpc':'2.0','id':1,'method':'" method "','params':" params "}"

static const char
    message[] =
        "[" CALL("project.create", "{'name':'p','dimensions':{'width':9,'height':9,'depth':9}}") "," CALL("voxel.add",
                                                                                                          "[0,0,0,'#102030']") "," CALL("voxel.add_batch",
                                                                                                                                        "[[[0,0,1,1,1,1],{'x':40,'y':0,'z':0,'color':[1,2,3]}]]") "," CALL("voxel.add_batch", "{'format':'packed','count':1,'data':'AAABAP//AQIDBA=='}") "," CALL("layer.create", "['roof',true,0.5,0]") "," CALL("voxel.fill", "[{'min':[0,0,0],'max':[20,3,3]},[1,2,3],'keep']") "," CALL("voxel.query",
                                                                                                                                                                                                                                                                                                                                                                                                                            "{'limit':3,'layer_id':'all'}") "," CALL("voxel.query",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "{'return_format':'packed'}") "," CALL("project.save",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "['m.gox']") "," CALL("project.save", "['m.txt']") "," CALL("layer.set_active", "[1]") "," CALL("layer.delete",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "[1,false]") "," CALL("voxel.clear", "['all']") "," CALL("project.get_info", "[]") "," CALL("project.list", "[]") "," CALL("project.open",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       "['m.gox']") "," CALL("project.close", "[false]") "," CALL("project.close", "[false]") "]";

static void drop_projects(void)
{
    struct goxel_slot **slots = NULL;
    size_t count = 0;

    CU_ASSERT_EQUAL_FATAL(goxel_workspace_list(rig.workspace, &slots, &count), 0);
    for (size_t i = 0; i < count; i++) {
        goxel_workspace_remove(rig.workspace, slots[i]);
        goxel_slot_unref(slots[i]);
    }
    free(slots);
}

/* Every method that draws, changes or looks, once. */
static const char *const calls[][2] = {
    {"project.create", "{'name':'p'}"},
    {"voxel.shape", "{'shape':'sphere','color':[1,2,3],'center':[0,0,0],'size':[9,9,9],'symmetry':'x'}"},
    {"voxel.line", "{'from':[0,0,0],'to':[20,9,0],'color':[4,5,6,100],'size':2}"},
    {"voxel.stroke", "{'points':[[0,0,0],[9,9,9]],'color':[4,5,6]}"},
    {"voxel.paint", "{'x':0,'y':0,'z':0,'color':[7,8,9]}"},
    {"voxel.flood_fill", "{'x':1,'y':0,'z':0,'color':[7,8,9],'tolerance':9}"},
    {"voxel.replace_color", "{'from':[7,8,9],'to':[1,1,1]}"},
    {"selection.set", "{'region':{'min':[0,0,0],'max':[20,20,3]}}"},
    {"selection.add", "{'color':[1,1,1]}"},
    {"selection.sub", "{'seed':[0,0,0]}"},
    {"selection.intersect", "{'region':{'min':[-20,-20,-20],'max':[20,20,3]}}"},
    {"selection.get", "{'limit':5}"},
    {"voxel.transform",
     "{'mirror':'x','rotate':'z','translate':[1,2,3],'scale':'double','within':'selection'}"},
    {"voxel.fill", "{'region':{'min':[30,0,0],'max':[33,3,3]},'color':[2,2,2],'within':'selection'}"},
    {"selection.clear", "{}"},
    {"voxel.copy", "{'region':{'min':[0,0,0],'max':[9,9,9]},'to':[40,0,0],'mode':'replace'}"},
    {"voxel.fill", "{'region':{'min':[60,0,0],'max':[63,3,3]},'color':[2,2,2]}"},
    {"voxel.extrude", "{'x':63,'y':1,'z':1,'direction':'+x','distance':3}"},
    {"voxel.hollow", "{}"},
    {"voxel.get_batch", "{'positions':[[0,0,0],{'x':1,'y':2,'z':3}],'layer_id':'all'}"},
    {"voxel.bounding_box", "{'layer_id':'all'}"},
    {"voxel.histogram", "{'layer_id':'all'}"},
    {"voxel.unique_colors", "{'tolerance':2}"},
    {"voxel.find_by_color", "{'color':[2,2,2],'limit':2}"},
    {"voxel.connected", "{'limit':2}"},
    {"voxel.raycast", "{'origin':[-50,0,0],'direction':[1,0,0],'layer_id':'all'}"},
    {"voxel.slice", "{'axis':'z','at':1}"},
    {"voxel.slice", "{'axis':'z','at':1,'format':'png'}"},
    {"layer.rename", "{'layer_id':1,'name':'wall'}"},
    {"layer.duplicate", "{'layer_id':1}"},
    {"layer.reorder", "{'layer_id':1,'position':1}"},
    {"layer.merge", "{'source_id':1,'target_id':2,'delete_source':true}"},
    {"layer.clear", "{'layer_id':2}"},
    {"history.begin", "{}"},
    {"voxel.add", "{'x':0,'y':0,'z':0,'color':[1,2,3],'group':'g'}"},
    {"history.end", "{'group':'g'}"},
    {"project.diff", "{'from':1}"},
    {"project.rename", "{'name':'q'}"},
};

/* Whatever it is that fails, there is a reply, and the next message works. */
static void fail_each(const char *json)
{
    bool valid;
    long total;

    rig_start(&rig);
    rig_send(&rig, json);
    CU_ASSERT_PTR_NULL(strstr(rig.reply, "\"error\""));
    if (strstr(rig.reply, "\"error\""))
        puts(rig.reply);
    total = rig.allocations;
    drop_projects();
    for (long i = 1; i <= total; i++) {
        rig.fail_at = i;
        rig_send(&rig, json);
        rig.fail_at = 0;
        /* The buffer of the reply itself may be what failed: nothing but the code is left then. */
        valid = rig.reply[0]
                    ? !goxel_json_scan(rig.reply, strlen(rig.reply), &goxel_json_limits_default, NULL)
                    : rig.code == GOXEL_ERROR_OUT_OF_MEMORY;
        CU_ASSERT(valid);
        drop_projects();
    }
    rig_send(&rig, json);
    CU_ASSERT_PTR_NULL(strstr(rig.reply, "\"error\""));
    rig_stop(&rig);
}

static void every_allocation_fails_once(void)
{
    char *json = strdup(rig_json(message));

    fail_each(json);
    free(json);
}

static void every_allocation_of_an_editor_fails_once(void)
{
    struct goxel_buf text;
    char *json;

    goxel_buf_init(&text, 65536);
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        goxel_buf_printf(&text, "%s{'jsonrpc':'2.0','id':1,'method':'%s','params':%s}", i ? "," : "[",
                         calls[i][0], calls[i][1]);
    goxel_buf_puts(&text, "]");
    json = strdup(rig_json(text.data));
    goxel_buf_finish(&text);
    fail_each(json);
    free(json);
}

static const struct unit_test tests[] = {
    {"every allocation fails once", every_allocation_fails_once},
    {"every allocation of an editor fails once", every_allocation_of_an_editor_fails_once},
    {NULL, NULL},
};

const struct unit_suite memory_suite = {"memory", tests};
