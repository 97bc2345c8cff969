/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line form of tools: what is asked for, and how it is answered. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "rig.h"

static struct rig rig;

static void start(void)
{
    rig_start(&rig);
    rig.tools = true;
}

/* In single quotes. */
static const char *tool(const char *message)
{
    return rig_send(&rig, rig_json(message));
}

static void tools_do_what_methods_do(void)
{
    start();
    CHECK(tool("{'tool':'goxel_create_project','arguments':{'name':'t','width':8,'height':9,'depth':10}}"),
          "{'success':true,'content':{'success':true,'name':'t','width':8,'height':9,'depth':10}}");
    CHECK(tool("{'tool':'goxel_add_voxels','arguments':{'position':{'x':1,'y':-2,'z':3},"
               "'color':{'r':9,'g':8,'b':7,'a':255},'layer_id':0}}"),
          "{'success':true,'content':{'success':true,'x':1,'y':-2,'z':3,'layer_id':1,'color':[9,8,7,255]}}");
    CHECK(tool("{'tool':'goxel_get_voxel','arguments':{'position':{'x':1,'y':-2,'z':3},'layer_id':-1}}"),
          "{'success':true,'content':{'x':1,'y':-2,'z':3,'exists':true,'color':[9,8,7,255]}}");
    CHECK(tool("{'tool':'goxel_get_voxel','arguments':{'x':1,'y':-2,'z':4}}"),
          "{'success':true,'content':{'x':1,'y':-2,'z':4,'exists':false,'color':[0,0,0,0]}}");
    CHECK(tool("{'tool':'goxel_remove_voxels','arguments':{'position':{'x':1,'y':-2,'z':3}}}"),
          "{'success':true,'content':{'success':true,'x':1,'y':-2,'z':3,'layer_id':1}}");
    CHECK(tool("{'tool':'goxel_batch_voxel_operations','arguments':{'operations':[{'type':'add_voxel',"
               "'position':{'x':0,'y':0,'z':0},'color':{'r':1,'g':2,'b':3}}]}}"),
          "{'success':true,'content':{'success':true,'total_operations':1,'successful_operations':1}}");
    CHECK(tool("{'tool':'goxel_new_layer','arguments':{'name':'\\u00e9'}}"),
          "{'success':true,'content':{'success':true,'id':2,'name':'\xc3\xa9','visible':true,"
          "'color':[255,255,255,255]}}");
    CHECK(tool("{'tool':'goxel_set_layer_visibility','arguments':{'layer_id':2,'visible':false}}"),
          "{'success':true,'content':{'success':true,'visible':false}}");
    CU_ASSERT_PTR_NOT_NULL(strstr(tool("{'tool':'goxel_list_layers'}"), "\"content\":{\"count\":2,"));
    CHECK(tool("{'tool':'goxel_delete_layer','arguments':{'layer_id':2}}"),
          "{'success':true,'content':{'success':true}}");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(tool("{'tool':'ping'}"), "{\"success\":true,\"content\":{\"pong\":true,\"timestamp\":"));
    CU_ASSERT_PTR_NOT_NULL(strstr(tool("{'tool':'version'}"), "\"protocol\":\"JSON-RPC 2.0\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(tool("{'tool':'list_methods'}"), "voxel.add"));
    rig_stop(&rig);
}

static void failures_have_a_code_and_a_sentence(void)
{
    start();
    CHECK(
        tool("{'tool':'goxel_add_voxel'}"),
        "{'success':false,'error_code':-32601,'error_message':'Method not found: tool: expected a tool, such as "
        "goxel_add_voxels, got goxel_add_voxel'}");
    CHECK(tool("{'tool':7}"), "{'success':false,'error_code':-32600,'error_message':'Invalid Request: tool: "
                              "expected a string, got 7'}");
    CHECK(
        tool("{'tool':'ping','arguments':[1]}"),
        "{'success':false,'error_code':-32602,'error_message':'Invalid params: arguments: expected an object, "
        "got [1]'}");
    rig_do(&rig, "project.create", "{'name':'t'}");
    CHECK(tool("{'tool':'goxel_get_voxel','arguments':{'position':{'x':1048576,'y':1,'z':1}}}"),
          "{'success':false,'error_code':-1003,'error_message':'invalid coordinates: x: expected "
          "-1048576 to 1048575, got 1048576'}");
    CU_ASSERT_EQUAL(rig.code, 0);
    rig_stop(&rig);
}

static void a_tool_without_a_method_says_so(void)
{
    static const struct goxel_method none[] = {{.name = NULL}};

    rig_start_with(&rig, none, "");
    rig.tools = true;
    CHECK(
        tool("{'tool':'goxel_flood_fill','arguments':{}}"),
        "{'success':false,'error_code':-1017,'error_message':'unsupported operation: goxel_flood_fill needs "
        "goxel.flood_fill, which this version does not have'}");
    rig_stop(&rig);
}

/* What names a method, or comes in a batch, or where no tools are spoken, is JSON-RPC. */
static void other_messages_stay_what_they_are(void)
{
    start();
    CU_ASSERT_PTR_NOT_NULL(
        strstr(tool("{'jsonrpc':'2.0','id':1,'method':'system.ping','tool':'ping'}"), "\"id\":1,\"result\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(tool("[{'tool':'ping'}]"), "-32600"));
    CU_ASSERT_PTR_NOT_NULL(strstr(tool("{'tool':"), "-32700"));
    rig.tools = false;
    CU_ASSERT_PTR_NOT_NULL(strstr(tool("{'tool':'ping'}"), "\"error\":{\"code\":-32600"));
    rig_stop(&rig);
}

/* Whatever allocation fails, what comes is a reply or nothing but a code, and the next message is as good as ever. */
static void memory_may_run_out_anywhere(void)
{
    static const char *const message = "{'tool':'ping','arguments':{'timestamp':5}}";
    long total;

    start();
    (void)tool(message);
    total = rig.allocations;
    for (long i = 1; i <= total; i++) {
        rig.fail_at = i;
        (void)tool(message);
        rig.fail_at = 0;
        CU_ASSERT(rig.reply[0]
                      ? !goxel_json_scan(rig.reply, strlen(rig.reply), &goxel_json_limits_default, NULL)
                      : rig.code == GOXEL_ERROR_OUT_OF_MEMORY);
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(tool(message), "\"success\":true"));
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"tools do what methods do", tools_do_what_methods_do},
    {"failures have a code and a sentence", failures_have_a_code_and_a_sentence},
    {"a tool without a method says so", a_tool_without_a_method_says_so},
    {"other messages stay what they are", other_messages_stay_what_they_are},
    {"memory may run out anywhere", memory_may_run_out_anywhere},
    {NULL, NULL},
};

const struct unit_suite tools_suite = {"tools", tests};
