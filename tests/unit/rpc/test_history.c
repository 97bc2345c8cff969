/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps of the history over JSON-RPC: back, forwards, in groups, and never over somebody else's edit unknowingly. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"

static struct rig rig;

#define COUNT_QUERY "{'return_format':'count'}"

static void check_voxels(int count)
{
    char wanted[64];

    snprintf(wanted, sizeof(wanted), "{'count':%d,'truncated':false}", count);
    CHECK(rig_call(&rig, "voxel.query", COUNT_QUERY), wanted);
}

static void begin(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", NULL);
    rig_do(&rig, "voxel.add", "[1,0,0,[1,2,3]]");
    rig_do(&rig, "voxel.add", "[2,0,0,[1,2,3]]");
    rig_do(&rig, "voxel.fill", "{'region':{'min':[0,5,0],'max':[9,5,0]},'color':[1,2,3]}");
}

static void steps_go_back_and_forwards(void)
{
    begin();
    CHECK(rig_call(&rig, "project.undo", NULL), "{'version':4,'steps':1,'undo':2,'redo':1}");
    check_voxels(2);
    CHECK(rig_call(&rig, "project.undo", "{'steps':2}"), "{'version':5,'steps':2,'undo':0,'redo':3}");
    check_voxels(0);
    CHECK(rig_call(&rig, "project.redo", "[3]"), "{'version':6,'steps':3,'undo':3,'redo':0}");
    check_voxels(12);
    rig_stop(&rig);
}

static void more_steps_than_there_are_change_nothing(void)
{
    begin();
    CHECK(rig_call(&rig, "project.undo", "{'steps':4}"), "-1016 steps"); /* there are three */
    CHECK(rig_call(&rig, "project.redo", NULL), "-1016 ");
    CHECK(rig_call(&rig, "project.undo", "{'steps':0}"), "-32602 steps");
    check_voxels(12);
    rig_stop(&rig);
}

static void an_edit_ends_what_could_be_redone(void)
{
    begin();
    rig_do(&rig, "project.undo", NULL);
    rig_do(&rig, "voxel.add", "[3,0,0,[1,2,3]]");
    CHECK(rig_call(&rig, "project.redo", NULL), "-1016 ");
    check_voxels(3);
    rig_stop(&rig);
}

static void edits_of_a_group_are_one_step(void)
{
    begin();
    for (int i = 0; i < 5; i++)
        rig_do(&rig, "voxel.add",
               i % 2 ? "{'x':7,'y':7,'z':1,'color':[1,2,3],'group':'stroke 1'}"
                     : "{'x':7,'y':7,'z':2,'color':[1,2,3],'group':'stroke 1'}");
    rig_do(&rig, "voxel.add", "{'x':7,'y':7,'z':3,'color':[1,2,3],'group':'stroke 2'}");
    check_voxels(15);
    rig_do(&rig, "project.undo", NULL);
    check_voxels(14);
    rig_do(&rig, "project.undo", NULL);
    check_voxels(12);
    CHECK(rig_call(&rig, "voxel.add", "{'x':7,'y':7,'z':3,'color':[1,2,3],'group':''}"), "-1018 group");
    rig_stop(&rig);
}

static void the_history_is_listed(void)
{
    const char *list, *next;

    begin();
    rig_do(&rig, "project.undo", NULL);
    list = rig_call(&rig, "project.get_history", NULL);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(list, "{\"version\":4,\"steps\":[{\"version\":2,\"name\":\"voxel.add\",\"time\":\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(list, "\"name\":\"voxel.fill\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(list, "\"undone\":true"));
    CU_ASSERT_PTR_NOT_NULL(strstr(list, "],\"count\":3}"));
    list = rig_call(&rig, "project.get_history", "{'limit':1}");
    CU_ASSERT_PTR_NOT_NULL(strstr(list, "],\"count\":2}")); /* in each direction */
    rig_do(&rig, "project.undo", NULL);
    list = rig_call(&rig, "project.get_history",
                    NULL); /* what would be done again next is before what comes then */
    CU_ASSERT_PTR_NOT_NULL(strstr(list, "\"steps\":[{\"version\":1,"));
    next = strstr(list, "{\"version\":2,");
    CU_ASSERT_PTR_NOT_NULL_FATAL(next);
    CU_ASSERT_PTR_NOT_NULL(strstr(next, "{\"version\":3,"));
    rig_stop(&rig);
}

