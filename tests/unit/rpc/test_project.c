/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods of the family `project`, with files in the rig's own folder. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "rig.h"

static struct rig rig;

/* Does the last reply hold this (single quotes for double ones)? */
static bool replied(const char *part)
{
    return strstr(rig.reply, rig_json(part)) != NULL;
}

static void create(void)
{
    rig_start(&rig);
    CHECK(rig_call(&rig, "voxel.get", "[0,0,0]"), "-1001 ");
    rig_call(&rig, "project.create", NULL);
    CU_ASSERT(replied("'result':{'project_id':'p1','name':'Untitled','created_at':'20"));
    CU_ASSERT(replied("Z','active_layer_id':1"));
    rig_call(&rig, "project.create", NULL);
    CU_ASSERT(replied("'name':'Untitled-2'"));
    rig_call(&rig, "project.create", "['house']");
    CU_ASSERT(replied("{'project_id':'p3','name':'house'"));
    CHECK(rig_call(&rig, "project.create", "['house']"), "-1016 name");
    rig_call(&rig, "project.create", "{'project':'garden'}");
    CU_ASSERT(replied("'name':'garden'"));
    CHECK(rig_call(&rig, "project.create", "{'name':'a','project':'b'}"), "-32602 project");
    CHECK(rig_call(&rig, "project.create", "['']"), "-1018 name");
    CHECK(rig_call(&rig, "project.create", "['a\\nb']"), "-1018 name");
    rig_call(&rig, "project.list", "{'project':'house'}");
    CHECK(
        strstr(rig.reply, "{\"projects\""),
        "{'projects':[{'project_id':'p3','name':'house','path':null,'layers':1,'total_voxels':0,'is_modified':false,"
        "'read_only':false,'is_current':false,'is_open':true,'in_memory':true}],'count':1,'current_project':'p4'}");
    rig_call(&rig, "project.list", NULL);
    CU_ASSERT(replied("'count':4,"));
    rig_stop(&rig);
}

static void create_with_dimensions(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "{'dimensions':{'width':64,'height':32,'depth':16}}");
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT(replied("'dimensions':{'width':64,'height':32,'depth':16},'bounds':null"));
    CHECK(rig_call(&rig, "project.create", "{'dimensions':{'width':64,'height':32}}"),
          "-32602 dimensions.depth");
    CHECK(rig_call(&rig, "project.create", "{'dimensions':{'width':0,'height':1,'depth':1}}"),
          "-32602 dimensions.width");
    CHECK(rig_call(&rig, "project.create", "{'dimensions':{'width':1048577,'height':1,'depth':1}}"),
          "-32602 dimensions.width");
    CHECK(rig_call(&rig, "project.create", "{'dimensions':{'w':1}}"), "-32602 dimensions.w");
    CHECK(rig_call(&rig, "project.create", "{'options':{'theme':1}}"), "-32602 options.theme");
    rig_stop(&rig);
}

static void info(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['house']");
    rig_do(&rig, "voxel.fill", "{'region':{'min':[0,0,0],'max':[31,15,15]},'color':'#102030'}");
    rig_do(&rig, "voxel.add", "[-5,0,0,[1,2,3]]");
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT(replied("'path':null,'created':'20"));
    CU_ASSERT(replied(
        "'dimensions':{'width':37,'height':16,'depth':16},'bounds':{'min':[-5,0,0],'max':[31,15,15]},"
        "'statistics':{'total_voxels':8193,'layers':1,'colors_used':2,'colors_used_is_exact':true},'is_modified':true,"
        "'read_only':false,'is_current':true,"));
    rig_stop(&rig);
}

static void projects_are_told_apart(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['a']");
    rig_do(&rig, "project.create", "['b']");
    rig_do(&rig, "voxel.add", "{'x':0,'y':0,'z':0,'color':[1,1,1],'project':'a'}");
    rig_do(&rig, "voxel.add", "{'x':0,'y':0,'z':0,'color':[2,2,2]}");
    rig.project = "p1";
    CHECK(rig_call(&rig, "voxel.get", "[0,0,0]"),
          "{'x':0,'y':0,'z':0,'exists':true,'color':[1,1,1,255],'layer_id':1}");
    CHECK(rig_call(&rig, "voxel.get", "{'x':0,'y':0,'z':0,'project':'b'}"),
          "{'x':0,'y':0,'z':0,'exists':true,'color':[2,2,2,255],'layer_id':1}");
    rig.project = "nowhere";
    rig_call(&rig, "voxel.get", "[0,0,0]");
    CU_ASSERT(replied("{'code':-1001,'message':'project not found'"));
    rig_stop(&rig);
}

