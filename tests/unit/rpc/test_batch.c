/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations as one edit: all of them or none, one step, one version; and what a batch refuses. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "rig.h"

static struct rig rig;

#define ADD(x) "{'method':'voxel.add','params':[" #x ",0,0,[1,2,3]]}"

static void begin(const char *sections)
{
    rig_start_with(&rig, goxel_methods, sections);
    rig_do(&rig, "project.create", "['p']");
}

static void check_project(uint64_t version, int64_t voxels)
{
    char wanted[64];

    rig_call(&rig, "project.get_info", NULL);
    snprintf(wanted, sizeof(wanted), "\"version\":%llu,", (unsigned long long)version);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, wanted));
    snprintf(wanted, sizeof(wanted), "\"total_voxels\":%lld,", (long long)voxels);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, wanted));
}

static void operations_are_one_edit(void)
{
    begin("");
    CHECK(
        rig_call(&rig, "batch.execute",
                 "{'operations':[" ADD(1) ",{'method':'layer.create','params':{'name':'roof'}}," ADD(
                     2) ",{'method':'voxel.get','params':{'x':2,'y':0,'z':0}},{'method':'layer.get_list'}]}"),
        "{'results':[{'method':'voxel.add','result':{'x':1,'y':0,'z':0,'color':[1,2,3,255],'layer_id':1}},"
        "{'method':'layer.create','result':{'id':2,'name':'roof','visible':true,'opacity':1,'order':1,"
        "'is_active':true}},"
        "{'method':'voxel.add','result':{'x':2,'y':0,'z':0,'color':[1,2,3,255],'layer_id':2}},"
        "{'method':'voxel.get','result':{'x':2,'y':0,'z':0,'exists':true,'color':[1,2,3,255],'layer_id':2}},"
        "{'method':'layer.get_list','result':{'layers':["
        "{'id':1,'name':'Layer.1','visible':true,'opacity':1,'voxel_count':1,'order':0,'is_active':false},"
        "{'id':2,'name':'roof','visible':true,'opacity':1,'voxel_count':1,'order':1,'is_active':true}],"
        "'active_layer_id':2}}],'count':5,'succeeded':5,'failed':0}");
    check_project(1, 2);
    CHECK(rig_call(&rig, "project.undo", NULL), "{'version':2,'steps':1,'undo':0,'redo':1}");
    check_project(2, 0);
    rig_do(&rig, "project.redo", NULL);
    check_project(3, 2);
    rig_stop(&rig);
}

static void all_or_nothing(void)
{
    begin("");
    CHECK(rig_call(&rig, "batch.execute", "[[" ADD(1) "," ADD(2) "," ADD(1048576) "," ADD(3) "]]"),
          "-1003 operations[2].params.x");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"reason\":\"operations[2]: x: expected an integer from"));
    check_project(0, 0);
    CHECK(rig_call(&rig, "batch.execute", "[[" ADD(1) ",{'method':'layer.delete','params':['roof']}]]"),
          "-1002 operations[1].params.layer_id");
    CHECK(rig_call(&rig, "batch.execute", "[[" ADD(1) ",{'method':'layer.delete','params':[1]}]]"),
          "-1016 operations[1]");
    check_project(0, 0);
    rig_stop(&rig);
}

/* Of what fails nothing stays, not even what its handler had begun. */
static void what_succeeds_stays(void)
{
    static const char operations[] = "{'operations':[" ADD(
        1) ",{'method':'layer.delete','params':['roof']}," ADD(2) "],'atomic':false";
    char params[512];

    begin("");
    rig_call(&rig, "batch.execute", (snprintf(params, sizeof(params), "%s}", operations), params));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "{\"method\":\"layer.delete\",\"error\":{\"code\":-1002,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"field\":\"operations[1].params.layer_id\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "],\"count\":3,\"succeeded\":1,\"failed\":1}"));
    check_project(1, 1);
    snprintf(params, sizeof(params), "%s,'continue_on_error':true}", operations);
    rig_call(&rig, "batch.execute", params);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "],\"count\":3,\"succeeded\":2,\"failed\":1}"));
    check_project(2, 2);
    CHECK(rig_call(&rig, "project.undo", "[2]"), "{'version':3,'steps':2,'undo':0,'redo':2}");
    CHECK(rig_call(&rig, "batch.execute", "{'operations':[{}],'continue_on_error':true}"),
          "-32602 continue_on_error");
    rig_stop(&rig);
}