static void an_edit_of_another_version_is_refused(void)
{
    begin();
    CHECK(rig_call(&rig, "voxel.add", "{'x':5,'y':0,'z':0,'color':[1,2,3],'if_version':2}"),
          "-1019 if_version");
    CHECK(rig_call(&rig, "project.undo", "{'if_version':2}"), "-1019 if_version");
    CHECK(rig_call(&rig, "voxel.add_batch", "{'voxels':[[1,1,1,1,1,1]],'if_version':4}"), "-1019 if_version");
    check_voxels(12);
    rig_do(&rig, "voxel.add", "{'x':5,'y':0,'z':0,'color':[1,2,3],'if_version':3}");
    rig_do(&rig, "project.undo", "{'if_version':4}");
    check_voxels(12);
    rig_stop(&rig);
}

static void what_is_read_only_has_no_steps(void)
{
    begin();
    rig_do(&rig, "project.save", "{'path':'a.gox'}");
    rig_do(&rig, "project.open", "{'path':'a.gox','read_only':true,'project':'other'}");
    CHECK(rig_call(&rig, "project.undo", "{'project':'other'}"), "-1016 ");
    CHECK(rig_call(&rig, "project.get_history", "{'project':'other'}"), "{'version':0,'steps':[],'count':0}");
    rig_stop(&rig);
}

/* The name that history.begin gives; reused at the next call but one. */
static const char *begin_group(void)
{
    static char names[2][64];
    static unsigned next;
    char *name = names[next++ % 2];
    const char *reply = rig_call(&rig, "history.begin", NULL), *start = strchr(reply, ':');

    CU_ASSERT_EQUAL_FATAL(strncmp(reply, "{\"group\":\"", 10), 0);
    snprintf(name, 64, "%.*s", (int)strcspn(start + 2, "\""), start + 2);
    return name;
}

static void add_in(const char *group, int x)
{
    char params[160];

    snprintf(params, sizeof(params), "{'x':%d,'y':9,'z':0,'color':[1,2,3],'group':'%s'}", x, group);
    rig_do(&rig, "voxel.add", params);
}

static const char *end_group(const char *group)
{
    char params[96];

    snprintf(params, sizeof(params), "{'group':'%s'}", group);
    return rig_call(&rig, "history.end", params);
}

static void a_group_begins_and_ends(void)
{
    const char *group, *other;

    begin();
    group = begin_group();
    other = begin_group();
    CU_ASSERT_STRING_NOT_EQUAL(group, other);
    add_in(group, 1);
    add_in(group, 2);
    CHECK(end_group(other), "{'ended':false,'version':5,'undo':4,'redo':0}");
    add_in(group, 3);
    CHECK(end_group(group), "{'ended':true,'version':6,'undo':4,'redo':0}");
    CHECK(end_group(group), "{'ended':false,'version':6,'undo':4,'redo':0}");
    add_in(group, 4); /* another step */
    check_voxels(16);
    rig_do(&rig, "project.undo", NULL);
    check_voxels(15);
    rig_do(&rig, "project.undo", NULL);
    check_voxels(12);
    CHECK(rig_call(&rig, "history.end", NULL), "-32602 group");
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"steps go back and forwards", steps_go_back_and_forwards},
    {"more steps than there are change nothing", more_steps_than_there_are_change_nothing},
    {"an edit ends what could be redone", an_edit_ends_what_could_be_redone},
    {"edits of a group are one step", edits_of_a_group_are_one_step},
    {"the history is listed", the_history_is_listed},
    {"an edit of another version is refused", an_edit_of_another_version_is_refused},
    {"a group begins and ends", a_group_begins_and_ends},
    {"what is read-only has no steps", what_is_read_only_has_no_steps},
    {NULL, NULL},
};

const struct unit_suite history_suite = {"history", tests};