static void save_and_open(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['house']");
    rig_do(&rig, "layer.create", "['roof']");
    rig_do(&rig, "voxel.fill", "{'region':{'min':[-20,0,3],'max':[20,7,9]},'color':[200,100,50,128]}");
    CHECK(rig_call(&rig, "project.save", NULL), "-1016 path");
    rig_call(&rig, "project.save", "['house.gox']");
    CU_ASSERT(replied("/house.gox','format':'gox','bytes':"));
    CU_ASSERT(rig_has_file(rig.root, "house.gox"));
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT(replied("/house.gox','created'"));
    CU_ASSERT(replied("'is_modified':false"));
    rig_do(&rig, "voxel.add", "[0,0,0,[1,2,3]]");
    rig_call(&rig, "project.save", "{'create_backup':true}");
    CU_ASSERT(rig_has_file(rig.root, "house.gox~"));
    rig_call(&rig, "project.open", "['house.gox']");
    CU_ASSERT(replied("{'project_id':'p2','name':'house-2','path':'"));
    CU_ASSERT(replied("'layers':2,'total_voxels':2297,'warnings':[]"));
    CHECK(rig_call(&rig, "voxel.get", "[-20,7,9,'roof']"),
          "{'x':-20,'y':7,'z':9,'exists':true,'color':[200,100,50,128],'layer_id':2}");
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT(replied("'is_modified':false"));
    rig_stop(&rig);
}

static void exports_leave_the_project_alone(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", NULL);
    rig_do(&rig, "voxel.add", "[1,2,3,'#ff8000']");
    rig_call(&rig, "project.save", "['out.txt']");
    CU_ASSERT(replied("/out.txt','format':'txt','bytes':"));
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT(replied("'path':null"));
    CU_ASSERT(replied("'is_modified':true"));
    /* And an import has no path of its own. */
    rig_call(&rig, "project.open", "{'path':'out.txt','project':'again'}");
    CU_ASSERT(replied("'name':'again'"));
    CU_ASSERT(replied("'total_voxels':1"));
    CHECK(rig_call(&rig, "project.save", NULL), "-1016 path");
    rig_do(&rig, "project.save", "{'path':'plain.txt','format':'txt','compress':false}");
    rig_stop(&rig);
}

static void what_cannot_be_saved(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", NULL);
    CHECK(rig_call(&rig, "project.save", "['model.xyz']"), "-1006 path");
    CHECK(rig_call(&rig, "project.save", "['model']"), "-1006 path");
    CHECK(rig_call(&rig, "project.save", "{'path':'model.gox','format':'blend'}"), "-1006 format");
    CHECK(rig_call(&rig, "project.save", "{'path':'model.gox','compress':false}"), "-1017 compress");
    CHECK(rig_call(&rig, "project.save", "{'path':'model.txt','compress':true}"), "-1017 compress");
    rig_call(&rig, "project.save", "['/etc/model.gox']");
    CU_ASSERT(replied("{'code':-1005,'message':'file access failed','data':{'reason':"));
    CU_ASSERT(replied("'path':'/etc/model.gox'}"));
    CHECK(rig_call(&rig, "project.save", "['../model.gox']"), "-1005 ");
    CHECK(rig_call(&rig, "project.create", "{'path':'../model.gox'}"), "-1005 ");
    CHECK(rig_call(&rig, "project.create", "{'path':'model.txt'}"), "-1006 path");
    rig_do(&rig, "project.create", "{'name':'n','path':'model.gox'}");
    CU_ASSERT_FALSE(rig_has_file(rig.root, "model.gox"));
    rig_do(&rig, "project.save", NULL);
    CU_ASSERT(rig_has_file(rig.root, "model.gox"));
    /* Its own file stays what it is. */
    CHECK(rig_call(&rig, "project.save", "{'format':'txt'}"), "-1006 format");
    rig_do(&rig, "project.save", "{'format':'gox'}");
    rig_do(&rig, "project.open", "['model.gox']");
    rig_stop(&rig);
}

