/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request that is sent again with its key is answered as the first time, and done once. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "rpc/methods/methods.h"
#include "rig.h"

static struct rig rig;

static void check_version(int version)
{
    char wanted[32], *text;

    snprintf(wanted, sizeof(wanted), "\"version\":%d,", version);
    text = strstr((char *)rig_call(&rig, "project.get_info", NULL), "\"version\":");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_NSTRING_EQUAL(text, wanted, strlen(wanted));
}

static void begin(void)
{
    rig_start(&rig);
    rig_do(&rig, "project.create", NULL);
}

/* Every method that edits, so that each of them changes something. */
static const struct {
    const char *method, *params;
} edits[] = {
    {"voxel.add", "{'x':1,'y':2,'z':3,'color':[9,8,7],'request_key':'a'}"},
    {"voxel.add_batch", "{'voxels':[[1,1,1,9,9,9],[2,1,1,8,8,8]],'request_key':'b'}"},
    {"voxel.fill", "{'region':{'min':[0,0,0],'max':[9,9,9]},'color':'#ff0000','request_key':'c'}"},
    {"voxel.remove", "{'x':1,'y':2,'z':3,'request_key':'d'}"},
    {"voxel.clear", "{'region':{'min':[0,0,0],'max':[4,4,4]},'request_key':'e'}"},
    {"layer.create", "{'name':'roof','request_key':'f'}"},
    {"layer.set_active", "{'layer_id':1,'request_key':'g'}"},
    {"layer.set_visibility", "{'layer_id':1,'visible':false,'request_key':'h'}"},
    {"layer.delete", "{'layer_id':'roof','request_key':'i'}"},
    {"batch.execute", "{'operations':[{'method':'voxel.add','params':[7,7,7,'#fff000']}],'request_key':'l'}"},
    {"import.model", "{'data':'MSAyIDMgZmY4MDAwCg==','format':'txt','request_key':'m'}"},
    {"import.image",
     "{'data':'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAADUlEQVR42mP4zwAE/wEHAAH/PX2MSQAAAABJRU5ErkJggg==','"
     "request_key':'mi'}"},
    {"layer.rename", "{'layer_id':1,'name':'wall','request_key':'la'}"},
    {"layer.duplicate", "{'layer_id':1,'request_key':'lb'}"},
    {"layer.reorder", "{'layer_id':1,'position':1,'request_key':'lc'}"},
    {"layer.merge",
     "{'source_id':1,'target_id':'wall copy','mode':'sub','delete_source':true,'request_key':'ld'}"},
    {"voxel.add", "{'x':1,'y':2,'z':3,'color':[9,8,7],'request_key':'le'}"},
    {"layer.clear", "{'layer_id':'current','request_key':'lf'}"},
    {"project.rename", "{'name':'another','request_key':'lg'}"},
    {"voxel.shape", "{'shape':'sphere','color':[1,2,3],'center':[0,0,0],'size':[9,9,9],'request_key':'va'}"},
    {"voxel.hollow", "{'request_key':'vb'}"},
    {"voxel.line", "{'from':[0,0,0],'to':[9,0,0],'color':[1,2,3],'request_key':'vc'}"},
    {"voxel.stroke", "{'points':[[0,0,0],[0,9,0]],'color':[1,2,3],'request_key':'vd'}"},
    {"voxel.flood_fill", "{'x':0,'y':0,'z':0,'color':[4,5,6],'request_key':'ve'}"},
    {"voxel.replace_color", "{'from':[4,5,6],'to':[7,8,9],'request_key':'vf'}"},
    {"voxel.paint", "{'x':0,'y':0,'z':0,'color':[4,5,6],'request_key':'vg'}"},
    {"voxel.transform", "{'translate':[1,2,3],'request_key':'vh'}"},
    {"voxel.copy", "{'region':{'min':[0,0,0],'max':[9,9,9]},'to':[20,0,0],'request_key':'vi'}"},
    {"voxel.extrude", "{'x':10,'y':2,'z':3,'direction':'+x','request_key':'vj'}"},
    {"selection.set", "{'region':{'min':[0,0,0],'max':[9,9,9]},'request_key':'sa'}"},
    {"selection.add", "{'region':{'min':[0,0,0],'max':[10,9,9]},'request_key':'sb'}"},
    {"selection.sub", "{'region':{'min':[0,0,0],'max':[1,9,9]},'request_key':'sc'}"},
    {"selection.intersect", "{'region':{'min':[0,0,0],'max':[8,9,9]},'request_key':'sd'}"},
    {"selection.clear", "{'request_key':'se'}"},
    {"project.undo", "{'steps':2,'request_key':'j'}"},
    {"project.redo", "{'request_key':'k'}"},
};
#define EDITS (sizeof(edits) / sizeof(edits[0]))