static void a_failed_operation_leaves_nothing(void)
{
    begin("limits { max_edit_bricks = 8 }\n");
    rig_do(&rig, "voxel.add", "[0,0,0,[9,9,9]]");
    /* The second voxel is refused after the first was looked at; the third operation sees none of them. */
    rig_call(&rig, "batch.execute",
             "{'operations':[{'method':'voxel.add_batch','params':[[[5,0,0,1,1,1],[6,0,0,1,1,1,0]]]},"
             "{'method':'voxel.query','params':{'return_format':'count'}}],"
             "'atomic':false,'continue_on_error':true}");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"field\":\"operations[0].params.voxels[1]\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"result\":{\"count\":1,\"truncated\":false}"));
    check_project(1, 1); /* a batch of reads is no version */
    rig_stop(&rig);
}

static void what_a_batch_refuses(void)
{
    static const struct {
        const char *params, *wanted;
    } rows[] = {
        {"[[]]", "-32602 operations"},
        {"[[1]]", "-32602 operations[0]"},
        {"[[{}]]", "-32602 operations[0].method"},
        {"[[{'method':1}]]", "-32602 operations[0].method"},
        {"[[{'method':'voxel.ad'}]]", "-32601 operations[0].method"},
        {"[[{'method':'project.save'}]]", "-1017 operations[0].method"},
        {"[[{'method':'project.undo'}]]", "-1017 operations[0].method"},
        {"[[{'method':'system.shutdown'}]]", "-1017 operations[0].method"},
        {"[[{'method':'batch.execute','params':[[]]}]]", "-1017 operations[0].method"},
        {"[[{'method':'layer.get_list','params':1}]]", "-32602 operations[0].params"},
        {"[[{'method':'layer.get_list','parms':[]}]]", "-32602 operations[0].parms"},
        {"[[{'method':'layer.get_list','params':['p']}]]", "-32602 operations[0].params.project"},
        {"[[{'method':'layer.create','params':{'group':'g'}}]]", "-32602 operations[0].params.group"},
        {"[[{'method':'layer.create','params':{'if_version':0}}]]", "-32602 operations[0].params.if_version"},
        {"[[{'method':'layer.create','params':{'request_key':'k'}}]]",
         "-32602 operations[0].params.request_key"},
        {"[[{'method':'layer.create','params':{'nmae':'k'}}]]", "-32602 operations[0].params.nmae"},
        {"[[{'method':'voxel.add','params':[1,2]}]]", "-32602 operations[0].params.z"},
    };

    begin("");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK(rig_call(&rig, "batch.execute", rows[i].params), rows[i].wanted);
        rig_call(&rig, "batch.validate", rows[i].params);
        if (i > 0)
            CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"valid\":false,\"count\":1}"));
    }
    check_project(0, 0);
    rig_stop(&rig);
}

static void a_batch_has_a_ceiling(void)
{
    struct goxel_buf params;

    begin("");
    goxel_buf_init(&params, 65536);
    goxel_buf_puts(&params, "[[{'method':'layer.get_list'}");
    for (int i = 0; i < GOXEL_BATCH_MAX; i++)
        goxel_buf_puts(&params, ",{'method':'layer.get_list'}");
    goxel_buf_puts(&params, "]]");
    CHECK(rig_call(&rig, "batch.execute", params.data), "-1014 operations");
    CHECK(rig_call(&rig, "batch.validate", params.data), "-1014 operations");
    goxel_buf_finish(&params);
    rig_stop(&rig);
}

/* A batch is one edit: what its operations touch adds up. */
static void bricks_add_up(void)
{
#define FILL(z) "{'method':'voxel.fill','params':[{'min':[0,0," #z "],'max':[63,0," #z "]},[1,2,3]]}"
    begin("limits { max_edit_bricks = 8 }\n");
    rig_do(&rig, "batch.execute", "[[" FILL(0) "," FILL(1) "]]");
    CHECK(rig_call(&rig, "batch.execute", "[[" FILL(2) "," FILL(3) "," FILL(4) "]]"), "-1014 operations[2]");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"limit\":8,\"given\":12"));
    check_project(1, 128);
    rig_do(
        &rig, "batch.execute",
        "[[{'method':'voxel.add_batch','params':[[[0,0,9,1,1,1],[1,0,9,1,1,1],[2,0,9,1,1,1],[3,0,9,1,1,1],"
        "[4,0,9,1,1,1]]]},{'method':'voxel.add_batch','params':[[[5,0,9,1,1,1],[6,0,9,1,1,1],[7,0,9,1,1,1],"
        "[8,0,9,1,1,1]]]}]]");
    check_project(2, 137);
    rig_stop(&rig);
}