static void a_path_has_one_project(void)
{
    rig_start(&rig);
    CHECK(rig_call(&rig, "project.get_info", NULL), "-1001 ");
    CU_ASSERT(replied("create one with project.create or open one with project.open"));
    rig_do(&rig, "project.create", "['first']");
    rig_do(&rig, "project.save", "['first.gox']");
    rig_do(&rig, "project.save", "['out.txt']");
    rig_do(&rig, "project.create", "['second']");
    CHECK(rig_call(&rig, "project.save", "['first.gox']"), "-1016 ");
    CU_ASSERT(replied("belongs to the open project first: close it or choose another path"));
    rig_do(&rig, "project.save", "['out.txt']");
    rig_do(&rig, "project.save", "{'project':'first'}");
    rig_do(&rig, "project.close", "{'project':'first'}");
    rig_do(&rig, "project.save", "['first.gox']");
    CHECK(rig_call(&rig, "project.get_info", "['third']"), "-1001 project");
    CU_ASSERT(replied("project.list"));
    rig_stop(&rig);
}

static void what_cannot_be_opened(void)
{
    rig_start(&rig);
    rig_put_file(rig.root, "bad.gox", "GOX no more", 11);
    rig_put_file(rig.root, "empty.gox", "", 0);
    rig_put_file(rig.outside, "out.txt", "0 0 0 ffffff\n", 13);
    CHECK(rig_call(&rig, "project.open", "['missing.gox']"), "-1005 ");
    rig_put_file(rig.root, "what.xyz", "0 0 0 ffffff\n", 13);
    CHECK(rig_call(&rig, "project.open", "['what.xyz']"), "-1006 path");
    rig_call(&rig, "project.open", "['bad.gox']");
    CU_ASSERT(replied("'code':-1010"));
    rig_call(&rig, "project.open", "['empty.gox']");
    CU_ASSERT(replied("'code':-1010"));
    CU_ASSERT_EQUAL(goxel_workspace_count(rig.workspace), 0);
    rig_stop(&rig);
}

static void read_only(void)
{
    char params[128];

    rig_start(&rig);
    rig_do(&rig, "project.create", "['a']");
    rig_do(&rig, "voxel.add", "[1,2,3,'#ff8000']");
    rig_do(&rig, "project.save", "['a.gox']");
    rig_do(&rig, "project.open", "{'path':'a.gox','read_only':true,'project':'ro'}");
    CHECK(rig_call(&rig, "voxel.add", "[1,2,3,'#ff8000']"), "-1016 ");
    CHECK(rig_call(&rig, "voxel.add_batch", "[[[1,2,3,4,5,6]]]"), "-1016 ");
    CHECK(rig_call(&rig, "layer.create", NULL), "-1016 ");
    CHECK(rig_call(&rig, "project.save", NULL), "-1016 ");
    snprintf(params, sizeof(params), "['%s//./a.gox']", rig.root);
    CHECK(rig_call(&rig, "project.save", params), "-1016 ");
    rig_do(&rig, "project.save", "['copy.gox']");
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT(replied("/a.gox','created'"));
    CHECK(rig_call(&rig, "project.close", NULL), "{'project_id':'p2','name':'ro','saved':false}");
    rig_stop(&rig);
}

/* It cannot be saved, so it must not be asked to be. */
static void a_read_only_import_closes(void)
{
    rig_start(&rig);
    rig_put_file(rig.root, "in.txt", "0 0 0 ffffff\n", 13);
    rig_do(&rig, "project.open", "{'path':'in.txt','read_only':true}");
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT(replied("'is_modified':false,'read_only':true"));
    CHECK(rig_call(&rig, "voxel.add", "[1,2,3,'#ff8000']"), "-1016 ");
    CU_ASSERT(replied("open its file without read_only"));
    CHECK(rig_call(&rig, "project.close", "[true]"), "{'project_id':'p1','name':'in','saved':false}");
    rig_stop(&rig);
}

static void link_to(const char *target, const char *name)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", rig.root, name);
    CU_ASSERT_EQUAL_FATAL(symlink(target, path), 0);
}