static void a_repeat_is_answered_as_the_first_time(void)
{
    char *first[EDITS];

    begin();
    for (size_t i = 0; i < EDITS; i++) {
        first[i] = strdup(rig_call(&rig, edits[i].method, edits[i].params));
        CU_ASSERT_EQUAL(first[i][0], '{');
        check_version((int)i + 1);
        CU_ASSERT_STRING_EQUAL(rig_call(&rig, edits[i].method, edits[i].params), first[i]);
        check_version((int)i + 1);
    }
    for (size_t i = 0; i < EDITS; i++) { /* and whatever came meanwhile */
        CU_ASSERT_STRING_EQUAL(rig_call(&rig, edits[i].method, edits[i].params), first[i]);
        free(first[i]);
    }
    check_version(EDITS);
    rig_stop(&rig);
}

static bool has_key(const struct goxel_method *method)
{
    for (size_t i = 0; method->params[i].name; i++) {
        if (strcmp(method->params[i].name, GOXEL_REQUEST_KEY) == 0)
            return true;
    }
    return false;
}

static bool is_tried(const struct goxel_method *method)
{
    for (size_t i = 0; i < EDITS; i++) {
        if (strcmp(edits[i].method, method->name) == 0)
            return true;
    }
    printf("%s is not among the edits\n", method->name);
    return false;
}

static void every_edit_takes_a_key(void)
{
    for (const struct goxel_method *method = goxel_methods; method->name; method++) {
        CU_ASSERT_TRUE(has_key(method) || method->lock != GOXEL_LOCK_EDIT ||
                       method->states & GOXEL_METHOD_LOOSE);
        CU_ASSERT_TRUE(!has_key(method) || is_tried(method));
    }
}

static void a_key_is_of_one_request(void)
{
    begin();
    rig_do(&rig, edits[0].method, edits[0].params);
    CHECK(rig_call(&rig, "voxel.remove", "{'x':1,'y':2,'z':3,'request_key':'a'}"), "-1018 request_key");
    CHECK(rig_call(&rig, "voxel.add", "{'x':1,'y':2,'z':4,'color':[9,8,7],'request_key':'a'}"),
          "-1018 request_key");
    CHECK(rig_call(&rig, "voxel.add", "{'x':1,'y':2,'z':3,'color':[9,8,7],'layer_id':1,'request_key':'a'}"),
          "-1018 request_key");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "a key of its own for each request"));
    check_version(1);
    rig_stop(&rig);
}

static void what_is_the_same_may_be_said_otherwise(void)
{
    begin();
    rig_do(&rig, "layer.create", "{'name':'a','request_key':'k'}");
    rig_do(&rig, "layer.create", "{ 'request_key' : 'k', 'project': 'p1', 'name' : '\\u0061' }");
    rig_do(&rig, "project.undo", "{'steps':1,'if_version':1,'request_key':'l'}");
    rig_do(&rig, "project.undo", "[1,1,'l','Untitled']");
    check_version(2);
    rig_stop(&rig);
}

static void keys_are_of_a_project(void)
{
    begin();
    rig_do(&rig, edits[0].method, edits[0].params);
    rig_do(&rig, "project.create", NULL);
    rig_do(&rig, "voxel.add", "{'x':5,'y':5,'z':5,'color':[1,1,1],'request_key':'a'}");
    check_version(1);
    rig_stop(&rig);
}

/* The version was another one when the repeat came, as was to be expected. */
static void a_repeat_needs_no_version(void)
{
    begin();
    for (int i = 0; i < 2; i++)
        rig_do(&rig, "voxel.add", "{'x':5,'y':5,'z':5,'color':[1,1,1],'if_version':0,'request_key':'a'}");
    check_version(1);
    rig_stop(&rig);
}

static void an_edit_of_nothing_is_remembered(void)
{
    static const char *const params = "{'x':1,'y':2,'z':3,'request_key':'r'}";

    begin();
    CHECK(rig_call(&rig, "voxel.remove", params), "{'x':1,'y':2,'z':3,'layer_id':1,'removed':false}");
    check_version(0);
    rig_do(&rig, "voxel.add", "[1,2,3,[1,1,1]]");
    CHECK(rig_call(&rig, "voxel.remove", params), "{'x':1,'y':2,'z':3,'layer_id':1,'removed':false}");
    check_version(1);
    rig_stop(&rig);
}

