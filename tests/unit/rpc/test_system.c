/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods of the family `system`. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "rig.h"

static struct rig rig;

static void ping(void)
{
    char params[64];
    const char *got;
    double latency = -1;

    rig_start(&rig);
    got = rig_call(&rig, "system.ping", NULL);
    CU_ASSERT_EQUAL(strncmp(got, "{\"pong\":true,\"timestamp\":", 25), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(got, ",\"latency\":null}"));
    snprintf(params, sizeof(params), "[%lld]", (long long)goxel_wall_ms() - 5000);
    got = rig_call(&rig, "system.ping", params);
    CU_ASSERT_PTR_NOT_NULL_FATAL(strstr(got, "\"latency\":"));
    sscanf(strstr(got, "\"latency\":"), "\"latency\":%lf", &latency);
    CU_ASSERT(latency >= 5000);
    rig_stop(&rig);
}

static void version_and_status(void)
{
    rig_start(&rig);
    CHECK(rig_call(&rig, "system.get_version", "{}"), "{'name':'goxel-daemon','version':'" GOXEL_VERSION
                                                      "','revision':'" GOXEL_REVISION "','api':'14.6'}");
    rig_call(&rig, "system.get_status", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"state\":\"RUNNING\""));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply,
               "\"projects\":0,\"damaged_projects\":0,\"current_project\":null,\"workers\":{\"count\":1"));
    rig_do(&rig, "project.create", NULL);
    rig_call(&rig, "system.get_status", NULL);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "\"projects\":1,\"damaged_projects\":0,\"current_project\":\"p1\""));
    rig_call(&rig, "system.get_state", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"result\":{\"state\":\"RUNNING\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"log_level\":\"error\""));
    rig_stop(&rig);
}

static void write_stats(struct goxel_rpc_call *call, struct goxel_json_writer *w)
{
    goxel_json_put_object(w, NULL);
    goxel_json_put_count(w, "bytes", call->body_len);
    goxel_json_put_end(w);
}

/* They are the transport's, and asking for them is remembered; where there are none, nothing was asked. */
static void statistics_are_the_transports(void)
{
    rig_start(&rig);
    CHECK(rig_call(&rig, "system.get_stats", NULL), "-1017 ");
    CU_ASSERT_EQUAL(rig.taken, 0);
    rig.write_stats = write_stats;
    CHECK(rig_call(&rig, "system.get_stats", NULL), "{'bytes':52}");
    CU_ASSERT_EQUAL(rig.taken, 1);
    CU_ASSERT_EQUAL(rig.kind, GOXEL_REQUEST_DUMP);
    CHECK(rig_call(&rig, "system.get_stats", "{'json':true}"), "-32602 json");
    rig_stop(&rig);
}

static void list_methods(void)
{
    char wanted[32];

    rig_start(&rig);
    CHECK(
        rig_call(&rig, "system.list_methods", "{'namespace':'layer'}"),
        "{'methods':['layer.create','layer.delete','layer.get_list','layer.set_active','layer.set_visibility',"
        "'layer.rename','layer.merge','layer.duplicate','layer.reorder','layer.clear'],'count':10}");
    CHECK(
        rig_call(&rig, "system.list_methods", "{'namespace':'voxel.'}"),
        "{'methods':['voxel.add','voxel.remove','voxel.get','voxel.add_batch','voxel.fill','voxel.clear',"
        "'voxel.query','voxel.paint','voxel.get_batch','voxel.shape','voxel.line','voxel.stroke',"
        "'voxel.flood_fill','voxel.replace_color','voxel.transform','voxel.copy','voxel.extrude','voxel.hollow',"
        "'voxel.bounding_box','voxel.histogram','voxel.unique_colors','voxel.find_by_color','voxel.connected','voxel.raycast',"
        "'voxel.slice'],'count':25}");
    CHECK(rig_call(&rig, "system.list_methods", "{'namespace':'vox'}"), "-32602 namespace");
#ifdef GOXEL_TEST_HOOKS
    CU_ASSERT_PTR_NOT_NULL(strstr(
        rig.reply,
        "one of rpc, system, project, voxel, layer, selection, history, batch, export, import, goxel, test, or a method"));
#else
    CU_ASSERT_PTR_NOT_NULL(strstr(
        rig.reply,
        "one of rpc, system, project, voxel, layer, selection, history, batch, export, import, goxel, or a method"));
#endif
    rig_call(&rig, "system.list_methods", NULL);
    snprintf(wanted, sizeof(wanted), "],\"count\":%zu}", goxel_rpc_methods(rig.rpc));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, wanted));
    CHECK(
        rig_call(&rig, "system.list_methods", "['layer.get_list',true]"),
        "{'methods':[{'name':'layer.get_list','access':'read','description':'Lists the layers, bottom to top.','result':"
        "'{layers: [{id, name, visible, opacity, voxel_count, order, is_active}], active_layer_id}',"
        "'params':[{'name':'project','type':'project','required':false,'default':"
        "'that of the URL, else the current project','description':'id or name of the project'}]}],'count':1}");
    rig_stop(&rig);
}