/* A file has one path, whatever leads to it. */
static void links_are_resolved(void)
{
    char path[128];

    rig_start(&rig);
    snprintf(path, sizeof(path), "%s/real", rig.root);
    CU_ASSERT_EQUAL_FATAL(mkdir(path, 0700), 0);
    link_to("real", "alias");
    link_to("real/a.gox", "link.gox");
    rig_do(&rig, "project.create", NULL);
    rig_do(&rig, "project.save", "['real/a.gox']");
    rig_call(&rig, "project.open", "['link.gox']");
    snprintf(path, sizeof(path), "'path':'%s/real/a.gox'", rig.root);
    CU_ASSERT(replied(path));
    rig_do(&rig, "voxel.add", "[1,2,3,'#ff8000']");
    rig_do(&rig, "project.save", NULL);
    rig_call(&rig, "project.open", "{'path':'alias/a.gox','read_only':true}");
    CU_ASSERT(replied(path));
    CU_ASSERT(replied("'total_voxels':1"));
    CHECK(rig_call(&rig, "project.save", "['real/a.gox']"), "-1016 ");
    CHECK(rig_call(&rig, "project.save", "['alias/a.gox']"), "-1016 ");
    rig_do(&rig, "project.save", "['alias/b.gox']");
    rig_stop(&rig);
}

static void names_like_ids(void)
{
    rig_start(&rig);
    CHECK(rig_call(&rig, "project.create", "['p4']"), "-1018 name");
    rig_do(&rig, "project.create", "['a']");
    rig_do(&rig, "project.save", "['p7.gox']");
    CHECK(rig_call(&rig, "project.open", "{'path':'p7.gox','project':'p9'}"), "-1018 name");
    rig_call(&rig, "project.open", "['p7.gox']");
    CU_ASSERT(replied("{'project_id':'p2','name':'p7-2'"));
    rig_stop(&rig);
}

static struct goxel_slot *current_slot(void)
{
    struct goxel_slot *slot = NULL;

    CU_ASSERT_EQUAL_FATAL(goxel_workspace_find(rig.workspace, NULL, &slot, NULL), 0);
    return slot;
}

static void put_brick(struct goxel_slot *slot, struct goxel_pos pos, const struct goxel_color *voxels)
{
    struct goxel_edit edit;
    struct goxel_layer *layer;

    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &edit), 0);
    layer = goxel_project_own_layer(edit.project, edit.project->layers[0]);
    CU_ASSERT_EQUAL(goxel_volume_set_brick(layer->volume, pos, voxels), 0);
    CU_ASSERT_EQUAL(goxel_head_commit(goxel_slot_head(slot), &edit, NULL, NULL), 0);
}

/* A colour for every voxel: the count ends where it would cost too much. */
static void colors_have_a_ceiling(void)
{
    static struct goxel_color voxels[GOXEL_BRICK_VOXELS];
    struct goxel_slot *slot;

    rig_start(&rig);
    rig_do(&rig, "project.create", NULL);
    slot = current_slot();
    for (unsigned brick = 0; brick < 257; brick++) {
        for (unsigned i = 0; i < GOXEL_BRICK_VOXELS; i++) {
            unsigned color = brick * GOXEL_BRICK_VOXELS + i;

            voxels[i] = (struct goxel_color){(uint8_t)color, (uint8_t)(color >> 8), (uint8_t)(color >> 16),
                                             255};
        }
        put_brick(slot, (struct goxel_pos){(int)brick * 16, 0, 0}, voxels);
        if (brick == 255) {
            rig_call(&rig, "project.get_info", NULL);
            CU_ASSERT(replied("'colors_used':1048576,'colors_used_is_exact':true"));
        }
    }
    goxel_slot_unref(slot);
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT(replied("'colors_used':1048576,'colors_used_is_exact':false"));
    rig_stop(&rig);
}

/* What a clone shows is not lost: there is nothing to warn of. */
static void clones_are_counted(void)
{
    struct goxel_slot *slot;
    struct goxel_edit edit;
    struct goxel_layer *layer = NULL;

    rig_start(&rig);
    rig_do(&rig, "project.create", NULL);
    rig_do(&rig, "voxel.add", "[1,2,3,'#ff8000']");
    slot = current_slot();
    CU_ASSERT_EQUAL_FATAL(goxel_head_begin(goxel_slot_head(slot), &edit), 0);
    goxel_project_add_layer(edit.project, "clone", -1, &layer, NULL);
    layer->base_id = 1;
    CU_ASSERT_EQUAL(goxel_head_commit(goxel_slot_head(slot), &edit, NULL, NULL), 0);
    goxel_slot_unref(slot);
    rig_do(&rig, "project.save", "{'path':'a.gox','strict':true}");
    rig_call(&rig, "project.open", "{'path':'a.gox','strict':true}");
    CU_ASSERT(replied("'layers':2,'total_voxels':2,'warnings':[]"));
    rig_stop(&rig);
}