static void what_failed_may_be_tried_again(void)
{
    begin();
    CHECK(rig_call(&rig, "project.undo", "{'request_key':'u'}"), "-1016 ");
    CHECK(rig_call(&rig, "voxel.add", "{'x':1,'y':2,'z':3,'color':[1,1,1],'layer_id':9,'request_key':'u'}"),
          "-1002 layer_id");
    rig_do(&rig, "voxel.add", "{'x':1,'y':2,'z':3,'color':[1,1,1],'request_key':'u'}");
    rig_do(&rig, "project.undo", "{'request_key':'v'}");
    check_version(2);
    CHECK(rig_call(&rig, "project.undo", "{'request_key':''}"), "-1018 request_key");
    CHECK(rig_call(&rig, "project.undo", "{'request_key':7}"), "-32602 request_key");
    rig_stop(&rig);
}

static void add_numbered(int i)
{
    char params[128];

    snprintf(params, sizeof(params), "{'x':%d,'y':0,'z':0,'color':[1,1,%d],'request_key':'key %d'}", i % 100,
             i % 200, i);
    rig_do(&rig, "voxel.add", params);
}

static void the_last_keys_are_known(void)
{
    begin();
    for (int i = 0; i <= GOXEL_KEYS_MAX; i++)
        add_numbered(i);
    check_version(GOXEL_KEYS_MAX + 1);
    add_numbered(1);
    check_version(GOXEL_KEYS_MAX + 1);
    add_numbered(0); /* which pushes out the next one */
    check_version(GOXEL_KEYS_MAX + 2);
    add_numbered(1);
    check_version(GOXEL_KEYS_MAX + 3);
    rig_stop(&rig);
}

/* ---- many at once ---- */

#define THREADS 8
#define KEYS 60

static void on_done(struct goxel_rpc_call *call)
{
    (void)call;
}

static void *create_layers(void *arg)
{
    size_t *wrong = arg;

    for (int i = 0; i < KEYS; i++) {
        struct goxel_rpc_call call = {.body = NULL};
        char message[160], wanted[64];

        snprintf(
            message, sizeof(message),
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"layer.create\",\"params\":{\"name\":\"layer %d\","
            "\"request_key\":\"%d\"}}",
            i, i);
        snprintf(wanted, sizeof(wanted), "\"name\":\"layer %d\"", i);
        goxel_rpc_call_init(&call, rig.rpc);
        call.grant = GOXEL_GRANT_EVERYTHING;
        call.body = message;
        call.body_len = strlen(message);
        call.done = on_done;
        goxel_rpc_run(&call);
        *wrong += !strstr(call.reply.data, wanted);
        goxel_rpc_call_finish(&call);
    }
    return NULL;
}

static void repeats_at_the_same_time_are_one(void)
{
    pthread_t threads[THREADS];
    size_t wrong[THREADS] = {0};

    begin();
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, create_layers, &wrong[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CU_ASSERT_EQUAL(wrong[i], 0);
    }
    check_version(KEYS);
    rig_stop(&rig);
}

/* ---- results that are not kept ---- */

static int talk(struct goxel_invocation *in)
{
    char text[GOXEL_KEY_RESULT_MAX];

    memset(text, 'x', sizeof(text));
    in->changed = true;
    goxel_json_put_string_len(in->out, NULL, text, (size_t)goxel_arg_int(in, "length", 0));
    return 0;
}

/* clang-format off */
static const struct goxel_param talk_params[] = {
    {"length", GOXEL_PARAM_INT, .required = true, .meaning = "of the result"},
    {GOXEL_REQUEST_KEY, GOXEL_PARAM_NAME, .required = false},
    {"project", GOXEL_PARAM_PROJECT, .required = false},
    {.name = NULL},
};
static const struct goxel_method talk_methods[] = {
    {"talk", "", "", talk_params, GOXEL_LOCK_EDIT, ~GOXEL_METHOD_LOOSE, talk},
    {.name = NULL},
};
/* clang-format on */

static void begin_to_talk(void)
{
    rig_start_with(&rig, talk_methods, "");
    CU_ASSERT_EQUAL_FATAL(goxel_workspace_add(rig.workspace, goxel_project_create("p"), NULL, NULL), 0);
}