static void clients_and_daemon_get_to_know_each_other(void)
{
    rig_start_with(&rig, goxel_methods, "limits { max_edit_bricks = 8 }\n");
    rig_call(&rig, "system.connect", "['editor','1.0',['voxel','voxel.add','layers','render.image','']]");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "\"result\":{\"name\":\"goxel-daemon\",\"version\":\"" GOXEL_VERSION "\","));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "\"capabilities\":[\"rpc\",\"system\",\"project\",\"voxel\",\"layer\","));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"missing\":[\"layers\",\"render.image\",\"\"]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"max_edit_bricks\":8,"));
    CHECK(rig_call(&rig, "system.connect", "['editor','1.0',['voxel',1]]"), "-32602 capabilities[1]");
    CHECK(rig_call(&rig, "system.connect", "['']"), "-1018 client_name");
    rig_call(&rig, "system.get_config", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"limits\":{\"max_memory_mb\":0,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"max_edit_bricks\":8,"));
    rig_stop(&rig);
}

static void metrics_are_of_what_was_called(void)
{
    rig_start(&rig);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig_call(&rig, "system.get_metrics", NULL), "\"methods\":[]}"));
    for (int i = 0; i < 3; i++)
        rig_do(&rig, "system.ping", NULL);
    rig_call(&rig, "system.ping", "['x']");
    rig_call(&rig, "system.get_metrics", NULL);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "{\"method\":\"system.ping\",\"calls\":4,\"errors\":1,\"mean_ms\":"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"p50_ms\":"));
    CU_ASSERT_PTR_NULL(strstr(rig.reply, "voxel.add"));
    rig_stop(&rig);
}

static void the_lifecycle_is_asked(void)
{
    rig_start(&rig);
    rig.outcome = (struct goxel_request_result){.report = "{\"applied\":[\"logging.level\"]}",
                                                .report_len = 29};
    CHECK(rig_call(&rig, "system.reload", NULL), "{'applied':['logging.level']}");
    CU_ASSERT_EQUAL(rig.kind, GOXEL_REQUEST_RELOAD);
    rig.outcome = (struct goxel_request_result){.code = 0};
    CHECK(rig_call(&rig, "system.set_log_level", "['debug']"), "{'accepted':true}");
    CU_ASSERT_EQUAL(rig.kind, GOXEL_REQUEST_VERBOSITY);
    CU_ASSERT_STRING_EQUAL(rig.argument, "debug");
    CHECK(rig_call(&rig, "system.shutdown", "{'force':false}"), "{'accepted':true}");
    CU_ASSERT_EQUAL(rig.kind, GOXEL_REQUEST_STOP);
    rig.outcome = (struct goxel_request_result){.report = "{\"state\":\"STOPPING\"}", .report_len = 20};
    CHECK(rig_call(&rig, "system.restart", NULL), "{'state':'STOPPING'}");
    CU_ASSERT_EQUAL(rig.kind, GOXEL_REQUEST_RESTART);
    CU_ASSERT_STRING_EQUAL(rig.argument, "");
    rig.outcome = (struct goxel_request_result){.code = DAEMON_ERROR_INVALID_STATE_TRANSITION};
    CHECK(rig_call(&rig, "system.reload", NULL), "-32003 ");
    CU_ASSERT_EQUAL(rig.taken, 5);
    rig_stop(&rig);
}

static void options_are_set(void)
{
    rig_start(&rig);
    CHECK(rig_call(&rig, "system.set_config", NULL), "-32602 options");
    CHECK(rig_call(&rig, "system.set_config", "{'options':[]}"), "-32602 options");
    CHECK(rig_call(&rig, "system.set_config", "{'options':{}}"), "-32602 options");
    CHECK(rig_call(&rig, "system.set_config", "{'options':{'workers.count':2,'workers.cuont':3}}"),
          "-32602 workers.cuont");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "did you mean \\\"workers.count\\\"?"));
    CHECK(rig_call(&rig, "system.set_config", "{'options':{'workers.count':257}}"), "-32602 workers.count");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.reply, "\"value\":\"257\",\"expected\":\"a whole number from 1 to 256"));
    CHECK(rig_call(&rig, "system.set_config", "{'options':{'storage.allowed_roots':['/']}}"),
          "-32602 storage.allowed_roots");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "from the file alone"));
    CU_ASSERT_EQUAL(rig.taken, 0);
    rig.outcome = (struct goxel_request_result){.report = "{\"applied\":[\"workers.count\"]}",
                                                .report_len = 29};
    CHECK(rig_call(&rig, "system.set_config", "{'options':{'workers.count':2}}"),
          "{'applied':['workers.count']}");
    CU_ASSERT_EQUAL(rig.kind, GOXEL_REQUEST_SETTINGS);
    /* Each of a batch is one of its own. */
    rig_send(
        &rig,
        rig_json("[{'jsonrpc':'2.0','id':1,'method':'system.set_config','params':[{'workers.count':2}]},"
                 "{'jsonrpc':'2.0','id':2,'method':'system.set_config','params':[{'workers.count':3}]}]"));
    CU_ASSERT_EQUAL(rig.taken, 3);
    rig.outcome = (struct goxel_request_result){.code = DAEMON_ERROR_CONFIG_INVALID};
    CHECK(rig_call(&rig, "system.set_config", "{'options':{'workers.count':2}}"), "-1018 ");
    rig_stop(&rig);
}