static void close_asks_before_it_undoes(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['a']");
    rig_do(&rig, "project.create", "['b']");
    rig_do(&rig, "voxel.add", "[1,2,3,'#ff8000']");
    CHECK(rig_call(&rig, "project.close", NULL), "-1016 save_changes");
    CHECK(rig_call(&rig, "project.close", "[true]"), "-1016 path");
    CHECK(rig_call(&rig, "project.close", "[false]"), "{'project_id':'p2','name':'b','saved':false}");
    rig_call(&rig, "project.list", NULL);
    CU_ASSERT(replied("'is_open':false"));
    CU_ASSERT(replied("'current_project':'p1'"));
    rig_do(&rig, "voxel.add", "[1,2,3,'#ff8000']");
    rig_do(&rig, "project.save", "['a.gox']");
    rig_do(&rig, "voxel.add", "[4,5,6,'#ff8000']");
    CHECK(rig_call(&rig, "project.close", "[true,'a']"), "{'project_id':'p1','name':'a','saved':true}");
    CHECK(rig_call(&rig, "project.close", NULL), "-1001 ");
    rig_call(&rig, "project.open", "['a.gox']");
    CU_ASSERT(replied("'total_voxels':2"));
    rig_stop(&rig);
}

/* Back to what was saved last, or to the beginning: by steps that redo takes. */
static void close_undoes_what_was_not_saved(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['a']");
    rig_do(&rig, "voxel.add", "[1,2,3,'#ff8000']");
    rig_do(&rig, "project.save", "['a.gox']");
    rig_do(&rig, "voxel.add", "[4,5,6,'#ff8000']");
    rig_do(&rig, "voxel.add", "{'x':7,'y':5,'z':6,'color':'#ff8000','group':'g'}");
    rig_do(&rig, "voxel.add", "{'x':8,'y':5,'z':6,'color':'#ff8000','group':'g'}");
    rig_do(&rig, "project.close", "[false]");
    rig_call(&rig, "project.get_info", "['a']"); /* it is opened again */
    CU_ASSERT(replied("'total_voxels':1,"));
    CU_ASSERT(replied("'is_modified':false"));
    rig_call(&rig, "project.redo", "{'steps':2,'project':'a'}");
    CU_ASSERT(replied("'undo':3,'redo':0"));
    rig_do(&rig, "project.undo", "{'steps':3,'project':'a'}"); /* behind what was saved: forwards, then */
    rig_do(&rig, "project.close", "[false,'a']");
    rig_call(&rig, "project.get_info", "['a']");
    CU_ASSERT(replied("'total_voxels':1,"));
    rig_do(&rig, "project.create", "['new']");
    rig_do(&rig, "voxel.add", "[1,2,3,'#ff8000']");
    rig_do(&rig, "project.close", "[false]");
    rig_call(&rig, "project.get_info", "['new']");
    CU_ASSERT(replied("'total_voxels':0,"));
    rig_stop(&rig);
}

/* What was closed without anything new gives way to the file that it came from. */
static void a_file_is_opened_day_after_day(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['a']");
    rig_do(&rig, "project.save", "['a.gox']");
    for (int day = 0; day < 3; day++) {
        rig_do(&rig, "project.close", NULL);
        rig_call(&rig, "project.open", "['a.gox']");
        CU_ASSERT(replied("'name':'a',"));
        rig_call(&rig, "project.list", NULL);
        CU_ASSERT(replied("'count':1,"));
    }
    rig_call(&rig, "project.open", "['a.gox']"); /* the other one is open */
    CU_ASSERT(replied("'name':'a-2',"));
    rig_stop(&rig);
}

static void deleted_projects_are_gone(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['a']");
    rig_do(&rig, "project.create", "['b']");
    CHECK(rig_call(&rig, "project.delete", NULL), "-32602 project");
    CHECK(rig_call(&rig, "project.delete", "['c']"), "-1001 project");
    CHECK(rig_call(&rig, "project.delete", "['b']"), "{'project_id':'p2','name':'b'}");
    CHECK(rig_call(&rig, "project.delete", "['b']"), "-1001 project");
    CHECK(rig_call(&rig, "voxel.get", "{'x':0,'y':0,'z':0,'project':'p2'}"), "-1001 project");
    rig_do(&rig, "project.create", "['b']");
    rig_call(&rig, "project.list", NULL);
    CU_ASSERT(replied("'project_id':'p3'"));
    CU_ASSERT(replied("'count':2"));
    rig_stop(&rig);
}