static void a_long_result_is_not_given_twice(void)
{
    char *first;

    begin_to_talk();
    first = strdup(rig_call(&rig, "talk", "[4094,'short']"));
    CU_ASSERT_STRING_EQUAL(rig_call(&rig, "talk", "[4094,'short']"), first);
    rig_do(&rig, "talk", "[4095,'long']");
    CHECK(rig_call(&rig, "talk", "[4095,'long']"), "-1019 request_key");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.reply, "\"outcome\":\"applied\""));
    CHECK(rig_call(&rig, "talk", "[4094,'long']"), "-1018 request_key");
    free(first);
    rig_stop(&rig);
}

/* A keeper that has the first change on its way until the second comes, and then settles both. */
static struct {
    struct goxel_keeper keeper;
    struct goxel_project *version; /* of the first */
    struct goxel_promise *promise;
    int code; /* that it ends with */
} pair;

static void settle(struct goxel_head *head, struct goxel_project *version, struct goxel_promise *promise)
{
    if (pair.code)
        goxel_head_drop(head);
    else
        goxel_head_publish(head, version);
    promise->settled(promise, pair.code, NULL);
}

static int keep(struct goxel_keeper *keeper, struct goxel_slot *slot, const struct goxel_change *change,
                uint64_t epoch, struct goxel_promise *promise, struct goxel_detail *detail)
{
    struct goxel_head *head = goxel_slot_head(slot);

    (void)keeper;
    (void)epoch;
    (void)detail;
    if (!pair.promise) {
        pair.promise = promise;
        pair.version = goxel_project_ref(change->after);
        return 0;
    }
    settle(head, pair.version, pair.promise);
    settle(head, change->after, promise);
    goxel_project_unref(pair.version);
    return 0;
}

static int keep_life(struct goxel_keeper *keeper, struct goxel_slot *slot, struct goxel_detail *detail)
{
    (void)keeper;
    (void)slot;
    (void)detail;
    return 0;
}

/* Nobody is told that a request was carried out before it is known to last. */
static void a_repeat_of_a_long_result_waits(void)
{
    static const char message[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"talk\",\"params\":[4095,\"k\"]}";

    for (int i = 0; i < 2; i++) {
        struct goxel_rpc_call calls[2];

        rig_start_with(&rig, talk_methods, "");
        memset(&pair, 0, sizeof(pair));
        pair.keeper = (struct goxel_keeper){keep, keep_life, keep_life, NULL, NULL};
        pair.code = i ? GOXEL_ERROR_STORAGE_FULL : 0;
        goxel_workspace_set_keeper(rig.workspace, &pair.keeper);
        CU_ASSERT_EQUAL_FATAL(goxel_workspace_add(rig.workspace, goxel_project_create("p"), NULL, NULL), 0);
        for (int k = 0; k < 2; k++) {
            goxel_rpc_call_init(&calls[k], rig.rpc);
            calls[k].grant = GOXEL_GRANT_EVERYTHING;
            calls[k].body = message;
            calls[k].body_len = strlen(message);
            calls[k].done = on_done;
            goxel_rpc_run(&calls[k]);
        }
        CU_ASSERT_EQUAL(strstr(calls[0].reply.data, "\"result\"") != NULL, i == 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(calls[1].reply.data, i ? "\"code\":-1020" : "\"code\":-1019"));
        CU_ASSERT_EQUAL(strstr(calls[1].reply.data, "\"applied\"") != NULL, i == 0);
        goxel_rpc_call_finish(&calls[0]);
        goxel_rpc_call_finish(&calls[1]);
        rig_stop(&rig);
    }
}

static const struct unit_test tests[] = {
    {"a repeat is answered as the first time", a_repeat_is_answered_as_the_first_time},
    {"every edit takes a key", every_edit_takes_a_key},
    {"a key is of one request", a_key_is_of_one_request},
    {"what is the same may be said otherwise", what_is_the_same_may_be_said_otherwise},
    {"keys are of a project", keys_are_of_a_project},
    {"a repeat needs no version", a_repeat_needs_no_version},
    {"an edit of nothing is remembered", an_edit_of_nothing_is_remembered},
    {"what failed may be tried again", what_failed_may_be_tried_again},
    {"the last keys are known", the_last_keys_are_known},
    {"repeats at the same time are one", repeats_at_the_same_time_are_one},
    {"a long result is not given twice", a_long_result_is_not_given_twice},
    {"a repeat of a long result waits", a_repeat_of_a_long_result_waits},
    {NULL, NULL},
};

const struct unit_suite repeat_suite = {"repeat", tests};
