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

static void every_allocation_fails_once(void)
{
    char *json = strdup(rig_json(message));
    bool valid;
    long total;

    rig_start(&rig);
    rig_send(&rig, json);
    CU_ASSERT_PTR_NULL(strstr(rig.reply, "\"error\""));
    if (strstr(rig.reply, "\"error\""))
        puts(rig.reply);
    total = rig.allocations;
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
    free(json);
}

static const struct unit_test tests[] = {
    {"every allocation fails once", every_allocation_fails_once},
    {NULL, NULL},
};

const struct unit_suite memory_suite = {"memory", tests};