static void rename_projects(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['house']");
    rig_do(&rig, "voxel.add", "[0,0,0,[1,2,3]]");
    rig_do(&rig, "project.create", "['boat']");
    CHECK(rig_call(&rig, "project.rename", "{'name':'castle','project':'house'}"),
          "{'project_id':'p1','name':'castle'}");
    CHECK(rig_call(&rig, "voxel.get", "{'x':0,'y':0,'z':0,'project':'house'}"), "-1001 project");
    rig_do(&rig, "voxel.get", "{'x':0,'y':0,'z':0,'project':'castle'}");
    rig_call(&rig, "project.list", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "{\"project_id\":\"p1\",\"name\":\"castle\""));
    rig_call(&rig, "project.get_info", "['p1']");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"name\":\"castle\""));
    /* The old name is free, and may be taken. */
    CHECK(rig_call(&rig, "project.rename", "['house']"), "{'project_id':'p2','name':'house'}");
    CHECK(rig_call(&rig, "project.create", "['house']"), "-1016 name");
    rig_do(&rig, "project.create", "['boat']");
    rig_stop(&rig);
}

/* Undo goes behind what was done before and after, and leaves the name alone. */
static void a_name_is_no_step(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['house']");
    rig_do(&rig, "voxel.add", "[0,0,0,[1,2,3]]");
    rig_do(&rig, "project.rename", "{'name':'castle','if_version':1}");
    CHECK(rig_call(&rig, "project.rename", "{'name':'tower','if_version':1}"), "-1019 if_version");
    rig_do(&rig, "project.rename", "{'name':'castle','if_version':2}"); /* no change, no version */
    rig_do(&rig, "voxel.add", "{'x':1,'y':0,'z':0,'color':[1,2,3],'if_version':2}");
    CHECK(rig_call(&rig, "project.undo", "[2]"), "{'version':4,'steps':2,'undo':0,'redo':2}");
    rig_call(&rig, "project.get_info", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"name\":\"castle\""));
    rig_stop(&rig);
}

static void what_rename_refuses(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['house']");
    rig_do(&rig, "project.save", "['house.gox']");
    rig_do(&rig, "project.create", "['boat']");
    CHECK(rig_call(&rig, "project.rename", "['house']"), "-1016 name");
    CHECK(rig_call(&rig, "project.rename", "['p7']"), "-1018 name");
    CHECK(rig_call(&rig, "project.rename", "['']"), "-1018 name");
    CHECK(rig_call(&rig, "project.rename", "{'name':'x','project':'y'}"), "-1001 project");
    rig_do(&rig, "project.open", "{'path':'house.gox','read_only':true,'project':'seen'}");
    CHECK(rig_call(&rig, "project.rename", "['x']"), "-1016 ");
    rig_do(&rig, "project.get_info", "['seen']");
    rig_do(&rig, "project.create", "['x']"); /* what was refused has not taken the name */
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"create", create},
    {"create with dimensions", create_with_dimensions},
    {"get_info", info},
    {"projects are told apart", projects_are_told_apart},
    {"save and open", save_and_open},
    {"exports leave the project alone", exports_leave_the_project_alone},
    {"what cannot be saved", what_cannot_be_saved},
    {"a path has one project", a_path_has_one_project},
    {"what cannot be opened", what_cannot_be_opened},
    {"read-only projects", read_only},
    {"a read-only import closes", a_read_only_import_closes},
    {"links are resolved", links_are_resolved},
    {"names like ids", names_like_ids},
    {"colours have a ceiling", colors_have_a_ceiling},
    {"clones are counted", clones_are_counted},
    {"close asks before it undoes", close_asks_before_it_undoes},
    {"close undoes what was not saved", close_undoes_what_was_not_saved},
    {"a file is opened day after day", a_file_is_opened_day_after_day},
    {"deleted projects are gone", deleted_projects_are_gone},
    {"projects are renamed", rename_projects},
    {"a name is no step", a_name_is_no_step},
    {"what rename refuses", what_rename_refuses},
    {NULL, NULL},
};

const struct unit_suite project_suite = {"project", tests};