/* A daemon that waits to recover answers: whoever has data in it must be able to get at it. */
static void it_serves_in_error(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", "['p']");
    CU_ASSERT_EQUAL_FATAL(goxel_machine_move(rig.machine, DAEMON_STATE_ERROR, NULL), 0);
    rig_call(&rig, "system.get_status", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"status\":\"error\",\"state\":\"ERROR\""));
    rig_do(&rig, "voxel.add", "[1,2,3,'#ffffff']");
    CHECK(rig_call(&rig, "voxel.query", "{'return_format':'count'}"), "{'count':1,'truncated':false}");
    rig_stop(&rig);
}

/* The table's own word for every request that can be made by JSON-RPC is a method. */
static void every_request_has_its_method(void)
{
    rig_start(&rig);
    for (int kind = 0; kind < GOXEL_REQUEST_COUNT; kind++) {
        const char *name = goxel_request_row(kind)->rpc;

        if (name[0])
            CU_ASSERT_PTR_NOT_NULL(goxel_rpc_find(rig.rpc, name, strlen(name)));
    }
    rig_stop(&rig);
}

static void shutdown_says_how(void)
{
    static const struct {
        const char *params, *argument;
    } cases[] = {{NULL, ""},
                 {"{'force':false}", ""},
                 {"{'force':true}", "force"},
                 {"{'timeout':5000}", "5000"},
                 {"{'timeout':0}", "0"},
                 {"[false,3600000]", "3600000"},
                 {"[true,5000]", "force"}};

    rig_start(&rig);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK(rig_call(&rig, "system.shutdown", cases[i].params), "{'accepted':true}");
        CU_ASSERT_EQUAL(rig.kind, GOXEL_REQUEST_STOP);
        CU_ASSERT_STRING_EQUAL(rig.argument, cases[i].argument);
    }
    CHECK(rig_call(&rig, "system.shutdown", "{'timeout':3600001}"), "-32602 timeout");
    CHECK(rig_call(&rig, "system.shutdown", "{'timeout':-1}"), "-32602 timeout");
    CHECK(rig_call(&rig, "system.shutdown", "{'force':1}"), "-32602 force");
    rig_stop(&rig);
}

/* What breaks the daemon on purpose is there only in a build that asked for it. */
static void hooks_are_for_tests_alone(void)
{
    rig_start(&rig);
#ifdef GOXEL_TEST_HOOKS
    /* Deaf to the deadline: it answers all the same, when that is over. */
    rig.deadline_ms = goxel_clock_ms() + 1000;
    CHECK(rig_call(&rig, "test.hang", "{'ms':1100}"), "{}");
    CU_ASSERT(goxel_clock_ms() > rig.deadline_ms);
    rig.deadline_ms = 0;
    CHECK(rig_call(&rig, "test.crash", "['HUP']"), "-32602 signal");
#else
    CHECK(rig_call(&rig, "test.hang", "{'ms':1}"), "-32601 method");
    CHECK(rig_call(&rig, "test.crash", "['ABRT']"), "-32601 method");
    CHECK(rig_call(&rig, "system.list_methods", "['test']"), "-32602 namespace");
#endif
    rig_stop(&rig);
}

static const struct unit_test tests[] = {
    {"clients and daemon get to know each other", clients_and_daemon_get_to_know_each_other},
    {"metrics are of what was called", metrics_are_of_what_was_called},
    {"ping", ping},
    {"version and status", version_and_status},
    {"statistics are the transport's", statistics_are_the_transports},
    {"list_methods", list_methods},
    {"the lifecycle is asked", the_lifecycle_is_asked},
    {"options are set", options_are_set},
    {"shutdown says how", shutdown_says_how},
    {"hooks are for tests alone", hooks_are_for_tests_alone},
    {"it serves in error", it_serves_in_error},
    {"every request has its method", every_request_has_its_method},
    {NULL, NULL},
};

const struct unit_suite system_suite = {"system", tests};