static void validation_changes_nothing(void)
{
    begin("");
    rig_do(&rig, "voxel.add", "[0,0,0,[9,9,9]]");
    CHECK(rig_call(&rig, "batch.validate",
                   "[[{'method':'layer.create','params':['roof']},{'method':'voxel.clear','params':['all']},"
                   "{'method':'layer.delete','params':['roof']}]]"),
          "{'errors':[],'valid':true,'count':3}");
    rig_call(&rig, "batch.validate",
             "[[" ADD(1) ",{'method':'layer.delete','params':['roof']}," ADD(1.5) "]]");
    CU_ASSERT_PTR_NOT_NULL(strstr(
        rig.reply, "{\"errors\":[{\"index\":1,\"method\":\"layer.delete\",\"error\":{\"code\":-1002,"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "{\"index\":2,\"method\":\"voxel.add\",\"error\":{\"code\":-32602,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "],\"valid\":false,\"count\":3}"));
    check_project(1, 1);
    rig_do(&rig, "project.save", "['p.gox']");
    rig_do(&rig, "project.close", NULL);
    rig_do(&rig, "project.open", "{'path':'p.gox','read_only':true,'project':'q'}");
    CHECK(rig_call(&rig, "batch.validate", "[[" ADD(1) "]]"), "-1016 ");
    CHECK(rig_call(&rig, "batch.execute", "[[" ADD(1) "]]"), "-1016 ");
    rig_stop(&rig);
}

static void a_batch_is_an_edit_like_any_other(void)
{
    begin("");
    rig_do(&rig, "batch.execute", "{'operations':[" ADD(1) "],'if_version':0,'request_key':'k'}");
    rig_do(&rig, "batch.execute", "{'operations':[" ADD(1) "],'if_version':0,'request_key':'k'}");
    check_project(1, 1);
    CHECK(rig_call(&rig, "batch.execute", "{'operations':[" ADD(2) "],'if_version':0}"), "-1019 if_version");
    CHECK(rig_call(&rig, "batch.execute", "{'operations':[" ADD(2) "],'request_key':'k'}"),
          "-1018 request_key");
    rig_do(&rig, "batch.execute", "{'operations':[" ADD(2) "],'group':'g'}");
    rig_do(&rig, "batch.execute", "{'operations':[" ADD(3) "],'group':'g'}");
    CHECK(rig_call(&rig, "project.undo", NULL), "{'version':4,'steps':1,'undo':1,'redo':1}");
    check_project(4, 1);
    rig_stop(&rig);
}

/* Whatever allocation fails: the batch is there as a whole, or not at all. */
static void no_memory_for_a_batch(void)
{
    static const char *const batches[] = {
        "{'operations':[{'method':'layer.create'}," ADD(1) "," ADD(2) "]}",
        "{'operations':[{'method':'layer.create'}," ADD(1) "," ADD(
            2) "],'atomic':false,'continue_on_error':true}",
    };

    for (size_t i = 0; i < 2; i++) {
        long made;

        begin("");
        rig_do(&rig, "batch.execute", batches[i]);
        made = rig.allocations;
        rig_stop(&rig);
        for (long at = 1; at <= made; at++) {
            bool failed, unanswered, all, none;

            begin("");
            rig.fail_at = at;
            rig_call(&rig, "batch.execute", batches[i]);
            rig.fail_at = 0;
            unanswered = rig.code != 0; /* it may have been the reply that there was no memory for */
            failed = strstr(rig.reply, "\"code\":") != NULL;
            rig_call(&rig, "project.get_info", NULL);
            all = strstr(rig.reply, "\"total_voxels\":2,\"layers\":2,") != NULL;
            none = strstr(rig.reply, "\"total_voxels\":0,\"layers\":1,") != NULL;
            CU_ASSERT(unanswered ? all || none : failed ? none : all);
            rig_stop(&rig);
        }
    }
}

static const struct unit_test tests[] = {
    {"operations are one edit", operations_are_one_edit},
    {"all or nothing", all_or_nothing},
    {"what succeeds stays", what_succeeds_stays},
    {"a failed operation leaves nothing", a_failed_operation_leaves_nothing},
    {"what a batch refuses", what_a_batch_refuses},
    {"a batch has a ceiling", a_batch_has_a_ceiling},
    {"bricks add up", bricks_add_up},
    {"validation changes nothing", validation_changes_nothing},
    {"a batch is an edit like any other", a_batch_is_an_edit_like_any_other},
    {"no memory for a batch", no_memory_for_a_batch},
    {NULL, NULL},
};

const struct unit_suite batch_suite = {"batch", tests};
